# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is planned: the estate's VMs with their verdicts, reduced to what planning asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..common.artifact import JsonRecord
from .model import PlanDisk, PlanNic, PlanVm
from .shared_disks import disk_users

CRITICAL, WARNING, READY = "critical", "warning", "ready"
SHARED_BUSES: Final = ("virtualSharing", "physicalSharing")
INDEPENDENT: Final = ("independent_persistent", "independent_nonpersistent")
PASSTHROUGH: Final = ("VirtualPCIPassthrough", "VirtualSCSIPassthrough")
SIZING_FACTS: Final[Mapping[str, str]] = {
    "devices": "PCI passthrough and vGPU devices",
    "evc_mode_required": "EVC baseline",
    "latency_sensitivity": "latency sensitivity",
    "numa_node_affinity": "NUMA pinning",
    "tpm_present": "virtual TPM",
}
"""Facts that the fit asks for and that sources may lack, in words: an RVTools export has neither devices nor NUMA nodes nor TPMs.

A VM may ask for more than is reckoned with where nobody knows them.
"""


class Rulings:
    """The rules of an assessment and the gaps of its sources: what makes a verdict provisional."""

    def __init__(self) -> None:
        self._category: dict[str, str] = {}
        self._source_gaps: dict[str, tuple[str, ...]] = {}

    def take(self, record: JsonRecord) -> None:
        """Notes a rule or a source of `assessment.jsonl`; passes over other records."""
        if record["kind"] == "rule":
            self._category[record["id"]] = str(record.get("category", ""))
        elif record["kind"] == "source":
            self._source_gaps[record["id"]] = tuple(record.get("gaps", ()))

    def settling(self, vm: JsonRecord) -> tuple[str, ...]:
        """Ids of the open rules that make the VM's verdict provisional: critical ones, and warnings where it is ready."""
        gaps = set(vm.get("gaps", ()))
        for source in vm.get("sources", ()):
            gaps.update(self._source_gaps.get(source, ()))
        counted = (CRITICAL, WARNING) if vm.get("verdict") == READY else (CRITICAL,)
        return tuple(sorted(gap for gap in gaps if self._category.get(gap) in counted))


class Places:
    """Datastores and hosts of the estate by name, so that VMs, which name them, can be tied to their ids."""

    def __init__(self) -> None:
        self._datastores: dict[tuple[str, str, str], str] = {}
        self._anywhere: dict[tuple[str, str], str] = {}
        self._hosts: dict[tuple[str, str], str] = {}

    def take(self, record: JsonRecord) -> None:
        """Notes a datastore or a host; passes over other records."""
        vcenter, name = record.get("vcenter", ""), record.get("name", "")
        if record["kind"] == "datastore" and name:
            self._datastores[vcenter, record.get("datacenter", ""), name] = record["id"]
            # A name that two datacenters have tells nothing alone.
            other = self._anywhere.setdefault((vcenter, name), record["id"])
            self._anywhere[vcenter, name] = record["id"] if other == record["id"] else ""
        elif record["kind"] == "host" and name:
            self._hosts[vcenter, name] = record.get("moref", "")

    def datastore(self, vcenter: str, datacenter: str, name: str) -> str:
        """Id of a datastore; empty where it cannot be told."""
        return self._datastores.get((vcenter, datacenter, name)) or self._anywhere.get((vcenter, name), "")

    def host(self, vcenter: str, name: str) -> str:
        """Managed object id of a host; empty where it cannot be told."""
        return self._hosts.get((vcenter, name), "")


