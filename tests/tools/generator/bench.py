# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Estates of any size for benchmarks: every fact known, and for every rule VMs on both of its sides."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from .layout import ClusterPlan, HostPlan, PortGroup, Record, RulePlan, Site, Store, VAppPlan, stable_hex, uuid_of
from .vms import SharedDisk, Sketch, vm_record

VMS_PER_SITE = 25000
VMS_PER_CLUSTER = 1000
VMS_PER_HOST = 40
PAIR_EVERY = 100
MANY_DISKS_EVERY = 900
CAPTURED_AT = "2026-09-14T04:30:00Z"
ATTRIBUTES = ("Backup status", "Cost center", "Last backup", "Owner")

GUEST_SHARES = (
    ("rhel7", 8),
    ("rhel8", 20),
    ("rhel9", 14),
    ("win2016", 9),
    ("win2019", 16),
    ("win2022", 13),
    ("win2012r2", 4),
    ("win2008r2", 2),
    ("win10", 2),
    ("rhel6", 2),
    ("centos7", 3),
    ("ubuntu", 3),
    ("sles15", 2),
    ("oracle8", 1),
    ("photon", 1),
)
GUEST_WHEEL = tuple(name for name, share in GUEST_SHARES for _turn in range(share))

TRAIT_SHARES = (
    ("no_cbt", 0.06),
    ("disk_no_cbt", 0.03),
    ("consolidate", 0.015),
    ("cpu_affinity", 0.008),
    ("hot_add", 0.15),
    ("hot_remove", 0.01),
    ("memory_hot_add", 0.03),
    ("no_datastore", 0.003),
    ("independent", 0.015),
    ("enable_uuid", 0.2),
    ("no_capacity", 0.002),
    ("fault_tolerant", 0.01),
    ("full_root", 0.012),
    ("full_boot", 0.008),
    ("full_data", 0.008),
    ("no_disk_keys", 0.05),
    ("no_hostname", 0.02),
    ("default_hostname", 0.01),
    ("no_ip", 0.02),
    ("numa", 0.008),
    ("passthrough", 0.004),
    ("vgpu", 0.003),
    ("rdm", 0.015),
    ("rdm_physical", 0.5),
    ("sriov", 0.004),
    ("snapshot", 0.1),
    ("old_snapshot", 0.03),
    ("big_snapshot", 0.01),
    ("tpm", 0.03),
    ("usb", 0.05),
    ("usb_device", 0.004),
    ("iso", 0.02),
    ("floppy", 0.03),
    ("tools_old", 0.1),
    ("thick", 0.2),
    ("secure_boot", 0.2),
    ("reserved", 0.03),
    ("limited", 0.01),
    ("encrypted", 0.01),
    ("important", 0.1),
    ("e1000", 0.04),
    ("old_hardware", 0.03),
)
APPLICATIONS = ("erp", "crm", "web", "dwh", "mail", "hr", "files", "build", "monitor", "portal", "billing", "lab")
ROLES = ("app", "db", "web", "batch", "cache", "mq")
ENVIRONMENTS = ("Production", "Test", "Development", "Staging")
CPU_SIZES = (1, 2, 2, 2, 4, 4, 4, 8, 8, 16)
MEMORY_SIZES = (2, 4, 4, 8, 8, 8, 16, 16, 32, 64)
DISK_SIZES = (20, 40, 40, 60, 80, 100, 100, 200, 500, 1000)


def bench_sites(count: int, seed: int) -> list[tuple[Site, int]]:
    """The vCenters of an estate and how many VMs each has."""
    sites: list[tuple[Site, int]] = []
    while count > 0:
        here = min(count, VMS_PER_SITE)
        sites.append((bench_site(len(sites), here, seed), here))
        count -= here
    return sites


