# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What personas may do, as Kubernetes' RBAC decides it, and what is wrong with them.

The rules are those of kubernetes v1.34.4, pkg/apis/rbac/v1/evaluation_helpers.go and plugin/pkg/auth/authorizer/rbac/rbac.go:
rights only add up. Of resources match `*`, the exact `resource/subresource` and `*/subresource`; `resource/*` matches nothing.
Names are compared as they stand, so that a request without a name is matched by rules without names alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from ...common.owned_fields import ApiObject
from ..desired.identity import GroupWanted, Identity, Persona, PersonaRule
from ..desired.rules import Fault, fault, leads_nowhere
from ..desired.shape import Path, path_text
from .facts import ALL, ESCALATIONS, EVERYBODY, NAMELESS, RBAC, VERBS, Escalation

ROLE_PREFIX: Final = "groundwork-readiness-persona-"
NAMESPACE, CLUSTER = "namespace", "cluster"
_NAME: Final = re.compile(r"[a-z]([_a-z0-9]{0,61}[a-z0-9])?")
_RESOURCE: Final = re.compile(r"(\*|[a-z0-9]([-.a-z0-9]*[a-z0-9])?)(/[a-z0-9]([-.:a-z0-9]*[a-z0-9])?)?")
_OTHER_WORDS: Final = ("all", "edit", "modify", "read", "view", "write")
"""Words that look like verbs and are none."""


# ---- what is allowed -------------------------------------------------------------------------------------------------


def matches(rule: PersonaRule, verb: str, group: str, resource: str, subresource: str = "", name: str = "") -> bool:
    """Whether the rule is about that request; the resource is the plural, without the subresource."""
    combined = f"{resource}/{subresource}" if subresource else resource
    wanted = (ALL, combined, f"{ALL}/{subresource}") if subresource else (ALL, combined)
    return (
        (ALL in rule.verbs or verb in rule.verbs)
        and (ALL in rule.api_groups or group in rule.api_groups)
        and any(each in rule.resources for each in wanted)
        and (not rule.names or name in rule.names)
    )


def may(
    persona: Persona,
    verb: str,
    group: str,
    resource: str,
    *,
    subresource: str = "",
    name: str = "",
    namespace: str = "",
    bound_in: Collection[str] | None = None,
) -> bool:
    """Whether the persona's role allows the request where it is bound.

    `namespace` is that of the request, empty for what is cluster-wide and for all namespaces at once. A persona of a namespace is
    bound in those of `bound_in`, or in that of the request where nothing is said; no RoleBinding reaches what has no namespace.
    """
    if persona.scope == NAMESPACE and (not namespace or (bound_in is not None and namespace not in bound_in)):
        return False
    return any(matches(rule, verb, group, resource, subresource, name) for rule in persona.allow)


def everybody_may(verb: str, group: str, resource: str, *, subresource: str = "", name: str = "") -> bool:
    """Whether Kubernetes lets everybody do that who has logged in: asking what one may do oneself."""
    return any(matches(rule, verb, group, resource, subresource, name) for rule in EVERYBODY)


def must_not(persona: Persona, verb: str, group: str, resource: str, *, subresource: str = "", name: str = "") -> PersonaRule | None:
    """The row of the persona's `deny` that the request is against, wherever it is made."""
    return next((rule for rule in persona.deny if matches(rule, verb, group, resource, subresource, name)), None)


def overlap(one: PersonaRule, other: PersonaRule) -> bool:
    """Whether there is a request that both rules match."""
    return (
        _meet(one.verbs, other.verbs)
        and _meet(one.api_groups, other.api_groups)
        and any(_resources_meet(mine, theirs) for mine in one.resources for theirs in other.resources)
        and (not one.names or not other.names or not set(one.names).isdisjoint(other.names))
    )


def _meet(mine: Collection[str], theirs: Collection[str]) -> bool:
    if not mine or not theirs:
        return False
    return ALL in mine or ALL in theirs or not set(mine).isdisjoint(theirs)


