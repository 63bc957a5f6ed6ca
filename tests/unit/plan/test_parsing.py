# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's variables: read with their units, and every problem listed with its place."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.parsing import SETTINGS, parse_settings
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import PlanSettings, Selector

NOW = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
TOMORROW = date(2026, 11, 22)
RULES = frozenset({"vmware.tpm.detected"})
CET = timezone(timedelta(hours=1))
ZONES = {
    "UTC": timezone.utc,
    "Europe/Berlin": CET,
    "Asia/Tokyo": timezone(timedelta(hours=9)),
    "America/Lima": timezone(timedelta(hours=-5)),
}


def zone_of(name: str) -> tzinfo | None:
    """Four zones, without summer times."""
    return ZONES.get(name)


def parse(**given: Any) -> tuple[PlanSettings, list[str]]:
    """The settings and the problems as texts."""
    settings, problems = parse_settings(given, NOW, zone_of, RULES)
    return settings, [problem.text() for problem in problems]


def test_nothing_given_is_the_defaults() -> None:
    settings, problems = parse()
    assert problems == []
    assert settings == PlanSettings(start=TOMORROW)


def test_null_and_empty_values_count_as_not_given() -> None:
    settings, problems = parse(**dict.fromkeys(SETTINGS, None))
    assert (settings, problems) == (PlanSettings(start=TOMORROW), [])
    assert parse(**dict.fromkeys(SETTINGS, ""))[1] == []


@pytest.mark.parametrize(
    ("zone", "moment", "today"),
    [
        ("Asia/Tokyo", "2027-01-31T23:30", date(2027, 2, 1)),
        ("Europe/Berlin", "2027-01-31T23:30", date(2027, 2, 1)),
        ("UTC", "2027-01-31T23:30", date(2027, 1, 31)),
        ("America/Lima", "2027-01-31T23:30", date(2027, 1, 31)),
        ("America/Lima", "2027-02-01T04:30", date(2027, 1, 31)),
    ],
)
def test_plan_begins_on_the_day_after_now_in_its_own_time_zone(zone: str, moment: str, today: date) -> None:
    now = datetime.fromisoformat(f"{moment}+00:00")
    settings, problems = parse_settings({"timezone": zone}, now, zone_of, RULES)
    assert (settings.start, problems) == (today + timedelta(days=1), [])
    assert parse_settings({"timezone": zone, "start": today.isoformat()}, now, zone_of, RULES)[1] == []
    (past,) = parse_settings({"timezone": zone, "start": (today - timedelta(days=1)).isoformat()}, now, zone_of, RULES)[1]
    assert "is in the past" in past.message


def test_window_is_read_with_days_times_and_selector() -> None:
    window = {"name": "weekend", "days": ["sat", "Sunday"], "start": "22:00", "end": "06:00", "match": {"environments": ["prod*"]}}
    settings, problems = parse(windows=[window], timezone="Europe/Berlin")
    assert problems == []
    assert settings.zone == CET
    (found,) = settings.windows
    assert (found.weekdays, found.start, found.end) == ((5, 6), time(22), time(6))
    assert found.selector == Selector(environments=("prod*",))


def test_unquoted_time_that_yaml_made_minutes_of_is_read() -> None:
    settings, problems = parse(windows=[{"name": "late", "days": "daily", "start": 1320, "end": "24:00"}])
    assert problems == []
    assert (settings.windows[0].start, settings.windows[0].end) == (time(22), time(0))


def test_numbers_may_come_as_texts() -> None:
    settings, problems = parse(max_vms="20", limits={"tib": "1.5"}, preserve_static_ips="no", rates={"link_mib_per_s": "250"})
    assert problems == []
    assert (settings.max_vms, settings.limits.bytes, settings.preserve_static_ips) == (20, 3 << 39, False)
    assert (settings.rates.link_mib_per_s, settings.rates.given) == (250.0, ("link_mib_per_s",))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"windws": []}, "plan.windws is not known"),
        ({"start": "soon"}, "plan_start is 'soon', not a day"),
        ({"timezone": "Mars"}, "plan_timezone is 'Mars'"),
        ({"windows": [{"start": "22:00", "end": "06:00"}]}, "plan_windows[0].name is missing"),
        ({"windows": [{"name": "a", "start": "25:00", "end": "06:00"}]}, "plan_windows[0].start is '25:00', not a time of day"),
        ({"windows": [{"name": "a", "start": "06:00", "end": "06:00"}]}, "plan_windows[0].end is the same as its start"),
        ({"windows": [{"name": "a", "days": ["someday"], "start": "1:00", "end": "6:00"}]}, "plan_windows[0].days names 'someday'"),
        ({"windows": "weekend"}, "plan_windows is a text, not a list"),
        ({"windows": ["weekend"]}, "plan_windows[0] is a text, not a mapping"),
        ({"freezes": [{"name": "year end", "to": "2027-01-05"}]}, "plan_freezes[0].from is missing"),
        ({"freezes": [{"from": "2027-01-05", "to": "2026-12-20"}]}, "plan_freezes[0].to 2026-12-20 is before 2027-01-05"),
        ({"limits": {"vms": 0}}, "plan_limits.vms is 0"),
        ({"limits": {"vms": 1.5}}, "plan_limits.vms is 1.5, not a whole number"),
        ({"accept_unknown": ["vmware.tpm.detected", "no.such.rule"]}, "plan_accept_unknown[1] names 'no.such.rule'"),
        ({"method": {"prefer": "hot"}}, "plan_method.prefer is 'hot'"),
        ({"method": {"overrides": [{"match": {"vm": ["a"]}, "method": "warm"}]}}, "plan_method.overrides[0].match.vm is not known"),
        ({"rates": {"link_mib_per_s": 0}}, "plan_rates.link_mib_per_s is 0"),
        ({"rates": {"p90_factor": 0.5}}, "plan_rates.p90_factor is 0.5"),
        ({"rates": {"link_mib_per_s": "nan"}}, "plan_rates.link_mib_per_s is 'nan', not a number"),
        ({"networks": [{"source": "lan"}]}, "plan_networks[0].name is missing"),
        ({"storage": [{"source": "ds"}]}, "plan_storage[0].storage_class is missing"),
        ({"fit": {"basis": "hope"}}, "plan_fit.basis is 'hope'"),
        ({"fit": {"live_migration": "maybe"}}, "plan_fit.live_migration is 'maybe', not true or false"),
        ({"prices": {"per_host_year": 5}}, "plan_prices.currency is missing"),
        ({"last_day": "2026-11-01"}, "plan_last_day 2026-11-01 is before the first day 2026-11-22"),
        ({"pilots": {"match": {"vms": [True]}}}, "plan_pilots.match.vms[0] is true or false, not a text"),
    ],
)
def test_problem_is_named_with_its_place(given: dict[str, Any], message: str) -> None:
    found = parse(**given)[1]
    assert len(found) == 1
    assert found[0].startswith(message)


def test_all_problems_are_listed_at_once() -> None:
    assert len(parse(start="x", max_vms=-1, windows=[{"start": "a", "end": "b"}], limts={})[1]) == 6
