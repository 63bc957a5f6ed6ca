# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator itself, seen by pyVmomi: what other tests take for granted of it."""

from __future__ import annotations

import http.client
import ssl
import xml.parsers.expat
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from pyVim.connect import Disconnect, SmartConnect
from pyVmomi import vim, vmodl

from tests.counterparts.vcenter import Simulator, SimulatorError, vcenter

LEAVES = (
    "name",
    "config.hardware.device",
    "config.extraConfig",
    "config.keyId",
    "snapshot",
    "guest.net",
    "guest.disk",
    "guest.toolsRunningStatus",
    "layoutEx.file",
    "runtime.connectionState",
    "summary.storage.committed",
)
COLLECTOR = vmodl.query.PropertyCollector


@pytest.fixture(scope="module")
def shared_simulator() -> Iterator[Simulator]:
    with vcenter(vms=60) as simulator:
        yield simulator


@pytest.fixture
def simulator(shared_simulator: Simulator) -> Iterator[Simulator]:
    yield shared_simulator
    shared_simulator.disarm()
    shared_simulator.without()


def trusted(simulator: Simulator) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(simulator.ca_path))


@contextmanager
def logged_in(simulator: Simulator, password: str = "") -> Iterator[Any]:
    """The service content of a session."""
    instance = SmartConnect(
        host=simulator.host,
        port=simulator.port,
        user=simulator.username,
        pwd=password or simulator.password,
        sslContext=trusted(simulator),
    )
    try:
        yield instance.content
    finally:
        with suppress(vim.fault.NotAuthenticated):
            Disconnect(instance)


def listed(content: Any, kind: Any) -> list[Any]:
    view = content.viewManager.CreateContainerView(content.rootFolder, [kind], True)
    try:
        return list(view.view)
    finally:
        view.Destroy()


def page(content: Any, objects: Sequence[Any], paths: Sequence[str] = LEAVES, size: int | None = None) -> Any:
    """The first page of a read of VMs."""
    spec = COLLECTOR.FilterSpec(
        propSet=[COLLECTOR.PropertySpec(type=vim.VirtualMachine, pathSet=list(paths))],
        objectSet=[COLLECTOR.ObjectSpec(obj=one) for one in objects],
        reportMissingObjectsInResults=True,
    )
    return content.propertyCollector.RetrievePropertiesEx([spec], COLLECTOR.RetrieveOptions(maxObjects=size))


def missing(answer: Any) -> Counter[tuple[str, str]]:
    """How often which path is missing for which privilege."""
    return Counter((entry.path, entry.fault.privilegeId) for one in answer.objects for entry in one.missingSet or ())


KINDS = {
    "vms": vim.VirtualMachine,
    "hosts": vim.HostSystem,
    "clusters": vim.ClusterComputeResource,
    "datastores": vim.Datastore,
    "networks": vim.Network,
    "switches": vim.DistributedVirtualSwitch,
    "vapps": vim.VirtualApp,
    "datacenters": vim.Datacenter,
}


def test_a_client_that_trusts_the_ca_lists_what_the_program_counts(simulator: Simulator) -> None:
    with logged_in(simulator) as content:
        assert content.about.instanceUuid == simulator.instance_uuid
        assert {what: len(listed(content, kind)) for what, kind in KINDS.items()} == {what: simulator.counts[what] for what in KINDS}


def test_pyvmomi_decodes_every_leaf_of_every_vm_and_pages_hold_each_vm_once(simulator: Simulator) -> None:
    with logged_in(simulator) as content:
        vms = listed(content, vim.VirtualMachine)
        answer = page(content, vms, size=25)
        objects = list(answer.objects)
        while answer.token:
            answer = content.propertyCollector.ContinueRetrievePropertiesEx(answer.token)
            objects += answer.objects
    devices = [each for one in objects for prop in one.propSet if prop.name == "config.hardware.device" for each in prop.val]
    assert len({one.obj._moId for one in objects}) == len(objects) == simulator.counts["vms"]
    assert sum(isinstance(device, vim.vm.device.VirtualDisk) for device in devices) == simulator.counts["disks"]
    assert sum(isinstance(device, vim.vm.device.VirtualEthernetCard) for device in devices) == simulator.counts["nics"]


