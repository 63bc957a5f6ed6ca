# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual disks of a VM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...common.artifact import JsonRecord
from ..vocabulary import DISK_MODES, DISK_SHARINGS, RDM_COMPATIBILITIES
from . import values
from .ledger import Ledger, unknown_word
from .objects import TYPE
from .places import Places
from .settings import Settings
from .values import flag, lower, reference, text, whole

MAPPINGS: Final = ("VirtualDiskRawDiskMappingVer1BackingInfo",)
RAW: Final = ("VirtualDiskRawDiskVer2BackingInfo", "VirtualDiskPartitionedRawDiskVer2BackingInfo")
"""Backings that are devices of the host, without a mapping."""

ALWAYS_THIN: Final = ("VirtualDiskSeSparseBackingInfo", "VirtualDiskSparseVer1BackingInfo", "VirtualDiskSparseVer2BackingInfo")
UNTOLD: Final = "the server does not tell whether its changed blocks are tracked"

_MODES: Final = values.word(DISK_MODES)
_SHARINGS: Final = values.word(DISK_SHARINGS)
_COMPATIBILITIES: Final = values.word(RDM_COMPATIBILITIES)
_CANONICAL: Final = slice(10, 42)
"""Where the name of a LUN stands in the UUID that vSphere gives it: after type, number and padding, before the model."""


class Disks:
    """Makes disks; what they share is looked up once."""

    def __init__(self, places: Places, ledger: Ledger) -> None:
        self._places = places
        self._ledger = ledger

    def disk(
        self, device: dict[str, Any], controllers: Mapping[int, JsonRecord], settings: Settings | None, unknown: dict[str, str]
    ) -> JsonRecord:
        """One disk. `settings` is None where they are not known."""
        record: JsonRecord = {}
        key = whole(device.get("key"))
        if key is not None:
            record["key"] = key
        label = values.label(device)
        if label is not None:
            record["label"] = label
        backing = device.get("backing")
        backing = backing if isinstance(backing, dict) else {}
        self._file(backing, record, unknown)
        capacity = whole(device.get("capacityInBytes"))
        if capacity is None and (kib := whole(device.get("capacityInKB"))) is not None:
            capacity = kib * values.KIB
        if capacity is not None:
            record["capacity_bytes"] = capacity
        if backing:
            self._backing(backing, record, unknown)
        self._controller(device, controllers, record)
        _tracking(backing, controllers, record, settings, unknown)
        filters = device.get("iofilter")
        record["io_filters"] = [filters] if isinstance(filters, str) else [name for name in filters or () if isinstance(name, str)]
        return record

    def _file(self, backing: dict[str, Any], record: JsonRecord, unknown: dict[str, str]) -> None:
        path = backing.get("fileName")
        if path is None:
            path = backing.get("descriptorFileName")
        if isinstance(path, str):
            record["path"] = path
            end = path.find("]")
            if path.startswith("[") and end > 1:
                record["datastore"] = path[1:end].strip()
                return
        store = reference(backing.get("datastore"))
        if store is not None:
            name, reason = self._places.name(store)
            if name is None:
                unknown[f"disks[{record.get('key')}].datastore"] = reason
            else:
                record["datastore"] = name
        elif backing and (not path or path.startswith("[]")):
            record["datastore"] = ""

    def _backing(self, backing: dict[str, Any], record: JsonRecord, unknown: dict[str, str]) -> None:
        kind = backing.get(TYPE, "")
        mapped = kind in MAPPINGS
        raw = mapped or kind in RAW
        thin = False if raw else True if kind in ALWAYS_THIN else flag(backing.get("thinProvisioned"))
        if thin is not None:
            record["thin"] = thin
        record["eagerly_scrub"] = flag(backing.get("eagerlyScrub")) or False
        self._word("mode", backing.get("diskMode"), _MODES, record, unknown)
        self._word("sharing", backing.get("sharing") or "sharingNone", _SHARINGS, record, unknown)
        record["rdm"] = raw
        if mapped:
            self._word("rdm_compatibility", backing.get("compatibilityMode"), _COMPATIBILITIES, record, unknown)
        elif not raw:
            record["rdm_compatibility"] = ""
        lun = _lun(backing) if raw else ""
        if lun is not None:
            record["lun_id"] = lun
        uuid = lower(backing.get("uuid"))
        if uuid is not None:
            record["uuid"] = uuid
        record["encrypted"] = "keyId" in backing

    def _word(self, fact: str, node: Any, convert: values.Converter, record: JsonRecord, unknown: dict[str, str]) -> None:
        if not isinstance(node, str):
            return
        value = convert(node)
        if value is not None:
            record[fact] = value
        else:
            self._ledger.word(f"vm.disks.{fact}", node)
            unknown[f"disks[{record.get('key')}].{fact}"] = unknown_word(node)

    @staticmethod
    def _controller(device: dict[str, Any], controllers: Mapping[int, JsonRecord], record: JsonRecord) -> None:
        key, unit = whole(device.get("controllerKey")), whole(device.get("unitNumber"))
        if key is not None:
            record["controller_key"] = key
            controller = controllers.get(key)
            if controller is not None:
                for fact, own in (("bus_sharing", "bus_sharing"), ("bus", "bus"), ("controller", "label")):
                    if own in controller:
                        record[fact] = controller[own]
        if unit is not None:
            record["unit_number"] = unit


def _tracking(
    backing: dict[str, Any], controllers: Mapping[int, JsonRecord], record: JsonRecord, settings: Settings | None, unknown: dict[str, str]
) -> None:
    """Whether changed blocks are tracked: as the disk's own setting says; a change id comes with tracking alone."""
    changed = text(backing.get("changeId"))
    if settings is None:
        if changed:
            record["change_tracking_enabled"] = True
        return
    controller = controllers.get(record.get("controller_key", -1), {})
    if "bus" not in controller or "bus_number" not in controller or "unit_number" not in record:
        if changed:
            record["change_tracking_enabled"] = True
        else:
            unknown[f"disks[{record.get('key')}].change_tracking_enabled"] = UNTOLD
        return
    tracked = settings.tracked(f"{controller['bus']}{controller['bus_number']}:{record['unit_number']}")
    record["change_tracking_enabled"] = bool(changed) if tracked is None else tracked


def _lun(backing: dict[str, Any]) -> str | None:
    """The LUN behind a raw device: its NAA name where its UUID holds one, else what the server shows."""
    shown = text(backing.get("lunUuid"))
    if shown and shown.startswith("0200") and len(shown) >= _CANONICAL.stop:
        return f"naa.{shown[_CANONICAL].lower()}"
    return shown or text(backing.get("deviceName"))
