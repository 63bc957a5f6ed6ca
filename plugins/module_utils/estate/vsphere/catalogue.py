# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a vCenter: per class of managed object its property paths, the facts that each one feeds, and the privilege behind it.

Paths lead to leaves, so that an answer holds little that nobody asked for. A path ends early where the rest of it depends
on a subclass (`configurationEx` of a cluster): property paths follow the declared classes alone.

Facts are named `kind.fact`, and `vm.disks.used_bytes` where one fact of a VM's parts is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

VIEW: Final = "System.View"
READ: Final = "System.Read"
LICENSES: Final = "Global.Licenses"

_TYPES: Final = "pyVmomi 9.1.1.0, catalogue of types"


@dataclass(frozen=True, slots=True)
class PropertyRead:
    """One property path of a class of managed objects.

    `facts` are those that need it. `privilege` is the one that a session needs on the object, `source` where that is
    known from. `since` is the version of the API that has the path; empty where every version has it that can be read.
    """

    type: str
    path: str
    facts: tuple[str, ...]
    privilege: str
    source: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class _Path:
    """A property path as it is written down here: facts in one text, privilege and source only where they are not the default."""

    path: str
    facts: str
    privilege: str = ""
    since: str = ""
    source: str = ""


def _named(kind: str, facts: str) -> str:
    return " ".join(f"{kind}.{fact}" for fact in facts.split())


_PLACED: Final = ("cluster", "datastore", "folder", "host", "network", "switch", "vapp", "vm")
_IN_DATACENTER: Final = " ".join(f"{kind}.datacenter" for kind in _PLACED)
_POOL_PATHS: Final = "resource_pool.path vm.resource_pool"
_VM_RULES: Final = _named("vm", "host_affinity_rules cluster_rules ha_restart_priority drs_behavior")
_VM_CLUSTER: Final = f"vm.cluster vm.cluster_id {_VM_RULES}"
_VM_DEVICES: Final = _named("vm", "disks nics controllers devices usb removable_media datastores tpm_present")
_PORT_GROUP: Final = _named("network", "switch vlan promiscuous mac_changes forged_transmits")

