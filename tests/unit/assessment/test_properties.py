# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds of any estate: failing never pays, and knowing less never looks better."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.engine import Judgement
from ansible_collections.groundwork.readiness.plugins.module_utils.assessment.verdict import score_of
from hypothesis import given, settings
from hypothesis import strategies as st

from .support import Record, judge, shipped

MEBIBYTE: Final = 1 << 20
FLAGS: Final = (
    "change_tracking_enabled",
    "consolidation_needed",
    "cpu_hot_add_enabled",
    "cpu_hot_remove_enabled",
    "memory_hot_add_enabled",
    "disk_enable_uuid",
    "tpm_present",
)
NAMES: Final = ("Red Hat Enterprise Linux 9 (64-bit)", "CentOS 7 (64-bit)", "Microsoft Windows Server 2019 (64-bit)", "")
SOUND: Final[Record] = {
    **dict.fromkeys(FLAGS, False),
    "change_tracking_enabled": True,
    "name": "erp-01",
    "vcenter": "vc-1",
    "cluster": "",
    "nics": [],
    "devices": [],
    "partitions": [],
    "usb": [],
    "snapshots": [],
    "cpu_affinity": [],
    "numa_node_affinity": [],
    "host_affinity_rules": [],
    "guest_ips": ["192.0.2.1"],
    "guest_hostname": "erp-01",
    "guest_os_id": "rhel9_64Guest",
    "guest_os_config_name": NAMES[0],
    "guest_os_tools_name": "",
    "fault_tolerance_state": "notConfigured",
    "disks": [
        {
            "path": "[san] c.vmdk",
            "datastore": "san",
            "capacity_bytes": MEBIBYTE,
            "mode": "persistent",
            "sharing": "sharingNone",
            "bus_sharing": "noSharing",
            "rdm": False,
            "change_tracking_enabled": True,
        }
    ],
}
"""A VM that is ready for good, so that there is something to lose."""

KEPT: Final = ("kind", "id", "out_of_scope")

flag = st.booleans()


def some(**facts: st.SearchStrategy[Any]) -> st.SearchStrategy[Record]:
    """A record with any of these facts known."""
    return st.fixed_dictionaries({}, optional=facts)


datastore = st.sampled_from(["san", "nfs"])
disk = st.builds(
    lambda facts, place, name, shown: {
        **facts,
        **({"path": f"[{place}] {name}.vmdk"} if shown[0] else {}),
        **({"datastore": place} if shown[1] else {}),
    },
    some(
        label=st.sampled_from(["Hard disk 1", "Hard disk 2"]),
        capacity_bytes=st.sampled_from([0, MEBIBYTE]),
        mode=st.sampled_from(["persistent", "independent_persistent"]),
        sharing=st.sampled_from(["sharingNone", "sharingMultiWriter"]),
        bus_sharing=st.sampled_from(["noSharing", "physicalSharing"]),
        bus=st.sampled_from(["scsi", "sata"]),
        rdm=flag,
        change_tracking_enabled=flag,
    ),
    datastore,
    st.sampled_from(["a", "b"]),
    st.tuples(flag, flag),
)
partition = some(
    path=st.sampled_from(["/", "/boot", "/var", "C:\\"]),
    free_bytes=st.sampled_from([0, 20 * MEBIBYTE, 70 * MEBIBYTE, 200 * MEBIBYTE]),
    disk_keys=st.sampled_from([[], [2000]]),
)
vm_facts = some(
    name=st.sampled_from(["erp-01", "ERP 01"]),
    vcenter=st.sampled_from(["vc-1", "vc-2", ""]),
    host=st.sampled_from(["esx-01", "esx-02"]),
    cluster=st.sampled_from(["A", ""]),
    cluster_id=st.sampled_from(["c1", "c2", "c3"]),
    connection_state=st.sampled_from(["connected", "orphaned"]),
    disks=st.lists(disk, max_size=2),
    nics=st.lists(some(adapter_type=st.sampled_from(["vmxnet3", "sriov"])), max_size=2),
    devices=st.lists(some(kind=st.sampled_from(["VirtualTPM", "VirtualPCIPassthrough", "VirtualSriovEthernetCard"])), max_size=2),
    partitions=st.lists(partition, max_size=2),
    usb=st.sampled_from([[], [{"kind": "controller"}]]),
    snapshots=st.sampled_from([[], [{"name": "s"}]]),
    cpu_affinity=st.sampled_from([[], [1]]),
    numa_node_affinity=st.sampled_from([[], [1]]),
    host_affinity_rules=st.sampled_from([[], ["rule"]]),
    guest_ips=st.sampled_from([[], ["192.0.2.1"]]),
    guest_hostname=st.sampled_from(["", "localhost.localdomain", "erp-01"]),
    guest_os_id=st.sampled_from(["rhel9_64Guest", "windows9Server64Guest", "centos7_64Guest", ""]),
    guest_os_config_name=st.sampled_from(NAMES),
    guest_os_tools_name=st.sampled_from(NAMES),
    fault_tolerance_state=st.sampled_from(["notConfigured", "running"]),
    **dict.fromkeys(FLAGS, flag),
)
scope_reason = st.sampled_from([None, None, None, "template", "inaccessible (orphaned)", "SRM placeholder"])


