# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long moves take: bytes used, method, change rate, the rates of the path, and what the migration toolkit does at once.

A copy is as fast as the slowest part of its path: the disk's stream, its datastore, the ESXi host's network, the link, the
storage of the target. VMs that move together share these parts, so a wave takes at least what its most loaded part takes, and at
most that and its longest single move more (Graham's bound for list scheduling); the latter is what is planned with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

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


@dataclass(frozen=True, slots=True)
class Load:
    """What a VM's move asks of the path within a window."""

    host: str
    bytes_by_datastore: tuple[tuple[str, int, float], ...]
    """name, bytes and their p90"""
    bytes: int
    bytes_p90: float
    fixed_minutes: float
    """shutdown, conversion and first boot"""
    alone_minutes: float
    """its copying with nothing else under way"""
    alone_p90_minutes: float


def vm_duration(vm: PlanVm, method: str, pace: Pace) -> Duration:
    """How long the move of one VM takes, alone."""
    rates = pace.rates
    fixed = rates.conversion_minutes + rates.startup_minutes
    sizes = _Sizes(vm)
    copy_minutes, bottleneck = _copy_minutes(sizes, sizes.total, method, rates)
    p90_copy = copy_minutes * rates.p90_factor
    assumptions = _assumptions(vm, method, rates)
    if method == WARM:
        delta, delta_p90 = _delta_bytes(vm, sizes.total, pace)
        down = _copy_minutes(sizes, delta, method, rates)[0] + fixed
        down_p90 = _copy_minutes(sizes, delta_p90, method, rates)[0] * rates.p90_factor + fixed * rates.p90_factor
        elapsed, elapsed_p90 = copy_minutes + down, p90_copy + down_p90
    else:
        down = elapsed = copy_minutes + fixed
        down_p90 = elapsed_p90 = p90_copy + fixed * rates.p90_factor
    if fixed > copy_minutes:
        bottleneck = CONVERSION
    tolerance = vm.downtime_tolerance_minutes
    within = None if tolerance is None else down_p90 <= tolerance
    return Duration(sizes.total, elapsed, elapsed_p90, down, down_p90, bottleneck, tolerance, within, assumptions)


def delta_bytes(vm: PlanVm, pace: Pace) -> tuple[int, int]:
    """(p50, p90) bytes that change in the last interval before cutover, never more than the VM has.

    Bytes written, where the history tells, are an upper bound: blocks that are written twice are copied once.
    """
    return _delta_bytes(vm, vm.copy_bytes, pace)


def _delta_bytes(vm: PlanVm, total: int, pace: Pace) -> tuple[int, int]:
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


def load_of(vm: PlanVm, method: str, pace: Pace) -> Load:
    """What the move asks of a window: everything for a cold one, the last changes for a warm one."""
    rates = pace.rates
    fixed = rates.conversion_minutes + rates.startup_minutes
    sizes = _Sizes(vm)
    total = sizes.total
    moved, moved_p90 = _delta_bytes(vm, total, pace) if method == WARM else (total, total)
    alone = _copy_minutes(sizes, moved, method, rates)[0]
    high = alone if moved_p90 == moved else _copy_minutes(sizes, moved_p90, method, rates)[0]
    by_datastore = tuple(
        (name, _scaled(size, moved, total), _scaled(size, moved_p90, total) * rates.p90_factor) for name, size in sizes.by_datastore
    )
    return Load(vm.host, by_datastore, moved, moved_p90 * rates.p90_factor, fixed, alone, high * rates.p90_factor)


class Loads:
    """The loads of VMs at one pace, each worked out once: a plan asks for the same ones over and over."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self._known: dict[tuple[str, str], Load] = {}

    def of(self, vm: PlanVm, method: str) -> Load:
        """See `load_of`."""
        key = (vm.id, method)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = load_of(vm, method, self.pace)
        return found


class WaveClock:
    """The elapsed time of VMs that move together in one window; grows VM by VM."""

    def __init__(self, loads: Loads) -> None:
        self._loads = loads
        self._total = _NOTHING
        self._longest = _NOTHING
        self._fixed = 0.0
        self._hosts: dict[str, _Sum] = {}
        self._host_fixed: dict[str, float] = {}
        self._datastores: dict[str, _Sum] = {}
        self._worst_host = self._worst_datastore = _NOTHING
        self._worst_inflight = 0.0

    def minutes_with(self, moves: Sequence[tuple[PlanVm, str]]) -> tuple[float, float, str]:
        """(p50, p90, bottleneck) of everything added so far and these moves; nothing is changed."""
        clock = WaveClock(self._loads)
        loads = [self._loads.of(vm, method) for vm, method in moves]
        # Only what the moves touch is carried over: the worst of the others is known.
        for load in loads:
            host = load.host
            if host in self._hosts:
                clock._hosts[host], clock._host_fixed[host] = self._hosts[host], self._host_fixed[host]
            for name, _size, _p90 in load.bytes_by_datastore:
                if name in self._datastores:
                    clock._datastores[name] = self._datastores[name]
        clock._total, clock._longest, clock._fixed = self._total, self._longest, self._fixed
        clock._worst_host, clock._worst_datastore, clock._worst_inflight = self._worst_host, self._worst_datastore, self._worst_inflight
        for load in loads:
            clock._take(load)
        return clock.minutes()

    def add(self, moves: Sequence[tuple[PlanVm, str]]) -> None:
        """Adds moves."""
        for vm, method in moves:
            self._take(self._loads.of(vm, method))

    def minutes(self) -> tuple[float, float, str]:
        """(p50, p90, bottleneck) of what was added; zero for nothing."""
        pace = self._loads.pace
        rates = pace.rates
        # Bytes become minutes here and nowhere else: adding and comparing them is done hundreds of thousands of times.
        most, bottleneck = self._longest[0], DISK
        p90 = self._longest[1]
        for name, (size, size_p90), rate in (
            (HOST, self._worst_host, rates.host_mib_per_s),
            (DATASTORE, self._worst_datastore, rates.datastore_mib_per_s),
            (LINK, self._total, rates.link_mib_per_s),
            (TARGET, self._total, rates.target_mib_per_s),
        ):
            scale = MIB * rate * 60
            if size > most * scale:
                most, bottleneck = size / scale, name
            if size_p90 > p90 * scale:
                p90 = size_p90 / scale
        inflight = self._worst_inflight / max(1, pace.max_vm_inflight)
        if inflight > most:
            most, bottleneck = inflight, INFLIGHT
        p90 = max(p90, inflight * rates.p90_factor)
        if self._fixed > most:
            bottleneck = CONVERSION
        return most + self._fixed, p90 + self._fixed * rates.p90_factor, bottleneck

    def _take(self, load: Load) -> None:
        moved, moved_p90 = load.bytes, load.bytes_p90
        self._total = (self._total[0] + moved, self._total[1] + moved_p90)
        size, size_p90 = self._hosts.get(load.host, _NOTHING)
        host = self._hosts[load.host] = (size + moved, size_p90 + moved_p90)
        self._worst_host = _worse(self._worst_host, host)
        fixed = self._host_fixed[load.host] = self._host_fixed.get(load.host, 0.0) + load.fixed_minutes
        self._worst_inflight = max(self._worst_inflight, fixed)
        for name, part, part_p90 in load.bytes_by_datastore:
            size, size_p90 = self._datastores.get(name, _NOTHING)
            store = self._datastores[name] = (size + part, size_p90 + part_p90)
            self._worst_datastore = _worse(self._worst_datastore, store)
        self._longest = _worse(self._longest, (load.alone_minutes, load.alone_p90_minutes))
        self._fixed = max(self._fixed, load.fixed_minutes)


_Sum: TypeAlias = tuple[float, float]
"""Median and 90th percentile of a sum."""

_NOTHING: Final[_Sum] = (0.0, 0.0)


def _worse(known: _Sum, other: _Sum) -> _Sum:
    """The larger of each."""
    if other[0] > known[0]:
        return other if other[1] >= known[1] else (other[0], known[1])
    return (known[0], other[1]) if other[1] > known[1] else known


def _minutes(size: float, mib_per_s: float) -> float:
    return size / MIB / mib_per_s / 60


def _scaled(size: int, moved: int, total: int) -> int:
    return size if moved == total or not total else size * moved // total


class _Sizes:
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


def _copy_minutes(sizes: _Sizes, moved: int, method: str, rates: Rates) -> tuple[float, str]:
    """Minutes for so many bytes of the VM, alone, and what bounds them.

    A cold move is one stream (virt-v2v reads disk after disk), a warm one has a stream for each disk (CDI imports them side by side).
    """
    if not moved or not sizes.total:
        return 0.0, DISK
    largest = sizes.largest if method == WARM else sizes.total
    share = moved / sizes.total
    parts = (
        (DISK, _minutes(largest * share, rates.disk_mib_per_s)),
        (DATASTORE, _minutes(sizes.most_of_one_datastore * share, rates.datastore_mib_per_s)),
        (HOST, _minutes(moved, rates.host_mib_per_s)),
        (LINK, _minutes(moved, rates.link_mib_per_s)),
        (TARGET, _minutes(moved, rates.target_mib_per_s)),
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
