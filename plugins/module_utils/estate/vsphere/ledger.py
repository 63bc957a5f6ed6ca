# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a vCenter did not show, counted while its objects are read, and said once in the record of the source."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ...common.artifact import JsonRecord
from .catalogue import PROPERTIES
from .objects import ObjectRead

NAMED_PATHS: Final = 4
"""So many properties are named in one entry; the others are counted."""

GRANT: Final = "Grant the reader's role the privilege on the root folder, propagating, or accept that these facts stay unknown."
NEWER: Final = "Look for a newer release of the collection; until then the fact stays unknown for these objects."
NEWER_CLASS: Final = "Look for a newer release of the collection; until then these objects are not in the estate."

FEEDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    name: {entry.path: entry.facts for entry in entries} for name, entries in PROPERTIES.items()
}
"""Class to its property paths, and the facts that each one feeds."""


def facts_fed(type_name: str, path: str) -> Iterable[str]:
    """Facts that a path feeds; none for a path that is not read of this class."""
    return FEEDS.get(type_name, {}).get(path, ())


def unknown_word(node: str) -> str:
    """Why a fact is unknown whose word is in no vocabulary."""
    return f"the server says '{node:.60}', a word that this version does not know"


class Ledger:
    """Counts of one vCenter."""

    def __init__(self) -> None:
        self._objects: Counter[str] = Counter()
        self._missing: Counter[tuple[str, str, str]] = Counter()
        self._words: Counter[tuple[str, str]] = Counter()
        self._records: Counter[str] = Counter()
        self._unknown: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    # ---- counting -----------------------------------------------------------------------------------------------

    def read(self, read: ObjectRead) -> None:
        """Notes an object, and what was refused of it."""
        self._objects[read.type] += 1
        if read.type not in FEEDS:
            return
        for path, reason in read.missing.items():
            # What is read of a base class is refused for its subclasses too, where nothing may be made of it.
            if facts_fed(read.type, path):
                self._missing[read.type, path, reason] += 1

    def word(self, fact: str, node: str) -> None:
        """Notes a word that is in no vocabulary."""
        self._words[fact, node] += 1

    def record(self, kind: str, unknown: Mapping[str, str]) -> None:
        """Notes a finished record."""
        self._records[kind] += 1
        for fact, reason in unknown.items():
            if "[" not in fact:
                self._unknown[kind, fact][reason] += 1

    # ---- saying -------------------------------------------------------------------------------------------------

    def not_seen(self) -> Iterator[JsonRecord]:
        """Facts that no object showed, with the reason."""
        told: set[str] = set()
        for (type_name, reason), paths in self._by_reason(whole=True).items():
            facts = sorted({fact for path in paths for fact in facts_fed(type_name, path) if self._nowhere(fact)})
            told.update(facts)
            if facts:
                yield _entry(_named(type_name, paths), facts, f"{reason} ({_counted(self._objects[type_name], 'object')})")
        rest: dict[tuple[str, str], list[str]] = {}
        for kind, fact in sorted(self._unknown):
            if f"{kind}.{fact}" not in told and self._nowhere(f"{kind}.{fact}"):
                reason = min(self._unknown[kind, fact].items(), key=lambda entry: (-entry[1], entry[0]))[0]
                rest.setdefault((kind, reason), []).append(f"{kind}.{fact}")
        for (kind, reason), facts in rest.items():
            yield _entry(f"every record of kind {kind}", facts, f"{reason} ({_counted(self._records[kind], 'record')})")

    def notices(self) -> Iterator[JsonRecord]:
        """What was refused of some objects, and words that no vocabulary has."""
        for (type_name, reason), paths in self._by_reason(whole=False).items():
            most = max(self._missing[type_name, path, reason] for path in paths)
            message = f"{_named(type_name, paths)} of {most} of {_counted(self._objects[type_name], 'object')}: {reason}"
            remedy = {"remedy": GRANT} if reason.startswith("no permission") else {}
            yield {"code": "property_not_read", "message": message, **remedy}
        for type_name in sorted(self._objects.keys() - FEEDS.keys()):
            message = f"{_counted(self._objects[type_name], 'object')} of class {type_name:.60}, which this version does not know, left out"
            yield {"code": "class_unknown", "message": message, "remedy": NEWER_CLASS}
        for (fact, node), number in sorted(self._words.items()):
            message = f"{fact}: {unknown_word(node)} ({_counted(number, 'object')})"
            yield {"code": "word_unknown", "message": message, "remedy": NEWER}

    def _nowhere(self, fact: str) -> bool:
        """True for a fact that no record shows, be it that there is no record of its kind at all."""
        kind, _dot, name = fact.partition(".")
        return self._records[kind] == sum(self._unknown.get((kind, name), Counter()).values())

    def _by_reason(self, whole: bool) -> dict[tuple[str, str], list[str]]:
        """Class and reason to the paths that all objects of the class lack for it, or that only some do."""
        found: dict[tuple[str, str], list[str]] = {}
        for (type_name, path, reason), number in sorted(self._missing.items()):
            if (number == self._objects[type_name]) is whole:
                found.setdefault((type_name, reason), []).append(path)
        return found


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _named(type_name: str, paths: list[str]) -> str:
    more = f" and {len(paths) - NAMED_PATHS} more" if len(paths) > NAMED_PATHS else ""
    return f"{type_name}: {', '.join(paths[:NAMED_PATHS])}{more}"


def _entry(what: str, facts: list[str], reason: str) -> JsonRecord:
    return {"what": what, "facts": [fact.removeprefix("vm.") for fact in facts], "reason": reason}
