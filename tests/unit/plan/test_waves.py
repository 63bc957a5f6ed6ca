# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waves keep to, and how they say why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import Freeze, Pilots, Selector, WaveLimits, WindowRule

from .builders import utc
from .wave_checks import NIGHT, SATURDAY, Estate, estate_of, faults, tiny

FREEZE = Freeze("f", date(2026, 11, 1), date(2026, 12, 1), Selector(vms=("a",)))
FROZEN = "plan_freezes f (2026-11-01 to 2026-12-01)"
NOON = WindowRule("noon", time(12), time(14))


def many(count: int, **changes: Any) -> list[Any]:
    return [tiny(f"v{number}", **changes) for number in range(count)]


def members(plan: model.Schedule) -> list[tuple[str, ...]]:
    return [wave.vm_ids for wave in plan.waves]


def only(plan: model.Schedule, vm_id: str) -> model.Constraint:
    (constraint,) = plan.unplaced[vm_id]
    return constraint


def planned(estate: Estate) -> model.Schedule:
    """The plan of an estate, which has no fault and gives every VM a wave."""
    plan = estate.plan()
    assert faults(estate, plan) == []
    assert plan.unplaced == {}
    return plan


# ---- what is kept ----------------------------------------------------------------------------------------------------


def test_what_fits_goes_in_the_first_slot():
    plan = planned(estate_of(many(3)))
    (wave,) = plan.waves
    assert (wave.number, wave.vm_ids, wave.bytes, wave.slot.window) == (1, ("v0", "v1", "v2"), 12 * model.GIB, "default")
    assert (wave.elapsed_p50_minutes, wave.elapsed_p90_minutes, wave.bottleneck) == (28.0, 42.0, "host")


def test_a_group_goes_in_one_wave_and_its_id_is_in_it():
    plan = planned(estate_of(many(4), [["v1", "v3"]], limits=WaveLimits(vms=2)))
    assert ("v1", "v3") in members(plan)
    assert ("group-v1",) in [wave.group_ids for wave in plan.waves]


def test_dependencies_go_in_earlier_waves_and_the_reason_names_the_wave():
    plan = planned(estate_of(many(3), after=[("v2", "v1"), ("v1", "v0")]))
    assert members(plan) == [("v2",), ("v1",), ("v0",)]
    assert plan.reasons["v0"] == ("after v1 (v0 depends on v1), which is in wave 2", "first wave after what it has to follow")


def test_no_wave_takes_all_of_a_spread():
    plan = planned(estate_of(many(3), apart=[["v0", "v1"]]))
    assert sorted(map(len, members(plan))) == [1, 2]
    assert "anti-affinity rule rule-0: its VMs are not all in one wave" in plan.reasons["v1"]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (WaveLimits(vms=2), "wave 1 is full by plan_limits.vms (2 of 2 VMs)"),
        (WaveLimits(bytes=9 * model.GIB), "wave 1 is full by plan_limits.tib (0.01 of 0.01 TiB)"),
        (WaveLimits(vms_per_host=2), "wave 1 is full by plan_limits.vms_per_host (host esx-1: 2 of 2 VMs)"),
        (WaveLimits(vms_per_datastore=2), "wave 1 is full by plan_limits.vms_per_datastore (datastore datastore-11: 2 of 2 VMs)"),
    ],
)
def test_limits_of_a_wave_are_kept_and_named(limits: WaveLimits, reason: str):
    plan = planned(estate_of(many(3, host="esx-1"), limits=limits))
    assert sorted(map(len, members(plan))) == [1, 2]
    (last,) = members(plan)[-1]
    assert plan.reasons[last][-1] == f"first wave with room: {reason}"


def test_high_risk_vms_of_a_wave_are_limited():
    plan = planned(estate_of(many(2, level="high"), limits=WaveLimits(high_risk_vms=1)))
    assert members(plan) == [("v0",), ("v1",)]


