# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headroom against a real API server, its quota admission and the real scheduler: as many pods run as it said, and what it named binds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.reader import connect
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.reader import read_snapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.capacity import (
    NamespaceHeadroom,
    headroom_findings,
    headrooms,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.headroom import NODES
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.load import LoadFold, PodLoad
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.plan import NamespacesPlan, Served, plan_namespaces
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.readings import RESOURCES
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.terms import QUOTA
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.fleet import fleet_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Choice
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import DeviceClass, PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import PlatformSnapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.target.objects import base_units

from tests.counterparts.cluster import Cluster, cluster, node, wait_until
from tests.integration.test_accelerators_scheduler import GPU, H100
from tests.unit.adapters.cluster.conftest import libraries_missing
from tests.unit.namespaces.builders import SMALL, contract
from tests.unit.platform.accelerators.support import CATALOGUE

Json = dict[str, Any]
FLEETS = 20
NOISE = "others"
HEAVY = {"cpu": "250m", "memory": "96Mi"}
"""What the runtime of some pods takes on top."""

REFUSED = 403
UNREACHABLE = "registry.unreachable.example.com/app:1"
LIMIT = 60
"""No fleet takes more pods than that."""

SAFE = {
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
}


# ---- what there is ---------------------------------------------------------------------------------------------------


def fleet_name(number: int) -> str:
    return f"fleet-{number}"


def team_name(number: int) -> str:
    return f"team-{number}"


def nodes_of(number: int, rng: Random) -> list[Json]:
    """Some nodes, among them one that is cordoned, tainted, sick or without devices now and then."""
    found = []
    for place in range(rng.randrange(2, 5)):
        devices = rng.randrange(1, 9)
        healthy = max(0, devices - rng.choice((0, 0, 0, 1)))
        taints = [{"key": GPU, "value": "present", "effect": "NoSchedule"}] if rng.random() < 0.3 else []
        taints += [{"key": "example.com/maintenance", "effect": "NoSchedule"}] if rng.random() < 0.1 else []
        made = node(
            f"{fleet_name(number)}-{place}",
            labels={**H100, "fleet": fleet_name(number)},
            capacity={
                "cpu": str(rng.randrange(3, 17)),
                "memory": f"{rng.randrange(8, 65)}Gi",
                "pods": str(rng.randrange(4, 11)),
                "ephemeral-storage": "100Gi",
                GPU: str(devices),
            },
            allocatable={"cpu": f"{rng.randrange(2500, 3000)}m", GPU: str(healthy)} if rng.random() < 0.4 else {GPU: str(healthy)},
            taints=taints,
        )
        if place and rng.random() < 0.15:
            made["spec"]["unschedulable"] = True
        found.append(made)
    return found


def container(name: str, image: str = "registry.example.com/app:1", **resources: Mapping[str, str]) -> Json:
    return {"name": name, "image": image, "resources": dict(resources), "securityContext": SAFE}


def asking(rng: Random, devices: int = 0) -> Mapping[str, str]:
    cpu, memory = rng.randrange(1, 1500), rng.randrange(1, 4096)
    return {"cpu": f"{cpu}m", "memory": f"{memory}Mi", **({GPU: str(devices)} if devices else {})}


def forms_of_others(rng: Random) -> dict[str, Json]:
    """Pods in every form that the scheduler counts in a way of its own: containers, and what else the pod says."""
    small, large = asking(rng), {"cpu": "1700m", "memory": "3Gi"}
    devices = asking(rng, 1)
    beside = {**container("beside", requests={"cpu": "300m", "memory": "700Mi"}), "restartPolicy": "Always"}
    first = [container("one", requests={"cpu": "1100m"}), beside, container("two", requests={"cpu": "1200m", "memory": "2Gi"})]
    bare, weak = [container("a")], [container("a", requests={"cpu": "100m"})]
    return {
        "two": {"containers": [container("a", requests=asking(rng)), container("b", requests=asking(rng))]},
        "init": {"containers": [container("a", requests=small)], "initContainers": [container("first", requests=large)]},
        "sidecar": {"containers": [container("a", requests=small)], "initContainers": first},
        "heavy": {"containers": [container("a", requests=small)], "runtimeClassName": "heavy"},
        "device": {"containers": [container("a", requests=devices, limits={GPU: devices[GPU]})]},
        "whole": {"containers": weak, "resources": {"requests": {"cpu": "900m", "memory": "1500Mi"}}},
        "limited": {"containers": [*weak, container("b")], "resources": {"limits": {"memory": "1Gi"}}},
        "both": {"containers": weak, "resources": {"requests": {"cpu": "1900m"}}, "runtimeClassName": "heavy", "initContainers": first},
        "pulling": {"containers": [container("a", UNREACHABLE, requests=asking(rng))]},
        "bare": {"containers": bare},
        "fine": {"containers": [container("a", requests={"cpu": "333m", "memory": "123456789", "ephemeral-storage": "1.5Gi"})]},
        "ended": {"containers": [container("a", requests={"cpu": "2", "memory": "6Gi"})]},
    }


FORMS = sorted(forms_of_others(Random(0)))


def other_pod(form: str, name: str, where: str, rng: Random) -> Json:
    """A pod of others that is on a node already."""
    metadata = {"name": f"{form}-{name}", "namespace": NOISE}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"nodeName": where, **forms_of_others(rng)[form]}}


