# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the artifacts that an inventory is made from, and reads of their VMs what is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..module_utils.adapters.artifacts import ArtifactReader
from ..module_utils.adapters.estate_store import vcenter_names
from ..module_utils.adapters.run_directory import ARTIFACTS, RunDirectory
from ..module_utils.adapters.run_opening import fitting_runs
from ..module_utils.common.artifact import JsonRecord
from ..module_utils.common.errors import ArtifactError, Problem, ReadinessError
from ..module_utils.estate.flaws import FactTypes, type_flaws
from ..module_utils.estate.scope import Scope
from ..module_utils.report.stages import left_over
from .inventory_request import InventoryRequest

READ: Final = ("estate", "assessment")
"""Stages whose artifacts make the inventory."""

LISTED_FLAWS: Final = 50
"""Problems of one file that are listed one by one."""

NAMING: Final = frozenset({"id", "name", "guest_hostname", "guest_ips", "guest_os_id", "guest_os_config_name", "guest_os_tools_name"})
SELECTING: Final = frozenset({"template", "out_of_scope", "cluster", "folder", "tags", "vcenter", "instance_uuid", "bios_uuid"})
OWNING: Final = frozenset({"owner", "tags", "custom_attributes"})
"""Facts that names, addresses, selection and owners rest on."""

TEMPLATE: Final = "template"
_ASSESSED: Final[Mapping[str, type]] = {
    "verdict": str,
    "provisional": bool,
    "findings": list,
    "gaps": list,
    "not_applicable": list,
    "sources": list,
}
"""What is read of a VM in an assessment, and its type."""


@dataclass(frozen=True, slots=True)
class Located:
    """The artifacts to read; `label` says what they are, for messages."""

    estate: Path | None
    assessment: Path | None
    label: str
    warnings: tuple[str, ...] = ()
    plan: Path | None = None

    def identity(self) -> list[list[Any]]:
        """What changes when one of the files does; raises `ArtifactError` when one is not there."""
        found: list[list[Any]] = []
        for path in (self.estate, self.assessment, self.plan):
            if path is not None:
                try:
                    state = path.stat()
                except OSError as error:
                    problem = Problem(error.strerror or "it cannot be opened", file=path.name)
                    raise ArtifactError("artifact_unreadable", f"{path} cannot be read", subject=path.name, problems=(problem,)) from error
                found.append([str(path), state.st_size, state.st_mtime_ns])
        return found


# ---- where they are -------------------------------------------------------------------------------------------------


def locate(request: InventoryRequest) -> Located:
    """The artifacts that a request names; raises `ReadinessError` when there are none."""
    if request.run_dir:
        return _of_run(request.run_dir)
    if request.runs_dir:
        return _of_newest_run(request.runs_dir)
    names = [path.name for path in (request.estate, request.assessment) if path]
    return Located(request.estate, request.assessment, " and ".join(names))


def _made_in(run_dir: Path) -> dict[str, Path]:
    """Stage to artifact, for those that this run made itself."""
    stages = RunDirectory(run_dir).read().get("stages", [])
    old = left_over(stages, READ)
    found = {}
    for stage in READ:
        name = ARTIFACTS[stage]
        path = next((path for path in (run_dir / name, run_dir / f"{name}.gz") if path.is_file()), None)
        if path and stage not in old:
            found[stage] = path
    return found


def _plan_of(run_dir: Path) -> Path | None:
    """The plan that this run made."""
    path = run_dir / ARTIFACTS["plan"]
    return path if path.is_file() and RunDirectory(run_dir).hosts_that_ran("plan") else None


def _of_run(run_dir: Path) -> Located:
    made = _made_in(run_dir)
    if not made:
        hint = "Its estate stage failed, or has not run yet: see run.json and the report."
        raise ReadinessError("run_empty", f"the run in {run_dir} has made no estate", subject=run_dir.name, hint=hint)
    warnings = () if "assessment" in made else (f"run {run_dir.name} has no assessment: its VMs have no verdict",)
    return Located(made.get("estate"), made.get("assessment"), f"run {run_dir.name}", warnings, _plan_of(run_dir))


