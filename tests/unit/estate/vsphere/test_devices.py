# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks, adapters, controllers and other devices of a VM."""

from __future__ import annotations

from typing import Any

import pytest

from .machine_reads import adapters, connectable, device, devices, flat_disk, machine
from .reads import UUID, data, inventory, live_estate, ref, without


def vm_with(*found: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The record of a VM that has these devices alone, besides its controllers."""
    controllers = [entry for entry in devices() if entry["xsi:type"].endswith("Controller")]
    return live_estate().vm(machine(config__hardware__device=[*controllers, *found], **values))


def test_disk_in_a_file() -> None:
    disk = live_estate().vm(machine())["disks"][0]
    assert disk == {
        "key": 2000,
        "label": "Hard disk 1",
        "path": "[ds-1] erp-db/erp-db.vmdk",
        "datastore": "ds-1",
        "capacity_bytes": 60 << 30,
        "used_bytes": 3 + (70 << 30),
        "thin": True,
        "eagerly_scrub": False,
        "mode": "persistent",
        "sharing": "sharingNone",
        "bus_sharing": "noSharing",
        "bus": "scsi",
        "controller_key": 1000,
        "controller": "SCSI controller 0",
        "unit_number": 0,
        "rdm": False,
        "rdm_compatibility": "",
        "lun_id": "",
        "uuid": "6000c29b-0954-fbc7-f994-59b9f2682100",
        "change_tracking_enabled": True,
        "encrypted": False,
        "storage_policy": "gold",
        "io_filters": ["VMW_spm_1.0.0"],
    }


def test_raw_device_mapping_names_its_lun() -> None:
    disk = live_estate().vm(machine())["disks"][1]
    assert (disk["rdm"], disk["rdm_compatibility"], disk["lun_id"]) == (True, "physicalMode", "naa.6000abcdef0000000000000000000001")
    assert (disk["capacity_bytes"], disk["mode"], disk["thin"]) == (10 << 30, "independent_persistent", False)
    assert disk["change_tracking_enabled"] is False


def test_disk_that_several_vms_write_to() -> None:
    disk = live_estate().vm(machine())["disks"][2]
    assert (disk["sharing"], disk["bus_sharing"], disk["encrypted"], disk["eagerly_scrub"]) == (
        "sharingMultiWriter",
        "physicalSharing",
        True,
        True,
    )


def test_changed_blocks_are_tracked_where_a_change_id_says_so_and_no_setting() -> None:
    disk = flat_disk(2005, "Hard disk 6", "[ds-1] a/a.vmdk", changeId="52 3c/1")
    assert vm_with(disk)["disks"][0]["change_tracking_enabled"] is True


@pytest.mark.parametrize(("change_id", "tracked"), [({"changeId": "52 3c/1"}, True), ({}, None)])
def test_changed_block_tracking_without_settings_is_known_by_a_change_id_alone(change_id: dict[str, str], tracked: bool | None) -> None:
    disk = flat_disk(2000, "Hard disk 1", "[ds-1] a/a.vmdk", **change_id)
    read = without(machine(config__hardware__device=[disk]), "config.extraConfig", "no permission")
    vm = live_estate().vm(read)
    assert vm["disks"][0].get("change_tracking_enabled") is tracked
    assert ("disks.change_tracking_enabled" in vm.get("unknown", {})) is (tracked is None)


def test_disk_without_datastore_is_known_to_have_none() -> None:
    assert vm_with(flat_disk(2000, "Hard disk 1", "[] erp-db/erp-db.vmdk", datastore=None))["disks"][0]["datastore"] == ""


def test_disk_on_a_datastore_that_the_path_does_not_name_takes_its_name_from_the_object() -> None:
    path = "[] /vmfs/volumes/5f1/erp-db.vmdk"
    assert vm_with(flat_disk(2000, "Hard disk 1", path))["disks"][0]["datastore"] == "ds-1"
    vm = vm_with(flat_disk(2000, "Hard disk 1", path, datastore=ref("Datastore", "datastore-99")))
    assert "datastore" not in vm["disks"][0]
    assert "datastore-99" in vm["unknown"]["disks[2000].datastore"]


def test_disk_without_a_readable_backing_is_not_said_to_have_no_datastore() -> None:
    disk = device("VirtualDisk", 2000, "Hard disk 1", controllerKey="1000", unitNumber="0", capacityInKB="1024")
    assert {"datastore", "rdm", "mode", "encrypted"} & vm_with(disk)["disks"][0].keys() == set()


def test_empty_disk_has_no_capacity() -> None:
    disk = {**flat_disk(2000, "Hard disk 1", "[ds-1] a/a.vmdk"), "capacityInBytes": "0"}
    assert vm_with(disk)["disks"][0]["capacity_bytes"] == 0


def test_word_of_a_later_release_leaves_one_fact_of_one_disk_unknown() -> None:
    vm = vm_with(flat_disk(2000, "a", "[ds-1] a/a.vmdk", diskMode="entangled"), flat_disk(2001, "b", "[ds-1] a/b.vmdk"))
    assert "mode" not in vm["disks"][0]
    assert vm["disks"][1]["mode"] == "persistent"
    assert vm["unknown"]["disks[2000].mode"] == "the server says 'entangled', a word that this version does not know"


def test_adapter_on_a_distributed_port_group() -> None:
    nic = live_estate().vm(machine())["nics"][0]
    assert nic == {
        "key": 4000,
        "label": "Network adapter 1",
        "adapter_type": "vmxnet3",
        "mac": "00:50:56:aa:bb:01",
        "mac_type": "assigned",
        "network": "vlan-120",
        "network_id": f"{UUID}/dvportgroup-19",
        "switch": "dvs-1",
        "connected": True,
        "start_connected": True,
        "ips": ["192.0.2.10", "fe80::250:56ff:feaa:bb01"],
        "cidrs": ["192.0.2.10/24", "fe80::250:56ff:feaa:bb01/64"],
        "dhcp": False,
    }


def test_adapter_on_a_standard_network_is_on_the_switch_of_its_host() -> None:
    nic = live_estate().vm(machine())["nics"][1]
    assert (nic["network"], nic["network_id"], nic["switch"], nic["dhcp"]) == ("VM Network", f"{UUID}/network-17", "vSwitch0", True)


def test_sriov_adapter_is_a_device_too() -> None:
    vm = live_estate().vm(machine())
    assert vm["nics"][2]["adapter_type"] == "sriov"
    assert {"kind": "VirtualSriovEthernetCard", "backing": "0000:5e:02.1"}.items() <= vm["devices"][0].items()


def test_adapter_on_an_opaque_network() -> None:
    backing = data("VirtualEthernetCardOpaqueNetworkBackingInfo", opaqueNetworkId="nsx-1", opaqueNetworkType="nsx.LogicalSwitch")
    nic = vm_with(device("VirtualVmxnet3", 4000, "a", backing=backing, macAddress="00:50:56:aa:bb:01"))["nics"][0]
    assert (nic["network"], nic["network_id"], nic["switch"]) == ("segment-1", f"{UUID}/network-o18", "")


def test_adapter_on_a_port_group_that_was_not_read_says_so() -> None:
    live = live_estate([read for read in inventory() if read.moref != "dvportgroup-19"])
    vm = live.vm(machine())
    assert {"network", "network_id"} & vm["nics"][0].keys() == set()
    assert vm["nics"][0]["switch"] == "dvs-1"
    assert vm["unknown"]["nics[4000].network"] == "port group dvportgroup-19 was not read; it may lie outside of what the user can see"


def test_adapter_on_a_standard_network_that_was_not_read_keeps_its_name() -> None:
    vm = live_estate([read for read in inventory() if read.moref != "network-17"]).vm(machine())
    nic = vm["nics"][1]
    assert (nic["network"], nic["switch"]) == ("VM Network", "vSwitch0")
    assert "network_id" not in nic
    assert "network-17" in vm["unknown"]["nics[4001].network_id"]


def test_adapter_of_a_class_of_a_later_release_is_still_an_adapter() -> None:
    card = {**adapters()[0], "xsi:type": "VirtualVmxnet4"}
    vm = vm_with(card)
    assert "adapter_type" not in vm["nics"][0]
    assert vm["nics"][0]["network"] == "vlan-120"
    assert "VirtualVmxnet4" in vm["unknown"]["nics[4000].adapter_type"]


def test_controller_of_a_class_of_a_later_release_drives_an_unknown_bus() -> None:
    vm = vm_with(device("VirtualQuantumController", 1500, "Quantum controller 0", busNumber="0"))
    controller = vm["controllers"][-1]
    assert (controller["type"], "bus" in controller) == ("VirtualQuantumController", False)
    assert "VirtualQuantumController" in vm["unknown"]["controllers[1500].bus"]


def test_device_of_a_class_of_a_later_release_is_listed() -> None:
    assert vm_with(device("VirtualQuantumCoprocessor", 15000, "QPU 0"))["devices"][0]["kind"] == "VirtualQuantumCoprocessor"


def test_what_every_vm_has_is_not_listed() -> None:
    kinds = {entry["kind"] for entry in live_estate().vm(machine())["devices"]}
    assert kinds == {"VirtualSriovEthernetCard", "VirtualPCIPassthrough", "VirtualSerialPort", "VirtualTPM"}


@pytest.mark.parametrize(
    ("backing", "shown"),
    [
        (data("VirtualPCIPassthroughVmiopBackingInfo", vgpu="grid_a40-8q"), "grid_a40-8q"),
        (data("VirtualPCIPassthroughDeviceBackingInfo", id="0000:3b:00.0", deviceName="a"), "0000:3b:00.0"),
        (data("VirtualPCIPassthroughDvxBackingInfo", deviceClass="nic"), "nic"),
        (None, ""),
    ],
)
def test_passthrough_device_says_what_stands_behind_it(backing: Any, shown: str) -> None:
    found = vm_with(device("VirtualPCIPassthrough", 13000, "PCI device 0", backing=backing))["devices"][0]
    assert (found["kind"], found["backing"], found["connected"]) == ("VirtualPCIPassthrough", shown, True)


def test_usb_controllers_and_devices() -> None:
    vm = live_estate().vm(machine())
    assert vm["usb"] == [
        {"label": "USB xHCI controller", "kind": "controller", "connected": True},
        {"label": "USB 1", "kind": "device", "connected": True},
    ]
    assert [entry["bus"] for entry in vm["controllers"]] == ["ide", "scsi", "scsi", "usb"]


def test_drives_with_what_is_in_them() -> None:
    assert live_estate().vm(machine())["removable_media"] == [
        {"label": "CD/DVD drive 1", "kind": "cdrom", "connected": True, "start_connected": True, "backing": "[ds-1] iso/rhel9.iso"},
        {"label": "Floppy drive 1", "kind": "floppy", "connected": False, "start_connected": False, "backing": ""},
    ]


def test_disconnected_device_is_shown_as_such() -> None:
    port = device("VirtualSerialPort", 9000, "Serial port 1", connectable=connectable("false", "false"))
    assert vm_with(port)["devices"][0]["connected"] is False


def test_tpm_is_known_by_the_device_where_the_summary_does_not_tell() -> None:
    assert live_estate().vm(without(machine(), "summary.config.tpmPresent"))["tpm_present"] is True
    assert live_estate().vm(without(machine(config__hardware__device=[]), "summary.config.tpmPresent"))["tpm_present"] is False


def test_devices_that_were_refused_leave_every_list_unknown() -> None:
    vm = live_estate().vm(without(machine(), "config.hardware.device", "no permission"))
    lists = {"disks", "nics", "controllers", "devices", "usb", "removable_media"}
    assert lists & vm.keys() == set()
    assert {vm["unknown"][name] for name in lists} == {"no permission"}


def test_adapter_without_prefix_lengths_has_no_cidrs() -> None:
    reported = [data("GuestNicInfo", deviceConfigId="4000", ipAddress=["192.0.2.10"])]
    vm = live_estate().vm(machine(guest__net=reported))
    assert vm["nics"][0]["ips"] == ["192.0.2.10"]
    assert {"cidrs", "dhcp"} & vm["nics"][0].keys() == set()
    assert vm["nics"][1]["cidrs"] == []
    assert vm["unknown"]["nics.cidrs"] == "VMware Tools reports no prefix lengths"
