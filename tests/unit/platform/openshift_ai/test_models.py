# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serving runtimes and models: for whatever accelerator, from wherever the weights may come, with secrets by name alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.write_findings import STAGE_LABEL
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.model import Fleet, Resolution
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.catalogue import Catalogue, RuntimeFacts
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.apis import (
    INFERENCE,
    PROFILE,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.plan import named_refs
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.runtimes import GPU_TYPES, RECOMMENDED, is_pinned
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.weights import Weights, weights_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import NamedRead

from tests.unit.platform.openshift_ai.builders import (
    CATALOGUE,
    DIGEST,
    H100,
    STORAGE_KEYS,
    STORAGE_SECRET,
    everything,
    look,
    model,
    named,
    objects,
    of,
    one,
    plan_of,
    profile,
    queues,
    runtime,
    served,
    wanted,
)

Json = dict[str, Any]


def serving(*models: Any, **more: Any) -> Any:
    """A document with these models and a runtime for each vendor."""
    runtimes = (
        runtime(),
        runtime("vllm-amd", "amd.com/gpu"),
        runtime("vllm-mig", "nvidia.com/mig-3g.40gb"),
        runtime("vllm-cpu", accelerators=()),
    )
    return wanted(**{"runtimes": runtimes, "models": models, **more})


# ---- runtimes --------------------------------------------------------------------------------------------------------------------


def test_runtime_is_one_for_the_cluster_or_one_in_each_namespace_that_needs_it() -> None:
    section = serving(model(), model("b", namespace="team-b"))
    assert "vllm-nvidia" in objects(plan_of(section), "ClusterServingRuntime")
    only = plan_of(section, look(kinds=served(ClusterServingRuntime=())))
    places = [
        (item.object["metadata"]["namespace"], item.object["metadata"]["name"])
        for item in only.objects
        if item.object["kind"] == "ServingRuntime"
    ]
    assert places == [("ai-models", "vllm-nvidia"), ("team-b", "vllm-nvidia")]


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        ("nvidia.com/gpu", None),
        ("amd.com/gpu", None),
        ("habana.ai/gaudi", None),
        ("nvidia.com/mig-3g.40gb", ["nvidia.com/mig-3g.40gb"]),
        ("gpu.intel.com/i915", ["gpu.intel.com/i915"]),
        ("nvidia.com/gpu.shared", ["nvidia.com/gpu.shared"]),
    ],
)
def test_kserve_is_told_of_resources_that_it_would_take_for_cpus(resource: str, told: list[str] | None) -> None:
    item = objects(plan_of(wanted(runtimes=(runtime("r", resource),))), "ClusterServingRuntime")["r"]
    found = item["spec"]["annotations"].get(GPU_TYPES)
    assert (json.loads(found) if found else None) == told
    assert json.loads(item["metadata"]["annotations"][RECOMMENDED]) == [resource]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (f"registry.example.com/vllm@{DIGEST}", True),
        (f"registry.example.com/vllm:1@{DIGEST}", True),
        ("registry.example.com/vllm:1", False),
        (f"registry.example.com/vllm@{DIGEST[:-1]}", False),
        (f"registry.example.com/vllm@{DIGEST}0", False),
        (f"@{DIGEST}", False),
        ("", False),
    ],
)
def test_image_is_pinned_by_a_whole_digest(image: str, expected: bool) -> None:
    assert is_pinned(image) is expected
    finding = one(plan_of(wanted(runtimes=(runtime(image=image),))), "runtime.image")
    assert (finding.result == "pass") is expected
    assert not finding.refuses


@pytest.mark.parametrize(
    ("resource", "result", "says"),
    [("amd.com/gpu", "pass", ""), ("intel.com/gpu", "fail", "no resource of an accelerator that is known; did you mean")],
)
def test_accelerators_of_a_runtime_have_to_be_known(resource: str, result: str, says: str) -> None:
    finding = one(plan_of(wanted(runtimes=(runtime("r", resource),))), "runtime.accelerator")
    assert (finding.result, finding.severity) == (result, "warning")
    assert says in finding.message


def test_accelerators_of_a_runtime_are_not_evaluated_where_the_fleet_is_not_known() -> None:
    fleet = Fleet(unknown="the account may not list nodes")
    assert one(plan_of(wanted(runtimes=(runtime(),)), fleet=fleet), "runtime.accelerator").result == "not_evaluated"


def test_accelerators_of_a_runtime_do_not_apply_without_a_section_for_them() -> None:
    plan = plan_of(wanted(runtimes=(runtime(),)), accelerators=None, fleet=Fleet())
    assert one(plan, "runtime.accelerator").result == "not_applicable"


