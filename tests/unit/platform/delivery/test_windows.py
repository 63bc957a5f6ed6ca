# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When sync windows are open, held against a clock that is walked minute by minute."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.delivery.windows import (
    ALWAYS,
    DAY_MINUTES,
    UNKNOWN,
    WEEK_MINUTES,
    Openings,
    is_open_beyond,
    minutes_of,
    openings_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st


def bits(*spans: tuple[int, int]) -> int:
    """The minutes from each beginning to its end, which is not among them."""
    return sum(1 << minute for first, end in spans for minute in range(first, end))


@pytest.mark.parametrize(
    ("schedule", "duration", "spans"),
    [
        ("0 1 * * 0", "2h", [(60, 180)]),
        ("0 1 * * SUN", "1h30m", [(60, 150)]),
        ("0 23 * * 6", "2h", [(0, 60), (WEEK_MINUTES - 60, WEEK_MINUTES)]),
        ("*/30 1 ? * sun", "10m", [(60, 70), (90, 100)]),
        ("10/20 0 * * 0", "1m", [(10, 11), (30, 31), (50, 51)]),
        ("0,5 0-1 * * 0", "1m", [(0, 1), (5, 6), (60, 61), (65, 66)]),
        ("0 0 * * MON-TUE", "1m", [(DAY_MINUTES, DAY_MINUTES + 1), (2 * DAY_MINUTES, 2 * DAY_MINUTES + 1)]),
    ],
)
def test_schedule_by_the_week_is_open_in_the_same_minutes_every_week(schedule: str, duration: str, spans: list[tuple[int, int]]) -> None:
    assert openings_of(schedule, duration) == Openings(bits(*spans), bits(*spans))


@pytest.mark.parametrize(
    ("schedule", "duration"), [("* * * * *", "24h"), ("0 0 * * 0", "168h"), ("0 * * * *", "1h"), ("0 0 * * 3", "500h")]
)
def test_window_that_never_closes_is_always_open(schedule: str, duration: str) -> None:
    assert openings_of(schedule, duration) == Openings(ALWAYS, ALWAYS)


@pytest.mark.parametrize("schedule", ["0 1 1 * *", "0 1 * 6 *", "0 1 1 * 0"])
def test_of_days_of_the_month_and_of_months_bounds_are_known(schedule: str) -> None:
    every_day = bits(*((day * DAY_MINUTES + 60, day * DAY_MINUTES + 120) for day in range(7)))
    assert openings_of(schedule, "1h") == Openings(0, every_day)


@pytest.mark.parametrize(
    "schedule",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * * * 7", "* * * foo *", "5-1 * * * *", "*/0 * * * *", "*-3 * * * *", "1-- * * * *"],
)
def test_of_a_schedule_that_is_none_nothing_is_known(schedule: str) -> None:
    assert openings_of(schedule, "1h") == UNKNOWN


def test_parts_of_a_minute_are_rounded_to_the_bounds() -> None:
    assert minutes_of("1.5h30m") == 120
    assert openings_of("0 0 * * 0", "90s") == Openings(bits((0, 1)), bits((0, 2)))


FIELDS = st.tuples(
    st.sampled_from(["*", "0", "15", "*/20", "5,50"]),
    st.sampled_from(["*", "1", "22-23", "*/6"]),
    st.sampled_from(["*", "1-5", "SUN", "0,3"]),
)
WINDOWS = st.builds(
    lambda fields, length: {"schedule": f"{fields[0]} {fields[1]} * * {fields[2]}", "duration": f"{length}m"},
    FIELDS,
    st.integers(1, 3000),
)


@settings(max_examples=60, deadline=None)
@given(WINDOWS, st.lists(WINDOWS, min_size=1, max_size=3))
def test_window_is_open_beyond_others_exactly_where_a_minute_shows_it(other: dict[str, str], asked: list[dict[str, str]]) -> None:
    ours = 0
    for each in asked:
        ours |= openings_of(each["schedule"], each["duration"]).surely
    theirs = openings_of(other["schedule"], other["duration"]).surely
    shown = any((theirs >> minute) & 1 and not (ours >> minute) & 1 for minute in range(WEEK_MINUTES))
    assert is_open_beyond(other, asked) is shown
    assert is_open_beyond(other, [*asked, other]) is False


@given(WINDOWS)
@settings(max_examples=30, deadline=None)
def test_hours_of_other_places_are_told_of_windows_that_are_always_open_alone(other: dict[str, str]) -> None:
    asked = {"schedule": "0 22 * * *", "duration": "2h"}
    is_always = openings_of(other["schedule"], other["duration"]).surely == ALWAYS
    assert is_open_beyond({**other, "timeZone": "Europe/Berlin"}, [asked]) is (True if is_always else None)
    assert is_open_beyond({**other, "timeZone": "UTC"}, [asked]) is is_open_beyond(other, [asked])
