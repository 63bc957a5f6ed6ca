# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of `namespaces.jsonl` that say how much there is still, and who has what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..common.unknown import Unknown
from ..estate.fields import fact
from ..platform.record import Record
from ..target.model import Count, CountMap, Text, TextMap, Texts


@dataclass(frozen=True, slots=True)
class HeadroomRecord(Record):
    """How many further pods of a grant would run now. The id is `namespace/grant`."""

    device_class: Text = fact("class of accelerators that the contract names")
    resource: Text = fact("resource that it comes to on this cluster")
    flavor: Text = fact("ResourceFlavor of its nodes")
    asks: TextMap = fact("what one pod requests, by resource")
    granted: Count = fact("devices that the grant has")
    used: Count = fact("devices of the resource that pods of the namespace hold")
    units: Count = fact("further pods that would run now")
    binding: Texts = fact("what allows no more than that")
    allowed: CountMap = fact("further pods that each account allows, of those that limit them at all")
    left_out: Texts = fact("kinds of account that the cluster does not serve")


@dataclass(frozen=True, slots=True)
class NamespaceShare:
    """What one namespace of an owner has, by resource."""

    namespace: Text = fact("the namespace")
    granted: CountMap = fact("devices that its contract grants")
    used: CountMap = fact("devices that its pods hold")
    idle: CountMap = fact("devices that are granted and not held")


@dataclass(frozen=True, slots=True)
class OwnerRecord(Record):
    """Accelerators of one owner over all of its namespaces. The id is the owner's short name."""

    cost_centre: Text = fact("what its use is charged to; of several all of them")
    namespaces: Texts = fact("its namespaces")
    granted: CountMap = fact("devices that its contracts grant, by resource")
    used: CountMap = fact("devices that pods of its namespaces hold, by resource")
    idle: CountMap = fact("devices that are granted and not held, by resource")
    shares: tuple[NamespaceShare, ...] | Unknown = fact("the same for each of its namespaces")


KINDS: Final[Mapping[str, type]] = {"headroom": HeadroomRecord, "owner": OwnerRecord}

PARTS: Final[Mapping[str, type]] = {"shares": NamespaceShare}
"""Facts that are lists of parts, and the class of the parts."""
