# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The records of identity: ways to log in, groups, personas and who has them; what nobody knows is unknown, never empty."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import (
    ExternalOidcWanted,
    GroupWanted,
    Identity,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.directories import unread
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.external_oidc import provider_item as issuer_item
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.group_sync import SYNCS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.lockout import BINDINGS, GROUPS, ROLES, USERS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.outside import LoginsSeen
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.personas import cluster_role
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.plan import plan_identity
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import ROLE_BINDINGS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.recording import identity_records
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.outside import Outside
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import Context
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.personas_page import shipped
from tests.unit.platform.identity import group_sites as sites
from tests.unit.platform.identity import logins
from tests.unit.platform.identity.test_personas import PODS, persona

Json = dict[str, Any]
SCHEMA = Path(__file__).resolve().parents[4] / "docs" / "schemas" / "platform.schema.json"
SHIPPED = shipped()
WORKING = {
    "metadata": {"name": "authentication"},
    "status": {
        "conditions": [
            {"type": kind, "status": status} for kind, status in (("Available", "True"), ("Degraded", "False"), ("Progressing", "False"))
        ]
    },
}
LISTS = (logins.OAUTHS, logins.AUTHENTICATIONS, logins.OPERATORS, BINDINGS, ROLE_BINDINGS, ROLES, USERS, GROUPS, SYNCS)


def look(lists: dict[str, Sequence[Json]] | None = None, *, unknown: Sequence[str] = ()) -> PlatformSnapshot:
    """A look in which logins work; lists that are not given are empty, and those of `unknown` could not be read."""
    usual: dict[str, Sequence[Json]] = dict.fromkeys(LISTS, ()) | {logins.OPERATORS: (WORKING,)}
    return logins.look({**usual, **(lists or {})}, unknown=unknown)


def records(wanted: Identity, snapshot: PlatformSnapshot, *, outside: Outside | None = None) -> dict[tuple[str, str], Json]:
    """The records that the part makes, by kind and id; all of them are valid."""
    desired = PlatformDesired(schema_version="1.0", identity=wanted)
    around = outside or Outside(logins=LoginsSeen(left_out="nobody was asked"))
    context = Context(desired, snapshot, Catalogue("1", "", personas=SHIPPED), "2026-11-22", now=sites.NOW, outside=around)
    found = plan_identity(context).records
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for record in found:
        validator.validate(record)
        assert not set(record.get("unknown", {})).intersection(record)
    assert len({(record["kind"], record["id"]) for record in found}) == len(found)
    return {(record["kind"], record["id"]): record for record in found}


def login(name: str, wanted: Identity, lists: dict[str, Sequence[Json]] | None = None, *, unknown: Sequence[str] = ()) -> Json:
    """The record of one way to log in."""
    return records(wanted, look(lists, unknown=unknown))["login", name]


def bound(role: str, *subjects: tuple[str, str], namespace: str = "") -> Json:
    """A binding of a persona's ClusterRole."""
    found = logins.binding(*subjects, role=f"groundwork-readiness-persona-{role}")
    return {**found, "metadata": {**found["metadata"], **({"namespace": namespace} if namespace else {})}}


# ---- ways to log in --------------------------------------------------------------------------------------------------

LOCAL = logins.htpasswd()
OURS = Identity(providers=(LOCAL,))


def test_provider_of_the_document_and_those_of_others_are_told_apart() -> None:
    lists = {logins.OAUTHS: (logins.oauth(logins.item(LOCAL), logins.FOREIGN),)}
    found = records(OURS, look(lists))
    assert [identity for kind, identity in found if kind == "login"] == ["Staff SSO", "local"]
    staff, local = found["login", "Staff SSO"], found["login", "local"]
    assert (staff["whose"], staff["place"], staff["login_type"], staff["mapping_method"]) == (
        "others",
        "staff.example.com",
        "OpenID",
        "claim",
    )
    assert (local["whose"], local["place"], local["login_type"]) == ("ours", "", "HTPasswd")
    assert (staff["second_factor"], local["second_factor"]) == ("not_evaluated", "no")
    assert staff["state"] == "not_evaluated"
    assert "the document does not name it" in staff["reason"]


