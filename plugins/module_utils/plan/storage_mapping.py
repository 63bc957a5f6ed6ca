# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the datastores' disks go: by the user's rules, else to the class that can do what VMs need; never by name.

What a class can do is what CDI has found (StorageProfile, `claimPropertySets`). The size of a volume is that of Forklift
(`CalculateSpaceWithOverhead`): whole MiB, and for a file system divided by what its overhead leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from ..common.artifact import JsonRecord
from ..common.errors import Problem
from ..target.view import TargetView
from .model import MIB, PlanDisk, PlanVm, StorageChoice, VolumeNeed
from .settings import StorageRule
from .source_rules import Rules

SETTING: Final = "plan_storage"
CLASSES: Final = "storageclasses.storage.k8s.io"
PROFILES: Final = "storageprofiles.cdi.kubevirt.io"
BLOCK, FILESYSTEM = "Block", "Filesystem"
MANY, ONCE = "ReadWriteMany", "ReadWriteOnce"
NO_PROVISIONER: Final = "kubernetes.io/no-provisioner"
SHIFT: Final = "shift.netapp.io/storage-class-type"
"""Classes with it take over disks in place, by a way of migrating of their own."""

TOOLKIT_OVERHEAD: Final = Fraction(10, 100)
"""Forklift, `pkg/settings/migration.go`: FILESYSTEM_OVERHEAD 10 %."""

CDI_OVERHEAD: Final = Fraction(55, 1000)
"""CDI, `CDIConfig.status.filesystemOverhead`: 5.5 % unless set."""

MOST_OVERHEAD: Final = Fraction(99, 100)

USER, ONLY_DEFAULT, ONLY_ONE, BEST, BEST_DEFAULT = 100, 85, 75, 60, 70


@dataclass(frozen=True, slots=True)
class StorageUse:
    """What lies on a datastore: the number of VMs, and the bytes of their disks."""

    name: str
    vcenter: str
    vm_count: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Offer:
    """A class and the best that it can do for VMs."""

    name: str
    access_mode: str
    volume_mode: str
    rank: tuple[bool, ...]
    default: bool
    words: str


def datastore_key(vm: PlanVm, disk: PlanDisk) -> str:
    """What a disk's datastore is called here: the id of its record, else vCenter and name; empty for a disk without one."""
    return disk.datastore_id or (f"{vm.vcenter}/{disk.datastore}" if disk.datastore else "")


def storage_use(vms: Iterable[PlanVm]) -> dict[str, StorageUse]:
    """Use per datastore, by `datastore_key`."""
    counts: dict[str, int] = {}
    sizes: dict[str, int] = {}
    named: dict[str, tuple[str, str]] = {}
    for vm in vms:
        keys = set()
        for disk in vm.disks or ():
            if key := datastore_key(vm, disk):
                keys.add(key)
                sizes[key] = sizes.get(key, 0) + (disk.capacity_bytes or 0)
                named.setdefault(key, (disk.datastore, vm.vcenter))
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
    return {key: StorageUse(*named[key], vm_count=counts[key], bytes=sizes[key]) for key in sorted(counts)}


def map_storage(
    datastores: Iterable[JsonRecord],
    use: Mapping[str, StorageUse],
    target: TargetView,
    rules: Sequence[StorageRule],
    *,
    live_migration: bool = True,
    vcenter_names: Mapping[str, Sequence[str]] | None = None,
) -> list[StorageChoice]:
    """A choice for each datastore that VMs use, by `record_id`. With `live_migration`, volumes must be ReadWriteMany."""
    records = {record["id"]: record for record in datastores if record["id"] in use}
    ruled = Rules(SETTING, rules, vcenter_names)
    offer, confidence, reason = _best(target, live_migration)
    choices = []
    for key in sorted(use):
        record = records.get(key, {})
        moref, name, vcenter = record.get("moref", ""), record.get("name", use[key].name), record.get("vcenter", use[key].vcenter)
        found = ruled.find(vcenter, name, *filter(None, (moref, key)))
        chosen = _by_rule(*found, target, live_migration) if found else (offer, confidence, reason)
        choices.append(_choice(key, moref or name, name, vcenter, use[key], chosen))
    return choices


def rule_problems(rules: Sequence[StorageRule], target: TargetView) -> list[Problem]:
    """Rules that name a class that the target does not have; empty where its classes could not be read."""
    if not target.known(CLASSES):
        return []
    there = ", ".join(record["id"] for record in target.all("storage_class")[:10]) or "none"
    return [
        Problem(f"{SETTING}[{number}].storage_class {rule.storage_class} is not on the target", remedy=f"it has {there}")
        for number, rule in enumerate(rules)
        if target.get("storage_class", rule.storage_class) is None
    ]


def choices_by_datastore(choices: Iterable[StorageChoice]) -> dict[str, StorageChoice]:
    """The choices by `record_id`."""
    return {choice.record_id: choice for choice in choices}


