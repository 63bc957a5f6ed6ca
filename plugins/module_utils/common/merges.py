# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of which some entries are ours, in lists that no server merges: atomic lists, and YAML within a ConfigMap.

Such an object is read, changed by a pure function, and written back for that version alone. Which entries are ours stands in
an annotation of the object: `readiness.groundwork.io/<what>`, a JSON object of names to the SHA-256 of each as it was last
written. An entry that was there before, and was taken over, has `adopted:` before it: it is never deleted for want of a wish.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from .owned_fields import ApiObject, annotations_of, changed_fields, metadata_of, shown
from .write_findings import (
    CHANGED,
    CREATE,
    FAIL,
    IN_STEP,
    LABEL_PREFIX,
    MISSING,
    NO_ACTION,
    NOT_APPLICABLE,
    ORPHANED,
    PASS,
    UPDATE,
    Finding,
    ObjectKey,
    listed,
)

ADOPTED_MARK: Final = "adopted:"
MERGE_PATCH: Final = "application/merge-patch+json"
_EMPTY: Final[tuple[object, ...]] = ("", [], {}, None)


class Reference(Protocol):
    """Which object: an apiVersion, a kind, a namespace (empty for none) and a name."""

    @property
    def api_version(self) -> str:
        """Group and version."""

    @property
    def kind(self) -> str:
        """Kind of the object."""

    @property
    def namespace(self) -> str:
        """Its namespace; empty for none."""

    @property
    def name(self) -> str:
        """Its name."""


@dataclass(frozen=True, slots=True)
class EntryFinding:
    """One entry of ours: how it stood, what a write does about it, and whether it is as desired then."""

    name: str
    state: str
    result: str = PASS
    action: str = NO_ACTION
    fields: tuple[str, ...] = ()
    """paths within the entry that change, or that differ"""
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a change made of an object."""

    object: ApiObject | None
    """the whole object to be written, without status; None where nothing is to be written"""
    entries: tuple[EntryFinding, ...] = ()
    refused: str = ""
    """why nothing may be written, such as an entry of that name that is somebody else's"""
    remedy: str = ""
    """what to do about a refusal"""


class Change(Protocol):
    """What is to become of an object. Frozen dataclasses implement it; the same object gives the same answer."""

    def of(self, live: ApiObject | None) -> Merged:
        """What the change makes of the object as it is; None is one that is not there."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A change of entries of an object that is somebody else's."""

    ref: Reference
    part: str
    layer: str
    path: str
    """place in the document that asks for it"""
    rank: int
    change: Change

    @property
    def key(self) -> ObjectKey:
        """Which object it is, whatever its version."""
        group, slash, _version = self.ref.api_version.partition("/")
        return ObjectKey(group if slash else "", self.ref.kind, self.ref.namespace, self.ref.name)


@dataclass(frozen=True, slots=True)
class MergeOutcome:
    """What came of a merge: the finding on the object, those on its entries, and the object before and after."""

    merge: Merge
    finding: Finding
    entries: tuple[EntryFinding, ...] = ()
    before: ApiObject | None = None
    after: ApiObject | None = None
    """the object as it is then, or would be; None where that is not known"""
    attempts: int = 0
    """writes that were tried, dry runs included: more than one where others wrote at the same time"""

    @property
    def writes(self) -> bool:
        """Whether anything was written, or would be."""
        return self.finding.action != NO_ACTION


# ---- whose entries they are ------------------------------------------------------------------------------------------


def annotation_for(what: str) -> str:
    """The annotation that names our entries of one kind."""
    return f"{LABEL_PREFIX}{what}"


def marks_of(live: ApiObject | None, what: str) -> dict[str, str]:
    """Our entries by name, each with its mark; empty also where the annotation is none that could be ours."""
    text = annotations_of(live or {}).get(annotation_for(what))
    try:
        found = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return {}
    return {str(name): str(mark) for name, mark in found.items()} if isinstance(found, dict) else {}