def test_provider_whose_secret_is_not_known_is_not_called_ready() -> None:
    found = login("local", OURS, {logins.OAUTHS: (logins.oauth(logins.item(LOCAL)),)})
    assert (found["state"], found["reason"]) == ("not_evaluated", "Secret openshift-config/local-users: it was not asked for")


def test_provider_of_the_document_that_is_not_in_the_list_is_missing() -> None:
    found = login("corp-ldap", Identity(providers=(logins.ldap(),)), {logins.OAUTHS: (logins.oauth(logins.FOREIGN),)})
    assert (found["state"], found["reason"]) == ("missing", "it is not in the list of OAuth/cluster")
    assert (found["place"], found["second_factor"], found["whose"]) == ("ldap.example.com", "not_evaluated", "ours")


def test_provider_that_is_another_than_the_document_has_is_broken_and_says_where() -> None:
    there = logins.item(logins.openid(adopt=True), mappingMethod="add")
    found = login("corp-oidc", Identity(providers=(logins.openid(adopt=True),)), {logins.OAUTHS: (logins.oauth(there),)})
    assert (found["state"], found["reason"]) == ("broken", "it differs from the document in mappingMethod")


def test_provider_that_is_to_go_is_waited_for_and_gone_it_has_no_record() -> None:
    wanted = Identity(providers=(replace(LOCAL, state="absent"),))
    assert login("local", wanted, {logins.OAUTHS: (logins.oauth(logins.item(LOCAL)),)})["reason"] == "the document wants it gone"
    assert ("login", "local") not in records(wanted, look({logins.OAUTHS: (logins.oauth(),)}))


def test_provider_that_openshift_refuses_is_broken_whoever_has_it() -> None:
    found = login("Staff SSO", Identity(), {logins.OAUTHS: (logins.oauth({**logins.FOREIGN, "type": "SAML"}),)})
    assert (found["state"], found["reason"]) == ("broken", "its type is SAML")


@pytest.mark.parametrize(
    ("kind", "status", "state"), [("Progressing", "True", "waiting"), ("Available", "False", "broken"), ("Degraded", "True", "broken")]
)
def test_provider_is_as_ready_as_the_operator_says_that_makes_the_list_take_effect(kind: str, status: str, state: str) -> None:
    conditions = [entry for entry in WORKING["status"]["conditions"] if entry["type"] != kind]
    operator = {**WORKING, "status": {"conditions": [*conditions, {"type": kind, "status": status, "message": "pods roll out"}]}}
    found = login("Staff SSO", Identity(), {logins.OAUTHS: (logins.oauth(logins.FOREIGN),), logins.OPERATORS: (operator,)})
    assert (found["state"], found["reason"]) == (state, f"ClusterOperator authentication, {kind} is {status}: pods roll out")


@pytest.mark.parametrize(
    ("item", "host"),
    [
        ({"type": "OpenID", "openID": {"issuer": "https://user:pass@sso.example.com:8443/realms/a"}}, "sso.example.com"),
        ({"type": "LDAP", "ldap": {"url": "ldaps://LDAP.example.com:636/ou=u?uid?sub?(x=y)"}}, "ldap.example.com"),
        ({"type": "GitHub", "github": {"hostname": "git.example.com"}}, "git.example.com"),
        ({"type": "GitHub", "github": {}}, "github.com"),
        ({"type": "Google", "google": {}}, "accounts.google.com"),
        ({"type": "Keystone", "keystone": {"url": "https://[::bad"}}, None),
        ({"type": "OpenID"}, None),
    ],
)
def test_place_is_the_bare_host_and_unknown_without_one(item: Json, host: str | None) -> None:
    found = login("other", Identity(), {logins.OAUTHS: (logins.oauth({"name": "other", **item}),)})
    assert found.get("place") == host
    assert ("place" in found.get("unknown", {})) == (host is None)
    assert "pass" not in json.dumps(found)


def test_cluster_admins_are_those_with_an_identity_of_the_provider() -> None:
    lists = {
        logins.OAUTHS: (logins.oauth(logins.FOREIGN),),
        BINDINGS: (logins.binding(("User", "anna"), ("Group", "admins")),),
        USERS: (logins.user("anna", "Staff SSO:1"), logins.user("ben", "local:ben"), logins.user("carl", "Staff SSO:3")),
        GROUPS: (logins.group("admins", "ben"),),
    }
    assert login("Staff SSO", Identity(), lists)["cluster_admins"] == ["anna"]
    refused = login("Staff SSO", Identity(), lists, unknown=[USERS])
    assert "cluster_admins" not in refused
    assert refused["unknown"] == {"cluster_admins": f"the account may not list {USERS}"}


