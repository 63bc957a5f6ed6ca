# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headroom: the least that any ledger allows, by its name; what nobody knows is never taken for room."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.headroom import (
    CLUSTER_QUOTA,
    NODES,
    QUEUE,
    QUOTA,
    Ledger,
    NodeLeft,
    Shape,
    headroom,
    left_of,
)

GPU = "nvidia.com/gpu"


def amounts(**given: float) -> dict[str, Fraction]:
    """Amounts by name; `gpu` stands for the resource, and `requests_gpu` for what a quota calls it."""
    words = {"gpu": GPU, "requests_gpu": f"requests.{GPU}", "requests_cpu": "requests.cpu", "limits_cpu": "limits.cpu"}
    return {words.get(name, name): Fraction(value).limit_denominator(1000) for name, value in given.items()}


SHAPE = Shape(amounts(gpu=2, cpu=4), amounts(cpu=8))
EMPTY_NODE = NodeLeft("a", amounts(gpu=8, cpu=64, pods=100))


def quota(**left: float) -> Ledger:
    return Ledger(QUOTA, "ResourceQuota t/q", amounts(**left))


@pytest.mark.parametrize(
    ("ledgers", "units", "binding"),
    [
        ([], 4, (NODES,)),
        ([quota(requests_gpu=5)], 2, ("ResourceQuota t/q",)),
        ([quota(requests_gpu=8)], 4, ("ResourceQuota t/q", NODES)),
        ([quota(pods=1)], 1, ("ResourceQuota t/q",)),
        ([quota(limits_cpu=23)], 2, ("ResourceQuota t/q",)),
        ([quota(requests_gpu=-2)], 0, ("ResourceQuota t/q",)),
        ([quota(persistentvolumeclaims=0)], 4, (NODES,)),
        ([quota(requests_gpu=6), Ledger(CLUSTER_QUOTA, "owner", amounts(requests_gpu=3))], 1, ("owner",)),
        ([Ledger(QUEUE, "queue", amounts(gpu=4, cpu=100))], 2, ("queue",)),
    ],
)
def test_least_that_any_ledger_allows_binds_by_its_name(ledgers: list[Ledger], units: int, binding: tuple[str, ...]) -> None:
    found = headroom(SHAPE, ledgers, [EMPTY_NODE])
    assert (found.units, found.binding) == (units, binding)


def test_pod_needs_all_that_it_asks_for_on_one_node() -> None:
    nodes = [
        NodeLeft("a", amounts(gpu=1, cpu=64, pods=9)),
        NodeLeft("b", amounts(gpu=7, cpu=9, pods=9)),
        NodeLeft("c", amounts(cpu=64, pods=9)),
    ]
    assert headroom(SHAPE, [], nodes).units == 2
    assert headroom(SHAPE, [], [NodeLeft("d", amounts(gpu=8, cpu=64, pods=0))]).units == 0


def test_what_nobody_knows_is_no_room_unless_another_allows_none_already() -> None:
    hidden = Ledger(QUEUE, "queue", unknown="the account may not read it")
    found = headroom(SHAPE, [hidden], [EMPTY_NODE])
    assert found.units is None
    assert found.words == "not known: queue (the account may not read it)"
    assert headroom(SHAPE, [hidden, quota(requests_gpu=1)], [EMPTY_NODE]).units == 0
    assert headroom(SHAPE, [], None, "pods could not be read").units is None
    assert headroom(SHAPE, [quota(pods=0)], None, "pods could not be read").units == 0


def test_quota_that_the_server_has_not_counted_yet_is_not_known() -> None:
    assert left_of({"pods": "10"}, {})[1] == "pods is not counted yet"
    assert left_of({"pods": 10, "requests.cpu": "4"}, {"pods": "3", "requests.cpu": "1500m"}) == (
        {"pods": Fraction(7), "requests.cpu": Fraction(5, 2)},
        "",
    )


def one_by_one(shape: Shape, ledgers: list[Ledger], nodes: list[NodeLeft]) -> int:
    """Pods made one after the other, each on any node that has room, as long as every ledger lets it through."""
    accounts = [dict(ledger.left) for ledger in ledgers]
    rooms = [dict(node.left) for node in nodes]
    made = 0
    while made < 1000:
        for ledger, account in zip(ledgers, accounts, strict=True):
            asked = shape.requests if ledger.what == QUEUE else shape.in_quota()
            if any(name in account and account[name] < amount for name, amount in asked.items()):
                return made
        needs = {"pods": Fraction(1), **shape.requests}
        fitting = [room for room in rooms if all(room.get(name, Fraction(0)) >= amount for name, amount in needs.items())]
        if not fitting:
            return made
        for name, amount in needs.items():
            fitting[0][name] -= amount
        for ledger, account in zip(ledgers, accounts, strict=True):
            for name, amount in (shape.requests if ledger.what == QUEUE else shape.in_quota()).items():
                if name in account:
                    account[name] -= amount
        made += 1
    return made


def test_answer_is_that_of_making_pods_one_by_one_on_random_fleets() -> None:
    rng = Random(20261122)

    def some(names: list[str], most: int) -> Mapping[str, Fraction]:
        return {name: Fraction(rng.randrange(most * 4), 4) for name in names if rng.random() < 0.8}

    for _case in range(1000):
        shape = Shape(
            {GPU: Fraction(rng.randrange(1, 5)), "cpu": Fraction(rng.randrange(1, 16), 4), "memory": Fraction(rng.randrange(1, 9))},
            {"cpu": Fraction(rng.randrange(4, 20), 4)},
        )
        nodes = [NodeLeft(str(number), {"pods": Fraction(rng.randrange(5)), **some([GPU, "cpu", "memory"], 20)}) for number in range(4)]
        ledgers = [
            Ledger(QUOTA, f"q{number}", some([f"requests.{GPU}", "requests.cpu", "cpu", "limits.cpu", "pods", "requests.storage"], 30))
            for number in range(rng.randrange(3))
        ]
        ledgers += [Ledger(QUEUE, "queue", some([GPU, "cpu", "memory"], 30)) for _number in range(rng.randrange(2))]
        assert headroom(shape, ledgers, nodes).units == one_by_one(shape, ledgers, nodes)
