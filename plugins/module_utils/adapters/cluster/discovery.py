# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which APIs a server has: one answer for all of them where it can, else one for each group that is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ...common.artifact import JsonRecord
from ...target.readings import Resource
from .client import ApiConnection, ApiFault

AGGREGATED: Final = ",".join(
    [f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList" for version in ("v2", "v2beta1")] + ["application/json"]
)


@dataclass(frozen=True, slots=True)
class KnownKind:
    """A kind as one version of a group has it."""

    kind: str
    plural: str
    is_namespaced: bool


@dataclass(slots=True)
class Group:
    """A group of the API: its versions in the server's order, and what each has: None until it is asked, empty where nobody tells."""

    versions: dict[str, frozenset[str] | None] = field(default_factory=dict)
    kinds: dict[str, tuple[KnownKind, ...]] = field(default_factory=dict)
    """version to its kinds, where the server said them"""


@dataclass(frozen=True, slots=True)
class Served:
    """Where a resource is found: `version` is empty where it is not, for the `reason`. `is_absent` where that is certain."""

    version: str = ""
    reason: str = ""
    is_absent: bool = False


class Discovery:
    """What one server has. `groups` are None where it does not say, since the account may not ask or an error came."""

    def __init__(self, connection: ApiConnection) -> None:
        self._connection = connection
        self.groups: dict[str, Group] | None = self._read()

    def find(self, resource: Resource) -> Served:
        """The version in which a resource can be listed. Where nobody knows, it is the preferred one: the list itself will tell."""
        if not resource.group or self.groups is None:
            return Served(resource.versions[0])
        group = self.groups.get(resource.group)
        if group is None:
            return Served(reason=f"the cluster does not serve the API group {resource.group}", is_absent=True)
        known = [version for version in resource.versions if version in group.versions]
        for version in known:
            plurals = self._plurals(resource.group, group, version)
            if plurals is None or resource.plural in plurals:
                return Served(version)
        others = [version for version in group.versions if version not in known]
        newer = [version for version in others if resource.plural in (self._plurals(resource.group, group, version) or ())]
        if newer:
            wanted = " and ".join(resource.versions)
            return Served(reason=f"the cluster serves {resource.id} as {', '.join(newer)}; {wanted} can be read")
        return Served(reason=f"the cluster does not serve {resource.id}", is_absent=True)

    def core_kinds(self) -> tuple[KnownKind, ...]:
        """The kinds of the core group; empty where the server does not tell them."""
        try:
            return _kinds(self._connection.get("/api/v1"))
        except ApiFault:
            return ()

    def _read(self) -> dict[str, Group] | None:
        try:
            answer = self._connection.get("/apis", accept=AGGREGATED)
        except ApiFault:
            return None
        if answer.get("kind") == "APIGroupDiscoveryList":
            return dict(map(_aggregated, _entries(answer, "items")))
        if answer.get("kind") == "APIGroupList":
            return {str(group.get("name")): _plain(group) for group in _entries(answer, "groups")}
        raise self._connection.error(f"the answer to /apis is of kind {answer.get('kind', 'none')!s:.40}, not a list of API groups")

    def _plurals(self, name: str, group: Group, version: str) -> frozenset[str] | None:
        """What a version of a group has, asked for where the server did not say it with all the others; None where nobody tells."""
        if group.versions[version] is None:
            group.kinds[version] = self._asked(name, version)
            group.versions[version] = frozenset(known.plural for known in group.kinds[version])
        return group.versions[version] or None

    def _asked(self, name: str, version: str) -> tuple[KnownKind, ...]:
        """Nothing where the server does not tell."""
        try:
            return _kinds(self._connection.get(f"/apis/{name}/{version}"))
        except ApiFault:
            return ()


def _aggregated(item: JsonRecord) -> tuple[str, Group]:
    metadata = item.get("metadata")
    name = str(metadata.get("name")) if isinstance(metadata, Mapping) else ""
    group = Group()
    for version in _entries(item, "versions"):
        # An extension server that is down leaves its group stale: what it has is not known then.
        told = [] if version.get("freshness") == "Stale" else _entries(version, "resources")
        group.versions[str(version.get("version"))] = frozenset(str(entry.get("resource")) for entry in told)
        group.kinds[str(version.get("version"))] = tuple(map(_aggregated_kind, told))
    return name, group


def _aggregated_kind(entry: JsonRecord) -> KnownKind:
    own = entry.get("responseKind")
    kind = str(own.get("kind") or "") if isinstance(own, Mapping) else ""
    return KnownKind(kind, str(entry.get("resource")), entry.get("scope") == "Namespaced")


def _kinds(answer: JsonRecord) -> tuple[KnownKind, ...]:
    """The kinds of one version; subresources are none."""
    return tuple(
        KnownKind(str(entry.get("kind") or ""), str(entry.get("name")), bool(entry.get("namespaced")))
        for entry in _entries(answer, "resources")
        if "/" not in str(entry.get("name", "/"))
    )


def _plain(group: JsonRecord) -> Group:
    return Group({str(entry.get("version")): None for entry in _entries(group, "versions")})


def _entries(holder: JsonRecord, key: str) -> list[JsonRecord]:
    """A list of mappings, without what is none."""
    found = holder.get(key)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
