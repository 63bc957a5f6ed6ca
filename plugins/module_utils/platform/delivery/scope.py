# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the part looks at, whom it is asked about, and findings on many things that nobody asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import Final

from ...common.findings import INFORMATION, WARNING, CheckFinding, Evidence
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, IN_STEP, MISSING, NOT_APPLICABLE, NOT_EVALUATED, PASS, listed
from ...target.model import ABSENT
from ...target.objects import moment, name_of
from ..checks import Check
from ..desired.delivery import Delivery
from ..snapshot import PlatformSnapshot
from ..verdicts import failed, not_asked, passed, remedy_of, unknown
from .check_list import NAMESPACES
from .readings import NAMESPACES as NAMESPACE_LIST
from .readings import ImageUse

ASKED, MEANT, SEEN = "asked", "meant", "seen"
"""The document names it; it is in a namespace that the document means; neither."""

MEANT_PATH: Final = "delivery.namespaces"
"""Place in the document that means them."""

MOST_EVIDENCE: Final = 20
MOST_AHEAD_DAYS: Final = 1
"""A run goes by the day on which it began: what happened since may be of the next one."""


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that the part is judged by."""

    wanted: Delivery
    snapshot: PlatformSnapshot
    today: str
    """day as YYYY-MM-DD, in UTC"""
    images: ImageUse | None = None
    """images that pods name; None where nobody knows"""

    def means(self, namespace: str) -> bool:
        """Whether the document means this namespace."""
        return any(fnmatchcase(namespace, pattern) for pattern in self.wanted.namespaces)

    def namespaces(self) -> list[ApiObject]:
        """The namespaces that are meant and there; ask whether the list is known."""
        return [item for item in self.snapshot.all(NAMESPACE_LIST) if self.means(name_of(item))]

    def is_served(self, resource: str) -> bool:
        """Whether the cluster has the kind; True also where nobody knows."""
        found = self.snapshot.listed.get(resource)
        return found is None or found.state != ABSENT

    def days_since(self, when: str) -> int | None:
        """Whole days from a moment to the day of the run; None where there is none, or where it lies ahead."""
        known = moment(when)
        if not known:
            return None
        days = (date.fromisoformat(self.today) - date.fromisoformat(known[:10])).days
        return None if days < -MOST_AHEAD_DAYS else max(days, 0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check says of one thing, whoever asks."""

    result: str
    message: str = ""
    seen_at: str = ""
    """path of the field that tells"""
    observed: str = ""
    expected: str = ""
    state: str = ""
    remedy: str = ""
    """what helps where nobody knows; empty for the right to read it"""

    def evidence(self, subject: str) -> tuple[Evidence, ...]:
        """What it is concluded from."""
        return (Evidence(subject, self.seen_at, self.observed, self.expected),) if self.seen_at else ()


def holds(message: str = "") -> Verdict:
    """It holds."""
    return Verdict(PASS, message)


def fails(message: str, seen_at: str, observed: str, expected: str, state: str = CHANGED) -> Verdict:
    """It does not hold."""
    return Verdict(FAIL, message, seen_at, observed or "(empty)", expected, state)


def nobody_knows(reason: str, remedy: str = "") -> Verdict:
    """Nobody knows; without a remedy it is the account that lacks the right to see it."""
    return Verdict(NOT_EVALUATED, reason, remedy=remedy)


def needless(reason: str) -> Verdict:
    """It does not apply."""
    return Verdict(NOT_APPLICABLE, reason)


_STATES: Final[Mapping[str, str]] = {PASS: IN_STEP, NOT_APPLICABLE: IN_STEP, NOT_EVALUATED: NOT_EVALUATED, FAIL: CHANGED}


def finding_of(check: Check, subject: str, verdict: Verdict, path: str = "", severity: str = "") -> CheckFinding:
    """The finding on one thing; what holds needs no remedy."""
    remedy = {FAIL: check.remedy, NOT_EVALUATED: verdict.remedy or remedy_of(verdict.message)}.get(verdict.result, "")
    return check.finding(
        subject,
        verdict.state or _STATES[verdict.result],
        verdict.result,
        message=verdict.message,
        path=path,
        severity=severity or check.severity,
        evidence=verdict.evidence(subject),
        remedy=remedy,
    )


