# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What VMs stand on: vCenters with datacenters, clusters, hosts, datastores, port groups and resource pools."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]

GIB = 1 << 30
MIB = 1 << 20


def stable_hex(*parts: object) -> str:
    """32 hexadecimal digits that depend on the parts alone."""
    return hashlib.md5("/".join(str(part) for part in parts).encode(), usedforsecurity=False).hexdigest()


def uuid_of(digits: str) -> str:
    """32 hexadecimal digits in the form of a UUID."""
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@dataclass(frozen=True, slots=True)
class PortGroup:
    """A port group; `vlan` is a VLAN id, a trunk's ranges, or empty."""

    name: str
    moref: str
    vlan: str = ""
    switch: str = "dvs-prod"
    type: str = "distributed"
    uplink: bool = False


@dataclass(frozen=True, slots=True)
class Store:
    """A datastore."""

    name: str
    moref: str
    type: str = "VMFS"
    capacity_gib: int = 16384
    free_gib: int = 4096
    accessible: bool = True


@dataclass(frozen=True, slots=True)
class HostPlan:
    """An ESXi host."""

    name: str
    moref: str
    vendor: str = "Example Systems"
    model: str = "R2-740"
    cpu_model: str = "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz"
    sockets: int = 2
    cores: int = 64
    mhz: int = 2000
    memory_mib: int = 1048576
    version: str = "VMware ESXi 8.0.3 build-24022510"
    maintenance: bool = False
    vm_count: int = 0


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """A cluster with what its VMs can use."""

    name: str
    moref: str
    datacenter: str
    hosts: tuple[HostPlan, ...]
    stores: tuple[Store, ...]
    networks: tuple[PortGroup, ...]
    pools: tuple[str, ...] = ("Resources",)
    drs_enabled: bool = True
    drs_behavior: str = "fullyAutomated"
    dpm_enabled: bool = False
    ha_enabled: bool = True
    evc_mode: str = "intel-icelake"

    def pool_path(self, pool: str) -> str:
        """A resource pool's path; `Resources` is the root pool."""
        root = f"/{self.datacenter}/{self.name}/Resources"
        return root if pool == "Resources" else f"{root}/{pool}"


@dataclass(frozen=True, slots=True)
class RulePlan:
    """A DRS rule; `vms` are the numbers of the VMs it binds."""

    name: str
    moref: str
    cluster: ClusterPlan
    type: str
    vms: tuple[int, ...]
    enabled: bool = True
    mandatory: bool = False
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VAppPlan:
    """A vApp; `vms` are the numbers of its VMs in start order."""

    name: str
    moref: str
    datacenter: str
    vms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """A vCenter with all that it manages, save its VMs."""

    hostname: str
    uuid: str
    captured_at: str
    clusters: tuple[ClusterPlan, ...]
    rules: tuple[RulePlan, ...] = ()
    vapps: tuple[VAppPlan, ...] = ()
    version: str = "8.0.3"
    build: str = "24322831"
    attributes: tuple[str, ...] = ()
    """Names of the custom attributes that VMs have."""
    first_number: int = 0
    """Added to a VM's number where it must differ from those of other vCenters: addresses."""
    rules_by_vm: Mapping[int, tuple[RulePlan, ...]] = field(default_factory=dict)
    vapp_names: Mapping[int, str] = field(default_factory=dict)

    @property
    def source_id(self) -> str:
        """The id of this vCenter as a source."""
        return f"{self.hostname}@{self.sha256[:8]}"

    @property
    def sha256(self) -> str:
        """Stands for the content of the capture."""
        return hashlib.sha256(f"{self.hostname}/{self.uuid}/{self.captured_at}".encode()).hexdigest()

    @property
    def product(self) -> str:
        """The full product name."""
        return f"VMware vCenter Server {self.version} build-{self.build}"

    @property
    def datacenters(self) -> tuple[str, ...]:
        """Names of the datacenters, sorted."""
        return tuple(sorted({cluster.datacenter for cluster in self.clusters}))

    def record(self, kind: str, moref: str, name: str, facts: Record) -> Record:
        """One record of this vCenter with its bookkeeping."""
        source = self.source_id
        return {
            "kind": kind,
            "id": f"{self.uuid}/{moref}",
            "name": name,
            "vcenter": self.uuid,
            "moref": moref,
            **facts,
            "origin": {"source": source, "object": moref},
            "sources": [source],
        }

    def vm_id(self, number: int) -> str:
        """The id of a VM by its number."""
        return f"{self.uuid}/{vm_moref(number)}"


def vm_moref(number: int) -> str:
    """The managed object id of a VM by its number."""
    return f"vm-{10000 + number}"


def unique(items: Iterator[Any]) -> list[Any]:
    """The items without doubles, by name, in the order of their first appearance."""
    return list({item.name: item for item in items}.values())