def others_on(name: str, rng: Random) -> list[Json]:
    return [other_pod(rng.choice(FORMS), f"{name}-{number}", name, rng) for number in range(rng.randrange(5))]


def contract_of(number: int, rng: Random) -> Contract:
    """A contract whose quota may bind before the nodes do, or after them."""
    cpu, memory = rng.randrange(1, 13) / 4, rng.randrange(1, 17) / 4
    return contract(
        SMALL,
        namespace=team_name(number),
        owner={"name": f"owner-{number}", "group": f"owners-{number}", "cost_centre": f"cc-{number}"},
        accelerators=[
            {"name": "work", "class": fleet_name(number), "count": rng.choice((1, 1, 1, 2, 3)), "replicas": rng.randrange(1, 16)}
        ],
        quota={"cpu": rng.randrange(4, 41), "memory_gib": rng.randrange(8, 129), "pods": rng.randrange(3, 31), "models": 2},
        containers={"cpu_request": cpu, "cpu_limit": cpu * 2, "memory_request_gib": memory, "memory_limit_gib": memory * 1.5},
    )


def other_quotas(number: int, rng: Random) -> list[Json]:
    """Quotas of somebody else's: some bind, and some are for other pods."""
    forms: list[Json] = [
        {"hard": {"limits.cpu": str(rng.randrange(2, 16))}},
        {"hard": {"count/pods": str(rng.randrange(1, 6))}},
        {"hard": {"requests.storage": "0"}},
        {"hard": {"pods": "0"}, "scopes": ["Terminating"]},
        {"hard": {"pods": "0"}, "scopes": ["BestEffort"]},
        {"hard": {"requests.memory": f"{rng.randrange(3, 16)}Gi"}, "scopes": ["NotTerminating"]},
    ]
    return [
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": f"other-{place}", "namespace": team_name(number)}, "spec": spec}
        for place, spec in enumerate(rng.sample(forms, rng.randrange(4)))
    ]


@dataclass(frozen=True)
class Bed:
    """A cluster with all fleets, their teams, and what runs already."""

    cluster: Cluster
    contracts: Sequence[Contract]
    plan: NamespacesPlan
    before: Mapping[str, NamespaceHeadroom]


CLASSES = {fleet_name(number): DeviceClass(memory_gib=80, labels={"fleet": fleet_name(number)}) for number in range(FLEETS)}


def look(running: Cluster) -> tuple[PlatformSnapshot, PodLoad]:
    """One look at the cluster, as the stage takes it."""
    fold = LoadFold()
    options = {"host": running.url, "api_key": running.admin_token, "ca_cert": str(running.ca_path)}
    with connect(ClusterSettings(options)) as connection:
        snapshot = read_snapshot(connection, RESOURCES, takers=(fold,))
    return snapshot, fold.load


def planned(contracts: Sequence[Contract], snapshot: PlatformSnapshot) -> NamespacesPlan:
    return plan_namespaces(contracts, CLASSES, fleet_of(snapshot, PlatformDesired(schema_version="1.0"), CATALOGUE), Served())


