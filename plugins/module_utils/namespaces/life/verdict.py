# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a Job, as one code: by the answer to its creation, and by the Job, its pod, its Workload and its events.

Of every state there is exactly one verdict. One that may still change has to stand for a while; one that says nothing yet stands for good
when the time is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...common.findings import Evidence
from ...common.owned_fields import ApiObject
from ...target.objects import at, maps_at, name_of, namespace_of, text_at
from . import codes
from .admission import refusal_code
from .codes import Code
from .probe import Probe
from .queueing import Held, evicted, held
from .result import CLOSED, OPEN, UNRESOLVED, UNTRIED, ProofResult, parsed
from .scheduling import why_unscheduled

MADE, REFUSED, NOT_TRIED = "made", "refused", "not_tried"

AT_ONCE, SOON, LATE = 0, 1, 3
NEVER: Final = 1_000_000
"""How long a verdict has to stand, in spans that the caller chooses."""

LONGEST_WORDS: Final = 2000
_CREATING: Final = ("", "ContainerCreating", "PodInitializing")
_IMAGE_PATIENCE: Final[Mapping[str, int]] = {
    "InvalidImageName": AT_ONCE,
    "ErrImageNeverPull": AT_ONCE,
    "ImagePullBackOff": SOON,
    "SignatureValidationFailed": SOON,
    "ErrImagePull": LATE,
    "ImageInspectError": LATE,
    "RegistryUnavailable": LATE,
}
_STARTS: Final = ("ContainerCannotRun", "StartError")
_EVICTIONS: Final = ("Evicted", "NodeLost", "NodeShutdown", "Preempting", "Shutdown", "Terminated")
_REJECTIONS: Final = ("NodeAffinity", "NodeName", "NodePorts", "PodOSNotSupported", "TopologyAffinityError", "UnexpectedAdmissionError")
_OUT_OF: Final = "OutOf"
_FAILED_CREATE: Final = "FailedCreate"
_FAILED_STARTS: Final = ("FailedAttachVolume", "FailedCreatePodSandBox", "FailedMount", "NetworkNotReady")


@dataclass(frozen=True, slots=True)
class Creation:
    """What the server said to the creation of a Job."""

    state: str
    """made, refused, not_tried"""
    words: str = ""
    status: int = 201
    """of HTTP"""


@dataclass(frozen=True, slots=True)
class Observed:
    """All that is seen of one Job."""

    creation: Creation
    job: ApiObject | None = None
    """None where it is gone"""
    pods: Sequence[ApiObject] = ()
    """also those that were seen earlier and are gone"""
    workload: ApiObject | None = None
    events: Sequence[ApiObject] = ()
    queue: ApiObject | None = None
    queue_is_known: bool = False
    """whether the LocalQueues could be listed"""
    nodes: Sequence[ApiObject] | None = None
    """None where they are not known"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of it."""

    code: Code
    words: str = ""
    evidence: tuple[Evidence, ...] = ()
    patience: int = AT_ONCE
    node: str = ""
    result: ProofResult | None = field(default=None)


def verdict(probe: Probe, seen: Observed) -> Verdict:
    """What became of a Job so far."""
    if seen.creation.state != MADE:
        return _of_creation(probe, seen.creation)
    for judge in _JUDGES:
        found = judge(probe, seen)
        if found is not None:
            return found
    return Verdict(codes.TIMEOUT, _standing(seen), _evidence_of_job(seen), NEVER, _node(_pod(seen)))


def _of_creation(probe: Probe, creation: Creation) -> Verdict:
    words = plain(creation.words)
    code = codes.NOT_TRIED if creation.state == NOT_TRIED else refusal_code(creation.words, creation.status)
    return Verdict(code, words, (Evidence(f"Job in {probe.namespace}", "create", words, "admitted"),))


# ---- the pod ended ---------------------------------------------------------------------------------------------------


