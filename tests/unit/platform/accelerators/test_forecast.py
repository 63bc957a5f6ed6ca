# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes a change restarts, and which it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.forecast import forecast
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.machine_config import blacklist
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.pools import picks, pool_of_node, selects
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import DriverWanted, PoolWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import PartPlan, WantedObject
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import DevicePod, Listed, PlatformSnapshot

from .support import GFD, desired, looked_at, mi300, node, objects_of, planned

AMD_NODES = {"feature.node.kubernetes.io/amd-gpu": "true"}
ROLE = "node-role.kubernetes.io/"
POOLS = "machineconfigpools.machineconfiguration.openshift.io"


def machine_pool(name: str, *roles: str, **spec: Any) -> dict[str, Any]:
    term = {"key": "machineconfiguration.openshift.io/role", "operator": "In", "values": list(roles or (name,))}
    metadata = {"name": name, "labels": {f"pools.operator.machineconfiguration.openshift.io/{name}": ""}}
    selector = {"matchLabels": {f"{ROLE}{name}": ""}}
    return {"metadata": metadata, "spec": {"machineConfigSelector": {"matchExpressions": [term]}, "nodeSelector": selector, **spec}}


MACHINE_POOLS = [machine_pool("master"), machine_pool("worker"), machine_pool("gpu", "worker", "gpu", paused=True, maxUnavailable=2)]
NODES = [
    node("control", {f"{ROLE}master": ""}, {}),
    node("plain", {}, {}),
    node("gpu", {f"{ROLE}gpu": ""}, {GFD: 4}),
]


def wanted(item: Mapping[str, Any]) -> WantedObject:
    return WantedObject(item, "accelerators", "accelerators", "", 50)


def kubelet(pool: str) -> dict[str, Any]:
    selector = {"matchLabels": {f"pools.operator.machineconfiguration.openshift.io/{pool}": ""}}
    return {
        "apiVersion": "machineconfiguration.openshift.io/v1",
        "kind": "KubeletConfig",
        "metadata": {"name": "k"},
        "spec": {"machineConfigPoolSelector": selector},
    }


def restarted(
    *items: Mapping[str, Any], objects: Mapping[str, Sequence[Mapping[str, Any]]] | None = None, **more: Any
) -> dict[str, tuple[str, ...]]:
    snapshot = looked_at(NODES, {POOLS: MACHINE_POOLS, **(objects or {})}, **more)
    return {each.pool: each.nodes for each in forecast([wanted(item) for item in items], snapshot)}


def test_machine_config_of_workers_restarts_custom_pools_that_inherit_it() -> None:
    assert restarted(blacklist("worker", "amdgpu")) == {"worker": ("plain",), "gpu": ("gpu",)}
    assert restarted(blacklist("gpu", "amdgpu")) == {"gpu": ("gpu",)}
    assert restarted(blacklist("master", "amdgpu")) == {"master": ("control",)}
    assert restarted(blacklist("infra", "amdgpu")) == {}


def test_kubelet_config_of_a_pool_is_inherited_through_the_machine_config_that_it_becomes() -> None:
    assert restarted(kubelet("worker")) == {"worker": ("plain",), "gpu": ("gpu",)}
    assert restarted(kubelet("gpu")) == {"gpu": ("gpu",)}


def test_pool_that_is_paused_and_pods_that_hold_devices_are_named() -> None:
    held = [DevicePod("ai", "chat", "gpu", {GFD: 1}), DevicePod("ai", "cpu", "plain", {"rdma/hca": 1})]
    snapshot = looked_at(NODES, {POOLS: MACHINE_POOLS}, pods=held)
    found = {each.pool: each for each in forecast([wanted(blacklist("worker", "amdgpu"))], snapshot)}
    assert (found["gpu"].paused, found["gpu"].accelerator_pods, found["gpu"].extra) == (True, ("ai/chat",), {"max_unavailable": "2"})
    assert (found["worker"].paused, found["worker"].accelerator_pods) == (False, ())
    assert found["gpu"].reasons == ("MachineConfig 99-worker-amdgpu-blacklist",)


def test_object_that_is_there_as_wanted_restarts_nothing() -> None:
    item = blacklist("worker", "amdgpu")
    lists = "machineconfigs.machineconfiguration.openshift.io"
    assert restarted(item, objects={lists: [item]}) == {}
    other = {**item, "spec": {"config": {"ignition": {"version": "3.4.0"}}}}
    assert set(restarted(item, objects={lists: [other]})) == {"worker", "gpu"}


