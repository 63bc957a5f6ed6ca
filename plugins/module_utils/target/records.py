# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire form of a target's records, and the JSON Schema that describes them."""

from __future__ import annotations

from typing import Final

from ..common.artifact import JsonRecord
from ..common.forms import Forms
from ..common.schemas import header_schema, kind_schemas, line_schema, part_schemas
from . import model

FORMS: Final = Forms(model.KINDS, model.PARTS)

ordered: Final = FORMS.ordered
"""The record with its keys in the order of the model."""


def target_schema() -> JsonRecord:
    """JSON Schema (2020-12) of every line of a target artifact, made from the model."""
    kinds = kind_schemas(FORMS, ("kind", "id"))
    reading = kinds["reading"]
    reading["properties"]["state"]["enum"] = list(model.READING_STATES)
    reading["required"] += ["state", "costs"]
    kinds["notice"]["required"] += ["code", "message"]
    captured = {"type": "string", "description": "when the cluster was read, ISO 8601; absent where nobody knows"}
    header = header_schema("target", optional={"captured_at": captured})
    return line_schema("target", "A line of target.jsonl", kinds, header, part_schemas(FORMS))
