# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster with the kinds of identity and the shipped rights, and what the group-sync-operator leaves on it."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.rights import HOME

from tests.counterparts.cluster import PLATFORM, Cluster, wait_until
from tests.integration.platform_site import MERGE, READER, WRITER, Operands, Site, files, may, secret_rights_of, tried_site

Json = dict[str, Any]
PART = "identity"
CRDS = (
    *PLATFORM,
    "oauths.config.openshift.io",
    "authentications.config.openshift.io",
    "users.user.openshift.io",
    "groupsyncs.redhatcop.redhat.io",
)
RBAC_GROUP = "rbac.authorization.k8s.io"
RBAC = f"/apis/{RBAC_GROUP}/v1"
OAUTH = "/apis/config.openshift.io/v1/oauths/cluster"
AUTHENTICATION = "/apis/config.openshift.io/v1/authentications/cluster"
GROUPS = "/apis/user.openshift.io/v1/groups"
CONFIG, SYNC_NAMESPACE = "openshift-config", "group-sync-operator"
SYNCS = f"/apis/redhatcop.redhat.io/v1alpha1/namespaces/{SYNC_NAMESPACE}/groupsyncs"
BASE = "group-sync-operator.redhat-cop.io"
SYNCED = "2026-11-22T10:00:00Z"
SECRETS = ("reader", "corp-users", "corp-client")
"""Secrets that the accounts may read, in both namespaces."""


def user(name: str, identity: str) -> Json:
    """A User of the cluster, by one identity."""
    return {"apiVersion": "user.openshift.io/v1", "kind": "User", "metadata": {"name": name}, "identities": [identity], "groups": []}


def admin(name: str) -> Json:
    """The binding that makes a user a cluster-admin."""
    return {
        "apiVersion": f"{RBAC_GROUP}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": f"admin-{name}"},
        "roleRef": {"apiGroup": RBAC_GROUP, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": RBAC_GROUP, "kind": "User", "name": name}],
    }


def secret(namespace: str, name: str, *keys: str) -> Json:
    """A Secret with these keys."""
    data = {key: base64.b64encode(b"x" * 12).decode() for key in keys}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}, "data": data}


def config_map(namespace: str, name: str, **data: str) -> Json:
    """A ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}


LOCAL: Json = {"name": "local", "mappingMethod": "claim", "type": "HTPasswd", "htpasswd": {"fileData": {"name": "local"}}}
AROUND: tuple[Json, ...] = (
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": CONFIG}},
    {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SYNC_NAMESPACE}},
    secret(SYNC_NAMESPACE, "reader", "username", "password"),
    config_map(SYNC_NAMESPACE, "directory-ca", **{"ca.crt": "not looked at"}),
    {"apiVersion": "config.openshift.io/v1", "kind": "OAuth", "metadata": {"name": "cluster"}, "spec": {"identityProviders": [LOCAL]}},
    {
        "apiVersion": "config.openshift.io/v1",
        "kind": "ClusterOperator",
        "metadata": {"name": "authentication"},
        "spec": {},
        "status": {
            "conditions": [
                {"type": kind, "status": status, "lastTransitionTime": SYNCED}
                for kind, status in (("Available", "True"), ("Degraded", "False"), ("Progressing", "False"))
            ]
        },
    },
    user("anna", "local:anna"),
    admin("anna"),
)


class SyncOperator(Operands):
    """Plays the group-sync-operator: whenever somebody waits, every GroupSync has synced as it is. No time passes meanwhile."""

    def play(self) -> None:
        """Writes the statuses."""
        for item in self.site.client.get(SYNCS)["items"]:
            write_status(self.site, item["metadata"]["name"])


def condition(kind: str, when: str, message: str = "", generation: int = 1) -> Json:
    """A condition as the operator writes it: those of an error and of a success stand beside each other."""
    reason = "LastReconcileCycleFailed" if kind == "ReconcileError" else "LastReconcileCycleSucceded"
    return {
        "type": kind,
        "status": "True",
        "lastTransitionTime": when,
        "reason": reason,
        "message": message,
        "observedGeneration": generation,
    }


def write_status(site: Cluster, name: str, conditions: Sequence[Json] | None = None, synced: str = SYNCED) -> None:
    """What the operator writes into a GroupSync; without conditions that its last sync succeeded."""
    generation = int(site.client.get(f"{SYNCS}/{name}")["metadata"]["generation"])
    found = [condition("ReconcileSuccess", synced, generation=generation)] if conditions is None else list(conditions)
    status: Json = {"conditions": found, "lastSyncSuccessTime": synced or None}
    site.client.request("PATCH", f"{SYNCS}/{name}/status", {"status": status}, MERGE).checked()


def group(name: str, members: Sequence[str], provider: str = "", uid: str = "", when: str = SYNCED) -> Json:
    """A Group; with a provider, `<GroupSync>_<provider>`, one that the operator made."""
    metadata: Json = {"name": name}
    if provider:
        metadata["labels"] = {f"{BASE}/sync-provider": provider}
        metadata["annotations"] = {f"{BASE}/sync-time": when, f"{BASE}/sync.source.uid": uid}
    return {"apiVersion": "user.openshift.io/v1", "kind": "Group", "metadata": metadata, "users": list(members)}


def remove_groups(site: Cluster) -> None:
    """Lets every Group of the cluster go."""
    for item in site.client.get(GROUPS)["items"]:
        site.request("DELETE", f"{GROUPS}/{item['metadata']['name']}")


@contextmanager
def identity_site(folders: pytest.TempPathFactory, document: Mapping[str, Any], around: Sequence[Json] = ()) -> Iterator[Site]:
    """The cluster, with the OAuth server as its way in, and a cluster-admin who comes in by a provider of others."""
    with tried_site(folders, CRDS) as found:
        found.cluster.apply([*AROUND, *around])
        found.cluster.apply(files("identity_rights.yml"))
        for namespace in (CONFIG, SYNC_NAMESPACE):
            for account in (WRITER, READER):
                found.cluster.apply(secret_rights_of(account, namespace, SECRETS))
        wait_until("the rights are known", lambda: may(found.cluster, found.tokens[WRITER], "patch", "config.openshift.io", "oauths"))
        found.document = {"schema_version": "1.0", "identity": copy.deepcopy(dict(document))}
        found.operands = SyncOperator(found.cluster)
        yield found


def rescuer(site: Site, folder: Path) -> ClusterSettings:
    """A way in that depends on no provider: a service account that may do everything, and its kubeconfig."""
    token = site.cluster.service_account(HOME, "rescue")
    binding = admin("rescue")
    binding["subjects"] = [{"kind": "ServiceAccount", "name": "rescue", "namespace": HOME}]
    site.cluster.apply([binding])
    return ClusterSettings({"kubeconfig": str(site.cluster.write_kubeconfig(folder / "rescue.kubeconfig", token))})


def failing(result: PlatformResult) -> list[str]:
    """Everything that failed, or was not evaluated though it is critical, in words."""
    return [f"{finding.id}: {finding.message}" for finding in result.findings if finding.failed]


def told(result: PlatformResult, check: str) -> dict[str, CheckFinding]:
    """Findings of one check, or of those that begin so, by their subject."""
    return {finding.subject: finding for finding in result.findings if finding.check.startswith(f"platform.{PART}.{check}")}


def refusals(action: Callable[[], PlatformResult]) -> list[str]:
    """Why a call was refused; nothing where it was not."""
    failure = action().failure
    return [] if failure is None or failure.code != "platform_refused" else [problem.message for problem in failure.problems]
