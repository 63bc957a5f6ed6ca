# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema of `plan.jsonl`, made from its kinds."""

from __future__ import annotations

from typing import Final

from ..common.artifact import JsonRecord
from ..common.forms import Forms
from ..common.schemas import header_schema, kind_schemas, line_schema, part_schemas
from . import kinds
from .model import RISK_LEVELS, VM_STATES

FORMS: Final = Forms(kinds.KINDS, kinds.PARTS)


def plan_schema() -> JsonRecord:
    """JSON Schema (2020-12) of every line of a plan artifact."""
    schemas = kind_schemas(FORMS, ("kind", "id"))
    vm = schemas["vm"]
    vm["properties"]["state"]["enum"] = list(VM_STATES)
    vm["properties"]["risk"]["enum"] = list(RISK_LEVELS)
    vm["required"] += ["state"]
    return line_schema("plan", "A line of plan.jsonl", schemas, header_schema("plan"), part_schemas(FORMS))
