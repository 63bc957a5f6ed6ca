# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads an RVTools export: the next tab is unpacked, checked and loaded in the background while the current one is mapped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from ..common.artifact import ArtifactInput
from ..common.errors import Problem
from ..estate.captured import parse_moment
from ..estate.rvtools.assemble import SourceFile, assemble
from ..estate.rvtools.export import Export, split_header
from ..estate.rvtools.tabs import INFO, INVENTORY_TABS, TAB_OF, VM_TABS
from .archives import BadArchive, Findings, Limits
from .csv_files import CsvRows, checked_rows
from .garbage import without_collection
from .source_read import SourceRead
from .workbooks import CsvExport, ExportSource, open_exports

READING_ORDER: Final = (*(tab.name for tab in INVENTORY_TABS), INFO.name, *(tab.name for tab in VM_TABS))


def read_rvtools(path: Path, limits: Limits | None = None) -> SourceRead:
    """Reads a workbook, a folder or a zip.

    Everything is read before this returns; only the VMs' records are put together while `records` is iterated.
    Raises `InputError` that lists every problem with file, tab, row and column.
    """
    opened = open_exports(path, limits or Limits())
    findings = Findings()
    with without_collection():
        exports = [export for source in opened.exports if (export := _read(source, findings)) is not None]
    findings.raise_if_any(opened.name)
    sha256 = _sha256(opened.files, path.is_dir())
    files = [SourceFile(name, digest) for name, digest in opened.files] if path.is_dir() else []
    source, records = assemble(opened.name, sha256, files, exports)
    inputs = (ArtifactInput(opened.name, sha256, source.get("captured_at", "")),)
    return SourceRead(source, records, inputs)


def _sha256(files: Sequence[tuple[str, str]], folder: bool) -> str:
    """SHA-256 of a file, or of a folder: over the sorted lines `name sha256` of the files that were used."""
    if not folder:
        return files[0][1]
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()


def _read(source: ExportSource, findings: Findings) -> Export | None:
    """One export, or None with its problems noted."""
    export = Export(source.file)
    created = source.created()
    export.created = created if parse_moment(created) else ""
    tab_name = INFO.name
    try:
        for tab_name, content in _loaded(source):
            problems = _take(export, source, tab_name, content)
            if problems:
                findings.entries += [("vinfo_unusable", problem) for problem in problems]
                return None
            del content
    except BadArchive as error:
        file = source.files[tab_name].name if isinstance(source, CsvExport) and tab_name in source.files else source.file
        findings.add(error.code, error.message, file, error.tab or tab_name, error.remedy, error.row)
        return None
    return export


def _take(export: Export, source: ExportSource, tab_name: str, content: Any) -> list[Problem]:
    tab = TAB_OF[tab_name.lower()]
    rows = source.rows(tab_name, content)
    table = split_header(tab, rows)
    if table is None:
        if tab is INFO:
            return [Problem("the tab has no header with a VM's name", source.file, tab.name, column="VM", remedy="Export again.")]
        export.unusable[tab.name] = "the tab is empty"
        return []
    if isinstance(rows, CsvRows):
        table.rows = checked_rows(table, table.rows, rows)
    if tab is INFO:
        return export.add_info(table)
    if tab in VM_TABS:
        export.add_vm_tab(table)
    else:
        export.add_inventory(table)
    return []


def _loaded(source: ExportSource) -> Iterator[tuple[str, Any]]:
    """The tabs of an export with their contents, in reading order.

    Two threads work ahead: one unpacks and checks sheet after sheet, the other loads the next sheet as soon as it was
    found good. One sheet at most waits in memory beside the one in use.
    """
    tabs = [tab for tab in READING_ORDER if tab in source.tabs]
    with ThreadPoolExecutor(1, "check") as checker, ThreadPoolExecutor(1, "load") as loader:
        checks = {tab: checker.submit(source.check, tab) for tab in tabs}
        try:
            waiting = loader.submit(_load, source, tabs[0], checks[tabs[0]])
            for tab, following in zip(tabs, [*tabs[1:], ""], strict=True):
                content = _result(waiting, tab)
                if following:
                    waiting = loader.submit(_load, source, following, checks[following])
                yield tab, content
                content = None
        finally:
            for check in checks.values():
                check.cancel()


def _load(source: ExportSource, tab: str, check: Future[None]) -> Any:
    check.result()
    return source.load(tab)


def _result(waiting: Future[Any], tab: str) -> Any:
    try:
        return waiting.result()
    except BadArchive as error:
        error.tab = tab
        raise
