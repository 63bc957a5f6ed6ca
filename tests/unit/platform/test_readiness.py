# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that are ready, on their way or stuck: by type, status and generation of their conditions, never by a message."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.progress import by_conditions, by_phase
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readiness import JUDGES, LOOKS_AT, progress_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readings import BY_ID, RESOURCES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import PlatformSnapshot

Json = dict[str, Any]
NOTHING = PlatformSnapshot({})


def item(api_version: str, kind: str, status: Json | None = None, spec: Json | None = None, generation: int | None = None) -> Json:
    metadata = {"name": "one"} | ({} if generation is None else {"generation": generation})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec or {}} | (
        {} if status is None else {"status": status}
    )


def conditions(*entries: tuple[str, str] | tuple[str, str, str], **more: Any) -> Json:
    made = []
    for entry in entries:
        kind, status, *reason = entry
        made.append({"type": kind, "status": status, "reason": (reason or [f"{kind}{status}"])[0], "message": f"words on {kind}"})
    return {"conditions": made, **more}


def state(found: Json) -> tuple[str, str]:
    progress = progress_of(found, NOTHING)
    return progress.state, progress.reason


REPLICAS = {"observedGeneration": 1, "updatedReplicas": 2, "availableReplicas": 2, "readyReplicas": 2}
TABLE = [
    (item("v1", "Namespace", {"phase": "Active"}), ("ready", "Active")),
    (item("v1", "Namespace", {"phase": "Terminating"}), ("waiting", "Terminating")),
    (item("v1", "PersistentVolumeClaim", {"phase": "Pending"}), ("waiting", "Pending")),
    (item("v1", "PersistentVolumeClaim", {"phase": "Lost"}), ("stuck", "Lost")),
    (item("v1", "ConfigMap"), ("ready", "Exists")),
    (item("kueue.x-k8s.io/v1beta2", "ResourceFlavor"), ("ready", "Exists")),
    (item("apps/v1", "Deployment", REPLICAS, {"replicas": 2}, 1), ("ready", "Available")),
    (item("apps/v1", "Deployment", REPLICAS, {"replicas": 3}, 1), ("waiting", "updatedReplicas")),
    (item("apps/v1", "Deployment", {**REPLICAS, "availableReplicas": 1}, {"replicas": 2}, 1), ("waiting", "availableReplicas")),
    (item("apps/v1", "Deployment", REPLICAS, {"replicas": 2}, 2), ("waiting", "ObservedGeneration")),
    (item("apps/v1", "Deployment", None, {"replicas": 0}, 1), ("waiting", "ObservedGeneration")),
    (item("apps/v1", "Deployment", {"observedGeneration": 1}, {"replicas": 0}, 1), ("ready", "Available")),
    (
        item("apps/v1", "Deployment", {**REPLICAS, **conditions(("Progressing", "False", "ProgressDeadlineExceeded"))}, {"replicas": 2}, 1),
        ("stuck", "ProgressDeadlineExceeded"),
    ),
    (
        item("apps/v1", "Deployment", {**REPLICAS, **conditions(("ReplicaFailure", "True"))}, {"replicas": 2}, 1),
        ("stuck", "ReplicaFailureTrue"),
    ),
    (item("apps/v1", "StatefulSet", REPLICAS, {"replicas": 2}, 1), ("ready", "Available")),
    (item("apps/v1", "DaemonSet", {}, {}, 1), ("waiting", "NoStatus")),
    (
        item("apps/v1", "DaemonSet", {"observedGeneration": 1, "desiredNumberScheduled": 0}, {}, 1),
        ("ready", "Available"),
    ),
    (
        item(
            "apps/v1",
            "DaemonSet",
            {"observedGeneration": 1, "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 1},
            {},
            1,
        ),
        ("waiting", "numberAvailable"),
    ),
    (item("batch/v1", "Job", conditions(("Complete", "True"))), ("ready", "Complete")),
    (item("batch/v1", "Job", conditions(("Failed", "True", "DeadlineExceeded"))), ("stuck", "DeadlineExceeded")),
    (item("batch/v1", "Job"), ("waiting", "Complete")),
    (
        item("apiextensions.k8s.io/v1", "CustomResourceDefinition", conditions(("NamesAccepted", "True"), ("Established", "True"))),
        ("ready", "NamesAccepted"),
    ),
    (
        item("apiextensions.k8s.io/v1", "CustomResourceDefinition", conditions(("NamesAccepted", "False"), ("Established", "True"))),
        ("waiting", "NamesAcceptedFalse"),
    ),
    (
        item("config.openshift.io/v1", "ClusterOperator", conditions(("Available", "True"), ("Degraded", "True"))),
        ("waiting", "DegradedTrue"),
    ),
    (item("machineconfiguration.openshift.io/v1", "MachineConfigPool", conditions(("Updated", "True"))), ("ready", "Updated")),
    (
        item("machineconfiguration.openshift.io/v1", "MachineConfigPool", conditions(("Updated", "False"), ("NodeDegraded", "True"))),
        ("stuck", "NodeDegradedTrue"),
    ),
    (
        item("machineconfiguration.openshift.io/v1", "MachineConfigPool", conditions(("Updated", "True")), {"paused": True}),
        ("stuck", "Paused"),
    ),
    (
        item("operators.coreos.com/v1alpha1", "CatalogSource", {"connectionState": {"lastObservedState": "READY"}}),
        ("ready", "READY"),
    ),
    (
        item("operators.coreos.com/v1alpha1", "CatalogSource", {"connectionState": {"lastObservedState": "CONNECTING"}}),
        ("waiting", "CONNECTING"),
    ),
    (
        item("operators.coreos.com/v1alpha1", "ClusterServiceVersion", {"phase": "Succeeded", "reason": "InstallSucceeded"}),
        ("ready", "InstallSucceeded"),
    ),
    (
        item("operators.coreos.com/v1alpha1", "ClusterServiceVersion", {"phase": "Failed", "reason": "UnsupportedOperatorGroup"}),
        ("stuck", "UnsupportedOperatorGroup"),
    ),
    (
        item("operators.coreos.com/v1alpha1", "Subscription", {"installedCSV": "a.v1", "currentCSV": "a.v1", "state": "AtLatestKnown"}),
        ("ready", "AtLatestKnown"),
    ),
    (
        item("operators.coreos.com/v1alpha1", "Subscription", {"installedCSV": "a.v1", "currentCSV": "a.v2", "state": "UpgradePending"}),
        ("waiting", "UpgradePending"),
    ),
    (
        item("operators.coreos.com/v1alpha1", "Subscription", conditions(("ResolutionFailed", "True", "ConstraintsNotSatisfiable"))),
        ("stuck", "ConstraintsNotSatisfiable"),
    ),
    (item("example.com/v1", "Widget", conditions(("Ready", "True"))), ("ready", "Ready")),
    (item("example.com/v1", "Widget", conditions(("Available", "True"), ("Degraded", "True"))), ("waiting", "DegradedTrue")),
    (item("example.com/v1", "Widget", conditions(("Other", "True"))), ("waiting", "NoConditions")),
    (item("example.com/v1", "Widget"), ("waiting", "NoConditions")),
]


@pytest.mark.parametrize(("found", "expected"), TABLE, ids=[f"{found['kind']}-{number}" for number, (found, _expected) in enumerate(TABLE)])
def test_object_stands_where_its_status_says(found: Json, expected: tuple[str, str]) -> None:
    assert state(found) == expected


def test_condition_of_an_older_generation_says_nothing() -> None:
    found = item("example.com/v1", "Widget", {"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 1}]}, generation=2)
    assert progress_of(found, NOTHING).state == "waiting"
    assert progress_of({**found, "metadata": {"name": "one", "generation": 1}}, NOTHING).state == "ready"


def test_trouble_of_an_older_generation_is_no_trouble_of_this_one() -> None:
    entries = [{"type": "Failed", "status": "True", "observedGeneration": 1}, {"type": "Ready", "status": "True", "observedGeneration": 2}]
    found = item("example.com/v1", "Widget", {"conditions": entries}, generation=2)
    assert by_conditions("Ready", stuck=("Failed",))(found, NOTHING).state == "ready"


def test_words_and_field_are_those_of_the_condition() -> None:
    progress = progress_of(item("batch/v1", "Job", conditions(("Failed", "True", "BackoffLimitExceeded"))), NOTHING)
    assert (progress.words, progress.field) == ("words on Failed", "status.conditions[Failed]")


def test_phase_of_an_older_generation_is_not_believed() -> None:
    judge = by_phase("status.phase", "Ready")
    found = item("example.com/v1", "Widget", {"phase": "Ready", "observedGeneration": 1}, generation=2)
    assert judge(found, NOTHING).state == "waiting"


def test_what_judges_look_at_is_in_the_catalogue_of_lists() -> None:
    assert {resource for found in LOOKS_AT.values() for resource in found} <= set(BY_ID)
    assert set(LOOKS_AT) <= set(JUDGES)


def test_every_kind_of_the_accelerators_and_of_openshift_ai_is_known_to_a_judge() -> None:
    groups = (
        "nvidia.com",
        "amd.com",
        "deviceplugin.intel.com",
        "nfd.openshift.io",
        "kueue.openshift.io",
        "dscinitialization.opendatahub.io",
    )
    kinds = {(found.group, found.kind) for found in RESOURCES if found.group in groups} - {("nvidia.com", "NVIDIADriver")}
    assert kinds <= set(JUDGES)
