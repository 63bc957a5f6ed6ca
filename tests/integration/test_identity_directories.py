# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook platform in mode verify, with groups of a real LDAP directory and of a real Keycloak.

Every difference is a finding with its cause, a directory that cannot be read is never a pass, and no secret is anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.access import DirectoryAccess

from tests.counterparts.identity import Directory, Keycloak, KeycloakServer, Realm, directory, frozen
from tests.integration.identity_site import (
    GROUPS,
    PART,
    SYNC_NAMESPACE,
    SYNCED,
    condition,
    failing,
    group,
    identity_site,
    remove_groups,
    write_status,
)
from tests.integration.platform_site import MERGE, READER, Site
from tests.integration.playbooks import Played
from tests.integration.test_platform_playbook import NAME, Playing
from tests.unit.adapters.directory.servers import closed_port

Json = dict[str, Any]
NOW = "2026-11-22T10:10:00Z"
KINDS: Mapping[str, Sequence[str]] = {
    "same": ("anna", "ben"),
    "late": ("anna", "dora"),
    "extra": ("ben", "dora"),
    "gone": ("ben", "carl"),
    "owners": (),
    "old": ("anna", "ben", "dora"),
}
"""What becomes of each group in the course of the test, and who is in it at first."""


def groups_of(where: str) -> dict[str, Sequence[str]]:
    return {f"{where}-{kind}": members for kind, members in KINDS.items()}


@dataclass
class Scene:
    """The cluster, both directories, and who reads them."""

    playing: Playing
    corp: Directory
    sso: Keycloak

    @property
    def site(self) -> Site:
        return self.playing.site

    def accounts(self) -> Json:
        """`readiness_directories`, with a secret of each kind."""
        client = self.sso.client
        of_sso = {
            "username": self.sso.reader,
            "password": self.sso.secret_of(self.sso.reader),
            "client_id": client,
            "client_secret": self.sso.secret_of(client),
            "login_realm": self.sso.name,
            "ca_path": str(self.sso.ca_path),
        }
        of_corp = {"bind_dn": self.corp.bind_dn, "password": self.corp.secret, "ca_path": str(self.corp.ca_path), "timeout_seconds": 10}
        return {"corp": of_corp, "sso": of_sso}

    def secrets(self) -> list[str]:
        """What must be nowhere."""
        return [self.corp.secret, self.sso.secret_of(self.sso.reader), self.sso.secret_of(self.sso.client)]

    def sync(self) -> None:
        """Makes the Groups of the cluster what the operator would make them."""
        remove_groups(self.site.cluster)
        found = [group(name, self.corp.members(name), "corp-sync_corp", self.corp.group_dn(name)) for name in groups_of("corp")]
        found += [group(name, self.sso.members(name), "sso-sync_sso", self.sso.group_id(name)) for name in groups_of("sso")]
        self.site.cluster.apply(found)

    def play(self, name: str, *arguments: str, accounts: Json | None = None, document: Json | None = None) -> Played:
        """The playbook, with the accounts in a file of their own."""
        folder = self.playing.folder / name
        folder.mkdir()
        given = {"readiness_directories": self.accounts() if accounts is None else accounts}
        (folder / "accounts.yml").write_text(json.dumps(given), encoding="utf-8")
        return self.playing.play(
            name,
            "-e",
            "@accounts.yml",
            *arguments,
            account=READER,
            document=document,
            readiness_mode="verify",
            readiness_platform_parts=[PART],
            readiness_now=NOW,
        )


def document(corp: Directory, sso: Keycloak) -> Json:
    directories = [
        {"name": "corp", "kind": "ldap", "url": corp.ldaps_url, "groups_base": corp.groups_base, "users_base": corp.users_base},
        {"name": "sso", "kind": "keycloak", "url": sso.server, "realm": sso.name},
    ]
    usual = {"credentials_secret": "reader", "ca": "directory-ca", "namespace": SYNC_NAMESPACE}
    syncs = [
        {"name": "corp-sync", "directory": "corp", "prune": False, "groups": sorted(groups_of("corp")), **usual},
        {"name": "sso-sync", "directory": "sso", "groups": sorted(groups_of("sso")), **usual},
    ]
    groups = [{"name": name, "directory": where} for where in ("corp", "sso") for name in groups_of(where)]
    return {"directories": directories, "group_syncs": syncs, "groups": groups}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, keycloak_server: KeycloakServer) -> Iterator[Scene]:
    """A cluster that was synced from both, and applied."""
    users = sorted({user for members in KINDS.values() for user in members})
    with ExitStack() as stack:
        corp = stack.enter_context(directory(groups=groups_of("corp")))
        of_users = {user: [name for name, members in groups_of("sso").items() if user in members] for user in users}
        sso = stack.enter_context(keycloak_server.realm(Realm(of_users, groups=["sso-owners"])))
        site = stack.enter_context(identity_site(tmp_path_factory, document(corp, sso)))
        found = Scene(Playing(site, tmp_path_factory.mktemp("plays")), corp, sso)
        found.sync()
        accounts = {
            name: DirectoryAccess(**{("username" if key == "bind_dn" else key): value for key, value in given.items()})
            for name, given in found.accounts().items()
        }
        applied = site.run(PART, directories=accounts, now=NOW)
        assert [line for line in failing(applied) if "owners" not in line and ".prune/" not in line] == []
        yield found


