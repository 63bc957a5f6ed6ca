# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The monitoring part on a real API server, under the shipped rights: settings merged, rules, routes, dashboards written, drift found."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME

from tests.counterparts.cluster import PLATFORM, wait_until
from tests.counterparts.prometheus.commands import rule_programs
from tests.integration.monitoring_stack import STACK_KINDS, cluster_version, on_server, stack_crd
from tests.integration.mutations import Target, draw
from tests.integration.platform_site import MERGE, READER, WRITER, Site, files, secret_rights_of, tried_site
from tests.unit.platform.monitoring.watching_builders import NVIDIA_HOME, nvidia_exporter, running_stack

Json = dict[str, Any]
PART = "monitoring"
OURS = "groundwork-readiness-monitoring"
SEED, MUTATIONS, AT_ONCE = 20261122, 50, 10
CRDS = (
    *PLATFORM,
    "prometheusrules.monitoring.coreos.com",
    "alertmanagerconfigs.monitoring.coreos.com",
    "servicemonitors.monitoring.coreos.com",
    "podmonitors.monitoring.coreos.com",
    "alertingrules.monitoring.openshift.io",
    "persesdashboards.perses.dev",
)
CLUSTER_CONFIG = "/api/v1/namespaces/openshift-monitoring/configmaps/cluster-monitoring-config"
USER_CONFIG = "/api/v1/namespaces/openshift-user-workload-monitoring/configmaps/user-workload-monitoring-config"
CORE = "/apis/monitoring.coreos.com"
THEIRS = (
    "# kept by the storage team\nprometheusK8s:\n  retention: 11d   # agreed\n  volumeClaimTemplate: {spec: {storageClassName: fast}}\n"
)
DOCUMENT: Json = {
    "schema_version": "1.0",
    "monitoring": {
        "alerts": {"AcceleratorOverTemperature": {"hold": "10m", "parameters": {"temperature_celsius": 80}}},
        "tenants": [{"namespace": "team-a", "owner": "team-a-owners"}],
        "rules": [
            {
                "name": "site",
                "groups": [
                    {
                        "name": "site",
                        "rules": [
                            {
                                "alert": "LicenceServerDown",
                                "expr": "absent(up{job='licences'})",
                                "labels": {"severity": "critical", "owner": "platform", "namespace": OURS},
                            }
                        ],
                    }
                ],
            }
        ],
        "routes": [
            {"owner": "platform", "webhook": {"url_secret": {"name": "oncall", "entry": "url"}}},
            {"owner": "team-a-owners", "webhook": {"url_secret": {"name": "oncall", "entry": "url"}}},
        ],
        "dashboards": {"perses": ["team-a"]},
    },
}


def _namespace(name: str, **labels: str) -> Json:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _oncall(namespace: str) -> Json:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "oncall", "namespace": namespace}, "data": {"url": "aHR0cHM6Ly9h"}}


AROUND: tuple[Json, ...] = (
    _namespace("openshift-monitoring"),
    _namespace("openshift-user-workload-monitoring"),
    _namespace("openshift-config-managed"),
    _namespace("team-a"),
    _namespace(OURS),
    _namespace(NVIDIA_HOME, **{"openshift.io/cluster-monitoring": "true"}),
    cluster_version("4.20.3"),
    _oncall("team-a"),
    _oncall(OURS),
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cluster-monitoring-config", "namespace": "openshift-monitoring"},
        "data": {"config.yaml": THEIRS},
    },
)


@pytest.fixture(scope="module")
def promtool() -> str:
    """The program; the stage is told where it is."""
    return str(rule_programs(print).promtool)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, promtool: str) -> Iterator[Site]:
    """A cluster whose monitoring somebody has set up already."""
    with tried_site(tmp_path_factory, CRDS) as found:
        found.cluster.apply(AROUND)
        found.cluster.apply(stack_crd(plural, kind) for plural, kind in STACK_KINDS.items())
        paths = [f"{CORE}/v1/{plural}" for plural in STACK_KINDS]
        wait_until("the stack's kinds are served", lambda: all(found.cluster.request("GET", path).status == 200 for path in paths))
        found.cluster.apply(on_server(item) for _resource, item in (*running_stack(), *nvidia_exporter()))
        found.cluster.apply(files("monitoring_rights.yml"))
        for account in (WRITER, READER):
            for namespace in (OURS, "team-a"):
                found.cluster.apply(secret_rights_of(account, namespace, ["oncall"]))
        found.document = copy.deepcopy(DOCUMENT)
        first = found.run(PART, promtool=promtool)
        assert "\n".join(failing(first, critical=True)) == ""
        yield found


