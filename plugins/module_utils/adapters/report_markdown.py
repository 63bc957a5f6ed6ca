# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as Markdown (GitHub and GitLab flavour) for a pull request or a ticket: the summary, not every VM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..report.advice import sentence_case, settle_lines, some
from ..report.headline import counted, listed
from ..report.stages import troubled
from ..report.summary import deadline, problem_line, size_texts
from ..report.texts import SOURCE_TYPES, apart, kind_text, objects_text, with_unknown
from ..report.view import VERDICT_LABELS, VERDICTS, ReportView, RuleView
from .markdown_text import MAX_ROWS, code, prose, table
from .report_markdown_namespaces import NAMESPACES_SECTIONS, notes
from .report_markdown_plan import PLAN_SECTIONS
from .report_markdown_platform import PLATFORM_SECTIONS


def write_markdown(view: ReportView, path: Path) -> None:
    """Writes the summary."""
    path.write_text("\n".join(_lines(view)) + "\n", encoding="utf-8", errors="replace", newline="")


def _lines(view: ReportView) -> Iterator[str]:
    yield f"# {prose(view.title)}"
    yield ""
    yield f"**{prose(view.headline)}**"
    yield ""
    for caveat in view.caveats:
        yield f"> {prose(problem_line(caveat))}"
        yield ""
    for note in notes(view):
        yield f"> {note}"
        yield ""
    if not view.without_vms:
        yield deadline(view)
    for section in (
        _stages,
        _verdicts,
        _blocking,
        _working,
        _settling,
        _open,
        _clusters,
        *PLAN_SECTIONS,
        *PLATFORM_SECTIONS,
        *NAMESPACES_SECTIONS,
        _scope,
        _conflicts,
        _notices,
        _inputs,
        _sources,
        _not_seen,
        _made_with,
    ):
        lines = list(section(view))
        if lines:
            yield ""
            yield from lines


def _stages(view: ReportView) -> Iterator[str]:
    """Only when there is something to say: what failed, did not run or is out of date."""
    trouble = troubled(view.stages)
    if not trouble:
        return
    states = {"skipped": "did not run", "stale": "out of date"}
    yield "## What did not go well"
    yield ""
    yield from table(
        ("Stage", "Host", "State", "Why"),
        (
            (
                prose(stage.title),
                code(stage.where or stage.host),
                states.get(stage.state, stage.state),
                prose(f"{stage.message} {stage.hint}"),
            )
            for stage in trouble
        ),
    )
    problems = [(stage, problem) for stage in trouble for problem in stage.problems]
    if problems:
        yield ""
    for stage, problem in problems[:MAX_ROWS]:
        place = f" {prose(problem.place)}:" if problem.place else ""
        remedy = f" ({prose(problem.remedy)})" if problem.remedy else ""
        yield f"- {prose(stage.title)}:{place} {prose(problem.message)}{remedy}"
    if len(problems) > MAX_ROWS:
        yield f"- and {counted(len(problems) - MAX_ROWS, 'more problem')}"


def _verdicts(view: ReportView) -> Iterator[str]:
    if not view.verdicts:
        return
    by_verdict = {count.verdict: count for count in view.verdicts}
    rows = []
    for verdict in reversed(VERDICTS):
        count = by_verdict[verdict]
        unknown = (count.cpu_unknown, count.memory_unknown, count.disk_unknown)
        sizes = (with_unknown(figure, vms) for figure, vms in zip(size_texts(count), unknown, strict=True))
        rows.append((VERDICT_LABELS[verdict], f"{count.settled:,}", f"{count.provisional:,}", f"{count.total:,}", *sizes))
    yield "## Verdicts"
    yield ""
    yield from table(("Verdict", "Settled", "Provisional", "Total", "vCPUs", "Memory GiB", "Disks TiB"), rows, range(1, 7))
    yield ""
    yield "A provisional verdict can still change when the facts that are missing become known."


def _rules(title: str, rules: Sequence[RuleView]) -> Iterator[str]:
    if not rules:
        return
    yield f"## {title}"
    yield ""
    rows = (
        (f"{rule.failed:,}", f"{rule.failed_alone:,}", f"{prose(rule.title)} ({code(rule.id)})", prose(rule.remedy))
        for rule in rules[:MAX_ROWS]
    )
    yield from table(("VMs", "This alone", "Finding", "Remedy"), rows, (0, 1))
    if len(rules) > MAX_ROWS:
        yield ""
        yield f"And {counted(len(rules) - MAX_ROWS, 'more rule')}."


def _blocking(view: ReportView) -> Iterator[str]:
    yield from _rules("What blocks VMs", [rule for rule in view.rules if rule.category == "critical" and rule.failed])


def _working(view: ReportView) -> Iterator[str]:
    yield from _rules("What means work first", [rule for rule in view.rules if rule.category == "warning" and rule.failed])


def _settling(view: ReportView) -> Iterator[str]:
    lines = settle_lines(view, MAX_ROWS)
    if not lines:
        return
    yield "## What would settle provisional verdicts"
    yield ""
    yield from table(("VMs", "What to do"), ((f"{count:,}", prose(sentence_case(text))) for count, text in lines), (0,))


def _open(view: ReportView) -> Iterator[str]:
    """Why rules are open, beyond what a source does not show of any VM."""
    if not view.causes:
        return
    yield "## Why rules are open"
    yield ""
    rows = (
        (
            f"{cause.vms:,}",
            f"{cause.provisional_vms:,}",
            prose(cause.reason),
            prose(some(cause.objects)),
            prose(some(cause.facts)),
            f"{len(cause.rules):,}",
        )
        for cause in view.causes[:MAX_ROWS]
    )
    yield from table(("VMs", "Provisional", "Reason", "Where", "Not known", "Rules"), rows, (0, 1, 5))
    if len(view.causes) > MAX_ROWS:
        yield ""
        yield f"And {counted(len(view.causes) - MAX_ROWS, 'more reason')}."


