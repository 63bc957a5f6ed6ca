# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of a vSphere estate: what every reader fills and every later stage relies on.

The dataclasses define names, types and units once. Their wire form is the *record*: a mapping with the same
keys, in which an absent key is what `UNKNOWN` is here, and a list stands for a tuple. Code that runs once per
VM in a hundred thousand works on records; JSON Schema, the rules' fact paths and the docs are made from these
classes. `records.py` turns one form into the other.

Field names follow the vSphere API (`reference: VirtualMachine, HostSystem, ClusterComputeResource`); enum-like
texts keep the API's own spelling (`poweredOn`, `sharingMultiWriter`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..common.unknown import Unknown
from .fields import book, fact, required

Text: TypeAlias = str | Unknown
Count: TypeAlias = int | Unknown
Number: TypeAlias = float | Unknown
Flag: TypeAlias = bool | Unknown
Texts: TypeAlias = tuple[str, ...] | Unknown
Counts: TypeAlias = tuple[int, ...] | Unknown
TextMap: TypeAlias = Mapping[str, str] | Unknown


@dataclass(frozen=True, slots=True)
class Disk:
    """A virtual disk of a VM."""

    key: Count = fact("device key, unique in the VM (2000 is the first SCSI disk)")
    label: Text = fact("label in the client, such as Hard disk 1")
    path: Text = fact("file behind the disk as [datastore] folder/name.vmdk")
    datastore: Text = fact("name of the datastore that holds the file; empty when the disk has none")
    capacity_bytes: Count = fact("size that the guest sees")
    used_bytes: Count = fact("bytes that the disk's files take on the datastore")
    thin: Flag = fact("thin provisioned")
    eagerly_scrub: Flag = fact("eagerly zeroed")
    mode: Text = fact("disk mode: persistent, independent_persistent, independent_nonpersistent, …")
    sharing: Text = fact("sharing mode of the disk: sharingNone or sharingMultiWriter")
    bus_sharing: Text = fact("bus sharing of its controller: noSharing, virtualSharing or physicalSharing")
    bus: Text = fact("bus of its controller: scsi, sata, ide, nvme or usb")
    controller_key: Count = fact("device key of its controller")
    controller: Text = fact("label or type of its controller")
    unit_number: Count = fact("unit on its controller")
    rdm: Flag = fact("raw device mapping")
    rdm_compatibility: Text = fact("compatibility of a raw device mapping: physicalMode or virtualMode")
    lun_id: Text = fact("LUN behind a raw device mapping")
    uuid: Text = fact("UUID of the disk's backing")
    change_tracking_enabled: Flag = fact("changed block tracking is on for this disk")
    encrypted: Flag = fact("the disk's files are encrypted")
    storage_policy: Text = fact("name of its storage policy; empty when it has none")
    io_filters: Texts = fact("I/O filters attached to it, as replication and caching products use them")


@dataclass(frozen=True, slots=True)
class Nic:
    """A virtual network adapter of a VM."""

    key: Count = fact("device key, unique in the VM (4000 is the first adapter)")
    label: Text = fact("label in the client, such as Network adapter 1")
    adapter_type: Text = fact("vmxnet3, e1000, e1000e, vmxnet2, vmxnet, pcnet32, vlance, pvrdma or sriov")
    mac: Text = fact("MAC address in lower case with colons")
    mac_type: Text = fact("how the address came about: assigned, generated or manual")
    network: Text = fact("name of the network or port group")
    network_id: Text = fact("id of the network's record in this estate")
    switch: Text = fact("name of the virtual switch")
    connected: Flag = fact("connected now")
    start_connected: Flag = fact("connected at power-on")
    ips: Texts = fact("addresses that VMware Tools reports for this adapter")
    cidrs: Texts = fact("the same addresses with their prefix length, such as 192.0.2.10/24")
    dhcp: Flag = fact("at least one of its addresses came from DHCP")


