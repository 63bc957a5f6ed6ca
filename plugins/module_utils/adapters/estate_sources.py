# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Opening the sources of an estate: one reader for each type, all giving the same stream of records.

A reader is imported when a source of its type is opened: Python compiles a module anew for each task that imports it, and
all of them together take half a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..common.artifact import ArtifactInput, JsonRecord
from ..common.errors import Problem, ReadinessError
from .garbage import without_collection


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
    from .saved_estates import open_saved_estate

    return open_saved_estate(Path(value), context.limit_bytes)


def open_vcenter(value: Any, context: ReadContext) -> OpenedSource:
    """A live vCenter, or a standalone ESXi host."""
    with without_collection():
        from .vsphere.reader import read_vcenter

    inputs: list[ArtifactInput] = []
    return OpenedSource(read_vcenter(value, context.now, context.progress, inputs), inputs)


READERS: Final[Mapping[str, Callable[[Any, ReadContext], OpenedSource]]] = {
    "estate": open_estate,
    "rvtools": open_rvtools,
    "vcenter": open_vcenter,
}
"""Type of a source to its reader, which takes the source's value: a path, or the settings of a vCenter."""