@dataclass(slots=True)
class Many:
    """Verdicts on many things: one finding for each check. On what nobody asked about, as it is by default, it is no alarm."""

    subject: str
    severity: str = INFORMATION
    path: str = ""
    found: dict[Check, list[tuple[str, Verdict]]] = field(default_factory=dict)

    def add(self, check: Check, subject: str, verdict: Verdict) -> None:
        """One more."""
        if verdict.result != NOT_APPLICABLE:
            self.found.setdefault(check, []).append((subject, verdict))

    def findings(self) -> list[CheckFinding]:
        """What was found."""
        return [self._told(check, entries) for check, entries in self.found.items()]

    def _told(self, check: Check, entries: Sequence[tuple[str, Verdict]]) -> CheckFinding:
        by_result = {result: [entry for entry in entries if entry[1].result == result] for result in (FAIL, NOT_EVALUATED)}
        result = next((result for result, found in by_result.items() if found), PASS)
        told = by_result.get(result, [])
        evidence = tuple(one for subject, verdict in told for one in verdict.evidence(subject))[:MOST_EVIDENCE]
        words = "do not" if result == FAIL else "are not known"
        names = [f"{subject} ({verdict.message})" if len(told) == 1 else subject for subject, verdict in told]
        message = f"{len(told)} of {len(entries)} {words}: {listed(names)}" if told else f"{len(entries)} seen"
        more = {"severity": self.severity, "evidence": evidence, "remedy": check.remedy if told else "", "path": self.path}
        return check.finding(self.subject, _STATES[result], result, message=message, **more)


def severity_for(check: Check, standing: str) -> str:
    """How heavy a failure is: what is merely meant is no more than a warning, what is only seen is information."""
    if standing == SEEN or check.severity == INFORMATION:
        return INFORMATION
    return WARNING if standing == MEANT else check.severity


def absent(check: Check, subject: str, what: str, path: str) -> CheckFinding:
    """The cluster does not have the kind that is asked for."""
    return failed(check, subject, f"the cluster does not serve {what}", path, MISSING)


@dataclass(frozen=True, slots=True)
class Asked:
    """One object that the document asks about, and the check that is made of it."""

    check: Check
    resource: str
    """id of the list that has it"""
    kind: str
    namespace: str
    name: str
    path: str
    """place in the document that asks"""
    what: str
    """the kind in words, such as pipelines of Tekton"""
    of: str = ""
    """what of the object is asked about; empty for the object itself"""

    @property
    def subject(self) -> str:
        """What the finding is on."""
        item = f"{self.kind} {self.namespace}/{self.name}"
        return f"{self.of} of {item}" if self.of else item


def finding_on(look: Look, asked: Asked, verdict_of: Callable[[ApiObject], Verdict]) -> CheckFinding:
    """The finding on an object that is asked about: nobody knows, its kind is not served, it is not there, or the verdict on it."""
    check, subject, path = asked.check, asked.subject, asked.path
    if not look.snapshot.known(asked.resource):
        return unknown(check, subject, look.snapshot.why_not(asked.resource), path)
    if not look.is_served(asked.resource):
        return absent(check, subject, asked.what, path)
    item = look.snapshot.get(asked.resource, asked.namespace, asked.name)
    if item is None:
        there = f"there is no {asked.kind} {asked.namespace}/{asked.name}"
        return failed(check, subject, there, path, MISSING, remedy=f"create it, or correct its name and namespace in {path}")
    return finding_of(check, subject, verdict_of(item), path)


def scope_findings(look: Look) -> list[CheckFinding]:
    """Whether each pattern of the document matches a namespace."""
    patterns = look.wanted.namespaces
    if not patterns:
        return [not_asked(NAMESPACES, "namespaces", "the document means no namespaces")]
    if not look.snapshot.known(NAMESPACE_LIST):
        verdict = nobody_knows(look.snapshot.why_not(NAMESPACE_LIST))
        return [finding_of(NAMESPACES, f"namespaces {pattern}", verdict, MEANT_PATH) for pattern in patterns]
    names = [name_of(item) for item in look.snapshot.all(NAMESPACE_LIST)]
    return [_pattern_finding(pattern, names) for pattern in patterns]


def _pattern_finding(pattern: str, names: Iterable[str]) -> CheckFinding:
    subject, path = f"namespaces {pattern}", MEANT_PATH
    found = sorted(name for name in names if fnmatchcase(name, pattern))
    if not found:
        return failed(NAMESPACES, subject, f"no namespace matches {pattern}", path, MISSING)
    return passed(NAMESPACES, subject, path, listed(found))
