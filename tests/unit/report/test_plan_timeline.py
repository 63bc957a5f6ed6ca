# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of the waves: places on the axis, ticks, grouping, the end of support."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report.timeline import (
    MAX_ROWS,
    MAX_TICKS,
    Axis,
    deadline_note,
    grouping,
    tick_dates,
    timeline,
)

from tests.unit.report import plan_factory as make

SUPPORT = "2027-10-11"


def picture(*waves: make.Record, end: str = SUPPORT) -> str:
    return str(timeline(make.plan_of([make.basis(), *waves]), end))


def windows(svg: str) -> list[tuple[float, float]]:
    """(left edge, width) of every window in percent."""
    found = re.findall(r'class="tone-\w+ window" x="([\d.]+)%" y="\d+" width="([\d.]+)%"', svg)
    return [(float(left), float(width)) for left, width in found]


def test_windows_stand_at_their_place_between_the_first_day_and_the_last() -> None:
    svg = picture(make.wave(1, "2027-01-16T00:00:00+00:00", 23), make.wave(2, "2027-01-18T11:00:00+00:00", 12))
    # The axis runs from midnight of the 16th to midnight after the 18th: three days of 76 percent.
    flat = [figure for window in windows(svg) for figure in window]
    assert flat == pytest.approx([76 / 72, 76 * 23 / 72, 76 * 60 / 72, 76 * 12 / 72], abs=0.01)


def test_gauge_is_filled_to_the_median_and_hatched_to_the_90th_percentile() -> None:
    svg = picture(make.wave(1, hours=10, elapsed_p50_minutes=300.0, elapsed_p90_minutes=450.0))
    assert '<rect class="tone-wave" x="80.0%" y="64" width="15.000%" height="10"/>' in svg
    assert '<rect class="hatch" fill="url(#hatch-open)" x="90.000%" y="64" width="5.000%" height="10"/>' in svg


def test_wave_that_does_not_fit_its_window_is_marked_and_stays_within_the_picture() -> None:
    svg = picture(make.wave(1, hours=1, elapsed_p90_minutes=600.0))
    assert '<rect class="tone-blocked" x="80.0%" y="64" width="20.000%"' in svg


def test_row_leads_to_the_vms_of_its_wave_and_says_what_bounds_it() -> None:
    svg = picture(make.wave(7))
    assert 'href="#wave=wave%207"' in svg
    assert 'Wave 7 · 10 VMs<span class="wide"> · 2 TiB · bound by host</span>' in svg


def test_finished_waves_and_those_after_the_end_of_support_have_their_own_colours() -> None:
    svg = picture(make.wave(1, finished=True), make.wave(2), make.wave(3, "2027-11-06T19:00:00+00:00"))
    assert re.findall(r'class="tone-(\w+) window"', svg) == ["done", "wave", "late"]
    assert "End of vSphere 8 support, 11 October 2027" in svg


@pytest.mark.parametrize(("end", "side"), [("2027-01-17", 'dx="4" y="32">End'), ("2027-03-30", 'dx="-4" y="32" text-anchor="end">End')])
def test_words_at_the_end_of_support_stay_within_the_picture(end: str, side: str) -> None:
    assert side in picture(*(make.wave(number) for number in range(1, 13)), end=end)


def test_end_of_support_far_from_the_waves_is_a_note_and_no_line() -> None:
    waves = [make.wave(1), make.wave(2)]
    assert "support-end" not in picture(*waves)
    note = deadline_note(make.plan_of([make.basis(), *waves]), SUPPORT)
    assert note == "The last wave ends 260 days before vSphere 8 leaves general support (11 October 2027)."


@pytest.mark.parametrize(
    ("start", "note"),
    [("2027-10-10T22:00:00+00:00", "The last wave ends on the day on which"), ("2027-10-12T01:00:00+00:00", "1 wave ends after vSphere 8")],
)
def test_last_wave_at_the_end_of_support_is_said_to_be_there(start: str, note: str) -> None:
    assert deadline_note(make.plan_of([make.basis(), make.wave(1, start, 1)]), SUPPORT).startswith(note)


def test_estate_text_in_a_wave_stays_text() -> None:
    svg = picture(make.wave(1, bottleneck=make.HOSTILE))
    assert "<img" not in svg
    assert "&lt;img" in svg


def test_plan_without_waves_has_no_picture() -> None:
    plan = make.plan_of([make.basis()])
    assert str(timeline(plan, SUPPORT)) == ""
    assert deadline_note(plan, SUPPORT) == ""


def test_wave_whose_times_cannot_be_read_is_left_out() -> None:
    assert len(windows(picture(make.wave(1, end="soon"), make.wave(2)))) == 1


@pytest.mark.parametrize(("count", "by"), [(1, "wave"), (MAX_ROWS, "wave"), (MAX_ROWS + 1, "month"), (1000, "year")])
def test_many_waves_are_grouped_until_the_rows_are_few_enough(count: int, by: str) -> None:
    waves = [make.wave(number) for number in range(1, count + 1)]
    plan = make.plan_of([make.basis(), *waves])
    assert grouping(plan.waves) == by
    svg = str(timeline(plan, SUPPORT))
    assert len(windows(svg)) == count
    assert svg.count('class="row"') <= MAX_ROWS


def test_row_of_a_month_adds_its_waves_up_and_shows_the_fullest() -> None:
    start = datetime.fromisoformat("2027-01-01T19:00:00+00:00")
    waves = [make.wave(day + 1, start.replace(month=1 + day // 31, day=1 + day % 28).isoformat(), 4) for day in range(MAX_ROWS + 1)]
    svg = picture(*waves)
    assert "Jan 2027 · 310 VMs" in svg
    assert "waves 1 to 31, 310 VMs, 62 TiB; the fullest takes 75% of its window at p90" in svg


@pytest.mark.parametrize("days", [1, 2, 9, 10, 40, 63, 64, 200, 700, 3000, 9000])
def test_ticks_are_few_and_within_the_axis(days: int) -> None:
    first = datetime.fromisoformat("2027-01-16")
    axis = Axis(first, datetime.fromordinal(first.toordinal() + days))
    ticks = tick_dates(axis)
    assert len(ticks) <= MAX_TICKS + 1
    assert all(axis.first <= moment < axis.last for moment, _label in ticks)
    assert len({label for _moment, label in ticks}) == len(ticks)
    assert ticks or days < 40
