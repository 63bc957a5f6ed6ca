# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What contracts ask of a cluster: the objects of their namespaces, and those that namespaces of one owner share.

Accelerators are pooled by owner. A queue cannot be capped for one of its namespaces: what it admits the quota must let through, or
workloads hang that were admitted. So each namespace with a grant of a resource may use all that its owner's queue hands out of it,
and the ClusterResourceQuota holds the owner to the sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..common.owned_fields import ApiObject
from ..common.write_findings import ADOPTED, OWN, Desired
from ..platform.accelerators.model import Fleet
from ..platform.accelerators.resources import WELL_KNOWN
from ..platform.desired.model import DeviceClass
from .contract.model import DELETE, DRAIN, Contract
from .grants import Grants, grants_of, of_flavors
from .objects.access import role_bindings
from .objects.core import limit_range, namespace, resource_quota, service_accounts
from .objects.network import network_objects
from .objects.observed import data_sources, monitors
from .objects.owners import cluster_resource_quota
from .objects.profiles import hardware_profiles
from .objects.queues import borrows, cluster_queue, local_queue, may_hand_out
from .offboarding import Ending, given_over
from .terms import OWNERS

NAMESPACES, BOUNDS, SHARED, QUEUES, ACCESS, FURTHER = range(0, 60, 10)
"""Ranks: bounds and network are there before anybody gets in."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the cluster serves of what contracts need."""

    queues: str = ""
    """version of the queues' API; empty where there is none"""
    cluster_quotas: bool = False
    monitors: bool = False
    profiles: str = ""
    """version of HardwareProfiles; empty where there are none"""
    api_servers: tuple[tuple[str, int], ...] = ()
    """addresses and ports of the cluster's API servers"""
    storage_classes: tuple[str, ...] = ()
    """all that the cluster has"""


@dataclass(frozen=True, slots=True)
class NamespacesPlan:
    """What is to be on the cluster."""

    objects: tuple[Desired, ...]
    grants: Mapping[str, Grants]
    """namespace to what it is granted"""
    unsettled: tuple[str, ...] = ()
    """owners of whom it is not known how each grant is served: quotas and queues of theirs are left as they are"""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """kind of object that contracts ask for and the cluster does not serve, to what it is for"""


@dataclass(frozen=True, slots=True)
class _Owner:
    """The contracts of one owner, and what they come to."""

    name: str
    contracts: tuple[Contract, ...]
    grants: tuple[Grants, ...]
    own: Mapping[tuple[str, str], int]
    """devices by resource and flavor that they are granted"""

    @property
    def settled(self) -> bool:
        return all(each.settled for each in self.grants)

    @property
    def cohort(self) -> str:
        return self.contracts[0].queue.cohort


def plan_namespaces(
    contracts: Sequence[Contract],
    classes: Mapping[str, DeviceClass],
    fleet: Fleet,
    served: Served,
    today: str = "",
    endings: Mapping[str, Ending] = MappingProxyType({}),
) -> NamespacesPlan:
    """The plan for contracts without faults; those of one owner agree on what they share.

    Queues of grants that have ended by `today` (YYYY-MM-DD) are drained. Without a day none has. `endings` are namespaces that are
    given up: they are granted nothing any more.
    """
    ends = [endings[each.namespace] for each in contracts if each.namespace in endings]
    contracts = [each for each in contracts if each.namespace not in endings]
    grants = {each.namespace: grants_of(each, classes, fleet) for each in contracts}
    owners = _owners(contracts, grants)
    cohorts = _cohorts(owners)
    found: list[Desired] = []
    for owner in owners:
        handed = may_hand_out(owner.own, cohorts[owner.name], borrow=borrows(owner.contracts))
        found += _of_owner(owner, cohorts[owner.name], handed, served)
        for contract, granted in zip(owner.contracts, owner.grants, strict=True):
            found += _of_contract(contract, _devices(granted, handed) if owner.settled else None, served, today)
            found += _profiles(contract, granted, served)
    resources = tuple(sorted({*WELL_KNOWN, *fleet.resources}))
    for ending in ends:
        grants[ending.contract.namespace] = Grants(ending.contract.namespace, (), resources)
        found += _of_ending(ending, resources, served)
    ordered = sorted(found, key=lambda each: (each.rank, each.path))
    unsettled = tuple(owner.name for owner in owners if not owner.settled)
    return NamespacesPlan(tuple(ordered), grants, unsettled, dict(_left_out(contracts, served)))


def _owners(contracts: Sequence[Contract], grants: Mapping[str, Grants]) -> list[_Owner]:
    by_name: dict[str, list[Contract]] = {}
    for each in sorted(contracts, key=lambda one: one.namespace):
        by_name.setdefault(each.owner.name, []).append(each)
    return [_owner(name, found, [grants[each.namespace] for each in found]) for name, found in sorted(by_name.items())]


