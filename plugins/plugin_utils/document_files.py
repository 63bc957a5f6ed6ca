# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads documents of users on the controller: what stands in a variable, and files of YAML or JSON with the row of each value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from ..module_utils.common.errors import Problem
from ..module_utils.estate.scope import not_given
from ..module_utils.platform.desired.parse import SourceText
from ..module_utils.platform.desired.shape import path_text
from .marked_yaml import Marked, MarkedFault, read_marked

MOST_BYTES: Final = 10 * 1024 * 1024
"""Largest document."""


def entries_of(given: object) -> list[object]:
    """What a variable holds, one by one: the entries of a list, or what it is itself; nothing where nothing is given."""
    if not_given(given):
        return []
    return list(given) if isinstance(given, (list, tuple)) else [given]


def source_of_mapping(given: Mapping[Any, Any], variable: str, name: str) -> SourceText:
    """What stands in the variable itself; `name` is how people find it there."""
    data = _plain(given[variable] if variable in given else dict(given))
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), default=str)
    return SourceText(name, data, {}, hashlib.sha256(text.encode()).hexdigest())


def sources_of_file(path: Path, variable: str, name: str, problems: list[Problem]) -> Iterator[SourceText]:
    """The document of a file, or what stands in it under the variable's name; nothing, and problems, where it cannot be read."""
    content = content_of(path, name, problems)
    if content is None:
        return
    try:
        marked = read_marked(content)
    except MarkedFault as faults:
        problems += [Problem(message, file=name, row=row, remedy=remedy) for message, row, remedy in faults.found]
        return
    if isinstance(marked.data, Mapping) and variable in marked.data:
        marked = Marked(marked.data[variable], {place[1:]: row for place, row in marked.rows.items() if place[:1] == (variable,)})
    rows = {path_text(place): row for place, row in marked.rows.items()}
    yield SourceText(name, marked.data, rows, hashlib.sha256(content).hexdigest())


def content_of(path: Path, name: str, problems: list[Problem]) -> bytes | None:
    """The bytes of a file; None, and a problem, where it cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            problems.append(Problem(f"the file is larger than {MOST_BYTES // 1024 // 1024} MiB", file=name, remedy="name the right file"))
            return None
        return path.read_bytes()
    except OSError as error:
        problems.append(unreadable("the file", name, error))
        return None


def unreadable(what: str, name: str, error: OSError) -> Problem:
    """What the system said when a file or folder was opened."""
    remedy = "relative paths are taken from the folder in which the playbook was started"
    return Problem(f"{what} cannot be read: {(error.strerror or 'the system refused').lower()}", file=name, remedy=remedy)


def _plain(value: Any) -> Any:
    """The value as JSON has it: Ansible's YAML makes dates of days, and texts of kinds of its own."""
    if isinstance(value, Mapping):
        return {str(key) if isinstance(key, str) else key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value
