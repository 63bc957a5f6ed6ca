# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenShift Virtualization: its settings, the VMs that are there, and instance types.

HyperConverged is understood in its versions v1beta1 and v1, which have the same settings in different places. Where it
does not say something, or is not there (KubeVirt without its operator of operators), the KubeVirt object does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..common.artifact import JsonRecord
from .objects import ApiObject, Draft, at, is_true, kept, labels_of, map_at, maps_at, text_at, text_map, texts_at

VM_LABELS: Final = ("migration", "plan", "vmID", "vmUUID", "readiness.groundwork.io/", "forklift.konveyor.io/")
PLAN_LABEL, SOURCE_LABEL = "plan", "vmID"


@dataclass(frozen=True, slots=True)
class _Setting:
    """Where a setting stands: in HyperConverged v1beta1, in v1 and in KubeVirt, and what it is unless it is set."""

    fact: str
    first: str
    second: str
    kubevirt: str
    default: int | str


_SETTINGS: Final = (
    _Setting(
        "cpu_allocation_ratio",
        "spec.resourceRequirements.vmiCPUAllocationRatio",
        "spec.virtualization.vmiCPUAllocationRatio",
        "spec.configuration.developerConfiguration.cpuAllocationRatio",
        10,
    ),
    _Setting(
        "memory_overcommit_percent",
        "spec.higherWorkloadDensity.memoryOvercommitPercentage",
        "spec.virtualization.higherWorkloadDensity.memoryOvercommitPercentage",
        "spec.configuration.developerConfiguration.memoryOvercommit",
        100,
    ),
    _Setting(
        "parallel_migrations_per_cluster",
        "spec.liveMigrationConfig.parallelMigrationsPerCluster",
        "spec.virtualization.liveMigrationConfig.parallelMigrationsPerCluster",
        "spec.configuration.migrations.parallelMigrationsPerCluster",
        5,
    ),
    _Setting(
        "parallel_migrations_per_node",
        "spec.liveMigrationConfig.parallelOutboundMigrationsPerNode",
        "spec.virtualization.liveMigrationConfig.parallelOutboundMigrationsPerNode",
        "spec.configuration.migrations.parallelOutboundMigrationsPerNode",
        2,
    ),
    _Setting(
        "default_cpu_model",
        "spec.defaultCPUModel",
        "spec.virtualization.virtualMachineOptions.defaultCPUModel",
        "spec.configuration.cpuModel",
        "",
    ),
    _Setting(
        "live_migration_network",
        "spec.liveMigrationConfig.network",
        "spec.virtualization.liveMigrationConfig.network",
        "spec.configuration.migrations.network",
        "",
    ),
)
_DEVICES: Final = ("spec.permittedHostDevices", "spec.virtualization.permittedHostDevices", "spec.configuration.permittedHostDevices")
_DEVICE_LISTS: Final = ("pciHostDevices", "mediatedDevices", "usbHostDevices", "usb")
OVERHEAD_PATHS: Final = ("spec.filesystemOverhead", "spec.storage.filesystemOverhead")
"""Where HyperConverged tells CDI what to keep free of a volume with a file system."""

_SELECTORS: Final = (
    "spec.workloads.nodePlacement.nodeSelector",
    "spec.deployment.nodePlacements.workload.nodeSelector",
    "spec.workloads.nodePlacement.nodeSelector",
)


def virtualization(hyperconverged: ApiObject | None, kubevirt: ApiObject | None) -> JsonRecord | None:
    """The record of the installation; None where neither object is there."""
    item = hyperconverged if hyperconverged is not None else kubevirt
    if item is None:
        return None
    draft = Draft("virtualization", item, labels_of(item))
    sources = [entry for entry in (hyperconverged, kubevirt) if entry is not None]
    _put_version(draft, hyperconverged)
    draft.condition("available", "Available")
    for setting in _SETTINGS:
        _put_setting(draft, setting, sources)
    draft.put("feature_gates", _gates(item))
    devices = {
        text_at(entry, "resourceName")
        for path in _DEVICES
        for name in _DEVICE_LISTS
        for entry in maps_at(item, f"{path}.{name}")
        if not is_true(entry.get("disabled"))
    }
    draft.put("permitted_host_devices", sorted(devices - {""}))
    draft.put("workload_node_selector", next((found for path in _SELECTORS if (found := text_map(at(item, path)))), {}))
    return draft.record()


def _put_version(draft: Draft, hyperconverged: ApiObject | None) -> None:
    versions = {text_at(entry, "name"): text_at(entry, "version") for entry in maps_at(hyperconverged, "status.versions")}
    if versions.get("operator"):
        draft.put("version", versions["operator"])
    else:
        draft.unknown("version", "HyperConverged does not name its version" if hyperconverged else "there is no HyperConverged to name it")


def _put_setting(draft: Draft, setting: _Setting, sources: Sequence[ApiObject]) -> None:
    """The setting of the first object that has it, else what is documented to hold then."""
    paths = (setting.first, setting.second, setting.kubevirt)
    place, found = next(
        ((path, value) for item in sources for path in paths if (value := at(item, path)) is not None), ("", setting.default)
    )
    if found.__class__ is setting.default.__class__:
        draft.put(setting.fact, found)
    else:
        draft.unknown(setting.fact, f"{place} is not of the type that it should have")


def _gates(item: ApiObject) -> list[str]:
    """Feature gates that are on: a mapping in v1beta1, a list of names and states in v1, a list of names in KubeVirt."""
    switches = at(item, "spec.featureGates")
    if switches.__class__ is dict:
        return sorted(name for name, value in switches.items() if is_true(value))
    if switches.__class__ is list:
        named = (text_at(entry, "name") for entry in maps_at(item, "spec.featureGates") if entry.get("state", "Enabled") == "Enabled")
        return sorted(name for name in named if name)
    return sorted(texts_at(item, "spec.configuration.developerConfiguration.featureGates"))


# ---- what is there ---------------------------------------------------------------------------------------------------


def virtual_machine(item: ApiObject) -> JsonRecord:
    """The record of a VirtualMachine."""
    labels = labels_of(item)
    draft = Draft("virtual_machine", item, kept(labels, VM_LABELS))
    draft.text("run_state", "status.printableStatus")
    interfaces = maps_at(item, "spec.template.spec.domain.devices.interfaces")
    macs = (text_at(entry, "macAddress").lower().replace("-", ":") for entry in interfaces)
    draft.put("macs", list(dict.fromkeys(mac for mac in macs if mac)))
    draft.put("source_vm", labels.get(SOURCE_LABEL, ""))
    draft.put("owner_plan", labels.get(PLAN_LABEL, ""))
    return draft.record()


def instance_type(item: ApiObject) -> JsonRecord:
    """The record of a VirtualMachineInstancetype or VirtualMachineClusterInstancetype."""
    draft = Draft("instance_type", item, _own(labels_of(item)))
    draft.put("cluster_wide", not draft.namespace)
    draft.count("cpu_count", "spec.cpu.guest")
    draft.quantity("memory_bytes", map_at(item, "spec.memory").get("guest"), "spec.memory.guest")
    return draft.record()


def _own(labels: Mapping[str, str]) -> dict[str, str]:
    return kept(labels, ("readiness.groundwork.io/", "instancetype.kubevirt.io/"))
