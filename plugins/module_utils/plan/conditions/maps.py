# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conditions of network and storage maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from ..model import MULTUS
from ..network_match import NADS
from ..storage_mapping import CLASSES, MANY, NO_PROVISIONER, PROFILES
from .answers import NOT_APPLICABLE, PASSED, Answer, Fault, Open, few, judges, passes
from .context import NAMESPACES, Scene
from .sources import Named
from .views import MapEntry, MapView, text

PRIMARY: Final = "primary"


# ---- sources ---------------------------------------------------------------------------------------------------------


@judges("SourceNetworkNotValid.notSet", "SourceStorageNotValid.notSet")
def source_set(found: MapView, scene: Scene) -> Answer:
    if not found.entries:
        return NOT_APPLICABLE
    unset = [str(number + 1) for number, entry in enumerate(found.entries) if not entry.source.get("id") and not entry.source.get("name")]
    return passes(not unset, f"pair {few(unset)} has no source", "an id or a name", "give each pair its source")


@judges("SourceNetworkNotValid.ambiguous")
def network_ambiguous(found: MapView, scene: Scene) -> Answer:
    return _ambiguous(found, scene.sources.networks, "networks")


@judges("SourceStorageNotValid.ambiguous")
def storage_ambiguous(found: MapView, scene: Scene) -> Answer:
    return _ambiguous(found, scene.sources.datastores, "datastores")


def _ambiguous(found: MapView, records: Named, what: str) -> Answer:
    if not found.entries:
        return NOT_APPLICABLE
    alike = [entry.named for entry in found.entries if len(entry.ids) > 1]
    if alike:
        return Fault(f"{few(alike)}: the vCenter has several {what} of the name", "one source for each pair", "give the managed object id")
    if all(entry.source.get("id") for entry in found.entries):
        return PASSED
    return _unknown_sources(found, records, what) or PASSED


@judges("SourceNetworkNotValid.notFound")
def network_found(found: MapView, scene: Scene) -> Answer:
    return _found(found, scene.sources.networks, "networks")


@judges("SourceStorageNotValid.notFound")
def storage_found(found: MapView, scene: Scene) -> Answer:
    return _found(found, scene.sources.datastores, "datastores")


def _found(found: MapView, records: Named, what: str) -> Answer:
    if not found.entries:
        return NOT_APPLICABLE
    missing = [entry.named for entry in found.entries if not entry.ids and (entry.source.get("id") or entry.source.get("name"))]
    if not missing:
        return Open(found.unclear) if found.unclear else PASSED
    unknown = _unknown_sources(found, records, what)
    if unknown is not None:
        return unknown
    return Fault(f"{few(missing)} is not among the {what} of the vCenter", "a source that exists", "remove the pair, or correct its source")


def _unknown_sources(found: MapView, records: Named, what: str) -> Open | None:
    if found.unclear:
        return Open(found.unclear)
    vcenter = found.source.vcenter if found.source else None
    return None if vcenter in records.vcenters else Open(f"the estate has no {what} of the vCenter")


# ---- destinations of networks ----------------------------------------------------------------------------------------


@judges("DestinationNetworkNotValid.notFound")
def attachment_found(found: MapView, scene: Scene) -> Answer:
    if not _multus(found):
        return NOT_APPLICABLE
    made = scene.index.get
    missing = [
        key
        for entry in _multus(found)
        if entry.destination.get("namespace")
        and scene.target.get("network_attachment", key := _place(entry)) is None
        and not ((view := made("NetworkAttachmentDefinition", key)) and view.manifest.apply)
    ]
    if not missing:
        return PASSED
    if not scene.listed(NADS):
        return Open(scene.why_not(NADS))
    return Fault(f"{few(missing)} does not exist", "an attachment that exists", "make it (see proposals), or map the network elsewhere")


@judges("DestinationNetworkNotValid.ambiguous")
def attachment_namespace(found: MapView, scene: Scene) -> Answer:
    if not _multus(found):
        return NOT_APPLICABLE
    bare = [text(entry.destination.get("name")) or entry.named for entry in _multus(found) if not entry.destination.get("namespace")]
    return passes(not bare, f"{few(bare)} has no namespace", "namespace and name of the attachment", "name the namespace (plan_networks)")


@judges("own.nad_namespace_missing")
def attachment_namespace_there(found: MapView, scene: Scene) -> Answer:
    names = sorted({text(entry.destination.get("namespace")) for entry in _multus(found)} - {""})
    if not names:
        return NOT_APPLICABLE
    there = {name: scene.namespace_there(name) for name in names}
    missing = [name for name in names if there[name] is False]
    if missing:
        return Fault(f"{few(missing)} does not exist", "a namespace that exists", "make it, or map the network elsewhere")
    return Open(scene.why_not(NAMESPACES)) if None in there.values() else PASSED


@judges("own.nad_primary_network")
def attachment_primary(found: MapView, scene: Scene) -> Answer:
    places = sorted({_place(entry) for entry in _multus(found)})
    if not places:
        return NOT_APPLICABLE
    records = {place: scene.target.get("network_attachment", place) for place in places}
    primary = [place for place, record in records.items() if record is not None and record.get("role") == PRIMARY]
    if primary:
        remedy = "map the network to the pod network, which is the primary network there, or to another attachment"
        return Fault(f"{few(primary)} is the primary network of its namespace", "an attachment that adapters can name", remedy)
    unknown = [place for place, record in records.items() if record is None or "role" not in record]
    return Open(f"nobody knows the role of {few(unknown)}") if unknown else PASSED