@st.composite
def estates(draw: st.DrawFn) -> list[Record]:
    """Two clusters and up to four VMs. A VM whose datastores are known knows those of all its disks, as vCenter does."""
    clusters = [
        {"kind": "cluster", "id": name, **draw(some(name=st.just(name), drs_enabled=flag, dpm_enabled=flag))} for name in ("c1", "c2")
    ]
    vms = []
    for number in range(draw(st.integers(1, 4))):
        facts, reason = draw(vm_facts), draw(scope_reason)
        if draw(flag):
            kept = draw(st.sets(st.sampled_from(sorted(SOUND)), min_size=len(SOUND) - 2))
            facts = {**facts, **{name: SOUND[name] for name in sorted(kept)}}
        if draw(flag):
            places = {
                place
                for item in facts.get("disks", [])
                for place in ("san", "nfs")
                if place in (item.get("datastore"), item.get("path", "")[1:4])
            }
            hidden = any("path" not in item and "datastore" not in item for item in facts.get("disks", [{}]))
            facts["datastores"] = ["nfs", "san"] if hidden else sorted(places | {draw(datastore)})
        vms.append({"kind": "vm", "id": f"vm-{number}", **facts, **({} if reason is None else {"out_of_scope": reason})})
    return [*clusters, *vms]


def deletions(records: list[Record]) -> Iterator[tuple[int, str, int, str]]:
    """Every fact of an estate: (record, fact, part, fact of the part)."""
    for number, record in enumerate(records):
        for name, value in record.items():
            if name not in KEPT:
                yield number, name, -1, ""
                if isinstance(value, list):
                    yield from ((number, name, place, key) for place, part in enumerate(value) if isinstance(part, dict) for key in part)


def without(records: list[Record], deletion: tuple[int, str, int, str]) -> list[Record]:
    number, name, place, key = deletion
    changed = copy.deepcopy(records)
    if place < 0:
        del changed[number][name]
    else:
        del changed[number][name][place][key]
    return changed


def settled_ready(judgement: Judgement) -> bool:
    return judgement.verdict == "ready" and not judgement.provisional


def test_sound_vm_is_ready_for_good() -> None:
    (judgement,) = judge(shipped(), [{"kind": "vm", "id": "vm-1", **SOUND}]).values()
    assert settled_ready(judgement)


@settings(max_examples=200, deadline=None)
@given(estates(), st.data())
def test_deleting_a_fact_anywhere_never_makes_a_vm_look_better(records: list[Record], data: st.DataObject) -> None:
    every = list(deletions(records))
    if not every:
        return
    before = judge(shipped(), records)
    for deletion in data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=12)):
        after = judge(shipped(), without(records, deletion))
        for identity, judgement in before.items():
            known_less = after[identity]
            assert known_less.score <= judgement.score, deletion
            assert known_less.score_best >= judgement.score_best, deletion
            assert settled_ready(judgement) or not settled_ready(known_less), deletion


def broken_disk(vm: Record, fact: str, value: object) -> Record | None:
    """The VM with that value in its first disk, where it has one with a sound value."""
    disks = vm.get("disks")
    if not disks or any(item.get(fact, "sound") in ("", 0) for item in disks):
        return None
    return {**vm, "disks": [{**disks[0], fact: value}, *disks[1:]]}


def passed_through(vm: Record) -> Record | None:
    devices = vm.get("devices")
    if devices is None or any("Passthrough" in item.get("kind", "") for item in devices):
        return None
    return {**vm, "devices": [*devices, {"kind": "VirtualPCIPassthrough"}]}


@settings(max_examples=150, deadline=None)
@given(estates())
def test_failed_critical_rule_strictly_lowers_the_best_score(records: list[Record]) -> None:
    before = judge(shipped(), records)
    for number, vm in enumerate(records):
        if vm["id"] not in before:
            continue
        for broken in (broken_disk(vm, "capacity_bytes", 0), broken_disk(vm, "datastore", ""), passed_through(vm)):
            if broken is not None:
                after = judge(shipped(), [*records[:number], broken, *records[number + 1 :]])[vm["id"]]
                assert after.verdict == "blocked"
                assert after.score_best < before[vm["id"]].score_best


STATES: Final = ("pass", "gap", "fail", "not_applicable")
rule_states = st.lists(st.tuples(st.sampled_from([1, 5, 20]), st.sampled_from(STATES)), min_size=1, max_size=40)


def scores(states: list[tuple[int, str]]) -> tuple[float, float]:
    weight = {state: sum(each for each, found in states if found == state) for state in STATES}
    applicable = sum(weight.values()) - weight["not_applicable"]
    return score_of(weight["fail"] + weight["gap"], applicable), score_of(weight["fail"], applicable)


@given(rule_states, st.data())
def test_more_failing_findings_never_raise_a_score(states: list[tuple[int, str]], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(states) - 1))
    worse = [*states[:place], (states[place][0], "fail"), *states[place + 1 :]]
    (before, best_before), (after, best_after) = scores(states), scores(worse)
    assert after <= before
    assert best_after <= best_before
    assert 0 <= after <= best_after <= 100
    if states[place][1] in ("pass", "gap"):
        assert best_after < best_before
