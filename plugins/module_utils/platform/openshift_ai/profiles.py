# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HardwareProfiles: what the dashboard offers, made of a request and its bounds of CPU and memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...common.findings import CheckFinding
from ...common.quantities import cpu_text, memory_text
from ...common.write_findings import LABEL_PREFIX
from ...target.objects import annotations_of, maps_at, name_of
from ..accelerators.model import Choice
from ..checks import Check
from ..desired.model import Bounds, HardwareProfileWanted, OpenShiftAi
from ..parts import QUEUES, Context, PartPlan, WantedObject
from ..verdicts import failed, passed, unknown
from .apis import PRIORITIES, PROFILE, is_served
from .check_list import PROFILE_BOUNDS, PROFILE_NAME, PROFILE_REQUEST, PROFILE_SCHEDULING, SERVING
from .kueue import names_of_priorities
from .objects import NAME_RULE, is_name, meant, metadata_of_name, repeated, wanted_object
from .standing import standing

PROFILE_ANNOTATION: Final = "opendatahub.io/hardware-profile-name"
PROFILE_NAMESPACE_ANNOTATION: Final = "opendatahub.io/hardware-profile-namespace"
_DISPLAY: Final = "opendatahub.io/display-name"
_DISABLED: Final = "opendatahub.io/disabled"
_OF_PROFILE: Final = f"{LABEL_PREFIX}profile"
"""Annotation: the profile of the document that one of several ways to serve belongs to."""

_PATH: Final = "openshift_ai.hardware_profiles"


def plan_profiles(wanted: OpenShiftAi, context: Context) -> PartPlan:
    """A profile for each way to serve its request: the preferred one has its name, the others that of the flavor behind it."""
    names = [profile.name for profile in wanted.hardware_profiles]
    findings = [failed(PROFILE_NAME, f"profile {name} (repeated)", f"{name} stands more than once", _PATH) for name in repeated(names)]
    objects: list[WantedObject] = []
    left: list[WantedObject] = []
    for number, profile in enumerate(wanted.hardware_profiles):
        path = f"{_PATH}[{number}]"
        found, choices = _request(profile, context, path)
        findings += [*_named(profile, path), *_bounds(profile, path), *_scheduling(profile, wanted, context, path), *found]
        objects += [_profile(profile, choice, wanted, context, path) for choice in choices]
        left += _standing(profile, wanted, context, path)
    return PartPlan(tuple(_unique([*objects, *left])), findings=tuple(findings))


def _standing(profile: HardwareProfileWanted, wanted: OpenShiftAi, context: Context, path: str) -> list[WantedObject]:
    """Profiles of ways to serve the request that there are not just now: workloads name them."""
    live = context.snapshot.in_namespace(PROFILE.resource, wanted.applications_namespace)
    of_this = [item for item in live if name_of(item) == profile.name or annotations_of(item).get(_OF_PROFILE) == profile.name]
    return standing(context, PROFILE, of_this, layer=SERVING, path=path, rank=QUEUES) if profile.request else []


def _unique(objects: Sequence[WantedObject]) -> list[WantedObject]:
    """A name that stands twice is refused; the first one is shown then. What stands comes after what is wanted."""
    found: dict[str, WantedObject] = {}
    for item in objects:
        found.setdefault(str(item.object["metadata"]["name"]), item)
    return list(found.values())


# ---- findings --------------------------------------------------------------------------------------------------------------


def _named(profile: HardwareProfileWanted, path: str) -> list[CheckFinding]:
    subject = f"profile {profile.name}"
    if is_name(profile.name):
        return [passed(PROFILE_NAME, subject, path)]
    return [failed(PROFILE_NAME, subject, f"{profile.name!r} is no name: {NAME_RULE}", f"{path}.name")]


def _bounds(profile: HardwareProfileWanted, path: str) -> list[CheckFinding]:
    found = []
    for what, bounds in (("cpu", profile.cpu), ("memory_gib", profile.memory_gib)):
        subject, place = f"profile {profile.name} {what}", f"{path}.{what}"
        if 0 < bounds.min <= bounds.default <= bounds.max:
            found.append(passed(PROFILE_BOUNDS, subject, place))
        else:
            figures = f"min {bounds.min:g}, default {bounds.default:g}, max {bounds.max:g}"
            message = f"{figures}: it has to be 0 < min <= default <= max"
            found.append(failed(PROFILE_BOUNDS, subject, message, place))
    return found


