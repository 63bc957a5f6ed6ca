# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes what was applied and is desired no more: each object by its UID, so that nothing else can be hit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ...common.applied import AppliedObject
from ...common.owned_fields import metadata_of
from ...common.write_findings import (
    DELETE,
    FAIL,
    MISSING,
    NO_ACTION,
    NOT_APPLICABLE,
    NOT_EVALUATED,
    ORPHANED,
    PASS,
    Finding,
    ObjectKey,
    Policy,
    tracker,
    was_applied,
)
from .client import ApiConnection, ApiFault
from .comparing import refusal
from .crew import Crew
from .holding import Holding
from .live import Live, LiveObjects, reason_of


@dataclass(frozen=True, slots=True)
class Old:
    """An object that was applied and is desired no more, or shall go."""

    entry: AppliedObject
    finding: Finding
    live: Live | None = None

    @property
    def goes(self) -> bool:
        """Whether it is to be removed."""
        return self.finding.action == DELETE


@dataclass(slots=True)
class Removal:
    """Finds what is left over, and removes it."""

    connection: ApiConnection
    objects: LiveObjects
    policy: Policy
    crew: Crew
    holding: Holding

    def find(self, entries: Mapping[ObjectKey, AppliedObject], wanted: Collection[ObjectKey], *, delete: bool) -> list[Old]:
        """What the record has and nobody wants, and what bears the stage's label and was applied without a record of it."""
        known = {key: entry for key, entry in entries.items() if key not in wanted}
        for key, live in self.objects.found.items():
            if key not in known and key not in wanted and was_applied(live, self.policy):
                known[key] = AppliedObject(key, str(live["apiVersion"]), str(metadata_of(live).get("uid", "")))
        found = self.crew.each([known[key] for key in sorted(known)], lambda entry: self._found(entry, delete), _not_read)
        return [replace(old, finding=self.holding.checked(old.finding, "removed")) if old.goes else old for old in found]

    def delete(self, olds: Sequence[Old], check: Callable[[], None], *, dry: bool = False) -> list[Old]:
        """What came of those that had to go, the highest rank first. `check` raises ReadinessError to stop it."""

        def one(old: Old) -> Old:
            check()
            return self._deleted(old, dry=dry)

        done = {old.entry.key: old for old in olds}
        for rank in sorted({old.entry.rank for old in olds if old.goes}, reverse=True):
            batch = [old for old in olds if old.goes and old.entry.rank == rank]
            done.update((old.entry.key, old) for old in self.crew.each(batch, one, _not_deleted))
        return [done[old.entry.key] for old in olds]

    def _found(self, entry: AppliedObject, delete: bool) -> Old:
        key = entry.key
        try:
            served = self.objects.served(entry.api_version, key.kind)
            live = self.objects.at_hand_or_asked(served, key) if served is not None else None
        except ApiFault as fault:
            return _not_read(entry, reason_of(fault))
        if live is None:
            return Old(entry, Finding(key, "", MISSING, PASS, message="it is gone already"))
        if entry.uid != metadata_of(live).get("uid") and not was_applied(live, self.policy):
            message = "another object of this name is there, which was not applied from here; it was left as it is"
            return Old(entry, Finding(key, "", MISSING, PASS, message=message))
        if metadata_of(live).get("deletionTimestamp"):
            return Old(entry, Finding(key, "", MISSING, PASS, message="it is being deleted"))
        return Old(entry, _on_left_over(key, live, delete), live)

    def _deleted(self, old: Old, *, dry: bool) -> Old:
        key = old.entry.key
        uid = str(metadata_of(old.live or {}).get("uid", ""))
        # A server that finds options in the body looks for none in the address: a dry run has to be in both.
        rehearsal = {"dryRun": ["All"]} if dry else {}
        options = {
            **rehearsal,
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid},
            # What belongs to it goes too, unless that is to outlive it.
            "propagationPolicy": "Orphan" if uid in self.holding.holds().owners else "Background",
        }
        try:
            served = self.objects.served(old.entry.api_version, key.kind)
            if served is not None:
                path = served.path(key.namespace, key.name)
                self.connection.request("DELETE", path, {"dryRun": "All"} if dry else None, options)
        except ApiFault as fault:
            # Gone, or another object of that name by now.
            if fault.code not in (404, 409):
                return replace(old, finding=refusal(old.finding, fault))
        return old


def _on_left_over(key: ObjectKey, live: Live, delete: bool) -> Finding:
    if owner := tracker(live):
        message = f"it belongs to {owner} and is not removed from here"
        remedy = "take it out of the application first, or have the application delete it"
        return Finding(key, "", ORPHANED, FAIL if delete else NOT_APPLICABLE, message=message, remedy=remedy)
    if delete:
        return Finding(key, "", ORPHANED, PASS, DELETE)
    message = "it was applied earlier and is in no manifest any more"
    return Finding(key, "", ORPHANED, NOT_APPLICABLE, message=message, remedy="have it removed with prune, or remove it by hand")


def _not_read(entry: AppliedObject, reason: str) -> Old:
    message = f"it was applied earlier; whether it is still there is not known: {reason}"
    return Old(entry, Finding(entry.key, "", NOT_EVALUATED, NOT_EVALUATED, message=message))


def _not_deleted(old: Old, reason: str) -> Old:
    finding = replace(old.finding, state=NOT_EVALUATED, result=NOT_EVALUATED, action=NO_ACTION, message=f"it was not removed: {reason}")
    return replace(old, finding=replace(finding, remedy="do it again: what is gone is not missed"))
