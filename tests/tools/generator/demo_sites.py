# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two vCenters of the demo estate: clusters, hosts, datastores and port groups."""

from __future__ import annotations

from dataclasses import replace

from .layout import ClusterPlan, HostPlan, PortGroup, Store

NORTH, SOUTH = "vc-north.example.com", "vc-south.example.com"
NEWER = HostPlan("", "", model="R2-760", cpu_model="Intel(R) Xeon(R) Gold 6430 CPU @ 2.10GHz", mhz=2100)
OLDER = HostPlan(
    "",
    "",
    model="R2-730",
    cpu_model="Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz",
    mhz=2400,
    cores=28,
    memory_mib=524288,
    version="VMware ESXi 7.0.3 build-23794027",
)


def hosts(prefix: str, first: int, count: int, like: HostPlan, *, maintenance: int = -1) -> tuple[HostPlan, ...]:
    """Hosts of one kind; `maintenance` is the place of one that is being serviced."""
    return tuple(
        replace(like, name=f"{prefix}-{number + 1:02d}.example.com", moref=f"host-{first + number}", maintenance=number == maintenance)
        for number in range(count)
    )


def stores(first: int, *plans: tuple[str, str, int, int]) -> tuple[Store, ...]:
    """Datastores: name, type, capacity and free space in GiB."""
    return tuple(
        Store(name, f"datastore-{first + place}", kind, capacity, free) for place, (name, kind, capacity, free) in enumerate(plans)
    )


def port_groups(first: int, switch: str, *plans: tuple[str, str]) -> tuple[PortGroup, ...]:
    """Distributed port groups (name, VLAN), then the uplinks, then an old standard one."""
    groups = [PortGroup(name, f"dvportgroup-{first + place}", vlan, switch) for place, (name, vlan) in enumerate(plans)]
    groups.append(PortGroup(f"{switch}-uplinks", f"dvportgroup-{first + 90}", "0-4094", switch, uplink=True))
    groups.append(PortGroup("VM Network", f"network-{first + 91}", "", "vSwitch0", type="standard"))
    return tuple(groups)


SOUTH_NETS = port_groups(
    100,
    "dvs-south",
    ("app-vlan-110", "110"),
    ("web-vlan-120", "120"),
    ("db-vlan-130", "130"),
    ("mgmt-vlan-10", "10"),
    ("backup-vlan-300", "300"),
    ("vdi-vlan-400", "400"),
    ("nfv-trunk", "500-520"),
)
SOUTH_GOLD = stores(
    100,
    ("south-gold-01", "VMFS", 20480, 6144),
    ("south-gold-02", "VMFS", 20480, 5120),
    ("south-silver-01", "VMFS", 30720, 2048),
)
SOUTH_DB = stores(120, ("south-db-01", "VMFS", 40960, 9216), ("south-db-02", "VMFS", 40960, 11264))
SOUTH_LAB = stores(140, ("south-lab-nfs", "NFS", 10240, 4096), ("south-vsan", "vsan", 24576, 12288))

SOUTH_CLUSTERS = {
    "prod": ClusterPlan(
        "south-prod-01",
        "domain-c101",
        "dc-south",
        hosts("esx-s-prod", 100, 8, NEWER, maintenance=7),
        SOUTH_GOLD,
        SOUTH_NETS,
        pools=("Resources", "gold", "silver"),
    ),
    "db": ClusterPlan(
        "south-db-01", "domain-c102", "dc-south", hosts("esx-s-db", 120, 4, NEWER), SOUTH_DB, SOUTH_NETS, drs_behavior="partiallyAutomated"
    ),
    "gpu": ClusterPlan(
        "south-gpu-01", "domain-c103", "dc-south", hosts("esx-s-gpu", 140, 2, NEWER), SOUTH_GOLD[:1], SOUTH_NETS, drs_enabled=False
    ),
    "lab": ClusterPlan(
        "south-lab-01",
        "domain-c104",
        "dc-south",
        hosts("esx-s-lab", 160, 3, OLDER),
        SOUTH_LAB,
        SOUTH_NETS,
        dpm_enabled=True,
        evc_mode="intel-broadwell",
    ),
}

NORTH_NETS = port_groups(
    100,
    "dvs-north",
    ("n-app-vlan-210", "210"),
    ("n-web-vlan-220", "220"),
    ("n-db-vlan-230", "230"),
    ("n-mgmt-vlan-20", "20"),
    ("n-backup-vlan-310", "310"),
    ("n-dmz-vlan-600", "600"),
    ("n-plant-vlan-700", "700"),
)
DR_NETS = port_groups(300, "dvs-dr", ("dr-vlan-210", "210"), ("dr-vlan-230", "230"))
NORTH_GOLD = stores(
    100, ("north-gold-01", "VMFS", 20480, 3072), ("north-gold-02", "VMFS", 20480, 4096), ("north-bronze-01", "NFS", 30720, 8192)
)
NORTH_OLD = stores(120, ("north-old-01", "VMFS", 8192, 512), ("north-old-02", "VMFS", 8192, 768))
DR_STORES = stores(140, ("dr-gold-01", "VMFS", 20480, 14336))

NORTH_CLUSTERS = {
    "prod": ClusterPlan(
        "north-prod-01", "domain-c201", "dc-north", hosts("esx-n-prod", 200, 6, NEWER), NORTH_GOLD, NORTH_NETS, pools=("Resources", "gold")
    ),
    "old": ClusterPlan(
        "north-old-01",
        "domain-c202",
        "dc-north",
        hosts("esx-n-old", 220, 4, OLDER, maintenance=3),
        NORTH_OLD,
        NORTH_NETS,
        drs_enabled=False,
        drs_behavior="manual",
        evc_mode="",
    ),
    "dmz": ClusterPlan("north-dmz-01", "domain-c203", "dc-north", hosts("esx-n-dmz", 240, 3, NEWER), NORTH_GOLD[:1], NORTH_NETS),
    "dr": ClusterPlan("north-dr-01", "domain-c204", "dc-north-dr", hosts("esx-n-dr", 260, 3, NEWER), DR_STORES, DR_NETS, dpm_enabled=True),
}