@pytest.mark.parametrize("resource", [logins.OAUTHS, logins.AUTHENTICATIONS])
def test_without_the_list_a_provider_of_the_document_is_not_evaluated(resource: str) -> None:
    found = login("local", OURS, {logins.OAUTHS: (logins.oauth(),)}, unknown=[resource])
    assert (found["state"], found["reason"]) == ("not_evaluated", f"the account may not list {resource}")


ISSUER = ExternalOidcWanted(name="corp", issuer="https://sso.example.com/realms/corp", audiences=("openshift",))


def authentication(*items: Json) -> Json:
    return {"metadata": {"name": "cluster"}, "spec": {"type": "OIDC", "oidcProviders": list(items)}}


def test_external_issuer_is_the_one_way_in_and_who_is_an_admin_is_not_seen() -> None:
    rules = [{"type": "RequiredClaim", "requiredClaim": {"claim": "amr", "requiredValue": "mfa"}}]
    wanted = Identity(mode="oidc", external_oidc=ISSUER, providers=(LOCAL,))
    there = authentication({**issuer_item(ISSUER, {}), "claimValidationRules": rules})
    found = records(wanted, look({logins.AUTHENTICATIONS: (there,), logins.OAUTHS: (logins.oauth(logins.FOREIGN),)}))
    assert [identity for kind, identity in found if kind == "login"] == ["corp", "local"]
    corp, local = found["login", "corp"], found["login", "local"]
    assert (corp["login_type"], corp["whose"], corp["place"], corp["second_factor"]) == (
        "external_issuer",
        "ours",
        "sso.example.com",
        "yes",
    )
    assert (corp["state"], corp["reason"]) == ("not_evaluated", "nobody was asked")
    assert "cluster_admins" in corp["unknown"]
    assert (local["state"], local["reason"]) == ("missing", "an external issuer logs users in: no provider of the OAuth server is asked")


def test_external_issuer_that_differs_is_broken_and_one_that_is_not_there_missing() -> None:
    wanted = Identity(mode="oidc", external_oidc=ISSUER)
    other = {**issuer_item(ISSUER, {}), "issuer": {"issuerURL": "https://old.example.com", "audiences": ["openshift"]}}
    broken = records(wanted, look({logins.AUTHENTICATIONS: (authentication(other),)}))["login", "corp"]
    assert (broken["state"], broken["reason"]) == ("broken", "it differs from the document in issuer.issuerURL")
    missing = records(wanted, look({logins.AUTHENTICATIONS: (authentication({"name": "staff", "issuer": {}}),)}))
    assert (missing["login", "corp"]["state"], missing["login", "staff"]["whose"]) == ("missing", "others")
    assert "place" in missing["login", "staff"]["unknown"]
    nobody = records(wanted, look(unknown=[logins.AUTHENTICATIONS]))["login", "corp"]
    assert nobody["state"] == "not_evaluated"


# ---- groups ----------------------------------------------------------------------------------------------------------


def groups_of(site: sites.Site, *more: Json, unknown: Sequence[str] = ()) -> dict[str, Json]:
    """The records of the groups of a site, beside bindings."""
    seen = site.snapshot()
    listed = {**look().listed, **seen.listed}
    listed[BINDINGS] = Listed("read", tuple(item for item in more if "namespace" not in item["metadata"]))
    listed[ROLE_BINDINGS] = Listed("read", tuple(item for item in more if "namespace" in item["metadata"]))
    for name in unknown:
        listed[name] = Listed("forbidden", reason=f"the account may not list {name}")
    found = records(site.identity(), PlatformSnapshot(listed), outside=Outside(directories=site.directories()))
    return {identity: record for (kind, identity), record in found.items() if kind == "group"}


def test_group_that_is_as_its_directory_has_it_is_ready_with_both_counts_and_its_sync() -> None:
    found = groups_of(sites.Site())["team-a"]
    assert (found["source"], found["directory"], found["synced_by"]) == ("ldap", "corp", "sync")
    assert (found["members"], found["members_of_source"], found["state"], found["reason"]) == (2, 2, "ready", "")


