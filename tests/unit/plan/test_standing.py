# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waves of which a Migration runs: who is in them, what stays, and what that leaves to the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.drafts import BegunWave
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.openings import Openings
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.previous import previous_of
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.standing import (
    MIGRATION_RUNNING,
    kept_places,
    numbering,
    running_vms,
    share_left,
    strangers,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView

from .builders import START, VCENTER, make_settings, make_vm, utc
from .wave_checks import NIGHT, Estate, estate_of, tiny

NOW = utc(2026, 11, 20)
PROVIDER = {"openshift-mtv/north": VCENTER}
PLAN = {"kind": "migration_plan", "id": "openshift-mtv/north-w02-warm", "source_provider": "openshift-mtv/north"}
MIGRATION = {"kind": "migration", "id": "openshift-mtv/run", "plan": PLAN["id"], "running": True}
WAVE = {"kind": "wave", "number": 2, "window": "night", "start": "2026-11-24T20:00:00Z", "end": "2026-11-25T06:00:00Z"}


def placed(name: str, **changes: Any) -> dict[str, Any]:
    """The record of a VM of the second wave."""
    plan = {"plan": "north-w02-warm", "method": "warm", "namespace": "vms", "target_name": name, "wave": 2}
    return {"kind": "vm", "id": name, "name": name, "state": "placed", "vcenter": VCENTER, "moref": f"vm-{name}", **plan, **changes}


def night(number: int, ahead: int) -> model.Wave:
    """A wave in the night so many days after the first one."""
    start = utc(2026, 11, 23, 20) + timedelta(days=ahead)
    return model.Wave(number, model.Slot("night", start, start + timedelta(hours=10)), (), ("old",), 0, 0.0, 0.0, "link", begun=True)


def planned(estate: Estate, *begun: model.Wave) -> model.Schedule:
    """The schedule beside waves that have begun with one VM of 4 GiB."""
    old, _risk = tiny("old", 4)
    return replace(estate, vms=[*estate.vms, old]).plan_with(begun=[BegunWave(wave, ((old, model.COLD),)) for wave in begun])


# ---- what runs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "migrations", "found"),
    [
        ({}, [MIGRATION], True),
        ({"conditions": {"Executing": "Advisory"}}, [], True),
        ({}, [{**MIGRATION, "running": False}], False),
        ({}, [{**MIGRATION, "plan": "openshift-mtv/another"}], False),
        ({"source_provider": "openshift-mtv/south"}, [MIGRATION], False),
        ({"vms": [{"moref": "vm-a", "succeeded": True}]}, [MIGRATION], False),
        ({"vms": [{"moref": "vm-a", "canceled": True}]}, [MIGRATION], False),
    ],
)
def test_a_vm_moves_now_if_a_migration_of_its_plan_runs_and_its_own_part_has_not_ended(
    plan: dict[str, Any], migrations: list[dict[str, Any]], found: bool
) -> None:
    target = TargetView([{**PLAN, "vms": [{"moref": "vm-a"}], **plan}, *migrations])
    vm = make_vm("a", moref="vm-a")
    assert running_vms(target, PROVIDER) == ({(vm.vcenter, vm.moref): PLAN["id"]} if found else {})


def test_a_wave_stands_with_all_of_its_vms_that_have_not_moved() -> None:
    records = [{**WAVE, "start_by": "2026-11-19T00:00:00Z"}, placed("a"), placed("b", plan="north-w02-cold", method="cold"), placed("c")]
    previous = previous_of(records, {"c": "it is there"}, NOW, {(VCENTER, "vm-a"): PLAN["id"]})
    (standing,) = previous.standing
    assert (standing.wave.vm_ids, standing.wave.begun, standing.wave.finished) == (("a", "b"), True, False)
    assert (standing.running, standing.running_plans, standing.over) == ({"a": PLAN["id"]}, {"north-w02-warm"}, ("c",))
    assert (previous.waves, previous.begun, dict(previous.done)) == ((), (), {"c": "it is there"})


def test_vms_that_failed_in_a_plan_that_runs_are_planned_again() -> None:
    previous = previous_of([WAVE, placed("a"), placed("b")], {}, NOW, {(VCENTER, "vm-a"): PLAN["id"]})
    assert previous.standing[0].wave.vm_ids == ("a",)


def test_once_the_window_is_over_only_vms_that_move_now_stand() -> None:
    records = [WAVE, placed("a"), placed("b", plan="north-w02-cold", method="cold")]
    for now, stay in ((utc(2026, 11, 25, 5), ("a", "b")), (utc(2026, 11, 25, 6), ("a",))):
        assert previous_of(records, {}, now, {(VCENTER, "vm-a"): PLAN["id"]}).standing[0].wave.vm_ids == stay


def test_a_vm_that_moves_now_keeps_its_place_without_a_rule_for_it() -> None:
    (standing,) = previous_of([WAVE, placed("a"), placed("b", plan="north-w02-cold")], {}, NOW, {(VCENTER, "vm-a"): PLAN["id"]}).standing
    places = {"a": ("vms", "a"), "b": ("vms", "b")}
    kept = kept_places([standing], places, {}, {"a", "b"})
    assert {vm_id: (place.namespace, place.target_name) for vm_id, place in kept.items()} == {"a": ("vms", "a")}


