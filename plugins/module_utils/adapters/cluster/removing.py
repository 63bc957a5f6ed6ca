# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes what was applied and is desired no more: each object by its UID, so that nothing else can be hit.

What was there before us is handed back instead: it stays as it is, without our label and ownership. Of somebody else's object
the fields that are ours are given up, and what others have applied of them stays. What data hangs on is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...common.applied import AppliedObject
from ...common.owned_fields import applied_fields, labels_of, metadata_of
from ...common.write_findings import (
    DELETE,
    DELETED,
    FAIL,
    FIELDS,
    GIVEN_BACK,
    KEPT,
    MISSING,
    NO_ACTION,
    NOT_APPLICABLE,
    NOT_EVALUATED,
    ON_REMOVAL,
    ORPHANED,
    PASS,
    RELEASED,
    STAGE_LABEL,
    UPDATE,
    Finding,
    ObjectKey,
    Policy,
    is_ours,
    removal_of,
    tracker,
    was_applied,
)
from .client import ApiConnection, ApiFault
from .comparing import refusal, version_of, write_query
from .crew import Crew
from .holding import Holding
from .live import Live, LiveObjects, reason_of
from .ownership import RECORD_LABEL
from .pinned import MERGE, deletion, pinned
from .refusals import RIGHTS
from .resources import APPLY

_HANDED_BACK: Final = {
    RELEASED: "it was there before: it stays as it is, and is this collection's no more",
    GIVEN_BACK: "it is somebody else's: the fields of it that were set from here are given up",
}


@dataclass(frozen=True, slots=True)
class Old:
    """An object that was applied and is desired no more, or shall go."""

    entry: AppliedObject
    finding: Finding
    live: Live | None = None

    end: str = DELETED
    """what is to become of it"""
    after: Live | None = None
    """what is left of it, once it was handed back"""

    @property
    def goes(self) -> bool:
        """Whether it is to be removed, or handed back."""
        return self.finding.action != NO_ACTION

    @property
    def remains(self) -> Live | None:
        """What is there once it is done; nothing where it was removed."""
        return None if self.end == DELETED else self.after or self.live


@dataclass(slots=True)
class Removal:
    """Finds what is left over, and removes it."""

    connection: ApiConnection
    objects: LiveObjects
    policy: Policy
    crew: Crew
    holding: Holding
    rights: str = RIGHTS

    def find(
        self, entries: Mapping[ObjectKey, AppliedObject], wanted: Collection[ObjectKey], goes: Callable[[ObjectKey], bool]
    ) -> list[Old]:
        """What the record has and nobody wants, and what bears the stage's label and was applied without a record of it."""
        known = {key: entry for key, entry in entries.items() if key not in wanted}
        for key, live in self.objects.found.items():
            # The record bears the label too, and is found where ConfigMaps of its namespace are listed.
            is_record = RECORD_LABEL in labels_of(live)
            if key not in known and key not in wanted and not is_record and was_applied(live, self.policy):
                known[key] = AppliedObject(key, str(live["apiVersion"]), str(metadata_of(live).get("uid", "")))
        found = self.crew.each([known[key] for key in sorted(known)], lambda entry: self._found(entry, goes(entry.key)), _not_read)
        return [replace(old, finding=self.holding.checked(old.finding, _what(old))) if old.goes else old for old in found]

    def delete(self, olds: Sequence[Old], check: Callable[[], None], *, dry: bool = False) -> list[Old]:
        """What came of those that had to go, the highest rank first. `check` raises ReadinessError to stop it."""

        def one(old: Old) -> Old:
            check()
            return self._deleted(old, dry=dry) if old.end == DELETED else self._handed_back(old, dry=dry)

        done = {old.entry.key: old for old in olds}
        for rank in sorted({old.entry.rank for old in olds if old.goes}, reverse=True):
            batch = [old for old in olds if old.goes and old.entry.rank == rank]
            done.update((old.entry.key, old) for old in self.crew.each(batch, one, _not_deleted))
        return [done[old.entry.key] for old in olds]

    def _found(self, entry: AppliedObject, goes: bool) -> Old:
        key = entry.key
        try:
            served = self.objects.served(entry.api_version, key.kind)
            live = self.objects.at_hand_or_asked(served, key, entry.api_version) if served is not None else None
        except ApiFault as fault:
            return _not_read(entry, reason_of(fault))
        if live is None:
            return Old(entry, Finding(key, "", MISSING, PASS, message="it is gone already"))
        if not self._is_meant(entry, live):
            message = "another object of this name is there, which was not applied from here; it was left as it is"
            return Old(entry, Finding(key, "", MISSING, PASS, message=message))
        if metadata_of(live).get("deletionTimestamp"):
            return Old(entry, Finding(key, "", MISSING, PASS, message="it is being deleted"))
        end = _end(entry, live)
        return Old(entry, _on_left_over(key, live, end, delete=goes), live, end)

    def _is_meant(self, entry: AppliedObject, live: Live) -> bool:
        """Whether it is the object that was applied, and what was not made by us is still in our hands."""
        if entry.on_removal == GIVEN_BACK:
            return applied_fields(live, self.policy.manager_of(FIELDS)) is not None
        if not entry.made and not is_ours(live, self.policy):
            return False
        return entry.uid == metadata_of(live).get("uid") or was_applied(live, self.policy)

    def _handed_back(self, old: Old, *, dry: bool) -> Old:
        """Takes our hands off an object, in just the version that was looked at."""
        key, live = old.entry.key, old.live or {}
        query = {"dryRun": "All"} if dry else {}
        if old.end == GIVEN_BACK:
            query |= write_query(self.policy.manager_of(FIELDS), force=True)
            body, form = {"apiVersion": old.entry.api_version, "kind": key.kind, "metadata": _name_of(key)}, APPLY
        else:
            query["fieldManager"] = self.policy.manager
            body, form = {"metadata": _without_us(live, self.policy)}, MERGE
        try:
            served = self.objects.served(old.entry.api_version, key.kind)
            if served is None:
                return old
            path = served.path(key.namespace, key.name)
            return replace(old, after=self.connection.request("PATCH", path, query, pinned(body, *version_of(live)), form))
        except ApiFault as fault:
            return replace(old, finding=refusal(old.finding, fault, self.rights))

    def _deleted(self, old: Old, *, dry: bool) -> Old:
        key = old.entry.key
        uid = str(metadata_of(old.live or {}).get("uid", ""))
        # What belongs to it goes too, unless that is to outlive it.
        options = deletion(uid, orphan=uid in self.holding.holds().owners, dry=dry)
        try:
            served = self.objects.served(old.entry.api_version, key.kind)
            if served is not None:
                path = served.path(key.namespace, key.name)
                self.connection.request("DELETE", path, {"dryRun": "All"} if dry else None, options)
        except ApiFault as fault:
            # Gone, or another object of that name by now.
            if fault.code not in (404, 409):
                return replace(old, finding=refusal(old.finding, fault, self.rights))
        return old


