# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a cluster, how lists are folded while they stream, and the rights that all of it needs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform import rights
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.folding import PlatformLists, PodFold
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.readings import BY_ID, PART_RESOURCES, RESOURCES

from tests.tools import platform_rights

Json = dict[str, Any]
MANAGED = [{"manager": "groundwork-readiness", "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:metadata": {}}}]
OTHERS = [{"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "fieldsV1": {"f:status": {}}}]


def pod(name: str, *, devices: Json | None = None, node: str = "node-1", waiting: str = "", labels: Json | None = None) -> Json:
    requests = {"cpu": "100m", **(devices or {})}
    state = {"waiting": {"reason": waiting, "message": "words"}} if waiting else {"running": {}}
    return {
        "metadata": {"name": name, "namespace": "team", "labels": labels or {}, "annotations": {"secret": "c4nary"}},
        "spec": {"nodeName": node, "containers": [{"name": "main", "image": "i", "resources": {"requests": requests}}]},
        "status": {"phase": "Running", "containerStatuses": [{"name": "main", "state": state}]},
    }


def folded(*pods: Json) -> PodFold:
    fold = PodFold()
    for one in pods:
        fold.add(one)
    return fold


def test_resources_are_named_once() -> None:
    assert len(BY_ID) == len(RESOURCES)
    assert {identity for part in PART_RESOURCES.values() for identity in part} <= set(BY_ID)


def test_devices_that_pods_hold_are_added_up_by_node() -> None:
    found = folded(
        pod("a", devices={"nvidia.com/gpu": "2"}),
        pod("b", devices={"nvidia.com/gpu": "1"}),
        pod("c", devices={"amd.com/gpu": "4"}, node="n2"),
    ).use()
    assert found is not None
    assert found.requested == {"node-1": {"nvidia.com/gpu": 3}, "n2": {"amd.com/gpu": 4}}
    assert [(one.namespace, one.name, one.node, dict(one.devices)) for one in found.device_pods] == [
        ("team", "a", "node-1", {"nvidia.com/gpu": 2}),
        ("team", "b", "node-1", {"nvidia.com/gpu": 1}),
        ("team", "c", "n2", {"amd.com/gpu": 4}),
    ]


@pytest.mark.parametrize("spoiled", [{"spec": {"containers": []}}, {"status": {"phase": "Succeeded"}}, {"spec": {"nodeName": ""}}])
def test_pods_that_hold_nothing_count_nowhere(spoiled: Json) -> None:
    found = folded({**pod("a", devices={"nvidia.com/gpu": "2"}), **spoiled}).use()
    assert found is not None
    assert (found.requested, found.device_pods) == ({}, ())


def test_request_that_cannot_be_read_leaves_the_use_unknown() -> None:
    assert folded(pod("a", devices={"nvidia.com/gpu": "many"})).use() is None


def test_only_pods_that_do_not_start_and_those_that_unpack_bundles_are_kept() -> None:
    unpacking = {"operatorframework.io/bundle-unpack-ref": "abc"}
    found = folded(
        pod("runs"), pod("starts", waiting="ContainerCreating"), pod("pulls", waiting="ImagePullBackOff"), pod("unpacks", labels=unpacking)
    )
    assert [one["metadata"]["name"] for one in found.kept] == ["pulls", "unpacks"]
    assert "c4nary" not in repr(found.kept)
    assert found.kept[0]["status"]["containerStatuses"][0]["state"]["waiting"]["message"] == "words"


def taken(resource: str, item: Json) -> Json:
    lists = PlatformLists({})
    lists.take(BY_ID[resource], [item])
    return dict(lists.listed[resource].items[0])


def test_objects_lose_what_nobody_asks_for() -> None:
    node = {"metadata": {"name": "n", "managedFields": OTHERS}, "status": {"images": ["i"], "allocatable": {"nvidia.com/gpu": "8"}}}
    assert taken("nodes", node) == {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "n"},
        "status": {"allocatable": {"nvidia.com/gpu": "8"}},
    }
    crd = {
        "metadata": {"name": "c", "managedFields": OTHERS},
        "spec": {"group": "g", "versions": [{"name": "v1", "served": True, "schema": {}}]},
    }
    assert taken("customresourcedefinitions.apiextensions.k8s.io", crd)["spec"] == {
        "group": "g",
        "versions": [{"name": "v1", "served": True}],
    }
    files = {"config": {"storage": {"files": [{"contents": "c4nary"}, {}]}}, "osImageURL": "o"}
    machine = {"metadata": {"name": "m", "managedFields": OTHERS}, "spec": files}
    assert taken("machineconfigs.machineconfiguration.openshift.io", machine)["spec"] == {"osImageURL": "o", "config": {"files": 2}}


def test_object_with_our_fields_is_kept_as_it_came() -> None:
    node = {"metadata": {"name": "n", "managedFields": MANAGED}, "status": {"images": ["i"]}}
    assert taken("nodes", node) == {"apiVersion": "v1", "kind": "Node", **node}


def test_lists_are_sorted_whatever_their_order() -> None:
    lists = PlatformLists({})
    places = [("b", "x"), ("a", "y"), ("a", "x")]
    lists.take(BY_ID["subscriptions.operators.coreos.com"], [{"metadata": {"name": name, "namespace": space}} for space, name in places])
    found = lists.listed["subscriptions.operators.coreos.com"].items
    assert [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in found] == [("a", "x"), ("a", "y"), ("b", "x")]


def test_list_that_breaks_off_leaves_nothing() -> None:
    lists = PlatformLists({})

    def items() -> Any:
        yield {"metadata": {"name": "a"}}
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        lists.take(BY_ID["nodes"], items())
    assert lists.listed == {}


# ---- rights ----------------------------------------------------------------------------------------------------------


def all_rules() -> list[Json]:
    made = [*rights.verify_rights(), *rights.apply_rights(), *rights.nodes_rights(), *rights.delivery_rights(), *rights.removal_rights()]
    return [rule for item in made for rule in item.get("rules", ())]


def test_secrets_are_in_no_role_but_the_one_that_names_them() -> None:
    assert not any("secrets" in rule["resources"] for rule in all_rules())
    wide = [rule for rule in all_rules() if "*" in rule["resources"]]
    assert {verb for rule in wide for verb in rule["verbs"]} == {"list"}
    assert {group for rule in wide for group in rule["apiGroups"]} == set(rights.OPERANDS)
    assert not {"", "*"}.intersection(rights.OPERANDS)
    named = rights.secret_rights("ai-models", ["s3"])[0]
    assert named["rules"] == [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["s3"], "verbs": ["get"]}]


