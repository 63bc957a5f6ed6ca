# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of what happens when the migration runs: the VM's state, the target's room, cutovers, what moves with it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ..model import Constraint
from .answers import NOT_APPLICABLE, PASSED, Answer, Fault, Open, few, judges, passes
from .context import CONTROLLERS, MIGRATIONS, PLANS, Scene
from .views import MigrationView, PlanView, VmEntry, mappings, text
from .vms import SUSPENDED, absent

CONNECTED: Final = "connected"
HYPERCONVERGEDS: Final = ("hyperconvergeds.hco.kubevirt.io", "kubevirts.kubevirt.io")
STORAGE_CODES: Final = frozenset(("storage_capacity", "storage_class_missing", "volume_too_large"))
QUOTA_CODES: Final = frozenset(("quota", "limit_range"))
UNRELATED_CODES: Final = frozenset(("live_migration_needs_rwx", "group_member_does_not_fit"))
"""Judged by conditions of their own, or nothing of the VM itself."""


# ---- the source VM ---------------------------------------------------------------------------------------------------


@judges("Run.template")
def no_template(entry: VmEntry, scene: Scene) -> Answer:
    if entry.vm is not None:
        return PASSED
    if entry.other is None:
        return NOT_APPLICABLE
    if entry.other.template is None:
        return Open("nobody knows whether it is a template")
    return passes(not entry.other.template, "it is a template", "a VM", "make a VM of it, or take it out")


