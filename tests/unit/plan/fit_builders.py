# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets and needs for the tests of fit, and a brute force that knows nothing of the code under test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.plan.model import GIB, Group, MoreNodes, Need
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.settings import FitPolicy
from ansible_collections.groundwork.readiness.plugins.module_utils.target.view import TargetView

Record = dict[str, Any]

LISTS = (
    "nodes",
    "pods",
    "resourcequotas",
    "limitranges",
    "storageclasses.storage.k8s.io",
    "virtualmachines.kubevirt.io",
)
NO_SPARE = FitPolicy(spare_nodes=0)


def make_node(name: str, cpu: int = 16_000, memory: int = 64 * GIB, **facts: Any) -> Record:
    """A worker with nothing requested on it, and labels of OpenShift Virtualization."""
    record: Record = {
        "kind": "node",
        "id": name,
        "name": name,
        "labels": {"cpumanager": "true"},
        "ready": True,
        "unschedulable": False,
        "roles": ["worker"],
        "zone": "",
        "architecture": "amd64",
        "taints": [],
        "allocatable_cpu_millicores": cpu,
        "allocatable_memory_bytes": memory,
        "allocatable_pods": 250,
        "allocatable_hugepages_bytes": {},
        "allocatable_devices": {},
        "requested_cpu_millicores": 0,
        "requested_memory_bytes": 0,
        "requested_pods": 0,
        "requested_hugepages_bytes": {},
        "requested_devices": {},
        "kubevirt_schedulable": True,
        "cpu_vendor": "Intel",
        "cpu_models": ["Penryn", "Haswell-noTSX", "Cascadelake-Server-noTSX"],
    }
    return without(record, **facts)


def make_virtualization(**facts: Any) -> Record:
    """OpenShift Virtualization with the defaults of the product."""
    record: Record = {
        "kind": "virtualization",
        "id": "kubevirt-hyperconverged",
        "cpu_allocation_ratio": 10,
        "memory_overcommit_percent": 100,
        "filesystem_overhead": 0.055,
        "filesystem_overheads": {},
        "permitted_host_devices": ["nvidia.com/GRID_A100-10C"],
        "workload_node_selector": {},
    }
    return without(record, **facts)


def make_class(name: str = "ceph", **facts: Any) -> Record:
    """A storage class with 10 TiB free and ReadWriteMany block volumes."""
    record: Record = {
        "kind": "storage_class",
        "id": name,
        "name": name,
        "claim_sets": ["ReadWriteMany/Block", "ReadWriteOnce/Block", "ReadWriteOnce/Filesystem"],
        "free_bytes": 10 << 40,
    }
    return without(record, **facts)


def without(record: Record, **facts: Any) -> Record:
    """The record with these facts; None takes a fact out, so that it is unknown."""
    merged = {**record, **facts}
    return {key: value for key, value in merged.items() if value is not None}


def make_target(*records: Record, unread: Mapping[str, str] | None = None, virtualization: bool = True) -> TargetView:
    """A target whose lists were all read, but for those in `unread` (resource to state)."""
    states = dict.fromkeys(LISTS, "read") | {"clusterresourcequotas.quota.openshift.io": "absent"} | dict(unread or {})
    readings = [{"kind": "reading", "id": name, "state": state} for name, state in states.items()]
    more = [make_virtualization()] if virtualization and not any(record["kind"] == "virtualization" for record in records) else []
    return TargetView([*readings, *more, *records])


def make_need(vm_id: str = "vm-01", cpu: int = 1000, memory: int = 4 * GIB, **changes: Any) -> Need:
    """A VM that asks for one core and 4 GiB in namespace web."""
    return Need(**{"vm_id": vm_id, "namespace": "web", "cpu_millicores": cpu, "memory_bytes": memory, "cpu_count": 4, **changes})


def make_group(name: str, *vm_ids: str) -> Group:
    """VMs that move together."""
    return Group(name, vm_ids)


def nodes_of(more: Iterable[MoreNodes]) -> list[Record]:
    """The nodes that a result asks for, as records of a target."""
    found = []
    for number, entry in enumerate(more):
        for index in range(entry.count):
            pages = {name.removeprefix("hugepages-"): amount for name, amount in entry.devices.items() if name.startswith("hugepages-")}
            devices = {name: amount for name, amount in entry.devices.items() if not name.startswith("hugepages-")}
            found.append(
                make_node(
                    f"new-{number}-{index}",
                    entry.cpu_millicores,
                    entry.memory_bytes,
                    allocatable_pods=entry.pods,
                    allocatable_devices=devices,
                    allocatable_hugepages_bytes=pages,
                    cpu_vendor=entry.cpu_vendor or "Intel",
                    cpu_models=[entry.cpu_model] if entry.cpu_model else [],
                )
            )
    return found


def brute_force(needs: Sequence[Need], nodes: Sequence[Record]) -> bool:
    """Whether any assignment of the needs to the nodes keeps to cpu, memory, pods and devices (no other rule)."""
    names = sorted({name for need in needs for name in need.devices})
    free = [
        (
            node["allocatable_cpu_millicores"] - node["requested_cpu_millicores"],
            node["allocatable_memory_bytes"] - node["requested_memory_bytes"],
            node["allocatable_pods"] - node["requested_pods"],
            *(node["allocatable_devices"].get(name, 0) for name in names),
        )
        for node in nodes
    ]
    sizes = [(need.cpu_millicores, need.memory_bytes, 1, *(need.devices.get(name, 0) for name in names)) for need in needs]
    return _any_way(sizes, [list(amounts) for amounts in free])


def _any_way(sizes: Sequence[Sequence[int]], left: list[list[int]]) -> bool:
    """Tries every node for the first of the sizes, and then the same with the rest."""
    if not sizes:
        return True
    for amounts in left:
        if all(have >= amount for have, amount in zip(amounts, sizes[0], strict=True)):
            amounts[:] = [have - amount for have, amount in zip(amounts, sizes[0], strict=True)]
            found = _any_way(sizes[1:], left)
            amounts[:] = [have + amount for have, amount in zip(amounts, sizes[0], strict=True)]
            if found:
                return True
    return False
