# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The preflight as a whole: a clean plan, a plan that is refused, facts that nobody has, many VMs, and what it keeps of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.catalogue import CONDITIONS
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.findings import ACCEPTED, REFUSED, UNDECIDED, Preflight
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.conditions.templates import PVC_FIELDS, read_template

from tests.unit.plan.builders import VCENTER, make_nic, make_vm
from tests.unit.plan.conditions_world import DROP, MTV, PLAN, SOURCE, World
from tests.unit.plan.test_conditions import CASES, MOVING

LABEL = f"Plan {PLAN}"
NOTHING_KNOWN: dict[str, Any] = {
    **dict.fromkeys(("disks", "nics", "encrypted", "change_tracking", "snapshot_count", "consolidation_needed")),
    **dict.fromkeys(("power_state", "tools_status", "tools_running_status", "connection_state", "host", "host_moref"), ""),
    "verdict": "not_evaluated",
    "guest_networks_known": False,
}
WITHOUT_VM_FACTS = {
    *("VMRefNotValid", "DuplicateVM.source", "DuplicateVM.ambiguous", "DuplicateVM.targetName", "VMAlreadyExists"),
    *("NotValid.targetName", "Run.template", "own.unknown_moref", "own.moref_of_other_vm"),
    *("own.vm_of_other_vcenter", "own.vm_out_of_scope", "own.vm_in_two_plans", "own.vm_in_existing_plan", "own.vm_moved_already"),
    *("own.target_name_in_two_plans", "own.group_apart", "own.capacity", "own.storage_capacity", "own.quota"),
}


def failed(found: Preflight) -> list[str]:
    """Ids of the conditions that failed."""
    return sorted({result.condition for result in found.results if result.result == model.FAIL})


def opened(found: Preflight) -> set[str]:
    """Ids of the conditions that are open."""
    return {result.condition for result in found.results if result.result == model.NOT_EVALUATED}


def many(count: int) -> World:
    """A plan with so many VMs."""
    nic = make_nic(network="prod", network_id=f"{VCENTER}/dvportgroup-100")
    vms = (make_vm(f"vm-{number:02d}", nics=(replace(nic, mac=f"00:50:56:00:00:{number:02x}"),)) for number in range(count))
    return World(vms=tuple(vms))


@pytest.mark.parametrize("method", [model.COLD, model.WARM])
def test_clean_plan_raises_no_false_alarm(method: str) -> None:
    world = World(method)
    found = world.run()
    assert failed(found) == []
    assert opened(found) <= {name for name, condition in CONDITIONS.items() if condition.never_evaluated}
    assert found.verdict_of(f"Plan {MTV}/vc-north-apps-w01-{method}").state == ACCEPTED


def test_plan_with_a_new_provider_is_accepted_and_says_what_shows_later() -> None:
    world = World()
    world.new_provider()
    world.no_record("migration_plan", f"{MTV}/earlier")
    verdict = world.run().verdict_of(LABEL)
    assert (verdict.state, verdict.failed, verdict.open) == (ACCEPTED, (), ())
    assert {"SourceProviderNotReady", "NetworkMapNotReady", "VDDKInvalid", "Webhook.accessReview"} <= set(verdict.later)


def test_critical_fault_refuses_the_plan_and_a_warning_does_not() -> None:
    world = World()
    world.plan(deleteVmOnFailMigration=True)
    assert world.run().verdict_of(LABEL).state == ACCEPTED
    world.plan(targetNamespace="gone")
    verdict = world.run().verdict_of(LABEL)
    assert (verdict.state, verdict.failed) == (REFUSED, ("own.target_namespace_missing",))


def test_fault_of_a_vm_refuses_its_plan() -> None:
    world = World()
    world.disk(capacity_bytes=0)
    found = world.run()
    assert found.verdict_of(LABEL).failed == ("InvalidDiskSizes",)
    (result,) = [result for result in found.results if result.condition == "InvalidDiskSizes"]
    assert (result.object, result.vm_id) == (f"{LABEL}, VM app-01", world.first)
    assert result.observed == "[ds-01] app-01/app-01.vmdk has 0 bytes"


def test_list_that_could_not_be_read_leaves_the_plan_open() -> None:
    world = World()
    world.unread("virtualmachines.kubevirt.io")
    verdict = world.run().verdict_of(LABEL)
    assert verdict.state == UNDECIDED
    assert set(verdict.open) == {"VMAlreadyExists", "MacConflicts"}


def test_fault_of_a_map_reaches_the_plan() -> None:
    world = World()
    world.pair("NetworkMap", destination={"type": "multus", "namespace": "default", "name": "gone"})
    verdict = world.run().verdict_of(LABEL)
    assert verdict.failed == ("NetworkMapNotReady",)


def test_with_nothing_known_of_the_target_nothing_fails() -> None:
    world = World()
    world.records.clear()
    world.readings.clear()
    found = world.run()
    assert failed(found) == []
    assert found.verdict_of(LABEL).state == UNDECIDED


