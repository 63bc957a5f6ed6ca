# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the proof of life: makes the Jobs as the tenants, looks at all of them with a few lists at a time, and removes what it made.

Nothing is made while the account may not remove it. What is left of a run that was killed goes with the next one; Kubernetes itself ends
and removes a Job that runs too long.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from types import FrameType
from typing import Final, NoReturn

from ...common.errors import ReadinessError
from ...common.owned_fields import ApiObject
from ...namespaces.judging import Scene
from ...namespaces.life import codes
from ...namespaces.life.findings import LifeProof, Proven, life_proof
from ...namespaces.life.probe import RUN_LABEL, Asked, Probe, probes_of
from ...namespaces.life.verdict import MADE, NEVER, NOT_TRIED, REFUSED, Creation, Observed, Verdict, plain, verdict
from ...namespaces.objects.queues import GROUP as KUEUE
from ...namespaces.served import KUEUE_VERSIONS
from ...platform.desired.identity import Persona
from ...target.objects import at, labels_of, maps_at, name_of, namespace_of, text_at
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.crew import Crew
from ..cluster.lists import list_path, pages
from ..cluster.pinned import PinnedWrites
from ..cluster.refusals import words
from ..cluster.reviews import Ask, lacking
from .as_tenant import IMPERSONATED, NO_HEADER, headers_of, is_impersonated, may_not_be, right_to_be

RIGHTS_FILE: Final = "roles/namespaces/files/life_rights.yml"
MOST_MINUTES: Final = 7
"""What a proof of life takes at most: of waiting, and of removing."""

NEEDED: Final = (
    Ask("list", "batch", "jobs"),
    Ask("delete", "batch", "jobs"),
    Ask("list", "", "pods"),
    Ask("list", "", "events"),
)
"""What the account itself has to be allowed, in all namespaces, before anything is made."""

JOB_UID: Final = f"{KUEUE}/job-uid"
"""Label of a Workload: the Job that it is of."""

_JOBS: Final = "/apis/batch/v1/jobs"
_PODS: Final = "/api/v1/pods"
_EVENTS: Final = "/api/v1/events"
_NODES: Final = "/api/v1/nodes"
_NAMESPACED_JOBS: Final = "/apis/batch/v1/namespaces/{}/jobs"
_PAGE_SIZE: Final = 500
_TOKEN_LETTERS: Final = 16
_UIDS_AT_A_TIME: Final = 100
"""Labels that one request asks for: an address has its limits."""
_RESERVE_SECONDS: Final = 30.0
"""What is left of the connection's time for removing."""


@dataclass(frozen=True, slots=True)
class LifeSettings:
    """How long is waited."""

    timeout_seconds: float = 300.0
    """for all Jobs together"""
    poll_seconds: float = 2.0
    settle_seconds: float = 8.0
    """how long a verdict has to stand that may still change"""
    removal_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Clock:
    """What tells the time, and waits."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep


def proof_of_life(
    connection: ApiConnection, scene: Scene, personas: Mapping[str, Persona], image: str, run: str, *, lease_wait_seconds: float = 0.0
) -> LifeProof:
    """Findings and records of all contracts that are kept; `run` is the run's id, `image` what the containers are made of."""
    settings = LifeSettings()
    asked = Asked(image, sha256(run.encode()).hexdigest()[:_TOKEN_LETTERS], int(settings.timeout_seconds))
    plan = probes_of(scene, personas, asked)
    with PinnedWrites(connection, run, lease_wait_seconds=lease_wait_seconds, rights=RIGHTS_FILE) as writes:
        proven, left = prove_life(writes, plan.probes, asked.token, settings)
    return life_proof(proven, left, plan.findings)


def prove_life(
    writes: PinnedWrites, probes: Sequence[Probe], token: str, settings: LifeSettings | None = None, clock: Clock | None = None
) -> tuple[list[Proven], list[str]]:
    """What came of each probe, in their order, and the names of what could not be removed.

    `token` is the value of the label that marks the Jobs. Raises ReadinessError for no trouble of one Job or the server: such probes are
    told as not tried, or by what was known of them last.
    """
    if not probes:
        return [], []
    connection = writes.connection
    if is_impersonated(connection):
        return _untried(probes, IMPERSONATED), []
    try:
        if lacks := lacking(connection, NEEDED):
            return _untried(probes, f"the account may not {', '.join(ask.words for ask in lacks)}"), []
        writes.check()
    except ReadinessError as error:
        return _untried(probes, error.message), []
    proof = _Proof(writes, [_Open(each) for each in probes], token, settings or LifeSettings(), clock or Clock())
    with ended_by_signals():
        proof.run()
    return [Proven(each.probe, each.told) for each in proof.open], proof.left


def _untried(probes: Iterable[Probe], reason: str) -> list[Proven]:
    return [Proven(each, verdict(each, Observed(Creation(NOT_TRIED, reason)))) for each in probes]


