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
    folders: tuple[tuple[str, str], ...] = ()
    """(datacenter, path) of the folders for VMs, sorted."""

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

    @property
    def switches(self) -> tuple[tuple[str, str], ...]:
        """(datacenter, name) of the distributed switches, sorted."""
        groups = ((cluster.datacenter, network) for cluster in self.clusters for network in cluster.networks)
        return tuple(sorted({(datacenter, network.switch) for datacenter, network in groups if network.type == "distributed"}))

    def switch_moref(self, datacenter: str, name: str) -> str:
        """The managed object id of a distributed switch."""
        return f"dvs-{1000 + self.switches.index((datacenter, name))}"

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
