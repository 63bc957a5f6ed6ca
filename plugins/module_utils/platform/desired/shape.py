# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of a document, worked out from dataclasses: one table from which values are read and the JSON Schema is made.

A value is taken as YAML gives it and never converted: an unquoted 4.20 is the number 4.2, and null is no value. What is
left out has its default; a text without a default, or whose default is not empty, holds more than blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, TypeAlias, Union, get_args, get_origin, get_type_hints

from ...common.artifact import JsonRecord
from ...common.errors import Problem
from ...common.findings import Waiver
from ...common.schemas import SCHEMA_DIALECT, SCHEMA_ID, closed
from ...estate.scope import unknown_keys, word_for

Path: TypeAlias = tuple[str | int, ...]
"""Place in a document: keys, and positions in lists."""

KEY_NAMES: Final[Mapping[str, str]] = {"device_class": "class"}
"""Fields whose key in the document is a word that Python keeps for itself."""

CONTROL: Final = r"[\u0000-\u001f\u007f]"
"""What no text holds: control characters, line ends among them."""

_OF_SECRET: Final = re.compile("secret|password|token|routing_key")
"""Keys in whose place or below a secret may stand by mistake: they name Secrets."""

_MOST_SHOWN: Final = 120
LARGEST: Final = 2_147_483_647
"""Largest number of a document, and of an int32 of the API."""

SECTION, LIST, MAP, EITHER, TEXT, NUMBER, WHOLE, FLAG, FREE = range(9)
"""What a place holds: a section, a list, a mapping under free names, a text or a list, a text, a number, a whole number, true or
false, a mapping that is handed on as it is."""

_NO_RULES: Final[Mapping[str, Any]] = MappingProxyType({"allowed": (), "least": None, "above": None, "pattern": "", "meaning": ""})
_MEANINGS: Final[Mapping[tuple[type, str], Mapping[str, Any]]] = {
    (Waiver, "check"): {"meaning": "id of the check, see docs/platform.md"},
    (Waiver, "owner"): {"meaning": "who answers for it"},
    (Waiver, "reason"): {"meaning": "why"},
    (Waiver, "expires"): {"meaning": "last day on which it holds, such as 2027-03-31", "pattern": r"[0-9]{4}-[0-9]{2}-[0-9]{2}"},
    (Waiver, "subject"): {"meaning": "subject of the finding; empty means every one of the check"},
}
"""What fields say whose class is not of this package."""


class Bad(Exception):
    """A value that cannot be read; its problems are noted."""


@dataclass(frozen=True, slots=True)
class Node:
    """What may stand at one place of a document."""

    what: int
    owner: type = object
    """dataclass of a section"""
    item: Node | None = None
    """of a list or mapping: what its values are; of a choice between a text and a list: the list"""
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    meaning: str = ""
    """what a text with a pattern is"""
    least: float | None = None
    above: float | None = None
    blank: bool = False
    """whether the text may be empty"""
    filled: bool = False
    """whether the list holds at least one entry"""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a section."""

    name: str
    """in the document"""
    field: str
    meaning: str
    node: Node
    required: bool
    default: Any


def path_text(path: Path) -> str:
    """A place in words: `operators.wanted[2].channel`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


# ---- from dataclasses ------------------------------------------------------------------------------------------------

_known: dict[type, tuple[Key, ...]] = {}


def keys_of(owner: type) -> tuple[Key, ...]:
    """The keys of a section, in the order of its fields."""
    if owner not in _known:
        hints = get_type_hints(owner)
        _known[owner] = tuple(_key(owner, entry, hints[entry.name]) for entry in fields(owner) if not entry.metadata.get("hidden"))
    return _known[owner]


def _key(owner: type, entry: Any, hint: Any) -> Key:
    rules = {**_NO_RULES, **entry.metadata, **_MEANINGS.get((owner, entry.name), {})}
    required = entry.default is MISSING and entry.default_factory is MISSING
    default = None if required else entry.default if entry.default is not MISSING else entry.default_factory()
    return Key(KEY_NAMES.get(entry.name, entry.name), entry.name, rules["meaning"], _node(hint, rules, default), required, default)


def _node(hint: Any, rules: Mapping[str, Any], default: Any) -> Node:
    """What a type allows; `default` tells whether a text may be empty."""
    if isinstance(hint, type) and is_dataclass(hint):
        return Node(SECTION, owner=hint)
    if get_origin(hint) in (Union, UnionType):
        members = [member for member in get_args(hint) if member is not NoneType]
        if len(members) == 1:
            return _node(members[0], rules, default)
        items = Node(LIST, item=Node(TEXT, pattern=rules["pattern"], meaning="a name"), filled=True)
        return Node(EITHER, item=items, allowed=rules["allowed"], blank=not rules["allowed"])
    if get_origin(hint) is tuple:
        return Node(LIST, item=_node(get_args(hint)[0], rules, None))
    if get_origin(hint) in (Mapping, dict):
        value = get_args(hint)[1]
        return Node(FREE) if value is Any else Node(MAP, item=_node(value, rules, ""))
    numbers = {"least": rules["least"], "above": rules["above"]}
    simple = {bool: Node(FLAG), int: Node(WHOLE, **numbers), float: Node(NUMBER, **numbers)}
    # A pattern that an empty text fits allows it, as the core group among API groups.
    blank = default == "" or bool(rules["pattern"] and re.fullmatch(rules["pattern"], ""))
    return simple.get(hint) or Node(TEXT, allowed=rules["allowed"], pattern=rules["pattern"], meaning=rules["meaning"], blank=blank)