def test_a_wave_takes_no_longer_than_its_window():
    plan = planned(estate_of(many(3, gib=30, host="esx-1"), windows=(replace(NOON, end=time(16, 0)),)))
    assert [wave.elapsed_p90_minutes for wave in plan.waves] == [210.0, 120.0]
    (last,) = plan.waves[1].vm_ids
    assert plan.reasons[last] == ("first wave with room: wave 1 has no time left in its window",)


def test_selectors_of_windows_and_freezes_bind_only_whom_they_mean():
    prod, test = Selector(environments=("prod",)), Selector(environments=("test",))
    windows = (replace(NIGHT, selector=prod), replace(NOON, selector=test))
    freeze = Freeze("close", date(2026, 11, 23), date(2026, 11, 24), prod)
    estate = estate_of([tiny("a", environment="prod"), tiny("b", environment="test")], windows=windows, freezes=(freeze,))
    assert [(wave.slot.window, wave.slot.start.day, wave.vm_ids) for wave in planned(estate).waves] == [
        ("noon", 23, ("b",)),
        ("night", 25, ("a",)),
    ]


def test_an_owners_window_by_name_is_the_only_one_and_own_windows_are_for_those_who_name_them():
    windows = (NIGHT, replace(NOON, own=True))
    plan = planned(estate_of([tiny("a", change_window="Noon"), tiny("b")], windows=windows))
    assert [(wave.slot.window, wave.vm_ids) for wave in plan.waves] == [("noon", ("a",)), ("night", ("b",))]
    assert "window of its owner: Noon" in plan.reasons["a"]


def test_an_owners_times_narrow_the_slot_of_the_wave():
    plan = planned(estate_of([tiny("a", change_window="sat 22:00-24:00"), tiny("b", change_window="weekend 20:00-23:00")]))
    (wave,) = plan.waves
    assert (wave.slot.start, wave.slot.end) == (utc(2026, 11, 28, 22), utc(2026, 11, 28, 23))


# ---- pilots and high risk --------------------------------------------------------------------------------------------


def test_the_least_risky_are_pilots_and_go_alone():
    entries = [tiny("a", points=9), tiny("b", points=1), tiny("c", points=5), tiny("d", points=7)]
    plan = planned(estate_of(entries, pilots=Pilots(2)))
    assert members(plan) == [("b", "c"), ("a", "d")]
    assert plan.reasons["b"] == ("pilot: among the least risky VMs",)
    assert plan.reasons["a"] == ("first wave with room: wave 1 is for pilots alone",)


def test_named_pilots_come_before_the_least_risky_and_bring_their_group():
    estate = estate_of(many(4), [["v2", "v3"]], pilots=Pilots(3, Selector(vms=("v3",))))
    plan = planned(estate)
    assert members(plan) == [("v2", "v3"), ("v0", "v1")]
    assert "pilot: goes with v3" in plan.reasons["v2"]
    assert "pilot: named by plan_pilots" in plan.reasons["v3"]


def test_a_named_pilot_that_has_to_follow_others_is_none():
    plan = planned(estate_of(many(3), after=[("v0", "v2")], pilots=Pilots(1, Selector(vms=("v2",)))))
    assert members(plan)[0] == ("v0",)


def test_high_risk_goes_neither_first_nor_last():
    entries = [tiny("a", level="high"), tiny("b", level="high"), *many(4)]
    plan = planned(estate_of(entries, limits=WaveLimits(vms=2)))
    assert members(plan)[1] == ("a", "b")
    assert plan.reasons["a"][0] == "high risk: kept out of the first and the last wave"


def test_high_risk_is_not_last_even_where_that_takes_another_wave():
    entries = [tiny("a", level="high"), tiny("b", level="high"), *many(2)]
    plan = planned(estate_of(entries, limits=WaveLimits(high_risk_vms=1), pilots=Pilots(1)))
    assert [wave.vm_ids for wave in plan.waves if {"a", "b"} & set(wave.vm_ids)] == [plan.waves[1].vm_ids, plan.waves[2].vm_ids]
    assert len(plan.waves) == 4


