# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags, storage policies, performance history and the preflight against a simulated vCenter, over TLS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.collector import Collector
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.connection import Connection, Endpoint
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.performance import read_performance
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.policies import read_policies
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.preflight_request import work
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.services import rest_session
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.tags import TYPES, read_tags
from ansible_collections.groundwork.readiness.plugins.module_utils.common.calls import ModuleCall
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.extras import Tags
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.performance import FACTS
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.privileges import CALLS, PRIVILEGES
from ansible_collections.groundwork.readiness.plugins.plugin_utils.rule_files import checked_catalogue

from tests.counterparts.vcenter import Simulator, vcenter
from tests.integration.live import login, read
from tests.integration.playbooks import play

CALLED = {call.call.partition(".")[2] for call in CALLS}
NAMED = [entry.id for entry in PRIVILEGES if entry.id != "System.Anonymous"]


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    """A simulated vCenter with everything seeded."""
    with vcenter(vms=60, seed=1) as started:
        yield started


@pytest.fixture
def simulator(running: Simulator) -> Iterator[Simulator]:
    """The same with every privilege, no fault, and counters at zero."""
    running.disarm()
    running.without()
    running.reset_counters()
    yield running
    running.disarm()
    running.without()


def connected(simulator: Simulator) -> Connection:
    endpoint = Endpoint(simulator.host, simulator.port, simulator.username, simulator.password, ca_path=str(simulator.ca_path))
    return Connection(endpoint)


def preflight(simulator: Simulator, **overrides: Any) -> dict[str, Any]:
    """What the module returns."""
    params = {"vcenter": login(simulator, **overrides), "catalogue": checked_catalogue()}
    return dict(work(ModuleCall(params)).result)


def vms_of(connection: Connection) -> list[str]:
    return list(Collector(connection).list_morefs(["VirtualMachine"])["VirtualMachine"])


# ---- tags ------------------------------------------------------------------------------------------------------------


def tags_of(simulator: Simulator) -> Tags:
    with connected(simulator) as connection:
        return read_tags(rest_session(connection))


def test_tags_are_those_that_the_server_names_for_each_object(simulator: Simulator) -> None:
    found = tags_of(simulator)
    assert found.names is not None and {kind for kind, _moref in found.names} <= set(TYPES)
    with connected(simulator) as connection, rest_session(connection) as session:
        objects = [{"type": "VirtualMachine", "id": moref} for moref in vms_of(connection)]
        answer = session.post("/cis/tagging/tag-association", "list-attached-tags-on-objects", {"object_ids": objects})
        ids = {tag for entry in answer for tag in entry.get("tag_ids") or ()}
        tags = {one: session.get("/cis/tagging/tag", one) for one in ids}
        categories = {tag["category_id"]: session.get("/cis/tagging/category", tag["category_id"])["name"] for tag in tags.values()}
    for entry in answer:
        expected = sorted(f"{categories[tags[one]['category_id']]}/{tags[one]['name']}" for one in entry.get("tag_ids") or ())
        assert list(found.names.get(("VirtualMachine", entry["object_id"]["id"]), ())) == expected


def test_tags_cost_no_call_per_object_and_the_session_is_deleted(simulator: Simulator) -> None:
    found = tags_of(simulator)
    rest = simulator.counters()["rest"]
    assert found.calls == sum(rest.values()) < 25
    assert sum(count for name, count in rest.items() if name.startswith("DELETE ")) == 1
    assert not any("list-attached-tags" in name for name in rest)


def test_tags_survive_a_rest_session_that_ends(simulator: Simulator) -> None:
    whole = tags_of(simulator)
    simulator.arm("session_expiry_rest")
    assert tags_of(simulator).names == whole.names


def test_tags_of_a_rest_api_that_is_down_are_unknown_with_the_reason(simulator: Simulator) -> None:
    simulator.arm("rest_unavailable")
    with connected(simulator) as connection:
        connection.sleep = lambda _seconds: None
        found = read_tags(rest_session(connection))
    assert (found.names, found.reason) == (None, "tags could not be read: the server answered HTTP 503")


# ---- storage policies ------------------------------------------------------------------------------------------------


def test_policies_of_homes_and_disks_are_told_in_a_handful_of_calls(simulator: Simulator) -> None:
    with connected(simulator) as connection:
        found = read_policies(connection)
        known = set(vms_of(connection))
    assert found.reason == "" and found.homes and found.disks
    assert set(found.homes) | {vm for vm, _device in found.disks} <= known
    assert all(name for name in (*found.homes.values(), *found.disks.values()))
    soap = simulator.counters()["soap"]
    assert sum(count for name, count in soap.items() if name.startswith("Pbm")) == found.calls <= 5


def test_policies_without_the_privilege_are_unknown_and_the_reason_names_it(simulator: Simulator) -> None:
    simulator.without("StorageProfile.View")
    with connected(simulator) as connection:
        found = read_policies(connection)
    assert (found.homes, found.reason) == (
        None,
        "storage policies could not be read: no permission: privilege StorageProfile.View is missing",
    )


