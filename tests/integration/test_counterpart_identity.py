# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identity counterparts themselves: Keycloak's tokens at the API server, and an LDAP server; what other tests take for granted."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.counterparts.cluster import Cluster, cluster, wait_until
from tests.counterparts.cluster.commands import Oidc
from tests.counterparts.identity import (
    Directory,
    IdentityError,
    Keycloak,
    KeycloakServer,
    OidcClient,
    Realm,
    directory,
    frozen,
    shared_keycloak,
)
from tests.counterparts.identity.web import Reply, ask, post_form

CHECKOUT = Path(__file__).resolve().parents[2]
RBAC = "rbac.authorization.k8s.io"
USERS = {"anna": ("team-erp", "company/finance"), "ben": ("team-crm",), "carl": ()}
CLIENTS = (OidcClient("openshift"), OidcClient("elsewhere"), OidcClient("brief", 1, ("openshift",)), OidcClient("paths", full_path=True))


@pytest.fixture(scope="module")
def realm(keycloak_server: KeycloakServer) -> Iterator[Keycloak]:
    """A realm that the API server trusts; nobody changes its users."""
    with keycloak_server.realm(Realm(USERS, groups=("nobody-in-it",), clients=CLIENTS)) as made:
        yield made


@pytest.fixture
def changing(keycloak_server: KeycloakServer) -> Iterator[Keycloak]:
    """A realm for one test."""
    with keycloak_server.realm(Realm(USERS)) as made:
        yield made


@pytest.fixture(scope="module")
def oidc_cluster(realm: Keycloak) -> Iterator[Cluster]:
    """A cluster that takes the realm's tokens."""
    oidc = Oidc(realm.issuer, realm.ca_path, realm.client)
    with cluster(name="oidc", kwok=False, scheduler=False, controllers=False, oidc=oidc) as running:
        running.log_in(realm.token("carl")).close()
        yield running


@pytest.fixture
def namespace(oidc_cluster: Cluster) -> str:
    return oidc_cluster.namespace()


def claims(token: str) -> dict[str, Any]:
    """What a token says of its user."""
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def refused(running: Cluster, token: str) -> bool:
    return running.with_token(token).request("GET", "/api").status == 401


def test_a_user_of_keycloak_is_known_to_the_api_server_with_the_groups_of_the_realm(realm: Keycloak, oidc_cluster: Cluster) -> None:
    found = oidc_cluster.whoami(oidc_cluster.with_token(realm.token("anna")))
    assert (found["username"], found["groups"]) == ("anna", ["finance", "team-erp", "system:authenticated"])
    nobody = oidc_cluster.whoami(oidc_cluster.with_token(realm.token("carl")))
    assert (nobody["username"], nobody["groups"]) == ("carl", ["system:authenticated"])


def test_users_of_the_token_file_log_in_besides(oidc_cluster: Cluster) -> None:
    assert oidc_cluster.whoami(oidc_cluster.as_user("user-0"))["groups"] == ["group-0", "system:authenticated"]


def test_a_binding_to_a_group_decides_what_its_members_may(realm: Keycloak, oidc_cluster: Cluster, namespace: str) -> None:
    config_maps = f"/api/v1/namespaces/{namespace}/configmaps"
    anna, ben = (oidc_cluster.with_token(realm.token(name)) for name in ("anna", "ben"))
    assert [each.request("GET", config_maps).status for each in (anna, ben)] == [403, 403]
    there = f"/apis/{RBAC}/v1/namespaces/{namespace}"
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]
    oidc_cluster.client.post(f"{there}/roles", {"metadata": {"name": "reads"}, "rules": rules})
    role = {"apiGroup": RBAC, "kind": "Role", "name": "reads"}
    subject = {"apiGroup": RBAC, "kind": "Group", "name": "team-erp"}
    oidc_cluster.client.post(f"{there}/rolebindings", {"metadata": {"name": "team"}, "roleRef": role, "subjects": [subject]})
    wait_until("the role is in force", lambda: anna.request("GET", config_maps).status == 200, 10)
    assert anna.request("POST", config_maps, {"metadata": {"name": "a"}}).status == 403
    assert ben.request("GET", config_maps).status == 403


def test_a_token_for_another_audience_is_refused(realm: Keycloak, oidc_cluster: Cluster) -> None:
    token = realm.token("anna", "elsewhere")
    assert claims(token)["aud"] == "elsewhere"
    assert refused(oidc_cluster, token)


def test_a_token_that_has_expired_is_refused(realm: Keycloak, oidc_cluster: Cluster) -> None:
    token = realm.token("anna", "brief")
    assert claims(token)["aud"] == ["brief", "openshift"]
    wait_until("it has expired", lambda: time.time() > claims(token)["exp"] + 1, 20)
    assert refused(oidc_cluster, token)


