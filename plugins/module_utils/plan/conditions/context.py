# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the preflight is given, and the scene that is made of it: every index that the conditions ask, built once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ...common.artifact import JsonRecord
from ...target.view import TargetView
from ..addresses import AddressCheck
from ..macs import plain_mac
from ..model import FitResult, Group, Manifest, PlanVm, Wave
from ..settings import PlanSettings
from ..storage_mapping import SHIFT
from .answers import Open, few
from .objects import Objects
from .sources import Sources
from .views import HostView, MapView, MigrationView, ObjectView, PlanView, ProviderView, SourceVm, VmEntry, mapping, mappings, text

PROVIDERS: Final = "providers.forklift.konveyor.io"
HOOKS: Final = "hooks.forklift.konveyor.io"
PLANS: Final = "plans.forklift.konveyor.io"
MIGRATIONS: Final = "migrations.forklift.konveyor.io"
CONTROLLERS: Final = "forkliftcontrollers.forklift.konveyor.io"
NETWORK_MAPS: Final = "networkmaps.forklift.konveyor.io"
STORAGE_MAPS: Final = "storagemaps.forklift.konveyor.io"
MACHINES: Final = "virtualmachines.kubevirt.io"
NAMESPACES: Final = "namespaces"
IN_MAINTENANCE: Final = ("enteringMaintenance", "inMaintenance")


@dataclass(frozen=True, slots=True)
class PreflightInput:
    """What is to be created, what it is made from, and what is there.

    `vms` are all VMs of the estate in scope, planned or not; `others` those out of scope. `vcenter_of` says per provider
    (namespace/name) which vCenter it reads (instance UUID). Networks, datastores, hosts and vCenters are the estate's records.
    `unseen` says per vCenter why some of its VMs may be in no list; `moved` has
    the VMs that were migrated already. `fit` and `addresses` are None where nobody computed them.
    """

    manifests: Sequence[Manifest]
    vms: Mapping[str, PlanVm]
    target: TargetView
    settings: PlanSettings
    now: datetime
    vcenter_of: Mapping[str, str] = field(default_factory=dict)
    others: Sequence[SourceVm] = ()
    vcenters: Sequence[JsonRecord] = ()
    networks: Sequence[JsonRecord] = ()
    datastores: Sequence[JsonRecord] = ()
    hosts: Sequence[JsonRecord] = ()
    waves: Sequence[Wave] = ()
    groups: Sequence[Group] = ()
    fit: FitResult | None = None
    addresses: Sequence[AddressCheck] | None = None
    downtimes: Mapping[str, float] = field(default_factory=dict)
    """VM id to the minutes (p90) for which it stands still in its wave"""
    unseen: Mapping[str, str] = field(default_factory=dict)
    moved: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class State:
    """What came of an object's own conditions: which keep it from being ready, which are open, which only the cluster can tell."""

    failed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


