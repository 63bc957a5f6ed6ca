# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs that move together share their path: what they take at least, what is planned with, and how long each stands still."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.duration import MAX_VM_INFLIGHT, Pace, vm_duration
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import COLD, GIB, WARM, PlanVm
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.wave_clock import Loads, WaveClock, first_copy_of
from hypothesis import given
from hypothesis import strategies as st

from .builders import make_disk, make_vm
from .test_duration import MINUTE, RATES, slow

Entry = tuple[int, str, str, bool]
ENTRIES = st.lists(st.tuples(st.integers(0, 500), st.sampled_from("xyz"), st.sampled_from("pq"), st.booleans()), min_size=1, max_size=12)


def moves_of(entries: list[Entry]) -> list[tuple[PlanVm, str]]:
    """VMs of so many GiB on a host and a datastore, warm or cold."""
    return [
        (
            make_vm(f"vm-{number}", host=host, disks=(make_disk(f"[{store}] {number}.vmdk", used_bytes=size * GIB, datastore_id=store),)),
            WARM if warm else COLD,
        )
        for number, (size, host, store, warm) in enumerate(entries)
    ]


def minutes_of(moves: list[tuple[PlanVm, str]], pace: Pace) -> tuple[float, float, str]:
    return WaveClock(Loads(pace)).minutes_with(moves)


@pytest.mark.parametrize("method", [COLD, WARM])
def test_wave_of_one_takes_what_its_vm_takes_alone(method: str) -> None:
    vm = make_vm("web", disks=(make_disk("[ds-01] a.vmdk", used_bytes=5 * MINUTE),))
    alone = vm_duration(vm, method, Pace(RATES))
    clock = WaveClock(Loads(Pace(RATES)))
    p50, p90, _bottleneck = clock.minutes_with([(vm, method)])
    assert (p50, p90) == (pytest.approx(alone.downtime_p50_minutes), pytest.approx(alone.downtime_p90_minutes))
    assert clock.minutes() == (0.0, 0.0, clock.minutes()[2])


def test_vms_of_one_host_share_its_network() -> None:
    pace = slow("host")
    vms = [
        make_vm(f"vm-{number}", disks=(make_disk(f"[ds-0{number}] a.vmdk", used_bytes=MINUTE, datastore_id=str(number)),))
        for number in (1, 2)
    ]
    clock = WaveClock(Loads(pace))
    clock.add([(vm, COLD) for vm in vms])
    assert clock.minutes() == (pytest.approx(20 + 3), pytest.approx(40 + 6), "host")


def test_in_flight_limit_bounds_many_small_vms() -> None:
    vms = [make_vm(f"vm-{number}", disks=(make_disk(f"[ds-01] {number}.vmdk", used_bytes=0),)) for number in range(4 * MAX_VM_INFLIGHT)]
    clock = WaveClock(Loads(Pace(RATES)))
    clock.add([(vm, COLD) for vm in vms])
    assert clock.minutes()[0] == pytest.approx(4 * 2)
    assert clock.minutes()[1] == pytest.approx((4 * 2 - 2 / MAX_VM_INFLIGHT + 2 + 1) * RATES.p90_factor)
    assert clock.minutes()[2] == "in-flight limit"


@given(ENTRIES)
def test_asking_what_a_wave_would_take_equals_adding(entries: list[Entry]) -> None:
    pace = slow("datastore")
    moves = moves_of(entries)
    clock = WaveClock(Loads(pace))
    longest = 0.0
    for move in moves:
        would = clock.minutes_with([move])
        clock.add([move])
        assert clock.minutes() == would
        assert clock.minutes()[0] >= longest
        longest = clock.minutes()[0]


def test_a_vm_stands_still_while_others_use_its_link_and_never_beyond_its_wave() -> None:
    """Ten minutes of the link, a minute each; the disks alone would take ten for each of them."""
    rates = {key: getattr(RATES, key) for key in RATES.__slots__}
    pace = Pace(type(RATES)(**{**rates, "disk_mib_per_s": 20.0, "p90_factor": 1.0}))
    moves = [
        (make_vm(f"vm-{n}", host=f"esx-{n}", disks=(make_disk(f"[{n}] a.vmdk", used_bytes=MINUTE, datastore_id=str(n)),)), COLD)
        for n in range(10)
    ]
    clock = WaveClock(Loads(pace))
    clock.add(moves)
    assert clock.minutes() == (pytest.approx(10 + 3), pytest.approx(10 + 3), "link")
    assert clock.downtime_p90(*moves[0]) == pytest.approx(13)
    clock = WaveClock(Loads(pace))
    clock.add(moves[:3])
    assert clock.minutes()[1] == pytest.approx(5 + 3)
    assert clock.downtime_p90(*moves[0]) == pytest.approx(8)


