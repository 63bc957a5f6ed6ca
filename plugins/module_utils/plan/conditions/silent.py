# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that the controller passes over in silence: objects that collide, plans that hang, VMs that are not the ones meant."""

from __future__ import annotations

from typing import Final

from ...common.artifact import JsonRecord
from ..manifests.objects import is_ours
from ..names import LABEL_LIMIT, is_subdomain
from .answers import NOT_APPLICABLE, PASSED, Answer, Fault, Open, few, judges, passes
from .context import NAMESPACES, PLANS, Scene
from .views import MapView, ObjectView, PlanView, VmEntry, mapping, mappings, text
from .vms import NO_VCENTER, unseen, vms_unknown

LABELLED: Final = ("Plan",)
"""Kinds whose name the controller writes into labels."""

INSTANCE_TYPES: Final = (
    "virtualmachineinstancetypes.instancetype.kubevirt.io",
    "virtualmachineclusterinstancetypes.instancetype.kubevirt.io",
)
ENDING: Final = "Terminating"


# ---- objects ---------------------------------------------------------------------------------------------------------


@judges("own.object_twice")
def object_once(view: ObjectView, scene: Scene) -> Answer:
    count = scene.index.twins[view.label]
    return passes(count == 1, f"{count} manifests of {view.label}", "one manifest for each object", "take the others out")


@judges("own.object_name")
def object_named(view: ObjectView, scene: Scene) -> Answer:
    name = text(view.metadata.get("name"))
    if not is_subdomain(name):
        return Fault(f"name {name or 'not set'}", "a valid name (RFC 1123 subdomain)", "correct metadata.name")
    if view.kind in LABELLED and len(name) > LABEL_LIMIT:
        return Fault(f"a name of {len(name)} characters", f"at most {LABEL_LIMIT}, for it becomes a label", "shorten metadata.name")
    long = [key for key, value in mapping(view.metadata.get("labels")).items() if len(str(value)) > LABEL_LIMIT]
    return passes(not long, f"label {few(long)} is too long", f"at most {LABEL_LIMIT} characters", "shorten the label's value")


@judges("own.object_namespace_missing")
def object_namespace(view: ObjectView, scene: Scene) -> Answer:
    namespace = text(view.metadata.get("namespace"))
    if not namespace or not view.manifest.apply:
        return NOT_APPLICABLE
    there = scene.namespace_there(namespace)
    if there is None:
        return Open(scene.why_not(NAMESPACES))
    return passes(there, f"namespace {namespace} does not exist", "a namespace that exists", "make it first")


# ---- plans -----------------------------------------------------------------------------------------------------------


@judges("own.target_namespace_missing")
def target_namespace(plan: PlanView, scene: Scene) -> Answer:
    name = plan.target_namespace
    if not name:
        return NOT_APPLICABLE
    there = scene.namespace_there(name)
    if there is None:
        return Open(scene.why_not(NAMESPACES))
    return passes(there, f"namespace {name} does not exist", "a namespace that exists", "make it first (see proposals)")


@judges("own.target_namespace_ending")
def target_namespace_lives(plan: PlanView, scene: Scene) -> Answer:
    record = scene.target.get("namespace", plan.target_namespace)
    if record is None:
        return NOT_APPLICABLE if scene.target.known(NAMESPACES) else Open(scene.why_not(NAMESPACES))
    phase = record.get("phase")
    if phase is None:
        return Open("the phase of the namespace is not known")
    return passes(phase != ENDING, "it is being deleted", "a namespace that stays", "wait until it is gone, and make it anew")


@judges("own.target_pod_security")
def target_pod_security(plan: PlanView, scene: Scene) -> Answer:
    record = scene.target.get("namespace", plan.target_namespace)
    if record is None:
        return NOT_APPLICABLE if scene.target.known(NAMESPACES) else Open(scene.why_not(NAMESPACES))
    level = record.get("enforce")
    if level is None:
        return Open("the pod security of the namespace is not known")
    return passes(level != "restricted", "it enforces restricted", "baseline, privileged or none", "relax the label while VMs move in")


@judges("own.plan_empty")
def plan_has_vms(plan: PlanView, scene: Scene) -> Answer:
    return passes(bool(plan.entries), "no VMs", "at least one VM", "take the plan out")


