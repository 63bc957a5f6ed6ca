# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate on a real API server: what breaks it is refused whichever way it comes, and what keeps to it is let through."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.gate import DENY, WARN, Gate, gate_objects
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.terms import (
    CLASSIFICATION,
    EXPIRES,
    OWNER,
    OWNER_GROUP,
)

from tests.counterparts.cluster import Cluster, cluster, crds_available, wait_until
from tests.unit.adapters.cluster.conftest import libraries_missing

Json = dict[str, Any]
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
OPERATORS = "nvidia-gpu-operator"
KEEPER = "system:serviceaccount:governed:keeper"
GATE = Gate(action=DENY, exempt=(OPERATORS,), keepers=(KEEPER,))
GPU = "requests.nvidia.com/gpu"
LABELS = {OWNER: "retail", CLASSIFICATION: "internal"}
NOTES = {EXPIRES: "2027-06-30", OWNER_GROUP: "retail-ai-owners"}
NO_DAYS = ("soon", "2027-13-01", "30.06.2027", "2027-6-3", "2027-06-30x", "")
REFUSED, TAKEN = 403, (200, 201)


def namespace(name: str, labels: Json | None = None, notes: Json | None = None) -> Json:
    metadata = {"name": name, "labels": LABELS if labels is None else labels, "annotations": NOTES if notes is None else notes}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def quota(space: str, name: str = "readiness-quota", **hard: str) -> Json:
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name, "namespace": space}, "spec": {"hard": hard}}


def pod(space: str, resources: Json, where: str = "containers") -> Json:
    containers = {"containers": [{"name": "main", "image": "registry.example.com/x:1"}]}
    containers[where] = [{"name": "asks", "image": "registry.example.com/x:1", "resources": resources}]
    spec = {"automountServiceAccountToken": False, **containers}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tried", "namespace": space}, "spec": spec}


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not crds_available():
        pytest.skip("no custom resource definitions")
    with cluster(name="gate", crds=("clusterresourcequotas.quota.openshift.io",), kwok=False, scheduler=False, controllers=False) as found:
        spaces = [namespace("governed"), namespace("bare", {}, {}), namespace(OPERATORS, {}, {}), namespace("half", {OWNER: "retail"}, {})]
        found.client.create(spaces)
        for item in spaces:
            space = item["metadata"]["name"]
            found.request("POST", f"/api/v1/namespaces/{space}/serviceaccounts", {"metadata": {"name": "default"}})
        found.apply(gate_objects(GATE))
        wait_until("the gate is in force", lambda: tried(found, quota("bare", **{GPU: "1"})) == REFUSED, 60)
        yield found


def tried(server: Cluster, item: Json) -> int:
    """What the server answers to making that object, which it does not keep."""
    return answer(server, item)[0]


def answer(server: Cluster, item: Json) -> tuple[int, str]:
    found = server.request("POST", f"{server.client.path_of(item, collection=True)}?dryRun=All", item)
    return found.status, found.message


# ---- quotas ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hard", "refused"),
    [
        ({GPU: "1"}, True),
        ({GPU: "0"}, False),
        ({"requests.nvidia.com/gpu.shared": "4"}, True),
        ({"requests.nvidia.com/mig-1g.10gb": "2"}, True),
        ({"requests.amd.com/gpu": "1"}, True),
        ({"requests.habana.ai/gaudi": "1"}, True),
        ({"requests.gpu.intel.com/i915": "1"}, True),
        ({"gpu.nvidia.com.deviceclass.resource.k8s.io/devices": "1"}, True),
        ({"gpu.nvidia.com.deviceclass.resource.k8s.io/devices": "0"}, False),
        ({"requests.cpu": "64", "pods": "10"}, False),
        ({"requests.cpu": "64", GPU: "0", "requests.amd.com/gpu": "2"}, True),
    ],
)
def test_quota_of_accelerators_needs_a_contract_and_no_other_does(server: Cluster, hard: dict[str, str], refused: bool) -> None:
    assert tried(server, quota("bare", "any", **hard)) == (REFUSED if refused else 201)
    assert tried(server, quota("governed", "any", **hard)) == 201
    assert tried(server, quota(OPERATORS, "any", **hard)) == 201


