# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations: each part of the path can be the bottleneck, warm moves cost their last changes."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.duration import (
    Pace,
    delta_bytes,
    planner_minutes,
    vm_duration,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import COLD, GIB, WARM
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import Rates

from .builders import make_disk, make_vm

RATES = Rates(
    link_mib_per_s=100.0,
    host_mib_per_s=100.0,
    datastore_mib_per_s=100.0,
    disk_mib_per_s=100.0,
    target_mib_per_s=100.0,
    conversion_minutes=2.0,
    startup_minutes=1.0,
    p90_factor=2.0,
)
MINUTE = 60 * 100 * (1 << 20)
"""Bytes that one minute moves at 100 MiB/s."""


def slow(name: str) -> Pace:
    """A pace at which one part of the path is ten times as slow as the others."""
    values = {key: getattr(RATES, key) for key in RATES.__slots__}
    return Pace(Rates(**{**values, f"{name}_mib_per_s": 10.0}))


@pytest.mark.parametrize("part", ["link", "host", "datastore", "disk", "target"])
def test_slowest_part_of_the_path_is_named_and_bounds_a_cold_move(part: str) -> None:
    vm = make_vm("web", disks=(make_disk("[ds-01] a.vmdk", used_bytes=MINUTE),))
    duration = vm_duration(vm, COLD, slow(part))
    assert duration.bottleneck == part
    assert duration.elapsed_p50_minutes == pytest.approx(10 + 3)
    assert duration.downtime_p50_minutes == duration.elapsed_p50_minutes


def test_conversion_is_the_bottleneck_of_a_small_vm() -> None:
    vm = make_vm("web", disks=(make_disk("[ds-01] a.vmdk", used_bytes=MINUTE // 100),))
    assert vm_duration(vm, COLD, Pace(RATES)).bottleneck == "conversion"


def test_size_is_copied_where_nobody_knows_the_use_and_that_is_said() -> None:
    vm = make_vm("web", disks=(make_disk("[ds-01] a.vmdk", used_bytes=None, capacity_bytes=MINUTE),))
    duration = vm_duration(vm, COLD, Pace(RATES))
    assert duration.copy_bytes == MINUTE
    assert duration.assumptions == ("its disks are copied in full: bytes used are not known",)


def test_warm_move_is_down_for_its_last_changes_only() -> None:
    vm = make_vm("db", disks=(make_disk("[ds-01] a.vmdk", used_bytes=100 * MINUTE),), disk_write_average_kib_per_s=1024)
    duration = vm_duration(vm, WARM, Pace(RATES))
    changed_minutes = 3600 / 6000
    assert duration.downtime_p50_minutes == pytest.approx(changed_minutes + 3)
    assert duration.elapsed_p50_minutes == pytest.approx(100 + changed_minutes + 3)
    assert duration.downtime_p90_minutes > duration.downtime_p50_minutes


def test_changes_are_never_more_than_the_vm_has() -> None:
    vm = make_vm("db", disks=(make_disk("[ds-01] a.vmdk", used_bytes=GIB),), disk_write_average_kib_per_s=1 << 20)
    assert delta_bytes(vm, vm.copy_bytes, Pace(RATES)) == (GIB, GIB)


def test_tolerance_is_kept_broken_or_unknown() -> None:
    disks = (make_disk("[ds-01] a.vmdk", used_bytes=MINUTE),)
    found = [
        vm_duration(make_vm("a", disks=disks, downtime_tolerance_minutes=limit), COLD, Pace(RATES)).within_tolerance
        for limit in (8, 7, None)
    ]
    assert found == [True, False, None]


def test_planner_formula_counts_provisioned_size_one_after_another() -> None:
    vms = [make_vm(name, disks=(make_disk(f"[ds-01] {name}.vmdk", capacity_bytes=250 * GIB, used_bytes=GIB),)) for name in "ab"]
    assert planner_minutes(vms) == pytest.approx(110, rel=0.01)
