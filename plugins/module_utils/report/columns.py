# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VM table of the HTML report as compact JSON: one table block, and chunks of evidence.

The table block holds what search, sort, filters and the CSV export need. Texts that repeat stand once in a sorted
list, so that an index is also the rank for sorting; sets of rules that many VMs share stand once too. The evidence
of `CHUNK_SIZE` VMs is one block of its own, which the page unpacks when one of them is opened. Unknown numbers
are -1. JSON is ASCII, so that no text of the estate meets the encoding of the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import chain
from operator import attrgetter
from typing import Final, TypeAlias

from .plan_texts import state_word, wave_name
from .plan_view import BlockerView, VmPlanView
from .view import VERDICTS, EvidenceView, FindingView, PerformanceView, ReasonView, RuleView, VmView

Json: TypeAlias = "str | int | float | Sequence[Json] | Mapping[str, Json]"

CHUNK_SIZE: Final = 1000
TEXT_FACTS: Final = (
    "vcenter",
    "datacenter",
    "cluster",
    "host",
    "folder",
    "power_state",
    "guest_os",
    "os_family",
    "owner",
    "application",
    "environment",
    "criticality",
)
PLAN_EMPTY: Final[Mapping[str, str]] = {
    "wave": "no wave",
    "plan_state": "not in the plan",
    "method": "none",
    "risk": "none",
    "namespace": "none",
}
"""Columns that a plan adds, and what stands for an empty one."""

_PLAN_FIGURES: Final = attrgetter(
    "elapsed_p50_minutes",
    "elapsed_p90_minutes",
    "downtime_p50_minutes",
    "downtime_p90_minutes",
    "wave_downtime_p90_minutes",
    "downtime_tolerance_minutes",
    "copy_bytes",
    "cpu_millicores",
    "memory_bytes",
    "storage_bytes",
)
_PLAN_TEXTS: Final = attrgetter("plan", "namespace_reason", "target_name", "node", "bottleneck", "reason")
_PLAN_LISTS: Final = attrgetter("reasons", "method_reasons", "risk_reasons", "assumptions", "settle", "accepted")
NUMBER_FACTS: Final = ("cpu_count", "memory_mib", "disk_bytes", "used_bytes", "disk_count", "nic_count")
PERFORMANCE: Final = tuple(entry.name for entry in fields(PerformanceView))
NAME_MARK: Final = "\x01"
"""Stands for the VM's own name within a text of its evidence; see `_template`."""

NO_PLAN: Final = VmPlanView("")

_DIGITS = re.compile(r"([0-9]+)")


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that takes runs of digits as numbers and ignores case: `web-2` comes before `web-10`.

    Digits are compared by length, then as text: a name may hold more of them than an integer takes.
    """
    parts = _DIGITS.split(text.casefold())
    return tuple(_digits_key(part) if position % 2 else (1, 0, part) for position, part in enumerate(parts) if part)


def _digits_key(digits: str) -> tuple[int, int, str]:
    stripped = digits.lstrip("0")
    return (0, len(stripped), stripped)


def table_order(vms: Sequence[VmView]) -> list[VmView]:
    """The VMs as the page shows them first: worst verdict first, settled before provisional, then by name."""
    rank = {verdict: place for place, verdict in enumerate(VERDICTS)}
    return sorted(vms, key=lambda vm: (rank[vm.verdict], vm.provisional, natural_key(vm.name), vm.name, vm.id))


def dumps(value: Json) -> str:
    """The value as compact ASCII JSON."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def _dictionary(values: Sequence[str]) -> dict[str, Json]:
    """A column of texts as sorted distinct values and one index a row."""
    distinct = sorted(set(values), key=lambda text: (natural_key(text), text))
    place = {text: index for index, text in enumerate(distinct)}
    return {"values": distinct, "index": [place[text] for text in values]}


def _scores(values: Sequence[float]) -> dict[str, Json]:
    distinct = sorted(set(values))
    place = {value: index for index, value in enumerate(distinct)}
    return {"values": distinct, "index": [place[value] for value in values]}


def _sets(values: Sequence[tuple[int, ...]]) -> dict[str, Json]:
    """A column of index sets as sorted distinct sets and one index a row."""
    distinct = sorted(set(values))
    place = {value: index for index, value in enumerate(distinct)}
    return {"values": distinct, "index": [place[value] for value in values]}


def _split_ids(vms: Sequence[VmView]) -> dict[str, Json]:
    """Ids share what stands before their last slash (a vCenter's id), so that part is kept once."""
    halves = [vm.id.rpartition("/") for vm in vms]
    return {"prefix": _dictionary([head + slash for head, slash, _tail in halves]), "rest": [tail for _head, _slash, tail in halves]}


def rule_order(rules: Sequence[RuleView], vms: Sequence[VmView]) -> list[str]:
    """Ids of all rules: the catalogue's in the given order, then any that only a VM names."""
    known = [rule.id for rule in rules]
    named = {rule for vm in vms for rule in chain((finding.rule for finding in vm.findings), vm.gaps, vm.not_applicable)}
    return known + sorted(named.difference(known))


def table_block(vms: Sequence[VmView], rules: Sequence[str], sources: Sequence[str], advice: Callable[[ReasonView], str]) -> str:
    """The table block: every column of the VMs in the given order, as JSON.

    `rules` and `sources` are the ids to which the index sets of the VMs refer; `advice` tells what to do about a reason.
    """
    rule_at = {rule: index for index, rule in enumerate(rules)}
    all_sources = [*sources, *sorted({source for vm in vms for source in vm.sources}.difference(sources))]
    source_at = {source: index for index, source in enumerate(all_sources)}
    verdict_at = {verdict: index for index, verdict in enumerate(VERDICTS)}

    def findings_of(vm: VmView, waived: bool) -> tuple[int, ...]:
        return tuple(sorted({rule_at[finding.rule] for finding in vm.findings if (finding.result == "waived") is waived}))

    return dumps(
        {
            "count": len(vms),
            "chunk": CHUNK_SIZE,
            "ruleIds": list(rules),
            "sourceIds": all_sources,
            "name": [vm.name for vm in vms],
            "id": _split_ids(vms),
            "verdict": [verdict_at[vm.verdict] for vm in vms],
            "provisional": [int(vm.provisional) for vm in vms],
            "score": _scores([vm.score for vm in vms]),
            "score_best": _scores([vm.score_best for vm in vms]),
            "text": {fact: _dictionary(values) for fact, values in _texts(vms).items()},
            "number": {fact: [_number(getattr(vm, fact)) for vm in vms] for fact in NUMBER_FACTS},
            "failed": _sets([findings_of(vm, False) for vm in vms]),
            "waived": _sets([findings_of(vm, True) for vm in vms]),
            "gaps": _sets([tuple(sorted({rule_at[rule] for rule in vm.gaps})) for vm in vms]),
            "not_applicable": _sets([tuple(sorted({rule_at[rule] for rule in vm.not_applicable})) for vm in vms]),
            "sources": _sets([tuple(sorted({source_at[source] for source in vm.sources})) for vm in vms]),
            **_reasons(vms, rule_at, advice),
        }
    )


def _texts(vms: Sequence[VmView]) -> dict[str, list[str]]:
    """The columns of texts; those of the plan only where there is one."""
    columns = {fact: [getattr(vm, fact) for vm in vms] for fact in TEXT_FACTS}
    if any(vm.plan is not None for vm in vms):
        plans = [vm.plan or NO_PLAN for vm in vms]
        columns["wave"] = [wave_name(plan.wave) for plan in plans]
        columns["plan_state"] = [state_word(plan.state) for plan in plans]
        for fact in ("method", "risk", "namespace"):
            columns[fact] = [getattr(plan, fact) for plan in plans]
    return columns


def _reasons(vms: Sequence[VmView], rule_at: Mapping[str, int], advice: Callable[[ReasonView], str]) -> dict[str, Json]:
    """Why rules are open: every reason once, as object, facts, reason, advice and its rules, and each VM's reasons as an index set."""
    distinct = sorted({reason for vm in vms for reason in vm.reasons}, key=_reason_key)
    place = {reason: index for index, reason in enumerate(distinct)}
    listed: list[Json] = [
        [reason.object, ", ".join(reason.facts), reason.reason, advice(reason), sorted(rule_at[rule] for rule in reason.rules)]
        for reason in distinct
    ]
    return {"reasons": listed, "why": _sets([tuple(sorted(place[reason] for reason in vm.reasons)) for vm in vms])}


def _reason_key(reason: ReasonView) -> tuple[str, str, str, tuple[str, ...], tuple[str, ...]]:
    return (reason.source, reason.object, reason.reason, reason.facts, reason.rules)


def _number(value: int | None) -> int:
    return -1 if value is None else value


