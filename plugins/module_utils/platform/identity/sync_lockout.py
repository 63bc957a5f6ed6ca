# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GroupSyncs of the document that could take a Group away by which cluster-admins are cluster-admins.

The operator deletes groups that carry the label of one of its GroupSyncs and that the directory, as the GroupSync asks it, does not
have; with `prune` off it leaves them, and takes members out all the same (group-sync-operator, controller). A Group without its
label it never touches.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...common.findings import Evidence
from ...common.merges import bare
from ...common.owned_fields import ApiObject, labels_of
from ...common.write_findings import STAGE_LABEL, listed
from ...target.objects import map_at, maps_at, name_of, namespace_of, text_at
from ..desired.identity import EXTERNAL_OIDC, DirectoryWanted, GroupSyncWanted, Identity
from ..snapshot import PlatformSnapshot
from .directories import LDAP
from .external_oidc import AUTHENTICATION, is_external
from .group_sync import SYNCS, filter_of, group_sync, provider_label
from .lockout import CASES, GROUPS, SYNC_CHANGED, SYNC_COMES, SYNC_PRUNED, SYNC_REMOVED, UNKNOWN_CASE, AdminLogins, Danger, admin_groups
from .login_readings import AUTHENTICATIONS
from .provenance import ClusterGroup, cluster_groups

_FILTER: Final = ("rfc2307", "groupsQuery", "filter")


@dataclass(frozen=True, slots=True)
class TouchedSync:
    """A GroupSync that comes, changes or goes, over Groups that are there."""

    subject: str
    case: str
    groups: tuple[str, ...]
    """Groups that it may take away, or members of which it may; empty where nobody knows which there are"""


def touched_syncs(wanted: Identity, snapshot: PlatformSnapshot, *, prune: bool) -> tuple[TouchedSync, ...]:
    """GroupSyncs that the document brings, changes or has removed. With an external issuer there are no Groups that would count."""
    if wanted.mode == EXTERNAL_OIDC or is_external(snapshot.get(AUTHENTICATIONS, "", AUTHENTICATION.name)):
        return ()
    groups = tuple(cluster_groups(snapshot).values())
    directories = {directory.name: directory for directory in wanted.directories}
    found: list[TouchedSync] = []
    for sync in {each.name: each for each in wanted.group_syncs}.values():
        if (directory := directories.get(sync.directory)) is not None:
            found += _touched(sync, directory, snapshot, groups)
    if prune:
        found += _removed(wanted, snapshot, groups)
    return tuple(found)


def groups_of(touched: Sequence[TouchedSync]) -> frozenset[str]:
    """Groups on which nothing can rest any more."""
    return frozenset(group for sync in touched for group in sync.groups)


def sync_dangers(
    touched: Sequence[TouchedSync], logins: AdminLogins, steady: Collection[str], snapshot: PlatformSnapshot
) -> tuple[Danger, ...]:
    """What these could do to cluster-admins; nothing where one of them certainly comes in by a provider of `steady` all the same."""
    if not touched or steady:
        return ()
    if logins.unknown:
        return tuple(Danger(UNKNOWN_CASE, sync.subject, f"{CASES[UNKNOWN_CASE]}: {logins.unknown}; {_words(sync)}") for sync in touched)
    admins = admin_groups(snapshot)
    found = []
    for sync in touched:
        if resting := [group for group in sync.groups if group in admins]:
            message = f"{_words(sync)}; by Group {listed(resting)} its members are cluster-admins, and no other way in is certain"
            evidence = (Evidence(sync.subject, "cluster-admins", f"Group {listed(resting)}", "another way in"),)
            found.append(Danger(sync.case, sync.subject, message, evidence))
    return tuple(found)


def _words(sync: TouchedSync) -> str:
    return f"{sync.subject} {CASES[sync.case]}"


