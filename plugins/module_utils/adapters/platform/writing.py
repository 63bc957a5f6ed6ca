# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part's objects on the cluster: compared, written rank by rank, and waited for before what comes after them is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from ...common.merges import Merge
from ...common.write_findings import (
    CREATE,
    DELETE,
    FAIL,
    NO_ACTION,
    NOT_EVALUATED,
    UPDATE,
    Desired,
    Finding,
    ObjectKey,
    Policy,
    Tally,
    key_of,
)
from ...platform.parts import APPROVE, PartPlan, Wait, WantedObject
from ...platform.parts import DELETE as DELETE_STEP
from ...platform.planning import part_stage
from ...platform.readings import BY_KIND, PART_RESOURCES
from ...platform.snapshot import Named, PlatformSnapshot
from ..cluster.client import ApiConnection
from ..cluster.holding import Holds
from ..cluster.resources import Kinds
from ..cluster.reviews import Ask
from ..cluster.seeds import RECORD_ASKS, doubted, plural_of, seeds_of
from ..cluster.session import WriteSession
from ..cluster.writer import WriteRequest, apply
from .modes import VERIFY
from .request import PlatformRequest
from .waiting import Waited

RIGHTS: Final = "roles/operators/files/apply_rights.yml"
OLM_GROUP: Final = "operators.coreos.com"
_VERBS: Final = {CREATE: ("create", "patch"), UPDATE: ("patch",), DELETE: ("delete",)}
Waiter: TypeAlias = Callable[[Sequence[Wait], Collection[ObjectKey]], Mapping[Wait, Waited]]
"""Waits for these; of the objects that were written just now the keys are given."""

Merger: TypeAlias = Callable[[Sequence[Merge]], object]
"""Writes these entries of objects of others."""


