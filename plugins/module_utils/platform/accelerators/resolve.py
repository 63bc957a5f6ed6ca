# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resolves a request for accelerators that names a class, not a product, on the fleet there is.

The answer is for one pod: it needs one node with so many devices of one resource. What is known to be impossible is refused
with the figures; where a group whose memory nobody knows could do, the request is not evaluated. A choice names labels and
tolerations with which a pod gets to no device that is not of the class: where labels cannot tell devices apart, there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ...common.owned_fields import ApiObject
from ...common.write_findings import listed
from ..desired.model import TIME_SLICED, DeviceClass, DeviceRequest
from .classes import EXCLUSIVENESS, class_in_words, judge
from .model import Choice, DeviceGroup, Fleet, NodeDevices, Resolution
from .pools import has_labels
from .resources import quota_key
from .tolerations import toleration_of, untolerated

_NO_DEVICES: Final = "no node has accelerators"
_FAR: Final = 1000.0


@dataclass(frozen=True, slots=True)
class _Tried:
    """One group that was tried for a request."""

    group: DeviceGroup
    choice: Choice | None = None
    lacks: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    distance: float = 0

    @property
    def words(self) -> str:
        return f"{self.group.key}: {'; '.join((*self.lacks, *self.unknown))}"


def resolve(request: DeviceRequest, classes: Mapping[str, DeviceClass], fleet: Fleet) -> Resolution:
    """What becomes of a request, with the classes by name."""
    wanted = classes.get(request.device_class)
    if wanted is None:
        known = listed(sorted(classes)) or "none"
        return Resolution(request.name, refused=f"there is no class {request.device_class}; known are {known}")
    if fleet.unknown:
        return Resolution(request.name, not_evaluated=fleet.unknown)
    tried = [_try(group, request, wanted, fleet) for group in fleet.groups]
    choices = [each.choice for each in sorted(_chosen(tried), key=lambda each: _preference(each.group, request)) if each.choice]
    doubtful = [each for each in tried if not each.choice and not each.lacks]
    unknown_groups = tuple(each.words for each in doubtful)
    if choices:
        return Resolution(request.name, tuple(choices), unknown_groups=unknown_groups)
    asked = f"{_devices(request.count)} of {class_in_words(request.device_class, wanted)}, on one node"
    nearest = min(tried, key=lambda each: (each.distance, each.group.key), default=None)
    near = nearest.words if nearest else ""
    if doubtful:
        reason = f"{asked}: nobody knows whether these would do: {' | '.join(unknown_groups)}"
        return Resolution(request.name, not_evaluated=reason, nearest=near, unknown_groups=unknown_groups)
    found = " | ".join(each.words for each in tried) if tried else _NO_DEVICES
    return Resolution(request.name, refused=f"{asked}: {found}", nearest=near)


def _chosen(tried: Sequence[_Tried]) -> list[_Tried]:
    return [each for each in tried if each.choice]


def _preference(group: DeviceGroup, request: DeviceRequest) -> tuple[int, float, int, str]:
    """Preferred vendors first; then the smallest devices that do, the least exclusive ones, by name."""
    order = request.prefer.index(group.vendor) if group.vendor in request.prefer else len(request.prefer)
    shares = EXCLUSIVENESS.index(group.sharing) if group.sharing in EXCLUSIVENESS else len(EXCLUSIVENESS)
    return order, group.memory_gib or 0.0, -shares, group.key


def _try(group: DeviceGroup, request: DeviceRequest, wanted: DeviceClass, fleet: Fleet) -> _Tried:
    judged = judge(group, wanted)
    own = [node for node in group.nodes if has_labels(node.labels, wanted.labels)]
    room, room_distance = _room(group, own, request.count)
    lacks = (*judged.lacks, *room)
    distance = len(judged.lacks) * _FAR / 10 + judged.shortfall + room_distance
    if lacks:
        return _Tried(group, lacks=lacks, distance=distance)
    if judged.unknown:
        return _Tried(group, unknown=judged.unknown, distance=distance)
    selector = {**group.selector, **wanted.labels}
    tolerations = group.tolerations or tuple(toleration_of(taint, {}) for taint in group.taints)
    reached = _reached(group.resource, selector, tolerations, fleet)
    others = {other.key: other for other, _node in reached}
    if strays := sorted(key for key, other in others.items() if not _would_do(other, request, wanted)):
        where = f"no label tells its nodes from those of {listed(strays)}; label them and name the label in the class"
        known = any(judge(others[key], wanted).lacks for key in strays)
        return _Tried(group, lacks=(where,) if known else (), unknown=() if known else (where,), distance=_FAR)
    nodes = [node for _group, node in reached if node.usable and node.allocatable >= request.count]
    return _Tried(group, _choice(group, request, fleet, selector, tolerations, nodes))


