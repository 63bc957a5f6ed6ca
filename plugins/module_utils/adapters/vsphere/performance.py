# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Performance history of many VMs per call of QueryPerf."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ...estate.vsphere.extras import Performance
from ...estate.vsphere.objects import Reference, many
from ...estate.vsphere.performance import (
    METRICS,
    Counter,
    History,
    Interval,
    Series,
    choose_interval,
    covered_days,
    figures,
    not_known,
    parse_series,
    sampling_seconds,
)
from .._libraries import pyVmomi
from .connection import Connection
from .services import TROUBLES, read_object, reason_of, understood
from .soap import SoapFault

VMS_PER_CALL: Final = 100
LIMIT_OPTION: Final = "config.vpxd.stats.maxQueryMetrics"
"""Setting of a vCenter: how many metrics one call may ask for; 64 unless somebody changed it."""

FAILURES_IN_A_ROW: Final = 10
"""After as many VMs that the server refuses one after the other, it is not asked for the rest."""

FAILURES_AT_FIRST: Final = 2
"""After more VMs than these, and no answer for any other, the server is taken to refuse history as a whole."""


@dataclass(frozen=True, slots=True)
class _Query:
    """What is asked for: counters by name, the interval, the days that it covers and the time from which on."""

    counters: Mapping[str, Counter]
    interval: Interval
    days: int = 0
    start: datetime | None = None
    end: datetime | None = None


def read_performance(connection: Connection, vms: Sequence[str], days: int, advance: Callable[[int], None] | None = None) -> Performance:
    """The history of VMs, given by id, over so many days; never an error: what went wrong is the reason why there is none.

    `advance` is told after each answer for how many VMs it was.
    """
    reader = _Reader(connection)
    try:
        reason = reader.prepare(days)
        if not reason:
            reader.read(vms, advance or _ignore)
            if reader.answered or not vms:
                return Performance(reader.facts, reader.unknown, calls=reader.calls)
            reason = reader.refusal
    except TROUBLES as error:
        reason = reason_of(error)
    return Performance(None, reason=f"performance history could not be read: {reason}", calls=reader.calls)


def _ignore(_count: int) -> None:
    """Nobody wants to know."""


def _query(connection: Connection, days: int) -> tuple[_Query | None, str]:
    """What to ask; None with the reason where the server keeps no history."""
    manager = connection.content.perfManager
    if manager is None:
        return None, "the server has no performance manager"
    read = read_object(connection, manager, ("perfCounter", "historicalInterval"))
    for reason in read.missing.values():
        return None, reason
    with understood():
        counters = named_counters(read.values.get("perfCounter") or ())
        kept = intervals(read.values.get("historicalInterval") or ())
    if not counters:
        return None, f"the server has none of the counters {', '.join(dict.fromkeys(metric.counter for metric in METRICS))}"
    interval = choose_interval(kept, days)
    if interval is None:
        return None, "the server keeps no performance history of a day or more"
    covered = covered_days(interval, days)
    end = pyVmomi.Iso8601.ParseISO8601(connection.server_time)
    if end is None:
        return None, "the server does not tell its time"
    return _Query(counters, interval, covered, end - timedelta(days=covered), end), ""


def named_counters(nodes: Sequence[Any]) -> dict[str, Counter]:
    """The counters that are asked for, by name such as cpu.usagemhz.average, as far as the server has them."""
    wanted = {metric.counter for metric in METRICS}
    found: dict[str, Counter] = {}
    for node in nodes:
        name = f"{node['groupInfo']['key']}.{node['nameInfo']['key']}.{node['rollupType']}"
        if name in wanted:
            level = int(node.get("level", 1))
            found[name] = Counter(int(node["key"]), level, int(node.get("perDeviceLevel", level)))
    return found


def intervals(nodes: Sequence[Any]) -> list[Interval]:
    """The server's historical intervals."""
    return [
        Interval(int(node["samplingPeriod"]), int(node["length"]), int(node.get("level", 1)), node.get("enabled", "true") == "true")
        for node in nodes
    ]


