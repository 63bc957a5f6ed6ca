# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which units (VMs that go together or not at all) are kept when not everything fits, and where their items go.

Two kinds of limits: room on nodes, and budgets, which are sums over all units (free space of a storage class, a quota, what
has to stay clear for the reserve).

The rule: units are taken in the order in which they come, each when it fits together with those taken before.
Up to 12 items that is exact: a unit is left only where no arrangement holds it and the units taken before it (unless
the search runs out of steps, which the result says). Beyond that, the longest run of units from the front whose sums can
fit is packed by first fit, largest items first; what finds no room, and what comes after, is then tried one by one in
order, so that no unit is left for which there is room in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from .bounds import broken_bounds
from .packing import EXACT_ITEMS, Item, Proof, Room, Size, Steps, first_fit, search

FILLINGS: Final = (0.98, 0.95, 0.9)
"""Shares of the nodes' sums up to which the run of units is cut, one after the other, until first fit places the run."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What goes together or not at all. `budgets` is what it takes of each budget."""

    id: str
    items: tuple[Item, ...]
    budgets: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Node of each item that is kept; units left out, with the budgets that each would break (none: room on nodes)."""

    nodes: Mapping[str, int]
    left: Mapping[str, tuple[str, ...]]
    free: tuple[Size, ...]
    """of each node, after the items that are kept"""
    budgets: Mapping[str, int]
    """what is left of each budget"""
    exact: bool
    """a unit was left for lack of room only where no arrangement holds it"""


def arrange(units: Sequence[Unit], free: Sequence[Size], budgets: Mapping[str, int]) -> Arrangement:
    """Keeps units by the rule of this module."""
    items = [item for unit in units for item in unit.items]
    within = all(sum(unit.budgets.get(name, 0) for unit in units if name in unit.budgets) <= budgets[name] for name in _named(units))
    if within and _sums_fit(items, free):
        nodes, missing = first_fit(items, free)
        if not missing:
            return _arrangement(units, nodes, {}, free, budgets, True)
    if 0 < len(items) <= EXACT_ITEMS:
        return _exact(units, free, budgets)
    return _large(units, free, budgets)


def _sums_fit(items: Sequence[Item], free: Sequence[Size]) -> bool:
    wanted = [sum(column) for column in zip(*(item.size for item in items), strict=True)]
    have = [sum(column) for column in zip(*free, strict=True)] or [0] * len(wanted)
    return all(amount <= limit for amount, limit in zip(wanted, have, strict=True)) if items else True


def _named(units: Iterable[Unit]) -> list[str]:
    return sorted({name for unit in units for name in unit.budgets})


class Purse:
    """Budgets and what is left of them."""

    def __init__(self, budgets: Mapping[str, int]) -> None:
        self.left = dict(budgets)

    def broken(self, unit: Unit) -> tuple[str, ...]:
        """Budgets that the unit would break."""
        return tuple(sorted(name for name, amount in unit.budgets.items() if amount > self.left[name]))

    def take(self, unit: Unit) -> None:
        """Takes what the unit needs."""
        for name, amount in unit.budgets.items():
            self.left[name] -= amount


def _exact(units: Sequence[Unit], free: Sequence[Size], budgets: Mapping[str, int]) -> Arrangement:
    purse, steps = Purse(budgets), Steps()
    kept: list[Unit] = []
    nodes: Mapping[str, int] = {}
    left: dict[str, tuple[str, ...]] = {}
    certain = True
    for unit in units:
        broken = purse.broken(unit)
        if not broken:
            trial = [item for one in (*kept, unit) for item in one.items]
            placed, missing = first_fit(trial, free)
            proof = Proof.FOUND
            if missing:
                proof, placed = _search(trial, free, steps)
            if proof is Proof.FOUND:
                kept.append(unit)
                nodes = placed
                purse.take(unit)
                continue
            certain = certain and proof is Proof.NONE
        left[unit.id] = broken
    return _arrangement(kept, nodes, left, free, budgets, certain)


def _search(items: Sequence[Item], free: Sequence[Size], steps: Steps) -> tuple[Proof, dict[str, int]]:
    if broken_bounds(items, free):
        return Proof.NONE, {}
    proof, placed = search(items, free, steps)
    return proof, dict(placed)


def _large(units: Sequence[Unit], free: Sequence[Size], budgets: Mapping[str, int]) -> Arrangement:
    nodes: dict[str, int] = {}
    run: list[Unit] = []
    for share in FILLINGS:
        run = _run(units, free, budgets, share)
        nodes, missing = first_fit([item for unit in run for item in unit.items], free, 1)
        if not missing:
            break
    purse = Purse(budgets)
    kept: dict[str, Unit] = {}
    for unit in run:
        if all(item.id in nodes for item in unit.items):
            kept[unit.id] = unit
            purse.take(unit)
        else:
            for item in unit.items:
                nodes.pop(item.id, None)
    room = Room(_rest(kept.values(), nodes, free), (item.nodes for unit in units for item in unit.items))
    left = _one_by_one([unit for unit in units if unit.id not in kept], room, purse, nodes)
    return _arrangement([unit for unit in units if unit.id not in left], nodes, left, free, budgets, False)


def _one_by_one(units: Iterable[Unit], room: Room, purse: Purse, nodes: dict[str, int]) -> dict[str, tuple[str, ...]]:
    """Places what still fits, in order; gives the units that do not, with the budgets that they would break."""
    left: dict[str, tuple[str, ...]] = {}
    full: set[tuple[Size, int]] = set()
    for unit in units:
        broken = purse.broken(unit)
        placed = {} if broken else _place(unit, room, full)
        if placed is None or broken:
            left[unit.id] = broken
        else:
            nodes.update(placed)
            purse.take(unit)
    return left


def _place(unit: Unit, room: Room, full: set[tuple[Size, int]]) -> dict[str, int] | None:
    """Nodes for all items of the unit, or None and nothing taken. `full` remembers sizes for which there is no room any more."""
    if any((item.size, item.nodes) in full for item in unit.items):
        return None
    placed: dict[str, int] = {}
    for item in sorted(unit.items, key=lambda item: (item.nodes.bit_count(), tuple(-amount for amount in item.size), item.id)):
        node = room.find(item.size, item.nodes)
        if node < 0:
            if not placed:
                full.add((item.size, item.nodes))
            for other in unit.items:
                if other.id in placed:
                    room.take(placed[other.id], other.size, -1)
            return None
        room.take(node, item.size)
        placed[item.id] = node
    return placed


def _run(units: Sequence[Unit], free: Sequence[Size], budgets: Mapping[str, int], share: float) -> list[Unit]:
    """Units from the front while their sums keep to the share of what is free.

    Those that break a budget, or that are too much even alone, are passed over.
    """
    whole = [int(sum(column) * share) for column in zip(*free, strict=True)]
    left = whole
    purse = Purse(budgets)
    run: list[Unit] = []
    for unit in units:
        if purse.broken(unit):
            continue
        wanted = [sum(column) for column in zip(*(item.size for item in unit.items), strict=True)]
        if any(amount > have for amount, have in zip(wanted, left, strict=True)):
            if any(amount > have for amount, have in zip(wanted, whole, strict=True)):
                continue
            break
        left = [have - amount for amount, have in zip(wanted, left, strict=True)]
        purse.take(unit)
        run.append(unit)
    return run


def _arrangement(
    kept: Iterable[Unit],
    nodes: Mapping[str, int],
    left: Mapping[str, tuple[str, ...]],
    free: Sequence[Size],
    budgets: Mapping[str, int],
    exact: bool,
) -> Arrangement:
    units = list(kept)
    purse = Purse(budgets)
    for unit in units:
        purse.take(unit)
    return Arrangement(nodes, left, tuple(_rest(units, nodes, free)), purse.left, exact)


def _rest(kept: Iterable[Unit], nodes: Mapping[str, int], free: Sequence[Size]) -> list[Size]:
    """What is free of each node beside the items that are kept."""
    amounts = [list(size) for size in free]
    for unit in kept:
        for item in unit.items:
            held = amounts[nodes[item.id]]
            for index, amount in enumerate(item.size):
                held[index] -= amount
    return [tuple(size) for size in amounts]
