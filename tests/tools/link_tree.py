# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the checkout where Ansible finds it: ROOT/ansible_collections/groundwork/readiness, a folder of links.

The links go to each top-level entry that belongs to the collection, never to the checkout itself, so that the tree
does not contain itself. Usage: link_tree.py [ROOT]; without ROOT, the site-packages of the interpreter that runs it,
where Ansible looks whatever ansible.cfg says.
"""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
CONTENT = (
    "galaxy.yml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "meta",
    "plugins",
    "roles",
    "playbooks",
    "inventories",
    "extensions",
    "docs",
    "changelogs",
    "tests",
)


def make_link_tree(root: Path) -> Path:
    """Makes or mends the tree below root; returns the collection's folder in it."""
    collection = root / "ansible_collections" / "groundwork" / "readiness"
    collection.mkdir(parents=True, exist_ok=True)
    for name in CONTENT:
        source, link = CHECKOUT / name, collection / name
        target = os.path.relpath(source, collection.resolve())
        if link.is_symlink() and (str(link.readlink()) != target or not source.exists()):
            link.unlink()
        if source.exists() and not link.is_symlink():
            with contextlib.suppress(FileExistsError):
                link.symlink_to(target)
    return collection


def link_installed(root: Path, name: str) -> None:
    """Links a collection that the `ansible` distribution brought into the tree below root, for interpreters without that distribution."""
    places = [Path(sysconfig.get_path("purelib")), *sorted(CHECKOUT.glob(".venv/lib/python*/site-packages"))]
    source = next((place / "ansible_collections" / name for place in places if (place / "ansible_collections" / name).is_dir()), None)
    link = root / "ansible_collections" / name
    if link.is_symlink() and not link.exists():
        link.unlink()
    if source is not None and not link.exists():
        with contextlib.suppress(FileExistsError):
            link.symlink_to(source)


if __name__ == "__main__":
    make_link_tree(Path(sys.argv[1] if len(sys.argv) > 1 else sysconfig.get_path("purelib")))
