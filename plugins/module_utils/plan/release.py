# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the waves set free: hosts, cores and licences per vSphere cluster, and when a cluster is empty.

A cluster keeps so many hosts as hold what is left on it as densely as today, by virtual CPUs and by memory, whichever
asks for more; one host fewer than two only when it is empty. Everything that stays, excluded and blocked VMs too, keeps its
share of hosts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..common.artifact import JsonRecord
from .settings import Prices

LEAST_HOSTS: Final = 2
"""A cluster that still runs something keeps two hosts where it has two, for the failure of one."""

LICENSED_CORES_PER_SOCKET: Final = 16
"""vSphere subscriptions count at least 16 cores for a CPU socket (Broadcom KB 313548)."""


@dataclass(frozen=True, slots=True)
class Release:
    """One cluster after one wave. Counts of released things are of everything up to this wave."""

    wave: int
    cluster_id: str
    cluster: str
    vms_left: int
    hosts: int
    hosts_needed: int
    cores_released: int
    licensed_cores_released: int | None
    """None where the sockets of a host are not known"""
    memory_mib_released: int
    empty: bool
    saved_per_year: float | None
    """by the user's prices; None without them"""

    @property
    def hosts_released(self) -> int:
        """Hosts that are not needed any more."""
        return self.hosts - self.hosts_needed


@dataclass(slots=True)
class _Cluster:
    name: str
    hosts: list[tuple[int, int | None, int]] = field(default_factory=list)
    """(cores, licensed cores, memory in MiB) of each host, the one that is set free first in front"""
    vms: int = 0
    cpus: int = 0
    memory_mib: int = 0


class Releases:
    """Collects hosts and VMs of the estate, then follows the waves."""

    def __init__(self) -> None:
        self._clusters: dict[str, _Cluster] = {}
        self._size: dict[str, tuple[str, int, int]] = {}

    def take_host(self, record: JsonRecord) -> None:
        """Notes a host that is in a cluster and whose cores and memory are known."""
        key = record.get("cluster_id") or ""
        cores, memory = record.get("cpu_core_count"), record.get("memory_mib")
        if not key or cores is None or memory is None:
            return
        sockets = record.get("cpu_socket_count")
        licensed = None if not sockets else max(cores, sockets * LICENSED_CORES_PER_SOCKET)
        cluster = self._clusters.setdefault(key, _Cluster(record.get("cluster", "")))
        cluster.hosts.append((cores, licensed, memory))

    def take_vm(self, record: JsonRecord) -> None:
        """Notes a VM, in scope or not; templates take no host."""
        cluster = self._clusters.get(record.get("cluster_id") or "")
        if cluster is None or record.get("template"):
            return
        cpus, memory = record.get("cpu_count") or 0, record.get("memory_mib") or 0
        cluster.vms += 1
        cluster.cpus += cpus
        cluster.memory_mib += memory
        self._size[record["id"]] = (record["cluster_id"], cpus, memory)

    def after(self, waves: Sequence[tuple[int, Iterable[str]]], prices: Prices, moved: Iterable[str] = ()) -> Iterator[Release]:
        """(wave, ids of its VMs) in order → every cluster that a wave changes, after it. `moved` are gone before the first one."""
        left = {key: [cluster.vms, cluster.cpus, cluster.memory_mib] for key, cluster in self._clusters.items()}
        for vm_id in moved:
            self._take_away(vm_id, left)
        for number, vm_ids in waves:
            touched = {self._take_away(vm_id, left) for vm_id in vm_ids} - {""}
            for key in sorted(touched):
                yield self._release(number, key, left[key], prices)

    def _take_away(self, vm_id: str, left: Mapping[str, list[int]]) -> str:
        """Takes a VM from its cluster, whose id is given back; empty for one that is in none."""
        if vm_id not in self._size:
            return ""
        key, *amounts = self._size[vm_id]
        for place, amount in enumerate((1, *amounts)):
            left[key][place] -= amount
        return key

    def _release(self, wave: int, key: str, left: Sequence[int], prices: Prices) -> Release:
        cluster = self._clusters[key]
        needed = _hosts_needed(cluster, left)
        # Small hosts go first: what stays keeps the room.
        freed = sorted(cluster.hosts, key=lambda host: (host[2], host[0]))[: len(cluster.hosts) - needed]
        licensed = [host[1] for host in freed]
        known = [cores for cores in licensed if cores is not None]
        counted = sum(known) if len(known) == len(licensed) else None
        return Release(
            wave=wave,
            cluster_id=key,
            cluster=cluster.name,
            vms_left=left[0],
            hosts=len(cluster.hosts),
            hosts_needed=needed,
            cores_released=sum(host[0] for host in freed),
            licensed_cores_released=counted,
            memory_mib_released=sum(host[2] for host in freed),
            empty=not left[0],
            saved_per_year=_saved(len(freed), counted, prices),
        )


def _hosts_needed(cluster: _Cluster, left: Sequence[int]) -> int:
    """Hosts for what is left, as dense as today."""
    count = len(cluster.hosts)
    if not left[0]:
        return 0
    shares = [amount / whole for amount, whole in zip(left[1:], (cluster.cpus, cluster.memory_mib), strict=True) if whole]
    share = max(shares, default=left[0] / cluster.vms)
    needed = -(-count * share // 1)
    return min(count, max(int(needed), min(LEAST_HOSTS, count)))


def _saved(hosts: int, cores: int | None, prices: Prices) -> float | None:
    given: Mapping[str, float | None] = {"host": prices.per_host_year, "core": prices.per_core_year}
    if all(price is None for price in given.values()) or (prices.per_core_year is not None and cores is None):
        return None
    return hosts * (prices.per_host_year or 0.0) + (cores or 0) * (prices.per_core_year or 0.0)
