# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which unit tests may come out otherwise with another ansible-core: those that reach it, by an import or by one of its programs.

All others see the same code on the same Python, whatever the version of ansible-core beside them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.tools.cores import CHECKOUT

TESTS = CHECKOUT / "tests" / "unit"
COLLECTION = "ansible_collections.groundwork.readiness."
_PROGRAM = re.compile(r"[\"']ansible(-[a-z]+)?[\"']|ANSIBLE_MODULE_ARGS")


def core_tests() -> list[Path]:
    """The files of unit tests that reach ansible-core, sorted."""
    closures = Closures()
    return [file for file in sorted(TESTS.rglob("test_*.py")) if closures.reaches_core(file)]


class Closures:
    """What files import, read once."""

    def __init__(self) -> None:
        self._imports: dict[Path, frozenset[str]] = {}
        self._files: dict[Path, frozenset[Path]] = {}
        self._is_direct: dict[Path, bool] = {}

    def reaches_core(self, file: Path) -> bool:
        """Whether a test file, what it imports, or a conftest beside or above it reaches ansible-core."""
        fixtures = [folder / "conftest.py" for folder in file.parents if folder.is_relative_to(TESTS)]
        return any(map(self._reaches_itself, self.reached_from([file, *(one for one in fixtures if one.exists())])))

    def reached_from(self, files: Iterable[Path]) -> set[Path]:
        """These files, and all of the collection that they import, directly or not."""
        waiting = list(files)
        seen = set(waiting)
        while waiting:
            fresh = self._files_of(waiting.pop()) - seen
            seen |= fresh
            waiting += fresh
        return seen

    def _reaches_itself(self, file: Path) -> bool:
        if file not in self._is_direct:
            names = self._names(file)
            runs = _PROGRAM.search(file.read_text(encoding="utf-8")) is not None and file.is_relative_to(CHECKOUT / "tests")
            self._is_direct[file] = runs or any(name.partition(".")[0] == "ansible" for name in names)
        return self._is_direct[file]

    def _files_of(self, file: Path) -> frozenset[Path]:
        if file not in self._files:
            places = [CHECKOUT.joinpath(*name.split(".")) for name in self._names(file)]
            files = (found for place in places for found in (place.with_suffix(".py"), place / "__init__.py"))
            self._files[file] = frozenset(found for found in files if found.exists())
        return self._files[file]

    def _names(self, file: Path) -> frozenset[str]:
        """Names that a file imports, those of the collection as seen from the checkout."""
        if file not in self._imports:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            package = file.relative_to(CHECKOUT).parts[:-1]
            self._imports[file] = frozenset(name.removeprefix(COLLECTION) for node in ast.walk(tree) for name in _imported(node, package))
        return self._imports[file]


def _imported(node: ast.AST, package: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else ()
        module = ".".join([*above, *([node.module] if node.module else [])])
        yield from (module, *(f"{module}.{alias.name}" for alias in node.names))
