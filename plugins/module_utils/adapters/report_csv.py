# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VMs and their findings, the plan and the checks of the platform, as CSV (RFC 4180) for programs.

UTF-8 without a byte order mark: programs take a mark for a part of the first name, and people who open a spreadsheet
have the workbook. A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers are numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from ..report.namespaces_tables import (
    CONTRACT_COLUMNS,
    NAMESPACE_CHECK_COLUMNS,
    SHOWBACK_COLUMNS,
    contract_rows,
    namespace_check_rows,
    showback_rows,
)
from ..report.plan_tables import PLAN_COLUMNS, PREFLIGHT_COLUMNS, WAVE_COLUMNS, plan_rows, preflight_rows, wave_rows
from ..report.platform_tables import CHECK_COLUMNS, check_rows
from ..report.tables import FINDING_COLUMNS, VM_COLUMNS, Cell, Column, Row, finding_rows, vm_rows
from ..report.view import ReportView

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_vms_csv(view: ReportView, path: Path) -> None:
    """One row per VM in scope."""
    _write(path, VM_COLUMNS, vm_rows(view))


def write_findings_csv(view: ReportView, path: Path) -> None:
    """One row per VM, failed rule and piece of evidence."""
    _write(path, FINDING_COLUMNS, finding_rows(view))


def write_waves_csv(view: ReportView, path: Path) -> None:
    """One row per wave of the plan."""
    _write(path, WAVE_COLUMNS, wave_rows(view))


def write_plan_csv(view: ReportView, path: Path) -> None:
    """One row per VM that the plan knows."""
    _write(path, PLAN_COLUMNS, plan_rows(view))


def write_preflight_csv(view: ReportView, path: Path) -> None:
    """One row per condition of the preflight and object for which it failed or could not be evaluated."""
    _write(path, PREFLIGHT_COLUMNS, preflight_rows(view))


def write_checks_csv(view: ReportView, path: Path) -> None:
    """One row per check of the platform and subject."""
    _write(path, CHECK_COLUMNS, check_rows(view))


def write_contracts_csv(view: ReportView, path: Path) -> None:
    """One row per contract."""
    _write(path, CONTRACT_COLUMNS, contract_rows(view))


def write_namespace_checks_csv(view: ReportView, path: Path) -> None:
    """One row per check of namespaces and subject."""
    _write(path, NAMESPACE_CHECK_COLUMNS, namespace_check_rows(view))


def write_showback_csv(view: ReportView, path: Path) -> None:
    """One row per owner, namespace and resource."""
    _write(path, SHOWBACK_COLUMNS, showback_rows(view))


def neutral(value: Cell) -> Cell:
    """The value as it can stand in a cell: no text begins as a formula does, booleans are `true` and `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _write(path: Path, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([column.name for column in columns])
        writer.writerows([neutral(value) for value in row] for row in rows)
