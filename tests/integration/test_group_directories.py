# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of a cluster against real directories: what differs is found with its cause, and what cannot be read is never a pass.

The Groups are those that the operator would have made of the directory as it was, and each test changes the directory then.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.access import DirectoryAccess
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.reading import read_directories
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    DirectoryWanted,
    GroupSyncWanted,
    GroupWanted,
    Identity,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.group_sync import group_sync
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.groups import group_findings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot

from tests.counterparts.identity import Directory, Keycloak, KeycloakServer, Realm, directory, frozen

Json = dict[str, Any]
BASE = "group-sync-operator.redhat-cop.io"
NOW, SYNCED = "2026-11-22T10:10:00Z", "2026-11-22T10:00:00Z"
PEOPLE: Mapping[str, Sequence[str]] = {"team-a": ("anna", "ben"), "team-b": ("ben", "dora"), "owners": ("carl",)}
EMPTY = PlatformSnapshot({})


class Groups(Protocol):
    """What both directories let a test change."""

    def members(self, name: str, /) -> list[str]:
        """Names of a group's members."""

    def join(self, user: str, group: str) -> None:
        """Puts a user into a group."""

    def leave(self, user: str, group: str) -> None:
        """Takes a user out of a group."""

    def rename_group(self, name: str, to: str, /) -> None:
        """Gives a group another name."""

    def remove_group(self, name: str, /) -> None:
        """Removes a group."""


@dataclass
class Source:
    """A directory, how it is read, and the cluster that is synced from it."""

    groups: Groups
    wanted: DirectoryWanted
    access: DirectoryAccess
    names: list[str] = field(default_factory=lambda: sorted(PEOPLE))
    """groups of the document"""
    live: list[Json] = field(default_factory=list)
    sync: Json = field(default_factory=dict)

    def synced(self, *, prune: bool = True) -> Source:
        """The cluster is as the operator leaves it: Groups with members, labels and annotations, and its GroupSync."""
        wanted = GroupSyncWanted(name="sync", directory=self.wanted.name, credentials_secret="reader", ca="ca", prune=prune)
        self.live = [self._group(name) for name in self.names]
        success = {"type": "ReconcileSuccess", "status": "True", "lastTransitionTime": SYNCED}
        self.sync = {**group_sync(wanted, self.wanted, EMPTY), "status": {"lastSyncSuccessTime": SYNCED, "conditions": [success]}}
        return self

    def _group(self, name: str) -> Json:
        uid = self.groups.group_dn(name) if isinstance(self.groups, Directory) else self.groups.group_id(name)
        annotations = {f"{BASE}/sync-time": SYNCED, f"{BASE}/sync.source.uid": uid}
        labels = {f"{BASE}/sync-provider": f"sync_{self.wanted.name}"}
        metadata = {"name": name, "labels": labels, "annotations": annotations}
        return {"apiVersion": "user.openshift.io/v1", "kind": "Group", "metadata": metadata, "users": self.groups.members(name)}

    def findings(self, access: DirectoryAccess | None = None, **changed: Any) -> list[CheckFinding]:
        """What is found, read anew; `changed` are keys of the directory."""
        wanted = GroupSyncWanted(name="sync", directory=self.wanted.name, credentials_secret="reader", ca="ca")
        groups = tuple(GroupWanted(name=name, directory=self.wanted.name) for name in self.names)
        identity = Identity(directories=(replace(self.wanted, **changed),), group_syncs=(wanted,), groups=groups)
        read = read_directories(identity, {self.wanted.name: access or self.access})
        snapshot = PlatformSnapshot(
            {"groups.user.openshift.io": Listed("read", tuple(self.live)), "groupsyncs.redhatcop.redhat.io": Listed("read", (self.sync,))}
        )
        return group_findings(identity, snapshot, read, NOW)

    def troubles(self) -> dict[tuple[str, str], str]:
        """Check and subject of what does not pass, with the message."""
        return {(each.check.rpartition(".")[2], each.subject): each.message for each in self.findings() if each.result != "pass"}

    def why_unread(self, access: DirectoryAccess | None = None, **changed: Any) -> str:
        """Why it could not be read; nothing of it may pass then."""
        found = self.findings(access, **changed)
        of_directory = [each for each in found if each.check.endswith((".directory", ".members", ".leavers", ".name"))]
        assert len(of_directory) >= 2 + len(self.names) and {each.result for each in of_directory} == {"not_evaluated"}
        secret = (access or self.access).password
        assert not secret or not any(secret in str(each) for each in found)
        return next(each.message for each in found if each.check.endswith(".directory"))


