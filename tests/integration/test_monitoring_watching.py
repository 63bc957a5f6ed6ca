# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching on a real API server: a clean cluster gives no alarm, seeded defects are found, what cannot be read is not evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.reader import connect
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.reader import read_snapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring import readings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.alert_states import alert_records
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.objects import rule_objects
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.watch_look import WatchLook, look_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.watching import watch_findings, watch_records
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readings import BY_ID
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot

from tests.counterparts.cluster import Cluster, cluster, crds_available, wait_until
from tests.integration.monitoring_stack import STACK_KINDS, on_server, stack_crd
from tests.unit.adapters.cluster.conftest import libraries_missing
from tests.unit.platform.monitoring.watching_builders import (
    ALL_TOLD,
    ASKED,
    FACTS,
    KUEUE_HOME,
    LEFT_OPEN,
    NVIDIA_HOME,
    SETTINGS,
    STACK,
    TENANT,
    Json,
    clean_site,
    namespace,
    pod_monitor,
    stack,
    thing,
)

HOME = "groundwork-readiness"
CRDS = (
    "servicemonitors.monitoring.coreos.com",
    "podmonitors.monitoring.coreos.com",
    "prometheusrules.monitoring.coreos.com",
    "alertmanagerconfigs.monitoring.coreos.com",
    "alertingrules.monitoring.openshift.io",
    "clusteroperators.config.openshift.io",
    "serving.kserve.io",
    "kueue.x-k8s.io",
    "kueue.openshift.io",
)
SHARED = tuple(BY_ID[name] for name in readings.SHARED)
CLEAN = clean_site()


def pod() -> Json:
    """A pod of the tenant that holds a device."""
    container = {"name": "main", "image": "registry.example.com/vllm:1", "resources": {"limits": {"nvidia.com/gpu": "1"}}}
    spec = {"automountServiceAccountToken": False, "nodeName": "gpu-1", "containers": [container]}
    return thing("v1", "Pod", "chat-0", TENANT, spec=spec)


@dataclass
class Watching:
    """The cluster, one account that may read everything, and what was seen before the stack's kinds were served."""

    cluster: Cluster
    token: str = field(repr=False)
    before: dict[tuple[str, str], CheckFinding] = field(default_factory=dict)

    def connection(self, token: str) -> ApiConnection:
        """A connection of an account."""
        return connect(ClusterSettings({"host": self.cluster.url, "api_key": token, "ca_cert": str(self.cluster.ca_path)}))

    def snapshot(self, token: str = "", page_size: int = 3) -> PlatformSnapshot:
        """One look at the cluster, in small pages."""
        with self.connection(token or self.token) as connection:
            return read_snapshot(connection, (*readings.RESOURCES, *SHARED), page_size, facts=False)

    def look(self, token: str = "") -> WatchLook:
        """What the part is judged by, where everything is asked for."""
        return look_from(self.snapshot(token))

    def alarms(self, token: str = "") -> dict[tuple[str, str], CheckFinding]:
        """What keeps the cluster from being ready, by check (without its prefix) and subject."""
        return alarms_of(self.look(token))

    @contextmanager
    def changed(self, *objects: Json) -> Iterator[None]:
        """The cluster with these objects; afterwards as it was."""
        self.cluster.apply(map(on_server, objects))
        try:
            yield
        finally:
            clean = {(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]): item for _list, item in CLEAN.objects}
            for item in objects:
                known = clean.get((item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]))
                if known is None:
                    self.cluster.request("DELETE", self.cluster.client.path_of(item)).checked()
                else:
                    self.put_back(known)

    @contextmanager
    def deleted(self, resource: str, name: str) -> Iterator[None]:
        """The cluster without an object; afterwards as it was."""
        item = CLEAN.get(resource, name)
        self.cluster.request("DELETE", self.cluster.client.path_of(item)).checked()
        try:
            yield
        finally:
            self.put_back(item)

    def put_back(self, item: Json) -> None:
        """Writes an object as it was, without labels that it did not have."""
        if item["kind"] == "Namespace":
            labels = {"openshift.io/cluster-monitoring": None, "openshift.io/user-monitoring": None, **item["metadata"].get("labels", {})}
            path = self.cluster.client.path_of(item)
            self.cluster.request("PATCH", path, {"metadata": {"labels": labels}}, "application/merge-patch+json").checked()
        else:
            self.cluster.apply([on_server(item)])


