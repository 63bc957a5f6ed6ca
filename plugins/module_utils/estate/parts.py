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


def _existence(name: str, lists: Sequence[PartList], matched: _Matched, conflicts: Earlier) -> list[Claim]:
    """Which parts there are, as every source says it, those included that lost an earlier conflict."""
    claims = [Claim(entry.claim.origin, entry.claim.captured, sorted(matched.identities[number])) for number, entry in enumerate(lists)]
    return [*claims, *conflicts.get(name, ())]


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

    `lists` come in an order that depends on their content alone; `conflicts` are the claims of earlier conflicts by path.
    """
    matched = _Matched(name, lists)
    existence = _existence(name, lists, matched, conflicts)
    outcome = settle(name, existence)
    merged = PartsMerged()
    if outcome.values:
        merged.conflicts[name] = outcome
    if outcome.claim is None:
        merged.unknown[name] = UNDECIDED
        return merged
    speaker = _speaker(lists, matched, outcome.claim)
    if speaker is None:
        merged.unknown[name] = UNDECIDED
        return merged
    merged.claim = lists[speaker].claim
    merged.value = []
    told: dict[str, dict[str, Claim]] = {}
    for own in matched.identities[speaker]:
        part: JsonRecord = {}
        gone = [claim.captured for claim in existence if own not in claim.value]
        for fact in _facts(name, lists, matched, own, conflicts):
            said = _fact_claims(name, lists, matched, own, fact, conflicts)
            claims = [claim for claim in said if not any(captured.newer_than(claim.captured) for captured in gone)]
            if claims:
                _settle_fact(name, own, fact, claims, part, told, merged)
        merged.value.append(part)
    _note_origins(name, told, merged)
    return merged


def _speaker(lists: Sequence[PartList], matched: _Matched, claim: Claim) -> int | None:
    """Number of the list that speaks for the claim; None when only an earlier conflict does."""
    fitting = [number for number in range(len(lists)) if sorted(matched.identities[number]) == sorted(claim.value)]
    return min(fitting, key=lambda number: lists[number].claim.order(), default=None)


def _facts(name: str, lists: Sequence[PartList], matched: _Matched, own: str, conflicts: Earlier) -> list[str]:
    """Facts that any source knows of a part, or once knew, in the order of the model."""
    known: set[str] = set()
    if conflicts:
        known.update(fact for fact in PART_FACTS[name] if part_path(name, own, fact) in conflicts)
    for number, position in matched.places[own]:
        known.update(lists[number].claim.value[position])
    modelled = [fact for fact in PART_FACTS[name] if fact in known]
    return modelled + sorted(known - set(modelled))


def _settle_fact(
    name: str, own: str, fact: str, claims: list[Claim], part: JsonRecord, told: dict[str, dict[str, Claim]], merged: PartsMerged
) -> None:
    path = part_path(name, own, fact)
    outcome = settle(path, claims)
    if outcome.values and (outcome.claim is None or fact not in MEASURED):
        merged.conflicts[path] = outcome
    if outcome.claim is None:
        merged.unknown[path] = UNDECIDED
        return
    part[fact] = outcome.claim.value
    merged.known.add(path)
    told.setdefault(fact, {})[own] = outcome.claim


def _note_origins(name: str, told: Mapping[str, Mapping[str, Claim]], merged: PartsMerged) -> None:
    """Notes who told a fact where it was not the list's own source: once for all parts, where all have it from one."""
    if merged.claim is None:
        return
    for fact, claims in told.items():
        sources = {claim.source for claim in claims.values()}
        if sources == {merged.claim.source}:
            continue
        if len(sources) == 1:
            merged.origins[f"{name}.{fact}"] = min(claims.values(), key=Claim.order)
            continue
        for own, claim in claims.items():
            if claim.source != merged.claim.source:
                merged.origins[part_path(name, own, fact)] = claim
