# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of identity: ways to log in, groups of the document, personas and who has them.

Of a list that is not known the facts that it tells are unknown, with the reason; they are never empty for want of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from ...common.artifact import JsonRecord
from ...common.findings import CRITICAL, INFORMATION, CheckFinding
from ...common.merges import differing
from ...common.owned_fields import ApiObject
from ...common.write_findings import FAIL, NOT_APPLICABLE, PASS, listed
from ...common.write_findings import MISSING as NOT_THERE
from ...target.objects import map_at, maps_at, name_of, namespace_of, text_at
from ..desired.identity import EXTERNAL_OIDC, HTPASSWD, GroupSyncWanted, GroupWanted, Identity, Persona
from ..desired.keys import ABSENT
from ..parts import Context
from ..progress import condition
from ..snapshot import PlatformSnapshot
from .check_list import ENDPOINTS_LDAP, ENDPOINTS_OIDC, PART, PROVIDERS_CLEAR, PROVIDERS_OTHERS, PROVIDERS_VALID, SECRETS_CA, SECRETS_KEYS
from .directories import bounded, name_in_directory, read_of
from .endpoints import shown_url
from .external_oidc import AUTHENTICATION, is_external
from .external_oidc import provider_item as issuer_item
from .group_causes import Scene, scene_of
from .group_sync import SYNCS, error_of
from .lockout import BINDINGS, ROLES, AdminLogins, admin_logins
from .login_readings import AUTHENTICATIONS, OAUTHS, OPERATORS
from .oauth import OAUTH, differences, provider_item, providers_of
from .personas import cluster_role, personas_of, role_name
from .provenance import BY_OPERATOR, GROUPS
from .rbac import ROLE_BINDINGS, subject_name
from .records import BROKEN, EXTERNAL_ISSUER, MISSING, NO, NOT_EVALUATED, ON_CLUSTER, OTHERS, OURS, READY, WAITING, YES
from .secrets_wanted import needs_of
from .sessions import factor_findings

_SYSTEM: Final = "system:"
_OF_TOKENS: Final = "with an external issuer tokens bring the groups: the cluster has none"
_OF_SERVER: Final = "the API server itself puts requests into it: it is no Group"
_NOT_SEEN: Final = "an external issuer logs users in: who of them comes in is not seen from the cluster"
_NOT_IN_USE: Final = "an external issuer logs users in: no provider of the OAuth server is asked"
_HOSTS: Final = ("openID.issuer", "ldap.url", "basicAuth.url", "gitlab.url", "keystone.url", "requestHeader.loginURL")
"""Where an item of OAuth's list has the address of its server."""

_FIXED_HOSTS: Final[Mapping[str, str]] = {"GitHub": "github.com", "Google": "accounts.google.com"}
"""Types of providers whose server is the same for all; GitHub has one of its own where `github.hostname` names it."""

_OF_PROVIDERS: Final = tuple(check.id for check in (PROVIDERS_OTHERS, PROVIDERS_VALID, PROVIDERS_CLEAR))
_OF_REFERENCES: Final = tuple(check.id for check in (SECRETS_KEYS, SECRETS_CA))
_OF_SERVERS: Final = tuple(check.id for check in (ENDPOINTS_OIDC, ENDPOINTS_LDAP))
_FACTORS: Final[Mapping[str, str]] = {PASS: YES, FAIL: NO}


def identity_records(context: Context, findings: Iterable[CheckFinding]) -> tuple[JsonRecord, ...]:
    """All records of the part; `findings` are those of the part, which say how things stand."""
    wanted, told = context.desired.identity or Identity(), tuple(findings)
    personas = personas_of(wanted.personas, context.catalogue.personas)
    holdings = holdings_of(context.snapshot, personas)
    return (
        *_logins(wanted, context.snapshot, told),
        *_groups(wanted, context, holdings, told),
        *(_persona(name, persona, context, holdings) for name, persona in personas.items()),
    )


@dataclass(frozen=True, slots=True)
class NotKnown:
    """In place of a fact: why nobody knows it."""

    reason: str


_NOT_LOOKED_AT: Final = "the document does not name it: its Secrets and its server were not looked at"


