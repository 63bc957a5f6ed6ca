# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report stage of a run with a platform: alone, as a nightly check leaves it, and beside an estate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_stage import ReportRequest, run_report
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory, StageRecord
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactInput
from ansible_collections.groundwork.readiness.plugins.module_utils.report.stages import platform_alone
from ansible_collections.groundwork.readiness.plugins.module_utils.report.view import PLATFORM_TITLE
from ansible_collections.groundwork.readiness.plugins.plugin_utils.report_files import load_assets

from tests.unit.report import plan_factory, samples
from tests.unit.report import platform_factory as make
from tests.unit.report.test_determinism import reported

ERROR = {"code": "cluster_unreachable", "message": "https://api.example.com:6443 cannot be reached", "hint": "Check the address."}


def with_platform(directory: RunDirectory, folder: Path, mode: str) -> None:
    """Adds the platform stage to a run."""
    header = make.header(mode)
    extra = {name: header[name] for name in ("cluster", "captured_at", "parts", "catalogue")}
    inputs = tuple(ArtifactInput(entry["name"], entry["sha256"]) for entry in header["inputs"])
    sha256 = samples.write_artifact(folder / "platform.jsonl", "platform", make.records(), mode=mode, inputs=inputs, **extra)
    directory.record(StageRecord("platform", "ocp-ai operators", "ran", 3.0))
    directory.record(StageRecord("platform", "localhost", "ran", 1.0, {}, {}, {"platform.jsonl": sha256}))


def nightly_run(folder: Path, mode: str = "verify") -> RunDirectory:
    """A run that only looked at the platform."""
    directory = RunDirectory(folder)
    directory.open(run_id="run-1", now=samples.NOW, mode=mode, playbook="platform", started_at=samples.NOW)
    target = samples.write_artifact(folder / "target.jsonl", "target", samples.ordered(plan_factory.target_records()))
    directory.record(StageRecord("target", "ocp-ai", "ran", 1.0, {}, {}, {"target.jsonl": target}))
    with_platform(directory, folder, mode)
    return directory


