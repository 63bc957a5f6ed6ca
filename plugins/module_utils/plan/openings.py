# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which slots a group may use: the windows that admit it, its owners' windows, the freezes that mean it.

Groups that are admitted alike share a profile, so that a slot is looked at once for each profile and not for each group.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias

from .calendar import Opening, slots, windows_of
from .model import PlanVm
from .settings import PlanSettings, Selector, WindowRule
from .windows import Interval, OwnerWindow, narrowed, read_owner_window

EPSILON: Final = 1e-6
"""Minutes that sums of floating point numbers may differ by."""

Key: TypeAlias = tuple[frozenset[str] | None, tuple[OwnerWindow, ...], frozenset[int]]
"""names of the windows that admit (None is all), owners' times, freezes by their place in the settings"""


@dataclass(frozen=True, slots=True)
class Admission:
    """What admits one VM. `readable` is False where its change window cannot be read."""

    rules: frozenset[str] | None
    window: OwnerWindow | None
    freezes: frozenset[int]
    readable: bool = True


def begin_of(settings: PlanSettings, now: datetime | None) -> datetime:
    """The moment from which on anything may be copied: the plan's first day, or now, in whole minutes."""
    midnight = datetime.combine(settings.start, time(0), settings.zone)
    if now is None or now <= midnight:
        return midnight
    whole = now.replace(second=0, microsecond=0)
    return whole if whole == now else whole + timedelta(minutes=1)


class Openings:
    """The slots of the plan by number, found as they are asked for; those that begin before `not_before` or `now` are left out."""

    def __init__(self, settings: PlanSettings, not_before: datetime | None = None, now: datetime | None = None) -> None:
        self.settings = settings
        self.begins = begin_of(settings, now)
        self._source = slots(settings)
        self._earliest = self.begins if not_before is None else max(self.begins, not_before)
        self._found: list[Opening] = []
        self._starts: list[datetime] = []
        self._all = False
        rules = windows_of(settings)
        days = [settings.start, *(freeze.last for freeze in settings.freezes), *(rule.day for rule in rules if rule.day is not None)]
        self.settled = max(days)
        """the day from which on all comes again in the same way"""
        self.period = timedelta(weeks=53 + max(rule.every_weeks for rule in rules))
        """the time after which it has come again in every way: a year with its changes of the clock"""

    def at(self, number: int) -> Opening | None:
        """The slot of this number; None after the last one."""
        while not self._all and number >= len(self._found):
            opening = next(self._source, None)
            if opening is None:
                self._all = True
            elif opening.slot.start >= self._earliest:
                self._found.append(opening)
                self._starts.append(opening.slot.start)
        return self._found[number] if number < len(self._found) else None

    def first_from(self, moment: datetime) -> int:
        """The first slot that begins at a moment or later; the number after the last one where there is none."""
        while not self._found or self._found[-1].slot.start < moment:
            if self.at(len(self._found)) is None:
                break
        return bisect_left(self._starts, moment)

    def first_ending_after(self, moment: datetime) -> int:
        """The first slot that ends after a moment; the number after the last one where there is none."""
        number = 0
        while (opening := self.at(number)) is not None and opening.slot.end <= moment:
            number += 1
        return number


class Profile:
    """The slots that groups of one kind may use. `plain` profiles may use all of them in full."""

    def __init__(self, openings: Openings, key: Key) -> None:
        self.key = key
        self.openings = openings
        rules, windows, freezes = key
        self.plain = rules is None and not windows and not freezes
        self._barred = [freeze for number, freeze in enumerate(openings.settings.freezes) if number in freezes]
        self._numbers: list[int] = []
        self._spans: dict[int, Interval] = {}
        self._times: dict[int, tuple[float, float]] = {}
        self.mask = 0
        """bits of the slots found so far that it may use"""
        self.seen = 0
        """slots looked at so far"""
        self._last: date = openings.settled
        """the day of the last slot found, or the first on which all is settled"""
        self._longest: tuple[float, int] = (0.0, 0)
        """minutes of the longest slot that was looked at, and the next one to look at"""

    def next(self, number: int) -> int:
        """The first slot from this number on that it may use; -1 where there is none."""
        if self.plain:
            return number if self.openings.at(number) is not None else -1
        if number in self._spans:
            return number
        while not self._numbers or self._numbers[-1] < number:
            opening = self.openings.at(self.seen)
            if opening is None or self._barren(opening):
                return -1
            span = self._span(opening)
            if span is not None:
                self._numbers.append(self.seen)
                self._spans[self.seen] = span
                self.mask |= 1 << self.seen
                self._last = max(self._last, opening.slot.start.date())
            self.seen += 1
        return self._numbers[bisect_left(self._numbers, number)]

    def _barren(self, opening: Opening) -> bool:
        """Whether nothing can come any more, since nothing came for so long."""
        return opening.slot.start.date() > self._last + self.openings.period

    def span(self, number: int) -> Interval | None:
        """The part of a slot that it may use; None where it may not use it."""
        if self.plain:
            opening = self.openings.at(number)
            return None if opening is None else (opening.slot.start, opening.slot.end)
        return self._spans.get(number) if self.next(number) == number else None

    def _span(self, opening: Opening) -> Interval | None:
        rules, windows, _freezes = self.key
        if rules is not None and opening.rule.name not in rules:
            return None
        if any(freeze in self._barred for freeze in opening.frozen):
            return None
        if not windows:
            return opening.slot.start, opening.slot.end
        return narrowed(opening.slot, windows, self.openings.settings.zone)

    def next_for(self, minutes: float, number: int, lead: float = 0.0) -> int:
        """The first slot from this number on that it may use for so long, `lead` minutes or more after the plan begins; -1 for none."""
        number = self.next(number)
        while number >= 0 and (self.minutes(number) + EPSILON < minutes or self.lead(number) + EPSILON < lead):
            number = self.next(number + 1)
        return number

    def longest(self, wanted: float) -> float:
        """Minutes of the longest slot that it may use; slots after the first that is long enough are not looked at."""
        best, number = self._longest
        while best + EPSILON < wanted and number >= 0:
            number = self.next(number)
            if number >= 0:
                best = max(best, self.minutes(number))
                number += 1
        self._longest = (best, number)
        return best

    def times(self, number: int) -> tuple[float, float]:
        """The part of a slot that it may use, in minutes from the beginning of the plan; an empty one where it may not use it."""
        found = self._times.get(number)
        if found is None:
            begins, span = self.openings.begins, self.span(number)
            found = (0.0, 0.0) if span is None else ((span[0] - begins).total_seconds() / 60, (span[1] - begins).total_seconds() / 60)
            self._times[number] = found
        return found

    def lead(self, number: int) -> float:
        """Minutes between the beginning of the plan and the part of a slot that it may use."""
        return self.times(number)[0]

    def minutes(self, number: int) -> float:
        """Length of the part of a slot that it may use."""
        start, end = self.times(number)
        return end - start


