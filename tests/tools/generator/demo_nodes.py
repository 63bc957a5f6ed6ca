# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of the demo target: three of the control plane, six workers of two kinds in two zones, and the pods on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .target_objects import ApiObject, conditions, named, pod

KUBELET = "v1.34.4"
FEATURES = ("aes", "avx", "avx2", "avx512f", "erms", "invpcid", "pcid", "rdrand", "smep", "sse4.2", "vmx", "xsave")
NEWER_FEATURES = (*FEATURES, "amx-bf16", "amx-tile", "avx512-bf16")
OLDER_MODELS = ("Broadwell-noTSX", "Cascadelake-Server-noTSX", "Haswell-noTSX", "Icelake-Server-noTSX", "Skylake-Server-noTSX-IBRS")
NEWER_MODELS = (*OLDER_MODELS, "SapphireRapids")
GPU = "nvidia.com/GRID_A100-10C"


@dataclass(frozen=True, slots=True)
class NodePlan:
    """A kind of node."""

    cpu: str
    memory: str
    allocatable_cpu: str
    allocatable_memory: str
    model: str = ""
    models: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    gpus: int = 0


CONTROL_PLANE = NodePlan("16", "65790412Ki", "15500m", "64639436Ki")
GENERAL = NodePlan("128", "1056561300Ki", "127500m", "1055410324Ki", "SapphireRapids", NEWER_MODELS, NEWER_FEATURES)
LARGE = NodePlan("192", "2113122600Ki", "191500m", "2111971624Ki", "Icelake-Server-noTSX", OLDER_MODELS, FEATURES, gpus=8)

NODES = {
    **{f"control-{number}.ocp.example.com": (CONTROL_PLANE, f"zone-{'ab'[number % 2]}") for number in range(3)},
    **{f"worker-{number}.ocp.example.com": (GENERAL, f"zone-{'ab'[number % 2]}") for number in range(4)},
    **{f"worker-{number}.ocp.example.com": (LARGE, f"zone-{'ab'[number % 2]}") for number in range(4, 6)},
}
WORKERS = tuple(name for name in NODES if name.startswith("worker"))

SYSTEM_PODS: tuple[tuple[str, str, tuple[dict[str, str], ...]], ...] = (
    ("openshift-ovn-kubernetes", "ovnkube-node", ({"cpu": "30m", "memory": "640Mi"}, {"cpu": "50m", "memory": "980Mi"})),
    ("openshift-multus", "multus", ({"cpu": "10m", "memory": "65Mi"},)),
    ("openshift-dns", "dns-default", ({"cpu": "60m", "memory": "110Mi"},)),
    ("openshift-monitoring", "node-exporter", ({"cpu": "9m", "memory": "47Mi"},)),
    ("openshift-machine-config-operator", "machine-config-daemon", ({"cpu": "40m", "memory": "100Mi"},)),
    ("openshift-nmstate", "nmstate-handler", ({"cpu": "100m", "memory": "100Mi"},)),
    ("storage-drivers", "block-csi-node", ({"cpu": "30m", "memory": "120Mi"}, {})),
)
CONTROL_PODS = (
    ("openshift-etcd", "etcd", ({"cpu": "360m", "memory": "910Mi"},)),
    ("openshift-kube-apiserver", "kube-apiserver", ({"cpu": "290m", "memory": "1224Mi"},)),
    ("openshift-kube-controller-manager", "kube-controller-manager", ({"cpu": "80m", "memory": "500Mi"},)),
)
WORKER_PODS = (
    ("openshift-cnv", "virt-handler", ({"cpu": "10m", "memory": "325Mi"},)),
    ("openshift-cnv", "bridge-marker", ({"cpu": "10m", "memory": "15Mi"},)),
    ("openshift-ingress", "router-default", ({"cpu": "100m", "memory": "256Mi"},)),
    ("openshift-logging", "collector", ({"cpu": "500m", "memory": "1Gi"},)),
    ("app-platform", "shop-api", ({"cpu": "2", "memory": "8Gi"}, {"cpu": "100m", "memory": "128Mi"})),
    ("app-platform", "shop-cache", ({"cpu": "1500m", "memory": "16Gi"},)),
)
LAUNCHERS = {"worker-0.ocp.example.com": ("jump-linux-01",), "worker-1.ocp.example.com": ("registry-mirror-01",)}
LAUNCHER = {"cpu": "200m", "memory": "8474Mi", "devices.kubevirt.io/kvm": "1", "devices.kubevirt.io/tun": "1"}


def nodes() -> list[ApiObject]:
    """The nodes."""
    return [_node(name, plan, zone) for name, (plan, zone) in NODES.items()]


def _node(name: str, plan: NodePlan, zone: str) -> ApiObject:
    role = "worker" if plan.model else "control-plane"
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    labels |= {"topology.kubernetes.io/zone": zone, f"node-role.kubernetes.io/{role}": ""}
    taints = [] if plan.model else [{"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}]
    devices: dict[str, str] = {}
    if plan.model:
        labels |= {"kubevirt.io/schedulable": "true", "cpu-vendor.node.kubevirt.io/Intel": "true"}
        labels |= {f"host-model-cpu.node.kubevirt.io/{plan.model}": "true"}
        labels |= {f"cpu-model.node.kubevirt.io/{model}": "true" for model in plan.models}
        labels |= {f"cpu-feature.node.kubevirt.io/{feature}": "true" for feature in plan.features}
        devices = {f"devices.kubevirt.io/{device}": "1k" for device in ("kvm", "tun", "vhost-net")}
    if plan.gpus:
        devices[GPU] = str(plan.gpus)
    more = {"pods": "500", "hugepages-1Gi": "0", "hugepages-2Mi": "0", "ephemeral-storage": "447Gi", **devices}
    return named(
        name,
        labels=labels,
        spec={"taints": taints} if taints else {},
        status={
            "capacity": {"cpu": plan.cpu, "memory": plan.memory, **more},
            "allocatable": {"cpu": plan.allocatable_cpu, "memory": plan.allocatable_memory, **more},
            "conditions": conditions("Ready", MemoryPressure="False", DiskPressure="False", PIDPressure="False"),
            "nodeInfo": {"architecture": "amd64", "kubeletVersion": KUBELET, "osImage": "Red Hat Enterprise Linux CoreOS 9.6"},
        },
    )


def pods() -> Iterator[ApiObject]:
    """The pods on the nodes that have not ended, and one that no node has taken yet."""
    for node, (plan, _zone) in NODES.items():
        short, _dot, _domain = node.partition(".")
        for namespace, name, containers in (*SYSTEM_PODS, *(WORKER_PODS if plan.model else CONTROL_PODS)):
            yield pod(f"{name}-{short}", namespace, node, *containers)
        for vm in LAUNCHERS.get(node, ()):
            yield pod(f"virt-launcher-{vm}", "shared-services", node, LAUNCHER)
    waiting = pod("report-batch", "app-platform", "", {"cpu": "4", "memory": "32Gi"})
    del waiting["spec"]["nodeName"]
    yield {**waiting, "status": {"phase": "Pending"}}
