# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform of a real API server read: pods folded, requests independent of the number of namespaces, secrets by name alone."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.artifacts import ArtifactReader
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.named import read_named
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.reader import read_snapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.checks import LAYERS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readings import RESOURCES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named

from tests.benchmarks.platform import fill
from tests.counterparts.cluster import wait_until
from tests.integration.platform_site import READER, WRITING_PARTS, Site, may, secret_files, tried_site

Json = dict[str, Any]
VALUE = "c4nary-of-a-secret"
S3 = Named("v1", "Secret", "ai-models", "s3")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with tried_site(tmp_path_factory) as found:
        found.apply_all()
        yield found


def lists(site: Site) -> Mapping[str, int]:
    """Lists by kind that the last run asked for."""
    calls = site.last.read_calls if site.last else ()
    return Counter(call.kind for call in calls if call.verb == "list")


def test_all_parts_are_verified_with_one_list_of_each_kind_and_nothing_is_written(site: Site) -> None:
    result = site.run("preflight", "verify", READER)
    assert site.last is not None
    assert site.last.writes == 0
    assert result.failure is None, result.failure
    found = lists(site)
    record = found.pop("configmaps")
    assert record <= 5, "the records of what was applied, and the ConfigMaps of the collection"
    assert set(found.values()) == {1}
    served = {f"{resource.plural}.{resource.group}".removesuffix(".") for resource in RESOURCES}
    assert set(found) <= served | {"packagemanifests.packages.operators.coreos.com"}


def test_requests_are_the_same_for_twenty_and_for_two_hundred_namespaces(site: Site) -> None:
    fill(site.cluster, 0, 20, 40)
    few = site.run("preflight", "verify", READER)
    asked_few = lists(site)
    fill(site.cluster, 0, 200, 0, begin=20)
    many = site.run("preflight", "verify", READER)
    assert many.calls == few.calls
    assert lists(site) == asked_few


def test_only_the_sums_of_pods_are_kept(site: Site) -> None:
    pod = {
        "metadata": {"name": "trainer"},
        "spec": {
            "nodeName": "gpu-0",
            "automountServiceAccountToken": False,
            "containers": [{"name": "main", "image": "i", "resources": {"limits": {"nvidia.com/gpu": "2"}}}],
        },
    }
    site.cluster.client.post("/api/v1/namespaces/ai-models/serviceaccounts", {"metadata": {"name": "default"}})
    site.cluster.client.post("/api/v1/namespaces/ai-models/pods", pod)
    with site.connection(READER) as connection:
        snapshot = read_snapshot(connection)
    assert snapshot.pods is not None
    assert snapshot.pods.requested["gpu-0"] == {"nvidia.com/gpu": 2}
    holders = [(one.namespace, one.name, dict(one.devices)) for one in snapshot.pods.device_pods if one.node == "gpu-0"]
    assert holders == [("ai-models", "trainer", {"nvidia.com/gpu": 2})]
    assert snapshot.all("pods") == ()


def test_secret_is_read_by_its_name_with_a_role_that_names_it_and_only_its_keys_get_through(site: Site) -> None:
    data = {"AWS_S3_BUCKET": base64.b64encode(VALUE.encode()).decode()}
    site.cluster.client.post("/api/v1/namespaces/ai-models/secrets", {"metadata": {"name": "s3"}, "data": data})
    with site.connection(READER) as connection:
        refused = read_named(connection, [S3])[S3]
    assert refused.state == "forbidden"
    assert "may not get secrets in ai-models" in refused.reason
    site.cluster.apply(secret_files(READER))
    client = site.cluster.with_token(site.tokens[READER])
    wait_until("the right is known", lambda: client.request("GET", "/api/v1/namespaces/ai-models/secrets/s3").status == 200)
    with site.connection(READER) as connection:
        found = read_named(connection, [S3])[S3]
    assert (found.state, found.keys) == ("read", ("AWS_S3_BUCKET",))
    assert data["AWS_S3_BUCKET"] not in repr(found)
    for verb in ("list", "watch"):
        assert not may(site.cluster, site.tokens[READER], verb, "", "secrets", "ai-models")


def test_artifact_holds_no_secret_and_every_line_has_its_place(site: Site) -> None:
    for part in WRITING_PARTS:
        result = site.run(part, "verify", READER)
        text = Path(result.artifact.path).read_text(encoding="utf-8")
        assert VALUE not in text
        assert base64.b64encode(VALUE.encode()).decode() not in text
        kinds = Counter(record["kind"] for record in ArtifactReader(Path(result.artifact.path), "platform"))
        assert kinds["cluster"] == 1
        assert kinds["layer"] == len(LAYERS)
        assert kinds["finding"] == len(result.findings)
