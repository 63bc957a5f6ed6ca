# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which nodes a change restarts: told by the selectors of the Machine Config Operator, before anything is written.

A MachineConfig restarts the pools whose machineConfigSelector picks its labels; custom pools pick those of worker as well, and so
inherit. A KubeletConfig or ContainerRuntimeConfig becomes a MachineConfig with the role of each pool that it picks. A DeviceConfig
of AMD restarts the nodes that it selects between two versions of its driver, and not when it installs the first one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.subset import drift
from ...common.write_findings import CHANGED, FAIL, IN_STEP, NOT_EVALUATED, PASS, Policy, is_ours, key_of, listed
from ...target.objects import at, labels_of, map_at, name_of, namespace_of
from ..parts import WantedObject
from ..snapshot import PlatformSnapshot
from .check_list import PART, check
from .model import PoolForecast
from .pools import (
    MACHINE_CONFIG_GROUP,
    MACHINE_CONFIG_POOLS,
    ROLE_LABEL,
    has_labels,
    nodes_by_machine_pool,
    picks,
    pool_of_node,
)
from .resources import vendor_of

PLURALS: Final[Mapping[str, str]] = {
    "MachineConfig": "machineconfigs",
    "KubeletConfig": "kubeletconfigs",
    "ContainerRuntimeConfig": "containerruntimeconfigs",
}
DEVICE_CONFIGS: Final = "deviceconfigs.amd.com"
_LEFT_OVER: Final = "leftOver"
"""Mark of an object that is there and wanted no more."""


@dataclass(slots=True)
class _Touched:
    """A pool while the reasons come in."""

    nodes: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)


def forecast(changes: Sequence[WantedObject], snapshot: PlatformSnapshot) -> tuple[PoolForecast, ...]:
    """The pools that objects would restart if they were written, by name. Objects that are there as wanted restart nothing."""
    wanted = [change.object for change in changes if _restarts(change.object)]
    unseen = [item for item in wanted if item.get("kind") == "DeviceConfig" and not snapshot.known(DEVICE_CONFIGS)]
    restarting = [item for item in (*wanted, *_left_over(wanted, snapshot)) if item not in unseen and _differs(item, snapshot)]
    unknown = (PoolForecast("", (), _named(unseen), unknown=snapshot.why_not(DEVICE_CONFIGS)),) if unseen else ()
    if not restarting:
        return unknown
    if not snapshot.known(MACHINE_CONFIG_POOLS, "nodes"):
        return (PoolForecast("", (), _named([*restarting, *unseen]), unknown=snapshot.why_not(MACHINE_CONFIG_POOLS, "nodes")),)
    pools = snapshot.all(MACHINE_CONFIG_POOLS)
    by_pool = nodes_by_machine_pool(snapshot)
    touched: dict[str, _Touched] = {}
    for item in restarting:
        for name, nodes in _touched(item, pools, by_pool, snapshot):
            entry = touched.setdefault(name, _Touched())
            entry.nodes.update(nodes)
            entry.reasons.add(_reason(item))
    return (*unknown, *(_forecast(name, entry, pools, snapshot) for name, entry in sorted(touched.items())))


def _left_over(wanted: Sequence[ApiObject], snapshot: PlatformSnapshot) -> list[ApiObject]:
    """Configurations of this part that the document wants no more: pruning them restarts their pools as well."""
    there = {key_of(item) for item in wanted}
    live = [item for plural in PLURALS.values() for item in snapshot.all(f"{plural}.{MACHINE_CONFIG_GROUP}")]
    return [{**item, _LEFT_OVER: True} for item in live if is_ours(item, Policy(f"platform-{PART}")) and key_of(item) not in there]


def _named(items: Iterable[ApiObject]) -> tuple[str, ...]:
    return tuple(sorted(map(_reason, items)))


def _reason(item: ApiObject) -> str:
    return f"{key_of(item).text}, once it is pruned" if _LEFT_OVER in item else key_of(item).text


