# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading of saved estates: artifacts of earlier runs, of other hosts, or from elsewhere, each value checked against the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..common.artifact import ArtifactInput, JsonRecord, newer_minor
from ..common.errors import ArtifactError, InputError, Problem
from ..estate.flaws import flaws, word_flaws
from .artifacts import ArtifactReader
from .estate_sources import OpenedSource

LISTED_FLAWS: Final = 50
"""Problems of one file that are listed one by one."""

_POSITION: Final = re.compile(r"\[[0-9]+\]")
_WORKBOOK_STARTS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def open_saved_estate(path: Path, limit_bytes: int) -> OpenedSource:
    """A saved estate, plain or gzipped."""
    if path.is_dir():
        hint = "Name the file estate.jsonl in it, or name the folder as rvtools when it holds an export."
        raise InputError("estate_unreadable", f"{path.name} is a folder, not a saved estate", subject=path.name, hint=hint)
    if _is_workbook(path):
        hint = "Name it as rvtools in readiness_sources; estate is for saved estates, .jsonl or .jsonl.gz."
        raise InputError("estate_unreadable", f"{path.name} is a workbook or zip, not a saved estate", subject=path.name, hint=hint)
    reader = ArtifactReader(path, "estate")
    inputs: list[ArtifactInput] = []
    return OpenedSource(_checked(reader, limit_bytes, inputs), inputs, reader.warnings)


def _is_workbook(path: Path) -> bool:
    """True for a workbook or zip; False also for what cannot be opened, which the reader reports."""
    try:
        with path.open("rb") as stream:
            return stream.read(4) in _WORKBOOK_STARTS
    except OSError:
        return False


class _Flaws:
    """What is wrong with the records of a saved estate; the first ones are kept word by word, the others counted.

    In a file of a newer minor version, a word that this version does not know is no fault: it is kept, with a warning.
    """

    def __init__(self, reader: ArtifactReader) -> None:
        major, minor = str(reader.header["schema_version"]).split(".")
        self._newer = newer_minor("estate", (int(major), int(minor)))
        self._reader = reader
        self._listed: list[Problem] = []
        self._count = 0
        self._new_words: dict[str, int] = {}

    def found(self, record: JsonRecord, row: int) -> bool:
        """True when the record cannot be used."""
        before = self._count
        for key, message in flaws(record):
            self._add(record, row, key, message)
        for key, message in word_flaws(record):
            if self._newer:
                said = f"{record['kind']} {_POSITION.sub('', key)} {message}"
                if said in self._new_words or len(self._new_words) < LISTED_FLAWS:
                    self._new_words[said] = self._new_words.get(said, 0) + 1
            else:
                self._add(record, row, key, message)
        return self._count > before

    def _add(self, record: JsonRecord, row: int, key: str, message: str) -> None:
        self._count += 1
        if self._count <= LISTED_FLAWS:
            what = f"{record['kind']} {record['id']}: {key} {message}"
            self._listed.append(Problem(what, file=self._reader.path.name, row=row, remedy="write the estate again with this collection"))

    def conclude(self) -> None:
        """Raises `ArtifactError` with all faults; leaves the warnings with the reader."""
        name = self._reader.path.name
        if self._count > LISTED_FLAWS:
            self._listed.append(Problem(f"{self._count - LISTED_FLAWS} more values are not what the model says", file=name))
        if self._listed:
            raise ArtifactError(
                "artifact_damaged", f"{name} holds values that the model does not have", subject=name, problems=self._listed
            )
        for said, count in sorted(self._new_words.items()):
            self._reader.warnings.append(f"{name}: {said}: kept as it is ({count} of them)")


def _checked(reader: ArtifactReader, limit_bytes: int, inputs: list[ArtifactInput]) -> Iterator[tuple[JsonRecord, bytes | None]]:
    """The records of a saved estate, each with the types, numbers and words that the model says; lists all that are not.

    The file's own entry is added to `inputs` at the end: its SHA-256 is taken while it is read.
    """
    limit = max(limit_bytes, reader.path.stat().st_size)
    faults = _Flaws(reader)
    unpacked = 0
    for row, (record, line) in enumerate(reader.lines(), 2):
        unpacked += len(line)
        if unpacked > limit:
            problem = Problem(
                f"it unpacks to more than {limit_bytes} bytes", file=reader.path.name, remedy="raise the limit if the file can be trusted"
            )
            raise InputError("input_too_large", f"{reader.path.name} is too large", subject=reader.path.name, problems=(problem,))
        if not faults.found(record, row):
            yield record, line[:-1]
    faults.conclude()
    inputs.append(ArtifactInput(reader.path.name, reader.sha256))
