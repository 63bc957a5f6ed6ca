# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A search through the arrangements of few groups, for what the rankings miss: a place for every VM, or an earlier end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from .lead_account import in_time
from .openings import EPSILON
from .placement import Bounds, Case, Item

SMALL: Final = 14
"""Most groups that are searched through."""
_STEPS: Final = 15_000
"""Most placements that a search tries; it is a number and not a time so that the result is always the same."""
_SLOTS: Final = 60


class _Spent(Exception):
    """The search has used up its steps."""


def improve(
    case: Case, placeable: Sequence[int], bounds: Bounds, known: list[int], breaks_rule: Callable[[Sequence[int]], bool]
) -> list[int] | None:
    """A better slot for each item than the known ones (-1 for none); None where none is found.

    Better is: fewer VMs left out, then the rule for high risk kept, then an earlier last slot. Pinned items stay.
    """
    search = _Search(case, placeable, bounds, breaks_rule)
    best: list[int] | None = None
    try:
        best, known = _fewer_left_out(search, known)
        earliest = bounds.low if search.left_out(known) else search.earliest_last()
        for last in range(earliest, _last_to_try(search, known, breaks_rule)):
            found = search.run(last, search.left_out(known), True)
            if found is not None:
                return found
    except _Spent:
        return best
    return best


def _fewer_left_out(search: _Search, known: list[int]) -> tuple[list[int] | None, list[int]]:
    best: list[int] | None = None
    while search.left_out(known):
        try:
            found = search.run(search.last, search.left_out(known) - 1, False)
        except _Spent:
            break
        if found is None:
            break
        best = known = found
    return best, known


def _last_to_try(search: _Search, known: list[int], breaks_rule: Callable[[Sequence[int]], bool]) -> int:
    """One more than the last slot worth trying: less than the known last one, unless that breaks the rule."""
    return search.last + 1 if breaks_rule(known) else max(known, default=-1)