def pools_touched(item: ApiObject, pools: Sequence[ApiObject]) -> list[str]:
    """The MachineConfigPools whose configuration an object changes."""
    kind = str(item.get("kind"))
    if kind == "MachineConfig":
        return _taking(labels_of(item), pools)
    selector = map_at(item, "spec.machineConfigPoolSelector")
    roles = [name_of(pool) for pool in pools if picks(selector, labels_of(pool))]
    return sorted({name for role in roles for name in (role, *_taking({ROLE_LABEL: role}, pools))})


def _taking(labels: Mapping[str, str], pools: Iterable[ApiObject]) -> list[str]:
    return sorted(name_of(pool) for pool in pools if picks(map_at(pool, "spec.machineConfigSelector"), labels))


def _restarts(item: ApiObject) -> bool:
    group = str(item.get("apiVersion", "")).partition("/")[0]
    if group == MACHINE_CONFIG_GROUP:
        return item.get("kind") in PLURALS
    driver = map_at(item, "spec.driver")
    return group == "amd.com" and item.get("kind") == "DeviceConfig" and bool(driver.get("enable")) and not _stays_up(driver)


def _stays_up(driver: Mapping[str, object]) -> bool:
    """Whether the nodes are not restarted between versions of the driver; by default they are."""
    return at(driver, "upgradePolicy.rebootRequired") is False


def _differs(item: ApiObject, snapshot: PlatformSnapshot) -> bool:
    """Whether writing the object would change anything that restarts nodes."""
    if _LEFT_OVER in item:
        return True
    kind = str(item.get("kind"))
    resource = DEVICE_CONFIGS if kind == "DeviceConfig" else f"{PLURALS[kind]}.{MACHINE_CONFIG_GROUP}"
    live = snapshot.get(resource, namespace_of(item), name_of(item))
    if kind == "DeviceConfig":
        return live is not None and at(live, "spec.driver.version") != at(item, "spec.driver.version")
    if live is None:
        return True
    return any(path.lstrip(".").startswith(("spec", "metadata.labels")) for path in drift(item, live))


def _touched(
    item: ApiObject, pools: Sequence[ApiObject], by_pool: Mapping[str, tuple[str, ...]], snapshot: PlatformSnapshot
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if item.get("kind") != "DeviceConfig":
        yield from ((name, by_pool[name]) for name in pools_touched(item, pools))
        return
    selector = {str(key): str(value) for key, value in map_at(item, "spec.selector").items()}
    for node in snapshot.all("nodes"):
        if has_labels(labels_of(node), selector):
            yield pool_of_node(labels_of(node), pools), (name_of(node),)


def _forecast(name: str, entry: _Touched, pools: Sequence[ApiObject], snapshot: PlatformSnapshot) -> PoolForecast:
    pool = next((each for each in pools if name_of(each) == name), {})
    pods = snapshot.pods.device_pods if snapshot.pods else ()
    held = sorted(
        f"{pod.namespace}/{pod.name}" for pod in pods if pod.node in entry.nodes and any(vendor_of(resource) for resource in pod.devices)
    )
    limit = at(pool, "spec.maxUnavailable")
    extra = {"max_unavailable": str(limit)} if limit is not None else {}
    unknown = "" if snapshot.pods else "nobody knows which pods hold devices there"
    return PoolForecast(
        name,
        tuple(sorted(entry.nodes)),
        tuple(sorted(entry.reasons)),
        bool(at(pool, "spec.paused")),
        tuple(dict.fromkeys(held)),
        unknown,
        extra,
    )


def restart_findings(found: Sequence[PoolForecast]) -> Iterator[CheckFinding]:
    """What the forecast says, as findings: they inform, and fail nothing but where it is not known."""
    if not found:
        yield check("restart").finding("nodes", IN_STEP, PASS)
    for each in found:
        if each.unknown and not each.nodes:
            yield check("restart.known").finding("MachineConfigPools", NOT_EVALUATED, NOT_EVALUATED, message=each.unknown)
            continue
        subject = f"MachineConfigPool {each.pool}" if each.pool else "nodes without a MachineConfigPool"
        words = f"{len(each.nodes)} nodes restart for {listed(each.reasons)}"
        if each.paused:
            words = f"{words}, once the pool is not paused any more"
        if each.accelerator_pods:
            words = f"{words}; pods with accelerators there: {listed(each.accelerator_pods)}"
        yield check("restart").finding(subject, CHANGED, FAIL, message=words)