@dataclass(slots=True)
class _Open:
    """One probe on its way."""

    probe: Probe
    creation: Creation = field(default_factory=lambda: Creation(NOT_TRIED, "it was not begun"))
    uid: str = ""
    pods: dict[str, ApiObject] = field(default_factory=dict)
    """by UID, those that are gone as they were seen last"""
    told: Verdict = field(default_factory=lambda: Verdict(codes.NOT_TRIED, "it was not begun"))
    since: float = 0.0
    """when the verdict came to be"""
    is_settled: bool = False


@dataclass(slots=True)
class _Seen:
    """One look at the cluster."""

    jobs: Mapping[str, ApiObject]
    pods: Mapping[str, list[ApiObject]]
    """UID of the Job to its pods"""
    workloads: Mapping[str, ApiObject] = field(default_factory=dict)
    queues: Mapping[tuple[str, str], ApiObject] | None = None
    events: Mapping[str, list[ApiObject]] = field(default_factory=dict)
    """namespace to events"""
    nodes: Sequence[ApiObject] | None = None


class _Proof:
    """Makes, watches and removes the Jobs of one run."""

    def __init__(self, writes: PinnedWrites, probes: list[_Open], token: str, settings: LifeSettings, clock: Clock) -> None:
        self.open = probes
        self.left: list[str] = []
        self._writes = writes
        self._connection: ApiConnection = writes.connection
        self._token = token
        self._settings = settings
        self._clock = clock
        self._lacks: set[tuple[str, str]] = set()
        self._kueue = ""

    def run(self) -> None:
        """All of it; what was made is removed however it ends."""
        try:
            self._remove(RUN_LABEL)
            made = Crew(self._connection).each(self.open, self._create, lambda _each, reason: Creation(NOT_TRIED, reason))
            for each, creation in zip(self.open, made, strict=True):
                each.creation = creation
                self._take(each, verdict(each.probe, Observed(creation)) if creation.state != MADE else each.told)
                each.is_settled = creation.state != MADE
            self._watch()
        except ReadinessError as error:
            self._give_up(error.message)
        except ApiFault as fault:
            self._give_up(words(fault))
        finally:
            self.left = self._removed()

    # ---- making ------------------------------------------------------------------------------------------------------

    def _create(self, each: _Open) -> Creation:
        probe = each.probe
        headers = headers_of(probe.user, probe.groups)
        if headers is None:
            return Creation(NOT_TRIED, f"{probe.bearer}: {NO_HEADER}")
        try:
            answer = self._connection.request("POST", _NAMESPACED_JOBS.format(probe.namespace), None, probe.job, headers=headers)
        except ApiFault as fault:
            lacks = may_not_be(fault)
            if lacks is not None:
                return Creation(NOT_TRIED, f"the account may not {right_to_be(lacks)}", fault.code)
            return Creation(REFUSED, words(fault), fault.code)
        each.uid = text_at(answer, "metadata.uid")
        return Creation(MADE)

    # ---- watching ----------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        until = self._clock.now() + min(self._settings.timeout_seconds, self._connection.remaining() - _RESERVE_SECONDS)
        while pending := [each for each in self.open if not each.is_settled]:
            seen = self._look(pending)
            is_late = self._clock.now() >= until
            for each in pending:
                self._judge(each, seen, is_late=is_late)
            if is_late:
                return
            if any(not each.is_settled for each in pending):
                self._clock.sleep(self._settings.poll_seconds)

    def _judge(self, each: _Open, seen: _Seen, *, is_late: bool) -> None:
        probe = each.probe
        each.pods |= {text_at(pod, "metadata.uid"): pod for pod in seen.pods.get(each.uid, ())}
        observed = Observed(
            each.creation,
            seen.jobs.get(each.uid),
            list(each.pods.values()),
            seen.workloads.get(each.uid),
            seen.events.get(probe.namespace, ()),
            (seen.queues or {}).get((probe.namespace, probe.queue)),
            seen.queues is not None,
            seen.nodes,
        )
        self._take(each, verdict(probe, observed))
        stands = self._clock.now() - each.since
        each.is_settled = is_late or (each.told.patience < NEVER and stands >= each.told.patience * self._settings.settle_seconds)

    def _take(self, each: _Open, told: Verdict) -> None:
        if told.code is not each.told.code:
            each.since = self._clock.now()
        each.told = told

    def _give_up(self, reason: str) -> None:
        """The server went away: nobody knows what became of the rest."""
        for each in self.open:
            if not each.is_settled:
                last = f"; last known: {each.told.code.id}" if each.told.patience else ""
                each.told = Verdict(codes.SERVER_FAILED, f"{plain(reason)}{last}", each.told.evidence)
                each.is_settled = True

    def _look(self, pending: Sequence[_Open]) -> _Seen:
        """One list for each kind that can tell anything just now, over all namespaces."""
        mark = {"labelSelector": f"{RUN_LABEL}={self._token}"}
        jobs = {text_at(item, "metadata.uid"): item for item in self._list(_JOBS, mark)}
        pods: dict[str, list[ApiObject]] = {}
        for item in self._list(_PODS, mark):
            pods.setdefault(_owner_of(item), []).append(item)
        seen = _Seen(jobs, pods)
        queued = [each for each in pending if each.probe.queue]
        held = any(at(jobs.get(each.uid), "spec.suspend") is True for each in queued)
        if queued:
            seen.workloads = self._workloads([each.uid for each in queued])
        if held:
            seen.queues = self._queues()
        seen.events = self._events(pending, seen)
        if any(_is_unplaced(pod) for found in pods.values() for pod in found):
            seen.nodes = self._optional(_NODES, {})
        return seen

    def _events(self, pending: Sequence[_Open], seen: _Seen) -> Mapping[str, list[ApiObject]]:
        """Warnings about Jobs without a pod, and about pods that have a node and do not start."""
        kinds = []
        if any(each.uid in seen.jobs and each.uid not in seen.pods for each in pending):
            kinds.append("involvedObject.kind=Job,reason=FailedCreate")
        if any(_is_starting(pod) for each in pending for pod in seen.pods.get(each.uid, ())):
            kinds.append("involvedObject.kind=Pod,type=Warning")
        found: dict[str, list[ApiObject]] = {}
        for selector in kinds:
            for item in self._list(_EVENTS, {"fieldSelector": selector}):
                found.setdefault(namespace_of(item), []).append(item)
        return found

    def _workloads(self, uids: Sequence[str]) -> dict[str, ApiObject]:
        """UID of the Job to its Workload."""
        found: dict[str, ApiObject] = {}
        for start in range(0, len(uids), _UIDS_AT_A_TIME):
            selector = f"{JOB_UID} in ({','.join(uids[start : start + _UIDS_AT_A_TIME])})"
            for item in self._of_kueue("workloads", {"labelSelector": selector}) or ():
                found[labels_of(item).get(JOB_UID, "")] = item
        return found

    def _queues(self) -> dict[tuple[str, str], ApiObject] | None:
        items = self._of_kueue("localqueues", {})
        return None if items is None else {(namespace_of(item), name_of(item)): item for item in items}

    def _of_kueue(self, plural: str, query: Mapping[str, str]) -> list[ApiObject] | None:
        """A list of Kueue, in the first version that the server has; None where it is not known."""
        for version in (self._kueue,) if self._kueue else KUEUE_VERSIONS:
            items = self._optional(list_path(KUEUE, version, plural), query)
            if items is not None:
                self._kueue = version
                return items
        return None

    def _optional(self, path: str, query: Mapping[str, str]) -> list[ApiObject] | None:
        try:
            return self._list(path, query)
        except ApiFault:
            return None

    def _list(self, path: str, query: Mapping[str, str]) -> list[ApiObject]:
        return [item for page in pages(self._connection, path, query, _PAGE_SIZE) for item in page]

    # ---- removing ----------------------------------------------------------------------------------------------------

    def _removed(self) -> list[str]:
        """Removes everything; the names of what is there still when the time for it is over."""
        until = self._clock.now() + self._settings.removal_seconds
        try:
            while there := self._remove(f"{RUN_LABEL}={self._token}"):
                if self._clock.now() >= until:
                    return there
                self._clock.sleep(min(self._settings.poll_seconds, 1.0))
        except ApiFault as fault:
            return [f"Jobs of the proof (nobody knows: {words(fault)})"]
        except ReadinessError as error:
            return [f"Jobs of the proof (nobody knows: {error.message})"]
        return []

    def _remove(self, selector: str) -> list[str]:
        """Has the Jobs removed that a selector finds, with their pods; the names of what was there."""
        query = {"labelSelector": selector}
        jobs = self._list(_JOBS, query)
        for item in jobs:
            path = f"{_NAMESPACED_JOBS.format(namespace_of(item))}/{name_of(item)}"
            if not text_at(item, "metadata.deletionTimestamp"):
                self._writes.delete(path, text_at(item, "metadata.uid"))
        pods = [item for item in self._list(_PODS, query) if _owner_of(item)]
        return [f"{kind} {namespace_of(item)}/{name_of(item)}" for kind, items in (("Job", jobs), ("Pod", pods)) for item in items]


def _owner_of(pod: ApiObject) -> str:
    """UID of the Job that a pod belongs to; empty for one that somebody else made."""
    owners = [each for each in maps_at(pod, "metadata.ownerReferences") if text_at(each, "kind") == "Job"]
    return text_at(owners[0], "uid") if owners else ""


def _is_unplaced(pod: ApiObject) -> bool:
    return not text_at(pod, "spec.nodeName")


def _is_starting(pod: ApiObject) -> bool:
    return bool(text_at(pod, "spec.nodeName")) and text_at(pod, "status.phase") == "Pending"


# ---- signals ---------------------------------------------------------------------------------------------------------


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Lets SIGTERM end the program as an error does, so that the Jobs are removed on the way."""
    is_ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    former = signal.signal(signal.SIGTERM, _terminate) if is_ours else None
    try:
        yield
    finally:
        if is_ours:
            signal.signal(signal.SIGTERM, former)


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