def _ended(probe: Probe, seen: Observed) -> Verdict | None:
    pod = _pod(seen)
    if pod is None:
        return None
    ended = _terminated(pod)
    if text_at(pod, "status.phase") != "Succeeded" and (ended is None or at(ended, "exitCode") != 0):
        return None
    message = text_at(ended or {}, "message")
    found = parsed(message)
    where = f"Pod {namespace_of(pod)}/{name_of(pod)}"
    if isinstance(found, str):
        evidence = (Evidence(where, "status.containerStatuses[].state.terminated.message", plain(message)[:200], "a result"),)
        return Verdict(codes.NO_EVIDENCE, found, evidence, node=_node(pod))
    code, words = _of_result(probe, found)
    evidence = (Evidence(where, "status.containerStatuses[].state.terminated.message", plain(message), "what the contract says"),)
    return Verdict(code, words, evidence, node=_node(pod), result=found)


def _of_result(probe: Probe, result: ProofResult) -> tuple[Code, str]:
    """The gravest of what is wrong, and all of it in words."""
    expected = {each.name: each.expected for each in probe.destinations}
    if (result.vendor, result.devices_asked, set(result.reach)) != (probe.vendor, probe.devices, set(expected)):
        return codes.NO_EVIDENCE, "the result is of another question than was asked"
    wrong: list[tuple[Code, str]] = []
    if leaks := sorted(name for name, state in result.reach.items() if state == OPEN and expected[name] == CLOSED):
        wrong.append((codes.LEAK, f"reached, and must not be: {', '.join(leaks)}"))
    if probe.devices and result.devices_seen == 0:
        wrong.append((codes.NOT_VISIBLE, f"{probe.devices} of {probe.resource} were given, and no device file is there"))
    if probe.devices and result.tool_exit:
        wrong.append((codes.NOT_USABLE, f"the vendor's tool ended with {result.tool_exit}"))
    if result.dns == UNRESOLVED:
        wrong.append((codes.DNS, "the name of the cluster itself is not resolved"))
    closed = sorted(name for name, state in result.reach.items() if state == CLOSED and expected[name] == OPEN)
    if "object-store" in closed:
        wrong.append((codes.OBJECT_STORE, "the object store is not reached"))
    if others := [name for name in closed if name != "object-store"]:
        wrong.append((codes.UNREACHED, f"not reached: {', '.join(others)}"))
    untried = [*(["dns"] if result.dns == UNTRIED else []), *sorted(name for name, state in result.reach.items() if state == UNTRIED)]
    untried += ["devices"] if probe.devices and result.devices_seen is None else []
    if untried:
        wrong.append((codes.NO_EVIDENCE, f"could not be tried: {', '.join(untried)}"))
    if wrong:
        return wrong[0][0], "; ".join(words for _code, words in wrong)
    seen = f"{result.devices_seen} device files of {result.devices_asked} devices" if probe.devices else "it asks for no devices"
    return codes.SUCCEEDED, f"{seen}; {len(expected)} destinations as they should be"


def _evicted_by_queue(probe: Probe, seen: Observed) -> Verdict | None:
    found = evicted(seen.workload)
    return _of_queue(probe, seen, found, SOON) if found is not None else None


