# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the HTML page's template needs beyond the view: figures with their charts, groupings, wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from .advice import cause_advice, rule_advice, rule_way, sentence_case, source_advice
from .causes import LIVE
from .charts import BarRow, Figure, Markup, Segment, bar_rows, stacked_bar
from .columns import PLAN_EMPTY, Json, dumps
from .namespaces_page import NamespacesPage, build_namespaces_page
from .plan_page import PlanPage, build_plan_page
from .platform_page import PlatformPage, build_platform_page
from .stages import REPORT_STAGE, troubled
from .target_page import TargetPage, build_target_page
from .texts import (
    CATEGORY_LABELS,
    SOURCE_TYPES,
    VERDICT_LABELS,
    date_text,
    kind_text,
    moment_text,
    number,
    objects_text,
    percent,
    plural,
    size,
    with_unknown,
)
from .view import VERDICTS, ConflictView, GroupCount, ProblemView, ReportView, RuleView, SourceView, StageView, VerdictCount

TOP_BLOCKERS: Final = 8
TOP_GROUPS: Final = 8
MAX_TABLE_ROWS: Final = 300
"""Rows of a figure's table; beyond it, the XLSX report has them all."""

MAX_LISTED: Final = 500
"""Excluded VMs for one reason, conflicts, notices and problems that the page lists; the XLSX and JSON reports list all."""

MAX_CAUSES: Final = 8
"""Causes that the page lists; beyond it, the XLSX report has them all."""

MAX_UNKNOWN: Final = 25
"""Entries of what single objects of a source lack that the page lists."""

MEBIBYTE: Final = 1024**2

GROUPS: Final[Mapping[str, tuple[str, str]]] = {
    "cluster": ("Readiness by cluster", "no cluster known"),
    "os_family": ("Readiness by operating system", "OS not known"),
    "owner": ("Readiness by owner", "no owner named"),
    "vcenter": ("Readiness by vCenter", "vCenter not known"),
}
"""Group to the title of its figure and what stands for an empty name."""


@dataclass(frozen=True, slots=True)
class VerdictCard:
    """One verdict's figures at the top of the page."""

    verdict: str
    label: str
    settled: int
    provisional: int
    settled_share: str
    provisional_share: str
    holds: tuple[str, ...]
    href: str


@dataclass(frozen=True, slots=True)
class SettleRow:
    """One thing to do that settles provisional VMs."""

    rule: str
    title: str
    category: str
    waiting: int
    alone: int
    ways: str
    href: str


@dataclass(frozen=True, slots=True)
class SettleSourceRow:
    """What reading the system behind one source would settle at once."""

    way: str
    waiting: int
    settled: int
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One reason for which verdicts are provisional, with what to do about it."""

    way: str
    reason: str
    waiting: int
    settled: int
    facts: tuple[str, ...]
    titles: tuple[str, ...]
    refused: bool


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule with its chart and what would settle it where it is open."""

    rule: RuleView
    chart: Markup
    outcome: str
    ways: str
    failed_href: str
    open_href: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """VMs that are out of scope for one reason; `rest` are not listed on the page."""

    reason: str
    total: int
    listed: tuple[tuple[str, str], ...]
    rest: int


@dataclass(frozen=True, slots=True)
class SourceRow:
    """An input with its words for type, date and share of rules that it can answer."""

    source: SourceView
    type: str
    captured: str
    open_titles: tuple[str, ...]
    within: bool
    """True for a source that was not read itself, but stands in a saved estate"""
    live: bool
    """True for a server"""
    objects: str
    """what it shows besides VMs, counted in words"""
    unknown: tuple[tuple[str, str, tuple[str, ...]], ...]
    """(objects in words, reason, facts) of what single objects lack"""
    unknown_rest: int
    """entries of `unknown` that the page leaves out"""


