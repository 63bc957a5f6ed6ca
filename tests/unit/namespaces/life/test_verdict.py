# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of every state of a Job exactly one verdict: what ended, what is stuck, what never came about, and what says nothing yet."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life import codes
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.codes import BY_ID, CODES, LAYERS, Code
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.findings import Proven, life_proof
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.probe import Destination, Probe
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.verdict import (
    AT_ONCE,
    LATE,
    LONGEST_WORDS,
    MADE,
    NEVER,
    NOT_TRIED,
    REFUSED,
    SOON,
    Creation,
    Observed,
    Verdict,
    verdict,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.schema import namespaces_schema, ordered
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

Json = dict[str, Any]
GPU = "nvidia.com/gpu"
REACH = (Destination("api-server", "@api", 443, "open"), Destination("object-store", "@object-store", 443, "open"))
DENIED = Destination("node-metadata", "169.254.169.254", 80, "closed")
PROBE = Probe(
    "team-a", "train", "group team-a", "tenant", ("team-a",), {}, GPU, 2, "nvidia", "default", (*REACH, DENIED), "accelerators[0]"
)
RESULT: Json = {
    "schema": "readiness.proof/1",
    "vendor": "nvidia",
    "devices_asked": 2,
    "devices_seen": 2,
    "tool_exit": None,
    "dns": "resolved",
    "reach": {"api-server": "open", "object-store": "open", "node-metadata": "closed"},
}
META: Json = {"name": "readiness-proof-x", "namespace": "team-a", "uid": "job-1"}
JOB: Json = {"metadata": META, "spec": {"suspend": False}, "status": {}}
HELD: Json = {**JOB, "spec": {"suspend": True}}
QUEUE: Json = {"metadata": {"name": "default", "namespace": "team-a"}, "spec": {}}


def pod(phase: str = "Pending", node: str = "gpu-0", name: str = "readiness-proof-x-1", **status: Any) -> Json:
    metadata = {"name": name, "namespace": "team-a", "creationTimestamp": "2026-11-22T06:00:00Z"}
    return {"metadata": metadata, "spec": {"nodeName": node} if node else {}, "status": {"phase": phase, **status}}


def in_state(state: Json, name: str = "proof") -> Json:
    return {"containerStatuses": [{"name": name, "state": state}]}


def ended(exit_code: int, message: str = "", reason: str = "Completed") -> Json:
    state = {"terminated": {"exitCode": exit_code, "message": message, "reason": reason}}
    return pod("Succeeded" if exit_code == 0 else "Failed", **in_state(state))


def waiting(reason: str, message: str = "") -> Json:
    return pod(**in_state({"waiting": {"reason": reason, "message": message}}))


def unscheduled(message: str) -> Json:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return pod(node="", conditions=[condition])


def event(reason: str, message: str, about: str = "readiness-proof-x", at: str = "2026-11-22T06:00:01Z") -> Json:
    return {
        "metadata": {"name": f"{about}.{at}"},
        "involvedObject": {"name": about},
        "reason": reason,
        "message": message,
        "lastTimestamp": at,
    }


def told(result: Json | None = None, **changes: Any) -> Json:
    return ended(0, json.dumps({**(result or RESULT), **changes}))


def reached(**changes: str) -> Json:
    return told(reach={**RESULT["reach"], **{name.replace("_", "-"): state for name, state in changes.items()}})


def job_ended(kind: str, reason: str) -> Json:
    return {**JOB, "status": {"conditions": [{"type": kind, "status": "True", "reason": reason, "message": "so it ended"}]}}


def of(*pods: Json, job: Json | None = JOB, **more: Any) -> Verdict:
    usual: Json = {"queue": QUEUE, "queue_is_known": True}
    return verdict(PROBE, Observed(Creation(MADE), job, pods, **{**usual, **more}))


PREEMPTED = [{"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler", "message": "for another"}]
REJECTED = "UnexpectedAdmissionError"
EVICTED = {"metadata": {"name": "w"}, "status": {"conditions": [{"type": "Evicted", "status": "True", "reason": "Preempted"}]}}
ADMITTED = {"metadata": {"name": "w"}, "status": {"conditions": [{"type": "Admitted", "status": "True"}]}}
PULL = waiting("ImagePullBackOff", "Back-off pulling image")
NO_PODS = event("FailedCreate", 'Error creating: pods "x" is forbidden: violates PodSecurity "restricted:latest": privileged')

STATES: list[tuple[Code, int, Verdict]] = [
    (codes.SUCCEEDED, AT_ONCE, of(told())),
    (codes.SUCCEEDED, AT_ONCE, of(told(tool_exit=0), job=None)),
    (codes.NO_EVIDENCE, AT_ONCE, of(ended(0))),
    (codes.NO_EVIDENCE, AT_ONCE, of(ended(0, "hello"))),
    (codes.NO_EVIDENCE, AT_ONCE, of(told(vendor="amd"))),
    (codes.NO_EVIDENCE, AT_ONCE, of(told(devices_asked=1))),
    (codes.NO_EVIDENCE, AT_ONCE, of(told(devices_seen=None))),
    (codes.NO_EVIDENCE, AT_ONCE, of(told(reach={}))),
    (codes.NO_EVIDENCE, AT_ONCE, of(told(dns="untried"))),
    (codes.NO_EVIDENCE, AT_ONCE, of(reached(object_store="untried"))),
    (codes.NO_EVIDENCE, SOON, of(job=job_ended("Complete", "CompletionsReached"))),
    (
        codes.NO_EVIDENCE,
        AT_ONCE,
        of(pod("Succeeded", **in_state({"terminated": {"exitCode": 0, "message": json.dumps(RESULT)}}, "sidecar"))),
    ),
    (codes.NOT_VISIBLE, AT_ONCE, of(told(devices_seen=0))),
    (codes.NOT_USABLE, AT_ONCE, of(told(tool_exit=127))),
    (codes.DNS, AT_ONCE, of(told(dns="unresolved"))),
    (codes.OBJECT_STORE, AT_ONCE, of(reached(object_store="closed"))),
    (codes.UNREACHED, AT_ONCE, of(reached(api_server="closed"))),
    (codes.LEAK, AT_ONCE, of(reached(node_metadata="open"))),
    (codes.LEAK, AT_ONCE, of(told(devices_seen=0, dns="unresolved", reach={**RESULT["reach"], "node-metadata": "open"}))),
    (codes.BROKE, AT_ONCE, of(ended(1, json.dumps(RESULT), "Error"))),
    (codes.BROKE, AT_ONCE, of(ended(137, "", "OOMKilled"))),
    (codes.CONTAINER, AT_ONCE, of(ended(128, "exec: sh: not found", "StartError"))),
    (codes.EVICTED, AT_ONCE, of(pod("Running", conditions=PREEMPTED))),
    (codes.EVICTED, AT_ONCE, of(pod("Failed", reason="Evicted", message="low on memory"))),
    (codes.DEVICE_PLUGIN, AT_ONCE, of(pod("Failed", reason=REJECTED, message="Allocate failed"))),
    (codes.DEVICE_PLUGIN, AT_ONCE, of(pod("Failed", reason=f"OutOf{GPU}", message="Node didn't have enough resource"))),
    (codes.NODE_REFUSED, AT_ONCE, of(pod("Failed", reason="OutOfcpu"))),
    (codes.NODE_REFUSED, AT_ONCE, of(pod("Failed", reason="NodeAffinity"))),
    (codes.IMAGE, SOON, of(PULL)),
    (codes.IMAGE, LATE, of(waiting("ErrImagePull"))),
    (codes.IMAGE, AT_ONCE, of(waiting("InvalidImageName"))),
    (codes.IMAGE, SOON, of(PULL, job=job_ended("Failed", "DeadlineExceeded"))),
    (codes.CONTAINER, SOON, of(waiting("CreateContainerConfigError", "image will run as root"))),
    (
        codes.CONTAINER,
        LATE,
        of(waiting("ContainerCreating"), events=[event("FailedCreatePodSandBox", "no network", "readiness-proof-x-1")]),
    ),
    (codes.TIMEOUT, NEVER, of(waiting("ContainerCreating"))),
    (codes.TIMEOUT, NEVER, of(waiting("ContainerCreating"), events=[event("FailedCreatePodSandBox", "of another", "other")])),
    (codes.TIMEOUT, NEVER, of(pod("Running", **in_state({"running": {}})))),
    (codes.TIMEOUT, NEVER, of(pod(node=""))),
    (codes.TIMEOUT, NEVER, of()),
    (codes.TIMEOUT, NEVER, of(job=HELD, workload=ADMITTED)),
    (codes.TIMEOUT, AT_ONCE, of(job=job_ended("Failed", "DeadlineExceeded"))),
    (codes.GONE, AT_ONCE, of(job=None)),
    (codes.GONE, SOON, of(job=job_ended("Failed", "BackoffLimitExceeded"))),
    (codes.NO_NODES, SOON, of(unscheduled("no nodes available to schedule pods"), nodes=[])),
    (codes.NOT_SCHEDULED, SOON, of(unscheduled("0/3 nodes are available"))),
    (codes.POD_SECURITY, SOON, of(events=[NO_PODS])),
    (codes.TIMEOUT, NEVER, of(events=[event("FailedCreate", "violates PodSecurity ", "other")])),
    (codes.NO_QUEUE, SOON, of(job=HELD, queue=None)),
    (codes.NO_WORKLOAD, LATE, of(job=HELD)),
    (codes.NO_WORKLOAD, LATE, of(job=HELD, queue=None, queue_is_known=False)),
    (codes.NOT_ADMITTED, LATE, of(job=HELD, workload={"metadata": {"name": "w"}})),
    (codes.EVICTED_BY_QUEUE, SOON, of(job=HELD, workload=EVICTED)),
    (codes.EVICTED_BY_QUEUE, SOON, of(pod("Failed", reason="Evicted"), job=HELD, workload=EVICTED)),
]


@pytest.mark.parametrize(("code", "patience", "found"), STATES)
def test_state_has_its_verdict(code: Code, patience: int, found: Verdict) -> None:
    assert (found.code.id, found.patience) == (code.id, patience)


def test_last_event_counts() -> None:
    later = event("FailedCreate", 'Error creating: pods "x" is forbidden: exceeded quota: q', at="2026-11-22T06:00:02Z")
    assert of(events=[later, NO_PODS]).code is codes.QUOTA
    assert of(events=[NO_PODS, later]).code is codes.QUOTA


def test_newest_pod_counts() -> None:
    newer = pod("Succeeded", name="newer", **in_state({"terminated": {"exitCode": 0, "message": json.dumps(RESULT)}}))
    newer["metadata"]["creationTimestamp"] = "2026-11-22T06:00:09Z"
    assert of(newer, PULL).code is codes.SUCCEEDED


def test_creation_that_is_refused_or_not_tried_is_told() -> None:
    refused = 'jobs.batch is forbidden: User "a" cannot create resource "jobs" in API group "batch" in the namespace "team-a"'
    assert verdict(PROBE, Observed(Creation(REFUSED, refused, 403))).code is codes.REFUSED
    assert verdict(PROBE, Observed(Creation(REFUSED, "out of order", 503))).code is codes.SERVER_FAILED
    assert verdict(PROBE, Observed(Creation(NOT_TRIED, refused))).code is codes.NOT_TRIED


def test_all_that_is_wrong_stands_in_the_words() -> None:
    found = of(told(devices_seen=0, dns="unresolved", reach={**RESULT["reach"], "api-server": "closed"}))
    assert found.code is codes.NOT_VISIBLE
    assert "no device file" in found.words
    assert "not resolved" in found.words
    assert "not reached: api-server" in found.words


def test_words_of_a_server_are_kept_on_one_line_and_end() -> None:
    found = of(waiting("ImagePullBackOff", "line\none\ttwo " + "x" * 9000))
    assert found.words.startswith("ImagePullBackOff: line one two x")
    assert len(found.words) == LONGEST_WORDS


# ---- every state -----------------------------------------------------------------------------------------------------

_WORDS = st.sampled_from(
    ["", "Evicted", "NodeAffinity", "Preempted", "DeadlineExceeded", "ImagePullBackOff", "insufficient unused quota for x in flavor y"]
)
_TRUTH = st.sampled_from(["True", "False", "Unknown"])
_KINDS = st.sampled_from(["PodScheduled", "DisruptionTarget", "Failed", "Complete", "QuotaReserved", "Admitted", "Evicted", "Active", "x"])
_CONDITIONS = st.lists(st.fixed_dictionaries({"type": _KINDS, "status": _TRUTH, "reason": _WORDS, "message": _WORDS}), max_size=3)
_ODD = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.none(), max_size=1)
_STATES = st.fixed_dictionaries(
    {},
    optional={
        "waiting": st.fixed_dictionaries({"reason": _WORDS, "message": _WORDS}) | _ODD,
        "running": st.just({}),
        "terminated": st.fixed_dictionaries({"exitCode": st.integers(0, 255) | _ODD, "message": st.text(max_size=40), "reason": _WORDS})
        | _ODD,
    },
)
_STATUSES = st.lists(st.fixed_dictionaries({"name": st.sampled_from(["proof", "sidecar"]), "state": _STATES | _ODD}), max_size=2)
_PODS = st.lists(
    st.builds(
        lambda phase, node, conditions, statuses, reason: pod(
            phase, node, conditions=conditions, containerStatuses=statuses, reason=reason
        ),
        st.sampled_from(["", "Pending", "Running", "Succeeded", "Failed"]),
        st.sampled_from(["", "gpu-0"]),
        _CONDITIONS | _ODD,
        _STATUSES | _ODD,
        _WORDS | _ODD,
    ),
    max_size=2,
)
_OBJECTS = st.builds(
    lambda conditions, suspend, policy: {
        "metadata": META,
        "spec": {"suspend": suspend, "stopPolicy": policy},
        "status": {"conditions": conditions},
    },
    _CONDITIONS | _ODD,
    st.booleans() | _ODD,
    st.sampled_from(["None", "Hold"]) | _ODD,
)
_MAYBE = st.none() | _OBJECTS
_EVENTS = st.lists(st.builds(event, st.sampled_from(["FailedCreate", "FailedMount"]), st.text(max_size=30)), max_size=2)


@given(_MAYBE, _PODS, _MAYBE, _EVENTS, _MAYBE, st.booleans(), st.none() | st.lists(_OBJECTS, max_size=2))
def test_every_state_has_exactly_one_verdict_and_a_finding_and_a_record_of_the_schema(
    job: Json | None, pods: list[Json], workload: Json | None, events: list[Json], queue: Json | None, known: bool, nodes: list[Json] | None
) -> None:
    seen = Observed(Creation(MADE), job, pods, workload, events, queue, known, nodes)
    found = verdict(PROBE, seen)
    assert found == verdict(PROBE, seen)
    assert BY_ID[found.code.id] is found.code
    assert found.evidence or found.code is codes.TIMEOUT
    proof = life_proof([Proven(PROBE, found)], [])
    assert [each.result for each in proof.findings] == [found.code.result, "pass"]
    assert list(VALID.iter_errors(ordered(proof.records[0]))) == []


VALID = Draft202012Validator(namespaces_schema())


# ---- codes and findings ----------------------------------------------------------------------------------------------


def test_codes_are_unique_and_each_is_of_a_layer_and_says_what_helps() -> None:
    assert len(BY_ID) == len(CODES)
    assert {code.layer for code in CODES} == set(LAYERS)
    assert [code.id for code in CODES if code.result == "pass"] == ["run.succeeded"]
    assert [code.id for code in CODES if not code.remedy] == ["run.succeeded"]


def test_finding_has_the_code_and_the_words_and_what_is_left_is_told() -> None:
    proof = life_proof([Proven(PROBE, of(PULL))], ["Job team-a/readiness-proof-x"])
    found, left = proof.findings
    assert found.message == "start.image: The image cannot be pulled: ImagePullBackOff: Back-off pulling image"
    assert (found.part, found.subject, found.path) == ("team-a", "grant team-a/train", "accelerators[0]")
    assert (left.check, left.result, left.part) == ("namespaces.life.left", "fail", "cluster")
    assert "Job team-a/readiness-proof-x" in left.message
    assert life_proof([], []).findings == ()


def test_record_says_what_was_seen_and_holds_no_time() -> None:
    (record,) = life_proof([Proven(PROBE, of(told()))], []).records
    assert (record["id"], record["code"], record["layer"], record["vendor"]) == ("team-a/train", "run.succeeded", "run", "nvidia")
    assert (record["devices"], record["devices_seen"], record["node"]) == (2, 2, "gpu-0")
    assert record["reach"] == RESULT["reach"]
    assert not {"seconds", "time", "at"} & set(record)
