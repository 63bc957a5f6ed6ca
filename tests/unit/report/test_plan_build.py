# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view of a plan: what its records say, counted and put in order."""

from __future__ import annotations

from ansible_collections.groundwork.readiness.plugins.module_utils.report.plan_build import PlanReading, utc_alone
from ansible_collections.groundwork.readiness.plugins.module_utils.report.plan_texts import cpus_text, gpus_text, reuse_line

from tests.unit.report import plan_factory as make


def test_headline_says_what_moves_when_and_what_keeps_the_rest() -> None:
    vms = [make.placed("a"), make.placed("b", 2), make.unplaced("c"), make.other("d", "settle_first"), make.other("e", "blocked")]
    plan = make.plan_of([make.basis(), *vms, make.wave(1), make.wave(2)])
    assert plan.headline == (
        "2 of 5 VMs move in 2 waves from 16 January 2027 to 24 January 2027. "
        "1 has facts to be settled first, 1 is kept out by constraints and 1 is blocked by its verdict."
    )


def test_headline_of_a_plan_in_which_nothing_moves_names_no_dates() -> None:
    plan = make.plan_of([make.basis(), make.unplaced("a"), make.unplaced("b")])
    assert plan.headline == "None of 2 VMs is in a wave that is still to come. 2 are kept out by constraints."


def test_headline_counts_only_waves_that_are_still_to_come() -> None:
    vms = [make.other("a", "moved"), make.placed("b", 2)]
    plan = make.plan_of([make.basis(), *vms, make.wave(1, finished=True), make.wave(2)])
    assert plan.headline == "1 of 2 VMs moves in 1 wave from 23 January 2027 to 24 January 2027. 1 moved already."


def test_vms_out_of_scope_are_in_no_figure() -> None:
    reading = PlanReading([make.placed("a"), make.other("b", "excluded")], str, make.zone_of)
    assert list(reading.vms) == ["a"]
    assert reading.view(None).states == {"placed": 1}


def test_plan_without_vms_says_so() -> None:
    assert make.plan_of([make.basis()]).headline == "The plan holds no VM."


def test_windows_are_shown_on_the_clock_of_the_plan() -> None:
    (wave,) = make.plan_of([make.basis(), make.wave(1)]).waves
    assert (wave.start, wave.end) == ("2027-01-16T20:00:00+01:00", "2027-01-17T02:00:00+01:00")


def test_unknown_time_zone_leaves_times_in_utc_and_names_utc() -> None:
    plan = PlanReading([make.basis(time_zone="Mars/Olympus"), make.wave(1)], str, utc_alone).view(None)
    assert plan.time_zone == "UTC"
    assert plan.waves[0].start == "2027-01-16T19:00:00+00:00"


def test_constraint_that_keeps_many_vms_out_is_one_entry_with_their_names() -> None:
    vms = [{**make.unplaced(name, make.blocker(message=f"{name}: network dmz leads nowhere")), "name": name} for name in "cab"]
    (kind,) = make.plan_of([*vms]).kept_out
    assert (kind.code, kind.vm_count, kind.alone, len(kind.entries)) == ("network_unmapped", 3, 3, 1)
    assert kind.entries[0].message == "network dmz leads nowhere"
    assert kind.entries[0].vms == (("a", "a"), ("b", "b"), ("c", "c"))


def test_vm_with_two_constraints_counts_at_both_and_alone_at_none() -> None:
    both = make.unplaced("a", make.blocker(), make.blocker("quota", "no room"), make.blocker("quota", "no room elsewhere"))
    kinds = make.plan_of([both, make.unplaced("b")]).kept_out
    assert [(kind.code, kind.vm_count, kind.alone) for kind in kinds] == [("network_unmapped", 2, 1), ("quota", 1, 0)]
    assert [entry.message for entry in kinds[1].entries] == ["no room", "no room elsewhere"]


def test_rules_to_settle_come_with_the_vms_that_wait_for_nothing_else() -> None:
    vms = [make.other("a", "settle_first", settle=["r1", "r2"]), make.other("b", "settle_first", settle=["r2"])]
    steps = make.plan_of(vms).settle
    assert [(step.rule, step.vm_count, step.alone) for step in steps] == [("r2", 2, 1), ("r1", 1, 0)]


def test_reasons_of_methods_and_risks_count_together_whatever_their_figures() -> None:
    longer = ["a cold move stops it for 7 min (p90), within 15 min (its tolerance)"]
    plan = make.plan_of([make.placed("a"), make.placed("b", method_reasons=longer, within_tolerance=False)])
    cold, warm = plan.methods
    assert (cold.vm_count, cold.late, warm.vm_count) == (2, 1, 0)
    assert [(entry.text, entry.count) for entry in cold.reasons] == [
        ("a cold move stops it for … min (p90), within … min (its tolerance)", 2)
    ]
    assert [(risk.level, risk.vm_count) for risk in plan.risks] == [("low", 0), ("medium", 2), ("high", 0)]
    assert [(entry.text, entry.count) for entry in plan.risks[1].reasons] == [("2 rules failed", 2), ("… TiB to copy", 2)]


def test_method_reason_that_ends_in_a_colon_leads_a_list() -> None:
    reasons = ["a warm move is not possible:", "it has 2 snapshots", "a disk is shared"]
    plan = make.plan_of([make.placed("a", method_reasons=reasons)])
    assert plan.methods[0].reasons[0].text == "a warm move is not possible: it has 2 snapshots, a disk is shared"


