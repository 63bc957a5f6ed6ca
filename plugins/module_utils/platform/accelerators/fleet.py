# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet: which accelerators the nodes have, alike ones together, as the live labels and resources tell.

A group's devices differ in nothing that matters to a request. Where nothing tells the memory of a device, or whether it is
shared, that stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from re import sub
from typing import Final

from ...common.artifact import JsonRecord
from ...target.nodes import node as node_record
from ...target.objects import labels_of, map_at, maps_at, name_of, text_at
from ...target.view import TargetView
from ..catalogue import Catalogue, DeviceFacts
from ..desired.model import ANY_SHARING, CONTAINER, DRA, NOT_SHARED, TIME_SLICED, Accelerators, DeviceWanted, PlatformDesired, PoolWanted
from ..snapshot import PlatformSnapshot
from .memory import Memory, memory_of
from .model import DeviceGroup, Fleet, NodeDevices, Taint
from .pools import has_labels, pools_of
from .resources import (
    AMD,
    AMD_PROFILE_STATE,
    DEVICE_CLASS_SUFFIX,
    INTEL,
    MIG_STATE,
    NVIDIA,
    NVIDIA_SHARED,
    WELL_KNOWN,
    Traits,
    traits_of,
    vendor_of,
)
from .tolerations import HARD, is_declared, is_of_condition, taint_of, taint_text, tolerates, toleration_of

HYPERCONVERGED: Final = "hyperconvergeds.hco.kubevirt.io"
INTEL_PLUGINS: Final = "gpudeviceplugins.deviceplugin.intel.com"
DEVICE_CLASSES: Final = "deviceclasses.resource.k8s.io"
DRA_CLASSES: Final[Mapping[str, str]] = {"gpu.amd.com": AMD, "gpu.nvidia.com": NVIDIA, "mig.nvidia.com": NVIDIA}
"""Device classes of the vendors' drivers for dynamic resource allocation."""

_LONGEST_NAME: Final = 56
_NEVER_SELECTED: Final = (
    AMD_PROFILE_STATE,
    MIG_STATE,
    "kubernetes.io/hostname",
    "nvidia.com/gfd.timestamp",
    "nvidia.com/gpu.count",
    "topology.kubernetes.io/zone",
)
_COLLAPSED: Final = r"[^a-z0-9]+"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the nodes."""

    accelerators: Accelerators
    table: tuple[DeviceFacts, ...]
    vm_resources: frozenset[str] = frozenset()
    intel_shares: tuple[tuple[Mapping[str, str], int], ...] = ()
    """node selector and pods per device of each of Intel's device plugins"""
    device_classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenNode:
    """A node as far as accelerators bear on it."""

    name: str
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]
    capacity: Mapping[str, int]
    allocatable: Mapping[str, int]
    requested: Mapping[str, int] | None
    why_not: str


@dataclass(frozen=True, slots=True)
class _Placed:
    """The devices of one resource on one node with all that is known of them."""

    traits: Traits
    memory: Memory
    node: NodeDevices
    group_taints: tuple[Taint, ...]

    @property
    def kind(self) -> tuple[str, ...]:
        """What makes devices alike, taints aside; the memory as text, since it may be unknown."""
        traits = self.traits
        memory = "" if self.memory.gib is None else repr(self.memory.gib)
        return (traits.vendor, traits.product, self.node.resource, traits.mode, traits.sharing, traits.workload, memory, self.memory.source)


@dataclass(slots=True)
class _Draft:
    """A group that is being made."""

    kind: tuple[str, ...]
    taints: tuple[Taint, ...]
    members: list[_Placed] = field(default_factory=list)


def fleet_of(snapshot: PlatformSnapshot, desired: PlatformDesired, catalogue: Catalogue) -> Fleet:
    """The fleet of a live cluster."""
    accelerators = desired.accelerators or Accelerators()
    if not snapshot.known("nodes"):
        return Fleet(resources=tuple(sorted(WELL_KNOWN)), unknown=snapshot.why_not("nodes"))
    pods = snapshot.pods
    records = []
    for item in snapshot.all("nodes"):
        record = node_record(item)
        if pods is not None:
            record["requested_devices"] = dict(pods.requested.get(name_of(item), {}))
        records.append(record)
    facts = Facts(
        accelerators, catalogue.devices, frozenset(_vm_resources(snapshot, accelerators)), _intel_shares(snapshot), _dra(snapshot)
    )
    return fleet_of_records(records, facts)


