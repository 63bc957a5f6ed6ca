# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan in a few sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from .conditions.findings import Preflight
from .openings import begin_of
from .planner import Plan

SHOWN: Final = 4
"""So many kinds of constraints are named, the most frequent first."""


def summary_of(plan: Plan, checked: Preflight | None, counts: Mapping[str, int]) -> str:
    """What moves when, what does not and why, and what the preflight says."""
    return " ".join(_sentences(plan, checked, counts))


def _sentences(plan: Plan, checked: Preflight | None, counts: Mapping[str, int]) -> Iterator[str]:
    in_scope = counts["vms"] - counts["excluded"]
    waves = [wave for wave in plan.schedule.waves if not wave.finished]
    if waves:
        zone = plan.given.settings.zone
        first, last = waves[0].slot.start.astimezone(zone), waves[-1].slot.end.astimezone(zone)
        number = f"{len(waves)} wave{'s' if len(waves) > 1 else ''}"
        yield f"{counts['placed']} of {in_scope} VMs in scope move in {number}, from {first:%Y-%m-%d} to {last:%Y-%m-%d}."
    else:
        yield f"None of {in_scope} VMs in scope is in a wave."
    for state, words in (
        ("moved", "{} moved already."),
        ("settle_first", "{} are to be settled first."),
        ("blocked", "{} are blocked by their verdict."),
    ):
        if counts[state]:
            yield words.format(counts[state])
    late = _late(plan)
    if late:
        yield f"{late} stand still for longer in their wave than their owners tolerate (p90)."
    begins = begin_of(plan.given.settings, plan.given.now)
    behind = [wave.number for wave in waves if wave.first_copy and wave.first_copy.start_by < begins and not wave.begun]
    if behind:
        yield f"The first copies of wave {', '.join(map(str, behind[:SHOWN]))} cannot be done in time."
    if counts["unplaced"]:
        yield f"{counts['unplaced']} are kept out by constraints: {_constraints(plan)}."
    if plan.given.target is None:
        yield "No target was read: nothing is said of fit, mapping and manifests."
    elif plan.fit is not None and not plan.fit.evaluated:
        yield f"Whether the VMs fit on the nodes is not known: {plan.fit.reason}."
    if checked is not None:
        failed = sum(found.failed > 0 for found in checked.counts.values())
        open_ = sum(found.not_evaluated > 0 for found in checked.counts.values())
        yield f"Preflight: {failed} of {len(checked.counts)} conditions failed, {open_} could not be evaluated for every object."


def _late(plan: Plan) -> int:
    """VMs in a wave whose downtime there is above what their owners tolerate."""
    tolerated = {vm.id: plan.given.settings.method.tolerance(vm) for vm in plan.given.vms}
    return sum(minutes > limit for vm_id, minutes in plan.downtimes.items() if (limit := tolerated[vm_id]) is not None)


def _constraints(plan: Plan) -> str:
    codes = Counter(found[0].code for found in plan.blockers.values() if found)
    shown = sorted(codes.items(), key=lambda entry: (-entry[1], entry[0]))
    words = [f"{code} {number}" for code, number in shown[:SHOWN]]
    return ", ".join(words) + (", and others" if len(shown) > SHOWN else "")
