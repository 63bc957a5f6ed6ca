# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.unit.meta.project import CHECKOUT, MODULES, files, name_of, tree_of

PYTHON = files(".py")
PLUGINS = files(".py", "plugins")
YAML = (*files(".yml"), *files(".yaml"))
DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 500
MAX_MODULE_LINES = 60

LEFT_FOR_LATER = re.compile("|".join((r"\bTO" + "DO", r"\bFIX" + "ME", r"\bXX" + r"X\b", r"raise\s+NotImplemented" + "Error")))
SILENCED = re.compile(
    "|".join(("no" + "qa", r"type:\s*ig" + r"nore\b", r"pylint:\s*dis" + "able", "no" + "sec", r"pytest\.mark\.(?:sk" + "ip|xf" + "ail)"))
)
NEWEST_IMAGE = re.compile(r"\S:lat" + "est\b")
PASSWORD = re.compile(
    r"""(?i)\b\w*(?:passw(?:or)?d|secret|token)\w*["']?\s*[:=]\s*["']?(?!["'{<\s]|$|str\b|None\b|null\b|true\b|false\b)([\w!@#$%^&*-]{4,})["']?\s*$"""
)


def lines_of_code(path: Path) -> int:
    """Lines that hold code: neither blank, comment, docstring, nor a module's documentation."""
    passed_over: set[int] = set()
    for node in ast.walk(tree_of(path)):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        is_documentation = isinstance(node, ast.Assign) and any(getattr(target, "id", "") in DOCUMENTATION for target in node.targets)
        if is_text or is_documentation:
            passed_over.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return sum(1 for number, line in lines if number not in passed_over and line.strip() and not line.strip().startswith("#"))


def places(path: Path, pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern occurs, as path:line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [f"{name_of(path)}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if pattern.search(line)]


@pytest.mark.parametrize("path", [path for path in PYTHON if path.stat().st_size], ids=name_of)
def test_python_file_names_licence_and_postpones_annotations(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    head = text.splitlines()[:5]
    assert "# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)" in head
    assert "# SPDX-License-Identifier: GPL-3.0-or-later" in head
    assert "\nfrom __future__ import annotations\n" in text


@pytest.mark.parametrize("path", [path for path in PLUGINS if path.name != "_runner.py"], ids=name_of)
def test_only_the_runner_ends_a_module(path: Path) -> None:
    called = {node.func.attr for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}
    assert called & {"fail_json", "exit_json"} == set()


@pytest.mark.parametrize("path", PLUGINS, ids=name_of)
def test_plugin_catches_nothing_broadly_and_asserts_nothing(path: Path) -> None:
    nodes = list(ast.walk(tree_of(path)))
    caught = [ast.unparse(node.type) if node.type else "everything" for node in nodes if isinstance(node, ast.ExceptHandler)]
    assert [name for name in caught if name in {"everything", "Exception", "BaseException"}] == []
    assert [node.lineno for node in nodes if isinstance(node, ast.Assert)] == []


@pytest.mark.parametrize("path", PLUGINS, ids=name_of)
def test_plugin_stays_readable(path: Path) -> None:
    functions = [node for node in ast.walk(tree_of(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    long = [
        f"{node.name} ({node.end_lineno - node.lineno + 1})"
        for node in functions
        if node.end_lineno and node.end_lineno - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert long == []
    assert lines_of_code(path) <= (MAX_MODULE_LINES if path in MODULES else MAX_FILE_LINES)


@pytest.mark.parametrize("path", [path for path in PYTHON if "tests" in path.parts], ids=name_of)
def test_test_file_stays_readable(path: Path) -> None:
    assert lines_of_code(path) <= MAX_FILE_LINES


def test_nothing_is_silenced_skipped_or_left_for_later() -> None:
    searched = [*PYTHON, *YAML, *files(".j2"), *files(".js"), *files(".sh")]
    assert [place for path in searched for place in places(path, SILENCED) + places(path, LEFT_FOR_LATER)] == []


def test_no_image_is_taken_at_its_newest() -> None:
    assert [place for path in YAML for place in places(path, NEWEST_IMAGE)] == []


def test_tests_and_examples_hold_no_password() -> None:
    searched = [
        path for path in (*PYTHON, *YAML) if path.relative_to(CHECKOUT).parts[0] in {"tests", "inventories", "molecule", "playbooks"}
    ]
    assert [place for path in searched for place in places(path, PASSWORD)] == []


@pytest.mark.parametrize("line", ["vcenter_password: Sup3rS3cret!", "password = 'hunter22'", "    api_token: abcd1234"])
def test_password_pattern_finds_a_literal(line: str) -> None:
    assert PASSWORD.search(line)


@pytest.mark.parametrize(
    "line", ["password: {{ vault_password }}", 'password: "{{ vault }}"', "password: str", "    password:", "token = None"]
)
def test_password_pattern_passes_over_a_reference(line: str) -> None:
    assert not PASSWORD.search(line)


def test_there_is_no_sanity_ignore_file() -> None:
    assert list(CHECKOUT.glob("tests/sanity/ignore*.txt")) == []
    assert not (CHECKOUT / ".ansible-lint-ignore").exists()
