# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What contracts come to: bounds of a namespace, what owners share, and what is left alone while it is not known."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import ADOPTED, OWN, key_of
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.plan import (
    ACCESS,
    BOUNDS,
    NamespacesPlan,
    Served,
    plan_namespaces,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.fleet import fleet_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Fleet

from tests.unit.namespaces.builders import EVERYTHING, SMALL, Json, contract
from tests.unit.platform.accelerators.support import CATALOGUE, CLASSES, desired, h100, looked_at, mi300

ALL = Served("v1beta2", cluster_quotas=True, monitors=True, profiles="v1")
FLEET = fleet_of(looked_at([h100("h100-0"), h100("h100-1"), mi300()]), desired(), CATALOGUE)
GPU, AMD = "requests.nvidia.com/gpu", "requests.amd.com/gpu"


def planned(*contracts: Contract, fleet: Fleet = FLEET, served: Served = ALL) -> NamespacesPlan:
    return plan_namespaces(contracts, CLASSES, fleet, served)


def items(plan: NamespacesPlan, kind: str) -> dict[str, Mapping[str, Any]]:
    """Objects of one kind, as `namespace/name` or by name."""
    found = [each.object for each in plan.objects if each.object["kind"] == kind]
    return {"/".join(filter(None, (key_of(item).namespace, key_of(item).name))): item for item in found}


def granting(count: int, namespace: str = "team-a", owner: str = "retail", **more: Any) -> Contract:
    owns = {**SMALL["owner"], "name": owner, "group": f"{owner}-owners"}
    asked = [{"name": "chat", "class": "large-inference", "count": count, "prefer": ["nvidia"]}] if count else []
    return contract(SMALL, namespace=namespace, owner=owns, accelerators=asked, **more)


def hard(plan: NamespacesPlan, namespace: str) -> Mapping[str, str]:
    found: Mapping[str, str] = items(plan, "ResourceQuota")[f"{namespace}/readiness-quota"]["spec"]["hard"]
    return found


def test_contract_without_accelerators_names_each_of_them_with_none() -> None:
    quota = hard(planned(granting(0)), "team-a")
    assert {GPU, AMD, "requests.habana.ai/gaudi", "requests.nvidia.com/gpu.shared", "requests.gpu.intel.com/i915"} <= set(quota)
    assert {quota[key] for key in quota if "/gpu" in key or "gaudi" in key or "i915" in key} == {"0"}


def test_grant_is_in_quota_owner_quota_and_queue_and_nothing_else_is() -> None:
    plan = planned(granting(2))
    assert (hard(plan, "team-a")[GPU], hard(plan, "team-a")[AMD]) == ("2", "0")
    owner = items(plan, "ClusterResourceQuota")["groundwork-readiness-retail"]["spec"]
    assert (owner["quota"]["hard"][GPU], owner["quota"]["hard"][AMD]) == ("2", "0")
    assert owner["selector"]["labels"]["matchLabels"] == {"readiness.groundwork.io/owner": "retail"}
    queue = items(plan, "ClusterQueue")["groundwork-readiness-retail"]["spec"]
    (devices,) = [group for group in queue["resourceGroups"] if group["coveredResources"] == ["nvidia.com/gpu"]]
    assert [entry["nominalQuota"] for flavor in devices["flavors"] for entry in flavor["resources"]] == ["2"]
    assert items(plan, "LocalQueue")["team-a/default"]["spec"] == {
        "clusterQueue": "groundwork-readiness-retail",
        "stopPolicy": "None",
    }


def test_namespaces_of_one_owner_share_what_they_are_granted_and_one_without_gets_none() -> None:
    plan = planned(granting(2, "team-a"), granting(4, "team-b"), granting(0, "team-c"))
    assert [hard(plan, name)[GPU] for name in ("team-a", "team-b", "team-c")] == ["6", "6", "0"]
    assert items(plan, "ClusterResourceQuota")["groundwork-readiness-retail"]["spec"]["quota"]["hard"][GPU] == "6"


def test_borrowing_reaches_as_far_as_the_cohort_and_quotas_let_it_through() -> None:
    queue = {"cohort": "ai", "borrow": True}
    plan = planned(granting(2, "team-a", queue=queue), granting(4, "team-b", "service", queue={"cohort": "ai"}))
    (entry,) = _entries(plan, "retail")
    assert (entry["nominalQuota"], entry["borrowingLimit"]) == ("2", "4")
    assert (hard(plan, "team-a")[GPU], hard(plan, "team-b")[GPU]) == ("6", "4")
    (lent,) = _entries(plan, "service")
    assert "borrowingLimit" not in lent


def _entries(plan: NamespacesPlan, owner: str) -> list[Json]:
    groups = items(plan, "ClusterQueue")[f"groundwork-readiness-{owner}"]["spec"]["resourceGroups"]
    return [entry for group in groups[1:] for flavor in group["flavors"] for entry in flavor["resources"]]


def test_owner_of_whom_a_grant_is_not_settled_keeps_quotas_and_queues_as_they_are() -> None:
    impossible = contract(SMALL, namespace="team-b", accelerators=[{"name": "a", "class": "large-inference", "count": 64}])
    plan = planned(granting(1), impossible, granting(1, "team-x", "service"))
    assert plan.unsettled == ("retail",)
    assert set(items(plan, "ResourceQuota")) == {"team-x/readiness-quota"}
    assert set(items(plan, "ClusterQueue")) == {"groundwork-readiness-service"}
    assert {"team-a", "team-b", "team-x"} <= set(items(plan, "Namespace"))
    assert plan.grants["team-b"].entries[0].refused
    unknown = planned(granting(1), fleet=Fleet(unknown="nodes could not be read"))
    assert unknown.grants["team-a"].entries[0].unknown == "nodes could not be read"
    assert items(unknown, "ResourceQuota") == {}


def test_what_the_cluster_does_not_serve_is_left_out_and_named() -> None:
    plan = planned(contract(EVERYTHING), served=Served())
    assert set(plan.left_out) == {"ClusterResourceQuota", "HardwareProfile", "LocalQueue", "PodMonitor"}
    assert not [each for each in plan.objects if each.object["kind"] in (*plan.left_out, "ClusterQueue")]


def test_bounds_are_there_before_anybody_gets_in() -> None:
    plan = planned(contract(EVERYTHING))
    ranks = {each.object["kind"]: each.rank for each in plan.objects}
    assert ranks["Namespace"] < ranks["NetworkPolicy"] == ranks["ResourceQuota"] == ranks["LimitRange"] == BOUNDS
    assert ranks["RoleBinding"] == ACCESS > ranks["LocalQueue"]
    assert [each.rank for each in plan.objects] == sorted(each.rank for each in plan.objects)


def test_namespace_is_taken_over_only_where_the_contract_says_so_and_never_removed() -> None:
    for adopt, claim in ((False, OWN), (True, ADOPTED)):
        (found,) = [each for each in planned(contract(SMALL, adopt=adopt)).objects if each.object["kind"] == "Namespace"]
        assert (found.claim, found.keep) == (claim, True)


def test_region_binds_pods_by_a_selector_where_it_is_one_alone() -> None:
    key = "openshift.io/node-selector"
    one = contract(SMALL, jurisdiction={"name": "eu", "regions": ["eu-central"]})
    two = contract(SMALL, jurisdiction={"name": "eu", "regions": ["eu-central", "eu-west"]})
    found = [items(planned(each), "Namespace")["team-forecast"]["metadata"]["annotations"] for each in (one, two)]
    assert found[0][key] == "topology.kubernetes.io/region=eu-central"
    assert key not in found[1]


def test_nothing_gets_through_but_what_the_contract_names() -> None:
    policies = items(planned(contract(SMALL, network={"from_router": False})), "NetworkPolicy")
    assert set(policies) == {f"team-forecast/readiness-{name}" for name in ("deny", "dns", "within")}
    spec = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"], "ingress": [], "egress": []}
    assert policies["team-forecast/readiness-deny"]["spec"] == spec
    wide = items(planned(contract(EVERYTHING)), "NetworkPolicy")
    assert {name.rpartition("readiness-")[2] for name in wide} == {
        "deny",
        "dns",
        "egress-object-store",
        "from",
        "monitoring",
        "router",
        "within",
    }
    (way,) = wide["team-chat/readiness-egress-object-store"]["spec"]["egress"]
    assert way == {
        "to": [{"ipBlock": {"cidr": "10.20.0.0/16"}}],
        "ports": [{"protocol": "TCP", "port": 443}, {"protocol": "TCP", "port": 9000}],
    }


def test_own_network_is_chosen_with_the_namespace() -> None:
    made = contract(SMALL, network={"isolation": "own_network", "subnets": ["10.1.0.0/16"]})
    plan = planned(made)
    assert items(plan, "Namespace")["team-forecast"]["metadata"]["labels"]["k8s.ovn.org/primary-user-defined-network"] == ""
    assert items(plan, "UserDefinedNetwork")["team-forecast/readiness-network"]["spec"]["layer2"]["role"] == "Primary"


def test_quotas_never_hold_back_what_a_queue_may_admit() -> None:
    """Over random owners, cohorts and grants."""
    rng = Random(20261122)
    for _case in range(150):
        contracts = []
        for number in range(rng.randrange(1, 7)):
            owner = rng.choice(["a", "b", "c"])
            queue = {"cohort": "ai", "borrow": owner == "a"} if owner != "c" else {}
            contracts.append(granting(rng.randrange(4), f"n{number}", owner, queue=queue))
        plan = planned(*contracts)
        for each in contracts:
            if not each.accelerators:
                assert hard(plan, each.namespace)[GPU] == "0"
                continue
            entries = _entries(plan, each.owner.name)
            most = sum(int(entry["nominalQuota"]) + int(entry.get("borrowingLimit", 0)) for entry in entries)
            assert int(hard(plan, each.namespace)[GPU]) == most
            owned = items(plan, "ClusterResourceQuota")[f"groundwork-readiness-{each.owner.name}"]
            assert int(owned["spec"]["quota"]["hard"][GPU]) == most
