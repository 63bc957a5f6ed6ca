# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GroupSyncs: the objects are what the operator takes, what it refuses is refused before, and how its syncs go is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue, OperatorFacts
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.identity import GroupSyncWanted, Identity
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    OperatorsWanted,
    OperatorWanted,
    PlatformDesired,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.group_sync import (
    JUDGES,
    filter_of,
    group_sync,
    named_refs,
    plan_group_syncs,
    provider_label,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.schedules import (
    longest_gap_minutes,
    trouble_with_schedule,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.times import age_against
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import OPERANDS, Context, PartPlan
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import (
    Listed,
    Named,
    NamedRead,
    PlatformSnapshot,
    ServedApi,
)

from tests.unit.platform.identity.group_sites import CORP, NOW, SYNC, SYNCS, Json, live_sync

KEYCLOAK = replace(CORP, name="sso", kind="keycloak", url="https://sso.example.com", realm="corp")
SECRET = Named("v1", "Secret", "group-sync-operator", "reader")
BUNDLE = Named("v1", "ConfigMap", "group-sync-operator", "corp-ca")
READ = {SECRET: NamedRead("read", {}, ("password", "username")), BUNDLE: NamedRead("read", {}, ("ca.crt",))}
SERVED = {("redhatcop.redhat.io", "GroupSync"): ServedApi(("v1alpha1",), "groupsyncs", True)}
EMPTY = PlatformSnapshot({})


def plan(
    *syncs: GroupSyncWanted, live: list[Json] | None = None, named: dict[Named, NamedRead] | None = None, served: bool = True, **more: Any
) -> PartPlan:
    """The plan of these GroupSyncs on a cluster that has those of `live`."""
    wanted = Identity(directories=(CORP, KEYCLOAK), group_syncs=syncs, **more)
    lists = {SYNCS: Listed("read", tuple(live)) if live is not None else Listed("forbidden", reason="the account may not list groupsyncs")}
    snapshot = PlatformSnapshot(lists, READ if named is None else named, SERVED if served else {})
    return plan_group_syncs(wanted, Context(PlatformDesired(schema_version="1.0"), snapshot, Catalogue("1", ""), "2026-11-22"), NOW)


def troubles(found: PartPlan) -> dict[str, str]:
    """Last words of checks that do not pass, with their messages."""
    return {finding.check.rpartition(".")[2]: finding.message for finding in found.findings if finding.result != "pass"}


def test_group_sync_is_planned_waited_for_and_in_order_on_a_good_site() -> None:
    found = plan(SYNC, live=[live_sync()])
    assert troubles(found) == {}
    assert [(item.rank, item.part, item.path) for item in found.objects] == [(OPERANDS, "identity", "identity.group_syncs[sync]")]
    assert [wait.ref.text for wait in found.waits] == ["GroupSync group-sync-operator/sync"]
    assert named_refs(Identity(group_syncs=(SYNC,))) == (BUNDLE, SECRET)
    assert named_refs(Identity(mode="oidc", group_syncs=(SYNC,))) == named_refs(None) == ()


def test_ldap_group_sync_says_all_that_server_and_operator_would_fill_in() -> None:
    spec = group_sync(SYNC, CORP, EMPTY)["spec"]
    provider = spec["providers"][0]
    assert spec["schedule"] == "*/30 * * * *" and spec["excludeInvalidGroupNames"] is True
    assert provider["name"] == "corp" and f"sync_{provider['name']}" == provider_label(SYNC)
    body = provider["ldap"]
    assert body["prune"] is True and body["insecure"] is False
    assert body["credentialsSecret"] == {"kind": "Secret", "name": "reader", "namespace": "group-sync-operator"}
    assert body["ca"] == {"kind": "ConfigMap", "name": "corp-ca", "namespace": "group-sync-operator", "key": "ca.crt"}
    assert body["rfc2307"]["groupsQuery"]["filter"] == CORP.groups_filter
    assert "filter" not in body["rfc2307"]["usersQuery"], "with DNs as ids the operator refuses a filter of users"


def test_groups_that_are_named_are_chosen_by_filter_and_never_by_whitelist() -> None:
    named = replace(SYNC, groups=("team-b", "team(a)*\\", "team-b"))
    body = group_sync(named, CORP, EMPTY)["spec"]["providers"][0]["ldap"]
    assert "whitelist" not in body
    assert filter_of(CORP, named.groups) == "(&(objectClass=groupOfNames)(|(cn=team\\28a\\29\\2a\\5c)(cn=team-b)))"


def test_keycloak_group_sync_names_realms_scope_and_groups() -> None:
    wanted = replace(SYNC, directory="sso", ca="", groups=("b", "a"))
    body = group_sync(wanted, KEYCLOAK, EMPTY)["spec"]["providers"][0]["keycloak"]
    assert (body["realm"], body["loginRealm"], body["scope"], body["groups"]) == ("corp", "master", "one", ["a", "b"])
    assert "ca" not in body


@pytest.mark.parametrize("directory", [CORP, KEYCLOAK])
def test_group_sync_has_no_field_that_the_schema_does_not_know(directory: Any, shared: Path) -> None:
    schema = yaml.safe_load((shared / "crds" / "redhatcop.redhat.io_groupsyncs.yaml").read_text(encoding="utf-8"))["spec"]["versions"][0][
        "schema"
    ]["openAPIV3Schema"]
    closed = json.loads(
        json.dumps(schema), object_hook=lambda item: {**item, "additionalProperties": False} if "properties" in item else item
    )
    closed["properties"]["metadata"] = {"type": "object"}
    jsonschema.validate(group_sync(replace(SYNC, directory=directory.name, groups=("a",)), directory, EMPTY), closed)


@pytest.mark.parametrize(
    ("sync", "said"),
    [
        (replace(SYNC, ca=""), "without the CA"),
        (replace(SYNC, schedule="every hour"), "does not have five fields"),
        (replace(SYNC, schedule="0 0 * * 7"), "'7' is no day of the week"),
        (replace(SYNC, directory="nowhere"), "there is no directory nowhere"),
        (replace(SYNC, name="s" * 60), "longer than the 63 characters of a label"),
        (replace(SYNC, groups=("cn=team-a,ou=groups",)), "not by DNs"),
    ],
)
def test_what_the_operator_would_refuse_is_refused_before(sync: GroupSyncWanted, said: str) -> None:
    found = plan(sync, live=[])
    finding = next(each for each in found.findings if each.check.endswith("sync.settings"))
    assert finding.result == "fail" and finding.refuses and said in finding.message


def test_prune_that_is_off_is_a_warning_that_says_who_keeps_access() -> None:
    assert "the members keep access" in troubles(plan(replace(SYNC, prune=False), live=[live_sync()]))["prune"]


@pytest.mark.parametrize(
    ("named", "check", "said"),
    [
        ({SECRET: NamedRead("absent")}, "secret", "there is no Secret"),
        ({SECRET: NamedRead("read", {}, ("user", "password"))}, "secret", "lacks username"),
        ({SECRET: NamedRead("forbidden", reason="the account may not get it")}, "secret", "may not get it"),
        ({BUNDLE: NamedRead("absent")}, "ca", "there is no ConfigMap"),
        ({BUNDLE: NamedRead("read", {}, ("ca-bundle.crt",))}, "ca", "lacks ca.crt"),
        ({BUNDLE: NamedRead("failed", reason="it timed out")}, "ca", "timed out"),
    ],
)
def test_secret_and_ca_are_asked_for_their_keys(named: dict[Named, NamedRead], check: str, said: str) -> None:
    assert said in troubles(plan(SYNC, live=[live_sync()], named={**READ, **named}))[check]


def test_with_an_external_issuer_group_syncs_are_refused_and_nothing_is_planned() -> None:
    found = plan(SYNC, live=[], mode="oidc")
    assert not found.objects and not found.waits
    assert [(finding.result, finding.refuses) for finding in found.findings if finding.check.endswith("external")] == [("fail", True)]


def test_kind_that_nobody_brings_is_missing_and_one_of_an_operator_is_awaited() -> None:
    assert "no operator of the document brings it" in troubles(plan(SYNC, live=[], served=False))["crd"]
    facts = OperatorFacts("group-sync", "group-sync-operator", "group-sync-operator", "community-operators", "all", crds=(SYNCS,))
    desired = PlatformDesired(schema_version="1.0", operators=OperatorsWanted(wanted=(OperatorWanted(name="group-sync"),)))
    context = Context(desired, PlatformSnapshot({SYNCS: Listed("absent")}, READ), Catalogue("1", "", {"group-sync": facts}), "2026-11-22")
    found = plan_group_syncs(Identity(directories=(CORP,), group_syncs=(SYNC,)), context, NOW)
    assert [item.awaits for item in found.objects] == ["group-sync"] and troubles(found) == {}


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ([live_sync(error="LDAP Result Code 49")], {"works": "the last sync failed: LDAP Result Code 49"}),
        ([live_sync(synced="2026-11-22T06:00:00Z")], {"fresh": "it was last synced at 2026-11-22T06:00:00Z"}),
        ([live_sync(schedule="@hourly")], {"fresh": "it was synced at 2026-11-22T10:00:00Z; its schedule"}),
        ([live_sync(schedule="")], {"fresh": "it has no schedule"}),
        ([live_sync(synced="")], {"fresh": "no sync has succeeded yet"}),
        (None, {"works": "the account may not list groupsyncs", "fresh": "the account may not list groupsyncs"}),
        ([], {}),
    ],
)
def test_how_the_syncs_go_is_told_in_the_operators_words(live: list[Json] | None, expected: dict[str, str]) -> None:
    found = troubles(plan(SYNC, live=live))
    assert set(found) == set(expected)
    assert all(found[check].startswith(said) for check, said in expected.items()), found


