# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows and freezes to slots."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import calendar
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import Freeze, Selector, WindowRule

from .builders import make_settings, utc

BERLIN = ZoneInfo("Europe/Berlin")
"""Clocks go forward on 28 March 2027 at 02:00 and back on 31 October at 03:00."""


def slots(count: int, **changes: Any) -> list[tuple[str, datetime, datetime]]:
    found = islice(calendar.slots(make_settings(**changes)), count)
    return [(opening.slot.window, opening.slot.start, opening.slot.end) for opening in found]


def problems(**changes: Any) -> list[str]:
    return [problem.message for problem in calendar.problems_of(make_settings(**changes))]


NIGHT = WindowRule("night", time(20), time(6), (5, 6))


def test_without_windows_every_night_is_assumed_and_said():
    assert slots(2) == [
        ("default", utc(2026, 11, 23, 20), utc(2026, 11, 24, 6)),
        ("default", utc(2026, 11, 24, 20), utc(2026, 11, 25, 6)),
    ]
    assert calendar.assumptions_of(make_settings()) == (calendar.DEFAULT_WINDOW_NOTE,)
    assert calendar.assumptions_of(make_settings(windows=(NIGHT,))) == ()


def test_windows_come_on_their_weekdays_in_the_order_of_time_and_end_on_the_next_day():
    noon = WindowRule("noon", time(12), time(13), (5,))
    assert slots(4, windows=(NIGHT, noon)) == [
        ("noon", utc(2026, 11, 28, 12), utc(2026, 11, 28, 13)),
        ("night", utc(2026, 11, 28, 20), utc(2026, 11, 29, 6)),
        ("night", utc(2026, 11, 29, 20), utc(2026, 11, 30, 6)),
        ("noon", utc(2026, 12, 5, 12), utc(2026, 12, 5, 13)),
    ]


def test_a_window_every_other_week_is_counted_from_its_first_day_in_the_plan():
    assert [start.day for _name, start, _end in slots(3, windows=(WindowRule("x", time(8), time(9), (0,), every_weeks=2),))] == [23, 7, 21]


def test_a_window_on_one_day_comes_once():
    assert slots(5, windows=(WindowRule("once", time(22), time(0), day=date(2026, 12, 24)),)) == [
        ("once", utc(2026, 12, 24, 22), utc(2026, 12, 25))
    ]


def test_a_window_may_last_over_a_weekend():
    assert slots(1, windows=(WindowRule("weekend", time(20), time(6), (4,), extra_days=2),)) == [
        ("weekend", utc(2026, 11, 27, 20), utc(2026, 11, 30, 6))
    ]


@pytest.mark.parametrize(
    ("day", "start", "end", "expected"),
    [
        (date(2027, 3, 27), time(20), time(6), (utc(2027, 3, 27, 19), utc(2027, 3, 28, 4))),
        (date(2027, 3, 28), time(2, 30), time(6), (utc(2027, 3, 28, 1, 30), utc(2027, 3, 28, 4))),
        (date(2027, 10, 31), time(2, 30), time(6), (utc(2027, 10, 31, 0, 30), utc(2027, 10, 31, 5))),
        (date(2027, 10, 30), time(20), time(2, 30), (utc(2027, 10, 30, 18), utc(2027, 10, 31, 0, 30))),
    ],
    ids=["night loses an hour", "left-out time moves forward", "doubled start is the first", "doubled end is the first"],
)
def test_wall_clock_times_follow_changes_of_the_clock(day: date, start: time, end: time, expected: tuple[datetime, datetime]):
    settings = {"zone": BERLIN, "windows": (WindowRule("w", start, end, day=day),)}
    assert [(begin, stop) for _name, begin, stop in slots(2, **settings)] == [expected]


def test_a_window_within_the_hour_that_is_left_out_does_not_open_and_is_a_problem():
    windows = (WindowRule("w", time(2, 30), time(3), day=date(2027, 3, 28)), WindowRule("other", time(20), time(22)))
    assert [name for name, _start, _end in slots(3, zone=BERLIN, windows=windows)] == ["other"] * 3
    assert problems(zone=BERLIN, windows=windows) == [
        "plan_windows[0] (w) is on 2027-03-28 from 02:30 to 03:00, times that the change of the clocks leaves out"
    ]


