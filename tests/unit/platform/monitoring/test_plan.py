# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part as a whole: what keeps it from being written at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.yaml_editing import PyYamlText
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import Monitoring, UserWorkloadWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.check_list import CONFIG_PROFILE, CONFIG_VERSION
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.config_maps import CLUSTER_CONFIG
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.plan import plan_monitoring
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.readings import VERSION
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Context
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import (
    ClusterFacts,
    Listed,
    NamedRead,
    PlatformSnapshot,
)

from tests.unit.platform.desired.documents import shipped

CATALOGUE = shipped()
WANTED = Monitoring()
YAML = PyYamlText()


def with_config(text: str) -> NamedRead:
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": CLUSTER_CONFIG.name}, "data": {"config.yaml": text}}
    return NamedRead("read", item)


@pytest.mark.parametrize(
    ("read", "result"),
    [
        (with_config("prometheusK8s: {collectionProfile: minimal}\n"), "fail"),
        (with_config("prometheusK8s: {collectionProfile: full}\n"), "pass"),
        (with_config("prometheusK8s: {retention: 7d}\n"), "pass"),
        (with_config("prometheusK8s: [\n"), "not_evaluated"),
        (NamedRead("absent"), "pass"),
        (NamedRead("forbidden", reason="the account may not read it"), "not_evaluated"),
    ],
)
def test_platform_that_leaves_metrics_out_is_told(read: NamedRead, result: str) -> None:
    snapshot = PlatformSnapshot({}, {CLUSTER_CONFIG: read})
    desired = PlatformDesired(schema_version="1.0", monitoring=WANTED)
    plan = plan_monitoring(Context(desired, snapshot, CATALOGUE, "2026-11-22", yaml=YAML))
    (found,) = (finding for finding in plan.findings if finding.check == CONFIG_PROFILE.id)
    assert found.result == result


def version_finding(version: str, state: str = "read", wanted: Monitoring = WANTED) -> CheckFinding:
    """What is said of the version of OpenShift."""
    listed = {VERSION: Listed(state, reason="" if state == "read" else "the account may not list clusterversions")}
    snapshot = PlatformSnapshot(listed, cluster=ClusterFacts(openshift_version=version))
    desired = PlatformDesired(schema_version="1.0", monitoring=wanted)
    plan = plan_monitoring(Context(desired, snapshot, CATALOGUE, "2026-11-22"))
    (found,) = (finding for finding in plan.findings if finding.check == CONFIG_VERSION.id)
    return found


@pytest.mark.parametrize(
    ("version", "state", "result"),
    [
        ("4.17.39", "read", "fail"),
        ("4.9.1", "read", "fail"),
        ("4.18.0", "read", "pass"),
        ("4.21.7", "read", "pass"),
        ("5.0.0", "read", "pass"),
        ("", "forbidden", "not_evaluated"),
        ("", "read", "not_evaluated"),
        ("", "absent", "not_applicable"),
    ],
)
def test_openshift_that_does_not_know_the_setting_is_not_given_it(version: str, state: str, result: str) -> None:
    found = version_finding(version, state)
    assert (found.result, found.refuses) == (result, result == "fail")


def test_document_that_leaves_both_config_maps_as_they_are_needs_no_version() -> None:
    left = replace(WANTED, user_workload=UserWorkloadWanted(enabled=False))
    assert version_finding("4.12.1", wanted=left).result == "not_applicable"
