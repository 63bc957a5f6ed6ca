# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an apply would change, told from the live object and the ownership of its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.quantities import exact
from ansible_collections.groundwork.readiness.plugins.module_utils.common.subset import drift, outlook

Json = dict[str, Any]
Theirs = Sequence[tuple[str, Json]]
KEYED = {'k:{"name":"a"}': {".": {}, "f:name": {}, "f:value": {}}}


def whole(**spec: Any) -> Json:
    return {"apiVersion": "example.com/v1", "kind": "Part", "metadata": {"name": "p", "namespace": "n"}, "spec": spec}


def owning(fields: Json | None) -> Json | None:
    return None if fields is None else {"f:spec": fields}


def differing(
    wish: Json, there: Json, fields: Json | None = None, others: Sequence[tuple[str, Json]] = (), **more: bool
) -> tuple[str, ...]:
    theirs = [(manager, {"f:spec": owned}) for manager, owned in others]
    return drift(whole(**wish), whole(**there), owning(fields), theirs, **more)


@pytest.mark.parametrize(
    ("wish", "there", "fields", "expected"),
    [
        ({"a": 1}, {"a": 1}, None, ()),
        ({"a": 1}, {"a": 1, "b": 2}, {"f:a": {}}, ()),
        ({"a": 1}, {"a": 2}, {"f:a": {}}, ("spec.a",)),
        ({"a": 1}, {}, None, ("spec.a",)),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2, "d": 3}}}, None, ("spec.a.b.c",)),
        # What is empty is left out by many kinds; where it is not ours, it may have been removed.
        ({"a": 0, "b": [], "c": False, "d": ""}, {}, {"f:a": {}, "f:b": {}, "f:c": {}, "f:d": {}}, ()),
        ({"a": 0}, {}, None, ("spec.a",)),
        ({"a": 1}, {}, {"f:a": {}}, ("spec.a",)),
        # Ours, and desired no more.
        ({}, {"a": 1, "b": 2}, {"f:a": {}}, ("spec.a",)),
        ({}, {"a": {"x": 1, "y": 2}}, {"f:a": {"f:x": {}}}, ("spec.a.x",)),
        ({}, {}, {"f:a": {}}, ()),
    ],
)
def test_fields_of_mappings(wish: Json, there: Json, fields: Json | None, expected: tuple[str, ...]) -> None:
    assert differing(wish, there, fields) == expected


@pytest.mark.parametrize(
    ("wish", "there", "fields", "expected"),
    [
        ([{"name": "a", "value": 1}], [{"name": "x"}, {"name": "a", "value": 1, "more": 2}], KEYED, ()),
        ([{"name": "a", "value": 1}], [{"name": "a", "value": 2}], KEYED, ("spec.list",)),
        ([{"name": "a", "value": 1}], [{"name": "x"}], KEYED, ("spec.list",)),
        ([{"name": "a", "value": 1}, {"name": "b"}], [{"name": "a", "value": 1}], KEYED, ("spec.list",)),
        ([], [{"name": "a", "value": 1}, {"name": "x"}], KEYED, ("spec.list",)),
        ([], [{"name": "x"}], KEYED, ()),
        ([{"name": "x"}, {"name": "a", "value": 1}], [{"name": "a", "value": 1}, {"name": "x"}], KEYED, ("spec.list",)),
        (["a"], ["b", "a"], {'v:"a"': {}}, ()),
        (["a", "c"], ["b", "a"], {'v:"a"': {}}, ("spec.list",)),
        (["c"], ["a", "b"], {'v:"a"': {}}, ("spec.list",)),
        ([1, 2], [1, 2], {}, ()),
        ([1, 2], [2, 1], {}, ("spec.list",)),
        ([1], [1, 2], {}, ("spec.list",)),
        ([1], "text", {}, ("spec.list",)),
    ],
)
def test_lists_are_held_item_by_item_where_they_are_merged_and_else_as_a_whole(
    wish: object, there: object, fields: Json, expected: tuple[str, ...]
) -> None:
    assert differing({"list": wish}, {"list": there}, {"f:list": fields}) == expected


def test_item_of_a_list_that_somebody_else_merges_is_found_by_its_keys() -> None:
    theirs = [("kubectl", {"f:list": KEYED})]
    assert differing({"list": [{"name": "a", "value": 1}]}, {"list": [{"name": "a", "value": 1}]}, None, theirs) == ()
    assert differing({"list": [{"name": "b", "value": 1}]}, {"list": [{"name": "a"}, {"name": "b", "value": 2}]}, None, theirs) == (
        "spec.list",
    )