def test_arguments_come_from_the_document_then_from_the_name_the_vendor_or_the_format() -> None:
    facts = {
        "mine": RuntimeFacts("mine", ("nvidia",), ("other",), ("--by-name",), 9000, "test"),
        "vllm-amd": RuntimeFacts("vllm-amd", ("amd",), ("vLLM",), ("--for-amd",), 8080, "test"),
        "vllm-any": RuntimeFacts("vllm-any", ("intel",), ("vLLM",), ("--by-format",), 8080, "test"),
    }
    runtimes = (
        runtime("mine"),
        runtime("a", "amd.com/gpu"),
        runtime("b", "example.com/npu", args=("--given",)),
        runtime("c", "gpu.intel.com/i915"),
    )
    found = objects(plan_of(wanted(runtimes=runtimes), catalogue=Catalogue("1", "", runtimes=facts)), "ClusterServingRuntime")
    args = {name: item["spec"]["containers"][0]["args"] for name, item in found.items()}
    assert args == {"mine": ["--by-name"], "a": ["--for-amd"], "b": ["--given"], "c": ["--by-format"]}
    assert found["mine"]["spec"]["containers"][0]["ports"] == [{"containerPort": 9000, "protocol": "TCP"}]


def test_runtime_without_arguments_that_anybody_knows_is_refused_and_not_written() -> None:
    plan = plan_of(wanted(runtimes=(runtime(formats=("onnx",)),)))
    assert one(plan, "runtime.args").refuses
    assert not objects(plan, "ClusterServingRuntime")


@pytest.mark.parametrize(("name", "result"), [("vllm", "pass"), ("v" * 63, "pass"), ("v" * 64, "fail"), ("vLLM", "fail")])
def test_runtime_has_a_name_that_can_be(name: str, result: str) -> None:
    assert one(plan_of(wanted(runtimes=(runtime(name),))), "runtime.name").result == result


@pytest.mark.parametrize(("components", "result"), [({"kserve": "Managed"}, "pass"), ({"kserve": "Removed"}, "fail"), ({}, "fail")])
def test_runtimes_and_models_need_kserve(components: dict[str, str], result: str) -> None:
    finding = one(plan_of(wanted(runtimes=(runtime(),), components=components)), "kserve")
    assert (finding.result, finding.refuses) == (result, result == "fail")
    assert not of(plan_of(wanted(components=components)), "kserve")


# ---- weights ---------------------------------------------------------------------------------------------------------------------


def test_uri_is_taken_apart() -> None:
    assert weights_of("s3://bucket/a/b/") == Weights("s3", "bucket", "a/b")
    assert weights_of("oci://registry.example.com:5000/models/granite:1") == Weights("oci", "registry.example.com:5000", "models/granite:1")
    assert weights_of("nonsense") == Weights("nonsense", "", "")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"uri": "oci://registry.example.com/models/granite:1"}, ""),
        ({"uri": "pvc://weights"}, ""),
        ({"uri": "pvc://weights/granite"}, ""),
        ({"uri": "s3://bucket/granite", "storage_secret": "s3"}, ""),
        ({"uri": "hf://ibm-granite/granite-8b", "online": True}, ""),
        ({"uri": "hf://ibm-granite/granite-8b"}, "from the internet"),
        ({"uri": "https://example.com/granite"}, "the scheme has to be one of"),
        ({"uri": "granite"}, "the scheme has to be one of"),
        ({"uri": "oci"}, "the scheme has to be one of"),
        ({"uri": "s3://bucket", "storage_secret": "s3"}, "needs a bucket and a path"),
        ({"uri": "oci://registry.example.com"}, "needs a host or an owner and a path"),
        ({"uri": "pvc://Weights"}, "needs the name of a volume claim"),
        ({"uri": "s3://key:secret@bucket/granite", "storage_secret": "s3"}, "it holds a user"),
        ({"uri": "oci://registry.example.com/a b"}, "it holds a space"),
    ],
)
def test_weights_come_from_where_they_may(changes: Json, says: str) -> None:
    plan = plan_of(serving(model(**changes)))
    finding = one(plan, "model.uri")
    assert finding.refuses == bool(says)
    assert says in finding.message
    assert bool(objects(plan, "InferenceService")) == (not says)


