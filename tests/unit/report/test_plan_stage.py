# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report stage with four artifacts: plan and target are used when they are of this run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_stage import ReportRequest, run_report
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory, StageRecord
from ansible_collections.groundwork.readiness.plugins.plugin_utils.report_files import load_assets

from tests.unit.report import plan_factory as make
from tests.unit.report import samples


def planned_run(folder: Path) -> RunDirectory:
    """A run in which every stage went well."""
    directory = samples.whole_run(folder, 12)
    target = samples.write_artifact(folder / "target.jsonl", "target", samples.ordered(make.target_records()))
    directory.record(StageRecord("target", "localhost", "ran", 1.0, {}, {}, {"target.jsonl": target}))
    vms = [record for record in ArtifactReader(folder / "assessment.jsonl", "assessment") if record["kind"] == "vm"]
    plans = [{**make.placed(record["id"], 1 + number % 2), "name": record["name"]} for number, record in enumerate(vms)]
    waves = [make.wave(1), make.wave(2)]
    plan = samples.write_artifact(folder / "plan.jsonl", "plan", samples.ordered([*make.other_records(), *plans, *waves]))
    directory.record(StageRecord("plan", "localhost", "ran", 1.0, {}, {}, {"plan.jsonl": plan}))
    return directory


def content(folder: Path) -> Any:
    result = run_report(ReportRequest(run_dir=folder, assets=load_assets()))
    assert result.error is None
    return json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))


def test_plan_and_target_of_the_run_are_reported_in_every_format(tmp_path: Path) -> None:
    planned_run(tmp_path)
    report = content(tmp_path)
    assert report["failed"] is False
    assert report["plan"]["states"] == {"placed": 12}
    assert {vm["plan"]["wave"] for vm in report["vms"]} == {1, 2}
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert {"waves.csv", "plan.csv", "preflight.csv", "index.html", "summary.txt"} <= names
    assert "12 of 12 VMs move in 2 waves" in (tmp_path / "report" / "summary.txt").read_text(encoding="utf-8")


def test_times_are_shown_in_the_time_zone_of_the_plan(tmp_path: Path) -> None:
    planned_run(tmp_path)
    report = content(tmp_path)
    assert (report["plan"]["time_zone"], report["plan"]["waves"][0]["start"]) == ("Europe/Berlin", "2027-01-16T20:00:00+01:00")


def test_run_of_two_artifacts_has_no_word_of_a_plan(tmp_path: Path) -> None:
    samples.whole_run(tmp_path, 12)
    report = content(tmp_path)
    assert not {"plan", "target"} & set(report)
    assert [stage["stage"] for stage in report["stages"]] == ["estate", "assessment"]


def test_plan_from_before_its_failure_is_not_shown_but_the_rest_is(tmp_path: Path) -> None:
    directory = planned_run(tmp_path)
    error = {"code": "plan_input", "message": "The plan cannot be made as asked", "problems": []}
    directory.record(StageRecord("plan", "localhost", "failed", error=error))
    report = content(tmp_path)
    assert "plan" not in report
    assert "target" in report
    assert "An older plan.jsonl is still in the run directory" in report["notices"][0]["message"]


@pytest.mark.parametrize(("name", "other"), [("plan", "target"), ("target", "plan")])
def test_damaged_artifact_is_left_out_and_named_while_the_other_is_shown(name: str, other: str, tmp_path: Path) -> None:
    planned_run(tmp_path)
    path = tmp_path / f"{name}.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    report = content(tmp_path)
    assert name not in report
    assert other in report
    assert report["failed"] is True
    assert {stage["stage"]: stage["state"] for stage in report["stages"]}[name] == "failed"


def test_plan_without_a_usable_target_is_shown_without_the_clusters_figures(tmp_path: Path) -> None:
    planned_run(tmp_path)
    (tmp_path / "target.jsonl").unlink()
    report = content(tmp_path)
    assert "requested_memory_bytes" not in report["plan"]["fit"]["nodes"][0]


def test_second_report_of_a_plan_changes_nothing(tmp_path: Path) -> None:
    planned_run(tmp_path)
    content(tmp_path)
    before = samples.tree_sha256(tmp_path / "report")
    assert run_report(ReportRequest(run_dir=tmp_path, assets=load_assets())).changed is False
    assert samples.tree_sha256(tmp_path / "report") == before