def by_namespace(found: Sequence[NamespaceHeadroom]) -> dict[str, NamespaceHeadroom]:
    return {each.namespace: each for each in found}


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    rngs = [Random(f"headroom {number}") for number in range(FLEETS)]
    nodes = [made for number, rng in enumerate(rngs) for made in nodes_of(number, rng)]
    contracts = [contract_of(number, rng) for number, rng in enumerate(rngs)]
    with cluster(name="headroom") as running:
        running.client.create(nodes)
        wait_until("the nodes are ready", partial(are_ready, running))
        heavy = {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "heavy"}, "handler": "heavy"}
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NOISE}}
        running.client.create([{**heavy, "overhead": {"podFixed": HEAVY}}, space])
        snapshot, load = look(running)
        plan = planned(contracts, snapshot)
        before = by_namespace(headrooms(contracts, plan, snapshot, load))
        running.apply([each.object for each in plan.objects if each.object["kind"] in ("Namespace", "ResourceQuota", "LimitRange")])
        running.client.create([item for number, rng in enumerate(rngs) for item in other_quotas(number, rng)])
        wait_until("quotas are counted", partial(are_counted, running))
        wait_until("pods may be made", partial(have_accounts, running, [NOISE, *map(team_name, range(FLEETS))]))
        pods = [item for made, rng in zip(nodes, _each_node(rngs, nodes), strict=True) for item in others_on(made["metadata"]["name"], rng)]
        running.client.create(pods)
        running.client.create([own_pod(number, rng) for number, rng in enumerate(rngs) if rng.random() < 0.4])
        end(running, [item["metadata"]["name"] for item in pods if item["metadata"]["name"].startswith("ended-")])
        yield Bed(running, contracts, plan, before)


def _each_node(rngs: Sequence[Random], nodes: Sequence[Json]) -> list[Random]:
    return [rngs[int(made["metadata"]["labels"]["fleet"].removeprefix("fleet-"))] for made in nodes]


def own_pod(number: int, rng: Random) -> Json:
    """A pod of the team itself: it takes of its quota, and on a node."""
    amounts = {"cpu": f"{rng.randrange(100, 1200)}m", "memory": f"{rng.randrange(64, 2048)}Mi"}
    spec = {"nodeName": f"{fleet_name(number)}-0", "containers": [container("main", requests=amounts, limits=amounts)]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "own", "namespace": team_name(number)}, "spec": spec}


def are_ready(running: Cluster) -> bool:
    found = running.client.get("/api/v1/nodes")["items"]
    return not any(taint["key"] == "node.kubernetes.io/not-ready" for each in found for taint in each["spec"].get("taints", ()))


def are_counted(running: Cluster) -> bool:
    """Whether the controller has counted all that concerns pods."""
    return all(
        key in (item.get("status") or {}).get("used", {})
        for item in running.client.get("/api/v1/resourcequotas")["items"]
        for key in item["spec"]["hard"]
        if not key.startswith("count/inference") and not key.startswith("count/llm")
    )


def have_accounts(running: Cluster, names: Sequence[str]) -> bool:
    return all(running.request("GET", f"/api/v1/namespaces/{name}/serviceaccounts/default").status == 200 for name in names)


def end(running: Cluster, names: Sequence[str]) -> None:
    """Lets pods end: what they asked for is free again."""
    for name in names:
        path = f"/api/v1/namespaces/{NOISE}/pods/{name}"
        wait_until(f"{name} runs", partial(is_running, running, path))
        status = {"status": {"phase": "Succeeded"}}
        running.request("PATCH", f"{path}/status", status, "application/merge-patch+json").checked()


def is_running(running: Cluster, path: str) -> bool:
    return running.client.get(path)["status"].get("phase") == "Running"


# ---- filling ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filled:
    """How many pods ran, and what refused the next one."""

    pods: int
    by: str
    """the quota as the server names it, or NODES for the scheduler"""


def work(namespace: str, name: str, choice: Choice) -> Json:
    """A pod of the grant: its devices, and nothing else."""
    resources = {"limits": {choice.resource: str(choice.count)}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "containers": [{"name": "main", "image": "registry.example.com/app:1", "resources": resources, "securityContext": SAFE}],
            "nodeSelector": dict(choice.node_selector),
            "tolerations": [dict(each) for each in choice.tolerations],
        },
    }


def fill(running: Cluster, namespace: str, choice: Choice) -> Filled:
    """Makes pods one after the other until quota or scheduler refuses."""
    for number in range(LIMIT):
        answer = running.request("POST", f"/api/v1/namespaces/{namespace}/pods", work(namespace, f"work-{number}", choice))
        if answer.status == REFUSED:
            assert "exceeded quota: " in answer.message, answer.message
            return Filled(number, f"ResourceQuota {namespace}/{answer.message.partition('exceeded quota: ')[2].partition(',')[0]}")
        answer.checked()
        fates: list[str] = []
        wait_until("the pod has a node or cannot", partial(_has_fate, running, f"/api/v1/namespaces/{namespace}/pods/work-{number}", fates))
        if fates[-1] == "Unschedulable":
            return Filled(number, NODES)
    raise AssertionError(f"{namespace} takes more than {LIMIT} pods")


