# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform in every other format: workbook, CSV, JSON, JUnit, OpenMetrics, Markdown and the terminal."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_csv import write_checks_csv
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_formats import write_format
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_json import write_json
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_junit import write_junit
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_markdown import write_markdown
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_openmetrics import write_openmetrics
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_xlsx import write_xlsx
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_tables import PLATFORM_TABLES
from ansible_collections.groundwork.readiness.plugins.module_utils.report.summary import MAX_LINES, summary_data, summary_text
from ansible_collections.groundwork.readiness.plugins.module_utils.report.tables import TABLES

from tests.unit.report import factory
from tests.unit.report import platform_factory as make

BESIDE = make.platform_view("check")
ALONE = make.alone_view("verify")


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """Every sheet of the workbook of a platform alone, as rows by the titles of their columns."""
    path = tmp_path_factory.mktemp("book") / "report.xlsx"
    write_xlsx(ALONE, path)
    found = {}
    for sheet in openpyxl.load_workbook(path).worksheets[1:]:
        head, *body = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(head, row, strict=True)) for row in body]
    return found


def text_of(write: Any, view: Any, path: Path) -> str:
    write(view, path)
    return path.read_text(encoding="utf-8")


def test_workbook_of_a_platform_alone_has_no_sheet_of_vms(sheets: dict[str, Any]) -> None:
    assert list(sheets) == ["Notices", "Stages", *(table.title for table in PLATFORM_TABLES)]


def test_workbook_of_an_estate_with_a_platform_has_both(tmp_path: Path) -> None:
    write_xlsx(BESIDE, tmp_path / "report.xlsx")
    titles = openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames
    assert titles == ["Summary", *(table.title for table in (*TABLES, *PLATFORM_TABLES))]


def test_titles_of_sheets_are_short_enough_for_a_workbook() -> None:
    assert max(len(table.title) for table in PLATFORM_TABLES) <= 25


def test_summary_sheet_says_mode_headline_and_layers(tmp_path: Path) -> None:
    write_xlsx(ALONE, tmp_path / "report.xlsx")
    rows = openpyxl.load_workbook(tmp_path / "report.xlsx")["Summary"].iter_rows(values_only=True)
    cells = [str(value) for row in rows for value in row if value]
    assert "Verified only: nothing was written to the cluster." in cells
    assert ALONE.headline in cells
    assert any(cell.startswith("Cluster ready, Prerequisites ready, Operators broken") for cell in cells)
    assert not [cell for cell in cells if "vSphere 8" in cell or "Settled" in cell]


def test_sheets_leave_unknown_cells_empty_and_name_what_is_empty(sheets: dict[str, Any]) -> None:
    operators = {row["Operator"]: row for row in sheets["Operators"]}
    assert (operators["gaudi"]["Installed"], operators["gaudi"]["Blocks the next minor"]) == (None, None)
    assert (operators["kueue"]["Installed"], operators["cert-manager"]["Pinned"]) == ("none", "floats")
    devices = {row["Group"]: row for row in sheets["Accelerators"]}
    assert (devices["a100"]["Capacity"], devices["a100"]["Allocatable"], devices["gaudi"]["Requested"]) == (8, 6, None)


def test_sheet_of_requests_has_a_row_per_choice_and_one_for_each_refusal(sheets: dict[str, Any]) -> None:
    rows = [(row["Request"], row["Choice"], row["Flavor"], row["Why it is refused"]) for row in sheets["Requests"]]
    assert rows == [
        ("chat", 1, "nvidia-h100", None),
        ("chat", 2, "amd-mi300", None),
        ("huge", None, None, "no node has 16 devices of one resource: the most is 8"),
        ("odd", None, None, None),
    ]


def test_every_table_has_a_cell_per_column() -> None:
    for table in PLATFORM_TABLES:
        rows = list(table.rows(ALONE))
        assert rows, table.title
        assert {len(row) for row in rows} == {len(table.columns)}, table.title


def test_csv_has_a_row_per_check_with_formulas_made_harmless(tmp_path: Path) -> None:
    write_checks_csv(ALONE, tmp_path / "platform.csv")
    with (tmp_path / "platform.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert ALONE.platform is not None
    assert len(rows) == len(ALONE.platform.findings)
    assert {row["check"] for row in rows} >= {"platform.operators.resolution", "platform.openshift_ai.dsc"}
    assert [row["refuses"] for row in rows if row["check"] == "platform.openshift_ai.dsc"] == ["true"]
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "+", "-", "@"))]


def test_csv_files_follow_what_the_run_was_about(tmp_path: Path) -> None:
    def names(view: Any) -> set[str]:
        write_format("csv", view, {}, tmp_path, False)
        return {path.name for path in tmp_path.iterdir()}

    assert names(BESIDE) == {"vms.csv", "findings.csv", "platform.csv"}
    assert names(ALONE) == {"platform.csv"}
    assert names(factory.make_view(3)) == {"vms.csv", "findings.csv"}


