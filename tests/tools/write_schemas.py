# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the JSON Schemas that are made from code into docs/schemas: `python -m tests.tools.write_schemas`."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from tests.tools.link_tree import make_link_tree

CHECKOUT = Path(__file__).resolve().parents[2]
MODULE_UTILS = "ansible_collections.groundwork.readiness.plugins.module_utils"
GENERATED = {
    "contract": "namespaces.contract.reading",
    "estate": "estate.records",
    "target": "target.records",
    "plan": "plan.schema",
    "platform": "platform.schema",
    "namespaces": "namespaces.schema",
    "platform_desired": "platform.desired.parse",
    "proof": "namespaces.life.result",
}
"""Schemas that are made from a model, and the module that has the function `<name>_schema`."""


def main() -> None:
    """Entry point."""
    collections = CHECKOUT / "build" / "collections"
    make_link_tree(collections)
    sys.path.insert(0, str(collections))
    for name, module in GENERATED.items():
        schema = getattr(importlib.import_module(f"{MODULE_UTILS}.{module}"), f"{name}_schema")()
        path = CHECKOUT / "docs" / "schemas" / f"{name}.schema.json"
        path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
