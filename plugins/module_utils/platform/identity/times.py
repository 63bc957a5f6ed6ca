# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a sync is late: its age against two intervals of its schedule, by the run's own present."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...target.objects import moment, seconds_between

FRESH_AGE, LATE, UNKNOWN_AGE = "fresh", "late", "unknown"
INTERVALS: Final = 2
"""A single sync may be missed: the directory was down for a moment, or the operator was upgraded."""


@dataclass(frozen=True, slots=True)
class Age:
    """How old a sync is."""

    state: str
    words: str = ""


def age_against(synced: str, interval_minutes: int | None, now: str, *, is_day: bool = False) -> Age:
    """How old a sync is at `now` (RFC 3339). With `is_day` that is only when the day began: what is not late then may be now."""
    if not moment(synced):
        return Age(UNKNOWN_AGE, "nobody knows when it was synced")
    if interval_minutes is None:
        return Age(UNKNOWN_AGE, f"it was synced at {synced}; its schedule is none that is understood")
    if not moment(now):
        return Age(UNKNOWN_AGE, f"it was synced at {synced}; nobody knows what time it is")
    if (seconds_between(synced, now) or 0.0) > INTERVALS * interval_minutes * 60:
        return Age(LATE, f"it was last synced at {moment(synced)}, and no more than {interval_minutes} minutes lie between two syncs")
    if is_day:
        return Age(UNKNOWN_AGE, f"it was synced at {synced}; only the day of this run is known")
    return Age(FRESH_AGE)
