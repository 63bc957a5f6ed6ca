# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is held against whom: the rows of a persona in its namespace, and what nobody does in namespaces of others.

A row is a rule of the persona. Of each it is worked out once which requests it means on this cluster, and once for each role which of
them that role allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ...platform.desired.identity import Persona, PersonaRule
from ...platform.identity.facts import ALL, RBAC, SPECIAL
from ...platform.identity.personas import matches
from ...platform.identity.questions import NO_SCOPE, acts_of, is_within, served_plurals
from ...platform.identity.rbac import Act, Grant
from ...platform.snapshot import PlatformSnapshot


def _rule(group: str, resources: str, verbs: str) -> PersonaRule:
    return PersonaRule(api_groups=(group,), resources=tuple(resources.split()), verbs=tuple(verbs.split()))


_WRITE: Final = "create delete patch update"
APART: Final = (
    _rule("", "secrets", "get list watch"),
    _rule("", "pods pods/exec serviceaccounts/token", "create"),
    _rule("", "pods/log", "get"),
    _rule("batch", "jobs", "create"),
    _rule("", "serviceaccounts", "impersonate"),
    _rule("", "resourcequotas", _WRITE),
    _rule(RBAC, "rolebindings", _WRITE),
    _rule("networking.k8s.io", "networkpolicies", _WRITE),
    _rule("kueue.x-k8s.io", "localqueues", _WRITE),
)
"""What nobody may do where no contract lets them in: read what is secret, run something, reach into what runs, change bounds."""

ALLOW, DENY, BEYOND = "allow", "deny", "apart"

Entitled: TypeAlias = frozenset[str]
"""Personas that somebody has in a namespace."""


@dataclass(frozen=True, slots=True)
class RowAct:
    """A request that a row means."""

    row: str
    """place of the row: allow[3], deny[0], apart[2]"""
    act: Act
    is_within: bool
    """whether it is made in a namespace; else it is about the whole cluster"""
    granted: bool
    """whether the row allows it"""


class Rows:
    """The rows of all personas on one cluster."""

    def __init__(self, personas: Mapping[str, Persona], snapshot: PlatformSnapshot, everybody: Sequence[Grant] = ()) -> None:
        """`everybody` are the bindings that reach on the whole cluster whoever has logged in."""
        self._personas = personas
        self._everybody = everybody
        self._served = served_plurals(snapshot)
        self._apart = tuple(self._meant(BEYOND, APART, granted=False))
        self._own: dict[tuple[str, Entitled], tuple[RowAct, ...]] = {}
        self._elsewhere: dict[str, tuple[RowAct, ...]] = {}
        self._allowed: dict[tuple[object, ...], tuple[RowAct, ...]] = {}

    def own(self, persona: str, entitled: Entitled) -> tuple[RowAct, ...]:
        """What a persona may do in its namespace and what it must not, there or where there is none.

        What another persona of theirs in that namespace may do is held against nobody.
        """
        key = persona, entitled - {persona}
        if key not in self._own:
            allow = [each for each in self._meant(ALLOW, self._personas[persona].allow, granted=True) if self._can_be(each)]
            self._own[key] = (*allow, *self._denied(persona, entitled))
        return self._own[key]

    def apart(self) -> tuple[RowAct, ...]:
        """What nobody does in namespaces of others."""
        return self._apart

    def elsewhere(self, persona: str) -> tuple[RowAct, ...]:
        """What who has a persona does in no namespace of others: also what the persona may do in its own. Without one, `apart`.

        What whoever has logged in may do anyway is no way in.
        """
        if persona not in self._elsewhere:
            known = self._personas.get(persona)
            own = () if known is None else self.own(persona, frozenset())
            further = {each.act: RowAct(each.row, each.act, True, False) for each in own if each.is_within and not self._is_common(each)}
            self._elsewhere[persona] = tuple({**{each.act: each for each in self._apart}, **further}.values())
        return self._elsewhere[persona]

    def everywhere(self, persona: str) -> tuple[RowAct, ...]:
        """What who has a persona may not do on the whole cluster, though it may do so in its namespace."""
        return tuple(each for each in self.elsewhere(persona) if each.row.startswith(ALLOW))

    def denied(self, persona: str, entitled: Entitled) -> tuple[RowAct, ...]:
        """What a persona must not do in its namespace, or where there is none."""
        return tuple(each for each in self.own(persona, entitled) if not each.granted)

    def allowed_by(self, grant: Grant, acts: tuple[RowAct, ...], key: tuple[object, ...]) -> tuple[RowAct, ...]:
        """Those that a binding's role allows where the binding holds; `key` stands for the acts."""
        full = (*key, bool(grant.namespace), role_key(grant))
        if full not in self._allowed:
            self._allowed[full] = tuple(each for each in acts if grant.allows(each.act) and (each.is_within or not grant.namespace))
        return self._allowed[full]

    def _is_common(self, each: RowAct) -> bool:
        return each.act.resource in NO_SCOPE or (each.granted and any(grant.allows(each.act) for grant in self._everybody))

    def _denied(self, persona: str, entitled: Entitled) -> Iterator[RowAct]:
        others = [rule for name in sorted(entitled - {persona}) for rule in self._personas[name].allow]
        for each in self._meant(DENY, self._personas[persona].deny, granted=False):
            if not (each.is_within and any(_matches(rule, each.act) for rule in others)):
                yield each

    def _can_be(self, each: RowAct) -> bool:
        """Whether what a row allows can be done there at all. What is excluded counts whether or not it is served by now."""
        act = each.act
        served = not self._served or act.verb in SPECIAL or act.resource == ALL or act.resource in self._served.get(act.group, {})
        return each.is_within and served

    def _meant(self, name: str, rules: Iterable[PersonaRule], *, granted: bool) -> Iterator[RowAct]:
        for number, rule in enumerate(rules):
            for act in dict.fromkeys(acts_of(rule, self._served)):
                yield RowAct(f"{name}[{number}]", act, is_within(act, self._served), granted)


def _matches(rule: PersonaRule, act: Act) -> bool:
    return matches(rule, act.verb, act.group, act.resource, act.subresource, act.name)


def role_key(grant: Grant) -> object:
    """What tells roles apart: ClusterRoles by their names, those of namespaces by what they allow."""
    return grant.rules if grant.role.startswith("Role ") else grant.role
