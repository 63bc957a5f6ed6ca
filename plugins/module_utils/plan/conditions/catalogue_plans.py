# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogue: conditions of plans and of the VMs in them that the controller has."""

from __future__ import annotations

from typing import Final

from ..model import ADVISORY, CRITICAL, WARN
from .entry import BUILDER_GO, MANIFESTS, PLAN, PLAN_GO, VM, VSPHERE_GO, WEBHOOK_GO, Condition, toolkit

_NADS = "the list of attachments"
_PLAN_VM = (PLAN, VM)

PLANS: Final[tuple[Condition, ...]] = (
    toolkit("NamespaceNotValid", CRITICAL, PLAN, "the target namespace is empty or no valid name", MANIFESTS, PLAN_GO),
    toolkit("NetworkMapRefNotValid", CRITICAL, PLAN, "the network map is not set or does not exist", "the list of network maps", PLAN_GO),
    toolkit("NetworkMapNotReady", CRITICAL, PLAN, "the network map is not ready", "what its own conditions need", PLAN_GO),
    toolkit(
        "NetMapDestinationNADNotValid",
        CRITICAL,
        PLAN,
        "a pair leads to an attachment of a foreign namespace",
        "the pairs of the network map",
        PLAN_GO,
    ),
    toolkit(
        "NetMapPreservingIPsOnPodNetwork",
        WARN,
        PLAN,
        "addresses are kept while a pair leads to the pod network",
        "the pairs of the network map",
        PLAN_GO,
    ),
    toolkit("StorageRefNotValid", CRITICAL, PLAN, "the storage map is not set or does not exist", "the list of storage maps", PLAN_GO),
    toolkit("StorageMapNotReady", CRITICAL, PLAN, "the storage map is not ready", "what its own conditions need", PLAN_GO),
    toolkit("UnsupportedUserDefinedNetwork", CRITICAL, PLAN, "the target namespace has a user-defined network of layer 3", _NADS, PLAN_GO),
    toolkit(
        "MigrationTypeNotValid",
        CRITICAL,
        PLAN,
        "the type is none that vSphere has (cold, warm, conversion)",
        "the type of the source provider",
        VSPHERE_GO,
    ),
    toolkit(
        "WarmMigrationNotReady",
        CRITICAL,
        PLAN,
        "the plan is warm, and its source provider cannot be",
        "the type of the source provider",
        PLAN_GO,
    ),
    toolkit(
        "TransferNetworkNotValid",
        CRITICAL,
        PLAN,
        "the transfer network does not exist, is elsewhere, or its route is no address",
        _NADS,
        PLAN_GO,
    ),
    toolkit("TransferNetworkMissingDefaultRoute", WARN, PLAN, "the transfer network names no route", _NADS, PLAN_GO),
    toolkit(
        "ServiceAccountNotValid",
        CRITICAL,
        PLAN,
        "the plan's service account does not exist",
        "service accounts, which are not read",
        PLAN_GO,
    ),
    toolkit("HookNotValid", CRITICAL, PLAN, "a VM's hook is not set or does not exist", "the list of hooks", PLAN_GO),
    toolkit("HookNotReady", CRITICAL, PLAN, "a VM's hook is not ready", "its state on the target, or the manifest of a new one", PLAN_GO),
    toolkit("HookStepNotValid", CRITICAL, PLAN, "a hook's step is neither PreHook nor PostHook", MANIFESTS, PLAN_GO),
    toolkit(
        "HookServiceAccountNotValid",
        CRITICAL,
        PLAN,
        "a hook's service account does not exist",
        "service accounts, which are not read",
        PLAN_GO,
    ),
    toolkit("VirtV2vImageNotValid", CRITICAL, PLAN, "the conversion image is no full reference", MANIFESTS, PLAN_GO),
    toolkit(
        "VDDKInvalid",
        CRITICAL,
        PLAN,
        "the VDDK image lacks the library",
        "conditions of other plans of the provider on the target",
        PLAN_GO,
    ),
    toolkit(
        "VDDKInitImageUnavailable",
        CRITICAL,
        PLAN,
        "the plan needs a VDDK image and has none, or it cannot be pulled",
        "the VDDK image",
        PLAN_GO,
    ),
    toolkit(
        "NotValid.volumeNameTemplate",
        CRITICAL,
        _PLAN_VM,
        "the template of volumes' names makes no label",
        "functions that are known here",
        PLAN_GO,
    ),
    toolkit(
        "NotValid.networkNameTemplate",
        CRITICAL,
        _PLAN_VM,
        "the template of networks' names makes no label",
        "functions that are known here",
        PLAN_GO,
    ),
    toolkit(
        "NotValid.conversionTempStorage",
        CRITICAL,
        PLAN,
        "space for the conversion: half set, no quantity, no such class, or more than it has",
        "the class and its free space",
        PLAN_GO,
    ),
    toolkit(
        "RestrictedPodSecurity",
        WARN,
        PLAN,
        "the toolkit's namespace enforces the level restricted",
        "pod security of the toolkit's namespace",
        PLAN_GO,
    ),
    toolkit(
        "NetAppShiftWarmNotSupported",
        CRITICAL,
        PLAN,
        "the plan is warm, and a class takes disks over in place",
        "annotations of the storage classes",
        PLAN_GO,
    ),
    toolkit(
        "SSHNotReady",
        WARN,
        PLAN,
        "disks are copied by the array over SSH, and SSH is not ready",
        "conditions of the source provider",
        "pkg/controller/plan/ssh.go",
    ),
    toolkit(
        "ConversionResumable",
        ADVISORY,
        PLAN,
        "a conversion that failed can be resumed",
        "a migration that ran",
        PLAN_GO,
        "there is nothing to resume before a migration has run",
    ),
    toolkit(
        "Webhook.accessReview",
        CRITICAL,
        PLAN,
        "whoever creates the plan may not get both providers or create VMs in the target namespace",
        "who applies the manifests, which is not known here",
        WEBHOOK_GO,
        "it asks about the account that applies the manifests; a server-side dry run of that account answers it",
    ),
)

