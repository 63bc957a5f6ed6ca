# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of a VM of a plan: whether it is the one that is meant, its name, its guest. They run once per VM and are kept lean."""

from __future__ import annotations

from typing import Final

from ..macs import plain_mac
from ..model import PlanVm
from ..names import is_subdomain
from .answers import NOT_APPLICABLE, PASSED, Answer, Fault, Open, few, judges, passes
from .context import MACHINES, Scene
from .providers import VSPHERE
from .views import VmEntry, text

CRITICAL_RULES: Final = (
    "vmware.datastore.missing",
    "vmware.disk.capacity.invalid",
    "vmware.guestDisks.freespace",
    "vmware.passthrough_device.detected",
)
"""The rules of the toolkit that are critical (rules_version 5)."""

ON, OFF, SUSPENDED = "poweredOn", "poweredOff", "suspended"
TOOLS_RUN: Final = ("toolsOk", "toolsOld")
NOT_INSTALLED, NOT_RUNNING, RUNS_NOT = "toolsNotInstalled", "toolsNotRunning", "guestToolsNotRunning"
LUKS_SOURCES: Final = (VSPHERE, "ova")

FOREIGN: Final = Open("the facts of VMs out of scope are not kept")
NO_VCENTER: Final = Open("nobody knows which vCenter the source provider reads")


def absent(entry: VmEntry) -> Answer:
    """The answer about the facts of a VM that the estate does not have in scope: other conditions say so."""
    return FOREIGN if entry.other is not None else NOT_APPLICABLE


def vms_unknown(entry: VmEntry, scene: Scene) -> Open | None:
    """Why the VMs of the provider's vCenter are not known; None when they are."""
    source = entry.plan.source
    if source is None or source.vcenter is None:
        return NO_VCENTER
    if source.vcenter not in scene.sources.vcenters:
        return Open("the estate has no VMs of the provider's vCenter")
    return None


# ---- which VM --------------------------------------------------------------------------------------------------------


@judges("VMRefNotValid")
def reference_set(entry: VmEntry, scene: Scene) -> Answer:
    if entry.raw.get("id") or entry.raw.get("name"):
        return PASSED
    return Fault("neither id nor name is set", "the managed object id of a VM", "set spec.vms[].id")


@judges("VMNotFound")
def found_by_name(entry: VmEntry, scene: Scene) -> Answer:
    if entry.raw.get("id") or not entry.raw.get("name"):
        return NOT_APPLICABLE
    if entry.matches:
        return PASSED
    unknown = vms_unknown(entry, scene) or unseen(entry, scene)
    return unknown or Fault(f"no VM is called {entry.name}", "a VM of the vCenter", "read the estate again, or take the VM out")


def unseen(entry: VmEntry, scene: Scene) -> Open | None:
    """Why some VMs of the vCenter may be in no list; None when all are."""
    vcenter = entry.plan.source.vcenter if entry.plan.source else None
    reason = scene.given.unseen.get(vcenter or "") if scene.given.unseen else None
    return Open(f"VMs of the vCenter may be invisible: {reason}") if reason else None


@judges("DuplicateVM.ambiguous")
def unambiguous(entry: VmEntry, scene: Scene) -> Answer:
    if entry.raw.get("id"):
        return PASSED
    if entry.matches > 1:
        return Fault(f"{entry.matches} VMs are called {entry.name}", "one VM", "give the managed object id")
    return vms_unknown(entry, scene) or unseen(entry, scene) or PASSED


@judges("DuplicateVM.source")
def once_in_plan(entry: VmEntry, scene: Scene) -> Answer:
    others = scene.entries_of[entry.identity]
    if len(others) == 1 or not any(other.plan is entry.plan and other.number < entry.number for other in others):
        return PASSED
    return Fault("the plan has it twice", "each VM once", "take one of them out")


@judges("DuplicateVM.targetName")
def target_name_once(entry: VmEntry, scene: Scene) -> Answer:
    others = scene.names_wanted[entry.plan.target_namespace, entry.target_name]
    if len(others) == 1:
        return PASSED
    alike = [other.name for other in others if other.plan is entry.plan and other.number < entry.number]
    return passes(not alike, f"{few(alike)} gets the name {entry.target_name} too", "one name for each VM", "give another targetName")


@judges("VMAlreadyExists")
def not_there(entry: VmEntry, scene: Scene) -> Answer:
    key = f"{entry.plan.target_namespace}/{entry.target_name}"
    record = scene.target.get("virtual_machine", key)
    if record is None:
        return PASSED if scene.machines_listed else Open(scene.why_not(MACHINES))
    if entry.vm is not None and entry.vm.moref and entry.vm.moref == record.get("source_vm") and entry.plan.existing is not None:
        return PASSED
    return Fault(f"{key} exists", "no VM of this name", "remove it, or give another name or namespace")


# ---- names -----------------------------------------------------------------------------------------------------------


@judges("NotValid.targetName")
def target_name_valid(entry: VmEntry, scene: Scene) -> Answer:
    name = entry.raw.get("targetName")
    if not name:
        return NOT_APPLICABLE
    return PASSED if is_subdomain(text(name)) else Fault(f"targetName {name}", "a valid name (RFC 1123 subdomain)", "correct targetName")


