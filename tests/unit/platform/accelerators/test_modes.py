# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conflicts that the API would take: each is refused with its reason, and what stands beside it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.nvidia import image_parts
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import DriverWanted, HostDeviceWanted, PoolWanted

from .support import GFD, Node, desired, failed, gaudi, h100, looked_at, mi300, node, planned

H100 = {f"{GFD}.product": "NVIDIA-H100-80GB-HBM3"}
EVERY = {"node-role.kubernetes.io/worker": ""}
PCI = HostDeviceWanted(selector="10DE:26B9", resource="nvidia.com/L40")
MDEV = HostDeviceWanted(selector="NVIDIA L40S-24Q", resource="nvidia.com/L40S-24Q")
NVIDIA = PoolWanted(name="a", nodes=H100, vendor="nvidia")
AMD = PoolWanted(name="m", nodes={"feature.node.kubernetes.io/amd-gpu": "true"}, vendor="amd")


def pool(name: str, nodes: Mapping[str, Any] | None = None, vendor: str = "nvidia", **more: Any) -> PoolWanted:
    return PoolWanted(name=name, nodes=EVERY if nodes is None else nodes, vendor=vendor, **more)


def policy(name: str, default: str = "all-disabled", state: str = "ready") -> dict[str, Any]:
    spec = {"migManager": {"config": {"default": default}}}
    return {"metadata": {"name": name}, "spec": spec, "status": {"state": state}}


def other_config(selector: Mapping[str, str], **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "theirs", "namespace": "openshift-amd-gpu"}, "spec": {"selector": selector, **spec}}


def nfd(name: str, fields: str = "[vendor]") -> dict[str, Any]:
    config = f"sources:\n  pci:\n    deviceLabelFields: {fields}\n"
    item = {"metadata": {"name": name, "namespace": "openshift-nfd"}, "spec": {"workerConfig": {"configData": config}}}
    return {"apiVersion": "nfd.openshift.io/v1", **item}


@dataclass(frozen=True)
class Case:
    """Pools on nodes beside objects, the check that fails, words of its reason, and pools that go well instead."""

    name: str
    pools: Sequence[PoolWanted]
    word: str
    says: str
    nodes: Sequence[Node] = field(default_factory=lambda: (h100(),))
    objects: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    well: Sequence[PoolWanted] = (NVIDIA,)
    well_objects: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


