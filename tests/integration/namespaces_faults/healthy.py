# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters that are noisy, and healthy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.counterparts.cluster import wait_until
from tests.integration import openshift_made
from tests.integration.namespaces_faults.of_clusters import running
from tests.integration.namespaces_faults.of_objects import TRACKING, limits_path, mended, policy_path
from tests.integration.namespaces_faults.of_people import OF_FRAUD
from tests.integration.namespaces_faults.stand import (
    ALL_RIGHTS,
    APPLY,
    RBAC,
    SAFE,
    SPACES,
    WILD,
    Asked,
    C,
    F,
    Json,
    Stand,
    T,
    binding,
    named,
    pod,
    quota_path,
    whom,
)


def work_in(space: str) -> list[Json]:
    """What a team makes for itself."""
    container = {"name": "main", "image": "registry.example.com/ai/app:1", "securityContext": SAFE}
    template = {"metadata": {"labels": {"app": "work"}}, "spec": {"containers": [container]}}
    once = {"template": {"spec": {"containers": [container], "restartPolicy": "Never"}}}
    claimed = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return [
        named("v1", "ConfigMap", "work", space, data={"a": "b"}),
        named("v1", "Secret", "work", space),
        named("v1", "Service", "work", space, spec={"ports": [{"port": 80}], "selector": {"app": "work"}}),
        named("apps/v1", "Deployment", "work", space, spec={"selector": {"matchLabels": {"app": "work"}}, "template": template}),
        named("batch/v1", "Job", "work", space, spec=once),
        *([named("v1", "PersistentVolumeClaim", "work", space, spec=claimed)] if space == C else []),
    ]


@contextmanager
def work_of_tenants(stand: Stand) -> Iterator[Asked]:
    pods = [pod("runs", C), pod("runs", T, "gpu-1"), pod("failed", C), pod("done", F)]
    with stand.with_objects(*work_in(C), *work_in(T), pod("waits", C, "")), running(stand, *pods):
        stand.status(f"/api/v1/namespaces/{C}/pods/failed", {"phase": "Failed"})
        stand.status(f"/api/v1/namespaces/{F}/pods/done", {"phase": "Succeeded"})
        yield Asked()
    for space in (C, T):
        path = f"/api/v1/namespaces/{space}/pods"
        wait_until("their pods are gone", lambda path=path: stand.site.live(path)["items"] == [])


@contextmanager
def foreign_namespace(stand: Stand) -> Iterator[Asked]:
    bad = [
        ALL_RIGHTS,
        binding("wild", "everything", whom("Group", "wild-ones"), WILD),
        named("v1", "LimitRange", "wild", WILD, spec={"limits": [{"type": "Container", "max": {"cpu": "1"}}]}),
        named("v1", "ResourceQuota", "wild", WILD, spec={"hard": {"pods": "2"}}),
        named(f"{RBAC}/v1", "Role", "wild", WILD, rules=[{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]),
    ]
    with stand.with_objects(*bad), running(stand, pod("wild", WILD, image="registry.example.net/any:1", hostNetwork=True)):
        yield Asked()


@contextmanager
def labels_of_others(stand: Stand) -> Iterator[Asked]:
    paths = [f"/api/v1/namespaces/{C}", quota_path(F), policy_path(T), limits_path(T), "/api/v1/nodes/gpu-0"]
    marks = {"labels": {"example.com/team": "others"}, "annotations": {"example.com/seen": "yes"}}
    gone = {"labels": {"example.com/team": None}, "annotations": {"example.com/seen": None}}
    for path in paths:
        stand.patch(path, {"metadata": marks})
    try:
        yield Asked()
    finally:
        for path in paths:
            stand.patch(path, {"metadata": gone})


@contextmanager
def made_by_operators(stand: Stand) -> Iterator[Asked]:
    with stand.with_objects(named("v1", "ConfigMap", "model", C)):
        uid = stand.site.live(f"/api/v1/namespaces/{C}/configmaps/model")["metadata"]["uid"]
        owner = {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "model", "uid": uid}]}
        made = [
            named("v1", "ServiceAccount", "model-sa", C),
            named("v1", "Service", "model-metrics", C, spec={"ports": [{"port": 8080}]}),
            named("v1", "ConfigMap", "model-metrics-dashboard", C),
            named(
                "monitoring.coreos.com/v1",
                "ServiceMonitor",
                "model-metrics",
                C,
                spec={"selector": {"matchLabels": {"app": "model"}}, "endpoints": [{"port": "http"}]},
            ),
        ]
        for item in made:
            item["metadata"] |= owner
        with stand.with_objects(*made):
            yield Asked()


@contextmanager
def openshift_at_work(stand: Stand) -> Iterator[Asked]:
    for number, name in enumerate(SPACES):
        for item in openshift_made.bindings(name):
            stand.unmake(item)
        openshift_made.put_into(stand.cluster, name, number)
    yield Asked()


@contextmanager
def tracked_and_in_step(stand: Stand) -> Iterator[Asked]:
    paths = {quota_path(T): "ResourceQuota", limits_path(T): "LimitRange", policy_path(T): "NetworkPolicy"}
    for path, kind in paths.items():
        tracked = f"teams:/{kind}:{T}/{path.rpartition('/')[2]}"
        stand.patch(path, {"metadata": {"annotations": {TRACKING: tracked}}})
    try:
        yield Asked(mode="apply")
    finally:
        for path in paths:
            stand.patch(path, {"metadata": {"annotations": {TRACKING: None}}})


@contextmanager
def same_amounts_otherwise(stand: Stand) -> Iterator[Asked]:
    with mended(stand) as asked:
        body = named("v1", "ResourceQuota", "readiness-quota", F, spec={"hard": {"requests.memory": "524288Mi", "requests.cpu": "64000m"}})
        stand.cluster.request("PATCH", f"{quota_path(F)}?fieldManager=somebody&force=true", body, APPLY).checked()
        yield asked
        # Whoever has applied it gives it up again.
        gives_up = named("v1", "ResourceQuota", "readiness-quota", F)
        stand.cluster.request("PATCH", f"{quota_path(F)}?fieldManager=somebody&force=true", gives_up, APPLY).checked()


@contextmanager
def operators_with_wide_rights(stand: Stand) -> Iterator[Asked]:
    account = {"kind": "ServiceAccount", "name": "gitops", "namespace": "openshift-gitops"}
    with stand.with_objects(ALL_RIGHTS, binding("operators", "everything", account)):
        stand.until_may(True, "system:serviceaccount:openshift-gitops:gitops", [], "get", "secrets", F)
        yield OF_FRAUD
