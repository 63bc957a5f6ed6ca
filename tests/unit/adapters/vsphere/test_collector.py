# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many objects with few calls, each object once, whatever goes wrong on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.collector import Collector, ReadProblem, natural
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.narrowing import GONE
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.pages import Batch, batches_of, token_of
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.progress import Progress
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.transport import Answer, Trouble
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import ObjectRead

from tests.unit.adapters.vsphere.fake_server import (
    BUSY,
    LOST,
    Asked,
    FakeServer,
    answer,
    connection_to,
    fault,
    missing,
    result,
    text_value,
    virtual_machines,
)

PATHS = ("name", "config.version")
RETRIEVE = "RetrievePropertiesEx"
CUT = Answer(200, (b'<?xml version="1.0"?><soapenv:Envelope><soapenv:Body>',), 50)


def vm(number: int) -> ObjectRead:
    """What an undisturbed reading gives for a VM."""
    moref = f"vm-{number}"
    return ObjectRead("VirtualMachine", moref, {path: f"{path} of {moref}" for path in PATHS}, {})


def ids(count: int) -> list[str]:
    return [f"vm-{number}" for number in range(1, count + 1)]


def read_all(
    server: FakeServer, count: int, page_size: int = 4, paths: Sequence[str] = PATHS, **timing: float
) -> tuple[list[ObjectRead], list[ReadProblem]]:
    with connection_to(server, **timing) as connection:
        collector = Collector(connection, page_size=page_size)
        reads = list(collector.read([("VirtualMachine", paths, ids(count))]))
    return reads, collector.problems


def test_objects_are_listed_by_type_in_natural_order_with_one_view() -> None:
    server = FakeServer()
    for kind, number in (("VirtualMachine", 10), ("VirtualMachine", 9), ("HostSystem", 2), ("DistributedVirtualPortgroup", 3)):
        server.objects[kind, f"x-{number}"] = {}
    with connection_to(server) as connection:
        found = Collector(connection).list_morefs(["HostSystem", "VirtualMachine", "Network"])
    assert found == {"HostSystem": ["x-2"], "VirtualMachine": ["x-9", "x-10"], "Network": ["x-3"]}
    assert server.count()["CreateContainerView"] == server.count()["DestroyView"] == 1


def test_object_listed_under_a_class_above_is_asked_for_under_its_own() -> None:
    server = FakeServer(objects={("DistributedVirtualPortgroup", "dvportgroup-3"): {"name": text_value("web")}})
    with connection_to(server) as connection:
        collector = Collector(connection)
        found = collector.list_morefs(["Network"])
        reads = list(collector.read([("Network", ["name"], found["Network"])]))
    assert reads == [ObjectRead("DistributedVirtualPortgroup", "dvportgroup-3", {"name": "web"}, {})]


def test_every_object_is_read_once_in_order_with_one_call_per_page() -> None:
    server = FakeServer(objects=virtual_machines(10))
    reads, problems = read_all(server, 10)
    assert reads == [vm(number) for number in range(1, 11)]
    assert problems == []
    assert server.count()[RETRIEVE] == 3


def test_six_thousand_vms_and_their_surroundings_need_at_most_forty_calls() -> None:
    server = FakeServer(objects=virtual_machines(6000, ("name",)))
    others = {("HostSystem", f"host-{number}"): {"name": text_value("h")} for number in range(400)}
    server.objects.update(others)
    with connection_to(server) as connection:
        collector = Collector(connection)
        found = collector.list_morefs(["HostSystem", "VirtualMachine"])
        reads = list(collector.read([(kind, ["name"], found[kind]) for kind in ("HostSystem", "VirtualMachine")]))
    assert len(reads) == 6400
    assert [read.type for read in reads[:400]] == ["HostSystem"] * 400
    assert connection.calls <= 40


def test_small_types_share_a_call_and_the_last_type_has_its_own() -> None:
    reads = [("A", ["a"], ["1", "2"]), ("B", ["b"], []), ("C", ["c"], ["3", "4", "5"]), ("D", ["d"], ["6", "7"])]
    assert list(batches_of(reads, 4)) == [
        (Batch("A", ("a",), ("1", "2")), Batch("C", ("c",), ("3", "4"))),
        (Batch("C", ("c",), ("5",)),),
        (Batch("D", ("d",), ("6", "7")),),
    ]


def test_nothing_to_read_makes_no_call() -> None:
    server = FakeServer()
    assert read_all(server, 0) == ([], [])
    assert server.count()[RETRIEVE] == 0


def test_pages_that_a_server_makes_smaller_are_continued() -> None:
    server = FakeServer(objects=virtual_machines(10), largest_page=3)
    reads, problems = read_all(server, 10, page_size=8)
    assert (reads, problems) == ([vm(number) for number in range(1, 11)], [])
    assert server.count()["ContinueRetrievePropertiesEx"] == 2