def test_a_wave_does_not_stand_for_a_plan_that_is_not_its_own() -> None:
    running = {(VCENTER, "vm-a"): "openshift-mtv/by-hand"}
    previous = previous_of([WAVE, placed("a")], {}, NOW, running)
    assert previous.standing == ()
    (constraint,) = strangers([make_vm("a", id="a", moref="vm-a")], running, previous.standing)["a"]
    assert (constraint.code, constraint.object) == (MIGRATION_RUNNING, "openshift-mtv/by-hand")


def test_first_copies_are_taken_to_be_as_far_as_they_had_to_be() -> None:
    wave = night(2, 0)
    copy = model.FirstCopy(0, 0.0, 0.0, wave.slot.start - timedelta(days=4))
    assert share_left(wave, NOW) == 1.0
    assert share_left(replace(wave, first_copy=copy), wave.slot.start - timedelta(days=1)) == pytest.approx(0.25)
    assert share_left(replace(wave, first_copy=copy), wave.slot.start - timedelta(days=9)) == 1.0
    assert share_left(replace(wave, first_copy=copy), wave.slot.end) == 0.0


# ---- what is left to the others --------------------------------------------------------------------------------------


def test_new_waves_before_one_that_stands_have_the_numbers_that_it_leaves_and_later_ones_follow_it() -> None:
    openings = Openings(make_settings(windows=(NIGHT,)))
    found = numbering(openings, [night(3, 3)], 1)
    # One number is free before the wave of the fourth night: the first night has it, the two others stay empty.
    assert [slot for slot in range(6) if not found.closed >> slot & 1] == [0, 4, 5]
    assert found.numbers([0, 4, 5]) == {0: 2, 4: 4, 5: 5}


def test_nobody_joins_a_wave_that_stands_and_no_slot_of_it_is_used() -> None:
    estate = estate_of([tiny("one"), tiny("two")], windows=(NIGHT,))
    plan = planned(estate, night(1, 0))
    assert [(wave.number, wave.begun, wave.vm_ids) for wave in plan.waves] == [(1, True, ("old",)), (2, False, ("one", "two"))]
    assert plan.waves[1].slot.start - plan.waves[0].slot.start == timedelta(days=1)


def test_what_depends_on_a_wave_that_stands_comes_after_it_and_what_it_depends_on_before() -> None:
    estate = estate_of([tiny("base"), tiny("other"), tiny("top")], windows=(NIGHT,), after=[("old", "top"), ("base", "old")])
    plan = planned(estate, night(2, 2))
    numbers = {vm_id: wave.number for wave in plan.waves for vm_id in wave.vm_ids}
    assert (numbers["base"], numbers["old"], numbers["top"]) == (1, 2, 3)


def test_what_finds_no_slot_before_a_wave_that_depends_on_it_says_so() -> None:
    estate = estate_of([tiny("base")], windows=(NIGHT,), after=[("base", "old")])
    plan = planned(estate, night(1, 0))
    (constraint,) = plan.unplaced["base"]
    assert (constraint.code, constraint.object) == ("wave_begun", "old")
    assert "wave 1 has begun" in constraint.message


def test_waves_that_stand_count_among_the_waves_of_the_plan() -> None:
    estate = estate_of([tiny("one")], windows=(NIGHT,), limits=replace(make_settings().limits, waves=1), last_day=START + timedelta(days=9))
    assert "one" in planned(estate, night(1, 0)).unplaced


def test_numbers_of_waves_that_stand_are_never_given_again() -> None:
    openings = Openings(make_settings(windows=(NIGHT,)))
    found = numbering(openings, [night(3, 0), night(2, 2)], 0)
    assert not {2, 3} & set(found.numbers([slot for slot in range(6) if not found.closed >> slot & 1]).values())


@pytest.mark.parametrize("gib", [4, 30])
def test_new_waves_leave_a_wave_that_stands_the_path_for_its_first_copies(gib: int) -> None:
    """The wave of the third night has 68 h, 67.5 h of which its first copies take: 30 min are left of the link before it."""
    hot, _risk = tiny("hot", 270)
    estate = estate_of([tiny(f"cold-{number}", gib) for number in range(2)], windows=(NIGHT,))
    wave = night(9, 2)
    begun = BegunWave(replace(wave, vm_ids=("hot",)), ((hot, model.WARM),))
    plan = replace(estate, vms=[*estate.vms, hot]).plan_with(begun=[begun])
    before = [vm_id for entry in plan.waves if entry.slot.start < wave.slot.start for vm_id in entry.vm_ids]
    assert len(before) == (2 if gib == 4 else 1)


def test_what_finds_no_slot_beside_a_wave_that_stands_names_what_keeps_it_out() -> None:
    """Two nights are left until the last day: one has a wave that has begun, the other takes one VM."""
    limits = replace(make_settings().limits, vms=1)
    estate = estate_of([tiny("one"), tiny("two")], windows=(NIGHT,), limits=limits, last_day=START + timedelta(days=2))
    plan = planned(estate, night(1, 0))
    (out,) = plan.unplaced.values()
    assert [constraint.code for constraint in out] == ["last_day"]
