# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a run: both artifacts read side by side in one pass, every figure counted on the way."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from ..assessment.sight import UNSEEN_VMS
from ..common.artifact import JsonRecord
from ..common.version import COLLECTION_VERSION
from .causes import LIVE, count_causes
from .dates import checked_dates
from .entries import Contents, Vcenters, VmViews, conflict_view, excluded_view, rule_view, source_view
from .headline import HeadlineFigures, headline
from .namespaces_build import namespaces_report
from .namespaces_view import NamespacesView
from .plan_build import PlanReading, ZoneOf, utc_alone
from .platform_build import platform_report
from .platform_view import PlatformView
from .reasons import OTHERS, UNSEEN_REASONS, Elsewhere, Reasons, Troubles
from .stages import (
    REPORT_STAGE,
    RunFacts,
    clean,
    incomplete,
    leftovers,
    namespaces_alone,
    platform_alone,
    problem_view,
    stage_views,
)
from .tally import Tally
from .target_build import target_report
from .texts import KIND_LABELS
from .view import (
    CATEGORIES,
    DEFAULT_TITLE,
    END_OF_SUPPORT,
    NAMESPACES_TITLE,
    PLATFORM_TITLE,
    ConflictView,
    ExcludedView,
    InputView,
    ProblemView,
    ReasonView,
    ReportView,
    RuleView,
    SourceView,
    StageView,
    VmView,
)

INVISIBLE: Final = ("vms_may_be_invisible",)
"""Codes of notices that say that VMs may be missing from every figure."""

CAVEATS: Final = UNSEEN_VMS
"""Codes of notices that belong at the top of the report: the last one says that nobody knows whether VMs are missing."""


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """What a view is made of. Records come sorted by kind and id, as artifacts hold them; None stands for no usable artifact."""

    now: str
    """the present, ISO 8601"""
    facts: RunFacts
    estate: Iterable[JsonRecord] | None = None
    assessment: Iterable[JsonRecord] | None = None
    catalogue: Mapping[str, Any] = field(default_factory=dict)
    """`catalogue` of the assessment's header: version, sha256, weights"""
    mode: str = "apply"
    end_of_support: str = END_OF_SUPPORT
    title: str = ""
    """empty for the collection's own"""
    notices: tuple[ProblemView, ...] = ()
    inputs: tuple[InputView, ...] = ()
    """the files that the estate's header names"""
    target: Iterable[JsonRecord] | None = None
    plan: Iterable[JsonRecord] | None = None
    platform: Iterable[JsonRecord] | None = None
    platform_header: Mapping[str, Any] = field(default_factory=dict)
    """first line of the platform's artifact"""
    namespaces: Iterable[JsonRecord] | None = None
    namespaces_header: Mapping[str, Any] = field(default_factory=dict)
    """first line of the namespaces' artifact"""
    zone_of: ZoneOf = utc_alone
    """time zones by name: the plan's times are shown on its own clock"""


def build_view(request: ViewRequest) -> ReportView:
    """The whole report as data. Raises `InputError` for unusable dates and whatever the record streams raise."""
    now, end = checked_dates(request.now, request.end_of_support)
    reading = _Reading(request, now)
    reading.read()
    return reading.report(end)


