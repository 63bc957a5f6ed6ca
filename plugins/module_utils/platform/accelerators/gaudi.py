# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Intel Gaudi: what its operator serves is looked up in the cluster. None of the facts was read in a public source ([K]).

The operator has served the group `habanalabs.habana.ai` with the kind ClusterPolicy or DeviceConfig, by release. The object is
that of the operator's own example with the pool's nodes and the tolerations in the places that the example has for them; without
the kind, or without an example, nothing is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import IN_STEP, MISSING, NOT_EVALUATED, OWN, PASS, SINGLETON
from ..desired.model import PoolWanted
from ..parts import PartPlan, WantedObject
from .check_list import check
from .examples import example_of
from .pools import selectors_of
from .resources import GAUDI, GAUDI_DEVICE
from .site import Site, wait_for, wanted
from .tolerations import operand_tolerations

GROUP: Final = "habanalabs.habana.ai"
KINDS: Final = ("ClusterPolicy", "DeviceConfig")
PLURALS: Final = {"ClusterPolicy": "clusterpolicies", "DeviceConfig": "deviceconfigs"}
_SELECTORS: Final = ("node_selector", "nodeSelector", "selector")
_TOLERATIONS: Final = "tolerations"


def plan_gaudi(site: Site) -> PartPlan:
    """The object of Gaudi's operator, where the cluster serves its kind."""
    pools = site.pools(GAUDI)
    if not pools:
        return PartPlan()
    kind = next((each for each in KINDS if site.snapshot.version_of(GROUP, each)), "")
    path = site.path(pools[0])
    if not kind:
        message = f"the cluster serves neither {' nor '.join(KINDS)} of {GROUP}; nothing is made for pool {pools[0].name}"
        return PartPlan(findings=(check("vendor.kind").finding(f"vendor {GAUDI}", MISSING, NOT_EVALUATED, message=message, path=path),))
    example = example_of(site.snapshot, GROUP, kind)
    if not example:
        message = f"no CSV has an example of {kind} of {GROUP}, so that nobody knows what it has to look like"
        return PartPlan(findings=(check("vendor.kind").finding(f"vendor {GAUDI}", MISSING, NOT_EVALUATED, message=message, path=path),))
    objects = tuple(_objects(site, pools, kind, example))
    passed = check("vendor.kind").finding(f"vendor {GAUDI}", IN_STEP, PASS, path=path)
    return PartPlan(objects, tuple(wait_for(each.object) for each in objects), findings=(*_only(kind, pools, path), passed))


def _only(kind: str, pools: list[PoolWanted], path: str) -> Iterator[CheckFinding]:
    """A ClusterPolicy is for all nodes: pools that want different nodes cannot be told apart in it."""
    if kind == KINDS[0] and len(pools) > 1:
        message = f"one {kind} serves all nodes of Gaudi; the labels of pool {pools[0].name} are used"
        yield check("pool.settings").finding(f"vendor {GAUDI}", MISSING, NOT_EVALUATED, message=message, path=path, refuses=False)


def _objects(site: Site, pools: list[PoolWanted], kind: str, example: ApiObject) -> Iterator[WantedObject]:
    version = site.snapshot.version_of(GROUP, kind)
    namespaced = site.snapshot.scope(GROUP, kind) == "Namespaced"
    is_single = kind == KINDS[0]
    for pool in pools[:1] if is_single else pools:
        awaits, namespace = site.brings(f"{PLURALS[kind]}.{GROUP}", GAUDI)
        name = str(example.get("metadata", {}).get("name") or "gaudi") if is_single else pool.name
        metadata = {"name": name, **({"namespace": namespace} if namespaced else {})}
        item = {"apiVersion": f"{GROUP}/{version}", "kind": kind, "metadata": metadata, "spec": _spec(site, pool, example["spec"])}
        yield wanted(item, site.path(pool), awaits, claim=SINGLETON if is_single else OWN)


def _spec(site: Site, pool: PoolWanted, example: dict[str, Any]) -> dict[str, Any]:
    """The example's spec for the pool's nodes. Where it has no place for labels or tolerations, none is made up."""
    spec = dict(example)
    for key in _SELECTORS:
        if isinstance(spec.get(key), dict):
            spec[key] = selectors_of(pool)[0]
    if _TOLERATIONS in spec:
        spec[_TOLERATIONS] = operand_tolerations(site.accelerators, GAUDI_DEVICE)
    return spec
