# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random targets: nodes, storage, networks, quotas and what else a target has, with lists that could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .dice import Dice
from .evidence import Record

TOOLKIT: Final = "openshift-mtv"
LISTS: Final = (
    "nodes",
    "pods",
    "namespaces",
    "resourcequotas",
    "limitranges",
    "storageclasses.storage.k8s.io",
    "storageprofiles.cdi.kubevirt.io",
    "network-attachment-definitions.k8s.cni.cncf.io",
    "userdefinednetworks.k8s.ovn.org",
    "clusteruserdefinednetworks.k8s.ovn.org",
    "nodenetworkconfigurationpolicies.nmstate.io",
    "virtualmachines.kubevirt.io",
    "providers.forklift.konveyor.io",
    "hosts.forklift.konveyor.io",
    "plans.forklift.konveyor.io",
    "networkmaps.forklift.konveyor.io",
    "storagemaps.forklift.konveyor.io",
    "hooks.forklift.konveyor.io",
    "migrations.forklift.konveyor.io",
)
FEEDS: Final = {
    "nodes": "node",
    "namespaces": "namespace",
    "resourcequotas": "quota",
    "limitranges": "limit_range",
    "storageclasses.storage.k8s.io": "storage_class",
    "network-attachment-definitions.k8s.cni.cncf.io": "network_attachment",
    "virtualmachines.kubevirt.io": "virtual_machine",
    "providers.forklift.konveyor.io": "provider",
    "plans.forklift.konveyor.io": "migration_plan",
}
GIB: Final = 1 << 30
MODELS: Final = {
    "old": ["Penryn", "Haswell-noTSX"],
    "new": ["Broadwell-noTSX", "Skylake-Server-IBRS", "Cascadelake-Server-noTSX"],
    "amd": ["EPYC", "EPYC-Rome", "EPYC-Milan-v2"],
}


def random_target(dice: Dice, vms: Sequence[Record], ample: bool) -> list[Record]:
    """The records of a target. An ample one has room for nearly everything; of others some lists could not be read."""
    found: list[Record] = [{"kind": "cluster", "id": "6f1d7c52-0000-4000-8000-000000000001", "name": "cluster"}]
    count = dice.pick(3, 4, 5) if ample else dice.pick(0, 1, 2, 3, 3, 4, 5)
    found += [_node(dice, number, ample) for number in range(count)]
    if ample or dice.often(0.9):
        found.append(_virtualization(dice))
    if ample or dice.often(0.9):
        found.append(_toolkit(dice))
    found += [*_storage(dice, ample), *_networks(dice, ample), *_there(dice, vms)]
    if not ample:
        found += _limits(dice)
    used = {"default", *(record["namespace"] for record in found if record["kind"] == "network_attachment")}
    spaces = [name for name in ("default", "erp", "vms") if name in used or dice.often(0.8)]
    found += [{"kind": "namespace", "id": name, "name": name, "phase": "Active"} for name in spaces]
    return _unread(dice, found, ample)


def _node(dice: Dice, number: int, ample: bool) -> Record:
    cpu, memory = dice.pick(4000, 8000, 16000, 32000), dice.pick(16, 32, 64, 256) * GIB
    share = dice.pick(0.0, 0.1, 0.3, 0.7)
    if ample:
        cpu, memory, share = 64000, 512 * GIB, dice.pick(0.0, 0.2)
    kind = dice.pick("old", "new", "new", "amd")
    node: Record = {
        "kind": "node",
        "id": f"worker-{number}",
        "name": f"worker-{number}",
        "labels": {"cpumanager": dice.pick("true", "false")} if dice.often(0.9) else {},
        "ready": dice.often(0.96),
        "unschedulable": dice.often(0.04),
        "roles": ["worker"],
        "zone": dice.pick("", "a", "b"),
        "architecture": dice.pick(*["amd64"] * 19, "arm64"),
        "taints": ["dedicated=infra:NoSchedule"] if dice.often(0.04) else [],
        "allocatable_cpu_millicores": cpu,
        "allocatable_memory_bytes": memory,
        "allocatable_pods": dice.pick(250, 250, 250, 5),
        "allocatable_hugepages_bytes": {"1Gi": dice.pick(0, 32) * GIB},
        "allocatable_devices": {"nvidia.com/GRID_A100-10C": dice.pick(0, 2)},
        "requested_cpu_millicores": int(cpu * share),
        "requested_memory_bytes": int(memory * share),
        "requested_pods": dice.pick(0, 3, 20),
        "requested_hugepages_bytes": {},
        "requested_devices": {},
        "kubevirt_schedulable": dice.often(0.97),
        "cpu_vendor": "AMD" if kind == "amd" else "Intel",
        "cpu_models": MODELS[kind],
        "numa_node_count": dice.pick(1, 2, 2, 4),
    }
    for fact in ("cpu_vendor", "cpu_models", "numa_node_count", "labels"):
        if dice.often(0.05):
            node.pop(fact)
    return node


