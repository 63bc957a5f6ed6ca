# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a target cluster: one list for each resource of the catalogue, two of them fetched at a time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Final

from ...common.artifact import JsonRecord, sort_key
from ...common.errors import ReadinessError
from ...target.model import ABSENT, FAILED, FORBIDDEN
from ...target.readings import RESOURCES, Resource
from ...target.snapshot import TargetSnapshot
from ..cluster_arguments import ClusterSettings
from .access import open_access
from .client import ApiConnection, ApiFault, Timing
from .discovery import Discovery, Served
from .lists import EXPIRED, ListFeed, list_path

ATTEMPTS: Final = 5
FRESH_STARTS: Final = 3
"""How often a list is begun anew whose pages the server forgot meanwhile."""

AT_A_TIME: Final = 2
_LOCAL_TROUBLE: Final = frozenset({"cluster_unreachable", "cluster_protocol"})
"""Errors that may be those of one resource alone, as where an extension server behind the API server hangs."""


def connect(settings: ClusterSettings) -> ApiConnection:
    """A connection to the cluster of the settings; a context manager."""
    timing = Timing(settings.request_timeout_seconds, settings.deadline_minutes * 60, ATTEMPTS)
    return ApiConnection(open_access(settings), timing)


def read_target(connection: ApiConnection, page_size: int = 500) -> Iterator[JsonRecord]:
    """Every record of the target, by kind and id, once all has been read.

    What the account may not list, what the cluster does not serve and what failed stands in the records of kind `reading`.
    Raises ReadinessError where the server cannot be read at all.
    """
    snapshot = TargetSnapshot()
    discovery = Discovery(connection)
    snapshot.server(_server_version(connection), discovery.groups)
    _TargetReading(connection, snapshot, page_size).read([(resource, discovery.find(resource)) for resource in RESOURCES])
    yield from heapq.merge(snapshot.records(), notices(connection), key=sort_key)


def notices(connection: ApiConnection) -> Iterator[JsonRecord]:
    """What has to be known of the connection."""
    access = connection.access
    if not access.encrypted:
        message = f"{access.place} was read over a connection that is not encrypted"
        yield _notice("connection_not_encrypted", message, "give host as https://")
    elif not access.validate_certs:
        message = f"the certificate of {access.place} was not checked, so that nobody knows which server answered"
        yield _notice("certificate_not_checked", message, "give ca_cert, and leave validate_certs true")


def _notice(code: str, message: str, remedy: str) -> JsonRecord:
    return {"kind": "notice", "id": code, "code": code, "message": message, "remedy": remedy}


def _server_version(connection: ApiConnection) -> str:
    """Empty where the server does not tell it."""
    try:
        return str(connection.get("/version").get("gitVersion") or "")
    except ApiFault:
        return ""


class _TargetReading:
    """Lists resources into a snapshot."""

    def __init__(self, connection: ApiConnection, snapshot: TargetSnapshot, page_size: int) -> None:
        self._connection = connection
        self._snapshot = snapshot
        self._page_size = page_size

    def read(self, served: Sequence[tuple[Resource, Served]]) -> None:
        """Takes every list, or notes why not."""
        for resource, where in served:
            if not where.version:
                self._snapshot.note(resource, ABSENT if where.is_absent else FAILED, where.reason)
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
                self._snapshot.take(resource, feed)
            except ApiFault as fault:
                if fault.code != EXPIRED or start == FRESH_STARTS:
                    self._snapshot.note(resource, *_state_of(fault, resource))
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
        if error.code not in _LOCAL_TROUBLE or not self._connection.reaches_the_server():
            raise error
        self._snapshot.note(resource, FAILED, error.message.removeprefix(f"{self._connection.access.place}: "))


def _state_of(fault: ApiFault, resource: Resource) -> tuple[str, str]:
    """How a list came out, and why, for a refusal of the server."""
    if fault.code == 403:
        return FORBIDDEN, fault.message
    if fault.code == 404:
        return ABSENT, f"the cluster does not serve {resource.id}"
    if fault.code == EXPIRED:
        return FAILED, f"the server forgot the list before it was read, {FRESH_STARTS + 1} times: {fault.message}"
    return FAILED, fault.message
