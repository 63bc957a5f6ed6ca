# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The write layer: makes a cluster hold what is desired, and takes away what was applied.

First everything is compared, by reading and by dry runs. Only when something has to be written is the Lease taken, the
record of what was applied made to name what is about to come, and the objects written, those that others refer to first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...common.applied import AppliedObject, applied_object
from ...common.errors import ReadinessError
from ...common.owned_fields import metadata_of, shown
from ...common.write_findings import (
    CREATE,
    IN_STEP,
    MISSING,
    NO_ACTION,
    NOT_EVALUATED,
    PASS,
    UPDATE,
    Desired,
    ObjectKey,
    Policy,
    Tally,
    key_of,
    refused,
    was_applied,
)
from .client import ApiConnection, ApiFault
from .comparing import Comparer, Comparison, refusal, unknown, version_of, write_query
from .crew import Crew
from .holding import Guard, Holding, nothing_held
from .lease import WriteLease
from .live import Live, LiveObjects, Lot
from .ownership import HOME, AppliedRecord, ensure_home
from .removing import Old, Removal
from .resources import APPLY, Kinds

ATTEMPTS: Final = 5
"""How often an object is compared again that somebody else changes at the same time."""


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
    check: bool = False
    """only says what would be done"""
    diff: bool = False
    guard: Guard = nothing_held
    home: str = HOME
    page_size: int = 500


def apply(connection: ApiConnection, request: WriteRequest) -> Tally:
    """Makes the cluster hold the desired objects.

    Each object is written as a whole or not at all; one that is refused is a finding, and the others are written all the same.
    Raises ReadinessError where nothing could be begun: the record cannot be read, or another run holds the Lease.
    """
    return _Write(connection, request).apply()


def remove(connection: ApiConnection, request: WriteRequest) -> Tally:
    """Removes what was applied, each object by its UID, and the record of it. `desired` does not matter."""
    return _Write(connection, request).remove()


