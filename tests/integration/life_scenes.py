# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is broken for each code of the proof of life, in a namespace of its own: for real where that can be done here, else played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life import codes
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.codes import Code
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.probe import Probe

from tests.counterparts.cluster import Cluster
from tests.integration.life_stagehand import (
    KUEUE,
    MERGE,
    Container,
    Kueue,
    condition,
    ended,
    reached,
    rejected,
    told,
    waiting,
)

Json = dict[str, Any]
GPU: Final = "nvidia.com/gpu"
UNREACHABLE: Final = "registry.unreachable.example.com/proof:1"
"""kwok starts nothing of that registry, so that the stagehand plays what becomes of it."""

STARTED: Final = "registry.example.com/proof:1"
REAL, PLAYED = "provoked", "played"
RESTRICTED: Final[Json] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}

Break = Callable[[Cluster, str], None]
Spoil = Callable[[Json], None]
"""Changes the spec of the Job's pod before it is made."""


@dataclass(frozen=True)
class SceneOf:
    """How one code comes about."""

    code: Code
    how: str
    """provoked: API server, controllers and scheduler decide it; played: what does not run here is written by hand"""
    breaks: Break | None = None
    """what is done between provisioning and the proof"""
    spoils: Spoil | None = None
    kueue: Kueue | None = None
    container: Container | None = None
    accelerator: Json = field(default_factory=dict)
    contract: Json = field(default_factory=dict)
    words: str = ""
    """what has to stand in the verdict's words"""

    @property
    def namespace(self) -> str:
        """A namespace of its own."""
        return f"life-{self.code.id.replace('.', '-').replace('_', '-')}"


# ---- breaking --------------------------------------------------------------------------------------------------------


def _delete(path: str) -> Break:
    def act(cluster: Cluster, namespace: str) -> None:
        cluster.request("DELETE", path.format(namespace)).checked()

    return act


def _merge(path: str, body: Json) -> Break:
    def act(cluster: Cluster, namespace: str) -> None:
        cluster.request("PATCH", path.format(namespace), body, MERGE).checked()

    return act


def _create(**manifest: Any) -> Break:
    def act(cluster: Cluster, namespace: str) -> None:
        cluster.client.create([{**manifest, "metadata": {"name": "in-the-way", "namespace": namespace}}])

    return act


def _fill(cluster: Cluster, namespace: str, node: str, requests: Mapping[str, str]) -> None:
    """A pod that holds something on a node."""
    container = {"name": "main", "image": STARTED, "resources": {"requests": dict(requests), "limits": dict(requests)}}
    spec = {"nodeName": node, "containers": [{**container, "securityContext": RESTRICTED}], "tolerations": [{"operator": "Exists"}]}
    cluster.client.create([{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "holder", "namespace": namespace}, "spec": spec}])


def _policy(cluster: Cluster, namespace: str) -> None:
    """Somebody's own admission policy."""
    match = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    spec = {"matchConstraints": {"resourceRules": [rule]}, "validations": [{"expression": "false", "message": "no pods on Sundays"}]}
    kind = "ValidatingAdmissionPolicy"
    cluster.apply(
        [
            {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "sundays"}, "spec": spec},
            {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": f"{kind}Binding",
                "metadata": {"name": "sundays"},
                "spec": {"policyName": "sundays", "validationActions": ["Deny"], "matchResources": match},
            },
        ]
    )