# ---- reading ---------------------------------------------------------------------------------------------------------


class Reading:
    """Reads values; `problems` gets every fault with its place, in the order of the document."""

    def __init__(self) -> None:
        self.problems: list[tuple[Path, Problem]] = []

    def section(self, owner: type, value: object, path: Path) -> Any:
        """A section as an instance of its dataclass. Raises Bad, with all its faults noted."""
        if not isinstance(value, Mapping):
            raise self._bad(path, f"is {word_for(value)}, not a mapping", _for_null(value) or f"allowed keys are {_names(owner)}")
        before = len(self.problems)
        keys = keys_of(owner)
        allowed = [key.name for key in keys]
        for name in sorted(str(name) for name in value if name not in allowed):
            (unknown,) = unknown_keys(path_text(path), {name: None}, allowed)
            self.problems.append(((*path, name), Problem(f"{path_text((*path, name))} is not known", remedy=unknown.remedy)))
        found = {key.field: read for key in keys for read in self._of_key(key, value, path)}
        if len(self.problems) > before:
            raise Bad
        return owner(**found)

    def _of_key(self, key: Key, value: Mapping[str, Any], path: Path) -> Iterator[Any]:
        """The value of a key, or its default; nothing where it is at fault."""
        place = (*path, key.name)
        if key.name not in value:
            if key.required:
                self.problems.append((place, Problem(f"{path_text(place)} is missing", remedy=f"give it: {key.meaning or key.name}")))
            else:
                yield key.default
        else:
            yield from self._tried(key.node, value[key.name], place)

    def value(self, node: Node, value: object, path: Path) -> Any:
        """What stands at one place. Raises Bad, with all its faults noted."""
        if node.what == SECTION:
            return self.section(node.owner, value, path)
        if node.what == EITHER:
            return self._list(node, value, path) if isinstance(value, (list, tuple)) else self._text(node, value, path)
        reader = {LIST: self._list, MAP: self._map, TEXT: self._text, FREE: self._free, FLAG: self._flag}
        return reader.get(node.what, self._number)(node, value, path)

    def _list(self, node: Node, value: object, path: Path) -> tuple[Any, ...]:
        if node.what == EITHER and node.item is not None:
            node = node.item
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
            raise self._bad(path, f"is {word_for(value)}, not a list", _for_null(value) or "write it with - before each entry, or in []")
        if node.filled and not value:
            raise self._bad(path, "is empty", "give at least one entry")
        return tuple(self._each(node, enumerate(value), path).values())

    def _map(self, node: Node, value: object, path: Path) -> dict[Any, Any]:
        if not isinstance(value, Mapping):
            raise self._bad(path, f"is {word_for(value)}, not a mapping", _for_null(value))
        for name in value:
            if not isinstance(name, str) or not name.strip():
                raise self._bad(path, f"has the key {name!r}, which is {word_for(name)}", "give keys as texts, in quotes")
        return self._each(node, value.items(), path)

    def _each(self, node: Node, entries: Iterable[tuple[Any, Any]], path: Path) -> dict[Any, Any]:
        """All entries of a list or mapping; every one at fault is noted before Bad is raised."""
        given = tuple(entries)
        found = {name: read for name, entry in given for read in self._tried(node.item or node, entry, (*path, name))}
        if len(found) < len(given):
            raise Bad
        return found

    def _tried(self, node: Node, value: object, path: Path) -> tuple[Any, ...]:
        """The value alone; nothing where it is at fault."""
        try:
            return (self.value(node, value, path),)
        except Bad:
            return ()

    def _text(self, node: Node, value: object, path: Path) -> str:
        if not isinstance(value, str):
            wanted = "a text or a list" if node.what == EITHER else "a text"
            remedy = _allowed(node) or _for_null(value) or "put it in quotes"
            raise self._bad(path, f"is {_shown(path, value)}, not {wanted}", remedy)
        if re.search(CONTROL, value):
            raise self._bad(path, "holds a line end or another control character", "write it on one line")
        if node.allowed and value not in node.allowed:
            raise self._bad(path, f"is {value!r}", _allowed(node))
        if node.pattern and not re.fullmatch(node.pattern, value):
            raise self._bad(path, f"is {_shown(path, value)}", f"{node.meaning}; it has to match {node.pattern}")
        if not node.blank and not node.allowed and not value.strip():
            raise self._bad(path, "is empty", "give a text")
        return value

    def _flag(self, node: Node, value: object, path: Path) -> bool:
        if not isinstance(value, bool):
            raise self._bad(path, f"is {_shown(path, value)}, not true or false", _for_null(value) or "allowed are true, false")
        return value

    def _number(self, node: Node, value: object, path: Path) -> float | int:
        wanted = "a whole number" if node.what == WHOLE else "a number"
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not -LARGEST <= value <= LARGEST:
            raise self._bad(path, f"is {_shown(path, value)}, not {wanted}", _for_null(value) or f"give {wanted}, without quotes")
        if node.what == WHOLE and value != int(value):
            raise self._bad(path, f"is {value}, not a whole number", "give a whole number")
        if node.least is not None and value < node.least:
            raise self._bad(path, f"is {value:g}", f"it has to be at least {node.least:g}")
        if node.above is not None and value <= node.above:
            raise self._bad(path, f"is {value:g}", f"it has to be above {node.above:g}")
        return int(value) if node.what == WHOLE else float(value)

    def _free(self, node: Node, value: object, path: Path) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise self._bad(path, f"is {word_for(value)}, not a mapping", _for_null(value))
        return {str(name): entry for name, entry in value.items()}

    def _bad(self, path: Path, message: str, remedy: str = "") -> Bad:
        """Notes a fault; the caller raises what is returned."""
        self.problems.append((path, Problem(f"{path_text(path) or 'the document'} {message}", remedy=remedy)))
        return Bad()


