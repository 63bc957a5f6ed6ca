# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan stage: estate, assessment and target in; `plan.jsonl` and the manifests out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ..common.artifact import ArtifactHeader, ArtifactInput, JsonRecord
from ..common.errors import ArtifactError, InputError, Problem, ReadinessError
from ..plan.candidates import moved_vms
from ..plan.conditions.context import MIGRATIONS, PLANS
from ..plan.conditions.findings import Preflight
from ..plan.conditions.preflight import preflight_of
from ..plan.manifests.providers import SourceProvider, source_providers, vcenter_by_provider
from ..plan.model import MOVED, Manifest
from ..plan.parsing import parse_settings
from ..plan.planner import Plan, PlanInput, make_plan, setting_problems
from ..plan.previous import Previous, previous_of
from ..plan.records import PlanRecords, counts_of
from ..plan.release import Release
from ..plan.settings import PlanSettings
from ..plan.standing import running_vms
from ..plan.summary import summary_of
from ..plan.unmatched import Inventory, unmatched
from ..target.view import TargetView
from .artifacts import ArtifactReader, ArtifactWriter, differs, replace_if_changed, trailer_body
from .folder_files import FolderFiles
from .garbage import without_collection
from .manifest_files import FOLDER, write_manifests
from .plan_inputs import PlanInputs, read_inputs, read_target
from .time_zones import zone_of
from .working_folder import working_folder

DryRun = Callable[[Sequence[Manifest]], Mapping[str, tuple[str, str]]]
"""Tries manifests on an API server without writing; path to (state, message)."""

MESSAGE: Final = "The plan cannot be made as asked"
STANDS: Final = "{name} of this run stands as it was made before: check mode only says whether it would change"
PREDICTION: Final = "Made now: "
CALENDAR: Final = frozenset({"plan_start", "plan_last_day", "plan_timezone", "plan_windows", "plan_freezes"})
"""Settings that are checked together."""
_SETTING: Final = re.compile("plan_[a-z_]+")


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What to plan, and where to.

    `settings` are the user's, by the names of the role's variables without plan_; `now` is the run's present.
    With `predict_in` the artifact is made in a temporary folder there and only compared with `dest`. In check mode so is one
    for which a plan of the same run stands that was not made in check mode.
    """

    run_dir: Path
    dest: Path
    estate: Path
    assessment: Path
    target: Path | None
    now: datetime
    settings: Mapping[str, Any] = field(default_factory=dict)
    previous: Path | None = None
    dry_run: DryRun | None = None
    problems: Sequence[Problem] = ()
    """found in the user's variables already"""
    mode: str = "apply"
    predict_in: Path | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan that check mode leaves as it is."""

    sha256: str
    counts: Mapping[str, int]
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PlanResult:
    """What came of it."""

    artifact: Path
    sha256: str
    changed: bool
    counts: Mapping[str, int]
    summary: str
    manifests: FolderFiles | None
    inputs: Mapping[str, str]
    warnings: tuple[str, ...] = ()
    kinds: Mapping[str, int] = field(default_factory=dict)
    """records by kind"""
    standing: Standing | None = None
    """what is left in the artifact's place; the rest says what was planned now"""


def run_plan(request: PlanRequest) -> PlanResult:
    """Plans and writes.

    Raises `InputError` with every problem of the settings, `ArtifactError` for an input that cannot be used, and
    `ReadinessError` for a folder that cannot be written; nothing is written then.
    """
    with without_collection():
        return _run(request)


def _run(request: PlanRequest) -> PlanResult:
    found = read_inputs(request.estate, request.assessment)
    target = read_target(request.target, found)
    settings, wrong = parse_settings(request.settings, request.now, zone_of, found.rules)
    wrong = [*request.problems, *wrong]
    given = PlanInput(found.vms, found.out_of_scope, found.facts, target, settings, request.now)
    mistakes, warnings = unmatched(settings, _inventory(found), _providers(found, settings, target), going_on=request.previous is not None)
    if wrong:
        problems = [*wrong, *_beside(wrong, [*mistakes, *setting_problems(given)])]
        raise InputError("plan_input", MESSAGE, subject="plan", problems=problems)
    previous = _previous(request, found, settings, target)
    given = replace(given, previous=previous)
    plan, problems = make_plan(given)
    if plan is None or mistakes:
        raise InputError("plan_input", MESSAGE, subject="plan", problems=[*mistakes, *problems])
    warnings += [] if target is not None and target.known(MIGRATIONS, PLANS) else _begun(previous)
    found.warnings += warnings
    plan = replace(plan, notes=(*plan.notes, *warnings))
    tried = request.dry_run(plan.manifests.manifests) if request.dry_run is not None and plan.manifests is not None else {}
    return _write(request, found, plan, tried)


def _beside(wrong: Iterable[Problem], others: Iterable[Problem]) -> Iterator[Problem]:
    """What is wrong with settings that could be read, beside those that could not: what follows from those is no problem of its own."""
    unread = {_setting(problem) for problem in wrong}
    if unread & CALENDAR:
        unread |= CALENDAR
    yield from (problem for problem in others if _setting(problem) not in unread)


def _setting(problem: Problem) -> str:
    found = _SETTING.match(problem.message)
    return found[0] if found else ""


def _inventory(found: PlanInputs) -> Inventory:
    """What the user's rules can mean."""
    facts, inside = found.facts, [vm for vm in found.vms if vm.id not in found.out_of_scope]
    others = [vm for vm in found.vms if vm.id in found.out_of_scope]
    return Inventory(inside, facts.vcenters, facts.networks, facts.datastores, facts.hosts, others, found.unsure)


def _providers(found: PlanInputs, settings: PlanSettings, target: TargetView | None) -> Mapping[str, SourceProvider]:
    """The source providers of all vCenters that have VMs."""
    vcenters = [record for record in found.facts.vcenters if record.get("vcenter")]
    return source_providers(vcenters, {vm.vcenter for vm in found.vms}, settings, target or TargetView(()))[0]


def _previous(request: PlanRequest, found: PlanInputs, settings: PlanSettings, target: TargetView | None) -> Previous:
    if request.previous is None:
        return Previous()
    reader = ArtifactReader(request.previous, "plan")
    records = list(reader)
    found.inputs.append(_named(reader))
    _check_cluster(records, target, request.previous.name)
    view = target or TargetView(())
    vcenters = vcenter_by_provider(_providers(found, settings, target))
    moved = moved_vms(found.vms, view.all("migration_plan"), vcenters)
    return previous_of(records, moved, request.now, running_vms(view, vcenters))


def _begun(previous: Previous) -> list[str]:
    """What to know of first copies that an earlier plan had begin, and that this one begins anew."""
    found = []
    for begun in previous.begun:
        shown = ", ".join(begun.names[:4]) + (f" and {len(begun.names) - 4} more" if len(begun.names) > 4 else "")
        found.append(
            f"wave {begun.wave} of the earlier plan: the first copies of {shown} were to begin before now, and they are planned again. "
            "Where they run, keep to the earlier plan for them, or cancel their Migrations before the new ones are made"
        )
    return found


def _check_cluster(records: Sequence[JsonRecord], target: TargetView | None, name: str) -> None:
    """An earlier plan for another cluster says nothing of this one."""
    before = next((record.get("target") for record in records if record["kind"] == "basis"), None)
    cluster = target.cluster if target is not None else None
    if before and cluster is not None and before != cluster["id"]:
        problem = Problem(
            f"it is a plan for cluster {before}, and the target is {cluster['id']}", file=name, remedy="give the plan of this cluster"
        )
        raise InputError("plan_input", MESSAGE, subject="plan", problems=[problem])


def _named(reader: ArtifactReader) -> ArtifactInput:
    return ArtifactInput(reader.path.name, reader.sha256)


