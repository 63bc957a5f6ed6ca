# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waves set free on the source."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

import jsonschema
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.planner import EstateFacts, PlanInput, make_plan
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.records import PlanRecords
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.release import (
    ACCELERATORS_KNOWN,
    Release,
    Releases,
    cpus_of,
    licensed_of,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.schema import plan_schema
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import Prices

from tests.unit.plan.builders import make_settings


def estate(vms: int = 8, **host: Any) -> Releases:
    """Four hosts of 32 cores in two sockets, and VMs of 4 CPUs and 8 GiB."""
    releases = Releases()
    for number in range(4):
        record = {"cluster_id": "c1", "cluster": "prod", "cpu_core_count": 32, "cpu_socket_count": 2, "memory_mib": 262144, **host}
        releases.take_host({"id": f"h{number}", **record})
    for number in range(vms):
        releases.take_vm({"id": f"vm-{number}", "cluster_id": "c1", "cpu_count": 4, "memory_mib": 8192})
    return releases


def after(releases: Releases, *waves: list[int], prices: Prices | None = None) -> list[Release]:
    """The releases of waves of VM numbers."""
    numbered = [(number, [f"vm-{vm}" for vm in vms]) for number, vms in enumerate(waves, 1)]
    return list(releases.after(numbered, prices or Prices()))


def test_half_of_the_load_gone_frees_half_of_the_hosts() -> None:
    (release,) = after(estate(), [0, 1, 2, 3])
    assert (release.hosts, release.hosts_released, release.cores_released, release.vms_left) == (4, 2, 64, 4)
    assert release.memory_mib_released == 2 * 262144
    assert not release.empty


def test_two_hosts_stay_until_the_cluster_is_empty() -> None:
    first, second = after(estate(), [0, 1, 2, 3, 4, 5, 6], [7])
    assert (first.hosts_needed, first.empty) == (2, False)
    assert (second.hosts_needed, second.empty, second.hosts_released) == (0, True, 4)


def test_vm_that_stays_keeps_the_cluster_from_being_empty() -> None:
    releases = estate()
    releases.take_vm({"id": "stays", "cluster_id": "c1", "cpu_count": 4, "memory_mib": 8192, "out_of_scope": "excluded by tag x"})
    releases.take_vm({"id": "template", "cluster_id": "c1", "template": True})
    (release,) = after(releases, list(range(8)))
    assert (release.vms_left, release.empty) == (1, False)


def test_no_host_counts_as_free_while_a_vm_of_unknown_size_is_left() -> None:
    releases = estate()
    releases.take_vm({"id": "vm-8", "cluster_id": "c1", "memory_mib": 8192})
    first, second = after(releases, [0, 1, 2, 3], [8])
    assert first.hosts_released == 0
    assert second.hosts_released == 2


def test_hosts_come_free_once_with_their_wave_and_what_is_known_of_them() -> None:
    releases = estate(cpu_model="Xeon Gold 6248", evc_mode_possible="intel-cascadelake")
    first, second = after(releases, [0, 1, 2, 3], [4, 5, 6, 7])
    assert [host.id for host in first.freed_now] == ["h0", "h1"]
    assert [host.id for host in second.freed_now] == ["h2", "h3"]
    assert cpus_of(second.freed) == {"Xeon Gold 6248 (intel-cascadelake)": 4}
    assert licensed_of(second.freed_now) == 64


def test_hosts_that_were_free_before_the_first_wave_come_free_with_none() -> None:
    (release,) = estate().after([(1, ["vm-4"])], Prices(), [f"vm-{number}" for number in range(4)])
    assert (release.hosts_released, release.freed_before, release.freed_now) == (2, 2, ())


def test_devices_of_vms_are_told_of_their_hosts_and_a_cpu_that_nobody_knows_is_no_model() -> None:
    releases = estate(vms=7, name="esx")
    gpu = {"kind": "VirtualPCIPassthrough", "backing": "grid_a100-10c"}
    vm = {"id": "vm-7", "cluster_id": "c1", "host": "esx", "cpu_count": 4, "memory_mib": 8192}
    releases.take_vm({**vm, "devices": [gpu, gpu, {"kind": "VirtualTPM"}]})
    (release,) = after(releases, list(range(8)))
    assert release.freed[0].devices == (("grid_a100-10c", 2),)
    assert cpus_of(release.freed) == {}
    assert ACCELERATORS_KNOWN is False


def with_devices(*placed: tuple[int, str | None], vms: int = 8) -> Releases:
    """Four hosts esx-0 (the smallest) to esx-3, and VMs; those with these numbers have a GPU of this host."""
    releases = Releases()
    for number in range(4):
        facts = {"cluster_id": "c1", "cpu_core_count": 32, "memory_mib": 262144 + number}
        releases.take_host({"id": f"h{number}", "name": f"esx-{number}", **facts})
    hosts = dict(placed)
    for number in range(vms):
        vm = {"id": f"vm-{number}", "cluster_id": "c1", "cpu_count": 4, "memory_mib": 8192, "host": hosts.get(number)}
        devices = [{"kind": "VirtualPCIPassthrough", "backing": "gpu"}] if number in hosts else []
        releases.take_vm({**vm, "devices": devices})
    return releases


def freed(releases: Iterable[Release]) -> list[list[str]]:
    """The hosts that come free with each wave."""
    return [[host.id for host in release.freed_now] for release in releases]


def test_host_with_the_device_of_a_vm_that_stays_does_not_come_free_and_the_next_one_does() -> None:
    (release,) = after(with_devices((7, "esx-0")), [0, 1, 2, 3])
    assert freed([release]) == [["h1", "h2"]]
    assert (release.hosts_released, release.freed[0].devices) == (2, ())


def test_no_more_hosts_come_free_than_nothing_holds() -> None:
    held = with_devices((5, "esx-0"), (6, "esx-1"), (7, "esx-2"))
    (release,) = after(held, [0, 1, 2, 3])
    assert (release.hosts_needed, release.hosts_released, release.cores_released) == (3, 1, 32)
    assert freed([release]) == [["h3"]]


def test_held_host_comes_free_with_the_last_vm_that_holds_it_and_names_its_devices() -> None:
    first, second, third = after(with_devices((6, "esx-0"), (7, "esx-0")), [0, 1, 2, 3], [4, 5, 6], [7])
    assert freed([first, second, third]) == [["h1", "h2"], [], ["h0", "h3"]]
    assert (second.freed_before, third.freed_before) == (2, 2)
    assert third.freed[: third.freed_before] == first.freed
    assert third.freed_now[0].devices == (("gpu", 2),)


def test_host_whose_device_vm_has_moved_before_the_first_wave_is_held_no_more() -> None:
    (release,) = with_devices((0, "esx-0")).after([(1, ["vm-4"])], Prices(), [f"vm-{number}" for number in range(4)])
    assert [(host.id, host.devices) for host in release.freed] == [("h0", (("gpu", 1),)), ("h1", ())]
    assert release.freed_before == 2


def test_no_host_comes_free_while_a_device_vm_is_left_whose_host_nobody_knows() -> None:
    first, second = after(with_devices((7, None)), [0, 1, 2, 3], [7])
    assert (first.hosts_released, first.hosts_needed) == (0, 4)
    assert freed([second]) == [["h0", "h1"]]


def test_device_on_a_host_that_is_not_counted_holds_none_of_the_others() -> None:
    (release,) = after(with_devices((7, "elsewhere")), [0, 1, 2, 3])
    assert freed([release]) == [["h0", "h1"]]


def test_small_sockets_count_sixteen_cores_for_a_subscription() -> None:
    (release,) = after(estate(cpu_core_count=16), list(range(8)))
    assert (release.cores_released, release.licensed_cores_released) == (64, 128)


def test_unknown_sockets_leave_the_licences_open() -> None:
    (release,) = after(estate(cpu_socket_count=None), list(range(8)), prices=Prices("EUR", per_core_year=100.0))
    assert release.licensed_cores_released is None
    assert release.saved_per_year is None


def test_savings_follow_the_users_prices_alone() -> None:
    releases = estate()
    assert after(releases, list(range(8)))[0].saved_per_year is None
    (priced,) = after(releases, list(range(8)), prices=Prices("EUR", per_host_year=1000.0, per_core_year=10.0))
    assert priced.saved_per_year == 4 * 1000 + 128 * 10


def test_hosts_without_figures_and_vms_outside_clusters_are_left_out() -> None:
    releases = Releases()
    releases.take_host({"id": "h1", "cluster_id": "c1", "cpu_core_count": 32})
    releases.take_vm({"id": "vm-0", "cluster_id": "c1", "cpu_count": 1, "memory_mib": 1})
    assert after(releases, [0]) == []


def _records(releases: list[Release]) -> dict[str, list[dict[str, Any]]]:
    """The records of a plan without VMs that has these releases, by kind; each is valid by the schema."""
    given = PlanInput((), {}, EstateFacts(), None, make_settings(), datetime(2026, 11, 22, tzinfo=timezone.utc))
    plan, problems = make_plan(given)
    assert plan is not None, problems
    found: dict[str, list[dict[str, Any]]] = {}
    validator = jsonschema.Draft202012Validator(plan_schema())
    for record in PlanRecords(plan, None, releases, {}, "manifests/mtv").all():
        validator.validate(record)
        found.setdefault(record["kind"], []).append(dict(record))
    return found


def test_records_name_each_free_host_once_and_what_comes_free_with_each_wave() -> None:
    found = _records(after(estate(name="esx", cpu_model="Xeon Gold 6248"), [0, 1, 2, 3], [4, 5, 6, 7]))
    assert [(record["id"], record["wave"]) for record in found["freed_host"]] == [("h0", 1), ("h1", 1), ("h2", 2), ("h3", 2)]
    first = found["freed_host"][0]
    assert (first["cpu_core_count"], first["cpu_model"], first["devices"], first["accelerators_known"]) == (32, "Xeon Gold 6248", {}, False)
    assert "cpu_baseline" not in first
    last = found["release"][-1]
    assert (last["hosts_released"], last["hosts_released_with_wave"], last["licensed_cores_released_with_wave"]) == (4, 2, 64)
    assert (last["cpus_released"], last["hosts_cpu_unknown"], last["accelerators_known"]) == ({"Xeon Gold 6248": 4}, 0, False)


def test_records_leave_out_what_nobody_knows_of_a_free_host() -> None:
    releases = estate(cpu_socket_count=None)
    found = _records(list(releases.after([(1, ["vm-4"])], Prices(), [f"vm-{number}" for number in range(4)])))
    assert all("wave" not in record and "cpu_model" not in record for record in found["freed_host"])
    (release,) = found["release"]
    assert (release["hosts_cpu_unknown"], "licensed_cores_released" in release) == (2, False)
