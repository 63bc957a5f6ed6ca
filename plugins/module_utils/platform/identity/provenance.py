# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of the cluster with where they come from, as their labels and annotations tell.

The GroupSync operator labels each group that it made with its GroupSync and provider, and leaves alone a group that has no
such label, or that of another one (group-sync-operator, controller and pkg/constants). The OAuth server notes which provider
put users into a group at login; `oc adm groups sync` has annotations of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ...common.owned_fields import ApiObject
from ...target.objects import annotations_of, labels_of, moment, name_of, texts_at
from ..snapshot import PlatformSnapshot

GROUPS: Final = "groups.user.openshift.io"
_BASE: Final = "group-sync-operator.redhat-cop.io"
PROVIDER: Final = f"{_BASE}/sync-provider"
SYNC_TIME: Final = f"{_BASE}/sync-time"
SOURCE_UID: Final = f"{_BASE}/sync.source.uid"
_LOGIN: Final = "oauth.openshift.io/idp."
_OC: Final = "openshift.io/ldap.uid"
BY_OPERATOR, BY_LOGIN, BY_OC, BY_NOBODY = "operator", "login", "oc", ""
_OFFSET: Final = re.compile(r"([+-]\d\d)(\d\d)")


@dataclass(frozen=True, slots=True)
class ClusterGroup:
    """A Group of the cluster."""

    name: str
    members: tuple[str, ...]
    """sorted, each once"""
    source: str
    """who fills it: operator, login, oc, or empty for nobody who left a trace"""
    provider: str = ""
    """GroupSync and provider, as `<GroupSync>_<provider>`"""
    uid: str = ""
    """id of the group that it was made from"""
    synced_at: str = ""
    """when it was synced last, in UTC; empty where nobody knows"""

    @property
    def sync(self) -> str:
        """Name of its GroupSync: an object's name has no underscore."""
        return self.provider.partition("_")[0]


def cluster_groups(snapshot: PlatformSnapshot) -> Mapping[str, ClusterGroup]:
    """The groups of the cluster by name."""
    found = [_group(item) for item in snapshot.all(GROUPS)]
    return {group.name: group for group in sorted(found, key=lambda each: each.name)}


def _group(item: ApiObject) -> ClusterGroup:
    labels, annotations = labels_of(item), annotations_of(item)
    provider = labels.get(PROVIDER) or annotations.get(PROVIDER, "")
    source = BY_NOBODY
    if provider:
        source = BY_OPERATOR
    elif any(key.startswith(_LOGIN) for key in annotations):
        source = BY_LOGIN
    elif _OC in annotations:
        source = BY_OC
    members = tuple(sorted(set(texts_at(item, "users"))))
    return ClusterGroup(name_of(item), members, source, provider, annotations.get(SOURCE_UID, ""), sync_moment(annotations.get(SYNC_TIME)))


def sync_moment(text: str | None) -> str:
    """The moment of a sync in UTC; older releases of the operator write the offset without a colon."""
    return moment(_OFFSET.sub(r"\1:\2", text) if text and _OFFSET.fullmatch(text[-5:]) and text[-5:] != text else text) if text else ""
