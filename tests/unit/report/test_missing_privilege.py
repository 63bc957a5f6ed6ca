# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vCenter of which an account may not read everything: each format names the privilege and the verdicts that wait for it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_stage import ReportRequest, ReportResult, run_report
from ansible_collections.groundwork.readiness.plugins.module_utils.report.reasons import UNSEEN_REASONS
from ansible_collections.groundwork.readiness.plugins.plugin_utils.report_files import load_assets

from tests.unit.report import html_reading, samples

COUNT = 20
"""VMs of 60 that refuse their devices, each of which a critical rule needs."""

ADVICE = "ive the reader's account privilege System.Read on 20 VMs of vc-01.example.com"
SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "schemas" / "report.schema.json"


def reported(run_dir: Path, change: Any) -> ReportResult:
    """The report of a run on a vCenter with that trouble."""
    samples.live_run(run_dir, change)
    result = run_report(ReportRequest(run_dir, assets=load_assets()))
    assert result.error is None
    return result


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a vCenter where System.Read is missing on every third VM."""
    run_dir = tmp_path_factory.mktemp("refused")
    reported(run_dir, samples.third_vm_refused)
    return run_dir / "report"


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a vCenter with trouble of every kind."""
    run_dir = tmp_path_factory.mktemp("troubled")
    reported(run_dir, samples.much_trouble)
    return run_dir / "report"


