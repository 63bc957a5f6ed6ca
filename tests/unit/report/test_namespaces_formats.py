# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces in every other format: workbook, CSV, JSON, JUnit, OpenMetrics, Markdown and the terminal."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_formats import write_format
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_json import write_json
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_junit import write_junit
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_markdown import write_markdown
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_openmetrics import write_openmetrics
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_xlsx import write_xlsx
from ansible_collections.groundwork.readiness.plugins.module_utils.report.namespaces_tables import NAMESPACES_TABLES
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_tables import PLATFORM_TABLES
from ansible_collections.groundwork.readiness.plugins.module_utils.report.summary import MAX_LINES, summary_data, summary_text
from ansible_collections.groundwork.readiness.plugins.module_utils.report.tables import TABLES

from tests.unit.report import factory, plan_factory, platform_factory
from tests.unit.report import namespaces_factory as make

ALONE = make.alone_view()
BESIDE = make.namespaces_view("check", platform_factory.platform_view("check"))
CSV_FILES = {"namespaces.csv", "namespace_checks.csv", "showback.csv"}


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """Every sheet of the workbook of namespaces alone, as rows by the titles of their columns."""
    path = tmp_path_factory.mktemp("book") / "report.xlsx"
    write_xlsx(ALONE, path)
    found = {}
    for sheet in openpyxl.load_workbook(path).worksheets[1:]:
        head, *body = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(head, row, strict=True)) for row in body]
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    """The CSV files of namespaces alone, as rows."""
    folder = tmp_path_factory.mktemp("csv")
    write_format("csv", ALONE, {}, folder, False)
    found = {}
    for path in folder.iterdir():
        with path.open(encoding="utf-8", newline="") as stream:
            found[path.name] = list(csv.DictReader(stream))
    return found


def text_of(write: Any, view: Any, path: Path) -> str:
    write(view, path)
    return path.read_text(encoding="utf-8")


def test_workbook_of_namespaces_alone_has_no_sheet_of_vms(sheets: dict[str, Any]) -> None:
    assert list(sheets) == ["Notices", "Stages", *(table.title for table in NAMESPACES_TABLES)]


def test_workbook_of_all_chapters_has_every_sheet_once(tmp_path: Path) -> None:
    write_xlsx(BESIDE, tmp_path / "report.xlsx")
    titles = openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames
    assert titles == ["Summary", *(table.title for table in (*TABLES, *PLATFORM_TABLES, *NAMESPACES_TABLES))]


def test_every_table_has_a_cell_per_column_and_a_short_title() -> None:
    for table in NAMESPACES_TABLES:
        rows = list(table.rows(ALONE))
        assert rows, table.title
        assert {len(row) for row in rows} == {len(table.columns)}, table.title
        assert len(table.title) <= 25
        assert len({column.name for column in table.columns}) == len(table.columns)


def test_summary_sheet_says_mode_headline_and_states(tmp_path: Path) -> None:
    write_xlsx(ALONE, tmp_path / "report.xlsx")
    rows = openpyxl.load_workbook(tmp_path / "report.xlsx")["Summary"].iter_rows(values_only=True)
    cells = [str(value) for row in rows for value in row if value]
    assert "Verified only: nothing was written to the cluster." in cells
    assert ALONE.headline in cells
    assert "incomplete 1, kept 1, not evaluated 1, not kept 1, not there yet 1, waiting 1" in cells
    assert not [cell for cell in cells if "vSphere 8" in cell or "Settled" in cell]


def test_sheets_leave_unknown_cells_empty_and_name_what_is_empty(sheets: dict[str, Any]) -> None:
    contracts = {row["Namespace"]: row for row in sheets["Namespaces"]}
    assert (contracts["risk-fraud"]["Used"], contracts["retail-search"]["Used"]) == (None, "none")
    assert (contracts["risk-labs"]["Days left"], contracts["speech"]["Was there before the run"]) == (-3, "no")
    grants = {row["Grant"]: row for row in sheets["Grants"]}
    assert (grants["serving"]["Further pods that would run"], grants["lab"]["Further pods that would run"]) == (3, None)
    assert grants["training"]["Why it is refused"] == "no node has 6 devices"
    access = {(row["Namespace"], row["Who"]): row["What is not as the contract says"] for row in sheets["Access"]}
    assert access["retail-chat", "service account delivery"] == "nothing"
    assert access["risk-labs", "group risk-engineers"] is None


