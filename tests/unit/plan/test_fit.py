# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether VMs fit: against a brute force on small cases, with the bounds, the remedies and the rule of who is kept."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.fit import fit, used_by
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import GIB, FitResult, Need
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import FitPolicy

from tests.unit.plan.fit_builders import NO_SPARE, Record, brute_force, make_group, make_need, make_node, make_target, nodes_of

GPU = "nvidia.com/GRID_A100-10C"
CHUNKS = [range(first, first + 10) for first in range(0, 120, 10)]
"""Seeds of random cases, ten to a test."""


def _case(seed: int) -> tuple[list[Need], list[Record]]:
    """Up to 10 VMs and 4 nodes, about as large together as the nodes; every third case has devices."""
    rng = random.Random(seed)
    nodes = [
        make_node(
            f"node-{index}",
            rng.randrange(4, 17) * 1000,
            rng.randrange(8, 33) * GIB,
            allocatable_pods=rng.choice((2, 3, 4, 250)),
            requested_cpu_millicores=rng.randrange(3) * 500,
            allocatable_devices={GPU: rng.randrange(3)} if seed % 3 == 0 else {},
        )
        for index in range(rng.randrange(1, 5))
    ]
    count = rng.randrange(1, 11)
    largest = max(1, 2 * sum(node["allocatable_memory_bytes"] for node in nodes) // GIB // count)
    cores = max(1, 2 * sum(node["allocatable_cpu_millicores"] for node in nodes) // 1000 // count)
    needs = [
        make_need(
            f"vm-{index}",
            rng.randrange(1, cores + 1) * 1000,
            rng.randrange(1, largest + 1) * GIB,
            devices={GPU: 1} if seed % 3 == 0 and rng.random() < 0.3 else {},
        )
        for index in range(count)
    ]
    return needs, nodes


def _fit(needs: Sequence[Need], nodes: Sequence[Record], policy: FitPolicy = NO_SPARE, groups: Sequence[Any] = ()) -> FitResult:
    return fit(needs, groups, make_target(*nodes), policy)


def assert_witness(result: FitResult, needs: Sequence[Need], nodes: Sequence[Record]) -> None:
    """Every need has a node or a constraint, and no node holds more than it has."""
    assert {need.vm_id for need in needs} == set(result.node_of) | set(result.misfits)
    assert not set(result.node_of) & set(result.misfits)
    assert all(result.misfits.values())
    for node in nodes:
        held = [need for need in needs if result.node_of.get(need.vm_id) == node["id"]]
        assert (
            sum(need.cpu_millicores for need in held) <= node["allocatable_cpu_millicores"] - node["requested_cpu_millicores"] or not held
        )
        assert sum(need.memory_bytes for need in held) <= node["allocatable_memory_bytes"]
        assert len(held) <= node["allocatable_pods"]
        assert sum(need.devices.get(GPU, 0) for need in held) <= node["allocatable_devices"].get(GPU, 0)


@pytest.mark.parametrize("seeds", CHUNKS)
def test_random_small_cases_fit_exactly_when_a_brute_force_finds_a_way(seeds: range) -> None:
    for seed in seeds:
        needs, nodes = _case(seed)
        result = _fit(needs, nodes)
        assert_witness(result, needs, nodes)
        assert (not result.misfits) == brute_force(needs, nodes)
        assert bool(result.shortages) == bool(result.misfits) == bool(result.more_nodes)


@pytest.mark.parametrize("seeds", CHUNKS)
def test_vms_are_kept_in_their_order_whenever_a_brute_force_can_hold_them_with_those_before(seeds: range) -> None:
    for seed in seeds:
        needs, nodes = _case(seed)
        kept: list[Need] = []
        for need in needs:
            if brute_force([*kept, need], nodes):
                kept.append(need)
        assert sorted(_fit(needs, nodes).node_of) == sorted(need.vm_id for need in kept)


@pytest.mark.parametrize("seeds", CHUNKS)
def test_a_shortage_is_proven_and_ends_with_the_nodes_of_its_remedy(seeds: range) -> None:
    for seed in seeds:
        needs, nodes = _case(seed)
        result = _fit(needs, nodes)
        for shortage in result.shortages:
            assert shortage.proven and shortage.needed > shortage.available
            assert shortage.proof and shortage.remedy
            assert not brute_force(needs, nodes)
        again = [*nodes, *nodes_of(result.more_nodes)]
        assert not _fit(needs, again).misfits
        assert brute_force(needs, again)


@pytest.mark.parametrize("spare", (1, 2, 3))
@pytest.mark.parametrize("seeds", CHUNKS)
def test_with_the_nodes_of_the_remedy_everything_fits_though_nodes_may_fail(seeds: range, spare: int) -> None:
    for seed in seeds:
        needs, nodes = _case(seed)
        policy = FitPolicy(spare_nodes=spare)
        result = _fit(needs, nodes, policy)
        again = _fit(needs, [*nodes, *nodes_of(result.more_nodes)], policy)
        assert not again.misfits
        assert len(again.reserved) == spare
        assert not set(again.reserved) & set(again.node_of.values())


@pytest.mark.parametrize("seed", range(30))
def test_the_result_is_the_same_whatever_the_order_of_nodes_and_groups(seed: int) -> None:
    needs, nodes = _case(seed)
    groups = [make_group("g-1", "vm-0", "vm-3"), make_group("g-2", "vm-4", "vm-5", "vm-6")]
    first = _fit(needs, nodes, groups=groups)
    assert _fit(needs, nodes[::-1], groups=groups[::-1]) == first
    if not first.misfits:
        assert _fit(needs[::-1], nodes, groups=groups) == first


def test_many_vms_are_packed_without_breaking_a_node_and_left_only_when_nothing_holds_them() -> None:
    rng = random.Random(5)
    nodes = [make_node(f"node-{index:02}", rng.choice((16, 32)) * 1000, rng.choice((64, 96)) * GIB) for index in range(12)]
    needs = [make_need(f"vm-{index:03}", rng.randrange(1, 9) * 250, rng.randrange(1, 17) * GIB) for index in range(150)]
    result = _fit(needs, nodes)
    assert_witness(result, needs, nodes)
    left = {use.node: (use.free_cpu_millicores - use.cpu_millicores, use.free_memory_bytes - use.memory_bytes) for use in result.nodes}
    for need in needs:
        if need.vm_id in result.misfits:
            assert all(need.cpu_millicores > cpu or need.memory_bytes > memory for cpu, memory in left.values())
    assert [shortage.resource for shortage in result.shortages] == ["memory"]
    assert not _fit(needs, [*nodes, *nodes_of(result.more_nodes)]).misfits


def test_many_vms_for_which_the_sums_suffice_are_not_called_impossible_without_proof() -> None:
    nodes = [make_node(f"node-{index}", 100_000, 10 * GIB) for index in range(5)]
    needs = [make_need(f"vm-{index:02}", 100, memory * GIB) for index, memory in enumerate([6, 4, 3, 3, 3, 1] * 5 + [1])]
    result = _fit(needs, nodes)
    assert result.misfits
    assert all(shortage.proven == (shortage.resource != "nodes") for shortage in result.shortages)


def test_a_group_of_which_one_member_is_too_large_stays_out_and_its_members_name_it() -> None:
    needs = [make_need("vm-1"), make_need("vm-2", memory=500 * GIB), make_need("vm-3")]
    result = _fit(needs, [make_node("node-1")], groups=[make_group("shared-disk", "vm-1", "vm-2")])
    assert list(result.node_of) == ["vm-3"]
    assert [constraint.code for constraint in result.misfits["vm-2"]] == ["no_node_large_enough"]
    (tied,) = result.misfits["vm-1"]
    assert tied.code == "group_member_does_not_fit"
    assert tied.object == "shared-disk"
    assert "vm-2" in tied.message


def test_groups_that_share_a_member_fit_together_or_not_at_all() -> None:
    needs = [make_need(f"vm-{index}", memory=30 * GIB) for index in range(3)]
    groups = [make_group("a", "vm-0", "vm-1"), make_group("b", "vm-1", "vm-2")]
    result = _fit(needs, [make_node("node-1")], groups=groups)
    assert not result.node_of
    assert {constraint.code for constraints in result.misfits.values() for constraint in constraints} == {"node_capacity"}
    assert len(_fit(needs, [make_node("node-1"), make_node("node-2")], groups=groups).node_of) == 3


def test_one_node_may_fail_so_the_largest_takes_no_vm() -> None:
    nodes = [make_node("small"), make_node("large", memory=128 * GIB), make_node("middle", memory=96 * GIB)]
    result = _fit([make_need(f"vm-{index}", memory=30 * GIB) for index in range(5)], nodes, FitPolicy(spare_nodes=1))
    assert result.reserved == ("large",)
    assert not result.misfits
    assert set(result.node_of.values()) == {"small", "middle"}


def test_what_runs_on_the_reserve_must_find_room_on_the_others() -> None:
    nodes = [make_node("node-1"), make_node("node-2", requested_memory_bytes=40 * GIB)]
    needs = [make_need("vm-1", memory=20 * GIB), make_need("vm-2", memory=20 * GIB)]
    result = _fit(needs, nodes, FitPolicy(spare_nodes=1))
    assert result.reserved == ("node-2",)
    assert list(result.node_of) == ["vm-1"]
    (constraint,) = result.misfits["vm-2"]
    assert (constraint.code, constraint.setting) == ("failover_capacity", "plan_fit.spare_nodes")
    assert [(shortage.resource, shortage.needed, shortage.available) for shortage in result.shortages] == [("memory", 40 * GIB, 24 * GIB)]
    assert not _fit(needs, nodes, NO_SPARE).misfits


def test_a_vm_that_only_the_reserve_could_take_says_so_and_fits_when_no_node_may_fail() -> None:
    nodes = [make_node("node-1"), make_node("node-2", memory=256 * GIB)]
    result = _fit([make_need("vm-1", memory=200 * GIB)], nodes, FitPolicy(spare_nodes=1))
    (constraint,) = result.misfits["vm-1"]
    assert (constraint.code, constraint.object, constraint.setting) == ("spare_nodes", "node-2", "plan_fit.spare_nodes")
    assert (result.more_nodes[0].count, result.more_nodes[0].like) == (1, "node-2")
    assert not _fit([make_need("vm-1", memory=200 * GIB)], nodes, NO_SPARE).misfits


def test_a_misfit_names_what_it_needs_and_what_is_left() -> None:
    needs = [make_need("vm-1", memory=60 * GIB), make_need("vm-2", cpu=2500, memory=60 * GIB)]
    (constraint,) = _fit(needs, [make_node("node-1")]).misfits["vm-2"]
    assert constraint.code == "node_capacity"
    assert "2.50 cores and 60.0 GiB" in constraint.message
    assert "node-1 (15.00 cores, 4.0 GiB)" in constraint.message


def test_no_vms_fit_without_ado() -> None:
    result = _fit([], [make_node("node-1")])
    assert result.evaluated and not result.misfits and not result.shortages


def test_vms_without_a_wave_give_their_nodes_back_and_are_kept_apart() -> None:
    needs = [make_need(f"vm-{index}", memory=20 * GIB) for index in range(4)]
    whole = _fit(needs, [make_node("node-1"), make_node("node-2", memory=10 * GIB)])
    found = used_by(whole, {need.vm_id: need for need in needs}, {"vm-0", "vm-2", "moved long ago"})
    assert (found.node_of, found.without_wave) == ({"vm-0": "node-1", "vm-2": "node-1"}, {"vm-1": "node-1"})
    assert [(use.node, use.vm_count, use.cpu_millicores, use.memory_bytes) for use in found.nodes] == [
        ("node-1", 2, 2000, 40 * GIB),
        ("node-2", 0, 0, 0),
    ]
    assert (found.misfits, found.shortages, found.more_nodes) == (whole.misfits, whole.shortages, whole.more_nodes)
    assert list(found.misfits) == ["vm-3"]
    assert used_by(found, {need.vm_id: need for need in needs}, {"vm-0", "vm-2"}) == found


def test_vms_with_unread_facts_get_a_node_and_their_room_is_uncertain() -> None:
    needs = [make_need("vm-1", unread=("devices", "tpm_present")), make_need("vm-2")]
    result = _fit(needs, [make_node("node-1")])
    assert sorted(result.node_of) == ["vm-1", "vm-2"]
    assert result.uncertain == {"vm-1": ("its PCI passthrough and vGPU devices", "its virtual TPM")}
    assert [entry.code for entry in result.not_evaluated] == ["devices_unknown", "tpm_present_unknown"]


def test_a_demand_that_nobody_can_check_on_the_node_leaves_the_room_uncertain() -> None:
    need = make_need("vm-1", cpu_vendor="Intel", cpu_model="Haswell")
    assert _fit([need], [make_node("node-1", cpu_models=None)]).uncertain == {"vm-1": ("the CPU model of node-1",)}
    assert not _fit([need], [make_node("node-1")]).uncertain
