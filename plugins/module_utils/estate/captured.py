# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a source was captured, and which of two captures is the newer one, as far as that can be told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

_FARTHEST_EAST: Final = timedelta(hours=14)
_FARTHEST_WEST: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Captured:
    """The moment of a capture.

    `earliest` and `latest` bound it in UTC: they differ where the source names no offset. `local` is its own wall
    clock then. `None` stands for a capture without a date.
    """

    text: str = ""
    earliest: datetime | None = None
    latest: datetime | None = None
    local: datetime | None = None
    seconds: float = 0.0
    """the latest moment as a number, for sorting"""

    @property
    def dated(self) -> bool:
        """True when the source names a date."""
        return self.earliest is not None

    def newer_than(self, other: Captured) -> bool:
        """True when this capture is certainly the later one.

        Two dates without offset are compared as they stand: exports of one estate are made on one clock.
        """
        if self.local is not None and other.local is not None:
            return self.local > other.local
        if self.earliest is None or other.latest is None:
            return False
        return self.earliest > other.latest

    def order(self) -> tuple[bool, float, str]:
        """A total order for the sake of determinism: captures without a date first, then by date."""
        return (self.latest is not None, self.seconds, self.text)


UNDATED: Final = Captured()


def parse_moment(text: str) -> datetime | None:
    """The moment of an ISO 8601 text, aware or naive as it stands; None when it is none."""
    try:
        return datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
    except ValueError:
        return None


def parse_captured(text: str) -> Captured:
    """The capture of an ISO 8601 text; an unreadable one counts as no date."""
    moment = parse_moment(text)
    if moment is None:
        return UNDATED
    try:
        if moment.tzinfo is not None:
            moment = moment.astimezone(timezone.utc)
            return Captured(text, moment, moment, None, moment.timestamp())
        utc = moment.replace(tzinfo=timezone.utc)
        latest = utc + _FARTHEST_WEST
        return Captured(text, utc - _FARTHEST_EAST, latest, moment, latest.timestamp())
    except OverflowError:
        return UNDATED


class Captures:
    """Capture of every source by its id; a source without a record has no date."""

    def __init__(self, dates: Mapping[str, str]) -> None:
        self._captured = {source: parse_captured(text) for source, text in dates.items() if text}

    def of(self, source: str) -> Captured:
        """The capture of one source."""
        return self._captured.get(source, UNDATED)

    def newest(self, sources: list[str]) -> Captured:
        """The latest of the sources' captures."""
        return max((self.of(source) for source in sources), key=Captured.order, default=UNDATED)
