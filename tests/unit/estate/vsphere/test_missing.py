# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Missing is not empty: whatever a server refuses or does not have, no fact becomes another one."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.flaws import flaws, word_flaws
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.records import estate_schema
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.catalogue import PROPERTIES
from ansible_collections.groundwork.readiness.plugins.module_utils.estate.vsphere.objects import ObjectRead
from hypothesis import given, settings
from hypothesis import strategies as st

from .machine_reads import machine, plain_machine
from .reads import ABOUT, REFUSED, inventory, live_estate, without

Records = dict[tuple[str, str], dict[str, Any]]

KNOWN_EMPTY: Any = ("", [], {}, False, "normal")
"""What a fact can become when its property has no value: what the API says for none of it, and defaults of settings."""

OTHERWISE_TOLD = {"vm_ids", "start_orders", "guest_ips", "ha_restart_priority", "drs_behavior", "uplink"}
"""Facts whose rest is true when a property has no value: the order or the share of another property is lost."""

PLACES = [(position, path) for position, read in enumerate([*inventory(), machine()]) for path in sorted({*read.values})]


@cache
def validator() -> jsonschema.Draft202012Validator:
    """The schema of an estate's lines."""
    return jsonschema.Draft202012Validator(estate_schema())


def estate(reads: list[ObjectRead]) -> Records:
    """All records of an estate, the source's among them."""
    live = live_estate([read for read in reads if read.type != "VirtualMachine"])
    records = [*live.objects(), *(live.vm(read) for read in reads if read.type == "VirtualMachine")]
    records.append(live.source("0" * 64))
    return {(record["kind"], record["id"]): record for record in records}


WHOLE_READS = [*inventory(), machine()]
WHOLE = estate(WHOLE_READS)


def check(records: Records) -> None:
    """Every record is one that the model, its vocabulary and its schema have."""
    for record in records.values():
        assert list(flaws(record)) == []
        assert list(word_flaws(record)) == []
        validator().validate(record)
        assert not record.get("unknown", {}).keys() & record.keys()


def differences(records: Records, allowed: Any = ()) -> list[str]:
    """Facts that are known in both estates and are not the same."""
    found = []
    for key, record in records.items():
        before = WHOLE.get(key)
        if before is None or key[0] == "source":
            continue
        for fact, value in record.items():
            if fact in before and fact != "unknown" and not _same(before[fact], value, allowed):
                found.append(f"{key} {fact}: {before[fact]!r} became {value!r}")
            elif fact not in before and fact != "unknown":
                found.append(f"{key} {fact}: {value!r} came")
    return found


def _same(before: Any, value: Any, allowed: Any) -> bool:
    if before == value or value in allowed:
        return True
    if isinstance(before, list) and isinstance(value, list) and len(before) == len(value):
        return all(
            isinstance(old, dict)
            and isinstance(new, dict)
            and all(fact in old and (old[fact] == new[fact] or new[fact] in allowed) for fact in new)
            for old, new in zip(before, value, strict=True)
        )
    return False


def test_estate_that_shows_everything_is_sound() -> None:
    check(WHOLE)
    check(estate([*inventory(), plain_machine()]))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{WHOLE_READS[place[0]].moref} {place[1]}")
def test_refused_property_makes_the_facts_that_it_feeds_unknown_and_changes_none(place: tuple[int, str]) -> None:
    position, path = place
    read = WHOLE_READS[position]
    records = estate([without(other, path, REFUSED) if number == position else other for number, other in enumerate(WHOLE_READS)])
    check(records)
    assert differences(records) == []
    fed = set(_facts(read.type, path))
    for key, record in records.items():
        before, unknown = WHOLE[key], record.get("unknown", {})
        assert before.keys() - record.keys() - {"unknown"} <= unknown.keys(), (read.type, path)
        fresh = {f"{key[0]}.{fact.partition('[')[0]}{fact.partition(']')[2]}" for fact in unknown.keys() - before.get("unknown", {}).keys()}
        assert {fact for fact in fresh if fact not in fed and fact.rpartition(".")[0] not in fed} == set(), (read.type, path)
    gone = WHOLE.keys() - records.keys()
    assert {kind for kind, _identity in gone} <= {fact.partition(".")[0] for fact in fed}


def _facts(type_name: str, path: str) -> tuple[str, ...]:
    return next(entry.facts for entry in PROPERTIES[type_name] if entry.path == path)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{WHOLE_READS[place[0]].moref} {place[1]}")
def test_property_without_a_value_makes_facts_unknown_or_known_to_be_empty(place: tuple[int, str]) -> None:
    position, path = place
    reads = [without(read, path) if number == position else read for number, read in enumerate(WHOLE_READS)]
    records = estate(reads)
    check(records)
    wrong = [
        difference
        for difference in differences(records, KNOWN_EMPTY)
        if difference.partition(") ")[2].partition(":")[0] not in OTHERWISE_TOLD
    ]
    assert wrong == []


@settings(max_examples=60, deadline=None)
@given(chosen=st.sets(st.sampled_from(PLACES), min_size=2, max_size=40))
def test_any_refusals_together_never_make_one_fact_another(chosen: set[tuple[int, str]]) -> None:
    reads = list(WHOLE_READS)
    for position, path in sorted(chosen):
        reads[position] = without(reads[position], path, REFUSED)
    records = estate(reads)
    check(records)
    assert differences(records) == []


@settings(max_examples=60, deadline=None)
@given(chosen=st.sets(st.sampled_from(range(len(inventory()))), min_size=1, max_size=12))
def test_objects_that_are_not_to_be_seen_never_make_one_fact_another(chosen: set[int]) -> None:
    records = estate([read for number, read in enumerate(WHOLE_READS) if number not in chosen])
    check(records)
    assert differences(records) == []


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_word_in_place_of_a_leaf_is_taken_or_noted_and_never_breaks_the_record(data: st.DataObject) -> None:
    position, path = data.draw(st.sampled_from(PLACES))
    read = WHOLE_READS[position]
    word = data.draw(st.one_of(st.sampled_from(["wordOfALaterRelease", "-1", "-7", "", "true", "4.5"]), st.text(max_size=8)))
    if isinstance(read.values[path], str):
        reads = list(WHOLE_READS)
        reads[position] = ObjectRead(read.type, read.moref, {**read.values, path: word}, read.missing)
        check(estate(reads))


def test_api_without_a_property_makes_its_facts_unknown_and_says_so_once() -> None:
    live = live_estate(about={**ABOUT, "api_version": "6.5"})
    vm = live.vm(without(without(machine(), "summary.config.tpmPresent"), "config.createDate"))
    assert vm["unknown"]["created_at"] == "version 6.5 of the API does not have it; 6.7 is the first"
    assert vm["tpm_present"] is True
    entries = [entry for entry in live.source("0" * 64)["not_seen"] if "VirtualMachine" in entry["what"]]
    assert [entry["facts"] for entry in entries] == [["created_at"]]