def _virtualization(dice: Dice) -> Record:
    record: Record = {
        "kind": "virtualization",
        "id": "openshift-cnv/kubevirt-hyperconverged",
        "available": True,
        "cpu_allocation_ratio": dice.pick(10, 10, 4, 1),
        "memory_overcommit_percent": dice.pick(100, 100, 150),
        "filesystem_overhead": dice.pick(0.055, 0.1),
        "filesystem_overheads": {"file": dice.pick("0.2", "0.01")} if dice.often(0.3) else {},
        "permitted_host_devices": ["nvidia.com/GRID_A100-10C"] if dice.often(0.7) else [],
        "workload_node_selector": {},
        "feature_gates": [],
    }
    for fact in ("cpu_allocation_ratio", "memory_overcommit_percent", "permitted_host_devices", "workload_node_selector"):
        if dice.often(0.04):
            record.pop(fact)
    return record


def _toolkit(dice: Dice) -> Record:
    record: Record = {
        "kind": "migration_toolkit",
        "id": f"{TOOLKIT}/forklift-controller",
        "namespace": TOOLKIT,
        "available": True,
        "max_vm_inflight": dice.pick(20, 20, 2),
        "precopy_interval_minutes": dice.pick(60, 30),
        "filesystem_overhead_percent": dice.pick(10, 10, 0),
    }
    if dice.often(0.1):
        record.pop(dice.pick("max_vm_inflight", "precopy_interval_minutes", "filesystem_overhead_percent"))
    return record


def _storage(dice: Dice, ample: bool) -> list[Record]:
    found = []
    for name, sets in (
        ("block", ["ReadWriteMany/Block", "ReadWriteOnce/Block", "ReadWriteOnce/Filesystem"]),
        ("file", ["ReadWriteMany/Filesystem", "ReadWriteOnce/Filesystem"]),
        ("local", ["ReadWriteOnce/Block"]),
    ):
        if dice.often(0.2) and not (ample and name == "block"):
            continue
        record: Record = {"kind": "storage_class", "id": name, "name": name, "provisioner": f"{name}.csi.example.com", "claim_sets": sets}
        if dice.often(0.6) and not ample:
            record["free_bytes"] = dice.pick(100, 1000, 8000, 50000) * GIB
        if dice.often(0.3) and not ample:
            record["largest_volume_bytes"] = dice.pick(150, 2000, 10000) * GIB
        if dice.often(0.3):
            record["default_virtualization"] = True
        if dice.often(0.06):
            record.pop("claim_sets")
        found.append(record)
    return found


def _networks(dice: Dice, ample: bool) -> list[Record]:
    found: list[Record] = []
    for vlan in (101, 102, 103):
        for namespace in ["default"] if ample else dice.pick(["default"], ["default"], ["default", "erp"], ["erp"], []):
            name = f"vlan-{vlan}"
            found.append(
                {
                    "kind": "network_attachment",
                    "id": f"{namespace}/{name}",
                    "name": name,
                    "namespace": namespace,
                    "type": "cnv-bridge",
                    "bridge": "br1",
                    "vlan": vlan,
                    "subnets": [],
                    "user_defined": False,
                }
            )
    return found


