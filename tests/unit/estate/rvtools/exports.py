# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes small RVTools exports for tests: tabs are lists of rows, the first one the header."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.rvtools import read_rvtools
from ansible_collections.groundwork.readiness.plugins.module_utils.common.artifact import JsonRecord

Tabs = Mapping[str, Sequence[Sequence[Any]]]

VCENTER = "aaaaaaaa-0000-4000-8000-000000000001"
OTHER_VCENTER = "bbbbbbbb-0000-4000-8000-000000000002"


def table(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Header and rows from mappings, the columns in the order of their first appearance."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    return [header, *([row.get(name, "") for name in header] for row in rows)]


def write_xlsx(path: Path, tabs: Tabs) -> Path:
    """A workbook with these tabs."""
    with xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd hh:mm:ss", "remove_timezone": True}
    ) as book:
        for name, rows in tabs.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def csv_text(rows: Sequence[Sequence[Any]], separator: str = ",") -> str:
    """One tab as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue()


def write_csv(folder: Path, tabs: Tabs, separator: str = ",", encoding: str = "utf-8", prefix: str = "RVTools_tab") -> Path:
    """A folder with one CSV file a tab."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tabs.items():
        (folder / f"{prefix}{name}.csv").write_bytes(csv_text(rows, separator).encode(encoding))
    return folder


def read(path: Path) -> tuple[JsonRecord, dict[str, list[JsonRecord]]]:
    """(source record, the other records by kind)."""
    outcome = read_rvtools(path)
    kinds: dict[str, list[JsonRecord]] = {}
    for record in outcome.records:
        kinds.setdefault(record["kind"], []).append(record)
    return outcome.source, kinds


def vms(path: Path) -> dict[str, JsonRecord]:
    """The VMs by name."""
    return {record["name"]: record for record in read(path)[1]["vm"]}


def vm_row(name: str, moref: str, **cells: Any) -> dict[str, Any]:
    """A row of vInfo with its keys."""
    return {"VM": name, "Powerstate": "poweredOn", **cells, "VM ID": moref, "VI SDK Server": "vc.example.com", "VI SDK UUID": VCENTER}


def part_row(name: str, moref: str, **cells: Any) -> dict[str, Any]:
    """A row of a tab of VMs with its keys; underscores in names of cells stand for blanks."""
    return {"VM": name, **{key.replace("_", " "): value for key, value in cells.items()}, "VM ID": moref, "VI SDK UUID": VCENTER}
