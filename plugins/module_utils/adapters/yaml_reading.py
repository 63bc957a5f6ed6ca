# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML of others taken apart with PyYAML: its data, and what stands where in the text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..common.yaml_text import Path, said
from ._libraries import require, yaml

MOST_CHARACTERS: Final = 1 << 16
"""Longest text that is read: PyYAML takes some seconds for it, and settings that people write have a small part of that."""

MOST_VALUES: Final = 100_000
"""Most values that a text may come to when its aliases are written out: a few lines of them can stand for billions."""

_STEP: Final = 2
"""Columns by which a block is set in where the text has none to go by."""

ASTRAY: Final = "its parts are not where they are looked for: aliases may be in the way"
"""Why a text is refused whose nodes and tokens do not fit together."""

_BROKEN: Final = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
"""What PyYAML's constructors raise for values that no type takes, such as a date with a thirteenth month."""


class RefusedError(Exception):
    """Why a text cannot be read or edited, in words."""


# ---- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Document:
    """A text, and what stands where in it."""

    text: str
    root: Any
    """node of the top; None for a text without any"""
    data: Mapping[Any, Any]
    tokens: tuple[Any, ...]
    """those that take up room, in their order"""

    @property
    def newline(self) -> str:
        """How its lines end: as the first one does."""
        found = re.search(r"\r\n|\n|\r", self.text)
        return found.group() if found else "\n"

    @property
    def is_flow(self) -> bool:
        """Whether its top is written in braces, which Kubernetes takes for JSON."""
        return bool(is_mapping(self.root) and self.root.flow_style)

    @property
    def step(self) -> int:
        """Columns by which the first nested block of the top is set in."""
        for _key, value in self.root.value if is_mapping(self.root) else ():
            if is_mapping(value) and not value.flow_style and value.value:
                return max(first_column(value) - first_column(self.root), 1)
        return _STEP

    def within(self, start: int, end: int) -> list[Any]:
        """The tokens that begin in that part of the text."""
        return [token for token in self.tokens if start <= token.start_mark.index < end]

    def last_in(self, start: int, end: int) -> Any:
        """The last token that begins in that part of the text."""
        found = self.within(start, end)
        if not found:
            raise RefusedError(ASTRAY)
        return found[-1]


def document_of(text: str) -> Document:
    """The text taken apart. Raises RefusedError for one that is not to be read."""
    root, data = parsed(text)
    return Document(text, root, data, _tokens(text))


