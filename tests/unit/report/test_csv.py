# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CSV files, read back: names with units, raw values, and no cell that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_csv import neutral, write_findings_csv, write_vms_csv
from ansible_collections.groundwork.readiness.plugins.module_utils.report import view

from tests.unit.report import factory


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a file by the names of its columns."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def vms(report: view.ReportView, folder: Path) -> list[dict[str, str]]:
    """The rows of vms.csv."""
    write_vms_csv(report, folder / "vms.csv")
    return read(folder / "vms.csv")


def test_vms_have_a_row_each_with_raw_values(tmp_path: Path) -> None:
    report = factory.make_view(20)
    listed = vms(report, tmp_path)
    assert [row["id"] for row in listed] == [vm.id for vm in report.vms]
    for row, vm in zip(listed, report.vms, strict=True):
        assert (row["verdict"], row["provisional"]) == (vm.verdict, "true" if vm.provisional else "false")
        assert float(row["score"]) == vm.score
        assert row["disk_bytes"] == ("" if vm.disk_bytes is None else str(vm.disk_bytes))


def test_findings_have_a_row_per_piece_of_evidence(tmp_path: Path) -> None:
    report = factory.make_view(20)
    write_findings_csv(report, tmp_path / "findings.csv")
    expected = [(vm.id, finding.rule, finding.result) for vm in report.vms for finding in vm.findings for _piece in finding.evidence]
    assert [(row["vm_id"], row["rule"], row["result"]) for row in read(tmp_path / "findings.csv")] == expected


def test_finding_without_evidence_still_has_a_row(tmp_path: Path) -> None:
    base = factory.make_view(1)
    vm = replace(base.vms[0], findings=(view.FindingView("vmware.tpm.detected", "fail", ()),))
    write_findings_csv(replace(base, vms=(vm,)), tmp_path / "findings.csv")
    (row,) = read(tmp_path / "findings.csv")
    assert (row["rule"], row["object"]) == ("vmware.tpm.detected", "")


@pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(text: str, tmp_path: Path) -> None:
    base = factory.make_view(1)
    (row,) = vms(replace(base, vms=(replace(base.vms[0], name=text),)), tmp_path)
    assert row["name"] == f"'{text}"


def test_numbers_stay_numbers() -> None:
    assert [neutral(value) for value in (-1, -0.5, None, "a=b", True)] == [-1, -0.5, None, "a=b", "true"]


def test_quotes_commas_and_line_breaks_survive(tmp_path: Path) -> None:
    base = factory.make_view(1)
    text = 'a "quoted", name\nwith a break'
    (row,) = vms(replace(base, vms=(replace(base.vms[0], name=text),)), tmp_path)
    assert row["name"] == text


def test_file_is_utf8_without_a_mark_and_with_crlf(tmp_path: Path) -> None:
    vms(factory.make_view(8), tmp_path)
    content = (tmp_path / "vms.csv").read_bytes()
    assert content.startswith(b"name,verdict,")
    assert content.endswith(b"\r\n")
    assert "Überweisung 東京".encode() in content


def test_report_without_vms_is_a_header_alone(tmp_path: Path) -> None:
    assert vms(factory.failed_view(), tmp_path) == []
