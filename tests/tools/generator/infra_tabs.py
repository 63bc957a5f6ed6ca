# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tabs of an RVTools export that have no rows per VM: vSource to vMetaData."""

from __future__ import annotations

from collections.abc import Iterator

from .layout import ClusterPlan, HostPlan, Site, Store, stable_hex, unique, uuid_of
from .site_records import site_records
from .workbook import ExportWriter, Moment, Value

GIB_MIB = 1024
BOOTED_AT = "2026-03-02T05:12:00Z"
TEAMING: tuple[Value, ...] = (False, 0, 0, 0, "loadbalance_srcid", True, True, False, True, True, True)


def write_infrastructure(writer: ExportWriter, site: Site) -> None:
    """Writes the rows of one vCenter."""
    sdk: list[Value] = [site.hostname, site.uuid]
    rows = [("vSource", values) for values in source_rows(site)]
    for cluster in site.clusters:
        rows += [("vRP", values) for values in pool_rows(cluster)]
        rows.append(("vCluster", cluster_values(cluster)))
        for host in cluster.hosts:
            rows += host_rows(site, cluster, host)
    rows += [("dvSwitch", values) for values in switch_rows(site)]
    rows += [("dvPort", values) for values in port_rows(site)]
    rows += [("vDatastore", values) for values in store_rows(site)]
    rows.append(("vLicense", ["vSphere 8 Enterprise Plus", "00000-00000-00000-00000-00000", None, "cpuPackage", 256, 96, "Never", None]))
    rows.append(
        (
            "vFileInfo",
            [
                f"[{first_store(site).name}] images/",
                "old-import.vmdk",
                "VmDiskFileInfo",
                42949672960,
                f"[{first_store(site).name}] images/",
                "old-import.vmdk",
            ],
        )
    )
    rows.append(("vHealth", [first_store(site).name, "Possibly a zombie file: images/old-import.vmdk", "Zombie"]))
    for tab, values in rows:
        writer.add(tab, writer.cells([*values, *sdk]))


def write_metadata(writer: ExportWriter, site: Site) -> None:
    """Writes the one row of vMetaData; the first vCenter is named where an export has several."""
    full = {"3.11": "3.11.9"}.get(writer.version, f"{writer.version}.1.4")
    writer.add("vMetaData", writer.cells([writer.version, full, Moment(site.captured_at), site.hostname]))


def first_store(site: Site) -> Store:
    """A datastore to name in examples."""
    return site.clusters[0].stores[0]


def source_rows(site: Site) -> Iterator[list[Value]]:
    """The row of vSource."""
    yield [
        site.hostname,
        "linux-x64",
        "VirtualCenter",
        f"{site.version}.0",
        site.version,
        None,
        site.build,
        site.product,
        "VMware vCenter Server",
        site.version,
        "vpx",
        "VMware, Inc.",
    ]


def pool_rows(cluster: ClusterPlan) -> Iterator[list[Value]]:
    """Rows of vRP."""
    for place, pool in enumerate(cluster.pools):
        reserved = 0 if pool == "Resources" else 8000
        cpu: list[Value] = [-1, None, reserved, "normal", 4000, True, 100000, 20000, 0, 0, 80000, 80000]
        memory: list[Value] = [0, -1, None, reserved * 4, "normal", 163840, True, 1048576, 262144, 0, 0, 786432, 786432]
        yield [pool, cluster.pool_path(pool), "green", None, None, None, *cpu, *memory, *[0] * 15, f"resgroup-{cluster.moref[8:]}-{place}"]


