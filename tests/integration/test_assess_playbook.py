# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job end to end, through the real command: what it leaves behind, and what it says when a stage breaks."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from .playbooks import DEMO_INVENTORY, Played, play

NOW = "2026-11-21T12:00:00Z"
CANARY = "canary-that-must-not-sing"
DEMO = ("-i", str(DEMO_INVENTORY))
REPORT_FILES = {
    "index.html",
    "report.xlsx",
    "vms.csv",
    "findings.csv",
    "report.md",
    "report.json",
    "junit.xml",
    "metrics.prom",
    "summary.txt",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """One run on the demo estate, shared by the tests that only look at it."""
    return play(tmp_path_factory.mktemp("demo"), "assess", *DEMO, variables={"readiness_now": NOW})


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_demo_run_succeeds_and_leaves_every_artifact_and_format(demo: Played) -> None:
    assert demo.code == 0, demo.output
    assert {"run.json", "estate.jsonl", "assessment.jsonl"} <= {path.name for path in demo.run_dir.iterdir()}
    assert {path.name for path in (demo.run_dir / "report").iterdir()} >= REPORT_FILES
    assert demo.stages() == {("estate", "localhost"): "ran", ("assessment", "localhost"): "ran", ("report", "localhost"): "ran"}
    assert not list(demo.run_dir.rglob("*.partial"))


def test_demo_output_has_a_line_per_stage_with_counts_and_seconds(demo: Played) -> None:
    text = " ".join(demo.output.split())
    for stage in ("estate", "assessment", "report"):
        assert re.search(rf"{stage}: \d+ [^:]* in [\d.]+ s", text), f"no progress line for {stage}: {demo.output}"


def test_second_run_of_the_same_run_changes_nothing(demo: Played) -> None:
    before = file_hashes(demo.run_dir)
    again = play(demo.run_dir.parents[1], "assess", *DEMO, variables={"readiness_now": NOW})
    after = file_hashes(demo.run_dir)
    assert again.code == 0
    assert "changed=0" in again.output
    before.pop("run.json")
    after.pop("run.json")
    assert before == after


def test_check_mode_writes_the_run_directory_alone_and_says_so(tmp_path: Path) -> None:
    played = play(tmp_path, "assess", *DEMO, "--check", "--diff", variables={"readiness_now": NOW})
    assert played.code == 0, played.output
    assert played.run_record()["mode"] == "check"
    for name in ("estate.jsonl", "assessment.jsonl"):
        assert json.loads((played.run_dir / name).read_text().splitlines()[0])["mode"] == "check"
    assert {path.name for path in tmp_path.iterdir()} - {".ansible"} == {"runs"}


def test_bytes_do_not_depend_on_hash_seed_zone_locale_folder_or_run_id(demo: Played, tmp_path: Path) -> None:
    environment = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
    other = play(tmp_path / "elsewhere", "assess", *DEMO, variables={"readiness_now": NOW}, run_id="another-id", environment=environment)
    assert other.code == 0, other.output
    ours, theirs = file_hashes(demo.run_dir), file_hashes(other.run_dir)
    ours.pop("run.json")
    theirs.pop("run.json")
    assert ours == theirs


def test_missing_export_fails_with_its_name_and_still_reports(tmp_path: Path) -> None:
    played = play(tmp_path, variables={"readiness_sources": [{"rvtools": "nowhere.xlsx"}], "readiness_now": NOW})
    assert played.code != 0
    assert played.stages() == {("estate", "localhost"): "failed", ("assessment", "localhost"): "skipped", ("report", "localhost"): "ran"}
    assert "nowhere.xlsx" in played.page()
    assert "nowhere.xlsx" in played.output
    assert "Traceback" not in played.output
    assert not (played.run_dir / "estate.jsonl").exists()


def test_run_without_any_source_says_what_to_give(tmp_path: Path) -> None:
    played = play(tmp_path, variables={"readiness_now": NOW})
    assert played.code != 0
    assert "readiness_sources" in played.output
    assert played.stages()[("estate", "localhost")] == "failed"
    assert (played.run_dir / "report" / "index.html").is_file()


def test_estate_role_that_fails_before_its_module_is_reported(tmp_path: Path) -> None:
    played = play(tmp_path, variables={"readiness_sources": "{{ no_such_variable }}", "readiness_now": NOW})
    assert played.code != 0
    assert played.stages()[("estate", "localhost")] == "failed"
    assert "no_such_variable" in played.page()


def test_broken_catalogue_fails_the_assessment_and_still_reports(tmp_path: Path) -> None:
    variables = {"readiness_now": NOW, "assessment_catalogue": {"version": "1", "rules": [{"id": "x"}]}}
    played = play(tmp_path, "assess", *DEMO, variables=variables)
    assert played.code != 0
    assert played.stages() == {("estate", "localhost"): "ran", ("assessment", "localhost"): "failed", ("report", "localhost"): "ran"}
    assert not (played.run_dir / "assessment.jsonl").exists()
    assert "assessment" in played.page()


def test_one_report_format_that_fails_leaves_the_others_and_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "runs" / "run-1" / "report" / "report.xlsx").mkdir(parents=True)
    played = play(tmp_path, "assess", *DEMO, variables={"readiness_now": NOW})
    assert played.code != 0
    assert played.stages()[("report", "localhost")] == "failed"
    assert (played.run_dir / "report" / "index.html").is_file()
    assert "xlsx" in played.output


