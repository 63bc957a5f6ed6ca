# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the waves set free: hosts, cores and licences per vSphere cluster, and when a cluster is empty.

A cluster keeps so many hosts as hold what is left on it as densely as today, by virtual CPUs and by memory, whichever
asks for more; one host fewer than two only when it is empty. While a VM is left whose CPUs or memory nobody knows, no host
counts as free. Everything that stays, excluded and blocked VMs too, keeps its
share of hosts.

A VM with a passthrough or vGPU device holds its host, which does not come free while the VM is there; where nobody knows its
host, none comes free. A VM whose devices nobody knows holds no host. Of the other hosts the small ones come free first. That
is an order, not the way in which vSphere would empty them.

The state of hosts is not looked at: one that is disconnected or in maintenance counts as the others do, though it runs nothing.
It makes the cluster look less dense than it is, and can be named as free.

Hosts that come free can be installed anew as worker nodes, for AI workloads among others: each is named with its cores,
memory and CPU. The estate has no devices of hosts, so that their GPUs are not known; that is not none. What VMs on them use
of such devices before they move shows a part of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ..common.artifact import JsonRecord
from .settings import Prices
from .subjects import passthrough_backings

LEAST_HOSTS: Final = 2
"""A cluster that still runs something keeps two hosts where it has two, for the failure of one."""

ACCELERATORS_KNOWN: Final = False
"""The estate's records of hosts have neither PCI devices nor graphics."""

LICENSED_CORES_PER_SOCKET: Final = 16
"""vSphere subscriptions count at least 16 cores for a CPU socket (Broadcom KB 313548)."""


@dataclass(frozen=True, slots=True)
class FreedHost:
    """A host that is needed no more, and could be installed anew. Its accelerators are not known."""

    id: str
    name: str
    cores: int
    licensed_cores: int | None
    """None where its sockets are not known"""
    memory_mib: int
    cpu_model: str
    """as the host reports it; empty where nobody knows"""
    cpu_baseline: str
    """highest EVC baseline of its CPUs, which names their generation; empty where nobody knows"""
    devices: tuple[tuple[str, int], ...] = ()
    """passthrough and vGPU devices of the VMs that were on it, and how often: it has more, if anything"""


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
    freed: tuple[FreedHost, ...] = ()
    """the released hosts, as they came free"""
    freed_before: int = 0
    """how many of them, the first ones, were free before this wave"""

    @property
    def freed_now(self) -> tuple[FreedHost, ...]:
        """Hosts that come free with this wave."""
        return self.freed[self.freed_before :]

    @property
    def hosts_released(self) -> int:
        """Hosts that are not needed any more."""
        return self.hosts - self.hosts_needed


@dataclass(slots=True)
class _Cluster:
    name: str
    hosts: list[FreedHost] = field(default_factory=list)
    vms: int = 0
    cpus: int = 0
    memory_mib: int = 0
    unsized: int = 0
    """VMs whose CPUs or memory nobody knows"""
    devices: dict[str, dict[str, int]] = field(default_factory=dict)
    """name of a host to the devices that VMs on it have"""


@dataclass(slots=True)
class _State:
    """What is left of a cluster, and which of its hosts are free."""

    left: list[int]
    """VMs, CPUs, memory and VMs of unknown size"""
    holders: dict[str, int]
    """name of a host to the VMs that hold it; empty for VMs whose host nobody knows"""
    waiting: list[FreedHost]
    """hosts that are not free, in the order in which they come free"""
    freed: list[FreedHost] = field(default_factory=list)

    def settle(self, cluster: _Cluster) -> int:
        """Frees what is needed no more; gives back how many hosts are needed."""
        held = {host.id for host in self.waiting if self.holders.get(host.name)}
        needed = len(cluster.hosts) if self.holders.get("") else max(_hosts_needed(cluster, self.left), len(held))
        loose = [host for host in self.waiting if host.id not in held]
        self.freed += loose[: len(self.waiting) - needed]
        free = {host.id for host in self.freed}
        self.waiting = [host for host in self.waiting if host.id not in free]
        return needed


