# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When warm moves have to begin, what they share the link with, and that no wave begins before its first copies can be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import model
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.duration import Pace
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.first_copies import Lot, with_first_copies
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import COLD, WARM, PlanVm, Wave
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.previous import Begun, previous_of
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import WaveLimits
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.wave_clock import Loads, WaveClock, first_copy_of

from .builders import make_disk, make_vm, utc
from .test_duration import MINUTE, RATES
from .wave_checks import NIGHT, estate_of, tiny

BEGIN = utc(2026, 12, 1, 20)
PACE = Pace(RATES)
"""100 MiB/s everywhere, twice as long at p90"""


def vm_of(name: str, minutes: int) -> PlanVm:
    """A VM that takes so many minutes of the link."""
    return make_vm(
        name, id=name, host=f"esx-{name}", disks=(make_disk(f"[{name}] a.vmdk", used_bytes=minutes * MINUTE, datastore_id=name),)
    )


def wave_of(number: int, days: int, *vms: PlanVm) -> Wave:
    """A wave of eight hours, so many days after the first one."""
    start = BEGIN + timedelta(days=days)
    ids = tuple(vm.id for vm in vms)
    return Wave(number, model.Slot("night", start, start + timedelta(hours=8)), ids, ids, 0, 0.0, 0.0, "link")


def planned(waves: list[Wave], vms: list[PlanVm], warm: str) -> list[Wave]:
    by_id = {vm.id: (vm, WARM if vm.id in warm else COLD) for vm in vms}
    lots: dict[int, Lot] = {}
    for wave in waves:
        if not wave.finished:
            clock, moves = WaveClock(Loads(PACE)), [by_id[vm_id] for vm_id in wave.vm_ids]
            clock.add(moves)
            lots[wave.number] = Lot(moves, clock)
    return with_first_copies(waves, lots, Loads(PACE, first_copy_of), BEGIN)


def test_a_wave_alone_starts_as_long_before_its_window_as_its_first_copies_take() -> None:
    vm = vm_of("a", 60)
    (wave,) = planned([wave_of(1, 0, vm)], [vm], "a")
    assert wave.first_copy is not None
    assert wave.first_copy.start_by == BEGIN - timedelta(minutes=120)
    assert (wave.first_copy.bytes, wave.first_copy.p50_minutes) == (60 * MINUTE, pytest.approx(60))


def test_a_wave_without_warm_moves_has_no_first_copies() -> None:
    vm = vm_of("a", 60)
    (wave,) = planned([wave_of(1, 0, vm)], [vm], "")
    assert (wave.first_copy, wave.shared_minutes) == (None, 0.0)


def test_copies_of_the_next_wave_that_take_longer_than_a_day_push_those_before_them_ahead() -> None:
    """The second wave needs 30 h of the link, 24 h lie between the windows: the rest is taken from what comes before the first."""
    vms = [vm_of("a", 60), vm_of("b", 15 * 60)]
    first, second = planned([wave_of(1, 0, vms[0]), wave_of(2, 1, vms[1])], vms, "ab")
    assert first.first_copy is not None
    assert second.first_copy is not None
    delta = 60 * 0.1 / 24 * 2
    assert second.first_copy.start_by == pytest.approx(BEGIN - timedelta(hours=6, minutes=delta), abs=timedelta(minutes=1))
    assert first.first_copy.start_by == pytest.approx(second.first_copy.start_by - timedelta(hours=2), abs=timedelta(minutes=1))


def test_a_window_of_cold_moves_takes_its_share_of_the_link_from_later_copies() -> None:
    """Ten hours of the link (p90) for the second wave, and four in the window that lies between."""
    vms = [vm_of("a", 120), vm_of("b", 12 * 60)]
    first, second = planned([wave_of(1, 0, vms[0]), wave_of(2, 1, vms[1])], vms, "b")
    assert second.first_copy is not None
    assert second.first_copy.start_by == BEGIN - timedelta(hours=4)
    assert first.shared_minutes == pytest.approx(8 * 60)


