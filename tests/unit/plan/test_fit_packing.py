# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packing, its bounds and the rule of who is kept, on items that may go to some nodes alone."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.arrange import Unit, arrange
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.bounds import broken_bounds
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.packing import (
    EXACT_ITEMS,
    Item,
    Proof,
    Room,
    Size,
    Steps,
    first_fit,
    search,
)

CHUNKS = [range(first, first + 20) for first in range(0, 300, 20)]
"""Seeds of random cases, twenty to a test."""


def _case(seed: int, most: int = 7) -> tuple[list[Item], list[Size]]:
    rng = random.Random(seed)
    free = [(rng.randrange(1, 12), rng.randrange(1, 12), rng.randrange(1, 5)) for _node in range(rng.randrange(1, 5))]
    masks = [rng.randrange(1, 1 << len(free)) for _kind in range(3)]
    count = rng.randrange(1, most + 1)
    items = [Item(f"i{index}", (rng.randrange(1, 7), rng.randrange(1, 7), 1), rng.choice(masks)) for index in range(count)]
    return items, free


def _any_way(items: Sequence[Item], free: Sequence[Size]) -> bool:
    if not items:
        return True
    first, rest = items[0], items[1:]
    for index, amounts in enumerate(free):
        if first.nodes >> index & 1 and all(have >= amount for have, amount in zip(amounts, first.size, strict=True)):
            after = list(free)
            after[index] = tuple(have - amount for have, amount in zip(amounts, first.size, strict=True))
            if _any_way(rest, after):
                return True
    return False


def assert_holds(items: Sequence[Item], free: Sequence[Size], nodes: Mapping[str, int]) -> None:
    """Each placed item is on a node that it may go to, and no node holds more than it has."""
    left = [list(amounts) for amounts in free]
    for item in items:
        if item.id in nodes:
            assert item.nodes >> nodes[item.id] & 1
            for index, amount in enumerate(item.size):
                left[nodes[item.id]][index] -= amount
    assert all(amount >= 0 for amounts in left for amount in amounts)


@pytest.mark.parametrize("seeds", CHUNKS)
def test_the_search_finds_an_arrangement_exactly_when_there_is_one(seeds: range) -> None:
    for seed in seeds:
        items, free = _case(seed)
        proof, nodes = search(items, free, Steps())
        assert proof is (Proof.FOUND if _any_way(items, free) else Proof.NONE)
        assert_holds(items, free, nodes)
        assert len(nodes) in (0, len(items))


@pytest.mark.parametrize("seeds", CHUNKS)
def test_a_broken_bound_means_that_no_arrangement_exists(seeds: range) -> None:
    for seed in seeds:
        items, free = _case(seed)
        broken = broken_bounds(items, free)
        assert not broken or not _any_way(items, free)
        assert all(bound.needed > bound.available for bound in broken)


@pytest.mark.parametrize("seeds", CHUNKS)
def test_units_and_budgets_are_kept_in_order_as_a_brute_force_keeps_them(seeds: range) -> None:
    for seed in seeds:
        items, free = _case(seed)
        rng = random.Random(seed)
        cuts = sorted({0, len(items), *(rng.randrange(len(items)) for _cut in range(4))})
        units = [Unit(f"u{end}", tuple(items[start:end]), {"gold": end - start}) for start, end in pairwise(cuts)]
        gold = rng.randrange(len(items) + 1)
        kept: list[Item] = []
        names = []
        for unit in units:
            if len(kept) + len(unit.items) <= gold and _any_way([*kept, *unit.items], free):
                kept += unit.items
                names.append(unit.id)
        result = arrange(units, free, {"gold": gold})
        assert result.exact
        assert [unit.id for unit in units if unit.id not in result.left] == names
        assert_holds(items, free, result.nodes)


@pytest.mark.parametrize("seed", range(20))
def test_many_units_are_kept_whole_and_none_is_left_for_which_there_is_room(seed: int) -> None:
    rng = random.Random(seed)
    free = [(rng.randrange(40, 90), rng.randrange(40, 90), 30) for _node in range(6)]
    items = [Item(f"i{index:03}", (rng.randrange(1, 9), rng.randrange(1, 9), 1), rng.choice((63, 7))) for index in range(160)]
    units = [Unit(item.id, (item,)) for item in items[:80]] + [Unit(items[at].id, tuple(items[at : at + 4])) for at in range(80, 160, 4)]
    result = arrange(units, free, {})
    assert result.left and not result.exact
    assert_holds(items, free, result.nodes)
    for unit in units:
        placed = [item.id in result.nodes for item in unit.items]
        assert all(placed) == any(placed) == (unit.id not in result.left)
        if unit.id in result.left:
            assert not _any_way(unit.items, result.free)


def test_the_search_says_when_it_gave_up() -> None:
    items = [Item(f"i{index}", (4, 4, 1), 15) for index in range(9)]
    assert search(items, [(10, 10, 9)] * 4, Steps(3))[0] is Proof.UNDECIDED
    assert search(items, [(10, 10, 9)] * 4, Steps())[0] is Proof.NONE


def test_items_that_fit_on_as_many_nodes_as_there_are_items_are_placed_without_a_search() -> None:
    items = [Item(f"i{index}", (5, 5, 1), (1 << 500) - 1) for index in range(EXACT_ITEMS)]
    steps = Steps(1)
    proof, nodes = search(items, [(5 + index % 3, 6, 1) for index in range(500)], steps)
    assert proof is Proof.FOUND
    assert len(set(nodes.values())) == EXACT_ITEMS
    assert steps.left == 1


def test_more_than_half_of_a_node_each_is_a_proof_though_the_sums_suffice() -> None:
    items = [Item(f"i{index}", (1, 6, 1), 7) for index in range(4)]
    (broken,) = broken_bounds(items, [(10, 10, 9)] * 3)
    assert (broken.resource, broken.at_least, broken.needed, broken.available) == (1, 6, 4, 3)


def test_the_first_node_with_room_is_found_and_a_taken_item_can_be_given_back() -> None:
    room = Room([(1, 9, 9), (9, 1, 9), (5, 5, 1), (9, 9, 9)], (15, 4))
    assert room.find((4, 4, 1), 15) == 2
    assert room.find((1, 9, 1), 15) == 0
    assert room.find((6, 1, 1), 4) == -1
    room.take(2, (4, 4, 1))
    assert room.find((4, 4, 1), 15) == 3
    room.take(2, (4, 4, 1), -1)
    assert room.find((4, 4, 1), 15) == 2
    assert room.times(3, (2, 4, 1)) == 2


def test_without_nodes_nothing_is_placed() -> None:
    items = [Item("i", (1, 1, 1), 0)]
    assert first_fit(items, []) == ({}, items)
    assert search(items, [], Steps())[0] is Proof.NONE
    assert arrange([Unit("u", tuple(items))], [], {}).left == {"u": ()}
