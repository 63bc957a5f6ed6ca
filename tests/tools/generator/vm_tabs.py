# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tabs of an RVTools export that have rows per VM: vInfo to vTools.

A workbook shows less than a vCenter knows: neither passthrough devices nor affinity, TPM or changed block tracking per disk.
"""

from __future__ import annotations

from collections.abc import Iterable

from .layout import MIB, Record, Site
from .workbook import Cell, ExportWriter, Moment, Value

CONTROLLER_NAMES = {
    "ParaVirtualSCSIController": "VMware paravirtual SCSI",
    "VirtualLsiLogicSASController": "LSI Logic SAS",
    "VirtualIDEController": "IDE",
}
RULE_NAMES = {"anti_affinity": "VM-VM anti-affinity", "affinity": "VM-VM affinity", "vm_host": "VM-host affinity"}
ADAPTER_NAMES = {"vmxnet3": "Vmxnet3", "e1000": "E1000", "e1000e": "E1000e", "sriov": "SriovEthernetCard"}


def write_vms(writer: ExportWriter, site: Site, vms: Iterable[Record]) -> None:
    """Writes every tab's rows of these VMs."""
    rule_types = {rule.name: RULE_NAMES[rule.type] for rule in site.rules}
    for vm in vms:
        head = writer.cells([vm["name"], vm["power_state"], vm["template"], vm["srm_placeholder"]])
        tail = writer.cells(tail_values(vm, site))
        with_ref = [*tail[:-4], *writer.cells([f"VirtualMachine-{vm['moref']}"]), *tail[-4:]]
        writer.add("vInfo", head + info_cells(writer, vm, site, rule_types, tail))
        writer.add("vCPU", head + writer.cells(cpu_values(vm)) + tail)
        writer.add("vMemory", head + writer.cells(memory_values(vm)) + tail)
        for values in disk_rows(vm):
            writer.add("vDisk", head + writer.cells(values) + tail)
        for values in partition_rows(vm):
            writer.add("vPartition", head + writer.cells(values) + tail)
        for values in network_rows(vm):
            writer.add("vNetwork", head + writer.cells(values) + tail)
        for values in media_rows(vm):
            writer.add("vCD", head + writer.cells(values) + with_ref)
        for values in usb_rows(vm):
            writer.add("vUSB", head + writer.cells(values) + with_ref)
        for values in snapshot_rows(vm):
            writer.add("vSnapshot", head[:2] + writer.cells(values) + tail)
        writer.add("vTools", head + writer.cells(tools_values(vm)) + with_ref)


def tail_values(vm: Record, site: Site) -> list[Value]:
    """What ends the rows of most tabs: annotation, custom attributes, place, names, ids."""
    attributes = vm["custom_attributes"]
    return [
        vm["notes"],
        *[attributes.get(name, "") for name in site.attributes],
        vm["datacenter"],
        vm["cluster"],
        vm["host"],
        vm["folder"],
        vm["guest_os_config_name"],
        vm["guest_os_tools_name"],
        vm["moref"],
        vm["instance_uuid"],
        site.hostname,
        site.uuid,
    ]


def moment(text: str) -> Moment | None:
    """A date cell, or none."""
    return Moment(text) if text else None


def info_cells(writer: ExportWriter, vm: Record, site: Site, rule_types: dict[str, str], tail: list[Cell]) -> list[Cell]:
    """A row of vInfo behind the first four columns."""
    attributes = len(site.attributes)
    custom, place, names, sdk = (
        tail[: 1 + attributes],
        tail[1 + attributes : 4 + attributes],
        tail[5 + attributes : 7 + attributes],
        tail[-2:],
    )
    own = writer.cells(info_state(vm) + info_hardware(vm) + info_place(vm, rule_types) + info_boot(vm))
    reported = bool(vm["guest_os_tools_name"])
    detail = writer.cells(
        [
            "IDLE" if reported else "",
            "" if not reported else f"hostname='{vm['guest_hostname']}'",
            vm["moref"],
            vm["bios_uuid"],
            vm["instance_uuid"],
        ]
    )
    return own + custom + place + names + detail + writer.cells([site.product, f"{site.version}.0"]) + sdk


