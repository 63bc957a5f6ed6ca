# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waves that have begun: a Migration of theirs runs on the cluster, for warm moves days before the window.

Such a wave stands as the earlier plan has it: its VMs, their method and their place, its window, its number and its Plans. Nothing joins
it, and no other wave gets its time. Waves before it have only as many numbers as it leaves; a slot beyond these stays empty.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from ..target.view import TargetView
from .model import Constraint, Destination, PlanVm, Wave
from .openings import Openings
from .running import EXECUTING

MIGRATION_RUNNING: Final = "migration_running"
REASON: Final = "its wave has begun, since {plans} runs: window, method and place stay"

Running: TypeAlias = Mapping[tuple[str, str], str]
"""(vCenter, managed object id) to the Plan of the cluster (namespace/name) that moves that VM now"""


@dataclass(frozen=True, slots=True)
class StandingWave:
    """A wave that has begun, as the earlier plan has it. Its VMs are those that are still to be moved."""

    wave: Wave
    plans: Mapping[str, str]
    """VM id to the name of its Plan"""
    methods: Mapping[str, str]
    running: Mapping[str, str]
    """VM id to the Plan of the cluster (namespace/name) that moves it now"""
    over: tuple[str, ...] = ()
    """VMs of it that have moved"""

    def of(self, vm_ids: Iterable[str]) -> StandingWave:
        """The same with these of its VMs alone."""
        kept = set(vm_ids)
        return replace(self, wave=replace(self.wave, vm_ids=tuple(vm_id for vm_id in self.wave.vm_ids if vm_id in kept)))

    @property
    def running_plans(self) -> frozenset[str]:
        """Names of its Plans that run."""
        return frozenset(self.plans[vm_id] for vm_id in self.running)

    @property
    def reason(self) -> str:
        """Why its VMs are where they are."""
        return REASON.format(plans=", ".join(sorted(self.running_plans)))


def running_vms(target: TargetView, provider_of: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """What the cluster moves now; see `Running`. `provider_of` has the vCenter of each source provider."""
    executing = {record.get("plan") for record in target.all("migration") if record.get("running")}
    found: dict[tuple[str, str], str] = {}
    for plan in target.all("migration_plan"):
        vcenter = provider_of.get(plan.get("source_provider", ""))
        if vcenter is None or not (plan["id"] in executing or EXECUTING in (plan.get("conditions") or {})):
            continue
        for entry in plan.get("vms", ()):
            if entry.get("moref") and not _ended(entry):
                found[vcenter, entry["moref"]] = plan["id"]
    return found


def _ended(entry: Mapping[str, Any]) -> bool:
    return any(entry.get(fact) for fact in ("succeeded", "failed", "canceled", "completed_at"))


def strangers(vms: Iterable[PlanVm], running: Running, standing: Iterable[StandingWave]) -> dict[str, tuple[Constraint, ...]]:
    """What keeps VMs out that a Plan moves now of which the earlier plan knows nothing."""
    known = {vm_id for entry in standing for vm_id in entry.running}
    remedy = "plan again when that has ended, or give the plan that it belongs to in plan_previous"
    found: dict[str, tuple[Constraint, ...]] = {}
    for vm in vms:
        plan = running.get((vm.vcenter, vm.moref))
        if plan is not None and vm.id not in known:
            found[vm.id] = (Constraint(MIGRATION_RUNNING, plan, f"Plan {plan} of the cluster moves it now", remedy, "plan_previous"),)
    return found


def kept_places(
    standing: Iterable[StandingWave], places: Mapping[str, tuple[str, str]], found: Mapping[str, Destination], known: Collection[str]
) -> dict[str, Destination]:
    """Where VMs go whose wave has begun: where the earlier plan sent them (`places`). Those that move now need no rule for it any more."""
    kept = {}
    for entry in standing:
        for vm_id in entry.wave.vm_ids:
            if vm_id in places and vm_id in known and (vm_id in found or vm_id in entry.running):
                namespace, name = places[vm_id]
                place = found.get(vm_id) or Destination(namespace, name, entry.reason, renamed=False)
                kept[vm_id] = replace(place, namespace=namespace, target_name=name)
    return kept


def share_left(wave: Wave, begins: datetime) -> float:
    """The part of a wave's first copies that is still to be done when the plan begins, as if they had begun when they had to."""
    if wave.first_copy is None or wave.first_copy.start_by >= wave.slot.start:
        return 1.0
    left = (wave.slot.start - max(begins, wave.first_copy.start_by)).total_seconds()
    return max(0.0, left / (wave.slot.start - wave.first_copy.start_by).total_seconds())


@dataclass(frozen=True, slots=True)
class Numbering:
    """Numbers for new waves between those that stand: the slots that must stay empty (bits), and where the numbers begin anew."""

    closed: int
    marks: Sequence[tuple[int, int]]
    """(first slot from which it holds, number before the next new wave), in order"""
    taken: frozenset[int]
    """numbers of waves that have begun"""

    def numbers(self, slots: Iterable[int]) -> dict[int, int]:
        """The number of the wave in each of these slots, which are in order."""
        found: dict[int, int] = {}
        place, last = 0, 0
        for slot in slots:
            while place < len(self.marks) and self.marks[place][0] <= slot:
                last = self.marks[place][1]
                place += 1
            last += 1
            while last in self.taken:
                last += 1
            found[slot] = last
        return found


def numbering(openings: Openings, standing: Sequence[Wave], last_number: int) -> Numbering:
    """The numbers of a plan whose finished waves end with `last_number`; `standing` are in the order of their windows."""
    closed, slot, number = 0, 0, last_number
    marks = [(0, last_number)]
    for wave in standing:
        free = wave.number - number - 1
        while (opening := openings.at(slot)) is not None and opening.slot.start < wave.slot.end:
            if opening.slot.end > wave.slot.start or free <= 0:
                closed |= 1 << slot
            free -= 1
            slot += 1
        number = max(number, wave.number)
        marks.append((slot, number))
    return Numbering(closed, marks, frozenset(wave.number for wave in standing))
