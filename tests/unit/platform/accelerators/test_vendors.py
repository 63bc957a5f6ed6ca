# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of each vendor: what they hold, whose they are, and where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.closure import lacking
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Taint
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.tolerations import LISTS, tolerates
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    DriverWanted,
    HostDeviceWanted,
    OperatorsWanted,
    OperatorWanted,
    PoolWanted,
    TaintWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.seen import operators_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.shipped import catalogue_from
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import DevicePod, ServedApi
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import read_facts

from .support import GFD, SERVED, TAINT, desired, failed, gaudi, h100, looked_at, mi300, mig, node, objects_of, planned

H100 = {f"{GFD}.product": "NVIDIA-H100-80GB-HBM3"}
AMD_NODES = {"feature.node.kubernetes.io/amd-gpu": "true"}
NVIDIA = PoolWanted(name="h100", nodes=H100, vendor="nvidia")
AMD = PoolWanted(name="mi300", nodes=AMD_NODES, vendor="amd", driver=DriverWanted(version="30.20.1"))
INTEL = PoolWanted(name="max", nodes={"gpu": "max"}, vendor="intel")
GAUDI = PoolWanted(name="gaudi", nodes={"feature.node.kubernetes.io/gaudi": "true"}, vendor="gaudi")
EXTRA = {"site.example.com/ai": TaintWanted(value="yes", effect="NoExecute"), "nvidia.com/gpu": TaintWanted()}


def one(plan: Any, kind: str) -> Mapping[str, Any]:
    (found,) = objects_of(plan, kind)
    return found


# ---- Node Feature Discovery ------------------------------------------------------------------------------------------


def test_one_instance_labels_devices_of_all_vendors_by_their_vendor_alone() -> None:
    plan = planned(desired(NVIDIA, AMD, GAUDI), looked_at([h100(), mi300(), gaudi()]))
    instance = one(plan, "NodeFeatureDiscovery")
    assert (instance["apiVersion"], instance["metadata"]) == ("nfd.openshift.io/v1", {"name": "nfd-instance", "namespace": "openshift-nfd"})
    config = instance["spec"]["workerConfig"]["configData"]
    assert 'deviceClassWhitelist: ["0200", "03", "0b40", "12"]' in config
    assert 'deviceLabelFields: ["vendor"]' in config
    rules = {rule["metadata"]["name"]: rule for rule in objects_of(plan, "NodeFeatureRule")}
    assert set(rules) == {"accelerators-amd", "accelerators-gaudi"}
    assert rules["accelerators-amd"]["spec"]["rules"][0]["labels"] == {"feature.node.kubernetes.io/amd-gpu": "true"}
    assert "_{{ .device }}.present=true" in rules["accelerators-gaudi"]["spec"]["rules"][0]["labelsTemplate"]


@pytest.mark.parametrize(
    ("served", "instance", "rule", "namespaced"),
    [
        (
            {("nfd.kubernetes.io", "NodeFeatureDiscovery"): True, ("nfd.k8s-sigs.io", "NodeFeatureRule"): False},
            "nfd.kubernetes.io",
            "nfd.k8s-sigs.io",
            False,
        ),
        (
            {("nfd.kubernetes.io", "NodeFeatureDiscovery"): True, ("nfd.k8s-sigs.io", "NodeFeatureRule"): True},
            "nfd.kubernetes.io",
            "nfd.k8s-sigs.io",
            True,
        ),
        (
            {("nfd.openshift.io", "NodeFeatureDiscovery"): True, ("nfd.k8s-sigs.io", "NodeFeatureRule"): True},
            "nfd.openshift.io",
            "nfd.k8s-sigs.io",
            True,
        ),
        ({}, "nfd.openshift.io", "nfd.openshift.io", True),
    ],
)
def test_group_and_scope_are_those_that_the_cluster_serves(
    served: Mapping[tuple[str, str], bool], instance: str, rule: str, namespaced: bool
) -> None:
    apis = {key: ServedApi(("v1" if key[1] == "NodeFeatureDiscovery" else "v1alpha1",), "x", scoped) for key, scoped in served.items()}
    plan = planned(desired(AMD), looked_at([mi300()], served=apis))
    assert one(plan, "NodeFeatureDiscovery")["apiVersion"] == f"{instance}/v1"
    made = one(plan, "NodeFeatureRule")
    assert made["apiVersion"] == f"{rule}/v1alpha1"
    assert ("namespace" in made["metadata"]) is namespaced