def page_size(connection: Connection, metrics: int) -> int:
    """VMs per call, as far as the server's limit is known; where it is not, the server says so by refusing."""
    if connection.content.setting is None or metrics < 1:
        return VMS_PER_CALL
    try:
        options = many(connection.invoke(connection.content.setting, "QueryOptions", name=LIMIT_OPTION), "returnval")
        limit = int(next((option["value"] for option in options), 0))
    except (SoapFault, KeyError, ValueError, TypeError):
        return VMS_PER_CALL
    return max(1, min(VMS_PER_CALL, limit // metrics)) if limit > 0 else VMS_PER_CALL


class _Reader:
    """Asks page by page. A page that the server refuses is halved, until the one VM is found that spoils it.

    Where no such VM is found the pages were too large, and the smaller size is kept.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._query = _Query({}, Interval(0, 0, 0))
        self._size = VMS_PER_CALL
        self._descent: tuple[int, int] | None = None
        """size before pages were halved, and the end of the page that made it so"""
        self._failures = 0
        self._culprit = ""
        self.answered = 0
        self.refusal = ""
        self.facts: dict[str, Mapping[str, int]] = {}
        self.unknown: dict[str, Mapping[str, str]] = {}
        self.calls = 0

    def prepare(self, days: int) -> str:
        """Learns what can be asked for; the reason where nothing can."""
        self.calls += 1
        query, reason = _query(self._connection, days)
        if query is not None:
            self.calls += 1
            self._query = query
            self._size = page_size(self._connection, len(query.counters))
        return reason

    def read(self, vms: Sequence[str], advance: Callable[[int], None]) -> None:
        """Fills `facts` and `unknown`."""
        start = 0
        vms = list(vms)
        while start < len(vms) and self._failures < FAILURES_IN_A_ROW:
            page = vms[start : start + self._size]
            if self._ask(page):
                start += len(page)
                advance(len(page))
                self._end_descent(start)
            elif self._culprit in page:
                vms.remove(self._culprit)
                self.unknown[self._culprit] = not_known(self.refusal)
                self._failures += 1
            elif len(page) > 1:
                self._descent = self._descent or (self._size, start + len(page))
                self._size = (len(page) + 1) // 2
            elif self.answered or self._failures < FAILURES_AT_FIRST:
                start += 1
                self._blame(page[0])
            else:
                return
        self.unknown.update((moref, not_known(self.refusal)) for moref in vms[start:])

    def _end_descent(self, start: int) -> None:
        if self._descent is not None and start >= self._descent[1]:
            self._descent = None

    def _blame(self, moref: str) -> None:
        """One VM alone was refused: pages can be as large again as before it was met."""
        self.unknown[moref] = not_known(self.refusal)
        self._failures += 1
        if self._descent is not None:
            self._size, self._descent = self._descent[0], None

    def _ask(self, page: Sequence[str]) -> bool:
        specs = [self._spec(moref) for moref in page]
        self.calls += 1
        try:
            answer = self._connection.invoke(self._connection.content.perfManager, "QueryPerf", querySpec=specs)
        except SoapFault as error:
            self.refusal = error.fault.reason
            named = error.fault.fields.get("obj") if error.fault.name == "ManagedObjectNotFound" else None
            self._culprit = named.moref if isinstance(named, Reference) else ""
            return False
        self._failures = 0
        self.answered += len(page)
        self._take(page, answer)
        return True

    def _spec(self, moref: str) -> Any:
        kinds = pyVmomi.vim.PerformanceManager
        counters = self._query.counters
        metrics = [
            kinds.MetricId(counterId=counters[metric.counter].id, instance=metric.instance)
            for metric in METRICS
            if metric.counter in counters
        ]
        return kinds.QuerySpec(
            entity=self._connection.managed(Reference("VirtualMachine", moref)),
            startTime=self._query.start,
            endTime=self._query.end,
            metricId=metrics,
            intervalId=self._query.interval.sampling_seconds,
            format="csv",
        )

    def _take(self, page: Sequence[str], answer: Mapping[str, Any]) -> None:
        with understood():
            found = dict(histories(answer, self._query.counters, self._query.interval.sampling_seconds))
        for moref in page:
            history = found.get(moref, History({}, self._query.interval.sampling_seconds))
            result = figures(history, self._query.days, self._query.counters, self._query.interval.level)
            if result.facts:
                self.facts[moref] = result.facts
            if result.unknown:
                self.unknown[moref] = result.unknown


def histories(answer: Mapping[str, Any], counters: Mapping[str, Counter], asked_seconds: int) -> Iterator[tuple[str, History]]:
    """The series of each VM of an answer, by the VM's id."""
    names = {str(counter.id): name for name, counter in counters.items()}
    for entity in many(answer, "returnval"):
        series: dict[str, list[Series]] = {}
        for node in many(entity, "value"):
            name = names.get(node["id"]["counterId"])
            if name is not None:
                series.setdefault(name, []).append(parse_series(node.get("value", "")))
        yield entity["entity"].moref, History(series, sampling_seconds(entity.get("sampleInfoCSV", ""), asked_seconds))
