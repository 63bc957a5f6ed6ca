# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire form of the platform's records, and the JSON Schema that describes them."""

from __future__ import annotations

from typing import Final

from ..common.artifact import JsonRecord
from ..common.findings import RESULTS, SEVERITIES
from ..common.forms import Forms
from ..common.schemas import SHA256, TEXT, TEXTS, closed, header_schema, kind_schemas, line_schema, part_schemas
from ..common.write_findings import STATES
from ..target.model import READING_STATES
from . import model
from .delivery.records import WORDS as DELIVERY_WORDS
from .identity.records import WORDS as IDENTITY_WORDS
from .monitoring.records import WORDS as MONITORING_WORDS

FORMS: Final = Forms(model.KINDS, model.PARTS)

ordered: Final = FORMS.ordered
"""The record with its keys in the order of the model."""

_WORDS: Final = {
    ("layer", "state"): model.LAYER_STATES,
    ("reading", "state"): READING_STATES,
    ("operator", "state"): model.LAYER_STATES,
    ("operator", "managed_by"): model.MANAGED_BY,
    ("operator", "stance"): model.STANCES,
    ("step", "state"): model.STEP_STATES,
    ("image", "mirrored"): model.MIRRORED,
    ("model", "state"): model.LAYER_STATES,
    ("object", "state"): STATES,
    ("object", "result"): RESULTS,
    ("finding", "state"): STATES,
    ("finding", "result"): RESULTS,
    ("finding", "severity"): SEVERITIES,
    **IDENTITY_WORDS,
    **MONITORING_WORDS,
    **DELIVERY_WORDS,
}
"""Facts that are one of some words."""


def platform_schema() -> JsonRecord:
    """JSON Schema (2020-12) of every line of a platform artifact, made from the model."""
    kinds = kind_schemas(FORMS, ("kind", "id"))
    for (kind, name), words in _WORDS.items():
        kinds[kind]["properties"][name]["enum"] = list(words)
    kinds["finding"]["required"] += ["check", "part", "subject", "state", "result", "severity", "action"]
    kinds["layer"]["required"] += ["order", "state"]
    catalogue = closed({"version": TEXT, "sha256": SHA256}, ("version", "sha256"), "facts that the collection ships")
    extra = {"parts": {**TEXTS, "description": "parts of the stage that ran, in order"}, "catalogue": catalogue}
    captured = {"type": "string", "description": "when the cluster was read, ISO 8601; absent where nobody knows"}
    cluster = {"type": "string", "description": "id of the cluster; absent where it could not be read"}
    header = header_schema("platform", extra, optional={"captured_at": captured, "cluster": cluster})
    return line_schema("platform", "A line of platform.jsonl", kinds, header, part_schemas(FORMS))
