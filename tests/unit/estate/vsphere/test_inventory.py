# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of everything but VMs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import ObjectRead

from .reads import (
    ABOUT,
    CLUSTER,
    COMPUTE,
    HOST,
    LONE_HOST,
    OTHER_HOST,
    ROOT,
    UUID,
    VAPP,
    an_object,
    changed,
    cluster,
    data,
    host,
    inventory,
    live_estate,
    port_setting,
    without,
)


def records(reads: Iterable[ObjectRead] | None = None) -> dict[str, dict[str, Any]]:
    """The records by kind and last part of the id."""
    return {f"{record['kind']} {record['moref']}": record for record in live_estate(reads).objects()}


def replaced(*reads: ObjectRead) -> list[ObjectRead]:
    """The inventory with some of its objects changed."""
    own = {read.moref: read for read in reads}
    return [own.pop(read.moref, read) for read in inventory()] + list(own.values())


def settings_with(**parts: Any) -> ObjectRead:
    """The cluster with some of its settings changed."""
    read = cluster()
    return changed(read, configurationEx={**read.values["configurationEx"], **parts})


def found(moref: str) -> ObjectRead:
    """An object of the inventory."""
    return next(read for read in inventory() if read.moref == moref)


EXPECTED: dict[str, dict[str, Any]] = {
    "vcenter group-d1": {
        "id": f"{UUID}/group-d1",
        "name": "vc-north.example.com",
        "hostname": "vc-north.example.com",
        "version": "8.0.3",
        "build": "24322831",
        "product": "VMware vCenter Server 8.0.3 build-24322831",
        "api_type": "VirtualCenter",
        "license": "vCenter Server 8 Standard",
    },
    "datacenter datacenter-2": {"name": "dc-1", "folder": "Datacenters"},
    "folder group-d1": {"name": "Datacenters", "datacenter": "", "path": "", "type": "datacenter"},
    "folder group-v3": {"name": "vm", "datacenter": "dc-1", "path": "", "type": "vm"},
    "folder group-v10": {"name": "team/erp", "datacenter": "dc-1", "path": "team/erp", "type": "vm"},
    "folder group-h4": {"type": "host"},
    "folder group-s5": {"type": "datastore"},
    "folder group-n6": {"type": "network"},
    "cluster domain-c8": {
        "name": "cluster-1",
        "datacenter": "dc-1",
        "drs_enabled": True,
        "drs_behavior": "fullyAutomated",
        "dpm_enabled": True,
        "dpm_behavior": "manual",
        "ha_enabled": True,
        "ha_admission_control_enabled": True,
        "ha_host_monitoring": "enabled",
        "ha_vm_monitoring": "vmMonitoringOnly",
        "ha_restart_priority": "medium",
        "evc_mode": "intel-icelake",
        "host_count": 2,
        "cpu_core_count": 64,
        "cpu_thread_count": 128,
        "memory_mib": 1 << 20,
    },
    "host host-12": {
        "name": "esx-01.example.com",
        "datacenter": "dc-1",
        "cluster": "cluster-1",
        "cluster_id": f"{UUID}/domain-c8",
        "vendor": "Example Systems",
        "model": "R2-740",
        "version": "VMware ESXi 8.0.3 build-24022510",
        "build": "24022510",
        "uuid": "4c4c4544-0042-3510-8052-b4c04f463333",
        "connection_state": "connected",
        "power_state": "poweredOn",
        "license": "vSphere 8 Enterprise Plus",
        "cpu_model": "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz",
        "cpu_socket_count": 2,
        "cpu_core_count": 32,
        "cpu_thread_count": 64,
        "cpu_usage_mhz": 5000,
        "cpu_mhz": 2000,
        "memory_mib": 512 << 10,
        "memory_usage_mib": 200000,
        "in_maintenance": False,
        "evc_mode": "intel-icelake",
        "evc_mode_possible": "intel-sapphirerapids",
        "vm_count": 2,
    },
    "host host-14": {"cluster": "", "cluster_id": "", "license": "", "datacenter": "dc-1"},
    "datastore datastore-15": {
        "name": "ds-1",
        "datacenter": "dc-1",
        "type": "VMFS",
        "capacity_bytes": 16 << 40,
        "free_bytes": 4 << 40,
        "provisioned_bytes": 18 << 40,
        "accessible": True,
        "multiple_host_access": True,
        "maintenance_mode": "normal",
        "datastore_cluster": "pod-a",
        "host_count": 2,
        "hosts": ["esx-01.example.com", "esx-02.example.com"],
        "address": "naa.60002ac0b1",
    },
    "datastore datastore-16": {"datastore_cluster": "", "address": "nfs-01.example.com:/vol/nfs-1", "datacenter": "dc-1"},
    "network network-17": {
        "name": "VM Network",
        "datacenter": "dc-1",
        "type": "standard",
        "switch": "vSwitch0",
        "switch_id": "",
        "vlan": "20",
        "uplink": False,
        "promiscuous": False,
        "mac_changes": True,
        "forged_transmits": True,
        "host_count": 2,
    },
    "network dvportgroup-19": {
        "type": "distributed",
        "switch": "dvs-1",
        "switch_id": f"{UUID}/dvs-21",
        "vlan": "120",
        "uplink": False,
        "forged_transmits": True,
    },
    "network dvportgroup-20": {"vlan": "1-20,30", "uplink": True},
    "network network-o18": {"type": "opaque", "switch": "", "switch_id": "", "host_count": 1},
    "switch dvs-21": {
        "name": "dvs-1",
        "datacenter": "dc-1",
        "version": "8.0.3",
        "mtu": 9000,
        "port_count": 512,
        "uplinks": ["uplink1", "uplink2"],
        "private_vlans": ["isolated:300:301"],
        "hosts": ["esx-01.example.com", "esx-02.example.com"],
    },
    "resource_pool resgroup-23": {
        "name": "Gold",
        "path": "/dc-1/cluster-1/Resources/Gold",
        "cluster": "cluster-1",
        "cpu_reservation_mhz": 1000,
        "cpu_limit_mhz": -1,
        "cpu_shares": 4000,
        "cpu_expandable": True,
        "memory_reservation_mib": 2048,
        "memory_limit_mib": 8192,
        "memory_shares": 163840,
        "memory_expandable": False,
    },
    "vapp resgroup-v24": {"name": "shop", "datacenter": "dc-1", "vm_ids": [f"{UUID}/vm-43", f"{UUID}/vm-42"], "start_orders": [1, 2]},
    "drs_rule domain-c8/rule-1": {
        "name": "apart",
        "cluster_id": f"{UUID}/domain-c8",
        "type": "anti_affinity",
        "enabled": True,
        "mandatory": False,
        "vm_ids": [f"{UUID}/vm-42", f"{UUID}/vm-43"],
        "vm_group": "",
        "hosts": [],
    },
    "drs_rule domain-c8/rule-2": {
        "type": "vm_host",
        "mandatory": True,
        "vm_ids": [f"{UUID}/vm-42"],
        "hosts": ["esx-01.example.com"],
        "vm_group": "licensed",
        "host_group": "oracle-hosts",
        "affine": True,
    },
    "drs_rule domain-c8/rule-3": {
        "type": "dependency",
        "vm_group": "licensed",
        "depends_on_group": "databases",
        "vm_ids": [f"{UUID}/vm-42"],
    },
    "drs_rule domain-c8/rule-4": {"type": "affinity", "enabled": False},
    "drs_group domain-c8/group-licensed": {"name": "licensed", "type": "vm", "vm_ids": [f"{UUID}/vm-42"], "hosts": []},
    "drs_group domain-c8/group-oracle-hosts": {"type": "host", "vm_ids": [], "hosts": ["esx-01.example.com"]},
    "license license-esx.enterprisePlus.cpuPackageCoreLimited": {
        "name": "vSphere 8 Enterprise Plus",
        "edition": "esx.enterprisePlus.cpuPackageCoreLimited",
        "unit": "cpuPackage",
        "total_count": 64,
        "used_count": 4,
        "expires_at": "2027-06-30T00:00:00Z",
    },
}


