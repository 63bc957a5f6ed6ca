# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the document on logins: what each fault is, and where; a sound document has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    DirectoryWanted,
    ExternalOidcWanted,
    GroupSyncWanted,
    GroupWanted,
    Identity,
    OidcClientWanted,
    ProviderWanted,
    SessionsWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity_rules import (
    identity_faults,
    shown_start,
    trouble_with_issuer,
    trouble_with_ldap_url,
    trouble_with_name,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import path_text

from tests.unit.platform.identity.logins import htpasswd, ldap, openid

DIRECTORY = DirectoryWanted(name="corp", kind="ldap", url="ldaps://ldap.example.com")
SYNC = GroupSyncWanted(name="corp", directory="corp", credentials_secret="sync")
CLIENT = OidcClientWanted(client_id="console")
ISSUER = ExternalOidcWanted(name="corp", issuer="https://sso.example.com/", audiences=("console",), clients=(CLIENT,))
EXTERNAL = Identity(mode="oidc", external_oidc=ISSUER)
SOUND = Identity(
    providers=(openid(), ldap(bind_dn="cn=x", bind_password="bind"), htpasswd()),
    directories=(DIRECTORY,),
    group_syncs=(SYNC,),
    groups=(GroupWanted(name="a", directory="corp"), GroupWanted(name="b")),
    sessions=SessionsWanted(access_token_max_age_seconds=3600, inactivity_timeout_seconds=300),
)


def faults(section: Identity) -> dict[str, str]:
    """Places and messages; the place is not said twice."""
    found = list(identity_faults(section))
    return {path_text(path): problem.message.removeprefix(path_text(path)).strip() for path, problem in found}


def only(section: Identity) -> tuple[str, str]:
    (found,) = faults(section).items()
    return found


def with_providers(*providers: ProviderWanted) -> Identity:
    return Identity(providers=providers)


def test_sound_documents_have_no_fault() -> None:
    assert faults(SOUND) == {}
    assert faults(EXTERNAL) == {}
    assert faults(Identity()) == {}
    assert faults(with_providers(openid(mapping_method="add", add_signed_off_by="security@example.com"))) == {}
    assert faults(with_providers(ProviderWanted(name="gone", type="OpenID", state="absent"))) == {}


PROVIDERS: Sequence[tuple[ProviderWanted, str, str]] = [
    (replace(openid(), type="LDAP", ldap=ldap().ldap), "openid", "is given, and type is LDAP"),
    (replace(openid(), openid=None), "openid", "is missing"),
    (replace(htpasswd(), openid=openid().openid), "openid", "is given, and type is HTPasswd"),
    (openid(mapping_method="add"), "mapping_method", "is add, by which"),
    (openid(mapping_method="add", add_signed_off_by=" "), "mapping_method", "is add, by which"),
    (openid("a/b"), "name", "which has / in it"),
    (openid("a:b%"), "name", "which has % and : in it"),
    (openid("Corp SSO"), "name", "spaces"),
    (openid(".."), "name", "no segment"),
    (openid(""), "name", "is empty"),
    (openid(issuer="http://sso.example.com"), "openid.issuer", "begins with http://"),
    (openid(issuer="https://sso.example.com/"), "openid.issuer", "ends with a slash"),
    (openid(issuer="https://sso.example.com?x=1"), "openid.issuer", "query"),
    (openid(client_id=""), "openid.client_id", "is empty"),
    (openid(preferred_username=()), "openid.preferred_username", "is empty"),
    (openid(groups=("",)), "openid.groups[0]", "is empty"),
    (openid(extra_scopes=("email", 'a"b')), "openid.extra_scopes[1]", "no scope"),
    (ldap(url="http://ldap.example.com"), "ldap.url", "has to begin with ldaps://"),
    (ldap(insecure=True), "ldap.insecure", "url begins with ldaps"),
    (ldap(url="ldap://ldap.example.com/dc=x", insecure=True, ca="ca"), "ldap.ca", "insecure is true"),
    (ldap(bind_dn="cn=x"), "ldap.bind_dn", "without bind_password"),
    (ldap(bind_password="x"), "ldap.bind_password", "without bind_dn"),
    (ldap(id=()), "ldap.id", "is empty"),
    (ldap(preferred_username=()), "ldap.preferred_username", "is empty"),
]


@pytest.mark.parametrize(("provider", "place", "words"), PROVIDERS)
def test_provider_that_openshift_would_refuse_is_a_fault_at_its_place(provider: ProviderWanted, place: str, words: str) -> None:
    found = faults(with_providers(provider))
    assert words in found[f"identity.providers[0].{place}"]


def test_names_that_differ_in_case_alone_are_a_fault_as_equal_ones_are() -> None:
    assert only(with_providers(openid("corp"), htpasswd("corp")))[0] == "identity.providers[1].name"
    place, words = only(with_providers(openid("corp"), htpasswd("Corp")))
    assert (place, "but for the case" in words) == ("identity.providers[1].name", True)


MODES: Sequence[tuple[Identity, str]] = [
    (replace(EXTERNAL, external_oidc=None), "identity.mode"),
    (replace(EXTERNAL, providers=(openid(),)), "identity.providers"),
    (replace(EXTERNAL, group_syncs=(SYNC,), directories=(DIRECTORY,)), "identity.group_syncs"),
    (replace(EXTERNAL, sessions=SessionsWanted(access_token_max_age_seconds=300)), "identity.sessions"),
    (replace(EXTERNAL, mode="integrated"), "identity.external_oidc"),
]


@pytest.mark.parametrize(("section", "place"), MODES)
def test_what_belongs_to_the_other_mode_is_a_fault(section: Identity, place: str) -> None:
    assert only(section)[0] == place


ISSUERS: Sequence[tuple[dict[str, Any], str]] = [
    ({"issuer": "http://x"}, "issuer"),
    ({"issuer": "https://user@x.example.com"}, "issuer"),
    ({"issuer": f"https://x.example.com/{'a' * 500}"}, "issuer"),
    ({"audiences": (), "clients": ()}, "audiences"),
    ({"audiences": ("console", "console")}, "audiences[1]"),
    ({"audiences": ("console", *map(str, range(10)))}, "audiences"),
    ({"audiences": ("other",)}, "clients[0].client_id"),
    ({"clients": (replace(CLIENT, client_id=""),)}, "clients[0].client_id"),
    ({"clients": (CLIENT, CLIENT)}, "clients[1]"),
    ({"username_claim": ""}, "username_claim"),
    ({"groups_claim": "a" * 257}, "groups_claim"),
]


@pytest.mark.parametrize(("settings", "place"), ISSUERS)
def test_external_issuer_that_the_crd_or_its_tokens_would_refuse_is_a_fault(settings: dict[str, Any], place: str) -> None:
    assert only(replace(EXTERNAL, external_oidc=replace(ISSUER, **settings)))[0] == f"identity.external_oidc.{place}"


def test_prefix_of_the_system_is_a_fault() -> None:
    assert only(replace(EXTERNAL, external_oidc=replace(ISSUER, groups_prefix="system:")))[0] == "identity.external_oidc"
    assert only(replace(EXTERNAL, external_oidc=replace(ISSUER, username_prefix="system:x")))[0] == "identity.external_oidc"


def test_directory_that_does_not_exist_is_a_fault() -> None:
    place, words = only(replace(SOUND, groups=(GroupWanted(name="a", directory="crop"),)))
    assert (place, "no directory of the document" in words) == ("identity.groups[0].directory", True)
    assert only(replace(SOUND, group_syncs=(replace(SYNC, directory="x"),)))[0] == "identity.group_syncs[0].directory"
    assert only(replace(SOUND, directories=(DIRECTORY, DIRECTORY)))[0] == "identity.directories[1].name"
    assert only(replace(SOUND, group_syncs=(replace(SYNC, schedule="hourly"),)))[0] == "identity.group_syncs[0].schedule"


def test_timeout_that_no_token_reaches_is_a_fault() -> None:
    sessions = SessionsWanted(access_token_max_age_seconds=300, inactivity_timeout_seconds=300)
    assert only(replace(SOUND, sessions=sessions))[0] == "identity.sessions.inactivity_timeout_seconds"


@pytest.mark.parametrize("text", ["*/30 * * * *", "0 0 1 jan sun", "0,15,30 0-6/2 ? * MON-FRI", "59 23 31 12 6", "5/15 * * * *"])
def test_schedule_of_cron_is_taken(text: str) -> None:
    assert faults(replace(SOUND, group_syncs=(replace(SYNC, schedule=text),))) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 7",
        "*/0 * * * *",
        "5-1 * * * *",
        "a * * * *",
        "1- * * * *",
        "@hourly",
        "0 0 30 feb *",
    ],
)
def test_what_is_no_schedule_is_told(text: str) -> None:
    assert only(replace(SOUND, group_syncs=(replace(SYNC, schedule=text),)))[0] == "identity.group_syncs[0].schedule"


