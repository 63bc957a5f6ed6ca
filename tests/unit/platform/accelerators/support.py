# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes with accelerators as their operators label them, and contexts for the part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.plan import plan_accelerators
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue, DeviceFacts, OperatorFacts
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    Accelerators,
    DeviceClass,
    OperatorsWanted,
    OperatorWanted,
    PlatformDesired,
    PoolWanted,
    TaintWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Context, PartPlan
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import (
    DevicePod,
    Listed,
    PlatformSnapshot,
    PodUse,
    ServedApi,
)

Node = dict[str, Any]
TODAY = "2026-11-22"
GFD = "nvidia.com/gpu"
LISTS = (
    "clusterpolicies.nvidia.com",
    "clusterserviceversions.operators.coreos.com",
    "deviceconfigs.amd.com",
    "gpudeviceplugins.deviceplugin.intel.com",
    "hyperconvergeds.hco.kubevirt.io",
    "machineconfigpools.machineconfiguration.openshift.io",
    "machineconfigs.machineconfiguration.openshift.io",
    "kubeletconfigs.machineconfiguration.openshift.io",
    "nodefeaturediscoveries.nfd.kubernetes.io",
    "nodefeaturediscoveries.nfd.openshift.io",
)
SERVED = {
    ("nfd.openshift.io", "NodeFeatureDiscovery"): ServedApi(("v1",), "nodefeaturediscoveries", True),
    ("nfd.openshift.io", "NodeFeatureRule"): ServedApi(("v1alpha1",), "nodefeaturerules", True),
    ("nvidia.com", "ClusterPolicy"): ServedApi(("v1",), "clusterpolicies", False),
    ("amd.com", "DeviceConfig"): ServedApi(("v1alpha1",), "deviceconfigs", True),
    ("deviceplugin.intel.com", "GpuDevicePlugin"): ServedApi(("v1",), "gpudeviceplugins", False),
    ("hco.kubevirt.io", "HyperConverged"): ServedApi(("v1", "v1beta1"), "hyperconvergeds", True),
    ("machineconfiguration.openshift.io", "MachineConfig"): ServedApi(("v1",), "machineconfigs", False),
}
CLASSES = {
    "large-inference": DeviceClass(memory_gib=80),
    "slice": DeviceClass(memory_gib=10, sharing="isolated"),
    "batch": DeviceClass(memory_gib=16, sharing="any"),
}
CATALOGUE = Catalogue(
    "1",
    "0" * 64,
    operators={
        "nvidia": OperatorFacts(
            "nvidia", "gpu-operator-certified", "nvidia-gpu-operator", "certified-operators", "own", crds=("clusterpolicies.nvidia.com",)
        ),
        "amd": OperatorFacts("amd", "amd-gpu-operator", "openshift-amd-gpu", "certified-operators", "all", crds=("deviceconfigs.amd.com",)),
        "nfd": OperatorFacts("nfd", "nfd", "openshift-nfd", "redhat-operators", "own"),
    },
    classes=CLASSES,
)
TAINT = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}


def node(
    name: str,
    labels: Mapping[str, str],
    devices: Mapping[str, int],
    *,
    taints: Sequence[Mapping[str, str]] = (),
    allocatable: Mapping[str, int] | None = None,
    ready: str = "True",
    cordoned: bool = False,
) -> Node:
    """A node as the API serves it."""
    has = {"cpu": "64", "memory": "512Gi", "pods": "250"}
    capacity = {resource: str(number) for resource, number in devices.items()}
    spec: dict[str, Any] = {"taints": [dict(taint) for taint in taints]} if taints else {}
    if cordoned:
        spec["unschedulable"] = True
    gives = {resource: str(number) for resource, number in (allocatable or {}).items()}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, "node-role.kubernetes.io/worker": "", **labels}},
        "spec": spec,
        "status": {
            "capacity": {**has, **capacity},
            "allocatable": {**has, **capacity, **gives},
            "conditions": [{"type": "Ready", "status": ready}],
        },
    }


def h100(name: str = "h100-0", count: int = 8, **more: Any) -> Node:
    """A node with whole H100s."""
    extra = more.pop("labels", {})
    labels = {
        f"{GFD}.product": "NVIDIA-H100-80GB-HBM3",
        f"{GFD}.memory": "81559",
        f"{GFD}.replicas": "1",
        "nvidia.com/mig.capable": "true",
        "feature.node.kubernetes.io/pci-10de.present": "true",
        **extra,
    }
    return node(name, labels, {GFD: count}, **more)