def _record(kind: str, name: str, facts: Mapping[str, Any]) -> JsonRecord:
    """The record of these facts; those that nobody knows are left out and named."""
    known = {fact: value for fact, value in facts.items() if not isinstance(value, NotKnown)}
    unknown = {fact: value.reason for fact, value in sorted(facts.items()) if isinstance(value, NotKnown)}
    return {"kind": kind, "id": name, "name": name, "part": PART, **known, **({"unknown": unknown} if unknown else {})}


def _standing(findings: Iterable[CheckFinding]) -> tuple[str, str]:
    """The state that these findings leave something in, and what they say."""
    told = list(findings)
    for state, chosen in (
        (MISSING, [finding for finding in told if finding.result == FAIL and finding.state == NOT_THERE]),
        (BROKEN, [finding for finding in told if finding.result == FAIL]),
        (NOT_EVALUATED, [finding for finding in told if finding.result == NOT_EVALUATED]),
    ):
        if chosen:
            return state, _messages(chosen)
    return READY, ""


def _messages(findings: Iterable[CheckFinding]) -> str:
    return "; ".join(dict.fromkeys(finding.message or finding.check for finding in findings))


# ---- ways to log in --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Doors:
    """All that ways to log in are judged by."""

    wanted: Identity
    snapshot: PlatformSnapshot
    told: Sequence[CheckFinding]
    admins: AdminLogins
    factors: Mapping[str, str]
    """subject to whether a second factor is seen"""
    external: bool
    """whether an external issuer logs users in"""


def _logins(wanted: Identity, snapshot: PlatformSnapshot, told: Sequence[CheckFinding]) -> Iterator[JsonRecord]:
    oauth, authentication = snapshot.get(OAUTHS, "", OAUTH.name), snapshot.get(AUTHENTICATIONS, "", AUTHENTICATION.name)
    factors = {found.subject: _FACTORS.get(found.result, NOT_EVALUATED) for found in factor_findings(oauth, authentication)}
    doors = _Doors(wanted, snapshot, told, admin_logins(snapshot), factors, is_external(authentication))
    found: dict[str, JsonRecord] = {}
    for record in (*_issuers(doors, authentication), *_providers(doors, oauth)):
        # A name that the list has twice is told once: that it is there twice is the finding of a check.
        found.setdefault(record["id"], record)
    yield from (found[name] for name in sorted(found))


def _providers(doors: _Doors, oauth: ApiObject | None) -> Iterator[JsonRecord]:
    """Providers of the OAuth server: those in its list, and those of the document that are not there yet."""
    items = {text_at(item, "name"): item for item in reversed(providers_of(oauth))}
    named = {provider.name: provider for provider in doors.wanted.providers}
    for name, item in items.items():
        # While an external issuer logs users in, others' providers are no way in.
        if name in named or not doors.external:
            yield _provider(doors, name, item, is_there=True)
    for name, provider in named.items():
        if name not in items and provider.state != ABSENT:
            yield _provider(doors, name, provider_item(provider), is_there=False)


def _provider(doors: _Doors, name: str, item: ApiObject, *, is_there: bool) -> JsonRecord:
    kind = text_at(item, "type")
    state, reason = _state_of_provider(doors, name, item, is_there=is_there)
    facts = {
        "login_type": kind or NotKnown("it has no type"),
        "whose": OURS if any(provider.name == name for provider in doors.wanted.providers) else OTHERS,
        "place": _host_of(item, kind),
        "mapping_method": text_at(item, "mappingMethod") or "claim",
        "second_factor": doors.factors.get(f"provider {name}", NOT_EVALUATED) if is_there else NOT_EVALUATED,
        "cluster_admins": _admins(doors, name),
        "state": state,
        "reason": reason,
    }
    return _record("login", name, facts)


def _admins(doors: _Doors, name: str) -> list[str] | NotKnown:
    return NotKnown(doors.admins.unknown) if doors.admins.unknown else list(doors.admins.certain.get(name, ()))


def _host_of(item: ApiObject, kind: str) -> str | NotKnown:
    """Host of the server: an address may hold a user, a password or a search."""
    if kind == HTPASSWD:
        return ""
    if kind in _FIXED_HOSTS:
        return text_at(item, "github.hostname") or _FIXED_HOSTS[kind]
    return _host(next(filter(None, (text_at(item, path) for path in _HOSTS)), ""))


def _host(address: str) -> str | NotKnown:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None
    return host or NotKnown("it has no address of a server that can be read")


