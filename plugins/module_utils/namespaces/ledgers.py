# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts that bound a namespace, as the cluster has them: quotas, quotas over several namespaces, and queues.

What a run has yet to write bounds nothing now. Of a namespace that is not there the planned objects are the accounts, with nothing
taken; where the namespace is there and its account is not, nobody has counted what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..common.owned_fields import ApiObject
from ..common.quantities import exact, text_of
from ..platform.snapshot import PlatformSnapshot
from ..target.model import ABSENT
from ..target.objects import map_at, maps_at, name_of, namespace_of, text_at, texts_at
from .contract.model import Contract
from .headroom import CLUSTER_QUOTA, QUEUE, QUOTA, ZERO, Amounts, Ledger, Shape, left_of
from .load import PODS
from .plan import NamespacesPlan
from .queue_room import STOPPED, QueueRoom
from .readings import OWNER_QUOTAS
from .terms import owner_object

NAMESPACES: Final = "namespaces"
QUOTAS: Final = "resourcequotas"
CLUSTER_QUEUES: Final = "clusterqueues.kueue.x-k8s.io"
LOCAL_QUEUES: Final = "localqueues.kueue.x-k8s.io"
COHORTS: Final = "cohorts.kueue.x-k8s.io"
_MISSING: Final = "it is not there yet, and the namespace is"
_TAKES: Final[Mapping[str, bool]] = {
    "Terminating": False,
    "NotTerminating": True,
    "BestEffort": False,
    "NotBestEffort": True,
    "CrossNamespacePodAffinity": False,
    "VolumeAttributesClass": False,
}
"""Scope of a quota to whether a pod falls under it that asks for something, has no deadline and no affinity."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """All accounts of one pod's shape."""

    ledgers: tuple[Ledger, ...]
    left_out: tuple[str, ...] = ()
    """kinds of account that the cluster does not serve"""