def parsed(text: str) -> tuple[Any, Mapping[Any, Any]]:
    """Node of the top, None for a text without any, and the data. Raises RefusedError for a text that is not to be read."""
    require("yaml", "read and edit YAML within ConfigMaps")
    if len(text) > MOST_CHARACTERS:
        raise RefusedError(f"it has {len(text)} characters, and no more than {MOST_CHARACTERS} are read")
    try:
        return _judged(text)
    except yaml.reader.ReaderError as error:
        raise RefusedError(f"character {error.position}: {error.reason}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise RefusedError(f"line {mark.line + 1}: {problem}" if mark else problem) from None
    except RecursionError:
        raise RefusedError("it is nested too deep") from None
    except _BROKEN:
        # What was raised may repeat the value, which is somebody's.
        raise RefusedError("a value in it is none of the type that it looks like, such as a date with a thirteenth month") from None


def _judged(text: str) -> tuple[Any, Mapping[Any, Any]]:
    root = _composed(text)
    if root is None or (is_null(root) and is_blank(root)):
        return root, {}
    if not is_mapping(root):
        raise RefusedError(f"{line_of(root)}: its top is {kind_of(root)}, and has to be a mapping")
    _weigh(root)
    _check_keys(root)
    data = yaml.SafeLoader("").construct_document(root)
    # The constructor writes what a merge brings into the nodes themselves.
    return _composed(text) if "<<" in text else root, data


def _composed(text: str) -> Any:
    loader = yaml.SafeLoader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _tokens(text: str) -> tuple[Any, ...]:
    content = (token for token in yaml.scan(text, Loader=yaml.SafeLoader) if token.start_mark.index < token.end_mark.index)
    return tuple(token for token in content if not isinstance(token, (yaml.DocumentStartToken, yaml.DocumentEndToken, yaml.DirectiveToken)))


def _weigh(root: Any) -> None:
    """Refuses a text whose aliases stand for more values than can be compared, or for themselves."""
    weights: dict[Any, int | None] = {}

    def weight(node: Any) -> int:
        if node in weights:
            known = weights[node]
            if known is None:
                raise RefusedError(f"{line_of(node)}: an anchor holds an alias of itself")
            return known
        weights[node] = None
        inner = [part for pair in node.value for part in pair] if is_mapping(node) else node.value if is_sequence(node) else ()
        found = 1 + sum(weight(part) for part in inner)
        if found > MOST_VALUES:
            raise RefusedError(f"{line_of(node)}: with its aliases written out it has more than {MOST_VALUES} values")
        weights[node] = found
        return found

    weight(root)


def _check_keys(root: Any) -> None:
    """Refuses a key that stands twice in one mapping: which of the two counts is up to who reads it."""
    waiting, done = [root], set()
    while waiting:
        node = waiting.pop()
        if node in done or not (is_mapping(node) or is_sequence(node)):
            continue
        done.add(node)
        if is_sequence(node):
            waiting.extend(node.value)
            continue
        keys = set()
        for key, value in node.value:
            waiting += [key, value]
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else key
            if name in keys:
                raise RefusedError(f"{line_of(key)}: the key {said(key.value)} stands there twice")
            keys.add(name)


# ---- nodes -----------------------------------------------------------------------------------------------------------


def is_mapping(node: Any) -> bool:
    """Whether a node is a mapping."""
    return isinstance(node, yaml.MappingNode)


def is_sequence(node: Any) -> bool:
    """Whether a node is a list."""
    return isinstance(node, yaml.SequenceNode)


def is_null(node: Any) -> bool:
    """Whether a node is null: nothing at all, or a word for it."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def is_blank(node: Any) -> bool:
    """Whether nothing at all is written where the node stands."""
    return bool(node.start_mark.index == node.end_mark.index)


def kind_of(node: Any) -> str:
    """What a node is, in words."""
    return "a mapping" if is_mapping(node) else "a list" if is_sequence(node) else "null" if is_null(node) else "a single value"


def line_of(node: Any) -> str:
    """The line in which a node begins, in words."""
    return f"line {node.start_mark.line + 1}"


def first_column(mapping: Any) -> int:
    """The column of the first key, counted from 0."""
    return int(mapping.value[0][0].start_mark.column)


def _place_of(mapping: Any, name: str) -> int | None:
    """Which of the pairs of a mapping has that key."""
    for place, (key, _value) in enumerate(mapping.value):
        if isinstance(key, yaml.ScalarNode) and key.tag == "tag:yaml.org,2002:str" and key.value == name:
            return place
    return None


@dataclass(frozen=True, slots=True)
class Spot:
    """How far a path leads: the mappings on it with the place of the next key in each, and what stands at the end."""

    steps: tuple[tuple[Any, int], ...]
    mapping: Any
    """the mapping in which the path ends, or the one that lacks the next key"""
    rest: Path
    """keys that are not there yet; empty where the path leads to a value"""
    value: Any = None
    """node of the value that the last key has; None where the mapping lacks the key"""


def spot_of(root: Any, path: Path) -> Spot:
    """How far a path leads. Raises RefusedError where something else than a mapping is in the way."""
    node, steps = root, list[tuple[Any, int]]()
    for depth, name in enumerate(path):
        place = _place_of(node, name)
        if place is None:
            return Spot(tuple(steps), node, path[depth:])
        steps.append((node, place))
        value = node.value[place][1]
        if depth == len(path) - 1 or is_null(value):
            return Spot(tuple(steps), node, path[depth + 1 :], value)
        if not is_mapping(value):
            raise RefusedError(f"{line_of(value)}: {'.'.join(path[: depth + 1])} is {kind_of(value)}, and has to be a mapping")
        node = value
    raise RefusedError("an entry without a path")


def dashes_of(document: Document, sequence: Any) -> list[Any]:
    """The dashes before the items of a list in block style."""
    found = document.within(sequence.start_mark.index, sequence.end_mark.index)
    dashes = [token for token in found if isinstance(token, yaml.BlockEntryToken)]
    if not dashes:
        raise RefusedError(ASTRAY)
    return [token for token in dashes if token.start_mark.column == dashes[0].start_mark.column]


def says(node: Any, text: str) -> bool:
    """Whether a node is that text."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str" and bool(node.value == text)