@pytest.mark.parametrize(
    ("read", "result", "says"),
    [
        (NamedRead("read", keys=STORAGE_KEYS), "pass", ""),
        (NamedRead("read", keys=STORAGE_KEYS[:3]), "fail", "lacks AWS_S3_ENDPOINT"),
        (NamedRead("absent"), "fail", "there is no Secret ai-models/s3"),
        (NamedRead("forbidden", reason="may not"), "not_evaluated", "may not"),
    ],
)
def test_secret_of_an_object_store_is_judged_by_its_keys(read: NamedRead, result: str, says: str) -> None:
    section = serving(model(uri="s3://bucket/granite", storage_secret="s3"))
    finding = one(plan_of(section, look(names={STORAGE_SECRET: read})), "model.secret")
    assert (finding.result, finding.subject) == (result, "model ai-models/granite-8b")
    assert says in finding.message


def test_object_store_without_a_secret_is_refused_and_secrets_are_read_by_name_alone() -> None:
    assert one(plan_of(serving(model(uri="s3://bucket/granite"))), "model.secret").refuses
    assert named_refs(PlatformDesired(schema_version="1.0", openshift_ai=everything())) == (STORAGE_SECRET,)
    assert named_refs(PlatformDesired(schema_version="1.0")) == ()


# ---- models ----------------------------------------------------------------------------------------------------------------------


def test_inference_service_has_the_accelerators_of_the_runtime_that_it_names() -> None:
    plan = plan_of(serving(model(), model("on-amd", runtime="vllm-amd"), hardware_profiles=(profile(),)))
    found = objects(plan, "InferenceService")
    spec = found["on-amd"]["spec"]["predictor"]
    assert spec["model"]["resources"]["limits"] == {"cpu": "8", "memory": "64Gi", "amd.com/gpu": "4"}
    assert spec["model"]["resources"]["requests"] == {"cpu": "4", "memory": "32Gi", "amd.com/gpu": "4"}
    assert spec["nodeSelector"] == {"feature.node.kubernetes.io/amd-gpu": "true"}
    assert spec["tolerations"] == [{"key": "amd.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    assert spec["model"]["args"] == ["--tensor-parallel-size=4"]
    assert found["on-amd"]["metadata"]["annotations"]["opendatahub.io/hardware-profile-name"] == "chat-4-amd-mi300x"
    assert found["granite-8b"]["metadata"]["annotations"]["opendatahub.io/hardware-profile-name"] == "chat-4"


def test_slice_is_named_to_kserve_and_a_queue_places_the_model_instead_of_labels() -> None:
    slices = profile("slice", request="small", queue="default", priority="production")
    section = serving(model(request="small", runtime="vllm-mig"), hardware_profiles=(slices,), queues=queues())
    item = objects(plan_of(section), "InferenceService")["granite-8b"]
    assert json.loads(item["metadata"]["annotations"][GPU_TYPES]) == ["nvidia.com/mig-3g.40gb"]
    assert item["metadata"]["labels"] == {"kueue.x-k8s.io/queue-name": "default", "kueue.x-k8s.io/priority-class": "production"}
    assert not {"nodeSelector", "tolerations"} & set(item["spec"]["predictor"])
    assert "args" not in item["spec"]["predictor"]["model"]


def test_object_store_is_named_by_its_secret_in_both_kinds() -> None:
    both = [
        model("a", uri="s3://bucket/x/y", storage_secret="s3"),
        model("b", uri="s3://bucket/x", storage_secret="s3", kind="LLMInferenceService", runtime=""),
    ]
    plan = plan_of(serving(*both))
    first = objects(plan, "InferenceService")["a"]
    assert first["spec"]["predictor"]["model"]["storage"] == {"key": "s3", "path": "x/y", "parameters": {"type": "s3", "bucket": "bucket"}}
    assert "storageUri" not in first["spec"]["predictor"]["model"]
    second = objects(plan, "LLMInferenceService")["b"]
    assert second["spec"]["model"]["uri"] == "s3://bucket/x"
    assert second["metadata"]["annotations"]["opendatahub.io/connections"] == "s3"


def test_llm_inference_service_has_its_container_named_main_and_the_image_of_its_runtime() -> None:
    plan = plan_of(serving(model("a", kind="LLMInferenceService", runtime="vllm-amd"), model("b", kind="LLMInferenceService", runtime="")))
    with_runtime, alone = (objects(plan, "LLMInferenceService")[name]["spec"] for name in ("a", "b"))
    assert [container["name"] for container in with_runtime["template"]["containers"]] == ["main"]
    assert with_runtime["template"]["containers"][0]["image"].endswith(DIGEST)
    assert "image" not in alone["template"]["containers"][0]
    assert with_runtime["parallelism"] == {"tensor": 4}
    older = plan_of(serving(model("a", kind="LLMInferenceService", runtime="")), look(kinds=served(LLMInferenceService=("v1alpha1",))))
    assert objects(older, "LLMInferenceService")["a"]["apiVersion"] == "serving.kserve.io/v1alpha1"


@pytest.mark.parametrize(
    ("changes", "result", "refuses", "says"),
    [
        ({}, "pass", False, ""),
        ({"request": "", "runtime": "vllm-cpu"}, "pass", False, ""),
        ({"request": ""}, "fail", True, "asks for no accelerators, and its runtime is made for nvidia.com/gpu"),
        ({"runtime": "vllm-cpu"}, "fail", False, "runtime vllm-cpu is made for CPUs"),
        ({"request": "gaudi"}, "fail", False, "request gaudi comes to habana.ai/gaudi"),
        ({"request": "chta"}, "fail", True, "did you mean chat?"),
        ({"request": "too-large"}, "fail", False, "no node has 64 devices"),
        ({"request": "doubtful"}, "not_evaluated", False, "the memory of gaudi-3 is not known"),
    ],
)
def test_model_gets_accelerators_that_its_runtime_is_made_for_or_is_not_written(
    changes: Json, result: str, refuses: bool, says: str
) -> None:
    plan = plan_of(serving(model(**changes)))
    finding = one(plan, "model.request")
    assert (finding.result, finding.refuses) == (result, refuses)
    assert says in finding.message
    assert bool(objects(plan, "InferenceService")) == (result == "pass")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"runtime": ""}, "an InferenceService needs a runtime"),
        ({"runtime": "vllm-nvida"}, "the document has no runtime vllm-nvida; did you mean vllm-nvidia?"),
        ({"runtime": "theirs", "kind": "LLMInferenceService"}, "the document has no runtime theirs"),
        ({}, ""),
        ({"kind": "LLMInferenceService"}, ""),
    ],
)
def test_runtime_of_a_model_is_one_of_the_document(changes: Json, says: str) -> None:
    plan = plan_of(serving(model(**changes)))
    finding = one(plan, "model.runtime")
    assert finding.refuses == bool(says)
    assert says in finding.message
    assert bool([item for item in plan.objects if item.object["kind"].endswith("InferenceService")]) == (not says)