class _Write:
    """One call."""

    def __init__(self, connection: ApiConnection, request: WriteRequest) -> None:
        policy = request.policy
        self._connection = connection
        self._request = request
        self._crew = Crew(connection)
        self._objects = LiveObjects(connection, Kinds(connection), policy.stage, request.page_size)
        self._comparer = Comparer(connection, self._objects, policy)
        self._holding = Holding(request.guard, self._objects)
        self._removal = Removal(connection, self._objects, policy, self._crew, self._holding)
        self._record = AppliedRecord(connection, policy.stage, request.home)
        self._lease = WriteLease(connection, request.home, request.run)

    def apply(self) -> Tally:
        """See the function."""
        request = self._request
        entries = self._record.read()
        self._look([*entries, *(desired.key for desired in request.desired)])
        compared = [self._unless_held(one) for one in self._crew.each(request.desired, self._comparer.compare, unknown)]
        olds = self._removal.find(entries, {desired.key for desired in request.desired}, delete=request.prune)
        differs = self._record.differs(_target(request.policy, entries, compared, olds))
        if request.check:
            return self._tally(compared, self._removal.delete(olds, _always, dry=True), differs)
        if not (differs or any(one.writes for one in compared) or any(old.goes for old in olds)):
            return self._tally(compared, olds, differs)
        ensure_home(self._connection, request.home)
        with self._lease:
            entries = self._record.read()
            self._announce(entries, compared)
            done = self._written(compared)
            return self._concluded(entries, done, self._removal.delete(olds, self._lease.check))

    def remove(self) -> Tally:
        """See the function."""
        request = self._request
        entries = self._record.read()
        self._look(entries)
        olds = self._removal.find(entries, (), delete=True)
        differs = self._record.differs(_target(request.policy, entries, (), olds))
        if request.check:
            return self._tally((), self._removal.delete(olds, _always, dry=True), differs)
        if not (differs or any(old.goes for old in olds)):
            return self._tally((), olds, differs)
        ensure_home(self._connection, request.home)
        with self._lease:
            entries = self._record.read()
            gone = self._removal.delete(olds, self._lease.check)
            self._lease.is_last = not _target(request.policy, entries, (), gone)
            return self._concluded(entries, (), gone)

    def _look(self, keys: Iterable[ObjectKey]) -> None:
        """Lists what bears the stage's label where its objects are or may be."""
        lots = [*self._request.lots, *(_lot(desired.object) for desired in self._request.desired)]
        self._holding.namespaces = frozenset((*(key.namespace for key in keys), *(lot.namespace for lot in lots))) - {""}
        self._objects.read(lots, self._crew)

    # ---- the record ----------------------------------------------------------------------------------------------------

    def _announce(self, entries: Mapping[ObjectKey, AppliedObject], compared: Iterable[Comparison]) -> None:
        """Has the record name what is about to be created: whoever is killed in between leaves nothing that nobody knows of."""
        coming = [one for one in compared if one.finding.action == CREATE and one.desired.key not in entries]
        named = {one.desired.key: applied_object(one.sent, "", one.desired.rank) for one in coming}
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
        for rank in sorted({one.desired.rank for one in compared if one.writes}):
            batch = [one for one in compared if one.writes and one.desired.rank == rank]
            done.update((one.desired.key, one) for one in self._crew.each(batch, self._write, _not_written))
        return [done[one.desired.key] for one in compared]

    def _write(self, first: Comparison) -> Comparison:
        """Writes one object, in just the version that was compared; one that changed meanwhile is compared again."""
        found = first
        for _attempt in range(ATTEMPTS):
            self._lease.check()
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
            return None if fault.code == 409 else replace(found, finding=refusal(found.finding, fault))

    def _sent(self, found: Comparison) -> Live:
        if found.served is None:
            return {}
        key = found.desired.key
        body = found.sent
        if found.live is not None:
            body = {**body, "metadata": {**body["metadata"], **version_of(found.live)}}
        # Fields are taken from others only of what was compared, not of what came to be there since.
        query = write_query(self._request.policy, force=found.live is not None)
        return self._connection.request("PATCH", found.served.path(key.namespace, key.name), query, body, APPLY)

    def _unless_held(self, found: Comparison) -> Comparison:
        if found.finding.action != UPDATE:
            return found
        return replace(found, finding=self._holding.checked(found.finding, "changed"))

    # ---- all together --------------------------------------------------------------------------------------------------

    def _tally(self, compared: Sequence[Comparison], olds: Sequence[Old], differs: bool) -> Tally:
        findings = [*(one.finding for one in compared), *(old.finding for old in olds)]
        diffs: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
        if self._request.diff:
            changing = [one for one in compared if one.writes]
            diffs = {one.desired.key.text: (shown(one.live), shown(one.after or one.predicted)) for one in changing}
            diffs.update((old.entry.key.text, (shown(old.live), {})) for old in olds if old.goes)
        ordered = sorted(findings, key=lambda finding: (finding.path == "", finding.path, finding.key))
        return Tally(tuple(ordered), diffs, self._crew.over, differs)


def _always() -> None:
    """Stops nothing."""


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
        elif was_applied(live, policy) and (one.finding.result == PASS or not (key in found and found[key].uid)):
            found[key] = applied_object(one.sent, str(metadata_of(live).get("uid", "")), one.desired.rank)
    for old in olds:
        if old.goes or old.finding.state == MISSING:
            found.pop(old.entry.key, None)
        elif old.finding.state != NOT_EVALUATED:
            found[old.entry.key] = old.entry
    return list(found.values())


def _not_written(found: Comparison, reason: str) -> Comparison:
    finding = replace(found.finding, state=NOT_EVALUATED, result=NOT_EVALUATED, action=NO_ACTION, message=f"it was not written: {reason}")
    return replace(found, finding=replace(finding, remedy="apply again: what is done already is not done twice"))
