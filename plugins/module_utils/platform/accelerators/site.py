# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendors' objects are made from: the document's accelerators, the nodes of its pools, and which operator brings which kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ...common.owned_fields import ApiObject
from ...common.write_findings import OWN
from ...target.objects import labels_of, name_of
from ..desired.keys import PRESENT
from ..desired.model import Accelerators, PoolWanted
from ..parts import OPERANDS, Context, Wait, WantedObject
from ..snapshot import Named, PlatformSnapshot
from .check_list import LAYER, PART
from .pools import members
from .resources import AMD, GAUDI, INTEL, NVIDIA

PATH: Final = "accelerators"
WAIT_MINUTES: Final[float] = 30
NAMESPACES: Final = {NVIDIA: "nvidia-gpu-operator", AMD: "openshift-amd-gpu", INTEL: "openshift-operators", GAUDI: "habana-ai-operator"}
"""Namespaces of the operators where neither the document nor the catalogue names one. [K] for Intel and Gaudi."""


@dataclass(frozen=True, slots=True)
class Site:
    """A document's accelerators on one cluster."""

    context: Context
    accelerators: Accelerators
    members: dict[str, list[ApiObject]] = field(default_factory=dict)
    """pool to its nodes"""

    @property
    def snapshot(self) -> PlatformSnapshot:
        """What was read of the cluster."""
        return self.context.snapshot

    def pools(self, vendor: str) -> list[PoolWanted]:
        """The pools of a vendor, in the document's order."""
        return [pool for pool in self.accelerators.pools if pool.vendor == vendor]

    def path(self, pool: PoolWanted, key: str = "") -> str:
        """Place of a pool in the document."""
        number = self.accelerators.pools.index(pool)
        return f"{PATH}.pools[{number}]{'.' if key else ''}{key}"

    def brings(self, crd: str, usual: str) -> tuple[str, str]:
        """The operator of this document that brings a CRD (plural.group), and its namespace; `usual` is its name in the catalogue.

        The name is empty where the document asks for no such operator.
        """
        catalogue = self.context.catalogue.operators
        operators = self.context.desired.operators
        for wanted in operators.wanted if operators else ():
            facts = catalogue.get(wanted.name)
            if wanted.state == PRESENT and (wanted.name == usual or (facts and crd in facts.crds)):
                return wanted.name, wanted.namespace or (facts.namespace if facts else "") or NAMESPACES.get(usual, "")
        facts = catalogue.get(usual)
        return "", (facts.namespace if facts else "") or NAMESPACES.get(usual, "")

    def namespace_of(self, vendor: str, resource: str, group: str, kind: str, crd: str) -> tuple[str, str]:
        """The operator that brings a kind, and the namespace that the vendor's objects belong into: that of objects which are there."""
        awaits, namespace = self.brings(crd, vendor)
        if not awaits and self.snapshot.version_of(group, kind):
            there = sorted({str(item.get("metadata", {}).get("namespace") or "") for item in self.snapshot.all(resource)})
            if there and there[0] and namespace not in there:
                return awaits, there[0]
        return awaits, namespace


def site_of(context: Context) -> Site | None:
    """The site; None where the document has no accelerators."""
    accelerators = context.desired.accelerators
    return None if accelerators is None else Site(context, accelerators, members(accelerators, context.snapshot))


def wanted(
    item: ApiObject,
    path: str,
    awaits: str = "",
    *,
    rank: int = OPERANDS,
    claim: str = OWN,
    layer: str = LAYER,
    keep: bool = False,
) -> WantedObject:
    """An object of this part."""
    return WantedObject(item, PART, layer, path, rank, claim, awaits, keep)


def wait_for(item: ApiObject, layer: str = LAYER, expects: str = "") -> Wait:
    """The wait until an object is ready."""
    metadata = item["metadata"]
    ref = Named(str(item["apiVersion"]), str(item["kind"]), str(metadata.get("namespace") or ""), str(metadata["name"]))
    return Wait(ref.text, PART, layer, ref, WAIT_MINUTES, expects)


def names_of(nodes: list[ApiObject]) -> list[str]:
    """Names of nodes, sorted."""
    return sorted(name_of(node) for node in nodes)


def label_values(nodes: list[ApiObject], key: str) -> list[str]:
    """The different values of a label on nodes, sorted; a node without it counts as empty."""
    return sorted({labels_of(node).get(key, "") for node in nodes})
