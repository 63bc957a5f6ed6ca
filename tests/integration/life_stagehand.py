# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays what does not run here while a proof of life is on its way: Kueue's controller, and the kubelet with its containers.

It writes what they would write, as their sources have it: Workloads with conditions, Jobs that go on with the labels of a flavor, states
of pods and containers. API server, controllers and scheduler are real, and answer to all of it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.probe import QUEUE_LABEL, RUN_LABEL

from tests.counterparts.cluster import Client, Cluster, ClusterError

Json = dict[str, Any]
MERGE: Final = "application/merge-patch+json"
STRATEGIC: Final = "application/strategic-merge-patch+json"
KUEUE: Final = "/apis/kueue.x-k8s.io/v1beta2"
PAUSE_SECONDS: Final = 0.1
NOW: Final = "2026-11-22T06:00:00Z"
GPU_TOLERATION: Final[Json] = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}


def condition(kind: str, status: str, reason: str, message: str) -> Json:
    """A condition as Kubernetes writes it."""
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": NOW}


ADMITTED: Final = (condition("QuotaReserved", "True", "QuotaReserved", "reserved"), condition("Admitted", "True", "Admitted", "admitted"))


@dataclass(frozen=True)
class Kueue:
    """What is made of a Job in its queue."""

    conditions: tuple[Json, ...] = ADMITTED
    labels: Mapping[str, str] = field(default_factory=dict)
    """of the flavor: they become the pod's node selector"""
    tolerations: tuple[Json, ...] = (GPU_TOLERATION,)
    checks: tuple[Json, ...] = ()
    makes_workloads: bool = True


Container = Callable[[Json], Json | None]
"""What the status of a pod that has a node becomes; None leaves it as it is."""


@dataclass
class Stagehand:
    """Plays for each namespace what is said for it; where nothing is, Jobs are admitted and pods are left to kwok."""

    client: Client
    queues: Mapping[str, Kueue]
    containers: Mapping[str, Container]
    ended: threading.Event = field(default_factory=threading.Event)
    failed: list[Exception] = field(default_factory=list)
    played: set[str] = field(default_factory=set)
    jobs_to_remove: frozenset[str] = frozenset()
    """namespaces in which somebody removes the Job"""

    def play(self, path: str, act: Callable[[Json], None]) -> None:
        """Does something with each object of a list, again and again until it is ended."""
        try:
            while not self.ended.wait(PAUSE_SECONDS):
                for item in self.client.get(f"{path}?labelSelector={RUN_LABEL}")["items"]:
                    act(item)
        except ClusterError as error:
            self.failed.append(error)

    def threads(self) -> list[threading.Thread]:
        """Kueue, and the kubelets."""
        acts = {"/apis/batch/v1/jobs": self._job, "/api/v1/pods": self._pod}
        return [threading.Thread(target=self.play, args=each, name=each[0], daemon=True) for each in acts.items()]

    def _job(self, job: Json) -> None:
        metadata = job["metadata"]
        namespace, uid = metadata["namespace"], metadata["uid"]
        kueue = self.queues.get(namespace, Kueue())
        waits = job["spec"].get("suspend") and QUEUE_LABEL in metadata["labels"]
        if uid in self.played or not waits or not kueue.makes_workloads:
            return
        self.played.add(uid)
        path = f"/apis/batch/v1/namespaces/{namespace}/jobs/{metadata['name']}"
        if namespace in self.jobs_to_remove:
            self.client.request("DELETE", path, {"propagationPolicy": "Background"})
            return
        self._workload(job, kueue)
        if any(each["type"] == "Admitted" and each["status"] == "True" for each in kueue.conditions):
            # As Kueue does, in one update: the flavor's labels and tolerations, and the Job goes on.
            spec = {"nodeSelector": dict(kueue.labels), "tolerations": list(kueue.tolerations)}
            self.client.request("PATCH", path, {"spec": {"suspend": False, "template": {"spec": spec}}}, MERGE).checked()

    def _workload(self, job: Json, kueue: Kueue) -> None:
        metadata = job["metadata"]
        owner = {"apiVersion": "batch/v1", "kind": "Job", "name": metadata["name"], "uid": metadata["uid"], "controller": True}
        body = {
            "apiVersion": "kueue.x-k8s.io/v1beta2",
            "kind": "Workload",
            "metadata": {
                "name": f"job-{metadata['name']}",
                "labels": {"kueue.x-k8s.io/job-uid": metadata["uid"]},
                "ownerReferences": [owner],
            },
            "spec": {
                "queueName": metadata["labels"][QUEUE_LABEL],
                "podSets": [{"name": "main", "count": 1, "template": {"spec": job["spec"]["template"]["spec"]}}],
            },
        }
        collection = f"{KUEUE}/namespaces/{metadata['namespace']}/workloads"
        self.client.post(collection, body)
        status: Json = {"conditions": list(kueue.conditions)}
        if kueue.checks:
            status["admissionChecks"] = list(kueue.checks)
        self.client.request("PATCH", f"{collection}/{body['metadata']['name']}/status", {"status": status}, MERGE).checked()

    def _pod(self, pod: Json) -> None:
        metadata = pod["metadata"]
        container = self.containers.get(metadata["namespace"])
        if container is None or metadata["uid"] in self.played or not pod["status"].get("startTime"):
            return
        self.played.add(metadata["uid"])
        status = container(pod)
        if status is not None:
            path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}/status"
            self.client.request("PATCH", path, {"status": status}, STRATEGIC).checked()