def with_marks(item: ApiObject, what: str, marks: Mapping[str, str]) -> dict[str, Any]:
    """The object with these marks; without the annotation where there are none."""
    annotations = {key: value for key, value in annotations_of(item).items() if key != annotation_for(what)}
    if marks:
        annotations[annotation_for(what)] = json.dumps(dict(marks), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    metadata = {key: value for key, value in metadata_of(item).items() if key != "annotations"}
    return {**item, "metadata": {**metadata, "annotations": annotations} if annotations else metadata}


def digest_of(entry: object) -> str:
    """SHA-256 of an entry by what it says: empty values are as good as none."""
    return hashlib.sha256(json.dumps(bare(entry), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def bare(value: Any) -> Any:
    """A value without what is empty in it, however deep: typed clients write those out, others leave them away."""
    if isinstance(value, Mapping):
        kept = {key: bare(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in _EMPTY}
    if isinstance(value, (list, tuple)):
        return [bare(inner) for inner in value]
    return value


def differing(one: object, other: object) -> tuple[str, ...]:
    """Paths at which two entries say something else."""
    return tuple(changed_fields(bare(one), bare(other)))


# ---- what becomes of entries -----------------------------------------------------------------------------------------

ALREADY_THERE: Final = "it was there already, as it is wanted; it is looked after from here from now on"
THERE_BEFORE: Final = "it was there before this collection came"


def orphan(name: str) -> EntryFinding:
    """An entry of ours that is wanted no more, and stays for now."""
    message = "it was written earlier, and the document does not ask for it any more"
    return EntryFinding(name, ORPHANED, NOT_APPLICABLE, message=message, remedy="have it removed with prune")


def released(name: str, why: str) -> EntryFinding:
    """An entry that is wanted no more and is not ours to remove: it stays, without our mark."""
    return EntryFinding(name, ORPHANED, PASS, UPDATE, message=f"{why}: it stays, and is looked after from here no more")


# ---- what is written -------------------------------------------------------------------------------------------------


def merge_patch(before: ApiObject, after: ApiObject) -> dict[str, Any]:
    """What a JSON merge patch (RFC 7386) needs to make one object of the other; lists go as wholes, status and identity stay."""
    return _patch(_writable(before), _writable(after))


def _writable(item: ApiObject) -> dict[str, Any]:
    kept = ("annotations", "labels", "finalizers")
    metadata = {key: value for key, value in metadata_of(item).items() if key in kept}
    return {**{key: value for key, value in item.items() if key not in ("apiVersion", "kind", "metadata", "status")}, "metadata": metadata}


def _patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {key: None for key in before if key not in after}
    for key, value in after.items():
        old = before.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            if inner := _patch(old, value):
                found[key] = inner
        elif key not in before or old != value:
            found[key] = value
    return found


def standing(merge: Merge, live: ApiObject | None, merged: Merged) -> Finding:
    """The finding on an object before anything is written: what would be done about it."""
    key, path = merge.key, merge.path
    if merged.refused:
        state = CHANGED if live is not None else MISSING
        return Finding(key, path, state, FAIL, message=merged.refused, remedy=merged.remedy)
    troubled = [entry for entry in merged.entries if entry.result == FAIL]
    result = FAIL if troubled else PASS
    message = "; ".join(f"{entry.name}: {entry.message or entry.state}" for entry in troubled)
    if merged.object is None:
        return Finding(key, path, CHANGED if troubled else IN_STEP, result, message=message)
    if live is None:
        return Finding(key, path, MISSING, result, CREATE, message)
    fields = tuple(changed_fields(shown(live), shown(merged.object)))
    return Finding(key, path, CHANGED, result, UPDATE, message or f"changes {listed(fields)}", fields=fields)


def in_words(entries: Iterable[EntryFinding]) -> str:
    """Entries with what is done about each: `corp-oidc: create`."""
    return ", ".join(f"{entry.name}: {entry.action}" for entry in entries if entry.action != NO_ACTION)
