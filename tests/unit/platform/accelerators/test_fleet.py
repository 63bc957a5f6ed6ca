# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet: what nodes have, as labels and resources tell, and what nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.unknown import UNKNOWN
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.fleet import fleet_of, fleet_of_target
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.memory import label_gib
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import DeviceGroup, Fleet
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    DeviceWanted,
    HostDeviceWanted,
    PoolWanted,
    TaintWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import DevicePod, Listed, PlatformSnapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.target.nodes import node as node_record
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView

from . import support
from .support import CATALOGUE, GFD, TAINT, desired, gaudi, h100, looked_at, mi300, mig, node, shared_l40

PARTITION = "amd.com/compute-memory-partition"
A100_40 = {f"{GFD}.product": "NVIDIA-A100-PCIE-40GB", f"{GFD}.replicas": "1"}


def fleet(*nodes: dict[str, Any], catalogue: Any = CATALOGUE, objects: Any = None, **more: Any) -> Fleet:
    return fleet_of(looked_at(nodes, objects), desired(**more), catalogue)


def only(found: Fleet) -> DeviceGroup:
    (group,) = found.groups
    return group


@pytest.mark.parametrize(
    ("made", "resource", "mode", "sharing", "memory_gib", "product"),
    [
        (h100(), GFD, "whole", "none", 81559 / 1024, "NVIDIA-H100-80GB-HBM3"),
        (shared_l40(), f"{GFD}.shared", "time_sliced", "any", 46068 / 1024, "NVIDIA-L40"),
        (mi300(), "amd.com/gpu", "whole", "none", 192, "AMD_Instinct_MI300X"),
        (node("n", {f"{GFD}.product": "NVIDIA-L4-SHARED", f"{GFD}.replicas": "2"}, {GFD: 2}), GFD, "time_sliced", "any", None, "NVIDIA-L4"),
        (
            node("n", {f"{GFD}.product": "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb", f"{GFD}.memory": "4864"}, {GFD: 7}),
            GFD,
            "mig_single",
            "isolated",
            4.75,
            "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb",
        ),
        (node("n", {f"{GFD}.product": "P", f"{GFD}.sharing-strategy": "mps"}, {GFD: 4}), GFD, "time_sliced", "any", None, "P"),
        (node("n", {}, {GFD: 4}), GFD, "whole", "", None, ""),
        (node("n", {"amd.com/gpu.vram": "64G"}, {"amd.com/spx_nps1": 8}), "amd.com/spx_nps1", "whole", "none", 64, ""),
        (node("n", {"amd.com/gpu.vram": "192G"}, {"amd.com/cpx_nps4": 64}), "amd.com/cpx_nps4", "partition", "isolated", None, "cpx_nps4"),
        (
            mi300(labels={"amd.com/compute-memory-partition": "cpx_nps1"}),
            "amd.com/gpu",
            "partition",
            "isolated",
            None,
            "AMD_Instinct_MI300X-cpx_nps1",
        ),
        (mi300(labels={"dcm.amd.com/gpu-config-profile": "mine"}), "amd.com/gpu", "partition", "isolated", None, "AMD_Instinct_MI300X"),
        (gaudi(), "habana.ai/gaudi", "whole", "none", None, ""),
        (node("n", {}, {"gpu.intel.com/xe": 2}), "gpu.intel.com/xe", "whole", "", None, ""),
    ],
)
def test_labels_and_resources_tell_what_a_device_is(
    made: dict[str, Any], resource: str, mode: str, sharing: str, memory_gib: float | None, product: str
) -> None:
    group = only(fleet(made))
    assert (group.resource, group.mode, group.sharing, group.memory_gib, group.product) == (resource, mode, sharing, memory_gib, product)
    assert (group.memory_source == "") == (memory_gib is None)


def test_node_with_slices_of_two_sizes_is_two_groups_with_the_memory_of_their_own_labels() -> None:
    found = {group.resource: group for group in fleet(mig()).groups}
    assert {name: group.memory_gib for name, group in found.items()} == {
        "nvidia.com/mig-1g.10gb": 9728 / 1024,
        "nvidia.com/mig-3g.40gb": 40192 / 1024,
    }
    assert all(group.mode == "mig_mixed" and group.sharing == "isolated" for group in found.values())


