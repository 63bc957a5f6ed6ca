# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the records of a target together from the lists of its API: each object is looked at once, in the order of its list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..common.artifact import JsonRecord, sort_key
from .completion import COMPLETIONS, cluster_record, virtualization_record
from .lists import MAPPINGS, Lists, Reading
from .model import FORBIDDEN, READ, READING_STATES
from .readings import RESOURCES, Resource
from .records import ordered


class TargetSnapshot:
    """A cluster while it is read.

    `take` a list that can be read, `note` one that cannot, and fetch the `records` when every resource of
    `readings.RESOURCES` was one or the other. The order of the calls, and of the objects in a list, does not matter.
    """

    def __init__(self) -> None:
        self._lists = Lists()
        self._git_version = ""
        self._api_groups: list[str] | None = None

    def server(self, git_version: str = "", api_groups: Iterable[str] | None = None) -> None:
        """Version of the API server as `/version` says it (`v1.34.4`), and the groups that it serves; empty and None for not known."""
        self._git_version = git_version
        self._api_groups = None if api_groups is None else sorted({group for group in api_groups if group})

    def take(self, resource: Resource, items: Iterable[Mapping[str, Any]]) -> int:
        """Takes a list in full and returns the number of its objects.

        Objects may lack `apiVersion` and `kind`, as they do in lists. What `items` raises goes through, and nothing of
        the list is kept then: `note` why, or `take` the list anew.
        """
        return self._lists.take(resource, items)

    def note(self, resource: Resource, state: str, reason: str = "", permission: str = "") -> None:
        """Says that a list could not be read: `state` is forbidden, absent or failed of `model.READING_STATES`.

        `reason` is in the server's words, `permission` what the account lacks (by default that of the resource, where it is
        forbidden). Raises ValueError for another state.
        """
        if state not in READING_STATES or state == READ:
            raise ValueError(f"{state} is no state of a list that was not read")
        lacking = (permission or resource.permission) if state == FORBIDDEN else ""
        self._lists.note(resource, Reading(state, 0, reason, lacking))

    def records(self) -> Iterator[JsonRecord]:
        """Every record, by kind and id. A resource that was neither taken nor noted counts as failed."""
        return (ordered(record) for record in sorted(self._all(), key=sort_key))

    def _all(self) -> Iterator[JsonRecord]:
        yield cluster_record(self._lists, self._git_version, self._api_groups)
        yield from self._lists.readings()
        for resource in RESOURCES:
            if resource.id in MAPPINGS:
                for record in self._lists.kept(resource.id, {}).values():
                    complete = COMPLETIONS.get(record["kind"])
                    yield complete(record, self._lists) if complete else record
        installed = virtualization_record(self._lists)
        if installed is not None:
            yield installed
