# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands for operands and accelerators: the API takes what their controllers would say, and the scheduler honours the devices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.counterparts.cluster import PLATFORM, Client, Cluster, cluster, condition, crds_available, node, wait_until
from tests.counterparts.olm.nodes import discover, fleets, nvidia_time_sliced, undiscovered
from tests.counterparts.olm.operands import (
    WELL,
    cluster_policy_fails,
    cluster_policy_without_nodes,
    component_fails,
    device_config_behind,
    forget,
    live,
    settle,
)

NVIDIA_PARTS = ("daemonsets", "dcgm", "dcgmExporter", "devicePlugin", "driver", "gfd", "nodeStatusExporter", "operator", "toolkit")
SPECS: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {
    ("nfd.openshift.io", "NodeFeatureDiscovery"): ("v1", {}),
    ("nfd.kubernetes.io", "NodeFeatureDiscovery"): ("v1", {}),
    ("nvidia.com", "ClusterPolicy"): ("v1", {part: {} for part in NVIDIA_PARTS}),
    ("amd.com", "DeviceConfig"): ("v1alpha1", {}),
    ("habanalabs.habana.ai", "ClusterPolicy"): ("v1", {}),
    ("habanalabs.habana.ai", "DeviceConfig"): ("v1", {}),
    ("hco.kubevirt.io", "HyperConverged"): ("v1", {}),
    ("machineconfiguration.openshift.io", "MachineConfigPool"): ("v1", {}),
    ("dscinitialization.opendatahub.io", "DSCInitialization"): ("v2", {"applicationsNamespace": "redhat-ods-applications"}),
    ("datasciencecluster.opendatahub.io", "DataScienceCluster"): ("v2", {"components": {"kserve": {"managementState": "Managed"}}}),
    ("services.platform.opendatahub.io", "Auth"): ("v1alpha1", {"adminGroups": ["rhoai-admins"], "allowedGroups": ["rhoai-users"]}),
    ("modelregistry.opendatahub.io", "ModelRegistry"): ("v1beta1", {}),
    ("kueue.openshift.io", "Kueue"): ("v1", {"config": {"integrations": {"frameworks": ["BatchJob"]}}, "managementState": "Managed"}),
    ("kueue.x-k8s.io", "ClusterQueue"): ("v1beta2", {}),
    ("kueue.x-k8s.io", "LocalQueue"): ("v1beta2", {"clusterQueue": "ai"}),
    ("serving.kserve.io", "InferenceService"): ("v1beta1", {"predictor": {"model": {"modelFormat": {"name": "vLLM"}}}}),
    ("serving.kserve.io", "LLMInferenceService"): ("v1alpha2", {"model": {"uri": "oci://registry.example.com/models/granite:1"}}),
}
NAMES = {"Auth": "auth", "HyperConverged": "kubevirt-hyperconverged", "Kueue": "cluster"}
FLEETS = fleets()


@pytest.fixture(scope="module")
def running(shared: Path) -> Iterator[Cluster]:
    """A cluster that serves what the platform stage reads, without OLM."""
    if not crds_available():
        pytest.skip(f"no custom resource definitions in {shared}")
    with cluster(crds=PLATFORM, nodes=[node("worker-0")]) as started:
        yield started


@pytest.fixture
def client(running: Cluster) -> Client:
    return running.client


def operand(client: Client, group: str, kind: str) -> dict[str, Any]:
    """The object of that kind, made anew."""
    version, spec = SPECS[group, kind]
    manifest = {"apiVersion": f"{group}/{version}", "kind": kind, "metadata": {"name": NAMES.get(kind, "one")}, "spec": spec}
    client.request("DELETE", client.path_of(manifest))
    client.apply([manifest])
    return manifest