def _broke(probe: Probe, seen: Observed) -> Verdict | None:
    pod = _pod(seen)
    if pod is None:
        return None
    where, node = f"Pod {namespace_of(pod)}/{name_of(pod)}", _node(pod)
    reason, message = text_at(pod, "status.reason"), text_at(pod, "status.message")
    target = next((each for each in maps_at(pod, "status.conditions") if text_at(each, "type") == "DisruptionTarget"), {})
    if reason in _EVICTIONS or target.get("status") == "True":
        words = plain(f"{reason or text_at(target, 'reason')}: {message or text_at(target, 'message')}")
        return Verdict(codes.EVICTED, words, (Evidence(where, "status.reason", words, "runs to its end"),), node=node)
    if text_at(pod, "status.phase") == "Failed" and (reason in _REJECTIONS or reason.startswith(_OUT_OF)):
        is_device = bool(probe.resource) and (reason == "UnexpectedAdmissionError" or reason == f"{_OUT_OF}{probe.resource}")
        code = codes.DEVICE_PLUGIN if is_device else codes.NODE_REFUSED
        words = plain(f"{reason}: {message}")
        return Verdict(code, words, (Evidence(where, "status.reason", words, "taken by the node"),), node=node)
    ended = _terminated(pod)
    if ended is not None:
        code = codes.CONTAINER if text_at(ended, "reason") in _STARTS else codes.BROKE
        words = plain(f"{text_at(ended, 'reason') or 'Error'}, exit code {at(ended, 'exitCode')}: {text_at(ended, 'message')}")
        return Verdict(code, words, (Evidence(where, "status.containerStatuses[].state.terminated", words, "exit code 0"),), node=node)
    return None


# ---- the pod waits ---------------------------------------------------------------------------------------------------


def _waits(_probe: Probe, seen: Observed) -> Verdict | None:
    pod = _pod(seen)
    if pod is None:
        return None
    where, node = f"Pod {namespace_of(pod)}/{name_of(pod)}", _node(pod)
    for status in _statuses(pod):
        reason = text_at(status, "state.waiting.reason")
        if reason in _CREATING:
            continue
        words = plain(f"{reason}: {text_at(status, 'state.waiting.message')}")
        evidence = (Evidence(where, "status.containerStatuses[].state.waiting", words, "running"),)
        if reason in _IMAGE_PATIENCE:
            return Verdict(codes.IMAGE, words, evidence, _IMAGE_PATIENCE[reason], node)
        return Verdict(codes.CONTAINER, words, evidence, SOON, node)
    told = _last(seen.events, name_of(pod), _FAILED_STARTS) if node and not _runs(pod) else None
    if told is not None:
        words = plain(f"{text_at(told, 'reason')}: {text_at(told, 'message')}")
        return Verdict(codes.CONTAINER, words, (Evidence(where, "events", words, "running"),), LATE, node)
    return None


def _unscheduled(probe: Probe, seen: Observed) -> Verdict | None:
    pod = _pod(seen)
    if pod is None or _node(pod):
        return None
    placed = next((each for each in maps_at(pod, "status.conditions") if text_at(each, "type") == "PodScheduled"), {})
    if placed.get("status") != "False" or text_at(placed, "reason") != "Unschedulable":
        return None
    message = text_at(placed, "message")
    wait = why_unscheduled(pod, message, seen.nodes, probe.resource, probe.devices)
    where = f"Pod {namespace_of(pod)}/{name_of(pod)}"
    return Verdict(
        wait.code, plain(message), (Evidence(where, "status.conditions[PodScheduled]", plain(message), "True"), *wait.evidence), SOON
    )


# ---- there is no pod -------------------------------------------------------------------------------------------------


def _not_let_in(_probe: Probe, seen: Observed) -> Verdict | None:
    """The Job is there, and its pod is not let in: only events tell."""
    if seen.job is None or _pod(seen) is not None:
        return None
    told = _last(seen.events, name_of(seen.job), (_FAILED_CREATE,))
    if told is None:
        return None
    message = text_at(told, "message")
    where = f"Job {namespace_of(seen.job)}/{name_of(seen.job)}"
    return Verdict(refusal_code(message), plain(message), (Evidence(where, "events", plain(message), "a pod"),), SOON)


def _job_over(probe: Probe, seen: Observed) -> Verdict | None:
    if seen.job is None:
        return Verdict(
            codes.GONE, "the Job is not there any more", (Evidence(f"Job in {probe.namespace}", "metadata.name", "none", "there"),)
        )
    for each in maps_at(seen.job, "status.conditions"):
        kind, reason = text_at(each, "type"), text_at(each, "reason")
        if each.get("status") != "True" or kind not in ("Failed", "Complete"):
            continue
        words = plain(f"{kind}, {reason}: {text_at(each, 'message')}")
        code = codes.TIMEOUT if reason == "DeadlineExceeded" else codes.NO_EVIDENCE if kind == "Complete" else codes.GONE
        return Verdict(code, words, _evidence_of_job(seen), SOON if code is not codes.TIMEOUT else AT_ONCE)
    return None


