# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dataclass and record are two forms of one thing, and the schema describes the records."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.common.unknown import UNKNOWN
from ansible_collections.groundwork.readiness.plugins.module_utils.estate import model
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.flaws import flaws, type_flaws, word_flaws
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.key_order import ordered
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.records import (
    FACTS,
    PART_FACTS,
    SHAPES,
    from_record,
    to_record,
    vm_from_record,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vocabulary import WORDS
from hypothesis import given
from hypothesis import strategies as st

from .samples import VALUES, Record, full_vm, vm

ANY_VALUE = {
    "text": st.text(max_size=5),
    "count": st.integers(),
    "flag": st.booleans(),
    "texts": st.lists(st.text(max_size=3), max_size=2),
    "counts": st.lists(st.integers(), max_size=2),
    "text_map": st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
}


def facts_of(owner: type) -> st.SearchStrategy[Record]:
    shapes = {
        name: shape
        for name, shape in SHAPES[owner].items()
        if shape in ANY_VALUE and name not in ("unknown", "out_of_scope", "id", "id_basis", "sources")
    }
    return st.fixed_dictionaries({}, optional={name: ANY_VALUE[shape] for name, shape in shapes.items()})


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from(sorted(model.KINDS)))
    record = {"kind": kind, "id": "a/b", **draw(facts_of(model.KINDS[kind])), "origin": {"source": "a@1"}, "sources": ["a@1"]}
    if kind == "vm":
        record["id_basis"] = "moref"
        for name in draw(st.sets(st.sampled_from(sorted(model.PARTS)))):
            record[name] = draw(st.lists(facts_of(model.PARTS[name]), max_size=2))
    return record


@given(records())
def test_a_record_survives_the_way_through_its_dataclass(record: Record) -> None:
    assert to_record(from_record(record)) == record


@given(records())
def test_a_record_of_the_right_types_has_no_flaw(record: Record) -> None:
    assert list(type_flaws(record)) == []


def test_a_vm_with_every_fact_survives_the_way_through_its_record() -> None:
    assert vm_from_record(to_record(full_vm())) == full_vm()


def test_an_absent_key_is_unknown_and_an_empty_value_is_not() -> None:
    known = vm_from_record(vm("a", "vm-1", cluster="", guest_ips=[]))
    assert known.cluster == ""
    assert known.guest_ips == ()
    assert known.host is UNKNOWN
    record = to_record(known)
    assert record["cluster"] == ""
    assert record["guest_ips"] == []
    assert "host" not in record


def test_null_is_never_written() -> None:
    unknown_but_id = model.Vm(id="a")
    assert to_record(unknown_but_id) == {"kind": "vm", "id": "a"}
    assert "out_of_scope" not in to_record(replace(full_vm(), out_of_scope=None))


def test_keys_that_this_version_does_not_know_are_left_out_of_the_dataclass() -> None:
    record = vm("a", "vm-1", brand_new=1, disks=[{"key": 2000, "brand_new": 2}])
    known = vm_from_record(record)
    assert known.disks == (model.Disk(key=2000),)


def test_a_kind_that_is_not_in_the_model_is_refused() -> None:
    with pytest.raises(KeyError):
        from_record({"kind": "spaceship", "id": "a"})


@pytest.mark.parametrize("kind", sorted(model.KINDS))
def test_every_fact_of_the_model_is_listed_once(kind: str) -> None:
    names = [
        entry.name for entry in fields(model.KINDS[kind]) if not entry.metadata.get("bookkeeping") and entry.name not in ("id", "id_basis")
    ]
    assert list(FACTS[kind]) == names


def test_every_fact_of_a_part_is_listed_once() -> None:
    assert {name: list(facts) for name, facts in PART_FACTS.items()} == {
        name: [entry.name for entry in fields(owner)] for name, owner in model.PARTS.items()
    }


def test_keys_come_in_the_order_of_the_model_and_new_ones_last() -> None:
    record = ordered({"zeta": 1, "alpha": 2, "cpu_count": 2, "name": "a", "id": "i", "kind": "vm", "host": "h"})
    assert list(record) == ["kind", "id", "name", "host", "cpu_count", "alpha", "zeta"]


def test_a_record_of_another_order_of_keys_is_the_same() -> None:
    record = to_record(full_vm())
    assert list(ordered(dict(reversed(record.items())))) == list(record)


