# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check finds out about a cluster: the finding that platform and namespaces share.

The write layer has findings of its own, on one object each (`write_findings`); `from_write` makes a check's finding of one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from .artifact import JsonRecord
from .write_findings import FAIL, NO_ACTION, NOT_APPLICABLE, NOT_EVALUATED, PASS, Finding

CRITICAL, WARNING, INFORMATION = "critical", "warning", "information"
SEVERITIES: Final = (CRITICAL, WARNING, INFORMATION)
WAIVED: Final = "waived"
RESULTS: Final = (PASS, FAIL, NOT_APPLICABLE, WAIVED, NOT_EVALUATED)

OBJECT_CHECK: Final = "object"
"""Last word of the check that an object is as desired: `platform.operators.object`."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen, and where."""

    object: str
    """such as `Subscription openshift-nfd/nfd`"""
    field: str
    """path of the field that was looked at"""
    observed: str
    expected: str

    def as_record(self) -> JsonRecord:
        """The evidence as plain data."""
        return {"object": self.object, "field": self.field, "observed": self.observed, "expected": self.expected}


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """What one check found out about one subject."""

    check: str
    """stable, dotted, and in a catalogue of checks: `platform.operators.group.second`"""
    part: str
    """part of the stage: operators, prerequisites, accelerators, openshift_ai"""
    subject: str
    """what was checked, in words: `operator nvidia`, `pool h100`"""
    state: str
    """one of the states of the write layer"""
    result: str
    severity: str = CRITICAL
    message: str = ""
    """one sentence; what a server says stands here word for word, and nothing is concluded from it"""
    remedy: str = ""
    evidence: tuple[Evidence, ...] = ()
    action: str = NO_ACTION
    """what was done about it, or would be"""
    refuses: bool = False
    """while this fails, nothing of the whole document is written"""
    layer: str = ""
    """layer of the stack that it belongs to"""
    path: str = ""
    """place in the document that asks for it"""
    fields: tuple[str, ...] = ()
    """fields of an object that differ"""

    @property
    def id(self) -> str:
        """Part, check and subject: what a waiver and a report name."""
        return f"{self.part}/{self.check}/{self.subject}"

    @property
    def failed(self) -> bool:
        """Whether it keeps the cluster from being ready: what was not evaluated does too, and information never."""
        return self.severity != INFORMATION and self.result in (FAIL, NOT_EVALUATED)

    @property
    def words(self) -> str:
        """Subject and message as one text; a message that names the subject stands alone."""
        if not self.message:
            return self.subject
        return self.message if self.subject in self.message else f"{self.subject}: {self.message}"

    def as_record(self) -> JsonRecord:
        """The finding as a record of an artifact; what is empty is left out."""
        record: JsonRecord = {
            "kind": "finding",
            "id": self.id,
            "check": self.check,
            "part": self.part,
            "subject": self.subject,
            "state": self.state,
            "result": self.result,
            "severity": self.severity,
            "action": self.action,
        }
        for name in ("layer", "path", "message", "remedy"):
            if value := getattr(self, name):
                record[name] = value
        if self.fields:
            record["fields"] = list(self.fields)
        if self.evidence:
            record["evidence"] = [entry.as_record() for entry in self.evidence]
        if self.refuses:
            record["refuses"] = True
        return record


def from_write(found: Finding, stage: str, part: str, layer: str, severity: str = CRITICAL) -> CheckFinding:
    """The finding of a check of what the write layer found about one object."""
    return CheckFinding(
        f"{stage}.{part}.{OBJECT_CHECK}",
        part,
        found.key.text,
        found.state,
        found.result,
        severity,
        found.message,
        found.remedy,
        action=found.action,
        layer=layer,
        path=found.path,
        fields=found.fields,
    )


@dataclass(frozen=True, slots=True)
class Waiver:
    """A failure that somebody answers for until a day: `subject` empty means every subject of the check."""

    check: str
    owner: str
    reason: str
    expires: str
    """day as YYYY-MM-DD; the waiver holds on that day for the last time"""
    subject: str = ""

    def covers(self, found: CheckFinding, today: str) -> bool:
        """Whether it answers for this finding on that day (YYYY-MM-DD)."""
        return self.check == found.check and self.subject in ("", found.subject) and today <= self.expires


def waived(found: Iterable[CheckFinding], waivers: Sequence[Waiver], today: str) -> list[CheckFinding]:
    """The findings, with failures that a waiver covers marked as waived. What was not evaluated is never waived."""
    marked = []
    for finding in found:
        cover = next((waiver for waiver in waivers if waiver.covers(finding, today)), None) if finding.result == FAIL else None
        if cover:
            answer = f"waived by {cover.owner} until {cover.expires}: {cover.reason}"
            finding = replace(finding, result=WAIVED, refuses=False, message=f"{finding.message}; {answer}" if finding.message else answer)
        marked.append(finding)
    return marked


def once(found: Iterable[CheckFinding]) -> list[CheckFinding]:
    """One finding for each id: what several that failed say stands in one, and one that failed beats those that did not."""
    kept: dict[str, CheckFinding] = {}
    for finding in found:
        before = kept.get(finding.id)
        if before is None or (finding.failed and not before.failed):
            kept[finding.id] = finding
        elif finding.failed and finding.result == before.result and finding.message not in before.message:
            message = f"{before.message}; {finding.message}" if before.message else finding.message
            kept[finding.id] = replace(before, message=message, evidence=(*before.evidence, *finding.evidence))
    return list(kept.values())


def counts(found: Iterable[CheckFinding]) -> dict[str, int]:
    """How many findings have which result; every result is named."""
    numbers = Counter(finding.result for finding in found)
    return {result: numbers[result] for result in RESULTS}
