# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the HTML page's chapters on the plan and the target need beyond the view: pictures, rows, wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import quote

from ..plan.model import BLOCKED, MOVED, PLACED, SETTLE_FIRST, UNPLACED
from .charts import Figure, Markup, Segment, stacked_bar
from .plan_charts import capacity_figures, method_figure, released_figure, risk_figure
from .plan_texts import amount, minutes, moment_text, preflight_line, released_lines, reuse_line, state_word, window_text
from .plan_view import (
    ConditionView,
    KeptOutEntry,
    KeptOutView,
    ManifestView,
    MoveGroupView,
    PlanView,
    PreflightFindingView,
    ReleaseView,
)
from .texts import CATEGORY_LABELS, date_text, number, percent, size
from .timeline import deadline_note, grouping, taken, timeline
from .view import ReportView

MAX_WAVES: Final = 1000
"""Waves in the page's table."""

MAX_ENTRIES: Final = 50
"""Constraints, findings and groups of one kind that the page lists; the workbook and the CSV files have all."""

MAX_ROWS: Final = 300
"""Rows of a mapping or of the manifests."""

STATE_TONES: Final[Mapping[str, str]] = {
    PLACED: "wave",
    MOVED: "done",
    SETTLE_FIRST: "not_evaluated",
    UNPLACED: "ready_with_work",
    BLOCKED: "blocked",
}
RATE_LABELS: Final[Mapping[str, str]] = {
    "link_mib_per_s": "Link to the target, MiB/s",
    "host_mib_per_s": "ESXi host, MiB/s",
    "datastore_mib_per_s": "Datastore, MiB/s",
    "disk_mib_per_s": "One disk, MiB/s",
    "target_mib_per_s": "Storage of the target, MiB/s",
    "conversion_minutes": "Conversion of a VM, minutes",
    "startup_minutes": "Shutdown and first boot, minutes",
    "change_percent_per_day": "Bytes that change in a day, percent",
    "p90_factor": "p90 against p50",
}
POLICY_LABELS: Final[Mapping[str, str]] = {
    "basis": "Requests by",
    "cpu_overcommit": "vCPUs per CPU",
    "memory_overcommit": "Memory overcommit",
    "spare_nodes": "Nodes that may fail",
    "storage_headroom_percent": "Storage kept free, percent",
    "live_migration": "Volumes for live migration",
    "cpu_baseline": "CPU baseline",
}
TIE_WORDS: Final[Mapping[str, str]] = {
    "shared_disk": "shared disk",
    "affinity_rule": "affinity rule",
    "vapp": "vApp",
    "dependency": "dependency",
    "cluster_software": "cluster software",
}
DRY_RUN_WORDS: Final[Mapping[str, str]] = {"accepted": "accepted", "refused": "refused", "not_tried": "not tried"}
ORIGIN_WORDS: Final[Mapping[str, str]] = {"toolkit": "migration toolkit", "own": "passed over by the toolkit"}


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave in words."""

    number: int
    when: str
    window: str
    vms: int
    warm: int
    high_risk: int
    copied: str
    p50: str
    p90: str
    share: str
    over: bool
    """it does not fit its window at p90"""
    serial: str
    bottleneck: str
    finished: bool
    begun: bool
    href: str
    start_by: str
    """when its warm moves have to be started at the latest; empty where there are none"""
    first_copy: str
    """what they copy before the window, and how long that takes"""


@dataclass(frozen=True, slots=True)
class KeptOutRow:
    """A kind of constraint; `rest` are entries that the page leaves out."""

    code: str
    words: str
    vms: int
    alone: int
    settings: tuple[str, ...]
    entries: tuple[KeptOutEntry, ...]
    rest: int


@dataclass(frozen=True, slots=True)
class PlanSettleRow:
    """A rule to settle before VMs get a wave."""

    title: str
    category: str
    vms: int
    alone: int
    href: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """VMs that move together, in words."""

    wave: str
    size: int
    ties: tuple[tuple[str, str], ...]
    """(kind in words, name)"""
    vms: tuple[str, ...]
    rest: int


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A condition that failed or was left open, with its findings."""

    condition: ConditionView
    title: str
    origin: str
    findings: tuple[PreflightFindingView, ...]
    rest: int