def test_policies_of_a_service_that_is_not_there_are_unknown_with_the_reason(simulator: Simulator) -> None:
    simulator.arm("storage_policies_missing")
    with connected(simulator) as connection:
        found = read_policies(connection)
    assert found.homes is None and found.reason.startswith("storage policies could not be read: ")


# ---- performance history ---------------------------------------------------------------------------------------------


def test_history_of_thirty_days_comes_in_bulk_with_every_figure(simulator: Simulator) -> None:
    with connected(simulator) as connection:
        vms = vms_of(connection)
        found = read_performance(connection, vms, 30)
    assert found.facts is not None and set(found.facts) | set(found.unknown) == set(vms)
    for facts in found.facts.values():
        assert set(facts) <= set(FACTS)
        for figure in ("cpu_usage", "active_memory", "disk_write"):
            unit = {"cpu_usage": "mhz", "active_memory": "mib", "disk_write": "kib_per_s"}[figure]
            average, high, peak = (facts[f"{figure}_{measure}_{unit}"] for measure in ("average", "p95", "peak"))
            assert 0 <= average <= peak and high <= peak
        assert 1 <= facts["performance_days"] <= 30
    assert simulator.counters()["soap"]["QueryPerf"] <= 1 + len(vms) // 16


def test_history_that_is_not_asked_for_costs_no_call_and_is_unknown_for_that_reason(simulator: Simulator, tmp_path: Path) -> None:
    (seen,) = (one for one in read(simulator, tmp_path / "estate.jsonl").source["not_seen"] if "performance_days" in one["facts"])
    assert seen["reason"] == "performance history was not asked for (performance_days)"
    assert "QueryPerf" not in simulator.counters()["soap"]


def test_history_that_the_server_refuses_is_unknown_with_the_reason_after_few_calls(simulator: Simulator) -> None:
    simulator.arm("performance_unavailable")
    with connected(simulator) as connection:
        found = read_performance(connection, vms_of(connection), 30)
    assert found.facts is None and found.reason.startswith("performance history could not be read: the server answered ")
    assert simulator.counters()["soap"]["QueryPerf"] < 30


# ---- preflight -------------------------------------------------------------------------------------------------------


def test_preflight_of_an_account_with_the_role_finds_nothing_missing(simulator: Simulator) -> None:
    found = preflight(simulator)
    assert (found["suffices"], found["missing"], found["notices"], found["read_access"]) == (True, [], [], "everywhere")
    assert found["granted"] == [entry.id for entry in PRIVILEGES]
    assert found["tags"]["visible"] > 0


def test_preflight_makes_only_calls_of_the_table_and_logs_out(simulator: Simulator) -> None:
    preflight(simulator)
    counters = simulator.counters()
    assert set(counters["soap"]) <= CALLED
    assert counters["soap"]["Login"] == counters["soap"]["Logout"] == 1
    assert counters["sessions"] == 0
    assert sum(counters["soap"].values()) <= 16


@pytest.mark.parametrize("privilege", [name for name in NAMED if name != "System.View"])
def test_preflight_names_the_one_privilege_that_is_missing_and_what_it_costs(simulator: Simulator, privilege: str) -> None:
    simulator.without(privilege)
    found = preflight(simulator)
    assert [lack["privilege"] for lack in found["missing"]] == [privilege]
    assert found["missing"][0]["facts"]
    assert found["suffices"] is (privilege != "System.Read")
    assert any(privilege in line for line in found["summary"])
    assert privilege in found["notices"][0]["message"]


def test_preflight_of_an_account_that_may_not_even_view_says_so_in_one_error(simulator: Simulator) -> None:
    simulator.without("System.View")
    with pytest.raises(ReadinessError) as caught:
        preflight(simulator)
    assert "System.View" in caught.value.text() and "docs/privileges.md" in caught.value.text()


def test_preflight_says_that_vms_may_be_invisible_where_a_cluster_is_hidden(simulator: Simulator) -> None:
    with connected(simulator) as connection:
        cluster = Collector(connection).list_morefs(["ClusterComputeResource"])["ClusterComputeResource"][0]
    simulator.arm("no_read_access_subtree", objects=[cluster])
    found = preflight(simulator)
    assert (found["suffices"], found["read_access"]) == (False, "partly")
    assert [notice["code"] for notice in found["notices"]] == ["vms_may_be_invisible"]


def test_preflight_says_that_a_permission_on_the_root_folder_does_not_propagate(simulator: Simulator) -> None:
    with connected(simulator) as connection:
        listed = Collector(connection).list_morefs(["Datacenter"])["Datacenter"]
    simulator.arm("no_propagation", objects=[listed[0]])
    found = preflight(simulator)
    assert (found["suffices"], found["read_access"]) == (False, "partly")
    assert found["evidence"] == "its permission on the root folder does not propagate to children"


