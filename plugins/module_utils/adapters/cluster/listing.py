# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of many resources, taken one after the other while the next ones are fetched: what cannot be read is told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from ...common.errors import ReadinessError
from ...target.model import ABSENT, FAILED, FORBIDDEN
from ...target.readings import Resource
from .client import ApiConnection, ApiFault
from .crew import LOCAL_TROUBLE
from .discovery import Served
from .lists import EXPIRED, ListFeed, list_path

FRESH_STARTS: Final = 3
"""How often a list is begun anew whose pages the server forgot meanwhile."""

AT_A_TIME: Final = 2


class Sink(Protocol):
    """Who takes the lists."""

    def take(self, resource: Resource, items: Iterable[Mapping[str, Any]]) -> int:
        """Takes a list in full and returns the number of its objects; what `items` raises goes through, and nothing is kept then."""

    def note(self, resource: Resource, state: str, reason: str = "") -> None:
        """Hears that a list could not be read, and why."""


class Listing:
    """Reads resources into a sink, each with one paged list over all namespaces."""

    def __init__(self, connection: ApiConnection, sink: Sink, page_size: int) -> None:
        self._connection = connection
        self._sink = sink
        self._page_size = page_size

    def read(self, served: Sequence[tuple[Resource, Served]]) -> None:
        """Takes every list, or notes why not."""
        for resource, where in served:
            if not where.version:
                self._sink.note(resource, ABSENT if where.is_absent else FAILED, where.reason)
        waiting = [(resource, where.version) for resource, where in served if where.version]
        feeds: dict[str, ListFeed] = {}
        try:
            for place, (resource, version) in enumerate(waiting):
                for ahead, its_version in waiting[place : place + AT_A_TIME]:
                    if ahead.id not in feeds:
                        feeds[ahead.id] = self._feed(ahead, its_version)
                self._take(resource, version, feeds[resource.id])
        finally:
            for feed in feeds.values():
                feed.close()

    def _feed(self, resource: Resource, version: str) -> ListFeed:
        selectors = {"labelSelector": resource.label_selector, "fieldSelector": resource.field_selector}
        query = {name: value for name, value in selectors.items() if value}
        return ListFeed(self._connection, list_path(resource.group, version, resource.plural), query, self._page_size)

    def _take(self, resource: Resource, version: str, feed: ListFeed) -> None:
        for start in range(FRESH_STARTS + 1):
            try:
                self._sink.take(resource, feed)
            except ApiFault as fault:
                if fault.code != EXPIRED or start == FRESH_STARTS:
                    self._sink.note(resource, *state_of(fault, resource))
                    return
            except ReadinessError as error:
                self._judge(resource, error)
                return
            else:
                return
            finally:
                feed.close()
            feed = self._feed(resource, version)

    def _judge(self, resource: Resource, error: ReadinessError) -> None:
        """Notes a resource that alone has trouble. Raises the error where it is that of the whole server."""
        if error.code not in LOCAL_TROUBLE or not self._connection.reaches_the_server():
            raise error
        self._sink.note(resource, FAILED, error.message.removeprefix(f"{self._connection.access.place}: "))


def state_of(fault: ApiFault, resource: Resource) -> tuple[str, str]:
    """How a list came out, and why, for a refusal of the server."""
    if fault.code == 403:
        return FORBIDDEN, fault.message
    if fault.code == 404:
        return ABSENT, f"the cluster does not serve {resource.id}"
    if fault.code == EXPIRED:
        return FAILED, f"the server forgot the list before it was read, {FRESH_STARTS + 1} times: {fault.message}"
    return FAILED, fault.message
