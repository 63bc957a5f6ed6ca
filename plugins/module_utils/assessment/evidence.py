# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of evidence: values, thresholds and parts of a VM as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

Evidence: TypeAlias = dict[str, str]
"""`object`, `field`, `observed` and `expected`, all as text."""

_VALUES_SHOWN: Final = 10
_BYTE_UNITS: Final = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_NOUNS: Final[Mapping[str, str]] = {
    "disks": "disk",
    "nics": "network adapter",
    "controllers": "controller",
    "devices": "device",
    "usb": "USB",
    "removable_media": "drive",
    "snapshots": "snapshot",
    "partitions": "file system",
}
_NAMED_BY: Final = ("label", "path", "name", "kind", "key")


def part_label(part: str, item: Mapping[str, Any], position: int) -> str:
    """A part of a VM as people know it: `disk Hard disk 1`; by its position when it has no name at all."""
    name = next((str(item[key]) for key in _NAMED_BY if item.get(key)), str(position))
    return f"{_NOUNS[part]} {name}"


def _quantity(field: str, value: float) -> str:
    if field.endswith("_bytes"):
        for size, unit in _BYTE_UNITS:
            if value and value % size == 0:
                return f"{value // size} {unit}"
        return f"{value} bytes"
    for ending, unit in (("_mib", "MiB"), ("_mhz", "MHz"), ("_minutes", "minutes")):
        if field.endswith(ending):
            return f"{value} {unit}"
    return str(value)


def value_text(field: str, value: object) -> str:
    """A value of a fact as text; the field's ending tells the unit, and bytes are never rounded."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _quantity(field, value)
    if value == "" or value == [] or value == {}:
        return "empty"
    if isinstance(value, (list, tuple)):
        shown = ", ".join(str(entry) for entry in value[:_VALUES_SHOWN] if not isinstance(entry, dict))
        if not shown:
            return str(len(value))
        return f"{shown} and {len(value) - _VALUES_SHOWN} more" if len(value) > _VALUES_SHOWN else shown
    return str(value)
