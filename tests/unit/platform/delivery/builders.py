# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of Argo CD, Tekton and the API as clusters have them, and looks at clusters that hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery import readings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.check_list import CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.plan import plan_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.readings import ImageUse
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.scope import Look
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import Delivery
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, Named, NamedRead, PlatformSnapshot

Json = dict[str, Any]
TODAY = "2026-11-22"
LISTS = tuple(resource.id for resource in readings.RESOURCES) + readings.SHARED
HERE = "https://kubernetes.default.svc"
IDS = {check.id for check in CHECKS}
ALL_FINE: Json = {
    "sync": {"status": "Synced", "revision": "4f3c"},
    "health": {"status": "Healthy"},
    "operationState": {"phase": "Succeeded"},
    "reconciledAt": f"{TODAY}T06:00:00Z",
}


def look(
    wanted: Delivery | None = None,
    lists: Mapping[str, Sequence[Json]] | None = None,
    *,
    forbidden: Sequence[str] = (),
    absent: Sequence[str] = (),
    images: Mapping[str, Mapping[str, int]] | None = None,
    named: Mapping[Named, NamedRead] | None = None,
) -> Look:
    """A cluster with these lists; all others of the part are read and empty. Images None: nobody counted them."""
    listed = {name: Listed("read", tuple((lists or {}).get(name, ()))) for name in LISTS}
    listed |= {name: Listed("forbidden", reason=f"the account may not list {name}") for name in forbidden}
    listed |= {name: Listed("absent", reason=f"the cluster does not serve {name}") for name in absent}
    use = None if images is None else ImageUse(images)
    return Look(wanted or Delivery(), PlatformSnapshot(listed, named or {}), TODAY, use)


def findings(seen: Look) -> dict[tuple[str, str], CheckFinding]:
    """Findings of the part by check (without its prefix) and subject; each is of a known check, and each id is there once."""
    found = plan_of(seen).findings
    assert {finding.check for finding in found} <= IDS
    assert len({finding.id for finding in found}) == len(found)
    return {(finding.check.removeprefix("platform.delivery."), finding.subject): finding for finding in found}


def alarms(seen: Look) -> dict[tuple[str, str], str]:
    """Check and subject of what keeps the cluster from being ready, to its result."""
    return {key: finding.result for key, finding in findings(seen).items() if finding.failed}


def namespace(name: str, labels: Mapping[str, str] | None = None, **annotations: str) -> Json:
    found = {"kubernetes.io/metadata.name": name, **(labels or {})}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": found, "annotations": annotations}}


def application(
    name: str = "models",
    home: str = "openshift-gitops",
    *,
    into: str = "ai-models",
    spec: Json | None = None,
    status: Json | None = None,
    server: str = HERE,
) -> Json:
    """An Application that is in order unless spec or status say otherwise."""
    usual = {
        "project": "ai",
        "source": {"repoURL": "https://git.example.com/ai.git", "path": ".", "targetRevision": "v1.2.3"},
        "destination": {"server": server, "namespace": into},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
    }
    resources = [{"group": "apps", "version": "v1", "kind": "Deployment", "namespace": into, "name": "web", "status": "Synced"}]
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": home},
        "spec": {**usual, **(spec or {})},
        "status": {**ALL_FINE, "resources": resources, **(status or {})},
    }


def project(name: str = "ai", home: str = "openshift-gitops", *, into: Sequence[str] = ("ai-*",), windows: Sequence[Json] = ()) -> Json:
    destinations = [{"server": HERE, "namespace": each} for each in into]
    spec = {"destinations": destinations, "sourceRepos": ["*"], **({"syncWindows": list(windows)} if windows else {})}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": name, "namespace": home},
        "spec": spec,
    }


def pipeline(name: str = "build", home: str = "ai-ci", *tasks: Json) -> Json:
    return {
        "apiVersion": "tekton.dev/v1",
        "kind": "Pipeline",
        "metadata": {"name": name, "namespace": home},
        "spec": {"tasks": list(tasks) or [{"name": "test", "taskRef": {"name": "pytest"}}]},
    }


def run(
    name: str, of: str = "build", home: str = "ai-ci", *, status: str = "True", day: str = TODAY, reason: str = "", **further: Any
) -> Json:
    """A run: True succeeded, False failed (or was cancelled, by its reason), Unknown is under way; empty: nobody has looked at it."""
    when = f"{day}T05:00:00Z" if len(day) == len(TODAY) else day
    usual = {"True": "Succeeded", "False": "Failed", "Unknown": "Running"}
    entry = {"type": "Succeeded", "status": status, "reason": reason or usual.get(status, ""), "message": f"it is {status}"}
    done = {"completionTime": when} if status in ("True", "False") and when else {}
    return {
        "apiVersion": "tekton.dev/v1",
        "kind": "PipelineRun",
        "metadata": {"name": name, "namespace": home, "labels": {"tekton.dev/pipeline": of}},
        "spec": {"pipelineRef": {"name": of}},
        "status": {"startTime": when, **done, "conditions": [entry]} if status else {},
        **further,
    }


def image_policy(name: str, *scopes: str, home: str = "", pending: bool = False) -> Json:
    entry = {"type": "Pending", "status": "True" if pending else "False", "reason": "Conflict", "message": "a global policy goes before"}
    return {
        "apiVersion": "config.openshift.io/v1",
        "kind": "ImagePolicy" if home else "ClusterImagePolicy",
        "metadata": {"name": name, **({"namespace": home} if home else {})},
        "spec": {"scopes": list(scopes), "policy": {"rootOfTrust": {"policyType": "PublicKey", "publicKey": {"keyData": "a2V5"}}}},
        "status": {"conditions": [entry]},
    }


def admission(name: str, **spec: Any) -> Json:
    rules = [{"apiGroups": ["apps"], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": ["deployments"]}]
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": rules}, "validations": [{"expression": "true"}], **spec},
    }


def binding(name: str, policy: str, *actions: str, **spec: Any) -> Json:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": policy, "validationActions": list(actions) or ["Deny"], **spec},
    }
