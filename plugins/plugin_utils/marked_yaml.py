# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads YAML together with the row on which each value stands, and says what is wrong with it instead of guessing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from ..module_utils.platform.desired.shape import Path, path_text

MOST_VALUES: Final = 100_000
"""Most values of one file: aliases can make an endless document of a few lines."""
MOST_DEPTH: Final = 50
_MERGE: Final = "tag:yaml.org,2002:merge"
_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"


class MarkedFault(Exception):
    """What is wrong with a file: (message, row, remedy) each."""

    def __init__(self, found: list[tuple[str, int | None, str]]) -> None:
        super().__init__(f"{len(found)} faults")
        self.found = found


@dataclass(frozen=True, slots=True)
class Marked:
    """The data of a file, and the rows on which its values begin; of an entry of a mapping the row of its key."""

    data: Any
    rows: dict[Path, int] = field(default_factory=dict)


class _Loader(yaml.SafeLoader):
    """Plain YAML in which days stay texts."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_marked(content: bytes) -> Marked:
    """The one document of a file. Raises MarkedFault with all that is wrong."""
    try:
        loader = _Loader(content)
        root = loader.get_node() if loader.check_node() else None
        further = loader.get_node() if loader.check_node() else None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        words = getattr(error, "problem", None) or "it is not text in UTF-8"
        raise MarkedFault([(f"it is not YAML: {words}", mark.line + 1 if mark else None, "")]) from error
    if further is not None:
        raise MarkedFault([("it holds several documents, one after the other", further.start_mark.line + 1, "keep one in a file")])
    if root is None:
        return Marked(None)
    reading = _Reading(loader)
    data = reading.value(root, ())
    if reading.faults:
        raise MarkedFault(list(dict.fromkeys(reading.faults)))
    return Marked(data, reading.rows)


class _Reading:
    """Goes through the nodes of one file."""

    def __init__(self, loader: _Loader) -> None:
        self.rows: dict[Path, int] = {}
        self.faults: list[tuple[str, int | None, str]] = []
        self._loader = loader
        self._values = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        """The value of a node; rows and faults are noted."""
        self.rows.setdefault(path, node.start_mark.line + 1)
        self._values += 1
        if self._values > MOST_VALUES or len(path) > MOST_DEPTH:
            if not self.faults:
                self.faults.append(("it holds too much, or refers to itself", None, "write it without anchors that hold themselves"))
            return None
        if isinstance(node, yaml.MappingNode):
            return {key: self.value(entry, (*path, key)) for key, entry in self._pairs(node, path)}
        if isinstance(node, yaml.SequenceNode):
            return [self.value(entry, (*path, number)) for number, entry in enumerate(node.value)]
        return self._plain(node)

    def _pairs(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[Any, yaml.Node]]:
        """Keys and nodes of a mapping; what `<<` brings in comes first and is replaced by the mapping's own keys."""
        own: dict[Any, int] = {}
        for key_node, _entry in node.value:
            if key_node.tag == _MERGE:
                continue
            key = self._plain(key_node)
            row = key_node.start_mark.line + 1
            if key in own:
                self.faults.append((f"{path_text((*path, key))} stands twice, on row {own[key]} as well", row, "keep one of them"))
            own[key] = row
        try:
            self._loader.flatten_mapping(node)
        except yaml.YAMLError as error:
            self.faults.append((f"it is not YAML: {getattr(error, 'problem', 'a merge of no mapping')}", node.start_mark.line + 1, ""))
        for key_node, entry in node.value:
            key = self._plain(key_node)
            place = (*path, key)
            self.rows[place] = key_node.start_mark.line + 1
            yield key, entry

    def _plain(self, node: yaml.Node) -> Any:
        """The value of a node that holds no others."""
        if isinstance(node, yaml.ScalarNode):
            try:
                return self._loader.construct_object(node)
            except (yaml.YAMLError, ValueError) as error:
                words = getattr(error, "problem", None) or str(error)
                self.faults.append((f"it is not plain YAML: {words}", node.start_mark.line + 1, "write the value itself"))
        else:
            self.faults.append(("a key is a list or a mapping", node.start_mark.line + 1, "give keys as texts"))
        return str(node.tag)
