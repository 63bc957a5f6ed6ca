# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A live vCenter, or a standalone ESXi host, as a stream of records: login, listing, reading, logout."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Final, TypeAlias

from ...common.artifact import ArtifactInput, JsonRecord
from ...estate.vsphere.catalogue import SERVICE_TYPES, reads_for
from ...estate.vsphere.extras import Extras, Performance, StoragePolicies, Tags
from ...estate.vsphere.mapper import LiveEstate
from ...estate.vsphere.objects import ObjectRead, Reference
from ...estate.vsphere.privileges import EVERYWHERE, Notice
from ..artifacts import encode
from ..garbage import without_collection
from ..vcenter_arguments import VcenterSettings
from .collector import Collector
from .connection import Connection, Endpoint, Timing
from .licenses import read_licenses
from .notices import NOT_VERIFIED, read_notices
from .policies import read_policies
from .privileges import COMPARED_TYPES, Survey, preflight, unlisted_hosts
from .progress import Progress
from .services import rest_session
from .tags import read_tags

VM: Final = "VirtualMachine"
SERVICES: Final[Mapping[str, str]] = {"CustomFieldsManager": "customFieldsManager", "LicenseManager": "licenseManager"}
"""Class of a service object to its name in the service content."""

STANDALONE: Final = "HostAgent"
SWITCHED_OFF: Final = "it was switched off (%s: false)"
NO_HISTORY: Final = "performance history was not asked for (performance_days)"

Stream: TypeAlias = Iterator[tuple[JsonRecord, bytes | None]]
Reads: TypeAlias = list[tuple[str, Sequence[str], Sequence[str]]]


def read_vcenter(settings: VcenterSettings, now: str, progress: Path | None, inputs: list[ArtifactInput]) -> Stream:
    """Every record of a server, other kinds before VMs, the source's own last.

    `now` dates the reading (ISO 8601); where it is empty, the server's clock does. The server is added to `inputs` at the end.
    Raises ReadinessError where it cannot be read.
    """
    timing = Timing(request_seconds=settings.request_timeout_seconds, deadline_seconds=settings.deadline_minutes * 60)
    with without_collection(), Progress(progress) as noted, Connection(endpoint_of(settings), timing) as connection:
        yield from _Reading(settings, connection, noted, now or connection.server_time).records(inputs)


def endpoint_of(settings: VcenterSettings) -> Endpoint:
    """Where the server is and who reads it."""
    return Endpoint(
        settings.hostname,
        settings.port,
        settings.username,
        settings.password,
        settings.validate_certs,
        settings.ca_path,
        settings.proxy_host,
        settings.proxy_port,
    )


