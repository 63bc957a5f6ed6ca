# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights that the platform stage needs, as Kubernetes writes them: for looking, for applying, and for what amounts to more.

Server-side apply of an object that is not there yet needs both create and patch. Nothing here lets anybody list Secrets: those
that a document names are read by name, by a Role in their namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..common.owned_fields import ApiObject
from .identity.facts import SHIPPED
from .identity.personas import role_name
from .readings import RESOURCES

HOME: Final = "groundwork-readiness"
"""Namespace of the collection, with the record of what was applied and the Lease."""


VERIFY_ROLE: Final = "groundwork-readiness-platform-verify"
APPLY_ROLE: Final = "groundwork-readiness-platform-apply"
NODES_ROLE: Final = "groundwork-readiness-platform-nodes"
IDENTITY_ROLE: Final = "groundwork-readiness-platform-identity"
MONITORING_ROLE: Final = "groundwork-readiness-platform-monitoring"
DELIVERY_ROLE: Final = "groundwork-readiness-platform-delivery"
REMOVAL_ROLE: Final = "groundwork-readiness-platform-removal"
RECORD_ROLE: Final = "groundwork-readiness-record"
_RBAC: Final = "rbac.authorization.k8s.io"
READER, WRITER = "reader", "writer"
"""Accounts of the collection's namespace that the shipped bindings name."""


LOOK: Final = ("get", "list")
WRITE: Final = ("create", "delete", "get", "list", "patch")
KEEP: Final = ("create", "get", "list", "patch")
"""What is made and changed, and never removed."""


@dataclass(frozen=True, slots=True)
class Right:
    """What may be done to some resources of one API group."""

    group: str
    plurals: tuple[str, ...]
    verbs: tuple[str, ...] = WRITE
    names: tuple[str, ...] = ()

    def as_rule(self) -> dict[str, list[str]]:
        """As a rule of a role."""
        rule = {"apiGroups": [self.group], "resources": sorted(self.plurals)}
        if self.names:
            rule["resourceNames"] = sorted(self.names)
        return {**rule, "verbs": sorted(self.verbs)}


REVIEWS: Final = Right("authorization.k8s.io", ("subjectaccessreviews",), ("create",))
"""Asks the API server what others may do; nothing is made by it."""

READ_BESIDE: Final = (
    Right("packages.operators.coreos.com", ("packagemanifests",)),
    Right("", ("configmaps",)),
)
"""What is looked at beside the lists of the catalogue: by name, or by the label of the collection."""

APPLIED: Final = (
    Right("", ("namespaces",), KEEP),
    Right("operators.coreos.com", ("operatorgroups", "subscriptions")),
    Right("operators.coreos.com", ("installplans",), ("get", "list", "patch")),
    Right("nfd.openshift.io", ("nodefeaturediscoveries", "nodefeaturerules")),
    Right("nfd.kubernetes.io", ("nodefeaturediscoveries",)),
    Right("nfd.k8s-sigs.io", ("nodefeaturerules",)),
    Right("dscinitialization.opendatahub.io", ("dscinitializations",)),
    Right("datasciencecluster.opendatahub.io", ("datascienceclusters",)),
    Right("services.platform.opendatahub.io", ("auths",)),
    Right("infrastructure.opendatahub.io", ("hardwareprofiles",)),
    Right("modelregistry.opendatahub.io", ("modelregistries",)),
    Right("kueue.openshift.io", ("kueues",)),
    Right("kueue.x-k8s.io", ("cohorts", "resourceflavors", "workloadpriorityclasses")),
    Right("serving.kserve.io", ("clusterservingruntimes", "inferenceservices", "llminferenceservices", "servingruntimes")),
)
"""What the parts apply, and take away again where the document asks for it no more."""

