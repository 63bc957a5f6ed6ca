# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account of the path's time against sums made anew for every question."""

from __future__ import annotations

import random
from math import inf

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.lead_account import Ask, LeadAccount, PartAccount, PathPart, in_time

SLOTS = 150
"""more than a tree begins with"""
KEY = ("lead", 0, 1)


class Naive:
    """Sums over all slots."""

    def __init__(self) -> None:
        self.before = [0.0] * (2 * SLOTS)
        self.within = [0.0] * (2 * SLOTS)
        self.leads: dict[int, float] = {}

    def asked(self, slot: int) -> float:
        return sum(self.before[: slot + 1]) + sum(self.within[:slot])

    def left_after(self, slot: int) -> float:
        return min((lead - self.asked(place) for place, lead in self.leads.items() if place > slot), default=inf)


@pytest.mark.parametrize("seed", range(30))
def test_the_account_answers_as_sums_over_all_slots_do(seed: int) -> None:
    rng = random.Random(seed)
    account, naive = PartAccount(), Naive()
    for _step in range(120):
        slot, before, within = rng.randrange(SLOTS), rng.choice((0.0, 3.0, 8.0)), rng.choice((0.0, 1.0, 2.5))
        account.take(slot, before, within, lead := 100.0 * (slot + 1))
        naive.before[slot] += before
        naive.within[slot] += within
        if before:
            naive.leads[slot] = lead
        if rng.random() < 0.2:
            account.moved(slot, lead + 30.0)
            naive.leads.update({slot: lead + 30.0} if slot in naive.leads else {})
        asked_for = rng.randrange(SLOTS)
        assert account.asked(asked_for) == pytest.approx(naive.asked(asked_for))
        assert account.left_after(asked_for) == pytest.approx(naive.left_after(asked_for))


def test_a_first_copy_may_take_all_that_is_left_before_its_wave_and_no_more() -> None:
    account = PartAccount()
    account.take(3, 60.0, 10.0, 100.0)
    assert account.allows(3, 40.0, 99.0, 100.0)
    assert not account.allows(3, 40.1, 0.0, 100.0)


def test_windows_take_from_later_waves_and_not_from_their_own() -> None:
    account = PartAccount()
    account.take(3, 60.0, 0.0, 100.0)
    assert account.allows(2, 0.0, 40.0, 50.0)
    assert not account.allows(2, 0.0, 41.0, 50.0)
    assert account.allows(3, 0.0, 500.0, 100.0)
    assert account.allows(4, 0.0, 500.0, 200.0)


def test_a_new_wave_between_two_comes_after_the_window_of_the_one_before() -> None:
    account = PartAccount()
    account.take(3, 60.0, 30.0, 100.0)
    assert account.allows_after(3, 10.0, 0.0, 100.0)
    assert not account.allows_after(3, 11.0, 0.0, 100.0)
    assert not account.allows_after(-1, 50.0, 0.0, 80.0)
    assert account.allows_after(-1, 40.0, 0.0, 80.0)


def test_the_part_that_is_short_is_named() -> None:
    account = LeadAccount([PathPart(100.0, ()), PathPart(100.0, ())])
    asks: tuple[Ask, ...] = ((0, 10.0, 0.0, KEY), (1, 30.0, 0.0, KEY))
    account.take(asks, 0, 50.0)
    assert account.short(asks, 0, 50.0) == (1, 30.0, 0.0, KEY)
    assert account.short(((0, 40.0, 0.0, KEY),), 0, 50.0) is None


def test_a_part_is_never_short_before_a_wave_that_begins_after_all_that_is_asked_of_it() -> None:
    account = LeadAccount([PathPart(60.0, ())])
    asks: tuple[Ask, ...] = ((0, 30.0, 0.0, KEY),)
    account.take(asks, 0, 59.0)
    account.take(asks, 1, 60.0)
    assert account.short(asks, 1, 60.0) is None
    assert account.short(((0, 29.0, 0.0, KEY),), 0, 59.0) is None
    assert account.short(asks, 0, 59.0) is not None


def test_waves_in_their_order_are_in_time_as_long_as_each_finds_what_it_asks() -> None:
    asks: list[Ask] = [(0, 50.0, 20.0, KEY)]
    assert in_time([(50.0, asks), (120.0, asks)])
    assert not in_time([(50.0, asks), (119.0, asks)])
    assert not in_time([(49.0, asks)])
