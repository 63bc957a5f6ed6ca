# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Platforms for the tests of the report: records by hand, valid by the platform's schema, and views made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import LAYERS
from ansible_collections.groundwork.readiness.plugins.module_utils.report import view
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_build import platform_report
from ansible_collections.groundwork.readiness.plugins.module_utils.report.platform_view import PlatformView

from tests.unit.report import factory, people_factory

Record = dict[str, Any]

HOSTILE = people_factory.HOSTILE
FORMULA = people_factory.FORMULA
CLUSTER = "0b3f6a52-6a0e-4a8e-9a44-5b3a3f1c7d11"
RESOLUTION = (
    "constraints not satisfiable: no operators found in channel stable-v1.5 of package kueue-operator in the catalog referenced by "
    "subscription kueue-operator, subscription kueue-operator exists"
)
UNPACK = 'Back-off pulling image "registry.example.com/amd/gpu-operator-bundle@sha256:77aa"'
PODS = [f"team-{team}/trainer-{number}" for team in ("vision", "speech") for number in range(3)]


def header(mode: str = "apply", **facts: Any) -> Record:
    """First line of the artifact, as far as a report looks at it."""
    first = {
        "mode": mode,
        "cluster": CLUSTER,
        "captured_at": "2026-11-22T02:00:00Z",
        "parts": ["prerequisites", "operators", "accelerators", "openshift_ai", "identity", "monitoring", "delivery"],
        "inputs": [{"name": "platform.yml", "sha256": "ab" * 32}, {"name": "site.yml", "sha256": "cd" * 32}],
        "catalogue": {"version": "2026.11", "sha256": "ef" * 32},
    }
    return {**first, **facts}


def layer(order: int, name: str, state: str, *holds: str, **facts: Any) -> Record:
    """One layer of the stack."""
    return {"kind": "layer", "id": name, "order": order, "state": state, "wanted": True, "holds": list(holds), **facts}


def finding(check: str, subject: str, result: str = "fail", state: str = "in_step", layer: str = "operators", **facts: Any) -> Record:
    """What a check found; `check` is its id without the stage."""
    part = check.partition(".")[0]
    whole = f"platform.{check}"
    record = {"kind": "finding", "id": f"{part}/{whole}/{subject}", "check": whole, "part": part, "subject": subject}
    return {**record, "state": state, "result": result, "severity": "critical", "action": "none", "layer": layer, **facts}


def operator(name: str, state: str = "ready", **facts: Any) -> Record:
    """One operator that is as it has to be."""
    record = {
        "kind": "operator",
        "id": name,
        "name": name,
        "part": "operators",
        "package": f"{name}-operator",
        "namespace": f"openshift-{name}",
        "source": "redhat-operators",
        "channel": "stable",
        "pinned_csv": f"{name}.v1.2.0",
        "installed_csv": f"{name}.v1.2.0",
        "current_csv": f"{name}.v1.2.0",
        "phase": "Succeeded",
        "group": f"{name}-group",
        "install_modes": ["OwnNamespace", "SingleNamespace"],
        "install_mode_used": "OwnNamespace",
        "managed_by": "this",
        "stance": "install",
        "crds": [f"{name}s.example.com"],
        "max_openshift_version": "",
        "blocks_minor": False,
        "hops": [],
        "state": state,
    }
    return {**record, **facts}


def without(record: Record, *facts: str, **reasons: str) -> Record:
    """The record with these facts unknown, some of them for a reason."""
    left = {key: value for key, value in record.items() if key not in facts and key not in reasons}
    return {**left, "unknown": reasons} if reasons else left


def operators() -> list[Record]:
    """Operators in every state, of every owner."""
    return [
        operator("cert-manager", managed_by="olm", stance="observe", group="", install_modes=["AllNamespaces"], pinned_csv=""),
        operator("nfd"),
        operator("nvidia", package="gpu-operator-certified", max_openshift_version="4.21", blocks_minor=True),
        operator("kueue", "broken", channel="stable-v1.5", installed_csv="", current_csv="", phase="", install_mode_used=""),
        operator("amd", "waiting", package="amd-gpu-operator", installed_csv="", current_csv="amd.v1.2.0", phase="", hops=["amd.v1.2.0"]),
        operator("lws", "missing", installed_csv="", current_csv="", phase="", group="", managed_by="nobody"),
        operator(
            "rhoai", package="rhods-operator", stance="adopt", **dict.fromkeys(("installed_csv", "current_csv"), "rhods-operator.3.5.0")
        ),
        without(
            operator("gaudi", "not_evaluated", managed_by="gitops", stance="observe"),
            "blocks_minor",
            "max_openshift_version",
            installed_csv="the account may not list clusterserviceversions",
        ),
    ]


