# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads contracts on the controller: mappings as they stand in the variable, files with one or several of them, and folders of such files.

What it returns is plain data that travels to the module; what contracts mean is judged there.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from ..module_utils.adapters.paths import expanded
from ..module_utils.common.artifact import JsonRecord
from ..module_utils.common.errors import Problem
from ..module_utils.estate.scope import word_for
from ..module_utils.namespaces.contract.reading import VARIABLE
from ..module_utils.platform.desired.parse import SourceText
from .document_files import entries_of, source_of_mapping, sources_of_file, unreadable

SUFFIXES: Final = (".json", ".yaml", ".yml")
"""What names of files end in that a folder gives."""

_FORM: Final = "give a contract as a mapping, the path of a file or folder, or a list of these"


def load_contracts(contracts: object, base_dir: Path) -> JsonRecord:
    """The `sources` of contracts in their order, and the `problems` of what cannot be read; one at fault keeps no other from being read."""
    problems: list[Problem] = []
    found = [part for entry in _entries(contracts) for part in _parts(*entry, base_dir, problems)]
    names = _names((part for part in found if isinstance(part, Path)), base_dir)
    sources: list[SourceText] = []
    for part in found:
        sources += sources_of_file(part, VARIABLE, names[part], problems) if isinstance(part, Path) else [part]
    return {"sources": [asdict(source) for source in sources], "problems": [problem.as_dict() for problem in problems]}


def _entries(contracts: object) -> Iterator[tuple[str, object]]:
    """What the variable holds, with its place: of many contracts in one list nobody could tell which one is meant."""
    for number, entry in enumerate(entries_of(contracts)):
        yield (f"{VARIABLE}[{number}]" if isinstance(contracts, (list, tuple)) else VARIABLE), entry


def _parts(name: str, entry: object, base_dir: Path, problems: list[Problem]) -> Iterator[SourceText | Path]:
    """What one entry stands for: a contract, or files that are to be read; nothing, and a problem, where it is neither."""
    if isinstance(entry, Mapping):
        yield source_of_mapping(entry, VARIABLE, name)
    elif isinstance(entry, Path) or (isinstance(entry, str) and entry.strip() and "\n" not in entry):
        path = base_dir / expanded(str(entry))
        yield from _files_of(path, problems) if _is_folder(path) else [path]
    else:
        words = f"{word_for(entry)}, and no path" if isinstance(entry, str) else word_for(entry)
        problems.append(Problem(f"{name} is {words}", remedy=_FORM))


def _files_of(folder: Path, problems: list[Problem]) -> list[Path]:
    """The files of a folder in the order of their names, hidden ones and folders in it left out."""
    try:
        found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        problems.append(unreadable("the folder", folder.name, error))
        return []
    # A link that leads nowhere is kept: it is told when it is opened.
    files = [path for path in found if path.suffix in SUFFIXES and not _is_folder(path)]
    if not files:
        remedy = f"name a folder with files {', '.join(SUFFIXES)}; folders in it are not looked into"
        problems.append(Problem("the folder holds no contract", file=folder.name, remedy=remedy))
    return files


def _is_folder(path: Path) -> bool:
    """Whether it is a folder; what cannot be looked at is told when it is opened."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _names(paths: Iterable[Path], base_dir: Path) -> dict[Path, str]:
    """What files are called in problems: their base names; those that share one, their paths from where paths are taken."""
    distinct = dict.fromkeys(paths)
    shared = Counter(path.name for path in distinct)
    return {path: path.name if shared[path.name] == 1 else os.path.relpath(path, base_dir) for path in distinct}
