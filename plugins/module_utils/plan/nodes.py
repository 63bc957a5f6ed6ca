# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that can run migrated VMs, what is free on them, and which of them a VM may run on.

A node counts when it is ready and not cordoned, OpenShift Virtualization runs VMs on it, it matches the policy's and the
workloads' node selectors, its architecture is amd64, and it has no taint that keeps pods off (migrated VMs tolerate none).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ..common.artifact import JsonRecord
from ..target.view import TargetView
from .cpu_models import offers
from .model import Constraint, Need
from .settings import FitPolicy

HUGE_PAGES: Final = "hugepages-"
CPU_MANAGER: Final = "cpumanager"
"""Label of nodes whose kubelet gives out whole CPUs; KubeVirt sets it and selects by it."""
_ROLE: Final = "node-role.kubernetes.io/"
_BARRING: Final = ("NoSchedule", "NoExecute")
_REQUIRED: Final = (
    "allocatable_cpu_millicores",
    "allocatable_memory_bytes",
    "allocatable_pods",
    "requested_cpu_millicores",
    "requested_memory_bytes",
    "requested_pods",
)


@dataclass(frozen=True, slots=True)
class FitNode:
    """A node that can run VMs. `extra` is what is free of extended resources and huge pages (`hugepages-1Gi`)."""

    name: str
    allocatable_cpu: int
    allocatable_memory: int
    allocatable_pods: int
    requested_cpu: int
    requested_memory: int
    requested_pods: int
    extra: Mapping[str, int]
    record: JsonRecord

    @property
    def rank(self) -> tuple[int, int, int]:
        """By which nodes are compared: allocatable memory, CPU and pods."""
        return (self.allocatable_memory, self.allocatable_cpu, self.allocatable_pods)

    @property
    def requested(self) -> tuple[int, int, int]:
        """Memory, CPU and pods that are requested on it."""
        return (self.requested_memory, self.requested_cpu, self.requested_pods)

    @property
    def free_cpu(self) -> int:
        """Millicores that pods can still request."""
        return max(0, self.allocatable_cpu - self.requested_cpu)

    @property
    def free_memory(self) -> int:
        """Bytes that pods can still request."""
        return max(0, self.allocatable_memory - self.requested_memory)

    @property
    def free_pods(self) -> int:
        """Pods that it still takes."""
        return max(0, self.allocatable_pods - self.requested_pods)


@dataclass(frozen=True, slots=True)
class Nodes:
    """The nodes that count, apart from the reserve, and why the others do not."""

    usable: tuple[FitNode, ...]
    reserve: tuple[FitNode, ...]
    excluded: Mapping[str, str]
    evaluated: bool
    reason: str = ""
    notes: tuple[Constraint, ...] = ()

    @property
    def everything(self) -> tuple[FitNode, ...]:
        """Usable and reserved ones."""
        return self.usable + self.reserve


def read_nodes(target: TargetView, policy: FitPolicy) -> Nodes:
    """The nodes as they are: unknown as a whole where the list or what is requested on a node that counts is not known."""
    if not target.known("nodes"):
        return Nodes((), (), {}, False, f"the nodes are not known: {target.why_not('nodes')}")
    notes: list[Constraint] = []
    labelled = _labelled(target, notes)
    selector = _selector(target, policy, notes)
    excluded: dict[str, str] = {}
    counted: list[JsonRecord] = []
    for record in target.all("node"):
        why = _why_not(record, selector, labelled)
        if why:
            excluded[record["id"]] = why
        else:
            counted.append(record)
    lacking = {record["id"]: fact for record in counted for fact in _REQUIRED if fact not in record}
    if lacking:
        return Nodes((), (), excluded, False, _lacking_text(lacking, target), tuple(notes))
    usable, reserve = split_reserve([_fit_node(record) for record in counted], policy.spare_nodes)
    return Nodes(usable, reserve, excluded, True, notes=tuple(notes))


def split_reserve(nodes: Sequence[FitNode], count: int) -> tuple[tuple[FitNode, ...], tuple[FitNode, ...]]:
    """The nodes that take VMs, by name, and the `count` largest ones, which take none.

    Largest is by allocatable memory, then CPU, then pods; of equal ones the one on which more is requested.
    """
    ranked = sorted(sorted(nodes, key=lambda node: node.name), key=lambda node: (*node.rank, *node.requested), reverse=True)
    count = max(0, count)
    return tuple(sorted(ranked[count:], key=lambda node: node.name)), tuple(ranked[:count])


def extra_of(need: Need) -> dict[str, int]:
    """Extended resources and huge pages of a need, by the names that nodes have them under."""
    wanted = {f"{HUGE_PAGES}{size}": value for size, value in need.hugepages.items() if value}
    wanted.update({name: count for name, count in need.devices.items() if count})
    return wanted


EligibilityKey: TypeAlias = tuple[str, str, bool, int, int, int]
"""What decides where a VM may run, apart from room: vendor, model, dedicated CPUs, and NUMA nodes with the sizes in them."""


def eligibility_key(need: Need) -> EligibilityKey:
    """VMs with the same key may run on the same nodes."""
    numa = need.numa_nodes
    memory = need.memory_bytes + sum(need.hugepages.values())
    return (need.cpu_vendor, need.cpu_model, need.dedicated_cpus, numa, need.cpu_millicores if numa else 0, memory if numa else 0)