class _Reading:
    """One reading of one server, over a connection that is logged in."""

    def __init__(self, settings: VcenterSettings, connection: Connection, progress: Progress, captured_at: str) -> None:
        self._settings = settings
        self._connection = connection
        self._captured_at = captured_at
        self._collector = Collector(connection, progress, settings.page_size)
        self._estate = LiveEstate(settings.hostname, connection.about, captured_at, settings.name)
        self._digests: list[bytes] = []
        self._rights: Sequence[Notice] = ()

    def records(self, inputs: list[ArtifactInput]) -> Stream:
        """All records."""
        paths = reads_for(self._connection.about["api_version"])
        listed = self._collector.list_morefs([name for name in paths if name not in SERVICE_TYPES])
        stores: list[ObjectRead] = []
        top = [Reference(name, moref) for name in COMPARED_TYPES for moref in listed.get(name, ())]
        with ThreadPoolExecutor(1, "vcenter-extras") as pool, self._stopping():
            beside = pool.submit(self._extras, listed[VM])
            # One pass over everything: VMs are the last to come, and are fetched while the rest is being settled.
            reads = self._collector.read(self._reads(paths, listed))
            first_vm = self._take_others(reads, stores)
            yield from self._others(beside, Survey(top, unlisted_hosts(listed["HostSystem"], stores)))
            for read in chain(first_vm, reads):
                yield self._signed(self._estate.vm(read))
        sha256 = hashlib.sha256(b"".join(sorted(self._digests))).hexdigest()
        name = self._settings.name or self._settings.hostname
        inputs.append(ArtifactInput(name, sha256, self._captured_at))
        yield self._estate.source(sha256, self._notices()), None

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """Ends what another thread still asks for when the reading ends early."""
        is_over = False
        try:
            yield
            is_over = True
        finally:
            if not is_over:
                self._connection.stop()

    def _take_others(self, reads: Iterator[ObjectRead], stores: list[ObjectRead]) -> Sequence[ObjectRead]:
        """Takes in everything before the first VM, which is given back where there is one; notes the datastores."""
        for read in reads:
            if read.type == VM:
                return (read,)
            self._estate.take(read)
            if read.type == "Datastore":
                stores.append(read)
        return ()

    def _others(self, beside: Future[Extras], seen: Survey) -> Iterator[tuple[JsonRecord, bytes]]:
        """The records of everything but VMs, once all of it was taken in; after that VMs can be made."""
        rights = preflight(self._connection, seen, {})
        self._rights = rights.notices
        # What the account may not see stands in no list: where that may be, the lists are no longer than it sees.
        self._estate.hide("" if rights.read_access == EVERYWHERE else rights.evidence)
        self._estate.extras(licenses=read_licenses(self._connection))
        for record in self._estate.objects():
            yield self._signed(record)
        extras = beside.result()
        self._estate.extras(tags=extras.tags, policies=extras.policies, performance=extras.performance)

    def _reads(self, paths: Mapping[str, Sequence[str]], listed: Mapping[str, Sequence[str]]) -> Reads:
        """What is read: everything that there is, VMs last."""
        content = self._connection.content
        services = {name: getattr(content, attribute) for name, attribute in SERVICES.items()}
        alone = {name: [service._moId] for name, service in services.items() if service is not None}
        # A listing below the root folder does not hold the root folder itself.
        alone["Folder"] = [content.rootFolder._moId, *listed["Folder"]]
        morefs = {**listed, **alone}
        return [(name, paths[name], morefs[name]) for name in paths if morefs.get(name)]

    def _signed(self, record: JsonRecord) -> tuple[JsonRecord, bytes]:
        """The record with its line; its digest is noted for that of the source."""
        line = encode(record)
        self._digests.append(hashlib.sha256(line).digest())
        return record, line

    def _extras(self, vms: Sequence[str]) -> Extras:
        """What is read beside the property collector; none of it can make the reading fail."""
        settings, connection = self._settings, self._connection
        standalone = connection.about["api_type"] == STANDALONE
        tags, policies = Tags(None, SWITCHED_OFF % "tags"), StoragePolicies(None, reason=SWITCHED_OFF % "storage_policies")
        if standalone:
            # A host of its own knows neither tags nor storage policies: there are none.
            tags, policies = Tags({}), StoragePolicies({})
        else:
            if settings.tags:
                tags = read_tags(rest_session(connection))
            if settings.storage_policies:
                policies = read_policies(connection)
        return Extras(tags, policies, self._history(vms))

    def _history(self, vms: Sequence[str]) -> Performance:
        if not self._settings.performance_days:
            return Performance(None, reason=NO_HISTORY)
        # Imported where it is asked for, which is seldom: Python compiles a module anew for each task that imports it.
        from .performance import read_performance

        return read_performance(self._connection, vms, self._settings.performance_days)

    def _notices(self) -> list[JsonRecord]:
        notices: list[JsonRecord] = [*read_notices(self._collector.problems)]
        if not self._settings.validate_certs:
            notices.append(dict(NOT_VERIFIED))
        notices += (notice.as_record() for notice in self._rights)
        return notices
