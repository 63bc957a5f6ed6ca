# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters with groups that are synced from a directory, for the tests of groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    DirectoryWanted,
    GroupSyncWanted,
    GroupWanted,
    Identity,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.directories import (
    DirectoryGroup,
    DirectoryRead,
    merged_groups,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.group_checks import GROUP_CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.groups import group_findings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot

Json = dict[str, Any]
GROUPS = "groups.user.openshift.io"
SYNCS = "groupsyncs.redhatcop.redhat.io"
BASE = "group-sync-operator.redhat-cop.io"
NOW = "2026-11-22T10:10:00Z"
SYNCED = "2026-11-22T10:00:00Z"
IDS = {check.id for check in GROUP_CHECKS}
CORP = DirectoryWanted(
    name="corp",
    kind="ldap",
    url="ldaps://ldap.example.com",
    groups_base="ou=groups,dc=example,dc=com",
    users_base="ou=users,dc=example,dc=com",
)
SYNC = GroupSyncWanted(name="sync", directory="corp", credentials_secret="reader", ca="corp-ca")


def dn(name: str) -> str:
    return f"cn={name},ou=groups,dc=example,dc=com"


def live_group(
    name: str, users: Sequence[str], *, provider: str = "sync_corp", synced: str = SYNCED, uid: str = "", **annotations: str
) -> Json:
    """A Group as the operator writes it; without provider one that somebody made by hand."""
    metadata: Json = {"name": name, "annotations": dict(annotations)}
    if provider:
        metadata["labels"] = {f"{BASE}/sync-provider": provider}
        metadata["annotations"] |= {f"{BASE}/sync-time": synced, f"{BASE}/sync.source.uid": uid or dn(name)}
    return {"apiVersion": "user.openshift.io/v1", "kind": "Group", "metadata": metadata, "users": list(users)}


def live_sync(*, prune: bool = True, error: str = "", schedule: str = "*/30 * * * *", synced: str = SYNCED, name: str = "sync") -> Json:
    """A GroupSync as the operator leaves it."""
    success = {"type": "ReconcileSuccess", "status": "True", "lastTransitionTime": synced, "reason": "LastReconcileCycleSucceded"}
    failure = {
        "type": "ReconcileError",
        "status": "True",
        "lastTransitionTime": NOW,
        "reason": "LastReconcileCycleFailed",
        "message": error,
    }
    return {
        "apiVersion": "redhatcop.redhat.io/v1alpha1",
        "kind": "GroupSync",
        "metadata": {"name": name, "namespace": "group-sync-operator"},
        "spec": {"schedule": schedule, "providers": [{"name": "corp", "ldap": {"prune": prune}}]},
        "status": {"lastSyncSuccessTime": synced, "conditions": [success, *([failure] if error else [])]},
    }


@dataclass(frozen=True)
class Site:
    """A directory, a cluster that is synced from it, and a document that asks for its groups."""

    there: Mapping[str, Sequence[str]] = field(default_factory=lambda: {"team-a": ("anna", "ben"), "owners": ("carl",)})
    """groups of the directory with their members"""
    live: Sequence[Json] | None = None
    """groups of the cluster; None is what a sync would leave"""
    syncs: Sequence[Json] | None = (live_sync(),)
    """GroupSyncs of the cluster; None could not be listed"""
    groups: Sequence[GroupWanted] | None = None
    """groups of the document; None asks for each of the directory"""
    read: DirectoryRead | None = None
    """what reading the directory came to, where it is not `there`"""
    wanted: Identity = field(default_factory=lambda: Identity(directories=(CORP,), group_syncs=(SYNC,)))
    more: Mapping[str, DirectoryRead] = field(default_factory=dict)
    """further directories"""

    def identity(self) -> Identity:
        groups = self.groups
        if groups is None:
            groups = [GroupWanted(name=name, directory="corp") for name in sorted(self.there)]
        return replace(self.wanted, groups=tuple(groups))

    def directories(self) -> dict[str, DirectoryRead]:
        groups = [DirectoryGroup(name, tuple(sorted(members)), dn(name)) for name, members in self.there.items()]
        return {"corp": self.read or merged_groups(groups), **self.more}

    def snapshot(self) -> PlatformSnapshot:
        live = self.live if self.live is not None else [live_group(name, members) for name, members in sorted(self.there.items())]
        syncs = (
            Listed("read", tuple(self.syncs))
            if self.syncs is not None
            else Listed("forbidden", reason="the account may not list groupsyncs")
        )
        return PlatformSnapshot({GROUPS: Listed("read", tuple(live)), SYNCS: syncs})

    def findings(self, now: str = NOW, *, is_day: bool = False) -> list[CheckFinding]:
        found = group_findings(self.identity(), self.snapshot(), self.directories(), now, is_day=is_day)
        assert {finding.check for finding in found} <= IDS
        assert len({finding.id for finding in found}) == len(found), "two findings have the same id"
        return found

    def troubles(self, now: str = NOW) -> list[CheckFinding]:
        """What does not pass."""
        return [finding for finding in self.findings(now) if finding.result != "pass"]


def words(findings: Iterable[CheckFinding]) -> list[tuple[str, str, str]]:
    """Check, subject and result of each, in short."""
    return [(finding.check.rpartition(".")[2], finding.subject, finding.result) for finding in findings]
