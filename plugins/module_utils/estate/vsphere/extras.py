# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read beside the property collector: tags, storage policies, performance history.

Each of them either was read as a whole or was not. `None` is not read, with the reason; what was read but shows nothing
for one object is known to be empty, unless that object stands in `unknown` with a reason of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

ObjectKey = tuple[str, str]
"""Class and id of a managed object, such as ("VirtualMachine", "vm-42"); equal to a `Reference` of the same."""

DiskKey = tuple[str, int]
"""Id of a VM and device key of one of its disks, such as ("vm-42", 2000)."""


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of every object that has one.

    `names` maps an object to its tags as category/name, sorted; an object that is not in it has none.
    """

    names: Mapping[ObjectKey, Sequence[str]] | None
    reason: str = ""
    calls: int = 0


@dataclass(frozen=True, slots=True)
class StoragePolicies:
    """Names of the storage policies of VM homes and disks.

    A VM home or disk that is in neither mapping nor in `unknown` has no policy. `unknown` maps the id of a VM to the
    reason why the policies of its home and disks could not be told.
    """

    homes: Mapping[str, str] | None
    disks: Mapping[DiskKey, str] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Performance:
    """History of VMs in figures.

    `facts` maps the id of a VM to facts of the model (performance_days, cpu_usage_average_mhz, …), `unknown` the id of a
    VM to those that are lacking, each with its reason. A VM in neither was not asked for.
    """

    facts: Mapping[str, Mapping[str, int]] | None
    unknown: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reason: str = ""
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Extras:
    """All that is read beside the property collector."""

    tags: Tags
    policies: StoragePolicies
    performance: Performance


def none_read(reason: str) -> Extras:
    """Nothing was read of them, for one reason."""
    return Extras(Tags(None, reason), StoragePolicies(None, reason=reason), Performance(None, reason=reason))
