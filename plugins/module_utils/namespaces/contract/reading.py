# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contracts as they come: files and variables with one contract each, or a list of them, read with all their faults at their places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ...common.artifact import JsonRecord
from ...common.errors import Problem
from ...estate.scope import word_for
from ...platform.desired.parse import SourceText, is_newer, other_major
from ...platform.desired.shape import Bad, Path, Reading, path_text, schema_of
from .model import Contract

VARIABLE: Final = "readiness_contracts"
"""What users call the contracts."""

SCHEMA: Final = "contract"
VERSION: Final = (1, 0)
"""Newest version of the contract's schema that is known. A new major breaks contracts; a new minor only adds."""

_STEP: Final = re.compile(r"\[([0-9]+)\]|([^.\[\]]+)")
_FORM: Final = "a contract is a mapping of schema_version, namespace, owner and so on; see docs/contracts.md"


@dataclass(frozen=True, slots=True)
class Placed:
    """A contract, and where it stands."""

    contract: Contract
    source: SourceText
    start: Path = ()
    """its place in the source: empty, or its position in a list"""

    def problem(self, path: Path, problem: Problem) -> Problem:
        """A problem at a place of the contract, with file and row; of several in one source with its place among them."""
        placed = replace(problem, message=f"{path_text(self.start)}.{problem.message}") if self.start else problem
        return self.source.at((*self.start, *path), placed)


def path_of(text: str) -> Path:
    """The place of a contract that is given in words, such as `personas[0].groups`."""
    return tuple(int(number) if number else name for number, name in _STEP.findall(text))


@dataclass(frozen=True, slots=True)
class Contracts:
    """What came of reading: the contracts that could be read, and every problem."""

    placed: tuple[Placed, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()


def contract_schema() -> JsonRecord:
    """JSON Schema (2020-12) of one contract."""
    return schema_of(Contract, SCHEMA, "The contract of one AI namespace: what readiness_contracts holds, or names the files of")


def read_contracts(sources: Sequence[SourceText]) -> Contracts:
    """Reads all contracts of the sources, in their order. One that is at fault keeps no other from being read."""
    if not sources:
        remedy = "give contracts as mappings, or the paths of their files or folders; see docs/contracts.md"
        return Contracts(problems=(Problem(f"{VARIABLE} is not given", remedy=remedy),))
    placed: list[Placed] = []
    problems: list[Problem] = []
    warnings: list[str] = []
    for source in sources:
        for start, data in _entries(source, problems):
            found = _read(source, start, data, problems)
            if found is not None:
                placed.append(Placed(found, source, start))
                warnings += _newer_minor(found, source)
    return Contracts(tuple(placed), tuple(problems), tuple(warnings))


def _entries(source: SourceText, problems: list[Problem]) -> Iterator[tuple[Path, object]]:
    if isinstance(source.data, (list, tuple)):
        if not source.data:
            problems.append(Problem("holds no contract", file=source.name, remedy=_FORM))
        yield from (((number,), data) for number, data in enumerate(source.data))
    else:
        yield (), source.data


def _read(source: SourceText, start: Path, data: object, problems: list[Problem]) -> Contract | None:
    if not isinstance(data, Mapping):
        problems.append(source.at(start, Problem(f"the contract is {word_for(data)}, not a mapping", remedy=_FORM)))
        return None
    if other := other_major(data, VERSION):
        problems.append(source.at((*start, "schema_version"), other))
        return None
    reading = Reading()
    try:
        contract: Contract = reading.section(Contract, data, start)
    except Bad:
        problems += [source.at(path, problem) for path, problem in reading.problems]
        return None
    return contract


def _newer_minor(contract: Contract, source: SourceText) -> Iterator[str]:
    major, minor = VERSION
    if is_newer(contract.schema_version, VERSION):
        version = contract.schema_version
        yield f"{source.name}: schema_version is {version}, and this collection knows {major}.{minor}: install a newer one"