def look_from(snapshot: PlatformSnapshot) -> WatchLook:
    return look_of(ASKED, snapshot, FACTS, rule_objects(FACTS, SETTINGS, "monitoring"), ALL_TOLD)


def alarms_of(look: WatchLook) -> dict[tuple[str, str], CheckFinding]:
    found = [finding for finding in watch_findings(look) if finding.failed]
    return {(finding.check.removeprefix("platform.monitoring."), finding.subject): finding for finding in found}


def account(found: Cluster, name: str, *, without: str = "") -> str:
    """A service account that may list everything that the part reads, but for one resource."""
    rules = [
        {"apiGroups": [each.group], "resources": [each.plural], "verbs": ["get", "list"]}
        for each in (*readings.RESOURCES, *SHARED)
        if each.id != without
    ]
    token = found.service_account(HOME, name)
    rbac, role = "rbac.authorization.k8s.io", {"name": f"watching-{name}"}
    found.apply(
        [
            {"apiVersion": f"{rbac}/v1", "kind": "ClusterRole", "metadata": role, "rules": rules},
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "ClusterRoleBinding",
                "metadata": role,
                "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": role["name"]},
                "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": HOME}],
            },
        ]
    )
    client = found.with_token(token)
    known = "/api/v1/nodes" if without != readings.NODES else "/api/v1/services"
    wait_until("the rights are known", lambda: client.request("GET", known).status == 200)
    return token


@pytest.fixture(scope="module")
def site() -> Iterator[Watching]:
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not crds_available():
        pytest.skip("no custom resource definitions")
    with cluster(name="watching", crds=CRDS, kwok=False, scheduler=False, controllers=False) as found:
        spaces = [item for resource, item in CLEAN.objects if resource == readings.NAMESPACES]
        found.client.create([*spaces, namespace(HOME), namespace("openshift-monitoring"), namespace(STACK)])
        found.client.post(f"/api/v1/namespaces/{TENANT}/serviceaccounts", {"metadata": {"name": "default"}})
        stacked = (readings.PROMETHEUSES, readings.THANOS_RULERS, readings.ALERTMANAGERS)
        found.apply(on_server(item) for resource, item in CLEAN.objects if resource not in (readings.NAMESPACES, *stacked))
        found.apply([pod()])
        watching = Watching(found, account(found, "reader"))
        watching.before = watching.alarms()
        found.apply(stack_crd(plural, kind) for plural, kind in STACK_KINDS.items())
        paths = [f"/apis/monitoring.coreos.com/v1/{plural}" for plural in STACK_KINDS]
        wait_until("the stack's kinds are served", lambda: all(found.request("GET", path).status == 200 for path in paths))
        found.apply(item for resource, item in CLEAN.objects if resource in stacked)
        yield watching


def test_clean_cluster_gives_no_alarm_though_everything_is_asked(site: Watching) -> None:
    look = site.look()
    assert {key: finding.message for key, finding in alarms_of(look).items()} == {}
    records = {record["id"]: record for record in watch_records(look)}
    assert set(records) == set(CLEAN.records())
    assert {record["state"] for record in records.values()} == {"watched"}


def test_rules_that_the_server_took_are_in_place(site: Watching) -> None:
    found = alert_records(site.look(), {})
    assert {record["state"] for record in found} == {"in_place"}
    assert len(found) == len(FACTS.alerts)


def test_cluster_that_does_not_serve_the_stacks_kinds_leaves_open_who_scrapes(site: Watching) -> None:
    assert {finding.result for finding in site.before.values()} == {"not_evaluated"}
    assert {check for check, _subject in site.before} == {"stack.running", "watched.accelerators", "watched.models"}
    assert all("the cluster does not serve" in finding.message for finding in site.before.values())


def test_what_is_kept_of_the_lists_is_judged_as_the_whole_of_them(site: Watching) -> None:
    whole = site.snapshot()
    listed = {
        name: Listed(found.state, tuple(map(readings.SLIMS[name], found.items)), found.version) if name in readings.SLIMS else found
        for name, found in whole.listed.items()
    }
    kept = look_from(PlatformSnapshot(listed, served=whole.served, pods=whole.pods))
    assert watch_findings(kept) == watch_findings(look_from(whole))
    assert watch_records(kept) == watch_records(look_from(whole))


