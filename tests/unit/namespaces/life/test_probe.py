# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is run for a contract: through its queue, with the devices of one pod, under restricted, and where it is tried to get to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.model import Contract
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.judging import Scene
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.probe import Asked, ProbePlan, destinations, probes_of
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.plan import Served, plan_namespaces
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Fleet
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.provenance import GROUPS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot, ServedApi

from tests.tools.personas_page import shipped
from tests.unit.namespaces.builders import EVERYTHING, SMALL, Json, contract
from tests.unit.namespaces.test_plan import FLEET
from tests.unit.platform.accelerators.support import CLASSES

TODAY = "2026-11-22"
ASKED = Asked("registry.example.com/proof:1", "token", 300)
QUEUES = {("kueue.x-k8s.io", "LocalQueue"): ServedApi(("v1beta2",), "localqueues", True)}
MODELS = "inferenceservices.serving.kserve.io"


def snapshot(served: Mapping[tuple[str, str], ServedApi] | None = None, **lists: Sequence[Json]) -> PlatformSnapshot:
    listed = {name: Listed("read", tuple(items)) for name, items in lists.items()}
    return PlatformSnapshot(listed, served=dict(QUEUES if served is None else served))


def planned(*contracts: Contract, seen: PlatformSnapshot | None = None, fleet: Fleet = FLEET, today: str = TODAY) -> ProbePlan:
    plan = plan_namespaces(contracts, CLASSES, fleet, Served("v1beta2"))
    return probes_of(Scene(contracts, plan, fleet, seen or snapshot(), today), shipped(), ASKED)


def model(namespace: str, url: str) -> Json:
    return {"metadata": {"name": "chat", "namespace": namespace}, "status": {"address": {"url": url}}}


def spec_of(plan: ProbePlan) -> Json:
    spec: Json = plan.probes[0].job["spec"]["template"]["spec"]
    return spec


def reaches(each: Contract, *others: Contract, seen: PlatformSnapshot | None = None) -> dict[str, tuple[str, int, str]]:
    found = destinations(each, [each, *others], seen or snapshot())
    return {one.name: (one.host, one.port, one.expected) for one in found}


def test_job_goes_through_the_queue_of_the_contract_with_the_devices_of_one_pod() -> None:
    (probe,) = planned(contract(EVERYTHING)).probes
    assert probe.job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "default"
    assert probe.job["spec"]["suspend"] is True
    resources = probe.job["spec"]["template"]["spec"]["containers"][0]["resources"]
    assert (probe.devices, resources["limits"][probe.resource], resources["requests"][probe.resource]) == (2, "2", "2")
    assert (resources["requests"]["cpu"], resources["limits"]["memory"]) == ("100m", "2Gi")
    assert probe.subject == "grant team-chat/chat"
    assert "nodeSelector" not in probe.job["spec"]["template"]["spec"]


def test_without_queues_the_job_names_the_nodes_itself() -> None:
    (probe,) = planned(contract(EVERYTHING), seen=snapshot({})).probes
    assert probe.queue == ""
    assert probe.job["spec"]["suspend"] is False
    assert "kueue.x-k8s.io/queue-name" not in probe.job["metadata"]["labels"]
    spec = probe.job["spec"]["template"]["spec"]
    assert spec["nodeSelector"]
    assert spec["tolerations"] == []


def test_job_ends_by_itself_and_is_marked() -> None:
    (probe,) = planned(contract()).probes
    job = probe.job["spec"]
    assert (job["backoffLimit"], job["activeDeadlineSeconds"], job["template"]["spec"]["restartPolicy"]) == (0, 300, "Never")
    assert job["ttlSecondsAfterFinished"] > 0
    for labels in (probe.job["metadata"]["labels"], job["template"]["metadata"]["labels"]):
        assert labels["readiness.groundwork.io/proof"] == "token"


