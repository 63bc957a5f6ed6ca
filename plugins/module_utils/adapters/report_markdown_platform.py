# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chapter on the platform in the Markdown report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ..common.write_findings import IN_STEP
from ..report import platform_texts as say
from ..report.headline import counted
from ..report.platform_delivery import delivery_tables
from ..report.platform_delivery_texts import delivery_line
from ..report.platform_entries import EntryTable
from ..report.platform_identity import identity_tables
from ..report.platform_identity_texts import identity_line
from ..report.platform_monitoring import COVERAGE_COLUMNS, coverage_rows, watch_tables
from ..report.platform_monitoring_texts import alerts_line, watch_line
from ..report.platform_view import RequestView
from ..report.view import ReportView
from .markdown_text import MAX_ROWS, code, prose, table

MAX_LISTED: Final = 3 * MAX_ROWS
"""Rows of what calls for attention: a ticket on the platform rests on these."""


def _more(count: int, shown: int, what: str) -> Iterator[str]:
    if count > shown:
        yield ""
        yield f"And {counted(count - shown, f'more {what}')}."


def _stack(view: ReportView) -> Iterator[str]:
    platform = view.platform
    if platform is None:
        return
    yield "## Platform"
    yield ""
    if not view.platform_alone:
        yield prose(platform.headline)
        yield ""
    yield prose(" ".join(say.run_lines(platform)))
    yield ""
    rows = []
    for layer in reversed(platform.layers):
        state = say.words(layer.state, say.STATE_WORDS) if layer.wanted else "not asked for"
        counts = ", ".join(
            f"{layer.counts[result]:,} {say.RESULT_WORDS[result]}" for result in say.RESULT_WORDS if layer.counts.get(result)
        )
        worst = f"{layer.worst.subject}: {layer.worst.message or layer.worst.check}" if layer.worst else ""
        rows.append(
            (f"{layer.order}", say.layer_word(layer.name), state, prose(say.some(layer.holds)), prose(layer.reason or worst), counts)
        )
    yield from table(("Layer", "Name", "State", "What is in it", "What keeps it from being ready", "Checks"), rows, (0,))


def _in_words(view: ReportView) -> Iterator[str]:
    if view.platform is None:
        return
    shown = [part for part in say.summary_parts(view.platform) if part.points]
    for place, part in enumerate(shown):
        if place:
            yield ""
        yield f"### {part.title}"
        yield ""
        for point in part.points[:MAX_LISTED]:
            remedy = f" ({prose(point.remedy)})" if point.remedy else ""
            yield f"- **{prose(point.subject)}**: {prose(point.text)}{remedy}"
        if len(part.points) > MAX_LISTED:
            yield f"- and {len(part.points) - MAX_LISTED:,} more"


def _operators(view: ReportView) -> Iterator[str]:
    platform = view.platform
    if platform is None or not platform.operators:
        return
    yield "### Operators"
    yield ""
    heads = ("Operator", "State", "Package", "Pinned", "Installed", "Channel", "OperatorGroup", "Managed by", "Blocks next minor")
    rows = (
        (
            code(entry.name),
            say.words(entry.state, say.STATE_WORDS),
            code(entry.package),
            prose(say.csv_text(entry.pinned_csv, "floats")),
            prose(say.installed_text(entry)),
            prose(entry.channel),
            prose(say.csv_text(entry.group)),
            prose(say.managed_text(entry)),
            prose(say.minor_text(entry)),
        )
        for entry in platform.operators[:MAX_LISTED]
    )
    yield from table(heads, rows)
    yield from _more(len(platform.operators), MAX_LISTED, "operator")
    yield ""
    yield prose(say.minor_line(platform))


def _upgrades(view: ReportView) -> Iterator[str]:
    if view.platform is None or not view.platform.upgrades:
        return
    yield "### Upgrades rehearsed"
    yield ""
    rows = []
    for entry in view.platform.upgrades[:MAX_LISTED]:
        outcome = "refused" if entry.refused else "not evaluated" if entry.refused is None else "possible"
        changes = [change for change in entry.crd_changes or () if change.removed or change.refused]
        crds = "; ".join(f"{change.crd}: {', '.join(change.removed)} goes" for change in changes)
        hops = " > ".join(entry.hops or ())
        rows.append((code(entry.operator), prose(entry.from_csv), prose(hops or entry.to_csv), outcome, prose(crds), prose(entry.reason)))
    yield from table(("Operator", "From", "Way", "Outcome", "CRD versions that go", "Why"), rows)
    yield from _more(len(view.platform.upgrades), MAX_LISTED, "upgrade")