NODES: Final = (
    Right("", ("configmaps",)),
    Right("", ("nodes",), ("get", "list", "patch")),
    Right("amd.com", ("deviceconfigs",)),
    Right("deviceplugin.intel.com", ("gpudeviceplugins",)),
    Right("habanalabs.habana.ai", ("clusterpolicies", "deviceconfigs")),
    Right("hco.kubevirt.io", ("hyperconvergeds",), ("get", "list", "patch")),
    Right("machineconfiguration.openshift.io", ("machineconfigs",)),
    Right("nvidia.com", ("clusterpolicies",)),
)
"""What decides which drivers and settings nodes run: whoever may write it has the nodes."""

LOGINS: Final = (
    Right("config.openshift.io", ("authentications", "oauths"), ("create", "get", "list", "patch")),
    Right("redhatcop.redhat.io", ("groupsyncs",)),
)
"""What decides who logs in, and into which groups: whoever may write it can become anybody."""

ALERTS: Final = (
    Right("monitoring.coreos.com", ("alertmanagerconfigs", "prometheusrules")),
    Right("monitoring.openshift.io", ("alertingrules",)),
    Right("perses.dev", ("persesdashboards",)),
)
"""Rules, routes and dashboards: whoever may write routes sends alerts wherever a Secret of the namespace leads."""

RELEASES: Final = (
    Right("admissionregistration.k8s.io", ("validatingadmissionpolicies", "validatingadmissionpolicybindings")),
    Right("argoproj.io", ("appprojects",), ("get", "list", "patch")),
    Right("config.openshift.io", ("clusterimagepolicies", "imagepolicies")),
)
"""Which images may run, and when is synced: whoever may write it can stop every pod, and widen where projects deploy to."""

CONFIGURED: Final[Mapping[str, tuple[str, ...]]] = {
    "openshift-monitoring": KEEP,
    "openshift-user-workload-monitoring": KEEP,
    "openshift-config-managed": WRITE,
}
"""Namespace to what is done to its ConfigMaps: settings of monitoring, which are never removed, and dashboards of the console."""

OPERANDS: Final = (
    "amd.com",
    "components.platform.opendatahub.io",
    "datasciencecluster.opendatahub.io",
    "deviceplugin.intel.com",
    "dscinitialization.opendatahub.io",
    "fpga.intel.com",
    "habanalabs.habana.ai",
    "infrastructure.opendatahub.io",
    "kmm.sigs.x-k8s.io",
    "kueue.openshift.io",
    "kueue.x-k8s.io",
    "nfd.k8s-sigs.io",
    "nfd.kubernetes.io",
    "nfd.openshift.io",
    "nvidia.com",
    "redhatcop.redhat.io",
    "services.platform.opendatahub.io",
)
"""API groups of the operators that the shipped catalogue knows: an operator is removed once nothing of its kinds is there."""

REMOVED: Final = (
    Right("", ("persistentvolumeclaims", "pods"), ("list",)),
    *(Right(group, ("*",), ("list",)) for group in OPERANDS),
    Right("", ("namespaces",), ("delete",)),
    Right("operators.coreos.com", ("clusterserviceversions", "installplans", "operators"), ("delete",)),
    Right("apiextensions.k8s.io", ("customresourcedefinitions",), ("delete",)),
)
"""What off-boarding an operator takes away, and what it looks at first: objects of the operator's kinds, and what its namespace holds."""

RECORD: Final = (
    Right("", ("configmaps",), ("create", "delete", "list", "patch")),
    Right("coordination.k8s.io", ("leases",), ("create", "delete", "get", "update")),
)


def verify_role() -> ApiObject:
    """The ClusterRole that suffices for looking: get and list, no secrets, no writing, and asking what others may do."""
    by_group: dict[str, set[str]] = {}
    for resource in RESOURCES:
        by_group.setdefault(resource.group, set()).add(resource.plural)
    for right in READ_BESIDE:
        by_group.setdefault(right.group, set()).update(right.plurals)
    looks = [Right(group, tuple(plurals), LOOK) for group, plurals in sorted(by_group.items())]
    return cluster_role(VERIFY_ROLE, [*looks, REVIEWS])


def verify_rights() -> list[ApiObject]:
    """All that an account needs for looking."""
    return [verify_role(), cluster_binding(VERIFY_ROLE, READER)]