class Scene:
    """Everything that conditions ask for. `states` are filled as the objects are judged: what others refer to comes first."""

    def __init__(self, given: PreflightInput) -> None:
        self.given, self.target, self.settings, self.now = given, given.target, given.settings, given.now
        self._why_not: dict[tuple[str, ...], str] = {}
        self.sources = Sources(given.vms, given.others, given.networks, given.datastores, given.hosts)
        objects = Objects(given.manifests, given.target, self.sources, given.vcenter_of)
        self.objects: list[ObjectView] = objects.all
        self.providers: list[ProviderView] = objects.provider_views()
        self.hosts: list[HostView] = objects.host_views()
        self.hooks: list[ObjectView] = objects.of_kind("Hook")
        self.network_maps: list[MapView] = objects.map_views("NetworkMap")
        self.storage_maps: list[MapView] = objects.map_views("StorageMap")
        self.plans: list[PlanView] = objects.plans
        self.migrations: list[MigrationView] = objects.migrations
        self.index = objects
        self.states: dict[str, State] = {}
        self.waves = {wave.number: wave for wave in given.waves}
        self.entries_of: dict[str, list[VmEntry]] = {}
        self.names_wanted: dict[tuple[str, str], list[VmEntry]] = {}
        for plan in self.plans:
            for entry in plan.entries:
                self.entries_of.setdefault(entry.identity, []).append(entry)
                self.names_wanted.setdefault((plan.target_namespace, entry.target_name), []).append(entry)
        self.plans_listed = self.listed(PLANS)
        self.machines_listed = self.listed(MACHINES)
        self.macs = _macs(given.target)
        self.planned_macs = _planned_macs(self.entries_of)
        self.existing = _existing(given.target)
        self.names_existing = _names_existing(given.target)
        finished = (vm_id for wave in given.waves if wave.finished for vm_id in wave.vm_ids)
        self.moved = frozenset((*given.moved, *given.settings.finished, *finished))
        self.wave_of = {vm_id: wave.number for wave in given.waves for vm_id in wave.vm_ids}
        self.group_of = {vm_id: group for group in given.groups for vm_id in group.vm_ids}
        self._datastore_states: dict[str, str | None] = {}
        self._shifts: dict[str, frozenset[str] | Open] = {}
        self._claims: dict[tuple[str, str], list[VmEntry]] | None = None
        self._fit_gaps: dict[str, Open | None] = {}
        self._attachments: dict[str, list[JsonRecord]] = {}
        for record in given.target.all("network_attachment"):
            self._attachments.setdefault(record.get("namespace", ""), []).append(record)
        self._addresses: dict[str, list[AddressCheck]] | None = None
        if given.addresses is not None:
            self._addresses = {}
            for check in given.addresses:
                self._addresses.setdefault(check.vm_id, []).append(check)

    def listed(self, *resources: str) -> bool:
        """Whether the snapshot has all that there is of these: they were listed, or the cluster does not serve them."""
        return not self.why_not(*resources)

    def why_not(self, *resources: str) -> str:
        """Why not, in words, for the first that is not listed; empty when all are."""
        if resources not in self._why_not:
            unread = (one for one in resources if not self.target.known(one) and not self.target.none_there(one))
            self._why_not[resources] = next((self.target.why_not(resource) for resource in unread), "")
        return self._why_not[resources]

    def datastore_state(self, record_id: str) -> str | None:
        """What keeps a datastore from being read; empty for nothing, None where nobody knows."""
        if record_id not in self._datastore_states:
            record = self.sources.datastore_records.get(record_id, {})
            accessible, mode = record.get("accessible"), record.get("maintenance_mode")
            state = "not accessible" if accessible is False else "in maintenance" if mode in IN_MAINTENANCE else ""
            # vCenters alone tell of maintenance; one that is accessible can be read.
            self._datastore_states[record_id] = state or ("" if accessible is True else None)
        return self._datastore_states[record_id]

    def shifts(self, found: MapView) -> frozenset[str] | Open:
        """The classes of a map that take disks over in place; or that nobody knows."""
        if found.key not in self._shifts:
            names = {text(entry.destination.get("storageClass")) for entry in found.entries}
            records = {name: self.target.get("storage_class", name) for name in sorted(names)}
            unknown = [name for name, record in records.items() if record is None or "annotations" not in record]
            shift = frozenset(name for name, record in records.items() if mapping((record or {}).get("annotations")).get(SHIFT) == "shift")
            self._shifts[found.key] = Open(f"nobody knows the annotations of {few(unknown)}") if unknown and not shift else shift
        return self._shifts[found.key]

    def claim_owners(self, make: Callable[[Scene], dict[tuple[str, str], list[VmEntry]]]) -> Mapping[tuple[str, str], Sequence[VmEntry]]:
        """(namespace, name) of the claims to the VMs that make them; `make` is asked once."""
        if self._claims is None:
            self._claims = make(self)
        return self._claims

    def primary_namespace(self, name: str) -> bool | None:
        """Whether the namespace has a primary network of its own; None where nobody knows."""
        namespace = self.target.get("namespace", name)
        if namespace is None:
            return False if self.target.known(NAMESPACES) else None
        found = namespace.get("primary_network")
        return found if isinstance(found, bool) else None

    def fit_gap(self, codes: Sequence[str]) -> Open | None:
        """What of these the fit could not check; None for nothing."""
        if codes[0] not in self._fit_gaps:
            found = [one.message for one in (self.given.fit.not_evaluated if self.given.fit else ()) if one.code in codes]
            self._fit_gaps[codes[0]] = Open(few(found)) if found else None
        return self._fit_gaps[codes[0]]

    def attachments_in(self, namespace: str) -> Sequence[JsonRecord]:
        """The attachments of a namespace."""
        return self._attachments.get(namespace, ())

    def addresses_of(self, vm_id: str) -> Sequence[AddressCheck] | None:
        """What becomes of the VM's addresses; None where nobody computed it."""
        return None if self._addresses is None else self._addresses.get(vm_id, ())

    def toolkit_fact(self, fact: str) -> object:
        """A setting of the migration toolkit; None where nobody knows."""
        return (self.target.one("migration_toolkit") or {}).get(fact)

    def why_no_toolkit(self) -> str:
        """Why its settings are not known."""
        return self.why_not(CONTROLLERS) or "the ForkliftController does not show it"

    def feature(self, name: str) -> bool | None:
        """Whether a switch of the toolkit is on; None where nobody knows. One that is not set is off."""
        features = self.toolkit_fact("features")
        return features.get(name) == "true" if isinstance(features, Mapping) else None

    def may_be_there(self, provider: ProviderView) -> bool:
        """Whether a provider that is made may be on the target already, which could not be asked: what it has set there counts then."""
        return provider.spec is not None and provider.record is None and not self.listed(PROVIDERS)

    def vddk_image(self, provider: ProviderView) -> str | None:
        """The VDDK image of a provider: its own, else the toolkit's; None where nobody knows."""
        own = text(provider.settings.get("vddkInitImage"))
        if provider.spec is None:
            if provider.record is None:
                return None
            own = text(provider.record.get("vddk_image"))
        if own:
            return own
        if self.may_be_there(provider):
            return None
        common = self.toolkit_fact("vddk_image")
        if isinstance(common, str):
            return common
        return "" if self.listed(CONTROLLERS) and self.target.one("migration_toolkit") is None else None

    def namespace_there(self, name: str) -> bool | None:
        """Whether a namespace exists, or is made by a manifest that is applied; None where nobody knows."""
        if name in self.index.namespaces_made or self.target.get("namespace", name) is not None:
            return True
        return False if self.target.known(NAMESPACES) else None


