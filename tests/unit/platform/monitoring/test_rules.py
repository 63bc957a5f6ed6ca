# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules are put together from facts and judged settings; nothing else becomes part of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import ENFORCED, OPEN, PLATFORM
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.facts import (
    AlertFacts,
    ConditionFacts,
    ParameterFacts,
    RecordFacts,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import (
    RuleSettings,
    TenantRules,
    alert_groups,
    alert_labels,
    alert_rule,
    condition_values,
    expression,
    filled,
    number_text,
    record_groups,
    record_rule,
    seconds_of,
    settings_in,
)

ALERT = AlertFacts(
    name="QueueFull",
    group="queues",
    evaluator=OPEN,
    severity="warning",
    owner="platform",
    hold="5m",
    labels=("namespace", "queue"),
    conditions=(
        ConditionFacts(value="sum by (namespace, queue) (used) / ${scale}", comparator=">", threshold="used_ratio"),
        ConditionFacts(value="waiting", comparator=">=", threshold="waiting"),
    ),
    parameters={
        "used_ratio": ParameterFacts(default=0.9, least=0.1, most=1, unit="ratio"),
        "waiting": ParameterFacts(default=1, least=1, most=100, unit="count"),
        "scale": ParameterFacts(default=1, least=1, most=1, unit="count", fixed=True),
    },
    summary="A queue is full",
    description="{{ $labels.queue }} is above ${used_ratio}; $${HOME} and ${other} are no numbers of it.",
    meaning="m",
    look=("l",),
    act=("a",),
    source="s",
)
RECORD = RecordFacts(name="x", record="accelerator:power:watts", unit="watts", meaning="m", expr="a / 1000", source="s")


def test_conditions_are_compared_with_their_numbers_and_joined_by_the_labels_of_the_alert() -> None:
    assert expression(ALERT, RuleSettings()) == ("(sum by (namespace, queue) (used) / 1) > 0.9 and on (namespace, queue) (waiting) >= 1")


def test_conditions_can_be_looked_at_without_being_compared() -> None:
    assert condition_values(ALERT, RuleSettings()) == ("sum by (namespace, queue) (used) / 1", "waiting")


def test_numbers_and_hold_of_the_document_go_before_the_shipped_ones() -> None:
    rule = alert_rule(ALERT, RuleSettings(parameters={"QueueFull": {"used_ratio": 0.75}}, holds={"QueueFull": "1h"}))
    assert "> 0.75 and" in rule["expr"]
    assert rule["for"] == "1h"
    assert rule["annotations"]["description"].startswith("{{ $labels.queue }} is above 0.75; ")


def test_a_fixed_number_stays_as_shipped_whatever_is_given() -> None:
    assert "/ 1)" in expression(ALERT, RuleSettings(parameters={"QueueFull": {"scale": 7}}))


def test_what_is_no_parameter_stays_as_it_is_in_a_text() -> None:
    assert filled("${a} $${b} {{ $value }} ${c}", {"a": 1.5}) == "1.5 $${b} {{ $value }} ${c}"


@pytest.mark.parametrize(("value", "text"), [(0.05, "0.05"), (85, "85"), (85.0, "85"), (14.4, "14.4"), (604800, "604800"), (-1.5, "-1.5")])
def test_numbers_are_written_exactly(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("5m", 300), ("2h", 7200), ("14d", 1209600)])
def test_lengths_of_time_are_counted_in_seconds(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


OURS = "groundwork-readiness-monitoring"


def test_an_alert_of_the_platform_names_it_as_owner_and_stands_in_the_namespace_of_its_routes() -> None:
    assert alert_rule(ALERT, RuleSettings())["labels"] == {
        "namespace": OURS,
        "owner": "platform",
        "severity": "warning",
        "workload_namespace": "{{ $labels.namespace }}",
    }


def test_an_alert_that_is_about_no_namespace_names_none() -> None:
    for evaluator in (OPEN, PLATFORM):
        rule = alert_rule(replace(ALERT, labels=("queue",), evaluator=evaluator), RuleSettings())
        assert rule["labels"] == {"namespace": OURS, "owner": "platform", "severity": "warning"}


def test_an_alert_for_the_owner_of_a_namespace_finds_that_owner() -> None:
    rule = alert_rule(replace(ALERT, owner="namespace"), RuleSettings())
    assert "owner" not in rule["labels"]
    assert rule["expr"].endswith(" * on (namespace) group_left (owner) namespace:owner:info")
    assert rule["expr"].startswith("((sum")


def test_an_alert_for_the_owner_of_a_namespace_stays_in_it_unless_the_platform_is_that_owner() -> None:
    labels = alert_rule(replace(ALERT, owner="namespace"), RuleSettings())["labels"]
    assert labels["namespace"] == f'{{{{ if eq $labels.owner "platform" }}}}{OURS}{{{{ else }}}}{{{{ $labels.namespace }}}}{{{{ end }}}}'
    assert labels["workload_namespace"] == "{{ $labels.namespace }}"


def test_an_alert_of_tenants_is_told_its_owner_and_stays_where_it_is_evaluated() -> None:
    rule = alert_rule(replace(ALERT, owner="namespace", evaluator=ENFORCED), RuleSettings(), "research")
    assert rule["labels"] == {"owner": "research", "severity": "warning"}
    assert "namespace:owner:info" not in rule["expr"]


@pytest.mark.parametrize(
    ("evaluator", "labels"),
    [
        (OPEN, ("alertname", "namespace", "owner", "queue", "severity", "workload_namespace")),
        (ENFORCED, ("alertname", "namespace", "owner", "queue", "severity")),
    ],
)
def test_labels_of_an_alert_are_those_of_its_series_and_of_its_rule(evaluator: str, labels: tuple[str, ...]) -> None:
    assert alert_labels(replace(ALERT, evaluator=evaluator)) == labels


def test_the_settings_of_a_tenant_go_before_those_of_the_section_and_leave_out_more() -> None:
    own = TenantRules("research", {"QueueFull": {"used_ratio": 0.5}, "Other": {"a": 1}}, {"QueueFull": "1h"}, ("B",))
    settings = RuleSettings(
        parameters={"QueueFull": {"used_ratio": 0.7, "waiting": 2}}, holds={"Other": "2h"}, left_out=("A",), tenants={"team-a": own}
    )
    found = settings_in("team-a", settings)
    assert found.parameters == {"QueueFull": {"used_ratio": 0.5, "waiting": 2}, "Other": {"a": 1}}
    assert (found.holds, found.left_out) == ({"Other": "2h", "QueueFull": "1h"}, ("A", "B"))
    assert settings_in("team-b", settings) == settings


def test_runbook_leads_to_the_page_that_is_set() -> None:
    told = {
        place: alert_rule(ALERT, RuleSettings(runbooks=place))["annotations"]
        for place in ("https://example.com/runbooks", "HTTP://example.com/runbooks", "docs/our.md")
    }
    assert {place: {key: value for key, value in found.items() if "runbook" in key} for place, found in told.items()} == {
        "https://example.com/runbooks": {"runbook_url": "https://example.com/runbooks#queuefull"},
        "HTTP://example.com/runbooks": {"runbook_url": "HTTP://example.com/runbooks#queuefull"},
        "docs/our.md": {"runbook": "docs/our.md#queuefull"},
    }


def test_a_record_of_kubernetes_is_recorded_as_it_stands() -> None:
    assert record_rule(RECORD) == {"record": "accelerator:power:watts", "expr": "a / 1000"}


def test_a_record_of_an_exporter_gets_the_common_labels_and_its_own() -> None:
    rule = record_rule(replace(RECORD, vendor="gaudi", labels={"version": "driver"}))
    assert rule["labels"] == {"vendor": "gaudi"}
    assert rule["expr"].startswith("max by (device, model, namespace, node, partition, pod, version) (label_replace(")
    assert "(a / 1000) * on (namespace, pod) group_left (node) topk by (namespace, pod) (1, " in rule["expr"]
    assert rule["expr"].endswith('"version", "$1", "driver", "(.+)"))')


def test_groups_and_rules_stand_in_a_fixed_order_and_without_what_is_left_out() -> None:
    other = replace(ALERT, name="Another", group="alpha")
    third = replace(ALERT, name="Beside", evaluator=PLATFORM)
    found = alert_groups((ALERT, replace(ALERT, name="A"), third, other), OPEN, RuleSettings(left_out=("B",)))
    assert [(group["name"], [rule["alert"] for rule in group["rules"]]) for group in found] == [
        ("alpha", ["Another"]),
        ("queues", ["A", "QueueFull"]),
    ]
    assert alert_groups((ALERT,), OPEN, RuleSettings(left_out=("QueueFull",))) == ()


def test_records_stand_in_a_group_for_each_vendor() -> None:
    groups = record_groups((replace(RECORD, name="b"), replace(RECORD, vendor="nvidia"), replace(RECORD, record="a:b:watts")))
    assert [(group["name"], len(group["rules"])) for group in groups] == [("records-kubernetes", 2), ("records-nvidia", 1)]
    assert groups[0]["rules"][0]["record"] == "a:b:watts"