def findings() -> list[Record]:
    """Findings of every result, severity and state."""
    evidence = [{"object": "Subscription openshift-kueue/kueue", "field": "status.conditions", "observed": "True", "expected": "absent"}]
    return [
        finding(
            "operators.resolution",
            "operator kueue",
            state="changed",
            message=RESOLUTION,
            remedy="Name a channel that the package has.",
            evidence=evidence,
        ),
        finding("operators.unpack", "operator amd", state="changed", message=UNPACK, remedy=f"Mirror the bundle {HOSTILE}"),
        finding("operators.minor", "operator nvidia", state="changed", severity="warning", message="it allows OpenShift 4.21 at most"),
        finding("operators.group.second", "namespace openshift-kueue", state="extra", message="a second OperatorGroup: kueue-old"),
        finding(
            "prerequisites.registry",
            "internal registry",
            "waived",
            "missing",
            "prerequisites",
            message="it is Removed; waived by team-platform@example.com until 2027-03-31: images come from the site's own registry",
        ),
        finding("prerequisites.storage_class", "default StorageClass", "pass", layer="prerequisites"),
        finding("prerequisites.proxy", "Proxy cluster", "not_applicable", layer="prerequisites"),
        finding("prerequisites.hint", "CA bundle", severity="information", layer="prerequisites", message="it ends in 40 days"),
        finding(
            "accelerators.object",
            "ClusterPolicy gpu-cluster-policy",
            "pass",
            "changed",
            "accelerators",
            action="update",
            fields=["spec.mig.strategy", "spec.dcgmExporter.enabled"],
            path="accelerators.pools[0]",
        ),
        finding(
            "accelerators.object",
            "DeviceConfig openshift-amd-gpu/mi300",
            "not_evaluated",
            "missing",
            "accelerators",
            action="create",
            message="planned, not validated: it comes with operator amd",
        ),
        finding(
            "accelerators.memory",
            "pool gaudi",
            "not_evaluated",
            "not_evaluated",
            "accelerators",
            message=f"neither label nor table tells the memory of {FORMULA}",
        ),
        *(finding("operators.object", f"Subscription openshift-{name}/{name}", "pass") for name in ("nfd", "nvidia", "kueue")),
        finding("openshift_ai.dsc", "DataScienceCluster default-dsc", "fail", "missing", "ai_platform", message="not there", refuses=True),
    ]


def accelerators() -> list[Record]:
    """Groups with everything known, with unhealthy devices, and with little known."""
    group = {
        "kind": "accelerator_group",
        "id": "h100",
        "name": "h100",
        "vendor": "nvidia",
        "product": "NVIDIA H100 80GB HBM3",
        "mode": "whole",
        "workload": "container",
        "resource": "nvidia.com/gpu",
        "nodes": ["gpu-0", "gpu-1"],
        "capacity": 16,
        "allocatable": 16,
        "requested": 6,
        "memory_gib": 79.6,
        "memory_source": "label nvidia.com/gpu.memory",
        "taints": ["nvidia.com/gpu=:NoSchedule"],
    }
    a100 = {
        "id": "a100",
        "name": "a100",
        "product": "NVIDIA A100",
        "mode": "mig_mixed",
        "resource": "nvidia.com/mig-3g.40gb",
        "capacity": 8,
    }
    gaudi = {"id": "gaudi", "name": "gaudi", "vendor": "gaudi", "product": "Gaudi 3", "resource": "habana.ai/gaudi", "nodes": ["gaudi-0"]}
    return [
        group,
        {**group, **a100, "allocatable": 6, "requested": 5, "memory_gib": 40.0},
        without({**group, **gaudi}, "requested", "memory_source", memory_gib="no label and no table tells it"),
    ]


