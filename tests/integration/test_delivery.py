# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delivery on a real API server: seeded defects are found, a clean cluster gives no alarm, what cannot be read is not evaluated.

What the server itself does is asked too: which scopes it takes, and in which namespaces an admission policy denies.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.reader import connect
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.writer import WriteRequest, apply
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.named import read_named
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.reader import read_snapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.request import PlatformRequest, PlatformResult
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.stage import run_platform
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import Desired, Policy
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery import readings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.gates import denying, reaches
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
from tests.integration.mutations import Target, draw
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
    """The cluster, and one account that may read everything."""

    cluster: Cluster
    token: str = field(repr=False)

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


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    if not crds_available():
        pytest.skip("no custom resource definitions")
    with cluster(name="delivery", crds=CRDS, kwok=False, scheduler=False, controllers=False) as found:
        found.client.create(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}} for name, labels in NAMESPACES.items()
        )
        for name in ("ai-clean", "ai-broken"):
            found.client.post(f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
        found.apply(map(on_server, (*CLEAN, *BROKEN)))
        yield Site(found, account(found, "reader"))


def told(plan: PartPlan) -> dict[tuple[str, str], CheckFinding]:
    return {(finding.check.removeprefix("platform.delivery."), finding.subject): finding for finding in plan.findings}


def alarms(plan: PartPlan) -> dict[tuple[str, str], CheckFinding]:
    return {key: finding for key, finding in told(plan).items() if finding.failed}


def test_clean_part_of_the_cluster_gives_no_alarm_though_everything_is_asked_and_defects_are_beside_it(site: Site) -> None:
    assert {key: finding.message for key, finding in alarms(site.plan(CLEAN_DOCUMENT)).items()} == {}


def test_document_that_asks_for_nothing_gets_everything_as_information(site: Site) -> None:
    plan = site.plan({})
    assert alarms(plan) == {}
    seen = told(plan)
    assert seen["applications.healthy", "applications seen"].result == "fail"
    assert seen["pipelines.last_run", "pipelines seen"].result == "fail"
    kinds = {record["kind"] for record in plan.records}
    assert kinds == {"application", "gate", "image_policy", "pipeline"}


def test_each_seeded_defect_is_found_with_its_cause_and_nothing_else(site: Site) -> None:
    found = alarms(site.plan(BROKEN_DOCUMENT))
    assert set(found) == set(SEEDED)
    for key, words in SEEDED.items():
        assert found[key].result == "fail"
        assert words in found[key].message, found[key].message


def test_healed_defect_is_gone_at_the_next_look(site: Site) -> None:
    key = ("pipelines.fresh", "Pipeline ci-broken/stale")
    assert key in alarms(site.plan(BROKEN_DOCUMENT))
    fresh = run("stale-2", "stale", "ci-broken")
    site.cluster.apply([fresh])
    try:
        assert key not in alarms(site.plan(BROKEN_DOCUMENT))
    finally:
        site.cluster.request("DELETE", site.cluster.client.path_of(fresh))


@pytest.mark.parametrize(
    ("hidden", "areas"),
    [
        (readings.APPLICATIONS, {"applications.used", "applications.there", "applications.tracked"}),
        (readings.PROJECTS, {"applications.project", "gates.sync_window"}),
        (readings.RUNS, {"pipelines.last_run"}),
        (readings.PIPELINES, {"gates.approval"}),
        (readings.CLUSTER_POLICIES, {"images.signed", "images.running"}),
        (readings.POLICIES, {"images.running"}),
        (readings.ADMISSION_POLICIES, {"gates.admission"}),
        (readings.ADMISSION_BINDINGS, {"gates.admission"}),
        (readings.NAMESPACES, {"scope.namespaces", "applications.tracked", "gates.admission"}),
        (readings.PODS, {"images.running", "images.digest"}),
    ],
)
def test_list_that_the_account_may_not_read_is_not_evaluated_and_the_rest_stands(site: Site, hidden: str, areas: set[str]) -> None:
    token = account(site.cluster, f"without-{hidden.partition('.')[0]}", without=hidden)
    found = alarms(site.plan(CLEAN_DOCUMENT, token))
    assert {check for check, _subject in found} == areas
    assert {finding.result for finding in found.values()} == {"not_evaluated"}
    assert all(hidden.partition(".")[0] in finding.message for finding in found.values())


def test_of_the_runs_only_the_newest_of_each_outcome_are_kept(site: Site) -> None:
    kept = [item["metadata"]["name"] for item in site.look(CLEAN_DOCUMENT).snapshot.all(readings.RUNS)]
    assert kept == ["failing-1", "failing-2", "stale-1", "build-1", "build-2", "build-3", "release-1"]


# ---- policies that are written ---------------------------------------------------------------------------------------


def test_image_policies_are_accepted_by_the_server_written_once_and_close_the_gap(site: Site) -> None:
    key = pem()
    site.cluster.apply(
        [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "cosign", "namespace": "openshift-config"},
                "data": {"cosign.pub": key},
            }
        ]
    )
    policies = [
        {
            "name": "elsewhere",
            "scopes": ["quay.io/elsewhere", "*.models.example.com"],
            "public_key": encoded(pem()),
            "rekor_key": encoded(pem()),
        },
        {
            "name": "team",
            "namespace": "ai-broken",
            "scopes": ["registry.example.org/team/app:1"],
            "public_key_from": {"namespace": "openshift-config", "name": "cosign"},
            "match": "RemapIdentity",
            "prefix": "registry.example.org/team",
            "signed_prefix": "signed.example.org:5000/team",
        },
        {
            "name": "exact",
            "scopes": ["localhost:5000"],
            "public_key": encoded(pem()),
            "match": "ExactRepository",
            "repository": "registry.example.org/exact",
        },
    ]
    document = {**BROKEN_DOCUMENT, "images": {**BROKEN_DOCUMENT["images"], "policies": policies}}
    plan = site.plan(document)
    assert len(plan.objects) == 3
    desired = tuple(Desired(wanted.object, wanted.path, wanted.rank, wanted.claim) for wanted in plan.objects)
    request = WriteRequest(Policy("platform-delivery"), "run-1", desired, home=HOME)
    with site.connection(site.cluster.admin_token) as connection:
        first, second = apply(connection, request), apply(connection, request)
    assert [finding.message for finding in first.failed()] == []
    assert (first.writes, second.writes) == (3, 0)
    found = alarms(site.plan(document))
    assert ("images.signed", "images of quay.io/elsewhere") not in found
    assert ("images.running", "images from quay.io") not in found
    stored = site.cluster.client.get("/apis/config.openshift.io/v1/namespaces/ai-broken/imagepolicies/team")
    assert base64.b64decode(stored["spec"]["policy"]["rootOfTrust"]["publicKey"]["keyData"]).decode() == key


