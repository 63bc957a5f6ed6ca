# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a schedule of cron fires: the longest time between two of its runs, by the rules of the library that the operator uses.

Minute, hour, day of the month, month and day of the week; lists, ranges and steps; names of months and days. Day of the week
is 0 to 6. Where both days are restricted, either of them is enough (robfig/cron, ParseStandard).
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final[tuple[tuple[str, int, int, dict[str, int]], ...]] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of the week", 0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
_FIRST: Final = date(2024, 1, 1)
_YEARS_SEEN: Final = 5 * 365 + 2
"""Days that are looked at: a leap year and four others, so that 29 February is among them twice."""
_MINUTES_OF_DAY: Final = 1440


def trouble_with_schedule(text: str) -> str:
    """What is wrong with five fields of cron, in words; empty where nothing is."""
    parts = text.split()
    if len(parts) != len(_FIELDS):
        return f"{text!r} does not have five fields"
    for part, (name, least, most, _words) in zip(parts, _FIELDS, strict=True):
        if _values(part, name) is None:
            return f"{part!r} is no {name}: {least} to {most}, with lists, ranges and steps"
    return "" if longest_gap_minutes(text) is not None else f"{text!r} never comes"


def longest_gap_minutes(text: str) -> int | None:
    """The longest time between two runs; None for what is no such schedule, or never comes."""
    parts = text.split()
    if len(parts) != len(_FIELDS):
        return None
    values = [_values(part, name) for part, (name, *_rest) in zip(parts, _FIELDS, strict=True)]
    minutes, hours, days, months, weekdays = values
    if minutes is None or hours is None or days is None or months is None or weekdays is None:
        return None
    moments = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    dates = _dates(days, months, weekdays, (_is_any(parts[2]), _is_any(parts[4])))
    if not dates:
        return None
    within = max((later - earlier for earlier, later in pairwise(moments)), default=0)
    overnight = max((later - earlier for earlier, later in pairwise(dates)), default=_YEARS_SEEN)
    return max(within, overnight * _MINUTES_OF_DAY - moments[-1] + moments[0])


def _dates(days: frozenset[int], months: frozenset[int], weekdays: frozenset[int], is_any: tuple[bool, bool]) -> list[int]:
    """Numbers of the days on which it comes."""
    found = []
    for number in range(_YEARS_SEEN):
        day = _FIRST + timedelta(days=number)
        by_day, by_weekday = day.day in days, day.isoweekday() % 7 in weekdays
        if day.month in months and (by_day and by_weekday if any(is_any) else by_day or by_weekday):
            found.append(number)
    return found


def _is_any(part: str) -> bool:
    return part in ("*", "?")


def _values(part: str, name: str) -> frozenset[int] | None:
    """The numbers that a field stands for; None for what it cannot be."""
    _name, least, most, words = next(entry for entry in _FIELDS if entry[0] == name)
    found: set[int] = set()
    for piece in part.split(","):
        numbers = _piece(piece.lower(), least, most, words)
        if numbers is None:
            return None
        found |= set(numbers)
    return frozenset(found)


def _piece(piece: str, least: int, most: int, words: dict[str, int]) -> range | None:
    span, slash, step_text = piece.partition("/")
    if slash and not (step_text.isascii() and step_text.isdigit() and int(step_text[:5]) > 0):
        return None
    step = int(step_text[:5]) if slash else 1
    if _is_any(span):
        return range(least, most + 1, step)
    first_text, dash, last_text = span.partition("-")
    first = _number(first_text, words)
    last = _number(last_text, words) if dash else most if slash else first
    if first is None or last is None or not least <= first <= last <= most:
        return None
    return range(first, last + 1, step)


def _number(text: str, words: dict[str, int]) -> int | None:
    if text in words:
        return words[text]
    return int(text[:5]) if text.isascii() and text.isdigit() else None
