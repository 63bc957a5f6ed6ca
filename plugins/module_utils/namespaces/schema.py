# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire form of the stage's records, and the JSON Schema that describes them."""

from __future__ import annotations

from typing import Final

from ..common.artifact import JsonRecord
from ..common.findings import RESULTS, SEVERITIES
from ..common.forms import Forms
from ..common.schemas import header_schema, kind_schemas, line_schema, part_schemas
from ..common.write_findings import STATES
from ..platform.model import LAYER_STATES
from ..target.model import READING_STATES
from . import model
from .contract.model import CLASSIFICATIONS, ISOLATIONS

FORMS: Final = Forms(model.KINDS, model.PARTS)

ordered: Final = FORMS.ordered
"""The record with its keys in the order of the model."""

_WORDS: Final = {
    ("contract", "classification"): CLASSIFICATIONS,
    ("contract", "isolation"): ISOLATIONS,
    ("contract", "state"): LAYER_STATES,
    ("finding", "result"): RESULTS,
    ("finding", "severity"): SEVERITIES,
    ("finding", "state"): STATES,
    ("object", "result"): RESULTS,
    ("object", "state"): STATES,
    ("reading", "state"): READING_STATES,
}
"""Facts that are one of some words."""


def namespaces_schema() -> JsonRecord:
    """JSON Schema (2020-12) of every line of a namespaces artifact, made from the model."""
    kinds = kind_schemas(FORMS, ("kind", "id"))
    for (kind, name), words in _WORDS.items():
        kinds[kind]["properties"][name]["enum"] = list(words)
    kinds["finding"]["required"] += ["check", "part", "subject", "state", "result", "severity", "action"]
    kinds["contract"]["required"] += ["owner", "expires", "state"]
    captured = {"type": "string", "description": "when the cluster was read, ISO 8601; absent where nobody knows"}
    cluster = {"type": "string", "description": "id of the cluster; absent where it could not be read"}
    today = {"type": "string", "description": "day of the run, from which days are counted, YYYY-MM-DD"}
    header = header_schema("namespaces", {"today": today}, optional={"captured_at": captured, "cluster": cluster})
    return line_schema("namespaces", "A line of namespaces.jsonl", kinds, header, part_schemas(FORMS))
