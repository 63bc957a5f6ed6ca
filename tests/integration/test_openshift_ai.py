# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every object of the openshift_ai part on a real API server with the real CRDs, and the rules that they have and lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.access import open_access
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.client import ApiConnection
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster_arguments import ClusterSettings
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.probing import try_probes
from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import STAGE_LABEL
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Resolution
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import AiMonitoring, Bounds
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.apis import (
    DSC,
    DSCI,
    INFERENCE,
    LLM_INFERENCE,
    PROFILE,
    Api,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.serving import judged, probes
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.parts import WantedObject

from tests.counterparts.cluster import PLATFORM, Cluster, cluster, crds_available, wait_until
from tests.counterparts.cluster.client import Answer
from tests.unit.adapters.cluster.conftest import libraries_missing
from tests.unit.platform.openshift_ai.builders import context_of, everything, look, named, one, plan_of, profile, served, wanted

Json = dict[str, Any]
APPLY = "application/apply-patch+yaml"
OLD = {"DataScienceCluster": ("v1",), "DSCInitialization": ("v1",)} | dict.fromkeys(
    ("ResourceFlavor", "Cohort", "WorkloadPriorityClass"), ("v1beta1",)
)
"""What an older cluster serves."""
NAMESPACES = ("ai-models", "ai-platform", "rhoai-model-registries", "redhat-ods-applications")
REGISTRY: Json = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "modelregistries.modelregistry.opendatahub.io"},
    "spec": {
        "group": "modelregistry.opendatahub.io",
        "scope": "Namespaced",
        "names": {"kind": "ModelRegistry", "plural": "modelregistries", "singular": "modelregistry", "listKind": "ModelRegistryList"},
        "versions": [
            {
                "name": "v1beta1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "required": ["rest"],
                                "properties": {
                                    "rest": {"type": "object"},
                                    "kubeRBACProxy": {"type": "object"},
                                    "mysql": {
                                        "type": "object",
                                        "required": ["database", "host", "username"],
                                        "properties": {
                                            "host": {"type": "string"},
                                            "port": {"type": "integer"},
                                            "database": {"type": "string"},
                                            "username": {"type": "string"},
                                            "passwordSecret": {
                                                "type": "object",
                                                "required": ["key", "name"],
                                                "properties": {"name": {"type": "string"}, "key": {"type": "string"}},
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}
"""Stand-in: the fields of the ModelRegistry that are written (its CRD is not in the shared test data)."""


@pytest.fixture(scope="module")
def ai_cluster(shared: Path) -> Iterator[Cluster]:
    """An API server with the CRDs of the platform: no node, no controller."""
    if not crds_available():
        pytest.skip(f"no custom resource definitions in {shared}")
    with cluster(crds=PLATFORM, kwok=False, scheduler=False, controllers=False) as running:
        running.apply([REGISTRY])
        running.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in NAMESPACES])
        yield running


@pytest.fixture(scope="module")
def kubernetes_core() -> None:
    """Skipped, and counted, where kubernetes.core or its library is not installed."""
    if missing := libraries_missing():
        pytest.skip(f"not installed: {', '.join(missing)}")


def send(running: Cluster, item: Json, *, dry: bool = False) -> Answer:
    """Applies an object as the write layer does: server-side, strictly."""
    path = f"{running.client.path_of(item)}?fieldManager=groundwork-readiness&fieldValidation=Strict&force=true"
    return running.request("PATCH", f"{path}&dryRun=All" if dry else path, item, APPLY)


def refusals(running: Cluster, items: Iterable[WantedObject], *, dry: bool = False) -> list[str]:
    """What the server refuses of these objects, in its words."""
    answers = [(item.object, send(running, dict(item.object), dry=dry)) for item in sorted(items, key=lambda item: item.rank)]
    return [f"{item['kind']} {item['metadata']['name']}: {answer.message}" for item, answer in answers if answer.status >= 400]


def kinds_of(items: Sequence[WantedObject]) -> set[tuple[str, str]]:
    return {(str(item.object["apiVersion"]), str(item.object["kind"])) for item in items}


def test_every_object_is_accepted_in_the_newest_versions_and_none_is_changed_by_a_second_apply(ai_cluster: Cluster) -> None:
    plan = plan_of(everything())
    assert refusals(ai_cluster, plan.objects) == []
    before = [ai_cluster.client.get(ai_cluster.client.path_of(dict(item.object)))["metadata"] for item in plan.objects]
    assert refusals(ai_cluster, plan.objects) == []
    after = [ai_cluster.client.get(ai_cluster.client.path_of(dict(item.object)))["metadata"] for item in plan.objects]
    assert [item["resourceVersion"] for item in before] == [item["resourceVersion"] for item in after]
    written = {kind for _version, kind in kinds_of(plan.objects)}
    assert written == {
        *("Auth", "ClusterServingRuntime", "Cohort", "DSCInitialization", "DataScienceCluster", "HardwareProfile"),
        *("InferenceService", "Kueue", "LLMInferenceService", "ModelRegistry", "Namespace", "ResourceFlavor", "WorkloadPriorityClass"),
    }
    assert ("kueue.x-k8s.io/v1beta2", "ResourceFlavor") in kinds_of(plan.objects)


def test_every_object_is_accepted_in_the_older_versions(ai_cluster: Cluster) -> None:
    kinds = served(**OLD, LLMInferenceService=("v1alpha1",), HardwareProfile=("v1alpha1",), ClusterServingRuntime=())
    # Other names: without the operator's conversion webhook an object of v2 cannot become one of v1.
    singletons = {resource: [named("older")] for resource in (DSC.resource, DSCI.resource)}
    plan = plan_of(everything(), look(singletons, kinds=kinds))
    assert refusals(ai_cluster, plan.objects, dry=True) == []
    found = kinds_of(plan.objects)
    assert {("kueue.x-k8s.io/v1beta1", kind) for kind in ("Cohort", "ResourceFlavor", "WorkloadPriorityClass")} <= found
    assert ("datasciencecluster.opendatahub.io/v1", "DataScienceCluster") in found
    assert ("serving.kserve.io/v1alpha1", "LLMInferenceService") in found
    assert ("serving.kserve.io/v1alpha1", "ServingRuntime") in found


def test_versions_that_are_planned_before_the_kinds_are_served_are_accepted_once_they_are(ai_cluster: Cluster) -> None:
    plan = plan_of(everything(), look(kinds={}))
    assert {item.awaits for item in plan.objects if item.object["kind"] != "Namespace"} == {"rhoai", "kueue"}
    assert refusals(ai_cluster, plan.objects, dry=True) == []


# ---- rules of the CRDs that the plan knows before -----------------------------------------------------------------------------


def dsci(running: Cluster) -> Json:
    """The DSCInitialization as it stands."""
    found: Json = running.client.get("/apis/dscinitialization.opendatahub.io/v2/dscinitializations/default-dsci")
    return found


def test_namespaces_that_cannot_change_are_refused_by_the_server_and_before_it(ai_cluster: Cluster) -> None:
    assert refusals(ai_cluster, plan_of(everything()).objects) == []
    other = everything(applications_namespace="elsewhere", monitoring=AiMonitoring(namespace="elsewhere", storage="20Gi"))
    plan = plan_of(other, look({DSCI.resource: [dsci(ai_cluster)]}))
    for word in ("dsci.applications_namespace", "dsci.monitoring_namespace"):
        assert one(plan, word).refuses
    said = refusals(ai_cluster, [item for item in plan.objects if item.object["kind"] == "DSCInitialization"], dry=True)
    assert len(said) == 1
    assert "ApplicationsNamespace is immutable" in said[0]
    assert "MonitoringNamespace is immutable" in said[0]


@pytest.mark.parametrize(
    ("changes", "word", "says"),
    [
        ({"auth": {"adminGroups": []}}, "auth.groups", "AdminGroups cannot be empty"),
        ({"auth": {"adminGroups": ["system:authenticated"]}}, "auth.groups", "cannot contain 'system:authenticated'"),
        ({"auth": {"adminGroups": [""]}}, "auth.groups", "empty strings"),
    ],
)
def test_groups_that_the_server_refuses_are_refused_before(ai_cluster: Cluster, changes: Json, word: str, says: str) -> None:
    groups = tuple(changes["auth"]["adminGroups"])
    section = everything()
    plan = plan_of(everything(auth=type(section.auth)(admin_groups=groups)))
    assert one(plan, word).refuses
    assert says in refusals(ai_cluster, [item for item in plan.objects if item.object["kind"] == "Auth"], dry=True)[0]


@pytest.mark.parametrize("components", [{"dashboard": "Unmanaged"}, {"dashbord": "Managed"}, {"trainingoperator": "Force"}])
def test_components_that_the_server_refuses_are_refused_before(ai_cluster: Cluster, components: dict[str, str]) -> None:
    plan = plan_of(wanted(components=components))
    assert one(plan, "dsc.component").refuses
    assert len(refusals(ai_cluster, [item for item in plan.objects if item.object["kind"] == "DataScienceCluster"], dry=True)) == 1


def test_framework_that_the_server_refuses_is_refused_before(ai_cluster: Cluster) -> None:
    plan = plan_of(everything(queues=type(everything().queues)(frameworks=("Pods",))))
    assert one(plan, "kueue.framework").refuses
    assert "did you mean Pod?" in one(plan, "kueue.framework").message
    assert "Unsupported value" in refusals(ai_cluster, [item for item in plan.objects if item.object["kind"] == "Kueue"], dry=True)[0]


def test_what_the_crds_accept_and_the_controllers_do_not_is_refused_by_the_plan_alone(ai_cluster: Cluster) -> None:
    backwards = profile(cpu=Bounds(min=4, default=1, max=2))
    plan = plan_of(everything(components={"kserve": "Managed", "kueue": "Managed"}, hardware_profiles=(backwards,)))
    assert one(plan, "dsc.component", "component kueue").refuses
    assert one(plan, "profile.bounds", "profile chat-4 cpu").refuses
    there = ("DataScienceCluster", "HardwareProfile")
    assert refusals(ai_cluster, [item for item in plan.objects if item.object["kind"] in there], dry=True) == []


# ---- what is there, read back ------------------------------------------------------------------------------------------------


def listed(running: Cluster, api: Api) -> list[Json]:
    """All objects of a kind."""
    version = api.versions[0]
    return list(running.client.get(f"/apis/{api.group}/{version}/{api.plural}")["items"])


def test_models_that_run_are_desired_as_they_stand_while_their_request_cannot_be_served(ai_cluster: Cluster) -> None:
    assert refusals(ai_cluster, plan_of(everything()).objects) == []
    for api in (INFERENCE, LLM_INFERENCE, PROFILE):
        for item in listed(ai_cluster, api):
            assert send(ai_cluster, _labelled(item, api)).status == 200
    live = {api.resource: listed(ai_cluster, api) for api in (INFERENCE, LLM_INFERENCE, PROFILE)}
    away = {name: Resolution(name, refused="no node can be used") for name in ("chat", "small", "gaudi")}
    plan = plan_of(everything(), look(live), resolved=away)
    kept = [item for item in plan.objects if item.object["kind"] in {api.kind for api in (INFERENCE, LLM_INFERENCE, PROFILE)}]
    assert len(kept) == sum(map(len, live.values()))
    assert refusals(ai_cluster, kept) == []
    again = {api.resource: listed(ai_cluster, api) for api in (INFERENCE, LLM_INFERENCE, PROFILE)}
    for api, items in again.items():
        # What needs no accelerator is wanted as ever, and not as it stands.
        assert {name: version for name, version in _versions(items).items() if "cpu" not in name} == {
            name: version for name, version in _versions(live[api]).items() if "cpu" not in name
        }


def _labelled(live: Json, api: Api) -> Json:
    """The object as the write layer applies it: with the stage's label."""
    wanted_one = next(
        item.object for item in plan_of(everything()).objects if item.object["kind"] == api.kind and _name(item.object) == _name(live)
    )
    metadata = {**wanted_one["metadata"], "labels": {**wanted_one["metadata"].get("labels", {}), STAGE_LABEL: "platform-openshift-ai"}}
    return {**wanted_one, "metadata": metadata}


def _name(item: Any) -> str:
    return str(item["metadata"]["name"])


def _versions(items: list[Json]) -> dict[str, str]:
    return {_name(item): item["metadata"]["resourceVersion"] for item in items}


# ---- ready to serve ------------------------------------------------------------------------------------------------------------


POLICIES = "/apis/admissionregistration.k8s.io/v1"


def policy(action: str) -> list[Json]:
    """A policy that has something to say about each InferenceService of the runtime for AMD."""
    head = "admissionregistration.k8s.io/v1"
    rule = {"apiGroups": ["serving.kserve.io"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["inferenceservices"]}
    name, says = f"test-profiles-{action.lower()}", f'hardware profile "chat-4" is skipped, says the policy that would {action}'
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [rule]},
        "validations": [{"expression": "object.spec.predictor.model.runtime != 'vllm-amd'", "message": says}],
    }
    binding = {"policyName": name, "validationActions": [action]}
    return [
        {"apiVersion": head, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name}, "spec": spec},
        {"apiVersion": head, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name}, "spec": binding},
    ]


@contextmanager
def policed(running: Cluster, action: str) -> Iterator[None]:
    running.apply(policy(action))
    (probe,) = [item for item in probes(context_of(everything())) if "vllm-amd" in item.subject]

    def heard() -> bool:
        path = running.client.path_of(dict(probe.object), collection=True)
        answer = running.request("POST", f"{path}?dryRun=All", dict(probe.object))
        return f"would {action}" in f"{answer.message} {answer.headers.get('warning', '')}"

    wait_until("the policy is heeded", heard)
    try:
        yield
    finally:
        for plural in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
            assert running.request("DELETE", f"{POLICIES}/{plural}/test-profiles-{action.lower()}").status == 200


def tried(running: Cluster, user: str = "") -> dict[str, CheckFinding]:
    """Findings on all probes, by check and subject."""
    context = context_of(everything())
    asked = probes(context)
    token = running.token_for(user) if user else running.admin_token
    options = {"host": running.url, "api_key": token, "ca_cert": str(running.ca_path)}
    with ApiConnection(open_access(ClusterSettings(options))) as connection:
        answers = try_probes(connection, asked)
    return {f"{finding.check.rpartition('.')[2]} {finding.subject}": finding for finding in judged(asked, answers)}


@pytest.mark.usefixtures("kubernetes_core")
def test_namespace_is_ready_to_serve_where_the_server_admits_without_a_warning_and_nothing_is_kept(ai_cluster: Cluster) -> None:
    before = len(listed(ai_cluster, INFERENCE))
    assert {finding.result for finding in tried(ai_cluster).values()} == {"pass"}
    assert len(listed(ai_cluster, INFERENCE)) == before


@pytest.mark.usefixtures("kubernetes_core")
def test_warning_of_admission_is_a_finding_in_the_servers_words_on_the_runtime_that_it_is_about(ai_cluster: Cluster) -> None:
    with policed(ai_cluster, "Warn"):
        found = tried(ai_cluster)
    warned = [finding for finding in found.values() if finding.result != "pass"]
    assert [finding.subject for finding in warned] == ["namespace ai-models, amd.com/gpu, runtime vllm-amd"]
    assert warned[0].check == "platform.openshift_ai.serving.warnings"
    assert 'hardware profile "chat-4" is skipped, says the policy that would Warn' in warned[0].message


@pytest.mark.usefixtures("kubernetes_core")
def test_refusal_of_admission_is_a_finding_and_a_right_that_lacks_is_no_fault_of_the_cluster(ai_cluster: Cluster) -> None:
    with policed(ai_cluster, "Deny"):
        found = tried(ai_cluster)
    assert {finding.result for finding in found.values()} == {"pass", "fail", "not_evaluated"}
    assert "is skipped, says the policy that would Deny" in found["admitted namespace ai-models, amd.com/gpu, runtime vllm-amd"].message
    reader = tried(ai_cluster, "user-1")
    assert {finding.result for finding in reader.values()} == {"not_evaluated"}
    assert not any(finding.failed for finding in reader.values())
    assert all("inferenceservices.serving.kserve.io in ai-models" in finding.message for finding in reader.values())
    assert all("the account may not create " in finding.message for finding in reader.values())
