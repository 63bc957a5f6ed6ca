# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API objects as they come, and the draft of a record that is made of one: fact by fact, with a reason for each that is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any, Final, TypeAlias

from ..common.artifact import JsonRecord
from .quantities import millis, whole

ApiObject: TypeAlias = Mapping[str, Any]
Path: TypeAlias = str
"""Keys with dots between them; keys that have dots themselves are never looked up this way."""

_WORDS: Final[Mapping[type, str]] = {str: "a text", int: "a whole number", bool: "true or false", dict: "a mapping", list: "a list"}


def at(item: Any, path: Path) -> Any:
    """What stands at a path of nested mappings; None where nothing does."""
    for key in path.split("."):
        if item.__class__ is not dict:
            return None
        item = item.get(key)
    return item


def map_at(item: Any, path: Path) -> dict[str, Any]:
    """The mapping at a path; empty where there is none."""
    found = at(item, path)
    return found if found.__class__ is dict else {}


def maps_at(item: Any, path: Path) -> list[dict[str, Any]]:
    """The mappings of the list at a path."""
    found = at(item, path)
    return [entry for entry in found if entry.__class__ is dict] if found.__class__ is list else []


def text_at(item: Any, path: Path) -> str:
    """The text at a path; empty where there is none."""
    found = at(item, path)
    return found if found.__class__ is str else ""


def texts_at(item: Any, path: Path) -> list[str]:
    """The texts of the list at a path, in its order."""
    found = at(item, path)
    return [entry for entry in found if entry.__class__ is str] if found.__class__ is list else []


def text_map(value: Any) -> dict[str, str]:
    """The entries of a mapping that are texts, sorted by key."""
    return {key: value[key] for key in sorted(value) if value[key].__class__ is str} if value.__class__ is dict else {}


def name_of(item: ApiObject) -> str:
    """Name of an object."""
    return text_at(item, "metadata.name")


def namespace_of(item: ApiObject) -> str:
    """Namespace of an object; empty for one that has none."""
    return text_at(item, "metadata.namespace")


def labels_of(item: ApiObject) -> dict[str, str]:
    """Labels of an object."""
    return text_map(at(item, "metadata.labels"))


def annotations_of(item: ApiObject) -> dict[str, str]:
    """Annotations of an object."""
    return text_map(at(item, "metadata.annotations"))


def id_of(item: ApiObject) -> str:
    """`namespace/name`, or the name of an object without a namespace."""
    namespace = namespace_of(item)
    return f"{namespace}/{name_of(item)}" if namespace else name_of(item)


def reference(value: Any, namespace: str = "") -> str:
    """What an object reference names, as `namespace/name`; empty for none. A reference without namespace means the object's own."""
    name = text_at(value, "name")
    return f"{text_at(value, 'namespace') or namespace}/{name}" if name else ""


def moment(value: Any) -> str:
    """A moment (RFC 3339) in UTC, as `2026-10-01T22:00:00Z`; empty for what is none."""
    if value.__class__ is not str:
        return ""
    try:
        found = datetime.fromisoformat(value[:-1] + "+00:00" if value[-1:] in ("Z", "z") else value)
    except ValueError:
        return ""
    return found.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if found.tzinfo else ""


def seconds_between(begin: str, end: str) -> float | None:
    """Seconds between two moments; None where one is missing or they stand the wrong way round."""
    first, last = moment(begin), moment(end)
    if not first or not last or last < first:
        return None
    return (datetime.fromisoformat(last[:-1]) - datetime.fromisoformat(first[:-1])).total_seconds()


def true_conditions(item: Any, path: Path = "status.conditions") -> dict[str, dict[str, Any]]:
    """Conditions that are True, by type."""
    found = {text_at(entry, "type"): entry for entry in maps_at(item, path) if is_true(entry.get("status"))}
    return {kind: found[kind] for kind in sorted(found) if kind}


def is_true(value: Any) -> bool:
    """True for true as JSON, Kubernetes and Ansible write it."""
    return value is True or (value.__class__ is str and value.lower() in ("true", "yes"))


