# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what the platform stage needs on the controller: the user's documents with the row of each value, rendered catalogs, shipped facts.

What it returns is plain data that travels to the module: only Python files do so by themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import yaml

from ..module_utils.adapters.paths import expanded
from ..module_utils.common.artifact import JsonRecord
from ..module_utils.common.errors import Problem
from ..module_utils.estate.scope import word_for
from ..module_utils.platform.desired.model import PlatformDesired
from ..module_utils.platform.desired.operator_rules import package_of
from ..module_utils.platform.desired.parse import VARIABLE, SourceText, parse
from ..module_utils.platform.olm.catalog import as_record, rendered_catalog
from ..module_utils.platform.shipped import FILES, catalogue_from
from .document_files import entries_of, source_of_mapping, sources_of_file

SHIPPED_FOLDER: Final = Path(__file__).parent / "platform_catalogue"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, where PyYAML was built with it: ten times as fast."""

CATALOG_SUFFIXES: Final = (".json", ".jsonl", ".yaml", ".yml")
_FORM: Final = "give the desired state as a mapping, as the path of a YAML or JSON file, or as a list of these"


def load(document: object, base_dir: Path) -> JsonRecord:
    """All of it: `documents`, `catalogue`, `rendered`, and the `problems` of files that cannot be read."""
    problems: list[Problem] = []
    documents = [source for entry in entries_of(document) for source in _source(entry, base_dir, problems)]
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


def _source(entry: object, base_dir: Path, problems: list[Problem]) -> Iterator[SourceText]:
    """One source; nothing, and a problem, for one that cannot be read."""
    if isinstance(entry, Mapping):
        yield source_of_mapping(entry, VARIABLE, VARIABLE)
    elif isinstance(entry, (str, Path)):
        path = base_dir / expanded(str(entry))
        yield from sources_of_file(path, VARIABLE, path.name, problems)
    else:
        problems.append(Problem(f"{VARIABLE} is {word_for(entry)}, or holds one", remedy=_FORM))


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