def test_high_risk_that_everything_waits_for_goes_first_and_says_so():
    plan = planned(estate_of([tiny("a", level="high"), *many(2)], after=[("a", "v0"), ("v0", "v1")]))
    assert members(plan) == [("a",), ("v0",), ("v1",)]
    assert plan.reasons["a"][0] == "high risk, yet in the first wave: no arrangement was found that keeps it out"


# ---- planning again --------------------------------------------------------------------------------------------------


def test_finished_waves_stay_and_new_ones_come_after_them():
    done = model.Wave(4, model.Slot("default", utc(2026, 11, 25, 20), utc(2026, 11, 26, 6)), ("v0",), ("v0",), 1, 2.0, 3.0, "disk", True)
    stale = replace(done, number=5, finished=False, vm_ids=("v1",))
    estate = estate_of(many(3), previous=[stale, done], pilots=Pilots(1), after=[("v0", "v1")], limits=WaveLimits(vms=1, waves=3))
    plan = planned(estate)
    assert plan.waves[0] == done
    assert [(wave.number, wave.slot.start.day) for wave in plan.waves[1:]] == [(5, 26), (6, 27)]
    assert plan.reasons["v0"] == ("moved already in wave 4",)
    assert plan.reasons["v1"][0] == "after v0 (v1 depends on v0), which is in wave 4"


def test_vms_that_have_moved_are_not_planned_again_and_satisfy_dependencies():
    estate = estate_of(many(3), [["v0", "v1"]], after=[("v0", "v2")], finished={"v0": utc(2026, 11, 1)})
    assert members(planned(estate)) == [("v1", "v2")]


