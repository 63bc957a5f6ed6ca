# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM requests: figures of KubeVirt, the policy's choices, and what cannot be said."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import pod_size
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.cpu_models import BASELINES, GENERATIONS, offers, requirement_of
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import GIB, MIB, Constraint, Destination, Need
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.needs import need_of, sizing_of, unread_facts
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import FitPolicy
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.subjects import Places, Rulings, plan_vm
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView

from tests.unit.plan.builders import make_disk, make_vm
from tests.unit.plan.fit_builders import make_target, make_virtualization

WEB = Destination("web", "vm-01", "", False)
GPU = "nvidia.com/GRID_A100-10C"
DEFAULT = FitPolicy()


def _need(policy: FitPolicy = DEFAULT, target: TargetView | None = None, **facts: Any) -> Need:
    need = need_of(make_vm(**facts), WEB, (), policy, target or make_target())
    assert isinstance(need, Need)
    return need


def _refused(policy: FitPolicy, target: TargetView, **facts: Any) -> tuple[Constraint, ...]:
    answer = need_of(make_vm(**facts), WEB, (), policy, target)
    assert isinstance(answer, tuple)
    return answer


def test_the_overhead_of_a_pod_is_the_sum_that_kubevirt_takes() -> None:
    plain = 220 * MIB + 8 * MIB + 32 * MIB
    assert pod_size.memory_overhead_bytes(4 * GIB, 2) == plain + 8 * MIB + 16 * MIB
    assert pod_size.memory_overhead_bytes(0, 0) == plain + 8 * MIB
    extras = pod_size.memory_overhead_bytes(4 * GIB, 2, devices=True, tpm=True, dedicated=True)
    assert extras - pod_size.memory_overhead_bytes(4 * GIB, 2) == GIB + 153 * MIB


@pytest.mark.parametrize(
    ("vcpus", "ratio", "millicores"), [(4, 10, 400), (1, 3, 334), (3, 10, 300), (4, 3, 1334), (2, 1, 2000), (16, 2.5, 6400)]
)
def test_cpu_is_requested_by_the_allocation_ratio_rounded_up_to_a_millicore(vcpus: int, ratio: float, millicores: int) -> None:
    assert pod_size.cpu_request_millicores(vcpus, ratio) == millicores
    assert pod_size.cpu_request_millicores(vcpus, ratio, dedicated=True) == vcpus * 1000


def test_requests_follow_the_cluster_unless_the_policy_says_otherwise() -> None:
    target = make_target(make_virtualization(cpu_allocation_ratio=5, memory_overcommit_percent=150))
    by_cluster = _need(target=target, cpu_count=4, memory_mib=6144)
    assert by_cluster.cpu_millicores == 800
    assert by_cluster.memory_bytes == 4 * GIB + pod_size.memory_overhead_bytes(4 * GIB, 4)
    by_policy = _need(FitPolicy(cpu_overcommit=2, memory_overcommit=1.0), target, cpu_count=4, memory_mib=6144)
    assert by_policy.cpu_millicores == 2000
    assert by_policy.memory_bytes == 6 * GIB + pod_size.memory_overhead_bytes(6 * GIB, 4)


def test_the_products_defaults_are_named_as_assumed_where_the_cluster_does_not_say() -> None:
    sizing = sizing_of(FitPolicy(), make_target(virtualization=False))
    assert (sizing.vcpus_per_cpu, sizing.memory_percent, len(sizing.assumed)) == (10, 100, 2)
    assert sizing_of(FitPolicy(), make_target()).assumed == ()


@pytest.mark.parametrize(
    ("facts", "lacking"),
    [
        ({"cpu_count": None}, "its number of virtual CPUs"),
        ({"memory_mib": None}, "its memory"),
        ({"memory_mib": 0}, "its memory"),
        ({"disks": None}, "its disks"),
        ({"disks": (make_disk(), make_disk(capacity_bytes=None))}, "the size of a disk"),
    ],
)
def test_a_vm_of_unknown_size_has_no_need_and_says_what_is_lacking(facts: dict[str, Any], lacking: str) -> None:
    (constraint,) = _refused(FitPolicy(), make_target(), **facts)
    assert constraint.code == "size_unknown"
    assert lacking in constraint.message


