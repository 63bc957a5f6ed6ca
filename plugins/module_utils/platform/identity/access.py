# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the API server to find out whether anybody with a persona can do what the persona must not.

RBAC cannot deny: rows `deny` hold only as long as no binding gives what they exclude. For each group, user and service account that has
a persona everything that its rows exclude is asked for the whole cluster; of those whom the very same bindings reach there one is asked
for. Within a namespace it is only what a binding there would give: all else is answered there as it is for the whole cluster. Of the
members of a group those are asked for whom further bindings reach. Where an external issuer's tokens say who is in which group, they are
those of the directories, and groups that the document does not name stay unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ...target.objects import name_of, texts_at
from ..desired.identity import EXTERNAL_OIDC, Identity, Persona, PersonaRule
from ..desired.model import PlatformDesired
from ..parts import Context
from ..snapshot import PlatformSnapshot
from .directories import DirectoryRead, name_in_directory
from .external_oidc import AUTHENTICATION, is_external
from .login_readings import AUTHENTICATIONS
from .personas import CLUSTER, NAMESPACE, personas_of, role_name
from .provenance import GROUPS
from .questions import BY_OAUTH, LOGGED_IN, Question, account_who, acts_of, is_within, names_of_the_system, served_plurals
from .rbac import ACCOUNT, GROUP, OF_CLUSTER, OF_NAMESPACES, USER, Act, Grant, Grants, Who

MOST_QUESTIONS: Final = 5000
"""of one call: about ten seconds of a server that answers in some milliseconds"""


_OF_TOKENS: Final = "an external issuer's tokens say who is in which group, and nobody sees all of it"
_USER_CLAIM: Final = "preferred_username"
"""Claim that has the name by which directories name users."""


@dataclass(frozen=True, slots=True, order=True)
class Bearer:
    """Who has a persona."""

    kind: str
    """Group, User or ServiceAccount"""
    name: str
    persona: str
    path: str = ""
    """place in the document that gives it; empty where the cluster alone does"""
    member: str = ""
    """a member of the group that is meant alone; empty for all of it"""

    @property
    def subject(self) -> str:
        """As findings name it."""
        kind = "service account" if self.kind == ACCOUNT else self.kind.lower()
        whole = f"{kind} {self.name} as {self.persona}"
        return f"user {self.member} of {whole}" if self.member else whole