# ---- what finds no wave ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code", "setting", "message"),
    [
        ({"limits": WaveLimits(vms=1)}, "wave_vms", "plan_limits.vms", "a, b: 2 VMs move together, and plan_limits.vms allows 1 in a wave"),
        (
            {"limits": WaveLimits(bytes=model.TIB // 128)},
            "wave_bytes",
            "plan_limits.tib",
            "a, b: 0.12 TiB to copy, and plan_limits.tib allows 0.01 TiB in a wave",
        ),
        (
            {"limits": WaveLimits(vms_per_host=1)},
            "wave_vms_per_host",
            "plan_limits.vms_per_host",
            "a, b: 2 VMs of host esx-1 move together, and plan_limits.vms_per_host allows 1 in a wave",
        ),
        (
            {"limits": WaveLimits(high_risk_vms=1)},
            "wave_high_risk_vms",
            "plan_limits.high_risk_vms",
            "a, b: 2 VMs of high risk move together, and plan_limits.high_risk_vms allows 1 in a wave",
        ),
        (
            {"windows": (NOON,)},
            "window_too_short",
            "plan_windows",
            "a, b: the move takes 6 h 54 min (p90), and the longest slot that it may use has 2 h",
        ),
        (
            {"windows": (SATURDAY,), "last_day": date(2026, 11, 27)},
            "last_day",
            "plan_last_day",
            "a, b: no slot that it may use lies between 2026-11-23 and plan_last_day 2026-11-27",
        ),
        (
            {"windows": (replace(NIGHT, selector=Selector(owners=("x",))),)},
            "no_window",
            "plan_windows",
            "a, b: no window of plan_windows admits it",
        ),
        (
            {"windows": (replace(NIGHT, day=date(2026, 11, 30)),), "freezes": (FREEZE,)},
            "frozen",
            "plan_freezes",
            f"a, b: {FROZEN} leave no slot that it may use",
        ),
        (
            {"last_day": date(2026, 11, 30), "freezes": (FREEZE,)},
            "last_day",
            "plan_last_day",
            f"a, b: no slot that it may use lies between 2026-11-23 and plan_last_day 2026-11-30; {FROZEN} take days away",
        ),
    ],
)
def test_what_no_wave_can_take_names_the_limit_with_its_figures(changes: dict[str, Any], code: str, setting: str, message: str):
    entries = [tiny(name, 64, "high", host="esx-1") for name in ("a", "b")]
    constraint = only(estate_of(entries, [["a", "b"]], **changes).plan(), "b")
    assert (constraint.code, constraint.setting, constraint.message) == (code, setting, message)
    assert constraint.remedy


@pytest.mark.parametrize(
    ("windows", "code", "message"),
    [
        (("at night", ""), "change_window_unreadable", "change window 'at night' of a is neither a window of plan_windows nor a time"),
        (("night", "noon"), "owner_windows_apart", "a, b move together, but their owners' windows are night and noon"),
        (("mon 08:00-09:00", ""), "owner_window_closed", "a, b: owner's window mon 08:00-09:00 never meets a window of plan_windows"),
        (
            ("mon 22:00-23:00", ""),
            "owner_window_too_short",
            "a, b: the move takes 102 min (p90), and its owner's window mon 22:00-23:00 leaves 60 min at most",
        ),
    ],
)
def test_owners_windows_that_leave_nothing_are_named(windows: tuple[str, str], code: str, message: str):
    entries = [tiny(name, 24, change_window=window) for name, window in zip("ab", windows, strict=True)]
    plan = estate_of(entries, [["a", "b"]], windows=(NIGHT, NOON)).plan()
    constraint = plan.unplaced["a"][0]
    assert (constraint.code, constraint.setting, constraint.message) == (code, "", message)


def test_the_mates_of_a_vm_that_is_kept_out_name_it():
    plan = estate_of([tiny("a", change_window="?"), tiny("b")], [["a", "b"]]).plan()
    assert (only(plan, "b").code, only(plan, "b").object) == ("group_incomplete", "a")


def test_dependents_of_what_has_no_wave_have_none_either():
    estate = estate_of([tiny("a", change_window="?"), *many(2)], after=[("a", "v0"), ("v0", "v1"), ("gone", "v1")])
    plan = estate.plan()
    assert [(entry.code, entry.object) for entry in plan.unplaced["v0"]] == [("dependency_not_placed", "a")]
    assert [(entry.code, entry.object) for entry in plan.unplaced["v1"]] == [
        ("dependency_not_placed", "gone"),
        ("dependency_not_placed", "v0"),
    ]
    assert only(plan, "v0").message == "v0 has to move after a (v0 depends on a), and a has no wave"


def test_cycles_that_reach_the_schedule_find_no_wave():
    plan = estate_of(many(2), after=[("v0", "v1"), ("v1", "v0")]).plan()
    assert only(plan, "v0").code == "dependency_cycle"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"limits": WaveLimits(vms=1, waves=2)}, ["waves"]),
        ({"limits": WaveLimits(vms=1), "last_day": date(2026, 11, 25)}, ["last_day"]),
        ({"limits": WaveLimits(vms=1, waves=2), "last_day": date(2026, 11, 25)}, ["waves", "last_day"]),
        (
            {"limits": WaveLimits(vms=1), "windows": tuple(replace(NOON, name=f"w{n}", day=date(2026, 11, n)) for n in (24, 25))},
            ["slots_taken"],
        ),
    ],
)
def test_what_is_crowded_out_names_all_that_has_to_give_way(changes: dict[str, Any], codes: list[str]):
    plan = estate_of(many(3), **changes).plan()
    assert len(plan.waves) == 2
    assert [constraint.code for constraint in plan.unplaced["v2"]] == codes
    assert "wave 2 is full by plan_limits.vms (1 of 1 VMs)" in plan.unplaced["v2"][0].message


def test_an_empty_plan_has_no_waves():
    assert estate_of([]).plan() == model.Schedule((), {}, {})