def bench_site(place: int, count: int, seed: int) -> Site:
    """One vCenter for a number of VMs."""
    cluster_count = max(2, -(-count // VMS_PER_CLUSTER))
    networks = tuple(
        tuple(
            PortGroup(f"vlan-{100 + number}", f"dvportgroup-{100 * half + number}", vlan=str(100 + number), switch=f"dvs-{half}")
            for number in range(24)
        )
        for half in (1, 2)
    )
    clusters = tuple(bench_cluster(place, number, cluster_count, count, networks[number % 2]) for number in range(cluster_count))
    rules = tuple(bench_rules(clusters, count))
    by_vm: dict[int, tuple[RulePlan, ...]] = {}
    for rule in rules:
        for number in rule.vms:
            by_vm[number] = (*by_vm.get(number, ()), rule)
    vapps = tuple(
        VAppPlan(f"vapp-{first:06d}", f"resgroup-v{10000 + first}", clusters[0].datacenter, (first, first + 1, first + 2))
        for first in vapp_starts(count)
    )
    return Site(
        hostname=f"vc-{place + 1:02d}.example.com",
        uuid=uuid_of(stable_hex("site", seed, place)),
        captured_at=CAPTURED_AT,
        clusters=clusters,
        rules=rules,
        vapps=vapps,
        attributes=ATTRIBUTES,
        first_number=place * VMS_PER_SITE,
        rules_by_vm=by_vm,
        vapp_names={number: vapp.name for vapp in vapps for number in vapp.vms},
        folders=bench_folders(clusters),
    )


def bench_folders(clusters: tuple[ClusterPlan, ...]) -> tuple[tuple[str, str], ...]:
    """In every datacenter a folder per environment, and in it one per application."""
    paths = [*ENVIRONMENTS, *(f"{environment}/{application}" for environment in ENVIRONMENTS for application in APPLICATIONS)]
    return tuple(sorted((datacenter, path) for datacenter in {cluster.datacenter for cluster in clusters} for path in paths))


def bench_cluster(place: int, number: int, cluster_count: int, count: int, networks: tuple[PortGroup, ...]) -> ClusterPlan:
    """One cluster: DRS is off in every fourth, DPM is on in every fifth."""
    vms = len(range(number, count, cluster_count))
    host_count = max(3, -(-vms // VMS_PER_HOST))
    prefix = f"{place + 1:02d}-{number:02d}"
    hosts = tuple(
        HostPlan(f"esx-{prefix}-{host:02d}.example.com", f"host-{1000 + number * 100 + host}", vm_count=len(range(host, vms, host_count)))
        for host in range(host_count)
    )
    stores = tuple(Store(f"ds-{prefix}-{store:02d}", f"datastore-{1000 + number * 100 + store}") for store in range(max(4, vms // 50)))
    return ClusterPlan(
        name=f"cluster-{number:02d}",
        moref=f"domain-c{100 + number}",
        datacenter=f"dc-{number % 2 + 1}",
        hosts=hosts,
        stores=stores,
        networks=networks,
        pools=("Resources", "Gold", "Silver"),
        drs_enabled=number % 4 != 1,
        dpm_enabled=number % 5 == 4 or number == 0,
    )


def bench_rules(clusters: tuple[ClusterPlan, ...], count: int) -> Iterator[RulePlan]:
    """DRS rules: pairs kept apart, and VMs bound to hosts."""
    step = len(clusters)
    for number in range(0, count - step, 50):
        cluster = clusters[number % step]
        yield RulePlan(f"apart-{number:06d}", f"rule-{10000 + number}", cluster, "anti_affinity", (number, number + step))
    for number in range(7, count, 60):
        cluster = clusters[number % step]
        hosts = tuple(host.name for host in cluster.hosts[:2])
        yield RulePlan(
            f"licensed-{number:06d}",
            f"rule-{10000 + number}-h",
            cluster,
            "vm_host",
            (number,),
            mandatory=True,
            hosts=hosts,
            enabled=number % 7 != 0,
        )


def vapp_starts(count: int) -> range:
    """Numbers of the first VM of each vApp of three."""
    return range(30, count - 3, 500)


def bench_sketch(site: Site, number: int, rng: Random) -> Sketch:
    """The VM with this number, drawn at random."""
    cluster = site.clusters[number % len(site.clusters)]
    host = cluster.hosts[number // len(site.clusters) % len(cluster.hosts)]
    bits = rng.getrandbits(62)
    guest = GUEST_WHEEL[bits % 100]
    application = APPLICATIONS[(bits >> 7) % 12]
    environment = ENVIRONMENTS[(bits >> 11) & 3]
    random = rng.random
    traits = frozenset([trait for trait, share in TRAIT_SHARES if random() < share])
    name = f"{application}-{ROLES[(bits >> 13) % 6]}-{number:06d}"
    if bits >> 16 & 31 == 0:
        name = f"{application} server_{number:06d}"
    disk_count = 166 + number % 3 if number % MANY_DISKS_EVERY == 13 else 1 + (bits >> 21) % 5
    base = number // PAIR_EVERY * PAIR_EVERY
    shared: tuple[SharedDisk, ...] = ()
    if number - base in (10, 11):
        first = site.clusters[(base + 10) % len(site.clusters)].stores[0].name
        shared = (SharedDisk(f"[{first}] cluster-{base:06d}/quorum.vmdk", 100),)
    return Sketch(
        number=number,
        name=name,
        guest=guest,
        cluster=cluster,
        host=host,
        cpu=CPU_SIZES[(bits >> 24) % 10],
        memory_gib=MEMORY_SIZES[(bits >> 28) % 10],
        disks_gib=tuple(DISK_SIZES[(bits >> (32 + disk % 20)) % 10] for disk in range(disk_count)),
        networks=tuple((bits >> (40 + nic)) % 24 for nic in range(1 + (bits >> 44) % 3)),
        traits=traits | {"partitions_kept"},
        folder=f"{environment}/{application}",
        pool=cluster.pools[(bits >> 50) % 3],
        power="poweredOff" if bits >> 52 & 31 == 0 else "poweredOn",
        vapp=site.vapp_names.get(number, ""),
        notes=f"Installed from the {guest} template, request {number:06d}." if bits >> 57 & 1 else "",
        created_at=f"20{15 + (bits >> 54) % 11}-{1 + (bits >> 5) % 12:02d}-{1 + (bits >> 9) % 28:02d}T08:15:00Z",
        powered_on_at=f"2026-{1 + (bits >> 6) % 8:02d}-{1 + (bits >> 10) % 28:02d}T02:10:00Z",
        shared=shared,
        tags=(f"Environment/{environment}", f"Application/{application}"),
        attributes={
            "Backup status": "OK",
            "Cost center": f"cc-{1000 + number % 97}",
            "Last backup": "2026-09-13",
            "Owner": f"team-{application}@example.com",
        },
        annotations=bench_annotations(application, environment, bits),
    )


def bench_annotations(application: str, environment: str, bits: int) -> Record:
    """What people say about the VM."""
    return {
        "owner": f"team-{application}@example.com",
        "application": application,
        "environment": environment.lower(),
        "criticality": ("low", "medium", "high")[bits % 3],
        "downtime_tolerance_minutes": (15, 60, 240, 1440)[bits >> 3 & 3],
        "depends_on": [],
        "change_window": ("Sat 20:00-24:00", "Sun 02:00-06:00", "any night")[(bits >> 5) % 3],
    }


def bench_vms(site: Site, numbers: Iterator[int] | range, seed: int) -> Iterator[Record]:
    """The records of VMs by their numbers, each independent of all others."""
    for number in numbers:
        rng = Random(f"{seed}/{site.hostname}/{number}")
        yield vm_record(bench_sketch(site, number, rng), site, rng)
