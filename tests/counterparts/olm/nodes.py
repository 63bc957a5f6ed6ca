# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes with accelerators, as their operators leave them: labels, taints, and what they can hand out.

Names of resources and labels are those of the vendors' plugins and feature discoveries; Gaudi's and Intel's are known, not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.counterparts.cluster import Client, node
from tests.counterparts.cluster.client import Json

FEATURE = "feature.node.kubernetes.io/"
MERGE = "application/merge-patch+json"
MIG_MEMORY_MIB = {"1g.10gb": 9728, "2g.20gb": 19968, "3g.40gb": 40192, "7g.80gb": 80896}
"""What GFD reports of the partitions of an 80 GB card."""


def keep_off(key: str, effect: str = "NoSchedule", value: str = "") -> Json:
    """A taint that keeps others off the node."""
    return {"key": key, "effect": effect, **({"value": value} if value else {})}


def accelerator_node(
    name: str,
    devices: Mapping[str, int],
    labels: Mapping[str, str],
    *,
    taint: str = "",
    unhealthy: Mapping[str, int] | None = None,
) -> Json:
    """A node with so many devices of each resource; `unhealthy` ones are in its capacity and cannot be had."""
    capacity = {resource: str(count) for resource, count in devices.items()}
    usable = {resource: str(devices[resource] - count) for resource, count in (unhealthy or {}).items()}
    taints = [keep_off(taint)] if taint else []
    return node(name, cpu="128", memory="1Ti", labels=labels, capacity=capacity, allocatable=usable, taints=taints)


def _nvidia_labels(product: str, memory_mib: int, count: int, more: Mapping[str, str] | None = None) -> dict[str, str]:
    said = {"product": product, "memory": str(memory_mib), "count": str(count), "family": "hopper", "compute.major": "9", "present": "true"}
    said |= {"replicas": "1", "sharing-strategy": "none"}
    return {
        f"{FEATURE}pci-10de.present": "true",
        "nvidia.com/mig.capable": "true",
        "nvidia.com/mig.strategy": "single",
        "nvidia.com/gpu.workload.config": "container",
        **{f"nvidia.com/gpu.{key}": value for key, value in {**said, **(more or {})}.items()},
    }


def nvidia_whole(
    name: str,
    *,
    product: str = "NVIDIA-H100-80GB-HBM3",
    memory_mib: int = 81559,
    count: int = 8,
    unhealthy: int = 0,
    taint: str = "nvidia.com/gpu",
    labels: Mapping[str, str] | None = None,
) -> Json:
    """Cards that are handed out whole."""
    said = {**_nvidia_labels(product, memory_mib, count), **(labels or {})}
    return accelerator_node(name, {"nvidia.com/gpu": count}, said, taint=taint, unhealthy={"nvidia.com/gpu": unhealthy})


def nvidia_mig_mixed(
    name: str,
    *,
    partitions: Mapping[str, int] | None = None,
    product: str = "NVIDIA-A100-SXM4-80GB",
    count: int = 8,
    profile: str = "all-balanced",
    taint: str = "nvidia.com/gpu",
    labels: Mapping[str, str] | None = None,
) -> Json:
    """Cards in partitions of several sizes, each size a resource of its own; by default what all-balanced makes of eight cards."""
    wanted = partitions or {"1g.10gb": 2 * count, "2g.20gb": count, "3g.40gb": count}
    said = _nvidia_labels(product, 81920, count, {"family": "ampere", "compute.major": "8"})
    said |= {"nvidia.com/mig.strategy": "mixed", "nvidia.com/mig.config": profile, "nvidia.com/mig.config.state": "success"}
    for size, units in wanted.items():
        base = f"nvidia.com/mig-{size}"
        said |= {f"{base}.product": f"{product}-MIG-{size}", f"{base}.memory": str(MIG_MEMORY_MIB[size]), f"{base}.count": str(units)}
        said |= {f"{base}.replicas": "1", f"{base}.sharing-strategy": "none"}
    devices = {f"nvidia.com/mig-{size}": units for size, units in wanted.items()}
    return accelerator_node(name, {"nvidia.com/gpu": 0, **devices}, {**said, **(labels or {})}, taint=taint)


def nvidia_time_sliced(
    name: str,
    *,
    replicas: int = 4,
    renamed: bool = True,
    product: str = "NVIDIA-L40S",
    memory_mib: int = 46068,
    count: int = 4,
    taint: str = "nvidia.com/gpu",
) -> Json:
    """Cards that several pods share one after the other; the resource is called otherwise where the plugin renames it."""
    resource = "nvidia.com/gpu.shared" if renamed else "nvidia.com/gpu"
    shown = product if renamed else f"{product}-SHARED"
    sharing = {"family": "ada-lovelace", "replicas": str(replicas), "sharing-strategy": "time-slicing"}
    said = _nvidia_labels(shown, memory_mib, count, sharing)
    return accelerator_node(name, {resource: count * replicas}, said, taint=taint)


