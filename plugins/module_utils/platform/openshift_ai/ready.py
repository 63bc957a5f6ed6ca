# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what the part writes has become ready, told by the conditions of its kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...target.objects import maps_at, text_at
from ..progress import BEHIND, READY, STUCK, WAITING, Judge, Judges, Progress, by_conditions, condition, is_behind, seen_of
from ..snapshot import PlatformSnapshot
from .apis import DSC, DSCI, INFERENCE, KUEUE, LLM_INFERENCE, REGISTRY, Api

INFO: Final = "Info"
"""Severity of conditions that are no failures, such as those of components that are removed."""

_PHASE: Final = "status.phase"


def dsci_ready(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    """A DSCInitialization is ready in phase Ready. An Error passes where the operator tries again: it is waited for, and shown."""
    phase = text_at(item, _PHASE)
    if is_behind(item):
        return BEHIND
    if phase == "Ready":
        return Progress(READY, phase, field=_PHASE)
    trouble = _first_trouble(item)
    words = str(trouble.get("message") or "") if trouble else text_at(item, "status.errorMessage")
    return Progress(WAITING, phase or "NoStatus", words, field=_PHASE)


def dsc_ready(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    """A DataScienceCluster is ready when Ready is True and no component that is wanted says that it is not."""
    if is_behind(item):
        return BEHIND
    if trouble := _first_trouble(item):
        return seen_of(trouble, WAITING)
    entry = condition(item, "Ready")
    if entry is None:
        return Progress(WAITING, "Ready", "it has no condition Ready yet", field="status.conditions[Ready]")
    return seen_of(entry, READY if entry.get("status") == "True" and not is_behind(item, entry) else WAITING)


def _first_trouble(item: ApiObject) -> Mapping[str, Any] | None:
    """The condition of a component that is not True, of whatever severity but Info; that of the whole comes last."""
    parts = [entry for entry in maps_at(item, "status.conditions") if str(entry.get("type", "")).endswith("Ready")]
    bad = [entry for entry in parts if entry.get("status") != "True" and entry.get("severity") != INFO]
    return next(iter(sorted(bad, key=lambda entry: (entry.get("type") == "Ready", str(entry.get("type"))))), None)


def kueue_ready(item: ApiObject, others: PlatformSnapshot) -> Progress:
    """Kueue is there when Available is True and Degraded is not; without cert-manager it never comes."""
    entry = condition(item, "CertManagerAvailable")
    if entry is not None and entry.get("status") == "False" and not is_behind(item):
        return seen_of(entry, STUCK, remedy="install cert-manager: the Kueue operator does not bring it")
    return by_conditions("Available", unless=("Degraded",))(item, others)


def inference_ready(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    """An InferenceService is ready when Ready is True. One that was stopped, or whose model cannot be loaded, does not become it."""
    if is_behind(item):
        return BEHIND
    stopped = condition(item, "Stopped")
    if stopped is not None and stopped.get("status") == "True":
        return seen_of(stopped, STUCK, remedy="remove the annotation serving.kserve.io/stop")
    transition = text_at(item, "status.modelStatus.transitionStatus")
    if transition in ("BlockedByFailedLoad", "InvalidSpec"):
        failure = "status.modelStatus.lastFailureInfo"
        reason = text_at(item, f"{failure}.reason") or transition
        return Progress(STUCK, reason, text_at(item, f"{failure}.message"), "see the pods of the predictor", failure)
    return _overall(item, "PredictorReady", "IngressReady")


def llm_ready(item: ApiObject, _others: PlatformSnapshot) -> Progress:
    """An LLMInferenceService is ready when Ready is True; presets that cannot be combined are in its spec."""
    if is_behind(item):
        return BEHIND
    presets = condition(item, "PresetsCombined")
    if presets is not None and presets.get("status") == "False":
        return seen_of(presets, STUCK, remedy="correct the model in the document")
    return _overall(item, "WorkloadsReady", "RouterReady")


def _overall(item: ApiObject, *parts: str) -> Progress:
    """By the parts' conditions, and by Ready; a controller that has no Ready is believed by its parts."""
    whole = condition(item, "Ready")
    entries = [(kind, condition(item, kind)) for kind in parts]
    for kind, entry in entries:
        if entry is not None and entry.get("status") != "True":
            return seen_of(entry, WAITING)
        if entry is None and whole is None:
            return Progress(WAITING, kind, f"it has no condition {kind} yet", field=f"status.conditions[{kind}]")
    if whole is None:
        return Progress(READY, parts[0])
    return seen_of(whole, READY if whole.get("status") == "True" else WAITING)


def _key(api: Api) -> tuple[str, str]:
    return api.group, api.kind


_REGISTRY_READY: Final[Judge] = by_conditions("Available")

JUDGES: Final[Judges] = {
    _key(DSCI): dsci_ready,
    _key(DSC): dsc_ready,
    _key(KUEUE): kueue_ready,
    _key(INFERENCE): inference_ready,
    _key(LLM_INFERENCE): llm_ready,
    _key(REGISTRY): _REGISTRY_READY,
}
"""Judges of the kinds that the part writes, by group and kind."""

LOOKS_AT: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {}
"""No judge needs anything beside its object."""
