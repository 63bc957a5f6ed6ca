# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in a terminal: at most 25 lines, 40 when something went wrong, and the figures for a workflow's own variables."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Final

from .advice import settle_lines
from .headline import counted, listed
from .namespaces_texts import namespaces_data, verdict_texts
from .plan_texts import plan_data, plan_lines
from .platform_texts import chapter_lines, platform_data, verdict_lines
from .stages import troubled
from .texts import with_unknown
from .view import VERDICT_LABELS, VERDICTS, ProblemView, ReportView, RuleView, StageView, VerdictCount

MAX_LINES: Final = 25
MAX_LINES_FAILED: Final = 40
"""Lines when something went wrong: what to do about it counts for more than brevity."""

WIDTH: Final = 100
TIB: Final = 1024**4
DETAILS: Final = (20, 12, 8, 6, 5, 4, 3, 2, 1, 0)
"""Problems to show of each stage: as many as there is room for, but every stage before any detail."""

LISTS: Final = ((5, 3), (4, 3), (3, 3), (3, 2), (2, 2), (2, 1), (1, 1), (0, 0))
"""Reasons and steps to settle, richest first: as many as there is room for beside what went wrong."""

BLANKS: Final = 5
"""Blank lines between the parts of the summary."""

MAX_PROBLEMS: Final = 20
"""Problems that the text of a failure lists."""


def summary_text(view: ReportView, index: str, failures: Sequence[str] = ()) -> str:
    """What a person reads first. `index` is the path to end with (empty for none), `failures` are formats that could not be written."""
    limit = MAX_LINES_FAILED if failures or troubled(view.stages) else MAX_LINES
    head = [*_wrapped(view.title), *_wrapped(view.headline), *(line for caveat in view.caveats for line in _wrapped(problem_line(caveat)))]
    table = [*_verdict_table(view), *_wrapped(_scope_line(view)), *_wrapped(_notice_line(view))]
    end = [f"Report: {index}"] if index else []
    room = limit - len(head) - len(table) - len(end)
    plan = _chapters(view, room)
    room -= len(plan)
    reasons, settle, troubles = _fitting(view, failures, room)
    plan += _platform_chapters(view, room - len(troubles) - len(reasons) - len(settle) - BLANKS)
    sections = [part for part in (head, troubles, table, plan, reasons, settle, end) if part]
    blanks = limit - sum(len(part) for part in sections)
    lines = list(sections[0])
    for number, part in enumerate(sections[1:]):
        lines += ["", *part] if number < blanks else part
    return "\n".join(lines) + "\n"


def _fitting(view: ReportView, failures: Sequence[str], room: int) -> tuple[list[str], list[str], list[str]]:
    """Reasons, steps and troubles that fit: details of what went wrong go before reasons, reasons before white space."""
    most = max((len(stage.problems) for stage in troubled(view.stages)), default=0)
    lists = [
        (_headed("Most frequent reasons", _reason_lines(view, few)), _headed("What would settle most", _settle_lines(view, steps)))
        for few, steps in LISTS
    ]
    for details in [count for count in DETAILS if count <= most] or [0]:
        troubles = _troubles(view.stages, failures, details)
        for (few, _steps), (reasons, settle) in zip(LISTS, lists, strict=True):
            # Long lists are worth less than the blank lines between the parts.
            blanks = BLANKS if few > 2 else 0
            if len(reasons) + len(settle) + len(troubles) + blanks <= room:
                return reasons, settle, troubles
    return [], [], _trimmed(_troubles(view.stages, failures, 0), room)


def _chapters(view: ReportView, room: int) -> list[str]:
    """Plan, platform and namespaces, in full where there is room for that; else the longer ones by their headlines alone."""
    chapters = (("Plan", _plan(view)), ("Platform", _platform(view)), ("Namespaces", _namespaces(view)))
    shorter = {"Platform": view.platform.headline if view.platform else "", "Plan": view.plan.headline if view.plan else ""}
    told = {title: _headed(title, _indented(sentences)) for title, sentences in chapters}
    for title, headline in shorter.items():
        if headline and sum(map(len, told.values())) > room and not view.without_vms:
            told[title] = _headed(title, _indented([headline]))
    return [line for title, _sentences in chapters for line in told[title]]


def _indented(sentences: Iterable[str]) -> list[str]:
    return [line for sentence in sentences for line in _wrapped(sentence, "  ", "  ")]


def _plan(view: ReportView) -> list[str]:
    return list(plan_lines(view.plan)) if view.plan else []


def _platform(view: ReportView) -> list[str]:
    """The platform; a report on it alone has said its headline already, one that is first about namespaces has room for that alone."""
    if view.platform is None:
        return []
    if view.namespaces_alone:
        return [view.platform.headline]
    return [line for line in verdict_lines(view.platform) if not (view.platform_alone and line == view.platform.headline)]