VMS: Final[tuple[Condition, ...]] = (
    toolkit("VMRefNotValid", CRITICAL, VM, "the VM has neither id nor name", MANIFESTS, PLAN_GO),
    toolkit(
        "VMNotFound",
        CRITICAL,
        VM,
        "a VM that is given by name is not in the vCenter",
        "the estate's VMs of the provider's vCenter",
        PLAN_GO,
    ),
    toolkit("DuplicateVM.source", CRITICAL, VM, "the plan has the VM twice", MANIFESTS, PLAN_GO),
    toolkit(
        "DuplicateVM.ambiguous", CRITICAL, VM, "the VM's name is that of several", "the estate's VMs of the provider's vCenter", PLAN_GO
    ),
    toolkit("DuplicateVM.targetName", CRITICAL, VM, "two VMs of the plan get one name", MANIFESTS, PLAN_GO),
    toolkit("VMAlreadyExists", CRITICAL, VM, "the target namespace has a VM of this name", "the list of VMs of the target", PLAN_GO),
    toolkit("VMNetworksNotMapped", CRITICAL, VM, "a network of the VM is not in the map", "the VM's adapters, the map", VSPHERE_GO),
    toolkit(
        "VMMultiplePodNetworkMappings",
        CRITICAL,
        VM,
        "two adapters of the VM lead to the pod network",
        "the VM's adapters, the map",
        VSPHERE_GO,
    ),
    toolkit(
        "VMDuplicateNADMappings",
        WARN,
        VM,
        "two adapters of the VM lead to one attachment; some versions of the controller refuse that",
        "the VM's adapters, the map",
        "pkg/controller/plan/adapter/base/network_validation.go",
    ),
    toolkit("VMStorageNotMapped", CRITICAL, VM, "a datastore of the VM is not in the map", "the VM's disks, the map", VSPHERE_GO),
    toolkit(
        "VMMissingChangedBlockTracking",
        CRITICAL,
        VM,
        "warm, and the VM does not track changed blocks",
        "change_tracking_enabled",
        VSPHERE_GO,
    ),
    toolkit(
        "VMHasSnapshots", CRITICAL, VM, "the VM has snapshots, and is warm or its disks are taken over in place", "snapshots", VSPHERE_GO
    ),
    toolkit(
        "GuestToolsIssue",
        CRITICAL,
        VM,
        "the VM is on, and VMware Tools are not installed or do not run",
        "power_state, tools_status",
        VSPHERE_GO,
    ),
    toolkit("InvalidDiskSizes", CRITICAL, VM, "a disk has no size", "capacity_bytes of the disks", VSPHERE_GO),
    toolkit(
        "MacConflicts",
        CRITICAL,
        VM,
        "a VM on the target has the same MAC address",
        "MAC addresses, the list of VMs of the target",
        VSPHERE_GO,
    ),
    toolkit("VMCriticalConcerns", CRITICAL, VM, "a critical rule of the toolkit fails", "the assessment of these rules", PLAN_GO),
    toolkit(
        "VDDKAndOffloadMixedUsage",
        CRITICAL,
        VM,
        "some disks are copied by the array, others are not",
        "the VM's disks, feature_copy_offload",
        PLAN_GO,
    ),
    toolkit(
        "SharedDisks", CRITICAL, VM, "a VM that shares a disk is not off", "disks and power state of every VM of the vCenter", VSPHERE_GO
    ),
    toolkit(
        "SharedWarnDisks", WARN, VM, "a shared disk is copied several times, or by nobody", "disks of every VM of the vCenter", VSPHERE_GO
    ),
    toolkit(
        "MissingPvcForOnlyConversion",
        CRITICAL,
        VM,
        "conversion alone, and the volumes are not there",
        "volume claims, which are not read",
        PLAN_GO,
    ),
    toolkit(
        "NetAppShiftDatastoreNASMissing",
        CRITICAL,
        VM,
        "disks are taken over in place from a datastore that is no NFS export",
        "type and address of the datastore",
        PLAN_GO,
    ),
    toolkit(
        "NotValid.pvcNameTemplate",
        CRITICAL,
        VM,
        "the template of claims' names makes no label for one of its disks",
        "the VM's disks",
        VSPHERE_GO,
    ),
    toolkit("NotValid.targetName", CRITICAL, VM, "the VM's target name is no valid name", MANIFESTS, PLAN_GO),
    toolkit("TargetNameNotValid", WARN, VM, "the VM has no target name, and the controller will change its own", "the VM's name", PLAN_GO),
    toolkit("HostNotReady", WARN, VM, "the VM's ESXi host is in maintenance mode", "host and in_maintenance", VSPHERE_GO),
    toolkit("VMMissingGuestIPs", WARN, VM, "addresses are kept, and the guest tells none", "addresses of the adapters", VSPHERE_GO),
    toolkit(
        "VMIpNotMatchingUdnSubnet",
        WARN,
        VM,
        "an address lies outside of the namespace's primary network",
        "addresses, the attachments, a switch of the toolkit",
        VSPHERE_GO,
    ),
    toolkit("LuksAndClevisIncompatibility", WARN, VM, "the VM has LUKS keys and Clevis", MANIFESTS, PLAN_GO),
    toolkit("VMConsolidationNeeded", WARN, VM, "warm, and the VM's disks need consolidation", "consolidation_needed", VSPHERE_GO),
    toolkit("RDMDiskWarning", WARN, VM, "a disk is a raw device mapping that is not carried over as it is", "rdm of the disks", VSPHERE_GO),
    toolkit("IndependentDiskWarning", WARN, VM, "a disk is independent, so that no snapshot holds it", "mode of the disks", VSPHERE_GO),
    toolkit(
        "Webhook.luks", CRITICAL, VM, "LUKS keys are given for a source that takes none", "the type of the source provider", WEBHOOK_GO
    ),
    toolkit("Run.template", CRITICAL, VM, "the VM is a template: the migration fails when it runs", "template", BUILDER_GO),
    toolkit("Run.notConnected", CRITICAL, VM, "the VM is not connected: the migration fails when it runs", "connection_state", BUILDER_GO),
    toolkit(
        "Run.changeTracking",
        CRITICAL,
        VM,
        "warm, and a disk does not track changed blocks",
        "change_tracking_enabled of the disks",
        BUILDER_GO,
    ),
    toolkit(
        "Run.diskWithoutClaim", CRITICAL, VM, "a disk gets no volume, for it lies on no datastore", "datastore of the disks", BUILDER_GO
    ),
)
