# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a record of a file that someone else wrote: types, numbers and words that the model does not have.

Records of one estate are much alike. Which keys with values of which types are in order is therefore remembered,
and a record like one that was seen before costs a look-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..common.forms import PYTHON_TYPES, SHAPE_WORDS
from . import model
from .records import SHAPES
from .vocabulary import WORDS, Words, least

Flaw = tuple[str, str]
"""Key, and what is wrong with it."""

REMEMBERED: Final = 20_000
"""Combinations of keys and types that are remembered; beyond them each record is looked at."""

_OWNERS: Final[Mapping[str, Mapping[str, str]]] = {
    **{kind: {**SHAPES[owner], "kind": "text"} for kind, owner in model.KINDS.items()},
    **{name: SHAPES[owner] for name, owner in model.PARTS.items()},
}
"""Kind or list of parts to its facts and their shapes."""
_EXPECTED: Final[Mapping[str, Mapping[str, type]]] = {
    owner: {name: PYTHON_TYPES[shape] for name, shape in shapes.items()} for owner, shapes in _OWNERS.items()
}
_LISTS: Final[Mapping[str, tuple[tuple[str, type], ...]]] = {
    owner: tuple((name, str if shape == "texts" else int) for name, shape in shapes.items() if shape in ("texts", "counts"))
    for owner, shapes in _OWNERS.items()
}
_READ_OF_VMS: Final = frozenset({"name", "vcenter", "datacenter", "host", "cluster_id", "datastores", "sources", "out_of_scope"})
_READ_OF_PARTS: Final = frozenset({"key", "label", "name", "path", "kind", "datastore"})
"""What is read whatever the rules are: where things lie, and what they are called in evidence."""
_MAPS: Final[Mapping[str, type]] = {"advanced_settings": str, "custom_attributes": str, "unknown": str, "fact_origins": dict}
_NEEDED: Final[Mapping[str, Mapping[str, type]]] = {
    "conflict": {"object_kind": str, "object": str, "field": str, "values": list},
    "notice": {"code": str, "message": str},
    "source": {"name": str, "type": str, "sha256": str, "vm_count": int, "not_seen": list, "notices": list},
}
_NUMBERS: Final[Mapping[str, tuple[tuple[str, int], ...]]] = {
    owner: tuple(
        (name, lowest) for name, shape in shapes.items() if shape in ("count", "number") and (lowest := least(owner, name)) is not None
    )
    for owner, shapes in _OWNERS.items()
}
_COUNTS: Final[Mapping[str, tuple[str, ...]]] = {
    owner: tuple(name for name, shape in shapes.items() if shape == "counts" and least(owner, name) is not None)
    for owner, shapes in _OWNERS.items()
}
_WORDS: Final[Mapping[str, tuple[tuple[str, Words], ...]]] = {owner: tuple(WORDS.get(owner, {}).items()) for owner in _OWNERS}

_sound: dict[str, set[tuple[Any, ...]]] = {owner: set() for owner in _OWNERS}
"""Owner to the keys and types that were found to be in order; what it holds never changes a result."""


def flaws(record: Mapping[str, Any]) -> Iterator[Flaw]:
    """(key, what is wrong with it) for every value whose type or number is not the model's; unknown keys and kinds pass."""
    kind = record["kind"]
    if kind not in model.KINDS:
        for name, wanted in _NEEDED.get(kind, {}).items():
            if record.get(name).__class__ is not wanted:
                yield name, "is missing or of the wrong type"
        return
    origin = record.get("origin")
    if origin.__class__ is dict and origin.get("source").__class__ is not str:
        yield "origin", "names no source"
    yield from type_flaws(record)
    yield from _number_flaws(kind, record, "")
    if kind == "vm":
        for name, entries in _parts(record):
            if _NUMBERS[name] or _COUNTS[name]:
                for position, entry in enumerate(entries):
                    if entry.__class__ is dict:
                        yield from _number_flaws(name, entry, f"{name}[{position}].")


def type_flaws(record: Mapping[str, Any]) -> Iterator[Flaw]:
    """Those of `flaws` that a fact's type makes, for a record of a kind of the model; none for others."""
    kind = record["kind"]
    if kind not in model.KINDS:
        return
    if not _is_sound(kind, record):
        yield from _wrong_types(kind, record, "")
    yield from _item_flaws(kind, record, "")
    for name, wanted in _MAPS.items():
        entries = record.get(name)
        if entries and entries.__class__ is dict and {*map(type, entries.values())} != {wanted}:
            yield name, "is not a mapping of the right kind"
    if kind == "vm":
        for name, entries in _parts(record):
            for position, entry in enumerate(entries):
                if entry.__class__ is not dict:
                    yield f"{name}[{position}]", "is not a mapping"
                    continue
                if not _is_sound(name, entry):
                    yield from _wrong_types(name, entry, f"{name}[{position}].")
                if _LISTS[name]:
                    yield from _item_flaws(name, entry, f"{name}[{position}].")