def failing(result: PlatformResult, *, critical: bool = False) -> list[str]:
    """What failed; nobody plays the operators of monitoring here, so that what only they can bring about is left out."""
    found = [finding for finding in result.findings if finding.failed and (finding.severity == "critical" or not critical)]
    return [f"{finding.id}: {finding.message}" for finding in found]


def told(result: PlatformResult) -> dict[str, CheckFinding]:
    """Findings on objects and on settings of ConfigMaps, by their subject."""
    return {finding.subject: finding for finding in result.findings if finding.check.endswith((".object", ".config.entry"))}


def config(site: Site, path: str) -> str:
    return str(site.live(path)["data"]["config.yaml"])


def test_settings_are_added_and_those_of_others_stay_byte_for_byte(site: Site) -> None:
    text = config(site, CLUSTER_CONFIG)
    assert text.startswith(THEIRS)
    assert yaml.safe_load(text)["enableUserWorkload"] is True
    assert yaml.safe_load(text)["alertmanagerMain"] == {"enableUserAlertmanagerConfig": True}
    assert yaml.safe_load(config(site, USER_CONFIG))["namespacesWithoutLabelEnforcement"] == [OURS]


def test_rules_routes_and_dashboards_stand_where_their_readers_look(site: Site) -> None:
    rules = site.live(f"{CORE}/v1/prometheusrules")["items"]
    assert {item["metadata"]["namespace"] for item in rules} == {OURS, "team-a"}
    (hot,) = [
        rule
        for item in rules
        for group in item["spec"]["groups"]
        for rule in group["rules"]
        if rule.get("alert") == "AcceleratorOverTemperature"
    ]
    assert (hot["for"], hot["expr"].endswith("> 80")) == ("10m", True)
    assert {item["metadata"]["namespace"] for item in site.live(f"{CORE}/v1alpha1/alertmanagerconfigs")["items"]} == {OURS, "team-a"}
    assert site.live("/apis/monitoring.openshift.io/v1/namespaces/openshift-monitoring/alertingrules")["items"]
    shown = site.live("/api/v1/namespaces/openshift-config-managed/configmaps?labelSelector=console.openshift.io/dashboard=true")["items"]
    assert shown and all(json.loads(next(iter(item["data"].values())))["title"] for item in shown)


def test_a_second_run_writes_nothing_and_a_verification_finds_nothing(site: Site, promtool: str) -> None:
    again = site.run(PART, promtool=promtool)
    assert site.last is not None
    assert (again.changed, failing(again, critical=True), site.last.writes, site.last.dry_runs) == (False, [], 0, 0)
    seen = site.run(PART, "verify", READER, promtool=promtool)
    assert (failing(seen, critical=True), site.last.writes) == ([], 0)


# ---- drift -----------------------------------------------------------------------------------------------------------


LISTS = (
    (f"{CORE}/v1", "prometheusrules", "PrometheusRule"),
    (f"{CORE}/v1alpha1", "alertmanagerconfigs", "AlertmanagerConfig"),
    ("/apis/monitoring.openshift.io/v1", "alertingrules", "AlertingRule"),
    ("/apis/perses.dev/v1alpha2", "persesdashboards", "PersesDashboard"),
    ("/api/v1", "configmaps", "ConfigMap"),
)


def _targets(site: Site) -> list[Target]:
    found = []
    for root, plural, kind in LISTS:
        for item in site.live(f"{root}/{plural}")["items"]:
            metadata = item["metadata"]
            # By name: a label is one of the things that somebody takes away.
            if metadata["namespace"] != HOME and metadata["name"].startswith(("groundwork-readiness-", "site")):
                path = f"{root}/namespaces/{metadata['namespace']}/{plural}/{metadata['name']}"
                found.append(Target(path, {"apiVersion": root.removeprefix("/apis/").removeprefix("/api/"), "kind": kind, **item}))
    return found