def site_records(site: Site, vm_count: int) -> Iterator[Record]:
    """Every record of a vCenter but its VMs; the order of kinds and ids is up to the caller."""
    yield source_record(site, vm_count)
    facts = {"hostname": site.hostname, "version": site.version, "build": site.build, "product": site.product, "api_type": "VirtualCenter"}
    yield site.record("vcenter", "group-d1", site.hostname, facts)
    for number, datacenter in enumerate(site.datacenters):
        yield site.record("datacenter", f"datacenter-{2 + number}", datacenter, {"folder": "Datacenters"})
    for cluster in site.clusters:
        yield site.record("cluster", cluster.moref, cluster.name, cluster_facts(cluster))
        for host in cluster.hosts:
            yield site.record("host", host.moref, host.name, host_facts(site, cluster, host))
        for place, pool in enumerate(cluster.pools):
            yield site.record("resource_pool", f"resgroup-{cluster.moref[8:]}-{place}", pool, pool_facts(cluster, pool))
    for datacenter in site.datacenters:
        inside = [cluster for cluster in site.clusters if cluster.datacenter == datacenter]
        for store in unique(store for cluster in inside for store in cluster.stores):
            yield site.record("datastore", store.moref, store.name, store_facts(inside, store))
        for network in unique(network for cluster in inside for network in cluster.networks):
            yield site.record("network", network.moref, network.name, network_facts(inside, network))
    for rule in site.rules:
        yield site.record("drs_rule", rule.moref, rule.name, rule_facts(site, rule))
    for vapp in site.vapps:
        yield site.record(
            "vapp", vapp.moref, vapp.name, {"datacenter": vapp.datacenter, "vm_ids": [site.vm_id(number) for number in vapp.vms]}
        )


def source_record(site: Site, vm_count: int) -> Record:
    """The record of the vCenter as the source of all others."""
    return {
        "kind": "source",
        "id": site.source_id,
        "name": site.hostname,
        "type": "vcenter",
        "sha256": site.sha256,
        "captured_at": site.captured_at,
        "tool_version": site.product,
        "vm_count": vm_count,
        "not_seen": [],
        "notices": [],
    }


def cluster_facts(cluster: ClusterPlan) -> Record:
    """Facts of a cluster."""
    return {
        "datacenter": cluster.datacenter,
        "drs_enabled": cluster.drs_enabled,
        "drs_behavior": cluster.drs_behavior,
        "dpm_enabled": cluster.dpm_enabled,
        "ha_enabled": cluster.ha_enabled,
        "ha_admission_control_enabled": cluster.ha_enabled,
        "evc_mode": cluster.evc_mode,
        "host_count": len(cluster.hosts),
        "cpu_core_count": sum(host.cores for host in cluster.hosts),
        "memory_mib": sum(host.memory_mib for host in cluster.hosts),
    }


def host_facts(site: Site, cluster: ClusterPlan, host: HostPlan) -> Record:
    """Facts of a host."""
    return {
        "datacenter": cluster.datacenter,
        "cluster": cluster.name,
        "cluster_id": f"{site.uuid}/{cluster.moref}",
        "vendor": host.vendor,
        "model": host.model,
        "version": host.version,
        "cpu_model": host.cpu_model,
        "cpu_socket_count": host.sockets,
        "cpu_core_count": host.cores,
        "cpu_mhz": host.mhz,
        "memory_mib": host.memory_mib,
        "in_maintenance": host.maintenance,
        "evc_mode": cluster.evc_mode,
        "vm_count": host.vm_count,
    }


def pool_facts(cluster: ClusterPlan, pool: str) -> Record:
    """Facts of a resource pool."""
    reserved = 0 if pool == "Resources" else 8000
    return {
        "path": cluster.pool_path(pool),
        "cpu_reservation_mhz": reserved,
        "cpu_limit_mhz": -1,
        "memory_reservation_mib": reserved * 4,
        "memory_limit_mib": -1,
    }


def store_facts(clusters: list[ClusterPlan], store: Store) -> Record:
    """Facts of a datastore; the clusters are those of its datacenter."""
    hosts = sorted(host.name for cluster in clusters if store in cluster.stores for host in cluster.hosts)
    used = (store.capacity_gib - store.free_gib) * GIB
    return {
        "datacenter": clusters[0].datacenter,
        "type": store.type,
        "capacity_bytes": store.capacity_gib * GIB,
        "free_bytes": store.free_gib * GIB,
        "provisioned_bytes": used * 3 // 2,
        "accessible": store.accessible,
        "host_count": len(hosts),
        "hosts": hosts,
        "address": f"nfs-01.example.com:/vol/{store.name}"
        if store.type.startswith("NFS")
        else f"naa.60002ac0{stable_hex(store.name)[:24]}",
    }


def network_facts(clusters: list[ClusterPlan], network: PortGroup) -> Record:
    """Facts of a port group; the clusters are those of its datacenter."""
    return {
        "datacenter": clusters[0].datacenter,
        "type": network.type,
        "switch": network.switch,
        "vlan": network.vlan,
        "uplink": network.uplink,
        "promiscuous": False,
        "mac_changes": False,
        "forged_transmits": False,
        "host_count": sum(len(cluster.hosts) for cluster in clusters if network in cluster.networks),
    }


def rule_facts(site: Site, rule: RulePlan) -> Record:
    """Facts of a DRS rule."""
    return {
        "cluster_id": f"{site.uuid}/{rule.cluster.moref}",
        "type": rule.type,
        "enabled": rule.enabled,
        "mandatory": rule.mandatory,
        "vm_ids": [site.vm_id(number) for number in rule.vms],
        "hosts": list(rule.hosts),
    }
