# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Advanced settings of a VM (extraConfig): the few that bear on a migration.

What is not in the list below is never kept: extraConfig is also where guests and agents leave tokens, passwords and answers
(`guestinfo.*` above all).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from .values import setting_flag

KEPT: Final = (
    # How the guest sees its CPUs, and where its CPUs and memory are placed.
    r"cpuid\.(?:\d+\.e[abcd]x|coresPerSocket|numSMT|brandstring)",
    r"numa\.(?:nodeAffinity|autosize(?:\.once|\.vcpu\.maxPerVirtualNode)?|vcpu\.(?:preferHT|maxPerVirtualNode|min))",
    r"sched\.cpu\.(?:affinity|latencySensitivity|htsharing)",
    r"sched\.mem\.(?:pin|lpage\.enable1GPage|pshare\.enable|maxmemctl)",
    r"monitor\.(?:virtual_exec|virtual_mmu)|monitor_control\.restrict_backdoor",
    r"hypervisor\.cpuid\.v0|(?:vhv|vvtd|vpmc)\.enable|featMask\.vm\.[\w.]+",
    # What a licence in the guest can be bound to.
    r"SMBIOS\.(?:reflectHost|noOEMStrings|use12CharSerialNumber|assertEnable)|board-id\.reflectHost",
    # Devices and disks.
    r"disk\.(?:EnableUUID|locking)|ctkEnabled|(?:scsi|sata|ide|nvme)\d+:\d+\.(?:ctkEnabled|sharing|mode)",
    r"pciPassthru\d*\.(?:use64bitMMIO|64bitMMIOSizeGB|msiEnabled|cfg\.enable_\w+)|devices\.hotplug",
    r"ethernet\d+\.(?:pnicFeatures|ctxPerDev|coalescingScheme|udpRSS|filter\d+\.name|uptCompatibility)",
    # Boot, clock, power, snapshots.
    r"firmware|uefi\.secureBoot\.enabled|efi\.quickBoot\.enabled|bios\.bootOrder|vmx\.reboot\.PowerCycle",
    r"rtc\.(?:diffFromUTC|startTime)|tools\.syncTime|time\.synchronize\.[\w.]+",
    r"snapshot\.(?:maxSnapshots|redoNotWithParent)|suspend\.disabled|replay\.supported",
)
"""Keys that are kept; each has to match as a whole."""

_KEPT: Final = re.compile("|".join(KEPT), re.IGNORECASE)

TRACKING: Final = ".ctkenabled"
"""How the key of a disk's changed block tracking ends, in lower case: scsi0:0.ctkenabled."""

NODES: Final = "numa.nodeaffinity"
DISK_UUIDS: Final = "disk.enableuuid"


@lru_cache(maxsize=8192)
def kept_as(key: str) -> str:
    """The key in lower case if it is kept; empty otherwise."""
    return key.lower() if _KEPT.fullmatch(key) else ""


class Settings:
    """The settings of one VM that are kept."""

    __slots__ = ("_by_key", "kept")

    def __init__(self, options: Any) -> None:
        self.kept: dict[str, str] = {}
        self._by_key: dict[str, str] = {}
        for option in options if isinstance(options, list) else ():
            key = option.get("key") if isinstance(option, dict) else None
            if not isinstance(key, str):
                continue
            bare = kept_as(key)
            if bare:
                value = option.get("value")
                self._by_key[bare] = self.kept[key] = value if isinstance(value, str) else ""

    def get(self, key: str) -> str | None:
        """A setting by its key in lower case; None where it is not set."""
        return self._by_key.get(key)

    def advanced(self) -> Mapping[str, str]:
        """The settings by key, sorted."""
        return {key: self.kept[key] for key in sorted(self.kept)}

    def nodes(self) -> list[int] | None:
        """The NUMA nodes that the VM is pinned to; None where the setting cannot be read."""
        written = (self.get(NODES) or "").replace(" ", "")
        parts = [part for part in written.split(",") if part]
        return [int(part) for part in parts] if all(part.isdecimal() for part in parts) else None

    def disk_uuids(self) -> bool | None:
        """disk.EnableUUID; off where it is not set, None where it cannot be read."""
        return setting_flag(self.get(DISK_UUIDS) or "")

    def tracked(self, disk: str) -> bool | None:
        """Changed block tracking of a disk (scsi0:0); None where its setting is not there or cannot be read."""
        value = self._by_key.get(disk + TRACKING)
        return None if value is None else setting_flag(value)