@pytest.mark.parametrize("key", sorted(EXPECTED))
def test_facts_of_an_object_that_shows_everything(key: str) -> None:
    record = records()[key]
    assert {fact: record.get(fact) for fact in EXPECTED[key]} == EXPECTED[key]
    assert record["vcenter"] == UUID
    assert record["origin"] == {"source": "vc-north.example.com@4a0d747a", "object": record["moref"]}


def test_inventory_that_shows_everything_leaves_only_unknown_what_nsx_keeps() -> None:
    unknown = {key: sorted(record["unknown"]) for key, record in records().items() if "unknown" in record}
    assert unknown == {"network network-o18": ["forged_transmits", "mac_changes", "promiscuous", "vlan"]}


def test_key_of_a_licence_is_nowhere() -> None:
    assert "AAAAA-BBBBB" not in str(list(records().values()))


def test_licences_of_one_edition_keep_ids_of_their_own_whatever_their_order() -> None:
    entries = [
        data("LicenseManagerLicenseInfo", editionKey="esx", name="n", total=total, used="1", costUnit="core") for total in ("16", "8")
    ]
    made = [records(replaced(changed(found("LicenseManager"), licenses=order))) for order in (entries, entries[::-1])]
    assert made[0] == made[1]
    assert {record["total_count"] for key, record in made[0].items() if key.startswith("license")} == {8, 16}
    assert records(replaced(changed(found("LicenseManager"), licenses=entries)))["license license-esx"]["expires_at"] == ""


