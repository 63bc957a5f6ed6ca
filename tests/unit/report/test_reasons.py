# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why rules are open: what records and sources say is found, counted together, and turned into advice."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report import view
from ansible_collections.groundwork.readiness.plugins.module_utils.report.advice import (
    cause_advice,
    cause_line,
    reason_advice,
    settle_lines,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.report.build import ViewRequest, build_view
from ansible_collections.groundwork.readiness.plugins.module_utils.report.open_rules import OpenRules
from ansible_collections.groundwork.readiness.plugins.module_utils.report.reasons import (
    UNSEEN_REASONS,
    covers,
    general,
    is_refusal,
    privilege_of,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.report.stages import ArtifactState, RunFacts

from tests.unit.report import samples
from tests.unit.report.samples import LIVE, NO_PERMISSION, UUIDS, WORKBOOK, Record, assessed, known, without

PRESENT = (ArtifactState("estate", "estate.jsonl", True), ArtifactState("assessment", "assessment.jsonl", True))
RAN = ({"stage": "estate", "host": "localhost", "state": "ran"}, {"stage": "assessment", "host": "localhost", "state": "ran"})
DRS = samples.rule("warning.drs", "warning", "The cluster balances load", ["cluster", "cluster.drs_enabled"])
SHARED = samples.rule("warning.shared", "warning", "A disk is shared", ["disks.path"])
CLUSTER = {"kind": "cluster", "id": "c-1", "name": "Production", "vcenter": UUIDS[LIVE], "sources": [LIVE]}
DISKS = [{"key": 2000, "path": "[san] a/a.vmdk"}]


def build(estate: Iterable[Record], *vms: Record, gaps: Iterable[str] = ()) -> view.ReportView:
    """The view of a run on both sources; `gaps` are what the workbook leaves open for all its VMs."""
    assessment = [
        *samples.rules(),
        DRS,
        SHARED,
        samples.assessment_source(LIVE),
        samples.assessment_source(WORKBOOK, gaps, captured_at="2026-12-25"),
        *vms,
    ]
    request = ViewRequest(
        samples.NOW,
        RunFacts(records=RAN, artifacts=PRESENT),
        samples.ordered([*samples.vcenters(), *estate]),
        samples.ordered(assessment),
        samples.CATALOGUE,
    )
    return build_view(request)


def reasons_of(report: view.ReportView, place: int = 0) -> list[tuple[str, tuple[str, ...], str, tuple[str, ...]]]:
    """The reasons of one VM as plain values."""
    return [(reason.object, reason.facts, reason.reason, reason.rules) for reason in report.vms[place].reasons]


def waiting(identity: str, *gaps: str, **facts: object) -> Record:
    """A provisional VM with these open rules."""
    return assessed(identity, provisional=True, gaps=list(gaps), **facts)


@pytest.mark.parametrize(
    ("fact", "need", "expected"),
    [
        ("devices", "devices.kind", True),
        ("disks[2000].path", "disks.path", True),
        ("vm.partitions[].free_bytes", "partitions.free_bytes", True),
        ("disks.mode", "disks.path", False),
        ("guest_ips", "guest_ip", False),
        ("cluster.drs_enabled", "cluster.drs_enabled", True),
        ("cluster.drs_enabled", "cluster", False),
        ("host.version", "host", False),
        ("cluster", "cluster.drs_enabled", False),
    ],
)
def test_fact_explains_a_need_when_one_lies_within_the_other(fact: str, need: str, expected: bool) -> None:
    assert covers(fact, need) is expected


@pytest.mark.parametrize(
    ("reason", "refused", "privilege", "words"),
    [
        (NO_PERMISSION, True, "System.Read", NO_PERMISSION),
        (f"{NO_PERMISSION} (60 objects)", True, "System.Read", NO_PERMISSION),
        (f"tags could not be read: {NO_PERMISSION}", True, "System.Read", NO_PERMISSION),
        ("no permission", True, "", "no permission"),
        ("no permission (3 objects)", True, "", "no permission"),
        ("the server answered ManagedObjectNotFound: vm-12 is gone", False, "", "the server answered ManagedObjectNotFound"),
        ("tab vInfo, row 7, column CPUs: 'x' is not a number", False, "", "tab vInfo, column CPUs: 'x' is not a number"),
        ("the server has no value (12 records)", False, "", "the server has no value"),
        ("there is no permission model", False, "", "there is no permission model"),
    ],
)
def test_reasons_are_told_apart_and_put_in_general_words(reason: str, refused: bool, privilege: str, words: str) -> None:
    assert (is_refusal(reason), privilege_of(reason), general(reason)) == (refused, privilege, words)


def test_reason_in_a_vms_own_record_explains_its_open_rules() -> None:
    report = build([without(known("a"), NO_PERMISSION, "devices", "snapshots")], waiting("a", "critical.device"))
    assert reasons_of(report) == [("VM", ("devices",), NO_PERMISSION, ("critical.device",))]


def test_refused_facts_of_a_cluster_explain_the_rules_on_its_vms() -> None:
    estate = [without(CLUSTER, NO_PERMISSION, "drs_enabled"), known("a", cluster_id="c-1"), known("b", cluster_id="c-2")]
    report = build(estate, waiting("a", "warning.drs"), assessed("b"))
    assert reasons_of(report) == [("cluster Production", ("cluster.drs_enabled",), NO_PERMISSION, ("warning.drs",))]
    assert report.causes[0].objects == ("cluster Production",)


def test_refused_cluster_of_a_host_explains_the_rules_on_its_vms() -> None:
    host = {"kind": "host", "id": "h-1", "name": "esx-1", "vcenter": UUIDS[LIVE], "sources": [LIVE]}
    vm = {key: value for key, value in known("a", host="esx-1").items() if key != "cluster"}
    report = build([without(host, NO_PERMISSION, "cluster", "cluster_id"), vm], waiting("a", "warning.drs"))
    assert reasons_of(report) == [("host esx-1", ("cluster", "cluster_id"), NO_PERMISSION, ("warning.drs",))]


def test_what_a_source_lacks_as_a_whole_explains_where_the_record_says_nothing() -> None:
    not_seen = [{"what": "tab vDevice", "facts": ["devices"], "reason": "the export has no such tab"}]
    estate = [samples.estate_source(WORKBOOK, not_seen=not_seen), known("a", sources=[WORKBOOK])]
    report = build(estate, waiting("a", sources=[WORKBOOK]), gaps=["critical.device"])
    assert reasons_of(report) == [("south.xlsx", ("devices",), "tab vDevice: the export has no such tab", ("critical.device",))]
    # The source's own line says it already: it is no cause beside it.
    assert report.causes == ()
    assert report.settle_sources[0].settled == 1


def test_fact_that_another_source_has_shown_is_not_held_against_the_first() -> None:
    not_seen = [{"what": "tab vDevice", "facts": ["devices", "partitions"], "reason": "the export has no such tab"}]
    both = [LIVE, WORKBOOK]
    estate = [
        samples.estate_source(LIVE),
        samples.estate_source(WORKBOOK, not_seen=not_seen),
        known("a", sources=both, devices=[{"label": "x"}], partitions=[]),
        known("b", sources=both, devices=[{"label": "x"}]),
    ]
    gaps = ["critical.space"]
    report = build(estate, waiting("a", *gaps, sources=both), waiting("b", *gaps, sources=both))
    assert [reason[0] for reason in reasons_of(report, 0)] == ["other VMs"]
    assert reasons_of(report, 1) == [("south.xlsx", ("partitions",), "tab vDevice: the export has no such tab", ("critical.space",))]


def test_rule_on_several_vms_is_open_for_what_is_unknown_of_another_one() -> None:
    estate = [known("a", disks=DISKS), without(known("b"), NO_PERMISSION, "disks"), known("c", disks=DISKS, vcenter=UUIDS[WORKBOOK])]
    report = build(estate, waiting("a", "warning.shared"), waiting("b", "warning.shared"), waiting("c", "warning.shared"))
    assert reasons_of(report, 0) == [("other VMs", ("disks",), NO_PERMISSION, ("warning.shared",))]
    assert reasons_of(report, 1) == [("VM", ("disks",), NO_PERMISSION, ("warning.shared",))]
    assert [reason[2] for reason in reasons_of(report, 2)] == ["facts of other VMs, with which this one is compared, are not known"]
    (cause, *_rest) = report.causes
    assert (cause.vms, cause.provisional_vms, cause.settled) == (2, 2, 2)
    assert cause.objects == ("1 VM of vcenter-north.example.com",)


def test_vm_that_vcenter_cannot_read_is_no_reason_for_others() -> None:
    hidden = without(known("b", out_of_scope="inaccessible (orphaned)"), NO_PERMISSION, "disks")
    report = build([known("a", disks=DISKS), hidden], waiting("a", "warning.shared"))
    assert [reason[2] for reason in reasons_of(report)] == ["facts of other VMs, with which this one is compared, are not known"]


def test_missing_fact_without_a_recorded_reason_gets_none() -> None:
    report = build([known("a")], waiting("a", "critical.space"))
    assert reasons_of(report) == []
    assert settle_lines(report, 9) == [(1, "get VMware Tools running and read them again (open: Too little free space)")]


def test_equal_reasons_are_kept_once() -> None:
    estate = [without(known(name), NO_PERMISSION, "devices") for name in "ab"]
    report = build(estate, waiting("a", "critical.device"), waiting("b", "critical.device"))
    assert report.vms[0].reasons is report.vms[1].reasons


def test_cause_settles_the_vms_that_wait_for_nothing_else() -> None:
    estate = [
        without(known("a"), NO_PERMISSION, "devices"),
        without(without(known("b"), NO_PERMISSION, "devices"), "VMware Tools does not run in the guest", "partitions"),
        without(known("c"), NO_PERMISSION, "devices"),
        known("d"),
    ]
    gone = ["critical.device", "critical.space"]
    blocked = assessed("c", "blocked", findings=[samples.finding("critical.space")], gaps=["warning.cbt", "critical.device"])
    report = build(estate, waiting("a", "critical.device"), waiting("b", *gone), {**blocked, "provisional": True}, assessed("d"))
    refused, tools = report.causes
    assert (refused.vms, refused.provisional_vms, refused.settled) == (3, 3, 2)
    assert (tools.vms, tools.provisional_vms, tools.settled) == (1, 1, 0)
    assert refused.objects == ("3 VMs of vcenter-north.example.com",)
    assert settle_lines(report, 9) == [
        (2, "give the reader's account privilege System.Read on 3 VMs of vcenter-north.example.com; 1 more needs other facts as well"),
        (
            1,
            "get VMware Tools to report in 1 VM of vcenter-north.example.com, and read them again; it needs other facts as well",
        ),
    ]


def test_refusals_stand_before_vcenters_and_those_before_other_causes() -> None:
    estate = [
        samples.estate_source(WORKBOOK),
        without(known("a"), NO_PERMISSION, "devices"),
        without(known("b"), samples.VANISHED, "devices"),
        known("c", sources=[WORKBOOK]),
        known("d", sources=[WORKBOOK]),
    ]
    vms = [
        waiting("a", "critical.device"),
        waiting("b", "critical.device"),
        *(waiting(name, sources=[WORKBOOK]) for name in "cd"),
    ]
    texts = [text.partition(" ")[0] + " " + str(count) for count, text in settle_lines(build(estate, *vms, gaps=["critical.device"]), 9)]
    assert texts == ["give 1", "read 2", "read 1"]


def test_all_vms_of_a_vcenter_are_called_all() -> None:
    report = build([without(known(name), NO_PERMISSION, "devices") for name in "ab"], *(waiting(name, "critical.device") for name in "ab"))
    assert report.causes[0].objects == ("all 2 VMs of vcenter-north.example.com",)


def test_what_single_objects_lack_is_counted_once_per_source_beside_what_nobody_shows() -> None:
    not_seen = [{"what": "tags", "facts": ["tags"], "reason": "not asked for"}]
    host = {"kind": "host", "id": "h", "name": "esx", "sources": [LIVE]}
    estate = [
        samples.estate_source(LIVE, not_seen=not_seen),
        without(host, "the server answered RuntimeFault: x", "version"),
        *(without(known(name), NO_PERMISSION, "devices", "tags") for name in "ab"),
        {"kind": "folder", "id": "f", "name": "vm", "sources": [LIVE]},
    ]
    source = next(source for source in build(estate, assessed("a"), assessed("b")).sources if source.id == LIVE)
    assert source.unknown == (
        view.UnknownView("vm", 2, ("devices",), NO_PERMISSION),
        view.UnknownView("host", 1, ("version",), "the server answered RuntimeFault"),
    )
    assert source.objects == {"folder": 1, "host": 1}


def test_only_a_server_can_refuse() -> None:
    estate = [
        samples.estate_source(LIVE),
        samples.estate_source(WORKBOOK),
        without(known("a", sources=[LIVE, WORKBOOK]), NO_PERMISSION, "devices"),
    ]
    sources = {source.id: source.unknown for source in build(estate, assessed("a")).sources}
    assert sources[WORKBOOK] == ()
    assert sources[LIVE][0].reason == NO_PERMISSION


def cause(reason: str, **facts: object) -> view.CauseView:
    """A cause with these words."""
    base = {
        "privilege": privilege_of(reason),
        "refused": is_refusal(reason),
        "objects": ("2 VMs of vc",),
        "facts": ("devices",),
        "rules": {"r": 2},
        "vcenters": ("vc",),
        "vms": 2,
        "provisional_vms": 2,
        "settled": 2,
    }
    return view.CauseView(reason, **{**base, **facts})


@pytest.mark.parametrize(
    ("reason", "way"),
    [
        (NO_PERMISSION, "give the reader's account privilege System.Read on 2 VMs of vc"),
        ("no permission", "give the reader's account read access to 2 VMs of vc"),
        (samples.VANISHED, "read vCenter vc live again"),
        ("VMware Tools does not run in the guest", "get VMware Tools to report in 2 VMs of vc, and read them again"),
        ("the server answered RuntimeFault", "find out devices of 2 VMs of vc"),
    ],
)
def test_advice_fits_the_cause(reason: str, way: str) -> None:
    assert cause_advice(cause(reason)) == way


def test_advice_names_a_few_objects_and_counts_the_others() -> None:
    many = cause(NO_PERMISSION, objects=tuple(f"cluster {number}" for number in range(9)))
    assert cause_advice(many).endswith("on cluster 0, cluster 1, cluster 2 and 6 more")


def test_line_of_a_cause_that_settles_nothing_by_itself_counts_those_that_wait() -> None:
    assert cause_line(cause(NO_PERMISSION, settled=0)) == (
        2,
        "give the reader's account privilege System.Read on 2 VMs of vc; they need other facts as well",
    )


@pytest.mark.parametrize(
    ("reason", "live", "text"),
    [
        (view.ReasonView("VM", (), NO_PERMISSION, ()), False, "Give the reader's account privilege System.Read on this VM."),
        (view.ReasonView("cluster c1", (), "no permission", ()), False, "Give the reader's account read access to cluster c1."),
        (view.ReasonView("a.xlsx", (), "tab vUSB: absent", (), "s"), False, "Add tab vUSB to a.xlsx, or read vCenter vc live."),
        (view.ReasonView("a.xlsx", (), "RVTools does not export this", (), "s"), False, "Read vCenter vc live."),
        (view.ReasonView("vc", (), "tags: not asked for", (), "s"), True, ""),
        (view.ReasonView("VM", (), samples.VANISHED, ()), False, "Read the vCenter again."),
    ],
)
def test_advice_for_one_vm_fits_its_reason(reason: view.ReasonView, live: bool, text: str) -> None:
    assert reason_advice(reason, live, ("vc",)) == text


@pytest.mark.parametrize("code", ["vms_may_be_invisible", "privileges_not_known"])
def test_rule_that_is_open_because_vms_may_be_invisible_says_so_and_how_to_see_them(code: str) -> None:
    reason = UNSEEN_REASONS[code]
    estate = [samples.estate_source(LIVE, notices=[{"code": code, "message": "m"}]), known("a", disks=DISKS)]
    report = build(estate, waiting("a", "warning.shared"))
    assert reasons_of(report) == [("other VMs", ("disks.path",), reason, ("warning.shared",))]
    (cause,) = report.causes
    assert (cause.reason, cause.vms, cause.provisional_vms, cause.settled) == (reason, 1, 1, 1)
    assert cause_advice(cause) == (
        "give the reader's account its role on the root folder of vcenter-north.example.com, propagated to children"
    )
    assert reason_advice(report.vms[0].reasons[0], True, ()).startswith("Give the reader's account its role on the root folder, propagated")


def test_vm_of_an_export_waits_for_invisible_vms_of_its_vcenter_as_well() -> None:
    live = samples.estate_source(LIVE, notices=[{"code": "vms_may_be_invisible", "message": "m"}])
    exported = known("a", disks=DISKS, sources=[WORKBOOK], vcenter=UUIDS[LIVE])
    shown = [{**record, "sources": [LIVE]} for record in samples.vcenters() if record["vcenter"] == UUIDS[LIVE]]
    report = build([*shown, live, exported], waiting("a", "warning.shared", sources=[WORKBOOK]))
    assert [reason for _object, _facts, reason, _rules in reasons_of(report)] == [UNSEEN_REASONS["vms_may_be_invisible"]]


def test_vm_that_may_be_out_of_scope_says_why_its_verdict_is_provisional() -> None:
    vm = without(known("a"), NO_PERMISSION, "template", "connection_state")
    report = build(
        [vm],
        assessed("a", provisional=True),
    )
    assert reasons_of(report) == [("VM", ("connection_state", "template"), NO_PERMISSION, ())]
    (cause,) = report.causes
    assert (cause.privilege, cause.provisional_vms, cause.settled, cause.rules) == ("System.Read", 1, 1, {})
    assert OpenRules(report).unsettled(report.vms[0]) == ("", f"{NO_PERMISSION} (connection_state, template)")
    assert reasons_of(build([vm], assessed("a", "blocked"))) == []
