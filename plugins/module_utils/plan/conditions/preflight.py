# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight: every condition asked of everything that is to be created, before anything of it exists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from ..addresses import AddressCheck, Addresses
from ..manifests.providers import vcenter_by_provider
from ..model import PlanVm
from ..planner import Plan
from . import disks, execution, maps, networks, plans, providers, silent, timing, vms
from .answers import JUDGES
from .catalogue import CONDITIONS, of_scope
from .context import PreflightInput, Scene
from .entry import HOOK, HOST, MIGRATION, NETWORK_MAP, OBJECT, PLAN, PROVIDER, STORAGE_MAP, VM
from .findings import Findings, Preflight, state_of
from .sources import paths_of
from .views import HostView, MapView, MigrationView, ObjectView, PlanView, ProviderView, SourceVm

MODULES: Final = (disks, execution, maps, networks, plans, providers, silent, timing, vms)
"""The modules whose functions answer the conditions; importing them fills the table of functions."""

TEMPLATE: Final = "template"
MOVED: Final = "moved"

Subject: TypeAlias = ProviderView | HostView | ObjectView | MapView | PlanView | MigrationView


def preflight(given: PreflightInput) -> Preflight:
    """Every condition's answer. What others refer to is judged first, so that its state is known to them."""
    scene = Scene(given)
    findings = Findings(CONDITIONS.values())
    _judge(PROVIDER, scene.providers, scene, findings)
    _judge(HOST, scene.hosts, scene, findings)
    _judge(HOOK, scene.hooks, scene, findings)
    _judge(NETWORK_MAP, scene.network_maps, scene, findings)
    _judge(STORAGE_MAP, scene.storage_maps, scene, findings)
    _judge(PLAN, scene.plans, scene, findings)
    conditions = of_scope(VM)
    # Plan by plan: its few VMs stay in the processor's cache while all conditions are asked; tens of thousands would not.
    for plan in scene.plans:
        for condition in conditions:
            findings.judge_vms(condition, JUDGES[condition.id], plan, scene)
    _judge(MIGRATION, scene.migrations, scene, findings)
    _judge(OBJECT, scene.objects, scene, findings)
    # A plan and its VMs name each other: left so, they would stay in memory until a search for cycles, which planning pauses.
    for plan in scene.plans:
        plan.entries.clear()
        plan.migrations.clear()
    return Preflight(findings.results, findings.counts())


def _judge(scope: str, subjects: Iterable[Subject], scene: Scene, findings: Findings) -> None:
    conditions = of_scope(scope)
    for subject in subjects:
        label = subject.label
        answers = [(condition, findings.judge(condition, JUDGES[condition.id], label, subject, scene)) for condition in conditions]
        if scope != OBJECT:
            scene.states[label] = state_of(answers)


def preflight_of(plan: Plan) -> Preflight | None:
    """The preflight of a whole plan; None where it has no manifests."""
    given, target = plan.given, plan.given.target
    if plan.manifests is None or target is None:
        return None
    facts = given.facts
    return preflight(
        PreflightInput(
            manifests=plan.manifests.manifests,
            vms={vm.id: vm for vm in given.vms if vm.id not in given.out_of_scope},
            target=target,
            settings=given.settings,
            now=given.now,
            vcenter_of=vcenter_by_provider(plan.places.providers),
            others=[source_vm(vm, given.out_of_scope[vm.id]) for vm in given.vms if vm.id in given.out_of_scope],
            vcenters=facts.vcenters,
            networks=facts.networks,
            datastores=facts.datastores,
            hosts=facts.hosts,
            waves=plan.schedule.waves,
            groups=plan.grouping.groups,
            fit=plan.fit,
            addresses=_addresses(plan),
            downtimes=plan.downtimes,
            unseen=facts.unseen,
            moved=frozenset(vm_id for vm_id, standing in plan.candidates.others.items() if standing.state == MOVED),
        )
    )


def source_vm(vm: PlanVm, reason: str) -> SourceVm:
    """A VM out of scope, for this reason."""
    return SourceVm(
        id=vm.id,
        vcenter=vm.vcenter,
        moref=vm.moref,
        name=vm.name,
        power_state=vm.power_state,
        disk_paths=paths_of(vm),
        reason=reason,
        template=reason.startswith(TEMPLATE),
    )


def _addresses(plan: Plan) -> list[AddressCheck]:
    """What becomes of the addresses of the VMs that are in a plan."""
    if plan.manifests is None or plan.given.target is None:
        return []
    checker = Addresses(plan.places.networks, plan.given.target)
    by_id = {vm.id: vm for vm in plan.given.vms}
    planned = (vm_id for batch in plan.manifests.batches for vm_id in batch.vm_ids)
    return [check for vm_id in planned for check in checker.checks(by_id[vm_id], plan.places.destinations[vm_id])]