SCOPES = (
    "registry.example.com",
    "registry.example.com:5000",
    "registry.example.com/a/b-c__d.e",
    "registry.example.com/a/b:v1.2",
    f"registry.example.com/a/b@{DIGEST}",
    "localhost",
    "localhost:5000/x",
    "*.example.com",
    "nginx",
    "nginx:1",
    "example*.com",
    "*.example.com/path",
    "registry.example.com/A",
    "https://registry.example.com",
    "registry.example.com/",
    "registry.example.com//a",
    "-a.example.com",
    "registry.example.com/a..b",
    "registry.example.com/a.-b",
    "registry.example.com/a___b",
    "registry.example.com/a--b/c__d",
    "registry.example.com/a-",
    f"registry.example.com/a:1@{DIGEST}",
    f"registry.example.com@{DIGEST}",
    "registry.example.com:5000:1",
    "Registry.Example.com/a",
    "127.0.0.1:5000/a",
    "localhost:1",
    "*.a-.example.com",
    "registry.example.com/a:b:c",
    "*",
    "*.",
    "*.com",
    "registry.example.com/a@sha256:12",
)


STRICTER = (f"registry.example.com@{DIGEST}", "registry.example.com:5000:1")
"""Taken by the server, and no image is called so: a registry with a digest or a tag."""


def test_scopes_that_the_rules_let_through_are_those_that_the_server_takes(site: Site) -> None:
    for scope in SCOPES:
        section = Reading().section(Delivery, {"images": {"signed": [scope]}}, ("delivery",))
        body = on_server(image_policy("tried", scope))
        answer = site.cluster.request("POST", "/apis/config.openshift.io/v1/clusterimagepolicies?dryRun=All", body)
        assert answer.status in (201, 422), (scope, answer.message)
        assert bool(list(delivery_faults(section))) == (answer.status == 422 or scope in STRICTER), (scope, answer.message)


def policies_of(*names: str) -> PlatformDesired:
    """A document with these image policies, which asks for all that the clean part of the cluster has."""
    policies = [{"name": name, "scopes": ["registry.example.net"], "public_key": encoded(pem())} for name in names]
    document = {"schema_version": "1.0", "delivery": {**CLEAN_DOCUMENT, "images": {"policies": policies, "running_signed": True}}}
    parsed = parse([SourceText("site.yml", document)])
    assert parsed.desired is not None, parsed.problems
    return parsed.desired


def stage(site: Site, folder: Path, mode: str, desired: PlatformDesired) -> PlatformResult:
    """One call of the stage."""
    options = {"host": site.cluster.url, "api_key": site.cluster.admin_token, "ca_cert": str(site.cluster.ca_path)}
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
    )
    return run_platform(request)


