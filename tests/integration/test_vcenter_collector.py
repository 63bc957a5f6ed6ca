# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a running vCenter simulator that is disturbed: the result is that of an undisturbed reading, or the trouble is named."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.collector import Collector, ReadProblem
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.connection import Connection, Endpoint, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.narrowing import GONE
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.transport import StubTransport
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.catalogue import READS, SERVICE_TYPES
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import ObjectRead

from tests.conftest import COLLECTIONS
from tests.counterparts.vcenter import Simulator, vcenter

VMS = 60
PAGE_SIZE = 40
PATIENT = Timing(request_seconds=5, deadline_seconds=60, backoff_seconds=0.01)
INVENTORY = {name: paths for name, paths in READS.items() if name not in SERVICE_TYPES}
VM = "VirtualMachine"

Objects = dict[tuple[str, str], ObjectRead]


@dataclass(frozen=True)
class Outcome:
    """What a reading gave."""

    objects: Objects
    problems: Sequence[ReadProblem]
    calls: int
    delivered: int

    def missing(self) -> dict[tuple[str, str], str]:
        """(object, path) to the reason why it is not known."""
        return {(key[1], path): reason for key, read in self.objects.items() for path, reason in read.missing.items()}


def endpoint_of(simulator: Simulator, **changes: Any) -> Endpoint:
    given = {"port": simulator.port, "username": simulator.username, "password": simulator.password, "ca_path": str(simulator.ca_path)}
    return Endpoint("127.0.0.1", **{**given, **changes})


def read_from(simulator: Simulator, timing: Timing = PATIENT, page_size: int = PAGE_SIZE, types: Mapping[str, Any] = INVENTORY) -> Outcome:
    """Reads everything, from login to logout."""
    with Connection(endpoint_of(simulator), timing) as connection:
        collector = Collector(connection, page_size=page_size)
        listed = collector.list_morefs(list(types))
        reads = list(collector.read([(name, paths, listed[name]) for name, paths in types.items()]))
    return Outcome({(read.type, read.moref): read for read in reads}, collector.problems, connection.calls, len(reads))


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with vcenter(vms=VMS) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(simulator: Simulator) -> Outcome:
    return read_from(simulator)


@pytest.fixture(autouse=True)
def calm_again(simulator: Simulator) -> Iterator[None]:
    """After every test: no fault in force, every privilege there, and nobody left logged in."""
    yield
    simulator.disarm()
    simulator.without()
    assert simulator.counters()["sessions"] == 0


def test_everything_is_read_that_the_server_counts(simulator: Simulator, undisturbed: Outcome) -> None:
    by_type: dict[str, int] = {}
    for type_name, _moref in undisturbed.objects:
        by_type[type_name] = by_type.get(type_name, 0) + 1
    counts = simulator.counts
    assert by_type[VM] == counts["vms"]
    assert by_type["HostSystem"] == counts["hosts"]
    assert by_type["Datastore"] == counts["datastores"]
    assert by_type["Datacenter"] == counts["datacenters"]
    assert by_type["ClusterComputeResource"] == counts["clusters"]
    assert undisturbed.delivered == len(undisturbed.objects)
    assert (undisturbed.problems, undisturbed.missing()) == ([], {})


def test_same_objects_come_out_whatever_the_size_of_a_page(simulator: Simulator, undisturbed: Outcome) -> None:
    for page_size in (7, 1000):
        assert read_from(simulator, page_size=page_size).objects == undisturbed.objects


def test_standalone_host_is_read_too() -> None:
    with vcenter(vms=6, esx=True) as host:
        outcome = read_from(host)
    assert sum(type_name == "HostSystem" for type_name, _moref in outcome.objects) == 1
    assert sum(type_name == VM for type_name, _moref in outcome.objects) == host.counts["vms"]


@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize("fault", ["http_503", "dropped_connection", "truncated_response", "slow_page"])
def test_trouble_that_passes_leaves_the_result_as_it_is(simulator: Simulator, undisturbed: Outcome, fault: str, after: int) -> None:
    simulator.arm(fault, after=after, count=2, seconds=0.2)
    outcome = read_from(simulator)
    assert simulator.counters()["faults"].get(fault, 0) >= 1
    assert (outcome.objects, outcome.problems) == (undisturbed.objects, [])
    assert outcome.delivered == undisturbed.delivered


