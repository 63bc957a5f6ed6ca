# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions are three-valued: what is not known decides only where it cannot matter."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from .support import Record, catalogue_of, judge, outcomes, rule_data, vm

FLAGS = ("cpu_hot_add_enabled", "memory_hot_add_enabled")
STATES: tuple[bool | None, ...] = (True, False, None)
WORDS = {True: "fail", False: "pass", None: "gap"}


def flag(name: str) -> Record:
    return {"fact": name, "is": True}


def known(**facts: bool | None) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


@pytest.mark.parametrize(("left", "right"), list(product(STATES, STATES)))
def test_all_and_any_follow_strong_kleene_logic(left: bool | None, right: bool | None) -> None:
    record = vm(1, **known(**dict(zip(FLAGS, (left, right), strict=True))))
    members = [flag(name) for name in FLAGS]
    both = False if False in (left, right) else None if None in (left, right) else True
    either = True if True in (left, right) else None if None in (left, right) else False
    assert outcomes({"all": members}, record) == [WORDS[both]]
    assert outcomes({"any": members}, record) == [WORDS[either]]


@pytest.mark.parametrize(("value", "expected"), [(True, "pass"), (False, "fail"), (None, "gap")])
def test_not_turns_known_values_and_keeps_unknown(value: bool | None, expected: str) -> None:
    assert outcomes({"not": flag(FLAGS[0])}, vm(1, **known(**{FLAGS[0]: value}))) == [expected]


@pytest.mark.parametrize(
    ("test", "facts", "expected"),
    [
        ({"fact": "cpu_count", "lt": 4}, {"cpu_count": 3}, "fail"),
        ({"fact": "cpu_count", "lt": 4}, {"cpu_count": 4}, "pass"),
        ({"fact": "cpu_count", "le": 4}, {"cpu_count": 4}, "fail"),
        ({"fact": "cpu_count", "le": 4}, {"cpu_count": 5}, "pass"),
        ({"fact": "cpu_count", "gt": 4}, {"cpu_count": 5}, "fail"),
        ({"fact": "cpu_count", "gt": 4}, {"cpu_count": 4}, "pass"),
        ({"fact": "cpu_count", "ge": 4}, {"cpu_count": 4}, "fail"),
        ({"fact": "cpu_count", "ge": 4}, {"cpu_count": 3}, "pass"),
        ({"fact": "cpu_count", "is": 4}, {"cpu_count": 4}, "fail"),
        ({"fact": "cpu_count", "is_not": 4}, {"cpu_count": 4}, "pass"),
        ({"fact": "cpu_count", "gt": 4}, {}, "gap"),
        ({"fact": "disks", "count_lt": 1}, {"disks": []}, "fail"),
        ({"fact": "disks", "count_lt": 1}, {"disks": [{}]}, "pass"),
        ({"fact": "disks", "count_le": 1}, {"disks": [{}]}, "fail"),
        ({"fact": "disks", "count_gt": 1}, {"disks": [{}]}, "pass"),
        ({"fact": "disks", "count_ge": 1}, {"disks": [{}]}, "fail"),
        ({"fact": "disks", "count_ge": 1}, {}, "gap"),
        ({"fact": "name", "length_lt": 3}, {"name": "ab"}, "fail"),
        ({"fact": "name", "length_le": 3}, {"name": "abc"}, "fail"),
        ({"fact": "name", "length_gt": 3}, {"name": "abc"}, "pass"),
        ({"fact": "name", "length_ge": 3}, {"name": "abc"}, "fail"),
        ({"fact": "name", "in": ["a", "b"]}, {"name": "b"}, "fail"),
        ({"fact": "name", "in": ["a", "b"]}, {"name": "c"}, "pass"),
        ({"fact": "name", "matches": "a+"}, {"name": "aa"}, "fail"),
        ({"fact": "name", "matches": "a+"}, {"name": "aab"}, "pass"),
        ({"fact": "name", "matches": "a+"}, {"name": "aa\n"}, "pass"),
        ({"fact": "name", "contains_any": ["DB", "web"]}, {"name": "erp-db-01"}, "fail"),
        ({"fact": "name", "contains_any": ["DB", "web"]}, {"name": "erp-app-01"}, "pass"),
        ({"fact": "name", "empty": True}, {"name": ""}, "fail"),
        ({"fact": "name", "empty": False}, {"name": "a"}, "fail"),
        ({"fact": "tags", "empty": True}, {"tags": []}, "fail"),
        ({"fact": "custom_attributes", "empty": True}, {"custom_attributes": {"a": "b"}}, "pass"),
        ({"fact": "tags", "empty": True}, {}, "gap"),
    ],
)
def test_operator_on_one_fact(test: Record, facts: Record, expected: str) -> None:
    assert outcomes(test, vm(1, **facts)) == [expected]