@pytest.mark.parametrize(
    ("namespace", "snapshot", "result"),
    [
        ("ai-models", look(), "pass"),
        ("nowhere", look(), "fail"),
        ("nowhere", look(forbidden=["namespaces"]), "not_evaluated"),
    ],
)
def test_model_is_not_written_into_a_namespace_that_is_not_there(namespace: str, snapshot: Any, result: str) -> None:
    plan = plan_of(serving(model(namespace=namespace)), snapshot)
    assert one(plan, "model.namespace").result == result
    assert bool(objects(plan, "InferenceService")) == (result != "fail")


@pytest.mark.parametrize(
    ("name", "request_name", "runtime_name", "result"),
    [
        ("granite-8b", "chat", "vllm-nvidia", "pass"),
        ("large", "chat", "vllm-nvidia", "fail"),
        ("large", "chat", "vllm-amd", "fail"),
        ("granite-8b", "gaudi", "vllm-gaudi", "not_evaluated"),
    ],
)
def test_weights_of_a_known_model_have_to_fit(name: str, request_name: str, runtime_name: str, result: str) -> None:
    runtimes = (runtime(), runtime("vllm-amd", "amd.com/gpu"), runtime("vllm-gaudi", "habana.ai/gaudi"))
    plan = plan_of(wanted(runtimes=runtimes, models=(model(name, request=request_name, runtime=runtime_name),)))
    finding = one(plan, "model.memory")
    assert finding.result == result
    if result == "fail":
        assert "800 GiB (model card)" in finding.message
    assert not of(plan_of(serving(model("unheard-of"))), "model.memory")
    assert CATALOGUE.models["granite-8b"].weights_gib == 16


@pytest.mark.parametrize(("name", "result"), [("granite-8b", "pass"), ("8b", "fail"), ("Granite", "fail"), ("a" * 64, "fail")])
def test_model_has_a_name_that_kserve_takes(name: str, result: str) -> None:
    finding = one(plan_of(serving(model(name))), "model.name")
    assert (finding.result, finding.refuses) == (result, result == "fail")


def test_model_that_stands_twice_is_refused_and_written_once() -> None:
    plan = plan_of(serving(model(), model(replicas=2), model(namespace="team-b")))
    assert one(plan, "model.name", "model ai-models/granite-8b (repeated)").refuses
    assert len([item for item in plan.objects if item.object["kind"] == "InferenceService"]) == 2
    assert len(plan.records) == 2