@pytest.mark.parametrize(
    ("labels", "notes", "says"),
    [
        ({CLASSIFICATION: "internal"}, NOTES, f"label {OWNER}"),
        ({**LABELS, OWNER: ""}, NOTES, f"label {OWNER}"),
        ({OWNER: "retail"}, NOTES, f"label {CLASSIFICATION}"),
        ({**LABELS, CLASSIFICATION: "secret"}, NOTES, f"label {CLASSIFICATION}"),
        (LABELS, {EXPIRES: "2027-06-30"}, f"annotation {OWNER_GROUP}"),
        (LABELS, {OWNER_GROUP: "g"}, f"annotation {EXPIRES}"),
        *(
            (LABELS, {**NOTES, EXPIRES: day}, f"annotation {EXPIRES}")
            for day in ("soon", "2027-13-01", "30.06.2027", "2027-6-3", "2027-06-30x", "")
        ),
    ],
)
def test_each_field_that_is_missing_is_named(server: Cluster, labels: Json, notes: Json, says: str) -> None:
    """In a namespace that was there before the gate, as it is without one."""
    name = "tried"
    policy = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/groundwork-readiness-gate-namespace"
    held = server.client.get(policy)
    server.request("DELETE", policy).checked()
    try:
        wait_until("it is let through", lambda: tried(server, namespace("probe", {OWNER: "x"}, {})) == 201, 30)
        server.apply([namespace(name, labels, notes)])
    finally:
        held["metadata"] = {"name": held["metadata"]["name"]}
        server.apply([held])
        wait_until("it is in force", lambda: tried(server, namespace("probe", {OWNER: "x"}, {})) == REFUSED, 30)
    try:
        status, message = answer(server, quota(name, **{GPU: "2"}))
        assert status == REFUSED
        assert f"accelerators are granted by {GPU}: the namespace lacks" in message
        assert says in message
    finally:
        server.request("DELETE", f"/api/v1/namespaces/{name}")
        server.request("PUT", f"/api/v1/namespaces/{name}/finalize", {**namespace(name), "spec": {"finalizers": []}})
        wait_until("it is gone", lambda: server.request("GET", f"/api/v1/namespaces/{name}").status == 404, 30)


def test_quota_is_refused_whichever_way_it_comes(server: Cluster) -> None:
    path = "/api/v1/namespaces/bare/resourcequotas/small"
    server.apply([quota("bare", "small", **{"requests.cpu": "1", GPU: "0"})])
    live = server.client.get(path)
    edited = copy.deepcopy(live)
    edited["spec"]["hard"][GPU] = "1"
    assert server.request("PUT", path, edited).status == REFUSED
    assert server.request("PATCH", path, {"spec": {"hard": {GPU: "1"}}}, MERGE).status == REFUSED
    operation = [{"op": "replace", "path": "/spec/hard/requests.nvidia.com~1gpu", "value": "1"}]
    assert server.request("PATCH", path, operation, JSON_PATCH).status == REFUSED
    applied = quota("bare", "small", **{GPU: "1"})
    assert server.request("PATCH", f"{path}?fieldManager=somebody&force=true", applied, APPLY).status == REFUSED
    assert tried(server, quota("bare", "second", **{GPU: "1"})) == REFUSED
    assert server.client.get(path)["spec"]["hard"][GPU] == "0"


def test_quota_of_a_contract_is_kept_but_for_its_keepers_and_others_may_go(server: Cluster) -> None:
    server.apply([quota("governed", **{GPU: "1"}), quota("governed", "theirs", pods="1")])
    path = "/api/v1/namespaces/governed/resourcequotas"
    assert server.request("DELETE", f"{path}/readiness-quota").status == REFUSED
    assert server.request("DELETE", f"{path}/theirs").status == 200
    assert server.client.get(f"{path}/readiness-quota")["spec"]["hard"][GPU] == "1"
    keeper = server.with_token(server.service_account("governed", "keeper"))
    server.apply(may_delete_quotas())
    wait_until("the keeper may", lambda: keeper.request("DELETE", f"{path}/readiness-quota?dryRun=All").status == 200, 30)


def may_delete_quotas() -> list[Json]:
    rbac, name = "rbac.authorization.k8s.io", {"name": "keeper", "namespace": "governed"}
    rules = [{"apiGroups": [""], "resources": ["resourcequotas"], "verbs": ["delete"]}]
    subject = {"kind": "ServiceAccount", **name}
    return [
        {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": name, "rules": rules},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": name,
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "keeper"},
            "subjects": [subject],
        },
    ]


# ---- namespaces ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"labels": {OWNER: None}},
        {"labels": {CLASSIFICATION: None}},
        {"labels": {CLASSIFICATION: "whatever"}},
        {"annotations": {EXPIRES: None}},
        {"annotations": {EXPIRES: "never"}},
        {"annotations": {OWNER_GROUP: ""}},
        {"labels": None},
        {"annotations": None},
    ],
)
def test_what_a_contract_put_on_its_namespace_cannot_be_stripped(server: Cluster, change: Json) -> None:
    answered = server.request("PATCH", "/api/v1/namespaces/governed?dryRun=All", {"metadata": change}, MERGE)
    assert answered.status == REFUSED
    assert "a namespace with a contract has to bear" in answered.message