@dataclass(frozen=True, slots=True)
class Controller:
    """A disk or USB controller of a VM."""

    key: Count = fact("device key, unique in the VM")
    label: Text = fact("label in the client, such as SCSI controller 0")
    bus: Text = fact("scsi, sata, ide, nvme or usb")
    type: Text = fact("vSphere class, such as ParaVirtualSCSIController")
    bus_number: Count = fact("number of the bus")
    bus_sharing: Text = fact("noSharing, virtualSharing or physicalSharing")


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a VM that is neither disk, adapter nor disk controller."""

    key: Count = fact("device key, unique in the VM")
    kind: Text = fact("vSphere class, such as VirtualPCIPassthrough")
    label: Text = fact("label in the client")
    backing: Text = fact("what stands behind it: a device id, a vGPU profile, a file")
    connected: Flag = fact("connected now")


@dataclass(frozen=True, slots=True)
class Usb:
    """A USB controller or a USB device of a VM."""

    label: Text = fact("label in the client")
    kind: Text = fact("controller or device")
    connected: Flag = fact("connected now")


@dataclass(frozen=True, slots=True)
class RemovableMedia:
    """A CD/DVD or floppy drive of a VM."""

    label: Text = fact("label in the client")
    kind: Text = fact("cdrom or floppy")
    connected: Flag = fact("connected now")
    start_connected: Flag = fact("connected at power-on")
    backing: Text = fact("ISO path or host device")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of a VM."""

    name: Text = fact("name of the snapshot")
    description: Text = fact("its description")
    created_at: Text = fact("when it was taken, ISO 8601 in UTC; without offset where the source names none")
    size_bytes: Count = fact("bytes that its files take")
    quiesced: Flag = fact("taken with a quiesced guest")
    parent: Text = fact("name of the parent snapshot; empty for a root")
    id: Text = fact("managed object id of the snapshot")
    parent_id: Text = fact("managed object id of the parent snapshot; empty for a root")
    current: Flag = fact("the snapshot on which the VM runs now")


@dataclass(frozen=True, slots=True)
class Partition:
    """A file system that VMware Tools reports."""

    path: Text = fact("mount point or drive letter")
    capacity_bytes: Count = fact("size of the file system")
    free_bytes: Count = fact("free bytes")
    filesystem: Text = fact("type of the file system")
    disk_keys: Counts = fact("keys of the virtual disks that it lies on; empty when Tools names none")


@dataclass(frozen=True, slots=True)
class Record:
    """What the records of every kind have in common."""

    id: str = required("stable id, unique within the kind")
    name: Text = fact("name as the source shows it")
    vcenter: Text = fact("instance UUID of the vCenter; empty for a standalone host")
    moref: Text = fact("managed object id, unique within one vCenter")
    origin: Mapping[str, Any] | None = book("where the record was read: source, and tab and row or object")
    fact_origins: Mapping[str, Any] | None = book("per fact, where it was read, when a merge took it from another source")
    sources: tuple[str, ...] = book("ids of the sources that know this object", ())
    unknown: Mapping[str, str] | None = book("per fact, why it is unknown")


@dataclass(frozen=True, slots=True)
class VCenter(Record):
    """A vCenter server, or a standalone ESXi host that was read in its place."""

    hostname: Text = fact("host name by which it was reached")
    version: Text = fact("version such as 8.0.3")
    build: Text = fact("build number")
    product: Text = fact("full product name")
    api_type: Text = fact("VirtualCenter or HostAgent")
    license: Text = fact("product edition that it is licensed for; never the key")


@dataclass(frozen=True, slots=True)
class Datacenter(Record):
    """A datacenter."""

    folder: Text = fact("inventory folder it lies in")


@dataclass(frozen=True, slots=True)
class Folder(Record):
    """An inventory folder."""

    datacenter: Text = fact("name of its datacenter; empty above the datacenters")
    path: Text = fact("path from the datacenter's root folder of its type")
    type: Text = fact("what it holds: datacenter, vm, host, network or datastore")


