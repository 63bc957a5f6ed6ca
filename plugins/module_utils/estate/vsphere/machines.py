# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of VMs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...common.artifact import JsonRecord
from ..identity import vm_id
from . import values
from .catalogue import OTHER_SOURCES
from .clusters import Clusters, ForVms
from .devices import Devices
from .extras import Extras
from .guest import (
    GUEST_LEAVES,
    NO_FILE_SYSTEMS,
    NOT_REPORTED,
    Addresses,
    gateways,
    guest_absent,
    guest_ips,
    name_servers,
    partitions,
)
from .inventory import vapp_datacenter, vapp_folder
from .layout import Layout, datastore_of
from .leaves import NO_VALUE, Leaf, blame_missing, read_leaves, worded
from .networks import Networks
from .objects import ObjectRead, Reference
from .places import Answer
from .records import Server
from .settings import Settings
from .snapshots import snapshot_list
from .values import count, flag, limit, lower, moment, reference, references, repeated, text

CONFIG_LEAVES: Final = (
    Leaf("config.uuid", "bios_uuid", lower),
    Leaf("config.instanceUuid", "instance_uuid", lower),
    Leaf("config.template", "template", flag),
    Leaf("config.createDate", "created_at", moment),
    Leaf("config.annotation", "notes", text, ""),
    Leaf("config.hardware.numCPU", "cpu_count", count),
    Leaf("config.hardware.numCoresPerSocket", "cores_per_socket", count),
    Leaf("config.hardware.memoryMB", "memory_mib", count),
    Leaf("config.cpuHotAddEnabled", "cpu_hot_add_enabled", flag, False),
    Leaf("config.cpuHotRemoveEnabled", "cpu_hot_remove_enabled", flag, False),
    Leaf("config.memoryHotAddEnabled", "memory_hot_add_enabled", flag, False),
    Leaf("config.cpuAllocation.reservation", "cpu_reservation_mhz", count),
    Leaf("config.cpuAllocation.limit", "cpu_limit_mhz", limit),
    Leaf("config.cpuAllocation.shares.shares", "cpu_shares", count),
    Leaf("config.memoryAllocation.reservation", "memory_reservation_mib", count),
    Leaf("config.memoryAllocation.limit", "memory_limit_mib", limit),
    Leaf("config.memoryAllocation.shares.shares", "memory_shares", count),
    Leaf("config.memoryReservationLockedToMax", "memory_reservation_locked", flag, False),
    Leaf("config.cpuAffinity.affinitySet", "cpu_affinity", values.numbers, []),
    worded("vm", "config.latencySensitivity.level", "latency_sensitivity", "normal"),
    Leaf("config.version", "hardware_version", values.hardware_version),
    worded("vm", "config.firmware", "firmware"),
    Leaf("config.bootOptions.efiSecureBootEnabled", "secure_boot", flag, False),
    Leaf("config.nestedHVEnabled", "nested_hv_enabled", flag, False),
    Leaf("config.changeTrackingEnabled", "change_tracking_enabled", flag, False),
    Leaf("config.guestId", "guest_os_id", repeated),
    Leaf("config.guestFullName", "guest_os_config_name", repeated),
)
"""Settings: where the server has no value for one, what holds is the default of a VM that was never given it."""

STATE_LEAVES: Final = (
    worded("vm", "runtime.connectionState", "connection_state"),
    worded("vm", "runtime.powerState", "power_state"),
    Leaf("runtime.bootTime", "powered_on_at", moment, ""),
    Leaf("runtime.consolidationNeeded", "consolidation_needed", flag),
    worded("vm", "runtime.faultToleranceState", "fault_tolerance_state"),
    Leaf("runtime.minRequiredEVCModeKey", "evc_mode_required", repeated, ""),
    Leaf("summary.quickStats.overallCpuUsage", "cpu_usage_mhz", count),
    Leaf("summary.quickStats.guestMemoryUsage", "active_memory_mib", count),
    Leaf("summary.quickStats.hostMemoryUsage", "consumed_memory_mib", count),
    Leaf("summary.quickStats.balloonedMemory", "ballooned_memory_mib", count),
    Leaf("summary.storage.committed", "used_bytes", count),
)
TELLING: Final = ("config.version", "config.uuid", "config.template", "config.guestId", "config.hardware.numCPU")
"""Paths that have a value whenever the server knows the VM's configuration at all."""

