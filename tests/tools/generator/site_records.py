# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of a vCenter but for its VMs: facts that an RVTools export shows too, and then those that it does not."""

from __future__ import annotations

from collections.abc import Iterator

from .further import (
    cluster_further,
    further_records,
    host_further,
    network_further,
    pool_further,
    rule_further,
    store_further,
)
from .layout import GIB, ClusterPlan, HostPlan, PortGroup, Record, RulePlan, Site, Store, stable_hex, unique


def site_records(site: Site, vm_count: int) -> Iterator[Record]:
    """Every record of a vCenter but its VMs; the order of kinds and ids is up to the caller."""
    yield source_record(site, vm_count)
    facts: Record = {
        "hostname": site.hostname,
        "version": site.version,
        "build": site.build,
        "product": site.product,
        "api_type": "VirtualCenter",
    }
    facts["license"] = "vCenter Server 8 Standard"
    yield site.record("vcenter", "group-d1", site.hostname, facts)
    for number, datacenter in enumerate(site.datacenters):
        yield site.record("datacenter", f"datacenter-{2 + number}", datacenter, {"folder": "Datacenters"})
    for cluster in site.clusters:
        yield site.record("cluster", cluster.moref, cluster.name, {**cluster_facts(cluster), **cluster_further(cluster)})
        for host in cluster.hosts:
            yield site.record("host", host.moref, host.name, {**host_facts(site, cluster, host), **host_further(site, cluster, host)})
        for place, pool in enumerate(cluster.pools):
            yield site.record(
                "resource_pool", f"resgroup-{cluster.moref[8:]}-{place}", pool, {**pool_facts(cluster, pool), **pool_further(cluster)}
            )
    for datacenter in site.datacenters:
        inside = [cluster for cluster in site.clusters if cluster.datacenter == datacenter]
        for store in unique(store for cluster in inside for store in cluster.stores):
            facts = store_facts(inside, store)
            yield site.record("datastore", store.moref, store.name, {**facts, **store_further(facts["host_count"])})
        for network in unique(network for cluster in inside for network in cluster.networks):
            facts = {**network_facts(inside, network), **network_further(site, datacenter, network)}
            yield site.record("network", network.moref, network.name, facts)
    for rule in site.rules:
        yield site.record("drs_rule", rule.moref, rule.name, {**rule_facts(site, rule), **rule_further(rule)})
    for vapp in site.vapps:
        facts = {"datacenter": vapp.datacenter, "vm_ids": [site.vm_id(number) for number in vapp.vms]}
        yield site.record("vapp", vapp.moref, vapp.name, {**facts, "start_orders": list(range(1, len(vapp.vms) + 1))})
    yield from further_records(site)


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
