# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the reader of a server could not see is never taken for something that is not there."""

from __future__ import annotations

from typing import Any

import pytest

from .support import Record, catalogue_of, judge, outcomes, rule_data, vm

SHARED_DISK = {"any_of": "disks", "where": {"shared_by_vms": "path"}}
LIVE = "vc@1"
EXPORT = "rvtools@2"


def source(*codes: str, identity: str = LIVE, kind: str = "vcenter") -> Record:
    return {"kind": "source", "id": identity, "type": kind, "notices": [{"code": code, "message": code} for code in codes]}


def store(name: str, datacenter: str = "dc", sources: tuple[str, ...] = (LIVE,)) -> Record:
    return {
        "kind": "datastore",
        "id": f"{datacenter}/{name}",
        "name": name,
        "datacenter": datacenter,
        "vcenter": "vc",
        "sources": list(sources),
    }


def machine(number: int, *paths: str, **facts: Any) -> Record:
    found = vm(number, **{"vcenter": "vc", "datacenter": "dc", "sources": [LIVE], **facts})
    return {**found, "disks": [{"path": path} for path in paths]} if paths else found


A, B, BLIND = machine(1, "[san] a/a.vmdk"), machine(2, "[nfs] b/b.vmdk"), machine(3, datastores=["nfs"])


def test_list_of_datastores_that_a_live_source_showed_narrows_down_what_a_blind_vm_holds() -> None:
    assert outcomes(SHARED_DISK, store("nfs"), store("san"), source(), A, B, BLIND) == ["pass", "gap", "gap"]


@pytest.mark.parametrize("listed", [["nfs"], []])
def test_blind_vm_may_hold_any_file_on_a_datastore_that_its_source_did_not_show(listed: list[str]) -> None:
    found = outcomes(SHARED_DISK, store("nfs"), source(), A, B, {**BLIND, "datastores": listed})
    assert found == ["gap", "gap" if listed else "pass", "gap"]


def test_hidden_datastore_leaves_its_namesake_in_another_datacenter_open_as_well() -> None:
    other = machine(4, "[san] c/c.vmdk", datacenter="other")
    seen = [store("nfs"), store("san", "other"), source(), A, other, BLIND]
    assert outcomes(SHARED_DISK, *seen) == ["gap", "gap", "gap"]
    assert outcomes(SHARED_DISK, store("san"), *seen) == ["pass", "pass", "gap"]


def test_datastore_that_another_source_showed_was_not_shown_to_the_live_reader() -> None:
    assert outcomes(SHARED_DISK, store("nfs"), store("san", sources=(EXPORT,)), source(), A, BLIND)[0] == "gap"


@pytest.mark.parametrize("lacking", ["datacenter", "name"])
def test_datastore_of_an_unknown_place_or_name_counts_as_not_shown(lacking: str) -> None:
    san = {key: value for key, value in store("san").items() if key != lacking}
    assert outcomes(SHARED_DISK, store("nfs"), san, source(), A, BLIND)[0] == "gap"


def test_lists_of_an_export_are_taken_as_they_are() -> None:
    vms = [{**one, "sources": [EXPORT]} for one in (A, BLIND)]
    assert outcomes(SHARED_DISK, source(identity=EXPORT, kind="rvtools"), *vms)[0] == "pass"


@pytest.mark.parametrize("code", ["vms_may_be_invisible", "privileges_not_known"])
def test_vms_that_nobody_may_have_seen_leave_sharing_open_in_their_vcenter(code: str) -> None:
    elsewhere = machine(5, "[san] a/a.vmdk", vcenter="other", sources=[EXPORT])
    exported = machine(6, "[san] d/d.vmdk", sources=[EXPORT])
    assert outcomes(SHARED_DISK, source("tags_not_read"), A, exported, elsewhere) == ["pass", "pass", "pass"]
    assert outcomes(SHARED_DISK, source(code), A, exported, elsewhere) == ["gap", "gap", "pass"]


def test_sharing_that_was_seen_fails_whatever_may_be_hidden() -> None:
    assert outcomes(SHARED_DISK, source("vms_may_be_invisible"), A, {**A, "id": "vm-9"}) == ["fail", "fail"]


def test_hidden_vms_count_even_where_every_visible_one_holds_no_disk_open() -> None:
    lost = machine(2, out_of_scope="inaccessible (orphaned)")
    exported = {**A, "sources": [EXPORT]}
    assert outcomes(SHARED_DISK, source("vms_may_be_invisible"), exported, lost) == ["gap"]


@pytest.mark.parametrize("fact", ["connection_state", "srm_placeholder"])
def test_vm_of_which_nobody_knows_whether_it_holds_its_disks_open_neither_shares_nor_excludes_it(fact: str) -> None:
    doubtful = {**A, "id": "vm-9", "unknown": {fact: "no permission"}}
    assert outcomes(SHARED_DISK, A, doubtful) == ["gap", "gap"]
    assert outcomes(SHARED_DISK, A, {**doubtful, fact: False if fact == "srm_placeholder" else "connected"}) == ["fail", "fail"]
    assert outcomes(SHARED_DISK, A, {**A, "id": "vm-8"}, doubtful) == ["fail", "fail", "fail"]


def test_evidence_of_a_doubtful_vm_counts_the_others_alone() -> None:
    others = [{**A, "id": f"vm-{number}", "name": f"node-{number}"} for number in range(1, 8)]
    doubtful = {**A, "id": "vm-9", "unknown": {"connection_state": "no permission"}}
    found = judge(catalogue_of(rule_data(fail_when=SHARED_DISK)), [*others, doubtful])
    observed = [found[identity].findings[0]["evidence"][0]["observed"] for identity in ("vm-1", "vm-9")]
    assert observed == [
        "[san] a/a.vmdk, also at node-2, node-3, node-4, node-5, node-6 and 1 more",
        "[san] a/a.vmdk, also at node-1, node-2, node-3, node-4, node-5 and 2 more",
    ]