@dataclass(frozen=True, slots=True)
class PlanPage:
    """Everything of the page's chapters on the plan."""

    legend: tuple[tuple[str, str, int], ...]
    """(tone, state in words, VMs)"""
    states: Figure
    timeline: Markup
    grouping: str
    deadline_note: str
    first_day: str
    waves: tuple[WaveRow, ...]
    waves_rest: int
    kept_out: tuple[KeptOutRow, ...]
    kept_out_href: str
    settle: tuple[PlanSettleRow, ...]
    methods: Figure
    risks: Figure
    rates: tuple[tuple[str, str, str], ...]
    groups: tuple[GroupRow, ...]
    groups_rest: int
    capacity: tuple[Figure, ...]
    policy: tuple[tuple[str, str], ...]
    shortages: tuple[tuple[str, str, str, str, str], ...]
    """resource, needed, available, proof, remedy"""
    networks: tuple[tuple[str, ...], ...]
    storage: tuple[tuple[str, ...], ...]
    unmapped_networks: int
    unmapped_storage: int
    preflight_line: str
    failed: tuple[ConditionRow, ...]
    left_open: tuple[ConditionRow, ...]
    conditions: tuple[tuple[str, ...], ...]
    manifests: tuple[tuple[str, ...], ...]
    manifests_rest: int
    manifest_counts: tuple[tuple[str, int], ...]
    released: Figure
    released_lines: Sequence[str]
    reuse: str
    saved: str
    empties: tuple[str, ...]


def build_plan_page(view: ReportView) -> PlanPage | None:
    """The chapters for that view; None when it has no plan."""
    plan = view.plan
    if plan is None:
        return None
    rows = _condition_rows(plan)
    return PlanPage(
        legend=tuple((STATE_TONES.get(state, "na"), state_word(state), count) for state, count in plan.states.items()),
        states=_states(plan),
        timeline=timeline(plan, view.end_of_support),
        grouping=grouping(plan.waves),
        deadline_note=deadline_note(plan, view.end_of_support),
        first_day=date_text(plan.first_day),
        waves=tuple(_wave_rows(plan)[:MAX_WAVES]),
        waves_rest=max(0, len(plan.waves) - MAX_WAVES),
        kept_out=tuple(_kept_out(entry) for entry in plan.kept_out),
        kept_out_href=_link(plan_state=state_word(UNPLACED)),
        settle=_settle(view, plan),
        methods=method_figure(plan),
        risks=risk_figure(plan),
        rates=tuple((RATE_LABELS.get(rate.name, rate.name), rate.value, rate.origin) for rate in plan.rates),
        groups=tuple(_group(group) for group in _largest(plan.groups)[:MAX_ENTRIES]),
        groups_rest=max(0, len(plan.groups) - MAX_ENTRIES),
        capacity=capacity_figures(plan),
        policy=tuple((POLICY_LABELS.get(name, name), value) for name, value in plan.fit.policy.items() if value),
        shortages=tuple(
            (
                entry.resource,
                amount(entry.needed, entry.unit),
                amount(entry.available, entry.unit),
                entry.proof if entry.proven else f"{entry.proof} (not proven)",
                entry.remedy,
            )
            for entry in plan.fit.shortages
        ),
        networks=tuple(_network_rows(plan)[:MAX_ROWS]),
        storage=tuple(_storage_rows(plan)[:MAX_ROWS]),
        unmapped_networks=sum(not entry.type for entry in plan.networks),
        unmapped_storage=sum(not entry.storage_class for entry in plan.storage),
        preflight_line=preflight_line(plan),
        failed=tuple(row for row in rows if row.condition.failed),
        left_open=tuple(row for row in rows if not row.condition.failed and row.condition.not_evaluated),
        conditions=tuple(_condition(entry) for entry in plan.conditions),
        manifests=tuple(_manifest(entry) for entry in plan.manifests[:MAX_ROWS]),
        manifests_rest=max(0, len(plan.manifests) - MAX_ROWS),
        manifest_counts=_manifest_counts(plan),
        released=released_figure(plan),
        released_lines=released_lines(plan),
        reuse=reuse_line(plan),
        saved=_saved(plan),
        empties=tuple(f"{entry.cluster} is empty after wave {entry.empty_after}" for entry in _emptied(plan)),
    )