def test_error_before_the_last_success_is_over() -> None:
    item = live_sync(error="it was down", synced="2026-11-22T10:20:00Z")
    assert troubles(plan(SYNC, live=[item])) == {}


def test_secret_of_another_namespace_is_told_of_whoever_made_the_group_sync() -> None:
    item = live_sync(name="foreign")
    item["spec"]["providers"][0]["ldap"]["credentialsSecret"] = {"name": "reader", "namespace": "openshift-config"}
    assert "from namespace openshift-config" in troubles(plan(live=[item]))["foreign_secret"]


@pytest.mark.parametrize(
    ("item", "state"),
    [
        (live_sync(), "ready"),
        (live_sync(error="it is down"), "waiting"),
        ({**live_sync(), "status": {}}, "waiting"),
    ],
)
def test_group_sync_is_ready_once_a_sync_succeeded(item: Json, state: str) -> None:
    assert JUDGES["redhatcop.redhat.io", "GroupSync"](item, EMPTY).state == state
    behind = {**item, "metadata": {**item["metadata"], "generation": 3}}
    for entry in behind.get("status", {}).get("conditions", []):
        entry["observedGeneration"] = 2
    assert JUDGES["redhatcop.redhat.io", "GroupSync"](behind, EMPTY).state == "waiting"


