# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of many kinds for the write layer on a real API server, an account that may write them, and one that may only read."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.access import open_access
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection, Timing
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.session import WriteSession
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.writer import WriteRequest, apply, remove
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import Desired, Policy, Tally

from tests.counterparts.cluster import Answer, Client, Cluster, wait_until
from tests.integration.applying import counted

Json = dict[str, Any]
STAGE = "platform-test"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
PATIENCE = Timing(request_seconds=10, attempts=3, backoff_seconds=0.01)
RULES = {
    "": ("configmaps", "resourcequotas", "services"),
    "apps": ("deployments",),
    "forklift.konveyor.io": ("networkmaps",),
    "hco.kubevirt.io": ("hyperconvergeds",),
    "networking.k8s.io": ("networkpolicies",),
    "operators.coreos.com": ("operatorgroups", "subscriptions"),
}
READING = ["get", "list"]
WRITING = [*READING, "create", "delete", "patch"]
ROOTS = {
    "ConfigMap": "/api/v1",
    "ResourceQuota": "/api/v1",
    "Service": "/api/v1",
    "Deployment": "/apis/apps/v1",
    "NetworkMap": "/apis/forklift.konveyor.io/v1beta1",
    "HyperConverged": "/apis/hco.kubevirt.io/v1",
    "NetworkPolicy": "/apis/networking.k8s.io/v1",
    "OperatorGroup": "/apis/operators.coreos.com/v1",
    "Subscription": "/apis/operators.coreos.com/v1alpha1",
}


def plural(kind: str) -> str:
    return "networkpolicies" if kind == "NetworkPolicy" else f"{kind.lower()}s"


def thing(kind: str, name: str, namespace: str, **content: Any) -> Json:
    """An object as a part of the collection would want it: without the label."""
    api_version = ROOTS[kind].removeprefix("/apis/").removeprefix("/api/")
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **content}


def many_kinds(namespace: str) -> list[Json]:
    """Objects with maps and lists of every make: set as a whole, merged by keys, sets; with quantities and with defaults."""
    container = {
        "name": "web",
        "image": "registry.example.com/web:1",
        "env": [{"name": "MODE", "value": "quiet"}, {"name": "LEVEL", "value": "3"}],
        "ports": [{"containerPort": 8080}, {"containerPort": 8443, "name": "tls"}],
        "resources": {"requests": {"cpu": "1000m", "memory": "1024Mi"}, "limits": {"cpu": 2}},
        "args": ["--a", "--b"],
    }
    side = {"name": "side", "image": "registry.example.com/side:1"}
    pod = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container, side], "nodeSelector": {"zone": "a"}}}
    tolerations = [{"key": "example.com/gpu", "operator": "Exists", "effect": "NoSchedule"}, {"key": "b", "value": "c"}]
    operands = {
        "virtualization": {
            "permittedHostDevices": {
                "mediatedDevices": [
                    {"mdevNameSelector": "GRID A", "resourceName": "example.com/a", "externalResourceProvider": True},
                    {"mdevNameSelector": "GRID B", "resourceName": "example.com/b"},
                ]
            },
            "obsoleteCPUModels": ["Conroe", "Penryn"],
        },
        "storage": {"storageImport": {"insecureRegistries": ["one.example.com", "two.example.com"]}},
    }
    config = {
        "tolerations": tolerations,
        "nodeSelector": {"zone": "a", "kind": "gpu"},
        "resources": {"limits": {"cpu": "1500m", "memory": "1Gi"}},
        "env": [{"name": "A", "value": "1"}],
    }
    peers = [{"from": [{"podSelector": {}}], "ports": [{"port": 443, "protocol": "TCP"}]}]
    labelled = thing("ConfigMap", "settings", namespace, data={"a": "1", "b": "two", "file.yaml": "x: 1\n"})
    labelled["metadata"]["annotations"] = {"example.com/note": "kept short", "plain": "1"}
    hard = {"requests.cpu": "64", "requests.nvidia.com/gpu": 0, "pods": "1k"}
    ports = [{"port": 80, "name": "web"}, {"port": 443, "name": "tls"}]
    package = {"name": "nfd", "source": "certified", "sourceNamespace": "openshift-marketplace"}
    pairs = [{"source": {"name": "one"}, "destination": {"type": "pod"}}, {"source": {"name": "two"}, "destination": {"type": "ignored"}}]
    return [
        labelled,
        thing("ResourceQuota", "quota", namespace, spec={"hard": hard}),
        thing("Service", "web", namespace, spec={"selector": {"app": "web"}, "ports": ports}),
        thing("Deployment", "web", namespace, spec={"replicas": 0, "selector": {"matchLabels": {"app": "web"}}, "template": pod}),
        thing("NetworkPolicy", "web", namespace, spec={"podSelector": {}, "ingress": peers, "policyTypes": ["Ingress"]}),
        thing("OperatorGroup", "group", namespace, spec={"targetNamespaces": ["a", "b"], "upgradeStrategy": "Default"}),
        thing("Subscription", "nfd", namespace, spec={**package, "channel": "stable", "config": config}),
        thing("HyperConverged", "kubevirt-hyperconverged", namespace, spec=operands),
        thing("NetworkMap", "map", namespace, spec={"map": pairs, "provider": {"source": {"name": "a"}, "destination": {"name": "b"}}}),
    ]


