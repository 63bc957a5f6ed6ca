# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When sync windows are open, within a week: by their schedules and how long they last.

Where both the day of the month and that of the week are given, either is enough. A schedule by days of the month or by months is not the
same every week: of it only bounds are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any, Final

from ...target.objects import text_at, texts_at
from ..desired.cron import ANY, DAYS, MONTHS, numbers_of

DAY_MINUTES: Final = 24 * 60
WEEK_MINUTES: Final = 7 * DAY_MINUTES
ALWAYS: Final = (1 << WEEK_MINUTES) - 1

_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|h|m|s)")
_PER_MINUTE: Final[Mapping[str, float]] = {"h": 60.0, "m": 1.0, "s": 1 / 60, "ms": 1 / 60000}


@dataclass(frozen=True, slots=True)
class Openings:
    """The minutes of a week, from Sunday on, as bits: those in which it is open every week, and those in which it may be."""

    surely: int
    at_most: int


UNKNOWN: Final = Openings(0, ALWAYS)
"""Of one that cannot be read."""


def text_of(window: Mapping[str, Any]) -> str:
    """What a window goes by, which has no name: `deny 0 8 * * * 10h`."""
    return " ".join((text_at(window, "kind"), *text_at(window, "schedule").split(), text_at(window, "duration"))).strip()


def in_full(window: Mapping[str, Any]) -> str:
    """What a window says, with its time zone and what it is over, where that is not all applications."""
    over = [f"{part} {', '.join(texts_at(window, part))}" for part in ("applications", "namespaces", "clusters") if texts_at(window, part)]
    told = "" if "*" in texts_at(window, "applications") else f"over {' or '.join(over)}" if over else "over nothing"
    return " ".join(filter(None, (text_of(window), text_at(window, "timeZone"), told)))


def minutes_of(duration: str) -> float:
    """A duration such as 1h30m in minutes."""
    return sum(float(number) * _PER_MINUTE[unit] for number, unit in _PART.findall(duration))


def openings_of(schedule: str, duration: str) -> Openings:
    """When a window is open, in its own time zone."""
    fields = schedule.lower().split()
    if len(fields) != 5:
        return UNKNOWN
    of_hour, of_day, of_month, of_year, of_week = fields
    minutes, hours, days = numbers_of(of_hour, 0, 59), numbers_of(of_day, 0, 23), numbers_of(of_week, 0, 6, DAYS)
    known = numbers_of(of_month, 1, 31), numbers_of(of_year, 1, 12, MONTHS)
    if not (minutes and hours and days and all(known)):
        return UNKNOWN
    by_week = of_month in ANY
    starts = [DAY_MINUTES * day + 60 * hour + minute for day in (days if by_week else range(7)) for hour in hours for minute in minutes]
    length = minutes_of(duration)
    every_week = by_week and of_year in ANY
    return Openings(_open(starts, floor(length)) if every_week else 0, _open(starts, ceil(length)))


def _open(starts: Iterable[int], length: int) -> int:
    """The minutes of a week that are within that many minutes of a start."""
    if length >= WEEK_MINUTES:
        return ALWAYS
    found = 0
    for start in starts:
        found |= ((1 << length) - 1) << start
    # What lasts beyond the end of a week goes on at its beginning.
    return (found & ALWAYS) | (found >> WEEK_MINUTES)


def is_open_beyond(other: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> bool | None:
    """Whether a window is open at a time at which none of the others is; None where that cannot be told."""
    theirs, ours = _openings(other), [_openings(entry) for entry in asked]
    surely = at_most = 0
    for each in ours:
        surely, at_most = surely | each.surely, at_most | each.at_most
    zones = {_zone(entry) for entry in (other, *asked)}
    if len(zones) > 1:
        # Hours of other places are not compared: only of a window that is always open it is told.
        return True if theirs.surely == ALWAYS and len(asked) == 1 and at_most != ALWAYS else None
    if theirs.surely & ~at_most:
        return True
    return False if not theirs.at_most & ~surely or _is_among(other, asked) else None


def _openings(window: Mapping[str, Any]) -> Openings:
    return openings_of(text_at(window, "schedule"), text_at(window, "duration"))


def _zone(window: Mapping[str, Any]) -> str:
    return text_at(window, "timeZone") or "UTC"


def _is_among(other: Mapping[str, Any], asked: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one of them is open at the same times and at least as long."""
    times, length = text_at(other, "schedule").split(), minutes_of(text_at(other, "duration"))
    return any(text_at(entry, "schedule").split() == times and minutes_of(text_at(entry, "duration")) >= length for entry in asked)
