# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view: both artifacts joined in one pass, every figure counted, nothing claimed that was not found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ArtifactError, InputError
from ansible_collections.groundwork.readiness.plugins.module_utils.report import view
from ansible_collections.groundwork.readiness.plugins.module_utils.report.build import ViewRequest, build_view
from ansible_collections.groundwork.readiness.plugins.module_utils.report.stages import ArtifactState, RunFacts

from tests.unit.report import samples
from tests.unit.report.samples import LIVE, UUIDS, WORKBOOK, Record, assessed, finding, known

PRESENT = (ArtifactState("estate", "estate.jsonl", True), ArtifactState("assessment", "assessment.jsonl", True))
RAN = ({"stage": "estate", "host": "localhost", "state": "ran"}, {"stage": "assessment", "host": "localhost", "state": "ran"})


def build(estate: Iterable[Record] | None = (), assessment: Iterable[Record] | None = (), **facts: object) -> view.ReportView:
    """The view of a run that went well with these records, in any order."""
    base = ViewRequest(
        now=samples.NOW,
        facts=RunFacts(records=RAN, artifacts=PRESENT),
        estate=None if estate is None else samples.ordered(estate),
        assessment=None if assessment is None else samples.ordered(assessment),
        catalogue=samples.CATALOGUE,
    )
    return build_view(replace(base, **facts))


def judged(*vms: Record, gaps: Iterable[str] = ()) -> list[Record]:
    """An assessment with the small catalogue, both sources, and these VMs."""
    return [*samples.rules(), samples.assessment_source(LIVE), samples.assessment_source(WORKBOOK, gaps), *vms]


def test_assessed_vms_meet_their_estate_records_by_id() -> None:
    estate = [known("a", cpu_count=2), known("b", cpu_count=4), known("d", cpu_count=8)]
    report = build(estate, judged(assessed("b"), assessed("c"), assessed("d")))
    assert [(vm.id, vm.cpu_count) for vm in report.vms] == [("b", 4), ("c", None), ("d", 8)]
    assert report.estate_vm_count == 3


def test_vm_carries_the_facts_of_its_estate_record() -> None:
    facts = {
        "cluster": "prod-01",
        "guest_os_config_name": "Microsoft Windows Server 2019 (64-bit)",
        "guest_os_tools_name": "Microsoft Windows Server 2022 (64-bit)",
        "memory_mib": 8192,
        "disks": [{"capacity_bytes": 10}, {"capacity_bytes": 32}],
        "nics": [{}],
        "owner": "team-erp@example.com",
    }
    (vm,) = build([*samples.vcenters(), known("a", **facts)], judged(assessed("a"))).vms
    assert (vm.vcenter, vm.cluster, vm.memory_mib, vm.disk_bytes, vm.disk_count, vm.nic_count) == (
        "vcenter-north.example.com",
        "prod-01",
        8192,
        42,
        2,
        1,
    )
    assert (vm.guest_os, vm.os_family) == ("Microsoft Windows Server 2022 (64-bit)", "Windows Server 2022")
    assert vm.owner == "team-erp@example.com"


@pytest.mark.parametrize(("disks", "expected"), [(None, (None, None)), ([], (0, 0)), ([{"capacity_bytes": 7}, {}], (2, None))])
def test_what_is_unknown_of_disks_stays_unknown(disks: list[Record] | None, expected: tuple[int | None, int | None]) -> None:
    (vm,) = build([known("a", **({} if disks is None else {"disks": disks}))], judged(assessed("a"))).vms
    assert (vm.disk_count, vm.disk_bytes) == expected


def test_gaps_of_a_vm_include_those_of_its_sources() -> None:
    waiting = assessed("a", provisional=True, sources=[WORKBOOK], gaps=["warning.cbt"])
    report = build((), judged(waiting, gaps=["critical.device"]))
    assert report.vms[0].gaps == ("critical.device", "warning.cbt")


def test_verdicts_are_counted_settled_and_provisional_apart() -> None:
    estate = [known(name, cpu_count=2, memory_mib=1024, disks=[{"capacity_bytes": 5}]) for name in "abc"]
    report = build(
        estate,
        judged(
            assessed("a"),
            assessed("b", provisional=True, gaps=["warning.cbt"]),
            assessed("c", "blocked", findings=[finding("critical.space")]),
        ),
    )
    ready = next(count for count in report.verdicts if count.verdict == "ready")
    assert ready == view.VerdictCount("ready", 1, 1, 4, 2048, 10)
    assert [count.verdict for count in report.verdicts] == list(view.VERDICTS)
    assert (report.in_scope, report.provisional) == (3, 1)


