# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the VMs that the plan gives nodes, volumes and namespaces have room there: nodes, the reserve, storage, quotas, limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .asks import Ask, Volume, ask_of, volumes_of
from .evidence import Record, Violation
from .world import Vm, World

BASE: Final = ("cpu", "memory", "pods")
FREE: Final = {"cpu": "cpu_millicores", "memory": "memory_bytes", "pods": "pods"}
CLASSES: Final = "storageclasses.storage.k8s.io"
SIZING: Final = ("devices", "evc_mode_required", "latency_sensitivity", "numa_node_affinity", "tpm_present")
"""Facts that decide what a VM requests, and that may be missing."""
SUFFIX: Final = ".storageclass.storage.k8s.io/"


def check_room(world: World) -> Iterator[Violation]:
    """Violations of the fit."""
    if world.target is None:
        for vm in world.vms.values():
            if "node" in vm.plan or "namespace" in vm.plan:
                yield Violation("fit.no_target", vm.id, "it has a node or a namespace without a target")
        return
    asks = {vm_id: ask for vm_id, vm in world.vms.items() if (ask := ask_of(world, vm)) is not None}
    yield from _sizes(world, asks)
    held = {vm.id: str(vm.plan["node"]) for vm in world.vms.values() if "node" in vm.plan}
    nodes = counted_nodes(world)
    if world.plan.one("fit").get("evaluated"):
        yield from (Violation("fit.node", vm_id, "it is placed and has no node") for vm_id in sorted(world.placed) if vm_id not in held)
        yield from _nodes(world, asks, held, nodes)
        yield from _idle(world, held)
        yield from _used(world, asks, held)
        yield from _told(world, held)
    elif nodes is not None:
        yield Violation("fit.not_evaluated", "nodes", f"the nodes are known: {world.plan.one('fit').get('reason')}")
    kept = sorted(held) if held else sorted(world.placed)
    yield from _storage(world, kept)
    yield from _quotas(world, asks, kept)


def _sizes(world: World, asks: Mapping[str, Ask]) -> Iterator[Violation]:
    for vm in world.vms.values():
        if vm.state == "placed" and (
            vm.id not in asks or "disks" not in vm.record or any("capacity_bytes" not in disk for disk in vm.disks)
        ):
            yield Violation("fit.unknown", vm.id, "it is placed, and its size is not known")
        if "cpu_millicores" not in vm.plan:
            if vm.state == "placed":
                yield Violation("fit.size", vm.id, "it is placed, and the plan says nothing of its size")
            continue
        ask = asks.get(vm.id)
        told = (vm.plan["cpu_millicores"], vm.plan["memory_bytes"])
        if ask is None or told != (ask.cpu, ask.memory):
            yield Violation("fit.size", vm.id, f"it requests {told}, and has to request {ask and (ask.cpu, ask.memory)}")
        volumes = volumes_of(world, vm)
        whole, own = sum(volume.bytes for volume in volumes), sum(volume.bytes for volume in volumes if not volume.shared)
        if not own <= vm.plan["storage_bytes"] <= whole:
            yield Violation("fit.storage_bytes", vm.id, f"its volumes take {vm.plan['storage_bytes']}, and have to take {own} to {whole}")


# ---- nodes -----------------------------------------------------------------------------------------------------------


def counted_nodes(world: World) -> tuple[list[Record], list[Record]] | None:
    """(nodes that may take VMs, the reserve) of the target; None where they are not known."""
    target = world.target
    if target is None or not target.read("nodes"):
        return None
    hco = target.one("virtualization")
    labelled = bool(hco) or any(node.get("kubevirt_schedulable") for node in target.kind("node").values())
    selector = {**hco.get("workload_node_selector", {}), **(world.wishes.fit.get("node_selector") or {})}
    found = [node for node in target.kind("node").values() if _counts(node, selector, labelled)]
    facts = [f"{what}_{name}" for what in ("allocatable", "requested") for name in FREE.values()]
    if any(fact not in node for node in found for fact in facts):
        return None
    spare = int(world.wishes.fit.get("spare_nodes", 1))
    keys = [f"{what}_{name}" for what in ("allocatable", "requested") for name in ("memory_bytes", "cpu_millicores", "pods")]
    # Of nodes that are equal in every way, the first by name is in reserve.
    ranked = sorted(found, key=lambda node: ([-node[key] for key in keys], node["id"]))
    return ranked[spare:], ranked[:spare]


