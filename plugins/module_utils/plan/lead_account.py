# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether every first copy of a plan can be done before its wave: an account of each part of the path while waves are filled.

All first copies may begin with the plan, and each has to be done when its wave begins. So a part of the path suffices if, for each wave
with warm moves, what the first copies of this wave and of those before it ask of that part, and the windows before it, is no more than
the time from the plan's beginning to the wave: whoever is due first goes first, and if any order works, that one does (W. A. Horn,
Naval Research Logistics Quarterly 21, 1974).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, TypeAlias

from .openings import EPSILON

Refusal: TypeAlias = tuple[str, object, int]
"""What a wave lacks for a group: a word, of what (a host, say), and how much was asked for."""

Ask: TypeAlias = tuple[int, float, float, Refusal]
"""A part of the path by number; the minutes (p90) that the moves of a group take of it, before their window and in it; and how a
wave refuses asks that count as equally large."""

_SLOTS: Final = 16
"""Slots that an account begins with; it doubles as later ones come."""


class PartAccount:
    """One part of the path. A tree over the slots, whose nodes know the least that is left before a wave below them.

    What a wave asks lessens what is left before that wave and all later ones, or before the later ones alone. So a change, and the least of
    all slots from one on, take as many steps as the tree is high.
    """

    __slots__ = ("_leads", "_least", "_more", "_size", "_total", "_windows")

    def __init__(self) -> None:
        self._windows: dict[int, float] = {}
        self._leads: dict[int, float] = {}
        """slots of waves with first copies, and the minutes from the plan's beginning to each wave"""
        self._total = 0.0
        self._size = _SLOTS
        self._more = [0.0] * (2 * _SLOTS)
        """what is added to all slots below a node"""
        self._least = [inf] * (2 * _SLOTS)

    def _double(self) -> None:
        """Puts the tree under a new root, beside an empty one: what is taken so far is taken before all slots of that as well."""
        size, more, least = self._size, self._more, self._least
        self._size, self._more, self._least = 2 * size, [0.0] * (4 * size), [inf] * (4 * size)
        row = 1
        while row <= size:
            self._more[2 * row : 3 * row] = more[row : 2 * row]
            self._least[2 * row : 3 * row] = least[row : 2 * row]
            row *= 2
        self._more[3] = -self._total
        self._least[1] = self._least[2]

    def asked(self, slot: int) -> float:
        """Minutes that are taken before a slot's wave, its own first copies among them."""
        node = self._size + min(slot, self._size - 1)
        minutes = 0.0
        while node:
            minutes -= self._more[node]
            node >>= 1
        return minutes

    def left_after(self, slot: int) -> float:
        """The least that is left before a wave in a later slot than this one."""
        node = self._size + slot + 1
        if node >= 2 * self._size or not self._leads:
            return inf
        least = self._least[node]
        while node > 1:
            if not node & 1:
                least = min(least, self._least[node + 1])
            node >>= 1
            least += self._more[node]
        return least

    def allows(self, slot: int, before: float, within: float, lead: float) -> bool:
        """Whether the wave of a slot that begins `lead` minutes after the plan may ask so much more before its window and in it."""
        wanted = before + within
        if wanted > self._least[1] + EPSILON and wanted > self.left_after(slot) + EPSILON:
            return False
        return not before or before <= lead - self._total or before <= lead - self.asked(slot) + EPSILON

    def allows_after(self, slot: int, before: float, within: float, lead: float) -> bool:
        """The same for a new wave between those of this slot (-1 for none) and of the next one."""
        if before + within > self.left_after(slot) + EPSILON:
            return False
        taken = self.asked(slot) + self._windows.get(slot, 0.0) if slot >= 0 else 0.0
        return not before or before <= lead - taken + EPSILON

    def take(self, slot: int, before: float, within: float, lead: float) -> None:
        """Notes what the wave of a slot asks."""
        while slot + 1 >= self._size:
            self._double()
        self._total += before + within
        if before:
            self._leads[slot] = lead
        self._windows[slot] = self._windows.get(slot, 0.0) + within
        self._lessen(slot, before, within)

    def moved(self, slot: int, lead: float) -> None:
        """Notes that the wave of a slot begins at another time, if it has first copies."""
        if slot in self._leads:
            self._leads[slot] = lead
            self._lessen(slot, 0.0, 0.0)

    def _lessen(self, slot: int, before: float, within: float) -> None:
        """Takes minutes from what is left before the wave of a slot, and these and more from what is left before all later ones."""
        more, least, later = self._more, self._least, before + within
        node = self._size + slot
        more[node] -= before
        least[node] = self._leads.get(slot, inf) + more[node]
        while node > 1:
            beside = node ^ 1
            if beside > node:
                more[beside] -= later
                least[beside] -= later
            left, right = least[node], least[beside]
            node >>= 1
            least[node] = min(left, right) + more[node]


