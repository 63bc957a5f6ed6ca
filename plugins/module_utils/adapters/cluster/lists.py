# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of an API server, page by page, each page fetched while the one before it is used."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from queue import SimpleQueue
from typing import Any, Final
from urllib.parse import quote

from ...common.artifact import JsonRecord
from ...common.errors import ReadinessError
from .client import ApiConnection, ApiFault

EXPIRED: Final = 410
Page = list[JsonRecord]


def list_path(group: str, version: str, plural: str) -> str:
    """Where the objects of all namespaces are listed."""
    parts = ("apis", group, version, plural) if group else ("api", version, plural)
    return "/" + "/".join(quote(part, safe="") for part in parts)


def pages(connection: ApiConnection, path: str, query: Mapping[str, str], page_size: int) -> Iterator[Page]:
    """The pages of a list. Raises ApiFault where the server refuses; with code 410 the list has to be begun anew."""
    token = ""
    while True:
        turn = {"continue": token} if token else {}
        answer = connection.get(path, {**query, "limit": str(page_size), **turn})
        yield _items(connection, path, answer)
        metadata = answer.get("metadata")
        following = str(metadata.get("continue") or "") if isinstance(metadata, Mapping) else ""
        if not following:
            return
        if following == token:
            raise connection.error(f"the list {path} does not go on: the server gives the same page again")
        token = following


def _items(connection: ApiConnection, path: str, answer: JsonRecord) -> Page:
    items = answer.get("items")
    if items is None and str(answer.get("kind", "")).endswith("List"):
        return []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise connection.error(f"the answer to {path} is no list of objects")
    return items


class ListFeed:
    """One list, fetched by a thread of its own: at any time one page is used and one more is there or on its way.

    Iterate once; `close` ends the thread early. What went wrong there is raised here.
    """

    def __init__(self, connection: ApiConnection, path: str, query: Mapping[str, str], page_size: int) -> None:
        self._connection = connection
        self._arguments = (path, query, page_size)
        self._queue: SimpleQueue[Page | ApiFault | ReadinessError | None] = SimpleQueue()
        self._room = threading.Semaphore(1)
        self._is_closed = False
        self._is_whole = False
        self._thread = threading.Thread(target=self._fetch, name=f"list {path}", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while (page := self._queue.get()) is not None:
            if isinstance(page, (ApiFault, ReadinessError)):
                raise page
            self._room.release()
            page.reverse()
            while page:
                yield page.pop()
        if not self._is_whole:
            raise self._connection.error(f"the list {self._arguments[0]} ended for a reason that is not known")

    def close(self) -> None:
        """Lets the thread end after the request that it is at."""
        self._is_closed = True
        self._room.release()

    def _fetch(self) -> None:
        path, query, page_size = self._arguments
        try:
            source = pages(self._connection, path, query, page_size)
            while True:
                self._room.acquire()
                page = None if self._is_closed else next(source, None)
                if page is None:
                    break
                self._queue.put(page)
            self._is_whole = not self._is_closed
        except (ApiFault, ReadinessError) as error:
            self._queue.put(error)
        finally:
            self._queue.put(None)