class Profiles:
    """Makes profiles, each once."""

    def __init__(self, settings: PlanSettings, not_before: datetime | None = None, now: datetime | None = None) -> None:
        self.settings = settings
        self.openings = Openings(settings, not_before, now)
        self._not_before, self._now = not_before, now
        self._rules = windows_of(settings)
        self._limited = any(rule.own or not rule.selector.empty for rule in self._rules)
        self._selectors = [_Matcher(rule.selector) for rule in self._rules]
        self._freezes = [(number, _Matcher(freeze.selector)) for number, freeze in enumerate(settings.freezes) if not freeze.selector.empty]
        self._windows: dict[str, OwnerWindow | None] = {}
        self._profiles: dict[Key, Profile] = {}
        self._plain = Admission(None, None, frozenset())
        self._all = self.by_key((None, (), frozenset()))

    def admission(self, vm: PlanVm) -> Admission:
        """What admits a VM."""
        text = vm.change_window.strip()
        if not text and not self._limited and not self._freezes:
            return self._plain
        window = self._window(text) if text else None
        named = window.rule if window is not None else ""
        freezes = frozenset(number for number, matcher in self._freezes if matcher.matches(vm))
        rules = None
        if self._limited or named:
            rules = frozenset(
                rule.name
                for rule, matcher in zip(self._rules, self._selectors, strict=True)
                if (rule.name == named if named or rule.own else True) and matcher.matches(vm)
            )
        return Admission(rules, window, freezes, window is not None or not text)

    def _window(self, text: str) -> OwnerWindow | None:
        if text not in self._windows:
            self._windows[text] = read_owner_window(text, self._rules)
        return self._windows[text]

    def of(self, admissions: Iterable[Admission]) -> Profile:
        """The profile of a group: what admits all of its VMs."""
        rules: frozenset[str] | None = None
        windows: dict[str, OwnerWindow] = {}
        freezes: frozenset[int] = frozenset()
        for admission in admissions:
            if admission is self._plain:
                continue
            if admission.rules is not None:
                rules = admission.rules if rules is None else rules & admission.rules
            if admission.window is not None and admission.window.spans:
                windows[admission.window.text] = admission.window
            freezes |= admission.freezes
        return self.by_key((rules, tuple(windows[text] for text in sorted(windows)), freezes))

    def longest_of_all(self, wanted: float) -> float:
        """Minutes of the longest slot of all (see `Profile.longest`)."""
        return self._all.longest(wanted)

    def longest(self, vm: PlanVm, wanted: float) -> float:
        """Minutes of the longest slot that a VM may use (see `Profile.longest`); 0 where there is none."""
        admission = self.admission(vm)
        return (self._all if admission is self._plain else self.of((admission,))).longest(wanted)

    def by_key(self, key: Key) -> Profile:
        """The profile of a key."""
        found = self._profiles.get(key)
        if found is None:
            found = self._profiles[key] = Profile(self.openings, key)
        return found

    def without(self, *lifted: str) -> Profiles:
        """The same with settings lifted: `last_day`, `freezes`, `windows` (each open day and night, to all)."""
        settings = self.settings
        if "last_day" in lifted:
            settings = replace(settings, last_day=None)
        if "freezes" in lifted:
            settings = replace(settings, freezes=())
        if "windows" in lifted:
            rules = windows_of(settings)
            settings = replace(settings, windows=tuple(WindowRule(rule.name, time(0), time(0)) for rule in rules))
        return Profiles(settings, self._not_before, self._now)


class _Matcher:
    """A selector that looks at each combination of values once."""

    def __init__(self, selector: Selector) -> None:
        self._selector = selector
        fields = (
            ("folders", "folder"),
            ("tags", "tags"),
            ("clusters", "cluster"),
            ("owners", "owner"),
            ("applications", "application"),
            ("environments", "environment"),
            ("vcenters", "vcenter"),
        )
        self._facts: Sequence[str] = tuple(fact for patterns, fact in fields if getattr(selector, patterns))
        self._known: dict[Hashable, bool] = {}

    def matches(self, vm: PlanVm) -> bool:
        if self._selector.empty:
            return True
        if self._selector.vms:
            return self._selector.matches(vm)
        values = tuple(getattr(vm, fact) for fact in self._facts)
        found = self._known.get(values)
        if found is None:
            found = self._known[values] = self._selector.matches(vm)
        return found
