# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster with what delivery looks at, one part of it in order and one with a defect of each kind, and calls of the stage on it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.reader import connect
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.named import read_named
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.reader import read_snapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformRequest, PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.stage import run_platform
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery import readings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.images import key_refs
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.plan import plan_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.scope import Look
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery import Delivery
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.delivery_rules import delivery_faults
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText, parse
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.shape import Reading
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import PartPlan
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readings import BY_ID
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.shipped import catalogue_from
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import read_facts

from tests.counterparts.cluster import Cluster, cluster, crds_available, wait_until
from tests.integration.platform_site import WRITER, files, may
from tests.unit.adapters.cluster.conftest import libraries_missing
from tests.unit.platform.delivery.builders import TODAY, Json, admission, application, binding, image_policy, pipeline, project, run

HOME = "groundwork-readiness"
CRDS = (
    "argoproj.io",
    "tekton.dev",
    "clusterimagepolicies.config.openshift.io",
    "imagepolicies.config.openshift.io",
    "imagedigestmirrorsets.config.openshift.io",
    "imagetagmirrorsets.config.openshift.io",
)
SHARED = tuple(BY_ID[name] for name in readings.SHARED)
DIGEST = "sha256:" + "2c" * 32
SIGNED_IMAGE = f"registry.example.com/ai/vllm@{DIGEST}"
UNSIGNED_IMAGE = "quay.io/elsewhere/tool:1"
NIGHT: Json = {"kind": "deny", "schedule": "0 8 * * *", "duration": "10h", "applications": ["*"]}
APPROVAL: Json = {"name": "approve", "taskRef": {"apiVersion": "openshift-pipelines.org/v1alpha1", "kind": "ApprovalTask"}}
NAMESPACES = {
    "ai-clean": {"tier": "prod"},
    "ai-broken": {"tier": "dev"},
    "ci-clean": {},
    "ci-broken": {},
    "openshift-gitops": {},
    "openshift-config": {},
    HOME: {},
}
UNASKED = "no-such-namespace"