def plan_vm(vm: JsonRecord, assessed: JsonRecord, rulings: Rulings, places: Places) -> PlanVm:
    """A VM of the estate in scope, with its record of the assessment."""
    get, vcenter = vm.get, vm.get("vcenter", "")
    disks, nics, devices = get("disks"), get("nics"), get("devices")
    locked = get("memory_reservation_locked")
    return PlanVm(
        id=vm["id"],
        name=get("name", ""),
        vcenter=vcenter,
        moref=get("moref", ""),
        verdict=assessed["verdict"],
        provisional=bool(assessed.get("provisional")),
        gaps=rulings.settling(assessed) if assessed.get("provisional") else (),
        failed=tuple(finding["rule"] for finding in assessed.get("findings", ()) if finding.get("result") == "fail"),
        power_state=get("power_state", ""),
        cpu_count=get("cpu_count"),
        memory_mib=get("memory_mib"),
        disks=None if disks is None else tuple(_disk(disk, vcenter, get("datacenter", ""), places) for disk in disks),
        nics=None if nics is None else tuple(_nic(nic) for nic in nics),
        cluster=get("cluster", ""),
        cluster_id=get("cluster_id", ""),
        host=get("host", ""),
        folder=get("folder", ""),
        vapp=get("vapp", ""),
        tags=tuple(get("tags", ())),
        owner=get("owner", ""),
        application=get("application", ""),
        environment=get("environment", ""),
        criticality=get("criticality", ""),
        downtime_tolerance_minutes=get("downtime_tolerance_minutes"),
        depends_on=tuple(get("depends_on", ())),
        change_window=get("change_window", ""),
        change_tracking=get("change_tracking_enabled"),
        snapshot_count=_length(get("snapshots")),
        guest_os=get("guest_os_tools_name") or get("guest_os_config_name") or get("guest_os_id") or "",
        tools_status=get("tools_status", ""),
        tools_running_status=get("tools_running_status", ""),
        guest_networks_known=bool(get("guest_ips")),
        connection_state=get("connection_state", ""),
        firmware=get("firmware", ""),
        cpu_usage_p95_mhz=get("cpu_usage_p95_mhz"),
        active_memory_p95_mib=get("active_memory_p95_mib"),
        disk_write_average_kib_per_s=get("disk_write_average_kib_per_s"),
        disk_write_p95_kib_per_s=get("disk_write_p95_kib_per_s"),
        numa_nodes=tuple(get("numa_node_affinity", ())),
        cpu_affinity=tuple(get("cpu_affinity", ())),
        latency_sensitivity=get("latency_sensitivity", ""),
        memory_locked=locked is True,
        passthrough=passthrough_backings(devices),
        evc_mode=get("evc_mode_required", ""),
        tpm=get("tpm_present"),
        consolidation_needed=get("consolidation_needed"),
        host_moref=places.host(vcenter, get("host", "")),
        encrypted=get("encrypted"),
        unread=_unread(vm, devices),
    )


def with_shared_disks(vms: Sequence[PlanVm]) -> list[PlanVm]:
    """The VMs, with every disk marked as shared whose file another VM of the same vCenter has as well."""
    shared = disk_users(vms)
    sharers = {vm_id for vm_ids in shared.values() for vm_id in vm_ids}
    return [_marked(vm, shared) if vm.id in sharers else vm for vm in vms]


def _marked(vm: PlanVm, shared: Collection[tuple[str, str]]) -> PlanVm:
    if not any((vm.vcenter, disk.path) in shared and not disk.shared for disk in vm.disks or ()):
        return vm
    return replace(vm, disks=tuple(replace(disk, shared=True) if (vm.vcenter, disk.path) in shared else disk for disk in vm.disks or ()))


def _unread(vm: JsonRecord, devices: Iterable[Mapping[str, Any]] | None) -> tuple[str, ...]:
    """Facts of `SIZING_FACTS` that nobody knows; devices of an unknown class are not known either."""
    lacking = tuple(fact for fact in SIZING_FACTS if vm.get(fact) is None)
    if devices and any(device.get("kind") is None for device in devices):
        lacking = ("devices", *lacking)
    return lacking


def _length(parts: Any) -> int | None:
    return None if parts is None else len(parts)


def _disk(disk: Mapping[str, Any], vcenter: str, datacenter: str, places: Places) -> PlanDisk:
    get = disk.get
    name = get("datastore", "")
    mode, compatibility = get("mode"), get("rdm_compatibility", "")
    return PlanDisk(
        key=get("key"),
        path=get("path", ""),
        datastore=name,
        datastore_id=places.datastore(vcenter, datacenter, name) if name else "",
        capacity_bytes=get("capacity_bytes"),
        used_bytes=get("used_bytes"),
        shared=_shared(get("sharing"), get("bus_sharing")),
        rdm=get("rdm"),
        physical_rdm=bool(get("rdm")) and compatibility == "physicalMode",
        independent=None if mode is None else mode in INDEPENDENT,
        change_tracking=get("change_tracking_enabled"),
    )


def _shared(sharing: str | None, bus_sharing: str | None) -> bool | None:
    if sharing == "sharingMultiWriter" or bus_sharing in SHARED_BUSES:
        return True
    return None if sharing is None or bus_sharing is None else False


def _nic(nic: Mapping[str, Any]) -> PlanNic:
    get = nic.get
    ips = get("ips")
    return PlanNic(
        network=get("network", ""),
        network_id=get("network_id", ""),
        mac=get("mac", ""),
        cidrs=tuple(get("cidrs", ())),
        ips=None if ips is None else tuple(ips),
    )


def passthrough_backings(devices: Iterable[Mapping[str, Any]] | None) -> tuple[str, ...]:
    """What stands behind the passthrough and vGPU devices of a VM, once for each device."""
    return tuple(
        str(device.get("backing") or device.get("label") or device["kind"]) for device in devices or () if device.get("kind") in PASSTHROUGH
    )
