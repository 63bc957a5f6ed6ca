# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage classes: what they can do, their snapshots and their free space."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.generator.target_objects import capacity, named, storage_profile

from .support import Record, only, records_of

GIB = 1 << 30
CLASS = named(
    "gold", provisioner="csi.example.com", volumeBindingMode="WaitForFirstConsumer", reclaimPolicy="Retain", allowVolumeExpansion=True
)
PROFILE = storage_profile("gold", "csi.example.com", [("ReadWriteMany", "Block"), ("ReadWriteOnce", "Filesystem")], "csi-clone")
SNAPSHOTS = "volumesnapshotclasses.snapshot.storage.k8s.io"


def storage(item: dict[str, Any] = CLASS, **others: Any) -> Record:
    return only("storage_class", "storageclasses.storage.k8s.io", item, **others)


def test_storage_class_shows_its_driver_and_what_is_set() -> None:
    record = storage({**CLASS, "metadata": {"name": "gold", "annotations": {"shift.netapp.io/storage-class-type": "shift", "x/y": "z"}}})
    assert (record["provisioner"], record["binding_mode"], record["reclaim_policy"]) == (
        "csi.example.com",
        "WaitForFirstConsumer",
        "Retain",
    )
    assert (record["expandable"], record["default"], record["default_virtualization"]) == (True, False, False)
    assert record["annotations"] == {"shift.netapp.io/storage-class-type": "shift"}


def test_storage_class_that_sets_nothing_has_the_defaults_of_the_api() -> None:
    record = storage(named("bare", provisioner="kubernetes.io/no-provisioner"))
    assert (record["binding_mode"], record["reclaim_policy"], record["expandable"]) == ("Immediate", "Delete", False)


def test_claim_sets_stand_in_the_order_of_the_profile() -> None:
    record = storage(storageprofiles=[PROFILE])
    assert record["claim_sets"] == ["ReadWriteMany/Block", "ReadWriteOnce/Filesystem"]
    assert record["clone_strategy"] == "csi-clone"


def test_profile_without_claim_sets_is_known_to_have_none() -> None:
    assert storage(storageprofiles=[storage_profile("gold", "csi.example.com", [], "copy")])["claim_sets"] == []


@pytest.mark.parametrize(("state", "words"), [("forbidden", "may not list"), ("absent", "does not serve"), ("failed", "could not be read")])
def test_claim_sets_are_unknown_without_profiles(state: str, words: str) -> None:
    lists = {"storageclasses.storage.k8s.io": [CLASS]}
    record = records_of(lists, {"storageprofiles.cdi.kubevirt.io": state})["storage_class", "gold"]
    assert "claim_sets" not in record
    assert words in record["unknown"]["claim_sets"]


def test_class_without_its_profile_has_unknown_claim_sets() -> None:
    record = storage(storageprofiles=[storage_profile("other", "csi.example.com", [("ReadWriteOnce", "Block")], "copy")])
    assert record["unknown"]["claim_sets"] == "there is no StorageProfile for it"


def snapshots(*names: str, default: str = "") -> list[dict[str, Any]]:
    key = "snapshot.storage.kubernetes.io/is-default-class"
    return [named(name, driver="csi.example.com", annotations={key: "true"} if name == default else {}) for name in names]


def test_snapshot_class_is_that_of_the_profile_else_the_default_of_the_driver_else_the_first() -> None:
    named_by_profile = storage_profile("gold", "csi.example.com", [], "snapshot", "mine")
    assert storage(storageprofiles=[named_by_profile], volumesnapshotclasses=snapshots("a", "b"))["snapshot_class"] == "mine"
    assert storage(storageprofiles=[PROFILE], volumesnapshotclasses=snapshots("a", "b", default="b"))["snapshot_class"] == "b"
    assert storage(storageprofiles=[PROFILE], volumesnapshotclasses=snapshots("b", "a"))["snapshot_class"] == "a"
    assert storage(storageprofiles=[PROFILE], volumesnapshotclasses=[named("x", driver="other")])["snapshot_class"] == ""
    assert storage(storageprofiles=[PROFILE])["snapshot_class"] == ""


def test_snapshot_class_is_unknown_where_a_list_that_decides_is_not_known() -> None:
    lists = {"storageclasses.storage.k8s.io": [CLASS], "storageprofiles.cdi.kubevirt.io": [PROFILE], SNAPSHOTS: snapshots("a")}
    assert "snapshot_class" not in records_of(lists, {SNAPSHOTS: "forbidden"})["storage_class", "gold"]
    hidden = records_of(lists, {"storageprofiles.cdi.kubevirt.io": "forbidden"})["storage_class", "gold"]
    assert hidden["unknown"]["snapshot_class"] == "the account may not list storageprofiles.cdi.kubevirt.io"


def test_free_space_is_added_up_over_segments_that_nodes_reach() -> None:
    unreachable = {**capacity("c", "gold", {}, "1Ti", "1Ti"), "nodeTopology": None}
    listed = [capacity("a", "gold", {"zone": "a"}, "100Gi", "60Gi"), capacity("b", "gold", {"zone": "b"}, "50Gi", "80Gi"), unreachable]
    record = storage(csistoragecapacities=listed)
    assert (record["free_bytes"], record["largest_volume_bytes"], record["segment_count"]) == (150 * GIB, 80 * GIB, 2)


def test_full_storage_has_nothing_free_and_is_not_unknown() -> None:
    assert storage(csistoragecapacities=[capacity("a", "gold", {"zone": "a"}, "0", "0")])["free_bytes"] == 0


def test_free_space_that_one_segment_does_not_tell_is_unknown() -> None:
    silent = capacity("b", "gold", {"zone": "b"}, "1Gi", "1Gi")
    del silent["maximumVolumeSize"]
    record = storage(csistoragecapacities=[capacity("a", "gold", {"zone": "a"}, "1Gi", "1Gi"), silent])
    assert record["free_bytes"] == 2 * GIB
    assert "largest_volume_bytes" not in record


def test_free_space_of_a_driver_that_publishes_none_is_unknown() -> None:
    record = storage(csistoragecapacities=[capacity("a", "other", {"zone": "a"}, "1Gi", "1Gi")])
    assert record["unknown"]["free_bytes"] == "its driver publishes no CSIStorageCapacity"