def test_rule_counts_add_up_to_the_vms_in_scope() -> None:
    report = build(samples.estate_records(60), samples.assessment_records(60))
    for rule in report.rules:
        assert rule.failed + rule.passed + rule.not_applicable + rule.not_evaluated == 60
    assert [rule.category for rule in report.rules] == ["critical", "critical", "warning", "warning", "information"]


def test_rule_is_the_only_reason_when_no_other_of_its_category_failed() -> None:
    both = assessed("a", "blocked", findings=[finding("critical.space"), finding("critical.device")])
    one = assessed("b", "blocked", findings=[finding("critical.space"), finding("warning.cbt")])
    work = assessed("c", "ready_with_work", findings=[finding("warning.cbt")])
    alone = {rule.id: rule.failed_alone for rule in build((), judged(both, one, work)).rules}
    assert (alone["critical.space"], alone["critical.device"], alone["warning.cbt"]) == (1, 0, 1)


def test_waived_finding_does_not_count_as_failed() -> None:
    waived = {**finding("critical.space"), "result": "waived"}
    report = build((), judged(assessed("a", findings=[waived])))
    assert {rule.id: rule.failed for rule in report.rules}["critical.space"] == 0
    assert report.vms[0].findings[0].result == "waived"


def test_settle_steps_name_the_rules_that_keep_verdicts_provisional() -> None:
    vms = [
        assessed("a", provisional=True, gaps=["warning.cbt"]),
        assessed("b", provisional=True, gaps=["critical.space", "warning.cbt"]),
        assessed("c", "ready_with_work", provisional=True, gaps=["critical.space", "warning.cbt"], findings=[finding("warning.name")]),
        assessed("d", "ready_with_work", gaps=["warning.cbt"], findings=[finding("warning.name")]),
    ]
    report = build((), judged(*vms))
    steps = {step.rule: (step.vms, step.provisional_vms, step.settled_alone) for step in report.settle}
    # d is settled although a warning is open; for c only the critical rule matters.
    assert steps == {"critical.space": (2, 2, 1), "warning.cbt": (4, 2, 1)}
    assert report.settle[0].needs == ("partitions.free_bytes",)


def test_source_that_leaves_rules_open_says_how_many_vms_wait_for_it() -> None:
    vms = [
        assessed("a", provisional=True, sources=[WORKBOOK]),
        assessed("b", provisional=True, sources=[WORKBOOK], gaps=["critical.space"]),
        assessed("c", provisional=True, gaps=["critical.space"]),
    ]
    report = build((), judged(*vms, gaps=["critical.device", "information.snapshot"]))
    (step,) = report.settle_sources
    assert (step.source, step.provisional_vms, step.settled, step.rules) == (WORKBOOK, 2, 1, ("critical.device",))
    assert report.headline.endswith("3 verdicts are provisional, 1 of them until their vCenter is read live.")


def test_vcenters_at_one_address_are_told_apart_by_their_names() -> None:
    records = [{**record, "hostname": "127.0.0.1"} for record in samples.vcenters()]
    vms = [known(name, vcenter=record["vcenter"]) for name, record in zip("ab", records, strict=True)]
    report = build([*records, *vms], judged(assessed("a"), assessed("b")))
    assert sorted(vm.vcenter for vm in report.vms) == sorted(record["name"] for record in records)


def test_vcenter_behind_an_export_is_named_where_its_record_does() -> None:
    shown = [{**record, "sources": [WORKBOOK]} for record in samples.vcenters() if record["vcenter"] == UUIDS[WORKBOOK]]
    vm = known("a", sources=[WORKBOOK], vcenter=UUIDS[WORKBOOK])
    report = build([*shown, vm], judged(assessed("a", provisional=True, sources=[WORKBOOK]), gaps=["critical.device"]))
    assert report.settle_sources[0].vcenters == ("vcenter-south.example.com",)
    assert report.headline.endswith("1 verdict is provisional until vCenter vcenter-south.example.com is read live.")
    unnamed = build([vm], judged(assessed("a", provisional=True, sources=[WORKBOOK]), gaps=["critical.device"]))
    assert unnamed.headline.endswith("1 verdict is provisional until its vCenter is read live.")