def info_state(vm: Record) -> list[Value]:
    """vInfo from `Config status` to `CPUs`' left neighbour."""
    on = vm["power_state"] == "poweredOn"
    running = on and vm["tools_status"] in ("toolsOk", "toolsOld")
    return [
        "green",
        vm["guest_hostname"],
        vm["connection_state"],
        "running" if running else "notRunning",
        "green" if running else "gray",
        vm["consolidation_needed"],
        moment(vm["powered_on_at"]),
        False,
        None,
        "0",
        moment(vm["created_at"]),
        moment(vm["created_at"]),
    ]


def info_hardware(vm: Record) -> list[Value]:
    """vInfo from `CPUs` to `Video Ram KiB`."""
    networks: list[Value] = [nic["network"] for nic in vm["nics"][:8]]
    ips = [ip for ip in vm["guest_ips"] if ":" not in ip]
    return [
        vm["cpu_count"],
        vm["cpu_usage_mhz"] // 100,
        vm["memory_mib"],
        vm["active_memory_mib"],
        len(vm["nics"]),
        len(vm["disks"]),
        sum(disk["capacity_bytes"] for disk in vm["disks"]) // MIB,
        False,
        vm["evc_mode_required"],
        vm["latency_sensitivity"],
        None,
        vm["disk_enable_uuid"],
        vm["change_tracking_enabled"],
        ips[0] if ips else None,
        *networks,
        *[None] * (8 - len(networks)),
        1,
        4096,
    ]


def info_place(vm: Record, rule_types: dict[str, str]) -> list[Value]:
    """vInfo from `Resource pool` to `Cluster rule name(s)`."""
    fault_tolerant = vm["fault_tolerance_state"] == "running"
    return [
        vm["resource_pool"],
        f"Group-v{len(vm['folder']) + 100}",
        vm["folder"],
        vm["vapp"],
        True if vm["power_state"] == "poweredOn" else None,
        vm["fault_tolerance_state"],
        "1" if fault_tolerant else None,
        "green" if fault_tolerant else "gray",
        -1,
        -1,
        None,
        vm["provisioned_bytes"] // MIB,
        vm["used_bytes"] // MIB,
        vm["used_bytes"] // MIB,
        vm["ha_restart_priority"],
        "none",
        "vmMonitoringDisabled",
        ", ".join(rule_types[name] for name in vm["cluster_rules"]),
        ", ".join(vm["cluster_rules"]),
    ]


def info_boot(vm: Record) -> list[Value]:
    """vInfo from `Boot Required` to `Suspend directory`."""
    path = vm["disks"][0]["path"].rpartition("/")[0] + "/" if vm["disks"] else ""
    return [
        False,
        0,
        10000,
        False,
        False,
        False,
        vm["secure_boot"],
        vm["firmware"],
        vm["hardware_version"],
        "none",
        "never",
        None,
        f"{path}{vm['name']}.vmx",
        path,
        path,
        path,
    ]


def cpu_values(vm: Record) -> list[Value]:
    """A row of vCPU between head and tail."""
    count, cores = vm["cpu_count"], vm["cores_per_socket"]
    usage = vm["cpu_usage_mhz"]
    return [
        count,
        count // cores,
        cores,
        count * 2000,
        usage,
        "normal",
        count * 1000,
        vm["cpu_reservation_mhz"],
        usage,
        usage,
        vm["cpu_limit_mhz"],
        vm["cpu_hot_add_enabled"],
        vm["cpu_hot_remove_enabled"],
        False,
    ]


def memory_values(vm: Record) -> list[Value]:
    """A row of vMemory between head and tail."""
    memory, consumed, active = vm["memory_mib"], vm["consumed_memory_mib"], vm["active_memory_mib"]
    return [
        memory,
        vm["memory_reservation_locked"],
        memory // 100,
        memory,
        consumed,
        consumed // 90,
        consumed,
        0,
        0,
        vm["ballooned_memory_mib"],
        active,
        active,
        active,
        "normal",
        memory * 10,
        vm["memory_reservation_mib"],
        vm["memory_limit_mib"],
        vm["memory_hot_add_enabled"],
    ]


