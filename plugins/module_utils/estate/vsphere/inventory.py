# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of what an inventory is made of: the vCenter itself, datacenters, folders, resource pools, vApps, licences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ...common.artifact import JsonRecord
from . import values
from .leaves import Leaf, doubt
from .licenses import AssignedLicenses
from .objects import ObjectRead, Reference, many
from .places import POOLS, Answer
from .records import Draft, Server
from .values import count, flag, limit, reference, references, text

FOLDER_TYPES: Final = (
    ("Datacenter", "datacenter"),
    ("VirtualMachine", "vm"),
    ("ComputeResource", "host"),
    ("Network", "network"),
    ("Datastore", "datastore"),
)
"""Class that a folder can hold, and what the folder's type is for it."""

ROOT_FOLDERS: Final = {False: "group-d1", True: "ha-folder-root"}
"""Id of the root folder of a vCenter, and of a standalone host."""

POOL_LEAVES: Final = (
    Leaf("config.cpuAllocation.reservation", "cpu_reservation_mhz", count),
    Leaf("config.cpuAllocation.limit", "cpu_limit_mhz", limit),
    Leaf("config.cpuAllocation.shares.shares", "cpu_shares", count),
    Leaf("config.cpuAllocation.expandableReservation", "cpu_expandable", flag),
    Leaf("config.memoryAllocation.reservation", "memory_reservation_mib", count),
    Leaf("config.memoryAllocation.limit", "memory_limit_mib", limit),
    Leaf("config.memoryAllocation.shares.shares", "memory_shares", count),
    Leaf("config.memoryAllocation.expandableReservation", "memory_expandable", flag),
)

LICENSE_FACTS: Final = ("name", "edition", "unit", "total_count", "expires_at", "used_count")
"""Facts of a licence, those first by which licences of one edition are put in order."""


def inventory_records(server: Server, licenses: AssignedLicenses) -> Iterator[JsonRecord]:
    """The records of the server itself, and of its datacenters, folders, resource pools, vApps and licences."""
    places = server.places
    yield _vcenter(server, licenses)
    for read in places.of("Datacenter"):
        yield _datacenter(Draft(server, "datacenter", read))
    for read in places.of("Folder"):
        yield _folder(Draft(server, "folder", read))
    for read in places.of("ResourcePool"):
        yield _pool(Draft(server, "resource_pool", read))
    for read in places.of("VirtualApp"):
        yield _vapp(Draft(server, "vapp", read))
    for read in places.of("LicenseManager"):
        yield from _licenses(server, read)


def _vcenter(server: Server, licenses: AssignedLicenses) -> JsonRecord:
    roots = [read.moref for read in server.places.of("Folder") if server.places.parent(Reference("Folder", read.moref)) == (None, "")]
    moref = roots[0] if roots else ROOT_FOLDERS[server.standalone]
    record = {**server.record("vcenter", moref, server.name), "hostname": server.hostname}
    unknown: dict[str, str] = {}
    for fact, key in (("version", "version"), ("build", "build"), ("product", "full_name"), ("api_type", "api_type")):
        if server.about.get(key):
            record[fact] = server.about[key]
        else:
            unknown[fact] = "the server does not tell"
    licenses.note(record, server.uuid)
    return server.finish(record, unknown, moref)


def _datacenter(draft: Draft) -> JsonRecord:
    above, reason = draft.server.places.parent(draft.self_reference)
    if above is not None:
        names, reason = draft.server.places.folders(above)
        draft.put("folder", (None if names is None else "/".join(names), reason))
    else:
        draft.put("folder", (None, reason or "the server does not tell what it lies in"))
    return draft.finish()


def _folder(draft: Draft) -> JsonRecord:
    draft.put("datacenter", draft.server.places.datacenter(draft.self_reference))
    draft.put("path", draft.server.places.folder_path(draft.self_reference))
    held = draft.read.values.get("childType")
    if held is not None:
        draft.put("type", _folder_type(draft.server, held))
    elif "childType" not in draft.read.missing:
        draft.put("type", (None, "the server does not tell what it can hold"))
    return draft.finish()


def _folder_type(server: Server, held: Any) -> Answer:
    words = [word for word in held if isinstance(word, str)] if isinstance(held, list) else []
    for word, folder_type in FOLDER_TYPES:
        if word in words:
            return folder_type, ""
    return None, doubt("folder", "type", ", ".join(words), True, server.ledger)


