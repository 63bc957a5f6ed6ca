# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of a VM's disks: where they lie, what their volumes are called, who else has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ..model import PlanDisk, PlanVm
from ..names import is_label
from ..storage_mapping import datastore_key
from .answers import NOT_APPLICABLE, PASSED, Answer, Fault, Open, few, judges, passes
from .context import Scene
from .sources import Vm
from .templates import PVC_FIELDS, Template, read_template
from .views import SourceVm, VmEntry, text
from .vms import OFF, absent, unseen

NO_DISKS: Final = Open("the VM's disks are not known")
NFS: Final = ("NFS", "NFS41")
DEFAULT_TEMPLATE: Final = "{{trunc 15 .PlanName}}-{{trunc 15 .TargetVmName}}-disk-{{.DiskIndex}}"
LONG_CLAIM: Final = 40


def _name_of(disk: PlanDisk, number: int) -> str:
    return disk.path or f"disk {number + 1}"


# ---- where they lie --------------------------------------------------------------------------------------------------


@judges("VMStorageNotMapped")
def datastores_mapped(entry: VmEntry, scene: Scene) -> Answer:
    vm, found = entry.vm, entry.plan.storage_map
    if found is None or entry.plan.conversion:
        return NOT_APPLICABLE
    if vm is None:
        return absent(entry)
    if not vm.disks:
        return NO_DISKS if vm.disks is None else NOT_APPLICABLE
    if found.unclear:
        return Open(found.unclear)
    missing = unknown = None
    for disk in vm.disks:
        key = datastore_key(vm, disk)
        if not key:
            unknown = disk
        elif key not in found.mapped:
            missing = disk
    if missing is not None:
        return Fault(
            f"datastore {missing.datastore} is not in {found.key}", "every datastore of the VM in the map", "add a rule to plan_storage"
        )
    return PASSED if unknown is None else Open("the datastore of a disk is not known")


