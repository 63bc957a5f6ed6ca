# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two forms of the model: dataclass and record, and the JSON Schema that describes the records.

A record is what stands on a line of an artifact: the field names of `model.py`, lists for tuples, and no key at all
for what is unknown. Everything here is worked out once per class from its type hints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from ..common.artifact import JsonRecord
from ..common.forms import Forms
from ..common.schemas import FILE, SHA256, TEXT, TEXTS, closed, header_schema, kind_schemas, line_schema, part_schemas
from ..common.unknown import UNKNOWN
from . import model
from .key_order import KEY_ORDER

T = TypeVar("T")
Converter = Callable[[Any], Any]

BOOKKEEPING: Final = frozenset({"kind", "id", "id_basis", "origin", "fact_origins", "sources", "unknown", "out_of_scope"})
"""Keys of a record that say where it comes from, not what it is."""

FORMS: Final = Forms(model.KINDS, model.PARTS)

SHAPES: Final[Mapping[type, Mapping[str, str]]] = FORMS.shapes
"""Class to its fields and their shapes: text, count, number, flag, texts, counts, text_map, parts or object (bookkeeping)."""

FACTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {kind: tuple(name for name in SHAPES[owner] if name not in BOOKKEEPING) for kind, owner in model.KINDS.items()}
)
"""Kind to the names of its facts, in the order of the model."""

PART_FACTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({name: tuple(SHAPES[owner]) for name, owner in model.PARTS.items()})
"""List of parts (`disks`, …) to the names of a part's facts."""


# dataclass → record


def part_record(part: Any) -> JsonRecord:
    """A part (disk, adapter, …) as plain data; what is unknown is left out."""
    record: JsonRecord = {}
    for name in SHAPES[type(part)]:
        value = getattr(part, name)
        if value is not UNKNOWN:
            record[name] = list(value) if isinstance(value, tuple) else value
    return record


def _kind_of(entity: model.Record) -> str:
    for kind, owner in model.KINDS.items():
        if entity.__class__ is owner:
            return kind
    raise TypeError(f"{type(entity).__name__} is no kind of the estate")


def to_record(entity: model.Record) -> JsonRecord:
    """An object of the estate as a record; the inverse of `from_record`."""
    kind = _kind_of(entity)
    shapes = SHAPES[type(entity)]
    record: JsonRecord = {"kind": kind}
    for name in KEY_ORDER[kind][1:]:
        value = getattr(entity, name)
        if value is UNKNOWN or value is None or (name in BOOKKEEPING and name != "id" and not value):
            continue
        shape = shapes[name]
        if shape == "parts":
            value = [part_record(part) for part in value]
        elif shape in ("text_map", "object"):
            value = dict(value)
        elif isinstance(value, tuple):
            value = list(value)
        record[name] = value
    return record


# record → dataclass


def _part_converter(owner: type) -> Converter:
    names = frozenset(SHAPES[owner])
    lists = tuple(name for name, shape in SHAPES[owner].items() if shape in ("texts", "counts"))

    def convert(entries: list[JsonRecord]) -> tuple[Any, ...]:
        return tuple([owner(**(entry if names.issuperset(entry) else known(entry))) for entry in entries])

    def convert_with_lists(entries: list[JsonRecord]) -> tuple[Any, ...]:
        return convert([entry | {name: tuple(entry[name]) for name in lists if name in entry} for entry in entries])

    def known(entry: JsonRecord) -> JsonRecord:
        return {name: value for name, value in entry.items() if name in names}

    return convert_with_lists if lists else convert


_PART_CONVERTERS: Final[Mapping[str, Converter]] = {name: _part_converter(owner) for name, owner in model.PARTS.items()}


def _converters(owner: type) -> tuple[tuple[str, Converter], ...]:
    found: list[tuple[str, Converter]] = []
    for name, shape in SHAPES[owner].items():
        if shape == "parts":
            found.append((name, _PART_CONVERTERS[name]))
        elif shape in ("texts", "counts"):
            found.append((name, tuple))
    return tuple(found)


_CONVERTERS: Final[Mapping[str, tuple[tuple[str, Converter], ...]]] = {kind: _converters(owner) for kind, owner in model.KINDS.items()}
_NAMES: Final[Mapping[str, frozenset[str]]] = {kind: frozenset(SHAPES[owner]) for kind, owner in model.KINDS.items()}


