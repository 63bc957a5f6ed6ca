# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pipelines: how the last completed run came out, when it was, and what says nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.plan import plan_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.readings import (
    PIPELINES,
    RUNS,
    newest_runs,
    outcome,
    pipeline_of,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import Delivery, PipelineWanted

from tests.unit.platform.delivery.builders import Json, alarms, findings, look, pipeline, run

SUBJECT = "Pipeline ai-ci/build"


def asked(days: int | None = None) -> Delivery:
    return Delivery(pipelines=(PipelineWanted(name="build", namespace="ai-ci", success_within_days=days),))


def lists(*runs: Json, pipelines: tuple[Json, ...] = (pipeline(),)) -> dict[str, list[Json]]:
    return {PIPELINES: list(pipelines), RUNS: list(runs)}


@pytest.mark.parametrize(
    ("runs", "result", "says"),
    [
        ([run("b1")], "pass", "ai-ci/b1 of 2026-11-22 succeeded"),
        ([run("b1", day="2026-11-20", status="False"), run("b2")], "pass", "ai-ci/b2"),
        ([run("b1", day="2026-11-20"), run("b2", status="False")], "fail", "ai-ci/b2 of 2026-11-22 failed: Failed: it is False"),
        ([run("b1"), run("b2", status="False")], "fail", "ai-ci/b2"),
        ([run("b1"), run("b2", status="Unknown", day="2026-11-23")], "pass", "b2 is under way since 2026-11-23"),
        ([run("b1"), run("b2", status="False", day="2026-11-23", reason="Cancelled")], "pass", "b2 was cancelled"),
        ([run("b1", status="False", reason="PipelineRunTimeout")], "fail", "PipelineRunTimeout"),
        ([run("b1", status="Unknown")], "fail", "it has no completed run: it never ran, or its runs were removed; b1 is under way"),
        ([run("b1", status="")], "fail", "b1 is under way"),
        ([run("b1", status="False", reason="Cancelled")], "fail", "no completed run"),
        ([], "fail", "it never ran, or its runs were removed"),
        ([run("b1", day=""), run("b2", status="False")], "not_evaluated", "which of its runs is the last one is not told"),
        ([run("b1", day="")], "pass", "ai-ci/b1 succeeded"),
    ],
)
def test_last_completed_run_decides(runs: list[Json], result: str, says: str) -> None:
    found = findings(look(asked(), lists(*runs)))["pipelines.last_run", SUBJECT]
    assert found.result == result
    assert says in found.message


@pytest.mark.parametrize(
    ("runs", "days", "result", "says"),
    [
        ([run("b1", day="2026-11-15")], 7, "pass", "2026-11-15"),
        ([run("b1", day="2026-11-14")], 7, "fail", "it succeeded last on 2026-11-14, 8 days ago"),
        ([run("b1", day="2026-11-14"), run("b2", status="False")], 7, "fail", "8 days ago"),
        ([run("b1", day="2026-11-14"), run("b2", status="Unknown")], 7, "fail", "8 days ago; b2 is under way since 2026-11-22"),
        ([run("b1", status="False")], 7, "fail", "no run that succeeded"),
        ([run("b1")], 0, "pass", ""),
        ([run("b1", day="2026-11-23")], 0, "pass", ""),
        ([run("b1", day="2027-11-23")], 7, "not_evaluated", "which lies ahead"),
        ([run("b1", day="")], 7, "not_evaluated", "when ai-ci/b1 ended is not told"),
    ],
)
def test_last_success_has_to_be_recent_enough(runs: list[Json], days: int, result: str, says: str) -> None:
    found = findings(look(asked(days), lists(*runs)))["pipelines.fresh", SUBJECT]
    assert found.result == result
    assert says in found.message


@pytest.mark.parametrize(
    ("spec", "labels", "named"),
    [
        ({"pipelineRef": {"name": "build"}}, {}, ("ai-ci", "build")),
        ({"pipelineSpec": {}}, {"tekton.dev/pipeline": "r1"}, ("ai-ci", "")),
        ({"pipelineSpec": {}}, {"pipelinesascode.tekton.dev/original-prname": "on-push"}, ("ai-ci", "on-push")),
        ({"pipelineRef": {"resolver": "git", "params": []}}, {"tekton.dev/pipeline": "remote"}, ("ai-ci", "remote")),
        (
            {"pipelineRef": {"resolver": "cluster", "params": [{"name": "name", "value": "b"}, {"name": "namespace", "value": "lib"}]}},
            {},
            ("lib", "b"),
        ),
        ({"pipelineRef": {"resolver": "cluster", "params": [{"name": "name", "value": "b"}]}}, {}, ("ai-ci", "b")),
    ],
)
def test_run_belongs_to_the_pipeline_that_it_names(spec: Json, labels: Json, named: tuple[str, str]) -> None:
    assert pipeline_of({"metadata": {"name": "r1", "namespace": "ai-ci", "labels": labels}, "spec": spec}) == named