def test_namespace_may_be_labelled_otherwise_renewed_and_made_without_a_contract(server: Cluster) -> None:
    for change in ({"labels": {"team": "x"}}, {"annotations": {EXPIRES: "2028-01-31"}}, {"labels": {OWNER: "others"}}):
        assert server.request("PATCH", "/api/v1/namespaces/governed?dryRun=All", {"metadata": change}, MERGE).status == 200
    assert tried(server, namespace("plain", {}, {})) == 201
    assert tried(server, namespace("made")) == 201
    assert tried(server, namespace("made", {OWNER: "retail"}, {})) == REFUSED


def test_namespace_of_before_that_breaks_the_gate_can_be_made_better_and_changed_in_what_it_is_not_about(server: Cluster) -> None:
    path = "/api/v1/namespaces/half?dryRun=All"
    assert server.request("PATCH", path, {"metadata": {"labels": {"team": "x"}}}, MERGE).status == 200
    assert server.request("PATCH", path, {"metadata": {"labels": {CLASSIFICATION: "internal"}}}, MERGE).status == 200
    assert server.request("PATCH", path, {"metadata": {"labels": {OWNER: None}}}, MERGE).status == REFUSED


# ---- what owners share, pods, claims ---------------------------------------------------------------------------------


def owner_quota(name: str, owner: str | None, **hard: str) -> Json:
    selector = {"labels": {"matchLabels": {OWNER: owner} if owner else {"team": "x"}}, "annotations": None}
    spec = {"selector": selector, "quota": {"hard": hard}}
    return {"apiVersion": "quota.openshift.io/v1", "kind": "ClusterResourceQuota", "metadata": {"name": name}, "spec": spec}


def test_quota_of_an_owner_selects_the_owner_that_it_is_named_after(server: Cluster) -> None:
    assert tried(server, owner_quota("groundwork-readiness-retail", "retail", **{GPU: "4"})) == 201
    for item in (
        owner_quota("anything", None, **{GPU: "4"}),
        owner_quota("anything", "retail", **{GPU: "4"}),
        owner_quota("groundwork-readiness-retail", "other", **{GPU: "4"}),
    ):
        assert tried(server, item) == REFUSED
    assert tried(server, owner_quota("anything", None, **{GPU: "0", "pods": "9"})) == 201


@pytest.mark.parametrize("where", ["containers", "initContainers"])
@pytest.mark.parametrize(
    ("resources", "refused"),
    [
        ({"limits": {"nvidia.com/gpu": "1"}}, True),
        ({"limits": {"amd.com/gpu": "1"}, "requests": {"amd.com/gpu": "1"}}, True),
        ({"limits": {"nvidia.com/gpu": "0"}}, False),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, False),
        ({}, False),
    ],
)
def test_pod_with_accelerators_needs_a_contract(server: Cluster, where: str, resources: Json, refused: bool) -> None:
    assert tried(server, pod("bare", resources, where)) == (REFUSED if refused else 201)
    assert tried(server, pod(OPERATORS, resources, where)) == 201


def test_claim_of_devices_needs_a_contract(server: Cluster) -> None:
    request = {"name": "gpu", "exactly": {"deviceClassName": "gpu.nvidia.com"}}
    spec = {"devices": {"requests": [request]}}
    for space, expected in (("bare", REFUSED), ("governed", 201), (OPERATORS, 201)):
        metadata = {"name": "tried", "namespace": space}
        claim = {"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaim", "metadata": metadata, "spec": spec}
        template = {**claim, "kind": "ResourceClaimTemplate", "spec": {"spec": spec}}
        assert (tried(server, claim), tried(server, template)) == (expected, expected)


def test_gate_that_warns_lets_through_and_says_what_it_will_refuse(server: Cluster) -> None:
    server.apply(gate_objects(Gate(action=WARN, exempt=(OPERATORS,))))
    item = quota("bare", "any", **{GPU: "1"})

    def warned() -> bool:
        found = server.request("POST", f"{server.client.path_of(item, collection=True)}?dryRun=All", item)
        return found.status in TAKEN and "accelerators are granted by" in found.headers.get("warning", "")

    try:
        wait_until("it warns", warned, 30)
    finally:
        server.apply(gate_objects(GATE))
        wait_until("it denies", lambda: tried(server, item) == REFUSED, 30)