def fleet_of_target(view: TargetView, catalogue: Catalogue, desired: PlatformDesired | None = None) -> Fleet:
    """The fleet as a target's records have it; without a document nothing but labels and the shipped table tells of memory."""
    accelerators = (desired.accelerators if desired else None) or Accelerators()
    if not view.known("nodes"):
        return Fleet(resources=tuple(sorted(WELL_KNOWN)), unknown=view.why_not("nodes"))
    permitted = [text for record in view.all("virtualization") for text in record.get("permitted_host_devices", ())]
    vm_resources = {*permitted, *(device.resource for pool in accelerators.pools for device in pool.host_devices)}
    return fleet_of_records(view.all("node"), Facts(accelerators, catalogue.devices, frozenset(vm_resources)))


def fleet_of_records(records: Iterable[JsonRecord], facts: Facts) -> Fleet:
    """The fleet of node records as the target stage makes them."""
    nodes = [seen_node(record) for record in records]
    placed = [entry for node in nodes for entry in _on_node(node, facts)]
    drafts: dict[tuple[tuple[str, ...], tuple[Taint, ...]], _Draft] = {}
    for entry in placed:
        drafts.setdefault((entry.kind, entry.group_taints), _Draft(entry.kind, entry.group_taints)).members.append(entry)
    ordered = [drafts[key] for key in sorted(drafts)]
    found = {entry.node.resource for entry in placed}
    return Fleet(_named([_group(draft, ordered, facts) for draft in ordered]), tuple(sorted({*WELL_KNOWN, *found, *_expected(facts)})))


# ---- nodes -----------------------------------------------------------------------------------------------------------


def seen_node(record: Mapping[str, object]) -> SeenNode:
    """A node of a target record. An older target does not tell the capacity of devices: then nobody knows of unhealthy ones."""
    texts = record.get("taints")
    taints = tuple(taint_of(str(text)) for text in texts) if isinstance(texts, (list, tuple)) else ()
    allocatable = _counts(record.get("allocatable_devices")) or {}
    capacity = _counts(record.get("capacity_devices"))
    labels = record.get("labels")
    return SeenNode(
        str(record.get("name") or record["id"]),
        {str(key): str(value) for key, value in labels.items()} if isinstance(labels, Mapping) else {},
        tuple(sorted(taint for taint in taints if taint.effect in HARD and not is_of_condition(taint))),
        allocatable if capacity is None else capacity,
        allocatable,
        _counts(record.get("requested_devices")),
        _hindrance(record, taints),
    )


def _counts(found: object) -> dict[str, int] | None:
    if not isinstance(found, Mapping):
        return None
    return {str(name): count for name, count in found.items() if isinstance(count, int)}


def _hindrance(record: Mapping[str, object], taints: Sequence[Taint]) -> str:
    if record.get("unschedulable"):
        return "cordoned"
    if record.get("ready") is not True:
        return "not ready" if record.get("ready") is False else "nobody knows whether it is ready"
    condition = next((taint for taint in taints if taint.effect in HARD and is_of_condition(taint)), None)
    return f"taint {taint_text(condition)}" if condition else ""


def _on_node(node: SeenNode, facts: Facts) -> Iterable[_Placed]:
    declared = facts.accelerators.taints
    foreign = [taint for taint in node.taints if not is_declared(taint, declared)]
    taints = tuple(taint for taint in node.taints if is_declared(taint, declared))
    pool = next(iter(pools_of(facts.accelerators, node.labels)), None)
    present = sorted({name for counts in (node.capacity, node.allocatable) for name, count in counts.items() if count > 0})
    vendors = {resource: vendor for resource in present if (vendor := vendor_of(resource, facts.vm_resources))}
    told = _told_of(facts.accelerators.devices, set(vendors.values()))
    for resource, vendor in vendors.items():
        beside = [other for other in present if other != resource]
        traits = _as_pooled(traits_of(resource, node.labels, beside, vendor), resource, node, pool, facts)
        memory = memory_of(traits, node.labels, told[vendor], facts.table)
        if not traits.product and memory.product:
            traits = replace(traits, product=memory.product)
        yield _Placed(traits, memory, _devices(node, resource, foreign), taints)


