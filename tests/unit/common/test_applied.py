# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what was applied, as texts that fit into ConfigMaps."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.applied import (
    AppliedObject,
    applied_object,
    digest,
    parts,
    read_part,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.common.errors import ReadinessError


def entry(number: int) -> AppliedObject:
    metadata = {"name": f"p-{number:04d}", "namespace": "mtv"}
    return applied_object(
        {"apiVersion": "example.com/v1", "kind": "Plan", "metadata": metadata, "spec": {"secret": "hush"}}, f"u-{number}", 40
    )


def test_record_is_read_as_it_was_written_whatever_the_order() -> None:
    entries = [entry(number) for number in range(5)]
    (text,) = parts(reversed(entries))
    assert list(read_part(text, "applied-plan-000")) == entries
    assert parts(entries) == [text]
    assert "hush" not in text


def test_what_becomes_of_an_object_is_in_its_line_unless_it_is_deleted() -> None:
    assert "onRemoval" not in entry(1).line()
    assert entry(1).made
    kept = [replace(entry(number), on_removal=end) for number, end in enumerate(("release", "keep", "fields"))]
    assert [each.made for each in kept] == [False, True, False]
    (text,) = parts(kept)
    assert list(read_part(text, "x")) == kept


def test_large_record_is_split_at_whole_lines() -> None:
    entries = [entry(number) for number in range(100)]
    found = parts(entries, limit=2000)
    assert len(found) > 5
    assert all(len(text.encode()) <= 2000 for text in found)
    assert [each for text in found for each in read_part(text, "x")] == entries
    assert parts([]) == []


def test_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": {"c": 2, "d": 3}}) == digest({"b": {"d": 3, "c": 2}, "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


@pytest.mark.parametrize(
    "text", ["no json", "[]", "{}", '{"apiVersion": "v1", "kind": "A", "name": "b", "rank": "x", "sha256": "", "uid": ""}']
)
def test_damaged_record_is_named_with_a_way_out(text: str) -> None:
    with pytest.raises(ReadinessError) as caught:
        list(read_part(text, "applied-plan-000"))
    assert caught.value.code == "applied_record_damaged"
    assert "applied-plan-000" in caught.value.message
    assert "Delete this ConfigMap" in caught.value.hint
