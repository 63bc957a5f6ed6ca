# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the columns of a tab and reads its rows: once per tab a plan is made, then a row costs one look-up per column used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import getitem, itemgetter
from typing import Any, Final, TypeAlias

from .dates import DateOrders, SlashDate
from .tabs import Column, Tab
from .values import Cell, CellError, Value, text

Row: TypeAlias = Sequence[Cell]
Values: TypeAlias = tuple[Value, ...]

REMEMBERED: Final = 4096
"""Distinct cells of a column whose value is kept: enough for names of hosts, states and sizes."""

HEADER_ROWS: Final = 10
"""Rows at the top among which the header is looked for."""

_WORDS = re.compile(r"[^0-9a-z#%]+")
_MB = re.compile(r"(?<![a-z])mb(?![a-z])")


def key_of(name: str) -> str:
    """A column's name without case, blanks and punctuation, with MB as MiB."""
    bare = text(name).lower().replace("\u00b5", "u")
    return _WORDS.sub("", _MB.sub("mib", bare.replace("_", " ")))


@dataclass(slots=True)
class Trouble:
    """The cells of one column that cannot be read: how many, the first one, and what is wrong with it."""

    tab: str
    column: str
    fact: str
    row: int
    cell: str
    reason: str
    count: int = 1


class ColumnReader(dict[Cell, Value]):
    """Reads the cells of one column: a look-up for a cell seen before, the converter for a new one.

    A cell that cannot be converted gives None, which is unknown, and is told to `failures`.
    """

    __slots__ = ("column", "failures", "header", "index", "orders")

    def __init__(self, column: Column, index: int, header: str, failures: list[tuple[ColumnReader, Cell, str]], orders: DateOrders) -> None:
        super().__init__()
        self.column = column
        self.index = index
        self.header = header
        self.failures = failures
        self.orders = orders

    def __missing__(self, cell: Cell) -> Value:
        if isinstance(cell, str) and (not cell or cell.isspace()):
            value = self.column.blank
        else:
            try:
                value = self.column.convert(cell)
            except CellError as error:
                self.failures.append((self, cell, str(error)))
                return None
        if isinstance(value, SlashDate):
            self.orders.note(self.header, value)
        if len(self) < REMEMBERED:
            self[cell] = value
        return value


def zone(header: Sequence[str]) -> range:
    """Where the custom attributes stand in a tab of VMs: between Annotation and the last Datacenter.

    An attribute may be called Host or Cluster, so no other column is looked for there.
    """
    keys = [key_of(name) for name in header]
    if "annotation" not in keys or "datacenter" not in keys:
        return range(0)
    start = keys.index("annotation") + 1
    stop = len(keys) - 1 - keys[::-1].index("datacenter")
    return range(start, stop) if stop > start else range(0)


def positions(header: Sequence[str], tab_name: str, skip: range) -> Mapping[str, int]:
    """Place of each column by its key; the first one of a name counts.

    A name that begins with the tab's own name (vInfoVMName) is known by the rest too.
    """
    found: dict[str, int] = {}
    for index, name in enumerate(header):
        if index in skip:
            continue
        key = key_of(name)
        found.setdefault(key, index)
        bare = key.removeprefix(tab_name.lower())
        if bare and bare != key:
            found.setdefault(bare, index)
    return found


class Plan:
    """How the rows of one tab of one file are read: which columns are there, and a reader for each.

    `facts` are in the order of the values that `read` returns; `absent` are the columns of the tab that are not there.
    """

    def __init__(self, tab: Tab, columns: Sequence[Column], header: Sequence[str], skip: range, orders: DateOrders) -> None:
        self.tab = tab
        self.failures: list[tuple[ColumnReader, Cell, str]] = []
        self.readers: list[ColumnReader] = []
        self.absent: list[Column] = []
        self.troubles: dict[str, Trouble] = {}
        places = positions(header, tab.name, skip)
        for column in columns:
            index = next((places[key] for name in column.names if (key := key_of(name)) in places), None)
            if index is None:
                self.absent.append(column)
            else:
                self.readers.append(ColumnReader(column, index, text(header[index]), self.failures, orders))
        self.facts: tuple[str, ...] = tuple(reader.column.fact for reader in self.readers)
        self._pick = _picker([reader.index for reader in self.readers])
        self.width = max((reader.index for reader in self.readers), default=-1) + 1

    def read(self, row: Row) -> Values:
        """The values of a row, in the order of `facts`."""
        return tuple(map(getitem, self.readers, self._pick(row)))

    def known(self, row: Row) -> dict[str, Any]:
        """The known facts of a row."""
        found = zip(self.facts, map(getitem, self.readers, self._pick(row)), strict=True)
        return {fact: value for fact, value in found if value is not None}

    def place(self, fact: str) -> int:
        """Where a fact stands among the values; -1 when its column is not there."""
        return self.facts.index(fact) if fact in self.facts else -1

    def header_of(self, fact: str) -> str:
        """Name of a fact's column as the file has it."""
        return next((reader.header for reader in self.readers if reader.column.fact == fact), "")

    def take_failures(self, row_number: int) -> list[tuple[str, str]]:
        """(fact, reason) of the cells that could not be read since the last call; they are counted per column."""
        taken: list[tuple[str, str]] = []
        for reader, cell, reason in self.failures:
            shown = shown_cell(cell)
            taken.append((reader.column.fact, f"tab {self.tab.name}, row {row_number}, column {reader.header}: {shown} {reason}"))
            trouble = self.troubles.get(reader.header)
            if trouble is None:
                self.troubles[reader.header] = Trouble(self.tab.name, reader.header, reader.column.fact, row_number, shown, reason)
            else:
                trouble.count += 1
        self.failures.clear()
        return taken


def _picker(places: Sequence[int]) -> Callable[[Row], Sequence[Cell]]:
    """Takes the cells at some places out of a row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: [row[place] for place in places]


def shown_cell(cell: Cell) -> str:
    """A cell's text for a message: in quotes, cut after 60 characters."""
    value = text(cell)
    return f"'{value[:60]}…'" if len(value) > 60 else f"'{value}'"


def is_blank(row: Row) -> bool:
    """True for a row without anything in it."""
    return all(isinstance(cell, str) and (not cell or cell.isspace()) for cell in row)
