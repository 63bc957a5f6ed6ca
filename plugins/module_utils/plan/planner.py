# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole plan, step by step: each step takes what the ones before it found, and none of them looks back.

candidates → calibration → destination, networks, storage, provider → method, duration, risk → groups → fit → waves → manifests
→ preflight
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from ..common.artifact import JsonRecord
from ..common.errors import Problem
from ..target.view import TargetView
from .addresses import choices_by_network, network_constraints
from .calendar import assumptions_of, windows_of
from .calendar import problems_of as calendar_problems
from .calibration import Calibration, calibrate
from .candidates import Candidates, Standing, candidates_of, excluded, moved_vms
from .drafts import BegunWave
from .duration import MAX_VM_INFLIGHT, PRECOPY_INTERVAL_MINUTES, Pace, vm_duration
from .first_copies import Lot, with_first_copies
from .fit import fit
from .groups import Grouping, groups_of
from .macs import mac_conflicts
from .manifests.build import ManifestInput, ManifestSet, build_manifests
from .manifests.providers import SourceProvider, source_providers, vcenter_by_provider
from .method import against_warm, choose_method
from .model import (
    COLD,
    MOVED,
    TIB,
    WARM,
    Constraint,
    Destination,
    Duration,
    FitResult,
    MethodChoice,
    Need,
    NetworkChoice,
    PlanVm,
    Risk,
    Schedule,
    StorageChoice,
    Wave,
)
from .namespaces import Destinations, destinations
from .namespaces import rule_problems as namespace_problems
from .needs import need_of, sizing_of
from .networks import map_networks, network_use
from .networks import rule_problems as network_problems
from .openings import EPSILON, Profiles, begin_of
from .previous import Previous
from .risk import risk_of
from .settings import PlanSettings
from .shared_disks import shared_disks, sharing_constraints
from .source_rules import names_by_vcenter
from .standing import StandingWave, kept_places, running_vms, strangers
from .storage_mapping import VolumeSizes, choices_by_datastore, datastore_key, map_storage, storage_use, volumes_of
from .storage_mapping import rule_problems as storage_problems
from .wave_clock import Loads, WaveClock, first_copy_of
from .waves import schedule

DAY_MINUTES = 24 * 60

OUT_OF_SCOPE = "excluded"
"""Stands for a verdict of VMs that were not assessed, because they are out of scope."""


@dataclass(frozen=True, slots=True)
class EstateFacts:
    """Records of the estate, by kind, that planning asks for beside the VMs."""

    rules: Sequence[JsonRecord] = ()
    vapps: Sequence[JsonRecord] = ()
    vcenters: Sequence[JsonRecord] = ()
    networks: Sequence[JsonRecord] = ()
    datastores: Sequence[JsonRecord] = ()
    hosts: Sequence[JsonRecord] = ()
    unseen: Mapping[str, str] = field(default_factory=dict)
    """vCenter (instance UUID) to why VMs of it may be in no list"""


@dataclass(frozen=True, slots=True)
class PlanInput:
    """Everything that a plan is made of. `vms` are all VMs of the estate; `out_of_scope` has the reasons of those that are."""

    vms: Sequence[PlanVm]
    out_of_scope: Mapping[str, str]
    facts: EstateFacts
    target: TargetView | None
    """None where no target was read: then nothing is mapped, fitted or made into manifests"""
    settings: PlanSettings
    now: datetime
    previous: Previous = field(default_factory=Previous)


@dataclass(frozen=True, slots=True)
class Moves:
    """How each VM moves."""

    methods: Mapping[str, MethodChoice]
    durations: Mapping[str, Duration]
    risks: Mapping[str, Risk]
    calibration: Calibration
    loads: Loads
    """what each move asks of its window"""
    first_copies: Loads
    """what each warm one asks before it"""