def test_inventory_is_proven_in_both_directions() -> None:
    bare = h100("bare", labels={"feature.node.kubernetes.io/pci-10de.present": "false"})
    stray, hidden = gaudi("stray"), node("hidden", {}, {"gpu.intel.com/xe": 1})
    plan = planned(desired(NVIDIA), looked_at([h100(), bare, stray, hidden, node("plain", {}, {})]))
    (missing,) = failed(plan, "nfd.labelled")
    assert missing.message.startswith("bare without any of feature.node.kubernetes.io/pci-10de.present")
    assert {(found.subject, found.message) for found in failed(plan, "nfd.declared")} == {
        ("nodes with gaudi", "stray with accelerators of gaudi in no pool"),
        ("nodes with intel", "hidden with accelerators of intel in no pool"),
    }
    assert not failed(planned(desired(NVIDIA), looked_at([h100()])), "nfd.declared")


# ---- NVIDIA ----------------------------------------------------------------------------------------------------------


def test_cluster_policy_is_the_one_that_is_there_whoever_made_it() -> None:
    plan = planned(desired(NVIDIA), looked_at([h100()], {"clusterpolicies.nvidia.com": [{"metadata": {"name": "theirs"}}]}))
    wanted = next(wanted for wanted in plan.objects if wanted.object["kind"] == "ClusterPolicy")
    assert (wanted.object["metadata"], wanted.claim) == ({"name": "theirs"}, "singleton")
    assert one(planned(desired(NVIDIA), looked_at([h100()])), "ClusterPolicy")["metadata"] == {"name": "gpu-cluster-policy"}


def test_operator_of_the_document_is_awaited() -> None:
    plan = planned(desired(NVIDIA, operators=("nvidia", "nfd")), looked_at([h100()]))
    awaited = {wanted.object["kind"]: wanted.awaits for wanted in plan.objects}
    assert (awaited["ClusterPolicy"], awaited["NodeFeatureDiscovery"]) == ("nvidia", "nfd")
    assert {wait.ref.kind for wait in plan.waits} == {"ClusterPolicy", "NodeFeatureDiscovery"}


def test_whole_devices_need_no_settings_and_no_labels() -> None:
    plan = planned(desired(NVIDIA), looked_at([h100()]))
    spec = one(plan, "ClusterPolicy")["spec"]
    assert (spec["devicePlugin"], spec["mig"], spec["sandboxWorkloads"]["enabled"]) == ({"enabled": True}, {"strategy": "single"}, False)
    assert spec["migManager"]["config"]["default"] == "all-disabled"
    assert not objects_of(plan, "ConfigMap")
    assert not objects_of(plan, "Node")


def test_time_slicing_renames_what_it_shares_and_labels_the_nodes() -> None:
    sliced = PoolWanted(name="l40", nodes=H100, vendor="nvidia", mode="time_sliced", replicas=4)
    plan = planned(desired(sliced), looked_at([h100()]))
    settings = one(plan, "ConfigMap")
    assert settings["metadata"] == {"name": "device-plugin-config", "namespace": "nvidia-gpu-operator"}
    assert set(settings["data"]) == {"any", "shared-4"}
    assert "renameByDefault: true" in settings["data"]["shared-4"]
    assert "replicas: 4" in settings["data"]["shared-4"]
    assert "sharing" not in settings["data"]["any"]
    assert one(plan, "ClusterPolicy")["spec"]["devicePlugin"]["config"] == {"name": "device-plugin-config", "default": "any"}
    assert one(plan, "Node")["metadata"]["labels"] == {"nvidia.com/device-plugin.config": "shared-4"}


@pytest.mark.parametrize(("mode", "strategy"), [("mig_single", "single"), ("mig_mixed", "mixed")])
def test_mig_is_a_strategy_of_the_cluster_and_a_profile_of_the_node(mode: str, strategy: str) -> None:
    pool = PoolWanted(name="a", nodes=H100, vendor="nvidia", mode=mode, mig_profile="all-1g.10gb")
    plan = planned(desired(pool), looked_at([h100()]))
    assert one(plan, "ClusterPolicy")["spec"]["mig"] == {"strategy": strategy}
    wanted = next(wanted for wanted in plan.objects if wanted.object["kind"] == "Node")
    assert wanted.object["metadata"] == {"name": "h100-0", "labels": {"nvidia.com/mig.config": "all-1g.10gb"}}
    assert wanted.claim == "fields"