def test_token_is_found_however_the_answer_came() -> None:
    head = b'<returnval xmlns="urn:vim25"><token>page-7</token><objects>'
    assert token_of([head[:40], head[40:], b"x" * 9000]) == "page-7"
    assert token_of([b"<vim:token>page-7</vim:token>"]) == "page-7"
    assert token_of([b"<returnval><objects>" + b"x" * 9000 + b"<token>of an object</token>"]) == ""
    assert token_of([]) == ""


@pytest.mark.parametrize("trouble", [BUSY, LOST, CUT], ids=["busy", "lost", "cut short"])
def test_trouble_that_passes_changes_nothing_in_what_is_read(trouble: Answer | Trouble) -> None:
    server = FakeServer(objects=virtual_machines(10), troubles={RETRIEVE: [trouble, trouble]})
    assert read_all(server, 10) == ([vm(number) for number in range(1, 11)], [])
    assert server.count()[RETRIEVE] == 5


@pytest.mark.parametrize("lasting", range(2, 12))
def test_session_that_ends_at_any_call_changes_nothing_in_what_is_read(lasting: int) -> None:
    server = FakeServer(objects=virtual_machines(10), largest_page=2, expired_calls=lasting)
    assert read_all(server, 10) == ([vm(number) for number in range(1, 11)], [])
    assert server.sessions <= 2


@pytest.mark.parametrize("lasting", range(2, 7))
def test_session_that_ends_while_listing_changes_nothing_in_what_is_listed(lasting: int) -> None:
    server = FakeServer(objects=virtual_machines(3), expired_calls=lasting)
    with connection_to(server) as connection:
        found = Collector(connection).list_morefs(["VirtualMachine"])
    assert found == {"VirtualMachine": ids(3)}


def test_list_that_is_lost_is_made_again() -> None:
    lost = fault("ManagedObjectNotFound", "The view is gone.", '<obj type="ContainerView">view-1</obj>')
    server = FakeServer(objects=virtual_machines(3), troubles={RETRIEVE: [lost], "DestroyView": [lost]})
    with connection_to(server) as connection:
        assert Collector(connection).list_morefs(["VirtualMachine"]) == {"VirtualMachine": ids(3)}
    assert server.count()["CreateContainerView"] == 2


def test_list_that_the_server_refuses_is_an_error_with_its_reason() -> None:
    refused = fault("NoPermission", "", "<privilegeId>System.View</privilegeId>")
    server = FakeServer(troubles={"CreateContainerView": [refused] * 3})
    with pytest.raises(ReadinessError) as caught, connection_to(server) as connection:
        Collector(connection).list_morefs(["VirtualMachine"])
    assert caught.value.code == "vcenter_fault"
    assert "cannot be listed: no permission: privilege System.View is missing" in caught.value.message


def test_properties_refused_for_the_end_of_the_session_are_read_again() -> None:
    ended = missing("name", "NotAuthenticated", "The session is not authenticated.")
    objects = f'<objects><obj type="VirtualMachine">vm-2</obj>{ended}</objects>'
    page = f'<objects><obj type="VirtualMachine">vm-1</obj><propSet><name>name</name>{text_value("name of vm-1")}</propSet></objects>'
    server = FakeServer(objects=virtual_machines(2), troubles={RETRIEVE: [result(RETRIEVE, f"<returnval>{page}{objects}</returnval>")]})
    reads, problems = read_all(server, 2, paths=["name"])
    assert [(read.moref, dict(read.values), dict(read.missing)) for read in reads] == [
        ("vm-1", {"name": "name of vm-1"}, {}),
        ("vm-2", {"name": "name of vm-2"}, {}),
    ]
    assert problems == []
    assert server.sessions == 2


def test_properties_refused_in_session_after_session_end_the_reading() -> None:
    ended = missing("name", "NotAuthenticated", "The session is not authenticated.")
    page = result(RETRIEVE, f'<returnval><objects><obj type="VirtualMachine">vm-1</obj>{ended}</objects></returnval>')
    server = FakeServer(troubles={RETRIEVE: [page] * 50})
    with pytest.raises(ReadinessError) as caught:
        read_all(server, 1)
    assert caught.value.code == "vcenter_session"


def test_property_that_is_refused_is_missing_with_its_reason_and_no_problem() -> None:
    server = FakeServer(objects=virtual_machines(2))
    server.refused["VirtualMachine", "vm-1", "name"] = missing("name", "NoPermission", "", "<privilegeId>System.Read</privilegeId>")
    server.refused["VirtualMachine", "vm-2", "name"] = missing("name", "NoPermission")
    server.refused["VirtualMachine", "vm-2", "config.version"] = missing("config.version", "HostCommunication", "No answer.")
    reads, problems = read_all(server, 2)
    assert [dict(read.missing) for read in reads] == [
        {"name": "no permission: privilege System.Read is missing"},
        {"name": "no permission", "config.version": "the server answered HostCommunication: No answer."},
    ]
    assert dict(reads[0].values) == {"config.version": "config.version of vm-1"}
    assert problems == []


