# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AMD: a DeviceConfig for each pool, since selectors must not overlap and each has one driver and one way to hand devices out.

AMD's operands tolerate nothing by themselves, and keep their tolerations in seven lists: all of them are filled.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from ...common.owned_fields import ApiObject
from ...common.write_findings import listed
from ...target.objects import labels_of, map_at
from ...target.quantities import whole
from ..desired.model import CONTAINER, DRA, PARTITION, VM_PASSTHROUGH, PoolWanted
from ..parts import SUPPORT, PartPlan
from .pools import selectors_of
from .resources import AMD, AMD_GPU, AMD_PARTITION, AMD_PROFILE
from .site import Site, wait_for, wanted
from .tolerations import operand_tolerations

GROUP, KIND, RESOURCE = "amd.com", "DeviceConfig", "deviceconfigs.amd.com"
DRIVER_TYPES: Final = {CONTAINER: "container", VM_PASSTHROUGH: "pf-passthrough"}
LABELLER: Final = ("compute-memory-partition", "compute-partitioning-supported", "memory-partitioning-supported")
"""Labels of the node labeller that have to be asked for; without the first one nobody sees how a device is partitioned."""
PROFILE_FORM: Final = re.compile(r"(?P<compute>spx|dpx|tpx|qpx|cpx)_(?P<memory>nps[0-9])")
PER_DEVICE: Final = {"spx": 1, "dpx": 2, "tpx": 3, "qpx": 4, "cpx": 8}
"""Partitions of one device (MI300X: eight devices come to 64 in CPX)."""


def plan_amd(site: Site) -> PartPlan:
    """DeviceConfigs of all pools of AMD and the ConfigMaps with their partition profiles."""
    pools = site.pools(AMD)
    if not pools:
        return PartPlan()
    awaits, namespace = site.namespace_of(AMD, RESOURCE, GROUP, KIND, RESOURCE)
    objects = []
    waits, uneven = [], []
    for pool in pools:
        if pool.mode == PARTITION and not devices_per_node(site, pool):
            uneven.append(pool.name)
        if pool.mode == PARTITION and (number := devices_per_node(site, pool)):
            objects.append(wanted(profiles(pool, namespace, number), site.path(pool, "partition_profile"), awaits, rank=SUPPORT))
        for item in device_configs(site, pool, namespace):
            objects.append(wanted(item, site.path(pool), awaits))
            waits.append(wait_for(item))
    incomplete = f"how many devices the nodes of {listed(uneven)} have is not known" if uneven else ""
    return PartPlan(tuple(objects), tuple(waits), incomplete=incomplete)


def device_configs(site: Site, pool: PoolWanted, namespace: str) -> Iterator[ApiObject]:
    """The DeviceConfigs of a pool: one, unless its labels are lists of values, which a DeviceConfig does not know."""
    selectors = selectors_of(pool)
    for number, selector in enumerate(selectors, 1):
        name = pool.name if len(selectors) == 1 else f"{pool.name}-{number}"
        metadata = {"name": name, "namespace": namespace}
        yield {"apiVersion": f"{GROUP}/v1alpha1", "kind": KIND, "metadata": metadata, "spec": _spec(site, pool, selector)}


def _spec(site: Site, pool: PoolWanted, selector: dict[str, str]) -> dict[str, object]:
    tolerations = operand_tolerations(site.accelerators, AMD_GPU)
    claims = pool.mode == DRA
    driver: dict[str, object] = {
        "enable": pool.driver.managed,
        "driverType": DRIVER_TYPES[pool.workload],
        "tolerations": tolerations,
        "upgradePolicy": {
            "enable": True,
            "maxParallelUpgrades": pool.max_parallel,
            "maxUnavailableNodes": "25%",
            "rebootRequired": True,
        },
    }
    if pool.driver.version:
        driver |= {"version": pool.driver.version, "useSourceImage": True}
    manager: dict[str, object] = {"enable": pool.mode == PARTITION, "configManagerTolerations": tolerations}
    if pool.mode == PARTITION:
        manager["config"] = {"name": profiles_name(pool)}
    plugin: dict[str, object] = {
        "enableDevicePlugin": not claims,
        "devicePluginTolerations": tolerations,
        "enableNodeLabeller": True,
        "nodeLabellerArguments": list(LABELLER),
        "nodeLabellerTolerations": tolerations,
    }
    if not claims:
        plugin["devicePluginArguments"] = {"resource_naming_strategy": "mixed" if pool.mode == PARTITION else "single"}
    monitor = {"enable": True, "interval": "60s", "honorLabels": True, "attachMetadata": {"node": True}}
    return {
        "driver": driver,
        "devicePlugin": plugin,
        "draDriver": {"enable": claims, "tolerations": tolerations},
        "metricsExporter": {"enable": True, "tolerations": tolerations, "prometheus": {"serviceMonitor": monitor}},
        "configManager": manager,
        "testRunner": {"enable": False, "tolerations": tolerations},
        "selector": selector,
    }


# ---- partitions ------------------------------------------------------------------------------------------------------


def profiles_name(pool: PoolWanted) -> str:
    """Name of the ConfigMap with the partition profile of a pool."""
    return f"{pool.name}-profiles"


def profiles(pool: PoolWanted, namespace: str, devices: int) -> ApiObject:
    """The ConfigMap of the device config manager: all devices of a node are partitioned alike, none is left out."""
    found = PROFILE_FORM.fullmatch(pool.partition_profile)
    compute, memory = (found["compute"], found["memory"]) if found else ("spx", "nps1")
    entry = {"computePartition": compute.upper(), "memoryPartition": memory.upper(), "numGPUsAssigned": devices}
    config = {"gpu-config-profiles": {pool.partition_profile: {"skippedGPUs": {"ids": []}, "profiles": [entry]}}}
    metadata = {"name": profiles_name(pool), "namespace": namespace}
    data = {"config.json": json.dumps(config, indent=2) + "\n"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def devices_per_node(site: Site, pool: PoolWanted) -> int:
    """How many devices each node of a pool has; 0 where the nodes differ or nobody knows."""
    found = {_devices(node) for node in site.members[pool.name]}
    return found.pop() if len(found) == 1 else 0


def _devices(node: ApiObject) -> int:
    """Devices of a node, told by its resources and by how they are partitioned now; 0 where that does not come out even."""
    total = 0
    for resource, amount in map_at(node, "status.capacity").items():
        number = whole(amount) or 0
        named = PROFILE_FORM.fullmatch(resource.removeprefix("amd.com/"))
        if resource == AMD_GPU:
            named = PROFILE_FORM.fullmatch(labels_of(node).get(AMD_PARTITION, "spx_nps1"))
        if not number or not (resource == AMD_GPU or named) or not resource.startswith("amd.com/"):
            continue
        parts = PER_DEVICE[named["compute"]] if named else 0
        if not parts or number % parts:
            return 0
        total += number // parts
    return total


def node_labels(site: Site) -> Iterator[tuple[PoolWanted, ApiObject, dict[str, str]]]:
    """Pool, node and the label that chooses its partition profile."""
    for pool in site.pools(AMD):
        if pool.mode == PARTITION:
            for node in site.members[pool.name]:
                yield pool, node, {AMD_PROFILE: pool.partition_profile}