_CLUSTER: Final = (
    _Path("name", f"cluster.name host.cluster vm.cluster resource_pool.cluster {_POOL_PATHS}", VIEW),
    _Path("parent", f"cluster.datacenter host.datacenter vapp.datacenter vm.datacenter {_POOL_PATHS}", VIEW),
    _Path("summary", _named("cluster", "host_count cpu_core_count cpu_thread_count memory_mib evc_mode")),
    _Path(
        "configurationEx",
        " ".join(
            (
                _named("cluster", "drs_enabled drs_behavior dpm_enabled dpm_behavior ha_enabled ha_admission_control_enabled"),
                _named("cluster", "ha_host_monitoring ha_vm_monitoring ha_restart_priority"),
                _named("drs_rule", "name moref cluster_id type enabled mandatory vm_ids hosts vm_group host_group affine depends_on_group"),
                _named("drs_group", "name moref cluster_id type vm_ids hosts"),
                _VM_RULES,
            )
        ),
    ),
)
_HOST: Final = (
    _Path("name", "host.name vm.host datastore.hosts drs_rule.hosts drs_group.hosts switch.hosts", VIEW),
    _Path("parent", f"host.cluster host.cluster_id host.datacenter vm.datacenter {_VM_CLUSTER}", VIEW),
    _Path("vm", "host.vm_count"),
    _Path("summary.hardware.vendor", "host.vendor"),
    _Path("summary.hardware.model", "host.model"),
    _Path("summary.hardware.uuid", "host.uuid"),
    _Path("summary.hardware.cpuModel", "host.cpu_model"),
    _Path("summary.hardware.cpuMhz", "host.cpu_mhz"),
    _Path("summary.hardware.numCpuPkgs", "host.cpu_socket_count"),
    _Path("summary.hardware.numCpuCores", "host.cpu_core_count"),
    _Path("summary.hardware.numCpuThreads", "host.cpu_thread_count"),
    _Path("summary.hardware.memorySize", "host.memory_mib"),
    _Path("summary.config.product.fullName", "host.version"),
    _Path("summary.config.product.build", "host.build"),
    _Path("summary.currentEVCModeKey", "host.evc_mode"),
    _Path("summary.maxEVCModeKey", "host.evc_mode_possible"),
    _Path("summary.quickStats.overallCpuUsage", "host.cpu_usage_mhz"),
    _Path("summary.quickStats.overallMemoryUsage", "host.memory_usage_mib"),
    _Path("runtime.connectionState", "host.connection_state"),
    _Path("runtime.powerState", "host.power_state"),
    _Path("runtime.inMaintenanceMode", "host.in_maintenance"),
    _Path("config.network.portgroup", f"{_PORT_GROUP} vm.nics.switch"),
)
_DATASTORE: Final = (
    _Path("name", "datastore.name vm.datastores vm.disks.datastore", VIEW),
    _Path("parent", "datastore.datacenter datastore.datastore_cluster", VIEW),
    _Path("host", "datastore.host_count datastore.hosts"),
    _Path("info", "datastore.address"),
    _Path("summary.type", "datastore.type"),
    _Path("summary.capacity", "datastore.capacity_bytes datastore.provisioned_bytes"),
    _Path("summary.freeSpace", "datastore.free_bytes datastore.provisioned_bytes"),
    _Path("summary.uncommitted", "datastore.provisioned_bytes"),
    _Path("summary.accessible", "datastore.accessible"),
    _Path("summary.multipleHostAccess", "datastore.multiple_host_access"),
    _Path("summary.maintenanceMode", "datastore.maintenance_mode"),
)
_NETWORK: Final = (
    _Path("name", f"network.name vm.nics.network vm.nics.switch {_PORT_GROUP}", VIEW),
    _Path("parent", "network.datacenter", VIEW),
    _Path("host", f"network.host_count vm.nics.switch {_PORT_GROUP}"),
)
_OPAQUE_NETWORK: Final = (
    _Path("name", "network.name vm.nics.network", VIEW),
    _Path("parent", "network.datacenter", VIEW),
    _Path("host", "network.host_count"),
    _Path("summary", "vm.nics.network vm.nics.network_id"),
)
_DISTRIBUTED_PORT_GROUP: Final = (
    _Path("name", "network.name vm.nics.network", VIEW),
    _Path("parent", "network.datacenter", VIEW),
    _Path("host", "network.host_count"),
    _Path("key", "vm.nics.network vm.nics.network_id"),
    _Path("tag", "network.uplink", VIEW),
    _Path("config.uplink", "network.uplink", since="6.5"),
    _Path("config.distributedVirtualSwitch", "network.switch network.switch_id"),
    _Path("config.defaultPortConfig", _named("network", "vlan promiscuous mac_changes forged_transmits")),
)
_SWITCH: Final = (
    _Path("name", "switch.name network.switch vm.nics.switch", VIEW),
    _Path("parent", "switch.datacenter", VIEW),
    _Path("uuid", "vm.nics.switch"),
    _Path("config", _named("switch", "version mtu port_count uplinks private_vlans hosts")),
)
_POOL_ALLOCATION: Final = (
    _Path("config.cpuAllocation.reservation", "resource_pool.cpu_reservation_mhz"),
    _Path("config.cpuAllocation.limit", "resource_pool.cpu_limit_mhz"),
    _Path("config.cpuAllocation.shares.shares", "resource_pool.cpu_shares"),
    _Path("config.cpuAllocation.expandableReservation", "resource_pool.cpu_expandable"),
    _Path("config.memoryAllocation.reservation", "resource_pool.memory_reservation_mib"),
    _Path("config.memoryAllocation.limit", "resource_pool.memory_limit_mib"),
    _Path("config.memoryAllocation.shares.shares", "resource_pool.memory_shares"),
    _Path("config.memoryAllocation.expandableReservation", "resource_pool.memory_expandable"),
)
_POOL: Final = (
    _Path("name", f"resource_pool.name {_POOL_PATHS}", VIEW),
    _Path("parent", f"{_POOL_PATHS} vapp.datacenter", VIEW),
    _Path("owner", f"resource_pool.cluster {_VM_CLUSTER}", VIEW),
    *_POOL_ALLOCATION,
)
_VAPP: Final = (
    _Path("name", f"vapp.name vm.vapp {_POOL_PATHS}", VIEW),
    _Path("parent", f"{_POOL_PATHS} vapp.datacenter", VIEW),
    _Path("owner", _VM_CLUSTER, VIEW),
    _Path("parentFolder", "vapp.datacenter vm.folder vm.datacenter", VIEW),
    _Path("parentVApp", "vapp.datacenter vm.folder vm.datacenter"),
    _Path("vm", "vapp.vm_ids vapp.start_orders", VIEW),
    _Path("vAppConfig.entityConfig", "vapp.vm_ids vapp.start_orders"),
)
_VM_PLACE: Final = (
    _Path("name", "vm.name", VIEW),
    _Path("parent", "vm.folder vm.datacenter", VIEW),
    _Path("parentVApp", "vm.vapp vm.folder vm.datacenter"),
    _Path("resourcePool", f"vm.resource_pool {_VM_CLUSTER}"),
    _Path("datastore", "vm.datastores", VIEW),
    _Path("customValue", "vm.custom_attributes", VIEW),
    _Path("runtime.host", f"vm.host vm.datacenter vm.nics.switch {_VM_CLUSTER}"),
    _Path("runtime.connectionState", "vm.connection_state"),
    _Path("runtime.powerState", "vm.power_state"),
    _Path("runtime.bootTime", "vm.powered_on_at"),
    _Path("runtime.consolidationNeeded", "vm.consolidation_needed"),
    _Path("runtime.faultToleranceState", "vm.fault_tolerance_state"),
    _Path("runtime.minRequiredEVCModeKey", "vm.evc_mode_required"),
)
_VM_COMPUTE: Final = (
    _Path("config.hardware.numCPU", "vm.cpu_count"),
    _Path("config.hardware.numCoresPerSocket", "vm.cores_per_socket"),
    _Path("config.hardware.memoryMB", "vm.memory_mib"),
    _Path("config.cpuHotAddEnabled", "vm.cpu_hot_add_enabled"),
    _Path("config.cpuHotRemoveEnabled", "vm.cpu_hot_remove_enabled"),
    _Path("config.memoryHotAddEnabled", "vm.memory_hot_add_enabled"),
    _Path("config.cpuAllocation.reservation", "vm.cpu_reservation_mhz"),
    _Path("config.cpuAllocation.limit", "vm.cpu_limit_mhz"),
    _Path("config.cpuAllocation.shares.shares", "vm.cpu_shares"),
    _Path("config.memoryAllocation.reservation", "vm.memory_reservation_mib"),
    _Path("config.memoryAllocation.limit", "vm.memory_limit_mib"),
    _Path("config.memoryAllocation.shares.shares", "vm.memory_shares"),
    _Path("config.memoryReservationLockedToMax", "vm.memory_reservation_locked"),
    _Path("config.cpuAffinity.affinitySet", "vm.cpu_affinity"),
    _Path("config.latencySensitivity.level", "vm.latency_sensitivity"),
    _Path("summary.quickStats.overallCpuUsage", "vm.cpu_usage_mhz"),
    _Path("summary.quickStats.guestMemoryUsage", "vm.active_memory_mib"),
    _Path("summary.quickStats.hostMemoryUsage", "vm.consumed_memory_mib"),
    _Path("summary.quickStats.balloonedMemory", "vm.ballooned_memory_mib"),
)
_VM_HARDWARE: Final = (
    _Path("config.uuid", "vm.bios_uuid"),
    _Path("config.instanceUuid", "vm.instance_uuid"),
    _Path("config.version", "vm.hardware_version"),
    _Path("config.template", "vm.template"),
    _Path("config.managedBy", "vm.srm_placeholder"),
    _Path("config.createDate", "vm.created_at", since="6.7"),
    _Path("config.annotation", "vm.notes"),
    _Path("config.guestId", "vm.guest_os_id"),
    _Path("config.guestFullName", "vm.guest_os_config_name"),
    _Path("config.firmware", "vm.firmware"),
    _Path("config.bootOptions.efiSecureBootEnabled", "vm.secure_boot", since="6.5"),
    _Path("config.keyId", "vm.encrypted vm.key_provider", since="6.5"),
    _Path("config.nestedHVEnabled", "vm.nested_hv_enabled"),
    _Path("config.changeTrackingEnabled", "vm.change_tracking_enabled"),
    _Path("config.files.vmPathName", "vm.datastores"),
    _Path(
        "config.extraConfig",
        "vm.advanced_settings vm.numa_node_affinity vm.disk_enable_uuid vm.disks.change_tracking_enabled",
    ),
    _Path("config.hardware.device", _VM_DEVICES),
    _Path("summary.config.tpmPresent", "vm.tpm_present", since="6.7"),
    _Path("summary.storage.committed", "vm.used_bytes vm.provisioned_bytes"),
    _Path("summary.storage.uncommitted", "vm.provisioned_bytes"),
    _Path("snapshot", "vm.snapshots"),
    _Path("layoutEx.file", "vm.disks.used_bytes vm.snapshots.size_bytes"),
    _Path("layoutEx.disk", "vm.disks.used_bytes vm.snapshots.size_bytes"),
    _Path("layoutEx.snapshot", "vm.disks.used_bytes vm.snapshots.size_bytes"),
)
_VM_GUEST: Final = (
    _Path("guest.guestFullName", "vm.guest_os_tools_name"),
    _Path("guest.hostName", "vm.guest_hostname"),
    _Path("guest.ipAddress", "vm.guest_ips"),
    _Path("guest.net", "vm.guest_ips vm.nics.ips vm.nics.cidrs vm.nics.dhcp"),
    _Path("guest.ipStack", "vm.guest_gateways vm.guest_dns_servers"),
    _Path("guest.disk", "vm.partitions"),
    _Path("guest.toolsStatus", "vm.tools_status"),
    _Path("guest.toolsRunningStatus", "vm.tools_running_status"),
    _Path("guest.toolsVersionStatus2", "vm.tools_version_status"),
    _Path("guest.toolsVersion", "vm.tools_version"),
)
_LICENSE_SOURCE: Final = f"vSphere Security, defined privileges: {LICENSES} lets one view installed licences; {_TYPES} names none"

