# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which changes of logins could leave a cluster without a working login of a cluster-admin.

A way in counts as certain where a User that is bound to cluster-admin, or is in a Group that is, has an identity of that
provider; it counts as possible where that cannot be told: a bound User who never logged in, a bound Group without members
that a login may fill. A change that touches a way in is dangerous unless a certain way in stays untouched. kubeadmin is no
such way: whether anybody has its password is not known. Nor is one that rests on a Group whose GroupSync is changed by the same
document, or one of a provider that somebody else changed since it was judged. These are the cases, each a line of `CASES`:

    removed         the provider goes from the list
    renamed         it goes, and comes back under another name: identities begin with the name
    type            it becomes another kind of provider
    issuer          OpenID: another issuer has other subjects, so that nobody is who he was
    client          OpenID: another client or client secret; with a wrong one nobody logs in
    ca              another CA or none: the provider's certificate may not be trusted any more
    claims          OpenID: other claims or scopes for user names and groups
    directory       LDAP: another URL, bind account or TLS setting
    attributes      LDAP: other attributes: another id is another identity
    users           HTPasswd: another Secret has other users
    mapping         another mapping method; with lookup nobody comes in for whom no User was made beforehand
    lookup          a provider with lookup, and no admin has an identity of it
    duplicate       its name stands in the list more than once, so that OpenShift refuses the whole list
    other           any other field of it
    external        the cluster's logins go to an external issuer: Users, identities and kubeadmin count no more
    issuer_changed  the cluster takes tokens of another issuer, audience or CA
    mapping_changed the external issuer's tokens make other user or group names
    integrated      the cluster's logins come back from an external issuer to the OAuth server
    sync_comes      a GroupSync comes, again, over a Group that makes cluster-admins: members that its directory lacks lose it
    sync_changed    the GroupSync of such a Group takes its groups or members from elsewhere, or leaves that Group out
    sync_pruned     that GroupSync begins to delete groups that its directory does not have
    sync_removed    that GroupSync goes, and nobody brings the members of the Group any more
    unknown         who is a cluster-admin, or through which provider, could not be read
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ...common.findings import CheckFinding, Evidence
from ...common.write_findings import listed
from ...target.objects import map_at, maps_at, name_of, text_at, texts_at
from ..desired.identity import LOOKUP
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import failed, passed
from .check_list import LOCKOUT_GUARD
from .oauth import differences, meaning

Item = Mapping[str, Any]

BINDINGS: Final = "clusterrolebindings.rbac.authorization.k8s.io"
ROLES: Final = "clusterroles.rbac.authorization.k8s.io"
USERS: Final = "users.user.openshift.io"
GROUPS: Final = "groups.user.openshift.io"
LISTS: Final = (BINDINGS, ROLES, USERS, GROUPS)
KUBEADMIN: Final = Named("v1", "Secret", "kube-system", "kubeadmin")
CLUSTER_ADMIN: Final = "cluster-admin"

REMOVED, RENAMED, TYPE, ISSUER, CLIENT, CA, CLAIMS = "removed", "renamed", "type", "issuer", "client", "ca", "claims"
DIRECTORY, ATTRIBUTES, USERS_FILE, MAPPING, LOOKUP_CASE = "directory", "attributes", "users", "mapping", "lookup"
DUPLICATE, OTHER = "duplicate", "other"
EXTERNAL, ISSUER_CHANGED, MAPPING_CHANGED, INTEGRATED_CASE = "external", "issuer_changed", "mapping_changed", "integrated"
SYNC_COMES, SYNC_CHANGED, SYNC_PRUNED, SYNC_REMOVED = "sync_comes", "sync_changed", "sync_pruned", "sync_removed"
UNKNOWN_CASE: Final = "unknown"

