# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks through the XML of a sheet before a library loads it: how large is the rectangle that it would have to hold?

A library that reads a sheet into one dense table needs room for every place between its first and its last cell. One
cell at the far end of an otherwise small sheet makes that seventeen billion places. What a sheet declares as its
dimension says nothing (RVTools workbooks that were saved again declare a million rows and hold nine), so the
references of the cells themselves are looked at: in one pass at the speed of a text search, and exactly only where
that pass finds something odd.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from .archives import DAMAGED, BadArchive

HEADER_BYTES: Final = 8 << 20
"""The first row, the header, has to end within so many bytes."""

ROW_BYTES: Final = 20
"""No row with a cell in it is shorter."""

OVERLAP_BYTES: Final = 64
"""No reference is longer; chunks overlap by so much."""

_REFERENCE = re.compile(rb' r="([A-Z]{1,3})(\d{1,7})"')
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_PREFIX = re.compile(rb"<(\w+:)?row[ >]")
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LAST_ROW: Final = 1_048_576


def column_number(letters: str) -> int:
    """Number of a column by its letters: A is 1, XFD 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def letters_of(number: int) -> str:
    """Letters of a column by its number."""
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = _LETTERS[digit] + letters
    return letters


def beyond(width: int) -> str:
    """Pattern of the letters of a column right of the first `width` ones (followed by a digit)."""
    letters = letters_of(max(width, 1))
    after = [_LETTERS[_LETTERS.index(letter) + 1 :] for letter in letters]
    choices = [f"[A-Z]{{{more}}}" for more in range(len(letters) + 1, 4)]
    for place, larger in enumerate(after):
        if larger:
            choices.append(f"{letters[:place]}[{larger}][A-Z]{{{len(letters) - place - 1}}}")
    return f"(?:{'|'.join(choices)})(?=[0-9])" if choices else "(?!)"


@dataclass(slots=True)
class Extent:
    """The rectangle that encloses the cells of a sheet; `odd` when the quick pass cannot judge it."""

    first_row: int = 0
    last_row: int = 0
    width: int = 0
    odd: bool = False

    @property
    def cells(self) -> int:
        """Places in the rectangle."""
        return max(self.last_row - self.first_row + 1, 0) * self.width


class QuickLook:
    """Finds the extent of a sheet of `size` bytes from its XML, chunk by chunk."""

    def __init__(self, size: int) -> None:
        self.extent = Extent()
        self._row_digits = min(len(str(max(size // ROW_BYTES, 1))), 7)
        self._head = b""
        self._tail = b""
        self._odd: re.Pattern[bytes] | None = None

    def feed(self, chunk: bytes) -> None:
        """Takes the next piece of XML."""
        data = self._tail + chunk
        self._tail = data[-OVERLAP_BYTES:]
        if self._odd is None:
            self._head += chunk
            self._begin()
        else:
            self._search(data)
        self._last_reference(data)

    def _begin(self) -> None:
        end = self._head.find(b"row>")
        if end < 0:
            self.extent.odd = self.extent.odd or len(self._head) > HEADER_BYTES
            return
        found = _REFERENCE.findall(self._head, 0, end)
        self.extent.width = max((column_number(letters.decode()) for letters, _row in found), default=0)
        self.extent.first_row = min((int(row) for _letters, row in found), default=0)
        self.extent.odd = self.extent.odd or not found
        prefix = _PREFIX.search(self._head)
        cell = "<" + (prefix[1].decode() if prefix and prefix[1] else "") + "c"
        # A cell right of the header, one further down than a sheet of this size reaches, or one without a plain reference.
        usual = f' r="[A-Z]{{1,3}}[0-9]{{1,{self._row_digits}}}"'
        self._odd = re.compile(f'{cell}(?: r="{beyond(self.extent.width)}|(?!{usual}|[a-zA-Z]))'.encode())
        self._search(self._head)
        self._head = b""

    def _search(self, data: bytes) -> None:
        if self.extent.odd or self._odd is None:
            return
        found = self._odd.search(data)
        # What is cut in two by the end of this piece is looked at again at the beginning of the next one.
        self.extent.odd = found is not None and found.start() < len(data) - OVERLAP_BYTES // 2

    def _last_reference(self, data: bytes) -> None:
        place = data.rfind(b' r="')
        while place >= 0:
            found = _REFERENCE.match(data, place)
            if found:
                self.extent.last_row = int(found[2])
                return
            place = data.rfind(b' r="', 0, place)


class ExactLook:
    """Finds the extent of the cells that hold something, by parsing the sheet; for the rare sheet that needs it."""

    def __init__(self) -> None:
        self.extent = Extent(first_row=LAST_ROW)
        self._row = 0
        self._column = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = _no_doctype

    def feed(self, chunk: bytes) -> None:
        """Takes the next piece of XML."""
        try:
            self._parser.Parse(chunk, False)
        except (expat.ExpatError, ValueError) as error:
            raise BadArchive("damaged_zip", "a sheet is not well-formed XML", DAMAGED) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
        elif tag == "c":
            self._column += 1
            found = _CELL.fullmatch(attributes.get("r", ""))
            if found:
                self._column, self._row = column_number(found[1]), int(found[2])
        elif tag in ("v", "is"):
            extent = self.extent
            if self._row < extent.last_row:
                raise BadArchive("damaged_zip", "the rows of a sheet are out of order", DAMAGED)
            extent.first_row = min(extent.first_row, self._row)
            extent.last_row = self._row
            extent.width = max(extent.width, self._column)


def _no_doctype(*_declaration: object) -> None:
    raise ValueError("a sheet has no document type")


def extent_of(chunks: Callable[[], Iterable[bytes]], size: int, max_cells: int) -> Extent:
    """The extent of a sheet; `chunks` gives its XML, and is called a second time only when the quick pass is not enough."""
    quick = QuickLook(size)
    for chunk in chunks():
        quick.feed(chunk)
    extent = quick.extent
    if not extent.odd and extent.first_row <= extent.last_row <= LAST_ROW and extent.cells <= max_cells:
        return extent
    exact = ExactLook()
    for chunk in chunks():
        exact.feed(chunk)
    return exact.extent


def check_extent(chunks: Callable[[], Iterable[bytes]], size: int, max_cells: int) -> None:
    """Raises `BadArchive` for a sheet whose cells lie too far apart to be held in memory."""
    extent = extent_of(chunks, size, max_cells)
    if extent.last_row > LAST_ROW or extent.cells > max_cells:
        place = f"{letters_of(extent.width)}{extent.last_row}"
        message = f"its cells reach to {place}: {extent.cells} places, more than the limit of {max_cells}"
        raise BadArchive("zip_bomb", message, "Delete what stands far outside the table, or split the export.")
