# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster for tests: the objects of the demo target, with lists exchanged or withheld."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.target.readings import BY_ID, RESOURCES
from ansible_collections.groundwork.readiness.plugins.module_utils.target.snapshot import TargetSnapshot

from tests.tools.generator.demo_target import KUBERNETES, NOT_SERVED, demo_objects
from tests.tools.generator.target_objects import ApiObject

Record = dict[str, Any]
Lists = Mapping[str, Iterable[ApiObject]]


@cache
def demo() -> Mapping[str, list[ApiObject]]:
    """Everything that the demo cluster lists, by resource."""
    return demo_objects()


def snapshot_of(lists: Lists, states: Mapping[str, str] | None = None) -> TargetSnapshot:
    """A snapshot of these lists; every other resource has its state of `states`, or is not served."""
    snapshot = TargetSnapshot()
    snapshot.server(KUBERNETES, ["apps"])
    for resource in RESOURCES:
        if states and resource.id in states:
            snapshot.note(resource, states[resource.id], "because")
        elif resource.id in lists:
            snapshot.take(resource, lists[resource.id])
        else:
            snapshot.note(resource, "absent")
    return snapshot


def records_of(lists: Lists, states: Mapping[str, str] | None = None) -> dict[tuple[str, str], Record]:
    """The records by kind and id."""
    return {(record["kind"], record["id"]): record for record in snapshot_of(lists, states).records()}


def demo_without(states: Mapping[str, str]) -> dict[tuple[str, str], Record]:
    """The records of the demo cluster with some lists withheld."""
    return records_of({key: items for key, items in demo().items() if key not in states}, states)


def only(kind: str, resource: str, *items: ApiObject, **others: Iterable[ApiObject]) -> Record:
    """The one record of a kind in a cluster that lists these objects."""
    named = {known: items for name, items in others.items() for known in BY_ID if known.partition(".")[0] == name}
    found = [record for (own, _id), record in records_of({resource: items, **named}).items() if own == kind]
    assert len(found) == 1
    return found[0]


__all__ = ["BY_ID", "NOT_SERVED", "Record", "demo", "demo_without", "only", "records_of", "snapshot_of"]
