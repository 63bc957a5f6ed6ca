# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One random case from end to end: planned, checked, its constraints lifted, carried out in part and planned again."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from ..random_estates import Case, random_case
from .brute_fit import compare_fit
from .brute_waves import compare
from .checks import violations_of
from .dice import Dice
from .evidence import Evidence, Violation
from .lifting import follow, unrefused
from .planning import Planned, evidence_of, plan_by_files, plan_of, planned_of
from .refusals import has_cycle, no_slot, unmet
from .replay import carried_out
from .small import small_fit, small_schedule
from .waves import high_risk_at_ends
from .world import World

CYCLE: Final = "dependency cycle"
MOST_ABOVE: Final = 1.10
"""Makespan of a plan by that of the best arrangement."""


@dataclass(slots=True)
class Tally:
    """What came of many cases; tallies add up."""

    counts: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    """constraints that unplaced VMs name, by code"""
    lifted: Counter[str] = field(default_factory=Counter)
    """constraints that were lifted, by code"""
    rounds: Counter[int] = field(default_factory=Counter)
    ratios: Counter[float] = field(default_factory=Counter)
    """makespans by that of the best arrangement, in hundredths"""
    failures: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Takes in another tally."""
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, list):
                mine.extend(theirs)
            else:
                mine.update(theirs)


@dataclass(frozen=True, slots=True)
class Effort:
    """Which cases are looked at how: every so many of them, 0 is none."""

    files_every: int = 1
    """go through files; the others are handed on in memory"""
    lift_every: int = 1
    """have the constraints of a VM lifted"""
    small_every: int = 1
    """bring a small schedule and a small fit along, to be compared with all arrangements"""


def judge(seed: int, effort: Effort) -> Tally:
    """Everything about the case of a seed."""
    tally = Tally()
    case = random_case(seed)
    by_files, lift, small = (bool(every) and seed % every == 0 for every in (effort.files_every, effort.lift_every, effort.small_every))
    planned = _check(tally, case, f"seed {seed}", by_files)
    if planned is not None:
        later = carried_out(case, planned.records, planned.manifests)
        if later is not None:
            tally.counts["plans made again"] += 1
            again = _check(tally, later, f"seed {seed}, made again", by_files)
            if again is not None and lift:
                _lift(tally, later, again, f"seed {seed}, made again")
        if lift:
            _lift(tally, case, planned, f"seed {seed}")
    if small:
        _small_schedule(tally, seed)
        _small_fit(tally, seed)
    return tally


def _check(tally: Tally, case: Case, name: str, by_files: bool) -> Planned | None:
    """Plans and checks; None where the case was refused."""
    tally.counts["plans"] += 1
    planned, evidence = _planned(case, by_files)
    cycle = has_cycle(World(evidence))
    if planned.problems and not cycle:
        # The rest of the checks is for the case with the limits lifted that no VM could meet.
        lifted, again, settings = unrefused(case, planned)
        wrong = set(settings) - unmet(World(evidence))
        tally.failures += [f"{name}: refused, although VMs can meet {setting}" for setting in sorted(wrong)]
        if settings and not again.problems:
            tally.counts["refused for limits that no VM can meet"] += 1
            tally.lifted.update(settings)
            case.settings.update(lifted.settings)
            planned, evidence = _planned(case, by_files)
    if planned.problems and no_slot(World(evidence)):
        tally.counts["refused since no slot is left"] += 1
        return None
    if planned.problems:
        tally.counts["refused for a dependency cycle"] += 1
        if not cycle or not all(problem.startswith(CYCLE) for problem in planned.problems):
            tally.failures.append(f"{name}: refused without a reason: {planned.problems[0]}")
        return None
    if cycle:
        tally.failures.append(f"{name}: planned in spite of a dependency cycle")
    _note(tally, name, violations_of(evidence))
    _count(tally, evidence)
    return planned


def _planned(case: Case, by_files: bool) -> tuple[Planned, Evidence]:
    if not by_files:
        planned = plan_of(case)
        return planned, evidence_of(case, planned)
    with tempfile.TemporaryDirectory(prefix="plan-") as folder:
        found = plan_by_files(case, Path(folder))
    return (found, evidence_of(case, found)) if isinstance(found, Planned) else (planned_of(found), found)


def _note(tally: Tally, name: str, found: list[Violation]) -> None:
    tally.counts["violations"] += len(found)
    tally.failures += [f"{name}: {violation.line()}" for violation in found]


def _count(tally: Tally, evidence: Evidence) -> None:
    records = evidence.plan.kind("vm").values()
    tally.states.update(str(record["state"]) for record in records)
    tally.named.update(entry["code"] for record in records for entry in record.get("blocked_by", ()))
    tally.counts["waves"] += len(evidence.plan.kind("wave"))
    tally.counts["waves that had begun"] += sum(bool(record.get("begun")) for record in evidence.plan.kind("wave").values())
    tally.counts["high risk at an end"] += bool(high_risk_at_ends(World(evidence)))


def _lift(tally: Tally, case: Case, planned: Planned, name: str) -> None:
    """Lifts what keeps one of the unplaced VMs out, taken by chance."""
    unplaced = [record["id"] for record in planned.records if record["kind"] == "vm" and record["state"] == "unplaced"]
    if not unplaced:
        return
    found = follow(case, planned, Dice(case.seed).choice(sorted(unplaced)))
    tally.counts["VMs lifted"] += 1
    tally.counts["VMs placed when lifted"] += found.placed
    tally.rounds[len(found.rounds)] += 1
    for codes in found.rounds:
        tally.lifted.update(codes)
    if not found.placed:
        tally.failures.append(f"{name}: {found.vm_id} is not placed when {found.rounds} are lifted: {found.trouble}")


# ---- small cases -----------------------------------------------------------------------------------------------------


def _small_schedule(tally: Tally, seed: int) -> None:
    case, name = small_schedule(seed), f"small schedule {seed}"
    case, planned, _limits = unrefused(case, plan_of(case))
    if planned.problems:
        return
    world = World(evidence_of(case, planned))
    _note(tally, name, violations_of(world.evidence))
    found = compare(world)
    if found is None:
        return
    tally.counts["small schedules"] += 1
    tally.counts["small schedules that luckier pilots make better"] += found.any_pilots < found.best
    if found.plan[0] != found.best[0]:
        tally.failures.append(f"{name}: {found.plan[0]} VMs have no wave, by brute force {found.best[0]}")
        return
    tally.ratios[round(found.ratio, 2)] += 1
    if found.ratio > MOST_ABOVE:
        tally.failures.append(f"{name}: it takes {found.ratio:.2f} of the best arrangement's time")
    if found.plan[1] and not found.best[1]:
        tally.failures.append(f"{name}: high risk in the first or the last wave, and there is an arrangement without")


def _small_fit(tally: Tally, seed: int) -> None:
    case, name = small_fit(seed), f"small fit {seed}"
    case, planned, _limits = unrefused(case, plan_of(case))
    if planned.problems:
        return
    world = World(evidence_of(case, planned))
    _note(tally, name, violations_of(world.evidence))
    found = compare_fit(world)
    if found is None:
        return
    tally.counts["small fits"] += 1
    tally.counts["small fits that are feasible"] += found.brute
    if found.plan != found.brute:
        tally.failures.append(f"{name}: all {found.vms} VMs fit: {found.plan} by the plan, {found.brute} by brute force")
    if found.spared:
        tally.failures.append(f"{name}: {found.spared[0]} would have fitted as well")