def test_driver_of_amd_restarts_the_nodes_that_its_config_selects_between_two_versions() -> None:
    def plan(version: str, *live: Mapping[str, Any]) -> PartPlan:
        pool = PoolWanted(name="mi300", nodes=AMD_NODES, vendor="amd", driver=DriverWanted(version=version))
        return planned(desired(pool), looked_at([mi300(), *NODES], {POOLS: MACHINE_POOLS, "deviceconfigs.amd.com": live}))

    def records(found: PartPlan) -> list[Mapping[str, Any]]:
        return [record for record in found.records if record["kind"] == "forecast"]

    first = plan("30.20.1")
    assert records(first) == []
    (live,) = objects_of(first, "DeviceConfig")
    assert records(plan("30.20.1", live)) == []
    (record,) = records(plan("30.30", live))
    assert (record["id"], record["nodes"], record["reasons"]) == ("worker", ["mi300-0"], ["DeviceConfig openshift-amd-gpu/mi300"])


def test_blacklist_is_written_for_the_roles_of_the_pools_nodes_and_forecast() -> None:
    driver = DriverWanted(blacklist=True)
    pool = PoolWanted(name="mi300", nodes=AMD_NODES, vendor="amd", driver=driver)
    nodes = [mi300("a"), mi300("b", labels={f"{ROLE}gpu": ""})]
    plan = planned(desired(pool), looked_at(nodes, {POOLS: MACHINE_POOLS}))
    names = sorted(item["metadata"]["name"] for item in objects_of(plan, "MachineConfig"))
    assert names == ["99-gpu-amdgpu-blacklist", "99-worker-amdgpu-blacklist"]
    assert {record["id"]: record["nodes"] for record in plan.records if record["kind"] == "forecast"} == {"gpu": ["b"], "worker": ["a"]}
    without = planned(desired(pool), looked_at(nodes))
    assert not objects_of(without, "MachineConfig")
    assert any(found.check.endswith("restart.known") and found.result == "not_evaluated" for found in without.findings)


def test_forecast_without_the_pools_says_that_nobody_knows() -> None:
    lists = {POOLS: Listed("forbidden", reason="no right"), "nodes": Listed("read")}
    (found,) = forecast([wanted(blacklist("worker", "amdgpu"))], PlatformSnapshot(lists))
    assert (found.pool, found.nodes, found.unknown) == ("", (), "no right")
    assert forecast([], PlatformSnapshot(lists)) == ()


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (("worker",), "worker"),
        (("worker", "gpu"), "gpu"),
        (("master", "gpu"), "master"),
        (("master", "worker"), "master"),
        (("worker", "gpu", "infra"), ""),
        ((), ""),
        (("gpu",), "gpu"),
    ],
)
def test_node_belongs_to_the_pool_that_the_machine_config_operator_takes(roles: tuple[str, ...], expected: str) -> None:
    labels = {f"{ROLE}{role}": "" for role in roles}
    assert pool_of_node(labels, [*MACHINE_POOLS, machine_pool("infra", "worker", "infra")]) == expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True),
        ({"matchLabels": {"a": "1"}}, True),
        ({"matchLabels": {"a": "2"}}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "In", "values": ["1"]}]}, False),
        ({"matchExpressions": [{"key": "b", "operator": "NotIn", "values": ["1"]}]}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, False),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "b", "operator": "Exists"}]}, False),
    ],
)
def test_selector_matches_as_the_api_server_has_it_and_without_terms_picks_nothing(selector: dict[str, Any], expected: bool) -> None:
    assert selects(selector, {"a": "1"}) is expected
    assert picks(selector, {"a": "1"}) is (expected and bool(selector))


def test_configuration_of_ours_that_is_wanted_no_more_restarts_its_pools_once_it_is_pruned() -> None:
    ours = blacklist("worker", "amdgpu")
    metadata = {**ours["metadata"], "labels": {**ours["metadata"]["labels"], "readiness.groundwork.io/stage": "platform-accelerators"}}
    lists = {"machineconfigs.machineconfiguration.openshift.io": [{**ours, "metadata": metadata}]}
    assert set(restarted(objects=lists)) == {"worker", "gpu"}
    snapshot = looked_at(NODES, {POOLS: MACHINE_POOLS, **lists})
    assert {reason for each in forecast((), snapshot) for reason in each.reasons} == {
        "MachineConfig 99-worker-amdgpu-blacklist, once it is pruned"
    }
    assert restarted(objects={"machineconfigs.machineconfiguration.openshift.io": [ours]}) == {}


def test_driver_configs_that_could_not_be_listed_leave_the_forecast_unknown() -> None:
    snapshot = looked_at([mi300(), *NODES], {POOLS: MACHINE_POOLS})
    snapshot.listed = {**snapshot.listed, "deviceconfigs.amd.com": Listed("forbidden", reason="deviceconfigs.amd.com is forbidden")}
    pool = PoolWanted(name="mi300", nodes=AMD_NODES, vendor="amd", driver=DriverWanted(version="30.20.1"))
    found = {finding.check: finding.result for finding in planned(desired(pool), snapshot).findings}
    assert found["platform.accelerators.restart.known"] == "not_evaluated"
