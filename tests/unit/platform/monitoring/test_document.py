# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The section: each fault that no single value shows, with its place; and which tenants get their alerts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import Monitoring
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring_rules import monitoring_faults
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import Bad, Reading, path_text
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.settings import rule_settings, tenants_seen
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot

from tests.unit.platform.desired.documents import shipped

CATALOGUE = shipped()
RULE = {"alert": "TooMany", "expr": "up == 0"}


def section(data: dict[str, Any]) -> Monitoring:
    found = Reading().section(Monitoring, data, ("monitoring",))
    assert isinstance(found, Monitoring)
    return found


def faults(data: dict[str, Any]) -> dict[str, str]:
    return {path_text(path): problem.message for path, problem in monitoring_faults(section(data), CATALOGUE)}


def rules(**more: Any) -> dict[str, Any]:
    return {"rules": [{"name": "site", "groups": [{"name": "g", "rules": [RULE]}], **more}]}


def in_group(**more: Any) -> dict[str, Any]:
    return rules(groups=[{"name": "g", "rules": [RULE], **more}])


def one_rule(**rule: Any) -> dict[str, Any]:
    return rules(groups=[{"name": "g", "rules": [rule]}])


def test_a_sound_section_has_no_faults() -> None:
    data = {
        "alerts": {"AcceleratorOverTemperature": {"hold": "10m", "parameters": {"temperature_celsius": 80}}},
        "tenants": [{"namespace": "team-a", "alerts": {"ServingErrorBudgetBurnFast": {"parameters": {"error_budget_percent": 0.5}}}}],
        **one_rule(alert="TooMany", expr="up == 0", labels={"severity": "warning"}, **{"for": "1h30m"}),
    }
    assert faults(data) == {}


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        ({"alerts": {"AcceleratorOverTemprature": {}}}, "monitoring.alerts.AcceleratorOverTemprature", "no alert"),
        ({"alerts": {"QueueInactive": {"state": "absent", "hold": "1m"}}}, "monitoring.alerts.QueueInactive", "left out and set"),
        (
            {"alerts": {"AcceleratorOverTemperature": {"parameters": {"temperature_celsius": 300}}}},
            "monitoring.alerts.AcceleratorOverTemperature.parameters.temperature_celsius",
            "is 300",
        ),
        (
            {"alerts": {"AcceleratorOverTemperature": {"parameters": {"temperature": 80}}}},
            "monitoring.alerts.AcceleratorOverTemperature.parameters.temperature",
            "no number",
        ),
        (
            {"alerts": {"AcceleratorXid79FallenOffBus": {"parameters": {"code": 48}}}},
            "monitoring.alerts.AcceleratorXid79FallenOffBus.parameters.code",
            "no number",
        ),
        ({"tenants": [{"namespace": "a"}, {"namespace": "a"}]}, "monitoring.tenants[1].namespace", "'a'"),
        ({"tenants": [{"namespace": "openshift-monitoring"}]}, "monitoring.tenants[0].namespace", "system"),
        ({"tenants": [{"namespace": "groundwork-readiness-monitoring"}]}, "monitoring.tenants[0].namespace", "own namespace"),
        (
            {"tenants": [{"namespace": "a", "alerts": {"QueueInactive": {"hold": "1m"}}}]},
            "monitoring.tenants[0].alerts.QueueInactive",
            "not evaluated in a tenant",
        ),
        ({"tenants": [{"namespace": "a", "alerts": {"Queue": {}}}]}, "monitoring.tenants[0].alerts.Queue", "no alert"),
        (
            {"tenants": [{"namespace": "a", "alerts": {"ServingErrorBudgetBurnFast": {"parameters": {"error_budget_percent": 200}}}}]},
            "monitoring.tenants[0].alerts.ServingErrorBudgetBurnFast.parameters.error_budget_percent",
            "is 200",
        ),
        (rules(name="groundwork-readiness-x"), "monitoring.rules[0].name", "own rules begin"),
        (rules(evaluator="user_workload_enforced"), "monitoring.rules[0].namespace", "missing"),
        (rules(namespace="team-a"), "monitoring.rules[0].namespace", "have theirs"),
        (rules(groups=[]), "monitoring.rules[0].groups", "empty"),
        (in_group(interval="often"), "monitoring.rules[0].groups[0].interval", "no length of time"),
        (in_group(interval=30), "monitoring.rules[0].groups[0].interval", "no length of time"),
        (in_group(name=""), "monitoring.rules[0].groups[0].name", "missing"),
        (in_group(rules=[]), "monitoring.rules[0].groups[0].rules", "no list"),
        (in_group(rules=["up"]), "monitoring.rules[0].groups[0].rules[0]", "no mapping"),
        (in_group(evaluate="1m"), "monitoring.rules[0].groups[0].evaluate", "no key of a group"),
        (one_rule(expr="up"), "monitoring.rules[0].groups[0].rules[0]", "no alert and no record"),
        (one_rule(alert="A", record="b:c", expr="up"), "monitoring.rules[0].groups[0].rules[0]", "or both"),
        (one_rule(alert="A"), "monitoring.rules[0].groups[0].rules[0].expr", "missing"),
        (one_rule(alert="A", expr=1), "monitoring.rules[0].groups[0].rules[0].expr", "no text"),
        (one_rule(record="b:c", expr="up", **{"for": "1m"}), "monitoring.rules[0].groups[0].rules[0].for", "recording rule"),
        (one_rule(alert="A", expr="up", labels={"severity": 1}), "monitoring.rules[0].groups[0].rules[0].labels", "texts"),
        (
            {"rules": [{"name": "n", "evaluator": "platform", "groups": [{"name": "g", "rules": [{"record": "b:c", "expr": "up"}]}]}]},
            "monitoring.rules[0].groups",
            "no recording rules",
        ),
        ({"routes": [{"owner": "platform"}]}, "monitoring.routes[0]", ""),
        ({"dashboards": {"left_out": ["nothing"]}}, "monitoring.dashboards.left_out[0]", "dashboard"),
    ],
)
def test_each_fault_is_told_with_its_place(data: dict[str, Any], place: str, words: str) -> None:
    found = faults(data)
    assert place in found, found
    assert words in found[place]


