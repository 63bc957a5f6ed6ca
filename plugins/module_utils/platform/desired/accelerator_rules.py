# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What accelerators of a document cannot mean: pools whose keys contradict each other, requests that no pool can serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..catalogue import Catalogue
from .model import (
    ANY_SHARING,
    CONTAINER,
    DRA,
    ISOLATED,
    MIG_MIXED,
    MIG_SINGLE,
    NOT_SHARED,
    PARTITION,
    TIME_SLICED,
    VENDORS,
    VM_PASSTHROUGH,
    VM_VGPU,
    WHOLE,
    Accelerators,
    DeviceClass,
    DeviceRequest,
    PoolWanted,
)
from .rules import Fault, fault, leads_nowhere, of_the_system, used_twice
from .shape import Path

_POOLS: Path = ("accelerators", "pools")
_REQUESTS: Path = ("accelerators", "requests")

MODES_OF: Final[Mapping[str, tuple[str, ...]]] = {
    WHOLE: VENDORS,
    TIME_SLICED: ("nvidia",),
    MIG_SINGLE: ("nvidia",),
    MIG_MIXED: ("nvidia",),
    PARTITION: ("amd",),
    DRA: ("nvidia", "amd"),
}
"""Mode to the vendors whose operators have it; Intel's shares devices by a setting that no label shows."""

WORKLOADS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    CONTAINER: VENDORS,
    VM_PASSTHROUGH: ("nvidia", "amd"),
    VM_VGPU: ("nvidia",),
}
"""What accelerators are for to the vendors whose operators prepare nodes for it."""

_SERVED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    NOT_SHARED: (WHOLE,),
    ISOLATED: (WHOLE, MIG_SINGLE, MIG_MIXED, PARTITION),
    ANY_SHARING: (WHOLE, MIG_SINGLE, MIG_MIXED, PARTITION, TIME_SLICED),
}
"""Sharing of a class to the modes that keep to it: memory is isolated in partitions, and not between time slices.

Devices of mode dra are claimed, and no resource of a node: requests are not served by them.
"""


