# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What data say with entries of ours and without them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.yaml_text import (
    Listed,
    Setting,
    holds,
    in_words,
    parts_of,
    said,
    same,
    value_at,
    with_entry,
    without_entry,
)

ENABLED = Setting(("alertmanager", "enabled"), True)
OPEN = Listed(("open",), "team-a")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"alertmanager": {"enabled": True}}, True),
        ({"alertmanager": {"enabled": "true"}}, False),
        ({"alertmanager": {"enabled": 1}}, False),
        ({"alertmanager": {"enabled": None}}, False),
        ({"alertmanager": None}, False),
        ({"alertmanager": "enabled"}, False),
        ({}, False),
        ([], False),
    ],
)
def test_setting_is_held_by_its_very_value_alone(data: object, expected: bool) -> None:
    assert holds(data, ENABLED) is expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [({"open": ["x", "team-a"]}, True), ({"open": []}, False), ({"open": "team-a"}, False), ({"open": None}, False), ({}, False)],
)
def test_listed_text_is_held_by_a_list_alone(data: object, expected: bool) -> None:
    assert holds(data, OPEN) is expected


def test_mapping_stands_for_its_entries() -> None:
    entry = Setting(("prometheus",), {"retention": "15d", "resources": {"cpu": 1}})
    assert [(part.name, part.value) for part in parts_of(entry)] == [("prometheus.retention", "15d"), ("prometheus.resources.cpu", 1)]
    assert holds({"prometheus": {"retention": "15d", "resources": {"cpu": 1, "memory": 2}, "logLevel": "info"}}, entry)
    assert not holds({"prometheus": {"retention": "15d"}}, entry)
    assert in_words([entry, OPEN]) == 'prometheus.retention: "15d"; prometheus.resources.cpu: 1; open has team-a'


def test_entry_comes_in_and_goes_out_again_and_data_of_before_stay() -> None:
    data: dict[str, Any] = {"alertmanager": {"logLevel": "info"}, "open": ["x"]}
    grown = with_entry(with_entry(data, ENABLED), OPEN)
    assert grown == {"alertmanager": {"logLevel": "info", "enabled": True}, "open": ["x", "team-a"]}
    assert data == {"alertmanager": {"logLevel": "info"}, "open": ["x"]}
    assert without_entry(without_entry(grown, ENABLED), OPEN) == data
    assert with_entry(None, ENABLED) == {"alertmanager": {"enabled": True}}


def test_what_is_left_empty_goes_with_the_entry() -> None:
    assert without_entry({"alertmanager": {"enabled": False}, "a": 1}, ENABLED) == {"a": 1}
    assert without_entry({"open": ["team-a", "team-a"]}, OPEN) == {}
    assert without_entry({"open": "team-a"}, OPEN) == {"open": "team-a"}
    assert without_entry({"a": {"b": {"c": 1}}}, Setting(("a", "b", "c"), None)) == {}
    assert without_entry({"a": 1}, ENABLED) == {"a": 1}


def test_values_are_compared_with_their_types_and_order() -> None:
    assert same({"a": [1, {"b": float("nan")}]}, {"a": [1, {"b": float("nan")}]})
    assert not same({"a": True}, {"a": 1})
    assert not same([1, 2], [2, 1])
    assert not same([1], [1, 1])
    assert not same(1, 1.0)
    assert not same({"a": None}, {})


def test_path_leads_nowhere_where_no_mapping_is() -> None:
    assert value_at({"a": {"b": 1}}, ("a", "b")) == 1
    assert value_at({"a": 1}, ("a", "b")) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "empty"),
        (False, "false"),
        ("24h", '"24h"'),
        (15, "15"),
        ([1], "a list"),
        ({}, "a mapping"),
        (date(2026, 1, 2), "2026-01-02"),
        ("x" * 99, '"' + "x" * 60 + '…"'),
    ],
)
def test_value_is_said_in_few_words(value: object, words: str) -> None:
    assert said(value) == words
