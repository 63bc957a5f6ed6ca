# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accelerators against a real API server and the real scheduler: resolved pods run, refused ones wait; restarts as the server selects."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.fleet import fleet_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.forecast import forecast
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.machine_config import blacklist
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Choice
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.resolve import resolve
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    Accelerators,
    DeviceClass,
    DeviceRequest,
    DeviceWanted,
    DriverWanted,
    HostDeviceWanted,
    PlatformDesired,
    PoolWanted,
    TaintWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import WantedObject
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import (
    Listed,
    PlatformSnapshot,
    PodUse,
    ServedApi,
    snapshot_of,
)

from tests.counterparts.cluster import PLATFORM, Cluster, cluster, crds_available, node, wait_until
from tests.unit.platform.accelerators import support

GPU = "nvidia.com/gpu"
TRUTH = "truth.example.com/"
"""Labels by which the test itself says what a node's devices are; the resolver never sees them."""
SHARING = {"none": ("none",), "isolated": ("none", "isolated"), "any": ("none", "isolated", "any")}
NAMESPACE = "accelerators"
APPLY = "application/apply-patch+yaml"
CASES = 200


@dataclass(frozen=True)
class Device:
    """What a resource on a fake node is: memory in whole GiB, rounded down, and who shares it."""

    count: int
    gib: int
    sharing: str = "none"


def fake(name: str, labels: Mapping[str, str], devices: Mapping[str, Device], taint: str = "", **more: Any) -> dict[str, Any]:
    """A node with accelerators, its operators' labels, and the truth about its devices."""
    truth = {f"{TRUTH}{resource.replace('/', '_')}": str(device.gib) for resource, device in devices.items()}
    truth |= {f"{TRUTH}{resource.replace('/', '_')}.sharing": device.sharing for resource, device in devices.items()}
    taints = [{"key": taint, "value": "present", "effect": "NoSchedule"}] if taint else []
    capacity = {resource: str(device.count) for resource, device in devices.items()}
    return node(name, labels={**labels, **truth}, capacity=capacity, taints=taints, **more)


def gpu_labels(product: str, memory_mib: int, **more: str) -> dict[str, str]:
    """What NVIDIA's feature discovery writes."""
    return {f"{GPU}.product": product, f"{GPU}.memory": str(memory_mib), f"{GPU}.replicas": "1", f"{GPU}.sharing-strategy": "none", **more}


H100 = gpu_labels("NVIDIA-H100-80GB-HBM3", 81559)
L4 = gpu_labels("NVIDIA-L4", 23034)
MIG = gpu_labels("NVIDIA-A100-SXM4-80GB", 81920, **{"nvidia.com/mig-1g.10gb.memory": "9728", "nvidia.com/mig-3g.40gb.memory": "40192"})
MI300X = {"amd.com/gpu.product-name": "AMD_Instinct_MI300X", "amd.com/gpu.vram": "192G"}
CPX = {**MI300X, "amd.com/compute-memory-partition": "cpx_nps4", "dcm.amd.com/gpu-config-profile": "cpx_nps4"}
GAUDI = {"feature.node.kubernetes.io/gaudi": "true"}
SHARED_L40 = {**gpu_labels("NVIDIA-L40", 46068), f"{GPU}.replicas": "4", f"{GPU}.sharing-strategy": "time-slicing"}