def test_p95_takes_what_was_used_between_its_floor_and_what_the_vm_has() -> None:
    policy = FitPolicy(basis="p95", core_mhz=2000)
    used = _need(policy, cpu_count=8, memory_mib=16384, cpu_usage_p95_mhz=3000, active_memory_p95_mib=8192)
    assert used.cpu_millicores == 1500
    assert used.memory_bytes == 9831 * MIB + pod_size.memory_overhead_bytes(9831 * MIB, 8)
    idle = _need(policy, cpu_count=8, memory_mib=16384, cpu_usage_p95_mhz=10, active_memory_p95_mib=10)
    assert idle.cpu_millicores == 100
    assert idle.memory_bytes == 4096 * MIB + pod_size.memory_overhead_bytes(4096 * MIB, 8)
    busy = _need(policy, cpu_count=8, memory_mib=16384, cpu_usage_p95_mhz=90_000, active_memory_p95_mib=16384)
    assert busy.cpu_millicores == 8000
    assert busy.memory_bytes == 16384 * MIB + pod_size.memory_overhead_bytes(16384 * MIB, 8)


def test_p95_falls_back_to_what_is_configured_where_use_is_unknown_or_memory_is_locked() -> None:
    policy = FitPolicy(basis="p95")
    assert _need(policy) == _need()
    locked = {"latency_sensitivity": "high", "cpu_usage_p95_mhz": 10, "active_memory_p95_mib": 10}
    assert _need(policy, **locked) == _need(**locked)


@pytest.mark.parametrize("facts", [{"latency_sensitivity": "high"}, {"numa_nodes": (0,)}])
def test_latency_sensitivity_and_pinned_numa_nodes_ask_for_whole_cpus_and_all_memory(facts: dict[str, Any]) -> None:
    target = make_target(make_virtualization(memory_overcommit_percent=200))
    need = _need(target=target, cpu_count=4, memory_mib=8192, **facts)
    assert need.dedicated_cpus
    assert need.cpu_millicores == 4000
    assert need.memory_bytes == 8 * GIB + pod_size.memory_overhead_bytes(8 * GIB, 4, dedicated=True)


def test_pinned_vms_get_huge_pages_where_the_policy_asks_for_them() -> None:
    need = _need(FitPolicy(hugepages="1Gi"), cpu_count=4, memory_mib=8000, numa_nodes=(0, 1))
    assert need.hugepages == {"1Gi": 8 * GIB}
    assert need.memory_bytes == pod_size.memory_overhead_bytes(8000 * MIB, 4, dedicated=True)
    assert need.numa_nodes == 2
    assert not _need(FitPolicy(hugepages="1Gi")).hugepages


def test_a_device_becomes_the_permitted_resource_of_its_name_or_the_one_that_the_user_names() -> None:
    need = _need(passthrough=("grid_a100-10c", "grid_a100-10c"))
    assert need.devices == {GPU: 2}
    assert need.memory_bytes - _need().memory_bytes == GIB
    named = FitPolicy(devices={"0000:3b:*": GPU, "Accelerator [0]*": GPU})
    assert _need(named, passthrough=("0000:3B:00.0", "accelerator [0] of two")).devices == {GPU: 2}


@pytest.mark.parametrize(
    ("policy", "facts"),
    [
        (FitPolicy(), {"permitted_host_devices": [GPU]}),
        (FitPolicy(devices={"*": "vendor.example.com/other"}), {"permitted_host_devices": [GPU]}),
        (FitPolicy(), {"permitted_host_devices": None}),
    ],
)
def test_a_device_that_the_target_does_not_permit_keeps_the_vm_out(policy: FitPolicy, facts: dict[str, Any]) -> None:
    (constraint,) = _refused(policy, make_target(make_virtualization(**facts)), passthrough=("0000:3b:00.0",))
    assert (constraint.code, constraint.object, constraint.setting) == ("device_not_offered", "0000:3b:00.0", "plan_fit.devices")


ALL_UNREAD = ("devices", "evc_mode_required", "latency_sensitivity", "numa_node_affinity", "tpm_present")