@judges("Run.diskWithoutClaim")
def on_a_datastore(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if not vm.disks:
        return NO_DISKS if vm.disks is None else NOT_APPLICABLE
    bare = [_name_of(disk, number) for number, disk in enumerate(vm.disks) if not disk.datastore and not disk.datastore_id]
    if not bare:
        return PASSED
    if "vmware.datastore.missing" in vm.failed:
        return Fault(few(bare), "a datastore for each disk", "move the disk to a datastore, or detach it")
    return Open("the datastore of a disk is not known")


@judges("own.datastore_unavailable")
def datastores_available(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if not vm.disks:
        return NO_DISKS if vm.disks is None else NOT_APPLICABLE
    unknown = ""
    for disk in vm.disks:
        state = scene.datastore_state(disk.datastore_id)
        if state is None:
            unknown = disk.datastore or "of a disk"
        elif state:
            return Fault(f"datastore {disk.datastore} is {state}", "a datastore in service", "bring it back before the wave")
    return Open(f"nobody knows whether datastore {unknown} is accessible") if unknown else PASSED


@judges("InvalidDiskSizes")
def sizes_valid(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if not vm.disks:
        return NO_DISKS if vm.disks is None else NOT_APPLICABLE
    unknown = False
    for number, disk in enumerate(vm.disks):
        if disk.capacity_bytes is None:
            unknown = True
        elif disk.capacity_bytes <= 0:
            return Fault(f"{_name_of(disk, number)} has {disk.capacity_bytes} bytes", "a size above 0", "remove the disk, or repair it")
    return Open("the size of a disk is not known") if unknown else PASSED


@judges("NetAppShiftDatastoreNASMissing")
def shift_from_nfs(entry: VmEntry, scene: Scene) -> Answer:
    vm, found = entry.vm, entry.plan.storage_map
    if found is None or vm is None or not found.by_source:
        return NOT_APPLICABLE
    shift = scene.shifts(found)
    if isinstance(shift, Open):
        return shift
    if not shift:
        return NOT_APPLICABLE
    if not vm.disks:
        return NO_DISKS if vm.disks is None else NOT_APPLICABLE
    for disk in vm.disks:
        key = datastore_key(vm, disk)
        if not any(end.get("storageClass") in shift for end in found.by_source.get(key, ())):
            continue
        record = scene.sources.datastore_records.get(key, {})
        if "type" not in record or "address" not in record:
            return Open(f"nobody knows what datastore {disk.datastore} lies on")
        if record["type"] not in NFS or not record["address"]:
            return Fault(
                f"datastore {disk.datastore} is {record['type']}", "an NFS export with host and path", "choose a class that copies"
            )
    return PASSED


# ---- how they are copied ---------------------------------------------------------------------------------------------


def offloaded(entry: VmEntry, vm: PlanVm, disk: PlanDisk) -> bool:
    """Whether the array copies the disk."""
    found = entry.plan.storage_map
    if found is None:
        return False
    key = datastore_key(vm, disk)
    return any(key in pair.ids and pair.raw.get("offloadPlugin") for pair in found.entries)


def _offloads(entry: VmEntry) -> bool:
    found = entry.plan.storage_map
    return found is not None and found.offloads


@judges("VDDKAndOffloadMixedUsage")
def one_way_of_copying(entry: VmEntry, scene: Scene) -> Answer:
    if not _offloads(entry):
        return NOT_APPLICABLE
    feature = scene.feature("feature_copy_offload")
    if feature is False:
        return NOT_APPLICABLE
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if not vm.disks:
        return NO_DISKS if vm.disks is None else NOT_APPLICABLE
    mixed = [_name_of(disk, number) for number, disk in enumerate(vm.disks) if not offloaded(entry, vm, disk)]
    if not mixed:
        return PASSED
    if feature is None:
        return Open(f"nobody knows whether feature_copy_offload is on: {scene.why_no_toolkit()}")
    return Fault(
        f"{few(mixed)} is not copied by the array", "one way of copying for a plan", "map all its datastores alike, or split the plan"
    )


@judges("RDMDiskWarning")
def no_raw_mapping(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if not vm.disks:
        return NO_DISKS if vm.disks is None else NOT_APPLICABLE
    offload = _offloads(entry)
    wrong = [
        _name_of(disk, number) for number, disk in enumerate(vm.disks) if disk.rdm and not offload and (not entry.warm or disk.physical_rdm)
    ]
    if wrong:
        return Fault(f"{few(wrong)} is a raw device mapping", "virtual disks", "turn it into a virtual disk, or set rdmAsLun")
    return Open("nobody knows whether a disk is a raw device mapping") if any(disk.rdm is None for disk in vm.disks) else PASSED


@judges("IndependentDiskWarning")
def not_independent(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if not vm.disks:
        return NO_DISKS if vm.disks is None else NOT_APPLICABLE
    if _offloads(entry):
        return PASSED
    wrong = [_name_of(disk, number) for number, disk in enumerate(vm.disks) if disk.independent]
    if wrong:
        return Fault(f"{few(wrong)} is independent", "disks that snapshots hold", "change the disk's mode")
    return Open("the mode of a disk is not known") if any(disk.independent is None for disk in vm.disks) else PASSED


# ---- names of claims -------------------------------------------------------------------------------------------------


def _template(entry: VmEntry) -> str:
    return text(entry.raw.get("pvcNameTemplate")) or text(entry.plan.spec.get("pvcNameTemplate"))


def claim_names(entry: VmEntry, template: Template) -> list[str]:
    """The names that the template makes for the VM's disks."""
    vm = entry.vm
    if vm is None or vm.disks is None:
        return []
    values = {"VmName": vm.name, "TargetVmName": entry.target_name, "PlanName": entry.plan.name, "RootDiskIndex": "1", "Shared": "false"}
    found = []
    for number, disk in enumerate(vm.disks):
        values["DiskIndex"] = str(number)
        values["FileName"] = disk.path.rpartition("/")[2].removesuffix(".vmdk")
        found.append(template.render(values))
    return found


def _names(entry: VmEntry) -> tuple[str, ...] | Answer:
    """Names of the claims, by the controller's own template where the plan has none; or why they cannot be told."""
    if entry.claims is not None:
        return entry.claims
    if entry.vm is None:
        return absent(entry)
    if not entry.vm.disks:
        return NO_DISKS if entry.vm.disks is None else NOT_APPLICABLE
    template = read_template(_template(entry) or DEFAULT_TEMPLATE, PVC_FIELDS)
    if template.unsupported or "WinDriveLetter" in template.fields:
        return Open(f"{template.unsupported or 'the drive letter'} is not understood here")
    if template.problem:
        return Fault(template.problem, "a template that makes a label", "correct pvcNameTemplate")
    entry.claims = tuple(claim_names(entry, template))
    return entry.claims


@judges("NotValid.pvcNameTemplate")
def claim_names_valid(entry: VmEntry, scene: Scene) -> Answer:
    return _labels(_names(entry), "correct pvcNameTemplate") if _template(entry) else NOT_APPLICABLE


@judges("own.default_claim_name")
def default_claim_names_valid(entry: VmEntry, scene: Scene) -> Answer:
    if _template(entry):
        return NOT_APPLICABLE
    cut = f"{entry.plan.name[:15]}-{entry.target_name[:15]}-disk-0"
    return passes(is_label(cut), f"it makes {cut}", "a label of at most 63 characters", "set pvcNameTemplate without dots")


def _labels(names: tuple[str, ...] | Answer, remedy: str) -> Answer:
    if not isinstance(names, tuple):
        return names
    for name in names:
        if not is_label(name):
            shown = f"{len(name)} characters: {name}" if len(name) > 63 else name or "nothing"
            return Fault(f"it makes {shown}", "a label of at most 63 characters", remedy)
    return PASSED


@judges("own.claim_name_long")
def claim_names_short(entry: VmEntry, scene: Scene) -> Answer:
    names = _names(entry)
    if not isinstance(names, tuple):
        return NOT_APPLICABLE if isinstance(names, Fault) else names
    for name in names:
        if len(name) > LONG_CLAIM:
            remedy = "shorten pvcNameTemplate, with trunc for example"
            return Fault(f"{name} has {len(name)} characters", f"at most {LONG_CLAIM} characters, for names are made of it", remedy)
    return PASSED


@judges("own.claim_name_twice")
def claim_names_once(entry: VmEntry, scene: Scene) -> Answer:
    if entry.plan.spec.get("pvcNameTemplateUseGenerateName") is not False:
        return NOT_APPLICABLE
    names = _names(entry)
    if not isinstance(names, tuple):
        return NOT_APPLICABLE if isinstance(names, Fault) else names
    if len(set(names)) < len(names):
        return Fault(
            f"two of its disks get {max(names, key=names.count)}", "a name for each claim", "use {{.DiskIndex}} in pvcNameTemplate"
        )
    owners = scene.claim_owners(_all_claims)
    for name in names:
        others = [other for other in owners.get((entry.plan.target_namespace, name), ()) if other is not entry]
        if others:
            return Fault(
                f"{others[0].label} makes {name} too", "a name for each claim of the namespace", "use {{.TargetVmName}} in pvcNameTemplate"
            )
    return PASSED


def _all_claims(scene: Scene) -> dict[tuple[str, str], list[VmEntry]]:
    """Claims by namespace and name, of the plans whose names get no random end."""
    found: dict[tuple[str, str], list[VmEntry]] = {}
    for plan in scene.plans:
        if plan.spec.get("pvcNameTemplateUseGenerateName") is not False:
            continue
        for entry in plan.entries:
            names = _names(entry)
            for name in dict.fromkeys(names if isinstance(names, tuple) else ()):
                found.setdefault((plan.target_namespace, name), []).append(entry)
    return found


# ---- shared disks ----------------------------------------------------------------------------------------------------


def _sharers(entry: VmEntry, scene: Scene) -> Mapping[str, list[Vm]]:
    """Path of each disk that several VMs have, and these VMs."""
    vm = entry.vm
    if vm is None or vm.disks is None or vm.id not in scene.sources.sharers:
        return {}
    found = {}
    for disk in vm.disks:
        users = scene.sources.users.get((vm.vcenter, disk.path))
        if users is not None and len(users) > 1:
            found[disk.path] = users
    return found


def _peers_unknown(entry: VmEntry, scene: Scene) -> Open | None:
    """Why nobody can say who else has the VM's disks."""
    vm = entry.vm
    if vm is None or vm.disks is None:
        return NO_DISKS
    if not vm.disks:
        return None
    if hidden := unseen(entry, scene):
        return hidden
    names = scene.sources.unknown_disks.get(vm.vcenter)
    return Open(f"the disks of {few(names)} are not known") if names else None


@judges("SharedDisks")
def sharers_off(entry: VmEntry, scene: Scene) -> Answer:
    if entry.vm is None:
        return absent(entry)
    if entry.warm:
        return NOT_APPLICABLE
    unknown = False
    for path, users in _sharers(entry, scene).items():
        on = sorted(user.name for user in users if user.power_state not in (OFF, ""))
        if on:
            return Fault(f"{path}: {few(on)} not poweredOff", "every VM that has the disk off", "switch them off before the wave")
        unknown = unknown or any(not user.power_state for user in users)
    if unknown:
        return Open("the power state of a VM that shares a disk is not known")
    return _peers_unknown(entry, scene) or PASSED


@judges("own.shared_disk_warm")
def shared_disk_cold(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if vm is None:
        return absent(entry)
    if not entry.warm:
        return NOT_APPLICABLE
    shared = list(_sharers(entry, scene)) or [disk.path for disk in vm.disks or () if disk.shared]
    if shared:
        return Fault(f"{few(shared)} is shared", "cold migration of shared disks", "move the VM in a cold plan (plan_method)")
    return _peers_unknown(entry, scene) or PASSED


@judges("SharedWarnDisks")
def shared_disk_once(entry: VmEntry, scene: Scene) -> Answer:
    if entry.vm is None:
        return absent(entry)
    if entry.warm:
        return NOT_APPLICABLE
    for path, users in _sharers(entry, scene).items():
        bringing = [other for user in users for other in scene.entries_of.get(user.id, ()) if other.migrates_shared]
        if len(bringing) > 1 and entry.migrates_shared:
            observed = f"{path} is copied {len(bringing)} times ({few(sorted(other.name for other in bringing))})"
            return Fault(observed, "one VM that brings the disk", "set migrateSharedDisks to false for the others")
        if not bringing and not any(user.id in scene.moved for user in users):
            return Fault(f"{path} is copied by no VM", "one VM that brings the disk", "set migrateSharedDisks to true for one of them")
    return _peers_unknown(entry, scene) or PASSED


@judges("own.shared_disk_apart")
def shared_disk_together(entry: VmEntry, scene: Scene) -> Answer:
    if entry.vm is None:
        return absent(entry)
    for path, users in _sharers(entry, scene).items():
        apart = sorted(user.name for user in users if not _together(entry, user, scene))
        if apart:
            remedy = "move them in one wave, or detach the disk"
            return Fault(f"{path}: {few(apart)} moves in another wave, or in none", "all VMs that have the disk in one wave", remedy)
    return _peers_unknown(entry, scene) or PASSED


def _together(entry: VmEntry, user: Vm, scene: Scene) -> bool:
    if isinstance(user, SourceVm):
        return False
    others: Iterable[VmEntry] = scene.entries_of.get(user.id, ())
    return user.id in scene.moved or any(other.plan.wave == entry.plan.wave for other in others)


@judges("MissingPvcForOnlyConversion")
def claims_there(entry: VmEntry, scene: Scene) -> Answer:
    vm = entry.vm
    if not entry.plan.conversion:
        return NOT_APPLICABLE
    if vm is None:
        return absent(entry)
    if not vm.disks:
        return NO_DISKS if vm.disks is None else PASSED
    if scene.namespace_there(entry.plan.target_namespace) is False:
        return Fault("the target namespace does not exist", f"{len(vm.disks)} claims with the labels vmID and vmUUID", "make the claims")
    return Open("volume claims are not read")