def amd_whole(
    name: str,
    *,
    product: str = "AMD_Instinct_MI300X_OAM",
    vram: str = "192G",
    count: int = 8,
    unhealthy: int = 0,
    taint: str = "amd.com/gpu",
    labels: Mapping[str, str] | None = None,
) -> Json:
    """Cards that are handed out whole."""
    said = _amd_labels(product, vram) | {"amd.com/compute-memory-partition": "spx_nps1"}
    return accelerator_node(name, {"amd.com/gpu": count}, {**said, **(labels or {})}, taint=taint, unhealthy={"amd.com/gpu": unhealthy})


def amd_partitioned(name: str, *, partition: str = "cpx_nps4", units: int = 64, vram: str = "192G", taint: str = "amd.com/gpu") -> Json:
    """Cards in partitions, with the resource names of the naming strategy `mixed`."""
    said = _amd_labels("AMD_Instinct_MI300X_OAM", vram) | {"amd.com/compute-memory-partition": partition}
    said |= {"dcm.amd.com/gpu-config-profile": partition.replace("_", "-"), "dcm.amd.com/gpu-config-profile-state": "success"}
    return accelerator_node(name, {f"amd.com/{partition}": units}, said, taint=taint)


def _amd_labels(product: str, vram: str) -> dict[str, str]:
    said = {"product-name": product, "vram": vram, "device-id": "74a1", "family": "AI", "cu-count": "304"}
    return {
        f"{FEATURE}amd-gpu": "true",
        f"{FEATURE}pci-1002.present": "true",
        "amd.com/compute-partitioning-supported": "true",
        **{f"amd.com/gpu.{key}": value for key, value in said.items()},
    }


def gaudi(name: str, *, count: int = 8, taint: str = "habana.ai/gaudi", labels: Mapping[str, str] | None = None) -> Json:
    """Gaudi cards; no label says how much memory they have."""
    said = {f"{FEATURE}gaudi": "true", f"{FEATURE}pci-1da3.present": "true", f"{FEATURE}pci-1200_1da3_1060.present": "true"}
    return accelerator_node(name, {"habana.ai/gaudi": count}, {**said, **(labels or {})}, taint=taint)


def intel(name: str, *, count: int = 2, driver: str = "i915", taint: str = "") -> Json:
    """Intel cards; no label says how much memory they have."""
    said = {"intel.feature.node.kubernetes.io/gpu": "true", "gpu.intel.com/product": "Flex_170", "gpu.intel.com/family": "Flex_Series"}
    return accelerator_node(name, {f"gpu.intel.com/{driver}": count}, said, taint=taint)


def fleets() -> dict[str, tuple[Json, ...]]:
    """Five fleets for one and the same request: a node without accelerators, and two with those of the fleet."""
    return {
        "nvidia": (node("plain-0"), nvidia_whole("nvidia-0"), nvidia_whole("nvidia-1", count=4)),
        "nvidia-mig": (
            node("plain-0"),
            nvidia_mig_mixed("mig-0"),
            nvidia_mig_mixed("mig-1", partitions={"7g.80gb": 8}, profile="all-7g.80gb"),
        ),
        "amd": (node("plain-0"), amd_whole("amd-0"), amd_partitioned("amd-1")),
        "gaudi": (node("plain-0"), gaudi("gaudi-0"), gaudi("gaudi-1")),
        "mixed": (
            node("plain-0"),
            nvidia_whole("nvidia-0"),
            nvidia_mig_mixed("mig-0"),
            amd_whole("amd-0"),
            gaudi("gaudi-0"),
            intel("intel-0"),
        ),
    }


def undiscovered(made: Json) -> Json:
    """The node as it was before the operators came: neither their labels nor their devices. Taints stay, they are an administrator's."""
    kept = {key: value for key, value in made["metadata"]["labels"].items() if _is_usual(key)}
    status = {
        **made["status"],
        **{
            amount: {key: value for key, value in made["status"][amount].items() if "/" not in key}
            for amount in ("capacity", "allocatable")
        },
    }
    return {**made, "metadata": {**made["metadata"], "labels": kept}, "status": status}


def _is_usual(label: str) -> bool:
    return label.partition("/")[0] in {"kubernetes.io", "node-role.kubernetes.io", "topology.kubernetes.io"}


def discover(client: Client, nodes: Sequence[Json]) -> None:
    """Gives nodes that are up the labels and devices that these have: what discoveries and device plugins do."""
    for each in nodes:
        path = f"/api/v1/nodes/{each['metadata']['name']}"
        client.request("PATCH", path, {"metadata": {"labels": each["metadata"]["labels"]}}, MERGE).checked()
        amounts = {amount: each["status"][amount] for amount in ("capacity", "allocatable")}
        client.request("PATCH", f"{path}/status", {"status": amounts}, MERGE).checked()
