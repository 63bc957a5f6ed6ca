# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owners' change windows, and which slots a plan has: read anew from their documentation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeAlias

from .wishes import DAYS, Freeze, Span, Window, Wishes, at, names_nothing, selects

_TIMES: Final = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)$")
_SETS: Final = {
    "daily": "mon-sun",
    "everyday": "mon-sun",
    "weekday": "mon-fri",
    "weekdays": "mon-fri",
    "weekend": "sat-sun",
    "weekends": "sat-sun",
}
Spans: TypeAlias = list[tuple[frozenset[int], int, int]]
"""days, first minute, last minute; beyond 1440 on the next day"""


def named_window(text: str, windows: Iterable[Window]) -> Window | None:
    """The plan's window that a change window names."""
    return next((window for window in windows if window.name.casefold() == text.strip().casefold()), None)


def expression(text: str) -> Spans | None:
    """What a change window says in days and times; None where nobody can read it."""
    found: Spans = []
    for part in text.lower().replace("\u2013", "-").split(";"):
        if part.strip():
            span = _span(part.strip())
            if span is None:
                return None
            found.append(span)
    return found or None


def _span(part: str) -> tuple[frozenset[int], int, int] | None:
    begin, end = 0, 1440
    found = _TIMES.search(part)
    if found:
        begin, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
        if int(found[2]) > 59 or int(found[4]) > 59 or begin >= 1440 or end > 1440:
            return None
        end += 0 if end > begin else 1440
        part = part[: found.start()].strip()
    days: set[int] = set()
    for word in re.sub(r"\s*-\s*", "-", part.replace("every day", "daily")).replace(",", " ").split() or ["daily"]:
        first, _dash, last = _SETS.get(word, word).partition("-")
        numbers = [_number(first), _number(last or first)]
        if None in numbers:
            return None
        day = numbers[0] or 0
        days.add(day)
        while day != numbers[1]:
            day = (day + 1) % 7
            days.add(day)
    return frozenset(days), begin, end


def _number(word: str) -> int | None:
    whole = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return DAYS.index(word[:3]) if word[:3] in DAYS and whole[DAYS.index(word[:3])].startswith(word) else None


def covers(spans: Spans, begin: datetime, end: datetime, wishes: Wishes) -> bool:
    """Whether a stretch of time lies in these spans without a gap."""
    reached = begin
    for start, stop in sorted(_around(spans, begin, end, wishes)):
        if start <= reached < stop:
            reached = stop
    return reached >= end


def _around(spans: Spans, begin: datetime, end: datetime, wishes: Wishes) -> Iterator[Span]:
    day = begin.astimezone(wishes.zone).date() - timedelta(2)
    while day <= end.astimezone(wishes.zone).date():
        for days, first, last in spans:
            if day.weekday() in days:
                yield _at_minute(day, first, wishes), _at_minute(day, last, wishes)
        day += timedelta(1)


def spans_between(spans: Spans, begin: datetime, end: datetime, wishes: Wishes) -> list[Span]:
    """The stretches of a span of time that lie in these spans, those that touch as one."""
    found: list[Span] = []
    for start, stop in sorted(_around(spans, begin, end, wishes)):
        start, stop = max(start, begin), min(stop, end)
        if start >= stop:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return found


def _at_minute(day: date, minute: int, wishes: Wishes) -> datetime:
    return at(day + timedelta(minute // 1440), time(minute // 60 % 24, minute % 60), wishes.zone)


# ---- slots -----------------------------------------------------------------------------------------------------------


def days_of(begin: datetime, end: datetime, wishes: Wishes) -> tuple[date, date]:
    """The first and the last local day that a stretch of time touches."""
    return begin.astimezone(wishes.zone).date(), (end - timedelta(microseconds=1)).astimezone(wishes.zone).date()


def slot_around(begin: datetime, end: datetime, window: Window, wishes: Wishes) -> tuple[date, Span] | None:
    """The day and the slot of a window in which a stretch of time lies."""
    day = begin.astimezone(wishes.zone).date() + timedelta(1)
    for _ahead in range(4):
        slot = window.slot(day, wishes.zone)
        if window.opens(day, wishes.start) and slot[0] <= begin and end <= slot[1]:
            return day, slot
        day -= timedelta(1)
    return None


def touched(freezes: Iterable[Freeze], begin: datetime, end: datetime, wishes: Wishes) -> list[Freeze]:
    """The freezes that have a day of a stretch of time."""
    first, last = days_of(begin, end, wishes)
    return [freeze for freeze in freezes if freeze.first <= last and first <= freeze.last]


def slots(wishes: Wishes, most: int, days: int = 400) -> list[tuple[Span, Window]]:
    """The first slots of a plan in the order of time, those left out that a freeze for all VMs touches or that end too late."""
    general = [freeze for freeze in wishes.freezes if names_nothing(freeze.match)]
    found: list[tuple[Span, Window]] = []
    for ahead in range(days):
        day = wishes.start + timedelta(ahead)
        today = sorted((window.slot(day, wishes.zone), window.name) for window in wishes.windows if window.opens(day, wishes.start))
        for slot, name in today:
            late = wishes.last_day is not None and days_of(*slot, wishes)[1] > wishes.last_day
            if slot[1] > slot[0] and not late and not touched(general, *slot, wishes):
                found.append((slot, next(window for window in wishes.windows if window.name == name)))
        if len(found) >= most:
            break
    return found[:most]


def admits(window: Window, vm: Mapping[str, Any], wishes: Wishes) -> bool:
    """Whether a window of the plan lets a VM in."""
    text = vm.get("change_window", "").strip()
    named = named_window(text, wishes.windows) if text else None
    if named is not None:
        return named is window and selects(window.match, vm)
    return not window.own and selects(window.match, vm)
