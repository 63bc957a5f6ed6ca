# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what was applied to a cluster: which objects, and a digest of what they were to be. It is kept in the cluster itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .errors import ReadinessError
from .owned_fields import ApiObject
from .write_findings import DELETED, GIVEN_BACK, RELEASED, ObjectKey, key_of

PART_BYTES: Final = 400_000
"""Most of one part: a ConfigMap takes 1 MiB in all."""


@dataclass(frozen=True, slots=True)
class AppliedObject:
    """An object that was applied. Without `uid` it was about to be created: whether it was is for the cluster to tell."""

    key: ObjectKey
    api_version: str
    uid: str = ""
    sha256: str = ""
    rank: int = 0
    """objects of a higher rank are removed first"""
    on_removal: str = DELETED
    """what becomes of it once it is wanted no more"""

    @property
    def made(self) -> bool:
        """Whether it came to be by us: what was there before is never deleted."""
        return self.on_removal not in (RELEASED, GIVEN_BACK)

    def line(self) -> str:
        """As a line of the record."""
        key = self.key
        where = {"namespace": key.namespace} if key.namespace else {}
        end = {"onRemoval": self.on_removal} if self.on_removal != DELETED else {}
        data = {"apiVersion": self.api_version, "kind": key.kind, **where, "name": key.name, "rank": self.rank, **end}
        return json.dumps({**data, "sha256": self.sha256, "uid": self.uid}, sort_keys=True)


def digest(desired: ApiObject) -> str:
    """SHA-256 of an object in canonical form."""
    return hashlib.sha256(json.dumps(desired, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def applied_object(desired: ApiObject, uid: str, rank: int, on_removal: str = DELETED) -> AppliedObject:
    """The record of an object."""
    return AppliedObject(key_of(desired), str(desired["apiVersion"]), uid, digest(desired), rank, on_removal)


def parts(applied: Iterable[AppliedObject], limit: int = PART_BYTES) -> list[str]:
    """The record as texts of at most `limit` bytes, in the order of the keys; none for nothing."""
    found: list[list[str]] = []
    size = limit
    for entry in sorted(applied, key=lambda each: each.key):
        line = entry.line() + "\n"
        if size + len(line.encode()) > limit:
            found.append([])
            size = 0
        found[-1].append(line)
        size += len(line.encode())
    return ["".join(lines) for lines in found]


def read_part(text: str, name: str) -> Iterator[AppliedObject]:
    """The objects of one part. Raises ReadinessError where it is none."""
    try:
        for line in text.splitlines():
            yield _entry(json.loads(line))
    except (ValueError, KeyError, TypeError) as error:
        message = f"The record of what was applied is damaged: ConfigMap {name}"
        hint = "Delete this ConfigMap: the next apply records anew what bears the collection's label and was applied by it."
        raise ReadinessError("applied_record_damaged", message, subject=name, hint=hint) from error


def _entry(data: Mapping[str, Any]) -> AppliedObject:
    item = {"apiVersion": data["apiVersion"], "kind": data["kind"], "metadata": {"name": data["name"], "namespace": data.get("namespace")}}
    end = str(data.get("onRemoval", DELETED))
    return AppliedObject(key_of(item), str(data["apiVersion"]), str(data["uid"]), str(data["sha256"]), int(data["rank"]), end)