def _told_of(devices: Sequence[DeviceWanted], vendors: set[str]) -> dict[str, list[DeviceWanted]]:
    """What the document tells of each vendor's devices. An entry without a vendor means nothing on nodes with several."""
    return {
        vendor: [device for device in devices if device.vendor == vendor or (not device.vendor and len(vendors) == 1)] for vendor in vendors
    }


def _devices(node: SeenNode, resource: str, foreign: Sequence[Taint]) -> NodeDevices:
    allocatable = node.allocatable.get(resource, 0)
    capacity = max(node.capacity.get(resource, 0), allocatable)
    why_not = node.why_not or (f"taint {taint_text(foreign[0])} is not declared" if foreign else "")
    usable = not why_not and allocatable > 0
    if not why_not and allocatable < capacity:
        why_not = f"{capacity - allocatable} of {capacity} devices unhealthy"
    requested = None if node.requested is None else node.requested.get(resource, 0)
    return NodeDevices(node.name, resource, capacity, allocatable, requested, usable, why_not, node.labels, node.taints)


def _as_pooled(traits: Traits, resource: str, node: SeenNode, pool: PoolWanted | None, facts: Facts) -> Traits:
    """The traits with what the document and settings of the cluster tell beside the labels."""
    if pool and pool.vendor == traits.vendor and traits.workload == CONTAINER and pool.workload != CONTAINER:
        traits = replace(traits, workload=pool.workload)
    if resource in facts.vm_resources and traits.workload == CONTAINER:
        traits = replace(traits, workload=pool.workload if pool and pool.workload != CONTAINER else "vm_passthrough")
    if traits.vendor != INTEL or traits.sharing:
        return traits
    shares = [number for selector, number in facts.intel_shares if has_labels(node.labels, selector)]
    if shares:
        shared = max(shares) > 1
    elif pool and pool.vendor == INTEL:
        shared = pool.mode == TIME_SLICED
    else:
        return traits
    return replace(traits, mode=TIME_SLICED if shared else traits.mode, sharing=ANY_SHARING if shared else NOT_SHARED)


# ---- groups ----------------------------------------------------------------------------------------------------------


def _group(draft: _Draft, drafts: Sequence[_Draft], facts: Facts) -> DeviceGroup:
    first = draft.members[0]
    traits = first.traits
    return DeviceGroup(
        _slug(traits, first.node.resource),
        traits.vendor,
        traits.product,
        first.node.resource,
        traits.mode,
        traits.sharing,
        traits.workload,
        first.memory.gib,
        first.memory.source,
        _selector(draft, drafts, facts),
        draft.taints,
        tuple(sorted((entry.node for entry in draft.members), key=lambda node: node.name)),
        tuple(toleration_of(taint, facts.accelerators.taints) for taint in draft.taints),
    )


def _selector(draft: _Draft, drafts: Sequence[_Draft], facts: Facts) -> dict[str, str]:
    """The fewest labels, the most telling first, that keep pods of this group off devices of another kind.

    Labels that all its nodes share are tried in turn, and one is taken when it shuts out devices that the others let in.
    """
    shared = _shared_labels(draft.members)
    first = draft.members[0]
    resource = first.node.resource
    tolerations = [toleration_of(taint, facts.accelerators.taints) for taint in draft.taints]
    others = [
        entry.node
        for other in drafts
        if other.kind != draft.kind
        for entry in other.members
        if entry.node.resource == resource and all(any(tolerates(each, taint) for each in tolerations) for taint in entry.node.taints)
    ]
    telling = [key for key in (*first.traits.identity, *first.memory.match) if key in shared]
    chosen = {key: shared[key] for key in telling[:1]}
    left = [node for node in others if has_labels(node.labels, chosen)]
    for key in (*telling[1:], *(key for key in sorted(shared) if key not in telling and not _is_fleeting(key))):
        if not left:
            break
        kept = [node for node in left if node.labels.get(key) == shared[key]]
        if len(kept) < len(left):
            chosen[key], left = shared[key], kept
    return dict(sorted(chosen.items()))


