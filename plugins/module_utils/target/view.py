# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target as the later stages see it: its records by kind and id, and which of them are all that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..common.artifact import JsonRecord
from .model import ABSENT, READ
from .readings import why_not


class TargetView:
    """The records of a target. Kinds may be missing: whether that means that there are none is what `known` says."""

    def __init__(self, records: Iterable[Mapping[str, Any]]) -> None:
        found: dict[str, dict[str, JsonRecord]] = {}
        for record in records:
            found.setdefault(record["kind"], {})[record["id"]] = dict(record)
        self._by_kind = {kind: {key: entries[key] for key in sorted(entries)} for kind, entries in found.items()}
        self._lists = {kind: tuple(entries.values()) for kind, entries in self._by_kind.items()}

    @property
    def cluster(self) -> JsonRecord | None:
        """The cluster itself."""
        return self.one("cluster")

    def all(self, kind: str) -> Sequence[JsonRecord]:
        """The records of a kind, by id."""
        return self._lists.get(kind, ())

    def get(self, kind: str, identity: str) -> JsonRecord | None:
        """A record by kind and id."""
        return self._by_kind.get(kind, {}).get(identity)

    def one(self, kind: str) -> JsonRecord | None:
        """The record of a kind that a cluster has once (cluster, virtualization, migration_toolkit); of several the first by id."""
        return next(iter(self.all(kind)), None)

    def known(self, *resources: str) -> bool:
        """True when all these lists were read in full: `nodes`, `storageclasses.storage.k8s.io`, …"""
        return all(self._reading(identity).get("state") == READ for identity in resources)

    def none_there(self, *resources: str) -> bool:
        """True when the cluster serves none of these resources, so that there is nothing of them."""
        return all(self._reading(identity).get("state") == ABSENT for identity in resources)

    def why_not(self, *resources: str) -> str:
        """Why not all these lists are known, in words, for the first that is not; empty when they are."""
        for identity in resources:
            reading = self._reading(identity)
            if not reading:
                return f"the target does not say whether {identity} was read"
            if reading.get("state") != READ:
                return why_not(identity, str(reading.get("state", "")), str(reading.get("reason", "")))
        return ""

    def _reading(self, identity: str) -> JsonRecord:
        return self.get("reading", identity) or {}
