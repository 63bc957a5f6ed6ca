# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the stage: what contracts are held against beside their own objects."""

from __future__ import annotations

from typing import Final

from ..common.findings import INFORMATION, WARNING
from ..platform.checks import Check

STAGE: Final = "namespaces"
GRANTS, BOUNDS, PEOPLE, LIFE, SERVED = "grants", "bounds", "people", "life", "cluster"
LAYERS: Final = (SERVED, GRANTS, BOUNDS, PEOPLE, LIFE)
"""What of a namespace a check is about."""


def _check(name: str, layer: str, title: str, remedy: str, source: str, **more: object) -> Check:
    severity = str(more.get("severity", "critical"))
    return Check(f"{STAGE}.{name}", STAGE, layer, title, remedy, source, severity, bool(more.get("refuses", False)))


READABLE: Final = _check(
    "cluster.reading",
    SERVED,
    "What the contracts are held against could be read",
    "give the account the rights of roles/namespaces/files/verify_role.yml",
    "the answers of the API server",
)
KINDS: Final = _check(
    "cluster.kinds",
    SERVED,
    "The cluster serves what the contracts ask for",
    "install the operator that brings it, with the playbook platform; until then it is left out",
    "discovery of the API server",
    severity=WARNING,
)
RIGHTS: Final = _check(
    "cluster.rights",
    SERVED,
    "The account may do all that is to be done",
    "bind the account to the ClusterRole of roles/namespaces/files/apply_rights.yml",
    "Kubernetes, authorization.k8s.io/v1 SelfSubjectAccessReview",
    refuses=True,
)
FOREIGN: Final = _check(
    "objects.foreign",
    BOUNDS,
    "The namespace is new, or this collection's by its label",
    "choose another name, or set adopt: true in the contract to have it taken over",
    "Kubernetes, Namespace; its label readiness.groundwork.io/stage",
    refuses=True,
)
GATE: Final = _check(
    "cluster.gate",
    SERVED,
    "The governance gate stands, and denies",
    "run the playbook with readiness_gate, in steps: audit, then warn, then deny",
    "Kubernetes, ValidatingAdmissionPolicy and ValidatingAdmissionPolicyBinding",
    severity=WARNING,
)
GATE_BREAKS: Final = _check(
    "gate.breaks",
    SERVED,
    "Nothing is there that the governance gate would refuse",
    "write a contract for the namespace, take the accelerators away, or exempt the namespace of an operator",
    "quotas, pods that hold accelerators, labels and annotations of their namespaces",
    severity=WARNING,
)
GATE_TYPES: Final = _check(
    "gate.types",
    SERVED,
    "The expressions of the gate fit the kinds that they judge, as the server checks it",
    "see which kinds the cluster serves in which versions; what an expression cannot read is refused",
    "Kubernetes, ValidatingAdmissionPolicy status.typeChecking",
    severity=WARNING,
)
RESOLVED: Final = _check(
    "grants.resolved",
    GRANTS,
    "Each accelerator that is granted comes to a resource that the cluster has",
    "choose a class that the cluster can serve, or bring the nodes",
    "labels, allocatable and taints of the nodes; classes of accelerators",
    refuses=True,
)
COVERED: Final = _check(
    "grants.covered",
    GRANTS,
    "All grants of a kind of accelerator together are no more than the nodes have",
    "take grants back, or bring nodes: a queue would admit what no node can run",
    "allocatable of usable nodes; contracts",
    refuses=True,
)
IN_USE: Final = _check(
    "bounds.in_use",
    BOUNDS,
    "The quota is no less than what runs in the namespace by now",
    "raise the quota, or have what runs removed first: it runs on, and nothing more is let in",
    "Kubernetes, ResourceQuota status.used",
    refuses=True,
)
ISOLATION: Final = _check(
    "bounds.isolation",
    BOUNDS,
    "The namespace was made with the network that its contract asks for",
    "make the namespace anew: a primary network is chosen when a namespace is made, and never changed",
    "ovn-kubernetes, label k8s.ovn.org/primary-user-defined-network of the namespace",
    refuses=True,
)
GROUP_THERE: Final = _check(
    "people.group",
    PEOPLE,
    "Each group of the contract is there and has members",
    "create or sync the group, or correct its name: a binding to a group that nobody has ever heard of is taken without a word",
    "OpenShift, user.openshift.io/v1 Group",
    refuses=True,
)
ROLE_THERE: Final = _check(
    "people.role",
    PEOPLE,
    "The ClusterRole of each persona is there",
    "run the playbook platform with section identity, which writes the roles",
    "Kubernetes, rbac.authorization.k8s.io/v1 ClusterRole",
)
PULL_SECRET: Final = _check(
    "objects.pull_secret",
    PEOPLE,
    "Service accounts pull images with the Secrets that the contract names",
    "run the playbook namespaces, which adds their names to the service account",
    "Kubernetes, ServiceAccount imagePullSecrets",
)
GITOPS: Final = _check(
    "objects.gitops",
    PEOPLE,
    "All that contracts ask for can be said by files",
    "write it on the cluster, without a GitOps folder",
    "the folder that was written",
    severity=WARNING,
)
OPERATOR: Final = _check(
    "cluster.operator",
    SERVED,
    "The operators work that bring accelerators and queues",
    "see the chapter on the platform, or the operator's own status",
    "status of ClusterPolicy, DeviceConfig, GpuDevicePlugin and Kueue",
    severity=WARNING,
)
LOGIN: Final = _check(
    "people.login",
    PEOPLE,
    "People can log in",
    "configure an identity provider, with section identity of the platform's document",
    "OpenShift, config.openshift.io/v1 OAuth and Authentication",
    severity=WARNING,
)
SECRET: Final = _check(
    "people.secret",
    PEOPLE,
    "Each Secret that the contract names is there, and has the keys that it is needed for",
    "have it put there by whoever holds it; the account reads it by its name, with a Role as roles/operators/files/secret_rights.yml",
    "Kubernetes, Secret: the names of its keys",
    severity=WARNING,
)
RUNTIME: Final = _check(
    "grants.runtime",
    GRANTS,
    "Each serving runtime that the contract names is there",
    "bring it with section openshift_ai of the platform's document, or correct its name",
    "KServe, ServingRuntime and ClusterServingRuntime",
    severity=WARNING,
)
EXPIRY: Final = _check(
    "life.expiry",
    LIFE,
    "The grant has not expired",
    "renew the contract, or have the namespace off-boarded",
    "contract, expires; the day of the run",
)
ENDING: Final = _check(
    "life.ending",
    LIFE,
    "The grant does not expire soon: it is warned about within 30, 14 and 7 days of its end",
    "renew the contract in time",
    "contract, expires; the day of the run",
    severity=WARNING,
)
OVER_BEFORE: Final = _check(
    "life.over_before",
    LIFE,
    "A namespace that is still to be made is granted for a day to come",
    "give a day to come",
    "contract, expires; the day of the run",
    refuses=True,
)
GONE: Final = _check(
    "life.gone",
    LIFE,
    "Nothing is left of a namespace that was given up: no right, no queue, no quota, and where its data was to go no namespace",
    "run the playbook again once what runs there has ended; delete by hand what somebody else made",
    "bindings, quotas, policies and queues; ClusterRoleBindings of its service accounts; what its owner shared",
)
RETAINED: Final = _check(
    "life.retained",
    LIFE,
    "No volume holds data of a namespace that was given up",
    "hand the volumes over, or delete them, as the decision says",
    "Kubernetes, PersistentVolume spec.claimRef and persistentVolumeReclaimPolicy",
    severity=INFORMATION,
)
REGIONS: Final = _check(
    "life.regions",
    LIFE,
    "The pods of the namespace are bound to the region of its jurisdiction",
    "name one region, which becomes the node selector of the namespace; a selector cannot name several",
    "OpenShift, annotation openshift.io/node-selector of the namespace",
    severity=INFORMATION,
)

