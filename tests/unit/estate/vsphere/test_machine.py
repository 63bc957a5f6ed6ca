# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a VM: every fact from where the API has it."""

from __future__ import annotations

from typing import Any

import pytest

from .machine_reads import FIRST_SNAPSHOT, SECOND_SNAPSHOT, machine, plain_machine
from .reads import (
    HISTORY,
    LONE_HOST,
    OTHER_VM,
    STORE,
    UUID,
    VM_FOLDER,
    changed,
    data,
    inventory,
    live_estate,
    ref,
    without,
)

EXPECTED = {
    "id": f"{UUID}/vm-42",
    "id_basis": "moref",
    "name": "erp/db",
    "vcenter": UUID,
    "moref": "vm-42",
    "instance_uuid": "5036e32c-7368-8a58-cc88-b84840278b63",
    "bios_uuid": "42d10e2a-0d12-72f0-f013-3be893c07e16",
    "datacenter": "dc-1",
    "cluster": "cluster-1",
    "cluster_id": f"{UUID}/domain-c8",
    "host": "esx-01.example.com",
    "folder": "team/erp",
    "resource_pool": "/dc-1/cluster-1/Resources/Gold",
    "vapp": "shop",
    "datastores": ["ds-1", "nfs-1"],
    "template": False,
    "srm_placeholder": True,
    "connection_state": "connected",
    "power_state": "poweredOn",
    "created_at": "2023-04-14T08:15:00Z",
    "powered_on_at": "2026-05-17T02:10:00Z",
    "notes": "Order 4711",
    "cpu_count": 4,
    "cores_per_socket": 2,
    "memory_mib": 16384,
    "cpu_hot_add_enabled": True,
    "cpu_hot_remove_enabled": True,
    "memory_hot_add_enabled": True,
    "cpu_reservation_mhz": 1000,
    "cpu_limit_mhz": -1,
    "cpu_shares": 4000,
    "memory_reservation_mib": 2048,
    "memory_limit_mib": 8192,
    "memory_shares": 163840,
    "memory_reservation_locked": True,
    "cpu_affinity": [0, 1],
    "numa_node_affinity": [0, 1],
    "latency_sensitivity": "high",
    "cpu_usage_mhz": 250,
    "active_memory_mib": 1024,
    "consumed_memory_mib": 4096,
    "ballooned_memory_mib": 16,
    **HISTORY,
    "hardware_version": 21,
    "firmware": "efi",
    "secure_boot": True,
    "tpm_present": True,
    "encrypted": True,
    "key_provider": "kms-1",
    "storage_policy": "gold",
    "nested_hv_enabled": True,
    "evc_mode_required": "intel-broadwell",
    "change_tracking_enabled": True,
    "disk_enable_uuid": True,
    "consolidation_needed": True,
    "fault_tolerance_state": "notConfigured",
    "ha_restart_priority": "highest",
    "drs_behavior": "manual",
    "host_affinity_rules": ["licence"],
    "cluster_rules": ["apart", "licence", "order", "together"],
    "guest_os_id": "rhel9_64Guest",
    "guest_os_config_name": "Red Hat Enterprise Linux 9 (64-bit)",
    "guest_os_tools_name": "Red Hat Enterprise Linux 9 (64-bit)",
    "guest_hostname": "erp-db.example.com",
    "guest_ips": ["192.0.2.10", "fe80::250:56ff:feaa:bb01", "198.51.100.7", "172.17.0.1"],
    "guest_gateways": ["192.0.2.1"],
    "guest_dns_servers": ["192.0.2.53", "192.0.2.54"],
    "tools_status": "toolsOk",
    "tools_running_status": "guestToolsRunning",
    "tools_version_status": "guestToolsCurrent",
    "tools_version": "12389",
    "provisioned_bytes": 100 << 30,
    "used_bytes": 80 << 30,
    "tags": ["Application/erp"],
    "custom_attributes": {"Owner": "team-erp@example.com"},
}


@pytest.mark.parametrize("fact", sorted(EXPECTED))
def test_fact_of_a_vm_that_shows_everything(fact: str) -> None:
    assert live_estate().vm(machine())[fact] == EXPECTED[fact]


def test_vm_that_shows_everything_leaves_nothing_unknown() -> None:
    assert "unknown" not in live_estate().vm(machine())


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("vapp", ""),
        ("srm_placeholder", False),
        ("powered_on_at", ""),
        ("notes", ""),
        ("cpu_hot_add_enabled", False),
        ("memory_reservation_locked", False),
        ("cpu_affinity", []),
        ("numa_node_affinity", []),
        ("latency_sensitivity", "normal"),
        ("secure_boot", False),
        ("tpm_present", False),
        ("encrypted", False),
        ("key_provider", ""),
        ("disk_enable_uuid", False),
        ("evc_mode_required", ""),
        ("change_tracking_enabled", False),
        ("guest_hostname", ""),
        ("guest_os_tools_name", ""),
        ("guest_ips", []),
        ("snapshots", []),
        ("disks", []),
        ("nics", []),
        ("custom_attributes", {}),
        ("tags", []),
        ("storage_policy", ""),
        ("drs_behavior", "disabled"),
        ("ha_restart_priority", "medium"),
        ("folder", "team/erp"),
        ("advanced_settings", {}),
    ],
)
def test_plain_vm_is_known_to_have_none_of_it(fact: str, value: Any) -> None:
    assert live_estate().vm(plain_machine())[fact] == value


