# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as JSON for programs: the view as data, a VM a line. An absent key is not known; null is never written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..common.artifact import SCHEMA_PREFIX, SCHEMA_VERSIONS, JsonRecord
from ..report.open_rules import OpenRules
from ..report.plan_view import VmPlanView
from ..report.view import ReasonView, ReportView, VmView
from .artifacts import CHUNK_BYTES, encode

LISTS: Final = ("excluded", "vms")
"""Lists that can be as long as the estate; they are written an entry a line, last."""


def write_json(view: ReportView, path: Path) -> None:
    """Writes the report as one JSON object."""
    with path.open("wb", buffering=CHUNK_BYTES) as stream:
        for piece in _pieces(view):
            stream.write(piece)


def _pieces(view: ReportView) -> Iterator[bytes]:
    yield encode(_head(view))[:-1]
    for name in LISTS:
        yield f',\n"{name}":['.encode()
        separator = b"\n"
        for entry in _entries(view, name):
            yield separator + encode(entry)
            separator = b",\n"
        yield b"]"
    yield b"}\n"


def _head(view: ReportView) -> JsonRecord:
    major, minor = SCHEMA_VERSIONS["report"]
    head: JsonRecord = {"schema": f"{SCHEMA_PREFIX}report", "schema_version": f"{major}.{minor}"}
    for item in fields(view):
        value = _value(view, item.name) if item.name not in LISTS else None
        if value not in ("", None):
            head[item.name] = value
    return head


def _value(view: ReportView, name: str) -> Any:
    """A part of the view as plain data. The findings of the preflight are left out: they stand in plan.jsonl and preflight.csv."""
    value = plain(replace(view.plan, findings=())) if name == "plan" and view.plan else plain(getattr(view, name))
    if name == "plan" and value is not None:
        del value["findings"]
    return value


def _entries(view: ReportView, name: str) -> Iterator[JsonRecord]:
    if name == "vms":
        rules = OpenRules(view)
        known: dict[tuple[ReasonView, ...], list[JsonRecord]] = {}
        for vm in view.vms:
            own = rules.own_reasons(vm)
            if own not in known:
                known[own] = plain(own)
            yield _vm(vm, rules.own_gaps(vm), known[own])
    else:
        for entry in getattr(view, name):
            yield plain(entry)


def plain(value: Any) -> Any:
    """Dataclasses and tuples as plain data; what is None or an empty text is left out of its object."""
    if is_dataclass(value) and not isinstance(value, type):
        items = ((item.name, plain(getattr(value, item.name))) for item in fields(value))
        return {name: entry for name, entry in items if entry not in ("", None)}
    if isinstance(value, (tuple, list)):
        return [plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    return value


VM_FACTS: Final = (
    "vcenter",
    "datacenter",
    "cluster",
    "host",
    "folder",
    "power_state",
    "guest_os",
    "os_family",
    "cpu_count",
    "memory_mib",
    "disk_bytes",
    "used_bytes",
    "disk_count",
    "nic_count",
    "owner",
    "application",
    "environment",
    "criticality",
)


VM_PLAN_FACTS: Final = (
    "wave",
    "plan",
    "method",
    "risk",
    "namespace",
    "target_name",
    "copy_bytes",
    "elapsed_p50_minutes",
    "elapsed_p90_minutes",
    "downtime_p50_minutes",
    "downtime_p90_minutes",
    "wave_downtime_p90_minutes",
    "downtime_tolerance_minutes",
    "within_tolerance",
)


def _planned(plan: VmPlanView) -> JsonRecord:
    """A VM's place in the plan; the reasons stand in plan.jsonl and plan.csv."""
    record: JsonRecord = {"state": plan.state}
    for name in VM_PLAN_FACTS:
        value = getattr(plan, name)
        if value not in ("", None):
            record[name] = value
    if plan.blocked_by:
        record["constraints"] = sorted({blocker.code for blocker in plan.blocked_by})
    if plan.settle:
        record["settle"] = plan.settle
    return record


def _vm(vm: VmView, gaps: Sequence[str], reasons: Sequence[JsonRecord]) -> JsonRecord:
    """A VM as in the assessment: `gaps` and `reasons` are those beyond its sources'. Empty facts are left out with the unknown ones."""
    record: JsonRecord = {
        "id": vm.id,
        "name": vm.name,
        "verdict": vm.verdict,
        "provisional": vm.provisional,
        "score": vm.score,
        "score_best": vm.score_best,
    }
    for name in VM_FACTS:
        value = getattr(vm, name)
        if value not in ("", None):
            record[name] = value
    record["findings"] = [
        {
            "rule": finding.rule,
            "result": finding.result,
            "evidence": [
                {"object": piece.object, "field": piece.field, "observed": piece.observed, "expected": piece.expected}
                for piece in finding.evidence
            ],
        }
        for finding in vm.findings
    ]
    record["gaps"] = gaps
    record["not_applicable"] = vm.not_applicable
    record["sources"] = vm.sources
    record["reasons"] = reasons
    if vm.performance:
        record["performance"] = plain(vm.performance)
    if vm.plan:
        record["plan"] = _planned(vm.plan)
    return record
