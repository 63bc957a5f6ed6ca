# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues: a ClusterQueue for each owner with what its contracts grant, and a LocalQueue in each namespace.

Kueue holds back queued workloads alone, and a ResourceQuota everything: so the quota of a namespace is never less than what its
queue may hand out (nominal, and what may be borrowed).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...common.quantities import cpu_text, memory_text
from ...platform.openshift_ai.flavors import CPU_FLAVOR
from ..contract.model import DRAIN, HOLD, RUN, Contract
from ..terms import OWNER, owner_object

GROUP: Final = "kueue.x-k8s.io"
STOP_POLICIES: Final = {RUN: "None", HOLD: "Hold", DRAIN: "HoldAndDrain"}
"""A contract's word for what becomes of workloads, as Kueue has it (LocalQueueSpec.stopPolicy)."""

Flavored = Mapping[tuple[str, str], int]


def local_queue(contract: Contract, version: str, stop: str) -> ApiObject:
    """The queue of the namespace; `version` is that of the queues' API, `stop` one of the contract's words."""
    spec = {"clusterQueue": owner_object(contract.owner.name), "stopPolicy": STOP_POLICIES[stop]}
    metadata = {"name": contract.queue.name, "namespace": contract.namespace}
    return {"apiVersion": f"{GROUP}/{version}", "kind": "LocalQueue", "metadata": metadata, "spec": spec}


def cluster_queue(contracts: Sequence[Contract], own: Flavored, cohort: Flavored, version: str) -> ApiObject:
    """The queue of one owner: `own` is what all of its contracts are granted, `cohort` what all owners of its cohort are."""
    first = contracts[0]
    spec: dict[str, Any] = {
        "namespaceSelector": {"matchLabels": {OWNER: first.owner.name}},
        "queueingStrategy": "BestEffortFIFO",
        "stopPolicy": STOP_POLICIES[RUN],
        "resourceGroups": [_cpu_group(contracts), *_device_groups(own, cohort, borrows(contracts))],
        "preemption": {"reclaimWithinCohort": "Any" if first.queue.cohort else "Never", "withinClusterQueue": "LowerPriority"},
    }
    if first.queue.cohort:
        spec["cohort" if version == "v1beta1" else "cohortName"] = first.queue.cohort
    return {"apiVersion": f"{GROUP}/{version}", "kind": "ClusterQueue", "metadata": {"name": owner_object(first.owner.name)}, "spec": spec}


def borrows(contracts: Sequence[Contract]) -> bool:
    """Whether the owner's queue may use what others of its cohort leave idle: all of its contracts have to say so."""
    return bool(contracts[0].queue.cohort) and all(each.queue.borrow for each in contracts)


def may_hand_out(own: Flavored, cohort: Flavored, *, borrow: bool) -> dict[str, int]:
    """Devices by resource that a queue may hand out at most: its own, and with borrowing all of the cohort for flavors that it has."""
    found: Counter[str] = Counter()
    for key, amount in own.items():
        found[key[0]] += max(amount, cohort.get(key, 0)) if borrow else amount
    return dict(sorted(found.items()))


def _cpu_group(contracts: Sequence[Contract]) -> dict[str, Any]:
    cpu = {"name": "cpu", "nominalQuota": str(cpu_text(sum(each.quota.cpu for each in contracts)))}
    memory = {"name": "memory", "nominalQuota": memory_text(sum(each.quota.memory_gib for each in contracts))}
    return {"coveredResources": ["cpu", "memory"], "flavors": [{"name": CPU_FLAVOR, "resources": [cpu, memory]}]}


def _device_groups(own: Flavored, cohort: Flavored, borrow: bool) -> list[dict[str, Any]]:
    """One group for each resource: a resource is in one group alone, with all flavors that serve it."""
    groups = []
    for resource in sorted({resource for resource, _flavor in own}):
        flavors = []
        for (_resource, flavor), amount in sorted((key, amount) for key, amount in own.items() if key[0] == resource):
            entry = {"name": resource, "nominalQuota": str(amount)}
            if borrow:
                entry["borrowingLimit"] = str(max(0, cohort.get((resource, flavor), 0) - amount))
            flavors.append({"name": flavor, "resources": [entry]})
        groups.append({"coveredResources": [resource], "flavors": flavors})
    return groups