def _namespaces(view: ReportView) -> list[str]:
    """The namespaces; a report that is first about them has said its headline already, any other one has room for that alone."""
    if view.namespaces is None:
        return []
    if not view.namespaces_alone:
        return [view.namespaces.headline]
    return [line for line in verdict_texts(view.namespaces) if line != view.namespaces.headline]


def _platform_chapters(view: ReportView, room: int) -> list[str]:
    """The chapters on the platform for which there is room; the report has all."""
    lines: list[str] = []
    for sentence in chapter_lines(view.platform) if view.platform else ():
        wrapped = _wrapped(sentence, "  ", "  ")
        lines += wrapped if len(lines) + len(wrapped) <= room else []
    return lines


def _headed(title: str, lines: list[str]) -> list[str]:
    return [title, *lines] if lines else []


def _trimmed(lines: list[str], room: int) -> list[str]:
    room = max(room, 1)
    if len(lines) <= room:
        return lines
    return [*lines[: room - 1], f"  and {counted(len(lines) - room + 1, 'more line')} of this in the report"]


def _wrapped(text: str, first: str = "", following: str = "") -> list[str]:
    """The text in lines of the terminal's width; nothing of it is cut off."""
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=following, break_on_hyphens=False)


def _verdict_table(view: ReportView) -> list[str]:
    """Verdicts with settled and provisional apart, best first; empty without an assessment."""
    if not view.verdicts:
        return []
    by_verdict = {count.verdict: count for count in view.verdicts}
    counts = [(VERDICT_LABELS[verdict], by_verdict[verdict]) for verdict in reversed(VERDICTS)]
    counts.append(("all in scope", _together(view.verdicts)))
    lines = _aligned([_table_row(label, count, True) for label, count in counts])
    if max(len(line) for line in lines) <= WIDTH:
        return lines
    whole = counts[-1][1]
    unknown = (("vCPUs", whole.cpu_unknown), ("memory", whole.memory_unknown), ("disks", whole.disk_unknown))
    note = "Not known, so not in these sums: " + listed([f"{what} of {counted(vms, 'VM')}" for what, vms in unknown if vms])
    return [*_aligned([_table_row(label, count, False) for label, count in counts]), *_wrapped(f"{note}.")]


def _together(counts: Sequence[VerdictCount]) -> VerdictCount:
    """All verdicts as one count."""

    def total(values: Sequence[int | None], unknown: int) -> int | None:
        known = sum(value for value in values if value is not None)
        return None if unknown and not known else known

    cpu_unknown = sum(count.cpu_unknown for count in counts)
    memory_unknown = sum(count.memory_unknown for count in counts)
    disk_unknown = sum(count.disk_unknown for count in counts)
    return VerdictCount(
        "",
        sum(count.settled for count in counts),
        sum(count.provisional for count in counts),
        total([count.cpu_count for count in counts], cpu_unknown),
        total([count.memory_mib for count in counts], memory_unknown),
        total([count.disk_bytes for count in counts], disk_unknown),
        cpu_unknown,
        memory_unknown,
        disk_unknown,
    )


TABLE_HEADS: Final = ("", "settled", "provisional", "total", "vCPUs", "memory GiB", "disks TiB")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    rows = [TABLE_HEADS, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(TABLE_HEADS))]
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]).rstrip()
        for row in rows
    ]


def size_texts(count: VerdictCount) -> tuple[str | None, str | None, str | None]:
    """vCPUs, memory in GiB and disks in TiB; None where nothing is known."""
    return (
        None if count.cpu_count is None else f"{count.cpu_count:,}",
        None if count.memory_mib is None else f"{count.memory_mib / 1024:,.0f}",
        None if count.disk_bytes is None else f"{count.disk_bytes / TIB:,.1f}",
    )


def _table_row(label: str, count: VerdictCount, marked: bool) -> tuple[str, ...]:
    """A row of the table; `marked` ones say beside each sum of how many VMs it knows nothing."""
    unknown = (count.cpu_unknown, count.memory_unknown, count.disk_unknown) if marked else (0, 0, 0)
    sizes = (with_unknown(figure, vms) for figure, vms in zip(size_texts(count), unknown, strict=True))
    return (label, f"{count.settled:,}", f"{count.provisional:,}", f"{count.total:,}", *sizes)


def _notice_line(view: ReportView) -> str:
    """How much there is to know about what was read; empty when there is nothing."""
    notices = len(view.notices) + sum(len(source.notices) for source in view.sources)
    parts = [
        *([f"{counted(notices, 'notice')} on what was read"] if notices else []),
        *([f"{counted(len(view.conflicts), 'conflict')} between sources"] if view.conflicts else []),
    ]
    return f"See the report for {listed(parts)}." if parts else ""


