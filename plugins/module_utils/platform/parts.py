# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of the stage hand over: objects that are wanted, what is waited for, steps that are no objects, findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..common.artifact import JsonRecord
from ..common.findings import CheckFinding
from ..common.merges import Merge
from ..common.owned_fields import ApiObject
from ..common.write_findings import OWN, ObjectKey
from ..common.yaml_text import YamlText
from .accelerators.model import Fleet, Resolution
from .catalogue import Catalogue
from .desired.model import PlatformDesired
from .identity.external_oidc import ModeRestore
from .identity.oauth import ProvidersChange
from .olm.model import RenderedCatalog
from .outside import Outside
from .snapshot import Named, PlatformSnapshot

NAMESPACES, SUPPORT, GROUPS, SUBSCRIPTIONS, CLUSTER_WIDE, OPERANDS, QUEUES, RUNTIMES, MODELS = range(10, 100, 10)
"""Ranks: objects and merges of a lower one are written first, and of one rank the objects before the merges."""

APPROVE, DELETE = "approve", "delete"
VERBS: Final = (APPROVE, DELETE)


@dataclass(frozen=True, slots=True)
class WantedObject:
    """An object that a part wants. `claim` is one of those of the write layer."""

    object: ApiObject
    part: str
    layer: str
    path: str
    """place in the document that asks for it, such as accelerators.nfd"""
    rank: int
    claim: str = OWN
    awaits: str = ""
    """operator of this document that brings the object's CRD"""
    keep: bool = False
    """never pruned: data hangs on it"""


@dataclass(frozen=True, slots=True)
class Wait:
    """An object that has to become ready; what ready means is known by its kind."""

    subject: str
    part: str
    layer: str
    ref: Named
    minutes: float
    expects: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do that is no desired object."""

    order: int
    part: str
    verb: str
    subject: str
    ref: Named
    reason: str = ""
    uid: str = ""
    """uid of the object that is meant: of another one of that name nothing is done"""
    resource_version: str = ""
    """version of the object that was judged; empty where any will do"""


@dataclass(frozen=True, slots=True)
class PartPlan:
    """What one part wants of the cluster."""

    objects: tuple[WantedObject, ...] = ()
    waits: tuple[Wait, ...] = ()
    steps: tuple[Step, ...] = ()
    findings: tuple[CheckFinding, ...] = ()
    records: tuple[JsonRecord, ...] = ()
    merges: tuple[Merge, ...] = ()
    """entries of objects that no server merges"""
    incomplete: str = ""
    """why objects may be missing in the plan that are wanted all the same; empty where none are"""
    held: Mapping[ObjectKey, str] = field(default_factory=dict)
    """objects that have to stay as they are for now where they are wanted no more, and why; those that are wanted the plan judges"""


def joined(*plans: PartPlan) -> PartPlan:
    """Several plans as one, in this order."""
    return PartPlan(
        tuple(item for plan in plans for item in plan.objects),
        tuple(item for plan in plans for item in plan.waits),
        tuple(item for plan in plans for item in plan.steps),
        tuple(item for plan in plans for item in plan.findings),
        tuple(item for plan in plans for item in plan.records),
        tuple(item for plan in plans for item in plan.merges),
        "; ".join(plan.incomplete for plan in plans if plan.incomplete),
        {key: why for plan in plans for key, why in plan.held.items()},
    )


@dataclass(frozen=True, slots=True)
class Context:
    """All that a part may look at."""

    desired: PlatformDesired
    snapshot: PlatformSnapshot
    catalogue: Catalogue
    today: str
    """day as YYYY-MM-DD, in UTC"""
    fleet: Fleet = field(default_factory=Fleet)
    resolved: Mapping[str, Resolution] = field(default_factory=dict)
    """request to what became of it"""
    rendered: Mapping[str, RenderedCatalog] = field(default_factory=dict)
    """CatalogSource to its catalog with the whole upgrade graph, where the document gives one"""
    now: str = ""
    """present of the run, RFC 3339; empty where only the day is known"""
    prune: bool = False
    """whether entries of ours that are wanted no more go"""
    outside: Outside = field(default_factory=Outside)
    """what was seen of servers beside the cluster"""
    yaml: YamlText | None = None
    """reads and edits the YAML that ConfigMaps hold; None where nothing at hand does"""
    taken_back: ProvidersChange | ModeRestore | None = None
    """a former write to logins that is to be taken back, in place of all else of the identity part"""
