# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads generated files for the tests, as plainly as possible."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import python_calamine

Tab = list[list[Any]]


def workbook_tabs(path: Path) -> dict[str, Tab]:
    """Every sheet of a workbook as rows."""
    workbook = python_calamine.CalamineWorkbook.from_path(str(path))
    return {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}


def rows_by_name(tab: Tab) -> list[dict[str, Any]]:
    """The rows of a tab as mappings from column to cell."""
    return [dict(zip(tab[0], row, strict=True)) for row in tab[1:]]


def saved_records(path: Path) -> list[dict[str, Any]]:
    """Every line of a saved estate, header and trailer included."""
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    return [json.loads(line) for line in text.splitlines()]


def vms_of(records: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
    """The VMs among the records."""
    return [record for record in records if record["kind"] == "vm"]