def wanted(items: Sequence[Json], **more: Any) -> list[Desired]:
    return [Desired(item, f"doc.{item['kind'].lower()}", **{"rank": 60, **more}) for item in items]


@dataclass
class Account:
    """A service account of one namespace, in which the record is kept too."""

    cluster: Cluster
    namespace: str
    name: str
    token: str = field(repr=False)
    last: Any = field(default=None, repr=False)

    @property
    def user(self) -> str:
        return f"system:serviceaccount:{self.namespace}:{self.name}"

    def connection(self) -> ApiConnection:
        options = {"host": self.cluster.url, "api_key": self.token, "ca_cert": str(self.cluster.ca_path)}
        return ApiConnection(open_access(ClusterSettings(options)), PATIENCE)

    def request(self, desired: Sequence[Desired], **further: Any) -> WriteRequest:
        usual = {"policy": Policy(STAGE), "run": "run-1", "home": self.namespace, "rights": "roles/operators/files/apply_rights.yml"}
        return WriteRequest(**{**usual, "desired": desired, **further})

    def session(self, connection: ApiConnection, run: str = "run-1", **further: Any) -> WriteSession:
        return WriteSession(connection, run, self.namespace, **further)

    def apply(self, desired: Sequence[Desired], **further: Any) -> Tally:
        """Applies, and keeps in `last` what the server was asked meanwhile."""
        return counted(self, lambda connection: apply(connection, self.request(desired, **further)))

    def verify(self, desired: Sequence[Desired], **further: Any) -> Tally:
        return self.apply(desired, verify=True, **further)

    def remove(self, **further: Any) -> Tally:
        return counted(self, lambda connection: remove(connection, self.request((), **further)))


def path_of(item: Json) -> str:
    namespace = item["metadata"].get("namespace")
    if item["kind"] in ("Namespace", "Node"):
        return f"/api/v1/{item['kind'].lower()}s/{item['metadata']['name']}"
    return f"{ROOTS[item['kind']]}/namespaces/{namespace}/{plural(item['kind'])}/{item['metadata']['name']}"


def as_somebody(cluster: Cluster, item: Json, body: Json, manager: str = "kubectl-edit") -> Answer:
    """A part of an object changed by somebody else."""
    return cluster.request("PATCH", f"{path_of(item)}?fieldManager={manager}", body, MERGE)


def applied_by(cluster: Cluster, item: Json, manager: str = "kubectl") -> Answer:
    """An object applied by somebody else, by force."""
    return cluster.request("PATCH", f"{path_of(item)}?fieldManager={manager}&force=true", item, APPLY)


def stripped(item: Json) -> Json:
    """An object without what the server keeps for itself, times and versions."""
    found = copy.deepcopy(item)
    for key in ("resourceVersion", "generation", "managedFields", "creationTimestamp"):
        found["metadata"].pop(key, None)
    return found


def accounts(cluster: Cluster, namespace: str) -> tuple[Account, Account]:
    """One that may write the kinds of this module in its namespace, and one that may only read them; neither lists secrets."""
    found = tuple(Account(cluster, namespace, name, cluster.service_account(namespace, name)) for name in ("writer", "reader"))
    cluster.apply([item for account in found for item in _rights(account)])
    for account in found:
        client = cluster.with_token(account.token)
        for path in (f"/api/v1/namespaces/{namespace}/configmaps", f"/api/v1/namespaces/{namespace}"):
            wait_until("the rights are known", partial(_is_answered, client, path))
    return found[0], found[1]


def _is_answered(client: Client, path: str) -> bool:
    return client.request("GET", path).status == 200


def _rights(account: Account) -> list[Json]:
    writes = account.name == "writer"
    verbs = WRITING if writes else READING
    rules: list[Json] = [{"apiGroups": [group], "resources": list(names), "verbs": verbs} for group, names in RULES.items()]
    if writes:
        leases = ["create", "delete", "get", "update"]
        rules.append({"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": leases})
    wide: list[Json] = [
        {"apiGroups": [""], "resources": ["namespaces"], "resourceNames": [account.namespace], "verbs": ["get", *verbs[3:]]},
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]},
    ]
    name = f"{account.name}-{account.namespace}"
    rbac = "rbac.authorization.k8s.io"
    subject = [{"kind": "ServiceAccount", "name": account.name, "namespace": account.namespace}]

    def pair(prefix: str, metadata: Json, rules: list[Json]) -> list[Json]:
        role = {"apiVersion": f"{rbac}/v1", "kind": f"{prefix}Role", "metadata": metadata, "rules": rules}
        ref = {"apiGroup": rbac, "kind": f"{prefix}Role", "name": metadata["name"]}
        return [role, {**role, "kind": f"{prefix}RoleBinding", "roleRef": ref, "subjects": subject, "rules": None}]

    found = [*pair("", {"name": name, "namespace": account.namespace}, rules), *pair("Cluster", {"name": name}, wide)]
    return [{key: value for key, value in item.items() if value is not None} for item in found]


def revoke(cluster: Cluster, namespace: str) -> None:
    """Takes away what has no namespace."""
    for kind in ("clusterroles", "clusterrolebindings"):
        for name in ("writer", "reader"):
            cluster.request("DELETE", f"/apis/rbac.authorization.k8s.io/v1/{kind}/{name}-{namespace}")
