# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the document's own: who judges their expressions, what that means, and what routes need of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import ENFORCED, PLATFORM, Monitoring
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import Reading
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.own_rules import (
    CONTROL,
    judged,
    own_findings,
    own_objects,
    rule_probes,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.promql import PromqlSeen
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.readings import NAMESPACES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.probes import Tried
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot

RULE: dict[str, Any] = {"alert": "TooMany", "expr": "up == 0", "labels": {"severity": "warning", "owner": "team-a"}}
OURS = "groundwork-readiness-monitoring/site"
AROUND = PlatformSnapshot({NAMESPACES: Listed("read", ({"metadata": {"name": "groundwork-readiness-monitoring"}},))}, {})
REFUSED = Tried(False, "admission webhook denied the request")


def section(*rules: dict[str, Any]) -> Monitoring:
    found = Reading().section(Monitoring, {"rules": list(rules)}, ("monitoring",))
    assert isinstance(found, Monitoring)
    return found


def entry(name: str = "site", rule: dict[str, Any] = RULE, **more: str) -> dict[str, Any]:
    return {"name": name, "groups": [{"name": "g", "rules": [rule]}], **more}


def of_promql(findings: list[CheckFinding]) -> dict[str, str]:
    return {finding.subject: finding.result for finding in findings if finding.check.endswith("promql")}


def test_rules_stand_where_their_evaluator_looks() -> None:
    wanted = section(entry(), entry("mine", evaluator=ENFORCED, namespace="team-a"), entry("nodes", evaluator=PLATFORM))
    assert [(one.object["kind"], one.object["metadata"]["namespace"]) for one in own_objects(wanted)] == [
        ("PrometheusRule", "groundwork-readiness-monitoring"),
        ("PrometheusRule", "team-a"),
        ("AlertingRule", "openshift-monitoring"),
    ]


def test_promtool_decides_where_it_was_asked() -> None:
    wanted = section(entry(), entry("broken"), entry("forgotten"))
    seen = PromqlSeen({OURS: (), "groundwork-readiness-monitoring/broken": ("parse error",)})
    findings = list(own_findings(wanted, seen))
    assert list(of_promql(findings).values()) == ["pass", "fail", "not_evaluated"]
    assert [finding.refuses for finding in findings if finding.result == "fail"] == [True]
    assert rule_probes(wanted, seen, AROUND) == ()


def test_a_server_that_refuses_nonsense_judges_the_rest() -> None:
    wanted = section(entry(), entry("broken"))
    asked = rule_probes(wanted, None, AROUND)
    answers = {CONTROL: REFUSED, OURS: Tried(True), "groundwork-readiness-monitoring/broken": REFUSED}
    assert list(of_promql(list(judged(asked, answers))).values()) == ["pass", "fail"]
    assert of_promql(list(own_findings(wanted, None))) == {}


def test_a_server_that_takes_nonsense_or_was_not_asked_judges_nothing() -> None:
    asked = rule_probes(section(entry()), None, AROUND)
    cannot = Tried(False, reason="the account may not create", lacks_right=True)
    for answers in ({CONTROL: Tried(True), OURS: Tried(True)}, {CONTROL: cannot, OURS: cannot}, {CONTROL: REFUSED}, {}):
        assert of_promql(list(judged(asked, answers))) == {OURS: "not_evaluated"}


def test_promtool_that_judged_nothing_leaves_it_to_the_server_and_its_reason_is_told() -> None:
    wanted, seen = section(entry()), PromqlSeen(reason="unknown long flag '--lint'")
    asked = rule_probes(wanted, seen, AROUND)
    assert of_promql(list(own_findings(wanted, seen))) == {}
    assert of_promql(list(judged(asked, {CONTROL: REFUSED, OURS: REFUSED}, seen))) == {OURS: "fail"}
    (found,) = judged(asked, {CONTROL: Tried(True), OURS: Tried(True)}, seen)
    assert found.message == "promtool judged nothing: unknown long flag '--lint', and the API server takes expressions unread"


def test_probes_bear_names_of_their_own() -> None:
    names = {probe.object["metadata"]["name"] for probe in rule_probes(section(entry(), entry("second")), None, AROUND)}
    assert names == {"readiness-probe", "readiness-probe-0", "readiness-probe-1"}


@pytest.mark.parametrize(
    ("listed", "place"),
    [
        (Listed("read", ()), "openshift-monitoring"),
        (Listed("read", ({"metadata": {"name": "groundwork-readiness-monitoring"}},)), "groundwork-readiness-monitoring"),
        (Listed("forbidden", reason="the account may not list namespaces"), "groundwork-readiness-monitoring"),
    ],
)
def test_probes_go_to_a_namespace_that_is_there_before_the_first_run_has_made_ours(listed: Listed, place: str) -> None:
    asked = rule_probes(section(entry()), None, PlatformSnapshot({NAMESPACES: listed}, {}))
    assert [(probe.subject, probe.object["metadata"]["namespace"]) for probe in asked] == [(CONTROL, place), (OURS, place)]


def test_an_alert_without_severity_or_owner_is_told_and_labels_of_its_group_count() -> None:
    bare = {"alert": "TooMany", "expr": "up == 0"}
    (found,) = [one for one in own_findings(section(entry(rule=bare)), None) if one.check.endswith("labels")]
    assert (found.result, found.message) == ("fail", "TooMany lacks owner and severity")
    labelled = entry(rule=bare)
    labelled["groups"][0]["labels"] = RULE["labels"]
    assert [one.result for one in own_findings(section(labelled), None)] == ["pass"]


def test_an_alert_for_the_platform_needs_the_namespace_of_its_routes() -> None:
    labels = {"severity": "warning", "owner": "platform"}
    (found,) = own_findings(section(entry(rule={**RULE, "labels": labels})), None)
    assert found.message == "TooMany lacks namespace: groundwork-readiness-monitoring"
    routed = {**labels, "namespace": "groundwork-readiness-monitoring"}
    assert [one.result for one in own_findings(section(entry(rule={**RULE, "labels": routed})), None)] == ["pass"]


def test_a_document_without_rules_asks_for_nothing() -> None:
    assert {finding.result for finding in own_findings(Monitoring(), None)} == {"not_applicable"}
    assert rule_probes(Monitoring(), None, AROUND) == ()
    assert rule_probes(None, None, AROUND) == ()
