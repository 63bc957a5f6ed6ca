# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counting: verdicts, groups, rules, and what would settle provisional verdicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from .view import VERDICTS, GroupCount, RuleView, SettleSource, SettleStep, SourceView, VerdictCount, VmView

GROUPS: Final = ("vcenter", "cluster", "os_family", "owner")
"""What VMs are grouped by, in the order of the report."""

GROUP_DEFAULTS: Final[Mapping[str, str]] = {
    "vcenter": "(vCenter not known)",
    "cluster": "(no cluster known)",
    "os_family": "Unknown",
    "owner": "(no owner named)",
}

VERDICT_CATEGORY: Final[Mapping[str, str]] = {"blocked": "critical", "ready_with_work": "warning"}
"""Category of the rules on which a verdict rests."""

LIVE_SOURCE: Final = "vcenter"
"""Type of a source that shows all facts; every other is an export that shows some of them."""


def unsettled_rules(verdict: str, gaps: Iterable[str], categories: Mapping[str, str]) -> tuple[str, ...]:
    """The open rules that make a verdict provisional: critical ones always, warnings only where it is ready so far."""
    wanted = ("critical", "warning") if verdict == "ready" else ("critical",)
    return tuple(rule for rule in gaps if categories.get(rule) in wanted)


@dataclass(slots=True)
class _Amount:
    """A sum, and the VMs that could not be counted in because their value is not known."""

    known: int = 0
    sum: int = 0
    unknown: int = 0

    def add(self, value: int | None) -> None:
        if value is None:
            self.unknown += 1
        else:
            self.known += 1
            self.sum += value

    def figure(self) -> int | None:
        """The sum; None when there is no VM of which the value is known, but some of which it is not."""
        return None if self.unknown and not self.known else self.sum


@dataclass(slots=True)
class _Sum:
    settled: int = 0
    provisional: int = 0
    cpus: _Amount = field(default_factory=_Amount)
    memory: _Amount = field(default_factory=_Amount)
    disks: _Amount = field(default_factory=_Amount)

    def count(self, verdict: str) -> VerdictCount:
        return VerdictCount(
            verdict,
            self.settled,
            self.provisional,
            self.cpus.figure(),
            self.memory.figure(),
            self.disks.figure(),
            self.cpus.unknown,
            self.memory.unknown,
            self.disks.unknown,
        )