WRONG: list[tuple[str, Any, str]] = [
    ("cpu_count", None, "cpu_count"),
    ("cpu_count", "2", "cpu_count"),
    ("cpu_count", 2.5, "cpu_count"),
    ("cpu_count", True, "cpu_count"),
    ("template", 1, "template"),
    ("name", 7, "name"),
    ("guest_ips", "10.0.0.1", "guest_ips"),
    ("guest_ips", [1], "guest_ips"),
    ("cpu_affinity", ["1"], "cpu_affinity"),
    ("custom_attributes", {"a": 1}, "custom_attributes"),
    ("custom_attributes", ["a"], "custom_attributes"),
    ("disks", {}, "disks"),
    ("disks", ["a"], "disks[0]"),
    ("disks", [{"key": 2000}, {"key": None}], "disks[1].key"),
    ("origin", {}, "origin"),
    ("origin", None, "origin"),
    ("unknown", {"cpu_count": None}, "unknown"),
    ("fact_origins", {"cpu_count": "a"}, "fact_origins"),
]


@pytest.mark.parametrize(("name", "value", "flawed"), WRONG)
def test_a_value_of_the_wrong_type_is_named(name: str, value: Any, flawed: str) -> None:
    found = [key for key, _message in flaws({**vm("a", "vm-1"), name: value})]
    assert flawed in found


@pytest.mark.parametrize("shape", sorted(set(VALUES) - {"object"}))
def test_every_shape_takes_its_sample(shape: str) -> None:
    for name, own in SHAPES[model.Vm].items():
        if own == shape and name not in ("id", "id_basis", "unknown"):
            assert list(flaws({**vm("a", "vm-1"), name: VALUES[shape]})) == []


NEGATIVE: list[tuple[str, Any, str]] = [
    ("cpu_count", -1, "cpu_count"),
    ("memory_mib", -4096, "memory_mib"),
    ("cpu_limit_mhz", -2, "cpu_limit_mhz"),
    ("downtime_tolerance_minutes", -5, "downtime_tolerance_minutes"),
    ("cpu_affinity", [0, -1], "cpu_affinity"),
    ("partitions", [{"free_bytes": -1}], "partitions[0].free_bytes"),
    ("disks", [{"key": 2000}, {"used_bytes": -1}], "disks[1].used_bytes"),
]


@pytest.mark.parametrize(("name", "value", "flawed"), NEGATIVE)
def test_a_number_that_cannot_be_negative_is_named(name: str, value: Any, flawed: str) -> None:
    assert [key for key, _message in flaws(vm("a", "vm-1", **{name: value}))] == [flawed]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cpu_limit_mhz", -1),
        ("memory_limit_mib", -1),
        ("disks", [{"key": -3, "capacity_bytes": -1}, {"capacity_bytes": 0}]),
        ("nics", [{"key": -1}]),
    ],
)
def test_a_number_that_may_be_negative_has_no_flaw(name: str, value: Any) -> None:
    assert list(flaws(vm("a", "vm-1", **{name: value}))) == []


STRANGE: list[tuple[str, Any, str]] = [
    ("power_state", "on", "power_state"),
    ("power_state", "", "power_state"),
    ("firmware", "uefi", "firmware"),
    ("fault_tolerance_state", "FALSE", "fault_tolerance_state"),
    ("disks", [{"mode": "persistent"}, {"mode": "Independent - Persistent"}], "disks[1].mode"),
    ("disks", [{"sharing": "yes"}], "disks[0].sharing"),
    ("controllers", [{"bus_sharing": "shared"}], "controllers[0].bus_sharing"),
    ("usb", [{"kind": "stick"}], "usb[0].kind"),
]


@pytest.mark.parametrize(("name", "value", "flawed"), STRANGE)
def test_a_word_outside_of_a_closed_vocabulary_is_named_with_those_inside(name: str, value: Any, flawed: str) -> None:
    ((key, message),) = word_flaws(vm("a", "vm-1", **{name: value}))
    assert key == flawed
    assert "none of" in message


def test_words_of_the_vocabularies_and_unknown_ones_have_no_flaw() -> None:
    for owner, facts in WORDS.items():
        for fact, words in facts.items():
            for word in words:
                parts = vm("a", "vm-1", **{owner: [{fact: word}, {}]})
                assert list(word_flaws({"kind": owner, "id": "a", fact: word} if owner in model.KINDS else parts)) == []


def test_every_vocabulary_belongs_to_a_text_of_the_model() -> None:
    for owner, facts in WORDS.items():
        shapes = SHAPES[model.KINDS.get(owner) or model.PARTS[owner]]
        assert {shapes[fact] for fact in facts} == {"text"}


def test_a_sound_record_does_not_hide_a_later_one_of_other_types() -> None:
    sound = vm("a", "vm-1", cpu_count=2, devices=[{"key": 1}])
    assert list(flaws(sound)) == []
    assert [key for key, _text in flaws({**sound, "cpu_count": "2"})] == ["cpu_count"]
    assert [key for key, _text in flaws({**sound, "devices": [{"key": "1"}]})] == ["devices[0].key"]
