# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an earlier plan leaves behind: waves that are over stand, and names stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from .model import COLD, MOVED, PLACED, WARM, FirstCopy, Slot, Wave
from .standing import Running, StandingWave


@dataclass(frozen=True, slots=True)
class Begun:
    """The VMs of a wave, by name, whose first copies were to begin before now."""

    wave: int
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Previous:
    """An earlier plan: its finished waves, who moved in them, and where each VM was to go."""

    waves: tuple[Wave, ...] = ()
    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """VM id to namespace and name"""
    done: Mapping[str, str] = field(default_factory=dict)
    """VM id to how it is known to be moved"""
    begun: tuple[Begun, ...] = ()
    """waves whose first copies were to begin, and which are planned again"""
    standing: tuple[StandingWave, ...] = ()
    """waves that have begun, in the order of their windows"""


def previous_of(
    records: Iterable[Mapping[str, Any]], migrated: Mapping[str, str], now: datetime, running: Running | None = None
) -> Previous:
    """What stands of an earlier plan. `migrated` says of VMs on the cluster how that is known, `running` what it moves now.

    A wave is over when every VM of it that still counts has been migrated; of one that was cancelled half-way, the VMs that
    made it stay moved, and the others are planned again. One of which a Migration runs stands.
    """
    waves: dict[int, Mapping[str, Any]] = {}
    members: dict[int, list[str]] = {}
    places: dict[str, tuple[str, str]] = {}
    done: dict[str, str] = {}
    placed: dict[int, list[Mapping[str, Any]]] = {}
    for record in records:
        if record["kind"] == "wave":
            waves[record["number"]] = record
        elif record["kind"] == "vm":
            if "namespace" in record and "target_name" in record:
                places[record["id"]] = (record["namespace"], record["target_name"])
            if record.get("state") == MOVED:
                done[record["id"]] = str(record.get("reason", "an earlier plan has it as moved"))
            if record.get("state") in (PLACED, MOVED) and "wave" in record:
                members.setdefault(record["wave"], []).append(record["id"])
            if record.get("state") == PLACED and record["id"] not in migrated and "wave" in record:
                placed.setdefault(record["wave"], []).append(record)
    finished, begun, standing = [], [], []
    for number in sorted(waves):
        wave, waiting = waves[number], placed.get(number, ())
        over = tuple(vm_id for vm_id in sorted(members.get(number, ())) if vm_id in migrated or vm_id in done)
        done.update({vm_id: migrated.get(vm_id, done.get(vm_id, "")) for vm_id in over})
        stands = _standing(wave, waiting, running or {}, now)
        if stands is not None:
            standing.append(replace(stands, over=over))
            continue
        if over:
            finished.append(_finished(wave, over))
        warm = [str(vm.get("name", vm["id"])) for vm in waiting if vm.get("method") == WARM]
        if warm and _has_begun(wave, now):
            begun.append(Begun(number, warm))
    standing.sort(key=lambda entry: (entry.wave.slot.start, entry.wave.number))
    return Previous(tuple(finished), places, done, tuple(begun), tuple(standing))


def _standing(record: Mapping[str, Any], vms: Sequence[Mapping[str, Any]], running: Running, now: datetime) -> StandingWave | None:
    """A wave that has begun; None where no Plan of it runs.

    VMs of a Plan that runs without them (they failed, or were cancelled) are planned again, and once the window is over all that do not
    move now.
    """
    own: dict[str, str] = {}
    for vm in vms:
        plan = running.get((str(vm.get("vcenter", "")), str(vm.get("moref", ""))), "")
        if plan and plan.rpartition("/")[2] == vm.get("plan"):
            own[vm["id"]] = plan
    if not own:
        return None
    names = {plan.rpartition("/")[2] for plan in own.values()}
    whole = _finished(record, ())
    kept = [vm for vm in vms if vm["id"] in own or (vm.get("plan") not in names and now < whole.slot.end)]
    plans = {vm["id"]: str(vm.get("plan", "")) for vm in kept}
    wave = replace(whole, vm_ids=tuple(sorted(plans)), finished=False, begun=True, first_copy=_first_copy(record))
    return StandingWave(wave, plans, {vm["id"]: str(vm.get("method", COLD)) for vm in kept}, own)


def _first_copy(record: Mapping[str, Any]) -> FirstCopy | None:
    if "start_by" not in record:
        return None
    return FirstCopy(
        record.get("first_copy_bytes", 0),
        record.get("first_copy_p50_minutes", 0.0),
        record.get("first_copy_p90_minutes", 0.0),
        moment_of(str(record["start_by"])),
    )


def _has_begun(wave: Mapping[str, Any], now: datetime) -> bool:
    """Whether the first copies of a wave were to begin already, and the wave is yet to come."""
    return "start_by" in wave and moment_of(str(wave["start_by"])) <= now < moment_of(str(wave["start"]))


def moment_of(text: str) -> datetime:
    """A moment as artifacts write it, such as 2027-01-31T20:00:00Z."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _finished(record: Mapping[str, Any], vm_ids: tuple[str, ...]) -> Wave:
    start, end = (moment_of(str(record[key])) for key in ("start", "end"))
    return Wave(
        number=record["number"],
        slot=Slot(str(record.get("window", "")), start, end),
        group_ids=(),
        vm_ids=vm_ids,
        bytes=record.get("copy_bytes", 0),
        elapsed_p50_minutes=record.get("elapsed_p50_minutes", 0.0),
        elapsed_p90_minutes=record.get("elapsed_p90_minutes", 0.0),
        bottleneck=str(record.get("bottleneck", "")),
        finished=True,
    )
