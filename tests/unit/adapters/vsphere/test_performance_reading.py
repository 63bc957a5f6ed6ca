# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Performance history is read many VMs per call, as far as the server allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.vsphere.performance import VMS_PER_CALL, read_performance
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import Reference
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.performance import FACTS

from tests.unit.adapters.vsphere.scripted import ScriptedConnection, refuse, vim

VMS = [f"vm-{number}" for number in range(250)]


def counter(key: int, group: str, name: str, level: int = 1) -> str:
    return (
        f'<PerfCounterInfo xsi:type="PerfCounterInfo"><key>{key}</key><nameInfo><key>{name}</key></nameInfo><groupInfo><key>{group}</key>'
        f"</groupInfo><rollupType>average</rollupType><level>{level}</level></PerfCounterInfo>"
    )


def interval(seconds: int, kept: int) -> str:
    fields = f"<samplingPeriod>{seconds}</samplingPeriod><length>{kept}</length><level>1</level><enabled>true</enabled>"
    return f"<PerfInterval>{fields}</PerfInterval>"


COUNTERS = counter(6, "cpu", "usagemhz") + counter(33, "mem", "active", 2) + counter(7, "cpu", "idle")
INTERVALS = interval(300, 86400) + interval(7200, 2592000)


def manager(counters: str = COUNTERS, intervals: str = INTERVALS) -> dict[str, Any]:
    """What the performance manager says of itself."""
    return vim(
        "RetrievePropertiesEx",
        '<returnval><objects><obj type="PerformanceManager">PerfMgr</obj>'
        f'<propSet><name>perfCounter</name><val xsi:type="ArrayOfPerfCounterInfo">{counters}</val></propSet>'
        f'<propSet><name>historicalInterval</name><val xsi:type="ArrayOfPerfInterval">{intervals}</val></propSet></objects></returnval>',
    )


def limit(value: str) -> dict[str, Any]:
    return vim("QueryOptions", f'<returnval><key>x</key><value xsi:type="xsd:string">{value}</value></returnval>')


def answer(specs: Any, load: int = 100) -> dict[str, Any]:
    """One series of CPU for each VM."""
    series = ",".join([str(load)] * 360)
    entities = "".join(
        f'<returnval xsi:type="PerfEntityMetricCSV"><entity type="VirtualMachine">{spec.entity._moId}</entity>'
        f"<sampleInfoCSV>7200,2027-01-04T08:00:00Z</sampleInfoCSV><value><id><counterId>6</counterId><instance></instance></id>"
        f"<value>{series}</value></value></returnval>"
        for spec in specs
    )
    return vim("QueryPerf", entities)