@pytest.mark.parametrize(
    ("disks", "expected"),
    [
        (None, "gap"),
        ([], "pass"),
        ([{"bus": "scsi", "rdm": True}], "fail"),
        ([{"bus": "sata", "rdm": True}], "pass"),
        ([{"bus": "scsi", "rdm": False}], "pass"),
        ([{"rdm": True}], "gap"),
        ([{"rdm": False}], "pass"),
        ([{"bus": "scsi"}], "gap"),
        ([{"bus": "sata"}], "pass"),
        ([{}, {"bus": "scsi", "rdm": True}], "fail"),
        ([{}, {"bus": "sata"}], "gap"),
    ],
)
@pytest.mark.parametrize("where", [{"fact": "rdm", "is": True}, {"any": [{"fact": "rdm", "is": True}]}])
def test_search_for_a_part_joins_only_and_where(disks: list[Record] | None, expected: str, where: Record) -> None:
    record = vm(1) if disks is None else vm(1, disks=disks)
    assert outcomes({"any_of": "disks", "only": {"fact": "bus", "is": "scsi"}, "where": where}, record) == [expected]


def test_facts_of_the_cluster_are_joined_by_its_id() -> None:
    clusters = [{"kind": "cluster", "id": "c1", "name": "A", "drs_enabled": True}, {"kind": "cluster", "id": "c2", "name": "B"}]
    vms = [vm(1, cluster_id="c1"), vm(2, cluster_id="c2"), vm(3, cluster_id="c3"), vm(4)]
    assert outcomes({"fact": "cluster.drs_enabled", "is": True}, *clusters, *vms) == ["fail", "gap", "gap", "gap"]


@pytest.mark.parametrize(
    ("fail_when", "facts", "evidence"),
    [
        ({"fact": "memory_mib", "lt": 512}, {"memory_mib": 256}, ("VM", "memory_mib", "256 MiB", "at least 512 MiB")),
        ({"fact": "used_bytes", "gt": 1024}, {"used_bytes": 1025}, ("VM", "used_bytes", "1025 bytes", "at most 1 KiB")),
        ({"fact": "cpu_reservation_mhz", "gt": 0}, {"cpu_reservation_mhz": 9}, ("VM", "cpu_reservation_mhz", "9 MHz", "at most 0 MHz")),
        ({"fact": "template", "is_not": False}, {"template": True}, ("VM", "template", "true", "false")),
        ({"fact": "name", "empty": True}, {"name": ""}, ("VM", "name", "empty", "not empty")),
        ({"not": {"fact": "name", "empty": False}}, {"name": ""}, ("VM", "name", "empty", "not empty")),
        ({"not": {"fact": "name", "is": "a"}}, {"name": "b"}, ("VM", "name", "b", "a")),
        (
            {"fact": "tags", "empty": False},
            {"tags": list("abcdefghijkl")},
            ("VM", "tags", "a, b, c, d, e, f, g, h, i, j and 2 more", "empty"),
        ),
        (
            {"any_of": "disks", "where": {"fact": "rdm", "is": True}},
            {"disks": [{}, {"rdm": True}]},
            ("disk 2", "disks.rdm", "true", "false"),
        ),
        (
            {"any_of": "nics", "where": {"fact": "mac", "is": "x"}},
            {"nics": [{"mac": "x", "key": 4000}]},
            ("network adapter 4000", "nics.mac", "x", "not x"),
        ),
        (
            {"not": {"any_of": "nics", "where": {"fact": "connected", "is": True}}},
            {"nics": [{"connected": False}]},
            ("VM", "nics", "none of 1 fits", "one that fits"),
        ),
        ({"not": {"shared_by_vms": "name"}}, {"name": "a", "vcenter": "v"}, ("VM", "name", "a", "shared with another VM")),
    ],
)
def test_evidence_says_what_was_found_and_what_was_expected(fail_when: Record, facts: Record, evidence: tuple[str, ...]) -> None:
    (judgement,) = judge(catalogue_of(rule_data(fail_when=fail_when)), [vm(1, **facts)]).values()
    (entry,) = judgement.findings[0]["evidence"]
    assert tuple(entry[key] for key in ("object", "field", "observed", "expected")) == evidence


def test_evidence_of_alternatives_names_those_that_hold() -> None:
    fail_when = {"any": [flag(name) for name in FLAGS]}
    (judgement,) = judge(catalogue_of(rule_data(fail_when=fail_when)), [vm(1, memory_hot_add_enabled=True)]).values()
    assert [entry["field"] for entry in judgement.findings[0]["evidence"]] == ["memory_hot_add_enabled"]