@judges("own.plan_too_large")
def plan_small(plan: PlanView, scene: Scene) -> Answer:
    most = scene.settings.max_vms
    return passes(len(plan.entries) <= most, f"{len(plan.entries)} VMs", f"at most {most} (plan_max_vms)", "split the plan")


def _existing(plan: PlanView, scene: Scene) -> JsonRecord | Answer:
    if plan.existing is not None:
        return plan.existing
    return PASSED if scene.listed(PLANS) else Open(scene.why_not(PLANS))


@judges("own.plan_name_taken")
def plan_name_free(plan: PlanView, scene: Scene) -> Answer:
    found = _existing(plan, scene)
    if not isinstance(found, dict):
        return found
    return passes(is_ours(found), "a plan of this name was made by somebody else", "a free name", "rename that plan, or the provider")


@judges("own.plan_archived")
def plan_alive(plan: PlanView, scene: Scene) -> Answer:
    found = _existing(plan, scene)
    if not isinstance(found, dict):
        return found
    if "archived" not in found:
        return Open("nobody knows whether the plan of this name is archived")
    return passes(found["archived"] is not True, "the plan of this name is archived", "a plan that can run", "remove the archived plan")


@judges("own.map_of_other_providers")
def maps_of_its_providers(plan: PlanView, scene: Scene) -> Answer:
    if plan.network_map is None and plan.storage_map is None:
        return NOT_APPLICABLE
    wrong, unknown = [], []
    for found in (plan.network_map, plan.storage_map):
        if found is None:
            continue
        for own, theirs in ((plan.source, found.source), (plan.destination, found.destination)):
            if own is None:
                continue
            if theirs is None:
                unknown.append(_without_provider(found))
            elif own.key != theirs.key:
                wrong.append(f"{found.key} is for {theirs.key}")
    if wrong:
        return Fault(few(wrong), "maps for the providers of the plan", "take a map of the same providers")
    return Open(few(unknown)) if unknown else PASSED


def _without_provider(found: MapView) -> str:
    return f"{found.key} names no provider" if found.spec is not None else f"the snapshot does not show the providers of {found.key}"


@judges("own.keeps_no_failed_vm")
def keeps_failed_vm(plan: PlanView, scene: Scene) -> Answer:
    found = plan.spec.get("deleteVmOnFailMigration")
    shown = "not set, which means true" if found is None else str(found).lower()
    return passes(found is False, shown, "false, so that a VM that failed can be looked at", "set deleteVmOnFailMigration to false")


# ---- VMs -------------------------------------------------------------------------------------------------------------


@judges("own.unknown_moref")
def moref_known(entry: VmEntry, scene: Scene) -> Answer:
    moref = text(entry.raw.get("id"))
    if not moref:
        return NOT_APPLICABLE
    if entry.matches:
        return PASSED
    unknown = vms_unknown(entry, scene) or unseen(entry, scene)
    return unknown or Fault(f"no VM has the id {moref}", "a VM of the vCenter", "read the estate again, or take the VM out")


@judges("own.moref_of_other_vm")
def moref_of_this_vm(entry: VmEntry, scene: Scene) -> Answer:
    name, found = text(entry.raw.get("name")), entry.vm or entry.other
    if not name or not entry.raw.get("id"):
        return NOT_APPLICABLE
    if found is None:
        return vms_unknown(entry, scene) or NOT_APPLICABLE
    return PASSED if found.name == name else Fault(f"the id is that of {found.name}", name, "read the estate again, and plan anew")


@judges("own.vm_of_other_vcenter")
def vm_of_this_vcenter(entry: VmEntry, scene: Scene) -> Answer:
    if entry.matches:
        return PASSED
    source = entry.plan.source
    if source is None or source.vcenter is None:
        return NO_VCENTER
    name = text(entry.raw.get("name"))
    others = scene.sources.moref_anywhere.get(text(entry.raw.get("id")), ())
    same = [vm for vm in others if name in ("", vm.name)]
    if not same:
        return NOT_APPLICABLE
    return Fault(
        f"it is in vCenter {few(vm.vcenter for vm in same)}", f"a VM of {source.vcenter}", "move it by the provider of its vCenter"
    )