def _counts(node: Record, selector: Mapping[str, str], labelled: bool) -> bool:
    labels = dict(node.get("labels", {}))
    if node.get("zone"):
        labels.setdefault("topology.kubernetes.io/zone", node["zone"])
    for role in node.get("roles", ()):
        labels.setdefault(f"node-role.kubernetes.io/{role}", "")
    return (
        node.get("ready") is True
        and node.get("unschedulable") is not True
        and not (labelled and node.get("kubevirt_schedulable") is False)
        and node.get("architecture", "amd64") == "amd64"
        and not any(taint.endswith((":NoSchedule", ":NoExecute")) for taint in node.get("taints", ()))
        and all(labels.get(key) == value for key, value in selector.items())
    )


def free_of(node: Record, extra: Iterable[str]) -> dict[str, int]:
    """What is free on a node."""
    found = {name: max(0, node[f"allocatable_{fact}"] - node[f"requested_{fact}"]) for name, fact in FREE.items()}
    for name in extra:
        pages = name.startswith("hugepages-")
        offered, taken = ("hugepages_bytes" if pages else "devices"), name.removeprefix("hugepages-")
        known = f"allocatable_{offered}" in node and f"requested_{offered}" in node
        left = node[f"allocatable_{offered}"].get(taken, 0) - node[f"requested_{offered}"].get(taken, 0) if known else 0
        found[name] = max(0, left)
    return found


def barred(node: Record, ask: Ask) -> str:
    """Why a node may not run a VM whatever its room; empty where it may, or nobody knows."""
    if ask.vendor and node.get("cpu_vendor") and node["cpu_vendor"] != ask.vendor:
        return f"its CPU is of {node['cpu_vendor']}, not {ask.vendor}"
    offered = node.get("cpu_models")
    if (
        ask.models
        and offered is not None
        and not any(label == model or label.startswith(f"{model}-") for label in offered for model in ask.models)
    ):
        return f"it offers none of {', '.join(ask.models)}"
    if ask.dedicated and "labels" in node and node["labels"].get("cpumanager") != "true":
        return "it has no static CPU manager"
    count = node.get("numa_node_count")
    if ask.numa and count and ask.numa < count:
        memory = ask.memory + sum(amount for name, amount in ask.extra.items() if name.startswith("hugepages-"))
        if ask.cpu * count > node["allocatable_cpu_millicores"] * ask.numa or memory * count > node["allocatable_memory_bytes"] * ask.numa:
            return "its NUMA nodes are too small"
    return ""


def _nodes(
    world: World, asks: Mapping[str, Ask], held: Mapping[str, str], nodes: tuple[list[Record], list[Record]] | None
) -> Iterator[Violation]:
    if nodes is None:
        yield Violation("fit.evaluated", "nodes", "the fit was evaluated although the nodes are not known")
        return
    usable, reserve = {node["id"]: node for node in nodes[0]}, nodes[1]
    extra = sorted({name for vm_id in held if vm_id in asks for name in asks[vm_id].extra})
    left = {name: free_of(node, extra) for name, node in usable.items()}
    whole = {name: sum(amounts[name] for amounts in left.values()) for name in BASE}
    used = dict.fromkeys(BASE, 0)
    for vm_id, name in sorted(held.items()):
        if name not in usable:
            yield Violation("fit.wrong_node", vm_id, f"{name} takes no VMs of the plan")
            continue
        if vm_id not in asks:
            yield Violation("fit.unknown", vm_id, "it has a node, and its size is not known")
            continue
        ask = asks[vm_id]
        why = barred(usable[name], ask)
        if why:
            yield Violation("fit.barred", vm_id, f"{name}: {why}")
        for what, amount in (("cpu", ask.cpu), ("memory", ask.memory), ("pods", 1), *ask.extra.items()):
            left[name][what] -= amount
            if what in used:
                used[what] += amount
    for name, amounts in left.items():
        for what, amount in amounts.items():
            if amount < 0:
                yield Violation("fit.full", name, f"{what}: {-amount} more than there is")
    for what in BASE if reserve else ():
        moving = sum(node[f"requested_{FREE[what]}"] for node in reserve)
        if used[what] and used[what] > max(0, whole[what] - moving):
            yield Violation("fit.reserve", what, f"{used[what]} of {whole[what]} are used, and {moving} may have to move there")