def _queued(probe: Probe, seen: Observed) -> Verdict | None:
    if not probe.queue or at(seen.job, "spec.suspend") is not True:
        return None
    found = held(seen.queue, seen.workload, queue_is_known=seen.queue_is_known)
    if found is None:
        return None
    return _of_queue(probe, seen, found, LATE if found.code in (codes.NO_WORKLOAD, codes.NOT_ADMITTED) else SOON)


def _of_queue(probe: Probe, seen: Observed, found: Held, patience: int) -> Verdict:
    of_queue = found.field.startswith("spec.stopPolicy") or found.field.endswith("[Active]")
    where = f"LocalQueue {probe.namespace}/{probe.queue}" if of_queue else _workload_text(seen)
    words = plain(found.words)
    return Verdict(found.code, words, (Evidence(where, found.field, words, "admitted"),), patience)


_JUDGES: Final[tuple[Callable[[Probe, Observed], Verdict | None], ...]] = (
    _ended,
    _evicted_by_queue,
    _broke,
    _waits,
    _unscheduled,
    _job_over,
    _not_let_in,
    _queued,
)
"""In this order: what has ended, what is stuck, what never came about."""


# ---- parts -----------------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Words of a server on one line, and not endless."""
    return " ".join(text.split())[:LONGEST_WORDS].rstrip()


def _pod(seen: Observed) -> ApiObject | None:
    """The newest pod."""
    return max(seen.pods, key=lambda each: (text_at(each, "metadata.creationTimestamp"), name_of(each)), default=None)


def _node(pod: ApiObject | None) -> str:
    return text_at(pod, "spec.nodeName")


def _statuses(pod: ApiObject) -> list[dict[str, Any]]:
    return [*maps_at(pod, "status.initContainerStatuses"), *maps_at(pod, "status.containerStatuses")]


def _terminated(pod: ApiObject) -> Mapping[str, Any] | None:
    """How its container ended; others that were put into the pod do not count."""
    own = [each for each in maps_at(pod, "status.containerStatuses") if text_at(each, "name") == "proof"]
    found = at(own[0], "state.terminated") if own else None
    return found if isinstance(found, dict) else None


def _runs(pod: ApiObject) -> bool:
    return any(isinstance(at(each, "state.running"), dict) for each in _statuses(pod))


def _last(events: Iterable[ApiObject], name: str, reasons: Sequence[str]) -> ApiObject | None:
    """The last event about an object for one of the reasons."""
    found = [each for each in events if text_at(each, "involvedObject.name") == name and text_at(each, "reason") in reasons]
    return max(found, key=lambda each: (text_at(each, "lastTimestamp") or text_at(each, "eventTime"), name_of(each)), default=None)


def _standing(seen: Observed) -> str:
    pod = _pod(seen)
    if pod is None:
        return "the Job has no pod"
    return f"its pod is {text_at(pod, 'status.phase') or 'new'}{' on ' + _node(pod) if _node(pod) else ''}"


def _evidence_of_job(seen: Observed) -> tuple[Evidence, ...]:
    if seen.job is None:
        return ()
    ended = [f"{text_at(each, 'type')}={each.get('status')}" for each in maps_at(seen.job, "status.conditions")]
    return (
        Evidence(f"Job {namespace_of(seen.job)}/{name_of(seen.job)}", "status.conditions", ", ".join(ended) or "none", "Complete=True"),
    )


def _workload_text(seen: Observed) -> str:
    found = seen.workload if seen.workload is not None else seen.job
    kind = "Workload" if seen.workload is not None else "Job"
    return f"{kind} {namespace_of(found)}/{name_of(found)}" if found is not None else kind
