# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API server's answers say of who has a persona: every row that does not hold, with the bindings that are the cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ...common.findings import INFORMATION, CheckFinding, Evidence
from ..desired.identity import PersonaRule
from ..verdicts import failed, not_asked, passed, unknown
from .access import AccessPlan, Bearer, Reach, Sweep
from .access_checks import DENIED, MEMBERS
from .directories import bounded
from .questions import Answered, Answers, Question, allowing, in_words, several
from .rbac import Act, Grant, Who

_MOST_SHOWN: Final = 5
_MOST_ROWS: Final = 5
"""of a bearer that are told one by one"""

_SUBJECT: Final = "personas"
_LET_ASK: Final = "let the account create subjectaccessreviews.authorization.k8s.io, which writes nothing"
_ASK_ISSUER: Final = "see at the issuer which further groups the members of these groups have"
_AGAIN: Final = "see the reason, and run it again"


@dataclass(slots=True)
class _Sum:
    """What came of some questions."""

    all: int = 0
    unasked: int = 0
    open: int = 0
    reason: str = ""
    """why the first open one has no answer"""
    allowed: dict[int, list[Question]] = field(default_factory=dict)
    """by row"""

    def add(self, row: int, questions: Iterable[Question], judge: _Judge) -> None:
        for question in questions:
            self.all += 1
            answered = judge.answer(question)
            if answered is None:
                self.unasked += 1
            elif answered.allowed is None:
                self.open += 1
                self.reason = self.reason or answered.reason or "the server did not answer"
            elif answered.allowed:
                self.allowed.setdefault(row, []).append(question)

    def __or__(self, other: _Sum) -> _Sum:
        rows = {row: [*self.allowed.get(row, ()), *other.allowed.get(row, ())] for row in sorted({*self.allowed, *other.allowed})}
        return _Sum(self.all + other.all, self.unasked + other.unasked, self.open + other.open, self.reason or other.reason, rows)

    def gap(self, asked: int) -> str:
        """Why the answers do not suffice; empty where they do."""
        if self.unasked:
            return f"{self.unasked} of {self.all} questions were not asked: one call asks {asked} at most"
        return f"{self.open} of {self.all} questions have no answer: {self.reason}" if self.open else ""


@dataclass(frozen=True, slots=True)
class _Causes:
    """Why something is allowed."""

    grants: tuple[Grant, ...] = ()
    reasons: frozenset[str] = frozenset()
    """the server's words, where no binding is known that allows it"""


def access_findings(plan: AccessPlan, answers: Answers) -> list[CheckFinding]:
    """A finding for each row that does not hold, and one for each bearer whose rows all do, or for whom that is not known."""
    if not plan.reaches:
        nobody = "nobody has a persona, by the document or by a binding"
        if plan.unseen:
            return [unknown(DENIED, _SUBJECT, plan.unseen), unknown(MEMBERS, _SUBJECT, plan.unseen)]
        return [not_asked(check, _SUBJECT, nobody) for check in (DENIED, MEMBERS)]
    if answers.refused:
        return [unknown(check, _SUBJECT, answers.refused, remedy=_LET_ASK) for check in (DENIED, MEMBERS)]
    judge = _Judge(plan, answers)
    found: list[CheckFinding] = []
    of_members = _Sum()
    for reach in plan.reaches:
        total = judge.total(reach)
        found += judge.rows(reach, total.allowed)
        if reach.bearer.member:
            of_members |= total
        else:
            found += judge.whole(reach.bearer, total)
    return [*found, *judge.members(of_members)]


