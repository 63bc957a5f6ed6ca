# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage: free space per class, the largest volume, and access modes that live migration needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ..common.artifact import JsonRecord
from ..target.view import TargetView
from .model import GIB, Constraint, Need, VolumeNeed
from .settings import FitPolicy

STORAGE: Final = "storage:"
MANY: Final = "ReadWriteMany"


class StorageFit:
    """What the storage classes of a target can take. Classes that are not mapped (an empty name) are left to the mapping."""

    def __init__(self, target: TargetView, policy: FitPolicy) -> None:
        self._policy = policy
        self._known = target.known("storageclasses.storage.k8s.io")
        self._why = "" if self._known else target.why_not("storageclasses.storage.k8s.io")
        self._classes = {record["id"]: record for record in target.all("storage_class")}
        self._modes: dict[tuple[str, str, str], tuple[str, str, str] | None] = {}
        self._unknown: dict[tuple[str, str], int] = {}

    def budgets(self, needs: Iterable[Need]) -> dict[str, int]:
        """Free space by class for the classes that the needs name, less the headroom; classes without a figure have none."""
        names = sorted({volume.storage_class for need in needs for volume in need.volumes})
        share = 1 - self._policy.storage_headroom_percent / 100
        found = {}
        for name in names:
            free = self._classes.get(name, {}).get("free_bytes")
            if free is not None:
                found[f"{STORAGE}{name}"] = max(0, int(free * share))
        return found

    def demand(self, need: Need, budgets: dict[str, int]) -> dict[str, int]:
        """What a VM takes of each budget."""
        found: dict[str, int] = {}
        for volume in need.volumes:
            key = f"{STORAGE}{volume.storage_class}"
            if key in budgets:
                found[key] = found.get(key, 0) + volume.bytes
                if self._classes[volume.storage_class].get("segment_count", 1) > 1:
                    self._note("segments", volume.storage_class, volume.bytes)
            elif volume.storage_class in self._classes:
                self._note("free", volume.storage_class, volume.bytes)
        return found

    def misfits(self, need: Need) -> list[Constraint]:
        """What keeps a VM out whatever the others do."""
        found: dict[tuple[str, str], Constraint] = {}
        for volume in need.volumes:
            if volume.storage_class:
                for constraint in self._volume(volume):
                    found.setdefault((constraint.code, constraint.object), constraint)
        return list(found.values())

    def not_evaluated(self) -> tuple[Constraint, ...]:
        """What could not be checked, by class."""
        return tuple(self._noted(what, name, amount) for (what, name), amount in sorted(self._unknown.items()))

    def _volume(self, volume: VolumeNeed) -> Sequence[Constraint]:
        name = volume.storage_class
        record = self._classes.get(name)
        if record is None:
            if not self._known:
                self._note("class", name, volume.bytes)
                return ()
            text = f"the target has no storage class {name}"
            return (Constraint("storage_class_missing", name, text, "map its datastore to one", "plan_storage"),)
        found = []
        largest = record.get("largest_volume_bytes")
        if largest is not None and volume.bytes > largest:
            text = f"a volume of {volume.bytes / GIB:.1f} GiB is needed; storage class {name} makes none above {largest / GIB:.1f} GiB"
            found.append(Constraint("volume_too_large", name, text, "map its datastore to a class with larger volumes", "plan_storage"))
        mode = self._live_migration(volume, record) if self._policy.live_migration else None
        if mode is not None:
            found.append(mode)
        return found

    def _live_migration(self, volume: VolumeNeed, record: JsonRecord) -> Constraint | None:
        name = volume.storage_class
        if "claim_sets" not in record:
            self._note("modes", name, 1)
            return None
        key = (name, volume.access_mode, volume.volume_mode)
        if key not in self._modes:
            self._modes[key] = _access(volume, record["claim_sets"])
        answer = self._modes[key]
        if answer is None:
            return None
        text, remedy, setting = answer
        return Constraint("live_migration_needs_rwx", name, text, remedy, setting)

    def _note(self, what: str, name: str, amount: int) -> None:
        self._unknown[what, name] = self._unknown.get((what, name), 0) + amount

    def _noted(self, what: str, name: str, amount: int) -> Constraint:
        if what == "free":
            text = f"nobody knows the free space of storage class {name}; {amount / GIB:.1f} GiB are needed of it"
            return Constraint("storage_free_unknown", name, text, "ask those who run the storage")
        if what == "segments":
            text = f"the free space of storage class {name} is a sum over parts of the cluster: it may count one pool several times"
            return Constraint("storage_free_uncertain", name, text, "ask those who run the storage")
        if what == "modes":
            text = f"nobody knows the access modes of storage class {name}, which live migration turns on"
            return Constraint("access_modes_unknown", name, text, "grant list on storageprofiles.cdi.kubevirt.io")
        return Constraint("storage_class_unknown", name, f"nobody knows whether the target has storage class {name}: {self._why}")


def _access(volume: VolumeNeed, claim_sets: Sequence[str]) -> tuple[str, str, str] | None:
    """Text, remedy and setting where a volume would not be ReadWriteMany; None where it would be.

    Without an access mode of its own CDI takes the first of the profile's claim property sets that has its volume mode.
    """
    name, mode = volume.storage_class, volume.volume_mode
    fitting = [access for access, _slash, kind in (entry.partition("/") for entry in claim_sets) if not mode or kind == mode]
    kind = f" for {mode} volumes" if mode else ""
    if MANY not in fitting:
        text = f"storage class {name} offers no {MANY} volumes{kind}, which live migration needs"
        return text, f"map its datastore to a class with {MANY}, or do without live migration", "plan_fit.live_migration"
    chosen = volume.access_mode or fitting[0]
    if chosen == MANY:
        return None
    text = f"its volumes of storage class {name} would be {chosen}; live migration needs {MANY}"
    return text, f"choose {MANY}, which the class offers, or do without live migration", "plan_storage"