def _end(entry: AppliedObject, live: Live) -> str:
    """What is to become of an object: what the record says, and where it would be deleted, what the object itself says."""
    return entry.on_removal if entry.on_removal != DELETED else removal_of(live)


def _what(old: Old) -> str:
    return "removed" if old.end == DELETED else "handed back"


def _name_of(key: ObjectKey) -> dict[str, Any]:
    return {"name": key.name, **({"namespace": key.namespace} if key.namespace else {})}


def _without_us(live: Live, policy: Policy) -> dict[str, Any]:
    """The change of the metadata after which nothing says that the object is ours."""
    owners = [
        entry
        for entry in metadata_of(live).get("managedFields") or ()
        if entry.get("manager") != policy.manager or entry.get("operation") != "Apply"
    ]
    # An empty list would be taken for one that was forgotten; an empty entry says that there is none.
    metadata: dict[str, Any] = {"annotations": {ON_REMOVAL: None}, "managedFields": owners or [{}]}
    if STAGE_LABEL in labels_of(live):
        metadata["labels"] = {STAGE_LABEL: None}
    return metadata


def _on_left_over(key: ObjectKey, live: Live, end: str, *, delete: bool) -> Finding:
    if owner := tracker(live):
        message = f"it belongs to {owner} and is not removed from here"
        remedy = "take it out of the application first, or have the application delete it"
        return Finding(key, "", ORPHANED, FAIL if delete else NOT_APPLICABLE, message=message, remedy=remedy)
    if end == KEPT:
        message = "it is in no manifest any more, and is kept: data hangs on it"
        return Finding(key, "", ORPHANED, NOT_APPLICABLE, message=message, remedy="remove it by hand once the data is not needed")
    if delete and end == DELETED:
        return Finding(key, "", ORPHANED, PASS, DELETE)
    if delete:
        return Finding(key, "", ORPHANED, PASS, UPDATE, _HANDED_BACK[end])
    message = "it was applied earlier and is in no manifest any more"
    return Finding(key, "", ORPHANED, NOT_APPLICABLE, message=message, remedy="have it removed with prune, or remove it by hand")


def _not_read(entry: AppliedObject, reason: str) -> Old:
    message = f"it was applied earlier; whether it is still there is not known: {reason}"
    return Old(entry, Finding(entry.key, "", NOT_EVALUATED, NOT_EVALUATED, message=message))


def _not_deleted(old: Old, reason: str) -> Old:
    finding = replace(old.finding, state=NOT_EVALUATED, result=NOT_EVALUATED, action=NO_ACTION, message=f"it was not removed: {reason}")
    return replace(old, finding=replace(finding, remedy="do it again: what is gone is not missed"))
