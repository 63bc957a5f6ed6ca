# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan in every other format: workbook, CSV, Markdown, JSON, JUnit, OpenMetrics and the terminal's summary."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import report_csv
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_formats import write_format
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_json import write_json
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_junit import MAX_LINES, write_junit
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_markdown import write_markdown
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_openmetrics import write_openmetrics
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_xlsx import write_xlsx
from ansible_collections.groundwork.readiness.plugins.module_utils.report.plan_tables import PLAN_COLUMNS, PLAN_TABLES, TARGET_TABLES
from ansible_collections.groundwork.readiness.plugins.module_utils.report.plan_texts import state_word
from ansible_collections.groundwork.readiness.plugins.module_utils.report.summary import MAX_LINES as SUMMARY_LINES
from ansible_collections.groundwork.readiness.plugins.module_utils.report.summary import summary_data, summary_text
from ansible_collections.groundwork.readiness.plugins.module_utils.report.tables import TABLES

from tests.unit.report import factory
from tests.unit.report import plan_factory as make

PLANNED = make.planned_view(40)


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """Every sheet of the workbook as rows by the titles of its columns."""
    path = tmp_path_factory.mktemp("book") / "report.xlsx"
    write_xlsx(PLANNED, path)
    found = {}
    for sheet in openpyxl.load_workbook(path).worksheets[1:]:
        head, *body = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(head, row, strict=True)) for row in body]
    return found


def table(write: Any, folder: Path) -> list[dict[str, str]]:
    write(PLANNED, folder / "table.csv")
    with (folder / "table.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_workbook_gets_the_sheets_of_plan_and_target(sheets: dict[str, Any]) -> None:
    assert list(sheets) == [entry.title for entry in (*TABLES, *PLAN_TABLES, *TARGET_TABLES)]


def test_sheets_of_what_is_set_free_have_cpus_and_say_that_gpus_are_not_known(sheets: dict[str, Any]) -> None:
    last = sheets["Released"][-1]
    assert (last["Hosts free"], last["Hosts with this wave"], last["Cores with this wave"]) == (4, 1, 32)
    assert last["GPUs of the free hosts"].startswith("not known; VMs use 3")
    hosts = {row["Free after wave"]: (row["CPU model"], row["CPU generation"], row["GPUs"]) for row in sheets["Free hosts"]}
    assert hosts[None] == ("not known", "not known", "not known")
    assert hosts[2][1] == "intel-cascadelake"


def test_wave_sheet_has_times_sizes_and_the_serial_formula(sheets: dict[str, Any]) -> None:
    first = sheets["Waves"][0]
    assert (first["Wave"], first["Begin"], first["To copy GiB"]) == (1, "2027-01-16T20:00:00+01:00", 2048)
    assert (first["Minutes, p90"], first["Minutes of the window"], first["Minutes by the serial formula"]) == (180.25, 360, 600)


def test_plan_sheet_says_why_of_each_vm(sheets: dict[str, Any]) -> None:
    by_id = {row["Id"]: row for row in sheets["Plan"]}
    for vm in PLANNED.vms:
        assert vm.plan is not None
        row = by_id[vm.id]
        assert (row["Wave"], row["Method"], row["State"]) == (vm.plan.wave, vm.plan.method or None, state_word(vm.plan.state))
        assert row["Why it stands in its wave"] or row["What keeps it out"] or row["Why it is not planned"] or row["Rules to settle first"]


def test_plan_sheet_has_the_columns_of_the_csv_file(sheets: dict[str, Any]) -> None:
    assert list(sheets["Plan"][0]) == [column.title for column in PLAN_COLUMNS]
    assert len(sheets["Plan"]) == sum(vm.plan is not None for vm in PLANNED.vms)


def test_kept_out_sheet_names_the_vms_of_a_constraint(sheets: dict[str, Any]) -> None:
    (row,) = sheets["Kept out"]
    assert (row["Constraint"], row["VMs"], row["What keeps it out"]) == ("network_unmapped", 8, "network dmz leads nowhere")
    assert len(row["Names of the VMs"].split(", ")) == 8


def test_text_that_looks_like_a_formula_stays_text(sheets: dict[str, Any], tmp_path: Path) -> None:
    assert make.FORMULA in [row["Name"] for row in sheets["Mapping"]]
    observed = [row["observed"] for row in table(report_csv.write_preflight_csv, tmp_path)]
    assert f"'{make.FORMULA}" in observed


def test_csv_of_the_plan_has_a_row_per_vm_with_figures_as_they_are(tmp_path: Path) -> None:
    by_id = {row["id"]: row for row in table(report_csv.write_plan_csv, tmp_path)}
    vm = next(vm for vm in PLANNED.vms if vm.plan and vm.plan.wave == 1)
    row = by_id[vm.id]
    assert len(by_id) == len(PLANNED.vms)
    assert (row["wave"], row["elapsed_p90_minutes"], row["within_tolerance"]) == ("1", "118.2", "true")
    assert [row["wave"] for row in table(report_csv.write_waves_csv, tmp_path)] == ["1", "2", "3"]


def test_csv_files_of_the_plan_are_written_only_with_a_plan(tmp_path: Path) -> None:
    names = {file.name for file in write_format("csv", PLANNED, {}, tmp_path, False)}
    without = {file.name for file in write_format("csv", factory.make_view(5), {}, tmp_path, False)}
    assert names - without == {"waves.csv", "plan.csv", "preflight.csv"}


def test_json_holds_the_plan_without_findings_and_each_vms_place(tmp_path: Path) -> None:
    write_json(PLANNED, tmp_path / "report.json")
    text = (tmp_path / "report.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert "null" not in text
    assert "findings" not in content["plan"]
    assert content["plan"]["states"] == {"placed": 16, "settle_first": 8, "unplaced": 8, "blocked": 8}
    assert content["target"]["openshift_version"] == "4.21.9"
    kept_out = next(vm["plan"] for vm in content["vms"] if vm["plan"]["state"] == "unplaced")
    assert (kept_out["constraints"], "wave" in kept_out) == (["network_unmapped"], False)


def test_json_without_a_plan_has_no_key_of_it(tmp_path: Path) -> None:
    write_json(factory.make_view(5), tmp_path / "report.json")
    content = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert not {"plan", "target"} & set(content)
    assert not any("plan" in vm for vm in content["vms"])


def test_junit_has_a_case_per_condition_that_fails_is_skipped_or_passes(tmp_path: Path) -> None:
    write_junit(PLANNED, tmp_path / "junit.xml")
    suite = ElementTree.parse(tmp_path / "junit.xml").find("testsuite[@name='preflight']")
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "failures", "skipped")] == ["3", "1", "1"]
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "critical"
    assert f"Plan openshift-mtv/erp, VM 1: {make.HOSTILE}, expected one (make it)" in (failure.text or "")
    skipped = suite.find("testcase/skipped")
    assert skipped is not None
    assert "the account may not list providers" in (skipped.get("message") or "")


