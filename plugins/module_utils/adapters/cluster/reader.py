# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a target cluster: one list for each resource of the catalogue, two of them fetched at a time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import Final

from ...common.artifact import JsonRecord, sort_key
from ...target.readings import RESOURCES
from ...target.snapshot import TargetSnapshot
from ..cluster_arguments import ClusterSettings
from .access import open_access
from .client import ApiConnection, ApiFault, Timing
from .discovery import Discovery
from .listing import Listing

ATTEMPTS: Final = 5


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
    snapshot.server(server_version(connection), discovery.groups)
    Listing(connection, snapshot, page_size).read([(resource, discovery.find(resource)) for resource in RESOURCES])
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


def server_version(connection: ApiConnection) -> str:
    """Version of the API server such as v1.34.4; empty where the server does not tell it."""
    try:
        return str(connection.get("/version").get("gitVersion") or "")
    except ApiFault:
        return ""