@pytest.mark.parametrize("live", ["NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb-SHARED"])
def test_node_stays_in_its_pool_when_its_partitions_change_the_label_of_the_product(live: str) -> None:
    pool = PoolWanted(name="a", nodes=H100, vendor="nvidia", mode="mig_single", mig_profile="all-1g.10gb")
    plan = planned(desired(pool), looked_at([h100(labels={f"{GFD}.product": live})]))
    assert one(plan, "Node")["metadata"]["labels"] == {"nvidia.com/mig.config": "all-1g.10gb"}


def test_labels_of_an_earlier_use_are_set_back() -> None:
    labels = {"nvidia.com/mig.config": "all-1g.10gb", "nvidia.com/gpu.workload.config": "vm-passthrough"}
    plan = planned(desired(NVIDIA), looked_at([h100(labels=labels)]))
    assert one(plan, "Node")["metadata"]["labels"] == {
        "nvidia.com/mig.config": "all-disabled",
        "nvidia.com/gpu.workload.config": "container",
    }


def test_label_that_the_operator_sets_by_itself_stays_its_own_and_one_of_ours_is_set_back() -> None:
    theirs = h100(labels={"nvidia.com/mig.config": "all-disabled"})
    assert objects_of(planned(desired(NVIDIA), looked_at([theirs])), "Node") == []
    fields = {"f:metadata": {"f:labels": {"f:nvidia.com/mig.config": {}}}}
    entry = {"manager": "groundwork-readiness-platform-accelerators", "operation": "Apply", "apiVersion": "v1", "fieldsV1": fields}
    ours = {**theirs, "metadata": {**theirs["metadata"], "managedFields": [entry]}}
    assert one(planned(desired(NVIDIA), looked_at([ours])), "Node")["metadata"]["labels"] == {"nvidia.com/mig.config": "all-disabled"}


def test_vm_pools_prepare_nodes_and_permit_their_devices_beside_those_of_others() -> None:
    pools = (
        PoolWanted(
            name="vdi",
            nodes={"node-role.kubernetes.io/worker": ""},
            vendor="nvidia",
            workload="vm_passthrough",
            host_devices=(HostDeviceWanted(selector="10DE:26B9", resource="nvidia.com/L40"),),
        ),
        PoolWanted(
            name="vgpu",
            nodes={"x": "y"},
            vendor="nvidia",
            workload="vm_vgpu",
            driver=DriverWanted(image="registry.example.com/nvidia/vgpu-manager:580"),
            host_devices=(HostDeviceWanted(selector="NVIDIA L40S-24Q", resource="nvidia.com/L40S-24Q"),),
        ),
    )
    live = {"hyperconvergeds.hco.kubevirt.io": [{"metadata": {"name": "kubevirt-hyperconverged", "namespace": "openshift-cnv"}}]}
    expected = {
        "pciHostDevices": [{"pciDeviceSelector": "10DE:26B9", "resourceName": "nvidia.com/L40", "externalResourceProvider": True}],
        "mediatedDevices": [
            {"mdevNameSelector": "NVIDIA L40S-24Q", "resourceName": "nvidia.com/L40S-24Q", "externalResourceProvider": True}
        ],
    }
    plan = planned(desired(*pools), looked_at([h100()], live))
    wanted = next(wanted for wanted in plan.objects if wanted.object["kind"] == "HyperConverged")
    assert (wanted.claim, wanted.object["apiVersion"]) == ("fields", "hco.kubevirt.io/v1")
    assert wanted.object["spec"] == {"virtualization": {"permittedHostDevices": expected}}
    older = {**SERVED, ("hco.kubevirt.io", "HyperConverged"): ServedApi(("v1beta1",), "hyperconvergeds", True)}
    old = one(planned(desired(*pools), looked_at([h100()], live, served=older)), "HyperConverged")
    assert (old["apiVersion"], old["spec"]) == ("hco.kubevirt.io/v1beta1", {"permittedHostDevices": expected})
    spec = one(plan, "ClusterPolicy")["spec"]
    assert (spec["sandboxWorkloads"]["enabled"], spec["vfioManager"]["enabled"], spec["driver"]["enabled"]) == (True, True, True)
    assert spec["vgpuManager"] == {"enabled": True, "repository": "registry.example.com/nvidia", "image": "vgpu-manager", "version": "580"}
    assert one(plan, "Node")["metadata"]["labels"] == {"nvidia.com/gpu.workload.config": "vm-passthrough"}
    (found,) = failed(planned(desired(*pools), looked_at([h100()])), "vm.permitted")
    assert "no HyperConverged is there" in found.message


