# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans and migrations: per wave, one Plan for each source provider, target namespace and method, split where it would be too large."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from ..model import MULTUS, WARM, Destination, Group, Manifest, NetworkChoice, PlanVm, Wave
from ..names import object_names
from ..networks import network_key
from ..settings import HookRule, PlanSettings
from ..shared_disks import SharedDisks
from ..standing import StandingWave
from .maps import NetworkMaps, StorageMaps
from .objects import PLAN_LABEL, START_BY, manifest, reference
from .providers import SourceProvider

CLAIM_NAME_LIMIT: Final = 28
CLAIM_TEMPLATE: Final = f"{{{{trunc {CLAIM_NAME_LIMIT} .TargetVmName}}}}-disk-{{{{.DiskIndex}}}}"
"""Names of the volumes: at most 40 characters, which leaves room for what the controller derives of them."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The VMs of one Plan, in its order."""

    name: str
    wave: int
    vcenter: str
    namespace: str
    method: str
    vm_ids: tuple[str, ...]
    start: datetime
    start_by: datetime | None = None
    """when a warm one has to be started at the latest"""
    running: bool = False
    """the cluster carries it out"""


def plan_batches(
    waves: Iterable[Wave],
    vms: Mapping[str, PlanVm],
    groups: Iterable[Group],
    methods: Mapping[str, str],
    destinations: Mapping[str, Destination],
    providers: Mapping[str, SourceProvider],
    settings: PlanSettings,
    shared: SharedDisks,
) -> list[Batch]:
    """The batches of the waves that are not finished, in the order of waves. Groups stay together as far as they fit into one Plan."""
    group_of = {vm_id: group.id for group in groups for vm_id in group.vm_ids}
    drafts: dict[tuple[str, ...], tuple[Wave, str, list[str]]] = {}
    for wave in waves:
        if wave.finished:
            continue
        lots: dict[tuple[str, str, str], dict[str, list[str]]] = {}
        for vm_id in wave.vm_ids:
            if vm_id in settings.finished:
                continue
            lot = lots.setdefault((vms[vm_id].vcenter, destinations[vm_id].namespace, methods[vm_id]), {})
            lot.setdefault(group_of.get(vm_id, vm_id), []).append(vm_id)
        for (vcenter, namespace, method), units in sorted(lots.items()):
            # Who brings a shared disk comes before those who find it there.
            ordered = [sorted(unit, key=lambda vm_id: vm_id not in shared.creators) for unit in units.values()]
            for number, packed_ids in enumerate(packed(ordered, settings.max_vms), start=1):
                # The toolkit takes a host's VMs in this order: who brings a shared disk, then the longest copies, so that none ends alone.
                vm_ids = _in_order(packed_ids, vms, shared)
                tail = f"w{wave.number:02d}-{method}" + (f"-{number}" if number > 1 else "")
                drafts[providers[vcenter].name, namespace, tail] = wave, vcenter, vm_ids
    names = object_names(drafts)
    return [
        Batch(names[key], wave.number, vcenter, key[1], methods[vm_ids[0]], tuple(vm_ids), wave.slot.start, _start_by(wave))
        for key, (wave, vcenter, vm_ids) in drafts.items()
    ]


def _in_order(vm_ids: Iterable[str], vms: Mapping[str, PlanVm], shared: SharedDisks) -> list[str]:
    return sorted(vm_ids, key=lambda vm_id: (vm_id not in shared.creators, -vms[vm_id].copy_bytes))


def standing_batches(
    standing: Iterable[StandingWave],
    vms: Mapping[str, PlanVm],
    destinations: Mapping[str, Destination],
    providers: Mapping[str, SourceProvider],
    shared: SharedDisks,
) -> list[Batch]:
    """The batches of waves that have begun: those of the earlier plan."""
    found = []
    for entry in standing:
        by_plan: dict[str, list[str]] = {}
        for vm_id in entry.wave.vm_ids:
            if vms[vm_id].vcenter in providers and entry.plans.get(vm_id):
                by_plan.setdefault(entry.plans[vm_id], []).append(vm_id)
        for name, vm_ids in sorted(by_plan.items()):
            first, wave = vm_ids[0], entry.wave
            place = vms[first].vcenter, destinations[first].namespace, entry.methods[first]
            ordered = tuple(_in_order(vm_ids, vms, shared))
            found.append(Batch(name, wave.number, *place, ordered, wave.slot.start, _start_by(wave), name in entry.running_plans))
    return found


def _start_by(wave: Wave) -> datetime | None:
    return wave.first_copy.start_by if wave.first_copy is not None else None


def packed(units: Sequence[Sequence[str]], limit: int) -> list[list[str]]:
    """Units put into lists of at most `limit`, each whole where it fits into one, in order: the first list with room takes it."""
    lists: list[list[str]] = []
    first_open = 0
    for unit in units:
        pieces = [unit] if len(unit) <= limit else [unit[start : start + limit] for start in range(0, len(unit), limit)]
        for piece in pieces:
            place = next((number for number in range(first_open, len(lists)) if len(lists[number]) + len(piece) <= limit), None)
            if place is None:
                lists.append(list(piece))
            else:
                lists[place].extend(piece)
            while first_open < len(lists) and len(lists[first_open]) >= limit:
                first_open += 1
    return lists


