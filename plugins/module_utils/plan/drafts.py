# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups reduced to what scheduling asks of them, with what keeps each out of every wave whatever the others do."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from .lead_account import Ask, PathPart
from .model import HIGH, WARM, Constraint, Group, MethodChoice, Order, PlanVm, Risk, Spread, Wave
from .openings import EPSILON, Admission, Openings, Profile, Profiles
from .placement import EXACT_ITEMS, FOREVER, Case, Clock, ClockFactory, Item, Move, class_of, short_of
from .settings import WaveLimits
from .standing import share_left

_PARTS_OF_A_MINUTE: Final = 100
"""What moves ask of the path is told apart by hundredths of a minute."""


@dataclass(slots=True)
class Draft:
    """A group on its way to becoming an item. `hindrances` are what keeps it out, each with the VM that it concerns (empty: all)."""

    group: Group
    vms: tuple[PlanVm, ...]
    moves: tuple[Move, ...]
    risks: tuple[Risk, ...]
    admissions: tuple[Admission, ...]
    profile: Profile
    alone: float
    lead: float
    """p90 minutes of the first copies of its warm moves"""
    hindrances: list[tuple[str, Constraint]] = field(default_factory=list)
    waived: set[str] = field(default_factory=set)
    """limits that it breaks by itself"""
    before: set[int] = field(default_factory=set)
    after: set[int] = field(default_factory=set)
    not_before: datetime | None = None
    """the end of the last wave that has begun and that it has to follow"""
    not_after: datetime | None = None
    """the start of the first wave that has begun and that has to follow it"""

    @property
    def id(self) -> str:
        """Id of the group."""
        return self.group.id

    @property
    def high(self) -> int:
        """VMs of high risk."""
        return sum(1 for risk in self.risks if risk.level == HIGH)

    @property
    def bytes(self) -> int:
        """Bytes that its transfer reads."""
        return sum(vm.copy_bytes for vm in self.vms)

    def words(self) -> str:
        """The group in words: its VMs by name, the first ones of many."""
        names = [vm.name or vm.id for vm in self.vms]
        return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"

    def hosts(self) -> dict[str, int]:
        """VMs by host; those whose host nobody knows count as on one host."""
        found: dict[str, int] = {}
        for vm in self.vms:
            found[vm.host_key] = found.get(vm.host_key, 0) + 1
        return found

    def stores(self) -> dict[str, int]:
        """VMs by datastore, each once for a datastore that has disks of it."""
        found: dict[str, int] = {}
        for vm in self.vms:
            names = {disk.datastore_id or (f"{vm.vcenter}/{disk.datastore}" if vm.vcenter else disk.datastore) for disk in vm.disks or ()}
            for name in sorted(names):
                found[name] = found.get(name, 0) + 1
        return found


def make_drafts(
    by_id: Mapping[str, PlanVm],
    groups: Sequence[Group],
    moves: Mapping[str, tuple[MethodChoice, Risk]],
    gone: frozenset[str],
    profiles: Profiles,
    clock: ClockFactory,
    first_copies: ClockFactory,
) -> list[Draft]:
    """Drafts of the groups with VMs that have not moved yet, sorted by id."""
    found = []
    empty, empty_first = clock(), first_copies()
    for group in sorted(groups, key=lambda entry: entry.id):
        vms = tuple(by_id[vm_id] for vm_id in group.vm_ids if vm_id not in gone)
        if not vms:
            continue
        admissions = tuple(profiles.admission(vm) for vm in vms)
        lot = tuple((vm, moves[vm.id][0].method) for vm in vms)
        risks = tuple(moves[vm.id][1] for vm in vms)
        warm = warm_of(lot)
        lead = empty_first.minutes_with(warm)[1] if warm else 0.0
        found.append(Draft(group, vms, lot, risks, admissions, profiles.of(admissions), empty.minutes_with(lot)[1], lead))
    return found


def warm_of(moves: Sequence[Move]) -> tuple[Move, ...]:
    """The warm ones of these moves."""
    return tuple(move for move in moves if move[1] == WARM)


def homes(drafts: Sequence[Draft]) -> dict[str, int]:
    """VM id to the number of its draft."""
    return {vm.id: number for number, draft in enumerate(drafts) for vm in draft.vms}


