# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What queues would still admit: their own quota, what cohorts lend within the limits, and never more than there is."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.queue_room import QueueRoom
from hypothesis import assume, given
from hypothesis import strategies as st

GPU, FLAVOR = "nvidia.com/gpu", "h100"
Json = dict[str, Any]


def entry(nominal: int, borrows: int | None = None, lends: int | None = None) -> Json:
    limits = {"borrowingLimit": borrows, "lendingLimit": lends}
    return {"name": GPU, "nominalQuota": str(nominal), **{key: str(value) for key, value in limits.items() if value is not None}}


def groups(resource: Json) -> list[Json]:
    return [{"coveredResources": [GPU], "flavors": [{"name": FLAVOR, "resources": [resource]}]}]


def queue(name: str, resource: Json, used: int | None = 0, cohort: str = "", key: str = "cohortName", **more: Any) -> Json:
    held = [] if used is None else [{"name": FLAVOR, "resources": [{"name": GPU, "total": str(used)}]}]
    spec = {"resourceGroups": groups(resource), **({key: cohort} if cohort else {}), **more}
    return {"metadata": {"name": name}, "spec": spec, "status": {"flavorsReservation": held}}


def cohort(name: str, parent: str = "", resource: Json | None = None) -> Json:
    spec = {**({"parentName": parent} if parent else {}), **({"resourceGroups": groups(resource)} if resource else {})}
    return {"metadata": {"name": name}, "spec": spec}


def left(queues: list[Json], cohorts: list[Json] | None = None, name: str = "a") -> int | str:
    amount, unknown = QueueRoom(queues, cohorts or []).left(name, GPU, FLAVOR)
    return unknown or int(amount)


@pytest.mark.parametrize(
    ("queues", "cohorts", "expected"),
    [
        ([queue("a", entry(8), 3)], [], 5),
        ([queue("a", entry(8), 9)], [], -1),
        ([queue("a", entry(8), 3), queue("b", entry(8))], [], 5),
        ([queue("a", entry(8), 3, "ai"), queue("b", entry(8), 0, "ai")], [], 13),
        ([queue("a", entry(8), 3, "ai", "cohort"), queue("b", entry(8), 2, "ai", "cohort")], [], 11),
        ([queue("a", entry(8, borrows=2), 3, "ai"), queue("b", entry(8), 0, "ai")], [], 7),
        ([queue("a", entry(8, borrows=0), 3, "ai"), queue("b", entry(8), 0, "ai")], [], 5),
        ([queue("a", entry(8), 3, "ai"), queue("b", entry(8, lends=1), 0, "ai")], [], 6),
        ([queue("a", entry(8), 3, "ai"), queue("b", entry(8, lends=1), 9, "ai")], [], 4),
        ([queue("a", entry(8, lends=0), 3, "ai"), queue("b", entry(8), 12, "ai")], [], 1),
        ([queue("a", entry(8), 3, "ai"), queue("b", entry(8), 14, "ai")], [], -1),
        ([queue("a", entry(0), 0, "ai")], [cohort("ai", resource=entry(6))], 6),
        (
            [queue("a", entry(2), 0, "left"), queue("b", entry(4), 0, "right")],
            [cohort("left", "all"), cohort("right", "all"), cohort("all")],
            6,
        ),
        (
            [queue("a", entry(2), 0, "left"), queue("b", entry(4), 1, "right")],
            [cohort("left", "all", entry(0, borrows=1)), cohort("right", "all"), cohort("all")],
            3,
        ),
        ([queue("a", entry(8), None)], [], "Kueue has not counted nvidia.com/gpu of a yet"),
        ([queue("a", entry(8), 0, "ai"), queue("b", entry(8), None, "ai")], [], "Kueue has not counted nvidia.com/gpu of b yet"),
        ([queue("a", entry(8), 0, "x")], [cohort("x", "y"), cohort("y", "x")], "Cohort x is its own ancestor"),
        ([queue("b", entry(8))], [], "there is no ClusterQueue a yet"),
        ([queue("a", {"name": GPU, "nominalQuota": "many"})], [], "a quota of ClusterQueue a is no quantity"),
    ],
)
def test_room_of_a_queue_is_what_kueue_would_admit(queues: list[Json], cohorts: list[Json], expected: int | str) -> None:
    assert left(queues, cohorts) == expected


def test_devices_of_another_flavor_are_not_admitted_and_several_flavors_of_cpu_are_not_known() -> None:
    room = QueueRoom([queue("a", entry(8))], [])
    assert room.left("a", GPU, "l4") == (0, "")
    assert room.left("a", "amd.com/gpu", FLAVOR) == (0, "")
    amounts = [{"name": "cpu", "nominalQuota": "4"}]
    several = [{"coveredResources": ["cpu"], "flavors": [{"name": name, "resources": amounts} for name in ("x", "y")]}]
    assert QueueRoom([{"metadata": {"name": "a"}, "spec": {"resourceGroups": several}}], []).left("a", "cpu", FLAVOR)[1] != ""


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (queue("a", entry(8), stopPolicy="HoldAndDrain"), "its stopPolicy is HoldAndDrain"),
        (queue("a", entry(8), stopPolicy="None"), ""),
        (
            {**queue("a", entry(8)), "status": {"conditions": [{"type": "Active", "status": "False", "reason": "FlavorNotFound"}]}},
            "it is not active: FlavorNotFound",
        ),
        ({**queue("a", entry(8)), "status": {"conditions": [{"type": "Active", "status": "True"}]}}, ""),
    ],
)
def test_queue_that_admits_nothing_says_why(item: Json, says: str) -> None:
    assert QueueRoom([item], []).stopped("a") == says


MEMBERS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.none() | st.integers(0, 4), st.none() | st.integers(0, 4)), min_size=1, max_size=4
)


Members = list[tuple[int, int, int | None, int | None]]
"""Nominal quota, what is taken, and what may be borrowed and lent, of each queue."""


def kept(members: Members) -> list[int]:
    return [0 if lends is None else max(0, nominal - lends) for nominal, _used, _borrows, lends in members]


def shared(members: Members) -> int:
    return sum(nominal for nominal, *_rest in members) - sum(kept(members))


def over(members: Members, more: int = 0) -> int:
    """What is taken of the cohort, with so many more for the first member."""
    held = [used for _nominal, used, _borrows, _lends in members]
    held[0] += more
    return sum(max(0, amount - mine) for amount, mine in zip(held, kept(members), strict=True))


def one_by_one(members: Members) -> int:
    """Devices that the first member takes one after the other: from its own hands first, then what others of the cohort may spare."""
    nominal, used, borrows, _lends = members[0]
    taken = 0
    while taken < 100:
        most = nominal + borrows if borrows is not None else 100
        within = used + taken + 1 <= kept(members)[0]
        if not within and (over(members, taken + 1) > shared(members) or used + taken + 1 > most):
            return taken
        taken += 1
    return taken


@given(MEMBERS)
def test_room_in_a_cohort_is_that_of_taking_devices_one_by_one(members: Members) -> None:
    queues = [
        queue("a" if number == 0 else f"q{number}", entry(nominal, borrows, lends), used, "ai")
        for number, (nominal, used, borrows, lends) in enumerate(members)
    ]
    amount, unknown = QueueRoom(queues, []).left("a", GPU, FLAVOR)
    assert unknown == ""
    # Of a cohort that has handed out more than it has, Kueue takes the debt of what its members keep as well.
    assume(over(members) <= shared(members))
    assert max(Fraction(0), amount) == one_by_one(members)