def test_every_vcenter_host_failing_still_reports_and_names_each(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.yml"
    login = {"username": "reader", "password": CANARY}
    hosts = {name: {"readiness_vcenter": {"hostname": f"{name}.example.com", **login}} for name in ("vc-a", "vc-b")}
    inventory.write_text(json.dumps({"readiness_vcenters": {"hosts": hosts}}))
    played = play(tmp_path, "assess", "-i", str(inventory), "-vvv", variables={"readiness_now": NOW})
    assert played.code != 0
    stages = played.stages()
    assert stages[("estate", "vc-a")] == stages[("estate", "vc-b")] == "failed"
    assert stages[("report", "localhost")] == "ran"
    assert "vc-a" in played.page() and "vc-b" in played.page()
    everything = played.output + "".join(path.read_text(errors="replace") for path in played.run_dir.rglob("*") if path.is_file())
    assert CANARY not in everything


def test_one_vcenter_host_failing_beside_a_good_export_is_assessed_named_and_not_zero(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(json.dumps({"readiness_vcenters": {"hosts": {"vc-a": {"readiness_vcenter": {"hostname": "vc-a.example.com"}}}}}))
    played = play(tmp_path, "assess", *DEMO, "-i", str(inventory), variables={"readiness_now": NOW})
    assert played.code != 0
    stages = played.stages()
    assert stages[("estate", "vc-a")] == "failed"
    assert stages[("estate", "localhost")] == stages[("assessment", "localhost")] == "ran"
    assert "vc-a" in played.page()


def test_report_playbook_goes_on_with_the_newest_run(demo: Played) -> None:
    before = file_hashes(demo.run_dir / "report")
    again = play(demo.run_dir.parents[1], "report", variables={"readiness_now": NOW, "readiness_run_id": ""})
    assert again.code == 0, again.output
    assert file_hashes(demo.run_dir / "report") == before


def test_report_playbook_without_a_run_says_what_to_do(tmp_path: Path) -> None:
    played = play(tmp_path, "report", variables={"readiness_run_id": ""})
    assert played.code != 0
    assert "groundwork.readiness.assess" in played.output
    assert "Traceback" not in played.output


def test_run_that_cannot_be_opened_as_asked_lists_every_problem_and_still_reports(tmp_path: Path) -> None:
    wrong = {"readiness_run_id": "../up", "readiness_now": "yesterday", "readiness_scop": {}}
    played = play(tmp_path, "assess", *DEMO, variables=wrong)
    assert played.code != 0
    (run_dir,) = (tmp_path / "runs").iterdir()
    page = (run_dir / "report" / "index.html").read_text(encoding="utf-8")
    for problem in ("../up", "yesterday", "readiness_scope"):
        assert problem in page
        assert problem in played.output
    assert not (tmp_path / "up").exists()
    assert not (run_dir / "estate.jsonl").exists()


@pytest.mark.parametrize(
    ("variable", "value"),
    [("readiness_end_of_support", "soon"), ("readiness_report_formats", ["pdf"]), ("readiness_report_formats", {"a": 1})],
)
def test_wish_for_the_report_that_cannot_be_met_is_named_and_the_report_is_there(tmp_path: Path, variable: str, value: object) -> None:
    played = play(tmp_path, "assess", *DEMO, variables={"readiness_now": NOW, variable: value})
    assert played.code != 0
    assert played.stages()[("report", "localhost")] == "failed"
    assert (played.run_dir / "report" / "index.html").is_file()
    assert "Traceback" not in played.output


@pytest.mark.parametrize(
    ("sources", "named"),
    [
        ("export.xlsx", "readiness_sources"),
        (["export.xlsx"], "readiness_sources[0]"),
        ([{"rvtool": "export.xlsx"}], "rvtools"),
        ([{"rvtools": ""}], "readiness_sources[0]"),
    ],
)
def test_sources_of_a_wrong_form_are_named_as_the_user_wrote_them(tmp_path: Path, sources: object, named: str) -> None:
    played = play(tmp_path, variables={"readiness_sources": sources, "readiness_now": NOW})
    assert played.code != 0
    assert named in played.page()
    assert "argument_spec_data" not in played.output


def test_same_id_with_a_broken_source_shows_nothing_of_the_earlier_run(tmp_path: Path) -> None:
    good = play(tmp_path, "assess", *DEMO, variables={"readiness_now": NOW})
    assert good.code == 0
    bad = play(tmp_path, "assess", variables={"readiness_now": NOW, "readiness_sources": [{"rvtools": "nowhere.xlsx"}]})
    assert bad.code != 0
    report = json.loads((bad.run_dir / "report" / "report.json").read_text())
    assert "vms" not in report or not report["vms"]
    assert "are ready" not in (bad.run_dir / "report" / "summary.txt").read_text()


def test_public_export_is_assessed_without_an_inventory(tmp_path: Path, shared: Path) -> None:
    sources = [{"rvtools": str(shared / "samples" / "rvtools-public-small.xlsx")}]
    played = play(tmp_path, variables={"readiness_sources": sources, "readiness_now": NOW})
    assert played.code == 0, played.output
    lines = [json.loads(line) for line in (played.run_dir / "assessment.jsonl").read_text().splitlines()]
    vms = [line for line in lines if line["kind"] in ("vm", "excluded")]
    assert len(vms) == 9
    assert all(vm["provisional"] for vm in vms if vm["kind"] == "vm" and vm["verdict"] == "ready")


def test_order_of_sources_and_of_files_never_shows(tmp_path: Path) -> None:
    files = sorted(str(path) for path in (DEMO_INVENTORY / "group_vars" / "all" / "files").glob("vc-*"))
    sources = [{"rvtools" if path.endswith(".xlsx") else "estate": path} for path in files if path.endswith((".xlsx", ".jsonl.gz"))]
    assert len(sources) == 2
    one = play(tmp_path / "one", variables={"readiness_sources": sources, "readiness_now": NOW})
    two = play(tmp_path / "two", variables={"readiness_sources": sources[::-1], "readiness_now": NOW})
    assert one.code == two.code == 0, one.output + two.output
    ours, theirs = file_hashes(one.run_dir), file_hashes(two.run_dir)
    ours.pop("run.json")
    theirs.pop("run.json")
    assert ours == theirs
