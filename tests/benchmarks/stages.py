# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured of each stage, with the goals."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.tools.generator.collection import module_util
from tests.tools.link_tree import CHECKOUT

from .figures import MEBIBYTE, Figure
from .inputs import generated
from .live import live_figures
from .measure import Measured, WorkError, measure, measure_median, times_for
from .namespaces import namespaces_figures
from .plans import LARGE_VMS, SMALL_VMS, plan_figures
from .platform import platform_figures
from .workloads import NOW

FILTERS = "#verdict=ready_with_work"
RUNS = CHECKOUT / "build" / "benchmark-runs"
WORKBOOK_VMS = 50_000
REPORT_VMS = 50_000
ASSESSED_VMS = 100_000
GROWTH_FROM = 10_000
READ_RATIO, READ_PEAK_MIB, READ_CELLS = 1.5, 1536, 17_000_000
ASSESS_SECONDS, ASSESS_PEAK_MIB, ASSESS_GROWTH = 10, 256, 11
REPORT_SECONDS, HTML_MIB, FIRST_ROW_SECONDS = 60, 20, 2


def time_and_peak(name: str, run: Measured, seconds: float | None = None, peak_mib: float | None = None) -> Iterator[Figure]:
    """The two figures that every measurement has; CPU time tells a slow stage from a busy machine."""
    yield Figure(f"{name}: time", round(run.seconds, 3), "s", seconds, note=f"CPU {run.cpu_seconds:.2f} s")
    yield Figure(f"{name}: peak memory", round(run.peak_bytes / MEBIBYTE, 1), "MiB", peak_mib)


def run_folder(vms: int) -> Path:
    """The run directory of an estate of that size."""
    folder = RUNS / str(vms)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def estate_figures(sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Reading: saved estates of every size, and the workbook against plain iteration of its cells."""
    for vms in sizes:
        source = {"estate": str(generated("estate", vms))}
        run = measure_median(times_for(vms), "estate_stage", source=source, dest=run_folder(vms) / "estate.jsonl")
        yield from time_and_peak(f"estate: {vms:,} VMs, saved estate to estate.jsonl", run)
    yield from workbook_figures(WORKBOOK_VMS)


def workbook_figures(vms: int) -> Iterator[Figure]:
    """The workbook: calamine alone and the reader in turns, the better of two each, so that both meet the same machine."""
    path = generated("xlsx", vms)
    name = f"estate: {vms:,}-VM workbook"
    turns = [(measure("calamine", path=path), measure("read_workbook", path=path)) for _turn in range(2)]
    plain = min((turn[0] for turn in turns), key=lambda run: run.seconds)
    read = min((turn[1] for turn in turns), key=lambda run: run.seconds)
    yield Figure(f"{name}: cells", plain.result["cells"], "cells", READ_CELLS, at_least=True)
    yield Figure(f"{name}: plain calamine iteration", round(plain.seconds, 3), "s", note=f"CPU {plain.cpu_seconds:.2f} s")
    yield from time_and_peak(f"{name} read", read, peak_mib=READ_PEAK_MIB)
    yield Figure(f"{name} read: time against plain iteration", round(read.seconds / plain.seconds, 3), "ratio", READ_RATIO)
    whole = measure("estate_stage", source={"rvtools": str(path)}, dest=run_folder(vms) / "workbook" / "estate.jsonl")
    yield from time_and_peak(f"{name} to estate.jsonl", whole, peak_mib=READ_PEAK_MIB)


def assessment_figures(sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Assessing with every rule: reading, scoring, rules over several VMs and writing included."""
    seconds: dict[int, float] = {}
    for vms in sizes:
        run = measure_median(times_for(vms), "assessment_stage", estate=estate_of(vms), dest=run_folder(vms) / "assessment.jsonl")
        seconds[vms] = run.seconds
        goals = (ASSESS_SECONDS, ASSESS_PEAK_MIB) if vms == ASSESSED_VMS else (None, None)
        yield from time_and_peak(f"assessment: {vms:,} VMs, {run.result['rules']} rules", run, *goals)
    if GROWTH_FROM in seconds and ASSESSED_VMS in seconds:
        growth = round(seconds[ASSESSED_VMS] / seconds[GROWTH_FROM], 2)
        yield Figure(f"assessment: growth of time from {GROWTH_FROM:,} to {ASSESSED_VMS:,} VMs", growth, "ratio", ASSESS_GROWTH)


def estate_of(vms: int) -> Path:
    """The estate of that size in its run directory: as the estate stage left it, else as it was generated."""
    path = run_folder(vms) / "estate.jsonl"
    if not path.exists():
        path.symlink_to(generated("estate", vms))
    return path


def report_figures(sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Reporting in every format, the size of the page, and how soon a browser shows its first filtered row."""
    for vms in sorted({*sizes, REPORT_VMS}):
        folder = assessed_run(vms)
        whole = vms == REPORT_VMS
        run = measure("report_stage", run_dir=folder, formats=[])
        yield from time_and_peak(f"report: {vms:,} VMs, all formats", run, REPORT_SECONDS if whole else None)
        page = folder / "report" / "index.html"
        size = round(page.stat().st_size / MEBIBYTE, 2)
        yield Figure(f"report: {vms:,} VMs, size of the HTML page", size, "MiB", HTML_MIB if whole else None)
        if whole:
            yield first_row_figure(page, vms)


def assessed_run(vms: int) -> Path:
    """A run directory with estate, assessment and run.json."""
    folder = run_folder(vms)
    if not (folder / "assessment.jsonl").exists():
        measure("assessment_stage", estate=estate_of(vms), dest=folder / "assessment.jsonl")
    directories = module_util("adapters.run_directory")
    directory = directories.RunDirectory(folder)
    directory.open(run_id="benchmark", now=NOW, mode="apply", playbook="assess", started_at=NOW)
    for stage in ("estate", "assessment"):
        directory.record(directories.StageRecord(stage, "localhost", "ran"))
    return folder


def first_row_figure(page: Path, vms: int) -> Figure:
    """Seconds from navigation to the first filtered row on the screen; why they were not measured where that is so."""
    name = f"report: {vms:,} VMs, navigation to first filtered row in Chromium"
    if importlib.util.find_spec("playwright") is None:
        return Figure(name, None, "s", FIRST_ROW_SECONDS, note="playwright is not installed")
    try:
        seconds = [float(measure("first_row", page=page, filters=FILTERS).result["seconds"]) for _number in range(3)]
    except WorkError as error:
        return Figure(name, None, "s", FIRST_ROW_SECONDS, note=str(error))
    return Figure(name, round(sorted(seconds)[1], 3), "s", FIRST_ROW_SECONDS)


def clear_runs() -> None:
    """Removes what earlier benchmarks left."""
    shutil.rmtree(RUNS, ignore_errors=True)


def live_reading(_sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Reading live vCenters; the sizes are its own."""
    yield from live_figures(run_folder(0))


def planning(_sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Planning; the sizes are its own."""
    yield from plan_figures({vms: assessed_run(vms) for vms in (SMALL_VMS, LARGE_VMS)})


def platform_verification(_sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Verifying the platform; the size is its own."""
    yield from platform_figures(run_folder(0))


def provisioning(_sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Provisioning namespaces; the number is its own."""
    yield from namespaces_figures(run_folder(0))


STAGES: Mapping[str, Callable[[tuple[int, ...]], Iterator[Figure]]] = {
    "estate": estate_figures,
    "live": live_reading,
    "assessment": assessment_figures,
    "plan": planning,
    "platform": platform_verification,
    "namespaces": provisioning,
    "report": report_figures,
}
