# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report stage of a run with namespaces: alone, after a failure, beside a platform and an estate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_stage import ReportRequest, run_report
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory, StageRecord
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactInput
from ansible_collections.groundwork.readiness.plugins.module_utils.report.stages import namespaces_alone, platform_alone
from ansible_collections.groundwork.readiness.plugins.module_utils.report.view import NAMESPACES_TITLE
from ansible_collections.groundwork.readiness.plugins.plugin_utils.report_files import load_assets

from tests.unit.report import namespaces_factory as make
from tests.unit.report import samples
from tests.unit.report.test_determinism import reported
from tests.unit.report.test_platform_stage import ERROR, with_platform

NOT_KEPT = {"code": "namespaces_not_kept", "message": "ocp-ai: 6 critical failed", "hint": "Mend the causes."}
REFUSED = {"code": "namespaces_refused", "message": "ocp-ai: 1 thing(s) keep the contracts from being applied", "hint": "Mend it."}


def with_namespaces(directory: RunDirectory, folder: Path, mode: str, error: dict[str, str] | None = None) -> None:
    """Adds the namespaces stage to a run; with an error it failed and left its artifact all the same."""
    header = make.header(mode)
    extra = {name: header[name] for name in ("cluster", "today")}
    inputs = tuple(ArtifactInput(entry["name"], entry["sha256"]) for entry in header["inputs"])
    sha256 = samples.write_artifact(folder / "namespaces.jsonl", "namespaces", make.records(), mode=mode, inputs=inputs, **extra)
    state = "failed" if error else "ran"
    directory.record(StageRecord("namespaces", "ocp-ai", state, 1.0, {}, {}, {"namespaces.jsonl": sha256}, error))


def opened(folder: Path, mode: str = "verify", playbook: str = "namespaces") -> RunDirectory:
    """A run without any stage so far."""
    directory = RunDirectory(folder)
    directory.open(run_id="run-1", now=samples.NOW, mode=mode, playbook=playbook, started_at=samples.NOW)
    return directory


def content(folder: Path) -> Any:
    result = run_report(ReportRequest(run_dir=folder, assets=load_assets()))
    assert result.error is None
    return json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("mode", ["verify", "check", "apply"])
def test_run_of_namespaces_alone_is_complete_without_an_estate(mode: str, tmp_path: Path) -> None:
    with_namespaces(opened(tmp_path, mode), tmp_path, mode)
    report = content(tmp_path)
    assert (report["failed"], report["namespaces_alone"], report["title"]) == (False, True, NAMESPACES_TITLE)
    assert report["headline"].startswith("1 of 6 namespaces keeps its contract")
    assert {stage["stage"] for stage in report["stages"]} == {"namespaces"}
    assert report["namespaces"]["mode"] == mode
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert {"index.html", "namespaces.csv", "showback.csv", "report.xlsx", "junit.xml", "metrics.prom", "report.md"} <= names
    assert "vms.csv" not in names


def test_contracts_that_are_not_kept_leave_the_report_complete_and_their_artifact_is_shown(tmp_path: Path) -> None:
    with_namespaces(opened(tmp_path), tmp_path, "verify", NOT_KEPT)
    report = content(tmp_path)
    assert (report["failed"], report["notices"]) == (False, [])
    assert report["headline"].startswith("1 of 6 namespaces")
    assert "This run is not complete" not in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


def test_run_that_was_refused_is_incomplete_and_shows_what_is_known(tmp_path: Path) -> None:
    with_namespaces(opened(tmp_path, "apply"), tmp_path, "apply", REFUSED)
    report = content(tmp_path)
    assert report["failed"] is True
    assert report["headline"].startswith("Incomplete, because namespaces on ocp-ai failed. 1 of 6 namespaces")
    assert report["namespaces"]["contracts"]


def test_cluster_that_cannot_be_reached_is_the_headline(tmp_path: Path) -> None:
    directory = opened(tmp_path)
    directory.record(StageRecord("namespaces", "ocp-ai", "failed", error=ERROR))
    report = content(tmp_path)
    assert report["headline"] == "Nothing is known of the namespaces: incomplete, because namespaces on ocp-ai failed."
    assert report["failed"] is True
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "because no contract was judged" in page
    assert "vSphere 8 leaves" not in page


