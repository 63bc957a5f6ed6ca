# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How risky a move is: points with their reasons, from verdict, open questions, size and what hangs on the VM.

The points are a judgement of the makers, not a measured probability; they order VMs, and the report shows what made them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from .model import HIGH, LOW, MEDIUM, TIB, Duration, PlanVm, Risk

HIGH_FROM, MEDIUM_FROM = 6, 3
CRITICAL_WORDS: Final = ("critical", "high", "mission", "tier 0", "tier 1", "tier0", "tier1", "platinum", "gold")
"""How annotations begin that say that much hangs on a VM."""

UNSUPPORTED_OS: Final = "vmware.os.unsupported"
MANY_DISKS: Final = 8


def risk_of(vm: PlanVm, duration: Duration) -> Risk:
    """The risk of the move as planned."""
    found = list(_points(vm, duration))
    points = sum(number for number, _reason in found)
    level = HIGH if points >= HIGH_FROM else MEDIUM if points >= MEDIUM_FROM else LOW
    return Risk(level, points, _worded(found))


def _worded(found: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(f"{reason} (+{number})" for number, reason in sorted(found, key=lambda entry: (-entry[0], entry[1])))


def _points(vm: PlanVm, duration: Duration) -> Iterator[tuple[int, str]]:
    if vm.failed:
        yield min(3, len(vm.failed)), f"{len(vm.failed)} rule{'s' if len(vm.failed) > 1 else ''} failed"
    if vm.provisional:
        yield 2, "the verdict is provisional"
    if UNSUPPORTED_OS in vm.failed:
        yield 2, "the guest OS is not supported"
    if vm.copy_bytes > TIB:
        size = vm.copy_bytes / TIB
        yield 2 if size > 5 else 1, f"{size:.1f} TiB to copy"
    if len(vm.disks or ()) > MANY_DISKS:
        yield 1, f"{len(vm.disks or ())} disks"
    if any(disk.shared for disk in vm.disks or ()):
        yield 2, "a shared disk"
    if any(disk.rdm for disk in vm.disks or ()):
        yield 1, "a raw device mapping"
    if vm.criticality.lower().startswith(CRITICAL_WORDS):
        yield 2, f"criticality {vm.criticality:.40}"
    if duration.within_tolerance is False:
        yield 2, f"downtime {duration.downtime_p90_minutes:.0f} min (p90) above the tolerated {duration.tolerance_minutes} min"
    if vm.power_state == "poweredOn" and vm.tools_running_status == "guestToolsNotRunning":
        yield 1, "VMware Tools do not run"
