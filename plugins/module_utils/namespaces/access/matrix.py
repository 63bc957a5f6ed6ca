# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the API server to find out whether contracts hold: everybody with a persona, by verb, resource and namespace.

All rows of a persona are asked for one bearer of it, and of all whom the same bindings of the cluster and bindings to the same roles
in their namespace reach a few requests: RBAC answers the rest alike. In namespaces of others it is what bindings there would allow, by
binding and not by bearer, and a few requests beside. So the number of questions grows with the bearers and the bindings, and never with
bearers times namespaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ...platform.desired.identity import Persona
from ...platform.identity.lockout import ROLES
from ...platform.identity.personas import CLUSTER, role_name
from ...platform.identity.provenance import GROUPS
from ...platform.identity.questions import BY_OAUTH, Question, names_of_the_system
from ...platform.identity.rbac import ACCOUNT, GROUP, OF_CLUSTER, OF_NAMESPACES, USER, Act, Grant, Grants, Who
from ...platform.snapshot import PlatformSnapshot
from ...target.objects import name_of
from ..contract.model import Contract
from .people import Holder, Subject, Tenants
from .rows import BEYOND, Entitled, RowAct, Rows, role_key

MOST_QUESTIONS: Final = 10_000
"""of one call: about twenty seconds of a server that answers in some milliseconds"""

MOST_OF_BINDING: Final = 12
"""requests that are asked about of what a binding allows which should not be there: one that is allowed is enough"""

NAMESPACES: Final = "namespaces"
_OF_SYSTEM: Final = "system:"
_ACCOUNTS: Final = "system:serviceaccounts"
_ANYBODY: Final = (*BY_OAUTH, _ACCOUNTS, "system:unauthenticated")


@dataclass(frozen=True, slots=True)
class Cell:
    """A request that is asked about, and what the contracts say of it."""

    row: str
    """place of the row: allow[3], deny[0], apart[2]"""
    question: Question
    granted: bool


@dataclass(frozen=True, slots=True)
class Lot:
    """Requests that are asked about for one somebody; for all whose entries have the lot the answers are the same."""

    number: int
    """which lot it is"""
    cells: tuple[Cell, ...]
    namespace: str = ""
    """the namespace in it that stands for everybody's own; empty where namespaces are meant as they stand"""
    unasked: int = 0
    """requests that were too many"""


@dataclass(frozen=True, slots=True)
class Entry:
    """All that is asked about somebody."""

    holder: Holder
    who: Who
    lots: tuple[Lot, ...]
    grants: tuple[Grant, ...]
    """bindings that reach them"""
    member: str = ""
    """the member of the group that is meant alone"""
    entitled: Entitled = frozenset()
    """all personas that they have there"""
    next_door: str = ""
    """a namespace in which they have none, where this is what is told of it; empty where there is none"""

    @property
    def subject(self) -> str:
        """As findings name it."""
        return f"user {self.member} of {self.holder.subject}" if self.member else self.holder.subject


@dataclass(frozen=True, slots=True)
class Matrix:
    """What is asked, and by what the answers are judged."""

    entries: tuple[Entry, ...] = ()
    """a bearer in a namespace as a persona"""
    members: tuple[Entry, ...] = ()
    """members of groups whom further bindings reach"""
    strangers: tuple[Entry, ...] = ()
    """whom bindings let in who have no persona there"""
    namespaces: tuple[str, ...] = ()
    """namespaces of contracts that are there"""
    not_there: tuple[Holder, ...] = ()
    """bearers whose namespace is not there yet"""
    questions: tuple[Question, ...] = ()
    """at most MOST_QUESTIONS, each once, those first that the lists answer otherwise than contracts do"""
    unseen: str = ""
    """why bindings are not known; empty where they are"""
    groups_unseen: str = ""
    """why it is not known who is in which group"""
    brings_groups: bool = False
    """whether tokens of an external issuer say who is in which group"""
    bindings: Mapping[str, Grant] = field(default_factory=dict)
    """all bindings by their words"""
    roles: frozenset[str] | None = None
    """ClusterRoles that there are; None where nobody knows"""


def access_matrix(contracts: Sequence[Contract], personas: Mapping[str, Persona], snapshot: PlatformSnapshot) -> Matrix:
    """What has to be asked for these contracts on this cluster; `personas` are all of them by name."""
    return _Making(contracts, personas, snapshot).matrix()


