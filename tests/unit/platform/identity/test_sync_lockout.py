# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GroupSyncs that could take the Group away by which cluster-admins are cluster-admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import GroupSyncWanted, Identity
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.group_sync import group_sync
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.lockout import BINDINGS, GROUPS, USERS, BreakGlass
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.oauth import ProvidersChange, Restore, state_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.outside import LoginsSeen
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.plan import plan_logins, plan_rollback
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import PlatformSnapshot

from tests.unit.platform.identity.group_sites import CORP, SYNC, SYNCS, live_group
from tests.unit.platform.identity.logins import AUTHENTICATIONS, OAUTHS, Json, binding, htpasswd, item, ldap, look, oauth, user

SUBJECT = "GroupSync group-sync-operator/sync"
GUARD = "platform.identity.lockout.guard"
KEYCLOAK = replace(CORP, kind="keycloak", url="https://sso.example.com", realm="corp")
ALL = look()


def synced(sync: GroupSyncWanted = SYNC, directory: Any = CORP, **spec: Any) -> Json:
    """The GroupSync as an earlier run wrote it, with what the operator and others have beside."""
    found = group_sync(sync, directory, ALL)
    metadata = {**found["metadata"], "labels": {"readiness.groundwork.io/stage": "platform-identity"}}
    return {**found, "metadata": metadata, "spec": {**found["spec"], **spec}, "status": {}}


def cluster(*syncs: Json, unknown: Sequence[str] = (), **lists: Any) -> PlatformSnapshot:
    """A cluster whose only cluster-admin is one by a Group that sync brings."""
    usual: Json = {
        OAUTHS: [oauth(item(ldap()))],
        BINDINGS: [binding(("Group", "admins"))],
        USERS: [user("ann", "corp-ldap:ann")],
        GROUPS: [live_group("admins", ["ann"]), live_group("team-a", ["ben"])],
        SYNCS: syncs,
    }
    return look({**usual, **lists}, unknown=unknown)


def document(*syncs: GroupSyncWanted, directory: Any = CORP, **more: Any) -> Identity:
    return Identity(directories=(directory,), group_syncs=syncs, **more)


def judged(section: Identity, snapshot: PlatformSnapshot, **more: Any) -> list[CheckFinding]:
    return [finding for finding in plan_logins(section, snapshot, **more).findings if finding.check == GUARD]


def cases(found: Sequence[CheckFinding]) -> list[str]:
    """Cases that are refused."""
    return [finding.subject.removeprefix(f"{SUBJECT}: ") for finding in found if finding.refuses]


SYNC_CASES: list[tuple[str, Sequence[Json], Identity]] = [
    ("sync_comes", (), document(replace(SYNC, groups=("team-a",)))),
    ("sync_changed", (synced(),), document(replace(SYNC, groups=("team-a",)))),
    ("sync_changed", (synced(),), document(SYNC, directory=replace(CORP, groups_base="ou=other,dc=example"))),
    ("sync_changed", (synced(),), document(SYNC, directory=replace(CORP, groups_filter="(ou=x)"))),
    ("sync_changed", (synced(),), document(SYNC, directory=replace(CORP, user_name="mail"))),
    ("sync_changed", (synced(),), document(replace(SYNC, prune=False), directory=replace(CORP, users_base="ou=other,dc=example"))),
    ("sync_changed", (synced(directory=KEYCLOAK),), document(replace(SYNC, groups=("team-a",)), directory=KEYCLOAK)),
    ("sync_changed", (synced(directory=KEYCLOAK),), document(SYNC, directory=replace(KEYCLOAK, realm="other"))),
    ("sync_changed", (synced(),), document(SYNC, directory=KEYCLOAK)),
    ("sync_pruned", (synced(replace(SYNC, prune=False)),), document(SYNC)),
    ("sync_removed", (synced(),), document()),
]


@pytest.mark.parametrize(("case", "syncs", "section"), SYNC_CASES)
def test_group_sync_that_may_take_the_last_admins_away_is_refused(case: str, syncs: Sequence[Json], section: Identity) -> None:
    snapshot = cluster(*syncs)
    found = judged(section, snapshot, prune=True)
    assert cases(found) == [case]
    assert all("Group admins" in finding.message for finding in found)
    proven = judged(section, snapshot, prune=True, around=LoginsSeen(BreakGlass(True, "x", "")))
    assert [finding.result for finding in proven] == ["pass"]


