# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The write layer: makes a cluster hold what is desired, and takes away what was applied.

First everything is compared, by reading and by dry runs. Only when something has to be written is the Lease taken, the
record of what was applied made to name what is about to come, and the objects written, those that others refer to first.
What depends on objects of the same request, such as on their namespace or CRD, is judged once more when its turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...common.applied import AppliedObject, applied_object
from ...common.errors import ReadinessError
from ...common.owned_fields import applied_fields, metadata_of, shown
from ...common.write_findings import (
    CHANGED,
    CREATE,
    DELETED,
    FAIL,
    FIELDS,
    GIVEN_BACK,
    IN_STEP,
    MISSING,
    NO_ACTION,
    NOT_EVALUATED,
    PASS,
    UPDATE,
    Desired,
    Finding,
    ObjectKey,
    Policy,
    Tally,
    key_of,
    refused,
    removal_of,
    was_applied,
)
from .client import ApiConnection, ApiFault
from .comparing import Comparer, Comparison, refusal, unknown, version_of, write_query
from .crew import Crew
from .holding import Guard, Holding, nothing_held
from .live import Live, LiveObjects, Lot, Seed
from .ownership import HOME, AppliedRecord
from .pinned import PinnedWrites, pinned
from .refusals import RIGHTS
from .removing import Old, Removal
from .resources import APPLY, Kinds

ATTEMPTS: Final = 5
"""How often an object is compared again that somebody else changes at the same time."""


def nothing(_key: ObjectKey) -> bool:
    """Of what is wanted no more nothing goes."""
    return False


def everything(_key: ObjectKey) -> bool:
    """All of what is wanted no more goes."""
    return True


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """What is to be on the cluster, and how far the call may go."""

    policy: Policy
    run: str
    """who holds the Lease"""
    desired: Sequence[Desired] = ()
    lots: Sequence[Lot] = ()
    """where objects of the stage may be beside those of `desired` and of the record"""
    prune: bool = False
    """removes what was applied and is desired no more"""
    leaving: Callable[[ObjectKey], bool] = nothing
    """which of that is removed even so"""
    check: bool = False
    """only says what would be done"""
    diff: bool = False
    guard: Guard = nothing_held
    home: str = HOME
    page_size: int = 500
    verify: bool = False
    """says how things stand by reading alone: neither the right to patch nor the Lease is needed"""
    wide: bool = False
    """reads each kind in all namespaces at once"""
    rights: str = RIGHTS
    """file of the collection that hints name where the account lacks rights"""
    lease_wait_seconds: float = 0.0
    """how long a Lease is waited for that another run holds"""
    seeds: Sequence[Seed] = ()
    """what was read already"""
    tries_new: bool = True
    """tries objects that are to be made by dry runs before anything is written; else the write itself tells. Check mode always does"""
    partial: bool = False
    """what was applied earlier and is not desired here is neither judged nor removed"""


def apply(connection: ApiConnection, request: WriteRequest) -> Tally:
    """Makes the cluster hold the desired objects.

    Each object is written as a whole or not at all; one that is refused is a finding, and the others are written all the same.
    Raises ReadinessError where nothing could be begun: the record cannot be read, or another run holds the Lease.
    """
    with _writes(connection, request) as writes:
        return Write(connection, request, writes).apply()


def remove(connection: ApiConnection, request: WriteRequest) -> Tally:
    """Removes what was applied, each object by its UID, and the record of it. `desired` does not matter."""
    with _writes(connection, request) as writes:
        return Write(connection, request, writes).remove()


def _writes(connection: ApiConnection, request: WriteRequest) -> PinnedWrites:
    return PinnedWrites(connection, request.run, request.home, lease_wait_seconds=request.lease_wait_seconds, rights=request.rights)


