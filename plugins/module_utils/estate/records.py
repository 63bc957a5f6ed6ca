# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two forms of the model: dataclass and record, and the JSON Schema that describes the records.

A record is what stands on a line of an artifact: the field names of `model.py`, lists for tuples, and no key at all
for what is unknown. Everything here is worked out once per class from its type hints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final, TypeVar, get_type_hints

from ..common.artifact import SCHEMA_PREFIX, SCHEMA_VERSIONS, JsonRecord
from ..common.unknown import UNKNOWN
from . import model

T = TypeVar("T")
Converter = Callable[[Any], Any]

BOOKKEEPING: Final = frozenset({"kind", "id", "id_basis", "origin", "fact_origins", "sources", "unknown", "out_of_scope"})
"""Keys of a record that say where it comes from, not what it is."""

SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID: Final = "https://github.com/groundwork/readiness/docs/schemas/"

_SHAPES: Final[Mapping[Any, str]] = MappingProxyType(
    {
        str: "text",
        model.Text: "text",
        model.Count: "count",
        model.Number: "number",
        model.Flag: "flag",
        model.Texts: "texts",
        tuple[str, ...]: "texts",
        model.Counts: "counts",
        model.TextMap: "text_map",
        str | None: "text",
        Mapping[str, str] | None: "text_map",
        Mapping[str, Any] | None: "object",
    }
)
"""Type of a field to the word for its shape in a record."""


def _shapes_of(owner: type) -> dict[str, str]:
    hints = get_type_hints(owner)
    return {entry.name: "parts" if entry.name in model.PARTS else _SHAPES[hints[entry.name]] for entry in fields(owner)}


SHAPES: Final[Mapping[type, Mapping[str, str]]] = MappingProxyType(
    {owner: MappingProxyType(_shapes_of(owner)) for owner in (*model.KINDS.values(), *model.PARTS.values())}
)
"""Class to its fields and their shapes: text, count, number, flag, texts, counts, text_map, parts or object (bookkeeping)."""

FACTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {kind: tuple(name for name in SHAPES[owner] if name not in BOOKKEEPING) for kind, owner in model.KINDS.items()}
)
"""Kind to the names of its facts, in the order of the model."""

PART_FACTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({name: tuple(SHAPES[owner]) for name, owner in model.PARTS.items()})
"""List of parts (`disks`, …) to the names of a part's facts."""

KEY_ORDER: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {kind: ("kind", "id", "name", *(name for name in SHAPES[owner] if name not in ("id", "name"))) for kind, owner in model.KINDS.items()}
)
"""Kind to the order in which a record's keys are written."""


def ordered(record: Mapping[str, Any]) -> JsonRecord:
    """The record with its keys in the order of the model; keys that the model does not have come last, sorted."""
    order = KEY_ORDER.get(record["kind"], ("kind", "id", "name"))
    known = {key: record[key] for key in order if key in record}
    return known | {key: record[key] for key in sorted(record.keys() - known.keys())}


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

_TEXT: Final = {"type": "string"}
_SHA256: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_SHAPE_SCHEMAS: Final[Mapping[str, JsonRecord]] = {
    "text": _TEXT,
    "count": {"type": "integer"},
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "texts": _TEXTS,
    "counts": {"type": "array", "items": {"type": "integer"}},
    "text_map": {"type": "object", "additionalProperties": _TEXT},
}
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
    "code": _TEXT,
    "message": _TEXT,
    "file": {"type": "string", "description": "base name"},
    "tab": _TEXT,
    "row": {"type": "integer", "minimum": 1},
    "column": _TEXT,
    "remedy": _TEXT,
}
_NOT_SEEN: Final[JsonRecord] = {
    "type": "object",
    "description": "a tab or column that the source lacks, and the facts that stay unknown for it",
    "properties": {"what": _TEXT, "facts": _TEXTS, "reason": _TEXT},
    "required": ["what", "facts", "reason"],
    "additionalProperties": False,
}
_FILE: Final[JsonRecord] = {
    "type": "object",
    "properties": {"name": _TEXT, "sha256": _SHA256, "captured_at": _TEXT},
    "required": ["name", "sha256"],
    "additionalProperties": False,
}


