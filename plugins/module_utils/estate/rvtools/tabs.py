# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tabs of an RVTools export hold: per tab its columns, the fact each one shows, and what a missing row means.

Names of columns are those of RVTools 3.x to 4.x, and those of its option `-DBColumnNames` (vInfoVMName). They are
compared without case, blanks and punctuation, and MB is read as MiB: RVTools wrote MB for mebibytes until version 4.

Facts that begin with an underscore are not facts of the model: they are put together with others, or serve to find
out which VM a row belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from . import values
from .dates import moment
from .values import Converter, Value


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the fact it shows, the names it goes by (the current one first), and what a blank cell means.

    `blank` is the known value of a blank cell; None means that a blank cell leaves the fact unknown.
    """

    fact: str
    names: tuple[str, ...]
    convert: Converter
    blank: Value = None


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab.

    `part` is the fact of a VM that the tab's rows make up; empty where a row holds facts of the VM itself, or where
    the rows are no VMs' at all. `no_row_means_none` tells the two meanings of a VM without a row apart: it has none of
    these, or nobody knows.
    """

    name: str
    columns: tuple[Column, ...]
    part: str = ""
    no_row_means_none: bool = False
    one_row: bool = False
    """each VM has one row at most, with facts of the VM itself"""


def _text(fact: str, *names: str, blank: Value = None) -> Column:
    return Column(fact, names, values.text, blank)


def _flag(fact: str, *names: str) -> Column:
    return Column(fact, names, values.flag)


def _count(fact: str, *names: str) -> Column:
    return Column(fact, names, values.count)


def _whole(fact: str, *names: str) -> Column:
    return Column(fact, names, values.whole)


def _size(fact: str, *names: str) -> Column:
    return Column(fact, names, values.mib_bytes)


def _date(fact: str, *names: str, blank: Value = None) -> Column:
    return Column(fact, names, moment, blank)


def _word(fact: str, known: Mapping[str, str], *names: str, blank: Value = None) -> Column:
    return Column(fact, names, values.words(known), blank)


VCENTER: Final = (
    Column("_vcenter", ("VI SDK UUID", "vCenter UUID"), values.lower, ""),
    Column("_server", ("VI SDK Server",), values.text, ""),
)
"""Which vCenter a row comes from."""

JOIN: Final = (
    _text("_name", "VM", "VM Name", blank=""),
    Column("_moref", ("VM ID", "VMRef"), values.text, ""),
    Column("_uuid", ("VM UUID",), values.lower, ""),
    *VCENTER,
)
"""Which VM a row belongs to."""

AGREE: Final = (
    _word("power_state", values.POWER_STATES, "Powerstate", "Power State"),
    _flag("template", "Template"),
    _text("datacenter", "Datacenter"),
    _text("cluster", "Cluster", blank=""),
    _text("host", "Host"),
    _text("folder", "Folder", blank=""),
    _text("guest_os_config_name", "OS according to the configuration file", "OS", blank=""),
    _text("guest_os_tools_name", "OS according to the VMware Tools", "OSTools", blank=""),
)
"""What most tabs show of a VM: a row that is joined by name has to agree with vInfo in these."""