def test_nested_folders_make_paths_for_datacenters_and_vms() -> None:
    region = an_object("Folder", "group-d50", "emea", ROOT, childType=["Folder", "Datacenter"])
    below = an_object("Folder", "group-v51", "prod", found("group-v10").values["parent"], childType=["VirtualMachine"])
    moved = changed(found("datacenter-2"), parent=type(ROOT)("Folder", "group-d50"))
    made = records(replaced(region, below, moved))
    assert made["datacenter datacenter-2"]["folder"] == "Datacenters/emea"
    assert made["folder group-d50"]["path"] == "emea"
    assert made["folder group-d50"]["datacenter"] == ""
    assert made["folder group-v51"]["path"] == "prod"


def test_circle_of_parents_ends() -> None:
    first = an_object("Folder", "group-v60", "a", type(ROOT)("Folder", "group-v61"), childType=["VirtualMachine"])
    second = an_object("Folder", "group-v61", "b", type(ROOT)("Folder", "group-v60"), childType=["VirtualMachine"])
    made = records(replaced(first, second))
    assert "datacenter" not in made["folder group-v60"]
    assert made["folder group-v60"]["unknown"]["path"] == "the server names a circle of parents"


def test_very_deep_folders_are_followed() -> None:
    deep = [
        an_object(
            "Folder",
            f"group-v{number}",
            "a",
            type(ROOT)("Folder", f"group-v{number - 1}" if number > 1000 else "group-v3"),
            childType=["VirtualMachine"],
        )
        for number in range(1000, 4000)
    ]
    made = records([*inventory(), *reversed(deep)])
    assert made["folder group-v3999"]["path"] == "/".join(["a"] * 3000)
    assert made["folder group-v3999"]["datacenter"] == "dc-1"


# ---- clusters -------------------------------------------------------------------------------------------------------


def test_settings_that_were_refused_leave_them_unknown_and_make_no_rules() -> None:
    made = records(replaced(without(cluster(), "configurationEx", "no permission")))
    unknown = made["cluster domain-c8"]["unknown"]
    assert {unknown[fact] for fact in ("drs_enabled", "drs_behavior", "dpm_enabled", "ha_enabled", "ha_restart_priority")} == {
        "no permission"
    }
    assert made["cluster domain-c8"]["host_count"] == 2
    assert not any(key.startswith(("drs_rule", "drs_group")) for key in made)


def test_cluster_without_power_management_has_it_off() -> None:
    settings = {name: part for name, part in cluster().values["configurationEx"].items() if name != "dpmConfigInfo"}
    made = records(replaced(changed(cluster(), configurationEx=settings)))["cluster domain-c8"]
    assert made["dpm_enabled"] is False
    assert "dpm_behavior" in made["unknown"]


