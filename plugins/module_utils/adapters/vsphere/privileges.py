# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which privileges a session has, asked for many objects in one call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ...estate.vsphere.catalogue import READ
from ...estate.vsphere.extras import ObjectKey
from ...estate.vsphere.objects import ObjectRead, Reference, many
from ...estate.vsphere.privileges import PRIVILEGES, Permission, Preflight, Rights, judge
from .collector import Collector
from .connection import Connection
from .services import TROUBLES, read_object, read_objects, reason_of, understood
from .soap import SoapFault

COMPARED_TYPES: Final = ("Datacenter", "ClusterComputeResource", "ComputeResource", "Folder")
"""Objects high up in the inventory: what a session may do there, it may do below unless somebody cut it off."""

COMPARED_OBJECTS: Final = 500
"""As many are compared with the root folder at most, so that one call suffices."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a session sees of an inventory: objects high up, those first that hold the most, and ids of hosts that it does not see."""

    top: Sequence[Reference] = ()
    unlisted: Sequence[str] = ()


def survey(connection: Connection) -> Survey:
    """Looks around with few calls. Raises ReadinessError where the server does not list its objects."""
    collector = Collector(connection)
    listed = collector.list_morefs((*COMPARED_TYPES, "StoragePod", "HostSystem", "Datastore"))
    top = [Reference(kind, moref) for kind in COMPARED_TYPES for moref in listed[kind]]
    stores = collector.read([("Datastore", ("host",), listed["Datastore"])])
    return Survey(top, unlisted_hosts(listed["HostSystem"], stores))


def unlisted_hosts(hosts: Iterable[str], datastores: Iterable[ObjectRead]) -> tuple[str, ...]:
    """Ids of the hosts that mount one of the datastores, as their `host` says, and that are not among the hosts seen."""
    seen = frozenset(hosts)
    mounting = {
        mount["key"].moref
        for store in datastores
        for mount in store.values.get("host") or ()
        if isinstance(mount, Mapping) and isinstance(mount.get("key"), Reference)
    }
    return tuple(sorted(mounting - seen))


def preflight(connection: Connection, seen: Survey, needs: Mapping[str, Sequence[str]]) -> Preflight:
    """What the privileges of the session suffice for; never an error: what went wrong is the reason why that is not known.

    `needs` maps a rule's id to the fact paths that it reads.
    """
    return judge(replace(read_rights(connection, seen.top), unlisted=seen.unlisted), needs)


def read_rights(connection: Connection, below: Iterable[ObjectKey]) -> Rights:
    """The session's privileges on the root folder and on objects of `COMPARED_TYPES` below it, those that matter most first."""
    root = Reference(connection.content.rootFolder._wsdlName, connection.content.rootFolder._moId)
    standalone = connection.about.get("api_type") == "HostAgent"
    try:
        session, account = _session(connection)
        keys = [root, *_chosen(root, below)]
        granted, reason = _granted(connection, keys, session, account)
        if granted is None:
            return Rights(root, None, reason, account=account, standalone=standalone)
        permissions = _permissions(connection, root)
        names = _names(connection, [key for key in keys[1:] if READ not in granted.get(key, ())])
    except TROUBLES as error:
        return Rights(root, None, reason_of(error), standalone=standalone)
    return Rights(root, granted, names=names, permissions=permissions, account=account, standalone=standalone)


def _chosen(root: ObjectKey, below: Iterable[ObjectKey]) -> list[Reference]:
    found = dict.fromkeys(Reference(*key) for key in below if tuple(key) != tuple(root) and key[0] in COMPARED_TYPES)
    return list(found)[: COMPARED_OBJECTS - 1]


def _session(connection: Connection) -> tuple[str, str]:
    """Key and account name of the session."""
    read = read_object(connection, connection.content.sessionManager, ("currentSession",))
    session = read.values.get("currentSession")
    if not isinstance(session, Mapping):
        return "", connection.endpoint.username
    return str(session.get("key", "")), str(session.get("userName", "") or connection.endpoint.username)


def _granted(
    connection: Connection, keys: Sequence[Reference], session: str, account: str
) -> tuple[dict[ObjectKey, frozenset[str]] | None, str]:
    """Privileges by object; None with the reason where the server tells them neither for the session nor for the account."""
    manager = connection.content.authorizationManager
    if manager is None:
        return None, "the server has no authorization manager"
    entities = [connection.managed(key) for key in keys]
    wanted = [entry.id for entry in PRIVILEGES]
    reason = ""
    try:
        answer = connection.invoke(manager, "HasPrivilegeOnEntities", entity=entities, sessionId=session, privId=wanted)
        with understood():
            return availability(answer), ""
    except SoapFault as error:
        reason = error.fault.reason
    try:
        # An account without read access to one of the objects is refused above, and told here.
        answer = connection.invoke(manager, "FetchUserPrivilegeOnEntities", entities=entities, userName=account)
        with understood():
            return held(answer), ""
    except SoapFault as error:
        return None, reason if error.fault.reason == reason else f"{reason}; {error.fault.reason}"


def availability(answer: Mapping[str, Any]) -> dict[ObjectKey, frozenset[str]]:
    """An answer of HasPrivilegeOnEntities: the privileges that are granted, by object."""
    return {
        node["entity"]: frozenset(one["privId"] for one in many(node, "privAvailability") if one.get("isGranted") == "true")
        for node in many(answer, "returnval")
    }


def held(answer: Mapping[str, Any]) -> dict[ObjectKey, frozenset[str]]:
    """An answer of FetchUserPrivilegeOnEntities: all privileges, by object."""
    return {node["entity"]: frozenset(many(node, "privileges")) for node in many(answer, "returnval")}


def _permissions(connection: Connection, root: Reference) -> tuple[Permission, ...] | None:
    """Permissions that hold on the root folder; None where the account may not see them."""
    manager = connection.content.authorizationManager
    try:
        answer = connection.invoke(manager, "RetrieveEntityPermissions", entity=connection.managed(root), inherited=True)
    except SoapFault:
        return None
    with understood():
        return permissions_of(answer)


def permissions_of(answer: Mapping[str, Any]) -> tuple[Permission, ...]:
    """An answer of RetrieveEntityPermissions."""
    return tuple(Permission(str(node.get("principal", "")), node.get("propagate") == "true") for node in many(answer, "returnval"))


def _names(connection: Connection, keys: Sequence[Reference]) -> dict[ObjectKey, str]:
    """Names of objects with their classes; one that cannot be named keeps its id."""
    objects = [connection.managed(key) for key in keys]
    try:
        reads = list(read_objects(connection, objects, type(connection.managed(("ManagedEntity", ""))), ("name",)))
    except SoapFault:
        return {}
    named = ((Reference(read.type, read.moref), read.values.get("name")) for read in reads)
    return {key: f"{key.type} {name}" for key, name in named if isinstance(name, str) and name}