@judges("own.network_mixed")
def network_mixed(found: MapView, scene: Scene) -> Answer:
    mixed = [
        name
        for name, destinations in found.by_source.items()
        if len(destinations) > 1 and len({text(destination.get("type")) for destination in destinations}) > 1
    ]
    return _twice(found, mixed, "destinations of one type (several attachments are a pool)")


def _multus(found: MapView) -> list[MapEntry]:
    return [entry for entry in found.entries if entry.destination.get("type") == MULTUS]


def _place(entry: MapEntry) -> str:
    return f"{text(entry.destination.get('namespace'))}/{text(entry.destination.get('name'))}"


# ---- destinations of datastores --------------------------------------------------------------------------------------


@judges("DestinationStorageNotValid")
def class_found(found: MapView, scene: Scene) -> Answer:
    if not found.entries:
        return NOT_APPLICABLE
    missing = [name for name in _classes(found) if scene.target.get("storage_class", name) is None]
    if not missing:
        return PASSED
    if not scene.target.known(CLASSES):
        return Open(scene.target.why_not(CLASSES))
    return Fault(f"{few(missing)} does not exist", "a storage class that exists", "map the datastore to another class (plan_storage)")


@judges("own.storage_twice")
def storage_twice(found: MapView, scene: Scene) -> Answer:
    double = [name for name, destinations in found.by_source.items() if any(other != destinations[0] for other in destinations[1:])]
    return _twice(found, double, "one destination for each datastore")


def _twice(found: MapView, names: Iterable[str], expected: str) -> Answer:
    listed = list(names)
    if not found.entries:
        return NOT_APPLICABLE
    if listed:
        return Fault(f"{few(listed)} has several, and only the first counts", expected, "keep one of the pairs")
    return Open(found.unclear) if found.unclear and len(found.entries) > 1 else PASSED


@judges("own.storage_mode")
def storage_mode(found: MapView, scene: Scene) -> Answer:
    def lacks(entry: MapEntry, sets: list[tuple[str, str]]) -> bool:
        access, volume = text(entry.destination.get("accessMode")), text(entry.destination.get("volumeMode"))
        return not any(access in ("", own) and volume in ("", mode) for own, mode in sets)

    return _by_profile(found, scene, lacks, "does not offer it", "a mode that the storage profile has", "choose another mode or class")


@judges("own.storage_live_migration")
def storage_live_migration(found: MapView, scene: Scene) -> Answer:
    if not scene.settings.fit.live_migration:
        return NOT_APPLICABLE

    def lacks(entry: MapEntry, sets: list[tuple[str, str]]) -> bool:
        access, volume = text(entry.destination.get("accessMode")), text(entry.destination.get("volumeMode"))
        # Without a mode, CDI takes the first set of the profile that fits.
        first = next((own for own, mode in sets if volume in ("", mode)), "")
        return (access or first) != MANY

    return _by_profile(
        found, scene, lacks, f"gives no {MANY} volumes", f"{MANY} volumes", "choose another class, or do without live migration"
    )


def _by_profile(
    found: MapView, scene: Scene, lacks: Callable[[MapEntry, list[tuple[str, str]]], bool], observed: str, expected: str, remedy: str
) -> Answer:
    if not found.entries:
        return NOT_APPLICABLE
    wrong, unknown = [], []
    for entry in found.entries:
        name = text(entry.destination.get("storageClass"))
        sets = (scene.target.get("storage_class", name) or {}).get("claim_sets")
        if not sets:
            unknown.append(name)
        elif lacks(entry, [(access, volume) for access, _slash, volume in (claim.partition("/") for claim in sets)]):
            mode = "/".join(filter(None, (text(entry.destination.get("accessMode")), text(entry.destination.get("volumeMode")))))
            wrong.append(f"{entry.named} to {name}{f' ({mode})' if mode else ''}")
    if wrong:
        return Fault(f"{few(wrong)}: the class {observed}", expected, remedy)
    if unknown:
        return Open(scene.why_not(PROFILES) or f"nobody knows what {few(dict.fromkeys(unknown))} offers")
    return PASSED


@judges("own.storage_static")
def storage_static(found: MapView, scene: Scene) -> Answer:
    return _static(found, scene, "make the volumes beforehand, or choose another class")


@judges("Webhook.staticStorageClass")
def webhook_static(found: MapView, scene: Scene) -> Answer:
    if found.source is None or not found.entries:
        return NOT_APPLICABLE
    if found.source.type == "vsphere":
        return PASSED
    answer = _static(found, scene, "choose a class with a provisioner")
    if answer is PASSED or found.source.type:
        return answer
    return Open("nobody knows the type of the source provider")


def _static(found: MapView, scene: Scene, remedy: str) -> Answer:
    if not found.entries:
        return NOT_APPLICABLE
    records = {name: scene.target.get("storage_class", name) for name in _classes(found)}
    static = [name for name, record in records.items() if record is not None and record.get("provisioner") == NO_PROVISIONER]
    if static:
        return Fault(f"{few(static)} has no provisioner", "a class that makes volumes", remedy)
    unknown = [name for name, record in records.items() if record is None or "provisioner" not in record]
    return Open(f"nobody knows the provisioner of {few(unknown)}") if unknown else PASSED


def _classes(found: MapView) -> list[str]:
    return list(dict.fromkeys(text(entry.destination.get("storageClass")) for entry in found.entries))
