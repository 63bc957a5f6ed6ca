# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MAC addresses that two machines would have: planned VMs among themselves, and VMs that the target has already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..target.view import TargetView
from .model import Constraint, PlanVm
from .origins import Origin, Origins

_REMEDY: Final = "change the address of one of them in vSphere, or remove the machine that has it"


@dataclass(frozen=True, slots=True)
class _Machine:
    """A VM of the target that has an address, and where it came from."""

    id: str
    origin: Origin


def mac_conflicts(
    vms: Iterable[PlanVm], target: TargetView, vcenters: Mapping[str, str] | None = None, estate: Iterable[PlanVm] | None = None
) -> dict[str, tuple[Constraint, ...]]:
    """By id the VMs that share an address with another one, on any network: the migration controller refuses a plan for it.

    What nobody knows of (adapters, the target's VMs) the preflight's condition MacConflicts says.
    A VM of the target that came from the planned VM itself is no conflict. Managed object ids are unique within one vCenter
    alone, so the vCenter has to be the same too: `vcenters` says which one each source provider reads (namespace/name to
    instance UUID). Where no plan of the target tells through which provider a VM came, its id decides, unless `estate` (all
    VMs, else the planned ones) has that id with that address in more than one place.
    """
    planned: dict[str, dict[str, PlanVm]] = {}
    listed = list(vms)
    for vm in listed:
        for mac in _macs(vm):
            planned.setdefault(mac, {})[vm.id] = vm
    taken = _machines(target, vcenters)
    alike = _alike(listed if estate is None else estate, taken)
    found: dict[str, list[Constraint]] = {}
    for mac, owners in sorted(planned.items()):
        for vm_id, vm in sorted(owners.items()):
            others = [f"VM {owners[name].name} of this plan ({name})" for name in sorted(owners) if name != vm_id]
            there = sorted(machine.id for machine in taken.get(mac, ()) if not _is_own(machine, vm, alike[mac, machine.origin.moref]))
            others += [f"VirtualMachine {name} of the target" for name in there]
            if others:
                text = f"{vm.name} has the MAC address {mac}, and so has {', '.join(others)}"
                found.setdefault(vm_id, []).append(Constraint("mac_conflict", mac, text, _REMEDY))
    return {vm_id: tuple(found[vm_id]) for vm_id in sorted(found)}


def _is_own(machine: _Machine, vm: PlanVm, alike: int) -> bool:
    """Whether a VM of the target is the planned one, migrated."""
    return machine.origin.is_vm(vm.vcenter, vm.moref) and (alike < 2 or machine.origin.vcenters is not None)


def _machines(target: TargetView, vcenters: Mapping[str, str] | None) -> dict[str, list[_Machine]]:
    """VMs of the target by the addresses that they have."""
    origins = Origins(target, vcenters)
    found: dict[str, list[_Machine]] = {}
    for record in target.all("virtual_machine"):
        machine = _Machine(record["id"], origins.of_machine(record))
        for mac in {plain_mac(mac) for mac in record.get("macs", ())}:
            found.setdefault(mac, []).append(machine)
    return found


def _alike(estate: Iterable[PlanVm], taken: Mapping[str, Sequence[_Machine]]) -> dict[tuple[str, str], int]:
    """How many VMs of the estate have an address of the target's VMs and the managed object id that they came from."""
    found = {(mac, machine.origin.moref): 0 for mac, machines in taken.items() for machine in machines}
    for vm in estate if found else ():
        for mac in _macs(vm):
            if (mac, vm.moref) in found:
                found[mac, vm.moref] += 1
    return found


def _macs(vm: PlanVm) -> set[str]:
    return {plain_mac(nic.mac) for nic in vm.nics or () if nic.mac}


def plain_mac(mac: str) -> str:
    """An address in lower case with colons."""
    return mac.strip().lower().replace("-", ":")