_CATALOGUE: Final[Mapping[str, tuple[_Path, ...]]] = {
    "Datacenter": (
        _Path("name", f"datacenter.name {_IN_DATACENTER} {_POOL_PATHS}", VIEW),
        _Path("parent", "datacenter.folder", VIEW),
    ),
    "Folder": (
        _Path("name", "folder.name folder.path datacenter.folder vm.folder", VIEW),
        _Path("parent", f"folder.path datacenter.folder vm.folder {_IN_DATACENTER} {_POOL_PATHS}", VIEW),
        _Path("childType", "folder.type", VIEW),
    ),
    "StoragePod": (_Path("name", "datastore.datastore_cluster", VIEW), _Path("parent", "datastore.datacenter", VIEW)),
    "ComputeResource": (
        _Path("name", f"resource_pool.cluster {_POOL_PATHS}", VIEW),
        _Path("parent", f"host.datacenter vapp.datacenter vm.datacenter {_POOL_PATHS}", VIEW),
    ),
    "ClusterComputeResource": _CLUSTER,
    "HostSystem": _HOST,
    "Datastore": _DATASTORE,
    "Network": _NETWORK,
    "OpaqueNetwork": _OPAQUE_NETWORK,
    "DistributedVirtualPortgroup": _DISTRIBUTED_PORT_GROUP,
    "DistributedVirtualSwitch": _SWITCH,
    "VmwareDistributedVirtualSwitch": _SWITCH,
    "ResourcePool": _POOL,
    "VirtualApp": _VAPP,
    "CustomFieldsManager": (_Path("field", "vm.custom_attributes", VIEW),),
    "LicenseManager": (
        _Path("licenses", _named("license", "name edition unit total_count used_count expires_at"), LICENSES, source=_LICENSE_SOURCE),
    ),
    "VirtualMachine": (*_VM_PLACE, *_VM_COMPUTE, *_VM_HARDWARE, *_VM_GUEST),
}