def _spoil_a_config(site: Site, rng: Random) -> str:
    """Somebody changes a setting of ours in a ConfigMap; the subject that it is told by."""
    path, old, new, subject = rng.choice(
        [
            (CLUSTER_CONFIG, "enableUserWorkload: true", "enableUserWorkload: false", "enableUserWorkload"),
            (CLUSTER_CONFIG, "enableUserAlertmanagerConfig: true", "enableUserAlertmanagerConfig: false", "enableUserAlertmanagerConfig"),
            (USER_CONFIG, OURS, "somebody-else", "namespacesWithoutLabelEnforcement"),
        ]
    )
    text = config(site, path)
    assert old in text
    body = {"data": {"config.yaml": text.replace(old, new)}}
    site.cluster.client.request("PATCH", f"{path}?fieldManager=somebody", body, MERGE).checked()
    return subject


def test_check_mode_says_what_the_next_run_changes_and_verify_finds_each_of_fifty_mutations(site: Site, promtool: str) -> None:
    rng, left, kinds = Random(SEED), MUTATIONS, set()
    while left:
        setting = _spoil_a_config(site, rng)
        free, done = _targets(site), []
        while len(done) < AT_ONCE - 1:
            mutation = draw(rng, free)
            if mutation.inflict(site.cluster):
                done.append(mutation.target.text)
                kinds.add(mutation.target.item["kind"])
                free = [target for target in free if target.path != mutation.target.path]
        foreseen = site.run(PART, "check", promtool=promtool)
        assert site.written() == []
        seen = site.run(PART, "verify", READER, promtool=promtool)
        applied = site.run(PART, promtool=promtool)
        subjects = [*done, *(subject for subject in told(seen) if setting in subject)]
        assert len(subjects) > len(done), setting
        for subject in subjects:
            assert told(seen)[subject].result == "fail", (subject, told(seen)[subject])
            one, other = told(foreseen)[subject], told(applied)[subject]
            assert (one.state, one.action, one.fields) == (other.state, other.action, other.fields), subject
        changing = {subject for subject, finding in told(foreseen).items() if finding.action != "none"}
        assert changing <= set(subjects)
        left_alone = [subject for subject in done if told(applied)[subject].action == "none"]
        for target in _targets(site):
            if target.text in left_alone:
                # Fields that another manager has taken by force are told and left; here they are made anew, and count for nothing.
                site.cluster.request("DELETE", target.path)
        left = max(0, left - len(subjects) + len(left_alone))
        if left_alone:
            site.run(PART, promtool=promtool)
        assert failing(site.run(PART, "verify", READER, promtool=promtool), critical=True) == []
        assert config(site, CLUSTER_CONFIG).startswith(THEIRS)
    assert {"PrometheusRule", "AlertmanagerConfig", "ConfigMap"} <= kinds


# ---- bad input -------------------------------------------------------------------------------------------------------


def test_an_expression_that_is_none_is_refused_by_promtool_before_anything_is_written(site: Site, promtool: str) -> None:
    rule = site.document["monitoring"]["rules"][0]["groups"][0]["rules"][0]
    rule["expr"] = "sum(up"
    try:
        refused = site.run(PART, promtool=promtool)
        assert refused.failure is not None
        assert refused.failure.code == "platform_refused"
        assert any("parse error" in problem.message for problem in refused.failure.problems)
        assert site.written() == []
    finally:
        rule["expr"] = "absent(up{job='licences'})"


