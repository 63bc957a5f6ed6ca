# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage classes, with what CDI takes them to be able to do and how much space their drivers say is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..common.artifact import JsonRecord
from .objects import ApiObject, Draft, annotations_of, at, is_true, kept, labels_of, map_at, maps_at, name_of, text_at, texts_at
from .quantities import whole

DEFAULT: Final = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
DEFAULT_VIRTUALIZATION: Final = "storageclass.kubevirt.io/is-default-virt-class"
DEFAULT_SNAPSHOTS: Final = "snapshot.storage.kubernetes.io/is-default-class"
ANNOTATIONS: Final = ("shift.netapp.io/",)

OVERHEAD: Final = 0.055
"""What CDI keeps free of a volume with a file system unless it is told otherwise (documented default of its operator)."""

LONGEST_SHARE: Final = 10
FREE_FACTS: Final = ("free_bytes", "largest_volume_bytes", "segment_count")
NOT_PUBLISHED: Final = "its driver publishes no CSIStorageCapacity"


def storage_class(item: ApiObject) -> JsonRecord:
    """The record of a StorageClass, without what comes from other lists. Defaults are those of the API."""
    draft = Draft("storage_class", item, labels_of(item))
    annotations = annotations_of(item)
    draft.text("provisioner", "provisioner")
    draft.put("default", any(is_true(annotations.get(key, "")) for key in DEFAULT))
    draft.put("default_virtualization", is_true(annotations.get(DEFAULT_VIRTUALIZATION, "")))
    draft.text("binding_mode", "volumeBindingMode", default="Immediate")
    draft.text("reclaim_policy", "reclaimPolicy", default="Delete")
    draft.flag("expandable", "allowVolumeExpansion", default=False)
    draft.put("annotations", kept(annotations, ANNOTATIONS))
    return draft.record()


@dataclass(frozen=True, slots=True)
class Profile:
    """A StorageProfile: what a class can do, in CDI's order of preference."""

    claim_sets: tuple[str, ...]
    clone_strategy: str
    snapshot_class: str


def profile(item: ApiObject) -> tuple[str, Profile]:
    """Storage class and what its StorageProfile says; a profile has the name of its class."""
    sets: dict[str, None] = {}
    for entry in maps_at(item, "status.claimPropertySets"):
        mode = text_at(entry, "volumeMode") or "Filesystem"
        sets.update(dict.fromkeys(f"{access}/{mode}" for access in texts_at(entry, "accessModes")))
    snapshots = text_at(item, "status.snapshotClass") or text_at(item, "spec.snapshotClass")
    return text_at(item, "status.storageClass") or name_of(item), Profile(tuple(sets), text_at(item, "status.cloneStrategy"), snapshots)


def snapshot_driver(item: ApiObject) -> tuple[str, tuple[bool, str]]:
    """Driver of a VolumeSnapshotClass, and what decides among several of one driver: the default first, then the name."""
    return text_at(item, "driver"), (not is_true(annotations_of(item).get(DEFAULT_SNAPSHOTS, "")), name_of(item))


class FreeSpace:
    """What CSIStorageCapacity objects say, added up by storage class.

    Each object is for one segment of the topology. Their sum is an upper bound: a driver that publishes one pool in
    several segments counts it more than once.
    """

    def __init__(self) -> None:
        self._free: dict[str, int] = {}
        self._largest: dict[str, int] = {}
        self._segments: dict[str, int] = {}
        self._unsaid: dict[str, set[str]] = {}

    def add(self, item: ApiObject) -> None:
        """Takes one CSIStorageCapacity; one without nodes that reach it has nothing to offer."""
        owner = text_at(item, "storageClassName")
        self._segments.setdefault(owner, 0)
        if at(item, "nodeTopology").__class__ is not dict:
            return
        self._segments[owner] += 1
        capacity, largest = whole(item.get("capacity")), whole(item.get("maximumVolumeSize"))
        self._free[owner] = self._free.get(owner, 0) + (capacity or 0)
        self._largest[owner] = max(self._largest.get(owner, 0), largest or 0)
        lacking = {fact for fact, value in (("free_bytes", capacity), ("largest_volume_bytes", largest)) if value is None}
        self._unsaid.setdefault(owner, set()).update(lacking)

    def facts(self, owner: str) -> tuple[JsonRecord, Mapping[str, str]]:
        """The facts of a storage class and, for those that are unknown, the reasons."""
        if owner not in self._segments:
            return {}, dict.fromkeys(FREE_FACTS, NOT_PUBLISHED)
        found = {
            "free_bytes": self._free.get(owner, 0),
            "largest_volume_bytes": self._largest.get(owner, 0),
            "segment_count": self._segments[owner],
        }
        unsaid = self._unsaid.get(owner, set())
        known = {fact: value for fact, value in found.items() if fact not in unsaid}
        return known, dict.fromkeys(sorted(unsaid), "its driver does not say so for every segment")


@dataclass(frozen=True, slots=True)
class Overhead:
    """Share of a volume with a file system that CDI keeps free: of all classes, and of those that have another (as text)."""

    general: float
    classes: Mapping[str, str]


def overhead(item: ApiObject, *paths: str) -> Overhead:
    """The overhead in an object, at the first path that has one; CDI's documented default where the object sets none."""
    shares = next((found for path in paths if (found := map_at(item, path))), {})
    general = _share(shares.get("global"))
    least = OVERHEAD if general is None else general
    classes = map_at(shares, "storageClass")
    return Overhead(least, {name: classes[name] for name in sorted(classes) if _share(classes[name]) not in (None, least)})


def _share(value: object) -> float | None:
    if value.__class__ is not str or len(text := str(value)) > LONGEST_SHARE:
        return None
    digits = text.replace(".", "", 1)
    return float(text) if digits.isascii() and digits.isdigit() else None