def test_group_that_differs_is_broken_and_says_in_what() -> None:
    live = [sites.live_group("team-a", ["anna"]), sites.live_group("owners", ["carl"])]
    found = groups_of(sites.Site(live=live))["team-a"]
    assert (found["members"], found["members_of_source"], found["state"]) == (1, 2, "broken")
    assert found["reason"].startswith("the Group lacks ben")


def test_group_that_is_nowhere_is_missing_and_one_that_the_first_sync_brings_is_waited_for() -> None:
    nowhere = sites.Site(there={}, live=[], groups=[GroupWanted(name="team-x", directory="corp")])
    found = groups_of(nowhere)["team-x"]
    assert (found["state"], found["members"], found["members_of_source"], found["synced_by"]) == ("missing", 0, 0, "sync")
    coming = sites.live_sync()
    coming["status"] = {}
    assert groups_of(sites.Site(live=[], syncs=[coming]))["team-a"]["state"] == "waiting"
    assert groups_of(sites.Site(live=[]))["team-a"]["state"] == "missing"


def test_group_that_a_warning_is_about_stays_ready_and_tells_it() -> None:
    live = [sites.live_group("team-a", ["anna", "ben"], provider=""), sites.live_group("owners", ["carl"])]
    found = groups_of(sites.Site(live=live))["team-a"]
    assert (found["state"], found["synced_by"]) == ("ready", "")
    assert found["reason"].startswith("nobody syncs it")


def test_group_of_a_directory_that_was_not_read_has_no_count_of_it() -> None:
    found = groups_of(sites.Site(read=unread("directory corp does not answer")))["team-a"]
    assert (found["state"], found["members"]) == ("not_evaluated", 2)
    assert found["unknown"] == {"members_of_source": "directory corp does not answer"}


def test_without_the_list_of_groups_nothing_is_counted_as_none() -> None:
    found = groups_of(sites.Site(), unknown=[GROUPS])["team-a"]
    assert found["state"] == "not_evaluated"
    assert set(found["unknown"]) == {"members", "synced_by"}
    assert not {"members", "synced_by"} & set(found)


def test_group_of_the_cluster_is_its_own_source() -> None:
    site = sites.Site(live=[sites.live_group("team-c", ["dora"], provider="")], groups=[GroupWanted(name="team-c")])
    found = groups_of(site)["team-c"]
    assert (found["source"], found["directory"], found["members"], found["members_of_source"]) == ("cluster", "", 1, 1)


def test_group_that_requests_are_put_into_by_the_server_has_no_count() -> None:
    found = groups_of(sites.Site(groups=[GroupWanted(name="system:authenticated")]))["system:authenticated"]
    assert (found["state"], found["synced_by"]) == ("ready", "")
    assert "it is no Group" in found["unknown"]["members"]


def test_with_an_external_issuer_groups_have_no_members_on_the_cluster() -> None:
    issuer = replace(ISSUER, groups_prefix="corp:")
    wanted = replace(sites.Site().wanted, mode="oidc", external_oidc=issuer, group_syncs=())
    found = groups_of(sites.Site(wanted=wanted, live=[], groups=[GroupWanted(name="corp:team-a", directory="corp")]))["corp:team-a"]
    assert (found["members_of_source"], found["synced_by"], found["state"]) == (2, "", "ready")
    assert found["unknown"] == {"members": "with an external issuer tokens bring the groups: the cluster has none"}


# ---- who has which persona -------------------------------------------------------------------------------------------


def test_personas_of_a_group_are_told_with_where_it_has_them() -> None:
    everywhere = bound("auditor", ("Group", "owners"))
    there = bound("data-scientist", ("Group", "team-a"), ("User", "eva"), namespace="team-a")
    found = groups_of(sites.Site(), everywhere, there)
    assert (found["team-a"]["personas"], found["owners"]["personas"]) == (["data_scientist in team-a"], ["auditor on the cluster"])


