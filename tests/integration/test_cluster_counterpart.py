# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster counterpart itself: what other tests take for granted of it."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.counterparts.cluster import (
    Client,
    Cluster,
    ClusterError,
    Fault,
    FaultProxy,
    cluster,
    condition,
    crd_files,
    node,
    shared_cluster,
    wait_until,
)

CHECKOUT = Path(__file__).resolve().parents[2]
APPS = "/apis/apps/v1/namespaces"
RBAC = "rbac.authorization.k8s.io"
FORKLIFT = "forklift.konveyor.io"
NO_CRD_CREATED = ("create", "customresourcedefinitions.apiextensions.k8s.io")


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def pod(name: str, **resources: str) -> dict[str, Any]:
    container = {"name": "main", "image": "example.com/none", "resources": {"requests": resources, "limits": resources}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [container]}}


def plan(namespace: str, **spec: Any) -> dict[str, Any]:
    """A plan that the definition accepts, with what a test changes in it."""
    there = {"namespace": namespace}
    usual = {
        "provider": {"source": {"name": "north", **there}, "destination": {"name": "host", **there}},
        "map": {"network": {"name": "wave-1", **there}, "storage": {"name": "wave-1", **there}},
        "targetNamespace": namespace,
        "vms": [{"id": "vm-1"}],
    }
    metadata = {"name": "wave-1", **there}
    return {"apiVersion": f"{FORKLIFT}/v1beta1", "kind": "Plan", "metadata": metadata, "spec": {**usual, **spec}}


@pytest.fixture
def config_maps(namespace: str) -> str:
    return f"/api/v1/namespaces/{namespace}/configmaps"


@pytest.fixture
def proxy(api_cluster: Cluster) -> Iterator[FaultProxy]:
    with api_cluster.proxy() as running:
        yield running


@pytest.fixture
def through(api_cluster: Cluster, proxy: FaultProxy) -> Iterator[Client]:
    """The administrator's client, by way of the proxy."""
    client = Client(proxy.url, proxy.ca_path, api_cluster.admin_token)
    yield client
    client.close()


def phase(api_cluster: Cluster, path: str) -> str:
    return str(api_cluster.client.get(path)["status"].get("phase"))


