# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run: what its directory holds, rendered in every format, whatever became of the stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from ..common.artifact import JsonRecord
from ..common.errors import ArtifactError, Problem, ReadinessError
from ..report.build import ViewRequest, build_view
from ..report.dates import end_problem, now_problem
from ..report.entries import input_views
from ..report.stages import ArtifactState, RunFacts, clean, left_over, taking_part
from ..report.summary import failed_stages, failure_text, stage_line, summary_data, summary_text
from ..report.view import END_OF_SUPPORT, FORMATS, ProblemView, ReportView
from .artifacts import ArtifactReader, file_sha256
from .report_formats import INDEX, WrittenFile, place_file, write_format
from .run_directory import ARTIFACTS, RUN_FILE, RunDirectory
from .time_zones import zone_of

SUMMARY: Final = "summary.txt"


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """What to report on and where to; empty texts stand for the defaults."""

    run_dir: Path
    dest: Path | None = None
    """folder of the report; by default `report` in the run directory"""
    now: str = ""
    """the present, ISO 8601; by default the run's"""
    end_of_support: str = ""
    title: str = ""
    formats: tuple[str, ...] = FORMATS
    assets: Mapping[str, str] = field(default_factory=dict)
    """template, style and scripts of the HTML format by name"""
    mode: str = ""
    """apply, verify or check; by default the run's"""


@dataclass(frozen=True, slots=True)
class ReportResult:
    """What was written. `error` is set when something was not as asked for: a date, a name of a format, a format that failed."""

    files: tuple[WrittenFile, ...]
    index: str
    """path to open first: the HTML page where there is one"""
    summary: str
    """for the terminal, with `index` as its last line"""
    data: Mapping[str, Any]
    """figures for a workflow's variables"""
    failed_stages: tuple[str, ...]
    failure: str
    """why the run as a whole failed: stages with their problems, then the path of the report; empty when no stage did"""
    inputs: Mapping[str, str]
    counts: Mapping[str, int]
    before: str
    """summary.txt as it was"""
    after: str
    warnings: tuple[str, ...] = ()
    error: ReadinessError | None = None

    @property
    def changed(self) -> bool:
        """True when a file's bytes are new."""
        return any(file.changed for file in self.files)

    @property
    def artifacts(self) -> dict[str, str]:
        """Name below the run directory to SHA-256, for run.json."""
        return {f"report/{file.name}": file.sha256 for file in self.files}


def run_report(request: ReportRequest) -> ReportResult:
    """Writes the report of a run.

    Whatever the run lacks is said in the report and raises nothing. Nor does a date or a format that cannot be used: the
    report is made with the defaults, and what is wrong is said in it and in the result's `error`. Raises `ArtifactError`
    when there is no run at all, and `ReadinessError` when the report's folder cannot be written.
    """
    run = _Run(request)
    view = run.view()
    dest = request.dest or request.run_dir / "report"
    # In check mode only the run directory may be written.
    predict = request.mode == "check" and not dest.resolve().is_relative_to(request.run_dir.resolve())
    return _write(request, run, view, dest, predict)


