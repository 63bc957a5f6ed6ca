# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the records of the artifacts to the entries of the view, one record at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, TypeVar

from ..common.artifact import JsonRecord
from ..common.errors import ArtifactError, Problem
from ..estate.guest_os import os_family
from .dates import age_days
from .plan_view import VmPlanView
from .reasons import Reasons, is_refusal
from .stages import clean, problem_view
from .view import (
    VERDICTS,
    ConflictView,
    EvidenceView,
    ExcludedView,
    FindingView,
    InputView,
    NotSeenView,
    PerformanceView,
    ReasonView,
    RuleView,
    SourceView,
    UnknownView,
    VmView,
)

Shared = TypeVar("Shared")


def text(value: Any) -> str:
    """A value of a record as text for people: lists joined, booleans as yes and no, an absent one empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(text(entry) for entry in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={text(entry)}" for key, entry in value.items())
    return str(value)


def rule_view(record: JsonRecord) -> RuleView:
    """A `rule` record; its counts are filled in when all VMs have been seen."""
    return RuleView(
        id=record["id"],
        title=str(record.get("title", record["id"])),
        category=str(record.get("category", "information")),
        rationale=str(record.get("rationale", "")),
        remedy=str(record.get("remedy", "")),
        source=text(record.get("source")),
        version=int(record.get("version", 1)),
        weight=int(record.get("weight", 0)),
        needs=tuple(record.get("needs", ())),
        deviation=str(record.get("deviation", "")),
    )


@dataclass(frozen=True, slots=True)
class Contents:
    """What the estate's records tell of one source beyond its own record."""

    vcenters: tuple[str, ...] = ()
    objects: Mapping[str, int] = field(default_factory=dict)
    troubles: Mapping[tuple[str, str], tuple[int, Set[str]]] = field(default_factory=dict)
    """(kind, reason) to how many objects lack which facts for it"""


def source_view(estate: JsonRecord, assessed: JsonRecord, now: datetime, contents: Contents) -> SourceView:
    """A source as the estate and the assessment know it; either record may be empty, not both."""
    known = {**assessed, **estate}
    not_seen = tuple(_not_seen(entry) for entry in estate.get("not_seen", ()))
    captured_at = str(known.get("captured_at", ""))
    return SourceView(
        id=known["id"],
        name=str(known.get("name", known["id"])),
        type=str(known.get("type", "")),
        sha256=str(known.get("sha256", "")),
        captured_at=captured_at,
        tool_version=str(known.get("tool_version", "")),
        vm_count=int(known.get("vm_count", 0)),
        not_seen=not_seen,
        notices=tuple(problem_view(entry) for entry in estate.get("notices", ())),
        gaps=tuple(assessed.get("gaps", ())),
        in_scope=int(assessed.get("vm_count", 0)),
        age_days=age_days(captured_at, now),
        vcenters=contents.vcenters,
        objects=contents.objects,
        unknown=tuple(_unknown_views(contents.troubles, not_seen)),
    )


def _trouble_rank(item: tuple[tuple[str, str], tuple[int, Set[str]]]) -> tuple[bool, bool, int, str, str]:
    (kind, reason), (count, _facts) = item
    return (not is_refusal(reason), kind != "vm", -count, kind, reason)


def _unknown_views(troubles: Mapping[tuple[str, str], tuple[int, Set[str]]], not_seen: Sequence[NotSeenView]) -> Iterator[UnknownView]:
    """What single objects lack, refusals first, then VMs and what most objects lack; facts that the source shows of none are left out."""
    nowhere = frozenset(fact for entry in not_seen for fact in entry.facts)
    for (kind, reason), (count, facts) in sorted(troubles.items(), key=_trouble_rank):
        shown = tuple(sorted(fact for fact in facts if not nowhere & {fact, f"{kind}.{fact}"}))
        if shown:
            yield UnknownView(kind, count, shown, reason)


def _not_seen(entry: Mapping[str, Any]) -> NotSeenView:
    return NotSeenView(str(entry.get("what", "")), tuple(entry.get("facts", ())), str(entry.get("reason", "")))


def conflict_view(record: JsonRecord) -> ConflictView:
    """A `conflict` record."""
    return ConflictView(
        object=str(record.get("object_name") or record.get("object") or record["id"]),
        field=str(record.get("field", "")),
        values=tuple(_claim(entry) for entry in record.get("values", ())),
        resolution=str(record.get("resolution", "")),
    )