FLEETS: Mapping[str, Sequence[dict[str, Any]]] = {
    "nvidia-whole": (
        fake("n-h100-0", H100, {GPU: Device(8, 79)}, GPU),
        fake("n-h100-1", H100, {GPU: Device(4, 79)}, GPU),
        fake("n-l4-0", L4, {GPU: Device(8, 22)}),
    ),
    "nvidia-mig": (
        fake(
            "m-a100-0",
            MIG,
            {"nvidia.com/mig-1g.10gb": Device(14, 9, "isolated"), "nvidia.com/mig-3g.40gb": Device(4, 39, "isolated")},
            GPU,
        ),
        fake("m-l40-0", SHARED_L40, {"nvidia.com/gpu.shared": Device(16, 44, "any")}, GPU),
    ),
    "amd": (
        fake("a-mi300-0", MI300X, {"amd.com/gpu": Device(8, 192)}, "amd.com/gpu"),
        fake("a-mi300-cpx", CPX, {"amd.com/cpx_nps4": Device(64, 24, "isolated")}, "amd.com/gpu"),
    ),
    "gaudi": (fake("g-gaudi-0", GAUDI, {"habana.ai/gaudi": Device(8, 128)}, "habana.ai/gaudi"),),
    "mixed": (
        fake("x-h100-0", H100, {GPU: Device(8, 79)}, GPU),
        fake("x-mi300-0", MI300X, {"amd.com/gpu": Device(8, 192)}, "amd.com/gpu"),
        fake("x-gaudi-0", GAUDI, {"habana.ai/gaudi": Device(8, 128)}),
        fake("x-a100-0", MIG, {"nvidia.com/mig-3g.40gb": Device(4, 39, "isolated"), GPU: Device(2, 80)}, GPU),
    ),
}
CLASSES = {
    "large-inference": DeviceClass(memory_gib=80),
    "huge": DeviceClass(memory_gib=512, sharing="any"),
    "slice": DeviceClass(memory_gib=20, sharing="isolated"),
    "batch": DeviceClass(memory_gib=16, sharing="any"),
}
REQUESTS = (
    DeviceRequest(name="chat", device_class="large-inference", count=4, prefer=("nvidia", "amd")),
    DeviceRequest(name="node", device_class="large-inference", count=8),
    DeviceRequest(name="too-many", device_class="large-inference", count=16),
    DeviceRequest(name="too-large", device_class="huge"),
    DeviceRequest(name="slice", device_class="slice"),
    DeviceRequest(name="slices", device_class="slice", count=16),
    DeviceRequest(name="batch", device_class="batch"),
)
EXPECTED = {
    "nvidia-whole": {"chat", "node", "slice", "batch"},
    "nvidia-mig": {"slice", "batch"},
    "amd": {"chat", "node", "slice", "slices", "batch"},
    "gaudi": {"chat", "node", "slice", "batch"},
    "mixed": {"chat", "node", "slice", "batch"},
}
"""The requests that each fleet can serve."""
DOCUMENT = PlatformDesired(
    schema_version="1.0",
    accelerators=Accelerators(
        devices=(
            DeviceWanted(match=GAUDI, product="Gaudi 3", memory_gib=128, source="data sheet"),
            DeviceWanted(match={"amd.com/compute-memory-partition": "cpx_nps4"}, product="MI300X CPX", memory_gib=24, source="data sheet"),
        )
    ),
)


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    """A cluster with scheduler and kwok, without nodes."""
    with cluster(name="accelerators") as found:
        found.request("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}}).checked()
        yield found


@pytest.fixture(params=sorted(FLEETS))
def fleet(request: pytest.FixtureRequest, running: Cluster) -> Iterator[str]:
    """The name of a fleet that the cluster has for one test."""
    running.client.create(FLEETS[request.param])
    names = {item["metadata"]["name"] for item in FLEETS[request.param]}

    def ready() -> bool:
        found = running.client.get("/api/v1/nodes")["items"]
        there = [item for item in found if item["metadata"]["name"] in names]
        keys = {taint["key"] for item in there for taint in item["spec"].get("taints", ())}
        return len(there) == len(names) and not any(key.startswith("node.kubernetes.io/") for key in keys)

    wait_until("the nodes of the fleet are ready", ready)
    yield request.param
    running.request("DELETE", f"/api/v1/namespaces/{NAMESPACE}/pods")
    wait_until("the pods are gone", lambda: not running.client.get(f"/api/v1/namespaces/{NAMESPACE}/pods")["items"])
    for name in names:
        running.request("DELETE", f"/api/v1/nodes/{name}")
    wait_until("the nodes are gone", lambda: not running.client.get("/api/v1/nodes")["items"])


def seen(running: Cluster) -> PlatformSnapshot:
    """The nodes without the truth about them."""
    found = running.client.get("/api/v1/nodes")["items"]
    for item in found:
        labels = item["metadata"]["labels"]
        item["metadata"]["labels"] = {key: value for key, value in labels.items() if not key.startswith(TRUTH)}
    return PlatformSnapshot({"nodes": Listed("read", tuple(found))}, pods=PodUse())


def pod(name: str, resource: str, count: int, **spec: Any) -> dict[str, Any]:
    """A pod that wants devices."""
    container = {"name": "main", "image": "registry.example.com/app:1", "resources": {"limits": {resource: str(count)}}}
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container], **spec}}


