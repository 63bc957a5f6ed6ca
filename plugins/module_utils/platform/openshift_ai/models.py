# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models that are served in house: which accelerators and which runtime each gets, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...common.artifact import JsonRecord
from ...common.findings import CheckFinding
from ...common.write_findings import MISSING, listed
from ..accelerators.model import Choice
from ..desired.model import HardwareProfileWanted, ModelWanted, OpenShiftAi, RuntimeWanted
from ..model import BROKEN, NOT_EVALUATED
from ..model import MISSING as NOT_THERE
from ..model import READY as IS_READY
from ..model import WAITING as ON_ITS_WAY
from ..parts import MODELS as RANK
from ..parts import Context, PartPlan, Wait, WantedObject
from ..progress import READY, STUCK
from ..snapshot import Named
from ..verdicts import failed, passed, unknown
from .apis import INFERENCE, LLM_INFERENCE, Api
from .check_list import MODEL_MEMORY, MODEL_NAME, MODEL_NAMESPACE, MODEL_REQUEST, MODEL_RUNTIME, MODELS, PART
from .objects import NAME_RULE, is_label, meant, repeated
from .profiles import request_finding
from .ready import JUDGES
from .standing import standing
from .templates import model_object
from .weights import is_usable, weights_findings

MINUTES: Final = 30.0
_PATH: Final = "openshift_ai.models"


@dataclass(frozen=True, slots=True)
class Placed:
    """A model with all that its object is made of. Without `choice` it runs on CPUs."""

    model: ModelWanted
    choice: Choice | None
    runtime: RuntimeWanted | None
    profile: HardwareProfileWanted | None
    path: str

    @property
    def subject(self) -> str:
        """For people: `model ai-models/granite-8b`."""
        return subject_of(self.model)


def subject_of(model: ModelWanted) -> str:
    """How findings name a model."""
    return f"model {model.namespace}/{model.name}"


def api_of(model: ModelWanted) -> Api:
    """The kind that serves it."""
    return INFERENCE if model.kind == INFERENCE.kind else LLM_INFERENCE


def plan_models(wanted: OpenShiftAi, context: Context) -> PartPlan:
    """The models. One that lacks something is not written: it could not start. One that runs already stays as it stands."""
    findings, placed = place_models(wanted, context)
    objects: list[WantedObject] = []
    waits: list[Wait] = []
    for found in placed:
        item = model_object(found.model, found.choice, found.runtime, found.profile, wanted, context, found.path)
        objects.append(item)
        ref = Named(str(item.object["apiVersion"]), found.model.kind, found.model.namespace, found.model.name)
        waits.append(Wait(found.subject, PART, MODELS, ref, MINUTES))
    objects += _standing(wanted, placed, context)
    records = tuple(_record(model, context) for model in _each_once(wanted.models))
    return PartPlan(tuple(objects), tuple(waits), findings=tuple(findings), records=records)


def _standing(wanted: OpenShiftAi, placed: Sequence[Placed], context: Context) -> list[WantedObject]:
    """Models that are served and could not be placed again just now."""
    found: list[WantedObject] = []
    ready = {(item.model.namespace, item.model.name) for item in placed}
    for number, model in enumerate(wanted.models):
        key, api = (model.namespace, model.name), api_of(model)
        live = context.snapshot.get(api.resource, *key)
        if live is not None and key not in ready:
            ready.add(key)
            found += standing(context, api, [live], layer=MODELS, path=f"{_PATH}[{number}]", rank=RANK)
    return found


def place_models(wanted: OpenShiftAi, context: Context) -> tuple[list[CheckFinding], list[Placed]]:
    """What is found of each model, and those of which an object can be made."""
    keys = [f"{model.namespace}/{model.name}" for model in wanted.models]
    findings = [failed(MODEL_NAME, f"model {key} (repeated)", f"{key} stands more than once", _PATH) for key in repeated(keys)]
    placed: dict[str, Placed] = {}
    for number, model in enumerate(wanted.models):
        key, path = keys[number], f"{_PATH}[{number}]"
        if key in placed:
            continue
        subject = subject_of(model)
        runtime, about_runtime = _runtime(model, wanted, path)
        choice, about_request, is_placed = _request(model, runtime, context, path)
        found = [
            _named(model, path),
            _namespace(model, context, path),
            *weights_findings(model, subject, context.snapshot, path),
            *about_runtime,
            *about_request,
            *_memory(model, choice, context, path),
        ]
        findings += found
        is_there = not any(finding.check in (MODEL_NAMESPACE.id, MODEL_RUNTIME.id) and finding.result == "fail" for finding in found)
        if is_placed and is_there and is_label(model.name) and is_usable(model):
            placed[key] = Placed(model, choice, runtime, profile_of(model, wanted), path)
    return findings, list(placed.values())


def profile_of(model: ModelWanted, wanted: OpenShiftAi) -> HardwareProfileWanted | None:
    """The hardware profile of the model's request; the document's first one."""
    return next((profile for profile in wanted.hardware_profiles if profile.request == model.request), None)


def _each_once(models: Sequence[ModelWanted]) -> list[ModelWanted]:
    return list({(model.namespace, model.name): model for model in reversed(models)}.values())[::-1]