@dataclass(frozen=True, slots=True)
class InputRow:
    """A file that was read, with its capture in words."""

    name: str
    sha256: str
    captured: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page but the VM table."""

    made: str
    end_of_support: str
    days: str
    days_label: str
    pace: str
    cards: tuple[VerdictCard, ...]
    estate: Figure
    blockers: Figure
    work: Figure
    groups: tuple[Figure, ...]
    coverage: Figure
    provisional: int
    settle: tuple[SettleRow, ...]
    settle_sources: tuple[SettleSourceRow, ...]
    causes: tuple[CauseRow, ...]
    causes_rest: int
    """causes that the page leaves out"""
    rules: tuple[RuleRow, ...]
    failures: tuple[StageView, ...]
    figures_open: bool
    """True when figures may be incomplete, not only the report other than asked for"""
    exclusions: tuple[Exclusion, ...]
    conflicts: tuple[ConflictView, ...]
    notices: tuple[ProblemView, ...]
    sources: tuple[SourceRow, ...]
    inputs: tuple[InputRow, ...]
    meta: Markup
    """facts that the page's script needs, as JSON that is safe within a script element"""
    plan: PlanPage | None
    target: TargetPage | None
    platform: PlatformPage | None
    namespaces: NamespacesPage | None


def build_page(view: ReportView) -> Page:
    """The page for that view."""
    days, label = _deadline(view)
    ways = {rule.id: rule_advice(rule, view.sources, view.causes) for rule in view.rules}
    titles = {rule.id: rule.title for rule in view.rules}
    return Page(
        made=moment_text(view.now),
        end_of_support=date_text(view.end_of_support),
        days=days,
        days_label=label,
        pace=_pace(view),
        cards=_cards(view),
        estate=_estate_figure(view),
        blockers=_rule_figure(view, "critical", "blockers", "What blocks most VMs"),
        work=_rule_figure(view, "warning", "work", "What causes most work"),
        groups=tuple(_group_figure(view, group) for group in GROUPS if any(entry.group == group for entry in view.groups)),
        coverage=_coverage(view),
        provisional=sum(count.provisional for count in view.verdicts),
        settle=_settle(view, ways, titles),
        settle_sources=_settle_sources(view, titles),
        causes=_causes(view, titles)[:MAX_CAUSES],
        causes_rest=max(0, len(_causes(view, titles)) - MAX_CAUSES),
        rules=tuple(_rule_row(rule, ways[rule.id]) for rule in ordered_rules(view.rules)),
        failures=troubled(view.stages),
        figures_open=any(stage.stage != REPORT_STAGE for stage in troubled(view.stages)) or not view.stages,
        exclusions=_exclusions(view),
        conflicts=view.conflicts[:MAX_LISTED],
        notices=view.notices[:MAX_LISTED],
        sources=tuple(_source_row(source, titles, {entry.sha256 for entry in view.inputs}) for source in view.sources),
        inputs=tuple(
            InputRow(entry.name, entry.sha256, moment_text(entry.captured_at) if entry.captured_at else "not stated in the file")
            for entry in view.inputs
        ),
        meta=_meta(view),
        plan=build_plan_page(view),
        target=build_target_page(view),
        platform=build_platform_page(view),
        namespaces=build_namespaces_page(view),
    )


def ordered_rules(rules: Sequence[RuleView]) -> list[RuleView]:
    """Rules by category, then those first that most VMs fail."""
    rank = {category: place for place, category in enumerate(CATEGORY_LABELS)}
    return sorted(rules, key=lambda rule: (rank.get(rule.category, len(rank)), -rule.failed, -rule.not_evaluated, rule.id))


def _link(**filters: str) -> str:
    """A link that sets filters of the VM table."""
    return "#" + "&".join(f"{name}={quote(value, safe='', errors='replace')}" for name, value in filters.items())


def _deadline(view: ReportView) -> tuple[str, str]:
    if view.days_left > 0:
        return number(view.days_left), f"{'day' if view.days_left == 1 else 'days'} until vSphere 8 leaves general support"
    if view.days_left == 0:
        return "Today", "vSphere 8 leaves general support"
    return number(-view.days_left), f"{'day' if view.days_left == -1 else 'days'} since vSphere 8 left general support"