class _Reading:
    """One pass over both artifacts."""

    def __init__(self, request: ViewRequest, now: datetime) -> None:
        self.request = request
        self.now = now
        self.vcenters = Vcenters()
        self.estate_sources: dict[str, JsonRecord] = {}
        self.assessed_sources: dict[str, JsonRecord] = {}
        self.rules: dict[str, RuleView] = {}
        self.conflicts: list[ConflictView] = []
        self.notices: list[ProblemView] = []
        self.excluded: list[ExcludedView] = []
        self.vms: list[VmView] = []
        self.estate_vm_count = 0
        self.tally = Tally({})
        self.elsewhere = Elsewhere()
        self.troubles = Troubles()
        self.objects: dict[str, Counter[str]] = defaultdict(Counter)
        self.reasons = Reasons({}, {}, self.elsewhere)
        self.plan: PlanReading | None = None
        self.compared: list[int] = []
        """places of the VMs for which a rule is open because of other VMs"""

    def read(self) -> None:
        """Reads the estate up to its VMs, then the assessment up to its VMs, then both in step."""
        estate = iter(self.request.estate or ())
        assessment = iter(self.request.assessment or ())
        first_estate = self._before_vms(estate, self._estate_record)
        first_assessed = self._before_vms(assessment, self._assessment_record)
        if self.request.plan is not None:
            self.plan = PlanReading(self.request.plan, self.vcenters.name, self.request.zone_of)
        planned = self.plan.vms if self.plan else {}
        self.tally = Tally(self.rules)
        self.reasons = Reasons(self.rules, self.estate_sources, self.elsewhere)
        gaps = {name: tuple(record.get("gaps", ())) for name, record in self.assessed_sources.items()}
        views = VmViews(self.vcenters, gaps, self.reasons)
        estate_vms = self._estate_vms(_vms(first_estate, estate))
        for assessed, known in _joined(_vms(first_assessed, assessment), estate_vms):
            vm = views.view(assessed, known, planned.get(assessed["id"]))
            if vm.reasons and vm.reasons[-1].object == OTHERS:
                self.compared.append(len(self.vms))
            self.vms.append(vm)
            self.tally.add(vm)
        self._explain_compared()

    def _explain_compared(self) -> None:
        """Says of VMs for which a rule waits for other VMs what is the matter with those: known when all have been read."""
        by_source = self._unseen()
        by_vcenter = {vcenter: reason for source, reason in by_source.items() for vcenter in self.vcenters.of_source(source)}
        troubles = {self.vcenters.name(vcenter): found for vcenter, found in self.troubles.of_vms().items()}
        known: dict[tuple[tuple[ReasonView, ...], str, str], tuple[ReasonView, ...]] = {}
        for place in self.compared:
            vm = self.vms[place]
            unseen = next((by_source[source] for source in vm.sources if source in by_source), by_vcenter.get(vm.vcenter, ""))
            key = (vm.reasons, vm.vcenter, unseen)
            if key not in known:
                known[key] = self.reasons.from_peers(vm.reasons, troubles.get(vm.vcenter, {}), unseen)
            if known[key] is not vm.reasons:
                self.vms[place] = replace(vm, reasons=known[key])

    def _unseen(self) -> dict[str, str]:
        """Source to the reason why VMs may lie in it that nobody saw."""
        return {
            name: UNSEEN_REASONS[notice["code"]]
            for name, source in sorted(self.estate_sources.items())
            for notice in source.get("notices", ())
            if notice.get("code") in UNSEEN_REASONS
        }

    def _before_vms(self, records: Iterator[JsonRecord], take: Any) -> JsonRecord | None:
        """Hands every record before the first VM on, and returns that VM; kinds are sorted, and `vm` is the last one known."""
        for record in records:
            if record["kind"] == "vm":
                return record
            take(record)
        return None

    def _estate_record(self, record: JsonRecord) -> None:
        kind = record["kind"]
        if kind in KIND_LABELS:
            self._object(record)
        elif kind == "source":
            self.estate_sources[record["id"]] = record
        elif kind == "conflict":
            self.conflicts.append(conflict_view(record))
        elif kind == "notice":
            self.notices.append(problem_view(record))

    def _object(self, record: JsonRecord) -> None:
        """Counts an object that is no VM, and keeps what is unknown of it."""
        if record["kind"] == "vcenter":
            self.vcenters.add(record)
        else:
            for source in record.get("sources", ()):
                self.objects[source][record["kind"]] += 1
        self.elsewhere.add(record)
        self.troubles.add(record)

    def _assessment_record(self, record: JsonRecord) -> None:
        kind = record["kind"]
        if kind == "rule":
            self.rules[record["id"]] = rule_view(record)
        elif kind == "source":
            self.assessed_sources[record["id"]] = record
        elif kind == "excluded":
            self.excluded.append(excluded_view(record))

    def _estate_vms(self, records: Iterator[JsonRecord]) -> Iterator[JsonRecord]:
        """The VMs of the estate, counted; without an assessment they alone tell what is out of scope."""
        for record in records:
            self.estate_vm_count += 1
            if "unknown" in record:
                self.troubles.add(record)
            if self.request.assessment is None and record.get("out_of_scope"):
                self.excluded.append(excluded_view(record))
            yield record

    def _sources(self) -> tuple[SourceView, ...]:
        records = {name: (self.estate_sources.get(name, {}), self.assessed_sources.get(name, {})) for name in self._source_names()}
        live = [name for name, (known, assessed) in records.items() if {**assessed, **known}.get("type") == LIVE]
        troubles = self.troubles.by_source(live)
        return tuple(
            source_view(
                known,
                assessed,
                self.now,
                Contents(self.vcenters.of_source(name), dict(sorted(self.objects.get(name, {}).items())), troubles.get(name, {})),
            )
            for name, (known, assessed) in records.items()
        )

    def _source_names(self) -> list[str]:
        return sorted({*self.estate_sources, *self.assessed_sources})

    def _caveats(self) -> tuple[tuple[str, str, ProblemView], ...]:
        """(source, code, notice) for what its reader says about VMs that it may not have seen."""
        return tuple(
            (str(source.get("name", source["id"])), notice["code"], problem_view(notice))
            for _name, source in sorted(self.estate_sources.items())
            for notice in source.get("notices", ())
            if notice.get("code") in CAVEATS
        )

    def _figures(
        self, stages: tuple[StageView, ...], sources: tuple[SourceView, ...], caveats: tuple[tuple[str, str, ProblemView], ...]
    ) -> HeadlineFigures:
        """What the headline says of stages, vCenters and VMs that nobody saw."""
        by_vcenter, vcenters = self.tally.settled_by_vcenter(sources)
        return HeadlineFigures(
            stages,
            # What the report itself could not do as asked takes nothing from its figures.
            failed=incomplete([stage for stage in stages if stage.stage != REPORT_STAGE], self.request.facts.artifacts),
            by_vcenter=by_vcenter,
            vcenters=tuple(self.vcenters.host_name(name) for name in vcenters),
            invisible=tuple(sorted({source for source, code, _notice in caveats if code in INVISIBLE})),
        )

    def report(self, end: date) -> ReportView:
        """The view, once both artifacts have been read to their ends."""
        request, facts, sources, tally = self.request, self.request.facts, self._sources(), self.tally
        stages = stage_views(facts)
        assessed = request.assessment is not None
        verdicts = tally.verdicts() if assessed else ()
        failed = incomplete(stages, facts.artifacts)
        causes = count_causes(self.vms, self.rules, sources)
        caveats = self._caveats()
        estate_vm_count = None if request.estate is None else self.estate_vm_count
        platform = None if request.platform is None else platform_report(request.platform, request.platform_header)
        namespaces = None if request.namespaces is None else namespaces_report(request.namespaces, request.namespaces_header)
        alone = _Alone(platform_alone(facts.records, facts.playbook), namespaces_alone(facts.records, facts.playbook))
        figures = replace(self._figures(stages, sources, caveats), verdicts=verdicts, estate_vm_count=estate_vm_count)
        figures = replace(figures, cause=next((cause for cause in causes.causes if cause.refused), None))
        weights = request.catalogue.get("weights") or {}
        target = None if request.target is None else target_report(request.target)
        return ReportView(
            title=clean(request.title or alone.title),
            headline=_headline(figures, platform, namespaces, alone),
            now=request.now,
            mode=request.mode,
            end_of_support=request.end_of_support,
            days_left=(end - self.now.date()).days,
            collection_version=COLLECTION_VERSION,
            catalogue_version=str(request.catalogue.get("version", "")),
            catalogue_sha256=str(request.catalogue.get("sha256", "")),
            weights={category: weights[category] for category in CATEGORIES if category in weights},
            failed=failed,
            stages=stages,
            in_scope=len(self.vms) if assessed else None,
            verdicts=verdicts,
            groups=tally.groups(),
            rules=tally.rules() if assessed else (),
            settle=tally.settle(causes.explained),
            sources=sources,
            inputs=request.inputs if request.estate is not None else (),
            conflicts=tuple(self.conflicts),
            notices=(*request.notices, *leftovers(stages, facts.artifacts), *self.notices),
            excluded=tuple(self.excluded),
            vms=tuple(self.vms),
            settle_sources=tally.settle_sources(sources),
            causes=causes.causes,
            caveats=tuple(replace(notice, place=notice.place or source) for source, _code, notice in caveats),
            estate_vm_count=estate_vm_count,
            provisional=sum(count.provisional for count in verdicts) if assessed else None,
            score_mean=_mean([vm.score for vm in self.vms]),
            score_best_mean=_mean([vm.score_best for vm in self.vms]),
            plan=self.plan.view(target) if self.plan else None,
            target=target,
            platform=platform,
            platform_alone=alone.platform,
            namespaces=namespaces,
            namespaces_alone=alone.namespaces,
        )


