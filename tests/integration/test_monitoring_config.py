# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings merged into monitoring's config.yaml on a real API server: others write at the same time, and nobody's work is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.access import open_access
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.merging import write_merges
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.pinned import PinnedWrites
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.named import read_named
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.yaml_editing import PyYamlText
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import Merge, MergeOutcome
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import Monitoring, UserWorkloadWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.config_maps import (
    CLUSTER_CONFIG,
    CONFIG_KEY,
    USER_WORKLOAD_CONFIG,
    ConfigChange,
    ConfigSeen,
    cluster_change,
    seen_of,
    user_workload_change,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import MONITORING_NAMESPACE

from tests.counterparts.cluster import Audit, Cluster, wait_until
from tests.unit.adapters.cluster.conftest import libraries_missing

Json = dict[str, Any]
YAML = PyYamlText()
RBAC = "rbac.authorization.k8s.io"
PATIENCE = Timing(request_seconds=10, attempts=3, backoff_seconds=0.01)
WRITERS, EDITS = 4, 20
PAUSE_SECONDS = 0.02
"""Between two edits of one writer, so that merges come in between."""
FOREIGN = """\
# agreed with operations
prometheusK8s:
    retention: "24h" # short
    tolerations: [{key: infra, operator: Exists}]
alertmanagerMain: {logLevel: info}
enableUserWorkload: false
"""
OTHER_MODE = Monitoring(user_workload=UserWorkloadWanted(alertmanager="user_workload", retention="15d"))
OFF = Monitoring(user_workload=UserWorkloadWanted(enabled=False))


@dataclass
class Site:
    """The two ConfigMaps in a namespace of the test's own, and an account that may get, create and patch them."""

    cluster: Cluster
    namespace: str
    token: str = field(repr=False)

    @property
    def path(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/configmaps"

    def read(self, name: str = CLUSTER_CONFIG.name) -> Json:
        return self.cluster.client.get(f"{self.path}/{name}")

    def text(self, name: str = CLUSTER_CONFIG.name) -> str:
        return str(self.read(name)["data"][CONFIG_KEY])

    def write(self, text: str) -> None:
        ref = CLUSTER_CONFIG
        item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": ref.name}, "data": {CONFIG_KEY: text, "notes": "x"}}
        self.cluster.client.post(self.path, item)

    @contextmanager
    def session(self) -> Iterator[PinnedWrites]:
        """One connection and one Lease for several merges."""
        settings = ClusterSettings({"host": self.cluster.url, "api_key": self.token, "ca_cert": str(self.cluster.ca_path)})
        with (
            ApiConnection(open_access(settings), PATIENCE) as connection,
            PinnedWrites(connection, "run-1", self.namespace) as writes,
        ):
            yield writes

    def merged(self, writes: PinnedWrites, *merges: Merge, **how: Any) -> tuple[MergeOutcome, ...]:
        return write_merges(writes, [self.here(merge) for merge in merges], **how)

    def here(self, merge: Merge) -> Merge:
        """The same merge, of the ConfigMap of that name in the test's namespace."""
        assert isinstance(merge.change, ConfigChange)
        ref = replace(merge.change.ref, namespace=self.namespace)
        return replace(merge, ref=ref, change=replace(merge.change, ref=ref))

    def merge(self, *merges: Merge, **how: Any) -> tuple[MergeOutcome, ...]:
        with self.session() as writes:
            return self.merged(writes, *merges, **how)

    def audit(self, mark: int) -> Audit:
        return self.cluster.audit(mark).by(f"system:serviceaccount:{self.namespace}:merger")


@pytest.fixture
def site(api_cluster: Cluster, namespace: str) -> Site:
    """A namespace in which an account may merge."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    found = Site(api_cluster, namespace, api_cluster.service_account(namespace, "merger"))
    rules = [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "create", "patch"]},
        {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update", "delete"]},
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]},
    ]
    api = {"apiVersion": f"{RBAC}/v1", "metadata": {"name": "merger", "namespace": namespace}}
    subjects = [{"kind": "ServiceAccount", "name": "merger", "namespace": namespace}]
    ref = {"apiGroup": RBAC, "kind": "Role", "name": "merger"}
    api_cluster.apply([{**api, "kind": "Role", "rules": rules}, {**api, "kind": "RoleBinding", "roleRef": ref, "subjects": subjects}])
    reader = api_cluster.with_token(found.token)
    wait_until("the rights are known", lambda: reader.request("GET", f"{found.path}/none").status == 404)
    return found


def merges(wanted: Monitoring, *, prune: bool = False) -> tuple[Merge, Merge]:
    return cluster_change(wanted, YAML, prune), user_workload_change(wanted, YAML, prune)


def edit(site: Site, change: Callable[[str], str]) -> None:
    """What somebody else does who writes the whole ConfigMap, and again where it was written meanwhile."""
    while True:
        live = site.read()
        live["data"][CONFIG_KEY] = change(live["data"][CONFIG_KEY])
        if site.cluster.request("PUT", f"{site.path}/{CLUSTER_CONFIG.name}", live).status != 409:
            return


def test_settings_come_in_stay_in_step_without_a_write_and_go_again(site: Site) -> None:
    site.write(FOREIGN)
    before = site.read()
    predicted = site.merge(*merges(Monitoring()), check=True)
    assert site.read() == before

    written = site.merge(*merges(Monitoring()))
    assert [(outcome.finding.result, outcome.finding.action) for outcome in written] == [("pass", "update"), ("pass", "create")]
    assert [(outcome.finding, outcome.entries) for outcome in predicted] == [(outcome.finding, outcome.entries) for outcome in written]
    assert site.text() == FOREIGN.replace("{logLevel: info}", "{logLevel: info, enableUserAlertmanagerConfig: true}").replace(
        "false", "true"
    )
    assert site.read()["data"]["notes"] == "x"
    assert site.text(USER_WORKLOAD_CONFIG.name) == f"namespacesWithoutLabelEnforcement:\n  - {MONITORING_NAMESPACE}\n"

    live, mark = site.read(), site.cluster.mark()
    again = site.merge(*merges(Monitoring()))
    assert {(outcome.finding.state, outcome.finding.result, outcome.finding.action) for outcome in again} == {("in_step", "pass", "none")}
    audit = site.audit(mark)
    assert (audit.writes, audit.dry_runs) == (0, 0)
    assert site.read() == live

    with site.session() as writes:
        refs = [replace(ref, namespace=site.namespace) for ref in (CLUSTER_CONFIG, USER_WORKLOAD_CONFIG)]
        reads = read_named(writes.connection, refs)
        assert seen_of(*(reads[ref] for ref in refs), YAML) == ConfigSeen(True, "platform", frozenset({MONITORING_NAMESPACE}))

    site.merge(*merges(OTHER_MODE, prune=True))
    assert site.text() == FOREIGN.replace("false", "true")
    site.merge(*merges(OFF, prune=True))
    assert site.text() == FOREIGN.replace("false", "true"), "what was there before us stays"
    assert site.text(USER_WORKLOAD_CONFIG.name) == ""
    assert "annotations" not in site.read()["metadata"]


def test_80_edits_by_four_others_and_our_merges_at_the_same_time_lose_nothing(site: Site) -> None:
    site.write(FOREIGN)
    over = threading.Event()

    def others(number: int) -> None:
        for count in range(EDITS):
            line = f"# {number}-{count}\n" if count % 2 else f"writer{number}x{count}: {{at: {count}}} # by {number}\n"
            edit(site, lambda text, line=line: text + line if number % 2 else line + text)
            time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=others, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    watcher = threading.Thread(target=lambda: ([thread.join() for thread in threads], over.set()))
    watcher.start()
    outcomes: list[MergeOutcome] = []
    with site.session() as writes:
        while not over.is_set():
            # Every other merge wants the setting gone, so that each has to write.
            outcomes += site.merged(writes, cluster_change(OTHER_MODE if len(outcomes) % 2 else Monitoring(), YAML, True))
    watcher.join()
    (last,) = site.merge(cluster_change(Monitoring(), YAML, True))
    text = site.text()
    lines = text.splitlines()
    for number in range(WRITERS):
        own = [line for line in lines if line.startswith((f"# {number}-", f"writer{number}x"))]
        made = [f"# {number}-{count}" if count % 2 else f"writer{number}x{count}: {{at: {count}}} # by {number}" for count in range(EDITS)]
        assert own == (made if number % 2 else made[::-1])
    assert [line for line in lines if line in FOREIGN.splitlines()] == FOREIGN.splitlines()[:4]
    data = yaml.safe_load(text)
    assert len(data) == 3 + WRITERS * EDITS // 2
    assert (data["enableUserWorkload"], data["alertmanagerMain"]) == (True, {"logLevel": "info", "enableUserAlertmanagerConfig": True})
    assert {outcome.finding.result for outcome in (*outcomes, last)} == {"pass"}
    assert all(outcome.writes for outcome in outcomes)
    assert sum(outcome.attempts for outcome in outcomes) > len(outcomes), "the writers have to have met"