def _idle(world: World, held: Mapping[str, str]) -> Iterator[Violation]:
    """A VM that shares a disk with one that cannot move takes no room from others."""
    for (_place, path), ids in world.shared_disks().items():
        left = [vm_id for vm_id in ids if vm_id not in held and vm_id not in world.moved]
        for vm_id in ids:
            if vm_id in held and left:
                yield Violation("fit.idle", vm_id, f"it has a node, and {left[0]}, with which it shares {path}, has none")


def _used(world: World, asks: Mapping[str, Ask], held: Mapping[str, str]) -> Iterator[Violation]:
    """The figures of the nodes are those of the VMs in waves; the fit counts the others apart."""
    sums: dict[str, list[int]] = {}
    for vm_id in world.placed:
        if vm_id in held and vm_id in asks:
            mine = (1, asks[vm_id].cpu, asks[vm_id].memory)
            sums[held[vm_id]] = [one + other for one, other in zip(sums.get(held[vm_id], [0, 0, 0]), mine, strict=True)]
    for node in world.plan.kind("node").values():
        told = [node["vm_count"], node["cpu_millicores"], node["memory_bytes"]]
        if told != sums.get(node["id"], [0, 0, 0]):
            yield Violation("fit.node_use", node["id"], f"VMs, CPU and memory are {told}, and have to be {sums.get(node['id'])}")
    fitted, inside = world.plan.one("fit"), sum(vm_id in held for vm_id in world.placed)
    if (fitted["fitting"], fitted["fitting_without_wave"]) != (inside, len(held) - inside):
        yield Violation("fit.count", "fit", f"{inside} VMs in waves have a node, {len(held) - inside} others: {fitted}")


def _told(world: World, held: Mapping[str, str]) -> Iterator[Violation]:
    """What nobody knows of VMs with a node is among what was not evaluated."""
    told = world.plan.one("fit").get("not_evaluated", ())
    for fact in SIZING if world.wishes.fit.get("cpu_baseline") != "ignore" else [one for one in SIZING if one != "evc_mode_required"]:
        lacking = sorted(vm_id for vm_id in held if world.vms[vm_id].record.get(fact) is None)
        if lacking and not any(text.startswith(f"{fact}: ") for text in told):
            yield Violation("fit.untold", fact, f"nobody knows it of {lacking[:3]}, and the fit does not say so")


# ---- storage ---------------------------------------------------------------------------------------------------------


def storage_of(world: World, vm: Vm) -> list[Volume]:
    """The volumes that a VM brings: without those that it shares, where the plan's figure says that another VM brings them."""
    volumes = volumes_of(world, vm)
    if sum(volume.bytes for volume in volumes) == vm.plan.get("storage_bytes"):
        return volumes
    return [volume for volume in volumes if not volume.shared]


def _storage(world: World, kept: Iterable[str]) -> Iterator[Violation]:
    target = world.target
    if target is None:
        return
    needed: dict[str, int] = {}
    for vm_id in kept:
        for volume in storage_of(world, world.vms[vm_id]):
            needed[volume.storage_class] = needed.get(volume.storage_class, 0) + volume.bytes
            yield from (Violation("fit.volume", vm_id, text) for text in _volume(world, volume))
    headroom = 1 - float(world.wishes.fit.get("storage_headroom_percent", 10)) / 100
    for name, amount in sorted(needed.items()):
        free = target.kind("storage_class").get(name, {}).get("free_bytes")
        if free is not None and amount > free * headroom + 1:
            yield Violation("fit.storage", name, f"{amount} bytes of {free}, {headroom:.2f} of which may be filled")


def _volume(world: World, volume: Volume) -> Iterator[str]:
    target = world.target
    record = target.kind("storage_class").get(volume.storage_class) if target else None
    if record is None:
        if target is not None and target.read(CLASSES):
            yield f"there is no storage class {volume.storage_class}"
        return
    if volume.bytes > record.get("largest_volume_bytes", volume.bytes):
        yield f"{volume.bytes} bytes, and {volume.storage_class} makes volumes of {record['largest_volume_bytes']} at most"
    if world.wishes.live_migration and "claim_sets" in record:
        sets = [entry.partition("/") for entry in record["claim_sets"]]
        fitting = [access for access, _slash, mode in sets if volume.volume_mode in ("", mode)]
        if "ReadWriteMany" not in fitting or (volume.access_mode or fitting[0]) != "ReadWriteMany":
            yield f"live migration needs ReadWriteMany volumes, and {volume.storage_class} gives {volume.access_mode or fitting[:1]}"


