# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles, their argument specs and their READMEs say the same; the README's commands exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.meta.project import CHECKOUT, PLAYBOOK_PARTS, ROLES, files, load_yaml, name_of

DOCUMENTS = files(".md")
TABLE_ROW = re.compile(r"^\|\s*`([a-z][a-z0-9_]*)`\s*\|\s*(.*?)\s*\|", re.MULTILINE)
MAKE_COMMAND = re.compile(r"(?:^|[\s`(])make((?:\s+[a-z][a-z-]*)+)")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)


def options_of(role: Path) -> dict[str, dict[str, Any]]:
    """The options of all entry points of a role."""
    entries = load_yaml(role / "meta" / "argument_specs.yml")["argument_specs"].values()
    return {name: option for entry in entries for name, option in entry.get("options", {}).items()}


def main_options(role: Path) -> dict[str, dict[str, Any]]:
    """The options of the role's main entry point."""
    options = load_yaml(role / "meta" / "argument_specs.yml")["argument_specs"]["main"].get("options", {})
    assert isinstance(options, dict)
    return options


def defaults_of(role: Path) -> dict[str, Any]:
    """The role's defaults."""
    path = role / "defaults" / "main.yml"
    return (load_yaml(path) or {}) if path.is_file() else {}


@pytest.mark.parametrize("role", ROLES, ids=name_of)
def test_role_defaults_are_in_the_argument_specs(role: Path) -> None:
    assert set(defaults_of(role)) <= set(options_of(role))


@pytest.mark.parametrize("role", ROLES, ids=name_of)
def test_role_variables_carry_its_prefix(role: Path) -> None:
    assert [name for name in options_of(role) if not name.startswith(f"{role.name}_")] == []


@pytest.mark.parametrize("role", ROLES, ids=name_of)
def test_role_defaults_that_are_plain_values_equal_the_argument_specs(role: Path) -> None:
    options = main_options(role)
    documented = {name: options[name]["default"] for name in options if "default" in options[name]}
    assert documented == {name: value for name, value in defaults_of(role).items() if name in documented}


@pytest.mark.parametrize("role", ROLES, ids=name_of)
def test_role_readme_lists_every_variable(role: Path) -> None:
    readme = (role / "README.md").read_text(encoding="utf-8")
    listed = dict(TABLE_ROW.findall(readme))
    assert set(listed) == set(main_options(role))
    assert [name for name in options_of(role) if name not in readme] == []


@pytest.mark.parametrize("role", ROLES, ids=name_of)
def test_role_readme_marks_required_variables(role: Path) -> None:
    readme = (role / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|\s*`([a-z][a-z0-9_]*)`\s*\|[^|]*\|\s*([^|]*?)\s*\|", readme, re.MULTILINE)
    assert {name for name, required in rows if required == "yes"} == {
        name for name, option in main_options(role).items() if option.get("required")
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_make_commands_in_documents_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    code = re.findall(r"`([^`\n]+)`", text) + [
        line for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) for line in block.splitlines()
    ]
    targets = set(TARGET.findall((CHECKOUT / "Makefile").read_text(encoding="utf-8")))
    named = {word for line in code for words in MAKE_COMMAND.findall(line.split("#")[0]) for word in words.split()}
    assert named - targets == set()


def test_every_make_target_is_explained() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    explained = set(re.findall(r"^([a-z][a-z-]*):[^\n]*## \S", makefile, re.MULTILINE))
    assert explained == set(TARGET.findall(makefile))


def test_readme_lists_every_variable_of_the_playbooks() -> None:
    listed = set(re.findall(r"^\|\s*`(readiness_[a-z_]+)`", (CHECKOUT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    used = {name for path in PLAYBOOK_PARTS for name in re.findall(r"(readiness_[a-z_]+)\s*\|\s*default", path.read_text(encoding="utf-8"))}
    assert used <= listed
    assert listed <= {name for path in PLAYBOOK_PARTS for name in re.findall(r"readiness_[a-z_]+", path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []
