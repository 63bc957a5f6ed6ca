# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where objects lie: their names, datacenters, folders, resource pools and clusters, followed from parent to parent.

What is asked here may not be known, because an object lies outside of what the user can see, or because its name or
parent was refused. An answer is then None, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from ..identity import object_id
from . import values
from .objects import ObjectRead, Reference
from .values import reference

Answer: TypeAlias = tuple[str | None, str]
"""(value, "") or (None, why it is not known)"""

Look: TypeAlias = Callable[[Reference], tuple[Reference | None, tuple[Any, str]]]
Join: TypeAlias = Callable[[Any, Reference], tuple[Any, str]]

NOUNS: Final[Mapping[str, str]] = {
    "ClusterComputeResource": "cluster",
    "ComputeResource": "compute resource",
    "Datacenter": "datacenter",
    "Datastore": "datastore",
    "DistributedVirtualPortgroup": "port group",
    "DistributedVirtualSwitch": "switch",
    "Folder": "folder",
    "HostSystem": "host",
    "Network": "network",
    "OpaqueNetwork": "network",
    "ResourcePool": "resource pool",
    "StoragePod": "datastore cluster",
    "VirtualApp": "vApp",
    "VmwareDistributedVirtualSwitch": "switch",
}
POOLS: Final = ("ResourcePool", "VirtualApp")
COMPUTES: Final = ("ClusterComputeResource", "ComputeResource")
CIRCLE: Final = "the server names a circle of parents"


def called(found: Reference) -> str:
    """An object in a message."""
    return f"{NOUNS.get(found.type, 'object')} {found.moref:.60}"


def not_read(found: Reference) -> str:
    """Why nothing is known of an object that is referred to."""
    return f"{called(found)} was not read; it may lie outside of what the user can see"


class Places:
    """The objects of one server but VMs, by id, and what their parents tell."""

    def __init__(self, server: str) -> None:
        self.server = server
        """first part of every id: the vCenter's instance UUID, or the host's name"""
        self._reads: dict[str, ObjectRead] = {}
        self._names: dict[str, Answer] = {}
        self._datacenters: dict[str, Answer] = {}
        self._folders: dict[str, tuple[tuple[str, ...] | None, str]] = {}
        self._pools: dict[str, Answer] = {}

    def add(self, read: ObjectRead) -> None:
        """Takes an object in."""
        self._reads[read.moref] = read

    def get(self, moref: str) -> ObjectRead | None:
        """An object by its id."""
        return self._reads.get(moref)

    def of(self, *types: str) -> Iterable[ObjectRead]:
        """The objects of some classes, by id."""
        return sorted((read for read in self._reads.values() if read.type in types), key=lambda read: read.moref)

    def id_of(self, kind: str, moref: str) -> str:
        """Id of an object's record."""
        return object_id(kind, self.server, moref, "")

    # ---- names and parents --------------------------------------------------------------------------------------

    def name(self, found: Reference) -> Answer:
        """Name of an object."""
        answer = self._names.get(found.moref)
        if answer is None:
            answer = self._names[found.moref] = self._name(found)
        return answer

    def _name(self, found: Reference) -> Answer:
        read = self._reads.get(found.moref)
        if read is None:
            return None, not_read(found)
        value = values.name(read.values.get("name"))
        if value is None:
            return None, f"the name of {called(found)}: {read.missing.get('name', 'the server does not tell it')}"
        return value, ""

    def parent(self, found: Reference, path: str = "parent") -> tuple[Reference | None, str]:
        """Parent of an object; (None, "") for one that has none."""
        read = self._reads.get(found.moref)
        if read is None:
            return None, not_read(found)
        above = reference(read.values.get(path))
        if above is None and path in read.missing:
            return None, f"what {called(found)} lies in: {read.missing[path]}"
        return above, ""

    def names(self, found: Iterable[Reference]) -> tuple[list[str] | None, str]:
        """Names of objects, sorted; None where one of them is not known."""
        known: list[str] = []
        for entry in found:
            value, reason = self.name(entry)
            if value is None:
                return None, reason
            known.append(value)
        return sorted(known), ""

    def _climbed(self, found: Reference, known: dict[str, tuple[Any, str]], look: Look, join: Join) -> tuple[Any, str]:
        """What is known of an object by way of those above it.

        `look` gives the object to go on with, or the answer where the climb ends; `join` makes an object's answer of the
        one above it. Answers are kept in `known`.
        """
        below: list[Reference] = []
        here: Reference | None = found
        answer: tuple[Any, str] = (None, CIRCLE)
        while here is not None and here.moref not in known:
            known[here.moref] = (None, CIRCLE)
            below.append(here)
            here, answer = look(here)
        if here is not None:
            answer = known[here.moref]
        else:
            known[below.pop().moref] = answer
        while below:
            entry = below.pop()
            if answer[0] is not None:
                answer = join(answer[0], entry)
            known[entry.moref] = answer
        return known[found.moref]

    def _above(self, found: Reference) -> tuple[Reference | None, Answer]:
        """What an object lies in, or why that is not known."""
        above, reason = self.parent(found)
        return above, (None, reason or f"the server does not tell what {called(found)} lies in")

    # ---- datacenter and folder ----------------------------------------------------------------------------------

    def datacenter(self, found: Reference) -> Answer:
        """Name of the datacenter that an object lies in, or is; empty above the datacenters."""

        def look(here: Reference) -> tuple[Reference | None, Answer]:
            if here.type == "Datacenter":
                return None, self.name(here)
            above, (_none, reason) = self._above(here)
            if here.type == "Folder" and self.parent(here) == (None, ""):
                return None, ("", "")
            return above, (None, reason)

        return self._climbed(found, self._datacenters, look, lambda upper, _here: (upper, ""))

    def datacenter_of(self, found: Reference) -> Answer:
        """Name of the datacenter of an object that always lies in one."""
        value, reason = self.datacenter(found)
        return (value, "") if value else (None, reason or f"the server names no datacenter above {called(found)}")

    def folders(self, found: Reference) -> tuple[tuple[str, ...] | None, str]:
        """Names of the folders from the root folder of their type down to this one, the root's own first."""

        def look(here: Reference) -> tuple[Reference | None, tuple[Any, str]]:
            above, reason = self.parent(here)
            if reason:
                return None, (None, reason)
            if above is not None and above.type != "Datacenter":
                return above, (None, "")
            own, reason = self.name(here)
            return None, ((own,) if own is not None else None, reason)

        def join(upper: tuple[str, ...], here: Reference) -> tuple[Any, str]:
            own, reason = self.name(here)
            return (None, reason) if own is None else ((*upper, own), "")

        return self._climbed(found, self._folders, look, join)

    def folder_path(self, found: Reference) -> Answer:
        """Path of a folder below the root folder of its type; empty for that one."""
        names, reason = self.folders(found)
        return (None, reason) if names is None else ("/".join(names[1:]), "")

    # ---- resource pools and clusters ----------------------------------------------------------------------------

    def pool_path(self, found: Reference) -> Answer:
        """Path of a resource pool or vApp: /datacenter/cluster/Resources/pool."""

        def look(here: Reference) -> tuple[Reference | None, Answer]:
            if here.type not in COMPUTES:
                return self._above(here)
            own, reason = self.name(here)
            upper, why = self.datacenter_of(here)
            return None, (None, reason or why) if own is None or upper is None else (f"/{upper}/{own}", "")

        def join(upper: str, here: Reference) -> Answer:
            own, reason = self.name(here)
            return (None, reason) if own is None else (f"{upper}/{own}", "")

        return self._climbed(found, self._pools, look, join)

    def compute_of_host(self, host: Reference) -> tuple[Reference | None, str]:
        """The cluster, or the compute resource of its own, that a host is in."""
        above, reason = self.parent(host)
        if above is None:
            return None, reason or f"the server does not tell what {called(host)} lies in"
        return above, ""

    def compute_of_pool(self, pool: Reference) -> tuple[Reference | None, str]:
        """The cluster, or the compute resource of one host, that a resource pool belongs to."""
        owner, reason = self.parent(pool, "owner")
        if owner is None:
            return None, reason or f"the server does not tell whose {called(pool)} is"
        return owner, ""