class Ledgers:
    """Looks the accounts of namespaces up; each list of the cluster is gone through once."""

    def __init__(self, contracts: Sequence[Contract], plan: NamespacesPlan, snapshot: PlatformSnapshot) -> None:
        self._snapshot = snapshot
        self._there = {name_of(item) for item in snapshot.all(NAMESPACES)} if snapshot.known(NAMESPACES) else None
        self._spaces: dict[str, list[str]] = {}
        for each in contracts:
            self._spaces.setdefault(each.owner.name, []).append(each.namespace)
        self._planned = {(item["kind"], namespace_of(item), name_of(item)): item for item in (each.object for each in plan.objects)}
        self._planned_quotas = {space: item for (kind, space, _name), item in self._planned.items() if kind == "ResourceQuota"}
        self._quotas: dict[str, list[ApiObject]] = {}
        for item in snapshot.all(QUOTAS):
            self._quotas.setdefault(namespace_of(item), []).append(item)
        self._over_several: dict[str, list[ApiObject]] = {}
        for item in snapshot.all(OWNER_QUOTAS):
            for entry in maps_at(item, "status.namespaces"):
                self._over_several.setdefault(text_at(entry, "namespace"), []).append(item)
        self._room = QueueRoom(self._all_queues(contracts), snapshot.all(COHORTS))

    def of(self, contract: Contract, shape: Shape, flavor: str) -> Accounts:
        """The accounts of one pod of a grant, whose devices have that flavor."""
        absent = [kind for kind, resource in _KINDS.items() if self._is_absent(resource)]
        found = [*self._of_quotas(contract, shape), *self._of_owner(contract, shape), *self._of_queue(contract, shape, flavor)]
        return Accounts(tuple(found), tuple(absent))

    def is_there(self, namespace: str) -> bool:
        """Whether a namespace is there; one of which nobody knows counts as there."""
        return self._there is None or namespace in self._there

    def _is_absent(self, resource: str) -> bool:
        found = self._snapshot.listed.get(resource)
        return found is not None and found.state == ABSENT

    # ---- quotas of the namespace -------------------------------------------------------------------------------------

    def _of_quotas(self, contract: Contract, shape: Shape) -> Iterator[Ledger]:
        space, asked = contract.namespace, shape.in_quota()
        planned = self._planned_quotas.get(space)
        if not self._snapshot.known(QUOTAS):
            yield Ledger(QUOTA, f"ResourceQuotas of {space}", unknown=self._snapshot.why_not(QUOTAS))
            return
        live = self._quotas.get(space, [])
        for item in live:
            yield from _counted(item, asked)
        if planned is not None and name_of(planned) not in {name_of(item) for item in live}:
            name = f"ResourceQuota {space}/{name_of(planned)}"
            yield Ledger(QUOTA, name, unknown=_MISSING) if self.is_there(space) else _untouched(QUOTA, name, map_at(planned, "spec.hard"))

    # ---- what an owner may take over several namespaces --------------------------------------------------------------

    def _of_owner(self, contract: Contract, shape: Shape) -> Iterator[Ledger]:
        if self._is_absent(OWNER_QUOTAS):
            return
        own = owner_object(contract.owner.name)
        if not self._snapshot.known(OWNER_QUOTAS):
            yield Ledger(CLUSTER_QUOTA, f"ClusterResourceQuota {own}", unknown=self._snapshot.why_not(OWNER_QUOTAS))
            return
        found = {name_of(item): item for item in self._over_several.get(contract.namespace, ())}
        live = self._snapshot.get(OWNER_QUOTAS, "", own)
        if live is not None:
            found[own] = live
        for name, item in sorted(found.items()):
            yield from _counted_over_several(name, item, shape.in_quota())
        planned = self._planned.get(("ClusterResourceQuota", "", own))
        if live is None and planned is not None:
            name = f"ClusterResourceQuota {own}"
            if self._is_new(contract):
                yield _untouched(CLUSTER_QUOTA, name, map_at(planned, "spec.quota.hard"))
            else:
                yield Ledger(CLUSTER_QUOTA, name, unknown=_MISSING)

    def _is_new(self, contract: Contract) -> bool:
        """Whether no namespace of the contract's owner is there yet."""
        return not any(map(self.is_there, self._spaces[contract.owner.name]))

    # ---- queues ------------------------------------------------------------------------------------------------------

    def _all_queues(self, contracts: Sequence[Contract]) -> list[ApiObject]:
        """The queues that are there, and with nothing taken those of owners of whom nothing is there yet."""
        found = {name_of(item): item for item in self._snapshot.all(CLUSTER_QUEUES)}
        for contract in contracts:
            name = owner_object(contract.owner.name)
            planned = self._planned.get(("ClusterQueue", "", name))
            if name not in found and planned is not None and self._is_new(contract):
                found[name] = {**planned, "status": {"flavorsReservation": _nothing_reserved(planned)}}
        return list(found.values())

    def _of_queue(self, contract: Contract, shape: Shape, flavor: str) -> Iterator[Ledger]:
        if self._is_absent(CLUSTER_QUEUES):
            return
        local = f"LocalQueue {contract.namespace}/{contract.queue.name}"
        needed = (CLUSTER_QUEUES, LOCAL_QUEUES, COHORTS)
        if not self._snapshot.known(*needed):
            yield Ledger(QUEUE, local, unknown=self._snapshot.why_not(*needed))
            return
        item = self._snapshot.get(LOCAL_QUEUES, contract.namespace, contract.queue.name)
        if item is None:
            item = self._planned.get(("LocalQueue", contract.namespace, contract.queue.name), {})
        nothing: Amounts = dict.fromkeys(shape.requests, ZERO)
        if text_at(item, "spec.stopPolicy") in STOPPED:
            yield Ledger(QUEUE, f"{local} (stopPolicy {text_at(item, 'spec.stopPolicy')})", nothing)
            return
        name = text_at(item, "spec.clusterQueue") or owner_object(contract.owner.name)
        if stopped := self._room.stopped(name):
            yield Ledger(QUEUE, f"ClusterQueue {name} ({stopped})", nothing)
            return
        yield self._admitted(name, shape, flavor)

    def _admitted(self, queue: str, shape: Shape, flavor: str) -> Ledger:
        """What a queue would still admit. Pods themselves are counted only where it covers them."""
        left = {}
        for resource in shape.requests:
            if resource == PODS and not self._room.covers(queue, PODS):
                continue
            left[resource], unknown = self._room.left(queue, resource, flavor)
            if unknown:
                return Ledger(QUEUE, f"ClusterQueue {queue}", unknown=unknown)
        return Ledger(QUEUE, f"ClusterQueue {queue}", left)