def _macs(target: TargetView) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in target.all("virtual_machine"):
        for mac in record.get("macs", ()):
            found.setdefault(plain_mac(mac), []).append(record["id"])
    return found


def _planned_macs(entries_of: Mapping[str, Sequence[VmEntry]]) -> dict[str, list[str]]:
    """Address to the ids of the planned VMs that have it, each of them once."""
    found: dict[str, list[str]] = {}
    for vm_id, entries in entries_of.items():
        vm = entries[0].vm
        for mac in sorted({plain_mac(nic.mac) for nic in (vm.nics or () if vm is not None else ()) if nic.mac}):
            found.setdefault(mac, []).append(vm_id)
    return found


def _existing(target: TargetView) -> dict[tuple[str, str], list[tuple[JsonRecord, JsonRecord]]]:
    """(provider, managed object id or name) to the plans of the target that hold the VM, with its part of them."""
    found: dict[tuple[str, str], list[tuple[JsonRecord, JsonRecord]]] = {}
    for plan in target.all("migration_plan"):
        if plan.get("archived") is True:
            continue
        provider = plan.get("source_provider", "")
        for vm in mappings(plan.get("vms", ())):
            key = text(vm.get("moref")) or text(vm.get("name"))
            found.setdefault((provider, key), []).append((plan, dict(vm)))
    return found


def _names_existing(target: TargetView) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(namespace, target name) to the plans of the target (id) that will make it, with the VM's managed object id."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for plan in target.all("migration_plan"):
        if plan.get("archived") is True:
            continue
        for vm in mappings(plan.get("vms", ())):
            name = text(vm.get("target_name"))
            if name and vm.get("succeeded") is not True:
                found.setdefault((text(plan.get("target_namespace")), name), []).append((plan["id"], text(vm.get("moref"))))
    return found
