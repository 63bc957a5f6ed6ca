# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a workbook: one sheet per question.

Estate text stays text: formulas, links and numbers in texts are left alone. XlsxWriter's constant-memory mode keeps one
row at a time; it also takes a text that begins with `<r>` and ends with `</r>` for finished XML, so such a text gets a
trailing blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from ..common.errors import ReadinessError
from ..report.dates import moment
from ..report.namespaces_tables import namespaces_facts
from ..report.namespaces_texts import namespaces_note
from ..report.plan_tables import all_tables, plan_facts
from ..report.platform_tables import platform_facts
from ..report.platform_texts import mode_note
from ..report.summary import deadline, problem_line
from ..report.tables import VERDICT_COLUMNS, Cell, Column, Row, Table, verdict_rows
from ..report.view import VERDICT_LABELS, ReportView
from ._libraries import xlsxwriter

MAX_ROWS: Final = 1_000_000
"""Rows of data on one sheet, below Excel's 1,048,576; what is more goes to a further sheet."""

MAX_TEXT: Final = 32_767
"""UTF-16 units that a cell holds."""

OPTIONS: Final = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
NOT_XML: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
DIVISORS: Final = {"mib": 1024, "bytes": 1024**3}
VERDICT_COLOURS: Final = {
    "ready": ("#0B5A2B", "#D9F2E1"),
    "ready_with_work": ("#6B4A00", "#FFF1CC"),
    "not_evaluated": ("#3D4450", "#E6E8EC"),
    "blocked": ("#8A1020", "#FBDDE0"),
}
"""Ink and paper of a verdict's cell, at a contrast of 4.5 or more."""

VERDICT_NOTE: Final = " Settled verdicts rest on facts, provisional ones can still change when what is open is known."
NUMBER_FORMATS: Final = {"count": "#,##0", "decimal": "0.0", "share": "0.0%", "mib": "#,##0.0", "bytes": "#,##0.0"}


def write_xlsx(view: ReportView, path: Path, max_rows: int = MAX_ROWS) -> None:
    """Writes the workbook. `max_rows` is the number of rows after which a sheet is continued on another."""
    # A stale time in the file's properties would make two equal reports differ, so it is the report's own time.
    workbook = xlsxwriter.Workbook(str(path), OPTIONS)
    try:
        workbook.set_properties({"title": _text(view.title), "created": moment(view.now).replace(tzinfo=None)})
        formats = _Formats(workbook)
        _write_summary(workbook, formats, view)
        for table in all_tables(view):
            _write_table(workbook, formats, table, table.rows(view), max_rows)
    finally:
        _close(workbook)


def _close(workbook: Any) -> None:
    try:
        workbook.close()
    except xlsxwriter.exceptions.XlsxWriterException as error:
        raise ReadinessError("format_failed", f"it cannot be written: {error}", subject="xlsx") from error


class _Formats:
    """The few cell formats of the workbook."""

    def __init__(self, workbook: Any) -> None:
        top = {"valign": "top"}
        self.title = workbook.add_format({"bold": True, "font_size": 16})
        self.headline = workbook.add_format({"font_size": 12, "text_wrap": True, **top})
        self.header = workbook.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#DCE6F1", **top})
        self.label = workbook.add_format({"bold": True, **top})
        self.wrapped = workbook.add_format({"text_wrap": True, **top})
        self.plain = workbook.add_format(top)
        self._kinds = {kind: workbook.add_format({"num_format": number, **top}) for kind, number in NUMBER_FORMATS.items()}
        self._kinds["long"] = self.wrapped
        self.verdicts = {
            verdict: workbook.add_format({"font_color": ink, "bg_color": paper}) for verdict, (ink, paper) in VERDICT_COLOURS.items()
        }

    def of(self, column: Column) -> Any:
        """The format of a column's cells; plain text needs none."""
        return self._kinds.get(column.kind, self.plain)


def _text(value: str) -> str:
    """A text as a cell can hold it."""
    if len(value) > MAX_TEXT // 2:
        units = value.encode("utf-16-le", "replace")
        if len(units) > MAX_TEXT * 2:
            value = units[: (MAX_TEXT - 1) * 2].decode("utf-16-le", "ignore") + "…"
    if not value.isascii():
        value = NOT_XML.sub("\ufffd", value)
    return f"{value} " if value.startswith("<r>") and value.endswith("</r>") else value


def _write_table(workbook: Any, formats: _Formats, table: Table, rows: Iterator[Row], max_rows: int) -> None:
    """One sheet per `max_rows` rows, the first one even when there is nothing to list."""
    number = 0
    while True:
        number += 1
        sheet = workbook.add_worksheet(table.title if number == 1 else f"{table.title} ({number})")
        _write_head(sheet, formats, table.columns)
        written = _write_rows(sheet, table.columns, islice(rows, max_rows))
        if number == 1 and not written:
            sheet.write_string(1, 0, "Nothing to list.")
        sheet.autofilter(0, 0, max(written, 1), len(table.columns) - 1)
        _colour_verdicts(sheet, formats, table.columns, 1, max(written, 1))
        following = next(rows, None) if written == max_rows else None
        if following is None:
            return
        rows = chain((following,), rows)


