# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects compared: what an apply would certainly not change, which fields belong to whom, and what people may see."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.owned_fields import (
    applied_fields,
    changed_fields,
    in_step,
    same_object,
    shown,
    without_fields,
)

Json = dict[str, Any]
FIELDS: Json = {
    "f:metadata": {"f:labels": {"f:readiness.groundwork.io/stage": {}}},
    "f:spec": {"f:type": {}, "f:map": {"f:network": {}}, "f:vms": {}},
}


def desired(**spec: Any) -> Json:
    usual: Json = {"type": "cold", "map": {"network": {"name": "n", "namespace": "mtv"}}, "vms": [{"id": "vm-1"}]}
    metadata = {"name": "p", "namespace": "mtv", "labels": {"readiness.groundwork.io/stage": "plan"}}
    return {"apiVersion": "example.com/v1", "kind": "Plan", "metadata": metadata, "spec": {**usual, **spec}}


def owner(manager: str = "groundwork-readiness", operation: str = "Apply", fields: Json | None = None, **more: Any) -> Json:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": "example.com/v1",
        "fieldsV1": FIELDS if fields is None else fields,
        "time": "2026-11-21T08:00:00Z",
        **more,
    }


def live(*owners: Json, **spec: Any) -> Json:
    """The object as a server has it: with defaults, and with its bookkeeping."""
    item = desired(**spec)
    item["metadata"] = {
        **item["metadata"],
        "uid": "u-1",
        "resourceVersion": "7",
        "generation": 2,
        "managedFields": list(owners or (owner(),)),
    }
    item["spec"] = {**item["spec"], "xfsCompatibility": False}
    return {**item, "status": {"conditions": []}}


def test_object_that_was_applied_with_these_values_is_in_step_whatever_else_it_has() -> None:
    assert in_step(desired(), live())
    assert in_step(desired(), live(owner(), owner("kubectl", "Update", {"f:spec": {"f:xfsCompatibility": {}}})))


@pytest.mark.parametrize(
    "found",
    [
        live(type="warm"),
        live(vms=[{"id": "vm-1", "default": 1}]),
        live(owner("somebody")),
        live(owner(operation="Update")),
        live(owner(subresource="status")),
        live(owner(apiVersion="example.com/v2")),
        live(owner(fields={"f:spec": FIELDS["f:spec"]})),
        live(owner(fields={**FIELDS, "f:spec": {**FIELDS["f:spec"], "f:more": {}}})),
        live(owner(fields={**FIELDS, "f:spec": {**FIELDS["f:spec"], "f:vms": {'k:{"id":"vm-2"}': {"f:id": {}}}}})),
        live(owner(), owner(subresource="", operation="Apply", apiVersion="example.com/v2")),
        {**live(), "metadata": {}},
    ],
    ids=["value", "default within a list", "other manager", "update", "status", "version", "fewer", "more", "other item", "twice", "none"],
)
def test_whatever_may_differ_is_left_to_the_server_to_judge(found: Json) -> None:
    assert not in_step(desired(), found)


ITEMS: Json = {
    'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}, "f:name": {}},
    'k:{"port":443,"protocol":"TCP"}': {".": {}, "f:port": {}, "f:protocol": {}},
}
PORTS: list[Json] = [{"port": 80, "name": "web"}, {"port": 443, "protocol": "TCP"}]
SERVED: list[Json] = [{"port": 80, "name": "web", "protocol": "TCP"}, {"port": 443, "protocol": "TCP", "more": 1}]


def with_list(items: object, fields: Json) -> Json:
    """The live object with a list that is merged item by item."""
    owned = {**FIELDS, "f:spec": {**FIELDS["f:spec"], "f:list": fields}}
    return live(owner(fields=owned), list=items)


