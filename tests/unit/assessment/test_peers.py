# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules over several VMs: sharing is found across the estate, and excluded only when nobody else can hold the value."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import pytest

from .support import Record, catalogue_of, judge, outcomes, rule_data, vm

SHARED_DISK = {"any_of": "disks", "where": {"shared_by_vms": "path"}}
SHARED_MAC = {"any_of": "nics", "where": {"shared_by_vms": "mac", "within": "vcenter"}}
SHARED_ADDRESS = {"shared_by_vms": "guest_ips", "within": "estate"}
QUORUM = "[san] q/quorum.vmdk"


def with_disk(number: int, path: str = QUORUM, **facts: Any) -> Record:
    return vm(number, **{"vcenter": "vc", "disks": [{"path": path}], **facts})


def test_disk_at_two_vms_of_one_vcenter_is_shared() -> None:
    assert outcomes(SHARED_DISK, with_disk(1), with_disk(2), with_disk(3, "[san] a.vmdk")) == ["fail", "fail", "pass"]


def test_same_path_in_another_vcenter_is_another_disk() -> None:
    assert outcomes(SHARED_DISK, with_disk(1), with_disk(2, vcenter="other")) == ["pass", "pass"]


def test_one_vm_that_holds_a_file_twice_shares_it_with_nobody() -> None:
    assert outcomes(SHARED_DISK, with_disk(1, disks=[{"path": QUORUM}, {"path": QUORUM}])) == ["pass"]


@pytest.mark.parametrize(("reason", "expected"), [("template", "fail"), ("inaccessible (orphaned)", "pass"), ("SRM placeholder", "pass")])
def test_vm_out_of_scope_is_seen_unless_it_holds_no_disk_open(reason: str, expected: str) -> None:
    assert outcomes(SHARED_DISK, with_disk(1), with_disk(2, out_of_scope=reason)) == [expected]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"vcenter": "vc"}, "gap"),
        ({"vcenter": "elsewhere"}, "pass"),
        ({}, "gap"),
        ({"vcenter": "vc", "datastores": ["san"]}, "gap"),
        ({"vcenter": "vc", "datastores": ["nfs"]}, "pass"),
        ({"vcenter": "vc", "datastores": []}, "pass"),
        ({"vcenter": "vc", "disks": [{}]}, "gap"),
        ({"vcenter": "vc", "disks": [{"datastore": "nfs"}]}, "pass"),
        ({"vcenter": "vc", "disks": [{"datastore": "san"}]}, "gap"),
        ({"vcenter": "vc", "disks": [{"datastore": ""}]}, "pass"),
        ({"vcenter": "vc", "datastores": ["nfs"], "disks": [{}]}, "pass"),
        ({"vcenter": "vc", "out_of_scope": "excluded by tag a/b"}, "gap"),
        ({"vcenter": "vc", "out_of_scope": "inaccessible (invalid)"}, "pass"),
        ({"vcenter": "vc", "out_of_scope": "SRM placeholder"}, "pass"),
        ({"disks": [{"path": QUORUM}]}, "gap"),
        ({"disks": [{"path": "[san] other.vmdk"}]}, "pass"),
    ],
)
def test_unseen_disks_of_another_vm_leave_sharing_open_where_they_can_lie(other: Record, expected: str) -> None:
    assert outcomes(SHARED_DISK, with_disk(1), vm(2, **other))[0] == expected


def test_own_unseen_disk_leaves_only_itself_open() -> None:
    fail_when = {"any_of": "disks", "only": {"fact": "label", "is": "a"}, "where": {"shared_by_vms": "path"}}
    disks = [{"label": "a", "path": QUORUM}, {"label": "b"}]
    assert outcomes(fail_when, vm(1, vcenter="vc", disks=disks)) == ["pass"]
    assert outcomes(SHARED_DISK, vm(1, vcenter="vc", disks=disks)) == ["gap"]