# ---- findings --------------------------------------------------------------------------------------------------------------


def _named(model: ModelWanted, path: str) -> CheckFinding:
    subject = subject_of(model)
    if is_label(model.name) and not model.name[0].isdigit() and is_label(model.namespace):
        return passed(MODEL_NAME, subject, path)
    return failed(MODEL_NAME, subject, f"{model.namespace}/{model.name} is no name: {NAME_RULE}, and no digit first", f"{path}.name")


def _namespace(model: ModelWanted, context: Context, path: str) -> CheckFinding:
    subject, place = subject_of(model), f"{path}.namespace"
    if not context.snapshot.known("namespaces"):
        return unknown(MODEL_NAMESPACE, subject, context.snapshot.why_not("namespaces"), place)
    if context.snapshot.get("namespaces", "", model.namespace) is None:
        return failed(MODEL_NAMESPACE, subject, f"there is no namespace {model.namespace}", place, MISSING)
    return passed(MODEL_NAMESPACE, subject, place)


def _runtime(model: ModelWanted, wanted: OpenShiftAi, path: str) -> tuple[RuntimeWanted | None, list[CheckFinding]]:
    """The runtime of the document that serves the model; an LLMInferenceService can do without."""
    subject, place = subject_of(model), f"{path}.runtime"
    found = next((runtime for runtime in wanted.runtimes if runtime.name == model.runtime), None)
    if found is not None:
        return found, [passed(MODEL_RUNTIME, subject, place)]
    if model.runtime:
        near = meant(model.runtime, [runtime.name for runtime in wanted.runtimes])
        return None, [failed(MODEL_RUNTIME, subject, f"the document has no runtime {model.runtime}{near}", place)]
    if model.kind == LLM_INFERENCE.kind:
        return None, []
    return None, [failed(MODEL_RUNTIME, subject, "an InferenceService needs a runtime", place)]


def _request(
    model: ModelWanted, runtime: RuntimeWanted | None, context: Context, path: str
) -> tuple[Choice | None, list[CheckFinding], bool]:
    """The first way to serve the request that the runtime is made for; the last value says whether the model can be placed."""
    subject, place = subject_of(model), f"{path}.request"
    made_for = runtime.accelerators if runtime else ()
    if not model.request:
        if not made_for:
            return None, [passed(MODEL_REQUEST, subject, place, "it runs on CPUs")], True
        message = f"it asks for no accelerators, and its runtime is made for {listed(list(made_for))}"
        return None, [failed(MODEL_REQUEST, subject, message, place, refuses=True)], False
    finding, choices = request_finding(MODEL_REQUEST, subject, model.request, context, place)
    if not choices:
        return None, [finding], False
    fitting = [choice for choice in choices if runtime is None or choice.resource in made_for]
    if fitting:
        return fitting[0], [finding], True
    offered = listed(sorted({choice.resource for choice in choices}))
    message = f"request {model.request} comes to {offered}; runtime {model.runtime} is made for {listed(list(made_for)) or 'CPUs'}"
    return None, [failed(MODEL_REQUEST, subject, message, place)], False


def _memory(model: ModelWanted, choice: Choice | None, context: Context, path: str) -> list[CheckFinding]:
    """Only for models that the catalogue knows: their weights have to fit, and their cache comes on top."""
    facts = context.catalogue.models.get(model.name)
    if facts is None or choice is None:
        return []
    subject, place = subject_of(model), f"{path}.request"
    group = next((found for found in context.fleet.groups if found.key == choice.group), None)
    if group is None or group.memory_gib is None:
        return [unknown(MODEL_MEMORY, subject, f"nobody knows the memory of {choice.group}", place, "name it in accelerators.devices")]
    room = group.memory_gib * choice.count
    if facts.weights_gib < room:
        return [passed(MODEL_MEMORY, subject, place, f"weights of {facts.weights_gib:g} GiB on {room:g} GiB")]
    message = f"its weights are {facts.weights_gib:g} GiB ({facts.source}), and {choice.count} x {choice.group} have {room:g} GiB"
    return [failed(MODEL_MEMORY, subject, message, place)]


# ---- records ---------------------------------------------------------------------------------------------------------------

_STATES: Final[Mapping[str, str]] = {READY: IS_READY, STUCK: BROKEN}


def _record(model: ModelWanted, context: Context) -> JsonRecord:
    """The model as it stands in the cluster."""
    api, snapshot = api_of(model), context.snapshot
    state, reason = NOT_THERE, ""
    live = snapshot.get(api.resource, model.namespace, model.name)
    if not snapshot.known(api.resource):
        state, reason = NOT_EVALUATED, snapshot.why_not(api.resource)
    elif live is not None:
        progress = JUDGES[(api.group, api.kind)](live, snapshot)
        state = _STATES.get(progress.state, ON_ITS_WAY)
        reason = "" if state == IS_READY else progress.words or progress.reason
    return {
        "kind": "model",
        "id": f"{model.namespace}/{model.name}",
        "name": model.name,
        "part": PART,
        "serving_kind": model.kind,
        "request": model.request,
        "runtime": model.runtime,
        "state": state,
        "reason": reason,
    }