@pytest.mark.parametrize("answer", ["fault", "missing"])
@pytest.mark.parametrize("after", range(4))
def test_end_of_the_session_leaves_the_result_as_it_is(simulator: Simulator, undisturbed: Outcome, after: int, answer: str) -> None:
    simulator.arm("session_expiry_mid_page", after=after, answer=answer)
    outcome = read_from(simulator)
    assert (outcome.objects, outcome.problems) == (undisturbed.objects, [])
    assert outcome.delivered == undisturbed.delivered


def test_page_that_never_comes_is_asked_for_again(simulator: Simulator, undisturbed: Outcome) -> None:
    simulator.arm("hung_page", after=1)
    outcome = read_from(simulator, Timing(request_seconds=0.5, deadline_seconds=60, backoff_seconds=0.01))
    assert (outcome.objects, outcome.problems) == (undisturbed.objects, [])


def test_word_that_nobody_knows_is_a_value_like_any_other(simulator: Simulator, undisturbed: Outcome) -> None:
    armed = simulator.arm("unknown_enum", value="levitating", paths=["guest.toolsRunningStatus"])
    outcome = read_from(simulator)
    changed = {key for key, read in outcome.objects.items() if read != undisturbed.objects[key]}
    assert changed <= {(VM, moref) for moref in armed["objects"]}
    assert all(outcome.objects[key].values["guest.toolsRunningStatus"] == "levitating" for key in changed)
    assert outcome.problems == []


def test_object_that_the_server_fails_at_is_named_and_all_others_are_read(simulator: Simulator, undisturbed: Outcome) -> None:
    (culprit,) = simulator.arm("server_fault_object")["objects"]
    outcome = read_from(simulator)
    assert [(problem.moref, problem.path) for problem in outcome.problems] == [(culprit, "")]
    assert {key for key, read in outcome.objects.items() if read != undisturbed.objects[key]} == {(VM, culprit)}
    assert set(outcome.objects[VM, culprit].missing) == set(READS[VM])
    assert all(reason.startswith("the server answered ") for reason in outcome.objects[VM, culprit].missing.values())
    assert outcome.calls <= undisturbed.calls + 40


def test_property_of_one_object_that_the_server_fails_at_is_named(simulator: Simulator, undisturbed: Outcome) -> None:
    culprit = next(moref for type_name, moref in undisturbed.objects if type_name == VM)
    simulator.arm("server_fault_property", objects=[culprit], paths=["config.extraConfig"])
    outcome = read_from(simulator)
    assert [(problem.moref, problem.path) for problem in outcome.problems] == [(culprit, "config.extraConfig")]
    assert set(outcome.missing()) == {(culprit, "config.extraConfig")}
    others = {path: value for path, value in undisturbed.objects[VM, culprit].values.items() if path != "config.extraConfig"}
    assert outcome.objects[VM, culprit].values == others


def test_property_that_the_server_fails_at_everywhere_is_unknown_everywhere_and_the_rest_is_read(
    simulator: Simulator, undisturbed: Outcome
) -> None:
    simulator.arm("server_fault_property", paths=["config.extraConfig"])
    outcome = read_from(simulator)
    machines = [moref for type_name, moref in undisturbed.objects if type_name == VM]
    assert set(outcome.missing()) == {(moref, "config.extraConfig") for moref in machines}
    for key, read in undisturbed.objects.items():
        rest = {path: value for path, value in read.values.items() if path != "config.extraConfig"}
        assert outcome.objects[key].values == (rest if key[0] == VM else read.values)
    assert outcome.calls <= undisturbed.calls + 100


def test_vm_that_vanished_since_it_was_listed_is_named(simulator: Simulator, undisturbed: Outcome) -> None:
    gone = simulator.arm("vanishing_vm")["objects"]
    outcome = read_from(simulator)
    assert [(problem.moref, problem.reason, problem.is_gone) for problem in outcome.problems] == [(moref, GONE, True) for moref in gone]
    assert outcome.objects.keys() == undisturbed.objects.keys() - {(VM, moref) for moref in gone}