CASES: Final[Mapping[str, str]] = {
    REMOVED: "is removed",
    RENAMED: "gets another name, which begins each user's identity",
    TYPE: "becomes another kind of provider",
    ISSUER: "gets another issuer, whose subjects are others",
    CLIENT: "gets another client or client secret",
    CA: "gets another CA",
    CLAIMS: "takes user names or groups from other claims or scopes",
    DIRECTORY: "asks another directory, or asks it otherwise",
    ATTRIBUTES: "takes identities from other attributes",
    USERS_FILE: "takes its users from another Secret",
    MAPPING: "maps identities to users by another method",
    LOOKUP_CASE: "lets in none but those whose User was made beforehand, and no cluster-admin's was",
    DUPLICATE: "stands in the list more than once",
    OTHER: "is changed",
    EXTERNAL: "the cluster's logins go to an external issuer: Users, identities and kubeadmin count no more",
    ISSUER_CHANGED: "the cluster takes tokens of another issuer, for other audiences, or with another CA",
    MAPPING_CHANGED: "tokens of the external issuer make other user or group names",
    INTEGRATED_CASE: "the cluster's logins come back from an external issuer to the OAuth server",
    SYNC_COMES: "comes over a Group that is there: members that its directory lacks go, and the Group with them where it prunes",
    SYNC_CHANGED: "takes groups or their members from elsewhere, or leaves groups out",
    SYNC_PRUNED: "begins to delete groups that its directory does not have",
    SYNC_REMOVED: "goes: the Group is brought up to date no more",
    UNKNOWN_CASE: "it cannot be told who is a cluster-admin, or through which provider",
}
"""Every case that is guarded, and what it is in words."""

_BY_FIELD: Final[Sequence[tuple[str, str]]] = (
    ("type", TYPE),
    ("mappingMethod", MAPPING),
    ("openID.issuer", ISSUER),
    ("openID.client", CLIENT),
    ("openID.ca", CA),
    ("ldap.ca", CA),
    ("openID.claims", CLAIMS),
    ("openID.extraScopes", CLAIMS),
    ("openID.extraAuthorizeParameters", CLAIMS),
    ("ldap.attributes", ATTRIBUTES),
    ("ldap.", DIRECTORY),
    ("htpasswd", USERS_FILE),
)
"""Beginning of a path within an item, and the case that a change there is."""


_KINDS: Final = frozenset({"openID", "ldap", "htpasswd", "basicAuth", "github", "gitlab", "google", "keystone", "requestHeader"})


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """Whether a way in that depends on no provider was proven in this run, how, and why not."""

    proven: bool = False
    how: str = ""
    """who came in and by what, such as `system:serviceaccount:ops:break-glass by the token of a service account`"""
    reason: str = "no break-glass access was tried in this run"
    evaluated: bool = True
    """whether it could be tried at all; where it could not, nothing is said against it"""


@dataclass(frozen=True, slots=True)
class Danger:
    """One change that could lock all cluster-admins out."""

    case: str
    subject: str
    """provider, or the cluster's mode of login"""
    message: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class AdminLogins:
    """Through which providers cluster-admins log in."""

    certain: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """provider to admins who have an identity of it"""
    possible: tuple[str, ...] = ()
    """bound users who never logged in, and bound groups whose members are not known: any provider may bring them"""
    unknown: str = ""
    """why it is not known; empty where it is"""
    shaken: frozenset[str] = frozenset()
    """providers that are no way in to rely on, though admins have an identity of them"""


def admin_logins(snapshot: PlatformSnapshot, shaken_groups: Collection[str] = ()) -> AdminLogins:
    """Through which providers cluster-admins log in, by bindings, Users and Groups.

    A provider is shaken whose admins are in no other way admins than by one of these groups.
    """
    if not snapshot.known(*LISTS):
        return AdminLogins(unknown=snapshot.why_not(*LISTS))
    found = _admin_logins(snapshot, ())
    lasting = _admin_logins(snapshot, shaken_groups) if shaken_groups else found
    return replace(found, shaken=frozenset(found.certain.keys() - lasting.certain.keys()))


def _admin_logins(snapshot: PlatformSnapshot, without: Collection[str]) -> AdminLogins:
    users = {name_of(user): _providers_of(user) for user in snapshot.all(USERS)}
    groups = {name_of(group): texts_at(dict(group), "users") for group in snapshot.all(GROUPS)}
    names, possible = set(), set()
    for kind, name in _admin_subjects(snapshot):
        if kind == "User":
            names.add(name)
        elif name in without:
            continue
        elif groups.get(name):
            names.update(groups[name])
        else:
            possible.add(f"Group {name}")
    possible |= {f"User {name}" for name in names if not users.get(name)}
    certain: dict[str, list[str]] = {}
    for name in sorted(names):
        for provider in users.get(name, ()):
            certain.setdefault(provider, []).append(name)
    return AdminLogins({provider: tuple(admins) for provider, admins in sorted(certain.items())}, tuple(sorted(possible)))


