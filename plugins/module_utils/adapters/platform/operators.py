# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs operators through OLM: writes what they need, watches what OLM makes of it, approves plans that the document allows.

An operator is begun as soon as all that it needs is installed. What is stuck is told once it has stood so for its settle
time, not at the deadline; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from ...common.errors import ReadinessError
from ...common.findings import CheckFinding
from ...common.write_findings import CHANGED, FAIL, MISSING, NO_ACTION, NOT_EVALUATED, Tally, key_of
from ...platform.cluster_checks import READY
from ...platform.olm.csvs import owned_names
from ...platform.olm.decide import Next, decide
from ...platform.olm.model import (
    APPROVE,
    CATALOG_SOURCES,
    CONDITIONS,
    CSVS,
    DEPLOYMENTS,
    DONE,
    GROUPS,
    JOBS,
    PLANS,
    PODS,
    STUCK,
    SUBSCRIPTIONS,
    Operator,
)
from ...platform.olm.seen import seen_of, unpacked_named
from ...platform.parts import Step, WantedObject
from ...platform.snapshot import Named, PlatformSnapshot
from ...target.objects import name_of, namespace_of
from ..cluster.client import ApiFault
from .looking import Place
from .waiting import Patience

_IN_NAMESPACE: Final = (SUBSCRIPTIONS, GROUPS, PLANS, CSVS, CONDITIONS, DEPLOYMENTS, PODS)
_IN_CATALOGS: Final = (CATALOG_SOURCES, JOBS, PODS)
_CRD_API: Final = "apiextensions.k8s.io/v1"
_AGAIN: Final = (404, 409, 422)
"""A plan that has changed or gone meanwhile: OLM has made another one, which the next look shows."""


class Session(Protocol):
    """What is written with; see cluster.session.WriteSession."""

    def patch(self, path: str, body: Mapping[str, object], *, uid: str, resource_version: str = "") -> object:
        """Changes one object, as long as it is the one that is meant, in the version that was judged."""


class Looks(Protocol):
    """What is looked with; see looking.Looker."""

    def look(self, places: Collection[Place], names: Iterable[Named] = ()) -> PlatformSnapshot:
        """The cluster with these places and objects as they are now."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be installed."""

    operators: Sequence[Operator]
    """those of the document"""
    objects: Sequence[WantedObject]
    """what they need of the cluster; an operator without a Subscription among them is not installed from here"""
    approved: Mapping[str, Collection[str]]
    """namespace to the CSVs that an InstallPlan there may bring"""
    broken: Collection[str]
    """operators that are not installed from here and do not work: what needs them is not begun"""
    write: Callable[[Sequence[WantedObject]], Tally]
    """applies some of the objects"""


@dataclass(frozen=True, slots=True)
class Installed:
    """What came of it."""

    findings: tuple[CheckFinding, ...] = ()
    """why operators are not installed"""
    steps: tuple[Step, ...] = ()
    """InstallPlans that were approved"""
    untouched: frozenset[str] = frozenset()
    """operators that were not begun, because what they need is not installed"""
    late: tuple[str, ...] = ()
    """what is not installed, in words"""


@dataclass(slots=True)
class _Turn:
    """One operator at work."""

    operator: Operator
    until: float
    since: dict[str, float] = field(default_factory=dict)
    """checks that tell of trouble, to since when they have done so"""
    last: Next | None = None


