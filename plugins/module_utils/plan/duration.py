# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long moves take: bytes used, method, change rate, the rates of the path, and what the migration toolkit does at once.

A copy is as fast as the slowest part of its path: the disk's stream, its datastore, the ESXi host's network, the link, the
storage of the target. What VMs take that move together is in `wave_clock`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from .model import GIB, MIB, WARM, Duration, PlanVm
from .settings import Rates

MAX_VM_INFLIGHT: Final = 20
"""Transfers from one ESXi host at once unless set (Forklift, controller_max_vm_inflight)."""

PRECOPY_INTERVAL_MINUTES: Final = 60
"""Time between copies of a warm migration unless set (Forklift, controller_precopy_interval)."""

PLANNER_MBIT_PER_S: Final = 620.0
"""Rate of the migration planner's serial estimate (kubev2v migration-planner, estimation calculators)."""

LINK, HOST, DATASTORE, DISK, TARGET, CONVERSION, INFLIGHT = "link", "host", "datastore", "disk", "target", "conversion", "in-flight limit"
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Pace:
    """The rates, and what the toolkit of the target is set to."""

    rates: Rates = field(default_factory=Rates)
    max_vm_inflight: int = MAX_VM_INFLIGHT
    precopy_interval_minutes: int = PRECOPY_INTERVAL_MINUTES


def vm_duration(vm: PlanVm, method: str, pace: Pace) -> Duration:
    """How long the move of one VM takes, alone."""
    rates = pace.rates
    fixed = rates.conversion_minutes + rates.startup_minutes
    sizes = Sizes(vm)
    copy, bottleneck = copy_minutes(sizes, sizes.total, method, rates)
    p90_copy = copy * rates.p90_factor
    assumptions = _assumptions(vm, method, rates)
    if method == WARM:
        delta, delta_p90 = delta_bytes(vm, sizes.total, pace)
        down = copy_minutes(sizes, delta, method, rates)[0] + fixed
        down_p90 = copy_minutes(sizes, delta_p90, method, rates)[0] * rates.p90_factor + fixed * rates.p90_factor
        elapsed, elapsed_p90 = copy + down, p90_copy + down_p90
    else:
        down = elapsed = copy + fixed
        down_p90 = elapsed_p90 = p90_copy + fixed * rates.p90_factor
    if fixed > copy:
        bottleneck = CONVERSION
    tolerance = vm.downtime_tolerance_minutes
    within = None if tolerance is None else down_p90 <= tolerance
    return Duration(sizes.total, elapsed, elapsed_p90, down, down_p90, bottleneck, tolerance, within, assumptions)


def delta_bytes(vm: PlanVm, total: int, pace: Pace) -> tuple[int, int]:
    """(p50, p90) bytes that change in the last interval before cutover, never more than the VM's `total`.

    Bytes written, where the history tells, are an upper bound: blocks that are written twice are copied once.
    """
    seconds = pace.precopy_interval_minutes * 60
    if vm.disk_write_average_kib_per_s is None:
        daily = total * pace.rates.change_percent_per_day / 100
        average = high = int(daily * seconds / _DAY_SECONDS)
    else:
        average = vm.disk_write_average_kib_per_s * 1024 * seconds
        high = max(average, (vm.disk_write_p95_kib_per_s or 0) * 1024 * seconds)
    return min(average, total), min(high, total)


def planner_minutes(vms: Iterable[PlanVm]) -> float:
    """What the migration planner's formula says: provisioned GiB, one after another, at 620 Mbit/s."""
    return sum(vm.capacity_bytes for vm in vms) / GIB * 1024 / (PLANNER_MBIT_PER_S / 8) / 60


def minutes_for(size: float, mib_per_s: float) -> float:
    """Minutes for so many bytes at a rate."""
    return size / MIB / mib_per_s / 60


class Sizes:
    """What a VM's copy reads: in all, of its largest disk, and by datastore."""

    __slots__ = ("by_datastore", "largest", "most_of_one_datastore", "total")

    def __init__(self, vm: PlanVm) -> None:
        found: dict[str, int] = {}
        self.total = self.largest = 0
        for disk in vm.disks or ():
            size = disk.used_bytes if disk.used_bytes is not None else disk.capacity_bytes or 0
            name = disk.datastore_id or disk.datastore
            found[name] = found.get(name, 0) + size
            self.total += size
            self.largest = max(self.largest, size)
        self.by_datastore = sorted(found.items())
        self.most_of_one_datastore = max(found.values(), default=0)


def copy_minutes(sizes: Sizes, moved: int, method: str, rates: Rates) -> tuple[float, str]:
    """Minutes for so many bytes of the VM, alone, and what bounds them.

    A cold move is one stream (virt-v2v reads disk after disk), a warm one has a stream for each disk (CDI imports them side by side).
    """
    if not moved or not sizes.total:
        return 0.0, DISK
    largest = sizes.largest if method == WARM else sizes.total
    share = moved / sizes.total
    parts = (
        (DISK, minutes_for(largest * share, rates.disk_mib_per_s)),
        (DATASTORE, minutes_for(sizes.most_of_one_datastore * share, rates.datastore_mib_per_s)),
        (HOST, minutes_for(moved, rates.host_mib_per_s)),
        (LINK, minutes_for(moved, rates.link_mib_per_s)),
        (TARGET, minutes_for(moved, rates.target_mib_per_s)),
    )
    bottleneck, minutes = max(parts, key=lambda part: part[1])
    return minutes, bottleneck


def _assumptions(vm: PlanVm, method: str, rates: Rates) -> tuple[str, ...]:
    found = []
    if any(disk.used_bytes is None for disk in vm.disks or ()):
        found.append("its disks are copied in full: bytes used are not known")
    if method == WARM and vm.disk_write_average_kib_per_s is None:
        found.append(f"{rates.change_percent_per_day:g} % of its bytes change in a day")
    return tuple(found)
