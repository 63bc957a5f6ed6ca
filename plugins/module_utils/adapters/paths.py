# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths as users write them."""

from __future__ import annotations

import os
from pathlib import Path


def expanded(path: str) -> Path:
    """The path with `~` and environment variables filled in, as Ansible does for paths."""
    found = Path(os.path.expandvars(path))
    try:
        return found.expanduser()
    except RuntimeError:  # there is no such user, so the ~ is meant as it stands
        return found