def test_evc_mode_of_a_cluster_without_one_is_empty() -> None:
    summary = {name: part for name, part in cluster().values["summary"].items() if name != "currentEVCModeKey"}
    assert records(replaced(changed(cluster(), summary=summary)))["cluster domain-c8"]["evc_mode"] == ""


def test_drs_behavior_of_a_later_release_is_unknown_and_noted_once() -> None:
    live = live_estate(replaced(settings_with(drsConfig=data("ClusterDrsConfigInfo", enabled="true", defaultVmBehavior="telepathic"))))
    made = next(record for record in live.objects() if record["kind"] == "cluster")
    assert made["unknown"]["drs_behavior"] == "the server says 'telepathic', a word that this version does not know"
    (notice,) = live.source("0" * 64)["notices"]
    assert notice["code"] == "word_unknown"
    assert "cluster.drs_behavior" in notice["message"]


def test_rule_of_a_later_release_leaves_the_rules_of_its_vms_unknown() -> None:
    rule = data("ClusterQuantumRuleInfo", key="9", name="q", enabled="true")
    live = live_estate(replaced(settings_with(rule=[rule])))
    made = next(record for record in live.objects() if record["kind"] == "drs_rule")
    assert (made["name"], "type" in made, "vm_ids" in made) == ("q", False, False)
    vm = live.vm(an_object("VirtualMachine", "vm-42", "a", None, runtime__host=HOST))
    assert {"host_affinity_rules", "cluster_rules"} & vm.keys() == set()
    assert "ClusterQuantumRuleInfo" in vm["unknown"]["host_affinity_rules"]
    assert vm["ha_restart_priority"] == "highest"


def test_rule_whose_group_is_gone_binds_nobody() -> None:
    made = records(replaced(settings_with(group=[])))["drs_rule domain-c8/rule-2"]
    assert (made["vm_ids"], made["hosts"], made["vm_group"]) == ([], [], "licensed")


def test_hosts_of_a_rule_that_were_not_read_are_unknown_with_the_reason() -> None:
    made = records([read for read in inventory() if read.moref != "host-12"])
    assert "hosts" not in made["drs_rule domain-c8/rule-2"]
    assert "host-12" in made["drs_rule domain-c8/rule-2"]["unknown"]["hosts"]
    assert "host-12" in made["datastore datastore-15"]["unknown"]["hosts"]
    assert made["datastore datastore-15"]["host_count"] == 2


# ---- networks -------------------------------------------------------------------------------------------------------


def vlan_of(node: dict[str, Any]) -> Any:
    """What a distributed port group with this VLAN shows."""
    read = changed(found("dvportgroup-19"), config__defaultPortConfig=port_setting(node))
    record = records(replaced(read))["network dvportgroup-19"]
    return record.get("vlan", record.get("unknown", {}).get("vlan"))


@pytest.mark.parametrize(
    ("node", "vlan"),
    [
        (data("VmwareDistributedVirtualSwitchVlanIdSpec", vlanId="0"), ""),
        (data("VmwareDistributedVirtualSwitchVlanIdSpec", vlanId="7"), "7"),
        (data("VmwareDistributedVirtualSwitchPvlanSpec", pvlanId="301"), "pvlan:301"),
        (data("VmwareDistributedVirtualSwitchTrunkVlanSpec", vlanId=data("NumericRange", start="0", end="4094")), "0-4094"),
        (
            data("VmwareDistributedVirtualSwitchQuantumVlanSpec"),
            "the server says 'VmwareDistributedVirtualSwitchQuantumVlanSpec', a word that this version does not know",
        ),
    ],
)
def test_vlan_is_written_as_inventories_write_it(node: dict[str, Any], vlan: str) -> None:
    assert vlan_of(node) == vlan


@pytest.mark.parametrize(("vlan", "shown"), [("0", ""), ("4095", "0-4094"), ("12", "12")])
def test_vlan_of_a_standard_port_group(vlan: str, shown: str) -> None:
    made = records(replaced(host(HOST, "esx-01.example.com", CLUSTER, vlan), host(OTHER_HOST, "esx-02.example.com", CLUSTER, vlan)))
    assert made["network network-17"]["vlan"] == shown