def _dead_webhook(cluster: Cluster, namespace: str) -> None:
    """A webhook behind which nobody is."""
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}
    hook = {
        "name": "dead.example.com",
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "rules": [rule],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "failurePolicy": "Fail",
        "timeoutSeconds": 2,
    }
    kind = "ValidatingWebhookConfiguration"
    cluster.client.create(
        [{"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "dead"}, "webhooks": [hook]}]
    )


def _inactive(cluster: Cluster, namespace: str) -> None:
    found = condition("Active", "False", "ClusterQueueIsInactive", "Can't submit new workloads to clusterQueue")
    path = f"{KUEUE}/namespaces/{namespace}/localqueues/default/status"
    cluster.request("PATCH", path, {"status": {"conditions": [found]}}, MERGE).checked()


def _fewer_devices(cluster: Cluster, _namespace: str) -> None:
    amounts = {"amd.com/gpu": "1"}
    cluster.request("PATCH", "/api/v1/nodes/amd-0/status", {"status": {"allocatable": amounts}}, MERGE).checked()


def _privileged(pod: Json) -> None:
    pod["containers"][0]["securityContext"] = {"privileged": True}


def _near_nobody(pod: Json) -> None:
    term = {"labelSelector": {"matchLabels": {"app": "nobody"}}, "topologyKey": "kubernetes.io/hostname"}
    pod["affinity"] = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def _on(node: str) -> Kueue:
    return Kueue(labels={"kubernetes.io/hostname": node})


def _pending(reason: str, message: str) -> Kueue:
    return Kueue((condition("QuotaReserved", "False", reason, message),))


def _evicted() -> Kueue:
    preempted = condition("Evicted", "True", "Preempted", "Preempted to accommodate a workload (UID: 1) due to prioritization in the queue")
    return Kueue((condition("QuotaReserved", "False", "Pending", "Preempted"), preempted))


_BINDINGS: Final = "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings/"
_SHORT: Final = "couldn't assign flavors to pod set main: insufficient"
_FLAVOR: Final = "nvidia.com/gpu in flavor h100"

SCENES: Final[tuple[SceneOf, ...]] = (
    SceneOf(codes.NOT_TRIED, REAL, contract={"groups": ["visitors"]}, words="impersonate groups"),
    SceneOf(codes.REFUSED, REAL, _delete(_BINDINGS + "groundwork-readiness-persona-data-scientist"), words="cannot create resource"),
    SceneOf(codes.NO_NAMESPACE, REAL, _delete("/api/v1/namespaces/{}"), words="life-admission-namespace"),
    SceneOf(codes.POD_SECURITY, REAL, spoils=_privileged, words='violates PodSecurity "restricted'),
    SceneOf(
        codes.QUOTA,
        REAL,
        _create(apiVersion="v1", kind="ResourceQuota", spec={"hard": {f"requests.{GPU}": "0"}}),
        words="exceeded quota: in-the-way",
    ),
    SceneOf(
        codes.QUOTA_IN_USE,
        REAL,
        lambda cluster, namespace: _fill(cluster, namespace, "gpu-9", {GPU: "1"}),
        words="exceeded quota: readiness",
    ),
    SceneOf(
        codes.GATE,
        REAL,
        _merge("/api/v1/namespaces/{}", {"metadata": {"annotations": {"readiness.groundwork.io/expires": None}}}),
        words="lacks annotation readiness.groundwork.io/expires",
    ),
    SceneOf(codes.POLICY, REAL, _policy, words="no pods on Sundays"),
    SceneOf(codes.WEBHOOK, REAL, words="not on my watch"),
    SceneOf(codes.WEBHOOK_DOWN, REAL, _dead_webhook, words="failed calling webhook"),
    SceneOf(
        codes.LIMIT_RANGE,
        REAL,
        _create(apiVersion="v1", kind="LimitRange", spec={"limits": [{"type": "Container", "max": {"memory": "64Mi"}}]}),
        words="maximum memory usage per Container is 64Mi",
    ),
    SceneOf(codes.ACCOUNT, REAL, spoils=lambda pod: pod.update(serviceAccountName="nobody"), words="error looking up service account"),
    SceneOf(codes.OTHER_REFUSAL, REAL, spoils=lambda pod: pod.update(priorityClassName="nothing"), words="no PriorityClass"),
    SceneOf(codes.NO_QUEUE, REAL, _delete(KUEUE + "/namespaces/{}/localqueues/default"), kueue=Kueue(makes_workloads=False)),
    SceneOf(
        codes.STOPPED,
        REAL,
        _merge(KUEUE + "/namespaces/{}/localqueues/default", {"spec": {"stopPolicy": "Hold"}}),
        kueue=Kueue(makes_workloads=False),
        words="stopPolicy is Hold",
    ),
    SceneOf(codes.INACTIVE, PLAYED, _inactive, kueue=Kueue(makes_workloads=False), words="ClusterQueueIsInactive"),
    SceneOf(codes.NO_WORKLOAD, REAL, kueue=Kueue(makes_workloads=False)),
    SceneOf(
        codes.TOO_SMALL,
        PLAYED,
        kueue=_pending("Pending", f"{_SHORT} quota for {_FLAVOR}, request > maximum capacity (1 > 0)"),
        words="maximum capacity (1 > 0)",
    ),
    SceneOf(codes.FULL, PLAYED, kueue=_pending("Pending", f"{_SHORT} unused quota for {_FLAVOR}, 1 more needed"), words="1 more needed"),
    SceneOf(
        codes.NOT_ADMITTED,
        PLAYED,
        kueue=Kueue(
            (condition("QuotaReserved", "True", "QuotaReserved", "reserved"),),
            checks=({"name": "nodes", "state": "Pending", "message": "a node is asked for", "lastTransitionTime": "2026-11-22T06:00:00Z"},),
        ),
        words="nodes is Pending: a node is asked for",
    ),
    SceneOf(codes.EVICTED_BY_QUEUE, PLAYED, kueue=_evicted(), words="Preempted to accommodate"),
    SceneOf(codes.TAINT, REAL, kueue=Kueue(tolerations=()), words="untolerated taint"),
    SceneOf(
        codes.TOO_FEW,
        REAL,
        _fewer_devices,
        accelerator={"count": 2, "prefer": ["amd"]},
        kueue=_on("amd-0"),
        words="Insufficient amd.com/gpu",
    ),
    SceneOf(
        codes.IN_USE,
        REAL,
        lambda cluster, _namespace: _fill(cluster, "default", "gpu-full", {GPU: "8"}),
        kueue=_on("gpu-full"),
        words="Insufficient nvidia.com/gpu",
    ),
    SceneOf(
        codes.NO_ROOM,
        REAL,
        lambda cluster, _namespace: _fill(cluster, "kube-public", "gpu-crowded", {"cpu": "128"}),
        kueue=_on("gpu-crowded"),
        words="Insufficient cpu",
    ),
    SceneOf(codes.SELECTOR, REAL, kueue=Kueue(labels={"nvidia.com/gpu.product": "none"}), words="node affinity/selector"),
    SceneOf(
        codes.CORDONED,
        REAL,
        lambda cluster, _namespace: _merge("/api/v1/nodes/gpu-cordoned", {"spec": {"unschedulable": True}})(cluster, ""),
        kueue=_on("gpu-cordoned"),
        words="unschedulable",
    ),
    SceneOf(codes.NOT_SCHEDULED, REAL, spoils=_near_nobody, words="didn't match pod affinity rules"),
    SceneOf(codes.IMAGE, PLAYED, words="ImagePullBackOff: Back-off pulling image"),
    SceneOf(
        codes.CONTAINER,
        PLAYED,
        container=waiting("CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
        words="image will run as root",
    ),
    SceneOf(
        codes.DEVICE_PLUGIN,
        PLAYED,
        container=rejected(
            "UnexpectedAdmissionError",
            "Pod was rejected: Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. "
            "Requested: 1, Available: 0, which is unexpected",
        ),
        words="Requested: 1, Available: 0",
    ),
    SceneOf(
        codes.NODE_REFUSED,
        PLAYED,
        container=rejected(
            "NodeAffinity", "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"
        ),
        words="Predicate NodeAffinity failed",
    ),
    SceneOf(codes.NOT_VISIBLE, PLAYED, container=told(devices_seen=0), words="no device file is there"),
    SceneOf(codes.NOT_USABLE, PLAYED, container=told(tool_exit=9), words="ended with 9"),
    SceneOf(codes.DNS, PLAYED, container=told(dns="unresolved")),
    SceneOf(
        codes.OBJECT_STORE,
        PLAYED,
        container=reached(object_store="closed"),
        contract={"quota": {"models": 1}, "serving": {"object_store": "models-s3"}},
    ),
    SceneOf(codes.UNREACHED, PLAYED, container=reached(api_server="closed"), words="api-server"),
    SceneOf(codes.LEAK, PLAYED, container=reached(node_metadata="open"), words="node-metadata"),
    SceneOf(codes.BROKE, PLAYED, container=ended(137, "", "OOMKilled"), words="OOMKilled, exit code 137"),
    SceneOf(
        codes.EVICTED,
        PLAYED,
        container=rejected("Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi."),
        words="low on resource: memory",
    ),
    SceneOf(codes.GONE, REAL),
    SceneOf(codes.TIMEOUT, PLAYED, container=waiting("ContainerCreating", ""), words="its pod is Pending on "),
    SceneOf(
        codes.NO_EVIDENCE,
        REAL,
        spoils=lambda pod: pod["containers"][0].update(image=STARTED),
        words="the container left no message",
    ),
    SceneOf(codes.SUCCEEDED, PLAYED, container=told(), words="1 device files of 1 devices"),
)
"""One for each code that can come about beside the others."""

APART: Final[Mapping[str, str]] = {
    codes.SERVER_FAILED.id: "provoked by a server that fails in the middle",
    codes.NO_NODES.id: "provoked on a cluster without nodes",
}
"""Codes that have a test of their own: they would break all others."""

NOT_HERE: Final[Mapping[str, str]] = {
    codes.CONSTRAINTS.id: "SecurityContextConstraints are OpenShift's own admission",
    codes.VOLUMES.id: "a proof has no volumes; only a webhook of the cluster could give it some",
}
"""Codes that cannot come about here, and why."""


def spoiled(probe: Probe) -> Probe:
    """A probe as its scene has it."""
    scene = BY_NAMESPACE.get(probe.namespace)
    if scene is not None and scene.spoils is not None:
        scene.spoils(probe.job["spec"]["template"]["spec"])
    return replace(probe)


BY_NAMESPACE: Final[Mapping[str, SceneOf]] = {scene.namespace: scene for scene in SCENES}
