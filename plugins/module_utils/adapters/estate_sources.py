# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening the sources of an estate: one reader for each type, all giving the same stream of records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..common.artifact import ArtifactInput, JsonRecord, newer_minor
from ..common.errors import ArtifactError, InputError, Problem, ReadinessError
from ..estate.flaws import flaws, word_flaws
from .artifacts import ArtifactReader

LISTED_FLAWS: Final = 50
"""Problems of one file that are listed one by one."""

_POSITION: Final = re.compile(r"\[[0-9]+\]")
_WORKBOOK_STARTS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What every reader is told: the limit on unpacked bytes, the run's present (ISO 8601), and where to note progress."""

    limit_bytes: int = 4 << 30
    now: str = ""
    progress: Path | None = None


@dataclass(frozen=True, slots=True)
class OpenedSource:
    """A source that is being read.

    `stream` gives every record, `source` records among them, other kinds before VMs; whatever is wrong with the
    source is raised as a `ReadinessError`, by the stream as well. `inputs` and `warnings` are complete once the stream has ended.
    """

    stream: Iterator[tuple[JsonRecord, bytes | None]]
    inputs: list[ArtifactInput] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def problems_of(error: ReadinessError) -> list[Problem]:
    """The error as a list of problems, each with what to do."""
    if not error.problems:
        return [Problem(error.message, file=error.subject, remedy=error.hint)]
    hint = error.hint.rstrip(".")
    hint = hint[:1].lower() + hint[1:]
    return [
        problem if problem.remedy else Problem(problem.message, problem.file, problem.tab, problem.row, problem.column, hint)
        for problem in error.problems
    ]


def open_rvtools(value: Any, context: ReadContext) -> OpenedSource:
    """An RVTools export: workbook, CSV folder or zip."""
    # Imported when such a source is read: a module is compiled anew for each task, and its other half takes half a second.
    from .archives import Limits
    from .rvtools import read_rvtools

    read = read_rvtools(Path(value), Limits(max_unpacked_bytes=context.limit_bytes))
    inputs = list(read.inputs)

    def stream() -> Iterator[tuple[JsonRecord, bytes | None]]:
        for record in read.records:
            yield record, None
        yield read.source, None

    return OpenedSource(stream(), inputs)


def open_estate(value: Any, context: ReadContext) -> OpenedSource:
    """A saved estate, plain or gzipped."""
    path = Path(value)
    if path.is_dir():
        hint = "Name the file estate.jsonl in it, or name the folder as rvtools when it holds an export."
        raise InputError("estate_unreadable", f"{path.name} is a folder, not a saved estate", subject=path.name, hint=hint)
    if _is_workbook(path):
        hint = "Name it as rvtools in readiness_sources; estate is for saved estates, .jsonl or .jsonl.gz."
        raise InputError("estate_unreadable", f"{path.name} is a workbook or zip, not a saved estate", subject=path.name, hint=hint)
    reader = ArtifactReader(path, "estate")
    inputs: list[ArtifactInput] = []
    return OpenedSource(_checked(reader, context.limit_bytes, inputs), inputs, reader.warnings)


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


def open_vcenter(value: Any, context: ReadContext) -> OpenedSource:
    """A live vCenter, or a standalone ESXi host."""
    from .vsphere.reader import read_vcenter

    inputs: list[ArtifactInput] = []
    return OpenedSource(read_vcenter(value, context.now, context.progress, inputs), inputs)


READERS: Final[Mapping[str, Callable[[Any, ReadContext], OpenedSource]]] = {
    "estate": open_estate,
    "rvtools": open_rvtools,
    "vcenter": open_vcenter,
}
"""Type of a source to its reader, which takes the source's value: a path, or the settings of a vCenter."""
