# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements that differ in their texts alone: nearly every disk has the tags of another disk, in the same order.

A shape is learned from one element that `scanner` has read. It finds the texts of every element alike by one regular
expression, and puts them where the scanner would, in less than half of its time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

from ...estate.vsphere.objects import Reference
from .scanner import Tags, scanned

_LEAF: Final = re.compile(r"<([A-Za-z_][\w.:-]*)( [^<>]*)?>([^<&]*)</\1>")
_TEXT: Final = r"([^<&\0-\x08\x0b-\x1f]*)"
"""The text of a leaf: one without entities, and plain (see `scanner.check`)."""

_FILLED: Final = r"([^<&\0-\x08\x0b-\x1f]+)"
"""The text of a leaf with attributes: what is empty there may be something else (see `scanner.leaf_value`)."""

_MARK: Final = "\x7f"
"""Begins the number of a text in a template; an element that holds it is not learned."""

_PATIENCE: Final = 50
"""Elements of a kind that are scanned before a shape is learned, which takes as long as some hundred scans."""

_MOST_SHAPES: Final = 8
"""Shapes of a kind that are tried, one after the other."""

Pick: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]
Step: TypeAlias = tuple[tuple[str, ...], Callable[[Any], Any], Pick]
"""How a node is made: the names of its children, or what makes it of children without names; and which parts they are."""


class Shape(NamedTuple):
    """One arrangement of tags. Its parts are the texts that differ, those that do not, and the nodes as they are made."""

    match: Callable[[str], re.Match[str] | None]
    constants: tuple[str, ...]
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    """of the children where all of them are texts that differ, empty otherwise: that is made at once"""

    def node(self, texts: Sequence[str]) -> Any:
        """The element that has these texts."""
        if self.names:
            return dict(zip(self.names, texts, strict=True))
        parts: list[Any] = [*texts, *self.constants]
        for names, make, pick in self.steps:
            children = pick(parts)
            parts.append(dict(zip(names, children, strict=True)) if names else make(children))
        return parts[-1]


class _Kind:
    """The shapes of the elements with one start tag."""

    __slots__ = ("missed", "shapes")

    def __init__(self) -> None:
        self.shapes: list[Shape] = []
        self.missed = 0


class Shapes:
    """The shapes that were learned. An element is given without its end tag, as it stands where an array was split there."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags
        self._kinds: dict[str, _Kind] = {}

    def read(self, text: str) -> tuple[Any, bool] | None:
        """The element, and whether it holds nothing but leaves without attributes; None where its shape is not known."""
        kind = self._kinds.get(text[: text.find(">")])
        if kind is not None:
            for shape in kind.shapes:
                found = shape.match(text)
                if found is not None:
                    return shape.node(found.groups()), bool(shape.names)
        return None

    def missed(self, text: str, end: str) -> None:
        """Notes an element that was not read here but by the scanner; learns its shape when there are many of its kind."""
        head = text[: text.find(">")]
        kind = self._kinds.get(head)
        if kind is None:
            kind = self._kinds[head] = _Kind()
        kind.missed += 1
        if kind.missed % _PATIENCE == 0 and len(kind.shapes) < _MOST_SHAPES and "&" not in text and _MARK not in text:
            kind.shapes.append(shape_of(text, end, self._tags))


def shape_of(text: str, end: str, tags: Tags) -> Shape:
    """The shape of an element, given with its end tag apart. Raises NotPlain where `scanned` does.

    Where its texts go is what the scanner says of the same tags around marks.
    """
    pattern, marked, position = "", "", 0
    places: dict[str, int] = {}
    for leaf in _LEAF.finditer(text):
        if leaf[3] or not leaf[2]:
            start, stop = leaf.span(3)
            mark = f"{_MARK}{len(places)}"
            places[mark] = len(places)
            pattern += re.escape(text[position:start]) + (_FILLED if leaf[2] else _TEXT)
            marked += text[position:start] + mark
            position = stop
    marks = tuple(places)
    (node,) = scanned(marked + text[position:] + end, tags).values()
    for constant in _texts(node):
        places.setdefault(constant, len(places))
    steps: list[Step] = []
    _place(node, places, steps)
    names = tuple(node) if isinstance(node, dict) and tuple(node.values()) == marks else ()
    return Shape(re.compile(pattern + re.escape(text[position:])).fullmatch, tuple(places)[len(marks) :], tuple(steps), names)


def _children(node: Any) -> Sequence[Any]:
    return tuple(node.values()) if isinstance(node, dict) else node


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    else:
        for child in _children(node):
            yield from _texts(child)


def _place(node: Any, places: dict[str, int], steps: list[Step]) -> int:
    """Which part a node is; adds the steps that make it, its innermost nodes first."""
    if isinstance(node, str):
        return places[node]
    pick = _picker([_place(child, places, steps) for child in _children(node)])
    make = Reference._make if isinstance(node, Reference) else node.__class__
    steps.append((tuple(node) if isinstance(node, dict) else (), make, pick))
    return len(places) + len(steps) - 1


def _picker(places: list[int]) -> Pick:
    if len(places) > 1:
        return itemgetter(*places)
    first = places[0] if places else 0
    return itemgetter(slice(first, first + len(places)))
