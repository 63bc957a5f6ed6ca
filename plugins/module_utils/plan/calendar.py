# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From windows and freezes to the slots in which a wave may run.

Windows are wall clock times in the plan's time zone, slots are in UTC. A local time that a change of the clock leaves out
moves forward, one that comes twice is the first of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

from ..common.errors import Problem
from .model import Slot
from .settings import Freeze, PlanSettings, WindowRule

DEFAULT_WINDOW: Final = WindowRule("default", time(20), time(6))
DEFAULT_WINDOW_NOTE: Final = "no plan_windows are given: every day from 20:00 to 06:00 of the next day is assumed"

HORIZON_DAYS: Final = 3653
"""How far ahead slots are looked for: ten years."""
_OVERLAP_DAYS: Final = 371
_MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Opening:
    """A slot, the window that it belongs to, and the freezes that keep some VMs out of it."""

    slot: Slot
    rule: WindowRule
    frozen: tuple[Freeze, ...] = ()


def windows_of(settings: PlanSettings) -> tuple[WindowRule, ...]:
    """The windows of the plan: those that are given, else the default one."""
    return settings.windows or (DEFAULT_WINDOW,)


def assumptions_of(settings: PlanSettings) -> tuple[str, ...]:
    """What the calendar takes for granted and the plan has to say."""
    return () if settings.windows else (DEFAULT_WINDOW_NOTE,)


def moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """A wall clock time in UTC."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(timezone.utc)


def last_day_of(slot: Slot, zone: tzinfo) -> date:
    """The last local day that a slot touches; a slot that ends at midnight does not touch the next one."""
    return (slot.end - _MOMENT).astimezone(zone).date()


def slots(settings: PlanSettings) -> Iterator[Opening]:
    """All slots in the order of time, without those that a freeze for all VMs touches and those that end after `last_day`."""
    general = tuple(freeze for freeze in settings.freezes if freeze.selector.empty)
    special = tuple(freeze for freeze in settings.freezes if not freeze.selector.empty)
    for day, slot, rule in _all_slots(settings, settings.start + timedelta(days=HORIZON_DAYS)):
        last = last_day_of(slot, settings.zone)
        if settings.last_day is not None and last > settings.last_day:
            continue
        if any(_touches(freeze, day, last) for freeze in general):
            continue
        yield Opening(slot, rule, tuple(freeze for freeze in special if _touches(freeze, day, last)))


def _touches(freeze: Freeze, first: date, last: date) -> bool:
    return freeze.first <= last and first <= freeze.last


def _all_slots(settings: PlanSettings, until: date) -> Iterator[tuple[date, Slot, WindowRule]]:
    """Every slot that begins from `start` on and not after `until` or `last_day`, with its local day, before any freeze."""
    rules = [(rule, _first_week(rule, settings.start)) for rule in windows_of(settings)]
    ends = [until] if settings.last_day is None else [until, settings.last_day]
    if all(rule.day is not None for rule, _week in rules):
        ends.append(max(rule.day for rule, _week in rules if rule.day is not None))
    day, last = settings.start, min(ends)
    while day <= last:
        found = [(_slot(rule, day, settings.zone), rule) for rule, week in rules if _opens(rule, day, week)]
        for slot, rule in sorted(found, key=lambda entry: (entry[0].start, entry[0].end, entry[0].window)):
            if slot.end > slot.start:
                yield day, slot, rule
        day += timedelta(days=1)


def _slot(rule: WindowRule, day: date, zone: tzinfo) -> Slot:
    days = rule.extra_days + (0 if rule.end > rule.start else 1)
    return Slot(rule.name, moment(day, rule.start, zone), moment(day + timedelta(days=days), rule.end, zone))


def _week(day: date) -> int:
    return (day.toordinal() - 1) // 7


def _first_week(rule: WindowRule, start: date) -> int:
    """The week from which a window that comes every few weeks is counted: that of its first day within the plan."""
    days = (start + timedelta(days=ahead) for ahead in range(7))
    return _week(next((day for day in days if not rule.weekdays or day.weekday() in rule.weekdays), start))


def _opens(rule: WindowRule, day: date, first_week: int) -> bool:
    if rule.day is not None:
        return rule.day == day
    if rule.weekdays and day.weekday() not in rule.weekdays:
        return False
    return (_week(day) - first_week) % max(1, rule.every_weeks) == 0


# ---- what is wrong with it -------------------------------------------------------------------------------------------


def problems_of(settings: PlanSettings) -> list[Problem]:
    """Everything that is wrong with windows, freezes and the last day."""
    problems = [*_names(settings), *_single_days(settings), *_freezes(settings), *_overlaps(settings)]
    if settings.last_day is not None and settings.last_day < settings.start:
        problems.append(
            Problem(f"plan_last_day {settings.last_day} is before plan_start {settings.start}", remedy="set plan_last_day to a later day")
        )
        return problems
    if next(slots(settings), None) is None:
        problems.append(_nothing_left(settings))
    return problems


def _names(settings: PlanSettings) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, rule in enumerate(settings.windows):
        first = seen.setdefault(rule.name.casefold(), number)
        if first != number:
            yield Problem(f"plan_windows[{first}] and plan_windows[{number}] are both named {rule.name}", remedy="give each its own name")


def _single_days(settings: PlanSettings) -> Iterator[Problem]:
    for number, rule in enumerate(settings.windows):
        if rule.day is None:
            continue
        what = f"plan_windows[{number}] ({rule.name}) is on {rule.day}"
        if rule.day < settings.start:
            yield Problem(f"{what}, before plan_start {settings.start}", remedy="remove it or set plan_start to an earlier day")
        elif settings.last_day is not None and rule.day > settings.last_day:
            yield Problem(f"{what}, after plan_last_day {settings.last_day}", remedy="remove it or set plan_last_day to a later day")
        slot = _slot(rule, rule.day, settings.zone)
        if slot.end <= slot.start:
            times = f"from {rule.start:%H:%M} to {rule.end:%H:%M}, times that the change of the clocks leaves out"
            yield Problem(f"{what} {times}", remedy="give it other times, or another day")


def _freezes(settings: PlanSettings) -> Iterator[Problem]:
    for number, freeze in enumerate(settings.freezes):
        if freeze.last < freeze.first:
            yield Problem(
                f"plan_freezes[{number}] ({freeze.name}) ends on {freeze.last}, before it begins on {freeze.first}",
                remedy="exchange the two days",
            )


def _overlaps(settings: PlanSettings) -> Iterator[Problem]:
    """Windows that are open at the same time, each pair once, with the first day on which it happens."""
    numbers = {rule.name: number for number, rule in enumerate(settings.windows)}
    single = [rule.day for rule in settings.windows if rule.day is not None]
    until = max([settings.start + timedelta(days=_OVERLAP_DAYS), *single])
    open_slots: list[tuple[Slot, WindowRule]] = []
    seen: set[tuple[int, int]] = set()
    for day, slot, rule in _all_slots(settings, until):
        open_slots = [entry for entry in open_slots if entry[0].end > slot.start]
        for _slot_before, other in open_slots:
            first, second = sorted((numbers.get(other.name, 0), numbers.get(rule.name, 0)))
            if (first, second) not in seen:
                seen.add((first, second))
                yield _overlap(settings, first, second, day)
        open_slots.append((slot, rule))


def _overlap(settings: PlanSettings, first: int, second: int, day: date) -> Problem:
    windows = windows_of(settings)
    one, other = f"plan_windows[{first}] ({windows[first].name})", f"plan_windows[{second}] ({windows[second].name})"
    if first == second:
        return Problem(f"{one} is still open when it opens again, first on {day}", remedy="let it end earlier")
    return Problem(f"{one} and {other} are open at the same time, first on {day}", remedy="let one of them begin later or end earlier")


def _nothing_left(settings: PlanSettings) -> Problem:
    """Why there is no slot at all."""
    without = replace(settings, freezes=())
    if settings.freezes and next(slots(without), None) is not None:
        names = ", ".join(f"{freeze.name} ({freeze.first} to {freeze.last})" for freeze in settings.freezes if freeze.selector.empty)
        until = "" if settings.last_day is None else f" until plan_last_day {settings.last_day}"
        return Problem(f"plan_freezes leave no day{until} on which a wave could run: {names}", remedy="shorten a freeze or add a window")
    if settings.last_day is not None:
        message = f"no window of plan_windows opens and closes between plan_start {settings.start} and plan_last_day {settings.last_day}"
        return Problem(message, remedy="set plan_last_day to a later day or add a window")
    return Problem("no window of plan_windows ever opens", remedy="add a window that opens after plan_start")