def word_flaws(record: Mapping[str, Any]) -> Iterator[Flaw]:
    """(key, what is wrong with it) for every text that is not in the closed vocabulary of its fact.

    They stand apart because a file of a newer minor version may rightly have words that this one does not know.
    """
    kind = record["kind"]
    for fact, words in _WORDS.get(kind, ()):
        yield from _word_flaw(record, fact, words, "")
    if kind == "vm":
        for name, entries in _parts(record):
            for fact, words in _WORDS[name]:
                for position, entry in enumerate(entries):
                    if entry.__class__ is dict and entry.get(fact) not in (None, *words):
                        yield from _word_flaw(entry, fact, words, f"{name}[{position}].")


def _word_flaw(entry: Mapping[str, Any], fact: str, words: Words, place: str) -> Iterator[Flaw]:
    value = entry.get(fact)
    if value.__class__ is str and value not in words:
        yield f"{place}{fact}", f"is {value!r:.60}, which is none of {', '.join(sorted(words - {''}))}"


def _parts(record: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for name in model.PARTS:
        entries = record.get(name)
        if entries and entries.__class__ is list:
            yield name, entries


_ABSENT: Final = object()
"""Stands for a fact that a record does not have; null is a value of the wrong type."""


class FactTypes:
    """A quick look at VMs: whether the facts that somebody reads have the model's types.

    `paths` are facts of VMs (`cluster`) or of their parts (`disks.mode`); paths of other things (`cluster.drs_enabled`) are passed over.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        split = [path.partition(".")[::2] for path in sorted({*paths})]
        own = _checks("vm", {name for name, _fact in split} | _READ_OF_VMS)
        self._names = tuple(fact for fact, _wanted, _item in own)
        self._absent = (_ABSENT,) * len(own)
        self._wanted = tuple(wanted for _fact, wanted, _item in own)
        self._lists = tuple((fact, item) for fact, _wanted, item in own if item)
        self._sound_forms: set[tuple[type, ...]] = set()
        parts = sorted({name for name, _fact in split if name in model.PARTS})
        self._parts = tuple((name, _checks(name, {fact for owner, fact in split if owner == name} | _READ_OF_PARTS)) for name in parts)

    def sound(self, vm: Mapping[str, Any]) -> bool:
        """True when all of these facts are of the right type, or absent."""
        form = tuple(map(type, map(vm.get, self._names, self._absent)))
        if form not in self._sound_forms:
            if any(found is not wanted and found is not object for found, wanted in zip(form, self._wanted, strict=True)):
                return False
            # VMs of one source show the same facts, so that few forms are ever seen.
            self._sound_forms.add(form)
        for fact, inner in self._lists:
            items = vm.get(fact)
            if items and _has_others(items, inner):
                return False
        for name, checks in self._parts:
            for entry in vm.get(name, ()):
                for fact, wanted, item in checks:
                    if fact in entry:
                        value = entry[fact]
                        if value.__class__ is not wanted or (value and item and _has_others(value, item)):
                            return False
        return True


def _has_others(items: Any, wanted: type) -> bool:
    return {*map(type, items)} != {wanted}


def _checks(owner: str, facts: Iterable[str]) -> tuple[tuple[str, type, type | None], ...]:
    """(fact, its type, the type of its items) for those facts that an owner has."""
    items: dict[str, type] = {**dict(_LISTS[owner]), **{fact: dict for fact, shape in _OWNERS[owner].items() if shape == "parts"}}
    return tuple((fact, _EXPECTED[owner][fact], items.get(fact)) for fact in sorted(facts) if fact in _EXPECTED[owner])


def _is_sound(owner: str, entry: Mapping[str, Any]) -> bool:
    """True when every value is of the type that the model says; looked up where keys and types were seen before."""
    form = (*entry, *map(type, entry.values()))
    sound = _sound[owner]
    if form in sound:
        return True
    if next(_wrong_types(owner, entry, ""), None) is not None:
        return False
    if len(sound) < REMEMBERED:
        sound.add(form)
    return True


def _wrong_types(owner: str, entry: Mapping[str, Any], place: str) -> Iterator[Flaw]:
    expected = _EXPECTED[owner]
    for name, value in entry.items():
        if name in expected and value.__class__ is not expected[name]:
            yield f"{place}{name}", f"is not {SHAPE_WORDS[_OWNERS[owner][name]]}"


def _item_flaws(owner: str, entry: Mapping[str, Any], place: str) -> Iterator[Flaw]:
    for name, wanted in _LISTS[owner]:
        items = entry.get(name)
        if items and items.__class__ is list and {*map(type, items)} != {wanted}:
            yield f"{place}{name}", f"is not {SHAPE_WORDS[_OWNERS[owner][name]]}"


def _number_flaws(owner: str, entry: Mapping[str, Any], place: str) -> Iterator[Flaw]:
    for name, lowest in _NUMBERS[owner]:
        value = entry.get(name, 0)
        if value.__class__ in (int, float) and value < lowest:
            yield f"{place}{name}", f"is {value}" + (", and only -1 can be negative there" if lowest < 0 else " and cannot be negative")
    for name in _COUNTS[owner]:
        items = entry.get(name)
        if items and items.__class__ is list and any(item.__class__ is int and item < 0 for item in items):
            yield f"{place}{name}", "has a number that cannot be negative"
