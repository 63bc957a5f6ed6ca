# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waves set free on the source."""

from __future__ import annotations

from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.plan.release import Release, Releases
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import Prices


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
