# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as JUnit XML for CI systems: a case per VM, per stage, per condition of the plan's preflight, per check of the platform.

A blocked VM fails, a provisional or not evaluated one is skipped with what would settle it, one that needs work passes
with its findings as output, a stage that failed or is out of date is an error. A check of the platform or of namespaces
that was waived, was not evaluated or does not apply is skipped, and one that is only good to know passes with its message
as output.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from ..report.dates import moment
from ..report.headline import counted, listed
from ..report.namespaces_view import NamespacesView
from ..report.open_rules import reasons_text
from ..report.plan_view import PlanView, PreflightFindingView
from ..report.platform_texts import RESULT_WORDS, counts_against, words
from ..report.platform_view import CheckFindingView, PlatformView
from ..report.summary import problem_line, stage_line
from ..report.tally import unsettled_rules
from ..report.view import FindingView, ReasonView, ReportView, RuleView, StageView, VmView

NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""

MAX_LINES: Final = 200
"""Findings that a case of the preflight lists."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case; `kind` is failure, error, skipped or empty for one that passes."""

    classname: str
    name: str
    kind: str = ""
    message: str = ""
    body: str = ""
    output: str = ""
    reason: str = "blocked"
    """type of a failure"""


def write_junit(view: ReportView, path: Path) -> None:
    """Writes a suite for the stages, one each for the plan's preflight, the platform and the namespaces if any, and one per cluster."""
    suites = _grouped(view.vms)
    counts = {key: Counter(_kind(vm) for vm in vms) for key, vms in suites.items()}
    stages = [_stage_case(stage) for stage in view.stages]
    stage_counts = Counter(case.kind for case in stages)
    conditions = list(_conditions(view.plan)) if view.plan else []
    condition_counts = Counter(case.kind for case in conditions)
    checks = list(_checks(view.platform)) if view.platform else []
    check_counts = Counter(case.kind for case in checks)
    contracts = list(_contract_checks(view.namespaces)) if view.namespaces else []
    contract_counts = Counter(case.kind for case in contracts)
    total = sum(counts.values(), stage_counts + condition_counts + check_counts + contract_counts)
    stamp = moment(view.now).strftime("%Y-%m-%dT%H:%M:%S")
    writer = _Vms(view)
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        stream.write(f"<testsuites {_attributes(view.title, total)}>\n")
        stream.writelines(_suite("stages", stage_counts, stamp, stages))
        if conditions:
            stream.writelines(_suite("preflight", condition_counts, stamp, conditions))
        if checks:
            stream.writelines(_suite("platform", check_counts, stamp, checks))
        if contracts:
            stream.writelines(_suite("namespaces", contract_counts, stamp, contracts))
        for key, vms in suites.items():
            stream.writelines(_suite(_class(*key), counts[key], stamp, writer.cases(_class(*key), vms)))
        stream.write("</testsuites>\n")


def _grouped(vms: Iterable[VmView]) -> dict[tuple[str, str], list[VmView]]:
    groups: dict[tuple[str, str], list[VmView]] = {}
    for vm in vms:
        groups.setdefault((vm.vcenter, vm.cluster), []).append(vm)
    return dict(sorted(groups.items()))


def _class(vcenter: str, cluster: str) -> str:
    """Name of a suite and of the class of its cases."""
    return f"{vcenter or 'vCenter not known'}/{cluster or 'no cluster known'}"


def _kind(vm: VmView) -> str:
    if vm.verdict == "blocked":
        return "failure"
    return "skipped" if vm.provisional or vm.verdict == "not_evaluated" else ""


def _suite(name: str, counts: Counter[str], stamp: str, cases: Iterable[_Case]) -> Iterator[str]:
    yield f'<testsuite {_attributes(name, counts)} timestamp="{stamp}">\n'
    for case in cases:
        yield from _case(case)
    yield "</testsuite>\n"


