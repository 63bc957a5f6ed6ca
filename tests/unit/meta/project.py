# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the project itself look at: its files, its modules, its roles."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.tools.real_copy import CHECKOUT, content

STAGES = ("common", "estate", "target", "assessment", "plan", "platform", "namespaces", "report")
"""The stage packages from the lowest layer to the highest: each may import itself and those before it."""

MODULE_UTILS = CHECKOUT / "plugins" / "module_utils"
ROLES = sorted(path.parent.parent for path in CHECKOUT.glob("roles/*/meta/argument_specs.yml"))
MODULES = sorted(path for path in CHECKOUT.glob("plugins/modules/*.py") if path.name != "__init__.py")
PLAYBOOKS = sorted(CHECKOUT.glob("playbooks/*.yml"))
PLAYBOOK_PARTS = [*PLAYBOOKS, *sorted(CHECKOUT.glob("playbooks/tasks/*.yml"))]


@cache
def files(suffix: str, *folders: str) -> tuple[Path, ...]:
    """The project's own files with that suffix, below those top-level folders or anywhere."""
    own = (path for path in content() if path.suffix == suffix and (not folders or path.parts[0] in folders))
    return tuple(CHECKOUT / path for path in own)


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def load_yaml(path: Path) -> Any:
    """A YAML file's content."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    """The path as it is shown in a test's name."""
    return str(path.relative_to(CHECKOUT))


def constant(path: Path, name: str) -> str:
    """A text that a Python file assigns to a name at its top."""
    for node in tree_of(path).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            value = ast.literal_eval(node.value)
            assert isinstance(value, str)
            return value
    raise AssertionError(f"{name_of(path)} has no {name}")