NO_CONFIG: Final = "the server has no configuration of this VM"
NO_HOST: Final = "no host is responsible for it"
NO_FOLDER: Final = "the server does not tell its folder"
NOT_LISTED: Final = "its files lie on a datastore that the server does not list; the user may have no access to it"
NO_POOL: Final = "the server shows no resource pool; the user may have no access to it"

RECOVERY: Final = "com.vmware.vcDr"
"""How the key of Site Recovery Manager's extension begins."""

STAND_IN: Final = "placeholderVm"
"""Type of the VMs that Site Recovery Manager registers for VMs of another site."""

PART_LISTS: Final = ("disks", "nics", "controllers", "devices", "usb", "removable_media")
RULE_FACTS: Final = ("host_affinity_rules", "cluster_rules", "ha_restart_priority", "drs_behavior")
HISTORY: Final = frozenset(fact.removeprefix("vm.") for fact, source in OTHER_SOURCES.items() if source.startswith("PerformanceManager"))


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the VMs of a host, or of a resource pool, run."""

    datacenter: Answer
    cluster: Answer
    cluster_id: Answer
    for_vms: ForVms | None
    """None where there is no cluster"""


class Machines:
    """Makes the records of a server's VMs; what VMs share is looked up once."""

    def __init__(self, server: Server, networks: Networks, clusters: Clusters, extras: Extras) -> None:
        self._server = server
        self._places = server.places
        self._ledger = server.ledger
        self._clusters = clusters
        self.extras = extras
        self._devices = Devices(server.places, networks, server.ledger)
        self._stands: dict[str, Stand] = {}
        self._fields, self._fields_reason = _custom_fields(server)
        self._taken: dict[str, int] = {}

    def record(self, read: ObjectRead) -> JsonRecord:
        """The record of one VM."""
        nodes, missing = read.values, read.missing
        record: JsonRecord = {"kind": "vm", "id": "", "vcenter": self._server.uuid, "moref": read.moref}
        unknown: dict[str, str] = {}
        name = values.name(nodes.get("name"))
        if name is not None:
            record["name"] = name
        elif "name" not in missing:
            unknown["name"] = NO_VALUE
        known = any(path in nodes or path in missing for path in TELLING)
        config_absent = "" if known else NO_CONFIG
        no_guest = guest_absent(read)
        read_leaves("vm", read, CONFIG_LEAVES, record, unknown, self._ledger, config_absent)
        read_leaves("vm", read, STATE_LEAVES, record, unknown, self._ledger)
        read_leaves("vm", read, GUEST_LEAVES, record, unknown, self._ledger, no_guest)
        host = reference(nodes.get("runtime.host"))
        self._place(read, host, record, unknown)
        self._rules(read, host, record, unknown)
        self._configuration(read, config_absent, record, unknown)
        addresses = Addresses(nodes.get("guest.net"))
        layout = Layout(read)
        self._parts(read, host, layout, record, unknown)
        self._storage(read, layout, record, unknown)
        self._guest(read, addresses, no_guest, record, unknown)
        self._attributes(read, record, unknown)
        self._extra(read.moref, record, unknown)
        if missing:
            blame_missing(read, ("vm",), record, unknown)
        self._name(record)
        return self._server.finish(record, unknown, read.moref)

    def _name(self, record: JsonRecord) -> None:
        identity, basis = vm_id(record, self._server.name, bios_uuid_is_unique=False)
        if basis != "moref":
            # Copies of a VM on a standalone host can share what makes the id.
            self._taken[identity] = self._taken.get(identity, 0) + 1
            if self._taken[identity] > 1:
                identity = f"{identity}#{self._taken[identity]}"
        record["id"], record["id_basis"] = identity, basis

    # ---- where it is --------------------------------------------------------------------------------------------

    def _place(self, read: ObjectRead, host: Reference | None, record: JsonRecord, unknown: dict[str, str]) -> None:
        nodes, missing, places = read.values, read.missing, self._places
        folder, vapp = reference(nodes.get("parent")), reference(nodes.get("parentVApp"))
        if vapp is not None:
            _put("vapp", places.name(vapp), record, unknown)
        elif "parentVApp" not in missing:
            record["vapp"] = ""
        datacenter: Answer = (None, missing.get("parent") or missing.get("parentVApp") or NO_FOLDER)
        if folder is not None:
            datacenter = places.datacenter_of(folder)
            _put("folder", places.folder_path(folder), record, unknown)
        elif vapp is not None:
            datacenter = vapp_datacenter(self._server, vapp)
            above, reason = vapp_folder(self._server, vapp)
            _put("folder", (None, reason) if above is None else places.folder_path(above), record, unknown)
        else:
            unknown["folder"] = datacenter[1]
        if host is not None:
            _put("host", places.name(host), record, unknown)
            if datacenter[0] is None:
                datacenter = self._stand(host).datacenter if self._stand(host).datacenter[0] is not None else datacenter
        elif "runtime.host" not in missing:
            unknown["host"] = NO_HOST
        _put("datacenter", datacenter, record, unknown)
        pool = reference(nodes.get("resourcePool"))
        if pool is not None:
            _put("resource_pool", places.pool_path(pool), record, unknown)
        elif "resourcePool" not in missing:
            if record.get("template"):
                record["resource_pool"] = ""
            else:
                unknown["resource_pool"] = NO_POOL

    def _rules(self, read: ObjectRead, host: Reference | None, record: JsonRecord, unknown: dict[str, str]) -> None:
        """The cluster, and what its settings and rules say of the VM; known by the host, or else by the resource pool."""
        stand = self._stand(host) if host is not None else None
        pool = reference(read.values.get("resourcePool"))
        if (stand is None or stand.cluster_id[0] is None) and pool is not None:
            other = self._stand(pool)
            stand = other if stand is None or other.cluster_id[0] is not None else stand
        if stand is None:
            reason = read.missing.get("runtime.host") or read.missing.get("resourcePool") or NO_HOST
            unknown.update(dict.fromkeys(("cluster", "cluster_id", *RULE_FACTS), reason))
            return
        _put("cluster", stand.cluster, record, unknown)
        _put("cluster_id", stand.cluster_id, record, unknown)
        if stand.cluster_id[0] is None:
            unknown.update(dict.fromkeys(RULE_FACTS, stand.cluster_id[1]))
        elif stand.for_vms is None:
            record.update({"host_affinity_rules": [], "cluster_rules": [], "ha_restart_priority": "", "drs_behavior": ""})
        else:
            _rules_of(read.moref, stand.for_vms, record, unknown)

    def _stand(self, found: Reference) -> Stand:
        stand = self._stands.get(found.moref)
        if stand is None:
            stand = self._stands[found.moref] = self._find_stand(found)
        return stand

    def _find_stand(self, found: Reference) -> Stand:
        places = self._places
        compute, reason = places.compute_of_host(found) if found.type == "HostSystem" else places.compute_of_pool(found)
        if compute is None:
            return Stand(places.datacenter_of(found), (None, reason), (None, reason), None)
        if compute.type != "ClusterComputeResource":
            return Stand(places.datacenter_of(found), ("", ""), ("", ""), None)
        for_vms = self._clusters.for_vms(compute.moref) or ForVms(reason=f"the settings of its cluster: {places.name(compute)[1]}")
        return Stand(places.datacenter_of(found), places.name(compute), (places.id_of("cluster", compute.moref), ""), for_vms)

    # ---- how it is set up ---------------------------------------------------------------------------------------

    def _configuration(self, read: ObjectRead, absent: str, record: JsonRecord, unknown: dict[str, str]) -> None:
        nodes, missing = read.values, read.missing
        if "config.managedBy" in nodes or not (absent or "config.managedBy" in missing):
            record["srm_placeholder"] = _stands_in(nodes.get("config.managedBy"))
        elif absent:
            unknown["srm_placeholder"] = absent
        if "config.keyId" in nodes or not (absent or "config.keyId" in missing):
            key = nodes.get("config.keyId")
            record["encrypted"] = key is not None
            provider = key.get("providerId") if isinstance(key, dict) else None
            record["key_provider"] = (text(provider.get("id")) if isinstance(provider, dict) else None) or ""
        elif absent:
            unknown["encrypted"] = unknown["key_provider"] = absent

    def _settings(self, read: ObjectRead, record: JsonRecord, unknown: dict[str, str]) -> Settings | None:
        """The VM's advanced settings; None where they are not known. Every VM has some, so that no value means not known."""
        options = read.values.get("config.extraConfig")
        if options is None:
            if "config.extraConfig" not in read.missing:
                unknown.update(dict.fromkeys(("advanced_settings", "numa_node_affinity", "disk_enable_uuid"), NO_VALUE))
            return None
        settings = Settings(options)
        record["advanced_settings"] = settings.advanced()
        for fact, value in (("numa_node_affinity", settings.nodes()), ("disk_enable_uuid", settings.disk_uuids())):
            if value is None:
                unknown[fact] = "its advanced setting cannot be read"
            else:
                record[fact] = value
        return settings

    def _parts(self, read: ObjectRead, host: Reference | None, layout: Layout, record: JsonRecord, unknown: dict[str, str]) -> None:
        nodes, missing = read.values, read.missing
        settings = self._settings(read, record, unknown)
        if "snapshot" not in missing:
            record["snapshots"] = snapshot_list(nodes.get("snapshot"), layout, unknown)
        devices = nodes.get("config.hardware.device")
        tpm = flag(nodes.get("summary.config.tpmPresent"))
        if not isinstance(devices, list):
            if "config.hardware.device" not in missing:
                unknown.update(dict.fromkeys((*PART_LISTS, "datastores"), NO_VALUE))
            _put("tpm_present", (tpm, "" if "summary.config.tpmPresent" in missing else NO_VALUE), record, unknown)
            return
        parts = self._devices.read(devices, host, settings, unknown)
        for part in PART_LISTS:
            record[part] = getattr(parts, part)
        record["tpm_present"] = parts.tpm if tpm is None else tpm
        if settings is None and any("change_tracking_enabled" not in disk for disk in parts.disks):
            unknown["disks.change_tracking_enabled"] = missing.get("config.extraConfig", NO_VALUE)
        self._disk_bytes(parts.disks, layout, unknown)

    @staticmethod
    def _disk_bytes(disks: Iterable[JsonRecord], layout: Layout, unknown: dict[str, str]) -> None:
        for disk in disks:
            used = layout.disk_bytes(disk.get("key"))
            if used is not None:
                disk["used_bytes"] = used
            else:
                unknown["disks.used_bytes"] = layout.reason or "the server does not tell the files of every disk"

    def _storage(self, read: ObjectRead, layout: Layout, record: JsonRecord, unknown: dict[str, str]) -> None:
        node = read.values.get("summary.storage.uncommitted")
        uncommitted = count(node)
        if uncommitted is not None and "used_bytes" in record:
            record["provisioned_bytes"] = record["used_bytes"] + uncommitted
        elif not {"summary.storage.uncommitted", "summary.storage.committed"} & read.missing.keys():
            unknown["provisioned_bytes"] = NO_VALUE
        if "datastore" not in read.missing:
            _put("datastores", self._datastores(read, layout, record), record, unknown)

    def _datastores(self, read: ObjectRead, layout: Layout, record: JsonRecord) -> tuple[list[str] | None, str]:
        """The datastores of a VM. The server lists those alone that the account may see; the VM's files name the others too."""
        listed = references(read.values.get("datastore"))
        names, reason = self._places.names(listed)
        shown = _stores_shown(read.values.get("config.files.vmPathName"), record.get("disks", ())) | (layout.datastores or frozenset())
        every_disk = "disks" in record and all("datastore" in disk for disk in record["disks"])
        every_file = layout.datastores is not None or every_disk
        if names is None:
            # The names that its files show do as well, where they account for every datastore.
            return (sorted(shown), "") if every_file and len(shown) == len(listed) else (None, reason)
        if every_file:
            # A list of the server goes without what is hidden, and the files go without what is empty: both together are whole.
            return sorted(shown.union(names)), ""
        if not shown.issubset(names):
            return None, NOT_LISTED
        return self._server.listed(names)

    # ---- what runs in it ----------------------------------------------------------------------------------------

    @staticmethod
    def _guest(read: ObjectRead, addresses: Addresses, no_guest: str, record: JsonRecord, unknown: dict[str, str]) -> None:
        nodes, missing = read.values, read.missing
        nics = record.get("nics", ())
        if no_guest:
            unknown.update(dict.fromkeys(("guest_ips", "guest_gateways", "guest_dns_servers", "partitions"), no_guest))
            unknown.update(dict.fromkeys(("nics.ips", "nics.cidrs", "nics.dhcp") if nics else (), no_guest))
            return
        if "guest.net" not in missing:
            lacking: set[str] = set()
            for nic in nics:
                addresses.fill(nic, lacking)
            unknown.update({f"nics.{fact}": NOT_REPORTED[fact] for fact in sorted(lacking)})
        ips = guest_ips(read, addresses)
        if ips is not None:
            record["guest_ips"] = ips
        if "guest.ipStack" not in missing:
            record["guest_gateways"] = gateways(nodes.get("guest.ipStack"))
            record["guest_dns_servers"] = name_servers(nodes.get("guest.ipStack"))
        if "guest.disk" not in missing:
            found = partitions(nodes.get("guest.disk"))
            # An empty list is what a guest without Tools shows too: it says nothing about free space.
            _put("partitions", (found or None, NO_FILE_SYSTEMS), record, unknown)

    # ---- what is said of it -------------------------------------------------------------------------------------

    def _attributes(self, read: ObjectRead, record: JsonRecord, unknown: dict[str, str]) -> None:
        if "customValue" in read.missing:
            return
        attributes: dict[str, str] = {}
        for entry in read.values.get("customValue") or ():
            key, value = (text(entry.get(name)) for name in ("key", "value")) if isinstance(entry, dict) else (None, None)
            if not key or not value:
                continue
            if key not in self._fields:
                unknown["custom_attributes"] = self._fields_reason or "the name of one of them is not known"
                return
            attributes[self._fields[key]] = value
        record["custom_attributes"] = {name: attributes[name] for name in sorted(attributes)}

    def _extra(self, moref: str, record: JsonRecord, unknown: dict[str, str]) -> None:
        tags, policies, performance = self.extras.tags, self.extras.policies, self.extras.performance
        if tags.names is not None:
            record["tags"] = list(tags.names.get(("VirtualMachine", moref), ()))
        if policies.homes is not None:
            if moref in policies.unknown:
                unknown["storage_policy"] = unknown["disks.storage_policy"] = policies.unknown[moref]
            else:
                record["storage_policy"] = policies.homes.get(moref, "")
                for disk in record.get("disks", ()):
                    disk["storage_policy"] = policies.disks.get((moref, disk.get("key", -1)), "")
        if performance.facts is not None:
            record.update(performance.facts.get(moref, {}))
            unknown.update(performance.unknown.get(moref, {}))


