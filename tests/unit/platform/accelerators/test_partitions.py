# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Partitions are believed when the vendor's manager says so and the node gives them, and waited for until then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.ready import JUDGES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PoolWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import PartPlan
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import DevicePod

from .support import GFD, Node, desired, failed, h100, looked_at, mi300, node, planned

WORKER = {"node-role.kubernetes.io/worker": ""}
CONFIG, STATE, STRATEGY = "nvidia.com/mig.config", "nvidia.com/mig.config.state", "nvidia.com/mig.strategy"
PRODUCT = f"{GFD}.product"
PROFILE, PROFILE_STATE = "dcm.amd.com/gpu-config-profile", "dcm.amd.com/gpu-config-profile-state"
SLICES = {"nvidia.com/mig-1g.10gb": 14}
POOL = PoolWanted(name="mig", nodes=WORKER, vendor="nvidia", mode="mig_mixed", mig_profile="all-1g.10gb")
PARTS = PoolWanted(name="cpx", nodes=WORKER, vendor="amd", mode="partition", partition_profile="cpx_nps4")


def nvidia(state: str, devices: Mapping[str, int], profile: str = "all-1g.10gb", strategy: str = "mixed", product: str = "") -> Node:
    labels = {CONFIG: profile, STRATEGY: strategy, PRODUCT: f"NVIDIA-A100-SXM4-80GB{product}"}
    return node("n", {**labels, STATE: state} if state else labels, devices)


def amd(state: str, devices: Mapping[str, int], **labels: str) -> Node:
    return node("n", {PROFILE: "cpx_nps4", **({PROFILE_STATE: state} if state else {}), **labels}, devices)


@pytest.mark.parametrize(
    ("item", "state", "reason"),
    [
        (nvidia("success", SLICES), "ready", "success"),
        (nvidia("pending", SLICES), "waiting", "pending"),
        (nvidia("rebooting", SLICES), "waiting", "rebooting"),
        (nvidia("", SLICES), "waiting", "NoState"),
        (nvidia("failed", SLICES), "stuck", "failed"),
        (nvidia("success", {GFD: 8}), "waiting", "OtherDevices"),
        (nvidia("success", {"nvidia.com/mig-2g.20gb": 3}), "waiting", "OtherDevices"),
        (nvidia("success", {"nvidia.com/mig-1g.10gb": 0}), "waiting", "OtherDevices"),
        (nvidia("success", {"nvidia.com/mig-1g.10gb.me": 8}, "all-1g.10gb+me"), "ready", "success"),
        (nvidia("success", {"nvidia.com/mig-2g.20gb": 3}, "all-balanced"), "ready", "success"),
        (nvidia("success", {GFD: 8}, "all-balanced"), "waiting", "OtherDevices"),
        (nvidia("success", {GFD: 56}, strategy="single", product="-MIG-1g.10gb"), "ready", "success"),
        (nvidia("success", {GFD: 56}, strategy="single", product="-MIG-1g.10gb-SHARED"), "ready", "success"),
        (nvidia("success", {GFD: 56}, strategy="single", product="-MIG-2g.20gb"), "waiting", "OtherDevices"),
        (nvidia("success", {GFD: 56}, "mine", strategy="single", product="-MIG-INVALID"), "waiting", "OtherDevices"),
        (nvidia("success", {GFD: 8}, strategy="single"), "waiting", "OtherDevices"),
        (nvidia("success", {GFD: 8}, "all-disabled"), "ready", "success"),
        (nvidia("", {GFD: 8}, "all-disabled"), "ready", "Whole"),
        (nvidia("success", SLICES, "all-disabled"), "waiting", "OtherDevices"),
        (amd("success", {"amd.com/cpx_nps4": 64}), "ready", "success"),
        (amd("", {"amd.com/cpx_nps4": 64}), "ready", "Partitioned"),
        (amd("success", {"amd.com/gpu": 64}, **{"amd.com/compute-memory-partition": "cpx_nps4"}), "ready", "success"),
        (amd("success", {"amd.com/gpu": 8}, **{"amd.com/compute-memory-partition": "spx_nps1"}), "waiting", "OtherDevices"),
        (amd("", {"amd.com/gpu": 8}), "waiting", "OtherDevices"),
        (amd("failure", {"amd.com/cpx_nps4": 64}), "stuck", "failure"),
        (node("n", {}, {GFD: 8}), "waiting", "NoProfile"),
    ],
)
def test_node_is_partitioned_when_label_and_resources_agree(item: Node, state: str, reason: str) -> None:
    found = JUDGES["", "Node"](item, looked_at([]))
    assert (found.state, found.reason) == (state, reason)