class Tally:
    """Counts VMs as they pass by; what is asked of it afterwards costs nothing per VM."""

    def __init__(self, rules: Mapping[str, RuleView]) -> None:
        self._rules = rules
        self._categories = {rule.id: rule.category for rule in rules.values()}
        self._sums = {verdict: _Sum() for verdict in VERDICTS}
        self._groups: dict[str, Counter[tuple[str, str, str, bool]]] = {group: Counter() for group in GROUPS}
        self._failed: Counter[tuple[str, ...]] = Counter()
        self._alone: Counter[str] = Counter()
        self._open: Counter[tuple[str, ...]] = Counter()
        self._not_applicable: Counter[tuple[str, ...]] = Counter()
        self._waiting: Counter[tuple[tuple[str, ...], str, tuple[str, ...], str]] = Counter()
        self.total = 0

    def add(self, vm: VmView) -> None:
        """Counts one VM."""
        self.total += 1
        self._count_verdict(vm)
        for group in GROUPS:
            self._groups[group][(getattr(vm, group), vm.vcenter if group == "cluster" else "", vm.verdict, vm.provisional)] += 1
        failed = tuple(dict.fromkeys(finding.rule for finding in vm.findings if finding.result == "fail"))
        self._failed[failed] += 1
        category = VERDICT_CATEGORY.get(vm.verdict)
        reasons = [rule for rule in failed if self._categories.get(rule) == category] if category else []
        if len(reasons) == 1:
            self._alone[reasons[0]] += 1
        self._open[vm.gaps] += 1
        self._not_applicable[vm.not_applicable] += 1
        if vm.provisional:
            self._waiting[(vm.gaps, vm.verdict, vm.sources, vm.vcenter)] += 1

    def _count_verdict(self, vm: VmView) -> None:
        total = self._sums[vm.verdict]
        if vm.provisional:
            total.provisional += 1
        else:
            total.settled += 1
        total.cpus.add(vm.cpu_count)
        total.memory.add(vm.memory_mib)
        total.disks.add(vm.disk_bytes)

    def verdicts(self) -> tuple[VerdictCount, ...]:
        """One count per verdict, worst first."""
        return tuple(total.count(name) for name, total in self._sums.items())

    def groups(self) -> tuple[GroupCount, ...]:
        """Verdicts within each vCenter, cluster, OS family and owner, the largest group first."""
        return tuple(count for group in GROUPS for count in self._group(group))

    def _group(self, group: str) -> list[GroupCount]:
        vcenters_of: dict[str, set[str]] = defaultdict(set)
        figures: dict[tuple[str, str], dict[tuple[str, bool], int]] = defaultdict(dict)
        for (name, vcenter, verdict, provisional), count in self._groups[group].items():
            vcenters_of[name].add(vcenter)
            figures[(name, vcenter)][(verdict, provisional)] = count
        counts = []
        for (name, vcenter), by_state in figures.items():
            label, shown_vcenter = name or GROUP_DEFAULTS[group], ""
            if len(vcenters_of[name]) > 1:
                shown_vcenter = vcenter
                label = f"{label} ({vcenter or GROUP_DEFAULTS['vcenter'].strip('()')})"
            settled = tuple(by_state.get((verdict, False), 0) for verdict in VERDICTS)
            waiting = tuple(by_state.get((verdict, True), 0) for verdict in VERDICTS)
            counts.append(GroupCount(group, label, sum(settled) + sum(waiting), settled, waiting, value=name, vcenter=shown_vcenter))
        return sorted(counts, key=lambda count: (-count.total, count.name))

    def rules(self) -> tuple[RuleView, ...]:
        """Every rule with its counts, gravest category first, then by the number of VMs that fail it."""
        failed, still_open, not_applicable = (_spread(counter) for counter in (self._failed, self._open, self._not_applicable))
        counted = []
        for rule in self._rules.values():
            others = failed[rule.id] + still_open[rule.id] + not_applicable[rule.id]
            counted.append(
                replace(
                    rule,
                    failed=failed[rule.id],
                    failed_alone=self._alone[rule.id],
                    not_evaluated=still_open[rule.id],
                    not_applicable=not_applicable[rule.id],
                    passed=max(self.total - others, 0),
                )
            )
        order = {"critical": 0, "warning": 1, "information": 2}
        return tuple(sorted(counted, key=lambda rule: (order.get(rule.category, 3), -rule.failed, rule.id)))

    def settle(self, explained: Mapping[str, int] | None = None) -> tuple[SettleStep, ...]:
        """The open rules that keep verdicts provisional, the one that most VMs wait for first.

        `explained` maps a rule to how many of these VMs have a reason for it.
        """
        known = explained or {}
        waiting: Counter[str] = Counter()
        alone: Counter[str] = Counter()
        for (gaps, verdict, _sources, _vcenter), count in self._waiting.items():
            missing = unsettled_rules(verdict, gaps, self._categories)
            for rule in missing:
                waiting[rule] += count
            if len(missing) == 1:
                alone[missing[0]] += count
        still_open = _spread(self._open)
        steps = [
            SettleStep(rule, still_open[rule], count, alone[rule], self._rules[rule].needs, known.get(rule, 0))
            for rule, count in waiting.items()
        ]
        return tuple(sorted(steps, key=lambda step: (-step.provisional_vms, -step.settled_alone, step.rule)))

    def settle_sources(self, sources: Iterable[SourceView]) -> tuple[SettleSource, ...]:
        """Per export, how many provisional verdicts rest on what it does not show."""
        steps = []
        for source in sources:
            if source.type == LIVE_SOURCE or not source.gaps:
                continue
            vms = settled = 0
            rules: set[str] = set()
            for (gaps, verdict, names, _vcenter), count in self._waiting.items():
                missing = set(unsettled_rules(verdict, gaps, self._categories))
                if source.id not in names or not missing & set(source.gaps):
                    continue
                vms += count
                rules |= missing & set(source.gaps)
                settled += count if missing <= set(source.gaps) else 0
            if vms:
                steps.append(SettleSource(source.id, source.name, source.type, vms, settled, tuple(sorted(rules)), source.vcenters))
        return tuple(sorted(steps, key=lambda step: (-step.provisional_vms, step.source)))

    def settled_by_vcenter(self, sources: Iterable[SourceView]) -> tuple[int, tuple[str, ...]]:
        """Provisional VMs that wait for nothing but what their exports leave out, and the vCenters they are in, "" for one not known."""
        shown = {source.id: set(source.gaps) for source in sources if source.type != LIVE_SOURCE}
        vms = 0
        vcenters = set()
        for (gaps, verdict, names, vcenter), count in self._waiting.items():
            left_out = set().union(*(shown.get(name, set()) for name in names))
            missing = unsettled_rules(verdict, gaps, self._categories)
            if missing and left_out.issuperset(missing):
                vms += count
                vcenters.add(vcenter)
        return vms, tuple(sorted(vcenters))


def _spread(counter: Counter[tuple[str, ...]]) -> Counter[str]:
    """Counts per rule from counts per combination of rules."""
    counts: Counter[str] = Counter()
    for rules, count in counter.items():
        for rule in rules:
            counts[rule] += count
    return counts
