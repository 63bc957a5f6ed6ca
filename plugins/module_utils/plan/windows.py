# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows of owners: what the annotation `window` of a VM says about when it may be changed.

It is the name of a window of the plan, or times: `sat,sun 22:00-06:00`, `mon-fri 20:00-24:00`, `daily 20:00-06:00`, `weekend`;
several are parted by semicolons. Times are wall clock times in the plan's time zone, and an end that is not after its
begin is on the next day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Final, TypeAlias

from .calendar import moment
from .model import Slot
from .settings import WEEKDAYS, WindowRule

Interval: TypeAlias = tuple[datetime, datetime]

_DAY_MINUTES: Final = 24 * 60
_DAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_WORDS: Final = {
    "daily": tuple(range(7)),
    "everyday": tuple(range(7)),
    "weekday": tuple(range(5)),
    "weekdays": tuple(range(5)),
    "weekend": (5, 6),
    "weekends": (5, 6),
}
_PART: Final = re.compile(r"(?P<days>[a-z][a-z ,-]*?)?\s*(?:(?P<begin>\d{1,2}:\d\d)\s*-\s*(?P<end>\d{1,2}:\d\d))?")
HOW_TO_WRITE: Final = "write the name of a window of plan_windows, or days and times such as sat,sun 22:00-06:00"


@dataclass(frozen=True, slots=True)
class Span:
    """Times that come again each week; minutes count from midnight of the day on which it begins."""

    weekdays: tuple[int, ...]
    begin_minute: int
    end_minute: int


@dataclass(frozen=True, slots=True)
class OwnerWindow:
    """An owner's window: the name of a window of the plan, or spans of time. `text` is as it was written."""

    text: str
    rule: str = ""
    spans: tuple[Span, ...] = ()


def read_owner_window(text: str, rules: Sequence[WindowRule]) -> OwnerWindow | None:
    """What a change window says; None where it cannot be read. Names count without regard to case."""
    text = text.strip()
    for rule in rules:
        if rule.name.casefold() == text.casefold():
            return OwnerWindow(text, rule.name)
    parts = [part.strip() for part in text.lower().replace("\u2013", "-").split(";") if part.strip()]
    spans = [_span(part) for part in parts]
    known = tuple(span for span in spans if span is not None)
    return OwnerWindow(text, "", known) if known and len(known) == len(spans) else None


def _span(part: str) -> Span | None:
    found = _PART.fullmatch(part)
    if found is None:
        return None
    days = _days(found["days"] or "daily")
    begin, end = _minute(found["begin"] or "0:00"), _minute(found["end"] or "24:00")
    if days is None or begin is None or end is None or begin >= _DAY_MINUTES:
        return None
    return Span(days, begin, end if end > begin else end + _DAY_MINUTES)


def _minute(text: str) -> int | None:
    hour, _colon, minute = text.partition(":")
    total = int(hour) * 60 + int(minute)
    return total if int(minute) < 60 and total <= _DAY_MINUTES else None


def _days(text: str) -> tuple[int, ...] | None:
    days: set[int] = set()
    for part in text.replace("every day", "daily").replace(" - ", "-").replace(",", " ").split():
        found = _DAY_WORDS.get(part) or _day_range(part)
        if found is None:
            return None
        days.update(found)
    return tuple(sorted(days)) or None


def _day_range(part: str) -> tuple[int, ...] | None:
    first, dash, last = part.partition("-")
    begin, end = _day(first), _day(last if dash else first)
    if begin is None or end is None:
        return None
    return tuple((begin + ahead) % 7 for ahead in range((end - begin) % 7 + 1))


def _day(word: str) -> int | None:
    if word[:3] not in WEEKDAYS:
        return None
    number = WEEKDAYS.index(word[:3])
    return number if _DAY_NAMES[number].startswith(word) else None


def narrowed(slot: Slot, windows: Iterable[OwnerWindow], zone: tzinfo) -> Interval | None:
    """The longest stretch of a slot that lies in every one of these windows (the first of equals); None where there is none."""
    stretches: list[Interval] = [(slot.start, slot.end)]
    for window in windows:
        times = _merged(_times(window, slot, zone))
        stretches = [
            (max(begin, start), min(end, stop)) for begin, end in stretches for start, stop in times if max(begin, start) < min(end, stop)
        ]
    return max(stretches, key=lambda stretch: (stretch[1] - stretch[0], -stretch[0].timestamp()), default=None)


def _times(window: OwnerWindow, slot: Slot, zone: tzinfo) -> Iterator[Interval]:
    """The times of a window around a slot."""
    day = slot.start.astimezone(zone).date() - timedelta(days=1)
    last = slot.end.astimezone(zone).date()
    while day <= last:
        for span in window.spans:
            if day.weekday() in span.weekdays:
                ends = day + timedelta(days=span.end_minute // _DAY_MINUTES)
                yield moment(day, _clock(span.begin_minute), zone), moment(ends, _clock(span.end_minute), zone)
        day += timedelta(days=1)


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def _merged(times: Iterable[Interval]) -> list[Interval]:
    """Times that overlap or touch as one."""
    merged: list[Interval] = []
    for start, end in sorted(times):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged
