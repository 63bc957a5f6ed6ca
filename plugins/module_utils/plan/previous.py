# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an earlier plan leaves behind: waves that are over stand, and names stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .model import MOVED, PLACED, WARM, Slot, Wave


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


def previous_of(records: Iterable[Mapping[str, Any]], migrated: Mapping[str, str], now: datetime) -> Previous:
    """What stands of an earlier plan. `migrated` says of VMs that are on the cluster how that is known.

    A wave is over when every VM of it that still counts has been migrated; of one that was cancelled half-way, the VMs that
    made it stay moved, and the others are planned again.
    """
    waves: dict[int, Mapping[str, Any]] = {}
    members: dict[int, list[str]] = {}
    places: dict[str, tuple[str, str]] = {}
    done: dict[str, str] = {}
    warm: dict[int, list[str]] = {}
    for record in records:
        if record["kind"] == "wave":
            waves[record["number"]] = record
        elif record["kind"] == "vm":
            if "namespace" in record and "target_name" in record:
                places[record["id"]] = (record["namespace"], record["target_name"])
            if record.get("state") == MOVED:
                done[record["id"]] = str(record.get("reason", "an earlier plan has it as moved"))
            if record.get("state") == PLACED and record.get("method") == WARM and record["id"] not in migrated:
                warm.setdefault(record["wave"], []).append(str(record.get("name", record["id"])))
            if record.get("state") in (PLACED, MOVED) and "wave" in record:
                members.setdefault(record["wave"], []).append(record["id"])
    finished = []
    for number in sorted(waves):
        vm_ids = tuple(sorted(members.get(number, ())))
        over = tuple(vm_id for vm_id in vm_ids if vm_id in migrated or vm_id in done)
        if over:
            finished.append(_finished(waves[number], over))
            done.update({vm_id: migrated.get(vm_id, done.get(vm_id, "")) for vm_id in over})
    begun = [Begun(number, warm[number]) for number in sorted(waves) if warm.get(number) and _has_begun(waves[number], now)]
    return Previous(tuple(finished), places, done, tuple(begun))


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
