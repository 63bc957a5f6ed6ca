# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When an object of a vendor is ready, on its way, or stuck."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.ready import JUDGES, LOOKS_AT
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot

from .support import gaudi, h100, looked_at, mi300

UNKNOWN = PlatformSnapshot({"nodes": Listed("forbidden", reason="no right")})


def judged(group: str, kind: str, item: dict[str, Any], others: PlatformSnapshot) -> tuple[str, str]:
    found = JUDGES[group, kind](item, others)
    return found.state, found.reason


def conditions(**statuses: str) -> list[dict[str, str]]:
    return [
        {"type": name, "status": status.partition(":")[0], "reason": status.partition(":")[2] or name} for name, status in statuses.items()
    ]


POLICY = {"state": "ready", "conditions": conditions(Ready="True:Ready", Error="False:Ready")}


@pytest.mark.parametrize(
    ("status", "nodes", "expected"),
    [
        (POLICY, [h100()], ("ready", "ready")),
        (POLICY, [], ("waiting", "NoGPUNodes")),
        (
            {"state": "ready", "conditions": conditions(Ready="True:NoGPUNodes")},
            [h100(allocatable={"nvidia.com/gpu": 0})],
            ("waiting", "NoGPUNodes"),
        ),
        ({"state": "ready"}, [h100()], ("ready", "ready")),
        ({"state": "notReady", "conditions": conditions(Ready="False:OperandNotReady")}, [h100()], ("waiting", "OperandNotReady")),
        ({"state": "ignored"}, [h100()], ("stuck", "ignored")),
        ({"state": "notReady", "conditions": conditions(Error="True:NFDLabelsMissing")}, [h100()], ("stuck", "NFDLabelsMissing")),
        ({"state": "notReady", "conditions": conditions(Error="True:DriverNotReady")}, [h100()], ("waiting", "DriverNotReady")),
        ({}, [h100()], ("waiting", "NoStatus")),
    ],
)
def test_cluster_policy_is_ready_only_with_devices_on_the_nodes(
    status: dict[str, Any], nodes: list[dict[str, Any]], expected: tuple[str, str]
) -> None:
    assert judged("nvidia.com", "ClusterPolicy", {"metadata": {"name": "p"}, "status": status}, looked_at(nodes)) == expected


def test_cluster_policy_with_an_old_status_or_unread_nodes_is_not_believed() -> None:
    old = {"metadata": {"name": "p", "generation": 2}, "status": {**POLICY, "observedGeneration": 1}}
    assert judged("nvidia.com", "ClusterPolicy", old, looked_at([h100()]))[0] == "waiting"
    assert judged("nvidia.com", "ClusterPolicy", {"metadata": {}, "status": POLICY}, UNKNOWN) == ("waiting", "NodesNotKnown")


def amd(**more: Any) -> dict[str, Any]:
    part = {"nodesMatchingSelectorNumber": 1, "desiredNumber": 1, "availableNumber": 1}
    modules = {"mi300-0": {"status": "Install-Complete"}}
    status = {"conditions": conditions(Ready="True:OperatorReady"), "driver": part, "devicePlugin": part, "nodeModuleStatus": modules}
    spec = {"selector": {"feature.node.kubernetes.io/amd-gpu": "true"}, "devicePlugin": {"enableDevicePlugin": more.pop("plugin", True)}}
    return {"metadata": {"name": "a"}, "spec": spec, "status": {**status, **more}}


@pytest.mark.parametrize(
    ("item", "nodes", "expected"),
    [
        (amd(), [mi300()], ("ready", "OperatorReady")),
        (amd(), [], ("waiting", "NoGPUNodes")),
        (amd(plugin=False), [], ("ready", "OperatorReady")),
        (amd(devicePlugin={"desiredNumber": 2, "availableNumber": 1}), [mi300()], ("waiting", "NotAvailable")),
        (amd(driver={"desiredNumber": 1}), [mi300()], ("waiting", "NotAvailable")),
        (amd(nodeModuleStatus={"n": {"status": "Upgrade-In-Progress"}}), [mi300()], ("waiting", "Upgrade-In-Progress")),
        (amd(nodeModuleStatus={"n": {"status": "Upgrade-Failed"}}), [mi300()], ("stuck", "Upgrade-Failed")),
        (amd(conditions=conditions(Error="True:ValidationError")), [mi300()], ("stuck", "ValidationError")),
        (amd(conditions=conditions(Ready="False:Deploying")), [mi300()], ("waiting", "Deploying")),
        (amd(conditions=[]), [mi300()], ("waiting", "Ready")),
        (amd(), [h100()], ("waiting", "NoGPUNodes")),
    ],
)
def test_device_config_is_ready_when_all_its_parts_and_its_nodes_are(
    item: dict[str, Any], nodes: list[dict[str, Any]], expected: tuple[str, str]
) -> None:
    assert judged("amd.com", "DeviceConfig", item, looked_at(nodes)) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"desiredNumberScheduled": 2, "numberReady": 2}, "ready"),
        ({"desiredNumberScheduled": 2, "numberReady": 1}, "waiting"),
        ({"desiredNumberScheduled": 0, "numberReady": 0}, "waiting"),
        ({}, "waiting"),
    ],
)
def test_intel_plugin_is_ready_when_it_runs_on_all_of_its_nodes_and_there_are_some(status: dict[str, Any], expected: str) -> None:
    item = {"metadata": {"name": "p"}, "status": status}
    assert judged("deviceplugin.intel.com", "GpuDevicePlugin", item, looked_at([]))[0] == expected


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ({"Available": "True", "Degraded": "False", "Progressing": "False"}, "ready"),
        ({"Available": "True", "Degraded": "True"}, "waiting"),
        ({"Available": "False"}, "waiting"),
        ({}, "waiting"),
    ],
)
@pytest.mark.parametrize("group", ["nfd.openshift.io", "nfd.kubernetes.io"])
def test_node_feature_discovery_is_ready_when_available_and_neither_degraded_nor_progressing(
    group: str, statuses: dict[str, str], expected: str
) -> None:
    item = {"metadata": {"name": "n"}, "status": {"conditions": conditions(**statuses)}}
    assert judged(group, "NodeFeatureDiscovery", item, looked_at([]))[0] == expected


def test_gaudi_is_told_by_its_conditions_and_without_any_by_the_devices() -> None:
    bare = {"metadata": {"name": "g"}}
    assert judged("habanalabs.habana.ai", "ClusterPolicy", bare, looked_at([gaudi()]))[0] == "ready"
    assert judged("habanalabs.habana.ai", "ClusterPolicy", bare, looked_at([]))[0] == "waiting"
    said = {**bare, "status": {"conditions": conditions(Ready="False")}}
    assert judged("habanalabs.habana.ai", "DeviceConfig", said, looked_at([gaudi()]))[0] == "waiting"


def test_judges_that_look_at_nodes_say_so() -> None:
    assert set(LOOKS_AT) <= set(JUDGES)
    assert {resource for resources in LOOKS_AT.values() for resource in resources} == {"nodes"}