@pytest.mark.parametrize(
    ("vendor", "text", "expected"),
    [
        ("nvidia", "81559", 81559 / 1024),
        ("nvidia", "0", None),
        ("nvidia", "80GB", None),
        ("nvidia", "", None),
        ("amd", "192G", 192),
        ("amd", "512M", 0.5),
        ("amd", "64Gi", 64),
        ("amd", "lots", None),
        ("amd", "0G", None),
    ],
)
def test_memory_label_is_read_in_its_vendors_unit_or_not_at_all(vendor: str, text: str, expected: float | None) -> None:
    assert label_gib(vendor, text) == expected


MATCH = {"feature.node.kubernetes.io/gaudi": "true"}
TOLD = DeviceWanted(match=MATCH, product="Gaudi 3", memory_gib=128, source="part list")


def test_memory_comes_from_the_table_from_the_document_before_it_and_from_a_label_before_both() -> None:
    assert only(fleet(gaudi(), catalogue=support.table(memory_gib=96))).memory_gib == 96
    told = only(fleet(gaudi(), catalogue=support.table(memory_gib=96), devices=(TOLD,)))
    assert (told.memory_gib, told.memory_source, told.product, told.key) == (128, "document: part list", "Gaudi 3", "gaudi-3")
    entry = DeviceWanted(match={f"{GFD}.product": "NVIDIA-H100-80GB-HBM3"}, product="x", memory_gib=1, source="s")
    labelled = only(fleet(h100(), devices=(entry,)))
    assert (labelled.memory_source, labelled.product) == ("label nvidia.com/gpu.memory", "NVIDIA-H100-80GB-HBM3")


def test_memory_of_a_whole_device_is_never_that_of_a_partition() -> None:
    product = {"amd.com/gpu.product-name": "AMD_Instinct_MI300X"}
    whole = DeviceWanted(match=product, product="MI300X", memory_gib=192, source="s")
    partition = DeviceWanted(match={**product, "amd.com/compute-memory-partition": "cpx_nps4"}, product="MI300X", memory_gib=24, source="s")
    labels = {**product, "amd.com/compute-memory-partition": "cpx_nps4"}
    made = node("n", labels, {"amd.com/cpx_nps4": 64})
    assert only(fleet(made, devices=(whole,))).memory_gib is None
    assert only(fleet(made, devices=(whole, partition))).memory_gib == 24
    sliced = DeviceWanted(match={f"{GFD}.product": "NVIDIA-A100-SXM4-80GB"}, product="A100", memory_gib=80, source="s")
    bare = node("n", {f"{GFD}.product": "NVIDIA-A100-SXM4-80GB"}, {"nvidia.com/mig-1g.10gb": 7})
    assert only(fleet(bare, devices=(sliced,))).memory_gib is None


def test_document_tells_nothing_of_a_node_with_several_vendors_unless_it_names_one() -> None:
    both = node("n", MATCH, {"habana.ai/gaudi": 8, "gpu.intel.com/xe": 1})
    assert {group.vendor: group.memory_gib for group in fleet(both, devices=(TOLD,)).groups} == {"gaudi": None, "intel": None}
    named = DeviceWanted(match=MATCH, vendor="gaudi", product="Gaudi 3", memory_gib=128, source="part list")
    assert {group.vendor: group.memory_gib for group in fleet(both, devices=(named,)).groups} == {"gaudi": 128, "intel": None}