@pytest.mark.parametrize(("code", "invisible"), [("vms_may_be_invisible", True), ("privileges_not_known", False), ("tags_not_read", None)])
def test_notice_that_vms_may_be_missing_is_a_caveat(code: str, invisible: bool | None) -> None:
    notices = [{"code": code, "message": "read access does not propagate", "remedy": "propagate it"}]
    report = build([samples.estate_source(LIVE, notices=notices), known("a")], judged(assessed("a")))
    expected = (view.ProblemView("read access does not propagate", "vcenter-north.example.com", "Propagate it."),)
    assert report.caveats == (() if invisible is None else expected)
    assert report.headline.startswith("VMs of vcenter-north.example.com may be invisible") is bool(invisible)


def test_history_of_a_vm_is_kept_as_far_as_it_goes() -> None:
    estate = [known("a", performance_days=30, cpu_usage_p95_mhz=900), known("b", cpu_usage_p95_mhz=900)]
    first, second = build(estate, judged(assessed("a"), assessed("b"))).vms
    assert first.performance == view.PerformanceView(30, cpu_usage_p95_mhz=900)
    assert second.performance is None


def test_groups_of_one_name_in_two_vcenters_are_kept_apart() -> None:
    estate = [*samples.vcenters(), known("a", cluster="c1"), known("b", cluster="c1", vcenter=UUIDS[WORKBOOK]), known("c", cluster="c2")]
    report = build(estate, judged(assessed("a"), assessed("b"), assessed("c")))
    clusters = [group.name for group in report.groups if group.group == "cluster"]
    assert clusters == ["c1 (vcenter-north.example.com)", "c1 (vcenter-south.example.com)", "c2"]


def test_group_without_a_name_says_so() -> None:
    report = build([known("a", cluster="")], judged(assessed("a")))
    names = {group.group: group.name for group in report.groups}
    assert (names["cluster"], names["os_family"], names["owner"]) == ("(no cluster known)", "Unknown", "(no owner named)")


def test_sources_carry_what_estate_and_assessment_know_of_them() -> None:
    not_seen = [{"what": "tab vUSB", "facts": ["usb"], "reason": "the export has no such tab"}]
    notices = [{"code": "cell", "message": "not a number", "file": "south.xlsx", "tab": "vInfo", "row": 7, "column": "CPUs"}]
    estate = [samples.estate_source(WORKBOOK, captured_at="2026-12-25T08:15:00", vm_count=5, not_seen=not_seen, notices=notices)]
    report = build(estate, [samples.assessment_source(WORKBOOK, ["critical.device"], vm_count=3)])
    (source,) = report.sources
    assert (source.vm_count, source.in_scope, source.age_days, source.gaps) == (5, 3, 10, ("critical.device",))
    assert source.not_seen == (view.NotSeenView("tab vUSB", ("usb",), "the export has no such tab"),)
    assert source.notices == (view.ProblemView("not a number", "south.xlsx, tab vInfo, row 7, column CPUs"),)


def test_conflicts_and_notices_of_the_estate_are_listed() -> None:
    values = [{"source": "a", "captured_at": "2026-12-01", "value": 4}, {"source": "b", "value": True}]
    conflict = {
        "kind": "conflict",
        "id": "vm/a/cpu_count",
        "object": "a",
        "object_name": "app",
        "field": "cpu_count",
        "values": values,
        "resolution": "newest",
    }
    notice = {
        "kind": "notice",
        "id": "n",
        "code": "x",
        "message": "row matches no VM",
        "file": "owners.csv",
        "row": 3,
        "remedy": "Check it.",
    }
    report = build([conflict, notice], judged())
    assert report.conflicts == (view.ConflictView("app", "cpu_count", (("a", "2026-12-01", "4"), ("b", "", "yes")), "newest"),)
    assert report.notices == (view.ProblemView("row matches no VM", "owners.csv, row 3", "Check it."),)


def test_state_that_says_the_reason_again_is_left_out() -> None:
    report = build([], [*judged(), {"kind": "excluded", "id": "t", "name": "t", "reason": "inaccessible (inaccessible)"}])
    assert report.excluded[0].reason == "inaccessible"


def test_unknown_sizes_are_counted_not_summed_as_zero() -> None:
    estate = [known("a", cpu_count=2), known("b")]
    ready = build(estate, judged(assessed("a"), assessed("b"))).verdicts[-1]
    assert (ready.cpu_count, ready.cpu_unknown, ready.memory_mib, ready.memory_unknown) == (2, 1, None, 2)


