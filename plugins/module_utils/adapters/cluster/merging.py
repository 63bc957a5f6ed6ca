# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes entries of ours into objects of others: read, changed, written back for that very version, and again at a conflict.

Nothing but what the change made different is sent, so that what others have in the object stays theirs. Two that write at
the same time never undo each other: the server refuses the one whose version is old, and that one begins anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol

from ...common.errors import ReadinessError
from ...common.merges import MERGE_PATCH, EntryFinding, Merge, Merged, MergeOutcome, in_words, merge_patch, standing
from ...common.owned_fields import FIELD_MANAGER, ApiObject, metadata_of
from ...common.write_findings import CHANGED, CREATE, FAIL, IN_STEP, MISSING, NO_ACTION, NOT_EVALUATED, UPDATE, Finding, tracker
from .client import ApiFault
from .comparing import refusal, version_of
from .pinned import PinnedWrites, pinned
from .resources import Kinds, ServedKind

ATTEMPTS: Final = 30
"""How often a merge is begun anew that others write into at the same time: about six seconds of waiting in all.

More waiting between them would not help: who writes without a pause is met again whenever one comes back.
"""

FIRST_PAUSE_SECONDS: Final = 0.005
LONGEST_PAUSE_SECONDS: Final = 0.25
_STRICT: Final = {"fieldValidation": "Strict"}
_MIDWAY: Final = frozenset({"cluster_unreachable", "cluster_protocol", "cluster_deadline", "cluster_lease_lost"})
"""Errors after which nobody knows whether the write under way was done."""


class Journal(Protocol):
    """Keeps what is about to be written, before it is: an answer may be lost, and so may whoever waits for it."""

    def intended(self, merge: Merge, before: ApiObject | None, after: ApiObject) -> None:
        """An attempt is about to be sent, which makes the one of the other. Raises ReadinessError to keep it from being sent."""

    def written(self, merge: Merge, after: ApiObject | None) -> None:
        """The attempt that was noted last was done; `after` is the server's answer, None where that was lost. Raises nothing."""

    def undone(self, merge: Merge) -> None:
        """The attempt that was noted last was not done, and never will be. Raises nothing."""


