# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired-state document: several files and variables put together, and read with all its faults at their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ...common.artifact import ArtifactInput, JsonRecord
from ...common.errors import Problem
from ...estate.scope import word_for
from .model import PlatformDesired
from .shape import Bad, Path, Reading, path_text, schema_of

VARIABLE: Final = "readiness_platform"
"""What users call the document."""

SCHEMA: Final = "platform_desired"
VERSION: Final = (1, 0)
"""Newest version of the document's schema that is known. A new major breaks documents; a new minor only adds."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """One file, or what stands in a variable: its data, and the row of each place that a file tells."""

    name: str
    """base name of the file; the variable's name for what stands in it"""
    data: object
    rows: Mapping[str, int] = field(default_factory=dict)
    """place in words to row"""
    sha256: str = ""

    def at(self, path: Path, problem: Problem) -> Problem:
        """The problem with this file, and the row of the nearest place around it that is known."""
        row = next((self.rows[text] for start in _starts(path) if (text := path_text(start)) in self.rows), None)
        return replace(problem, file=self.name, row=row)


class Places:
    """Where in which source the values of a document stand."""

    def __init__(self) -> None:
        self._sources: dict[Path, SourceText] = {}

    def note(self, path: Path, source: SourceText) -> None:
        """The value at a place, and all below it, is that of a source."""
        self._sources = {known: other for known, other in self._sources.items() if known[: len(path)] != path}
        self._sources[path] = source

    def source_of(self, path: Path) -> SourceText | None:
        """The source of the value at a place, or of what it would be in."""
        return next((self._sources[start] for start in _starts(path) if start in self._sources), None)

    def problem(self, path: Path, problem: Problem) -> Problem:
        """The problem with file and row."""
        source = self.source_of(path)
        return replace(problem, file=VARIABLE) if source is None else source.at(path, problem)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came of reading a document: the document, unless there are problems."""

    desired: PlatformDesired | None
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    places: Places


def platform_desired_schema() -> JsonRecord:
    """JSON Schema (2020-12) of the document."""
    return schema_of(PlatformDesired, SCHEMA, "The desired state of a platform: the document that readiness_platform names or holds")


def parse(sources: Sequence[SourceText]) -> Parsed:
    """Reads the sources as one document. Of mappings a later source adds and replaces keys; any other value it replaces whole."""
    places = Places()
    problems = [_no_mapping(source) for source in sources if not isinstance(source.data, Mapping)]
    if problems or not sources:
        return Parsed(None, tuple(problems or _nothing()), (), places)
    data: object = {}
    for source in sources:
        data = _merged(data, source.data, (), source, places)
    newer = tuple(_other_major(data, places))
    if newer:
        return Parsed(None, newer, (), places)
    reading = Reading()
    try:
        desired = reading.section(PlatformDesired, data, ())
    except Bad:
        return Parsed(None, tuple(places.problem(path, problem) for path, problem in reading.problems), (), places)
    inputs = tuple(ArtifactInput(source.name, source.sha256) for source in sources)
    return Parsed(replace(desired, sources=inputs), (), tuple(_newer_minor(desired.schema_version)), places)


def _nothing() -> list[Problem]:
    return [Problem(f"{VARIABLE} is not given", remedy="give the desired state as a mapping, or the path of a file; see docs/platform.md")]


def _no_mapping(source: SourceText) -> Problem:
    remedy = "a document is a mapping of schema_version, operators, accelerators and so on; see docs/platform.md"
    return Problem(f"the document is {word_for(source.data)}, not a mapping", file=source.name, remedy=remedy)


def _merged(below: object, above: object, path: Path, source: SourceText, places: Places) -> object:
    """The value of the later source; of two mappings both."""
    if not (isinstance(below, Mapping) and isinstance(above, Mapping) and (below or not path)):
        places.note(path, source)
        return above
    merged: dict[Any, Any] = dict(below)
    for name, value in above.items():
        merged[name] = _merged(below.get(name), value, (*path, name), source, places)
    return merged


def _other_major(data: object, places: Places) -> Iterator[Problem]:
    """A document of another major version: nothing else of it can be judged."""
    if problem := other_major(data, VERSION):
        yield places.problem(("schema_version",), problem)


def other_major(data: object, known: tuple[int, int]) -> Problem | None:
    """What is wrong with a document that says to be of another major version; None where it is not, or does not say."""
    version, (major, minor) = data.get("schema_version") if isinstance(data, Mapping) else None, known
    if isinstance(version, str) and re.fullmatch(r"[0-9]+\.[0-9]+", version) and int(version.partition(".")[0]) != major:
        return Problem(f"schema_version is {version!r}", remedy=f"this collection reads {major}.{minor}")
    return None


def is_newer(version: str, known: tuple[int, int]) -> bool:
    """Whether a version of the same major is beyond the minor that is known."""
    return int(version.partition(".")[2]) > known[1]


def _newer_minor(version: str) -> Iterator[str]:
    major, minor = VERSION
    if is_newer(version, VERSION):
        yield f"{VARIABLE} is of schema version {version}, and this collection knows {major}.{minor}: install a newer one"


def _starts(path: Path) -> Iterator[Path]:
    """A place and all that it is in, the innermost first."""
    for length in range(len(path), -1, -1):
        yield path[:length]
