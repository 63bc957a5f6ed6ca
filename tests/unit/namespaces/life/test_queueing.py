# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Job that waits in its queue: by the LocalQueue, the Workload, and Kueue's words as its sources write them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life import codes
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.codes import CODES, Code
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.queueing import evicted, held
from hypothesis import given
from hypothesis import strategies as st

Json = dict[str, Any]
QUEUE: Json = {"metadata": {"name": "default", "namespace": "team-a"}, "spec": {"clusterQueue": "team", "stopPolicy": "None"}}


def workload(*conditions: tuple[str, str, str, str], **status: Any) -> Json:
    found = [dict(zip(("type", "status", "reason", "message"), each, strict=True)) for each in conditions]
    return {"metadata": {"name": "job-x", "namespace": "team-a"}, "status": {"conditions": found, **status}}


def pending(message: str, reason: str = "Pending") -> Json:
    return workload(("QuotaReserved", "False", reason, message))


def queue(active: str = "", message: str = "", **spec: str) -> Json:
    conditions = [{"type": "Active", "status": "False", "reason": active, "message": message}] if active else []
    return {**QUEUE, "spec": {**QUEUE["spec"], **spec}, "status": {"conditions": conditions}}


UNUSED = "insufficient unused quota for {} in flavor {}, 1 more needed"
NEVER = "insufficient quota for {} in flavor {}, request > maximum capacity (2 > 1)"
GPU = "nvidia.com/gpu"
START = "couldn't assign flavors to pod set main: "


@pytest.mark.parametrize(
    ("waits_in", "made", "code"),
    [
        (queue(stopPolicy="Hold"), None, codes.STOPPED),
        (queue(stopPolicy="HoldAndDrain"), pending(""), codes.STOPPED),
        (queue("Stopped", "LocalQueue is stopped"), None, codes.STOPPED),
        (queue("ClusterQueueIsInactive", "Can't submit new workloads to clusterQueue"), None, codes.INACTIVE),
        (queue("ClusterQueueDoesNotExist", "Can't submit new workloads to clusterQueue"), None, codes.INACTIVE),
        (QUEUE, None, codes.NO_WORKLOAD),
        (QUEUE, pending("LocalQueue default doesn't exist", "Inadmissible"), codes.NO_QUEUE),
        (QUEUE, pending("LocalQueue default is terminating or missing", "Inadmissible"), codes.NO_QUEUE),
        (QUEUE, pending("LocalQueue default is inactive", "Inadmissible"), codes.STOPPED),
        (QUEUE, pending("ClusterQueue team doesn't exist", "Inadmissible"), codes.INACTIVE),
        (QUEUE, pending("ClusterQueue team is inactive", "Inadmissible"), codes.INACTIVE),
        (QUEUE, pending(f"{START}resource {GPU} unavailable in ClusterQueue"), codes.TOO_SMALL),
        (QUEUE, pending(START + UNUSED.format(GPU, "a")), codes.FULL),
        (QUEUE, pending(START + NEVER.format(GPU, "a")), codes.TOO_SMALL),
        (QUEUE, pending(f"{START}{NEVER.format(GPU, 'a')}, {UNUSED.format(GPU, 'b')}"), codes.FULL),
        (QUEUE, pending(f"{START}{NEVER.format(GPU, 'a')}, {UNUSED.format('cpu', 'cpu')}"), codes.TOO_SMALL),
        (QUEUE, pending(f"{START}flavor a doesn't match node affinity"), codes.NOT_ADMITTED),
        (QUEUE, pending(""), codes.NOT_ADMITTED),
        (QUEUE, workload(), codes.NOT_ADMITTED),
        (QUEUE, workload(("QuotaReserved", "True", "QuotaReserved", "")), codes.NOT_ADMITTED),
        (None, None, codes.NO_QUEUE),
    ],
)
def test_what_holds_a_job_back_has_its_own_code(waits_in: Json | None, made: Json | None, code: Code) -> None:
    found = held(waits_in, made, queue_is_known=True)
    assert found is not None
    assert found.code is code


def test_queues_that_could_not_be_listed_are_not_taken_for_missing() -> None:
    found = held(None, None, queue_is_known=False)
    assert found is not None
    assert found.code is codes.NO_WORKLOAD


def test_admission_checks_that_wait_are_named() -> None:
    checks = [{"name": "nodes", "state": "Pending", "message": "asked for"}, {"name": "done", "state": "Ready"}]
    found = held(QUEUE, workload(("QuotaReserved", "True", "x", ""), admissionChecks=checks), queue_is_known=True)
    assert found is not None
    assert found.words == "nodes is Pending: asked for"


def test_admitted_job_is_not_held_back() -> None:
    assert held(QUEUE, workload(("QuotaReserved", "True", "x", ""), ("Admitted", "True", "Admitted", "")), queue_is_known=True) is None


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("Preempted", codes.EVICTED_BY_QUEUE),
        ("PodsReadyTimeout", codes.EVICTED_BY_QUEUE),
        ("LocalQueueStopped", codes.STOPPED),
        ("ClusterQueueStopped", codes.STOPPED),
    ],
)
def test_job_that_is_taken_back_says_why(reason: str, code: Code) -> None:
    found = evicted(workload(("Evicted", "True", reason, "for a reason")))
    assert found is not None
    assert (found.code, found.words) == (code, f"{reason}: for a reason")


def test_job_that_was_taken_back_and_admitted_again_goes_on() -> None:
    assert evicted(workload(("Evicted", "False", "QuotaReserved", ""))) is None
    assert evicted(None) is None


@given(st.text(max_size=200))
def test_whatever_kueue_says_is_one_code(message: str) -> None:
    found = held(QUEUE, pending(message), queue_is_known=True)
    assert found is not None
    assert found.code in CODES