@judges("Run.notConnected")
def connected(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if vm.connection_state == CONNECTED:
        return PASSED
    if not vm.connection_state:
        return Open("connection_state is not known")
    return Fault(vm.connection_state, CONNECTED, "bring its host back, or repair the VM")


@judges("Run.changeTracking")
def disks_track_changes(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if not entry.warm:
        return NOT_APPLICABLE
    if vm is None:
        return absent(entry)
    if not vm.disks:
        return Open("the VM's disks are not known") if vm.disks is None else NOT_APPLICABLE
    off = [disk.path or str(disk.key) for disk in vm.disks if disk.change_tracking is False]
    if off:
        return Fault(f"{few(off)} does not track changed blocks", "change tracking for every disk", "switch ctkEnabled on for each disk")
    unknown = any(disk.change_tracking is None for disk in vm.disks)
    return Open("nobody knows whether a disk tracks changed blocks") if unknown else PASSED


@judges("VMMissingChangedBlockTracking")
def tracks_changes(entry: VmEntry, scene: Scene) -> Answer:
    if not entry.warm:
        return NOT_APPLICABLE
    if entry.vm is None:
        return absent(entry)
    tracking = entry.vm.change_tracking
    if tracking is None:
        return Open("change_tracking_enabled is not known")
    return passes(tracking, "change tracking is off", "change tracking is on", "switch it on (ctkEnabled), or move the VM cold")


@judges("VMHasSnapshots")
def no_snapshots(entry: VmEntry, scene: Scene) -> Answer:
    if not entry.warm:
        shift = scene.shifts(entry.plan.storage_map) if entry.plan.storage_map is not None else frozenset()
        if isinstance(shift, Open) or not shift:
            return NOT_APPLICABLE
    if entry.vm is None:
        return absent(entry)
    count = entry.vm.snapshot_count
    if count is None:
        return Open("snapshots are not known")
    return passes(not count, f"{count} snapshots", "no snapshot", "remove the snapshots, or move the VM cold")


@judges("VMConsolidationNeeded")
def consolidated(entry: VmEntry, scene: Scene) -> Answer:
    if not entry.warm:
        return NOT_APPLICABLE
    if entry.vm is None:
        return absent(entry)
    needed = entry.vm.consolidation_needed
    if needed is None:
        return Open("consolidation_needed is not known")
    return passes(not needed, "consolidation is needed", "disks without leftovers", "consolidate the disks")


@judges("own.suspended")
def not_suspended(entry: VmEntry, scene: Scene) -> Answer:
    if entry.vm is None:
        return absent(entry)
    state = entry.vm.power_state
    if not state:
        return Open("power_state is not known")
    return Fault("suspended", "on or off", "switch it on or off") if state == SUSPENDED else PASSED


@judges("own.encrypted")
def not_encrypted(entry: VmEntry, scene: Scene) -> Answer:
    if entry.vm is None:
        return absent(entry)
    if entry.vm.encrypted is None:
        return Open("nobody knows whether the VM is encrypted")
    remedy = "decrypt it, or switch it off by hand and give the provider's account the privileges of cryptography"
    return Fault("it is encrypted", "a VM that is not encrypted", remedy) if entry.vm.encrypted else PASSED


@judges("own.verdict")
def can_move(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if vm.verdict == "blocked":
        return Fault("its verdict is blocked", "a VM that can move", "see its findings in the assessment")
    if vm.verdict == "not_evaluated":
        return Open("the VM was not judged for lack of facts")
    open_rules = [rule for rule in vm.gaps if rule not in scene.settings.accept_unknown] if vm.provisional else ()
    return Open(f"{few(open_rules)} not evaluated", "settle them, or accept them (plan_accept_unknown)") if open_rules else PASSED


# ---- room on the target ----------------------------------------------------------------------------------------------


@judges("own.capacity")
def has_room(entry: VmEntry, scene: Scene) -> Answer:
    vm, fit = entry.vm, scene.given.fit
    if vm is None:
        return absent(entry)
    if fit is None:
        return Open("the fit was not computed")
    if vm.id in fit.misfits:
        found = [one for one in fit.misfits[vm.id] if one.code not in STORAGE_CODES | QUOTA_CODES | UNRELATED_CODES]
        if found:
            return _misfit(found, "a node with room for the VM")
    if not fit.evaluated:
        return Open(fit.reason or "the target's nodes are not known")
    if vm.id not in fit.node_of and vm.id not in fit.misfits:
        return Open("the VM's need was not computed")
    if lacking := fit.uncertain.get(vm.id):
        return Open(f"nobody knows {', '.join(lacking)}", "read the VM from its vCenter, and the nodes with an account that may list them")
    return PASSED


@judges("own.storage_capacity")
def has_space(entry: VmEntry, scene: Scene) -> Answer:
    return _within(entry, scene, STORAGE_CODES, ("storage_free_unknown", "storage_class_unknown"), "space for the VM's volumes")


@judges("own.quota")
def within_quota(entry: VmEntry, scene: Scene) -> Answer:
    return _within(entry, scene, QUOTA_CODES, ("quota_unknown",), "quotas and limits that let the VM in")


def _within(entry: VmEntry, scene: Scene, codes: frozenset[str], unknown: tuple[str, ...], expected: str) -> Answer:
    vm, fit = entry.vm, scene.given.fit
    if vm is None:
        return absent(entry)
    if fit is None:
        return Open("the fit was not computed")
    if vm.id in fit.misfits:
        found = [one for one in fit.misfits[vm.id] if one.code in codes]
        if found:
            return _misfit(found, expected)
    elif fit.evaluated and vm.id not in fit.node_of:
        return Open("the VM's need was not computed")
    return scene.fit_gap(unknown) or PASSED


def _misfit(found: list[Constraint], expected: str) -> Fault:
    return Fault(few(one.message for one in found), expected, found[0].remedy or "see the chapter on capacity")


@judges("own.toolkit_missing")
def toolkit_runs(plan: PlanView, scene: Scene) -> Answer:
    record = scene.target.one("migration_toolkit")
    if record is None:
        if not scene.listed(CONTROLLERS):
            return Open(scene.why_not(CONTROLLERS))
        return Fault("no ForkliftController", "the Migration Toolkit for Virtualization", "install the operator and a ForkliftController")
    available = record.get("available")
    if available is None:
        return Open("nobody knows whether its controller runs")
    return passes(
        available is True, "its controller does not run", "a controller that runs", "see the conditions of the ForkliftController"
    )


@judges("own.virtualization_missing")
def virtualization_runs(plan: PlanView, scene: Scene) -> Answer:
    record = scene.target.one("virtualization")
    if record is None:
        if not scene.listed(*HYPERCONVERGEDS):
            return Open(scene.why_not(*HYPERCONVERGEDS))
        return Fault("neither HyperConverged nor KubeVirt", "OpenShift Virtualization", "install its operator")
    available = record.get("available")
    if available is None:
        return Open("nobody knows whether it is available")
    return passes(available is True, "it is not available", "OpenShift Virtualization that is available", "see its conditions")


@judges("own.nothing_in_flight")
def transfers_run(plan: PlanView, scene: Scene) -> Answer:
    limit = scene.toolkit_fact("max_vm_inflight")
    if not isinstance(limit, int):
        return Open(scene.why_no_toolkit())
    return passes(limit >= 1, f"controller_max_vm_inflight {limit}", "at least 1", "raise it in the ForkliftController")


# ---- what moves together ---------------------------------------------------------------------------------------------


@judges("own.group_apart")
def group_together(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    group = scene.group_of.get(vm.id)
    if group is None:
        return NOT_APPLICABLE if scene.given.groups or not scene.given.waves else Open("the groups are not given")
    if entry.plan.wave is None:
        return Open("the plan names no wave")
    apart = [vm_id for vm_id in group.vm_ids if vm_id not in scene.moved and scene.wave_of.get(vm_id) != entry.plan.wave]
    names = [scene.given.vms[vm_id].name if vm_id in scene.given.vms else vm_id for vm_id in apart]
    return passes(not apart, f"{few(names)} is not in wave {entry.plan.wave}", "the whole group in one wave", "plan the waves again")


# ---- cutover ---------------------------------------------------------------------------------------------------------


@judges("own.warm_without_cutover")
def warm_ends(plan: PlanView, scene: Scene) -> Answer:
    if not plan.warm:
        return NOT_APPLICABLE
    good = any(text(migration.spec.get("cutover")) or migration.spec.get("vmCutover") for migration in plan.migrations)
    return passes(good, "no cutover", "a Migration with a cutover", "set spec.cutover, or the plan copies until somebody does")


@judges("own.migration_twice")
def started_once(plan: PlanView, scene: Scene) -> Answer:
    keys = [migration.key for migration in plan.migrations]
    if not keys:
        return NOT_APPLICABLE
    return passes(len(keys) < 2, few(keys), "one Migration", "take the others out")


@judges("own.migration_without_plan")
def migration_has_plan(migration: MigrationView, scene: Scene) -> Answer:
    if not migration.plan_key:
        return Fault("plan is not set", "a plan by name and namespace", "set spec.plan")
    if migration.plan is not None or scene.target.get("migration_plan", migration.plan_key) is not None:
        return PASSED
    if not scene.listed(PLANS):
        return Open(scene.why_not(PLANS))
    return Fault(f"{migration.plan_key} does not exist", "a plan that exists, or a manifest of it", "correct spec.plan")


def _cutovers(migration: MigrationView) -> list[tuple[str, str]]:
    """What each cutover is for, and when."""
    found = [("cutover", text(migration.spec["cutover"]))] if migration.spec.get("cutover") else []
    return found + [(f"cutover of {text(one.get('id'))}", text(one.get("cutover"))) for one in mappings(migration.spec.get("vmCutover"))]


def _moment(found: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(f"{found[:-1]}+00:00" if found.endswith(("Z", "z")) else found)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


@judges("own.cutover_past")
def cutover_ahead(migration: MigrationView, scene: Scene) -> Answer:
    cutovers = _cutovers(migration)
    if not cutovers:
        return NOT_APPLICABLE
    wrong = [f"{what} {when}" for what, when in cutovers if (moment := _moment(when)) is None or moment < scene.now]
    return passes(not wrong, few(wrong), f"a time from {scene.now.isoformat()} on", "plan the waves again")


@judges("own.cutover_outside_wave")
def cutover_in_window(migration: MigrationView, scene: Scene) -> Answer:
    cutovers = _cutovers(migration)
    if not cutovers or migration.plan is None:
        return NOT_APPLICABLE
    wave = scene.waves.get(migration.plan.wave) if migration.plan.wave is not None else None
    if wave is None:
        return Open("the wave of its plan is not known")
    start, end = wave.slot.start, wave.slot.end
    wrong = [f"{what} {when}" for what, when in cutovers if (moment := _moment(when)) is None or not start <= moment < end]
    return passes(not wrong, few(wrong), f"a time from {start.isoformat()} to {end.isoformat()}", "move the cutover into the window")


@judges("own.cutover_of_unknown_vm")
def cutover_of_known_vm(migration: MigrationView, scene: Scene) -> Answer:
    wanted = [text(one.get("id")) for one in mappings(migration.spec.get("vmCutover"))]
    if not wanted:
        return NOT_APPLICABLE
    if migration.plan is not None:
        known = {text(entry.raw.get("id")) for entry in migration.plan.entries}
    else:
        record = scene.target.get("migration_plan", migration.plan_key)
        if record is None or "vms" not in record:
            return Open("the plan's VMs are not known")
        known = {text(vm.get("moref")) for vm in mappings(record["vms"])}
    strange = [name for name in wanted if name not in known]
    return passes(not strange, few(strange), "VMs of the plan", "correct spec.vmCutover")


@judges("own.plan_running")
def plan_rests(plan: PlanView, scene: Scene) -> Answer:
    if plan.existing is None and scene.listed(PLANS):
        return NOT_APPLICABLE
    running = [record["id"] for record in scene.target.all("migration") if record.get("plan") == plan.key and record.get("running") is True]
    if running:
        return Fault(f"{few(running)} runs", "a plan that rests", "wait until the migration ends, or cancel it")
    return PASSED if scene.listed(MIGRATIONS) else Open(scene.why_not(MIGRATIONS))
