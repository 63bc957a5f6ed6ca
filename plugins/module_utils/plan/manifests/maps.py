# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network and storage maps: one of each per source provider, and one for a target namespace that has attachments of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..addresses import attachment_of
from ..model import MULTUS, Manifest, NetworkChoice, StorageChoice
from ..names import object_names
from ..network_match import DEFAULT_NAMESPACE
from .objects import manifest, reference
from .providers import SourceProvider

NETWORK, STORAGE = "network", "storage"

Entry = dict[str, Any]


class NetworkMaps:
    """The network maps of a plan: which plan takes which, and their manifests.

    The controller takes an attachment of the plan's target namespace or of `default` alone. Plans whose networks lead to
    other attachments than those of `default` get a map of their own for their namespace; all others share one.
    """

    def __init__(
        self,
        choices: Iterable[NetworkChoice],
        used: Mapping[tuple[str, str], frozenset[str]],
        providers: Mapping[str, SourceProvider],
        destination: Mapping[str, str],
    ) -> None:
        """`used` has the `record_id`s of the networks of planned VMs, by vCenter and target namespace."""
        self._providers, self._destination = providers, destination
        mapped = {choice.record_id: choice for choice in choices if choice.type}
        self._same_name = Counter((choice.vcenter, choice.source_name) for choice in mapped.values())
        shared: dict[str, set[str]] = {}
        self._key_of: dict[tuple[str, str], tuple[str, ...]] = {}
        self._entries: dict[tuple[str, ...], list[Entry]] = {}
        for place in sorted(used):
            vcenter, namespace = place
            provider, found = providers[vcenter].name, [mapped[key] for key in sorted(used[place]) if key in mapped]
            if any(attachment_of(choice, namespace)[0] not in ("", DEFAULT_NAMESPACE) for choice in found):
                self._key_of[place] = (provider, namespace, NETWORK)
                self._entries[provider, namespace, NETWORK] = [self._entry(choice, namespace) for choice in found]
            else:
                self._key_of[place] = (provider, NETWORK)
                shared.setdefault(vcenter, set()).update(choice.record_id for choice in found)
        for vcenter in sorted(shared):
            entries = [self._entry(mapped[key], DEFAULT_NAMESPACE) for key in sorted(shared[vcenter])]
            self._entries[providers[vcenter].name, NETWORK] = entries
        self._provider_of = {self._key_of[place]: providers[place[0]] for place in used}
        self._names = object_names(self._entries)

    def name_for(self, vcenter: str, namespace: str) -> str:
        """The map of the plans of this vCenter for this target namespace."""
        return self._names[self._key_of[vcenter, namespace]]

    def manifests(self) -> list[Manifest]:
        """The maps, by name."""
        found = []
        for key in sorted(self._entries, key=lambda key: self._names[key]):
            provider, entries = self._provider_of[key], self._entries[key]
            scope = f" for {key[1]}" if len(key) > 2 else ""
            purpose = f"{len(entries)} networks of {provider.name}{scope}"
            spec = {"provider": _providers(provider, self._destination), "map": entries}
            found.append(manifest("NetworkMap", self._names[key], spec, purpose, namespace=provider.namespace))
        return found

    def _entry(self, choice: NetworkChoice, namespace: str) -> Entry:
        target: dict[str, str] = {"type": choice.type}
        if choice.type == MULTUS:
            place, name = attachment_of(choice, namespace)
            target.update(namespace=place, name=name)
        return {"source": self._source(choice), "destination": target}

    def _source(self, choice: NetworkChoice) -> dict[str, str]:
        """The network by its id, else by its name; a VLAN is added where two would have the same name."""
        if choice.source_id != choice.source_name:
            return {"id": choice.source_id}
        alike = self._same_name[choice.vcenter, choice.source_name] > 1
        return {"name": choice.source_name, **({"vlan": choice.vlan} if alike and choice.vlan.isdigit() else {})}


class StorageMaps:
    """The storage map of each source provider."""

    def __init__(
        self,
        choices: Iterable[StorageChoice],
        used: Mapping[str, frozenset[str]],
        providers: Mapping[str, SourceProvider],
        destination: Mapping[str, str],
    ) -> None:
        """`used` has the `record_id`s of the datastores of planned VMs, by vCenter."""
        self._providers, self._destination = providers, destination
        self._entries: dict[str, list[Entry]] = {vcenter: [] for vcenter in sorted(used)}
        for choice in choices:
            if choice.storage_class and choice.record_id in used.get(choice.vcenter, ()):
                self._entries[choice.vcenter].append(_storage_entry(choice))
        self._names = object_names((providers[vcenter].name, STORAGE) for vcenter in self._entries)

    def name_for(self, vcenter: str) -> str:
        """The map of the plans of this vCenter."""
        return self._names[self._providers[vcenter].name, STORAGE]

    def manifests(self) -> list[Manifest]:
        """The maps, by name."""
        found = []
        for vcenter in sorted(self._entries, key=self.name_for):
            provider, entries = self._providers[vcenter], self._entries[vcenter]
            purpose = f"{len(entries)} datastores of {provider.name}"
            spec = {"provider": _providers(provider, self._destination), "map": entries}
            found.append(manifest("StorageMap", self.name_for(vcenter), spec, purpose, namespace=provider.namespace))
        return found


def _storage_entry(choice: StorageChoice) -> Entry:
    source = {"id": choice.source_id} if choice.source_id != choice.source_name else {"name": choice.source_name}
    target = {"storageClass": choice.storage_class}
    if choice.access_mode:
        target["accessMode"] = choice.access_mode
    if choice.volume_mode:
        target["volumeMode"] = choice.volume_mode
    return {"source": source, "destination": target}


def _providers(provider: SourceProvider, destination: Mapping[str, str]) -> dict[str, Any]:
    return {"source": reference(provider.name, provider.namespace), "destination": dict(destination)}
