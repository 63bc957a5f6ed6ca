# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work that is measured; each function runs in a process of its own (see measure.py) and does its imports first.

`python -m tests.benchmarks.workloads NAME ARGUMENTS` prints seconds, peak memory and result as one line of JSON.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from tests.tools.generator.collection import module_util, plugin_util

Result = dict[str, Any]
NOW = "2026-10-01T06:00:00Z"


def calamine(path: str) -> Callable[[], Result]:
    """Every cell of every tab, by plain iteration: the yardstick for reading a workbook."""
    library = importlib.import_module("python_calamine")

    def work() -> Result:
        cells = 0
        workbook = library.CalamineWorkbook.from_path(path)
        for name in workbook.sheet_names:
            for row in workbook.get_sheet_by_name(name).iter_rows():
                cells += len(row)
        return {"cells": cells}

    return work


def read_workbook(path: str) -> Callable[[], Result]:
    """Every record of an RVTools workbook, as the reader makes them."""
    reader = module_util("adapters.rvtools")

    def work() -> Result:
        read = reader.read_rvtools(Path(path), reader.Limits())
        return {"records": sum(1 for _record in read.records)}

    return work


def estate_stage(source: dict[str, str], dest: str) -> Callable[[], Result]:
    """The whole stage: one source in, estate.jsonl out."""
    stage = module_util("adapters.estate_stage")

    def work() -> Result:
        written = stage.run_estate(stage.EstateRequest(sources=[source], dest=Path(dest)))
        return {"counts": dict(written.counts)}

    return work


def live_settings(settings: dict[str, Any]) -> Any:
    """How a simulator is reached."""
    return module_util("adapters.vcenter_arguments").VcenterSettings(**settings)


def live_estate(settings: dict[str, Any], dest: str) -> Callable[[], Result]:
    """The whole stage: a live vCenter in, estate.jsonl out."""
    stage, sources = module_util("adapters.estate_stage"), module_util("adapters.estate_sources")
    request = stage.EstateRequest(sources=[{"vcenter": live_settings(settings)}], dest=Path(dest), context=sources.ReadContext(now=NOW))

    def work() -> Result:
        return {"counts": dict(stage.run_estate(request).counts)}

    return work


def live_pages(settings: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """(connection, page) for every answer that a reading of the inventory gets, in turn, each asked for when the one before was used."""
    reader, catalogue = module_util("adapters.vsphere.reader"), module_util("estate.vsphere.catalogue")
    pages, given = module_util("adapters.vsphere.pages"), live_settings(settings)
    with reader.Connection(reader.endpoint_of(given)) as connection:
        listed = reader.Collector(connection).list_morefs([name for name in catalogue.READS if name not in catalogue.SERVICE_TYPES])
        reads = [(name, catalogue.READS[name], listed[name]) for name in catalogue.READS if listed.get(name)]
        asker = pages.Asker(connection, {})
        for call in pages.batches_of(reads, given.page_size):
            for page in asker.pages(call):
                yield connection, page


def live_thrown_away(settings: dict[str, Any]) -> Callable[[], Result]:
    """The answers of the inventory read off the wire and not even looked at: the yardstick."""

    def work() -> Result:
        return {"bytes": sum(sum(map(len, page.chunks)) for _connection, page in live_pages(settings))}

    return work


def live_pyvmomi(settings: dict[str, Any]) -> Callable[[], Result]:
    """The same answers decoded by pyVmomi."""
    library = importlib.import_module("pyVmomi")

    def work() -> Result:
        objects = 0
        for connection, page in live_pages(settings):
            result = library.vmodl.query.PropertyCollector._GetMethodInfo("RetrievePropertiesEx").result
            decoder = library.SoapAdapter.SoapResponseDeserializer(connection._stub)
            objects += len(decoder.Deserialize(b"".join(page.chunks), result).objects)
        return {"objects": objects}

    return work


def assessment_stage(estate: str, dest: str) -> Callable[[], Result]:
    """The whole stage: estate.jsonl in, assessment.jsonl out."""
    stage = module_util("adapters.assessment_stage")
    catalogue = plugin_util("rule_files").checked_catalogue()

    def work() -> Result:
        done = stage.run_assessment(Path(estate), catalogue, Path(dest), "apply")
        return {"vms": done.assessed, "rules": len(catalogue["rules"])}

    return work


def plan_inputs(run_dir: str, target: str) -> Callable[[], Result]:
    """What planning reads, and nothing more: the yardstick."""
    inputs, folder = module_util("adapters.plan_inputs"), Path(run_dir)

    def work() -> Result:
        found = inputs.read_inputs(folder / "estate.jsonl", folder / "assessment.jsonl")
        inputs.read_target(Path(target), found)
        return {"vms": len(found.vms)}

    return work


def plan_stage(run_dir: str, target: str, settings: dict[str, Any]) -> Callable[[], Result]:
    """The whole stage: estate, assessment and target in; plan.jsonl, preflight and manifests out."""
    stage, folder = module_util("adapters.plan_stage"), Path(run_dir)
    now = datetime.fromisoformat(NOW.replace("Z", "+00:00"))
    files = (folder / "plan.jsonl", folder / "estate.jsonl", folder / "assessment.jsonl", Path(target))

    def work() -> Result:
        return {"counts": dict(stage.run_plan(stage.PlanRequest(folder, *files, now, settings)).counts)}

    return work


def report_stage(run_dir: str, formats: list[str]) -> Callable[[], Result]:
    """The whole stage: run directory in, the formats out."""
    stage = module_util("adapters.report_stage")
    folder = plugin_util("rule_files").SHIPPED_FOLDER.parent / "report_assets"
    assets = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}

    def work() -> Result:
        request = stage.ReportRequest(run_dir=Path(run_dir), formats=tuple(formats) or stage.FORMATS, assets=assets)
        done = stage.run_report(request)
        if done.error is not None:
            raise done.error
        return {"index": done.index}

    return work