def accelerator_faults(accelerators: Accelerators, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of the section."""
    yield from used_twice(((*_POOLS, number, "name"), pool.name) for number, pool in enumerate(accelerators.pools))
    yield from used_twice(((*_REQUESTS, number, "name"), request.name) for number, request in enumerate(accelerators.requests))
    shipped = {known.namespace for known in catalogue.operators.values()}
    yield from of_the_system(("accelerators", "nfd", "namespace"), accelerators.nfd.namespace, shipped)
    for number, pool in enumerate(accelerators.pools):
        yield from _pool_faults(pool, (*_POOLS, number))
        yield from _never_reached(pool, (*_POOLS, number), accelerators.pools[:number])
    for number, device in enumerate(accelerators.devices):
        if not device.match:
            yield fault(("accelerators", "devices", number, "match"), "is empty, which is every node", "name the labels of its nodes")
    classes = {**catalogue.classes, **accelerators.classes}
    for number, request in enumerate(accelerators.requests):
        yield from _request_faults(request, (*_REQUESTS, number), classes, accelerators, catalogue)


# ---- pools -----------------------------------------------------------------------------------------------------------


def _pool_faults(pool: PoolWanted, path: Path) -> Iterator[Fault]:
    if not pool.nodes:
        yield fault((*path, "nodes"), "is empty, which is every node", "name the labels of its nodes")
    for key, value, vendors in (("mode", pool.mode, MODES_OF[pool.mode]), ("workload", pool.workload, WORKLOADS_OF[pool.workload])):
        if pool.vendor not in vendors:
            yield fault((*path, key), f"is {value}, which {pool.vendor} does not have", f"it is there for {', '.join(vendors)}")
    yield from _goes_with(path, "replicas", pool.replicas is not None, "mode", pool.mode, (TIME_SLICED,))
    yield from _goes_with(path, "mig_profile", bool(pool.mig_profile), "mode", pool.mode, (MIG_SINGLE, MIG_MIXED))
    yield from _goes_with(path, "partition_profile", bool(pool.partition_profile), "mode", pool.mode, (PARTITION,))
    yield from _goes_with(path, "host_devices", bool(pool.host_devices), "workload", pool.workload, (VM_PASSTHROUGH, VM_VGPU))
    if pool.workload != CONTAINER and pool.mode != WHOLE:
        remedy = "leave mode out: VMs get whole devices, or the vGPUs that host_devices names"
        yield fault((*path, "mode"), f"is {pool.mode}, and workload is {pool.workload}", remedy)
    yield from used_twice(((*path, "host_devices", number, "selector"), each.selector) for number, each in enumerate(pool.host_devices))
    if pool.driver.version and not pool.driver.managed:
        yield fault(
            (*path, "driver", "version"),
            "is given, and the operator does not install the driver",
            "leave it out, or let driver.managed be true",
        )


def _goes_with(path: Path, key: str, given: bool, other: str, value: str, wanted: tuple[str, ...]) -> Iterator[Fault]:
    """A key that is needed with some values of another one, and means nothing with any other."""
    words = " or ".join(wanted)
    if given and value not in wanted:
        yield fault((*path, key), f"is given, and {other} is {value}", f"leave it out, or let {other} be {words}")
    if not given and value in wanted:
        yield fault((*path, key), "is missing", f"{other} {value} needs it")


def _never_reached(pool: PoolWanted, path: Path, before: Sequence[PoolWanted]) -> Iterator[Fault]:
    """A node belongs to the first pool that matches: an earlier one that takes all of its nodes leaves nothing."""
    for earlier in before:
        if earlier.nodes and all(_values(pool, label) and _values(pool, label) <= _values(earlier, label) for label in earlier.nodes):
            message = f"are all nodes of pool {earlier.name} as well, which comes first"
            yield fault((*path, "nodes"), message, "put the narrower pool first, or make their labels differ")
            return


def _values(pool: PoolWanted, label: str) -> frozenset[str]:
    """The values of a label that nodes of a pool have; none where any will do."""
    value = pool.nodes.get(label, ())
    return frozenset([value] if isinstance(value, str) else value)


# ---- requests --------------------------------------------------------------------------------------------------------


def _request_faults(
    request: DeviceRequest, path: Path, classes: Mapping[str, DeviceClass], accelerators: Accelerators, catalogue: Catalogue
) -> Iterator[Fault]:
    yield from leads_nowhere((*path, "class"), request.device_class, classes, "class")
    asked = classes.get(request.device_class)
    if asked is None:
        return
    for number, vendor in enumerate(request.prefer):
        if asked.vendors and vendor not in asked.vendors:
            message = f"is {vendor}, and class {request.device_class} takes {', '.join(asked.vendors)} alone"
            yield fault((*path, "prefer", number), message, "prefer one of them, or widen the class")
    if accelerators.pools:
        yield from _no_pool(request, asked, path, accelerators, catalogue)


def _no_pool(request: DeviceRequest, asked: DeviceClass, path: Path, accelerators: Accelerators, catalogue: Catalogue) -> Iterator[Fault]:
    """A request that none of the pools can serve, whatever nodes the cluster has."""
    reasons = []
    for pool in accelerators.pools:
        reason = _why_not(pool, asked, accelerators, catalogue)
        if not reason:
            return
        reasons.append(f"pool {pool.name} {reason}")
    message = f"(request {request.name}, class {request.device_class}) fits no pool: {'; '.join(reasons)}"
    yield fault(path, message, "ask for less, or declare a pool that has it")


def _why_not(pool: PoolWanted, asked: DeviceClass, accelerators: Accelerators, catalogue: Catalogue) -> str:
    """Why a pool can never serve a class; empty where it may."""
    if pool.workload != CONTAINER:
        return f"is for {pool.workload}"
    if asked.vendors and pool.vendor not in asked.vendors:
        return f"is {pool.vendor}, and the class takes {', '.join(asked.vendors)}"
    if pool.mode == DRA:
        return "is dra, whose devices are claimed and not requested"
    if pool.mode not in _SERVED_BY[asked.sharing]:
        return f"is {pool.mode}, and the class takes sharing {asked.sharing}"
    memory = _whole_memory_gib(pool, accelerators, catalogue)
    least = asked.memory_gib * (1 - asked.memory_tolerance_percent / 100)
    if memory is not None and memory < least:
        return f"has devices of {memory:g} GiB, and the class takes {asked.memory_gib:g} GiB"
    return ""


def _whole_memory_gib(pool: PoolWanted, accelerators: Accelerators, catalogue: Catalogue) -> float | None:
    """Memory of one whole device of a pool, as far as its labels tell; a partition of it has less. None is unknown."""
    for device in accelerators.devices:
        if all(_values(pool, label) == {value} for label, value in device.match.items()):
            return device.memory_gib
    for known in catalogue.devices:
        if known.vendor == pool.vendor and all(_values(pool, label) == {value} for label, value in known.match.items()):
            return known.memory_gib
    return None