def _owner(name: str, contracts: Sequence[Contract], grants: Sequence[Grants]) -> _Owner:
    return _Owner(name, tuple(contracts), tuple(grants), of_flavors(grants))


def _cohorts(owners: Sequence[_Owner]) -> dict[str, Mapping[tuple[str, str], int]]:
    """Owner to what all owners of its cohort are granted, by resource and flavor."""
    by_cohort: dict[str, list[Grants]] = {}
    for owner in owners:
        by_cohort.setdefault(owner.cohort, []).extend(owner.grants)
    return {owner.name: of_flavors(by_cohort[owner.cohort]) if owner.cohort else owner.own for owner in owners}


def _devices(granted: Grants, handed: Mapping[str, int]) -> dict[str, int]:
    """Devices of a namespace's quota: all that the owner's queue hands out of what it is granted, and none of the rest."""
    return {resource: handed.get(resource, amount) if amount else 0 for resource, amount in granted.by_resource().items()}


def _of_owner(owner: _Owner, cohort: Mapping[tuple[str, str], int], handed: Mapping[str, int], served: Served) -> Iterator[Desired]:
    if not owner.settled:
        return
    path = f"{OWNERS}.{owner.name}"
    devices = {**dict.fromkeys(owner.grants[0].resources, 0), **handed}
    if served.cluster_quotas:
        yield Desired(cluster_resource_quota(owner.name, dict(sorted(devices.items()))), path, SHARED, OWN)
    if served.queues:
        yield Desired(cluster_queue(owner.contracts, owner.own, cohort, served.queues), path, SHARED, OWN)


def _of_contract(contract: Contract, devices: Mapping[str, int] | None, served: Served, today: str) -> Iterator[Desired]:
    path = contract.namespace
    # The namespace holds data: it is never removed for want of a contract.
    yield Desired(namespace(contract), path, NAMESPACES, ADOPTED if contract.adopt else OWN, keep=True)
    for rank, items in (
        (BOUNDS, _bounds(contract, devices, served)),
        (QUEUES, [local_queue(contract, served.queues, _stop(contract, today))] if served.queues else []),
        (ACCESS, [*service_accounts(contract), *role_bindings(contract)]),
        (FURTHER, [*(monitors(contract) if served.monitors else ()), *data_sources(contract)]),
    ):
        yield from (Desired(item, path, rank, OWN) for item in items)


def _of_ending(ending: Ending, resources: Sequence[str], served: Served) -> Iterator[Desired]:
    """What a namespace that is given up keeps: while it drains its bounds, and after that what its data needs."""
    contract = ending.contract
    if not ending.exists:
        return
    path = contract.namespace
    ends = contract.offboarding
    if not (ending.drained and ends is not None and ends.data == DELETE):
        yield Desired(namespace(contract), path, NAMESPACES, ADOPTED if contract.adopt else OWN, keep=True)
    if ending.drained:
        yield from (Desired(item, path, ACCESS, OWN) for item in given_over(contract))
        return
    closed = replace(contract, quota=replace(contract.quota, pods=0))
    yield from (Desired(item, path, BOUNDS, OWN) for item in _bounds(closed, dict.fromkeys(resources, 0), served))
    if served.queues:
        yield Desired(local_queue(contract, served.queues, DRAIN), path, QUEUES, OWN)


def _profiles(contract: Contract, granted: Grants, served: Served) -> Iterator[Desired]:
    if served.profiles:
        items = hardware_profiles(contract, granted, served.profiles, queued=bool(served.queues))
        yield from (Desired(item, contract.namespace, FURTHER, OWN) for item in items)


def _stop(contract: Contract, today: str) -> str:
    """What becomes of workloads: a grant that has ended is drained, whatever its contract says."""
    return DRAIN if contract.expires < today else contract.queue.stop


def _bounds(contract: Contract, devices: Mapping[str, int] | None, served: Served) -> list[ApiObject]:
    quota = [] if devices is None else [resource_quota(contract, devices, served.storage_classes)]
    return [*quota, limit_range(contract), *network_objects(contract, served.api_servers)]


def _left_out(contracts: Sequence[Contract], served: Served) -> Iterator[tuple[str, str]]:
    if not served.queues:
        yield "LocalQueue", "queues of accelerated workloads (Kueue)"
    if not served.cluster_quotas:
        yield "ClusterResourceQuota", "what an owner may take over all of its namespaces"
    if not served.profiles and any(each.accelerators for each in contracts):
        yield "HardwareProfile", "what workbenches and models choose accelerators from (OpenShift AI)"
    if not served.monitors and any(each.monitoring.pods or each.monitoring.services for each in contracts):
        yield "PodMonitor", "metrics of the namespace"
