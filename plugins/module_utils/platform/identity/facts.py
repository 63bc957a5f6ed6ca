# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of Kubernetes and OpenShift that personas are judged by: verbs, what everybody may, and which rights lead to further ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ..desired.identity import PersonaRule

DATA_SCIENTIST, ML_ENGINEER, PLATFORM, AUDITOR, SERVICE = "data_scientist", "ml_engineer", "platform", "auditor", "service"
SHIPPED: Final = (AUDITOR, DATA_SCIENTIST, ML_ENGINEER, PLATFORM, SERVICE)
"""Names of the personas in personas.yml."""

ALL: Final = "*"
RBAC: Final = "rbac.authorization.k8s.io"
READ: Final = ("get", "list", "watch")
CHANGE: Final = ("create", "delete", "deletecollection", "patch", "update")
SPECIAL: Final = ("approve", "attest", "bind", "escalate", "impersonate", "sign", "use")
"""Verbs that no request has: the server asks for them beside the request itself (Kubernetes reference, "Authorization", request verbs)."""
VERBS: Final = (*READ, *CHANGE, *SPECIAL)
NAMELESS: Final = ("create", "deletecollection")
"""Verbs of requests that name no object: a rule with names never matches them, but for create of a subresource."""


def _rule(groups: str, resources: str, verbs: str, *names: str) -> PersonaRule:
    """A rule from words; `core` is the group without a name."""
    found = tuple("" if group == "core" else group for group in groups.split())
    return PersonaRule(api_groups=found, resources=tuple(resources.split()), verbs=tuple(verbs.split()), names=names)


EVERYBODY: Final = (
    _rule("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", "create"),
    _rule("authentication.k8s.io", "selfsubjectreviews", "create"),
)
"""What everybody may who has logged in: ClusterRole system:basic-user (kubernetes v1.34.4,
plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go). OpenShift gives more, which differs between its versions."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """Rights that lead to further ones, and how."""

    rule: PersonaRule
    gives: str
    everywhere: bool = False
    """only when they hold in every namespace, those of the cluster itself too"""


_CHANGE: Final = " ".join(CHANGE)
_MADE: Final = "create update patch"
_CONNECT: Final = "get create update patch delete"
ESCALATIONS: Final = (
    Escalation(_rule("core", "secrets", "get list watch update patch delete deletecollection"), "credentials of others"),
    Escalation(_rule("core", "serviceaccounts/token", "create"), "a token of any service account that is reached"),
    Escalation(_rule("core user.openshift.io authentication.k8s.io", ALL, "impersonate"), "being somebody else"),
    Escalation(
        _rule(f"{RBAC} authorization.openshift.io", "clusterrolebindings clusterroles rolebindings roles", f"{_CHANGE} bind escalate"),
        "giving rights",
    ),
    Escalation(_rule("core", "pods/attach pods/exec pods/portforward pods/proxy services/proxy", _CONNECT), "reaching into pods of others"),
    Escalation(_rule("core", "pods/ephemeralcontainers", "update patch"), "a container in pods of others"),
    Escalation(_rule("core", "nodes/proxy", _CONNECT), "commands in every pod of a node"),
    Escalation(_rule("core", "bindings pods/binding nodes/status pods/status", _MADE), "speaking for the scheduler and the kubelets"),
    Escalation(_rule("core", "persistentvolumes", _CHANGE), "a volume that is a folder of a node"),
    Escalation(_rule("snapshot.storage.k8s.io", "volumesnapshotcontents", _CHANGE), "data of others by the handle of a snapshot"),
    Escalation(_rule("core", "endpoints", _MADE), "traffic to pods of other namespaces"),
    Escalation(_rule("discovery.k8s.io", "endpointslices", _MADE), "traffic to pods of other namespaces"),
    Escalation(_rule("core", "namespaces", _MADE), "labels of namespaces, which decide on pod security"),
    Escalation(_rule("project.openshift.io", "projects", _MADE), "labels of namespaces, which decide on pod security"),
    Escalation(_rule("project.openshift.io", "projectrequests", "create"), "being the administrator of a new project"),
    Escalation(_rule("security.openshift.io", "securitycontextconstraints", f"{_CHANGE} use"), "containers with rights on their node"),
    Escalation(
        _rule("operators.coreos.com", "catalogsources clusterserviceversions installplans operatorgroups subscriptions", _CHANGE),
        "the rights of an operator",
    ),
    Escalation(_rule("admissionregistration.k8s.io", ALL, _CHANGE), "seeing and changing every object that is written"),
    Escalation(_rule("apiextensions.k8s.io", "customresourcedefinitions", _CHANGE), "changing what the API is"),
    Escalation(_rule("apiregistration.k8s.io", "apiservices", _CHANGE), "changing what the API is"),
    Escalation(
        _rule("certificates.k8s.io", "certificatesigningrequests/approval certificatesigningrequests/status", "update patch"),
        "a certificate in the name of anybody",
    ),
    Escalation(_rule("certificates.k8s.io", "signers", "approve attest sign"), "a certificate in the name of anybody"),
    Escalation(_rule("user.openshift.io", "groups identities useridentitymappings users", _CHANGE), "saying who is in which group"),
    Escalation(_rule("redhatcop.redhat.io", "groupsyncs", _CHANGE), "saying who is in which group"),
    Escalation(
        _rule("oauth.openshift.io", "oauthaccesstokens oauthauthorizetokens oauthclients", f"get list watch {_CHANGE}"),
        "sessions of others",
    ),
    Escalation(
        _rule("config.openshift.io operator.openshift.io machineconfiguration.openshift.io", ALL, _CHANGE), "settings of the cluster itself"
    ),
    Escalation(
        _rule("nvidia.com amd.com kmm.sigs.x-k8s.io deviceplugin.intel.com habanalabs.habana.ai", ALL, _CHANGE),
        "privileged containers and drivers on nodes",
    ),
    Escalation(_rule("services.platform.opendatahub.io", "auths", _CHANGE), "saying who is the administrator of OpenShift AI"),
    Escalation(_rule("argoproj.io", "applications applicationsets appprojects", _CHANGE), "the rights of Argo CD"),
    Escalation(_rule("core", "configmaps", _CHANGE), "settings of the cluster's own controllers", everywhere=True),
    Escalation(_rule("core", "pods replicationcontrollers", _MADE), "the accounts of the cluster's own controllers", everywhere=True),
    Escalation(
        _rule("apps batch", "cronjobs daemonsets deployments jobs replicasets statefulsets", _MADE),
        "the accounts of the cluster's own controllers",
        everywhere=True,
    ),
    Escalation(
        _rule("serving.kserve.io", "inferenceservices llminferenceservices servingruntimes", _MADE),
        "the accounts of any namespace, by what becomes a pod",
        everywhere=True,
    ),
    Escalation(
        _rule("kubeflow.org trainer.kubeflow.org ray.io tekton.dev argoproj.io jobset.x-k8s.io leaderworkerset.x-k8s.io", ALL, _MADE),
        "the accounts of any namespace, by what becomes a pod",
        everywhere=True,
    ),
    Escalation(
        _rule("monitoring.coreos.com", "podmonitors probes prometheuses scrapeconfigs servicemonitors thanosrulers", _MADE),
        "a token of the platform's Prometheus, sent where one names",
        everywhere=True,
    ),
)
"""Known ways from rights to further rights. Sources: Kubernetes' "Role Based Access Control Good Practices" for Secrets, pods,
volumes, nodes/proxy, escalate, bind, impersonate, certificates, tokens and webhooks; RBAC of OpenShift's own API groups; what
operators run with."""
