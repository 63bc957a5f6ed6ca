# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes are meant: label selectors, the document's pools, and the pools of the Machine Config Operator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...target.objects import labels_of, map_at, maps_at, name_of, text_at, texts_at
from ..desired.model import Accelerators, PoolWanted
from ..snapshot import PlatformSnapshot
from .resources import PRODUCT, plain_product

MASTER, WORKER = "master", "worker"
MACHINE_CONFIG_GROUP: Final = "machineconfiguration.openshift.io"
MACHINE_CONFIG_POOLS: Final = f"machineconfigpools.{MACHINE_CONFIG_GROUP}"
MACHINE_CONFIGS: Final = f"machineconfigs.{MACHINE_CONFIG_GROUP}"
ROLE_LABEL: Final = f"{MACHINE_CONFIG_GROUP}/role"


# ---- label selectors -------------------------------------------------------------------------------------------------


def has_labels(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether all these labels are there."""
    return all(labels.get(key) == value for key, value in wanted.items())


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector matches, as the API server decides it. One without any term matches everything."""
    if not has_labels(labels, map_at(selector, "matchLabels")):
        return False
    return all(_holds(term, labels) for term in maps_at(selector, "matchExpressions"))


def _holds(term: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, operator, values = text_at(term, "key"), text_at(term, "operator"), texts_at(term, "values")
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    return (key in labels) == (operator == "Exists")


def picks(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a selector of the Machine Config Operator matches: for it one without any term matches nothing."""
    return bool(map_at(selector, "matchLabels") or maps_at(selector, "matchExpressions")) and selects(selector, labels)


# ---- pools of the document -------------------------------------------------------------------------------------------


def in_pool(pool: PoolWanted, labels: Mapping[str, str]) -> bool:
    """Whether a node with these labels is meant by a pool; of a list of values any will do.

    NVIDIA's feature discovery changes the product's label once devices are shared or partitioned: the node stays the pool's.
    """
    return bool(pool.nodes) and all(key in labels and _meant(labels[key], key, wanted) for key, wanted in pool.nodes.items())


def _meant(live: str, key: str, wanted: str | tuple[str, ...]) -> bool:
    values = (wanted,) if isinstance(wanted, str) else wanted
    return live in values or (key == PRODUCT and plain_product(live) in values)


def pools_of(accelerators: Accelerators, labels: Mapping[str, str]) -> list[PoolWanted]:
    """The pools that mean a node with these labels, in the document's order; the first one has it."""
    return [pool for pool in accelerators.pools if in_pool(pool, labels)]


def selectors_of(pool: PoolWanted) -> list[dict[str, str]]:
    """The pool's labels as plain selectors, one for each combination of its lists: objects of vendors know no lists."""
    keys = sorted(pool.nodes)
    choices = [[value] if isinstance(value := pool.nodes[key], str) else sorted(set(value)) for key in keys]
    return [dict(zip(keys, chosen, strict=True)) for chosen in product(*choices)]


def nodes_of(pool: PoolWanted, nodes: Iterable[ApiObject]) -> list[ApiObject]:
    """The nodes that a pool means."""
    return [node for node in nodes if in_pool(pool, labels_of(node))]


def members(accelerators: Accelerators, snapshot: PlatformSnapshot) -> dict[str, list[ApiObject]]:
    """Pools and the nodes that are theirs, by the first pool that means a node; a pool without nodes is there as well."""
    found: dict[str, list[ApiObject]] = {pool.name: [] for pool in accelerators.pools}
    for node in snapshot.all("nodes"):
        if owners := pools_of(accelerators, labels_of(node)):
            found[owners[0].name].append(node)
    return found


# ---- pools of the Machine Config Operator ----------------------------------------------------------------------------


def pool_of_node(labels: Mapping[str, str], pools: Sequence[ApiObject]) -> str:
    """The MachineConfigPool that restarts a node with these labels; empty for none, and where several custom pools claim it.

    Rules of the Machine Config Operator: a node of the pool master belongs to it alone; else a custom pool goes before
    worker, and two custom pools are an error, so that nothing is done to the node.
    """
    names = [name_of(pool) for pool in pools if picks(map_at(pool, "spec.nodeSelector"), labels)]
    if MASTER in names:
        return MASTER
    custom = [name for name in names if name != WORKER]
    if len(custom) > 1:
        return ""
    return custom[0] if custom else WORKER if WORKER in names else ""


def nodes_by_machine_pool(snapshot: PlatformSnapshot) -> dict[str, tuple[str, ...]]:
    """MachineConfigPools and the nodes that they restart, by name."""
    pools = snapshot.all(MACHINE_CONFIG_POOLS)
    found: dict[str, list[str]] = {name_of(pool): [] for pool in pools}
    for node in snapshot.all("nodes"):
        if name := pool_of_node(labels_of(node), pools):
            found[name].append(name_of(node))
    return {name: tuple(sorted(nodes)) for name, nodes in sorted(found.items())}


def pools_with_role(role: str, pools: Iterable[ApiObject]) -> list[str]:
    """The MachineConfigPools that take MachineConfigs of a role: the role's own, and custom pools that inherit from it."""
    return sorted(name_of(pool) for pool in pools if picks(map_at(pool, "spec.machineConfigSelector"), {ROLE_LABEL: role}))


def configs_of(snapshot: PlatformSnapshot, pool: str) -> list[ApiObject]:
    """The MachineConfigs that a MachineConfigPool takes."""
    found = next((item for item in snapshot.all(MACHINE_CONFIG_POOLS) if name_of(item) == pool), {})
    selector = map_at(found, "spec.machineConfigSelector")
    return [item for item in snapshot.all(MACHINE_CONFIGS) if picks(selector, labels_of(item))]