def _template(text: str, name: str) -> str:
    """The text with the VM's name replaced by a mark: the name is in the table block already.

    The mark itself is escaped, so that `\\x01` in a text of the estate comes back as it was.
    """
    escaped = text.replace(NAME_MARK, NAME_MARK + "0")
    return escaped.replace(name, NAME_MARK + "1") if len(name) > 2 and NAME_MARK not in name else escaped


class _Evidence:
    """Texts and evidence of one chunk, each kept once.

    A reference is 0 for "the next one that was not met before", else 1 + its number: what occurs once costs one digit,
    always the same, which deflates to almost nothing.
    """

    def __init__(self) -> None:
        self.texts: dict[str, int] = {}
        self.items: dict[tuple[str, str, str, str], int] = {}
        self.references: list[int] = []
        """four references to texts for each evidence"""

    def add(self, item: EvidenceView, name: str) -> int:
        """The reference to this evidence."""
        key = (_template(item.object, name), _template(item.field, name), _template(item.observed, name), _template(item.expected, name))
        known = self.items.get(key)
        if known is not None:
            return known
        self.items[key] = len(self.items) + 1
        for text in key:
            self.references.append(self.texts.get(text, 0))
            self.texts.setdefault(text, len(self.texts) + 1)
        return 0

    def finding(self, finding: FindingView, name: str, rule_at: Mapping[str, int]) -> list[int]:
        """A finding as its rule, 1 if it was waived, and references to its evidence."""
        return [rule_at[finding.rule], int(finding.result == "waived"), *(self.add(item, name) for item in finding.evidence)]


def evidence_blocks(vms: Sequence[VmView], rules: Sequence[str]) -> Iterator[str]:
    """The evidence of every `CHUNK_SIZE` VMs, in the order of the table block, as JSON."""
    rule_at = {rule: index for index, rule in enumerate(rules)}
    for start in range(0, len(vms), CHUNK_SIZE):
        evidence = _Evidence()
        findings = [[evidence.finding(finding, vm.name, rule_at) for finding in vm.findings] for vm in vms[start : start + CHUNK_SIZE]]
        block: dict[str, Json] = {"texts": list(evidence.texts), "evidence": evidence.references, "findings": findings}
        yield dumps(block | _performance(vms[start : start + CHUNK_SIZE]))


def _performance(vms: Sequence[VmView]) -> dict[str, Json]:
    """The history of every VM as a list of figures, empty where there is none; nothing where no VM has one."""
    if all(vm.performance is None for vm in vms):
        return {}
    return {"performance": [[_number(getattr(vm.performance, name)) for name in PERFORMANCE] if vm.performance else [] for vm in vms]}


def plan_blocks(vms: Sequence[VmView]) -> Iterator[str]:
    """What the plan makes of every `CHUNK_SIZE` VMs, in the order of the table block, as JSON; nothing without a plan."""
    if all(vm.plan is None for vm in vms):
        return
    for start in range(0, len(vms), CHUNK_SIZE):
        texts = _Texts()
        plans: list[Json] = [texts.planned(vm.plan) if vm.plan else [] for vm in vms[start : start + CHUNK_SIZE]]
        yield dumps({"texts": list(texts.numbers), "plans": plans})


class _Texts:
    """The texts of one chunk of plans, each kept once; lists and constraints that VMs share are packed once too."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"": 0}
        self._lists: dict[tuple[str, ...], Json] = {(): []}
        self._blockers: dict[BlockerView, Json] = {}

    def planned(self, plan: VmPlanView) -> Json:
        """A VM's plan as figures, texts, lists of texts and constraints; a text is its number."""
        figures = [-1 if value is None else round(value) for value in _PLAN_FIGURES(plan)]
        within = -1 if plan.within_tolerance is None else int(plan.within_tolerance)
        return [
            [*figures, within],
            [self._number(text) for text in _PLAN_TEXTS(plan)],
            [self._list(texts) for texts in _PLAN_LISTS(plan)],
            [self._blocker(blocker) for blocker in plan.blocked_by],
        ]

    def _number(self, text: str) -> int:
        number = self.numbers.get(text)
        if number is None:
            number = self.numbers[text] = len(self.numbers)
        return number

    def _list(self, texts: tuple[str, ...]) -> Json:
        packed = self._lists.get(texts)
        if packed is None:
            packed = self._lists[texts] = [self._number(text) for text in texts]
        return packed

    def _blocker(self, blocker: BlockerView) -> Json:
        packed = self._blockers.get(blocker)
        if packed is None:
            parts = (blocker.code, blocker.message, blocker.remedy, blocker.setting)
            packed = self._blockers[blocker] = [self._number(text) for text in parts]
        return packed