@pytest.mark.parametrize(
    ("wish", "items", "fields", "certain"),
    [
        (PORTS, SERVED, ITEMS, True),
        (PORTS, [{"port": 1, "protocol": "TCP"}, *SERVED], ITEMS, True),
        (PORTS, [SERVED[0], {"port": 1, "protocol": "TCP"}, SERVED[1]], ITEMS, True),
        (PORTS, SERVED[::-1], ITEMS, False),
        (PORTS, SERVED[:1], ITEMS, False),
        (PORTS, [{**SERVED[0], "name": "other"}, SERVED[1]], ITEMS, False),
        (PORTS[:1], SERVED, ITEMS, False),
        ([*PORTS, {"port": 1}], SERVED, ITEMS, False),
        ([PORTS[0], PORTS[0]], SERVED, ITEMS, False),
        ([{**PORTS[0], "more": 1}, PORTS[1]], SERVED, ITEMS, False),
        ([], [], ITEMS, False),
        (PORTS, {"port": 80}, ITEMS, False),
        (["a", "b"], ["a", "x", "b"], {'v:"a"': {}, 'v:"b"': {}}, True),
        (["a", "b"], ["b", "a"], {'v:"a"': {}, 'v:"b"': {}}, False),
        (["a"], ["a", "b"], {'v:"a"': {}, 'v:"b"': {}}, False),
        (["a"], ["a"], {'v:"a"': {}, "f:odd": {}}, False),
    ],
)
def test_list_that_is_merged_is_in_step_where_our_items_are_there_in_our_order(
    wish: object, items: object, fields: Json, certain: bool
) -> None:
    assert in_step(desired(list=wish), with_list(items, fields)) is certain


def test_empty_list_of_ours_that_the_server_leaves_out_is_in_step_and_one_that_others_have_filled_is_not() -> None:
    owns = {**FIELDS, "f:spec": {**FIELDS["f:spec"], "f:hooks": {}}}
    assert in_step(desired(hooks=[]), live(owner(fields=owns)))
    assert not in_step(desired(hooks=[]), live())
    assert not in_step(desired(hooks=[]), live(owner(fields=owns), hooks=[{"id": "h-1"}]))
    assert not in_step(desired(hooks=["h"]), live(owner(fields=owns)))


def test_a_field_that_is_desired_no_more_is_not_in_step() -> None:
    item = desired()
    del item["spec"]["type"]
    assert not in_step(item, live())


def test_fields_of_the_collection_are_found_by_manager_and_operation() -> None:
    assert applied_fields(live()) == ("example.com/v1", FIELDS)
    assert applied_fields(live(owner("other"))) is None


def test_objects_are_the_same_but_for_times_and_versions() -> None:
    later = live(owner(time="2026-11-22T08:00:00Z"))
    later["metadata"]["resourceVersion"] = "8"
    assert same_object(live(), later)
    assert not same_object(live(), live(owner(), owner("other")))
    assert not same_object(live(), live(type="warm"))


def test_people_see_neither_bookkeeping_nor_status_nor_secrets() -> None:
    item = live()
    item["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "{}"}
    assert set(shown(item)) == {"apiVersion", "kind", "metadata", "spec"}
    assert set(shown(item)["metadata"]) == {"name", "namespace", "labels"}
    secret = {
        "kind": "Secret",
        "metadata": {"name": "s", "annotations": {"a": "b"}},
        "data": {"ca.crt": "aGlkZGVu"},
        "stringData": {"user": "me"},
    }
    assert "aGlkZGVu" not in str(shown(secret))
    assert shown(secret)["metadata"]["annotations"] == {"a": "b"}
    assert shown(None) == {}


def test_changed_fields_are_named_by_their_paths() -> None:
    before, after = desired(), desired(type="warm", vms=[], extra=1)
    assert sorted(changed_fields(before, after)) == ["spec.extra", "spec.type", "spec.vms"]
    assert list(changed_fields(before, before)) == []


def test_fields_that_are_left_to_others_are_taken_out_dots_in_keys_included() -> None:
    paths = [".spec.type", ".metadata.labels.readiness.groundwork.io/stage", ".spec.map.network"]
    found, stuck = without_fields(desired(), paths)
    assert stuck == ()
    assert found["spec"] == {"map": {}, "vms": [{"id": "vm-1"}]}
    assert found["metadata"]["labels"] == {}
    assert desired()["spec"]["type"] == "cold"


@pytest.mark.parametrize("path", ['.spec.vms[id="vm-1"].name', ".spec.nothing", ".spec.type.more"])
def test_fields_within_lists_or_of_others_stay(path: str) -> None:
    assert without_fields(desired(), [path]) == (desired(), (path,))