def admin_groups(snapshot: PlatformSnapshot) -> set[str]:
    """Groups whose members are cluster-admins, as far as that is known."""
    return {name for kind, name in _admin_subjects(snapshot) if kind == "Group"}


def _admin_subjects(snapshot: PlatformSnapshot) -> Iterator[tuple[str, str]]:
    """Users and groups that are bound to a role that may do everything; what belongs to the system itself is left out."""
    roles = {CLUSTER_ADMIN, *(name_of(role) for role in snapshot.all(ROLES) if _allows_all(role))}
    for binding in snapshot.all(BINDINGS):
        if text_at(dict(binding), "roleRef.name") not in roles:
            continue
        for subject in maps_at(dict(binding), "subjects"):
            kind, name = text_at(subject, "kind"), text_at(subject, "name")
            if kind in ("User", "Group") and name and not name.startswith(("system:", "kube:")):
                yield kind, name


def _allows_all(role: Item) -> bool:
    return any(all("*" in texts_at(rule, key) for key in ("apiGroups", "resources", "verbs")) for rule in maps_at(dict(role), "rules"))


def _providers_of(user: Item) -> tuple[str, ...]:
    """Providers of a User's identities: an identity is `<provider>:<id at the provider>` (user.openshift.io/v1)."""
    return tuple(sorted({identity.partition(":")[0] for identity in texts_at(dict(user), "identities") if ":" in identity}))


# ---- the list of providers -------------------------------------------------------------------------------------------


def provider_dangers(before: Sequence[Item], after: Sequence[Item], logins: AdminLogins) -> tuple[Danger, ...]:
    """What a change of the list could do to cluster-admins, each provider that it touches with its cases."""
    touched = dict(_touched(before, after, logins))
    if not touched:
        return ()
    if logins.unknown:
        message = f"{CASES[UNKNOWN_CASE]}: {logins.unknown}; {_in_words(touched)}"
        return (Danger(UNKNOWN_CASE, _subject(min(touched)), message),)
    if steady_ways(before, after, logins):
        return ()
    found = []
    for name, cases in sorted(touched.items()):
        if name not in logins.certain and not logins.possible and DUPLICATE not in cases:
            continue
        for case in cases:
            evidence = (Evidence(_subject(name), "cluster-admins", listed(logins.certain.get(name, logins.possible)), "another way in"),)
            found.append(Danger(case, _subject(name), f"provider {name} {CASES[case]}; {_who(name, logins)}", evidence))
    return tuple(found)


def steady_ways(before: Sequence[Item], after: Sequence[Item], logins: AdminLogins) -> frozenset[str]:
    """Providers by which cluster-admins certainly come in, before a change of the list and after it."""
    touched = dict(_touched(before, after, logins))
    if logins.unknown or any(DUPLICATE in cases for cases in touched.values()):
        return frozenset()
    return frozenset((logins.certain.keys() - logins.shaken) & _untouched(before, after, touched))


def _subject(name: str) -> str:
    return f"provider {name}"


def _in_words(touched: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"provider {name} {' and '.join(CASES[case] for case in cases)}" for name, cases in sorted(touched.items()))


def _who(name: str, logins: AdminLogins) -> str:
    if name in logins.certain:
        return f"{listed(logins.certain[name])} would have no other way in that is known"
    return f"it may be the way in of {listed(logins.possible)}"


def _untouched(before: Sequence[Item], after: Sequence[Item], touched: Mapping[str, Sequence[str]]) -> set[str]:
    stays = {text_at(dict(item), "name") for item in before} & {text_at(dict(item), "name") for item in after}
    return stays - set(touched)


