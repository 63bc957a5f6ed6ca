# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Migration Toolkit for Virtualization: its settings, and the providers, hosts, maps, plans, migrations and hooks that exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..common.artifact import JsonRecord
from .objects import (
    ApiObject,
    Draft,
    at,
    is_true,
    labels_of,
    map_at,
    maps_at,
    moment,
    seconds_between,
    text_at,
    true_conditions,
)

PACKAGES: Final = ("mtv-operator", "forklift-operator")
"""Names of the operator's packages, the product's and the community's."""

FEATURE_PREFIX: Final = "feature_"
FEATURES: Final = ("controller_static_udn_ip_addresses", "controller_vsphere_incremental_backup")
"""Switches whose names do not begin like the others."""

LIMITS: Final[Mapping[str, tuple[str, int]]] = {
    "max_vm_inflight": ("spec.controller_max_vm_inflight", 20),
    "precopy_interval_minutes": ("spec.controller_precopy_interval", 60),
    "snapshot_removal_timeout_minutes": ("spec.controller_snapshot_removal_timeout_minuts", 120),
    "filesystem_overhead_percent": ("spec.controller_filesystem_overhead", 10),
}
"""Fact to the setting behind it (spelt as the operator spells it) and its documented default."""

TRANSFERS: Final = ("DiskTransfer", "DiskTransferV2v")
CONVERSION: Final = "ImageConversion"
UNITS: Final = {"MB": 1 << 20, "GB": 1 << 30, "KB": 1 << 10, "B": 1}
"""What the controller counts the progress of a transfer in; it divides by powers of two."""


def toolkit(item: ApiObject) -> JsonRecord:
    """The record of a ForkliftController, without its version, and without the pod security level of its namespace."""
    draft = Draft("migration_toolkit", item, labels_of(item))
    conditions = true_conditions(item)
    if maps_at(item, "status.conditions"):
        draft.put("available", "Failure" not in conditions and ("Successful" in conditions or "Running" in conditions))
    else:
        draft.unknown("available", "the object has no conditions yet")
    for fact, (path, default) in LIMITS.items():
        draft.count(fact, path, default)
    draft.text("vddk_image", "spec.vddk_image", default="")
    spec = map_at(item, "spec")
    switches = [name for name in sorted(spec) if name.startswith(FEATURE_PREFIX) or name in FEATURES]
    draft.put("features", {name: "true" if is_true(spec[name]) else "false" for name in switches})
    return draft.record()


def operator_version(item: ApiObject) -> str:
    """Version of the toolkit's operator in a Subscription to it; empty for a subscription to something else."""
    if text_at(item, "spec.name") not in PACKAGES:
        return ""
    installed = text_at(item, "status.installedCSV")
    return installed.partition(".v")[2]


def provider(item: ApiObject) -> JsonRecord:
    """The record of a Provider."""
    draft = Draft("provider", item, labels_of(item))
    draft.text("type", "spec.type")
    draft.text("url", "spec.url", default="")
    draft.reference("secret", "spec.secret")
    _put_state(draft)
    draft.conditions("conditions")
    draft.text("vddk_image", "spec.settings.vddkInitImage", default="")
    draft.text("sdk_endpoint", "spec.settings.sdkEndpoint", default="")
    draft.text("esxi_clone_method", "spec.settings.esxiCloneMethod", default="")
    return draft.record()


def host(item: ApiObject) -> JsonRecord:
    """The record of a Host."""
    draft = Draft("migration_host", item, labels_of(item))
    draft.reference("provider", "spec.provider")
    draft.text("host", "spec.id")
    draft.text("address", "spec.ipAddress")
    draft.reference("secret", "spec.secret")
    _put_state(draft)
    return draft.record()


def network_map(item: ApiObject) -> JsonRecord:
    """The record of a NetworkMap."""
    return _resource_map("network_map", item)


def storage_map(item: ApiObject) -> JsonRecord:
    """The record of a StorageMap."""
    return _resource_map("storage_map", item)