class _Installation:
    def __init__(self, work: Work, session: Session, looker: Looks, patience: Patience, clock: Callable[[], float]) -> None:
        self._work = work
        self._session = session
        self._looker = looker
        self._patience = patience
        self._clock = clock
        subscribed = {wanted.path for wanted in work.objects if wanted.object.get("kind") == "Subscription"}
        self._waiting = {operator.name: operator for operator in work.operators if operator.path in subscribed and not operator.absent}
        self._running: dict[str, _Turn] = {}
        self._findings: list[CheckFinding] = []
        self._failed: set[str] = set(work.broken)
        self._steps: dict[str, Step] = {}

    def run(self, sleep: Callable[[float], object]) -> Installed:
        """Works until every operator is installed, stuck, or out of time."""
        while True:
            self._begin()
            if not self._running:
                break
            snapshot = self._look()
            for turn in list(self._running.values()):
                self._turn(turn, snapshot)
            if self._running:
                sleep(self._patience.poll_seconds)
        for operator in self._waiting.values():
            self._not_begun(operator)
        return Installed(
            tuple(self._findings),
            tuple(self._steps.values()),
            frozenset(self._waiting),
            tuple(f"operator {name}" for name in sorted(self._failed)),
        )

    # ---- begin -------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Writes the objects of operators whose needs are met. What they share in a namespace is written with the first of them."""
        open_ones = {*self._waiting, *self._running, *self._failed}
        ready = [operator for operator in self._waiting.values() if not open_ones.intersection(operator.needs)]
        if not ready:
            return
        tally = self._work.write(self._objects_of(ready))
        until = self._clock() + 60 * self._patience.minutes
        refused = {finding.key for finding in tally.findings if finding.result in (FAIL, NOT_EVALUATED)}
        for operator in ready:
            del self._waiting[operator.name]
            if tally.interrupted or any(key_of(wanted.object) in refused for wanted in self._objects_of([operator])):
                # The findings on its objects tell why.
                self._failed.add(operator.name)
            else:
                self._running[operator.name] = _Turn(operator, until)

    def _objects_of(self, operators: Collection[Operator]) -> list[WantedObject]:
        namespaces, paths = {operator.namespace for operator in operators}, {operator.path for operator in operators}
        return [
            wanted
            for wanted in self._work.objects
            if wanted.path in paths or (wanted.object.get("kind") != "Subscription" and _namespace(wanted) in namespaces)
        ]

    def _not_begun(self, operator: Operator) -> None:
        lacking = sorted(self._failed.union(self._waiting).intersection(operator.needs))
        message = f"it was not begun: it needs {', '.join(lacking)}"
        self._findings.append(
            READY["operators"].finding(operator.subject, MISSING, FAIL, message=message, path=operator.path, remedy="see there first")
        )

    # ---- look --------------------------------------------------------------------------------------------------------

    def _look(self) -> PlatformSnapshot:
        operators = [turn.operator for turn in self._running.values()]
        places: set[Place] = {(resource, operator.namespace) for operator in operators for resource in _IN_NAMESPACE}
        places |= {(resource, operator.source_namespace) for operator in operators for resource in _IN_CATALOGS}
        snapshot = self._looker.look(places)
        names = {*unpacked_named(snapshot, operators), *_crds_to_see(snapshot, operators)}
        known = {name for name, read in snapshot.named_reads.items() if name.kind == "ConfigMap" and read.object is not None}
        return self._looker.look((), names - known) if names - known else snapshot

    # ---- one operator ------------------------------------------------------------------------------------------------

    def _turn(self, turn: _Turn, snapshot: PlatformSnapshot) -> None:
        operator, now = turn.operator, self._clock()
        turn.last = found = decide(operator, seen_of(snapshot, operator), self._work.approved.get(operator.namespace, ()))
        if found.state == DONE:
            del self._running[operator.name]
            return
        if found.state == APPROVE and found.step is not None:
            self._approve(found.step)
        turn.since = {finding.check: turn.since.get(finding.check, now) for finding in found.findings}
        settle = min(found.settle_seconds, self._patience.settle_seconds)
        if found.state == STUCK and now - turn.since[found.findings[0].check] >= settle:
            self._give_up(turn, found.findings)
        elif now >= turn.until:
            self._give_up(turn, (*found.findings, self._late(turn)))

    def _approve(self, step: Step) -> None:
        """Approves a plan once: two Subscriptions of a namespace name the same one."""
        if step.uid in self._steps:
            return
        path = f"/apis/{step.ref.api_version}/namespaces/{step.ref.namespace}/installplans/{step.ref.name}"
        try:
            self._session.patch(path, {"spec": {"approved": True}}, uid=step.uid, resource_version=step.resource_version)
        except ApiFault as fault:
            if fault.code in _AGAIN:
                return
            raise ReadinessError("cluster_refused", f"{step.subject} could not be approved: {fault.message}") from fault
        self._steps[step.uid] = step

    def _give_up(self, turn: _Turn, findings: Iterable[CheckFinding]) -> None:
        self._findings.extend(replace(finding, action=NO_ACTION) for finding in findings)
        self._failed.add(turn.operator.name)
        del self._running[turn.operator.name]

    def _late(self, turn: _Turn) -> CheckFinding:
        words = turn.last.words if turn.last else ""
        message = f"it was not installed within {self._patience.minutes:g} minutes: {words}"
        return READY["operators"].finding(turn.operator.subject, CHANGED, FAIL, message=message, path=turn.operator.path)


def install(
    work: Work,
    session: Session,
    looker: Looks,
    patience: Patience,
    *,
    clock: Callable[[], float],
    sleep: Callable[[float], object],
) -> Installed:
    """Installs operators, each for at most the minutes of `patience`.

    Raises ReadinessError where the cluster cannot be read or written at all, and where the Lease was lost; what was begun goes
    on in OLM then, and a further run takes it up.
    """
    return _Installation(work, session, looker, patience, clock).run(sleep)


def _namespace(wanted: WantedObject) -> str:
    """Namespace of an object; of a Namespace its own name."""
    return name_of(wanted.object) if wanted.object.get("kind") == "Namespace" else namespace_of(wanted.object)


def _crds_to_see(snapshot: PlatformSnapshot, operators: Iterable[Operator]) -> set[Named]:
    """CRDs of CSVs that are there: they come with the plan, so the first look may not have had them."""
    found: set[Named] = set()
    for operator in operators:
        csv = seen_of(snapshot, operator).csv
        found.update(Named(_CRD_API, "CustomResourceDefinition", "", name) for name in (owned_names(csv) if csv else ()))
    return found