def waited(plan: PartPlan) -> list[str]:
    return [wait.subject for wait in plan.waits if wait.ref.kind == "Node"]


def verdicts(plan: PartPlan) -> list[str]:
    return [found.result for found in plan.findings if found.check.endswith("pool.partitioned")]


def test_profile_that_failed_fails_the_pool_and_is_named() -> None:
    plan = planned(desired(POOL), looked_at([nvidia("failed", {GFD: 8})]))
    (found,) = failed(plan, "pool.partitioned")
    assert (found.message, found.severity) == ("profile all-1g.10gb was not set up on n", "critical")
    assert "instead of all-1g.10gb" in found.remedy
    assert (found.path, found.evidence[0].observed) == ("accelerators.pools[0].mig_profile", "failed")
    broken = planned(desired(PARTS), looked_at([amd("failure", {"amd.com/gpu": 8})]))
    assert failed(broken, "pool.partitioned")[0].message == "profile cpx_nps4 was not set up on n"


@pytest.mark.parametrize(
    ("pool", "item"),
    [
        (POOL, h100("n")),
        (POOL, nvidia("pending", {GFD: 8})),
        (POOL, nvidia("success", {"nvidia.com/mig-2g.20gb": 3}, "all-2g.20gb")),
        (POOL, nvidia("success", {GFD: 56}, strategy="single", product="-MIG-1g.10gb")),
        (PARTS, mi300("n")),
        (PARTS, amd("", {"amd.com/gpu": 8})),
    ],
)
def test_nodes_that_are_not_partitioned_yet_never_pass(pool: PoolWanted, item: Node) -> None:
    assert verdicts(planned(desired(pool), looked_at([item]))) == []


@pytest.mark.parametrize(
    ("pool", "item"),
    [
        (POOL, h100("n")),
        (POOL, nvidia("pending", {GFD: 8})),
        (POOL, nvidia("success", {"nvidia.com/mig-2g.20gb": 3}, "all-2g.20gb")),
        (PARTS, mi300("n")),
    ],
)
def test_nodes_that_are_to_be_partitioned_are_waited_for(pool: PoolWanted, item: Node) -> None:
    assert waited(planned(desired(pool), looked_at([item]))) == ["Node n"]


@pytest.mark.parametrize(("pool", "item"), [(POOL, nvidia("success", SLICES)), (PARTS, amd("success", {"amd.com/cpx_nps4": 64}))])
def test_pool_whose_nodes_are_partitioned_passes_without_a_wait(pool: PoolWanted, item: Node) -> None:
    plan = planned(desired(pool), looked_at([item]))
    assert (verdicts(plan), waited(plan)) == (["pass"], [])


def test_node_whose_label_waits_for_its_pods_is_not_waited_for() -> None:
    held = [DevicePod("ai", "chat", "n", {GFD: 1})]
    plan = planned(desired(POOL), looked_at([nvidia("success", {"nvidia.com/mig-2g.20gb": 3}, "all-2g.20gb")], pods=held))
    assert (bool(failed(plan, "pool.clients")), waited(plan), verdicts(plan)) == (True, [], [])


def test_pool_of_whole_devices_has_nothing_to_partition() -> None:
    whole: dict[str, Any] = {"name": "w", "nodes": WORKER, "vendor": "nvidia"}
    plan = planned(desired(PoolWanted(**whole)), looked_at([h100()]))
    assert (verdicts(plan), waited(plan)) == ([], [])
