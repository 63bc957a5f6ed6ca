# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keycloak: few requests for any number of groups and members, and clear words for every way in which a server can fail."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.transport import Answer, Message, Trouble
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory import access as access_module
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.access import DirectoryAccess, DirectoryTrouble
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.keycloak import (
    MOST_GROUP_PAGES,
    MOST_GUESSED,
    PAGE,
    KeycloakReader,
    read_directory,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import DirectoryWanted

from tests.counterparts.cluster.certificates import Certificates, make_certificates
from tests.unit.adapters.directory.servers import bad_server, closed_port, nothing

SSO = DirectoryWanted(name="sso", kind="keycloak", url="https://localhost", realm="corp")
WORD = secrets.token_hex(8)
ACCOUNT = DirectoryAccess(username="reader", password=WORD, timeout_seconds=1)
CLIENT = DirectoryAccess(client_id="reader", client_secret=WORD)


class FakeKeycloak:
    """Stands for the connection to a realm with these groups. Its tokens may have to be renewed, its answers be replaced."""

    def __init__(self, groups: Mapping[str, Sequence[str]], *, uses: int = 1000, status: int = 200) -> None:
        self.groups = groups
        self.asked: list[str] = []
        self.forms: list[Mapping[str, list[str]]] = []
        self._uses = uses
        self._left = 0
        self._status = status

    def send(self, message: Message, silence_seconds: float, total_seconds: float) -> Answer | Trouble:
        parts = urlsplit(message.path)
        self.asked.append(parts.path)
        if message.method == "POST":
            self.forms.append({**parse_qs((message.body or b"").decode()), "path": [parts.path]})
            self._left = self._uses
            return answered({"access_token": "token"})
        self._left -= 1
        if self._left < 0:
            return Answer(401)
        if self._status != 200:
            return Answer(self._status)
        return self._got(parts.path.removeprefix("/admin/realms/corp"), {key: values[0] for key, values in parse_qs(parts.query).items()})

    def _got(self, path: str, query: Mapping[str, str]) -> Answer:
        first, most = int(query.get("first", 0)), int(query.get("max", 10**9))
        if path == "/groups":
            names = [name for name in self.groups if "/" not in name and query.get("search", name) == name]
            return answered([{"name": name, "id": f"id-{name}"} for name in names[first : first + most]])
        if path.startswith("/group-by-path/"):
            name = path.removeprefix("/group-by-path")
            return answered({"id": f"id-{name}", "name": name}) if name in self.groups else Answer(404)
        name = path.removeprefix("/groups/id-").removesuffix("/members").replace("%2F", "/")
        return answered([{"username": member} for member in self.groups[name][first : first + most]])

    def close(self) -> None:
        """Nothing is open."""


def answered(value: object, status: int = 200) -> Answer:
    return Answer(status, body=json.dumps(value).encode())


def test_groups_and_members_of_those_that_are_asked_for_are_read() -> None:
    server = FakeKeycloak({"team-a": ("ben", "anna"), "team-b": ("carl",), "/platform/team-a": ("dora",)})
    found = KeycloakReader(server, SSO, ACCOUNT).read(("team-a", "/platform/team-a"))
    assert found.groups["team-a"].members == ("anna", "ben") and found.groups["team-a"].uid == "id-team-a"
    assert found.groups["/platform/team-a"].members == ("dora",)
    assert not found.groups["team-b"].members_known and found.complete
    assert len(server.asked) == 5


def test_group_that_is_not_there_lets_the_members_of_some_others_be_read() -> None:
    server = FakeKeycloak({"team-new": ("anna",)})
    assert KeycloakReader(server, SSO, ACCOUNT).read(("team-a",)).groups["team-new"].members == ("anna",)
    many = FakeKeycloak({f"team-{number}": ("anna",) for number in range(MOST_GUESSED + 1)})
    KeycloakReader(many, SSO, ACCOUNT).read(("team-a",))
    assert len(many.asked) == 2


def test_long_lists_come_page_by_page() -> None:
    server = FakeKeycloak({"team-a": [f"user{number:04}" for number in range(2 * PAGE + 1)]})
    assert len(KeycloakReader(server, SSO, ACCOUNT).read(("team-a",)).groups["team-a"].members) == 2 * PAGE + 1
    assert len(server.asked) == 5


def test_of_very_many_groups_those_that_are_sought_are_asked_for_by_name() -> None:
    server = FakeKeycloak({f"team-{number}": ("anna",) for number in range(MOST_GROUP_PAGES * PAGE + 5)})
    last = f"team-{MOST_GROUP_PAGES * PAGE + 4}"
    found = KeycloakReader(server, SSO, ACCOUNT).read((last, "nowhere"))
    assert found.groups[last].members == ("anna",) and "nowhere" not in found.groups and not found.complete
    assert len(server.asked) == 1 + MOST_GROUP_PAGES + 2 + 1


def test_token_that_runs_out_is_renewed() -> None:
    server = FakeKeycloak({"team-a": ("anna",)}, uses=1)
    assert KeycloakReader(server, SSO, ACCOUNT).read(("team-a",)).groups["team-a"].members == ("anna",)
    assert len(server.forms) == 2


@pytest.mark.parametrize(
    ("access", "form", "realm"),
    [
        (ACCOUNT, {"grant_type": ["password"], "client_id": ["admin-cli"], "username": ["reader"]}, "master"),
        (replace(ACCOUNT, login_realm="corp", client_id="tool"), {"grant_type": ["password"], "client_id": ["tool"]}, "corp"),
        (CLIENT, {"grant_type": ["client_credentials"], "client_id": ["reader"], "client_secret": [WORD]}, "corp"),
        (replace(CLIENT, login_realm="master"), {"grant_type": ["client_credentials"]}, "master"),
    ],
)
def test_account_logs_in_where_it_belongs(access: DirectoryAccess, form: dict[str, list[str]], realm: str) -> None:
    server = FakeKeycloak({"team-a": ()})
    KeycloakReader(server, SSO, access).read(("team-a",))
    assert form.items() <= server.forms[0].items()
    assert server.forms[0]["path"] == [f"/realms/{realm}/protocol/openid-connect/token"]


@pytest.mark.parametrize(
    ("server", "access", "said", "forbidden"),
    [
        (FakeKeycloak({}), ACCOUNT, "realm corp has no groups, or the account has no right", True),
        (FakeKeycloak({}, status=403), ACCOUNT, "no right to read groups and members", True),
        (FakeKeycloak({}, status=404), ACCOUNT, "there is no realm corp", False),
        (FakeKeycloak({}, status=401), ACCOUNT, "HTTP 401", False),
        (FakeKeycloak({}, status=302), ACCOUNT, "sends elsewhere (HTTP 302)", False),
        (FakeKeycloak({}, status=503), ACCOUNT, "HTTP 503", False),
        (FakeKeycloak({}), DirectoryAccess(), "no account is given", False),
    ],
)
def test_what_cannot_be_read_is_never_taken_for_empty(server: FakeKeycloak, access: DirectoryAccess, said: str, forbidden: bool) -> None:
    with pytest.raises(DirectoryTrouble) as raised:
        KeycloakReader(server, SSO, access).read(("team-a",))
    assert said in raised.value.reason and raised.value.forbidden is forbidden


class OneAnswer:
    """Stands for a server that answers everything so."""

    def __init__(self, answer: Answer | Trouble) -> None:
        self._answer = answer

    def send(self, message: Message, silence_seconds: float, total_seconds: float) -> Answer | Trouble:
        return self._answer

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (answered({"error": "invalid_grant", "error_description": f"not {WORD}"}, 401), "it does not accept the user of realm master"),
        (answered({"error": "invalid_client"}, 401), "it does not accept the client of realm master"),
        (answered({"error": "unauthorized_client"}, 400), "it does not accept the client"),
        (answered({"error": "Realm does not exist"}, 404), "there is no realm master to log in to"),
        (answered(["no", "token"]), "none of Keycloak's"),
        (answered({"access_token": "two\nlines"}), "none of Keycloak's"),
        (Answer(200, body=b"<html>"), "none of Keycloak's"),
        (Answer(500, body=b""), "it answers HTTP 500"),
        (Trouble("no answer within 1 s"), "no answer within 1 s"),
        (Trouble("its certificate is not trusted", code="cluster_certificate"), "as ca_path"),
    ],
)
def test_login_that_fails_says_why_and_nothing_secret(answer: Answer | Trouble, said: str) -> None:
    with pytest.raises(DirectoryTrouble) as raised:
        KeycloakReader(OneAnswer(answer), SSO, ACCOUNT).read(("team-a",))
    assert said in raised.value.reason and WORD not in raised.value.reason


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def reason(port: int, access: DirectoryAccess = ACCOUNT) -> str:
    found = read_directory(replace(SSO, url=f"https://127.0.0.1:{port}/"), access, ("team-a",))
    assert not found.known and WORD not in found.reason and found.reason.startswith(f"directory sso at 127.0.0.1:{port}: ")
    return found.reason


def test_servers_that_fail_are_told_apart(certificates: Certificates, tmp_path: Path) -> None:
    trusting = replace(ACCOUNT, ca_path=str(certificates.ca))
    assert "nothing listens there" in reason(closed_port())
    with bad_server(None, certificates) as port:
        assert "its certificate is not trusted" in reason(port)
        assert "no answer within 1 s" in reason(port, trusting)
        assert "no answer within 1 s" in reason(port, replace(ACCOUNT, validate_certs=False))
    with bad_server(b"nonsense\r\n", certificates) as port:
        assert "not HTTP" in reason(port, trusting)
    with bad_server(b"") as port:
        reason(port, trusting)
    with bad_server(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshort", certificates) as port:
        reason(port, trusting)
    reason(closed_port(), replace(ACCOUNT, ca_path=str(nothing(tmp_path))))


def test_realm_that_is_never_read_to_the_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_module, "DEADLINES", 0)
    with pytest.raises(DirectoryTrouble, match="not read to the end within 0 s"):
        KeycloakReader(FakeKeycloak({"team": ["anna"]}), SSO, ACCOUNT).read(["team"])
