# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an object is ready, by its kind: what Kubernetes, OLM and OpenShift say of their own objects, and what parts know of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ..common.owned_fields import ApiObject
from ..common.write_findings import key_of
from ..target.objects import at, maps_at, text_at
from .accelerators import ready as accelerators
from .identity import group_sync
from .monitoring import watch_stack
from .openshift_ai import ready as openshift_ai
from .progress import BEHIND, READY, STUCK, WAITING, Judge, Judges, Progress, by_conditions, by_phase, is_behind, seen_of
from .snapshot import PlatformSnapshot

_DEADLINE: Final = "ProgressDeadlineExceeded"


def _exists(_item: ApiObject, _others: PlatformSnapshot) -> Progress:
    """For kinds without a status: who is there is ready."""
    return Progress(READY, "Exists")


def _deployment(item: ApiObject, others: PlatformSnapshot) -> Progress:
    for entry in maps_at(item, "status.conditions"):
        failed = entry.get("type") == "ReplicaFailure" and entry.get("status") == "True"
        if failed or (entry.get("type") == "Progressing" and entry.get("reason") == _DEADLINE):
            return seen_of(entry, STUCK)
    return _replicas("replicas", "updatedReplicas", "availableReplicas")(item, others)


def _replicas(wanted_path: str, *counts: str) -> Judge:
    """Ready once each of these counts of the status is what the spec asks for, one where it does not say."""

    def judge(item: ApiObject, _others: PlatformSnapshot) -> Progress:
        wanted = at(item, f"spec.{wanted_path}")
        wanted = wanted if isinstance(wanted, int) else 1
        return _counted(item, wanted, counts)

    return judge


def _daemon_set(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    wanted = at(item, "status.desiredNumberScheduled")
    if not isinstance(wanted, int):
        return Progress(WAITING, "NoStatus", field="status.desiredNumberScheduled")
    return _counted(item, wanted, ("updatedNumberScheduled", "numberAvailable"))


def _counted(item: ApiObject, wanted: int, counts: Iterable[str]) -> Progress:
    if is_behind(item) or at(item, "status.observedGeneration") is None:
        return BEHIND
    for count in counts:
        found = at(item, f"status.{count}")
        found = found if isinstance(found, int) else 0
        if found < wanted:
            return Progress(WAITING, count, f"{count}: {found} of {wanted}", field=f"status.{count}")
    return Progress(READY, "Available")


def _catalog(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    state = text_at(item, "status.connectionState.lastObservedState")
    path = "status.connectionState.lastObservedState"
    return Progress(READY if state == "READY" else WAITING, state or "NoStatus", field=path)


def _csv(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    phase, reason = text_at(item, "status.phase"), text_at(item, "status.reason")
    state = {"Succeeded": READY, "Failed": STUCK}.get(phase, WAITING)
    return Progress(state, reason or phase or "NoStatus", text_at(item, "status.message"), field="status.phase")


def _subscription(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    for entry in maps_at(item, "status.conditions"):
        if entry.get("type") in ("ResolutionFailed", "BundleUnpackFailed", "InstallPlanFailed") and entry.get("status") == "True":
            return seen_of(entry, STUCK)
    installed, current = text_at(item, "status.installedCSV"), text_at(item, "status.currentCSV")
    if installed and installed == current:
        return Progress(READY, text_at(item, "status.state") or "Installed", field="status.installedCSV")
    return Progress(
        WAITING, text_at(item, "status.state") or "NoStatus", f"installed: {installed or 'nothing'}", field="status.installedCSV"
    )


def _pool(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    if at(item, "spec.paused") is True:
        return Progress(STUCK, "Paused", "the pool is paused: its nodes keep their settings until it is not", "unpause it", "spec.paused")
    return by_conditions("Updated", stuck=("Degraded", "NodeDegraded", "RenderDegraded"))(item, _others)


def _otherwise(item: ApiObject, others: PlatformSnapshot) -> Progress:
    """For kinds that nobody has said more of: the conditions Ready or Available, as most controllers write them."""
    kinds = {str(entry.get("type")) for entry in maps_at(item, "status.conditions")}
    for kind in ("Ready", "Available"):
        if kind in kinds:
            return by_conditions(kind, stuck=("Failed",), unless=("Degraded",))(item, others)
    return Progress(WAITING, "NoConditions", "it has neither the condition Ready nor Available", field="status.conditions")


GENERIC: Final[Judges] = {
    ("", "Namespace"): by_phase("status.phase", "Active"),
    ("", "PersistentVolumeClaim"): by_phase("status.phase", "Bound", stuck=("Lost",)),
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _replicas("replicas", "updatedReplicas", "readyReplicas"),
    ("apps", "DaemonSet"): _daemon_set,
    ("batch", "Job"): by_conditions("Complete", stuck=("Failed",)),
    ("apiextensions.k8s.io", "CustomResourceDefinition"): by_conditions("NamesAccepted", "Established"),
    ("apiregistration.k8s.io", "APIService"): by_conditions("Available"),
    ("config.openshift.io", "ClusterOperator"): by_conditions("Available", unless=("Degraded", "Progressing")),
    ("machineconfiguration.openshift.io", "MachineConfigPool"): _pool,
    ("machineconfiguration.openshift.io", "KubeletConfig"): by_conditions("Success", stuck=("Failure",)),
    ("operators.coreos.com", "CatalogSource"): _catalog,
    ("operators.coreos.com", "ClusterServiceVersion"): _csv,
    ("operators.coreos.com", "Subscription"): _subscription,
}

WITHOUT_STATUS: Final = frozenset(
    {
        ("", "ConfigMap"),
        ("", "Secret"),
        ("", "Service"),
        ("", "ServiceAccount"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("rbac.authorization.k8s.io", "Role"),
        ("rbac.authorization.k8s.io", "RoleBinding"),
        ("operators.coreos.com", "OperatorGroup"),
        ("machineconfiguration.openshift.io", "MachineConfig"),
        ("nfd.openshift.io", "NodeFeatureRule"),
        ("nfd.k8s-sigs.io", "NodeFeatureRule"),
        ("infrastructure.opendatahub.io", "HardwareProfile"),
        ("kueue.x-k8s.io", "ResourceFlavor"),
        ("kueue.x-k8s.io", "WorkloadPriorityClass"),
        ("serving.kserve.io", "ServingRuntime"),
        ("serving.kserve.io", "ClusterServingRuntime"),
    }
)
"""Kinds of which an object is ready as soon as it is there."""

JUDGES: Final[Judges] = {
    **dict.fromkeys(WITHOUT_STATUS, _exists),
    **GENERIC,
    **accelerators.JUDGES,
    **openshift_ai.JUDGES,
    **group_sync.JUDGES,
    **watch_stack.JUDGES,
}
"""All kinds that are known, those of the parts included."""

LOOKS_AT: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {**accelerators.LOOKS_AT, **openshift_ai.LOOKS_AT}
"""Resources that judges need beside the object itself, by group and kind."""


def progress_of(item: ApiObject, others: PlatformSnapshot) -> Progress:
    """How far an object has come."""
    key = key_of(item)
    return JUDGES.get((key.group, key.kind), _otherwise)(item, others)


def looked_at(group: str, kind: str) -> tuple[str, ...]:
    """Resources that a judge of this kind needs beside the object."""
    return LOOKS_AT.get((group, kind), ())
