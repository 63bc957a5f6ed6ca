# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each tenant gets the alerts with its own numbers, and nobody else gets them."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import ENFORCED
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.facts import RuleFacts
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.objects import rule_objects
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import RuleSettings, TenantRules

from tests.unit.platform.monitoring.test_rules import ALERT, OURS

OF_TENANTS = replace(ALERT, name="Slow", evaluator=ENFORCED, owner="namespace")
FACTS = RuleFacts(alerts={"QueueFull": ALERT, "Slow": OF_TENANTS, "Drift": replace(OF_TENANTS, name="Drift", group="drift")})
SETTINGS = RuleSettings(
    parameters={"Slow": {"used_ratio": 0.8, "waiting": 3}, "QueueFull": {"used_ratio": 0.6}},
    holds={"Slow": "30m"},
    tenants={
        "team-a": TenantRules("research", {"Slow": {"used_ratio": 0.5}}, {"Slow": "1h"}, ("Drift",)),
        "team-b": TenantRules("sales"),
    },
)


def test_the_objects_of_a_tenant_have_its_own_numbers_holds_and_owner_and_others_those_of_the_section() -> None:
    found = {
        (wanted.object["metadata"]["namespace"], rule["alert"]): (rule["expr"], rule["for"], rule["labels"]["owner"])
        for wanted in rule_objects(FACTS, SETTINGS, "monitoring")
        for group in wanted.object["spec"]["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    used = "(sum by (namespace, queue) (used) / 1) > "
    joined = " and on (namespace, queue) (waiting) >= "
    assert found == {
        (OURS, "QueueFull"): (f"{used}0.6{joined}1", "5m", "platform"),
        ("team-a", "Slow"): (f"{used}0.5{joined}3", "1h", "research"),
        ("team-b", "Slow"): (f"{used}0.8{joined}3", "30m", "sales"),
        ("team-b", "Drift"): (f"{used}0.9{joined}1", "5m", "sales"),
    }