class Releases:
    """Collects hosts and VMs of the estate, then follows the waves."""

    def __init__(self) -> None:
        self._clusters: dict[str, _Cluster] = {}
        self._size: dict[str, tuple[str, int, int, int]] = {}
        self._held: dict[str, str] = {}
        """VM to the name of the host that it holds"""

    def take_host(self, record: JsonRecord) -> None:
        """Notes a host that is in a cluster and whose cores and memory are known."""
        key = record.get("cluster_id") or ""
        cores, memory = record.get("cpu_core_count"), record.get("memory_mib")
        if not key or cores is None or memory is None:
            return
        sockets = record.get("cpu_socket_count")
        licensed = None if not sockets else max(cores, sockets * LICENSED_CORES_PER_SOCKET)
        cluster = self._clusters.setdefault(key, _Cluster(record.get("cluster", "")))
        name, model, baseline = (str(record.get(fact) or "") for fact in ("name", "cpu_model", "evc_mode_possible"))
        cluster.hosts.append(FreedHost(record["id"], name, cores, licensed, memory, model, baseline))

    def take_vm(self, record: JsonRecord) -> None:
        """Notes a VM, in scope or not; templates take no host."""
        cluster = self._clusters.get(record.get("cluster_id") or "")
        if cluster is None or record.get("template"):
            return
        unsized = int("cpu_count" not in record or "memory_mib" not in record)
        cpus, memory = record.get("cpu_count", 0), record.get("memory_mib", 0)
        cluster.vms += 1
        cluster.cpus += cpus
        cluster.memory_mib += memory
        cluster.unsized += unsized
        self._size[record["id"]] = (record["cluster_id"], cpus, memory, unsized)
        for backing in passthrough_backings(record.get("devices")):
            host = self._held[record["id"]] = record.get("host") or ""
            seen = cluster.devices.setdefault(host, {})
            seen[backing] = seen.get(backing, 0) + 1

    def after(self, waves: Sequence[tuple[int, Iterable[str]]], prices: Prices, moved: Iterable[str] = ()) -> Iterator[Release]:
        """(wave, ids of its VMs) in order → every cluster that a wave changes, after it. `moved` are gone before the first one."""
        states = self._states()
        for vm_id in moved:
            self._take_away(vm_id, states)
        for key, state in states.items():
            state.settle(self._clusters[key])
        for number, vm_ids in waves:
            touched = {self._take_away(vm_id, states) for vm_id in vm_ids} - {""}
            for key in sorted(touched):
                yield self._release(number, key, states[key], prices)

    def _states(self) -> dict[str, _State]:
        """The clusters as they are today."""
        found = {
            key: _State([cluster.vms, cluster.cpus, cluster.memory_mib, cluster.unsized], {}, _in_order(cluster))
            for key, cluster in self._clusters.items()
        }
        for vm_id, host in self._held.items():
            holders = found[self._size[vm_id][0]].holders
            holders[host] = holders.get(host, 0) + 1
        return found

    def _take_away(self, vm_id: str, states: Mapping[str, _State]) -> str:
        """Takes a VM from its cluster, whose id is given back; empty for one that is in none."""
        if vm_id not in self._size:
            return ""
        key, *amounts = self._size[vm_id]
        state = states[key]
        for place, amount in enumerate((1, *amounts)):
            state.left[place] -= amount
        if vm_id in self._held:
            state.holders[self._held[vm_id]] -= 1
        return key

    def _release(self, wave: int, key: str, state: _State, prices: Prices) -> Release:
        cluster = self._clusters[key]
        before = len(state.freed)
        needed = state.settle(cluster)
        freed = tuple(state.freed)
        counted = licensed_of(freed)
        return Release(
            wave=wave,
            cluster_id=key,
            cluster=cluster.name,
            vms_left=state.left[0],
            hosts=len(cluster.hosts),
            hosts_needed=needed,
            cores_released=sum(host.cores for host in freed),
            licensed_cores_released=counted,
            memory_mib_released=sum(host.memory_mib for host in freed),
            empty=not state.left[0],
            saved_per_year=_saved(len(freed), counted, prices),
            freed=freed,
            freed_before=before,
        )


def licensed_of(hosts: Iterable[FreedHost]) -> int | None:
    """Cores that a subscription counts for hosts; None where the sockets of one are not known."""
    found = [host.licensed_cores for host in hosts]
    known = [cores for cores in found if cores is not None]
    return sum(known) if len(known) == len(found) else None


def cpus_of(hosts: Iterable[FreedHost]) -> dict[str, int]:
    """CPU models of hosts, with the EVC baseline that tells their generation, and how many hosts have them; unknown ones are left out."""
    found: dict[str, int] = {}
    for host in hosts:
        if host.cpu_model:
            words = f"{host.cpu_model} ({host.cpu_baseline})" if host.cpu_baseline else host.cpu_model
            found[words] = found.get(words, 0) + 1
    return dict(sorted(found.items()))


def devices_of(hosts: Iterable[FreedHost]) -> dict[str, int]:
    """Passthrough and vGPU devices that VMs on these hosts use, and how many."""
    found: dict[str, int] = {}
    for host in hosts:
        for backing, count in host.devices:
            found[backing] = found.get(backing, 0) + count
    return dict(sorted(found.items()))


def _in_order(cluster: _Cluster) -> list[FreedHost]:
    """The hosts as they come free where nothing holds them: the small ones first, so that what stays keeps the room."""
    hosts = sorted(cluster.hosts, key=lambda host: (host.memory_mib, host.cores, host.id))
    return [replace(host, devices=tuple(sorted(cluster.devices.get(host.name, {}).items()))) for host in hosts]


def _hosts_needed(cluster: _Cluster, left: Sequence[int]) -> int:
    """Hosts for what is left, as dense as today."""
    count = len(cluster.hosts)
    if not left[0]:
        return 0
    if left[3]:
        return count
    shares = [amount / whole for amount, whole in zip(left[1:3], (cluster.cpus, cluster.memory_mib), strict=True) if whole]
    share = max(shares, default=left[0] / cluster.vms)
    needed = -(-count * share // 1)
    return min(count, max(int(needed), min(LEAST_HOSTS, count)))


def _saved(hosts: int, cores: int | None, prices: Prices) -> float | None:
    given: Mapping[str, float | None] = {"host": prices.per_host_year, "core": prices.per_core_year}
    if all(price is None for price in given.values()) or (prices.per_core_year is not None and cores is None):
        return None
    return hosts * (prices.per_host_year or 0.0) + (cores or 0) * (prices.per_core_year or 0.0)