def test_copies_over_one_host_follow_each_other_and_over_two_hosts_they_do_not() -> None:
    """Two waves six hours apart, with first copies of five hours (p90) each by their host; the link has ten times as much."""
    pace = Pace(replace(RATES, link_mib_per_s=1000.0, target_mib_per_s=1000.0, datastore_mib_per_s=1000.0, disk_mib_per_s=1000.0))
    starts = {}
    for host in ("esx-a", "esx-b"):
        vms = [vm_of("a", 150), replace(vm_of("b", 450), host=host)]
        vms[0] = replace(vms[0], host="esx-a")
        lots = {1: Lot([(vms[0], WARM)], WaveClock(Loads(pace))), 2: Lot([(vms[1], WARM)], WaveClock(Loads(pace)))}
        later = replace(wave_of(2, 0, vms[1]), slot=model.Slot("night", BEGIN + timedelta(hours=6), BEGIN + timedelta(hours=8)))
        waves = with_first_copies([wave_of(1, 0, vms[0]), later], lots, Loads(pace, first_copy_of), BEGIN)
        starts[host] = [wave.first_copy.start_by for wave in waves if wave.first_copy is not None]
    assert starts["esx-a"] == [BEGIN - timedelta(hours=14), BEGIN - timedelta(hours=9)]
    assert starts["esx-b"] == [BEGIN - timedelta(hours=5), BEGIN - timedelta(hours=9)]


def test_waves_whose_first_copies_cannot_be_done_beside_those_of_others_are_put_off() -> None:
    """One takes 15 h of the link, the other 15 h or 30 h; 20 h lie before the first night, and 24 h more before each later one."""
    estate = estate_of([tiny("one", 60), tiny("two", 60)], hot=("one", "two"), windows=(NIGHT,), limits=WaveLimits(vms=1))
    first, second = estate.plan().waves
    assert second.slot.start - first.slot.start == timedelta(days=1)
    larger = estate_of([tiny("one", 60), tiny("two", 120)], hot=("one", "two"), windows=(NIGHT,), limits=WaveLimits(vms=1))
    last = larger.plan().waves[-1]
    assert last.slot.start - first.slot.start == timedelta(days=2)


def test_cold_moves_leave_the_path_to_first_copies_of_later_waves_that_have_no_other_time() -> None:
    """The warm move takes 43.5 h of the link, 44 h lie before the second night, and the cold one would take 45 min in the first."""
    estate = estate_of([tiny("cold", 60), tiny("warm", 174)], hot=("warm",), windows=(NIGHT,))
    (wave,) = estate.plan().waves
    assert wave.vm_ids == ("cold", "warm")
    assert wave.slot.start.astimezone(estate.settings.zone).date() == estate.settings.start + timedelta(days=1)


def test_nothing_begins_before_now() -> None:
    estate = estate_of([tiny("cold", 4)], windows=(NIGHT,))
    (soon,) = estate.plan().waves
    (late,) = estate.plan_with(now=soon.slot.start + timedelta(minutes=1)).waves
    assert late.slot.start - soon.slot.start == timedelta(days=1)


def test_finished_waves_ask_for_nothing() -> None:
    vm = vm_of("a", 60)
    done = Wave(1, model.Slot("night", BEGIN, BEGIN + timedelta(hours=8)), ("a",), ("a",), 0, 0.0, 0.0, "link", True)
    assert planned([done], [vm], "a") == [done]


def test_no_wave_begins_before_the_first_copies_of_its_warm_moves_can_be_done() -> None:
    """120 GiB take 30 h before the window: the first night is too early for the warm VM, and not for the cold one."""
    estate = estate_of([tiny("cold", 4), tiny("warm", 120)], hot=("warm",), windows=(NIGHT,))
    plan = estate.plan()
    starts = {vm_id: wave.slot.start for wave in plan.waves for vm_id in wave.vm_ids}
    assert starts["warm"] - starts["cold"] == timedelta(days=1)


def test_first_copies_that_end_after_the_last_day_are_named() -> None:
    estate = estate_of([tiny("warm", 120)], hot=("warm",), windows=(NIGHT,))
    plan = estate.plan(last_day=estate.settings.start + timedelta(days=1))
    (constraint,) = plan.unplaced["warm"]
    assert constraint.setting == "plan_last_day"
    assert "first copies of its warm moves take 30 h" in constraint.message
    assert not estate.plan(last_day=estate.settings.start + timedelta(days=2)).unplaced


def test_first_copies_that_an_earlier_plan_had_begin_are_told_and_those_to_come_are_not() -> None:
    wave = {"kind": "wave", "number": 3, "window": "night", "start": "2026-12-05T20:00:00Z", "end": "2026-12-06T04:00:00Z"}
    vm = {"kind": "vm", "state": "placed", "method": "warm", "wave": 3}
    records = [{**wave, "start_by": "2026-12-01T20:00:00Z"}, {**vm, "id": "a", "name": "files-01"}, {**vm, "id": "b", "name": "moved-01"}]
    assert previous_of(records, {"b": "it is there"}, BEGIN).begun == (Begun(3, ["files-01"]),)
    assert previous_of(records, {}, BEGIN - timedelta(minutes=1)).begun == ()
    assert previous_of(records, {}, BEGIN + timedelta(days=4)).begun == ()