class Write:
    """One call."""

    def __init__(self, connection: ApiConnection, request: WriteRequest, writes: PinnedWrites) -> None:
        policy = request.policy
        self._connection = connection
        self._request = request
        self._writes = writes
        self._crew = Crew(connection)
        self._objects = LiveObjects(connection, Kinds(connection), policy.stage, request.page_size)
        coming = frozenset(desired.key.name for desired in request.desired if (desired.key.group, desired.key.kind) == ("", "Namespace"))
        self._comparer = Comparer(
            connection, self._objects, policy, request.verify, request.rights, coming, tries_new=request.tries_new or request.check
        )
        self._holding = Holding(request.guard, self._objects, request.rights)
        self._removal = Removal(connection, self._objects, policy, self._crew, self._holding, request.rights)
        self._twice: list[Finding] = []
        self._record = AppliedRecord(connection, policy.stage, request.home, request.rights)

    def apply(self) -> Tally:
        """See the function."""
        request = self._request
        entries = self._record.read()
        self._comparer.applied = {key: entry.sha256 for key, entry in entries.items()}
        self._look([*entries, *(desired.key for desired in request.desired)])
        wanted, self._twice = _once_each(request.desired)
        compared = [self._unless_held(one) for one in self._crew.each(wanted, self._comparer.compare, unknown)]
        if not (request.check or request.verify):
            compared = self._due_at_once(compared)
        olds = self._old(entries, {desired.key for desired in wanted})
        differs = self._record.differs(_target(request.policy, entries, compared, olds))
        if request.check or request.verify:
            return self._foreseen(compared, olds, differs)
        if not (differs or any(one.writes for one in compared) or any(old.goes for old in olds)):
            return self._tally(compared, olds, differs)
        self._writes.hold()
        self._writes.is_last = False
        entries = self._record.read()
        self._announce(entries, compared)
        done = self._written(compared)
        return self._concluded(entries, done, self._removal.delete(olds, self._writes.check))

    def remove(self) -> Tally:
        """See the function."""
        request = self._request
        entries = self._record.read()
        self._look(entries)
        olds = self._removal.find(entries, (), everything)
        differs = self._record.differs(_target(request.policy, entries, (), olds))
        if request.check or request.verify:
            return self._foreseen((), olds, differs)
        if not (differs or any(old.goes for old in olds)):
            return self._tally((), olds, differs)
        self._writes.hold()
        entries = self._record.read()
        gone = self._removal.delete(olds, self._writes.check)
        self._writes.is_last = not _target(request.policy, entries, (), gone)
        return self._concluded(entries, (), gone)

    def _old(self, entries: Mapping[ObjectKey, AppliedObject], wanted: Collection[ObjectKey]) -> list[Old]:
        goes = everything if self._request.prune else self._request.leaving
        return [] if self._request.partial else self._removal.find(entries, wanted, goes)

    def _foreseen(self, compared: Sequence[Comparison], olds: Sequence[Old], differs: bool) -> Tally:
        """What would be done. A verification tries nothing, and what ought to go has failed, since nobody is about to remove it."""
        if not self._request.verify:
            return self._tally(compared, self._removal.delete(olds, _always, dry=True), differs)
        lasting = [replace(old, finding=replace(old.finding, result=FAIL)) if old.goes else old for old in olds]
        return self._tally(compared, lasting, differs=False)

    def _look(self, keys: Iterable[ObjectKey]) -> None:
        """Lists what bears the stage's label where its objects are or may be."""
        request = self._request
        # Others' objects do not bear the label.
        lots = [*request.lots, *(_lot(desired.object) for desired in request.desired if desired.claim != FIELDS)]
        self._holding.namespaces = frozenset((*(key.namespace for key in keys), *(lot.namespace for lot in lots))) - {""}
        for seed in request.seeds:
            self._objects.seed(seed.lot, seed.objects, complete=seed.complete)
            if seed.plural:
                self._objects.kinds.know(seed.lot.api_version, seed.lot.kind, seed.plural, is_namespaced=seed.is_namespaced)
        self._objects.read([lot.wide for lot in lots] if request.wide else lots, self._crew)

    # ---- the record ----------------------------------------------------------------------------------------------------

    def _announce(self, entries: Mapping[ObjectKey, AppliedObject], compared: Iterable[Comparison]) -> None:
        """Has the record name what is about to be ours: whoever is killed in between leaves nothing that nobody knows of."""
        coming = [one for one in compared if one.writes and one.desired.key not in entries]
        named = {one.desired.key: _recorded(one, "") for one in coming if one.finding.action == CREATE or _end(one) != DELETED}
        self._record.write({**entries, **named}.values())

    def _concluded(self, entries: Mapping[ObjectKey, AppliedObject], done: Sequence[Comparison], gone: Sequence[Old]) -> Tally:
        target = _target(self._request.policy, entries, done, gone)
        try:
            self._record.write(target)
        except ReadinessError as error:
            self._crew.over = self._crew.over or error.message.removeprefix(f"{self._connection.access.place}: ")
        return self._tally(done, gone, differs=True)

    # ---- writing -------------------------------------------------------------------------------------------------------

    def _written(self, compared: Sequence[Comparison]) -> list[Comparison]:
        """The comparisons, with what came of those that had to be written: rank by rank, the objects of one rank in parallel."""
        done = {one.desired.key: one for one in compared}
        for rank in sorted({one.desired.rank for one in compared if one.writes or one.premature}):
            batch = [one for one in compared if one.desired.rank == rank]
            # Whatever was written before may be what they lacked.
            early = [one for one in batch if one.premature and (_is_planned(one) or any(each.after is not None for each in done.values()))]
            done.update((one.desired.key, one) for one in self._crew.each(early, self._due, _not_written))
            ready = [done[one.desired.key] for one in batch if done[one.desired.key].writes]
            done.update((one.desired.key, one) for one in self._crew.each(ready, self._write, _not_written))
        return [done[one.desired.key] for one in compared]

    def _due(self, found: Comparison) -> Comparison:
        """The comparison of an object whose turn it is."""
        return self._unless_held(self._comparer.compare(found.desired, again=True))

    def _due_at_once(self, compared: list[Comparison]) -> list[Comparison]:
        """The comparisons, with those made anew that wait for something, while nothing of a lower rank is to be written."""
        first = min((one.desired.rank for one in compared if one.writes and not one.premature), default=None)
        early = [one for one in compared if _is_planned(one) and (first is None or one.desired.rank <= first)]
        due = dict(zip([one.desired.key for one in early], self._crew.each(early, self._due, _not_written), strict=True))
        return [due.get(one.desired.key, one) for one in compared]

    def _write(self, first: Comparison) -> Comparison:
        """Writes one object, in just the version that was compared; one that changed meanwhile is compared again."""
        found = first
        for _attempt in range(ATTEMPTS):
            self._writes.check()
            outcome = self._attempted(found)
            if outcome is not None:
                return outcome
            found = self._unless_held(self._comparer.compare(found.desired, again=True))
            if not found.writes:
                # As desired by now: most likely by an earlier attempt whose answer was lost.
                got_through = found.finding.state == IN_STEP
                return replace(found, finding=first.finding) if got_through else found
        return replace(found, finding=refused(found.finding, "others change it all the time", "apply again"))

    def _attempted(self, found: Comparison) -> Comparison | None:
        """What came of one attempt; None where the object is not the one that was compared."""
        try:
            return replace(found, after=self._sent(found))
        except ApiFault as fault:
            return None if fault.code == 409 else replace(found, finding=refusal(found.finding, fault, self._request.rights))

    def _sent(self, found: Comparison) -> Live:
        if found.served is None:
            return {}
        key = found.desired.key
        body = found.sent
        if found.live is not None:
            body = pinned(body, *version_of(found.live))
        # Fields are taken from others only of what was compared, not of what came to be there since.
        query = write_query(self._request.policy.manager_of(found.desired.claim), force=found.live is not None)
        return self._connection.request("PATCH", found.served.path(key.namespace, key.name), query, body, APPLY)

    def _unless_held(self, found: Comparison) -> Comparison:
        if found.finding.action != UPDATE:
            return found
        return replace(found, finding=self._holding.checked(found.finding, "changed"))

    # ---- all together --------------------------------------------------------------------------------------------------

    def _tally(self, compared: Sequence[Comparison], olds: Sequence[Old], differs: bool) -> Tally:
        findings = [*self._twice, *(one.finding for one in compared), *(old.finding for old in olds)]
        diffs: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
        if self._request.diff:
            changing = [one for one in compared if one.writes]
            diffs = {one.desired.key.text: (shown(one.live), shown(one.after or one.predicted or one.sent)) for one in changing}
            diffs.update((old.entry.key.text, (shown(old.live), shown(old.remains))) for old in olds if old.goes)
        ordered = sorted(findings, key=lambda finding: (finding.path == "", finding.path, finding.key))
        return Tally(tuple(ordered), diffs, self._crew.over, differs)