def mig(name: str = "mig-0", **more: Any) -> Node:
    """A node with A100s cut into slices of two sizes."""
    labels = {
        f"{GFD}.product": "NVIDIA-A100-SXM4-80GB",
        f"{GFD}.memory": "81920",
        "nvidia.com/mig.strategy": "mixed",
        "nvidia.com/mig.capable": "true",
        "nvidia.com/mig-1g.10gb.memory": "9728",
        "nvidia.com/mig-3g.40gb.memory": "40192",
        "feature.node.kubernetes.io/pci-10de.present": "true",
    }
    return node(name, labels, {"nvidia.com/mig-1g.10gb": 14, "nvidia.com/mig-3g.40gb": 4}, **more)


def shared_l40(name: str = "l40-0", **more: Any) -> Node:
    """A node whose L40s are shared by four pods each, under a name of their own."""
    labels = {f"{GFD}.product": "NVIDIA-L40", f"{GFD}.memory": "46068", f"{GFD}.replicas": "4", f"{GFD}.sharing-strategy": "time-slicing"}
    return node(name, labels, {"nvidia.com/gpu.shared": 16}, **more)


def mi300(name: str = "mi300-0", **more: Any) -> Node:
    """A node with whole MI300Xs."""
    extra = more.pop("labels", {})
    labels = {
        "amd.com/gpu.product-name": "AMD_Instinct_MI300X",
        "amd.com/gpu.vram": "192G",
        "amd.com/compute-partitioning-supported": "true",
        "feature.node.kubernetes.io/amd-gpu": "true",
        **extra,
    }
    return node(name, labels, {"amd.com/gpu": 8}, **more)


def gaudi(name: str = "gaudi-0", **more: Any) -> Node:
    """A node with Gaudi devices, which have no label for their memory."""
    return node(name, {"feature.node.kubernetes.io/gaudi": "true"}, {"habana.ai/gaudi": 8}, **more)


def looked_at(
    nodes: Iterable[Node],
    objects: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    *,
    pods: Sequence[DevicePod] = (),
    served: Mapping[tuple[str, str], ServedApi] | None = None,
    pods_known: bool = True,
) -> PlatformSnapshot:
    """A snapshot in which all lists of the part were read."""
    lists = {name: Listed("read", tuple((objects or {}).get(name, ()))) for name in LISTS}
    lists["nodes"] = Listed("read", tuple(nodes))
    requested: dict[str, dict[str, int]] = {}
    for pod in pods:
        for resource, count in pod.devices.items():
            has = requested.setdefault(pod.node, {})
            has[resource] = has.get(resource, 0) + count
    use = PodUse(requested, tuple(pods)) if pods_known else None
    return PlatformSnapshot(lists, served=SERVED if served is None else served, pods=use)


def desired(
    *pools: PoolWanted, operators: Sequence[str] = (), taints: Mapping[str, TaintWanted] | None = None, **more: Any
) -> PlatformDesired:
    """A document with these pools."""
    wanted = tuple(OperatorWanted(name=name, channel="stable", version=f"{name}.v1") for name in operators)
    accelerators = Accelerators(pools=pools, taints=taints or {}, **more)
    return PlatformDesired(schema_version="1.0", accelerators=accelerators, operators=OperatorsWanted(wanted=wanted) if wanted else None)


def context(wanted: PlatformDesired, snapshot: PlatformSnapshot, catalogue: Catalogue = CATALOGUE) -> Context:
    """What the part looks at."""
    return Context(wanted, snapshot, catalogue, TODAY)


def planned(wanted: PlatformDesired, snapshot: PlatformSnapshot, catalogue: Catalogue = CATALOGUE) -> PartPlan:
    """The part's plan."""
    return plan_accelerators(context(wanted, snapshot, catalogue))


def failed(plan: PartPlan, word: str) -> list[CheckFinding]:
    """Findings of a check that failed."""
    return [found for found in plan.findings if found.check == f"platform.accelerators.{word}" and found.result == "fail"]


def objects_of(plan: PartPlan, kind: str) -> list[Mapping[str, Any]]:
    """The wanted objects of a kind."""
    return [wanted.object for wanted in plan.objects if wanted.object["kind"] == kind]


def table(vendor: str = "gaudi", memory_gib: float = 128) -> Catalogue:
    """A catalogue whose table knows a device."""
    facts = DeviceFacts(vendor, {"feature.node.kubernetes.io/gaudi": "true"}, "Gaudi 3", memory_gib, "data sheet of the vendor")
    return Catalogue(CATALOGUE.version, CATALOGUE.sha256, CATALOGUE.operators, CLASSES, (facts,))