@pytest.mark.parametrize(("day", "minutes"), [(date(2027, 3, 27), 540), (date(2027, 10, 30), 660), (date(2027, 10, 23), 600)])
def test_a_night_with_a_change_of_the_clocks_has_the_length_that_passes(day: date, minutes: int):
    settings = make_settings(start=day, zone=BERLIN, windows=(WindowRule("night", time(20), time(6)),))
    assert next(calendar.slots(settings)).slot.minutes == minutes
    assert calendar.problems_of(settings) == []


def test_a_freeze_cuts_every_slot_that_touches_one_of_its_days():
    freeze = Freeze("close", date(2026, 11, 25), date(2026, 11, 25))
    assert [start.day for _name, start, _end in slots(3, freezes=(freeze,))] == [23, 26, 27]
    until_midnight = WindowRule("w", time(20), time(0))
    assert [start.day for _name, start, _end in slots(3, freezes=(freeze,), windows=(until_midnight,))] == [23, 24, 26]


def test_a_freeze_of_some_vms_leaves_the_slot_and_is_carried_by_it():
    freeze = Freeze("close", date(2026, 11, 25), date(2026, 11, 25), Selector(owners=("a",)))
    found = list(islice(calendar.slots(make_settings(freezes=(freeze,))), 4))
    assert [opening.frozen for opening in found] == [(), (freeze,), (freeze,), ()]


def test_the_last_day_has_to_see_the_end_of_a_slot():
    assert [start.day for _name, start, _end in slots(9, last_day=date(2026, 11, 26))] == [23, 24, 25]


def test_sound_settings_have_no_problems():
    assert problems() == []
    assert problems(windows=(NIGHT, WindowRule("noon", time(6), time(20)))) == []


def test_overlapping_windows_are_named_once_with_the_first_day():
    early = WindowRule("early", time(5), time(7), (0,))
    assert problems(windows=(NIGHT, early)) == [
        "plan_windows[0] (night) and plan_windows[1] (early) are open at the same time, first on 2026-11-30"
    ]
    long = WindowRule("long", time(20), time(21), extra_days=1)
    assert problems(windows=(long,)) == ["plan_windows[0] (long) is still open when it opens again, first on 2026-11-24"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"windows": (NIGHT, WindowRule("Night", time(8), time(9)))}, "plan_windows[0] and plan_windows[1] are both named Night"),
        (
            {"windows": (NIGHT, WindowRule("w", time(8), time(9), day=date(2026, 1, 1)))},
            "plan_windows[1] (w) is on 2026-01-01, before plan_start 2026-11-23",
        ),
        (
            {"windows": (NIGHT, WindowRule("w", time(8), time(9), day=date(2027, 1, 1))), "last_day": date(2026, 12, 31)},
            "plan_windows[1] (w) is on 2027-01-01, after plan_last_day 2026-12-31",
        ),
        (
            {"freezes": (Freeze("f", date(2026, 12, 2), date(2026, 12, 1)),)},
            "plan_freezes[0] (f) ends on 2026-12-01, before it begins on 2026-12-02",
        ),
        ({"last_day": date(2026, 11, 1)}, "plan_last_day 2026-11-01 is before plan_start 2026-11-23"),
        (
            {"windows": (NIGHT,), "last_day": date(2026, 11, 27)},
            "no window of plan_windows opens and closes between plan_start 2026-11-23 and plan_last_day 2026-11-27",
        ),
        (
            {"freezes": (Freeze("f", date(2026, 11, 1), date(2026, 12, 5)),), "last_day": date(2026, 12, 4)},
            "plan_freezes leave no day until plan_last_day 2026-12-04 on which a wave could run: f (2026-11-01 to 2026-12-05)",
        ),
    ],
)
def test_each_mistake_is_named(changes: dict[str, Any], message: str):
    assert problems(**changes) == [message]
