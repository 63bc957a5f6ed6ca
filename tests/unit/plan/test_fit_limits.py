# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage, quotas, limit ranges and MAC addresses: what breaks them, what just keeps to them, and what lifts them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.fit import fit
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.macs import mac_conflicts
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import GIB, FitResult, VolumeNeed
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.quota_fit import amount_of

from tests.unit.plan.builders import make_nic, make_vm
from tests.unit.plan.fit_builders import NO_SPARE, Record, make_class, make_group, make_need, make_node, make_target

VOLUME = VolumeNeed("ceph", "", "Block", 40 * GIB)
HARD = replace(NO_SPARE, storage_headroom_percent=0.0)
MAC = "00:50:56:00:00:01"


def _quota(hard: dict[str, int], used: dict[str, int] | None = None, **facts: Any) -> Record:
    return {"kind": "quota", "id": "web/limits", "namespace": "web", "hard": hard, "used": used or {}, "scopes": [], **facts}


def _run(*records: Record, count: int = 1, **need: Any) -> FitResult:
    needs = [make_need(f"vm-{index}", **{"volumes": (VOLUME,), **need}) for index in range(count)]
    classes = [] if any(record["kind"] == "storage_class" for record in records) else [make_class()]
    return fit(needs, [], make_target(make_node("node-1"), *classes, *records), HARD)


def _codes(result: FitResult) -> list[tuple[str, str]]:
    return [(constraint.code, constraint.setting) for constraints in result.misfits.values() for constraint in constraints]


def test_volumes_fill_a_class_up_to_its_free_space_and_the_first_vms_get_it() -> None:
    result = _run(make_class(free_bytes=80 * GIB), count=3)
    assert sorted(result.node_of) == ["vm-0", "vm-1"]
    assert _codes(result) == [("storage_capacity", "plan_storage")]
    (shortage,) = result.shortages
    assert (shortage.resource, shortage.needed, shortage.available) == ("storage:ceph", 120 * GIB, 80 * GIB)
    assert "40.0 GiB more free space" in shortage.remedy
    assert not _run(make_class(free_bytes=120 * GIB), count=3).misfits


def test_the_headroom_of_a_class_stays_free() -> None:
    target = make_target(make_node("node-1"), make_class(free_bytes=40 * GIB))
    assert fit([make_need(volumes=(VOLUME,))], [], target, replace(NO_SPARE, storage_headroom_percent=1.0)).misfits
    assert not fit([make_need(volumes=(VOLUME,))], [], target, HARD).misfits


def test_an_unknown_free_space_is_named_with_what_is_needed_and_blocks_nothing() -> None:
    result = _run(make_class(free_bytes=None), count=2)
    assert not result.misfits
    assert [(note.code, note.object) for note in result.not_evaluated] == [("storage_free_unknown", "ceph")]
    assert "80.0 GiB" in result.not_evaluated[0].message


def test_a_free_space_that_is_a_sum_of_segments_is_named_as_uncertain() -> None:
    result = _run(make_class(segment_count=3))
    assert not result.misfits
    assert [(note.code, note.object) for note in result.not_evaluated] == [("storage_free_uncertain", "ceph")]
    assert not _run(make_class(segment_count=1)).not_evaluated


def test_a_volume_larger_than_the_driver_makes_keeps_the_vm_out() -> None:
    assert _codes(_run(make_class(largest_volume_bytes=40 * GIB - 1))) == [("volume_too_large", "plan_storage")]
    assert not _run(make_class(largest_volume_bytes=40 * GIB)).misfits


def test_a_class_that_the_target_lacks_keeps_the_vm_out_unless_nobody_knows_the_classes() -> None:
    volumes = (VolumeNeed("gone", "", "", GIB),)
    assert _codes(_run(volumes=volumes)) == [("storage_class_missing", "plan_storage")]
    target = make_target(make_node("node-1"), unread={"storageclasses.storage.k8s.io": "forbidden"})
    result = fit([make_need(volumes=volumes)], [], target, HARD)
    assert not result.misfits
    assert [note.code for note in result.not_evaluated] == ["storage_class_unknown"]


@pytest.mark.parametrize(
    ("claim_sets", "access_mode", "volume_mode", "codes"),
    [
        (["ReadWriteMany/Block"], "", "Block", []),
        (["ReadWriteOnce/Block", "ReadWriteMany/Filesystem"], "", "Block", [("live_migration_needs_rwx", "plan_fit.live_migration")]),
        (["ReadWriteOnce/Block", "ReadWriteMany/Block"], "", "Block", [("live_migration_needs_rwx", "plan_storage")]),
        (["ReadWriteOnce/Block", "ReadWriteMany/Block"], "ReadWriteMany", "Block", []),
        (["ReadWriteMany/Block"], "ReadWriteOnce", "Block", [("live_migration_needs_rwx", "plan_storage")]),
        ([], "ReadWriteMany", "", [("live_migration_needs_rwx", "plan_fit.live_migration")]),
    ],
)
def test_live_migration_needs_volumes_that_come_out_read_write_many(
    claim_sets: list[str], access_mode: str, volume_mode: str, codes: list[tuple[str, str]]
) -> None:
    volumes = (VolumeNeed("ceph", access_mode, volume_mode, GIB),)
    target = make_target(make_node("node-1"), make_class(claim_sets=claim_sets))
    assert _codes(fit([make_need(volumes=volumes)], [], target, HARD)) == codes
    assert not fit([make_need(volumes=volumes)], [], target, replace(HARD, live_migration=False)).misfits