OBJECT: Final = _check(
    "objects.object",
    BOUNDS,
    "Each object that a contract asks for is there, and says what the contract says",
    "run the playbook namespaces, which brings it about",
    "the object as the API server has it; what was applied last, in the record of this collection",
)
EXTRA: Final = _check(
    "objects.extra",
    BOUNDS,
    "Nothing that says what a namespace may do, take or reach is there beside what its contract declares",
    "have it declared in the contract, or delete it; with readiness_namespaces_remove_extra the next run does",
    "RoleBindings, Roles, quotas, LimitRanges, NetworkPolicies, egress firewalls, networks and LocalQueues of the namespace",
)

CHECKS: Final[tuple[Check, ...]] = (
    READABLE,
    KINDS,
    RIGHTS,
    GATE,
    GATE_BREAKS,
    GATE_TYPES,
    FOREIGN,
    OBJECT,
    EXTRA,
    RESOLVED,
    COVERED,
    IN_USE,
    ISOLATION,
    GROUP_THERE,
    ROLE_THERE,
    OPERATOR,
    LOGIN,
    SECRET,
    RUNTIME,
    PULL_SECRET,
    GITOPS,
    EXPIRY,
    ENDING,
    OVER_BEFORE,
    GONE,
    RETAINED,
    REGIONS,
)