def bars(node: FitNode, key: EligibilityKey) -> str:
    """Why a VM with this key may not run on the node whatever its room; empty when it may, or nobody knows."""
    vendor, model, dedicated, numa, cpu, memory = key
    record = node.record
    if vendor and record.get("cpu_vendor") and record["cpu_vendor"] != vendor:
        return f"its CPU is of {record['cpu_vendor']}"
    if model and "cpu_models" in record and not offers(record["cpu_models"], model):
        return f"it offers no CPU model as of {model}"
    if dedicated and record.get("labels", {}).get(CPU_MANAGER) != "true" and "labels" in record:
        return f"it has no static CPU manager (label {CPU_MANAGER})"
    count = record.get("numa_node_count")
    if not numa or not count or numa >= count:
        return ""
    too_small = cpu * count > node.allocatable_cpu * numa or memory * count > node.allocatable_memory * numa
    return f"{numa} of its {count} NUMA nodes are too small" if too_small else ""


def unchecked(node: FitNode, key: EligibilityKey) -> tuple[str, ...]:
    """Which of the demands of this key nobody can check on the node."""
    vendor, model, dedicated, numa, _cpu, _memory = key
    record = node.record
    found = []
    if vendor and not record.get("cpu_vendor"):
        found.append("CPU vendor")
    if model and "cpu_models" not in record:
        found.append("CPU model")
    if dedicated and "labels" not in record:
        found.append("static CPU manager")
    if numa and not record.get("numa_node_count"):
        found.append("NUMA nodes")
    return tuple(found)


# ---- whether a node counts -------------------------------------------------------------------------------------------


def _why_not(record: JsonRecord, selector: Mapping[str, str], labelled: bool) -> str:
    if record.get("ready") is not True:
        return "it is not ready" if "ready" in record else "nobody knows whether it is ready"
    if record.get("unschedulable") is True:
        return "it is cordoned"
    if labelled and record.get("kubevirt_schedulable") is False:
        return "OpenShift Virtualization runs no VMs on it"
    architecture = record.get("architecture", "amd64")
    if architecture != "amd64":
        return f"its architecture is {architecture}"
    for taint in record.get("taints", ()):
        if taint.rpartition(":")[2] in _BARRING:
            return f"it has the taint {taint}"
    for key, value in selector.items():
        if _label(record, key) != value:
            return f"it has no label {key}={value}"
    return ""


def _label(record: JsonRecord, key: str) -> str | None:
    labels = record.get("labels", {})
    if key in labels:
        return str(labels[key])
    if key.startswith(_ROLE) and key.removeprefix(_ROLE) in record.get("roles", ()):
        return ""
    if key == "topology.kubernetes.io/zone":
        return record.get("zone") or None
    return None


def _labelled(target: TargetView, notes: list[Constraint]) -> bool:
    """Whether the nodes' labels tell where VMs run: not before OpenShift Virtualization is installed."""
    if target.one("virtualization") is not None or any(node.get("kubevirt_schedulable") for node in target.all("node")):
        return True
    notes.append(
        Constraint(
            "virtualization_absent",
            "nodes",
            "OpenShift Virtualization has labelled no node: every node on which pods can run counts",
            "read the target again when it is installed",
        )
    )
    return False


def _selector(target: TargetView, policy: FitPolicy, notes: list[Constraint]) -> dict[str, str]:
    record = target.one("virtualization")
    workloads = {} if record is None else record.get("workload_node_selector")
    if workloads is None:
        notes.append(
            Constraint("workload_selector_unknown", "HyperConverged", "nobody knows the node selector of its workloads: none was applied")
        )
        workloads = {}
    return dict(sorted({**workloads, **policy.node_selector}.items()))


def _lacking_text(lacking: Mapping[str, str], target: TargetView) -> str:
    first = min(lacking)
    why = f": {target.why_not('pods')}" if lacking[first].startswith("requested") and not target.known("pods") else ""
    return f"{lacking[first]} is not known of {len(lacking)} node(s), {first} among them{why}"


def _fit_node(record: JsonRecord) -> FitNode:
    return FitNode(
        name=record["id"],
        allocatable_cpu=record["allocatable_cpu_millicores"],
        allocatable_memory=record["allocatable_memory_bytes"],
        allocatable_pods=record["allocatable_pods"],
        requested_cpu=record["requested_cpu_millicores"],
        requested_memory=record["requested_memory_bytes"],
        requested_pods=record["requested_pods"],
        extra={
            **_free(record, "allocatable_devices", "requested_devices", ""),
            **_free(record, "allocatable_hugepages_bytes", "requested_hugepages_bytes", HUGE_PAGES),
        },
        record=record,
    )


def _free(record: JsonRecord, offered: str, requested: str, prefix: str) -> dict[str, int]:
    """What is free by name; nothing where nobody knows what is requested, since that cannot be promised."""
    if offered not in record or requested not in record:
        return {}
    taken = record[requested]
    return {f"{prefix}{name}": max(0, value - taken.get(name, 0)) for name, value in sorted(record[offered].items())}