def test_unknown_access_modes_are_named() -> None:
    result = _run(make_class(claim_sets=None))
    assert not result.misfits
    assert [note.code for note in result.not_evaluated] == ["access_modes_unknown"]


@pytest.mark.parametrize(
    ("resource", "amount"),
    [
        ("requests.cpu", 1000),
        ("cpu", 1000),
        ("requests.memory", 4 * GIB),
        ("limits.cpu", 4000),
        ("limits.memory", 8 * GIB),
        ("requests.storage", 40 * GIB),
        ("ceph.storageclass.storage.k8s.io/requests.storage", 40 * GIB),
        ("ceph.storageclass.storage.k8s.io/persistentvolumeclaims", 1),
        ("persistentvolumeclaims", 1),
        ("pods", 1),
        ("count/virtualmachines.kubevirt.io", 1),
        ("count/datavolumes.cdi.kubevirt.io", 1),
    ],
)
def test_a_quota_is_kept_to_the_last_unit_and_broken_by_one_less(resource: str, amount: int) -> None:
    assert not _run(_quota({resource: amount + 7}, {resource: 7})).misfits
    result = _run(_quota({resource: amount + 6}, {resource: 7}))
    assert _codes(result) == [("quota", "plan_namespaces")]
    (shortage,) = result.shortages
    assert (shortage.resource, shortage.needed, shortage.available) == (f"quota:web/limits/{resource}", amount, amount - 1)


def test_a_quota_does_not_count_what_vms_do_not_use_and_other_namespaces() -> None:
    assert not _run(_quota({"services": 0, "other.storageclass.storage.k8s.io/requests.storage": 0, "requests.nvidia.com/gpu": 0})).misfits
    assert not _run(_quota({"pods": 0}, namespace="other")).misfits
    assert amount_of(make_need(devices={"nvidia.com/gpu": 2}), "requests.nvidia.com/gpu") == 2
    assert amount_of(make_need(hugepages={"1Gi": GIB}), "requests.hugepages-1Gi") == GIB
    assert amount_of(make_need(dedicated_cpus=True), "limits.memory") == 4 * GIB


def test_a_cluster_quota_counts_over_its_namespaces() -> None:
    quota = _quota({"pods": 1}, id="team", cluster_wide=True, namespaces=["shop", "web"])
    needs = [make_need("vm-1"), make_need("vm-2", namespace="shop"), make_need("vm-3", namespace="else")]
    result = fit(needs, [], make_target(make_node("node-1"), quota), HARD)
    assert sorted(result.node_of) == ["vm-1", "vm-3"]


@pytest.mark.parametrize(
    ("scopes", "misfits", "notes"), [(["NotTerminating"], 1, 0), (["Terminating"], 0, 0), (["BestEffort"], 0, 0), (["PriorityClass"], 0, 1)]
)
def test_scopes_of_a_quota_that_vms_are_in_count_and_unclear_ones_are_named(scopes: list[str], misfits: int, notes: int) -> None:
    result = _run(_quota({"pods": 0}, scopes=scopes))
    assert (len(result.misfits), len(result.not_evaluated)) == (misfits, notes)


def test_quotas_that_were_not_read_are_named_and_those_that_do_not_exist_are_not() -> None:
    target = make_target(make_node("node-1"), unread={"resourcequotas": "forbidden"})
    assert [(note.code, note.object) for note in fit([make_need()], [], target, HARD).not_evaluated] == [
        ("quota_unknown", "resourcequotas")
    ]


@pytest.mark.parametrize(
    "limits",
    [
        {"container_max": {"cpu": 999}},
        {"pod_max": {"memory": 4 * GIB - 1}},
        {"claim_max_bytes": 40 * GIB - 1},
        {"claim_min_bytes": 40 * GIB + 1},
    ],
)
def test_a_limit_range_keeps_out_what_breaks_it_by_one(limits: dict[str, Any]) -> None:
    record = {"kind": "limit_range", "id": "web/range", "namespace": "web"}
    assert _codes(_run({**record, **limits})) == [("limit_range", "plan_namespaces")]
    kept = {"container_max": {"cpu": 1000}, "pod_max": {"memory": 4 * GIB}, "claim_max_bytes": 40 * GIB, "claim_min_bytes": 40 * GIB}
    assert not _run({**record, **kept}).misfits