def test_job_keeps_to_the_standard_restricted() -> None:
    spec = spec_of(planned(contract()))
    (container,) = spec["containers"]
    assert spec["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert spec["automountServiceAccountToken"] is False
    assert "volumes" not in spec


def test_storage_of_nodes_is_asked_for_where_the_quota_counts_it() -> None:
    quota = {**SMALL["quota"], "ephemeral_gib": 10}
    resources = spec_of(planned(contract(quota=quota)))["containers"][0]["resources"]
    assert resources["requests"]["ephemeral-storage"] == "64Mi"
    assert "ephemeral-storage" not in spec_of(planned(contract()))["containers"][0]["resources"]["requests"]


def test_contract_without_accelerators_is_tried_without_any() -> None:
    (probe,) = planned(contract()).probes
    assert (probe.subject, probe.resource, probe.devices, probe.vendor) == ("namespace team-forecast", "", 0, "")


def test_grant_that_comes_to_nothing_is_not_evaluated() -> None:
    plan = planned(contract(EVERYTHING), fleet=Fleet())
    assert plan.probes == ()
    (told,) = plan.findings
    assert (told.part, told.subject, told.result) == ("team-chat", "grant team-chat/chat", "not_evaluated")


# ---- as whom ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "user", "groups"),
    [
        ({"groups": ["team-a"]}, "groundwork-readiness-tenant", ("team-a",)),
        ({"users": ["carl"]}, "carl", ("team-a",)),
        ({"service_accounts": ["runner"]}, "system:serviceaccount:team-forecast:runner", ()),
        ({"groups": ["team-a"], "users": ["carl"]}, "groundwork-readiness-tenant", ("team-a",)),
    ],
)
def test_job_is_made_as_who_has_a_persona(who: Json, user: str, groups: tuple[str, ...]) -> None:
    members = {"metadata": {"name": "team-a"}, "users": ["carl"]}
    accounts = [{"name": "runner"}] if "service_accounts" in who else []
    each = contract(personas=[{"persona": "data_scientist", **who}], service_accounts=accounts)
    (probe,) = planned(each, seen=snapshot(**{GROUPS: [members]})).probes
    assert (probe.user, probe.groups) == (user, groups)


@pytest.mark.parametrize(
    ("changes", "today", "words"),
    [
        ({"queue": {"stop": "drain"}}, TODAY, "its contract stops the queue: drain"),
        ({}, "2027-07-01", "its grant ended on 2027-06-30"),
        ({"personas": []}, TODAY, "nobody in its contract has a persona that makes Jobs"),
    ],
)
def test_contract_that_means_nothing_to_run_is_not_tried(changes: Json, today: str, words: str) -> None:
    plan = planned(contract(**changes), today=today)
    assert plan.probes == ()
    (told,) = plan.findings
    assert (told.result, words in told.message) == ("not_applicable", True)


# ---- where to --------------------------------------------------------------------------------------------------------


def test_what_a_closed_namespace_must_not_reach_is_tried() -> None:
    found = reaches(contract())
    assert found == {
        "api-server": ("@api", 443, "open"),
        "node-metadata": ("169.254.169.254", 80, "closed"),
        "monitoring": ("prometheus-k8s.openshift-monitoring.svc", 9091, "closed"),
    }


def test_namespace_without_the_api_must_not_reach_it() -> None:
    assert reaches(contract(network={"to_api": False}))["api-server"] == ("@api", 443, "closed")


def test_object_store_and_single_addresses_of_the_contract_have_to_be_reached() -> None:
    egress = [
        {"name": "store", "cidrs": ["10.20.0.7/32", "10.30.0.0/16"], "ports": ["443", "9000/TCP", "53/UDP"]},
        {"name": "all", "cidrs": ["10.20.0.8/32"]},
    ]
    found = reaches(contract(EVERYTHING, network={"egress": egress}))
    assert found["object-store"] == ("@object-store", 443, "open")
    assert {name for name in found if name.startswith(("store-", "all-"))} == {"store-10.20.0.7-443", "store-10.20.0.7-9000"}


def test_what_a_contract_leads_to_is_not_held_against_it() -> None:
    wide = reaches(contract(network={"egress": [{"name": "all", "cidrs": ["0.0.0.0/0"]}]}))
    assert set(wide) == {"api-server"}
    watching = reaches(contract(network={"egress": [{"name": "metrics", "namespaces": ["openshift-monitoring"]}]}))
    assert "monitoring" not in watching


def test_model_next_door_must_not_be_reached_unless_it_lets_in() -> None:
    other = contract(namespace="team-b")
    seen = snapshot(**{MODELS: [model("team-b", "http://chat-predictor.team-b.svc.cluster.local")]})
    assert reaches(contract(), other, seen=seen)["next-door"] == ("chat-predictor.team-b.svc.cluster.local", 80, "closed")
    lets_in = contract(namespace="team-b", network={"from_namespaces": ["team-forecast"]})
    assert "next-door" not in reaches(contract(), lets_in, seen=seen)
    leads_there = contract(network={"egress": [{"name": "b", "namespaces": ["team-b"]}]})
    assert "next-door" not in reaches(leads_there, other, seen=seen)


@pytest.mark.parametrize("url", ["", "http://", "http://a b/", "http://x;touch:80/", "http://[bad", "http://x:99999/", "http://$(x)/"])
def test_address_that_is_none_is_not_tried(url: str) -> None:
    seen = snapshot(**{MODELS: [model("team-b", url)]})
    assert "next-door" not in reaches(contract(), contract(namespace="team-b"), seen=seen)


def test_secret_of_the_object_store_gives_its_address_alone() -> None:
    environment: list[Any] = spec_of(planned(contract(EVERYTHING)))["containers"][0]["env"]
    assert [each["valueFrom"] for each in environment if "valueFrom" in each] == [
        {"secretKeyRef": {"name": "s3", "key": "AWS_S3_ENDPOINT", "optional": True}}
    ]
