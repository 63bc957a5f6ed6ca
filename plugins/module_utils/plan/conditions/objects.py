# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifests by kind and name, tied to what they refer to: on the target, in the estate, or among themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ...common.artifact import JsonRecord
from ...target.view import TargetView
from ..model import Manifest, PlanVm
from ..names import changed_vm_name
from .sources import Sources, Vm
from .views import (
    HostView,
    MapEntry,
    MapView,
    MigrationView,
    ObjectView,
    PlanView,
    ProviderView,
    SourceVm,
    Spec,
    VmEntry,
    key_of,
    mapping,
    mappings,
    text,
)

RECORDS: Final = {"NetworkMap": "network_map", "StorageMap": "storage_map"}


class Objects:
    """Views of everything that is judged, in the order of the manifests."""

    def __init__(self, manifests: Iterable[Manifest], target: TargetView, sources: Sources, vcenter_of: Mapping[str, str]) -> None:
        self._target, self._sources, self._vcenter_of = target, sources, vcenter_of
        self.all: list[ObjectView] = [_object(entry) for entry in manifests]
        self._by_kind: dict[str, dict[str, ObjectView]] = {}
        self.twins: dict[str, int] = {}
        for view in self.all:
            self._by_kind.setdefault(view.kind, {}).setdefault(view.key, view)
            self.twins[view.label] = self.twins.get(view.label, 0) + 1
        self.namespaces_made = {view.key for view in self.of_kind("Namespace") if view.manifest.apply}
        self._providers: dict[str, ProviderView] = {}
        self._maps: dict[tuple[str, str], MapView] = {}
        for view in self.of_kind("Provider"):
            self.provider(view.key)
        self.plans = [self._plan(view) for view in self.of_kind("Plan")]
        by_key = {plan.key: plan for plan in self.plans}
        self.migrations = [_migration(view, by_key) for view in self.of_kind("Migration")]
        for migration in self.migrations:
            if migration.plan is not None:
                migration.plan.migrations.append(migration)

    def of_kind(self, kind: str) -> list[ObjectView]:
        """The objects of a kind, each name once."""
        return list(self._by_kind.get(kind, {}).values())

    def get(self, kind: str, key: str) -> ObjectView | None:
        """An object to be made."""
        return self._by_kind.get(kind, {}).get(key)

    def provider(self, key: str) -> ProviderView | None:
        """The provider of this name; None for no name."""
        if not key:
            return None
        if key not in self._providers:
            made, record = self.get("Provider", key), self._target.get("provider", key)
            self._providers[key] = ProviderView(key, made.spec if made else None, record, self._vcenter_of.get(key))
        return self._providers[key]

    def provider_views(self) -> list[ProviderView]:
        """All providers that are made, or that plans and maps refer to and that are there."""
        for kind in RECORDS:
            self.map_views(kind)
        self.host_views()
        return [
            self._providers[key] for key in sorted(self._providers) if self._providers[key].spec is not None or self._providers[key].record
        ]

    def host_views(self) -> list[HostView]:
        """The Hosts to be made."""
        return [self._host(view) for view in self.of_kind("Host")]

    def map_views(self, kind: str) -> list[MapView]:
        """The maps to be made."""
        return [found for view in self.of_kind(kind) if (found := self.map(kind, view.key)) is not None]

    def map(self, kind: str, key: str) -> MapView | None:
        """The map of this name, to be made or on the target; None where there is none."""
        if (kind, key) not in self._maps:
            made, record = self.get(kind, key), self._target.get(RECORDS[kind], key)
            if made is None and record is None:
                return None
            self._maps[kind, key] = self._made_map(kind, made, record) if made else self._map_of_target(kind, key, record or {})
        return self._maps[kind, key]

    def _made_map(self, kind: str, view: ObjectView, record: JsonRecord | None) -> MapView:
        providers = mapping(view.spec.get("provider"))
        source, destination = self.provider(key_of(providers.get("source"))), self.provider(key_of(providers.get("destination")))
        vcenter = source.vcenter if source else None
        entries = []
        for pair in mappings(view.spec.get("map")):
            reference = mapping(pair.get("source"))
            entries.append(MapEntry(reference, mapping(pair.get("destination")), pair, self._ids(kind, vcenter, reference)))
        by_source: dict[str, tuple[Spec, ...]] = {}
        for entry in entries:
            for name in entry.ids:
                by_source[name] = (*by_source.get(name, ()), entry.destination)
        return MapView(
            kind=kind,
            key=view.key,
            spec=view.spec,
            record=record,
            source=source,
            destination=destination,
            entries=tuple(entries),
            mapped=frozenset(by_source),
            unclear="" if vcenter is not None else _no_vcenter(source),
            by_source=by_source,
            offloads=any(entry.raw.get("offloadPlugin") for entry in entries),
        )

    def _map_of_target(self, kind: str, key: str, record: JsonRecord) -> MapView:
        source, destination = self.provider(record.get("source_provider", "")), self.provider(record.get("destination_provider", ""))
        vcenter = source.vcenter if source else None
        names = record.get("sources")
        mapped: set[str] = set()
        for name in names or ():
            mapped.update(self._ids(kind, vcenter, {"id": name}) or self._ids(kind, vcenter, {"name": name}))
        unclear = _no_vcenter(source) if vcenter is None else "" if names is not None else "the snapshot does not show what it maps"
        return MapView(kind, key, None, record, source, destination, (), frozenset(mapped), unclear)

    def _ids(self, kind: str, vcenter: str | None, source: Spec) -> tuple[str, ...]:
        if vcenter is None:
            return ()
        return self._sources.network_ids(vcenter, source) if kind == "NetworkMap" else self._sources.datastore_ids(vcenter, source)

    def _host(self, view: ObjectView) -> HostView:
        provider = self.provider(key_of(view.spec.get("provider")))
        vcenter = provider.vcenter if provider else None
        ids = self._sources.hosts.ids(vcenter, view.spec) if vcenter is not None else ()
        host = self._sources.hosts.by_id[ids[0]] if len(ids) == 1 else None
        return HostView(view.key, view.spec, provider, host, len(ids), self._target.get("migration_host", view.key))

    def _plan(self, view: ObjectView) -> PlanView:
        spec = view.spec
        providers, maps = mapping(spec.get("provider")), mapping(spec.get("map"))
        plan = PlanView(
            key=view.key,
            name=text(view.metadata.get("name")),
            namespace=text(view.metadata.get("namespace")),
            spec=spec,
            wave=view.manifest.wave,
            source=self.provider(key_of(providers.get("source"))),
            destination=self.provider(key_of(providers.get("destination"))),
            network_map=self.map("NetworkMap", key_of(maps.get("network"))),
            storage_map=self.map("StorageMap", key_of(maps.get("storage"))),
            existing=self._target.get("migration_plan", view.key),
        )
        vcenter = plan.source.vcenter if plan.source else None
        plan.entries = [self._entry(plan, number, raw, vcenter, plan.warm) for number, raw in enumerate(mappings(spec.get("vms")))]
        return plan

    def _entry(self, plan: PlanView, number: int, raw: Spec, vcenter: str | None, warm: bool) -> VmEntry:
        moref, name = text(raw.get("id")), text(raw.get("name"))
        found: list[Vm] = []
        if vcenter is not None and moref:
            vm = self._sources.by_moref.get((vcenter, moref))
            found = [vm] if vm is not None else []
        elif vcenter is not None and name:
            found = self._sources.by_name.get((vcenter, name), [])
        one = found[0] if len(found) == 1 else None
        shown = name or (one.name if one is not None else "") or moref or f"number {number + 1}"
        target = text(raw.get("targetName")).strip() or changed_vm_name(name or (one.name if one is not None else ""), shown)
        return VmEntry(
            plan=plan,
            number=number,
            raw=raw,
            vm=one if isinstance(one, PlanVm) else None,
            other=one if isinstance(one, SourceVm) else None,
            matches=len(found),
            name=shown,
            target_name=target,
            warm=warm,
        )


def _object(entry: Manifest) -> ObjectView:
    metadata = mapping(entry.object.get("metadata"))
    name, namespace = text(metadata.get("name")), text(metadata.get("namespace"))
    return ObjectView(text(entry.object.get("kind")), f"{namespace}/{name}" if namespace else name, entry)


def _migration(view: ObjectView, plans: Mapping[str, PlanView]) -> MigrationView:
    key = key_of(view.spec.get("plan"))
    return MigrationView(view.key, view.spec, key, plans.get(key))


def _no_vcenter(source: ProviderView | None) -> str:
    return f"nobody knows which vCenter {source.label} reads" if source else "its source provider is not set"