def test_labels_that_evict_wait_for_the_pods_that_hold_devices() -> None:
    pool = PoolWanted(name="a", nodes=H100, vendor="nvidia", mode="mig_mixed", mig_profile="all-balanced")
    held = [DevicePod("ai", "chat", "h100-0", {GFD: 1})]
    plan = planned(desired(pool), looked_at([h100()], pods=held))
    (found,) = failed(plan, "pool.clients")
    assert found.message == "ai/chat would lose the devices by nvidia.com/mig.config=all-balanced"
    assert not objects_of(plan, "Node")
    before = h100(labels={"nvidia.com/mig.config": "all-1g.10gb"})
    kept = planned(desired(pool), looked_at([before], pods=held))
    assert one(kept, "Node")["metadata"]["labels"] == {"nvidia.com/mig.config": "all-1g.10gb"}
    done = h100(labels={"nvidia.com/mig.config": "all-balanced"})
    assert not failed(planned(desired(pool), looked_at([done], pods=held)), "pool.clients")
    unknown = planned(desired(pool), looked_at([h100()], pods_known=False))
    assert not objects_of(unknown, "Node")
    assert {found.result for found in unknown.findings if found.check.endswith("pool.clients")} == {"not_evaluated"}


def test_namespace_of_the_operator_is_privileged_and_monitored_whatever_it_is_called() -> None:
    section = OperatorsWanted(wanted=(OperatorWanted(name="nvidia", channel="stable", version="v1", namespace="gpus"),))
    (found,) = operators_of(section, catalogue_from(read_facts()))
    levels = {f"pod-security.kubernetes.io/{word}": "privileged" for word in ("audit", "enforce", "warn")}
    assert (found.namespace, found.labels) == ("gpus", {"openshift.io/cluster-monitoring": "true", **levels})


# ---- AMD -------------------------------------------------------------------------------------------------------------


def test_each_pool_of_amd_has_a_device_config_with_its_selector_and_driver() -> None:
    other = PoolWanted(name="mi210", nodes={"zone": ("a", "b"), "gpu": "mi210"}, vendor="amd", max_parallel=2)
    plan = planned(desired(AMD, other), looked_at([mi300()]))
    found = {item["metadata"]["name"]: item["spec"] for item in objects_of(plan, "DeviceConfig")}
    assert {name: spec["selector"] for name, spec in found.items()} == {
        "mi300": AMD_NODES,
        "mi210-1": {"gpu": "mi210", "zone": "a"},
        "mi210-2": {"gpu": "mi210", "zone": "b"},
    }
    assert (found["mi300"]["driver"]["version"], found["mi210-1"]["driver"]["upgradePolicy"]["maxParallelUpgrades"]) == ("30.20.1", 2)
    assert "version" not in found["mi210-1"]["driver"]


@pytest.mark.parametrize(("mode", "plugin", "claims"), [("whole", True, False), ("dra", False, True)])
def test_device_plugin_and_claims_exclude_each_other(mode: str, plugin: bool, claims: bool) -> None:
    spec = one(planned(desired(PoolWanted(name="a", nodes=AMD_NODES, vendor="amd", mode=mode)), looked_at([mi300()])), "DeviceConfig")[
        "spec"
    ]
    assert (spec["devicePlugin"]["enableDevicePlugin"], spec["draDriver"]["enable"]) == (plugin, claims)


PARTS = PoolWanted(name="cpx", nodes=AMD_NODES, vendor="amd", mode="partition", partition_profile="cpx_nps4")