def resolved_pod(name: str, choice: Choice) -> dict[str, Any]:
    """The pod that a choice means."""
    tolerations = [dict(entry) for entry in choice.tolerations]
    return pod(name, choice.resource, choice.count, nodeSelector=dict(choice.node_selector), tolerations=tolerations)


def true_pod(name: str, resource: str, request: DeviceRequest) -> dict[str, Any]:
    """A pod that runs exactly where the truth says that its devices are of the class, whatever the taints."""
    wanted = CLASSES[request.device_class]
    key = f"{TRUTH}{resource.replace('/', '_')}"
    least = wanted.memory_gib * (1 - wanted.memory_tolerance_percent / 100)
    terms = [
        {"key": key, "operator": "Gt", "values": [str(int(least - 0.001))]},
        {"key": f"{key}.sharing", "operator": "In", "values": list(SHARING[wanted.sharing])},
    ]
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": terms}]}}}
    return pod(name, resource, request.count, affinity=affinity, tolerations=[{"operator": "Exists"}])


def fate(running: Cluster, name: str) -> str:
    """Node of a pod, Unschedulable, or empty while the scheduler has not said."""
    item = running.client.get(f"/api/v1/namespaces/{NAMESPACE}/pods/{name}")
    if item["status"].get("phase") == "Running":
        return str(item["spec"]["nodeName"])
    conditions = item["status"].get("conditions", ())
    return next((each["reason"] for each in conditions if each["type"] == "PodScheduled" and each["status"] == "False"), "")


def fate_of(running: Cluster, manifest: dict[str, Any]) -> str:
    """What becomes of a pod that is alone on the cluster."""
    name = manifest["metadata"]["name"]
    running.client.create([manifest])
    wait_until(f"pod {name} runs or cannot", lambda: fate(running, name) != "")
    found = fate(running, name)
    running.request("DELETE", f"/api/v1/namespaces/{NAMESPACE}/pods/{name}")
    wait_until(f"pod {name} is gone", lambda: running.request("GET", f"/api/v1/namespaces/{NAMESPACE}/pods/{name}").status == 404)
    return found


def test_resolved_requests_run_where_they_should_and_refused_ones_stay_pending(running: Cluster, fleet: str) -> None:
    found = fleet_of(seen(running), DOCUMENT, support.CATALOGUE)
    resources = sorted({group.resource for group in found.groups})
    served = set()
    for request in REQUESTS:
        resolution = resolve(request, CLASSES, found)
        truth = {name: fate_of(running, true_pod(f"truth-{request.name}-{place}", name, request)) for place, name in enumerate(resources)}
        if resolution.choices:
            served.add(request.name)
            for place, choice in enumerate(resolution.choices):
                where = fate_of(running, resolved_pod(f"{request.name}-{place}", choice))
                assert where in choice.nodes, (request.name, choice.group, where)
        else:
            assert resolution.refused, (request.name, resolution)
            assert resolution.nearest
            assert set(truth.values()) <= {"Unschedulable"}, (request.name, truth)
        chosen = {choice.resource for choice in resolution.choices}
        # A share of a device is handed out one per pod, which the scheduler does not know.
        could = {name for name, where in truth.items() if where != "Unschedulable"}
        assert chosen == could, (request.name, chosen, could)
    assert served == EXPECTED[fleet]


def test_pods_that_hold_devices_leave_room_for_as_many_as_the_resolution_says(running: Cluster, fleet: str) -> None:
    manifests = []
    first = resolve(REQUESTS[0], CLASSES, fleet_of(seen(running), DOCUMENT, support.CATALOGUE))
    if not first.choices:
        assert "chat" not in EXPECTED[fleet]
        return
    choice = first.choices[0]
    manifests = [resolved_pod(f"many-{number}", choice) for number in range(choice.fits_empty + 1)]
    running.client.create(manifests)
    names = [item["metadata"]["name"] for item in manifests]
    wait_until("each pod runs or cannot", lambda: all(fate(running, name) for name in names))
    fates = [fate(running, name) for name in names]
    assert fates.count("Unschedulable") == 1
    assert {where for where in fates if where != "Unschedulable"} == set(choice.nodes)