def findings(played: Played) -> dict[tuple[str, str], Json]:
    """Findings of platform.jsonl on groups and directories: end of the check's id and subject to the record."""
    lines = (played.run_dir / "platform.jsonl").read_text(encoding="utf-8").splitlines()
    found = [record for record in map(json.loads, lines) if record["kind"] == "finding"]
    begin = f"platform.{PART}.groups."
    return {(one["check"].removeprefix(begin), one["subject"]): one for one in found if one["check"].startswith(begin)}


def troubles(played: Played) -> dict[tuple[str, str], str]:
    """Those that do not pass, with the message."""
    return {key: one["message"] for key, one in findings(played).items() if one["result"] not in ("pass", "not_applicable")}


def leaks(folder: Path, played: Played, secrets: Sequence[str]) -> list[str]:
    """Where a secret stands that must be nowhere; the file that gives them is no such place."""
    places = {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "accounts.yml"
    }
    places["what was printed"] = played.output.encode()
    assert len(places) > 5
    return [place for place, content in places.items() if any(secret.encode() in content for secret in secrets)]


def test_directories_that_the_cluster_was_synced_from_leave_nothing_but_owners_without_people(scene: Scene) -> None:
    played = scene.play("synced")
    assert set(troubles(played)) == {("least_members", "group corp-owners"), ("least_members", "group sso-owners")}
    found = findings(played)
    assert {found["members", f"group {name}"]["result"] for where in ("corp", "sso") for name in groups_of(where)} == {"pass"}
    assert {found["directory", f"directory {where}"]["result"] for where in ("corp", "sso")} == {"pass"}


def test_whatever_differs_is_found_with_its_cause_and_no_secret_is_anywhere(scene: Scene) -> None:
    scene.sync()
    for where, source in (("corp", scene.corp), ("sso", scene.sso)):
        source.join("carl", f"{where}-late")
        source.remove_group(f"{where}-gone")
        source.rename_group(f"{where}-old", f"{where}-new")
        path, users = f"{GROUPS}/{where}-extra", [*KINDS["extra"], "mallory"]
        scene.site.cluster.client.request("PATCH", path, {"users": users}, MERGE).checked()
    try:
        played = scene.play("differing", "-vvvv")
        assert played.code != 0
        found = troubles(played)
        assert set(found) == {
            (check, f"group {where}-{kind}")
            for where in ("corp", "sso")
            for check, kind in (
                ("members", "late"),
                ("members", "extra"),
                ("leavers", "gone"),
                ("least_members", "owners"),
                ("name", "old"),
            )
        }
        for where in ("corp", "sso"):
            assert "the Group lacks carl: its sync works, last at 2026-11-22T10:00:00Z" in found["members", f"group {where}-late"]
            assert f"it has mallory, whom directory {where} does not give" in found["members", f"group {where}-extra"]
            assert "ben, carl, who keep access" in found["leavers", f"group {where}-gone"]
            assert f"directory {where} has it as {where}-new now" in found["name", f"group {where}-old"]
        assert found["leavers", "group corp-gone"].endswith("prune is off in GroupSync corp-sync: groups that are gone stay")
        assert "prune is on in GroupSync sso-sync" in found["leavers", "group sso-gone"]
        assert "its members are those of the Group" in found["name", "group corp-old"]
        assert "both have the id" in found["name", "group sso-old"]
        assert all(findings(played)[key]["evidence"] and findings(played)[key]["remedy"] for key in found)
        folder = scene.playing.folder / "differing"
        assert leaks(folder, played, scene.secrets()) == []
        # The playbook did hand them over: what hides them is no accident of this test.
        assert all(secret in (folder / "accounts.yml").read_text(encoding="utf-8") for secret in scene.secrets())
        assert "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" in played.output
    finally:
        for where, source in (("corp", scene.corp), ("sso", scene.sso)):
            source.rename_group(f"{where}-new", f"{where}-old")
            source.leave("carl", f"{where}-late")
        scene.corp.add_group("corp-gone", KINDS["gone"])
        scene.sso.add_group("sso-gone")
        for member in KINDS["gone"]:
            scene.sso.join(member, "sso-gone")
        scene.sync()


