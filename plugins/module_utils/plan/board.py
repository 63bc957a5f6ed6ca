# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes as packing sees them: sizes of VMs as tuples, the nodes that each may run on, and why one fits nowhere.

The resources are cpu (millicores), memory (bytes), pods, and those extended resources and huge pages that a VM asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from .model import GIB, Constraint, Need
from .nodes import HUGE_PAGES, EligibilityKey, FitNode, Nodes, bars, eligibility_key, extra_of, unchecked
from .packing import Item, Room, Size

CPU, MEMORY, PODS = "cpu", "memory", "pods"
BASE: Final = (CPU, MEMORY, PODS)
RESERVE: Final = "reserve:"
SPARE_SETTING: Final = "plan_fit.spare_nodes"
_MORE_SETTING: Final = "plan_fit.node_selector"


def cores(millicores: int) -> str:
    """Millicores in words."""
    return f"{millicores / 1000:.2f} cores"


def gib(amount: int) -> str:
    """Bytes in words."""
    return f"{amount / GIB:.1f} GiB"


class Board:
    """Items of the needs, free amounts of the nodes and of the reserve."""

    def __init__(self, nodes: Nodes, needs: Sequence[Need]) -> None:
        self.nodes = nodes
        self.resources = (*BASE, *sorted({name for need in needs if need.devices or need.hugepages for name in extra_of(need)}))
        self.free = tuple(self._free(node) for node in nodes.usable)
        self._all = nodes.everything
        self._masks: dict[EligibilityKey, int] = {}
        self._barred_by: dict[EligibilityKey, Constraint] = {}
        """why VMs with this key have no node: every node is asked, so once for all of them"""
        self.items = {need.vm_id: self._item(need) for need in needs}
        usable = (1 << len(nodes.usable)) - 1
        self._usable_items = {vm_id: Item(vm_id, item.size, item.nodes & usable) for vm_id, item in self.items.items()}
        everywhere = [self._free(node) for node in self._all]
        self._room = Room(everywhere, {mask for item in self.items.values() for mask in (item.nodes, item.nodes & usable)})
        self._alone: dict[tuple[Size, int], bool] = {}

    def item(self, need: Need) -> Item:
        """The item of a need, with the usable nodes alone."""
        return self._usable_items[need.vm_id]

    def budgets(self) -> dict[str, int]:
        """What may be used of the nodes together, so that what runs on the reserve now has room elsewhere."""
        if not self.nodes.reserve:
            return {}
        free = [sum(column) for column in zip(*(size[:3] for size in self.free), strict=True)] or [0, 0, 0]
        moving = (
            sum(node.requested_cpu for node in self.nodes.reserve),
            sum(node.requested_memory for node in self.nodes.reserve),
            sum(node.requested_pods for node in self.nodes.reserve),
        )
        return {f"{RESERVE}{name}": max(0, have - taken) for name, have, taken in zip(BASE, free, moving, strict=True)}

    def demand(self, need: Need) -> dict[str, int]:
        """What a VM takes of the budgets."""
        if not self.nodes.reserve:
            return {}
        return {f"{RESERVE}{name}": amount for name, amount in zip(BASE, self.items[need.vm_id].size, strict=False)}

    def fits_alone(self, need: Need) -> bool:
        """Whether a usable node has room for the VM when no other VM of the plan is there."""
        item = self.item(need)
        key = (item.size, item.nodes)
        if key not in self._alone:
            self._alone[key] = self._room.find(item.size, item.nodes) >= 0
        return self._alone[key]

    def why_nowhere(self, need: Need) -> Constraint:
        """Why no usable node could take a VM even alone."""
        item = self.items[need.vm_id]
        if not self._all:
            return Constraint(
                "no_node",
                "nodes",
                f"the target has no node on which it could run{_excluded(self.nodes)}",
                _excluded_remedy(self.nodes),
                _MORE_SETTING,
            )
        if self._room.find(item.size, item.nodes) >= 0:
            reserve = ", ".join(node.name for node in self.nodes.reserve)
            text = f"only a node that is kept in reserve could take it ({reserve})"
            return Constraint(
                "spare_nodes", reserve, text, "add a node as large, or lower the number of nodes that may fail", SPARE_SETTING
            )
        eligible = [node for index, node in enumerate(self._all) if item.nodes >> index & 1]
        if not eligible:
            key = eligibility_key(need)
            if key not in self._barred_by:
                self._barred_by[key] = self._barred(need)
            return self._barred_by[key]
        for name, amount in sorted(extra_of(need).items()):
            most = max(node.extra.get(name, 0) for node in eligible)
            if most < amount:
                return _extra_missing(name, amount, most)
        return self._too_large(need, eligible)

    def unchecked(self, needs: Iterable[Need]) -> tuple[Constraint, ...]:
        """Demands of VMs that nobody can check on some nodes."""
        counts: dict[EligibilityKey, int] = {}
        for need in needs:
            key = eligibility_key(need)
            counts[key] = counts.get(key, 0) + 1
        found: dict[str, tuple[int, set[str]]] = {}
        for key, count in sorted(counts.items()):
            names: dict[str, set[str]] = {}
            for node in self._all:
                for what in unchecked(node, key):
                    names.setdefault(what, set()).add(node.name)
            for what, where in names.items():
                before = found.get(what, (0, set()))
                found[what] = (before[0] + count, before[1] | where)
        return tuple(
            Constraint(
                f"{what.lower().replace(' ', '_')}_unknown",
                what,
                f"nobody knows the {what} of {len(where)} node(s), {min(where)} among them: {count} VM(s) ask for it unchecked",
            )
            for what, (count, where) in sorted(found.items())
        )

    def _item(self, need: Need) -> Item:
        key = eligibility_key(need)
        mask = self._masks.get(key)
        if mask is None:
            mask = sum(1 << index for index, node in enumerate(self._all) if not bars(node, key))
            self._masks[key] = mask
        size: Size = (need.cpu_millicores, need.memory_bytes, 1)
        if len(self.resources) > len(BASE):
            wanted = extra_of(need)
            size += tuple(wanted.get(name, 0) for name in self.resources[len(BASE) :])
        return Item(need.vm_id, size, mask)

    def _free(self, node: FitNode) -> Size:
        extra = tuple(node.extra.get(name, 0) for name in self.resources[len(BASE) :])
        return (node.free_cpu, node.free_memory, node.free_pods, *extra)

    def _barred(self, need: Need) -> Constraint:
        key = eligibility_key(need)
        reasons = [bars(node, key) for node in self._all]
        counts = {reason: reasons.count(reason) for reason in sorted(set(reasons))}
        text = "; ".join(f"{reason} ({count})" for reason, count in counts.items())
        if need.cpu_vendor or need.cpu_model:
            wanted = f"{need.cpu_vendor} {need.cpu_model}".strip()
            return Constraint(
                "cpu_not_offered",
                wanted,
                f"no node offers what its EVC baseline asks for ({wanted}): {text}",
                "add nodes with such a CPU, or let it start with the CPU of its node",
                "plan_fit.cpu_baseline",
            )
        return Constraint(
            "dedicated_cpus_not_offered",
            "nodes",
            f"no node can give it CPUs or NUMA nodes of its own: {text}",
            "set up the static CPU manager on nodes, or end its latency sensitivity or NUMA pinning",
        )

    def _too_large(self, need: Need, eligible: Sequence[FitNode]) -> Constraint:
        memory = max(eligible, key=lambda node: (node.free_memory, node.free_cpu, node.name))
        cpu = max(eligible, key=lambda node: (node.free_cpu, node.free_memory, node.name))
        text = (
            f"it requests {cores(need.cpu_millicores)} and {gib(need.memory_bytes)}; "
            f"most memory is free on {memory.name} ({cores(memory.free_cpu)}, {gib(memory.free_memory)})"
        )
        if cpu.name != memory.name:
            text += f", most CPU on {cpu.name} ({cores(cpu.free_cpu)}, {gib(cpu.free_memory)})"
        return Constraint("no_node_large_enough", memory.name, text, "add a node that is larger, free one, or make the VM smaller")


def _extra_missing(name: str, amount: int, most: int) -> Constraint:
    pages = name.startswith(HUGE_PAGES)
    figures = f"{gib(amount)}; one node has {gib(most)} at most" if pages else f"{amount}; one node has {most} free at most"
    code = "hugepages_not_offered" if pages else "device_not_offered"
    setting = "plan_fit.hugepages" if pages else "plan_fit.devices"
    return Constraint(code, name, f"it asks for {name}: {figures}", f"provide {name} on a node", setting)


def _excluded(nodes: Nodes) -> str:
    reasons = list(nodes.excluded.values())
    counts = {reason: reasons.count(reason) for reason in sorted(set(reasons))}
    return ": " + "; ".join(f"{reason} ({count})" for reason, count in counts.items()) if counts else ""


def _excluded_remedy(nodes: Nodes) -> str:
    return "make nodes ready for VMs" if nodes.excluded else "add nodes"
