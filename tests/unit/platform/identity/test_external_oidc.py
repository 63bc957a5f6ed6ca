# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication/cluster of type OIDC: the item, what of others stays in it, what is refused, and the way back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    ExternalOidcWanted,
    GroupWanted,
    Identity,
    OidcClientWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.external_oidc import (
    ExternalOidcChange,
    ModeRestore,
    external_findings,
    mode_state,
    provider_item,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.login_readings import AUTHENTICATIONS

from tests.unit.platform.desired.documents import parsed
from tests.unit.platform.identity.logins import Json, look

WANTED = ExternalOidcWanted(name="corp", issuer="https://sso.example.com", audiences=("a", "b"))
CONSOLE = OidcClientWanted(client_id="console", client_secret="console-client", extra_scopes=("groups",))
SECTION = Identity(mode="oidc", external_oidc=WANTED)


def authentication(status: Json | None = None, **spec: Any) -> Json:
    metadata = {"name": "cluster", "uid": "uid-1"}
    return {"apiVersion": "config.openshift.io/v1", "kind": "Authentication", "metadata": metadata, "spec": spec, "status": status or {}}


def results(section: Identity, live: Json | None, **more: Any) -> dict[str, tuple[str, bool]]:
    lists = {AUTHENTICATIONS: [live] if live else []}
    found = external_findings(section, look(lists, **more))
    return {finding.check.removeprefix("platform.identity.external_oidc."): (finding.result, finding.refuses) for finding in found}


def test_user_names_are_prefixed_as_the_document_says() -> None:
    def username(prefix: str | None) -> Any:
        return provider_item(replace(WANTED, username_prefix=prefix), {})["claimMappings"]["username"]

    assert username(None) == {"claim": "preferred_username"}
    assert username("") == {"claim": "preferred_username", "prefixPolicy": "NoPrefix"}
    assert username("x:") == {"claim": "preferred_username", "prefixPolicy": "Prefix", "prefix": {"prefixString": "x:"}}
    groups = provider_item(replace(WANTED, groups_prefix="corp:"), {})["claimMappings"]["groups"]
    assert groups == {"claim": "groups", "prefix": "corp:"}
    assert "groups" not in provider_item(replace(WANTED, groups_claim=""), {})["claimMappings"]


@pytest.mark.parametrize(("prefix", "is_sound"), [("", True), ("corp:", True), ("  ", False)])
def test_document_says_that_no_prefix_is_wanted_with_an_empty_text(prefix: str, is_sound: bool) -> None:
    issuer = {"name": "corp", "issuer": "https://sso.example.com", "audiences": ["a"], "username_prefix": prefix}
    problems = parsed({"schema_version": "1.0", "identity": {"mode": "oidc", "external_oidc": issuer}}).problems
    assert (not any("username_prefix" in problem.message for problem in problems)) == is_sound


def test_what_others_set_on_the_issuer_stays() -> None:
    there = {
        "name": "corp",
        "issuer": {"issuerURL": "https://old.example.com", "audiences": ["b", "a"], "discoveryURL": "https://d.example.com"},
        "claimMappings": {"username": {"expression": "claims.x"}, "uid": {"claim": "sub"}},
        "claimValidationRules": [{"type": "RequiredClaim"}],
        "oidcClients": [{"componentName": "cli", "componentNamespace": "openshift-console", "clientID": "cli"}],
    }
    item = provider_item(replace(WANTED, clients=(CONSOLE,)), there)
    assert item["issuer"] == {"issuerURL": WANTED.issuer, "audiences": ["b", "a"], "discoveryURL": "https://d.example.com"}
    assert item["claimMappings"]["uid"] == {"claim": "sub"}
    assert item["claimMappings"]["username"] == {"claim": "preferred_username"}
    assert item["claimValidationRules"] == there["claimValidationRules"]
    assert [client["componentName"] for client in item["oidcClients"]] == ["cli", "console"]
    assert item["oidcClients"][1]["clientSecret"] == {"name": "console-client"}


def test_switch_is_told_and_a_second_turn_has_nothing_to_do() -> None:
    merged = ExternalOidcChange(WANTED).of(authentication(serviceAccountIssuer="https://x"))
    assert merged.object is not None
    assert (merged.object["spec"]["type"], merged.object["spec"]["serviceAccountIssuer"]) == ("OIDC", "https://x")
    assert [(entry.name, entry.action) for entry in merged.entries] == [("spec.type", "update"), ("corp", "create")]
    assert "from IntegratedOAuth to OIDC" in merged.entries[0].message
    assert ExternalOidcChange(WANTED).of(merged.object).object is None
    by_hand = {**merged.object, "spec": {**merged.object["spec"], "oidcProviders": [provider_item(replace(WANTED, audiences=("z",)), {})]}}
    assert ExternalOidcChange(WANTED).of(by_hand).entries[1].message == "somebody changed it since it was written: issuer.audiences"


def test_issuer_of_somebody_else_is_not_replaced() -> None:
    live = authentication(type="OIDC", oidcProviders=[{"name": "theirs"}])
    merged = ExternalOidcChange(WANTED).of(live)
    assert (merged.object, "can have one alone" in merged.refused) == (None, True)
    assert results(SECTION, live)["others"] == ("fail", True)
    assert ExternalOidcChange(WANTED).of(None).refused


def test_component_has_to_be_known_to_the_cluster() -> None:
    section = replace(SECTION, external_oidc=replace(WANTED, clients=(CONSOLE,)))
    client = {"componentName": "console", "componentNamespace": "openshift-console"}
    assert results(section, authentication())["clients"] == ("fail", True)
    assert results(section, authentication({"oidcClients": [client]}))["clients"] == ("pass", False)
    before = authentication(oidcProviders=[{"name": "corp", "oidcClients": [client]}])
    assert results(section, before)["clients"] == ("pass", False)
    assert results(SECTION, authentication())["clients"] == ("not_applicable", False)


def test_groups_have_to_bear_the_prefix() -> None:
    issuer = replace(WANTED, groups_prefix="corp:")
    section = replace(SECTION, external_oidc=issuer, groups=(GroupWanted(name="corp:a"), GroupWanted(name="system:b")))
    assert results(section, authentication())["groups_prefix"] == ("pass", False)
    wrong = replace(section, groups=(GroupWanted(name="a"),))
    assert results(wrong, authentication())["groups_prefix"] == ("fail", True)
    without = replace(wrong, external_oidc=WANTED)
    assert results(without, authentication())["groups_prefix"] == ("pass", False)


def test_way_back_to_the_oauth_server_is_not_taken_from_here() -> None:
    live = authentication(type="OIDC")
    assert results(Identity(), live)["mode"] == ("fail", True)
    assert results(Identity(), authentication())["mode"] == ("pass", False)
    assert results(Identity(), None)["mode"] == ("pass", False)
    assert results(SECTION, live)["mode"] == ("pass", False)
    assert results(SECTION, None)["mode"] == ("fail", True)
    assert set(results(SECTION, live, unknown=[AUTHENTICATIONS]).values()) == {("not_evaluated", False)}


def test_token_reviewer_of_the_oauth_server_goes_with_the_switch_and_comes_back_with_its_rollback() -> None:
    reviewer = {"kubeConfig": {"name": "webhook-authentication-integrated-oauth"}}
    live = authentication(type="", webhookTokenAuthenticator=reviewer)
    merged = ExternalOidcChange(WANTED).of(live)
    assert merged.object is not None
    assert "webhookTokenAuthenticator" not in merged.object["spec"]
    told = {entry.name: entry.message for entry in merged.entries}
    assert "webhook-authentication-integrated-oauth is taken out" in told["spec.webhookTokenAuthenticator"]
    assert ExternalOidcChange(WANTED).of(merged.object).object is None
    restored = ModeRestore(mode_state(live), mode_state(merged.object)).of(merged.object).object
    assert restored == {key: value for key, value in live.items() if key != "status"}
    # Who put it back while an external issuer logs users in has it taken out again: no other write would be taken.
    put_back = {**merged.object, "spec": {**merged.object["spec"], "webhookTokenAuthenticator": reviewer}}
    assert [entry.name for entry in ExternalOidcChange(WANTED).of(put_back).entries if entry.action != "none"] == [
        "spec.webhookTokenAuthenticator"
    ]


def test_rollback_of_a_switch_is_exact_or_refused() -> None:
    live = authentication()
    merged = ExternalOidcChange(WANTED).of(live)
    assert merged.object is not None
    restore = ModeRestore(mode_state(live), mode_state(merged.object))
    restored = restore.of(merged.object)
    assert restored.object == {key: value for key, value in live.items() if key != "status"}
    assert restore.of(live).object is None
    touched = {**merged.object, "spec": {**merged.object["spec"], "type": "None"}}
    assert "somebody changed" in restore.of(touched).refused
    assert "another object" in restore.of(None).refused
