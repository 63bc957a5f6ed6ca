# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates as RVTools writes them: real dates, Excel serial numbers, ISO 8601, or day and month in the machine's order.

Whether 03/04/2024 is in March or in April is decided for a whole column, and where the column cannot tell, from the
other columns of the same file; where nothing tells, such a date stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from .values import Cell, CellError, iso, text

DAY_FIRST: Final = "day first"
MONTH_FIRST: Final = "month first"

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(.*)", re.DOTALL)
_LOCAL = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(.*)", re.DOTALL)
_CLOCK = re.compile(
    r"[T,\s]*(?:(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?)?\s*([ap]\.?\s?m\.?)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?\s*",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_SERIALS: Final = range(15_000, 110_000)
"""Serial numbers that are taken for dates: 1941 to 2201."""
_EPOCH: Final = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class SlashDate:
    """A date whose first two numbers are day and month in an order that the cell does not tell."""

    first: int
    second: int
    year: int
    clock: str
    afternoon: bool
    """written with AM or PM"""

    def resolved(self, order: str) -> str | None:
        """The date in ISO 8601, or None where the order is not known and matters."""
        if self.first == self.second or order:
            month, day = (self.second, self.first) if order == DAY_FIRST else (self.first, self.second)
            return _written(self.year, month, day, self.clock)
        return None


def _written(year: int, month: int, day: int, clock: str) -> str | None:
    try:
        return f"{date(year, month, day).isoformat()}T{clock}"
    except ValueError:
        return None


def _clock(tail: str) -> tuple[str, bool]:
    """(time of day with its offset, whether it was written with AM or PM)."""
    found = _CLOCK.fullmatch(tail)
    if not found:
        raise CellError("is not a date")
    hour, minute, second = int(found[1] or 0), int(found[2] or 0), int(found[3] or 0)
    half = (found[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise CellError("is not a date")
    zone = (found[5] or "").upper()
    if zone in ("Z", "UTC", "GMT", "+00:00", "-00:00", "+0000", "-0000"):
        zone = "Z"
    elif zone and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"{hour:02}:{minute:02}:{second:02}{zone}", bool(half)


def _serial(value: float) -> str:
    if int(value) not in _SERIALS:
        raise CellError("is not a date")
    seconds = round((value - int(value)) * 86_400)
    day = _EPOCH + timedelta(days=int(value) + seconds // 86_400)
    seconds %= 86_400
    return f"{day.isoformat()}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def moment(cell: Cell) -> str | SlashDate:
    """A date and time in ISO 8601, without offset where the cell names none, or a `SlashDate` yet to be resolved.

    Dates before 1971 are what systems write for "never" (year 1, 1 January 1970) and raise `CellError`.
    """
    value = _moment(cell)
    year = value.year if isinstance(value, SlashDate) else int(value[:4])
    if year < 1971:
        raise CellError("is no real date")
    return value


def _moment(cell: Cell) -> str | SlashDate:
    if isinstance(cell, datetime | date):
        return iso(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _serial(float(cell))
    value = text(cell)
    if _SERIAL.fullmatch(value):
        return _serial(float(value.replace(",", ".")))
    if found := _ISO.fullmatch(value):
        clock, _afternoon = _clock(found[4])
        written = _written(int(found[1]), int(found[2]), int(found[3]), clock)
        if written is None:
            raise CellError("is not a date")
        return written
    return _local(value)


def _local(value: str) -> str | SlashDate:
    found = _LOCAL.fullmatch(value)
    if not found:
        raise CellError("is not a date")
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    if len(found[4]) == 2:
        year += 2000 if year < 70 else 1900
    clock, afternoon = _clock(found[5])
    if found[2] == ".":
        written = _written(year, second, first, clock)
        if written is None:
            raise CellError("is not a date")
        return written
    if max(first, second) > 31 or min(first, second) > 12 or min(first, second) < 1:
        raise CellError("is not a date")
    return SlashDate(first, second, year, clock, afternoon)


class DateOrders:
    """What the date columns of one file tell about the order of day and month."""

    def __init__(self) -> None:
        self._seen: dict[str, set[str]] = {}
        self._afternoons = False

    def note(self, column: str, value: SlashDate) -> None:
        """Takes one date of a column into account."""
        self._afternoons = self._afternoons or value.afternoon
        seen = self._seen.setdefault(column, set())
        if value.first > 12:
            seen.add(DAY_FIRST)
        elif value.second > 12:
            seen.add(MONTH_FIRST)

    def order(self, column: str) -> str:
        """Order of a column's dates; empty when nothing tells it or the dates contradict each other."""
        own = self._seen.get(column, set())
        if own:
            return _only(own)
        others: set[str] = set().union(*self._seen.values())
        if others:
            return _only(others)
        return MONTH_FIRST if self._afternoons else ""

    def columns(self) -> Iterable[str]:
        """Columns that hold such dates."""
        return sorted(self._seen)


def _only(orders: set[str]) -> str:
    return next(iter(orders)) if len(orders) == 1 else ""