# ---- what the API server takes ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def typed() -> Iterator[Cluster]:
    """A cluster that serves the kinds of the vendors, and runs nothing."""
    if not crds_available():
        pytest.skip("no custom resource definitions")
    with cluster(name="typed", crds=PLATFORM, kwok=False, scheduler=False, controllers=False) as found:
        for name in ("openshift-nfd", "nvidia-gpu-operator", "openshift-amd-gpu", "openshift-cnv"):
            found.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}}).checked()
        yield found


DRIVER = DriverWanted(version="580.95.05")
POOLS = (
    PoolWanted(name="h100", nodes={"pool": "h100"}, vendor="nvidia", driver=DRIVER),
    PoolWanted(name="l40", nodes={"pool": "l40"}, vendor="nvidia", mode="time_sliced", replicas=4, driver=DRIVER),
    PoolWanted(
        name="a100",
        nodes={"pool": "a100"},
        vendor="nvidia",
        mode="mig_mixed",
        mig_profile="all-balanced",
        driver=DRIVER,
    ),
    PoolWanted(
        name="vdi",
        nodes={"pool": "vdi"},
        vendor="nvidia",
        workload="vm_passthrough",
        host_devices=(HostDeviceWanted(selector="10DE:26B9", resource="nvidia.com/AD102GL_L40"),),
    ),
    PoolWanted(
        name="vgpu",
        nodes={"pool": "vgpu"},
        vendor="nvidia",
        workload="vm_vgpu",
        driver=DriverWanted(image="registry.example.com/nvidia/vgpu-manager:580.95.02"),
        host_devices=(HostDeviceWanted(selector="NVIDIA L40S-24Q", resource="nvidia.com/NVIDIA_L40S-24Q"),),
    ),
    PoolWanted(
        name="mi300",
        nodes={"pool": "mi300", "zone": ("a", "b")},
        vendor="amd",
        driver=DriverWanted(version="30.20.1", blacklist=True),
    ),
    PoolWanted(name="mi300-cpx", nodes={"pool": "cpx"}, vendor="amd", mode="partition", partition_profile="cpx_nps4"),
    PoolWanted(name="mi300-dra", nodes={"pool": "dra"}, vendor="amd", mode="dra"),
    PoolWanted(name="max", nodes={"pool": "max"}, vendor="intel"),
    PoolWanted(name="gaudi", nodes={"pool": "gaudi"}, vendor="gaudi"),
)
KINDS = {"NodeFeatureDiscovery", "NodeFeatureRule", "ClusterPolicy", "ConfigMap", "HyperConverged", "DeviceConfig", "GpuDevicePlugin"} | {
    "MachineConfig",
    "Node",
}


def all_nodes() -> list[dict[str, Any]]:
    """A node of each pool."""
    labels = {"mi300": {"zone": "a"}}
    made = [node(f"node-{name}", labels={"pool": name, **labels.get(name, {})}) for name in ("h100", "l40", "a100", "vdi", "vgpu", "mi300")]
    made += [node("node-cpx", labels={"pool": "cpx"}, capacity={"amd.com/gpu": "8"})]
    return [*made, *(node(f"node-{name}", labels={"pool": name}) for name in ("dra", "max", "gaudi"))]


@pytest.mark.parametrize("hco", ["v1", "v1beta1"])
@pytest.mark.parametrize("nfd", ["nfd.openshift.io", "nfd.kubernetes.io"])
def test_server_takes_every_object_of_every_vendor(typed: Cluster, hco: str, nfd: str) -> None:
    served = {
        **{key: value for key, value in support.SERVED.items() if not key[0].startswith("nfd.")},
        (nfd, "NodeFeatureDiscovery"): ServedApi(("v1",), "nodefeaturediscoveries", True),
        ("nfd.openshift.io" if nfd == "nfd.openshift.io" else "nfd.k8s-sigs.io", "NodeFeatureRule"): ServedApi(
            ("v1alpha1",), "nodefeaturerules", True
        ),
        ("hco.kubevirt.io", "HyperConverged"): ServedApi((hco,), "hyperconvergeds", True),
    }
    live = {
        "hyperconvergeds.hco.kubevirt.io": [{"metadata": {"name": "kubevirt-hyperconverged", "namespace": "openshift-cnv"}}],
        "machineconfigpools.machineconfiguration.openshift.io": [
            machine_pool("worker", ["worker"], {"node-role.kubernetes.io/worker": ""})
        ],
    }
    taints = {"nvidia.com/gpu": TaintWanted(), "site.example.com/ai": TaintWanted(value="yes", effect="NoExecute")}
    plan = support.planned(support.desired(*POOLS, taints=taints), support.looked_at(all_nodes(), live, served=served))
    assert not [found for found in plan.findings if found.refuses and found.result != "pass"]
    refused = []
    for wanted in plan.objects:
        path = f"{typed.client.path_of(wanted.object)}?fieldManager=groundwork-readiness&dryRun=All&fieldValidation=Strict"
        answer = typed.request("PATCH", path, wanted.object, APPLY)
        if answer.status >= 300:
            refused.append((wanted.object["kind"], answer.message))
    assert refused == []
    assert {wanted.object["kind"] for wanted in plan.objects} == KINDS