def test_excluded_vms_come_from_the_assessment() -> None:
    report = build([known("t", out_of_scope="template")], [*judged(), {"kind": "excluded", "id": "t", "name": "t", "reason": "template"}])
    assert report.excluded == (view.ExcludedView("t", "t", "template"),)


def test_estate_without_assessment_still_tells_what_was_read() -> None:
    facts = RunFacts(records=RAN[:1], artifacts=(PRESENT[0], ArtifactState("assessment", "assessment.jsonl", False)))
    report = build([known("a"), known("t", out_of_scope="template")], None, facts=facts)
    assert (report.estate_vm_count, report.in_scope, report.verdicts, report.vms) == (2, None, (), ())
    assert [vm.reason for vm in report.excluded] == ["template"]
    assert report.failed
    assert report.headline == "There is no verdict: 2 VMs were read, but not assessed."


def test_assessment_without_estate_keeps_verdicts_and_leaves_facts_unknown() -> None:
    facts = RunFacts(records=RAN[1:], artifacts=(ArtifactState("estate", "estate.jsonl", False), PRESENT[1]))
    report = build(None, judged(assessed("a")), facts=facts)
    assert (report.vms[0].name, report.vms[0].cluster, report.vms[0].cpu_count) == ("name of a", "", None)
    assert report.failed
    assert report.headline == "Incomplete, because a stage did not run: 1 of 1 VM is ready."


def test_nothing_at_all_still_makes_a_view() -> None:
    absent = tuple(replace(item, present=False) for item in PRESENT)
    report = build(None, None, facts=RunFacts(artifacts=absent))
    assert report.failed
    assert [(stage.stage, stage.state) for stage in report.stages] == [("estate", "skipped"), ("assessment", "skipped")]
    assert report.score_mean is None


def test_records_of_unknown_kinds_are_passed_over() -> None:
    later = {"kind": "zone", "id": "z"}
    report = build([known("a"), later, {"kind": "appliance", "id": "x"}], [*judged(assessed("a")), later])
    assert (report.in_scope, report.estate_vm_count) == (1, 1)


def test_streams_are_read_to_their_ends_so_that_trailers_are_checked() -> None:
    ended = []

    def stream(name: str, records: list[Record]) -> Iterable[Record]:
        yield from records
        ended.append(name)

    request = ViewRequest(
        samples.NOW, RunFacts(artifacts=PRESENT), stream("estate", [known("b"), known("c")]), stream("assessment", [assessed("a")])
    )
    build_view(request)
    assert sorted(ended) == ["assessment", "estate"]


@pytest.mark.parametrize("damage", [{"verdict": "fine"}, {"score": None}])
def test_vm_without_a_verdict_that_is_known_is_a_damaged_assessment(damage: Record) -> None:
    with pytest.raises(ArtifactError) as error:
        build((), judged({**assessed("a"), **damage}))
    assert error.value.code == "artifact_damaged"


def test_both_dates_are_checked_and_listed_together() -> None:
    with pytest.raises(InputError) as error:
        build(now="yesterday", end_of_support="11.10.2027")
    assert [problem.message for problem in error.value.problems] == [
        "now is 'yesterday', which is not an ISO 8601 time",
        "end_of_support is '11.10.2027', which is not a date",
    ]


@pytest.mark.parametrize(
    ("now", "days"),
    [("2027-10-10T23:59:59Z", 1), ("2027-10-11T00:00:00Z", 0), ("2027-10-12T01:00:00+02:00", 0), ("2027-10-13T00:00:00Z", -2)],
)
def test_days_left_count_whole_days_in_utc(now: str, days: int) -> None:
    assert build(now=now).days_left == days


def test_scores_are_averaged_unrounded() -> None:
    report = build((), judged(assessed("a", score=1 / 3, score_best=50), assessed("b", score=2 / 3, score_best=100)))
    assert (report.score_mean, report.score_best_mean) == (0.5, 75.0)


def test_equal_findings_are_kept_once() -> None:
    failing = [assessed(name, "ready_with_work", findings=[finding("warning.cbt")], gaps=["critical.space"]) for name in ("a", "b")]
    first, second = build((), judged(*failing)).vms
    assert first.findings[0] is second.findings[0]
    assert first.gaps is second.gaps