def test_in_flight_limit_counts_the_copying_too() -> None:
    vms = [make_vm(f"vm-{n}", disks=(make_disk(f"[ds-{n}] a.vmdk", used_bytes=MINUTE, datastore_id=str(n)),)) for n in range(40)]
    rates = {key: getattr(RATES, key) for key in RATES.__slots__}
    fast = Pace(type(RATES)(**{**rates, "link_mib_per_s": 1e6, "host_mib_per_s": 1e6, "target_mib_per_s": 1e6}))
    p50, _p90, bottleneck = minutes_of([(vm, COLD) for vm in vms], fast)
    assert bottleneck == "in-flight limit"
    assert p50 == pytest.approx(40 * (1 + 2) / MAX_VM_INFLIGHT)


@given(ENTRIES, ENTRIES)
def test_two_lots_together_take_at_most_what_they_take_one_after_another(one: list[Entry], other: list[Entry]) -> None:
    pace = slow("link")
    moves = moves_of(one + other)
    first, second = moves[: len(one)], moves[len(one) :]
    assert minutes_of(moves, pace)[1] <= minutes_of(first, pace)[1] + minutes_of(second, pace)[1] + 1e-6


@given(ENTRIES)
def test_p90_is_never_below_the_median_nor_below_any_move_alone(entries: list[Entry]) -> None:
    moves = moves_of(entries)
    p50, p90, _bottleneck = minutes_of(moves, slow("datastore"))
    assert p50 <= p90 + 1e-6
    assert all(minutes_of([move], slow("datastore"))[1] <= p90 + 1e-6 for move in moves)


@given(ENTRIES)
def test_no_vm_stands_still_for_longer_than_its_wave_takes(entries: list[Entry]) -> None:
    moves = moves_of(entries)
    clock = WaveClock(Loads(slow("host")))
    clock.add(moves)
    alone = {vm.id: vm_duration(vm, method, slow("host")).downtime_p90_minutes for vm, method in moves}
    for vm, method in moves:
        assert alone[vm.id] - 1e-6 <= clock.downtime_p90(vm, method) <= clock.minutes()[1] + 1e-6


def test_first_copy_takes_every_byte_and_no_conversion() -> None:
    vm = make_vm("web", disks=(make_disk("[ds-01] a.vmdk", used_bytes=5 * MINUTE),))
    clock = WaveClock(Loads(Pace(RATES), first_copy_of))
    clock.add([(vm, WARM)])
    assert clock.minutes()[:2] == (pytest.approx(5), pytest.approx(10))
    assert clock.asked_p90()["link", ""] == pytest.approx(10)


def test_warm_moves_hold_no_slot_in_their_window_and_one_for_each_disk_before() -> None:
    disks = tuple(make_disk(f"[ds-{n}] a.vmdk", used_bytes=MINUTE, datastore_id=f"ds-{n}") for n in range(5))
    moves = [(make_vm(f"vm-{n}", id=f"vm-{n}", disks=disks), WARM) for n in range(8)]
    window, first = WaveClock(Loads(Pace(RATES))), WaveClock(Loads(Pace(RATES), first_copy_of))
    window.add(moves)
    first.add(moves)
    vm = moves[0][0]
    slots = ("in-flight limit", f"{vm.vcenter}/{vm.host}")
    assert slots not in window.asked_p90()
    assert first.asked_p90()[slots] == pytest.approx(8 * 5 / MAX_VM_INFLIGHT * 5 * RATES.p90_factor)


def test_hosts_of_two_vcenters_that_have_one_name_are_two_hosts() -> None:
    one, other = (make_vm("vm", vcenter=name, disks=(make_disk("[a] a.vmdk", used_bytes=MINUTE),)) for name in ("north", "south"))
    asked = WaveClock(Loads(Pace(RATES))).asked_by([(one, COLD), (other, COLD)])
    assert sorted(part[1] for part in asked if isinstance(part, tuple) and part[0] == "host") == [f"north/{one.host}", f"south/{one.host}"]
