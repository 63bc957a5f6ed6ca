# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cold or warm by stated rules, and the points of risk."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.duration import Pace, vm_duration
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.method import against_warm, choose_method
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import (
    COLD,
    GIB,
    HIGH,
    LOW,
    MEDIUM,
    TIB,
    WARM,
    MethodChoice,
    PlanVm,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.risk import risk_of
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import MethodPolicy, Selector

from .builders import make_disk, make_vm

BIG = (make_disk("[ds-01] big.vmdk", capacity_bytes=2 * TIB, used_bytes=TIB),)


def chosen(vm: PlanVm, policy: MethodPolicy | None = None, window: float | None = None) -> MethodChoice:
    """The choice for a VM."""
    cold, warm = vm_duration(vm, COLD, Pace()), vm_duration(vm, WARM, Pace())
    return choose_method(vm, policy or MethodPolicy(), tuple(against_warm(vm)), cold, warm, window)


def test_small_vm_within_its_tolerance_moves_cold() -> None:
    choice = chosen(make_vm("web", downtime_tolerance_minutes=240))
    assert choice.method == COLD
    assert "within 240 min (its tolerance)" in choice.reasons[0]


def test_large_vm_with_little_tolerance_moves_warm_and_says_why() -> None:
    choice = chosen(make_vm("db", disks=BIG, downtime_tolerance_minutes=90))
    assert choice.method == WARM
    assert "above 90 min (its tolerance)" in choice.reasons[0]


def test_longest_window_counts_where_nobody_annotated_a_tolerance() -> None:
    assert chosen(make_vm("db", disks=BIG), window=120.0).method == WARM
    assert chosen(make_vm("db", disks=BIG)).method == COLD


def test_default_tolerance_stands_in_for_a_missing_one() -> None:
    assert chosen(make_vm("db", disks=BIG), MethodPolicy(default_tolerance_minutes=60)).method == WARM


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"change_tracking": False}, "changed block tracking is off"),
        ({"change_tracking": None}, "nobody knows whether changed block tracking is on"),
        ({"snapshot_count": 2}, "it has 2 snapshots"),
        ({"snapshot_count": None}, "nobody knows whether it has snapshots"),
        ({"consolidation_needed": True}, "its disks need consolidation first"),
        ({"disks": (make_disk(used_bytes=TIB, shared=True),)}, "a disk is shared with another VM"),
        ({"disks": (make_disk(used_bytes=TIB, physical_rdm=True),)}, "a raw device mapping in physical mode cannot be in a snapshot"),
        ({"disks": (make_disk(used_bytes=TIB, independent=True),)}, "an independent disk cannot be in a snapshot"),
        ({"disks": (make_disk(used_bytes=TIB, change_tracking=False),)}, "changed block tracking is off for 1 of 1 disks"),
    ],
)
def test_obstacle_keeps_a_vm_from_a_warm_move(changes: dict[str, Any], reason: str) -> None:
    vm = make_vm("db", **{"disks": BIG, "downtime_tolerance_minutes": 60, **changes})
    choice = chosen(vm)
    assert choice.method == COLD
    assert reason in choice.reasons
    assert reason in chosen(vm, MethodPolicy(prefer=WARM)).reasons


def test_powered_off_vm_moves_cold_unless_an_override_names_it() -> None:
    vm = make_vm("old", power_state="poweredOff")
    assert chosen(vm).reasons == ("it is powered off: nothing has to keep running",)
    policy = MethodPolicy(overrides=((Selector(vms=("OLD",)), WARM),))
    assert chosen(vm, policy).method == WARM


def test_first_override_that_fits_decides() -> None:
    policy = MethodPolicy(prefer=WARM, overrides=((Selector(vms=("w*",)), COLD), (Selector(), WARM)))
    assert chosen(make_vm("web"), policy) == MethodChoice(COLD, ("as plan_method.overrides has it",))
    assert chosen(make_vm("app"), policy) == MethodChoice(WARM, ("as plan_method.overrides has it",))


def test_risk_grows_with_what_failed_what_is_open_and_what_hangs_on_it() -> None:
    vms = (
        make_vm("web"),
        make_vm("app", failed=("a", "b"), provisional=True),
        make_vm("db", failed=("a", "b", "vmware.os.unsupported"), provisional=True, criticality="high", disks=BIG),
    )
    levels = [risk_of(vm, vm_duration(vm, COLD, Pace())).level for vm in vms]
    assert levels == [LOW, MEDIUM, HIGH]


def test_reasons_of_risk_carry_their_points_heaviest_first() -> None:
    vm = make_vm(
        "db", downtime_tolerance_minutes=1, tools_running_status="guestToolsNotRunning", disks=(make_disk(used_bytes=6 * TIB, rdm=True),)
    )
    risk = risk_of(vm, vm_duration(vm, COLD, Pace()))
    assert risk.points == sum(int(reason.rpartition("+")[2].rstrip(")")) for reason in risk.reasons)
    assert risk.reasons[0].endswith("(+2)") and risk.reasons[-1].endswith("(+1)")
    assert any("TiB to copy" in reason for reason in risk.reasons)


def test_small_vm_without_findings_has_no_points() -> None:
    vm = make_vm("web", disks=(make_disk(used_bytes=GIB),))
    assert risk_of(vm, vm_duration(vm, COLD, Pace())).points == 0
