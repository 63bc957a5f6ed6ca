# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was planned with, as the plan's record `basis` shows it: the user's words and what was taken where there are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import time

from ..common.artifact import JsonRecord
from .calendar import windows_of
from .settings import WEEKDAYS, PlanSettings, Selector, WindowRule


def calendar_basis(settings: PlanSettings) -> JsonRecord:
    """Days, windows and freezes."""
    last_day = {"last_day": settings.last_day.isoformat()} if settings.last_day is not None else {}
    return {
        "first_day": settings.start.isoformat(),
        **last_day,
        "time_zone": str(settings.zone),
        "windows": [_window(rule) for rule in windows_of(settings)],
        "freezes": [
            {
                "name": freeze.name,
                "first": freeze.first.isoformat(),
                "last": freeze.last.isoformat(),
                "match": list(selector_texts(freeze.selector)),
            }
            for freeze in settings.freezes
        ],
    }


def wave_basis(settings: PlanSettings) -> JsonRecord:
    """What bounds waves; a limit that is not there is none."""
    limits = {entry.name: getattr(settings.limits, entry.name) for entry in fields(settings.limits)}
    return {
        "limits": {name: value for name, value in limits.items() if value is not None},
        "pilots": settings.pilots.count,
        "pilots_match": list(selector_texts(settings.pilots.selector)),
        "max_vms": settings.max_vms,
        "dependencies": settings.dependencies,
        "anti_affinity": settings.anti_affinity,
    }


def selector_texts(selector: Selector) -> Iterator[str]:
    """A selector as texts, `owners: team-erp*`; none for one that means every VM."""
    for entry in fields(selector):
        for pattern in getattr(selector, entry.name):
            yield f"{entry.name}: {pattern}"


def _window(rule: WindowRule) -> JsonRecord:
    days = [WEEKDAYS[number] for number in rule.weekdays] or list(WEEKDAYS)
    return {
        "name": rule.name,
        **({"days": days} if rule.day is None else {"day": rule.day.isoformat()}),
        "start": _clock(rule.start),
        "end": _clock(rule.end),
        "extra_days": rule.extra_days,
        "every_weeks": rule.every_weeks,
        "match": list(selector_texts(rule.selector)),
        "own": rule.own,
    }


def _clock(moment: time) -> str:
    return moment.strftime("%H:%M")
