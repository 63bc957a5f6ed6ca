# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request must come to, by trying every node: rules of the scheduler and of classes, written down a second time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .truth import VENDOR_TAINTS, WELL_KNOWN, Device, Labels, TrueNode, World

KEEPS_AWAY = ("NoSchedule", "NoExecute")
ALLOWED = {"none": ("none",), "isolated": ("none", "isolated"), "any": ("none", "isolated", "any")}
PASSING = ("kubernetes.io/hostname",)


@dataclass(frozen=True)
class Asked:
    """A request and its class as plain data."""

    count: int
    replicas: int
    gib: float
    tolerance: float
    sharing: str
    vendors: tuple[str, ...]
    products: tuple[str, ...]
    labels: Mapping[str, str]
    prefer: tuple[str, ...]


def pairs(world: World) -> Iterator[tuple[TrueNode, Device]]:
    """Every device of every node."""
    for node in world.nodes:
        for device in node.devices:
            yield node, device


def verdict(asked: Asked, node: TrueNode, device: Device) -> str:
    """Whether devices are of the class: yes, no, or unknown."""
    doubts = False
    if device.for_vms or (asked.vendors and device.vendor not in asked.vendors):
        return "no"
    if asked.products:
        if not device.product:
            doubts = True
        elif not any(fnmatchcase(device.product, pattern) for pattern in asked.products):
            return "no"
    if not device.sharing:
        doubts = doubts or asked.sharing != "any"
    elif device.sharing not in ALLOWED[asked.sharing]:
        return "no"
    if any(node.labels.get(key) != value for key, value in asked.labels.items()):
        return "no"
    if device.one_per_pod and asked.count > 1:
        return "no"
    if device.gib is None:
        doubts = True
    elif device.gib < asked.gib * (100 - asked.tolerance) / 100 - 1e-9:
        return "no"
    return "unknown" if doubts else "yes"


def hard(node: TrueNode) -> list[tuple[str, str, str]]:
    """Taints that keep pods away."""
    return [taint for taint in node.taints if taint[2] in KEEPS_AWAY]


def may_tolerate(world: World, node: TrueNode) -> bool:
    """Whether every taint of the node is one that pods may tolerate: declared, or a vendor's own."""
    for key, value, effect in hard(node):
        if key in world.declared:
            wanted, kind = world.declared[key]
            if effect != kind or wanted not in ("", value):
                return False
        elif key not in VENDOR_TAINTS:
            return False
    return True


def tolerated(tolerations: Iterable[Mapping[str, Any]], node: TrueNode) -> bool:
    """Whether a pod with these tolerations may go to the node."""
    for key, value, effect in hard(node):
        of_key = [entry for entry in tolerations if entry.get("key") == key and entry.get("effect") in (None, effect)]
        if not any(entry.get("operator") == "Exists" or entry.get("value", "") == value for entry in of_key):
            return False
    return True


def reach(
    world: World, resource: str, selector: Mapping[str, str], tolerations: Iterable[Mapping[str, Any]]
) -> list[tuple[TrueNode, Device]]:
    """Where a pod could ever go, were the nodes up and empty."""
    entries = list(tolerations)
    return [
        (node, device)
        for node, device in pairs(world)
        if device.resource == resource
        and device.capacity > 0
        and all(node.labels.get(key) == value for key, value in selector.items())
        and tolerated(entries, node)
    ]


def is_up(node: TrueNode) -> bool:
    """Whether the scheduler takes the node now."""
    return node.ready and not node.cordoned


def kind_of(device: Device) -> tuple[object, ...]:
    """What makes devices alike for whoever looks at labels."""
    return (device.vendor, device.product, device.resource, device.sharing, device.gib, device.for_vms, device.one_per_pod)


def alike(world: World) -> dict[tuple[object, ...], list[tuple[TrueNode, Device]]]:
    """Devices that nobody can or has to tell apart, taints included."""
    found: dict[tuple[object, ...], list[tuple[TrueNode, Device]]] = {}
    for node, device in pairs(world):
        own = tuple(sorted(taint for taint in hard(node) if may_one(world, taint)))
        found.setdefault((*kind_of(device), own), []).append((node, device))
    return found


def may_one(world: World, taint: tuple[str, str, str]) -> bool:
    """Whether one taint may be tolerated."""
    return may_tolerate(world, TrueNode("", {}, [taint], True, False))


def outcome(asked: Asked, world: World) -> str:
    """choices, refused or not_evaluated."""
    best = "refused"
    for group in alike(world).values():
        found = _of_group(asked, world, group)
        if found == "choices":
            return found
        if found == "not_evaluated":
            best = found
    return best


def _of_group(asked: Asked, world: World, group: list[tuple[TrueNode, Device]]) -> str:
    fitting = [(node, device) for node, device in group if all(node.labels.get(key) == value for key, value in asked.labels.items())]
    room = [(node, device) for node, device in fitting if device.allocatable >= asked.count and is_up(node) and may_tolerate(world, node)]
    if not room:
        return "refused"
    said = verdict(asked, *fitting[0])
    if said != "yes":
        return "refused" if said == "no" else "not_evaluated"
    tolerations = [
        {"key": key, "operator": "Equal", "value": value, "effect": effect} for node, _device in room for key, value, effect in hard(node)
    ]
    resource = group[0][1].resource
    selector = {**shared_labels([node for node, _device in group]), **asked.labels}
    verdicts = {verdict(asked, *entry) for entry in reach(world, resource, selector, wide(world, tolerations))}
    if verdicts == {"yes"}:
        return "choices"
    return "refused" if "no" in verdicts else "not_evaluated"


def wide(world: World, tolerations: list[dict[str, str]]) -> list[dict[str, str]]:
    """Tolerations of any value, but for keys whose value the document names."""
    return [
        entry if world.declared.get(entry["key"], ("", ""))[0] else {"key": entry["key"], "operator": "Exists", "effect": entry["effect"]}
        for entry in tolerations
    ]


def shared_labels(nodes: list[TrueNode]) -> Labels:
    """Labels that all of the nodes have, but those that mean one node alone."""
    first, *others = nodes
    return {
        key: value for key, value in first.labels.items() if key not in PASSING and all(other.labels.get(key) == value for other in others)
    }


def resources(world: World) -> set[str]:
    """Every accelerator resource that is there, and those that are always named."""
    return {*WELL_KNOWN, *(device.resource for _node, device in pairs(world) if device.capacity)}
