# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of a VM's parts (disks, adapters, snapshots, …) from several sources, merged part by part.

Which parts there are is one fact, and every fact of a part is one of its own. Parts are matched by the strongest
key that two lists hold throughout. A part that was gone in between is another part: what was known of it before
does not count for it any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

from ..common.artifact import JsonRecord
from .captured import Captured
from .claims import MEASURED, UNDECIDED, Claim, Outcome, settle
from .records import PART_FACTS

PART_KEYS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "disks": (("key",), ("uuid",), ("path",), ("label",)),
    "nics": (("key",), ("mac",), ("label",)),
    "controllers": (("key",), ("label",)),
    "devices": (("key",), ("kind", "label")),
    "usb": (("kind", "label"), ("label",)),
    "removable_media": (("kind", "label"), ("label",)),
    "snapshots": (("name", "created_at"), ("name",)),
    "partitions": (("path",),),
}
"""List of parts to the keys by which its parts are matched, strongest first."""

Place = tuple[int, int]
"""(number of the list, position in it)"""

Earlier = Mapping[str, Sequence[Claim]]
"""What was claimed in conflicts that were noted before, by path."""


@dataclass(frozen=True, slots=True)
class PartList:
    """One source's list of parts, with what is needed to tell who said what.

    `claim.value` is the list. `origins` says, by path, where a fact was read when not with the list itself.
    """

    claim: Claim
    origins: Mapping[str, tuple[JsonRecord, Captured]]


@dataclass(slots=True)
class PartsMerged:
    """The merged list (None when it is open which parts there are), and what is to be noted beside it.

    `known` are the paths of all facts in the list. By path, `origins` holds the claims that come from elsewhere than
    the list itself, `unknown` the reasons, `conflicts` the outcomes.
    """

    value: list[JsonRecord] | None = None
    claim: Claim | None = None
    known: set[str] = field(default_factory=set)
    origins: dict[str, Claim] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, Outcome] = field(default_factory=dict)


def part_path(name: str, identity: str, fact: str) -> str:
    """Path of one fact of one part: `disks[2000].mode`."""
    return f"{name}[{identity}].{fact}"


def _held(part: Mapping[str, Any], rung: tuple[str, ...]) -> tuple[Any, ...] | None:
    key = tuple(part.get(fact) for fact in rung)
    return None if any(value is None or value == "" for value in key) else key


def _index(parts: Sequence[Mapping[str, Any]], rung: tuple[str, ...]) -> dict[tuple[Any, ...], int] | None:
    """Key to position, when every part holds the key and no two share it."""
    index: dict[tuple[Any, ...], int] = {}
    for position, part in enumerate(parts):
        key = _held(part, rung)
        if key is None or key in index:
            return None
        index[key] = position
    return index


def _pairs(name: str, left: Sequence[JsonRecord], right: Sequence[JsonRecord]) -> Iterator[tuple[int, int]]:
    for rung in PART_KEYS[name]:
        first, second = _index(left, rung), _index(right, rung)
        if first is None or second is None or (rung == ("name", "created_at") and not _same_clock(left, right)):
            continue
        yield from ((position, second[key]) for key, position in first.items() if key in second)
        return


def _same_clock(left: Sequence[JsonRecord], right: Sequence[JsonRecord]) -> bool:
    """True when the moments of two lists of snapshots can be compared as texts: all in UTC, or none."""
    return len({str(part["created_at"]).endswith("Z") for part in (*left, *right)}) < 2


def identity(name: str, parts: Sequence[Mapping[str, Any]]) -> str:
    """By what a part goes in paths: its strongest key among all that is known of it."""
    for rung in PART_KEYS[name]:
        keys = sorted({" ".join(str(value) for value in key) for part in parts if (key := _held(part, rung)) is not None})
        if keys:
            return keys[0]
    return "?"


class _Matched:
    """Every part of every list under the name of the part it is."""

    def __init__(self, name: str, lists: Sequence[PartList]) -> None:
        groups: dict[Place, list[Place]] = {
            (number, position): [(number, position)] for number, entry in enumerate(lists) for position in range(len(entry.claim.value))
        }
        for one, other in combinations(range(len(lists)), 2):
            for left, right in _pairs(name, lists[one].claim.value, lists[other].claim.value):
                first, second = groups[one, left], groups[other, right]
                if first is not second and not {number for number, _position in first} & {number for number, _position in second}:
                    joined = sorted([*first, *second])
                    groups.update(dict.fromkeys(joined, joined))
        self.identities: list[list[str]] = [[""] * len(entry.claim.value) for entry in lists]
        self.places: dict[str, list[Place]] = {}
        for place in sorted(groups):
            members = groups[place]
            if place == members[0]:
                self._name(name, lists, members)

    def _name(self, name: str, lists: Sequence[PartList], members: list[Place]) -> None:
        base = identity(name, [lists[number].claim.value[position] for number, position in members])
        own, count = base, 1
        while own in self.places:
            count += 1
            own = f"{base}#{count}"
        self.places[own] = members
        for number, position in members:
            self.identities[number][position] = own


def _fact_claims(name: str, lists: Sequence[PartList], matched: _Matched, own: str, fact: str, conflicts: Earlier) -> list[Claim]:
    """What the sources say of one fact of one part."""
    path = part_path(name, own, fact)
    claims = list(conflicts.get(path, ()))
    for number, position in matched.places[own]:
        entry = lists[number]
        part = entry.claim.value[position]
        if fact in part:
            told = entry.origins.get(path) or entry.origins.get(f"{name}.{fact}")
            claims.append(_claim(entry, told, part[fact]))
    return claims


