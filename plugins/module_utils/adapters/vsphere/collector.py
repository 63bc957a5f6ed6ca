# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads many objects with few calls: first their ids, then their properties by explicit sets.

A set that fails costs that set alone, and a new session goes on where the former one ended. While one set is decoded and
used, the next one is fetched.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import suppress
from typing import Any, Final

from ...estate.vsphere.objects import ObjectRead, Reference, many
from .connection import Connection
from .narrowing import Narrowing, ReadProblem, without
from .pages import Asker, Batch, Batches, Page, batches_of
from .progress import Progress
from .service_versions import managed_class
from .soap import Fault, SoapFault

__all__ = ["Collector", "ReadProblem"]

PAGE_SIZE: Final = 400
SETS_AHEAD: Final = 2
"""Sets that are fetched, or wait to be decoded, while another one is used: what bounds the memory."""

_DIGITS: Final = re.compile(r"(\d+)")
_LISTINGS: Final = 3
"""Attempts to list the objects, since the list is lost with a session."""

_WAKE_SECONDS: Final = 1.0
"""So often who waits for a page looks up."""

_FEW: Final = 10
"""So many objects and more do not all fail unless something is wrong with the server as a whole."""

_HINT: Final = "The log of the server (vpxd.log) says more."


class Collector:
    """Reads over one connection. `problems` holds what could not be read, in the order in which it was found."""

    def __init__(self, connection: Connection, progress: Progress | None = None, page_size: int = PAGE_SIZE) -> None:
        self.problems: list[ReadProblem] = []
        self._connection = connection
        self._progress = progress or Progress()
        self._page_size = page_size
        self._type_of: dict[str, str] = {}
        self._asker = Asker(connection, self._type_of)
        self._narrowing = Narrowing(self._asker.reply, self.problems.append)
        self._was_answered = False

    def list_morefs(self, types: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """The ids of all objects below the root folder by type, in natural order (vm-9 before vm-10).

        An object stands under its own class where that was asked for, else under the nearest class above it that was.
        Raises ReadinessError where the server does not list them.
        """
        found: dict[str, list[str]] = {name: [] for name in types}
        for type_name, moref in self._listed(types):
            asked = _nearest(type_name, found)
            found.setdefault(asked, []).append(moref)
            if asked != type_name:
                self._type_of[moref] = type_name
        return {name: sorted(morefs, key=natural) for name, morefs in found.items()}

    def read(self, reads: Sequence[tuple[str, Sequence[str], Sequence[str]]]) -> Iterator[ObjectRead]:
        """Every object once, type by type in the order of `reads`: (type, property paths, ids).

        An object that is gone is left out and noted in `problems`. Raises ReadinessError where the server cannot be read.
        """
        total = sum(len(morefs) for _type, _paths, morefs in reads)
        self._progress.expect(total)
        for batches, pages in self._fetched(batches_of(reads, self._page_size)):
            for read in self._delivered(batches, pages):
                self._was_answered |= bool(read.values)
                self._progress.advance()
                yield read
        faults = [problem.reason for problem in self.problems if not problem.is_gone]
        if faults and not self._was_answered and total >= _FEW:
            raise self._connection.error(f"nothing can be read: {faults[0]}", "vcenter_fault", _HINT)

    def _fetched(self, calls: Iterator[Batches]) -> Iterator[tuple[Batches, list[Page]]]:
        """The answers in order, fetched ahead by another thread."""
        waiting: deque[tuple[Batches, Future[list[Page]]]] = deque()
        pool = ThreadPoolExecutor(1, "vcenter-fetch")
        try:
            for batches in calls:
                waiting.append((batches, pool.submit(self._asker.pages, batches)))
                if len(waiting) >= SETS_AHEAD:
                    yield _next_of(waiting)
            while waiting:
                yield _next_of(waiting)
        finally:
            if waiting:
                self._connection.stop()
            pool.shutdown(cancel_futures=True)
            self._connection.resume()

    def _delivered(self, batches: Batches, pages: list[Page]) -> Iterator[ObjectRead]:
        """The objects of one call as its pages are decoded, then those that are still lacking."""
        wanted = sum(len(batch.morefs) for batch in batches)
        given: set[str] = set()
        fault = None
        while pages:
            reply = self._asker.decode(pages.pop(0))
            fault = reply.fault
            for moref, read in reply.reads.items():
                if moref not in given:
                    given.add(moref)
                    yield read
        if len(given) < wanted:
            lacking = [without(batch, given) for batch in batches]
            yield from self._recovered([batch for batch in lacking if batch.morefs], fault if not given else None)

    def _recovered(self, batches: Sequence[Batch], fault: Fault | None) -> Iterator[ObjectRead]:
        """Objects that an answer lacks, asked for again; the fault is that of the whole answer, if it had one."""
        for batch in batches:
            reads = self._narrowing.split(batch, fault) if fault is not None and len(batches) == 1 else self._narrowing.read(batch)
            yield from (reads[moref] for moref in batch.morefs if moref in reads)

    def _listed(self, types: Sequence[str]) -> Sequence[Reference]:
        listed = self._view(types)
        for _attempt in range(1, _LISTINGS):
            if isinstance(listed, Fault):
                listed = self._view(types)
        if isinstance(listed, Fault):
            raise self._connection.error(f"its objects cannot be listed: {listed.reason}", "vcenter_fault", _HINT)
        return listed

    def _view(self, types: Sequence[str]) -> Sequence[Reference] | Fault:
        content = self._connection.content
        classes = [managed_class(name) for name in types]
        arguments: dict[str, Any] = {"container": content.rootFolder, "type": classes, "recursive": True}
        try:
            view = self._connection.invoke(content.viewManager, "CreateContainerView", **arguments).get("returnval")
        except SoapFault as error:
            return error.fault
        if not isinstance(view, Reference):
            return Fault("no list of its objects")
        reply = self._asker.reply((Batch(view.type, ("view",), (view.moref,)),))
        with suppress(SoapFault):
            self._connection.invoke(self._connection.managed(view), "DestroyView")
        read = reply.reads.get(view.moref)
        if reply.fault is not None or read is None or "view" in read.missing:
            return reply.fault or Fault("no list of its objects", read.missing["view"] if read else "")
        return [one for one in many(read.values, "view") if isinstance(one, Reference)]


def _next_of(waiting: deque[tuple[Batches, Future[list[Page]]]]) -> tuple[Batches, list[Page]]:
    batches, future = waiting[0]
    while not future.done():
        # A signal may reach the other thread: who waits without end would not hear of it.
        wait_for((future,), _WAKE_SECONDS)
    waiting.popleft()
    return batches, future.result()


def _nearest(type_name: str, asked: Mapping[str, object]) -> str:
    if type_name in asked:
        return type_name
    try:
        above = managed_class(type_name).__mro__
    except KeyError:
        return type_name
    names = (getattr(one, "_wsdlName", "") for one in above)
    return next((name for name in names if name in asked), type_name)


def natural(moref: str) -> list[tuple[int, str]]:
    """Sort key that has numbers in a text in the order of their values."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(moref)]
