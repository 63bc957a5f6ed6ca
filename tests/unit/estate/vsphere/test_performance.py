# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Performance history becomes a few figures, and says why where it does not."""

from __future__ import annotations

from dataclasses import fields

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate import model
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.performance import (
    CPU,
    DISK,
    FACTS,
    MEMORY,
    METRICS,
    VIRTUAL_DISK,
    Counter,
    Figures,
    History,
    Interval,
    choose_interval,
    covered_days,
    figures,
    parse_series,
    sampling_seconds,
    summary,
    total,
)

DAY, WEEK, MONTH, YEAR = Interval(300, 86400, 1), Interval(1800, 604800, 1), Interval(7200, 2592000, 1), Interval(86400, 31536000, 1)
INTERVALS = (DAY, WEEK, MONTH, YEAR)
COUNTERS = {metric.counter: Counter(number) for number, metric in enumerate(METRICS)}


def history(**series: list[list[int | None]]) -> History:
    """A history of two-hour samples; names as the counters' groups."""
    counters = {"cpu": CPU, "mem": MEMORY, "virtual_disk": VIRTUAL_DISK, "disk": DISK}
    return History({counters[name].counter: value for name, value in series.items()}, 7200)


def figures_of(known: History, days: int = 30, counters: dict[str, Counter] | None = None, level: int = 1) -> Figures:
    return figures(known, days, COUNTERS if counters is None else counters, level)


def test_every_fact_of_the_history_is_a_fact_of_the_model() -> None:
    assert set(FACTS) <= {entry.name for entry in fields(model.Vm)}


def test_series_reads_numbers_and_takes_minus_one_and_nothing_for_gaps() -> None:
    assert parse_series("12,-1,,0,7") == [12, None, None, 0, 7]
    assert parse_series("") == []
    assert parse_series("3,unset") == [3, None]


@pytest.mark.parametrize(("text", "expected"), [("7200,2027-01-04T08:00:00Z,7200,2027-01-04T10:00:00Z", 7200), ("", 300), ("x,1", 300)])
def test_sampling_seconds_are_those_of_the_answer_else_those_asked_for(text: str, expected: int) -> None:
    assert sampling_seconds(text, 300) == expected


def test_total_adds_devices_and_has_a_gap_only_where_all_have_one() -> None:
    assert total([[1, None, None], [10, 20, None]]) == [11, 20, None]
    assert total([[1], [10, 20]]) == [11, 20]
    assert total([]) == []


def test_summary_gives_average_nearest_rank_percentile_and_peak() -> None:
    assert summary(list(range(1, 101))) == (50.5, 95, 100)
    assert summary([5]) == (5, 5, 5)


@pytest.mark.parametrize(("days", "expected"), [(1, DAY), (7, WEEK), (30, MONTH), (31, YEAR), (400, YEAR)])
def test_interval_is_the_finest_that_covers_the_days_else_the_longest(days: int, expected: Interval) -> None:
    assert choose_interval(INTERVALS, days) == expected


def test_interval_that_is_switched_off_is_not_chosen() -> None:
    off = Interval(7200, 2592000, 1, enabled=False)
    assert choose_interval((DAY, WEEK, off), 30) == WEEK
    assert covered_days(WEEK, 30) == 7


def test_no_interval_with_a_day_of_history_is_no_interval() -> None:
    assert choose_interval((), 30) is None
    assert choose_interval((Interval(20, 3600, 1),), 30) is None


def test_figures_of_a_full_month_are_in_the_models_units() -> None:
    found = figures_of(history(cpu=[[100] * 359 + [2000]], mem=[[2 * 1024 * 1024] * 360], virtual_disk=[[30] * 360, [12] * 360]))
    assert found.unknown == {}
    assert found.facts == {
        "cpu_usage_average_mhz": 105,
        "cpu_usage_p95_mhz": 100,
        "cpu_usage_peak_mhz": 2000,
        "active_memory_average_mib": 2048,
        "active_memory_p95_mib": 2048,
        "active_memory_peak_mib": 2048,
        "disk_write_average_kib_per_s": 42,
        "disk_write_p95_kib_per_s": 42,
        "disk_write_peak_kib_per_s": 42,
        "performance_days": 30,
    }


def test_gaps_count_neither_as_load_nor_as_days() -> None:
    found = figures_of(history(cpu=[[None] * 348 + [60] * 12]))
    assert found.facts["cpu_usage_average_mhz"] == 60
    assert found.facts["performance_days"] == 1


def test_too_few_samples_leave_the_facts_unknown_with_their_number() -> None:
    found = figures_of(history(cpu=[[60] * 11 + [None]]))
    assert found.facts == {}
    assert found.unknown["cpu_usage_p95_mhz"] == "11 samples of cpu.usagemhz.average in the history, at least 12 are needed"
    assert found.unknown["active_memory_peak_mib"] == "no history of mem.active.average in that time"


def test_counter_above_the_kept_level_says_which_level_keeps_it() -> None:
    found = figures_of(history(), counters={**COUNTERS, MEMORY.counter: Counter(24, level=2)}, level=1)
    assert (
        found.unknown["active_memory_average_mib"]
        == "no history of mem.active.average: it is kept from statistics level 2, the vCenter keeps level 1"
    )


def test_counter_that_the_server_does_not_have_is_named() -> None:
    found = figures_of(history(), counters={})
    assert found.unknown["cpu_usage_average_mhz"] == "the server has no counter cpu.usagemhz.average"


def test_writes_come_from_virtual_disks_else_from_disks_on_vmfs() -> None:
    assert figures_of(history(virtual_disk=[[8] * 12], disk=[[5] * 12])).facts["disk_write_peak_kib_per_s"] == 8
    assert figures_of(history(disk=[[5] * 12])).facts["disk_write_peak_kib_per_s"] == 5


def test_writes_that_no_counter_shows_name_both_reasons() -> None:
    reason = figures_of(history(virtual_disk=[[8] * 3])).unknown["disk_write_p95_kib_per_s"]
    assert reason.startswith("3 samples of virtualDisk.write.average") and reason.endswith("no history of disk.write.average in that time")
