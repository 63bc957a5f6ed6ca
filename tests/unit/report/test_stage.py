# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report stage: a report after every run, whatever the run directory holds."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import _libraries, report_formats
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactWriter
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_stage import ReportRequest, ReportResult, run_report
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory, StageRecord
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import ArtifactHeader, ArtifactInput
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ArtifactError, ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.report.view import FORMATS

from tests.unit.report import samples

PLAIN = tuple(name for name in FORMATS if name != "html")
NAMES = {"report.xlsx", "vms.csv", "findings.csv", "report.md", "report.json", "junit.xml", "metrics.prom", "summary.txt"}


def report(run_dir: Path, **options: Any) -> ReportResult:
    """The report of a run in every format but HTML, which has tests of its own."""
    return run_report(ReportRequest(run_dir=run_dir, **{"formats": PLAIN, **options}))


def content(run_dir: Path) -> Any:
    """report.json, read."""
    return json.loads((run_dir / "report" / "report.json").read_text(encoding="utf-8"))


def states(run_dir: Path) -> dict[tuple[str, str], str]:
    """State of every stage by stage and host, from report.json."""
    return {(stage["stage"], stage["host"]): stage["state"] for stage in content(run_dir)["stages"]}


def change_run(run_dir: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes run.json."""
    directory = RunDirectory(run_dir)
    run = directory.read()
    change(run)
    directory.write(run)


def test_whole_run_is_reported_in_every_format(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    result = report(tmp_path)
    assert {file.name for file in result.files} == NAMES == {path.name for path in (tmp_path / "report").iterdir()}
    assert result.error is None
    assert result.changed
    assert {file.name: file.sha256 for file in result.files} == samples.tree_sha256(tmp_path / "report")
    assert set(result.inputs) == {"estate.jsonl", "assessment.jsonl"}
    assert (result.counts["vms"], result.failed_stages, result.failure) == (12, (), "")


def test_second_report_changes_nothing(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    report(tmp_path)
    again = report(tmp_path)
    assert not again.changed
    assert again.before == again.after != ""


def test_summary_file_holds_no_path_of_the_machine(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    result = report(tmp_path)
    assert result.summary.endswith(f"Report: {tmp_path / 'report' / 'report.xlsx'}\n")
    assert "Report:" not in result.after
    for path in (tmp_path / "report").iterdir():
        assert str(tmp_path).encode() not in path.read_bytes()


def test_run_id_and_durations_do_not_show(tmp_path: Path) -> None:
    for number in (1, 2):
        run_dir = tmp_path / f"run-{number}"
        samples.whole_run(run_dir, run_id=f"run-{number}")
        change_run(run_dir, lambda run, number=number: [stage.update(seconds=number * 7.5) for stage in run["stages"]])
        report(run_dir)
    assert samples.tree_sha256(tmp_path / "run-1" / "report") == samples.tree_sha256(tmp_path / "run-2" / "report")


def test_report_of_a_report_is_the_same(tmp_path: Path) -> None:
    directory = samples.whole_run(tmp_path)
    report(tmp_path)
    directory.record(StageRecord("report", "localhost", "failed", 3.0, error={"code": "x", "message": "a format was not written"}))
    assert not report(tmp_path).changed


def test_every_host_failed(tmp_path: Path) -> None:
    directory = samples.open_run(tmp_path)
    for host in ("vc-b", "vc-a"):
        directory.record(StageRecord("estate", host, "failed", 1.0, error={"code": "x", "message": f"{host} cannot be reached"}))
    directory.record(StageRecord("estate", "localhost", "failed", error={"code": "y", "message": "no source could be read"}))
    directory.record(StageRecord("assessment", "localhost", "skipped", reason="there is no estate to assess"))
    result = report(tmp_path)
    assert {file.name for file in result.files} == NAMES
    assert states(tmp_path) == {
        ("estate", "localhost"): "failed",
        ("estate", "vc-a"): "failed",
        ("estate", "vc-b"): "failed",
        ("assessment", "localhost"): "skipped",
    }
    assert content(tmp_path)["headline"] == "There is no verdict, because estate, estate on vc-a and estate on vc-b failed."
    assert result.failed_stages == ("estate", "estate on vc-a", "estate on vc-b")
    assert result.failure.splitlines()[1] == "estate on vc-a failed: vc-a cannot be reached"


def test_run_in_which_nothing_happened(tmp_path: Path) -> None:
    samples.open_run(tmp_path)
    report(tmp_path)
    assert states(tmp_path) == {("estate", "localhost"): "skipped", ("assessment", "localhost"): "skipped"}
    assert content(tmp_path)["failed"] is True


def test_estate_without_assessment(tmp_path: Path) -> None:
    directory = samples.whole_run(tmp_path)
    (tmp_path / "assessment.jsonl").unlink()
    directory.record(StageRecord("assessment", "localhost", "failed", error={"code": "x", "message": "the catalogue is faulty"}))
    report(tmp_path)
    found = content(tmp_path)
    assert found["headline"] == "There is no verdict: 13 VMs were read, but not assessed, because assessment failed."
    assert found["estate_vm_count"] == 13
    assert [source["name"] for source in found["sources"]] == ["south.xlsx", "vcenter-north.example.com"]


def test_assessment_without_estate(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    (tmp_path / "estate.jsonl").unlink()
    report(tmp_path)
    assert states(tmp_path)[("estate", "localhost")] == "failed"
    assert len(content(tmp_path)["vms"]) == 12


def cut(path: Path) -> None:
    """Cuts the end off, as a full disk does."""
    path.write_bytes(path.read_bytes()[:-200])


def alter(path: Path) -> None:
    """Changes a verdict by hand."""
    path.write_bytes(path.read_bytes().replace(b'"blocked"', b'"ready"', 1))


def empty(path: Path) -> None:
    """Leaves nothing."""
    path.write_bytes(b"")


def newer(path: Path) -> None:
    """Claims a schema of a later major version."""
    path.write_bytes(re.sub(rb'"schema_version":"1[.][0-9]+"', b'"schema_version":"2.0"', path.read_bytes(), count=1))


@pytest.mark.parametrize("damage", [cut, alter, empty, newer])
def test_damaged_assessment_is_left_out_and_named(damage: Callable[[Path], None], tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    damage(tmp_path / "assessment.jsonl")
    result = report(tmp_path)
    found = content(tmp_path)
    assert (found["vms"], found["verdicts"]) == ([], [])
    stage = next(stage for stage in found["stages"] if stage["stage"] == "assessment")
    assert (stage["state"], stage["message"]) == ("failed", "assessment.jsonl cannot be read")
    assert stage["problems"][0]["place"].startswith("assessment.jsonl")
    assert found["estate_vm_count"] == 13
    assert result.failed_stages == ("assessment",)


@pytest.mark.parametrize("damage", [cut, empty, newer])
def test_damaged_estate_is_left_out_and_named(damage: Callable[[Path], None], tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    damage(tmp_path / "estate.jsonl")
    report(tmp_path)
    found = content(tmp_path)
    assert len(found["vms"]) == 12
    assert states(tmp_path)[("estate", "localhost")] == "failed"
    assert found["headline"].startswith("Incomplete, because estate failed: ")


def test_both_artifacts_damaged(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    cut(tmp_path / "estate.jsonl")
    cut(tmp_path / "assessment.jsonl")
    report(tmp_path)
    assert content(tmp_path)["headline"] == "There is no verdict, because estate and assessment failed."


def test_estate_that_changed_after_the_assessment_makes_it_stale(tmp_path: Path) -> None:
    directory = samples.whole_run(tmp_path)
    digest = samples.write_artifact(tmp_path / "estate.jsonl", "estate", samples.estate_records(13))
    directory.record(StageRecord("estate", "localhost", "ran", 1.0, {"vms": 13}, {}, {"estate.jsonl": digest}))
    result = report(tmp_path)
    stage = next(stage for stage in content(tmp_path)["stages"] if stage["stage"] == "assessment")
    assert (stage["state"], stage["message"]) == ("stale", "estate.jsonl changed after this stage had read it")
    assert content(tmp_path)["headline"].startswith("Out of date, because the input of assessment has changed since: ")
    assert (result.failed_stages, result.warnings) == (
        (),
        ("assessment is out of date: estate.jsonl changed after this stage had read it",),
    )


def test_part_of_a_host_that_changed_makes_the_merge_stale(tmp_path: Path) -> None:
    directory = samples.whole_run(tmp_path)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "estate-vc-a.jsonl").write_text("new", encoding="utf-8")
    estate = next(stage for stage in directory.read()["stages"] if stage["stage"] == "estate")
    directory.record(StageRecord("estate", "localhost", "ran", 1.0, {}, {"estate-vc-a.jsonl": "0" * 64}, estate["artifacts"]))
    report(tmp_path)
    assert states(tmp_path)[("estate", "localhost")] == "stale"


def test_input_that_has_the_name_of_the_artifact_is_not_taken_for_it(tmp_path: Path) -> None:
    directory = samples.whole_run(tmp_path)
    estate = next(stage for stage in directory.read()["stages"] if stage["stage"] == "estate")
    directory.record(StageRecord("estate", "localhost", "ran", 1.0, {}, {"estate.jsonl": "0" * 64}, estate["artifacts"]))
    report(tmp_path)
    assert states(tmp_path)[("estate", "localhost")] == "ran"


def test_estate_and_assessment_from_before_a_failure_are_not_shown_as_this_runs(tmp_path: Path) -> None:
    directory = samples.whole_run(tmp_path)
    directory.record(StageRecord("estate", "localhost", "failed", error={"code": "x", "message": "a.xlsx cannot be read"}))
    result = report(tmp_path)
    found = content(tmp_path)
    assert found["headline"] == "There is no verdict, because estate failed."
    assert states(tmp_path) == {("estate", "localhost"): "failed", ("assessment", "localhost"): "skipped"}
    assert (found["vms"], found["sources"], found["inputs"]) == ([], [], [])
    assert not {"in_scope", "estate_vm_count", "provisional"} & set(found)
    assert not {"vms_in_scope", "vms_out_of_scope", "provisional"} & set(result.data)
    assert [notice["message"] for notice in found["notices"]] == [
        "An older estate.jsonl is still in the run directory. It was not used, because the estate stage failed",
        "An older assessment.jsonl is still in the run directory. It was not used, because the assessment stage did not run",
    ]
    assert result.inputs == {}


def test_assessment_from_before_its_failure_is_not_used_but_the_estate_is(tmp_path: Path) -> None:
    directory = samples.whole_run(tmp_path)
    directory.record(StageRecord("assessment", "localhost", "failed", error={"code": "x", "message": "the catalogue is faulty"}))
    report(tmp_path)
    found = content(tmp_path)
    assert found["headline"] == "There is no verdict: 13 VMs were read, but not assessed, because assessment failed."
    assert (found["vms"], found["estate_vm_count"]) == ([], 13)
    assert found["notices"][0]["message"].startswith("An older assessment.jsonl is still in the run directory. It was not used")


def test_sizes_are_unknown_where_the_estate_is_missing(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    (tmp_path / "estate.jsonl").unlink()
    result = report(tmp_path)
    found = content(tmp_path)
    assert all("cpu_count" not in vm and "disk_bytes" not in vm for vm in found["vms"])
    assert [count["cpu_unknown"] for count in found["verdicts"] if count["settled"] + count["provisional"]] == [
        count["settled"] + count["provisional"] for count in found["verdicts"] if count["settled"] + count["provisional"]
    ]
    assert "estate_vm_count" not in found
    assert "unknown" in next(line for line in result.summary.splitlines() if line.startswith("all in scope"))
    assert 'readiness_cpus{verdict="ready"}' not in (tmp_path / "report" / "metrics.prom").read_text(encoding="utf-8")


def test_files_that_the_estate_names_are_in_every_kind_of_report(tmp_path: Path) -> None:
    directory = samples.open_run(tmp_path)
    entries = (ArtifactInput("owners.csv", "a" * 64), ArtifactInput("south.jsonl.gz", "b" * 64, "2026-12-25T00:00:00Z"))
    with ArtifactWriter(tmp_path / "estate.jsonl", ArtifactHeader("estate", inputs=entries)) as writer:
        for record in samples.estate_records(6):
            writer.write(record)
        digest = writer.finish().sha256
    directory.record(StageRecord("estate", "localhost", "ran", 1.0, {}, {}, {"estate.jsonl": digest}))
    report(tmp_path)
    assert content(tmp_path)["inputs"] == [
        {"name": "owners.csv", "sha256": "a" * 64},
        {"name": "south.jsonl.gz", "sha256": "b" * 64, "captured_at": "2026-12-25T00:00:00Z"},
    ]
    assert f"| `owners.csv` | not stated | `{'a' * 64}` |" in (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    metrics = (tmp_path / "report" / "metrics.prom").read_text(encoding="utf-8")
    assert f'readiness_input_info{{name="owners.csv",sha256="{"a" * 64}"}} 1' in metrics
    sheet = openpyxl.load_workbook(tmp_path / "report" / "report.xlsx")["Inputs"]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["owners.csv", "south.jsonl.gz"]


def test_newer_minor_version_is_read_with_a_notice(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    path = tmp_path / "estate.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"schema_version":"1.1"', b'"schema_version":"1.7"', 1))
    report(tmp_path)
    assert "schema version 1.7" in content(tmp_path)["notices"][0]["message"]


def test_run_json_that_is_damaged_is_a_failure_in_the_report(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    result = report(tmp_path, now=samples.NOW)
    assert states(tmp_path)[("run", "localhost")] == "failed"
    assert result.failed_stages == ("run",)
    assert len(content(tmp_path)["vms"]) == 12


def test_directory_without_a_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError) as error:
        report(tmp_path)
    assert error.value.code == "run_missing"
    assert list(tmp_path.iterdir()) == []


def test_bad_dates_and_formats_are_listed_and_the_report_is_made_with_the_defaults(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    result = report(tmp_path, now="today", end_of_support="soon", formats=("pdf", "json", "docx"))
    found = content(tmp_path)
    assert (found["now"], found["end_of_support"], len(found["vms"])) == (samples.NOW, "2027-10-11", 12)
    assert found["headline"].startswith("2 of 12 VMs are ready")
    assert {file.name for file in result.files} == {"report.json", "summary.txt"}
    (stage,) = [stage for stage in found["stages"] if stage["stage"] == "report"]
    expected = [
        "now is 'today', which is not an ISO 8601 time",
        "end_of_support is 'soon', which is not a date",
        "'docx' is not a format",
        "'pdf' is not a format",
    ]
    assert [problem["message"] for problem in stage["problems"]] == expected
    assert result.error is not None
    assert [problem.message for problem in result.error.problems] == expected
    assert result.failed_stages == ("report",)


def test_no_format_that_there_is_means_all_of_them(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    result = report(tmp_path, formats=("pdf",))
    assert {file.name for file in result.files} == NAMES


def test_damaged_run_without_a_time_takes_that_of_run_json(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    (tmp_path / "run.json").write_text("{", encoding="utf-8")
    os.utime(tmp_path / "run.json", (1800000000, 1800000000))
    report(tmp_path)
    assert content(tmp_path)["now"] == "2027-01-15T08:00:00Z"


def test_now_title_and_end_of_support_can_be_given(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    report(tmp_path, now="2027-02-01T00:00:00Z", end_of_support="2027-03-01", title="North")
    found = content(tmp_path)
    assert (found["now"], found["days_left"], found["title"]) == ("2027-02-01T00:00:00Z", 28, "North")


def test_only_the_chosen_formats_are_written(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    result = report(tmp_path, formats=("junit", "csv"))
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"vms.csv", "findings.csv", "junit.xml", "summary.txt"}
    assert result.index == str(tmp_path / "report" / "vms.csv")


def test_missing_library_spares_the_other_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples.whole_run(tmp_path)
    monkeypatch.setitem(_libraries.LIBRARY_ERRORS, "xlsxwriter", "ImportError")
    result = report(tmp_path)
    assert {file.name for file in result.files} == NAMES - {"report.xlsx"}
    assert result.error is not None
    assert [problem.text() for problem in result.error.problems] == [
        "the xlsx format was not written: the Python library XlsxWriter is not installed (Install XlsxWriter.)"
    ]
    assert "the xlsx format was not written" in (tmp_path / "report" / "summary.txt").read_text(encoding="utf-8")


def test_missing_assets_spare_the_other_formats(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    result = report(tmp_path, formats=FORMATS)
    assert {file.name for file in result.files} == NAMES
    assert result.error is not None
    assert "its template and scripts were not handed in" in result.error.problems[0].message


def test_full_disk_in_one_format_leaves_no_partial_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    samples.whole_run(tmp_path)

    def fails(_view: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(report_formats.FORMATS, "junit", report_formats.Format({"junit.xml": fails}))
    result = report(tmp_path)
    assert {path.name for path in (tmp_path / "report").iterdir()} == NAMES - {"junit.xml"}
    assert result.error is not None
    assert result.error.problems[0].message == "the junit format was not written: it cannot be written: No space left on device"


def test_destination_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ReadinessError) as error:
        report(tmp_path, dest=tmp_path / "file" / "report")
    assert error.value.code == "report_unwritable"


def test_check_mode_writes_into_the_run_directory_and_says_so(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    assert report(tmp_path, mode="check").changed
    assert content(tmp_path)["mode"] == "check"


def test_check_mode_predicts_and_writes_nothing_elsewhere(tmp_path: Path) -> None:
    samples.whole_run(tmp_path / "run")
    elsewhere = tmp_path / "elsewhere"
    predicted = report(tmp_path / "run", mode="check", dest=elsewhere)
    assert predicted.changed
    assert not elsewhere.exists()
    written = report(tmp_path / "run", dest=elsewhere)
    assert {file.name for file in written.files} == {file.name for file in predicted.files}
    assert not report(tmp_path / "run", dest=elsewhere).changed


def test_names_that_are_not_unicode_do_not_stop_the_report(tmp_path: Path) -> None:
    directory = samples.open_run(tmp_path)
    directory.record(StageRecord("estate", "localhost", "failed", error={"code": "x", "message": "bad\udcff.xlsx cannot be read"}))
    report(tmp_path)
    assert content(tmp_path)["stages"][0]["message"] == "bad?.xlsx cannot be read"


def test_compressed_artifacts_are_read(tmp_path: Path) -> None:
    directory = samples.open_run(tmp_path)
    for schema, records in (("estate", samples.estate_records(6)), ("assessment", samples.assessment_records(6))):
        samples.write_artifact(
            tmp_path / f"{schema}.jsonl.gz", schema, records, **({"catalogue": samples.CATALOGUE} if schema == "assessment" else {})
        )
        directory.record(StageRecord(schema, "localhost", "ran", 1.0))
    report(tmp_path)
    assert len(content(tmp_path)["vms"]) == 6
