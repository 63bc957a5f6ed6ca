# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which object, and which of its properties, makes a server answer with a fault: found by asking for less and less.

What the culprits are is noted; everything else is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ...estate.vsphere.objects import ObjectRead, Reference
from .pages import Batch, Batches, Reply
from .soap import Fault

MOST_CALLS: Final = 200
"""Calls that are spent on narrowing in one reading; what is still open then stays unknown."""

ENOUGH_CULPRITS: Final = 8
"""A path that fails for so many objects of a type is taken to fail for all of them."""

_PARTS: Final = 4
"""Parts of an object's paths that all have to fail for the object to be what is at fault."""

GONE: Final = "was there when the objects were listed, and is gone since"
_NOT_FOUND: Final = "ManagedObjectNotFound"


@dataclass(frozen=True, slots=True)
class ReadProblem:
    """What could not be read. `path` is empty where that holds for the whole object; `is_gone` for one that vanished meanwhile."""

    type: str
    moref: str
    path: str
    reason: str
    is_gone: bool = False


class Narrowing:
    """Reads batches of which it is known that they make the server answer with a fault."""

    def __init__(self, ask: Callable[[Batches], Reply], note: Callable[[ReadProblem], None], most_calls: int = MOST_CALLS) -> None:
        self._ask = ask
        self._note = note
        self._calls_left = most_calls
        self._most_calls = most_calls
        self._culprits: Counter[tuple[str, str]] = Counter()
        self._looked_at: set[tuple[str, str]] = set()

    @property
    def is_over(self) -> bool:
        """True once no more calls are spent."""
        return self._calls_left <= 0

    def read(self, batch: Batch) -> dict[str, ObjectRead]:
        """Every object of the batch that exists, with the reason for each path that cannot be read."""
        hopeless = [path for path in batch.paths if self._culprits[batch.type, path] >= ENOUGH_CULPRITS]
        if hopeless:
            rest = self.read(batch.with_paths(path for path in batch.paths if path not in hopeless))
            reason = f"the server fails to answer this for {ENOUGH_CULPRITS} other objects, and was not asked again"
            return _merged(rest, _all_missing(batch.with_paths(hopeless).of(rest), reason))
        if not batch.morefs or not batch.paths:
            return _all_missing(batch, "")
        if self.is_over:
            return self._given_up(batch)
        reply = self._asked(batch)
        if reply.fault is None:
            self._note_gone(batch, reply)
            return dict(reply.reads)
        if reply.reads:
            return {**reply.reads, **self.read(without(batch, reply.reads))}
        return self.split(batch, reply.fault)

    def split(self, batch: Batch, fault: Fault) -> dict[str, ObjectRead]:
        """As `read`, for a batch that was asked for and answered with the fault."""
        named = self._named_by_server(batch, fault)
        if named is not None:
            return named
        suspects = [path for path in batch.paths if self._culprits[batch.type, path]]
        if suspects and len(suspects) < len(batch.paths):
            rest = self.read(batch.with_paths(path for path in batch.paths if path not in suspects))
            return _merged(rest, self.read(batch.with_paths(suspects).of(rest)))
        if len(batch.morefs) > 1:
            middle = len(batch.morefs) // 2
            return {**self.read(batch.of(batch.morefs[:middle])), **self.read(batch.of(batch.morefs[middle:]))}
        return self._split_paths(batch, fault)

    def _split_paths(self, batch: Batch, fault: Fault) -> dict[str, ObjectRead]:
        """One object: is it one of its paths, or all of it?"""
        if len(batch.paths) == 1:
            self._culprits[batch.type, batch.paths[0]] += 1
            return self._culprit(batch, batch.paths[0], fault)
        if self._fails_as_a_whole(batch):
            return self._culprit(batch, "", fault)
        middle = len(batch.paths) // 2
        first = self.read(batch.with_paths(batch.paths[:middle]))
        return _merged(first, self.read(batch.with_paths(batch.paths[middle:]).of(first)))

    def _fails_as_a_whole(self, batch: Batch) -> bool:
        """True when each of several parts of an object fails; looked at once, with all of its paths."""
        key = (batch.type, batch.morefs[0])
        if key in self._looked_at or len(batch.paths) < 2 * _PARTS:
            return False
        self._looked_at.add(key)
        parts = (batch.with_paths(batch.paths[start::_PARTS]) for start in range(_PARTS))
        return all(not self.is_over and self._asked(part).fault is not None for part in parts)

    def _asked(self, batch: Batch) -> Reply:
        self._calls_left -= 1
        return self._ask((batch,))

    def _named_by_server(self, batch: Batch, fault: Fault) -> dict[str, ObjectRead] | None:
        """Some faults name the property or the object that they are about."""
        path = fault.fields.get("name")
        if fault.name == "InvalidProperty" and path in batch.paths:
            rest = self.read(batch.with_paths(other for other in batch.paths if other != path))
            self._note(ReadProblem(batch.type, "", str(path), fault.reason))
            return _merged(rest, _all_missing(batch.with_paths((str(path),)).of(rest), fault.reason))
        about = fault.fields.get("obj")
        gone = about.moref if isinstance(about, Reference) else batch.morefs[0] if len(batch.morefs) == 1 else ""
        if fault.name == _NOT_FOUND and gone in batch.morefs:
            self._note(ReadProblem(batch.type, gone, "", GONE, is_gone=True))
            return self.read(batch.of(moref for moref in batch.morefs if moref != gone))
        return None

    def _note_gone(self, batch: Batch, reply: Reply) -> None:
        """Objects that a server leaves out although it knows no fault are gone."""
        for moref in batch.morefs:
            if moref not in reply.reads:
                self._note(ReadProblem(batch.type, moref, "", GONE, is_gone=True))

    def _culprit(self, batch: Batch, path: str, fault: Fault) -> dict[str, ObjectRead]:
        self._note(ReadProblem(batch.type, batch.morefs[0], path, fault.reason))
        return _all_missing(batch, fault.reason)

    def _given_up(self, batch: Batch) -> dict[str, ObjectRead]:
        reason = f"the server failed to answer, and what it fails at was not found in {self._most_calls} calls"
        for moref in batch.morefs:
            self._note(ReadProblem(batch.type, moref, batch.paths[0] if len(batch.paths) == 1 else "", reason))
        return _all_missing(batch, reason)


def _all_missing(batch: Batch, reason: str) -> dict[str, ObjectRead]:
    return {moref: ObjectRead(batch.type, moref, {}, dict.fromkeys(batch.paths, reason)) for moref in batch.morefs}


def _merged(first: Mapping[str, ObjectRead], second: Mapping[str, ObjectRead]) -> dict[str, ObjectRead]:
    """Objects that were read in two parts. One that the second part does not have vanished in between."""
    return {
        moref: ObjectRead(read.type, moref, {**read.values, **second[moref].values}, {**read.missing, **second[moref].missing})
        for moref, read in first.items()
        if moref in second
    }


def without(batch: Batch, morefs: Iterable[str]) -> Batch:
    """The batch less some objects."""
    known = frozenset(morefs)
    return batch.of(moref for moref in batch.morefs if moref not in known)