@dataclass(frozen=True, slots=True)
class Sweep:
    """All that a persona must not, asked for the whole cluster, for everybody whom the same bindings reach there."""

    who: Who
    """who is asked for in place of all of them"""
    persona: str
    rows: tuple[tuple[Question, ...], ...]
    """questions by the number of the row"""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a bearer reaches, or a member of one."""

    bearer: Bearer
    sweep: Sweep | None
    """None for a member: for the whole cluster the group is asked for"""
    further: Mapping[int, tuple[Question, ...]]
    """by row what is asked beside: within namespaces, and of a member what bindings allow that reach it alone"""
    grants: tuple[Grant, ...]
    """bindings that are at fault where a row does not hold"""
    unasked: int = 0
    """questions that were too many for `further`"""


@dataclass(frozen=True, slots=True)
class AccessPlan:
    """What is asked, and by what the answers are judged."""

    reaches: tuple[Reach, ...] = ()
    rules: Mapping[str, tuple[PersonaRule, ...]] = field(default_factory=dict)
    """rows of each persona"""
    questions: tuple[Question, ...] = ()
    """at most MOST_QUESTIONS, each once, those first that a binding is known to allow"""
    unseen: str = ""
    """why bindings in namespaces are not known; empty where they are"""
    members_unseen: str = ""
    """why members of groups are not known, or their bindings"""
    members_beyond: str = ""
    """why there may be more that reaches members than was asked about; empty where all of it was"""
    namespaces: tuple[str, ...] = ()
    """namespaces that were asked about since the document names them, where bindings there are not known"""

    @property
    def bearers(self) -> tuple[Bearer, ...]:
        """Who has a persona, without members of groups."""
        return tuple(reach.bearer for reach in self.reaches if not reach.bearer.member)


def access_plan(context: Context) -> AccessPlan:
    """What has to be asked for this document on this cluster; nothing where it has no identity."""
    wanted, snapshot = context.desired.identity, context.snapshot
    if wanted is None:
        return AccessPlan()
    scene = _Scene(context, wanted)
    reaches = [reach for bearer in scene.bearers() for reach in (scene.reach(bearer), *scene.members(bearer))]
    rules = {name: persona.deny for name, persona in scene.personas.items()}
    return AccessPlan(
        tuple(reaches),
        rules,
        scene.questions(reaches),
        snapshot.why_not(*OF_NAMESPACES),
        scene.members_unseen,
        scene.members_beyond,
        scene.named,
    )


class _Scene:
    """All that questions are made of. What a role allows of a persona's rows is worked out once, whoever is bound to it."""

    def __init__(self, context: Context, wanted: Identity) -> None:
        snapshot = context.snapshot
        self.personas = personas_of(wanted.personas, context.catalogue.personas)
        self.named = named_namespaces(context.desired) if not snapshot.known(*OF_NAMESPACES) else ()
        self._wanted = wanted
        self._snapshot = snapshot
        self._grants = Grants(snapshot)
        self._exempt = {f"ClusterRole {role_name(name)}" for name, persona in self.personas.items() if persona.scope == NAMESPACE}
        live = snapshot.get(AUTHENTICATIONS, "", AUTHENTICATION.name)
        self._external = wanted.mode == EXTERNAL_OIDC or is_external(live)
        self._served = served_plurals(snapshot)
        self._rows: dict[str, list[list[Act]]] = {}
        self._allowed: dict[tuple[str, str], list[list[Act]]] = {}
        self._first_of: dict[tuple[str, ...], Who] = {}
        self._sweeps: dict[tuple[Who, str], Sweep] = {}
        self._suspected: dict[Question, None] = {}
        self._left = MOST_QUESTIONS
        self._members = dict(_of_directories(wanted, context.outside.directories) if self._external else _of_groups(snapshot))
        self._groups_of: dict[str, list[str]] = {}
        for group, users in self._members.items():
            for user in users:
                self._groups_of.setdefault(user, []).append(group)
        self.members_unseen = snapshot.why_not(*(() if self._external else (GROUPS,)), *OF_CLUSTER, *OF_NAMESPACES)
        self.members_beyond = _OF_TOKENS if self._external else ""

    # ---- who has a persona -------------------------------------------------------------------------------------------

    def bearers(self) -> list[Bearer]:
        """Groups that the document gives a persona, and whoever is bound to the ClusterRole of one, sorted."""
        found = {
            (GROUP, group.name, persona): Bearer(GROUP, group.name, persona, f"identity.groups[{group.name}].personas")
            for group in self._wanted.groups
            for persona in group.personas
            if persona in self.personas
        }
        roles = {f"ClusterRole {role_name(name)}": name for name in self.personas}
        for grant in self._grants.all:
            for kind, name in grant.subjects if grant.role in roles else ():
                if kind in (GROUP, USER, ACCOUNT) and name:
                    persona = roles[grant.role]
                    found.setdefault((kind, name, persona), Bearer(kind, name, persona))
        return sorted(found.values())

    def _who(self, bearer: Bearer) -> Who:
        if bearer.kind == ACCOUNT:
            return account_who(bearer.name)
        everybody = LOGGED_IN if self._external else BY_OAUTH
        if bearer.kind == USER or bearer.member:
            user = bearer.member or bearer.name
            return Who(user, (*self._groups_of.get(user, ()), *everybody))
        return Who("", tuple(dict.fromkeys((bearer.name, *everybody))))

    # ---- what is asked -----------------------------------------------------------------------------------------------

    def reach(self, bearer: Bearer) -> Reach:
        """Everything for the whole cluster, and in namespaces what bindings there would allow."""
        who, persona = self._who(bearer), bearer.persona
        grants = self._reaching(who, self.personas[persona])
        sweep = self._sweep(who, persona, grants)
        if self._snapshot.known(*OF_NAMESPACES):
            return self._bounded(bearer, sweep, grants, self._within(who, persona, grants))
        named = (
            (row, Question(who, act, namespace))
            for namespace in self.named
            for row, acts in enumerate(self._acts(persona))
            for act in acts
            if is_within(act, self._served)
        )
        return self._bounded(bearer, sweep, grants, named)

    def members(self, bearer: Bearer) -> Iterator[Reach]:
        """Of members of a group those whom bindings reach that do not reach all of it, and what these would allow."""
        if bearer.kind != GROUP or self.members_unseen:
            return
        of_group = {grant.binding for grant in self._grants.of(self._who(bearer))}
        for user in self._members.get(bearer.name, ()):
            member = Bearer(GROUP, bearer.name, bearer.persona, bearer.path, user)
            who = self._who(member)
            grants = tuple(grant for grant in self._reaching(who, self.personas[bearer.persona]) if grant.binding not in of_group)
            if grants:
                wide = [grant for grant in grants if not grant.namespace]
                everywhere = ((row, Question(who, act)) for grant in wide for row, act in self._allowed_by(grant, bearer.persona))
                further = (*everywhere, *self._within(who, bearer.persona, grants))
                yield self._bounded(member, None, grants, dict.fromkeys(further))

    def questions(self, reaches: Sequence[Reach]) -> tuple[Question, ...]:
        """Each question once, those that a binding is known to allow first, and no more than are asked."""
        found = dict(self._suspected)
        found |= dict.fromkeys(question for reach in reaches for row in reach.further.values() for question in row)
        found |= dict.fromkeys(question for sweep in self._sweeps.values() for row in sweep.rows for question in row)
        return tuple(found)[:MOST_QUESTIONS]

    def _bounded(self, bearer: Bearer, sweep: Sweep | None, grants: tuple[Grant, ...], found: Iterable[tuple[int, Question]]) -> Reach:
        """Takes as many of these questions as may still be asked."""
        further: dict[int, list[Question]] = {}
        unasked = 0
        for row, question in found:
            if self._left > 0:
                self._left -= 1
                further.setdefault(row, []).append(question)
            else:
                unasked += 1
        return Reach(bearer, sweep, {row: tuple(questions) for row, questions in sorted(further.items())}, grants, unasked)

    def _sweep(self, who: Who, persona: str, grants: Sequence[Grant]) -> Sweep:
        """Everything for the whole cluster: made once for all whom the same bindings reach there."""
        first = self._standing_for(who)
        if (first, persona) not in self._sweeps:
            rows = tuple(tuple(Question(first, act) for act in acts) for acts in self._acts(persona))
            self._sweeps[first, persona] = Sweep(first, persona, rows)
            for grant in grants:
                if not grant.namespace:
                    self._suspected |= dict.fromkeys(Question(first, act) for _row, act in self._allowed_by(grant, persona))
        return self._sweeps[first, persona]

    def _standing_for(self, who: Who) -> Who:
        """Who is asked for in place of all whom the same bindings reach on the whole cluster; where these are not known, everybody is."""
        if not self._snapshot.known(*OF_CLUSTER):
            return who
        bindings = [grant.binding for grant in self._grants.of(who) if not grant.namespace]
        return self._first_of.setdefault((*bindings, *names_of_the_system(who)), who)

    def _reaching(self, who: Who, persona: Persona) -> tuple[Grant, ...]:
        """Bindings that reach somebody. What a persona of a namespace may do there is not held against one of the cluster."""
        exempt = self._exempt if persona.scope == CLUSTER else frozenset[str]()
        return tuple(grant for grant in self._grants.of(who) if not (grant.namespace and grant.role in exempt))

    def _within(self, who: Who, persona: str, grants: Sequence[Grant]) -> Mapping[tuple[int, Question], None]:
        """What bindings in namespaces would allow there; what is allowed on the whole cluster needs no asking in a namespace."""
        wide = {act for grant in grants if not grant.namespace for _row, act in self._allowed_by(grant, persona)}
        return dict.fromkeys(
            (row, Question(who, act, grant.namespace))
            for grant in grants
            if grant.namespace
            for row, act in self._allowed_by(grant, persona)
            if act not in wide and is_within(act, self._served)
        )

    def _allowed_by(self, grant: Grant, persona: str) -> Iterator[tuple[int, Act]]:
        """What a binding's role allows of what a persona must not, by row."""
        key = grant.role, persona
        if key not in self._allowed:
            self._allowed[key] = [[act for act in acts if grant.allows(act)] for acts in self._acts(persona)]
        return ((row, act) for row, acts in enumerate(self._allowed[key]) for act in acts)

    def _acts(self, persona: str) -> list[list[Act]]:
        """All requests that the rows of what a persona must not mean."""
        if persona not in self._rows:
            self._rows[persona] = [list(acts_of(rule, self._served)) for rule in self.personas[persona].deny]
        return self._rows[persona]


