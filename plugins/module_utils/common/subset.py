# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server-side apply would make of an object, told without the server: for accounts that may only read.

A dry run needs the right to patch. What the server keeps of the ownership of fields tells nearly as much: whoever changes a
field takes it out of the hands of those who applied it with another value. So a field that is still ours is as it was applied,
but for what the server made of it: a default within it, another form of a quantity. What cannot be told is whether a field that
is given up has a default: it is named as one that changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .merged_lists import ITSELF, is_item, item_names, keys_of, name_of, place_of, shown_name
from .owned_fields import FIELD_MANAGER, ApiObject, applied_fields, changed_fields, metadata_of, owned_part
from .quantities import exact, text_of

Fields = Mapping[str, Any]
"""Ownership as fieldsV1 has it; empty for a field that is owned as a whole."""

Owners = Sequence[tuple[str, Fields]]
"""(manager, what it owns) of others than us."""

Path = tuple[str, ...]
"""Keys, and names of items in brackets."""

_ABSENT: Final = object()
_QUANTITIES: Final = frozenset(
    {"borrowingLimit", "cpu", "ephemeral-storage", "lendingLimit", "memory", "nominalQuota", "sizeLimit", "storage"}
)
_OF_QUANTITIES: Final = frozenset({"allocatable", "capacity", "hard", "limits", "overhead", "podFixed", "requests"})
"""Keys of mappings whose values are quantities."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an apply would make of a live object."""

    object: ApiObject
    """as it would be, but for ownership"""
    conflicts: tuple[tuple[str, str], ...]
    """(field manager, field) of the fields that others own and that would change, if only in their form"""
    moves: bool
    """whether the ownership of fields would change"""
    differs: bool
    """whether anything else would"""


def outlook(desired: ApiObject, live: ApiObject, manager: str = FIELD_MANAGER, *, as_applied: bool = False) -> Outlook:
    """What would become of the live object, and who would have to give up what.

    With `as_applied` the desired object is known to be what was applied: what a field that is ours has beyond it, the server added.
    """
    found = applied_fields(live, manager)
    owned = found[1] if found else None
    merge = _Merge(as_applied=as_applied)
    wanted = owned_part(desired)
    made = merge.mapping(wanted, live, owned, _others(live, manager), ())
    moves = found is None or found[0] != desired.get("apiVersion") or not _owns(wanted, found[1])
    return Outlook(made, tuple(dict.fromkeys(merge.conflicts)), moves or bool(merge.conflicts), made != live)


def drift(
    desired: ApiObject, live: ApiObject, owned: Fields | None = None, others: Owners = (), *, as_applied: bool = False
) -> tuple[str, ...]:
    """Paths at which the live object does not have what is desired, or still has what is ours and desired no more.

    `owned` is what we have applied, None for nothing; `others` is what keeps a field there that we give up; `as_applied` is that
    of `outlook`. Of lists only the list is named.
    """
    return tuple(changed_fields(live, _Merge(as_applied=as_applied).mapping(owned_part(desired), live, owned, others, ())))


def _others(live: ApiObject, manager: str) -> Owners:
    found = []
    for entry in metadata_of(live).get("managedFields") or ():
        is_own = entry.get("manager") == manager and entry.get("operation") == "Apply" and not entry.get("subresource")
        if not is_own and isinstance(entry.get("fieldsV1"), Mapping):
            found.append((str(entry.get("manager") or ""), entry["fieldsV1"]))
    return found


def _within(owners: Owners, name: str) -> Owners:
    return [(manager, fields[name]) for manager, fields in owners if name in fields]


# ---- whose fields they are -------------------------------------------------------------------------------------------


def _owns(desired: object, fields: Fields) -> bool:
    """Whether just the desired fields are owned."""
    names = [name for name in fields if name != ITSELF]
    if isinstance(desired, Mapping) and desired and names:
        return set(names) == {f"f:{key}" for key in desired} and all(_owns(value, fields[f"f:{key}"]) for key, value in desired.items())
    if isinstance(desired, list) and names:
        items = {name_of(item, names): item for item in desired}
        return len(desired) == len(names) == len(items) and all(name and _owns(item, fields[name]) for name, item in items.items())
    return not names


def _is_whole(owned: Fields | None, others: Owners, live: Mapping[str, Any]) -> bool:
    """Whether a mapping is set as a whole: an owner has all of it, and none has a part."""
    trees = [fields for fields in (owned, *(fields for _manager, fields in others)) if fields is not None]
    return (
        bool(live)
        and bool(trees)
        and not any(name != ITSELF for fields in trees for name in fields)
        and any(not fields for fields in trees)
    )


# ---- what would be there ---------------------------------------------------------------------------------------------