def requests() -> list[Record]:
    """Requests that are resolved, refused and open."""
    choice = {
        "group": "h100",
        "resource": "nvidia.com/gpu",
        "flavor": "nvidia-h100",
        "tolerations": ["nvidia.com/gpu=:NoSchedule"],
        "node_selector": {"nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"},
        "quota_keys": {"requests.nvidia.com/gpu": 4, "requests.amd.com/gpu": 0, "requests.habana.ai/gaudi": 0},
        "nodes": ["gpu-0", "gpu-1"],
        "fits_now": 2,
    }
    asked = {"kind": "request", "device_class": "large-inference", "count": 4, "replicas": 1, "memory_gib": 80, "sharing": "none"}
    refused = "no node has 16 devices of one resource: the most is 8"
    return [
        {**asked, "id": "chat", "name": "chat", "state": "ready", "choices": [choice, {**choice, "group": "mi300", "flavor": "amd-mi300"}]},
        {
            **asked,
            "id": "huge",
            "name": "huge",
            "state": "missing",
            "count": 16,
            "refused_reason": refused,
            "nearest": "h100 lacks 8 devices",
        },
        {**asked, "id": "odd", "name": "odd", "state": "not_evaluated", "not_evaluated_reason": "the memory of gaudi is not known"},
    ]


def objects() -> list[Record]:
    """Objects in every state."""
    base = {"kind": "object", "part": "operators", "state": "in_step", "result": "pass", "action": "none", "fields": [], "validated": True}
    changed = {"state": "changed", "action": "update", "part": "accelerators", "fields": ["spec.mig.strategy", "spec.dcgmExporter.enabled"]}
    awaited = {"state": "missing", "result": "not_evaluated", "action": "create", "awaits": "amd", "validated": False}
    return [
        *({**base, "id": f"Subscription openshift-{name}/{name}", "path": "operators.wanted"} for name in ("kueue", "nfd", "nvidia")),
        {**base, "id": "ClusterPolicy gpu-cluster-policy", **changed, "path": "accelerators.pools[0]"},
        {**base, "id": "DeviceConfig openshift-amd-gpu/mi300", **awaited},
        {**base, "id": "ResourceFlavor left-over", "state": "orphaned", "action": "delete"},
        {**base, "id": f"ResourceFlavor {HOSTILE}", "state": "extra", "result": "fail"},
    ]


def others() -> list[Record]:
    """Cluster, readings, upgrades, steps, forecasts, images, models and a notice."""
    change = {"crd": "datascienceclusters.datasciencecluster.opendatahub.io", "added": ["v2"], "removed": ["v1"], "stored": ["v1", "v2"]}
    images = [
        {"kind": "image", "id": f"registry.example.com/{name}@sha256:{number:064d}", "operator": name, "mirrored": word}
        for number, (name, word) in enumerate((("nfd", "yes"), ("nvidia", "no"), ("amd", "not_evaluated")))
    ]
    return [
        {
            "kind": "cluster",
            "id": CLUSTER,
            "name": "ocp-ai",
            "kubernetes_version": "1.34.4",
            "openshift_version": "4.21.9",
            "next_minor": "4.22",
            "olm_v0": True,
            "olm_v1": False,
        },
        {"kind": "reading", "id": "subscriptions.operators.coreos.com", "kind_name": "Subscription", "state": "read", "count": 9},
        {
            "kind": "reading",
            "id": "clusterserviceversions.operators.coreos.com",
            "kind_name": "ClusterServiceVersion",
            "state": "forbidden",
            "reason": f"forbidden {HOSTILE}",
            "permission": "list clusterserviceversions.operators.coreos.com",
            "costs": ["what is installed"],
        },
        {"kind": "reading", "id": "clusterextensions.olm.operatorframework.io", "state": "absent", "costs": []},
        {
            "kind": "upgrade",
            "id": "rhoai",
            "from_csv": "rhods-operator.3.5.0",
            "to_csv": "rhods-operator.3.6.1",
            "hops": ["rhods-operator.3.6.0", "rhods-operator.3.6.1"],
            "crd_changes": [{**change, "refused": True}],
            "related_images_added": 12,
            "refused": True,
            "reason": "version v1 of datascienceclusters would vanish, and 1 object is stored in it",
        },
        {"kind": "upgrade", "id": "nvidia", "from_csv": "nvidia.v1.2.0", "to_csv": "nvidia.v1.3.0", "reason": "the graph is not known"},
        {
            "kind": "step",
            "id": "001 operators approve",
            "part": "operators",
            "verb": "approve",
            "subject": "InstallPlan openshift-amd/install-x",
            "state": "planned",
            "reason": "its CSVs are declared",
        },
        {
            "kind": "forecast",
            "id": "worker-gpu",
            "nodes": ["gpu-0", "gpu-1"],
            "reasons": ["MachineConfig 99-amdgpu-blacklist"],
            "paused": False,
            "accelerator_pods": PODS,
        },
        *images,
        {
            "kind": "model",
            "id": "ai-models/granite-8b",
            "serving_kind": "InferenceService",
            "request": "chat",
            "runtime": "vllm-nvidia",
            "state": "waiting",
            "reason": "Revision granite-8b-predictor is not ready: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu",
        },
        {"kind": "model", "id": "ai-models/tiny", "serving_kind": "InferenceService", "request": "", "runtime": "ovms", "state": "ready"},
        {"kind": "notice", "id": "n", "code": "mirrors_not_known", "message": "no mirror set was read", "remedy": "Give the account list."},
    ]