def ldap_source(found: Directory) -> Source:
    wanted = DirectoryWanted(name="corp", kind="ldap", url=found.ldaps_url, groups_base=found.groups_base, users_base=found.users_base)
    return Source(found, wanted, DirectoryAccess(found.bind_dn, found.secret, ca_path=str(found.ca_path), timeout_seconds=5))


def keycloak_source(found: Keycloak) -> Source:
    wanted = DirectoryWanted(name="sso", kind="keycloak", url=found.server, realm=found.name)
    account = DirectoryAccess(
        found.reader, found.secret_of(found.reader), login_realm=found.name, ca_path=str(found.ca_path), timeout_seconds=20
    )
    return Source(found, wanted, account)


@pytest.fixture
def ldap() -> Iterator[Source]:
    with directory(groups=PEOPLE) as found:
        yield ldap_source(found)


@pytest.fixture
def sso(keycloak_server: KeycloakServer) -> Iterator[Source]:
    users = sorted({user for members in PEOPLE.values() for user in members})
    with keycloak_server.realm(Realm({user: [name for name in PEOPLE if user in PEOPLE[name]] for user in users})) as found:
        yield keycloak_source(found)


@pytest.fixture(params=["ldap", "sso"])
def source(request: pytest.FixtureRequest) -> Source:
    found: Source = request.getfixturevalue(request.param)
    return found


def test_cluster_that_was_synced_has_no_trouble(source: Source) -> None:
    assert source.synced().troubles() == {}


def test_member_who_came_later_is_missing_until_the_next_sync(source: Source) -> None:
    source.synced().groups.join("carl", "team-a")
    troubles = source.troubles()
    assert set(troubles) == {("members", "group team-a")}
    assert "the Group lacks carl: its sync works" in troubles["members", "group team-a"]


def test_member_who_left_is_too_many_and_a_failed_sync_is_the_cause(source: Source) -> None:
    source.synced().groups.leave("ben", "team-a")
    failure = {"type": "ReconcileError", "status": "True", "lastTransitionTime": NOW, "message": "dial tcp: no route to host"}
    source.sync["status"]["conditions"].append(failure)
    troubles = source.troubles()
    assert set(troubles) == {("members", "group team-a")}
    message = troubles["members", "group team-a"]
    assert "it has ben, whom directory" in message and "failed: dial tcp: no route to host" in message


def test_group_that_is_gone_stays_where_prune_is_off(source: Source) -> None:
    source.synced(prune=False).groups.remove_group("team-b")
    troubles = source.troubles()
    assert set(troubles) == {("leavers", "group team-b")}
    assert "ben, dora, who keep access: prune is off in GroupSync sync" in troubles["leavers", "group team-b"]


def test_owner_group_that_nobody_is_in_any_more_is_found_on_both_sides(source: Source) -> None:
    source.groups.leave("carl", "owners")
    troubles = source.synced().troubles()
    assert set(troubles) == {("least_members", "group owners")}
    assert troubles["least_members", "group owners"].startswith("it has no members: ")


def test_group_that_was_renamed_is_recognised(source: Source) -> None:
    source.synced().groups.rename_group("team-a", "team-new")
    troubles = source.troubles()
    assert set(troubles) == {("name", "group team-a")}
    basis = "its members are those of the Group" if source.wanted.kind == "ldap" else "both have the id"
    assert "has it as team-new now" in troubles["name", "group team-a"] and basis in troubles["name", "group team-a"]


def test_random_changes_are_found_and_nothing_else(source: Source) -> None:
    """Five rounds; each changes some of the groups on either side."""
    draw = random.Random(7)
    for _round in range(5):
        source.synced()
        expected = set()
        for group in source.live:
            name, users = group["metadata"]["name"], group["users"]
            change = draw.choice(["", "joined", "joined there", "left"])
            if change == "joined":
                users.append("stranger")
            elif change == "left":
                users.remove(draw.choice(users))
            elif change == "joined there":
                source.groups.join(draw.choice(sorted({"anna", "ben", "carl", "dora"} - set(users))), name)
            expected |= {name} if change else set()
        assert {subject for _check, subject in source.troubles()} == {f"group {name}" for name in expected}