def _write_head(sheet: Any, formats: _Formats, columns: Sequence[Column]) -> None:
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width, formats.of(column))
        sheet.write_string(0, index, column.title, formats.header)
    sheet.freeze_panes(1, 1)


def _write_rows(sheet: Any, columns: Sequence[Column], rows: Iterable[Row], first: int = 1) -> int:
    """Writes rows from `first` on and returns how many. Cells take the format of their column; unknown and empty ones stay empty."""
    divisors = [DIVISORS.get(column.kind) for column in columns]
    verdict = _verdict_index(columns)
    write_string, write_number = sheet.write_string, sheet.write_number
    count = 0
    for count, row in enumerate(rows, 1):
        line = first + count - 1
        for index, value in enumerate(row):
            if isinstance(value, str):
                if value:
                    write_string(line, index, VERDICT_LABELS[value] if index == verdict else _text(value))
            elif isinstance(value, bool):
                write_string(line, index, "yes" if value else "no")
            elif value is not None:
                divisor = divisors[index]
                write_number(line, index, value / divisor if divisor else value)
    return count


def _colour_verdicts(sheet: Any, formats: _Formats, columns: Sequence[Column], first: int, last: int) -> None:
    """Colours verdicts by what they are; the text says it too."""
    column = _verdict_index(columns)
    if column is not None:
        for verdict, label in VERDICT_LABELS.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{label}"', "format": formats.verdicts[verdict]}
            sheet.conditional_format(first, column, last, column, rule)


def _verdict_index(columns: Sequence[Column]) -> int | None:
    return next((index for index, column in enumerate(columns) if column.kind == "verdict"), None)


def _facts(view: ReportView) -> tuple[tuple[str, Cell], ...]:
    """What the report rests on, for the summary."""
    return (
        ("As of", view.now),
        ("Mode", view.mode),
        *(() if view.without_vms else _vm_facts(view)),
        ("Version of groundwork.readiness", view.collection_version),
        ("Complete", "no: see sheet Stages" if view.failed else "not certain: see below" if view.caveats else "yes"),
        *(("What may be missing", problem_line(caveat)) for caveat in view.caveats),
        *(plan_facts(view.plan) if view.plan else ()),
        *(platform_facts(view.platform) if view.platform else ()),
        *(namespaces_facts(view.namespaces) if view.namespaces else ()),
    )


def _note(view: ReportView) -> str:
    """That nothing was written to a cluster, where that is so."""
    if view.namespaces_alone:
        return namespaces_note(view.namespaces) if view.namespaces else ""
    return mode_note(view.platform) if view.platform else ""


def _vm_facts(view: ReportView) -> tuple[tuple[str, Cell], ...]:
    """What the verdicts rest on."""
    weights = ", ".join(f"{category} {weight}" for category, weight in view.weights.items())
    return (
        ("VMs in the estate", view.estate_vm_count),
        ("VMs in scope", view.in_scope),
        ("VMs out of scope", None if view.in_scope is None and view.estate_vm_count is None else len(view.excluded)),
        ("Provisional verdicts", view.provisional),
        ("Mean score, unknown counted as failed", view.score_mean),
        ("Mean score, unknown counted as passed", view.score_best_mean),
        ("Rule catalogue", view.catalogue_version),
        ("SHA-256 of the catalogue", view.catalogue_sha256),
        ("Weights of a failed rule", weights),
    )


def _write_summary(workbook: Any, formats: _Formats, view: ReportView) -> None:
    sheet = workbook.add_worksheet("Summary")
    sheet.set_column(0, 0, 38, formats.plain)
    for index, column in enumerate(VERDICT_COLUMNS[1:], 1):
        sheet.set_column(index, index, 16, formats.of(column))
    sheet.write_string(0, 0, _text(view.title), formats.title)
    sheet.set_row(2, 48)
    sheet.merge_range(2, 0, 2, len(VERDICT_COLUMNS) - 1, _text(view.headline), formats.headline)
    sheet.write_string(3, 0, _text(_note(view)) if view.without_vms else deadline(view))
    line = 5 if view.without_vms else _write_verdicts(sheet, formats, view, 5)
    for label, value in _facts(view):
        sheet.write_string(line, 0, label, formats.label)
        if isinstance(value, str):
            sheet.write_string(line, 1, _text(value))
        elif value is not None:
            sheet.write_number(line, 1, value, formats.of(Column("", "", kind="decimal" if isinstance(value, float) else "count")))
        line += 1
    sheet.write_string(
        line + 1,
        0,
        f"An empty cell means: not known.{'' if view.without_vms else VERDICT_NOTE}",
    )


def _write_verdicts(sheet: Any, formats: _Formats, view: ReportView, line: int) -> int:
    """The table of verdicts; returns the line that comes after it and a blank one."""
    for index, column in enumerate(VERDICT_COLUMNS):
        sheet.write_string(line, index, column.title, formats.header)
    _colour_verdicts(sheet, formats, VERDICT_COLUMNS, line + 1, line + len(VERDICT_LABELS))
    return line + 2 + _write_rows(sheet, VERDICT_COLUMNS, verdict_rows(view), line + 1)