def _has_fate(running: Cluster, path: str, fates: list[str]) -> bool:
    found = running.client.get(path)
    conditions = found["status"].get("conditions", ())
    refused = [each["reason"] for each in conditions if each["type"] == "PodScheduled" and each["status"] == "False"]
    fates.append(found["spec"].get("nodeName") or "".join(refused))
    return bool(fates[-1])


def test_as_many_pods_run_as_headroom_said_on_twenty_random_fleets_and_what_it_named_binds(bed: Bed) -> None:
    snapshot, load = look(bed.cluster)
    plan = planned(bed.contracts, snapshot)
    said = by_namespace(headrooms(bed.contracts, plan, snapshot, load))
    assert len(said) == FLEETS
    served = {name: each for name, each in said.items() if each.grant.choice is not None}
    with ThreadPoolExecutor(4) as threads:
        filled = dict(
            zip(served, threads.map(lambda each: fill(bed.cluster, each.namespace, each.grant.choice), served.values()), strict=True)
        )
    wrong = {name: (filled[name], each.found) for name, each in served.items() if filled[name].pods != each.found.units}
    assert wrong == {}
    unnamed = {name: (filled[name], each.found) for name, each in served.items() if filled[name].by not in each.found.binding}
    assert unnamed == {}
    kinds = Counter("nodes" if each.by == NODES else "own" if each.by.endswith(QUOTA) else "other" for each in filled.values())
    assert set(kinds) == {"nodes", "own", "other"}, kinds
    assert len(served) >= FLEETS - 3, said
    assert sum(each.pods for each in filled.values()) > FLEETS, filled
    again = headrooms(bed.contracts, plan, *look(bed.cluster))
    assert {each.found.units for each in again if each.namespace in served} == {0}
    assert {each.result for each in headroom_findings(again)} <= {"pass", "fail", "not_applicable"}


def test_namespaces_that_were_not_there_were_judged_by_the_quotas_that_were_planned(bed: Bed) -> None:
    for each in bed.before.values():
        if each.grant.choice is not None:
            assert each.found.units is not None
            assert f"ResourceQuota {each.namespace}/{QUOTA} (planned)" in each.found.allowed
            assert each.left_out == ("ClusterResourceQuota", "ClusterQueue")


# ---- to the last thousandth of a CPU ---------------------------------------------------------------------------------


def left_on(item: Json, load: PodLoad) -> dict[str, int]:
    """What is left on a node: millicores, and bytes."""
    name, has = item["metadata"]["name"], item["status"]["allocatable"]
    whole = {"cpu": base_units("cpu", has["cpu"]), "memory": base_units("memory", has["memory"])}
    return {key: (whole[key] or 0) - load.requested.get(name, {}).get(key, 0) for key in whole}


def probe(form: str, which: str, cpu: int, memory: int) -> Json:
    """A pod that asks for so much of that form's node."""
    amounts = {"cpu": f"{cpu}m", "memory": str(memory)}
    spec = {"nodeSelector": {"probe": form}, "containers": [container("main", requests=amounts)]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"probe-{form}-{which}", "namespace": NOISE}, "spec": spec}


def test_what_is_left_beside_a_pod_of_any_form_is_what_the_scheduler_gives_and_no_more(bed: Bed) -> None:
    running, rng = bed.cluster, Random("forms")
    places = {form: f"probe-{form}" for form in FORMS}
    running.client.create([node(name, cpu="7", memory="20Gi", labels={"probe": form}) for form, name in places.items()])
    wait_until("the nodes are ready", partial(are_ready, running))
    running.client.create([other_pod(form, "probed", name, rng) for form, name in places.items()])
    end(running, ["ended-probed"])
    snapshot, load = look(running)
    left = {
        form: left_on(next(item for item in snapshot.all("nodes") if item["metadata"]["name"] == name), load)
        for form, name in places.items()
    }
    assert left["ended"] == left["bare"] == {"cpu": 7000, "memory": 20 * 2**30}
    for form, amounts in left.items():
        cpu, memory = amounts["cpu"], amounts["memory"]
        tries = {
            "cpu": probe(form, "cpu", cpu + 1, memory),
            "memory": probe(form, "memory", cpu, memory + 1),
            "fits": probe(form, "fits", cpu, memory),
        }
        for which, manifest in tries.items():
            fates: list[str] = []
            running.client.create([manifest])
            path = f"/api/v1/namespaces/{NOISE}/pods/{manifest['metadata']['name']}"
            wait_until("the pod has a node or cannot", partial(_has_fate, running, path, fates))
            assert fates[-1] == (places[form] if which == "fits" else "Unschedulable"), (form, which, amounts)