@dataclass(frozen=True, slots=True)
class License(Record):
    """A licence that the vCenter holds; its key is never read into the estate."""

    edition: Text = fact("edition as the vCenter spells it, such as esx.enterprisePlus.cpuPackageCoreLimited")
    unit: Text = fact("what is counted, such as cpuPackage or core")
    total_count: Count = fact("units bought; 0 is without limit")
    used_count: Count = fact("units in use")
    expires_at: Text = fact("when it ends, ISO 8601 in UTC; empty when it does not")


@dataclass(frozen=True, slots=True)
class Cluster(Record):
    """A cluster of hosts."""

    datacenter: Text = fact("name of its datacenter")
    drs_enabled: Flag = fact("Distributed Resource Scheduler is on")
    drs_behavior: Text = fact("DRS automation: manual, partiallyAutomated or fullyAutomated")
    dpm_enabled: Flag = fact("Distributed Power Management is on")
    ha_enabled: Flag = fact("High Availability is on")
    ha_admission_control_enabled: Flag = fact("HA keeps failover capacity free")
    ha_host_monitoring: Text = fact("HA host monitoring: enabled or disabled")
    ha_vm_monitoring: Text = fact("HA VM monitoring: vmMonitoringDisabled, vmMonitoringOnly or vmAndAppMonitoring")
    ha_restart_priority: Text = fact("HA restart priority of VMs without one of their own")
    dpm_behavior: Text = fact("DPM automation: manual or automated")
    evc_mode: Text = fact("Enhanced vMotion Compatibility baseline; empty when off")
    host_count: Count = fact("hosts in the cluster")
    cpu_core_count: Count = fact("physical cores of all hosts")
    memory_mib: Count = fact("physical memory of all hosts")
    cpu_thread_count: Count = fact("hardware threads of all hosts")


@dataclass(frozen=True, slots=True)
class Host(Record):
    """An ESXi host."""

    datacenter: Text = fact("name of its datacenter")
    cluster: Text = fact("name of its cluster; empty when it is in none")
    cluster_id: Text = fact("id of its cluster's record")
    vendor: Text = fact("maker of the server")
    model: Text = fact("model of the server")
    version: Text = fact("ESXi version and build as shown")
    build: Text = fact("ESXi build number")
    uuid: Text = fact("SMBIOS UUID of the server")
    connection_state: Text = fact("connected, disconnected or notResponding")
    power_state: Text = fact("poweredOn, poweredOff, standBy or unknown")
    license: Text = fact("product edition that it is licensed for; never the key")
    cpu_model: Text = fact("CPU model")
    cpu_socket_count: Count = fact("CPU sockets")
    cpu_core_count: Count = fact("physical cores")
    cpu_thread_count: Count = fact("hardware threads")
    cpu_usage_mhz: Count = fact("CPU in use at capture")
    cpu_mhz: Count = fact("clock of one core")
    memory_mib: Count = fact("physical memory")
    memory_usage_mib: Count = fact("memory in use at capture")
    in_maintenance: Flag = fact("in maintenance mode")
    evc_mode: Text = fact("EVC baseline in force; empty when none")
    evc_mode_possible: Text = fact("highest EVC baseline that its CPUs can run; empty when not recorded")
    vm_count: Count = fact("VMs registered on it")


@dataclass(frozen=True, slots=True)
class Datastore(Record):
    """A datastore."""

    datacenter: Text = fact("name of its datacenter")
    type: Text = fact("VMFS, NFS, NFS41, vsan or VVOL")
    capacity_bytes: Count = fact("size")
    free_bytes: Count = fact("free bytes")
    provisioned_bytes: Count = fact("bytes promised to disks, thin ones in full")
    accessible: Flag = fact("reachable")
    multiple_host_access: Flag = fact("more than one host mounts it")
    maintenance_mode: Text = fact("normal, enteringMaintenance or inMaintenance")
    datastore_cluster: Text = fact("name of its datastore cluster; empty when in none")
    host_count: Count = fact("hosts that mount it")
    hosts: Texts = fact("names of the hosts that mount it")
    address: Text = fact("device, LUN or export behind it")