def test_a_token_of_another_realm_and_one_that_was_changed_are_refused(
    keycloak_server: KeycloakServer, realm: Keycloak, oidc_cluster: Cluster
) -> None:
    with keycloak_server.realm(Realm({"anna": ("team-erp",)})) as other:
        assert refused(oidc_cluster, other.token("anna"))
    head, body, signature = realm.token("carl").split(".")
    more = base64.urlsafe_b64encode(json.dumps({**claims(f"{head}.{body}."), "groups": ["team-erp"]}).encode()).decode().rstrip("=")
    assert refused(oidc_cluster, f"{head}.{more}.{signature}")


def test_a_wrong_password_a_disabled_user_and_a_stranger_get_no_token(changing: Keycloak) -> None:
    assert changing.login("anna", password=secrets.token_hex(8)).status == 401
    changing.enable("anna", enabled=False)
    with pytest.raises(IdentityError, match="Account disabled"):
        changing.token("anna")
    assert changing.login("dora").status == 401


def test_what_changes_in_the_realm_shows_in_the_next_token(changing: Keycloak) -> None:
    changing.join("carl", "team-erp")
    changing.leave("anna", "team-erp")
    changing.rename_group("company/finance", "controlling")
    changing.add_user("dora", ("company/controlling", "company/sales/north"))
    assert claims(changing.token("carl"))["groups"] == ["team-erp"]
    assert claims(changing.token("anna"))["groups"] == ["controlling"]
    assert claims(changing.token("dora"))["groups"] == ["controlling", "north"]
    assert changing.members("company/controlling") == ["anna", "dora"]
    assert changing.members("company") == []
    changing.remove_user("dora")
    changing.remove_group("team-crm")
    assert changing.members("company/controlling") == ["anna"]
    with pytest.raises(IdentityError, match="no group team-crm"):
        changing.members("team-crm")


def test_groups_are_named_by_their_paths_where_a_client_asks_for_it(realm: Keycloak) -> None:
    assert claims(realm.token("anna", "paths"))["groups"] == ["/company/finance", "/team-erp"]


def test_the_reader_may_list_groups_and_members_and_change_nothing(realm: Keycloak) -> None:
    url = f"{realm.issuer}/protocol/openid-connect/token"
    grant = {"grant_type": "password", "client_id": "admin-cli", "username": realm.reader}
    login = post_form(realm.ca_path, url, **grant, password=realm.secret_of(realm.reader))
    headers = {"Authorization": f"Bearer {login.body['access_token']}", "Content-Type": "application/json"}

    def send(method: str, path: str, body: bytes | None = None) -> Reply:
        return ask(realm.ca_path, method, f"{realm.server}/admin/realms/{realm.name}{path}", body, headers)

    groups = {each["name"]: each for each in send("GET", "/groups").body}
    assert sorted(groups) == ["company", "nobody-in-it", "team-crm", "team-erp"]
    assert [each["username"] for each in send("GET", f"/groups/{groups['team-erp']['id']}/members").body] == ["anna"]
    assert send("POST", "/groups", b'{"name": "mine"}').status == 403
    assert send("PUT", f"/groups/{groups['team-erp']['id']}", b'{"name": "mine"}').status == 403


def test_keycloak_is_verified_with_its_own_authority(keycloak_server: KeycloakServer, oidc_cluster: Cluster) -> None:
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        ask(oidc_cluster.ca_path, "GET", f"{keycloak_server.url}/realms/master", None, {})


SHARER = """
import sys, time
from pathlib import Path
from tests.counterparts.identity import shared_keycloak
with shared_keycloak(Path(sys.argv[1])) as running:
    print(running.pid, flush=True)
    time.sleep(600)
"""