class VolumeSizes:
    """Sizes of the volumes that VMs get, by the target's overheads."""

    def __init__(self, target: TargetView) -> None:
        toolkit, virtualization = target.one("migration_toolkit") or {}, target.one("virtualization") or {}
        percent = toolkit.get("filesystem_overhead_percent")
        self._toolkit = TOOLKIT_OVERHEAD if percent is None else Fraction(percent, 100)
        overhead = virtualization.get("filesystem_overhead")
        self._cdi = CDI_OVERHEAD if overhead is None else Fraction(str(overhead))
        self._by_class = {name: Fraction(text) for name, text in virtualization.get("filesystem_overheads", {}).items() if _is_share(text)}

        self._divisors: dict[str, Fraction] = {}

    def bytes_of(self, capacity_bytes: int, choice: StorageChoice) -> int:
        """Bytes that the claim of a disk asks for: with the larger of the two overheads where the volume is a file system."""
        aligned = -(-capacity_bytes // MIB) * MIB
        if choice.volume_mode == BLOCK:
            return aligned
        divisor = self._divisors.get(choice.storage_class)
        if divisor is None:
            overhead = max(self._toolkit, self._by_class.get(choice.storage_class, self._cdi))
            divisor = self._divisors[choice.storage_class] = 1 - min(overhead, MOST_OVERHEAD)
        return -(-aligned * divisor.denominator // divisor.numerator)


def volumes_of(
    vm: PlanVm, choices: Mapping[str, StorageChoice], sizes: VolumeSizes, skip: frozenset[tuple[str, str]] = frozenset()
) -> tuple[VolumeNeed, ...]:
    """The volumes that the VM's disks become, as far as their size and class are known.

    `choices` are by `record_id`; `skip` has (vCenter, path) of shared disks that another VM brings.
    """
    found = []
    for disk in vm.disks or ():
        choice = choices.get(datastore_key(vm, disk))
        if choice is None or not choice.storage_class or not disk.capacity_bytes or (vm.vcenter, disk.path) in skip:
            continue
        size = sizes.bytes_of(disk.capacity_bytes, choice)
        found.append(VolumeNeed(choice.storage_class, choice.access_mode, choice.volume_mode, size))
    return tuple(found)


def _choice(key: str, source_id: str, name: str, vcenter: str, use: StorageUse, chosen: tuple[_Offer | None, int, str]) -> StorageChoice:
    offer, confidence, reason = chosen
    return StorageChoice(
        source_id=source_id,
        source_name=name,
        vcenter=vcenter,
        storage_class=offer.name if offer else "",
        access_mode=offer.access_mode if offer else "",
        volume_mode=offer.volume_mode if offer else "",
        confidence=confidence,
        reason=reason,
        vm_count=use.vm_count,
        bytes=use.bytes,
        record_id=key,
    )


def _by_rule(rule: StorageRule, place: str, target: TargetView, live_migration: bool) -> tuple[_Offer | None, int, str]:
    record = target.get("storage_class", rule.storage_class) or {"id": rule.storage_class}
    offer = _offer(record, live_migration, rule.access_mode, rule.volume_mode)
    reason = f"your rule {place}"
    if offer.rank and live_migration and offer.access_mode == ONCE:
        reason += f"; {rule.storage_class} is not known to take {MANY} volumes, which live migration needs"
    return offer, USER, reason


def _best(target: TargetView, live_migration: bool) -> tuple[_Offer | None, int, str]:
    """The class for everything that no rule means, its confidence and reason."""
    if not target.known(CLASSES):
        return None, 0, f"not evaluated: {target.why_not(CLASSES)}"
    offers = [_offer(record, live_migration) for record in target.all("storage_class") if _general(record)]
    offers = [offer for offer in offers if offer.rank and (offer.access_mode == MANY or not live_migration)]
    if not offers:
        needed = f"{MANY} volumes" if live_migration else "volumes for VMs"
        unread = "" if target.known(PROFILES) else f"; {target.why_not(PROFILES)}"
        return None, 0, f"no storage class is known to take {needed}{unread}"
    top = max(offer.rank for offer in offers)
    equal = [offer for offer in offers if offer.rank == top]
    if len(equal) > 1:
        return None, 0, f"these storage classes can do the same: {', '.join(offer.name for offer in equal[:5])}; name one in {SETTING}"
    offer = equal[0]
    if len(offers) == 1:
        confidence, why = (ONLY_DEFAULT if offer.default else ONLY_ONE), "the only class that can do so"
    else:
        confidence, why = (BEST_DEFAULT if offer.default else BEST), f"the best of {len(offers)}"
    return offer, confidence, f"{offer.words}; {why}"


def _general(record: JsonRecord) -> bool:
    return record.get("provisioner") != NO_PROVISIONER and SHIFT not in record.get("annotations", {})


def _offer(record: JsonRecord, live_migration: bool, access_mode: str = "", volume_mode: str = "") -> _Offer:
    """The best of the class's claim sets; one that the user names is taken as it is. The rank is empty where none is known."""
    sets = [(access, volume) for access, _slash, volume in (entry.partition("/") for entry in record.get("claim_sets", ()))]
    fitting = [pair for pair in sets if access_mode in ("", pair[0]) and volume_mode in ("", pair[1])]
    many, once = [pair for pair in fitting if pair[0] == MANY], [pair for pair in fitting if pair[0] == ONCE]
    usable = (many or once) if live_migration else (many + once)
    pair = next((pair for pair in usable if pair[1] == BLOCK), usable[0] if usable else None)
    default = record.get("default_virtualization") is True
    access, volume = pair or (access_mode, volume_mode)
    words = f"takes {access} volumes of mode {volume}" + (", default class for VMs" if default else "")
    return _Offer(record["id"], access, volume, _rank(record, access, volume) if pair else (), default, words)


def _rank(record: JsonRecord, access_mode: str, volume_mode: str) -> tuple[bool, ...]:
    """What counts, most first: shared between nodes, raw, the cluster's own choice, clones and snapshots, growing."""
    return (
        access_mode == MANY,
        volume_mode == BLOCK,
        record.get("default_virtualization") is True,
        record.get("default") is True,
        record.get("clone_strategy") in ("csi-clone", "snapshot"),
        bool(record.get("snapshot_class")),
        record.get("expandable") is True,
    )


def _is_share(text: str) -> bool:
    try:
        return 0 <= Fraction(text) < 1
    except (ValueError, ZeroDivisionError):
        return False