@pytest.mark.parametrize("fact", ["partitions", "firmware", "ballooned_memory_mib", "created_at", "cores_per_socket"])
def test_what_a_vm_does_not_show_and_may_have_stays_unknown(fact: str) -> None:
    vm = live_estate().vm(plain_machine())
    assert fact not in vm
    assert vm["unknown"][fact]


def test_created_in_1970_means_that_nobody_recorded_it() -> None:
    vm = live_estate().vm(machine(config__createDate="1970-01-01T00:00:00Z"))
    assert "created_at" not in vm
    assert "1970" in vm["unknown"]["created_at"]


def test_advanced_settings_keep_no_secret() -> None:
    vm = live_estate().vm(machine())
    assert sorted(vm["advanced_settings"]) == [
        "ctkEnabled",
        "disk.EnableUUID",
        "numa.nodeAffinity",
        "scsi0:0.ctkEnabled",
        "scsi0:1.ctkEnabled",
    ]
    assert not any(word in str(vm) for word in ("hunter2", "c2VjcmV0LXRva2Vu", "token=abc"))


def test_numa_nodes_that_cannot_be_read_stay_unknown() -> None:
    vm = live_estate().vm(machine(config__extraConfig=[data("OptionValue", key="numa.nodeAffinity", value="all")]))
    assert "numa_node_affinity" not in vm
    assert vm["advanced_settings"] == {"numa.nodeAffinity": "all"}


# ---- where it is ----------------------------------------------------------------------------------------------------


def test_vm_without_configuration_has_no_known_setting() -> None:
    read = machine()
    for path in [path for path in read.values if path.startswith("config.")]:
        read = without(read, path)
    vm = live_estate().vm(read)
    told = {"cpu_hot_add_enabled", "notes", "encrypted", "srm_placeholder", "secure_boot", "disks", "disk_enable_uuid"}
    assert told & vm.keys() == set()
    assert all(vm["unknown"][fact] for fact in told)
    assert vm["power_state"] == "poweredOn"


def test_vm_without_guest_has_no_known_hostname() -> None:
    read = machine()
    for path in [path for path in read.values if path.startswith("guest.")]:
        read = without(read, path)
    vm = live_estate().vm(read)
    assert {"guest_hostname", "guest_ips", "partitions", "tools_version", "guest_gateways"} & vm.keys() == set()
    assert vm["unknown"]["guest_hostname"] == "the server has nothing about the guest"
    assert all("ips" not in nic for nic in vm["nics"])


def test_vm_in_the_root_folder_has_an_empty_path() -> None:
    assert live_estate().vm(changed(plain_machine(), parent=VM_FOLDER))["folder"] == ""


def test_vm_of_a_host_without_cluster_is_bound_by_no_rule() -> None:
    pool = ref("ResourcePool", "resgroup-30")
    vm = live_estate().vm(plain_machine(runtime__host=LONE_HOST, resourcePool=pool))
    assert (vm["cluster"], vm["cluster_id"], vm["cluster_rules"], vm["host_affinity_rules"]) == ("", "", [], [])
    assert (vm["ha_restart_priority"], vm["drs_behavior"]) == ("", "")


def test_cluster_of_a_vm_without_host_is_that_of_its_resource_pool() -> None:
    vm = live_estate().vm(without(plain_machine(), "runtime.host"))
    assert (vm["cluster"], vm["cluster_rules"]) == ("cluster-1", ["apart", "together"])
    assert "host" not in vm
    assert vm["unknown"]["host"] == "no host is responsible for it"


def test_template_has_no_resource_pool_and_another_vm_without_one_may_have_any() -> None:
    template = live_estate().vm(without(plain_machine(config__template="true"), "resourcePool"))
    assert template["resource_pool"] == ""
    other = live_estate().vm(without(plain_machine(), "resourcePool"))
    assert "resource_pool" not in other
    assert "no access" in other["unknown"]["resource_pool"]


def test_host_that_was_not_read_leaves_host_and_cluster_unknown_with_the_reason() -> None:
    vm = live_estate([read for read in inventory() if read.moref != "host-12"]).vm(without(machine(), "resourcePool"))
    assert {"host", "cluster", "cluster_id", "host_affinity_rules"} & vm.keys() == set()
    assert vm["unknown"]["cluster"] == "host host-12 was not read; it may lie outside of what the user can see"
    assert vm["datacenter"] == "dc-1"


def test_folder_that_was_not_read_leaves_the_folder_unknown_and_the_datacenter_known_by_the_host() -> None:
    vm = live_estate([read for read in inventory() if read.moref != "group-v10"]).vm(plain_machine())
    assert vm["unknown"]["folder"] == "folder group-v10 was not read; it may lie outside of what the user can see"
    assert vm["datacenter"] == "dc-1"


