# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NVIDIA: the one ClusterPolicy, what its plugins read, and the labels by which nodes choose their mode and use.

Everything that differs between nodes is a label of the node: the partitions (`nvidia.com/mig.config`), the plugin's settings
(`nvidia.com/device-plugin.config`) and whether containers or VMs get the devices (`nvidia.com/gpu.workload.config`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...common.owned_fields import ApiObject, applied_fields
from ...common.write_findings import FIELDS, SINGLETON, Policy
from ...target.objects import labels_of, map_at, name_of
from ..desired.model import CONTAINER, MIG_MIXED, MIG_SINGLE, TIME_SLICED, VM_PASSTHROUGH, VM_VGPU, PoolWanted
from ..parts import SUPPORT, PartPlan
from .check_list import PART
from .nfd import is_proven
from .resources import MIG_CONFIG, NVIDIA, NVIDIA_GPU, PLUGIN_CONFIG, WORKLOAD_CONFIG, WORKLOAD_WORDS
from .site import PATH, Site, wait_for, wanted
from .tolerations import operand_tolerations

GROUP, KIND, RESOURCE = "nvidia.com", "ClusterPolicy", "clusterpolicies.nvidia.com"
NAME: Final = "gpu-cluster-policy"
PROFILES: Final = "default-mig-parted-config"
"""ConfigMap of the operator with the MIG profiles."""
ALL_DISABLED: Final = "all-disabled"
PLUGIN_SETTINGS, DEFAULT_SETTINGS = "device-plugin-config", "any"
VGPU_DEVICES: Final = "default"
"""Entry of the operator's ConfigMap of virtual GPUs that nodes without a label of their own get."""


def plan_nvidia(site: Site) -> PartPlan:
    """The ClusterPolicy and what it needs; nothing without a pool of NVIDIA."""
    pools = site.pools(NVIDIA)
    if not pools:
        return PartPlan()
    awaits, namespace = site.brings(RESOURCE, NVIDIA)
    policy = cluster_policy(site, policy_name(site))
    objects = [wanted(policy, f"{PATH}.pools", awaits, claim=SINGLETON)]
    if any(pool.mode == TIME_SLICED for pool in pools):
        objects.append(wanted(plugin_settings(pools, namespace), f"{PATH}.pools", awaits, rank=SUPPORT))
    return PartPlan(tuple(objects), (wait_for(policy),))


def is_driven(node: ApiObject) -> bool:
    """Whether the ClusterPolicy decides about devices of the node, be they for containers or VMs, and given out now or not."""
    labels = labels_of(node)
    resources = (*map_at(node, "status.capacity"), *map_at(node, "status.allocatable"))
    return WORKLOAD_CONFIG in labels or is_proven(NVIDIA, labels) or any(name.startswith(f"{GROUP}/") for name in resources)


def policy_name(site: Site) -> str:
    """The name of the ClusterPolicy: that of the one that is there, since of a second one nothing would come."""
    there = sorted(name_of(item) for item in site.snapshot.all(RESOURCE))
    return there[0] if there and NAME not in there else NAME


def cluster_policy(site: Site, name: str) -> ApiObject:
    """The ClusterPolicy for all pools together."""
    pools = site.pools(NVIDIA)
    on_vms = {pool.workload for pool in pools} - {CONTAINER}
    plugin: dict[str, object] = {"enabled": True}
    if any(pool.mode == TIME_SLICED for pool in pools):
        plugin["config"] = {"name": PLUGIN_SETTINGS, "default": DEFAULT_SETTINGS}
    spec: dict[str, object] = {
        "operator": {"use_ocp_driver_toolkit": True},
        "daemonsets": {
            "updateStrategy": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": "1"},
            "tolerations": operand_tolerations(site.accelerators, NVIDIA_GPU),
        },
        "driver": _driver(pools),
        "toolkit": {"enabled": True},
        "devicePlugin": plugin,
        "gfd": {"enabled": True},
        "mig": {"strategy": strategy_of(pools)},
        "migManager": {"enabled": True, "config": {"name": PROFILES, "default": ALL_DISABLED}},
        "dcgm": {"enabled": True},
        "dcgmExporter": {"enabled": True, "serviceMonitor": {"enabled": True, "interval": "30s", "honorLabels": True}},
        "nodeStatusExporter": {"enabled": True},
        "sandboxWorkloads": {"enabled": bool(on_vms), "defaultWorkload": WORKLOAD_WORDS[CONTAINER]},
        "vfioManager": {"enabled": VM_PASSTHROUGH in on_vms},
        "sandboxDevicePlugin": {"enabled": bool(on_vms)},
        "vgpuManager": _vgpu_manager(pools),
        "vgpuDeviceManager": {"enabled": VM_VGPU in on_vms},
    }
    if VM_VGPU in on_vms:
        spec["vgpuDeviceManager"] = {"enabled": True, "config": {"default": VGPU_DEVICES}}
    return {"apiVersion": f"{GROUP}/v1", "kind": KIND, "metadata": {"name": name}, "spec": spec}


def _driver(pools: list[PoolWanted]) -> dict[str, object]:
    """The driver: a ClusterPolicy has one for all nodes, changed on as few nodes at once as any pool says."""
    managed = [pool for pool in pools if pool.driver.managed and pool.workload == CONTAINER]
    driver: dict[str, object] = {
        # It goes to nodes for containers alone: pools for VMs say nothing of it.
        "enabled": bool(managed) or not any(pool.workload == CONTAINER for pool in pools),
        "kernelModuleType": "auto",
        "upgradePolicy": {
            "autoUpgrade": True,
            "maxParallelUpgrades": min(pool.max_parallel for pool in pools),
            "maxUnavailable": "25%",
        },
    }
    if versions := sorted({pool.driver.version for pool in managed if pool.driver.version}):
        driver["version"] = versions[0]
    return driver


def _vgpu_manager(pools: list[PoolWanted]) -> dict[str, object]:
    image = next((pool.driver.image for pool in pools if pool.workload == VM_VGPU and pool.driver.image), "")
    if not image:
        return {"enabled": any(pool.workload == VM_VGPU for pool in pools)}
    repository, name, version = image_parts(image)
    return {"enabled": True, "repository": repository, "image": name, "version": version}


def image_parts(image: str) -> tuple[str, str, str]:
    """Repository, name and version of an image reference; empty texts where it has no such part."""
    path, _slash, last = image.rpartition("/")
    name, _colon, version = last.partition("@") if "@" in last else last.partition(":")
    return path, name, version


def strategy_of(pools: list[PoolWanted]) -> str:
    """The MIG strategy. It says how partitions are named; single is the operator's own where there are none."""
    return "mixed" if any(pool.mode == MIG_MIXED for pool in pools) else "single"


def plugin_settings(pools: list[PoolWanted], namespace: str) -> ApiObject:
    """The ConfigMap with an entry for each number of pods that share a device, and one for all other nodes.

    Shared devices get a name of their own, so that a quota for whole devices does not cover them.
    """
    flags = f"version: v1\nflags:\n  migStrategy: {strategy_of(pools)}\n"
    data = {DEFAULT_SETTINGS: flags}
    for number in sorted({pool.replicas or 0 for pool in pools if pool.mode == TIME_SLICED}):
        data[settings_entry(number)] = (
            f"{flags}sharing:\n  timeSlicing:\n    renameByDefault: true\n    failRequestsGreaterThanOne: true\n"
            f"    resources:\n      - name: {NVIDIA_GPU}\n        replicas: {number}\n"
        )
    metadata = {"name": PLUGIN_SETTINGS, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def settings_entry(replicas: int) -> str:
    """Name of the entry for devices that so many pods share."""
    return f"shared-{replicas}"


def node_labels(site: Site) -> Iterator[tuple[PoolWanted, ApiObject, dict[str, str]]]:
    """Pool, node and the labels that NVIDIA's operands read there.

    A label that would say what holds without it is only set where the node has it with another value, or has it from us.
    """
    for pool in site.pools(NVIDIA):
        for node in site.members[pool.name]:
            if labels := _labels_for(pool, node):
                yield pool, node, labels


def _labels_for(pool: PoolWanted, node: ApiObject) -> dict[str, str]:
    live, ours = labels_of(node), _own_labels(node)
    plain = {
        MIG_CONFIG: ALL_DISABLED,
        PLUGIN_CONFIG: DEFAULT_SETTINGS,
        WORKLOAD_CONFIG: WORKLOAD_WORDS[CONTAINER],
    }
    found = {WORKLOAD_CONFIG: WORKLOAD_WORDS[pool.workload]}
    found[MIG_CONFIG] = pool.mig_profile if pool.mode in (MIG_SINGLE, MIG_MIXED) else ALL_DISABLED
    found[PLUGIN_CONFIG] = settings_entry(pool.replicas or 0) if pool.mode == TIME_SLICED else DEFAULT_SETTINGS
    return {key: value for key, value in sorted(found.items()) if value != plain[key] or live.get(key, value) != value or key in ours}


def _own_labels(node: ApiObject) -> set[str]:
    """Labels of a node that this part has applied. The operator sets some by itself: those stay its own."""
    owned = applied_fields(node, Policy(f"platform-{PART}").manager_of(FIELDS))
    names = map_at(dict(owned[1]), "f:metadata").get("f:labels") if owned else None
    return {str(name).removeprefix("f:") for name in names or ()}
