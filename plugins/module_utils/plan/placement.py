# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups into slots: what a wave holds, whether a group fits into it, and the first slot with room.

A wave that refuses a group refuses any later one that asks for as much of the same thing, since waves only fill up. Such
refusals are remembered by what was asked for, and slots that are known to refuse are skipped. That makes placing all groups
close to linear in their number.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right, insort
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from .lead_account import Ask, LeadAccount, PathPart, Refusal
from .model import PlanVm
from .openings import EPSILON, Openings, Profile
from .settings import WaveLimits

Move: TypeAlias = tuple[PlanVm, str]

VMS, BYTES, HIGH_RISK, HOST, DATASTORE, SPREAD, TIME, OWNER_TIME, LEAD, SHARE = (
    "vms",
    "bytes",
    "high_risk_vms",
    "vms_per_host",
    "vms_per_datastore",
    "spread",
    "time",
    "owner_time",
    "lead",
    "share",
)
FOREVER: Final = 1 << 60
EXACT_ITEMS: Final = 400
"""Up to so many groups, refusals for lack of time or bytes are not carried from one group to another."""
_CLASSES: Final = 4
"""Classes of size between a number of bytes and its double, in larger plans."""
_LOOK_BACK: Final = 48
"""Waves that a group may be refused by for lack of time, in large plans, before it goes to a new one."""


class Clock(Protocol):
    """The elapsed time of moves that share a wave. What two lots take together is at most what they take one after another."""

    def minutes_with(self, moves: Sequence[Move]) -> tuple[float, float, str]:
        """(p50 minutes, p90 minutes, bottleneck) of what was added and these moves; changes nothing."""

    def add(self, moves: Sequence[Move]) -> None:
        """Adds moves."""

    def asked_by(self, moves: Sequence[Move]) -> Mapping[Hashable, float]:
        """Minutes (p90) that these moves, without what was added, ask of each part of the path."""


ClockFactory: TypeAlias = Callable[[], Clock]


class NoCopies:
    """The clock of copies that nobody counts."""

    def minutes_with(self, moves: Sequence[Move]) -> tuple[float, float, str]:
        """No time."""
        return 0.0, 0.0, ""

    def add(self, moves: Sequence[Move]) -> None:
        """Nothing to note."""

    def asked_by(self, moves: Sequence[Move]) -> Mapping[Hashable, float]:
        """Nothing."""
        return {}