def disk_rows(vm: Record) -> Iterable[list[Value]]:
    """Rows of vDisk between head and tail."""
    controllers = {controller["key"]: CONTROLLER_NAMES[controller["type"]] for controller in vm["controllers"]}
    for disk in vm["disks"]:
        yield [
            disk["label"],
            str(disk["key"]),
            disk["uuid"],
            disk["path"],
            disk["capacity_bytes"] // MIB,
            disk["rdm"],
            disk["mode"],
            disk["sharing"],
            disk["thin"],
            disk["eagerly_scrub"],
            False,
            False,
            "normal",
            1000,
            0,
            -1,
            controllers[disk["controller_key"]],
            disk["controller"],
            7,
            disk["unit_number"],
            disk["bus_sharing"],
            disk["path"],
            disk["lun_id"],
            disk["rdm_compatibility"],
            f"{vm['name']}{disk['label']}",
        ]


def partition_rows(vm: Record) -> Iterable[list[Value]]:
    """Rows of vPartition between head and tail."""
    for partition in vm.get("partitions", ()):
        capacity, free = partition["capacity_bytes"] // MIB, partition["free_bytes"] // MIB
        keys = partition["disk_keys"]
        yield [
            str(keys[0]) if keys else None,
            partition["path"],
            capacity,
            capacity - free,
            free,
            free * 100 // capacity,
            f"{vm['name']}{partition['path']}",
        ]


def network_rows(vm: Record) -> Iterable[list[Value]]:
    """Rows of vNetwork between head and tail."""
    for nic in vm["nics"]:
        four = [ip for ip in nic["ips"] if ":" not in ip]
        six = [ip for ip in nic["ips"] if ":" in ip]
        yield [
            nic["label"],
            ADAPTER_NAMES[nic["adapter_type"]],
            nic["network"],
            nic["switch"],
            nic["connected"],
            nic["start_connected"],
            nic["mac"],
            nic["mac_type"],
            ", ".join(four),
            ", ".join(six),
            False,
            f"{vm['name']}{nic['label']}",
        ]


def media_rows(vm: Record) -> Iterable[list[Value]]:
    """Rows of vCD between head and tail."""
    for drive in vm["removable_media"]:
        if drive["kind"] == "cdrom":
            yield [
                drive["label"],
                drive["connected"],
                drive["start_connected"],
                f"ISO {drive['backing']}" if drive["backing"] else "Client Device",
            ]


def usb_rows(vm: Record) -> Iterable[list[Value]]:
    """Rows of vUSB between head and tail."""
    for part in vm["usb"]:
        controller = part["kind"] == "controller"
        yield [
            part["label"],
            "VirtualUSBXHCIController" if controller else "VirtualUSB",
            part["connected"],
            None if controller else "storage",
            None if controller else "high",
            None,
            controller,
            0,
            None if controller else 1,
        ]


def snapshot_rows(vm: Record) -> Iterable[list[Value]]:
    """Rows of vSnapshot between its two head columns and the tail."""
    for number, snapshot in enumerate(vm["snapshots"], 1):
        size = round(snapshot["size_bytes"] / MIB, 2)
        folder = vm["disks"][0]["path"].rpartition("/")[0] if vm["disks"] else ""
        yield [
            snapshot["name"],
            snapshot["description"],
            moment(snapshot["created_at"]),
            f"{folder}/{vm['name']}-Snapshot{number}.vmsn",
            28,
            size,
            snapshot["quiesced"],
            vm["power_state"],
        ]


def tools_values(vm: Record) -> list[Value]:
    """A row of vTools between head and tail."""
    running = vm["tools_status"] in ("toolsOk", "toolsOld")
    return [
        f"vmx-{vm['hardware_version']:02d}",
        vm["tools_status"],
        vm["tools_version"],
        "12389",
        "Yes" if vm["tools_status"] == "toolsOld" else "No",
        "manual",
        False,
        "none",
        "green" if running else "gray",
        False,
        running,
        running,
        False,
    ]
