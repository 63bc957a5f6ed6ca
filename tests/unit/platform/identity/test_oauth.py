# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of identity providers: ours come, change, go and are taken back; others' stay byte for byte and in order."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import Merged, digest_of, marks_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import ProviderWanted, SessionsWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity import oauth as oauth_rules
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.oauth import (
    WHAT,
    ProvidersChange,
    Restore,
    differences,
    duration_seconds,
    duration_text,
    meaning,
    provider_item,
    rollback,
    state_of,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.platform.identity.logins import FOREIGN, Json, htpasswd, item, ldap, oauth, openid

OURS = openid()


def applied(live: Json, *wanted: ProviderWanted, **more: Any) -> Json:
    """The object once the change is written."""
    merged = ProvidersChange(wanted, **more).of(live)
    assert not merged.refused
    return dict(merged.object) if merged.object is not None else {key: value for key, value in live.items() if key != "status"}


def told(merged: Merged) -> dict[str, tuple[str, str, str]]:
    return {entry.name: (entry.state, entry.result, entry.action) for entry in merged.entries}


def names(live: Json) -> list[str]:
    return [entry["name"] for entry in live["spec"]["identityProviders"]]


def test_new_provider_comes_last_and_foreign_ones_stay_as_they_are() -> None:
    live = oauth(FOREIGN, {"name": "odd", "type": "OpenIDD", "note": [1, {"b": None}]})
    merged = ProvidersChange((OURS,)).of(live)
    assert told(merged) == {"corp-oidc": ("missing", "pass", "create")}
    assert merged.object is not None
    assert json.dumps(merged.object["spec"]["identityProviders"][:2]) == json.dumps(live["spec"]["identityProviders"])
    assert names(dict(merged.object)) == ["Staff SSO", "odd", "corp-oidc"]
    assert "status" not in merged.object
    assert ProvidersChange((OURS,)).of(merged.object) == Merged(None, ProvidersChange((OURS,)).of(merged.object).entries)


def test_changed_provider_stays_in_its_place() -> None:
    live = applied(oauth(), OURS, ldap())
    live["spec"]["identityProviders"].append(FOREIGN)
    later = openid(client_id="other")
    merged = ProvidersChange((later, ldap())).of(live)
    assert told(merged)["corp-oidc"] == ("changed", "pass", "update")
    assert merged.entries[0].fields == ("openID.clientID",)
    assert "somebody" not in merged.entries[0].message
    assert merged.object is not None
    assert names(dict(merged.object)) == ["corp-oidc", "corp-ldap", "Staff SSO"]


def test_provider_that_somebody_changed_since_is_told_and_made_right() -> None:
    live = applied(oauth(FOREIGN), OURS)
    live["spec"]["identityProviders"][1]["openID"]["issuer"] = "https://evil.example.com"
    merged = ProvidersChange((OURS,)).of(live)
    assert merged.entries[0].message == "somebody changed it since it was written: openID.issuer"
    assert merged.object is not None
    assert merged.object["spec"]["identityProviders"][1] == provider_item(OURS)
    del live["spec"]["identityProviders"][1]
    (entry,) = ProvidersChange((OURS,)).of(live).entries
    assert (entry.state, entry.action, entry.message) == ("missing", "create", "it was taken out of the list since it was written")


def test_provider_of_that_name_that_is_somebody_elses_is_refused_with_the_difference() -> None:
    live = oauth(item(openid(issuer="https://other.example.com", client_id="x")))
    merged = ProvidersChange((ldap(), OURS)).of(live)
    assert merged.object is None
    assert "openID.issuer and openID.clientID" in merged.refused
    assert told(merged) == {"corp-ldap": ("missing", "fail", "none"), "corp-oidc": ("changed", "fail", "none")}
    taken = ProvidersChange((openid(adopt=True),)).of(live)
    assert told(taken) == {"corp-oidc": ("changed", "pass", "update")}
    assert taken.object is not None
    assert marks_of(taken.object, WHAT)["corp-oidc"].startswith("adopted:")


def test_equal_provider_is_looked_after_from_then_on_and_released_when_it_is_wanted_no_more() -> None:
    as_others_write = item(OURS)
    del as_others_write["mappingMethod"]
    as_others_write["openID"] = {**as_others_write["openID"], "ca": {"name": ""}, "extraScopes": []}
    merged = ProvidersChange((OURS,)).of(oauth(as_others_write))
    assert told(merged) == {"corp-oidc": ("in_step", "pass", "none")}
    assert merged.object is not None
    assert merged.object["spec"]["identityProviders"] == [as_others_write]
    released = ProvidersChange((), prune=True).of(merged.object)
    assert told(released) == {"corp-oidc": ("orphaned", "pass", "update")}
    assert released.object is not None
    assert (names(dict(released.object)), marks_of(released.object, WHAT)) == (["corp-oidc"], {})


def test_provider_that_the_document_names_no_more_goes_with_prune_alone() -> None:
    live = applied(oauth(FOREIGN), OURS, ldap())
    kept = ProvidersChange((ldap(),)).of(live)
    assert told(kept) == {"corp-ldap": ("in_step", "pass", "none"), "corp-oidc": ("orphaned", "not_applicable", "none")}
    assert kept.object is None
    gone = applied(live, ldap(), prune=True)
    assert (names(gone), sorted(marks_of(gone, WHAT))) == (["Staff SSO", "corp-ldap"], ["corp-ldap"])
    by_hand = {**live, "spec": {"identityProviders": [FOREIGN]}}
    assert marks_of(applied(by_hand), WHAT) == {}


def test_provider_that_is_to_be_absent_goes_where_it_is_ours() -> None:
    gone = openid(state="absent")
    live = applied(oauth(FOREIGN), OURS)
    assert names(applied(live, gone)) == ["Staff SSO"]
    assert marks_of(applied(live, gone), WHAT) == {}
    assert told(ProvidersChange((gone,)).of(oauth(FOREIGN))) == {"corp-oidc": ("in_step", "pass", "none")}
    refused = ProvidersChange((gone,)).of(oauth(item(OURS)))
    assert "is not removed" in refused.refused
    assert names(applied(oauth(item(OURS), FOREIGN), openid(state="absent", adopt=True))) == ["Staff SSO"]


def test_provider_that_somebody_replaced_is_not_removed_unless_the_document_adopts_it() -> None:
    written = applied(oauth(FOREIGN), OURS)
    theirs = {**item(OURS), "openID": {**item(OURS)["openID"], "issuer": "https://login.example.org"}}
    replaced = {**written, "spec": {"identityProviders": [FOREIGN, theirs]}}
    refused = ProvidersChange((openid(state="absent"),)).of(replaced)
    assert refused.object is None
    assert "somebody changed or replaced the provider 'corp-oidc' since it was written" in refused.refused
    assert names(applied(replaced, openid(state="absent", adopt=True))) == ["Staff SSO"]


def test_name_that_the_list_has_twice_is_refused() -> None:
    merged = ProvidersChange((OURS,)).of(oauth(item(OURS), item(OURS)))
    assert "2 providers of the name 'corp-oidc'" in merged.refused
    assert applied(oauth(FOREIGN, FOREIGN), OURS)["spec"]["identityProviders"][:2] == [FOREIGN, FOREIGN]


def test_object_that_is_not_there_is_made() -> None:
    merged = ProvidersChange((htpasswd(),)).of(None)
    assert merged.object is not None
    assert (merged.object["kind"], merged.object["metadata"]["name"], names(dict(merged.object))) == ("OAuth", "cluster", ["local"])
    assert ProvidersChange().of(oauth(FOREIGN)).object is None


# ---- sessions --------------------------------------------------------------------------------------------------------


def test_only_the_session_settings_that_are_given_are_written_and_the_same_in_other_words_is_the_same() -> None:
    tokens = {"accessTokenMaxAgeSeconds": 100, "accessTokenInactivityTimeoutSeconds": 5}
    live = oauth(FOREIGN, tokenConfig=tokens)
    merged = ProvidersChange((), SessionsWanted(inactivity_timeout_seconds=900)).of(live)
    assert merged.object is not None
    assert merged.object["spec"]["tokenConfig"] == {**tokens, "accessTokenInactivityTimeout": "15m0s"}
    assert told(merged) == {"spec.tokenConfig": ("missing", "pass", "update")}
    same = oauth(FOREIGN, tokenConfig={"accessTokenInactivityTimeout": "0.25h"})
    assert ProvidersChange((), SessionsWanted(inactivity_timeout_seconds=900)).of(same).object is None
    age = ProvidersChange((), SessionsWanted(access_token_max_age_seconds=300)).of(live)
    assert age.object is not None
    assert age.object["spec"]["tokenConfig"] == {**tokens, "accessTokenMaxAgeSeconds": 300}
    assert told(age) == {"spec.tokenConfig": ("changed", "pass", "update")}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5m", 300), ("1.5h", 5400), ("2h45m", 9900), ("300s", 300), ("15m0s", 900), ("0", 0), ("0s", 0), ("-5m", -300), ("1500ms", 1.5)],
)
def test_duration_of_go_is_read(text: str, seconds: float) -> None:
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "5 m", "m", "5x", "1h 2m", None, 300])
def test_what_is_no_duration_is_told_apart(text: object) -> None:
    assert duration_seconds(text) is None


