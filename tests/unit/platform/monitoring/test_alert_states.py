# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each alert of the collection has a record in each place: whether the cluster holds it as it is wanted, and who is told."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import fields, replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import AlertWanted, TenantWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring import readings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.alert_states import alert_records
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import (
    MONITORING_NAMESPACE,
    PLATFORM_NAMESPACE,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.records import KINDS, WORDS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import RuleSettings, TenantRules

from tests.unit.platform.monitoring.watching_builders import ASKED, FACTS, OWNER, SETTINGS, TENANT, Json, Site, clean_site

CLEAN = clean_site()
OPEN_ALERT, TENANT_ALERT, PLATFORM_ALERT = "QueueInactive", "ServingSaturated", "AcceleratorAllocatableBelowCapacity"
OBJECTS = {OPEN_ALERT: "groundwork-readiness-queues", TENANT_ALERT: "groundwork-readiness-serving"}
TOLD = {(MONITORING_NAMESPACE, OPEN_ALERT): (("platform by mail",), ("team-b-owners",))}


def records(site: Site, told: dict[tuple[str, str], Any] | None = None) -> dict[str, Json]:
    return {record["id"]: record for record in alert_records(site.look(), told or {})}


def with_rule(site: Site, alert: str, changes: dict[str, Any]) -> Site:
    """The site with a live rule in which this is other."""
    item = deepcopy(site.get(readings.RULES, OBJECTS[alert]))
    rules = [rule for group in item["spec"]["groups"] for rule in group["rules"] if rule["alert"] == alert]
    rules[0].update(changes)
    return site.with_objects((readings.RULES, item))


def test_every_alert_that_is_wanted_is_in_place_once_or_in_the_namespace_of_the_tenant() -> None:
    found = records(CLEAN)
    assert len(found) == len(FACTS.alerts)
    assert {record["state"] for record in found.values()} == {"in_place"}
    assert found[f"{TENANT}/{TENANT_ALERT}"]["owner"] == OWNER
    assert found[f"{PLATFORM_NAMESPACE}/{PLATFORM_ALERT}"]["owner"] == "platform"
    assert found[f"{MONITORING_NAMESPACE}/NamespaceQuotaNeverUsed"]["owner"] == "namespace"


@pytest.mark.parametrize("told", [{}, TOLD])
def test_records_have_the_facts_of_their_kind_and_its_words(told: dict[tuple[str, str], Any]) -> None:
    known = {each.name for each in fields(KINDS["alert"])} | {"kind"}
    for record in records(CLEAN, told).values():
        assert set(record) | set(record.get("unknown", {})) >= known - {"unknown"}
        assert set(record) <= known
        assert all(record[fact] in words for (kind, fact), words in WORDS.items() if kind == "alert")


def test_who_is_told_comes_from_outside_and_is_unknown_without_it() -> None:
    found = records(CLEAN, TOLD)
    told, untold = found[f"{MONITORING_NAMESPACE}/{OPEN_ALERT}"], found[f"{MONITORING_NAMESPACE}/QueueQuotaSaturated"]
    assert (told["receivers"], told["untold"]) == (["platform by mail"], ["team-b-owners"])
    assert set(untold["unknown"]) == {"receivers", "untold"}


@pytest.mark.parametrize(
    "changes",
    [{"expr": "vector(1)"}, {"for": "1h"}, {"labels": {"severity": "info"}}, {"alert": "Renamed"}],
    ids=["expression", "hold", "labels", "name"],
)
@pytest.mark.parametrize(("alert", "namespace"), [(OPEN_ALERT, MONITORING_NAMESPACE), (TENANT_ALERT, TENANT)])
def test_rule_that_is_another_one_is_missing(alert: str, namespace: str, changes: dict[str, Any]) -> None:
    states = {key: record["state"] for key, record in records(with_rule(CLEAN, alert, changes)).items()}
    assert [key for key, state in states.items() if state != "in_place"] == [f"{namespace}/{alert}"]
    assert states[f"{namespace}/{alert}"] == "missing"


def test_words_for_people_may_differ() -> None:
    changed = with_rule(CLEAN, OPEN_ALERT, {"annotations": {"summary": "in other words"}})
    assert records(changed)[f"{MONITORING_NAMESPACE}/{OPEN_ALERT}"]["state"] == "in_place"


def test_object_that_is_gone_misses_all_of_its_alerts() -> None:
    found = records(CLEAN.without(readings.RULES, "groundwork-readiness-queues"))
    missing = {record["name"] for record in found.values() if record["state"] == "missing"}
    assert missing == {name for name, facts in FACTS.alerts.items() if facts.group == "queues"}


@pytest.mark.parametrize(
    ("hidden", "namespaces"), [(readings.RULES, {MONITORING_NAMESPACE, TENANT}), (readings.ALERTING_RULES, {PLATFORM_NAMESPACE})]
)
def test_list_that_is_not_known_leaves_its_alerts_unevaluated(hidden: str, namespaces: set[str]) -> None:
    found = records(replace(CLEAN, hidden=(hidden,))).values()
    assert {record["namespace"] for record in found if record["state"] == "not_evaluated"} == namespaces
    assert {record["state"] for record in found if record["namespace"] not in namespaces} == {"in_place"}


def test_kind_that_is_not_served_misses_its_alerts() -> None:
    objects = tuple(entry for entry in CLEAN.objects if entry[0] != readings.ALERTING_RULES)
    found = records(replace(CLEAN, objects=objects, absent=(readings.ALERTING_RULES,)))
    assert found[f"{PLATFORM_NAMESPACE}/{PLATFORM_ALERT}"]["state"] == "missing"


def test_alert_that_the_document_leaves_out_tells_nobody() -> None:
    gone = AlertWanted(state="absent")
    tenant = replace(ASKED.tenants[0], alerts={TENANT_ALERT: gone})
    wanted = replace(ASKED, alerts={OPEN_ALERT: gone}, tenants=(tenant,))
    site = replace(CLEAN, wanted=wanted, settings=replace(SETTINGS, left_out=(OPEN_ALERT, TENANT_ALERT)))
    found = records(site, TOLD)
    assert {key for key, record in found.items() if record["state"] == "left_out"} == {
        f"{MONITORING_NAMESPACE}/{OPEN_ALERT}",
        f"{TENANT}/{TENANT_ALERT}",
    }
    assert found[f"{MONITORING_NAMESPACE}/{OPEN_ALERT}"]["receivers"] == []


def test_alert_that_one_tenant_leaves_out_is_wanted_by_the_others() -> None:
    tenant = replace(ASKED.tenants[0], alerts={TENANT_ALERT: AlertWanted(state="absent")})
    wanted = replace(ASKED, tenants=(tenant, TenantWanted(namespace="web", owner="web-team"), TenantWanted(namespace="gone")))
    rules = {TENANT: TenantRules(OWNER, left_out=(TENANT_ALERT,)), "web": TenantRules("web-team")}
    found = records(replace(CLEAN, wanted=wanted, settings=replace(SETTINGS, tenants=rules)))
    states = {name: found[f"{name}/{TENANT_ALERT}"]["state"] for name in (TENANT, "web", "gone")}
    assert states == {TENANT: "left_out", "web": "missing", "gone": "missing"}


@pytest.mark.parametrize(("hidden", "state"), [((), "missing"), ((readings.NAMESPACES,), "not_evaluated")])
def test_tenant_whose_alerts_could_not_be_worked_out_has_none_in_place(hidden: tuple[str, ...], state: str) -> None:
    wanted = replace(ASKED, tenants=(*ASKED.tenants, TenantWanted(namespace="gone")))
    found = records(replace(CLEAN, wanted=wanted, hidden=hidden))
    assert {record["state"] for record in found.values() if record["namespace"] == "gone"} == {state}
    assert found[f"gone/{TENANT_ALERT}"]["owner"] == "namespace"


def test_document_without_tenants_has_no_records_of_alerts_of_tenants() -> None:
    site = replace(CLEAN, wanted=replace(ASKED, tenants=()), settings=RuleSettings())
    assert {record["evaluator"] for record in records(site).values()} == {"user_workload_open", "platform"}
