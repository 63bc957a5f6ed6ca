# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that name a class: resolved with what the scheduler needs, refused with the figures, or not evaluated."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.fleet import fleet_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Fleet, Resolution
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.resolve import resolve
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import DeviceClass, DeviceRequest, TaintWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import DevicePod

from tests.tools.accelerator_verifier import judge as judging

from .support import CATALOGUE, CLASSES, GFD, TAINT, desired, gaudi, h100, looked_at, mi300, mig, node, shared_l40, table

LARGE = "large-inference"


def fleet(*nodes: dict[str, Any], catalogue: Any = CATALOGUE, **more: Any) -> Fleet:
    return fleet_of(looked_at(nodes, **more), desired(), catalogue)


def ask(found: Fleet, device_class: str | DeviceClass = LARGE, count: int = 1, **more: Any) -> Resolution:
    classes = dict(CLASSES)
    if isinstance(device_class, DeviceClass):
        classes["own"] = device_class
        device_class = "own"
    return resolve(DeviceRequest(name="chat", device_class=device_class, count=count, **more), classes, found)


def groups(found: Resolution) -> list[str]:
    return [choice.group for choice in found.choices]


def test_request_names_resource_flavor_toleration_profile_and_quota_with_zeros_for_the_others() -> None:
    found = ask(fleet(h100(taints=[TAINT]), mi300()), count=4, replicas=2, prefer=("nvidia",))
    first = found.choices[0]
    toleration = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    selector = {f"{GFD}.product": "NVIDIA-H100-80GB-HBM3"}
    assert (first.resource, first.flavor, first.nodes, first.fits_now) == (GFD, "nvidia-h100-80gb-hbm3", ("h100-0",), 2)
    assert (first.tolerations, first.node_selector) == ((toleration,), selector)
    assert first.profile["scheduling"] == {"type": "Node", "node": {"nodeSelector": selector, "tolerations": [toleration]}}
    assert first.profile["identifiers"][0] | {"minCount": 4, "maxCount": 4} == first.profile["identifiers"][0]
    assert first.quota == {
        "requests.amd.com/gpu": 0,
        "requests.gpu.intel.com/i915": 0,
        "requests.gpu.intel.com/xe": 0,
        "requests.habana.ai/gaudi": 0,
        "requests.nvidia.com/gpu": 8,
        "requests.nvidia.com/gpu.shared": 0,
    }
    assert [choice.resource for choice in found.choices] == [GFD, "amd.com/gpu"]


@pytest.mark.parametrize(
    ("memory_gib", "tolerance", "fits"),
    [(80, 3, True), (80, 0, False), (81559 / 1024, 0, True), (81559 / 1024 + 0.01, 0, False), (79, 0, True), (83, 3, False)],
)
def test_card_sold_as_80_gb_fits_within_the_tolerance_of_its_class_alone(memory_gib: float, tolerance: float, fits: bool) -> None:
    found = ask(fleet(h100()), DeviceClass(memory_gib=memory_gib, memory_tolerance_percent=tolerance))
    assert bool(found.choices) is fits
    assert bool(found.refused) is not fits


@pytest.mark.parametrize(("count", "fits"), [(8, True), (9, False)])
def test_devices_of_one_pod_have_to_be_on_one_node(count: int, fits: bool) -> None:
    found = ask(fleet(h100("a"), h100("b")), count=count)
    assert bool(found.choices) is fits
    if not fits:
        assert found.nearest == "nvidia-h100-80gb-hbm3: no node has 9 devices, the most are 8"


@pytest.mark.parametrize(
    ("sharing", "expected"),
    [
        ("none", ["nvidia-h100-80gb-hbm3"]),
        ("isolated", ["nvidia-a100-sxm4-80gb-mig-3g-40gb", "nvidia-h100-80gb-hbm3"]),
        ("any", ["nvidia-a100-sxm4-80gb-mig-3g-40gb", "nvidia-l40-shared", "nvidia-h100-80gb-hbm3"]),
    ],
)
def test_class_takes_what_is_shared_no_more_than_it_allows_and_the_smallest_first(sharing: str, expected: list[str]) -> None:
    found = ask(fleet(h100(), mig(), shared_l40()), DeviceClass(memory_gib=20, sharing=sharing))
    assert groups(found) == expected


def test_shares_of_a_device_are_handed_out_one_per_pod() -> None:
    assert groups(ask(fleet(shared_l40()), "batch")) == ["nvidia-l40-shared"]
    found = ask(fleet(shared_l40()), "batch", count=2)
    assert "one per pod" in found.refused


def test_unknown_memory_is_neither_a_pass_nor_a_refusal() -> None:
    found = ask(fleet(gaudi()))
    assert not found.choices
    assert not found.refused
    assert "no label, document or table tells its memory" in found.not_evaluated


def test_known_group_serves_and_unknown_ones_are_named_beside_it() -> None:
    found = ask(fleet(gaudi(), h100()))
    assert groups(found) == ["nvidia-h100-80gb-hbm3"]
    assert found.unknown_groups == ("gaudi: no label, document or table tells its memory",)
    assert found.not_evaluated == ""


def test_refusal_goes_before_doubt_where_the_unknown_group_could_not_serve_either() -> None:
    found = ask(fleet(gaudi(), h100(count=4)), count=16)
    assert found.refused
    assert not found.not_evaluated


