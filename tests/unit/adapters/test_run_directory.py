# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run is opened once, gone on with, and keeps what became of each stage."""

from __future__ import annotations

import multiprocessing
import re
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory, StageRecord
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_opening import VARIABLES, RunRequest, open_run
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ArtifactError, InputError, ReadinessError


def test_new_run_has_a_sortable_id_and_the_clock(tmp_path: Path) -> None:
    opened = open_run(RunRequest(tmp_path / "runs", playbook="assess"))
    assert opened.new
    assert opened.run_id[8] == "T"
    assert opened.run_id[:15] == opened.now.replace("-", "").replace(":", "")[:15]
    assert RunDirectory(opened.run_dir).read()["stages"] == []


def test_going_on_with_a_run_keeps_its_stages(tmp_path: Path) -> None:
    first = open_run(RunRequest(tmp_path, run_id="r1"))
    RunDirectory(first.run_dir).record(StageRecord("estate", "localhost", "ran", 1.0))
    second = open_run(RunRequest(tmp_path, run_id="r1", now="2027-01-04T09:15:00+01:00", continue_with=("estate",)))
    assert not second.new
    assert second.now == "2027-01-04T08:15:00Z"
    assert len(RunDirectory(second.run_dir).read()["stages"]) == 1


@pytest.mark.parametrize("run_id", ["../x", "a/b", ".hidden", "x" * 129, "a b", "ä"])
def test_id_that_cannot_name_a_directory_is_refused_before_anything_is_made(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        open_run(RunRequest(tmp_path / "runs", run_id=run_id))
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("now", ["yesterday", "2027-01-04", "2027-01-04T08:15:00", "2027-13-04T08:15:00Z"])
def test_moment_without_offset_or_sense_is_refused(tmp_path: Path, now: str) -> None:
    with pytest.raises(InputError) as caught:
        open_run(RunRequest(tmp_path, now=now))
    assert now in caught.value.text()


def test_going_on_takes_the_newest_run_that_holds_all_artifacts(tmp_path: Path) -> None:
    for run_id, started in (("b-old", "2026-01-01T00:00:00Z"), ("a-new", "2026-02-01T00:00:00Z"), ("c-bare", "2026-03-01T00:00:00Z")):
        directory = RunDirectory(tmp_path / run_id)
        directory.open(run_id=run_id, now=started, mode="apply", playbook="assess", started_at=started)
        if run_id != "c-bare":
            (tmp_path / run_id / "estate.jsonl").touch()
    assert open_run(RunRequest(tmp_path, continue_with=("estate",))).run_id == "a-new"


def test_going_on_without_a_fitting_run_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ReadinessError) as caught:
        open_run(RunRequest(tmp_path, continue_with=("estate",)))
    assert "groundwork.readiness.assess" in caught.value.hint
    with pytest.raises(ReadinessError, match="no run r9"):
        open_run(RunRequest(tmp_path, run_id="r9", continue_with=("estate",)))
    assert not (tmp_path / "r9").exists()


def test_run_begins_where_none_fits_when_that_is_asked_for(tmp_path: Path) -> None:
    opened = open_run(RunRequest(tmp_path, continue_with=("target",), or_new=True))
    assert opened.new
    assert RunDirectory(opened.run_dir).read()["stages"] == []


def test_run_that_fits_is_gone_on_with_although_one_might_begin(tmp_path: Path) -> None:
    first = open_run(RunRequest(tmp_path, run_id="r1"))
    (first.run_dir / "target.jsonl").touch()
    directory = RunDirectory(first.run_dir)
    for stage in ("target", "platform"):
        directory.record(StageRecord(stage, "hub", "ran"))
    second = open_run(RunRequest(tmp_path, continue_with=("target",), or_new=True, anew=("platform",)))
    assert (second.run_id, second.new) == ("r1", False)
    assert [entry["stage"] for entry in directory.read()["stages"]] == ["target"]


