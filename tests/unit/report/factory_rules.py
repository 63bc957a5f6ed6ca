# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the report factory: what each asks, how often it fails, and whether a workbook can show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What the factory knows of a rule: how often it fails, and whether a workbook can show it."""

    id: str
    category: str
    title: str
    needs: tuple[str, ...]
    rate: float
    evidence: tuple[str, str, str]
    per_disk: bool = False
    in_workbook: bool = True


RULES = (
    Rule(
        "vmware.datastore.missing",
        "critical",
        "A disk has no datastore",
        ("disks.datastore",),
        0.004,
        ("datastore", "", "a datastore"),
        True,
    ),
    Rule(
        "vmware.disk.capacity.invalid",
        "critical",
        "A disk has no valid size",
        ("disks.capacity_bytes",),
        0.003,
        ("capacity_bytes", "0", "> 0"),
        True,
    ),
    Rule(
        "vmware.guestDisks.freespace",
        "critical",
        "Too little free space for the conversion",
        ("partitions",),
        0.05,
        ("free_bytes", "41943040", ">= 104857600"),
    ),
    Rule(
        "vmware.passthrough_device.detected",
        "critical",
        "A host device is passed through",
        ("devices",),
        0.02,
        ("devices", "pci 0000:3b:00.0", "none"),
        False,
        False,
    ),
    Rule(
        "vmware.changed_block_tracking.disabled",
        "warning",
        "Changed block tracking is off",
        ("change_tracking_enabled",),
        0.35,
        ("change_tracking_enabled", "false", "true"),
    ),
    Rule(
        "vmware.changed_block_tracking.disk.disabled",
        "warning",
        "A disk is not tracked for changes",
        ("disks.change_tracking_enabled",),
        0.3,
        ("change_tracking_enabled", "false", "true"),
        True,
    ),
    Rule(
        "vmware.consolidation_needed",
        "warning",
        "Disks need consolidation",
        ("consolidation_needed",),
        0.02,
        ("consolidation_needed", "true", "false"),
    ),
    Rule(
        "vmware.cpu_affinity.detected",
        "warning",
        "Bound to processors of its host",
        ("cpu_affinity",),
        0.01,
        ("cpu_affinity", "0, 1, 2, 3", "none"),
        False,
        False,
    ),
    Rule(
        "vmware.cpu_memory.hotplug.enabled",
        "warning",
        "CPU or memory hot-add is on",
        ("cpu_hot_add_enabled",),
        0.3,
        ("cpu_hot_add_enabled", "true", "false"),
    ),
    Rule("vmware.disk.count.exceeds.limit", "warning", "More disks than can be attached", ("disks",), 0.001, ("disks", "170", "<= 165")),
    Rule(
        "vmware.disk_mode.independent",
        "warning",
        "A disk is independent of snapshots",
        ("disks.mode",),
        0.03,
        ("mode", "independent_persistent", "persistent"),
        True,
    ),
    Rule(
        "vmware.host_affinity.detected",
        "warning",
        "Tied to hosts by a DRS rule",
        ("drs_rules",),
        0.03,
        ("drs_rules", "licence-hosts", "none"),
        False,
        False,
    ),
    Rule("vmware.hostname.empty", "warning", "The guest reports no host name", ("guest_hostname",), 0.04, ("guest_hostname", "", "a name")),
    Rule(
        "vmware.hostname.default",
        "warning",
        "The guest's host name is the default one",
        ("guest_hostname",),
        0.01,
        ("guest_hostname", "localhost.localdomain", "a name of its own"),
    ),
    Rule(
        "vmware.vm_missing_ip.detected",
        "warning",
        "The guest reports no address",
        ("nics.ip_addresses",),
        0.06,
        ("ip_addresses", "none", "one or more"),
    ),
    Rule(
        "vmware.vm.name.invalid",
        "warning",
        "The name cannot be used on the target",
        ("name",),
        0.08,
        ("name", "", "letters, digits, hyphen and dot, under 64"),
    ),
    Rule(
        "vmware.numa_affinity.detected",
        "warning",
        "Bound to a NUMA node",
        ("numa_affinity",),
        0.01,
        ("numa_affinity", "0", "none"),
        False,
        False,
    ),
    Rule(
        "vmware.disk.rdm.detected",
        "warning",
        "A disk is a raw device mapping",
        ("disks.raw_device",),
        0.04,
        ("raw_device", "true", "false"),
        True,
    ),
    Rule(
        "vmware.disk.shared.detected",
        "warning",
        "A disk is shared with another VM",
        ("disks.sharing",),
        0.03,
        ("path", "[ds] shared/quorum.vmdk", "used by one VM"),
        True,
    ),
    Rule(
        "vmware.device.sriov.detected",
        "warning",
        "An SR-IOV network adapter is attached",
        ("devices",),
        0.01,
        ("devices", "VirtualSriovEthernetCard", "none"),
        False,
        False,
    ),
    Rule(
        "vmware.tpm.detected",
        "warning",
        "A virtual TPM is attached",
        ("tpm_present",),
        0.05,
        ("tpm_present", "true", "false"),
        False,
        False,
    ),
    Rule(
        "vmware.usb_controller.detected",
        "warning",
        "A USB controller is attached",
        ("controllers",),
        0.2,
        ("controllers", "usbXhci", "none"),
    ),
    Rule(
        "vmware.os.unsupported",
        "warning",
        "The guest OS is not supported on the target",
        ("guest_os_id",),
        0.3,
        ("guest_os_id", "", "a supported guest OS"),
    ),
    Rule(
        "vmware.disk_serial.truncated",
        "information",
        "Disk serial numbers get shorter",
        ("disk_enable_uuid",),
        0.2,
        ("disk_enable_uuid", "true", "false"),
    ),
    Rule(
        "vmware.dpm.enabled",
        "information",
        "The cluster powers hosts down by itself",
        ("cluster.dpm_enabled",),
        0.1,
        ("dpm_enabled", "true", "false"),
    ),
    Rule(
        "vmware.drs.enabled",
        "information",
        "The cluster balances load by DRS",
        ("cluster.drs_enabled",),
        0.7,
        ("drs_enabled", "true", "false"),
    ),
    Rule(
        "vmware.fault_tolerance.enabled",
        "information",
        "Fault Tolerance protects it",
        ("fault_tolerance",),
        0.01,
        ("fault_tolerance", "running", "none"),
    ),
    Rule(
        "vmware.guestDisks.key.not_found",
        "information",
        "A partition cannot be matched to its disk",
        ("partitions.disk_key",),
        0.1,
        ("disk_key", "none", "a key"),
        False,
        False,
    ),
    Rule("vmware.snapshot.detected", "information", "It has snapshots", ("snapshots",), 0.12, ("snapshots", "before patch", "none")),
)