def test_a_shared_server_outlives_a_killed_user_and_ends_with_the_last_one(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", SHARER, str(tmp_path)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        pid = int(process.stdout.readline())
        with shared_keycloak(tmp_path) as found:
            assert found.pid == pid
            process.kill()
            process.wait()
            time.sleep(1)
            assert found.request("GET", "/realms/master").status == 200
            assert found.is_kept()
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
    wait_until("it has ended", lambda: not found.folder.exists() and not Path(f"/proc/{pid}").exists(), 20)
    assert not found.is_kept()


@pytest.fixture(scope="module")
def ldap() -> Iterator[Directory]:
    """A directory that nobody changes."""
    with directory(users=("dora",), groups={"team-erp": ("anna", "ben"), "nobody-in-it": ()}) as running:
        yield running


@pytest.fixture
def changing_ldap() -> Iterator[Directory]:
    """A directory for one test."""
    with directory(groups={"team-erp": ("anna", "ben"), "team-crm": ("carl",)}) as running:
        yield running


def search(ldap: Directory, url: str, ca_path: Path | None, secret: str = "", *more: str, seconds: float = 60) -> tuple[int, str]:
    """A search for a group with a password: exit code, and what was found or said."""
    login = ["-x", "-H", url, "-D", ldap.bind_dn, "-w", secret or ldap.secret, "-b", ldap.base]
    done = ldap.run_tool("ldapsearch", "-LLL", *login, *more, "(cn=team-erp)", "member", ca_path=ca_path, seconds=seconds)
    return done.returncode, done.stdout + done.stderr


def test_a_search_over_ldaps_works_with_the_authority_alone(ldap: Directory, realm: Keycloak) -> None:
    code, said = search(ldap, ldap.ldaps_url, ldap.ca_path)
    assert code == 0
    assert f"member: {ldap.user_dn('anna')}" in said
    for ca_path in (None, realm.ca_path):
        code, said = search(ldap, ldap.ldaps_url, ca_path)
        assert code != 0
        assert "Can't contact LDAP server" in said


def test_a_search_without_tls_and_with_starttls_works(ldap: Directory) -> None:
    assert search(ldap, ldap.url, None)[0] == 0
    assert search(ldap, ldap.url, ldap.ca_path, "", "-ZZ")[0] == 0
    assert search(ldap, ldap.url, None, "", "-ZZ")[0] != 0


def test_a_wrong_password_and_nobody_are_refused(ldap: Directory) -> None:
    code, said = search(ldap, ldap.ldaps_url, ldap.ca_path, secrets.token_hex(8))
    assert (code, "Invalid credentials" in said) == (49, True)
    done = ldap.run_tool("ldapsearch", "-x", "-H", ldap.ldaps_url, "-b", ldap.base, ca_path=ldap.ca_path)
    assert (done.returncode, "anonymous bind disallowed" in done.stderr) == (48, True)


def test_who_may_read_sees_no_password_and_changes_nothing(ldap: Directory) -> None:
    login = ["-x", "-H", ldap.ldaps_url, "-D", ldap.bind_dn, "-w", ldap.secret]
    done = ldap.run_tool("ldapsearch", "-LLL", *login, "-b", ldap.bind_dn, ca_path=ldap.ca_path)
    assert ("cn: reader" in done.stdout, "userPassword" in done.stdout) == (True, False)
    change = f"dn: {ldap.group_dn('team-erp')}\nchangetype: delete\n"
    assert ldap.run_tool("ldapmodify", *login, text=change, ca_path=ldap.ca_path).returncode == 50


def test_groups_change_and_keep_their_identity_when_they_are_renamed(changing_ldap: Directory) -> None:
    before = changing_ldap.search("(cn=team-erp)")[changing_ldap.group_dn("team-erp")]["entryUUID"]
    changing_ldap.add_user("Smith, Dora")
    changing_ldap.join("Smith, Dora", "team-erp")
    changing_ldap.leave("ben", "team-erp")
    changing_ldap.rename_group("team-erp", "team-s4")
    assert changing_ldap.members("team-s4") == ["Smith, Dora", "anna"]
    assert changing_ldap.search("(cn=team-s4)")[changing_ldap.group_dn("team-s4")]["entryUUID"] == before
    with pytest.raises(IdentityError, match="no group team-erp"):
        changing_ldap.members("team-erp")


def test_a_group_can_be_emptied_and_filled_and_may_name_who_is_gone(changing_ldap: Directory) -> None:
    changing_ldap.leave("carl", "team-crm")
    assert changing_ldap.members("team-crm") == []
    changing_ldap.join("anna", "team-crm")
    assert changing_ldap.members("team-crm") == ["anna"]
    changing_ldap.remove_user("anna")
    assert changing_ldap.members("team-crm") == [changing_ldap.user_dn("anna")]
    changing_ldap.remove_group("team-crm")
    assert changing_ldap.search("(cn=team-crm)") == {}


def test_a_search_gives_no_more_than_the_limit_unless_it_asks_for_pages() -> None:
    with directory(users=[f"user-{number}" for number in range(20)], size_limit=10) as ldap:
        login = ["-LLL", "-x", "-H", ldap.ldaps_url, "-D", ldap.bind_dn, "-w", ldap.secret, "-b", ldap.users_base]
        plain = ldap.run_tool("ldapsearch", *login, "(uid=*)", "uid", ca_path=ldap.ca_path)
        assert (plain.returncode, plain.stdout.count("uid: ")) == (4, 10)
        paged = ldap.run_tool("ldapsearch", *login, "-E", "pr=7/noprompt", "(uid=*)", "uid", ca_path=ldap.ca_path)
        assert (paged.returncode, paged.stdout.count("uid: ")) == (0, 20)


def test_a_server_that_is_down_or_answers_nothing_is_told_apart_and_comes_back(changing_ldap: Directory) -> None:
    with frozen(changing_ldap.pid), pytest.raises(subprocess.TimeoutExpired):
        search(changing_ldap, changing_ldap.url, None, seconds=1)
    changing_ldap.stop()
    code, said = search(changing_ldap, changing_ldap.url, None)
    assert (code, "Can't contact LDAP server" in said) == (255, True)
    changing_ldap.start()
    assert search(changing_ldap, changing_ldap.url, None)[0] == 0
