# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File-based catalogs of operators, written from a small description."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.counterparts.cluster.client import Json

MODES = ("OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces")
ALL, OWN, SINGLE, MULTI = "AllNamespaces", "OwnNamespace", "SingleNamespace", "MultiNamespace"
UNREACHABLE = "registry.unreachable.example.com"
"""Images from there cannot be pulled on the nodes of the cluster."""


@dataclass(frozen=True, slots=True)
class OwnedCrd:
    """A definition that a bundle brings."""

    kind: str
    group: str
    versions: tuple[str, ...] = ("v1",)
    """all are served, the last one is stored"""
    scope: str = "Namespaced"

    @property
    def name(self) -> str:
        """Plural and group."""
        return f"{self.kind.lower()}s.{self.group}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """One version of an operator."""

    name: str
    """of its ClusterServiceVersion"""
    version: str
    modes: tuple[str, ...] = (ALL,)
    """the install modes that it supports"""
    owns: tuple[OwnedCrd, ...] = ()
    requires: tuple[OwnedCrd, ...] = ()
    """definitions that its ClusterServiceVersion names as required; nothing is done to install them"""
    needs_kinds: tuple[OwnedCrd, ...] = ()
    """dependencies that OLM resolves: the last version of each of these kinds"""
    needs_packages: Mapping[str, str] = field(default_factory=dict)
    """dependencies that OLM resolves: package to range of versions"""
    related_images: tuple[str, ...] = ()
    max_openshift: str = ""
    """the last minor version of OpenShift that it runs on"""
    deployments: Mapping[str, str] | None = None
    """deployment to image; None is one that is called as the package, from registry.example.com"""
    progress_seconds: int = 0
    """how long a deployment may take to come up; 0 is what Kubernetes takes, ten minutes"""
    unpacked_from: str = ""
    """the image that holds the bundle; empty is a bundle that lies in the catalog itself"""
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in a channel, with the edges that lead to it."""

    name: str
    """of the bundle"""
    replaces: str = ""
    skips: tuple[str, ...] = ()
    skip_range: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """An operator in all its versions."""

    name: str
    bundles: tuple[Bundle, ...]
    channels: Mapping[str, tuple[Entry, ...]]
    default_channel: str = ""
    """empty is the first one"""
    deprecated: Mapping[str, str] = field(default_factory=dict)
    """message by what is deprecated: `package`, `channel <name>` or `bundle <name>`"""

    def preferred_channel(self) -> str:
        """The one that is taken where none is asked for."""
        return self.default_channel or next(iter(self.channels))


@dataclass(frozen=True, slots=True)
class Catalog:
    """What one catalog source serves."""

    packages: tuple[Package, ...]


def chain(names: Sequence[str]) -> tuple[Entry, ...]:
    """A channel in which each replaces the one before it."""
    return tuple(Entry(name, replaces=before) for name, before in zip(names, ["", *names], strict=False))


def package(name: str, versions: Sequence[str] = ("1.0.0",), *, channel: str = "stable", modes: Sequence[str] = (ALL,)) -> Package:
    """A package of one channel, oldest version first; every version brings the definition of one and the same kind."""
    owns = (OwnedCrd(kind=name.replace("-", "").title(), group=f"{name}.example.com"),)
    bundles = tuple(Bundle(f"{name}.v{version}", version, tuple(modes), owns) for version in versions)
    return Package(name, bundles, {channel: chain([each.name for each in bundles])})


def write_catalog(catalog: Catalog, folder: Path) -> Path:
    """Writes the folder that `opm serve` and `opm render` take; a file a package."""
    folder.mkdir(parents=True)
    for each in catalog.packages:
        lines = [json.dumps(blob, separators=(",", ":")) for blob in blobs(each)]
        (folder / f"{each.name}.json").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def blobs(each: Package) -> Iterator[Json]:
    """What a catalog says of a package: itself, its channels, its bundles, and what of them is deprecated."""
    yield {"schema": "olm.package", "name": each.name, "defaultChannel": each.preferred_channel()}
    for name, entries in each.channels.items():
        yield {"schema": "olm.channel", "package": each.name, "name": name, "entries": [_entry(entry) for entry in entries]}
    for bundle in each.bundles:
        yield _bundle(each.name, bundle)
    if each.deprecated:
        said = [{"reference": _reference(what), "message": message} for what, message in each.deprecated.items()]
        yield {"schema": "olm.deprecations", "package": each.name, "entries": said}