def _limits(dice: Dice) -> list[Record]:
    found: list[Record] = []
    for namespace in ("erp", "vms"):
        if dice.often(0.25):
            hard = dice.pick(
                {"requests.cpu": 1500, "requests.memory": 24 * GIB},
                {"pods": 2},
                {"limits.cpu": 12000},
                {"requests.storage": 800 * GIB, "persistentvolumeclaims": 6},
                {"block.storageclass.storage.k8s.io/requests.storage": 300 * GIB},
                {"limits.memory": 64 * GIB},
            )
            quota = {
                "kind": "quota",
                "id": f"{namespace}/quota",
                "namespace": namespace,
                "name": "quota",
                "hard": hard,
                "used": {},
                "scopes": [],
            }
            quota["used"] = {name: int(amount * 0.3) for name, amount in hard.items() if dice.often(0.4)}
            quota["scopes"] = dice.pick([], [], [], ["Terminating"], ["NotTerminating"], ["PriorityClass"])
            found.append(quota)
        if dice.often(0.1):
            limit = dice.pick(
                {"container_max": {"cpu": 800}},
                {"pod_max": {"memory": 12 * GIB}},
                {"claim_max_bytes": 90 * GIB},
                {"claim_min_bytes": 2 * GIB},
            )
            found.append({"kind": "limit_range", "id": f"{namespace}/limits", "namespace": namespace, "name": "limits", **limit})
    return found


def _there(dice: Dice, vms: Sequence[Record]) -> list[Record]:
    """What is on the cluster already: a provider, VMs with names of the estate's, a plan that moved some."""
    found: list[Record] = []
    if dice.often(0.3):
        found.append(
            {
                "kind": "provider",
                "id": f"{TOOLKIT}/north",
                "name": "north",
                "namespace": TOOLKIT,
                "type": "vsphere",
                "url": "https://vc-north.example.com/sdk",
                "secret": f"{TOOLKIT}/north",
                "ready": True,
            }
        )
    if dice.often(0.1):
        name = dice.choice(vms)["name"]
        found.append({"kind": "virtual_machine", "id": f"erp/{name}", "name": name, "namespace": "erp", "macs": [], "source_vm": ""})
    if dice.often(0.12):
        vm = dice.choice(vms)
        source = "north" if found and found[0]["kind"] == "provider" else "vc-north"
        entry = {"moref": vm.get("moref", ""), "name": vm["name"], "succeeded": True, "completed_at": "2026-11-01T02:00:00Z"}
        found.append(
            {
                "kind": "migration_plan",
                "id": f"{TOOLKIT}/first",
                "name": "first",
                "namespace": TOOLKIT,
                "source_provider": f"{TOOLKIT}/{source}",
                "target_namespace": "erp",
                "type": "cold",
                "archived": False,
                "vms": [entry],
            }
        )
    return found


def _unread(dice: Dice, found: list[Record], ample: bool) -> list[Record]:
    """The records with how each list came out; those of lists that could not be read are gone."""
    states = dict.fromkeys(LISTS, "read") | {"clusterresourcequotas.quota.openshift.io": dice.pick("absent", "read")}
    if dice.often(0.25) and not ample:
        for name in dice.sample(sorted(states), dice.pick(1, 1, 2, 4)):
            states[name] = dice.pick("forbidden", "forbidden", "failed", "absent")
    gone = {FEEDS[name] for name, state in states.items() if state != "read" and name in FEEDS}
    found = [record for record in found if record["kind"] not in gone]
    for record in found:
        if record["kind"] == "node" and states["pods"] != "read":
            for fact in [fact for fact in record if fact.startswith("requested_")]:
                record.pop(fact)
        if record["kind"] == "storage_class" and states["storageprofiles.cdi.kubevirt.io"] != "read":
            record.pop("claim_sets", None)
    readings = [
        {"kind": "reading", "id": name, "state": state, "reason": "" if state == "read" else "refused"} for name, state in states.items()
    ]
    return [*found, *readings]