class PlanManifests:
    """Makes the Plan and the Migration of a batch."""

    def __init__(
        self,
        vms: Mapping[str, PlanVm],
        destinations: Mapping[str, Destination],
        providers: Mapping[str, SourceProvider],
        choices: Mapping[str, NetworkChoice],
        network_maps: NetworkMaps,
        storage_maps: StorageMaps,
        shared: SharedDisks,
        settings: PlanSettings,
    ) -> None:
        self._vms, self._destinations, self._providers, self._choices = vms, destinations, providers, choices
        self._network_maps, self._storage_maps, self._shared, self._settings = network_maps, storage_maps, shared, settings

    def plan(self, batch: Batch) -> Manifest:
        """The Plan. What the API would otherwise decide by a default that surprises stands in it explicitly."""
        settings, provider = self._settings, self._providers[batch.vcenter]
        namespace = settings.toolkit_namespace
        count = len(batch.vm_ids)
        words = f"wave {batch.wave}: {count} VM{'s' if count > 1 else ''} of {provider.name} to {batch.namespace}, {batch.method}"
        spec: dict[str, Any] = {
            "description": words,
            "type": batch.method,
            "provider": {
                "source": reference(provider.name, provider.namespace),
                "destination": reference(settings.destination_provider, namespace),
            },
            "map": {
                "network": reference(self._network_maps.name_for(batch.vcenter, batch.namespace), namespace),
                "storage": reference(self._storage_maps.name_for(batch.vcenter), namespace),
            },
            "targetNamespace": batch.namespace,
            "targetPowerState": "auto",
            "preserveStaticIPs": settings.preserve_static_ips and self._can_keep_addresses(batch),
            "migrateSharedDisks": True,
            "deleteVmOnFailMigration": False,
            "skipGuestConversion": False,
            "pvcNameTemplate": CLAIM_TEMPLATE,
            "pvcNameTemplateUseGenerateName": True,
        }
        if batch.method == WARM:
            spec["runPreflightInspection"] = True
        spec["vms"] = [self._entry(self._vms[vm_id]) for vm_id in batch.vm_ids]
        return manifest("Plan", batch.name, spec, words, namespace=namespace, wave=batch.wave, labels={PLAN_LABEL: batch.name})

    def migration(self, batch: Batch) -> Manifest:
        """The Migration, for people to start: a warm one with its cutover at the start of the wave's window."""
        namespace = self._settings.toolkit_namespace
        spec: dict[str, Any] = {"plan": reference(batch.name, namespace)}
        when, annotations = _moment(batch.start), {}
        if batch.method == WARM:
            spec["cutover"] = when
            early = "early enough for the first copy" if batch.start_by is None else f"by {_moment(batch.start_by)}, for the first copy"
            purpose = f"starts plan {batch.name}: create it {early}; it cuts over at {when}"
            annotations = {START_BY: _moment(batch.start_by)} if batch.start_by is not None else {}
        else:
            purpose = f"starts plan {batch.name}: create it at {when}"
        labels = {PLAN_LABEL: batch.name}
        return manifest(
            "Migration",
            batch.name,
            spec,
            purpose,
            namespace=namespace,
            wave=batch.wave,
            labels=labels,
            annotations=annotations,
            apply=False,
        )

    def _can_keep_addresses(self, batch: Batch) -> bool:
        """False where every adapter leads to the pod network or nowhere: the controller would warn of what nobody asked for."""
        return any(
            choice is not None and choice.type == MULTUS
            for vm_id in batch.vm_ids
            for choice in (self._choices.get(network_key(self._vms[vm_id], nic)) for nic in self._vms[vm_id].nics or ())
        )

    def _entry(self, vm: PlanVm) -> dict[str, Any]:
        target_name = self._destinations[vm.id].target_name
        entry: dict[str, Any] = {"id": vm.moref} if vm.moref else {}
        entry["name"], entry["targetName"] = vm.name, target_name
        if "." in target_name:
            # A volume's name is a label, which has no dots.
            entry["pvcNameTemplate"] = f"{target_name.replace('.', '-')[:CLAIM_NAME_LIMIT]}-disk-{{{{.DiskIndex}}}}"
        migrates = self._shared.migrates(vm.id)
        if migrates is not None:
            entry["migrateSharedDisks"] = migrates
        if hooks := hooks_of(vm, self._settings):
            entry["hooks"] = hooks
        return entry


def _moment(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def hooks_of(vm: PlanVm, settings: PlanSettings) -> list[dict[str, Any]]:
    """The VM's hooks: of each step the first rule that means it, for the controller runs one."""
    steps: dict[str, HookRule] = {}
    for rule in settings.hooks:
        if rule.step not in steps and rule.selector.matches(vm):
            steps[rule.step] = rule
    return [
        {"step": step, "hook": reference(rule.name, rule.namespace or settings.toolkit_namespace)}
        for step, rule in sorted(steps.items(), reverse=True)
    ]