class Draft:
    """The record of one object while its facts are put in."""

    def __init__(self, kind: str, item: ApiObject, labels: Mapping[str, str] | None = None) -> None:
        self.item = item
        self.namespace = namespace_of(item)
        self._unknown: dict[str, str] = {}
        self._record: JsonRecord = {"kind": kind, "id": id_of(item), "name": name_of(item)}
        if self.namespace:
            self._record["namespace"] = self.namespace
        if uid := text_at(item, "metadata.uid"):
            self._record["uid"] = uid
        if labels is not None:
            self._record["labels"] = dict(labels)

    def put(self, fact: str, value: Any) -> None:
        """A fact as it is."""
        self._record[fact] = value

    def unknown(self, fact: str, reason: str) -> None:
        """A fact that nobody knows, and why."""
        self._unknown[fact] = reason

    def text(self, fact: str, path: Path, default: str | None = None) -> None:
        """A text of the object; without a default it is unknown where the object does not have it."""
        self._take(fact, path, str, default)

    def flag(self, fact: str, path: Path, default: bool | None = None) -> None:
        """A true or false of the object."""
        self._take(fact, path, bool, default)

    def count(self, fact: str, path: Path, default: int | None = None) -> None:
        """A whole number of the object; digits in a text count as one, as older operators wrote them."""
        found = at(self.item, path)
        if found.__class__ is str and found.isascii() and found.isdigit() and len(found) < 19:
            self.put(fact, int(found))
        else:
            self._take(fact, path, int, default)

    def reference(self, fact: str, path: Path) -> None:
        """A reference to another object, as `namespace/name`; empty for none."""
        self.put(fact, reference(at(self.item, path), self.namespace))

    def condition(self, fact: str, kind: str) -> None:
        """Whether a condition is True; unknown where the object has no conditions yet."""
        if maps_at(self.item, "status.conditions"):
            self.put(fact, kind in true_conditions(self.item))
        else:
            self.unknown(fact, "the object has no conditions yet")

    def quantity(self, fact: str, value: Any, place: str, *, milli: bool = False) -> None:
        """A quantity in whole base units, or in thousandths of them."""
        found = millis(value) if milli else whole(value)
        if found is None:
            self.unknown(fact, f"{place} is no quantity" if value is not None else f"the object has no {place}")
        else:
            self.put(fact, found)

    def quantities(self, fact: str, values: Any, place: str) -> None:
        """A mapping of quantities in base units: millicores for CPU, else bytes or objects."""
        entries = values if values.__class__ is dict else {}
        found = {name: base_units(name, entries[name]) for name in sorted(entries)}
        wrong = [name for name, value in found.items() if value is None]
        if wrong:
            self.unknown(fact, f"{place}: {wrong[0]} is no quantity")
        else:
            self.put(fact, found)

    def conditions(self, fact: str) -> None:
        """The conditions that are True with their category; unknown where the object has none yet."""
        if maps_at(self.item, "status.conditions"):
            self.put(fact, {kind: text_at(entry, "category") for kind, entry in true_conditions(self.item).items()})
        else:
            self.unknown(fact, "the object has no conditions yet")

    def record(self) -> JsonRecord:
        """The record as far as it is known."""
        if self._unknown:
            self._record["unknown"] = dict(sorted(self._unknown.items()))
        return self._record

    def _take(self, fact: str, path: Path, wanted: type, default: Any) -> None:
        found = at(self.item, path)
        if found.__class__ is wanted:
            self.put(fact, found)
        elif found is not None:
            self.unknown(fact, f"{path} is not {_WORDS[wanted]}")
        elif default is not None:
            self.put(fact, default)
        else:
            self.unknown(fact, f"the object has no {path}")


def base_units(resource: str, quantity: Any) -> int | None:
    """A quantity in the unit that its resource is counted in: millicores for CPU, else bytes or objects."""
    return millis(quantity) if resource.rpartition(".")[2] == "cpu" else whole(quantity)


def kept(labels: Mapping[str, str], prefixes: Iterable[str]) -> dict[str, str]:
    """The labels whose keys begin with one of the prefixes."""
    wanted = tuple(prefixes)
    return {key: value for key, value in labels.items() if key.startswith(wanted)}