class _Search:
    """Depth first, in the order of dependencies, the narrowest items first."""

    def __init__(self, case: Case, placeable: Sequence[int], bounds: Bounds, breaks_rule: Callable[[Sequence[int]], bool]) -> None:
        self._case = case
        self._bounds = bounds
        self._breaks_rule = breaks_rule
        self._placeable = tuple(placeable)
        self._steps = _STEPS
        self._fits: dict[tuple[int, frozenset[int]], bool] = {}
        self._minutes: dict[frozenset[int], float] = {}
        self._leads: dict[frozenset[int], float] = {}
        self.last = self._last_slot()
        self._choices = {number: self._slots(case.items[number]) for number in self._placeable if number not in bounds.pins}
        self._sequence = self._order()

    def _last_slot(self) -> int:
        last = self._bounds.low
        while last < self._bounds.low + _SLOTS and self._case.openings.at(last) is not None:
            last += 1
        return last - 1

    def _slots(self, item: Item) -> list[int]:
        found, slot = [], item.first_slot(self._bounds.low)
        while 0 <= slot <= self.last:
            if not self._case.closed >> slot & 1:
                found.append(slot)
            slot = item.first_slot(slot + 1)
        return found

    def _order(self) -> list[Item]:
        """Items so that each follows what goes before it, the one with the fewest slots first."""
        items, done, sequence = self._case.items, set(self._bounds.pins), list[Item]()
        waiting = sorted(self._choices, key=lambda number: (len(self._choices[number]), -items[number].tail, -items[number].vms, number))
        while waiting:
            ready = [number for number in waiting if all(other in done for other in items[number].before)]
            if not ready:
                break
            done.add(ready[0])
            sequence.append(items[ready[0]])
            waiting.remove(ready[0])
        return sequence

    def left_out(self, slot_of: Sequence[int]) -> int:
        """VMs without a slot."""
        return sum(self._case.items[number].vms for number in self._placeable if slot_of[number] < 0)

    def earliest_last(self) -> int:
        """No arrangement of all items ends before this slot: the longest chain, and the limits against the sum."""
        slots = [choices[0] + self._case.items[number].tail for number, choices in self._choices.items() if choices]
        limits, items = self._case.limits, [self._case.items[number] for number in self._choices]
        waves = 1
        if limits.vms:
            waves = max(waves, -(-sum(item.vms for item in items) // limits.vms))
        if limits.bytes:
            waves = max(waves, -(-sum(item.bytes for item in items) // limits.bytes))
        if limits.high_risk_vms:
            waves = max(waves, -(-sum(item.high for item in items) // limits.high_risk_vms))
        return max([self._bounds.low + waves - 1, *slots]) if items else self.last + 1

    def run(self, last: int, leave: int, rule: bool) -> list[int] | None:
        """An arrangement that ends by a slot and leaves at most so many VMs out, with the rule for high risk kept if wished."""
        slot_of = [-1] * len(self._case.items)
        waves: dict[int, frozenset[int]] = {}
        for number, slot in self._bounds.pins.items():
            slot_of[number] = slot
            waves[slot] = waves.get(slot, frozenset()) | {number}
        return slot_of if self._place(0, slot_of, waves, last, leave, rule) else None

    def _place(self, depth: int, slot_of: list[int], waves: dict[int, frozenset[int]], last: int, leave: int, rule: bool) -> bool:
        if depth == len(self._sequence):
            return not (rule and self._breaks_rule(slot_of))
        item = self._sequence[depth]
        before = [slot_of[other] for other in item.before]
        if all(slot >= 0 for slot in before):
            low = max(before, default=-1) + 1
            for slot in self._choices[item.number]:
                if slot > last - (0 if leave else item.tail):
                    break
                if slot >= low and self._try(depth, item, slot, slot_of, waves, last, leave, rule):
                    return True
        return item.vms <= leave and self._place(depth + 1, slot_of, waves, last, leave - item.vms, rule)

    def _try(
        self, depth: int, item: Item, slot: int, slot_of: list[int], waves: dict[int, frozenset[int]], last: int, leave: int, rule: bool
    ) -> bool:
        self._steps -= 1
        if self._steps < 0:
            raise _Spent
        held = waves.get(slot)
        if held is None and self._case.waves_left is not None and len(waves) >= self._case.waves_left:
            return False
        together = (held or frozenset()) | {item.number}
        if not self._fit(slot, together):
            return False
        slot_of[item.number], waves[slot] = slot, together
        if self._copied_in_time(waves) and self._place(depth + 1, slot_of, waves, last, leave, rule):
            return True
        slot_of[item.number] = -1
        if held is None:
            del waves[slot]
        else:
            waves[slot] = held
        return False

    def _fit(self, slot: int, numbers: frozenset[int]) -> bool:
        known = self._fits.get((slot, numbers))
        if known is None:
            known = self._fits[slot, numbers] = self._fit_anew(slot, [self._case.items[number] for number in sorted(numbers)])
        return known

    def _fit_anew(self, slot: int, items: Sequence[Item]) -> bool:
        limits = self._case.limits
        spreads = _sums(items, "spreads")
        return (
            _within(sum(item.vms for item in items), limits.vms)
            and _within(sum(item.bytes for item in items), limits.bytes)
            and _within(sum(item.high for item in items), limits.high_risk_vms)
            and _within(max(_sums(items, "hosts").values(), default=0), limits.vms_per_host)
            and _within(max(_sums(items, "stores").values(), default=0), limits.vms_per_datastore)
            and all(count < self._case.spreads[int(number)] for number, count in spreads.items())
            and self._time(items) <= self._room(slot, items) + EPSILON
            and self._lead(items) <= self._lead_room(slot, items) + EPSILON
        )

    def _copied_in_time(self, waves: Mapping[int, frozenset[int]]) -> bool:
        """Whether the first copies of all waves can be done beside each other."""
        if not self._case.parts:
            return True
        held = [(slot, [self._case.items[number] for number in waves[slot]]) for slot in waves]
        asked = [(self._lead_room(slot, items), [ask for item in items for ask in item.asks]) for slot, items in held]
        asked += [(lead, list(asks)) for _slot, lead, asks in self._case.begun]
        return in_time(sorted(asked, key=lambda entry: entry[0]))

    def _room(self, slot: int, items: Sequence[Item]) -> float:
        times = [item.profile.times(slot) for item in items]
        return min(end for _start, end in times) - max(start for start, _end in times)

    def _time(self, items: Sequence[Item]) -> float:
        key = frozenset(item.number for item in items)
        if key not in self._minutes:
            self._minutes[key] = self._case.clock().minutes_with([move for item in items for move in item.moves])[1]
        return self._minutes[key]

    def _lead_room(self, slot: int, items: Sequence[Item]) -> float:
        return max(item.profile.lead(slot) for item in items)

    def _lead(self, items: Sequence[Item]) -> float:
        """Minutes of the first copies of the items' warm moves."""
        warm = [item for item in items if item.lead]
        if len(warm) < 2:
            return sum(item.lead for item in warm)
        key = frozenset(item.number for item in warm)
        if key not in self._leads:
            self._leads[key] = self._case.first_copies().minutes_with([move for item in warm for move in item.warm])[1]
        return self._leads[key]


def _within(value: int, limit: int | None) -> bool:
    return limit is None or value <= limit


def _sums(items: Sequence[Item], what: str) -> dict[str | int, int]:
    found: dict[str | int, int] = {}
    for item in items:
        for name, count in getattr(item, what):
            found[name] = found.get(name, 0) + count
    return found