CHANGES: dict[str, tuple[Json, dict[tuple[str, str], str]]] = {
    "namespace of the exporter is left out": (
        namespace(NVIDIA_HOME, cluster_monitoring="false", user_monitoring="false"),
        {("watched.accelerators", "accelerators of nvidia"): f"namespace {NVIDIA_HOME} is left out"},
    ),
    "rule of others with a name of ours": (
        thing(
            "monitoring.coreos.com/v1",
            "PrometheusRule",
            "theirs",
            "web",
            spec={"groups": [{"name": "g", "rules": [{"alert": "QueueInactive", "expr": "vector(1)"}]}]},
        ),
        {("rules.conflict", "PrometheusRule web/theirs"): "QueueInactive"},
    ),
    "Prometheus of user workloads is down": (
        stack("Prometheus", STACK, "user-workload", "False"),
        {("stack.running", f"Prometheus {STACK}/user-workload"): "Available is False"},
    ),
    "quota without an owner": (
        thing("v1", "ResourceQuota", "late", "web", spec={"hard": {"requests.amd.com/gpu": "2"}}),
        {("watched.owner", "namespace web"): "nobody is named who answers for it"},
    ),
    "model without a monitor in a namespace that is no tenant": (
        thing(
            "serving.kserve.io/v1beta1",
            "InferenceService",
            "second",
            "web",
            spec={"predictor": {"model": {"modelFormat": {"name": "vLLM"}}}},
        ),
        {
            ("watched.models", "InferenceService web/second"): "no Service leads to them",
            ("watched.alerts", "InferenceService web/second"): "no tenant with alerts on serving",
        },
    ),
}


@pytest.mark.parametrize("what", sorted(CHANGES))
def test_seeded_defect_is_found_with_its_cause_and_gone_once_it_is_healed(site: Watching, what: str) -> None:
    item, expected = CHANGES[what]
    with site.changed(item):
        alarms = site.alarms()
    assert set(alarms) == set(expected)
    assert all(words in alarms[key].message for key, words in expected.items())
    assert site.alarms() == {}


@pytest.mark.parametrize(
    ("resource", "name", "key"),
    [
        (readings.SERVICE_MONITORS, "mi300-metrics-exporter", ("watched.accelerators", "accelerators of amd")),
        (readings.SERVICE_MONITORS, "chat-metrics", ("watched.models", f"InferenceService {TENANT}/chat")),
        (readings.POD_MONITORS, "kserve-llm-isvc-vllm-engine-default", ("watched.models", f"LLMInferenceService {TENANT}/large")),
        (readings.SERVICES, "chat-metrics", ("watched.models", f"InferenceService {TENANT}/chat")),
        (readings.THANOS_RULERS, "user-workload", ("stack.running", f"ThanosRuler {STACK}/user-workload")),
        (readings.CLUSTER_OPERATORS, "monitoring", ("stack.operator", "ClusterOperator monitoring")),
    ],
)
def test_object_that_is_gone_is_missed_and_its_return_heals(site: Watching, resource: str, name: str, key: tuple[str, str]) -> None:
    with site.deleted(resource, name):
        alarms = site.alarms()
    assert set(alarms) == {key}
    assert alarms[key].result == "fail"
    assert site.alarms() == {}


def test_token_file_is_refused_once_the_namespace_is_no_longer_the_platforms(site: Watching) -> None:
    with site.changed(namespace(KUEUE_HOME, cluster_monitoring="false")):
        queue = next(record for record in watch_records(site.look()) if record["id"] == "queue research")
    assert queue["state"] == "unwatched"
    assert "names files of Prometheus" in queue["reason"]


def test_pod_monitor_made_by_hand_watches_a_model_whose_own_monitor_is_gone(site: Watching) -> None:
    by_hand = pod_monitor("by-hand", TENANT, {"matchLabels": {"serving.kserve.io/inferenceservice": "chat"}})
    with site.deleted(readings.SERVICE_MONITORS, "chat-metrics"), site.changed(by_hand):
        assert site.alarms() == {}


@pytest.mark.parametrize("hidden", sorted(LEFT_OPEN))
def test_list_that_the_account_may_not_read_is_not_evaluated_and_the_rest_stands(site: Watching, hidden: str) -> None:
    found = site.alarms(account(site.cluster, f"without-{hidden.partition('.')[0]}", without=hidden))
    assert {check for check, _subject in found} == LEFT_OPEN[hidden]
    assert {finding.result for finding in found.values()} == {"not_evaluated"}
    assert all(hidden.partition(".")[0] in finding.message for finding in found.values())