def test_pipeline_without_an_object_is_there_by_its_runs() -> None:
    told = findings(look(asked(), lists(run("b1"), pipelines=())))
    assert told["pipelines.there", SUBJECT].result == "pass"
    assert "bring their tasks along" in told["pipelines.there", SUBJECT].message
    missing = findings(look(asked(), lists(pipelines=())))["pipelines.there", SUBJECT]
    assert (missing.result, missing.state) == ("fail", "missing")


def test_tekton_that_is_absent_is_not_applicable_unless_it_is_asked_for() -> None:
    gone = (PIPELINES, RUNS)
    assert findings(look(Delivery(), absent=gone))["pipelines.last_run", "pipelines seen"].result == "not_applicable"
    assert alarms(look(Delivery(), absent=gone)) == {}
    found = findings(look(asked(), absent=gone))["pipelines.there", SUBJECT]
    assert (found.result, found.state) == ("fail", "missing")


@pytest.mark.parametrize("hidden", [RUNS, PIPELINES])
def test_lists_that_cannot_be_read_leave_pipelines_not_evaluated(hidden: str) -> None:
    told = {key: finding for key, finding in findings(look(asked(7), forbidden=(hidden,))).items() if key[1] == SUBJECT}
    assert {finding.result for finding in told.values()} == {"not_evaluated"}
    assert all(f"may not list {hidden}" in finding.message for finding in told.values())
    assert alarms(look(Delivery(), forbidden=(hidden,))) == {}


def test_failed_pipeline_is_a_warning_where_it_is_meant_and_information_where_it_is_only_seen() -> None:
    broken = lists(run("b1", status="False"))
    assert alarms(look(Delivery(), broken)) == {}
    assert findings(look(Delivery(), broken))["pipelines.last_run", "pipelines seen"].severity == "information"
    meant = findings(look(Delivery(namespaces=("ai-*",)), broken))["pipelines.last_run", SUBJECT]
    assert (meant.result, meant.severity) == ("fail", "warning")
    fine = findings(look(Delivery(namespaces=("ai-*",)), lists(run("b1"))))["pipelines.last_run", "pipelines meant"]
    assert (fine.result, fine.message, fine.path) == ("pass", "1 seen", "delivery.namespaces")
    never = look(Delivery(namespaces=("ai-*",)), lists())
    assert "it never ran" in findings(never)["pipelines.last_run", "pipelines seen"].message
    assert [key for key in alarms(never) if key[0] != "scope.namespaces"] == []


def test_only_the_newest_run_of_each_outcome_is_kept_and_judged_as_all_are() -> None:
    words: list[dict[str, Any]] = [
        {"status": "True"},
        {"status": "False"},
        {"status": "Unknown"},
        {"status": "False", "reason": "Cancelled"},
    ]
    runs = [run(f"b{number}", day=f"2026-10-{number % 28 + 1:02d}", **words[number % 4]) for number in range(400)]
    runs.append(run("alone", spec={"pipelineSpec": {}}))
    kept = newest_runs(runs)
    assert sorted(map(outcome, kept)) == ["cancelled", "failed", "running", "succeeded"]
    assert newest_runs(kept) == kept == newest_runs(reversed(runs))
    for wanted in (Delivery(), asked(40), Delivery(namespaces=("ai-*",))):
        assert plan_of(look(wanted, lists(*kept))) == plan_of(look(wanted, lists(*runs)))


def test_record_tells_the_last_run_and_the_last_success() -> None:
    seen = look(asked(), lists(run("b1", day="2026-11-01"), run("b2", status="False"), run("b3", status="Unknown")))
    (record,) = [each for each in plan_of(seen).records if each["kind"] == "pipeline"]
    told = ("last_outcome", "last_run", "last_day", "last_success_day", "running", "state", "defined", "standing")
    assert [record[key] for key in told] == ["failed", "b2", "2026-11-22", "2026-11-01", "b3", "broken", True, "asked"]