def _link(**filters: str) -> str:
    return "#" + "&".join(f"{name}={quote(value, safe='', errors='replace')}" for name, value in filters.items())


def _states(plan: PlanView) -> Figure:
    segments = tuple(Segment(STATE_TONES.get(state, "na"), count, state_word(state)) for state, count in plan.states.items())
    rows = tuple((state_word(state), number(count), percent(count, plan.in_scope)) for state, count in plan.states.items())
    title = "What becomes of the VMs in scope"
    return Figure("plan-states", title, stacked_bar("plan-states", title, segments), ("State", "VMs", "Share"), rows)


def _wave_rows(plan: PlanView) -> list[WaveRow]:
    rows = []
    for wave in plan.waves:
        p90 = taken(wave)[1]
        row = WaveRow(
            number=wave.number,
            when=window_text(wave),
            window=wave.window,
            vms=wave.vm_count,
            warm=wave.warm_count,
            high_risk=wave.high_risk_count,
            copied=size(wave.copy_bytes),
            p50=minutes(wave.elapsed_p50_minutes),
            p90=minutes(wave.elapsed_p90_minutes),
            share=f"{p90:.0f}%",
            over=p90 > 100.0 + 1e-6,
            serial=minutes(wave.planner_minutes),
            bottleneck=wave.bottleneck,
            finished=wave.finished,
            begun=wave.begun,
            href=_link(wave=f"wave {wave.number}"),
            start_by=moment_text(wave.start_by),
            first_copy=f"{size(wave.first_copy_bytes)}, {minutes(wave.first_copy_p90_minutes)} (p90)" if wave.start_by else "",
        )
        rows.append(row)
    return rows


def code_words(code: str) -> str:
    """A constraint's code as people read it."""
    text = code.replace("_", " ")
    return text[:1].upper() + text[1:]


def title_case(text: str) -> str:
    """The text with a capital, unless it begins with a name such as vCenter."""
    first = text.partition(" ")[0]
    return text[:1].upper() + text[1:] if first.islower() else text


def _kept_out(entry: KeptOutView) -> KeptOutRow:
    settings = tuple(dict.fromkeys(item.setting for item in entry.entries if item.setting))
    return KeptOutRow(
        entry.code,
        code_words(entry.code),
        entry.vm_count,
        entry.alone,
        settings[:4],
        entry.entries[:MAX_ENTRIES],
        max(0, len(entry.entries) - MAX_ENTRIES),
    )


def _settle(view: ReportView, plan: PlanView) -> tuple[PlanSettleRow, ...]:
    rules = {rule.id: rule for rule in view.rules}
    return tuple(
        PlanSettleRow(
            rules[step.rule].title if step.rule in rules else step.rule,
            rules[step.rule].category if step.rule in rules else next(iter(CATEGORY_LABELS)),
            step.vm_count,
            step.alone,
            _link(open=step.rule, plan_state=state_word(SETTLE_FIRST)),
        )
        for step in plan.settle
    )


def _largest(groups: Sequence[MoveGroupView]) -> list[MoveGroupView]:
    return sorted(groups, key=lambda group: (-len(group.vms), group.id))