def test_refusal_names_what_each_group_lacks_and_the_nearest_one() -> None:
    found = ask(fleet(h100(count=4), mig()), DeviceClass(memory_gib=80), count=8)
    assert found.refused.startswith("8 devices of class own, at least 80 GiB (77.6 with its tolerance), whole devices, on one node: ")
    assert "its devices have 39.2 GiB" in found.refused
    assert found.nearest == "nvidia-h100-80gb-hbm3: no node has 8 devices, the most are 4"


def test_unhealthy_devices_are_named_where_they_are_what_lacks() -> None:
    found = ask(fleet(h100(allocatable={GFD: 7})), count=8)
    assert "the most are 7 (1 of 8 devices unhealthy)" in found.refused
    assert ask(fleet(h100(allocatable={GFD: 7})), count=7).choices


@pytest.mark.parametrize("more", [{"cordoned": True}, {"ready": "False"}, {"taints": [{"key": "x", "effect": "NoSchedule"}]}])
def test_node_that_cannot_be_used_serves_nothing(more: dict[str, Any]) -> None:
    found = ask(fleet(h100(**more)))
    assert "no node can be used" in found.refused


def test_preferred_vendors_come_first_in_their_order() -> None:
    everything = fleet(h100(), mi300(), gaudi(), catalogue=table())
    assert groups(ask(everything)) == ["nvidia-h100-80gb-hbm3", "gaudi-3", "amd-instinct-mi300x"]
    preferred = ask(everything, prefer=("amd", "gaudi"))
    assert groups(preferred) == ["amd-instinct-mi300x", "gaudi-3", "nvidia-h100-80gb-hbm3"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (DeviceClass(memory_gib=80, vendors=("amd",)), ["amd-instinct-mi300x"]),
        (DeviceClass(memory_gib=80, products=("NVIDIA-H1*",)), ["nvidia-h100-80gb-hbm3"]),
        (DeviceClass(memory_gib=80, labels={"site.example.com/fabric": "ib"}), ["nvidia-h100-80gb-hbm3"]),
    ],
)
def test_class_narrows_by_vendor_product_and_labels(wanted: DeviceClass, expected: list[str]) -> None:
    found = ask(fleet(h100(labels={"site.example.com/fabric": "ib"}), h100("other"), mi300()), wanted)
    assert groups(found) == expected
    if wanted.labels:
        assert found.choices[0].node_selector["site.example.com/fabric"] == "ib"
        assert found.choices[0].nodes == ("h100-0",)
        assert found.choices[0].flavor.startswith("nvidia-h100-80gb-hbm3-")


def test_class_that_nobody_knows_is_refused_with_those_that_are_known() -> None:
    assert ask(fleet(h100()), "larg").refused == "there is no class larg; known are batch, large-inference and slice"


def test_cluster_without_accelerators_refuses_and_unread_nodes_do_not() -> None:
    assert "no node has accelerators" in ask(fleet(node("n", {}, {}))).refused
    assert ask(Fleet(unknown="nodes is forbidden")).not_evaluated == "nodes is forbidden"


def test_devices_that_no_label_tells_apart_are_not_given_out() -> None:
    # The unlabelled node has the same resource, and a pod without a product label in its selector could land on it.
    bare, told = node("bare", {}, {"habana.ai/gaudi": 8}), gaudi("told")
    found = ask(fleet(bare, told, catalogue=table()))
    assert found.choices[0].node_selector == {"feature.node.kubernetes.io/gaudi": "true"}
    assert found.choices[0].nodes == ("told",)
    same = {"site.example.com/pool": "a"}
    shared = node("shared", {**same, f"{GFD}.product": "P", f"{GFD}.memory": "90000", f"{GFD}.replicas": "4"}, {GFD: 4})
    whole = node("whole", {f"{GFD}.product": "P", f"{GFD}.memory": "90000"}, {GFD: 4})
    refused = ask(fleet(whole, shared))
    assert "no label tells its nodes from those of nvidia-p-shared" in refused.refused


def test_pods_that_run_take_room_now_and_not_for_good() -> None:
    held = [DevicePod("ai", "a", "h100-0", {GFD: 5})]
    choice = ask(fleet(h100(), pods=held), count=2).choices[0]
    assert (choice.fits_now, choice.fits_empty) == (1, 4)
    assert ask(fleet(h100(), pods_known=False), count=2).choices[0].fits_now is None


def test_toleration_keeps_to_the_value_that_the_document_names() -> None:
    wanted = desired(taints={"nvidia.com/gpu": TaintWanted(value="present")})
    choice = ask(fleet_of(looked_at([h100(taints=[TAINT])]), wanted, CATALOGUE)).choices[0]
    assert choice.tolerations == ({"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"},)


# ---- random fleets ---------------------------------------------------------------------------------------------------


def test_random_fleets_come_to_what_trying_every_node_comes_to() -> None:
    tally = judging.judge_many(range(1, 201))
    assert tally.wrong == []
    assert min(tally.counts[word] for word in ("choices", "refused", "not_evaluated")) > 20


def test_verifier_sees_a_resolver_that_forgets_selectors(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    def careless(*given: Any) -> Resolution:
        found = resolve(*given)
        return replace(found, choices=tuple(replace(choice, node_selector={}) for choice in found.choices))

    monkeypatch.setattr(judging, "resolve", careless)
    assert judging.judge_many(range(1, 101)).wrong