def test_a_wrong_password_is_refused_and_leaves_no_session(simulator: Simulator) -> None:
    with pytest.raises(vim.fault.InvalidLogin), logged_in(simulator, "not the password"):
        pass
    assert simulator.counters()["sessions"] == 0


def test_a_bad_certificate_is_one_that_a_verifying_client_refuses() -> None:
    with vcenter(vms=4, bad_certificate=True) as simulator, pytest.raises(ssl.SSLCertVerificationError), logged_in(simulator):
        pass


def test_the_same_seed_gives_the_same_estate_and_another_name_another_vcenter(tmp_path: Path) -> None:
    exports = []
    for turn, name in enumerate(("vc-a.example.com", "vc-a.example.com", "vc-b.example.com")):
        with vcenter(name=name, vms=12, seed=5) as simulator:
            folder = simulator.export(tmp_path / str(turn))
            texts = {path.name: path.read_bytes() for path in folder.iterdir() if "vMetaData" not in path.name}
            exports.append((simulator.instance_uuid, texts))
    assert exports[0] == exports[1]
    assert exports[0][0] != exports[2][0]


def test_a_standalone_host_is_offered_in_place_of_a_vcenter() -> None:
    with vcenter(name="esx.example.com", vms=8, esx=True) as simulator, logged_in(simulator) as content:
        assert content.about.apiType == "HostAgent"
        assert len(listed(content, vim.VirtualMachine)) == simulator.counts["vms"] == 8


def test_no_permission_takes_the_named_property_from_the_named_objects_alone(simulator: Simulator) -> None:
    armed = simulator.arm("no_permission_property", paths=["guest.net", "snapshot"])
    with logged_in(simulator) as content:
        vms = listed(content, vim.VirtualMachine)
        # A property without a value is missing too: who may not read it must not learn that it is unset.
        assert missing(page(content, vms)) == {(path, "System.Read"): len(vms) for path in armed["paths"]}
        simulator.disarm()
        objects = simulator.arm("no_permission_objects", count=1)["objects"]
        answer = page(content, vms)
    assert {one.obj._moId for one in answer.objects if one.missingSet} == set(objects)


@pytest.mark.parametrize(("lacking", "kept"), [("System.Read", {"name"}), ("System.View", set())])
def test_without_a_privilege_the_properties_that_need_it_name_it(simulator: Simulator, lacking: str, kept: set[str]) -> None:
    with logged_in(simulator) as content:
        vms = listed(content, vim.VirtualMachine)
        simulator.without(lacking)
        answer = page(content, vms)
        simulator.without()
    assert missing(answer) == {(path, lacking): len(vms) for path in LEAVES if path not in kept}


def test_without_licences_privilege_the_keys_cannot_be_read_but_the_editions_in_use_can(simulator: Simulator) -> None:
    simulator.without("Global.Licenses")
    with logged_in(simulator) as content:
        with pytest.raises(vim.fault.NoPermission) as refused:
            _licenses = content.licenseManager.licenses
        assert refused.value.privilegeId == "Global.Licenses"
        assert content.licenseManager.licenseAssignmentManager.QueryAssignedLicenses()


def test_a_hidden_subtree_is_neither_listed_nor_granted_and_its_permission_says_so(simulator: Simulator) -> None:
    with logged_in(simulator) as content:
        before = len(listed(content, vim.VirtualMachine))
        hidden = simulator.arm("no_read_access_subtree", objects=["Produktion"])["objects"]
        folder = vim.Folder(hidden[0], content.rootFolder._stub)
        assert 0 < len(listed(content, vim.VirtualMachine)) < before
        assert folder._moId not in {each._moId for each in listed(content, vim.Folder)}
        granted = content.authorizationManager.HasPrivilegeOnEntities([content.rootFolder], "", ["System.Read", "Datastore.Browse"])
        assert [(each.privId, each.isGranted) for each in granted[0].privAvailability] == [
            ("System.Read", True),
            ("Datastore.Browse", False),
        ]
        with pytest.raises(vim.fault.NoPermission):
            content.authorizationManager.HasPrivilegeOnEntities([folder], "", ["System.Read"])
        assert [each.propagate for each in content.authorizationManager.RetrieveEntityPermissions(content.rootFolder, True)] == [True]
        simulator.disarm()
        simulator.arm("no_propagation", objects=[hidden[0]])
        assert [each.propagate for each in content.authorizationManager.RetrieveEntityPermissions(content.rootFolder, True)] == [False]


