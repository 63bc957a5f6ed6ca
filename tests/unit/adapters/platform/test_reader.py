# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a cluster: a list for each resource, what cannot be read told apart, and which kinds there are."""

from __future__ import annotations

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.reader import read_snapshot
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readings import BY_ID, RESOURCES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import PlatformSnapshot

from tests.unit.adapters.cluster.fake_api import KUBE_SYSTEM_UID, LOST, FakeApi, connected, refusal
from tests.unit.adapters.platform.platform_api import named, path_of, platform_api

FLAVORS = "resourceflavors.kueue.x-k8s.io"
EXPIRED = refusal(410, "Expired", "The provided continue parameter is too old")


def look(api: FakeApi, page_size: int = 500) -> PlatformSnapshot:
    with connected(api) as connection:
        return read_snapshot(connection, page_size=page_size)


def test_every_resource_is_read_with_one_list_and_no_secret_is_among_them() -> None:
    api = platform_api()
    snapshot = look(api)
    assert snapshot.known(*BY_ID)
    # Beside the lists: version, discovery of the groups and of the core group.
    assert len(api.seen) == len(RESOURCES) + 3
    assert not any("secret" in path or "packagemanifest" in path for path in api.paths())


def test_cluster_is_told_by_its_version_object() -> None:
    version = named("version", spec={"clusterID": "c1"}, status={"history": [{"state": "Completed", "version": "4.21.3"}]})
    facts = look(platform_api(clusterversions=[version])).cluster
    assert (facts.id, facts.openshift_version, facts.next_minor, facts.kubernetes_version) == ("c1", "4.21.3", "4.22", "1.34.4")
    assert (facts.olm_v0, facts.olm_v1) == (True, True)


def test_cluster_without_olm_and_without_a_version_object_is_told_by_its_namespace() -> None:
    api = platform_api()
    api.objects["/api/v1/namespaces"] = [{"metadata": {"name": "kube-system", "uid": KUBE_SYSTEM_UID}}]
    api.served -= {name for name in api.served if name.endswith(("operators.coreos.com", "olm.operatorframework.io"))}
    snapshot = look(api)
    assert (snapshot.cluster.id, snapshot.cluster.olm_v0, snapshot.cluster.olm_v1) == (KUBE_SYSTEM_UID, False, False)
    assert snapshot.none_there("subscriptions.operators.coreos.com")


def test_objects_of_a_list_bear_the_version_that_was_asked_for() -> None:
    api = platform_api()
    api.versions[FLAVORS] = "v1beta1"
    api.objects["/apis/kueue.x-k8s.io/v1beta1/resourceflavors"] = [named("h100")]
    snapshot = look(api)
    assert snapshot.all(FLAVORS)[0]["apiVersion"] == "kueue.x-k8s.io/v1beta1"
    assert snapshot.all(FLAVORS)[0]["kind"] == "ResourceFlavor"
    assert snapshot.version_of("kueue.x-k8s.io", "ResourceFlavor", "v1beta2", "v1beta1") == "v1beta1"


def test_scope_and_versions_are_those_of_the_server() -> None:
    snapshot = look(platform_api())
    assert snapshot.scope("nvidia.com", "ClusterPolicy") == "Cluster"
    assert snapshot.scope("amd.com", "DeviceConfig") == "Namespaced"
    assert snapshot.scope("example.com", "Widget") == ""


def test_a_server_that_lists_groups_one_by_one_tells_the_same() -> None:
    api = platform_api()
    api.aggregated = False
    snapshot = look(api)
    assert snapshot.known(*BY_ID)


@pytest.mark.parametrize(
    ("reply", "state", "words"),
    [
        (refusal(403, "Forbidden", "no"), "forbidden", f"the account may not list {FLAVORS}"),
        (refusal(404, "NotFound", "gone"), "absent", f"the cluster does not serve {FLAVORS}"),
        (refusal(503, "ServiceUnavailable", "later"), "failed", f"{FLAVORS} could not be read: later"),
        (LOST, "failed", f"{FLAVORS} could not be read: the connection was lost (in each of 5 attempts)"),
    ],
)
def test_list_that_cannot_be_read_is_told_by_its_cause(reply: object, state: str, words: str) -> None:
    api = platform_api()
    api.always(path_of(FLAVORS), reply)
    snapshot = look(api)
    assert snapshot.listed[FLAVORS].state == state
    assert snapshot.listed[FLAVORS].reason == words
    assert snapshot.known(FLAVORS) is (state == "absent")
    assert snapshot.known("nodes")


def test_list_that_the_server_forgot_is_begun_anew_and_counted_once() -> None:
    api = platform_api(resourceflavors=[named(f"f{number}") for number in range(25)])
    expired = [EXPIRED]
    api.rules.append(lambda request: expired.pop() if expired and request.query.get("continue") == "token-20" else None)
    assert len(look(api, 10).all(FLAVORS)) == 25


def test_copied_csvs_are_never_asked_for() -> None:
    api = platform_api()
    look(api)
    query = next(request.query for request in api.seen if request.path == path_of("clusterserviceversions.operators.coreos.com"))
    assert query["labelSelector"] == "!olm.copiedFrom"


def test_server_that_is_not_there_is_an_error() -> None:
    api = platform_api()
    api.rules.append(lambda _request: LOST)
    with pytest.raises(ReadinessError):
        look(api)


def test_a_further_look_at_one_list_asks_for_nothing_else() -> None:
    api = platform_api()
    with connected(api) as connection:
        snapshot = read_snapshot(connection, [BY_ID[FLAVORS]], facts=False)
    assert path_of(FLAVORS) in api.paths()
    assert len(api.seen) == 3
    assert not snapshot.known("nodes")