def test_named_run_is_begun_or_gone_on_with_and_never_begun_anew(tmp_path: Path) -> None:
    request = RunRequest(tmp_path, run_id="r1", or_new=True, anew=("platform",))
    first = open_run(request)
    assert first.new
    RunDirectory(first.run_dir).record(StageRecord("estate", "localhost", "ran"))
    assert not open_run(request).new
    assert [entry["stage"] for entry in RunDirectory(first.run_dir).read()["stages"]] == ["estate"]


def test_run_of_its_own_begins_each_time_where_nothing_is_to_be_gone_on_with(tmp_path: Path) -> None:
    first, second = (open_run(RunRequest(tmp_path, or_new=True)) for _number in range(2))
    assert first.new and second.new
    assert first.run_id != second.run_id


def test_note_does_not_hide_the_failure_that_the_stage_recorded(tmp_path: Path) -> None:
    directory = RunDirectory(open_run(RunRequest(tmp_path, run_id="r1")).run_dir)
    directory.record(StageRecord("estate", "localhost", "failed", 0.1, error={"code": "input", "message": "all problems"}))
    assert not directory.note(StageRecord("estate", "localhost", "failed", error={"code": "task_failed", "message": "less"}))
    assert directory.read()["stages"][0]["error"]["message"] == "all problems"


def test_later_outcome_replaces_the_earlier_one(tmp_path: Path) -> None:
    directory = RunDirectory(open_run(RunRequest(tmp_path, run_id="r1")).run_dir)
    directory.record(StageRecord("estate", "localhost", "failed", error={"code": "task_failed", "message": "x"}))
    directory.record(StageRecord("estate", "localhost", "ran"))
    assert [entry["state"] for entry in directory.read()["stages"]] == ["ran"]


def _record(path: str, host: str) -> None:
    RunDirectory(Path(path)).record(StageRecord("estate", host, "ran"))


def test_hosts_that_report_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    opened = open_run(RunRequest(tmp_path, run_id="r1"))
    hosts = [f"vc-{number:02}" for number in range(12)]
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.starmap(_record, [(str(opened.run_dir), host) for host in hosts])
    assert sorted(entry["host"] for entry in RunDirectory(opened.run_dir).read()["stages"]) == hosts


def test_directory_without_a_run_and_a_damaged_record_are_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="holds no run"):
        RunDirectory(tmp_path).read()
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(ArtifactError, match="not JSON"):
        RunDirectory(tmp_path).read()


def test_run_that_is_begun_anew_forgets_what_its_stages_did(tmp_path: Path) -> None:
    first = open_run(RunRequest(tmp_path, run_id="r1"))
    directory = RunDirectory(first.run_dir)
    directory.record(StageRecord("estate", "vc-a", "failed", error={"code": "input", "message": "x"}))
    directory.record(StageRecord("estate", "vc-b", "ran"))
    assert directory.hosts_that_ran("estate") == {"vc-b"}
    (first.run_dir / "estate.jsonl").touch()
    open_run(RunRequest(tmp_path, run_id="r1"))
    assert directory.read()["stages"] == []
    assert directory.hosts_that_ran("estate") == frozenset()
    assert (first.run_dir / "estate.jsonl").exists()


def test_misspelt_variable_is_refused_with_the_name_that_was_meant_and_a_users_own_is_not(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_run(RunRequest(tmp_path, given=("readiness_scop", "readiness_source", "readiness_now", "readiness_ticket_number")))
    text = caught.value.text()
    assert "readiness_scop:" not in text
    assert "did you mean readiness_scope?" in text and "did you mean readiness_sources?" in text
    assert "ticket" not in text


def test_every_variable_of_the_readme_is_known_and_the_other_way_round() -> None:
    readme = (Path(__file__).resolve().parents[3] / "README.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(readiness_\w+)` \|", readme, re.MULTILINE))
    assert documented == set(VARIABLES) - {"readiness_clusters", "readiness_vcenters"}
