# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins as a whole: what is merged, what refuses, what is only told, and where nobody knows."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import Merge, MergeOutcome, digest_of
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import Finding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    BreakGlassWanted,
    ExternalOidcWanted,
    Identity,
    SessionsWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.check_list import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.endpoints import (
    STATES,
    Endpoint,
    EndpointSeen,
    ca_text,
    endpoints_of,
    shown_url,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.external_oidc import provider_item as external_item
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.guarded import Guarded
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.lockout import (
    BINDINGS,
    KUBEADMIN,
    USERS,
    BreakGlass,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.login_readings import LOGIN_RESOURCES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.oauth import (
    OAUTH,
    ProvidersChange,
    Restore,
    meaning,
    state_of,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.plan import (
    LoginsSeen,
    login_outcomes,
    login_refs,
    plan_logins,
    plan_rollback,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.secrets_wanted import trouble_with_pem
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named, NamedRead, PlatformSnapshot

from tests.unit.platform.identity.logins import (
    AUTHENTICATIONS,
    FOREIGN,
    OAUTHS,
    OPERATORS,
    Json,
    binding,
    htpasswd,
    item,
    ldap,
    look,
    oauth,
    openid,
    user,
)

PREFIX = "platform.identity."
DER = b"\x30\x82\x00\x04abcd"
PEM = f"-----BEGIN CERTIFICATE-----\n{b64encode(DER).decode()}\n-----END CERTIFICATE-----\n"
CLIENT = Named("v1", "Secret", "openshift-config", "corp-client")
CA = Named("v1", "ConfigMap", "openshift-config", "corp-ca")
SECTION = Identity(providers=(openid(ca="corp-ca"),))
GOOD_NAMED = {CLIENT: NamedRead("read", {}, ("clientSecret",)), CA: NamedRead("read", {"data": {"ca.crt": PEM}}, ("ca.crt",))}
CONDITIONS = [{"type": "Available", "status": "True"}, {"type": "Degraded", "status": "False"}, {"type": "Progressing", "status": "False"}]
WORKS = {"metadata": {"name": "authentication"}, "status": {"conditions": CONDITIONS}}
ENDPOINT = Endpoint("oidc", "https://sso.example.com/realms/corp", "corp-ca")
ADMIN = {BINDINGS: [binding(("User", "alice"))], USERS: [user("alice", "corp-oidc:1")]}
BY_STAFF = {USERS: [user("alice", "Staff SSO:1")]}
REACHED = LoginsSeen(probed={ENDPOINT: EndpointSeen("ok")})


def cluster(*items: Json, named: Mapping[Named, NamedRead] | None = None, **lists: Any) -> PlatformSnapshot:
    """A cluster with these providers that works."""
    more = lists.pop("lists", {})
    found: Json = {
        OAUTHS: [oauth(*items, **lists)],
        AUTHENTICATIONS: [{"metadata": {"name": "cluster"}, "spec": {}}],
        OPERATORS: [WORKS],
        **ADMIN,
    }
    return look({**found, **more}, GOOD_NAMED if named is None else named)


def findings(section: Identity, snapshot: PlatformSnapshot, around: LoginsSeen = REACHED, **more: Any) -> list[CheckFinding]:
    found = list(plan_logins(section, snapshot, around, **more).findings)
    assert {finding.check for finding in found} <= {check.id for check in CHECKS}
    assert len({finding.id for finding in found}) == len(found)
    return found


def results(*args: Any, **more: Any) -> dict[str, set[tuple[str, bool]]]:
    """Check to results and whether each refuses."""
    told: dict[str, set[tuple[str, bool]]] = {}
    for finding in findings(*args, **more):
        told.setdefault(finding.check.removeprefix(PREFIX), set()).add((finding.result, finding.refuses))
    return told


def test_sound_document_on_a_cluster_that_works_refuses_nothing_and_merges_once() -> None:
    plan = plan_logins(SECTION, cluster(FOREIGN, lists=BY_STAFF), REACHED)
    (merge,) = plan.merges
    assert (merge.ref, merge.part, merge.path) == (OAUTH, "identity", "identity.providers")
    assert [finding.id for finding in plan.findings if finding.failed] == []
    assert not any(finding.refuses for finding in plan.findings)


def test_checks_are_told_apart_and_each_comes_up() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(check.id.startswith(PREFIX) and check.title and check.remedy and check.source for check in CHECKS)
    told = set(results(SECTION, cluster(FOREIGN)))
    from_outcomes = {"providers.entry", "external_oidc.provider"}
    assert told | from_outcomes == {check.id.removeprefix(PREFIX) for check in CHECKS} - {"object"}
    assert {resource.kind for resource in LOGIN_RESOURCES} == {"OAuth", "Authentication", "ClusterRoleBinding", "ClusterRole", "User"}


def test_document_without_logins_asks_for_nothing_and_reports_what_is_there() -> None:
    plan = plan_logins(Identity(), cluster(FOREIGN))
    assert plan.merges == ()
    told = results(Identity(), cluster(FOREIGN), LoginsSeen())
    assert told["sessions.token_age"] == {("not_applicable", False)}
    assert told["sessions.second_factor"] == {("not_evaluated", False)}
    assert not [finding for finding in findings(Identity(), cluster(FOREIGN, lists=BY_STAFF), LoginsSeen()) if finding.failed]


def test_orphans_are_judged_though_the_document_names_no_provider_any_more() -> None:
    snapshot = cluster(item(openid()), marks={"corp-oidc": digest_of(meaning(item(openid())))})
    (merge,) = plan_logins(Identity(), snapshot, prune=True).merges
    assert merge.change == Guarded(OAUTH, ProvidersChange(prune=True))
    assert results(Identity(), snapshot, LoginsSeen(), prune=True)["lockout.guard"] == {("fail", True)}
    assert results(Identity(), snapshot, LoginsSeen())["lockout.guard"] == {("pass", False)}


# ---- secrets ---------------------------------------------------------------------------------------------------------


SECRETS: list[tuple[dict[Named, NamedRead], str, tuple[str, bool]]] = [
    ({CLIENT: NamedRead("absent")}, "secrets.keys", ("fail", True)),
    ({CLIENT: NamedRead("read", {}, ("client-secret",))}, "secrets.keys", ("fail", True)),
    ({CLIENT: NamedRead("forbidden", reason="no")}, "secrets.keys", ("not_evaluated", False)),
    ({CA: NamedRead("absent")}, "secrets.ca", ("fail", True)),
    ({CA: NamedRead("read", {"data": {"ca-bundle.crt": PEM}}, ("ca-bundle.crt",))}, "secrets.ca", ("fail", True)),
    ({CA: NamedRead("read", {"data": {"ca.crt": "no pem"}}, ("ca.crt",))}, "secrets.ca", ("fail", True)),
    ({CA: NamedRead("failed", reason="no")}, "secrets.ca", ("not_evaluated", False)),
]


@pytest.mark.parametrize(("named", "check", "expected"), SECRETS)
def test_secret_or_ca_that_lacks_is_refused_before_anything_is_written(named: Any, check: str, expected: tuple[str, bool]) -> None:
    assert results(SECTION, cluster(named={**GOOD_NAMED, **named}))[check] == {expected}


def test_secrets_and_cas_are_asked_for_by_name_once_each() -> None:
    section = Identity(
        providers=(openid(ca="corp-ca"), ldap(ca="corp-ca", bind_dn="x", bind_password="bind"), htpasswd(), openid("gone", state="absent"))
    )
    assert [ref.text for ref in login_refs(section)] == [
        "ConfigMap openshift-config/corp-ca",
        "Secret kube-system/kubeadmin",
        "Secret openshift-config/bind",
        "Secret openshift-config/corp-client",
        "Secret openshift-config/local-users",
    ]
    issuer = ExternalOidcWanted(name="corp", issuer="https://x.example.com", audiences=("a",), ca="bundle")
    assert [ref.name for ref in login_refs(Identity(mode="oidc", external_oidc=issuer))] == ["bundle", "kubeadmin"]
    assert login_refs(Identity(external_oidc=issuer)) == (KUBEADMIN,)


def test_pem_is_a_certificate_or_told_why_not() -> None:
    assert trouble_with_pem(PEM) == ""
    assert trouble_with_pem(f"# a comment\n{PEM}{PEM}") == ""
    assert trouble_with_pem("") == "holds no PEM certificate"
    assert trouble_with_pem(PEM.replace("-----END CERTIFICATE-----", "")) == "holds a certificate that is cut off"
    assert trouble_with_pem(PEM.replace("M", "N", 1)) == "holds a certificate that is damaged"
    cut = PEM.replace(b64encode(DER).decode(), b64encode(DER[:-1]).decode())
    assert trouble_with_pem(cut) == "holds a certificate that is damaged"
    private = PEM.replace("CERTIFICATE", "PRIVATE KEY")
    assert trouble_with_pem(private) == "holds no PEM certificate"


# ---- others, modes, guard --------------------------------------------------------------------------------------------


def test_provider_of_somebody_else_refuses_all() -> None:
    theirs = item(openid(issuer="https://other.example.com"))
    (found,) = [finding for finding in findings(SECTION, cluster(theirs)) if finding.check == f"{PREFIX}providers.others"]
    assert (found.result, found.refuses, found.subject) == ("fail", True, "provider corp-oidc")
    assert set(found.fields) == {"openID.issuer", "openID.ca"}
    assert results(SECTION, cluster(theirs))["lockout.guard"] == {("pass", False)}


def test_change_of_the_admins_provider_is_refused_until_break_glass_is_proven() -> None:
    first = plan_logins(SECTION, cluster(), REACHED).merges[0].change.of(oauth())
    assert first.object is not None
    live = {**first.object, "status": {}}
    snapshot = cluster(lists={OAUTHS: [live]})
    later = Identity(providers=(openid(ca="corp-ca", client_id="other"),))
    assert results(later, snapshot)["lockout.guard"] == {("fail", True)}
    proof = BreakGlass(True, "system:admin by a client certificate", "")
    assert results(later, snapshot, replace(REACHED, proof=proof))["lockout.guard"] == {("pass", False)}
    assert results(later, snapshot, replace(REACHED, proof=BreakGlass(reason="no")))["lockout.guard"] == {("fail", True)}
    assert results(SECTION, snapshot)["lockout.guard"] == {("pass", False)}


def test_list_that_cannot_be_read_refuses_until_break_glass_is_proven() -> None:
    snapshot = look(ADMIN, GOOD_NAMED, unknown=[OAUTHS])
    told = results(SECTION, snapshot)
    assert told["lockout.guard"] == {("fail", True)}
    assert told["providers.others"] == {("not_evaluated", False)}
    assert told["lockout.ways_in"] == {("not_evaluated", False)}


def test_switch_to_an_external_issuer_needs_break_glass() -> None:
    issuer = ExternalOidcWanted(name="corp", issuer="https://x.example.com", audiences=("a",))
    section = Identity(mode="oidc", external_oidc=issuer)
    told = results(section, cluster(FOREIGN))
    assert told["lockout.guard"] == {("fail", True)}
    (merge,) = plan_logins(section, cluster(FOREIGN)).merges
    assert merge.ref.kind == "Authentication"
    proven = LoginsSeen(proof=BreakGlass(True, "x", ""))
    assert results(section, cluster(FOREIGN), proven)["lockout.guard"] == {("pass", False)}


def test_providers_on_a_cluster_with_an_external_issuer_are_refused_and_not_merged() -> None:
    external = {"metadata": {"name": "cluster"}, "spec": {"type": "OIDC", "oidcProviders": [{"name": "x"}]}}
    snapshot = cluster(FOREIGN, lists={AUTHENTICATIONS: [external]})
    assert plan_logins(SECTION, snapshot).merges == ()
    assert results(SECTION, snapshot)["external_oidc.mode"] == {("fail", True)}
    assert results(SECTION, snapshot)["lockout.ways_in"] == {("not_evaluated", False)}


def test_break_glass_of_the_document_has_to_work() -> None:
    section = replace(SECTION, break_glass=BreakGlassWanted(kubeconfig="/x"))
    assert results(section, cluster())["lockout.break_glass"] == {("not_evaluated", False)}
    assert results(section, cluster(), LoginsSeen(proof=BreakGlass(reason="no")))["lockout.break_glass"] == {("fail", False)}
    assert results(section, cluster(), LoginsSeen(proof=BreakGlass(True, "x", "")))["lockout.break_glass"] == {("pass", False)}


def test_cluster_without_any_known_way_in_is_told() -> None:
    none = {BINDINGS: [binding(("Group", "admins"))], USERS: []}
    assert results(SECTION, cluster(FOREIGN, lists=none))["lockout.ways_in"] == {("fail", False)}
    gone = {USERS: [user("alice", "removed:1")]}
    assert results(SECTION, cluster(FOREIGN, lists=gone))["lockout.ways_in"] == {("fail", False)}
    there = {USERS: [user("alice", "Staff SSO:1")]}
    assert results(SECTION, cluster(FOREIGN, lists=there))["lockout.ways_in"] == {("pass", False)}


def test_directory_in_the_clear_refuses_until_it_is_waived() -> None:
    clear = Identity(providers=(ldap(url="ldap://ldap.example.com/dc=x?uid", insecure=True),))
    assert results(clear, cluster())["providers.clear_text"] == {("fail", True)}
    assert results(Identity(providers=(ldap(),)), cluster())["providers.clear_text"] == {("pass", False)}
    assert results(SECTION, cluster())["providers.clear_text"] == {("not_applicable", False)}


def test_kubeadmin_is_no_proof_and_is_told() -> None:
    none = {BINDINGS: [], USERS: []}
    for state, words in (("read", "kubeadmin is there"), ("absent", "kubeadmin is gone")):
        snapshot = cluster(lists=none, named={**GOOD_NAMED, KUBEADMIN: NamedRead(state)})
        (found,) = [each for each in findings(SECTION, snapshot) if each.check.endswith("ways_in")]
        assert (found.result, words in found.message) == ("fail", True)


def test_rollback_is_guarded_as_any_other_change() -> None:
    before = oauth(FOREIGN)
    written = ProvidersChange((openid(),)).of(before).object
    assert written is not None
    change = ProvidersChange(restore=Restore(state_of(before), state_of(written)))
    snapshot = cluster(lists={OAUTHS: [written]})
    plan = plan_rollback(change, snapshot)
    assert [(finding.subject, finding.refuses) for finding in plan.findings] == [("provider corp-oidc: removed", True)]
    assert [finding.result for finding in plan_rollback(change, snapshot, BreakGlass(True, "x", "")).findings] == ["pass"]
    by_staff = cluster(lists={OAUTHS: [written], **BY_STAFF})
    assert [finding.result for finding in plan_rollback(change, by_staff).findings] == ["pass"]
    (merge,) = plan.merges
    assert (merge.ref, merge.change) == (OAUTH, Guarded(OAUTH, change))


# ---- what others do between the look and the write -------------------------------------------------------------------

TWO_WAYS = {BINDINGS: [binding(("User", "ann"))], USERS: [user("ann", "a:1", "b:ann")]}
A, B = item(openid("a")), item(ldap("b"))


def without_b(*items: Json, proof: BreakGlass | None = None) -> Merge:
    """A run that takes provider b out of this list."""
    live = oauth(*items, marks={"b": digest_of(meaning(B))})
    plan = plan_logins(Identity(), look({OAUTHS: [live], **TWO_WAYS}), LoginsSeen(proof), prune=True)
    assert {each.result for each in plan.findings if each.check.endswith("lockout.guard")} == {"pass"}
    (merge,) = plan.merges
    return merge


@pytest.mark.parametrize(
    ("meanwhile", "why"),
    [
        ([B], "the other way in is gone"),
        ([item(openid("a", client_id="x")), B], "it is another one"),
        ([item(ldap("a")), B], "it asks somebody else"),
        ([A, B, A], "it stands there twice"),
    ],
)
def test_a_change_that_others_made_dangerous_since_the_look_is_refused(meanwhile: list[Json], why: str) -> None:
    live = oauth(*meanwhile, marks={"b": digest_of(meaning(B))})
    done = without_b(A, B).change.of(live)
    assert (done.object, "provider b is removed" in done.refused) == (None, True), why
    assert "run it again" in done.remedy
    assert {(entry.name, entry.result, entry.action) for entry in done.entries} == {("b", "fail", "none")}


def test_what_others_do_to_what_nobody_relied_on_is_merged_with() -> None:
    live = oauth(FOREIGN, {**A, "mappingMethod": "claim"}, item(htpasswd()), B, marks={"b": digest_of(meaning(B))})
    done = without_b(A, B, FOREIGN).change.of(live)
    assert done.object is not None
    assert [one["name"] for one in done.object["spec"]["identityProviders"]] == ["Staff SSO", "a", "local"]


def test_with_break_glass_proven_nothing_that_others_do_hinders_a_change() -> None:
    done = without_b(A, B, proof=BreakGlass(True, "x", "")).change.of(oauth(B, marks={"b": digest_of(meaning(B))}))
    assert (done.refused, done.object is not None) == ("", True)


def test_a_switch_of_the_logins_that_came_to_be_needed_since_the_look_is_refused() -> None:
    issuer = ExternalOidcWanted(name="corp", issuer="https://sso.example.com", audiences=("a",))
    live = {"metadata": {"name": "cluster", "uid": "u"}, "spec": {"type": "OIDC", "oidcProviders": [external_item(issuer, {})]}}
    plan = plan_logins(Identity(mode="oidc", external_oidc=issuer), look({AUTHENTICATIONS: [live]}), LoginsSeen())
    (merge,) = plan.merges
    assert merge.change.of(live).refused == ""
    back = {**live, "spec": {**live["spec"], "type": "IntegratedOAuth"}}
    assert "go to an external issuer" in merge.change.of(back).refused


def test_a_provider_that_is_known_not_to_work_is_no_way_in_to_rely_on() -> None:
    """Provider a lacks its Secret: taking b out would leave nobody in."""
    section = Identity(providers=(openid("a"),))
    lists = {OAUTHS: [oauth(A, B, marks={"b": digest_of(meaning(B))})], **TWO_WAYS}
    works = {CLIENT: NamedRead("read", {}, ("clientSecret",))}
    for named, guard in (
        (works, "pass"),
        ({}, "pass"),
        ({CLIENT: NamedRead("absent")}, "fail"),
        ({CLIENT: NamedRead("read", {}, ())}, "fail"),
    ):
        plan = plan_logins(section, look(lists, named), LoginsSeen(), prune=True)
        assert {each.result for each in plan.findings if each.check.endswith("lockout.guard")} == {guard}
    conditions = [{"type": "Available", "status": "True"}, {"type": "Degraded", "status": "True"}]
    degraded = {**lists, OPERATORS: [{**WORKS, "status": {"conditions": conditions}}]}
    told = {each.check: each for each in plan_logins(section, look(degraded, works), LoginsSeen(), prune=True).findings}
    assert (told[f"{PREFIX}lockout.guard"].result, told[f"{PREFIX}lockout.ways_in"].result) == ("fail", "fail")
    assert "a does not work: ClusterOperator authentication has Degraded=True" in told[f"{PREFIX}lockout.ways_in"].message


def test_operator_that_does_not_take_the_list_is_told_in_its_words() -> None:
    degraded = {**WORKS, "status": {"conditions": [CONDITIONS[0], {"type": "Degraded", "status": "True", "message": "no such secret"}]}}
    (found,) = [each for each in findings(SECTION, cluster(lists={OPERATORS: [degraded]})) if each.check.endswith("honored")]
    assert (found.result, found.message) == ("fail", "no such secret")
    assert results(SECTION, cluster(lists={OPERATORS: []}))["providers.honored"] == {("not_evaluated", False)}
    early = {**WORKS, "status": {"conditions": CONDITIONS[:1]}}
    assert results(SECTION, cluster(lists={OPERATORS: [early]}))["providers.honored"] == {("not_evaluated", False)}


TROUBLES: list[tuple[Json, str]] = [
    ({"name": "x", "type": "OpenIDD", "openID": {}}, "its type is OpenIDD"),
    ({"name": "x", "type": "OpenID"}, "type OpenID has no openID"),
    ({"name": "x"}, "it has no type"),
    ({**item(openid("x")), "mappingMethod": "claimm"}, "its mappingMethod is claimm"),
    ({**item(openid("x", issuer="http://x"))}, "its issuer begins with http://"),
    ({**item(ldap("x", url="x"))}, "its url is"),
    ({**item(openid("x")), "ldap": item(ldap())["ldap"]}, "type OpenID has ldap"),
    (item(openid("a/x")), "its name has / in it"),
]


@pytest.mark.parametrize(("theirs", "words"), TROUBLES)
def test_provider_of_others_that_openshift_refuses_is_told(theirs: Json, words: str) -> None:
    (found,) = [each for each in findings(SECTION, cluster(theirs, FOREIGN)) if each.check.endswith("valid")]
    assert (found.result, found.refuses, words in found.message) == ("fail", False, True)
    assert results(SECTION, cluster(FOREIGN, FOREIGN))["providers.valid"] == {("fail", False)}


# ---- sessions and factors --------------------------------------------------------------------------------------------


def test_sessions_are_reported_as_seen_and_failed_where_they_differ_and_are_not_about_to_be_written() -> None:
    section = Identity(sessions=SessionsWanted(access_token_max_age_seconds=3600, inactivity_timeout_seconds=900))
    tokens = {"accessTokenMaxAgeSeconds": 3600, "accessTokenInactivityTimeout": "15m"}
    assert results(section, cluster(tokenConfig=tokens))["sessions.inactivity"] == {("pass", False)}
    told = {each.check: each for each in findings(section, cluster(tokenConfig={"accessTokenInactivityTimeoutSeconds": 900}))}
    assert told[f"{PREFIX}sessions.dead_field"].result == "fail"
    assert "3600 s is about to be written" in told[f"{PREFIX}sessions.token_age"].message
    external = {"metadata": {"name": "cluster"}, "spec": {"type": "OIDC"}}
    assert results(section, cluster(lists={AUTHENTICATIONS: [external]}))["sessions.token_age"] == {("fail", False)}


def test_second_factor_is_told_only_where_the_cluster_can_see_it() -> None:
    asking = item(openid("a"))
    asking["openID"]["extraAuthorizeParameters"] = {"acr_values": "2"}
    told = {each.subject: each for each in findings(SECTION, cluster(asking, item(openid("b")), item(ldap("c")), item(htpasswd("d"))))}
    found = {name: told[f"provider {name}"] for name in "abcd"}
    assert [found[name].result for name in "abcd"] == ["not_evaluated", "not_evaluated", "fail", "fail"]
    assert "acr_values=2" in found["a"].message
    assert not any(each.failed for each in found.values())


def _rule(**asked: Any) -> Json:
    return {"type": "CEL" if "cel" in asked else "RequiredClaim", **asked}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (_rule(requiredClaim={"claim": "amr", "requiredValue": "mfa"}), "pass"),
        (_rule(requiredClaim={"claim": "acr", "requiredValue": "https://refeds.org/profile/mfa"}), "pass"),
        (_rule(cel={"expression": "'mfa' in claims.amr"}), "pass"),
        (_rule(cel={"expression": 'claims.acr == "https://refeds.org/profile/mfa"'}), "pass"),
        (_rule(requiredClaim={"claim": "acr", "requiredValue": "2"}), "not_evaluated"),
        (_rule(requiredClaim={"claim": "acr", "requiredValue": "0"}), "not_evaluated"),
        (_rule(requiredClaim={"claim": "amr", "requiredValue": "pwd"}), "not_evaluated"),
        (_rule(cel={"expression": "!has(claims.acr) || claims.acr == '0'"}), "not_evaluated"),
        (_rule(cel={"expression": "!('mfa' in claims.amr)"}), "not_evaluated"),
        (_rule(cel={"expression": "'mfa' in claims.amr || true"}), "not_evaluated"),
        (_rule(cel={"expression": "claims.x"}), "not_evaluated"),
    ],
)
def test_rule_of_an_external_issuer_counts_where_its_value_is_known_to_mean_several_factors(rule: Json, expected: str) -> None:
    spec = {"type": "OIDC", "oidcProviders": [{"name": "corp", "claimValidationRules": [rule]}]}
    snapshot = cluster(lists={AUTHENTICATIONS: [{"metadata": {"name": "cluster"}, "spec": spec}]})
    assert results(Identity(), snapshot)["sessions.second_factor"] == {(expected, False)}


# ---- servers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in STATES if state != "ok"])
def test_server_that_fails_refuses_only_where_its_provider_is_about_to_change(state: str) -> None:
    around = LoginsSeen(probed={ENDPOINT: EndpointSeen(state, "why")})
    assert results(SECTION, cluster(), around)["endpoints.oidc"] == {("fail", True)}
    assert results(SECTION, cluster(item(openid(ca="corp-ca"))), around)["endpoints.oidc"] == {("fail", False)}


def test_external_issuer_that_fails_refuses_the_switch_though_its_own_entry_stays_as_it_is() -> None:
    issuer = ExternalOidcWanted(name="corp", issuer="https://x.example.com", audiences=("a",))
    section = Identity(mode="oidc", external_oidc=issuer)
    around = LoginsSeen(probed={endpoint: EndpointSeen("down", "why") for endpoint in endpoints_of(section)})

    def with_type(mode: str) -> PlatformSnapshot:
        spec = {"type": mode, "oidcProviders": [external_item(issuer, {})]}
        return cluster(lists={AUTHENTICATIONS: [{"metadata": {"name": "cluster"}, "spec": spec}]})

    assert results(section, with_type("IntegratedOAuth"), around)["endpoints.oidc"] == {("fail", True)}
    assert results(section, with_type("OIDC"), around)["endpoints.oidc"] == {("fail", False)}


def test_server_that_was_not_asked_is_not_evaluated() -> None:
    told = {each.check: each for each in findings(SECTION, cluster(), LoginsSeen(left_out="this run only reads files"))}
    assert told[f"{PREFIX}endpoints.oidc"].result == "not_evaluated"
    assert told[f"{PREFIX}endpoints.oidc"].message == "this run only reads files"
    assert told[f"{PREFIX}endpoints.ldap"].result == "not_applicable"


def test_servers_of_a_document_are_those_that_are_wanted_with_their_ca() -> None:
    issuer = ExternalOidcWanted(name="corp", issuer="https://x.example.com", audiences=("a",), ca="b")
    external = endpoints_of(Identity(mode="oidc", external_oidc=issuer))
    assert list(external) == [Endpoint("oidc", "https://x.example.com", "b", "ca-bundle.crt")]
    both = endpoints_of(Identity(providers=(ldap(), openid("gone", state="absent"), htpasswd())))
    assert [endpoint.kind for endpoint in both] == ["ldap"]
    assert ca_text(ENDPOINT, cluster()) == PEM
    assert ca_text(ENDPOINT, cluster(named={CA: NamedRead("forbidden")})) is None
    assert ca_text(replace(ENDPOINT, ca=""), cluster()) == ""
    assert shown_url("ldaps://cn=x:y@ldap.example.com/dc=x?uid") == "ldaps://ldap.example.com"
    assert shown_url("https://u:p@x.example.com/a") == "https://x.example.com/a"


# ---- what came of it -------------------------------------------------------------------------------------------------


def outcome(merge: Merge, live: Json, **finding: Any) -> MergeOutcome:
    merged = merge.change.of(live)
    words = {"state": "changed", "result": "pass", "action": "update", **finding}
    return MergeOutcome(merge, Finding(merge.key, merge.path, **words), merged.entries)


def test_findings_on_entries_come_from_what_was_written() -> None:
    section = replace(SECTION, sessions=SessionsWanted(access_token_max_age_seconds=3600))
    (merge,) = plan_logins(section, cluster(FOREIGN)).merges
    found = login_outcomes([outcome(merge, oauth(FOREIGN))])
    assert [(each.subject, each.state, each.result, each.action) for each in found] == [
        ("provider corp-oidc", "missing", "pass", "create"),
        ("spec.tokenConfig", "missing", "pass", "update"),
    ]
    failed = outcome(merge, oauth(FOREIGN), state="not_evaluated", result="not_evaluated", action="none", message="who knows")
    (unknown,) = login_outcomes([failed])
    assert (unknown.subject, unknown.result, unknown.message) == ("OAuth cluster", "not_evaluated", "who knows")
    assert login_outcomes([replace(outcome(merge, oauth()), entries=())]) == []