def test_without_promtool_a_server_that_reads_no_expressions_judges_none(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = site.run(PART)
    (promql,) = [finding for finding in found.findings if finding.check.endswith("promql")]
    assert promql.result == "not_evaluated"
    assert "takes expressions unread" in promql.message
    assert site.written() == []


JUDGING = "judges-expressions"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"
VALIDATION = {
    "expression": "object.spec.groups.all(group, group.rules.all(rule, !string(rule.expr).matches('^sum[(][a-z]*$')))",
    "message": "parse error: unclosed left parenthesis",
}


@contextmanager
def admission_that_reads_expressions(site: Site) -> Iterator[None]:
    """Plays the webhook of the monitoring operator: rules with the expressions of these tests that are none are refused."""
    head = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": JUDGING}}
    rule = {"apiGroups": ["monitoring.coreos.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["prometheusrules"]}
    spec = {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [rule]}, "validations": [VALIDATION]}
    bound = {"policyName": JUDGING, "validationActions": ["Deny"]}
    site.cluster.apply(
        [
            {**head, "kind": "ValidatingAdmissionPolicy", "spec": spec},
            {**head, "kind": "ValidatingAdmissionPolicyBinding", "spec": bound},
        ]
    )
    groups = [{"name": "g", "rules": [{"record": "a:b", "expr": "sum("}]}]
    tried = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": {"name": "tried", "namespace": OURS}}
    path = f"{CORE}/v1/namespaces/{OURS}/prometheusrules?dryRun=All"
    wait_until("expressions are judged", lambda: site.cluster.request("POST", path, {**tried, "spec": {"groups": groups}}).status == 422)
    try:
        yield
    finally:
        for plural in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
            site.cluster.request("DELETE", f"{ADMISSION}/{plural}/{JUDGING}")


@pytest.mark.parametrize("part", [PART, "preflight"])
def test_an_expression_that_the_servers_admission_refuses_keeps_everything_from_being_written(
    part: str, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    rule = site.document["monitoring"]["rules"][0]["groups"][0]["rules"][0]
    site.document["monitoring"]["user_workload"] = {"retention": "15d"}
    rule["expr"] = "sum(up"
    try:
        with admission_that_reads_expressions(site):
            before = config(site, USER_CONFIG)
            refused = site.run(part)
            assert refused.failure is not None
            assert refused.failure.code == "platform_refused"
            assert any("unclosed left parenthesis" in problem.message for problem in refused.failure.problems)
            assert (site.written(), config(site, USER_CONFIG)) == ([], before)
            rule["expr"] = "absent(up{job='licences'})"
            (promql,) = [found for found in site.run(part, "verify").findings if found.check.endswith("promql")]
            assert (promql.result, promql.message) == ("pass", "judged by the API server's admission")
    finally:
        rule["expr"] = "absent(up{job='licences'})"
        site.document["monitoring"].pop("user_workload")


def test_a_config_that_is_no_yaml_is_refused_and_left_as_it_is(site: Site, promtool: str) -> None:
    before = config(site, USER_CONFIG)
    body = {"data": {"config.yaml": "prometheus: [broken"}}
    site.cluster.client.request("PATCH", USER_CONFIG, body, MERGE).checked()
    try:
        refused = site.run(PART, promtool=promtool)
        assert refused.failure is not None
        assert any("user-workload-monitoring-config" in problem.message for problem in refused.failure.problems)
        assert (site.written(), config(site, USER_CONFIG)) == ([], "prometheus: [broken")
    finally:
        site.cluster.client.request("PATCH", USER_CONFIG, {"data": {"config.yaml": before}}, MERGE).checked()


def test_a_secret_without_its_key_and_a_tenant_that_is_not_there_are_told(site: Site, promtool: str) -> None:
    section = site.document["monitoring"]
    section["routes"][0]["webhook"]["url_secret"]["entry"] = "address"
    section["tenants"].append({"namespace": "team-z", "owner": "team-z-owners"})
    try:
        told_of = failing(site.run(PART, "verify", READER, promtool=promtool))
        assert any("address" in words for words in told_of), told_of
        assert any("team-z" in words and "not there" in words for words in told_of), told_of
    finally:
        section["routes"][0]["webhook"]["url_secret"]["entry"] = "url"
        section["tenants"].pop()


def test_the_account_without_the_monitoring_rights_is_told_what_it_lacks(site: Site, promtool: str) -> None:
    section = site.document["monitoring"]
    section["user_workload"] = {"retention": "15d"}
    try:
        refused = site.run(PART, account=READER, promtool=promtool)
        assert refused.failure is not None
        told_of = [problem.message for problem in refused.failure.problems]
        assert any("patch configmaps in openshift-user-workload-monitoring" in message for message in told_of), told_of
        assert site.written() == []
    finally:
        section.pop("user_workload")
