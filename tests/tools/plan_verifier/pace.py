# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long moves take and how risky they are, reckoned again from what is documented of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .world import Vm, World, size_of

MIB: Final = 1 << 20
TIB: Final = 1 << 40
DAY_SECONDS: Final = 86_400
WARM: Final = "warm"
WEIGHTY: Final = ("critical", "high", "mission", "tier 0", "tier 1", "tier0", "tier1", "platinum", "gold")


@dataclass(frozen=True, slots=True)
class Times:
    """Minutes of a move alone."""

    elapsed_p50: float
    elapsed_p90: float
    down_p50: float
    down_p90: float


class Path:
    """The way of the data: its rates, and what the toolkit of the target is set to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.rates: Mapping[str, float] = world.wishes.rates(world.plan.one("basis"))
        toolkit = world.target.one("migration_toolkit") if world.target else {}
        self._inflight = toolkit.get("max_vm_inflight") or 20
        self._interval = (toolkit.get("precopy_interval_minutes") or 60) * 60
        self._factor = self.rates["p90_factor"]
        self._fixed = self.rates["conversion_minutes"] + self.rates["startup_minutes"]

    def _minutes(self, size: float, rate: str) -> float:
        return size / MIB / self.rates[f"{rate}_mib_per_s"] / 60

    def delta(self, vm: Vm) -> tuple[int, int]:
        """Bytes that change in the last interval before the cutover: p50 and p90."""
        whole = vm.copy_bytes
        if "disk_write_average_kib_per_s" not in vm.record:
            changed = int(whole * self.rates["change_percent_per_day"] / 100 * self._interval / DAY_SECONDS)
            return min(changed, whole), min(changed, whole)
        average = vm.record["disk_write_average_kib_per_s"] * 1024 * self._interval
        high = max(average, vm.record.get("disk_write_p95_kib_per_s", 0) * 1024 * self._interval)
        return min(average, whole), min(high, whole)

    def _stores(self, vm: Vm) -> dict[str, int]:
        found: dict[str, int] = {}
        for disk in vm.disks:
            name = self._world.datastore(vm, disk)
            found[name] = found.get(name, 0) + size_of(disk)
        return found

    def copy(self, vm: Vm, moved: float, method: str) -> float:
        """Minutes of copying so many bytes of a VM, alone."""
        whole = vm.copy_bytes
        if not whole or not moved:
            return 0.0
        share = moved / whole
        stream = max(map(size_of, vm.disks)) if method == WARM else whole
        return max(
            self._minutes(stream * share, "disk"),
            self._minutes(max(self._stores(vm).values()) * share, "datastore"),
            self._minutes(moved, "host"),
            self._minutes(moved, "link"),
            self._minutes(moved, "target"),
        )

    def alone(self, vm: Vm, method: str) -> Times:
        """The move of one VM."""
        factor, fixed, copy = self._factor, self._fixed, self.copy(vm, vm.copy_bytes, method)
        if method != WARM:
            return Times(copy + fixed, (copy + fixed) * factor, copy + fixed, (copy + fixed) * factor)
        p50, p90 = self.delta(vm)
        down, down_p90 = self.copy(vm, p50, method) + fixed, (self.copy(vm, p90, method) + fixed) * factor
        return Times(copy + down, copy * factor + down_p90, down, down_p90)

    def together(self, moves: Sequence[tuple[Vm, str]]) -> tuple[float, float]:
        """(p50, p90) minutes of VMs that move in one window: the most loaded part of the way, and the fixed time of one."""
        if not moves:
            return 0.0, 0.0
        return self._together(moves, False), self._together(moves, True)

    def _together(self, moves: Sequence[tuple[Vm, str]], high: bool) -> float:
        factor = self._factor if high else 1.0
        hosts: dict[str, float] = {}
        stores: dict[str, float] = {}
        fixed: dict[str, float] = {}
        whole = longest = 0.0
        for vm, method in moves:
            moved = float(self.delta(vm)[high]) if method == WARM else float(vm.copy_bytes)
            host = str(vm.record.get("host", ""))
            whole += moved * factor
            hosts[host] = hosts.get(host, 0.0) + moved * factor
            fixed[host] = fixed.get(host, 0.0) + self._fixed * factor
            longest = max(longest, self.copy(vm, moved, method) * factor)
            for name, size in self._stores(vm).items():
                part = size * moved / vm.copy_bytes if vm.copy_bytes else 0.0
                stores[name] = stores.get(name, 0.0) + part * factor
        return self._fixed * factor + max(
            longest,
            self._minutes(max(hosts.values()), "host"),
            self._minutes(max(stores.values(), default=0.0), "datastore"),
            self._minutes(whole, "link"),
            self._minutes(whole, "target"),
            max(fixed.values()) / self._inflight,
        )


def risk(world: World, vm: Vm, times: Times) -> tuple[str, int]:
    """(level, points) of a move."""
    record = vm.record
    failed = [finding["rule"] for finding in vm.judged.get("findings", ()) if finding.get("result") == "fail"]
    tolerance = record.get("downtime_tolerance_minutes")
    size = vm.copy_bytes / TIB
    points = min(3, len(failed))
    points += 2 * bool(vm.judged.get("provisional"))
    points += 2 * ("vmware.os.unsupported" in failed)
    points += (size > 1) + (size > 5)
    points += len(vm.disks) > 8
    points += 2 * any(world.is_shared(vm, disk) for disk in vm.disks)
    points += any(disk.get("rdm") for disk in vm.disks)
    points += 2 * record.get("criticality", "").lower().startswith(WEIGHTY)
    points += 2 * (tolerance is not None and times.down_p90 > tolerance)
    points += record.get("power_state") == "poweredOn" and record.get("tools_running_status") == "guestToolsNotRunning"
    return ("high" if points >= 6 else "medium" if points >= 3 else "low"), points


def against_warm(world: World, vm: Vm) -> list[str]:
    """What keeps a VM from a warm move."""
    record, found = vm.record, []
    if record.get("change_tracking_enabled") is not True:
        found.append("changed block tracking is not known to be on")
    if any(disk.get("change_tracking_enabled") is False for disk in vm.disks):
        found.append("a disk has no changed block tracking")
    if record.get("snapshots") != []:
        found.append("it has snapshots, or nobody knows")
    if record.get("consolidation_needed"):
        found.append("its disks need consolidation")
    if "disks" not in record:
        found.append("its disks are not known")
    for disk in vm.disks:
        if world.is_shared(vm, disk):
            found.append("a disk is shared")
        if disk.get("rdm") and disk.get("rdm_compatibility") == "physicalMode":
            found.append("a physical raw device mapping")
        if disk.get("mode") in ("independent_persistent", "independent_nonpersistent"):
            found.append("an independent disk")
    return found
