# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a live vCenter shows beyond an RVTools export: further facts of every object, and kinds that no export has."""

from __future__ import annotations

from collections.abc import Iterator

from .layout import ClusterPlan, HostPlan, PortGroup, Record, RulePlan, Site, stable_hex, uuid_of

DAYS = 30
GATEWAY_HOST = 1
NAME_SERVERS = ("10.0.0.53", "10.0.1.53")
LICENSE = "vSphere 8 Enterprise Plus"
ROOT_FOLDERS = (("vm", "v"), ("host", "h"), ("datastore", "s"), ("network", "n"))
"""Folder types below a datacenter, and the letter that their ids have."""

TOOLS_RUNNING = {"toolsOk": "guestToolsRunning", "toolsOld": "guestToolsRunning"}
TOOLS_VERSIONS = {"toolsNotInstalled": "guestToolsNotInstalled", "toolsOld": "guestToolsSupportedOld"}


# ---- records of kinds that no export has ----------------------------------------------------------------------------


def further_records(site: Site) -> Iterator[Record]:
    """Switches, folders, licences and DRS groups of a vCenter."""
    for datacenter, name in site.switches:
        yield site.record("switch", site.switch_moref(datacenter, name), name, _switch_facts(site, datacenter, name))
    yield from _folders(site)
    yield from _licenses(site)
    for rule in site.rules:
        if rule.type == "vm_host":
            yield from _groups(site, rule)


def _switch_facts(site: Site, datacenter: str, name: str) -> Record:
    inside = [
        cluster for cluster in site.clusters if cluster.datacenter == datacenter and any(net.switch == name for net in cluster.networks)
    ]
    return {
        "datacenter": datacenter,
        "version": "8.0.3",
        "mtu": 9000,
        "port_count": 8 * sum(len(cluster.networks) for cluster in inside),
        "uplinks": ["uplink1", "uplink2"],
        "private_vlans": [],
        "hosts": sorted(host.name for cluster in inside for host in cluster.hosts),
    }


def _folders(site: Site) -> Iterator[Record]:
    yield site.record("folder", "group-d1", "Datacenters", {"datacenter": "", "path": "", "type": "datacenter"})
    for place, datacenter in enumerate(site.datacenters):
        for kind, letter in ROOT_FOLDERS:
            yield site.record("folder", f"group-{letter}{10 + place}", kind, {"datacenter": datacenter, "path": "", "type": kind})
    for number, (datacenter, path) in enumerate(site.folders):
        yield site.record(
            "folder", f"group-v{100 + number}", path.rpartition("/")[2], {"datacenter": datacenter, "path": path, "type": "vm"}
        )


def _licenses(site: Site) -> Iterator[Record]:
    sockets = sum(host.sockets for cluster in site.clusters for host in cluster.hosts)
    plans = (
        ("esx.enterprisePlus.cpuPackageCoreLimited", LICENSE, "cpuPackage", sockets + 8, sockets),
        ("vc.standard.instance", "vCenter Server 8 Standard", "server", 1, 1),
    )
    for edition, name, unit, total, used in plans:
        facts = {"edition": edition, "unit": unit, "total_count": total, "used_count": used, "expires_at": ""}
        yield site.record("license", f"license-{edition}", name, facts)


def _groups(site: Site, rule: RulePlan) -> Iterator[Record]:
    facts = {"cluster_id": f"{site.uuid}/{rule.cluster.moref}"}
    vm_ids = [site.vm_id(number) for number in rule.vms]
    yield site.record("drs_group", f"{rule.moref}-vms", f"{rule.name}-vms", {**facts, "type": "vm", "vm_ids": vm_ids, "hosts": []})
    hosts = sorted(rule.hosts)
    yield site.record("drs_group", f"{rule.moref}-hosts", f"{rule.name}-hosts", {**facts, "type": "host", "vm_ids": [], "hosts": hosts})


# ---- further facts of other objects ---------------------------------------------------------------------------------


def cluster_further(cluster: ClusterPlan) -> Record:
    """Settings of High Availability and power management, and threads."""
    return {
        "ha_host_monitoring": "enabled" if cluster.ha_enabled else "disabled",
        "ha_vm_monitoring": "vmMonitoringDisabled",
        "ha_restart_priority": "medium",
        "dpm_behavior": "automated" if cluster.dpm_enabled else "manual",
        "cpu_thread_count": 2 * sum(host.cores for host in cluster.hosts),
    }