def _names(owner: type) -> str:
    return ", ".join(key.name for key in keys_of(owner))


def _allowed(node: Node) -> str:
    words = ", ".join(word or '""' for word in node.allowed)
    return f"allowed are {words}{', or a list of names' if node.what == EITHER else ''}" if words else ""


def _for_null(value: object) -> str:
    # Null for "not given" would pass over in silence what was meant to be checked.
    return "leave it out, or give it a value; {} takes all defaults of a section" if value is None else ""


def _shown(path: Path, value: object) -> str:
    """A value for a message; what stands where the name of a Secret belongs is not shown, as it may be the secret itself."""
    if not isinstance(value, (int, float, str)):
        return word_for(value)
    if any(_OF_SECRET.search(str(name)) for name in path):
        return f"{word_for(value)} that is not shown, as it may be a secret"
    return repr(value) if len(repr(value)) <= _MOST_SHOWN else f"{repr(value)[:_MOST_SHOWN]}…"


# ---- JSON Schema -----------------------------------------------------------------------------------------------------


def schema_of(owner: type, name: str, title: str) -> JsonRecord:
    """JSON Schema (2020-12) of a document whose root is that section."""
    definitions: dict[str, JsonRecord] = {}
    root = _section_schema(owner, definitions)
    return {
        "$schema": SCHEMA_DIALECT,
        "$id": f"{SCHEMA_ID}{name}.schema.json",
        "title": title,
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _section_schema(owner: type, definitions: dict[str, JsonRecord]) -> JsonRecord:
    properties = {}
    for key in keys_of(owner):
        schema = _node_schema(key.node, definitions)
        shown = {} if key.required or not isinstance(key.default, (str, bool, int, float)) else {"default": key.default}
        properties[key.name] = {**schema, "description": key.meaning, **shown}
    required = tuple(key.name for key in keys_of(owner) if key.required)
    return closed(properties, required, (owner.__doc__ or "").strip().partition("\n")[0])


def _node_schema(node: Node, definitions: dict[str, JsonRecord]) -> JsonRecord:
    if node.what == SECTION:
        if node.owner.__name__ not in definitions:
            definitions[node.owner.__name__] = {}
            definitions[node.owner.__name__] = _section_schema(node.owner, definitions)
        return {"$ref": f"#/$defs/{node.owner.__name__}"}
    inner = _node_schema(node.item, definitions) if node.item is not None else {}
    if node.what == LIST:
        return {"type": "array", "items": inner, **({"minItems": 1} if node.filled else {})}
    if node.what == MAP:
        return {"type": "object", "propertyNames": {"pattern": r"\S"}, "additionalProperties": inner}
    if node.what == EITHER:
        return {"anyOf": [_text_schema(node), inner]}
    if node.what == TEXT:
        return _text_schema(node)
    return _plain_schema(node)


def _plain_schema(node: Node) -> JsonRecord:
    schema: JsonRecord = {"type": {NUMBER: "number", WHOLE: "integer", FLAG: "boolean", FREE: "object"}[node.what]}
    if node.what in (NUMBER, WHOLE):
        lower = {"minimum": -LARGEST if node.least is None else node.least} if node.above is None else {"exclusiveMinimum": node.above}
        schema.update(lower, maximum=LARGEST)
    return schema


def _text_schema(node: Node) -> JsonRecord:
    if node.allowed:
        return {"type": "string", "enum": list(node.allowed)}
    # Texts have no line ends, so that $ means their end whatever reads the pattern.
    schema: JsonRecord = {"type": "string", "not": {"pattern": CONTROL}}
    if node.pattern:
        schema["pattern"] = f"^(?:{node.pattern})$"
    elif not node.blank:
        schema["pattern"] = r"\S"
    return schema
