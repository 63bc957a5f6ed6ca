# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster of the fault corpus: four contracts of which everything holds, warnings included, and what is done to it."""

from __future__ import annotations

import copy
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.namespaces.result import NamespacesResult
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.gate import DENY, Gate, gate_objects
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME, WRITER

from tests.counterparts.cluster import Cluster, wait_until
from tests.integration import openshift_made
from tests.integration.namespaces_site import CHAT, CRDS, FRAUD, SEARCH, NamespacesSite, namespaces_site
from tests.integration.platform_site import secret_rights_of

Json = dict[str, Any]
RBAC = "rbac.authorization.k8s.io"
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
KUEUE = "/apis/kueue.x-k8s.io/v1beta2"
C, S, F, T = "retail-chat", "retail-search", "risk-fraud", "ops-tickets"
"""Namespaces of the contracts, the last one for what cannot be taken back."""

SPACES = (C, S, F, T)
SOMEBODYS, WILD = "somebodys", "wild"
"""Namespaces without a contract; in the second one everything is let in."""

MORE_CRDS = (
    *CRDS,
    "authentications.config.openshift.io",
    "clusteroperators.config.openshift.io",
    "clusterpolicies.nvidia.com",
    "imagedigestmirrorsets.config.openshift.io",
    "oauths.config.openshift.io",
    "proxies.config.openshift.io",
)
EU = {"name": "eu", "regions": ["eu-central"], "hosts": ["*.example.com"]}
SOUND: tuple[Json, ...] = (
    {**CHAT, "jurisdiction": EU, "images": {**CHAT["images"], "registries": ["registry.example.com/ai"]}},
    SEARCH,
    {**FRAUD, "queue": {"name": "training"}},
    {
        "schema_version": "1.0",
        "namespace": T,
        "owner": {"name": "ops", "group": "risk-ai-owners", "cost_centre": "cc-9"},
        "classification": "internal",
        "expires": "2027-12-31",
        "personas": [{"persona": "data_scientist", "groups": ["risk-scientists"]}],
        "quota": {"cpu": 16, "memory_gib": 64, "pods": 20},
    },
)
KEEPERS = (f"system:serviceaccount:{HOME}:{WRITER}", "system:kube-controller-manager")
"""Who may delete quotas of contracts; the counterpart's controllers have one user for all that they do."""

TWO = SOUND[2:]
"""Contracts that share nothing with the others: of them alone it is asked who may do what, since each answer takes its time."""

OAUTH: Json = {
    "apiVersion": "config.openshift.io/v1",
    "kind": "OAuth",
    "metadata": {"name": "cluster"},
    "spec": {
        "identityProviders": [
            {
                "name": "corp",
                "mappingMethod": "claim",
                "type": "OpenID",
                "openID": {
                    "issuer": "https://login.example.com/corp",
                    "clientID": "openshift",
                    "clientSecret": {"name": "corp"},
                    "claims": {"preferredUsername": ["name"]},
                },
            }
        ]
    },
}
GPU_POLICY: Json = {
    "apiVersion": "nvidia.com/v1",
    "kind": "ClusterPolicy",
    "metadata": {"name": "gpu-cluster-policy"},
    "spec": {
        name: {}
        for name in ("daemonsets", "dcgm", "dcgmExporter", "devicePlugin", "driver", "gfd", "nodeStatusExporter", "operator", "toolkit")
    },
    "status": {"state": "ready", "namespace": "nvidia-gpu-operator"},
}


@dataclass(frozen=True, slots=True)
class Asked:
    """How the stage is called in a scenario."""

    contracts: tuple[Json, ...] = SOUND
    mode: str = "verify"
    access: bool = False
    """whether what tenants may do is asked for"""
    further: Mapping[str, Any] = field(default_factory=dict)

    def beside(self, other: Asked) -> Asked:
        """Both at once: a call has one form of contracts and one mode."""
        return Asked(
            other.contracts if other.contracts is not SOUND else self.contracts,
            other.mode if other.mode != "verify" else self.mode,
            self.access or other.access,
            {**self.further, **other.further},
        )


Play = Callable[["Stand"], AbstractContextManager[Asked]]
"""Does something to the cluster, and takes it back."""


