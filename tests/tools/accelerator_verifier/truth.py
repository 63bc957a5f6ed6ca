# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A random fleet, and the truth about it: what each device is, and what of that anybody could know.

Nothing here uses the collection's code: labels are written down as the operators of the vendors write them, and beside them what
they mean.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Labels: TypeAlias = dict[str, str]
GPU = "nvidia.com/gpu"
WELL_KNOWN = ("amd.com/gpu", "gpu.intel.com/i915", "gpu.intel.com/xe", "habana.ai/gaudi", "nvidia.com/gpu", "nvidia.com/gpu.shared")
VENDOR_TAINTS = ("nvidia.com/gpu", "amd.com/gpu", "habana.ai/gaudi")
PRODUCTS = (("NVIDIA-H100-80GB-HBM3", 81559), ("NVIDIA-A100-SXM4-80GB", 81920), ("NVIDIA-L4", 23034), ("NVIDIA-A100-PCIE-40GB", 40960))
SLICES = (("1g.10gb", 9728), ("3g.40gb", 40192), ("7g.80gb", 81050))
AMD_PRODUCTS = (("AMD_Instinct_MI300X", 192), ("AMD_Instinct_MI210", 64))
GAUDI = "habana.ai/gaudi"
GAUDI_LABEL = "feature.node.kubernetes.io/gaudi"


@dataclass
class Device:
    """A resource of a node, as it truly is."""

    resource: str
    capacity: int
    allocatable: int
    requested: int
    vendor: str
    gib: float | None
    """memory, where anybody could know it"""
    sharing: str
    """empty where nobody could know it"""
    product: str
    for_vms: bool = False
    one_per_pod: bool = False
    """shares of a device, of which a pod gets one"""


@dataclass
class TrueNode:
    """A node, as it truly is."""

    name: str
    labels: Labels
    taints: list[tuple[str, str, str]]
    ready: bool
    cordoned: bool
    devices: list[Device] = field(default_factory=list)

    def as_object(self) -> Json:
        """The node as the API serves it."""
        taints = [{"key": key, "effect": effect, **({"value": value} if value else {})} for key, value, effect in self.taints]
        amounts: dict[str, Labels] = {"capacity": {}, "allocatable": {}}
        for kind, found in amounts.items():
            found.update({"cpu": "64", "memory": "1Ti", "pods": "250"})
            found.update({device.resource: str(getattr(device, kind)) for device in self.devices})
        conditions = [{"type": "Ready", "status": "True" if self.ready else "False"}]
        spec: Json = {"taints": taints} if taints else {}
        if self.cordoned:
            spec["unschedulable"] = True
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": self.name, "labels": dict(self.labels)},
            "spec": spec,
            "status": {**amounts, "conditions": conditions},
        }


@dataclass
class World:
    """A fleet with what the document and the shipped table say of it."""

    nodes: list[TrueNode]
    told: list[tuple[Labels, str, float]]
    """labels, product and memory that the document names"""
    table: list[tuple[str, Labels, str, float]]
    """vendor, labels, product and memory that the table names"""
    declared: dict[str, tuple[str, str]]
    """taint key to value and effect"""


def random_world(dice: random.Random) -> World:
    """A fleet of a few nodes."""
    told: list[tuple[Labels, str, float]] = []
    table: list[tuple[str, Labels, str, float]] = []
    if dice.random() < 0.5:
        told.append(({GAUDI_LABEL: "true"}, "Gaudi 3", 128.0))
    if dice.random() < 0.5:
        table.append(("gaudi", {GAUDI_LABEL: "true"}, "Gaudi 2", 96.0))
    if dice.random() < 0.4:
        told.append(({"amd.com/compute-memory-partition": "cpx_nps4"}, "MI300X in CPX", 24.0))
    if dice.random() < 0.4:
        table.append(("nvidia", {f"{GPU}.product": "NVIDIA-H100-80GB-HBM3"}, "H100", 80.0))
    declared: dict[str, tuple[str, str]] = {}
    if dice.random() < 0.5:
        declared["site.example.com/ai"] = (dice.choice(("", "yes")), dice.choice(("NoSchedule", "NoExecute")))
    if dice.random() < 0.3:
        declared["nvidia.com/gpu"] = (dice.choice(("", "present")), "NoSchedule")
    world = World([], told, table, declared)
    for number in range(dice.randint(1, 8)):
        world.nodes.append(_node(dice, f"node-{number}", world))
    return world


