# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tarball that users install holds what it must, and nothing that only serves the checkout."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.tools.real_copy import make_real_copy
from tests.unit.meta.project import CHECKOUT, MODULES, PLAYBOOKS, ROLES, load_yaml

ALWAYS = {
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "MANIFEST.json",
    "FILES.json",
    "meta/runtime.yml",
    "meta/execution-environment.yml",
    "requirements.txt",
    "bindep.txt",
}
NEVER = {
    ".ci",
    ".venv",
    ".ansible",
    ".git",
    "build",
    "runs",
    "molecule",
    "tests",
    "requirements",
    "Makefile",
    "pyproject.toml",
    "ansible.cfg",
}


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in a tarball that was built from a copy of this checkout."""
    folder = tmp_path_factory.mktemp("build")
    source = make_real_copy(folder / "copy")
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    subprocess.run([galaxy, "collection", "build", "--output-path", folder, source], check=True, capture_output=True)
    (tarball,) = folder.glob("*.tar.gz")
    assert tarball.name == f"groundwork-readiness-{load_yaml(CHECKOUT / 'galaxy.yml')['version']}.tar.gz"
    with tarfile.open(tarball) as archive:
        return {member.name for member in archive if member.isfile()}


def test_tarball_holds_what_a_user_needs(members: set[str]) -> None:
    wanted = {path.relative_to(CHECKOUT).as_posix() for path in (*MODULES, *PLAYBOOKS)}
    wanted |= {(role / "tasks" / "main.yml").relative_to(CHECKOUT).as_posix() for role in ROLES}
    wanted |= {path.relative_to(CHECKOUT).as_posix() for path in CHECKOUT.glob("docs/schemas/*.json")}
    wanted |= {path.relative_to(CHECKOUT).as_posix() for path in CHECKOUT.glob("plugins/plugin_utils/*/*") if path.is_file()}
    wanted |= {path.relative_to(CHECKOUT).as_posix() for path in CHECKOUT.glob("inventories/demo/**/*") if path.is_file()}
    assert (ALWAYS | wanted) - members == set()


def test_tarball_holds_nothing_else(members: set[str]) -> None:
    assert sorted(name for name in members if name.split("/")[0] in NEVER) == []
    assert sorted(name for name in members if "__pycache__" in name or name.endswith((".pyc", ".tar.gz", ".partial"))) == []
    assert sorted(name for name in members if name.startswith(".")) == []