def application(name: str, standing: str = "asked", state: str = "ready", **facts: Any) -> Record:
    """An Application that is as it has to be."""
    record = {
        "kind": "application",
        "id": f"openshift-gitops/{name}",
        "name": name,
        "part": "delivery",
        "standing": standing,
        "project": "ai",
        "destination": "ai-models",
        "local": True,
        "sources": ["git.example.com/ai/deploy.git"],
        "revisions": ["v1.4.2"],
        "revision_kinds": ["tag"],
        "automated": True,
        "prune": True,
        "self_heal": True,
        "sync": "Synced",
        "health": "Healthy",
        "operation": "Succeeded",
        "namespaces": ["ai-models"],
        "bounded": True,
        "state": state,
    }
    return {**record, **facts}


def pipeline(name: str, standing: str = "asked", state: str = "ready", **facts: Any) -> Record:
    """A pipeline that succeeded when it was last run."""
    record = {
        "kind": "pipeline",
        "id": f"ai-build/{name}",
        "name": name,
        "part": "delivery",
        "standing": standing,
        "defined": True,
        "last_outcome": "succeeded",
        "last_run": f"{name}-x8",
        "last_day": "2026-11-20",
        "last_success_day": "2026-11-20",
        "running": "",
        "approvals": [],
        "state": state,
    }
    return {**record, **facts}


def deliveries() -> list[Record]:
    """Applications, pipelines, image policies and gates: what is asked for, meant and only seen, in step and not, known and not."""
    several = {"sources": ["git.example.com/ai/deploy.git", "charts.example.com/vllm"], "revisions": ["main", "~1.2"]}
    by_hand = {"automated": False, "prune": False, "self_heal": False, "bounded": False, "project": "default"}
    own = {"part": "delivery", "standing": "asked"}
    policy = {**own, "policy_type": "PublicKey", "effective": True, "match_policy": "MatchRepository"}
    return [
        application("serving"),
        application("queues", "meant", "broken", sync="OutOfSync", health="Degraded", operation="Failed", self_heal=False),
        application(f"shop {HOSTILE}", "seen", **several, **by_hand, revision_kinds=["branch", "range"], destination="", local=False),
        without(application("new", "seen", "not_evaluated", sync="", health="", operation=""), "bounded", "revision_kinds", "namespaces"),
        pipeline("release", approvals=["approve-release"]),
        pipeline(
            "train", "meant", "broken", last_outcome="failed", last_run="train-x9", running="train-x10", last_success_day="2026-11-02"
        ),
        without(
            pipeline("nightly", "seen", "missing", last_outcome="never", last_run="", last_day="", last_success_day=""),
            "defined",
            approvals="the account may not list pipelines",
        ),
        {
            **policy,
            "kind": "image_policy",
            "id": "ClusterImagePolicy release",
            "name": "release",
            "scopes": [FORMULA, "registry.example.com/ai"],
            "images": 12,
        },
        {**policy, "kind": "image_policy", "id": "ImagePolicy ai-models/own", "standing": "meant", "scopes": [], "effective": False},
        {
            **own,
            "kind": "gate",
            "id": "ValidatingAdmissionPolicy digests",
            "name": "digests",
            "gate_type": "admission_policy",
            "denies": True,
            "bindings": ["digests-ai"],
            "narrowed_by": ["matchConditions of the policy: not-system"],
        },
        {
            **own,
            "kind": "gate",
            "id": "AppProject openshift-gitops/ai",
            "standing": "seen",
            "gate_type": "sync_window",
            "denies": False,
            "bindings": ["allow 0 6 * * 1-5 12h"],
            "narrowed_by": [],
        },
        {
            **own,
            "kind": "gate",
            "id": "Pipeline ai-build/release",
            "gate_type": "approval",
            "denies": True,
            "bindings": ["approve-release"],
            "narrowed_by": ["who the approvers are"],
        },
    ]


