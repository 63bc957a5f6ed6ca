# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When an object of a vendor is ready, by its status: conditions, counters, and whether the nodes have the devices.

A ClusterPolicy without a node with devices calls itself ready: that is believed only where the nodes have devices to give.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...common.owned_fields import ApiObject
from ...target.objects import at, labels_of, map_at, maps_at, name_of, text_at
from ...target.quantities import whole
from ..progress import READY, STUCK, WAITING, Judges, Progress, by_conditions, condition, is_behind, seen_of
from ..snapshot import PlatformSnapshot
from .partitions import node_progress
from .resources import AMD, NVIDIA, vendor_of

_BEHIND: Final = Progress(
    WAITING, "ObservedGeneration", "its controller has not seen its present form yet", field="status.observedGeneration"
)
_FALSE_GREEN: Final = "NoGPUNodes"
_LACKING: Final = ("NFDLabelsMissing", "PrerequisiteNotMet", "ConflictingNodeSelector")
"""Reasons of NVIDIA's condition Error that do not pass by themselves."""
_AMD_PARTS: Final = ("driver", "devicePlugin", "metricsExporter", "configManager")
_MODULE_DONE: Final = ("Install-Complete", "Upgrade-Complete")
_MODULE_FAILED: Final = ("Install-Failed", "Upgrade-Failed")


def cluster_policy(item: ApiObject, others: PlatformSnapshot) -> Progress:
    """NVIDIA's ClusterPolicy: state ready, condition Ready, no Error; and devices on the nodes."""
    if is_behind(item):
        return Progress(
            WAITING, "ObservedGeneration", "its controller has not seen its present form yet", field="status.observedGeneration"
        )
    state = text_at(item, "status.state")
    if state == "ignored":
        remedy = "delete it, or the other ClusterPolicy: the operator obeys one"
        return Progress(STUCK, state, "another ClusterPolicy is obeyed", remedy, "status.state")
    error = condition(item, "Error") or {}
    if error.get("status") == "True":
        reason = str(error.get("reason"))
        return seen_of(error, STUCK if reason in _LACKING else WAITING)
    ready = condition(item, "Ready")
    if state != "ready" or (ready is not None and ready.get("status") != "True"):
        return seen_of(ready, WAITING) if ready else Progress(WAITING, state or "NoStatus", field="status.state")
    reason = str((ready or {}).get("reason") or "")
    return _with_devices(NVIDIA, others, reason if reason == _FALSE_GREEN else "ready", "status.state")


def _with_devices(vendor: str, others: PlatformSnapshot, reason: str, field: str) -> Progress:
    """Ready where the nodes have devices of the vendor to give."""
    if not others.known("nodes"):
        return Progress(
            WAITING, "NodesNotKnown", f"whether nodes have devices of {vendor} is not known: {others.why_not('nodes')}", field=field
        )
    amounts = [
        whole(amount) or 0
        for node in others.all("nodes")
        for resource, amount in map_at(node, "status.allocatable").items()
        if vendor_of(resource) == vendor or (vendor == NVIDIA and resource.startswith("nvidia.com/"))
    ]
    if not sum(amounts):
        words = f"no node has a device of {vendor} that pods could get"
        return Progress(WAITING, _FALSE_GREEN, words, "look whether Node Feature Discovery has labelled the nodes", field)
    return Progress(READY, reason, field=field)