def _put(fact: str, answer: tuple[Any, str], record: JsonRecord, unknown: dict[str, str]) -> None:
    value, reason = answer
    if value is not None:
        record[fact] = value
    elif reason:
        unknown[fact] = reason


def _rules_of(moref: str, found: ForVms, record: JsonRecord, unknown: dict[str, str]) -> None:
    if found.reason:
        unknown.update(dict.fromkeys(RULE_FACTS, found.reason))
        return
    if found.rules_reason:
        unknown["host_affinity_rules"] = unknown["cluster_rules"] = found.rules_reason
    else:
        everything, of_hosts = found.rules.get(moref, ((), ()))
        record["host_affinity_rules"], record["cluster_rules"] = sorted(of_hosts), sorted(everything)
    own = found.priorities.get(moref)
    _put("ha_restart_priority", (own, "") if own else found.restart_priority, record, unknown)
    _put("drs_behavior", found.behaviors.get(moref, ("", "")), record, unknown)


def _stands_in(managed: Any) -> bool:
    """True for what Site Recovery Manager put there for a VM of another site."""
    if not isinstance(managed, dict):
        return False
    return (text(managed.get("extensionKey")) or "").startswith(RECOVERY) and managed.get("type") == STAND_IN


def _stores_shown(vmx: Any, disks: Iterable[Mapping[str, Any]]) -> set[str]:
    shown = {disk["datastore"] for disk in disks if disk.get("datastore")}
    own = datastore_of(vmx)
    return shown | {own} if own else shown


def _custom_fields(server: Server) -> tuple[Mapping[str, str], str]:
    """Names of custom attributes by key, and why they are not known."""
    for read in server.places.of("CustomFieldsManager"):
        if "field" in read.missing:
            return {}, f"the names of custom attributes: {read.missing['field']}"
        entries = [entry for entry in read.values.get("field") or () if isinstance(entry, dict)]
        return {key: name for entry in entries if (key := text(entry.get("key"))) and (name := text(entry.get("name")))}, ""
    return {}, "the names of custom attributes were not read"