def test_object_that_vanished_is_named_and_the_others_are_read() -> None:
    server = FakeServer(objects=virtual_machines(10), vanished={"vm-3", "vm-9"})
    reads, problems = read_all(server, 10)
    assert [read.moref for read in reads] == [one for one in ids(10) if one not in {"vm-3", "vm-9"}]
    assert problems == [
        ReadProblem("VirtualMachine", "vm-3", "", GONE, is_gone=True),
        ReadProblem("VirtualMachine", "vm-9", "", GONE, is_gone=True),
    ]


def test_page_with_a_character_that_xml_forbids_is_narrowed_to_the_property() -> None:
    objects = virtual_machines(9)
    objects["VirtualMachine", "vm-6"]["config.version"] = '<val xsi:type="xsd:string">&#x1;</val>'
    reads, problems = read_all(FakeServer(objects=objects), 9, page_size=9)
    assert sorted(reads, key=lambda read: natural(read.moref))[:5] == [vm(number) for number in range(1, 6)]
    assert [(problem.moref, problem.path) for problem in problems] == [("vm-6", "config.version")]
    broken = next(read for read in reads if read.moref == "vm-6")
    assert broken.values == {"name": "name of vm-6"}
    assert "the server answered malformed XML" in broken.missing["config.version"]
    assert len(reads) == 9


def test_page_of_a_proxy_in_the_middle_ends_the_reading_with_its_words() -> None:
    page = Answer(200, (b"<html>Please log in to the proxy</html>",), 9)
    server = FakeServer(objects=virtual_machines(10), troubles={RETRIEVE: [page]})
    with pytest.raises(ReadinessError, match="Please log in to the proxy"):
        read_all(server, 10)
    assert server.count()["Logout"] == 1


def test_answer_with_objects_nobody_asked_for_gives_those_that_were_asked_for() -> None:
    def twice(asked: Asked) -> str | None:
        return None

    server = FakeServer(objects=virtual_machines(3), judges=[twice])
    stranger = f'<objects><obj type="VirtualMachine">vm-99</obj><propSet><name>name</name>{text_value("x")}</propSet></objects>'
    double = "".join(
        f'<objects><obj type="VirtualMachine">vm-1</obj><propSet><name>name</name>{text_value(text)}</propSet></objects>'
        for text in ("name of vm-1", "name of vm-1")
    )
    server.troubles[RETRIEVE] = [result(RETRIEVE, f"<returnval>{stranger}{double}</returnval>")]
    reads, _problems = read_all(server, 1, paths=["name"])
    assert [(read.moref, read.values["name"]) for read in reads] == [("vm-1", "name of vm-1")]


def test_deadline_ends_a_reading_in_the_middle_and_logs_out() -> None:
    server = FakeServer(objects=virtual_machines(100), seconds_per_call=1)
    with pytest.raises(ReadinessError) as caught:
        read_all(server, 100, page_size=4, deadline_seconds=10)
    assert caught.value.code == "vcenter_deadline"
    assert server.count()["Logout"] == 1


def test_reading_that_is_left_in_the_middle_leaves_the_connection_usable() -> None:
    server = FakeServer(objects=virtual_machines(40))
    with connection_to(server) as connection:
        collector = Collector(connection, page_size=4)
        reading = collector.read([("VirtualMachine", PATHS, ids(40))])
        assert next(reading) == vm(1)
        reading.close()
        again = list(Collector(connection, page_size=4).read([("VirtualMachine", PATHS, ids(8))]))
    assert again == [vm(number) for number in range(1, 9)]


def test_no_more_than_the_next_page_is_fetched_ahead() -> None:
    server = FakeServer(objects=virtual_machines(40))
    with connection_to(server) as connection:
        reading = Collector(connection, page_size=4).read([("VirtualMachine", PATHS, ids(40))])
        next(reading)
        reading.close()
    assert server.count()[RETRIEVE] <= 2


def test_progress_tells_what_was_read_of_how_much(tmp_path: Path) -> None:
    server = FakeServer(objects=virtual_machines(10), seconds_per_call=2)
    note = tmp_path / ".progress-vc.json"
    with connection_to(server) as connection, Progress(note, clock=lambda: server.clock) as progress:
        reading = Collector(connection, progress, page_size=4).read([("VirtualMachine", PATHS, ids(10))])
        for _position in range(9):
            next(reading)
        told = json.loads(note.read_text(encoding="utf-8"))
        list(reading)
        assert (progress.read, progress.total) == (10, 10)
    assert told["total"] == 10
    assert 0 < told["read"] <= 9
    assert not note.exists()


def test_request_holds_paths_by_type_and_asks_to_leave_out_what_is_gone() -> None:
    server = FakeServer(objects=virtual_machines(2))
    read_all(server, 2)
    request = next(body for body in server.bodies if f"<{RETRIEVE} " in body)
    assert re.findall(r"<pathSet>([^<]+)</pathSet>", request) == list(PATHS)
    assert "<reportMissingObjectsInResults>true</reportMissingObjectsInResults>" in request
    assert "<all>false</all>" in request


def test_answer_helper_marks_faults() -> None:
    assert answer(fault("X")).status == 500
    assert answer(result("X")).status == 200
