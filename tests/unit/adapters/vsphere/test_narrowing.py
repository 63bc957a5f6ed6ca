# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault of the server costs what is at fault and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.collector import Collector
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.narrowing import (
    ENOUGH_CULPRITS,
    GONE,
    MOST_CALLS,
    Narrowing,
    ReadProblem,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.pages import Batch, Batches, Reply
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.soap import Fault
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import ObjectRead, Reference
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.adapters.vsphere.fake_server import Asked, FakeServer, connection_to, fault, virtual_machines

BOOM = Fault("SystemError", "Boom.")
REASON = "the server answered SystemError: Boom."
PATHS = tuple(f"p{number}" for number in range(12))
Culprits = Iterable[tuple[str, str]]


def ids(count: int) -> tuple[str, ...]:
    return tuple(f"vm-{number}" for number in range(count))


class Server:
    """Answers a call with a fault when it asks for one of the culprits: (object, path), with * for any."""

    def __init__(self, culprits: Culprits, blame: Callable[[str, str], Fault] = lambda moref, path: BOOM) -> None:
        self.culprits = set(culprits)
        self.blame = blame
        self.calls = 0

    def __call__(self, batches: Batches) -> Reply:
        self.calls += 1
        (batch,) = batches
        for moref in batch.morefs:
            for path in batch.paths:
                if {(moref, path), (moref, "*"), ("*", path), ("*", "*")} & self.culprits:
                    return Reply({}, self.blame(moref, path))
        return Reply({moref: ObjectRead("VM", moref, {path: f"{moref}.{path}" for path in batch.paths}, {}) for moref in batch.morefs})


def narrowed(server: Server, count: int, most: int = MOST_CALLS) -> tuple[dict[str, ObjectRead], list[ReadProblem]]:
    problems: list[ReadProblem] = []
    return Narrowing(server, problems.append, most).read(Batch("VM", PATHS, ids(count))), problems


def lacking(reads: dict[str, ObjectRead]) -> dict[tuple[str, str], str]:
    return {(moref, path): reason for moref, read in reads.items() for path, reason in read.missing.items()}


@given(st.sets(st.tuples(st.sampled_from(ids(20)), st.sampled_from(PATHS)), max_size=3))
def test_few_culprits_are_found_and_everything_else_is_read(culprits: set[tuple[str, str]]) -> None:
    reads, problems = narrowed(Server(culprits), 20)
    assert lacking(reads) == dict.fromkeys(culprits, REASON)
    assert {(problem.moref, problem.path) for problem in problems} == culprits
    for moref in ids(20):
        assert dict(reads[moref].values) == {path: f"{moref}.{path}" for path in PATHS if (moref, path) not in culprits}


def test_object_that_fails_as_a_whole_is_named_without_a_path() -> None:
    server = Server({("vm-5", "*")})
    reads, problems = narrowed(server, 250)
    assert problems == [ReadProblem("VM", "vm-5", "", REASON)]
    assert lacking(reads) == {("vm-5", path): REASON for path in PATHS}
    assert len(reads) == 250
    assert server.calls <= 25


def test_one_culprit_among_many_costs_few_calls() -> None:
    server = Server({("vm-123", "p7")})
    reads, problems = narrowed(server, 250)
    assert [(problem.moref, problem.path, problem.reason) for problem in problems] == [("vm-123", "p7", REASON)]
    assert len(reads) == 250
    assert server.calls <= 30


def test_path_that_fails_for_every_object_is_given_up_and_the_rest_is_read() -> None:
    server = Server({("*", "p7")})
    reads, problems = narrowed(server, 250)
    assert len(reads) == 250
    assert set(lacking(reads)) == {(moref, "p7") for moref in ids(250)}
    assert len(problems) == ENOUGH_CULPRITS
    assert "was not asked again" in lacking(reads)["vm-249", "p7"]
    assert server.calls <= 100


def test_property_that_the_server_names_is_left_out_at_once() -> None:
    server = Server({("*", "p7")}, lambda moref, path: Fault("InvalidProperty", "", {"name": path}))
    reads, problems = narrowed(server, 250)
    assert server.calls == 2
    assert problems == [ReadProblem("VM", "", "p7", "the server answered InvalidProperty")]
    assert set(lacking(reads)) == {(moref, "p7") for moref in ids(250)}


def test_object_that_the_server_says_is_gone_is_left_out_at_once() -> None:
    server = Server({("vm-7", "*")}, lambda moref, path: Fault("ManagedObjectNotFound", "", {"obj": Reference("VM", moref)}))
    reads, problems = narrowed(server, 250)
    assert server.calls == 2
    assert problems == [ReadProblem("VM", "vm-7", "", GONE, is_gone=True)]
    assert set(reads) == set(ids(250)) - {"vm-7"}


def test_object_that_is_gone_is_found_where_the_server_does_not_name_it() -> None:
    reads, problems = narrowed(Server({("vm-7", "*")}, lambda moref, path: Fault("ManagedObjectNotFound")), 20)
    assert problems == [ReadProblem("VM", "vm-7", "", GONE, is_gone=True)]
    assert set(reads) == set(ids(20)) - {"vm-7"}


@pytest.mark.parametrize("most", [1, 7, 50])
def test_narrowing_ends_after_so_many_calls_and_what_is_open_is_unknown(most: int) -> None:
    server = Server({("*", "*")})
    reads, problems = narrowed(server, 100, most=most)
    assert server.calls <= most
    assert set(lacking(reads)) == {(moref, path) for moref in ids(100) for path in PATHS}
    assert {problem.moref for problem in problems} == set(ids(100))


def test_reason_says_when_narrowing_was_given_up() -> None:
    reads, _problems = narrowed(Server({("*", "*")}), 100, most=3)
    assert "was not found in 3 calls" in lacking(reads)["vm-99", "p0"]


def test_object_that_vanishes_while_narrowing_is_named() -> None:
    server = Server({("vm-3", "p7")})

    def ask(batches: Batches) -> Reply:
        reply = server(batches)
        return reply if server.calls < 2 else Reply({moref: read for moref, read in reply.reads.items() if moref != "vm-1"}, reply.fault)

    problems: list[ReadProblem] = []
    reads = Narrowing(ask, problems.append).read(Batch("VM", PATHS, ids(4)))
    assert "vm-1" not in reads
    assert ReadProblem("VM", "vm-1", "", GONE, is_gone=True) in problems


def test_objects_before_a_fault_in_the_middle_of_an_answer_are_kept() -> None:
    asked: list[tuple[str, ...]] = []

    def ask(batches: Batches) -> Reply:
        (batch,) = batches
        asked.append(batch.morefs)
        answered = batch.morefs[:2] if len(asked) == 1 else batch.morefs
        reads = {moref: ObjectRead("VM", moref, {}, {}) for moref in answered}
        return Reply(reads, BOOM if len(asked) == 1 else None)

    reads = Narrowing(ask, lambda problem: None).read(Batch("VM", PATHS, ids(5)))
    assert asked == [ids(5), ids(5)[2:]]
    assert set(reads) == set(ids(5))


def boom_for(moref: str, path: str) -> Callable[[Asked], str | None]:
    def judge(asked: Asked) -> str | None:
        is_asked = any(one == moref for _kind, one in asked.objects) and any(path in paths for paths in asked.paths.values())
        return fault("SystemError", "Boom.") if is_asked else None

    return judge


def test_collector_names_the_culprit_and_reads_the_rest() -> None:
    server = FakeServer(objects=virtual_machines(20), judges=[boom_for("vm-13", "name")])
    with connection_to(server) as connection:
        collector = Collector(connection, page_size=8)
        reading = collector.read([("VirtualMachine", ["name", "config.version"], [f"vm-{number}" for number in range(1, 21)])])
        reads = {read.moref: read for read in reading}
    assert collector.problems == [ReadProblem("VirtualMachine", "vm-13", "name", REASON)]
    assert dict(reads["vm-13"].missing) == {"name": REASON}
    assert dict(reads["vm-13"].values) == {"config.version": "config.version of vm-13"}
    assert [len(read.values) for moref, read in reads.items() if moref != "vm-13"] == [2] * 19


def test_server_that_fails_at_everything_is_an_error_and_no_empty_estate() -> None:
    server = FakeServer(objects=virtual_machines(200), judges=[lambda asked: fault("SystemError", "Boom.")])
    with pytest.raises(ReadinessError) as caught, connection_to(server) as connection:
        list(Collector(connection).read([("VirtualMachine", ["name"], [f"vm-{number}" for number in range(1, 201)])]))
    assert caught.value.code == "vcenter_fault"
    assert REASON in caught.value.message
    assert server.count()["Logout"] == 1