def _state_of_provider(doors: _Doors, name: str, item: ApiObject, *, is_there: bool) -> tuple[str, str]:
    if not doors.snapshot.known(OAUTHS, AUTHENTICATIONS):
        return NOT_EVALUATED, doors.snapshot.why_not(OAUTHS, AUTHENTICATIONS)
    if doors.external:
        return (BROKEN if is_there else MISSING), _NOT_IN_USE
    if not is_there:
        why = _messages(finding for finding in _told_of_provider(doors, name) if finding.result == FAIL)
        return MISSING, "; ".join(filter(None, ("it is not in the list of OAuth/cluster", why)))
    wanted = next((provider for provider in doors.wanted.providers if provider.name == name), None)
    if wanted is not None and wanted.state == ABSENT:
        return WAITING, "the document wants it gone"
    state, reason = _standing(_told_of_provider(doors, name))
    if state in (MISSING, BROKEN):
        # It is there itself; what it refers to is not.
        return BROKEN, reason
    if wanted is not None and (fields := differences(item, provider_item(wanted))):
        return BROKEN, f"it differs from the document in {listed(fields)}"
    state, reason = _with_operator(doors.snapshot, state, reason)
    # What it refers to, and whether its server answers, was looked at for nobody.
    return (NOT_EVALUATED, _NOT_LOOKED_AT) if wanted is None and state == READY else (state, reason)


def _told_of_provider(doors: _Doors, name: str) -> list[CheckFinding]:
    """Findings on a provider itself, on what it refers to, and on its server."""
    subjects, addresses = {f"provider {name}"}, set()
    needs = needs_of(doors.wanted)
    for number, provider in enumerate(doors.wanted.providers):
        if provider.name == name:
            subjects |= {f"{need.ref.text}: {need.key}" for need in needs if need.path.startswith(f"identity.providers[{number}].")}
            addresses |= {shown_url(settings.issuer) for settings in (provider.openid,) if settings is not None}
            addresses |= {shown_url(settings.url) for settings in (provider.ldap,) if settings is not None}
    return [
        finding
        for finding in doors.told
        if (finding.check in (*_OF_PROVIDERS, *_OF_REFERENCES) and finding.subject in subjects)
        # A server that several providers name is asked once.
        or (finding.check in _OF_SERVERS and finding.subject.partition(": ")[2] in addresses)
    ]


def _with_operator(snapshot: PlatformSnapshot, state: str, reason: str) -> tuple[str, str]:
    """The state with what the operator says that makes the list take effect: it passes over what it cannot use."""
    if state != READY:
        return state, reason
    if not snapshot.known(OPERATORS):
        return NOT_EVALUATED, snapshot.why_not(OPERATORS)
    operator = snapshot.get(OPERATORS, "", "authentication")
    if operator is None:
        return NOT_EVALUATED, "the cluster has no ClusterOperator authentication, which says whether logins work"
    for kind, expected, otherwise in (("Available", "True", BROKEN), ("Degraded", "False", BROKEN), ("Progressing", "False", WAITING)):
        entry = condition(operator, kind)
        if entry is None:
            return NOT_EVALUATED, f"ClusterOperator authentication has no condition {kind} yet"
        if entry.get("status") != expected:
            words = str(entry.get("message") or entry.get("reason") or "it does not say why")
            return otherwise, f"ClusterOperator authentication, {kind} is {entry.get('status')}: {words}"
    return READY, ""


def _issuers(doors: _Doors, authentication: ApiObject | None) -> Iterator[JsonRecord]:
    """External issuers: that of the cluster, and that of the document where it is not there yet."""
    items = maps_at(dict(authentication or {}), "spec.oidcProviders") if doors.external else []
    wanted = doors.wanted.external_oidc if doors.wanted.mode == EXTERNAL_OIDC else None
    for item in items:
        ours = wanted is not None and text_at(item, "name") == wanted.name
        state, reason = _state_of_issuer(doors, item, is_ours=ours)
        yield _issuer(item, OURS if ours else OTHERS, doors.factors.get(f"issuer {text_at(item, 'name')}", NOT_EVALUATED), state, reason)
    if wanted is not None and all(text_at(item, "name") != wanted.name for item in items):
        state, reason = MISSING, "it is not in Authentication/cluster"
        if not doors.snapshot.known(AUTHENTICATIONS):
            state, reason = NOT_EVALUATED, doors.snapshot.why_not(AUTHENTICATIONS)
        yield _issuer(issuer_item(wanted, {}), OURS, NOT_EVALUATED, state, reason)


