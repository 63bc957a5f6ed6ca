# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bounds that hold whatever the arrangement: when one is broken, no arrangement of the items fits, and here is why.

Each is about one resource and the items that may go nowhere but to a set of nodes.
- Sum: together they ask for more than is free there.
- Count: of items that ask for at least `s`, a node with `f` free holds at most `f // s`; there are more of them than the
  nodes hold. With `s` above half of the largest node this is the bound of the items larger than half a bin (the first step
  of Martello and Toth's L2); `x -> x // s` is one of the dual feasible functions by which such bounds are made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from .packing import Item, Size

SIZES_TRIED: Final = 64
"""Sizes `s` of the count bound that are tried per resource, spread evenly over those that occur."""
SETS_TRIED: Final = 64
"""Sets of nodes that are tried."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A bound that is broken. `at_least` is 0 for the sum bound, else the size from which items were counted."""

    resource: int
    needed: int
    available: int
    items: int
    nodes: int
    at_least: int = 0


def broken_bounds(items: Sequence[Item], free: Sequence[Size]) -> list[Broken]:
    """Per resource the first bound that is broken: sum before count, larger sets of nodes before smaller ones."""
    found: dict[int, Broken] = {}
    for mask, members in _sets(items):
        amounts = [size for index, size in enumerate(free) if mask >> index & 1]
        for resource in range(len(items[0].size)):
            if resource in found:
                continue
            broken = _sum(resource, members, amounts) or _count(resource, members, amounts)
            if broken is not None:
                found[resource] = broken
    return [found[resource] for resource in sorted(found)]


def _sets(items: Sequence[Item]) -> Iterator[tuple[int, list[Item]]]:
    """Sets of nodes, with the items that may go nowhere else: all that an item has, and their union."""
    masks = {item.nodes for item in items}
    union = 0
    for mask in masks:
        union |= mask
    ranked = sorted(masks | {union}, key=lambda mask: (-mask.bit_count(), mask)) if items else []
    for mask in ranked[:SETS_TRIED]:
        yield mask, [item for item in items if not item.nodes & ~mask]


def _sum(resource: int, items: Sequence[Item], free: Sequence[Size]) -> Broken | None:
    needed, available = sum(item.size[resource] for item in items), sum(size[resource] for size in free)
    return Broken(resource, needed, available, len(items), len(free)) if needed > available else None


def _count(resource: int, items: Sequence[Item], free: Sequence[Size]) -> Broken | None:
    sizes = sorted((item.size[resource] for item in items if item.size[resource]), reverse=True)
    steps = [place for place in range(len(sizes)) if place + 1 == len(sizes) or sizes[place + 1] < sizes[place]]
    tried = steps if len(steps) <= SIZES_TRIED else [steps[place * (len(steps) - 1) // (SIZES_TRIED - 1)] for place in range(SIZES_TRIED)]
    for place in tried:
        size = sizes[place]
        held = sum(amounts[resource] // size for amounts in free)
        if place + 1 > held:
            return Broken(resource, place + 1, held, len(items), len(free), size)
    return None