@dataclass(frozen=True, slots=True)
class _Alone:
    """Whether a run without VMs is first about the platform, or about namespaces."""

    platform: bool
    namespaces: bool

    @property
    def title(self) -> str:
        return PLATFORM_TITLE if self.platform else NAMESPACES_TITLE if self.namespaces else DEFAULT_TITLE


def _headline(figures: HeadlineFigures, platform: PlatformView | None, namespaces: NamespacesView | None, alone: _Alone) -> str:
    """The headline, which a run without VMs takes from what it is about."""
    if alone.platform:
        figures = replace(figures, subject="the platform", known=platform.headline if platform else "")
    elif alone.namespaces:
        figures = replace(figures, subject="the namespaces", known=namespaces.headline if namespaces else "")
    return headline(figures)


def _vms(first: JsonRecord | None, rest: Iterator[JsonRecord]) -> Iterator[JsonRecord]:
    """The VMs from the first on; kinds of a newer version that come after them are passed over, to the end of the artifact."""
    if first is None:
        return
    yield first
    for record in rest:
        if record["kind"] == "vm":
            yield record


def _joined(assessed: Iterator[JsonRecord], estate: Iterator[JsonRecord]) -> Iterator[tuple[JsonRecord, JsonRecord]]:
    """Each assessed VM with its record in the estate, or an empty one; both run in order of id and are read to their ends."""
    known = next(estate, None)
    for record in assessed:
        while known is not None and known["id"] < record["id"]:
            known = next(estate, None)
        yield record, known if known is not None and known["id"] == record["id"] else {}
    for _rest in estate:
        continue


def _mean(values: list[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
