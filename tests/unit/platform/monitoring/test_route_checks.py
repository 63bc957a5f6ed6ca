# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every alert reaches its owner, or a finding says of which it is not so, or why nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CRITICAL, WARNING, CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import (
    FAIL,
    MISSING,
    NOT_APPLICABLE,
    NOT_EVALUATED,
    PASS,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import (
    Monitoring,
    RouteWanted,
    TenantWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.readings import ALERTMANAGER_CONFIGS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.route_checks import ROUTE_CHECKS, route_findings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.routes import NAME, route_secrets
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.routing import MAIN_ALONE
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import RuleSettings, TenantRules
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import (
    Listed,
    NamedRead,
    PlatformSnapshot,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.target.model import ABSENT, FORBIDDEN, READ

from tests.unit.platform.monitoring.test_routes import CHAT, HOOK, OURS, OWNER_LABEL, PLATFORM, RESEARCH
from tests.unit.platform.monitoring.test_routing import FACTS

LABELS = {"team-a": {OWNER_LABEL: "research"}, "team-b": {}}
WANTED = Monitoring(tenants=(TenantWanted(namespace="team-a", owner="research"),), routes=(PLATFORM, RESEARCH))
SETTINGS = RuleSettings(tenants={"team-a": TenantRules("research")})
NONE_THERE = Listed(READ)
REFUSED = Listed(FORBIDDEN, reason="forbidden")
THEIRS = {
    "metadata": {"name": "theirs", "namespace": "team-a"},
    "spec": {"route": {"receiver": "chat"}, "receivers": [{"name": "chat", "slackConfigs": [{}]}]},
}


def look(
    wanted: Monitoring = WANTED,
    namespaces: Mapping[str, Mapping[str, str]] | None = None,
    others: Listed = NONE_THERE,
    secrets: NamedRead | None = None,
) -> PlatformSnapshot:
    """A look with these namespaces and AlertmanagerConfigs; all Secrets of the document read alike, else with all their keys."""
    items = tuple({"metadata": {"name": name, "labels": dict(labels)}} for name, labels in (namespaces or LABELS).items())
    listed = {"namespaces": Listed(READ, items), ALERTMANAGER_CONFIGS: others}
    first = PlatformSnapshot(listed)
    needs = route_secrets(wanted, first)
    keys = {need.ref: tuple(other.entry for other in needs if other.ref == need.ref) for need in needs}
    return first.with_named({ref: secrets or NamedRead(READ, keys=entries) for ref, entries in keys.items()})


def found(
    wanted: Monitoring = WANTED, snapshot: PlatformSnapshot | None = None, alertmanager: str | None = "platform"
) -> dict[tuple[str, str], CheckFinding]:
    """The findings by the last word of their check and their subject."""
    findings = route_findings(wanted, snapshot or look(wanted), FACTS, SETTINGS, alertmanager)
    by_key = {(finding.check.rpartition(".")[2], finding.subject): finding for finding in findings}
    assert len(by_key) == len(findings)
    return by_key


def results(findings: Mapping[tuple[str, str], CheckFinding], check: str) -> dict[str, str]:
    return {subject: finding.result for (name, subject), finding in findings.items() if name == check}


def test_all_pass_where_every_owner_has_a_route_and_its_secrets() -> None:
    findings = found()
    assert {name: finding.result for name, finding in findings.items()} == {
        ("read", "AlertmanagerConfigs"): PASS,
        ("owners", "routes of platform"): PASS,
        ("owners", "routes of research"): PASS,
        ("told", "critical alerts for platform"): PASS,
        ("told", "warning alerts for platform"): PASS,
        ("told", "critical alerts for research"): NOT_APPLICABLE,
        ("told", "warning alerts for research"): PASS,
        ("needed", "routes of platform"): PASS,
        ("needed", "routes of research"): PASS,
        ("labels", "namespace team-a"): PASS,
        ("secrets", f"Secret {OURS}/hook: url"): PASS,
        ("secrets", "Secret team-a/mail: login"): PASS,
    }
    assert findings["told", "warning alerts for research"].message == "2 alerts; told are research by email"


def test_every_check_is_in_the_list_and_can_fail() -> None:
    wanted = replace(WANTED, routes=(PLATFORM, RouteWanted(owner="sales", slack=CHAT)))
    failing = {
        finding.check for finding in found(wanted, look(wanted, {"team-a": {}}, secrets=NamedRead(ABSENT)), "").values() if finding.failed
    }
    failing |= {finding.check for finding in found(wanted).values() if finding.failed}
    assert failing == {check.id for check in ROUTE_CHECKS}


def test_an_owner_without_a_route_is_told_with_the_alerts_that_reach_nobody() -> None:
    findings = found(replace(WANTED, routes=(PLATFORM,)))
    assert results(findings, "owners") == {"routes of platform": PASS, "routes of research": FAIL}
    told = findings["told", "warning alerts for research"]
    assert (told.result, told.severity) == (FAIL, CRITICAL)
    assert told.message == "2 of 2 reach nobody: Idle of team-a, Slow of team-a"


def test_a_severity_that_no_route_tells_fails_though_the_owner_has_a_route() -> None:
    findings = found(replace(WANTED, routes=(replace(PLATFORM, severities=("warning",)), RESEARCH)))
    assert results(findings, "owners")["routes of platform"] == PASS
    assert findings["told", "critical alerts for platform"].message == "1 of 1 reach nobody: Hot"
    assert findings["told", "warning alerts for platform"].result == PASS


def test_an_object_of_somebody_else_counts_as_a_route() -> None:
    wanted = replace(WANTED, routes=(PLATFORM,))
    findings = found(wanted, look(wanted, others=Listed(READ, (THEIRS,))))
    assert findings["owners", "routes of research"].message == "none of the document; told are AlertmanagerConfig team-a/theirs by slack"
    assert findings["told", "warning alerts for research"].result == PASS


def test_an_object_of_ours_that_the_document_wants_no_more_is_no_route() -> None:
    wanted = replace(WANTED, routes=(PLATFORM,))
    ours = {**THEIRS, "metadata": {"name": NAME, "namespace": "team-a"}}
    assert results(found(wanted, look(wanted, others=Listed(READ, (ours,)))), "owners")["routes of research"] == FAIL


def test_objects_of_others_that_are_not_known_leave_a_lack_unknown_and_what_is_told_as_it_is() -> None:
    wanted = replace(WANTED, routes=(PLATFORM,))
    findings = found(wanted, look(wanted, others=REFUSED))
    assert results(findings, "owners") == {"routes of platform": PASS, "routes of research": NOT_EVALUATED}
    assert results(findings, "told") == {
        "critical alerts for platform": PASS,
        "warning alerts for platform": PASS,
        "critical alerts for research": NOT_APPLICABLE,
        "warning alerts for research": NOT_EVALUATED,
    }


@pytest.mark.parametrize(("alertmanager", "result"), [(None, NOT_EVALUATED), ("", FAIL), ("platform", PASS), ("user_workload", PASS)])
def test_routes_are_of_no_use_unless_an_alertmanager_reads_them(alertmanager: str | None, result: str) -> None:
    findings = found(alertmanager=alertmanager)
    assert findings["read", "AlertmanagerConfigs"].result == result
    told = set(results(findings, "told").values()) - {NOT_APPLICABLE}
    assert told == ({PASS} if alertmanager == "platform" else {PASS, NOT_EVALUATED} if alertmanager else {NOT_EVALUATED})


def test_alerts_of_the_platforms_own_rules_are_unknown_with_an_alertmanager_of_user_workloads() -> None:
    told = found(alertmanager="user_workload")["told", "warning alerts for platform"]
    assert (told.result, told.message) == (NOT_EVALUATED, f"of 1 of 2 it is not known: Lost; {MAIN_ALONE}")


def test_a_secret_that_lacks_fails_and_takes_all_that_is_told_by_its_object() -> None:
    findings = found(snapshot=look(secrets=NamedRead(ABSENT)))
    assert findings["secrets", "Secret team-a/mail: login"].state == MISSING
    told = findings["told", "warning alerts for research"]
    assert told.message == "2 of 2 reach nobody: Idle of team-a, Slow of team-a (there is no Secret team-a/mail)"


def test_a_key_that_lacks_fails_with_the_keys_that_are_there() -> None:
    finding = found(snapshot=look(secrets=NamedRead(READ, keys=("other",))))["secrets", f"Secret {OURS}/hook: url"]
    assert (finding.result, finding.message) == (FAIL, f"Secret {OURS}/hook has no key url")
    assert (finding.evidence[0].observed, finding.evidence[0].expected) == ("other", "url")


def test_secrets_that_cannot_be_read_leave_it_unknown_who_is_told() -> None:
    findings = found(snapshot=look(secrets=NamedRead(FORBIDDEN, reason="secrets: forbidden")))
    assert set(results(findings, "secrets").values()) == {NOT_EVALUATED}
    assert findings["told", "warning alerts for research"].result == NOT_EVALUATED
    assert "secrets: forbidden" in findings["told", "warning alerts for research"].message


def test_a_route_of_an_owner_of_nothing_is_told_and_unknown_without_the_list_of_namespaces() -> None:
    wanted = replace(WANTED, routes=(*WANTED.routes, RouteWanted(owner="sales", slack=CHAT)))
    finding = found(wanted)["needed", "routes of sales"]
    assert (finding.result, finding.severity) == (FAIL, WARNING)
    assert finding.message == "sales answers for no namespace: the route stands nowhere"
    unread = PlatformSnapshot({"namespaces": REFUSED, ALERTMANAGER_CONFIGS: Listed(READ)})
    assert results(found(wanted, unread), "needed") == {
        "routes of platform": PASS,
        "routes of research": PASS,
        "routes of sales": NOT_EVALUATED,
    }


def test_nothing_of_owners_by_label_is_taken_for_known_without_the_list_of_namespaces() -> None:
    unread = PlatformSnapshot({"namespaces": REFUSED, ALERTMANAGER_CONFIGS: Listed(READ)})
    findings = found(WANTED, unread)
    assert results(findings, "labels") == {"namespace team-a": NOT_EVALUATED}
    assert findings["told", "alerts for owners whom labels of namespaces name"].result == NOT_EVALUATED


@pytest.mark.parametrize(("label", "whose"), [({}, "platform"), ({OWNER_LABEL: "sales"}, "sales")])
def test_a_label_that_names_another_owner_than_the_document_is_told(label: dict[str, Any], whose: str) -> None:
    finding = found(snapshot=look(namespaces={"team-a": label}))["labels", "namespace team-a"]
    assert (finding.result, finding.message) == (FAIL, f"alerts on its pods and quotas are for {whose}")


def test_an_owner_whom_only_a_label_names_is_a_warning() -> None:
    finding = found(snapshot=look(namespaces={**LABELS, "team-c": {OWNER_LABEL: "sales"}}))["told", "warning alerts for sales"]
    assert (finding.result, finding.severity, finding.message) == (FAIL, WARNING, "1 of 1 reach nobody: Idle of team-c")


def test_a_namespace_that_is_taken_out_of_monitoring_is_the_reason() -> None:
    labels = {"team-a": {OWNER_LABEL: "research", "openshift.io/user-monitoring": "false"}}
    message = found(snapshot=look(namespaces=labels))["told", "warning alerts for research"].message
    assert message.endswith("(namespace team-a has the label openshift.io/user-monitoring=false: its AlertmanagerConfigs are not read)")


def test_many_alerts_are_counted_and_the_first_named() -> None:
    labels = {f"team-{number:02}": {OWNER_LABEL: "sales"} for number in range(12)}
    message = found(snapshot=look(namespaces={**LABELS, **labels}))["told", "warning alerts for sales"].message
    assert message.startswith("12 of 12 reach nobody: Idle of team-00, ")
    assert message.endswith("Idle of team-07, 4 more")


def test_a_document_without_routes_fails_for_the_platform_and_asks_for_nothing_else() -> None:
    findings = found(Monitoring())
    assert results(findings, "owners") == {"routes of platform": FAIL}
    for check, subject in (("read", "AlertmanagerConfigs"), ("needed", "routes"), ("labels", "tenants"), ("secrets", "routes")):
        assert findings[check, subject].result == NOT_APPLICABLE


def test_a_secret_that_two_routes_name_is_told_once() -> None:
    wanted = replace(WANTED, routes=(PLATFORM, RouteWanted(owner="platform", severities=("critical",), webhook=HOOK), RESEARCH))
    assert len(results(found(wanted), "secrets")) == 2
    assert len(route_secrets(wanted, look(wanted))) == 3
