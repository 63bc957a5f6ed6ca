# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report module: what it returns, what it records in run.json, and how it fails when a part of the report does."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils import _runner
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import report_request
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.run_directory import RunDirectory
from ansible_collections.groundwork.readiness.plugins.module_utils.report.view import FORMATS

from tests.unit.report import samples


class EndedError(Exception):
    """A module has ended; `failed` says how."""

    def __init__(self, failed: bool, result: dict[str, Any]) -> None:
        super().__init__()
        self.failed = failed
        self.result = result


class Module:
    """Stands in for AnsibleModule."""

    def __init__(self, run_dir: Path, check_mode: bool = False, **params: Any) -> None:
        self.params = {
            "run_dir": str(run_dir),
            "host": "localhost",
            "dest": None,
            "now": "",
            "end_of_support": "",
            "title": "",
            "formats": ["json", "csv"],
            "assets": {},
            **params,
        }
        self.check_mode = check_mode
        self._diff = True
        self.warnings: list[str] = []

    def warn(self, warning: str) -> None:
        """Keeps a warning."""
        self.warnings.append(warning)

    def exit_json(self, **result: Any) -> None:
        """Ends well."""
        raise EndedError(False, result)

    def fail_json(self, **result: Any) -> None:
        """Ends in failure."""
        raise EndedError(True, result)


def ended(module: Module) -> EndedError:
    """How the module ended."""
    with pytest.raises(EndedError) as error:
        _runner.run_stage(module, "report", report_request.work)
    return error.value


def recorded(run_dir: Path) -> dict[str, Any]:
    """The report's own record in run.json."""
    return next(stage for stage in RunDirectory(run_dir).read()["stages"] if stage["stage"] == "report")


def test_secrets_of_directories_are_noted_before_anything_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    password, misnamed = uuid4().hex, uuid4().hex
    module = _runner.StageModule.__new__(_runner.StageModule)
    module.no_log_values = set()
    module.argument_spec = {"directories": {"type": "raw"}}
    given = {"corp": {"username": "cn=reader", "password": password, "pasword": misnamed}}
    monkeypatch.setattr(_runner.AnsibleModule, "_load_params", lambda self: setattr(self, "params", {"directories": given}))
    module._load_params()
    assert {password, misnamed} <= module.no_log_values
    assert "cn=reader" not in module.no_log_values


def test_module_returns_files_summary_and_figures(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    end = ended(Module(tmp_path))
    assert not end.failed
    assert [file["name"] for file in end.result["files"]] == ["vms.csv", "findings.csv", "report.json", "summary.txt"]
    assert end.result["changed"] is True
    assert end.result["index"] == str(tmp_path / "report" / "vms.csv")
    assert end.result["summary"].endswith(f"Report: {end.result['index']}\n")
    assert end.result["summary_data"]["vms_in_scope"] == 12
    assert (end.result["failed_stages"], end.result["failure"]) == ([], "")
    assert (recorded(tmp_path)["state"], set(recorded(tmp_path)["inputs"])) == ("ran", {"estate.jsonl", "assessment.jsonl"})


def test_second_run_changes_nothing_and_the_diff_is_empty(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    first, second = ended(Module(tmp_path)), ended(Module(tmp_path))
    assert first.result["diff"]["before"] == ""
    assert second.result["changed"] is False
    assert second.result["diff"]["before"] == second.result["diff"]["after"]


def test_failed_stage_does_not_fail_the_report(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    (tmp_path / "assessment.jsonl").write_bytes(b"")
    end = ended(Module(tmp_path))
    assert not end.failed
    assert end.result["failed_stages"] == ["assessment"]
    lines = end.result["failure"].splitlines()
    assert lines[0] == "assessment failed: assessment.jsonl cannot be read"
    assert lines[1].startswith("  assessment.jsonl")
    assert lines[-1] == f"Report: {end.result['index']}"


@pytest.mark.parametrize("formats", [["csv", "pdf"], "csv, pdf"], ids=["list", "text"])
def test_wrong_format_fails_the_module_after_the_others_were_written(tmp_path: Path, formats: object) -> None:
    samples.whole_run(tmp_path)
    end = ended(Module(tmp_path, formats=formats, end_of_support="soon"))
    assert end.failed
    assert [problem["message"] for problem in end.result["error"]["problems"]] == [
        "end_of_support is 'soon', which is not a date",
        "'pdf' is not a format",
    ]
    assert [file["name"] for file in end.result["files"]] == ["vms.csv", "findings.csv", "summary.txt"]
    assert recorded(tmp_path)["state"] == "failed"


@pytest.mark.parametrize(
    ("given", "names"),
    [(None, FORMATS), ("", FORMATS), ([], FORMATS), ("csv", ("csv",)), (["csv", 5], ("csv", "5")), ({"csv": 1}, ("{'csv': 1}",))],
)
def test_formats_of_any_kind_become_names(given: object, names: tuple[str, ...]) -> None:
    assert report_request.chosen_formats(given) == names


def test_format_that_fails_fails_the_module_with_what_was_written(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    end = ended(Module(tmp_path, formats=["html", "json"]))
    assert end.failed
    assert end.result["error"]["code"] == "report_incomplete"
    assert "the html format was not written" in end.result["msg"]
    assert [file["name"] for file in end.result["files"]] == ["report.json", "summary.txt"]
    record = recorded(tmp_path)
    assert (record["state"], record["error"]["code"]) == ("failed", "report_incomplete")
    assert set(record["artifacts"]) == {"report/report.json", "report/summary.txt"}


def test_missing_run_is_an_error_not_a_traceback(tmp_path: Path) -> None:
    end = ended(Module(tmp_path / "nowhere"))
    assert end.failed
    assert end.result["error"]["code"] == "run_missing"


def test_check_mode_marks_the_report(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    assert not ended(Module(tmp_path, check_mode=True)).failed
    assert '"mode":"check"' in (tmp_path / "report" / "report.json").read_text(encoding="utf-8")


def test_stale_stage_is_a_warning(tmp_path: Path) -> None:
    samples.whole_run(tmp_path)
    samples.write_artifact(tmp_path / "estate.jsonl", "estate", samples.estate_records(13))
    module = Module(tmp_path)
    ended(module)
    assert any(warning.startswith("assessment is out of date") for warning in module.warnings)
