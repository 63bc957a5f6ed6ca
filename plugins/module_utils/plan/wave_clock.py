# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long VMs take that move together: they share the link, the storage of the target, hosts, datastores and transfer slots.

The median is the least that is possible: what the most loaded part takes, or the longest single copy, and then one conversion and
first boot; or what the transfer slots of the busiest host take. The 90th percentile is the same of loads that are `p90_factor` times as
long, but for the slots: there the longest move begins last and all others have gone before it, which no order exceeds (list scheduling
by Graham, SIAM Journal on Applied Mathematics 17, 1969). Moves that share a link get what it has in equal parts: a long copy that is
held up by many short ones may end later than this says. Plans list their longest copies first for that.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from .duration import CONVERSION, DATASTORE, DISK, HOST, INFLIGHT, LINK, TARGET, Pace, Sizes, copy_minutes, delta_bytes, minutes_for
from .model import WARM, PlanVm

Resource: TypeAlias = tuple[str, str]
"""A part of the path, and which one: (host, esx-01), (link, )."""

Part: TypeAlias = tuple[Resource, float, float, float]
"""What a move asks of a part, in minutes of it, median and p90; and how much longer the move's copy takes alone (p90)."""

_NOTHING: Final = (0.0, 0.0)
_FREE: Final = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Load:
    """What a VM's move asks of its path within a window. Minutes with nothing else under way; `fixed` after the copying."""

    parts: tuple[Part, ...]
    slot: Part | None
    """of the transfer slots of its host: its share of them, and what it takes beyond that; None where it holds none"""
    alone_minutes: float
    alone_p90_minutes: float
    fixed_minutes: float
    fixed_p90_minutes: float


def load_of(vm: PlanVm, method: str, pace: Pace) -> Load:
    """What a move asks of its window: everything for a cold one, the last changes for a warm one; conversion and first boot."""
    rates, sizes = pace.rates, Sizes(vm)
    fixed = rates.conversion_minutes + rates.startup_minutes
    if method == WARM:
        # The toolkit counts transfers that have begun before the window in no slot.
        return _load(vm, sizes, delta_bytes(vm, sizes.total, pace), method, pace, fixed)
    load = _load(vm, sizes, (sizes.total, sizes.total), method, pace, fixed)
    return _holding(load, vm, 1, rates.conversion_minutes, rates.startup_minutes, pace)


def first_copy_of(vm: PlanVm, method: str, pace: Pace) -> Load:
    """What the first copy of a warm move asks of the path, before the window. `method` is the move's."""
    sizes = Sizes(vm)
    load = _load(vm, sizes, (sizes.total, sizes.total), method, pace, 0.0)
    # One slot for each disk, which CDI imports side by side (Forklift, vSphere scheduler).
    return _holding(load, vm, max(1, len(vm.disks or ())), 0.0, 0.0, pace)


def _load(vm: PlanVm, sizes: Sizes, moved: tuple[int, int], method: str, pace: Pace, fixed: float) -> Load:
    """A load that holds no transfer slot."""
    factor = pace.rates.p90_factor
    alone = copy_minutes(sizes, moved[0], method, pace.rates)[0]
    high = (alone if moved[0] == moved[1] else copy_minutes(sizes, moved[1], method, pace.rates)[0]) * factor
    found = []
    for resource, median, p90 in _asked(vm.host_key, sizes, moved, pace):
        found.append((resource, median, p90 * factor, high - p90 * factor))
    return Load(tuple(found), None, alone, high, fixed, fixed * factor)


def _holding(load: Load, vm: PlanVm, slots: int, conversion: float, startup: float, pace: Pace) -> Load:
    """The load of a move that holds so many slots of its host while it copies and converts, and gives them back before it starts."""
    share, factor = min(1.0, slots / max(1, pace.max_vm_inflight)), pace.rates.p90_factor
    held, held_p90 = load.alone_minutes + conversion, load.alone_p90_minutes + conversion * factor
    slot = (INFLIGHT, vm.host_key), held * share, held_p90 * share, held_p90 * (1 - share) + startup * factor
    return replace(load, slot=slot)


def _asked(host: str, sizes: Sizes, moved: tuple[int, int], pace: Pace) -> Iterator[tuple[Resource, float, float]]:
    """Parts with the minutes that so many bytes take them, p90 without its factor."""
    rates = pace.rates
    # Link and target carry the same bytes: the slower one is always the more loaded.
    whole, rate = (TARGET, rates.target_mib_per_s) if rates.target_mib_per_s < rates.link_mib_per_s else (LINK, rates.link_mib_per_s)
    yield (whole, ""), minutes_for(moved[0], rate), minutes_for(moved[1], rate)
    yield (HOST, host), minutes_for(moved[0], rates.host_mib_per_s), minutes_for(moved[1], rates.host_mib_per_s)
    for name, size in sizes.by_datastore:
        full = minutes_for(size, rates.datastore_mib_per_s)
        yield (DATASTORE, name), full * moved[0] / max(1, sizes.total), full * moved[1] / max(1, sizes.total)


class Loads:
    """The loads of VMs at one pace, each worked out once: a plan asks for the same ones over and over."""

    def __init__(self, pace: Pace, make: Callable[[PlanVm, str, Pace], Load] = load_of) -> None:
        self._pace = pace
        self._make = make
        self._known: dict[str, dict[str, Load]] = {}
        """method to VM id to load"""

    def of(self, vm: PlanVm, method: str) -> Load:
        """See `load_of`, or whatever makes these loads."""
        known = self._known.get(method)
        if known is None:
            known = self._known[method] = {}
        found = known.get(vm.id)
        if found is None:
            found = known[vm.id] = self._make(vm, method, self._pace)
        return found


