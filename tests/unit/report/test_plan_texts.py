# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the report says when a wave runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.report.plan_texts import window_text

from tests.unit.report import plan_factory as make


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2027-03-20T20:00:00+01:00", "2027-03-21T06:00:00+01:00", "Sat 20 Mar 2027, 20:00 to 06:00"),
        ("2027-03-27T20:00:00+01:00", "2027-03-28T06:00:00+02:00", "Sat 27 Mar 2027, 20:00 to 06:00 (9 h, the clocks go forward)"),
        ("2027-10-30T20:00:00+02:00", "2027-10-31T06:00:00+01:00", "Sat 30 Oct 2027, 20:00 to 06:00 (11 h, the clocks go back)"),
        ("2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00", "Sun 31 Oct 2027, 02:30 to 02:30 (1 h, the clocks go back)"),
        ("2027-10-29T20:00:00+02:00", "2027-11-01T06:00:00+01:00", "Fri 29 Oct 2027, 20:00 to Mon 06:00 (2 d 11 h, the clocks go back)"),
    ],
)
def test_window_over_a_change_of_the_clocks_says_how_long_it_is(start: str, end: str, expected: str) -> None:
    (wave,) = make.plan_of([make.basis(), make.wave(1, "2027-01-16T19:00:00+00:00", 6)]).waves
    assert window_text(replace(wave, start=start, end=end)) == expected
