# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first copies of warm moves: when they have to begin so that they are done before their wave, and whom they share the path with.

A warm plan copies all of its disks before the cutover, for hours or days, while the waves before it have their windows. All of that
goes over one link, and much of it over the same hosts and datastores. So it is reckoned backwards from the last wave, for each part of
the path: the copies of a wave need what they take alone (p90), and each part needs the time that these copies, those of later waves and
the windows in between ask of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .model import WARM, FirstCopy, PlanVm, Wave
from .openings import EPSILON
from .standing import share_left
from .wave_clock import Loads, Resource, WaveClock


@dataclass(frozen=True, slots=True)
class Lot:
    """The moves of a wave, and the clock of its window with all of them."""

    moves: Sequence[tuple[PlanVm, str]]
    clock: WaveClock


def with_first_copies(waves: Sequence[Wave], lots: Mapping[int, Lot], first: Loads, begins: datetime) -> list[Wave]:
    """The waves, those with warm moves with their first copies, all with the minutes that copies of later ones take from them.

    `lots` are the moves of the waves that are not finished, by number; `first` is what first copies ask of the path. A wave that has
    begun keeps its first copies; of those, it is assumed, the part is left that its plan has left when this one `begins`.
    """
    ahead = [wave for wave in waves if not wave.finished]
    used = {number: lot.clock.asked_p90() for number, lot in lots.items()}
    found: dict[int, FirstCopy] = {}
    needs: dict[int, dict[Resource, float]] = {}
    free: dict[Resource, datetime] = {}
    """until when each part of the path is free of the first copies of later waves"""
    for place in range(len(ahead) - 1, -1, -1):
        wave = ahead[place]
        warm = [move for move in lots[wave.number].moves if move[1] == WARM]
        if not warm:
            continue
        before = ahead[:place]
        clock = WaveClock(first)
        clock.add(warm)
        p50, p90, _bottleneck = clock.minutes()
        left = share_left(wave, begins) if wave.begun else 1.0
        needs[wave.number] = {resource: minutes * left for resource, minutes in clock.asked_p90().items()}
        for resource, minutes in needs[wave.number].items():
            end = min(free.get(resource, wave.slot.start), wave.slot.start)
            free[resource] = _back(end, minutes, before, resource, used)
        if wave.begun:
            found.update({wave.number: wave.first_copy} if wave.first_copy is not None else {})
            continue
        start_by = min(wave.slot.start - timedelta(minutes=p90), *(free[resource] for resource in needs[wave.number]))
        # Whole minutes, rounded down: whoever begins at that time is in time.
        start_by = (start_by + timedelta(minutes=EPSILON)).replace(second=0, microsecond=0)
        found[wave.number] = FirstCopy(sum(vm.copy_bytes for vm, _method in warm), p50, p90, start_by)
    shared = _shared(ahead, found, needs, used)
    return [replace(wave, first_copy=found.get(wave.number), shared_minutes=shared.get(wave.number, 0.0)) for wave in waves]


def _back(
    end: datetime, minutes: float, earlier: Sequence[Wave], resource: Resource, used: Mapping[int, Mapping[Resource, float]]
) -> datetime:
    """The moment from which to the end there are so many minutes in which the windows of earlier waves leave a part of the path free."""
    for wave in reversed(earlier):
        busy_from = wave.slot.start
        if busy_from >= end:
            continue
        busy_to = busy_from + timedelta(minutes=used[wave.number].get(resource, 0.0))
        free = (end - busy_to).total_seconds() / 60
        if free >= minutes:
            break
        minutes -= max(0.0, free)
        end = busy_from
    return end - timedelta(minutes=minutes)


def _shared(
    waves: Sequence[Wave],
    found: Mapping[int, FirstCopy],
    needs: Mapping[int, Mapping[Resource, float]],
    used: Mapping[int, Mapping[Resource, float]],
) -> dict[int, float]:
    """Minutes that first copies of later waves take within each window, at the worst, of the part of its path that they take most of.

    They are begun when they have to be, and nobody holds them back: what they need of a part they may take in any window until theirs.
    """
    taken: dict[int, dict[Resource, float]] = {}
    for place, wave in enumerate(waves):
        copy = found.get(wave.number)
        if copy is None:
            continue
        for other in reversed(waves[:place]):
            if other.slot.end <= copy.start_by:
                break
            overlap = (min(other.slot.end, wave.slot.start) - max(other.slot.start, copy.start_by)).total_seconds() / 60
            parts = taken.setdefault(other.number, {})
            for resource, minutes in needs[wave.number].items():
                if resource in used[other.number]:
                    parts[resource] = parts.get(resource, 0.0) + min(overlap, minutes)
    return {number: max(parts.values()) for number, parts in taken.items() if parts}
