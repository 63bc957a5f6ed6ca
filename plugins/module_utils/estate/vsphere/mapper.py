# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A live vCenter, or a standalone host, as records of the estate: the pure half of reading it.

Everything but VMs is taken in first; VMs are then turned into records one by one, as they come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ...common.artifact import JsonRecord
from .catalogue import OTHER_SOURCES, PROPERTIES, READS, reads_for
from .clusters import Clusters
from .extras import Extras, Performance, StoragePolicies, Tags, none_read
from .hosts import host_records
from .inventory import inventory_records
from .licenses import AssignedLicenses
from .machines import Machines
from .networks import Networks
from .objects import ObjectRead
from .records import Server
from .storage import datastore_records

NOT_ASKED = "it was not asked for"
FILTERED = "the server leaves out what the account may not see"


class LiveEstate:
    """The estate of one server.

    `hostname` is the name that it was reached by; `about` what its service content says of it (instance_uuid, version, build,
    full_name, api_type, api_version); `captured_at` the moment of the reading, ISO 8601 in UTC; `name` what people call it,
    where that is not its host name.
    """

    def __init__(self, hostname: str, about: Mapping[str, str], captured_at: str, name: str = "") -> None:
        self._server = Server(hostname, dict(about), name)
        self._captured_at = captured_at
        self._extras = none_read(NOT_ASKED)
        self._licenses = AssignedLicenses(None, NOT_ASKED)
        self._unasked = _unasked(about.get("api_version", ""))
        self._networks: Networks | None = None
        self._clusters: Clusters | None = None
        self._machines: Machines | None = None
        self._vm_count = 0

    @property
    def source_id(self) -> str:
        """Id of this server as a source."""
        return self._server.source

    def take(self, read: ObjectRead) -> None:
        """Takes in an object that is no VM; all of them come before the first record is asked for."""
        read = self._complete(read)
        self._server.ledger.read(read)
        self._server.places.add(read)

    def hide(self, evidence: str) -> None:
        """Says that the account may not see every object, and why: then lists that the server filters prove nothing.

        It has to be known before `objects` is used. Empty evidence means that the account sees everything.
        """
        self._server.hidden = f"{FILTERED}: {evidence}" if evidence else ""

    def extras(
        self,
        *,
        tags: Tags | None = None,
        policies: StoragePolicies | None = None,
        performance: Performance | None = None,
        licenses: AssignedLicenses | None = None,
    ) -> None:
        """Takes in what is read beside the property collector; what is never given was not asked for.

        Licences have to be known before `objects` is used, the others before the first VM.
        """
        known = self._extras
        self._extras = Extras(tags or known.tags, policies or known.policies, performance or known.performance)
        self._licenses = licenses or self._licenses
        if self._machines is not None:
            self._machines.extras = self._extras

    def objects(self) -> Iterator[JsonRecord]:
        """The records of every kind but VMs."""
        networks, clusters, _machines = self._settled()
        yield from inventory_records(self._server, self._licenses)
        yield from clusters.records()
        yield from host_records(self._server, self._licenses)
        yield from datastore_records(self._server)
        yield from networks.records()

    def vm(self, read: ObjectRead) -> JsonRecord:
        """The record of a VM."""
        machines = self._machines or self._settled()[2]
        if self._unasked or read.missing:
            read = self._complete(read)
        self._server.ledger.read(read)
        self._vm_count += 1
        return machines.record(read)

    def source(self, sha256: str, problems: Sequence[JsonRecord] = ()) -> JsonRecord:
        """The record of the source, once everything else was made.

        `problems` are further notices, as the reading met them: {code, message, remedy?}.
        """
        ledger = self._server.ledger
        return {
            "kind": "source",
            "id": self.source_id,
            "name": self._server.name,
            "type": "vcenter",
            "sha256": sha256,
            "captured_at": self._captured_at,
            "tool_version": self._server.about.get("full_name", ""),
            "vm_count": self._vm_count,
            "not_seen": [*ledger.not_seen(), *self._not_read()],
            "notices": [*problems, *ledger.notices()],
        }

    def _settled(self) -> tuple[Networks, Clusters, Machines]:
        if self._networks is None or self._clusters is None or self._machines is None:
            self._networks, self._clusters = Networks(self._server), Clusters(self._server)
            self._machines = Machines(self._server, self._networks, self._clusters, self._extras)
        return self._networks, self._clusters, self._machines

    def _complete(self, read: ObjectRead) -> ObjectRead:
        """The object with what is missing of it by whole paths, those among them that the server's version does not have."""
        unasked, known = self._unasked.get(read.type), READS.get(read.type, ())
        if not unasked and all(path in known for path in read.missing):
            return read
        missing = dict(unasked or {})
        for path, reason in read.missing.items():
            # A server may name what it refuses by the first part of a path alone.
            below = [entry for entry in known if entry.startswith(f"{path}.")]
            missing.update(dict.fromkeys(below or [path], reason))
        return replace(read, missing=missing)

    def _not_read(self) -> Iterator[JsonRecord]:
        extras = self._extras
        for what, read, reason, source in (
            ("tags", extras.tags.names is not None, extras.tags.reason, "the tags"),
            ("storage policies", extras.policies.homes is not None, extras.policies.reason, "the profile manager"),
            ("performance history", extras.performance.facts is not None, extras.performance.reason, "PerformanceManager"),
            ("assigned licences", self._licenses.names is not None, self._licenses.reason, "LicenseAssignmentManager"),
        ):
            if not read:
                facts = [fact.removeprefix("vm.") for fact, place in OTHER_SOURCES.items() if place.startswith(source)]
                yield {"what": what, "facts": facts, "reason": reason}


def _unasked(api_version: str) -> dict[str, dict[str, str]]:
    """Class to the paths that a server of this version is not asked for, with the reason."""
    asked = reads_for(api_version)
    found: dict[str, dict[str, str]] = {}
    for name, entries in PROPERTIES.items():
        for entry in entries:
            if entry.path not in asked[name]:
                reason = f"version {api_version} of the API does not have it; {entry.since} is the first"
                found.setdefault(name, {})[entry.path] = reason
    return found
