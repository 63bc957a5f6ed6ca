# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JUnit file, read back and held against the form that CI systems expect."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.report_junit import write_junit
from ansible_collections.groundwork.readiness.plugins.module_utils.report import view

from tests.unit.report import factory

COUNTS = {"tests", "failures", "errors", "skipped"}
ALLOWED = {
    "testsuites": ({"name", *COUNTS}, {"name", *COUNTS}, {"testsuite"}),
    "testsuite": ({"name", "timestamp", *COUNTS}, {"name", "timestamp", *COUNTS}, {"testcase"}),
    "testcase": ({"classname", "name"}, {"classname", "name"}, {"failure", "error", "skipped", "system-out"}),
    "failure": ({"message", "type"}, {"message", "type"}, set()),
    "error": ({"message", "type"}, {"message", "type"}, set()),
    "skipped": ({"message"}, {"message"}, set()),
    "system-out": (set(), set(), set()),
}
"""Element to (attributes it must have, may have, children it may have), as in the schemas of Jenkins and GitLab."""


def parsed(report: view.ReportView, folder: Path) -> ElementTree.Element:
    """The file as a tree, checked."""
    write_junit(report, folder / "junit.xml")
    root = ElementTree.parse(folder / "junit.xml").getroot()
    check(root)
    return root


def check(element: ElementTree.Element) -> None:
    """Holds an element and all below it against the form; counts must be those of the cases."""
    required, allowed, children = ALLOWED[element.tag]
    assert required <= set(element.attrib) <= allowed, element.tag
    results = [child.tag for child in element if child.tag != "system-out"]
    if element.tag == "testcase":
        assert len(results) <= 1
        assert [child.tag for child in element] == sorted((child.tag for child in element), key=lambda tag: tag == "system-out")
    if element.tag in ("testsuites", "testsuite"):
        cases = list(element.iter("testcase"))
        kinds = Counter(child.tag for case in cases for child in case)
        expected = {"tests": len(cases), "failures": kinds["failure"], "errors": kinds["error"], "skipped": kinds["skipped"]}
        assert {name: int(element.attrib[name]) for name in COUNTS} == expected
    if element.tag == "testsuite":
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", element.attrib["timestamp"])
    for child in element:
        assert child.tag in children, child.tag
        check(child)


def case_of(vm: view.VmView, folder: Path) -> ElementTree.Element:
    """The case of one VM."""
    report = replace(factory.make_view(1), vms=(vm,))
    return next(case for case in parsed(report, folder).iter("testcase") if case.get("classname") != "stages")


def made(verdict: str, provisional: bool = False, **facts: object) -> view.VmView:
    """A VM with that verdict."""
    base = replace(factory.make_view(1).vms[0], name="app-1", vcenter="vc.example.com", cluster="c1", findings=(), gaps=())
    return replace(base, verdict=verdict, provisional=provisional, **facts)


CRITICAL = view.FindingView("vmware.guestDisks.freespace", "fail", (view.EvidenceView("/var", "free_bytes", "41943040", ">= 104857600"),))
WARNING = view.FindingView("vmware.usb_controller.detected", "fail", (view.EvidenceView("app-1", "controllers", "usbXhci", "none"),))


@pytest.mark.parametrize(
    "report",
    [factory.make_view(120), factory.failed_view(), factory.failed_view(9), factory.empty_view()],
    ids=["whole", "failed", "partial", "empty"],
)
def test_file_has_the_form_that_ci_systems_read(report: view.ReportView, tmp_path: Path) -> None:
    parsed(report, tmp_path)


def test_every_vm_is_a_case_of_its_cluster(tmp_path: Path) -> None:
    report = factory.make_view(60)
    cases = Counter(case.get("classname") for case in parsed(report, tmp_path).iter("testcase"))
    expected = Counter(f"{vm.vcenter}/{vm.cluster}" for vm in report.vms)
    assert cases - Counter({"stages": 2}) == expected


@pytest.mark.parametrize("provisional", [False, True])
def test_blocked_vm_fails_with_evidence_and_remedy_even_when_provisional(provisional: bool, tmp_path: Path) -> None:
    case = case_of(made("blocked", provisional, findings=(CRITICAL, WARNING), gaps=("vmware.tpm.detected",)), tmp_path)
    failure = case.find("failure")
    assert failure.get("message") == "blocked by 1 rule: vmware.guestDisks.freespace"
    assert "/var: free_bytes is 41943040, expected >= 104857600" in failure.text
    assert "Remedy: " in failure.text
    assert "vmware.usb_controller.detected" in case.find("system-out").text


def test_provisional_vm_is_skipped_with_what_would_settle_it(tmp_path: Path) -> None:
    case = case_of(
        made("ready", True, gaps=("vmware.passthrough_device.detected", "vmware.tpm.detected", "vmware.snapshot.detected")), tmp_path
    )
    assert case.find("skipped").get("message") == (
        "provisional, ready so far: not evaluated: vmware.passthrough_device.detected, vmware.tpm.detected; "
        "to settle it, find out: devices, tpm_present"
    )


def test_provisional_vm_that_needs_work_is_skipped_with_its_findings(tmp_path: Path) -> None:
    case = case_of(made("ready_with_work", True, findings=(WARNING,), gaps=("vmware.passthrough_device.detected",)), tmp_path)
    assert case.find("skipped") is not None
    assert "controllers is usbXhci, expected none" in case.find("system-out").text


def test_vm_without_a_verdict_is_skipped_with_what_is_missing(tmp_path: Path) -> None:
    case = case_of(made("not_evaluated", guest_os="", disk_count=None), tmp_path)
    assert case.find("skipped").get("message") == "no verdict: guest OS and disks not known"


def test_vm_that_needs_work_passes_with_its_findings_as_output(tmp_path: Path) -> None:
    case = case_of(made("ready_with_work", findings=(WARNING,)), tmp_path)
    assert [child.tag for child in case] == ["system-out"]


def test_ready_vm_passes(tmp_path: Path) -> None:
    assert list(case_of(made("ready"), tmp_path)) == []


def test_vms_of_one_name_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    vms = tuple(replace(made("ready"), id=f"vm-{number}") for number in range(2))
    root = parsed(replace(factory.make_view(1), vms=vms), tmp_path)
    assert [case.get("name") for case in root.iter("testcase")][2:] == ["app-1 (vm-0)", "app-1 (vm-1)"]


def test_stage_that_failed_is_an_error_with_its_problems(tmp_path: Path) -> None:
    root = parsed(factory.failed_view(), tmp_path)
    error = root.find(".//error")
    assert error.get("message") == "estate failed: dc1.xlsx cannot be read"
    assert "dc1.xlsx, tab vInfo, row 7, column CPUs: 'twelve' is not a number" in error.text
    assert root.find(".//skipped").get("message") == "There is no estate to assess."


def test_characters_that_xml_cannot_hold_are_replaced_and_the_rest_survives(tmp_path: Path) -> None:
    name = "a\x00b\x1f\x0b\uffff<&>\"'\t\nü"
    case = case_of(
        replace(made("blocked", findings=(replace(CRITICAL, evidence=(view.EvidenceView(name, "f", "]]>", "x"),)),)), name=name), tmp_path
    )
    assert case.get("name") == "a\ufffdb\ufffd\ufffd\ufffd<&>\"'\t\nü"
    assert "]]>" in case.find("failure").text
