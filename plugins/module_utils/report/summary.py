# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in a terminal: at most 25 lines, and the figures for a workflow's own variables."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, Final

from .headline import counted
from .view import VERDICT_LABELS, VERDICTS, ProblemView, ReportView, RuleView, StageView

MAX_LINES: Final = 25
WIDTH: Final = 100
TIB: Final = 1024**4
TROUBLE_DETAILS: Final = (3, 1, 0)
"""Problems to show of each stage: as many as there is room for, but every stage before any detail."""

GUEST_FACTS: Final = ("guest_hostname", "guest_ips", "guest_os_tools_name", "nics.ips", "partitions")
"""Beginnings of fact paths that only VMware Tools, running in the guest, can report."""


def summary_text(view: ReportView, index: str, failures: Sequence[str] = ()) -> str:
    """What a person reads first. `index` is the path to end with (empty for none), `failures` are formats that could not be written."""
    head = [view.title, *textwrap.wrap(view.headline, WIDTH)]
    table = [*_verdict_table(view), *textwrap.wrap(_scope_line(view), WIDTH)]
    settle = _headed("What would settle most", _settle_lines(view, 3))
    troubles = _troubles(view.stages, failures, TROUBLE_DETAILS[0])
    end = [f"Report: {index}"] if index else []
    fixed = sum(len(part) for part in (head, table, settle, end))
    room = MAX_LINES - fixed - min(len(troubles), 8)
    reasons = _headed("Most frequent reasons", _reason_lines(view, max(min(5, room - 1), 2)))
    room = MAX_LINES - fixed - len(reasons)
    fitting = (lines for details in TROUBLE_DETAILS if len(lines := _troubles(view.stages, failures, details)) <= room)
    troubles = next(fitting, _trimmed(_troubles(view.stages, failures, TROUBLE_DETAILS[-1]), room))
    sections = [part for part in (head, table, reasons, settle, troubles, end) if part]
    blanks = MAX_LINES - sum(len(part) for part in sections)
    lines = list(sections[0])
    for number, part in enumerate(sections[1:]):
        lines += ["", *part] if number < blanks else part
    return "\n".join(lines) + "\n"


def _headed(title: str, lines: list[str]) -> list[str]:
    return [title, *lines] if lines else []


def _trimmed(lines: list[str], room: int) -> list[str]:
    if len(lines) <= room:
        return lines
    return [*lines[: room - 1], f"  and {counted(len(lines) - room + 1, 'more line')} of this in the report"]


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"


def _verdict_table(view: ReportView) -> list[str]:
    """Verdicts with settled and provisional apart, best first; empty without an assessment."""
    if not view.verdicts:
        return []
    heads = ("", "settled", "provisional", "total", "vCPUs", "memory GiB", "disks TiB")
    rows = [heads]
    sums = [0] * 6
    by_verdict = {count.verdict: count for count in view.verdicts}
    for verdict in reversed(VERDICTS):
        count = by_verdict[verdict]
        figures = (count.settled, count.provisional, count.settled + count.provisional, count.cpu_count, count.memory_mib, count.disk_bytes)
        sums = [total + figure for total, figure in zip(sums, figures, strict=True)]
        rows.append(_table_row(VERDICT_LABELS[verdict], figures))
    rows.append(_table_row("all in scope", sums))
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in rows
    ]


def _table_row(label: str, figures: Sequence[int]) -> tuple[str, str, str, str, str, str, str]:
    settled, provisional, total, cpu_count, memory_mib, disk_bytes = figures
    return (
        label,
        f"{settled:,}",
        f"{provisional:,}",
        f"{total:,}",
        f"{cpu_count:,}",
        f"{memory_mib / 1024:,.0f}",
        f"{disk_bytes / TIB:,.1f}",
    )


def deadline(view: ReportView) -> str:
    """How long vSphere 8 is still in general support, as a sentence."""
    if view.days_left > 0:
        return f"vSphere 8 leaves general support in {counted(view.days_left, 'day')}, on {view.end_of_support}."
    if view.days_left == 0:
        return "vSphere 8 leaves general support today."
    return f"vSphere 8 left general support {counted(-view.days_left, 'day')} ago, on {view.end_of_support}."


def _scope_line(view: ReportView) -> str:
    excluded = len(view.excluded)
    if not excluded:
        return deadline(view)
    return f"{counted(excluded, 'VM is', 'VMs are')} out of scope. {deadline(view)}"