@pytest.mark.parametrize(
    "made",
    [
        mi300(),
        mi300(labels={"amd.com/compute-memory-partition": "spx_nps1"}),
        node("n", {**AMD_NODES, "amd.com/compute-memory-partition": "cpx_nps4"}, {"amd.com/cpx_nps4": 64}),
        node("n", {**AMD_NODES, "amd.com/compute-memory-partition": "dpx_nps2"}, {"amd.com/gpu": 16}),
    ],
)
def test_partition_profile_covers_all_devices_however_they_are_partitioned_now(made: dict[str, Any]) -> None:
    plan = planned(desired(PARTS), looked_at([made]))
    config = json.loads(one(plan, "ConfigMap")["data"]["config.json"])
    profile = config["gpu-config-profiles"]["cpx_nps4"]
    assert profile == {
        "skippedGPUs": {"ids": []},
        "profiles": [{"computePartition": "CPX", "memoryPartition": "NPS4", "numGPUsAssigned": 8}],
    }
    spec = one(plan, "DeviceConfig")["spec"]
    assert (spec["configManager"]["enable"], spec["configManager"]["config"]) == (True, {"name": "cpx-profiles"})
    assert spec["devicePlugin"]["devicePluginArguments"] == {"resource_naming_strategy": "mixed"}
    assert one(plan, "Node")["metadata"]["labels"] == {"dcm.amd.com/gpu-config-profile": "cpx_nps4"}


def test_profile_for_nodes_with_different_numbers_of_devices_is_not_made_up() -> None:
    plan = planned(desired(PARTS), looked_at([mi300("a"), node("b", AMD_NODES, {"amd.com/gpu": 4})]))
    assert not objects_of(plan, "ConfigMap")
    assert [found.result for found in plan.findings if found.check.endswith("amd.profile")] == ["not_evaluated"]


# ---- Intel and Gaudi -------------------------------------------------------------------------------------------------


def csv(name: str, *examples: Mapping[str, Any]) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "x", "annotations": {"alm-examples": json.dumps(list(examples))}}}


CSVS = "clusterserviceversions.operators.coreos.com"


def test_intel_plugin_takes_its_image_from_the_operators_own_example() -> None:
    plain = one(planned(desired(INTEL), looked_at([node("n", {"gpu": "max"}, {})])), "GpuDevicePlugin")
    assert plain["spec"] == {"sharedDevNum": 1, "nodeSelector": {"gpu": "max"}}
    example = {
        "apiVersion": "deviceplugin.intel.com/v1",
        "kind": "GpuDevicePlugin",
        "spec": {"image": "registry.example.com/intel/gpu:1", "sharedDevNum": 10},
    }
    found = one(
        planned(desired(INTEL), looked_at([node("n", {"gpu": "max"}, {})], {CSVS: [csv("a"), csv("b", example)]})), "GpuDevicePlugin"
    )
    assert found["spec"] == {"image": "registry.example.com/intel/gpu:1", "sharedDevNum": 1, "nodeSelector": {"gpu": "max"}}


@pytest.mark.parametrize(("kind", "key"), [("ClusterPolicy", "node_selector"), ("DeviceConfig", "nodeSelector")])
def test_gaudi_object_is_the_example_of_the_kind_that_is_served(kind: str, key: str) -> None:
    group = "habanalabs.habana.ai"
    example = {
        "apiVersion": f"{group}/v1",
        "kind": kind,
        "metadata": {"name": "habana"},
        "spec": {key: {"x": "y"}, "tolerations": [], "image": "i"},
    }
    served = {**SERVED, (group, kind): ServedApi(("v1",), "x", kind == "DeviceConfig")}
    plan = planned(desired(GAUDI, taints=EXTRA), looked_at([gaudi()], {CSVS: [csv("g", example)]}, served=served))
    found = next(wanted for wanted in plan.objects if wanted.object["apiVersion"].startswith(group))
    assert (found.object["kind"], found.object["spec"][key], found.object["spec"]["image"]) == (kind, dict(GAUDI.nodes), "i")
    assert {entry["key"] for entry in found.object["spec"]["tolerations"]} == {*EXTRA, "habana.ai/gaudi"}
    assert found.claim == ("singleton" if kind == "ClusterPolicy" else "own")
    assert found.object["metadata"].get("namespace", "") == ("habana-ai-operator" if kind == "DeviceConfig" else "")


@pytest.mark.parametrize("served", [{}, {("habanalabs.habana.ai", "ClusterPolicy"): ServedApi(("v1",), "clusterpolicies", False)}])
def test_nothing_is_made_for_gaudi_without_kind_or_example(served: Mapping[tuple[str, str], ServedApi]) -> None:
    plan = planned(desired(GAUDI), looked_at([gaudi()], served={**SERVED, **served}))
    assert {wanted.object["kind"] for wanted in plan.objects} == {"NodeFeatureDiscovery", "NodeFeatureRule"}
    assert [found.result for found in plan.findings if found.check.endswith("vendor.kind")] == ["not_evaluated"]


