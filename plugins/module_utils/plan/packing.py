# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packing of items onto nodes by several resources at once: first fit with a tree over the nodes, and an exact search.

An item has a size per resource (three of them at least) and a set of nodes that it may go to; a node has a free amount per
resource. Nothing here knows what the resources are.

First fit finds the leftmost node with room in O(log nodes) as a rule: each node of the tree holds the largest free amounts
below it, and which kinds of items any node below it may take. Equal items go together. The search that is exact follows
every set of items that the nodes can take, and so proves that there is no arrangement; it gives up after a number of steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Final, TypeAlias

Size: TypeAlias = tuple[int, ...]

ORDERS: Final = 4
"""Orders of the items that first fit tries."""
EXACT_ITEMS: Final = 12
"""Up to so many items the exact search is used."""
EXACT_STEPS: Final = 20_000_000
"""Sets joined. Of 12 items at most 924 sets contain none of each other, so that a node takes 924 * 924 steps at most."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be placed. `nodes` is a bit mask of the nodes (by index) that it may go to."""

    id: str
    size: Size
    nodes: int


class Proof(Enum):
    """How a search ended: with an arrangement, with the certainty that there is none, or without either."""

    FOUND = "found"
    NONE = "none"
    UNDECIDED = "undecided"


class Room:
    """Free amounts of the nodes, with a tree that finds the first node with room for an item."""

    def __init__(self, free: Sequence[Size], masks: Iterable[int]) -> None:
        self._dimensions = len(free[0]) if free else 0
        self._kinds = {mask: 1 << index for index, mask in enumerate(sorted(set(masks)))}
        self._leaves = 1
        while self._leaves < max(1, len(free)):
            self._leaves *= 2
        self._tops: list[list[int]] = [[-1] * self._dimensions for _index in range(2 * self._leaves)]
        self._bits = [0] * (2 * self._leaves)
        for index, amounts in enumerate(free):
            self._tops[self._leaves + index] = list(amounts)
            self._bits[self._leaves + index] = sum(bit for mask, bit in self._kinds.items() if mask >> index & 1)
        for index in range(self._leaves - 1, 0, -1):
            self._tops[index] = self._larger(index)
            self._bits[index] = self._bits[2 * index] | self._bits[2 * index + 1]

    def find(self, size: Size, mask: int) -> int:
        """Index of the first node of the mask with room; -1 where there is none. The mask is one that was announced."""
        kind = self._kinds[mask]
        if not self._dimensions:
            return -1
        tops, bits, leaves = self._tops, self._bits, self._leaves
        first, second, third = size[:3]
        others = [(index, amount) for index, amount in enumerate(size) if index > 2 and amount]
        later = [1]
        while later:
            index = later.pop()
            while True:
                top = tops[index]
                if top[0] < first or top[1] < second or top[2] < third or not bits[index] & kind:
                    break
                if others and any(top[other] < amount for other, amount in others):
                    break
                if index >= leaves:
                    return index - leaves
                index *= 2
                later.append(index + 1)
        return -1

    def times(self, node: int, size: Size) -> int:
        """How many items of this size the node has room for."""
        top = self._tops[self._leaves + node]
        return min(have // amount for have, amount in zip(top, size, strict=True) if amount)

    def take(self, node: int, size: Size, count: int = 1) -> None:
        """Puts so many items of this size on the node; a negative count takes them off."""
        index = self._leaves + node
        tops = self._tops
        tops[index] = [have - amount * count for have, amount in zip(tops[index], size, strict=True)]
        index //= 2
        while index:
            larger = self._larger(index)
            if larger == tops[index]:
                return
            tops[index] = larger
            index //= 2

    def _larger(self, index: int) -> list[int]:
        return [max(pair) for pair in zip(self._tops[2 * index], self._tops[2 * index + 1], strict=True)]


def node_order(free: Sequence[Size], items: Sequence[Item]) -> list[int]:
    """Nodes in the order in which first fit fills them: those that few items need first, then the smaller ones.

    A node with what only some items ask for (devices, a CPU model) is spared for them that way.
    """
    totals = _totals(free)
    masks = sorted({item.nodes for item in items})

    def key(index: int) -> tuple[int, int, float, int]:
        rare = sum(1 for amount in free[index][3:] if amount)
        kinds = sum(mask >> index & 1 for mask in masks)
        return (rare, kinds, _weight(free[index], totals), index)

    return sorted(range(len(free)), key=key)


def first_fit(items: Sequence[Item], free: Sequence[Size], orders: int = ORDERS) -> tuple[dict[str, int], list[Item]]:
    """Places items in several orders, largest first, until one places all; else the result of the order that left fewest.

    Gives the node of each placed item and the items that found no room.
    """
    if not free:
        return {}, list(items)
    best: tuple[dict[str, int], list[Item]] | None = None
    order = node_order(free, items)
    shuffled = [free[index] for index in order]
    moved = _moved(items, order)
    for ranked in islice(_rankings(moved, shuffled), orders):
        room = Room(shuffled, (item.nodes for item in moved))
        placed, left = fill(ranked, room)
        if best is None or len(left) < len(best[1]):
            best = ({name: order[node] for name, node in placed.items()}, left)
        if not left:
            break
    placed, left = best or ({}, [])
    originals = {item.id: item for item in items}
    return placed, [originals[item.id] for item in left]


def fill(items: Sequence[Item], room: Room) -> tuple[dict[str, int], list[Item]]:
    """First fit of the items in the order in which they come; equal ones that follow each other go together."""
    placed: dict[str, int] = {}
    left: list[Item] = []
    start = 0
    while start < len(items):
        size, mask = items[start].size, items[start].nodes
        end = start + 1
        while end < len(items) and items[end].size == size and items[end].nodes == mask:
            end += 1
        while start < end:
            node = room.find(size, mask)
            if node < 0:
                break
            count = min(end - start, room.times(node, size))
            room.take(node, size, count)
            for item in items[start : start + count]:
                placed[item.id] = node
            start += count
        left.extend(items[start:end])
        start = end
    return placed, left


def _moved(items: Sequence[Item], order: Sequence[int]) -> list[Item]:
    """The items with their masks in the new order of the nodes."""
    masks = {mask: sum(1 << place for place, index in enumerate(order) if mask >> index & 1) for mask in {item.nodes for item in items}}
    return [Item(item.id, item.size, masks[item.nodes]) for item in items]


def _rankings(items: Sequence[Item], free: Sequence[Size]) -> Iterable[list[Item]]:
    totals = _totals(free)
    weights = {size: _weight(size, totals) for size in {item.size for item in items}}
    counts = {mask: mask.bit_count() for mask in {item.nodes for item in items}}
    yield sorted(items, key=lambda item: (counts[item.nodes], -weights[item.size], item.size, item.id))
    yield sorted(items, key=lambda item: (-weights[item.size], item.size, counts[item.nodes], item.id))
    yield sorted(items, key=lambda item: (-item.size[1], -item.size[0], item.size, counts[item.nodes], item.id))
    yield sorted(items, key=lambda item: (-item.size[0], -item.size[1], item.size, counts[item.nodes], item.id))


def _totals(amounts: Sequence[Size]) -> Size:
    return tuple(sum(column) for column in zip(*amounts, strict=True))


def _weight(size: Size, totals: Size) -> float:
    """The largest share of a total that the size takes; what there is none of does not count."""
    return max((amount / total for amount, total in zip(size, totals, strict=False) if total), default=0.0)


# ---- exact -----------------------------------------------------------------------------------------------------------


class Steps:
    """Steps that are left for exact searches."""

    def __init__(self, left: int = EXACT_STEPS) -> None:
        self.left = left


def search(items: Sequence[Item], free: Sequence[Size], steps: Steps) -> tuple[Proof, Mapping[str, int]]:
    """An arrangement of all items, or the certainty that there is none, unless the steps run out.

    Items that fit on as many nodes as there are items in play are put aside: whatever the others do, one of those nodes
    stays untouched. The rest is covered node by node, see `_hard`.
    """
    hard, easy = _split(items, free)
    placed = _hard(hard, free, steps)
    if placed is None:
        return (Proof.UNDECIDED if steps.left <= 0 else Proof.NONE), {}
    used = set(placed.values())
    for item, nodes in reversed(easy):
        node = min(index for index in nodes if index not in used)
        placed[item.id] = node
        used.add(node)
    return Proof.FOUND, placed


def _split(items: Sequence[Item], free: Sequence[Size]) -> tuple[list[Item], list[tuple[Item, list[int]]]]:
    fitting = {
        item.id: [index for index, amounts in enumerate(free) if item.nodes >> index & 1 and _fits(item.size, amounts)] for item in items
    }
    hard = sorted(items, key=lambda item: (len(fitting[item.id]), item.id))
    easy: list[tuple[Item, list[int]]] = []
    while hard and len(fitting[hard[-1].id]) >= len(hard):
        item = hard.pop()
        easy.append((item, fitting[item.id]))
    return hard, easy


def _hard(items: Sequence[Item], free: Sequence[Size], steps: Steps) -> dict[str, int] | None:
    """Node of each item by covering: which sets of items can the first nodes take, the first two, and so on?

    A set that another one contains is dropped, for whoever takes more items leaves fewer to the rest: so per node only the
    largest sets that it can take count, and of what the nodes so far can take only the largest sets.
    """
    whole = (1 << len(items)) - 1
    sums = _sums(items)
    known: dict[tuple[Size, int], list[int]] = {}
    layers: list[tuple[int, dict[int, int]]] = []
    reached: list[int] = [0]
    for index, amounts in enumerate(free):
        if reached == [whole]:
            break
        kinds = sum(1 << place for place, item in enumerate(items) if item.nodes >> index & 1 and _fits(item.size, amounts))
        if not kinds:
            continue
        if (amounts, kinds) not in known:
            known[amounts, kinds] = _largest_sets(sums, amounts, kinds, len(items))
        steps.left -= len(reached) * len(known[amounts, kinds])
        if steps.left <= 0:
            return None
        before: dict[int, int] = {}
        for covered in reached:
            for taken in known[amounts, kinds]:
                before.setdefault(covered | taken, covered)
        layers.append((index, before))
        reached = [whole] if whole in before else _not_contained(before)
    if reached != [whole]:
        return None
    return _traced(items, layers, whole)


def _sums(items: Sequence[Item]) -> list[Size]:
    """Size of each set of items, by its bits."""
    sums: list[Size] = [(0,) * len(items[0].size) if items else ()]
    for item in items:
        sums += [tuple(map(int.__add__, size, item.size)) for size in sums]
    return sums


def _largest_sets(sums: Sequence[Size], amounts: Size, kinds: int, count: int) -> list[int]:
    """Sets that a node can take and that would be too much with any other item that it may take."""
    held = {bits for bits, size in enumerate(sums) if not bits & ~kinds and _fits(size, amounts)}
    others = [1 << place for place in range(count) if kinds >> place & 1]
    return sorted(bits for bits in held if not any(bits | other in held for other in others if not bits & other))


def _not_contained(sets: Iterable[int]) -> list[int]:
    kept: list[int] = []
    for bits in sorted(sets, key=lambda bits: (-bits.bit_count(), bits)):
        if not any(bits & other == bits for other in kept):
            kept.append(bits)
    return kept


def _traced(items: Sequence[Item], layers: Sequence[tuple[int, Mapping[int, int]]], whole: int) -> dict[str, int]:
    """The items that each node added, from the last node back; an item that two could take goes to the first."""
    placed: dict[str, int] = {}
    covered = whole
    for index, before in reversed(layers):
        earlier = before[covered]
        for place, item in enumerate(items):
            if covered & ~earlier & (1 << place):
                placed[item.id] = index
        covered = earlier
    return placed


def _fits(size: Size, amounts: Size) -> bool:
    return all(have >= amount for have, amount in zip(amounts, size, strict=True))