def test_second_apply_of_every_object_changes_nothing(typed: Cluster) -> None:
    plan = support.planned(support.desired(*POOLS, taints={"nvidia.com/gpu": TaintWanted()}), support.looked_at(all_nodes()))
    for wanted in plan.objects:
        path = f"{typed.client.path_of(wanted.object)}?fieldManager=groundwork-readiness&force=true"
        first, second = (typed.request("PATCH", path, wanted.object, APPLY).checked().body["metadata"] for _time in range(2))
        assert first["resourceVersion"] == second["resourceVersion"], wanted.object["kind"]
    assert {"ClusterPolicy", "DeviceConfig", "GpuDevicePlugin", "Node"} <= {wanted.object["kind"] for wanted in plan.objects}


# ---- restarts --------------------------------------------------------------------------------------------------------


def machine_pool(name: str, roles: Sequence[str], labels: Mapping[str, str], **spec: Any) -> dict[str, Any]:
    """A MachineConfigPool that takes MachineConfigs of these roles and the nodes with these labels."""
    term = {"key": "machineconfiguration.openshift.io/role", "operator": "In", "values": list(roles)}
    return {
        "apiVersion": "machineconfiguration.openshift.io/v1",
        "kind": "MachineConfigPool",
        "metadata": {"name": name, "labels": {f"pools.operator.machineconfiguration.openshift.io/{name}": ""}},
        "spec": {"machineConfigSelector": {"matchExpressions": [term]}, "nodeSelector": {"matchLabels": dict(labels)}, **spec},
    }


ROLE = "node-role.kubernetes.io/"
CUSTOM = ("infra", "gpu", "storage")
POOL_OBJECTS = (
    machine_pool("master", ["master"], {f"{ROLE}master": ""}),
    machine_pool("worker", ["worker"], {f"{ROLE}worker": ""}),
    machine_pool("infra", ["worker", "infra"], {f"{ROLE}infra": ""}),
    machine_pool("gpu", ["worker", "gpu"], {f"{ROLE}gpu": ""}, paused=True),
    machine_pool("storage", ["storage"], {f"{ROLE}storage": ""}),
)


def selected(running: Cluster, resource: str, selector: str) -> set[str]:
    """Names of the objects that the API server itself selects."""
    return {item["metadata"]["name"] for item in running.client.get(f"{resource}?labelSelector={quote(selector)}")["items"]}


def selector_text(selector: Mapping[str, Any]) -> str:
    """A LabelSelector as the query of a list."""
    terms = [f"{key}={value}" for key, value in selector.get("matchLabels", {}).items()]
    words = {"In": "in", "NotIn": "notin"}
    for term in selector.get("matchExpressions", ()):
        if term["operator"] in words:
            terms.append(f"{term['key']} {words[term['operator']]} ({','.join(term['values'])})")
        else:
            terms.append(f"{'' if term['operator'] == 'Exists' else '!'}{term['key']}")
    return ",".join(terms)


def random_selector(dice: random.Random, keys: Sequence[str], values: Sequence[str]) -> dict[str, Any]:
    """A selector of one or two terms."""
    terms = []
    for _number in range(dice.randint(1, 2)):
        operator = dice.choice(("In", "NotIn", "Exists", "DoesNotExist"))
        term: dict[str, Any] = {"key": dice.choice(keys), "operator": operator}
        if operator in ("In", "NotIn"):
            term["values"] = dice.sample(values, dice.randint(1, len(values)))
        terms.append(term)
    return {"matchExpressions": terms}