class Server(ScriptedConnection):
    """Answers QueryPerf for at most `most` VMs a call, but never for those in `refused`."""

    def __init__(
        self, most: int = 1000, refused: tuple[str, ...] = (), option: str = "-1", properties: dict[str, Any] | None = None
    ) -> None:
        self.pages: list[int] = []
        self.most = most
        self.refused = refused
        super().__init__(
            {
                "RetrievePropertiesEx": lambda _arguments: properties or manager(),
                "QueryOptions": lambda _arguments: limit(option),
                "QueryPerf": self._perf,
            }
        )

    def _perf(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        specs = arguments["querySpec"]
        self.pages.append(len(specs))
        if len(specs) > self.most or any(spec.entity._moId in self.refused for spec in specs):
            raise refuse("InvalidArgument")
        return answer(specs)


def test_history_is_read_in_pages_and_its_calls_are_counted() -> None:
    server = Server()
    seen: list[int] = []
    found = read_performance(server, VMS, 30, seen.append)
    assert server.pages == seen == [VMS_PER_CALL, VMS_PER_CALL, 50]
    assert found.calls == 5
    assert found.facts is not None and len(found.facts) == 250
    assert found.facts["vm-7"] == {
        "cpu_usage_average_mhz": 100,
        "cpu_usage_p95_mhz": 100,
        "cpu_usage_peak_mhz": 100,
        "performance_days": 30,
    }
    assert found.unknown["vm-7"]["active_memory_p95_mib"].endswith("it is kept from statistics level 2, the vCenter keeps level 1")


def test_query_asks_for_the_days_at_the_interval_that_covers_them() -> None:
    server = Server()
    read_performance(server, VMS[:1], 30)
    spec = next(arguments["querySpec"][0] for method, arguments in server.made if method == "QueryPerf")
    assert (spec.intervalId, spec.format, (spec.endTime - spec.startTime).days) == (7200, "csv", 30)
    assert [(metric.counterId, metric.instance) for metric in spec.metricId] == [(6, ""), (33, "")]
    assert spec.endTime.isoformat().startswith("2027-01-04T08:15:00")


def test_limit_of_the_server_bounds_the_page() -> None:
    server = Server(option="64")
    read_performance(server, VMS[:100], 30)
    assert server.pages == [32, 32, 32, 4]


@pytest.mark.parametrize("option", ["-1", "0", "many"])
def test_no_limit_and_one_that_is_no_number_leave_the_page_as_it_is(option: str) -> None:
    server = Server(option=option)
    read_performance(server, VMS, 30)
    assert server.pages[0] == VMS_PER_CALL


def test_limit_that_may_not_be_read_leaves_the_page_as_it_is() -> None:
    server = Server()

    def denied(_arguments: Mapping[str, Any]) -> dict[str, Any]:
        raise refuse("NoPermission", privilegeId="System.View")

    server.scripts["QueryOptions"] = denied
    assert read_performance(server, VMS, 30).reason == ""
    assert server.pages[0] == VMS_PER_CALL


def test_refused_page_is_halved_and_the_smaller_size_kept() -> None:
    server = Server(most=30)
    found = read_performance(server, VMS[:100], 30)
    assert server.pages == [100, 50, 25, 25, 25, 25]
    assert found.facts is not None and len(found.facts) == 100


def test_vm_that_is_refused_alone_is_unknown_and_the_others_are_read() -> None:
    server = Server(refused=("vm-3",))
    found = read_performance(server, VMS[:8], 30)
    assert found.facts is not None and sorted(found.facts) == sorted(set(VMS[:8]) - {"vm-3"})
    assert set(found.unknown["vm-3"]) == set(FACTS)
    assert found.unknown["vm-3"]["cpu_usage_p95_mhz"] == "the server answered InvalidArgument: InvalidArgument it is"


def test_first_vm_that_is_refused_does_not_spoil_the_rest() -> None:
    found = read_performance(Server(refused=("vm-0", "vm-1")), VMS, 30)
    assert found.facts is not None and len(found.facts) == 248


def test_one_vm_that_spoils_a_page_does_not_make_later_pages_small() -> None:
    server = Server(refused=("vm-60",))
    found = read_performance(server, VMS, 30)
    assert found.facts is not None and len(found.facts) == 249
    assert server.pages[-1] > VMS_PER_CALL // 4
    assert len(server.pages) < 20


def test_vm_that_vanished_is_left_out_at_once_where_the_server_names_it() -> None:
    server = Server()

    def perf(arguments: Mapping[str, Any]) -> dict[str, Any]:
        server.pages.append(len(arguments["querySpec"]))
        if any(spec.entity._moId == "vm-60" for spec in arguments["querySpec"]):
            raise refuse("ManagedObjectNotFound", obj=Reference("VirtualMachine", "vm-60"))
        return answer(arguments["querySpec"])

    server.scripts["QueryPerf"] = perf
    found = read_performance(server, VMS, 30)
    assert found.facts is not None and len(found.facts) == 249 and set(found.unknown["vm-60"]) == set(FACTS)
    assert server.pages == [100, 100, 100, 49]


def test_server_that_refuses_every_vm_is_not_asked_for_each() -> None:
    server = Server(most=0)
    found = read_performance(server, VMS, 30)
    assert found.facts is None
    assert found.reason == "performance history could not be read: the server answered InvalidArgument: InvalidArgument it is"
    assert len(server.pages) < 30


def test_server_that_stops_answering_is_given_up_after_some_vms() -> None:
    server = Server(refused=tuple(VMS[100:]))
    found = read_performance(server, VMS, 30)
    assert found.facts is not None and len(found.facts) == 100
    assert set(VMS) - set(found.facts) == {moref for moref, facts in found.unknown.items() if "cpu_usage_p95_mhz" in facts}
    assert len(server.pages) < 120


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        (manager(counters=""), "the server has none of the counters cpu.usagemhz.average, mem.active.average, "),
        (manager(intervals=""), "the server keeps no performance history of a day or more"),
        (manager(counters="<PerfCounterInfo><key>x</key></PerfCounterInfo>"), "the answer does not hold what it should"),
        (
            vim(
                "RetrievePropertiesEx",
                '<returnval><objects><obj type="PerformanceManager">PerfMgr</obj><missingSet><path>perfCounter</path><fault>'
                '<fault xsi:type="NoPermission"><privilegeId>System.View</privilegeId></fault></fault></missingSet></objects></returnval>',
            ),
            "no permission: privilege System.View is missing",
        ),
    ],
)
def test_server_without_history_is_the_reason(properties: dict[str, Any], reason: str) -> None:
    found = read_performance(Server(properties=properties), VMS, 30)
    assert found.facts is None and found.reason.startswith(f"performance history could not be read: {reason}")


def test_fewer_days_than_asked_for_are_read_where_the_server_keeps_fewer() -> None:
    server = Server(properties=manager(intervals=interval(300, 86400)))
    read_performance(server, VMS[:1], 30)
    spec = next(arguments["querySpec"][0] for method, arguments in server.made if method == "QueryPerf")
    assert (spec.intervalId, (spec.endTime - spec.startTime).days) == (300, 1)
