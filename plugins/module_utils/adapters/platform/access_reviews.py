# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the API server what others may do: one SubjectAccessReview for each question, some at a time. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from ...platform.identity.questions import Answered, Answers, Question
from ...target.objects import text_at
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.crew import Crew
from ..cluster.live import reason_of
from ..cluster.refusals import lacking_permission

_PATH: Final = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_LONGEST_REASON: Final = 300


@dataclass(frozen=True, slots=True)
class _Asked:
    """What came of one question; `lacks` is the right that the account itself would need to ask."""

    answered: Answered
    lacks: str = ""


def ask_access(connection: ApiConnection, questions: Sequence[Question]) -> Answers:
    """The server's answers. An account that may not ask at all asks once. Never raises: a server that goes away answers nothing."""
    crew = Crew(connection)
    ask = partial(_ask, connection)
    first = crew.each(questions[:1], ask, _unanswered)
    if first and first[0].lacks:
        return Answers({}, f"the account may not {first[0].lacks}")
    asked = dict(zip(questions, (*first, *crew.each(questions[1:], ask, _unanswered)), strict=True))
    open_ones = [question for question, found in asked.items() if found.answered.allowed is None and not crew.over]
    # One of thousands of requests may be lost on its way.
    asked |= zip(open_ones, crew.each(open_ones, ask, _unanswered), strict=True)
    return Answers({question: found.answered for question, found in asked.items()})


def _unanswered(_question: Question, reason: str) -> _Asked:
    return _Asked(Answered(None, reason))


def _ask(connection: ApiConnection, question: Question) -> _Asked:
    try:
        answer = connection.request("POST", _PATH, body=_review(question))
    except ApiFault as fault:
        return _Asked(Answered(None, reason_of(fault)), lacking_permission(fault))
    status = answer.get("status")
    allowed = status.get("allowed") if isinstance(status, dict) else None
    if allowed is True:
        return _Asked(Answered(True, text_at(answer, "status.reason")[:_LONGEST_REASON]))
    # An authorizer that failed may have meant to allow it; bindings to roles that are not there are no such error.
    if allowed is not False or (error := text_at(answer, "status.evaluationError")):
        return _Asked(Answered(None, f"the server could not tell: {error[:_LONGEST_REASON]}" if allowed is False else "it gave no answer"))
    return _Asked(Answered(False))


def _review(question: Question) -> dict[str, Any]:
    act, who = question.act, question.who
    given = {
        "verb": act.verb,
        "group": act.group,
        "resource": act.resource,
        "subresource": act.subresource,
        "name": act.name,
        "namespace": question.namespace,
    }
    spec: dict[str, Any] = {"resourceAttributes": {name: value for name, value in given.items() if value}, "groups": list(who.groups)}
    if who.user:
        spec["user"] = who.user
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