def test_rates_say_whether_they_were_given_measured_or_assumed() -> None:
    rates = {rate.name: rate.origin for rate in make.plan_of([make.basis()]).rates}
    assert rates == {"link_mib_per_s": "given", "disk_mib_per_s": "assumed", "conversion_minutes": "measured"}


def test_what_is_not_mapped_comes_first_then_the_least_certain() -> None:
    plan = make.planned_view(5).plan
    assert plan is not None
    assert [(entry.name, entry.type) for entry in plan.networks] == [(make.HOSTILE, ""), ("app", "multus")]
    assert [(entry.name, entry.storage_class) for entry in plan.storage] == [(make.FORMULA, ""), ("gold-01", "block-gold")]


def test_node_has_what_was_requested_before_what_moves_and_what_is_left() -> None:
    plan = make.planned_view(5).plan
    assert plan is not None
    first, last = plan.fit.nodes[0], plan.fit.nodes[-1]
    assert (first.name, first.requested_cpu_millicores, first.plan_cpu_millicores, first.free_cpu_millicores) == (
        "worker-0",
        4000,
        4000,
        56000,
    )
    assert (last.name, last.reserved, last.vm_count) == ("worker-2", True, 0)


def test_nodes_without_a_target_have_no_requests_of_before() -> None:
    plan = make.plan_of(make.other_records())
    assert {node.requested_cpu_millicores for node in plan.fit.nodes} == {None}
    assert [entry.free_bytes for entry in plan.fit.classes] == [None]


def test_groups_name_their_vms_and_the_wave_they_share() -> None:
    tie = {"kind": "shared_disk", "name": "[ds] quorum.vmdk", "vm_ids": ["b", "a"]}
    group = {"kind": "group", "id": "g", "vm_ids": ["a", "b"], "ties": [tie]}
    (found,) = make.plan_of([group, make.placed("a", 2), make.placed("b", 2)]).groups
    assert (found.wave, found.vms, found.ties[0].vms) == (2, ("name of a", "name of b"), ("name of a", "name of b"))


def test_cluster_that_empties_names_the_wave_after_which_it_does() -> None:
    (release,) = make.plan_of(make.release("prod", (1, 9, 1), (4, 0, 4), (5, 0, 4))).releases
    assert (release.hosts, release.empty_after, [step.hosts for step in release.steps]) == (4, 4, [1, 4, 4])


def test_what_hosts_could_be_used_for_names_what_is_known_and_never_calls_unknown_gpus_none() -> None:
    (step,) = make.plan_of(make.release("prod", (1, 0, 4))).releases[0].steps
    line = reuse_line(make.plan_of(make.release("prod", (1, 0, 4))))
    assert "they give 128 cores and 2 TiB memory" in line
    assert "The CPU model of 3 is known, of 1 not." in line
    assert "Which GPUs they have is not known" in line
    assert f"VMs on them use 3 grid {make.HOSTILE}" in line
    assert cpus_text(step).endswith("(intel-cascadelake), 1 not known")
    assert gpus_text(step.hosts, {}) == "not known"
    assert gpus_text(0, {}) == ""


def test_what_hosts_could_be_used_for_is_told_of_older_plans_and_of_none_as_well() -> None:
    facts = ("cpus_released", "hosts_cpu_unknown", "devices_released", "hosts_released_with_wave")
    older = [{key: value for key, value in record.items() if key not in facts} for record in make.release("prod", (1, 9, 2))]
    plan = make.plan_of(older)
    assert "The CPU model of 0 is known, of 2 not." in reuse_line(plan)
    assert cpus_text(plan.releases[0].steps[0]) == "not known"
    assert reuse_line(make.plan_of(make.release("prod", (1, 9, 0)))) == "No host comes free to be installed anew as a worker node."


def test_free_hosts_stand_in_the_order_in_which_they_come_free() -> None:
    plan = make.plan_of([*make.freed_hosts("prod"), *make.release("prod", (1, 9, 1))])
    assert [(host.name, host.wave, host.cluster, host.cpu_model) for host in plan.freed_hosts] == [
        ("esx-02", None, "prod", ""),
        (make.HOSTILE, 2, "prod", f"Xeon {make.HOSTILE}"),
    ]


def test_failed_conditions_come_first_by_category_then_by_count() -> None:
    records = [make.condition("a"), make.condition("b", "Warn", 9), make.condition("c", "Critical", 1), make.condition("d", "Critical", 3)]
    assert [entry.id for entry in make.plan_of(records).conditions] == ["d", "c", "b", "a"]


def test_records_in_any_order_of_kinds_give_the_same_plan() -> None:
    records = [*make.other_records(), make.placed("a"), make.unplaced("b"), make.wave(1), make.wave(2)]
    assert make.plan_of(records) == make.plan_of(
        sorted(records, key=lambda record: (record["kind"] != "wave", record["kind"], record["id"]))
    )


def test_record_that_names_nothing_but_itself_is_taken() -> None:
    kinds = (
        "condition",
        "finding",
        "group",
        "manifest",
        "network",
        "node",
        "order",
        "release",
        "shortage",
        "spread",
        "storage",
        "vm",
        "wave",
    )
    plan = make.plan_of([{"kind": kind, "id": "x"} for kind in (*kinds, "basis", "fit", "a_kind_of_tomorrow")])
    assert len(plan.conditions) == len(plan.findings) == len(plan.networks) == len(plan.releases) == 1