_KINDS: Final[Mapping[str, str]] = {"ClusterResourceQuota": OWNER_QUOTAS, "ClusterQueue": CLUSTER_QUEUES}
"""Kinds of account that not every cluster serves."""


def _counted(item: ApiObject, asked: Mapping[str, Any]) -> Iterator[Ledger]:
    name = f"ResourceQuota {namespace_of(item)}/{name_of(item)}"
    takes = _is_for_pods(map_at(item, "spec"))
    if takes is None:
        yield Ledger(QUOTA, name, unknown="which pods it is for depends on their priority")
    elif takes:
        yield _of_status(QUOTA, name, map_at(item, "spec.hard"), map_at(item, "status"), asked)


def _counted_over_several(name: str, item: ApiObject, asked: Mapping[str, Any]) -> Iterator[Ledger]:
    name = f"ClusterResourceQuota {name}"
    takes = _is_for_pods(map_at(item, "spec.quota"))
    if takes is None:
        yield Ledger(CLUSTER_QUOTA, name, unknown="which pods it is for depends on their priority")
    elif takes:
        yield _of_status(CLUSTER_QUOTA, name, map_at(item, "spec.quota.hard"), map_at(item, "status.total"), asked)


def _is_for_pods(spec: Mapping[str, Any]) -> bool | None:
    """Whether a quota counts a pod of a grant: all of its scopes have to. None where nobody knows."""
    terms = [*texts_at(spec, "scopes"), *(text_at(entry, "scopeName") for entry in maps_at(spec, "scopeSelector.matchExpressions"))]
    if not all(_TAKES.get(term, True) for term in terms):
        return False
    return None if any(term not in _TAKES for term in terms) else True


def _of_status(what: str, name: str, wanted: Mapping[str, Any], status: Mapping[str, Any], asked: Mapping[str, Any]) -> Ledger:
    """The account by the server's own figures: admission goes by the status, which comes after the spec."""
    hard, used = map_at(status, "hard"), map_at(status, "used")
    bounds = {key: value for key, value in wanted.items() if key in asked}
    late = [key for key, value in bounds.items() if exact(text_of(hard.get(key, ""))) != exact(text_of(value))]
    if late:
        return Ledger(what, name, unknown=f"{late[0]} is not counted yet")
    left, unknown = left_of(bounds, used)
    return Ledger(what, name, left, unknown)


def _untouched(what: str, name: str, hard: Mapping[str, Any]) -> Ledger:
    """An account of which nothing is taken."""
    left, unknown = left_of(hard, dict.fromkeys(hard, "0"))
    return Ledger(what, f"{name} (planned)", left, unknown)


def _nothing_reserved(queue: ApiObject) -> list[dict[str, Any]]:
    return [
        {
            "name": text_at(flavor, "name"),
            "resources": [{"name": text_at(entry, "name"), "total": "0"} for entry in maps_at(flavor, "resources")],
        }
        for group in maps_at(queue, "spec.resourceGroups")
        for flavor in maps_at(group, "flavors")
    ]