@dataclass(frozen=True, slots=True)
class Item:
    """A group to be placed, reduced to figures. Items name each other, and spreads, by number."""

    number: int
    id: str
    moves: tuple[Move, ...]
    bytes: int
    high: int
    """VMs of high risk"""
    points: int
    """of its riskiest VM"""
    hosts: tuple[tuple[str, int], ...]
    stores: tuple[tuple[str, int], ...]
    spreads: tuple[tuple[int, int], ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    tail: int
    """length of the longest chain of items that have to follow it, one slot each"""
    alone: float
    """p90 minutes in a wave of its own"""
    lead: float
    """p90 minutes of its first copies, which warm moves make before the window"""
    profile: Profile
    warm: tuple[Move, ...] = ()
    """its warm moves"""
    warm_bytes: int = 0
    asks: tuple[Ask, ...] = ()
    """what it asks of the parts of the path that first copies can use up"""
    slot_low: int = 0
    slot_high: int = FOREVER
    """the first and the last slot that waves which have begun leave it, by its dependencies"""

    @property
    def vms(self) -> int:
        """Its VMs."""
        return len(self.moves)

    def fits_alone(self, slot: int) -> bool:
        """Whether a slot has the time for it and for its first copies. The slot is one that its profile admits."""
        enough = self.slot_low <= slot <= self.slot_high and self.alone <= self.profile.minutes(slot) + EPSILON
        return enough and (not self.lead or self.lead <= self.profile.lead(slot) + EPSILON)

    def first_slot(self, low: int) -> int:
        """The first slot from this number on that has the time for it and for its first copies; -1 where there is none."""
        found = self.profile.next_for(self.alone, max(low, self.slot_low), self.lead)
        return found if found <= self.slot_high else -1


@dataclass(frozen=True, slots=True)
class Case:
    """All that placing needs to know."""

    items: tuple[Item, ...]
    limits: WaveLimits
    spreads: tuple[int, ...]
    """number of VMs of each spread"""
    openings: Openings
    clock: ClockFactory
    waves_left: int | None
    """waves that may still be opened"""
    waves_before: int = 0
    """waves that are finished"""
    first_copies: ClockFactory = NoCopies
    """the clock of the first copies of a wave's warm moves"""
    parts: tuple[PathPart, ...] = ()
    """the parts of the path that first copies can use up"""
    closed: int = 0
    """bits of the slots that waves which have begun leave to nobody"""
    begun: tuple[tuple[int, float, tuple[Ask, ...]], ...] = ()
    """what waves that have begun ask of the path, in order: the slot after it, minutes between the beginning of the plan and the wave"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one attempt keeps to beyond the limits: numbers of slots, both ends included."""

    low: int = 0
    high: int = FOREVER
    risky_low: int = 0
    """for items with VMs of high risk"""
    risky_high: int = FOREVER
    pins: Mapping[int, int] = field(default_factory=dict)
    """items that are placed first, and where"""
    share_vms: int | None = None
    """what one wave should hold where there is a choice"""
    share_bytes: int | None = None
    sparing: bool = False
    """rather fill waves than open new ones"""
    closed: int = 0
    """bits of the slots that must not be used"""
    thorough: bool = False
    """look at every wave, however many there are"""


class Meter:
    """The time that moves take together. Moves wait in `pending` as long as the sum of what each takes alone proves that it suffices."""

    __slots__ = ("bound", "checked", "clock", "pending")

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.bound = 0.0
        self.checked = (-1, 0.0)
        self.pending: list[Move] = []

    def lacks(self, number: int, moves: Sequence[Move], alone: float, room: float) -> str | None:
        """What bounds the moves of an item where the room does not suffice for all; None where it does."""
        if self.bound + alone <= room:
            return None
        _p50, p90, bottleneck = self._minutes_with(number, moves)
        return None if p90 <= room + EPSILON else bottleneck

    def take(self, number: int, moves: Sequence[Move], alone: float, room: float) -> None:
        """Adds the moves of an item."""
        if self.bound + alone <= room:
            self.bound += alone
        elif self.checked[0] == number and not self.pending:
            self.bound = self.checked[1]
        else:
            self.bound = self._minutes_with(number, moves)[1]
        self.checked = (-1, 0.0)
        self.pending += moves

    def _minutes_with(self, number: int, moves: Sequence[Move]) -> tuple[float, float, str]:
        if self.pending:
            self.clock.add(self.pending)
            self.pending = []
        found = self.clock.minutes_with(moves)
        self.checked = (number, found[1])
        return found


def short_of(part: int, before: float, size: int) -> Refusal:
    """A part of the path that is short of time. Cold moves would take from it what first copies of later waves need."""
    return LEAD, (part, before > 0), size


def class_of(size: int) -> int:
    """A number for all sizes that count as equally large."""
    bits = size.bit_length()
    return bits * _CLASSES + ((size << 2 >> (bits - 1)) & 3 if bits > 3 else 0)


def _minutes(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 60


class Load:
    """What a wave holds."""

    def __init__(self, case: Case, start: datetime, end: datetime) -> None:
        self.time = Meter(case.clock())
        self.first = Meter(case.first_copies())
        self.start, self.end = start, end
        self.begins = case.openings.begins
        self.lead, self.until = _minutes(self.begins, start), _minutes(self.begins, end)
        """begin and end of the wave in minutes from the beginning of the plan"""
        self.room = self.until - self.lead
        self.vms = self.bytes = self.high = 0
        self.hosts: dict[str, int] = {}
        self.stores: dict[str, int] = {}
        self.spreads: dict[int, int] = {}
        self.items: list[int] = []

    def narrow(self, start: datetime, end: datetime) -> bool:
        """Keeps the wave within these times, and says whether that changed it."""
        narrower = start > self.start or end < self.end
        if narrower:
            self.start, self.end = max(self.start, start), min(self.end, end)
            self.lead, self.until = _minutes(self.begins, self.start), _minutes(self.begins, self.end)
            self.room = self.until - self.lead
        return narrower


class Board:
    """Slots and the waves in them."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.slot_of: list[int] = [-1] * len(case.items)
        self.loads: dict[int, Load] = {}
        self.account = LeadAccount(case.parts, len(case.begun))
        for rank, (slot, lead, asks) in enumerate(case.begun):
            self.account.stand(asks, slot, rank, lead)
        self.opened: list[int] = []
        self._exact = len(case.items) <= EXACT_ITEMS
        self._opened_bits = 0
        self._closed: dict[Refusal, int] = {}
        sizes = () if self._exact else {size for item in case.items for size in (self._size_class(item), self._warm_class(item))}
        self._classes = sorted(sizes)

    # ---- does it fit? ------------------------------------------------------------------------------------------------

    def refusal(self, item: Item, slot: int, waived: frozenset[str] = frozenset()) -> Refusal | None:
        """What the wave in a slot lacks for an item; None where it fits. `waived` limits are passed over."""
        load = self.loads[slot]
        found = self._over_limit(item, load, waived)
        if found is None and item.spreads:
            found = self._whole_spread(item, load, waived)
        if found is None and item.lead:
            found = self._no_lead(item, load, slot)
        if found is None and TIME not in waived:
            found = self._no_time(item, load, slot)
        if found is None and item.asks:
            ask = self.account.short(item.asks, slot, self._lead(item, load, slot))
            found = None if ask is None else ask[3]
        return found

    def _over_limit(self, item: Item, load: Load, waived: frozenset[str]) -> Refusal | None:
        limits = self.case.limits
        if limits.vms is not None and load.vms + len(item.moves) > limits.vms and VMS not in waived:
            return VMS, None, len(item.moves)
        if limits.bytes is not None and load.bytes + item.bytes > limits.bytes and BYTES not in waived:
            return BYTES, None, self._size_class(item)
        if item.high and limits.high_risk_vms is not None and load.high + item.high > limits.high_risk_vms and HIGH_RISK not in waived:
            return HIGH_RISK, None, item.high
        if limits.vms_per_host is not None and HOST not in waived:
            for name, count in item.hosts:
                if load.hosts.get(name, 0) + count > limits.vms_per_host:
                    return HOST, name, count
        if limits.vms_per_datastore is not None and DATASTORE not in waived:
            for name, count in item.stores:
                if load.stores.get(name, 0) + count > limits.vms_per_datastore:
                    return DATASTORE, name, count
        return None

    def _whole_spread(self, item: Item, load: Load, waived: frozenset[str]) -> Refusal | None:
        if SPREAD in waived:
            return None
        for number, count in item.spreads:
            if load.spreads.get(number, 0) + count >= self.case.spreads[number]:
                return SPREAD, number, count
        return None

    def _no_lead(self, item: Item, load: Load, slot: int) -> Refusal | None:
        """Whether the first copies of the wave's warm moves, with those of the item, can be done before the wave begins."""
        room = self._lead(item, load, slot)
        if item.lead > room + EPSILON:
            return LEAD, "alone", item.number
        lacking = load.first.lacks(item.number, item.warm, item.lead, room)
        if lacking is None:
            return None
        return (LEAD, None, self._warm_class(item)) if lacking in ("link", "target") else (LEAD, "alone", item.number)

    def _lead(self, item: Item, load: Load, slot: int) -> float:
        """Minutes between the beginning of the plan and the wave, with the item in it."""
        return load.lead if item.profile.plain else max(load.lead, item.profile.lead(slot))

    def _no_time(self, item: Item, load: Load, slot: int) -> Refusal | None:
        profile, room, narrow = item.profile, load.room, False
        if not profile.plain:
            start, end = profile.times(slot)
            narrow = start > load.lead or end < load.until
            room = min(end, load.until) - max(start, load.lead)
        if item.alone > room + EPSILON:
            return OWNER_TIME, "alone", item.number
        bottleneck = load.time.lacks(item.number, item.moves, item.alone, room)
        if bottleneck is None:
            return None
        if narrow:
            return OWNER_TIME, profile.key, self._size_class(item)
        return self._time_refusal(item, bottleneck)

    def _time_refusal(self, item: Item, bottleneck: str) -> Refusal:
        """Which others the wave has no time for either: those on the same host or datastore, or all of that size."""
        size = self._size_class(item)
        if bottleneck in ("host", "in-flight limit"):
            return TIME, (HOST, item.hosts), size
        if bottleneck == "datastore":
            return TIME, (DATASTORE, item.stores), size
        if bottleneck in ("link", "target"):
            return TIME, None, size
        return TIME, "alone", item.number

    def _size_class(self, item: Item) -> int:
        """Items of one class count as equally large; in small plans each item is a class of its own."""
        return item.number if self._exact else class_of(item.bytes)

    def _warm_class(self, item: Item) -> int:
        """The same for what is to be copied first."""
        return item.number if self._exact else class_of(item.warm_bytes)

    # ---- where is room? ----------------------------------------------------------------------------------------------

    def first_fit(self, item: Item, bounds: Bounds, low: int, high: int) -> int:
        """The first slot with room for an item; -1 where there is none. Its fair share is kept to where that is possible."""
        if bounds.share_vms is not None or bounds.share_bytes is not None:
            found = self._first_fit(item, bounds, low, high, True)
            if found >= 0:
                return found
        return self._first_fit(item, bounds, low, high, False)

    def _first_fit(self, item: Item, bounds: Bounds, low: int, high: int, fair: bool) -> int:
        closed = self._closed_to(item, fair) | bounds.closed | self.case.closed
        slot, late, tries = low, -1, 0
        while True:
            slot = self._candidate(item.profile, closed, slot, late >= 0)
            if slot < 0 or slot > high:
                return late
            load = self.loads.get(slot)
            if load is None:
                if self._opens(item, slot):
                    if not bounds.sparing:
                        return slot
                    late = slot
                slot += 1
                continue
            refusal = self._unfair(item, load, bounds) if fair else None
            refusal = refusal or self.refusal(item, slot)
            if refusal is None:
                return slot
            self._close(refusal, slot)
            slot += 1
            if refusal[0] == TIME:
                tries += 1
                if tries >= _LOOK_BACK and not self._exact and not bounds.thorough and self.may_open():
                    slot = max(slot, self.opened[-1] + 1)

    def _opens(self, item: Item, slot: int) -> bool:
        """Whether an item can have a wave in a slot that has none. A slot whose path is short of time is closed."""
        if not item.fits_alone(slot):
            return False
        ask = self.account.short(item.asks, slot, item.profile.lead(slot))
        if ask is not None:
            self._close(ask[3], slot)
        return ask is None

    def _candidate(self, profile: Profile, closed: int, slot: int, opened_only: bool) -> int:
        """The first slot from here on that is not closed and that the profile admits; -1 after the last. Bits stand for slots."""
        opened_only = opened_only or not self.may_open()
        if profile.plain and not opened_only:
            rest = closed >> slot
            return profile.next(slot + ((rest + 1) & ~rest).bit_length() - 1)
        while True:
            free = (self._opened_bits if profile.plain else profile.mask) & ~closed
            rest = (free & self._opened_bits if opened_only else free) >> slot
            if rest:
                return slot + (rest & -rest).bit_length() - 1
            if profile.plain or (opened_only and profile.seen >= self._opened_bits.bit_length()):
                return -1
            # What the profile has found so far is used up: it has to look further.
            if profile.next(max(slot, profile.seen)) < 0:
                return -1

    def may_open(self) -> bool:
        """Whether the plan may have one more wave."""
        return self.case.waves_left is None or len(self.opened) < self.case.waves_left

    def _unfair(self, item: Item, load: Load, bounds: Bounds) -> Refusal | None:
        if not load.vms:
            return None
        if bounds.share_vms is not None and load.vms + len(item.moves) > bounds.share_vms:
            return SHARE, VMS, len(item.moves)
        if bounds.share_bytes is not None and load.bytes + item.bytes > bounds.share_bytes:
            return SHARE, BYTES, self._size_class(item)
        return None

    def _closed_to(self, item: Item, fair: bool) -> int:
        """Bits of the slots that are known to refuse such an item."""
        limits, size, count = self.case.limits, self._size_class(item), len(item.moves)
        keys: list[Refusal] = [(TIME, None, size), (TIME, (HOST, item.hosts), size), (TIME, (DATASTORE, item.stores), size)]
        if fair:
            keys += [(SHARE, VMS, count), (SHARE, BYTES, size)]
        if limits.vms is not None:
            keys.append((VMS, None, count))
        if limits.bytes is not None:
            keys.append((BYTES, None, size))
        if item.high and limits.high_risk_vms is not None:
            keys.append((HIGH_RISK, None, item.high))
        if limits.vms_per_host is not None:
            keys += [(HOST, name, number) for name, number in item.hosts]
        if limits.vms_per_datastore is not None:
            keys += [(DATASTORE, name, number) for name, number in item.stores]
        keys += [(SPREAD, number, members) for number, members in item.spreads]
        if item.lead:
            keys.append((LEAD, None, self._warm_class(item)))
        keys += [ask[3] for ask in item.asks]
        if not item.profile.plain:
            keys.append((OWNER_TIME, item.profile.key, size))
        closed = 0
        for key in keys:
            closed |= self._closed.get(key, 0)
        return closed

    def _close(self, refusal: Refusal, slot: int) -> None:
        """Notes that a slot refuses what asks for as much, or for more bytes."""
        bit, closed = 1 << slot, self._closed
        closed[refusal] = closed.get(refusal, 0) | bit
        word, what, size = refusal
        if self._exact or word not in (TIME, BYTES, OWNER_TIME, LEAD) or what == "alone":
            return
        classes = self.case.parts[what[0]].classes if word == LEAD and isinstance(what, tuple) else self._classes
        for larger in classes[bisect_right(classes, size) :]:
            key = (word, what, larger)
            known = closed.get(key, 0)
            if known & bit:
                # Noted when the slot refused a smaller one, and so for all that are larger still.
                return
            closed[key] = known | bit

    def takes_pinned(self, item: Item, slot: int) -> bool:
        """Whether a slot that was chosen for an item beforehand takes it: all that may speak against it are the other ones."""
        if slot not in self.loads and not self.may_open():
            return False
        if self.case.closed >> slot & 1 or not item.slot_low <= slot <= item.slot_high:
            return False
        return self.account.short(item.asks, slot, item.profile.lead(slot)) is None

    # ---- filling and emptying ----------------------------------------------------------------------------------------

    def place(self, item: Item, slot: int) -> None:
        """Puts an item into the wave of a slot, which is opened if need be."""
        load = self.loads.get(slot)
        span = item.profile.span(slot)
        if span is None:
            raise ValueError(f"{item.id} may not use slot {slot}")
        if load is None:
            load = self.loads[slot] = Load(self.case, *span)
            insort(self.opened, slot)
            self._opened_bits |= 1 << slot
        if load.narrow(*span):
            self.account.moved(slot, load.lead)
        self.account.take(item.asks, slot, load.lead)
        load.time.take(item.number, item.moves, item.alone, load.room)
        if item.lead:
            load.first.take(item.number, item.warm, item.lead, load.lead)
        load.vms += len(item.moves)
        load.bytes += item.bytes
        load.high += item.high
        for held, parts in ((load.hosts, item.hosts), (load.stores, item.stores)):
            for name, count in parts:
                held[name] = held.get(name, 0) + count
        for number, count in item.spreads:
            load.spreads[number] = load.spreads.get(number, 0) + count
        load.items.append(item.number)
        self.slot_of[item.number] = slot


def construct(case: Case, ranking: Sequence[int], bounds: Bounds, board: Board | None = None) -> Board:
    """Places items one by one, the first of the ranking first as far as their order allows; what finds no slot stays out.

    Items that the given board holds stay where they are.
    """
    board = board or Board(case)
    for number, slot in sorted(bounds.pins.items()):
        if board.takes_pinned(case.items[number], slot):
            board.place(case.items[number], slot)
    waiting = [sum(1 for other in item.before if board.slot_of[other] < 0) for item in case.items]
    rank = {number: place for place, number in enumerate(ranking)}
    ready = [(rank[number], number) for number in ranking if board.slot_of[number] < 0 and not waiting[number]]
    heapq.heapify(ready)
    while ready:
        _rank, number = heapq.heappop(ready)
        item = case.items[number]
        slot = _seek(board, item, bounds)
        if slot < 0:
            continue
        board.place(item, slot)
        for other in item.after:
            waiting[other] -= 1
            if not waiting[other] and other in rank and board.slot_of[other] < 0:
                heapq.heappush(ready, (rank[other], other))
    return board


def _seek(board: Board, item: Item, bounds: Bounds) -> int:
    low = max([bounds.low, item.slot_low, *(board.slot_of[other] + 1 for other in item.before)])
    high = min(bounds.high - item.tail, item.slot_high)
    if item.high:
        low, high = max(low, bounds.risky_low), min(high, bounds.risky_high)
    return board.first_fit(item, bounds, low, high)
