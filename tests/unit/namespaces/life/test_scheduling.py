# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why no node takes a pod: by the nodes that it means, beside whatever else the scheduler counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life import codes
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.codes import Code
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.scheduling import why_unscheduled

Json = dict[str, Any]
GPU = "nvidia.com/gpu"
H100 = {"product": "h100"}
TAINT = {"key": GPU, "value": "present", "effect": "NoSchedule"}
TOLERATES = {"key": GPU, "operator": "Exists", "effect": "NoSchedule"}
NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
INSUFFICIENT = "0/3 nodes are available: {} no new claims to deallocate, preemption: 0/3 nodes are available: 3 Insufficient cpu."


def node(name: str, devices: int = 0, labels: Mapping[str, str] | None = None, taints: Sequence[Json] = (), **spec: Any) -> Json:
    allocatable = {"cpu": "8", **({GPU: str(devices)} if devices else {})}
    return {
        "metadata": {"name": name, "labels": dict(labels or {})},
        "spec": {"taints": list(taints), **spec},
        "status": {"allocatable": allocatable},
    }


def pod(selector: Mapping[str, str] | None = None, *tolerations: Json) -> Json:
    return {"spec": {"nodeSelector": dict(selector or {}), "tolerations": list(tolerations)}}


WORKER = node("worker")
A100 = node("a100", 8, {"product": "a100"})


@pytest.mark.parametrize(
    ("waiting", "nodes", "message", "code"),
    [
        (pod(), (), "no nodes available to schedule pods", codes.NO_NODES),
        (pod(), (WORKER, node("g", 1)), INSUFFICIENT.format("3 Insufficient nvidia.com/gpu."), codes.TOO_FEW),
        (pod(H100), (WORKER, A100, node("g", 8, H100, [TAINT])), "1 untolerated taint, 2 didn't match", codes.TAINT),
        (pod(H100, TOLERATES), (WORKER, A100), "2 node(s) didn't match Pod's node affinity/selector", codes.SELECTOR),
        (pod(H100), (A100, node("g", 8, {}, [TAINT])), "taints and selectors", codes.SELECTOR),
        (pod(H100), (A100, node("g", 8, H100, unschedulable=True)), "1 node(s) were unschedulable", codes.CORDONED),
        (pod(H100), (A100, node("g", 8, H100, [NOT_READY])), "1 untolerated taint {node.kubernetes.io/not-ready}", codes.CORDONED),
        (
            pod(H100),
            (node("f", 8, H100, [TAINT, NOT_READY]), node("g", 8, H100, [NOT_READY]), node("h", 8, H100, [TAINT])),
            "taints",
            codes.TAINT,
        ),
        (pod(H100), (WORKER, node("g", 8, H100)), INSUFFICIENT.format("1 Insufficient nvidia.com/gpu, 1 didn't match."), codes.IN_USE),
        (
            pod(),
            (WORKER, node("g", 8, H100)),
            INSUFFICIENT.format("1 Insufficient cpu, 1 Insufficient nvidia.com/gpu."),
            codes.NO_ROOM,
        ),
        (
            pod(),
            (WORKER, node("g", 8, H100)),
            INSUFFICIENT.format("1 Insufficient cpu, 2 Insufficient nvidia.com/gpu."),
            codes.IN_USE,
        ),
        (pod(H100), (node("g", 8, H100),), INSUFFICIENT.format("1 Insufficient memory."), codes.NO_ROOM),
        (pod(H100), (node("g", 8, H100),), "1 Too many pods.", codes.NO_ROOM),
        (pod(H100), (node("g", 8, H100),), "1 node(s) had volume node affinity conflict", codes.VOLUMES),
        (pod(H100), (node("g", 8, H100),), "pod has unbound immediate PersistentVolumeClaims", codes.VOLUMES),
        (
            pod(H100),
            (node("g", 8, H100),),
            "1 node(s) didn't match pod anti-affinity rules, 1 Insufficient nvidia.com/gpu",
            codes.NOT_SCHEDULED,
        ),
        (pod(H100), (node("g", 8, H100),), "0/1 nodes are available: preemption: 1 Insufficient cpu", codes.NOT_SCHEDULED),
        (pod(H100), None, "1 Insufficient nvidia.com/gpu", codes.NOT_SCHEDULED),
    ],
)
def test_nodes_that_are_meant_decide(waiting: Json, nodes: Sequence[Json] | None, message: str, code: Code) -> None:
    assert why_unscheduled(waiting, message, nodes, GPU, 2).code is code


def test_pod_without_devices_may_go_to_any_node() -> None:
    assert why_unscheduled(pod(), "1 Insufficient cpu", (WORKER,), "", 0).code is codes.NO_ROOM
    assert why_unscheduled(pod(), "taints", (node("g", taints=[TAINT]),), "", 0).code is codes.TAINT


def test_evidence_names_the_node_and_what_would_do() -> None:
    (few,) = why_unscheduled(pod(), "", (WORKER, node("g", 1)), GPU, 2).evidence
    assert (few.object, few.field, few.observed, few.expected) == ("Node g", f"status.allocatable[{GPU}]", "1", "2 or more")
    (taint,) = why_unscheduled(pod(), "", (node("g", 8, taints=[TAINT]),), GPU, 2).evidence
    assert (taint.object, taint.observed) == ("Node g", "nvidia.com/gpu=present:NoSchedule")
    (labels,) = why_unscheduled(pod(H100), "", (A100,), GPU, 2).evidence
    assert (labels.observed, labels.expected) == ("product=a100", "product=h100")


def test_amount_that_is_none_counts_as_no_device() -> None:
    odd = {"metadata": {"name": "odd"}, "spec": {}, "status": {"allocatable": {GPU: "many"}}}
    assert why_unscheduled(pod(), "", (odd,), GPU, 1).code is codes.TOO_FEW