def test_the_server_is_of_the_pinned_version_and_verified_with_its_own_authority(api_cluster: Cluster) -> None:
    assert api_cluster.client.get("/version")["gitVersion"] == "v1.34.4"
    stranger = http.client.HTTPSConnection("127.0.0.1", api_cluster.port, context=ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        stranger.request("GET", "/version")


def test_nodes_are_brought_up_with_the_capacity_that_they_were_given(api_cluster: Cluster) -> None:
    found = {each["metadata"]["name"]: each for each in api_cluster.client.get("/api/v1/nodes")["items"]}
    assert {name: condition(each, "Ready") for name, each in found.items()} == dict.fromkeys(("worker-0", "worker-1", "worker-2"), "True")
    assert "taints" not in found["worker-0"]["spec"]
    assert found["worker-2"]["status"]["allocatable"]["nvidia.com/gpu"] == "4"
    assert found["worker-0"]["status"]["capacity"]["cpu"] == "32"


def test_a_deployment_becomes_available(api_cluster: Cluster, namespace: str) -> None:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": pod("web", cpu="1")["spec"]}
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    metadata = {"name": "web", "namespace": namespace}
    api_cluster.apply([{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}])
    path = f"{APPS}/{namespace}/deployments/web"
    wait_until("the deployment is available", lambda: condition(api_cluster.client.get(path), "Available") == "True", 30)


def test_the_scheduler_honours_an_extended_resource(api_cluster: Cluster, namespace: str) -> None:
    pods = f"/api/v1/namespaces/{namespace}/pods"
    api_cluster.client.post(pods, pod("fits", **{"nvidia.com/gpu": "3"}))
    wait_until("the pod runs", lambda: phase(api_cluster, f"{pods}/fits") == "Running", 30)
    assert api_cluster.client.get(f"{pods}/fits")["spec"]["nodeName"] == "worker-2"
    api_cluster.client.post(pods, pod("waits", **{"nvidia.com/gpu": "2"}))
    wait_until("the pod is refused", lambda: condition(api_cluster.client.get(f"{pods}/waits"), "PodScheduled") == "False", 30)
    assert phase(api_cluster, f"{pods}/waits") == "Pending"
    api_cluster.request("DELETE", f"{pods}/fits")
    wait_until("the pod that waited runs", lambda: phase(api_cluster, f"{pods}/waits") == "Running", 60)


def test_a_job_completes(api_cluster: Cluster, namespace: str) -> None:
    template = {"spec": {**pod("once", cpu="1")["spec"], "restartPolicy": "Never"}}
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    api_cluster.client.post(path, {"metadata": {"name": "once"}, "spec": {"template": template}})
    wait_until("the job is complete", lambda: condition(api_cluster.client.get(f"{path}/once"), "Complete") == "True", 30)


def test_a_user_without_rights_is_forbidden_and_one_with_a_role_is_not(api_cluster: Cluster, namespace: str, config_maps: str) -> None:
    assert api_cluster.as_user("user-0").request("GET", config_maps).status == 403
    reader = api_cluster.with_token(api_cluster.service_account(namespace))
    assert reader.request("GET", config_maps).status == 403
    subject = {"kind": "ServiceAccount", "name": "reader", "namespace": namespace}
    role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"}
    binding = {"metadata": {"name": "reads"}, "roleRef": role, "subjects": [subject]}
    api_cluster.client.post(f"/apis/{RBAC}/v1/namespaces/{namespace}/rolebindings", binding)
    wait_until("the role is in force", lambda: reader.request("GET", config_maps).status == 200, 10)
    assert reader.request("POST", config_maps, config_map("a")).status == 403


def test_a_token_that_is_none_is_refused(api_cluster: Cluster) -> None:
    assert api_cluster.with_token("none").request("GET", "/api/v1/nodes").status == 401


def test_the_audit_counts_writes_and_leaves_out_dry_runs_and_reviews(api_cluster: Cluster, config_maps: str, namespace: str) -> None:
    client = api_cluster.as_user("admin")
    mark = api_cluster.mark()
    client.post(config_maps, config_map("a", key="1"))
    client.post(f"{config_maps}?dryRun=All", config_map("b"))
    client.request("DELETE", f"{config_maps}/a", {"kind": "DeleteOptions", "apiVersion": "v1", "dryRun": ["All"]})
    review = {"spec": {"resourceAttributes": {"namespace": namespace, "verb": "get", "resource": "pods"}}}
    client.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review)
    client.get(config_maps)
    audit = api_cluster.audit(mark)
    there = audit.within(namespace)
    assert (there.writes, there.dry_runs, there.reads) == (1, 2, 1)
    assert there.verbs[("create", "configmaps")] == 2
    assert audit.reviews >= 1
    assert not [call for call in audit.write_calls if call.group == "authorization.k8s.io"]