@dataclass(frozen=True, slots=True)
class Network(Record):
    """A network, standard port group or distributed port group."""

    datacenter: Text = fact("name of its datacenter")
    type: Text = fact("standard, distributed or opaque")
    switch: Text = fact("name of its virtual switch")
    switch_id: Text = fact("id of the switch's record in this estate; empty for a standard switch")
    vlan: Text = fact("VLAN id, ranges of a trunk such as 1-20,30, or pvlan:id; empty when untagged")
    uplink: Flag = fact("an uplink port group, which carries no VM")
    promiscuous: Flag = fact("promiscuous mode allowed")
    mac_changes: Flag = fact("MAC address changes allowed")
    forged_transmits: Flag = fact("forged transmits allowed")
    host_count: Count = fact("hosts that offer it")


@dataclass(frozen=True, slots=True)
class Switch(Record):
    """A distributed switch."""

    datacenter: Text = fact("name of its datacenter")
    version: Text = fact("version of the switch")
    mtu: Count = fact("largest frame in bytes")
    port_count: Count = fact("ports")
    uplinks: Texts = fact("names of its uplink ports")
    private_vlans: Texts = fact("private VLANs as type:primary:secondary")
    hosts: Texts = fact("names of the hosts that it spans")


@dataclass(frozen=True, slots=True)
class ResourcePool(Record):
    """A resource pool."""

    path: Text = fact("path from the datacenter")
    cluster: Text = fact("name of its cluster or standalone host")
    cpu_reservation_mhz: Count = fact("reserved CPU")
    cpu_limit_mhz: Count = fact("CPU limit; -1 is none")
    cpu_shares: Count = fact("CPU shares")
    cpu_expandable: Flag = fact("its CPU reservation can grow into its parent's")
    memory_reservation_mib: Count = fact("reserved memory")
    memory_limit_mib: Count = fact("memory limit; -1 is none")
    memory_shares: Count = fact("memory shares")
    memory_expandable: Flag = fact("its memory reservation can grow into its parent's")


@dataclass(frozen=True, slots=True)
class VApp(Record):
    """A vApp: VMs that start and stop together."""

    datacenter: Text = fact("name of its datacenter")
    vm_ids: Texts = fact("ids of its VMs, in start order where the source tells")
    start_orders: Counts = fact("start order of each VM in vm_ids; equal numbers start together")


@dataclass(frozen=True, slots=True)
class DrsRule(Record):
    """A DRS rule of a cluster."""

    cluster_id: Text = fact("id of its cluster's record")
    type: Text = fact("affinity, anti_affinity, vm_host or dependency")
    enabled: Flag = fact("in force")
    mandatory: Flag = fact("must, not should")
    vm_ids: Texts = fact("ids of the VMs it binds")
    hosts: Texts = fact("names of the hosts of a vm_host rule")
    vm_group: Text = fact("name of the group of VMs that it binds; empty when it names VMs one by one")
    host_group: Text = fact("name of the group of hosts of a vm_host rule")
    affine: Flag = fact("a vm_host rule keeps its VMs on the hosts; false keeps them off")
    depends_on_group: Text = fact("name of the group of VMs that has to start before, for a dependency")


@dataclass(frozen=True, slots=True)
class DrsGroup(Record):
    """A group of VMs or of hosts that DRS rules name."""

    cluster_id: Text = fact("id of its cluster's record")
    type: Text = fact("vm or host")
    vm_ids: Texts = fact("ids of its VMs; empty for a group of hosts")
    hosts: Texts = fact("names of its hosts; empty for a group of VMs")


