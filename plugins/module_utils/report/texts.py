# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures, dates and names as a reader sees them: always English, whatever the locale of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timezone
from typing import Final

from . import view

VERDICT_LABELS: Final[Mapping[str, str]] = {verdict: view.VERDICT_LABELS[verdict].capitalize() for verdict in reversed(view.VERDICTS)}
"""Verdicts in the order in which a reader meets them, best first."""

CATEGORY_LABELS: Final[Mapping[str, str]] = {category: category.capitalize() for category in view.CATEGORIES}

STATE_LABELS: Final[Mapping[str, str]] = {"ran": "ran", "failed": "failed", "skipped": "did not run", "stale": "is out of date"}

SOURCE_TYPES: Final[Mapping[str, str]] = {"rvtools": "RVTools export", "estate": "saved estate", "vcenter": "vCenter, read live"}

KIND_LABELS: Final[Mapping[str, str]] = {
    "cluster": "cluster",
    "datacenter": "datacenter",
    "datastore": "datastore",
    "drs_group": "DRS group",
    "drs_rule": "DRS rule",
    "folder": "folder",
    "host": "host",
    "license": "licence",
    "network": "network",
    "resource_pool": "resource pool",
    "switch": "distributed switch",
    "vapp": "vApp",
    "vcenter": "vCenter",
    "vm": "VM",
}
"""Every kind of object that an estate holds, in words. (The model itself is not imported: it costs more than it is worth here.)"""

_MONTHS: Final = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def number(value: int) -> str:
    """The number with thousands separated."""
    return f"{value:,}"


def plural(value: int, one: str, many: str = "") -> str:
    """The number with its noun: `1 VM`, `2 VMs`."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def kind_text(kind: str, count: int) -> str:
    """A number of objects of one kind: `12 VMs`, `1 resource pool`."""
    label = KIND_LABELS.get(kind, kind)
    return plural(count, label, f"{label}es" if label.endswith("switch") else "")


def objects_text(counts: Mapping[str, int]) -> str:
    """Objects by kind in words: `3 clusters, 12 hosts`."""
    return ", ".join(kind_text(kind, count) for kind, count in sorted(counts.items()))


def percent(value: int, total: int) -> str:
    """The share in whole percent; never 0 % for some and never 100 % for less than all."""
    if total <= 0 or value <= 0:
        return "0%"
    if value >= total:
        return "100%"
    rounded = (200 * value + total) // (2 * total)
    if rounded == 0:
        return "<1%"
    return ">99%" if rounded == 100 else f"{rounded}%"


def size(value: int) -> str:
    """Bytes in the largest binary unit that keeps the figure at 1 or more, with three significant digits at most."""
    power = 0
    scaled = float(value)
    while scaled >= 1024 and power < len(_UNITS) - 1:
        scaled /= 1024
        power += 1
    digits = 0 if power == 0 or scaled >= 100 or scaled == int(scaled) else 1
    return f"{scaled:,.{digits}f} {_UNITS[power]}"


def with_unknown(figure: str | None, unknown: int) -> str:
    """A sum in words that says of how many VMs it knows nothing: `1.2 TiB (2 unknown)`, or `unknown` where nothing is known."""
    if figure is None:
        return "unknown"
    return f"{figure} ({unknown:,} unknown)" if unknown else figure


def apart(settled: int, provisional: int) -> str:
    """Settled and provisional VMs as one text that never adds them up: `42 + 47`."""
    return f"{settled:,} + {provisional:,}" if provisional else f"{settled:,}"


_CHECK_COUNTS: Final[Mapping[str, str]] = {
    "pass": "checks passed",
    "fail": "checks failed",
    "not_evaluated": "checks not evaluated",
    "not_applicable": "checks not applicable",
    "waived": "checks waived",
}


def stage_counts(counts: Mapping[str, int]) -> str:
    """What a stage counted, in words; a verdict's provisional VMs stay apart from its settled ones: `42 + 47 ready`."""
    parts = []
    if "fail" in counts:
        # Of the platform's checks only what there was is told; its `failed` counts those that were not evaluated once more.
        counts = {_CHECK_COUNTS.get(name, name): total for name, total in counts.items() if total and name != "failed"}
    for name, total in counts.items():
        provisional = counts.get(f"{name}_provisional")
        if name.removesuffix("_provisional") != name and name.removesuffix("_provisional") in counts:
            continue
        figure = number(total) if provisional is None else apart(total - provisional, provisional)
        parts.append(f"{figure} {name.replace('_', ' ')}")
    return ", ".join(parts)


def date_text(text: str) -> str:
    """`2027-10-11` as `11 October 2027`; anything else stays as it is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def moment_text(text: str) -> str:
    """An ISO 8601 moment in words, in UTC; a moment without an offset says so."""
    if "T" not in text:
        return date_text(text)
    try:
        moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        return text
    zone = "no time zone given"
    if moment.tzinfo is not None:
        moment, zone = moment.astimezone(timezone.utc), "UTC"
    clock = f"{moment.hour:02d}:{moment.minute:02d}"
    return (
        f"{date_text(moment.date().isoformat())}, {clock} {zone}"
        if zone == "UTC"
        else f"{date_text(moment.date().isoformat())}, {clock} ({zone})"
    )
