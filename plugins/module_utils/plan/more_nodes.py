# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that would take the VMs for which there is no room, so that a shortage names what ends it.

A node like the largest one is preferred. Its free amounts are what it can give to pods, less what every node spends at
least (what is requested on the node with the fewest requests: its daemons). VMs that such a node could not take, for their
size, CPU, devices or huge pages, get nodes of their own kind; as many more of those are needed as nodes may fail, because
the largest ones become the reserve.
The number is what first fit needs: enough for certain, and not always the least.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .board import BASE, Board, cores, gib
from .cpu_models import GENERATIONS
from .model import MoreNodes, Need
from .nodes import HUGE_PAGES, FitNode, bars, eligibility_key
from .packing import Item, Room, Size, fill


def more_nodes(needs: Sequence[Need], board: Board, spare: int) -> tuple[MoreNodes, ...]:
    """Nodes that together take these VMs, beside what the present ones hold."""
    if not needs:
        return ()
    everything = board.nodes.everything
    like = max(everything, key=lambda node: (node.rank, node.name)) if everything else None
    size = _fresh(like, everything, len(board.resources)) if like is not None else None
    plain: list[Need] = []
    special: dict[str, list[Need]] = {}
    for need in needs:
        if like is not None and size is not None and _takes(like, size, need, board):
            plain.append(need)
        else:
            special.setdefault(need.cpu_vendor, []).append(need)
    found = []
    if plain and like is not None and size is not None:
        count = _count(plain, size, board) + _into_reserve(like, board.nodes.reserve, spare)
        found.append(_node(count, like.name, size, plain, board))
    for vendor in sorted(special):
        wanted = special[vendor]
        larger = _elementwise(board.items[need.vm_id].size for need in wanted)
        if size is not None:
            larger = _elementwise((larger, size))
        found.append(_node(_count(wanted, larger, board) + max(0, spare), "", larger, wanted, board))
    return tuple(found)


def words(nodes: Iterable[MoreNodes]) -> str:
    """The nodes as a sentence; empty for none."""
    parts = []
    for entry in nodes:
        like = f" like {entry.like}" if entry.like else ""
        figures = [cores(entry.cpu_millicores), gib(entry.memory_bytes), f"{entry.pods} pods"]
        figures += [f"{name} {gib(amount) if name.startswith(HUGE_PAGES) else amount}" for name, amount in sorted(entry.devices.items())]
        figures += [f"{entry.cpu_vendor} {entry.cpu_model}".strip()] if entry.cpu_vendor else []
        figures += ["the static CPU manager"] if entry.dedicated_cpus else []
        parts.append(f"{entry.count} more node(s){like} with {', '.join(figures)} free for VMs each")
    return "; ".join(parts)


def _fresh(node: FitNode, nodes: Sequence[FitNode], resources: int) -> Size:
    """What is free on a new node like this one. Devices and huge pages are left out: whoever needs them gets nodes of a kind."""
    spent = (
        min(other.requested_cpu for other in nodes),
        min(other.requested_memory for other in nodes),
        min(other.requested_pods for other in nodes),
    )
    have = (node.allocatable_cpu, node.allocatable_memory, node.allocatable_pods)
    return (*(max(0, amount - taken) for amount, taken in zip(have, spent, strict=True)), *([0] * (resources - len(BASE))))


def _into_reserve(like: FitNode, reserve: Sequence[FitNode], spare: int) -> int:
    """How many nodes like this one would go to the reserve: to the places that are free, or held by a smaller node."""
    return sum(node.rank < like.rank for node in reserve) + max(0, spare - len(reserve))


def _takes(node: FitNode, size: Size, need: Need, board: Board) -> bool:
    wanted = board.items[need.vm_id].size
    return not bars(node, eligibility_key(need)) and all(have >= amount for have, amount in zip(size, wanted, strict=True))


def _count(needs: Sequence[Need], size: Size, board: Board) -> int:
    """How many nodes of this size first fit opens: as many as the sums ask for, then the same for what is left."""
    items = [board.items[need.vm_id] for need in needs]
    items.sort(key=lambda item: (-max(amount / have for amount, have in zip(item.size, size, strict=True) if have), item.size, item.id))
    left = [Item(item.id, item.size, 1) for item in items]
    count = 0
    while left:
        sums = [sum(column) for column in zip(*(item.size for item in left), strict=True)]
        block = max(1, *(-(-amount // have) for amount, have in zip(sums, size, strict=True) if have))
        mask = (1 << block) - 1
        _placed, left = fill([Item(item.id, item.size, mask) for item in left], Room([size] * block, (mask,)))
        count += block
    return count


def _elementwise(sizes: Iterable[Size]) -> Size:
    return tuple(max(column) for column in zip(*sizes, strict=True))


def _node(count: int, like: str, size: Size, needs: Sequence[Need], board: Board) -> MoreNodes:
    models = sorted({need.cpu_model for need in needs if need.cpu_model}, key=lambda model: GENERATIONS.get(model, ("", -1)))
    return MoreNodes(
        count=count,
        like=like,
        cpu_millicores=size[0],
        memory_bytes=size[1],
        pods=size[2],
        devices={name: amount for name, amount in zip(board.resources[len(BASE) :], size[len(BASE) :], strict=True) if amount},
        cpu_vendor=next((need.cpu_vendor for need in needs if need.cpu_vendor), ""),
        cpu_model=models[-1] if models else "",
        dedicated_cpus=any(need.dedicated_cpus for need in needs),
        vm_ids=tuple(sorted(need.vm_id for need in needs)),
    )