@dataclass(slots=True)
class Writing:
    """The objects of one part, and what becomes of them. `compared` is how they stood, `tally` how they stand now."""

    connection: ApiConnection
    request: PlatformRequest
    snapshot: PlatformSnapshot
    plan: PartPlan
    compared: Tally = field(default_factory=Tally)
    tally: Tally = field(default_factory=Tally)
    waited: dict[Wait, Waited] = field(default_factory=dict)
    _done: dict[ObjectKey, Finding] = field(default_factory=dict)
    _diffs: dict[str, tuple[Mapping[str, object], Mapping[str, object]]] = field(default_factory=dict)

    @property
    def doubt(self) -> str:
        """Why nobody can say what is wanted no more; empty where one can. A list that is not known may be why an object is not wanted."""
        lists = PART_RESOURCES[self.request.part]
        return self.plan.incomplete or self.snapshot.why_not(*lists)

    @property
    def has_work(self) -> bool:
        """Whether anything is to be done, the record of what was applied included."""
        return self.compared.changed or bool(self.plan.steps)

    @property
    def is_uncertain(self) -> bool:
        """Whether of some object nobody knows how it stands."""
        return any(finding.result == NOT_EVALUATED for finding in self.compared.findings)

    @property
    def is_through(self) -> bool:
        """Whether all was written, and what was waited for is ready."""
        return not self.tally.interrupted and all(waited.is_ready for waited in self.waited.values()) and not self.tally.failed()

    def followed_by(self, snapshot: PlatformSnapshot, plan: PartPlan) -> Writing:
        """The writing of a newer plan, which keeps what was done and waited for so far; entries of objects of others are written once."""
        objects_alone = replace(plan, merges=())
        return replace(self, snapshot=snapshot, plan=objects_alone, compared=Tally(), waited=dict(self.waited), _done=dict(self._done))

    def compare(self) -> None:
        """Finds out how the objects stand: by dry runs; in mode verify and for a GitOps folder by reading alone."""
        by_reading = self.request.mode == VERIFY or self.request.gitops_dir is not None
        request = replace(self._request(self.plan.objects), check=not by_reading, verify=by_reading)
        seeds = seeds_of(self.snapshot, (wanted.object for wanted in self.plan.objects), BY_KIND)
        self.compared = doubted(apply(self.connection, replace(request, seeds=seeds)), self.doubt)
        there = {finding.key: _kept(self._done.get(finding.key), finding) for finding in self.compared.findings}
        # What an earlier turn removed is not compared any more.
        removed = [finding for key, finding in self._done.items() if key not in there and finding.action != NO_ACTION]
        self.tally = replace(self.compared, findings=(*there.values(), *removed), diffs={**self.compared.diffs, **self._diffs})

    def asks(self) -> list[Ask]:
        """What the account has to be allowed for all that is to be done, what nobody could compare for lack of a right included."""
        kinds = Kinds(self.connection)
        versions = {key_of(wanted.object): str(wanted.object["apiVersion"]) for wanted in self.plan.objects}
        found: list[Ask] = []
        for finding in self.compared.findings:
            key, verbs = finding.key, self._verbs(finding)
            plural = plural_of(kinds, versions.get(key, ""), key, BY_KIND) if verbs else ""
            found += [Ask(verb, key.group, plural, key.namespace) for verb in verbs if plural]
            if verbs and key.kind == "Subscription":
                found.append(Ask("patch", OLM_GROUP, "installplans", key.namespace))
        approves = [Ask("patch", OLM_GROUP, "installplans", step.ref.namespace) for step in self.plan.steps if step.verb == APPROVE]
        removes = [
            Ask("delete", one.key.group, plural_of(kinds, one.api_version, one.key, BY_KIND) or one.kind.lower(), one.namespace)
            for one in self._removed()
        ]
        return [*found, *approves, *removes, *RECORD_ASKS]

    def _verbs(self, finding: Finding) -> tuple[str, ...]:
        if finding.result != NOT_EVALUATED or finding.action != NO_ACTION:
            return _VERBS.get(finding.action, ())
        resource = BY_KIND.get((finding.key.group, finding.key.kind))
        is_there = resource is not None and self.snapshot.get(resource.id, finding.key.namespace, finding.key.name) is not None
        return _VERBS[UPDATE if is_there else CREATE]

    def _removed(self) -> list[Named]:
        return [step.ref for step in self.plan.steps if step.verb == DELETE_STEP]

    def write(self, session: WriteSession, waiter: Waiter, merger: Merger) -> tuple[Merge, ...]:
        """Writes what differs, that of a lower rank first, and waits in between where anything of a higher rank has to.

        Gives the merges whose turn did not come.
        """
        stages = chunks(self.plan)
        for number, stage in enumerate(stages):
            is_last = stage is stages[-1]
            if is_last:
                self.conclude(session)
            elif stage.objects:
                self.write_some(session, stage.objects)
            if self.tally.interrupted:
                return _merges_of(stages[number:])
            merger(stage.merges)
            self.waited |= waiter(stage.waits, self._written())
            late = [wait.subject for wait in stage.waits if not self.waited[wait].is_ready]
            if late and not is_last:
                self.put_off(late)
                return _merges_of(stages[number + 1 :])
        return ()

    def write_some(self, session: WriteSession, objects: Iterable[WantedObject]) -> Tally:
        """Writes some of the objects; of all others nothing is said."""
        return self._taken(session.apply(replace(self._request(objects), partial=True)))

    def conclude(self, session: WriteSession) -> Tally:
        """Writes all objects that differ still, judges what is wanted no more, and brings the record up to date."""
        return self._taken(session.apply(self._request(self.plan.objects)))

    def leave_undone(self) -> None:
        """Says of what differs still that it was not written: it came up only after the rest was."""
        message = "it came up only after the rest was written, and was not written itself"
        undone = {finding.key for finding in self.compared.findings if finding.action != NO_ACTION}
        findings = tuple(
            replace(finding, result=FAIL, action=NO_ACTION, message=message, remedy="run it again") if finding.key in undone else finding
            for finding in self.tally.findings
        )
        self.tally = replace(self.tally, findings=findings)

    def put_off(self, late: Sequence[str]) -> None:
        """Ends the writing before its time: what is not written yet comes after things that are not ready."""
        rest = [_put_off(finding, late) for finding in self.compared.findings if finding.key not in self._done]
        self.tally = replace(self.tally, findings=(*self.tally.findings, *rest))

    def _taken(self, tally: Tally) -> Tally:
        """Adds what one call found to what earlier ones did."""
        tally = doubted(tally, self.doubt)
        self._done.update((finding.key, _kept(self._done.get(finding.key), finding)) for finding in tally.findings)
        self._diffs = {**tally.diffs, **self._diffs}
        self.tally = Tally(tuple(self._done.values()), self._diffs, tally.interrupted, self.compared.record_differs)
        return tally

    def _guard(self, _objects: object, _namespaces: object) -> Holds:
        """What is wanted no more stays while the plan says so; what is wanted it has judged itself."""
        wanted = {key_of(one.object) for one in self.plan.objects}
        return Holds({key: why for key, why in self.plan.held.items() if key not in wanted})

    def _written(self) -> list[ObjectKey]:
        return [finding.key for finding in self._done.values() if finding.action in (CREATE, UPDATE)]

    def _request(self, objects: Iterable[WantedObject]) -> WriteRequest:
        request = self.request
        return WriteRequest(
            policy=Policy(part_stage(request.part), tuple(request.respected)),
            run=request.run_id,
            desired=[desired_of(wanted) for wanted in objects],
            prune=request.prune and not self.doubt,
            guard=self._guard,
            diff=request.diff,
            page_size=request.settings.page_size,
            wide=True,
            rights=RIGHTS,
            lease_wait_seconds=60 * request.lock_wait_minutes,
        )


