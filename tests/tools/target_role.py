# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the ClusterRole that the role `target` ships, from the catalogue of what is read: `python -m tests.tools.target_role`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.tools.link_tree import make_link_tree

CHECKOUT = Path(__file__).resolve().parents[2]
ROLE = CHECKOUT / "roles" / "target" / "files" / "cluster_role.yml"
READINGS = "ansible_collections.groundwork.readiness.plugins.module_utils.target.readings"
HEAD = """\
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# What an account needs for reading a target cluster. It reads no secrets and changes nothing.
# Made from plugins/module_utils/target/readings.py by tests/tools/target_role.py.
---
"""


class Indented(yaml.SafeDumper):
    """Writes lists indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        """See PyYAML."""
        return super().increase_indent(flow, False)


def role_text(role: object) -> str:
    """The role as a YAML file."""
    return HEAD + yaml.dump(role, Dumper=Indented, sort_keys=False)


def main() -> None:
    """Entry point."""
    collections = CHECKOUT / "build" / "collections"
    make_link_tree(collections)
    sys.path.insert(0, str(collections))
    ROLE.write_text(role_text(importlib.import_module(READINGS).cluster_role()), encoding="utf-8")


if __name__ == "__main__":
    main()
