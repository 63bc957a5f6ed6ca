# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form that every artifact shares: a header, records sorted by kind and id, a trailer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from .version import COLLECTION_VERSION

JsonRecord: TypeAlias = dict[str, Any]
"""One line of an artifact. An absent key is unknown; null is never used."""

SCHEMA_PREFIX: Final = "groundwork.readiness/"
SCHEMA_VERSIONS: Final[Mapping[str, tuple[int, int]]] = {
    "estate": (1, 1),
    "target": (1, 1),
    "assessment": (1, 0),
    "plan": (1, 0),
    "platform": (1, 0),
    "namespaces": (1, 0),
    "run": (1, 0),
    "report": (1, 4),
}
"""Schema name to (major, minor). A new major breaks readers; a new minor only adds."""


@dataclass(frozen=True, slots=True)
class ArtifactInput:
    """What an artifact was made from: base name, SHA-256, and when it was captured if that is known (ISO 8601)."""

    name: str
    sha256: str
    captured_at: str = ""

    def as_record(self) -> JsonRecord:
        """The input as it stands in a header."""
        record: JsonRecord = {"name": self.name, "sha256": self.sha256}
        if self.captured_at:
            record["captured_at"] = self.captured_at
        return record


@dataclass(frozen=True, slots=True)
class ArtifactHeader:
    """First line of an artifact; `extra` holds what one schema adds (the assessment names its catalogue)."""

    schema: str
    inputs: tuple[ArtifactInput, ...] = ()
    mode: str = "apply"
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_record(self) -> JsonRecord:
        """The header as a record; inputs are sorted, so that the order of sources never shows."""
        major, minor = SCHEMA_VERSIONS[self.schema]
        inputs = sorted((entry.as_record() for entry in self.inputs), key=lambda entry: (entry["name"], entry["sha256"]))
        return {
            "kind": "header",
            "schema": SCHEMA_PREFIX + self.schema,
            "schema_version": f"{major}.{minor}",
            "collection_version": COLLECTION_VERSION,
            "mode": self.mode,
            "inputs": inputs,
            **self.extra,
        }


@dataclass(frozen=True, slots=True)
class ArtifactWritten:
    """What came of writing an artifact: `changed` says whether the bytes differ from those that stood there."""

    path: str
    sha256: str
    changed: bool
    counts: Mapping[str, int]


def newer_minor(schema: str, version: tuple[int, int]) -> bool:
    """True for a version of the same major that this collection does not know yet."""
    known = SCHEMA_VERSIONS[schema]
    return version[0] == known[0] and version[1] > known[1]


def sort_key(record: Mapping[str, Any]) -> tuple[str, str]:
    """The order of records in an artifact."""
    return (record["kind"], record["id"])
