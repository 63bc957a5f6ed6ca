# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes by chance, to live objects by other hands and to what is desired: values, removed fields, items of lists, whole objects."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.counterparts.cluster import Answer, Cluster
from tests.integration.writing import APPLY, JSON_PATCH, Json, applied_by, path_of

Place = tuple[str | int, ...]
WORDS = ("Exists", "NoExecute", "Managed", "2", "1", "3Gi", "1000m", "1024Mi", "UDP", "ignored", "Egress")
"""Values that some field or other takes."""

OTHERS = ("kubectl-edit", "argocd-controller", "some-operator")
KEPT = frozenset({"apiVersion", "kind", "status"})
OF_SERVER = frozenset({"creationTimestamp", "generation", "managedFields", "name", "namespace", "resourceVersion", "uid"})
OF_CONTROLLERS = "deployment.kubernetes.io/revision"


@dataclass(frozen=True)
class Change:
    """What was changed, in words, and what is desired from then on."""

    words: str
    desired: Json


def places(value: object, place: Place = ()) -> Iterator[Place]:
    """Every field and item of an object that may be changed, inner ones included."""
    pairs: Iterator[tuple[str | int, object]]
    if isinstance(value, dict):
        skipped = KEPT if not place else OF_SERVER if place == ("metadata",) else frozenset()
        pairs = ((key, inner) for key, inner in value.items() if key not in skipped and key != OF_CONTROLLERS)
    elif isinstance(value, list):
        pairs = iter(enumerate(value))
    else:
        return
    for key, inner in pairs:
        if place or key != "metadata":
            yield (*place, key)
        yield from places(inner, (*place, key))


def at(item: Any, place: Place) -> Any:
    for step in place:
        item = item[step]
    return item


def pointer(place: Place) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def other_value(value: Any, chance: random.Random) -> Any:
    """Another value of the same make, often one that a server takes."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.randint(1, 3)
    if isinstance(value, str):
        return chance.choice([f"{value}x", *WORDS])
    if isinstance(value, list):
        return value[:-1] if chance.random() < 0.5 else value[::-1]
    return dict(list(value.items())[1:])


def changed(item: Json, place: Place, how: str, chance: random.Random) -> Json:
    """The object with one change."""
    found = copy.deepcopy(item)
    parent, last = at(found, place[:-1]), place[-1]
    if how == "remove":
        del parent[last]
    elif how == "repeat" and isinstance(parent, list):
        again = copy.deepcopy(parent[last])
        leaf = next((inner for inner in places(again) if isinstance(at(again, inner), (str, int))), ())
        if leaf:
            at(again, leaf[:-1])[leaf[-1]] = other_value(at(again, leaf), chance)
        else:
            again = other_value(again, chance)
        parent.insert(chance.randint(0, len(parent)), again)
    else:
        parent[last] = other_value(parent[last], chance)
    return found


def change_by_chance(cluster: Cluster, item: Json, chance: random.Random) -> Change | None:
    """One change, made by somebody else or wanted by us; None where the server does not take it."""
    ways: list[Callable[[Cluster, Json, random.Random], Change | None]] = [_edited, _applied, _wanted, _wanted_and_shared, _gone]
    return chance.choices(ways, weights=[12, 4, 3, 2, 1])[0](cluster, item, chance)


def _edited(cluster: Cluster, item: Json, chance: random.Random) -> Change | None:
    """A field of the live object, whoever it belongs to, edited; at times to and fro, so that only its owner changes."""
    live = cluster.client.get(path_of(item))
    place = chance.choice(list(places(live)))
    how = chance.choice(["change", "change", "remove", "repeat"])
    after = changed(live, place, how, chance)
    answer = _replaced(cluster, item, live, after)
    if answer.status >= 400 or answer.body["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]:
        return None
    back = ""
    if chance.random() < 0.15 and _replaced(cluster, item, after, live).status < 400:
        back = " and back"
    return Change(f"{how}{back} {pointer(place)} of {item['kind']}", item)


def _replaced(cluster: Cluster, item: Json, before: Json, after: Json) -> Answer:
    keys = [key for key in after if key not in KEPT and before.get(key) != after[key]]
    patch: Any = [{"op": "replace", "path": pointer((key,)), "value": after[key]} for key in keys if key != "metadata"]
    patch += [
        {"op": "add", "path": f"/metadata/{key}", "value": after["metadata"].get(key, {})}
        for key in ("labels", "annotations")
        if before["metadata"].get(key) != after["metadata"].get(key)
    ]
    patch += [{"op": "remove", "path": pointer((key,))} for key in before if key not in after]
    return cluster.request("PATCH", f"{path_of(item)}?fieldManager=kubectl-edit", patch, JSON_PATCH)


def _applied(cluster: Cluster, item: Json, chance: random.Random) -> Change | None:
    """The whole object with one change, applied by force by somebody else, whom the collection may respect."""
    place = chance.choice(list(places(item)))
    how = chance.choice(["change", "change", "remove", "repeat", "keep"])
    theirs = item if how == "keep" else changed(item, place, how, chance)
    manager = chance.choice(OTHERS)
    answer = applied_by(cluster, theirs, manager)
    return Change(f"{how} {pointer(place)} of {item['kind']} by {manager}", item) if answer.status < 400 else None


def _wanted(cluster: Cluster, item: Json, chance: random.Random) -> Change | None:
    """Another wish; nobody touches the live object."""
    place = chance.choice(list(places(item)))
    how = chance.choice(["change", "remove", "remove", "repeat"])
    wish = changed(item, place, how, chance)
    query = "dryRun=All&fieldManager=groundwork-readiness&fieldValidation=Strict&force=true"
    answer = cluster.request("PATCH", f"{path_of(item)}?{query}", wish, APPLY)
    return Change(f"wanted: {how} {pointer(place)} of {item['kind']}", wish) if answer.status < 400 else None


def _wanted_and_shared(cluster: Cluster, item: Json, chance: random.Random) -> Change | None:
    """Another wish, while somebody else has applied what was wanted before."""
    found = _wanted(cluster, item, chance)
    if found is None or applied_by(cluster, item, chance.choice(OTHERS)).status >= 400:
        return None
    return Change(f"shared, {found.words}", found.desired)


def _gone(cluster: Cluster, item: Json, _chance: random.Random) -> Change | None:
    cluster.request("DELETE", path_of(item)).checked()
    return Change(f"deleted {item['kind']}", item)
