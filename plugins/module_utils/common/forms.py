# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Forms of a model: from its dataclasses the shapes of its facts, the order of a record's keys, and the types that values have.

A model is a mapping of kinds to dataclasses and one of lists of parts to dataclasses. Its wire form is the record: the
field names, lists for tuples, and no key at all for what is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final, get_type_hints

from .artifact import JsonRecord
from .key_order import key_orders, ordered_by
from .unknown import Unknown

SHAPES: Final[Mapping[Any, str]] = MappingProxyType(
    {
        str: "text",
        str | Unknown: "text",
        str | None: "text",
        int | Unknown: "count",
        float | Unknown: "number",
        bool | Unknown: "flag",
        tuple[str, ...] | Unknown: "texts",
        tuple[str, ...]: "texts",
        tuple[int, ...] | Unknown: "counts",
        Mapping[str, str] | Unknown: "text_map",
        Mapping[str, str] | None: "text_map",
        Mapping[str, int] | Unknown: "count_map",
        Mapping[str, Any] | None: "object",
    }
)
"""Type of a field to the word for its shape in a record; a list of parts has the shape `parts`."""

PYTHON_TYPES: Final[Mapping[str, type]] = MappingProxyType(
    {
        "text": str,
        "count": int,
        "number": float,
        "flag": bool,
        "texts": list,
        "counts": list,
        "text_map": dict,
        "count_map": dict,
        "parts": list,
        "object": dict,
    }
)
"""Shape to the type of its values."""

ITEM_TYPES: Final[Mapping[str, type]] = MappingProxyType({"texts": str, "counts": int, "text_map": str, "count_map": int, "parts": dict})
"""Shape to the type of what is in its values."""

SHAPE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "text": "a text",
        "count": "a whole number",
        "number": "a number",
        "flag": "true or false",
        "texts": "a list of texts",
        "counts": "a list of whole numbers",
        "text_map": "a mapping of texts",
        "count_map": "a mapping of whole numbers",
        "parts": "a list of mappings",
        "object": "a mapping",
    }
)
"""Shape to the words for it in messages."""


class Forms:
    """The forms of one model; everything is worked out once from its type hints."""

    def __init__(self, kinds: Mapping[str, type], parts: Mapping[str, type]) -> None:
        self.kinds = kinds
        self.parts = parts
        self.shapes: Mapping[type, Mapping[str, str]] = MappingProxyType(
            {owner: MappingProxyType(self._shapes_of(owner)) for owner in (*kinds.values(), *parts.values())}
        )
        """Class to its fields and their shapes."""
        self.key_order = key_orders(kinds)
        """Kind to the order in which a record's keys are written."""

    def _shapes_of(self, owner: type) -> dict[str, str]:
        hints = get_type_hints(owner)
        return {entry.name: "parts" if entry.name in self.parts else SHAPES[hints[entry.name]] for entry in fields(owner)}

    def ordered(self, record: Mapping[str, Any]) -> JsonRecord:
        """The record with its keys in the order of the model; keys that the model does not have come last, sorted."""
        return ordered_by(self.key_order, record)
