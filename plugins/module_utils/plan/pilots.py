# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which groups go first, alone.

Named groups with nothing that has to move before them come first, the least risky before the others, up to `count` VMs; where
nobody is named, or none of the named can begin, the least risky groups that can go in the earliest slot. A group is never torn apart:
the first one may have more VMs than `count`. A plan that has finished waves has had its pilots.
"""

from __future__ import annotations

from collections.abc import Sequence

from .drafts import Draft
from .placement import Board, Case, Item
from .settings import Pilots


def choose_pilots(case: Case, drafts: Sequence[Draft], placeable: Sequence[int], pilots: Pilots) -> tuple[tuple[int, ...], int]:
    """Numbers of the pilots' items and their slot; none and -1 where there are no pilots."""
    free = [case.items[number] for number in placeable if not case.items[number].before]
    if pilots.count < 1 or case.waves_before or not free or case.waves_left == 0:
        return (), -1
    named = [] if pilots.selector.empty else [item for item in free if any(pilots.selector.matches(vm) for vm in drafts[item.number].vms)]
    pool = named or [item for item in free if not item.high] or free
    slots = {item.number: item.first_slot(0) for item in pool}
    slot = min(slots.values())
    ready = sorted((item for item in pool if slots[item.number] == slot), key=_rank)
    if not named:
        small = [item for item in ready if item.vms <= pilots.count]
        ready = small or ready[:1]
    return _together(case, ready, slot, pilots.count), slot


def _rank(item: Item) -> tuple[int, int, int, int, str]:
    return item.high, item.points, item.vms, item.bytes, item.id


def _together(case: Case, ready: Sequence[Item], slot: int, count: int) -> tuple[int, ...]:
    """As many of these as one wave takes, up to so many VMs."""
    board, left, found = Board(case), count, list[int]()
    for item in ready:
        if found and (item.vms > left or item.profile.span(slot) is None or board.refusal(item, slot) is not None):
            continue
        board.place(item, slot)
        found.append(item.number)
        left -= item.vms
        if left <= 0:
            break
    return tuple(sorted(found))


def named_vms(drafts: Sequence[Draft], pilots: Pilots) -> frozenset[str]:
    """Ids of the VMs that the user named as pilots."""
    if pilots.selector.empty:
        return frozenset()
    return frozenset(vm.id for draft in drafts for vm in draft.vms if pilots.selector.matches(vm))
