# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes: what they have, what their CPUs can do, and what pods request on them.

Pods are added up as they come and never kept. What a pod requests is what the scheduler counts for it
(https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from ..common.artifact import JsonRecord
from .networks import BRIDGES
from .objects import ApiObject, Draft, at, base_units, is_true, labels_of, map_at, maps_at, name_of, text_at, true_conditions

Requests: TypeAlias = dict[str, int]
"""Resource to what is requested of it: millicores, bytes or objects."""

HUGE_PAGES: Final = "hugepages-"
ROLE: Final = "node-role.kubernetes.io/"
ZONES: Final = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
SCHEDULABLE: Final = "kubevirt.io/schedulable"
CPU_MODEL, CPU_FEATURE = "cpu-model.node.kubevirt.io/", "cpu-feature.node.kubevirt.io/"
CPU_VENDOR, HOST_MODEL = "cpu-vendor.node.kubevirt.io/", "host-model-cpu.node.kubevirt.io/"
NODE_LABELS_LEFT_OUT: Final = (
    CPU_MODEL,
    CPU_FEATURE,
    "cpu-model-migration.node.kubevirt.io/",
    "host-model-required-features.node.kubevirt.io/",
    "hyperv.node.kubevirt.io/",
)
"""Labels that OpenShift Virtualization writes by the hundred; what planning needs of them stands in facts."""

ENDED: Final = ("Succeeded", "Failed")
REQUESTED: Final = (
    "requested_cpu_millicores",
    "requested_memory_bytes",
    "requested_pods",
    "requested_hugepages_bytes",
    "requested_devices",
)
_LABELLED: Final = ("cpu_vendor", "cpu_host_model", "cpu_models", "cpu_features")


def node(item: ApiObject) -> JsonRecord:
    """The record of a Node, without what comes from other lists."""
    labels = labels_of(item)
    draft = Draft("node", item, {key: value for key, value in labels.items() if not key.startswith(NODE_LABELS_LEFT_OUT)})
    draft.condition("ready", "Ready")
    draft.flag("unschedulable", "spec.unschedulable", default=False)
    draft.put("roles", sorted(key.removeprefix(ROLE) for key in labels if key.startswith(ROLE) and key != ROLE))
    draft.put("zone", next((labels[key] for key in ZONES if key in labels), ""))
    draft.text("architecture", "status.nodeInfo.architecture")
    draft.text("kubelet_version", "status.nodeInfo.kubeletVersion")
    draft.put("taints", [_taint(taint) for taint in maps_at(item, "spec.taints")])
    capacity, allocatable = map_at(item, "status.capacity"), map_at(item, "status.allocatable")
    draft.quantity("capacity_cpu_millicores", capacity.get("cpu"), "status.capacity.cpu", milli=True)
    draft.quantity("capacity_memory_bytes", capacity.get("memory"), "status.capacity.memory")
    draft.quantity("allocatable_cpu_millicores", allocatable.get("cpu"), "status.allocatable.cpu", milli=True)
    draft.quantity("allocatable_memory_bytes", allocatable.get("memory"), "status.allocatable.memory")
    draft.quantity("allocatable_pods", allocatable.get("pods"), "status.allocatable.pods")
    if capacity:
        draft.quantities("capacity_devices", {name: capacity[name] for name in capacity if is_device(name)}, "status.capacity")
    else:
        draft.unknown("capacity_devices", "the object has no status.capacity")
    if allocatable:
        pages = {name.removeprefix(HUGE_PAGES): value for name, value in allocatable.items() if name.startswith(HUGE_PAGES)}
        draft.quantities("allocatable_hugepages_bytes", pages, "status.allocatable")
        draft.quantities("allocatable_devices", {name: allocatable[name] for name in allocatable if is_device(name)}, "status.allocatable")
    else:
        draft.unknown("allocatable_hugepages_bytes", "the object has no status.allocatable")
        draft.unknown("allocatable_devices", "the object has no status.allocatable")
    _put_cpu(draft, labels)
    return draft.record()


def _taint(taint: Mapping[str, Any]) -> str:
    value = text_at(taint, "value")
    return f"{text_at(taint, 'key')}{'=' if value else ''}{value}:{text_at(taint, 'effect')}"


def _put_cpu(draft: Draft, labels: Mapping[str, str]) -> None:
    """What the labels of OpenShift Virtualization say; nodes without them are none on which it runs."""
    draft.put("kubevirt_schedulable", is_true(labels.get(SCHEDULABLE, "")))
    if SCHEDULABLE not in labels:
        for fact in _LABELLED:
            draft.unknown(fact, f"OpenShift Virtualization has not labelled the node ({SCHEDULABLE})")
        return
    draft.put("cpu_vendor", next(_suffixes(labels, CPU_VENDOR), ""))
    draft.put("cpu_host_model", next(_suffixes(labels, HOST_MODEL), ""))
    draft.put("cpu_models", list(_suffixes(labels, CPU_MODEL)))
    draft.put("cpu_features", list(_suffixes(labels, CPU_FEATURE)))


def _suffixes(labels: Mapping[str, str], prefix: str) -> Iterator[str]:
    return (key.removeprefix(prefix) for key in sorted(labels) if key.startswith(prefix) and is_true(labels[key]))


def is_device(resource: str) -> bool:
    """True for an extended resource: a name with a domain that is not Kubernetes' own."""
    return "/" in resource and "kubernetes.io/" not in resource and not resource.startswith("requests.")


def bridges_of(state: ApiObject) -> list[str] | None:
    """Names of the bridges that a NodeNetworkState shows; None where it shows no interfaces."""
    current = at(state, "status.currentState.interfaces")
    if current.__class__ is not list:
        return None
    return sorted({text_at(entry, "name") for entry in maps_at(state, "status.currentState.interfaces") if entry.get("type") in BRIDGES})


def numa_nodes_of(topology: ApiObject) -> int | None:
    """Number of the NUMA nodes in a NodeResourceTopology; None where it names none."""
    return sum(text_at(zone, "type") == "Node" for zone in maps_at(topology, "zones")) or None


# ---- requests --------------------------------------------------------------------------------------------------------


class NodeRequests:
    """Sum of what the pods of each node request."""

    def __init__(self) -> None:
        self._sums: dict[str, Requests] = {}
        self._pods: dict[str, int] = {}
        self._unreadable: dict[str, str] = {}

    def add(self, pod: ApiObject) -> None:
        """Takes a pod; those that are on no node, or have ended, count nowhere."""
        where = text_at(pod, "spec.nodeName")
        if not where or text_at(pod, "status.phase") in ENDED:
            return
        self._pods[where] = self._pods.get(where, 0) + 1
        wanted = pod_requests(pod)
        if wanted is None:
            self._unreadable.setdefault(where, f"a request of pod {text_at(pod, 'metadata.namespace')}/{name_of(pod)} is no quantity")
        else:
            _add(self._sums.setdefault(where, {}), wanted)

    def facts(self, where: str) -> tuple[JsonRecord, Mapping[str, str]]:
        """The facts of a node and, for those that are unknown, the reasons."""
        facts: JsonRecord = {"requested_pods": self._pods.get(where, 0)}
        if where in self._unreadable:
            return facts, {fact: self._unreadable[where] for fact in REQUESTED if fact not in facts}
        sums = self._sums.get(where, {})
        facts["requested_cpu_millicores"] = sums.get("cpu", 0)
        facts["requested_memory_bytes"] = sums.get("memory", 0)
        pages = sorted(name for name in sums if name.startswith(HUGE_PAGES))
        facts["requested_hugepages_bytes"] = {name.removeprefix(HUGE_PAGES): sums[name] for name in pages}
        facts["requested_devices"] = {name: sums[name] for name in sorted(sums) if is_device(name)}
        return facts, {}


@dataclass(frozen=True, slots=True)
class _Given:
    """What containers were given, where that can differ from what they ask for: while or after they are resized.

    Where no node can grant what is asked for, what was given counts alone.
    """

    by_container: Mapping[str, tuple[Mapping[str, Any], ...]]
    infeasible: bool


def pod_requests(pod: ApiObject) -> Requests | None:
    """What the scheduler counts for a pod; None where a request is no quantity.

    The containers and the sidecars (init containers that restart always) run at once; an init container runs alone, beside
    the sidecars that began before it. The larger of the two counts, per resource, and the overhead of the pod's runtime on
    top. A request of the pod itself replaces the sum of its containers'. A container that is being resized counts with the
    largest of what it asks for and what it was given.
    """
    given = _given(pod)
    try:
        total: Requests = {}
        for container in maps_at(pod, "spec.containers"):
            _add(total, _container(container, given))
        sidecars: Requests = {}
        initial: Requests = {}
        for container in maps_at(pod, "spec.initContainers"):
            wanted = _container(container, given)
            if container.get("restartPolicy") == "Always":
                _add(total, wanted)
                _add(sidecars, wanted)
                _raise(initial, sidecars)
            else:
                _add(wanted, sidecars)
                _raise(initial, wanted)
        _raise(total, initial)
        own = _quantities(map_at(pod, "spec.resources.requests"))
        total.update({name: value for name, value in own.items() if name in ("cpu", "memory") or name.startswith(HUGE_PAGES)})
        _add(total, _quantities(map_at(pod, "spec.overhead")))
    except ValueError:
        return None
    return total


def _container(container: Mapping[str, Any], given: _Given) -> Requests:
    had = given.by_container.get(text_at(container, "name"))
    wanted = _quantities(map_at(container, "resources.requests")) if had is None or not given.infeasible else {}
    for requests in had or ():
        _raise(wanted, _quantities(requests))
    return wanted


def _given(pod: ApiObject) -> _Given:
    """Read from the status of a pod."""
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    status = map_at(pod, "status")
    for path in ("containerStatuses", "initContainerStatuses"):
        for entry in maps_at(status, path):
            if "allocatedResources" in entry or "resources" in entry:
                found[text_at(entry, "name")] = (map_at(entry, "allocatedResources"), map_at(entry, "resources.requests"))
    pending = true_conditions(status, "conditions").get("PodResizePending", {}) if found else {}
    return _Given(found, pending.get("reason") == "Infeasible")


def _quantities(requests: Mapping[str, Any]) -> Requests:
    found: Requests = {}
    for name, quantity in requests.items():
        value = base_units(name, quantity)
        if value is None:
            raise ValueError(name)
        found[name] = value
    return found


def _add(total: Requests, more: Mapping[str, int]) -> None:
    for name, value in more.items():
        total[name] = total.get(name, 0) + value


def _raise(total: Requests, least: Mapping[str, int]) -> None:
    for name, value in least.items():
        if value > total.get(name, 0):
            total[name] = value
