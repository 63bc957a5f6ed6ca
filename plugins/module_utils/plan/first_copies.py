# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first copies of warm moves: when they have to begin so that they are done before their wave, and whom they share the link with.

A warm plan copies all of its disks before the cutover, for hours or days, while the waves before it have their windows. All of that
goes over one link. So it is reckoned backwards from the last wave: the copies of a wave need what they take alone (p90), and the link
needs the time that these copies, those of later waves and the windows in between ask of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .model import WARM, FirstCopy, PlanVm, Wave
from .wave_clock import Loads, WaveClock


@dataclass(frozen=True, slots=True)
class Lot:
    """The moves of a wave, and the clock of its window with all of them."""

    moves: Sequence[tuple[PlanVm, str]]
    clock: WaveClock


def with_first_copies(waves: Sequence[Wave], lots: Mapping[int, Lot], first: Loads) -> list[Wave]:
    """The waves, those with warm moves with their first copies, all with the minutes of the link that copies of others take from them.

    `lots` are the moves of the waves that are not finished, by number; `first` is what first copies ask of the path.
    """
    ahead = [wave for wave in waves if not wave.finished]
    used = {number: lot.clock.link_p90() for number, lot in lots.items()}
    found: dict[int, FirstCopy] = {}
    needs: dict[int, float] = {}
    link_free = ahead[-1].slot.start if ahead else None
    for place in range(len(ahead) - 1, -1, -1):
        wave = ahead[place]
        warm = [move for move in lots[wave.number].moves if move[1] == WARM]
        if not warm or link_free is None:
            continue
        clock = WaveClock(first)
        clock.add(warm)
        p50, p90, _bottleneck = clock.minutes()
        needs[wave.number] = clock.link_p90()
        link_free = _back(min(link_free, wave.slot.start), needs[wave.number], ahead[:place], used)
        start_by = min(link_free, wave.slot.start - timedelta(minutes=p90))
        # Whole minutes, rounded down: whoever begins at that time is in time.
        start_by = start_by.replace(second=0, microsecond=0)
        found[wave.number] = FirstCopy(sum(vm.copy_bytes for vm, _method in warm), p50, p90, start_by)
    shared = _shared(ahead, found, needs)
    return [replace(wave, first_copy=found.get(wave.number), shared_link_minutes=shared.get(wave.number, 0.0)) for wave in waves]


def _back(end: datetime, minutes: float, earlier: Sequence[Wave], used: Mapping[int, float]) -> datetime:
    """The moment from which to the end there are so many minutes that the windows of earlier waves leave the link free."""
    for wave in reversed(earlier):
        busy_from = wave.slot.start
        busy_to = busy_from + timedelta(minutes=used[wave.number])
        if busy_from >= end:
            continue
        free = (end - busy_to).total_seconds() / 60
        if free >= minutes:
            break
        minutes -= max(0.0, free)
        end = busy_from
    return end - timedelta(minutes=minutes)


def _shared(waves: Sequence[Wave], found: Mapping[int, FirstCopy], needs: Mapping[int, float]) -> dict[int, float]:
    """Minutes of the link that first copies of other waves take within each window, evenly over the time that they have."""
    shared: dict[int, float] = {}
    for place, wave in enumerate(waves):
        copy = found.get(wave.number)
        if copy is None:
            continue
        span = (wave.slot.start - copy.start_by).total_seconds() / 60
        for other in reversed(waves[:place]):
            if other.slot.end <= copy.start_by:
                break
            overlap = (min(other.slot.end, wave.slot.start) - max(other.slot.start, copy.start_by)).total_seconds() / 60
            shared[other.number] = shared.get(other.number, 0.0) + needs[wave.number] * overlap / span
    return shared
