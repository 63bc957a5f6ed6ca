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

from .scanner import ARRAY, Meaning, NotPlain, Tags, check, leaf_value, meaning_of, parent_value, plain_text, scanned, unescaped
from .shapes import Shapes

_PROPERTY: Final = re.compile(r"<name>([^<]*)</name><val( [^>]*)?>(.*)</val>", re.DOTALL)
_FIRST_TAG: Final = re.compile(r"<([\w.:-]+)[ >]")
_OBJECT: Final = "<objects>"
_OBJECT_END: Final = b"</objects>"
_SET: Final = "<propSet>"
_SET_END: Final = "</propSet>"
_VALUE_END: Final = "</val>"
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
        self._heads: dict[str, tuple[str, Meaning]] = {}
        self._properties: dict[str, tuple[str, Any]] = {}
        self._members: dict[str, Any] = {}
        self._shapes = Shapes(self._tags)

    def objects(self, body: bytes, start: int = 0, end: int | None = None) -> list[PlainObject]:
        """The objects of a page, from the start tag of the first to the end tag of the last. Raises NotPlain."""
        for memory in (self._tags, self._meanings, self._heads, self._properties, self._members):
            if len(memory) > _MOST_REMEMBERED:
                memory.clear()
        objects: list[PlainObject] = []
        end = len(body) if end is None else end
        while start < end:
            stop = body.find(_OBJECT_END, start, end)
            if stop < 0:
                raise NotPlain
            objects.append(self._object(plain_text(body[start:stop])))
            start = stop + len(_OBJECT_END)
        return objects

    def _object(self, text: str) -> PlainObject:
        sets = text.split(_SET_END)
        before, after = sets.pop(), ""
        if sets:
            after = before
            before, _found, first = sets[0].partition(_SET)
            sets[0] = f"{_SET}{first}"
        space, found, rest = before.partition(_OBJECT)
        if not found or space.strip(" \t\n"):
            raise NotPlain
        return PlainObject(self._values(sets), scanned(rest + after, self._tags))

    def _values(self, sets: list[str]) -> dict[str, Any]:
        known = self._properties
        return dict([(known.get(text) if len(text) < _REMEMBERED else None) or self._property(text) for text in sets])

    def _property(self, text: str) -> tuple[str, Any]:
        if len(text) >= _REMEMBERED:
            return self._scanned_property(text)
        # Most short ones are one text behind tags that are known.
        head, _tag_end, content = text[: -len(_VALUE_END)].rpartition(">")
        begun = self._heads.get(head)
        if begun is not None and text.endswith(_VALUE_END) and "<" not in content and "&" not in content and content.isprintable():
            found = (begun[0], leaf_value(content, begun[1]))
        else:
            found = self._scanned_property(text)
        self._properties[text] = found
        return found

    def _scanned_property(self, text: str) -> tuple[str, Any]:
        match = _PROPERTY.fullmatch(text, len(_SET)) if text.startswith(_SET) else None
        if match is None:
            raise NotPlain
        name, attributes, content = match.groups()
        if "&" in name:
            raise NotPlain
        check(name)
        attributes = attributes or ""
        meaning = self._meanings.get(attributes)
        if meaning is None:
            meaning = self._meanings[attributes] = meaning_of(attributes)
        if not content.startswith("<"):
            value = leaf_value(_leaf_text(content), meaning)
            self._heads[text[: match.start(3) - 1]] = name, meaning
            return name, value
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
        known = self._members
        return [known.get(part) or self._member(part, name, end) for part in parts]

    def _member(self, text: str, name: str, end: str) -> Any:
        shaped = self._shapes.read(text)
        if shaped is not None:
            value, is_flat = shaped
            if is_flat:
                # Files are a great many, and no two are the same.
                return value
        else:
            node = scanned(text + end, self._tags)
            if len(node) != 1 or name not in node:
                raise NotPlain
            value = node[name]
            self._shapes.missed(text, end)
        if len(text) < _REMEMBERED:
            self._members[text] = value
        return value


def _leaf_text(content: str) -> str:
    if "<" in content:
        raise NotPlain
    check(content)
    return unescaped(content) if "&" in content else content