def _touched(before: Sequence[Item], after: Sequence[Item], logins: AdminLogins) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Providers that were there and are changed or gone, and those that make the whole list unusable, each with its cases."""
    old = {text_at(dict(item), "name"): item for item in before}
    new = {text_at(dict(item), "name"): item for item in after}
    counts, counted = Counter(text_at(dict(item), "name") for item in after), Counter(text_at(dict(item), "name") for item in before)
    fresh = [item for name, item in new.items() if name not in old]
    for name, item in old.items():
        if counts[name] > 1 and counts[name] > counted[name]:
            yield name, (DUPLICATE,)
        elif name not in new:
            yield name, (RENAMED if any(_same_but_name(item, other) for other in fresh) else REMOVED,)
        elif cases := _cases(item, new[name], name, logins):
            yield name, cases
    for name in new.keys() - old.keys():
        if counts[name] > 1:
            yield name, (DUPLICATE,)


def _same_but_name(one: Item, other: Item) -> bool:
    return not [path for path in differences(one, other) if path != "name"]


def _cases(before: Item, after: Item, name: str, logins: AdminLogins) -> tuple[str, ...]:
    # Settings of a kind that come or go as a whole: the kind itself changes then.
    found = [
        TYPE if path in _KINDS else next((case for start, case in _BY_FIELD if path.startswith(start)), OTHER)
        for path in differences(before, after)
    ]
    if MAPPING in found and meaning(after).get("mappingMethod") == LOOKUP and name not in logins.certain:
        found.append(LOOKUP_CASE)
    return tuple(dict.fromkeys(found))


def lookup_dangers(before: Sequence[Item], after: Sequence[Item], logins: AdminLogins) -> tuple[Danger, ...]:
    """A first provider that comes with lookup, and lets no admin in: it is no way in, though it may be taken for one."""
    old = {text_at(dict(item), "name") for item in before}
    others = [name for name in logins.certain if name in old and name not in logins.shaken]
    case, why = (UNKNOWN_CASE, f", as far as is known: {logins.unknown}") if logins.unknown else (LOOKUP_CASE, "")
    return tuple(
        Danger(case, _subject(name), f"provider {name} {CASES[LOOKUP_CASE]}{why}")
        for item in after
        if (name := text_at(dict(item), "name")) not in old
        and meaning(item).get("mappingMethod") == LOOKUP
        and name not in logins.certain
        and not others
    )


# ---- the mode of login -----------------------------------------------------------------------------------------------


def mode_dangers(before: Item, after: Item) -> tuple[Danger, ...]:
    """What a change of Authentication/cluster could do: specs before and after."""
    was, becomes = text_at(dict(before), "type"), text_at(dict(after), "type")
    if (was == "OIDC") != (becomes == "OIDC"):
        case = EXTERNAL if becomes == "OIDC" else INTEGRATED_CASE
        return (Danger(case, "mode of login", CASES[case]),)
    if becomes != "OIDC":
        return ()
    old, new = _first(before), _first(after)
    found = []
    if _issuer(old) != _issuer(new):
        found.append(Danger(ISSUER_CHANGED, "mode of login", CASES[ISSUER_CHANGED]))
    if _mappings(old) != _mappings(new):
        found.append(Danger(MAPPING_CHANGED, "mode of login", CASES[MAPPING_CHANGED]))
    return tuple(found)


def _first(spec: Item) -> dict[str, Any]:
    """At most one provider can be configured (config.openshift.io/v1 Authentication, maxItems)."""
    found = maps_at(dict(spec), "oidcProviders")
    return found[0] if found else {}


def _issuer(provider: dict[str, Any]) -> Any:
    issuer = map_at(provider, "issuer")
    return {**issuer, "audiences": sorted(texts_at(issuer, "audiences"))}


def _mappings(provider: dict[str, Any]) -> Any:
    return [provider.get(key) for key in ("claimMappings", "claimValidationRules", "userValidationRules")]


# ---- the guard -------------------------------------------------------------------------------------------------------


def guard(dangers: Iterable[Danger], proof: BreakGlass, path: str = "identity") -> list[CheckFinding]:
    """Refuses each dangerous change unless break-glass was proven in this run; one finding for each subject and case."""
    found = []
    for danger in dangers:
        subject = f"{danger.subject}: {danger.case}"
        if proof.proven:
            message = f"{danger.message}; break-glass was proven in this run: {proof.how}"
            found.append(passed(LOCKOUT_GUARD, subject, path, message))
        else:
            message = f"{danger.message}; break-glass is not proven: {proof.reason}"
            found.append(failed(LOCKOUT_GUARD, subject, message, path, evidence=danger.evidence))
    return found or [passed(LOCKOUT_GUARD, "logins", path, "no change touches the last known way in of a cluster-admin")]