def expected(running: Cluster, kind: str, labels_or_selector: Mapping[str, Any]) -> dict[str, set[str]]:
    """Pools and nodes that restart, by nothing but label queries to the server and the order of pools."""
    machine = "/apis/machineconfiguration.openshift.io/v1"
    takes = {}
    for item in POOL_OBJECTS:
        query = selector_text(item["spec"]["machineConfigSelector"])
        takes[item["metadata"]["name"]] = selected(running, f"{machine}/machineconfigs", query)
    if kind == "MachineConfig":
        touched = {name for name, configs in takes.items() if "probe" in configs}
    else:
        roles = selected(running, f"{machine}/machineconfigpools", selector_text(labels_or_selector))
        touched = roles | {name for name, configs in takes.items() if configs & {f"role-{role}" for role in roles}}
    nodes = {
        item["metadata"]["name"]: selected(running, "/api/v1/nodes", selector_text(item["spec"]["nodeSelector"])) for item in POOL_OBJECTS
    }
    owned = {"master": nodes["master"]}
    several = {name for name in set().union(*nodes.values()) if sum(name in nodes[pool] for pool in CUSTOM) > 1}
    for pool in CUSTOM:
        owned[pool] = nodes[pool] - nodes["master"] - several
    owned["worker"] = nodes["worker"] - set().union(*(nodes[pool] for pool in (*CUSTOM, "master")))
    return {name: owned[name] for name in touched}


def test_forecast_equals_the_selectors_of_the_api_server_over_random_labellings(typed: Cluster) -> None:
    dice = random.Random(6)
    roles = ("master", "worker", *CUSTOM)
    names = [f"restart-{number}" for number in range(6)]
    machine = "machineconfiguration.openshift.io/v1"
    typed.apply([*POOL_OBJECTS, *({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}} for name in names)])
    for role in roles:
        typed.apply([{**blacklist(role, "amdgpu"), "metadata": {"name": f"role-{role}", "labels": {f"{machine[:-3]}/role": role}}}])
    kinds = {"MachineConfig": 0, "KubeletConfig": 0}
    for _number in range(CASES):
        relabel(typed, dice, names, roles)
        kind = dice.choice(sorted(kinds))
        kinds[kind] += 1
        change: dict[str, Any]
        if kind == "MachineConfig":
            labels = {f"{machine[:-3]}/role": dice.choice(roles)} if dice.random() < 0.9 else {"other": "label"}
            change = {**blacklist("worker", "probe"), "metadata": {"name": "probe", "labels": labels}}
            typed.request("DELETE", f"/apis/{machine}/machineconfigs/probe")
            typed.apply([change])
            truth = expected(typed, kind, {})
        else:
            keys = [f"pools.operator.machineconfiguration.openshift.io/{role}" for role in roles]
            selector = random_selector(dice, keys, ["", "x"])
            change = {"apiVersion": machine, "kind": kind, "metadata": {"name": "probe"}, "spec": {"machineConfigPoolSelector": selector}}
            truth = expected(typed, kind, selector)
        found = forecast([WantedObject(change, "accelerators", "accelerators", "", 50)], live(typed))
        assert {each.pool: set(each.nodes) for each in found} == truth, (change, found)
        assert all(each.paused == (each.pool == "gpu") for each in found)
    print(f"forecast: {CASES} labellings, {kinds}, 0 wrong")


def relabel(running: Cluster, dice: random.Random, names: Sequence[str], roles: Sequence[str]) -> None:
    """Gives every node roles at random."""
    for name in names:
        labels = {f"{ROLE}{role}": "" if dice.random() < 0.35 else None for role in roles}
        running.request("PATCH", f"/api/v1/nodes/{name}", {"metadata": {"labels": labels}}, "application/merge-patch+json").checked()


def live(running: Cluster) -> PlatformSnapshot:
    """The pools and nodes; no MachineConfig is known to be there, so that every change is one."""
    pools = running.client.get("/apis/machineconfiguration.openshift.io/v1/machineconfigpools")["items"]
    nodes = [item for item in running.client.get("/api/v1/nodes")["items"] if item["metadata"]["name"].startswith("restart-")]
    pairs = [("machineconfigpools.machineconfiguration.openshift.io", item) for item in pools]
    return snapshot_of([*pairs, *(("nodes", item) for item in nodes)])
