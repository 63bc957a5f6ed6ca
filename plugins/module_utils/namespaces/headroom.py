# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headroom: how many further pods of a grant's shape would run now, and what keeps it from being more.

All pods of a shape ask for the same, and every ledger counts sums: so each ledger allows a number of them that does not depend on the
others, and the least of these numbers is the answer. Nodes are counted one by one, since a pod needs all that it asks for on one node.
What is not known of one ledger leaves the answer unknown, unless another one allows none already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, TypeAlias

from ..common.quantities import exact, text_of
from ..common.write_findings import listed

Amounts: TypeAlias = Mapping[str, Fraction]
"""Resource to amount, in the resource's base unit."""

QUOTA, CLUSTER_QUOTA, QUEUE, NODES = "quota", "cluster quota", "queue", "nodes"
LEDGERS: Final = (QUOTA, CLUSTER_QUOTA, QUEUE, NODES)
ZERO: Final = Fraction(0)
_OF_NODES: Final = ("cpu", "ephemeral-storage", "memory")
"""Resources that a quota knows by their bare names too, and that have limits of their own."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What one pod asks for."""

    requests: Amounts
    """as a node counts it: cpu, memory, pods, a device's resource"""
    limits: Amounts

    def in_quota(self) -> dict[str, Fraction]:
        """As a quota names it; devices and the number of pods have one name each."""
        found = {"pods": Fraction(1), "count/pods": Fraction(1)}
        for name, amount in self.requests.items():
            if name != "pods":
                found[f"requests.{name}"] = amount
                if name in _OF_NODES:
                    found[name] = amount
        return {**found, **{f"limits.{name}": amount for name, amount in self.limits.items() if name in _OF_NODES}}


@dataclass(frozen=True, slots=True)
class Ledger:
    """One account of what is left."""

    what: str
    """one of LEDGERS"""
    name: str
    """for people: `ResourceQuota team-a/readiness-quota`"""
    left: Amounts = field(default_factory=dict)
    """what may still be taken, of what it counts; what it does not name it does not limit"""
    unknown: str = ""
    """why nobody knows what is left; empty where it is known"""


@dataclass(frozen=True, slots=True)
class NodeLeft:
    """What is left on one node that a pod of the shape can get to."""

    name: str
    left: Amounts
    """what the node does not name it does not have"""


@dataclass(frozen=True, slots=True)
class Headroom:
    """How many further pods would run."""

    units: int | None
    """None where nobody knows"""
    binding: tuple[str, ...] = ()
    """the ledgers that allow no more than that, by their names"""
    allowed: Mapping[str, int] = field(default_factory=dict)
    """ledger to how many it allows, of those that limit the shape at all"""
    unknown: tuple[str, ...] = ()
    """ledgers that nobody knows, each with the reason"""

    @property
    def words(self) -> str:
        """For people: `3 more, then ResourceQuota team-a/readiness-quota binds`."""
        if self.units is None:
            return f"not known: {listed(list(self.unknown))}"
        return f"{self.units} more, then {listed(list(self.binding))} binds"


def headroom(shape: Shape, ledgers: Iterable[Ledger], nodes: Sequence[NodeLeft] | None, why_no_nodes: str = "") -> Headroom:
    """How many further pods of the shape would run now; `nodes` are those that it can get to, None where nobody knows them."""
    asked = shape.in_quota()
    allowed: dict[str, int] = {}
    unknown: list[str] = []
    for ledger in ledgers:
        if ledger.unknown:
            unknown.append(f"{ledger.name} ({ledger.unknown})")
            continue
        most = most_within(ledger.left, shape.requests if ledger.what == QUEUE else asked)
        if most is not None:
            allowed[ledger.name] = most
    if nodes is None:
        unknown.append(f"{NODES} ({why_no_nodes})")
    else:
        allowed[NODES] = sum(most_on(node, shape) for node in nodes)
    least = min(allowed.values(), default=None)
    if least is None or (unknown and least > 0):
        return Headroom(None, (), allowed, tuple(unknown))
    return Headroom(least, tuple(name for name, most in allowed.items() if most == least), allowed, tuple(unknown))


def most_within(left: Amounts, asked: Amounts) -> int | None:
    """How many times what is asked for fits into what is left; None where nothing of it is counted."""
    counts = [max(ZERO, left[name]) // amount for name, amount in asked.items() if name in left and amount > 0]
    return int(min(counts)) if counts else None


def most_on(node: NodeLeft, shape: Shape) -> int:
    """How many such pods fit on a node."""
    needs = {"pods": Fraction(1), **shape.requests}
    return int(min(max(ZERO, node.left.get(name, ZERO)) // amount for name, amount in needs.items() if amount > 0))


def left_of(hard: Mapping[str, object], used: Mapping[str, object]) -> tuple[dict[str, Fraction], str]:
    """What is left of a quota, and why it is not known. What the server has not counted yet is not known."""
    found: dict[str, Fraction] = {}
    for name, value in hard.items():
        most, taken = exact(text_of(value)), exact(text_of(used.get(name, "")))
        if most is None or taken is None:
            return {}, f"{name} is not counted yet"
        found[name] = most - taken
    return found, ""
