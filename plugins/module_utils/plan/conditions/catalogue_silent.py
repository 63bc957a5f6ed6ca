# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogue: what the controller passes over in silence."""

from __future__ import annotations

from typing import Final

from ..model import CRITICAL, ERROR, WARN
from .entry import API, MANIFESTS, MIGRATION, OBJECT, OBSERVED, PLAN, READ, VM, Condition, own

_FIT = "the fit on the target"
_PLANS = "the list of plans"

SILENT: Final[tuple[Condition, ...]] = (
    # Objects
    own("object_twice", CRITICAL, OBJECT, "two manifests make one object", MANIFESTS, API),
    own("object_name", CRITICAL, OBJECT, "the object's name or a label of it is none that the API takes", MANIFESTS, API),
    own("object_namespace_missing", CRITICAL, OBJECT, "the object's namespace does not exist", "the list of namespaces", API),
    # Plans
    own("target_namespace_missing", CRITICAL, PLAN, "the target namespace does not exist", "the list of namespaces", OBSERVED),
    own("target_namespace_ending", CRITICAL, PLAN, "the target namespace is being deleted", "phase of the namespace", READ),
    own(
        "target_pod_security",
        WARN,
        PLAN,
        "the target namespace enforces the level restricted, which conversion pods do not meet",
        "pod security of the namespace",
        READ,
    ),
    own("plan_empty", CRITICAL, PLAN, "the plan has no VMs", MANIFESTS, OBSERVED),
    own("plan_too_large", WARN, PLAN, "the plan has more VMs than plan_max_vms", MANIFESTS, "plan_max_vms"),
    own("plan_name_taken", CRITICAL, PLAN, "a plan of this name is on the target, and is not ours", _PLANS, READ),
    own("plan_running", CRITICAL, PLAN, "the plan is on the target and is migrating now", "the list of migrations", READ),
    own("plan_archived", CRITICAL, PLAN, "the plan is on the target and is archived, so that it cannot run again", _PLANS, READ),
    own("map_of_other_providers", CRITICAL, PLAN, "a map is for other providers than the plan", "providers of the maps", READ),
    own(
        "keeps_no_failed_vm",
        WARN,
        PLAN,
        "a migration that fails deletes the VM that it made: deleteVmOnFailMigration is true unless set",
        MANIFESTS,
        "CRD default of deleteVmOnFailMigration",
    ),
    own("warm_without_cutover", ERROR, PLAN, "the plan is warm, and no Migration of it has a cutover", MANIFESTS, READ),
    own("window_shared", WARN, PLAN, "first copies of later waves leave the wave's window too little of its path", "the waves", READ),
    own("migration_twice", ERROR, PLAN, "two Migrations would start the plan", MANIFESTS, READ),
    own(
        "nothing_in_flight",
        CRITICAL,
        PLAN,
        "the toolkit lets no transfer run at once (controller_max_vm_inflight is 0)",
        "settings of the toolkit",
        READ,
    ),
    own(
        "toolkit_missing", CRITICAL, PLAN, "the migration toolkit is not installed or does not run", "the list of ForkliftControllers", READ
    ),
    own(
        "virtualization_missing",
        CRITICAL,
        PLAN,
        "OpenShift Virtualization is not installed or not available",
        "the lists of HyperConverged and KubeVirt",
        READ,
    ),
    # VMs
    own(
        "unknown_moref",
        CRITICAL,
        VM,
        "the vCenter has no VM of this id; the plan then never gets a condition",
        "the estate's VMs of the provider's vCenter",
        OBSERVED,
    ),
    own(
        "moref_of_other_vm",
        CRITICAL,
        VM,
        "the id is now that of a VM with another name",
        "the estate's VMs of the provider's vCenter",
        READ,
    ),
    own("vm_of_other_vcenter", CRITICAL, VM, "the VM is in another vCenter than the provider's", "the estate's VMs", READ),
    own(
        "vm_out_of_scope",
        CRITICAL,
        VM,
        "the VM is out of the estate's scope",
        "the estate's VMs of the provider's vCenter",
        "scope of the estate",
    ),
    own(
        "vm_in_two_plans",
        CRITICAL,
        VM,
        "another of the new plans has the VM as well",
        "the estate's VMs of the provider's vCenter",
        OBSERVED,
    ),
    own("vm_in_existing_plan", CRITICAL, VM, "a plan on the target has the VM, and is not archived", _PLANS, OBSERVED),
    own("vm_moved_already", CRITICAL, VM, "the VM was migrated already", _PLANS, READ),
    own("target_name_in_two_plans", CRITICAL, VM, "another plan makes a VM of this name in the namespace", _PLANS, READ),
    own("instance_type_missing", CRITICAL, VM, "the VM's instance type does not exist", "the lists of instance types", OBSERVED),
    own("verdict", CRITICAL, VM, "the VM's verdict is that it cannot move", "the assessment", "the collection's rules"),
    own("suspended", ERROR, VM, "the VM is suspended: its disks lack what is in its memory", "power_state", READ),
    own("encrypted", WARN, VM, "the VM is encrypted", "encrypted", "GuestToolsIssue names it as a reason to switch the VM off by hand"),
    own("mac_twice", ERROR, VM, "another planned VM has the same MAC address", "MAC addresses", READ),
    own(
        "downtime_tolerance",
        WARN,
        VM,
        "in its wave the VM stands still for longer than its owner tolerates (p90)",
        "the waves, downtime_tolerance_minutes",
        "the annotation",
    ),
    own("address_lost", WARN, VM, "an address that is to be kept is lost on the pod network", "addresses, the map", READ),
    own(
        "address_unreachable",
        WARN,
        VM,
        "an address does not lie in the subnets of where its network leads",
        "the checks of addresses",
        READ,
    ),
    own(
        "default_claim_name",
        CRITICAL,
        VM,
        "without a template, the names of the VM's claims are no labels",
        MANIFESTS,
        "pkg/controller/plan/adapter/base/template.go",
    ),
    own(
        "claim_name_long",
        WARN,
        VM,
        "the names of the VM's claims have more than 40 characters",
        "the VM's disks",
        "CRD text of pvcNameTemplate",
    ),
    own("claim_name_twice", CRITICAL, VM, "another VM's claims get the same names in the namespace", "the VM's disks", READ),
    own(
        "shared_disk_warm",
        CRITICAL,
        VM,
        "warm, and the VM shares a disk",
        "disks of every VM of the vCenter",
        f"{READ}: the condition gets no category",
    ),
    own(
        "shared_disk_apart",
        ERROR,
        VM,
        "a VM that shares a disk moves in another wave, or in none",
        "disks of every VM of the vCenter",
        READ,
    ),
    own("group_apart", ERROR, VM, "a VM that has to move with it moves in another wave, or in none", "groups and waves", READ),
    own(
        "datastore_unavailable",
        CRITICAL,
        VM,
        "a datastore of the VM is not accessible or in maintenance",
        "accessible and maintenance_mode of the datastores",
        READ,
    ),
    own("capacity", CRITICAL, VM, "no node has room for the VM", _FIT, READ),
    own("storage_capacity", CRITICAL, VM, "a storage class lacks the space for the VM's volumes", _FIT, READ),
    own("quota", CRITICAL, VM, "a quota or limit of the namespace does not let the VM in", _FIT, READ),
    own("hook_twice", WARN, VM, "the VM has two hooks of one step, of which the controller runs one", MANIFESTS, READ),
    # Migrations
    own("migration_without_plan", ERROR, MIGRATION, "the Migration's plan is not set or does not exist", _PLANS, READ),
    own("cutover_past", ERROR, MIGRATION, "the cutover is over: it would happen at once", MANIFESTS, READ),
    own("cutover_outside_wave", ERROR, MIGRATION, "the cutover is outside of the wave's window", "the waves", READ),
    own("first_copy_late", ERROR, MIGRATION, "the first copies of warm moves cannot be done before the cutover", "the waves", READ),
    own("cutover_of_unknown_vm", ERROR, MIGRATION, "a cutover is for a VM that the plan does not have", "the plan's VMs", READ),
)