def test_an_expired_session_ends_its_tokens_too(simulator: Simulator) -> None:
    with logged_in(simulator) as content:
        token = page(content, listed(content, vim.VirtualMachine), size=10).token
        simulator.arm("session_expiry_mid_page")
        with pytest.raises(vim.fault.NotAuthenticated):
            content.propertyCollector.ContinueRetrievePropertiesEx(token)
    simulator.disarm()
    with logged_in(simulator) as content, pytest.raises(vmodl.query.InvalidProperty):
        content.propertyCollector.ContinueRetrievePropertiesEx(token)


def test_a_vm_that_vanishes_is_listed_then_gone_and_comes_back_when_disarmed(simulator: Simulator) -> None:
    gone = simulator.arm("vanishing_vm", count=2)["objects"]
    with logged_in(simulator) as content:
        vms = listed(content, vim.VirtualMachine)
        answer = page(content, vms)
        assert {one._moId for one in vms} - {one.obj._moId for one in answer.objects} == set(gone)
        assert len(listed(content, vim.VirtualMachine)) == len(vms) - 2
        simulator.disarm()
        assert {one._moId for one in listed(content, vim.VirtualMachine)} == {one._moId for one in vms}


def test_an_unknown_word_breaks_a_client_that_knows_its_words_and_leaves_the_inventory_as_it_is(simulator: Simulator) -> None:
    simulator.arm("unknown_enum")
    with logged_in(simulator) as content:
        vms = listed(content, vim.VirtualMachine)
        with pytest.raises(AttributeError, match="wordOfALaterRelease"):
            page(content, vms, ["runtime.connectionState"])
        simulator.disarm()
        states = {prop.val for one in page(content, vms, ["runtime.connectionState"]).objects for prop in one.propSet}
    assert states <= {"connected", "disconnected", "inaccessible", "invalid", "orphaned"}


@pytest.mark.parametrize("fault", ["server_fault_object", "server_fault_property"])
def test_a_server_fault_strikes_the_whole_call_and_only_calls_that_touch_its_cause(simulator: Simulator, fault: str) -> None:
    armed = simulator.arm(fault)
    with logged_in(simulator) as content:
        vms = listed(content, vim.VirtualMachine)
        with pytest.raises(vmodl.fault.SystemError):
            page(content, vms)
        innocent = [one for one in vms if one._moId not in armed.get("objects", ())]
        assert len(page(content, innocent, ["name"]).objects) == len(innocent)


@pytest.mark.parametrize("fault", ["http_503", "dropped_connection", "truncated_response"])
def test_a_fault_of_the_transport_strikes_as_often_as_it_was_armed_for(simulator: Simulator, fault: str) -> None:
    before = simulator.counters()["faults"].get(fault, 0)
    with logged_in(simulator) as content:
        vms = listed(content, vim.VirtualMachine)
        simulator.arm(fault, after=1, count=1)
        assert page(content, vms, ["name"]).objects
        # pyVmomi's releases differ in what they raise, and in whether they try again by themselves.
        with suppress(http.client.HTTPException, OSError, vmodl.MethodFault, xml.parsers.expat.ExpatError):
            page(content, vms)
        assert len(page(content, vms).objects) == len(vms)
    assert simulator.counters()["faults"][fault] == before + 1


def test_arming_what_is_no_fault_is_refused_with_the_names_that_there_are(simulator: Simulator) -> None:
    with pytest.raises(SimulatorError, match=r"earthquake.*hung_page"):
        simulator.arm("earthquake")
    assert {"http_503", "vanishing_vm", "unknown_enum"} <= set(simulator.faults())


def test_counters_tell_methods_and_sessions_and_the_process_ends_with_its_block(simulator: Simulator) -> None:
    simulator.reset_counters()
    with logged_in(simulator) as content:
        page(content, listed(content, vim.VirtualMachine)[:3])
        assert simulator.counters()["sessions"] == 1
    counters = simulator.counters()
    assert counters["sessions"] == 0
    assert {"Login", "Logout", "CreateContainerView", "RetrievePropertiesEx"} <= set(counters["soap"])
    with vcenter(vms=4) as short:
        process = short.process
    assert process.poll() is not None