@given(st.integers(0, 10**7))
def test_duration_is_written_as_it_is_read(seconds: int) -> None:
    assert duration_seconds(duration_text(seconds)) == seconds


# ---- the way back ----------------------------------------------------------------------------------------------------


def after_write(live: Json, *wanted: ProviderWanted, **more: Any) -> tuple[Json, Restore]:
    written = {**applied(live, *wanted, **more), "status": {}}
    return written, Restore(state_of(live), state_of(written))


def test_rollback_is_exact_where_nobody_wrote_since() -> None:
    for live in (oauth(FOREIGN), oauth(), oauth(FOREIGN, tokenConfig={"accessTokenMaxAgeSeconds": 5}), {**oauth(), "spec": {}}):
        written, restore = after_write(live, OURS, ldap(), sessions=SessionsWanted(access_token_max_age_seconds=600))
        merged = ProvidersChange(restore=restore).of(written)
        assert merged.object is not None
        assert merged.object["spec"] == live["spec"]
        assert "annotations" not in merged.object["metadata"]
        assert ProvidersChange(restore=restore).of(merged.object).object is None


def test_rollback_of_a_removal_and_of_a_change_puts_entries_back_where_they_were() -> None:
    first = {**applied(oauth(), OURS, ldap(), htpasswd()), "status": {}}
    written, restore = after_write(first, openid(client_id="new"), openid(name="corp-ldap", state="absent"), htpasswd())
    assert names(written) == ["corp-oidc", "local"]
    written["spec"]["identityProviders"].insert(0, FOREIGN)
    merged = rollback(restore.before, restore.after, written)
    assert merged.object is not None
    assert names(dict(merged.object)) == ["Staff SSO", "corp-oidc", "corp-ldap", "local"]
    assert merged.object["spec"]["identityProviders"][1:] == first["spec"]["identityProviders"]
    assert told(merged) == {"corp-oidc": ("changed", "pass", "update"), "corp-ldap": ("missing", "pass", "create")}
    assert marks_of(merged.object, WHAT) == marks_of(first, WHAT)


