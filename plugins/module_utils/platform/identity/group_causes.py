# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a group of the cluster is not as its directory has it, by what can be seen of its syncing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...common.owned_fields import ApiObject
from ...target.objects import at, map_at, maps_at, name_of, text_at
from ..desired.identity import GroupSyncWanted, Identity
from ..snapshot import PlatformSnapshot
from .directories import DirectoryGroup, DirectoryRead
from .group_sync import SYNCS, error_of, provider_label
from .provenance import BY_LOGIN, BY_NOBODY, BY_OC, BY_OPERATOR, ClusterGroup, cluster_groups
from .schedules import longest_gap_minutes
from .times import LATE, UNKNOWN_AGE, Age, age_against

_LABEL: Final = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
"""RFC 1035, as the operator tries names (excludeInvalidGroupNames)."""

_NOT_BY_OPERATOR: Final[Mapping[str, str]] = {
    BY_NOBODY: "nobody syncs it: the Group has no label of the operator, which leaves alone a Group that it did not make",
    BY_LOGIN: "the OAuth server fills it at logins: who has left stays in it until their next login",
    BY_OC: "oc adm groups sync made it, and the operator leaves it alone",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """All that groups are judged by."""

    wanted: Identity
    snapshot: PlatformSnapshot
    directories: Mapping[str, DirectoryRead]
    now: str
    """present of the run, RFC 3339"""
    is_day: bool
    """whether `now` is only the beginning of its day"""
    groups: Mapping[str, ClusterGroup]
    """groups of the cluster by name"""

    def syncs_of(self, directory: str, name: str = "") -> tuple[GroupSyncWanted, ...]:
        """GroupSyncs of the document that sync a directory, and of it the group of that name."""
        found = (sync for sync in self.wanted.group_syncs if sync.directory == directory)
        return tuple(sync for sync in found if not name or not sync.groups or name in sync.groups)

    def sync_of(self, group: ClusterGroup) -> ApiObject | None:
        """The GroupSync on the cluster that a group's label names: the operator tells them apart by name alone."""
        wanted = next((sync for sync in self.wanted.group_syncs if sync.name == group.sync), None)
        if wanted is not None and (item := self.snapshot.get(SYNCS, wanted.namespace, wanted.name)) is not None:
            return item
        return next((item for item in self.snapshot.all(SYNCS) if name_of(item) == group.sync), None)

    def age_of(self, group: ClusterGroup) -> Age:
        """How old the group's last sync is."""
        item = self.sync_of(group)
        if item is None:
            reason = self.snapshot.why_not(SYNCS) or f"there is no GroupSync {group.sync} on the cluster"
            return Age(UNKNOWN_AGE, reason)
        return age_against(group.synced_at, longest_gap_minutes(text_at(item, "spec.schedule")), self.now, is_day=self.is_day)


def scene_of(
    wanted: Identity, snapshot: PlatformSnapshot, directories: Mapping[str, DirectoryRead], now: str, *, is_day: bool = False
) -> Scene:
    """Puts together what groups are judged by."""
    return Scene(wanted, snapshot, directories, now, is_day, cluster_groups(snapshot))


def why_different(scene: Scene, directory: str, live: ClusterGroup, there: DirectoryGroup) -> str:
    """Why the Group on the cluster has other members than the group of the directory."""
    if live.source != BY_OPERATOR:
        return _NOT_BY_OPERATOR[live.source]
    labels = [provider_label(sync) for sync in scene.syncs_of(directory)]
    if labels and live.provider not in labels:
        return f"it is synced by {live.provider}, and not by {' or '.join(labels)}: the operator leaves the Group of another provider alone"
    if live.uid and there.uid and live.uid.casefold() != there.uid.casefold():
        return f"it was made from {live.uid}, and the directory has that name at {there.uid} now"
    if trouble := _trouble_with_sync(scene, live):
        return trouble
    at_last = f" at {live.synced_at}" if live.synced_at else ""
    return f"its sync works, last{at_last}: one of the two was changed since, and the next sync puts the Group right"


def _trouble_with_sync(scene: Scene, live: ClusterGroup) -> str:
    """What is wrong with the GroupSync of a group; empty where nothing is seen to be."""
    item = scene.sync_of(live)
    if item is None:
        return scene.snapshot.why_not(SYNCS) or f"its GroupSync {live.sync} is not on the cluster any more"
    if words := _error_words(item):
        return f"the last sync of GroupSync {live.sync} failed: {words}"
    age = scene.age_of(live)
    return f"GroupSync {live.sync} is late: {age.words}" if age.state == LATE else ""


def _error_words(item: ApiObject) -> str:
    error = error_of(item)
    return str(error.get("message") or error.get("reason") or "it does not say why") if error else ""


def why_not_there(scene: Scene, directory: str, name: str) -> str:
    """Why a group that the directory has is not on the cluster."""
    syncs = scene.syncs_of(directory)
    if not syncs:
        return f"no GroupSync of the document syncs directory {directory}"
    if not scene.snapshot.known(SYNCS):
        return scene.snapshot.why_not(SYNCS)
    covering = scene.syncs_of(directory, name)
    if not covering:
        return f"{_named(syncs)} names the groups that it syncs, and this one is not among them"
    if not _LABEL.fullmatch(name):
        return f"{name} is no DNS label (RFC 1035), and groups with such names are left out of the sync"
    items = [item for sync in covering if (item := scene.snapshot.get(SYNCS, sync.namespace, sync.name)) is not None]
    if not items:
        return f"{_named(covering)} is not on the cluster"
    for item in items:
        if words := _error_words(item):
            return f"the last sync of GroupSync {name_of(item)} failed: {words}"
    if not any(text_at(item, "status.lastSyncSuccessTime") for item in items):
        return f"{_named(covering)} has not synced yet"
    return f"{_named(covering)} works: the group is new, or was deleted on the cluster, and comes with the next sync"


def _named(syncs: Sequence[GroupSyncWanted]) -> str:
    return " and ".join(f"GroupSync {sync.name}" for sync in syncs)


def why_left(scene: Scene, live: ClusterGroup) -> str:
    """Why a Group is still there that its directory has no more."""
    if live.source != BY_OPERATOR:
        return _NOT_BY_OPERATOR[live.source]
    item = scene.sync_of(live)
    if item is None:
        return scene.snapshot.why_not(SYNCS) or f"its GroupSync {live.sync} is not on the cluster any more: nobody prunes it"
    if not prunes(item, live.provider):
        return f"prune is off in GroupSync {live.sync}: groups that are gone stay"
    if trouble := _trouble_with_sync(scene, live):
        return f"{trouble}; nothing is pruned meanwhile"
    return f"prune is on in GroupSync {live.sync}: the next sync deletes it, where the directory lost it only since the last one"


def prunes(item: ApiObject, provider: str) -> bool:
    """Whether a GroupSync prunes the groups of one of its providers, `<GroupSync>_<provider>`."""
    _sync, _line, name = provider.partition("_")
    entry = next((found for found in maps_at(item, "spec.providers") if found.get("name") == name), {})
    return any(at(map_at(entry, kind), "prune") is True for kind in entry)