def _resources_meet(mine: str, theirs: str) -> bool:
    if ALL in (mine, theirs) or mine == theirs:
        return True
    resource, _slash, subresource = mine.partition("/")
    other, _slash, other_subresource = theirs.partition("/")
    return subresource == other_subresource and ALL in (resource, other)


# ---- which personas there are ----------------------------------------------------------------------------------------


def personas_of(given: Mapping[str, Persona], shipped: Mapping[str, Persona]) -> Mapping[str, Persona]:
    """All personas by name, sorted: those of the document replace shipped ones of equal names.

    One that says nothing of what it must not do keeps the shipped `deny`: rights are widened on purpose, not by leaving lines out.
    """
    found = dict(shipped)
    for name, persona in given.items():
        inherited = shipped[name].deny if name in shipped and not persona.deny else persona.deny
        found[name] = replace(persona, deny=inherited)
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two personas that nobody should have at once: what one may do, the other must not."""

    persona: str
    excludes: str
    allow: PersonaRule
    """of `persona`"""
    deny: PersonaRule
    """of `excludes`"""


def conflicts(personas: Mapping[str, Persona]) -> tuple[Conflict, ...]:
    """The first conflict of each pair. What a persona may do in a namespace is not held against what one must not do everywhere."""
    found = []
    for name, persona in sorted(personas.items()):
        for other, denying in sorted(personas.items()):
            if name != other and not (persona.scope == NAMESPACE and denying.scope == CLUSTER):
                found += list(_against(name, persona.allow, other, denying.deny))[:1]
    return tuple(found)


def _against(name: str, allow: Iterable[PersonaRule], other: str, deny: Collection[PersonaRule]) -> Iterator[Conflict]:
    for rule in allow:
        for row in deny:
            if overlap(rule, row):
                yield Conflict(name, other, rule, row)


def escalations_of(persona: Persona, rule: PersonaRule) -> tuple[Escalation, ...]:
    """The known ways from that rule to further rights, for who has it where the persona is bound."""
    return tuple(known for known in ESCALATIONS if overlap(rule, known.rule) and (persona.scope == CLUSTER or not known.everywhere))


# ---- the role --------------------------------------------------------------------------------------------------------


def role_name(name: str) -> str:
    """Name of the persona's ClusterRole."""
    return ROLE_PREFIX + name.replace("_", "-")


def cluster_role(name: str, persona: Persona) -> ApiObject:
    """The persona's ClusterRole; without labels, which are whose it is."""
    metadata = {"name": role_name(name), "annotations": {"openshift.io/description": persona.purpose}}
    rules = [policy_rule(rule) for rule in persona.allow]
    return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": metadata, "rules": rules}


def policy_rule(rule: PersonaRule) -> dict[str, list[str]]:
    """The rule as the API has it."""
    given = {"apiGroups": rule.api_groups, "resources": rule.resources, "verbs": rule.verbs, "resourceNames": rule.names}
    return {key: sorted(set(values)) for key, values in given.items() if values}


# ---- what is wrong with them -----------------------------------------------------------------------------------------


def persona_faults(identity: Identity, shipped: Mapping[str, Persona]) -> Iterator[Fault]:
    """What cannot be meant by the document's personas and by whom it gives them to."""
    personas = personas_of(identity.personas, shipped)
    for name in identity.personas:
        path: Path = ("identity", "personas", name)
        if not _NAME.fullmatch(name):
            yield fault(
                path, "is no name of a persona", "lower-case letters, digits and underscores, a letter first; 63 characters at most"
            )
        yield from _rule_faults(path, personas[name])
        yield from _own_faults(path, personas[name], inherited=bool(personas[name].deny) and not identity.personas[name].deny)
    for number, group in enumerate(identity.groups):
        yield from _group_faults(("identity", "groups", number, "personas"), group, personas)


