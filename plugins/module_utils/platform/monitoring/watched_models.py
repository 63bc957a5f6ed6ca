# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models that are served: who scrapes their pods, and whether their namespaces have the alerts on serving.

The pods themselves are not looked at: they bear the labels that KServe gives them, and those that the object names. Labels of a
serving runtime count as not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...common.owned_fields import ApiObject
from ...target.objects import labels_of, map_at, name_of, namespace_of, text_map
from ..desired.monitoring import ENFORCED
from .readings import INFERENCE_SERVICES, LLM_SERVICES
from .records import MODEL
from .scraping import PodsLabelled, sight_of
from .watch_checks import ALERTS, EXCLUDED
from .watch_checks import MODEL as MODEL_CHECK
from .watch_look import Area, Watched, WatchLook, alerted, included, scraped

_LLM_PART: Final = "llminferenceservice"


def models(look: WatchLook) -> Area:
    """The models that are served: somebody has to scrape them, and their namespaces need the alerts on serving."""
    snapshot = look.snapshot
    kinds = ((INFERENCE_SERVICES, "InferenceService", _service_pods), (LLM_SERVICES, "LLMInferenceService", _llm_pods))
    things = [_model(look, kind, item, labels(item)) for resource, kind, labels in kinds for item in snapshot.all(resource)]
    return Area(
        subject="models seen",
        checks=(MODEL_CHECK, EXCLUDED, ALERTS),
        things=tuple(things),
        asked="monitoring.watched.models" if look.wanted.watched.models else "",
        unknown=snapshot.why_not(INFERENCE_SERVICES, LLM_SERVICES),
        nothing="no model is served",
    )


def _model(look: WatchLook, kind: str, item: ApiObject, labels: tuple[Mapping[str, str], ...]) -> Watched:
    namespace, name = namespace_of(item), name_of(item)
    sight = sight_of(PodsLabelled(f"the pods of {name}", namespace, labels), look.scraping)
    count = sum(facts.evaluator == ENFORCED for facts in look.alerts_in(namespace))
    lack = f"namespace {namespace} is no tenant with alerts on serving"
    verdicts = ((MODEL_CHECK, scraped(sight)), (EXCLUDED, included(look, namespace)), (ALERTS, alerted(count, lack)))
    return Watched(
        watch_type=MODEL,
        name=f"{kind} {namespace}/{name}",
        subject=f"{kind} {namespace}/{name}",
        owner=look.owners.get(namespace, ""),
        owner_unknown=look.owner_unknown(namespace),
        alerts=count,
        sight=sight,
        verdicts=verdicts,
    )


def _service_pods(item: ApiObject) -> tuple[Mapping[str, str], ...]:
    """Labels of an InferenceService's predictor: KServe's own, and those of the object and its predictor (kserve, pkg/constants)."""
    name = name_of(item)
    own = {"serving.kserve.io/inferenceservice": name, "app": f"isvc.{name}-predictor", "component": "predictor"}
    return ({**labels_of(item), **text_map(map_at(item, "spec.predictor.labels")), **own},)


def _llm_pods(item: ApiObject) -> tuple[Mapping[str, str], ...]:
    """Labels of the pods that serve an LLMInferenceService, which are the leaders where it spans nodes (kserve, llmisvc/workload)."""
    component = f"{_LLM_PART}-workload"
    if map_at(item, "spec.worker"):
        component += "-leader" if map_at(item, "spec.template") else "-worker"
    role = "decode" if map_at(item, "spec.prefill") else "both"
    name = {"app.kubernetes.io/name": name_of(item), "app.kubernetes.io/part-of": _LLM_PART, "app.kubernetes.io/component": component}
    return ({**text_map(map_at(item, "spec.labels")), **name, "kserve.io/component": "workload", "llm-d.ai/role": role},)
