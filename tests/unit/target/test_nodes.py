# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes: their own facts, and what pods request on them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.target.nodes import NodeRequests, pod_requests

from tests.tools.generator.demo_nodes import NEWER_FEATURES, NEWER_MODELS, nodes
from tests.tools.generator.target_objects import conditions, named, pod

from .support import only, records_of

GIB = 1 << 30
WORKER = next(node for node in nodes() if node["metadata"]["name"].startswith("worker-0"))
CONTROL = nodes()[0]


def container(cpu: str = "", **more: Any) -> dict[str, Any]:
    return {"name": more.pop("name", "c"), "resources": {"requests": {"cpu": cpu} if cpu else {}}, **more}


def requests(spec: dict[str, Any], status: dict[str, Any] | None = None) -> dict[str, int] | None:
    found = pod_requests({"metadata": {"name": "p", "namespace": "n"}, "spec": spec, "status": status or {}})
    return None if found is None else dict(found)


def test_worker_shows_capacity_cpu_and_devices() -> None:
    node = only("node", "nodes", WORKER)
    assert node["roles"] == ["worker"]
    assert (node["zone"], node["architecture"], node["kubelet_version"]) == ("zone-a", "amd64", "v1.34.4")
    assert (node["ready"], node["unschedulable"], node["taints"]) == (True, False, [])
    assert (node["capacity_cpu_millicores"], node["allocatable_cpu_millicores"]) == (128000, 127500)
    assert node["allocatable_memory_bytes"] == 1055410324 * 1024
    assert node["allocatable_devices"]["devices.kubevirt.io/kvm"] == 1000
    assert node["allocatable_hugepages_bytes"] == {"1Gi": 0, "2Mi": 0}
    assert (node["kubevirt_schedulable"], node["cpu_vendor"], node["cpu_host_model"]) == (True, "Intel", "SapphireRapids")
    assert node["cpu_models"] == sorted(NEWER_MODELS)
    assert node["cpu_features"] == sorted(NEWER_FEATURES)
    assert not any(key.startswith("cpu-model") for key in node["labels"])
    assert node["labels"]["topology.kubernetes.io/zone"] == "zone-a"


def test_control_plane_is_tainted_and_its_cpu_is_unknown_without_kubevirts_labels() -> None:
    node = only("node", "nodes", CONTROL)
    assert node["taints"] == ["node-role.kubernetes.io/control-plane:NoSchedule"]
    assert node["kubevirt_schedulable"] is False
    assert {"cpu_models", "cpu_features", "cpu_vendor"} <= node["unknown"].keys()
    assert "cpu_models" not in node


def test_node_that_is_cordoned_and_not_ready_says_so() -> None:
    taint = {"key": "maintenance", "value": "disk", "effect": "NoExecute"}
    status = {"conditions": conditions(Ready="Unknown")}
    node = only("node", "nodes", named("n", spec={"unschedulable": True, "taints": [taint]}, status=status))
    assert (node["ready"], node["unschedulable"], node["taints"]) == (False, True, ["maintenance=disk:NoExecute"])
    assert {"capacity_memory_bytes", "allocatable_pods", "allocatable_devices", "architecture"} <= node["unknown"].keys()
    assert node["unknown"]["capacity_devices"] == "the object has no status.capacity"


def test_node_tells_devices_that_pods_cannot_get_apart_from_those_that_they_can() -> None:
    amounts = {"cpu": "4", "memory": "1Gi", "pods": "250"}
    status = {"capacity": {**amounts, "nvidia.com/gpu": "8"}, "allocatable": {**amounts, "nvidia.com/gpu": "7"}}
    node = only("node", "nodes", named("n", spec={}, status=status))
    assert (node["capacity_devices"], node["allocatable_devices"]) == ({"nvidia.com/gpu": 8}, {"nvidia.com/gpu": 7})


def test_node_with_an_unreadable_quantity_lacks_that_fact_alone() -> None:
    status = {"capacity": {"cpu": "many", "memory": "1Gi"}, "allocatable": {"cpu": "4", "memory": "1Gi", "pods": "250"}}
    node = only("node", "nodes", named("n", spec={}, status=status))
    assert node["unknown"]["capacity_cpu_millicores"] == "status.capacity.cpu is no quantity"
    assert (node["capacity_memory_bytes"], node["allocatable_cpu_millicores"], node["allocatable_pods"]) == (GIB, 4000, 250)


