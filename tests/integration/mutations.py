# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutations of live objects, drawn by a seed: of fields that the collection has applied, of whole objects, and objects that are extra."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.counterparts.cluster import Cluster

Json = dict[str, Any]
MANAGER = "groundwork-readiness"
APPLY = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"


@dataclass(frozen=True, slots=True)
class Target:
    """A live object, and where it is."""

    path: str
    item: Json

    @property
    def text(self) -> str:
        """As findings name it."""
        metadata = self.item["metadata"]
        place = f"{metadata['namespace']}/" if "namespace" in metadata else ""
        return f"{self.item['kind']} {place}{metadata['name']}"


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is done to an object behind the collection's back."""

    kind: str
    """value, removal, deletion, item, foreign, addition"""
    target: Target
    field: tuple[str, ...] = ()
    value: Any = None

    @property
    def text(self) -> str:
        """For people who read why a test failed."""
        return f"{self.kind} {self.target.text} {'.'.join(self.field)}"

    def inflict(self, site: Cluster) -> bool:
        """Does it as the administrator; False where the server refuses, or nothing came of it."""
        before = site.request("GET", self.target.path).body
        answer = {
            "deletion": lambda: site.request("DELETE", self.target.path),
            "removal": lambda: self._patch(site, [{"op": "remove", "path": self._pointer}]),
            "foreign": lambda: self._applied(site),
            "addition": lambda: self._patch(site, [{"op": "add", "path": self._pointer, "value": self.value}]),
        }.get(self.kind, lambda: self._patch(site, [{"op": "replace", "path": self._pointer, "value": self.value}]))()
        if answer.status >= 400:
            return False
        after = site.request("GET", self.target.path)
        return after.status == 404 or _bare(after.body) != _bare(before)

    @property
    def _pointer(self) -> str:
        return "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in self.field)

    def _patch(self, site: Cluster, operations: Sequence[Json]) -> Any:
        return site.request("PATCH", f"{self.target.path}?fieldManager=somebody", operations, JSON_PATCH)

    def _applied(self, site: Cluster) -> Any:
        """Another manager applies the field, by force."""
        inner: Any = self.value
        for key in reversed(self.field):
            inner = {key: inner}
        item = self.target.item
        named = {key: item["metadata"][key] for key in ("name", "namespace") if key in item["metadata"]}
        body = {**inner, "apiVersion": item["apiVersion"], "kind": item["kind"]}
        body["metadata"] = {**body.get("metadata", {}), **named}
        return site.request("PATCH", f"{self.target.path}?fieldManager=somebody-else&force=true", body, APPLY)


def _bare(item: Json) -> Json:
    """An object without what the server keeps for itself."""
    metadata = {key: value for key, value in item["metadata"].items() if key not in ("managedFields", "resourceVersion", "generation")}
    return {**item, "metadata": metadata}


def owned(item: Json) -> Iterator[tuple[tuple[str, ...], Any, bool]]:
    """Every leaf that the collection has applied, its value, and whether others may add to it: lists that are sets or maps."""
    entries = [
        one for one in item["metadata"].get("managedFields", ()) if one["manager"].startswith(MANAGER) and one["operation"] == "Apply"
    ]
    for entry in entries:
        yield from _leaves(entry["fieldsV1"], item, ())


def _leaves(fields: Mapping[str, Any], value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, bool]]:
    inner = {key: child for key, child in fields.items() if key.startswith("f:")}
    if not inner or not isinstance(value, dict):
        yield path, value, any(key.startswith(("k:", "v:")) for key in fields)
        return
    for key, child in inner.items():
        name = key.removeprefix("f:")
        if name in value:
            yield from _leaves(child, value[name], (*path, name))


def other(value: Any, rng: Random) -> Any:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + rng.randint(1, 5)
    if isinstance(value, str):
        return rng.choice(["Removed", "other", f"{value}-x", "1"])
    if isinstance(value, dict):
        return {**value, "somebody": "else"}
    if isinstance(value, list):
        return value[:-1]
    return "other"


def with_item(value: Sequence[Any], rng: Random) -> list[Any]:
    """The list with one item more."""
    if value and isinstance(value[0], dict):
        added = copy.deepcopy(rng.choice(value))
        for key in added:
            if isinstance(added[key], str) and key in ("key", "name", "identifier"):
                added[key] = f"{added[key]}-x"
        return [*value, added]
    return [*value, rng.choice(["Pod", "Deployment", "StatefulSet", "somebody"])]


def draw(rng: Random, targets: Sequence[Target]) -> Mutation:
    """A mutation of one of these objects."""
    target = rng.choice(targets)
    if rng.random() < 0.15:
        return Mutation("deletion", target)
    leaves = sorted(owned(target.item), key=lambda leaf: leaf[0])
    field, value, is_shared = rng.choice(leaves)
    makers: list[Callable[[], Mutation]] = [
        lambda: Mutation("value", target, field, other(value, rng)),
        lambda: Mutation("removal", target, field),
        lambda: Mutation("foreign", target, field, other(value, rng)),
    ]
    if isinstance(value, list) and not is_shared:
        makers.append(lambda: Mutation("item", target, field, with_item(value, rng)))
    return rng.choice(makers)()
