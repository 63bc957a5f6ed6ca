# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the kinds of OpenShift AI have come, told by type, status and generation of their conditions."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.apis import (
    DSC,
    DSCI,
    INFERENCE,
    KUEUE,
    LLM_INFERENCE,
    REGISTRY,
    Api,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.openshift_ai.ready import JUDGES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.progress import READY, STUCK, WAITING
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import PlatformSnapshot

Json = dict[str, Any]
NOTHING = PlatformSnapshot({})


def item(*conditions: Json, generation: int = 2, **status: Any) -> Json:
    return {"metadata": {"name": "x", "generation": generation}, "status": {"conditions": list(conditions), **status}}


def said(kind: str, status: str = "True", **more: Any) -> Json:
    return {"type": kind, "status": status, "reason": f"{kind}{status}", "message": f"{kind} is {status}", **more}


def judge(api: Api, live: Json) -> tuple[str, str]:
    found = JUDGES[(api.group, api.kind)](live, NOTHING)
    return found.state, found.words or found.reason


@pytest.mark.parametrize(
    ("live", "state", "words"),
    [
        (item(phase="Ready"), READY, "Ready"),
        (item(phase="Progressing"), WAITING, "Progressing"),
        (item(said("MonitoringReady", "False"), phase="Error"), WAITING, "MonitoringReady is False"),
        (item(phase="Error", errorMessage="no rights"), WAITING, "no rights"),
        (item(phase="Ready", observedGeneration=1), WAITING, "its controller has not seen its present form yet"),
        ({"metadata": {"name": "x"}}, WAITING, "NoStatus"),
    ],
)
def test_dsci_is_ready_in_its_phase(live: Json, state: str, words: str) -> None:
    assert judge(DSCI, live) == (state, words)


@pytest.mark.parametrize(
    ("live", "state", "words"),
    [
        (item(said("Ready"), said("DashboardReady")), READY, "Ready is True"),
        (item(said("Ready"), said("RayReady", "False", severity="Info")), READY, "Ready is True"),
        (item(said("Ready"), said("KserveReady", "False")), WAITING, "KserveReady is False"),
        (item(said("Ready", "False"), said("KserveReady", "False", severity="Error")), WAITING, "KserveReady is False"),
        (item(said("Ready", "False")), WAITING, "Ready is False"),
        (item(said("DashboardReady")), WAITING, "it has no condition Ready yet"),
        (item(said("Ready", observedGeneration=1)), WAITING, "Ready is True"),
        (item(said("Ready"), observedGeneration=1), WAITING, "its controller has not seen its present form yet"),
    ],
)
def test_dsc_is_ready_with_all_components_that_are_wanted(live: Json, state: str, words: str) -> None:
    assert judge(DSC, live) == (state, words)


@pytest.mark.parametrize(
    ("live", "state"),
    [
        (item(said("Available")), READY),
        (item(said("Available"), said("Degraded", "False"), said("CertManagerAvailable")), READY),
        (item(said("Available"), said("Degraded")), WAITING),
        (item(said("Available", "False"), said("CertManagerAvailable", "False")), STUCK),
        (item(said("CertManagerAvailable", "False"), observedGeneration=1), WAITING),
        (item(), WAITING),
    ],
)
def test_kueue_is_stuck_without_cert_manager(live: Json, state: str) -> None:
    assert judge(KUEUE, live)[0] == state


@pytest.mark.parametrize(
    ("live", "state", "words"),
    [
        (item(said("Ready"), said("PredictorReady"), said("IngressReady")), READY, "Ready is True"),
        (item(said("PredictorReady"), said("IngressReady")), READY, "PredictorReady"),
        (item(said("PredictorReady")), WAITING, "it has no condition IngressReady yet"),
        (item(said("Ready"), said("PredictorReady", "False")), WAITING, "PredictorReady is False"),
        (item(said("Stopped")), STUCK, "Stopped is True"),
        (item(said("Stopped", "False"), said("Ready")), READY, "Ready is True"),
        (
            item(modelStatus={"transitionStatus": "BlockedByFailedLoad", "lastFailureInfo": {"message": "no such file"}}),
            STUCK,
            "no such file",
        ),
        (item(said("Ready"), modelStatus={"transitionStatus": "UpToDate"}), READY, "Ready is True"),
        (item(), WAITING, "it has no condition PredictorReady yet"),
    ],
)
def test_inference_service_is_stuck_where_its_model_cannot_be_loaded_or_it_was_stopped(live: Json, state: str, words: str) -> None:
    assert judge(INFERENCE, live) == (state, words)


@pytest.mark.parametrize(
    ("live", "state"),
    [
        (item(said("Ready")), READY),
        (item(said("PresetsCombined"), said("WorkloadsReady"), said("RouterReady")), READY),
        (item(said("PresetsCombined", "False")), STUCK),
        (item(said("WorkloadsReady"), said("RouterReady", "False")), WAITING),
        (item(said("Ready"), observedGeneration=1), WAITING),
        (item(said("WorkloadsReady")), WAITING),
    ],
)
def test_llm_inference_service_is_stuck_where_its_presets_cannot_be_combined(live: Json, state: str) -> None:
    assert judge(LLM_INFERENCE, live)[0] == state


def test_model_registry_is_ready_when_it_is_available() -> None:
    assert judge(REGISTRY, item(said("Available")))[0] == READY
    assert judge(REGISTRY, item(said("Available", "False")))[0] == WAITING