def test_datastore_that_was_not_read_is_known_by_the_paths_of_the_files() -> None:
    vm = live_estate([read for read in inventory() if read.moref != "datastore-15"]).vm(machine())
    assert vm["datastores"] == ["ds-1", "nfs-1"]
    assert vm["disks"][0]["datastore"] == "ds-1"


def test_datastore_that_was_not_read_and_that_no_file_shows_leaves_the_list_unknown() -> None:
    vm = live_estate().vm(machine(datastore=[STORE, ref("Datastore", "datastore-99")], config__hardware__device=[]))
    assert "datastores" not in vm
    assert "datastore-99" in vm["unknown"]["datastores"]


# ---- snapshots ------------------------------------------------------------------------------------------------------


def test_snapshots_are_a_tree_with_age_and_size() -> None:
    first, second = live_estate().vm(machine())["snapshots"]
    assert (first["name"], first["parent"], first["parent_id"], first["current"], first["quiesced"]) == (
        "before release 7",
        "",
        "",
        False,
        True,
    )
    assert (second["parent"], second["parent_id"], second["current"]) == ("before release 7", FIRST_SNAPSHOT.moref, True)
    assert (first["id"], second["id"]) == (FIRST_SNAPSHOT.moref, SECOND_SNAPSHOT.moref)
    assert (first["created_at"], second["created_at"]) == ("2025-06-20T19:30:00Z", "2026-01-15T19:30:00Z")
    assert first["size_bytes"] == 28672 + 1 + (10 << 30)
    # State, memory, and all that was written since on every disk.
    assert second["size_bytes"] == 28673 + (4 << 30) + 1 + (20 << 30) + 1 + (5 << 30)


def test_snapshots_without_a_file_layout_have_no_size_and_say_why() -> None:
    vm = live_estate().vm(without(machine(), "layoutEx.file", "no permission: privilege System.Read is missing"))
    assert all("size_bytes" not in snapshot for snapshot in vm["snapshots"])
    assert vm["unknown"]["snapshots.size_bytes"] == "no permission: privilege System.Read is missing"
    assert vm["unknown"]["disks.used_bytes"] == "no permission: privilege System.Read is missing"


def test_very_deep_chain_of_snapshots_is_read() -> None:
    node: Any = None
    for number in range(3000):
        below = {} if node is None else {"childSnapshotList": [node]}
        node = data("VirtualMachineSnapshotTree", snapshot=ref("VirtualMachineSnapshot", f"s-{number}"), name=f"s{number}", **below)
    vm = live_estate().vm(machine(snapshot=data("VirtualMachineSnapshotInfo", rootSnapshotList=[node])))
    assert len(vm["snapshots"]) == 3000


# ---- what is said of it ---------------------------------------------------------------------------------------------


def test_custom_attribute_without_a_name_leaves_them_unknown() -> None:
    vm = live_estate().vm(machine(customValue=[data("CustomFieldStringValue", key="999", value="x")]))
    assert "custom_attributes" not in vm
    assert vm["unknown"]["custom_attributes"]


def test_extras_that_were_not_read_are_said_once_by_the_source() -> None:
    live = live_estate(with_extras=False)
    vm = live.vm(machine())
    assert {"tags", "storage_policy", "performance_days"} & vm.keys() == set()
    assert "unknown" not in vm
    entries = {entry["what"]: entry for entry in live.source("0" * 64)["not_seen"]}
    assert entries["tags"]["facts"] == ["tags"]
    assert entries["storage policies"]["facts"] == ["storage_policy", "disks.storage_policy"]
    assert entries["assigned licences"]["facts"] == ["vcenter.license", "host.license"]
    assert len(entries["performance history"]["facts"]) == len(HISTORY)


def test_custom_field_names_that_were_refused_are_the_reason() -> None:
    reads = [without(read, "field", "no permission") if read.type == "CustomFieldsManager" else read for read in inventory()]
    vm = live_estate(reads).vm(machine())
    assert vm["unknown"]["custom_attributes"] == "the names of custom attributes: no permission"


# ---- a host without a vCenter ---------------------------------------------------------------------------------------


def test_standalone_host_names_its_vms_by_their_instance_uuid() -> None:
    live = live_estate(about={"api_type": "HostAgent", "version": "8.0.3", "build": "1", "full_name": "VMware ESXi 8.0.3 build-1"})
    vm = live.vm(machine())
    assert (vm["id"], vm["id_basis"], vm["vcenter"]) == (EXPECTED["instance_uuid"], "instance_uuid", "")
    vcenter = next(record for record in live.objects() if record["kind"] == "vcenter")
    assert (vcenter["vcenter"], vcenter["api_type"], vcenter["hostname"]) == ("", "HostAgent", "vc-north.example.com")


def test_two_vms_of_a_standalone_host_with_one_uuid_keep_ids_of_their_own() -> None:
    live = live_estate(about={"api_type": "HostAgent"})
    first, second = live.vm(machine()), live.vm(machine(OTHER_VM))
    assert second["id"] == f"{first['id']}#2"