_NAMED_READ: Final = frozenset({("VirtualApp", "vAppConfig")})
"""Properties for which the catalogue of types names System.Read itself."""


def _property(type_name: str, entry: _Path) -> PropertyRead:
    privilege = entry.privilege or READ
    top = entry.path.partition(".")[0]
    source = entry.source
    if not source and privilege == READ and (type_name, top) not in _NAMED_READ:
        source = f"{_TYPES}: {type_name}.{top} names no privilege, so the default of its class holds"
    elif not source:
        source = f"{_TYPES}: {type_name}.{top} names {privilege}"
    return PropertyRead(type_name, entry.path, tuple(dict.fromkeys(entry.facts.split())), privilege, source, entry.since)


PROPERTIES: Final[Mapping[str, tuple[PropertyRead, ...]]] = MappingProxyType(
    {name: tuple(_property(name, entry) for entry in entries) for name, entries in _CATALOGUE.items()}
)
"""Class to the properties that are read of it, in the order in which classes are read; VirtualMachine is the last."""

READS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {name: tuple(entry.path for entry in entries) for name, entries in PROPERTIES.items()}
)
"""Class to its property paths, in the order in which classes are read; VirtualMachine is the last."""

SERVICE_TYPES: Final = frozenset({"CustomFieldsManager", "LicenseManager"})
"""Classes of service objects, which stand in the service content and in no inventory view."""