def reasons(item: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {each["type"]: (each["status"], each["reason"]) for each in item["status"]["conditions"]}


@pytest.mark.parametrize(("group", "kind"), sorted(WELL))
def test_an_operand_of_every_kind_can_be_said_to_be_well_and_be_forgotten(client: Client, group: str, kind: str) -> None:
    made = operand(client, group, kind)
    assert "conditions" not in (live(client, made).get("status") or {})
    conditions = {each["type"]: each["status"] for each in settle(client, made)["status"]["conditions"]}
    expected = {each["type"]: each["status"] for each in WELL[group, kind](live(client, made))[0]}
    assert conditions == expected
    assert "conditions" not in (forget(client, made).get("status") or {})


def test_a_cluster_policy_without_nodes_is_ready_for_the_wrong_reason(client: Client) -> None:
    policy = operand(client, "nvidia.com", "ClusterPolicy")
    found = cluster_policy_without_nodes(client, policy)
    assert (found["status"]["state"], reasons(found)["Ready"]) == ("ready", ("True", "NoGPUNodes"))
    found = cluster_policy_fails(client, policy, "DriverNotReady", "the driver is not built")
    assert (found["status"]["state"], reasons(found)["Error"]) == ("notReady", ("True", "DriverNotReady"))


def test_a_device_config_that_is_behind_counts_its_nodes(client: Client) -> None:
    found = device_config_behind(client, operand(client, "amd.com", "DeviceConfig"), nodes=4, available=3)
    assert found["status"]["devicePlugin"] == {"nodesMatchingSelectorNumber": 4, "desiredNumber": 4, "availableNumber": 3}
    assert settle(client, found)["status"]["devicePlugin"]["availableNumber"] == 4


def test_a_component_that_fails_leaves_the_others_as_they_were(client: Client) -> None:
    made = operand(client, "datasciencecluster.opendatahub.io", "DataScienceCluster")
    settle(client, made)
    found = component_fails(client, made, "kserve", "no webhook")
    assert reasons(found)["KserveReady"] == ("False", "Error")
    assert reasons(found)["RayReady"] == ("False", "Removed")
    assert [each["severity"] for each in found["status"]["conditions"] if each["type"] == "RayReady"] == ["Info"]


def pod(namespace: str, name: str, resource: str, count: int, tolerated: str) -> dict[str, Any]:
    container = {"name": "main", "image": "registry.example.com/none", "resources": {"limits": {resource: str(count)}}}
    spec = {"containers": [container], "tolerations": [{"key": tolerated, "operator": "Exists"}] if tolerated else []}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


@pytest.mark.parametrize(
    ("fleet", "resource", "most", "tolerated"),
    [
        ("nvidia", "nvidia.com/gpu", 8, "nvidia.com/gpu"),
        ("nvidia-mig", "nvidia.com/mig-3g.40gb", 8, "nvidia.com/gpu"),
        ("amd", "amd.com/gpu", 8, "amd.com/gpu"),
        ("gaudi", "habana.ai/gaudi", 8, "habana.ai/gaudi"),
        ("mixed", "gpu.intel.com/i915", 2, ""),
    ],
)
def test_the_scheduler_honours_devices_that_were_discovered(
    running: Cluster, client: Client, fleet: str, resource: str, most: int, tolerated: str
) -> None:
    nodes = FLEETS[fleet]
    client.create([undiscovered(each) for each in nodes])
    up = f"/api/v1/nodes/{nodes[-1]['metadata']['name']}"
    wait_until("the nodes are up", lambda: condition(client.get(up), "Ready") == "True")
    assert resource not in client.get(up)["status"]["allocatable"]
    discover(client, nodes)
    namespace = running.namespace()
    client.create([pod(namespace, "fits", resource, most, tolerated), pod(namespace, "too-many", resource, most + 1, tolerated)])
    path = f"/api/v1/namespaces/{namespace}/pods"
    wait_until("one runs", lambda: client.get(f"{path}/fits")["status"]["phase"] == "Running")
    wait_until("one cannot", lambda: condition(client.get(f"{path}/too-many"), "PodScheduled") == "False")
    running.delete_namespace(namespace)
    for each in nodes:
        client.request("DELETE", f"/api/v1/nodes/{each['metadata']['name']}").checked()


@pytest.mark.parametrize(("renamed", "resource", "product"), [(True, "nvidia.com/gpu.shared", ""), (False, "nvidia.com/gpu", "-SHARED")])
def test_a_shared_card_is_told_by_its_resource_or_its_product(renamed: bool, resource: str, product: str) -> None:
    made = nvidia_time_sliced("sliced", renamed=renamed, replicas=4, count=2)
    assert made["status"]["capacity"][resource] == "8"
    assert made["metadata"]["labels"]["nvidia.com/gpu.product"] == f"NVIDIA-L40S{product}"
    assert made["metadata"]["labels"]["nvidia.com/gpu.replicas"] == "4"
