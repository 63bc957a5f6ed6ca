# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of datastores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ...common.artifact import JsonRecord
from .leaves import NO_VALUE, Leaf, doubt
from .objects import TYPE, Reference, many
from .places import Answer
from .records import Draft, Server
from .values import count, flag, reference, repeated, text

DATASTORE_LEAVES: Final = (
    Leaf("summary.type", "type", repeated),
    Leaf("summary.capacity", "capacity_bytes", count),
    Leaf("summary.freeSpace", "free_bytes", count),
    Leaf("summary.accessible", "accessible", flag),
    Leaf("summary.multipleHostAccess", "multiple_host_access", flag),
    Leaf("summary.maintenanceMode", "maintenance_mode", repeated),
)


def datastore_records(server: Server) -> Iterator[JsonRecord]:
    """The records of all datastores."""
    for read in server.places.of("Datastore"):
        draft = Draft(server, "datastore", read)
        draft.put("datacenter", server.places.datacenter_of(draft.self_reference))
        draft.leaves(DATASTORE_LEAVES)
        _provisioned(draft)
        _cluster(draft)
        _hosts(draft)
        _address(draft)
        yield draft.finish()


def _provisioned(draft: Draft) -> None:
    """What is used, and what thin disks can still take: capacity less free space plus what is not committed yet."""
    node = draft.read.values.get("summary.uncommitted")
    if node is None:
        if "summary.uncommitted" not in draft.read.missing:
            draft.put("provisioned_bytes", (None, NO_VALUE))
        return
    uncommitted, record = count(node), draft.record
    if uncommitted is None:
        draft.put("provisioned_bytes", (None, doubt("datastore", "provisioned_bytes", node, False, draft.server.ledger)))
    elif "capacity_bytes" in record and "free_bytes" in record:
        record["provisioned_bytes"] = max(0, record["capacity_bytes"] - record["free_bytes"]) + uncommitted


def _cluster(draft: Draft) -> None:
    above, reason = draft.server.places.parent(draft.self_reference)
    if above is None:
        draft.put("datastore_cluster", (None, reason or "the server does not tell what it lies in"))
    else:
        draft.put("datastore_cluster", draft.server.places.name(above) if above.type == "StoragePod" else ("", ""))


def _hosts(draft: Draft) -> None:
    if "host" in draft.read.missing:
        return
    mounts = draft.read.values.get("host") or ()
    hosts = [found for entry in mounts if (found := _mounting(entry)) is not None]
    draft.put("host_count", draft.server.listed(len(hosts)))
    names, reason = draft.server.places.names(hosts)
    draft.put("hosts", (None, reason) if names is None else draft.server.listed(names))


def _mounting(entry: Any) -> Reference | None:
    """The host of a mount; None where it does not mount the datastore any more."""
    info = entry.get("mountInfo") if isinstance(entry, dict) else None
    if isinstance(info, dict) and flag(info.get("mounted")) is False:
        return None
    return reference(entry.get("key")) if isinstance(entry, dict) else None


# ---- what is behind it ----------------------------------------------------------------------------------------------


def _extents(info: Any) -> Answer:
    devices = [text(entry.get("diskName")) for entry in many(info.get("vmfs"), "extent") if isinstance(entry, dict)]
    return (", ".join(device for device in devices if device), "") if devices else (None, NO_VALUE)


def _export(info: Any) -> Answer:
    volume = info.get("nas")
    host, path = (text(volume.get(name)) for name in ("remoteHost", "remotePath")) if isinstance(volume, dict) else (None, None)
    return (f"{host}:{path}", "") if host and path else (None, NO_VALUE)


def _container(info: Any) -> Answer:
    volume = info.get("vvolDS")
    container = text(volume.get("scId")) if isinstance(volume, dict) else None
    return (container, "") if container else (None, NO_VALUE)


def _path(info: Any) -> Answer:
    return text(info.get("path")) or "", ""


def _nothing(_info: Any) -> Answer:
    return "", ""


BEHIND: Final[Mapping[str, Callable[[Any], Answer]]] = {
    "VmfsDatastoreInfo": _extents,
    "NasDatastoreInfo": _export,
    "VvolDatastoreInfo": _container,
    "LocalDatastoreInfo": _path,
    "VsanDatastoreInfo": _nothing,
    "PMemDatastoreInfo": _nothing,
    "DatastoreInfo": _nothing,
}
"""Class of a datastore's info to what tells its device, export or container; vSAN and persistent memory have none of their own."""


def _address(draft: Draft) -> None:
    info = draft.read.values.get("info")
    if not isinstance(info, dict):
        if "info" not in draft.read.missing:
            draft.put("address", (None, NO_VALUE))
        return
    shown = str(info.get(TYPE, ""))
    behind = BEHIND.get(shown)
    draft.put("address", behind(info) if behind else (None, doubt("datastore", "address", shown, True, draft.server.ledger)))
