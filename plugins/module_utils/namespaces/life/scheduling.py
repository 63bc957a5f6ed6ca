# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why no node takes a pod: the nodes that have its devices, and what keeps it from those that it means.

The scheduler counts nodes by the first thing that each lacks, so that its words alone do not tell which of them matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...common.findings import Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import listed
from ...platform.accelerators.model import Taint
from ...platform.accelerators.tolerations import is_of_condition, taint_text, untolerated
from ...target.objects import at, labels_of, map_at, maps_at, name_of, text_at, text_map
from ...target.quantities import whole
from .codes import CORDONED, IN_USE, NO_NODES, NO_ROOM, NOT_SCHEDULED, SELECTOR, TAINT, TOO_FEW, VOLUMES, Code

_PREEMPTION: Final = "preemption:"
_INSUFFICIENT: Final = re.compile(r"(?P<nodes>[0-9]+) Insufficient (?P<resource>[-./\w]*[-/\w])")
_NO_PODS: Final = "Too many pods"
_VOLUMES: Final = re.compile(r"[Vv]olume|PersistentVolumeClaim")
_OF_PODS: Final = re.compile(r"pod (anti-)?affinity|topology spread")


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a pod waits for a node."""

    code: Code
    evidence: tuple[Evidence, ...] = ()


def why_unscheduled(pod: ApiObject, message: str, nodes: Sequence[ApiObject] | None, resource: str, count: int) -> Wait:
    """The reason; `message` is the scheduler's, `nodes` None where they are not known, `resource` empty where no devices are asked for."""
    if nodes is None:
        return Wait(NOT_SCHEDULED)
    if not nodes:
        return Wait(NO_NODES)
    candidates = [each for each in nodes if not resource or _devices(each, resource) >= count]
    if not candidates:
        most = max(nodes, key=lambda each: (_devices(each, resource), name_of(each)))
        evidence = Evidence(f"Node {name_of(most)}", f"status.allocatable[{resource}]", str(_devices(most, resource)), f"{count} or more")
        return Wait(TOO_FEW, (evidence,))
    meant = [each for each in candidates if not _unlike(pod, each)]
    if not meant:
        return Wait(SELECTOR, (_labels(pod, candidates[0]),))
    barriers, nearest = min(((list(_barriers(pod, each)), each) for each in meant), key=_distance)
    if barriers:
        code, observed, expected = barriers[0]
        return Wait(code, (Evidence(f"Node {name_of(nearest)}", "spec.taints", observed, expected),))
    without = [each for each in nodes if _devices(each, resource) < count and not _unlike(pod, each) and not list(_barriers(pod, each))]
    return Wait(_of_room(message, resource, len(without)))


_Barrier = tuple[Code, str, str]
"""Code, what is there, and what would do."""


def _distance(kept: tuple[list[_Barrier], ApiObject]) -> tuple[int, bool, str]:
    barriers, node = kept
    return len(barriers), bool(barriers) and barriers[0][0] is not TAINT, name_of(node)


def _unlike(pod: ApiObject, node: ApiObject) -> list[str]:
    """Labels that the pod's selector asks for and the node does not have so."""
    labels = labels_of(node)
    return sorted(key for key, value in text_map(map_at(pod, "spec.nodeSelector")).items() if labels.get(key) != value)


def _labels(pod: ApiObject, node: ApiObject) -> Evidence:
    wanted, labels, keys = map_at(pod, "spec.nodeSelector"), labels_of(node), _unlike(pod, node)
    observed = listed([f"{key}={labels.get(key, '')}" for key in keys])
    return Evidence(f"Node {name_of(node)}", "metadata.labels", observed, listed([f"{key}={wanted[key]}" for key in keys]))


def _barriers(pod: ApiObject, node: ApiObject) -> Iterator[_Barrier]:
    """All that keeps a pod from a node of its selector, but for what others hold there."""
    taints = [Taint(text_at(each, "key"), text_at(each, "value"), text_at(each, "effect")) for each in maps_at(node, "spec.taints")]
    kept_away = untolerated(maps_at(pod, "spec.tolerations"), taints)
    own = [taint for taint in kept_away if not is_of_condition(taint)]
    if own:
        yield TAINT, ", ".join(map(taint_text, own)), "tolerated by the pod"
    condition = [taint for taint in kept_away if is_of_condition(taint)]
    if condition or at(node, "spec.unschedulable") is True:
        yield CORDONED, ", ".join(map(taint_text, condition)) or "unschedulable", "ready and schedulable"


def _of_room(message: str, resource: str, without: int) -> Code:
    """What is too little on nodes that would take the pod: the scheduler asks for room first, then for volumes, then for other pods.

    `without` nodes do not have the devices at all, and are counted among those that lack them.
    """
    told = message.partition(_PREEMPTION)[0]
    if _OF_PODS.search(told):
        return NOT_SCHEDULED
    if _VOLUMES.search(told):
        return VOLUMES
    short = {found["resource"]: int(found["nodes"]) for found in _INSUFFICIENT.finditer(told)}
    if resource and short.get(resource, 0) > without:
        return IN_USE
    return NO_ROOM if short.keys() - {resource} or _NO_PODS in told else NOT_SCHEDULED


def _devices(node: ApiObject, resource: str) -> int:
    allocatable: Mapping[str, Any] = map_at(node, "status.allocatable")
    return whole(allocatable.get(resource, "0")) or 0
