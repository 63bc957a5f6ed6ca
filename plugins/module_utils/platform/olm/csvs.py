# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a ClusterServiceVersion says of its operator, and what an InstallPlan brings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...target.objects import annotations_of, at, id_of, labels_of, map_at, maps_at, name_of, text_at, texts_at
from .model import CSV_COPIED_LABEL, Bundle, CrdRef, CrdVersions
from .versions import minor_of

PROPERTIES: Final = "operatorframework.io/properties"
"""Annotation in which OLM projects a bundle's properties onto its CSV."""

AUTHOR_PROPERTIES: Final = "olm.properties"
"""Annotation in which the author of a CSV gives properties; tools that build catalogs turn them into properties of the bundle."""

MAX_OPENSHIFT: Final = "olm.maxOpenShiftVersion"
PACKAGE: Final = "olm.package"
COPIED_REASON: Final = "Copied"

_CSV, _CRD, _CONFIG_MAP = "ClusterServiceVersion", "CustomResourceDefinition", "ConfigMap"


# ---- one CSV ---------------------------------------------------------------------------------------------------------


def is_copied(csv: ApiObject) -> bool:
    """Whether it is a copy that OLM made in another namespace: nothing is ever concluded from one."""
    return CSV_COPIED_LABEL in labels_of(csv) or text_at(csv, "status.reason") == COPIED_REASON


def modes_of(entries: Any) -> frozenset[str] | None:
    """The install modes that a list of `installModes` supports; None where there is no such list."""
    if not isinstance(entries, list):
        return None
    return frozenset(str(entry.get("type")) for entry in entries if isinstance(entry, Mapping) and entry.get("supported") is True)


def refs_of(entries: Iterable[Mapping[str, Any]]) -> tuple[CrdRef, ...]:
    """Kinds that a CSV owns or requires."""
    return tuple(sorted({CrdRef(str(each.get("name", "")), str(each.get("version", "")), str(each.get("kind", ""))) for each in entries}))


def owned_names(csv: ApiObject) -> tuple[str, ...]:
    """Names of the CRDs that a CSV owns, sorted."""
    return tuple(sorted({text_at(each, "name") for each in maps_at(csv, "spec.customresourcedefinitions.owned")} - {""}))


def described_crds(refs: Iterable[CrdRef]) -> tuple[CrdVersions, ...]:
    """CRDs as far as a CSV tells of them: versions that it does not name may exist."""
    versions: dict[str, set[str]] = {}
    for ref in refs:
        versions.setdefault(ref.name, set()).add(ref.version)
    return tuple(CrdVersions(name, tuple(sorted(found)), exact=False) for name, found in sorted(versions.items()))


def crd_versions(crd: ApiObject) -> CrdVersions:
    """The versions that a CustomResourceDefinition has."""
    found = [text_at(each, "name") for each in maps_at(crd, "spec.versions")] or [text_at(crd, "spec.version")]
    return CrdVersions(name_of(crd), tuple(sorted(filter(None, found))))


def images_of(csv: ApiObject) -> tuple[str, ...]:
    """Every image that a CSV names: related images, those of its deployments, and those that it hands over in variables."""
    found = {text_at(each, "image") for each in maps_at(csv, "spec.relatedImages")}
    for deployment in maps_at(csv, "spec.install.spec.deployments"):
        pod = map_at(deployment, "spec.template.spec")
        for container in (*maps_at(pod, "initContainers"), *maps_at(pod, "containers")):
            found.add(text_at(container, "image"))
            found |= {text_at(each, "value") for each in maps_at(container, "env") if text_at(each, "name").startswith("RELATED_IMAGE_")}
    return tuple(sorted(found - {""}))


def bundle_of(csv: ApiObject, crds: Sequence[ApiObject] = ()) -> Bundle:
    """What a CSV and the CRDs of its bundle tell."""
    owned = refs_of(maps_at(csv, "spec.customresourcedefinitions.owned"))
    return Bundle(
        name_of(csv),
        text_at(csv, "spec.version"),
        modes_of(at(csv, "spec.installModes")),
        owned,
        refs_of(maps_at(csv, "spec.customresourcedefinitions.required")),
        tuple(sorted(crd_versions(crd) for crd in crds)) or described_crds(owned),
        max_openshift(csv),
        images_of(csv),
    )


# ---- properties ------------------------------------------------------------------------------------------------------


def properties_of(annotations: Mapping[str, str]) -> tuple[tuple[str, Any], ...]:
    """The properties of a CSV as pairs of type and value, those that OLM has projected before those of the author."""
    for name in (PROPERTIES, AUTHOR_PROPERTIES):
        given = _json(annotations.get(name, ""))
        listed = given.get("properties") if isinstance(given, Mapping) else given
        if isinstance(listed, list):
            return tuple((str(each.get("type")), each.get("value")) for each in listed if isinstance(each, Mapping))
    return ()


