# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every format of the report: which files it writes and with what; one that fails does not keep the others from being written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from ..common.errors import ReadinessError
from ..report.view import ReportView
from ._libraries import PACKAGES, is_missing, jinja2
from .artifacts import differs, file_sha256, replace_if_changed, temporary_beside
from .report_csv import (
    write_checks_csv,
    write_contracts_csv,
    write_findings_csv,
    write_namespace_checks_csv,
    write_plan_csv,
    write_preflight_csv,
    write_showback_csv,
    write_vms_csv,
    write_waves_csv,
)
from .report_html import ASSETS, render_html
from .report_json import write_json
from .report_junit import write_junit
from .report_markdown import write_markdown
from .report_openmetrics import write_openmetrics
from .report_xlsx import write_xlsx


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its files with what writes them, and the library that it cannot do without."""

    files: Mapping[str, Callable[[ReportView, Path], None]]
    library: str = ""
    planned: Mapping[str, Callable[[ReportView, Path], None]] = field(default_factory=dict)
    """further files of a run with a plan"""
    platform: Mapping[str, Callable[[ReportView, Path], None]] = field(default_factory=dict)
    """further files of a run with a platform"""
    namespaces: Mapping[str, Callable[[ReportView, Path], None]] = field(default_factory=dict)
    """further files of a run with namespaces"""
    of_vms: tuple[str, ...] = ()
    """those of `files` that a report without VMs does not have"""

    def chosen(self, view: ReportView) -> dict[str, Callable[[ReportView, Path], None]]:
        """The files that the report of this view has."""
        further = ((self.planned, view.plan), (self.platform, view.platform), (self.namespaces, view.namespaces))
        files = {**self.files, **{name: write for found, part in further if part for name, write in found.items()}}
        return {name: write for name, write in files.items() if not (view.without_vms and name in self.of_vms)}

    @property
    def names(self) -> set[str]:
        """Every file that any report could have."""
        return {*self.files, *self.planned, *self.platform, *self.namespaces}


FORMATS: Final[Mapping[str, Format]] = {
    "xlsx": Format({"report.xlsx": write_xlsx}, "xlsxwriter"),
    "csv": Format(
        {"vms.csv": write_vms_csv, "findings.csv": write_findings_csv},
        planned={"waves.csv": write_waves_csv, "plan.csv": write_plan_csv, "preflight.csv": write_preflight_csv},
        platform={"platform.csv": write_checks_csv},
        namespaces={
            "namespaces.csv": write_contracts_csv,
            "namespace_checks.csv": write_namespace_checks_csv,
            "showback.csv": write_showback_csv,
        },
        of_vms=("vms.csv", "findings.csv"),
    ),
    "markdown": Format({"report.md": write_markdown}),
    "json": Format({"report.json": write_json}),
    "junit": Format({"junit.xml": write_junit}),
    "openmetrics": Format({"metrics.prom": write_openmetrics}),
}
"""Every format but HTML, which needs template, style and scripts from the caller."""

INDEX: Final = "index.html"


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of the report; `changed` says whether its bytes are new."""

    name: str
    path: str
    sha256: str
    changed: bool
    size_bytes: int


def write_format(name: str, view: ReportView, assets: Mapping[str, str], dest: Path, predict: bool) -> list[WrittenFile]:
    """Writes one format into dest, whole files only. With `predict` nothing is written there, but the answer is the same.

    Raises `ReadinessError` when the format cannot be written.
    """
    chosen = _html_format(assets) if name == "html" else FORMATS[name]
    if chosen.library and is_missing(chosen.library):
        package = PACKAGES[chosen.library]
        raise ReadinessError("library_missing", f"the Python library {package} is not installed", subject=name, hint=f"Install {package}.")
    files = chosen.chosen(view)
    try:
        if not predict:
            # Figures of a stage that was not part of this run would be taken for its own.
            for file in sorted(chosen.names.difference(files)):
                (dest / file).unlink(missing_ok=True)
        return [place_file(dest / file, partial(write, view), predict) for file, write in files.items()]
    except OSError as error:
        raise ReadinessError("format_failed", f"it cannot be written: {error.strerror or error}", subject=name) from error


def place_file(target: Path, write: Callable[[Path], None], predict: bool) -> WrittenFile:
    """Has a file written beside its place and moves it there when it is whole and its bytes are new."""
    if predict:
        with tempfile.TemporaryDirectory() as folder:
            temporary = Path(folder) / target.name
            write(temporary)
            digest, size_bytes = file_sha256(temporary), temporary.stat().st_size
            return WrittenFile(target.name, str(target), digest, differs(target, digest, size_bytes), size_bytes)
    temporary = temporary_beside(target)
    try:
        write(temporary)
        digest, size_bytes = file_sha256(temporary), temporary.stat().st_size
        return WrittenFile(target.name, str(target), digest, replace_if_changed(temporary, target, digest), size_bytes)
    finally:
        temporary.unlink(missing_ok=True)


def _html_format(assets: Mapping[str, str]) -> Format:
    def write(view: ReportView, path: Path) -> None:
        missing = [asset for asset in ASSETS if asset not in assets]
        if missing:
            message = f"its template and scripts were not handed in: {', '.join(missing)}"
            hint = "They come with the action plugin: run groundwork.readiness.report as a task of a playbook."
            raise ReadinessError("assets_missing", message, subject="html", hint=hint)
        try:
            path.write_bytes(render_html(view, assets))
        except jinja2.TemplateError as error:
            raise ReadinessError("format_failed", f"its template is faulty: {error}", subject="html") from error

    return Format({INDEX: write}, "jinja2")