def _shared_labels(placed: Sequence[_Placed]) -> dict[str, str]:
    first, *others = [entry.node.labels for entry in placed]
    return {key: value for key, value in first.items() if all(labels.get(key) == value for labels in others)}


def _is_fleeting(key: str) -> bool:
    return key in _NEVER_SELECTED or key.startswith("beta.") or key.endswith((".timestamp", ".count"))


def _named(groups: Sequence[DeviceGroup]) -> tuple[DeviceGroup, ...]:
    """The groups with keys of their own: those that would be called alike get a suffix that depends on nothing but themselves."""
    names = [group.key for group in groups]
    found = []
    for group in groups:
        if names.count(group.key) > 1:
            told = repr((group.resource, group.mode, group.sharing, group.workload, group.memory_gib, group.memory_source, group.taints))
            found.append(replace(group, key=f"{group.key}-{sha256(told.encode()).hexdigest()[:6]}"))
        else:
            found.append(group)
    return tuple(sorted(found, key=lambda group: group.key))


def _slug(traits: Traits, resource: str) -> str:
    """Name of the group, fit for a ResourceFlavor: vendor, product, and how it is handed out where that is not plain."""
    product = traits.product or resource.partition("/")[2]
    words = sub(_COLLAPSED, "-", f"{product} {'shared' if traits.mode == TIME_SLICED else ''}".lower()).strip("-")
    name = words if words.startswith(traits.vendor) else f"{traits.vendor}-{words}"
    return name[:_LONGEST_NAME].rstrip("-")


# ---- what is known beside the nodes ----------------------------------------------------------------------------------


def _expected(facts: Facts) -> Iterable[str]:
    """Resources that no node has yet, and that the document brings."""
    for pool in facts.accelerators.pools:
        yield from (device.resource for device in pool.host_devices)
        if pool.mode == TIME_SLICED and pool.vendor == NVIDIA:
            yield NVIDIA_SHARED
        if pool.mode == DRA:
            yield from (f"{name}{DEVICE_CLASS_SUFFIX}" for name, vendor in DRA_CLASSES.items() if vendor == pool.vendor)
    yield from (f"{name}{DEVICE_CLASS_SUFFIX}" for name in facts.device_classes)


def _vm_resources(snapshot: PlatformSnapshot, accelerators: Accelerators) -> Iterable[str]:
    """Resources that VMs are given: those that OpenShift Virtualization permits, and those of the document."""
    for item in snapshot.all(HYPERCONVERGED):
        for root in ("spec.virtualization.permittedHostDevices", "spec.permittedHostDevices"):
            for kind in ("pciHostDevices", "mediatedDevices"):
                yield from (text_at(entry, "resourceName") for entry in maps_at(item, f"{root}.{kind}"))
    yield from (device.resource for pool in accelerators.pools for device in pool.host_devices)


def _intel_shares(snapshot: PlatformSnapshot) -> tuple[tuple[Mapping[str, str], int], ...]:
    found = []
    for item in snapshot.all(INTEL_PLUGINS):
        number = map_at(item, "spec").get("sharedDevNum")
        selector = {str(key): str(value) for key, value in map_at(item, "spec.nodeSelector").items()}
        found.append((selector, number if isinstance(number, int) else 1))
    return tuple(found)


def _dra(snapshot: PlatformSnapshot) -> tuple[str, ...]:
    return tuple(name_of(item) for item in snapshot.all(DEVICE_CLASSES) if name_of(item) in DRA_CLASSES)


def labels_by_node(snapshot: PlatformSnapshot) -> dict[str, dict[str, str]]:
    """The labels of every node."""
    return {name_of(item): labels_of(item) for item in snapshot.all("nodes")}
