# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of a report: run.json held against what is really there."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ArtifactError, Problem
from ansible_collections.groundwork.readiness.plugins.module_utils.report.stages import (
    ArtifactState,
    RunFacts,
    clean,
    left_over,
    leftovers,
    sentence,
    stage_views,
)

ESTATE = ArtifactState("estate", "estate.jsonl", True)
ASSESSMENT = ArtifactState("assessment", "assessment.jsonl", True)


def ran(stage: str, host: str = "localhost") -> dict[str, object]:
    """A record of run.json."""
    return {"stage": stage, "host": host, "state": "ran", "seconds": 1.5, "counts": {"vms": 3}}


def test_stages_come_in_their_order_whatever_run_json_says_first() -> None:
    records = [ran("assessment"), ran("estate", "vc-b"), ran("estate"), ran("estate", "vc-a"), ran("report")]
    views = stage_views(RunFacts(records, (ESTATE, ASSESSMENT)))
    assert [(view.stage, view.host) for view in views] == [
        ("estate", "localhost"),
        ("estate", "vc-a"),
        ("estate", "vc-b"),
        ("assessment", "localhost"),
    ]


def test_failure_is_shown_with_problems_places_and_remedies() -> None:
    problem = {
        "message": "it is encrypted",
        "file": "a.xlsx",
        "tab": "vInfo",
        "row": 2,
        "column": "VM",
        "remedy": "Save it without a password.",
    }
    error = {"code": "x", "message": "1 source cannot be read", "hint": "Mend it.", "problems": [problem]}
    (view, _assessment) = stage_views(
        RunFacts([{"stage": "estate", "host": "localhost", "state": "failed", "error": error}], (ESTATE, ASSESSMENT))
    )
    assert (view.state, view.message, view.hint) == ("failed", "1 source cannot be read", "Mend it.")
    assert (view.problems[0].place, view.problems[0].remedy) == ("a.xlsx, tab vInfo, row 2, column VM", "Save it without a password.")


def test_stage_that_never_ran_names_the_stage_that_failed_before() -> None:
    missing = (ArtifactState("estate", "estate.jsonl", False), ArtifactState("assessment", "assessment.jsonl", False))
    views = stage_views(RunFacts([{"stage": "estate", "host": "localhost", "state": "failed", "error": {"message": "no"}}], missing))
    assert [(view.stage, view.state, view.message) for view in views] == [
        ("estate", "failed", "no"),
        ("assessment", "skipped", "it did not run, because estate failed"),
    ]


def test_artifact_that_vanished_makes_its_stage_failed() -> None:
    (view, _assessment) = stage_views(
        RunFacts([ran("estate"), ran("assessment")], (ArtifactState("estate", "estate.jsonl", False), ASSESSMENT))
    )
    assert (view.state, view.message) == ("failed", "estate.jsonl is missing, although the stage ran")


def test_artifact_that_nobody_recorded_is_used_and_said_so() -> None:
    (view, _assessment) = stage_views(RunFacts([], (ESTATE, ASSESSMENT)))
    assert (view.state, view.message) == ("ran", "estate.jsonl is here, but run.json does not say how it was made")


def test_damaged_artifact_makes_its_stage_failed_with_the_reason() -> None:
    error = ArtifactError(
        "artifact_damaged",
        "assessment.jsonl cannot be read",
        hint="Copy it again.",
        problems=[Problem("the trailer is missing", "assessment.jsonl")],
    )
    views = stage_views(
        RunFacts([ran("estate"), ran("assessment")], (ESTATE, ArtifactState("assessment", "assessment.jsonl", True, error)))
    )
    assert [(view.stage, view.state) for view in views] == [("estate", "ran"), ("assessment", "failed")]
    assert views[1].problems[0].message == "the trailer is missing"


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"stale": {("assessment", "localhost"): ("estate.jsonl",)}}, "estate.jsonl changed after this stage had read it"),
        ({"altered": {("assessment", "localhost"): ("assessment.jsonl",)}}, "assessment.jsonl changed after this stage had written it"),
    ],
)
def test_changed_files_make_a_stage_stale(facts: dict[str, dict[tuple[str, str], tuple[str, ...]]], message: str) -> None:
    views = stage_views(RunFacts([ran("estate"), ran("assessment")], (ESTATE, ASSESSMENT), **facts))
    assert (views[1].state, views[1].message, views[1].hint) == ("stale", message, "Run the assessment stage again.")


def test_unusable_run_json_is_a_failure_of_its_own() -> None:
    views = stage_views(RunFacts([], (ESTATE, ASSESSMENT), run_error=ArtifactError("run_damaged", "run.json is not JSON")))
    assert (views[0].stage, views[0].state, views[0].message) == ("run", "failed", "run.json is not JSON")


def test_paths_of_the_machine_do_not_reach_the_report() -> None:
    text = "cannot read /srv/runs/r-1/parts/estate-a.jsonl in /srv/runs/r-1"
    assert clean(text, ("/srv/runs/r-1",)) == "cannot read parts/estate-a.jsonl in the run directory"


def test_text_that_is_not_unicode_can_still_be_written() -> None:
    clean("bad \udcff name").encode("utf-8")


def test_artifact_from_before_a_failure_is_left_over_and_pointed_out() -> None:
    records = [{"stage": "estate", "host": "localhost", "state": "failed", "error": {"message": "no"}}, ran("assessment")]
    assert left_over(records, ("estate", "assessment")) == ("estate", "assessment")
    old = tuple(ArtifactState(stage, f"{stage}.jsonl", False, left_over=True) for stage in ("estate", "assessment"))
    facts = RunFacts(records, old)
    views = stage_views(facts)
    assert [(view.stage, view.state, view.message) for view in views][1] == (
        "assessment",
        "skipped",
        "it did not run, because estate failed",
    )
    notice, _assessment = leftovers(views, old)
    assert notice.message == "An older estate.jsonl is still in the run directory. It was not used, because the estate stage failed"


def test_one_failed_host_among_others_leaves_nothing_over() -> None:
    failed = {"stage": "estate", "host": "vc-a", "state": "failed", "error": {"message": "no"}}
    assert left_over([failed, ran("estate"), ran("assessment")], ("estate", "assessment")) == ()


def test_only_the_assessment_failed_so_only_it_is_left_over() -> None:
    failed = {"stage": "assessment", "host": "localhost", "state": "failed", "error": {"message": "no"}}
    assert left_over([ran("estate"), failed], ("estate", "assessment")) == ("assessment",)


@pytest.mark.parametrize(
    ("remedy", "text"),
    [
        ("check its spelling", "Check its spelling."),
        ("Check it.", "Check it."),
        ("readiness_scope sets it", "readiness_scope sets it."),
        ("", ""),
    ],
)
def test_remedies_are_sentences_with_capitals(remedy: str, text: str) -> None:
    assert sentence(remedy) == text