def bare_namespaces(*names: str, result: str = "fail") -> Record:
    """That nothing looks after these namespaces, which the document means."""
    evidence = [
        {"object": "namespaces", "field": "status.resources of Applications", "observed": ", ".join(names), "expected": "something"}
    ]
    facts: Record = {"evidence": evidence, "message": f"none in {', '.join(names)}"} if result == "fail" else {}
    return finding("delivery.applications.tracked", "namespaces", result, "changed", "delivery", severity="information", **facts)


def place_of(name: str) -> int:
    """Place of a layer, 1 for the ground."""
    return LAYERS.index(name) + 1


def layers() -> list[Record]:
    """Layers in every state; those that are not named here are not asked for, and of `models` the artifact says nothing."""
    seen = (
        layer(1, "cluster", "ready", "OpenShift 4.21.9"),
        layer(2, "prerequisites", "ready", "default StorageClass", "Proxy cluster", reason=""),
        layer(3, "operators", "broken", *(f"operator {entry['name']}" for entry in operators()), reason=f"operator kueue: {RESOLUTION}"),
        layer(4, "node_features", "ready", "NodeFeatureDiscovery openshift-nfd/nfd-instance"),
        layer(5, "accelerators", "waiting", "pool h100", "pool a100-mig", "pool gaudi", reason="DeviceConfig mi300 waits for operator amd"),
        layer(6, "queues", "not_evaluated", "Cohort ai", reason="the cluster does not serve resourceflavors.kueue.x-k8s.io yet"),
        layer(7, "ai_platform", "missing", "DataScienceCluster default-dsc", reason="DataScienceCluster default-dsc is not there"),
    )
    named = {record["id"] for record in seen} | {"models"}
    return [*seen, *(layer(place_of(name), name, "ready", wanted=False) for name in LAYERS if name not in named)]


def records() -> list[Record]:
    """One of everything, in the order of an artifact."""
    people = (*people_factory.identity(), *people_factory.monitoring())
    found = [*layers(), *operators(), *findings(), *accelerators(), *requests(), *objects(), *people, *deliveries(), *others()]
    return sorted(found, key=lambda record: (record["kind"], record["id"]))


def ready_records() -> list[Record]:
    """A platform that is as it has to be."""
    stack = [layer(place_of(name), name, "ready", f"part of {name}") for name in LAYERS]
    passed = [finding("operators.object", f"Subscription openshift-{name}/{name}", "pass") for name in ("nfd", "nvidia")]
    good = [operator("nfd"), operator("nvidia", package="gpu-operator-certified")]
    cluster = next(record for record in others() if record["kind"] == "cluster")
    return sorted([*stack, *passed, *good, *accelerators()[:1], cluster], key=lambda record: (record["kind"], record["id"]))


def platform_of(found: Iterable[Record], mode: str = "apply") -> PlatformView:
    """The view of a platform of these records."""
    return platform_report(found, header(mode))


def platform_view(mode: str = "verify", base: view.ReportView | None = None) -> view.ReportView:
    """The report of a run that has a platform beside an estate."""
    return replace(base or factory.make_view(40), platform=platform_of(records(), mode))


def alone_view(mode: str = "verify", found: Iterable[Record] | None = None) -> view.ReportView:
    """The report of a run of the platform alone."""
    platform = platform_of(records() if found is None else found, mode)
    base = factory.empty_view()
    return replace(
        base,
        title=view.PLATFORM_TITLE,
        headline=platform.headline,
        mode=mode,
        failed=False,
        stages=(view.StageView("target", "ocp-ai", "ran"), view.StageView("platform", "localhost", "ran")),
        in_scope=None,
        verdicts=(),
        rules=(),
        sources=(),
        inputs=(),
        excluded=(),
        estate_vm_count=None,
        provisional=None,
        platform=platform,
        platform_alone=True,
    )