def test_a_patch_without_effect_and_a_refused_creation_count_as_writes(api_cluster: Cluster, config_maps: str, namespace: str) -> None:
    made = api_cluster.client.post(config_maps, config_map("a", key="1"))
    mark = api_cluster.mark()
    patched = api_cluster.request("PATCH", f"{config_maps}/a", {"data": {"key": "1"}}, "application/merge-patch+json").checked().body
    assert patched["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    assert api_cluster.request("POST", config_maps, config_map("a")).status == 409
    there = api_cluster.audit(mark).within(namespace)
    assert [(call.verb, call.status) for call in there.write_calls] == [("patch", 200), ("create", 409)]


def test_what_the_components_do_is_told_apart(api_cluster: Cluster, namespace: str) -> None:
    pods = f"/api/v1/namespaces/{namespace}/pods"
    mark = api_cluster.mark()
    api_cluster.client.post(pods, pod("a", cpu="1"))
    wait_until("the pod runs", lambda: phase(api_cluster, f"{pods}/a") == "Running", 30)
    assert api_cluster.audit(mark).within(namespace).writes == 1
    everybody = api_cluster.audit_log.since(mark, components=True).within(namespace)
    assert {"system:kube-scheduler", "system:kwok"} <= {call.user for call in everybody.write_calls}


def test_a_definition_is_served_and_refuses_an_invalid_plan(served_crds: tuple[str, ...], api_cluster: Cluster, namespace: str) -> None:
    assert FORKLIFT in served_crds
    path = f"/apis/{FORKLIFT}/v1beta1/namespaces/{namespace}/plans"
    api_cluster.client.post(f"{path}?dryRun=All", plan(namespace))
    refused = api_cluster.request("POST", path, plan(namespace, vms="all of them"))
    assert refused.status in {400, 422}
    assert "spec.vms" in refused.message


def test_apply_sets_the_status_too(served_crds: tuple[str, ...], api_cluster: Cluster, namespace: str) -> None:
    status = {"conditions": [{"type": "Ready", "status": "True", "category": "Required", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}
    api_cluster.apply([{**plan(namespace), "status": status}])
    made = api_cluster.client.get(f"/apis/{FORKLIFT}/v1beta1/namespaces/{namespace}/plans/wave-1")
    assert condition(made, "Ready") == "True"


@pytest.mark.parametrize(("status", "reason"), [(429, "TooManyRequests"), (500, "InternalError"), (409, "Conflict"), (403, "Forbidden")])
def test_the_proxy_answers_in_the_servers_place(through: Client, proxy: FaultProxy, config_maps: str, status: int, reason: str) -> None:
    proxy.arm(Fault(status=status, method="POST", path="/configmaps", after=1, count=1, retry_after=2 if status == 429 else None))
    through.post(config_maps, config_map("passes"))
    answer = through.request("POST", config_maps, config_map("meets-it"))
    assert (answer.status, answer.body["reason"], answer.headers.get("retry-after")) == (status, reason, "2" if status == 429 else None)
    through.post(config_maps, config_map("passes-again"))
    assert {each["metadata"]["name"] for each in through.get(config_maps)["items"]} >= {"passes", "passes-again"}
    assert through.request("GET", f"{config_maps}/meets-it").status == 404
    assert [each.method for each in proxy.spoiled] == ["POST"]


def test_the_proxy_hangs_until_a_client_gives_up(through: Client, proxy: FaultProxy, config_maps: str) -> None:
    proxy.arm(Fault("hang", method="GET", path="configmaps", seconds=30))
    with pytest.raises(TimeoutError):
        through.request("GET", config_maps, timeout=0.3)
    assert through.request("GET", config_maps).status == 200


def test_the_proxy_drops_a_request_before_the_server_has_it(through: Client, proxy: FaultProxy, config_maps: str) -> None:
    proxy.arm(Fault("drop", method="POST"))
    with pytest.raises((http.client.RemoteDisconnected, OSError)):
        through.request("POST", config_maps, config_map("a"))
    assert through.request("GET", f"{config_maps}/a").status == 404


def test_the_proxy_loses_an_answer_after_the_server_has_acted(through: Client, proxy: FaultProxy, config_maps: str) -> None:
    proxy.arm(Fault("lose", method="POST"))
    with pytest.raises((http.client.RemoteDisconnected, OSError)):
        through.request("POST", config_maps, config_map("a"))
    assert through.request("GET", f"{config_maps}/a").status == 200


def test_the_proxy_cuts_an_answer_short(through: Client, proxy: FaultProxy, config_maps: str) -> None:
    proxy.arm(Fault("cut", method="GET"))
    with pytest.raises(http.client.IncompleteRead):
        through.request("GET", config_maps)
    assert through.request("GET", config_maps).status == 200


def test_the_proxy_passes_a_watch_on_as_it_comes(api_cluster: Cluster, proxy: FaultProxy, config_maps: str) -> None:
    context = ssl.create_default_context(cafile=str(proxy.ca_path))
    watching = http.client.HTTPSConnection("127.0.0.1", int(proxy.url.rpartition(":")[2]), timeout=20, context=context)
    headers = {"Authorization": f"Bearer {api_cluster.admin_token}"}
    watching.request("GET", f"{config_maps}?watch=1&fieldSelector=metadata.name%3Da", headers=headers)
    answer = watching.getresponse()
    api_cluster.client.post(config_maps, config_map("a"))
    assert b'"ADDED"' in answer.readline()
    watching.close()


def test_a_webhook_denies_in_its_namespace(api_cluster: Cluster, namespace: str, config_maps: str) -> None:
    with api_cluster.webhook("not on a Friday", namespace=namespace, resources=("configmaps",)) as webhook:
        wait_until(
            "the webhook is in force", lambda: api_cluster.request("POST", f"{config_maps}?dryRun=All", config_map("b")).status == 403, 20
        )
        refused = api_cluster.request("POST", config_maps, config_map("a"))
        assert (refused.status, "not on a Friday" in refused.message) == (403, True)
        assert {asked["namespace"] for asked in webhook.requests} == {namespace}
    wait_until("the webhook is gone", lambda: api_cluster.request("POST", config_maps, config_map("a")).status == 201, 20)


def test_a_second_start_creates_no_definition_and_is_another_cluster(served_crds: tuple[str, ...]) -> None:
    seen = set()
    for _number in range(2):
        with cluster(crds=(FORKLIFT,), kwok=False, scheduler=False, controllers=False) as running:
            found = running.client.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions")["items"]
            assert len(found) == len(crd_files((FORKLIFT,)))
            assert NO_CRD_CREATED not in running.audit_log.since(0, components=True).verbs
            seen.add(running.client.get("/api/v1/namespaces/kube-system")["metadata"]["uid"])
    assert len(seen) == 2


def test_a_definition_that_is_not_there_is_named(served_crds: tuple[str, ...]) -> None:
    with pytest.raises(ClusterError, match=r"no definitions of no\.such\.group"):
        crd_files(("no.such.group", FORKLIFT))


def test_nodes_of_a_cluster_of_ones_own_are_up_when_it_is(tmp_path: Path) -> None:
    tainted = [{"key": "reserved", "value": "gpu", "effect": "NoSchedule"}]
    with cluster(name="own", nodes=[node("big", cpu="128", memory="1Ti", taints=tainted)], users={"ops": ("cluster-ops",)}) as running:
        (found,) = running.client.get("/api/v1/nodes")["items"]
        assert (condition(found, "Ready"), found["spec"]["taints"]) == ("True", tainted)
        review = running.as_user("ops").post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
        assert "cluster-ops" in review["status"]["userInfo"]["groups"]
        written = yaml.safe_load(running.write_kubeconfig(tmp_path, "a-token").read_text(encoding="utf-8"))
        assert written["clusters"][0]["cluster"]["server"] == running.url
        folder = running.folder
        pids = list(running.pids.values())
    assert not folder.exists()
    assert not [pid for pid in pids if is_alive(pid)]


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


KILLED = """
import sys, time
from tests.counterparts.cluster import cluster
with cluster(kwok=False, scheduler=False, controllers=False) as running:
    print(running.folder, *running.pids.values(), flush=True)
    time.sleep(60)
"""


@pytest.fixture
def user() -> Iterator[tuple[subprocess.Popen[str], Path, list[int]]]:
    """A process that has started a cluster, the cluster's folder and its processes."""
    process = subprocess.Popen([sys.executable, "-c", KILLED], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    folder, *pids = process.stdout.readline().split()
    yield process, Path(folder), [int(pid) for pid in pids]
    process.kill()
    process.wait()
    process.stdout.close()
    # Nobody is left to remove it where the keeper was killed as well.
    shutil.rmtree(folder, ignore_errors=True)


def test_a_cluster_ends_with_the_process_that_started_it_even_when_that_is_killed(
    user: tuple[subprocess.Popen[str], Path, list[int]],
) -> None:
    process, folder, pids = user
    process.kill()
    wait_until("everything has ended", lambda: not any(map(is_alive, pids)), 20)
    wait_until("its data is gone", lambda: not folder.exists(), 20)


def test_no_process_outlives_a_keeper_that_is_killed(user: tuple[subprocess.Popen[str], Path, list[int]]) -> None:
    _process, _folder, (keeper, *others) = user
    os.kill(keeper, signal.SIGKILL)
    wait_until("everything has ended", lambda: not any(map(is_alive, others)), 20)


def test_a_shared_cluster_lasts_as_long_as_somebody_holds_on_to_it(tmp_path: Path) -> None:
    few = {"kwok": False, "scheduler": False, "controllers": False}
    with shared_cluster(tmp_path, **few) as first:
        with shared_cluster(tmp_path, **few) as second:
            assert (second.url, second.pids) == (first.url, first.pids)
        time.sleep(1)
        assert first.request("GET", "/version").status == 200
    wait_until("it has ended", lambda: not first.is_kept(), 20)
    with shared_cluster(tmp_path, **few) as third:
        assert third.folder != first.folder