@dataclass
class Stand:
    """The cluster, and what is done there behind the collection's back."""

    site: NamespacesSite

    @property
    def cluster(self) -> Cluster:
        return self.site.cluster

    def run(self, asked: Asked) -> NamespacesResult:
        """One call, by the account that may act as tenants too."""
        proof = "always" if asked.access else "never"
        return self.site.run(asked.contracts, asked.mode, WRITER, access_proof=proof, **asked.further)

    def repair(self) -> None:
        """The next run, whatever else is broken still."""
        self.run(Asked(mode="apply"))

    def patch(self, path: str, body: Json) -> None:
        self.cluster.request("PATCH", f"{path}?fieldManager=somebody", body, MERGE).checked()

    def status(self, path: str, body: Json) -> None:
        self.cluster.request("PATCH", f"{path}/status", {"status": body}, MERGE).checked()

    def make(self, *items: Json) -> None:
        self.cluster.apply(items)

    def delete(self, path: str) -> None:
        """Deletes an object, pods at once."""
        self.cluster.request("DELETE", path, {"gracePeriodSeconds": 0}).checked()

    def unmake(self, *items: Json) -> None:
        """Deletes objects, and waits until they are gone."""
        paths = [self.cluster.client.path_of(item) for item in reversed(items)]
        for path in paths:
            self.cluster.request("DELETE", path, {"gracePeriodSeconds": 0, "propagationPolicy": "Background"})
        wait_until("they are gone", lambda: all(self.cluster.request("GET", path).status == 404 for path in paths))

    @contextmanager
    def with_objects(self, *items: Json) -> Iterator[None]:
        """Objects that are there for as long as the block lasts."""
        self.make(*items)
        try:
            yield
        finally:
            self.unmake(*items)

    @contextmanager
    def without(self, item: Json) -> Iterator[None]:
        """An object that is gone for as long as the block lasts."""
        self.unmake(item)
        try:
            yield
        finally:
            self.make(item)

    @contextmanager
    def changed(self, path: str, body: Json, back: Json) -> Iterator[None]:
        """An object with other values for as long as the block lasts, and with those of before then."""
        self.patch(path, body)
        try:
            yield
        finally:
            self.patch(path, back)

    def may(self, user: str, groups: Sequence[str], verb: str, resource: str, namespace: str = "", group: str = "", name: str = "") -> bool:
        """The server's word on somebody."""
        attributes = {"verb": verb, "group": group, "resource": resource, "namespace": namespace, "name": name}
        spec = {"user": user, "groups": [*groups, "system:authenticated"], "resourceAttributes": attributes}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        return bool(self.cluster.client.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", body)["status"]["allowed"])

    def until_may(self, allowed: bool, *question: Any) -> None:
        """Waits until the server goes by what was written."""
        wait_until(f"{question}: {allowed}", lambda: self.may(*question) is allowed)

    def refuses(self, item: Json) -> bool:
        """Whether the server refuses to make an object, which it does not keep."""
        path = self.cluster.client.path_of(item, collection=True)
        return self.cluster.request("POST", f"{path}?dryRun=All", item).status == 403


def told(result: NamespacesResult) -> list[CheckFinding]:
    """All that failed, or that nobody could find out: critical findings and warnings."""
    return [each for each in result.findings if each.failed]


def named(version: str, kind: str, name: str, namespace: str = "", **more: Any) -> Json:
    """An object."""
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **({"namespace": namespace} if namespace else {})}, **more}