@judges("own.vm_out_of_scope")
def vm_in_scope(entry: VmEntry, scene: Scene) -> Answer:
    if entry.vm is not None:
        return PASSED
    if entry.other is not None:
        return Fault(entry.other.reason or "out of scope", "a VM in scope", "take it out, or change the scope (estate_scope)")
    return vms_unknown(entry, scene) or NOT_APPLICABLE


@judges("own.vm_in_two_plans")
def vm_in_one_plan(entry: VmEntry, scene: Scene) -> Answer:
    others = scene.entries_of[entry.identity]
    if len(others) > 1:
        plans = list(dict.fromkeys(other.plan.label for other in others if other.plan is not entry.plan))
        if plans:
            return Fault(f"{few(plans)} has it too", "one plan for each VM", "take it out of the others")
    return PASSED if entry.matches else vms_unknown(entry, scene) or NOT_APPLICABLE


@judges("own.vm_in_existing_plan")
def vm_in_no_other_plan(entry: VmEntry, scene: Scene) -> Answer:
    others = [plan["id"] for plan, vm in _on_target(entry, scene) if plan["id"] != entry.plan.key and vm.get("succeeded") is not True]
    if others:
        return Fault(f"{few(others)} on the target has it", "one plan for each VM", "archive that plan, or take the VM out of it")
    return PASSED if scene.plans_listed else Open(scene.why_not(PLANS))


@judges("own.vm_moved_already")
def vm_not_moved(entry: VmEntry, scene: Scene) -> Answer:
    done = [plan["id"] for plan, vm in _on_target(entry, scene) if vm.get("succeeded") is True]
    if entry.vm is not None and entry.vm.id in scene.moved:
        done.append("an earlier plan")
    if done:
        return Fault(f"{few(done)} has migrated it", "a VM that is still to be moved", "take it out of the plan")
    return PASSED if scene.plans_listed else Open(scene.why_not(PLANS))


def _on_target(entry: VmEntry, scene: Scene) -> list[tuple[JsonRecord, JsonRecord]]:
    """The plans of the target that hold the VM, with their part of it."""
    if not scene.existing or entry.plan.source is None:
        return []
    moref = text(entry.raw.get("id")) or (entry.vm.moref if entry.vm is not None else "")
    return scene.existing.get((entry.plan.source.key, moref or text(entry.raw.get("name"))), [])


@judges("own.target_name_in_two_plans")
def target_name_free(entry: VmEntry, scene: Scene) -> Answer:
    place = (entry.plan.target_namespace, entry.target_name)
    wanted = scene.names_wanted[place]
    plans = (
        [other.plan.label for other in wanted if other.plan is not entry.plan and other.identity != entry.identity]
        if len(wanted) > 1
        else []
    )
    moref = text(entry.raw.get("id"))
    plans += [f"Plan {key} on the target" for key, other in scene.names_existing.get(place, ()) if key != entry.plan.key and other != moref]
    if plans:
        return Fault(f"{few(dict.fromkeys(plans))} makes {'/'.join(place)} too", "one VM for each name", "give another targetName")
    return PASSED if scene.plans_listed else Open(scene.why_not(PLANS))


@judges("own.instance_type_missing")
def instance_type_there(entry: VmEntry, scene: Scene) -> Answer:
    name = text(entry.raw.get("instanceType"))
    if not name:
        return NOT_APPLICABLE
    if scene.target.get("instance_type", f"{entry.plan.target_namespace}/{name}") or scene.target.get("instance_type", name):
        return PASSED
    if not scene.listed(*INSTANCE_TYPES):
        return Open(scene.why_not(*INSTANCE_TYPES))
    return Fault(f"{name} does not exist", "an instance type of the namespace or the cluster", "correct instanceType, or make it")


@judges("own.hook_twice")
def hooks_once(entry: VmEntry, scene: Scene) -> Answer:
    hooks = mappings(entry.raw.get("hooks"))
    if not hooks:
        return NOT_APPLICABLE
    steps = [text(hook.get("step")) for hook in hooks]
    double = [step for step in dict.fromkeys(steps) if steps.count(step) > 1]
    return passes(not double, f"several of {few(double)}", "one hook for each step", "put them into one hook")
