# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LDAP: few searches for any number of members, and clear words for every way in which a server can fail."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters import _libraries
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory import ldap
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.access import DirectoryAccess, DirectoryTrouble
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.directory.ldap import (
    CHUNK,
    MOST_BY_CHUNKS,
    LdapReader,
    read_directory,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import DirectoryWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.directories import DirectoryRead

from tests.counterparts.cluster.certificates import Certificates, make_certificates
from tests.unit.adapters.directory.servers import OTHER_HOST, bad_server, closed_port, nothing

BASE = "dc=example,dc=com"
CORP = DirectoryWanted(name="corp", kind="ldap", url="ldaps://localhost", groups_base=f"ou=groups,{BASE}", users_base=f"ou=users,{BASE}")
WORD = secrets.token_hex(8)
ACCOUNT = DirectoryAccess(username=f"cn=reader,{BASE}", password=WORD, timeout_seconds=1)


class FakeLdap:
    """Stands for a connection of the library: groups and users by name, and what was searched for."""

    def __init__(self, groups: Mapping[str, Sequence[str]], users: Sequence[str], *extra: Mapping[str, Any]) -> None:
        self.searches: list[tuple[str, str]] = []
        self._groups = groups
        self._users = users
        self._extra = extra
        self.extend = self.standard = self

    def paged_search(self, base: str, search_filter: str, **more: Any) -> Iterator[Mapping[str, Any]]:
        assert more["dereference_aliases"] == "NEVER" and more["generator"]
        self.searches.append((base, search_filter))
        yield from self._extra
        if base == CORP.groups_base:
            for name, members in self._groups.items():
                yield entry(f"cn={name},{base}", {"cn": [name], "Member": list(members)})
            return
        named = None if search_filter == "(uid=*)" else {found.lower() for found in re.findall(r"\(uid=([^()]*)\)", search_filter)}
        for name in self._users:
            if named is None or name.lower() in named:
                yield entry(user(name), {"uid": [name]})


def entry(dn: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "searchResEntry", "dn": dn, "attributes": attributes}


def user(name: str) -> str:
    return f"uid={name},{CORP.users_base}"


def read(connection: FakeLdap, *names: str, wanted: DirectoryWanted = CORP) -> DirectoryRead:
    return LdapReader(connection, wanted, ACCOUNT).read(names)


def test_members_are_names_of_users_and_who_is_none_is_told() -> None:
    outside, gone = f"cn=printer,{BASE}", user("gone")
    found = read(
        FakeLdap({"team-a": [user("ben").upper(), user("Anna"), outside, gone, "nonsense"], "team-b": [user("ben")]}, ["Anna", "ben"]),
        "team-a",
    )
    assert found.groups["team-a"].members == ("Anna", "ben")
    assert found.groups["team-a"].unresolved == (f"cn=printer,{BASE}", "nonsense", gone)
    assert found.groups["team-a"].uid == f"cn=team-a,{CORP.groups_base}"
    assert not found.groups["team-b"].members_known and found.complete


@pytest.mark.parametrize("count", [1, CHUNK + 1, MOST_BY_CHUNKS + 1])
def test_any_number_of_members_takes_few_searches(count: int) -> None:
    names = [f"user{number}" for number in range(count)]
    connection = FakeLdap({"team-a": [user(name) for name in names]}, names)
    assert len(read(connection, "team-a").groups["team-a"].members) == count
    assert len(connection.searches) <= 1 + min(-(-count // CHUNK), MOST_BY_CHUNKS // CHUNK)


def test_group_that_is_not_there_lets_the_members_of_the_others_be_read() -> None:
    found = read(FakeLdap({"team-new": [user("anna")]}, ["anna"]), "team-a")
    assert found.groups["team-new"].members == ("anna",)


def test_group_in_another_case_is_read_too() -> None:
    assert read(FakeLdap({"Team-A": [user("anna")]}, ["anna"]), "team-a").groups["Team-A"].members_known


def test_name_of_two_groups_is_told() -> None:
    second = entry(f"cn=team-a,ou=lab,{CORP.groups_base}", {"cn": ["team-a"], "member": [user("ben")]})
    found = read(FakeLdap({"team-a": [user("anna")]}, ["anna", "ben"], second), "team-a")
    assert found.repeated == ("team-a",) and found.groups["team-a"].members == ("anna", "ben")


@pytest.mark.parametrize(
    ("connection", "said", "forbidden"),
    [
        (FakeLdap({}, []), "no group below", True),
        (FakeLdap({"team-a": []}, []), "sees attribute member of none of the 1 groups", True),
        (FakeLdap({"team-a": [user("anna")]}, []), "sees nobody with attribute uid", True),
        (FakeLdap({"team-a": [f"uid=anna,ou=people,{BASE}"]}, []), "no member of any of its groups is below users_base", False),
        (FakeLdap({"team-b": [user("anna")]}, ["anna"], {"type": "searchResRef"}), "on other servers", False),
    ],
)
def test_what_may_be_hidden_is_never_taken_for_empty(connection: FakeLdap, said: str, forbidden: bool) -> None:
    with pytest.raises(DirectoryTrouble) as raised:
        read(connection, "team-a")
    assert said in raised.value.reason and raised.value.forbidden is forbidden


def test_referral_of_no_consequence_is_ignored_as_the_operator_does() -> None:
    assert read(FakeLdap({"team-a": [user("anna")]}, ["anna"], {"type": "searchResRef"}), "team-a").known


def test_owner_group_of_people_who_are_gone_is_empty_and_not_unknown() -> None:
    found = read(FakeLdap({"owners": [user("gone")]}, ["anna"]), "owners")
    assert found.groups["owners"].members == () and found.groups["owners"].unresolved == (user("gone"),)


def test_special_signs_of_names_are_no_part_of_a_filter() -> None:
    dn = f"cn=a\\2a(b)\\\\,{CORP.users_base}"
    connection = FakeLdap({"team-a": [dn, user("anna")]}, ["anna"])
    read(connection, "team-a")
    assert connection.searches[1][1] == "(|(cn=a\\2a\\28b\\29\\5c)(uid=anna))"


class RefusingLdap(FakeLdap):
    """Answers every search with a result of the protocol."""

    def __init__(self, result: str) -> None:
        super().__init__({}, [])
        self._result = result

    def paged_search(self, base: str, search_filter: str, **more: Any) -> Iterator[Mapping[str, Any]]:
        yield entry(user("anna"), {})
        raise getattr(_libraries.ldap3.core.exceptions, self._result)(result=1, description="aWord", message=f"told {WORD}")

    def unbind(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("result", "said", "state"),
    [
        ("LDAPReferralResult", "on another server, to which it refers", "failed"),
        ("LDAPNoSuchObjectResult", "there is nothing at ou=groups", "forbidden"),
        ("LDAPInsufficientAccessRightsResult", "has no right to read there", "forbidden"),
        ("LDAPOperationsErrorResult", "nobody who has not logged in: told ***", "forbidden"),
        ("LDAPSizeLimitExceededResult", "no more entries than its limit", "failed"),
        ("LDAPTimeLimitExceededResult", "time limit", "failed"),
        ("LDAPLoopDetectedResult", "it answers aWord: told ***", "failed"),
        ("LDAPSocketReceiveError", "the connection was lost", "failed"),
    ],
)
def test_results_of_the_protocol_are_told_in_words(result: str, said: str, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ldap, "_connected", lambda *_given: RefusingLdap(result))
    found = read_directory(CORP, ACCOUNT, ("team-a",))
    assert (found.state, said in found.reason) == (state, True), found.reason


# ---- servers that fail -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def reason(url: str, access: DirectoryAccess = ACCOUNT) -> str:
    found = read_directory(replace(CORP, url=url), access, ("team-a",))
    assert not found.known and not found.groups
    assert WORD not in found.reason and found.reason.startswith("directory corp at ")
    return found.reason


def test_server_that_is_down_is_told() -> None:
    assert "nothing listens there" in reason(f"ldaps://127.0.0.1:{closed_port()}")
    assert "its name cannot be resolved" in reason("ldaps://directory.invalid")


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_server_that_says_nothing_is_given_up(scheme: str) -> None:
    with bad_server(None) as port:
        assert "no answer within 1 s" in reason(f"{scheme}://127.0.0.1:{port}")


def test_server_that_takes_the_connection_and_then_says_nothing_is_given_up(certificates: Certificates) -> None:
    with bad_server(None, certificates) as port:
        assert "no answer within 1 s" in reason(f"ldaps://127.0.0.1:{port}", replace(ACCOUNT, ca_path=str(certificates.ca)))


def test_certificate_that_is_not_trusted_is_told(certificates: Certificates) -> None:
    with bad_server(None, certificates) as port:
        assert "its certificate is not trusted" in reason(f"ldaps://127.0.0.1:{port}")


def test_certificate_of_another_host_is_told(certificates: Certificates) -> None:
    access = replace(ACCOUNT, ca_path=str(certificates.ca))
    with bad_server(None, certificates, OTHER_HOST) as port:
        assert "its certificate is for another name" in reason(f"ldaps://{OTHER_HOST}:{port}", access)


def test_file_without_certificate_is_told(tmp_path: Path) -> None:
    with bad_server(b"x") as port:
        assert "no certificate in PEM form" in reason(f"ldaps://127.0.0.1:{port}", replace(ACCOUNT, ca_path=str(nothing(tmp_path))))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x84\xff\xff\xff\xff",
        bytes(64),
        b"\x30\x03\x02\x01\x07",
        b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04",
    ],
)
def test_server_that_speaks_something_else_is_told(answer: bytes) -> None:
    for scheme in ("ldap", "ldaps"):
        with bad_server(answer) as port:
            reason(f"{scheme}://127.0.0.1:{port}")
