# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The devices of a VM: which of the model's lists each belongs to, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from sys import intern
from typing import Any, Final

from ...common.artifact import JsonRecord
from ..vocabulary import BUS_SHARINGS
from . import values
from .adapters import ADAPTERS, Adapters
from .disks import Disks
from .ledger import Ledger, unknown_word
from .networks import Networks
from .objects import TYPE, Reference
from .places import Places
from .settings import Settings
from .values import count, flag, text, whole
from .values import label as label_of

BUSES: Final = {
    "ParaVirtualSCSIController": "scsi",
    "VirtualAHCIController": "sata",
    "VirtualBusLogicController": "scsi",
    "VirtualIDEController": "ide",
    "VirtualLsiLogicController": "scsi",
    "VirtualLsiLogicSASController": "scsi",
    "VirtualNVMEController": "nvme",
    "VirtualSATAController": "sata",
    "VirtualSCSIController": "scsi",
    "VirtualUSBController": "usb",
    "VirtualUSBXHCIController": "usb",
}
"""Class of a controller to the bus that it drives."""

MEDIA: Final = {"VirtualCdrom": "cdrom", "VirtualFloppy": "floppy"}
ORDINARY: Final = frozenset(
    {
        "VirtualKeyboard",
        "VirtualMachineVMCIDevice",
        "VirtualMachineVideoCard",
        "VirtualNVDIMMController",
        "VirtualPCIController",
        "VirtualPS2Controller",
        "VirtualPointingDevice",
        "VirtualSIOController",
    }
)
"""Devices that every VM has, or that serve another device alone."""

BACKING_TEXTS: Final = (
    "id",
    "vgpu",
    "deviceClass",
    "fileName",
    "serviceURI",
    "pipeName",
    "customLabel",
    "assignedId",
    "deviceName",
    "hostname",
)
"""Elements of a device's backing that say what stands behind it, the most telling first."""

_SHARINGS: Final = values.word(BUS_SHARINGS)


@dataclass(slots=True)
class Parts:
    """The lists of one VM."""

    disks: list[JsonRecord] = field(default_factory=list)
    nics: list[JsonRecord] = field(default_factory=list)
    controllers: list[JsonRecord] = field(default_factory=list)
    devices: list[JsonRecord] = field(default_factory=list)
    usb: list[JsonRecord] = field(default_factory=list)
    removable_media: list[JsonRecord] = field(default_factory=list)
    tpm: bool = False


class Devices:
    """Sorts the devices of VMs into the lists of the model."""

    def __init__(self, places: Places, networks: Networks, ledger: Ledger) -> None:
        self._ledger = ledger
        self._disks = Disks(places, ledger)
        self._adapters = Adapters(places, networks, ledger)

    def read(self, devices: list[Any], host: Reference | None, settings: Settings | None, unknown: dict[str, str]) -> Parts:
        """The lists of one VM, each in the order of the server."""
        parts = Parts()
        controllers: dict[int, JsonRecord] = {}
        others: list[tuple[str, dict[str, Any]]] = []
        for device in devices:
            kind = device.get(TYPE, "") if device.__class__ is dict else None
            if kind in ORDINARY or kind is None:
                continue
            if kind in BUSES or "busNumber" in device:
                self._controller(kind, device, controllers, parts, unknown)
            else:
                others.append((kind, device))
        for kind, device in others:
            if kind == "VirtualDisk":
                parts.disks.append(self._disks.disk(device, controllers, settings, unknown))
            elif kind in ADAPTERS or "macAddress" in device:
                parts.nics.append(self._adapters.adapter(device, host, unknown))
                if kind == "VirtualSriovEthernetCard":
                    parts.devices.append(_device(kind, device, _virtual_function))
            elif kind in MEDIA:
                parts.removable_media.append(_medium(MEDIA[kind], device))
            elif kind == "VirtualUSB":
                parts.usb.append(_usb_device(device))
            else:
                parts.devices.append(_device(kind, device, _behind))
                parts.tpm = parts.tpm or kind == "VirtualTPM"
        return parts

    def _controller(
        self, kind: str, device: dict[str, Any], controllers: dict[int, JsonRecord], parts: Parts, unknown: dict[str, str]
    ) -> None:
        record: JsonRecord = {}
        key, number, bus = whole(device.get("key")), count(device.get("busNumber")), BUSES.get(kind)
        if key is not None:
            record["key"] = key
            controllers[key] = record
        label = label_of(device)
        if label is not None:
            record["label"] = label
        if bus is not None:
            record["bus"] = bus
        else:
            self._ledger.word("vm.controllers.bus", kind)
            unknown[f"controllers[{key}].bus"] = unknown_word(kind)
        record["type"] = intern(kind)
        if number is not None:
            record["bus_number"] = number
        shared = device.get("sharedBus", "noSharing")
        sharing = _SHARINGS(shared) if isinstance(shared, str) else None
        if sharing is not None:
            record["bus_sharing"] = sharing
        else:
            self._ledger.word("vm.controllers.bus_sharing", values.shown(shared))
            unknown[f"controllers[{key}].bus_sharing"] = unknown_word(values.shown(shared))
        parts.controllers.append(record)
        if bus == "usb":
            parts.usb.append({**({"label": label} if label is not None else {}), "kind": "controller", "connected": True})


def _device(kind: str, device: dict[str, Any], behind: Callable[[dict[str, Any]], str]) -> JsonRecord:
    record: JsonRecord = {}
    key, label = whole(device.get("key")), label_of(device)
    if key is not None:
        record["key"] = key
    record["kind"] = intern(kind)
    if label is not None:
        record["label"] = label
    record["backing"] = behind(device)
    record["connected"] = _connected(device)
    return record


def _connected(device: dict[str, Any]) -> bool:
    """Whether a device is connected; one that cannot be disconnected has no state of connection."""
    state = device.get("connectable")
    return flag(state.get("connected")) is not False if isinstance(state, dict) else True


def _behind(device: dict[str, Any]) -> str:
    backing = device.get("backing")
    if isinstance(backing, dict):
        for name in BACKING_TEXTS:
            value = text(backing.get(name))
            if value:
                return value
    return ""


def _virtual_function(device: dict[str, Any]) -> str:
    """The function of the host's adapter behind an SR-IOV adapter: the virtual one where it is set, else the physical one."""
    sriov = device.get("sriovBacking")
    for name in ("virtualFunctionBacking", "physicalFunctionBacking"):
        function = sriov.get(name) if isinstance(sriov, dict) else None
        value = text(function.get("id")) if isinstance(function, dict) else None
        if value:
            return value
    return ""


def _usb_device(device: dict[str, Any]) -> JsonRecord:
    label, connected = label_of(device), flag(device.get("connected"))
    record: JsonRecord = {"label": label} if label is not None else {}
    record["kind"] = "device"
    record["connected"] = _connected(device) if connected is None else connected
    return record


def _medium(kind: str, device: dict[str, Any]) -> JsonRecord:
    label, state = label_of(device), device.get("connectable")
    record: JsonRecord = {"label": label} if label is not None else {}
    record["kind"] = kind
    for fact, name in (("connected", "connected"), ("start_connected", "startConnected")):
        value = flag(state.get(name)) if isinstance(state, dict) else None
        if value is not None:
            record[fact] = value
    record["backing"] = _behind(device)
    return record