class _Run:
    """What the run directory holds."""

    def __init__(self, request: ReportRequest) -> None:
        self.request = request
        self.content: JsonRecord = {}
        self.run_error: ReadinessError | None = None
        try:
            self.content = RunDirectory(request.run_dir).read()
        except ArtifactError as error:
            if error.code == "run_missing":
                raise
            self.run_error = error
        self.mode = request.mode or str(self.content.get("mode", "apply"))
        self.problems: list[Problem] = []
        self.now = self._now()
        self.end_of_support = self._end_of_support()
        self.formats = self._formats()
        records = self.content.get("stages", [])
        self.playbook = str(self.content.get("playbook", ""))
        parts = taking_part(records, self.playbook)
        self.there = {stage: _found(request.run_dir, name) for stage, name in ARTIFACTS.items() if stage in parts}
        self.left_over = left_over(records, self.there)
        self.paths = {stage: None if stage in self.left_over else path for stage, path in self.there.items()}
        self._hashes: dict[Path, str] = {}
        self.inputs = {path.name: self._sha256(path) for path in self.paths.values() if path}

    def _now(self) -> str:
        """The present as asked for, else the run's, else the time at which run.json was last written."""
        for now in (self.request.now, str(self.content.get("now", ""))):
            problem = now_problem(now) if now else None
            if problem:
                self.problems.append(problem)
            elif now:
                return now
        try:
            written = (self.request.run_dir / RUN_FILE).stat().st_mtime
        except OSError:
            written = 0
        return datetime.fromtimestamp(int(written), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _end_of_support(self) -> str:
        wanted = self.request.end_of_support
        problem = end_problem(wanted) if wanted else None
        if problem:
            self.problems.append(problem)
        return END_OF_SUPPORT if problem or not wanted else wanted

    def _formats(self) -> tuple[str, ...]:
        """Those asked for that there are; all when none is left."""
        unknown = sorted(set(self.request.formats) - set(FORMATS))
        self.problems += [Problem(f"{name!r} is not a format", remedy=f"Choose from {', '.join(FORMATS)}.") for name in unknown]
        known = tuple(name for name in FORMATS if name in self.request.formats)
        return known or FORMATS

    def _sha256(self, path: Path) -> str:
        """SHA-256 of a file; empty when it cannot be read, which its reader will report."""
        if path not in self._hashes:
            try:
                self._hashes[path] = file_sha256(path)
            except OSError:
                self._hashes[path] = ""
        return self._hashes[path]

    def view(self) -> ReportView:
        """The view of everything that can be used; an artifact that turns out to be damaged is left out and named."""
        errors: dict[str, ReadinessError] = {}
        stages = {path.name: stage for stage, path in self.paths.items() if path} | {ARTIFACTS[stage]: stage for stage in self.there}
        while (view := self._view_without(errors, stages)) is None:
            continue
        return view

    def _view_without(self, errors: dict[str, ReadinessError], stages: Mapping[str, str]) -> ReportView | None:
        """The view without the artifacts in `errors`; None when a further one proved damaged, which is then in `errors` too."""
        try:
            return self._view(errors)
        except ArtifactError as error:
            stage = stages.get(error.subject)
            if stage is None or stage in errors:
                raise
            errors[stage] = error
            return None

    def _view(self, errors: Mapping[str, ReadinessError]) -> ReportView:
        readers = {stage: ArtifactReader(path, stage) for stage, path in self.paths.items() if path and stage not in errors}
        notices = tuple(ProblemView(warning) for reader in readers.values() for warning in reader.warnings)
        estate, assessment, platform, namespaces = (readers.get(stage) for stage in ("estate", "assessment", "platform", "namespaces"))
        return build_view(
            ViewRequest(
                now=self.now,
                facts=self._facts(errors),
                estate=estate,
                assessment=assessment,
                catalogue=assessment.header.get("catalogue", {}) if assessment else {},
                mode=self.mode,
                end_of_support=self.end_of_support,
                title=self.request.title,
                notices=notices,
                inputs=input_views(estate.header.get("inputs", ())) if estate else (),
                target=readers.get("target"),
                plan=readers.get("plan"),
                platform=platform,
                platform_header=platform.header if platform else {},
                namespaces=namespaces,
                namespaces_header=namespaces.header if namespaces else {},
                zone_of=zone_of,
            )
        )

    def _facts(self, errors: Mapping[str, ReadinessError]) -> RunFacts:
        run_dir = self.request.run_dir
        hidden = {str(run_dir), str(run_dir.absolute()), str(run_dir.resolve()), str(self.content.get("run_dir", ""))}
        records = self.content.get("stages", [])
        return RunFacts(
            records=records,
            artifacts=tuple(
                ArtifactState(
                    stage, ARTIFACTS[stage], self.paths[stage] is not None, errors.get(stage), stage in self.left_over and path is not None
                )
                for stage, path in self.there.items()
            ),
            stale=self._differing(records, "inputs"),
            altered=self._differing(records, "artifacts"),
            run_error=self.run_error,
            problems=self.problems,
            playbook=self.playbook,
            hidden=tuple(sorted(path for path in hidden if path not in ("", ".", "/"))),
        )

    def _differing(self, records: list[JsonRecord], what: str) -> dict[tuple[str, str], tuple[str, ...]]:
        """(stage, host) to the names of those inputs or artifacts in the run directory that are not as recorded."""
        differing = {}
        for record in records:
            # An input can have the name of the stage's own artifact: a saved estate.jsonl, read from elsewhere.
            own = set(record.get("artifacts") or {}) if what == "inputs" else set()
            names = []
            for name, sha256 in sorted((record.get(what) or {}).items()):
                path = next(
                    (folder / name for folder in (self.request.run_dir, self.request.run_dir / "parts") if (folder / name).is_file()), None
                )
                if path and name not in own and self._sha256(path) != sha256:
                    names.append(clean(name))
            if names:
                differing[(str(record.get("stage")), str(record.get("host")))] = tuple(names)
        return differing


def _found(run_dir: Path, name: str) -> Path | None:
    return next((path for path in (run_dir / name, run_dir / f"{name}.gz") if path.is_file()), None)


def _write(request: ReportRequest, run: _Run, view: ReportView, dest: Path, predict: bool) -> ReportResult:
    """Renders every format by itself, then the summary, which names those that failed."""
    before = _read_text(dest / SUMMARY)
    if not predict:
        try:
            dest.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ReadinessError("report_unwritable", f"cannot make {dest}: {error.strerror}", subject=str(dest)) from error
    files: list[WrittenFile] = []
    problems: list[Problem] = []
    for name in FORMATS:
        if name in run.formats:
            files += _try_format(name, view, request.assets, dest, predict, problems)
    failures = tuple(clean(problem.message, (str(dest),)) for problem in problems)
    shown = next((file.name for file in files if file.name == INDEX), files[0].name if files else SUMMARY)
    after = summary_text(view, "", failures)
    files.append(_write_summary(dest, after, predict))
    failure = _failure(run.problems, problems)
    return _result(run, view, tuple(files), str(dest / shown), failures, (before, after), failure)


def _failure(asked: list[Problem], formats: list[Problem]) -> ReadinessError | None:
    """One error for what could not be done as asked and for the formats that were not written; None when all went well."""
    if not asked and not formats:
        return None
    message = "Part of the report could not be written" if formats else "The report was made, but not as asked"
    return ReadinessError("report_incomplete" if formats else "report_input", message, problems=[*asked, *formats])


def _try_format(
    name: str, view: ReportView, assets: Mapping[str, str], dest: Path, predict: bool, problems: list[Problem]
) -> list[WrittenFile]:
    """The files of one format; none, and one more problem, when it cannot be written."""
    try:
        return write_format(name, view, assets, dest, predict)
    except ReadinessError as error:
        problems.append(Problem(f"the {name} format was not written: {error.message}", remedy=error.hint))
        return []


def _write_summary(dest: Path, text: str, predict: bool) -> WrittenFile:
    def write(path: Path) -> None:
        path.write_bytes(text.encode("utf-8", "replace"))

    try:
        return place_file(dest / SUMMARY, write, predict)
    except OSError as error:
        raise ReadinessError("report_unwritable", f"cannot write to {dest}: {error.strerror}", subject=str(dest)) from error


def _result(
    run: _Run,
    view: ReportView,
    files: tuple[WrittenFile, ...],
    index: str,
    failures: tuple[str, ...],
    texts: tuple[str, str],
    error: ReadinessError | None,
) -> ReportResult:
    return ReportResult(
        files=files,
        index=index,
        summary=summary_text(view, index, failures),
        data=summary_data(view),
        failed_stages=tuple(failed_stages(view)),
        failure=failure_text(view, index),
        inputs=run.inputs,
        counts=_counts(view, len(files)),
        before=texts[0],
        after=texts[1],
        warnings=tuple(stage_line(stage) for stage in view.stages if stage.state == "stale"),
        error=error,
    )


def _counts(view: ReportView, files: int) -> dict[str, int]:
    """Figures for run.json; those that are not known are left out."""
    counts = {"files": files}
    if view.in_scope is not None:
        counts |= {"vms": view.in_scope, "rules": len(view.rules)}
    if view.in_scope is not None or view.estate_vm_count is not None:
        counts["excluded"] = len(view.excluded)
    if view.platform is not None:
        counts["platform_findings"] = len(view.platform.findings)
    if view.namespaces is not None:
        counts["namespaces_findings"] = len(view.namespaces.findings)
    return counts


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
