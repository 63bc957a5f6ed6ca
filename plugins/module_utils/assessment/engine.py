# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule engine: one pass over an estate's records, and a second look at those VMs that may share something.

The pass (`EstateScan`) gathers what rules need beyond the VM itself; `Evaluator` judges VM by VM and holds none of them.
Only VMs that share a value with another one, or of which that cannot be excluded, are judged after the pass. A rule
that the known facts do not decide is a gap: it counts as failed in `score` and as passed in `score_best`, so that more
facts can only move the two towards each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..common.artifact import JsonRecord
from ..estate.scope import undecided
from .catalogue import Catalogue, Rule
from .evidence import Evidence
from .expression import Binding, Explain, Predicate
from .peers import PeerIndex, SharedKey
from .sight import Sight
from .verdict import has_minimum_facts, is_provisional, score_of, verdict_of

VM_LABEL = "VM"
"""How evidence names the VM itself."""


class Judgement(NamedTuple):
    """What came of one VM; bit n of `gap_mask` stands for the rule at position n of the catalogue."""

    verdict: str
    provisional: bool
    score: float
    score_best: float
    findings: list[JsonRecord]
    not_applicable: list[str]
    gap_mask: int


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule that is ready to run."""

    id: str
    bit: int
    weight: int
    category: str
    applies: Predicate | None
    fails: Predicate
    explain: Explain

    def result(self, vm: JsonRecord) -> str:
        """match, no_match, unknown or not_applicable, as the kinds of examples are called."""
        applies = True if self.applies is None else self.applies(vm, vm)
        if applies is False:
            return "not_applicable"
        fails = None if applies is None else self.fails(vm, vm)
        return "unknown" if fails is None else "match" if fails else "no_match"

    def evidence(self, vm: JsonRecord) -> list[Evidence]:
        """Why it fails a VM that it fails."""
        return self.explain(vm, vm, VM_LABEL, True)


class EstateScan:
    """First pass: hand every record to `add`, VMs last, then call `close`.

    `evaluator` can judge a VM alone as soon as it was added, and in the light of all others after `close`.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._clusters: dict[str, JsonRecord] = {}
        keys = {key for rule in catalogue.rules for expression in rule.expressions() for key in expression.shared_keys()}
        self._sight = Sight()
        self._peers: dict[SharedKey, PeerIndex] = {key: PeerIndex(key, self._sight) for key in keys}
        self.evaluator = Evaluator(catalogue, Binding(self._clusters, self._peers))

    def add(self, record: JsonRecord) -> None:
        """Takes in one record; kinds that no rule looks at are passed over."""
        if record["kind"] == "vm":
            for index in self._peers.values():
                index.add(record)
        elif record["kind"] == "cluster":
            self._clusters[record["id"]] = record
        else:
            self._sight.add(record)

    def close(self) -> Evaluator:
        """Ends the pass."""
        for index in self._peers.values():
            index.close()
        return self.evaluator


class Evaluator:
    """Judges VMs, one by one."""

    def __init__(self, catalogue: Catalogue, binding: Binding) -> None:
        self._minimum = catalogue.minimum_facts
        self._peers = tuple(binding.peers.values())
        weights = catalogue.weights
        self.rules = tuple(_bind(rule, position, weights[rule.category], binding) for position, rule in enumerate(catalogue.rules))
        self._total_weight = sum(rule.weight for rule in self.rules)
        self._critical_mask = sum(rule.bit for rule in self.rules if rule.category == "critical")
        self._warning_mask = sum(rule.bit for rule in self.rules if rule.category == "warning")

    @property
    def needs_every_vm(self) -> bool:
        """True as soon as it is certain that judging a VM alone will not do for any."""
        return any(index.has_blind for index in self._peers)

    def needs_others(self, number: int) -> bool:
        """Whether that VM has to be judged in the light of the others; to be asked after the first pass."""
        return any(index.concerns(number) for index in self._peers)

    def enter(self, number: int, vm: JsonRecord) -> None:
        """Turns to the VM that came as that number (from 0) in the first pass, out-of-scope VMs counted."""
        for index in self._peers:
            index.enter(number, vm)

    def judge(self, number: int, vm: JsonRecord) -> Judgement:
        """Runs all rules on one VM, after the first pass."""
        self.enter(number, vm)
        return self.judge_alone(vm)

    def judge_alone(self, vm: JsonRecord) -> Judgement:
        """Runs all rules on one VM, during the first pass as if it shared nothing with others."""
        failed = gaps = 0
        failed_weight = open_weight = 0
        applicable = self._total_weight
        findings: list[JsonRecord] = []
        not_applicable: list[str] = []
        for rule in self.rules:
            if rule.applies is not None:
                applies = rule.applies(vm, vm)
                if applies is False:
                    not_applicable.append(rule.id)
                    applicable -= rule.weight
                    continue
                fails = rule.fails(vm, vm) if applies else None
            else:
                fails = rule.fails(vm, vm)
            if fails is False:
                continue
            if fails is None:
                gaps |= rule.bit
                open_weight += rule.weight
            else:
                failed |= rule.bit
                failed_weight += rule.weight
                findings.append({"rule": rule.id, "result": "fail", "evidence": rule.explain(vm, vm, VM_LABEL, True)})
        verdict = verdict_of(
            critical_failed=bool(failed & self._critical_mask),
            warning_failed=bool(failed & self._warning_mask),
            minimum_known=has_minimum_facts(vm, self._minimum),
        )
        provisional = is_provisional(
            verdict,
            critical_open=bool(gaps & self._critical_mask),
            warning_open=bool(gaps & self._warning_mask),
            scope_open=bool(undecided(vm)),
        )
        return Judgement(
            verdict,
            provisional,
            score_of(failed_weight + open_weight, applicable),
            score_of(failed_weight, applicable),
            findings,
            not_applicable,
            gaps,
        )

    def rules_in(self, mask: int) -> Iterator[str]:
        """The ids of the rules whose bits are set, sorted."""
        return (rule.id for rule in self.rules if mask & rule.bit)


def _bind(rule: Rule, position: int, weight: int, binding: Binding) -> BoundRule:
    fails = rule.fail_when.compile(binding)
    applies = None if rule.applies_when is None else rule.applies_when.compile(binding).predicate
    return BoundRule(rule.id, 1 << position, weight, rule.category, applies, fails.predicate, fails.explain)
