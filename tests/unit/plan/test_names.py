# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that Kubernetes accepts: those of VMs by the rule of the migration controller, and those of objects."""

from __future__ import annotations

from random import Random

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.plan import names
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.names import NameWish
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.origins import Origin
from hypothesis import given, settings
from hypothesis import strategies as st

CHANGED = (
    ("web01", "web01"),
    ("WEB01", "web01"),
    ("web_01", "web-01"),
    ("web 01+a*b/c\\d", "web-01-a-b-c-d"),
    ("web01.example.com", "web01.example.com"),
    (".-web-.", "web"),
    ("a__b", "a-b"),
    ("a..b", "a.b"),
    ("a.-b-.c", "a.b.c"),
    ("Prod (old) #1", "prod-old-1"),
    ("k\u00f6ln-01", "kln-01"),
    ("a" * 70, "a" * 63),
    ("a" * 62 + "-b", "a" * 62),
    (".".join(("a" * 30, "b" * 30, "c" * 30)), ".".join(("a" * 30, "b" * 30, "c"))),
    (".".join(("a" * 62, "b" * 30)), "a" * 62),
    ("web\t01", "web01"),
    ("1e3", "1e3"),
    ("{{ x }}", "x"),
)
NAMES = st.text(alphabet="abAB01._- +*/\\#\u00e4", max_size=80)


def wishes_of(*wanted: tuple[str, str], namespace: str = "apps") -> list[NameWish]:
    return [NameWish(vm_id, f"vm-{vm_id}", name, namespace) for vm_id, name in wanted]


@pytest.mark.parametrize(("name", "expected"), CHANGED)
def test_name_is_changed_as_the_controller_changes_it(name: str, expected: str) -> None:
    assert names.changed_vm_name(name, "id-1") == expected


def test_name_without_a_letter_or_digit_becomes_one_of_the_id_alone() -> None:
    first, again, other = (names.changed_vm_name("***", vm_id) for vm_id in ("id-1", "id-1", "id-2"))
    assert first == again != other
    assert first.startswith("vm-") and len(first) == 7 and names.is_label(first)


@given(NAMES, st.text(max_size=10))
def test_changed_name_is_always_a_valid_subdomain_of_63_characters(name: str, identity: str) -> None:
    assert names.is_subdomain(names.changed_vm_name(name, identity), names.LABEL_LIMIT)


@given(NAMES)
def test_changing_a_changed_name_changes_nothing(name: str) -> None:
    once = names.changed_vm_name(name, "x")
    assert names.changed_vm_name(once, "y") == once


@settings(max_examples=60)
@given(st.lists(st.tuples(NAMES, st.sampled_from(("apps", "db"))), max_size=30), st.integers())
def test_names_are_valid_unique_and_do_not_depend_on_order(wanted: list[tuple[str, str]], seed: int) -> None:
    wishes = [NameWish(f"id-{number}", f"vm-{number}", name, place) for number, (name, place) in enumerate(wanted)]
    taken = {("apps", "a"): (Origin(""),), ("db", "b"): (Origin("vm-3"),)}
    found = names.target_names(wishes, taken)
    shuffled = wishes[:]
    Random(seed).shuffle(shuffled)
    assert names.target_names(shuffled, taken) == found
    places = [(wish.namespace, found[wish.vm_id]) for wish in wishes]
    assert len(set(places)) == len(wishes)
    assert all(names.is_subdomain(name, names.LABEL_LIMIT) for name in found.values())
    assert ("apps", "a") not in places


def test_vms_that_would_be_called_alike_both_get_a_suffix_of_their_own_id() -> None:
    found = names.target_names(wishes_of(("1", "Web"), ("2", "web"), ("3", "db")), {})
    assert found["3"] == "db"
    assert found["1"] != found["2"]
    assert {name[:4] for name in (found["1"], found["2"])} == {"web-"}
    assert len(found["1"]) == len(found["2"]) == 8


def test_suffix_of_a_long_name_takes_the_place_of_its_end() -> None:
    found = names.target_names(wishes_of(("1", "a" * 63), ("2", "a" * 63)), {})
    assert {len(name) for name in found.values()} == {63}
    assert all(name.startswith("a" * 58 + "-") for name in found.values())


def test_same_name_in_two_namespaces_is_kept_in_both() -> None:
    wishes = [*wishes_of(("1", "web")), *wishes_of(("2", "web"), namespace="db")]
    assert names.target_names(wishes, {}) == {"1": "web", "2": "web"}


def test_name_that_something_else_has_on_the_cluster_gets_a_suffix() -> None:
    found = names.target_names(wishes_of(("1", "web")), {("apps", "web"): (Origin(""),)})
    assert found["1"].startswith("web-")


def test_name_of_the_same_vm_on_the_cluster_is_not_hidden_by_another() -> None:
    assert names.target_names(wishes_of(("1", "web")), {("apps", "web"): (Origin("vm-1"),)}) == {"1": "web"}


def test_name_of_an_earlier_plan_is_kept_when_another_vm_comes_to_want_it() -> None:
    wishes = [NameWish("1", "vm-1", "web", "apps", earlier="web"), NameWish("2", "vm-2", "WEB", "apps")]
    found = names.target_names(wishes, {})
    assert found["1"] == "web"
    assert found["2"].startswith("web-")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Team ERP", "team-erp"), ("team-erp@example.com", "team-erp-example-com"), ("--", ""), ("\u00e4", ""), ("a" * 70, "a" * 63)],
)
def test_label_is_made_of_free_text(text: str, expected: str) -> None:
    assert names.label_of(text) == expected


def test_object_name_joins_its_parts_and_keeps_its_tail_when_it_is_cut() -> None:
    assert names.object_name("vc-north", "erp", "w03-warm") == "vc-north-erp-w03-warm"
    cut = names.object_name("vc-north", "n" * 63, "w03-warm-2")
    assert len(cut) <= 63 and cut.endswith("-w03-warm-2") and names.is_label(cut)
    assert cut == names.object_name("vc-north", "n" * 63, "w03-warm-2") != names.object_name("vc-north", "n" * 62, "w03-warm-2")


@given(
    st.lists(st.tuples(st.sampled_from(("a", "a-b", "A")), st.sampled_from(("b-c", "c", "b")), st.sampled_from(("w01-cold", "w01-warm"))))
)
def test_object_names_are_valid_and_no_two_are_alike(keys: list[tuple[str, str, str]]) -> None:
    found = names.object_names(keys)
    assert len(set(found.values())) == len(set(keys))
    assert all(names.is_label(name) for name in found.values())
