# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of a catalog: from the PackageManifest that a cluster serves, and from what `opm render` wrote of the catalog.

The server of PackageManifests names channels, their heads and the entries' names, but no edges between entries
(package-server, operators/v1 types); a rendered catalog (operator-registry, declcfg) has all of them.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from ...common.artifact import JsonRecord
from ...common.owned_fields import ApiObject
from ...target.objects import at, map_at, maps_at, name_of, text_at, text_map, texts_at
from .csvs import bundle_of, crds_among, csv_among, described_crds, max_openshift_of, modes_of, properties_of, refs_of
from .graph import ordered
from .model import Bundle, Channel, CrdRef, CrdVersions, Entry, Package, Refusal, RenderedCatalog

_PACKAGE, _CHANNEL, _BUNDLE, _DEPRECATIONS = "olm.package", "olm.channel", "olm.bundle", "olm.deprecations"
_OBJECT, _METADATA = "olm.bundle.object", "olm.csv.metadata"
SCHEMAS: Final = (_PACKAGE, _CHANNEL, _BUNDLE, _DEPRECATIONS)
"""Schemas of rendered records that are read."""


# ---- as the cluster serves it ----------------------------------------------------------------------------------------


def package_of(manifest: ApiObject, rendered: RenderedCatalog | None = None) -> Package:
    """A package as the cluster serves it; the edges of its graph and its older bundles come from the rendered catalog."""
    name = text_at(manifest, "status.packageName") or name_of(manifest)
    given = rendered.packages.get(name) if rendered else None
    channels = {}
    bundles = dict(given.bundles) if given else {}
    for each in maps_at(manifest, "status.channels"):
        channel = _served_channel(each)
        known = given.channels.get(channel.name) if given else None
        if known and known.entry(channel.head):
            channel = replace(channel, entries=known.entries, edges_known=True)
        channels[channel.name] = channel
        if channel.head:
            bundles[channel.head] = _served_bundle(each, bundles.get(channel.head))
    listed = list(channels)
    default = text_at(manifest, "status.defaultChannel") or (listed[0] if len(listed) == 1 else "")
    deprecated = text_at(manifest, "status.deprecation.message")
    return Package(name, text_at(manifest, "status.catalogSource"), default, channels, bundles, deprecated)


def _served_channel(data: Mapping[str, Any]) -> Channel:
    entries = tuple(
        Entry(text_at(each, "name"), text_at(each, "version"), deprecated=text_at(each, "deprecation.message"))
        for each in maps_at(data, "entries")
    )
    return Channel(text_at(data, "name"), text_at(data, "currentCSV"), entries, False, text_at(data, "deprecation.message"))


def _served_bundle(data: Mapping[str, Any], known: Bundle | None) -> Bundle:
    """The head of a channel; what the rendered catalog knows of its CRDs and images is more exact."""
    described = map_at(data, "currentCSVDesc")
    owned = refs_of(maps_at(described, "customresourcedefinitions.owned"))
    images = tuple(sorted(set(texts_at(described, "relatedImages"))))
    return Bundle(
        text_at(data, "currentCSV"),
        text_at(described, "version"),
        modes_of(at(described, "installModes")),
        owned,
        refs_of(maps_at(described, "customresourcedefinitions.required")),
        known.crds if known and known.crds else described_crds(owned),
        max_openshift_of(properties_of(text_map(at(described, "annotations")))) or (known.max_openshift if known else ""),
        known.images if known and known.images is not None else images or None,
    )


def is_stale(manifest: ApiObject, rendered: RenderedCatalog, channel: str) -> bool:
    """Whether the rendered catalog is not the one that is served: it lacks the head of the channel, or orders it otherwise."""
    package = rendered.packages.get(text_at(manifest, "status.packageName") or name_of(manifest))
    served = next((each for each in maps_at(manifest, "status.channels") if each.get("name") == channel), None)
    if package is None or served is None:
        return served is not None
    known = package.channels.get(channel)
    return known is None or known.head != text_at(served, "currentCSV")


# ---- as it was rendered ----------------------------------------------------------------------------------------------


def rendered_catalog(name: str, records: Iterable[Mapping[str, Any]], packages: Collection[str] = ()) -> RenderedCatalog:
    """A catalog from the records of `opm render`; only the named packages, where any are named."""
    kinds: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for record in records:
        schema = text_at(record, "schema")
        package = text_at(record, "name" if schema == _PACKAGE else "package")
        if schema in SCHEMAS and (not packages or package in packages):
            kinds.setdefault(package, {}).setdefault(schema, []).append(record)
    return RenderedCatalog(name, {package: _rendered_package(name, package, found) for package, found in sorted(kinds.items())})