def _always() -> None:
    """Stops nothing."""


def _once_each(desired: Sequence[Desired]) -> tuple[list[Desired], list[Finding]]:
    """The desired objects, each once, and findings on those that are desired otherwise at another place: the first one counts."""
    found: dict[ObjectKey, Desired] = {}
    twice = []
    for each in desired:
        first = found.setdefault(each.key, each)
        if first.object != each.object or first.claim != each.claim:
            message = f"it is desired twice, and otherwise at {first.path or 'another place'}"
            twice.append(Finding(each.key, each.path, CHANGED, FAIL, message=message, remedy="have one place alone ask for it"))
    return list(found.values()), twice


def _lot(item: Mapping[str, Any]) -> Lot:
    key = key_of(item)
    return Lot(str(item["apiVersion"]), key.kind, key.namespace)


def _target(
    policy: Policy, entries: Mapping[ObjectKey, AppliedObject], compared: Iterable[Comparison], olds: Iterable[Old]
) -> list[AppliedObject]:
    """What the record has to say: what is known to be there, and of what nobody knows the way it stands what it said before."""
    found = dict(entries)
    for one in compared:
        key, live = one.desired.key, one.standing
        if one.finding.state == NOT_EVALUATED:
            continue
        if live is None:
            found.pop(key, None)
        elif _is_held(one.desired, live, policy) and (one.finding.result == PASS or not (key in found and found[key].uid)):
            found[key] = _recorded(one, str(metadata_of(live).get("uid", "")))
    for old in olds:
        if old.goes or old.finding.state == MISSING:
            found.pop(old.entry.key, None)
        elif old.finding.state != NOT_EVALUATED:
            found[old.entry.key] = old.entry
    return list(found.values())


def _is_held(desired: Desired, live: Live, policy: Policy) -> bool:
    """Whether the object, or what is wanted of it, is ours."""
    if desired.claim == FIELDS:
        return applied_fields(live, policy.manager_of(FIELDS)) is not None
    return was_applied(live, policy)


def _end(found: Comparison) -> str:
    """What becomes of the object once it is wanted no more."""
    return GIVEN_BACK if found.desired.claim == FIELDS else removal_of(found.sent)


def _recorded(found: Comparison, uid: str) -> AppliedObject:
    return applied_object(found.sent, uid, found.desired.rank, _end(found))


def _is_planned(found: Comparison) -> bool:
    """Whether it is to be written, though nobody knows yet whether it can be."""
    return found.premature and found.finding.result == NOT_EVALUATED


def _not_written(found: Comparison, reason: str) -> Comparison:
    finding = replace(found.finding, state=NOT_EVALUATED, result=NOT_EVALUATED, action=NO_ACTION, message=f"it was not written: {reason}")
    return replace(found, finding=replace(finding, remedy="apply again: what is done already is not done twice"))