def _group(group: MoveGroupView) -> GroupRow:
    ties = tuple((TIE_WORDS.get(tie.kind, tie.kind), tie.name) for tie in group.ties)
    wave = "in no wave" if group.wave is None else f"wave {group.wave}"
    return GroupRow(wave, len(group.vms), ties[:MAX_ENTRIES], group.vms[:MAX_ENTRIES], max(0, len(group.vms) - MAX_ENTRIES))


def _confidence(value: int | None) -> str:
    return "" if value is None else "as set" if value >= 100 else f"{value}%"


def _network_rows(plan: PlanView) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for entry in plan.networks:
        place = "/".join(filter(None, (entry.namespace, entry.destination)))
        words = {"pod": "pod network", "ignored": "left out", "": "not mapped"}.get(entry.type, place)
        if entry.proposal:
            words += f"; proposed: {entry.proposal}"
        rows.append(
            (entry.name, entry.vlan, words, _confidence(entry.confidence) if entry.type else "", entry.reason, number(entry.vm_count))
        )
    return rows


def _storage_rows(plan: PlanView) -> list[tuple[str, ...]]:
    return [
        (
            entry.name,
            entry.storage_class or "not mapped",
            " ".join(filter(None, (entry.access_mode, entry.volume_mode))),
            _confidence(entry.confidence) if entry.storage_class else "",
            entry.reason,
            number(entry.vm_count),
            size(entry.capacity_bytes),
        )
        for entry in plan.storage
    ]


def _condition_rows(plan: PlanView) -> list[ConditionRow]:
    """Conditions with something to say: the failed first, each with its findings."""
    by_condition: dict[str, list[PreflightFindingView]] = {}
    for finding in plan.findings:
        by_condition.setdefault(finding.condition, []).append(finding)
    rows = []
    for condition in plan.conditions:
        if not condition.failed and not condition.not_evaluated:
            continue
        findings = sorted(by_condition.get(condition.id, ()), key=lambda finding: finding.result != "fail")
        shown = tuple(findings[:MAX_ENTRIES])
        rows.append(
            ConditionRow(
                condition,
                title_case(condition.title),
                ORIGIN_WORDS.get(condition.origin, condition.origin),
                shown,
                max(0, len(findings) - MAX_ENTRIES),
            )
        )
    return rows


def _condition(entry: ConditionView) -> tuple[str, ...]:
    figures = (entry.passed, entry.failed, entry.not_evaluated, entry.not_applicable)
    return (
        title_case(entry.title),
        entry.category,
        ORIGIN_WORDS.get(entry.origin, entry.origin),
        *(number(figure) for figure in figures),
        entry.id,
    )


def _manifest(entry: ManifestView) -> tuple[str, ...]:
    name = "/".join(filter(None, (entry.namespace, entry.name)))
    what = f"{entry.object_kind} {name}" + ("" if entry.apply else " (never applied here)")
    wave = "" if entry.wave is None else str(entry.wave)
    said = DRY_RUN_WORDS.get(entry.dry_run, entry.dry_run)
    return (entry.path, what, wave, entry.purpose, f"{said}: {entry.dry_run_message}" if entry.dry_run_message else said)


def _manifest_counts(plan: PlanView) -> tuple[tuple[str, int], ...]:
    states = sorted(entry.dry_run for entry in plan.manifests)
    return tuple((DRY_RUN_WORDS.get(state, state), len(list(entries))) for state, entries in groupby(states))


def _emptied(plan: PlanView) -> list[ReleaseView]:
    return sorted(
        (entry for entry in plan.releases if entry.empty_after is not None), key=lambda entry: (entry.empty_after or 0, entry.cluster)
    )


def _saved(plan: PlanView) -> str:
    """What is saved in a year by the user's prices; empty where they cannot be reckoned with."""
    amounts = [entry.steps[-1].saved_per_year for entry in plan.releases]
    known = [value for value in amounts if value is not None]
    if not known or len(known) < len(amounts):
        return ""
    return f"{sum(known):,.0f} {plan.currency}".strip()
