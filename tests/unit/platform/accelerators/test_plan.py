# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part as a whole: findings with known checks, records of known form, and the same plan for the same look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.check_list import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.fleet import fleet_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import PoolForecast
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.node_labels import held_nodes
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.plan import plan_accelerators
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.records import forecast_record
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.resolve import resolve
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import LAYERS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import (
    DeviceClass,
    DeviceRequest,
    PlatformDesired,
    PoolWanted,
    TaintWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import PartPlan
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.schema import FORMS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import DevicePod

from .support import CLASSES, GFD, TAINT, context, desired, failed, gaudi, h100, looked_at, mi300, mig, node, planned, shared_l40

POOLS = (
    PoolWanted(name="h100", nodes={f"{GFD}.product": "NVIDIA-H100-80GB-HBM3"}, vendor="nvidia"),
    PoolWanted(name="mi300", nodes={"feature.node.kubernetes.io/amd-gpu": "true"}, vendor="amd"),
    PoolWanted(name="gaudi", nodes={"feature.node.kubernetes.io/gaudi": "true"}, vendor="gaudi"),
)
AMD_ONLY = DeviceClass(memory_gib=80, vendors=("amd",))
REQUESTS = (
    DeviceRequest(name="chat", device_class="large-inference", count=4, replicas=3),
    DeviceRequest(name="monster", device_class="large-inference", count=64),
    DeviceRequest(name="unknown", device_class="nothing"),
)


def whole() -> PartPlan:
    nodes = [h100(taints=[TAINT], allocatable={GFD: 7}), mi300(), gaudi(), mig(), shared_l40()]
    held = [DevicePod("ai", "a", "h100-0", {GFD: 2})]
    return planned(desired(*POOLS, requests=REQUESTS, taints={"nvidia.com/gpu": TaintWanted()}), looked_at(nodes, pods=held))


def test_every_finding_is_of_a_check_that_is_listed() -> None:
    known = {check.id for check in CHECKS}
    assert len(known) == len(CHECKS)
    plan = whole()
    assert {found.check for found in plan.findings} <= known
    assert {found.part for found in plan.findings} == {"accelerators"}
    assert {found.layer for found in plan.findings} <= set(LAYERS)
    assert len({found.id for found in plan.findings}) == len(plan.findings)


def test_document_without_accelerators_wants_nothing() -> None:
    assert planned(PlatformDesired(schema_version="1.0"), looked_at([h100()])) == PartPlan()


def test_request_that_cannot_be_served_fails_and_one_without_room_for_all_replicas_warns() -> None:
    plan = whole()
    assert {found.subject for found in failed(plan, "request.possible")} == {"request monster", "request unknown"}
    (short,) = failed(plan, "request.replicas")
    assert (short.subject, short.severity) == ("request chat", "warning")
    assert "more than 2 fit" in short.message


def test_request_for_pools_whose_operators_have_yet_to_come_is_not_refused() -> None:
    bare = node("h100-0", {"feature.node.kubernetes.io/pci-10de.present": "true", "gpu": "h100"}, {})
    pool = PoolWanted(name="h100", nodes={"gpu": "h100"}, vendor="nvidia")
    plan = planned(desired(pool, requests=REQUESTS[:1]), looked_at([bare]))
    (found,) = [each for each in plan.findings if each.check.endswith("possible")]
    assert (found.result, found.message.rpartition("; ")[2]) == ("not_evaluated", "pools that have no devices yet: h100")
    amd = planned(desired(pool, requests=(DeviceRequest(name="r", device_class="amd"),), classes={"amd": AMD_ONLY}), looked_at([bare]))
    assert failed(amd, "request.possible")


def test_unhealthy_devices_and_unknown_memory_are_named() -> None:
    plan = whole()
    assert [found.message for found in failed(plan, "devices.healthy")] == ["h100-0: 1 of 8 devices unhealthy"]
    unknown = [found for found in plan.findings if found.check.endswith("devices.known") and found.result == "not_evaluated"]
    assert [found.subject for found in unknown] == ["devices gaudi"]


def test_records_have_the_form_of_the_artifact() -> None:
    records = whole().records
    assert {record["kind"] for record in records} == {"accelerator_group", "request"}
    assert len({(record["kind"], record["id"]) for record in records}) == len(records)
    for record in [*records, forecast_record(PoolForecast("worker", ("a",), ("x",), False, ("ai/p",)))]:
        known = set(FORMS.kinds[record["kind"]].__dataclass_fields__) | {"kind"}
        assert set(record) <= known, record["kind"]
    chat = next(record for record in records if record["id"] == "chat")
    assert (chat["state"], chat["memory_gib"], chat["sharing"]) == ("ready", 80, "none")
    first = next(choice for choice in chat["choices"] if choice["resource"] == GFD)
    assert (first["tolerations"], first["nodes"], first["fits_now"]) == (["nvidia.com/gpu:NoSchedule"], ["h100-0"], 1)
    assert first["quota_keys"]["requests.nvidia.com/gpu"] == 12
    states = {record["id"]: record["state"] for record in records if record["kind"] == "request"}
    assert states == {"chat": "ready", "monster": "missing", "unknown": "missing"}


def test_what_is_not_known_is_left_out_of_a_record_with_the_reason() -> None:
    (record,) = planned(desired(), looked_at([gaudi()], pods_known=False)).records
    assert not {"memory_gib", "requested"} & set(record)
    assert set(record["unknown"]) == {"memory_gib", "requested"}
    assert record["capacity"] == 8


def test_forecast_that_is_not_known_is_a_record_with_the_reason() -> None:
    assert forecast_record(PoolForecast("", (), ("MachineConfig m",), unknown="no right"))["unknown"] == {"nodes": "no right"}


def test_same_look_gives_the_same_plan_whatever_the_order_of_nodes() -> None:
    nodes = [h100("b"), h100("a", taints=[TAINT]), mi300(), gaudi()]

    def plan(order: list[dict[str, Any]]) -> PartPlan:
        return planned(desired(*POOLS, requests=REQUESTS), looked_at(order))

    first, second = plan(nodes), plan(nodes[::-1])
    assert first.records == second.records
    assert sorted(found.id for found in first.findings) == sorted(found.id for found in second.findings)
    assert [wanted.object for wanted in first.objects] == [wanted.object for wanted in second.objects]


def test_context_with_a_fleet_of_its_own_is_not_read_again() -> None:
    wanted = desired(*POOLS, requests=REQUESTS)
    given = context(wanted, looked_at([h100()]))
    fleet = fleet_of(looked_at([mi300()]), wanted, given.catalogue)
    resolved = {request.name: resolve(request, CLASSES, fleet) for request in REQUESTS}
    records = plan_accelerators(replace(given, fleet=fleet, resolved=resolved)).records
    assert {record["id"] for record in records if record["kind"] == "accelerator_group"} == {"amd-instinct-mi300x"}


def test_a_node_of_a_pool_that_gives_no_device_fails_while_others_do() -> None:
    dead = h100("h100-1", 0)
    (found,) = failed(planned(desired(*POOLS), looked_at([h100(), dead])), "pool.devices")
    assert (found.subject, found.severity) == ("pool h100", "critical")
    assert found.message == "h100-1 without any device of nvidia that pods could get"
    assert not failed(planned(desired(*POOLS), looked_at([h100(), h100("h100-1")])), "pool.devices")
    assert not failed(planned(desired(*POOLS), looked_at([dead])), "pool.devices")


def test_settings_of_a_node_feature_discovery_of_others_are_named_before_they_are_replaced() -> None:
    resource = "nodefeaturediscoveries.nfd.openshift.io"
    theirs = {
        "apiVersion": "nfd.openshift.io/v1",
        "kind": "NodeFeatureDiscovery",
        "metadata": {"name": "nfd-instance", "namespace": "openshift-nfd"},
        "spec": {"workerConfig": {"configData": "sources:\n  custom:\n    - name: site\n"}},
    }
    (found,) = failed(planned(desired(*POOLS), looked_at([h100()], {resource: [theirs]})), "nfd.settings")
    assert (found.severity, found.refuses) == ("warning", False)
    assert found.evidence[0].observed == "sources:; custom:; - name: site"
    ours = {**theirs, "metadata": {**theirs["metadata"], "labels": {"readiness.groundwork.io/stage": "platform-accelerators"}}}
    assert not failed(planned(desired(*POOLS), looked_at([h100()], {resource: [ours]})), "nfd.settings")


def test_nodes_whose_devices_pods_hold_keep_labels_that_are_wanted_no_more() -> None:
    pods = [DevicePod("ai", "a", "h100-0", {GFD: 2}), DevicePod("ai", "b", "h100-1", {"cpu": 2})]
    look = looked_at([h100(), h100("h100-1")], pods=pods)
    held = held_nodes(look)
    assert [(key.text, why) for key, why in held.items()] == [("Node h100-0", "ai/a would lose the devices")]
    assert planned(desired(*POOLS), look).held == held


def test_nobody_can_say_what_is_wanted_no_more_while_the_devices_of_partitioned_nodes_are_not_known() -> None:
    pool = replace(POOLS[1], mode="partition", partition_profile="cpx_nps4")
    assert planned(desired(pool), looked_at([mi300()])).incomplete == ""
    rebooting = node("mi300-1", {"feature.node.kubernetes.io/amd-gpu": "true"}, {})
    assert "mi300 have is not known" in planned(desired(pool), looked_at([mi300(), rebooting])).incomplete
