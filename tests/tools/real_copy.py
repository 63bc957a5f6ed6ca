# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies the collection to ROOT/ansible_collections/groundwork/readiness, for tools that take no links (ansible-test).

The copy holds what git tracks or would track, without what only serves the checkout: its tests, which the tarball lacks as well, are
judged by ruff and mypy. Usage: real_copy.py ROOT
"""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
LEFT_OUT = {".ci", ".git", ".venv", ".ansible", "build", "runs", "molecule"}
SETTINGS = Path("tests") / "config.yml"
"""What ansible-test has to know of the collection."""

CACHES = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "output"}


def content() -> list[Path]:
    """The collection's files, relative to the checkout, sorted; from git, or from the folder itself where there is no git."""
    try:
        listing = subprocess.run(
            ["git", "-C", str(CHECKOUT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True,
            check=True,
        )
        files = [Path(name) for name in listing.stdout.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        files = [path.relative_to(CHECKOUT) for path in CHECKOUT.rglob("*") if not CACHES.intersection(path.parts)]
    return sorted(path for path in files if path.parts[0] not in LEFT_OUT and (CHECKOUT / path).is_file())


def make_real_copy(root: Path) -> Path:
    """Makes the copy, or brings it up to date; returns the collection's folder in it."""
    collection = root / "ansible_collections" / "groundwork" / "readiness"
    collection.mkdir(parents=True, exist_ok=True)
    wanted = [path for path in content() if path.parts[0] != "tests" or path == SETTINGS]
    for path in wanted:
        target = collection / path
        if not target.is_file() or not filecmp.cmp(CHECKOUT / path, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / path, target)
    keep = {collection / path for path in wanted}
    for path in sorted(collection.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif not path.is_dir() and path not in keep:
            path.unlink()
    return collection


if __name__ == "__main__":
    make_real_copy(Path(sys.argv[1]))
