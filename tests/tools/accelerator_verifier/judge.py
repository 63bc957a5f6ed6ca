# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One case: a random fleet and a random request, resolved, and held against the brute force."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.fleet import fleet_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Choice, Fleet, Resolution
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.resolve import resolve
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue, DeviceFacts
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    Accelerators,
    DeviceClass,
    DeviceRequest,
    DeviceWanted,
    PlatformDesired,
    TaintWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot, PodUse

from .brute import Asked, hard, is_up, outcome, reach, resources, verdict
from .truth import World, random_world


@dataclass
class Tally:
    """Figures of many cases."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Adds another tally."""
        self.counts.update(other.counts)
        self.wrong += other.wrong


def judge(seed: int) -> Tally:
    """One case."""
    dice = random.Random(seed)
    world = random_world(dice)
    tally = Tally()
    fleet = fleet_of_world(world)
    for _number in range(3):
        asked = random_request(dice, world)
        found = resolve(*as_request(asked), fleet)
        said = "choices" if found.choices else "refused" if found.refused else "not_evaluated"
        tally.counts["requests"] += 1
        tally.counts[said] += 1
        tally.counts["choices in all"] += len(found.choices)
        tally.counts["refused since labels tell nothing apart"] += "no label tells" in found.refused
        tally.wrong += [f"seed {seed}: {asked}: {problem}" for problem in _problems(asked, world, found, said)]
    tally.counts["groups"] += len(fleet.groups)
    tally.counts["nodes"] += len(world.nodes)
    return tally


def judge_many(seeds: range) -> Tally:
    """The tally of some seeds."""
    tally = Tally()
    for seed in seeds:
        tally.add(judge(seed))
    return tally


def fleet_of_world(world: World) -> Fleet:
    """The fleet as the collection sees it."""
    nodes = tuple(node.as_object() for node in world.nodes)
    held = {node.name: {device.resource: device.requested for device in node.devices} for node in world.nodes}
    snapshot = PlatformSnapshot({"nodes": Listed("read", nodes)}, pods=PodUse(held))
    told = tuple(DeviceWanted(match=match, product=name, memory_gib=gib, source="told") for match, name, gib in world.told)
    taints = {key: TaintWanted(value=value, effect=effect) for key, (value, effect) in world.declared.items()}
    desired = PlatformDesired(schema_version="1.0", accelerators=Accelerators(devices=told, taints=taints))
    table = tuple(DeviceFacts(vendor, match, name, gib, "table") for vendor, match, name, gib in world.table)
    return fleet_of(snapshot, desired, Catalogue("1", "", devices=table))


def random_request(dice: random.Random, world: World) -> Asked:
    """A request that some fleets can serve and others cannot."""
    labels: dict[str, str] = {}
    if dice.random() < 0.2:
        labels["site.example.com/pool"] = dice.choice(("a", "b"))
    del world
    return Asked(
        dice.choice((1, 1, 1, 2, 4, 8)),
        dice.randint(1, 3),
        dice.choice((8, 10, 16, 24, 40, 80, 128, 192)),
        dice.choice((0, 3, 10)),
        dice.choice(("none", "isolated", "any")),
        tuple(dice.sample(("nvidia", "amd", "gaudi", "intel"), dice.randint(1, 3))) if dice.random() < 0.3 else (),
        (dice.choice(("NVIDIA-H100*", "*MI300X*", "Gaudi*", "*A100*")),) if dice.random() < 0.2 else (),
        labels,
        tuple(dice.sample(("nvidia", "amd", "gaudi"), 2)) if dice.random() < 0.5 else (),
    )


def as_request(asked: Asked) -> tuple[DeviceRequest, dict[str, DeviceClass]]:
    """The request and the classes as the collection takes them."""
    wanted = DeviceClass(
        memory_gib=asked.gib,
        memory_tolerance_percent=asked.tolerance,
        sharing=asked.sharing,
        vendors=asked.vendors,
        products=asked.products,
        labels=asked.labels,
    )
    return DeviceRequest(name="r", device_class="c", count=asked.count, replicas=asked.replicas, prefer=asked.prefer), {"c": wanted}


def _problems(asked: Asked, world: World, found: Resolution, said: str) -> Iterator[str]:
    must = outcome(asked, world)
    if said != must:
        yield f"{said} instead of {must}: {found.refused or found.not_evaluated or [choice.group for choice in found.choices]}"
    order = [_place(asked, choice, world) for choice in found.choices]
    if order != sorted(order):
        yield f"vendors out of order: {[choice.group for choice in found.choices]}"
    if said != "choices" and not (found.refused or found.not_evaluated):
        yield "no reason"
    for choice in found.choices:
        yield from _choice_problems(asked, world, choice)


def _place(asked: Asked, choice: Choice, world: World) -> int:
    vendor = next(device.vendor for node in world.nodes for device in node.devices if device.resource == choice.resource)
    return asked.prefer.index(vendor) if vendor in asked.prefer else len(asked.prefer)


def _choice_problems(asked: Asked, world: World, choice: Choice) -> Iterator[str]:
    ever = reach(world, choice.resource, choice.node_selector, choice.tolerations)
    strays = [node.name for node, device in ever if verdict(asked, node, device) != "yes"]
    if strays:
        yield f"{choice.group} gets to {strays}, which are not of the class"
    now = [(node, device) for node, device in ever if is_up(node) and device.allocatable >= asked.count]
    if sorted(node.name for node, _device in now) != list(choice.nodes):
        yield f"{choice.group}: nodes {choice.nodes}, the scheduler says {sorted(node.name for node, _device in now)}"
    if not now:
        yield f"{choice.group}: no node at all"
    empty = sum(device.allocatable // asked.count for _node, device in now)
    room = sum((device.allocatable - device.requested) // asked.count for _node, device in now)
    if (choice.fits_empty, choice.fits_now) != (empty, room):
        yield f"{choice.group}: fits {choice.fits_empty} and {choice.fits_now}, counted {empty} and {room}"
    taints = {(key, effect) for node, _device in ever for key, _value, effect in hard(node)}
    if any((entry["key"], entry["effect"]) not in taints for entry in choice.tolerations):
        yield f"{choice.group} tolerates what no node has: {choice.tolerations}"
    quota = {f"requests.{name}": asked.count * asked.replicas if name == choice.resource else 0 for name in resources(world)}
    if dict(choice.quota) != quota:
        yield f"{choice.group}: quota {choice.quota}, must be {quota}"