@judges("TargetNameNotValid")
def own_name_valid(entry: VmEntry, scene: Scene) -> Answer:
    if entry.raw.get("targetName"):
        return NOT_APPLICABLE
    name = text(entry.raw.get("name")) or (entry.vm.name if entry.vm is not None else "")
    if not name:
        return Open("the VM's name is not known")
    return PASSED if is_subdomain(name) else Fault(f"name {name}", "a name that need not be changed", "give a targetName")


# ---- guest -----------------------------------------------------------------------------------------------------------


@judges("GuestToolsIssue")
def tools_run(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if vm.power_state != ON:
        return PASSED if vm.power_state else Open("power_state is not known")
    if vm.tools_status in (NOT_INSTALLED, NOT_RUNNING) or vm.tools_running_status == RUNS_NOT:
        shown = ", ".join(filter(None, (vm.tools_status, vm.tools_running_status)))
        return Fault(
            f"poweredOn, {shown}", "VMware Tools that run, or a VM that is off", "install or start VMware Tools, or switch the VM off"
        )
    return PASSED if vm.tools_status in TOOLS_RUN else Open("tools_status is not known")


@judges("VMMissingGuestIPs")
def addresses_known(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if not entry.plan.keeps_addresses:
        return NOT_APPLICABLE
    if vm is None:
        return absent(entry)
    if vm.guest_networks_known:
        return PASSED
    if not vm.nics:
        return Open("the VM's adapters are not known") if vm.nics is None else NOT_APPLICABLE
    if any(nic.ips is None for nic in vm.nics):
        return Open("the addresses of the VM are not known")
    remedy = "switch the VM on with VMware Tools until the vCenter has its addresses, or set preserveStaticIPs to false"
    return Fault(f"{len(vm.nics)} adapters and no address", "addresses that the guest tells", remedy)


@judges("VMCriticalConcerns")
def no_critical_rule(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if vm.failed:
        failed = [rule for rule in CRITICAL_RULES if rule in vm.failed]
        if failed:
            return Fault(few(failed), "no critical rule that fails", "see the finding in the assessment")
    if vm.verdict == "not_evaluated":
        return Open("the VM was not judged")
    gaps = [rule for rule in CRITICAL_RULES if rule in vm.gaps] if vm.gaps else None
    return Open(f"{few(gaps)} not evaluated") if gaps else PASSED


@judges("HostNotReady")
def host_in_service(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    hosts = scene.sources.hosts
    record = hosts.by_moref.get((vm.vcenter, vm.host_moref)) if vm.host_moref else None
    named = hosts.by_name.get((vm.vcenter, vm.host), [])
    if record is None and len(named) == 1:
        record = named[0]
    if record is None or "in_maintenance" not in record:
        return Open(f"nobody knows whether host {vm.host or '(unknown)'} is in maintenance mode")
    if record["in_maintenance"] is False:
        return PASSED
    return Fault(f"host {vm.host} is in maintenance mode", "a host in service", "end its maintenance before the wave")


@judges("LuksAndClevisIncompatibility")
def luks_or_clevis(entry: VmEntry, scene: Scene) -> Answer:
    luks, clevis = bool(entry.raw.get("luks")), entry.raw.get("nbdeClevis") is True
    if luks and clevis:
        return Fault("luks and nbdeClevis are set", "one of them", "take one out; Clevis is used")
    return PASSED if luks or clevis else NOT_APPLICABLE


@judges("Webhook.luks")
def luks_source(entry: VmEntry, scene: Scene) -> Answer:
    if not entry.raw.get("luks"):
        return NOT_APPLICABLE
    kind = entry.plan.source.type if entry.plan.source else ""
    if not kind:
        return Open("nobody knows the type of the source provider")
    return passes(kind in LUKS_SOURCES, f"source of type {kind}", " or ".join(LUKS_SOURCES), "take luks out")


# ---- addresses -------------------------------------------------------------------------------------------------------


@judges("MacConflicts")
def mac_free(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if not vm.nics:
        return Open("the VM's adapters are not known") if vm.nics is None else NOT_APPLICABLE
    taken = [f"{nic.mac} ({few(scene.macs[plain_mac(nic.mac)])})" for nic in vm.nics if nic.mac and plain_mac(nic.mac) in scene.macs]
    if taken:
        return Fault(few(taken), "addresses that no VM of the target has", "remove that VM, or change the address in vSphere")
    return _macs_known(vm) or (PASSED if scene.machines_listed else Open(scene.why_not(MACHINES)))


@judges("own.mac_twice")
def mac_once(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if not vm.nics:
        return Open("the VM's adapters are not known") if vm.nics is None else NOT_APPLICABLE
    for nic in vm.nics:
        if nic.mac and len(owners := scene.planned_macs.get(plain_mac(nic.mac), ())) > 1:
            others = [scene.given.vms[vm_id].name for vm_id in owners if vm_id != vm.id and vm_id in scene.given.vms]
            return Fault(f"{few(others)} has {nic.mac} too", "an address of its own", "change one of the addresses in vSphere")
    return _macs_known(vm) or PASSED


def _macs_known(vm: PlanVm) -> Open | None:
    return None if all(nic.mac for nic in vm.nics or ()) else Open("a MAC address of the VM is not known")