def _issuer(item: ApiObject, whose: str, factor: str, state: str, reason: str) -> JsonRecord:
    facts = {
        "login_type": EXTERNAL_ISSUER,
        "whose": whose,
        "place": _host(text_at(item, "issuer.issuerURL")),
        "mapping_method": "",
        "second_factor": factor,
        "cluster_admins": NotKnown(_NOT_SEEN),
        "state": state,
        "reason": reason,
    }
    return _record("login", text_at(item, "name"), facts)


def _state_of_issuer(doors: _Doors, item: ApiObject, *, is_ours: bool) -> tuple[str, str]:
    wanted = doors.wanted.external_oidc
    if is_ours and wanted is not None:
        if fields := differing(item, issuer_item(wanted, item)):
            return BROKEN, f"it differs from the document in {listed(fields)}"
        address = shown_url(wanted.issuer)
        told = [found for found in doors.told if found.check in _OF_SERVERS and found.subject.partition(": ")[2] == address]
        return _with_operator(doors.snapshot, *_standing(told))
    return _with_operator(doors.snapshot, READY, "")


# ---- who has which persona -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Holding:
    """One subject of one binding of a persona's ClusterRole."""

    persona: str
    kind: str
    name: str
    """of a ServiceAccount `namespace/name`"""
    namespace: str
    """where the binding holds; empty for the whole cluster"""

    @property
    def place(self) -> str:
        """`in team-a`, or `on the cluster`."""
        return f"in {self.namespace}" if self.namespace else ON_CLUSTER


@dataclass(frozen=True, slots=True)
class Holdings:
    """Who has which persona, as far as bindings were read."""

    found: tuple[Holding, ...]
    unknown: str = ""
    """why there may be more; empty where there are not"""

    def texts(self, texts: Iterable[str]) -> list[str] | NotKnown:
        """These as a fact; where there may be more it is unknown, and what is known is said with the reason."""
        known = list(dict.fromkeys(texts))
        if not self.unknown:
            return known
        return NotKnown(f"{self.unknown}; known is {bounded(known)}" if known else self.unknown)


def holdings_of(snapshot: PlatformSnapshot, personas: Iterable[str]) -> Holdings:
    """Who is bound to the ClusterRoles of personas, by ClusterRoleBindings and RoleBindings."""
    roles = {role_name(name): name for name in personas}
    found = {
        Holding(roles[text_at(binding, "roleRef.name")], kind, name, namespace_of(binding))
        for resource in (BINDINGS, ROLE_BINDINGS)
        for binding in snapshot.all(resource)
        if text_at(binding, "roleRef.kind") == "ClusterRole" and text_at(binding, "roleRef.name") in roles
        for kind, name in ((text_at(one, "kind"), subject_name(one)) for one in maps_at(binding, "subjects"))
        if name
    }
    return Holdings(tuple(sorted(found)), snapshot.why_not(BINDINGS, ROLE_BINDINGS))


def _persona(name: str, persona: Persona, context: Context, holdings: Holdings) -> JsonRecord:
    facts = {
        "role": role_name(name),
        "shipped": context.catalogue.personas.get(name) == persona,
        "allows": len(persona.allow),
        "denies": len(persona.deny),
        "subjects": holdings.texts(f"{each.kind} {each.name} {each.place}" for each in holdings.found if each.persona == name),
        "state": _state_of_role(cluster_role(name, persona), context.snapshot),
    }
    return _record("persona", name, facts)


def _state_of_role(wanted: ApiObject, snapshot: PlatformSnapshot) -> str:
    if not snapshot.known(ROLES):
        return NOT_EVALUATED
    live = snapshot.get(ROLES, "", name_of(wanted))
    if live is None:
        return MISSING
    return READY if _rules(live) == _rules(wanted) else BROKEN


def _rules(role: ApiObject) -> list[dict[str, list[str]]]:
    """The rules whatever the order of what they list; an empty list says nothing."""
    return [
        {key: sorted(map(str, values)) for key, values in sorted(rule.items()) if isinstance(values, list) and values}
        for rule in maps_at(role, "rules")
    ]


# ---- groups ----------------------------------------------------------------------------------------------------------