def _attributes(name: str, counts: Counter[str]) -> str:
    figures = {"tests": counts.total(), "failures": counts["failure"], "errors": counts["error"], "skipped": counts["skipped"]}
    return f'name="{_quoted(name)}" ' + " ".join(f'{key}="{figure}"' for key, figure in figures.items())


def _case(case: _Case) -> Iterator[str]:
    yield f'<testcase classname="{_quoted(case.classname)}" name="{_quoted(case.name)}"'
    if not case.kind and not case.output:
        yield "/>\n"
        return
    yield ">"
    if case.kind == "skipped":
        yield f'<skipped message="{_quoted(case.message)}"/>'
    elif case.kind:
        reason = case.reason if case.kind == "failure" else "stage"
        yield f'<{case.kind} message="{_quoted(case.message)}" type="{reason}">{_plain(case.body)}</{case.kind}>'
    if case.output:
        yield f"<system-out>{_plain(case.output)}</system-out>"
    yield "</testcase>\n"


def _plain(text: str) -> str:
    """Text of an element."""
    return escape(NOT_XML.sub("\ufffd", text), {"\r": "&#13;"})


def _quoted(text: str) -> str:
    """Text of an attribute in double quotes; line breaks and tabs survive."""
    return escape(NOT_XML.sub("\ufffd", text), {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _stage_case(stage: StageView) -> _Case:
    name = f"{stage.stage} on {stage.host}"
    if stage.state == "ran":
        return _Case("stages", name)
    if stage.state == "skipped":
        return _Case("stages", name, "skipped", stage.message or "it did not run")
    lines = [problem_line(problem) for problem in stage.problems]
    return _Case("stages", name, "error", stage_line(stage), "\n".join([*lines, stage.hint] if stage.hint else lines))


def _conditions(plan: PlanView) -> Iterator[_Case]:
    """A case per condition of the preflight: it fails with its findings, and is skipped where an object was not evaluated."""
    lines: dict[tuple[str, str], list[str]] = {}
    for finding in plan.findings:
        lines.setdefault((finding.condition, finding.result), []).append(_preflight_line(finding))
    for condition in plan.conditions:
        name = f"{condition.id}: {condition.title}"
        if condition.failed:
            message = f"{condition.category}: {condition.title}, for {counted(condition.failed, 'object')}"
            body = _shortened(lines.get((condition.id, "fail"), []))
            yield _Case("preflight", name, "failure", message, body, reason=condition.category.lower())
        elif condition.not_evaluated:
            reasons = lines.get((condition.id, "not_evaluated"), [])
            why = f": {reasons[0]}" if reasons else ""
            yield _Case("preflight", name, "skipped", f"not evaluated for {counted(condition.not_evaluated, 'object')}{why}")
        else:
            yield _Case("preflight", name)


def _checks(platform: PlatformView) -> Iterator[_Case]:
    """A case per check and subject; both together are unique."""
    for finding in sorted(platform.findings, key=lambda entry: (entry.layer, entry.check, entry.subject)):
        yield _check_case(f"platform.{finding.layer or finding.part}", finding)


def _contract_checks(found: NamespacesView) -> Iterator[_Case]:
    """A case per check and subject, with the namespace, or the owner of several, as its class."""
    for finding in sorted(found.findings, key=lambda entry: (entry.part, entry.check, entry.subject)):
        yield _check_case(f"namespaces.{finding.part}", finding)


def _check_case(classname: str, finding: CheckFindingView) -> _Case:
    name = f"{finding.check}: {finding.subject}"
    told = finding.message or words(finding.result, RESULT_WORDS)
    if finding.result == "fail" and counts_against(finding):
        return _Case(classname, name, "failure", told, "\n".join(_check_lines(finding)), reason=finding.severity)
    if finding.result == "pass":
        return _Case(classname, name)
    if finding.result == "fail":
        return _Case(classname, name, output="\n".join([told, *_check_lines(finding)]))
    return _Case(classname, name, "skipped", f"{words(finding.result, RESULT_WORDS)}: {told}" if finding.message else told)


def _check_lines(finding: CheckFindingView) -> Iterator[str]:
    for piece in finding.evidence:
        yield f"{piece.object}: {piece.field} is {piece.observed or 'empty'}, expected {piece.expected}"
    if finding.fields:
        yield f"Differs in {', '.join(finding.fields)}"
    if finding.remedy:
        yield f"Remedy: {finding.remedy}"
    if finding.path:
        yield f"Asked for at {finding.path}"


def _preflight_line(finding: PreflightFindingView) -> str:
    expected = f", expected {finding.expected}" if finding.expected else ""
    remedy = f" ({finding.remedy})" if finding.remedy else ""
    return f"{finding.object}: {finding.observed or 'empty'}{expected}{remedy}"


def _shortened(lines: list[str]) -> str:
    rest = len(lines) - MAX_LINES
    return "\n".join([*lines[:MAX_LINES], f"and {rest:,} more: see preflight.csv"] if rest > 0 else lines)


class _Vms:
    """Test cases of VMs."""

    def __init__(self, view: ReportView) -> None:
        self._rules: Mapping[str, RuleView] = {rule.id: rule for rule in view.rules}
        self._categories = {rule.id: rule.category for rule in view.rules}
        self._waiting: dict[tuple[str, tuple[str, ...], tuple[ReasonView, ...]], str] = {}

    def cases(self, classname: str, vms: list[VmView]) -> Iterator[_Case]:
        """The cases of one suite; VMs that share a name are told apart by their ids."""
        names = Counter(vm.name for vm in vms)
        for vm in vms:
            name = vm.name if names[vm.name] == 1 else f"{vm.name} ({vm.id})"
            output = self._findings(vm, "warning") if vm.verdict != "ready" else ""
            kind = _kind(vm)
            if kind == "failure":
                yield _Case(classname, name, kind, self._blocked(vm), self._findings(vm, "critical"), output)
            else:
                yield _Case(classname, name, kind, self._skipped(vm) if kind else "", "", output)

    def _blocked(self, vm: VmView) -> str:
        rules = [finding.rule for finding in vm.findings if finding.result == "fail" and self._categories.get(finding.rule) == "critical"]
        rules = list(dict.fromkeys(rules))
        return f"blocked by {counted(len(rules), 'rule')}: {', '.join(rules)}"

    def _skipped(self, vm: VmView) -> str:
        """Why there is no settled verdict, and what would settle it."""
        if vm.verdict == "not_evaluated":
            missing = [name for name, known in (("guest OS", vm.guest_os), ("disks", vm.disk_count is not None)) if not known]
            return f"no verdict: {listed(missing)} not known" if missing else "no verdict: facts that every verdict needs are missing"
        key = (vm.verdict, vm.gaps, vm.reasons)
        if key not in self._waiting:
            rules = unsettled_rules(vm.verdict, vm.gaps, self._categories)
            needs = sorted({need for rule in rules for need in self._rules[rule].needs})
            so_far = {"ready": "ready so far", "ready_with_work": "ready with work so far"}.get(vm.verdict, vm.verdict)
            text = f"provisional, {so_far}: not evaluated: {', '.join(rules)}; to settle it, find out: {', '.join(needs)}"
            why = reasons_text(vm.reasons, rules)
            self._waiting[key] = f"{text}; not known because: {why}" if why else text
        return self._waiting[key]

    def _findings(self, vm: VmView, category: str) -> str:
        return "\n".join(
            self._finding(finding) for finding in vm.findings if self._categories.get(finding.rule) == category and finding.result == "fail"
        )

    def _finding(self, finding: FindingView) -> str:
        rule = self._rules[finding.rule]
        lines = [f"{rule.title} ({rule.id})"]
        lines += [
            f"  {piece.object}: {piece.field} is {piece.observed or 'empty'}, expected {piece.expected}" for piece in finding.evidence
        ]
        return "\n".join([*lines, f"  Remedy: {rule.remedy}"] if rule.remedy else lines)