def _node(dice: random.Random, name: str, world: World) -> TrueNode:
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"}
    for key, values in (("site.example.com/pool", ("a", "b")), ("site.example.com/rack", ("1", "2", "3"))):
        if dice.random() < 0.5:
            labels[key] = dice.choice(values)
    made = TrueNode(name, labels, _taints(dice, world), dice.random() < 0.9, dice.random() < 0.1)
    dice.choice((_whole, _whole, _shared, _slices, _single, _amd, _amd, _gaudi, _gaudi, _intel))(dice, made, world)
    if dice.random() < 0.08 and GAUDI not in {device.resource for device in made.devices}:
        _gaudi(dice, made, world)
        _forget_told(made, world)
    return made


def _forget_told(node: TrueNode, world: World) -> None:
    """On a node with devices of several vendors nobody knows which of them the document means."""
    for device in node.devices:
        partition = device.vendor == "amd" and device.sharing == "isolated"
        if partition:
            device.gib = None
        if device.resource == GAUDI and GAUDI_LABEL in node.labels:
            known = [(name, gib) for vendor, _match, name, gib in world.table if vendor == "gaudi"]
            device.product, device.gib = known[0] if known else ("", None)


def _taints(dice: random.Random, world: World) -> list[tuple[str, str, str]]:
    found: dict[tuple[str, str], tuple[str, str, str]] = {}
    choices = [*VENDOR_TAINTS, *world.declared, "team.example.com/x"]
    for _number in range(dice.choice((0, 0, 1, 1, 2))):
        key = dice.choice(choices)
        value, effect = dice.choice(("", "present", "yes")), dice.choice(("NoSchedule", "NoSchedule", "NoExecute", "PreferNoSchedule"))
        found[key, effect] = (key, value, effect)
    return sorted(found.values())


def _counts(dice: random.Random, most: int) -> tuple[int, int, int]:
    capacity = dice.randint(1, most)
    allocatable = capacity if dice.random() < 0.8 else dice.randint(0, capacity)
    return capacity, allocatable, dice.randint(0, allocatable)


def _known_nvidia(product: str, label: bool, mib: int, world: World) -> float | None:
    """Memory of a whole device that anybody could know: by its label, else by the document or the table."""
    if label:
        return mib / 1024
    for _vendor, match, _name, gib in world.table:
        if match.get(f"{GPU}.product") == product:
            return gib
    return None


def _whole(dice: random.Random, node: TrueNode, world: World) -> None:
    product, mib = dice.choice(PRODUCTS)
    discovered, labelled = dice.random() < 0.8, dice.random() < 0.8
    if discovered:
        node.labels[f"{GPU}.product"] = product
        if dice.random() < 0.7:
            node.labels[f"{GPU}.replicas"] = "1"
        if labelled:
            node.labels[f"{GPU}.memory"] = str(mib)
    gib = _known_nvidia(product, labelled, mib, world) if discovered else None
    for_vms = dice.random() < 0.1
    if for_vms:
        node.labels["nvidia.com/gpu.workload.config"] = dice.choice(("vm-passthrough", "vm-vgpu"))
    name = product if discovered else ""
    node.devices.append(Device(GPU, *_counts(dice, 8), "nvidia", gib, "none" if discovered else "", name, for_vms))


def _shared(dice: random.Random, node: TrueNode, world: World) -> None:
    product, mib = dice.choice(PRODUCTS)
    renamed, labelled = dice.random() < 0.6, dice.random() < 0.8
    # The feature discovery marks the product where shared devices keep the plain name.
    node.labels[f"{GPU}.product"] = product if renamed else f"{product}-SHARED"
    node.labels[f"{GPU}.replicas"] = "4"
    if dice.random() < 0.7:
        node.labels[f"{GPU}.sharing-strategy"] = dice.choice(("time-slicing", "mps"))
    if labelled:
        node.labels[f"{GPU}.memory"] = str(mib)
    gib = _known_nvidia(node.labels[f"{GPU}.product"], labelled, mib, world)
    resource = f"{GPU}.shared" if renamed else GPU
    node.devices.append(Device(resource, *_counts(dice, 16), "nvidia", gib, "any", product, one_per_pod=True))


