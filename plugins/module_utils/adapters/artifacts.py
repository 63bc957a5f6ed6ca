# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and writing of artifacts: JSON Lines, optionally gzipped, complete or not there at all."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from ..common.artifact import SCHEMA_PREFIX, SCHEMA_VERSIONS, ArtifactHeader, ArtifactWritten, JsonRecord, newer_minor, sort_key
from ..common.errors import ArtifactError, Problem
from ._libraries import orjson
from .digests import BackgroundDigest

CHUNK_BYTES = 1 << 20
LINE_LIMIT_BYTES = 64 << 20
TRAILER_LIMIT_BYTES = 64 << 10
BATCH_LINES = 512
_AFTER_EVERY_ID = chr(sys.maxunicode)


def encode(record: Mapping[str, Any] | list[str]) -> bytes:
    """One record as a line of JSON, without the line feed; keys in the record's own order."""
    line: bytes = orjson.dumps(record)
    return line


def decode(line: bytes) -> JsonRecord:
    """The record of one line; raises ValueError when it is not JSON."""
    record: JsonRecord = orjson.loads(line)
    return record


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def differs(target: Path, sha256: str, size_bytes: int) -> bool:
    """True when a file is not there, or has other bytes than those of that size and SHA-256."""
    return not target.is_file() or target.stat().st_size != size_bytes or file_sha256(target) != sha256


def replace_if_changed(temporary: Path, target: Path, sha256: str) -> bool:
    """Puts a finished temporary file, of that SHA-256, in the target's place, unless the target has the same bytes already."""
    if differs(target, sha256, temporary.stat().st_size):
        temporary.replace(target)
        return True
    temporary.unlink()
    return False


def temporary_beside(target: Path) -> Path:
    """A new empty file in the target's folder, readable as any other file that this user makes."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent)
    umask = os.umask(0)
    os.umask(umask)
    os.fchmod(handle, 0o666 & ~umask)
    os.close(handle)
    return Path(name)


def write_file(target: Path, content: bytes) -> bool:
    """Writes a whole file atomically; True when its bytes are new."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_beside(target)
    try:
        temporary.write_bytes(content)
        return replace_if_changed(temporary, target, hashlib.sha256(content).hexdigest())
    finally:
        temporary.unlink(missing_ok=True)


class ArtifactWriter:
    """Writes one artifact, record by record in the order of kind and id; nothing is left behind when it fails.

    Use it as a context manager and call `finish` last; leaving the block without it discards all that was written.
    """

    def __init__(self, path: Path, header: ArtifactHeader) -> None:
        self.path = path
        self.counts: dict[str, int] = {}
        self._body = hashlib.sha256()
        self._last: tuple[str, str] = ("", "")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._temporary = temporary_beside(path)
        self._raw: IO[bytes] = self._temporary.open("wb", buffering=CHUNK_BYTES)
        self._stream: Any = self._raw
        if path.suffix == ".gz":
            self._stream = gzip.GzipFile(filename="", fileobj=self._raw, mode="wb", compresslevel=6, mtime=0)
        self._stream.write(encode(header.as_record()) + b"\n")

    def __enter__(self) -> ArtifactWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()
        self._temporary.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._stream is not self._raw:
            self._stream.close()
        self._raw.close()

    def write(self, record: JsonRecord) -> None:
        """Adds one record."""
        self.write_line(record["kind"], record["id"], encode(record))

    def write_line(self, kind: str, identity: str, line: bytes) -> None:
        """Adds one record that is encoded already; `line` has no line feed."""
        key = (kind, identity)
        if key <= self._last:
            raise ArtifactError(
                "artifact_order", f"record {kind} {identity} comes after {self._last[0]} {self._last[1]}", subject=self.path.name
            )
        self._last = key
        self.counts[kind] = self.counts.get(kind, 0) + 1
        line += b"\n"
        self._body.update(line)
        self._stream.write(line)

    def write_sorted_lines(self, kind: str, lines: Iterable[bytes]) -> None:
        """Adds many encoded records of one kind, line feed included; that they are sorted by id is the caller's word."""
        if kind <= self._last[0]:
            raise ArtifactError("artifact_order", f"records of kind {kind} come after {self._last[0]}", subject=self.path.name)
        count = 0
        stream = iter(lines)
        while batch := list(islice(stream, BATCH_LINES)):
            count += len(batch)
            block = b"".join(batch)
            self._body.update(block)
            self._stream.write(block)
        if count:
            self.counts[kind] = count
            self._last = (kind, _AFTER_EVERY_ID)

    def finish(self) -> ArtifactWritten:
        """Writes the trailer and puts the artifact in its place."""
        trailer = {"kind": "trailer", "counts": dict(sorted(self.counts.items())), "body_sha256": self._body.hexdigest()}
        self._stream.write(encode(trailer) + b"\n")
        self._close()
        sha256 = file_sha256(self._temporary)
        changed = replace_if_changed(self._temporary, self.path, sha256)
        return ArtifactWritten(path=str(self.path), sha256=sha256, changed=changed, counts=dict(sorted(self.counts.items())))