def test_junit_case_lists_only_so_many_findings(tmp_path: Path) -> None:
    findings = [make.finding("big", number) for number in range(MAX_LINES + 3)]
    plan = make.plan_of([make.condition("big", failed=len(findings)), *findings])
    write_junit(replace(PLANNED, plan=plan), tmp_path / "junit.xml")
    failure = ElementTree.parse(tmp_path / "junit.xml").find("testsuite[@name='preflight']/testcase/failure")
    assert failure is not None
    assert (failure.text or "").splitlines()[-1] == "and 3 more: see preflight.csv"


def test_gauges_tell_states_waves_shortages_and_conditions(tmp_path: Path) -> None:
    write_openmetrics(PLANNED, tmp_path / "metrics.prom")
    lines = (tmp_path / "metrics.prom").read_text(encoding="utf-8").splitlines()
    for line in (
        'readiness_plan_vms{state="placed"} 16',
        'readiness_plan_vms{state="moved"} 0',
        'readiness_plan_waves{state="ahead"} 3',
        f'readiness_plan_shortage{{resource="memory",unit="bytes"}} {200 * make.GIB}',
        'readiness_preflight_conditions{result="fail"} 1',
        'readiness_plan_manifests{dry_run="refused"} 1',
        'readiness_plan_released_hosts{cluster="prod-01"} 4',
        'readiness_target_unread_resources{state="forbidden"} 1',
    ):
        assert line in lines
    assert lines[-1] == "# EOF"


def test_no_gauge_of_a_plan_without_one(tmp_path: Path) -> None:
    write_openmetrics(factory.make_view(5), tmp_path / "metrics.prom")
    assert "readiness_plan" not in (tmp_path / "metrics.prom").read_text(encoding="utf-8")


def test_markdown_tells_waves_constraints_shortages_and_what_is_set_free(tmp_path: Path) -> None:
    write_markdown(PLANNED, tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    for part in (
        "| 1 | Sat 16 Jan 2027, 20:00 to 02:00 | 10 | 2 | 1 | 2 TiB | 2 h 1 min | 3 h | 10 h | host |",
        "| 8 | `network_unmapped` | network dmz leads nowhere | add a rule for dmz | `plan_networks` |",
        "| `memory` | 700 GiB | 500 GiB |",
        "1 more node like worker-0 would take 2 VMs.",
        "| Critical | the NetworkMapNotReady is wrong (`NetworkMapNotReady`) | 2 | 7 |",
        "| `prod-01` | 4 | 4 | 128 | 2 TiB | 0 | 3 |",
        "| OpenShift | 4.21.9 |",
    ):
        assert part in text
    assert f"| network | `{make.HOSTILE}` | 9 |" in text
    assert "denied: &lt;img src=x onerror=alert(1)&gt;" in text


def test_summary_names_the_plan_and_keeps_to_its_lines() -> None:
    text = summary_text(PLANNED, "/tmp/report/index.html")
    assert "16 of 40 VMs move in 3 waves from 16 January 2027 to 31 January 2027." in " ".join(text.split())
    assert "Lacking: 200 GiB of memory." in text
    assert "Preflight: 1 of 3 conditions failed" in text
    assert len(text.splitlines()) <= SUMMARY_LINES


def test_summary_data_has_the_plans_figures_only_with_a_plan() -> None:
    data = summary_data(PLANNED)["plan"]
    assert (data["waves"], data["shortages"], data["failed_conditions"], data["refused_manifests"]) == (3, 1, 1, 1)
    assert data["start"] == "2027-01-16T20:00:00+01:00"
    assert "plan" not in summary_data(factory.make_view(5))