def _resource_map(kind: str, item: ApiObject) -> JsonRecord:
    draft = Draft(kind, item, labels_of(item))
    _put_providers(draft)
    sources = (map_at(entry, "source") for entry in maps_at(item, "spec.map"))
    draft.put("sources", [text_at(source, "id") or text_at(source, "name") for source in sources])
    _put_state(draft)
    return draft.record()


def hook(item: ApiObject) -> JsonRecord:
    """The record of a Hook."""
    draft = Draft("hook", item, labels_of(item))
    _put_state(draft)
    return draft.record()


def migration(item: ApiObject) -> JsonRecord:
    """The record of a Migration."""
    draft = Draft("migration", item, labels_of(item))
    draft.reference("plan", "spec.plan")
    started, completed = moment(at(item, "status.started")), moment(at(item, "status.completed"))
    draft.put("started_at", started)
    draft.put("completed_at", completed)
    draft.put("cutover_at", moment(at(item, "spec.cutover")))
    draft.put("running", bool(started) and not completed)
    return draft.record()


def plan(item: ApiObject) -> JsonRecord:
    """The record of a Plan, with what its last migration came to."""
    draft = Draft("migration_plan", item, labels_of(item))
    _put_providers(draft)
    draft.text("target_namespace", "spec.targetNamespace")
    # `warm` is what plans said before they had a type.
    draft.text("type", "spec.type", default="warm" if is_true(at(item, "spec.warm")) else "cold")
    draft.flag("archived", "spec.archived", default=False)
    _put_state(draft)
    draft.conditions("conditions")
    draft.reference("network_map", "spec.map.network")
    draft.reference("storage_map", "spec.map.storage")
    draft.put("vms", _planned(item))
    return draft.record()


def _put_state(draft: Draft) -> None:
    draft.condition("ready", "Ready")


def _put_providers(draft: Draft) -> None:
    draft.reference("source_provider", "spec.provider.source")
    draft.reference("destination_provider", "spec.provider.destination")


# ---- VMs of a plan ---------------------------------------------------------------------------------------------------


def _planned(item: ApiObject) -> list[JsonRecord]:
    """Every VM that the plan lists or has migrated, in its order."""
    states = maps_at(item, "status.migration.vms")
    by_key = {key: state for state in states for key in (text_at(state, "name"), text_at(state, "id")) if key}
    listed = maps_at(item, "spec.vms")
    found = [(vm, by_key.get(text_at(vm, "id")) or by_key.get(text_at(vm, "name")) or {}) for vm in listed]
    met = [state for _vm, state in found]
    found += [(state, state) for state in states if state not in met]
    return [_planned_vm(vm, state) for vm, state in found]


def _planned_vm(vm: Mapping[str, Any], state: Mapping[str, Any]) -> JsonRecord:
    conditions = true_conditions(state, "conditions")
    record: JsonRecord = {
        "name": text_at(vm, "name") or text_at(state, "name"),
        "target_name": text_at(vm, "targetName") or text_at(state, "newName"),
        "phase": text_at(state, "phase"),
        "succeeded": "Succeeded" in conditions,
        "failed": "Failed" in conditions or at(state, "error").__class__ is dict,
        "canceled": "Canceled" in conditions,
    }
    if moref := text_at(vm, "id") or text_at(state, "id"):
        record["moref"] = moref
    for fact, key in (("started_at", "started"), ("completed_at", "completed")):
        if found := moment(state.get(key)):
            record[fact] = found
    steps = maps_at(state, "pipeline")
    transfers = [step for step in steps if text_at(step, "name") in TRANSFERS]
    if transfers:
        _put_transfer(record, transfers[0])
    conversion = next((step for step in steps if text_at(step, "name") == CONVERSION), {})
    seconds = seconds_between(text_at(conversion, "started"), text_at(conversion, "completed"))
    if seconds is not None:
        record["conversion_seconds"] = seconds
    return record


def _put_transfer(record: JsonRecord, step: Mapping[str, Any]) -> None:
    unit = UNITS.get(text_at(step, "annotations.unit"))
    completed = at(step, "progress.completed")
    if unit and completed.__class__ is int:
        record["transferred_bytes"] = completed * unit
    seconds = seconds_between(text_at(step, "started"), text_at(step, "completed"))
    if seconds is not None:
        record["transfer_seconds"] = seconds