class _HashingFile(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self.digest = BackgroundDigest()
        state = os.fstat(self._file.fileno())
        self.identity = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        count = self._file.readinto(buffer)
        if count:
            self.digest.update(bytes(memoryview(buffer)[:count]))
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class ArtifactReader:
    """Reads one artifact as a stream and vouches for it at the end.

    Iterating raises `ArtifactError` for anything that is not a whole artifact of the expected schema; the trailer is
    checked last, so what was made of the records counts only once the iteration has ended. A newer minor version is
    read with an entry in `warnings`.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self.path = path
        self.schema = schema
        self.warnings: list[str] = []
        self.sha256 = ""
        """SHA-256 of the file, known once the records have been read to the end."""
        self._file: _HashingFile | None = None
        self._checked: _HashingFile | None = None
        self._counts: dict[str, int] = {}
        self.header = self._read_header()

    def _error(self, code: str, message: str, row: int | None = None, hint: str = "") -> ArtifactError:
        problem = Problem(message, file=self.path.name, row=row)
        return ArtifactError(code, f"{self.path.name} cannot be read", subject=self.path.name, hint=hint, problems=(problem,))

    def _open(self) -> IO[bytes]:
        try:
            self._file = _HashingFile(self.path.open("rb", buffering=0))
            raw = io.BufferedReader(self._file, CHUNK_BYTES)
        except OSError as error:
            raise self._error("artifact_unreadable", error.strerror or "it cannot be opened") from error
        if raw.peek(2)[:2] == b"\x1f\x8b":
            return io.BufferedReader(gzip.GzipFile(fileobj=raw, mode="rb"), CHUNK_BYTES)
        return raw

    def _decode(self, line: bytes, row: int) -> JsonRecord:
        try:
            record = decode(line)
        except ValueError as error:
            raise self._error("artifact_damaged", f"line is not JSON: {error}", row) from error
        if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
            raise self._error("artifact_damaged", "line is not a record with a kind", row)
        return record

    def _lines(self) -> Iterator[bytes]:
        with self._open() as stream:
            try:
                while line := stream.readline(LINE_LIMIT_BYTES):
                    if not line.endswith(b"\n"):
                        raise self._error(
                            "artifact_damaged", "the file ends in the middle of a line", hint="It was cut off: copy or write it again."
                        )
                    yield line
            except (OSError, EOFError, zlib.error) as error:
                raise self._error("artifact_damaged", f"its compressed data is damaged: {error}") from error

    def _read_header(self) -> JsonRecord:
        first = next(self._lines(), b"")
        if not first:
            raise self._error("artifact_damaged", "the file is empty")
        header = self._decode(first, 1)
        if header["kind"] != "header" or header.get("schema") != SCHEMA_PREFIX + self.schema:
            found = header.get("schema", "no header")
            raise self._error("artifact_schema", f"expected an artifact of schema {SCHEMA_PREFIX + self.schema}, found {found}", 1)
        try:
            major, minor = (int(part) for part in str(header.get("schema_version")).split("."))
        except ValueError as error:
            raise self._error("artifact_schema", f"schema_version {header.get('schema_version')!r} is not MAJOR.MINOR", 1) from error
        if major > SCHEMA_VERSIONS[self.schema][0]:
            known = ".".join(str(part) for part in SCHEMA_VERSIONS[self.schema])
            message = f"schema version {major}.{minor} is newer than {known}, the newest that this version of the collection reads"
            raise self._error("artifact_too_new", message, 1, hint="Update the collection.")
        if newer_minor(self.schema, (major, minor)):
            self.warnings.append(
                f"{self.path.name} has schema version {major}.{minor}, newer than this collection knows: "
                "what is new in it is kept but not used"
            )
        return header

    def lines(self) -> Iterator[tuple[JsonRecord, bytes]]:
        """Every record with its line (line feed included); the trailer is checked at the end."""
        body = BackgroundDigest()
        counts: dict[str, int] = {}
        last = ("", "")
        trailer: JsonRecord | None = None
        for row, line in enumerate(self._lines(), 1):
            if row == 1:
                continue
            if trailer is not None:
                raise self._error("artifact_damaged", "there is a line after the trailer", row)
            record = self._decode(line, row)
            if record["kind"] == "trailer":
                trailer = record
                continue
            if not isinstance(record.get("id"), str):
                raise self._error("artifact_damaged", "record has no id", row)
            key = sort_key(record)
            if key <= last:
                raise self._error("artifact_damaged", f"record {key[0]} {key[1]} is out of order or double", row)
            last = key
            counts[key[0]] = counts.get(key[0], 0) + 1
            body.update(line)
            yield record, line
        self._check_trailer(trailer, counts, body.hexdigest())
        self._checked = self._file
        self._counts = counts
        self.sha256 = "" if self._file is None else self._file.digest.hexdigest()

    def again(self, kind: str, wanted: Callable[[int], bool]) -> Iterator[tuple[int, JsonRecord]]:
        """Records of one kind once more, without the checks that a reading to the end has made.

        `wanted` gets a record's number within its kind, from 0, and says whether it is read; it comes with that number.
        Raises `ArtifactError` when the file was replaced or written to since then.
        """
        first = 1 + sum(count for name, count in self._counts.items() if name < kind)
        end = first + self._counts.get(kind, 0)
        for row, line in enumerate(self._lines()):
            if row == 0 and (self._checked is None or self._file is None or self._file.identity != self._checked.identity):
                raise self._error("artifact_changed", "the file was changed while it was read", hint="Run the stage again.")
            if first <= row < end and wanted(row - first):
                yield row - first, decode(line)

    def _check_trailer(self, trailer: JsonRecord | None, counts: Mapping[str, int], body_sha256: str) -> None:
        if trailer is None:
            raise self._error("artifact_damaged", "the trailer is missing", hint="It was cut off: copy or write it again.")
        if trailer.get("counts") != counts:
            raise self._error("artifact_damaged", f"the trailer counts {trailer.get('counts')}, the file has {dict(counts)}")
        if trailer.get("body_sha256") != body_sha256:
            raise self._error(
                "artifact_damaged", "the records do not match the trailer's SHA-256", hint="The file was changed after it was written."
            )

    def __iter__(self) -> Iterator[JsonRecord]:
        for record, _line in self.lines():
            yield record


def trailer_counts(path: Path) -> dict[str, int]:
    """Counts by kind from the trailer of an uncompressed artifact, unchecked; empty where there is none to read."""
    try:
        return {str(kind): int(count) for kind, count in _trailer(path)["counts"].items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def trailer_body(path: Path) -> str:
    """SHA-256 over the records from the trailer of an uncompressed artifact, unchecked; empty where there is none to read."""
    try:
        return str(_trailer(path)["body_sha256"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def _trailer(path: Path) -> JsonRecord:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - TRAILER_LIMIT_BYTES))
        return decode(stream.read().splitlines()[-1])