def _claim(entry: PartList, told: tuple[JsonRecord, Captured] | None, value: Any) -> Claim:
    """A claim on one fact of a part: by whom it was told, else by the list's own source."""
    origin, captured = told or (entry.claim.origin, entry.claim.captured)
    return Claim(origin, captured, value)


def merge_parts(name: str, lists: Sequence[PartList], conflicts: Earlier) -> PartsMerged:
    """Merges the lists of one kind of part.

    `lists` come in the order of their claims; `conflicts` are the claims of earlier conflicts by path.
    """
    return _PartsMerge(name, lists, conflicts).result()


class _PartsMerge:
    """One merge; what comes of it is gathered in `merged`."""

    def __init__(self, name: str, lists: Sequence[PartList], conflicts: Earlier) -> None:
        self._name = name
        self._lists = lists
        self._conflicts = conflicts
        self._plain = not conflicts and not any(entry.origins for entry in lists)
        self._matched = _Matched(name, lists)
        self._gone: list[Claim] = []
        self._told: dict[str, dict[str, Claim]] = {}
        self.merged = PartsMerged()

    def result(self) -> PartsMerged:
        """The merged list."""
        merged = self.merged
        speaker = self._speaker()
        if speaker is None:
            merged.unknown[self._name] = UNDECIDED
            return merged
        merged.claim = self._lists[speaker].claim
        merged.value = [self._part(own) for own in self._matched.identities[speaker]]
        _note_origins(self._name, self._told, merged)
        return merged

    def _speaker(self) -> int | None:
        """Number of the list that says which parts there are; None when that is open."""
        present = [sorted(identities) for identities in self._matched.identities]
        if self._plain and all(identities == present[0] for identities in present):
            return 0
        claims = [Claim(entry.claim.origin, entry.claim.captured, known) for entry, known in zip(self._lists, present, strict=True)]
        claims += self._conflicts.get(self._name, ())
        outcome = settle(self._name, claims)
        if outcome.values:
            self.merged.conflicts[self._name] = outcome
        if outcome.claim is None:
            return None
        self._gone = claims
        # An earlier conflict alone may speak for a list that no member has any more.
        return next((number for number, known in enumerate(present) if known == sorted(outcome.claim.value)), None)

    def _part(self, own: str) -> JsonRecord:
        part: JsonRecord = {}
        gone = [claim.captured for claim in self._gone if own not in claim.value]
        for fact in _facts(self._name, self._lists, self._matched, own, self._conflicts):
            if self._plain and not gone and self._agree(own, fact, part):
                continue
            said = _fact_claims(self._name, self._lists, self._matched, own, fact, self._conflicts)
            claims = [claim for claim in said if not any(captured.newer_than(claim.captured) for captured in gone)]
            if claims:
                self._settle(own, fact, claims, part)
        return part

    def _agree(self, own: str, fact: str, part: JsonRecord) -> bool:
        """Takes a fact on which all lists that know it agree to the letter; the first of them speaks."""
        claim: Claim | None = None
        value: Any = None
        for number, position in self._matched.places[own]:
            known = self._lists[number].claim.value[position]
            if fact not in known:
                continue
            if claim is None:
                claim, value = self._lists[number].claim, known[fact]
            elif known[fact] != value:
                return False
        if claim is None:
            return False
        self._take(own, fact, claim, value, part)
        return True

    def _settle(self, own: str, fact: str, claims: list[Claim], part: JsonRecord) -> None:
        path = part_path(self._name, own, fact)
        outcome = settle(path, claims)
        if outcome.values and (outcome.claim is None or fact not in MEASURED):
            self.merged.conflicts[path] = outcome
        if outcome.claim is None:
            self.merged.unknown[path] = UNDECIDED
        else:
            self._take(own, fact, outcome.claim, outcome.claim.value, part)

    def _take(self, own: str, fact: str, claim: Claim, value: Any, part: JsonRecord) -> None:
        part[fact] = value
        self.merged.known.add(part_path(self._name, own, fact))
        self._told.setdefault(fact, {})[own] = claim


def _facts(name: str, lists: Sequence[PartList], matched: _Matched, own: str, conflicts: Earlier) -> list[str]:
    """Facts that any source knows of a part, or once knew, in the order of the model."""
    known: set[str] = set()
    if conflicts:
        known.update(fact for fact in PART_FACTS[name] if part_path(name, own, fact) in conflicts)
    for number, position in matched.places[own]:
        known.update(lists[number].claim.value[position])
    modelled = [fact for fact in PART_FACTS[name] if fact in known]
    return modelled + sorted(known - set(modelled))


def _origin_text(claim: Claim) -> str:
    return str(sorted(claim.origin.items()))


def _note_origins(name: str, told: Mapping[str, Mapping[str, Claim]], merged: PartsMerged) -> None:
    """Notes who told a fact where it was not the list's own source: once for all parts, where all have it from one."""
    if merged.claim is None:
        return
    for fact, claims in told.items():
        sources = {claim.source for claim in claims.values()}
        if sources == {merged.claim.source}:
            continue
        if len(sources) == 1:
            merged.origins[f"{name}.{fact}"] = min(claims.values(), key=_origin_text)
            continue
        for own, claim in claims.items():
            if claim.source != merged.claim.source:
                merged.origins[part_path(name, own, fact)] = claim