def first_row(page: str, filters: str) -> Callable[[], Result]:
    """The report in a browser that has never seen it, from navigation to the first row that fits the filters."""
    browser = importlib.import_module("tests.benchmarks.browser_first_row")

    def work() -> Result:
        return {"seconds": browser.measure_first_filtered_row(page, filters)}

    return work


def platform_verify(options: dict[str, Any], document: dict[str, Any], folder: str) -> Callable[[], Result]:
    """One look at a cluster, all parts of the platform judged by it, and the artifact."""
    stage, request, modes = (module_util(f"adapters.platform.{name}") for name in ("stage", "request", "modes"))
    parsing, checks = module_util("platform.desired.parse"), module_util("platform.checks")
    settings = module_util("adapters.cluster_arguments").ClusterSettings(options)
    catalogue = module_util("platform.shipped").catalogue_from(plugin_util("platform_files").read_facts())
    desired = parsing.parse([parsing.SourceText("benchmark.yml", document)]).desired
    given = request.PlatformRequest(
        run_dir=Path(folder),
        run_id="benchmark",
        host="hub",
        part=modes.PREFLIGHT,
        parts=checks.PARTS,
        dest=Path(folder) / "platform.jsonl",
        mode=modes.VERIFY,
        desired=desired,
        catalogue=catalogue,
        today=NOW[:10],
        settings=settings,
    )

    def work() -> Result:
        result = stage.run_platform(given)
        return {"calls": result.calls, "findings": len(result.findings), "counts": dict(result.counts)}

    return work


WORK: dict[str, Callable[..., Callable[[], Result]]] = {
    "calamine": calamine,
    "read_workbook": read_workbook,
    "estate_stage": estate_stage,
    "live_estate": live_estate,
    "live_thrown_away": live_thrown_away,
    "live_pyvmomi": live_pyvmomi,
    "assessment_stage": assessment_stage,
    "plan_inputs": plan_inputs,
    "plan_stage": plan_stage,
    "report_stage": report_stage,
    "platform_verify": platform_verify,
    "first_row": first_row,
}


def peak_bytes() -> int:
    """The most memory that this process held since it began, and its children with it (VmHWM: unlike ru_maxrss it forgets the parent)."""
    status = Path("/proc/self/status")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if status.exists():
        own = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return (own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024


def main() -> None:
    """Command line."""
    work = WORK[sys.argv[1]](**json.loads(sys.argv[2]))
    started, cpu_started = perf_counter(), process_time()
    result = work()
    seconds, cpu_seconds = perf_counter() - started, process_time() - cpu_started
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_bytes": peak_bytes(), "result": result}))


if __name__ == "__main__":
    main()