@dataclass(frozen=True, slots=True)
class PathPart:
    """A part of the path that can be short of time."""

    total: float
    """minutes that all groups together ask of it: it is never short before a wave that begins as long after the plan, or longer"""
    classes: tuple[int, ...]
    """what counts as equally large among the asks, in order"""


class LeadAccount:
    """The parts of the path that can be short, each as long as it can be."""

    def __init__(self, parts: Sequence[PathPart], begun: int = 0) -> None:
        """`begun` is the number of waves that have begun: each may have a place before any slot."""
        self._totals = [part.total for part in parts]
        self._parts = [PartAccount() for _part in parts]
        self._begun = begun

    def _place(self, slot: int) -> int:
        return slot * (self._begun + 1) + self._begun

    def stand(self, asks: Iterable[Ask], slot: int, rank: int, lead: float) -> None:
        """Notes what a wave asks that has begun, the one of this rank (from 0) among those, and that comes before a slot."""
        self._take(asks, slot * (self._begun + 1) + rank, lead)

    def short(self, asks: Iterable[Ask], slot: int, lead: float) -> Ask | None:
        """What a group asks of a part that is short of it in the wave of a slot, which begins so many minutes after the plan."""
        place = self._place(slot)
        for ask in asks:
            part, before, within, _refusal = ask
            if lead < self._totals[part] and not self._parts[part].allows(place, before, within, lead):
                return ask
        return None

    def allows_before(self, asks: Iterable[Ask], slot: int, lead: float) -> bool:
        """Whether a group may have a new wave before that of a slot and after all others before it."""
        place = self._place(slot) - 1
        return all(
            lead >= self._totals[part] or self._parts[part].allows_after(place, before, within, lead)
            for part, before, within, _refusal in asks
        )

    def take(self, asks: Iterable[Ask], slot: int, lead: float) -> None:
        """Notes what a group asks that joins the wave of a slot."""
        self._take(asks, self._place(slot), lead)

    def _take(self, asks: Iterable[Ask], place: int, lead: float) -> None:
        for part, before, within, _refusal in asks:
            if lead < self._totals[part]:
                self._parts[part].take(place, before, within, lead)

    def moved(self, slot: int, lead: float) -> None:
        """Notes that the wave of a slot begins at another time than before."""
        for part in self._parts:
            part.moved(self._place(slot), lead)


def in_time(waves: Iterable[tuple[float, Sequence[Ask]]]) -> bool:
    """Whether all first copies of waves in their order can be done in time; each with its lead and what its groups ask."""
    taken: dict[int, float] = {}
    for lead, asks in waves:
        for part, before, _within, _size in asks:
            taken[part] = taken.get(part, 0.0) + before
        if any(before and taken[part] > lead + EPSILON for part, before, _within, _size in asks):
            return False
        for part, _before, within, _size in asks:
            taken[part] = taken.get(part, 0.0) + within
    return True
