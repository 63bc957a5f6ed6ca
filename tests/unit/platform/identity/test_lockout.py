# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guard against being locked out: each of its cases is refused until break-glass is proven, and what is harmless is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.lockout import (
    BINDINGS,
    CASES,
    GROUPS,
    ROLES,
    USERS,
    AdminLogins,
    BreakGlass,
    Danger,
    admin_logins,
    guard,
    lookup_dangers,
    mode_dangers,
    provider_dangers,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.platform.identity.logins import FOREIGN, Json, binding, group, htpasswd, item, ldap, look, openid, user
from tests.unit.platform.identity.test_sync_lockout import SYNC_CASES

BY_OIDC = AdminLogins({"corp-oidc": ("alice",)})
BY_LDAP = AdminLogins({"corp-ldap": ("alice",)})
BY_FILE = AdminLogins({"local": ("root",)})
TWO = AdminLogins({"corp-oidc": ("alice",), "local": ("root",)})
PROVEN = BreakGlass(True, "system:admin by a client certificate", "")
EXTERNAL: Json = {
    "type": "OIDC",
    "oidcProviders": [
        {
            "name": "corp",
            "issuer": {"issuerURL": "https://sso.example.com", "audiences": ["a", "b"]},
            "claimMappings": {"username": {"claim": "sub"}},
        }
    ],
}
OIDC = item(openid())


def changed(**issuer: Any) -> Json:
    (provider,) = EXTERNAL["oidcProviders"]
    return {**EXTERNAL, "oidcProviders": [{**provider, "issuer": {**provider["issuer"], **issuer}}]}


PROVIDER_CASES: Sequence[tuple[str, list[Json], list[Json], AdminLogins]] = [
    ("removed", [OIDC, FOREIGN], [FOREIGN], BY_OIDC),
    ("renamed", [OIDC], [item(openid("corp-sso"))], BY_OIDC),
    ("type", [OIDC], [item(ldap("corp-oidc"))], BY_OIDC),
    ("issuer", [OIDC], [item(openid(issuer="https://new.example.com"))], BY_OIDC),
    ("client", [OIDC], [item(openid(client_id="new"))], BY_OIDC),
    ("client", [OIDC], [item(openid(client_secret="new"))], BY_OIDC),
    ("ca", [OIDC], [item(openid(ca="new"))], BY_OIDC),
    ("ca", [item(ldap())], [item(ldap(ca="new"))], BY_LDAP),
    ("claims", [OIDC], [item(openid(preferred_username=("sub",)))], BY_OIDC),
    ("claims", [OIDC], [item(openid(groups=("roles",)))], BY_OIDC),
    ("claims", [OIDC], [item(openid(extra_scopes=("groups",)))], BY_OIDC),
    ("directory", [item(ldap())], [item(ldap(url="ldaps://ldap.example.com/ou=staff,dc=example?uid"))], BY_LDAP),
    ("directory", [item(ldap())], [item(ldap(bind_dn="cn=x", bind_password="bind"))], BY_LDAP),
    ("attributes", [item(ldap())], [item(ldap(id=("uid",)))], BY_LDAP),
    ("users", [item(htpasswd())], [item(htpasswd(secret="other"))], BY_FILE),
    ("mapping", [OIDC], [item(openid(mapping_method="lookup"))], BY_OIDC),
    ("lookup", [OIDC], [item(openid(mapping_method="lookup"))], AdminLogins({}, ("Group admins",))),
    ("duplicate", [OIDC, item(htpasswd())], [OIDC, item(htpasswd()), OIDC], TWO),
    (
        "other",
        [{"name": "corp-oidc", "type": "GitHub", "github": {"teams": ["a"]}}],
        [{"name": "corp-oidc", "type": "GitHub", "github": {"teams": ["b"]}}],
        BY_OIDC,
    ),
    ("unknown", [OIDC], [item(openid(client_id="new"))], AdminLogins(unknown="the account may not list users")),
    ("removed", [OIDC, FOREIGN], [FOREIGN], AdminLogins({}, ("User alice",))),
]
MODE_CASES: Sequence[tuple[str, Json, Json]] = [
    ("external", {}, EXTERNAL),
    ("external", {"type": "IntegratedOAuth"}, EXTERNAL),
    ("integrated", EXTERNAL, {"type": "IntegratedOAuth"}),
    ("issuer_changed", EXTERNAL, changed(issuerURL="https://new.example.com")),
    ("issuer_changed", EXTERNAL, changed(audiences=["a"])),
    ("issuer_changed", EXTERNAL, changed(issuerCertificateAuthority={"name": "ca"})),
    ("mapping_changed", EXTERNAL, {**EXTERNAL, "oidcProviders": [{**EXTERNAL["oidcProviders"][0], "claimMappings": {}}]}),
]


def refused(dangers: Sequence[Danger], case: str) -> None:
    """The case is refused, and is not once break-glass is proven."""
    assert case in {danger.case for danger in dangers}
    findings = guard(dangers, BreakGlass(reason="nothing answers"))
    assert all(finding.refuses and finding.result == "fail" for finding in findings)
    assert all("nothing answers" in finding.message for finding in findings)
    allowed = guard(dangers, PROVEN)
    assert {(finding.result, finding.refuses) for finding in allowed} == {("pass", False)}
    assert all("system:admin by a client certificate" in finding.message for finding in allowed)
    assert len({finding.id for finding in findings}) == len(findings)


@pytest.mark.parametrize(("case", "before", "after", "logins"), PROVIDER_CASES)
def test_change_of_the_last_way_in_is_refused(case: str, before: list[Json], after: list[Json], logins: AdminLogins) -> None:
    refused(provider_dangers(before, after, logins), case)


