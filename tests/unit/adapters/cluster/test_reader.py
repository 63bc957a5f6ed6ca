# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a target: what the server has, page by page, and what becomes of lists that cannot be read."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.reader import read_target
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.cluster.transport import Trouble
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError
from ansible_collections.groundwork.readiness.plugins.module_utils.target.readings import RESOURCES

from tests.unit.adapters.cluster.fake_api import KUBE_SYSTEM_UID, LOST, FakeApi, Reply, connected, path_of, refusal, reply

NODES, PODS = "/api/v1/nodes", "/api/v1/pods"
PLANS = "plans.forklift.konveyor.io"
CLASSES = "storageclasses.storage.k8s.io"
EXPIRED = refusal(410, "Expired", "The provided continue parameter is too old")


def nodes(count: int) -> list[dict[str, Any]]:
    return [{"metadata": {"name": f"node-{number:03}", "uid": f"uid-{number}"}, "status": {}} for number in range(count)]


def read(api: FakeApi, page_size: int = 500, **changes: Any) -> list[dict[str, Any]]:
    with connected(api, **changes) as connection:
        return list(read_target(connection, page_size))


def reading(records: list[dict[str, Any]], resource: str) -> dict[str, Any]:
    return next(record for record in records if (record["kind"], record["id"]) == ("reading", resource))


def test_everything_is_read_with_one_list_each() -> None:
    api = FakeApi()
    records = read(api)
    assert {record["state"] for record in records if record["kind"] == "reading"} == {"read"}
    assert len(api.seen) == len(RESOURCES) + 2
    assert {request.method for request in api.seen} == {"GET"}
    cluster = records[0]
    assert (cluster["kind"], cluster["id"], cluster["kubernetes_version"]) == ("cluster", KUBE_SYSTEM_UID, "1.34.4")
    assert [(record["kind"], record["id"]) for record in records] == sorted((record["kind"], record["id"]) for record in records)


def test_long_lists_come_page_by_page() -> None:
    api = FakeApi({NODES: nodes(25)})
    records = read(api, 10)
    assert reading(records, "nodes")["count"] == 25
    assert sum(record["kind"] == "node" for record in records) == 25
    asked = [request.query for request in api.seen if request.path == NODES]
    assert [query.get("continue") for query in asked] == [None, "token-10", "token-20"]
    assert {query["limit"] for query in asked} == {"10"}


def test_pods_that_ended_are_not_asked_for() -> None:
    api = FakeApi()
    read(api)
    query = next(request.query for request in api.seen if request.path == PODS)
    assert query["fieldSelector"] == "status.phase!=Succeeded,status.phase!=Failed"


def test_a_list_that_the_server_forgot_is_begun_anew_and_counted_once() -> None:
    api = FakeApi({NODES: nodes(25)})
    expired = [EXPIRED]
    api.rules.append(lambda request: expired.pop() if expired and request.query.get("continue") == "token-20" else None)
    records = read(api, 10)
    assert reading(records, "nodes")["count"] == 25
    assert [request.query.get("continue") for request in api.seen if request.path == NODES] == [
        *(None, "token-10", "token-20"),
        *(None, "token-10", "token-20"),
    ]


def test_a_list_that_the_server_always_forgets_fails_and_nothing_of_it_counts() -> None:
    api = FakeApi({NODES: nodes(25)})
    api.rules.append(lambda request: EXPIRED if request.query.get("continue") == "token-20" else None)
    records = read(api, 10)
    found = reading(records, "nodes")
    assert found["state"] == "failed"
    assert "4 times" in found["reason"]
    assert [record for record in records if record["kind"] == "node"] == []


def test_a_list_that_fails_half_way_leaves_nothing() -> None:
    api = FakeApi({NODES: nodes(25)})
    api.rules.append(lambda request: refusal(500, "InternalError", "etcd broke") if request.query.get("continue") == "token-10" else None)
    records = read(api, 10)
    assert (reading(records, "nodes")["state"], reading(records, "nodes")["reason"]) == ("failed", "etcd broke")
    assert "count" not in reading(records, "nodes")
    assert [record for record in records if record["kind"] == "node"] == []


def test_what_the_account_may_not_list_is_named_with_its_permission() -> None:
    api = FakeApi()
    words = 'storageclasses.storage.k8s.io is forbidden: User "reader" cannot list resource "storageclasses"'
    api.always(path_of(CLASSES), refusal(403, "Forbidden", words))
    found = reading(read(api), CLASSES)
    assert (found["state"], found["reason"], found["permission"]) == ("forbidden", words, f"list {CLASSES}")
    assert found["costs"] == ["the storage classes"]


def test_what_the_cluster_does_not_serve_is_absent_and_not_asked_for() -> None:
    api = FakeApi()
    api.served.remove(PLANS)
    found = reading(read(api), PLANS)
    assert (found["state"], found["reason"]) == ("absent", f"the cluster does not serve {PLANS}")
    assert path_of(PLANS) not in api.paths()