def pem() -> str:
    """Something of the form of a public key."""
    return f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(secrets.token_bytes(91)).decode()}\n-----END PUBLIC KEY-----\n"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def pod(namespace: str, name: str, image: str) -> Json:
    spec = {"automountServiceAccountToken": False, "containers": [{"name": "main", "image": image}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def on_server(item: Json) -> Json:
    """What of an object is missing that the real schemas ask for."""
    if item["kind"] == "Application":
        status = dict(item["status"])
        status["operationState"] = {**status["operationState"], "operation": {}, "startedAt": f"{TODAY}T05:00:00Z"}
        return {**item, "status": status}
    if item["kind"].endswith("ImagePolicy"):
        trust = {"policyType": "PublicKey", "publicKey": {"keyData": encoded(pem())}}
        entries = [{**entry, "lastTransitionTime": f"{TODAY}T00:00:00Z"} for entry in item["status"]["conditions"]]
        return {**item, "spec": {**item["spec"], "policy": {"rootOfTrust": trust}}, "status": {"conditions": entries}}
    return item


CLEAN: tuple[Json, ...] = (
    project(into=("ai-*",), windows=[NIGHT]),
    application("clean", into="ai-clean"),
    pipeline("build", "ci-clean"),
    pipeline("release", "ci-clean", APPROVAL, {"name": "deploy", "taskRef": {"name": "helm"}, "runAfter": ["approve"]}),
    run("build-1", "build", "ci-clean", day="2026-11-01", status="False"),
    run("build-2", "build", "ci-clean", day="2026-11-20"),
    run("build-3", "build", "ci-clean", status="Unknown"),
    run("release-1", "release", "ci-clean"),
    image_policy("ai", "registry.example.com/ai"),
    admission("labelled"),
    binding("labelled", "labelled", matchResources={"namespaceSelector": {"matchLabels": {"tier": "prod"}}}),
    pod("ai-clean", "vllm", SIGNED_IMAGE),
)
BROKEN: tuple[Json, ...] = (
    project("wide", into=("*",)),
    application("broken", into="ai-broken", spec={"project": "wide"}, status={"health": {"status": "Degraded", "message": "2 pods crash"}}),
    application("forgotten", into="ai-broken", status={"reconciledAt": "2026-10-01T00:00:00Z"}),
    application("failed", into="ai-broken", status={"operationState": {"phase": "Failed", "message": "one hook failed"}}),
    pipeline("stale", "ci-broken"),
    run("stale-1", "stale", "ci-broken", day="2026-10-01"),
    pipeline("failing", "ci-broken"),
    run("failing-1", "failing", "ci-broken", day="2026-11-20"),
    run("failing-2", "failing", "ci-broken", status="False", reason="PipelineRunTimeout"),
    pipeline("never", "ci-broken"),
    pod("ai-broken", "tool", UNSIGNED_IMAGE),
    pod("ai-broken", "vllm", SIGNED_IMAGE),
)
CLEAN_DOCUMENT: Json = {
    "namespaces": ["ai-clean"],
    "gitops": {
        "applications": [{"name": "clean"}],
        "automated": True,
        "prune": True,
        "pinned": True,
        "bounded_projects": True,
        "tracked": True,
    },
    "pipelines": [{"name": "build", "namespace": "ci-clean", "success_within_days": 7}, {"name": "release", "namespace": "ci-clean"}],
    "images": {"signed": ["registry.example.com/ai"], "running_signed": True, "by_digest": True},
    "gates": {
        "admission": [{"name": "labelled", "resources": ["deployments.apps"]}],
        "sync_windows": [{"project": "ai", "schedule": "0 8 * * *"}],
        "approvals": [{"pipeline": "release", "namespace": "ci-clean", "before": ["deploy"]}],
    },
}
BROKEN_DOCUMENT: Json = {
    "namespaces": ["ai-broken"],
    "gitops": {"applications": [{"name": name} for name in ("broken", "forgotten", "failed", "gone")], "bounded_projects": True},
    "pipelines": [{"name": name, "namespace": "ci-broken", "success_within_days": 7} for name in ("stale", "failing", "never", "gone")],
    "images": {"signed": ["quay.io/elsewhere"], "running_signed": True, "by_digest": True},
    "gates": {"admission": [{"name": "labelled"}]},
}
SEEDED = {
    ("applications.healthy", "Application openshift-gitops/broken"): "it is degraded: 2 pods crash",
    ("applications.project", "Application openshift-gitops/broken"): "allows every namespace",
    ("applications.current", "Application openshift-gitops/forgotten"): "compared it last on 2026-10-01",
    ("applications.operation", "Application openshift-gitops/failed"): "one hook failed",
    ("applications.there", "Application openshift-gitops/gone"): "there is no Application",
    ("pipelines.fresh", "Pipeline ci-broken/stale"): "it succeeded last on 2026-10-01, 52 days ago",
    ("pipelines.last_run", "Pipeline ci-broken/failing"): "failing-2 of 2026-11-22 failed: PipelineRunTimeout",
    ("pipelines.last_run", "Pipeline ci-broken/never"): "it never ran",
    ("pipelines.fresh", "Pipeline ci-broken/never"): "no run that succeeded",
    ("pipelines.there", "Pipeline ci-broken/gone"): "there is neither",
    ("images.signed", "images of quay.io/elsewhere"): "no policy covers it",
    ("images.running", "images from quay.io"): "no policy covers 1 of 1: quay.io/elsewhere/tool",
    ("images.digest", "images that run"): UNSIGNED_IMAGE,
    ("gates.admission", "ValidatingAdmissionPolicy labelled"): "it does not deny in ai-broken",
}
"""Check and subject of each defect that was put there, and what the finding says."""


@dataclass
class Site:
    """The cluster, one account that may read everything, and one with the shipped rights to write."""

    cluster: Cluster
    token: str = field(repr=False)
    writer: str = field(repr=False, default="")

    def connection(self, token: str = "") -> ApiConnection:
        """A connection of an account."""
        options = {"host": self.cluster.url, "api_key": token or self.token, "ca_cert": str(self.cluster.ca_path)}
        return connect(ClusterSettings(options))

    def look(self, document: Json, token: str = "", page_size: int = 3) -> Look:
        """One look at the cluster, in small pages."""
        wanted: Delivery = Reading().section(Delivery, document, ("delivery",))
        assert list(delivery_faults(wanted)) == []
        with self.connection(token) as connection:
            snapshot = read_snapshot(connection, (*readings.RESOURCES, *SHARED), page_size, facts=False)
            snapshot = snapshot.with_named(read_named(connection, key_refs(wanted)))
        return Look(wanted, snapshot, TODAY, snapshot.images)

    def plan(self, document: Json, token: str = "") -> PartPlan:
        """What the part makes of it."""
        return plan_of(self.look(document, token))


def grant(account: str, kinds: Mapping[str, tuple[str, ...]]) -> list[Json]:
    """Rights to list these resources, by API group."""
    rules = [{"apiGroups": [group], "resources": list(resources), "verbs": ["get", "list"]} for group, resources in kinds.items()]
    rbac = "rbac.authorization.k8s.io"
    subject = {"kind": "ServiceAccount", "name": account, "namespace": HOME}
    name = {"name": f"delivery-{account}"}
    return [
        {"apiVersion": f"{rbac}/v1", "kind": "ClusterRole", "metadata": name, "rules": rules},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": name,
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": name["name"]},
            "subjects": [subject],
        },
    ]


def account(found: Cluster, name: str, *, without: str = "") -> str:
    """A service account that may list everything that the part reads, but for one resource."""
    kinds: dict[str, tuple[str, ...]] = {"": ("configmaps",)}
    for resource in (*readings.RESOURCES, *SHARED):
        if resource.id != without:
            kinds[resource.group] = (*kinds.get(resource.group, ()), resource.plural)
    token = found.service_account(HOME, name)
    found.apply(grant(name, kinds))
    kept = readings.APPLICATIONS if without != readings.APPLICATIONS else readings.RUNS
    plural, _dot, group = kept.partition(".")
    version = "v1alpha1" if group == "argoproj.io" else "v1"
    client = found.with_token(token)
    wait_until("the rights are known", lambda: client.request("GET", f"/apis/{group}/{version}/{plural}").status == 200)
    return token


@contextmanager
def delivery_site() -> Iterator[Site]:
    """The cluster while it runs. Skips where what it needs is not at hand."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not crds_available():
        pytest.skip("no custom resource definitions")
    with cluster(name="delivery", crds=CRDS, kwok=False, scheduler=False, controllers=False) as found:
        found.client.create(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}} for name, labels in NAMESPACES.items()
        )
        for name in ("ai-clean", "ai-broken"):
            found.request("POST", f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
        found.apply(map(on_server, (*CLEAN, *BROKEN)))
        writer = found.service_account(HOME, WRITER)
        found.apply(files("verify_role.yml", "apply_rights.yml", "delivery_rights.yml"))
        wait_until("the rights are known", lambda: may(found, writer, "patch", "argoproj.io", "appprojects"))
        yield Site(found, account(found, "looker"), writer)


def parsed(section: Json) -> PlatformDesired:
    """A document with this section alone."""
    found = parse([SourceText("site.yml", {"schema_version": "1.0", "delivery": section})])
    assert found.desired is not None, found.problems
    return found.desired


def stage(site: Site, folder: Path, mode: str, desired: PlatformDesired, *, token: str = "", **further: Any) -> PlatformResult:
    """One call of the stage, as the administrator unless a token is given."""
    options = {"host": site.cluster.url, "api_key": token or site.cluster.admin_token, "ca_cert": str(site.cluster.ca_path)}
    request = PlatformRequest(
        run_dir=folder,
        run_id="run-1",
        host="hub",
        part="delivery",
        parts=("delivery",),
        dest=folder / f"platform-{mode}.jsonl",
        mode=mode,
        desired=desired,
        catalogue=catalogue_from(read_facts()),
        today=TODAY,
        settings=ClusterSettings(options),
        wait_minutes=1.0,
        **further,
    )
    return run_platform(request)


def told(plan: PartPlan | PlatformResult) -> dict[tuple[str, str], CheckFinding]:
    """Findings by check, without its prefix, and subject."""
    return {(finding.check.removeprefix("platform.delivery."), finding.subject): finding for finding in plan.findings}


def alarms(plan: PartPlan) -> dict[tuple[str, str], CheckFinding]:
    """Those of them that failed."""
    return {key: finding for key, finding in told(plan).items() if finding.failed}


def objects_of(result: PlatformResult) -> dict[str, CheckFinding]:
    """Findings on objects, by their subject."""
    return {finding.subject: finding for finding in result.findings if finding.check.endswith(".object")}