class _Judge:
    """Judges by a plan and the answers to it. What was asked once for many is looked at once."""

    def __init__(self, plan: AccessPlan, answers: Answers) -> None:
        self._plan = plan
        self._answers = answers
        self._asked = frozenset(plan.questions)
        self._sweeps: dict[tuple[Who, str], _Sum] = {}
        self._wide: dict[tuple[Who, str, int], _Causes] = {}

    def answer(self, question: Question) -> Answered | None:
        """The server's answer; None where it was not asked."""
        return self._answers.by_question.get(question, Answered(None)) if question in self._asked else None

    def total(self, reach: Reach) -> _Sum:
        """What came of all that was to be asked about a bearer."""
        total = _Sum(all=reach.unasked, unasked=reach.unasked)
        for row, questions in reach.further.items():
            total.add(row, questions, self)
        return self._of_sweep(reach.sweep) | total if reach.sweep else total

    def _of_sweep(self, sweep: Sweep) -> _Sum:
        key = sweep.who, sweep.persona
        if key not in self._sweeps:
            self._sweeps[key] = _Sum()
            for row, questions in enumerate(sweep.rows):
                self._sweeps[key].add(row, questions, self)
        return self._sweeps[key]

    def rows(self, reach: Reach, allowed: Mapping[int, Sequence[Question]]) -> Iterator[CheckFinding]:
        """A finding for each row that does not hold; one for all of them where they are many, as by a role that allows everything."""
        bearer, rules = reach.bearer, self._plan.rules[reach.bearer.persona]
        if len(allowed) > _MOST_ROWS:
            which = several([f"deny[{row}]" for row in allowed])
            words = f"{len(allowed)} of {len(rules)} rows of what it must not do hold no more, {which}: "
            yield self._failed(reach, bearer.subject, allowed, "nothing of it", before=words)
            return
        for row, questions in allowed.items():
            why = f"; it must not: {rules[row].why}" if rules[row].why else ""
            expected = f"none that allows {_of(rules[row])}"
            yield self._failed(reach, f"{bearer.subject}: deny[{row}]", {row: questions}, expected, after=why)

    def _failed(
        self, reach: Reach, subject: str, allowed: Mapping[int, Sequence[Question]], expected: str, *, before: str = "", after: str = ""
    ) -> CheckFinding:
        found = [self._causes(reach, row, questions) for row, questions in allowed.items()]
        causes = {grant.binding: grant for cause in found for grant in cause.grants}
        names = sorted(causes)
        said = [f"by {several([causes[name].words for name in names])}"] if names else []
        said += [f"the server says: {reason}" for reason in sorted({reason for cause in found for reason in cause.reasons})[:_MOST_SHOWN]]
        because = f": {'; '.join(said)}" if said else ""
        words = f"it may {in_words(question for questions in allowed.values() for question in questions)}"
        evidence = tuple(Evidence(causes[name].binding, "roleRef", causes[name].role, expected) for name in names[:_MOST_SHOWN])
        check = MEMBERS if reach.bearer.member else DENIED
        return failed(check, subject, f"{before}{words}{because}{after}", reach.bearer.path, evidence=evidence)

    def _causes(self, reach: Reach, row: int, allowed: Sequence[Question]) -> _Causes:
        """Why a row does not hold. For the whole cluster that is the same for all who were asked for at once."""
        if reach.sweep is None:
            return self._causes_of(reach.grants, allowed)
        key = reach.sweep.who, reach.sweep.persona, row
        if key not in self._wide:
            self._wide[key] = self._causes_of(reach.grants, [question for question in allowed if not question.namespace])
        further = self._causes_of(reach.grants, [question for question in allowed if question.namespace])
        return _Causes((*self._wide[key].grants, *further.grants), self._wide[key].reasons | further.reasons)

    def _causes_of(self, grants: Sequence[Grant], allowed: Iterable[Question]) -> _Causes:
        by_question = {question: allowing(grants, question) for question in allowed}
        found = {grant.binding: grant for named in by_question.values() for grant in named}
        reasons = {self._answers.by_question[question].reason for question, named in by_question.items() if not named} - {""}
        return _Causes(tuple(found.values()), frozenset(reasons))

    def whole(self, bearer: Bearer, total: _Sum) -> Iterator[CheckFinding]:
        """The finding on all rows of a bearer but those that are known not to hold; none where that is nothing new."""
        unseen = self._plan.unseen
        if gap := total.gap(len(self._asked)):
            yield unknown(DENIED, bearer.subject, gap, bearer.path, _AGAIN)
        elif unseen:
            asked = f"; of namespaces {bounded(self._plan.namespaces)} alone were asked about" if self._plan.namespaces else ""
            yield unknown(DENIED, bearer.subject, f"which bindings there are in namespaces is not known: {unseen}{asked}", bearer.path)
        elif not total.allowed:
            yield passed(DENIED, bearer.subject, bearer.path, f"{total.all} requests that it must not make are all denied")

    def members(self, total: _Sum) -> Iterator[CheckFinding]:
        """Whether the members of groups are known to have nothing of their own that goes further."""
        if self._plan.members_unseen:
            yield unknown(MEMBERS, _SUBJECT, self._plan.members_unseen)
        elif gap := total.gap(len(self._asked)):
            yield unknown(MEMBERS, _SUBJECT, gap, remedy=_AGAIN)
        elif beyond := self._plan.members_beyond:
            # Nothing on the cluster could be mended to see it.
            message = f"{beyond}; {total.all} requests were asked about that bindings of known members would allow"
            yield replace(unknown(MEMBERS, _SUBJECT, message, remedy=_ASK_ISSUER), severity=INFORMATION)
        elif not total.allowed:
            yield passed(MEMBERS, _SUBJECT, message=f"{total.all} requests that bindings of members would allow were asked about")


# ---- words -----------------------------------------------------------------------------------------------------------


def _of(rule: PersonaRule) -> str:
    """A row in short: `get, list secrets`."""
    acts = [Act("", group, resource) for group in rule.api_groups for resource in rule.resources]
    return f"{bounded(rule.verbs, _MOST_SHOWN)} {bounded([act.what for act in acts], _MOST_SHOWN)}"
