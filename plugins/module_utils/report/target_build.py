# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of the target cluster, made in one pass over its records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ..common.artifact import JsonRecord
from ..target.model import ABSENT, READ
from ..target.view import TargetView
from .plan_view import TargetClassView, TargetNodeView, TargetReportView, UnreadView

VIRTUALIZATION: Final = ("hyperconvergeds.hco.kubevirt.io", "kubevirts.kubevirt.io")
TOOLKIT: Final = ("forkliftcontrollers.forklift.konveyor.io",)

VIRTUALIZATION_FACTS: Final[Mapping[str, str]] = {
    "version": "Version",
    "available": "Available",
    "cpu_allocation_ratio": "vCPUs per requested CPU",
    "memory_overcommit_percent": "Memory of guests, percent of what they request",
    "default_cpu_model": "Default CPU model",
    "parallel_migrations_per_cluster": "Live migrations at once",
    "parallel_migrations_per_node": "Live migrations from one node at once",
    "live_migration_network": "Network of live migrations",
    "permitted_host_devices": "Host devices for VMs",
}
TOOLKIT_FACTS: Final[Mapping[str, str]] = {
    "version": "Version",
    "available": "Available",
    "namespace": "Namespace",
    "max_vm_inflight": "Transfers per ESXi host at once",
    "precopy_interval_minutes": "Minutes between copies of a warm migration",
    "snapshot_removal_timeout_minutes": "Minutes to wait for the removal of a snapshot",
    "vddk_image": "VDDK image",
}
EMPTY_WORDS: Final[Mapping[str, str]] = {
    "default_cpu_model": "host-model",
    "live_migration_network": "pod network",
    "vddk_image": "none",
    "permitted_host_devices": "none",
}
"""What an empty fact means."""


def target_report(records: Iterable[JsonRecord]) -> TargetReportView:
    """The target cluster as a report shows it."""
    target = TargetView(records)
    cluster = target.cluster or {}
    virtualization, toolkit = target.one("virtualization"), target.one("migration_toolkit")
    readings = target.all("reading")
    return TargetReportView(
        id=str(cluster.get("id", "")),
        name=str(cluster.get("name", "")),
        kubernetes_version=str(cluster.get("kubernetes_version", "")),
        openshift_version=str(cluster.get("openshift_version", "")),
        platform=str(cluster.get("platform", "")),
        topology=str(cluster.get("control_plane_topology", "")),
        virtualization=_words(virtualization, VIRTUALIZATION_FACTS),
        migration_toolkit=_words(toolkit, TOOLKIT_FACTS),
        why_no_virtualization="" if virtualization else _why_none(target, VIRTUALIZATION),
        why_no_toolkit="" if toolkit else _why_none(target, TOOLKIT),
        nodes=tuple(_node(record) for record in target.all("node")),
        classes=tuple(_storage_class(record) for record in target.all("storage_class")),
        counts={record["id"]: int(record.get("count", 0)) for record in readings if record.get("state") == READ},
        unread=tuple(_unread(record) for record in readings if record.get("state") != READ),
        notices=tuple((str(record.get("message", "")), str(record.get("remedy", ""))) for record in target.all("notice")),
    )


def _why_none(target: TargetView, resources: tuple[str, ...]) -> str:
    """Why there is no record of a product: it is not installed, or nobody knows."""
    if target.known(*resources[:1]):
        return "it is not installed"
    return "it is not installed" if target.none_there(*resources) else target.why_not(*resources)


def _words(record: JsonRecord | None, facts: Mapping[str, str]) -> dict[str, str]:
    """Facts of a record in words, by their labels; what is not known is said to be so."""
    if record is None:
        return {}
    return {label: _word(record, fact) for fact, label in facts.items()}


def _word(record: JsonRecord, fact: str) -> str:
    value = record.get(fact)
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        value = ", ".join(str(entry) for entry in value)
    return str(value) if value != "" else EMPTY_WORDS.get(fact, "not known")


def _node(record: JsonRecord) -> TargetNodeView:
    return TargetNodeView(
        name=record["id"],
        roles=tuple(record.get("roles", ())),
        zone=str(record.get("zone", "")),
        ready=record.get("ready"),
        unschedulable=record.get("unschedulable"),
        runs_vms=record.get("kubevirt_schedulable"),
        cpu_millicores=record.get("allocatable_cpu_millicores"),
        memory_bytes=record.get("allocatable_memory_bytes"),
        requested_cpu_millicores=record.get("requested_cpu_millicores"),
        requested_memory_bytes=record.get("requested_memory_bytes"),
        cpu_model=str(record.get("cpu_host_model", "")),
        taints=tuple(record.get("taints", ())),
    )


def _storage_class(record: JsonRecord) -> TargetClassView:
    claims = record.get("claim_sets")
    return TargetClassView(
        name=record["id"],
        provisioner=str(record.get("provisioner", "")),
        default=bool(record.get("default")),
        default_virtualization=bool(record.get("default_virtualization")),
        claim_sets=None if claims is None else tuple(claims),
        snapshot_class=record.get("snapshot_class"),
        expandable=record.get("expandable"),
        free_bytes=record.get("free_bytes"),
    )


def _unread(record: JsonRecord) -> UnreadView:
    return UnreadView(
        resource=record["id"],
        kind=str(record.get("kind_name", "")),
        state=str(record.get("state", "")),
        reason=str(record.get("reason", "")) or ("the cluster does not serve it" if record.get("state") == ABSENT else ""),
        permission=str(record.get("permission", "")),
        costs=tuple(record.get("costs", ())),
    )
