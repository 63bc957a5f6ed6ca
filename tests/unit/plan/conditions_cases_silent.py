# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases of what the controller passes over in silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.addresses import UNKNOWN, UNREACHABLE, AddressCheck
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.views import SourceVm

from tests.unit.plan.builders import VCENTER, make_vm, utc
from tests.unit.plan.conditions_cases_objects import NET
from tests.unit.plan.conditions_cases_plans import NAME63, POD, nics, of_map, other_vm
from tests.unit.plan.conditions_world import DROP, MTV, PLAN, SOURCE, Case, Spoiler, World, do
from tests.unit.plan.mapping_builders import wave_of

PLANS = "plans.forklift.konveyor.io"
SOUTH = "6f1e0c52-0000-4000-8000-000000000002"
OPENS = utc(2026, 11, 28, 22)
OURS = {"readiness.groundwork.io/stage": "plan"}


def on_target(name: str = "other", namespace: str = "apps", **vm: Any) -> Spoiler:
    """A plan on the target that has the first VM."""
    part = {"moref": "vm-app-01", "name": "app-01", "target_name": "app-01", "succeeded": False, **vm}
    facts = {"source_provider": SOURCE, "target_namespace": namespace, "archived": False, "conditions": {}, "vms": [part]}
    return lambda w: w.record("migration_plan", f"{MTV}/{name}", **facts)


def existing(**facts: Any) -> Spoiler:
    """The plan is on the target already."""
    known = {"labels": OURS, "archived": False, "vms": [], "conditions": {}, **facts}
    return lambda w: w.record("migration_plan", PLAN, **known)


def misfit(code: str, **more: Any) -> Spoiler:
    """The fit says that the first VM does not fit."""
    found = model.Constraint(code, "it", "what it needs and what there is", "the way out")

    def run(world: World) -> None:
        others = {vm_id: "node-1" for vm_id in world.vms if vm_id != world.first}
        world.put(fit=model.FitResult(others, {world.first: (found,)}, (), (), True, **more))

    return run


def gap(code: str) -> Spoiler:
    """The fit could not check something."""
    found = model.Constraint(code, "it", "it could not be read")
    return lambda w: w.put(fit=replace(w.fit, not_evaluated=(found,)) if w.fit else None)


def first_copy(start_by: datetime) -> Spoiler:
    """The first copies of the first wave have to begin by then."""
    copy = model.FirstCopy(1 << 40, 600.0, 900.0, start_by)
    return lambda w: w.put(waves=[replace(wave, first_copy=copy) for wave in w.waves])


def shared_link(minutes: float) -> Spoiler:
    """The wave takes five of its eight hours, and first copies of others so much of the link."""
    return lambda w: w.put(waves=[replace(wave, elapsed_p90_minutes=300.0, shared_minutes=minutes) for wave in w.waves])


def down(minutes: float) -> Spoiler:
    """The first VM may stand still for an hour, and stands still for so long."""
    return do(lambda w: w.vm(downtime_tolerance_minutes=60), lambda w: w.put(downtimes={w.first: minutes}))


def cutover(when: str, **more: Any) -> Spoiler:
    """The Migration cuts over then."""
    return lambda w: w.object("Migration")["spec"].update(cutover=when, **more)


def address(state: str) -> Spoiler:
    """What becomes of the first VM's address."""

    def run(world: World) -> None:
        world.put(address_checks=[AddressCheck(world.first, "", "192.0.2.10/24", "prod", "prod-100", state, "lies elsewhere")])

    return run


def elsewhere(moref: str, name: str = "lost") -> Spoiler:
    """The plan has a VM of this id, and another vCenter has such a VM too."""

    def run(world: World) -> None:
        vm = make_vm(name, vcenter=SOUTH, moref="vm-1")
        world.vms[vm.id] = vm
        world.entry(id=moref, name=name)

    return run


def claims_alike(name: str) -> Spoiler:
    """Names of claims without a random end."""
    return lambda w: w.plan(pvcNameTemplateUseGenerateName=False, pvcNameTemplate=name)


