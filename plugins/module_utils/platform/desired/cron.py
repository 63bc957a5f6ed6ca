# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules in five fields of cron, as Argo CD reads them.

It uses the parser of robfig/cron (ParseStandard): lists, ranges, steps, names of months and days; Sunday is 0, and 7 is no day. Words
such as @daily are none here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

MONTHS: Final = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
ANY: Final = ("*", "?")
FIELDS: Final[tuple[tuple[int, int, Sequence[str]], ...]] = ((0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, MONTHS), (0, 6, DAYS))
"""Least, most and names of each field: minute, hour, day of the month, month, day of the week."""

_STEPPED: Final = re.compile(r"([0-9a-z*?]+)(-([0-9a-z]+))?(/([0-9]{1,4}))?")


def trouble_with_cron(schedule: str) -> str:
    """What keeps a text from being a schedule, in a few words; empty for nothing."""
    parts = schedule.split()
    if len(parts) != len(FIELDS):
        return f"has {len(parts)} fields instead of five"
    wrong = [part for part, (least, most, names) in zip(parts, FIELDS, strict=True) if not numbers_of(part.lower(), least, most, names)]
    return f"has the field {wrong[0]!r}" if wrong else ""


def numbers_of(field: str, least: int, most: int, names: Sequence[str] = ()) -> set[int]:
    """The numbers that a field of a schedule means, in small letters; none where it is not one."""
    found: set[int] = set()
    for part in field.split(","):
        shape = _STEPPED.fullmatch(part)
        if shape is None:
            return set()
        first, last, step = shape[1], shape[3], int(shape[5] or 1)
        if first in ANY:
            low, high = least, most
        else:
            low = _number(first, names)
            high = _number(last, names) if last else (most if shape[4] else low)
        if not least <= low <= high <= most or not step or (first in ANY and last):
            return set()
        found.update(range(low, high + 1, step))
    return found


def _number(text: str, names: Sequence[str]) -> int:
    """The number that a text means, also by its name; -1 for none."""
    if text.isdigit():
        return int(text) if len(text) < 4 else -1
    return names.index(text) if text in names else -1