@contextmanager
def stagehand(
    cluster: Cluster, queues: Mapping[str, Kueue], containers: Mapping[str, Container], jobs_to_remove: frozenset[str] = frozenset()
) -> Iterator[Stagehand]:
    """Plays for as long as the block lasts."""
    found = Stagehand(cluster.with_token(cluster.admin_token), queues, containers, jobs_to_remove=jobs_to_remove)
    threads = found.threads()
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        found.ended.set()
        for thread in threads:
            thread.join()
        assert found.failed == []


# ---- what containers do ----------------------------------------------------------------------------------------------


def _own(pod: Json, state: Json) -> Json:
    image = pod["spec"]["containers"][0]["image"]
    return {"name": "proof", "image": image, "imageID": "", "ready": False, "started": False, "restartCount": 0, "state": state}


def waiting(reason: str, message: str) -> Container:
    """A container that waits for a reason."""
    return lambda pod: {"containerStatuses": [_own(pod, {"waiting": {"reason": reason, "message": message}})]}


def rejected(reason: str, message: str) -> Container:
    """A pod that its node does not take, or lets go."""
    return lambda _pod: {"phase": "Failed", "reason": reason, "message": message, "containerStatuses": None}


def ended(exit_code: int, message: str = "", reason: str = "") -> Container:
    """A container that ended, and what it left."""
    return lambda pod: _ended(pod, exit_code, message, reason)


def told(**changes: Any) -> Container:
    """A container that ended well, and left the result that its contract means, but for these changes."""
    return lambda pod: _ended(pod, 0, json.dumps({**right_result(pod), **changes}), "")


def reached(**changes: str) -> Container:
    """The same, with other destinations reached than the contract means; `_` stands for `-` in their names."""

    def container(pod: Json) -> Json:
        found = right_result(pod)
        found["reach"] |= {name.replace("_", "-"): state for name, state in changes.items()}
        return _ended(pod, 0, json.dumps(found), "")

    return container


def right_result(pod: Json) -> Json:
    """What the container of that pod would say where everything is as it should be."""
    environment = {each["name"]: each.get("value", "") for each in pod["spec"]["containers"][0]["env"]}
    words = environment["PROBE_DESTINATIONS"].split()
    devices = int(environment["PROBE_DEVICES"])
    closed = {"node-metadata", "monitoring", "next-door"}
    return {
        "schema": "readiness.proof/1",
        "vendor": environment["PROBE_VENDOR"],
        "devices_asked": devices,
        "devices_seen": devices,
        "tool_exit": 0,
        "dns": "resolved",
        "reach": {name: "closed" if name in closed else "open" for name in words[::3]},
    }


def _ended(pod: Json, exit_code: int, message: str, reason: str) -> Json:
    terminated = {"exitCode": exit_code, "message": message, "reason": reason or ("Completed" if exit_code == 0 else "Error")}
    state = {"terminated": {**terminated, "startedAt": NOW, "finishedAt": NOW}, "waiting": None}
    return {"phase": "Failed" if exit_code else "Succeeded", "containerStatuses": [_own(pod, state)]}