@pytest.mark.parametrize(
    ("lists", "forbidden", "state", "reason"),
    [
        ({}, (), "missing", ""),
        ({}, (INFERENCE.resource,), "not_evaluated", "the account may not list inferenceservices.serving.kserve.io"),
        (
            {INFERENCE.resource: [named("granite-8b", "ai-models", status={"conditions": [{"type": "Ready", "status": "True"}]})]},
            (),
            "ready",
            "",
        ),
        ({INFERENCE.resource: [named("granite-8b", "ai-models")]}, (), "waiting", "it has no condition PredictorReady yet"),
        (
            {INFERENCE.resource: [named("granite-8b", "ai-models", status={"modelStatus": {"transitionStatus": "InvalidSpec"}})]},
            (),
            "broken",
            "InvalidSpec",
        ),
    ],
)
def test_record_of_a_model_says_how_it_stands(lists: Json, forbidden: tuple[str, ...], state: str, reason: str) -> None:
    plan = plan_of(serving(model()), look(lists, forbidden=forbidden))
    assert plan.records == (
        {
            "kind": "model",
            "id": "ai-models/granite-8b",
            "name": "granite-8b",
            "part": "openshift_ai",
            "serving_kind": "InferenceService",
            "request": "chat",
            "runtime": "vllm-nvidia",
            "state": state,
            "reason": reason,
        },
    )


# ---- what stands ---------------------------------------------------------------------------------------------------------------


def applied(item: Json, manager: str = "groundwork-readiness") -> Json:
    """An object as the API server lists it after this collection has applied it: with a label, fields and who owns them."""
    metadata = {**item["metadata"], "labels": {**item["metadata"].get("labels", {}), STAGE_LABEL: "platform-openshift-ai"}}
    own = {key: value for key, value in metadata.items() if key not in ("name", "namespace")}
    fields = _fields({"metadata": own, "spec": item["spec"]})
    entry = {"manager": manager, "operation": "Apply", "apiVersion": item["apiVersion"], "fieldsV1": fields}
    return {"metadata": {**metadata, "uid": "1", "managedFields": [entry]}, "spec": {**item["spec"], "defaulted": True}, "status": {}}


def _fields(value: Any) -> Json:
    return {f"f:{key}": _fields(value[key]) for key in value} if isinstance(value, dict) else {}


def test_model_that_runs_stays_as_it_stands_while_its_request_cannot_be_served() -> None:
    section = serving(model(), hardware_profiles=(profile(),))
    before = plan_of(section)
    first = objects(before, "InferenceService")["granite-8b"]
    profiles = objects(before, "HardwareProfile")
    live = look({INFERENCE.resource: [applied(first)], PROFILE.resource: [applied(item) for item in profiles.values()]})
    away = plan_of(section, live, resolved={"chat": Resolution("chat", refused="no node can be used")})
    assert one(away, "model.request").result == "fail"
    kept = objects(away, "InferenceService")["granite-8b"]
    assert kept["spec"] == first["spec"]
    assert kept["metadata"]["annotations"] == first["metadata"]["annotations"]
    assert {name: item["spec"] for name, item in objects(away, "HardwareProfile").items()} == {
        name: item["spec"] for name, item in profiles.items()
    }
    assert not [wait for wait in away.waits if wait.ref.kind == "InferenceService"]


def test_model_of_somebody_else_and_one_that_left_the_document_do_not_stand() -> None:
    first = objects(plan_of(serving(model())), "InferenceService")["granite-8b"]
    away = {"chat": Resolution("chat", refused="no node can be used")}
    theirs = look({INFERENCE.resource: [applied(first, manager="kubectl")]})
    assert not objects(plan_of(serving(model()), theirs, resolved=away), "InferenceService")
    ours = look({INFERENCE.resource: [applied(first)]})
    assert not objects(plan_of(serving(), ours, resolved=away), "InferenceService")
    assert objects(plan_of(serving(model()), ours), "InferenceService")["granite-8b"] == first


def test_profile_of_one_vendor_stays_while_the_other_one_serves_the_request() -> None:
    section = wanted(hardware_profiles=(profile(),))
    live = look({PROFILE.resource: [applied(item) for item in objects(plan_of(section), "HardwareProfile").values()]})
    plan = plan_of(section, live, resolved={"chat": Resolution("chat", (H100,))})
    assert set(objects(plan, "HardwareProfile")) == {"chat-4", "chat-4-amd-mi300x"}
