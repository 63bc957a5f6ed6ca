# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory of one unit of an accelerator resource: from a label of the node, from the document, from a cited table, or not known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..catalogue import DeviceFacts
from ..desired.model import MIG_MIXED, MIG_SINGLE, PARTITION, DeviceClass, DeviceWanted
from .resources import NVIDIA, PARTITION_LABELS, Traits

MIB_PER_GIB: Final = 1024
_AMD_FORM: Final = re.compile(r"(?P<number>[0-9]{1,7})(?P<unit>[GM])i?")


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of one unit, and where the figure comes from."""

    gib: float | None
    source: str
    product: str = ""
    """product that the document or the table names"""
    match: tuple[str, ...] = ()
    """labels by which the document or the table told the device"""


def memory_of(traits: Traits, labels: Mapping[str, str], told: Sequence[DeviceWanted], table: Sequence[DeviceFacts]) -> Memory:
    """The memory of one unit. What the document tells beats the table; a label beats both.

    The document and the table name whole devices. For partitions they count only where they match a label of the partition,
    and never where a node hands out partitions of several sizes.
    """
    entry: DeviceWanted | DeviceFacts | None = next((device for device in told if _covers(device.match, labels, traits)), None)
    place = "document"
    if entry is None:
        entry = next((device for device in table if device.vendor == traits.vendor and _covers(device.match, labels, traits)), None)
        place = "table"
    product = entry.product if entry else ""
    if traits.memory_label in labels and (found := label_gib(traits.vendor, labels[traits.memory_label])):
        return Memory(found, f"label {traits.memory_label}", product)
    if entry is None:
        return Memory(None, "")
    return Memory(entry.memory_gib, f"{place}: {entry.source}", product, tuple(sorted(entry.match)))


def _covers(match: Mapping[str, str], labels: Mapping[str, str], traits: Traits) -> bool:
    if not match or any(labels.get(key) != value for key, value in match.items()):
        return False
    if traits.mode in (MIG_SINGLE, PARTITION):
        return any(key in PARTITION_LABELS for key in match)
    return traits.mode != MIG_MIXED


def label_gib(vendor: str, text: str) -> float | None:
    """The memory that a label names, in GiB; None for what is no amount.

    NVIDIA's feature discovery writes plain MiB (81559 for a card that is sold as 80 GB); AMD's labeller writes 192G and
    means GiB.
    """
    if vendor == NVIDIA:
        mib = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        return mib / MIB_PER_GIB or None
    found = _AMD_FORM.fullmatch(text)
    if not found:
        return None
    return int(found["number"]) / (1 if found["unit"] == "G" else MIB_PER_GIB) or None


def least_gib(wanted: DeviceClass) -> float:
    """The least memory that a class accepts: what it asks for, less its tolerance."""
    return wanted.memory_gib * (1 - wanted.memory_tolerance_percent / 100)