def test_run_that_ended_before_its_stage_says_that_it_did_not_run(tmp_path: Path) -> None:
    opened(tmp_path)
    report = content(tmp_path)
    assert [(stage["stage"], stage["state"]) for stage in report["stages"]] == [("namespaces", "skipped")]
    assert report["headline"] == "Nothing is known of the namespaces: incomplete, because a stage did not run."


def test_artifact_from_before_a_failure_is_not_shown(tmp_path: Path) -> None:
    directory = opened(tmp_path)
    with_namespaces(directory, tmp_path, "verify")
    directory.record(StageRecord("namespaces", "ocp-ai", "failed", error=ERROR))
    report = content(tmp_path)
    assert "namespaces" not in report
    assert "An older namespaces.jsonl is still in the run directory" in report["notices"][0]["message"]


def test_damaged_artifact_is_left_out_and_named(tmp_path: Path) -> None:
    with_namespaces(opened(tmp_path), tmp_path, "verify")
    path = tmp_path / "namespaces.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    report = content(tmp_path)
    assert "namespaces" not in report
    assert report["failed"] is True


def test_namespaces_beside_an_estate_keep_the_verdict_on_the_vms_first(tmp_path: Path) -> None:
    directory = samples.whole_run(tmp_path, 12)
    with_namespaces(directory, tmp_path, "check")
    report = content(tmp_path)
    assert (report["failed"], report["namespaces_alone"]) == (False, False)
    assert "VMs" in report["headline"]
    assert report["namespaces"]["headline"].startswith("1 of 6 namespaces")


def test_run_that_goes_on_with_one_of_the_platform_has_both_chapters(tmp_path: Path) -> None:
    directory = opened(tmp_path)
    with_platform(directory, tmp_path, "verify")
    with_namespaces(directory, tmp_path, "verify")
    report = content(tmp_path)
    assert (report["namespaces_alone"], report["platform_alone"]) == (True, False)
    assert report["headline"].startswith("1 of 6 namespaces")
    assert report["platform"]["headline"].startswith("3 of 8 layers")


def test_run_without_namespaces_has_no_word_of_them(tmp_path: Path) -> None:
    samples.whole_run(tmp_path, 12)
    report = content(tmp_path)
    assert "namespaces" not in report
    assert {path.name for path in (tmp_path / "report").iterdir()}.isdisjoint({"namespaces.csv", "showback.csv"})


def test_second_report_changes_nothing(tmp_path: Path) -> None:
    with_namespaces(opened(tmp_path), tmp_path, "verify")
    content(tmp_path)
    before = samples.tree_sha256(tmp_path / "report")
    assert run_report(ReportRequest(run_dir=tmp_path, assets=load_assets())).changed is False
    assert samples.tree_sha256(tmp_path / "report") == before


def test_every_format_has_the_same_bytes_in_different_processes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        with_namespaces(opened(tmp_path / name), tmp_path / name, "verify")
    first = reported(tmp_path / "a", tmp_path / "cwd-1", PYTHONHASHSEED="7", TZ="Pacific/Kiritimati", LC_ALL="C")
    second = reported(tmp_path / "b", tmp_path / "cwd-2", PYTHONHASHSEED="4242", TZ="America/St_Johns", LANG="de_DE")
    assert first == second
    assert len(first) == 10


@pytest.mark.parametrize(
    ("stages", "playbook", "first"),
    [
        (["namespaces"], "groundwork.readiness.namespaces", "namespaces"),
        (["target"], "namespaces", "namespaces"),
        (["target", "platform", "namespaces"], "namespaces", "namespaces"),
        (["target", "platform", "namespaces"], "platform", "platform"),
        (["platform", "namespaces"], "site", "platform"),
        (["namespaces"], "site", "namespaces"),
        (["estate", "namespaces"], "namespaces", ""),
        (["target"], "plan", ""),
    ],
)
def test_run_without_vms_is_first_about_what_its_playbook_is_named_after(stages: list[str], playbook: str, first: str) -> None:
    records = [{"stage": stage} for stage in stages]
    assert (namespaces_alone(records, playbook), platform_alone(records, playbook)) == (first == "namespaces", first == "platform")
