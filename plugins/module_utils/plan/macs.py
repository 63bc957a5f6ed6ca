# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MAC addresses that two machines would have: planned VMs among themselves, and VMs that the target has already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ..target.view import TargetView
from .model import Constraint, PlanVm

_MACHINES: Final = "virtualmachines.kubevirt.io"
_REMEDY: Final = "change the address of one of them in vSphere, or remove the machine that has it"


@dataclass(frozen=True, slots=True)
class MacConflicts:
    """Conflicts by VM id. `reason` says why the target's VMs are not known, then only the planned ones were compared."""

    by_vm: Mapping[str, tuple[Constraint, ...]]
    evaluated: bool
    reason: str
    unknown: tuple[str, ...]
    """ids of VMs whose adapters or their addresses nobody knows"""


def mac_conflicts(vms: Iterable[PlanVm], target: TargetView) -> MacConflicts:
    """VMs that share an address with another one, on any network: the migration controller refuses a plan for it.

    A VM of the target that came from the planned VM itself (label vmID) is no conflict.
    """
    known = target.known(_MACHINES) or target.none_there(_MACHINES)
    taken: dict[str, list[tuple[str, str]]] = {}
    for record in target.all("virtual_machine"):
        for mac in record.get("macs", ()):
            taken.setdefault(_plain(mac), []).append((record["id"], record.get("source_vm", "")))
    planned: dict[str, dict[str, PlanVm]] = {}
    unknown: list[str] = []
    for vm in vms:
        macs = [_plain(nic.mac) for nic in vm.nics or ()]
        if vm.nics is None or not all(macs):
            unknown.append(vm.id)
        for mac in macs:
            if mac:
                planned.setdefault(mac, {})[vm.id] = vm
    found: dict[str, list[Constraint]] = {}
    for mac, owners in sorted(planned.items()):
        for vm_id, vm in sorted(owners.items()):
            others = [f"VM {owners[name].name} of this plan ({name})" for name in sorted(owners) if name != vm_id]
            machines = sorted(name for name, source in taken.get(mac, ()) if not source or source != vm.moref)
            others += [f"VirtualMachine {name} of the target" for name in machines]
            if others:
                text = f"{vm.name} has the MAC address {mac}, and so has {', '.join(others)}"
                found.setdefault(vm_id, []).append(Constraint("mac_conflict", mac, text, _REMEDY))
    by_vm = {vm_id: tuple(found[vm_id]) for vm_id in sorted(found)}
    return MacConflicts(by_vm, known, "" if known else target.why_not(_MACHINES), tuple(sorted(unknown)))


def _plain(mac: str) -> str:
    return mac.strip().lower().replace("-", ":")