def test_requests_of_a_node_are_those_of_its_pods_that_have_not_ended() -> None:
    name = WORKER["metadata"]["name"]
    ended = pod("done", "a", name, {"cpu": "9"})
    ended["status"]["phase"] = "Succeeded"
    waiting = pod("waits", "a", "", {"cpu": "9"})
    huge = {"cpu": "2", "memory": "1Gi", "hugepages-1Gi": "4Gi", "nvidia.com/gpu": "1"}
    listed = [
        pod("a", "a", name, {"cpu": "1500m"}, {"memory": "512Mi"}),
        pod("b", "a", name, huge),
        ended,
        waiting,
        pod("c", "a", "other", {}),
    ]
    node = only("node", "nodes", WORKER, pods=listed)
    assert (node["requested_cpu_millicores"], node["requested_memory_bytes"], node["requested_pods"]) == (3500, GIB + GIB // 2, 2)
    assert (node["requested_hugepages_bytes"], node["requested_devices"]) == ({"1Gi": 4 * GIB}, {"nvidia.com/gpu": 1})


def test_node_without_pods_has_nothing_requested_where_pods_were_read() -> None:
    node = only("node", "nodes", WORKER, pods=[])
    assert (node["requested_cpu_millicores"], node["requested_pods"], node["requested_devices"]) == (0, 0, {})


@pytest.mark.parametrize(
    ("state", "words"),
    [("forbidden", "the account may not list pods"), ("failed", "pods could not be read: because"), ("absent", "does not serve")],
)
def test_requests_are_unknown_and_never_zero_where_pods_were_not_read(state: str, words: str) -> None:
    record = records_of({"nodes": [WORKER]}, {"pods": state})["node", WORKER["metadata"]["name"]]
    for fact in ("requested_cpu_millicores", "requested_memory_bytes", "requested_pods", "requested_hugepages_bytes", "requested_devices"):
        assert fact not in record
        assert words in record["unknown"][fact]


def test_pod_with_an_unreadable_request_makes_its_node_unknown_and_no_other() -> None:
    sums = NodeRequests()
    sums.add(pod("bad", "a", "n1", {"cpu": "lots"}))
    sums.add(pod("good", "a", "n2", {"cpu": "1"}))
    facts, unknown = sums.facts("n1")
    assert facts == {"requested_pods": 1}
    assert unknown["requested_cpu_millicores"] == "a request of pod a/bad is no quantity"
    assert sums.facts("n2")[0]["requested_cpu_millicores"] == 1000


def test_init_container_counts_only_beyond_what_the_containers_request() -> None:
    small = {"containers": [container("2"), container("500m")], "initContainers": [container("1")]}
    assert requests(small) == {"cpu": 2500}
    assert requests({**small, "initContainers": [container("1"), container("4")]}) == {"cpu": 4000}


def test_sidecar_runs_beside_the_containers_and_beside_later_init_containers() -> None:
    sidecar = container("1", restartPolicy="Always")
    assert requests({"containers": [container("2")], "initContainers": [sidecar]}) == {"cpu": 3000}
    assert requests({"containers": [container("2")], "initContainers": [sidecar, container("5")]}) == {"cpu": 6000}
    assert requests({"containers": [container("2")], "initContainers": [container("5"), sidecar]}) == {"cpu": 5000}


def test_overhead_comes_on_top_and_a_request_of_the_pod_replaces_the_sum() -> None:
    spec = {"containers": [container("2")], "overhead": {"cpu": "250m", "memory": "128Mi"}}
    assert requests(spec) == {"cpu": 2250, "memory": 128 << 20}
    whole = {**spec, "resources": {"requests": {"cpu": "3", "ephemeral-storage": "1Gi"}}}
    assert requests(whole) == {"cpu": 3250, "memory": 128 << 20}


def test_container_that_is_resized_counts_with_what_it_still_has() -> None:
    spec = {"containers": [container("1", name="app")]}
    given = {"containerStatuses": [{"name": "app", "allocatedResources": {"cpu": "3"}, "resources": {"requests": {"cpu": "2"}}}]}
    assert requests(spec, given) == {"cpu": 3000}
    assert requests({"containers": [container("4", name="app")]}, given) == {"cpu": 4000}


def test_resize_that_no_node_can_grant_counts_with_what_the_container_has() -> None:
    given = {
        "containerStatuses": [{"name": "app", "allocatedResources": {"cpu": "3"}, "resources": {"requests": {"cpu": "2"}}}],
        "conditions": [{"type": "PodResizePending", "status": "True", "reason": "Infeasible"}],
    }
    assert requests({"containers": [container("64", name="app")]}, given) == {"cpu": 3000}


def test_bridges_and_numa_nodes_come_from_their_own_lists() -> None:
    name = WORKER["metadata"]["name"]
    interfaces = [{"name": "br-ex", "type": "ovs-bridge"}, {"name": "br-vm", "type": "linux-bridge"}, {"name": "eno1", "type": "ethernet"}]
    state = named(name, status={"currentState": {"interfaces": interfaces}})
    zones = [{"name": "node-0", "type": "Node"}, {"name": "node-1", "type": "Node"}, {"name": "socket-0", "type": "Socket"}]
    node = only("node", "nodes", WORKER, nodenetworkstates=[state], noderesourcetopologies=[named(name, zones=zones)])
    assert (node["bridges"], node["numa_node_count"]) == (["br-ex", "br-vm"], 2)
    bare = only("node", "nodes", WORKER, nodenetworkstates=[named(name, status={})])
    assert "bridges" not in bare
    assert bare["unknown"]["bridges"] == "there is no NodeNetworkState for the node that shows it"
    assert "does not serve" in bare["unknown"]["numa_node_count"]
