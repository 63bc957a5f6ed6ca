# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes count, what a VM asks of its node, and what is said where nobody knows."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.fit import fit
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import GIB, FitResult
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.nodes import read_nodes
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import FitPolicy

from tests.unit.plan.fit_builders import NO_SPARE, make_need, make_node, make_target, make_virtualization, nodes_of

GPU = "nvidia.com/GRID_A100-10C"


def _one(result: FitResult) -> tuple[str, str]:
    """Code and setting of the only constraint of the only VM."""
    ((constraint,),) = result.misfits.values()
    return constraint.code, constraint.setting


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"ready": False}, "not ready"),
        ({"ready": None}, "nobody knows whether it is ready"),
        ({"unschedulable": True}, "cordoned"),
        ({"kubevirt_schedulable": False}, "runs no VMs"),
        ({"architecture": "arm64"}, "arm64"),
        ({"taints": ["node-role.kubernetes.io/master:NoSchedule"]}, "taint node-role.kubernetes.io/master:NoSchedule"),
        ({"taints": ["gpu=true:NoExecute"]}, "taint gpu=true:NoExecute"),
    ],
)
def test_a_node_that_cannot_run_vms_does_not_count_and_says_why(facts: dict[str, Any], reason: str) -> None:
    target = make_target(make_node("node-1", **facts), make_node("node-2", memory=GIB))
    nodes = read_nodes(target, NO_SPARE)
    assert [node.name for node in nodes.usable] == ["node-2"]
    assert reason in nodes.excluded["node-1"]
    result = fit([make_need()], [], target, NO_SPARE)
    assert result.misfits
    assert result.excluded == nodes.excluded


def test_a_taint_that_only_prefers_keeps_nothing_off() -> None:
    target = make_target(make_node("node-1", taints=["busy:PreferNoSchedule"]))
    assert not fit([make_need()], [], target, NO_SPARE).misfits


def test_only_nodes_that_match_the_selectors_of_policy_and_workloads_count() -> None:
    nodes = [
        make_node("node-1", labels={"pool": "vms"}, zone="a"),
        make_node("node-2", labels={"pool": "vms"}, zone="b"),
        make_node("node-3", labels={}, zone="a"),
        make_node("node-4", labels={"pool": "vms"}, zone="a", roles=["worker", "infra"]),
    ]
    virtualization = make_virtualization(workload_node_selector={"pool": "vms"})
    target = make_target(virtualization, *nodes)
    policy = FitPolicy(spare_nodes=0, node_selector={"topology.kubernetes.io/zone": "a"})
    assert [node.name for node in read_nodes(target, policy).usable] == ["node-1", "node-4"]
    infra = FitPolicy(spare_nodes=0, node_selector={"node-role.kubernetes.io/infra": ""})
    assert [node.name for node in read_nodes(target, infra).usable] == ["node-4"]


def test_before_openshift_virtualization_is_installed_every_schedulable_node_counts_and_the_result_says_so() -> None:
    target = make_target(make_node("node-1", kubevirt_schedulable=False, cpu_models=None), virtualization=False)
    result = fit([make_need()], [], target, NO_SPARE)
    assert result.node_of == {"vm-01": "node-1"}
    assert [note.code for note in result.not_evaluated] == ["virtualization_absent", "figure_assumed", "figure_assumed"]


@pytest.mark.parametrize(
    ("unread", "facts", "reason"),
    [
        ({"nodes": "forbidden"}, {}, "the nodes are not known"),
        ({"pods": "forbidden"}, {"requested_cpu_millicores": None}, "requested_cpu_millicores is not known of 1 node(s), node-1"),
        ({}, {"allocatable_memory_bytes": None}, "allocatable_memory_bytes is not known"),
    ],
)
def test_without_nodes_or_their_figures_nothing_is_said_to_fit(unread: dict[str, str], facts: dict[str, Any], reason: str) -> None:
    result = fit([make_need()], [], make_target(make_node("node-1", **facts), unread=unread), NO_SPARE)
    assert not result.evaluated
    assert reason in result.reason
    assert not result.node_of and not result.misfits and not result.shortages and not result.more_nodes


def test_a_node_that_does_not_count_may_have_unknown_figures() -> None:
    target = make_target(make_node("node-1"), make_node("node-2", unschedulable=True, requested_cpu_millicores=None))
    assert fit([make_need()], [], target, NO_SPARE).evaluated


def test_no_node_at_all_says_why_and_how_many_would_do() -> None:
    result = fit([make_need()], [], make_target(make_node("node-1", ready=False)), FitPolicy(spare_nodes=1))
    assert _one(result) == ("no_node", "plan_fit.node_selector")
    assert "it is not ready (1)" in result.misfits["vm-01"][0].message
    assert [entry.count for entry in result.more_nodes] == [2]
    assert not fit([make_need()], [], make_target(*nodes_of(result.more_nodes)), FitPolicy(spare_nodes=1)).misfits