def test_example_that_is_no_json_is_passed_over() -> None:
    broken = {"metadata": {"name": "a", "annotations": {"alm-examples": "["}}}
    plan = planned(desired(INTEL), looked_at([node("n", {"gpu": "max"}, {})], {CSVS: [broken]}))
    assert "image" not in one(plan, "GpuDevicePlugin")["spec"]


# ---- taints ----------------------------------------------------------------------------------------------------------

DECLARED = [Taint("nvidia.com/gpu", "", "NoSchedule"), Taint("site.example.com/ai", "yes", "NoExecute")]


@pytest.mark.parametrize(
    ("pool", "kind", "made", "own"),
    [
        (NVIDIA, "ClusterPolicy", h100(), "nvidia.com/gpu"),
        (AMD, "DeviceConfig", mi300(), "amd.com/gpu"),
        (INTEL, "GpuDevicePlugin", node("n", {"gpu": "max"}, {"gpu.intel.com/xe": 1}), ""),
        (NVIDIA, "NodeFeatureDiscovery", h100(), ""),
    ],
)
def test_every_operand_of_every_vendor_tolerates_every_declared_taint(pool: PoolWanted, kind: str, made: dict[str, Any], own: str) -> None:
    item = one(planned(desired(pool, taints=EXTRA), looked_at([made])), kind)
    taints = [*DECLARED, *([Taint(own, "present", "NoSchedule")] if own else [])]
    assert lacking(item, taints) == {}
    group = item["apiVersion"].partition("/")[0]
    for path in LISTS[group, kind]:
        stripped = json.loads(json.dumps(item))
        place = stripped["spec"]
        *parents, last = path.split(".")
        for key in parents:
            place = place[key]
        place[last] = []
        assert path in lacking(stripped, taints)


def test_all_seven_lists_of_amd_are_filled() -> None:
    item = one(planned(desired(AMD, taints=EXTRA), looked_at([mi300()])), "DeviceConfig")
    text = json.dumps(item)
    assert text.count('"site.example.com/ai"') == len(LISTS["amd.com", "DeviceConfig"]) == 7


def test_taint_that_nobody_declared_is_named_with_its_nodes() -> None:
    team = {"key": "team.example.com/x", "value": "y", "effect": "NoSchedule"}
    soft = {"key": "team.example.com/soft", "effect": "PreferNoSchedule"}
    plan = planned(desired(NVIDIA), looked_at([h100("a", taints=[team, soft, TAINT])]))
    (found,) = failed(plan, "taints.declared")
    assert found.message == "team.example.com/x=y:NoSchedule on a"
    assert not failed(
        planned(desired(NVIDIA, taints={"team.example.com/x": TaintWanted(value="y")}), looked_at([h100("a", taints=[team])])),
        "taints.declared",
    )


@pytest.mark.parametrize(
    ("toleration", "taint", "expected"),
    [
        ({"key": "a", "operator": "Exists"}, Taint("a", "x", "NoSchedule"), True),
        ({"key": "a", "operator": "Exists", "effect": "NoExecute"}, Taint("a", "x", "NoSchedule"), False),
        ({"key": "a", "value": "x"}, Taint("a", "x", "NoSchedule"), True),
        ({"key": "a", "operator": "Equal", "value": "y"}, Taint("a", "x", "NoSchedule"), False),
        ({"operator": "Exists"}, Taint("a", "x", "NoSchedule"), True),
        ({"operator": "Equal"}, Taint("a", "", "NoSchedule"), False),
        ({"key": "b", "operator": "Exists"}, Taint("a", "", "NoSchedule"), False),
    ],
)
def test_toleration_covers_a_taint_as_the_scheduler_has_it(toleration: dict[str, str], taint: Taint, expected: bool) -> None:
    assert tolerates(toleration, taint) is expected


def test_mixed_slices_belong_to_the_pool_of_their_node() -> None:
    plan = planned(
        desired(
            PoolWanted(
                name="a", nodes={f"{GFD}.product": "NVIDIA-A100-SXM4-80GB"}, vendor="nvidia", mode="mig_mixed", mig_profile="all-balanced"
            )
        ),
        looked_at([mig()]),
    )
    assert {record["resource"] for record in plan.records if record["kind"] == "accelerator_group"} == {
        "nvidia.com/mig-1g.10gb",
        "nvidia.com/mig-3g.40gb",
    }
