# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the hosts of an inventory leave what belongs to them. The controller imports this for each task, so it imports little."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote


def file_word(host: str) -> str:
    """A host's name as part of a file's: what could lead elsewhere is percent-encoded, and no two names become one."""
    return quote(host, safe="")


def part_path(run_dir: Path, host: str) -> Path:
    """Where a host of the inventory leaves its part of the estate."""
    return run_dir / "parts" / f"estate-{file_word(host)}.jsonl"


def platform_part_path(run_dir: Path, part: str) -> Path:
    """Where a part of the platform, or its preflight, leaves what it found."""
    return run_dir / "parts" / f"platform-{file_word(part)}.jsonl"


def namespaces_part_path(run_dir: Path, part: str) -> Path:
    """Where what belongs to the namespaces stage, and is done by a module of its own, leaves what it found."""
    return run_dir / "parts" / f"namespaces-{file_word(part)}.jsonl"


def progress_path(run_dir: Path, host: str) -> Path:
    """Where the reading of a host's vCenter notes how far it is, while it lasts."""
    return run_dir / "parts" / f".progress-{file_word(host)}.json"
