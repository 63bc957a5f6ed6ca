# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of ours in objects of others: marks, digests, patches, and the finding on the object."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.merges import (
    EntryFinding,
    Merge,
    Merged,
    annotation_for,
    bare,
    differing,
    digest_of,
    in_words,
    marks_of,
    merge_patch,
    standing,
    with_marks,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Named
from hypothesis import given
from hypothesis import strategies as st

Json = dict[str, Any]
WHAT = "things"
PLAIN = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3),
    max_leaves=12,
)
SPECS = st.dictionaries(st.text("abc", min_size=1, max_size=2), PLAIN, max_size=4)


class Unchanged:
    def of(self, live: Any) -> Merged:
        return Merged(None)


MERGE = Merge(Named("config.example.com/v1", "Thing", "", "cluster"), "identity", "identity", "identity.things", 50, Unchanged())


def thing(spec: Json, **metadata: Any) -> Json:
    return {"apiVersion": "config.example.com/v1", "kind": "Thing", "metadata": {"name": "cluster", **metadata}, "spec": spec}


def patched(value: Any, patch: Any) -> Any:
    """A JSON merge patch applied, as RFC 7386 has it."""
    if not isinstance(patch, dict):
        return patch
    found = dict(value) if isinstance(value, dict) else {}
    for key, inner in patch.items():
        if inner is None:
            found.pop(key, None)
        else:
            found[key] = patched(found.get(key), inner)
    return found


@given(SPECS, SPECS)
def test_patch_makes_one_object_of_the_other(before: Json, after: Json) -> None:
    one, other = thing(before), thing(after, annotations={"a": "b"})
    patch = merge_patch(one, other)
    assert patched(one, patch) == other
    assert merge_patch(one, one) == {}


def test_patch_holds_nothing_but_what_is_different() -> None:
    before = {**thing({"a": [1, 2], "b": {"c": 1, "d": 2}, "e": 3}, labels={"x": "y"}, uid="u", managedFields=[]), "status": {"s": 1}}
    after = {**before, "spec": {"a": [1, 2], "b": {"c": 1, "d": 5}}, "status": {"s": 2}}
    assert merge_patch(before, after) == {"spec": {"b": {"d": 5}, "e": None}}


def test_marks_are_written_sorted_and_read_again_and_leave_no_trace_when_they_go() -> None:
    live = thing({}, annotations={"other": "1"})
    marked = with_marks(live, WHAT, {"b": "2", "a": "1"})
    assert marked["metadata"]["annotations"] == {"other": "1", annotation_for(WHAT): '{"a":"1","b":"2"}'}
    assert marks_of(marked, WHAT) == {"a": "1", "b": "2"}
    assert with_marks(marked, WHAT, {}) == live
    assert with_marks(with_marks(thing({}), WHAT, {"a": "1"}), WHAT, {}) == thing({})


@pytest.mark.parametrize("text", ["", "no json", "[1]", "null", "3"])
def test_annotation_that_is_none_of_ours_names_nothing(text: str) -> None:
    assert marks_of(thing({}, annotations={annotation_for(WHAT): text}), WHAT) == {}
    assert marks_of(None, WHAT) == {}


def test_what_is_empty_says_nothing_and_false_and_zero_do() -> None:
    assert bare({"a": "", "b": [], "c": {"d": None}, "e": False, "f": 0, "g": ["", {}]}) == {"e": False, "f": 0, "g": ["", {}]}
    assert digest_of({"a": 1, "b": ""}) == digest_of({"a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})
    assert differing({"a": {"b": 1}, "c": ""}, {"a": {"b": 2}}) == ("a.b",)


def test_key_is_that_of_the_object_whatever_its_version() -> None:
    assert (MERGE.key.group, MERGE.key.text) == ("config.example.com", "Thing cluster")
    core = Merge(Named("v1", "ConfigMap", "a", "b"), "identity", "identity", "", 1, Unchanged())
    assert (core.key.group, core.key.text) == ("", "ConfigMap a/b")


def test_finding_says_what_would_be_done() -> None:
    live, wanted = thing({"a": 1}), thing({"a": 2})
    entry = EntryFinding("one", "missing", "pass", "create")
    assert (standing(MERGE, live, Merged(None)).state, standing(MERGE, live, Merged(None)).result) == ("in_step", "pass")
    update = standing(MERGE, live, Merged(wanted, (entry,)))
    assert (update.state, update.action, update.fields) == ("changed", "update", ("spec.a",))
    create = standing(MERGE, None, Merged(wanted, (entry,)))
    assert (create.state, create.action) == ("missing", "create")
    refused = standing(MERGE, live, Merged(None, (), "it is somebody else's", "ask him"))
    assert (refused.result, refused.action, refused.message, refused.remedy) == ("fail", "none", "it is somebody else's", "ask him")
    troubled = standing(MERGE, live, Merged(None, (EntryFinding("two", "changed", "fail", message="it is wrong"),)))
    assert (troubled.state, troubled.result, troubled.message) == ("changed", "fail", "two: it is wrong")
    assert in_words((entry, EntryFinding("two", "in_step"))) == "one: create"
    assert json.dumps(update.as_dict())
