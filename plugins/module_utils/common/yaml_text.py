# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML that people and others write, in which some entries are ours: what an entry is, and what data say with it and without it.

The text itself is edited by an adapter that implements `YamlText`; here is what any such edit has to come to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

Path: TypeAlias = tuple[str, ...]
"""Keys of nested mappings, from the top."""

_EMPTY: Final[tuple[object, ...]] = (None, {}, [])
_LONGEST_SHOWN: Final = 60
"""Characters of somebody's text that a message repeats."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value at a path. A mapping stands for its entries, each at its own path: what else is in that mapping stays."""

    path: Path
    value: Any
    """a text, a number, true or false, or a mapping of these"""

    @property
    def name(self) -> str:
        """For people and annotations: `alertmanager.enabled`."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Listed:
    """A text in the list at a path."""

    path: Path
    value: str

    @property
    def name(self) -> str:
        """For people and annotations: `namespaces[team-a]`."""
        return f"{'.'.join(self.path)}[{self.value}]"


Entry: TypeAlias = Setting | Listed


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: plain data, empty for a text without any; or why nobody can tell."""

    data: Mapping[Any, Any] = field(default_factory=dict)
    reason: str = ""
    """why the text cannot be read, with its line; empty where it can"""


@dataclass(frozen=True, slots=True)
class Edited:
    """What became of a text: with a reason nothing did, and the text is as it was."""

    text: str
    reason: str = ""
    remedy: str = ""


class YamlText(Protocol):
    """Reads and edits YAML. Whatever an edit does not mean stays byte for byte; what cannot be edited so is refused."""

    def read(self, text: str) -> Reading:
        """What the text says. Its top has to be a mapping, no key may stand there twice, and it has to be one document."""

    def with_entries(self, text: str, entries: Iterable[Entry]) -> Edited:
        """The text with these entries. A value that says something else is changed, and so is one that is empty."""

    def without_entries(self, text: str, entries: Iterable[Entry]) -> Edited:
        """The text without these entries, whatever their values. What is left with nothing in it may go with them."""


# ---- data ------------------------------------------------------------------------------------------------------------


def value_at(data: object, path: Path) -> Any:
    """What stands at a path; None where nothing does, or where it is empty."""
    for key in path:
        if not isinstance(data, Mapping):
            return None
        data = data.get(key)
    return data


def holds(data: object, entry: Entry) -> bool:
    """Whether data say already what an entry does; the text "true" is not true, and 1 is neither."""
    found = value_at(data, entry.path)
    if isinstance(entry, Listed):
        return isinstance(found, (list, tuple)) and entry.value in found
    if isinstance(entry.value, Mapping) and entry.value:
        return all(holds(data, part) for part in parts_of(entry))
    return same(found, entry.value)


def parts_of(entry: Entry) -> tuple[Entry, ...]:
    """The entries that one stands for: those of its mapping, however deep, or itself."""
    if isinstance(entry, Setting) and isinstance(entry.value, Mapping) and entry.value:
        return tuple(part for key, value in entry.value.items() for part in parts_of(Setting((*entry.path, str(key)), value)))
    return (entry,)


def with_entry(data: object, entry: Entry) -> dict[Any, Any]:
    """Data with an entry. The data that are given stay as they are."""
    found = dict(data) if isinstance(data, Mapping) else {}
    head, rest = entry.path[0], entry.path[1:]
    if rest:
        found[head] = with_entry(found.get(head), _at(entry, rest))
    elif isinstance(entry, Listed):
        items = found.get(head)
        found[head] = [*(items if isinstance(items, (list, tuple)) else ()), entry.value]
    else:
        found[head] = entry.value
    return found


def without_entry(data: object, entry: Entry) -> Any:
    """Data without an entry, and without what is left empty around it."""
    if not isinstance(data, Mapping):
        return data
    head, rest = entry.path[0], entry.path[1:]
    found = {key: value for key, value in data.items() if key != head}
    if head not in data:
        return found
    if rest:
        inner = without_entry(data[head], _at(entry, rest))
    elif isinstance(entry, Listed):
        inner = [item for item in data[head] if item != entry.value] if isinstance(data[head], (list, tuple)) else data[head]
    else:
        inner = None
    return {**data, head: inner} if inner not in _EMPTY else found


def _at(entry: Entry, path: Path) -> Entry:
    return Setting(path, entry.value) if isinstance(entry, Setting) else Listed(path, entry.value)


def same(one: object, other: object) -> bool:
    """Whether two values are the same, types and order of lists included; a value that is not a number is the same as itself."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(same(left, right) for left, right in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        return repr(one) == repr(other)
    return type(one) is type(other) and one == other


# ---- words -----------------------------------------------------------------------------------------------------------


def said(value: object) -> str:
    """A value in words, for messages: `false`, `"24h"`, `a list`. No more of a text is shown than fits."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple, set)):
        return "a list"
    text = value if isinstance(value, str) else str(value)
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return json.dumps(shown, ensure_ascii=False) if isinstance(value, str) else shown


def in_words(entries: Iterable[Entry]) -> str:
    """Entries as one says them to somebody who writes them: `enableUserWorkload: true; namespaces has team-a`."""
    parts = [part for entry in entries for part in parts_of(entry)]
    return "; ".join(
        f"{'.'.join(part.path)} has {part.value}" if isinstance(part, Listed) else f"{part.name}: {said(part.value)}" for part in parts
    )