@pytest.mark.parametrize(("case", "before", "after"), MODE_CASES)
def test_change_of_the_mode_of_login_is_refused(case: str, before: Json, after: Json) -> None:
    refused(mode_dangers(before, after), case)


def test_every_case_of_the_table_is_tried_here() -> None:
    tried = {case for case, *_rest in PROVIDER_CASES} | {case for case, *_rest in MODE_CASES} | {case for case, *_rest in SYNC_CASES}
    assert tried == set(CASES)


def test_what_touches_no_last_way_in_is_allowed() -> None:
    other = item(htpasswd())
    gone = [other]
    assert provider_dangers([OIDC, other], gone, TWO) == ()
    assert provider_dangers([OIDC], [OIDC, other], BY_OIDC) == ()
    assert provider_dangers([OIDC, other], [other, OIDC], BY_OIDC) == ()
    assert provider_dangers([OIDC, other], [OIDC], BY_OIDC) == ()
    assert provider_dangers([OIDC], [], AdminLogins()) == ()
    as_others_write = {**OIDC, "openID": {**OIDC["openID"], "ca": {"name": ""}}}
    assert provider_dangers([OIDC], [as_others_write], BY_OIDC) == ()
    assert mode_dangers({}, {"type": "IntegratedOAuth"}) == ()
    assert mode_dangers(EXTERNAL, changed(audiences=["b", "a"])) == ()
    (finding,) = guard((), BreakGlass())
    assert (finding.result, finding.subject) == ("pass", "logins")


def test_both_ways_in_changed_at_once_are_refused() -> None:
    after = [item(openid(client_id="x")), item(htpasswd(secret="x"))]
    cases = {danger.case for danger in provider_dangers([OIDC, item(htpasswd())], after, TWO)}
    assert cases == {"client", "users"}


def test_first_provider_with_lookup_that_lets_no_admin_in_is_refused() -> None:
    provider = item(openid(mapping_method="lookup"))
    refused(lookup_dangers([], [provider], AdminLogins()), "lookup")
    refused(lookup_dangers([], [provider], AdminLogins(unknown="the account may not list users")), "unknown")
    assert lookup_dangers([], [provider], BY_OIDC) == ()
    assert lookup_dangers([item(htpasswd())], [item(htpasswd()), provider], BY_FILE) == ()
    assert lookup_dangers([], [OIDC], AdminLogins()) == ()


NAMES = ("corp-oidc", "corp-ldap", "local")
VARIANTS = {
    "corp-oidc": [None, OIDC, item(openid(client_id="x")), item(openid(ca="x", mapping_method="lookup"))],
    "corp-ldap": [None, item(ldap()), item(ldap(ca="x"))],
    "local": [None, item(htpasswd()), item(htpasswd(secret="x"))],
}
LISTS = st.tuples(*(st.sampled_from(VARIANTS[name]) for name in NAMES))
LOGINS = st.builds(
    AdminLogins,
    st.dictionaries(st.sampled_from(NAMES), st.just(("alice",))),
    st.sampled_from([(), ("Group admins",)]),
    st.sampled_from(["", "", "the account may not list users"]),
)


@given(LISTS, LISTS, LOGINS)
def test_no_change_passes_that_leaves_no_admin_with_a_login_that_is_as_it_was(before: Any, after: Any, logins: AdminLogins) -> None:
    same = {name for name, old, new in zip(NAMES, before, after, strict=True) if old is not None and old == new}
    changed = {name for name, old, new in zip(NAMES, before, after, strict=True) if old is not None and old != new}
    may_hold = changed if logins.possible or logins.unknown else changed & logins.certain.keys()
    stays = bool(same & logins.certain.keys()) and not logins.unknown
    lists = [[entry for entry in one if entry is not None] for one in (before, after)]
    assert bool(provider_dangers(lists[0], lists[1], logins)) == (bool(may_hold) and not stays)


# ---- who logs in through which provider ------------------------------------------------------------------------------


def test_admins_are_found_by_bindings_groups_and_roles_that_may_do_everything() -> None:
    rules = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    lists = {
        BINDINGS: [
            binding(("User", "alice"), ("Group", "admins"), ("User", "system:admin"), ("User", "kube:admin"), ("ServiceAccount", "x")),
            binding(("User", "carol"), role="mighty"),
            binding(("User", "dave"), role="view"),
        ],
        ROLES: [{"metadata": {"name": "mighty"}, "rules": rules}, {"metadata": {"name": "view"}, "rules": []}],
        USERS: [user("alice", "corp-oidc:1"), user("bob", "local:bob", "corp-oidc:2"), user("carol", "corp-ldap:x"), user("dave", "d:1")],
        GROUPS: [group("admins", "bob")],
    }
    logins = admin_logins(look(lists))
    assert logins.certain == {"corp-ldap": ("carol",), "corp-oidc": ("alice", "bob"), "local": ("bob",)}
    assert (logins.possible, logins.unknown) == ((), "")


def test_admins_who_never_logged_in_and_groups_without_members_may_come_by_any_provider() -> None:
    lists = {BINDINGS: [binding(("User", "alice"), ("Group", "empty"), ("Group", "absent"))], GROUPS: [group("empty")]}
    assert admin_logins(look(lists)) == AdminLogins({}, ("Group absent", "Group empty", "User alice"))


@pytest.mark.parametrize("resource", [BINDINGS, ROLES, USERS, GROUPS])
def test_list_that_cannot_be_read_leaves_it_unknown(resource: str) -> None:
    assert admin_logins(look(unknown=[resource])).unknown == f"the account may not list {resource}"