def with_first_in_second(world: World) -> None:
    """A second plan has both VMs, the first one has them too."""
    entries = [dict(entry) for entry in world.object("Plan")["spec"]["vms"]]
    world.second_plan(vms=entries[:1])


def stranger(disk: str) -> SourceVm:
    """A VM out of scope that has this disk."""
    return SourceVm(f"{VCENTER}/vm-9", VCENTER, "vm-9", "tpl", "poweredOff", (disk,), "template")


CASES: dict[str, Case] = {
    "own.object_twice": Case(lambda w: w.objects.append(w.objects[0]), lambda w: w.add("Hook", "vc-north-network", {"image": "a.b/c"})),
    "own.object_name": Case(
        lambda w: w.object("Plan")["metadata"].update(name="a" * 64), lambda w: w.object("Plan")["metadata"].update(name=NAME63)
    ),
    "own.object_namespace_missing": Case(
        lambda w: w.add("Hook", "quiesce", {"image": "a.b/c"}, namespace="gone"),
        do(
            lambda w: w.add("Namespace", "new", {}, namespace=""),
            lambda w: w.add("Hook", "quiesce", {"image": "a.b/c"}, namespace="new"),
        ),
        do(lambda w: w.add("Hook", "quiesce", {"image": "a.b/c"}, namespace="gone"), lambda w: w.unread("namespaces")),
    ),
    "own.target_namespace_missing": Case(
        lambda w: w.plan(targetNamespace="gone"),
        do(lambda w: w.plan(targetNamespace="new"), lambda w: w.add("Namespace", "new", {}, namespace="")),
        do(lambda w: w.plan(targetNamespace="gone"), lambda w: w.unread("namespaces")),
    ),
    "own.target_namespace_ending": Case(
        lambda w: w.record("namespace", "apps", phase="Terminating"), missing=lambda w: w.record("namespace", "apps", phase=DROP)
    ),
    "own.target_pod_security": Case(
        lambda w: w.record("namespace", "apps", enforce="restricted"),
        lambda w: w.record("namespace", "apps", enforce="baseline"),
        lambda w: w.record("namespace", "apps", enforce=DROP),
    ),
    "own.plan_empty": Case(lambda w: w.plan(vms=[]), lambda w: w.plan(vms=w.object("Plan")["spec"]["vms"][:1])),
    "own.plan_too_large": Case(
        lambda w: w.put(settings=replace(w.settings, max_vms=1)), lambda w: w.put(settings=replace(w.settings, max_vms=2))
    ),
    "own.plan_name_taken": Case(existing(labels={}), existing(), lambda w: w.unread(PLANS)),
    "own.plan_running": Case(
        do(existing(), lambda w: w.record("migration", f"{MTV}/run", plan=PLAN, running=True)),
        do(existing(), lambda w: w.record("migration", f"{MTV}/run", plan=PLAN, running=False)),
        do(existing(), lambda w: w.unread("migrations.forklift.konveyor.io")),
    ),
    "own.plan_archived": Case(existing(archived=True), existing(), existing(archived=DROP)),
    "own.map_of_other_providers": Case(
        lambda w: w.object(NET)["spec"]["provider"].update(source={"name": "vc-south", "namespace": MTV}),
        of_map(NET),
        of_map(NET, source_provider=DROP),
    ),
    "own.keeps_no_failed_vm": Case(lambda w: w.plan(deleteVmOnFailMigration=DROP), lambda w: w.plan(deleteVmOnFailMigration=False)),
    "own.warm_without_cutover": Case(
        lambda w: w.object("Migration")["spec"].pop("cutover"),
        do(
            lambda w: w.object("Migration")["spec"].pop("cutover"),
            lambda w: w.object("Migration")["spec"].update(vmCutover=[{"id": "vm-app-01", "cutover": "2026-11-28T22:00:00Z"}]),
        ),
        warm=True,
    ),
    "own.migration_twice": Case(lambda w: w.add("Migration", "again", dict(w.object("Migration")["spec"]))),
    "own.nothing_in_flight": Case(lambda w: w.toolkit(max_vm_inflight=0), lambda w: w.toolkit(max_vm_inflight=1), lambda w: w.no_toolkit()),
    "own.toolkit_missing": Case(lambda w: w.no_record("migration_toolkit", f"{MTV}/forklift"), missing=lambda w: w.toolkit(available=DROP)),
    "own.virtualization_missing": Case(
        lambda w: w.record("virtualization", "kubevirt-hyperconverged", available=False),
        missing=do(
            lambda w: w.no_record("virtualization", "kubevirt-hyperconverged"), lambda w: w.unread("hyperconvergeds.hco.kubevirt.io")
        ),
    ),
    "own.unknown_moref": Case(
        lambda w: w.entry(id="vm-404"),
        missing=do(lambda w: w.entry(id="vm-404"), lambda w: w.put(more={"unseen": {VCENTER: "no permission"}})),
    ),
    "own.moref_of_other_vm": Case(lambda w: w.entry(name="app-02"), missing=lambda w: w.put(vcenter_of={})),
    "own.vm_of_other_vcenter": Case(elsewhere("vm-1"), elsewhere("vm-app-01"), lambda w: w.put(vcenter_of={})),
    "own.vm_out_of_scope": Case(other_vm(), missing=lambda w: w.put(vcenter_of={})),
    "own.vm_in_two_plans": Case(with_first_in_second, lambda w: w.second_plan(), lambda w: w.put(vcenter_of={})),
    "own.vm_in_existing_plan": Case(on_target(), on_target(succeeded=True), lambda w: w.unread(PLANS)),
    "own.vm_moved_already": Case(on_target(succeeded=True), on_target(), lambda w: w.unread(PLANS)),
    "own.target_name_in_two_plans": Case(
        lambda w: w.second_plan()["spec"]["vms"][0].update(targetName="app-01"),
        lambda w: w.second_plan(targetNamespace="default")["spec"]["vms"][0].update(targetName="app-01"),
        lambda w: w.unread(PLANS),
    ),
    "own.instance_type_missing": Case(
        lambda w: w.entry(instanceType="u1.large"),
        do(lambda w: w.entry(instanceType="u1.large"), lambda w: w.record("instance_type", "u1.large", cluster_wide=True)),
        do(
            lambda w: w.entry(instanceType="u1.large"),
            lambda w: w.unread("virtualmachineclusterinstancetypes.instancetype.kubevirt.io"),
        ),
    ),
    "own.verdict": Case(
        lambda w: w.vm(verdict="blocked"),
        do(
            lambda w: w.vm(verdict="ready_with_work", provisional=True, gaps=("a.rule",)),
            lambda w: w.put(settings=replace(w.settings, accept_unknown=frozenset(("a.rule",)))),
        ),
        lambda w: w.vm(provisional=True, gaps=("a.rule",)),
    ),
    "own.suspended": Case(
        lambda w: w.vm(power_state="suspended"), lambda w: w.vm(power_state="poweredOff"), lambda w: w.vm(power_state="")
    ),
    "own.encrypted": Case(lambda w: w.vm(encrypted=True), missing=lambda w: w.vm(encrypted=None)),
    "own.mac_twice": Case(lambda w: w.nic(mac="00-50-56-00-00-02"), lambda w: w.nic(mac="00:50:56:00:00:03"), lambda w: w.vm(nics=None)),
    "own.address_lost": Case(
        lambda w: w.pair(NET, destination=POD),
        do(lambda w: w.pair(NET, destination=POD), nics("dvportgroup-100", ips=()), lambda w: w.vms.pop(f"{VCENTER}/vm-web-01")),
        do(lambda w: w.pair(NET, destination=POD), lambda w: w.put(vms={key: _without_ips(vm) for key, vm in w.vms.items()})),
    ),
    "own.address_unreachable": Case(address(UNREACHABLE), missing=address(UNKNOWN)),
    "own.default_claim_name": Case(
        lambda w: w.plan(pvcNameTemplate=DROP) or w.entry(targetName="app.example.com"),
        lambda w: w.plan(pvcNameTemplate=DROP) or w.entry(targetName="application-001.example.com"),
    ),
    "own.claim_name_long": Case(
        lambda w: w.plan(pvcNameTemplate="a" * 40 + "{{.DiskIndex}}"),
        lambda w: w.plan(pvcNameTemplate="a" * 39 + "{{.DiskIndex}}"),
        lambda w: w.plan(pvcNameTemplate="{{.WinDriveLetter}}"),
    ),
    "own.claim_name_twice": Case(
        claims_alike("disk-{{.DiskIndex}}"),
        claims_alike("{{.TargetVmName}}-{{.DiskIndex}}"),
        do(claims_alike("x-{{.DiskIndex}}"), lambda w: w.put(vms={key: replace(vm, disks=None) for key, vm in w.vms.items()})),
    ),
    "own.shared_disk_warm": Case(lambda w: w.share(), missing=lambda w: w.vm(disks=None), warm=True),
    "own.shared_disk_apart": Case(
        do(lambda w: w.share(), lambda w: w.others.append(stranger("[ds-01] shared/data.vmdk"))),
        lambda w: w.share(),
        lambda w: w.vm(disks=None),
    ),
    "own.group_apart": Case(
        lambda w: w.put(groups=(model.Group("g", (w.first, f"{VCENTER}/vm-7")),)),
        lambda w: w.put(groups=(model.Group("g", tuple(w.vms)),)),
        lambda w: w.put(groups=()),
    ),
    "own.datastore_unavailable": Case(
        lambda w: w.datastores[0].update(maintenance_mode="inMaintenance"),
        lambda w: w.datastores[0].update(maintenance_mode="normal"),
        lambda w: w.datastores[0].pop("accessible"),
    ),
    "own.capacity": Case(
        misfit("no_node_large_enough"),
        misfit("quota"),
        lambda w: w.put(fit=None),
    ),
    "own.storage_capacity": Case(misfit("volume_too_large"), misfit("quota"), gap("storage_free_unknown")),
    "own.quota": Case(misfit("limit_range"), misfit("volume_too_large"), gap("quota_unknown")),
    "own.hook_twice": Case(
        do(lambda w: w.hook(), lambda w: w.hook(name="backup")), do(lambda w: w.hook(), lambda w: w.hook("PostHook", "backup"))
    ),
    "own.migration_without_plan": Case(
        lambda w: w.object("Migration")["spec"].update(plan={"name": "gone", "namespace": MTV}),
        lambda w: w.object("Migration")["spec"].update(plan={"name": "earlier", "namespace": MTV}),
        do(lambda w: w.object("Migration")["spec"].update(plan={"name": "gone", "namespace": MTV}), lambda w: w.unread(PLANS)),
    ),
    "own.cutover_past": Case(lambda w: w.put(now=OPENS + timedelta(seconds=1)), lambda w: w.put(now=OPENS), warm=True),
    "own.cutover_outside_wave": Case(
        cutover("2026-11-29T06:00:00Z"),
        cutover("2026-11-29T05:59:59+00:00"),
        lambda w: w.put(waves=[wave_of(2, w.first)]),
        warm=True,
    ),
    "own.first_copy_late": Case(
        first_copy(utc(2026, 11, 22, 23, 59)), first_copy(utc(2026, 11, 23)), lambda w: w.put(waves=[wave_of(2, w.first)]), warm=True
    ),
    "own.window_shared": Case(shared_link(181.0), shared_link(180.0), lambda w: w.put(waves=[wave_of(2, w.first)])),
    "own.downtime_tolerance": Case(down(60.5), down(60.0), lambda w: w.vm(downtime_tolerance_minutes=60)),
    "own.cutover_of_unknown_vm": Case(
        cutover("2026-11-28T22:00:00Z", vmCutover=[{"id": "vm-404", "cutover": "2026-11-28T22:00:00Z"}]),
        cutover("2026-11-28T22:00:00Z", vmCutover=[{"id": "vm-app-01", "cutover": "2026-11-28T22:00:00Z"}]),
        cutover(
            "2026-11-28T22:00:00Z",
            vmCutover=[{"id": "vm-404", "cutover": "2026-11-28T22:00:00Z"}],
            plan={"name": "gone", "namespace": MTV},
        ),
        warm=True,
    ),
}


def _without_ips(vm: model.PlanVm) -> model.PlanVm:
    return replace(vm, nics=tuple(replace(nic, ips=None) for nic in vm.nics or ()))
