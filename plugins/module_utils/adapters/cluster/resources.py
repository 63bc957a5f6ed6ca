# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the objects of manifests are on a server: kinds to paths, each API version asked once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from .client import ApiConnection, ApiFault

APPLY: Final = "application/apply-patch+yaml"
"""Content type of a server-side apply; JSON is YAML."""


@dataclass(frozen=True, slots=True)
class ServedKind:
    """A kind that the server has: `root` is the path of its API version."""

    root: str
    plural: str
    is_namespaced: bool

    def collection(self, namespace: str = "") -> str:
        """Where its objects are listed; those of all namespaces without a namespace."""
        inside = f"/namespaces/{quote(namespace, safe='')}" if namespace and self.is_namespaced else ""
        return f"{self.root}{inside}/{self.plural}"

    def path(self, namespace: str, name: str) -> str:
        """Where one of them is."""
        return f"{self.collection(namespace)}/{quote(name, safe='')}"


@dataclass(slots=True)
class Kinds:
    """What a server has, asked when it is first needed. May be used from several threads."""

    connection: ApiConnection
    _versions: dict[str, dict[str, ServedKind]] = field(default_factory=dict)
    _known: dict[tuple[str, str], ServedKind] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def know(self, api_version: str, kind: str, plural: str, *, is_namespaced: bool) -> None:
        """Takes for known where objects of the kind are, so that it is not asked."""
        self._known[api_version, kind] = ServedKind(_root(api_version), plural, is_namespaced)

    def find(self, api_version: str, kind: str, *, again: bool = False) -> ServedKind | None:
        """Where objects of the kind are; None where the server does not have it. Raises ApiFault where it does not say.

        A kind that was not there is asked for `again` only on demand: it may have come since.
        """
        if known := self._known.get((api_version, kind)):
            return known
        with self._lock:
            if api_version not in self._versions or (again and kind not in self._versions[api_version]):
                self._versions[api_version] = self._read(api_version)
            return self._versions[api_version].get(kind)

    def _read(self, api_version: str) -> dict[str, ServedKind]:
        root = _root(api_version)
        try:
            answer = self.connection.get(root)
        except ApiFault as fault:
            if fault.code == 404:
                return {}
            raise
        return {
            str(entry.get("kind")): ServedKind(root, str(entry["name"]), bool(entry.get("namespaced")))
            for entry in _entries(answer)
            if "/" not in str(entry.get("name", "/"))
        }


def _root(api_version: str) -> str:
    return "/apis/" + "/".join(quote(part, safe="") for part in api_version.split("/")) if "/" in api_version else f"/api/{api_version}"


def _entries(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = answer.get("resources")
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