def test_directories_that_cannot_be_read_are_not_evaluated_with_the_reason_and_the_run_goes_on(scene: Scene) -> None:
    """One that is down, one whose certificate nobody trusts, one that does not answer, an account that is refused: the rest is judged."""
    section = json.loads(json.dumps(scene.site.document["identity"]))
    corp, sso = section["directories"]
    with directory(groups={"slow-team": ["anna"]}) as sleeper, frozen(sleeper.pid):
        others = [
            {**corp, "name": "down", "url": f"ldaps://127.0.0.1:{closed_port()}"},
            {**sso, "name": "untrusted"},
            {**corp, "name": "slow", "url": sleeper.ldaps_url},
            {**sso, "name": "refused"},
            {**sso, "name": "unasked"},
        ]
        section["directories"] += others
        names = [one["name"] for one in others]
        section["groups"] += [{"name": f"{name}-team", "directory": name} for name in names]
        accounts = scene.accounts()
        wrong = f"{scene.sso.secret_of(scene.sso.reader)}-wrong"
        accounts |= {
            "down": {**accounts["corp"], "timeout_seconds": 2},
            "untrusted": {key: value for key, value in accounts["sso"].items() if key != "ca_path"},
            "slow": {"bind_dn": sleeper.bind_dn, "password": sleeper.secret, "ca_path": str(sleeper.ca_path), "timeout_seconds": 1},
            "refused": {**accounts["sso"], "password": wrong},
        }
        scene.sync()
        scene.site.cluster.apply([group(f"{name}-team", ["anna"]) for name in names])
        scene.corp.leave("dora", "corp-late")
        failure = condition("ReconcileError", "2026-11-22T10:05:00Z", "dial tcp: lookup ldap.example.com: no such host")
        write_status(scene.site.cluster, "corp-sync", [condition("ReconcileSuccess", SYNCED), failure])
        played = scene.play("unread", "-vvvv", accounts=accounts, document={"schema_version": "1.0", "identity": section})
    found = findings(played)
    for name in names:
        assert found["directory", f"directory {name}"]["result"] == "not_evaluated"
        assert found["members", f"group {name}-team"]["result"] == "not_evaluated"
        assert found["members", f"group {name}-team"]["message"] == found["directory", f"directory {name}"]["message"]
    why = {name: found["directory", f"directory {name}"]["message"] for name in names}
    assert "nothing listens there" in why["down"]
    assert "certificate" in why["untrusted"] and "ca_path" in why["untrusted"]
    assert "no answer within 1 s" in why["slow"]
    assert "it does not accept the user" in why["refused"]
    assert "no account for it is in readiness_directories" in why["unasked"]
    # What could be read is judged all the same, and the run leaves its report.
    assert found["members", "group corp-same"]["result"] == "pass"
    assert found["members", "group sso-same"]["result"] == "pass"
    late = found["members", "group corp-late"]["message"]
    assert late.startswith("it has dora, whom directory corp does not give: the last sync of GroupSync corp-sync failed: dial tcp")
    assert played.stages()["platform", f"{NAME} preflight"] == "failed"
    assert played.stages()["platform", "localhost"] == "ran"
    assert "directory down" in played.page()
    assert leaks(scene.playing.folder / "unread", played, [*scene.secrets(), wrong, sleeper.secret]) == []


def test_parameter_that_is_wrong_is_told_without_what_is_secret_in_it(scene: Scene) -> None:
    accounts = scene.accounts()
    accounts["sos"] = accounts.pop("sso")
    accounts["corp"] = {**accounts["corp"], "passwort": scene.corp.secret, "timeout_seconds": scene.corp.secret}
    played = scene.play("wrong", "-vvvv", accounts=accounts)
    assert played.code != 0
    assert "readiness_directories.sos" in played.output
    assert "passwort" in played.output
    assert leaks(scene.playing.folder / "wrong", played, scene.secrets()) == []
