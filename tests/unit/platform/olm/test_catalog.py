# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages from what a cluster serves and from rendered catalogs, and what CSVs and plans tell."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.catalog import (
    as_record,
    from_record,
    is_stale,
    package_of,
    rendered_catalog,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.csvs import (
    bundle_of,
    images_of,
    max_openshift,
    plan_objects,
    unpacked_manifests,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.olm.model import CrdRef, CrdVersions

from .builders import CRD_NAME, MARKET, crd, csv, item, manifest, plan

V1, V2 = "alpha-operator.v1.0.0", "alpha-operator.v2.0.0"


def encoded(data: Any) -> str:
    """JSON in base64, as a bundle's objects are."""
    return base64.b64encode(json.dumps(data).encode()).decode()


def rendered(name: str = V2) -> list[dict[str, Any]]:
    """What `opm render` writes of a package: one bundle with its objects, one with the metadata of its CSV."""
    described = {
        "annotations": {"olm.properties": json.dumps([{"type": "olm.maxOpenShiftVersion", "value": "4.21"}])},
        "installModes": [{"type": "OwnNamespace", "supported": True}, {"type": "AllNamespaces", "supported": False}],
        "crdDescriptions": {"owned": [{"name": CRD_NAME, "version": "v1", "kind": "Alpha"}]},
    }
    objects = [csv(name), crd(versions=("v1", "v2"))]
    return [
        {"schema": "olm.package", "name": "alpha-operator", "defaultChannel": "stable"},
        {
            "schema": "olm.channel",
            "package": "alpha-operator",
            "name": "stable",
            "entries": [{"name": V1}, {"name": name, "replaces": V1, "skips": ["x"], "skipRange": "<2.0.0"}],
        },
        {
            "schema": "olm.bundle",
            "package": "alpha-operator",
            "name": V1,
            "image": "registry.example.com/bundle:1",
            "relatedImages": [{"name": "", "image": "registry.example.com/operator:1"}],
            "properties": [
                {"type": "olm.package", "value": {"packageName": "alpha-operator", "version": "1.0.0"}},
                {"type": "olm.csv.metadata", "value": described},
            ],
        },
        {
            "schema": "olm.bundle",
            "package": "alpha-operator",
            "name": name,
            "image": "",
            "properties": [
                {"type": "olm.package", "value": {"packageName": "alpha-operator", "version": "2.0.0"}},
                {"type": "olm.maxOpenShiftVersion", "value": "4.22"},
                *({"type": "olm.bundle.object", "value": {"data": encoded(each)}} for each in objects),
                {"type": "olm.bundle.object", "value": {"data": "not base64!"}},
            ],
        },
        {"schema": "olm.package", "name": "other", "defaultChannel": ""},
        {
            "schema": "olm.deprecations",
            "package": "alpha-operator",
            "entries": [{"reference": {"schema": "olm.bundle", "name": V1}, "message": "use 2"}],
        },
        {"schema": "something.else", "package": "alpha-operator"},
    ]


def test_a_rendered_catalog_has_graph_bundles_and_deprecations() -> None:
    package = rendered_catalog("demo", rendered(), ["alpha-operator"]).packages["alpha-operator"]
    channel = package.channels["stable"]
    assert (channel.head, channel.edges_known, package.default_channel) == (V2, True, "stable")
    first, second = channel.entries
    assert (first.version, first.deprecated) == ("1.0.0", "use 2")
    assert (second.replaces, second.skips, second.skip_range) == (V1, ("x",), "<2.0.0")
    old, new = package.bundles[V1], package.bundles[V2]
    assert old.modes == {"OwnNamespace"}
    assert old.crds == (CrdVersions(CRD_NAME, ("v1",), exact=False),)
    assert old.images == ("registry.example.com/bundle:1", "registry.example.com/operator:1")
    assert (old.max_openshift, new.max_openshift) == ("4.21", "4.22")
    assert new.modes == {"AllNamespaces"}
    assert new.crds == (CrdVersions(CRD_NAME, ("v1", "v2")),)


def test_only_packages_that_are_asked_for_are_read() -> None:
    assert set(rendered_catalog("demo", rendered(), ["alpha-operator"]).packages) == {"alpha-operator"}
    assert set(rendered_catalog("demo", rendered()).packages) == {"alpha-operator", "other"}


def test_a_catalog_travels_as_plain_data() -> None:
    catalog = rendered_catalog("demo", rendered())
    assert from_record(json.loads(json.dumps(as_record(catalog)))) == catalog


def test_a_served_package_has_modes_of_its_heads_and_names_without_edges() -> None:
    package = package_of(manifest({"stable": [V2, V1]}, ("OwnNamespace",), images=("i",)))
    channel = package.channels["stable"]
    assert (channel.head, channel.edges_known) == (V2, False)
    assert package.channels_with(V1) == ("stable",)
    head = package.head("stable")
    assert head is not None
    assert (head.modes, head.images, head.owned) == ({"OwnNamespace"}, ("i",), (CrdRef(CRD_NAME, "v1", "Alpha"),))
    assert package.head("fast") is None


def test_the_rendered_catalog_adds_edges_and_what_older_bundles_bring() -> None:
    package = package_of(manifest({"stable": [V2, V1]}), rendered_catalog("demo", rendered()))
    assert package.channels["stable"].edges_known
    assert package.bundles[V1].modes == {"OwnNamespace"}
    assert package.bundles[V2].crds == (CrdVersions(CRD_NAME, ("v1", "v2")),)


def test_a_rendered_catalog_with_another_head_is_stale_and_lends_no_edges() -> None:
    catalog = rendered_catalog("demo", rendered())
    served = manifest({"stable": ["alpha-operator.v3.0.0", V2]})
    assert is_stale(served, catalog, "stable")
    assert not package_of(served, catalog).channels["stable"].edges_known
    assert not is_stale(manifest({"stable": [V2]}), catalog, "stable")
    assert is_stale(manifest({"fast": [V2]}), catalog, "fast")


# ---- CSVs and plans --------------------------------------------------------------------------------------------------


def test_images_of_a_csv_are_related_ones_those_of_deployments_and_those_in_variables() -> None:
    containers = [{"image": "b", "env": [{"name": "RELATED_IMAGE_X", "value": "c"}, {"name": "OTHER", "value": "d"}]}]
    found = csv(images=("a",))
    found["spec"]["install"]["spec"]["deployments"] = [
        {"name": "x", "spec": {"template": {"spec": {"containers": containers, "initContainers": [{"image": "e"}]}}}}
    ]
    assert images_of(found) == ("a", "b", "c", "e")


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({"olm.properties": '[{"type": "olm.maxOpenShiftVersion", "value": "4.20"}]'}, "4.20"),
        ({"operatorframework.io/properties": '{"properties": [{"type": "olm.maxOpenShiftVersion", "value": "\\"4.20\\""}]}'}, "4.20"),
        ({"olm.properties": "broken"}, ""),
        ({}, ""),
    ],
)
def test_properties_are_read_from_both_annotations(annotations: dict[str, str], expected: str) -> None:
    assert max_openshift(item("a/v1", "ClusterServiceVersion", "x", "y", annotations=annotations)) == expected


def test_a_bundle_of_a_csv_alone_knows_only_the_versions_that_the_csv_names() -> None:
    assert bundle_of(csv()).crds == (CrdVersions(CRD_NAME, ("v1",), exact=False),)
    assert bundle_of(csv(), [crd(versions=("v2", "v1"))]).crds == (CrdVersions(CRD_NAME, ("v1", "v2")),)


def test_an_unpacked_bundle_gives_its_manifests() -> None:
    texts = {"csv.json": json.dumps(csv()), "note.yaml": "kind: Alpha", "list.json": "[]"}
    found = unpacked_manifests(item("v1", "ConfigMap", "abc", MARKET, data=texts))
    assert [each["metadata"]["name"] for each in found] == [V1]


def test_manifests_of_a_plan_are_those_of_the_csv_asked_for() -> None:
    other = csv("other.v1.0.0", package="other")
    made = plan(csv(), crd(), other, crd("others.example.com"))
    objects, complete = plan_objects(made, {}, V1)
    assert [each["metadata"]["name"] for each in objects] == [V1, CRD_NAME]
    assert complete
    assert plan_objects(made, {}, "unknown") == ((), False)
