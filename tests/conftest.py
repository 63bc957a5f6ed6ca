# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes `ansible_collections.groundwork.readiness` importable from any checkout, and finds the shared test data."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test fails because the machine is busy with others.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

CHECKOUT = Path(__file__).resolve().parents[1]
COLLECTIONS = CHECKOUT / "build" / "collections"
sys.path[:0] = [str(COLLECTIONS), str(CHECKOUT)]
_link_tree = importlib.import_module("tests.tools.link_tree")
_link_tree.make_link_tree(COLLECTIONS)
_link_tree.link_installed(COLLECTIONS, "kubernetes")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test data; tests that need it are skipped, and counted, where it is absent."""
    folder = Path(os.environ.get("READINESS_SHARED", CHECKOUT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared test data at {folder}")
    return folder