def test_path_that_names_no_datastore_may_lie_on_any() -> None:
    other = vm(2, vcenter="vc", datastores=["nfs"])
    assert outcomes(SHARED_DISK, with_disk(1, "quorum.vmdk"), other)[0] == "gap"


def test_vm_of_an_unknown_vcenter_is_judged_by_the_whole_estate() -> None:
    alone = vm(1, disks=[{"path": QUORUM}])
    assert outcomes(SHARED_DISK, alone) == ["pass"]
    assert outcomes(SHARED_DISK, alone, with_disk(2)) == ["gap", "gap"]
    assert outcomes(SHARED_DISK, alone, vm(2, vcenter="vc"))[0] == "gap"
    assert outcomes(SHARED_DISK, alone, vm(2, vcenter="vc", datastores=["nfs"]))[0] == "pass"


def test_standalone_hosts_have_datastores_of_their_own() -> None:
    first, second = with_disk(1, vcenter="", host="esx-01"), with_disk(2, vcenter="", host="esx-02")
    assert outcomes(SHARED_DISK, first, second) == ["pass", "pass"]
    assert outcomes(SHARED_DISK, first, {**second, "host": "esx-01"}) == ["fail", "fail"]
    assert outcomes(SHARED_DISK, first, with_disk(2, vcenter="")) == ["gap", "gap"]


def test_duplicate_mac_addresses_are_found_by_the_same_operator() -> None:
    def with_mac(number: int, mac: str) -> Record:
        return vm(number, vcenter="vc", nics=[{"label": "Network adapter 1", "mac": mac}])

    vms = [with_mac(1, "00:50:56:00:00:01"), with_mac(2, "00:50:56:00:00:01"), with_mac(3, "00:50:56:00:00:03"), with_mac(4, "")]
    assert outcomes(SHARED_MAC, *vms) == ["fail", "fail", "pass", "pass"]
    assert outcomes(SHARED_MAC, *vms, vm(5, vcenter="vc")) == ["fail", "fail", "gap", "pass", "gap"]


def test_duplicate_addresses_are_found_in_lists_and_across_vcenters() -> None:
    vms = [
        vm(1, vcenter="a", guest_ips=["192.0.2.1", "192.0.2.2"]),
        vm(2, vcenter="b", guest_ips=["192.0.2.2"]),
        vm(3, vcenter="a", guest_ips=["192.0.2.3"]),
        vm(4, vcenter="a", guest_ips=[]),
    ]
    assert outcomes(SHARED_ADDRESS, *vms) == ["fail", "fail", "pass", "pass"]
    assert outcomes(SHARED_ADDRESS, *vms, vm(5)) == ["fail", "fail", "gap", "pass", "gap"]
    judgements = judge(catalogue_of(rule_data(fail_when=SHARED_ADDRESS)), vms)
    assert judgements["vm-1"].findings[0]["evidence"] == [
        {"object": "VM", "field": "guest_ips", "observed": "192.0.2.2, also at vm-2", "expected": "at no other VM"}
    ]


def test_evidence_names_the_other_vms_but_never_a_thousand() -> None:
    vms = [with_disk(number, name=f"node-{number:04}") for number in range(1000)]
    judgements = judge(catalogue_of(rule_data(fail_when=SHARED_DISK)), vms)
    observed = judgements["vm-2"].findings[0]["evidence"][0]["observed"]
    assert observed == f"{QUORUM}, also at node-0000, node-0001, node-0003, node-0004, node-0005 and 994 more"


def test_work_grows_with_the_vms_not_with_their_pairs() -> None:
    def calls(count: int) -> int:
        vms = [with_disk(number, name=f"node-{number:06}") for number in range(count)]
        catalogue = catalogue_of(rule_data(fail_when=SHARED_DISK))
        seen: Counter[str] = Counter()
        sys.setprofile(lambda _frame, event, _argument: seen.update([event]))
        try:
            judge(catalogue, vms)
        finally:
            sys.setprofile(None)
        return seen.total()

    assert calls(2000) < 5 * calls(500)