def test_json_holds_the_whole_chapter_and_no_null(tmp_path: Path) -> None:
    text = text_of(write_json, ALONE, tmp_path / "report.json")
    content = json.loads(text)
    assert "null" not in text
    platform = content["platform"]
    assert content["platform_alone"] is True
    assert [layer["state"] for layer in platform["layers"]][:3] == ["ready", "ready", "broken"]
    assert platform["requests"][0]["choices"][0]["quota_keys"]["requests.amd.com/gpu"] == 0
    gaudi = next(entry for entry in platform["operators"] if entry["name"] == "gaudi")
    assert "blocks_minor" not in gaudi
    assert "platform" not in json.loads(text_of(write_json, factory.make_view(2), tmp_path / "other.json"))


def test_junit_fails_skips_and_passes_checks(tmp_path: Path) -> None:
    write_junit(ALONE, tmp_path / "junit.xml")
    suite = ElementTree.parse(tmp_path / "junit.xml").find("testsuite[@name='platform']")
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["15", "5", "4"]
    names = [f"{case.get('classname')} {case.get('name')}" for case in suite]
    assert len(set(names)) == len(names)
    failure = suite.find("testcase[@name='platform.operators.resolution: operator kueue']/failure")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("critical", make.RESOLUTION)
    assert "Remedy: Name a channel that the package has." in (failure.text or "")
    skipped = [(case.find("skipped").get("message") or "").partition(":")[0] for case in suite if case.find("skipped") is not None]
    assert sorted(skipped) == ["not applicable", "not evaluated", "not evaluated", "waived"]
    hint = suite.find("testcase[@name='platform.prerequisites.hint: CA bundle']/system-out")
    assert hint is not None


def test_gauges_tell_layers_checks_operators_devices_and_restarts(tmp_path: Path) -> None:
    lines = text_of(write_openmetrics, ALONE, tmp_path / "metrics.prom").splitlines()
    for line in (
        'readiness_platform_layer_state{layer="operators",state="broken"} 1',
        'readiness_platform_layer_state{layer="operators",state="ready"} 0',
        'readiness_platform_findings{result="fail",severity="critical"} 4',
        'readiness_platform_operator_state{operator="amd",state="waiting"} 1',
        'readiness_platform_operator_blocks_minor{operator="nvidia"} 1',
        'readiness_platform_devices_allocatable{group="a100",resource="nvidia.com/mig-3g.40gb"} 6',
        'readiness_platform_requests{state="refused"} 1',
        'readiness_platform_restarting_nodes{pool="worker-gpu"} 2',
        'readiness_platform_images{mirrored="no"} 1',
        'readiness_platform_objects{state="changed"} 1',
        'readiness_platform_unread_resources{state="forbidden"} 1',
        'readiness_platform_logins{whose="ours",state="missing"} 1',
        'readiness_platform_groups{state="broken"} 1',
        'readiness_platform_alerts{severity="warning",state="missing"} 1',
        'readiness_platform_watched{type="model",state="unwatched"} 2',
        'readiness_platform_applications{standing="meant",state="broken"} 1',
        'readiness_platform_pipelines{standing="seen",state="missing"} 1',
    ):
        assert line in lines
    assert lines[-1] == "# EOF"


def test_gauges_have_no_sample_for_what_is_not_known_or_not_asked_for(tmp_path: Path) -> None:
    text = text_of(write_openmetrics, ALONE, tmp_path / "metrics.prom")
    assert 'readiness_platform_devices_requested{group="gaudi"' not in text
    assert 'blocks_minor{operator="gaudi"}' not in text
    assert 'layer="serving"' not in text
    assert "support_left_days" not in text
    assert "readiness_platform" not in text_of(write_openmetrics, factory.make_view(2), tmp_path / "other.prom")


def test_markdown_tells_mode_stack_words_and_tables(tmp_path: Path) -> None:
    text = text_of(write_markdown, ALONE, tmp_path / "report.md")
    for part in (
        "> Verified only: nothing was written to the cluster.",
        "| 3 | Operators | broken |",
        "### What hangs or fails, and why",
        "- **operator kueue**: constraints not satisfiable",
        "### What is missing",
        "### What drifted",
        "| `rhoai` | rhods-operator.3.5.0 | rhods-operator.3.6.0 &gt; rhods-operator.3.6.1 | refused |",
        "| `huge` | large-inference | refused |",
        "2 nodes of 1 pool would restart",
        "1 of 3 images has a mirror",
        "### Delivery",
        "| `openshift-gitops/queues` | broken | meant | ai | ai-models |",
        "| `ImagePolicy ai-models/own` | takes no effect | meant | none |",
        "desired state `platform.yml` (`abababababab`)",
    ):
        assert part in text
    assert "vSphere 8" not in text
    assert "Mirror the bundle &lt;img src=x onerror=alert(1)&gt;" in text


def test_terminal_names_the_platform_and_keeps_to_its_lines() -> None:
    alone = " ".join(summary_text(ALONE, "/tmp/report/index.html").split())
    assert "Verified only: nothing was written to the cluster." in alone
    assert "Hangs or fails: operator amd: Back-off pulling image" in alone
    assert "vSphere 8" not in alone
    assert alone.count("3 of 8 layers are ready") == 1
    beside = summary_text(BESIDE, "/tmp/report/index.html")
    assert "3 of 8 layers are ready" in " ".join(beside.split())
    assert len(beside.splitlines()) <= MAX_LINES


def test_data_for_a_workflow_has_the_platform_only_where_there_is_one() -> None:
    assert summary_data(ALONE)["platform"]["operators"]["kueue"] == "broken"
    assert "platform" not in summary_data(factory.make_view(3))
