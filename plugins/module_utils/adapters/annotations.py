# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading of annotation files: CSV in any usual encoding and delimiter, or the first tab of a workbook that has rows."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from ..common.artifact import ArtifactInput
from ..common.errors import InputError, Problem
from ..estate.annotations import FACTS, KEYS, AnnotationRow, column_of, parse_row
from ..estate.identity import source_id
from ._libraries import python_calamine, require
from .archives import Archive, BadArchive, Limits
from .artifacts import file_sha256
from .sheets import check_extent
from .workbooks import decoded

DELIMITERS: Final = (",", ";", "\t", "|")
ZIP_START: Final = b"PK\x03\x04"
OLE_START: Final = b"\xd0\xcf\x11\xe0"
"""First bytes of a workbook from before 2007, and of one that is encrypted."""
SAVE_AS: Final = "open it in a spreadsheet program and save it as XLSX without a password, or as CSV"

Cells = Sequence[Any]


@dataclass(frozen=True, slots=True)
class AnnotationFile:
    """One annotation file: the rows that can be used, what it is, what was odd about it, and what is wrong with its header and rows."""

    rows: tuple[AnnotationRow, ...]
    input: ArtifactInput
    warnings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_annotations(path: Path, limit_bytes: int) -> AnnotationFile:
    """Reads one file; raises `InputError` for one that is no table at all, or cannot be opened."""
    try:
        with path.open("rb") as stream:
            start = stream.read(4)
        sha256 = file_sha256(path)
    except OSError as error:
        raise _unusable(path, Problem(error.strerror or "it cannot be opened", file=path.name, remedy="check the path")) from error
    if start == OLE_START:
        problem = Problem("it is an old workbook (.xls) or one with a password; only XLSX and CSV are read", file=path.name, remedy=SAVE_AS)
        raise _unusable(path, problem)
    if start == ZIP_START:
        tab, table = _workbook(path, limit_bytes)
    else:
        tab, table = "", _csv_rows(path, limit_bytes)
    reader = _Table(path.name, tab, source_id(path.name, sha256))
    rows = reader.read(table)
    return AnnotationFile(tuple(rows), ArtifactInput(path.name, sha256), tuple(reader.warnings), tuple(reader.problems))


def _unusable(path: Path, *problems: Problem) -> InputError:
    return InputError("annotation_unreadable", f"{path.name} cannot be used as annotations", subject=path.name, problems=problems)


def _csv_rows(path: Path, limit_bytes: int) -> Iterator[tuple[int, Cells]]:
    """(line number, cells) of a CSV file."""
    if path.stat().st_size > limit_bytes:
        raise _unusable(path, Problem(f"it is larger than {limit_bytes} bytes", file=path.name))
    text = decoded(path.read_bytes())
    if "\x00" in text:
        raise _unusable(path, Problem("it is neither a CSV file nor a workbook", file=path.name, remedy="save it as CSV or XLSX"))
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    before = 0
    try:
        for cells in reader:
            yield before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        raise _unusable(path, Problem(f"it is no CSV file: {error}", file=path.name, row=reader.line_num)) from error


def _workbook(path: Path, limit_bytes: int) -> tuple[str, Iterator[tuple[int, Cells]]]:
    """Name and rows of the first tab that has any; what the file holds is measured before the library loads it."""
    require("python_calamine", "read workbooks")
    try:
        if zipfile.is_zipfile(path):
            _measure(path, Limits(max_unpacked_bytes=limit_bytes))
        with python_calamine.CalamineWorkbook.from_path(str(path)) as book:
            for name in book.sheet_names:
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                if any(cell not in ("", None) for row in rows for cell in row):
                    return name, enumerate(rows, 1)
    except BadArchive as error:
        raise _unusable(path, Problem(error.message, file=path.name, remedy=error.remedy)) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise _unusable(path, Problem(f"it is no readable workbook: {error}", file=path.name, remedy=SAVE_AS)) from error
    return "", iter(())


def _measure(path: Path, limits: Limits) -> None:
    """Raises `BadArchive` when the workbook unpacks to more than is allowed, or its cells lie too far apart."""
    archive = Archive(path, path.stat().st_size, limits)
    for name in sorted(archive.members):
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            check_extent(partial(archive.chunks, name), archive.members[name].file_size, limits.max_cells)
        else:
            for _chunk in archive.chunks(name):
                pass


def _text(cell: Any) -> str:
    """A cell as text; a whole number loses the fraction that workbooks give it, a time span becomes minutes."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, timedelta):
        return f"{cell.total_seconds() / 60:g}"
    if isinstance(cell, time):
        return f"{cell.hour * 60 + cell.minute}"
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    return str(cell).strip()


class _Table:
    """One table of annotations: finds the columns by the header, then reads row by row."""

    def __init__(self, file: str, tab: str, source: str) -> None:
        self._file = file
        self._tab = tab
        self._source = source
        self._columns: dict[str, int] = {}
        self._headers: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.warnings: list[str] = []

    def read(self, table: Iterable[tuple[int, Cells]]) -> list[AnnotationRow]:
        """All rows that say something; problems and warnings are left in the attributes."""
        rows: list[AnnotationRow] = []
        headed = False
        for number, cells in table:
            texts = [_text(cell) for cell in cells]
            if not any(texts):
                continue
            if not headed:
                headed = True
                self._read_header(number, texts)
                if self.problems:
                    return []
                continue
            found = {column: texts[position] for column, position in self._columns.items() if position < len(texts)}
            row, problems = parse_row(self._file, self._tab, number, self._source, found, self._headers)
            self.problems += problems
            if row is not None:
                rows.append(row)
        if not headed:
            self._problem("it has no header and no rows", "give it a header with the columns vm and owner, for example")
        return rows

    def _problem(self, message: str, remedy: str, row: int | None = None, column: str = "") -> None:
        self.problems.append(Problem(message, file=self._file, tab=self._tab, row=row, column=column, remedy=remedy))

    def _read_header(self, row: int, headers: Sequence[str]) -> None:
        unknown = []
        for position, header in enumerate(headers):
            column = column_of(header)
            if not column:
                unknown += [header] if header else []
            elif column in self._columns:
                first = self._headers[column]
                self._problem(f"columns {first} and {header} mean the same", "keep one of them", row, header)
            else:
                self._columns[column] = position
                self._headers[column] = header
        if not any(column in self._columns for column in KEYS):
            self._problem("no column names the VM", "add a column id, uuid or vm", row)
        if not any(column in self._columns for column in FACTS):
            self._problem("no column says anything of a VM", f"add any of {', '.join(FACTS)}", row)
        if unknown:
            self.warnings.append(f"{self._file}: columns that are not used: {', '.join(unknown)}")