def max_openshift_of(properties: Iterable[tuple[str, Any]]) -> str:
    """The last OpenShift minor that properties allow, such as 4.21; empty where they name none, their own text where it is no minor."""
    texts = [str(value).strip().strip('"') or '""' for kind, value in properties if kind == MAX_OPENSHIFT]
    minor = minor_of(texts[0]) if len(texts) == 1 and texts[0].removesuffix(".0").count(".") == 1 else None
    return f"{minor[0]}.{minor[1]}" if minor else " and ".join(texts)


def max_openshift(csv: ApiObject) -> str:
    """The last OpenShift minor that a CSV allows; empty where it names none, which allows all."""
    return max_openshift_of(properties_of(annotations_of(csv)))


def package_name(csv: ApiObject) -> str:
    """The package that a CSV was installed from; empty where OLM has not written it down."""
    for kind, value in properties_of(annotations_of(csv)):
        if kind == PACKAGE and isinstance(value, Mapping):
            return str(value.get("packageName", ""))
    return ""


# ---- an InstallPlan --------------------------------------------------------------------------------------------------


def plan_csvs(plan: ApiObject) -> tuple[str, ...]:
    """CSVs that an InstallPlan brings, sorted."""
    return tuple(sorted(texts_at(plan, "spec.clusterServiceVersionNames")))


def plan_subscriptions(plan: ApiObject) -> tuple[tuple[str, str], ...]:
    """Subscriptions (name, package) that a plan makes by itself: those of dependencies that nobody has subscribed to."""
    steps = [step for step in maps_at(plan, "status.plan") if text_at(step, "resource.kind") == "Subscription"]
    manifests = [(text_at(step, "resource.name"), _json(text_at(step, "resource.manifest"))) for step in steps]
    return tuple(sorted((name, text_at(manifest, "spec.name")) for name, manifest in manifests if isinstance(manifest, dict)))


def plan_crds(plan: ApiObject) -> tuple[str, ...]:
    """Names of the CRDs that a plan brings, whether their manifests can be read or not."""
    return tuple(
        sorted({text_at(step, "resource.name") for step in maps_at(plan, "status.plan") if text_at(step, "resource.kind") == _CRD})
    )


def unpacked_refs(plan: ApiObject) -> tuple[tuple[str, str], ...]:
    """ConfigMaps (namespace, name) with unpacked bundles to which the steps of a plan point instead of holding manifests."""
    return tuple(sorted({ref for ref in map(_reference, maps_at(plan, "status.plan")) if ref}))


def _reference(step: ApiObject) -> tuple[str, str] | None:
    given = _json(text_at(step, "resource.manifest"))
    if not isinstance(given, Mapping) or given.get("kind") != _CONFIG_MAP or not given.get("catalogSourceName"):
        return None
    return str(given.get("namespace", "")), str(given.get("name", ""))


def plan_objects(plan: ApiObject, unpacked: Mapping[str, ApiObject], csv: str) -> tuple[tuple[ApiObject, ...], bool]:
    """Manifests that a plan has for one of its CSVs, and whether these are all of them.

    `unpacked` has ConfigMaps by namespace/name, made readable: their manifests are JSON.
    """
    found: dict[tuple[str, str], ApiObject] = {}
    complete = True
    for step in maps_at(plan, "status.plan"):
        if text_at(step, "resolving") != csv:
            continue
        reference = _reference(step)
        wanted = (text_at(step, "resource.kind"), text_at(step, "resource.name"))
        if reference is None:
            manifest = _json(text_at(step, "resource.manifest"))
            at_hand = {wanted: manifest} if isinstance(manifest, Mapping) else {}
        else:
            config_map = unpacked.get("/".join(reference))
            at_hand = {(text_at(each, "kind"), name_of(each)): each for each in unpacked_manifests(config_map)} if config_map else {}
        if wanted in at_hand:
            found[wanted] = at_hand[wanted]
        elif wanted[0] in (_CSV, _CRD):
            complete = False
    return tuple(found[key] for key in sorted(found)), complete and bool(found)


def unpacked_manifests(config_map: ApiObject) -> tuple[ApiObject, ...]:
    """The manifests of an unpacked bundle, which are JSON once the ConfigMap has been made readable."""
    data = map_at(config_map, "data")
    found = [each for each in (_json(str(data[name])) for name in sorted(data)) if isinstance(each, dict) and each.get("kind")]
    return tuple(sorted(found, key=lambda each: (str(each["kind"]), id_of(each))))


def csv_among(objects: Iterable[ApiObject]) -> ApiObject | None:
    """The CSV among the manifests of a bundle."""
    return next((each for each in objects if text_at(each, "kind") == _CSV), None)


def crds_among(objects: Iterable[ApiObject]) -> tuple[ApiObject, ...]:
    """The CRDs among the manifests of a bundle."""
    return tuple(each for each in objects if text_at(each, "kind") == _CRD)


def _json(text: str) -> Any:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