def content(folder: Path) -> Any:
    result = run_report(ReportRequest(run_dir=folder, assets=load_assets()))
    assert result.error is None
    return json.loads((folder / "report" / "report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("mode", ["verify", "check", "apply"])
def test_run_of_the_platform_alone_is_complete_without_an_estate(mode: str, tmp_path: Path) -> None:
    nightly_run(tmp_path, mode)
    report = content(tmp_path)
    assert (report["failed"], report["platform_alone"], report["title"]) == (False, True, PLATFORM_TITLE)
    assert report["headline"].startswith("3 of 8 layers are ready")
    assert {stage["stage"] for stage in report["stages"]} == {"target", "platform"}
    assert report["platform"]["mode"] == mode
    assert [document["name"] for document in report["platform"]["documents"]] == ["platform.yml", "site.yml"]
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert {"index.html", "platform.csv", "report.xlsx", "junit.xml", "metrics.prom", "report.md"} <= names
    assert "vms.csv" not in names


def test_platform_beside_an_estate_keeps_the_verdict_on_the_vms_first(tmp_path: Path) -> None:
    directory = samples.whole_run(tmp_path, 12)
    with_platform(directory, tmp_path, "check")
    report = content(tmp_path)
    assert (report["failed"], report["platform_alone"]) == (False, False)
    assert "VMs" in report["headline"]
    assert report["platform"]["headline"].startswith("3 of 8 layers are ready")


def test_run_without_a_platform_has_no_word_of_it(tmp_path: Path) -> None:
    samples.whole_run(tmp_path, 12)
    assert "platform" not in content(tmp_path)


def test_cluster_that_cannot_be_reached_is_the_headline(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    directory.open(run_id="run-1", now=samples.NOW, mode="verify", playbook="platform", started_at=samples.NOW)
    directory.record(StageRecord("target", "ocp-ai", "failed", error=ERROR))
    report = content(tmp_path)
    assert report["headline"] == "Nothing is known of the platform: incomplete, because target on ocp-ai failed."
    assert report["failed"] is True
    assert {stage["stage"]: stage["state"] for stage in report["stages"]} == {"target": "failed", "platform": "skipped"}
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "because the platform was not judged" in page
    assert "vSphere 8 leaves" not in page


def test_part_that_failed_makes_the_report_incomplete_and_shows_what_is_known(tmp_path: Path) -> None:
    directory = nightly_run(tmp_path)
    directory.record(StageRecord("platform", "ocp-ai accelerators", "failed", error=ERROR))
    report = content(tmp_path)
    assert report["failed"] is True
    assert report["headline"].startswith("Incomplete, because platform part accelerators on ocp-ai failed. 3 of 8 layers")
    assert report["platform"]["layers"]


def test_part_whose_checks_failed_leaves_the_report_complete_unless_further_parts_were_left_out(tmp_path: Path) -> None:
    directory = nightly_run(tmp_path)
    error = {"code": "platform_not_ready", "message": "ocp-ai: 2 critical failed", "hint": "Mend them."}
    directory.record(StageRecord("platform", "ocp-ai preflight", "failed", error=error))
    report = content(tmp_path)
    assert report["failed"] is False
    assert report["headline"].startswith("3 of 8 layers")
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "This run is not complete" not in page
    directory.record(StageRecord("platform", "ocp-ai operators", "skipped", reason="it was left out, because preflight failed"))
    report = content(tmp_path)
    assert report["failed"] is True
    assert report["headline"].startswith("Incomplete, because platform preflight on ocp-ai failed.")
    assert {stage["message"] for stage in report["stages"] if stage["state"] == "failed"} == {"2 critical failed"}


def test_platform_from_before_its_failure_is_not_shown(tmp_path: Path) -> None:
    directory = nightly_run(tmp_path)
    directory.record(StageRecord("platform", "localhost", "failed", error=ERROR))
    report = content(tmp_path)
    assert "platform" not in report
    assert "An older platform.jsonl is still in the run directory" in report["notices"][0]["message"]


def test_damaged_platform_is_left_out_and_named_while_the_rest_is_shown(tmp_path: Path) -> None:
    nightly_run(tmp_path)
    path = tmp_path / "platform.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    report = content(tmp_path)
    assert "platform" not in report
    assert "target" in report
    assert report["failed"] is True


def test_second_report_changes_nothing(tmp_path: Path) -> None:
    nightly_run(tmp_path)
    content(tmp_path)
    before = samples.tree_sha256(tmp_path / "report")
    assert run_report(ReportRequest(run_dir=tmp_path, assets=load_assets())).changed is False
    assert samples.tree_sha256(tmp_path / "report") == before


def test_every_format_has_the_same_bytes_in_different_processes(tmp_path: Path) -> None:
    nightly_run(tmp_path / "a")
    nightly_run(tmp_path / "b")
    first = reported(tmp_path / "a", tmp_path / "cwd-1", PYTHONHASHSEED="7", TZ="Pacific/Kiritimati", LC_ALL="C")
    second = reported(tmp_path / "b", tmp_path / "cwd-2", PYTHONHASHSEED="4242", TZ="America/St_Johns", LANG="de_DE")
    assert first == second
    assert len(first) == 8


@pytest.mark.parametrize(
    ("stages", "playbook", "alone"),
    [
        (["target", "platform"], "groundwork.readiness.platform", True),
        (["target"], "platform", True),
        ([], "platform", True),
        (["target"], "plan", False),
        ([], "assess", False),
        (["estate", "platform"], "platform", False),
        (["platform"], "site", True),
        (["assessment", "target", "platform"], "platform", False),
    ],
)
def test_run_is_of_the_platform_alone_when_no_stage_is_about_vms(stages: list[str], playbook: str, alone: bool) -> None:
    assert platform_alone([{"stage": stage} for stage in stages], playbook) is alone