@pytest.mark.parametrize(
    ("alert", "place"),
    [
        *(({"hold": hold}, "hold") for hold in ("5 minutes", "0m", "5m\n", 5)),
        ({"parameters": {"temperature_celsius": float("nan")}}, "parameters.temperature_celsius"),
    ],
)
def test_what_is_no_length_of_time_and_no_number_is_refused(alert: dict[str, Any], place: str) -> None:
    name = "AcceleratorOverTemperature"
    reading = Reading()
    with pytest.raises(Bad):
        reading.section(Monitoring, {"alerts": {name: alert}}, ("monitoring",))
    assert [path_text(path) for path, _problem in reading.problems] == [f"monitoring.alerts.{name}.{place}"]


def cluster(*namespaces: dict[str, Any], state: str = "read") -> PlatformSnapshot:
    return PlatformSnapshot({"namespaces": Listed(state, namespaces, reason="" if state == "read" else "the account may not")}, {}, {})


def space(name: str, owner: str = "") -> dict[str, Any]:
    labels = {"readiness.groundwork.io/owner": owner} if owner else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def test_tenants_get_their_alerts_once_their_namespace_is_there_and_has_an_owner() -> None:
    wanted = section({"tenants": [{"namespace": name} for name in ("owned", "nobodys", "gone")]})
    seen = tenants_seen(wanted, cluster(space("owned", "team-a"), space("nobodys")))
    assert list(rule_settings(wanted, seen).tenants) == ["owned"]
    assert {finding.subject for finding in seen.findings if finding.failed} == {"namespace nobodys", "namespace gone"}
    assert "nobodys" in seen.incomplete
    assert "gone" in seen.incomplete


def test_a_tenants_own_numbers_are_its_own_alone() -> None:
    alerts = {"ServingErrorBudgetBurnFast": {"parameters": {"error_budget_percent": 0.5}}, "ServingSaturated": {"state": "absent"}}
    wanted = section({"tenants": [{"namespace": "a", "owner": "team-a", "alerts": alerts}]})
    settings = rule_settings(wanted, tenants_seen(wanted, cluster(space("a"))))
    assert settings.parameters == {}
    assert settings.tenants["a"].parameters == {"ServingErrorBudgetBurnFast": {"error_budget_percent": 0.5}}
    assert settings.tenants["a"].left_out == ("ServingSaturated",)


def test_where_namespaces_cannot_be_listed_nobody_knows_of_tenants() -> None:
    wanted = section({"tenants": [{"namespace": "a"}]})
    seen = tenants_seen(wanted, cluster(state="forbidden"))
    assert {finding.result for finding in seen.findings} == {"not_evaluated"}
    assert seen.rules == {}