def _of_newest_run(runs_dir: Path) -> Located:
    """The newest run with an assessment, else the newest with an estate; a newer one that is passed over is named."""
    passed_over: list[str] = []
    without = ""
    for run_id in fitting_runs(runs_dir, ()):
        made = _usable(runs_dir / run_id)
        if "assessment" in made:
            found = _of_run(runs_dir / run_id)
            return replace(found, warnings=_newer(passed_over, run_id))
        without = without or (run_id if made else "")
        passed_over.append(run_id)
    if without:
        return _of_run(runs_dir / without)
    raise ReadinessError(
        "run_none_fits",
        f"no run in {runs_dir} holds an estate",
        subject=str(runs_dir),
        hint="Run groundwork.readiness.assess first, or name a run_dir, another runs_dir, or an estate.",
    )


def _usable(run_dir: Path) -> Mapping[str, Path]:
    try:
        return _made_in(run_dir)
    except ReadinessError:
        return {}


def _newer(passed_over: Sequence[str], used: str) -> tuple[str, ...]:
    if not passed_over:
        return ()
    listed = f"run {passed_over[0]} is" if len(passed_over) == 1 else f"{len(passed_over)} runs, the newest {passed_over[0]}, are"
    return (f"{listed} newer but without an assessment: the VMs are those of run {used}",)


# ---- what is in them ------------------------------------------------------------------------------------------------


def read_vms(located: Located, request: InventoryRequest) -> tuple[list[JsonRecord], list[str]]:
    """The facts that a request needs of every VM it offers, in the order of their ids, and warnings.

    Raises `ReadinessError` for a file that cannot be read, with everything that is wrong with its VMs.
    """
    needed = _needed(request)
    warnings = list(located.warnings)
    assessed: dict[str, JsonRecord] = {}
    made_from: set[str] = set()
    if located.assessment:
        assessed, made_from = _read_assessment(located.assessment, needed, warnings)
    if located.plan and "wave" in needed:
        _add_waves(located.plan, assessed, warnings)
    choice = _Choice(request)
    if not located.estate:
        return [vm for vm in assessed.values() if choice.takes(vm)], [*warnings, *choice.notices()]
    reader = ArtifactReader(located.estate, "estate")
    vms = _estate_vms(reader, assessed, needed, choice)
    if located.assessment and reader.sha256 not in made_from:
        _refuse_foreign(located.assessment, located.estate)
    return vms, [*warnings, *reader.warnings, *choice.notices()]


def _needed(request: InventoryRequest) -> tuple[str, ...]:
    """Facts that a VM's record is read for."""
    return tuple(sorted({*NAMING, *SELECTING, *OWNING, *request.facts, *request.group_by, "nics"}))


def _refuse_foreign(assessment: Path, estate: Path) -> None:
    raise ArtifactError(
        "artifact_mismatch",
        f"{assessment.name} was not made from {estate.name}",
        subject=assessment.name,
        hint="Assess the estate again, or name the two files of one run: a verdict holds only for the facts that it was made from.",
    )


