# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of the lists of monitoring is enough to judge by, and holds no addresses, certificates or rules of others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring import readings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import EVALUATOR
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.readings import SLIMS

from tests.unit.platform.monitoring.watching_builders import COREOS, Site, clean_site, kueue_metrics, thing


def slimmed(site: Site) -> Site:
    return Site(tuple((resource, dict(SLIMS[resource](item) if resource in SLIMS else item)) for resource, item in site.objects), site.pods)


def test_what_is_kept_of_a_cluster_is_judged_as_the_whole_of_it() -> None:
    site = clean_site()
    assert slimmed(site).findings() == site.findings()
    assert slimmed(site).records() == site.records()


def test_what_is_kept_of_what_was_kept_is_the_same() -> None:
    once = slimmed(clean_site())
    assert slimmed(once).objects == once.objects


def test_files_that_a_monitor_names_are_kept_and_its_credentials_are_not() -> None:
    (_service, (_resource, monitor)) = kueue_metrics()
    endpoint = {**monitor["spec"]["endpoints"][0], "basicAuth": {"username": {"name": "login", "key": "user"}}, "params": {"x": ["y"]}}
    tls = {"caFile": "/etc/ca.crt", "ca": {"secret": {"name": "metrics-server-cert"}}}
    whole = {**monitor, "spec": {**monitor["spec"], "endpoints": [{**endpoint, "tlsConfig": tls}]}}
    (kept,) = SLIMS[readings.SERVICE_MONITORS](whole)["spec"]["endpoints"]
    assert kept["bearerTokenFile"].endswith("/token")
    assert kept["tlsConfig"] == {"caFile": "/etc/ca.crt"}
    assert not {"basicAuth", "params"} & set(kept)


@pytest.mark.parametrize(
    ("kind", "resource", "spec"),
    [
        ("Prometheus", readings.PROMETHEUSES, {"containers": [{"name": "proxy"}], "replicas": 2}),
        ("ThanosRuler", readings.THANOS_RULERS, {"queryConfig": {"name": "query"}}),
    ],
)
def test_settings_of_the_stack_are_not_kept(kind: str, resource: str, spec: dict[str, Any]) -> None:
    item = thing(COREOS, kind, "user-workload", "ns", spec=spec, status={"conditions": [{"type": "Available"}], "replicas": 2})
    kept = SLIMS[resource](item)
    assert kept["spec"] == {}
    assert kept["status"] == {"conditions": [{"type": "Available"}]}


def test_of_where_a_prometheus_writes_to_the_host_is_kept_alone() -> None:
    urls = ["https://user:none@metrics.example.com:9090/write?key=1", "http://a.example.com?key=1", "file", 7]
    kept = SLIMS[readings.PROMETHEUSES](
        thing(COREOS, "Prometheus", "k8s", "ns", spec={"remoteWrite": [{"url": url, "basicAuth": {}} for url in urls]})
    )
    origins = ["https://metrics.example.com:9090", "http://a.example.com", "", ""]
    assert kept["spec"] == {"remoteWrite": [{"url": origin} for origin in origins]}


def test_of_an_alertmanager_is_kept_which_routes_it_reads() -> None:
    spec = {"alertmanagerConfigSelector": {}, "alertmanagerConfigNamespaceSelector": {"matchLabels": {"a": "b"}}, "image": "x"}
    item = thing(COREOS, "Alertmanager", "main", "openshift-monitoring", spec=spec)
    assert set(SLIMS[readings.ALERTMANAGERS](item)["spec"]) == {"alertmanagerConfigSelector", "alertmanagerConfigNamespaceSelector"}


def test_rules_of_others_keep_their_names_and_those_with_an_evaluator_everything() -> None:
    rule = {"alert": "Mine", "expr": "up == 0", "annotations": {"description": "long"}, "labels": {"severity": "info"}}
    item = thing(
        COREOS,
        "PrometheusRule",
        "r",
        "web",
        spec={"groups": [{"name": "g", "interval": "30s", "rules": [rule, {"record": "a:b:c", "expr": "1"}]}]},
    )
    assert SLIMS[readings.RULES](item)["spec"] == {"groups": [{"name": "g", "rules": [{"alert": "Mine"}, {"record": "a:b:c"}]}]}
    marked = {**item, "metadata": {**item["metadata"], "annotations": {EVALUATOR: "platform"}}}
    assert SLIMS[readings.RULES](marked) == marked


def test_certificates_of_admission_are_not_kept() -> None:
    hook = {
        "name": "prometheusrules.openshift.io",
        "failurePolicy": "Ignore",
        "clientConfig": {"caBundle": "LS0t", "service": {"name": "w", "namespace": "n"}},
    }
    item = thing("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "prometheusrules.openshift.io", webhooks=[hook])
    kept = SLIMS[readings.WEBHOOKS](item)
    assert "LS0t" not in json.dumps(kept)
    assert kept["webhooks"][0]["clientConfig"] == {"service": {"name": "w", "namespace": "n"}}
