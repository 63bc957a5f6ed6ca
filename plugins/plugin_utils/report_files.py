# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the HTML report's template, style and scripts on the controller; modules get them as an argument."""

from __future__ import annotations

from pathlib import Path

ASSETS_FOLDER = Path(__file__).parent / "report_assets"
SUFFIXES = (".css", ".j2", ".js")


def load_assets(folder: Path = ASSETS_FOLDER) -> dict[str, str]:
    """Every asset of the folder: base name to text. Raises OSError when the folder or a file in it cannot be read."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES}
