# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the plan's record `basis` shows of the settings."""

from __future__ import annotations

from datetime import date, time

from ansible_collections.groundwork.readiness.plugins.module_utils.plan import settings as s
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings_shown import calendar_basis, wave_basis

from tests.unit.plan.builders import START, make_settings


def test_windows_and_freezes_stand_as_they_were_given() -> None:
    windows = (
        s.WindowRule("weekend", time(20), time(6), (4, 5), every_weeks=2, extra_days=1, selector=s.Selector(owners=("team-a*", "team-b"))),
        s.WindowRule("once", time(8, 30), time(12), day=date(2027, 1, 2), own=True),
    )
    freezes = (s.Freeze("end of year", date(2026, 12, 20), date(2027, 1, 1), s.Selector(tags=("tier/1",))),)
    shown = calendar_basis(make_settings(windows=windows, freezes=freezes, last_day=date(2027, 3, 1)))
    weekend, once = shown["windows"]
    assert weekend == {
        "name": "weekend",
        "days": ["fri", "sat"],
        "start": "20:00",
        "end": "06:00",
        "extra_days": 1,
        "every_weeks": 2,
        "match": ["owners: team-a*", "owners: team-b"],
        "own": False,
    }
    assert (once["day"], once["start"], once["own"], "days" in once) == ("2027-01-02", "08:30", True, False)
    assert shown["freezes"] == [{"name": "end of year", "first": "2026-12-20", "last": "2027-01-01", "match": ["tags: tier/1"]}]
    assert (shown["first_day"], shown["last_day"], shown["time_zone"]) == (START.isoformat(), "2027-03-01", "UTC")


def test_window_that_is_assumed_is_shown_with_every_day() -> None:
    shown = calendar_basis(make_settings(windows=()))
    (window,) = shown["windows"]
    assert (window["name"], len(window["days"]), window["start"], window["end"]) == ("default", 7, "20:00", "06:00")
    assert shown["freezes"] == [] and "last_day" not in shown


def test_limits_are_those_that_hold() -> None:
    limits = s.WaveLimits(vms=20, bytes=None, vms_per_host=4)
    shown = wave_basis(make_settings(limits=limits, pilots=s.Pilots(2, s.Selector(vms=("web-*",))), max_vms=30))
    assert shown["limits"] == {"vms": 20, "vms_per_host": 4}
    assert (shown["pilots"], shown["pilots_match"], shown["max_vms"]) == (2, ["vms: web-*"], 30)
    assert (shown["dependencies"], shown["anti_affinity"]) == ("earlier", "spread")
