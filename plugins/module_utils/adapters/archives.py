# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zip files from people: opened with suspicion, read without ever writing a member to disk.

What a zip declares is checked first (names, sizes, encryption); what its members really unpack to is counted while
they are read, because the declared sizes of a bomb are lies.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from ..common.errors import InputError, Problem

CHUNK_BYTES: Final = 1 << 20
RATIO_FLOOR_BYTES: Final = 64 << 20
"""Below this size no ratio is suspicious: a sheet of empty rows packs well."""

_LOCAL_HEADER_BYTES: Final = 30
_ENCRYPTED: Final = 0x1


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a source is read before it is refused.

    `max_unpacked_bytes` is for all members of one zip together. `max_cells` is for one sheet, as the rectangle that
    encloses its cells: that is what has to be held in memory.
    """

    max_unpacked_bytes: int = 4 << 30
    max_members: int = 10_000
    max_ratio: int = 250
    max_cells: int = 60_000_000
    max_files: int = 1_000


@dataclass(slots=True)
class Findings:
    """Problems found so far, each with the code of its kind."""

    entries: list[tuple[str, Problem]] = field(default_factory=list)

    def add(self, code: str, message: str, file: str, tab: str = "", remedy: str = "", row: int | None = None) -> None:
        """Notes a problem."""
        self.entries.append((code, Problem(message, file, tab, row, remedy=remedy)))

    def error(self, subject: str) -> InputError:
        """The one error that lists them all."""
        codes = {code for code, _problem in self.entries}
        code = next(iter(codes)) if len(codes) == 1 else "source_unusable"
        return InputError(
            code, f"{subject} cannot be read as an RVTools export", subject=subject, problems=[found for _code, found in self.entries]
        )

    def raise_if_any(self, subject: str) -> None:
        """Raises the error when there is anything to tell."""
        if self.entries:
            raise self.error(subject)


class BadArchive(ValueError):
    """A file that must not be read any further: a code and words for a person."""

    def __init__(self, code: str, message: str, remedy: str = "", row: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.row = row
        self.tab = ""


TOO_LARGE: Final = (
    "If you trust the file, raise max_unpacked_bytes of groundwork.readiness.estate (readiness_max_unpacked_bytes of the playbooks)."
)
TOO_DENSE: Final = "This limit is fixed. Open the file in a spreadsheet program and save it again, or hand in the CSV export instead."
TOO_MANY: Final = "This limit is fixed. Put fewer files into one zip, or save the workbook again in a spreadsheet program."
DAMAGED: Final = "Copy or export it again."


class Archive:
    """A zip file, open for reading; `budget` is what may still be unpacked from it."""

    def __init__(self, file: Path | IO[bytes], size: int, limits: Limits) -> None:
        self.limits = limits
        self.budget = limits.max_unpacked_bytes
        try:
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise BadArchive("damaged_zip", "it is cut off or damaged: the list of its contents cannot be read", DAMAGED) from error
        self.members = {info.filename: info for info in self.zip.infolist() if not info.is_dir()}
        self._check(size)

    def _check(self, size: int) -> None:
        infos = self.zip.infolist()
        if len(infos) > self.limits.max_members:
            raise BadArchive("zip_bomb", f"it has {len(infos)} members, more than the limit of {self.limits.max_members}", TOO_MANY)
        if len({info.filename for info in infos}) < len(infos):
            raise BadArchive("damaged_zip", "it has two members of one name", DAMAGED)
        if any(info.flag_bits & _ENCRYPTED for info in infos):
            raise BadArchive("encrypted_workbook", "it is protected with a password", "Save it without a password.")
        packed, unpacked = sum(info.compress_size for info in infos), sum(info.file_size for info in infos)
        if unpacked > self.limits.max_unpacked_bytes:
            raise BadArchive(
                "zip_bomb", f"it unpacks to {unpacked} bytes, more than the limit of {self.limits.max_unpacked_bytes}", TOO_LARGE
            )
        if packed > size:
            raise BadArchive("zip_bomb", "its members overlap: together they are larger than the file", DAMAGED)
        if unpacked > RATIO_FLOOR_BYTES and unpacked > packed * self.limits.max_ratio:
            raise BadArchive("zip_bomb", f"it unpacks to more than {self.limits.max_ratio} times its size", TOO_DENSE)

    def escaping(self) -> list[str]:
        """Members whose names lead out of the zip."""
        return sorted(info.orig_filename for info in self.zip.infolist() if escapes(info.orig_filename))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The real content of a member, unpacked piece by piece; raises `BadArchive` when it is not what was declared."""
        info = self.members[name]
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BadArchive("damaged_zip", f"member {name} is packed in a way that workbooks do not use")
        given = 0
        for chunk in self._inflated(info):
            given += len(chunk)
            self.budget -= len(chunk)
            if self.budget < 0:
                raise BadArchive("zip_bomb", f"it unpacks to more than the limit of {self.limits.max_unpacked_bytes} bytes", TOO_LARGE)
            if given > info.file_size:
                raise BadArchive("zip_bomb", f"member {name} is larger than the zip declares", DAMAGED)
            yield chunk
        if given != info.file_size:
            raise BadArchive("damaged_zip", f"member {name} is cut off", DAMAGED)

    def _inflated(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        stored = info.compress_type == zipfile.ZIP_STORED
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        for piece in self._packed(info):
            if stored:
                yield piece
                continue
            rest = piece
            while rest and not inflater.eof:
                try:
                    chunk = inflater.decompress(rest, CHUNK_BYTES)
                except zlib.error as error:
                    raise BadArchive("damaged_zip", f"member {info.filename} is damaged", DAMAGED) from error
                rest = inflater.unconsumed_tail
                if chunk:
                    yield chunk
            if inflater.eof:
                return

    def _packed(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """The member's packed bytes, as they lie in the file."""
        stream = self.zip.fp
        if stream is None:
            raise BadArchive("damaged_zip", "it was closed")
        position = info.header_offset
        stream.seek(position)
        header = stream.read(_LOCAL_HEADER_BYTES)
        if len(header) < _LOCAL_HEADER_BYTES or header[:4] != b"PK\x03\x04":
            raise BadArchive("damaged_zip", f"member {info.filename} is not where the zip says", DAMAGED)
        position += _LOCAL_HEADER_BYTES + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        left = info.compress_size
        while left > 0:
            stream.seek(position)
            piece = stream.read(min(left, CHUNK_BYTES))
            if not piece:
                raise BadArchive("damaged_zip", f"member {info.filename} is cut off", DAMAGED)
            yield piece
            left -= len(piece)
            position += len(piece)

    def content(self, name: str) -> bytes:
        """A whole member."""
        return b"".join(self.chunks(name))


def escapes(name: str) -> bool:
    """True for a member's name that is absolute or climbs out of the zip."""
    plain = name.replace("\\", "/")
    return plain.startswith("/") or ":" in plain.split("/", 1)[0] or ".." in plain.split("/") or "\x00" in plain