class NoJournal:
    """Keeps nothing."""

    def intended(self, merge: Merge, before: ApiObject | None, after: ApiObject) -> None:
        """See `Journal`."""

    def written(self, merge: Merge, after: ApiObject | None) -> None:
        """See `Journal`."""

    def undone(self, merge: Merge) -> None:
        """See `Journal`."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """One reading of the object, and what the change makes of it."""

    live: ApiObject | None
    merged: Merged
    finding: Finding


@dataclass(slots=True)
class _Merger:
    """Writes merges; `check` tries them as dry runs, `verify` only reads."""

    writes: PinnedWrites
    kinds: Kinds
    check: bool
    verify: bool
    attempts: int
    sleep: Callable[[float], object]
    journal: Journal

    def done(self, merge: Merge) -> MergeOutcome:
        """What comes of one merge."""
        try:
            served = self.kinds.find(merge.ref.api_version, merge.ref.kind)
            if served is None:
                return MergeOutcome(merge, _not_served(merge))
            return self._merged(merge, served)
        except ApiFault as fault:
            return MergeOutcome(merge, refusal(_pending(merge), fault, self.writes.rights))

    def _merged(self, merge: Merge, served: ServedKind) -> MergeOutcome:
        first: ApiObject | None = None
        sent: _Turn | None = None
        for attempt, pause in enumerate((*_pauses(self.attempts), None)):
            turn = self._turn(merge, served)
            first = turn.live if attempt == 0 else first
            if sent is not None and not self.check:
                self._settle(merge, sent, turn)
            if turn.finding.action == NO_ACTION or self.verify:
                return self._without_write(merge, turn, sent, attempt)
            if pause is None:
                break
            try:
                after = self._send(served, merge, turn)
            except ApiFault as fault:
                if not _is_stale(fault):
                    if fault.code < 500 and not self.check:
                        self.journal.undone(merge)
                    finding = refusal(turn.finding, fault, self.writes.rights)
                    return MergeOutcome(merge, finding, _undone(turn.merged, finding.message), turn.live, None, attempt + 1)
                sent = turn
            else:
                if not self.check:
                    self.journal.written(merge, after)
                return _written(merge, turn, after, attempt + 1)
            self.sleep(pause)
        message = f"others wrote it at the same time, in each of {self.attempts} attempts"
        finding = Finding(merge.key, merge.path, CHANGED, FAIL, message=message, remedy="run it again when they are done")
        return MergeOutcome(merge, finding, _undone(sent.merged, message) if sent else (), first, None, self.attempts)

    def _settle(self, merge: Merge, sent: _Turn, now: _Turn) -> None:
        """Whether an attempt that was told of a conflict was done all the same: then its answer was lost, and it was sent twice.

        Where nobody can tell, the journal keeps it as it stands.
        """
        if now.merged.refused and not now.merged.entries:
            return
        if _has_landed(sent, now):
            self.journal.written(merge, None)
        else:
            self.journal.undone(merge)

    def _turn(self, merge: Merge, served: ServedKind) -> _Turn:
        try:
            live = self.writes.connection.get(served.path(merge.ref.namespace, merge.ref.name))
        except ApiFault as fault:
            if fault.code != 404:
                raise
            merged = merge.change.of(None)
            return _Turn(None, merged, standing(merge, None, merged))
        merged = merge.change.of(live)
        finding = standing(merge, live, merged)
        return _Turn(live, merged, _left_alone(merge, live, finding) or finding)

    def _without_write(self, merge: Merge, turn: _Turn, sent: _Turn | None, attempts: int) -> MergeOutcome:
        """Nothing is to be done, or nothing may be. What an attempt wrote whose answer was lost was written all the same.

        It is told as that attempt read the object and left it: what others did to it since is theirs.
        """
        if self.verify and turn.finding.action != NO_ACTION:
            finding = replace(turn.finding, result=FAIL)
            entries = tuple(replace(entry, result=FAIL) if entry.action != NO_ACTION else entry for entry in turn.merged.entries)
            return MergeOutcome(merge, finding, entries, turn.live, turn.merged.object)
        if sent is not None and turn.finding.state == IN_STEP:
            was_there = sent.live is not None
            finding = replace(turn.finding, state=CHANGED if was_there else MISSING, action=UPDATE if was_there else CREATE)
            return MergeOutcome(merge, finding, sent.merged.entries, sent.live, sent.merged.object, attempts)
        if turn.finding.result == FAIL and turn.merged.object is not None:
            return MergeOutcome(merge, turn.finding, _undone(turn.merged, turn.finding.message), turn.live, turn.live, attempts)
        return MergeOutcome(merge, turn.finding, turn.merged.entries, turn.live, turn.live, attempts)

    def _send(self, served: ServedKind, merge: Merge, turn: _Turn) -> ApiObject:
        """What the server makes of it. Raises ApiFault, with 409 where the object is another one, or another version, by now."""
        wanted = turn.merged.object or {}
        if not self.check:
            # The Lease may be waited for long, or be somebody else's: nothing is noted before it is held.
            self.writes.check()
            self.journal.intended(merge, turn.live, wanted)
        if turn.live is None:
            return self._created(served.collection(merge.ref.namespace), wanted)
        path, patch = served.path(merge.ref.namespace, merge.ref.name), merge_patch(turn.live, wanted)
        uid, version = version_of(turn.live)
        if not self.check:
            return self.writes.patch(path, patch, uid=uid, resource_version=version, content_type=MERGE_PATCH, query=_STRICT)
        query = {"dryRun": "All", "fieldManager": FIELD_MANAGER, **_STRICT}
        return self.writes.connection.request("PATCH", path, query, pinned(patch, uid, version), MERGE_PATCH)

    def _created(self, path: str, wanted: ApiObject) -> ApiObject:
        query = {"fieldManager": FIELD_MANAGER, **_STRICT}
        if self.check:
            query["dryRun"] = "All"
        return self.writes.connection.request("POST", path, query, wanted)


def write_merges(
    writes: PinnedWrites,
    merges: Iterable[Merge],
    *,
    check: bool = False,
    verify: bool = False,
    attempts: int = ATTEMPTS,
    sleep: Callable[[float], object] = time.sleep,
    journal: Journal | None = None,
) -> tuple[MergeOutcome, ...]:
    """What comes of these merges, those of a lower rank first; each is written as a whole or not at all.

    With `check` each is tried as a dry run, and with `verify` by reading alone; neither takes the Lease, and neither is noted. The
    journal is told of each attempt before it is sent, and then what came of it, as far as that is known. Raises ReadinessError
    where nothing could be begun, such as while another run holds the Lease. Of what comes after a server that went away nobody
    knows anything, which is what their findings say.
    """
    merger = _Merger(writes, Kinds(writes.connection), check, verify, attempts, sleep, journal or NoJournal())
    found: list[MergeOutcome] = []
    over = ""
    for merge in sorted(merges, key=lambda one: (one.rank, one.key)):
        if over:
            found.append(MergeOutcome(merge, replace(_pending(merge), state=NOT_EVALUATED, result=NOT_EVALUATED, message=over)))
            continue
        try:
            found.append(merger.done(merge))
        except ReadinessError as error:
            if error.code not in _MIDWAY and not any(outcome.writes for outcome in found):
                raise
            over = error.message
            found.append(MergeOutcome(merge, replace(_pending(merge), state=NOT_EVALUATED, result=NOT_EVALUATED, message=over)))
    return tuple(found)


def _pauses(attempts: int) -> Iterator[float]:
    for step in range(attempts):
        yield min(FIRST_PAUSE_SECONDS * 2**step, LONGEST_PAUSE_SECONDS)


def _pending(merge: Merge) -> Finding:
    return Finding(merge.key, merge.path, CHANGED, FAIL)


def _not_served(merge: Merge) -> Finding:
    message = f"the cluster does not serve {merge.ref.kind} of {merge.ref.api_version}"
    return Finding(merge.key, merge.path, MISSING, FAIL, message=message, remedy="leave it out of the document: this is no cluster for it")


def _left_alone(merge: Merge, live: ApiObject, finding: Finding) -> Finding | None:
    """The finding on an object that somebody else looks after as a whole, or that is being deleted; None where it may be written."""
    if finding.action == NO_ACTION:
        return None
    if owner := tracker(live):
        message = f"it belongs to {owner} and is not written from here; it lacks what is wanted"
        remedy = "commit the entries where the application takes the object from, or take the object out of the application"
        return Finding(merge.key, merge.path, CHANGED, FAIL, message=message, remedy=remedy, fields=finding.fields)
    if metadata_of(live).get("deletionTimestamp"):
        return Finding(merge.key, merge.path, CHANGED, FAIL, message="it is being deleted", remedy="run it again once it is gone")
    return None


def _is_stale(fault: ApiFault) -> bool:
    """Whether the object was written, made or replaced since it was read: who pins another uid is told that it is invalid."""
    return fault.code == 409 or (fault.code == 422 and "metadata.uid" in fault.message)


def _has_landed(sent: _Turn, now: _Turn) -> bool:
    """Whether anything that the attempt was to bring about is there by now; under the Lease nobody but us brings it about."""
    if now.merged.object is None and not now.merged.refused:
        return True
    acted = {entry.name for entry in sent.merged.entries if entry.action != NO_ACTION}
    return bool(acted - {entry.name for entry in now.merged.entries if entry.state != IN_STEP})


def _written(merge: Merge, turn: _Turn, after: ApiObject, attempts: int) -> MergeOutcome:
    """The outcome of a write that the server took. What it does not keep would be written again for ever."""
    again = merge.change.of(after)
    if again.object is not None or again.refused:
        message = f"the server took it and keeps something else: {again.refused or in_words(again.entries) or 'fields were dropped'}"
        finding = replace(turn.finding, result=FAIL, message=message, remedy="see which webhook or operator changes the object")
        return MergeOutcome(merge, finding, turn.merged.entries, turn.live, after, attempts)
    return MergeOutcome(merge, turn.finding, turn.merged.entries, turn.live, after, attempts)


def _undone(merged: Merged, reason: str) -> tuple[EntryFinding, ...]:
    """The entries of a merge that was not written."""
    return tuple(
        replace(entry, result=FAIL, action=NO_ACTION, message=reason) if entry.action != NO_ACTION else entry for entry in merged.entries
    )