def _accelerators(view: ReportView) -> Iterator[str]:
    if view.platform is None or not view.platform.accelerators:
        return
    yield "### Accelerators"
    yield ""
    groups = view.platform.accelerators
    rows = (
        (
            prose(say.device_text(entry)),
            code(entry.resource),
            "not known" if entry.nodes is None else f"{len(entry.nodes):,}",
            *(say.figure_text(value) for value in (entry.capacity, entry.allocatable, entry.requested)),
            say.memory_text(entry.memory_gib),
            prose(entry.memory_source or entry.unknown.get("memory_gib", "")),
        )
        for entry in groups[:MAX_LISTED]
    )
    heads = ("Devices", "Resource", "Nodes", "Capacity", "Allocatable", "Requested", "Memory of one", "Where from")
    yield from table(heads, rows, (2, 3, 4, 5))
    yield from _more(len(groups), MAX_LISTED, "group")


def _requests(view: ReportView) -> Iterator[str]:
    if view.platform is None or not view.platform.requests:
        return
    yield "### Requests for accelerators"
    yield ""
    rows = ((code(entry.name), prose(entry.device_class), *_resolved(entry)) for entry in view.platform.requests[:MAX_LISTED])
    yield from table(("Request", "Class", "Outcome", "How, or why not"), rows)
    yield from _more(len(view.platform.requests), MAX_LISTED, "request")


def _resolved(entry: RequestView) -> tuple[str, str]:
    if entry.refused_reason:
        nearest = f"; nearest: {entry.nearest}" if entry.nearest else ""
        return "refused", prose(f"{entry.refused_reason}{nearest}")
    if entry.not_evaluated_reason or not entry.choices:
        return "not evaluated", prose(entry.not_evaluated_reason)
    ways = [f"{choice.resource} ({choice.flavor})" if choice.flavor else choice.resource for choice in entry.choices]
    return "resolved", prose("; ".join(ways))


def _restarts(view: ReportView) -> Iterator[str]:
    if view.platform is None or not view.platform.forecasts:
        return
    yield "### What would restart"
    yield ""
    yield prose(say.restart_line(view.platform))
    yield ""
    rows = (
        (
            code(entry.pool),
            "not known" if entry.nodes is None else prose(say.some(entry.nodes)) or "none",
            prose(say.some(entry.reasons)),
            {True: "yes", False: "no", None: "not known"}[entry.paused],
            "not known" if entry.accelerator_pods is None else prose(say.some(entry.accelerator_pods)) or "none",
        )
        for entry in view.platform.forecasts[:MAX_LISTED]
    )
    yield from table(("Pool", "Nodes", "Because of", "Paused", "Pods with accelerators"), rows)
    yield from _more(len(view.platform.forecasts), MAX_LISTED, "pool")


def _identity(view: ReportView) -> Iterator[str]:
    if view.platform is None or not (line := identity_line(view.platform)):
        return
    yield "### Identity"
    yield ""
    yield prose(line)
    yield from _entries(identity_tables(view.platform, MAX_LISTED))


def _monitoring(view: ReportView) -> Iterator[str]:
    if view.platform is None or not (line := alerts_line(view.platform)):
        return
    alerts, watched = view.platform.alerts, watch_line(view.platform)
    yield "### Monitoring"
    yield ""
    yield prose(line)
    if alerts:
        yield ""
        rows = (tuple(map(prose, row)) for row in coverage_rows(alerts))
        yield from table(COVERAGE_COLUMNS, rows, (1, 2, 3, 4))
    if watched != line:
        yield ""
        yield prose(watched)
    yield from _entries(table for table in watch_tables(view.platform, MAX_LISTED) if table.is_open)


