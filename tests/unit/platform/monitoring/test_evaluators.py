# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules stand where their evaluator sees what they ask for; the objects that hold them are what their CRDs take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import ENFORCED, OPEN, PLATFORM
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import (
    EVALUATOR,
    MONITORING_NAMESPACE,
    PLATFORM_NAMESPACE,
    Matcher,
    group_faults,
    matchers_of,
    series_of,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.facts import RuleFacts
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.objects import rule_objects
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import RuleSettings, TenantRules
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import OPERANDS
from jsonschema import Draft202012Validator

from tests.integration.monitoring_rules import shipped_rules

FACTS = shipped_rules()
SETTINGS = RuleSettings(tenants={"team-b": TenantRules("research"), "team-a": TenantRules("vision")}, left_out=("ModelDisparateImpact",))
OBJECTS = rule_objects(FACTS, SETTINGS, "monitoring.rules")
CRDS = {"PrometheusRule": "monitoring.coreos.com_prometheusrules", "AlertingRule": "monitoring.openshift.io_alertingrules"}


def group(expr: str, **rule: str) -> dict[str, Any]:
    return {"name": "g", "rules": [{"alert": "A", "expr": expr, **rule}]}


def faults(evaluator: str, namespace: str, *groups: dict[str, Any]) -> list[str]:
    return list(group_faults(evaluator, namespace, groups, FACTS.records))


@pytest.mark.parametrize(
    ("expr", "series"),
    [
        ("up", {"up"}),
        ('sum by (job, up) (rate(a:b:c{x="y z{}"}[5m])) / on (n) group_left (o) max_over_time(d[1h:1m] offset 5m)', {"a:b:c", "d"}),
        ('label_replace(a, "x", "$1", "y", "(.+)") and on () b > bool 0.5e3', {"a", "b"}),
        ("count without (instance) (a unless b) * Inf or vector(1) == 0x1f", {"a", "b"}),
        ("a{b=\"}\",c!~'d'} + `x` ", {"a"}),
        ("time() - max by (n) (created)", {"created"}),
        ("", set()),
    ],
)
def test_series_of_an_expression_are_found(expr: str, series: set[str]) -> None:
    assert series_of(expr) == series


def test_matchers_of_an_expression_are_found() -> None:
    found = matchers_of('a{namespace="x", pod=~"y.+"} or {__name__!="b",c !~ "d"}')
    assert found == (Matcher("namespace", "=", "x"), Matcher("pod", "=~", "y.+"), Matcher("__name__", "!=", "b"), Matcher("c", "!~", "d"))


@pytest.mark.parametrize(
    ("evaluator", "namespace", "rule", "words"),
    [
        ("somebody", "team-a", group("up"), "somebody evaluator"),
        ("", "team-a", group("up"), "no evaluator"),
        (OPEN, "team-a", group("up"), "without label enforcement"),
        (PLATFORM, "team-a", group("up"), "stand in openshift-monitoring"),
        (ENFORCED, PLATFORM_NAMESPACE, group("up"), "in the tenant's namespace"),
        (ENFORCED, MONITORING_NAMESPACE, group("up"), "in the tenant's namespace"),
        (PLATFORM, PLATFORM_NAMESPACE, {"name": "g", "rules": [{"record": "a:b:c", "expr": "up"}]}, "holds no recording rules"),
        (PLATFORM, PLATFORM_NAMESPACE, group("accelerator:power:watts > 1"), "the platform's Prometheus does not have it"),
        (ENFORCED, "team-a", group('up{namespace="team-b"} == 0'), 'namespace="team-b" is asked for'),
        (ENFORCED, "team-a", group('up{namespace=~".+"} == 0'), "the matcher is replaced"),
        (ENFORCED, "team-a", group('up{namespace!="team-a"} == 0'), "the matcher is replaced"),
        (ENFORCED, "team-a", group("kube_node_status_capacity > 0"), "would never see it"),
        (ENFORCED, "team-a", group('kueue_cluster_queue_status{status="active"} == 0'), "would never see it"),
    ],
)
def test_rules_in_the_wrong_place_are_named(evaluator: str, namespace: str, rule: dict[str, Any], words: str) -> None:
    (fault,) = faults(evaluator, namespace, rule)
    assert words in fault


def test_a_tenants_rule_may_name_its_own_namespace() -> None:
    assert faults(ENFORCED, "team-a", group('sum by (namespace) (up{namespace="team-a"}) == 0')) == []


def test_shipped_rules_stand_where_they_may() -> None:
    found = [
        fault
        for wanted in OBJECTS
        for fault in faults(
            wanted.object["metadata"]["annotations"][EVALUATOR], wanted.object["metadata"]["namespace"], *wanted.object["spec"]["groups"]
        )
    ]
    assert found == []


def test_each_evaluator_and_namespace_has_its_objects_in_a_fixed_order() -> None:
    places = [
        (
            wanted.object["kind"],
            wanted.object["metadata"]["namespace"],
            wanted.object["metadata"]["name"].removeprefix("groundwork-readiness-"),
        )
        for wanted in OBJECTS
    ]
    assert places == [
        ("PrometheusRule", MONITORING_NAMESPACE, "records"),
        ("PrometheusRule", MONITORING_NAMESPACE, "accelerator-capacity"),
        ("PrometheusRule", MONITORING_NAMESPACE, "accelerator-health"),
        ("PrometheusRule", MONITORING_NAMESPACE, "accelerator-use"),
        ("PrometheusRule", MONITORING_NAMESPACE, "queues"),
        ("AlertingRule", PLATFORM_NAMESPACE, "accelerator-capacity"),
        ("PrometheusRule", "team-a", "model-drift"),
        ("PrometheusRule", "team-a", "serving"),
        ("PrometheusRule", "team-b", "model-drift"),
        ("PrometheusRule", "team-b", "serving"),
    ]


def test_objects_are_ours_and_say_who_asks_for_them() -> None:
    assert {(wanted.part, wanted.layer, wanted.path, wanted.rank, wanted.claim) for wanted in OBJECTS} == {
        ("monitoring", "monitoring", "monitoring.rules", OPERANDS, "own")
    }


def test_every_alert_that_is_not_left_out_stands_in_an_object() -> None:
    held = {rule["alert"] for wanted in OBJECTS for entry in wanted.object["spec"]["groups"] for rule in entry["rules"] if "alert" in rule}
    assert held == set(FACTS.alerts) - {"ModelDisparateImpact"}


def test_order_of_facts_and_tenants_changes_nothing() -> None:
    turned = RuleFacts(dict(reversed(FACTS.records.items())), dict(reversed(FACTS.alerts.items())))
    settings = RuleSettings(tenants=dict(reversed(SETTINGS.tenants.items())), left_out=SETTINGS.left_out)
    assert rule_objects(turned, settings, "monitoring.rules") == OBJECTS


def test_tenants_get_the_owner_of_their_namespace() -> None:
    owners = {
        wanted.object["metadata"]["namespace"]: rule["labels"]["owner"]
        for wanted in OBJECTS
        for entry in wanted.object["spec"]["groups"]
        for rule in entry["rules"]
        if wanted.object["metadata"]["namespace"].startswith("team-")
    }
    assert owners == {"team-a": "vision", "team-b": "research"}


@pytest.mark.parametrize("kind", sorted(CRDS))
def test_objects_are_what_their_crd_takes(kind: str, shared: Path) -> None:
    crd = yaml.safe_load((shared / "crds" / f"{CRDS[kind]}.yaml").read_text(encoding="utf-8"))
    version = next(entry for entry in crd["spec"]["versions"] if entry["storage"])
    wanted = [entry.object for entry in OBJECTS if entry.object["kind"] == kind]
    assert {item["apiVersion"] for item in wanted} == {f"{crd['spec']['group']}/{version['name']}"}
    for item in wanted:
        # Not the schema itself: its patterns are those of Go.
        assert list(Draft202012Validator(version["schema"]["openAPIV3Schema"]).iter_errors(item)) == []
        assert set(item["spec"]["groups"][0]["rules"][0]) <= set(_rule_fields(version["schema"]["openAPIV3Schema"]))


def _rule_fields(schema: dict[str, Any]) -> dict[str, Any]:
    groups = schema["properties"]["spec"]["properties"]["groups"]["items"]
    fields: dict[str, Any] = groups["properties"]["rules"]["items"]["properties"]
    return fields