def test_verify_role_only_looks_and_covers_every_list() -> None:
    rules = rights.verify_role()["rules"]
    looks = [rule for rule in rules if rule["resources"] != ["subjectaccessreviews"]]
    assert {verb for rule in looks for verb in rule["verbs"]} == {"get", "list"}
    assert [rule["verbs"] for rule in rules if rule not in looks] == [["create"]], "a review is a question, and nothing is kept of it"
    covered = {(rule["apiGroups"][0], plural) for rule in rules for plural in rule["resources"]}
    assert {(resource.group, resource.plural) for resource in RESOURCES} <= covered


def test_install_plans_are_approved_and_never_made_nor_removed_by_the_apply_role() -> None:
    applied = next(item for item in rights.apply_rights() if item["metadata"]["name"] == rights.APPLY_ROLE and "rules" in item)
    verbs = {verb for rule in applied["rules"] if "installplans" in rule["resources"] for verb in rule["verbs"]}
    assert verbs == {"get", "list", "patch"}


def test_what_amounts_to_root_is_in_no_other_role() -> None:
    powerful = {"nodes", "machineconfigs", "kubeletconfigs", "deviceconfigs", "clusterpolicies", "appprojects"}
    powerful |= {"validatingadmissionpolicies", "clusterimagepolicies"}
    others = [
        rule for item in (*rights.verify_rights(), *rights.apply_rights(), *rights.removal_rights()) for rule in item.get("rules", ())
    ]
    assert not [rule for rule in others if powerful.intersection(rule["resources"]) and {"patch", "create"}.intersection(rule["verbs"])]


def test_what_is_created_may_be_patched_too() -> None:
    """Server-side apply needs both."""
    others = {"leases", "subjectaccessreviews"}
    assert all("patch" in rule["verbs"] for rule in all_rules() if "create" in rule["verbs"] and not others & set(rule["resources"]))


def test_shipped_files_are_made_from_the_table() -> None:
    for name, text in platform_rights.texts().items():
        assert (platform_rights.ROLES / name).read_text(encoding="utf-8") == text, name
