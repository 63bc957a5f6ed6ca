# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cold or warm, by rules that are stated.

What rules a warm move out are the migration controller's own conditions (VMMissingChangedBlockTracking, VMHasSnapshots,
VMConsolidationNeeded, SharedDisks) and what vSphere cannot take a snapshot of.
"""

from __future__ import annotations

from collections.abc import Iterator

from .model import COLD, WARM, Duration, MethodChoice, PlanVm
from .settings import MethodPolicy

OFF = "poweredOff"


def against_warm(vm: PlanVm) -> Iterator[str]:
    """What keeps a VM from a warm move; nothing where it could have one."""
    if vm.change_tracking is not True:
        yield "changed block tracking is off" if vm.change_tracking is False else "nobody knows whether changed block tracking is on"
    untracked = sum(disk.change_tracking is False for disk in vm.disks or ())
    if vm.change_tracking and untracked:
        yield f"changed block tracking is off for {untracked} of {len(vm.disks or ())} disks"
    if vm.snapshot_count is None:
        yield "nobody knows whether it has snapshots"
    elif vm.snapshot_count:
        yield f"it has {vm.snapshot_count} snapshot{'s' if vm.snapshot_count > 1 else ''}"
    if vm.consolidation_needed:
        yield "its disks need consolidation first"
    yield from _by_disks(vm)


def _by_disks(vm: PlanVm) -> Iterator[str]:
    disks = vm.disks
    if disks is None:
        yield "its disks are not known"
        return
    if any(disk.shared for disk in disks):
        yield "a disk is shared with another VM"
    if any(disk.physical_rdm for disk in disks):
        yield "a raw device mapping in physical mode cannot be in a snapshot"
    if any(disk.independent for disk in disks):
        yield "an independent disk cannot be in a snapshot"


def choose_method(
    vm: PlanVm, policy: MethodPolicy, obstacles: tuple[str, ...], cold: Duration, warm: Duration, window_minutes: float | None
) -> MethodChoice:
    """The method and why. `obstacles` are those of `against_warm`, `cold` and `warm` the durations by each method.

    `window_minutes` is the longest window that the VM may use. With obstacles `warm` does not matter.
    """
    for selector, method in policy.overrides:
        if selector.matches(vm):
            return _as_asked(method, obstacles, "plan_method.overrides")
    if vm.power_state == OFF:
        return MethodChoice(COLD, ("it is powered off: nothing has to keep running",))
    if policy.prefer in (COLD, WARM):
        return _as_asked(policy.prefer, obstacles, "plan_method.prefer")
    return _weighed(obstacles, _limit(vm, policy, window_minutes), cold, warm)


def _as_asked(method: str, obstacles: tuple[str, ...], setting: str) -> MethodChoice:
    if method == WARM and obstacles:
        return MethodChoice(COLD, (f"{setting} asks for a warm move, yet:", *obstacles))
    return MethodChoice(method, (f"as {setting} has it",))


def _limit(vm: PlanVm, policy: MethodPolicy, window_minutes: float | None) -> tuple[float, str] | None:
    """The longest downtime that is acceptable, and what bounds it: the tolerance and the window hold both."""
    limits: list[tuple[float, str]] = []
    tolerance = policy.tolerance(vm)
    if tolerance is not None:
        own = vm.downtime_tolerance_minutes is not None
        limits.append((tolerance, "its tolerance" if own else "plan_method.default_tolerance_minutes"))
    if window_minutes is not None:
        limits.append((window_minutes, "its longest window"))
    return min(limits, default=None)


def _weighed(obstacles: tuple[str, ...], limit: tuple[float, str] | None, cold: Duration, warm: Duration) -> MethodChoice:
    down = f"a cold move stops it for {cold.downtime_p90_minutes:.0f} min (p90)"
    if limit is None:
        return MethodChoice(COLD, (f"{down}, and nothing says that this is too long",))
    minutes, who = limit
    if cold.downtime_p90_minutes <= minutes:
        return MethodChoice(COLD, (f"{down}, within {minutes:g} min ({who})",))
    if obstacles:
        return MethodChoice(COLD, (f"{down}, above {minutes:g} min ({who}), yet a warm move is not possible:", *obstacles))
    if warm.downtime_p90_minutes >= cold.downtime_p90_minutes:
        return MethodChoice(COLD, (f"{down}, and a warm move would not stop it for less",))
    return MethodChoice(WARM, (f"{down}, above {minutes:g} min ({who}); a warm one for {warm.downtime_p90_minutes:.0f} min",))
