# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shortages: resources of which there is less than the VMs need, with the proof and what would end it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from .board import BASE, MEMORY, RESERVE, Board, cores, gib
from .bounds import Broken, broken_bounds
from .model import TIB, MoreNodes, Need, Shortage
from .more_nodes import words
from .nodes import HUGE_PAGES
from .quota_fit import QUOTA
from .storage_fit import STORAGE

_UNITS: Final = {"cpu": "millicores", "memory": "bytes", "pods": "pods"}


def node_shortages(needs: Sequence[Need], board: Board, more: Sequence[MoreNodes]) -> list[Shortage]:
    """Resources of the nodes of which no arrangement of these VMs has enough."""
    remedy = words(more)
    found: dict[str, Shortage] = {}
    for name, available in board.budgets().items():
        resource = name.removeprefix(RESERVE)
        needed = sum(board.items[need.vm_id].size[BASE.index(resource)] for need in needs)
        if needed > available:
            found[resource] = _reserve_shortage(resource, needed, available, board, remedy)
    for broken in broken_bounds([board.item(need) for need in needs], board.free):
        resource = board.resources[broken.resource]
        if resource not in found:
            found[resource] = _node_shortage(resource, broken, remedy)
    return [found[resource] for resource in sorted(found, key=board.resources.index)]


def no_arrangement(needs: int, left: int, nodes: int, exact: bool, more: Sequence[MoreNodes]) -> Shortage:
    """Room is short although every sum suffices."""
    proof = (
        f"the sums suffice; every arrangement of {needs} VM(s) on {nodes} node(s) was tried, and none holds them all"
        if exact
        else f"not proven: the sums suffice, but first fit in several orders leaves {left} of {needs} VM(s) without a node"
    )
    return Shortage("nodes", needs, needs - left, "VMs", proof, words(more), proven=exact)


def budget_shortages(demands: Iterable[Mapping[str, int]], budgets: Mapping[str, int]) -> list[Shortage]:
    """Storage classes and quotas of which the VMs together need more than there is."""
    sums: dict[str, int] = {}
    for demand in demands:
        for name, amount in demand.items():
            sums[name] = sums.get(name, 0) + amount
    return [_budget_shortage(name, sums[name], budgets[name]) for name in sorted(sums) if sums[name] > budgets[name]]


def amount_text(resource: str, amount: int) -> str:
    """An amount of a resource in words."""
    last = resource.rpartition("/")[2] if resource.startswith(QUOTA) else resource
    if last in ("cpu", "requests.cpu", "limits.cpu"):
        return cores(amount)
    if last == MEMORY or last.startswith((STORAGE, HUGE_PAGES)) or last.endswith(("memory", "storage")) or HUGE_PAGES in last:
        return gib(amount) if amount < TIB else f"{amount / TIB:.2f} TiB"
    return str(amount)


def _resource_name(resource: str) -> str:
    if resource in BASE:
        return resource
    return f"hugepages:{resource.removeprefix(HUGE_PAGES)}" if resource.startswith(HUGE_PAGES) else f"device:{resource}"


def _unit(resource: str) -> str:
    return _UNITS.get(resource, "bytes" if resource.startswith(HUGE_PAGES) else "devices")


def _reserve_shortage(resource: str, needed: int, available: int, board: Board, remedy: str) -> Shortage:
    names = ", ".join(node.name for node in board.nodes.reserve)
    proof = (
        f"the VMs request {amount_text(resource, needed)} of {resource}; the {len(board.nodes.usable)} node(s) outside the reserve "
        f"have {amount_text(resource, available)} left when they also take what runs on the reserve ({names})"
    )
    return Shortage(resource, needed, available, _unit(resource), proof, _with_lack(resource, needed - available, remedy))


def _node_shortage(resource: str, broken: Broken, remedy: str) -> Shortage:
    name = _resource_name(resource)
    if broken.at_least:
        size = amount_text(resource, broken.at_least)
        proof = (
            f"{broken.needed} VM(s) request at least {size} of {resource} each; the {broken.nodes} node(s) that may run them "
            f"have room for {broken.available} of that size, whatever else they hold"
        )
        return Shortage(name, broken.needed, broken.available, f"VMs of {size} or more", proof, remedy)
    proof = (
        f"{broken.items} VM(s) request {amount_text(resource, broken.needed)} of {resource} together; the {broken.nodes} node(s) that "
        f"may run them have {amount_text(resource, broken.available)} free"
    )
    remedy = _with_lack(resource, broken.needed - broken.available, remedy)
    return Shortage(name, broken.needed, broken.available, _unit(resource), proof, remedy)


def _with_lack(resource: str, lack: int, remedy: str) -> str:
    text = f"{amount_text(resource, lack)} of {resource} are lacking"
    return f"{text}: {remedy}" if remedy else text


def _budget_shortage(name: str, needed: int, available: int) -> Shortage:
    lack = amount_text(name, needed - available)
    figures = f"the VMs need {amount_text(name, needed)}, {amount_text(name, available)} are left"
    if name.startswith(STORAGE):
        remedy = f"{lack} more free space in storage class {name.removeprefix(STORAGE)}, beside the headroom"
        return Shortage(name, needed, available, "bytes", f"{figures} of the free space that may be filled", remedy)
    unit = "millicores" if name.endswith(".cpu") else "bytes" if amount_text(name, 1) != "1" else "objects"
    quota, _slash, resource = name.removeprefix(QUOTA).partition("/")
    return Shortage(name, needed, available, unit, figures, f"raise {resource} of quota {quota} by {lack}")