def _pool(draft: Draft) -> JsonRecord:
    places = draft.server.places
    draft.put("path", places.pool_path(draft.self_reference))
    owner, reason = places.compute_of_pool(draft.self_reference)
    draft.put("cluster", (None, reason) if owner is None else places.name(owner))
    draft.leaves(POOL_LEAVES)
    return draft.finish()


def _vapp(draft: Draft) -> JsonRecord:
    draft.put("datacenter", vapp_datacenter(draft.server, draft.self_reference))
    members, reason = _members(draft.server, draft.read)
    if members is None:
        draft.put("vm_ids", (None, reason))
        draft.put("start_orders", (None, reason))
    else:
        draft.record["vm_ids"] = [draft.server.vm_id(moref) for _order, moref in members]
        if all(order is not None for order, _moref in members):
            draft.record["start_orders"] = [order for order, _moref in members]
        else:
            draft.put("start_orders", (None, "the server gives no start order for one of its VMs"))
    return draft.finish()


def _members(server: Server, read: ObjectRead) -> tuple[list[tuple[int | None, str]] | None, str]:
    """The VMs of a vApp with their start order, in that order."""
    for path in ("vm", "vAppConfig.entityConfig"):
        if path in read.missing:
            return None, read.missing[path]
    if server.standalone:
        return None, "a standalone host does not tell its VMs by their managed object id alone"
    orders: dict[str, int | None] = {found.moref: None for found in references(read.values.get("vm"))}
    for entity in read.values.get("vAppConfig.entityConfig") or ():
        member = reference(entity.get("key")) if isinstance(entity, dict) else None
        if member is not None and member.type == "VirtualMachine":
            orders[member.moref] = count(entity.get("startOrder"))
    unplaced = 1 + max((order for order in orders.values() if order is not None), default=0)
    return sorted(
        ((order, moref) for moref, order in orders.items()), key=lambda entry: (unplaced if entry[0] is None else entry[0], entry[1])
    ), ""


def vapp_folder(server: Server, found: Reference) -> tuple[Reference | None, str]:
    """The folder of a vApp, which is that of the outermost vApp around it."""
    seen: set[str] = set()
    while found.moref not in seen:
        seen.add(found.moref)
        folder, reason = server.places.parent(found, "parentFolder")
        if folder is not None or reason:
            return folder, reason
        outer, reason = server.places.parent(found, "parentVApp")
        if outer is None:
            return None, reason or "the server does not tell the folder of its vApp"
        found = outer
    return None, "the server names a circle of vApps"


def vapp_datacenter(server: Server, found: Reference) -> Answer:
    """The datacenter of a vApp, by its resource pool or its folder."""
    value, reason = server.places.datacenter_of(found)
    if value is None:
        folder, _why = vapp_folder(server, found)
        if folder is not None:
            value, _why = server.places.datacenter_of(folder)
    return (None, reason) if value is None else (value, "")


def vapp_of(server: Server, found: Reference) -> Answer:
    """Name of a vApp; empty for a plain resource pool."""
    return server.places.name(found) if found.type == POOLS[1] else ("", "")


# ---- licences -------------------------------------------------------------------------------------------------------


def _licenses(server: Server, read: ObjectRead) -> Iterator[JsonRecord]:
    """A record per licence. Its key is never looked at: several of one edition are told apart by what they count."""
    entries = [entry for entry in read.values.get("licenses") or () if isinstance(entry, dict)]
    shown = sorted((_license(entry) for entry in entries), key=lambda facts: [str(facts.get(fact, "")) for fact in LICENSE_FACTS])
    taken: dict[str, int] = {}
    for facts in shown:
        base = f"license-{facts.get('edition') or facts.get('name', '')}"
        taken[base] = taken.get(base, 0) + 1
        moref = base if taken[base] == 1 else f"{base}#{taken[base]}"
        unknown = {fact: "the server does not tell" for fact in LICENSE_FACTS if fact not in facts}
        yield server.finish({**server.record("license", moref), **facts}, unknown, moref)


def _license(entry: dict[str, Any]) -> JsonRecord:
    facts = {
        "name": text(entry.get("name")),
        "edition": text(entry.get("editionKey")),
        "unit": text(entry.get("costUnit")),
        "total_count": count(entry.get("total")),
        "used_count": count(entry.get("used")),
        "expires_at": _expiry(many(entry, "properties")),
    }
    return {fact: value for fact, value in facts.items() if value is not None}


def _expiry(properties: Sequence[Any]) -> str | None:
    for entry in properties:
        if isinstance(entry, dict) and entry.get("key") == "expirationDate":
            return values.moment(entry.get("value"))
    return ""