def text_of(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def data_of(folder: Path) -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(text_of(folder, "report.json"))
    return data


def page_text(folder: Path) -> str:
    return " ".join(" ".join(html_reading.Reading(text_of(folder, "index.html")).text).split())


def table_rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


def sheet_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    head, *body = openpyxl.load_workbook(folder / "report.xlsx")[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_headline_names_the_privilege_that_keeps_verdicts_provisional(refused: Path) -> None:
    headline = data_of(refused)["headline"]
    assert headline.endswith(f"{COUNT} verdicts are provisional because privilege System.Read is missing.")
    assert headline in page_text(refused)


def test_summary_says_to_give_the_privilege_before_anything_else(refused: Path) -> None:
    lines = text_of(refused, "summary.txt").splitlines()
    first = lines[lines.index("What would settle most") + 1]
    assert first == f"  {COUNT} VMs  g{ADVICE}"


def test_page_names_privilege_objects_and_number_of_vms(refused: Path) -> None:
    text = page_text(refused)
    assert f"G{ADVICE} : it settles {COUNT} VMs" in text
    assert f"{COUNT} VMs: no permission: privilege System.Read is missing" in text
    assert "Give the reader's account privilege System.Read where it is missing (open for 20 VMs)." in text


def test_detail_of_a_vm_says_why_its_rules_are_open(refused: Path) -> None:
    table = html_reading.table_of(html_reading.Reading(text_of(refused, "index.html")))
    rows = [row for row in range(table["count"]) if table["why"]["values"][table["why"]["index"][row]]]
    assert len(rows) == COUNT
    ((owner, facts, reason, advice, rules),) = table["reasons"]
    assert (owner, facts, reason) == ("VM", "devices, tpm_present, usb", samples.NO_PERMISSION)
    assert advice == "Give the reader's account privilege System.Read on this VM."
    assert "vmware.passthrough_device.detected" in {table["ruleIds"][rule] for rule in rules}


def test_markdown_lists_the_cause_with_its_figures(refused: Path) -> None:
    text = text_of(refused, "report.md")
    assert f"| {COUNT} | G{ADVICE} |" in text
    assert f"| {COUNT} | {COUNT} | no permission: privilege System.Read is missing | {COUNT} VMs of vc-01.example.com |" in text


def test_json_holds_the_cause_and_every_vm_its_reasons(refused: Path) -> None:
    data = data_of(refused)
    jsonschema.validate(data, json.loads(SCHEMA.read_text(encoding="utf-8")), jsonschema.Draft202012Validator)
    (cause,) = data["causes"]
    assert (cause["privilege"], cause["vms"], cause["provisional_vms"], cause["settled"]) == ("System.Read", COUNT, COUNT, COUNT)
    assert cause["rules"]["vmware.passthrough_device.detected"] == COUNT
    open_vms = [vm for vm in data["vms"] if vm["gaps"]]
    assert len(open_vms) == COUNT == sum(vm["provisional"] for vm in data["vms"])
    for vm in open_vms:
        assert {rule for reason in vm["reasons"] for rule in reason["rules"]} == set(vm["gaps"])


def test_findings_have_a_row_per_open_rule_with_its_reason(refused: Path) -> None:
    rows = [row for row in table_rows(refused, "findings.csv") if row["result"] == "not_evaluated"]
    device = [row for row in rows if row["rule"] == "vmware.passthrough_device.detected"]
    assert len(device) == COUNT
    assert {(row["object"], row["field"], row["reason"]) for row in device} == {("VM", "devices", samples.NO_PERMISSION)}
    assert len(rows) == sum(len(vm["gaps"]) for vm in data_of(refused)["vms"])


def test_vms_csv_says_why_a_verdict_is_provisional(refused: Path) -> None:
    rows = [row for row in table_rows(refused, "vms.csv") if row["provisional"] == "true"]
    assert len(rows) == COUNT
    assert {row["unsettled_reason"] for row in rows} == {f"{samples.NO_PERMISSION} (devices, tpm_present, usb)"}


def test_workbook_names_privilege_and_vms(refused: Path) -> None:
    (cause,) = sheet_rows(refused, "Why open")
    assert (cause["Missing privilege"], cause["Provisional VMs that wait for it"]) == ("System.Read", COUNT)
    assert sheet_rows(refused, "What to settle")[0]["What would settle it"] == f"G{ADVICE}"
    reasons = {row["Why it is open"] for row in sheet_rows(refused, "Findings") if row["Result"] == "not_evaluated"}
    assert reasons == {samples.NO_PERMISSION}
    assert sum(row["Why that is not known"] is not None for row in sheet_rows(refused, "VMs")) == COUNT


def test_programs_are_told_the_privilege_too(refused: Path) -> None:
    assert f'readiness_missing_privilege_vms{{privilege="System.Read"}} {COUNT}\n' in text_of(refused, "metrics.prom")
    skipped = [line for line in text_of(refused, "junit.xml").splitlines() if "not known because" in line]
    assert skipped
    assert all(samples.NO_PERMISSION in line for line in skipped)


def test_workflow_gets_the_privilege_with_its_number_of_vms(tmp_path: Path) -> None:
    result = reported(tmp_path, samples.third_vm_refused)
    assert result.data["missing_privileges"] == {"System.Read": COUNT}
    assert "caveats" not in result.data


def test_vms_that_may_be_invisible_are_said_at_the_top_of_every_text(troubled: Path) -> None:
    warning = "VMs of vc-01.example.com may be invisible to the reader's account: "
    message = "VMs may be invisible to the account: the permission does not propagate from the root folder"
    assert data_of(troubled)["headline"].startswith(warning)
    assert data_of(troubled)["caveats"][0]["message"] == message
    assert text_of(troubled, "summary.txt").splitlines()[1].startswith(warning)
    assert text_of(troubled, "report.md").splitlines()[4].startswith(f"> vc-01.example.com: {message}")
    assert page_text(troubled).index(message) < page_text(troubled).index("Verdicts on all VMs in scope")
    summary = [row[:2] for row in openpyxl.load_workbook(troubled / "report.xlsx")["Summary"].iter_rows(values_only=True)]
    assert ("Complete", "not certain: see below") in summary
    assert any(label == "What may be missing" and message in str(value) for label, value in summary)


def test_refusals_of_a_cluster_count_for_its_vms(troubled: Path) -> None:
    cause = data_of(troubled)["causes"][0]
    assert cause["objects"] == ["20 VMs of vc-01.example.com", "cluster cluster-01"]
    assert cause["rules"]["vmware.drs.enabled"] == 30
    assert "cluster.drs_enabled" in cause["facts"]


def test_unknown_disks_of_one_vm_are_the_reason_for_those_that_might_share_them(troubled: Path) -> None:
    reasons = [reason for vm in data_of(troubled)["vms"] for reason in vm["reasons"] if reason["object"] == "other VMs"]
    assert reasons
    assert {reason["reason"] for reason in reasons} == {samples.VANISHED, UNSEEN_REASONS["vms_may_be_invisible"]}
    assert {rule for reason in reasons for rule in reason["rules"]} == {"vmware.disk.shared.detected"}


def test_source_shows_server_objects_notices_and_what_was_refused(troubled: Path) -> None:
    text = page_text(troubled)
    for words in (
        "vCenter, read live, version VMware vCenter Server 8.0.3 build-24322831",
        " hosts, ",
        " DRS rules, ",
        "storage policies : no permission: privilege StorageProfile.View is missing",
        "1 cluster: no permission: privilege System.Read is missing . Unknown therefore: dpm_enabled , drs_enabled , ha_enabled",
        "1 VM: it vanished while it was read",
        "tags were not read",
    ):
        assert words in text
    source = data_of(troubled)["sources"][0]
    kinds = Counter(json.loads(line)["kind"] for line in text_of(troubled.parent, "estate.jsonl").splitlines())
    apart = ("header", "source", "trailer", "vcenter", "vm")
    assert source["objects"] == {kind: count for kind, count in kinds.items() if kind not in apart}
    assert source["vm_count"] == kinds["vm"]
    assert {"kind": "vm", "count": COUNT, "facts": ["devices", "tpm_present", "usb"], "reason": samples.NO_PERMISSION} in source["unknown"]


def test_history_of_vms_stands_in_data_detail_and_workbook(troubled: Path) -> None:
    with_history = [vm for vm in data_of(troubled)["vms"] if "performance" in vm]
    assert with_history[0]["performance"]["cpu_usage_p95_mhz"] == 1830
    assert "disk_write_average_kib_per_s" not in with_history[0]["performance"]
    rows = sheet_rows(troubled, "Usage")
    assert len(rows) == len(with_history)
    assert (rows[0]["Days of history"], rows[0]["CPU MHz, peak"], rows[0]["Active memory GiB, peak"]) == (30, 5200, 6)
    assert rows[0]["Disk writes KiB/s, average"] is None
    block = html_reading.unpack(html_reading.Reading(text_of(troubled, "index.html")).content("evidence-0"))
    assert sum(bool(figures) for figures in block["performance"]) == len(with_history)


def test_report_of_refusals_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        reported(tmp_path / name, samples.much_trouble)
    one, other = (samples.tree_sha256(tmp_path / name / "report") for name in ("a", "b"))
    assert one == other
