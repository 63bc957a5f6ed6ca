# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accelerators that contracts grant: which resource a class comes to on this cluster, and how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..platform.accelerators.model import Choice, Fleet, Resolution
from ..platform.accelerators.resolve import resolve
from ..platform.accelerators.resources import WELL_KNOWN, quota_key
from ..platform.desired.model import DeviceClass, DeviceRequest
from .contract.model import Contract


@dataclass(frozen=True, slots=True)
class Grant:
    """One entry of a contract's accelerators."""

    name: str
    device_class: str
    devices: int
    """in all: of one pod, times its replicas"""
    choice: Choice | None
    """how it is served; None where it is not"""
    refused: str = ""
    """why it cannot be served"""
    unknown: str = ""
    """why nobody knows whether it can"""


@dataclass(frozen=True, slots=True)
class Grants:
    """All of one contract."""

    namespace: str
    entries: tuple[Grant, ...]
    resources: tuple[str, ...]
    """every accelerator resource that is known on the cluster: each is named in a quota, or it would not be limited"""

    @property
    def settled(self) -> bool:
        """Whether it is known how each of them is served."""
        return all(each.choice is not None for each in self.entries)

    def by_resource(self) -> dict[str, int]:
        """Devices by resource: zero for what is not granted."""
        found = Counter(dict.fromkeys(self.resources, 0))
        for (resource, _flavor), amount in self.by_flavor().items():
            found[resource] += amount
        return dict(sorted(found.items()))

    def by_flavor(self) -> dict[tuple[str, str], int]:
        """Devices by resource and flavor, of those that are granted."""
        found: Counter[tuple[str, str]] = Counter()
        for each in self.entries:
            if each.choice is not None:
                found[each.choice.resource, each.choice.flavor] += each.devices
        return dict(sorted(found.items()))


def grants_of(contract: Contract, classes: Mapping[str, DeviceClass], fleet: Fleet) -> Grants:
    """What becomes of each entry, by the first way to serve it."""
    answers = [(each, resolve(each, classes, fleet)) for each in contract.accelerators]
    entries = tuple(_grant(each, answer) for each, answer in answers)
    return Grants(contract.namespace, entries, tuple(sorted({*WELL_KNOWN, *fleet.resources})))


def _grant(wanted: DeviceRequest, answer: Resolution) -> Grant:
    asked = (wanted.name, wanted.device_class, wanted.count * wanted.replicas)
    if answer.choices:
        return Grant(*asked, answer.choices[0])
    unknown = "" if answer.refused else answer.not_evaluated or "; ".join(answer.unknown_groups) or "nothing is known of its class"
    return Grant(*asked, None, answer.refused, unknown)


def quota_keys(devices: Mapping[str, int]) -> dict[str, str]:
    """Devices by resource as a quota names and writes them."""
    return {quota_key(resource): str(amount) for resource, amount in devices.items()}


def of_flavors(grants: Iterable[Grants]) -> dict[tuple[str, str], int]:
    """Devices by resource and flavor, of several contracts."""
    found: Counter[tuple[str, str]] = Counter()
    for each in grants:
        found.update(each.by_flavor())
    return dict(sorted(found.items()))