def _scheduling(profile: HardwareProfileWanted, wanted: OpenShiftAi, context: Context, path: str) -> list[CheckFinding]:
    subject, place = f"profile {profile.name}", f"{path}.priority"
    if not profile.priority:
        return [passed(PROFILE_SCHEDULING, subject, path)]
    if not profile.queue:
        return [failed(PROFILE_SCHEDULING, subject, "it has a priority and no queue that would heed it", place)]
    known = names_of_priorities(wanted.queues, context)
    if profile.priority in known:
        return [passed(PROFILE_SCHEDULING, subject, path)]
    if is_served(PRIORITIES, context.snapshot) and not context.snapshot.known(PRIORITIES.resource):
        return [unknown(PROFILE_SCHEDULING, subject, context.snapshot.why_not(PRIORITIES.resource), place)]
    message = f"there is no priority {profile.priority}{meant(profile.priority, known)}"
    return [failed(PROFILE_SCHEDULING, subject, message, place)]


def _request(profile: HardwareProfileWanted, context: Context, path: str) -> tuple[list[CheckFinding], Sequence[Choice | None]]:
    if not profile.request:
        return [], (None,)
    finding, choices = request_finding(PROFILE_REQUEST, f"profile {profile.name}", profile.request, context, f"{path}.request")
    return [finding], choices


def request_finding(check: Check, subject: str, request: str, context: Context, path: str) -> tuple[CheckFinding, Sequence[Choice]]:
    """Whether a request could be resolved, and the ways to serve it. A request that nobody knows refuses the document."""
    found = context.resolved.get(request)
    if found is None:
        known = sorted(context.resolved)
        message = f"there is no request {request}{meant(request, known)}"
        remedy = f"requests are {', '.join(known)}" if known else "add it to accelerators.requests"
        return failed(check, subject, message, path, remedy=remedy, refuses=True), ()
    if found.choices:
        return passed(check, subject, path), found.choices
    if found.refused:
        nearest = f"; nearest: {found.nearest}" if found.nearest else ""
        return failed(check, subject, f"request {request} cannot be served: {found.refused}{nearest}", path), ()
    reason = found.not_evaluated or context.fleet.unknown or "it was not resolved"
    return unknown(check, subject, f"request {request}: {reason}", path, "see the findings on the accelerators"), ()


# ---- objects ---------------------------------------------------------------------------------------------------------------


def name_for(profile: HardwareProfileWanted, choice: Choice | None, context: Context) -> str:
    """Name of the profile for one way to serve its request."""
    found = context.resolved.get(profile.request)
    if choice is None or found is None or not found.choices or choice == found.choices[0]:
        return profile.name
    return f"{profile.name}-{choice.flavor}"


def _profile(profile: HardwareProfileWanted, choice: Choice | None, wanted: OpenShiftAi, context: Context, path: str) -> WantedObject:
    name = name_for(profile, choice, context)
    shown = profile.display_name or profile.name
    more = f" ({choice.resource})" if choice is not None and name != profile.name else ""
    annotations = {_DISPLAY: f"{shown}{more}", _DISABLED: "false", _OF_PROFILE: profile.name}
    spec: dict[str, Any] = {"identifiers": _identifiers(profile, choice)}
    if scheduling := _placed(profile, choice):
        spec["scheduling"] = scheduling
    metadata = metadata_of_name(name, wanted.applications_namespace, annotations=annotations)
    return wanted_object(context, PROFILE, metadata, {"spec": spec}, layer=SERVING, path=path, rank=QUEUES)


def _identifiers(profile: HardwareProfileWanted, choice: Choice | None) -> list[dict[str, Any]]:
    found = [
        _identifier("CPU", "cpu", "CPU", [cpu_text(value) for value in _in_order(profile.cpu)]),
        _identifier("Memory", "memory", "Memory", [memory_text(value) for value in _in_order(profile.memory_gib)]),
    ]
    if choice is not None:
        found += maps_at(choice.profile, "identifiers")
    return found


def _identifier(shown: str, resource: str, kind: str, counts: Sequence[int | str]) -> dict[str, Any]:
    least, usual, largest = counts
    return {
        "displayName": shown,
        "identifier": resource,
        "resourceType": kind,
        "minCount": least,
        "defaultCount": usual,
        "maxCount": largest,
    }


def _in_order(bounds: Bounds) -> tuple[float, float, float]:
    return bounds.min, bounds.default, bounds.max


def _placed(profile: HardwareProfileWanted, choice: Choice | None) -> Mapping[str, Any]:
    if profile.queue:
        queue = {"localQueueName": profile.queue, **({"priorityClass": profile.priority} if profile.priority else {})}
        return {"type": "Queue", "kueue": queue}
    node = placement(choice) if choice is not None else {}
    return {"type": "Node", "node": node} if node else {}


def placement(choice: Choice) -> dict[str, Any]:
    """Node selector and tolerations of one way to serve a request, as a pod has them."""
    node: dict[str, Any] = {}
    if choice.node_selector:
        node["nodeSelector"] = dict(sorted(choice.node_selector.items()))
    if choice.tolerations:
        node["tolerations"] = [dict(entry) for entry in choice.tolerations]
    return node