@pytest.mark.parametrize(
    ("syncs", "section"),
    [
        ((synced(),), document(SYNC)),
        ((synced(extra="of others"),), document(replace(SYNC, schedule="0 * * * *", ca="other-ca"))),
        ((synced(),), document(replace(SYNC, groups=("team-a", "admins")))),
        ((synced(replace(SYNC, groups=("admins",))),), document(replace(SYNC, groups=("admins", "team-a")))),
        ((synced(replace(SYNC, groups=("admins",))),), document(SYNC)),
        ((synced(directory=KEYCLOAK),), document(replace(SYNC, groups=("admins",)), directory=KEYCLOAK)),
        ((synced(),), document(replace(SYNC, prune=False))),
        ((synced(replace(SYNC, prune=False)),), document(replace(SYNC, prune=False, groups=("team-a",)))),
        ((), document(replace(SYNC, name="other"))),
        ((synced(replace(SYNC, name="other")),), document()),
    ],
)
def test_group_sync_that_leaves_the_group_of_the_admins_alone_passes(syncs: Sequence[Json], section: Identity) -> None:
    found = judged(section, cluster(*syncs), prune=True)
    assert [(finding.subject, finding.result) for finding in found] == [("logins", "pass")]


NARROWED = document(replace(SYNC, groups=("team-a",)))


def test_group_that_is_not_of_the_operator_and_admins_by_another_way_are_no_reason() -> None:
    by_hand = cluster(synced(), **{GROUPS: [live_group("admins", ["ann"], provider="")]})
    assert cases(judged(NARROWED, by_hand)) == []
    by_user = cluster(synced(), **{BINDINGS: [binding(("Group", "admins"), ("User", "ann"))]})
    assert cases(judged(NARROWED, by_user)) == []
    other_group = {GROUPS: [live_group("admins", ["ann"]), live_group("roots", ["ann"], provider="")]}
    assert cases(judged(NARROWED, cluster(synced(), **other_group, **{BINDINGS: [binding(("Group", "admins"), ("Group", "roots"))]}))) == []
    external = {"metadata": {"name": "cluster"}, "spec": {"type": "OIDC"}}
    assert cases(judged(NARROWED, cluster(synced(), **{AUTHENTICATIONS: [external]}))) == []


def test_without_prune_of_the_collection_a_group_sync_that_is_not_named_stays_and_is_no_danger() -> None:
    assert cases(judged(document(), cluster(synced()))) == []
    foreign = synced()
    foreign["metadata"].pop("labels")
    assert cases(judged(document(), cluster(foreign), prune=True)) == []


@pytest.mark.parametrize("resource", [BINDINGS, USERS, GROUPS])
def test_where_admins_are_not_known_a_group_sync_that_changes_is_refused_as_unknown(resource: str) -> None:
    assert cases(judged(NARROWED, cluster(synced(), unknown=[resource]))) == ["unknown"]
    assert cases(judged(document(SYNC), cluster(synced(), unknown=[resource]))) == []


def test_group_syncs_that_cannot_be_listed_are_taken_for_new_ones() -> None:
    assert cases(judged(document(SYNC), cluster(unknown=[SYNCS]))) == ["sync_comes"]


def test_neither_the_group_nor_the_provider_may_go_where_each_rests_on_the_other() -> None:
    """By the provider alone, and by the GroupSync alone, somebody would still come in."""
    lists = {
        OAUTHS: [oauth(item(ldap()), item(htpasswd()))],
        BINDINGS: [binding(("Group", "admins"), ("User", "root"))],
        USERS: [user("ann", "corp-ldap:ann"), user("root", "local:root")],
    }
    snapshot = cluster(synced(), **lists)
    file_gone = (replace(htpasswd(), state="absent", adopt=True),)
    assert cases(judged(NARROWED, snapshot)) == []
    assert cases(judged(document(SYNC, providers=file_gone), snapshot)) == []
    both = judged(replace(NARROWED, providers=file_gone), snapshot)
    assert cases(both) == ["provider local: removed", "sync_changed"]


def test_group_syncs_are_judged_beside_a_rollback_as_well() -> None:
    state = state_of(oauth(item(ldap())))
    change = ProvidersChange(restore=Restore(state, state))
    found = plan_rollback(change, cluster(synced()), None, NARROWED).findings
    assert [finding.refuses for finding in found] == [True]
