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
        self.inflight = toolkit.get("max_vm_inflight") or 20
        self._interval = (toolkit.get("precopy_interval_minutes") or 60) * 60
        self.factor = self.rates["p90_factor"]
        self._fixed = self.rates["conversion_minutes"] + self.rates["startup_minutes"]

    def minutes(self, size: float, rate: str) -> float:
        """Minutes of so many bytes at a rate."""
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

    def stores(self, vm: Vm) -> dict[str, int]:
        """Bytes by datastore."""
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
            self.minutes(stream * share, "disk"),
            self.minutes(max(self.stores(vm).values()) * share, "datastore"),
            self.minutes(moved, "host"),
            self.minutes(moved, "link"),
            self.minutes(moved, "target"),
        )

    def alone(self, vm: Vm, method: str) -> Times:
        """The move of one VM."""
        factor, fixed, copy = self.factor, self._fixed, self.copy(vm, vm.copy_bytes, method)
        if method != WARM:
            return Times(copy + fixed, (copy + fixed) * factor, copy + fixed, (copy + fixed) * factor)
        p50, p90 = self.delta(vm)
        down, down_p90 = self.copy(vm, p50, method) + fixed, (self.copy(vm, p90, method) + fixed) * factor
        return Times(copy + down, copy * factor + down_p90, down, down_p90)

    def together(self, moves: Sequence[tuple[Vm, str]]) -> tuple[float, float]:
        """(p50, p90) minutes of VMs that move in one window."""
        lots = [_Lot(self, vm, method == WARM, self._fixed) for vm, method in moves]
        return self._least(lots, 0), self._least(lots, 1)

    def first_copies(self, vms: Sequence[Vm]) -> tuple[float, float]:
        """(p50, p90) minutes of the copies that warm moves make before their window."""
        lots = [_Lot(self, vm, None, 0.0) for vm in vms]
        return self._least(lots, 0), self._least(lots, 1)

    def moved(self, vm: Vm, warm: bool | None) -> tuple[float, float]:
        """Bytes, p50 and p90: the last changes for a warm move, everything for a cold one and for a first copy (None)."""
        return self.delta(vm) if warm else (vm.copy_bytes, vm.copy_bytes)

    def stands_still(self, moves: Sequence[tuple[Vm, str]]) -> list[float]:
        """Minutes (p90) for which each VM is down while the others use its way: one that waits for a slot is not, unless it is warm."""
        lots = [_Lot(self, vm, method == WARM, self._fixed) for vm, method in moves]
        whole = self._least(lots, 1)
        return [min(whole, self._last(lot, lots)) for lot in lots]

    def _least(self, lots: Sequence[_Lot], high: int) -> float:
        """The most loaded part, or the longest copy, and the fixed time; or the slots of a host, at p90 with the longest move last."""
        if not lots:
            return 0.0
        parts = [sum(lot.asks[part][high] for lot in lots if part in lot.asks) for part in {part for lot in lots for part in lot.asks}]
        fixed = max(lot.fixed[high] for lot in lots)
        slots = [0.0]
        for host in {lot.host for lot in lots if lot.share}:
            here = [lot for lot in lots if lot.host == host and lot.share]
            last = max(lot.held[high] * (1 - lot.share) + lot.after[high] for lot in here) if high else 0.0
            slots.append(sum(lot.held[high] * lot.share for lot in here) + last)
        return max(fixed + max([*parts, *(lot.copies[high] for lot in lots)]), *slots)

    def _last(self, lot: _Lot, lots: Sequence[_Lot]) -> float:
        """When a move ends that waits for all that the others ask of one part of its way."""
        others = [other for other in lots if other is not lot]
        waits = [sum(other.asks[part][1] for other in others if part in other.asks) for part in lot.asks]
        return lot.copies[1] + lot.fixed[1] + max([0.0, *waits])

    def asked(self, vms: Sequence[tuple[Vm, bool | None]]) -> dict[object, float]:
        """Minutes (p90) that moves, or first copies (None), ask of each part of the way; link and target are one, the slower."""
        found: dict[object, float] = {}
        narrow = min(("link", "target"), key=lambda name: self.rates[f"{name}_mib_per_s"])
        for vm, warm in vms:
            lot = _Lot(self, vm, warm, 0.0 if warm is None else self._fixed)
            for part, (_p50, p90) in lot.asks.items():
                if part[0] not in ("link", "target") or part[0] == narrow:
                    found[part] = found.get(part, 0.0) + p90
            if lot.share:
                found["slots", lot.host] = found.get(("slots", lot.host), 0.0) + lot.held[1] * lot.share
        return found


class _Lot:
    """What one move asks of each part of its way, in minutes: p50 and p90. `warm` is None for a first copy."""

    def __init__(self, path: Path, vm: Vm, warm: bool | None, fixed: float) -> None:
        self.host = vm.vcenter, str(vm.record.get("host", ""))
        moved = path.moved(vm, warm)
        method = "cold" if warm is False else WARM
        self.copies = path.copy(vm, moved[0], method), path.copy(vm, moved[1], method) * path.factor
        self.fixed = fixed, fixed * path.factor
        slots = len(vm.disks) if warm is None else 0 if warm else 1
        self.share = min(1.0, (max(1, slots) if warm is not True else 0) / path.inflight)
        conversion = path.rates["conversion_minutes"] if fixed else 0.0
        self.held = self.copies[0] + conversion, self.copies[1] + conversion * path.factor
        self.after = fixed - conversion, (fixed - conversion) * path.factor
        shares = {("link", ""): 1.0, ("target", ""): 1.0, ("host", self.host): 1.0}
        shares.update({("datastore", name): size / max(1, vm.copy_bytes) for name, size in path.stores(vm).items()})
        self.asks = {
            part: (path.minutes(moved[0] * share, part[0]), path.minutes(moved[1] * share, part[0]) * path.factor)
            for part, share in shares.items()
        }


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