def apply_rights() -> list[ApiObject]:
    """All that an account needs for applying, beside what it needs for looking."""
    home: ApiObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}
    looks = {**cluster_binding(VERIFY_ROLE, WRITER), "metadata": {"name": APPLY_ROLE + "-verify"}}
    return [
        home,
        looks,
        cluster_role(APPLY_ROLE, APPLIED),
        cluster_binding(APPLY_ROLE, WRITER),
        cluster_role(RECORD_ROLE, RECORD),
        role_binding(RECORD_ROLE, HOME, "ClusterRole", WRITER),
    ]


def nodes_rights() -> list[ApiObject]:
    """What the accelerators part needs beside."""
    return [cluster_role(NODES_ROLE, NODES), cluster_binding(NODES_ROLE, WRITER)]


def persona_rights(names: Iterable[str]) -> tuple[Right, ...]:
    """What an account needs to write the roles and bindings of these personas.

    `escalate` lets it give what it does not have itself, `bind` lets it hand that on: both by the names of the roles alone. Even so
    it could write anything into such a role and bind itself to it: it has to be guarded as a cluster-admin is.
    """
    roles = tuple(sorted(map(role_name, names)))
    return (
        Right(_RBAC, ("clusterrolebindings", "clusterroles"), (*KEEP, "delete")),
        Right(_RBAC, ("clusterroles",), ("bind", "escalate"), roles),
    )


def identity_rights() -> list[ApiObject]:
    """What the identity part needs beside: whoever has it is to be guarded as a cluster-admin is."""
    rights = (*LOGINS, *persona_rights(SHIPPED))
    return [cluster_role(IDENTITY_ROLE, rights), cluster_binding(IDENTITY_ROLE, WRITER)]


def monitoring_rights() -> list[ApiObject]:
    """What the monitoring part needs beside: rules, routes and dashboards everywhere, ConfigMaps in three namespaces."""
    roles = [
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "Role",
            "metadata": {"name": MONITORING_ROLE, "namespace": namespace},
            "rules": [Right("", ("configmaps",), verbs).as_rule()],
        }
        for namespace, verbs in CONFIGURED.items()
    ]
    bindings = [role_binding(MONITORING_ROLE, namespace, "Role", WRITER) for namespace in CONFIGURED]
    return [cluster_role(MONITORING_ROLE, ALERTS), cluster_binding(MONITORING_ROLE, WRITER), *roles, *bindings]


def delivery_rights() -> list[ApiObject]:
    """What the delivery part needs beside where it writes: image policies, image gates, sync windows."""
    return [cluster_role(DELIVERY_ROLE, RELEASES), cluster_binding(DELIVERY_ROLE, WRITER)]


def removal_rights() -> list[ApiObject]:
    """What removing operators needs beside."""
    return [cluster_role(REMOVAL_ROLE, REMOVED), cluster_binding(REMOVAL_ROLE, WRITER)]


def secret_rights(namespace: str, names: Sequence[str], account: str = WRITER) -> list[ApiObject]:
    """A Role in a namespace for reading these Secrets by name, and its binding."""
    name = f"{HOME}-secrets"
    metadata = {"name": name, "namespace": namespace}
    rules = [Right("", ("secrets",), ("get",), tuple(names)).as_rule()]
    return [
        {"apiVersion": f"{_RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": rules},
        role_binding(name, namespace, "Role", account),
    ]


def cluster_role(name: str, rights: Iterable[Right]) -> ApiObject:
    """The ClusterRole with these rights."""
    rules = [right.as_rule() for right in rights]
    return {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}


def cluster_binding(role: str, account: str) -> dict[str, Any]:
    """Binds an account of the collection's namespace to a ClusterRole, everywhere."""
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": role},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": HOME}],
    }


def role_binding(role: str, namespace: str, kind: str, account: str) -> ApiObject:
    """Binds an account of the collection's namespace to a role, in one namespace."""
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": role, "namespace": namespace},
        "roleRef": {"apiGroup": _RBAC, "kind": kind, "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": HOME}],
    }
