# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has which persona in which namespace by contract, and as whom the API server knows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ...platform.desired.identity import Persona
from ...platform.identity.external_oidc import AUTHENTICATION, is_external
from ...platform.identity.login_readings import AUTHENTICATIONS
from ...platform.identity.provenance import GROUPS
from ...platform.identity.questions import BY_OAUTH, LOGGED_IN, account_who
from ...platform.identity.rbac import ACCOUNT, GROUP, USER, Who, account_user
from ...platform.snapshot import PlatformSnapshot
from ...target.model import ABSENT
from ...target.objects import name_of, texts_at
from ..contract.model import Contract, PersonaWanted

_KINDS: Final[Mapping[str, str]] = {GROUP: "group", USER: "user", ACCOUNT: "service account"}

Subject: TypeAlias = tuple[str, str]
"""Kind and name; of a ServiceAccount namespace/name."""


def subject_words(subject: Subject) -> str:
    """A subject for people: `group retail-ai`."""
    kind, name = subject
    return f"{_KINDS.get(kind, kind)} {name}"


@dataclass(frozen=True, slots=True, order=True)
class Holder:
    """Somebody who has a persona in a namespace."""

    namespace: str
    persona: str
    """empty for a stranger, who has none"""
    kind: str
    """Group, User or ServiceAccount"""
    name: str
    """of a ServiceAccount namespace/name"""
    path: str = ""
    """place in the contract"""

    @property
    def bearer(self) -> str:
        """Who it is, for people."""
        return subject_words((self.kind, self.name))

    @property
    def subject(self) -> str:
        """As findings name it."""
        return f"{self.bearer} as {self.persona} in {self.namespace}" if self.persona else f"{self.bearer} in {self.namespace}"

    @property
    def id(self) -> str:
        """Unique among all of them."""
        return f"{self.namespace}/{self.persona}/{self.kind}/{self.name}"


class Tenants:
    """Everybody who has a persona by contract. Where the Groups of the cluster are not known, nobody is seen to be in any."""

    def __init__(self, contracts: Sequence[Contract], personas: Mapping[str, Persona], snapshot: PlatformSnapshot) -> None:
        self.namespaces: tuple[str, ...] = tuple(sorted({each.namespace for each in contracts}))
        self._spaces = frozenset(self.namespaces)
        self._heirs = {(each.namespace, each.offboarding.to) for each in contracts if each.offboarding is not None and each.offboarding.to}
        self.holders: tuple[Holder, ...] = tuple(sorted(_holders(contracts, personas)))
        self.brings_groups = _brings_groups(snapshot)
        self._logged_in = LOGGED_IN if is_external(snapshot.get(AUTHENTICATIONS, "", AUTHENTICATION.name)) else BY_OAUTH
        self._personas: dict[Subject, dict[str, tuple[str, ...]]] = {}
        self._by_subject: dict[Subject, list[Holder]] = {}
        for each in self.holders:
            self._by_subject.setdefault((each.kind, each.name), []).append(each)
            places = self._personas.setdefault(_key((each.kind, each.name)), {})
            places[each.namespace] = (*places.get(each.namespace, ()), each.persona)
        self._groups_of: dict[str, list[str]] = {}
        for item in snapshot.all(GROUPS):
            for user in dict.fromkeys(texts_at(item, "users")):
                self._groups_of.setdefault(user, []).append(name_of(item))

    def who(self, subject: Subject) -> Who:
        """For whom the server is asked: a group is nobody but the group."""
        kind, name = subject
        if kind == ACCOUNT:
            return account_who(name)
        if kind == USER:
            return Who(name, (*self._groups_of.get(name, ()), *self._logged_in))
        return Who("", tuple(dict.fromkeys((name, *self._logged_in))))

    def of(self, subject: Subject) -> Sequence[Holder]:
        """What somebody has by their own name, sorted."""
        return self._by_subject.get(subject, ())

    def personas_in(self, who: Who, namespace: str) -> frozenset[str]:
        """The personas that somebody has there, by the own name or by a group."""
        keys = [(USER, who.user), *((GROUP, group) for group in who.groups)]
        return frozenset(name for key in keys for name in self._personas.get(key, {}).get(namespace, ()))

    def is_heir(self, subject: Subject, namespace: str) -> bool:
        """Whether it is the group to which the data of a namespace is handed over that is given up."""
        kind, name = subject
        return kind == GROUP and (namespace, name) in self._heirs

    def members(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Users who are in a group of a contract, sorted, each with those of their groups."""
        for user, groups in sorted(self._groups_of.items()):
            if mine := tuple(sorted(name for name in groups if (GROUP, name) in self._by_subject)):
                yield user, mine

    def groups_of(self, user: str) -> Sequence[str]:
        """All groups of the cluster that a user is in."""
        return self._groups_of.get(user, ())

    def is_tenant(self, namespace: str) -> bool:
        """Whether a contract is about that namespace."""
        return namespace in self._spaces


def _key(subject: Subject) -> Subject:
    kind, name = subject
    return (USER, account_user(name)) if kind == ACCOUNT else subject


def _brings_groups(snapshot: PlatformSnapshot) -> bool:
    """Whether tokens of an external issuer say who is in which group, so that the cluster does not."""
    groups = snapshot.listed.get(GROUPS)
    absent = groups is not None and groups.state == ABSENT
    return absent or is_external(snapshot.get(AUTHENTICATIONS, "", AUTHENTICATION.name))


def _holders(contracts: Iterable[Contract], personas: Mapping[str, Persona]) -> Iterator[Holder]:
    """Each once, with the first place that names them; a persona that nobody knows is told by the contract's rules."""
    for contract in contracts:
        found: dict[tuple[str, Subject], Holder] = {}
        for number, wanted in enumerate(contract.personas):
            if wanted.persona in personas:
                for subject, path in _subjects(contract.namespace, number, wanted):
                    holder = Holder(contract.namespace, wanted.persona, *subject, path)
                    found.setdefault((wanted.persona, subject), holder)
        yield from found.values()


def _subjects(namespace: str, number: int, wanted: PersonaWanted) -> Iterator[tuple[Subject, str]]:
    path = f"personas[{number}]"
    yield from (((GROUP, name), f"{path}.groups") for name in wanted.groups)
    yield from (((USER, name), f"{path}.users") for name in wanted.users)
    yield from (((ACCOUNT, f"{namespace}/{name}"), f"{path}.service_accounts") for name in wanted.service_accounts)