def _pace(view: ReportView) -> str:
    if view.days_left <= 0 or not view.in_scope:
        return ""
    weekly = -(-view.in_scope * 7 // view.days_left)
    return f"To move all {plural(view.in_scope, 'VM')} by then takes {number(weekly)} a week from now on."


def _ordered_verdicts(view: ReportView) -> list[VerdictCount]:
    by_verdict = {count.verdict: count for count in view.verdicts}
    return [by_verdict.get(verdict, VerdictCount(verdict)) for verdict in VERDICT_LABELS]


def _cards(view: ReportView) -> tuple[VerdictCard, ...]:
    cards = []
    for count in _ordered_verdicts(view):
        card = VerdictCard(
            verdict=count.verdict,
            label=VERDICT_LABELS[count.verdict],
            settled=count.settled,
            provisional=count.provisional,
            settled_share=percent(count.settled, view.in_scope or 0),
            provisional_share=percent(count.provisional, view.in_scope or 0),
            holds=_holds(count),
            href=_link(verdict=count.verdict),
        )
        cards.append(card)
    return tuple(cards)


def _holds(count: VerdictCount) -> tuple[str, ...]:
    """What the VMs of a verdict hold together; a sum says of how many it knows nothing, and a zero is left out."""
    amounts = (
        (count.cpu_count, count.cpu_unknown, number, "vCPU"),
        (None if count.memory_mib is None else count.memory_mib * MEBIBYTE, count.memory_unknown, size, "memory"),
        (count.disk_bytes, count.disk_unknown, size, "disk"),
    )
    return tuple(
        f"{what} unknown" if amount is None else with_unknown(f"{words(amount)} {what}", unknown)
        for amount, unknown, words, what in amounts
        if amount is None or amount or unknown
    )


def _segments(settled: Mapping[str, int], provisional: Mapping[str, int]) -> tuple[Segment, ...]:
    """Settled and provisional of each verdict, best first, provisional hatched."""
    parts = []
    for verdict, label in VERDICT_LABELS.items():
        parts.append(Segment(verdict, settled.get(verdict, 0), f"{label}, settled"))
        parts.append(Segment(verdict, provisional.get(verdict, 0), f"{label}, provisional", True))
    return tuple(parts)


_VERDICT_COLUMNS: Final = tuple(f"{label}, {state}" for label in VERDICT_LABELS.values() for state in ("settled", "provisional"))


def _estate_figure(view: ReportView) -> Figure:
    counts = _ordered_verdicts(view)
    segments = _segments({count.verdict: count.settled for count in counts}, {count.verdict: count.provisional for count in counts})
    rows = tuple(
        (
            VERDICT_LABELS[count.verdict],
            number(count.settled),
            number(count.provisional),
            percent(count.settled, view.in_scope or 0),
            percent(count.provisional, view.in_scope or 0),
        )
        for count in counts
    )
    columns = ("Verdict", "Settled", "Provisional", "Settled, share", "Provisional, share")
    return Figure("estate", "Verdicts on all VMs in scope", stacked_bar("estate", "Verdicts on all VMs in scope", segments), columns, rows)


_RULE_COLUMNS: Final = ("Rule", "Id", "VMs that fail it", "VMs held up by it alone", "VMs for which it is open")


def _rule_figure(view: ReportView, category: str, key: str, title: str) -> Figure:
    failing = [rule for rule in ordered_rules(view.rules) if rule.category == category and rule.failed]
    bars = [
        BarRow(
            rule.title,
            f"{plural(rule.failed, 'VM')}, {percent(rule.failed, view.in_scope or 0)}",
            (Segment(category, rule.failed, "VMs that fail it"),),
            _link(rule=rule.id),
        )
        for rule in failing[:TOP_BLOCKERS]
    ]
    rows = tuple(
        (rule.title, rule.id, number(rule.failed), number(rule.failed_alone), number(rule.not_evaluated))
        for rule in failing[:MAX_TABLE_ROWS]
    )
    rest = len(failing) - len(bars)
    note = f"{plural(rest, 'more rule fails', 'more rules fail')}: see the rules below." if rest > 0 else ""
    return Figure(key, title, bar_rows(key, title, bars), _RULE_COLUMNS, rows, note)


def group_name(entry: GroupCount) -> str:
    """The group's name, or what an empty name means."""
    return entry.name or f"({GROUPS[entry.group][1]})"


def _group_bar(entry: GroupCount, held: frozenset[str]) -> BarRow:
    """The group's bar; `held` are the values that VMs have, because a link to none of them would lead nowhere."""
    segments = _segments(dict(zip(VERDICTS, entry.settled, strict=True)), dict(zip(VERDICTS, entry.provisional, strict=True)))
    ready = entry.settled[VERDICTS.index("ready")] + entry.settled[VERDICTS.index("ready_with_work")]
    value = f"{number(ready)} of {number(entry.total)}"
    wanted = entry.name if entry.value is None else entry.value
    filters = {entry.group: wanted, **({"vcenter": entry.vcenter} if entry.vcenter else {})}
    return BarRow(group_name(entry), value, segments, _link(**filters) if wanted in held else "")


def _group_figure(view: ReportView, group: str) -> Figure:
    title, _empty = GROUPS[group]
    entries = sorted((entry for entry in view.groups if entry.group == group), key=lambda entry: (-entry.total, entry.name))
    held = frozenset(getattr(vm, group) for vm in view.vms)
    bars = [_group_bar(entry, held) for entry in entries[:TOP_GROUPS]]
    rows = []
    for entry in entries[:MAX_TABLE_ROWS]:
        figures = {verdict: (entry.settled[place], entry.provisional[place]) for place, verdict in enumerate(VERDICTS)}
        rows.append(
            (group_name(entry), number(entry.total), *(number(figure) for verdict in VERDICT_LABELS for figure in figures[verdict]))
        )
    rest = len(entries) - len(bars)
    note = f"The {len(bars)} with most VMs; {number(rest)} more in the table." if rest > 0 else ""
    if len(entries) > MAX_TABLE_ROWS:
        note += f" The table ends after {MAX_TABLE_ROWS}; report.xlsx has all {number(len(entries))}."
    return Figure(group, title, bar_rows(group, title, bars, relative=True), ("Name", "VMs", *_VERDICT_COLUMNS), tuple(rows), note)


def _coverage(view: ReportView) -> Figure:
    title = "What each source can answer"
    total = len(view.rules)
    bars, rows = [], []
    for source in view.sources:
        left_open = len(source.gaps)
        segments = (Segment("answered", total - left_open, "Rules answered"), Segment("open", left_open, "Rules left open", True))
        bars.append(BarRow(source.name, f"{total - left_open} of {plural(total, 'rule')}", segments))
        rows.append((source.name, number(source.vm_count), number(source.in_scope), number(total - left_open), number(left_open)))
    columns = ("Source", "VMs shown", "VMs in scope", "Rules it can answer", "Rules it leaves open")
    return Figure("coverage", title, bar_rows("coverage", title, bars, relative=True), columns, tuple(rows))


def _settle(view: ReportView, ways: Mapping[str, str], titles: Mapping[str, str]) -> tuple[SettleRow, ...]:
    categories = {rule.id: rule.category for rule in view.rules}
    steps = sorted(view.settle, key=lambda step: (-step.provisional_vms, -step.settled_alone, step.rule))
    return tuple(
        SettleRow(
            rule=step.rule,
            title=titles.get(step.rule, step.rule),
            category=categories.get(step.rule, "information"),
            waiting=step.provisional_vms,
            alone=step.settled_alone,
            ways=ways.get(step.rule, ""),
            href=_link(open=step.rule, provisional="1"),
        )
        for step in steps
        if step.provisional_vms
    )


def _settle_sources(view: ReportView, titles: Mapping[str, str]) -> tuple[SettleSourceRow, ...]:
    return tuple(
        SettleSourceRow(
            sentence_case(source_advice(step)),
            step.provisional_vms,
            step.settled,
            tuple(titles.get(rule, rule) for rule in step.rules),
        )
        for step in view.settle_sources
    )


def _causes(view: ReportView, titles: Mapping[str, str]) -> tuple[CauseRow, ...]:
    return tuple(
        CauseRow(
            sentence_case(cause_advice(cause)),
            sentence_case(cause.reason),
            cause.provisional_vms,
            cause.settled,
            cause.facts,
            tuple(titles.get(rule, rule) for rule in cause.rules),
            cause.refused,
        )
        for cause in view.causes
        if cause.provisional_vms
    )


def _rule_row(rule: RuleView, ways: str) -> RuleRow:
    segments = (
        Segment("passed", rule.passed, "Passed"),
        Segment("na", rule.not_applicable, "Not applicable"),
        Segment("open", rule.not_evaluated, "Open", True),
        Segment(rule.category, rule.failed, "Failed"),
    )
    figures = ((rule.failed, "failed"), (rule.not_evaluated, "open"), (rule.not_applicable, "not applicable"), (rule.passed, "passed"))
    outcome = ", ".join(f"{number(figure)} {words}" for figure, words in figures)
    chart = stacked_bar(f"rule-bar-{rule.id}", rule.title, segments, height=10)
    return RuleRow(rule, chart, outcome, ways if rule.not_evaluated else "", _link(rule=rule.id), _link(open=rule.id))


def _exclusions(view: ReportView) -> tuple[Exclusion, ...]:
    by_reason: dict[str, list[tuple[str, str]]] = {}
    for entry in view.excluded:
        by_reason.setdefault(entry.reason, []).append((entry.name, entry.id))
    ordered = sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(Exclusion(reason, len(vms), tuple(sorted(vms)[:MAX_LISTED]), max(0, len(vms) - MAX_LISTED)) for reason, vms in ordered)


def _source_row(source: SourceView, titles: Mapping[str, str], read: set[str]) -> SourceRow:
    live = source.type == LIVE
    captured = moment_text(source.captured_at) if source.captured_at else "not stated" if live else "not stated in the file"
    if source.age_days:
        captured += f" ({plural(source.age_days, 'day')} before this report)"
    return SourceRow(
        source,
        SOURCE_TYPES.get(source.type, source.type),
        captured,
        tuple(titles.get(rule, rule) for rule in source.gaps),
        bool(read) and source.sha256 not in read,
        live,
        objects_text(source.objects),
        tuple((kind_text(entry.kind, entry.count), entry.reason, entry.facts) for entry in source.unknown[:MAX_UNKNOWN]),
        max(0, len(source.unknown) - MAX_UNKNOWN),
    )


def _meta(view: ReportView) -> Markup:
    rules: dict[str, Json] = {
        rule.id: {
            "title": rule.title,
            "category": rule.category,
            "rationale": rule.rationale,
            "remedy": rule.remedy,
            "way": rule_way(rule, view.sources),
        }
        for rule in view.rules
    }
    sources: dict[str, Json] = {
        source.id: {"name": source.name, "type": SOURCE_TYPES.get(source.type, source.type), "captured": moment_text(source.captured_at)}
        for source in view.sources
    }
    verdicts: list[Json] = [{"id": verdict, "label": VERDICT_LABELS[verdict]} for verdict in VERDICTS]
    empty: dict[str, Json] = {group: words for group, (_title, words) in GROUPS.items()}
    if view.plan is not None:
        empty |= PLAN_EMPTY
    text = dumps({"rules": rules, "sources": sources, "verdicts": verdicts, "categories": dict(CATEGORY_LABELS), "empty": empty})
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