def _groups(wanted: Identity, context: Context, holdings: Holdings, told: Sequence[CheckFinding]) -> Iterator[JsonRecord]:
    moment = context.now or f"{context.today}T00:00:00Z"
    scene = scene_of(wanted, context.snapshot, context.outside.directories, moment, is_day=not context.now)
    by_subject: dict[str, list[CheckFinding]] = {}
    for finding in told:
        by_subject.setdefault(finding.subject, []).append(finding)
    for name, group in sorted({group.name: group for group in wanted.groups}.items()):
        state, reason = _state_of_group(group, scene, by_subject.get(f"group {name}", []))
        members = _members(group, scene)
        facts = {
            "source": _source(group, wanted),
            "directory": group.directory,
            "synced_by": _synced_by(group, scene),
            "members": members,
            "members_of_source": _members_of_source(group, scene) if group.directory else members,
            "personas": holdings.texts(
                f"{each.persona} {each.place}" for each in holdings.found if (each.kind, each.name) == ("Group", name)
            ),
            "state": state,
            "reason": reason,
        }
        yield _record("group", name, facts)


def _source(group: GroupWanted, wanted: Identity) -> str | NotKnown:
    if not group.directory:
        return "cluster"
    kinds = {directory.name: directory.kind for directory in wanted.directories}
    return kinds.get(group.directory) or NotKnown(f"the document has no directory {group.directory}")


def _why_no_group(group: GroupWanted, scene: Scene) -> str:
    """Why nothing is seen of the group on the cluster; empty where it would be."""
    if group.name.startswith(_SYSTEM):
        return _OF_SERVER
    return _OF_TOKENS if scene.wanted.mode == EXTERNAL_OIDC else scene.snapshot.why_not(GROUPS)


def _members(group: GroupWanted, scene: Scene) -> int | NotKnown:
    if reason := _why_no_group(group, scene):
        return NotKnown(reason)
    live = scene.groups.get(group.name)
    return len(live.members) if live is not None else 0


def _members_of_source(group: GroupWanted, scene: Scene) -> int | NotKnown:
    read = read_of(scene.directories, group.directory)
    if not read.known:
        return NotKnown(read.reason)
    there = read.groups.get(name_in_directory(group, scene.wanted))
    if there is None:
        return 0
    return len(there.members) if there.members_known else NotKnown(f"its members were not read in directory {group.directory}")


def _synced_by(group: GroupWanted, scene: Scene) -> str | NotKnown:
    """The GroupSync that brought it; of a group that is not there yet those of the document that are to bring it."""
    if group.name.startswith(_SYSTEM) or scene.wanted.mode == EXTERNAL_OIDC:
        return ""
    if reason := scene.snapshot.why_not(GROUPS):
        return NotKnown(reason)
    live = scene.groups.get(group.name)
    if live is not None:
        return live.sync if live.source == BY_OPERATOR else ""
    return ", ".join(sync.name for sync in _syncs(group, scene))


def _syncs(group: GroupWanted, scene: Scene) -> tuple[GroupSyncWanted, ...]:
    return scene.syncs_of(group.directory, name_in_directory(group, scene.wanted)) if group.directory else ()


def _state_of_group(group: GroupWanted, scene: Scene, told: Sequence[CheckFinding]) -> tuple[str, str]:
    """The state by what checks say; a warning changes it not, and is told."""
    state, reason = _standing(finding for finding in told if finding.severity == CRITICAL)
    if state == MISSING and _is_coming(group, scene):
        return WAITING, reason
    if state != READY:
        return state, reason
    if all(finding.result not in (PASS, NOT_APPLICABLE) for finding in told):
        return NOT_EVALUATED, "no check looked at it"
    against = [finding for finding in told if finding.result in (FAIL, NOT_EVALUATED) and finding.severity != INFORMATION]
    return READY, _messages(against) if against else ""


def _is_coming(group: GroupWanted, scene: Scene) -> bool:
    """Whether its directory has it, and the GroupSync that is to bring it has not synced yet: there is nothing wrong so far."""
    read = read_of(scene.directories, group.directory)
    if not read.known or name_in_directory(group, scene.wanted) not in read.groups:
        return False
    items = [scene.snapshot.get(SYNCS, sync.namespace, sync.name) for sync in _syncs(group, scene)]
    there = [item for item in items if item is not None]
    return bool(there) and not any(error_of(item) or map_at(item, "status").get("lastSyncSuccessTime") for item in there)