def test_devices_for_vms_are_none_that_pods_can_ask_for() -> None:
    labels = {"nvidia.com/gpu.workload.config": "vm-passthrough"}
    permitted = {"pciHostDevices": [{"pciDeviceSelector": "10DE:26B9", "resourceName": "nvidia.com/AD102GL_L40"}]}
    hco = {
        "hyperconvergeds.hco.kubevirt.io": [{"metadata": {"name": "h"}, "spec": {"virtualization": {"permittedHostDevices": permitted}}}]
    }
    found = fleet(node("n", labels, {"nvidia.com/AD102GL_L40": 4}), objects=hco)
    assert (only(found).workload, only(found).vendor) == ("vm_passthrough", "nvidia")
    assert "nvidia.com/AD102GL_L40" in found.resources
    assert fleet(node("n", {}, {"nvidia.com/mlnxnics": 4, "rdma/hca": 2, "devices.kubevirt.io/kvm": 1000})).groups == ()


def test_intel_devices_are_unshared_where_the_plugin_or_the_pool_says_so() -> None:
    made = node("n", {"gpu": "max"}, {"gpu.intel.com/xe": 2})

    def plugin(number: int) -> dict[str, Any]:
        return {"metadata": {"name": "p"}, "spec": {"sharedDevNum": number, "nodeSelector": {"gpu": "max"}}}

    for number, sharing in ((1, "none"), (4, "any")):
        objects = {"gpudeviceplugins.deviceplugin.intel.com": [plugin(number)]}
        assert only(fleet(made, objects=objects)).sharing == sharing
    pool = PoolWanted(name="p", nodes={"gpu": "max"}, vendor="intel")
    assert only(fleet_of(looked_at([made]), desired(pool), CATALOGUE)).sharing == "none"


@pytest.mark.parametrize(
    ("more", "usable", "why_not"),
    [
        ({}, True, ""),
        ({"cordoned": True}, False, "cordoned"),
        ({"ready": "False"}, False, "not ready"),
        ({"taints": [TAINT]}, True, ""),
        ({"taints": [{"key": "team.example.com/x", "effect": "NoSchedule"}]}, False, "taint team.example.com/x:NoSchedule is not declared"),
        ({"taints": [{"key": "team.example.com/x", "effect": "PreferNoSchedule"}]}, True, ""),
        (
            {"taints": [{"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"}]},
            False,
            "taint node.kubernetes.io/disk-pressure:NoSchedule",
        ),
        ({"allocatable": {GFD: 7}}, True, "1 of 8 devices unhealthy"),
        ({"allocatable": {GFD: 0}}, False, "8 of 8 devices unhealthy"),
    ],
)
def test_node_says_whether_it_can_be_used_and_why_not(more: dict[str, Any], usable: bool, why_not: str) -> None:
    (device,) = only(fleet(h100(**more))).nodes
    assert (device.usable, device.why_not) == (usable, why_not)


def test_declared_taint_becomes_a_toleration_of_the_value_that_is_declared() -> None:
    taints = {"site.example.com/ai": TaintWanted(value="yes")}
    tainted = [{"key": "site.example.com/ai", "value": "yes", "effect": "NoSchedule"}]
    group = only(fleet(h100(taints=tainted), taints=taints))
    assert group.tolerations == ({"key": "site.example.com/ai", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},)
    other = [{"key": "site.example.com/ai", "value": "no", "effect": "NoSchedule"}]
    assert not only(fleet(h100(taints=other), taints=taints)).nodes[0].usable


def test_alike_devices_with_other_taints_are_a_group_of_their_own_with_a_name_of_its_own() -> None:
    found = fleet(h100("a"), h100("b", taints=[TAINT]), h100("c", taints=[TAINT]))
    assert sorted(len(group.nodes) for group in found.groups) == [1, 2]
    assert len({group.key for group in found.groups}) == 2
    again = fleet(h100("c", taints=[TAINT]), h100("a"))
    assert {group.key for group in again.groups} == {group.key for group in found.groups}


