# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed vocabularies of the model: which words a fact can have, and which numbers.

Most are enumerations of the vSphere Web Services API (8.0), spelled as there; the others are the model's own. A fact
that is not listed here is free text, among them those for which the API itself promises no closed set, such as the
type of a datastore.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

Words = frozenset[str]

POWER_STATES: Final[Words] = frozenset({"poweredOff", "poweredOn", "suspended"})
"""VirtualMachinePowerState."""

CONNECTION_STATES: Final[Words] = frozenset({"connected", "disconnected", "inaccessible", "invalid", "orphaned"})
"""VirtualMachineConnectionState."""

TOOLS_STATES: Final[Words] = frozenset({"toolsNotInstalled", "toolsNotRunning", "toolsOk", "toolsOld"})
"""VirtualMachineToolsStatus."""

FAULT_TOLERANCE_STATES: Final[Words] = frozenset({"disabled", "enabled", "needSecondary", "notConfigured", "running", "starting"})
"""VirtualMachineFaultToleranceState."""

LATENCY_SENSITIVITIES: Final[Words] = frozenset({"custom", "high", "low", "medium", "normal"})
"""LatencySensitivitySensitivityLevel."""

FIRMWARES: Final[Words] = frozenset({"bios", "efi"})
"""GuestOsDescriptorFirmwareType."""

DISK_MODES: Final[Words] = frozenset(
    {"append", "independent_nonpersistent", "independent_persistent", "nonpersistent", "persistent", "undoable"}
)
"""VirtualDiskMode."""

DISK_SHARINGS: Final[Words] = frozenset({"sharingMultiWriter", "sharingNone"})
"""VirtualDiskSharing."""

BUS_SHARINGS: Final[Words] = frozenset({"noSharing", "physicalSharing", "virtualSharing"})
"""VirtualSCSISharing."""

RDM_COMPATIBILITIES: Final[Words] = frozenset({"", "physicalMode", "virtualMode"})
"""VirtualDiskCompatibilityMode; empty for a disk that is no raw device mapping."""

MAC_TYPES: Final[Words] = frozenset({"assigned", "generated", "manual"})
"""VirtualEthernetCardMacType, in lower case as the API returns it."""

DRS_BEHAVIORS: Final[Words] = frozenset({"fullyAutomated", "manual", "partiallyAutomated"})
"""DrsBehavior."""

BUSES: Final[Words] = frozenset({"ide", "nvme", "sata", "scsi", "usb"})
"""Of the model: what a controller drives."""

USB_KINDS: Final[Words] = frozenset({"controller", "device"})
"""Of the model: VirtualUSBController and its kin, or VirtualUSB."""

REMOVABLE_KINDS: Final[Words] = frozenset({"cdrom", "floppy"})
"""Of the model: VirtualCdrom or VirtualFloppy."""

NETWORK_TYPES: Final[Words] = frozenset({"distributed", "opaque", "standard"})
"""Of the model: DistributedVirtualPortgroup, OpaqueNetwork or Network."""

DRS_RULE_TYPES: Final[Words] = frozenset({"affinity", "anti_affinity", "dependency", "vm_host"})
"""Of the model: ClusterAffinityRuleSpec, ClusterAntiAffinityRuleSpec, ClusterDependencyRuleInfo or ClusterVmHostRuleInfo."""

DRS_GROUP_TYPES: Final[Words] = frozenset({"host", "vm"})
"""Of the model: ClusterHostGroup or ClusterVmGroup."""

FOLDER_TYPES: Final[Words] = frozenset({"datacenter", "datastore", "host", "network", "vm"})
"""Of the model: what a folder's childType comes to."""

HOST_CONNECTION_STATES: Final[Words] = frozenset({"connected", "disconnected", "notResponding"})
"""HostSystemConnectionState."""

HOST_POWER_STATES: Final[Words] = frozenset({"poweredOff", "poweredOn", "standBy", "unknown"})
"""HostSystemPowerState."""

ID_BASES: Final[Words] = frozenset({"bios_uuid", "instance_uuid", "moref", "path"})
"""Of the model: the key that made a VM's id."""

WORDS: Final[Mapping[str, Mapping[str, Words]]] = MappingProxyType(
    {
        "cluster": {"drs_behavior": DRS_BEHAVIORS},
        "drs_group": {"type": DRS_GROUP_TYPES},
        "drs_rule": {"type": DRS_RULE_TYPES},
        "folder": {"type": FOLDER_TYPES},
        "host": {"connection_state": HOST_CONNECTION_STATES, "power_state": HOST_POWER_STATES},
        "network": {"type": NETWORK_TYPES},
        "vm": {
            "id_basis": ID_BASES,
            "connection_state": CONNECTION_STATES,
            "power_state": POWER_STATES,
            "latency_sensitivity": LATENCY_SENSITIVITIES,
            "firmware": FIRMWARES,
            "fault_tolerance_state": FAULT_TOLERANCE_STATES,
            "tools_status": TOOLS_STATES,
        },
        "disks": {
            "mode": DISK_MODES,
            "sharing": DISK_SHARINGS,
            "bus_sharing": BUS_SHARINGS,
            "bus": BUSES,
            "rdm_compatibility": RDM_COMPATIBILITIES,
        },
        "nics": {"mac_type": MAC_TYPES},
        "controllers": {"bus": BUSES, "bus_sharing": BUS_SHARINGS},
        "usb": {"kind": USB_KINDS},
        "removable_media": {"kind": REMOVABLE_KINDS},
    }
)
"""Kind of record, or list of parts, to its facts with a closed vocabulary."""

NO_LIMIT: Final = -1
"""What the API says for a limit that is not set (ResourceAllocationInfo.limit)."""

LIMITS: Final[frozenset[str]] = frozenset({"cpu_limit_mhz", "memory_limit_mib"})
"""Numbers that can be `NO_LIMIT`."""

ANY_NUMBER: Final[frozenset[str]] = frozenset({"key", "controller_key", "disk_keys", "unit_number", "disks.capacity_bytes"})
"""Numbers that can be negative: keys are names that the API gives, and a rule looks for disks without a sensible capacity."""


def least(owner: str, fact: str) -> int | None:
    """The least number that makes sense for a fact of a kind or list of parts; None where any does."""
    if fact in ANY_NUMBER or f"{owner}.{fact}" in ANY_NUMBER:
        return None
    return NO_LIMIT if fact in LIMITS else 0