def _slices(dice: random.Random, node: TrueNode, world: World) -> None:
    product, mib = PRODUCTS[1]
    node.labels |= {f"{GPU}.product": product, f"{GPU}.memory": str(mib), "nvidia.com/mig.strategy": "mixed", f"{GPU}.replicas": "1"}
    for profile, size in dice.sample(SLICES, dice.randint(1, 2)):
        labelled = dice.random() < 0.8
        resource = f"nvidia.com/mig-{profile}"
        if labelled:
            node.labels[f"{resource}.memory"] = str(size)
        gib = size / 1024 if labelled else None
        node.devices.append(Device(resource, *_counts(dice, 14), "nvidia", gib, "isolated", f"{product}-MIG-{profile}"))
    if dice.random() < 0.3:
        node.devices.append(Device(GPU, *_counts(dice, 4), "nvidia", mib / 1024, "none", product))
    del world


def _single(dice: random.Random, node: TrueNode, world: World) -> None:
    profile, size = dice.choice(SLICES)
    product, labelled = f"NVIDIA-A100-SXM4-80GB-MIG-{profile}", dice.random() < 0.8
    node.labels |= {f"{GPU}.product": product, "nvidia.com/mig.strategy": "single", f"{GPU}.replicas": "1"}
    if labelled:
        node.labels[f"{GPU}.memory"] = str(size)
    node.devices.append(Device(GPU, *_counts(dice, 14), "nvidia", size / 1024 if labelled else None, "isolated", product))
    del world


def _amd(dice: random.Random, node: TrueNode, world: World) -> None:
    product, gib = dice.choice(AMD_PRODUCTS)
    labelled, way = dice.random() < 0.8, dice.choice(("plain", "plain", "spx", "cpx", "cpx-single"))
    node.labels["amd.com/gpu.product-name"] = product
    if labelled:
        node.labels["amd.com/gpu.vram"] = f"{gib}G"
    known = float(gib) if labelled else None
    if way in ("plain", "spx"):
        resource = "amd.com/gpu" if way == "plain" else "amd.com/spx_nps1"
        if dice.random() < 0.5:
            node.labels["amd.com/compute-memory-partition"] = "spx_nps1"
        node.devices.append(Device(resource, *_counts(dice, 8), "amd", known, "none", product))
        return
    node.labels["amd.com/compute-memory-partition"] = "cpx_nps4"
    of_partition = next((gib for match, _name, gib in world.told if "amd.com/compute-memory-partition" in match), None)
    resource = "amd.com/gpu" if way == "cpx-single" else "amd.com/cpx_nps4"
    node.devices.append(Device(resource, *_counts(dice, 64), "amd", of_partition, "isolated", f"{product}-cpx_nps4"))


def _gaudi(dice: random.Random, node: TrueNode, world: World) -> None:
    labelled = dice.random() < 0.75
    known: tuple[str, float] | None = None
    if labelled:
        node.labels[GAUDI_LABEL] = "true"
        entries = [(name, gib) for match, name, gib in world.told if GAUDI_LABEL in match]
        entries += [(name, gib) for vendor, match, name, gib in world.table if vendor == "gaudi" and GAUDI_LABEL in match]
        known = entries[0] if entries else None
    name, gib = known or ("", None)
    node.devices.append(Device(GAUDI, *_counts(dice, 8), "gaudi", gib, "none", name))


def _intel(dice: random.Random, node: TrueNode, world: World) -> None:
    # No label says whether devices are shared, or how much memory they have.
    resource = dice.choice(("gpu.intel.com/i915", "gpu.intel.com/xe"))
    node.devices.append(Device(resource, *_counts(dice, 4), "intel", None, "", ""))
    del world