def top_reasons(view: ReportView, limit: int) -> list[RuleView]:
    """The rules that most verdicts rest on: what blocks first, but never only that."""
    critical = [rule for rule in view.rules if rule.category == "critical" and rule.failed]
    warnings = [rule for rule in view.rules if rule.category == "warning" and rule.failed]
    blocking = critical[: max(limit - min(len(warnings), limit // 2), 0)]
    return [*blocking, *warnings[: limit - len(blocking)]]


def _reason_lines(view: ReportView, limit: int) -> list[str]:
    rules = top_reasons(view, limit)
    effects = {"critical": "blocked", "warning": "work"}
    width = max((len(counted(rule.failed, "VM")) for rule in rules), default=0)
    return [_cut(f"  {effects[rule.category]:<7}  {counted(rule.failed, 'VM'):>{width}}  {rule.title} ({rule.id})") for rule in rules]


def settle_lines(view: ReportView, limit: int) -> list[tuple[int, str]]:
    """(VMs, what to do) for what would settle most provisional verdicts: exports first, then rules that are open for single VMs."""
    lines = []
    covered: set[str] = set()
    for step in view.settle_sources:
        covered |= set(step.rules)
        if step.settled == step.provisional_vms:
            lines.append((step.settled, f"read the vCenter behind {step.name}, which does not show all facts"))
        elif step.settled:
            lines.append(
                (
                    step.settled,
                    f"read the vCenter behind {step.name}; {step.provisional_vms - step.settled:,} more need single facts as well",
                )
            )
    titles = {rule.id: rule.title for rule in view.rules}
    for single in view.settle:
        if single.rule not in covered:
            in_guest = all(need.startswith(GUEST_FACTS) for need in single.needs)
            way = "get VMware Tools running and read them again" if in_guest else f"find out {', '.join(single.needs)}"
            lines.append((single.provisional_vms, f"{way} (open: {titles.get(single.rule, single.rule)})"))
    return lines[:limit]


def _settle_lines(view: ReportView, limit: int) -> list[str]:
    lines = settle_lines(view, limit)
    width = max((len(counted(count, "VM")) for count, _text in lines), default=0)
    return [_cut(f"  {counted(count, 'VM'):>{width}}  {text}") for count, text in lines]


def stage_line(stage: StageView) -> str:
    """A stage in words: `estate on vcenter-b failed: it cannot be reached`."""
    place = stage.stage if stage.host == "localhost" else f"{stage.stage} on {stage.host}"
    became = {"failed": "failed", "stale": "is out of date", "skipped": "did not run"}.get(stage.state, stage.state)
    message = " ".join(stage.message.split())
    return f"{place} {became}{': ' if message else ''}{message}"


def problem_line(problem: ProblemView) -> str:
    """A problem in one line: place, message, remedy."""
    line = f"{problem.place}: {problem.message}" if problem.place else problem.message
    return f"{line} ({problem.remedy})" if problem.remedy else line


def _troubles(stages: Sequence[StageView], failures: Sequence[str], details: int) -> list[str]:
    """Each stage that did not end well, with that many of its problems and what helps, then the formats that were not written."""
    lines = []
    for stage in stages:
        if stage.state == "ran":
            continue
        lines.append(_cut(f"  {stage_line(stage)}"))
        lines += [_cut(f"    {problem_line(problem)}") for problem in stage.problems[:details]]
        if details and len(stage.problems) > details:
            lines.append(f"    and {counted(len(stage.problems) - details, 'more problem')}")
        if details and stage.hint:
            lines.append(_cut(f"    {stage.hint}"))
    return _headed("What went wrong", [*lines, *(_cut(f"  {failure}") for failure in failures)])


def summary_data(view: ReportView) -> dict[str, Any]:
    """The figures as data for a workflow; what is not known is left out."""
    data: dict[str, Any] = {
        "headline": view.headline,
        "complete": not view.failed,
        "vms_in_scope": view.in_scope,
        "vms_out_of_scope": len(view.excluded),
        "provisional": view.provisional,
        "verdicts": {count.verdict: {"settled": count.settled, "provisional": count.provisional} for count in view.verdicts},
        "days_left": view.days_left,
        "end_of_support": view.end_of_support,
        "failed_stages": failed_stages(view),
    }
    if view.score_mean is not None and view.score_best_mean is not None:
        data["score_mean"] = view.score_mean
        data["score_best_mean"] = view.score_best_mean
    return data


def failed_stages(view: ReportView) -> list[str]:
    """The stages that failed, with their hosts where these are not localhost."""
    names = [
        stage.stage if stage.host == "localhost" else f"{stage.stage} on {stage.host}" for stage in view.stages if stage.state == "failed"
    ]
    return list(dict.fromkeys(names))