class _Merge:
    """One object merged into another one. A value that is as desired already stays in the form that it has."""

    def __init__(self, *, as_applied: bool) -> None:
        self.conflicts: list[tuple[str, str]] = []
        self._as_applied = as_applied

    def mapping(
        self, desired: Mapping[str, Any], live: Mapping[str, Any], owned: Fields | None, others: Owners, path: Path
    ) -> dict[str, Any]:
        """The live mapping with what is desired, and without what is ours and desired no more."""
        found = dict(live)
        for key, value in desired.items():
            name = f"f:{key}"
            mine = None if owned is None else owned.get(name)
            made = self._value(value, live.get(key, _ABSENT), mine, _within(others, name), (*path, str(key)))
            if made is not _ABSENT:
                found[key] = made
        for name, fields in (owned or {}).items():
            key = name[2:]
            if name.startswith("f:") and key not in desired and key in found:
                rest = _given_up(found[key], fields, _within(others, name))
                if rest is _ABSENT:
                    del found[key]
                else:
                    found[key] = rest
        return found

    def _value(self, desired: Any, live: Any, owned: Fields | None, others: Owners, path: Path) -> Any:
        if live is _ABSENT:
            # The server leaves out what is empty; somebody who had removed it would have it out of our hands as well.
            return _ABSENT if owned is not None and _is_nothing(desired) else desired
        if isinstance(desired, Mapping) and isinstance(live, Mapping) and not _is_whole(owned, others, live):
            return self.mapping(desired, live, owned, others, path)
        if isinstance(desired, list) and isinstance(live, list):
            names = item_names(name for fields in (owned or {}, *(fields for _manager, fields in others)) for name in fields)
            if names:
                return self._items(desired, live, owned, others, path, names)
        if live == desired:
            return live
        self.conflicts += [(manager, _text(path)) for manager, fields in others if not fields or ITSELF in fields]
        return live if _covers(live, desired, path[-2:], exactly=owned is None or not self._as_applied) else desired

    def _items(
        self, desired: list[Any], live: list[Any], owned: Fields | None, others: Owners, path: Path, names: Sequence[str]
    ) -> list[Any]:
        """A list that is merged item by item. Items of ours keep their order; where further ones would come to stand is not told."""
        found = list(live)
        places: list[int] = []
        added = []
        for item in desired:
            name = name_of(item, names)
            place = place_of(live, name) if name else _place_of_like(live, item, names)
            if place < 0:
                added.append(item)
                continue
            name = name or name_of(live[place], names)
            mine = None if owned is None else owned.get(name)
            within = _within(others, name)
            found[place] = self._value(item, live[place], mine, within, (*path, shown_name(name)) if name else path)
            places.append(place)
        in_order = [found[place] for place in places]
        for place, item in zip(sorted(places), in_order, strict=True):
            found[place] = item
        gone = [name for name in item_names(owned or ()) if not any(name_of(item, names) == name for item in desired)]
        return [*_without_items(found, gone, owned or {}, others), *added]


def _place_of_like(live: Sequence[Any], item: Any, names: Sequence[str]) -> int:
    """Where an item with the same keys stands, should no name mean it; -1 for nowhere."""
    keyed = next((name for name in names if name.startswith("k:")), "")
    if not keyed or not isinstance(item, Mapping):
        return next((place for place, each in enumerate(live) if each == item), -1)
    keys = [key for key in keys_of(keyed) if key in item]
    alike = (place for place, each in enumerate(live) if isinstance(each, Mapping) and all(each.get(key) == item[key] for key in keys))
    return next(alike, -1) if keys else -1


def _given_up(live: Any, fields: Fields, others: Owners) -> Any:
    """What stays of a value when these fields of it are ours no more: what others own too, and what was never ours."""
    inner = [name for name in fields if name != ITSELF]
    if isinstance(live, Mapping) and inner:
        found = dict(live)
        for name in inner:
            key = name[2:]
            if key in found:
                rest = _given_up(found[key], fields[name], _within(others, name))
                if rest is _ABSENT:
                    del found[key]
                else:
                    found[key] = rest
        return found if found or others else _ABSENT
    if isinstance(live, list) and any(is_item(name) for name in inner):
        items = _without_items(live, item_names(inner), fields, others)
        return items if items or others else _ABSENT
    return live if others else _ABSENT


def _without_items(items: list[Any], names: Iterable[str], fields: Fields, others: Owners) -> list[Any]:
    found = list(items)
    for name in names:
        place = place_of(found, name)
        if place < 0:
            continue
        within = _within(others, name)
        if within and name.startswith("k:"):
            found[place] = _given_up(found[place], fields[name], within)
        elif not within:
            del found[place]
    return found


def _text(path: Path) -> str:
    """The path as the server writes it: `.spec.ports[name="web"].port`."""
    return "".join(step if step.startswith("[") else f".{step}" for step in path)


def _is_nothing(value: Any) -> bool:
    return value is None or value in (False, 0, "") or (isinstance(value, (Mapping, list)) and not value)


def _covers(live: Any, desired: Any, keys: Path, *, exactly: bool) -> bool:
    """Whether the live value has what is desired; unless `exactly`, it may have more in mappings within it."""
    if isinstance(desired, Mapping) and isinstance(live, Mapping):
        if exactly and set(live) - set(desired):
            return False
        return all(
            _covers(live[key], value, (*keys[-1:], str(key)), exactly=exactly) if key in live else not exactly and _is_nothing(value)
            for key, value in desired.items()
        )
    if isinstance(desired, list) and isinstance(live, list):
        return len(live) == len(desired) and all(
            _covers(one, other, keys, exactly=exactly) for one, other in zip(live, desired, strict=True)
        )
    return bool(live == desired) or (_is_quantity(keys) and _same_quantity(live, desired))


def _is_quantity(keys: Path) -> bool:
    return bool(keys) and (keys[-1] in _QUANTITIES or (len(keys) > 1 and keys[-2] in _OF_QUANTITIES))


def _same_quantity(one: Any, other: Any) -> bool:
    found = exact(text_of(one))
    return found is not None and found == exact(text_of(other))
