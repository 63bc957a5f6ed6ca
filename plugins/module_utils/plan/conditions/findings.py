# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the conditions found: counts for each, and results in words for what failed or could not be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..model import CRITICAL, ERROR, FAIL, NOT_EVALUATED, ConditionResult
from .answers import NOT_APPLICABLE, PASSED, Answer, Fault, Judge, Open, Settled, few
from .context import Scene, State
from .entry import Condition
from .views import PlanView, VmEntry

ONE_BY_ONE: Final = 5
"""Up to so many VMs of a plan for which one fact lacks are named one by one; more are one result for the plan."""

BLOCKING: Final = (CRITICAL, ERROR)
ACCEPTED, REFUSED, UNDECIDED = "accepted", "refused", "open"


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a condition came out which way."""

    passed: int = 0
    failed: int = 0
    not_evaluated: int = 0
    not_applicable: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the controller will take a plan, by our judgement.

    `refused`: something Critical or Error fails. `open`: nothing does, and something Critical or Error was not evaluated.
    `accepted`: neither; `later` has what the cluster alone can show once the objects exist.
    """

    state: str
    failed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


class Preflight:
    """The results, sorted by object and condition, and the counts of every condition of the catalogue."""

    def __init__(self, results: Iterable[ConditionResult], counts: Mapping[str, Counts]) -> None:
        self.results = tuple(sorted(results, key=lambda result: (result.object, result.condition, result.vm_id)))
        self.counts = counts
        self._of_plan: dict[str, list[ConditionResult]] = {}
        for result in self.results:
            self._of_plan.setdefault(result.object.partition(", VM ")[0], []).append(result)

    def of_plan(self, label: str) -> Sequence[ConditionResult]:
        """The results of an object (such as `Plan openshift-mtv/erp-w03-warm`), those of its VMs among them."""
        return self._of_plan.get(label, ())

    def verdict_of(self, label: str) -> Verdict:
        """Whether the controller will take the plan of this label."""
        blocking = [result for result in self.of_plan(label) if result.category in BLOCKING]
        failed = _ids(result for result in blocking if result.result == FAIL)
        unknown = _ids(result for result in blocking if result.result == NOT_EVALUATED and not result.later)
        later = _ids(result for result in blocking if result.result == NOT_EVALUATED and result.later)
        return Verdict(REFUSED if failed else UNDECIDED if unknown else ACCEPTED, failed, unknown, later)


def _ids(results: Iterable[ConditionResult]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(result.condition for result in results))


class Findings:
    """Takes the answers. Only what failed or is open becomes a result: 50,000 VMs times 60 conditions would be too many."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        self.results: list[ConditionResult] = []
        self._counts = {condition.id: [0, 0, 0, 0] for condition in conditions}

    def counts(self) -> dict[str, Counts]:
        """The counts by condition."""
        return {name: Counts(*found) for name, found in self._counts.items()}

    def judge(self, condition: Condition, judge: Judge, label: str, subject: object, scene: Scene) -> Answer:
        """Asks the condition about one object."""
        answer = judge(subject, scene)
        self._note(condition, answer, label, "")
        return answer

    def judge_vms(self, condition: Condition, judge: Judge, plan: PlanView, scene: Scene) -> None:
        """Asks the condition about every VM of a plan. Answers that lack the same fact are put together."""
        passed = unrelated = 0
        lacking: dict[str, tuple[Open, list[VmEntry]]] = {}
        for entry in plan.entries:
            answer = judge(entry, scene)
            if answer is PASSED:
                passed += 1
            elif answer is NOT_APPLICABLE:
                unrelated += 1
            elif isinstance(answer, Open):
                lacking.setdefault(answer.reason, (answer, []))[1].append(entry)
            else:
                self._note(condition, answer, entry.label, entry.vm.id if entry.vm is not None else "")
        counts = self._counts[condition.id]
        counts[0] += passed
        counts[3] += unrelated
        for answer, entries in lacking.values():
            self._lacking(condition, answer, plan, entries)

    def _lacking(self, condition: Condition, answer: Answer, plan: PlanView, entries: Sequence[VmEntry]) -> None:
        if len(entries) <= ONE_BY_ONE:
            for entry in entries:
                self._note(condition, answer, entry.label, entry.vm.id if entry.vm is not None else "")
            return
        self._counts[condition.id][2] += len(entries)
        self._add(condition, answer, plan.label, "", f"{len(entries)} VMs ({few(entry.name for entry in entries)}): ")

    def _note(self, condition: Condition, answer: Answer, label: str, vm_id: str) -> None:
        counts = self._counts[condition.id]
        if answer is PASSED:
            counts[0] += 1
        elif answer is NOT_APPLICABLE:
            counts[3] += 1
        else:
            counts[1 if isinstance(answer, Fault) else 2] += 1
            self._add(condition, answer, label, vm_id)

    def _add(self, condition: Condition, answer: Answer, label: str, vm_id: str, before: str = "") -> None:
        if isinstance(answer, Fault):
            words = (FAIL, answer.observed, answer.expected, answer.remedy, False)
        elif isinstance(answer, Settled):
            return
        else:
            expected = condition.needs if not condition.self_contained else ""
            words = (NOT_EVALUATED, f"{before}{answer.reason}", expected, answer.remedy or _advice(answer.reason), answer.later)
        self.results.append(ConditionResult(condition.id, condition.category, label, vm_id, *words))


def _advice(reason: str) -> str:
    if "may not list" in reason:
        return "give the account of the target that right, and read the target again"
    return "create the objects, and read the target again" if "once it exists" in reason or "once the objects" in reason else ""


def state_of(answers: Iterable[tuple[Condition, Answer]]) -> State:
    """What an object's own conditions come to: which keep it from being ready, and which are open."""
    failed: list[str] = []
    unknown: list[str] = []
    later: list[str] = []
    for condition, answer in answers:
        if condition.category not in BLOCKING or isinstance(answer, Settled):
            continue
        if isinstance(answer, Fault):
            failed.append(condition.id)
        else:
            (later if answer.later else unknown).append(condition.id)
    return State(tuple(failed), tuple(unknown), tuple(later))