def test_a_cpu_requirement_goes_to_a_node_that_offers_it_and_is_lifted_by_ignoring_it() -> None:
    nodes = [make_node("old", cpu_models=["Haswell"]), make_node("new", cpu_models=["Haswell", "Icelake-Server-noTSX"])]
    need = make_need(cpu_vendor="Intel", cpu_model="Icelake-Server")
    assert fit([need], [], make_target(*nodes), NO_SPARE).node_of == {"vm-01": "new"}
    result = fit([need], [], make_target(nodes[0]), NO_SPARE)
    assert _one(result) == ("cpu_not_offered", "plan_fit.cpu_baseline")
    assert not fit([need], [], make_target(nodes[0], *nodes_of(result.more_nodes)), NO_SPARE).misfits
    assert not fit([make_need()], [], make_target(nodes[0]), NO_SPARE).misfits


def test_a_vm_of_another_vendor_gets_nodes_of_its_own_in_the_remedy() -> None:
    needs = [make_need("vm-1", cpu_vendor="AMD", cpu_model="EPYC-Rome"), make_need("vm-2", memory=70 * GIB, cpu_vendor="Intel")]
    result = fit(needs, [], make_target(make_node("node-1")), NO_SPARE)
    assert [(entry.cpu_vendor, entry.cpu_model, entry.count) for entry in result.more_nodes] == [("AMD", "EPYC-Rome", 1), ("Intel", "", 1)]
    assert not fit(needs, [], make_target(make_node("node-1"), *nodes_of(result.more_nodes)), NO_SPARE).misfits


def test_a_node_without_cpu_labels_may_take_the_vm_but_the_result_says_that_it_was_not_checked() -> None:
    target = make_target(make_node("node-1", cpu_models=None, cpu_vendor=None))
    result = fit([make_need(cpu_vendor="Intel", cpu_model="Haswell"), make_need("vm-02")], [], target, NO_SPARE)
    assert not result.misfits
    notes = {note.code: note.message for note in result.not_evaluated}
    assert sorted(notes) == ["cpu_model_unknown", "cpu_vendor_unknown"]
    assert "1 node(s), node-1 among them: 1 VM(s)" in notes["cpu_model_unknown"]


def test_dedicated_cpus_need_the_static_cpu_manager_and_as_many_whole_cpus_on_one_node() -> None:
    need = make_need(cpu=8000, dedicated_cpus=True)
    plain = make_node("plain", labels={})
    assert _one(fit([need], [], make_target(plain), NO_SPARE))[0] == "dedicated_cpus_not_offered"
    assert fit([need], [], make_target(plain, make_node("static")), NO_SPARE).node_of == {"vm-01": "static"}
    assert _one(fit([need], [], make_target(make_node("static", cpu=7000)), NO_SPARE))[0] == "no_node_large_enough"


def test_a_vm_that_is_pinned_to_one_numa_node_has_to_fit_one() -> None:
    need = make_need(cpu=10_000, dedicated_cpus=True, numa_nodes=1)
    assert _one(fit([need], [], make_target(make_node("two", numa_node_count=2)), NO_SPARE))[0] == "dedicated_cpus_not_offered"
    assert not fit([need], [], make_target(make_node("one", numa_node_count=1)), NO_SPARE).misfits
    unknown = fit([need], [], make_target(make_node("unknown")), NO_SPARE)
    assert [note.code for note in unknown.not_evaluated] == ["numa_nodes_unknown"]


def test_devices_and_huge_pages_are_counted_by_node_beside_what_is_taken() -> None:
    node = make_node("node-1", allocatable_devices={GPU: 4}, requested_devices={GPU: 2})
    needs = [make_need(f"vm-{index}", devices={GPU: 1}) for index in range(3)]
    result = fit(needs, [], make_target(node), NO_SPARE)
    assert sorted(result.node_of) == ["vm-0", "vm-1"]
    assert [(entry.resource, entry.needed, entry.available) for entry in result.shortages] == [(f"device:{GPU}", 3, 2)]
    assert not fit(needs, [], make_target(node, *nodes_of(result.more_nodes)), NO_SPARE).misfits
    paged = make_need(hugepages={"1Gi": 8 * GIB})
    assert _one(fit([paged], [], make_target(node), NO_SPARE)) == ("hugepages_not_offered", "plan_fit.hugepages")
    assert not fit([paged], [], make_target(make_node("node-1", allocatable_hugepages_bytes={"1Gi": 8 * GIB})), NO_SPARE).misfits


def test_devices_of_which_nobody_knows_the_use_are_not_promised() -> None:
    node = make_node("node-1", allocatable_devices={GPU: 4}, requested_devices=None)
    assert _one(fit([make_need(devices={GPU: 1})], [], make_target(node), NO_SPARE))[0] == "device_not_offered"


def test_vms_without_devices_leave_the_nodes_that_have_them_to_others() -> None:
    nodes = [make_node("a-gpu", allocatable_devices={GPU: 1}), make_node("b-plain")]
    needs = [make_need("vm-1", memory=60 * GIB), make_need("vm-2", memory=60 * GIB, devices={GPU: 1})]
    assert fit(needs, [], make_target(*nodes), NO_SPARE).node_of == {"vm-1": "b-plain", "vm-2": "a-gpu"}


def test_pods_per_node_bound_the_number_of_vms() -> None:
    node = make_node("node-1", allocatable_pods=12, requested_pods=10)
    result = fit([make_need(f"vm-{index}", 10, GIB) for index in range(3)], [], make_target(node), NO_SPARE)
    assert len(result.node_of) == 2
    assert [(entry.resource, entry.needed, entry.available) for entry in result.shortages] == [("pods", 3, 2)]