def _room(group: DeviceGroup, nodes: Sequence[NodeDevices], count: int) -> tuple[tuple[str, ...], float]:
    """What keeps a pod with so many devices off every node of the group, and by what share."""
    if group.mode == TIME_SLICED and count > 1:
        # The plugin hands out one share a pod: several shares may be of the same device, and give no more memory.
        return ("shared devices are handed out one per pod",), 1.0
    most = max((node.allocatable for node in nodes), default=0)
    if most < count:
        hurt = next((f" ({node.why_not})" for node in nodes if node.allocatable == most and node.why_not), "")
        return (f"no node has {_devices(count)}, the most are {most}{hurt}",), (count - most) / count
    usable = [node for node in nodes if node.usable and node.allocatable >= count]
    if not usable:
        reasons = sorted({f"{node.name} {node.why_not}" for node in nodes if node.allocatable >= count})
        return (f"no node can be used: {listed(reasons)}",), 0.5
    return (), 0.0


def _would_do(group: DeviceGroup, request: DeviceRequest, wanted: DeviceClass) -> bool:
    """Whether a pod may land on devices of the group."""
    return judge(group, wanted).fits and (group.mode != TIME_SLICED or request.count == 1)


def _reached(
    resource: str, selector: Mapping[str, str], tolerations: Sequence[Mapping[str, str]], fleet: Fleet
) -> list[tuple[DeviceGroup, NodeDevices]]:
    """Every node with the resource that the scheduler could take for such a pod, also where it cannot just now."""
    return [
        (group, node)
        for group in fleet.groups
        if group.resource == resource
        for node in group.nodes
        if has_labels(node.labels, selector) and not untolerated(tolerations, node.taints)
    ]


def _choice(
    group: DeviceGroup,
    request: DeviceRequest,
    fleet: Fleet,
    selector: Mapping[str, str],
    tolerations: tuple[Mapping[str, str], ...],
    nodes: Sequence[NodeDevices],
) -> Choice:
    now: int | None = 0
    for node in nodes:
        now = None if now is None or node.requested is None else now + max(0, node.allocatable - node.requested) // request.count
    quota = {quota_key(resource): 0 for resource in sorted({*fleet.resources, group.resource})}
    quota[quota_key(group.resource)] = request.count * request.replicas
    return Choice(
        group.key,
        group.resource,
        request.count,
        _flavor(group, selector),
        dict(sorted(selector.items())),
        tolerations,
        _profile(group, request, selector, tolerations),
        quota,
        tuple(sorted(node.name for node in nodes)),
        now,
        sum(node.allocatable // request.count for node in nodes),
    )


def _flavor(group: DeviceGroup, selector: Mapping[str, str]) -> str:
    """Name of the ResourceFlavor: the group's, and one of its own where a class asks for more labels than the group has."""
    if selector == group.selector:
        return group.key
    return f"{group.key}-{sha256(repr(sorted(selector.items())).encode()).hexdigest()[:6]}"


def _profile(
    group: DeviceGroup, request: DeviceRequest, selector: Mapping[str, str], tolerations: Sequence[Mapping[str, str]]
) -> ApiObject:
    """The accelerator's identifier and the scheduling of a HardwareProfile."""
    identifier = {
        "identifier": group.resource,
        "displayName": group.product or group.resource,
        "resourceType": "Accelerator",
        "minCount": request.count,
        "defaultCount": request.count,
        "maxCount": request.count,
    }
    node = {"nodeSelector": dict(sorted(selector.items())), "tolerations": [dict(entry) for entry in tolerations]}
    return {"identifiers": [identifier], "scheduling": {"type": "Node", "node": {key: value for key, value in node.items() if value}}}


def _devices(count: int) -> str:
    return "1 device" if count == 1 else f"{count} devices"
