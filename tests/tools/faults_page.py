# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes docs/faults.md from the names of the tests: python -m tests.tools.faults_page."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from tests.tools.link_tree import CHECKOUT

TESTS = CHECKOUT / "tests" / "integration" / "test_vcenter_faults.py"
PAGE = CHECKOUT / "docs" / "faults.md"
PREFIX = "test_"
HEAD = """# What a live reading survives

Each row is one test in `tests/integration/test_vcenter_faults.py`, run against the simulated vCenter of
`tests/counterparts/vcenter`; this page is made from the names of the tests by `python -m tests.tools.faults_page`. Where an
estate is "the same", it is so byte by byte. For every other one the assessments are compared pair by pair: what a fault took
away leaves rules open, and changes no answer.

| fault | what becomes of the reading |
|---|---|
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A fault, and what becomes of a reading that meets it."""

    fault: str
    outcome: str


def fault_rows() -> list[Row]:
    """A row for each test of a fault, in the order of the file."""
    tree = ast.parse(TESTS.read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith(PREFIX) and "__" in node.name]
    parts = [name.removeprefix(PREFIX).split("__", 1) for name in names]
    return [Row(fault, outcome.replace("_", " ")) for fault, outcome in parts]


def page() -> str:
    """The page."""
    return HEAD + "".join(f"| `{row.fault}` | {row.outcome} |\n" for row in fault_rows())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