def from_record(record: Mapping[str, Any]) -> model.Record:
    """A record as the dataclass of its kind; keys that this version does not know are left out.

    Raises KeyError for a kind that is not in the model.
    """
    kind = record["kind"]
    names = _NAMES[kind]
    values = dict(record)
    del values["kind"]
    if not names.issuperset(values):
        values = {name: value for name, value in values.items() if name in names}
    for name, convert in _CONVERTERS[kind]:
        if name in values:
            values[name] = convert(values[name])
    return model.KINDS[kind](**values)


def vm_from_record(record: Mapping[str, Any]) -> model.Vm:
    """`from_record` for a record of kind vm."""
    entity = from_record(record)
    if not isinstance(entity, model.Vm):
        raise TypeError(f"record of kind {record['kind']} is no VM")
    return entity


# JSON Schema

_ORIGIN: Final[JsonRecord] = {
    "type": "object",
    "properties": {
        "source": {"type": "string", "description": "id of the source"},
        "file": {"type": "string", "description": "base name, where the source has several files"},
        "tab": {"type": "string", "description": "tab of a workbook"},
        "row": {"type": "integer", "minimum": 1, "description": "row of the tab; 1 is its first line"},
        "object": {"type": "string", "description": "object of a live system"},
    },
    "required": ["source"],
    "additionalProperties": False,
}
_FINDING: Final[JsonRecord] = {
    "code": TEXT,
    "message": TEXT,
    "file": {"type": "string", "description": "base name"},
    "tab": TEXT,
    "row": {"type": "integer", "minimum": 1},
    "column": TEXT,
    "remedy": TEXT,
}
_NOT_SEEN: Final[JsonRecord] = {
    "type": "object",
    "description": "a tab or column that the source lacks, and the facts that stay unknown for it",
    "properties": {"what": TEXT, "facts": TEXTS, "reason": TEXT},
    "required": ["what", "facts", "reason"],
    "additionalProperties": False,
}
_SPECIAL: Final[Mapping[str, JsonRecord]] = {
    "origin": {"$ref": "#/$defs/Origin"},
    "fact_origins": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Origin"}},
}


def _kinds() -> dict[str, JsonRecord]:
    found = kind_schemas(FORMS, ("kind", "id", "origin", "sources"), _SPECIAL)
    vm = found["vm"]
    vm["properties"]["id_basis"] = {
        "enum": ["moref", "instance_uuid", "bios_uuid", "path"],
        "description": vm["properties"]["id_basis"]["description"],
    }
    vm["required"].append("id_basis")
    return found


def _other_kinds() -> dict[str, JsonRecord]:
    claim = {
        "type": "object",
        "properties": {"source": TEXT, "captured_at": TEXT, "value": {}},
        "required": ["source", "value"],
        "additionalProperties": False,
    }
    source = {
        "kind": {"const": "source"},
        "id": {"type": "string", "description": "base name, @, first 8 digits of the SHA-256"},
        "name": {"type": "string", "description": "base name"},
        "type": {"enum": ["rvtools", "estate", "vcenter"]},
        "sha256": SHA256,
        "captured_at": {"type": "string", "description": "ISO 8601; in UTC, or without offset where the source names none"},
        "tool_version": TEXT,
        "files": {"type": "array", "items": FILE},
        "vm_count": {"type": "integer", "minimum": 0},
        "not_seen": {"type": "array", "items": _NOT_SEEN},
        "notices": {"type": "array", "items": closed(_FINDING, ("code", "message"), "something odd in the source")},
    }
    conflict = {
        "kind": {"const": "conflict"},
        "id": {"type": "string", "description": "kind, object and fact, joined by slashes"},
        "object_kind": TEXT,
        "object": {"type": "string", "description": "id of the object"},
        "object_name": TEXT,
        "field": {"type": "string", "description": "the fact; `disks[2000].mode` for a fact of one part"},
        "values": {"type": "array", "items": claim, "minItems": 2},
        "resolution": {"enum": ["newest", "unknown"]},
    }
    notice = {"kind": {"const": "notice"}, "id": TEXT, **_FINDING}
    return {
        "source": closed(source, ("kind", "id", "name", "type", "sha256", "vm_count", "not_seen", "notices"), "One input that was read."),
        "conflict": closed(
            conflict, ("kind", "id", "object_kind", "object", "field", "values", "resolution"), "Sources that disagree on a fact."
        ),
        "notice": closed(notice, ("kind", "id", "code", "message"), "A finding on the run as a whole."),
    }


def estate_schema() -> JsonRecord:
    """JSON Schema (2020-12) of every line of an estate artifact, made from the model."""
    parts = {**part_schemas(FORMS, _SPECIAL), "Origin": _ORIGIN}
    return line_schema("estate", "A line of estate.jsonl", _kinds() | _other_kinds(), header_schema("estate"), parts)