def test_what_the_server_added_within_a_whole_that_is_ours_is_no_drift_while_the_wish_is_the_same() -> None:
    wish: Json = {"tolerations": [{"key": "a"}], "selector": {"app": "web"}}
    there: Json = {"tolerations": [{"key": "a", "operator": "Equal"}], "selector": {"app": "web", "more": "x"}}
    fields: Json = {"f:tolerations": {}, "f:selector": {}}
    assert differing(wish, there, fields, as_applied=True) == ()
    # Another wish may have dropped what is there.
    assert differing(wish, there, fields) == ("spec.tolerations", "spec.selector.more")
    assert differing(wish, there, None) == ("spec.tolerations",)
    assert differing({"selector": {}}, {"selector": {"app": "web"}}, None, [("kubectl", {"f:selector": {}})]) == ("spec.selector.app",)


def test_what_others_own_too_stays_when_we_give_it_up() -> None:
    fields: Json = {"f:a": {}, "f:m": {"f:x": {}, "f:y": {}}, "f:list": KEYED}
    there: Json = {"a": 1, "m": {"x": 1, "y": 2}, "list": [{"name": "a", "value": 1}]}
    assert differing({}, there, fields) == ("spec.a", "spec.m", "spec.list")
    assert differing({}, there, fields, [("kubectl", fields)]) == ()
    some: Json = {"f:m": {"f:x": {}}, "f:list": {'k:{"name":"a"}': {".": {}, "f:name": {}}}}
    assert differing({}, there, fields, [("kubectl", some)]) == ("spec.a", "spec.m.y", "spec.list")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1000m", "1", True),
        (2, "2", True),
        ("1024Mi", "1Gi", True),
        ("1e3", "1k", True),
        ("1G", "1Gi", False),
        ("many", "more", False),
        ("0.5", "500m", True),
        ("1" * 99, "1", False),
    ],
)
def test_quantities_count_by_their_value_where_quantities_stand(one: object, other: object, same: bool) -> None:
    expected = () if same else ("spec.hard.requests.nvidia.com/gpu",)
    assert differing({"hard": {"requests.nvidia.com/gpu": one}}, {"hard": {"requests.nvidia.com/gpu": other}}) == expected
    assert bool(differing({"nominalQuota": one}, {"nominalQuota": other})) is not same
    assert differing({"text": one}, {"text": other}) == ("spec.text",)


def test_quantity_that_is_none_comes_to_nothing() -> None:
    assert exact("") is None
    assert exact("1Ki") == 1024


# ---- outlook ---------------------------------------------------------------------------------------------------------


def owner(fields: Json, manager: str = "groundwork-readiness", **more: str) -> Json:
    return {"manager": manager, "operation": "Apply", "apiVersion": "example.com/v1", "fieldsV1": fields, **more}


def there(*owners: Json, **spec: Any) -> Json:
    item = whole(**spec)
    return {**item, "metadata": {**item["metadata"], "managedFields": list(owners)}}


def test_outlook_of_an_object_in_our_hands_is_that_nothing_changes() -> None:
    found = outlook(whole(a=1), there(owner({"f:spec": {"f:a": {}}}), a=1, b=2))
    assert (found.moves, found.differs, found.conflicts) == (False, False, ())


@pytest.mark.parametrize(
    "owners",
    [
        (),
        (owner({"f:spec": {"f:a": {}, "f:b": {}}}),),
        (owner({"f:spec": {"f:c": {}}}),),
        (owner({"f:spec": {"f:a": {}}}, apiVersion="example.com/v2"),),
        (owner({"f:spec": {"f:a": {}}}, operation="Update"),),
        (owner({"f:spec": {"f:a": {'k:{"name":"x"}': {}}}}),),
    ],
    ids=["nobody", "more", "less", "version", "update", "items"],
)
def test_ownership_that_would_change_hands_is_told_apart_from_values(owners: tuple[Json, ...]) -> None:
    live = there(*owners, a=1)
    if not owners or "f:b" not in str(owners):
        assert not outlook(whole(a=1), live).differs
    assert outlook(whole(a=1), live).moves


def test_fields_of_others_that_would_change_are_named_as_the_server_names_them() -> None:
    fields = {"f:spec": {"f:a": {}, "f:list": {'k:{"name":"x","port":1}': {".": {}, "f:value": {}}, 'v:"s"': {}}, "f:same": {}}}
    live = there(owner(fields, "kubectl"), a=1, same=1, list=[{"name": "x", "port": 1, "value": 1}])
    found = outlook(whole(a=2, same=1, list=[{"name": "x", "port": 1, "value": 2}]), live)
    assert found.conflicts == (("kubectl", ".spec.a"), ("kubectl", '.spec.list[name="x",port=1].value'))
    assert found.object["spec"] == {"a": 2, "same": 1, "list": [{"name": "x", "port": 1, "value": 2}]}
    assert live["spec"]["a"] == 1


def test_value_in_another_form_is_a_conflict_and_no_change() -> None:
    fields = {"f:spec": {"f:hard": {"f:pods": {}}}}
    found = outlook(whole(hard={"pods": "1k"}), there(owner(fields), owner(fields, "kubectl"), hard={"pods": "1000"}), as_applied=True)
    assert (found.conflicts, found.moves, found.differs) == ((("kubectl", ".spec.hard.pods"),), True, False)
