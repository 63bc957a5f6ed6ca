# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a VM's performance history to the few figures that sizing needs.

The series are those of QueryPerf in CSV form: one number per interval, -1 or nothing where the vCenter has no sample (the
VM was off, or its host was not connected). Units as the counters have them: MHz, KiB (called kiloBytes there) and KiB/s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

DAY_SECONDS: Final = 86400
MINIMUM_SAMPLES: Final = 12
"""Fewer samples than this say nothing of a VM's load: a percentile of them is one of them."""


@dataclass(frozen=True, slots=True)
class Interval:
    """One of the vCenter's historical intervals: seconds between samples, seconds kept, statistics level, in use."""

    sampling_seconds: int
    kept_seconds: int
    level: int
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Counter:
    """A performance counter: its id on this server and the statistics levels at which history is kept of it.

    `level` holds for the sum of an object, `device_level` for its single devices.
    """

    id: int
    level: int = 1
    device_level: int = 1


@dataclass(frozen=True, slots=True)
class Metric:
    """What is asked of a VM: counter, instances ("" is the VM as a whole, "*" every device), facts and unit."""

    counter: str
    instance: str
    facts: tuple[str, str, str]
    divisor: int = 1


CPU: Final = Metric("cpu.usagemhz.average", "", ("cpu_usage_average_mhz", "cpu_usage_p95_mhz", "cpu_usage_peak_mhz"))
MEMORY: Final = Metric(
    "mem.active.average", "", ("active_memory_average_mib", "active_memory_p95_mib", "active_memory_peak_mib"), divisor=1024
)
_DISK_FACTS: Final = ("disk_write_average_kib_per_s", "disk_write_p95_kib_per_s", "disk_write_peak_kib_per_s")
VIRTUAL_DISK: Final = Metric("virtualDisk.write.average", "*", _DISK_FACTS)
DISK: Final = Metric("disk.write.average", "", _DISK_FACTS)

METRICS: Final = (CPU, MEMORY, VIRTUAL_DISK, DISK)
"""In this order. Where two feed the same facts, the first one with enough samples does: virtualDisk covers disks on every
kind of datastore, disk.write those on VMFS and raw devices alone."""

FACTS: Final = ("performance_days", *CPU.facts, *MEMORY.facts, *_DISK_FACTS)
"""Every fact that comes from history."""

Series = Sequence[int | None]
"""One number per interval, None where there is no sample."""


def parse_series(text: str) -> list[int | None]:
    """A series as QueryPerf writes it in CSV form; gaps are None."""
    return [_sample(part) for part in text.split(",")] if text.strip() else []


def _sample(text: str) -> int | None:
    try:
        number = int(text)
    except ValueError:
        return None
    return number if number >= 0 else None


def sampling_seconds(text: str, default: int) -> int:
    """Seconds between the samples that were returned: the first number of "7200,2027-01-04T08:00:00Z,7200,…"."""
    first = text.partition(",")[0]
    return int(first) if first.isdigit() and int(first) > 0 else default


def total(series: Sequence[Series]) -> list[int | None]:
    """The sum of the devices' series, interval by interval; a gap only where every device has one."""
    length = max((len(one) for one in series), default=0)
    sums: list[int | None] = []
    for index in range(length):
        known = [value for one in series if index < len(one) and (value := one[index]) is not None]
        sums.append(sum(known) if known else None)
    return sums


def choose_interval(intervals: Iterable[Interval], days: int) -> Interval | None:
    """The finest interval whose history covers the days, else the one that reaches back furthest; None without a day of history."""
    usable = [one for one in intervals if one.enabled and one.sampling_seconds > 0 and one.kept_seconds >= DAY_SECONDS]
    covering = [one for one in usable if one.kept_seconds >= days * DAY_SECONDS]
    if covering:
        return min(covering, key=lambda one: (one.sampling_seconds, one.kept_seconds))
    return max(usable, key=lambda one: (one.kept_seconds, -one.sampling_seconds), default=None)


def covered_days(interval: Interval, days: int) -> int:
    """How many of the days that were asked for the interval's history covers."""
    return min(days, interval.kept_seconds // DAY_SECONDS)


@dataclass(frozen=True, slots=True)
class History:
    """The series of one VM by counter name, each of its devices' series on its own, and the seconds between samples."""

    series: Mapping[str, Sequence[Series]]
    sampling_seconds: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Facts of one VM, and those that are lacking with the reason."""

    facts: Mapping[str, int]
    unknown: Mapping[str, str]


def figures(history: History, days: int, counters: Mapping[str, Counter], level: int) -> Figures:
    """What the history of one VM says.

    `days` were asked for, `counters` are those that the server knows, `level` is the statistics level of the interval.
    """
    facts: dict[str, int] = {}
    unknown: dict[str, str] = {}
    most = 0
    for metric in METRICS:
        if metric.facts[0] in facts:
            continue
        samples = sorted(value for value in total(history.series.get(metric.counter, ())) if value is not None)
        if len(samples) < MINIMUM_SAMPLES:
            reason = _lack(metric, len(samples), counters.get(metric.counter), level)
            unknown.update((name, _both(unknown.get(name, ""), reason)) for name in metric.facts)
            continue
        facts.update(zip(metric.facts, (_unit(value, metric.divisor) for value in summary(samples)), strict=True))
        most = max(most, len(samples))
    if most:
        facts["performance_days"] = min(days, -(-most * history.sampling_seconds // DAY_SECONDS))
    return Figures(facts, {name: reason for name, reason in unknown.items() if name not in facts})


def _both(first: str, second: str) -> str:
    return f"{first}; {second}" if first and first != second else second


def summary(samples: Sequence[int]) -> tuple[float, int, int]:
    """Average, 95th percentile (nearest rank) and peak of sorted samples."""
    rank = -(-95 * len(samples) // 100)
    return sum(samples) / len(samples), samples[rank - 1], samples[-1]


def _unit(value: float, divisor: int) -> int:
    return int(value / divisor + 0.5)


def _lack(metric: Metric, count: int, counter: Counter | None, level: int) -> str:
    if counter is None:
        return f"the server has no counter {metric.counter}"
    if count:
        return f"{count} {'sample' if count == 1 else 'samples'} of {metric.counter} in the history, at least {MINIMUM_SAMPLES} are needed"
    needed = counter.device_level if metric.instance == "*" else counter.level
    if needed > level:
        return f"no history of {metric.counter}: it is kept from statistics level {needed}, the vCenter keeps level {level}"
    return f"no history of {metric.counter} in that time"


def not_known(reason: str) -> dict[str, str]:
    """Every fact of the history, unknown for one reason."""
    return dict.fromkeys(FACTS, reason)
