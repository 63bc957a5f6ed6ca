# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RBAC as its lists have it: which bindings reach somebody, and what their roles allow there.

It says where to look, and which binding is the cause. Whether something is allowed says the API server alone: other authorizers may
allow it too, and lists grow old.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ...common.owned_fields import ApiObject
from ...target.objects import maps_at, name_of, namespace_of, text_at, texts_at
from ...target.readings import Resource
from ..desired.identity import PersonaRule
from ..snapshot import PlatformSnapshot
from .facts import RBAC
from .lockout import BINDINGS, ROLES
from .personas import matches

ROLE_BINDINGS: Final = f"rolebindings.{RBAC}"
LOCAL_ROLES: Final = f"roles.{RBAC}"
RBAC_RESOURCES: Final = (
    Resource(RBAC, ("v1",), "rolebindings", "RoleBinding", True, (), ("who may do what in which namespace",)),
    Resource(RBAC, ("v1",), "roles", "Role", True, (), ("what roles of namespaces allow",)),
)
"""Lists that are needed beside those of logins."""

OF_CLUSTER: Final = (BINDINGS, ROLES)
OF_NAMESPACES: Final = (ROLE_BINDINGS, LOCAL_ROLES, ROLES)
USER, GROUP, ACCOUNT = "User", "Group", "ServiceAccount"
_ACCOUNT: Final = "system:serviceaccount:"


@dataclass(frozen=True, slots=True, order=True)
class Who:
    """For whom something is asked: a user with groups, or nobody but the groups."""

    user: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """A request, wherever it is made; without a name it is about no single object."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    name: str = ""

    @property
    def what(self) -> str:
        """What it is about: `pods/exec`, `routes/custom-host of route.openshift.io`."""
        text = f"{self.resource}/{self.subresource}" if self.subresource else self.resource
        text = f"{text} {self.name}" if self.name else text
        return f"{text} of {self.group}" if self.group else text


@dataclass(frozen=True, slots=True)
class Grant:
    """A binding with what its role allows."""

    binding: str
    """ClusterRoleBinding x, or RoleBinding namespace/x"""
    role: str
    """ClusterRole y, or Role namespace/y"""
    namespace: str
    """where it holds; empty for everywhere"""
    subjects: tuple[tuple[str, str], ...]
    """kind and name; of a ServiceAccount namespace/name"""
    rules: tuple[PersonaRule, ...] = ()

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.binding} ({self.role})"

    def allows(self, act: Act) -> bool:
        """Whether its role has a rule for that, where the binding holds."""
        return any(matches(rule, act.verb, act.group, act.resource, act.subresource, act.name) for rule in self.rules)


class Grants:
    """All bindings of a cluster by whom they reach. A list that is not known leaves them out: ask the snapshot."""

    def __init__(self, snapshot: PlatformSnapshot) -> None:
        self.all = tuple(_grants(snapshot))
        self._by_subject: dict[tuple[str, str], list[Grant]] = {}
        for grant in self.all:
            for subject in grant.subjects:
                self._by_subject.setdefault(_key(*subject), []).append(grant)

    def of(self, who: Who) -> tuple[Grant, ...]:
        """The bindings that reach somebody, each once, in the order of the lists."""
        keys = [(USER, who.user), *((GROUP, group) for group in who.groups)]
        found = {grant.binding: grant for key in keys for grant in self._by_subject.get(key, ())}
        return tuple(found[name] for name in sorted(found))


def account_user(name: str) -> str:
    """The user name of a service account, by namespace/name."""
    namespace, _slash, account = name.partition("/")
    return f"{_ACCOUNT}{namespace}:{account}"


def _key(kind: str, name: str) -> tuple[str, str]:
    return (USER, account_user(name)) if kind == ACCOUNT else (kind, name)


def _grants(snapshot: PlatformSnapshot) -> Iterator[Grant]:
    cluster = {name_of(role): _rules(role) for role in snapshot.all(ROLES)}
    local = {(namespace_of(role), name_of(role)): _rules(role) for role in snapshot.all(LOCAL_ROLES)}
    for resource in (BINDINGS, ROLE_BINDINGS):
        for binding in snapshot.all(resource):
            yield _grant(binding, cluster, local)


def _grant(
    binding: ApiObject, cluster: Mapping[str, tuple[PersonaRule, ...]], local: Mapping[tuple[str, str], tuple[PersonaRule, ...]]
) -> Grant:
    """A role that is not there allows nothing."""
    namespace, name, role = namespace_of(binding), name_of(binding), text_at(binding, "roleRef.name")
    subjects = tuple((text_at(one, "kind"), subject_name(one)) for one in maps_at(binding, "subjects"))
    text = f"RoleBinding {namespace}/{name}" if namespace else f"ClusterRoleBinding {name}"
    if text_at(binding, "roleRef.kind") == "Role":
        return Grant(text, f"Role {namespace}/{role}", namespace, subjects, local.get((namespace, role), ()))
    return Grant(text, f"ClusterRole {role}", namespace, subjects, cluster.get(role, ()))


def subject_name(subject: ApiObject) -> str:
    """Name of a subject of a binding; of a ServiceAccount `namespace/name`."""
    name = text_at(subject, "name")
    return f"{text_at(subject, 'namespace')}/{name}" if text_at(subject, "kind") == ACCOUNT else name


def _rules(role: ApiObject) -> tuple[PersonaRule, ...]:
    return tuple(
        PersonaRule(
            api_groups=tuple(texts_at(rule, "apiGroups")),
            resources=tuple(texts_at(rule, "resources")),
            verbs=tuple(texts_at(rule, "verbs")),
            names=tuple(texts_at(rule, "resourceNames")),
        )
        for rule in maps_at(role, "rules")
        if rule.get("resources")
    )