def test_objects_that_may_not_be_read_are_missing_with_the_privilege(simulator: Simulator, undisturbed: Outcome) -> None:
    refused = simulator.arm("no_permission_objects")["objects"]
    outcome = read_from(simulator)
    assert {moref for moref, _path in outcome.missing()} == set(refused)
    assert all(reason.startswith("no permission") for reason in outcome.missing().values())
    assert outcome.problems == []
    assert outcome.objects.keys() == undisturbed.objects.keys()


def test_property_that_may_not_be_read_is_missing_with_the_privilege(simulator: Simulator) -> None:
    simulator.arm("no_permission_property", paths=["config.hardware.device"])
    outcome = read_from(simulator)
    assert {path for _moref, path in outcome.missing()} == {"config.hardware.device"}
    assert len(outcome.missing()) == simulator.counts["vms"]
    assert set(outcome.missing().values()) <= {"no permission", "no permission: privilege System.Read is missing"}


def test_privilege_that_lacks_is_named_for_each_property_behind_it(simulator: Simulator) -> None:
    simulator.without("System.Read")
    outcome = read_from(simulator)
    assert outcome.missing()
    assert set(outcome.missing().values()) == {"no permission: privilege System.Read is missing"}


def test_account_that_is_not_accepted_is_tried_once(simulator: Simulator) -> None:
    simulator.reset_counters()
    simulator.arm("wrong_password")
    with pytest.raises(ReadinessError) as caught:
        read_from(simulator)
    assert caught.value.code == "vcenter_login"
    assert "does not accept the user name and the password" in caught.value.message
    assert simulator.counters()["soap"]["Login"] == 1


def test_login_that_gives_no_session_is_an_error() -> None:
    with vcenter(vms=2, faults=["missing_session_cookie"]) as forgetful, pytest.raises(ReadinessError) as caught:
        read_from(forgetful)
    assert caught.value.code == "vcenter_session"
    assert "gave no session" in caught.value.message


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("http_503", "the server is busy (HTTP 503)"),
        ("dropped_connection", "the answer ended early"),
        ("truncated_response", "the answer ended early"),
        ("hung_page", "no answer within 0.3 s"),
    ],
)
def test_trouble_that_stays_is_named_and_the_session_closed(simulator: Simulator, fault: str, words: str) -> None:
    simulator.arm(fault, after=2, count=1000)
    with pytest.raises(ReadinessError) as caught:
        read_from(simulator, Timing(request_seconds=0.3, deadline_seconds=60, attempts=3, backoff_seconds=0.01))
    assert caught.value.code == "vcenter_unreachable"
    assert f"{words} (in each of 3 attempts)" in caught.value.message


def test_deadline_ends_a_server_that_never_answers(simulator: Simulator) -> None:
    simulator.arm("hung_page", count=1000)
    with pytest.raises(ReadinessError) as caught:
        read_from(simulator, Timing(request_seconds=30, deadline_seconds=1))
    assert caught.value.code == "vcenter_deadline"


def test_certificate_of_an_unknown_authority_is_refused_before_the_login(simulator: Simulator) -> None:
    simulator.reset_counters()
    with pytest.raises(ReadinessError) as caught, Connection(endpoint_of(simulator, ca_path="")):
        pass
    assert caught.value.code == "vcenter_certificate"
    assert "ca_path" in caught.value.hint
    assert simulator.counters()["soap_calls"] == 0


def test_certificate_is_not_looked_at_where_that_was_asked_for(simulator: Simulator) -> None:
    with Connection(endpoint_of(simulator, ca_path="", validate_certs=False)) as connection:
        assert connection.about["instance_uuid"] == simulator.instance_uuid


def test_certificate_of_another_server_is_refused() -> None:
    with vcenter(vms=2, bad_certificate=True) as other, pytest.raises(ReadinessError) as caught:
        read_from(other)
    assert caught.value.code == "vcenter_certificate"


