# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of the accelerator package hand each other: the fleet, how a request resolves on it, what would restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...common.owned_fields import ApiObject


@dataclass(frozen=True, slots=True, order=True)
class Taint:
    """A taint of a node."""

    key: str
    value: str
    effect: str


@dataclass(frozen=True, slots=True)
class NodeDevices:
    """The devices of one resource on one node."""

    name: str
    resource: str
    capacity: int
    allocatable: int
    requested: int | None
    """devices that pods hold; None where pods are not known"""
    usable: bool
    """whether a pod that tolerates the group's taints can get there"""
    why_not: str = ""
    """cordoned, not ready, a taint that nobody declared; or how many devices are unhealthy"""
    labels: Mapping[str, str] = field(default_factory=dict)
    """labels of the node"""
    taints: tuple[Taint, ...] = ()
    """taints of the node that keep pods away, those of the node's own condition left out"""


@dataclass(frozen=True, slots=True)
class DeviceGroup:
    """Devices that are alike: one product, resource, mode and set of taints."""

    key: str
    vendor: str
    product: str
    resource: str
    mode: str
    sharing: str
    """none, isolated (partitions in hardware) or any (time-sliced); empty is unknown"""
    workload: str
    memory_gib: float | None
    """memory of one unit of the resource; None is unknown"""
    memory_source: str
    selector: Mapping[str, str]
    """labels by which these nodes are found, and of the others that have the resource as few as labels can tell apart"""
    taints: tuple[Taint, ...]
    nodes: tuple[NodeDevices, ...]
    tolerations: tuple[Mapping[str, str], ...] = ()
    """what a pod has to tolerate to get to the nodes"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """All devices of the cluster."""

    groups: tuple[DeviceGroup, ...] = ()
    resources: tuple[str, ...] = ()
    """every accelerator resource that is known, also those that nobody has: quotas name each of them"""
    unknown: str = ""
    """why the fleet is not known, in words"""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to serve a request."""

    group: str
    resource: str
    count: int
    flavor: str
    node_selector: Mapping[str, str]
    tolerations: tuple[Mapping[str, str], ...]
    profile: ApiObject
    """spec of a HardwareProfile's accelerator identifier and scheduling"""
    quota: Mapping[str, int]
    """quota keys: what all replicas need, and zero for every other accelerator"""
    nodes: tuple[str, ...]
    """nodes on which one pod would fit if they were empty"""
    fits_now: int | None
    """pods that would run now beside what runs; None where pods are not known"""
    fits_empty: int = 0
    """pods that would run if nothing else did"""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of one request: choices in the order of preference, or why there are none."""

    request: str
    choices: tuple[Choice, ...] = ()
    refused: str = ""
    not_evaluated: str = ""
    nearest: str = ""
    """the group that lacks least, and what it lacks"""
    unknown_groups: tuple[str, ...] = ()
    """groups of which nobody knows whether they would do, each with what is not known"""
    coming: tuple[str, ...] = ()
    """pools that could serve it, whose nodes show no devices yet"""


@dataclass(frozen=True, slots=True)
class PoolForecast:
    """A MachineConfigPool whose nodes a change would restart."""

    pool: str
    nodes: tuple[str, ...]
    reasons: tuple[str, ...]
    paused: bool = False
    accelerator_pods: tuple[str, ...] = ()
    """pods that hold devices on these nodes, as namespace/name"""
    unknown: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    """max_unavailable and the like, as the pool has them"""