def device_config(item: ApiObject, others: PlatformSnapshot) -> Progress:
    """AMD's DeviceConfig: condition Ready, all that is wanted available, and no node whose driver failed."""
    if is_behind(item):
        return Progress(
            WAITING, "ObservedGeneration", "its controller has not seen its present form yet", field="status.observedGeneration"
        )
    error = condition(item, "Error") or {}
    if error.get("status") == "True":
        return seen_of(error, STUCK)
    modules: Mapping[str, object] = map_at(item, "status.nodeModuleStatus")
    states = {node: text_at(entry, "status") for node, entry in sorted(modules.items())}
    if failed := [node for node, state in states.items() if state in _MODULE_FAILED]:
        return Progress(STUCK, states[failed[0]], f"the driver of {', '.join(failed)}", field=f"status.nodeModuleStatus[{failed[0]}]")
    ready = condition(item, "Ready")
    if ready is None or ready.get("status") != "True":
        return (
            seen_of(ready, WAITING)
            if ready
            else Progress(WAITING, "Ready", "it has no condition Ready yet", field="status.conditions[Ready]")
        )
    for part in _AMD_PARTS:
        wanted, there = at(item, f"status.{part}.desiredNumber"), at(item, f"status.{part}.availableNumber")
        if isinstance(wanted, int) and (there if isinstance(there, int) else 0) < wanted:
            return Progress(WAITING, "NotAvailable", f"{part}: {there or 0} of {wanted} available", field=f"status.{part}.availableNumber")
    if waiting := [node for node, state in states.items() if state and state not in _MODULE_DONE]:
        return Progress(WAITING, states[waiting[0]], f"the driver of {', '.join(waiting)}", field=f"status.nodeModuleStatus[{waiting[0]}]")
    if at(item, "spec.devicePlugin.enableDevicePlugin") is False or text_at(item, "spec.driver.driverType") not in ("", "container"):
        return seen_of(ready, READY)
    return _with_devices(AMD, _selected(item, others), str(ready.get("reason") or "Ready"), "status.conditions[Ready]")


def _selected(item: ApiObject, others: PlatformSnapshot) -> PlatformSnapshot:
    """The look with no nodes but those that the DeviceConfig selects."""
    selector = map_at(item, "spec.selector")
    nodes = others.listed.get("nodes")
    if nodes is None:
        return others
    kept = tuple(node for node in nodes.items if all(labels_of(node).get(key) == value for key, value in selector.items()))
    lists = {**others.listed, "nodes": type(nodes)(nodes.state, kept, nodes.version, nodes.reason, nodes.permission)}
    return PlatformSnapshot(lists, others.named_reads, others.served, others.cluster, others.pods)


def gpu_device_plugin(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    """Intel's GpuDevicePlugin: as many pods ready as are wanted, and at least one."""
    wanted, ready = at(item, "status.desiredNumberScheduled"), at(item, "status.numberReady")
    if not isinstance(wanted, int) or not isinstance(ready, int):
        return Progress(WAITING, "NoStatus", field="status")
    if not wanted:
        words = "its node selector means no node"
        return Progress(WAITING, "NoNodes", words, "label the nodes, or correct the pool", "status.desiredNumberScheduled")
    if ready < wanted:
        return Progress(WAITING, "NotReady", f"{ready} of {wanted} nodes", field="status.numberReady")
    return Progress(READY, "Ready", field="status.numberReady")


def gaudi(item: ApiObject, others: PlatformSnapshot) -> Progress:
    """Gaudi's object. [K] Its status is not known: conditions are read where it has them, else the devices on the nodes tell."""
    if maps_at(item, "status.conditions") and condition(item, "Ready"):
        return by_conditions("Ready", stuck=("Error",))(item, others)
    return _with_devices("gaudi", others, "DevicesThere", f"nodes of {name_of(item)}")


JUDGES: Final[Judges] = {
    ("", "Node"): node_progress,
    ("amd.com", "DeviceConfig"): device_config,
    ("deviceplugin.intel.com", "GpuDevicePlugin"): gpu_device_plugin,
    ("habanalabs.habana.ai", "ClusterPolicy"): gaudi,
    ("habanalabs.habana.ai", "DeviceConfig"): gaudi,
    ("nfd.kubernetes.io", "NodeFeatureDiscovery"): by_conditions("Available", unless=("Degraded", "Progressing")),
    ("nfd.openshift.io", "NodeFeatureDiscovery"): by_conditions("Available", unless=("Degraded", "Progressing")),
    ("nvidia.com", "ClusterPolicy"): cluster_policy,
}
"""When objects of these kinds are ready."""

LOOKS_AT: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("amd.com", "DeviceConfig"): ("nodes",),
    ("habanalabs.habana.ai", "ClusterPolicy"): ("nodes",),
    ("habanalabs.habana.ai", "DeviceConfig"): ("nodes",),
    ("nvidia.com", "ClusterPolicy"): ("nodes",),
}
"""Lists that the judges need beside the object."""