def test_showback_has_a_row_for_each_owner_namespace_and_resource(files: dict[str, list[dict[str, str]]]) -> None:
    rows = {(row["namespace"], row["resource"]): (row["granted"], row["used"], row["idle"]) for row in files["showback.csv"]}
    assert rows == {
        ("retail-chat", make.GPU): ("4", "3", "1"),
        ("retail-search", ""): ("0", "0", "0"),
        ("risk-fraud", make.GPU): ("6", "", ""),
        ("risk-labs", make.GPU): ("4", "", ""),
        ("speech", make.GPU): ("4", "0", "4"),
        ("vision-train", make.GPU): ("2", "5", "0"),
        ("vision-train", make.SLICE): ("8", "0", "8"),
    }
    assert {row["owner"]: row["cost_centre"] for row in files["showback.csv"]} == make.CENTRES


def test_csv_has_every_contract_and_check_with_formulas_made_harmless(files: dict[str, list[dict[str, str]]]) -> None:
    assert ALONE.namespaces is not None
    assert set(files) == CSV_FILES
    assert [row["namespace"] for row in files["namespaces.csv"]] == [entry.namespace for entry in ALONE.namespaces.contracts]
    checks = files["namespace_checks.csv"]
    assert len(checks) == len(ALONE.namespaces.findings)
    group = next(row for row in checks if row["check"] == "namespaces.people.group" and row["result"] == "fail")
    assert (group["namespace"], group["owner"], group["refuses"], group["path"]) == ("risk-fraud", "risk", "true", "personas[0].groups")
    shared = next(row for row in checks if row["subject"].startswith("ClusterQueue"))
    assert (shared["namespace"], shared["owner"]) == ("", "retail")
    for rows in files.values():
        assert not [value for row in rows for value in row.values() if value.startswith(("=", "+", "@"))]


def test_csv_files_follow_what_the_run_was_about(tmp_path: Path) -> None:
    def names(view: Any) -> set[str]:
        write_format("csv", view, {}, tmp_path, False)
        return {path.name for path in tmp_path.iterdir()}

    assert names(BESIDE) == {"vms.csv", "findings.csv", "platform.csv", *CSV_FILES}
    assert names(ALONE) == CSV_FILES
    assert names(factory.make_view(3)) == {"vms.csv", "findings.csv"}


def test_json_holds_the_whole_chapter_and_no_null(tmp_path: Path) -> None:
    text = text_of(write_json, ALONE, tmp_path / "report.json")
    content = json.loads(text)
    assert "null" not in text
    assert (content["namespaces_alone"], content["platform_alone"], content["schema_version"]) == (True, False, "1.4")
    contracts = {entry["namespace"]: entry for entry in content["namespaces"]["contracts"]}
    assert contracts["retail-chat"]["grants"][0]["headroom"]["units"] == 3
    assert "used" not in contracts["risk-fraud"]
    assert contracts["retail-search"]["granted"] == {}
    assert "namespaces" not in json.loads(text_of(write_json, factory.make_view(2), tmp_path / "other.json"))