def _releases(plan: Plan, found: PlanInputs) -> list[Release]:
    """What the waves set free. VMs of a finished wave count in that wave, others that have moved before the first one."""
    waves = [(wave.number, wave.vm_ids) for wave in plan.schedule.waves]
    counted = {vm_id for _number, vm_ids in waves for vm_id in vm_ids}
    moved = [vm_id for vm_id, standing in plan.candidates.others.items() if standing.state == MOVED and vm_id not in counted]
    return list(found.releases.after(waves, plan.given.settings.prices, moved))


def _write(request: PlanRequest, found: PlanInputs, plan: Plan, tried: Mapping[str, tuple[str, str]]) -> PlanResult:
    checked = preflight_of(plan)
    releases = _releases(plan, found)
    records = PlanRecords(plan, checked, releases, tried, str(FOLDER))
    standing = _standing(request, found) if request.predict_in is None else None
    predict = standing is not None or request.predict_in is not None
    header = ArtifactHeader("plan", tuple(found.inputs), "apply" if predict else request.mode)
    try:
        beside = request.predict_in or request.dest.parent
        beside.mkdir(parents=True, exist_ok=True)
        with working_folder(beside, request.dest.name) as folder:
            with ArtifactWriter(folder / request.dest.name, header) as writer:
                for record in records.all():
                    writer.write(record)
                made = writer.finish()
            path = Path(made.path)
            files = write_manifests(request.run_dir, plan.manifests.manifests, write=not predict) if plan.manifests else None
            changed = _would_change(request.dest, path, made.sha256) if predict else replace_if_changed(path, request.dest, made.sha256)
    except OSError as error:
        message = f"{request.dest.name} cannot be written: {error.strerror or error}"
        raise ReadinessError(
            "plan_unwritable", message, subject=request.dest.name, hint="Check the folder's owner and free space."
        ) from error
    counts = _counts(plan, records, checked)
    return PlanResult(
        artifact=request.dest,
        sha256=made.sha256,
        changed=changed or (files is not None and files.changed),
        counts=counts,
        summary=(PREDICTION if standing and changed else "") + summary_of(plan, checked, counts),
        manifests=files,
        inputs={entry.name: entry.sha256 for entry in found.inputs},
        warnings=(*found.warnings, *([STANDS.format(name=request.dest.name)] if standing else [])),
        kinds=made.counts,
        standing=standing,
    )


def _standing(request: PlanRequest, found: PlanInputs) -> Standing | None:
    """What a check has to leave: a whole plan of this run's estate and assessment that was not made in check mode."""
    if request.mode != "check" or not request.dest.is_file():
        return None
    try:
        reader = ArtifactReader(request.dest, "plan")
        inputs = {entry["name"]: entry["sha256"] for entry in reader.header.get("inputs", ())}
        made_here = set(inputs.values()).issuperset(entry.sha256 for entry in found.own)
        if reader.header.get("mode") == "check" or not made_here:
            return None
        counts = _counts_in(reader)
    except ArtifactError:
        return None
    return Standing(reader.sha256, counts, inputs)


def _counts_in(records: Iterable[JsonRecord]) -> dict[str, int]:
    """The figures of a plan that was written."""
    states, plans, waves, failed = [], set(), 0, 0
    for record in records:
        if record["kind"] == "vm":
            states.append(record["state"])
            plans.add(record.get("plan"))
        waves += record["kind"] == "wave"
        failed += record["kind"] == "condition" and record["failed"] > 0
    return counts_of(states, waves, len(plans - {None}), failed)


def _would_change(dest: Path, made: Path, sha256: str) -> bool:
    """Whether the records differ; the headers do anyway, since a check names inputs that were made by a check."""
    before, after = trailer_body(dest), trailer_body(made)
    return before != after if before and after else differs(dest, sha256, made.stat().st_size)


def _counts(plan: Plan, records: PlanRecords, checked: Preflight | None) -> dict[str, int]:
    failed = sum(counts.failed > 0 for counts in checked.counts.values()) if checked is not None else 0
    batches = plan.manifests.batches if plan.manifests is not None else ()
    return counts_of(records.states().values(), len(plan.schedule.waves), len(batches), failed)
