# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All ways of putting a few VMs on nodes, tried one by one: whether everything fits, and whether what was left out could have fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .asks import Ask, ask_of
from .brute_waves import whole_groups
from .evidence import Record
from .room import BASE, FREE, barred, counted, counted_nodes, free_of, storage_of, unfit_alone
from .world import World, groups

MOST_VMS: Final = 10


@dataclass(slots=True)
class FitComparison:
    """Whether everything fits by the plan and by brute force; units that the plan leaves out and that would have fitted."""

    plan: bool
    brute: bool
    spared: list[list[str]]
    vms: int


def compare_fit(world: World) -> FitComparison | None:
    """The plan's fit beside all arrangements; None where there is nothing to compare, or too much."""
    nodes = counted_nodes(world)
    if nodes is None or not world.plan.one("fit").get("evaluated"):
        return None
    tried = sorted(whole_groups(world, {vm.id for vm in world.vms.values() if "cpu_millicores" in vm.plan}, world.moved))
    if not tried or len(tried) > MOST_VMS:
        return None
    box = _Box(world, nodes, tried)
    kept = [vm_id for vm_id in tried if "node" in world.vms[vm_id].plan]
    joined = groups(world, set(tried))
    units: dict[str, list[str]] = {}
    for vm_id in tried:
        units.setdefault(joined.root(vm_id), []).append(vm_id)
    left = [unit for unit in units.values() if not any(vm_id in kept for vm_id in unit)]
    return FitComparison(
        plan=len(kept) == len(tried), brute=box.holds(tried), spared=[unit for unit in left if box.holds([*kept, *unit])], vms=len(tried)
    )


class _Box:
    """The target with everything that it has room for."""

    def __init__(self, world: World, nodes: tuple[list[Record], list[Record]], tried: Sequence[str]) -> None:
        self._world = world
        self._asks: dict[str, Ask] = {vm_id: ask for vm_id in tried if (ask := ask_of(world, world.vms[vm_id])) is not None}
        self._nodes, reserve = nodes
        extra = sorted({name for ask in self._asks.values() for name in ask.extra})
        self._free = [free_of(node, extra) for node in self._nodes]
        moving = {what: sum(node[f"requested_{FREE[what]}"] for node in reserve) for what in BASE}
        self._whole = {what: max(0, sum(free[what] for free in self._free) - moving[what]) for what in BASE} if reserve else {}

    def holds(self, vm_ids: Sequence[str]) -> bool:
        """Whether all these VMs have room together."""
        wants = {vm_id: _wants(self._asks[vm_id]) for vm_id in vm_ids}
        if any(unfit_alone(self._world, vm_id, self._asks[vm_id]) for vm_id in vm_ids) or not self._budgets(vm_ids):
            return False
        for what, most in self._whole.items():
            if sum(want.get(what, 0) for want in wants.values()) > most:
                return False
        allowed = {vm_id: [number for number, node in enumerate(self._nodes) if not barred(node, self._asks[vm_id])] for vm_id in vm_ids}
        order = sorted(vm_ids, key=lambda vm_id: (len(allowed[vm_id]), -wants[vm_id]["memory"], vm_id))
        return self._place(order, 0, wants, allowed, [dict(free) for free in self._free])

    def _place(
        self,
        order: Sequence[str],
        depth: int,
        wants: Mapping[str, Mapping[str, int]],
        allowed: Mapping[str, Sequence[int]],
        free: list[dict[str, int]],
    ) -> bool:
        if depth == len(order):
            return True
        want = wants[order[depth]]
        for number in allowed[order[depth]]:
            left = free[number]
            if any(left.get(what, 0) < amount for what, amount in want.items()):
                continue
            free[number] = {what: amount - want.get(what, 0) for what, amount in left.items()}
            if self._place(order, depth + 1, wants, allowed, free):
                return True
            free[number] = left
        return False

    def _budgets(self, vm_ids: Sequence[str]) -> bool:
        """Whether storage and quotas suffice."""
        world, target = self._world, self._world.target
        if target is None:
            return True
        needed: dict[str, int] = {}
        for vm_id in vm_ids:
            for volume in storage_of(world, world.vms[vm_id]):
                needed[volume.storage_class] = needed.get(volume.storage_class, 0) + volume.bytes
        share = 1 - float(world.wishes.fit.get("storage_headroom_percent", 10)) / 100
        for name, amount in needed.items():
            free = target.kind("storage_class").get(name, {}).get("free_bytes")
            if free is not None and amount > int(free * share):
                return False
        for quota in target.kind("quota").values():
            if "hard" not in quota or "used" not in quota or not set(quota.get("scopes", ())) <= {"NotTerminating", "NotBestEffort"}:
                continue
            namespaces = quota.get("namespaces") or [quota.get("namespace")]
            inside = [vm_id for vm_id in vm_ids if world.vms[vm_id].plan.get("namespace") in namespaces]
            for resource, hard in quota["hard"].items():
                amount = sum(counted(world, world.vms[vm_id], self._asks[vm_id], resource) for vm_id in inside)
                if amount and amount > max(0, hard - quota["used"].get(resource, 0)):
                    return False
        return True


def _wants(ask: Ask) -> dict[str, int]:
    return {"cpu": ask.cpu, "memory": ask.memory, "pods": 1, **ask.extra}
