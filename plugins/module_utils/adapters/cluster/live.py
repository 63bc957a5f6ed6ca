# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is there: one list for each kind and namespace by the stage's label, and single objects by name where that has none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...common.owned_fields import metadata_of
from ...common.write_findings import STAGE_LABEL, ObjectKey, key_of
from .client import ApiConnection, ApiFault
from .crew import Crew
from .lists import EXPIRED, pages
from .refusals import lacking_permission, words
from .resources import Kinds, ServedKind

FRESH_STARTS: Final = 3
Live = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Lot:
    """Objects of one kind in one namespace; without a namespace in all of them, or in none."""

    api_version: str
    kind: str
    namespace: str

    @property
    def wide(self) -> Lot:
        """The same kind everywhere."""
        return Lot(self.api_version, self.kind, "")


@dataclass(frozen=True, slots=True)
class Seed:
    """Objects that were read already. Where they are all that the lot has, others of it do not exist and are not asked for.

    Objects without `managedFields` tell nothing of whose fields they are: they are asked for once more. `plural` saves asking
    where the kind is; `is_namespaced` belongs to it.
    """

    lot: Lot
    objects: Sequence[Live] = ()
    complete: bool = True
    plural: str = ""
    is_namespaced: bool = True


def reason_of(fault: ApiFault) -> str:
    """Why the server refuses, in words."""
    lacking = lacking_permission(fault)
    return f"the account may not {lacking}" if lacking else words(fault)


@dataclass(slots=True)
class LiveObjects:
    """The objects of one stage on one cluster."""

    connection: ApiConnection
    kinds: Kinds
    stage: str
    page_size: int = 500
    found: dict[ObjectKey, Live] = field(default_factory=dict)
    """by key, those with the stage's label and those that were read before"""
    troubles: dict[Lot, str] = field(default_factory=dict)
    """lots that could not be read, and why"""
    _complete: set[Lot] = field(default_factory=set)

    def seed(self, lot: Lot, objects: Iterable[Live], *, complete: bool) -> None:
        """Takes what was read already for what is there; `complete` where it is all that the lot has."""
        missing = {"apiVersion": lot.api_version, "kind": lot.kind}
        self.found.update((key_of(item), item) for item in ({**missing, **each} for each in objects))
        if complete:
            self._complete.add(lot)

    def has_all_of(self, lot: Lot) -> bool:
        """Whether all objects of the lot were read before, whatever their labels."""
        return not self._complete.isdisjoint((lot, lot.wide))

    def read(self, lots: Iterable[Lot], crew: Crew) -> None:
        """Lists the objects of these lots that bear the stage's label."""
        wanted = sorted(lot for lot in set(lots) if not self.has_all_of(lot))
        for lot, (items, trouble) in zip(wanted, crew.each(wanted, self._listed, lambda _lot, reason: ([], reason)), strict=True):
            self.found.update((key_of(item), item) for item in items)
            if trouble:
                self.troubles[lot] = trouble

    def trouble(self, lot: Lot) -> str:
        """Why the lot could not be read; empty where it was, or was not asked for."""
        return self.troubles.get(lot) or self.troubles.get(lot.wide, "")

    def served(self, api_version: str, kind: str, *, again: bool = False) -> ServedKind | None:
        """Where the kind is; None where the server does not have it."""
        return self.kinds.find(api_version, kind, again=again)

    def get(self, served: ServedKind, key: ObjectKey) -> Live | None:
        """One object, with or without the label; asked for by name."""
        try:
            return self.connection.get(served.path(key.namespace, key.name))
        except ApiFault as fault:
            if fault.code == 404:
                return None
            raise

    def at_hand_or_asked(self, served: ServedKind, key: ObjectKey, api_version: str) -> Live | None:
        """One object from the lists, or by name where they do not have it in this version."""
        found = self.found.get(key)
        if found is None:
            return None if self.has_all_of(Lot(api_version, key.kind, key.namespace)) else self.get(served, key)
        is_whole = found["apiVersion"] == api_version and metadata_of(found).get("managedFields")
        return found if is_whole else self.get(served, key)

    def all_of(self, lot: Lot) -> list[Live]:
        """Every object of a lot, whatever its labels; none where the server does not have the kind. Raises ApiFault."""
        served = self.served(lot.api_version, lot.kind)
        return self._items(served, lot, {}) if served is not None else []

    def _listed(self, lot: Lot) -> tuple[list[Live], str]:
        try:
            served = self.served(lot.api_version, lot.kind)
            if served is None:
                return [], ""
            return self._items(served, lot, {"labelSelector": f"{STAGE_LABEL}={self.stage}"}), ""
        except ApiFault as fault:
            return [], reason_of(fault)

    def _items(self, served: ServedKind, lot: Lot, query: Mapping[str, str]) -> list[Live]:
        path = served.collection(lot.namespace)
        missing = {"apiVersion": lot.api_version, "kind": lot.kind}
        return afresh(lambda: [{**missing, **item} for page in pages(self.connection, path, query, self.page_size) for item in page])


def afresh(listing: Callable[[], list[Live]], starts: int = FRESH_STARTS) -> list[Live]:
    """A list, begun anew where the server forgot its pages meanwhile."""
    try:
        return listing()
    except ApiFault as fault:
        if fault.code != EXPIRED or not starts:
            raise
    return afresh(listing, starts - 1)