def test_rollback_tells_of_an_edit_of_ours_that_is_lost_and_keeps_those_of_others() -> None:
    live = oauth(FOREIGN)
    written, restore = after_write(live, OURS)
    written["spec"]["identityProviders"][1]["openID"]["clientID"] = "by-hand"
    written["spec"]["identityProviders"][0] = {**FOREIGN, "mappingMethod": "lookup"}
    merged = rollback(restore.before, restore.after, written)
    assert merged.object is not None
    assert merged.object["spec"]["identityProviders"] == [{**FOREIGN, "mappingMethod": "lookup"}]
    assert [(entry.name, entry.action, entry.message) for entry in merged.entries] == [
        ("corp-oidc", "delete", "somebody changed it since, which is lost")
    ]


def test_rollback_on_another_object_is_refused() -> None:
    written, restore = after_write(oauth(FOREIGN), OURS)
    other = {**written, "metadata": {**written["metadata"], "uid": "uid-2"}}
    assert "another object" in rollback(restore.before, restore.after, other).refused
    assert "not there" in rollback(restore.before, restore.after, None).refused


ITEMS = st.lists(st.sampled_from("abcd"), unique=True, max_size=4)


@given(ITEMS, ITEMS, ITEMS, st.booleans())
def test_rollback_never_touches_what_our_write_did_not(before: list[str], wanted: list[str], late: list[str], shuffled: bool) -> None:
    foreign = [{"name": f"f-{name}", "type": "GitHub", "v": 1} for name in before]
    written, restore = after_write(oauth(*foreign), *(htpasswd(name) for name in wanted))
    others = [{"name": f"l-{name}", "type": "GitHub"} for name in late]
    items = [*others, *written["spec"]["identityProviders"]]
    written["spec"]["identityProviders"] = items[::-1] if shuffled else items
    merged = rollback(restore.before, restore.after, written)
    found = (merged.object or written)["spec"].get("identityProviders", [])
    kept = [entry for entry in written["spec"]["identityProviders"] if entry["name"][:2] in ("f-", "l-")]
    assert found == kept


