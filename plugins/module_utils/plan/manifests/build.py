# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All manifests of a plan, in the order in which they are applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...target.view import TargetView
from ..addresses import choices_by_network
from ..model import Destination, Group, Manifest, NetworkChoice, PlanVm, StorageChoice, Wave
from ..network_proposal import needed_policies
from ..networks import network_key
from ..settings import PlanSettings
from ..shared_disks import SharedDisks, shared_disks
from ..standing import StandingWave
from ..storage_mapping import datastore_key
from .maps import NetworkMaps, StorageMaps
from .objects import manifest, reference
from .plans import Batch, PlanManifests, plan_batches, standing_batches
from .providers import SourceProvider, hook_manifests, host_manifests, provider_manifests

KUSTOMIZATION: Final = "kustomization.yaml"


@dataclass(frozen=True, slots=True)
class ManifestInput:
    """What the manifests are made of. The VMs are those that may be in a wave, and those that were moved already."""

    settings: PlanSettings
    target: TargetView
    vms: Mapping[str, PlanVm]
    waves: Sequence[Wave]
    groups: Sequence[Group]
    methods: Mapping[str, str]
    """VM id to cold or warm"""
    destinations: Mapping[str, Destination]
    providers: Mapping[str, SourceProvider]
    """by the vCenter's instance UUID"""
    networks: Sequence[NetworkChoice]
    storage: Sequence[StorageChoice]
    standing: Sequence[StandingWave] = ()
    """the waves that have begun"""


@dataclass(frozen=True, slots=True)
class ManifestSet:
    """The manifests by path, the batches behind the plans, and who brings the shared disks."""

    manifests: tuple[Manifest, ...]
    batches: tuple[Batch, ...]
    shared: SharedDisks


def build_manifests(given: ManifestInput) -> ManifestSet:
    """Every manifest. Each VM in a wave that is not finished needs a method, a destination and its vCenter's provider."""
    settings = given.settings
    shared = shared_disks(given.vms.values(), _rank(given.waves, settings))
    waves = [wave for wave in given.waves if not wave.begun]
    batches = plan_batches(waves, given.vms, given.groups, given.methods, given.destinations, given.providers, settings, shared)
    batches += standing_batches(given.standing, given.vms, given.destinations, given.providers, shared)
    batches.sort(key=lambda batch: batch.wave)
    destination = reference(settings.destination_provider, settings.toolkit_namespace)
    planned = [given.vms[vm_id] for batch in batches for vm_id in batch.vm_ids]
    network_maps = NetworkMaps(given.networks, _networks_used(batches, given.vms), given.providers, destination)
    storage_maps = StorageMaps(given.storage, _datastores_used(planned), given.providers, destination)
    plans = PlanManifests(
        given.vms, given.destinations, given.providers, choices_by_network(given.networks), network_maps, storage_maps, shared, settings
    )
    used = {vm.vcenter for vm in planned}
    found = [*_namespaces(batches, given.target), *_networks(given.networks, given.target)]
    found += provider_manifests(provider for vcenter, provider in sorted(given.providers.items()) if vcenter in used)
    found += host_manifests(given.providers, planned, settings)
    found += hook_manifests(settings)
    found += [*network_maps.manifests(), *storage_maps.manifests()]
    for batch in batches:
        # The toolkit works on a Plan that runs: it is left alone, and what it rests on is made as before.
        if not batch.running:
            found += [plans.plan(batch), plans.migration(batch)]
    return ManifestSet(tuple(sorted(found, key=lambda entry: entry.path)), tuple(batches), shared)


def kustomizations(manifests: Iterable[Manifest]) -> dict[str, dict[str, object]]:
    """Kustomization files by path: the root's has what all waves need and the waves; each wave has its own. Proposals are in none."""
    resources: dict[str, list[str]] = {"": []}
    for entry in manifests:
        if not entry.apply:
            continue
        folder, _slash, name = entry.path.rpartition("/")
        resources.setdefault(folder, []).append(name)
    resources[""] = [*sorted(resources[""]), *sorted(folder for folder in resources if folder)]
    return {
        f"{folder}/{KUSTOMIZATION}" if folder else KUSTOMIZATION: {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": names if not folder else sorted(names),
        }
        for folder, names in sorted(resources.items())
    }


def _rank(waves: Iterable[Wave], settings: PlanSettings) -> Callable[[str], int]:
    """Moved VMs come first, then by wave; those that are in none come last."""
    numbers = {vm_id: -1 if wave.finished else wave.number for wave in waves for vm_id in wave.vm_ids}
    numbers.update(dict.fromkeys(settings.finished, -1))
    last = max(numbers.values(), default=0) + 1
    return lambda vm_id: numbers.get(vm_id, last)


def _networks_used(batches: Iterable[Batch], vms: Mapping[str, PlanVm]) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for batch in batches:
        keys = found.setdefault((batch.vcenter, batch.namespace), set())
        for vm_id in batch.vm_ids:
            keys.update(network_key(vms[vm_id], nic) for nic in vms[vm_id].nics or ())
    return {place: frozenset(keys) for place, keys in found.items()}


def _datastores_used(planned: Iterable[PlanVm]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for vm in planned:
        found.setdefault(vm.vcenter, set()).update(datastore_key(vm, disk) for disk in vm.disks or ())
    return {vcenter: frozenset(keys) for vcenter, keys in found.items()}


def _namespaces(batches: Iterable[Batch], target: TargetView) -> list[Manifest]:
    """Target namespaces that are known not to exist."""
    if not target.known("namespaces"):
        return []
    wanted = sorted({batch.namespace for batch in batches})
    return [
        manifest("Namespace", name, None, f"target namespace {name}, which does not exist yet", api_version="v1", proposal=True)
        for name in wanted
        if target.get("namespace", name) is None
    ]


def _networks(choices: Iterable[NetworkChoice], target: TargetView) -> list[Manifest]:
    """Attachments, and what they rest on, for networks that lead nowhere."""
    found = {}
    proposed = [choice for choice in choices if choice.proposal is not None]
    for policy in needed_policies(proposed, target):
        name = policy["metadata"]["name"]
        found[name] = manifest(
            policy["kind"],
            name,
            policy["spec"],
            "physical network of the proposed attachments",
            api_version=policy["apiVersion"],
            proposal=True,
        )
    for choice in proposed:
        proposal = choice.proposal or {}
        metadata = proposal["metadata"]
        found.setdefault(
            f"{metadata['namespace']}/{metadata['name']}",
            manifest(
                proposal["kind"],
                metadata["name"],
                proposal["spec"],
                f"attachment for {choice.source_name} (VLAN {choice.vlan}), which leads nowhere yet",
                api_version=proposal["apiVersion"],
                namespace=metadata["namespace"],
                annotations=metadata["annotations"],
                proposal=True,
            ),
        )
    return list(found.values())
