# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One process that loads inventories, for all tests of a folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .support import Ansible


@pytest.fixture(scope="session")
def ansible(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ansible]:
    """Loads inventories with the real inventory manager."""
    process = Ansible(tmp_path_factory.mktemp("ansible") / "errors.txt")
    yield process
    process.close()