def link(drafts: Sequence[Draft], orders: Sequence[Order], home: Mapping[str, int]) -> None:
    """Ties the drafts by the orders between their VMs."""
    for order in orders:
        before, after = home.get(order.before), home.get(order.after)
        if before is not None and after is not None and before != after:
            drafts[before].after.add(after)
            drafts[after].before.add(before)


def make_case(
    drafts: Sequence[Draft],
    placeable: frozenset[int],
    spreads: Sequence[Spread],
    home: Mapping[str, int],
    limits: WaveLimits,
    profiles: Profiles,
    clock: ClockFactory,
    waves_before: int,
    first_copies: ClockFactory,
    begun: Sequence[BegunWave] = (),
    closed: int = 0,
) -> Case:
    """The items of all drafts; those that are not placeable bind nobody. `closed` are slots that waves which have begun leave to nobody."""
    shares, sizes = _spreads(spreads, home)
    tails = _tails(drafts, placeable)
    short = _Short(drafts, placeable, begun, profiles.openings, clock(), first_copies())
    asks = [short.asks(number) for number in range(len(drafts))]
    items = []
    for number, draft in enumerate(drafts):
        items.append(
            Item(
                number=number,
                id=draft.id,
                moves=draft.moves,
                bytes=draft.bytes,
                high=draft.high,
                points=max(risk.points for risk in draft.risks),
                hosts=tuple(sorted(draft.hosts().items())),
                stores=tuple(sorted(draft.stores().items())),
                spreads=tuple(shares.get(number, ())),
                before=tuple(sorted(draft.before & placeable)),
                after=tuple(sorted(draft.after & placeable)),
                tail=tails[number],
                alone=draft.alone,
                lead=draft.lead,
                profile=draft.profile,
                warm=warm_of(draft.moves) if draft.lead else (),
                warm_bytes=sum(vm.copy_bytes for vm, _method in warm_of(draft.moves)) if draft.lead else 0,
                asks=asks[number],
                slot_low=profiles.openings.first_from(draft.not_before) if draft.not_before is not None else 0,
                slot_high=profiles.openings.first_ending_after(draft.not_after) - 1 if draft.not_after is not None else FOREVER,
            )
        )
    left = None if limits.waves is None else max(0, limits.waves - waves_before)
    parts, standing = short.parts(asks), tuple(short.standing())
    return Case(tuple(items), limits, sizes, profiles.openings, clock, left, waves_before, first_copies, parts, closed, standing)


@dataclass(frozen=True, slots=True)
class BegunWave:
    """A wave that has begun, with the moves that are still to be done."""

    wave: Wave
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class _BegunAsks:
    """What a wave that has begun asks of the path, before its window and in it, and when that is."""

    wave: Wave
    lead: float
    """minutes between the beginning of the plan and its window; below 0 where that has begun"""
    before: Mapping[Hashable, float]
    """all of its first copies"""
    within: Mapping[Hashable, float]


