# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why something is allowed that no contract gives, or is not allowed that one does: the binding, or what is missing of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ...platform.identity.personas import role_name
from ...platform.identity.questions import Question, allowing, in_words, several
from ...platform.identity.rbac import Act, Grant
from .matrix import Entry, Matrix

_MOST_REASONS: Final = 5


@dataclass(frozen=True, slots=True)
class Wrong:
    """Some requests that are wrong for the same reason."""

    words: str
    """what is wrong and why, in one sentence without a full stop"""
    object: str
    """what is at fault: a binding or a role; empty where nobody knows"""
    role: str
    """what the binding leads to, or what is seen of it"""
    expected: str


class Allowed:
    """What roles allow, each worked out once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Act], bool] = {}

    def by(self, grants: Iterable[Grant], act: Act) -> list[Grant]:
        """Those of the bindings whose roles allow it."""
        return [grant for grant in grants if self._allows(grant, act)]

    def _allows(self, grant: Grant, act: Act) -> bool:
        key = grant.role, act
        if key not in self._known:
            self._known[key] = grant.allows(act)
        return self._known[key]


def wrongly_allowed(entry: Entry, told: Iterable[tuple[Question, str]], allowed: Allowed) -> Iterator[Wrong]:
    """By the bindings that allow them; where the lists name none, with the server's words, which stand with each question."""
    by_cause: dict[tuple[str, ...], list[tuple[Question, str]]] = {}
    by_place = _by_place(entry.grants)
    causes = {grant.binding: grant for grant in entry.grants}
    for question, reason in told:
        places = ("", question.namespace) if question.namespace else ("",)
        found = [grant.binding for place in places for grant in allowed.by(by_place.get(place, ()), question.act)]
        by_cause.setdefault(tuple(sorted(found)), []).append((question, reason))
    for names, pairs in sorted(by_cause.items(), key=lambda item: item[0]):
        asked = [question for question, _reason in pairs]
        may = f"it may {in_words(asked)}"
        if not names:
            said = several(sorted({reason for _question, reason in pairs} - {""})[:_MOST_REASONS])
            yield Wrong(f"{may}: no binding of the lists allows it{f'; the server says: {said}' if said else ''}", "", "", "")
            continue
        yield Wrong(f"{may}: by {several([causes[name].words for name in names])}", names[0], causes[names[0]].role, _none_of(asked))
        yield from (Wrong("", name, causes[name].role, _none_of(asked)) for name in names[1:])


def wrongly_denied(matrix: Matrix, entry: Entry, questions: Sequence[Question]) -> Wrong:
    """By what is missing between somebody and the role of the persona."""
    holder = entry.holder
    may_not = f"it may not {in_words(questions)}"
    binding, role = f"RoleBinding {holder.namespace}/{role_name(holder.persona)}", f"ClusterRole {role_name(holder.persona)}"
    if matrix.unseen or matrix.roles is None:
        return Wrong(f"{may_not}: bindings are not known: {matrix.unseen}", "", "", "")
    reached = [grant for grant in entry.grants if grant.namespace == holder.namespace and grant.role == role]
    live = matrix.bindings.get(binding)
    if not reached and live is None:
        return Wrong(f"{may_not}: there is no {binding}", binding, "none", role)
    if not reached and live is not None and live.role != role:
        return Wrong(f"{may_not}: {binding} leads to {live.role} and not to {role}", binding, live.role, role)
    if not reached:
        return Wrong(f"{may_not}: {binding} does not name {holder.bearer}", binding, "without that subject", f"subject {holder.bearer}")
    if role.removeprefix("ClusterRole ") not in matrix.roles:
        return Wrong(f"{may_not}: there is no {role}", role, "none", f"a rule for {_acts(questions)}")
    lacking = [question for question in questions if not allowing(reached, question)]
    if lacking:
        return Wrong(f"{may_not}: {role} has no rule for it", role, "no such rule", f"a rule for {_acts(lacking)}")
    return Wrong(f"{may_not}: {reached[0].words} allows it by the lists, and the server denies it", reached[0].binding, role, role)


def _by_place(grants: Iterable[Grant]) -> dict[str, list[Grant]]:
    found: dict[str, list[Grant]] = {}
    for grant in grants:
        found.setdefault(grant.namespace, []).append(grant)
    return found


def _none_of(questions: Sequence[Question]) -> str:
    return f"none that allows {_acts(questions)}"


def _acts(questions: Sequence[Question]) -> str:
    return several([f"{question.act.verb} {question.act.what}" for question in questions])