# ---- directories that cannot be read ---------------------------------------------------------------------------------------


def test_password_that_is_wrong_is_not_evaluated_and_told(source: Source) -> None:
    assert "it does not accept the" in source.synced().why_unread(replace(source.access, password=secrets.token_hex(8)))


def test_certificate_that_is_not_trusted_is_not_evaluated_and_told(source: Source) -> None:
    source.synced()
    assert "its certificate is not trusted" in source.why_unread(replace(source.access, ca_path=""))
    unverified = source.findings(replace(source.access, ca_path="", validate_certs=False))
    assert {each.result for each in unverified} == {"pass"}


def test_server_that_is_down_or_slow_is_not_evaluated_and_told(ldap: Source) -> None:
    assert isinstance(ldap.groups, Directory)
    impatient = replace(ldap.synced().access, timeout_seconds=1)
    with frozen(ldap.groups.pid):
        assert "no answer within 1 s" in ldap.why_unread(impatient)
    ldap.groups.stop()
    assert "nothing listens there" in ldap.why_unread(impatient)


def test_tls_is_started_where_the_url_has_none(ldap: Source) -> None:
    assert isinstance(ldap.groups, Directory)
    ldap.synced()
    assert {each.result for each in ldap.findings(url=ldap.groups.url)} == {"pass"}
    assert "its certificate is not trusted" in ldap.why_unread(replace(ldap.access, ca_path=""), url=ldap.groups.url)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"groups_base": "ou=nothing,dc=example,dc=com"}, "there is nothing at ou=nothing"),
        ({"groups_filter": "(cn=nobody)"}, "no group below"),
        ({"groups_filter": "(cn=broken"}, "groups_filter is no filter"),
        ({"group_members": "uniqueMember"}, "sees attribute uniqueMember of none"),
        ({"users_base": "ou=people,dc=example,dc=com"}, "no member of any of its groups is below users_base"),
        ({"user_name": "employeeNumber"}, "sees nobody with attribute employeeNumber"),
    ],
)
def test_settings_that_do_not_fit_the_directory_are_never_taken_for_empty_groups(ldap: Source, changed: dict[str, str], said: str) -> None:
    assert said in ldap.synced().why_unread(**changed)


def test_account_without_rights_sees_nothing_and_nothing_passes(sso: Source) -> None:
    assert isinstance(sso.groups, Keycloak)
    realm = sso.synced().groups
    anna = replace(sso.access, username="anna", password=realm.secret_of("anna"))
    assert "no right to read groups and members" in sso.why_unread(anna)
    (client,) = realm.admin("GET", "/clients?clientId=realm-management")
    role = realm.admin("GET", f"/clients/{client['id']}/roles/query-groups")
    realm.admin("POST", f"/users/{realm.user_id('anna')}/role-mappings/clients/{client['id']}", [role])
    assert "roles query-groups and view-users" in sso.why_unread(anna)


def test_realms_and_clients_that_are_not_there_are_told(sso: Source) -> None:
    sso.synced()
    assert "there is no realm nowhere to log in to" in sso.why_unread(replace(sso.access, login_realm="nowhere"))
    client = DirectoryAccess(client_id="nobody", client_secret=secrets.token_hex(8), ca_path=sso.access.ca_path)
    assert "it does not accept the client" in sso.why_unread(client)
    assert "a path such as /auth" in sso.why_unread(url=f"{sso.wanted.url}/auth")


# ---- many ------------------------------------------------------------------------------------------------------------------


def test_more_groups_and_users_than_one_page_holds_are_all_read() -> None:
    users = [f"user{number:04}" for number in range(1200)]
    groups = {f"team-{number:03}": users[number : number + 40] for number in range(0, 1100, 2)}
    with ExitStack() as stack:
        source = ldap_source(stack.enter_context(directory(groups=groups)))
        source.names = ["team-000", "team-1098"]
        found = read_directories(
            Identity(directories=(source.wanted,), groups=tuple(GroupWanted(name=name, directory="corp") for name in groups)),
            {"corp": source.access},
        )["corp"]
    assert {name: list(group.members) for name, group in found.groups.items()} == {
        name: sorted(members) for name, members in groups.items()
    }
