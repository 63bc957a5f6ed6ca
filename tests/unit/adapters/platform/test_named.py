# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that are read by name: of Secrets nothing but the names of their keys gets through."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.named import read_named
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named, NamedRead

from tests.unit.adapters.cluster.fake_api import FakeApi, Request, connected, refusal, reply

SECRET = Named("v1", "Secret", "ai-models", "s3")
BUNDLE = Named("v1", "ConfigMap", "openshift-config", "user-ca-bundle")
PACKAGE = Named("packages.operators.coreos.com/v1", "PackageManifest", "openshift-marketplace", "nfd", "redhat-operators")
VALUE = base64.b64encode(b"c4nary-value").decode()
KINDS = {"ConfigMap": "configmaps", "Secret": "secrets"}


def api_with(**answers: object) -> FakeApi:
    """A server with the core kinds and PackageManifests; answers are by the last part of the path."""
    api = FakeApi()

    def rule(request: Request) -> object:
        if request.path == "/api/v1":
            return reply({"resources": [{"kind": kind, "name": plural, "namespaced": True} for kind, plural in KINDS.items()]})
        if request.path == "/apis/packages.operators.coreos.com/v1":
            return reply({"resources": [{"kind": "PackageManifest", "name": "packagemanifests", "namespaced": True}]})
        return answers.get(request.path.rpartition("/")[2].replace("-", "_"))

    api.rules.append(rule)
    return api


def read(api: FakeApi, ref: Named) -> NamedRead:
    with connected(api) as connection:
        return read_named(connection, [ref])[ref]


def test_of_a_secret_only_the_names_of_its_keys_survive() -> None:
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": VALUE}
    secret = {"metadata": {"name": "s3", "namespace": "ai-models", "annotations": annotations}, "data": {"KEY_ID": VALUE, "BUCKET": VALUE}}
    found = read(api_with(s3=reply({**secret, "stringData": {"PLAIN": "c4nary-value"}})), SECRET)
    assert (found.state, found.keys) == ("read", ("BUCKET", "KEY_ID", "PLAIN"))
    assert "c4nary" not in repr(found)
    assert VALUE not in repr(found)


def test_secret_is_asked_for_by_its_name_and_never_listed() -> None:
    api = api_with(s3=reply({"metadata": {"name": "s3"}}))
    read(api, SECRET)
    assert [path for path in api.paths() if "secrets" in path] == ["/api/v1/namespaces/ai-models/secrets/s3"]


def test_config_map_is_read_with_its_content() -> None:
    found = read(api_with(user_ca_bundle=reply({"metadata": {"name": "user-ca-bundle"}, "data": {"ca-bundle.crt": "PEM"}})), BUNDLE)
    assert (found.state, found.keys) == ("read", ("ca-bundle.crt",))
    assert found.object is not None
    assert found.object["data"] == {"ca-bundle.crt": "PEM"}
    assert (found.object["apiVersion"], found.object["kind"]) == ("v1", "ConfigMap")


def test_package_manifest_is_the_one_of_its_catalog() -> None:
    api = api_with(packagemanifests=reply({"kind": "PackageManifestList", "items": [{"metadata": {"name": "nfd"}}]}))
    assert read(api, PACKAGE).state == "read"
    query = next(request.query for request in api.seen if request.path.endswith("/packagemanifests"))
    assert query == {"fieldSelector": "metadata.name=nfd", "labelSelector": "catalog=redhat-operators"}


def test_package_that_the_catalog_does_not_have_is_absent() -> None:
    found = read(api_with(packagemanifests=reply({"kind": "PackageManifestList", "items": []})), PACKAGE)
    assert (found.state, found.reason) == ("absent", "PackageManifest openshift-marketplace/nfd does not exist in catalog redhat-operators")


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (refusal(404, "NotFound", "not found"), "absent", "Secret ai-models/s3 does not exist"),
        (
            refusal(403, "Forbidden", 'User "u" cannot get resource "secrets" in API group "" in the namespace "ai-models"'),
            "forbidden",
            "Secret ai-models/s3: the account may not get secrets in ai-models",
        ),
        (refusal(500, "InternalError", "etcd broke"), "failed", "Secret ai-models/s3: etcd broke"),
    ],
)
def test_object_that_cannot_be_read_is_told_by_its_cause(answer: object, state: str, words: str) -> None:
    found = read(api_with(s3=answer), SECRET)
    assert (found.state, found.reason, found.object) == (state, words, None)


def test_kind_that_is_not_served_is_absent() -> None:
    found = read(api_with(), Named("example.com/v1", "Widget", "", "one"))
    assert (found.state, found.reason) == ("absent", "the cluster does not serve Widget of example.com/v1")