@dataclass(frozen=True, slots=True)
class Places:
    """Where each VM goes, and what keeps VMs from going anywhere."""

    destinations: Mapping[str, Destination]
    networks: Sequence[NetworkChoice]
    storage: Sequence[StorageChoice]
    providers: Mapping[str, SourceProvider]
    blockers: Mapping[str, tuple[Constraint, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan, ready to be written."""

    given: PlanInput
    candidates: Candidates
    places: Places
    moves: Moves
    grouping: Grouping
    needs: Mapping[str, Need]
    fit: FitResult | None
    schedule: Schedule
    downtimes: Mapping[str, float]
    """VM id to the minutes (p90) for which it stands still in its wave"""
    manifests: ManifestSet | None
    blockers: Mapping[str, tuple[Constraint, ...]]
    notes: tuple[str, ...]


def setting_problems(given: PlanInput) -> list[Problem]:
    """What is wrong with the settings as a whole, and with what they name on the target."""
    settings = given.settings
    problems = [*calendar_problems(settings), *namespace_problems(settings.namespaces)]
    if given.target is not None:
        problems += network_problems(settings.networks, given.target)
        problems += storage_problems(settings.storage, given.target)
    return problems


def make_plan(given: PlanInput) -> tuple[Plan | None, list[Problem]]:
    """The plan, or everything that is wrong with what it was to be made of."""
    problems = setting_problems(given)
    settings, target = given.settings, given.target or TargetView(())
    vcenters = [record for record in given.facts.vcenters if record.get("vcenter")]
    running = {vm_id for entry in given.previous.standing for vm_id in entry.running}
    providers, unprovided = source_providers(vcenters, _vcenters_of(given.vms, running), settings, target)
    sources = vcenter_by_provider(providers)
    moved = moved_vms(given.vms, target.all("migration_plan"), sources)
    candidates = _candidates(given, moved, running)
    grouping = _grouping(given, candidates, {vm.id for vm in candidates.vms})
    problems += grouping.problems
    if problems:
        return None, problems
    places = _places(given, candidates.vms, providers, unprovided)
    moves = _moves(given, candidates.vms)
    blockers = {**grouping.kept_out, **places.blockers, **strangers(given.vms, running_vms(target, sources), given.previous.standing)}
    for vm_id, found in _sharing(candidates.vms, places, moves).items():
        blockers[vm_id] = (*blockers.get(vm_id, ()), *found)
    if unmet := _unmet_limits(given, candidates.vms, moves):
        return None, unmet
    for vm_id in running & places.destinations.keys():
        blockers.pop(vm_id, None)
    wanted = _ranked((vm for vm in candidates.vms if vm.id not in blockers), moves.risks, running)
    needs, fitted = _fitted(given, candidates, wanted, places, blockers)
    fitted = _with_unsized(fitted, running & blockers.keys(), blockers)
    standing = _standing(given.previous.standing, candidates, places, blockers)
    stays = {vm_id for entry in standing for vm_id in entry.wave.vm_ids}
    planned = {vm.id for vm in wanted if vm.id not in blockers} - stays
    final = _grouping(given, candidates, planned, stays)
    blockers.update((vm_id, found) for vm_id, found in final.kept_out.items() if vm_id not in blockers)
    waves, downtimes = _schedule(given, planned, final, moves, standing)
    blockers.update(waves.unplaced)
    plan = Plan(
        given=given,
        candidates=candidates,
        places=places,
        moves=moves,
        grouping=final,
        needs=needs,
        fit=fitted,
        schedule=waves,
        downtimes=downtimes,
        manifests=_manifests(given, places, moves, final, waves, standing),
        blockers=blockers,
        notes=(*assumptions_of(settings), *final.notes),
    )
    return plan, []


def _vcenters_of(vms: Iterable[PlanVm], running: Collection[str]) -> set[str]:
    return {vm.vcenter for vm in vms if vm.verdict != OUT_OF_SCOPE or vm.id in running}


def _candidates(given: PlanInput, moved: Mapping[str, str], running: Collection[str]) -> Candidates:
    """The VMs to plan; those out of scope are among the others with their reason."""
    inside = [vm for vm in given.vms if vm.id not in given.out_of_scope or vm.id in running]
    found = candidates_of(inside, given.settings, {**given.previous.done, **moved}, running)
    planned = {vm.id for vm in found.vms}
    outside: dict[str, Standing] = {vm_id: excluded(reason) for vm_id, reason in given.out_of_scope.items() if vm_id not in planned}
    return Candidates(found.vms, {**found.others, **outside}, found.accepted)


def _standing(
    begun: Iterable[StandingWave], candidates: Candidates, places: Places, blockers: dict[str, tuple[Constraint, ...]]
) -> list[StandingWave]:
    """The waves that have begun, with the VMs that can still be in them; `blockers` loses those that move whatever is said of them."""
    found, known = [], {vm.id for vm in candidates.vms}
    for entry in begun:
        stays = {vm_id for vm_id in entry.wave.vm_ids if vm_id in known and vm_id in places.destinations}
        for vm_id in stays & entry.running.keys():
            blockers.pop(vm_id, None)
        found.append(entry.of(stays - blockers.keys()))
    return found


def _with_unsized(fitted: FitResult | None, running: Iterable[str], blockers: Mapping[str, tuple[Constraint, ...]]) -> FitResult | None:
    """The fit, with the VMs that move now and for which it keeps no room."""
    found = [
        replace(entry, message=f"its migration runs, and no room is kept: {entry.message}")
        for vm_id in sorted(running)
        for entry in blockers[vm_id]
    ]
    return replace(fitted, not_evaluated=(*fitted.not_evaluated, *found)) if fitted is not None and found else fitted


def _grouping(given: PlanInput, candidates: Candidates, planned: set[str], standing: Collection[str] = ()) -> Grouping:
    settings = given.settings
    finished = {vm_id for vm_id, other in candidates.others.items() if other.state == MOVED}
    return groups_of(
        given.vms,
        given.facts.rules,
        given.facts.vapps,
        settings.dependencies,
        settings.anti_affinity,
        candidates=planned,
        finished=finished,
        standing=standing,
    )


# ---- where -----------------------------------------------------------------------------------------------------------


def _places(
    given: PlanInput, vms: Sequence[PlanVm], providers: Mapping[str, SourceProvider], unprovided: Mapping[str, Constraint]
) -> Places:
    target = given.target
    if target is None:
        return Places({}, (), (), {}, {})
    settings, facts = given.settings, given.facts
    names = names_by_vcenter(facts.vcenters)
    found = destinations(vms, settings.namespaces, target, given.previous.places, vcenter_by_provider(providers), given.vms)
    kept = kept_places(given.previous.standing, given.previous.places, found.of, {vm.id for vm in vms})
    found = Destinations({**found.of, **kept}, found.constraints)
    networks = map_networks(facts.networks, network_use(vms), target, settings.networks, names)
    storage = map_storage(
        facts.datastores, storage_use(vms), target, settings.storage, live_migration=settings.fit.live_migration, vcenter_names=names
    )
    by_network, by_datastore = choices_by_network(networks), choices_by_datastore(storage)
    macs = mac_conflicts(vms, target, vcenter_by_provider(providers), given.vms)
    blockers: dict[str, tuple[Constraint, ...]] = {}
    for vm in vms:
        own = list(_place_constraints(vm, found.of.get(vm.id), found.constraints, unprovided, by_datastore))
        if vm.id in found.of:
            own += network_constraints(vm, found.of[vm.id], by_network)
        own += macs.get(vm.id, ())
        if own:
            blockers[vm.id] = tuple(own)
    return Places(found.of, networks, storage, providers, blockers)


def _place_constraints(
    vm: PlanVm,
    destination: Destination | None,
    unmapped: Mapping[str, Constraint],
    unprovided: Mapping[str, Constraint],
    storage: Mapping[str, StorageChoice],
) -> Iterator[Constraint]:
    if destination is None and vm.id in unmapped:
        yield unmapped[vm.id]
    if vm.vcenter in unprovided:
        yield unprovided[vm.vcenter]
    if not vm.moref:
        yield Constraint(
            "moref_unknown",
            vm.name,
            "its managed object id is not known, by which a plan names it",
            "read the vCenter itself, or an export that has VM IDs",
        )
    told: set[str] = set()
    for disk in vm.disks or ():
        key = datastore_key(vm, disk)
        choice = storage.get(key)
        if key in told or (choice is not None and choice.storage_class):
            continue
        told.add(key)
        reason = choice.reason if choice is not None else "nobody knows on which datastore the disk lies"
        name = disk.datastore or disk.path or f"disk {disk.key}"
        yield Constraint(
            "storage_unmapped", name, f"datastore {name} leads to no storage class: {reason}", "name one in plan_storage", "plan_storage"
        )


# ---- how -------------------------------------------------------------------------------------------------------------


def _moves(given: PlanInput, vms: Sequence[PlanVm]) -> Moves:
    settings, target = given.settings, given.target or TargetView(())
    calibration = calibrate(settings.rates, target.all("migration_plan"))
    toolkit = target.one("migration_toolkit") or {}
    pace = Pace(
        calibration.rates,
        toolkit.get("max_vm_inflight") or MAX_VM_INFLIGHT,
        toolkit.get("precopy_interval_minutes") or PRECOPY_INTERVAL_MINUTES,
    )
    profiles, of_all = Profiles(settings), _longest_window(settings)
    begun = {vm_id: method for entry in given.previous.standing for vm_id, method in entry.methods.items()}
    methods: dict[str, MethodChoice] = {}
    durations: dict[str, Duration] = {}
    risks: dict[str, Risk] = {}
    for vm in vms:
        obstacles = tuple(against_warm(vm))
        cold = vm_duration(vm, COLD, pace)
        by_method = {COLD: cold, WARM: cold if obstacles else vm_duration(vm, WARM, pace)}
        # A VM that no window admits gets no wave, whatever its method: it is weighed against the windows of the others.
        # What one night in autumn has more than all others is no reason to wait for it.
        longest = min(profiles.longest(vm, cold.downtime_p90_minutes) or of_all, of_all)
        choice = choose_method(vm, settings.method, obstacles, by_method[COLD], by_method[WARM], longest)
        if vm.id in begun:
            choice = MethodChoice(begun[vm.id], ("its wave has begun: the method stays",))
        methods[vm.id], durations[vm.id] = choice, by_method[choice.method]
        risks[vm.id] = risk_of(vm, by_method[choice.method])
    return Moves(methods, durations, risks, calibration, Loads(pace), Loads(pace, first_copy_of))


def _sharing(vms: Sequence[PlanVm], places: Places, moves: Moves) -> dict[str, list[Constraint]]:
    """What keeps VMs out because of the disks that they share."""
    namespaces = {vm_id: destination.namespace for vm_id, destination in places.destinations.items()}
    return sharing_constraints(vms, namespaces, {vm_id: choice.method for vm_id, choice in moves.methods.items()})


def _longest_window(settings: PlanSettings) -> float:
    """Minutes of the longest window, the default one where none is given."""
    return float(max(_minutes(rule.end, rule.start) + rule.extra_days * DAY_MINUTES for rule in windows_of(settings)))


def _minutes(end: time, start: time) -> int:
    """From a time of day to the next other one."""
    return (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % DAY_MINUTES or DAY_MINUTES


def _ranked(vms: Iterable[PlanVm], risks: Mapping[str, Risk], running: Collection[str]) -> list[PlanVm]:
    """The order in which VMs are given room: those that move now, then the least risky first."""
    return sorted(vms, key=lambda vm: (vm.id not in running, risks[vm.id].points, vm.id))


def _fitted(
    given: PlanInput, candidates: Candidates, vms: Sequence[PlanVm], places: Places, blockers: dict[str, tuple[Constraint, ...]]
) -> tuple[dict[str, Need], FitResult | None]:
    """What the VMs request and whether it fits; `blockers` gets those that do not.

    Ties count among the VMs that can still move: one that is kept out ties no others, and who shares a disk with it takes no room.
    """
    target, policy = given.target, given.settings.fit
    if target is None:
        return {}, None
    choices, sizes, sizing = choices_by_datastore(places.storage), VolumeSizes(target), sizing_of(policy, target)
    skipped = shared_disks(vms).skipped
    needs: dict[str, Need] = {}
    for vm in vms:
        volumes = volumes_of(vm, choices, sizes, skipped.get(vm.id, frozenset()))
        need = need_of(vm, places.destinations[vm.id], volumes, policy, target, sizing)
        if isinstance(need, Need):
            needs[vm.id] = need
        else:
            blockers[vm.id] = need
    grouping = _grouping(given, candidates, set(needs))
    blockers.update(grouping.kept_out)
    result = fit([need for vm_id, need in needs.items() if vm_id not in grouping.kept_out], grouping.groups, target, policy)
    blockers.update(result.misfits)
    return needs, result


# ---- when ------------------------------------------------------------------------------------------------------------


def _schedule(
    given: PlanInput, planned: Collection[str], grouping: Grouping, moves: Moves, standing: Sequence[StandingWave]
) -> tuple[Schedule, dict[str, float]]:
    """The waves, and VM id to the minutes (p90) for which it stands still in its wave."""
    begins, vms = begin_of(given.settings, given.now), {vm.id: vm for vm in given.vms}
    found = schedule(
        given.vms,
        grouping.groups,
        grouping.orders,
        grouping.spreads,
        {vm_id: (moves.methods[vm_id], moves.risks[vm_id]) for vm_id in sorted(planned)},
        given.settings,
        lambda: WaveClock(moves.loads),
        given.previous.waves,
        lambda: WaveClock(moves.first_copies),
        given.now,
        [BegunWave(entry.wave, tuple(_moves_of(entry.wave, vms, moves))) for entry in standing],
    )
    lots = _lots(found, vms, moves)
    waves = with_first_copies(found.waves, lots, moves.first_copies, begins)
    downtimes = {vm.id: lot.clock.downtime_p90(vm, method) for lot in lots.values() for vm, method in lot.moves}
    reasons = {vm_id: (entry.reason,) for entry in standing for vm_id in entry.wave.vm_ids}
    over = {entry.wave.number: entry.over for entry in standing}
    whole = [replace(wave, vm_ids=(*wave.vm_ids, *over[wave.number])) if wave.begun else wave for wave in waves]
    return replace(found, waves=tuple(whole), reasons={**found.reasons, **reasons}), downtimes


def _moves_of(wave: Wave, vms: Mapping[str, PlanVm], moves: Moves) -> list[tuple[PlanVm, str]]:
    return [(vms[vm_id], moves.methods[vm_id].method) for vm_id in wave.vm_ids]


def _lots(waves: Schedule, vms: Mapping[str, PlanVm], moves: Moves) -> dict[int, Lot]:
    """The moves of each wave that is not finished, and its clock."""
    found: dict[int, Lot] = {}
    for wave in waves.waves:
        if not wave.finished:
            lot = _moves_of(wave, vms, moves)
            clock = WaveClock(moves.loads)
            clock.add(lot)
            found[wave.number] = Lot(lot, clock)
    return found


def _unmet_limits(given: PlanInput, vms: Sequence[PlanVm], moves: Moves) -> list[Problem]:
    """Limits that no VM at all can meet, whatever else keeps it out: a mistake in the settings, unless a plan is nearly over."""
    if not vms or given.previous.waves or given.previous.standing:
        return []
    problems = []
    limit = given.settings.limits.bytes
    smallest = min(vms, key=lambda vm: (moves.durations[vm.id].copy_bytes, vm.id))
    size = moves.durations[smallest.id].copy_bytes
    if limit is not None and size > limit:
        message = f"plan_limits.tib lets no VM into a wave: {smallest.name} has least to copy, {size / TIB:.3f} TiB"
        problems.append(Problem(message, remedy="raise it, or leave it out"))
    quickest = min(vms, key=lambda vm: (moves.durations[vm.id].downtime_p90_minutes, vm.id))
    minutes = moves.durations[quickest.id].downtime_p90_minutes
    # By the slots themselves: the night in which the clocks go back has an hour more than its times say.
    longest = Profiles(given.settings).without("last_day", "freezes").longest_of_all(minutes + EPSILON)
    if minutes > longest:
        message = f"plan_windows has no window that is long enough for any VM: {quickest.name} takes least, {minutes:.0f} min (p90)"
        problems.append(Problem(message, remedy=f"the longest one has {longest:.0f} min: make one longer"))
    return problems


def _manifests(
    given: PlanInput, places: Places, moves: Moves, grouping: Grouping, waves: Schedule, standing: Sequence[StandingWave]
) -> ManifestSet | None:
    if given.target is None:
        return None
    return build_manifests(
        ManifestInput(
            settings=given.settings,
            target=given.target,
            vms={vm.id: vm for vm in given.vms},
            waves=waves.waves,
            groups=grouping.groups,
            methods={vm_id: choice.method for vm_id, choice in moves.methods.items()},
            destinations=places.destinations,
            providers=places.providers,
            networks=places.networks,
            storage=places.storage,
            standing=standing,
        )
    )
