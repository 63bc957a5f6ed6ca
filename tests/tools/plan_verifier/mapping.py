# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where VMs go: networks, datastores, namespaces and names, and the Plan that holds each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .evidence import Record, Violation
from .wishes import is_like, listed, selects
from .world import Vm, World

LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
NADS: Final = "network-attachment-definitions.k8s.cni.cncf.io"


def check_mapping(world: World) -> Iterator[Violation]:
    """Violations of the mapping."""
    if world.target is None:
        yield from (
            Violation("map.manifests", "plan", f"{len(world.evidence.manifests)} without a target") for _one in world.evidence.manifests[:1]
        )
        return
    for vm_id in sorted(world.placed):
        vm = world.vms[vm_id]
        yield from _networks(world, vm)
        yield from _disks(world, vm)
        yield from _namespace(world, vm)
    yield from _names(world)
    yield from _addresses(world)
    yield from _shared(world)
    yield from _plans(world)


def rule_for(rules: object, vcenters: tuple[str, ...], name: str, ids: tuple[str, ...]) -> Record | None:
    """The first of the user's rules that means a network or a datastore."""
    for rule in listed(rules):
        if rule.get("vcenter") and str(rule["vcenter"]) not in vcenters:
            continue
        if str(rule["source"]) in ids or is_like(name, str(rule["source"])):
            return dict(rule)
    return None


def _vcenters(world: World, vcenter: str) -> tuple[str, ...]:
    records = [record for record in world.evidence.estate.kind("vcenter").values() if record.get("vcenter") == vcenter]
    return (vcenter, *(str(record.get("hostname") or record.get("name", "")) for record in records))


def _networks(world: World, vm: Vm) -> Iterator[Violation]:
    target, estate, pods = world.target, world.evidence.estate, 0
    if "nics" not in vm.record:
        return
    for nic in vm.record["nics"]:
        key = world.network(vm, nic)
        if not key:
            continue
        choice = world.plan.kind("network").get(key)
        if choice is None or not choice.get("type"):
            yield Violation("map.network", vm.id, f"network {key} leads nowhere")
            continue
        record = estate.kind("network").get(key, {})
        name = record.get("name", nic.get("network", ""))
        ids = tuple(filter(None, (record.get("moref", ""), key)))
        rule = rule_for(world.evidence.settings.get("networks"), _vcenters(world, vm.vcenter), name, ids)
        kind = choice["type"]
        if rule is not None and (kind, choice.get("destination", "")) != (
            rule.get("type", "multus"),
            rule.get("name", "") if kind == "multus" else "",
        ):
            yield Violation("map.network_rule", vm.id, f"{key} leads to {kind} {choice.get('destination')}, the rule says {rule}")
        if rule is None and kind != "multus":
            yield Violation("map.network_guess", vm.id, f"{key} leads to {kind} without the user's word")
        pods += kind == "pod"
        if kind == "multus" and target is not None and target.read(NADS):
            places = {f"{place}/{choice['destination']}" for place in (vm.plan.get("namespace"), "default")}
            if not places & set(target.kind("network_attachment")):
                yield Violation("map.attachment", vm.id, f"neither of {sorted(places)} is on the target")
        if rule is None and kind == "multus" and record.get("vlan", "").isdigit() and target is not None:
            yield from _vlan(world, vm, record, choice)
    if pods > 1:
        yield Violation("map.pods", vm.id, f"{pods} adapters lead to the pod network")


def _vlan(world: World, vm: Vm, record: Record, choice: Record) -> Iterator[Violation]:
    """A network that was matched must not lead to another VLAN."""
    target = world.target
    own = target.kind("network_attachment").get(f"{choice.get('namespace')}/{choice['destination']}") if target else None
    if own and own.get("vlan") and own["vlan"] != int(record["vlan"]):
        yield Violation("map.vlan", vm.id, f"VLAN {record['vlan']} leads to {choice['destination']} of VLAN {own['vlan']}")


def _disks(world: World, vm: Vm) -> Iterator[Violation]:
    for disk in vm.disks:
        key = world.datastore(vm, disk)
        choice = world.plan.kind("storage").get(key)
        if choice is None or not choice.get("storage_class"):
            yield Violation("map.storage", vm.id, f"datastore {key or 'unknown'} leads nowhere")
            continue
        record = world.evidence.estate.kind("datastore").get(key, {})
        ids = tuple(filter(None, (record.get("moref", ""), key)))
        name = str(record.get("name", disk.get("datastore", "")))
        rule = rule_for(world.evidence.settings.get("storage"), _vcenters(world, vm.vcenter), name, ids)
        if rule is not None and rule["storage_class"] != choice["storage_class"]:
            yield Violation("map.storage_rule", vm.id, f"{key} leads to {choice['storage_class']}, the rule says {rule['storage_class']}")