def test_with_nothing_known_of_the_estate_nothing_fails() -> None:
    world = World()
    world.put(vms={}, networks=[], datastores=[], hosts=[], vcenters=[], vcenter_of={}, fit=None, address_checks=None, groups=())
    found = world.run()
    assert failed(found) == []
    assert found.verdict_of(LABEL).state == UNDECIDED


@pytest.mark.parametrize("name", MOVING)
def test_wrong_case_never_passes_for_lack_of_lists(name: str) -> None:
    wrong = CASES[name].wrong
    assert wrong is not None
    world = World(model.WARM if CASES[name].warm else model.COLD)
    wrong(world)
    world.unread(*world.readings)
    counts = world.run().counts[name]
    assert counts.failed + counts.not_evaluated >= 1


@pytest.mark.parametrize("method", [model.COLD, model.WARM])
def test_vm_of_which_nothing_is_known_passes_by_the_manifests_the_target_and_the_fit_alone(method: str) -> None:
    world = World(method)
    for vm_id, vm in world.vms.items():
        world.vms[vm_id] = replace(vm, **NOTHING_KNOWN)
    counts = world.run().counts
    passed = [condition.id for condition in CONDITIONS.values() if "VM" in condition.scopes and counts[condition.id].passed]
    assert set(passed) == WITHOUT_VM_FACTS


def test_common_reason_is_kept_once_for_a_plan_with_the_number_of_vms() -> None:
    world = many(6)
    world.unread("virtualmachines.kubevirt.io")
    found = world.run()
    (result,) = [result for result in found.results if result.condition == "MacConflicts"]
    assert (result.object, result.vm_id) == ("Plan openshift-mtv/vc-north-apps-w01-cold", "")
    assert result.observed.startswith("6 VMs (vm-00, vm-01, vm-02, vm-03, vm-04 and 1 more): the account may not list")
    assert found.counts["MacConflicts"].not_evaluated == 6


def test_few_vms_without_a_fact_are_named_one_by_one() -> None:
    world = many(6)
    for vm_id in list(world.vms)[:5]:
        world.vms[vm_id] = replace(world.vms[vm_id], snapshot_count=None, encrypted=None)
    found = [result for result in world.run().results if result.condition == "own.encrypted"]
    assert [result.vm_id for result in found] == sorted(world.vms)[:5]


def test_counts_cover_every_condition_and_every_vm() -> None:
    counts = many(6).run().counts
    assert list(counts) == list(CONDITIONS)
    one = counts["GuestToolsIssue"]
    assert (one.passed, one.failed, one.not_evaluated, one.not_applicable) == (6, 0, 0, 0)


def test_results_do_not_depend_on_the_order_of_the_inputs() -> None:
    world, turned = World(), World()
    for each in (world, turned):
        each.share(power_state="poweredOn")
        each.plan(deleteVmOnFailMigration=DROP)
    turned.put(vms=dict(reversed(turned.vms.items())), datastores=turned.datastores[::-1], hosts=turned.hosts[::-1])
    assert world.run().results == turned.run().results


def test_every_row_that_the_controller_passed_over_is_caught() -> None:
    world = World()
    world.entry(id="vm-404")
    world.entry(1, instanceType="u1.none")
    world.plan(targetNamespace="gone")
    world.add("Plan", "empty", {**world.object("Plan")["spec"], "vms": []}, wave=1)
    world.add("Plan", "again", {**world.object("Plan")["spec"]}, wave=1)
    silent = {"own.unknown_moref", "own.instance_type_missing", "own.target_namespace_missing", "own.plan_empty", "own.vm_in_two_plans"}
    assert silent <= set(failed(world.run()))


def test_own_plan_of_an_earlier_run_is_no_second_plan() -> None:
    world = World()
    vms = [{"moref": "vm-app-01", "name": "app-01", "target_name": "app-01", "succeeded": False}]
    ours = {"readiness.groundwork.io/stage": "plan"}
    world.record(
        "migration_plan", PLAN, source_provider=SOURCE, target_namespace="apps", archived=False, labels=ours, vms=vms, conditions={}
    )
    assert failed(world.run()) == []


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{{.TargetVmName}}-{{.DiskIndex}}", "web-3"),
        ("{{trunc 2 .TargetVmName}}-disk", "we-disk"),
        ("{{trunc -2 .TargetVmName}}", "eb"),
        ("{{ .VmName | lower | trunc 1 }}x", "wx"),
        ("a {{- .DiskIndex -}} b", "a3b"),
    ],
)
def test_template_makes_the_name(template: str, name: str) -> None:
    read = read_template(template, PVC_FIELDS)
    assert (read.problem, read.unsupported) == ("", "")
    assert read.render({"TargetVmName": "web", "VmName": "WEB", "DiskIndex": "3"}) == name


@pytest.mark.parametrize("template", ["{{.Disk}}", "{{.DiskIndex", "{{}}", "a}}"])
def test_broken_template_is_a_problem(template: str) -> None:
    assert read_template(template, PVC_FIELDS).problem


@pytest.mark.parametrize("template", ["{{if .Shared}}s{{end}}", '{{replace "a" "b" .VmName}}', '{{"x"}}', "{{lower}}"])
def test_template_with_more_than_names_need_is_not_judged(template: str) -> None:
    assert read_template(template, PVC_FIELDS).unsupported
