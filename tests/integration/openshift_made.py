# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What OpenShift itself puts into every namespace, played by the administrator: none of it is anybody's drift.

Bindings and service accounts are those of openshift-controller-manager, annotations those of the cluster-policy-controller; since 4.16
a service account names its pull secret for the internal registry in an annotation as well. Root CAs come from the real controllers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.counterparts.cluster import Cluster

Json = dict[str, Any]
RBAC = "rbac.authorization.k8s.io"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
LABEL_SYNCER = "pod-security-admission-label-synchronization-controller"
_BORN: Mapping[str, tuple[str, str, str]] = {
    "system:deployers": ("system:deployer", "ServiceAccount", "deployer"),
    "system:image-builders": ("system:image-builder", "ServiceAccount", "builder"),
    "system:image-pullers": ("system:image-puller", "Group", "system:serviceaccounts:{}"),
}


def requested(name: str) -> Json:
    """A namespace as somebody asked OpenShift for it, before any contract."""
    annotations = {"openshift.io/requester": "somebody", "openshift.io/display-name": "", "openshift.io/description": ""}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "annotations": annotations}}


def put_into(server: Cluster, name: str, number: int) -> None:
    """Everything that OpenShift puts into a namespace that is there; `number` tells its user ids from those of others."""
    server.apply(_objects(name))
    _annotate(server, name, number)
    for account in ("builder", "default", "deployer"):
        put_into_account(server, name, account)


def synced(server: Cluster, name: str) -> None:
    """Levels of pod security as OpenShift sets them on a namespace that does not ask to be left alone."""
    modes = ("audit", "enforce", "warn")
    labels = {f"pod-security.kubernetes.io/{mode}{what}": value for mode in modes for what, value in _LEVELS.items()}
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    server.request("PATCH", f"/api/v1/namespaces/{name}?fieldManager={LABEL_SYNCER}&force=true", body, APPLY).checked()


_LEVELS: Mapping[str, str] = {"": "baseline", "-version": "latest"}


def put_into_account(server: Cluster, namespace: str, account: str) -> None:
    """The pull secret of a service account for the internal registry: it stands before those that are there."""
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}"
    secret = f"{account}-dockercfg-x7k2p"
    live = server.client.get(path)
    others = [each for each in live.get("imagePullSecrets", ()) if each["name"] != secret]
    body: Json = {
        "metadata": {"annotations": {"openshift.io/internal-registry-pull-secret-ref": secret}},
        "imagePullSecrets": [{"name": secret}, *others],
        "secrets": [{"name": secret}],
    }
    server.request("PATCH", f"{path}?fieldManager=openshift-controller-manager", body, MERGE).checked()


def bindings(namespace: str) -> list[Json]:
    """The bindings of a new namespace."""
    return [_binding(namespace, name, *parts) for name, parts in _BORN.items()]


def _binding(namespace: str, name: str, role: str, kind: str, subject: str) -> Json:
    whom: Json = {"kind": kind, "name": subject.format(namespace)}
    whom |= {"namespace": namespace} if kind == "ServiceAccount" else {"apiGroup": RBAC}
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name, "namespace": namespace, "annotations": {"openshift.io/description": f"What {role} may do"}},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [whom],
    }


def _objects(namespace: str) -> Iterator[Json]:
    yield from bindings(namespace)
    for name in ("builder", "deployer"):
        yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}
    notes = {"service.beta.openshift.io/inject-cabundle": "true"}
    metadata = {"name": "openshift-service-ca.crt", "namespace": namespace, "annotations": notes}
    yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"service-ca.crt": "a certificate"}}


def _annotate(server: Cluster, name: str, number: int) -> None:
    first = 1000600000 + 10000 * number
    notes = {
        "openshift.io/sa.scc.mcs": f"s0:c{26 + number},c{5 + number}",
        "openshift.io/sa.scc.supplemental-groups": f"{first}/10000",
        "openshift.io/sa.scc.uid-range": f"{first}/10000",
    }
    notes |= {"security.openshift.io/MinimallySufficientPodSecurityStandard": "restricted"}
    body = {"metadata": {"annotations": notes}}
    server.request("PATCH", f"/api/v1/namespaces/{name}?fieldManager=cluster-policy-controller", body, MERGE).checked()