def _touched(
    sync: GroupSyncWanted, directory: DirectoryWanted, snapshot: PlatformSnapshot, groups: Sequence[ClusterGroup]
) -> Iterator[TouchedSync]:
    subject = f"GroupSync {sync.namespace}/{sync.name}"
    live = snapshot.get(SYNCS, sync.namespace, sync.name)
    if live is None:
        # That the list of GroupSyncs is not known is no reason to take this one for as it is wanted.
        labelled = [group for group in groups if group.provider == provider_label(sync)]
        yield from _over(subject, SYNC_COMES, labelled, snapshot)
        return
    old, new = _providers(live), _providers(group_sync(sync, directory, snapshot))
    if _within(new, old):
        return
    mine = [group for group in groups if group.sync == sync.name]
    if sync.prune and not any(_body(item).get("prune") is True for item in old):
        yield from _over(subject, SYNC_PRUNED, mine, snapshot)
    elif not _within(_without_choice(new), _without_choice(old)):
        yield from _over(subject, SYNC_CHANGED, mine, snapshot)
    elif sync.prune:
        # Nothing but the choice of groups is another one.
        yield from _over(subject, SYNC_CHANGED, [group for group in mine if not _stays(group.name, sync, directory, old)], snapshot)


def _over(subject: str, case: str, groups: Sequence[ClusterGroup], snapshot: PlatformSnapshot) -> Iterator[TouchedSync]:
    if groups or not snapshot.known(GROUPS):
        yield TouchedSync(subject, case, tuple(group.name for group in groups))


def _removed(wanted: Identity, snapshot: PlatformSnapshot, groups: Sequence[ClusterGroup]) -> Iterator[TouchedSync]:
    """GroupSyncs of ours that the document does not name any more, and that go."""
    named = {(sync.namespace, sync.name) for sync in wanted.group_syncs}
    for live in snapshot.all(SYNCS):
        if (namespace_of(live), name_of(live)) in named or STAGE_LABEL not in labels_of(live):
            continue
        subject = f"GroupSync {namespace_of(live)}/{name_of(live)}"
        yield from _over(subject, SYNC_REMOVED, [group for group in groups if group.sync == name_of(live)], snapshot)


# ---- what a GroupSync asks its directory for ---------------------------------------------------------------------------


def _providers(item: ApiObject) -> list[dict[str, Any]]:
    return [_without_ca(provider) for provider in maps_at(dict(item), "spec.providers")]


def _without_ca(provider: Mapping[str, Any]) -> dict[str, Any]:
    """A provider without its CA: with a wrong one the sync fails, and all groups stay."""
    return {
        key: {name: inner for name, inner in value.items() if name != "ca"} if isinstance(value, dict) else value
        for key, value in provider.items()
    }


def _body(provider: Mapping[str, Any]) -> dict[str, Any]:
    """Its settings, whatever kind of directory it is."""
    return next((value for value in provider.values() if isinstance(value, dict)), {})


def _without_choice(providers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Providers without what chooses among the groups of the directory, and without `prune`, which has a case of its own."""
    return [
        {key: _body_without_choice(value) if isinstance(value, dict) else value for key, value in provider.items()}
        for provider in providers
    ]


def _body_without_choice(body: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in body.items() if key not in ("groups", "prune")}
    scheme, query, search = _FILTER
    if isinstance(found.get(scheme), dict):
        asked = {key: value for key, value in map_at(found, f"{scheme}.{query}").items() if key not in (search, "pageSize")}
        found[scheme] = {**found[scheme], query: asked}
    return found


def _stays(group: str, sync: GroupSyncWanted, directory: DirectoryWanted, old: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the groups that are chosen have this one among them still: all of them, or it by its name."""
    if sync.groups and group not in sync.groups:
        return False
    if directory.kind != LDAP:
        return True
    body = next((_body(provider) for provider in old), {})
    before, base = text_at(body, ".".join(_FILTER)), filter_of(directory)
    return before == base or before.startswith(f"(&{base}(|")


def _within(wanted: object, live: object) -> bool:
    """Whether all that is wanted stands in what is there; what is empty is as good as none."""
    if isinstance(wanted, dict) and isinstance(live, dict):
        return all(_within(value, live.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(live, list):
        return len(wanted) == len(live) and all(map(_within, wanted, live))
    return bool(bare(wanted) == bare(live)) or not (wanted or live)