def _namespace(world: World, vm: Vm) -> Iterator[Violation]:
    namespace = str(vm.plan.get("namespace", ""))
    if not LABEL.fullmatch(namespace):
        yield Violation("map.namespace", vm.id, f"namespace {namespace!r} is no label")
    if namespace in ("openshift", "kube") or namespace.startswith(("openshift-", "kube-")):
        yield Violation("map.namespace", vm.id, f"{namespace} is a namespace of the platform")
    wanted = expected_namespace(world, vm)
    if wanted != namespace:
        yield Violation("map.namespace_rule", vm.id, f"its namespace is {namespace}, and the rules give {wanted or 'none'}")
    if not vm.record.get("moref"):
        yield Violation("map.moref", vm.id, "it is placed without a managed object id")


def expected_namespace(world: World, vm: Vm) -> str:
    """The namespace by the first rule that means a VM and whose template can be filled."""
    for rule in listed(world.evidence.settings.get("namespaces")):
        if not selects(rule.get("match"), vm.record):
            continue
        text = str(rule["namespace"])
        parts = re.findall(r"\{([^{}]*)\}", text)
        values = {part: _label(_fact(part, vm)) for part in parts}
        if all(values.values()):
            for part, value in values.items():
                text = text.replace(f"{{{part}}}", value)
            if _label(text):
                return _label(text)
    return ""


def _fact(part: str, vm: Vm) -> str:
    if part.startswith("tag:"):
        names = {tag.partition("/")[2] for tag in vm.record.get("tags", ()) if tag.partition("/")[0].lower() == part[4:].lower()}
        return names.pop() if len(names) == 1 else ""
    return re.sub(r"^/?[^/]+/vm(?=/|$)", "", vm.record.get("folder", "")) if part == "folder" else str(vm.record.get(part, ""))


