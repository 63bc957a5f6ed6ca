# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON Schema (2020-12) of an artifact's lines: what every artifact has, and what is made from a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final

from .artifact import SCHEMA_PREFIX, SCHEMA_VERSIONS, JsonRecord
from .forms import Forms

SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_ID: Final = "https://github.com/groundwork/readiness/docs/schemas/"

TEXT: Final = {"type": "string"}
SHA256: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TEXTS: Final = {"type": "array", "items": TEXT}
SHAPE_SCHEMAS: Final[Mapping[str, JsonRecord]] = {
    "text": TEXT,
    "count": {"type": "integer"},
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "texts": TEXTS,
    "counts": {"type": "array", "items": {"type": "integer"}},
    "text_map": {"type": "object", "additionalProperties": TEXT},
    "count_map": {"type": "object", "additionalProperties": {"type": "integer"}},
}
"""Shape of a fact to its schema; parts and free objects have their own."""

FILE: Final[JsonRecord] = {
    "type": "object",
    "properties": {"name": TEXT, "sha256": SHA256, "captured_at": TEXT},
    "required": ["name", "sha256"],
    "additionalProperties": False,
}


def closed(properties: Mapping[str, Any], required: tuple[str, ...], description: str) -> JsonRecord:
    """An object that has these properties and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def field_schemas(owner: type, forms: Forms, special: Mapping[str, JsonRecord] = MappingProxyType({})) -> JsonRecord:
    """Schemas of a class's fields with their meanings; `special` has those that the shape does not tell."""
    properties: JsonRecord = {}
    for entry in fields(owner):
        shape = forms.shapes[owner][entry.name]
        if shape == "parts":
            schema: JsonRecord = {"type": "array", "items": {"$ref": f"#/$defs/{forms.parts[entry.name].__name__}"}}
        else:
            schema = dict(special.get(entry.name) or SHAPE_SCHEMAS[shape])
        properties[entry.name] = {**schema, "description": entry.metadata["meaning"]}
    return properties


def kind_schemas(forms: Forms, needed: tuple[str, ...], special: Mapping[str, JsonRecord] = MappingProxyType({})) -> dict[str, JsonRecord]:
    """Schema of the records of each kind of a model."""
    return {
        kind: closed({"kind": {"const": kind}, **field_schemas(owner, forms, special)}, needed, (owner.__doc__ or "").strip())
        for kind, owner in forms.kinds.items()
    }


def part_schemas(forms: Forms, special: Mapping[str, JsonRecord] = MappingProxyType({})) -> dict[str, JsonRecord]:
    """Schema of each part of a model, by the name of its class."""
    return {
        owner.__name__: closed(field_schemas(owner, forms, special), (), (owner.__doc__ or "").strip()) for owner in forms.parts.values()
    }


def header_schema(
    schema: str, extra: Mapping[str, Any] = MappingProxyType({}), optional: Mapping[str, Any] = MappingProxyType({})
) -> JsonRecord:
    """JSON Schema of an artifact's first line; `extra` holds the properties that one artifact adds, `optional` those that it may have."""
    major = SCHEMA_VERSIONS[schema][0]
    properties = {
        "kind": {"const": "header"},
        "schema": {"const": SCHEMA_PREFIX + schema},
        "schema_version": {"type": "string", "pattern": f"^{major}\\.[0-9]+$"},
        "collection_version": TEXT,
        "mode": {"enum": ["apply", "verify", "check"]},
        "inputs": {"type": "array", "items": FILE},
        **extra,
    }
    return closed({**properties, **optional}, tuple(properties), "First line of the artifact.")


def trailer_schema() -> JsonRecord:
    """JSON Schema of an artifact's last line."""
    counts = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}
    properties = {"kind": {"const": "trailer"}, "counts": counts, "body_sha256": SHA256}
    return closed(properties, tuple(properties), "Last line of the artifact.")


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