def test_whole_read_makes_only_calls_of_the_table(simulator: Simulator, tmp_path: Path) -> None:
    read(simulator, tmp_path / "estate.jsonl", performance_days=30)
    assert set(simulator.counters()["soap"]) <= CALLED


def test_preflight_of_a_standalone_host_lacks_nothing_that_only_a_vcenter_has() -> None:
    with vcenter(name="esx-1.example.com", vms=5, seed=2, esx=True, without=["StorageProfile.View"]) as host:
        found = preflight(host)
    assert (found["standalone"], found["suffices"], found["missing"]) == (True, True, [])
    assert found["tags"] == {"visible": 0, "reason": "a standalone host has no tags"}


def test_no_secret_is_in_a_result(simulator: Simulator) -> None:
    assert simulator.password not in json.dumps(preflight(simulator))


def test_playbook_reports_every_vcenter_and_fails_for_those_that_do_not_suffice(simulator: Simulator, tmp_path: Path) -> None:
    hosts = {
        "vc-good": {"readiness_vcenter": login(simulator)},
        "vc-locked": {"readiness_vcenter": login(simulator, password="canary-that-must-not-sing")},
        "vc-gone": {"readiness_vcenter": login(simulator, port=1)},
    }
    inventory = tmp_path / "inventory.json"
    local = {"localhost": {"ansible_connection": "local"}}
    inventory.write_text(json.dumps({"all": {"hosts": local, "children": {"readiness_vcenters": {"hosts": hosts}}}}))
    played = play(tmp_path / "play", "preflight", "-i", str(inventory))
    assert played.code != 0
    assert "the account suffices" in played.output
    assert "1 of 3 accounts suffice" in played.output
    assert "not ready to be read: vc-gone, vc-locked" in played.output or "not ready to be read: vc-locked, vc-gone" in played.output
    assert "canary-that-must-not-sing" not in played.output and simulator.password not in played.output


def inventory_of(folder: Path, hosts: dict[str, dict[str, Any]]) -> str:
    """An inventory whose group readiness_vcenters has these hosts, with these variables."""
    path = folder / "inventory.json"
    local = {"localhost": {"ansible_connection": "local"}}
    path.write_text(json.dumps({"all": {"hosts": local, "children": {"readiness_vcenters": {"hosts": hosts}}}}))
    return str(path)


def test_playbook_refuses_what_the_reading_refuses_and_makes_no_login(simulator: Simulator, tmp_path: Path) -> None:
    good = login(simulator)
    inventory = inventory_of(
        tmp_path,
        {
            "vc-key": {"readiness_vcenter": {**good, "pasword": "canary-that-must-not-sing"}},
            "vc-page": {"readiness_vcenter": {**good, "page_size": 0}},
            "vc-list": {"readiness_vcenter": [good]},
            "vc-number": {"readiness_vcenter": {**good, "password": 4711471147}},
            "vc-vault": {"readiness_vcenter": {**good, "password": "{{ vault_of_nobody }}"}},
        },
    )
    played = play(tmp_path / "play", "preflight", "-i", inventory, "-vvv")
    assert played.code != 0
    assert "0 of 5 accounts suffice" in played.output
    for words in (
        "readiness_vcenter of host vc-key.pasword is not known",
        "readiness_vcenter of host vc-page.page_size is not a number from 1 to 10000",
        "readiness_vcenter of host vc-list is a list, not a mapping",
        "readiness_vcenter of host vc-number.password is not a text",
        "vault_of_nobody",
    ):
        assert words in played.output, words
    assert "canary-that-must-not-sing" not in played.output and simulator.password not in played.output
    assert simulator.counters()["soap"].get("Login", 0) == 0


def test_playbook_with_a_limit_looks_at_that_vcenter_and_names_the_others(simulator: Simulator, tmp_path: Path) -> None:
    hosts = {name: {"readiness_vcenter": login(simulator)} for name in ("vc-north", "vc-south")}
    inventory = inventory_of(tmp_path, hosts)
    played = play(tmp_path / "play", "preflight", "-i", inventory, "--limit", "vc-north,localhost")
    assert played.code == 0, played.output
    assert "1 of 1 accounts suffice; left out by --limit: vc-south" in played.output
    assert "vc-north: VMware vCenter Server" in played.output
    alone = play(tmp_path / "alone", "preflight", "-i", inventory, "--limit", "vc-north")
    assert alone.code != 0
    assert "use --limit vc-north,localhost" in alone.output


def test_playbook_ends_well_where_every_account_suffices(simulator: Simulator, tmp_path: Path) -> None:
    hosts = {"vc-good": {"readiness_vcenter": login(simulator)}}
    inventory = tmp_path / "inventory.json"
    local = {"localhost": {"ansible_connection": "local"}}
    inventory.write_text(json.dumps({"all": {"hosts": local, "children": {"readiness_vcenters": {"hosts": hosts}}}}))
    assert play(tmp_path / "play", "preflight", "-i", str(inventory), "--check").code == 0