def test_selector_is_the_product_and_more_only_where_that_does_not_tell_devices_apart() -> None:
    assert only(fleet(h100())).selector == {f"{GFD}.product": "NVIDIA-H100-80GB-HBM3"}
    small, large = ({**A100_40, f"{GFD}.memory": size} for size in ("20000", "40960"))
    found = fleet(node("a", small, {GFD: 1}), node("b", large, {GFD: 1}))
    assert {group.selector[f"{GFD}.memory"] for group in found.groups} == {"20000", "40960"}
    shared = node("s", {**large, f"{GFD}.replicas": "4", "site.example.com/pool": "dev"}, {GFD: 4})
    plain = fleet(shared, node("p", {f"{GFD}.product": A100_40[f"{GFD}.product"], "site.example.com/pool": "prod"}, {GFD: 4}))
    selectors = {group.nodes[0].name: group.selector for group in plain.groups}
    assert selectors["p"]["site.example.com/pool"] == "prod"
    assert f"{GFD}.memory" in selectors["s"]


def test_resources_name_what_everybody_has_what_nodes_have_and_what_the_document_brings() -> None:
    pools = (
        PoolWanted(name="a", nodes={"x": "y"}, vendor="nvidia", mode="time_sliced", replicas=2),
        PoolWanted(
            name="b",
            nodes={"x": "z"},
            vendor="nvidia",
            workload="vm_passthrough",
            host_devices=(HostDeviceWanted(selector="10DE:26B9", resource="nvidia.com/L40"),),
        ),
        PoolWanted(name="c", nodes={"x": "w"}, vendor="amd", mode="dra"),
    )
    found = fleet_of(looked_at([mig()]), desired(*pools), CATALOGUE).resources
    assert {"nvidia.com/gpu", "nvidia.com/gpu.shared", "nvidia.com/L40", "nvidia.com/mig-1g.10gb", "habana.ai/gaudi"} <= set(found)
    assert "gpu.amd.com.deviceclass.resource.k8s.io/devices" in found
    assert found == tuple(sorted(found))


def test_fleet_of_nodes_that_could_not_be_read_is_unknown_with_the_reason() -> None:
    snapshot = PlatformSnapshot({"nodes": Listed("forbidden", reason="nodes is forbidden")})
    found = fleet_of(snapshot, desired(), CATALOGUE)
    assert (found.groups, found.unknown) == ((), "nodes is forbidden")
    assert "nvidia.com/gpu" in found.resources


def test_requested_devices_are_those_of_the_pods_and_unknown_without_them() -> None:
    pod = DevicePod("ai", "chat", "h100-0", {GFD: 3})
    assert only(fleet_of(looked_at([h100()], pods=[pod]), desired(), CATALOGUE)).nodes[0].requested == 3
    assert only(fleet_of(looked_at([h100()]), desired(), CATALOGUE)).nodes[0].requested == 0
    assert only(fleet_of(looked_at([h100()], pods_known=False), desired(), CATALOGUE)).nodes[0].requested is None


# ---- from the target -------------------------------------------------------------------------------------------------


def view(records: list[Mapping[str, Any]], state: str = "read") -> TargetView:
    return TargetView([*records, {"kind": "reading", "id": "nodes", "state": state, "reason": "no right"}])


def test_fleet_of_a_target_is_that_of_the_live_nodes() -> None:
    nodes = [h100(taints=[TAINT]), mig(), shared_l40(), mi300(), gaudi()]
    records = [{**node_record(item), "requested_devices": {}} for item in nodes]
    offline = fleet_of_target(view(records), support.table())
    assert offline == fleet_of(looked_at(nodes), desired(), support.table())


def test_target_that_does_not_tell_capacity_shows_no_unhealthy_devices() -> None:
    record = node_record(h100(allocatable={GFD: 7}))
    assert record["capacity_devices"] == {GFD: 8}
    (new,) = only(fleet_of_target(view([record]), CATALOGUE)).nodes
    assert (new.capacity, new.allocatable) == (8, 7)
    del record["capacity_devices"]
    (old,) = only(fleet_of_target(view([record]), CATALOGUE)).nodes
    assert (old.capacity, old.allocatable, old.why_not) == (7, 7, "")
    assert record.get("capacity_devices", UNKNOWN) is UNKNOWN


def test_fleet_of_a_target_without_nodes_is_unknown() -> None:
    assert fleet_of_target(view([], "forbidden"), CATALOGUE).unknown