_Peaks: TypeAlias = tuple[str, float, float, float, float, float, float, float, float]
"""What is highest in a wave, median and p90 in turn: name and minutes of the most loaded part, what the busiest host's transfer slots take
with conversion and first boot, the longest copy alone, conversion and first boot."""

_FLAT: Final[_Peaks] = (DISK, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def _minutes(peaks: _Peaks) -> tuple[float, float, str]:
    """(p50, p90, bottleneck)."""
    bottleneck, most, most_p90, slots, slots_p90, longest, longest_p90, fixed, fixed_p90 = peaks
    if longest > most:
        most, bottleneck = longest, DISK
    if fixed > most:
        bottleneck = CONVERSION
    p50 = most + fixed
    if slots > p50:
        p50, bottleneck = slots, INFLIGHT
    return p50, max(max(most_p90, longest_p90) + fixed_p90, slots_p90), bottleneck


class WaveClock:
    """The elapsed time of VMs that move together; grows VM by VM."""

    def __init__(self, loads: Loads) -> None:
        self._loads = loads
        self._sums: dict[Resource, tuple[float, float]] = {}
        self._held: dict[Resource, tuple[float, float, float]] = {}
        """transfer slots: median, p90, and the most that a move takes beyond its share"""
        self._peaks = _FLAT

    def minutes_with(self, moves: Sequence[tuple[PlanVm, str]]) -> tuple[float, float, str]:
        """(p50, p90, bottleneck) of everything added so far and these moves; nothing is changed."""
        loads = [self._loads.of(vm, method) for vm, method in moves]
        if len(loads) == 1:
            return _minutes(self._peaks_with(loads[0]))
        clock = WaveClock(self._loads)
        known, sums = self._sums, clock._sums
        # Only what the moves touch is carried over: the peaks of the others are known.
        for load in loads:
            for resource, _median, _p90, _rest in load.parts:
                if resource in known:
                    sums[resource] = known[resource]
            if load.slot is not None and load.slot[0] in self._held:
                clock._held[load.slot[0]] = self._held[load.slot[0]]
        clock._peaks = self._peaks
        for load in loads:
            clock._take(load)
        return clock.minutes()

    def add(self, moves: Sequence[tuple[PlanVm, str]]) -> None:
        """Adds moves."""
        for vm, method in moves:
            self._take(self._loads.of(vm, method))

    def minutes(self) -> tuple[float, float, str]:
        """(p50, p90, bottleneck) of what was added; zero for nothing."""
        return _minutes(self._peaks)

    def downtime_p90(self, vm: PlanVm, method: str) -> float:
        """Minutes (p90) for which a VM that was added stands still, since others use its path at the same time.

        A move that waits for a transfer slot has not begun.
        """
        load = self._loads.of(vm, method)
        waits = (self._sums[part[0]][1] + part[3] for part in load.parts)
        return min(max(waits) + load.fixed_p90_minutes, self.minutes()[1])

    def asked_by(self, moves: Sequence[tuple[PlanVm, str]]) -> dict[Hashable, float]:
        """Minutes (p90) that these moves alone ask of each part of the path."""
        found: dict[Hashable, float] = {}
        for vm, method in moves:
            load = self._loads.of(vm, method)
            for resource, _asked, asked_p90, _rest in load.parts if load.slot is None else (*load.parts, load.slot):
                found[resource] = found.get(resource, 0.0) + asked_p90
        return found

    def asked_p90(self) -> dict[Resource, float]:
        """Minutes (p90) that what was added asks of each part of the path."""
        slots = ((resource, held[1]) for resource, held in self._held.items())
        return {**{resource: asked[1] for resource, asked in self._sums.items()}, **dict(slots)}

    def _take(self, load: Load) -> None:
        self._peaks = self._peaks_with(load)
        sums = self._sums
        for resource, asked, asked_p90, _rest in load.parts:
            median, p90 = sums.get(resource, _NOTHING)
            sums[resource] = (median + asked, p90 + asked_p90)
        if load.slot is not None:
            resource, asked, asked_p90, rest = load.slot
            median, p90, most = self._held.get(resource, _FREE)
            self._held[resource] = (median + asked, p90 + asked_p90, max(most, rest))

    def _peaks_with(self, load: Load) -> _Peaks:
        """The peaks once a move is added. Asked for hundreds of thousands of times: plain comparisons, no calls."""
        known = self._sums.get
        part, most, most_p90, slots, slots_p90, longest, longest_p90, fixed, fixed_p90 = self._peaks
        for resource, asked, asked_p90, _rest in load.parts:
            median, p90 = known(resource, _NOTHING)
            if median + asked > most:
                most, part = median + asked, resource[0]
            if p90 + asked_p90 > most_p90:
                most_p90 = p90 + asked_p90
        if load.slot is not None:
            resource, asked, asked_p90, rest = load.slot
            median, p90, beyond = self._held.get(resource, _FREE)
            slots, slots_p90 = max(slots, median + asked), max(slots_p90, p90 + asked_p90 + max(beyond, rest))
        return (
            part,
            most,
            most_p90,
            slots,
            slots_p90,
            max(longest, load.alone_minutes),
            max(longest_p90, load.alone_p90_minutes),
            max(fixed, load.fixed_minutes),
            max(fixed_p90, load.fixed_p90_minutes),
        )