def _closed(properties: Mapping[str, Any], required: tuple[str, ...], description: str) -> JsonRecord:
    return {
        "type": "object",
        "description": description,
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _field_schemas(owner: type) -> JsonRecord:
    properties: JsonRecord = {}
    for entry in fields(owner):
        shape = SHAPES[owner][entry.name]
        if shape == "parts":
            schema: JsonRecord = {"type": "array", "items": {"$ref": f"#/$defs/{model.PARTS[entry.name].__name__}"}}
        elif entry.name == "origin":
            schema = {"$ref": "#/$defs/Origin"}
        elif entry.name == "fact_origins":
            schema = {"type": "object", "additionalProperties": {"$ref": "#/$defs/Origin"}}
        else:
            schema = dict(_SHAPE_SCHEMAS[shape])
        meaning = entry.metadata["meaning"]
        properties[entry.name] = {**schema, "description": meaning}
    return properties


def _kind_schema(kind: str, owner: type) -> JsonRecord:
    properties = {"kind": {"const": kind}, **_field_schemas(owner)}
    needed = ("kind", "id", "origin", "sources", *(("id_basis",) if kind == "vm" else ()))
    if kind == "vm":
        properties["id_basis"] = {
            "enum": ["moref", "instance_uuid", "bios_uuid", "path"],
            "description": properties["id_basis"]["description"],
        }
    return _closed(properties, needed, (owner.__doc__ or "").strip())


def _other_kinds() -> dict[str, JsonRecord]:
    claim = {
        "type": "object",
        "properties": {"source": _TEXT, "captured_at": _TEXT, "value": {}},
        "required": ["source", "value"],
        "additionalProperties": False,
    }
    source = {
        "kind": {"const": "source"},
        "id": {"type": "string", "description": "base name, @, first 8 digits of the SHA-256"},
        "name": {"type": "string", "description": "base name"},
        "type": {"enum": ["rvtools", "estate", "vcenter"]},
        "sha256": _SHA256,
        "captured_at": {"type": "string", "description": "ISO 8601; in UTC, or without offset where the source names none"},
        "tool_version": _TEXT,
        "files": {"type": "array", "items": _FILE},
        "vm_count": {"type": "integer", "minimum": 0},
        "not_seen": {"type": "array", "items": _NOT_SEEN},
        "notices": {"type": "array", "items": _closed(_FINDING, ("code", "message"), "something odd in the source")},
    }
    conflict = {
        "kind": {"const": "conflict"},
        "id": {"type": "string", "description": "kind, object and fact, joined by slashes"},
        "object_kind": _TEXT,
        "object": {"type": "string", "description": "id of the object"},
        "object_name": _TEXT,
        "field": {"type": "string", "description": "the fact; `disks[2000].mode` for a fact of one part"},
        "values": {"type": "array", "items": claim, "minItems": 2},
        "resolution": {"enum": ["newest", "unknown"]},
    }
    notice = {"kind": {"const": "notice"}, "id": _TEXT, **_FINDING}
    return {
        "source": _closed(source, ("kind", "id", "name", "type", "sha256", "vm_count", "not_seen", "notices"), "One input that was read."),
        "conflict": _closed(
            conflict, ("kind", "id", "object_kind", "object", "field", "values", "resolution"), "Sources that disagree on a fact."
        ),
        "notice": _closed(notice, ("kind", "id", "code", "message"), "A finding on the run as a whole."),
    }


def header_schema(schema: str, extra: Mapping[str, Any] = MappingProxyType({})) -> JsonRecord:
    """JSON Schema of an artifact's first line; `extra` holds the properties that one artifact adds (all of them required)."""
    major = SCHEMA_VERSIONS[schema][0]
    properties = {
        "kind": {"const": "header"},
        "schema": {"const": SCHEMA_PREFIX + schema},
        "schema_version": {"type": "string", "pattern": f"^{major}\\.[0-9]+$"},
        "collection_version": _TEXT,
        "mode": {"enum": ["apply", "verify", "check"]},
        "inputs": {"type": "array", "items": _FILE},
        **extra,
    }
    return _closed(properties, tuple(properties), "First line of the artifact.")


def trailer_schema() -> JsonRecord:
    """JSON Schema of an artifact's last line."""
    counts = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}
    properties = {"kind": {"const": "trailer"}, "counts": counts, "body_sha256": _SHA256}
    return _closed(properties, tuple(properties), "Last line of the artifact.")


def line_schema(
    schema: str, title: str, kinds: Mapping[str, JsonRecord], header: JsonRecord, parts: Mapping[str, JsonRecord]
) -> JsonRecord:
    """JSON Schema of any line of an artifact: the line's kind decides which definition holds."""
    definitions = {"header": header, "trailer": trailer_schema(), **kinds}
    chosen = [{"if": {"properties": {"kind": {"const": kind}}}, "then": {"$ref": f"#/$defs/{kind}"}} for kind in sorted(definitions)]
    return {
        "$schema": SCHEMA_DIALECT,
        "$id": f"{SCHEMA_ID}{schema}.schema.json",
        "title": title,
        "type": "object",
        "properties": {"kind": {"enum": sorted(definitions)}},
        "required": ["kind"],
        "allOf": chosen,
        "$defs": {**dict(sorted(definitions.items())), **dict(sorted(parts.items()))},
    }


def estate_schema() -> JsonRecord:
    """JSON Schema (2020-12) of every line of an estate artifact, made from the model."""
    kinds = {kind: _kind_schema(kind, owner) for kind, owner in model.KINDS.items()} | _other_kinds()
    parts = {owner.__name__: _closed(_field_schemas(owner), (), (owner.__doc__ or "").strip()) for owner in model.PARTS.values()}
    return line_schema("estate", "A line of estate.jsonl", kinds, header_schema("estate"), {**parts, "Origin": _ORIGIN})