def cluster_values(cluster: ClusterPlan) -> list[Value]:
    """A row of vCluster."""
    hosts = cluster.hosts
    cores, mhz, memory = (
        sum(host.cores for host in hosts),
        sum(host.cores * host.mhz for host in hosts),
        sum(host.memory_mib for host in hosts),
    )
    size: list[Value] = [len(hosts), len(hosts), mhz, cores, cores * 2, mhz * 9 // 10, memory, memory * 9 // 10, 4711]
    ha: list[Value] = [
        cluster.ha_enabled,
        1,
        cluster.ha_enabled,
        "enabled",
        "allFeasibleDsWithUserPreference",
        "none",
        "medium",
        True,
        3,
        -1,
        30,
        120,
    ]
    drs: list[Value] = ["vmMonitoringDisabled", cluster.drs_enabled, cluster.drs_behavior, 3, cluster.dpm_enabled, "automated", 3]
    return [cluster.name, "green", "green", *size, *ha, *drs, cluster.moref]


def host_rows(site: Site, cluster: ClusterPlan, host: HostPlan) -> list[tuple[str, list[Value]]]:
    """The rows that a host has in vHost, vHBA, vNIC, vSwitch, vPort, vSC_VMK and vMultiPath."""
    where: list[Value] = [host.name, cluster.datacenter, cluster.name]
    digits = stable_hex(site.uuid, host.moref)
    mac = f"b4:96:91:{digits[:2]}:{digits[2:4]}:"
    rows: list[tuple[str, list[Value]]] = [("vHost", [*where, *host_values(cluster, host, digits)])]
    for number in range(2):
        rows.append(
            (
                "vHBA",
                [
                    *where,
                    f"vmhba{number + 2}",
                    "Fibre Channel",
                    "online",
                    59 + number,
                    f"0000:3b:00.{number}",
                    "qlnativefc",
                    "32Gb FC adapter",
                    f"21 00 00 {digits[4:6]}",
                ],
            )
        )
        rows.append(
            (
                "vNIC",
                [
                    *where,
                    f"vmnic{number}",
                    "i40en",
                    25000,
                    True,
                    f"{mac}0{number}",
                    "dvs-prod",
                    f"Uplink {number + 1}",
                    f"0000:5e:00.{number}",
                    False,
                ],
            )
        )
    rows.append(("vSwitch", [*where, "vSwitch0", 128, 116, False, False, False, *TEAMING, 1500]))
    rows.append(("vPort", [*where, "Management Network", "vSwitch0", 10, False, False, False, *TEAMING]))
    standard = [network for network in cluster.networks if network.type == "standard"]
    rows += [
        ("vPort", [*where, network.name, network.switch, vlan_value(network.vlan), False, False, False, *TEAMING]) for network in standard
    ]
    address = f"10.250.{int(digits[:2], 16)}.{int(digits[2:4], 16)}"
    rows.append(
        ("vSC_VMK", [*where, "Management Network", "vmk0", f"{mac}10", False, address, None, "255.255.0.0", "10.250.0.1", None, 1500])
    )
    for store in cluster.stores[:8]:
        if store.type == "VMFS":
            paths: list[Value] = [item for path in range(4) for item in (f"fc.2000{path}:vmhba{2 + path % 2}", "active")]
            device = f"naa.60002ac0{stable_hex(store.name)[:24]}"
            disk: list[Value] = [
                device,
                store.name,
                "VMW_PSP_RR",
                "ok",
                *paths,
                *[None] * 8,
                "supported",
                64,
                "EXAMPLE",
                "VV",
                "3315",
                6,
                None,
                device,
                host.moref,
            ]
            rows.append(("vMultiPath", [host.name, cluster.name, cluster.datacenter, store.name, *disk]))
    return rows


def vlan_value(vlan: str) -> Value:
    """A VLAN as RVTools shows it: a number where it is one; 0 when untagged."""
    return int(vlan) if vlan.isdigit() else vlan or 0


def host_values(cluster: ClusterPlan, host: HostPlan, digits: str) -> list[Value]:
    """A row of vHost behind its first three columns."""
    state: list[Value] = ["green", None, host.maintenance, False, None]
    cpu: list[Value] = [host.cpu_model, host.mhz, True, True, host.sockets, host.cores // host.sockets, host.cores, 31]
    load: list[Value] = [host.memory_mib, "noTiering", 58, 0, 4, 2, host.vm_count, host.vm_count, round(host.vm_count / host.cores, 4)]
    load += [host.vm_count * 4, round(host.vm_count * 4 / host.cores, 4), host.vm_count * 12 * GIB_MIB, host.vm_count * 8 * GIB_MIB, 0, 0]
    support: list[Value] = [
        True,
        True,
        cluster.evc_mode,
        "intel-icelake",
        "vSphere 8 Enterprise Plus",
        "1",
        "1",
        "Balanced",
        "ACPI P-states, ACPI C-states",
        "dynamic",
    ]
    boot: list[Value] = [
        host.version,
        Moment(BOOTED_AT),
        "10.250.0.53",
        False,
        "example.com",
        None,
        "example.com",
        "ntp.example.com",
        True,
        "UTC",
        "UTC",
        0,
    ]
    box: list[Value] = [
        host.vendor,
        host.model,
        f"SN{digits[:8].upper()}",
        f"ST{digits[8:14].upper()}",
        None,
        host.vendor,
        "2.19",
        Moment("2024-06-03T00:00:00Z"),
    ]
    certificate: list[Value] = [
        "CN=CA, DC=example, DC=com",
        Moment("2025-01-10T00:00:00Z"),
        Moment("2030-01-10T00:00:00Z"),
        "good",
        f"CN={host.name}",
    ]
    return [*state, *cpu, *load, *support, *boot, *box, *certificate, host.moref, None, uuid_of(digits)]


def switch_rows(site: Site) -> Iterator[list[Value]]:
    """Rows of dvSwitch."""
    seen: list[tuple[str, str]] = []
    for cluster in site.clusters:
        for network in cluster.networks:
            if network.type == "distributed" and (cluster.datacenter, network.switch) not in seen:
                seen.append((cluster.datacenter, network.switch))
    for number, (datacenter, switch) in enumerate(seen):
        members = sum(len(cluster.hosts) for cluster in site.clusters if cluster.datacenter == datacenter)
        shaping: list[Value] = [False, 100000, 100000, 104857600, False, 100000, 100000, 104857600]
        yield [
            switch,
            datacenter,
            switch,
            "VMware, Inc.",
            "8.0.3",
            None,
            Moment(BOOTED_AT),
            members,
            10000,
            512,
            None,
            *shaping,
            "lldp",
            "both",
            *[None] * 3,
            9000,
            None,
            None,
            f"dvs-{number + 20}",
        ]


def port_rows(site: Site) -> Iterator[list[Value]]:
    """Rows of dvPort."""
    for datacenter in site.datacenters:
        networks = unique(
            network
            for cluster in site.clusters
            if cluster.datacenter == datacenter
            for network in cluster.networks
            if network.type == "distributed"
        )
        for network in networks:
            state: list[Value] = [0, True, False, False, False, "Uplink 1, Uplink 2", None, "loadbalance_loadbased", False]
            shaping: list[Value] = [False, 100000, 100000, 104857600, False, 100000, 100000, 104857600]
            checks: list[Value] = [True, True, False, False, True, False, False, False, 0, True, True, False, False, False, False, False]
            kind = "uplink" if network.uplink else "earlyBinding"
            yield [network.name, network.switch, kind, 128, vlan_value(network.vlan), *state, *shaping, *checks, network.moref]


def store_rows(site: Site) -> Iterator[list[Value]]:
    """Rows of vDatastore, made from the records so that both say the same."""
    mib = 1 << 20
    for record in site_records(site, 0):
        if record["kind"] == "datastore":
            capacity, free = record["capacity_bytes"] // mib, record["free_bytes"] // mib
            size: list[Value] = [None, None, capacity, record["provisioned_bytes"] // mib, capacity - free, free, free * 100 // capacity]
            hosts: list[Value] = [False, 30, record["host_count"], ", ".join(record["hosts"])]
            vmfs: list[Value] = [None, None, None, 1, 65536, 1, 6, "6.82", False] if record["type"] == "VMFS" else [None] * 9
            url = f"ds:///vmfs/volumes/{stable_hex(record['id'])[:24]}/"
            yield [
                record["name"],
                "green",
                record["address"],
                record["accessible"],
                record["type"],
                *size,
                *hosts,
                *vmfs,
                record["host_count"],
                url,
                record["moref"],
            ]
