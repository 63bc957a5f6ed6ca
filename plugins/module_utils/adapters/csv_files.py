# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the CSV files of an export, row by row, and refuses those whose quotes do not fit.

A quote too many or too few makes rows disappear: everything up to the next quote becomes one cell. What such a file
shows must not be taken for the whole, so it is refused with the rows that give it away.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from ..estate.rvtools.columns import HEADER_ROWS, Row, key_of, positions, zone
from ..estate.rvtools.export import Table
from ..estate.rvtools.tabs import INFO, VM_TABS, Tab
from .archives import BadArchive

CSV_FIELD_BYTES: Final = 1 << 24
LISTED_ROWS: Final = 10
"""Rows that one message names."""

WIDE: Final = 8
"""From so many columns on, two lines of one row with all the separators of a row each are no prose."""

MEND: Final = "Correct the quotes in and before this row, or export again, best as .xlsx."

KEY_FACTS: Final = frozenset(
    (
        *("name", "moref", "instance_uuid", "bios_uuid", "vcenter", "power_state", "datacenter", "cluster", "host", "folder"),
        *("_name", "_moref", "_uuid", "_vcenter", "_server"),
    )
)
"""Facts that name an object or its place, none of which has two lines."""

_VM_KEYS: Final = ("VM", "VM Name", "VM ID", "VMRef", "VM UUID", "VI SDK UUID", "vCenter UUID", "VI SDK Server")


class CsvRows(Iterator[Row]):
    """The rows of a CSV text; the separator is the one of comma, semicolon and tab that its first line has most of.

    `first_line` and `last_line` are the lines of the file that the last row stands in.
    """

    def __init__(self, content: str) -> None:
        first, _feed, rest = content.lstrip("\ufeff").partition("\n")
        self._titled = first.strip().lower().startswith("sep=") and len(first.strip()) == 5
        if self._titled:
            self.separator, text = first.strip()[4], rest
        else:
            bare = "".join(part for number, part in enumerate(first.split('"')) if number % 2 == 0)
            self.separator, text = max(",;\t", key=bare.count), content.lstrip("\ufeff")
        csv.field_size_limit(CSV_FIELD_BYTES)
        self._before = 1 if self._titled else 0
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.separator, strict=True)
        self.row = 0
        self.first_line = 0
        self.last_line = 0

    def __next__(self) -> list[str]:
        self.row += 1
        if self._titled:
            self._titled = False
            return []
        self.first_line = self._before + self._reader.line_num + 1
        try:
            row = next(self._reader)
        except csv.Error as error:
            raise BadArchive("damaged_csv", self._trouble(error), MEND, self.row) from error
        self.last_line = self._before + self._reader.line_num
        return row

    def _trouble(self, error: csv.Error) -> str:
        if "end of data" in str(error):
            return f"a quote in this row, which begins in line {self.first_line}, is never closed: the rows after it would be lost"
        return f"the quotes of this row, which begins in line {self.first_line}, do not fit: {error}"


def checked_rows(table: Table, below: Iterator[Row], rows: CsvRows) -> Iterator[Row]:
    """The rows `below` the header of a tab, made as wide as it; raises `BadArchive` when rows show that the file's quotes do not fit."""
    width = len(table.header)
    keys = _key_places(table.tab, table.header)
    longer: list[int] = []
    broken: list[int] = []
    try:
        for number, row in enumerate(below, table.first):
            if len(row) != width:
                if len(row) > width:
                    longer.append(number)
                row = [*row, *[""] * (width - len(row))]
            # The first few rows were read while the header was looked for: what the reader says is not about them.
            if (rows.last_line > rows.first_line or number < table.first + HEADER_ROWS) and _swallows(row, keys, rows.separator):
                broken.append(number)
            yield row
    except BadArchive as error:
        raise BadArchive(error.code, "; ".join([error.message, *_found(longer, broken)]), error.remedy, error.row) from error
    found = _found(longer, broken)
    if found:
        raise BadArchive("damaged_csv", "; ".join(found), MEND, min(longer + broken))


def _found(longer: Sequence[int], broken: Sequence[int]) -> list[str]:
    found: list[str] = []
    if longer:
        found.append(f"{_listed(longer)} more cells than the header")
    if broken:
        found.append(f"{_listed(broken)} a cell that seems to have swallowed other rows")
    return found


def _listed(rows: Sequence[int]) -> str:
    if len(rows) == 1:
        return f"row {rows[0]} has"
    more = f" and {len(rows) - LISTED_ROWS} more" if len(rows) > LISTED_ROWS else ""
    return f"rows {', '.join(map(str, rows[:LISTED_ROWS]))}{more} have"


def _key_places(tab: Tab, header: Sequence[str]) -> list[int]:
    """Where the columns stand that name an object."""
    of_vms = tab is INFO or tab in VM_TABS
    places = positions(header, tab.name, zone(header) if of_vms else range(0))
    names = [name for column in tab.columns if column.fact in KEY_FACTS for name in column.names] if tab not in VM_TABS else _VM_KEYS
    return sorted({places[key] for name in names if (key := key_of(name)) in places})


def _swallows(row: Row, keys: Sequence[int], separator: str) -> bool:
    """True for a row with a line feed where none can be, or with two lines that are as wide as a row."""
    cells = [str(cell) for cell in row]
    if any("\n" in cells[place].strip() or "\r" in cells[place].strip() for place in keys):
        return True
    if len(cells) < WIDE:
        return False
    lines = separator.join(cells).split("\n")
    return len(lines) > 1 and sum(line.count(separator) >= len(cells) - 1 for line in lines) > 1
