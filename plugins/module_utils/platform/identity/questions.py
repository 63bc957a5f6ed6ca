# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions on access, as the API server is asked them, and its answers: who may do what, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...common.write_findings import listed
from ..desired.identity import PersonaRule
from ..snapshot import PlatformSnapshot
from .directories import bounded
from .facts import ALL, CHANGE, READ, SPECIAL
from .rbac import Act, Grant, Who, account_user

_MOST_SHOWN: Final = 5

LOGGED_IN: Final = ("system:authenticated",)
BY_OAUTH: Final = ("system:authenticated", "system:authenticated:oauth")
"""Groups into which the API server puts everybody who has logged in: always, and by OpenShift's own OAuth server."""

_WITHOUT_RULES: Final = ("system:authenticated", "system:serviceaccount")
"""How names of the system begin for which it has no rights but by bindings."""

NO_SCOPE: Final = ("namespaces", "projects")
"""Resources without a namespace whose requests name one: a binding in it reaches them."""

_ASKED_WITHIN: Final = ("bind", "use")
"""Verbs that are asked about in the namespace of a RoleBinding or a pod, though what they are about has none: ClusterRoles,
SecurityContextConstraints (Kubernetes, rbac/escalation_check.go; OpenShift, admission of SecurityContextConstraints)."""


@dataclass(frozen=True, slots=True, order=True)
class Question:
    """Whether somebody may do something; without a namespace for the whole cluster."""

    who: Who
    act: Act
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The API server's answer to one question."""

    allowed: bool | None
    """None where there is none that counts"""
    reason: str = ""
    """why it is allowed, in the server's words, or why there is no answer"""


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of asking."""

    by_question: Mapping[Question, Answered]
    refused: str = ""
    """why nothing could be asked at all, such as a right that lacks; empty where it could"""


def allowing(grants: Iterable[Grant], question: Question) -> list[Grant]:
    """The bindings that allow it, as far as the lists say."""
    return [grant for grant in grants if grant.namespace in ("", question.namespace) and grant.allows(question.act)]


def is_within(act: Act, served: Mapping[str, Mapping[str, bool]]) -> bool:
    """Whether such a request can be made within a namespace, or is asked about there, as far as is known; `served` as `served_plurals`."""
    if act.verb in SPECIAL:
        return act.verb in _ASKED_WITHIN or served.get(act.group, {}).get(act.resource, False)
    return act.resource in NO_SCOPE or served.get(act.group, {}).get(act.resource, True)


def account_who(name: str) -> Who:
    """A service account, by namespace/name, with the groups that it is in."""
    namespace = name.partition("/")[0]
    return Who(account_user(name), ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", *LOGGED_IN))


def names_of_the_system(who: Who) -> list[str]:
    """Names for which the server has rules of its own beside all bindings, such as system:masters and system:nodes."""
    return [name for name in (who.user, *who.groups) if name.startswith("system:") and not name.startswith(_WITHOUT_RULES)]


def served_plurals(snapshot: PlatformSnapshot) -> dict[str, dict[str, bool]]:
    """API group to the plurals that are served, each with whether it belongs to namespaces; empty where nobody knows."""
    found: dict[str, dict[str, bool]] = {}
    for (group, _kind), api in sorted(snapshot.served.items()):
        found.setdefault(group, {})[api.plural] = api.namespaced
    return found


def acts_of(rule: PersonaRule, served: Mapping[str, Mapping[str, bool]]) -> Iterator[Act]:
    """The requests that a row means, with what the cluster serves in place of `*`."""
    groups = (sorted(served) or (ALL,)) if ALL in rule.api_groups else rule.api_groups
    verbs = (*READ, *CHANGE) if ALL in rule.verbs else rule.verbs
    for group in groups:
        for resource in _plurals(rule.resources, served.get(group, {})):
            plural, _slash, subresource = resource.partition("/")
            for verb in verbs:
                yield from (Act(verb, group, plural, subresource, name) for name in rule.names or ("",))


def _plurals(resources: Iterable[str], served: Mapping[str, bool]) -> Iterator[str]:
    """Of a group that is not served, or not known to be, all is asked about at once."""
    for resource in resources:
        plural, slash, subresource = resource.partition("/")
        if plural != ALL:
            yield resource
        else:
            yield from (f"{each}{slash}{subresource}" for each in (sorted(served) or (ALL,)))


def several(words: Sequence[str]) -> str:
    """The first few, and how many there are beyond."""
    more = len(words) - _MOST_SHOWN
    return f"{', '.join(words[:_MOST_SHOWN])} and {more} more" if more > 0 else listed(words)


def in_words(questions: Iterable[Question]) -> str:
    """What is done and where: `get, list secrets on the whole cluster, and create pods/exec in team-a`."""
    places: dict[str, dict[str, set[str]]] = {}
    for question in questions:
        places.setdefault(question.namespace, {}).setdefault(question.act.what, set()).add(question.act.verb)
    # What holds alike in several namespaces is told once.
    alike: dict[str, list[str]] = {}
    for place, what in sorted(places.items()):
        words = [f"{', '.join(sorted(verbs))} {name}" for name, verbs in sorted(what.items())]
        alike.setdefault(bounded(words, _MOST_SHOWN), []).append(place)
    return ", and ".join(f"{text} {_places(where)}" for text, where in alike.items())


def _places(namespaces: Sequence[str]) -> str:
    return "on the whole cluster" if namespaces == [""] else f"in {bounded(namespaces, _MOST_SHOWN)}"