def _rendered_package(catalog: str, name: str, records: Mapping[str, list[Mapping[str, Any]]]) -> Package:
    bundles = {bundle.name: bundle for bundle in map(_rendered_bundle, records.get(_BUNDLE, ()))}
    words = _deprecations(records.get(_DEPRECATIONS, ()))
    channels = {}
    for record in records.get(_CHANNEL, ()):
        channel = _rendered_channel(record, bundles, words)
        channels[channel.name] = channel
    default = next((text_at(record, "defaultChannel") for record in records.get(_PACKAGE, ())), "")
    return Package(name, catalog, default, dict(sorted(channels.items())), dict(sorted(bundles.items())), words.get((_PACKAGE, ""), ""))


def _deprecations(records: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """What is deprecated (schema, name), in the catalog's words."""
    return {
        (text_at(each, "reference.schema"), text_at(each, "reference.name")): text_at(each, "message")
        for record in records
        for each in maps_at(record, "entries")
    }


def _rendered_channel(record: Mapping[str, Any], bundles: Mapping[str, Bundle], words: Mapping[tuple[str, str], str]) -> Channel:
    entries = []
    for each in maps_at(record, "entries"):
        name = text_at(each, "name")
        version = bundles[name].version if name in bundles else ""
        skips, said = tuple(texts_at(each, "skips")), words.get((_BUNDLE, name), "")
        entries.append(Entry(name, version, text_at(each, "replaces"), skips, text_at(each, "skipRange"), said))
    name = text_at(record, "name")
    channel = Channel(name, "", tuple(entries), True, words.get((_CHANNEL, name), ""))
    order = ordered(channel)
    return channel if isinstance(order, Refusal) else replace(channel, head=order[0].name)


def _rendered_bundle(record: Mapping[str, Any]) -> Bundle:
    """A bundle: its CSV and CRDs where the record holds them, otherwise the metadata of its CSV."""
    properties = [(text_at(each, "type"), each.get("value")) for each in maps_at(record, "properties")]
    objects = [each for each in (_decoded(value) for kind, value in properties if kind == _OBJECT) if each]
    csv, crds = csv_among(objects), crds_among(objects)
    found = bundle_of(csv, crds) if csv else _described_bundle(properties)
    images = {text_at(each, "image") for each in maps_at(record, "relatedImages")} | {text_at(record, "image")} | set(found.images or ())
    version = next((text_at(value, "version") for kind, value in properties if kind == _PACKAGE), "")
    return replace(
        found,
        name=text_at(record, "name"),
        version=version or found.version,
        max_openshift=max_openshift_of(properties) or found.max_openshift,
        images=tuple(sorted(images - {""})),
    )


def _described_bundle(properties: Iterable[tuple[str, Any]]) -> Bundle:
    described: Any = next((value for kind, value in properties if kind == _METADATA), {})
    owned = refs_of(maps_at(described, "crdDescriptions.owned"))
    required = refs_of(maps_at(described, "crdDescriptions.required"))
    allowed = max_openshift_of(properties_of(text_map(at(described, "annotations"))))
    return Bundle("", "", modes_of(at(described, "installModes")), owned, required, described_crds(owned), allowed)


def _decoded(value: Any) -> dict[str, Any]:
    """An object of a bundle: JSON in base64."""
    try:
        found = json.loads(base64.b64decode(text_at(value, "data"), validate=True))
    except (ValueError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}


# ---- on its way to the module ----------------------------------------------------------------------------------------


def as_record(catalog: RenderedCatalog) -> JsonRecord:
    """A rendered catalog as plain data: what a controller has read travels to the module in this form."""
    record = asdict(catalog)
    for package in record["packages"].values():
        for bundle in package["bundles"].values():
            bundle["modes"] = None if bundle["modes"] is None else sorted(bundle["modes"])
    return record


def from_record(record: Mapping[str, Any]) -> RenderedCatalog:
    """A rendered catalog from its plain data."""
    packages = map_at(record, "packages")
    return RenderedCatalog(text_at(record, "name"), {name: _package_from(data) for name, data in sorted(packages.items())})


def _package_from(data: Mapping[str, Any]) -> Package:
    channels = {name: _channel_from(each) for name, each in sorted(map_at(data, "channels").items())}
    bundles = {name: _bundle_from(each) for name, each in sorted(map_at(data, "bundles").items())}
    return Package(data["name"], data["catalog"], data["default_channel"], channels, bundles, data["deprecated"])


def _channel_from(data: Mapping[str, Any]) -> Channel:
    entries = tuple(Entry(**{**each, "skips": tuple(each["skips"])}) for each in data["entries"])
    return Channel(**{**data, "entries": entries})


def _bundle_from(data: Mapping[str, Any]) -> Bundle:
    tupled = {
        "modes": None if data["modes"] is None else frozenset(data["modes"]),
        "owned": tuple(CrdRef(**each) for each in data["owned"]),
        "required": tuple(CrdRef(**each) for each in data["required"]),
        "crds": tuple(CrdVersions(**{**each, "versions": tuple(each["versions"])}) for each in data["crds"]),
        "images": None if data["images"] is None else tuple(data["images"]),
    }
    return Bundle(**{**data, **tupled})
