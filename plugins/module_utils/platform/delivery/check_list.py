# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the delivery part."""

from __future__ import annotations

from typing import Final

from ...common.findings import CRITICAL, INFORMATION, WARNING
from ..checks import Check

PART: Final = "delivery"
LAYER: Final = "delivery"
_ARGO: Final = "Argo CD, argoproj.io/v1alpha1 Application"
_TEKTON: Final = "Tekton, tekton.dev/v1 PipelineRun"
_POLICY: Final = "OpenShift, config.openshift.io/v1 ClusterImagePolicy and ImagePolicy"
_ADMISSION: Final = "Kubernetes, admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy"


def _check(name: str, title: str, remedy: str, source: str, severity: str = CRITICAL) -> Check:
    return Check(f"platform.{PART}.{name}", PART, LAYER, title, remedy, source, severity)


NAMESPACES: Final = _check(
    "scope.namespaces",
    "Each pattern of namespaces matches at least one namespace",
    "correct delivery.namespaces, or create the namespace",
    "document, delivery.namespaces",
    WARNING,
)
USED: Final = _check(
    "applications.used",
    "Argo CD is there and looks after something",
    "create Applications for what runs on the cluster, or leave delivery.gitops out",
    f"{_ARGO}; its CustomResourceDefinition alone manages nothing",
    WARNING,
)
THERE: Final = _check(
    "applications.there",
    "The Application that is asked for is there",
    "create it, or correct its name and namespace in delivery.gitops.applications",
    "document, delivery.gitops.applications",
)
SYNCED: Final = _check(
    "applications.synced",
    "The cluster is what the Application's source says",
    "sync it, or correct what its conditions name",
    f"{_ARGO}, status.sync and status.conditions",
)
HEALTHY: Final = _check(
    "applications.healthy",
    "What the Application deploys is healthy",
    "see status.resources of the Application for what is not, and its events",
    f"{_ARGO}, status.health",
)
OPERATION: Final = _check(
    "applications.operation",
    "The Application's last operation succeeded",
    "see status.operationState, correct the cause, and sync again",
    f"{_ARGO}, status.operationState",
)
CURRENT: Final = _check(
    "applications.current",
    "Argo CD has compared the Application lately, so that what it says of it still holds",
    "see whether the application controller of its Argo CD runs",
    f"{_ARGO}, status.reconciledAt",
)
AUTOMATED: Final = _check(
    "applications.automated",
    "The Application is synced automatically, with pruning and self-healing where they are asked for",
    "set spec.syncPolicy.automated with prune and selfHeal",
    f"{_ARGO}, spec.syncPolicy.automated",
    WARNING,
)
PINNED: Final = _check(
    "applications.pinned",
    "The Application's sources name a tag or a commit",
    "set targetRevision to a tag or a commit: a branch changes what is released with every push",
    f"{_ARGO}, targetRevision of spec.source and spec.sources",
    WARNING,
)
PROJECT: Final = _check(
    "applications.project",
    "The Application's project is there and names the namespaces that it may deploy into",
    "give the project destinations with names or patterns of namespaces instead of *",
    "Argo CD, argoproj.io/v1alpha1 AppProject, spec.destinations",
    WARNING,
)
TRACKED: Final = _check(
    "applications.tracked",
    "Each of the namespaces meant holds something that an Application looks after",
    "let an Application deploy what is in the namespace",
    f"{_ARGO}, status.resources; annotation argocd.argoproj.io/tracking-id of the namespace",
    WARNING,
)
PIPELINE_THERE: Final = _check(
    "pipelines.there",
    "The Pipeline that is asked for is there, or runs of it are",
    "create it, or correct its name and namespace in delivery.pipelines",
    "document, delivery.pipelines; Tekton, tekton.dev/v1 Pipeline",
)
LAST_RUN: Final = _check(
    "pipelines.last_run",
    "The last completed run of the Pipeline succeeded",
    "see the run that is named, correct the cause, and run it again",
    f"{_TEKTON}, condition Succeeded; runs that were cancelled are not completed",
)
FRESH: Final = _check(
    "pipelines.fresh",
    "The Pipeline has succeeded within the days that are asked for",
    "run it, or see why nothing starts it",
    f"{_TEKTON}, status.completionTime",
)
OBJECT: Final = _check(
    "object",
    "The image policy or image gate is as the document asks for it",
    "apply the document, or see what the server refuses",
    "comparison by a dry run of the API server",
)
POLICY_KEY: Final = _check(
    "images.key",
    "The public key of the image policy can be read",
    "put the public key's PEM into the ConfigMap that delivery.images.policies names",
    f"{_POLICY}, spec.policy.rootOfTrust.publicKey",
)
EFFECTIVE: Final = _check(
    "images.effective",
    "The cluster serves the image policy that is asked for, and it takes effect",
    "use an OpenShift version that has these policies; take the scope out of the ClusterImagePolicy that is above it",
    f"{_POLICY}, spec.scopes and condition Pending",
)
SIGNED: Final = _check(
    "images.signed",
    "An image policy covers the registry, repository or image that has to be signed",
    "add the scope to a ClusterImagePolicy, such as one of delivery.images.policies",
    f"{_POLICY}, spec.scopes",
)
RUNNING: Final = _check(
    "images.running",
    "An image policy covers every image that runs in the namespaces meant",
    "add the scopes that are named to an image policy, once their images are signed",
    f"{_POLICY}, spec.scopes; Pods, spec",
)
DIGEST: Final = _check(
    "images.digest",
    "Pods in the namespaces meant name their images by digest",
    "name images as repository@sha256:...: what a tag means may change",
    "Pods, spec",
    WARNING,
)
ADMISSION: Final = _check(
    "gates.admission",
    "The admission policy denies what it finds, in every namespace meant",
    "give it validations and rules for CREATE and UPDATE, bind it with validationActions: [Deny] and selectors that reach these "
    "namespaces, and set failurePolicy: Fail",
    f"{_ADMISSION} and ValidatingAdmissionPolicyBinding",
)
NARROWED: Final = _check(
    "gates.narrowed",
    "Nothing narrows the admission policy that cannot be judged from outside",
    "see the conditions and selectors that are named: for what they leave out the policy does not deny",
    f"{_ADMISSION}, spec.matchConditions and objectSelector; CEL is not evaluated here",
    INFORMATION,
)
WINDOW: Final = _check(
    "gates.sync_window",
    "The project has the sync window that is asked for, over all its applications, and no other allows what this one does not",
    "add the window to spec.syncWindows of the AppProject; take out windows that allow syncs at other times",
    "Argo CD, argoproj.io/v1alpha1 AppProject, spec.syncWindows",
)
WINDOW_ENTRY: Final = _check(
    "gates.sync_window.entry",
    "The sync window that the document has written is in the project's list",
    "apply the document, or see what the finding names",
    "Argo CD, argoproj.io/v1alpha1 AppProject, spec.syncWindows, an atomic list",
)
GATE_ACTION: Final = _check(
    "gates.image_gate.action",
    "The image gate does about a pod what the document asks for, and nothing else",
    "apply the document, or see who else writes the binding",
    f"{_ADMISSION}, spec.validationActions of its binding, which the server merges as a set",
)
GATE_SCOPE: Final = _check(
    "gates.image_gate.scope",
    "The image gate holds in at least one namespace, and in none of the system",
    "label the namespaces that are meant, and none of the system",
    f"{_ADMISSION}, spec.matchResources.namespaceSelector of its binding",
)
GATE_RUNS: Final = _check(
    "gates.image_gate.runs",
    "The image gate would let through all that runs where it holds",
    "correct these images before the gate denies: their pods run on, and are refused when they are made anew",
    "Pods, spec",
    WARNING,
)
APPROVAL: Final = _check(
    "gates.approval",
    "Tasks of the Pipeline wait for an approval",
    "add an ApprovalTask to the Pipeline and name it in runAfter of these tasks",
    "OpenShift Pipelines, openshift-pipelines.org/v1alpha1 ApprovalTask; Tekton, tekton.dev/v1 Pipeline, runAfter",
)

CHECKS: Final[tuple[Check, ...]] = (
    NAMESPACES,
    USED,
    THERE,
    SYNCED,
    HEALTHY,
    OPERATION,
    CURRENT,
    AUTOMATED,
    PINNED,
    PROJECT,
    TRACKED,
    PIPELINE_THERE,
    LAST_RUN,
    FRESH,
    OBJECT,
    POLICY_KEY,
    EFFECTIVE,
    SIGNED,
    RUNNING,
    DIGEST,
    ADMISSION,
    NARROWED,
    WINDOW,
    WINDOW_ENTRY,
    GATE_ACTION,
    GATE_SCOPE,
    GATE_RUNS,
    APPROVAL,
)