def _label(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _names(world: World) -> Iterator[Violation]:
    target = world.target
    there = {(one.get("namespace"), one.get("name")): one for one in (target.kind("virtual_machine") if target else {}).values()}
    seen: dict[tuple[str, str], str] = {}
    for vm_id in sorted(world.placed):
        vm = world.vms[vm_id]
        place = str(vm.plan.get("namespace", "")), str(vm.plan.get("target_name", ""))
        if len(place[1]) > 63 or not SUBDOMAIN.fullmatch(place[1]):
            yield Violation("map.name", vm_id, f"{place[1]!r} is no name")
        if place in seen:
            yield Violation("map.name_twice", vm_id, f"{place} is the name of {seen[place]} as well")
        seen[place] = vm_id
        other = there.get(place)
        if other is not None and not _came_from(world, other, vm):
            yield Violation("map.name_taken", vm_id, f"{place} is on the target already")
        yield from _kept_name(world, vm, place)


def _kept_name(world: World, vm: Vm, place: tuple[str, str]) -> Iterator[Violation]:
    previous = world.evidence.previous
    earlier = previous.kind("vm").get(vm.id, {}) if previous else {}
    if earlier.get("namespace") == place[0] and earlier.get("target_name") != place[1]:
        yield Violation("map.name_changed", vm.id, f"it was {earlier.get('target_name')} and is now {place[1]}")


def _addresses(world: World) -> Iterator[Violation]:
    """No MAC address is that of two placed VMs, or of a VM of the target that came from elsewhere."""
    machines = world.target.kind("virtual_machine") if world.target else {}
    there = {mac.lower(): one for one in machines.values() for mac in one.get("macs", ())}
    seen: dict[str, str] = {}
    for vm_id in sorted(world.placed):
        for mac in sorted({nic["mac"].lower() for nic in world.vms[vm_id].record.get("nics", ()) if nic.get("mac")}):
            if seen.setdefault(mac, vm_id) != vm_id:
                yield Violation("map.mac", vm_id, f"{mac} is that of {seen[mac]} as well")
            if mac in there and not _came_from(world, there[mac], world.vms[vm_id]):
                yield Violation("map.mac", vm_id, f"{mac} is that of {there[mac]['id']} on the target")


def _came_from(world: World, machine: Record, vm: Vm) -> bool:
    """Whether a VM of the target is this one, migrated: the same id, and a plan of its own vCenter where plans tell."""
    if machine.get("source_vm", "") != vm.record.get("moref"):
        return False
    plans = list(world.target.kind("migration_plan").values()) if world.target else []
    made = [plan for plan in plans if plan.get("uid") and plan["uid"] == machine.get("owner_plan")]
    place = machine.get("namespace"), machine.get("name"), machine.get("source_vm")
    made = made or [
        plan
        for plan in plans
        for one in plan.get("vms", ())
        if (plan.get("target_namespace"), one.get("target_name") or one.get("name"), one.get("moref")) == place
    ]
    names = world.provider_names()
    return not made or {names.get(plan.get("source_provider", "").partition("/")[2]) for plan in made} == {vm.vcenter}


def _shared(world: World) -> Iterator[Violation]:
    """VMs that share a disk go to one namespace, cold."""
    for (_place, path), ids in world.shared_disks().items():
        here = [world.vms[vm_id] for vm_id in ids if vm_id in world.placed]
        if len({vm.plan.get("namespace") for vm in here}) > 1:
            yield Violation("map.shared_namespace", path, f"{[vm.id for vm in here]} go to several namespaces")
        if any(vm.plan.get("method") == "warm" for vm in here):
            yield Violation("map.shared_warm", path, "a VM that shares it moves warm")


# ---- manifests -------------------------------------------------------------------------------------------------------


def _plans(world: World) -> Iterator[Violation]:
    """Every placed VM is in exactly one Plan, of its provider, namespace and method, and no Plan is too large or wrong in its maps."""
    objects = {(one["kind"], one["metadata"]["name"]): one for one in world.evidence.manifests}
    plans = [one for (kind, _name), one in objects.items() if kind == "Plan"]
    vcenter_of = world.provider_names()
    by_moref = {(vm.vcenter, vm.record.get("moref")): vm for vm in world.vms.values() if vm.record.get("moref")}
    holders: dict[str, list[str]] = {}
    for plan in plans:
        name, spec = str(plan["metadata"]["name"]), plan["spec"]
        vcenter = vcenter_of.get(spec["provider"]["source"]["name"])
        if vcenter is None:
            yield Violation("plan.provider", name, f"provider {spec['provider']['source']['name']} is that of no vCenter")
            continue
        if len(spec["vms"]) > world.wishes.max_vms:
            yield Violation("plan.size", name, f"{len(spec['vms'])} VMs of {world.wishes.max_vms}")
        waves = set()
        for entry in spec["vms"]:
            vm = by_moref.get((vcenter, entry.get("id")))
            if vm is None:
                yield Violation("plan.stranger", name, f"{entry} is no VM of vCenter {vcenter}")
                continue
            holders.setdefault(vm.id, []).append(name)
            waves.add(vm.plan.get("wave"))
            yield from _entry(world, vm, entry, plan)
            yield from _maps(world, vm, plan, objects)
        if len(waves) > 1:
            yield Violation("plan.waves", name, f"its VMs are in waves {sorted(map(str, waves))}")
        migration = objects.get(("Migration", name))
        if migration is None or migration["spec"]["plan"]["name"] != name:
            yield Violation("plan.migration", name, "it has no Migration")
    for vm in world.vms.values():
        wanted = [vm.plan.get("plan")] if vm.state == "placed" and vm.plan.get("plan") not in world.running else []
        if holders.get(vm.id, []) != wanted:
            yield Violation("plan.vm", vm.id, f"it is {vm.state} and in {holders.get(vm.id, [])}, its record says {vm.plan.get('plan')}")


def _entry(world: World, vm: Vm, entry: Record, plan: Record) -> Iterator[Violation]:
    spec, name = plan["spec"], str(plan["metadata"]["name"])
    found = (spec["targetNamespace"], spec["type"], entry.get("targetName"))
    wanted = (vm.plan.get("namespace"), vm.plan.get("method"), vm.plan.get("target_name"))
    if found != wanted:
        yield Violation("plan.entry", name, f"{vm.id} is there as {found}, and has to be {wanted}")
    if str(plan["metadata"].get("labels", {}).get("readiness.groundwork.io/wave")) != str(vm.plan.get("wave")):
        yield Violation("plan.wave", name, f"{vm.id} is in wave {vm.plan.get('wave')}")


def _maps(world: World, vm: Vm, plan: Record, objects: dict[tuple[str, str], Record]) -> Iterator[Violation]:
    name, spec = str(plan["metadata"]["name"]), plan["spec"]
    for kind, places, records in (
        ("NetworkMap", {world.network(vm, nic) for nic in vm.record.get("nics", ())}, world.plan.kind("network")),
        ("StorageMap", {world.datastore(vm, disk) for disk in vm.disks}, world.plan.kind("storage")),
    ):
        found = objects.get((kind, spec["map"][kind.removesuffix("Map").lower()]["name"]))
        if found is None or found["spec"]["provider"]["source"] != spec["provider"]["source"]:
            yield Violation("plan.map", name, f"its {kind} is not there, or of another provider")
            continue
        sources = {entry["source"].get("id") or entry["source"].get("name") for entry in found["spec"]["map"]}
        for place in sorted(filter(None, places)):
            if records.get(place, {}).get("source") not in sources:
                yield Violation("plan.map", name, f"{kind} has no entry for {place} of {vm.id}")
        if kind == "NetworkMap":
            for entry in found["spec"]["map"]:
                place = entry["destination"].get("namespace")
                if entry["destination"]["type"] == "multus" and place not in (vm.plan.get("namespace"), "default"):
                    yield Violation(
                        "plan.map_namespace", name, f"{found['metadata']['name']} leads to {place}, the plan to {spec['targetNamespace']}"
                    )
