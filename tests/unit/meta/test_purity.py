# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage packages are pure: the standard library's pure part and each other, no clock, no chance, no I/O, no Ansible."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.core_tests import Closures
from tests.unit.meta.project import MODULE_UTILS, STAGES, name_of, tree_of

PURE_LIBRARY = {
    "__future__",
    "abc",
    "base64",
    "binascii",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "difflib",
    "decimal",
    "enum",
    "fnmatch",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "hmac",
    "html",
    "ipaddress",
    "itertools",
    "json",
    "keyword",
    "math",
    "numbers",
    "operator",
    "re",
    "statistics",
    "string",
    "struct",
    "textwrap",
    "types",
    "typing",
    "unicodedata",
    "urllib.parse",
}
PURE_NAMES = {("sys", "intern"), ("pathlib", "PurePath"), ("pathlib", "PurePosixPath"), ("pathlib", "PureWindowsPath"), ("io", "StringIO")}
"""Names that are pure in a module that is not."""

IMPURE_BUILTINS = {"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint", "id", "hash"}
CLOCKS = {"now", "today", "utcnow"}
STAGE_FILES = sorted(path for stage in STAGES for path in (MODULE_UTILS / stage).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str, str]]:
    """Level, module and name of everything that a file imports."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.level, node.module or "", alias.name) for alias in node.names)


def is_pure_library(module: str, name: str) -> bool:
    """True for an absolute import of the pure part of the standard library."""
    return module in PURE_LIBRARY or module.split(".")[0] in PURE_LIBRARY - {"urllib.parse"} or (module, name) in PURE_NAMES


def stage_of_import(path: Path, level: int, module: str, name: str) -> str:
    """The folder below module_utils that a relative import reaches."""
    start = path.parent
    for _step in range(level - 1):
        start = start.parent
    reached = (*start.relative_to(MODULE_UTILS.parent).parts, *filter(None, module.split(".")), name)
    return reached[1] if len(reached) > 1 and reached[0] == "module_utils" else ".".join(reached)


def test_there_are_stage_files() -> None:
    assert len(STAGE_FILES) > len(STAGES)


@pytest.mark.parametrize("path", STAGE_FILES, ids=name_of)
def test_stage_imports_only_pure_library_and_lower_stages(path: Path) -> None:
    stage = path.relative_to(MODULE_UTILS).parts[0]
    allowed = STAGES[: STAGES.index(stage) + 1]
    wrong = [
        f"{'.' * level}{module} {name}".strip()
        for level, module, name in imports(path)
        if not (is_pure_library(module, name) if level == 0 else stage_of_import(path, level, module, name) in allowed)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", STAGE_FILES, ids=name_of)
def test_stage_reads_no_clock_and_does_no_input_or_output(path: Path) -> None:
    calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    plain = [call.func.id for call in calls if isinstance(call.func, ast.Name) and call.func.id in IMPURE_BUILTINS]
    clocks = [ast.unparse(call.func) for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in CLOCKS]
    assert plain + clocks == []


def test_checker_sees_an_impure_import(tmp_path: Path) -> None:
    source = tmp_path / "impure.py"
    source.write_text("import os\nfrom pathlib import Path\nfrom json import loads\n", encoding="utf-8")
    assert [is_pure_library(module, name) for _level, module, name in imports(source)] == [False, False, True]


def test_checker_sees_an_import_upwards() -> None:
    path = MODULE_UTILS / "estate" / "deeper" / "thing.py"
    assert stage_of_import(path, 3, "adapters.artifacts", "encode") == "adapters"
    assert stage_of_import(path, 3, "", "_runner") == "_runner"
    assert stage_of_import(path, 2, "model", "Vm") == "estate"
    assert stage_of_import(MODULE_UTILS / "estate" / "thing.py", 3, "plugin_utils.rule_files", "load") == "plugin_utils.rule_files.load"


JUDGES = ("plan", "planning", "recording", "parts", "desired.model", "catalogue")
"""Files of a stage that bring all of it along."""


def test_report_brings_no_stage_along_but_its_records_and_words() -> None:
    """Each task compiles what its module imports: a report that imported stages would take twice as long to begin."""
    brought = Closures().reached_from(sorted((MODULE_UTILS / "report").glob("*.py")))
    names = {".".join(place.relative_to(MODULE_UTILS).with_suffix("").parts) for place in brought if place.is_relative_to(MODULE_UTILS)}
    assert {"platform.model", "platform.monitoring.records"} <= names
    assert {name for name in names if name.startswith("platform.") and name.endswith(tuple(f".{judge}" for judge in JUDGES))} == set()