@dataclass(frozen=True, slots=True)
class Vm(Record):
    """A virtual machine, a template among them."""

    id_basis: str = field(default="", metadata={"meaning": "which key made the id: moref, instance_uuid, bios_uuid or path"})
    instance_uuid: Text = fact("instance UUID, unique within a vCenter")
    bios_uuid: Text = fact("SMBIOS UUID; copies of a VM can share it")
    # Where it is.
    datacenter: Text = fact("name of its datacenter")
    cluster: Text = fact("name of its cluster; empty when its host is in none")
    cluster_id: Text = fact("id of its cluster's record")
    host: Text = fact("name of its host")
    folder: Text = fact("inventory folder as a path")
    resource_pool: Text = fact("path of its resource pool")
    vapp: Text = fact("name of its vApp; empty when in none")
    datastores: Texts = fact("names of the datastores it uses")
    # What state it is in.
    template: Flag = fact("a template")
    srm_placeholder: Flag = fact("a placeholder of Site Recovery Manager")
    connection_state: Text = fact("connected, disconnected, inaccessible, invalid or orphaned")
    power_state: Text = fact("poweredOn, poweredOff or suspended")
    created_at: Text = fact("when it was created, ISO 8601")
    powered_on_at: Text = fact("when it was last powered on, ISO 8601; empty when not recorded")
    notes: Text = fact("annotation text in the client")
    # Compute.
    cpu_count: Count = fact("virtual CPUs")
    cores_per_socket: Count = fact("cores of one virtual socket")
    memory_mib: Count = fact("memory size")
    cpu_hot_add_enabled: Flag = fact("CPUs can be added while it runs")
    cpu_hot_remove_enabled: Flag = fact("CPUs can be removed while it runs")
    memory_hot_add_enabled: Flag = fact("memory can be added while it runs")
    cpu_reservation_mhz: Count = fact("reserved CPU")
    cpu_limit_mhz: Count = fact("CPU limit; -1 is none")
    cpu_shares: Count = fact("CPU shares")
    memory_reservation_mib: Count = fact("reserved memory")
    memory_limit_mib: Count = fact("memory limit; -1 is none")
    memory_shares: Count = fact("memory shares")
    memory_reservation_locked: Flag = fact("all memory reserved, whatever its size")
    cpu_affinity: Counts = fact("physical CPUs it is pinned to; empty when not pinned")
    numa_node_affinity: Counts = fact("NUMA nodes it is pinned to (numa.nodeAffinity); empty when not pinned")
    latency_sensitivity: Text = fact("low, normal, medium, high or custom")
    cpu_usage_mhz: Count = fact("CPU in use at capture")
    active_memory_mib: Count = fact("memory in active use at capture")
    consumed_memory_mib: Count = fact("host memory consumed at capture")
    ballooned_memory_mib: Count = fact("memory reclaimed by ballooning at capture")
    # History, where the vCenter was asked for it.
    performance_days: Count = fact("days of history behind the next facts; absent when none was read")
    cpu_usage_average_mhz: Count = fact("CPU in use, average over the history")
    cpu_usage_p95_mhz: Count = fact("CPU in use, 95th percentile of the history's intervals")
    cpu_usage_peak_mhz: Count = fact("CPU in use, highest interval of the history")
    active_memory_average_mib: Count = fact("memory in active use, average over the history")
    active_memory_p95_mib: Count = fact("memory in active use, 95th percentile of the history's intervals")
    active_memory_peak_mib: Count = fact("memory in active use, highest interval of the history")
    disk_write_average_kib_per_s: Count = fact("written to disks, average over the history")
    disk_write_p95_kib_per_s: Count = fact("written to disks, 95th percentile of the history's intervals")
    disk_write_peak_kib_per_s: Count = fact("written to disks, highest interval of the history")
    # Virtual hardware.
    hardware_version: Count = fact("virtual hardware version, 21 for vmx-21")
    firmware: Text = fact("bios or efi")
    secure_boot: Flag = fact("EFI secure boot is on")
    tpm_present: Flag = fact("has a virtual TPM")
    encrypted: Flag = fact("VM home is encrypted")
    key_provider: Text = fact("key provider of an encrypted VM; empty when it is not encrypted")
    storage_policy: Text = fact("name of the storage policy of the VM home; empty when it has none")
    advanced_settings: TextMap = fact(
        "advanced settings (extraConfig) that bear on a migration, by key; others may hold secrets and are not kept"
    )
    nested_hv_enabled: Flag = fact("hardware virtualization is shown to the guest")
    evc_mode_required: Text = fact("lowest EVC baseline it can run on; empty when not recorded")
    change_tracking_enabled: Flag = fact("changed block tracking is on for the VM")
    disk_enable_uuid: Flag = fact("disk.EnableUUID: the guest sees disk serial numbers")
    consolidation_needed: Flag = fact("its disks need consolidation")
    fault_tolerance_state: Text = fact("notConfigured, disabled, enabled, needSecondary, starting or running")
    ha_restart_priority: Text = fact("HA restart priority")
    drs_behavior: Text = fact("DRS automation of its own; empty when the cluster's holds")
    host_affinity_rules: Texts = fact("names of the enabled VM-host rules that bind it")
    cluster_rules: Texts = fact("names of all DRS rules that bind it")
    # Guest.
    guest_os_id: Text = fact("guest OS identifier such as rhel9_64Guest")
    guest_os_config_name: Text = fact("guest OS as configured")
    guest_os_tools_name: Text = fact("guest OS as VMware Tools reports it; empty when it does not")
    guest_hostname: Text = fact("host name as VMware Tools reports it; empty when it does not")
    guest_ips: Texts = fact("all addresses as VMware Tools reports them")
    guest_gateways: Texts = fact("default gateways as VMware Tools reports them")
    guest_dns_servers: Texts = fact("name servers as VMware Tools reports them")
    tools_status: Text = fact("toolsOk, toolsOld, toolsNotRunning or toolsNotInstalled")
    tools_running_status: Text = fact("guestToolsRunning, guestToolsNotRunning or guestToolsExecutingScripts")
    tools_version_status: Text = fact("how the version stands to the host's, such as guestToolsCurrent")
    tools_version: Text = fact("version of VMware Tools")
    # Storage in sum.
    provisioned_bytes: Count = fact("bytes promised on datastores")
    used_bytes: Count = fact("bytes taken on datastores")
    # Parts.
    disks: tuple[Disk, ...] | Unknown = fact("virtual disks")
    nics: tuple[Nic, ...] | Unknown = fact("network adapters")
    controllers: tuple[Controller, ...] | Unknown = fact("disk controllers")
    devices: tuple[Device, ...] | Unknown = fact("passthrough and other special devices")
    usb: tuple[Usb, ...] | Unknown = fact("USB controllers and devices")
    removable_media: tuple[RemovableMedia, ...] | Unknown = fact("CD/DVD and floppy drives")
    snapshots: tuple[Snapshot, ...] | Unknown = fact("snapshots")
    partitions: tuple[Partition, ...] | Unknown = fact("file systems as VMware Tools reports them")
    tags: Texts = fact("tags as category/name")
    custom_attributes: TextMap = fact("custom attributes by name")
    # What people say about it (annotations).
    owner: Text = fact("who answers for it")
    application: Text = fact("application it serves")
    environment: Text = fact("production, test, …")
    criticality: Text = fact("how much hangs on it")
    downtime_tolerance_minutes: Count = fact("longest outage that is acceptable")
    depends_on: Texts = fact("ids of VMs that must move before it")
    change_window: Text = fact("when it may be changed")
    out_of_scope: str | None = book("why it is not assessed; absent when it is in scope")


KINDS: Mapping[str, type[Record]] = {
    "cluster": Cluster,
    "datacenter": Datacenter,
    "datastore": Datastore,
    "drs_group": DrsGroup,
    "drs_rule": DrsRule,
    "folder": Folder,
    "host": Host,
    "license": License,
    "network": Network,
    "resource_pool": ResourcePool,
    "switch": Switch,
    "vapp": VApp,
    "vcenter": VCenter,
    "vm": Vm,
}

PARTS: Mapping[str, type] = {
    "disks": Disk,
    "nics": Nic,
    "controllers": Controller,
    "devices": Device,
    "usb": Usb,
    "removable_media": RemovableMedia,
    "snapshots": Snapshot,
    "partitions": Partition,
}
"""Facts of a VM that are lists of parts, and the class of the parts."""