@given(ITEMS, ITEMS, ITEMS)
def test_foreign_items_keep_bytes_and_order_whatever_is_wanted(foreign: list[str], first: list[str], second: list[str]) -> None:
    theirs = [{"name": f"f-{name}", "x": {"k": name}} for name in foreign]
    live = applied(oauth(*theirs), *(htpasswd(name) for name in first))
    live = applied(live, *(openid(name) for name in second), prune=True)
    listed = live["spec"]["identityProviders"]
    assert json.dumps([entry for entry in listed if entry["name"].startswith("f-")]) == json.dumps(theirs)
    assert {entry["name"] for entry in listed} == {*(f"f-{name}" for name in foreign), *second}
    assert sorted(marks_of(live, WHAT)) == sorted(second)


def test_item_of_each_type_names_secrets_and_holds_none() -> None:
    assert provider_item(ldap(bind_dn="cn=x", bind_password="bind", ca="ca"))["ldap"] == {
        "url": "ldaps://ldap.example.com/ou=u,dc=example?uid",
        "insecure": False,
        "bindDN": "cn=x",
        "bindPassword": {"name": "bind"},
        "ca": {"name": "ca"},
        "attributes": {"id": ["dn"], "preferredUsername": ["uid"], "name": ["cn"], "email": ["mail"]},
    }
    assert provider_item(openid(groups=("groups",), extra_scopes=("email",)))["openID"]["claims"]["groups"] == ["groups"]
    assert "bindDN" not in provider_item(ldap())["ldap"]
    without = {**item(ldap()), "ldap": {key: value for key, value in item(ldap())["ldap"].items() if key != "insecure"}}
    assert differences(item(ldap()), without) == ()
    assert replace(OURS, name="x").name == "x"
    assert oauth_rules.providers_of(None) == []


def test_an_entry_of_ours_that_somebody_replaced_stays_where_it_is_wanted_no_more_and_is_ours_no_longer() -> None:
    theirs = {"name": "corp-oidc", "type": "GitHub", "github": {"clientID": "x", "clientSecret": {"name": "y"}}}
    live = oauth(theirs, marks={"corp-oidc": digest_of(meaning(item(openid())))})
    done = ProvidersChange((), prune=True).of(live)
    assert done.object is not None
    assert done.object["spec"]["identityProviders"] == [theirs]
    assert "annotations" not in done.object["metadata"]
    assert [(entry.action, "it stays" in entry.message) for entry in done.entries] == [("update", True)]
    assert ProvidersChange((), prune=True).of(done.object).object is None