def unfit_alone(world: World, vm_id: str, ask: Ask) -> bool:
    """Whether a VM breaks a limit of volumes or of its namespace by itself."""
    vm, target = world.vms[vm_id], world.target
    ranges = target.kind("limit_range").values() if target else ()
    own = [record for record in ranges if record.get("namespace") == vm.plan.get("namespace")]
    return any(any(_volume(world, volume)) for volume in storage_of(world, vm)) or any(any(_range(world, vm, ask, one)) for one in own)


# ---- quotas ----------------------------------------------------------------------------------------------------------


def _quotas(world: World, asks: Mapping[str, Ask], kept: Iterable[str]) -> Iterator[Violation]:
    target = world.target
    if target is None:
        return
    kept = [vm_id for vm_id in kept if vm_id in asks]
    for quota in target.kind("quota").values():
        if "hard" not in quota or "used" not in quota or not set(quota.get("scopes", ())) <= {"NotTerminating", "NotBestEffort"}:
            continue
        namespaces = quota.get("namespaces") or [quota.get("namespace")]
        inside = [vm_id for vm_id in kept if world.vms[vm_id].plan.get("namespace") in namespaces]
        for resource, hard in sorted(quota["hard"].items()):
            amount = sum(counted(world, world.vms[vm_id], asks[vm_id], resource) for vm_id in inside)
            if amount and amount > max(0, hard - quota["used"].get(resource, 0)):
                yield Violation("fit.quota", quota["id"], f"{resource}: {amount} more than {quota['used'].get(resource, 0)} of {hard}")
    for record in target.kind("limit_range").values():
        for vm_id in kept:
            if world.vms[vm_id].plan.get("namespace") == record.get("namespace"):
                yield from (Violation("fit.limit_range", vm_id, text) for text in _range(world, world.vms[vm_id], asks[vm_id], record))


def counted(world: World, vm: Vm, ask: Ask, resource: str) -> int:
    """What a VM counts for in a quota."""
    volumes = storage_of(world, vm)
    plain = {
        "requests.cpu": ask.cpu,
        "cpu": ask.cpu,
        "requests.memory": ask.memory,
        "memory": ask.memory,
        "limits.cpu": ask.cpu if ask.dedicated else ask.vcpus * 1000,
        "limits.memory": ask.memory if ask.dedicated else 2 * ask.memory,
        "pods": 1,
        "count/pods": 1,
        "count/virtualmachines.kubevirt.io": 1,
        "count/virtualmachineinstances.kubevirt.io": 1,
        "requests.ephemeral-storage": 50_000_000,
        "requests.storage": sum(volume.bytes for volume in volumes),
        "persistentvolumeclaims": len(volumes),
        "count/persistentvolumeclaims": len(volumes),
        "count/datavolumes.cdi.kubevirt.io": len(volumes),
    }
    if resource in plain:
        return plain[resource]
    name, found, what = resource.partition(SUFFIX)
    if found:
        own = [volume.bytes for volume in volumes if volume.storage_class == name]
        return sum(own) if what == "requests.storage" else len(own)
    return ask.extra.get(resource.removeprefix("requests."), 0)


def _range(world: World, vm: Vm, ask: Ask, record: Record) -> Iterator[str]:
    for fact in ("container_max", "pod_max"):
        most = record.get(fact, {})
        if ask.cpu > most.get("cpu", ask.cpu) or ask.memory > most.get("memory", ask.memory):
            yield f"{fact} of {record['id']} is {most}, it requests {ask.cpu} and {ask.memory}"
    sizes = [volume.bytes for volume in storage_of(world, vm)]
    if sizes and max(sizes) > record.get("claim_max_bytes", max(sizes)):
        yield f"its largest volume is above what {record['id']} allows"
    if sizes and min(sizes) < record.get("claim_min_bytes", 0):
        yield f"its smallest volume is below what {record['id']} asks for"
