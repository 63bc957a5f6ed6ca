# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes with accelerators of the demo target, which take no VMs: two with whole H100s, one whose L40S are shared by four pods each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .demo_nodes import KUBELET, SYSTEM_PODS, nodes, pods
from .target_objects import ApiObject, conditions, named, pod

REGION = {"topology.kubernetes.io/region": "eu-central"}
H100 = {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3", "nvidia.com/gpu.memory": "81559", "nvidia.com/gpu.replicas": "1"}
L40S = {
    "nvidia.com/gpu.product": "NVIDIA-L40S",
    "nvidia.com/gpu.memory": "46068",
    "nvidia.com/gpu.replicas": "4",
    "nvidia.com/gpu.sharing-strategy": "time-slicing",
}
PLANS: Mapping[str, tuple[str, Mapping[str, str], Mapping[str, str]]] = {
    "gpu-0.ocp.example.com": ("zone-a", H100, {"nvidia.com/gpu": "8"}),
    "gpu-1.ocp.example.com": ("zone-b", H100, {"nvidia.com/gpu": "8"}),
    "gpu-2.ocp.example.com": ("zone-a", L40S, {"nvidia.com/gpu.shared": "16"}),
}
"""Node to its zone, its labels as NVIDIA's feature discovery writes them, and its devices."""


def with_accelerators() -> dict[str, list[ApiObject]]:
    """All nodes of the demo target and the pods on them, those with accelerators among them, in one region."""
    found = [*nodes(), *(_node(name, *plan) for name, plan in PLANS.items())]
    for node in found:
        node["metadata"]["labels"] |= REGION
    return {"nodes": found, "pods": [*pods(), *_pods()]}


def _node(name: str, zone: str, labels: Mapping[str, str], devices: Mapping[str, str]) -> ApiObject:
    own = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    own |= {"topology.kubernetes.io/zone": zone, "node-role.kubernetes.io/worker": "", "nvidia.com/gpu.present": "true"}
    more: dict[str, Any] = {"pods": "250", "hugepages-1Gi": "0", "hugepages-2Mi": "0", "ephemeral-storage": "1788Gi", **devices}
    return named(
        name,
        labels={**own, **labels},
        spec={},
        status={
            "capacity": {"cpu": "192", "memory": "2113122600Ki", **more},
            "allocatable": {"cpu": "191500m", "memory": "2111971624Ki", **more},
            "conditions": conditions("Ready", MemoryPressure="False", DiskPressure="False", PIDPressure="False"),
            "nodeInfo": {"architecture": "amd64", "kubeletVersion": KUBELET, "osImage": "Red Hat Enterprise Linux CoreOS 9.6"},
        },
    )


def _pods() -> list[ApiObject]:
    return [
        pod(f"{name}-{node.partition('.')[0]}", namespace, node, *containers)
        for node in PLANS
        for namespace, name, containers in SYSTEM_PODS
    ]
