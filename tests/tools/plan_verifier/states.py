# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every VM of the estate is in one state, and the state is the one that its verdict, its open rules and its past ask for."""

from __future__ import annotations

from collections.abc import Iterator

from .evidence import Record, Violation
from .world import PLANNED_VERDICTS, Vm, World

STATES = ("placed", "settle_first", "blocked", "unplaced", "moved", "excluded")
NAMED = ("code", "message", "remedy")


def check_states(world: World) -> Iterator[Violation]:
    """Violations of the states."""
    for name in world.plan.twice:
        yield Violation("state.twice", name, "the plan has two records of it")
    for vm_id in world.plan.kind("vm"):
        if vm_id not in world.vms:
            yield Violation("state.stranger", vm_id, "it is in no estate")
    migrated = migrated_on_target(world)
    before = _moved_before(world)
    for vm in world.vms.values():
        yield from _shape(world, vm)
        expected = expected_state(world, vm, migrated | before)
        if vm.state not in (("placed", "unplaced") if expected == "planned" else (expected,)):
            yield Violation("state.wrong", vm.id, f"it is {vm.state or 'missing'}, and has to be {expected}")
        if expected == "settle_first" and vm.state == "settle_first":
            wanted = [rule for rule in vm.open_rules if rule not in world.wishes.accepted]
            if sorted(vm.plan.get("settle", ())) != wanted:
                yield Violation("state.settle", vm.id, f"it names {vm.plan.get('settle')} to settle, and {wanted} are open")


def expected_state(world: World, vm: Vm, moved: set[str]) -> str:
    """The state that a VM has to have; `planned` for one that is placed or unplaced."""
    if vm.record.get("out_of_scope") is not None:
        return "excluded"
    if vm.id in moved:
        return "moved"
    if vm.judged.get("verdict") not in PLANNED_VERDICTS:
        return "blocked"
    if not vm.judged.get("provisional"):
        return "planned"
    return "planned" if vm.open_rules and set(vm.open_rules) <= world.wishes.accepted else "settle_first"


def migrated_on_target(world: World) -> set[str]:
    """VMs of which the target says that their migration succeeded."""
    if world.target is None:
        return set()
    vcenter_of = {f"{world.wishes.namespace}/{name}": vcenter for name, vcenter in world.provider_names().items()}
    done = {
        (vcenter_of[plan["source_provider"]], entry["moref"])
        for plan in world.target.kind("migration_plan").values()
        if plan.get("source_provider") in vcenter_of
        for entry in plan.get("vms", ())
        if entry.get("succeeded") and entry.get("moref")
    }
    return {vm.id for vm in world.vms.values() if (vm.vcenter, vm.record.get("moref", "")) in done}


def _moved_before(world: World) -> set[str]:
    previous = world.evidence.previous
    return {vm["id"] for vm in previous.kind("vm").values() if vm.get("state") == "moved"} if previous else set()


def _shape(world: World, vm: Vm) -> Iterator[Violation]:
    """Whether the record has what its state asks for, and nothing that it excludes."""
    plan: Record = vm.plan
    if vm.state not in STATES:
        yield Violation("state.one", vm.id, f"its state is {vm.state!r}")
    numbers = {wave["number"] for wave in world.waves}
    if vm.state == "placed" and plan.get("wave") not in {wave["number"] for wave in (*world.new_waves, *world.begun_waves)}:
        yield Violation("state.wave", vm.id, f"it is placed in wave {plan.get('wave')}, which there is not")
    if vm.state == "moved" and "wave" in plan and plan["wave"] not in numbers:
        yield Violation("state.wave", vm.id, f"it moved in wave {plan['wave']}, which there is not")
    if vm.state not in ("placed", "moved") and ("wave" in plan or "plan" in plan):
        yield Violation("state.wave", vm.id, f"it is {vm.state} and yet in wave {plan.get('wave')}, plan {plan.get('plan')}")
    if vm.state in ("settle_first", "blocked", "moved", "excluded") and not plan.get("reason"):
        yield Violation("state.reason", vm.id, f"it is {vm.state} without a reason")
    if vm.state != "unplaced":
        if plan.get("blocked_by"):
            yield Violation("state.blocked_by", vm.id, f"it is {vm.state} and yet names what keeps it out")
        return
    if not plan.get("blocked_by"):
        yield Violation("state.unnamed", vm.id, "it is unplaced and names no constraint")
    for entry in plan.get("blocked_by", ()):
        lacking = [key for key in NAMED if not entry.get(key)]
        if lacking:
            yield Violation("state.constraint", vm.id, f"constraint {entry.get('code')} lacks {', '.join(lacking)}")