def _entries(tables: Iterable[EntryTable]) -> Iterator[str]:
    for found in tables:
        yield ""
        yield f"#### {found.title}"
        yield ""
        standing = (found.standing,) if found.standing else ()
        rows = ((code(row.name), row.state, *((row.standing,) if found.standing else ()), *map(prose, row.cells)) for row in found.rows)
        yield from table((found.noun, found.state, *standing, *found.heads), rows)
        yield from _more(found.rest + len(found.rows), len(found.rows), "row")


def _delivery(view: ReportView) -> Iterator[str]:
    if view.platform is None or not (line := delivery_line(view.platform)):
        return
    yield "### Delivery"
    yield ""
    yield prose(line)
    yield from _entries(delivery_tables(view.platform, MAX_LISTED))


def _mirrors(view: ReportView) -> Iterator[str]:
    if view.platform is None or not view.platform.images:
        return
    yield "### Mirrors"
    yield ""
    yield prose(say.mirror_line(view.platform))
    lacking = [image for image in view.platform.images if image.mirrored != "yes"]
    if lacking:
        yield ""
        rows = ((code(image.reference), code(image.operator), prose(image.mirrored.replace("_", " "))) for image in lacking[:MAX_LISTED])
        yield from table(("Image", "Operator", "Mirrored"), rows)
        yield from _more(len(lacking), MAX_LISTED, "image")


def _objects(view: ReportView) -> Iterator[str]:
    if view.platform is None:
        return
    off = [entry for entry in view.platform.objects if entry.state != IN_STEP]
    if not off:
        return
    yield "### Objects that differed, and what became of them"
    yield ""
    rows = (
        (
            code(entry.name),
            say.words(entry.state, say.OBJECT_WORDS),
            say.action_text(entry.action, view.platform.mode) or "left alone",
            prose(say.some(entry.fields)) or (f"comes with operator {prose(entry.awaits)}, not validated" if entry.awaits else ""),
        )
        for entry in off[:MAX_LISTED]
    )
    yield from table(("Object", "State", "Action", "Fields"), rows)
    yield from _more(len(off), MAX_LISTED, "object")


def _failed_checks(view: ReportView) -> Iterator[str]:
    if view.platform is None:
        return
    found = [finding for finding in view.platform.findings if say.counts_against(finding)]
    if not found:
        return
    yield "### Checks that failed or could not be evaluated"
    yield ""
    rows = (
        (
            say.words(entry.result, say.RESULT_WORDS),
            entry.severity,
            prose(entry.subject),
            prose(entry.message),
            prose(entry.remedy),
            code(entry.check),
        )
        for entry in found[:MAX_LISTED]
    )
    yield from table(("Result", "Severity", "Subject", "What was found", "Remedy", "Check"), rows)
    yield from _more(len(found), MAX_LISTED, "check")


def _not_read(view: ReportView) -> Iterator[str]:
    if view.platform is None:
        return
    refused = [entry for entry in view.platform.unread if entry.state != "absent"]
    if not refused:
        return
    yield "### What of the cluster was not read"
    yield ""
    rows = (
        (code(entry.resource), prose(entry.reason), code(entry.permission), prose("; ".join(entry.costs))) for entry in refused[:MAX_LISTED]
    )
    yield from table(("Not read", "Why", "What the account lacks", "What stays unknown"), rows)
    yield from _more(len(refused), MAX_LISTED, "resource")


def _documents(view: ReportView) -> Iterator[str]:
    if view.platform is None:
        return
    parts = [f"{code(entry.name)} ({code(entry.sha256[:12])})" for entry in view.platform.documents]
    cluster = view.platform.cluster
    yield f"Cluster {code(cluster.name or cluster.id or 'not known')}" + (f", desired state {', '.join(parts)}." if parts else ".")


Section = Callable[[ReportView], Iterator[str]]
PLATFORM_SECTIONS: Final[tuple[Section, ...]] = (
    _stack,
    _in_words,
    _operators,
    _upgrades,
    _accelerators,
    _requests,
    _restarts,
    _identity,
    _monitoring,
    _delivery,
    _mirrors,
    _objects,
    _failed_checks,
    _not_read,
    _documents,
)
"""In the order of the page; each says nothing where the run has nothing of it."""