CASES = (
    Case(
        "containers and VMs on one node",
        (NVIDIA, pool("b", workload="vm_passthrough", host_devices=(PCI,))),
        "pool.workloads",
        "container and vm_passthrough on one node",
    ),
    Case(
        "two modes on one node",
        (NVIDIA, pool("b", mode="time_sliced", replicas=4)),
        "pool.modes",
        "whole and time_sliced (4 pods per device) on one node",
    ),
    Case(
        "one mode with two profiles on one node",
        (pool("a", H100, mode="mig_single", mig_profile="all-1g.10gb"), pool("b", mode="mig_single", mig_profile="all-2g.20gb")),
        "pool.modes",
        "mig_single (all-1g.10gb) and mig_single (all-2g.20gb) on one node",
        well=(pool("a", H100, mode="mig_single", mig_profile="all-1g.10gb"),),
    ),
    Case("two pools with equal settings on one node", (NVIDIA, pool("b")), "pool.overlap", "h100-0 in pool a and in pool b"),
    Case(
        "pools of two vendors on one node",
        (NVIDIA, pool("b", vendor="amd")),
        "pool.vendors",
        "nvidia and amd on one node",
    ),
    Case(
        "node with accelerators of another vendor than its pool's",
        (pool("a"),),
        "pool.vendors",
        "mi300-0 with accelerators of amd in a pool of nvidia",
        nodes=(h100(), mi300()),
    ),
    Case(
        "node with accelerators of two vendors",
        (NVIDIA,),
        "pool.vendors",
        "both with accelerators of gaudi in a pool of nvidia",
        nodes=(node("both", H100, {GFD: 2, "habana.ai/gaudi": 2}),),
        well=(),
    ),
    Case(
        "device plugin and claims on one node, both of the document",
        (AMD, pool("d", vendor="amd", mode="dra")),
        "pool.dra",
        "whole and dra on one node",
        nodes=(mi300(),),
        well=(AMD,),
    ),
    Case(
        "device plugin of the document, claims of another DeviceConfig",
        (AMD,),
        "pool.dra",
        "through dynamic resource allocation, the pool through a device plugin",
        nodes=(mi300(),),
        objects={"deviceconfigs.amd.com": [other_config(AMD.nodes, draDriver={"enable": True})]},
        well=(AMD,),
    ),
    Case(
        "another DeviceConfig on the same nodes",
        (AMD,),
        "amd.overlap",
        "DeviceConfig openshift-amd-gpu/theirs selects mi300-0 as well",
        nodes=(mi300(),),
        objects={"deviceconfigs.amd.com": [other_config(AMD.nodes)]},
        well=(AMD,),
        well_objects={"deviceconfigs.amd.com": [other_config({"pool": "elsewhere"})]},
    ),
    Case(
        "partitions of devices that cannot be partitioned, AMD",
        (pool("p", AMD.nodes, "amd", mode="partition", partition_profile="cpx_nps4"),),
        "amd.partitionable",
        "mi210 with devices that cannot be partitioned",
        nodes=(mi300("mi210", labels={"amd.com/compute-partitioning-supported": "false"}),),
        well=(AMD,),
    ),
    Case(
        "partition profile that nobody knows",
        (pool("p", AMD.nodes, "amd", mode="partition", partition_profile="quarters"),),
        "amd.profile",
        "quarters is no profile",
        nodes=(mi300(),),
        well=(pool("p", AMD.nodes, "amd", mode="partition", partition_profile="cpx_nps4"),),
    ),
    Case(
        "MIG on devices without it",
        (pool("a", mode="mig_mixed", mig_profile="all-balanced"),),
        "nvidia.mig_capable",
        "h100-0 with devices that cannot be partitioned",
        nodes=(h100(labels={"nvidia.com/mig.capable": "false"}),),
    ),
    Case(
        "single strategy with slices of several sizes",
        (pool("a", mode="mig_single", mig_profile="all-balanced"),),
        "nvidia.mig_strategy",
        "hands all of them out under one name",
        well=(pool("a", mode="mig_mixed", mig_profile="all-balanced"),),
    ),
    Case(
        "two MIG strategies in one cluster",
        (
            pool("a", H100, mode="mig_single", mig_profile="all-1g.10gb"),
            pool("b", {"x": "y"}, mode="mig_mixed", mig_profile="all-balanced"),
        ),
        "nvidia.mig_strategy",
        "one strategy for all nodes",
    ),
    Case(
        "two drivers in one ClusterPolicy",
        (pool("a", H100, driver=DriverWanted(version="580")), pool("b", {"x": "y"}, driver=DriverWanted(version="570"))),
        "nvidia.driver",
        "a (580) and b (570)",
    ),
    Case(
        "virtual GPUs without their manager",
        (pool("v", workload="vm_vgpu", host_devices=(MDEV,)),),
        "nvidia.vgpu_manager",
        "whose image only its vendor hands out",
        well=(
            pool("v", workload="vm_vgpu", host_devices=(MDEV,), driver=DriverWanted(image="registry.example.com/nvidia/vgpu-manager:1")),
        ),
    ),
    Case(
        "mediated device for passthrough",
        (pool("v", workload="vm_passthrough", host_devices=(MDEV,)),),
        "pool.settings",
        "NVIDIA L40S-24Q is not what a pool for vm_passthrough selects devices by",
        well=(pool("v", workload="vm_passthrough", host_devices=(PCI,)),),
    ),
    Case(
        "one device for VMs under two names",
        (
            pool("v", H100, workload="vm_passthrough", host_devices=(PCI,)),
            pool(
                "w", {"x": "y"}, workload="vm_passthrough", host_devices=(HostDeviceWanted(selector="10de:26b9", resource="nvidia.com/B"),)
            ),
        ),
        "vm.devices",
        "10de:26b9 is nvidia.com/L40 in pool v and nvidia.com/B in pool w",
        well=(
            pool("v", workload="vm_passthrough", host_devices=(PCI,)),
            pool("w", {"x": "y"}, workload="vm_passthrough", host_devices=(PCI,)),
        ),
    ),
    Case(
        "nodes of AMD by a label of its own labeller",
        (pool("m", {"amd.com/gpu.product-name": "AMD_Instinct_MI300X"}, "amd"),),
        "pool.settings",
        "label amd.com/gpu.product-name is there only while the vendor's own labeller runs",
        nodes=(mi300(),),
        well=(AMD,),
    ),
    Case(
        "nodes for VMs by a label of the feature discovery",
        (pool("v", H100, workload="vm_passthrough", host_devices=(PCI,)),),
        "pool.settings",
        "label nvidia.com/gpu.product is there only while",
        well=(pool("v", workload="vm_passthrough", host_devices=(PCI,)),),
    ),
    Case("claims of NVIDIA", (pool("a", mode="dra"),), "pool.settings", "it is not set up from here"),
    Case(
        "two ClusterPolicies",
        (NVIDIA,),
        "nvidia.single",
        "first and second are there",
        objects={"clusterpolicies.nvidia.com": [policy("first"), policy("second", state="ignored")]},
        well_objects={"clusterpolicies.nvidia.com": [policy("first")]},
    ),
    Case(
        "ClusterPolicy that partitions every node",
        (NVIDIA,),
        "nvidia.mig_default",
        "would take their partitions away",
        objects={"clusterpolicies.nvidia.com": [policy("first", "all-1g.10gb")]},
        well_objects={"clusterpolicies.nvidia.com": [policy("first", "")]},
    ),
    Case(
        "a ClusterPolicy of others that drives nodes in no pool",
        (pool("a", {"kubernetes.io/hostname": "h100-0"}),),
        "nvidia.undeclared",
        "ClusterPolicy theirs is not ours and drives h100-1 too",
        nodes=(h100(labels={"kubernetes.io/hostname": "h100-0"}), h100("h100-1")),
        objects={"clusterpolicies.nvidia.com": [policy("theirs")]},
        well_objects={"clusterpolicies.nvidia.com": [policy("theirs")]},
    ),
    Case(
        "a ClusterPolicy of others that hands a node of no pool to VMs",
        (pool("a", {"kubernetes.io/hostname": "h100-0"}),),
        "nvidia.undeclared",
        "ClusterPolicy theirs is not ours and drives vm-0 too",
        nodes=(
            h100(labels={"kubernetes.io/hostname": "h100-0"}),
            node("vm-0", {"nvidia.com/gpu.workload.config": "vm-passthrough"}, {"nvidia.com/GA102GL_A10": 2}),
        ),
        objects={"clusterpolicies.nvidia.com": [policy("theirs")]},
        well=(NVIDIA, pool("vm", {"kubernetes.io/hostname": "vm-0"}, workload="vm_passthrough", host_devices=(PCI,))),
    ),
    Case(
        "a second NodeFeatureDiscovery",
        (NVIDIA,),
        "nfd.single",
        "openshift-nfd/amd-instance is there as well",
        objects={"nodefeaturediscoveries.nfd.openshift.io": [nfd("nfd-instance"), nfd("amd-instance", "[vendor, device]")]},
        well_objects={"nodefeaturediscoveries.nfd.openshift.io": [nfd("nfd-instance")]},
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_conflict_is_refused_with_its_reason(case: Case) -> None:
    found = failed(planned(desired(*case.pools), looked_at(case.nodes, case.objects)), case.word)
    assert found
    assert case.says in " ".join(finding.message for finding in found)
    assert all(finding.refuses and finding.severity == "critical" and finding.remedy for finding in found)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_stands_beside_the_conflict_goes_well(case: Case) -> None:
    nodes = [each for each in case.nodes if each["metadata"]["name"] != "mi300-0" or case.well[0].vendor == "amd"]
    plan = planned(desired(*case.well), looked_at(nodes, case.well_objects))
    assert [finding.message for finding in plan.findings if finding.refuses and finding.result == "fail"] == []


def test_lists_that_could_not_be_read_are_not_evaluated_and_nothing_is_written_that_might_be_a_second_one() -> None:
    snapshot = looked_at([h100(), mi300()])
    for name in ("clusterpolicies.nvidia.com", "deviceconfigs.amd.com", "nodefeaturediscoveries.nfd.openshift.io"):
        snapshot.listed = {**snapshot.listed, name: type(snapshot.listed[name])("forbidden", reason=f"{name} is forbidden")}
    plan = planned(desired(NVIDIA, AMD), snapshot)
    doubtful = {finding.check: finding.message for finding in plan.findings if finding.result == "not_evaluated"}
    for word, name in (("nvidia.single", "clusterpolicies"), ("amd.overlap", "deviceconfigs"), ("nfd.single", "nodefeaturediscoveries")):
        assert name in doubtful[f"platform.accelerators.{word}"]
    refusing = {finding.check.removeprefix("platform.accelerators.") for finding in plan.findings if finding.refuses and finding.failed}
    assert refusing == {"nvidia.single", "amd.overlap", "nfd.single"}


def test_pool_without_nodes_is_a_warning() -> None:
    (found,) = failed(planned(desired(pool("empty", {"x": ("y", "z")})), looked_at([gaudi()])), "pool.empty")
    assert (found.message, found.severity, found.refuses) == ("no node of its own has x=y|z", "warning", False)


def test_image_reference_is_taken_apart_at_the_version() -> None:
    assert image_parts("registry.example.com:5000/nvidia/vgpu:1.2") == ("registry.example.com:5000/nvidia", "vgpu", "1.2")
    assert image_parts("registry.example.com/vgpu@sha256:00") == ("registry.example.com", "vgpu", "sha256:00")
    assert not all(image_parts("vgpu"))