def deadline(view: ReportView) -> str:
    """How long vSphere 8 is still in general support, as a sentence."""
    if view.days_left > 0:
        return f"vSphere 8 leaves general support in {counted(view.days_left, 'day')}, on {view.end_of_support}."
    if view.days_left == 0:
        return "vSphere 8 leaves general support today."
    return f"vSphere 8 left general support {counted(-view.days_left, 'day')} ago, on {view.end_of_support}."


def _scope_line(view: ReportView) -> str:
    excluded = len(view.excluded)
    if view.without_vms:
        return ""
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
    lines = []
    for rule in rules:
        first = f"  {effects[rule.category]:<7}  {counted(rule.failed, 'VM'):>{width}}  "
        lines += _wrapped(f"{rule.title} ({rule.id})", first, " " * len(first))
    return lines


def _settle_lines(view: ReportView, limit: int) -> list[str]:
    lines = settle_lines(view, limit)
    width = max((len(counted(count, "VM")) for count, _text in lines), default=0)
    shown = []
    for count, text in lines:
        first = f"  {counted(count, 'VM'):>{width}}  "
        shown += _wrapped(text, first, " " * len(first))
    return shown


def stage_line(stage: StageView) -> str:
    """A stage in words: `estate on vcenter-b failed: it cannot be reached`."""
    became = {"failed": "failed", "stale": "is out of date", "skipped": "did not run"}.get(stage.state, stage.state)
    message = " ".join(stage.message.split())
    return f"{stage.place} {became}{': ' if message else ''}{message}"


def problem_line(problem: ProblemView) -> str:
    """A problem in one line: place, message, remedy."""
    line = f"{problem.place}: {problem.message}" if problem.place else problem.message
    return f"{line} ({problem.remedy})" if problem.remedy else line


def _troubles(stages: Sequence[StageView], failures: Sequence[str], details: int) -> list[str]:
    """Each stage that did not end well, with that many of its problems and what helps, then the formats that were not written."""
    lines = []
    for stage in troubled(stages):
        lines += _wrapped(stage_line(stage), "  ", "    ")
        for problem in stage.problems[:details]:
            lines += _wrapped(problem_line(problem), "    ", "      ")
        if len(stage.problems) > details:
            more = "more problem" if details else "problem"
            lines.append(f"    {'and ' if details else ''}{counted(len(stage.problems) - details, more)}: see the report")
        if details and stage.hint:
            lines += _wrapped(stage.hint, "    ", "    ")
    for failure in failures:
        lines += _wrapped(failure, "  ", "    ")
    return _headed("What went wrong", lines)


def failure_text(view: ReportView, index: str) -> str:
    """Why the run as a whole failed: its failed stages with their problems, and the path of the report; empty when no stage failed."""
    failed = [stage for stage in view.stages if stage.state == "failed"]
    lines: list[str] = []
    room = MAX_PROBLEMS
    for stage in failed:
        lines.append(stage_line(stage))
        lines += [f"  {problem_line(problem)}" for problem in stage.problems[:room]]
        left = len(stage.problems) - room
        if left > 0:
            lines.append(f"  and {counted(left, 'more problem')}: see the report")
        if stage.hint:
            lines.append(f"  {stage.hint}")
        room = max(room - len(stage.problems), 0)
    return "\n".join([*lines, f"Report: {index}"]) if failed else ""


def summary_data(view: ReportView) -> dict[str, Any]:
    """The figures as data for a workflow; what is not known is left out."""
    data: dict[str, Any] = {
        "headline": view.headline,
        "complete": not view.failed,
        "verdicts": {count.verdict: {"settled": count.settled, "provisional": count.provisional} for count in view.verdicts},
        "days_left": view.days_left,
        "end_of_support": view.end_of_support,
        "failed_stages": failed_stages(view),
    }
    if view.in_scope is not None and view.provisional is not None:
        data |= {"vms_in_scope": view.in_scope, "provisional": view.provisional}
    if view.in_scope is not None or view.estate_vm_count is not None:
        data["vms_out_of_scope"] = len(view.excluded)
    if view.in_scope is not None:
        data["missing_privileges"] = {cause.privilege: cause.provisional_vms for cause in view.causes if cause.privilege}
    if view.plan is not None:
        data["plan"] = plan_data(view.plan)
    if view.platform is not None:
        data["platform"] = platform_data(view.platform)
    if view.namespaces is not None:
        data["namespaces"] = namespaces_data(view.namespaces)
    if view.caveats:
        data["caveats"] = [caveat.message for caveat in view.caveats]
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