INFO: Final = Tab(
    "vInfo",
    (
        _text("name", "VM", "VM Name", blank=""),
        Column("vcenter", ("VI SDK UUID", "vCenter UUID"), values.lower),
        Column("moref", ("VM ID", "ObjectID"), values.text),
        Column("instance_uuid", ("VM UUID", "Instance UUID", "UUID"), values.lower),
        Column("bios_uuid", ("SMBIOS UUID", "BIOS UUID"), values.lower),
        _text("datacenter", "Datacenter"),
        _text("cluster", "Cluster", blank=""),
        _text("host", "Host"),
        _text("folder", "Folder", blank=""),
        _text("resource_pool", "Resource pool", blank=""),
        _text("vapp", "vApp", blank=""),
        _flag("template", "Template"),
        _flag("srm_placeholder", "SRM Placeholder"),
        _word("connection_state", values.CONNECTION_STATES, "Connection state"),
        _word("power_state", values.POWER_STATES, "Powerstate", "Power State"),
        _date("created_at", "Creation date", "Create Date"),
        _date("powered_on_at", "PowerOn", blank=""),
        _text("notes", "Annotation", "Notes", blank=""),
        _count("cpu_count", "CPUs", "# CPUs", "Num CPU"),
        _count("memory_mib", "Memory", "Memory MiB", "Memory Size"),
        _count("active_memory_mib", "Active Memory"),
        _word("latency_sensitivity", values.LATENCIES, "Latency Sensitivity"),
        Column("hardware_version", ("HW version", "Hardware version", "Version"), values.hardware_version),
        _word("firmware", values.FIRMWARES, "Firmware"),
        _flag("secure_boot", "EFI Secure boot"),
        _text("evc_mode_required", "min Required EVC Mode Key", blank=""),
        _flag("change_tracking_enabled", "CBT"),
        _flag("disk_enable_uuid", "EnableUUID", "disk.EnableUUID"),
        _flag("consolidation_needed", "Consolidation Needed"),
        _word("fault_tolerance_state", values.FT_STATES, "FT State", "FaultToleranceState"),
        _text("ha_restart_priority", "HA Restart Priority", blank=""),
        _text("guest_os_config_name", "OS according to the configuration file", "OS", blank=""),
        _text("guest_os_tools_name", "OS according to the VMware Tools", "OSTools", blank=""),
        _text("guest_hostname", "DNS Name", "Guest Host Name", blank=""),
        _size("provisioned_bytes", "Provisioned MiB", "Provisioned"),
        _size("used_bytes", "In Use MiB", "In Use"),
        Column("_primary_ip", ("Primary IP Address",), values.addresses, ()),
        Column("_rule_kinds", ("Cluster rule(s)",), values.text, ""),
        Column("_rules", ("Cluster rule name(s)",), values.names, ()),
        _text("_vmx", "Path", blank=""),
        _text("_server", "VI SDK Server", blank=""),
        _text("_product", "VI SDK Server type", blank=""),
    ),
)

CPU: Final = Tab(
    "vCPU",
    (
        _count("cpu_count", "CPUs", "# CPUs"),
        _count("cores_per_socket", "Cores p/s", "Cores per socket"),
        _flag("cpu_hot_add_enabled", "Hot Add"),
        _flag("cpu_hot_remove_enabled", "Hot Remove"),
        _count("cpu_reservation_mhz", "Reservation"),
        _whole("cpu_limit_mhz", "Limit"),
        _count("cpu_usage_mhz", "Overall"),
    ),
    one_row=True,
)

MEMORY: Final = Tab(
    "vMemory",
    (
        _count("memory_mib", "Size MiB"),
        _flag("memory_hot_add_enabled", "Hot Add"),
        _count("memory_reservation_mib", "Reservation"),
        _whole("memory_limit_mib", "Limit"),
        _flag("memory_reservation_locked", "Memory Reservation Locked To Max"),
        _count("active_memory_mib", "Active"),
        _count("consumed_memory_mib", "Consumed"),
        _count("ballooned_memory_mib", "Ballooned"),
    ),
    one_row=True,
)

TOOLS: Final = Tab(
    "vTools",
    (
        _word("tools_status", values.TOOLS_STATES, "Tools", "Tools Status"),
        _text("tools_version", "Tools Version", "Version", blank=""),
        Column("hardware_version", ("VM Version",), values.hardware_version),
    ),
    one_row=True,
)

DISK: Final = Tab(
    "vDisk",
    (
        _count("key", "Disk Key", "Key"),
        _text("label", "Disk", "Disk Name"),
        _text("path", "Path"),
        Column("_disk_path", ("Disk Path",), values.backing_path),
        _size("capacity_bytes", "Capacity MiB"),
        _flag("thin", "Thin"),
        _flag("eagerly_scrub", "Eagerly Scrub"),
        _word("mode", values.DISK_MODES, "Disk Mode", "Mode"),
        _word("sharing", values.SHARINGS, "Sharing mode"),
        _word("bus_sharing", values.BUS_SHARINGS, "Shared Bus", "SharedBus"),
        _text("controller", "Label", "SCSI label"),
        _text("_controller_type", "Controller"),
        _count("unit_number", "Unit #", "Unit number"),
        _flag("rdm", "Raw"),
        _word("rdm_compatibility", values.RDM_MODES, "Raw Comp. Mode", "Raw Com. Mode", "Raw Compatibility Mode"),
        _text("lun_id", "Raw LUN ID"),
        Column("uuid", ("Disk UUID",), values.lower),
    ),
    part="disks",
)

