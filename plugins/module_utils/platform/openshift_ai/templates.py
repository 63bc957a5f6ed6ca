# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A model as an InferenceService or an LLMInferenceService."""

from __future__ import annotations

from typing import Any, Final

from ...common.quantities import cpu_text, memory_text
from ..accelerators.model import Choice
from ..desired.model import HardwareProfileWanted, ModelWanted, OpenShiftAi, RuntimeWanted
from ..parts import MODELS as RANK
from ..parts import Context, WantedObject
from .apis import INFERENCE, LLM_INFERENCE
from .check_list import MODELS
from .objects import metadata_of_name, wanted_object
from .profiles import PROFILE_ANNOTATION, PROFILE_NAMESPACE_ANNOTATION, name_for, placement
from .runtimes import gpu_types
from .weights import S3, weights_of

DEPLOYMENT_MODE: Final = "serving.kserve.io/deploymentMode"
CONNECTION: Final = "opendatahub.io/connections"
CONNECTION_PATH: Final = "opendatahub.io/connection-path"
QUEUE_LABEL: Final = "kueue.x-k8s.io/queue-name"
PRIORITY_LABEL: Final = "kueue.x-k8s.io/priority-class"
LLM_CONTAINER: Final = "main"
"""Name that the container of an LLMInferenceService has to have: with another one its hardware profile is skipped."""

_VLLM: Final = "vllm"


def model_object(
    model: ModelWanted,
    choice: Choice | None,
    runtime: RuntimeWanted | None,
    profile: HardwareProfileWanted | None,
    wanted: OpenShiftAi,
    context: Context,
    path: str,
) -> WantedObject:
    """The object that serves a model."""
    is_llm = model.kind == LLM_INFERENCE.kind
    annotations = {**_connection(model), **_profile(profile, choice, wanted, context)}
    if not is_llm:
        annotations.update({DEPLOYMENT_MODE: "Standard", **(gpu_types([choice.resource]) if choice else {})})
    metadata = metadata_of_name(model.name, model.namespace, _queue(profile), dict(sorted(annotations.items())))
    spec = _llm(model, choice, runtime, profile) if is_llm else _inference(model, choice, runtime, profile)
    api = LLM_INFERENCE if is_llm else INFERENCE
    return wanted_object(context, api, metadata, {"spec": spec}, layer=MODELS, path=path, rank=RANK)


def _connection(model: ModelWanted) -> dict[str, str]:
    """The Secret of an object store by its name: OpenShift AI puts its access into the pod."""
    weights = weights_of(model.uri)
    return {CONNECTION: model.storage_secret, CONNECTION_PATH: weights.path} if weights.scheme == S3 else {}


def _profile(profile: HardwareProfileWanted | None, choice: Choice | None, wanted: OpenShiftAi, context: Context) -> dict[str, str]:
    if profile is None:
        return {}
    return {PROFILE_ANNOTATION: name_for(profile, choice, context), PROFILE_NAMESPACE_ANNOTATION: wanted.applications_namespace}


def _queue(profile: HardwareProfileWanted | None) -> dict[str, str]:
    if profile is None or not profile.queue:
        return {}
    return {QUEUE_LABEL: profile.queue, **({PRIORITY_LABEL: profile.priority} if profile.priority else {})}


def resources_of(choice: Choice | None, profile: HardwareProfileWanted | None) -> dict[str, Any]:
    """Requests and limits: the profile's usual and largest amounts, and exactly the accelerators."""
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    if profile is not None:
        requests.update(cpu=str(cpu_text(profile.cpu.default)), memory=memory_text(profile.memory_gib.default))
        limits.update(cpu=str(cpu_text(profile.cpu.max)), memory=memory_text(profile.memory_gib.max))
    if choice is not None:
        requests[choice.resource] = limits[choice.resource] = str(choice.count)
    return {key: value for key, value in (("requests", requests), ("limits", limits)) if value}


def _node(choice: Choice | None, profile: HardwareProfileWanted | None) -> dict[str, Any]:
    """Where the pod goes: with a queue that is the flavor's affair."""
    return {} if choice is None or (profile is not None and profile.queue) else placement(choice)


def _inference(
    model: ModelWanted, choice: Choice | None, runtime: RuntimeWanted | None, profile: HardwareProfileWanted | None
) -> dict[str, Any]:
    weights = weights_of(model.uri)
    served: dict[str, Any] = {
        "modelFormat": {"name": runtime.formats[0] if runtime and runtime.formats else "vLLM"},
        "runtime": model.runtime,
    }
    if weights.scheme == S3:
        parameters = {"type": S3, "bucket": weights.place}
        served["storage"] = {"key": model.storage_secret, "path": weights.path, "parameters": parameters}
    else:
        served["storageUri"] = model.uri
    if args := _tensor_args(choice, runtime):
        served["args"] = args
    if resources := resources_of(choice, profile):
        served["resources"] = resources
    predictor = {"minReplicas": model.replicas, "maxReplicas": model.replicas, "model": served, **_node(choice, profile)}
    return {"predictor": predictor}


def _tensor_args(choice: Choice | None, runtime: RuntimeWanted | None) -> list[str]:
    """vLLM has to be told to spread a model over several devices."""
    is_vllm = runtime is None or any(name.lower() == _VLLM for name in runtime.formats)
    return [f"--tensor-parallel-size={choice.count}"] if choice is not None and choice.count > 1 and is_vllm else []


def _llm(model: ModelWanted, choice: Choice | None, runtime: RuntimeWanted | None, profile: HardwareProfileWanted | None) -> dict[str, Any]:
    container: dict[str, Any] = {"name": LLM_CONTAINER}
    if runtime is not None:
        container["image"] = runtime.image
    if resources := resources_of(choice, profile):
        container["resources"] = resources
    spec: dict[str, Any] = {
        "model": {"uri": model.uri, "name": model.name},
        "replicas": model.replicas,
        "router": {"route": {}, "gateway": {}, "scheduler": {}},
        "template": {"containers": [container], **_node(choice, profile)},
    }
    if choice is not None and choice.count > 1:
        spec["parallelism"] = {"tensor": choice.count}
    return spec
