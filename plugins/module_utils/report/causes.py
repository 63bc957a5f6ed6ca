# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reasons of all VMs put together: how many verdicts each keeps provisional, a missing privilege first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from .reasons import OTHERS, OWN, general, is_refusal, privilege_of
from .tally import unsettled_rules
from .texts import plural
from .view import CauseView, ReasonView, RuleView, SourceView, VmView

LIVE: Final = "vcenter"
"""Type of a source that was read from the system itself."""


@dataclass(slots=True)
class _Cause:
    vms: int = 0
    provisional: int = 0
    settled: int = 0
    own: Counter[str] = field(default_factory=Counter)
    """vCenter to its VMs whose own facts are not known"""
    objects: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)
    rules: Counter[str] = field(default_factory=Counter)
    vcenters: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Causes:
    """What came of it: `explained` maps a rule to the provisional VMs that wait for it for a reason which stands in `causes`."""

    causes: tuple[CauseView, ...]
    explained: Mapping[str, int]


class _Counting:
    def __init__(self, rules: Mapping[str, RuleView], sources: Iterable[SourceView]) -> None:
        self._categories = {rule.id: rule.category for rule in rules.values()}
        self._exports = frozenset(source.id for source in sources if source.type != LIVE)
        self._words: dict[ReasonView, str] = {}
        self.causes: dict[str, _Cause] = {}
        self.explained: Counter[str] = Counter()

    def _cause_of(self, reason: ReasonView) -> str:
        """The cause's reason; empty for what an export lacks as a whole, which `settle_sources` counts."""
        words = self._words.get(reason)
        if words is None:
            words = self._words[reason] = "" if reason.source in self._exports else general(reason.reason)
        return words

    def add(self, reasons: tuple[ReasonView, ...], unsettled: tuple[str, ...], vcenter: str, count: int) -> None:
        """Takes in as many VMs as have these reasons; `unsettled` are the rules that make their verdicts provisional."""
        by_rule: dict[str, set[str]] = {}
        of_scope = {self._cause_of(reason) for reason in reasons if not reason.rules}
        for reason in reasons:
            words = self._cause_of(reason)
            for rule in reason.rules:
                by_rule.setdefault(rule, set()).add(words)
            if words:
                self._note(self.causes.setdefault(words, _Cause()), reason, vcenter)
        for words in sorted({self._cause_of(reason) for reason in reasons} - {""}):
            cause = self.causes[words]
            cause.vms += count
            cause.rules.update({rule: count for rule, found in by_rule.items() if words in found})
            if any(reason.object == OWN for reason in reasons if self._cause_of(reason) == words):
                cause.own[vcenter] += count
            waiting = [rule for rule in unsettled if words in by_rule.get(rule, ())]
            waits = bool(waiting) or words in of_scope
            cause.provisional += count if waits else 0
            alone = of_scope <= {words} and all(by_rule.get(rule) == {words} for rule in unsettled)
            cause.settled += count if waits and alone else 0
        for rule in unsettled:
            if by_rule.get(rule, set()) - {""}:
                self.explained[rule] += count

    @staticmethod
    def _note(cause: _Cause, reason: ReasonView, vcenter: str) -> None:
        cause.facts.update(reason.facts)
        cause.vcenters.update([vcenter] if vcenter else [])
        if reason.object == OTHERS:
            cause.others.add(vcenter)
        elif reason.object != OWN:
            cause.objects.add(reason.object)

    def unsettled(self, verdict: str, gaps: tuple[str, ...], provisional: bool) -> tuple[str, ...]:
        """The open rules that make a verdict provisional."""
        return unsettled_rules(verdict, gaps, self._categories) if provisional else ()


def count_causes(vms: Iterable[VmView], rules: Mapping[str, RuleView], sources: Iterable[SourceView]) -> Causes:
    """The causes of all open rules, what the server refused first, then those that most verdicts wait for."""
    groups: Counter[tuple[tuple[ReasonView, ...], tuple[str, ...], str, bool, str]] = Counter()
    totals: Counter[str] = Counter()
    for vm in vms:
        totals[vm.vcenter] += 1
        if vm.reasons:
            groups[(vm.reasons, vm.gaps, vm.verdict, vm.provisional, vm.vcenter)] += 1
    counting = _Counting(rules, sources)
    for (reasons, gaps, verdict, provisional, vcenter), count in groups.items():
        counting.add(reasons, counting.unsettled(verdict, gaps, provisional), vcenter, count)
    found = [_view(words, cause, totals) for words, cause in counting.causes.items()]
    found.sort(key=lambda cause: (not cause.refused, -cause.provisional_vms, -cause.vms, cause.reason))
    return Causes(tuple(found), counting.explained)


def _view(words: str, cause: _Cause, totals: Mapping[str, int]) -> CauseView:
    return CauseView(
        reason=words,
        privilege=privilege_of(words),
        refused=is_refusal(words),
        objects=_objects(cause, totals),
        facts=tuple(sorted(cause.facts)),
        rules=dict(sorted(cause.rules.items())),
        vcenters=tuple(sorted(cause.vcenters)),
        vms=cause.vms,
        provisional_vms=cause.provisional,
        settled=cause.settled,
    )


def _objects(cause: _Cause, totals: Mapping[str, int]) -> tuple[str, ...]:
    """VMs by vCenter with how many of all they are, then everything else by name."""
    found = []
    for vcenter, count in sorted(cause.own.items()):
        of = f" of {vcenter}" if vcenter else ""
        total = totals[vcenter]
        found.append(plural(count, "VM") + of if count < total else f"{'the only VM' if total == 1 else f'all {total:,} VMs'}{of}")
    if not found:
        found += [f"{OTHERS}{f' of {vcenter}' if vcenter else ''}" for vcenter in sorted(cause.others)]
    return (*found, *sorted(cause.objects))
