# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workbook, read back: every sheet, text that stays text, and sheets that are continued."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_xlsx import write_xlsx
from ansible_collections.groundwork.readiness.plugins.module_utils.report import view
from ansible_collections.groundwork.readiness.plugins.module_utils.report.tables import TABLES

from tests.unit.report import factory

HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "http://example.com",
    "mailto:a@example.com",
    "{=A1}",
    "0123",
    "<b>x</b>",
    "<r><t>x</t></r>",
    "a\x01b\uffffc",
    "_x0041_",
)


def workbook(report: view.ReportView, folder: Path, **options: Any) -> Any:
    """The workbook of that view as openpyxl reads it."""
    path = folder / "report.xlsx"
    write_xlsx(report, path, **options)
    return openpyxl.load_workbook(path)


def rows(sheet: Any) -> list[dict[str, Any]]:
    """The rows of a sheet by the titles of its columns."""
    head, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_there_is_a_sheet_per_question_with_frozen_header_and_filter(tmp_path: Path) -> None:
    book = workbook(factory.make_view(20), tmp_path)
    assert book.sheetnames == ["Summary", *(table.title for table in TABLES)]
    for sheet in book.worksheets[1:]:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")


def test_vms_sheet_shows_figures_in_the_units_of_its_titles(tmp_path: Path) -> None:
    report = factory.make_view(8)
    vm = next(vm for vm in report.vms if vm.disk_bytes is not None)
    row = next(row for row in rows(workbook(report, tmp_path)["VMs"]) if row["Id"] == vm.id)
    assert (row["Verdict"], row["vCPUs"], row["Memory GiB"]) == (view.VERDICT_LABELS[vm.verdict], vm.cpu_count, vm.memory_mib / 1024)
    assert row["Disks GiB"] == pytest.approx(vm.disk_bytes / 1024**3)
    assert row["Score"] == pytest.approx(vm.score)
    assert row["Provisional"] == ("yes" if vm.provisional else "no")


def test_unknown_figures_are_empty_cells_not_zeros(tmp_path: Path) -> None:
    base = factory.make_view(1)
    vm = replace(base.vms[0], cpu_count=None, disk_bytes=None, nic_count=0)
    (row,) = rows(workbook(replace(base, vms=(vm,)), tmp_path)["VMs"])
    assert (row["vCPUs"], row["Disks GiB"], row["Network adapters"]) == (None, None, 0)


def test_findings_sheet_has_a_row_per_piece_of_evidence(tmp_path: Path) -> None:
    report = factory.make_view(20)
    expected = [(vm.id, finding.rule, piece.object) for vm in report.vms for finding in vm.findings for piece in finding.evidence]
    assert [(row["VM id"], row["Rule"], row["Object"]) for row in rows(workbook(report, tmp_path)["Findings"])] == expected


def test_long_tables_are_continued_on_further_sheets(tmp_path: Path) -> None:
    report = factory.make_view(25)
    book = workbook(report, tmp_path, max_rows=10)
    assert [name for name in book.sheetnames if name.startswith("VMs")] == ["VMs", "VMs (2)", "VMs (3)"]
    assert [row["Id"] for name in ("VMs", "VMs (2)", "VMs (3)") for row in rows(book[name])] == [vm.id for vm in report.vms]
    assert book["VMs (3)"].auto_filter.ref.endswith("6")


def test_table_that_just_fits_is_not_continued(tmp_path: Path) -> None:
    assert "VMs (2)" not in workbook(factory.make_view(10), tmp_path, max_rows=10).sheetnames


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_the_estate_stays_text(text: str, tmp_path: Path) -> None:
    base = factory.make_view(1)
    report = replace(base, title=text, vms=(replace(base.vms[0], name=text, owner=text),))
    book = workbook(report, tmp_path)
    cell = book["VMs"]["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    visible = text.replace("\uffff", "\ufffd")
    assert cell.value.rstrip(" ") in (visible, visible.replace("\x01", "_x0001_"), visible.replace("_x0041_", "_x005F_x0041_"))


def test_no_sheet_holds_a_formula_or_a_link(tmp_path: Path) -> None:
    write_xlsx(factory.make_view(20), tmp_path / "report.xlsx")
    with zipfile.ZipFile(tmp_path / "report.xlsx") as archive:
        for name in archive.namelist():
            content = archive.read(name)
            assert b"<f>" not in content
            assert b"<f " not in content
            assert b"<hyperlink" not in content


def test_text_longer_than_a_cell_is_cut_and_the_cut_is_visible(tmp_path: Path) -> None:
    base = factory.make_view(1)
    report = replace(base, vms=(replace(base.vms[0], folder="\U0001f600" * 20000),))
    (row,) = rows(workbook(report, tmp_path)["VMs"])
    assert row["Folder"].endswith("…")
    assert len(row["Folder"].encode("utf-16-le")) // 2 <= 32767


def test_summary_shows_verdicts_and_what_the_report_rests_on(tmp_path: Path) -> None:
    report = factory.make_view(30)
    cells = [cell for row in workbook(report, tmp_path)["Summary"].iter_rows(values_only=True) for cell in row if cell is not None]
    for expected in (report.title, report.headline, report.catalogue_sha256, "ready with work", "Provisional"):
        assert expected in cells


def test_table_without_rows_says_so(tmp_path: Path) -> None:
    book = workbook(factory.empty_view(), tmp_path)
    assert book["VMs"]["A2"].value == "Nothing to list."
    assert [row["Why it is out of scope"] for row in rows(book["Excluded"])] == ["template", "vCLS agent VM"]


def test_failed_run_lists_its_problems(tmp_path: Path) -> None:
    listed = rows(workbook(factory.failed_view(), tmp_path)["Stages"])
    assert [(row["Stage"], row["State"], row["Place of the problem"]) for row in listed] == [
        ("estate", "failed", "dc1.xlsx, tab vInfo"),
        ("estate", "failed", "dc1.xlsx, tab vInfo, row 7, column CPUs"),
        ("assessment", "did not run", None),
    ]


def test_file_properties_carry_the_time_of_the_report(tmp_path: Path) -> None:
    properties = workbook(factory.make_view(1), tmp_path).properties
    assert properties.created == properties.modified
    assert properties.created.isoformat() == "2026-09-01T08:00:00"
