# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Classes of accelerators: which there are, and what a group of devices lacks to belong to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from ...common.write_findings import listed
from ..catalogue import Catalogue
from ..desired.model import ANY_SHARING, CONTAINER, ISOLATED, NOT_SHARED, DeviceClass, PlatformDesired
from .memory import least_gib
from .model import DeviceGroup
from .pools import has_labels

EXCLUSIVENESS: Final = (NOT_SHARED, ISOLATED, ANY_SHARING)
"""Ways to share, the most exclusive first."""

_SHARED_WORDS: Final[Mapping[str, str]] = {
    NOT_SHARED: "whole devices",
    ISOLATED: "devices partitioned in hardware",
    ANY_SHARING: "shared devices",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A group held against a class: what it lacks for certain, and what nobody knows of it."""

    lacks: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    shortfall: float = 0
    """share of the memory that is missing, to tell which group comes nearest"""

    @property
    def fits(self) -> bool:
        """Whether it belongs to the class for certain."""
        return not self.lacks and not self.unknown


def classes_of(desired: PlatformDesired, catalogue: Catalogue) -> dict[str, DeviceClass]:
    """The shipped classes and those of the document, which replace shipped ones of the same name."""
    own = desired.accelerators.classes if desired.accelerators else {}
    return dict(sorted({**catalogue.classes, **own}.items()))


def judge(group: DeviceGroup, wanted: DeviceClass) -> Judged:
    """What keeps a group out of a class, its number of devices aside."""
    lacks: list[str] = []
    unknown: list[str] = []
    if group.workload != CONTAINER:
        lacks.append("its devices are for VMs")
    if wanted.vendors and group.vendor not in wanted.vendors:
        lacks.append(f"it is of {group.vendor}, not of {listed(wanted.vendors)}")
    if wanted.products and not any(fnmatchcase(group.product, pattern) for pattern in wanted.products):
        (lacks if group.product else unknown).append(f"its product is {group.product or 'not known'}")
    if not group.sharing and wanted.sharing != ANY_SHARING:
        unknown.append("nobody knows whether its devices are shared")
    elif group.sharing and EXCLUSIVENESS.index(group.sharing) > EXCLUSIVENESS.index(wanted.sharing):
        lacks.append(f"it has {_SHARED_WORDS[group.sharing]}")
    if wanted.labels and not any(has_labels(node.labels, wanted.labels) for node in group.nodes):
        lacks.append(f"no node has the labels {labels_in_words(wanted.labels)}")
    least = least_gib(wanted)
    shortfall = 0.0
    if group.memory_gib is None:
        unknown.append("no label, document or table tells its memory")
    elif group.memory_gib < least:
        shortfall = (least - group.memory_gib) / least
        lacks.append(f"its devices have {gib(group.memory_gib)} GiB")
    return Judged(tuple(lacks), tuple(unknown), shortfall)


def class_in_words(name: str, wanted: DeviceClass) -> str:
    """What a class asks for: `class large-inference, at least 80 GiB (77.6 with its tolerance), whole devices`."""
    least = least_gib(wanted)
    tolerance = f" ({gib(least)} with its tolerance)" if least < wanted.memory_gib else ""
    sharing = {NOT_SHARED: "whole devices", ISOLATED: "whole or partitioned devices", ANY_SHARING: "shared or not"}[wanted.sharing]
    return f"class {name}, at least {gib(wanted.memory_gib)} GiB{tolerance}, {sharing}"


def labels_in_words(labels: Mapping[str, str]) -> str:
    """`a=b and c=d`."""
    return listed([f"{key}={value}" for key, value in sorted(labels.items())])


def gib(amount: float) -> str:
    """An amount of GiB for people: one decimal where there is one."""
    return f"{amount:.1f}".removesuffix(".0")
