# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rates from finished migrations."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.calibration import LEAST_FOR_SPREAD, calibrate
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import GIB
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import Rates


def finished(seconds: float, **changes: Any) -> dict[str, Any]:
    """A VM of 10 GiB that was moved."""
    return {"succeeded": True, "transferred_bytes": 10 * GIB, "transfer_seconds": seconds, "conversion_seconds": 300.0, **changes}


def test_median_rate_spread_and_conversion_are_taken() -> None:
    found = calibrate(Rates(), [{"vms": [finished(50.0), finished(100.0)]}, {"vms": [finished(200.0)]}])
    assert found.samples == 3
    assert found.rates.disk_mib_per_s == pytest.approx(102.4)
    assert found.rates.conversion_minutes == 5.0
    assert found.rates.p90_factor == pytest.approx(1.8)
    assert found.measured == ("conversion_minutes", "disk_mib_per_s", "p90_factor")


def test_what_the_user_gave_stands_above_what_was_measured() -> None:
    rates = Rates(disk_mib_per_s=77.0, given=("disk_mib_per_s",))
    assert calibrate(rates, [{"vms": [finished(50.0)] * 3}]).rates.disk_mib_per_s == 77.0


def test_few_equal_samples_do_not_do_away_with_the_spread_and_the_note_says_so() -> None:
    found = calibrate(Rates(), [{"vms": [finished(100.0)] * (LEAST_FOR_SPREAD - 1)}])
    assert found.rates.p90_factor == Rates().p90_factor
    assert found.measured == ("conversion_minutes", "disk_mib_per_s")
    assert "p90_factor stays 1.5, not the measured 1" in found.note


def test_many_equal_samples_leave_the_spread_that_the_order_of_moves_has() -> None:
    found = calibrate(Rates(), [{"vms": [finished(100.0)] * LEAST_FOR_SPREAD}])
    assert (found.rates.p90_factor, found.measured) == (1.333, ("conversion_minutes", "disk_mib_per_s", "p90_factor"))
    assert "stays" not in found.note


def test_a_given_spread_stands_above_few_and_many_samples_alike() -> None:
    rates = Rates(p90_factor=1.2, given=("p90_factor",))
    for count in (3, LEAST_FOR_SPREAD):
        found = calibrate(rates, [{"vms": [finished(50.0), finished(400.0)] * count}])
        assert found.rates.p90_factor == 1.2
        assert "stays" not in found.note


@pytest.mark.parametrize(
    "vms",
    [
        [],
        [finished(50.0)] * 2,
        [finished(50.0, succeeded=False)] * 5,
        [finished(50.0, transferred_bytes=GIB // 2)] * 5,
        [{"succeeded": True}] * 5,
    ],
)
def test_too_little_leaves_the_rates_and_says_so(vms: list[dict[str, Any]]) -> None:
    found = calibrate(Rates(), [{"vms": vms}, {}])
    assert found.rates == Rates()
    assert "too little" in found.note