NETWORK: Final = Tab(
    "vNetwork",
    (
        _text("label", "NIC label"),
        Column("adapter_type", ("Adapter", "Adapter type"), values.adapter),
        Column("mac", ("Mac Address",), values.mac),
        _word("mac_type", values.MAC_TYPES, "Type", "Mac Address type"),
        _text("network", "Network", blank=""),
        _text("switch", "Switch", blank=""),
        _flag("connected", "Connected"),
        _flag("start_connected", "Starts Connected"),
        Column("_ipv4", ("IPv4 Address", "IP Address", "IP4 Address"), values.addresses, ()),
        Column("_ipv6", ("IPv6 Address", "IP6 Address"), values.addresses, ()),
    ),
    part="nics",
)

PARTITION: Final = Tab(
    "vPartition",
    (
        _text("path", "Disk"),
        _size("capacity_bytes", "Capacity MiB"),
        _size("free_bytes", "Free MiB"),
        _size("_consumed", "Consumed MiB"),
        _text("filesystem", "Filesystem", "File system"),
        Column("disk_keys", ("Disk Key", "Disk Keys"), values.device_keys, ()),
    ),
    part="partitions",
)

SNAPSHOT: Final = Tab(
    "vSnapshot",
    (
        _text("name", "Name", "Snapshot Name"),
        _text("description", "Description", blank=""),
        _date("created_at", "Date / time", "Date / time UTC"),
        _size("size_bytes", "Size MiB (total)"),
        _flag("quiesced", "Quiesced"),
    ),
    part="snapshots",
    no_row_means_none=True,
)

USB: Final = Tab(
    "vUSB",
    (
        _text("label", "Device Node"),
        _text("_type", "Device Type", blank=""),
        _flag("connected", "Connected"),
    ),
    part="usb",
    no_row_means_none=True,
)

CD: Final = Tab(
    "vCD",
    (
        _text("label", "Device Node"),
        _flag("connected", "Connected"),
        _flag("start_connected", "Starts Connected"),
        Column("backing", ("Device Type", "ISO Path"), values.medium, ""),
    ),
    part="removable_media",
    no_row_means_none=True,
)

FLOPPY: Final = Tab("vFloppy", CD.columns, part="removable_media", no_row_means_none=True)

VM_TABS: Final = (CPU, MEMORY, TOOLS, DISK, NETWORK, PARTITION, SNAPSHOT, USB, CD, FLOPPY)
"""Tabs whose rows belong to VMs, in the order in which they are read after vInfo."""

SOURCE: Final = Tab(
    "vSource",
    (
        _text("name", "Name"),
        _text("version", "Version"),
        _text("build", "Build"),
        _text("product", "Fullname", "Full name"),
        Column("api_type", ("API type",), values.spelled(values.API_TYPES)),
        *VCENTER,
    ),
)

CLUSTER: Final = Tab(
    "vCluster",
    (
        _text("name", "Name"),
        _text("moref", "Object ID"),
        _flag("drs_enabled", "DRS enabled"),
        _word("drs_behavior", values.DRS_BEHAVIORS, "DRS default VM behavior"),
        _flag("dpm_enabled", "DPM enabled"),
        _flag("ha_enabled", "HA enabled"),
        _flag("ha_admission_control_enabled", "AdmissionControlEnabled"),
        _count("host_count", "NumHosts"),
        _count("cpu_core_count", "NumCpuCores"),
        Column("memory_mib", ("TotalMemory",), values.memory_mib),
        *VCENTER,
    ),
)

