# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the known cells of one row to a part of a VM: a disk, an adapter, a file system, …"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from ...common.artifact import JsonRecord
from .values import datastore_of

Facts: TypeAlias = dict[str, Any]

DISK_FACTS: Final = (
    "key", "label", "path", "datastore", "capacity_bytes", "thin", "eagerly_scrub", "mode", "sharing", "bus_sharing",
    "bus", "controller", "unit_number", "rdm", "rdm_compatibility", "lun_id", "uuid",
)  # fmt: skip
"""Facts of a disk in the order of the model."""

_BUSES: Final = (
    ("nvme", "nvme"),
    ("sata", "sata"),
    ("ahci", "sata"),
    ("ide", "ide"),
    ("usb", "usb"),
    ("scsi", "scsi"),
    ("lsi", "scsi"),
    ("buslogic", "scsi"),
)


@lru_cache(maxsize=4096)
def bus_of(controller: str, kind: str) -> str:
    """Bus of a controller from its label or type; empty when neither tells."""
    for shown in (controller.lower(), kind.lower()):
        for word, bus in _BUSES:
            if word in shown:
                return bus
    return ""


def disk(facts: Facts) -> JsonRecord:
    """A disk: with its datastore, and the bus of its controller."""
    path = facts.get("path") or facts.get("_disk_path")
    if path:
        facts["path"] = path
        store = datastore_of(path)
        if store:
            facts["datastore"] = store
    label, kind = facts.get("controller", ""), facts.get("_controller_type", "")
    bus = bus_of(label, kind)
    if bus:
        facts["bus"] = bus
    if kind and not label:
        facts["controller"] = kind
    return {fact: facts[fact] for fact in DISK_FACTS if fact in facts}


def nic(facts: Facts) -> JsonRecord:
    """A network adapter, with its addresses in one list."""
    four, six = facts.pop("_ipv4", None), facts.pop("_ipv6", None)
    if four is not None or six is not None:
        facts["ips"] = [*(four or ()), *(six or ())]
    return facts


def partition(facts: Facts) -> JsonRecord:
    """A file system; what is free is what is not consumed, where only that is shown."""
    consumed = facts.pop("_consumed", None)
    if "free_bytes" not in facts and consumed is not None and facts.get("capacity_bytes", -1) >= consumed:
        facts["free_bytes"] = facts["capacity_bytes"] - consumed
    if "disk_keys" in facts:
        facts["disk_keys"] = list(facts["disk_keys"])
    return facts


def usb(facts: Facts) -> JsonRecord:
    """A USB controller or device: what calls itself a controller is one."""
    shown = f"{facts.get('label', '')} {facts.pop('_type', '')}".lower()
    facts["kind"] = "controller" if "controller" in shown else "device"
    return facts


def cd(facts: Facts) -> JsonRecord:
    """A CD or DVD drive."""
    return {"kind": "cdrom", **facts}


def floppy(facts: Facts) -> JsonRecord:
    """A floppy drive."""
    return {"kind": "floppy", **facts}


def as_it_is(facts: Facts) -> JsonRecord:
    """Nothing to add."""
    return facts


BUILDERS: Final[Mapping[str, Callable[[Facts], JsonRecord]]] = {
    "vDisk": disk,
    "vNetwork": nic,
    "vPartition": partition,
    "vUSB": usb,
    "vCD": cd,
    "vFloppy": floppy,
}
"""Tab to the function that finishes its rows; a tab that is not here needs nothing."""
