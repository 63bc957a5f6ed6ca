# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who brings a disk that several VMs share: one VM of them, so that it is copied once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from .model import WARM, Constraint, PlanVm

Disk = tuple[str, str]
"""vCenter and path of a disk's file."""


@dataclass(frozen=True, slots=True)
class SharedDisks:
    """The VMs that share disks: those that bring them, those that find them there, and those that would have to do both."""

    creators: frozenset[str] = frozenset()
    consumers: frozenset[str] = frozenset()
    both: tuple[str, ...] = ()
    """ids of VMs of whose shared disks another VM brings only some; a plan cannot say so, and they would be copied twice"""
    skipped: Mapping[str, frozenset[Disk]] = field(default_factory=dict)
    """VM id to the shared disks that another VM brings"""

    def migrates(self, vm_id: str) -> bool | None:
        """The field `migrateSharedDisks` of the VM; None for a VM that shares no disk."""
        return True if vm_id in self.creators else False if vm_id in self.consumers else None


def shared_disks(vms: Iterable[PlanVm], rank: Callable[[str], int] = lambda vm_id: 0) -> SharedDisks:
    """Chooses who brings which shared disk: VMs of a lower rank (moved already, or in an earlier wave), then those with most of them."""
    shared: dict[str, set[Disk]] = {}
    for disk, vm_ids in disk_users(vms).items():
        for vm_id in vm_ids:
            shared.setdefault(vm_id, set()).add(disk)
    brought: dict[Disk, str] = {}
    creators, consumers, both, skipped = set(), set(), [], {}
    for vm_id in sorted(shared, key=lambda vm_id: (rank(vm_id), -len(shared[vm_id]), vm_id)):
        disks = shared[vm_id]
        there = frozenset(disk for disk in disks if disk in brought)
        if len(there) == len(disks):
            consumers.add(vm_id)
            skipped[vm_id] = there
            continue
        creators.add(vm_id)
        brought.update((disk, vm_id) for disk in sorted(disks - there))
        if there:
            both.append(vm_id)
    return SharedDisks(frozenset(creators), frozenset(consumers), tuple(sorted(both)), skipped)


def sharing_constraints(vms: Iterable[PlanVm], namespaces: Mapping[str, str], methods: Mapping[str, str]) -> dict[str, list[Constraint]]:
    """VMs whose shared disks cannot be shared any more where they go, by VM id: in another namespace, or by a warm migration.

    `namespaces` and `methods` are by VM id; a VM that is in neither is passed over. A volume belongs to one namespace, and the
    controller does not refuse a warm migration of a shared disk although it cannot do it.
    """
    listed = {vm.id: vm for vm in vms}
    found: dict[str, list[Constraint]] = {}
    for (_vcenter, path), vm_ids in sorted(disk_users(listed.values()).items()):
        places = {vm_id: namespaces[vm_id] for vm_id in vm_ids if vm_id in namespaces}
        if len(set(places.values())) > 1:
            where = ", ".join(f"{listed[vm_id].name} in {place}" for vm_id, place in places.items())
            for vm_id in places:
                message = f"{listed[vm_id].name} shares {path}: {where}; a volume belongs to one namespace"
                constraint = Constraint("shared_disk_namespaces", path, message, "give them the same namespace", "plan_namespaces")
                found.setdefault(vm_id, []).append(constraint)
        for vm_id in (vm_id for vm_id in vm_ids if methods.get(vm_id) == WARM):
            message = f"{listed[vm_id].name} shares {path}, which a warm migration cannot take"
            constraint = Constraint("shared_disk_warm", path, message, "migrate it cold", "plan_method")
            found.setdefault(vm_id, []).append(constraint)
    return found


def repeated_paths(vms: Iterable[PlanVm]) -> set[str]:
    """Paths that several disks have, wherever they lie.

    Next to no disk is shared: what looks for those that are need not keep the many others, which takes long for large estates.
    """
    seen: set[str] = set()
    repeated: set[str] = set()
    for vm in vms:
        for disk in vm.disks or ():
            (repeated if disk.path in seen else seen).add(disk.path)
    return repeated - {""}


def disk_users(vms: Iterable[PlanVm]) -> dict[Disk, list[str]]:
    """The VMs of each disk that several have, by id."""
    listed = list(vms)
    repeated = repeated_paths(listed)
    users: dict[Disk, list[str]] = {}
    for vm in listed:
        for path in {disk.path for disk in vm.disks or () if disk.path in repeated}:
            users.setdefault((vm.vcenter, path), []).append(vm.id)
    return {disk: sorted(vm_ids) for disk, vm_ids in users.items() if len(vm_ids) > 1}
