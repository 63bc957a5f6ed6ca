# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The estate as the preflight asks it: VMs, networks, datastores and hosts by what plans and maps call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from ...common.artifact import JsonRecord
from ..model import PlanVm
from ..networks import network_key
from ..storage_mapping import datastore_key
from .views import SourceVm, Spec, text

Vm: TypeAlias = PlanVm | SourceVm


class Sources:
    """Indexes over the estate, by vCenter and managed object id or name."""

    def __init__(
        self,
        vms: Mapping[str, PlanVm],
        others: Sequence[SourceVm],
        networks: Iterable[JsonRecord],
        datastores: Iterable[JsonRecord],
        hosts: Iterable[JsonRecord],
    ) -> None:
        self.by_moref: dict[tuple[str, str], Vm] = {}
        self.by_name: dict[tuple[str, str], list[Vm]] = {}
        self.moref_anywhere: dict[str, list[Vm]] = {}
        self.vcenters: set[str] = set()
        self.users: dict[tuple[str, str], list[Vm]] = {}
        """(vCenter, path) to the VMs that have the disk"""
        self.unknown_disks: dict[str, list[str]] = {}
        """vCenter to the names of VMs whose disks nobody knows"""
        self._used: dict[tuple[str, str], set[str]] = {}
        for vm in vms.values():
            self._take(vm)
            self._note_use(vm)
        for other in others:
            self._take(other)
        self.sharers = frozenset(vm.id for users in self.users.values() if len(users) > 1 for vm in users)
        """ids of VMs that have a disk that others have as well"""
        self.networks = Named(networks)
        self.datastores = Named(datastores)
        self.hosts = Named(hosts)
        self.datastore_records = self.datastores.by_id

    def _take(self, vm: Vm) -> None:
        self.vcenters.add(vm.vcenter)
        if vm.moref:
            self.by_moref[vm.vcenter, vm.moref] = vm
            self.moref_anywhere.setdefault(vm.moref, []).append(vm)
        self.by_name.setdefault((vm.vcenter, vm.name), []).append(vm)
        paths = paths_of(vm)
        if paths is None:
            self.unknown_disks.setdefault(vm.vcenter, []).append(vm.name)
            return
        for path in paths:
            self.users.setdefault((vm.vcenter, path), []).append(vm)

    def _note_use(self, vm: PlanVm) -> None:
        networks = self._used.setdefault(("network", vm.vcenter), set())
        for nic in vm.nics or ():
            if not nic.network_id:
                networks.add(network_key(vm, nic))
        datastores = self._used.setdefault(("datastore", vm.vcenter), set())
        for disk in vm.disks or ():
            if not disk.datastore_id:
                datastores.add(datastore_key(vm, disk))

    def network_ids(self, vcenter: str, source: Spec) -> tuple[str, ...]:
        """What adapters call the network that a map's entry means; none where it is unknown, several where it is ambiguous."""
        vlan = text(source.get("vlan"))
        found = self.networks.ids(vcenter, source)
        if vlan and len(found) > 1:
            found = tuple(name for name in found if self.networks.by_id[name].get("vlan") in (vlan, None))
        return found or self._by_use("network", vcenter, source)

    def datastore_ids(self, vcenter: str, source: Spec) -> tuple[str, ...]:
        """The same for a datastore and disks."""
        return self.datastores.ids(vcenter, source) or self._by_use("datastore", vcenter, source)

    def _by_use(self, kind: str, vcenter: str, source: Spec) -> tuple[str, ...]:
        key = f"{vcenter}/{text(source.get('name'))}"
        return (key,) if not source.get("id") and key in self._used.get((kind, vcenter), ()) else ()


class Named:
    """Records of one kind by vCenter and managed object id, or name."""

    def __init__(self, records: Iterable[JsonRecord]) -> None:
        self.by_id: dict[str, JsonRecord] = {}
        self.by_moref: dict[tuple[str, str], JsonRecord] = {}
        self.by_name: dict[tuple[str, str], list[JsonRecord]] = {}
        self.vcenters: set[str] = set()
        for record in records:
            vcenter = record.get("vcenter", "")
            self.vcenters.add(vcenter)
            self.by_id[record["id"]] = record
            if moref := record.get("moref"):
                self.by_moref[vcenter, moref] = record
            self.by_name.setdefault((vcenter, record.get("name", "")), []).append(record)

    def ids(self, vcenter: str, source: Spec) -> tuple[str, ...]:
        """Ids of the records that a reference means: its id counts before its name."""
        if moref := text(source.get("id")):
            record = self.by_moref.get((vcenter, moref))
            return (record["id"],) if record is not None else ()
        name = text(source.get("name"))
        return tuple(record["id"] for record in self.by_name.get((vcenter, name), ())) if name else ()


def paths_of(vm: Vm) -> tuple[str, ...] | None:
    """Paths of the VM's disks, each once; None where nobody knows its disks."""
    if isinstance(vm, SourceVm):
        return vm.disk_paths
    if vm.disks is None:
        return None
    if len(vm.disks) == 1:
        return (vm.disks[0].path,) if vm.disks[0].path else ()
    return tuple(dict.fromkeys(disk.path for disk in vm.disks if disk.path))