@pytest.mark.parametrize(
    "url",
    [
        "ldaps://ldap.example.com",
        "ldap://ldap.example.com:389/ou=users,dc=example,dc=com?uid",
        "ldaps://10.0.0.1:636/dc=x?uid?sub?(&(objectClass=person)(!(x=y)))",
        "ldaps://ldap.example.com/dc=x?uid?one?%28a=b%29",
        "ldaps://[2001:db8::1]/dc=x??base",
    ],
)
def test_url_of_a_directory_is_taken(url: str) -> None:
    assert trouble_with_ldap_url(url) == ""


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ldap.example.com", "has to begin"),
        ("ldaps:///dc=x", "no host"),
        ("ldaps://cn=x:pass@ldap.example.com/dc=x", "user or password"),
        ("ldaps://ldap.example.com/dc=x?uid?tree", "scope 'tree'"),
        ("ldaps://ldap.example.com/dc=x?uid,cn", "several attributes"),
        ("ldaps://ldap.example.com/dc=x?uid?sub?(a=b", "parentheses"),
        ("ldaps://ldap.example.com/dc=x?uid?sub?a=b", "not in parentheses"),
        ("ldaps://ldap.example.com/dc=x?uid?sub?(a=b)(c=d)", "parentheses"),
        ("ldaps://ldap.example.com/dc=x?uid?sub?(a=b)?!x", "critical"),
        ("ldaps://ldap.example.com/dc=x?uid?sub?(a=b)?x?y", "more than"),
        ("ldaps://ldap.example.com:0/dc=x", "has to begin"),
        ("ldaps://ldap.example.com:x/dc=x", "has to begin"),
        ("ldaps://ldap.example.com/dc=x#f", "fragment"),
    ],
)
def test_url_of_no_directory_is_told_without_its_secrets(url: str, words: str) -> None:
    assert words in trouble_with_ldap_url(url)
    assert "pass" not in trouble_with_ldap_url(url).replace("password", "")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://sso.example.com/realms?token=x", "https://sso.example.com"),
        ("https://sso.example.com?token=x", "https://sso.example.com"),
        ("https://reader:a/b@sso.example.com", "https://"),
        ("https://reader:a@b@sso.example.com:x", "https://"),
        ("reader:a@sso.example.com", ""),
        ("sso.example.com/realms", "sso.example.com"),
        ("a word://sso.example.com", "://sso.example.com"),
    ],
)
def test_no_more_of_a_url_is_shown_than_its_scheme_and_host(url: str, shown: str) -> None:
    assert shown_start(url) == shown


@pytest.mark.parametrize("url", ["reader:hunter22@sso.example.com", "https://[reader:hunter22@sso.example.com"])
def test_issuer_that_is_no_url_is_not_repeated(url: str) -> None:
    assert "no URL with a host" in trouble_with_issuer(url, slash=True)
    assert "hunter22" not in trouble_with_issuer(url, slash=True)


def test_issuer_with_a_slash_at_its_end_is_one_to_the_api_server_alone() -> None:
    assert trouble_with_issuer("https://x.example.com/", slash=True) == ""
    assert trouble_with_issuer("https://x.example.com/", slash=False)
    assert trouble_with_issuer("https://", slash=True)
    assert trouble_with_issuer("https://x y", slash=True)
    assert trouble_with_issuer("https://x.example.com#", slash=True)
    assert trouble_with_name("corp-oidc.1") == ""
