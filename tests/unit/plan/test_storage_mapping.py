# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the datastores' disks go, and how large their volumes are."""

from __future__ import annotations

import math
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import GIB, MIB, StorageChoice
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import StorageRule
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.storage_mapping import (
    VolumeSizes,
    choices_by_datastore,
    map_storage,
    rule_problems,
    storage_use,
    volumes_of,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView

from tests.unit.plan.builders import VCENTER, make_disk, make_vm
from tests.unit.plan.mapping_builders import DATASTORE, storage_class, target_of

RWX_BLOCK, RWX_FILES, RWO_BLOCK = "ReadWriteMany/Block", "ReadWriteMany/Filesystem", "ReadWriteOnce/Block"
VMS = (make_vm("a"),)


def choice_for(target: TargetView, *rules: StorageRule, live_migration: bool = True) -> StorageChoice:
    (choice,) = map_storage([dict(DATASTORE)], storage_use(VMS), target, rules, live_migration=live_migration)
    return choice


@pytest.mark.parametrize(
    ("classes", "chosen"),
    [
        ([storage_class("a", RWO_BLOCK), storage_class("b", RWX_BLOCK)], "b"),
        ([storage_class("a", RWX_FILES), storage_class("b", RWX_BLOCK)], "b"),
        ([storage_class("a", RWX_BLOCK), storage_class("b", RWX_BLOCK, default_virtualization=True)], "b"),
        ([storage_class("a", RWX_FILES, default_virtualization=True), storage_class("b", RWX_BLOCK)], "b"),
        ([storage_class("a", RWX_BLOCK), storage_class("b", RWX_BLOCK, default=True)], "b"),
        ([storage_class("a", RWX_BLOCK), storage_class("b", RWX_BLOCK, snapshot_class="snap")], "b"),
        ([storage_class("ds-01", RWO_BLOCK), storage_class("b", RWX_FILES)], "b"),
        ([storage_class("a", RWX_BLOCK, provisioner="kubernetes.io/no-provisioner"), storage_class("b", RWX_FILES)], "b"),
        ([storage_class("a", RWX_BLOCK, annotations={"shift.netapp.io/storage-class-type": "shift"}), storage_class("b", RWX_FILES)], "b"),
        ([storage_class("a", RWX_BLOCK), storage_class("b", RWX_BLOCK)], ""),
        ([storage_class("a", RWO_BLOCK)], ""),
        ([storage_class("a")], ""),
        ([], ""),
    ],
)
def test_class_is_chosen_by_what_it_can_do(classes: list[dict[str, Any]], chosen: str) -> None:
    choice = choice_for(target_of(*classes))
    assert choice.storage_class == chosen
    assert (choice.confidence > 0) == bool(chosen)
    assert 0 <= choice.confidence < 100 and choice.reason


def test_choice_names_its_source_and_use() -> None:
    choice = choice_for(target_of(storage_class("a", RWO_BLOCK, RWX_FILES, RWX_BLOCK)))
    assert (choice.source_id, choice.record_id, choice.vm_count, choice.bytes) == ("datastore-11", f"{VCENTER}/datastore-11", 1, 40 * GIB)
    assert (choice.access_mode, choice.volume_mode) == ("ReadWriteMany", "Block")


def test_two_classes_that_can_do_the_same_are_both_named() -> None:
    reason = choice_for(target_of(storage_class("left", RWX_BLOCK), storage_class("right", RWX_BLOCK))).reason
    assert "left, right" in reason and "plan_storage" in reason


def test_class_without_shared_volumes_will_do_where_live_migration_is_not_asked_for() -> None:
    choice = choice_for(target_of(storage_class("a", RWO_BLOCK)), live_migration=False)
    assert (choice.storage_class, choice.access_mode) == ("a", "ReadWriteOnce")


def test_classes_that_were_not_read_leave_it_open() -> None:
    target = TargetView([{"kind": "reading", "id": "storageclasses.storage.k8s.io", "state": "forbidden"}])
    choice = choice_for(target)
    assert choice.storage_class == "" and choice.reason.startswith("not evaluated: ")
    assert rule_problems([StorageRule("*", "gone")], target) == []


def test_rule_of_the_user_decides_and_fills_its_modes_from_the_class() -> None:
    target = target_of(storage_class("a", RWX_BLOCK), storage_class("nfs", RWX_FILES))
    choice = choice_for(target, StorageRule("other-*", "a"), StorageRule("DS-*", "nfs"))
    assert (choice.storage_class, choice.access_mode, choice.volume_mode) == ("nfs", "ReadWriteMany", "Filesystem")
    assert (choice.confidence, choice.reason) == (100, "your rule plan_storage[1]")


def test_rule_with_modes_is_taken_at_its_word() -> None:
    choice = choice_for(target_of(storage_class("a", RWX_BLOCK)), StorageRule("ds-01", "a", "ReadWriteOnce", "Filesystem"))
    assert (choice.access_mode, choice.volume_mode) == ("ReadWriteOnce", "Filesystem")


def test_rule_without_shared_volumes_is_followed_and_says_what_it_costs() -> None:
    choice = choice_for(target_of(storage_class("a", RWO_BLOCK)), StorageRule("*", "a"))
    assert choice.storage_class == "a" and "live migration needs" in choice.reason


def test_rule_with_a_class_that_is_not_there_is_a_problem() -> None:
    (problem,) = rule_problems([StorageRule("*", "a"), StorageRule("*", "gone")], target_of(storage_class("a", RWX_BLOCK)))
    assert "plan_storage[1].storage_class gone" in problem.message


def sizes_of(toolkit: dict[str, Any] | None = None, virtualization: dict[str, Any] | None = None) -> VolumeSizes:
    records = [{"kind": "migration_toolkit", "id": "t", **(toolkit or {})}, {"kind": "virtualization", "id": "v", **(virtualization or {})}]
    return VolumeSizes(target_of(*records))


FILES = StorageChoice("", "", "", "nfs", "ReadWriteMany", "Filesystem", 100, "")
BLOCK = StorageChoice("", "", "", "rbd", "ReadWriteMany", "Block", 100, "")


def test_raw_volume_is_the_disk_in_whole_mebibytes() -> None:
    assert sizes_of().bytes_of(40 * GIB, BLOCK) == 40 * GIB
    assert sizes_of().bytes_of(40 * GIB + 1, BLOCK) == 40 * GIB + MIB


@pytest.mark.parametrize(
    ("toolkit", "virtualization", "share"),
    [
        ({}, {}, 0.10),
        ({"filesystem_overhead_percent": 5}, {}, 0.055),
        ({"filesystem_overhead_percent": 5}, {"filesystem_overhead": 0.2}, 0.2),
        ({}, {"filesystem_overheads": {"nfs": "0.25"}}, 0.25),
        ({}, {"filesystem_overheads": {"nfs": "much"}}, 0.10),
    ],
)
def test_file_system_volume_is_divided_by_what_the_larger_overhead_leaves(
    toolkit: dict[str, Any], virtualization: dict[str, Any], share: float
) -> None:
    found = sizes_of(toolkit, virtualization).bytes_of(40 * GIB, FILES)
    assert abs(found - math.ceil(40 * GIB / (1 - share))) <= 1


def test_volumes_are_those_of_disks_whose_size_and_class_are_known() -> None:
    choices = choices_by_datastore([choice_for(target_of(storage_class("a", RWX_BLOCK)))])
    disks = (
        make_disk("[ds-01] a.vmdk"),
        make_disk("[ds-01] b.vmdk", capacity_bytes=None),
        make_disk("[x] c.vmdk", datastore_id="elsewhere"),
    )
    vm = make_vm("a", disks=disks)
    (volume,) = volumes_of(vm, choices, sizes_of())
    assert (volume.storage_class, volume.bytes) == ("a", 40 * GIB)
    assert volumes_of(vm, choices, sizes_of(), frozenset({(VCENTER, "[ds-01] a.vmdk")})) == ()
    assert volumes_of(make_vm("b", disks=None), choices, sizes_of()) == ()
