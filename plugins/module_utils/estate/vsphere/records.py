# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of a live server: what all of them carry, and how one is finished."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final

from ...common.artifact import JsonRecord
from ..identity import object_id, source_id
from ..key_order import ordered
from .leaves import Leaf, blame_missing, read_leaves
from .ledger import Ledger
from .objects import ObjectRead, Reference
from .places import Places

STANDALONE: Final = "HostAgent"
"""ServiceContent.about.apiType of a host that was read without a vCenter."""


class Server:
    """One vCenter or standalone host: who it is, and the frame of its records.

    `about` is what the service content says of the server: instance_uuid, version, build, full_name, api_type, api_version.
    `name` is what people call it, where that is not its host name.
    """

    def __init__(self, hostname: str, about: dict[str, str], name: str = "") -> None:
        self.hostname = hostname
        self.name = name or hostname
        self.about = about
        self.standalone = about.get("api_type") == STANDALONE
        self.uuid = "" if self.standalone else about.get("instance_uuid", "").lower()
        self.source = source_id(self.name, self.uuid or sha256(hostname.encode()).hexdigest())
        self.places = Places(self.uuid or hostname.lower())
        self.ledger = Ledger()
        self.hidden = ""
        """why the server's lists may be shorter than the truth; empty where the account is known to see everything"""

    def vm_id(self, moref: str) -> str:
        """Id of a VM of a vCenter by its managed object id."""
        return f"{self.uuid}/{moref}"

    def record(self, kind: str, moref: str, name: Any = None) -> JsonRecord:
        """A new record of an object that is no VM."""
        record: JsonRecord = {"kind": kind, "id": object_id(kind, self.uuid or self.hostname.lower(), moref, "")}
        if name is not None:
            record["name"] = name
        return {**record, "vcenter": self.uuid, "moref": moref}

    def listed(self, found: Any) -> tuple[Any, str]:
        """What a list of objects that the server filters comes to, or why it may be too short."""
        return (None, self.hidden) if self.hidden else (found, "")

    def finish(self, record: JsonRecord, unknown: dict[str, str], moref: str) -> JsonRecord:
        """The record with its origin, and with the reasons for what is not known."""
        kind = record["kind"]
        still = {fact: unknown[fact] for fact in sorted(unknown) if fact not in record}
        if still:
            record["unknown"] = still
        self.ledger.record(kind, still)
        record["origin"] = {"source": self.source, "object": moref}
        record["sources"] = [self.source]
        return ordered(record)


class Draft:
    """A record on its way: what is known of one object so far, and why the rest is not."""

    __slots__ = ("read", "record", "server", "unknown")

    def __init__(self, server: Server, kind: str, read: ObjectRead) -> None:
        self.server = server
        self.read = read
        self.unknown: dict[str, str] = {}
        self.record = server.record(kind, read.moref)
        self.put("name", server.places.name(Reference(read.type, read.moref)))

    @property
    def self_reference(self) -> Reference:
        """The object itself."""
        return Reference(self.read.type, self.read.moref)

    def put(self, fact: str, answer: tuple[Any, str]) -> None:
        """Notes an answer: a value, or None with the reason."""
        value, reason = answer
        if value is not None:
            self.record[fact] = value
        elif reason:
            self.unknown[fact] = reason

    def leaves(self, leaves: Iterable[Leaf]) -> None:
        """Notes what single paths tell."""
        read_leaves(self.record["kind"], self.read, leaves, self.record, self.unknown, self.server.ledger)

    def finish(self) -> JsonRecord:
        """The finished record."""
        blame_missing(self.read, (self.record["kind"],), self.record, self.unknown)
        return self.server.finish(self.record, self.unknown, self.read.moref)
