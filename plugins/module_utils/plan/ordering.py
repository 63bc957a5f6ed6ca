# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders between things that move as one: cycles among them, and the way from one thing to another."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

Edge: TypeAlias = tuple[str, str]
"""(before, after), ids of VMs."""


def cycles(edges: Iterable[Edge], home: Mapping[str, str]) -> list[list[Edge]]:
    """A shortest cycle of each tangle, as edges that follow one another. `home` is the group of a VM; others stand for themselves.

    An edge within one group is none, unless it leads from a VM to itself.
    """
    graph: dict[str, dict[str, Edge]] = {}
    found: list[list[Edge]] = []
    for before, after in sorted(set(edges)):
        source, sink = home.get(before, before), home.get(after, after)
        if before == after:
            found.append([(before, after)])
        elif source != sink:
            graph.setdefault(source, {}).setdefault(sink, (before, after))
            graph.setdefault(sink, {})
    return found + [_shortest_cycle(graph, tangle) for tangle in _tangles(graph)]


def _tangles(graph: Mapping[str, Mapping[str, Edge]]) -> list[list[str]]:
    """Strongly connected components of more than one node (Tarjan's algorithm without recursion), each sorted."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    found: list[list[str]] = []
    for root in sorted(graph):
        if root in index:
            continue
        work = [(root, iter(sorted(graph[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        waiting.add(root)
        while work:
            node, children = work[-1]
            child = next(children, None)
            if child is None:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    _take_component(node, stack, waiting, found)
            elif child not in index:
                index[child] = low[child] = len(index)
                stack.append(child)
                waiting.add(child)
                work.append((child, iter(sorted(graph[child]))))
            elif child in waiting:
                low[node] = min(low[node], index[child])
    return sorted(found)


def _take_component(node: str, stack: list[str], waiting: set[str], found: list[list[str]]) -> None:
    component: list[str] = []
    while not component or component[-1] != node:
        member = stack.pop()
        waiting.discard(member)
        component.append(member)
    if len(component) > 1:
        found.append(sorted(component))


def _shortest_cycle(graph: Mapping[str, Mapping[str, Edge]], tangle: Sequence[str]) -> list[Edge]:
    """A shortest cycle through the first node of a tangle."""
    start, inside = tangle[0], set(tangle)
    came_from: dict[str, str] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for child in sorted(graph[node]):
            if child == start:
                return _edges_back(graph, came_from, node, start)
            if child in inside and child not in came_from:
                came_from[child] = node
                queue.append(child)
    return []


def _edges_back(graph: Mapping[str, Mapping[str, Edge]], came_from: Mapping[str, str], node: str, start: str) -> list[Edge]:
    edges = [graph[node][start]]
    while node != start:
        previous = came_from[node]
        edges.append(graph[previous][node])
        node = previous
    return edges[::-1]


def path(links: Mapping[str, Sequence[tuple[str, str]]], start: str, goal: str) -> list[tuple[str, str, str]]:
    """A shortest way from one VM to another over ties, as (VM, tie, VM); `links` holds (VM, tie) by VM."""
    came_from: dict[str, tuple[str, str]] = {start: ("", "")}
    queue = deque([start])
    while queue and goal not in came_from:
        node = queue.popleft()
        for child, tie in links.get(node, ()):
            if child not in came_from:
                came_from[child] = (node, tie)
                queue.append(child)
    steps: list[tuple[str, str, str]] = []
    node = goal
    while node != start and node in came_from:
        previous, tie = came_from[node]
        steps.append((previous, tie, node))
        node = previous
    return steps[::-1]
