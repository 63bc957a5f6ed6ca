# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Kueue makes of a Job that waits in its queue, by the LocalQueue, the Workload and Kueue's own words.

The words are those of kueue v0.10 to v0.15 (pkg/controller/core/workload_controller.go, localqueue_controller.go,
pkg/scheduler/flavorassigner).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...target.objects import maps_at, text_at
from ..queue_room import STOPPED as STOP_POLICIES
from .codes import EVICTED_BY_QUEUE, FULL, INACTIVE, NO_QUEUE, NO_WORKLOAD, NOT_ADMITTED, STOPPED, TOO_SMALL, Code

_STOPPED_REASONS: Final = ("ClusterQueueStopped", "LocalQueueStopped", "Stopped")
_SHORT: Final = re.compile(r"insufficient (?P<unused>unused )?quota for (?P<resource>\S+) in flavor")
_NOT_COVERED: Final = re.compile(r"resource \S+ unavailable in ClusterQueue")
_OF_QUEUE: Final = re.compile(r"LocalQueue \S+ (doesn't exist|is terminating or missing)")
_OF_STOPPED: Final = re.compile(r"LocalQueue (\S+ )?is (inactive|stopped)|ClusterQueue (\S+ )?is stopped")
_OF_INACTIVE: Final = re.compile(r"ClusterQueue \S+ (doesn't exist|is inactive|is terminating or missing)")


@dataclass(frozen=True, slots=True)
class Held:
    """Why a Job is held back."""

    code: Code
    words: str
    field: str
    """path of what tells it"""


def held(queue: ApiObject | None, workload: ApiObject | None, *, queue_is_known: bool) -> Held | None:
    """Why a suspended Job is; None where it was admitted and will go on."""
    if queue is None and queue_is_known:
        return Held(NO_QUEUE, "there is no such LocalQueue", "metadata.labels[kueue.x-k8s.io/queue-name]")
    if found := _of_local_queue(queue or {}):
        return found
    if workload is None:
        return Held(NO_WORKLOAD, "no Workload belongs to the Job", "spec.suspend")
    conditions = _conditions(workload)
    reserved, admitted = conditions.get("QuotaReserved", {}), conditions.get("Admitted", {})
    if admitted.get("status") == "True":
        return None
    if reserved.get("status") == "True":
        return Held(NOT_ADMITTED, _checks(workload) or text_at(admitted, "message"), "status.admissionChecks")
    words = text_at(reserved, "message")
    return Held(_of_words(words), words or "Kueue has said nothing of it yet", "status.conditions[QuotaReserved]")


def evicted(workload: ApiObject | None) -> Held | None:
    """Why Kueue took a workload back that it had admitted; None where it did not."""
    found = _conditions(workload or {}).get("Evicted", {})
    if found.get("status") != "True":
        return None
    code = STOPPED if text_at(found, "reason") in _STOPPED_REASONS else EVICTED_BY_QUEUE
    return Held(code, f"{text_at(found, 'reason')}: {text_at(found, 'message')}", "status.conditions[Evicted]")


def _of_local_queue(queue: ApiObject) -> Held | None:
    policy = text_at(queue, "spec.stopPolicy")
    if policy in STOP_POLICIES:
        return Held(STOPPED, f"stopPolicy is {policy}", "spec.stopPolicy")
    active = _conditions(queue).get("Active", {})
    if active.get("status") != "False":
        return None
    reason = text_at(active, "reason")
    return Held(STOPPED if reason in _STOPPED_REASONS else INACTIVE, f"{reason}: {text_at(active, 'message')}", "status.conditions[Active]")


def _of_words(words: str) -> Code:
    for pattern, code in ((_OF_QUEUE, NO_QUEUE), (_OF_STOPPED, STOPPED), (_OF_INACTIVE, INACTIVE), (_NOT_COVERED, TOO_SMALL)):
        if pattern.search(words):
            return code
    could: dict[str, bool] = {}
    for found in _SHORT.finditer(words):
        resource = found["resource"]
        could[resource] = could.get(resource, False) or bool(found["unused"])
    if not could:
        return NOT_ADMITTED
    # A resource for which no flavor would do, were all of it free, is never admitted.
    return FULL if all(could.values()) else TOO_SMALL


def _checks(workload: ApiObject) -> str:
    """What admission checks say that are not done."""
    found = [each for each in maps_at(workload, "status.admissionChecks") if text_at(each, "state") != "Ready"]
    return "; ".join(f"{text_at(each, 'name')} is {text_at(each, 'state')}: {text_at(each, 'message')}" for each in found)


def _conditions(item: ApiObject) -> dict[str, Mapping[str, Any]]:
    return {text_at(each, "type"): each for each in maps_at(item, "status.conditions")}