def _rule_faults(path: Path, persona: Persona) -> Iterator[Fault]:
    """Rules that the server refuses, or that never match."""
    for key, rules in (("allow", persona.allow), ("deny", persona.deny)):
        for number, rule in enumerate(rules):
            place = (*path, key, number)
            for part in ("api_groups", "resources", "verbs"):
                if not getattr(rule, part):
                    yield fault((*place, part), "is empty", "give at least one; * is all")
            yield from _words_faults(place, rule)
            if key == "allow":
                yield from _nameless_faults(place, rule)
    if not persona.allow:
        yield fault((*path, "allow"), "is empty", "say what it may do, or leave the persona out")


def _words_faults(place: Path, rule: PersonaRule) -> Iterator[Fault]:
    for number, verb in enumerate(rule.verbs):
        near = get_close_matches(verb.lower(), VERBS, n=1, cutoff=0.7)
        if verb not in (*VERBS, ALL) and (near or verb.lower() in _OTHER_WORDS):
            known = f"did you mean {near[0]}?" if near else f"verbs are {', '.join(VERBS)}"
            yield fault((*place, "verbs", number), f"is {verb!r}, which no request has", known)
    for number, resource in enumerate(rule.resources):
        if not _RESOURCE.fullmatch(resource):
            remedy = "name plurals in lower case, each subresource as resource/subresource, or */subresource for that of all"
            yield fault((*place, "resources", number), f"is {resource!r}, which matches nothing", remedy)
    for number, group in enumerate(rule.api_groups):
        if "/" in group or group == "core":
            remedy = 'name the group without a version; the core group is ""'
            yield fault((*place, "api_groups", number), f"is {group!r}, which matches nothing", remedy)


def _nameless_faults(place: Path, rule: PersonaRule) -> Iterator[Fault]:
    """With names, what has no name is never allowed."""
    lost = [verb for verb in rule.verbs if verb in NAMELESS]
    if rule.names and lost and not all("/" in resource for resource in rule.resources):
        message = f"has names and {' and '.join(lost)}, which name no object: they are never allowed by it"
        yield fault(place, message, "give them a rule without names, or leave them out")


def _own_faults(path: Path, persona: Persona, *, inherited: bool) -> Iterator[Fault]:
    """What the persona may do and must not, and what leads further than it seems."""
    for number, rule in enumerate(persona.allow):
        place = (*path, "allow", number)
        for row, denied in enumerate(persona.deny):
            if overlap(rule, denied):
                where = "the shipped deny" if inherited else path_text((*path, "deny", row))
                because = f" ({denied.why})" if denied.why else ""
                remedy = "take it out of the rule" + (", or give a deny of its own that replaces the shipped one" if inherited else "")
                yield fault(place, f"allows what {where} excludes: {_words(denied)}{because}", remedy)
        ways = escalations_of(persona, rule)
        if ways and not persona.escalation_signed_off_by:
            gives = "; ".join(sorted({way.gives for way in ways}))
            yield fault(
                place, f"leads to more than it says: {gives}", "take it out, or name who answers for it in escalation_signed_off_by"
            )


def _words(rule: PersonaRule) -> str:
    """A rule for people: `get, list secrets`."""
    groups = ", ".join(group for group in rule.api_groups if group)
    return f"{', '.join(rule.verbs)} {', '.join(rule.resources)}" + (f" of {groups}" if groups else "")


def _group_faults(path: Path, group: GroupWanted, personas: Mapping[str, Persona]) -> Iterator[Fault]:
    """A group has personas of the cluster; those of a namespace are bound there."""
    for number, name in enumerate(group.personas):
        yield from leads_nowhere((*path, number), name, personas, "persona")
        if name in personas and personas[name].scope == NAMESPACE:
            message = f"is {name!r}, a persona of a namespace: bound on the whole cluster it would hold in those of the system too"
            yield fault((*path, number), message, "bind it in the contract of a namespace, or name one of scope cluster")
    held = {name: personas[name] for name in group.personas if name in personas and personas[name].scope == CLUSTER}
    for found in conflicts(held):
        message = f"gives {found.persona} and {found.excludes} to one group, but {found.excludes} must not {_words(found.deny)}"
        yield fault(path, message, "give them to two groups")
