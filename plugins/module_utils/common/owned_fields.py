# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of an API server compared: what a server-side apply would change, and which fields of it belong to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from .merged_lists import ITSELF, is_item, item_names, name_of, place_of

ApiObject: TypeAlias = Mapping[str, Any]
FIELD_MANAGER: Final = "groundwork-readiness"
"""Under which name the collection applies objects."""

RESPECTED_MANAGERS: Final = ("argocd*", "*-operator", "*operator*", "kustomize-controller", "helm-controller")
"""Field managers whose fields are never taken back: patterns of names."""

_SERVER_KEYS: Final = frozenset({"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"})
_CLIENT_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_ABSENT: Final = object()
_WITHHELD: Final = "(not shown)"


def metadata_of(item: ApiObject) -> Mapping[str, Any]:
    """The object's metadata; empty where it has none."""
    found = item.get("metadata")
    return found if isinstance(found, Mapping) else {}


def labels_of(item: ApiObject) -> Mapping[str, Any]:
    """The object's labels."""
    return _mapping(metadata_of(item).get("labels"))


def annotations_of(item: ApiObject) -> Mapping[str, Any]:
    """The object's annotations."""
    return _mapping(metadata_of(item).get("annotations"))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


# ---- whose it is -----------------------------------------------------------------------------------------------------


def applied_fields(live: ApiObject, manager: str = FIELD_MANAGER) -> tuple[str, Mapping[str, Any]] | None:
    """API version and fieldsV1 of what the manager has applied; None where it has applied nothing, or by several versions."""
    entries = [
        entry
        for entry in metadata_of(live).get("managedFields") or ()
        if entry.get("manager") == manager and entry.get("operation") == "Apply" and not entry.get("subresource")
    ]
    if len(entries) != 1:
        return None
    return str(entries[0].get("apiVersion")), _mapping(entries[0].get("fieldsV1"))


def in_step(desired: ApiObject, live: ApiObject, manager: str = FIELD_MANAGER) -> bool:
    """True where applying `desired` is certain to change nothing: the manager owns just these fields, and they have these values.

    False is no proof of the contrary: the server fills in defaults and merges lists in ways that only it knows.
    """
    owned = applied_fields(live, manager)
    if owned is None or owned[0] != desired.get("apiVersion"):
        return False
    return _equal(owned_part(desired), live, owned[1])


def owned_part(desired: ApiObject) -> dict[str, Any]:
    """What of an object can be owned: all but what says which object it is."""
    bare = {key: value for key, value in desired.items() if key not in ("apiVersion", "kind", "metadata")}
    metadata = {key: value for key, value in metadata_of(desired).items() if key not in ("name", "namespace")}
    return {"metadata": metadata, **bare} if metadata else bare


def _equal(desired: object, live: object, fields: Mapping[str, Any]) -> bool:
    if not fields:
        # An empty mapping takes nothing away: what the server or others have put into it is theirs. An empty list the server leaves out,
        # and whoever had put something there would have it out of our hands.
        return desired == live or (desired == {} and isinstance(live, Mapping)) or (desired == [] and live is _ABSENT)
    if isinstance(desired, list) and isinstance(live, list):
        return _equal_items(desired, live, fields)
    if not isinstance(desired, Mapping) or not isinstance(live, Mapping):
        return False
    if {name for name in fields if name != ITSELF} != {f"f:{key}" for key in desired}:
        return False
    return all(_equal(value, live.get(key, _ABSENT), fields[f"f:{key}"]) for key, value in desired.items())


def _equal_items(desired: Sequence[object], live: Sequence[object], fields: Mapping[str, Any]) -> bool:
    """Whether a list that is merged item by item has just these items of ours, in this order."""
    names = item_names(fields)
    if len(names) != len(desired) or not all(name == ITSELF or is_item(name) for name in fields):
        return False
    places = []
    for item in desired:
        name = name_of(item, names)
        place = place_of(live, name) if name else -1
        if place < 0 or not _equal(item, live[place], fields[name]):
            return False
        places.append(place)
    # Twice the same place: two items of one key, of which the server would refuse one.
    return places == sorted(set(places))


def is_applied_here(live: ApiObject) -> bool:
    """Whether the collection has applied any field of the object, by whichever of its names."""
    entries = metadata_of(live).get("managedFields") or ()
    return any(str(entry.get("manager", "")).startswith(FIELD_MANAGER) and entry.get("operation") == "Apply" for entry in entries)


# ---- what differs ----------------------------------------------------------------------------------------------------


def same_object(live: ApiObject, predicted: ApiObject) -> bool:
    """Whether what an apply would make of an object is what it is: ownership of fields counts, the server's bookkeeping does not."""
    return _without_bookkeeping(live) == _without_bookkeeping(predicted)


def _without_bookkeeping(item: ApiObject) -> dict[str, Any]:
    metadata = {key: value for key, value in metadata_of(item).items() if key not in ("resourceVersion", "generation", "managedFields")}
    owners = [{key: value for key, value in entry.items() if key != "time"} for entry in metadata_of(item).get("managedFields") or ()]
    metadata["managedFields"] = sorted(owners, key=lambda entry: [str(entry.get(key)) for key in ("manager", "operation", "apiVersion")])
    return {**item, "metadata": metadata}


def shown(item: ApiObject | None) -> dict[str, Any]:
    """The object as people may see it: without status, without what the server keeps for itself, and without secrets."""
    if item is None:
        return {}
    metadata = {key: value for key, value in metadata_of(item).items() if key not in _SERVER_KEYS}
    if annotations := {key: value for key, value in annotations_of(item).items() if key != _CLIENT_APPLIED}:
        metadata["annotations"] = annotations
    else:
        metadata.pop("annotations", None)
    found = {key: value for key, value in item.items() if key != "status"}
    if item.get("kind") == "Secret":
        for part in ("data", "stringData"):
            if part in found:
                found[part] = dict.fromkeys(_mapping(found[part]), _WITHHELD)
    return {**found, "metadata": metadata}


def changed_fields(before: object, after: object, path: str = "") -> Iterator[str]:
    """Paths at which two objects differ, such as `spec.type`; of lists only the list."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from changed_fields(before.get(key, _ABSENT), after.get(key, _ABSENT), f"{path}.{key}" if path else str(key))
    elif before != after:
        yield path


# ---- fields that are left to others ----------------------------------------------------------------------------------


def without_fields(desired: ApiObject, paths: Iterable[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The object without these fields, and those of them that are no fields of its own or stand within a list.

    The paths are the server's: `.spec.type`, or `.metadata.labels.example.com/team` with dots in a key.
    """
    found: Any = desired
    stuck = []
    for path in paths:
        reached = _key_path(desired, path)
        if reached:
            found = _dropped(found, reached)
        else:
            stuck.append(path)
    return dict(found), tuple(stuck)


def _key_path(value: object, path: str) -> Sequence[str]:
    """The keys that lead to a field; empty where there is no such way."""
    if not isinstance(value, Mapping):
        return ()
    for key in value:
        head = f".{key}"
        if path == head:
            return (key,)
        if path.startswith(f"{head}.") and (tail := _key_path(value[key], path[len(head) :])):
            return (key, *tail)
    return ()


def _dropped(value: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    if keys[0] not in value:
        return dict(value)
    if len(keys) == 1:
        return {key: inner for key, inner in value.items() if key != keys[0]}
    return {key: _dropped(inner, keys[1:]) if key == keys[0] else inner for key, inner in value.items()}