_SAID_BY_PEOPLE: Final = (
    "owner",
    "application",
    "environment",
    "criticality",
    "downtime_tolerance_minutes",
    "depends_on",
    "change_window",
)
OTHER_SOURCES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            (f"vcenter.{fact}" for fact in ("name", "moref", "hostname", "version", "build", "product", "api_type")),
            "ServiceContent.about, which every session may read",
        ),
        "network.type": "the class of the object, which every session sees",
        **dict.fromkeys(("vcenter.license", "host.license"), "LicenseAssignmentManager.QueryAssignedLicenses"),
        "vm.tags": "the tags of the vSphere Automation API",
        **dict.fromkeys(("vm.storage_policy", "vm.disks.storage_policy"), "the profile manager of the storage policy service"),
        **dict.fromkeys(
            (
                "vm.performance_days",
                *(
                    f"vm.{figure}_{measure}"
                    for figure, unit in (("cpu_usage", "mhz"), ("active_memory", "mib"), ("disk_write", "kib_per_s"))
                    for measure in (f"average_{unit}", f"p95_{unit}", f"peak_{unit}")
                ),
            ),
            "PerformanceManager.QueryPerf, where history is asked for",
        ),
        **dict.fromkeys((f"vm.{fact}" for fact in _SAID_BY_PEOPLE), "people, through annotations"),
    }
)
"""Facts that no property path feeds, and where they come from."""


def version_number(version: str) -> tuple[int, ...]:
    """A version as numbers that can be compared: "8.0.3.0" is (8, 0, 3, 0); parts that are no numbers end it."""
    numbers: list[int] = []
    for part in version.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    return tuple(numbers)


def reads_for(api_version: str) -> Mapping[str, tuple[str, ...]]:
    """`READS` without the paths that an API of this version does not have yet; all of them where the version is not known."""
    known = version_number(api_version)
    if not known:
        return READS
    return {
        name: tuple(entry.path for entry in entries if not entry.since or version_number(entry.since) <= known)
        for name, entries in PROPERTIES.items()
    }
