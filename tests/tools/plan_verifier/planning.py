# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of cases: the one module, with `lifting`, that calls the planner. What it hands on are records, as an artifact has them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ..generator.collection import module_util
from .evidence import Evidence, Record, Records, read_evidence

if TYPE_CHECKING:
    from ..random_estates import Case


@dataclass(slots=True)
class Planned:
    """A plan of a case: its records and manifests; or what is wrong with the case."""

    records: list[Record] = field(default_factory=list)
    manifests: list[Record] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def vm(self, vm_id: str) -> Record:
        """The plan's record of a VM."""
        return next(record for record in self.records if record["kind"] == "vm" and record["id"] == vm_id)


@lru_cache(maxsize=1)
def _planner() -> SimpleNamespace:
    """The parts of the planner that are called."""
    return SimpleNamespace(
        **{
            name: module_util(path)
            for name, path in (
                ("planner", "plan.planner"),
                ("parsing", "plan.parsing"),
                ("subjects", "plan.subjects"),
                ("previous", "plan.previous"),
                ("standing", "plan.standing"),
                ("candidates", "plan.candidates"),
                ("providers", "plan.manifests.providers"),
                ("records", "plan.records"),
                ("preflight", "plan.conditions.preflight"),
                ("view", "target.view"),
                ("stage", "adapters.plan_stage"),
                ("artifacts", "adapters.artifacts"),
                ("artifact", "common.artifact"),
                ("errors", "common.errors"),
            )
        }
    )


def plan_of(case: Case, *, preflight: bool = False) -> Planned:
    """Plans a case."""
    parts = _planner()
    view = parts.view.TargetView(case.target) if case.target is not None else None
    vms, outside = _vms(case, parts)
    facts = parts.planner.EstateFacts(
        **{
            name: [record for record in case.estate if record["kind"] == kind]
            for name, kind in (
                ("rules", "drs_rule"),
                ("vapps", "vapp"),
                ("vcenters", "vcenter"),
                ("networks", "network"),
                ("datastores", "datastore"),
                ("hosts", "host"),
            )
        }
    )
    rules = frozenset(record["id"] for record in case.assessment if record["kind"] == "rule")
    settings, problems = parts.parsing.parse_settings(case.settings, case.now, parts.stage.zone_of, rules)
    if problems:
        return Planned(problems=[problem.text() for problem in problems])
    previous = _previous(case, parts, vms, facts, settings, view)
    given = parts.planner.PlanInput(vms, outside, facts, view, settings, case.now, previous)
    plan, problems = parts.planner.make_plan(given)
    if plan is None:
        return Planned(problems=[problem.text() for problem in problems])
    checked = parts.preflight.preflight_of(plan) if preflight else None
    records = parts.records.PlanRecords(plan, checked, (), {}, "manifests/mtv")
    manifests = [entry.object for entry in plan.manifests.manifests if "proposals" not in entry.path] if plan.manifests else []
    return Planned(_as_read(records.all()), _as_read(manifests))


def _as_read(records: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Records as a reader of the artifact gets them."""
    found: list[Record] = json.loads(json.dumps(list(records)))
    return found


def _vms(case: Case, parts: SimpleNamespace) -> tuple[list[Any], dict[str, str]]:
    rulings, places = parts.subjects.Rulings(), parts.subjects.Places()
    judged = {}
    for record in case.assessment:
        rulings.take(record)
        if record["kind"] == "vm":
            judged[record["id"]] = record
    vms, outside = [], {}
    for record in case.estate:
        places.take(record)
    for record in case.estate:
        if record["kind"] != "vm":
            continue
        verdict: Mapping[str, Any] = judged.get(record["id"], {})
        if "out_of_scope" in record:
            outside[record["id"]] = record["out_of_scope"]
            verdict = {"verdict": parts.planner.OUT_OF_SCOPE}
        vms.append(parts.subjects.plan_vm(record, dict(verdict), rulings, places))
    return parts.subjects.with_shared_disks(vms), outside


def _previous(case: Case, parts: SimpleNamespace, vms: list[Any], facts: Any, settings: Any, view: Any) -> Any:
    if case.previous is None:
        return parts.previous.Previous()
    target = view or parts.view.TargetView(())
    providers, _unprovided = parts.providers.source_providers(facts.vcenters, {vm.vcenter for vm in vms}, settings, target)
    vcenter_of = {f"{provider.namespace}/{provider.name}": vcenter for vcenter, provider in providers.items()}
    moved = parts.candidates.moved_vms(vms, target.all("migration_plan"), vcenter_of)
    return parts.previous.previous_of(case.previous, moved, case.now, parts.standing.running_vms(target, vcenter_of))


def evidence_of(case: Case, planned: Planned) -> Evidence:
    """What the checks read."""
    return Evidence(
        estate=Records(case.estate),
        assessment=Records(case.assessment),
        target=None if case.target is None else Records(case.target),
        plan=Records(planned.records),
        settings=case.settings,
        manifests=planned.manifests,
        previous=None if case.previous is None else Records(case.previous),
    )


def plan_by_files(case: Case, folder: Path) -> Evidence | Planned:
    """Plans a case as the plan module does, artifacts in, artifact and manifests out, and reads them; or what is wrong with the case."""
    parts = _planner()
    estate = _write(folder / "estate.jsonl", "estate", case.estate, ())
    _write(folder / "assessment.jsonl", "assessment", case.assessment, (parts.artifact.ArtifactInput("estate.jsonl", estate),))
    target, previous, settings = folder / "target.jsonl", folder / "previous.jsonl", folder / "settings.json"
    if case.target is not None:
        _write(target, "target", case.target, ())
    if case.previous is not None:
        _write(previous, "plan", case.previous, ())
    settings.write_text(json.dumps(case.settings), encoding="utf-8")
    request = parts.stage.PlanRequest(
        run_dir=folder,
        dest=folder / "plan.jsonl",
        estate=folder / "estate.jsonl",
        assessment=folder / "assessment.jsonl",
        target=target if case.target is not None else None,
        now=case.now,
        settings=case.settings,
        previous=previous if case.previous is not None else None,
    )
    try:
        parts.stage.run_plan(request)
    except parts.errors.InputError as error:
        return Planned(problems=[problem.text() for problem in error.problems])
    return read_evidence(folder, settings, previous if case.previous is not None else None)


def planned_of(evidence: Evidence) -> Planned:
    """What was planned, by what was read of it."""
    return Planned(evidence.plan.everything(), evidence.manifests)


def _write(path: Path, schema: str, records: list[Record], inputs: tuple[Any, ...]) -> str:
    parts = _planner()
    with parts.artifacts.ArtifactWriter(path, parts.artifact.ArtifactHeader(schema, inputs)) as writer:
        for record in records:
            writer.write(record)
        return str(writer.finish().sha256)