def test_hosts_that_do_not_agree_leave_the_vlan_unknown() -> None:
    made = records(replaced(host(OTHER_HOST, "esx-02.example.com", CLUSTER, "99")))["network network-17"]
    assert made["unknown"] == {"vlan": "the hosts that offer it do not agree"}
    assert made["switch"] == "vSwitch0"


def test_port_groups_that_one_host_refuses_leave_the_network_unknown() -> None:
    refused = without(found("host-13"), "config.network.portgroup", "no permission")
    made = records(replaced(refused))["network network-17"]
    assert {"vlan", "switch", "promiscuous"} & made.keys() == set()
    assert made["unknown"]["vlan"] == "the port groups of host host-13: no permission"


def test_port_group_without_flag_and_tag_holds_no_uplinks() -> None:
    assert records(replaced(without(found("dvportgroup-19"), "config.uplink")))["network dvportgroup-19"]["uplink"] is False
    refused = without(without(found("dvportgroup-19"), "config.uplink"), "tag", "no permission")
    assert records(replaced(refused))["network dvportgroup-19"]["unknown"]["uplink"] == "no permission"


def test_switch_that_was_not_read_keeps_its_id() -> None:
    made = records([read for read in inventory() if read.moref != "dvs-21"])["network dvportgroup-19"]
    assert made["switch_id"] == f"{UUID}/dvs-21"
    assert "dvs-21" in made["unknown"]["switch"]


# ---- datastores, hosts, vApps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("info", "address"),
    [
        (data("VmfsDatastoreInfo", vmfs=data("…", extent=[data("…", diskName="naa.1"), data("…", diskName="naa.2")])), "naa.1, naa.2"),
        (data("VsanDatastoreInfo"), ""),
        (data("VvolDatastoreInfo", vvolDS=data("…", scId="vvol:1-2")), "vvol:1-2"),
        (data("LocalDatastoreInfo", path="/datastore1"), "/datastore1"),
        (data("QuantumDatastoreInfo"), None),
        (data("VmfsDatastoreInfo"), None),
    ],
)
def test_address_of_a_datastore_is_what_stands_behind_it(info: dict[str, Any], address: str | None) -> None:
    made = records(replaced(changed(found("datastore-15"), info=info)))["datastore datastore-15"]
    assert made.get("address") == address
    assert ("unknown" in made) is (address is None)


def test_host_whose_parent_was_refused_has_no_known_cluster() -> None:
    made = records(replaced(without(found("host-12"), "parent", "no permission")))["host host-12"]
    assert {"cluster", "cluster_id", "datacenter"} & made.keys() == set()
    assert made["unknown"]["cluster"] == "what host host-12 lies in: no permission"


def test_state_of_a_host_that_no_release_knows_is_unknown() -> None:
    made = records(replaced(changed(found("host-12"), runtime__powerState="dreaming")))["host host-12"]
    assert made["unknown"]["power_state"] == "the server says 'dreaming', a word that this version does not know"


def test_vapp_without_start_orders_still_has_its_vms() -> None:
    made = records(replaced(without(found("resgroup-v24"), "vAppConfig.entityConfig")))["vapp resgroup-v24"]
    assert made["vm_ids"] == [f"{UUID}/vm-42", f"{UUID}/vm-43"]
    assert "start_orders" not in made


def test_vapp_whose_start_order_was_refused_has_no_known_order() -> None:
    made = records(replaced(without(found(VAPP.moref), "vAppConfig.entityConfig", "no permission")))["vapp resgroup-v24"]
    assert {"vm_ids", "start_orders"} & made.keys() == set()
    assert made["unknown"]["vm_ids"] == "no permission"


def test_server_that_does_not_tell_its_build_leaves_it_unknown() -> None:
    live = live_estate(about={name: value for name, value in ABOUT.items() if name != "build"})
    made = next(record for record in live.objects() if record["kind"] == "vcenter")
    assert made["unknown"] == {"build": "the server does not tell"}


def test_compute_resource_of_one_host_is_no_cluster() -> None:
    made = records()
    assert not any(key.startswith("cluster") and COMPUTE.moref in key for key in made)
    assert LONE_HOST.moref in {record["moref"] for key, record in made.items() if key.startswith("host ")}
