# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings in the reading of the checks: windows, freezes, selectors, limits and rates, with their documented defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

Record: TypeAlias = Mapping[str, Any]
Span: TypeAlias = tuple[datetime, datetime]

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT_WINDOW: Final = {"name": "default", "start": "20:00", "end": "06:00"}
DEFAULT_RATES: Final[Mapping[str, float]] = {
    "link_mib_per_s": 834.0,
    "host_mib_per_s": 83.0,
    "datastore_mib_per_s": 400.0,
    "disk_mib_per_s": 60.0,
    "target_mib_per_s": 500.0,
    "conversion_minutes": 10.0,
    "startup_minutes": 5.0,
    "change_percent_per_day": 5.0,
    "p90_factor": 1.5,
}
TIB: Final = 1 << 40


def listed(value: Any) -> list[Any]:
    """A list; one thing alone is a list of one."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def is_like(value: str, pattern: str) -> bool:
    """Whether a name is meant by a pattern, whatever the case: * stands for any text, ? for one character, all else for itself."""
    wild = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern.casefold())
    return bool(value) and re.fullmatch(wild, value.casefold(), re.DOTALL) is not None


def selects(match: Record | None, vm: Record) -> bool:
    """Whether a selector means a VM's record: each list that is given has a pattern for it, whatever the case of letters."""
    match = match or {}
    folder = [part for part in vm.get("folder", "").split("/") if part]
    above = ["/" + "/".join(folder[:end]) for end in range(1, len(folder) + 1)] + [vm.get("folder", "")]
    facts = {
        "vms": [vm.get("name", ""), vm["id"]],
        "folders": above,
        "tags": vm.get("tags", []),
        "clusters": [vm.get("cluster", "")],
        "owners": [vm.get("owner", "")],
        "applications": [vm.get("application", "")],
        "environments": [vm.get("environment", "")],
        "vcenters": [vm.get("vcenter", "")],
    }
    for key, values in facts.items():
        patterns = listed(match.get(key))
        if patterns and not any(is_like(value, str(pattern)) for value in values for pattern in patterns):
            return False
    return True


def names_nothing(match: Record | None) -> bool:
    """Whether a selector means every VM."""
    return not any(listed(value) for value in (match or {}).values())


def as_day(value: Any) -> date | None:
    """A day as the settings write it."""
    if isinstance(value, datetime):
        return value.date()
    if value is None or value == "":
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def as_clock(value: Any) -> time:
    """A time of day; 24:00 is midnight."""
    if isinstance(value, int):
        return time(value // 60 % 24, value % 60)
    hour, _colon, minute = str(value).partition(":")
    return time(int(hour) % 24, int(minute))


@dataclass(frozen=True, slots=True)
class Window:
    """A window of the plan."""

    name: str
    start: time
    end: time
    weekdays: frozenset[int]
    day: date | None
    every_weeks: int
    match: Record
    own: bool

    def opens(self, day: date, first: date) -> bool:
        """Whether it opens on a day of a plan that begins on `first`."""
        if self.day is not None:
            return day == self.day
        if day.weekday() not in self.weekdays:
            return False
        anchor = next(first + timedelta(ahead) for ahead in range(7) if (first + timedelta(ahead)).weekday() in self.weekdays)
        monday, other = day - timedelta(day.weekday()), anchor - timedelta(anchor.weekday())
        return ((monday - other).days // 7) % self.every_weeks == 0

    def slot(self, day: date, zone: tzinfo) -> Span:
        """Its times when it opens on a day, in UTC."""
        ends = day if self.end > self.start else day + timedelta(1)
        return at(day, self.start, zone), at(ends, self.end, zone)


def at(day: date, clock: time, zone: tzinfo) -> datetime:
    """A local time in UTC."""
    return datetime.combine(day, clock, zone).astimezone(timezone.utc)


@dataclass(frozen=True, slots=True)
class Freeze:
    """Days without moves."""

    first: date
    last: date
    match: Record


class Wishes:
    """Everything that the user asked for. `first_day` is what the plan itself begins with where the settings say nothing."""

    def __init__(self, settings: Mapping[str, Any], first_day: str) -> None:
        self.given = settings
        zone = str(settings.get("timezone") or "UTC")
        self.zone: tzinfo = timezone.utc if zone.upper() in ("UTC", "Z") else ZoneInfo(zone)
        self.start = as_day(settings.get("start")) or date.fromisoformat(first_day)
        self.last_day = as_day(settings.get("last_day"))
        self.windows = [_window(entry) for entry in listed(settings.get("windows")) or [DEFAULT_WINDOW]]
        self.freezes = [
            Freeze(
                as_day(entry["from"]) or self.start,
                as_day(entry.get("to")) or as_day(entry["from"]) or self.start,
                entry.get("match") or {},
            )
            for entry in listed(settings.get("freezes"))
        ]
        limits = settings.get("limits") or {}
        self.limits = {name: limits.get(name) for name in ("vms_per_host", "vms_per_datastore", "high_risk_vms", "waves")}
        self.limits["vms"] = limits.get("vms", 100)
        self.limits["bytes"] = int(float(limits["tib"]) * TIB) if limits.get("tib") is not None else None
        pilots = settings.get("pilots") or {}
        self.pilot_count = int(pilots.get("count", 3))
        self.pilot_match: Record = pilots.get("match") or {}
        self.accepted = frozenset(map(str, listed(settings.get("accept_unknown"))))
        self.max_vms = int(settings.get("max_vms") or 50)
        self.together = settings.get("dependencies") == "together"
        self.spread = settings.get("anti_affinity", "spread") != "ignore"
        self.fit: Record = settings.get("fit") or {}
        self.live_migration = self.fit.get("live_migration", True) is not False
        self.namespace = str(settings.get("toolkit_namespace") or "openshift-mtv")

    def rates(self, basis: Record) -> dict[str, float]:
        """The rates: the user's, those that the plan says were measured, and the defaults."""
        rates = dict(DEFAULT_RATES)
        rates.update({name: float(basis["rates"][name]) for name in basis.get("rates_measured", ())})
        rates.update({name: float(value) for name, value in (self.given.get("rates") or {}).items()})
        return rates


def _window(entry: Record) -> Window:
    numbers: set[int] = set()
    for word in listed(entry.get("days")):
        lower = str(word).lower()[:3]
        numbers.update(range(7) if lower in ("dai", "all") else {DAYS.index(lower)})
    day = as_day(entry.get("day"))
    return Window(
        name=str(entry["name"]),
        start=as_clock(entry["start"]),
        end=as_clock(entry["end"]),
        weekdays=frozenset(numbers or range(7)),
        day=day,
        every_weeks=int(entry.get("every_weeks") or 1),
        match=entry.get("match") or {},
        own=entry.get("own") is True,
    )
