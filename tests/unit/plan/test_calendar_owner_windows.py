# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What owners write about when their VMs may be changed."""

from __future__ import annotations

from datetime import datetime, time, timezone

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import Slot
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import WindowRule
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.windows import Span, narrowed, read_owner_window

from .builders import utc

RULES = (WindowRule("Sat-Night", time(20), time(6), (5,)),)
DAILY = tuple(range(7))


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("sat,sun 22:00-06:00", (Span((5, 6), 1320, 1800),)),
        ("daily 20:00-24:00", (Span(DAILY, 1200, 1440),)),
        ("Every day 08:00 - 12:30", (Span(DAILY, 480, 750),)),
        ("mon-fri 20:00-06:00", (Span((0, 1, 2, 3, 4), 1200, 1800),)),
        ("fri-mon 01:00-02:00", (Span((0, 4, 5, 6), 60, 120),)),
        ("weekend", (Span((5, 6), 0, 1440),)),
        ("22:00-06:00", (Span(DAILY, 1320, 1800),)),
        ("Tuesday, Thu 1:00\u20132:00; sat", (Span((1, 3), 60, 120), Span((5,), 0, 1440))),
    ],
)
def test_times_are_read(text: str, spans: tuple[Span, ...]):
    window = read_owner_window(text, RULES)
    assert window is not None
    assert (window.rule, window.spans) == ("", spans)


def test_the_name_of_a_window_comes_first_without_regard_to_case():
    window = read_owner_window(" sat-night ", RULES)
    assert window is not None
    assert (window.rule, window.spans) == ("Sat-Night", ())


@pytest.mark.parametrize(
    "text",
    ["by arrangement", "sat 25:00-26:00", "sat 10:60-11:00", "24:00-25:00", "sat; soon", "sat 10:00", ";", "mon-xyz 01:00-02:00", "m"],
)
def test_what_cannot_be_read_is_not_guessed(text: str):
    assert read_owner_window(text, RULES) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sat,sun 22:00-06:00", (utc(2026, 11, 28, 22), utc(2026, 11, 29, 6))),
        ("weekend", (utc(2026, 11, 28, 20), utc(2026, 11, 29, 8))),
        ("sat 00:00-21:00; sun 01:00-03:00", (utc(2026, 11, 29, 1), utc(2026, 11, 29, 3))),
        ("fri 12:00-11:00", None),
        ("sun 06:00-12:00", (utc(2026, 11, 29, 6), utc(2026, 11, 29, 8))),
    ],
)
def test_a_slot_is_narrowed_to_the_longest_part_in_the_owners_window(text: str, expected: tuple[datetime, datetime] | None):
    window = read_owner_window(text, RULES)
    assert window is not None
    assert narrowed(Slot("w", utc(2026, 11, 28, 20), utc(2026, 11, 29, 8)), [window], timezone.utc) == expected


def test_several_owners_have_to_agree():
    late, early = read_owner_window("daily 22:00-24:00", RULES), read_owner_window("daily 20:00-23:00", RULES)
    assert late is not None
    assert early is not None
    slot = Slot("w", utc(2026, 11, 28, 20), utc(2026, 11, 29, 8))
    assert narrowed(slot, [late, early], timezone.utc) == (utc(2026, 11, 28, 22), utc(2026, 11, 28, 23))
