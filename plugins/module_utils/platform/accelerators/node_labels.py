# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labels of nodes that choose mode and use of their devices: set as our fields of somebody's object, and never under running pods.

To change such a label evicts whoever uses the devices. While pods hold any, the node keeps the label that it has.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import CHANGED, FAIL, FIELDS, NOT_EVALUATED, ObjectKey, listed
from ...target.objects import labels_of, name_of
from ..desired.model import PoolWanted
from ..parts import OPERANDS, SUPPORT, PartPlan, Wait, WantedObject
from ..progress import READY
from ..snapshot import DevicePod, PlatformSnapshot
from . import amd, nvidia
from .check_list import check
from .partitions import partition_progress
from .resources import AMD_PROFILE, MIG_CONFIG, vendor_of
from .site import Site, wait_for, wanted


def plan_node_labels(site: Site) -> PartPlan:
    """The nodes with the labels that they are to have, and those whose change has to wait.

    What is partitioned is waited for: before the devices have changed nobody knows which requests they serve.
    """
    objects: list[WantedObject] = []
    waits: list[Wait] = []
    findings: list[CheckFinding] = []
    for pool, node, labels in (*nvidia.node_labels(site), *amd.node_labels(site)):
        live, profile = labels_of(node), labels.get(MIG_CONFIG) or labels.get(AMD_PROFILE, "")
        changed = {key: value for key, value in labels.items() if live.get(key) != value}
        if changed and (found := _clients(site, pool, node, changed)):
            findings.append(found)
            labels = {key: live.get(key, "") for key in labels if key in live}
            profile = ""
        if labels:
            # What the node is for has to stand there before the vendor's operands come; its partitions they make themselves.
            objects.append(_node(site, pool, node, labels, OPERANDS if profile else SUPPORT))
        if profile and (changed or partition_progress(node).state != READY):
            waits.append(wait_for(objects[-1].object, expects=profile))
    return PartPlan(tuple(objects), tuple(waits), findings=tuple(findings))


def _node(site: Site, pool: PoolWanted, node: ApiObject, labels: dict[str, str], rank: int) -> WantedObject:
    item = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name_of(node), "labels": labels}}
    return wanted(item, site.path(pool), rank=rank, claim=FIELDS)


def _clients(site: Site, pool: PoolWanted, node: ApiObject, changed: dict[str, str]) -> CheckFinding | None:
    """Why the node's labels cannot be changed now; None where they can."""
    words = listed([f"{key}={value}" for key, value in sorted(changed.items())])
    one, subject = check("pool.clients"), f"node {name_of(node)}"
    pods = site.snapshot.pods
    if pods is None:
        message = f"nobody knows whether pods hold devices, and {words} would take them away"
        return one.finding(subject, NOT_EVALUATED, NOT_EVALUATED, message=message, path=site.path(pool))
    holders = sorted(_holders(site, name_of(node)))
    if not holders:
        return None
    message = f"{listed(holders)} would lose the devices by {words}"
    return one.finding(subject, CHANGED, FAIL, message=message, path=site.path(pool))


def _holders(site: Site, node: str) -> Iterator[str]:
    return (f"{pod.namespace}/{pod.name}" for pod in device_pods(site.snapshot) if pod.node == node)


def device_pods(snapshot: PlatformSnapshot) -> Iterator[DevicePod]:
    """Pods that hold accelerators of their node."""
    for pod in snapshot.pods.device_pods if snapshot.pods else ():
        if any(vendor_of(resource) or resource.startswith("nvidia.com/") for resource in pod.devices):
            yield pod


def held_nodes(snapshot: PlatformSnapshot) -> dict[ObjectKey, str]:
    """Nodes from which no label of ours may be taken now, and why: to take one away evicts pods just as to change it does."""
    found: dict[ObjectKey, list[str]] = {}
    for pod in device_pods(snapshot):
        found.setdefault(ObjectKey("", "Node", "", pod.node), []).append(f"{pod.namespace}/{pod.name}")
    return {key: f"{listed(sorted(names))} would lose the devices" for key, names in found.items()}
