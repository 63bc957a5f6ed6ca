# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of a property collector's page, read by `scanner`: much of a VM stands word by word in many others.

A property or a member of an array that was read before is not read again. So values are shared between objects, and
nobody may change them.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from .scanner import ARRAY, Meaning, NotPlain, Tags, leaf_value, meaning_of, parent_value, plain_text, scanned, unescaped

_PROPERTY: Final = re.compile(r"<name>([^<]*)</name><val( [^>]*)?>(.*)</val>", re.DOTALL)
_FLAT: Final = re.compile(r"<[\w.:-]+>((?:<([A-Za-z_]\w*)>[^<&]*</\2>)+)")
"""A member without attributes whose children are leaves, of which files are a great many: worth a way of their own."""

_LEAVES: Final = re.compile(r"<(\w+)>([^<]*)</")
_FIRST_TAG: Final = re.compile(r"<([\w.:-]+)[ >]")
_OBJECT: Final = "<objects>"
_OBJECT_END: Final = b"</objects>"
_SET: Final = "<propSet>"
_SET_END: Final = "</propSet>"
_REMEMBERED: Final = 400
"""Characters of a piece that is remembered; longer ones are hardly ever found twice."""

_MOST_REMEMBERED: Final = 30_000
"""Pieces that are remembered, about 20 MiB of them, before all are forgotten: what bounds the memory."""


class PlainObject(NamedTuple):
    """One object of a page: its properties by path, and the elements beside them (`obj`, `missingSet`)."""

    values: dict[str, Any]
    rest: dict[str, Any]


class PlainPages:
    """Reads the pages of one reading, and remembers what it met in them."""

    def __init__(self) -> None:
        self._tags: Tags = {}
        self._meanings: dict[str, Meaning] = {}
        self._properties: dict[str, tuple[str, Any]] = {}
        self._members: dict[str, Any] = {}

    def objects(self, body: bytes) -> list[PlainObject]:
        """The objects of a page, from the start tag of the first to the end tag of the last. Raises NotPlain."""
        for memory in (self._tags, self._meanings, self._properties, self._members):
            if len(memory) > _MOST_REMEMBERED:
                memory.clear()
        parts = body.split(_OBJECT_END)
        if parts.pop().strip():
            raise NotPlain
        return [self._object(plain_text(part)) for part in parts]

    def _object(self, text: str) -> PlainObject:
        before, found, text = text.partition(_OBJECT)
        if not found or before.strip():
            raise NotPlain
        sets = text.split(_SET_END)
        end = sets.pop()
        begin = ""
        if sets:
            begin, _found, first = sets[0].partition(_SET)
            sets[0] = f"{_SET}{first}"
        return PlainObject(self._values(sets), scanned(begin + end, self._tags))

    def _values(self, sets: list[str]) -> dict[str, Any]:
        known = self._properties
        values: dict[str, Any] = {}
        for text in sets:
            found = known.get(text)
            if found is None:
                found = self._property(text)
                if len(text) < _REMEMBERED:
                    known[text] = found
            values[found[0]] = found[1]
        return values

    def _property(self, text: str) -> tuple[str, Any]:
        match = _PROPERTY.fullmatch(text, len(_SET)) if text.startswith(_SET) else None
        if match is None:
            raise NotPlain
        name, attributes, content = match.groups()
        if "&" in name:
            raise NotPlain
        attributes = attributes or ""
        meaning = self._meanings.get(attributes)
        if meaning is None:
            meaning = self._meanings[attributes] = meaning_of(attributes)
        if not content.startswith("<"):
            return name, leaf_value(_leaf_text(content), meaning)
        if meaning[1].startswith(ARRAY) and not meaning[0]:
            return name, self._array(content)
        return name, parent_value(scanned(content, self._tags), meaning)

    def _array(self, content: str) -> list[Any]:
        """The members of an array whose elements all have one name."""
        first = _FIRST_TAG.match(content)
        if first is None:
            raise NotPlain
        name = first[1]
        end = f"</{name}>"
        parts = content.split(end)
        if parts.pop():
            raise NotPlain
        return [self._member(part, name, end) for part in parts]

    def _member(self, text: str, name: str, end: str) -> Any:
        found = self._members.get(text)
        if found is not None:
            return found
        if text.startswith(f"<{name}>") and (flat := _FLAT.fullmatch(text)):
            leaves = _LEAVES.findall(flat[1])
            value = dict(leaves)
            if len(value) == len(leaves):
                return value
        node = scanned(text + end, self._tags)
        if len(node) != 1 or name not in node:
            raise NotPlain
        if len(text) < _REMEMBERED:
            self._members[text] = node[name]
        return node[name]


def _leaf_text(content: str) -> str:
    if "<" in content:
        raise NotPlain
    return unescaped(content) if "&" in content else content
