# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of the accelerators in platform.jsonl."""

from __future__ import annotations

from collections.abc import Mapping

from ...common.artifact import JsonRecord
from ..desired.model import DeviceClass, DeviceRequest
from ..model import MISSING, NOT_EVALUATED, READY
from .check_list import PART
from .model import Choice, DeviceGroup, PoolForecast, Resolution, Taint
from .tolerations import taint_text


def group_record(group: DeviceGroup) -> JsonRecord:
    """A group of devices. What pods hold and the memory are left out where nobody knows them."""
    record: JsonRecord = {
        "kind": "accelerator_group",
        "id": group.key,
        "name": group.key,
        "part": PART,
        "vendor": group.vendor,
        "product": group.product,
        "mode": group.mode,
        "workload": group.workload,
        "resource": group.resource,
        "nodes": sorted(node.name for node in group.nodes),
        "capacity": sum(node.capacity for node in group.nodes),
        "allocatable": sum(node.allocatable for node in group.nodes),
        "taints": [taint_text(taint) for taint in group.taints],
        "memory_source": group.memory_source,
    }
    unknown: dict[str, str] = {}
    held = [node.requested for node in group.nodes]
    if all(number is not None for number in held):
        record["requested"] = sum(number or 0 for number in held)
    else:
        unknown["requested"] = "the pods are not known"
    if group.memory_gib is not None:
        record["memory_gib"] = round(group.memory_gib, 2)
    else:
        unknown["memory_gib"] = "no label, document or table tells it"
    if unknown:
        record["unknown"] = unknown
    return record


def request_record(request: DeviceRequest, wanted: DeviceClass | None, found: Resolution) -> JsonRecord:
    """A request and what became of it."""
    record: JsonRecord = {
        "kind": "request",
        "id": request.name,
        "name": request.name,
        "part": PART,
        "device_class": request.device_class,
        "count": request.count,
        "replicas": request.replicas,
        "choices": [_choice(choice) for choice in found.choices],
        "state": READY if found.choices else MISSING if found.refused else NOT_EVALUATED,
        "refused_reason": found.refused,
        "not_evaluated_reason": found.not_evaluated,
        "nearest": found.nearest,
    }
    if wanted:
        record |= {"memory_gib": wanted.memory_gib, "sharing": wanted.sharing}
    return record


def _choice(choice: Choice) -> JsonRecord:
    record: JsonRecord = {
        "group": choice.group,
        "resource": choice.resource,
        "flavor": choice.flavor,
        "tolerations": [toleration_text(entry) for entry in choice.tolerations],
        "node_selector": dict(choice.node_selector),
        "quota_keys": dict(choice.quota),
        "nodes": list(choice.nodes),
    }
    if choice.fits_now is not None:
        record["fits_now"] = choice.fits_now
    return record


def toleration_text(toleration: Mapping[str, str]) -> str:
    """A toleration as `key=value:Effect`, or `key:Effect` for any value."""
    return taint_text(Taint(toleration.get("key", ""), toleration.get("value", ""), toleration.get("effect", "")))


def forecast_record(found: PoolForecast) -> JsonRecord:
    """The nodes of a MachineConfigPool that a change restarts."""
    name = found.pool or "none"
    record: JsonRecord = {
        "kind": "forecast",
        "id": name,
        "name": name,
        "part": PART,
        "nodes": list(found.nodes),
        "reasons": list(found.reasons),
        "paused": found.paused,
    }
    if found.unknown:
        record["unknown"] = {"accelerator_pods" if found.nodes else "nodes": found.unknown}
    else:
        record["accelerator_pods"] = list(found.accelerator_pods)
    return record
