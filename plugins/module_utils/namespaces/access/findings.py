# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API server's answers say of contracts: a finding for everybody with a persona in each namespace, and what is the cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ...common.artifact import JsonRecord
from ...common.findings import INFORMATION, CheckFinding, Evidence
from ...platform.checks import Check
from ...platform.identity.questions import Answered, Answers, Question, several
from ...platform.verdicts import failed, not_asked, passed, unknown
from .causes import Allowed, Wrong, wrongly_allowed, wrongly_denied
from .checks import MEMBERS, ROWS, STRANGERS
from .matrix import Cell, Entry, Lot, Matrix

LET_ASK: Final = "let the account create subjectaccessreviews.authorization.k8s.io, which writes nothing"
_ASK_ISSUER: Final = "see at the issuer which further groups the members of these groups have"
_AGAIN: Final = "see the reason, and run it again"
_OF_TOKENS: Final = "an external issuer's tokens say who is in which group, and nobody sees all of it"
_NOT_THERE_YET: Final = "the namespace is not there yet"
_MOST_SHOWN: Final = 5
_MOST_TOLD: Final = 20
"""lots of somebody that are looked into: bindings for everybody would be told of everybody otherwise"""


@dataclass(slots=True)
class _Sum:
    """What came of some requests."""

    all: int = 0
    unasked: int = 0
    open: int = 0
    reason: str = ""
    """why the first open one has no answer"""
    allowed: list[tuple[Cell, str]] = field(default_factory=list)
    """what is allowed and should not be, with the server's words"""
    denied: list[Cell] = field(default_factory=list)
    """what should be allowed and is not"""

    def note(self, cell: Cell, answered: Answered) -> None:
        """Takes in what is answered otherwise than contracts say."""
        if answered.allowed:
            self.allowed.append((cell, answered.reason))
        else:
            self.denied.append(cell)

    def gap(self, most: int) -> str:
        """Why the answers do not suffice; empty where they do."""
        if self.unasked:
            return f"{self.unasked} of {self.all} questions were not asked: one call asks {most} at most"
        return f"{self.open} of {self.all} questions have no answer: {self.reason}" if self.open else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of all that was asked about somebody."""

    entry: Entry
    all: int
    wrong: tuple[Wrong, ...]
    rows: tuple[str, ...]
    """rows that do not hold, each once"""
    untold: int
    """bindings elsewhere that are wrong as well, beyond those that are told"""
    gap: str
    """why it is not known whether the rest holds; empty where it is"""


@dataclass(frozen=True, slots=True)
class Proof:
    """The matrix with its answers: what is found, and the records."""

    findings: tuple[CheckFinding, ...]
    """one for each bearer, namespace and persona, and of each namespace those on members and on strangers; `part` is the namespace"""
    records: tuple[JsonRecord, ...]
    """of kind `access`, one for each bearer, namespace and persona"""


def access_proof(matrix: Matrix, answers: Answers) -> Proof:
    """What the answers come to."""
    judge = _Judge(matrix, answers)
    verdicts = [judge.verdict(entry) for entry in matrix.entries]
    return Proof(tuple(_findings(judge, matrix, verdicts, answers)), tuple(_record(judge, verdict, answers) for verdict in verdicts))


def access_findings(matrix: Matrix, answers: Answers) -> list[CheckFinding]:
    """The findings of `access_proof`."""
    return list(access_proof(matrix, answers).findings)


def access_records(matrix: Matrix, answers: Answers) -> list[JsonRecord]:
    """The records of `access_proof`."""
    return list(access_proof(matrix, answers).records)


class _Judge:
    """Judges by a matrix and the answers to it. What was asked once for many is looked at once."""

    def __init__(self, matrix: Matrix, answers: Answers) -> None:
        self._matrix = matrix
        self._answers = answers
        self._asked = frozenset(matrix.questions)
        self._lots: dict[int, _Sum] = {}
        self._rows: dict[int, frozenset[tuple[bool, str]]] = {}
        self._allowed = Allowed()

    def verdict(self, entry: Entry) -> Verdict:
        """What came of all that was asked about somebody."""
        sums = [(self._of_lot(lot), lot) for lot in entry.lots]
        wrong_ones = [(found, lot) for found, lot in sums if found.allowed or found.denied]
        told = wrong_ones[:_MOST_TOLD]
        allowed = [(_own(cell.question, lot, entry), reason) for found, lot in told for cell, reason in found.allowed]
        denied = [_own(cell.question, lot, entry) for found, lot in told for cell in found.denied]
        total = _Sum(
            sum(found.all for found, _lot in sums),
            sum(found.unasked for found, _lot in sums),
            sum(found.open for found, _lot in sums),
            next((found.reason for found, _lot in sums if found.reason), ""),
        )
        wrong = [*wrongly_allowed(entry, allowed, self._allowed)] if allowed else []
        wrong += [wrongly_denied(self._matrix, entry, denied)] if denied else []
        rows = [cell.row for found, _lot in told for cell, _reason in found.allowed]
        rows += [cell.row for found, _lot in told for cell in found.denied]
        gap = total.gap(len(self._asked)) or self._unseen(entry)
        return Verdict(entry, total.all, tuple(wrong), tuple(dict.fromkeys(rows)), len(wrong_ones) - len(told), gap)

    def rows(self, entry: Entry) -> set[tuple[bool, str]]:
        """The rows of somebody: whether each says what they may, and its place."""
        for lot in entry.lots:
            if lot.number not in self._rows:
                self._rows[lot.number] = frozenset((cell.granted, cell.row) for cell in lot.cells)
        return {row for lot in entry.lots for row in self._rows[lot.number]}

    def _unseen(self, entry: Entry) -> str:
        """What is not known of somebody though all questions have answers."""
        if self._matrix.unseen:
            return f"which bindings there are in namespaces of others is not known: {self._matrix.unseen}"
        is_person = entry.holder.kind == "User" and not entry.member
        return f"in which groups they are is not known: {self._matrix.groups_unseen}" if is_person and self._matrix.groups_unseen else ""

    def _of_lot(self, lot: Lot) -> _Sum:
        if lot.number not in self._lots:
            found = _Sum(all=len(lot.cells) + lot.unasked, unasked=lot.unasked)
            for cell in lot.cells:
                answered = self._answers.by_question.get(cell.question, Answered(None)) if cell.question in self._asked else None
                if answered is None:
                    found.unasked += 1
                elif answered.allowed is None:
                    found.open += 1
                    found.reason = found.reason or answered.reason or "the server did not answer"
                elif answered.allowed != cell.granted:
                    found.note(cell, answered)
            self._lots[lot.number] = found
        return self._lots[lot.number]


def _own(question: Question, lot: Lot, entry: Entry) -> Question:
    """The question as it would be asked about the namespace of whoever is meant."""
    is_own = not lot.namespace or lot.namespace == entry.holder.namespace or question.namespace != lot.namespace
    return question if is_own else Question(entry.who, question.act, entry.holder.namespace)


# ---- findings --------------------------------------------------------------------------------------------------------


def _findings(judge: _Judge, matrix: Matrix, verdicts: Sequence[Verdict], answers: Answers) -> Iterator[CheckFinding]:
    yield from (_of(holder.namespace, not_asked(ROWS, holder.subject, _NOT_THERE_YET)) for holder in matrix.not_there)
    if answers.refused:
        yield from (_of(entry.holder.namespace, _refused(ROWS, entry, answers)) for entry in matrix.entries)
        for name in matrix.namespaces:
            wholes = (unknown(check, _subject(check, name), answers.refused, remedy=LET_ASK) for check in (MEMBERS, STRANGERS))
            yield from (_of(name, each) for each in wholes)
        return
    yield from (_of(each.entry.holder.namespace, _row_finding(each)) for each in verdicts)
    for check, entries in ((MEMBERS, matrix.members), (STRANGERS, matrix.strangers)):
        found = [judge.verdict(entry) for entry in entries]
        yield from (_of(each.entry.holder.namespace, _failed(check, each)) for each in found if each.wrong)
        yield from (_of(name, finding) for name, finding in _whole(check, matrix, found))


def _of(namespace: str, finding: CheckFinding) -> CheckFinding:
    return replace(finding, part=namespace)


def _refused(check: Check, entry: Entry, answers: Answers) -> CheckFinding:
    return unknown(check, entry.subject, answers.refused, entry.holder.path, LET_ASK)


def _row_finding(verdict: Verdict) -> CheckFinding:
    entry = verdict.entry
    if verdict.wrong:
        return _failed(ROWS, verdict)
    if verdict.gap:
        return unknown(ROWS, entry.subject, verdict.gap, entry.holder.path, _AGAIN)
    return passed(ROWS, entry.subject, entry.holder.path, f"{verdict.all} requests are answered as the contract says")


def _failed(check: Check, verdict: Verdict) -> CheckFinding:
    entry = verdict.entry
    texts = [each.words for each in verdict.wrong if each.words]
    message = f"{several(verdict.rows)} {'does' if len(verdict.rows) == 1 else 'do'} not hold: {'; '.join(texts[:_MOST_SHOWN])}"
    if more := max(0, len(texts) - _MOST_SHOWN) + verdict.untold:
        message += f"; and {more} more"
    evidence = tuple(Evidence(each.object, "roleRef", each.role, each.expected) for each in verdict.wrong if each.object)
    return failed(check, entry.subject, message, entry.holder.path, evidence=evidence[:_MOST_SHOWN])


def _subject(check: Check, namespace: str) -> str:
    return f"members of groups of {namespace}" if check is MEMBERS else f"others in {namespace}"


def _whole(check: Check, matrix: Matrix, verdicts: Sequence[Verdict]) -> Iterator[tuple[str, CheckFinding]]:
    """Of each namespace that nothing further is wrong, or why that is not known; nothing where something is."""
    by_namespace: dict[str, list[Verdict]] = {}
    for each in verdicts:
        by_namespace.setdefault(each.entry.holder.namespace, []).append(each)
    for name in matrix.namespaces:
        own = by_namespace.get(name, [])
        subject = _subject(check, name)
        gap = matrix.unseen or (matrix.groups_unseen if check is MEMBERS else "") or next((each.gap for each in own if each.gap), "")
        if gap:
            yield name, unknown(check, subject, gap)
        elif check is MEMBERS and matrix.brings_groups:
            # Nothing on the cluster could be mended to see it.
            yield name, replace(unknown(check, subject, _OF_TOKENS, remedy=_ASK_ISSUER), severity=INFORMATION)
        elif not any(each.wrong for each in own):
            yield name, passed(check, subject, message=f"{sum(each.all for each in own)} requests that bindings may allow are denied")


# ---- records ---------------------------------------------------------------------------------------------------------


def _record(judge: _Judge, verdict: Verdict, answers: Answers) -> JsonRecord:
    entry, holder = verdict.entry, verdict.entry.holder
    rows, own = judge.rows(entry), _own_questions(entry)
    alike = sum(len(lot.cells) for lot in entry.lots if not _is_own(entry, lot))
    record: JsonRecord = {
        "kind": "access",
        "id": holder.id,
        "name": entry.subject,
        "part": holder.namespace,
        "bearer": holder.bearer,
        "persona": holder.persona,
        "namespace": holder.namespace,
        "allowed_rows": sum(granted for granted, _row in rows),
        "denied_rows": sum(not granted for granted, _row in rows),
        "asked": len(own),
        "asked_alike": alike,
    }
    gap = answers.refused or verdict.gap
    if gap and not verdict.wrong:
        return {**record, "unknown": {"wrong": gap}}
    return {**record, "wrong": [each.words for each in verdict.wrong if each.words]}


def _own_questions(entry: Entry) -> set[Question]:
    return {cell.question for lot in entry.lots if _is_own(entry, lot) for cell in lot.cells}


def _is_own(entry: Entry, lot: Lot) -> bool:
    """Whether it was asked in their own name and namespace, and not in those of somebody who is answered alike."""
    is_here = lot.namespace in ("", entry.holder.namespace)
    return is_here and all(cell.question.who == entry.who for cell in lot.cells[:1])