def _of_groups(snapshot: PlatformSnapshot) -> Iterator[tuple[str, list[str]]]:
    """Groups of the cluster with their members."""
    for item in snapshot.all(GROUPS):
        yield name_of(item), sorted(set(texts_at(item, "users")))


def _of_directories(wanted: Identity, directories: Mapping[str, DirectoryRead]) -> Iterator[tuple[str, list[str]]]:
    """Groups of the document with the members that their directories have, named as the API server names who comes with a token."""
    issuer = wanted.external_oidc
    if wanted.mode != EXTERNAL_OIDC or issuer is None or issuer.username_claim != _USER_CLAIM:
        return
    prefix = f"{issuer.issuer}#" if issuer.username_prefix is None else issuer.username_prefix
    for group in wanted.groups:
        read = directories.get(group.directory)
        there = read.groups.get(name_in_directory(group, wanted)) if read is not None and read.known else None
        if there is not None and there.members_known:
            yield group.name, [f"{prefix}{member}" for member in there.members]


def named_namespaces(desired: PlatformDesired) -> tuple[str, ...]:
    """Namespaces of people's work that the document names, sorted; patterns are none."""
    found = {model.namespace for model in desired.openshift_ai.models} if desired.openshift_ai else set()
    if desired.delivery:
        found |= {name for name in desired.delivery.namespaces if not set("*?[") & set(name)}
    if desired.monitoring:
        found |= {tenant.namespace for tenant in desired.monitoring.tenants}
    return tuple(sorted(found))