class _Making:
    """Makes a matrix. What is the same for several is made once."""

    def __init__(self, contracts: Sequence[Contract], personas: Mapping[str, Persona], snapshot: PlatformSnapshot) -> None:
        self._tenants = Tenants(contracts, personas, snapshot)
        self._grants = Grants(snapshot)
        self._rows = Rows(personas, snapshot, [grant for grant in self._grants.of(Who("", BY_OAUTH)) if not grant.namespace])
        self._snapshot = snapshot
        self._known = snapshot.known(*OF_CLUSTER, *OF_NAMESPACES)
        there = {name_of(item) for item in snapshot.all(NAMESPACES)} if snapshot.known(NAMESPACES) else set(self._tenants.namespaces)
        self._there = tuple(name for name in self._tenants.namespaces if name in there)
        self._place = {name: number for number, name in enumerate(self._there)}
        self._of_cluster = {f"ClusterRole {role_name(name)}" for name, persona in personas.items() if persona.scope == CLUSTER}
        self._sweeps: dict[tuple[object, ...], Lot] = {}
        self._lots: dict[tuple[object, ...], Lot | None] = {}
        self._probes: dict[tuple[str, Entitled], tuple[RowAct, ...]] = {}
        self._numbers = 0
        self._first: dict[Subject, Holder] = {}
        self._left = MOST_QUESTIONS
        self._suspected: dict[Question, None] = {}
        self._asked: dict[Question, None] = {}
        self._swept: dict[Question, None] = {}

    def matrix(self) -> Matrix:
        """All of it."""
        holders = [each for each in self._tenants.holders if each.namespace in self._place]
        self._first = {(each.kind, each.name): each for each in reversed(holders)}
        entries = tuple(self._entry(holder) for holder in holders)
        groups_unseen = self._snapshot.why_not(GROUPS)
        members = () if groups_unseen or not self._known else tuple(self._members())
        strangers = tuple(self._strangers()) if self._known else ()
        questions = tuple({**self._suspected, **self._asked, **self._swept})[:MOST_QUESTIONS]
        return Matrix(
            entries,
            members,
            strangers,
            self._there,
            tuple(each for each in self._tenants.holders if each.namespace not in self._place),
            questions,
            self._snapshot.why_not(*OF_CLUSTER, *OF_NAMESPACES),
            groups_unseen,
            self._tenants.brings_groups,
            {grant.binding: grant for grant in self._grants.all},
            frozenset(name_of(item) for item in self._snapshot.all(ROLES)) if self._snapshot.known(*OF_CLUSTER) else None,
        )

    # ---- who has a persona -------------------------------------------------------------------------------------------

    def _entry(self, holder: Holder) -> Entry:
        who = self._tenants.who((holder.kind, holder.name))
        grants = self._grants.of(who)
        entitled = self._tenants.personas_in(who, holder.namespace)
        lots = [self._sweep(holder, who, grants, entitled), self._probe(holder, who, entitled)]
        # What they do elsewhere is told once, of the first of their places.
        is_first = self._first[holder.kind, holder.name] == holder
        next_door = self._next_door(holder, who) if is_first else ""
        if is_first:
            lots += [*self._beside(who, next_door), *self._elsewhere(holder, who, grants)]
        return Entry(holder, who, tuple(lots), grants, entitled=entitled, next_door=next_door)

    def _sweep(self, holder: Holder, who: Who, grants: Sequence[Grant], entitled: Entitled) -> Lot:
        """All rows: made once for all whom the same bindings reach on the cluster, and bindings to the same roles in their namespace."""
        there = [grant for grant in grants if grant.namespace in ("", holder.namespace)]
        shape = self._shape(holder, who, there, entitled)
        if shape not in self._sweeps:
            own, apart = self._rows.own(holder.persona, entitled), self._rows.apart()
            cells = [_cell(each, who, holder.namespace) for each in own]
            cells += [Cell(each.row, Question(who, each.act), False) for each in apart]
            allowed = {each.act for grant in there for each in self._rows.allowed_by(grant, own, ("own", holder.persona, entitled))}
            wide = {each.act for grant in there if not grant.namespace for each in self._rows.allowed_by(grant, apart, ("apart",))}
            suspected = [cell for cell in cells if self._known and cell.granted != _is_in(cell, allowed, wide)]
            self._sweeps[shape] = self._swept_lot(cells, suspected, holder.namespace)
        return self._sweeps[shape]

    def _shape(self, holder: Holder, who: Who, grants: Iterable[Grant], entitled: Entitled) -> tuple[object, ...]:
        """What the answers hang on; where bindings are not known everybody is asked for."""
        if not self._known:
            return (holder,)
        wide = tuple(grant.binding for grant in grants if not grant.namespace)
        local = frozenset(role_key(grant) for grant in grants if grant.namespace)
        return (holder.persona, entitled, wide, local, *names_of_the_system(who))

    def _swept_lot(self, cells: Sequence[Cell], suspected: Iterable[Cell], namespace: str) -> Lot:
        """Of what is too much one request of each row is kept that the lists answer otherwise than the contract."""
        by_row = {cell.row: cell for cell in reversed(list(suspected))}
        self._suspected |= dict.fromkeys(cell.question for cell in by_row.values())
        kept = cells if len(cells) <= self._left else [*by_row.values()]
        self._left -= min(len(kept), self._left)
        self._swept |= dict.fromkeys(cell.question for cell in kept)
        return self._lot(kept, namespace, len(cells) - len(kept))

    def _probe(self, holder: Holder, who: Who, entitled: Entitled) -> Lot:
        """A few requests in their own name."""
        key = holder.persona, entitled
        if key not in self._probes:
            self._probes[key] = tuple(_few(self._rows.own(*key)))
        cells = [_cell(each, who, holder.namespace) for each in self._probes[key]]
        self._asked |= dict.fromkeys(cell.question for cell in cells)
        return self._lot(cells)

    def _next_door(self, holder: Holder, who: Who) -> str:
        """The next namespace in which they have no persona; empty where they have one in all of them."""
        place = self._place[holder.namespace]
        ring = (self._there[(place + step) % len(self._there)] for step in range(1, len(self._there)))
        return next((name for name in ring if not self._tenants.personas_in(who, name)), "")

    def _beside(self, who: Who, next_door: str) -> list[Lot]:
        """A few requests in a namespace in which they have no persona."""
        cells = [Cell(each.row, Question(who, each.act, next_door), False) for each in _firsts(self._rows.apart(), 2) if next_door]
        self._asked |= dict.fromkeys(cell.question for cell in cells)
        return [self._lot(cells)] if cells else []

    # ---- what bindings allow -----------------------------------------------------------------------------------------

    def _elsewhere(self, holder: Holder, who: Who, grants: Iterable[Grant]) -> list[Lot]:
        """What bindings would allow in namespaces of others, and what they would on the whole cluster that is theirs in one."""
        found: list[Lot | None] = []
        for grant in grants:
            if grant.namespace in self._place and not self._tenants.personas_in(who, grant.namespace):
                found.append(self._foreign(holder.persona, who, grant))
            elif not grant.namespace and grant.role not in self._of_cluster:
                found.append(self._reached(who, grant, self._rows.everywhere(holder.persona), ("everywhere", holder.persona)))
        return [lot for lot in found if lot]

    def _foreign(self, persona: str, who: Who, grant: Grant) -> Lot | None:
        return self._reached(who, grant, self._rows.elsewhere(persona), ("elsewhere", persona))

    def _reached(self, who: Who, grant: Grant, acts: tuple[RowAct, ...], key: tuple[object, ...]) -> Lot | None:
        """The first few of these requests that a binding would allow where it holds, asked once for all whom it reaches."""
        full = (grant.binding, *key)
        if full not in self._lots:
            allowed = self._rows.allowed_by(grant, acts, key)[:MOST_OF_BINDING]
            cells = [Cell(each.row, Question(who, each.act, grant.namespace), False) for each in allowed]
            self._asked |= dict.fromkeys(cell.question for cell in cells)
            self._lots[full] = self._lot(cells) if cells else None
        return self._lots[full]

    # ---- members of groups -------------------------------------------------------------------------------------------

    def _members(self) -> Iterator[Entry]:
        """Those whom bindings reach that do not reach all of a group of theirs, and what these would allow."""
        of_groups: dict[str, frozenset[str]] = {}
        for user, groups in self._tenants.members():
            for name in groups:
                if name not in of_groups:
                    of_groups[name] = frozenset(grant.binding for grant in self._grants.of(self._tenants.who((GROUP, name))))
            further = tuple(name for name in self._tenants.groups_of(user) if name not in groups)
            known = frozenset().union(*(of_groups[name] for name in groups))
            extra = [grant for grant in self._grants.of(Who(user, further)) if grant.binding not in known]
            mine = [each for name in groups for each in self._tenants.of((GROUP, name)) if each.namespace in self._place] if extra else []
            if mine:
                yield from self._member(user, mine, extra)

    def _member(self, user: str, mine: Sequence[Holder], extra: Iterable[Grant]) -> Iterator[Entry]:
        who = self._tenants.who((USER, user))
        by_namespace = {each.namespace: each for each in reversed(mine)}
        found: dict[Holder, list[tuple[Lot, Grant]]] = {}
        for grant in extra:
            holder = by_namespace.get(grant.namespace, mine[0])
            if lot := self._of_member(who, holder, grant):
                found.setdefault(holder, []).append((lot, grant))
        for holder, pairs in sorted(found.items()):
            yield Entry(holder, who, tuple(lot for lot, _grant in pairs), tuple(grant for _lot, grant in pairs), user)

    def _of_member(self, who: Who, holder: Holder, grant: Grant) -> Lot | None:
        if not grant.namespace:
            denied = (*self._rows.apart(), *self._rows.denied(holder.persona, frozenset()), *self._everywhere_unless(holder, grant))
            return self._reached(who, grant, denied, ("wide", holder.persona))
        entitled = self._tenants.personas_in(who, grant.namespace)
        if not entitled and grant.namespace in self._place:
            return self._foreign(holder.persona, who, grant)
        if grant.namespace == holder.namespace:
            return self._reached(who, grant, self._rows.denied(holder.persona, entitled), ("denied", holder.persona, entitled))
        return None

    def _everywhere_unless(self, holder: Holder, grant: Grant) -> tuple[RowAct, ...]:
        return () if grant.role in self._of_cluster else self._rows.everywhere(holder.persona)

    # ---- strangers ---------------------------------------------------------------------------------------------------

    def _strangers(self) -> Iterator[Entry]:
        """Whom bindings in namespaces of contracts reach who have no persona there."""
        found: dict[Holder, list[tuple[Lot, Grant]]] = {}
        for grant in self._grants.all:
            for subject in grant.subjects if grant.namespace in self._place else ():
                who = self._tenants.who(subject)
                if not self._may_be_stranger(subject, grant.namespace) or self._tenants.personas_in(who, grant.namespace):
                    continue
                if lot := self._reached(who, grant, self._rows.apart(), ("stranger",)):
                    found.setdefault(Holder(grant.namespace, "", *subject), []).append((lot, grant))
        for holder, pairs in sorted(found.items()):
            who = self._tenants.who((holder.kind, holder.name))
            yield Entry(holder, who, tuple(lot for lot, _grant in pairs), tuple(grant for _lot, grant in pairs))

    def _may_be_stranger(self, subject: Subject, namespace: str) -> bool:
        """People, and service accounts of other contracts: those of operators and of the namespace itself belong to what runs there."""
        kind, name = subject
        if kind not in (GROUP, USER, ACCOUNT) or self._tenants.is_heir(subject, namespace):
            return False
        if kind == ACCOUNT:
            home = name.partition("/")[0]
        elif name.startswith(f"{_ACCOUNTS}:"):
            home = name.removeprefix(f"{_ACCOUNTS}:")
        else:
            return bool(name) and (name in _ANYBODY or not name.startswith(_OF_SYSTEM))
        return home != namespace and self._tenants.is_tenant(home)

    def _lot(self, cells: Iterable[Cell], namespace: str = "", unasked: int = 0) -> Lot:
        self._numbers += 1
        return Lot(self._numbers, tuple(cells), namespace, unasked)


def _cell(each: RowAct, who: Who, namespace: str) -> Cell:
    return Cell(each.row, Question(who, each.act, namespace if each.is_within else ""), each.granted)


def _is_in(cell: Cell, allowed: set[Act], wide: set[Act]) -> bool:
    """Whether the lists say that it is allowed."""
    return cell.question.act in (wide if cell.row.startswith(BEYOND) else allowed)


def _few(acts: Iterable[RowAct]) -> Iterator[RowAct]:
    """The first that makes and the first that lists of what is allowed, and the first of two rows of what is not."""
    given = [each for each in acts if each.granted]
    for verb in ("create", "list"):
        yield from [each for each in given if each.act.verb == verb][:1]
    yield from _firsts((each for each in acts if not each.granted and each.is_within), 2)


def _firsts(acts: Iterable[RowAct], most: int) -> list[RowAct]:
    """The first of each row, and of no more rows than that."""
    by_row: dict[str, RowAct] = {}
    for each in acts:
        by_row.setdefault(each.row, each)
    return list(by_row.values())[:most]
