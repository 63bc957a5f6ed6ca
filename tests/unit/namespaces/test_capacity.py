# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headroom on a cluster: each account binds by its name, what nobody has counted is not known, and idle accelerators have an owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.capacity import (
    NamespaceHeadroom,
    headroom_findings,
    headroom_records,
    headrooms,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.capacity_records import KINDS, PARTS
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.ledgers import (
    CLUSTER_QUEUES,
    COHORTS,
    LOCAL_QUEUES,
    QUOTAS,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.load import LoadFold, PodLoad
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.plan import NamespacesPlan, Served, plan_namespaces
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.readings import OWNER_QUOTAS
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.showback import showback
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.fleet import fleet_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import DevicePod, Listed, PlatformSnapshot, PodUse

from tests.unit.namespaces.builders import SMALL, Json, contract
from tests.unit.platform.accelerators.support import CATALOGUE, CLASSES, desired, h100

GPU = "nvidia.com/gpu"
TEAM = "team-forecast"
QUEUE = "groundwork-readiness-retail"
FLAVOR = "nvidia-h100-80gb-hbm3"
REGION = "topology.kubernetes.io/region"


def team(count: int = 2, replicas: int = 4, **changes: Any) -> Contract:
    wanted = [{"name": "chat", "class": "large-inference", "count": count, "replicas": replicas, "prefer": ["nvidia"]}]
    return contract(SMALL, **{"accelerators": wanted, **changes})


def quota(name: str, hard: Mapping[str, str], used: Mapping[str, str], **spec: Any) -> Json:
    metadata = {"name": name, "namespace": TEAM}
    return {
        "kind": "ResourceQuota",
        "metadata": metadata,
        "spec": {"hard": dict(hard), **spec},
        "status": {"hard": dict(hard), "used": dict(used)},
    }


OWN_HARD = {f"requests.{GPU}": "8", "requests.cpu": "16", "pods": "100", "count/inferenceservices.serving.kserve.io": "0"}
OWN = quota("readiness-quota", OWN_HARD, {f"requests.{GPU}": "0", "requests.cpu": "0", "pods": "0"})


def over_several(name: str, hard: str, used: str, *namespaces: str) -> Json:
    key = f"requests.{GPU}"
    total = {"hard": {key: hard}, "used": {key: used}}
    status = {"total": total, "namespaces": [{"namespace": each} for each in namespaces]}
    return {"kind": "ClusterResourceQuota", "metadata": {"name": name}, "spec": {"quota": {"hard": {key: hard}}}, "status": status}


def queue(nominal: int = 8, reserved: int | None = 0, **spec: Any) -> Json:
    groups = [
        {"coveredResources": ["cpu", "memory"], "flavors": [{"name": "cpu", "resources": [entry("cpu", "100"), entry("memory", "500Gi")]}]},
        {"coveredResources": [GPU], "flavors": [{"name": FLAVOR, "resources": [entry(GPU, str(nominal))]}]},
    ]
    taken = {"cpu": {"cpu": "0", "memory": "0"}, FLAVOR: {GPU: str(reserved)}}
    held = [
        {"name": flavor, "resources": [{"name": name, "total": total} for name, total in amounts.items()]}
        for flavor, amounts in taken.items()
        if reserved is not None
    ]
    return {
        "kind": "ClusterQueue",
        "metadata": {"name": QUEUE},
        "spec": {"resourceGroups": groups, **spec},
        "status": {"flavorsReservation": held},
    }


def entry(name: str, nominal: str) -> Json:
    return {"name": name, "nominalQuota": nominal}


def local(**spec: Any) -> Json:
    return {"kind": "LocalQueue", "metadata": {"name": "default", "namespace": TEAM}, "spec": {"clusterQueue": QUEUE, **spec}}


def space(name: str = TEAM, selector: str = "") -> Json:
    annotations = {"openshift.io/node-selector": selector} if selector else {}
    return {"kind": "Namespace", "metadata": {"name": name, "annotations": annotations}}


CLUSTER: Mapping[str, Sequence[Json]] = {
    "namespaces": [space()],
    "nodes": [h100("a"), h100("b", labels={REGION: "eu-central"})],
    QUOTAS: [OWN],
    OWNER_QUOTAS: [over_several(QUEUE, "8", "0", TEAM)],
    CLUSTER_QUEUES: [queue()],
    LOCAL_QUEUES: [local()],
    COHORTS: [],
}


@dataclass(frozen=True)
class World:
    """A cluster with one team on it."""

    lists: Mapping[str, Sequence[Json]] = field(default_factory=lambda: CLUSTER)
    contracts: Sequence[Contract] = (team(),)
    hidden: Sequence[str] = ()
    absent: Sequence[str] = ()
    load: PodLoad = field(default_factory=PodLoad)
    use: PodUse | None = field(default_factory=PodUse)

    def with_(self, name: str, *items: Json, **changes: Any) -> World:
        return replace(self, lists={**self.lists, name: items}, **changes)

    @property
    def snapshot(self) -> PlatformSnapshot:
        listed = {name: Listed("read", tuple(items)) for name, items in self.lists.items()}
        listed |= {name: Listed("forbidden", reason=f"the account may not list {name}") for name in self.hidden}
        listed |= {name: Listed("absent") for name in self.absent}
        return PlatformSnapshot(listed, pods=self.use)

    @property
    def plan(self) -> NamespacesPlan:
        fleet = fleet_of(PlatformSnapshot({"nodes": Listed("read", tuple(self.lists["nodes"]))}, pods=self.use), desired(), CATALOGUE)
        served = Served("" if CLUSTER_QUEUES in self.absent else "v1beta2", OWNER_QUOTAS not in self.absent)
        return plan_namespaces(self.contracts, CLASSES, fleet, served)

    def found(self) -> list[NamespaceHeadroom]:
        return headrooms(self.contracts, self.plan, self.snapshot, self.load)

    def only(self) -> NamespaceHeadroom:
        (each,) = self.found()
        return each


NODES, OWN_QUOTA, OWNER_QUOTA, OWN_QUEUE = (
    "nodes",
    f"ResourceQuota {TEAM}/readiness-quota",
    f"ClusterResourceQuota {QUEUE}",
    f"ClusterQueue {QUEUE}",
)


@pytest.mark.parametrize(
    ("world", "units", "binding"),
    [
        (World(), 4, (OWN_QUOTA, OWNER_QUOTA, OWN_QUEUE)),
        (World().with_(CLUSTER_QUEUES, queue(8, 3)), 2, (OWN_QUEUE,)),
        (World().with_(CLUSTER_QUEUES, queue(stopPolicy="Hold")), 0, (f"{OWN_QUEUE} (its stopPolicy is Hold)",)),
        (World().with_(LOCAL_QUEUES, local(stopPolicy="HoldAndDrain")), 0, (f"LocalQueue {TEAM}/default (stopPolicy HoldAndDrain)",)),
        (World().with_(OWNER_QUOTAS, over_several(QUEUE, "8", "6")), 1, (OWNER_QUOTA,)),
        (
            World().with_(OWNER_QUOTAS, over_several(QUEUE, "8", "0", TEAM), over_several("site", "3", "1", TEAM, "other")),
            1,
            ("ClusterResourceQuota site",),
        ),
        (
            World().with_(OWNER_QUOTAS, over_several(QUEUE, "8", "0", TEAM), over_several("site", "0", "0", "other")),
            4,
            (OWN_QUOTA, OWNER_QUOTA, OWN_QUEUE),
        ),
        (World().with_(QUOTAS, OWN, quota("theirs", {"pods": "3"}, {"pods": "2"})), 1, (f"ResourceQuota {TEAM}/theirs",)),
        (World().with_(QUOTAS, OWN, quota("theirs", {"count/pods": "3"}, {"count/pods": "5"})), 0, (f"ResourceQuota {TEAM}/theirs",)),
        (World().with_(QUOTAS, OWN, quota("theirs", {"limits.cpu": "3"}, {"limits.cpu": "0"})), 3, (f"ResourceQuota {TEAM}/theirs",)),
        (
            World().with_(QUOTAS, OWN, quota("theirs", {"pods": "0"}, {"pods": "0"}, scopes=["Terminating"])),
            4,
            (OWN_QUOTA, OWNER_QUOTA, OWN_QUEUE),
        ),
        (
            World().with_(QUOTAS, OWN, quota("theirs", {"pods": "1"}, {"pods": "0"}, scopes=["NotBestEffort"])),
            1,
            (f"ResourceQuota {TEAM}/theirs",),
        ),
        (World(load=PodLoad(requested={"a": {GPU: 7}, "b": {"memory": 511 * 2**30 + 2**29 + 2**28}})), 1, (NODES,)),
        (World(load=PodLoad(requested={"a": {"pods": 249}, "b": {"cpu": 63900}})), 2, (NODES,)),
        (World(load=PodLoad(requested={"a": {"cpu": 99999}, "b": {GPU: 8}})), 0, (NODES,)),
        (World(load=PodLoad(requested={"a": {GPU: 2}})).with_("namespaces", space(selector=f"{REGION}=eu-west")), 0, (NODES,)),
        (World(load=PodLoad(requested={"b": {GPU: 4}})).with_("namespaces", space(selector=f"{REGION}=eu-central")), 2, (NODES,)),
        (World(load=PodLoad(unreadable={"elsewhere": "a request is no quantity"})), 4, (OWN_QUOTA, OWNER_QUOTA, OWN_QUEUE)),
    ],
)
def test_least_account_binds_by_its_name(world: World, units: int, binding: tuple[str, ...]) -> None:
    found = world.only().found
    assert (found.units, found.binding) == (units, binding), found


@pytest.mark.parametrize(
    ("world", "says"),
    [
        (World(hidden=(QUOTAS,)), "the account may not list resourcequotas"),
        (World(hidden=(OWNER_QUOTAS,)), "the account may not list clusterresourcequotas"),
        (World(hidden=(CLUSTER_QUEUES,)), "the account may not list clusterqueues"),
        (World(hidden=(COHORTS,)), "the account may not list cohorts"),
        (World(load=PodLoad(unknown="pods could not be read")), "nodes (pods could not be read)"),
        (World(load=PodLoad(unreadable={"b": "a request of pod x/y is no quantity"})), "node b: a request of pod x/y is no quantity"),
        (World().with_(CLUSTER_QUEUES, queue(8, None)), "Kueue has not counted"),
        (World().with_(CLUSTER_QUEUES), f"there is no ClusterQueue {QUEUE} yet"),
        (World().with_(QUOTAS), "it is not there yet, and the namespace is"),
        (World().with_(OWNER_QUOTAS), "it is not there yet, and the namespace is"),
        (World().with_(QUOTAS, quota("readiness-quota", OWN_HARD, {"pods": "0"})), "is not counted yet"),
        (World().with_(QUOTAS, {**OWN, "status": {**OWN["status"], "hard": {**OWN_HARD, "pods": "99"}}}), "pods is not counted yet"),
        (
            World().with_(
                QUOTAS,
                OWN,
                quota("theirs", {"pods": "0"}, {"pods": "0"}, scopeSelector={"matchExpressions": [{"scopeName": "PriorityClass"}]}),
            ),
            "which pods it is for depends on their priority",
        ),
        (World().with_("namespaces", space(selector="region in (a, b)")), "the node selector of team-forecast cannot be read"),
    ],
)
def test_what_nobody_has_counted_is_not_known(world: World, says: str) -> None:
    found = world.only()
    assert found.found.units is None
    assert says in found.words
    (finding,) = headroom_findings([found])
    assert (finding.result, finding.part) == ("not_evaluated", TEAM)
    assert says in finding.message
    (record,) = headroom_records([found])
    assert "units" not in record
    assert says in record["unknown"]["units"]


def test_account_that_allows_none_settles_it_whatever_nobody_knows() -> None:
    found = World(hidden=(CLUSTER_QUEUES,)).with_(OWNER_QUOTAS, over_several(QUEUE, "8", "8", TEAM)).only().found
    assert (found.units, found.binding) == (0, (OWNER_QUOTA,))


def test_kinds_that_the_cluster_does_not_serve_are_left_out_and_said() -> None:
    found = World(absent=(OWNER_QUOTAS, CLUSTER_QUEUES, LOCAL_QUEUES, COHORTS)).only()
    assert (found.found.units, found.found.binding) == (4, (OWN_QUOTA,))
    assert found.left_out == ("ClusterResourceQuota", "ClusterQueue")
    assert found.words.endswith("; without ClusterResourceQuota and ClusterQueue, which the cluster does not serve")


def test_namespace_that_is_not_there_is_judged_by_what_is_planned_for_it() -> None:
    world = World(lists={**CLUSTER, "namespaces": [], QUOTAS: [], OWNER_QUOTAS: [], CLUSTER_QUEUES: [], LOCAL_QUEUES: []})
    found = world.only().found
    assert found.units == 4
    assert found.binding == (f"{OWN_QUOTA} (planned)", f"{OWNER_QUOTA} (planned)", OWN_QUEUE)


@pytest.mark.parametrize(
    ("used", "taken", "result"),
    [(0, 0, "pass"), (0, 8, "fail"), (2, 8, "pass"), (None, 8, "not_evaluated")],
)
def test_grant_without_headroom_is_a_warning_while_nothing_of_it_is_used(used: int | None, taken: int, result: str) -> None:
    pods = () if not used else (DevicePod(TEAM, "chat-0", "a", {GPU: used}), DevicePod("others", "x", "b", {GPU: 1}))
    use = None if used is None else PodUse(device_pods=pods)
    (finding,) = headroom_findings(World(use=use).with_(OWNER_QUOTAS, over_several(QUEUE, "8", str(taken), TEAM)).found())
    assert (finding.result, finding.severity) == (result, "warning")
    if result == "fail":
        assert OWNER_QUOTA in finding.message
        assert [(each.object, each.observed) for each in finding.evidence] == [(OWNER_QUOTA, "0")]


def test_grant_that_comes_to_nothing_is_not_asked_about_and_one_that_may_is_not_evaluated() -> None:
    far = World(contracts=(team(count=64),))
    (finding,) = headroom_findings(far.found())
    assert finding.result == "not_applicable"
    assert "64 devices" in finding.message
    assert {"units", "resource", "used"} <= set(headroom_records(far.found())[0]["unknown"])


def test_records_name_nothing_that_the_schema_does_not() -> None:
    world = World(use=PodUse(device_pods=(DevicePod(TEAM, "chat-0", "a", {GPU: 2}),)))
    records = [*headroom_records(world.found()), *showback(world.contracts, world.plan, world.snapshot)]
    assert [record["kind"] for record in records] == ["headroom", "owner"]
    for record in records:
        assert set(record) - {"kind"} <= {each.name for each in fields(KINDS[record["kind"]])}
    for share in records[1]["shares"]:
        assert set(share) == {each.name for each in fields(PARTS["shares"])}
    headroom = records[0]
    assert headroom["id"] == "team-forecast/chat"
    assert headroom["asks"] == {"cpu": "100m", "memory": "256Mi", GPU: "2"}
    assert (headroom["granted"], headroom["used"], headroom["units"]) == (8, 2, 4)


# ---- who has what ----------------------------------------------------------------------------------------------------


def test_idle_accelerators_are_shown_by_owner_and_namespace() -> None:
    other = {"name": "service", "group": "service-owners", "cost_centre": "cc-9"}
    contracts = (team(1, 2), team(1, 3, namespace="team-b"), team(1, 1, namespace="team-c", owner=other))
    pods = (DevicePod(TEAM, "a", "a", {GPU: 1}), DevicePod("team-b", "b", "a", {GPU: 4}), DevicePod("elsewhere", "c", "b", {GPU: 3}))
    world = World(contracts=contracts, use=PodUse(device_pods=pods))
    retail, service = sorted(showback(contracts, world.plan, world.snapshot), key=lambda record: str(record["id"]))
    assert (retail["id"], retail["cost_centre"], retail["namespaces"]) == ("retail", "cc-4711", ["team-b", TEAM])
    assert (retail["granted"], retail["used"], retail["idle"]) == ({GPU: 5}, {GPU: 5}, {GPU: 1})
    assert retail["shares"][0] == {"namespace": "team-b", "granted": {GPU: 3}, "used": {GPU: 4}, "idle": {GPU: 0}}
    assert (service["granted"], service["used"], service["idle"]) == ({GPU: 1}, {}, {GPU: 1})


def test_showback_leaves_unknown_what_nobody_knows() -> None:
    blind = World(use=None)
    (record,) = showback(blind.contracts, blind.plan, blind.snapshot)
    assert record["granted"] == {GPU: 8}
    assert set(record["unknown"]) == {"used", "idle"}
    far = World(contracts=(team(count=64),))
    (record,) = showback(far.contracts, far.plan, far.snapshot)
    assert set(record["unknown"]) == {"granted", "idle"}
    assert "team-forecast" in record["unknown"]["granted"]


# ---- what pods ask for -----------------------------------------------------------------------------------------------


def pod(name: str, where: str = "", phase: str = "Running", cpu: str = "500m", **spec: Any) -> Json:
    containers = [{"name": "a", "resources": {"requests": {"cpu": cpu, GPU: "1"}}}]
    status = {"phase": phase}
    return {"metadata": {"name": name, "namespace": TEAM}, "spec": {"containers": containers, "nodeName": where, **spec}, "status": status}


def folded(*pods: Json) -> LoadFold:
    fold = LoadFold()
    fold.begin()
    for each in pods:
        fold.add(each)
    return fold


def test_pods_on_nodes_are_added_up_and_those_that_ended_or_wait_are_not() -> None:
    fold = folded(
        pod("a", "n1"), pod("b", "n1", "Pending"), pod("c", "n1", "Succeeded"), pod("d", "n1", "Failed"), pod("e"), pod("f", "n2")
    )
    fold.finish()
    assert fold.load.requested == {"n1": {"pods": 2, "cpu": 1000, GPU: 2}, "n2": {"pods": 1, "cpu": 500, GPU: 1}}
    assert fold.load.nodes == {TEAM: {"n1": 2, "n2": 1}}
    assert fold.load.unknown == ""


def test_list_that_broke_off_is_not_known_and_begins_anew() -> None:
    fold = folded(pod("a", "n1"))
    assert fold.load.unknown == "the list of pods was not read in full"
    fold.begin()
    fold.add(pod("a", "n1"))
    fold.finish()
    assert fold.load.requested["n1"]["pods"] == 1
    fold.begin()
    assert fold.load.unknown == "the list of pods was not read in full"


def test_request_that_is_no_quantity_leaves_its_node_unknown_and_pods_on_the_network_of_nodes_are_named() -> None:
    fold = folded(pod("a", "n1", cpu="much"), pod("b", "n2", hostNetwork=True), pod("waits", hostNetwork=True))
    fold.finish()
    assert fold.load.unreadable == {"n1": "a request of pod team-forecast/a is no quantity"}
    assert fold.load.on_host_network == {TEAM: ("b", "waits")}