def host_further(site: Site, cluster: ClusterPlan, host: HostPlan) -> Record:
    """State, licence and load of a host."""
    digits = stable_hex("host", site.uuid, host.moref)
    share = 20 + int(digits[:2], 16) % 50
    return {
        "build": host.version.rpartition("-")[2],
        "uuid": uuid_of(digits),
        "connection_state": "connected",
        "power_state": "poweredOn",
        "license": LICENSE,
        "cpu_thread_count": 2 * host.cores,
        "cpu_usage_mhz": host.cores * host.mhz * share // 100,
        "memory_usage_mib": host.memory_mib * (share + 10) // 100,
        "evc_mode_possible": cluster.evc_mode or "intel-broadwell",
    }


def store_further(host_count: int) -> Record:
    """State of a datastore."""
    return {"multiple_host_access": host_count > 1, "maintenance_mode": "normal", "datastore_cluster": ""}


def network_further(site: Site, datacenter: str, network: PortGroup) -> Record:
    """The switch of a network."""
    distributed = network.type == "distributed"
    return {"switch_id": f"{site.uuid}/{site.switch_moref(datacenter, network.switch)}" if distributed else ""}


def pool_further(cluster: ClusterPlan) -> Record:
    """Cluster and shares of a resource pool."""
    return {"cluster": cluster.name, "cpu_shares": 4000, "cpu_expandable": True, "memory_shares": 163840, "memory_expandable": True}


def rule_further(rule: RulePlan) -> Record:
    """The groups of a DRS rule."""
    bound = rule.type == "vm_host"
    return {
        "vm_group": f"{rule.name}-vms" if bound else "",
        "host_group": f"{rule.name}-hosts" if bound else "",
        "affine": bound,
        "depends_on_group": "",
    }


# ---- further facts of a VM ------------------------------------------------------------------------------------------


def vm_further(facts: Record) -> Record:
    """Shares, history, settings and guest network of a VM, worked out from what is known of it; its parts get their further facts too."""
    for disk in facts["disks"]:
        disk.update({"storage_policy": "encrypted" if disk["encrypted"] else "", "io_filters": []})
    for nic in facts["nics"]:
        nic.update({"cidrs": [f"{ip}/{64 if ':' in ip else 24}" for ip in nic["ips"]], "dhcp": False})
    _name_snapshots(facts["snapshots"])
    return {
        "cpu_shares": 1000 * facts["cpu_count"],
        "memory_shares": 10 * facts["memory_mib"],
        **_history(facts),
        "key_provider": "kms-01" if facts["encrypted"] else "",
        "storage_policy": "encrypted" if facts["encrypted"] else "",
        "advanced_settings": _settings(facts),
        "drs_behavior": "",
        **_guest(facts),
    }


def _name_snapshots(snapshots: list[Record]) -> None:
    ids = {snapshot["name"]: f"snapshot-{place + 1}" for place, snapshot in enumerate(snapshots)}
    for place, snapshot in enumerate(snapshots):
        current = place == len(snapshots) - 1
        snapshot.update({"id": ids[snapshot["name"]], "parent_id": ids.get(snapshot["parent"], ""), "current": current})


def _history(facts: Record) -> Record:
    """Figures of the last month: the load at capture is taken for the average."""
    cpu, memory = facts["cpu_usage_mhz"], facts["active_memory_mib"]
    written = cpu // 4
    return {
        "performance_days": DAYS,
        "cpu_usage_average_mhz": cpu,
        "cpu_usage_p95_mhz": cpu * 7 // 5,
        "cpu_usage_peak_mhz": cpu * 2,
        "active_memory_average_mib": memory,
        "active_memory_p95_mib": memory * 6 // 5,
        "active_memory_peak_mib": memory * 3 // 2,
        "disk_write_average_kib_per_s": written,
        "disk_write_p95_kib_per_s": written * 4,
        "disk_write_peak_kib_per_s": written * 12,
    }


def _settings(facts: Record) -> dict[str, str]:
    settings = {}
    if facts["change_tracking_enabled"]:
        settings["ctkEnabled"] = "TRUE"
    if facts["disk_enable_uuid"]:
        settings["disk.EnableUUID"] = "TRUE"
    if facts["numa_node_affinity"]:
        settings["numa.nodeAffinity"] = ",".join(str(node) for node in facts["numa_node_affinity"])
    return settings


def _guest(facts: Record) -> Record:
    state = facts["tools_status"]
    plain = [ip for ip in facts["guest_ips"] if ":" not in ip]
    return {
        "guest_gateways": [f"{plain[0].rpartition('.')[0]}.{GATEWAY_HOST}"] if plain else [],
        "guest_dns_servers": list(NAME_SERVERS) if plain else [],
        "tools_running_status": TOOLS_RUNNING.get(state, "guestToolsNotRunning"),
        "tools_version_status": TOOLS_VERSIONS.get(state, "guestToolsCurrent"),
    }
