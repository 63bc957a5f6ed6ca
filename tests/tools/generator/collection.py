# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own code, importable from any checkout, for tools that run outside pytest."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from ..link_tree import CHECKOUT, make_link_tree

COLLECTIONS = CHECKOUT / "build" / "collections"
PACKAGE = "ansible_collections.groundwork.readiness.plugins"


def module_util(name: str) -> ModuleType:
    """The module `plugins/module_utils/<name>`, dots between the parts."""
    return _plugin(f"module_utils.{name}")


def plugin_util(name: str) -> ModuleType:
    """The module `plugins/plugin_utils/<name>`."""
    return _plugin(f"plugin_utils.{name}")


def _plugin(name: str) -> ModuleType:
    if str(COLLECTIONS) not in sys.path:
        make_link_tree(COLLECTIONS)
        sys.path.insert(0, str(COLLECTIONS))
    return importlib.import_module(f"{PACKAGE}.{name}")