def test_session_is_closed_when_the_reading_is_left_in_the_middle(simulator: Simulator) -> None:
    with pytest.raises(KeyboardInterrupt), Connection(endpoint_of(simulator), PATIENT) as connection:
        collector = Collector(connection, page_size=5)
        listed = collector.list_morefs([VM])
        next(collector.read([(VM, READS[VM], listed[VM])]))
        raise KeyboardInterrupt


READER = """
import signal, sys
# A program that is started in the background of a shell ignores it from birth.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path[:0] = sys.argv[1:2]
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.connection import Connection, Endpoint, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.collector import Collector
endpoint = Endpoint("127.0.0.1", int(sys.argv[2]), "reader@vsphere.local", sys.stdin.readline().strip(), ca_path=sys.argv[3])
with Connection(endpoint, Timing(request_seconds=60)) as connection:
    collector = Collector(connection, page_size=int(sys.argv[4]))
    morefs = collector.list_morefs(["VirtualMachine"])["VirtualMachine"]
    print("reading", flush=True)
    list(collector.read([("VirtualMachine", ["name"], morefs)]))
"""


@pytest.mark.parametrize(("page_size", "after"), [(5, 2), (1000, 1)], ids=["one of many", "the last one"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_program_that_is_told_to_end_while_a_page_hangs_logs_out(
    simulator: Simulator, number: signal.Signals, page_size: int, after: int
) -> None:
    simulator.arm("hung_page", after=after, count=1000)
    given = [str(COLLECTIONS), str(simulator.port), str(simulator.ca_path), str(page_size)]
    command = [sys.executable, "-c", textwrap.dedent(READER), *given]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(f"{simulator.password}\n")
        program.stdin.flush()
        assert program.stdout.readline() == "reading\n"
        wait_until(lambda: simulator.counters()["faults"].get("hung_page", 0) > 0)
        os.kill(program.pid, number)
        _out, errors = program.communicate(timeout=30)
    assert program.returncode != 0
    assert simulator.password not in errors
    assert simulator.counters()["sessions"] == 0


def wait_until(condition: Any) -> None:
    for _attempt in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def everything_said(error: BaseException, with_locals: bool) -> str:
    """Messages and causes, and the locals of every frame of the collection."""
    texts = []
    seen: BaseException | None = error
    while seen is not None:
        texts += [*traceback.format_exception(seen), repr(seen), str(getattr(seen, "hint", ""))]
        frames = [frame for frame, _line in traceback.walk_tb(seen.__traceback__) if "/plugins/" in frame.f_code.co_filename]
        texts += [repr(frame.f_locals) for frame in frames if with_locals]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(texts)


@pytest.mark.parametrize(
    "fault", ["wrong_password", "http_503", "dropped_connection", "truncated_response", "hung_page", "session_expiry_mid_page"]
)
def test_password_and_session_are_in_no_text(
    simulator: Simulator, fault: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sessions: set[str] = set()
    send = StubTransport.send

    def watched(self: StubTransport, message: Any, *seconds: float) -> Any:
        sessions.update(value.partition("=")[2].strip('"') for name, value in message.headers.items() if name == "Cookie")
        return send(self, message, *seconds)

    monkeypatch.setattr(StubTransport, "send", watched)
    caplog.set_level(logging.DEBUG)
    simulator.arm(fault, count=1000)
    with pytest.raises(ReadinessError) as caught:
        read_from(simulator, Timing(request_seconds=0.3, deadline_seconds=30, attempts=2, backoff_seconds=0.01))
    logged = caplog.text + repr(endpoint_of(simulator))
    assert simulator.password not in everything_said(caught.value, with_locals=True) + logged
    # The simulator names its views after the session, so that locals, which nobody is shown, may hold it.
    said = everything_said(caught.value, with_locals=False) + logged
    assert [session for session in sessions if session in said] == []


def test_sets_of_many_vms_take_few_calls() -> None:
    with vcenter(vms=1000) as large:
        outcome = read_from(large, page_size=250)
        assert large.counters()["soap_calls"] == outcome.calls
    assert len(outcome.objects) > 1000
    assert outcome.calls <= 16
