# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many objects of a kind there are: one small request for each kind, and what is not known is not taken for none."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.adapters.platform.instances import read_instances
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Instances, InstancesOf

from tests.unit.adapters.cluster.fake_api import FakeApi, connected, refusal, reply

GADGETS = InstancesOf("example.com", "v1", "gadgets", most=2)
PODS = InstancesOf("", "v1", "pods", "alpha", 100)
PATHS = {GADGETS: "/apis/example.com/v1/gadgets", PODS: "/api/v1/namespaces/alpha/pods"}


def listed(*items: Any, **metadata: Any) -> dict[str, Any]:
    return {"kind": "PartialObjectMetadataList", "metadata": {"resourceVersion": "7", **metadata}, "items": list(items)}


def read(api: FakeApi, *wanted: InstancesOf) -> dict[InstancesOf, Instances]:
    with connected(api) as connection:
        found = dict(read_instances(connection, wanted))
        assert connection.calls.writes == 0
    return found


def answered(sought: InstancesOf, answer: Any) -> Instances:
    api = FakeApi()
    api.always(PATHS[sought], answer)
    return read(api, sought)[sought]


def test_one_request_for_each_kind_asks_for_a_few_objects_and_their_metadata_alone() -> None:
    api = FakeApi()
    for path in PATHS.values():
        api.always(path, reply(listed()))
    assert read(api, GADGETS, PODS, GADGETS) == {GADGETS: Instances(), PODS: Instances()}
    asked = {request.path: request for request in api.seen}
    assert sorted(api.paths()) == sorted(PATHS.values())
    assert asked[PATHS[GADGETS]].query == {"limit": "2"}
    assert "as=PartialObjectMetadataList" in asked[PATHS[GADGETS]].headers["Accept"]


def test_nothing_is_asked_where_nothing_is_wanted() -> None:
    api = FakeApi()
    assert read(api) == {}
    assert api.seen == []


def test_of_an_object_only_what_names_it_is_kept() -> None:
    metadata = {"name": "one", "namespace": "alpha", "labels": {"a": "b"}}
    item = {"metadata": {**metadata, "annotations": {"secret": "c4nary"}, "managedFields": []}, "spec": {"token": "c4nary"}}
    assert answered(GADGETS, reply(listed(item))) == Instances(({"metadata": metadata},))


@pytest.mark.parametrize(
    ("metadata", "more"),
    [({}, 0), ({"continue": "x", "remainingItemCount": 40}, 40), ({"continue": "x"}, None), ({"continue": "", "remainingItemCount": 0}, 0)],
)
def test_what_comes_after_the_first_objects_is_counted_where_the_server_does(metadata: dict[str, Any], more: int | None) -> None:
    assert answered(GADGETS, reply(listed({"metadata": {"name": "one"}}, **metadata))).more == more


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            refusal(
                403, "Forbidden", 'gadgets.example.com is forbidden: User "x" cannot list resource "gadgets" in API group "example.com"'
            ),
            "list",
        ),
        (refusal(404, "NotFound", "the server could not find the requested resource"), "could not find"),
        (refusal(422, "Invalid", "conversion webhook failed"), "conversion webhook failed"),
        (reply({"kind": "Gadget"}), "no list"),
        (reply(listed("text")), "no list"),
    ],
)
def test_what_cannot_be_listed_is_not_known_and_says_why(answer: Any, words: str) -> None:
    found = answered(GADGETS, answer)
    assert not found.known
    assert found.reason.startswith("gadgets.example.com: ")
    assert words in found.reason


def test_one_kind_that_is_forbidden_leaves_the_others_known() -> None:
    api = FakeApi()
    api.always(PATHS[GADGETS], refusal(403, "Forbidden", "no"))
    api.always(PATHS[PODS], reply(listed()))
    found = read(api, GADGETS, PODS)
    assert (found[GADGETS].known, found[PODS].known) == (False, True)