def _claim(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return (str(entry.get("source", "")), str(entry.get("captured_at", "")), text(entry.get("value")))


def excluded_view(record: JsonRecord) -> ExcludedView:
    """An `excluded` record of the assessment, or an out-of-scope VM of the estate."""
    reason = str(record.get("reason") or record.get("out_of_scope") or "")
    # A connection state that is called as the reason itself says nothing more.
    return ExcludedView(record["id"], str(record.get("name", "")), "inaccessible" if reason == "inaccessible (inaccessible)" else reason)


def input_views(records: Iterable[Mapping[str, Any]]) -> tuple[InputView, ...]:
    """`inputs` of an estate's header, each file once, by name."""
    found = {
        InputView(clean(str(record.get("name", ""))), str(record.get("sha256", "")), str(record.get("captured_at", "")))
        for record in records
    }
    return tuple(sorted(found, key=lambda entry: (entry.name, entry.sha256, entry.captured_at)))


class Vcenters:
    """Names of vCenters by instance UUID: what people call them, which tells apart those that are reached at one address."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._of_sources: dict[str, set[str]] = {}

    def add(self, record: JsonRecord) -> None:
        """Learns the name from a `vcenter` record."""
        name = record.get("name") or record.get("hostname")
        for key in (record.get("vcenter"), record["id"]):
            if key and name:
                self._names[key] = name
        for source in record.get("sources", ()) if name else ():
            self._of_sources.setdefault(source, set()).add(str(name))

    def of_source(self, source: str) -> tuple[str, ...]:
        """Names of the vCenters that a source shows."""
        return tuple(sorted(self._of_sources.get(source, ())))

    def host_name(self, name: str) -> str:
        """The name where a record gave it; empty for a mere UUID."""
        return name if name in self._names.values() else ""

    def name(self, vcenter: str) -> str:
        """Name of the vCenter with this UUID; the UUID itself where no record names it."""
        return self._names.get(vcenter, vcenter)


class VmViews:
    """Makes the views of VMs; what many VMs have in common is kept once, which is most of what a large estate holds."""

    def __init__(self, vcenters: Vcenters, source_gaps: Mapping[str, tuple[str, ...]], reasons: Reasons) -> None:
        self._vcenters = vcenters
        self._reasons = reasons
        self._source_gaps = source_gaps
        self._shared: dict[Any, Any] = {}
        self._gaps: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[str, ...]] = {}

    def _once(self, value: Shared) -> Shared:
        kept: Shared = self._shared.setdefault(value, value)
        return kept

    def view(self, assessed: JsonRecord, estate: Mapping[str, Any], plan: VmPlanView | None = None) -> VmView:
        """One VM from its assessment record, its estate record (empty when the estate does not hold it) and its place in the plan."""
        verdict, score = assessed.get("verdict"), assessed.get("score")
        if verdict not in VERDICTS or not isinstance(score, (int, float)):
            problem = Problem(f"VM {assessed['id']} has no verdict and score that this report knows", file="assessment.jsonl")
            raise ArtifactError("artifact_damaged", "assessment.jsonl cannot be read", subject="assessment.jsonl", problems=(problem,))
        sources = self._once(tuple(assessed.get("sources", ())))
        provisional = bool(assessed.get("provisional"))
        gaps = self._all_gaps(tuple(assessed.get("gaps", ())), sources)
        disks, nics = estate.get("disks"), estate.get("nics")
        once, known = self._once, estate.get
        tools_name, config_name, guest_id = (
            str(known(name, "")) for name in ("guest_os_tools_name", "guest_os_config_name", "guest_os_id")
        )
        return VmView(
            id=assessed["id"],
            name=str(assessed.get("name") or known("name") or assessed["id"]),
            verdict=verdict,
            provisional=provisional,
            score=float(score),
            score_best=float(assessed.get("score_best", score)),
            vcenter=once(self._vcenters.name(str(known("vcenter", "")))),
            datacenter=once(str(known("datacenter", ""))),
            cluster=once(str(known("cluster", ""))),
            host=once(str(known("host", ""))),
            folder=once(str(known("folder", ""))),
            power_state=once(str(known("power_state", ""))),
            guest_os=once(tools_name.strip() or config_name.strip() or guest_id),
            os_family=os_family(config_name, tools_name, guest_id),
            cpu_count=known("cpu_count"),
            memory_mib=known("memory_mib"),
            disk_bytes=_sum_known(disks, "capacity_bytes"),
            used_bytes=known("used_bytes"),
            disk_count=None if disks is None else len(disks),
            nic_count=None if nics is None else len(nics),
            owner=once(str(known("owner", ""))),
            application=once(str(known("application", ""))),
            environment=once(str(known("environment", ""))),
            criticality=once(str(known("criticality", ""))),
            findings=tuple(self._finding(entry) for entry in assessed.get("findings", ())),
            gaps=gaps,
            not_applicable=once(tuple(assessed.get("not_applicable", ()))),
            sources=sources,
            reasons=self._why(estate, gaps, sources, scoped=provisional and verdict != "blocked"),
            performance=_performance(estate) if "performance_days" in estate else None,
            plan=plan,
        )

    def _why(self, estate: Mapping[str, Any], gaps: tuple[str, ...], sources: tuple[str, ...], *, scoped: bool) -> tuple[ReasonView, ...]:
        """Why rules are open, and, with `scoped`, why nobody knows whether the VM is in scope."""
        reasons = self._reasons.of(estate, gaps, sources)
        return self._reasons.with_scope(estate, reasons) if scoped and "unknown" in estate else reasons

    def _finding(self, record: Mapping[str, Any]) -> FindingView:
        evidence = tuple(
            self._once(EvidenceView(*(self._once(text(entry.get(name))) for name in ("object", "field", "observed", "expected"))))
            for entry in record.get("evidence", ())
        )
        return self._once(FindingView(self._once(str(record.get("rule", ""))), str(record.get("result", "fail")), evidence))

    def _all_gaps(self, own: tuple[str, ...], sources: tuple[str, ...]) -> tuple[str, ...]:
        """The VM's own gaps and those that its sources leave for every VM."""
        key = (own, sources)
        found = self._gaps.get(key)
        if found is None:
            found = tuple(sorted({*own, *(gap for source in sources for gap in self._source_gaps.get(source, ()))}))
            self._gaps[key] = found
        return found


_FIGURES: Final = tuple(entry.name for entry in fields(PerformanceView) if entry.name != "days")


def _performance(estate: Mapping[str, Any]) -> PerformanceView:
    return PerformanceView(estate["performance_days"], *(estate.get(name) for name in _FIGURES))


def _sum_known(parts: Sequence[Mapping[str, Any]] | None, fact: str) -> int | None:
    """Sum of a fact over all parts; None when the parts or the fact of one of them is unknown."""
    if parts is None:
        return None
    total = 0
    for part in parts:
        value = part.get(fact)
        if value is None:
            return None
        total += value
    return total