def test_stage_writes_the_policies_once_verifies_them_and_names_the_defects(site: Site, tmp_path: Path) -> None:
    desired = policies_of("staged")
    first, second, third = (stage(site, tmp_path, mode, desired) for mode in ("apply", "apply", "verify"))
    assert first.failure is None, first.failure.problems
    assert (first.changed, second.changed, third.changed) == (True, False, False)
    records = list(ArtifactReader(Path(third.artifact.path), "platform"))
    assert {record["kind"] for record in records} >= {
        "application",
        "finding",
        "gate",
        "image_policy",
        "layer",
        "object",
        "pipeline",
        "reading",
    }
    layer = next(record for record in records if record["kind"] == "layer" and record["id"] == "delivery")
    assert (layer["state"], layer["reason"]) == ("ready", "")
    defects = parse([SourceText("site.yml", {"schema_version": "1.0", "delivery": BROKEN_DOCUMENT})]).desired
    assert defects is not None
    failed = stage(site, tmp_path, "verify", defects)
    assert failed.failure is not None
    assert {(each.check.removeprefix("platform.delivery."), each.subject) for each in failed.findings if each.result == "fail"} >= {
        ("applications.healthy", "Application openshift-gitops/broken"),
        ("pipelines.fresh", "Pipeline ci-broken/stale"),
    }


def test_random_changes_of_image_policies_are_predicted_found_and_set_right(site: Site, tmp_path: Path) -> None:
    rng, names, left = Random(20261122), [f"drift-{number}" for number in range(6)], 10
    desired = policies_of(*names)
    assert stage(site, tmp_path, "apply", desired).failure is None
    while left:
        free = [policy_target(site, name) for name in names]
        done = [mutation for mutation in map(partial(draw, rng), ([target] for target in free)) if mutation.inflict(site.cluster)]
        foreseen, seen, applied = (objects_of(stage(site, tmp_path, mode, desired)) for mode in ("check", "verify", "apply"))
        for mutation in done:
            subject = mutation.target.text
            assert seen[subject].result == "fail", mutation.text
            one, other = foreseen[subject], applied[subject]
            assert (one.state, one.action, one.fields) == (other.state, other.action, other.fields), mutation.text
        # Fields that another manager has taken by force are told and left; here they are made anew, and count for nothing.
        kept = [mutation.target.path for mutation in done if applied[mutation.target.text].action == "none"]
        for path in kept:
            site.cluster.request("DELETE", path)
        left = max(0, left - len(done) + len(kept))
        stage(site, tmp_path, "apply", desired)
        assert not stage(site, tmp_path, "apply", desired).changed


def policy_target(site: Site, name: str) -> Target:
    """A policy that was written, as the server has it."""
    path = f"/apis/config.openshift.io/v1/clusterimagepolicies/{name}"
    return Target(path, {"apiVersion": "config.openshift.io/v1", "kind": "ClusterImagePolicy", **site.cluster.client.get(path)})


def objects_of(result: PlatformResult) -> dict[str, CheckFinding]:
    """Findings on objects, by their subject."""
    return {finding.subject: finding for finding in result.findings if finding.check.endswith(".object")}


# ---- what admission really does ----------------------------------------------------------------------------------------

SELECTORS: tuple[Json, ...] = (
    {},
    {"matchLabels": {"tier": "prod"}},
    {"matchExpressions": [{"key": "tier", "operator": "In", "values": ["dev", "test"]}]},
    {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["prod"]}]},
    {"matchExpressions": [{"key": "tier", "operator": "Exists"}]},
    {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]},
    {"matchLabels": {"tier": "dev"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]},
)


@pytest.mark.parametrize("number", range(len(SELECTORS)))
def test_namespaces_that_a_policy_is_said_to_reach_are_those_in_which_the_server_denies(site: Site, number: int) -> None:
    name, key = f"tried-{number}", f"tried-{number}"
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}]
    constraints: Json = {"resourceRules": rules}
    only = [{"name": "own", "expression": f"object.metadata.name == '{key}'"}]
    policy = admission(name, matchConstraints=constraints, matchConditions=only, validations=[{"expression": "false", "message": "denied"}])
    bound = binding(name, name, matchResources={"namespaceSelector": SELECTORS[number]})
    site.cluster.apply([policy, bound])
    spaces = {item["metadata"]["name"]: item["metadata"]["labels"] for item in site.cluster.client.get("/api/v1/namespaces")["items"]}

    def denied() -> set[str]:
        body = {"metadata": {"name": key}}
        answers = {
            space: site.cluster.request("POST", f"/api/v1/namespaces/{space}/configmaps?dryRun=All", body).status for space in spaces
        }
        return {space for space, status in answers.items() if status == 422}

    listed = site.look({}).snapshot
    live = listed.get(readings.ADMISSION_POLICIES, "", name)
    assert live is not None
    bindings = denying(listed.all(readings.ADMISSION_BINDINGS), name)
    expected = {space for space, labels in spaces.items() if reaches(live, bindings, labels)}
    assert expected
    wait_until("the policy is in force", lambda: denied() == expected, 30)