def _reference(what: str) -> Json:
    schema, _blank, name = what.partition(" ")
    return {"schema": f"olm.{schema}", **({"name": name} if name else {})}


def _entry(entry: Entry) -> Json:
    said = {"name": entry.name, "replaces": entry.replaces, "skips": list(entry.skips), "skipRange": entry.skip_range}
    return {key: value for key, value in said.items() if value}


def _bundle(package_name: str, bundle: Bundle) -> Json:
    manifests = [csv_of(package_name, bundle), *map(crd_of, bundle.owns)]
    properties: list[Json] = [{"type": "olm.package", "value": {"packageName": package_name, "version": bundle.version}}]
    properties += [{"type": "olm.gvk", "value": _gvk(crd, version)} for crd in bundle.owns for version in crd.versions]
    properties += [{"type": "olm.gvk.required", "value": _gvk(crd, crd.versions[-1])} for crd in bundle.needs_kinds]
    for needed, versions in bundle.needs_packages.items():
        properties.append({"type": "olm.package.required", "value": {"packageName": needed, "versionRange": versions}})
    if bundle.max_openshift:
        properties.append({"type": "olm.maxOpenShiftVersion", "value": bundle.max_openshift})
    properties += [{"type": "olm.bundle.object", "value": {"data": _encoded(each)}} for each in manifests]
    return {
        "schema": "olm.bundle",
        "package": package_name,
        "name": bundle.name,
        "image": bundle.unpacked_from,
        "properties": properties,
        "relatedImages": [{"name": f"image-{number}", "image": image} for number, image in enumerate(bundle.related_images)],
    }


def _gvk(crd: OwnedCrd, version: str) -> Json:
    return {"group": crd.group, "kind": crd.kind, "version": version}


def _encoded(manifest: Json) -> str:
    return base64.b64encode(json.dumps(manifest, separators=(",", ":")).encode()).decode()


def crd_of(crd: OwnedCrd) -> Json:
    """The definition; its schema is open."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    versions = [
        {"name": name, "served": True, "storage": name == crd.versions[-1], "schema": schema, "subresources": {"status": {}}}
        for name in crd.versions
    ]
    plural, _dot, _group = crd.name.partition(".")
    names = {"kind": crd.kind, "listKind": f"{crd.kind}List", "plural": plural, "singular": crd.kind.lower()}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": crd.name},
        "spec": {"group": crd.group, "scope": crd.scope, "names": names, "versions": versions},
    }


def csv_of(package_name: str, bundle: Bundle) -> Json:
    """The ClusterServiceVersion: deployments that run under an account with a few rights."""
    usual = {package_name: f"registry.example.com/{package_name}:{bundle.version}"}
    deployments = usual if bundle.deployments is None else bundle.deployments
    rules = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]
    properties = json.dumps([{"type": "olm.maxOpenShiftVersion", "value": bundle.max_openshift}])
    annotations = {"olm.properties": properties} if bundle.max_openshift else {}
    spec: Json = {
        "displayName": package_name,
        "version": bundle.version,
        "installModes": [{"type": mode, "supported": mode in bundle.modes} for mode in MODES],
        "customresourcedefinitions": {
            "owned": [_described(crd, version) for crd in bundle.owns for version in crd.versions],
            "required": [_described(crd, crd.versions[-1]) for crd in bundle.requires],
        },
        "install": {
            "strategy": "deployment",
            "spec": {
                "permissions": [{"serviceAccountName": package_name, "rules": rules}],
                "deployments": [
                    {"name": name, "spec": _deployment(name, image, package_name, bundle.progress_seconds)}
                    for name, image in deployments.items()
                ],
            },
        },
        "relatedImages": [{"name": f"image-{number}", "image": image} for number, image in enumerate(bundle.related_images)],
    }
    return {
        "apiVersion": "operators.coreos.com/v1alpha1",
        "kind": "ClusterServiceVersion",
        "metadata": {"name": bundle.name, "annotations": {**annotations, **bundle.annotations}},
        "spec": spec,
    }


def _described(crd: OwnedCrd, version: str) -> Json:
    return {"name": crd.name, "version": version, "kind": crd.kind, "displayName": crd.kind, "description": crd.kind}


def _deployment(name: str, image: str, account: str, progress_seconds: int) -> Json:
    labels = {"app": name}
    pod = {"serviceAccountName": account, "containers": [{"name": "manager", "image": image}]}
    spec: Json = {"replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
    return spec | ({"progressDeadlineSeconds": progress_seconds} if progress_seconds else {})