def _clusters(view: ReportView) -> Iterator[str]:
    groups = [group for group in view.groups if group.group == "cluster"]
    if not groups:
        return
    yield "## Clusters"
    yield ""
    yield "Settled VMs, then with a plus sign those whose verdict is provisional."
    yield ""
    heads = ("Cluster", "VMs", *(VERDICT_LABELS[verdict].capitalize() for verdict in reversed(VERDICTS)))
    rows = []
    for group in groups[:MAX_ROWS]:
        counts = [apart(settled, waiting) for settled, waiting in zip(group.settled, group.provisional, strict=True)]
        rows.append((code(group.name), f"{group.total:,}", *reversed(counts)))
    yield from table(heads, rows, range(1, len(heads)))
    if len(groups) > MAX_ROWS:
        yield ""
        yield f"And {counted(len(groups) - MAX_ROWS, 'more cluster')}."


def _scope(view: ReportView) -> Iterator[str]:
    if not view.excluded:
        return
    yield "## Out of scope"
    yield ""
    reasons = Counter(vm.reason for vm in view.excluded)
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    yield from table(("VMs", "Why"), ((f"{count:,}", prose(reason)) for reason, count in ranked[:MAX_ROWS]), (0,))
    if len(ranked) > MAX_ROWS:
        yield ""
        yield f"And {counted(len(ranked) - MAX_ROWS, 'more reason')}."


def _conflicts(view: ReportView) -> Iterator[str]:
    if not view.conflicts:
        return
    made = {"newest": "the newest capture counts", "unknown": "taken as unknown"}
    yield "## Conflicts between sources"
    yield ""
    rows = (
        (
            code(conflict.object),
            code(conflict.field),
            "; ".join(f"{prose(value) or '(empty)'} ({code(source)})" for source, _captured, value in conflict.values),
            made.get(conflict.resolution, prose(conflict.resolution)),
        )
        for conflict in view.conflicts[:MAX_ROWS]
    )
    yield from table(("Object", "Fact", "What the sources say", "What was made of it"), rows)
    if len(view.conflicts) > MAX_ROWS:
        yield ""
        yield f"And {counted(len(view.conflicts) - MAX_ROWS, 'more conflict')}."


def _notices(view: ReportView) -> Iterator[str]:
    """What was noticed while reading: cells that cannot be read, rows that are lost, annotations without a VM."""
    notices = [*view.notices, *(notice for source in view.sources for notice in source.notices)]
    if not notices:
        return
    yield f"## Notices ({len(notices):,})"
    yield ""
    for notice in notices[: 2 * MAX_ROWS]:
        yield f"- {prose(problem_line(notice))}"
    if len(notices) > 2 * MAX_ROWS:
        yield f"- and {counted(len(notices) - 2 * MAX_ROWS, 'more notice')}"


def _inputs(view: ReportView) -> Iterator[str]:
    if not view.inputs:
        return
    yield "## Inputs"
    yield ""
    rows = ((code(entry.name), prose(entry.captured_at) or "not stated", code(entry.sha256)) for entry in view.inputs)
    yield from table(("Input", "Captured", "SHA-256"), rows)


def _sources(view: ReportView) -> Iterator[str]:
    if not view.sources:
        return
    yield "## Sources"
    yield ""
    rows = (
        (
            code(source.name),
            prose(", ".join(filter(None, (SOURCE_TYPES.get(source.type, source.type), source.tool_version)))),
            prose(source.captured_at) or "not stated",
            f"{source.vm_count:,}",
            prose(objects_text(source.objects)),
            code(source.sha256),
        )
        for source in view.sources
    )
    yield from table(("Source", "Type", "Captured", "VMs", "Other objects", "SHA-256"), rows, (3,))


def _unseen(what: str, reason: str, names: Sequence[str]) -> str:
    facts = [*names[:MAX_ROWS], f"{len(names) - MAX_ROWS} more"] if len(names) > MAX_ROWS else list(names)
    unknown = f", so not known: {prose(listed(facts))}" if facts else ""
    return f"{prose(what)} ({prose(reason)}){unknown}"


def _unseen_lines(view: ReportView) -> Iterator[str]:
    for source in view.sources:
        for entry in source.not_seen:
            yield f"- {code(source.name)}: {_unseen(entry.what, entry.reason, entry.facts)}"
        for unknown in source.unknown:
            yield f"- {code(source.name)}: {_unseen(kind_text(unknown.kind, unknown.count), unknown.reason, unknown.facts)}"


def _not_seen(view: ReportView) -> Iterator[str]:
    lines = list(_unseen_lines(view))
    if not lines:
        return
    yield "## Not seen"
    yield ""
    yield "What a source does not show is unknown, never passed."
    yield ""
    yield from lines[: 2 * MAX_ROWS]
    if len(lines) > 2 * MAX_ROWS:
        yield f"- and {len(lines) - 2 * MAX_ROWS:,} more"


def _made_with(view: ReportView) -> Iterator[str]:
    parts = [f"groundwork.readiness {view.collection_version}"]
    if view.catalogue_version:
        parts.append(f"rule catalogue {prose(view.catalogue_version)} ({code(view.catalogue_sha256[:12])})")
    if view.weights:
        parts.append("weights " + ", ".join(f"{prose(category)} {weight}" for category, weight in view.weights.items()))
    yield "---"
    yield ""
    yield f"As of {prose(view.now)}, made in mode {prose(view.mode)} with {', '.join(parts)}."
