# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage policies of VM homes and disks, from the side of the policies: a handful of calls, however many VMs there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ...estate.vsphere.extras import DiskKey, StoragePolicies
from ...estate.vsphere.objects import many
from .._libraries import pyVmomi
from .connection import Connection
from .services import TROUBLES, PolicyService, reason_of, understood
from .soap import SoapFault, localized_fault

POLICIES_PER_CALL: Final = 1000
_HOME: Final = "virtualMachine"
_DISK: Final = "virtualDiskId"
_NOT_OFFERED: Final = frozenset({"MethodNotFound", "NotImplemented", "NotSupported", "InvalidRequest"})


def read_policies(connection: Connection) -> StoragePolicies:
    """The policies of every VM home and disk; never an error: what went wrong is the reason why there are none."""
    service, reason = None, ""
    try:
        service = PolicyService(connection)
        names = _names(service)
        associations = [node for ids in _batches(sorted(names)) for node in _associations(service, ids)]
        with understood():
            return assigned(associations, names, service.calls)
    except TROUBLES as error:
        reason = reason_of(error)
    return StoragePolicies(None, reason=f"storage policies could not be read: {reason}", calls=service.calls if service else 1)


def _names(service: PolicyService) -> dict[str, str]:
    """Policy id to name."""
    kinds = pyVmomi.pbm.profile
    storage = kinds.ResourceType(resourceType=kinds.ResourceTypeEnum.STORAGE)
    answer = service.invoke(service.profiles, "PbmQueryProfile", resourceType=storage)
    with understood():
        ids = [node["uniqueId"] for node in many(answer, "returnval")]
    names: dict[str, str] = {}
    for batch in _batches(ids):
        content = service.invoke(service.profiles, "PbmRetrieveContent", profileIds=_profile_ids(batch))
        with understood():
            names.update((node["profileId"]["uniqueId"], node["name"]) for node in many(content, "returnval"))
    return names


def _associations(service: PolicyService, ids: Sequence[str]) -> Sequence[Any]:
    """Results that each name an object and its policies."""
    profiles = _profile_ids(ids)
    try:
        return many(service.invoke(service.profiles, "PbmQueryAssociatedEntities", profiles=profiles), "returnval")
    except SoapFault as error:
        if error.fault.name not in _NOT_OFFERED:
            raise
    results: list[Any] = []
    for profile in profiles:
        answer = service.invoke(service.profiles, "PbmQueryAssociatedEntity", profile=profile)
        results += ({"object": node, "profileId": {"uniqueId": profile.uniqueId}} for node in many(answer, "returnval"))
    return results


def _profile_ids(ids: Iterable[str]) -> list[Any]:
    return [pyVmomi.pbm.profile.ProfileId(uniqueId=one) for one in ids]


def _batches(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + POLICIES_PER_CALL] for start in range(0, len(ids), POLICIES_PER_CALL))


def assigned(results: Iterable[Any], names: Mapping[str, str], calls: int = 0) -> StoragePolicies:
    """Results of the service by VM and disk; an object with several policies has them in one text, sorted.

    A result with a fault leaves the policies of its VM unknown.
    """
    homes: dict[str, set[str]] = {}
    disks: dict[DiskKey, set[str]] = {}
    unknown: dict[str, str] = {}
    for node in results:
        kind, key = node["object"].get("objectType", ""), node["object"].get("key", "")
        vm, _colon, device = key.partition(":")
        if kind not in (_HOME, _DISK):
            continue
        if "fault" in node:
            unknown[vm] = localized_fault(node["fault"]).reason
            continue
        found = {names[one["uniqueId"]] for one in many(node, "profileId") if one["uniqueId"] in names}
        if kind == _HOME:
            homes.setdefault(vm, set()).update(found)
        elif device.isdecimal():
            disks.setdefault((vm, int(device)), set()).update(found)
    return StoragePolicies(
        {vm: ", ".join(sorted(found)) for vm, found in sorted(homes.items()) if found and vm not in unknown},
        {disk: ", ".join(sorted(found)) for disk, found in sorted(disks.items()) if found and disk[0] not in unknown},
        dict(sorted(unknown.items())),
        calls=calls,
    )