def test_an_empty_list_is_read() -> None:
    found = reading(read(FakeApi()), PLANS)
    assert (found["state"], found["count"]) == ("read", 0)


def test_a_kind_that_went_away_after_discovery_is_absent() -> None:
    api = FakeApi()
    api.always(path_of(PLANS), refusal(404, "NotFound", "the server could not find the requested resource"))
    assert reading(read(api), PLANS)["state"] == "absent"


def test_a_version_that_only_some_clusters_have_is_read_as_well() -> None:
    api = FakeApi(versions={"nodenetworkconfigurationpolicies.nmstate.io": "v1beta1"})
    assert reading(read(api), "nodenetworkconfigurationpolicies.nmstate.io")["state"] == "read"
    assert path_of("nodenetworkconfigurationpolicies.nmstate.io", "v1beta1") in api.paths()


def test_a_version_that_nobody_knows_yet_fails_instead_of_being_absent() -> None:
    found = reading(read(FakeApi(versions={PLANS: "v2"})), PLANS)
    assert found["state"] == "failed"
    assert found["reason"] == f"the cluster serves {PLANS} as v2; v1beta1 can be read"


def test_a_server_without_aggregated_discovery_is_asked_by_group_and_version() -> None:
    api = FakeApi(aggregated=False)
    api.served.remove(PLANS)
    records = read(api)
    groups = {request for request in api.paths() if request.startswith("/apis/") and request.count("/") == 3}
    assert reading(records, PLANS)["state"] == "absent"
    assert {record["state"] for record in records if record["kind"] == "reading" and record["id"] != PLANS} == {"read"}
    assert len(api.seen) == len(RESOURCES) - 1 + 2 + len(groups)


def test_a_server_that_does_not_tell_what_it_has_is_asked_for_the_lists_themselves() -> None:
    api = FakeApi()
    api.always("/apis", refusal(403, "Forbidden", "forbidden"))
    api.always("/version", refusal(403, "Forbidden", "forbidden"))
    api.served.remove(PLANS)
    records = read(api)
    assert reading(records, PLANS)["state"] == "absent"
    assert reading(records, CLASSES)["state"] == "read"
    assert "kubernetes_version" not in records[0]


def test_an_extension_server_that_is_down_fails_and_is_not_absent() -> None:
    api = FakeApi(stale={"quota.openshift.io"})
    api.always(path_of("clusterresourcequotas.quota.openshift.io"), refusal(503, "ServiceUnavailable", "service unavailable"))
    found = reading(read(api), "clusterresourcequotas.quota.openshift.io")
    assert (found["state"], found["reason"]) == ("failed", "service unavailable")


@pytest.mark.parametrize("trouble", [Trouble("no answer within 60 s"), Reply(200, b"<html>"), reply({"kind": "NodeList", "items": [1]})])
def test_trouble_with_one_list_alone_costs_that_list(trouble: Reply | Trouble) -> None:
    api = FakeApi()
    api.always(NODES, trouble)
    records = read(api)
    assert reading(records, "nodes")["state"] == "failed"
    assert not reading(records, "nodes")["reason"].startswith("api.target")
    assert reading(records, CLASSES)["state"] == "read"


def test_a_server_that_is_lost_ends_the_reading() -> None:
    api = FakeApi()
    api.rules.append(lambda request: LOST if len(api.seen) > 10 else None)
    with connected(api) as connection, pytest.raises(ReadinessError) as caught:
        list(read_target(connection))
    assert caught.value.code == "cluster_unreachable"


def test_a_login_that_ends_meanwhile_ends_the_reading() -> None:
    api = FakeApi()
    api.rules.append(lambda request: refusal(401, "Unauthorized", "Unauthorized") if len(api.seen) > 10 else None)
    with connected(api) as connection, pytest.raises(ReadinessError) as caught:
        list(read_target(connection))
    assert caught.value.code == "cluster_login"


def test_a_page_in_place_of_the_api_is_no_cluster() -> None:
    api = FakeApi()
    api.always("/apis", Reply(200, b"<html>console</html>", {"content-type": "text/html"}))
    with connected(api) as connection, pytest.raises(ReadinessError) as caught:
        list(read_target(connection))
    assert caught.value.code == "cluster_protocol"


def test_a_list_that_never_ends_is_noticed() -> None:
    api = FakeApi()
    again = reply({"kind": "NodeList", "metadata": {"continue": "same"}, "items": nodes(1)})
    api.always(NODES, again)
    assert "same page again" in reading(read(api), "nodes")["reason"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"validate_certs": False}, ["certificate_not_checked"]), ({"url": "http://127.0.0.1:8001"}, ["connection_not_encrypted"]), ({}, [])],
)
def test_a_connection_that_proves_nothing_is_noticed(changes: dict[str, Any], code: list[str]) -> None:
    notices = [record for record in read(FakeApi(), **changes) if record["kind"] == "notice"]
    assert [notice["code"] for notice in notices] == code


def test_the_same_cluster_gives_the_same_records() -> None:
    api = FakeApi({NODES: nodes(30)})
    assert read(api, 7) == read(api, 500)