def test_persona_tells_who_has_it_how_large_its_table_is_and_whether_its_role_is_there() -> None:
    account = {
        "metadata": {"name": "b", "namespace": "ci"},
        "roleRef": {"kind": "ClusterRole", "name": "groundwork-readiness-persona-service"},
    }
    account["subjects"] = [{"kind": "ServiceAccount", "name": "runner", "namespace": "build"}, {"kind": "Group"}]
    roles = [cluster_role(name, SHIPPED[name]) for name in ("service", "auditor")]
    roles[1] = {**roles[1], "rules": roles[1]["rules"][1:]}
    found = records(Identity(personas={"own": persona(PODS)}), look({ROLE_BINDINGS: (account,), ROLES: roles}))
    service = found["persona", "service"]
    assert service["subjects"] == ["ServiceAccount build/runner in ci"]
    assert (service["role"], service["shipped"]) == ("groundwork-readiness-persona-service", True)
    assert (service["allows"], service["denies"]) == (len(SHIPPED["service"].allow), len(SHIPPED["service"].deny))
    assert [found["persona", name]["state"] for name in ("service", "auditor", "platform")] == ["ready", "broken", "missing"]
    assert (found["persona", "own"]["shipped"], found["persona", "own"]["subjects"]) == (False, [])


def test_order_of_what_a_role_lists_is_no_difference() -> None:
    role = cluster_role("service", SHIPPED["service"])
    turned = {**role, "rules": [{key: values[::-1] for key, values in rule.items()} for rule in role["rules"]]}
    assert records(Identity(), look({ROLES: (turned,)}))["persona", "service"]["state"] == "ready"


@pytest.mark.parametrize("resource", [BINDINGS, ROLE_BINDINGS])
def test_without_one_kind_of_bindings_who_has_a_persona_is_unknown_and_what_is_known_is_said(resource: str) -> None:
    found = groups_of(sites.Site(), bound("auditor", ("Group", "owners")), unknown=[resource])
    why = f"the account may not list {resource}"
    assert "personas" not in found["owners"]
    assert found["owners"]["unknown"]["personas"] == (why if resource == BINDINGS else f"{why}; known is auditor on the cluster")
    assert found["team-a"]["unknown"] == {"personas": why}


def test_bindings_that_were_never_asked_for_are_unknown_as_well() -> None:
    found = records(Identity(), logins.look())["persona", "auditor"]
    assert found["unknown"] == {"subjects": f"{ROLE_BINDINGS}: it was not asked for"}


def test_without_the_list_of_roles_no_persona_is_called_missing() -> None:
    found = records(Identity(), look(unknown=[ROLES]))
    assert {record["state"] for (kind, _name), record in found.items() if kind == "persona"} == {"not_evaluated"}


# ---- all together ----------------------------------------------------------------------------------------------------


def test_document_that_does_not_speak_of_identity_gives_no_records_by_itself() -> None:
    context = Context(PlatformDesired(schema_version="1.0"), look(), Catalogue("1", ""), "2026-11-22")
    assert plan_identity(context).records == ()
    assert identity_records(context, ()) == ()


@settings(deadline=None, max_examples=60)
@given(st.sets(st.sampled_from(LISTS)))
def test_taking_a_list_away_never_makes_a_fact_that_was_not_there(lacking: set[str]) -> None:
    """What is said of a fact with fewer lists is what is said with all, or nothing; states may fall to not evaluated alone."""
    lists: dict[str, Sequence[Json]] = {
        logins.OAUTHS: (logins.oauth(logins.item(LOCAL)),),
        BINDINGS: (bound("auditor", ("Group", "owners")),),
        ROLES: (cluster_role("auditor", SHIPPED["auditor"]),),
        GROUPS: (sites.live_group("owners", ["carl"]),),
        SYNCS: (sites.live_sync(),),
    }
    wanted = replace(sites.Site().wanted, providers=(LOCAL,), groups=(GroupWanted(name="owners", directory="corp"),))
    outside = Outside(directories=sites.Site().directories())
    whole = records(wanted, look(lists), outside=outside)
    less = records(wanted, look(lists, unknown=sorted(lacking)), outside=outside)
    assert set(less) == set(whole)
    for place, record in less.items():
        for fact in set(record) - {"unknown", "reason"}:
            assert record[fact] in (whole[place].get(fact), "not_evaluated"), (place, fact)
        assert set(whole[place]) - set(record) <= set(record.get("unknown", {}))
