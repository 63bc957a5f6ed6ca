# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one call of the property collector asks for, and what its answer says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any, Final

from ...estate.vsphere.objects import ObjectRead
from .._libraries import pyVmomi
from .connection import NOT_LOGGED_IN, SESSIONS_END, SESSIONS_HINT, Connection
from .plain_pages import PlainPages
from .service_versions import managed_class
from .soap import BrokenXml, Fault, Refused, SoapError, SoapFault, read_page

_TOKEN: Final = re.compile(rb"<(?:\w+:)?token>([^<>&]+)</")
_HEAD_BYTES: Final = 4096
"""The token stands before the objects, as the API's WSDL has them."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Objects of one type, and the property paths to be read of them. Ids are those of the answers, types too."""

    type: str
    paths: tuple[str, ...]
    morefs: tuple[str, ...]

    def of(self, morefs: Iterable[str]) -> Batch:
        """The same for some of the objects."""
        return replace(self, morefs=tuple(morefs))

    def with_paths(self, paths: Iterable[str]) -> Batch:
        """The same with other paths."""
        return replace(self, paths=tuple(paths))


Batches = tuple[Batch, ...]
"""What one call asks for."""


@dataclass(frozen=True, slots=True)
class Page:
    """The answer to one call, or its fault: what was asked for, and the login under which."""

    batches: Batches
    login: int
    chunks: Sequence[bytes] = field(repr=False, default=())
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What was read of some batches, by id; what is lacking there was not answered, because of the fault where there is one.

    `expired` are objects that the server did not answer for because the session had ended.
    """

    reads: Mapping[str, ObjectRead]
    fault: Fault | None = None
    expired: frozenset[str] = frozenset()


STEPS_FROM: Final = 100
"""Smaller pages are not made smaller still."""


def sizes_of(total: int, page_size: int) -> Iterator[int]:
    """How many objects each call asks for.

    The first calls and the last ones are small: nothing can be decoded before the first answer is there, nor be fetched
    while the last one is decoded.
    """
    least = page_size if page_size < STEPS_FROM else page_size // 4
    size, left = least, total
    while left > 0:
        # The last calls ask for half of what is left.
        share = size if left > 2 * page_size else min(size, max(least, (left + 1) // 2))
        yield min(share, left)
        left -= min(share, left)
        size = min(page_size, size * 2)


def batches_of(reads: Sequence[tuple[str, Sequence[str], Sequence[str]]], page_size: int) -> Iterator[Batches]:
    """Calls of at most `page_size` objects each; types share a call where they are small.

    The last type, of which there are the most, shares none: what stands before it is answered at once, and taken in while
    the first objects of the last type are fetched. Some servers are slow besides to answer for several types in one call.
    """
    yield from _calls(reads[:-1], repeat(page_size))
    yield from _calls(reads[-1:], sizes_of(sum(len(morefs) for _type, _paths, morefs in reads[-1:]), page_size))


def _calls(reads: Sequence[tuple[str, Sequence[str], Sequence[str]]], sizes: Iterator[int]) -> Iterator[Batches]:
    """Calls of those sizes."""
    call: list[Batch] = []
    room = 0
    for type_name, paths, morefs in reads:
        start = 0
        while start < len(morefs):
            room = room or next(sizes, len(morefs))
            part = tuple(morefs[start : start + room])
            call.append(Batch(type_name, tuple(paths), part))
            start += len(part)
            room -= len(part)
            if not room:
                yield tuple(call)
                call = []
    if call:
        yield tuple(call)


class Asker:
    """Makes the calls. `type_of` knows the class of an object where it is another than the one that its paths are of."""

    def __init__(self, connection: Connection, type_of: Mapping[str, str]) -> None:
        self._connection = connection
        self._type_of = type_of
        self._plain_pages = PlainPages()

    def pages(self, batches: Batches) -> list[Page]:
        """Every page of the answer; one with a fault is the last. Raises ReadinessError where there is no answer."""
        login = self._connection.login
        collector = self._connection.content.propertyCollector
        kinds = pyVmomi.vmodl.query.PropertyCollector
        specs = [self._spec(batch) for batch in batches]
        pages: list[Page] = []
        try:
            chunks = self._connection.fetch(collector, "RetrievePropertiesEx", specSet=specs, options=kinds.RetrieveOptions())
            pages.append(Page(batches, login, chunks))
            while token := token_of(chunks):
                chunks = self._connection.fetch(collector, "ContinueRetrievePropertiesEx", token=token)
                pages.append(Page(batches, login, chunks))
        except SoapFault as error:
            pages.append(Page(batches, login, fault=error.fault))
        return pages

    def reply(self, batches: Batches) -> Reply:
        """Asks and decodes, again for what was refused because the session had ended."""
        reads: dict[str, ObjectRead] = {}
        for _attempt in range(self._connection.timing.attempts):
            fault = None
            expired: set[str] = set()
            for page in self.pages(batches):
                answer = self.decode(page)
                reads.update(answer.reads)
                expired |= answer.expired
                fault = answer.fault
            if not expired:
                return Reply(reads, fault)
            batches = tuple(batch.of(moref for moref in batch.morefs if moref in expired) for batch in batches)
        raise self._connection.error(SESSIONS_END, "vcenter_session", SESSIONS_HINT)

    def decode(self, page: Page) -> Reply:
        """The objects of a page, and the fault that it is where it is one.

        Objects whose properties were refused because the session had ended are left out; there is a new session then.
        """
        if page.fault is not None:
            return Reply({}, page.fault)
        try:
            objects, _rest = read_page(page.chunks, self._plain_pages)
        except BrokenXml as error:
            return Reply({}, Fault("malformed XML", str(error)))
        except SoapError as error:
            reason = str(error)
        else:
            return self._sorted_out(objects, page)
        raise self._connection.error(reason)

    def _sorted_out(self, objects: Iterable[Refused], page: Page) -> Reply:
        reads: dict[str, ObjectRead] = {}
        expired: set[str] = set()
        asked = {moref: frozenset(batch.paths) for batch in page.batches for moref in batch.morefs}
        for one in objects:
            read = one.read
            paths = asked.get(read.moref)
            if paths is None:
                continue
            if any(fault.name == NOT_LOGGED_IN for fault in one.faults.values()):
                expired.add(read.moref)
            else:
                reads[read.moref] = read if read.values.keys() <= paths else _trimmed(read, paths)
        if expired:
            self._connection.renew(page.login)
        return Reply(reads, None, frozenset(expired))

    def _spec(self, batch: Batch) -> Any:
        kinds = pyVmomi.vmodl.query.PropertyCollector
        objects = [kinds.ObjectSpec(obj=managed_class(self._type_of.get(moref, batch.type))(moref)) for moref in batch.morefs]
        wanted = kinds.PropertySpec(type=managed_class(batch.type), all=False, pathSet=list(batch.paths))
        return kinds.FilterSpec(propSet=[wanted], objectSet=objects, reportMissingObjectsInResults=True)


def _trimmed(read: ObjectRead, paths: frozenset[str]) -> ObjectRead:
    """The object with the paths that were asked for it: a call for several classes may answer those of a class above as well."""
    return replace(read, values={path: value for path, value in read.values.items() if path in paths})


def token_of(chunks: Sequence[bytes]) -> str:
    """The token of a page that is followed by another one; empty for the last."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _HEAD_BYTES:
            break
    found = _TOKEN.search(head[:_HEAD_BYTES])
    return found.group(1).decode() if found else ""