def desired_of(wanted: WantedObject) -> Desired:
    """A part's object as the write layer takes it."""
    awaits = f"operator {wanted.awaits}" if wanted.awaits else ""
    return Desired(wanted.object, wanted.path, wanted.rank, wanted.claim, awaits, wanted.keep)


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is written before anything of a higher rank: objects, then entries of objects of others; and what has to be ready then."""

    objects: tuple[WantedObject, ...] = ()
    merges: tuple[Merge, ...] = ()
    waits: tuple[Wait, ...] = ()


def chunks(plan: PartPlan) -> list[Chunk]:
    """The plan in the order in which it is written, divided where something has to stand, or to be ready, before the rest is written.

    A merge has its turn by its rank, as an object has: after the objects of that rank and of lower ones, before those of higher ones.
    A wait for an object of the plan belongs to that object's rank; all others come last.
    """
    last = max((wanted.rank for wanted in plan.objects), default=0)
    ranks = {key_of(wanted.object): wanted.rank for wanted in plan.objects}
    waits: dict[int, list[Wait]] = {}
    for wait in plan.waits:
        waits.setdefault(ranks.get(wait.ref.key, last), []).append(wait)
    merges: dict[int, list[Merge]] = {}
    for merge in plan.merges:
        merges.setdefault(min(merge.rank, last), []).append(merge)
    ends = sorted({*waits, *merges, last})
    found = []
    for begin, end in zip([-1, *ends], ends, strict=False):
        objects = tuple(wanted for wanted in plan.objects if begin < wanted.rank <= end)
        found.append(Chunk(objects, tuple(merges.get(end, ())), tuple(waits.get(end, ()))))
    return found


def _merges_of(stages: Iterable[Chunk]) -> tuple[Merge, ...]:
    return tuple(merge for stage in stages for merge in stage.merges)


def _kept(before: Finding | None, now: Finding) -> Finding:
    """What is said of an object that was looked at twice: what was done to it, unless it is in trouble since."""
    return before if before is not None and before.action != NO_ACTION and now.action == NO_ACTION and now.result == before.result else now


def _put_off(finding: Finding, late: Sequence[str]) -> Finding:
    if finding.action == NO_ACTION:
        return finding
    message = f"it was not written, since it comes after what is not ready yet: {', '.join(late)}"
    return replace(finding, state=NOT_EVALUATED, result=NOT_EVALUATED, action=NO_ACTION, message=message, remedy="run it again then")