def test_junit_fails_skips_and_passes_checks(tmp_path: Path) -> None:
    write_junit(ALONE, tmp_path / "junit.xml")
    suite = ElementTree.parse(tmp_path / "junit.xml").find("testsuite[@name='namespaces']")
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["17", "7", "4"]
    names = [f"{case.get('classname')} {case.get('name')}" for case in suite]
    assert len(set(names)) == len(names)
    failure = suite.find("testcase[@name='namespaces.people.group: group risk-scientists of risk-fraud']/failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("critical", "there is no Group risk-scientists")
    assert "Remedy: create or sync the group" in (failure.text or "")
    skipped = [(case.find("skipped").get("message") or "").partition(":")[0] for case in suite if case.find("skipped") is not None]
    assert sorted(skipped) == ["not applicable", "not evaluated", "not evaluated", "waived"]


def test_junit_of_namespaces_and_platform_counts_both(tmp_path: Path) -> None:
    write_junit(BESIDE, tmp_path / "junit.xml")
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    for figure in ("tests", "failures", "errors", "skipped"):
        assert int(root.get(figure, "")) == sum(int(suite.get(figure, "")) for suite in root)


def test_gauges_tell_states_days_devices_headroom_and_checks(tmp_path: Path) -> None:
    lines = text_of(write_openmetrics, ALONE, tmp_path / "metrics.prom").splitlines()
    owned = 'namespace="retail-chat",owner="retail"'
    for line in (
        f'readiness_namespace_contract_state{{{owned},state="broken"}} 1',
        f'readiness_namespace_contract_state{{{owned},state="ready"}} 0',
        'readiness_namespace_grant_left_days{namespace="risk-labs",owner="risk"} -3',
        'readiness_namespaces_findings{result="fail",severity="critical"} 6',
        'readiness_namespaces_findings{result="not_evaluated",severity="critical"} 2',
        f'readiness_namespace_devices_granted{{{owned},cost_centre="cc-4711",resource="nvidia.com/gpu"}} 4',
        f'readiness_namespace_devices_used{{{owned},cost_centre="cc-4711",resource="nvidia.com/gpu"}} 3',
        f'readiness_namespace_devices_idle{{{owned},cost_centre="cc-4711",resource="nvidia.com/gpu"}} 1',
        f'readiness_namespace_headroom_pods{{{owned},grant="serving",resource="nvidia.com/gpu"}} 3',
        f"readiness_namespace_wrong_access{{{owned}}} 2",
        f'readiness_namespace_proof_of_life{{{owned},grant="serving",code="run.succeeded"}} 1',
        'readiness_namespaces_unread_resources{state="forbidden"} 1',
    ):
        assert line in lines
    assert lines[-1] == "# EOF"


def test_gauges_have_no_sample_for_what_is_not_known(tmp_path: Path) -> None:
    text = text_of(write_openmetrics, ALONE, tmp_path / "metrics.prom")
    assert 'devices_used{namespace="risk-fraud"' not in text
    assert 'headroom_pods{namespace="risk-labs"' not in text
    assert 'wrong_access{namespace="risk-labs"' not in text
    assert 'proof_of_life{namespace="vision-train"' not in text
    assert "support_left_days" not in text
    assert "readiness_namespace" not in text_of(write_openmetrics, factory.make_view(2), tmp_path / "other.prom")


def test_markdown_tells_mode_steps_ends_contracts_showback_and_teams(tmp_path: Path) -> None:
    text = text_of(write_markdown, ALONE, tmp_path / "report.md")
    for part in (
        "> Verified only: nothing was written to the cluster.",
        "### What to do first",
        "- **Create or sync the group.** (1 check in risk-fraud; ask risk (group risk-owners))",
        "| `risk-labs` | risk | risk-owners | 2027-01-01 | ended 3 days ago |",
        "| `risk-fraud` | risk | restricted | incomplete | 5 days left | 6 nvidia.com/gpu | not known | not known | 3 failed |",
        "| vision | cc-0815 | `nvidia.com/gpu` | 2 | 5 | 0 |",
        "### Team retail",
        "headroom: 3 more, then ResourceQuota retail-chat/readiness-quota binds",
        "  - proof of life of training, failed: Nodes with the devices have a taint",
        "- waived: regions of vision-train: eu-central and eu-west; waived by vision@&#8203;example.com until 2027-03-31",
        "| `pods` | the account may not list pods | `list pods` | where data is |",
        "contracts and documents `retail-chat.yml` (`abababababab`)",
    ):
        assert part in text
    assert "vSphere 8" not in text
    assert "<img" not in text


def test_note_that_nothing_was_written_stands_once_in_markdown(tmp_path: Path) -> None:
    assert text_of(write_markdown, BESIDE, tmp_path / "report.md").count("> Check run: nothing was written") == 1


def test_terminal_of_namespaces_alone_says_verdict_refusal_steps_and_ends() -> None:
    alone = " ".join(summary_text(ALONE, "/tmp/report/index.html").split())
    for part in (
        "Verified only: nothing was written to the cluster.",
        "An apply run would write nothing for any contract",
        "Create or sync the group (1 finding in risk-fraud; ask risk (group risk-owners))",
        "Ends: risk-labs of risk, ended 3 days ago, 2027-01-01 (and 2 more)",
    ):
        assert part in alone
    assert "vSphere 8" not in alone
    assert alone.count("1 of 6 namespaces keeps its contract") == 1


@pytest.mark.parametrize(
    "view",
    [ALONE, BESIDE, make.namespaces_view("check", platform_factory.platform_view("check", plan_factory.planned_view(40)))],
    ids=["alone", "beside an estate and a platform", "beside everything"],
)
def test_terminal_keeps_to_its_lines(view: Any) -> None:
    text = summary_text(view, "/tmp/report/index.html")
    assert len(text.splitlines()) <= MAX_LINES
    assert "namespaces keeps its contract" in " ".join(text.split())


def test_data_for_a_workflow_has_namespaces_only_where_there_are_some() -> None:
    data = summary_data(ALONE)["namespaces"]
    assert data["states"] == {"ready": 1, "waiting": 1, "missing": 2, "broken": 1, "not_evaluated": 1}
    assert (data["ended"], data["ending"]) == (["risk-labs"], ["risk-fraud", "vision-train"])
    assert data["granted"]["risk"] == {make.GPU: 10}
    assert "risk" not in data["used"]
    assert "namespaces" not in summary_data(factory.make_view(3))