class _Flaws:
    """What is wrong with the VMs of a file, the first ones word by word."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._listed: list[Problem] = []
        self._count = 0

    def add(self, record: Mapping[str, Any], flaws: Iterator[tuple[str, str]]) -> None:
        """Notes the flaws of one record."""
        for key, message in flaws:
            self._count += 1
            if self._count <= LISTED_FLAWS:
                self._listed.append(Problem(f"{record['kind']} {record['id']}: {key} {message}", file=self._name))

    def conclude(self) -> None:
        """Raises `ArtifactError` when there were any."""
        if self._count > LISTED_FLAWS:
            self._listed.append(Problem(f"{self._count - LISTED_FLAWS} more values are of the wrong type", file=self._name))
        if self._listed:
            hint = "Write the file again with this collection."
            message = f"{self._name} holds values that are of the wrong type"
            raise ArtifactError("artifact_damaged", message, subject=self._name, hint=hint, problems=self._listed)


def _assessed_flaws(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, wanted in _ASSESSED.items():
        value = record.get(name)
        if value is not None and not isinstance(value, wanted):
            yield name, "is of the wrong type"
    findings = record.get("findings")
    if isinstance(findings, list) and not all(isinstance(entry, dict) and isinstance(entry.get("rule"), str) for entry in findings):
        yield "findings", "names no rule"


def _read_assessment(path: Path, needed: Sequence[str], warnings: list[str]) -> tuple[dict[str, JsonRecord], set[str]]:
    """(id to what the assessment says of the VM, SHA-256 of the estates that it was made from)."""
    reader = ArtifactReader(path, "assessment")
    found: dict[str, JsonRecord] = {}
    source_gaps: dict[str, list[str]] = {}
    flaws = _Flaws(path)
    for record in reader:
        kind = record["kind"]
        if kind == "excluded":
            found[record["id"]] = _excluded(record)
        elif kind == "source":
            source_gaps[record["id"]] = record.get("gaps", [])
        elif kind == "vm":
            wrong = list(_assessed_flaws(record))
            flaws.add(record, iter(wrong))
            if not wrong:
                found[record["id"]] = _judged(record, source_gaps, needed)
    flaws.conclude()
    warnings += reader.warnings
    inputs = reader.header.get("inputs", ())
    return found, {str(entry.get("sha256")) for entry in inputs if isinstance(entry, dict)}


def _add_waves(path: Path, assessed: Mapping[str, JsonRecord], warnings: list[str]) -> None:
    """Adds to what is known of each VM the wave that the plan has it in."""
    reader = ArtifactReader(path, "plan")
    for record in reader:
        if record["kind"] == "vm" and isinstance(record.get("wave"), int) and record["id"] in assessed:
            assessed[record["id"]]["wave"] = record["wave"]
    warnings += reader.warnings


def _excluded(record: JsonRecord) -> JsonRecord:
    reason = str(record.get("reason", "out of scope"))
    facts = {"id": record["id"], "name": record.get("name"), "out_of_scope": reason, TEMPLATE: reason == TEMPLATE}
    return {name: value for name, value in facts.items() if value is not None}


def _judged(record: JsonRecord, source_gaps: Mapping[str, list[str]], needed: Sequence[str]) -> JsonRecord:
    facts: JsonRecord = {name: record[name] for name in ("id", "name", "verdict", "provisional", "score", "score_best") if name in record}
    if "findings" in needed:
        facts["findings"] = [entry["rule"] for entry in record.get("findings", ())]
    if "not_applicable" in needed:
        facts["not_applicable"] = record.get("not_applicable", [])
    if "gaps" in needed:
        gaps = set(record.get("gaps", ()))
        gaps.update(gap for source in record.get("sources", ()) for gap in source_gaps.get(source, ()))
        facts["gaps"] = sorted(gaps)
    return facts


class _Choice:
    """Which VMs are offered: templates and what is out of scope only on request, and what the request's own scope leaves."""

    def __init__(self, request: InventoryRequest) -> None:
        self._request = request
        self._scope = Scope(request.scope, {})

    def know(self, vcenters: Sequence[JsonRecord]) -> None:
        """Takes note of the names of the vCenters, before the first VM."""
        self._scope = Scope(self._request.scope, vcenter_names(vcenters))

    def takes(self, vm: Mapping[str, Any]) -> bool:
        """True for a VM that is offered."""
        in_scope = self._request.out_of_scope or "out_of_scope" not in vm
        wanted = self._request.templates if vm.get("template") else in_scope
        return wanted and self._scope.asked_reason(vm) is None

    def notices(self) -> list[str]:
        """What the user should know of the scope."""
        return [f"{notice['message']}: {notice['remedy']}" for notice in self._scope.notices()]


def _estate_vms(reader: ArtifactReader, assessed: Mapping[str, JsonRecord], needed: Sequence[str], choice: _Choice) -> list[JsonRecord]:
    """The VMs that are offered, with what the assessment says of them. Records of vCenters come before those of VMs."""
    types = FactTypes([*needed, "nics.network", "nics.ips"])
    flaws = _Flaws(reader.path)
    vcenters: list[JsonRecord] = []
    names: dict[str, str] | None = None
    found = []
    for record in reader:
        kind = record["kind"]
        if kind == "vcenter":
            vcenters.append(record)
        elif kind == "vm":
            if names is None:
                choice.know(vcenters)
                names = {str(entry.get("vcenter")): str(entry.get("name") or entry.get("hostname") or "") for entry in vcenters}
            if not types.sound(record):
                flaws.add(record, type_flaws(record))
                continue
            facts = {**assessed.get(record["id"], {}), **_facts(record, needed, names)}
            if choice.takes(facts):
                found.append(facts)
    flaws.conclude()
    return found


def _facts(record: JsonRecord, needed: Sequence[str], vcenters: Mapping[str, str]) -> JsonRecord:
    facts = {name: record[name] for name in needed if name in record}
    vcenter = vcenters.get(record.get("vcenter", ""))
    if vcenter:
        facts["vcenter_name"] = vcenter
    return facts
