# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the rule catalogue's files on the controller; what it returns is plain data that travels to the module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ..module_utils.assessment.catalogue import catalogue_sha256, load_catalogue, without_examples
from ..module_utils.common.errors import InputError, Problem

SHIPPED_FOLDER = Path(__file__).parent / "rule_catalogue"
HEAD_FILE = "catalogue.yml"


def read_catalogue(folder: Path = SHIPPED_FOLDER) -> dict[str, Any]:
    """The catalogue of a folder as data, examples included: `catalogue.yml` and the rules of every other `.yml` file.

    Each rule says in `file` and `row` where it stands. Raises an `InputError` that lists every file that cannot be read.
    """
    problems: list[Problem] = []
    head = _mapping(folder / HEAD_FILE, problems)
    rules: list[Any] = []
    for path in sorted(folder.glob("*.yml")):
        if path.name != HEAD_FILE:
            rules += _rules(path, problems)
    if problems:
        raise InputError("catalogue_unreadable", "the rule catalogue cannot be read", subject="rule catalogue", problems=problems)
    return {**head, "rules": rules}


def checked_catalogue(folder: Path = SHIPPED_FOLDER) -> dict[str, Any]:
    """The catalogue as an assessment takes it: checked, without examples, rules sorted by id, and its SHA-256."""
    data = read_catalogue(folder)
    load_catalogue(data, examples=True)
    plain = {**data, "rules": sorted((without_examples(rule) for rule in data["rules"]), key=lambda rule: str(rule["id"]))}
    return {**plain, "sha256": catalogue_sha256(plain)}


def _mapping(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        problems.append(Problem(_yaml_message(error), file=path.name, row=_yaml_row(error)))
        return {}
    if not isinstance(data, dict):
        problems.append(Problem("needs a mapping at the top", file=path.name))
        return {}
    return data


def _rules(path: Path, problems: list[Problem]) -> list[Any]:
    data = _mapping(path, problems)
    if not data:
        return []
    rules = data.get("rules")
    if not isinstance(rules, list) or set(data) != {"rules"}:
        problems.append(Problem("needs one key, rules, with a list", file=path.name))
        return []
    rows = _rule_rows(path)
    return [{**rule, "file": path.name, "row": row} if isinstance(rule, dict) else rule for rule, row in zip(rules, rows, strict=True)]


def _rule_rows(path: Path) -> list[int]:
    """The line on which each rule of a file begins."""
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return []
    return [rule.start_mark.line + 1 for rule in root.value[0][1].value]


def _yaml_message(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return f"is not YAML: {error.problem}"
    return f"cannot be read: {error.strerror if isinstance(error, OSError) else error}"


def _yaml_row(error: Exception) -> int | None:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return None if mark is None else mark.line + 1