def test_facts_that_nobody_knows_are_reckoned_as_none_and_named() -> None:
    need = _need(unread=ALL_UNREAD, tpm=None)
    assert need.unread == ALL_UNREAD
    assert (need.cpu_millicores, need.memory_bytes, need.devices) == (_need().cpu_millicores, _need().memory_bytes, {})
    assert _need(FitPolicy(cpu_baseline="ignore"), unread=ALL_UNREAD).unread == tuple(x for x in ALL_UNREAD if x != "evc_mode_required")


def test_unread_facts_are_one_constraint_for_each_kind_with_the_number_and_the_first_names() -> None:
    needs = [_need(id=f"id-{number}", name=f"web-{number}", unread=("devices",)) for number in range(5)]
    needs.append(_need(name="other", unread=("tpm_present",)))
    devices, tpm = unread_facts(needs)
    assert (devices.code, devices.object) == ("devices_unknown", "devices")
    assert "of 5 VM(s), web-0, web-1, web-2 and 2 more: reckoned as none" in devices.message
    assert "1 VM(s), other: reckoned as none" in tpm.message
    assert unread_facts([_need()]) == ()


def test_every_fact_that_a_record_may_lack_is_named_in_words_of_its_own() -> None:
    vm = plan_vm({"kind": "vm", "id": "vm-1"}, {"verdict": "ready"}, Rulings(), Places())
    found = unread_facts([_need(unread=vm.unread)])
    assert tuple(constraint.object for constraint in found) == ALL_UNREAD
    assert len({constraint.message for constraint in found}) == len(ALL_UNREAD)
    assert not any(fact in constraint.message for fact, constraint in zip(ALL_UNREAD, found, strict=True) if "_" in fact)


@pytest.mark.parametrize(
    ("facts", "unread"),
    [
        ({}, ALL_UNREAD),
        (dict.fromkeys(("evc_mode_required", "latency_sensitivity"), ""), ("devices", "numa_node_affinity", "tpm_present")),
        ({"devices": [], "evc_mode_required": "", "latency_sensitivity": "", "numa_node_affinity": [], "tpm_present": False}, ()),
        ({"devices": [{"key": 1}], **dict.fromkeys(ALL_UNREAD[1:], "")}, ("devices",)),
    ],
    ids=["nothing read", "an export", "all read", "a device of no class"],
)
def test_facts_that_a_record_lacks_are_unread_and_empty_ones_are_known(facts: dict[str, Any], unread: tuple[str, ...]) -> None:
    record = {"kind": "vm", "id": "vm-1", **facts}
    assert plan_vm(record, {"verdict": "ready"}, Rulings(), Places()).unread == unread


def test_an_evc_baseline_becomes_a_cpu_requirement_unless_the_policy_ignores_it() -> None:
    need = _need(evc_mode="intel-skylake")
    assert (need.cpu_vendor, need.cpu_model) == ("Intel", "Skylake-Server")
    ignored = _need(FitPolicy(cpu_baseline="ignore"), evc_mode="intel-skylake")
    assert (ignored.cpu_vendor, ignored.cpu_model) == ("", "")


def test_every_baseline_has_a_model_with_a_generation_of_its_vendor() -> None:
    for key, model in BASELINES.items():
        assert GENERATIONS[model][0].lower() == key.partition("-")[0]
    assert requirement_of("intel-of-the-future") == ("Intel", "")
    assert requirement_of("") == ("", "")


@pytest.mark.parametrize(
    ("labels", "model", "answer"),
    [
        (["Haswell-noTSX-IBRS"], "Haswell", True),
        (["Cascadelake-Server-noTSX"], "Haswell", True),
        (["Haswell"], "Skylake-Server", False),
        (["Skylake-Client-IBRS"], "Skylake-Server", False),
        (["Skylake-Client-IBRS"], "Broadwell", True),
        (["EPYC-Rome-v2"], "EPYC", True),
        (["EPYC-IBPB"], "EPYC-Rome", False),
        (["EPYC-Milan"], "Haswell", False),
        (["qemu64", "Nonesuch"], "Penryn", False),
        ([], "Conroe", False),
    ],
)
def test_a_node_meets_a_model_with_one_of_its_vendor_and_of_its_generation_or_later(labels: list[str], model: str, answer: bool) -> None:
    assert offers(labels, model) is answer
