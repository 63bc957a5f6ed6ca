# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what the platform stage needs on the controller: the user's documents with the row of each value, rendered catalogs, shipped facts.

What it returns is plain data that travels to the module: only Python files do so by themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from ..module_utils.adapters.paths import expanded
from ..module_utils.common.artifact import JsonRecord
from ..module_utils.common.errors import Problem
from ..module_utils.estate.scope import not_given, word_for
from ..module_utils.platform.desired.model import PlatformDesired
from ..module_utils.platform.desired.operator_rules import package_of
from ..module_utils.platform.desired.parse import VARIABLE, SourceText, parse
from ..module_utils.platform.desired.shape import path_text
from ..module_utils.platform.olm.catalog import as_record, rendered_catalog
from ..module_utils.platform.shipped import FILES, catalogue_from
from .marked_yaml import Marked, MarkedFault, read_marked

SHIPPED_FOLDER: Final = Path(__file__).parent / "platform_catalogue"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, where PyYAML was built with it: ten times as fast."""

MOST_BYTES: Final = 10 * 1024 * 1024
"""Largest document."""
CATALOG_SUFFIXES: Final = (".json", ".jsonl", ".yaml", ".yml")
_FORM: Final = "give the desired state as a mapping, as the path of a YAML or JSON file, or as a list of these"


def load(document: object, base_dir: Path) -> JsonRecord:
    """All of it: `documents`, `catalogue`, `rendered`, and the `problems` of files that cannot be read."""
    problems: list[Problem] = []
    documents = [source for entry in _entries(document) for source in _source(entry, base_dir, problems)]
    catalogue = read_facts()
    desired = None if problems else parse(documents).desired
    rendered = _rendered(desired, catalogue, base_dir, problems) if desired else {}
    return {
        "documents": [asdict(source) for source in documents],
        "catalogue": catalogue,
        "rendered": rendered,
        "problems": [problem.as_dict() for problem in problems],
    }


def read_facts(folder: Path = SHIPPED_FOLDER) -> JsonRecord:
    """The shipped facts, one file each. Raises OSError or yaml.YAMLError for a damaged installation."""
    facts: JsonRecord = {}
    for name in FILES:
        (content,) = yaml.load_all((folder / f"{name}.yml").read_text(encoding="utf-8"), _LOADER)
        facts[name] = content[name]
    return facts


# ---- documents -------------------------------------------------------------------------------------------------------


def _entries(document: object) -> list[object]:
    if not_given(document):
        return []
    return list(document) if isinstance(document, (list, tuple)) else [document]


def _source(entry: object, base_dir: Path, problems: list[Problem]) -> Iterator[SourceText]:
    """One source; nothing, and a problem, for one that cannot be read."""
    if isinstance(entry, Mapping):
        data = _plain(_unwrapped(dict(entry)))
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), default=str)
        yield SourceText(VARIABLE, data, {}, hashlib.sha256(text.encode()).hexdigest())
    elif isinstance(entry, (str, Path)):
        yield from _file(base_dir / expanded(str(entry)), problems)
    else:
        problems.append(Problem(f"{VARIABLE} is {word_for(entry)}, or holds one", remedy=_FORM))


def _unwrapped(data: Any) -> Any:
    """What stands under the variable's name, where a file of variables was given."""
    return data[VARIABLE] if isinstance(data, Mapping) and VARIABLE in data else data


def _plain(value: Any) -> Any:
    """The value as JSON has it: Ansible's YAML makes dates of days, and texts of kinds of its own."""
    if isinstance(value, Mapping):
        return {str(key) if isinstance(key, str) else key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value


def _file(path: Path, problems: list[Problem]) -> Iterator[SourceText]:
    content = _content(path, MOST_BYTES, problems)
    if content is None:
        return
    try:
        marked = read_marked(content)
    except MarkedFault as faults:
        problems += [Problem(message, file=path.name, row=row, remedy=remedy) for message, row, remedy in faults.found]
        return
    if isinstance(marked.data, Mapping) and VARIABLE in marked.data:
        marked = Marked(marked.data[VARIABLE], {place[1:]: row for place, row in marked.rows.items() if place[:1] == (VARIABLE,)})
    rows = {path_text(place): row for place, row in marked.rows.items()}
    yield SourceText(path.name, marked.data, rows, hashlib.sha256(content).hexdigest())


def _content(path: Path, most: int, problems: list[Problem]) -> bytes | None:
    """The bytes of a file; None, and a problem, where it cannot be read."""
    remedy = "relative paths are taken from the folder in which the playbook was started"
    try:
        if path.stat().st_size > most:
            problems.append(Problem(f"the file is larger than {most // 1024 // 1024} MiB", file=path.name, remedy="name the right file"))
            return None
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        problems.append(Problem(f"the file cannot be read: {reason}", file=path.name, remedy=remedy))
        return None


# ---- rendered catalogs -----------------------------------------------------------------------------------------------


def _rendered(desired: PlatformDesired, facts: JsonRecord, base_dir: Path, problems: list[Problem]) -> JsonRecord:
    """Each catalog of the document with the packages that the document wants, by the name of its CatalogSource."""
    operators = desired.operators
    if operators is None or not operators.catalogs:
        return {}
    shipped = catalogue_from(facts)
    packages = {package_of(operator, shipped) for operator in operators.wanted}
    found: JsonRecord = {}
    for catalog in operators.catalogs:
        records = list(_records(base_dir / expanded(catalog.path), problems))
        found[catalog.name] = as_record(rendered_catalog(catalog.name, records, packages))
        if records and not found[catalog.name]["packages"]:
            message = f"operators.catalogs: {catalog.name} has none of the packages that the document wants"
            problems.append(Problem(message, file=Path(catalog.path).name, remedy="render the catalog that serves them"))
    return found


def _records(path: Path, problems: list[Problem]) -> Iterator[JsonRecord]:
    """The records of a file, or of all files of a folder in the order of their names."""
    if not path.is_dir():
        yield from _records_of(path, problems)
        return
    files = sorted(file for file in path.rglob("*") if file.suffix in CATALOG_SUFFIXES and file.is_file())
    if not files:
        remedy = f"it has to hold files {', '.join(CATALOG_SUFFIXES)} that opm render wrote"
        problems.append(Problem("the folder holds no rendered catalog", file=path.name, remedy=remedy))
    for file in files:
        yield from _records_of(file, problems)


def _records_of(path: Path, problems: list[Problem]) -> Iterator[JsonRecord]:
    try:
        text = path.read_text(encoding="utf-8")
        reader: Callable[[str], Iterable[Any]] = _json_values if text.lstrip()[:1] == "{" else _yaml_values
        for record in reader(text):
            if isinstance(record, dict) and "schema" in record:
                yield record
    except OSError as error:
        problems.append(Problem(f"the file cannot be read: {(error.strerror or 'the system refused').lower()}", file=path.name))
    except (ValueError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        row = getattr(error, "lineno", None) or (mark.line + 1 if mark is not None else None)
        problems.append(
            Problem("it is no rendered catalog: neither JSON nor YAML", file=path.name, row=row, remedy="render it with opm render")
        )


def _json_values(text: str) -> Iterator[Any]:
    """JSON values that stand one after the other, as opm writes them."""
    decoder = json.JSONDecoder()
    place, end = 0, len(text.rstrip())
    while place < end:
        while text[place].isspace():
            place += 1
        value, place = decoder.raw_decode(text, place)
        yield value


def _yaml_values(text: str) -> Iterator[Any]:
    return iter(yaml.load_all(text, _LOADER))