def binding(name: str, role: str, subject: Json, namespace: str = "") -> Json:
    """A RoleBinding to a ClusterRole, or without a namespace a ClusterRoleBinding."""
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    given = {"roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role}, "subjects": [subject]}
    return named(f"{RBAC}/v1", kind, name, namespace, **given)


def whom(kind: str, name: str) -> Json:
    """A user or a group."""
    return {"kind": kind, "apiGroup": RBAC, "name": name}


ALL_RIGHTS: Json = named(f"{RBAC}/v1", "ClusterRole", "everything", rules=[{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}])
SAFE: Json = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def pod(name: str, namespace: str, node: str = "gpu-0", image: str = "registry.example.com/ai/app:1", **more: Any) -> Json:
    """A pod that keeps to what its namespace demands; without a node it waits."""
    container = {"name": "main", "image": image, "securityContext": SAFE}
    where = {"nodeName": node} if node else {}
    return named("v1", "Pod", name, namespace, spec={"containers": [container], "terminationGracePeriodSeconds": 0, **where, **more})


def contract(name: str, **more: Any) -> tuple[Json, ...]:
    """The contracts, one of them otherwise."""
    assert name in SPACES
    return tuple({**copy.deepcopy(each), **more} if each["namespace"] == name else each for each in SOUND)


# ---- the cluster as all contracts say --------------------------------------------------------------------------------


@contextmanager
def fault_stand(folders: pytest.TempPathFactory) -> Iterator[Stand]:
    """The cluster with everything in place, and with what the controllers that do not run here would say."""
    with namespaces_site(folders, name="faults", crds=MORE_CRDS) as site:
        stand = Stand(site)
        stand.make(*gate_objects(Gate(action=DENY, keepers=KEEPERS)))
        stand.make(OAUTH, GPU_POLICY, named("v1", "Namespace", SOMEBODYS), named("v1", "Namespace", WILD))
        stand.patch(f"/api/v1/namespaces/{WILD}", {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}})
        stand.repair()
        wait_until("all have their accounts", lambda: all(has_account(stand, name) for name in (*SPACES, WILD)))
        for number, name in enumerate(SPACES):
            openshift_made.put_into(stand.cluster, name, number)
        openshift_made.put_into_account(stand.cluster, C, "delivery")
        stand.make(*secrets_of_chat(), *secret_rights_of(WRITER, C, ["models-s3", "registry-pull"]))
        say_what_is_used(stand)
        unlabelled = named("v1", "Namespace", "probe")
        unlabelled["metadata"]["labels"] = {"readiness.groundwork.io/owner": "x"}
        wait_until("the gate is in force", lambda: stand.refuses(unlabelled))
        wait_until("quotas are counted", lambda: all(is_counted(stand, name) for name in SPACES))
        yield stand


def has_account(stand: Stand, name: str) -> bool:
    return stand.cluster.request("GET", f"/api/v1/namespaces/{name}/serviceaccounts/default").status == 200


def is_counted(stand: Stand, name: str) -> bool:
    """Whether the controller has counted all that a namespace's quota bounds."""
    found = stand.site.live(quota_path(name))
    status = found.get("status") or {}
    # Of kinds that the server does not have nothing is counted.
    keys = {key for key in found["spec"]["hard"] if not key.endswith("inferenceservices.serving.kserve.io")}
    return bool(status.get("hard") == found["spec"]["hard"] and keys <= set(status.get("used", ())))


def quota_path(name: str) -> str:
    return f"/api/v1/namespaces/{name}/resourcequotas/readiness-quota"


def secrets_of_chat() -> list[Json]:
    """The Secrets that a contract names."""
    pull = {".dockerconfigjson": b64encode(b'{"auths":{}}').decode()}
    store = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_S3_ENDPOINT", "AWS_SECRET_ACCESS_KEY"), b64encode(b"made up").decode())
    return [
        named("v1", "Secret", "registry-pull", C, type="kubernetes.io/dockerconfigjson", data=pull),
        named("v1", "Secret", "models-s3", C, data=store),
    ]


def say_what_is_used(stand: Stand) -> None:
    """What Kueue and OpenShift would say of queues and of quotas over several namespaces: nothing is used."""
    for owner in ("retail", "risk", "ops"):
        name = f"groundwork-readiness-{owner}"
        path = f"/apis/quota.openshift.io/v1/clusterresourcequotas/{name}"
        hard = stand.site.live(path)["spec"]["quota"]["hard"]
        stand.status(path, {"total": {"hard": hard, "used": dict.fromkeys(hard, "0")}, "namespaces": []})
        path = f"{KUEUE}/clusterqueues/{name}"
        groups = stand.site.live(path)["spec"]["resourceGroups"]
        flavors = [
            {"name": flavor["name"], "resources": [{"name": each["name"], "total": "0"} for each in flavor["resources"]]}
            for group in groups
            for flavor in group["flavors"]
        ]
        stand.status(path, {"flavorsReservation": flavors, "flavorsUsage": flavors})