HOST: Final = Tab(
    "vHost",
    (
        _text("name", "Host", "Name"),
        _text("moref", "Object ID"),
        _text("datacenter", "Datacenter"),
        _text("cluster", "Cluster", blank=""),
        _text("vendor", "Vendor"),
        _text("model", "Model"),
        _text("version", "ESX Version", "Full Name"),
        _text("cpu_model", "CPU Model"),
        _count("cpu_socket_count", "# CPU", "Num CPU"),
        _count("cpu_core_count", "# Cores", "Num CPU Cores"),
        _count("cpu_mhz", "Speed", "CPU MHz"),
        Column("memory_mib", ("# Memory", "Memory Size"), values.memory_mib),
        _flag("in_maintenance", "in Maintenance Mode"),
        _text("evc_mode", "Current EVC", blank=""),
        _count("vm_count", "# VMs total", "VMs Total"),
        *VCENTER,
    ),
)

DATASTORE: Final = Tab(
    "vDatastore",
    (
        _text("name", "Name"),
        _text("moref", "Object ID"),
        _text("datacenter", "Datacenter"),
        Column("type", ("Type",), values.spelled(values.DATASTORE_TYPES)),
        _size("capacity_bytes", "Capacity MiB", "Capacity"),
        _size("free_bytes", "Free MiB", "Free Space"),
        _size("provisioned_bytes", "Provisioned MiB", "Provisioned"),
        _flag("accessible", "Accessible"),
        _count("host_count", "# Hosts", "Num Hosts"),
        Column("hosts", ("Hosts",), values.names, ()),
        _text("address", "Address", blank=""),
        *VCENTER,
    ),
)

_SECURITY: Final = (
    _flag("promiscuous", "Promiscuous Mode", "Allow Promiscuous"),
    _flag("mac_changes", "Mac Changes"),
    _flag("forged_transmits", "Forged Transmits"),
)

PORT: Final = Tab(
    "vPort",
    (
        _text("name", "Port Group", "Name"),
        _text("datacenter", "Datacenter"),
        _text("switch", "Switch"),
        Column("vlan", ("VLAN",), values.vlan, ""),
        *_SECURITY,
        _text("_host", "Host"),
        *VCENTER,
    ),
)

DV_SWITCH: Final = Tab("dvSwitch", (_text("name", "Name", "Switch"), _text("datacenter", "Datacenter"), *VCENTER))

DV_PORT: Final = Tab(
    "dvPort",
    (
        _text("name", "Port", "Name"),
        _text("moref", "Object ID"),
        _text("switch", "Switch"),
        Column("vlan", ("VLAN",), values.vlan, ""),
        *_SECURITY,
        *VCENTER,
    ),
)

POOL: Final = Tab(
    "vRP",
    (
        _text("name", "Resource Pool name", "Name"),
        _text("moref", "Object ID"),
        _text("path", "Resource Pool path", "Path"),
        _count("cpu_reservation_mhz", "CPU reservation"),
        _whole("cpu_limit_mhz", "CPU limit"),
        _count("memory_reservation_mib", "Mem reservation"),
        _whole("memory_limit_mib", "Mem limit"),
        *VCENTER,
    ),
)

META: Final = Tab(
    "vMetaData",
    (
        _text("_version", "RVTools version"),
        _text("_major", "RVTools major version"),
        _date("_captured", "xlsx creation datetime", "creation datetime"),
    ),
)

INVENTORY_TABS: Final = (META, SOURCE, CLUSTER, HOST, DATASTORE, DV_SWITCH, DV_PORT, PORT, POOL)
"""Tabs about everything else, read before vInfo."""

INVENTORY_KINDS: Final[Mapping[str, str]] = {
    "vSource": "vcenter",
    "vCluster": "cluster",
    "vHost": "host",
    "vDatastore": "datastore",
    "dvPort": "network",
    "vPort": "network",
    "vRP": "resource_pool",
}
"""Kind of the records that come out of a tab."""

TABS: Final = (*INVENTORY_TABS, INFO, *VM_TABS)
TAB_OF: Final[Mapping[str, Tab]] = {tab.name.lower(): tab for tab in TABS}


def tab_called(name: str) -> Tab | None:
    """The tab that a sheet or file holds: vInfo, tabvInfo, RVTools_tabvInfo; None for any other."""
    bare = name.strip().lower()
    for prefix in ("rvtools_tab", "rvtools_", "tab"):
        bare = bare.removeprefix(prefix)
    return TAB_OF.get(bare)