@pytest.mark.parametrize(
    ("schedule", "minutes"),
    [
        ("*/30 * * * *", 30),
        ("0 * * * *", 60),
        ("0,20 * * * *", 40),
        ("5/20 * * * *", 20),
        ("15 2 * * *", 1440),
        ("0 8-18/2 * * *", 14 * 60),
        ("0 6 * * 1-5", 3 * 1440),
        ("0 6 * * MON", 7 * 1440),
        ("0 0 1 * *", 31 * 1440),
        ("0 0 1 jan *", 366 * 1440),
        ("0 0 1 * sun", 7 * 1440),
        ("0 0 29 2 *", 1461 * 1440),
        ("*/7 * * * ?", 7),
    ],
)
def test_longest_time_between_two_runs_is_known(schedule: str, minutes: int) -> None:
    assert longest_gap_minutes(schedule) == minutes
    assert trouble_with_schedule(schedule) == ""


@pytest.mark.parametrize(
    "schedule",
    [
        "",
        "* * * *",
        "60 * * * *",
        "* 24 * * *",
        "*/0 * * * *",
        "0 0 31 2 *",
        "5-1 * * * *",
        "a * * * *",
        "@every 1h",
        "1,,2 * * * *",
        "² * * * *",
        "* * 0 * *",
    ],
)
def test_what_is_no_schedule_is_said_to_be_none(schedule: str) -> None:
    assert longest_gap_minutes(schedule) is None
    assert trouble_with_schedule(schedule)


def test_one_sync_that_was_missed_is_not_late_and_two_are() -> None:
    assert age_against("2026-11-22T09:10:00Z", 30, NOW).state == "fresh"
    assert age_against("2026-11-22T09:09:59Z", 30, NOW).state == "late"
    assert age_against("2026-11-22T11:00:00Z", 30, NOW).state == "fresh", "clocks differ"
    assert age_against("2026-11-22T09:10:00Z", 30, "").state == "unknown"
