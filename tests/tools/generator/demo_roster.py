# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A roster of VMs in groups: what the members of a group share, and what makes single ones particular."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random

from .layout import ClusterPlan, RulePlan, Site, VAppPlan, stable_hex, uuid_of
from .vms import SharedDisk, Sketch

FIRST_NUMBER = 20


@dataclass(frozen=True, slots=True)
class Group:
    """VMs `<prefix>-01` to `<prefix>-<count>`, or one VM `names` each."""

    prefix: str
    count: int
    guest: str
    size: tuple[int, int]
    """virtual CPUs, memory in GiB"""
    disks: tuple[int, ...]
    cluster: str
    networks: tuple[str, ...]
    application: str
    traits: str = ""
    each: Mapping[int, str] = field(default_factory=dict)
    """traits of single members, by their number"""
    names: tuple[str, ...] = ()
    power: str = "poweredOn"
    folder: str = "Servers"
    pool: str = "Resources"
    environment: str = "production"
    criticality: str = "medium"
    vapp: str = ""
    shared: tuple[SharedDisk, ...] = ()
    created: str = ""
    notes: str = ""
    depends_on: str = ""
    """names of VMs that must move before, with a semicolon between them"""
    owner: str = ""
    """who answers for it; made from the application when empty, `-` for nobody"""


@dataclass(frozen=True, slots=True)
class Rule:
    """A DRS rule by the names of its VMs."""

    name: str
    cluster: str
    type: str
    vms: tuple[str, ...]
    enabled: bool = True
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """A vCenter of the demo with its VMs."""

    hostname: str
    captured_at: str
    clusters: Mapping[str, ClusterPlan]
    groups: tuple[Group, ...]
    rules: tuple[Rule, ...]
    attributes: tuple[str, ...] = ("Backup job", "Cost center")
    version: str = "8.0.3"
    build: str = "24322831"


@dataclass(frozen=True, slots=True)
class Member:
    """A VM of the roster with its group, which knows what people say about it."""

    sketch: Sketch
    group: Group


def members(roster: Roster, seed: int) -> list[Member]:
    """Every VM, numbered in the order of the roster."""
    found: list[Member] = []
    for group in roster.groups:
        for place in range(1, (len(group.names) or group.count) + 1):
            number = FIRST_NUMBER + len(found)
            rng = Random(f"{seed}/{roster.hostname}/sketch/{number}")
            found.append(Member(sketch(roster, group, place, number, rng), group))
    return found


def sketch(roster: Roster, group: Group, place: int, number: int, rng: Random) -> Sketch:
    """One member of a group."""
    cluster = roster.clusters[group.cluster]
    names = [network.name for network in cluster.networks]
    year = int(group.created) if group.created else 2019 + rng.randrange(6)
    traits = f"{group.traits} {group.each.get(place, '')}".split()
    team = group.application.lower().replace(" ", "-")
    running = [host for host in cluster.hosts if not host.maintenance]
    return Sketch(
        number=number,
        name=group.names[place - 1] if group.names else f"{group.prefix}-{place:02d}",
        hostname=f"{group.prefix}-{place:02d}.example.com",
        guest=group.guest,
        cluster=cluster,
        host=running[number % len(running)],
        cpu=group.size[0],
        memory_gib=group.size[1],
        disks_gib=group.disks,
        networks=tuple(next(index for index, name in enumerate(names) if network in name) for network in group.networks),
        traits=frozenset(traits),
        folder=group.folder,
        pool=group.pool,
        power="poweredOff" if "off" in traits else group.power,
        vapp=group.vapp,
        notes=group.notes,
        created_at=moment(rng, f"{year}-{1 + rng.randrange(12):02d}"),
        powered_on_at=moment(rng, f"2026-0{1 + rng.randrange(8)}"),
        shared=group.shared,
        tags=(f"Environment/{group.environment}", f"Application/{group.application}"),
        attributes={
            "Backup job": "daily" if group.environment == "production" else "",
            "Cost center": f"cc-{1000 + sum(team.encode()) % 90}",
        },
    )


def moment(rng: Random, month: str) -> str:
    """A moment of that month."""
    return f"{month}-{1 + rng.randrange(28):02d}T{rng.randrange(24):02d}:{rng.randrange(60):02d}:00Z"


def site_of(roster: Roster, found: list[Member], first_number: int) -> Site:
    """The vCenter of a roster, its hosts counting the VMs that were put on them."""
    by_name = {member.sketch.name: member.sketch.number for member in found}
    on_host = Counter(member.sketch.host.name for member in found)
    clusters = tuple(
        replace(plan, hosts=tuple(replace(host, vm_count=on_host[host.name]) for host in plan.hosts)) for plan in roster.clusters.values()
    )
    rules = tuple(
        RulePlan(
            rule.name,
            f"rule-{100 + place}",
            roster.clusters[rule.cluster],
            rule.type,
            tuple(by_name[name] for name in rule.vms),
            enabled=rule.enabled,
            hosts=rule.hosts,
        )
        for place, rule in enumerate(roster.rules)
    )
    by_vm: dict[int, tuple[RulePlan, ...]] = {}
    for rule in rules:
        for number in rule.vms:
            by_vm[number] = (*by_vm.get(number, ()), rule)
    return Site(
        hostname=roster.hostname,
        uuid=uuid_of(stable_hex("demo", roster.hostname)),
        captured_at=roster.captured_at,
        clusters=clusters,
        rules=rules,
        vapps=vapps_of(found),
        version=roster.version,
        build=roster.build,
        attributes=roster.attributes,
        first_number=first_number,
        rules_by_vm=by_vm,
        folders=folders_of(found),
    )


def folders_of(found: list[Member]) -> tuple[tuple[str, str], ...]:
    """(datacenter, path) of every folder that VMs lie in, and of those above it."""
    places: set[tuple[str, str]] = set()
    for member in found:
        parts = member.sketch.folder.split("/")
        places |= {(member.sketch.cluster.datacenter, "/".join(parts[:depth])) for depth in range(1, len(parts) + 1)}
    return tuple(sorted(place for place in places if place[1]))


def vapps_of(found: list[Member]) -> tuple[VAppPlan, ...]:
    """The vApps that the groups name."""
    inside: dict[str, list[Member]] = {}
    for member in found:
        if member.sketch.vapp:
            inside.setdefault(member.sketch.vapp, []).append(member)
    return tuple(
        VAppPlan(name, f"resgroup-v{900 + place}", vms[0].sketch.cluster.datacenter, tuple(vm.sketch.number for vm in vms))
        for place, (name, vms) in enumerate(sorted(inside.items()))
    )