def test_nodes_are_asked_for_only_the_vms_that_storage_and_quota_have_room_for() -> None:
    needs = [make_need(f"vm-{index}", memory=60 * GIB, volumes=(VOLUME,)) for index in range(3)]
    nodes = [make_node("node-1")]
    result = fit(needs, [], make_target(*nodes, make_class(free_bytes=80 * GIB)), HARD)
    assert [entry.vm_ids for entry in result.more_nodes] == [("vm-1",)]
    assert result.misfits["vm-1"][0].code == "node_capacity"


def test_storage_and_quota_are_checked_even_where_the_nodes_are_not_known() -> None:
    target = make_target(make_class(free_bytes=GIB), unread={"nodes": "forbidden"})
    result = fit([make_need(volumes=(VOLUME,)), make_need("vm-02")], [], target, HARD)
    assert not result.evaluated
    assert list(result.misfits) == ["vm-01"]


def test_a_group_whose_volumes_do_not_fit_together_stays_out_and_leaves_the_space_to_others() -> None:
    needs = [make_need(f"vm-{index}", volumes=(VOLUME,)) for index in range(3)] + [make_need("vm-3")]
    target = make_target(make_node("node-1"), make_class(free_bytes=40 * GIB))
    result = fit(needs, [make_group("g", "vm-0", "vm-1", "vm-3")], target, HARD)
    assert list(result.node_of) == ["vm-2"]
    assert [result.misfits[name][0].code for name in ("vm-0", "vm-1", "vm-3")] == [
        "storage_capacity",
        "storage_capacity",
        "group_member_does_not_fit",
    ]


def _machine(name: str, mac: str, **facts: Any) -> Record:
    return {"kind": "virtual_machine", "id": name, "macs": [mac], **facts}


def test_a_mac_that_a_vm_of_the_target_has_is_a_conflict_unless_that_is_the_vm_itself() -> None:
    vm = make_vm("web", nics=(make_nic(mac="00-50-56-00-00-01".upper()),))
    found = mac_conflicts([vm], make_target(_machine("shop/other", MAC)))
    (constraint,) = found[vm.id]
    assert (constraint.code, constraint.object) == ("mac_conflict", MAC)
    assert "VirtualMachine shop/other" in constraint.message
    assert not mac_conflicts([vm], make_target(_machine("web/web", MAC, source_vm=vm.moref)))


def test_planned_vms_with_one_mac_name_each_other() -> None:
    vms = [make_vm("a"), make_vm("b"), make_vm("c", nics=(make_nic(mac="00:50:56:00:00:02"),))]
    found = mac_conflicts(vms, make_target())
    assert sorted(found) == sorted([vms[0].id, vms[1].id])
    assert "VM b of this plan" in found[vms[0].id][0].message


FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
PROVIDERS = {"openshift-mtv/first": FIRST, "openshift-mtv/second": SECOND}


def _migrated(provider: str, uid: str = "uid-1", name: str = "web") -> tuple[Record, Record]:
    """A VM that a plan brought from the vm-12 of a provider's vCenter, and the plan."""
    plan = {"kind": "migration_plan", "id": "openshift-mtv/p", "uid": "uid-1", "source_provider": provider, "target_namespace": "web"}
    entry = {"moref": "vm-12", "name": "web", "succeeded": True}
    machine = _machine(f"web/{name}", MAC, namespace="web", source_vm="vm-12", owner_plan=uid)
    return {**plan, "vms": [entry]}, {**machine, "name": name}


@pytest.mark.parametrize(("provider", "conflict"), [("openshift-mtv/first", False), ("openshift-mtv/second", True), ("other/vc", True)])
@pytest.mark.parametrize(("uid", "name"), [("uid-1", "renamed"), ("gone", "web")])
def test_a_vm_of_another_vcenter_with_the_same_id_is_a_conflict(provider: str, conflict: bool, uid: str, name: str) -> None:
    vm = make_vm("web", moref="vm-12", vcenter=FIRST)
    found = mac_conflicts([vm], make_target(*_migrated(provider, uid, name)), PROVIDERS)
    assert bool(found) is conflict


def test_where_no_plan_tells_the_vcenter_the_id_decides_if_only_one_vm_has_it_with_that_address() -> None:
    vm, twin = (make_vm("web", moref="vm-12", vcenter=vcenter) for vcenter in (FIRST, SECOND))
    target = make_target(_machine("web/web", MAC, source_vm="vm-12", owner_plan="gone"))
    other = replace(twin, nics=(make_nic(mac="00:50:56:00:00:99"),))
    assert not mac_conflicts([vm], target, PROVIDERS, [vm, other])
    assert list(mac_conflicts([vm], target, PROVIDERS, [vm, twin])) == [vm.id]


def test_a_vm_without_adapters_or_addresses_that_are_known_has_no_conflict() -> None:
    assert not mac_conflicts([make_vm(nics=None), make_vm("b", nics=(make_nic(mac=""),))], make_target())