class _Short:
    """The parts of the path that can be short of time for first copies, and what is asked of each.

    A part is never short that has the time for all before the earliest wave that any warm move may be in.
    """

    def __init__(
        self,
        drafts: Sequence[Draft],
        placeable: frozenset[int],
        begun: Sequence[BegunWave],
        openings: Openings,
        clock: Clock,
        first_copies: Clock,
    ) -> None:
        self._exact = len(drafts) <= EXACT_ITEMS
        self._place_of: dict[Hashable, int] = {}
        self._before: list[Mapping[Hashable, float]] = []
        self._within: list[Mapping[Hashable, float]] = []
        self._totals: list[float] = []
        self._openings = openings
        self._begun = [_begun_asks(entry, openings, clock, first_copies) for entry in begun]
        leads = [_earliest_lead(drafts[number]) for number in sorted(placeable) if drafts[number].lead]
        leads += [entry.lead for entry in self._begun if entry.before and entry.lead > 0]
        if not leads:
            return
        self._before = [first_copies.asked_by(warm_of(draft.moves)) if draft.lead else {} for draft in drafts]
        self._within = [clock.asked_by(draft.moves) for draft in drafts]
        totals: dict[Hashable, float] = {}
        known = [asked for number in range(len(drafts)) for asked in (self._before[number], self._within[number])]
        known += [asked for entry in self._begun for asked in (entry.before, entry.within)]
        for asked in known:
            for part, minutes in asked.items():
                totals[part] = totals.get(part, 0.0) + minutes
        used = {part for asked in (*self._before, *(entry.before for entry in self._begun)) for part in asked}
        earliest = min(leads)
        short = [part for part, minutes in totals.items() if part in used and minutes > earliest + EPSILON]
        self._place_of = {part: place for place, part in enumerate(short)}
        self._totals = [totals[part] for part in short]

    def asks(self, number: int) -> tuple[Ask, ...]:
        """What a draft asks."""
        if not self._place_of:
            return ()
        before, found = self._before[number], []
        for part, minutes in self._within[number].items():
            place = self._place_of.get(part)
            if place is not None:
                ahead = before.get(part, 0.0)
                size = number if self._exact else class_of(round((ahead + minutes) * _PARTS_OF_A_MINUTE))
                found.append((place, ahead, minutes, short_of(place, ahead, size)))
        return tuple(found)

    def standing(self) -> Iterator[tuple[int, float, tuple[Ask, ...]]]:
        """What waves that have begun ask, and the slot before which each counts. Of one in its window the part counts that is to come."""
        for entry in self._begun:
            left = share_left(entry.wave, self._openings.begins) if entry.lead > 0 else 0.0
            asks = []
            for part, minutes in entry.within.items():
                place = self._place_of.get(part)
                if place is not None:
                    rest = max(0.0, minutes + min(0.0, entry.lead))
                    asks.append((place, entry.before.get(part, 0.0) * left, rest, short_of(place, 0.0, 0)))
            yield self._openings.first_ending_after(entry.wave.slot.start), entry.lead, tuple(asks)

    def parts(self, asks: Sequence[Sequence[Ask]]) -> tuple[PathPart, ...]:
        """The parts, with what drafts ask of each."""
        found = [set[int]() for _part in self._place_of]
        for own in asks:
            for place, _before, _within, refusal in own:
                found[place].add(refusal[2])
        return tuple(PathPart(total, tuple(sorted(sizes))) for total, sizes in zip(self._totals, found, strict=True))


def _begun_asks(begun: BegunWave, openings: Openings, clock: Clock, first_copies: Clock) -> _BegunAsks:
    lead = (begun.wave.slot.start - openings.begins).total_seconds() / 60
    return _BegunAsks(begun.wave, lead, first_copies.asked_by(warm_of(begun.moves)), clock.asked_by(begun.moves))


def _earliest_lead(draft: Draft) -> float:
    """Minutes between the beginning of the plan and the earliest slot that has the time for a draft."""
    return draft.profile.lead(draft.profile.next_for(draft.alone, 0, draft.lead))


def _spreads(spreads: Sequence[Spread], home: Mapping[str, int]) -> tuple[dict[int, list[tuple[int, int]]], tuple[int, ...]]:
    """For each draft its spreads with the number of its VMs in each, and the size of each spread.

    A spread whose VMs one group holds, or of which one VM is left, binds nobody.
    """
    shares: dict[int, list[tuple[int, int]]] = {}
    sizes: list[int] = []
    for spread in spreads:
        counts: dict[int, int] = {}
        for vm_id in spread.vm_ids:
            if vm_id in home:
                counts[home[vm_id]] = counts.get(home[vm_id], 0) + 1
        if len(counts) < 2:
            continue
        for number, count in sorted(counts.items()):
            shares.setdefault(number, []).append((len(sizes), count))
        sizes.append(sum(counts.values()))
    return shares, tuple(sizes)


def _tails(drafts: Sequence[Draft], placeable: frozenset[int]) -> list[int]:
    """Length of the longest chain of placeable drafts after each."""
    tails = [0] * len(drafts)
    waiting = [len(draft.after & placeable) for draft in drafts]
    ready = [number for number in range(len(drafts)) if not waiting[number]]
    while ready:
        number = ready.pop()
        for other in drafts[number].before:
            if number in placeable:
                tails[other] = max(tails[other], tails[number] + 1)
                waiting[other] -= 1
                if not waiting[other]:
                    ready.append(other)
    return tails
