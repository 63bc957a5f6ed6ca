# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema of contracts: its file is the one that the model makes, and it judges as the reader does."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.reading import contract_schema, read_contracts
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.contract.rules import contract_problems
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.unit.meta.project import CHECKOUT
from tests.unit.namespaces.builders import EVERYTHING, KNOWN, SMALL, Json
from tests.unit.namespaces.examples import EXAMPLES, example

SCHEMA = contract_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
SOUND = [SMALL, EVERYTHING, *(example(path.stem) for path in EXAMPLES)]
OTHER_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([2**31, 1.5, 0.0, 1e300, "", " ", "a", "A b", "a\n", "2027-06-30", "1.0", "restricted", "10.0.0.0/8", "443", "x" * 64]),
    st.just([]),
    st.just({}),
    st.lists(st.sampled_from(["", "a", 1, None, {}]), min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["name", "a", " "]), st.sampled_from(["", "a", 1, 0.5, None]), min_size=1, max_size=2),
)


def is_read(document: object) -> bool:
    """Whether the form of a contract is sound to the reader."""
    return not read_contracts([SourceText("a.yml", document)]).problems


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a contract below its root."""
    found = [path] if path else []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        found += places(entry, (*path, key))
    return found


@st.composite
def changed(draw: st.DrawFn) -> Json:
    """A sound contract with one to three places that hold something else, nothing, or a key that nobody knows."""
    document = copy.deepcopy(draw(st.sampled_from(SOUND)))
    for _number in range(draw(st.integers(1, 3))):
        *path, last = draw(st.sampled_from(places(document) or [("namespace",)]))
        target: Any = document
        for part in path:
            target = target[part]
        what = draw(st.sampled_from(["other", "gone", "unknown"]))
        if what == "gone":
            target.pop(last, None) if isinstance(target, dict) else target.pop(last)
        elif what == "other":
            target[last] = draw(OTHER_VALUES)
        elif isinstance(target, dict):
            target["colour"] = draw(OTHER_VALUES)
    return document


def test_schema_file_is_the_one_that_the_model_makes() -> None:
    """Mend it with `python -m tests.tools.write_schemas`."""
    path = CHECKOUT / "docs" / "schemas" / "contract.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == SCHEMA


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_valid_by_the_schema_and_to_the_reader_and_names_the_schema(path: Any) -> None:
    document = example(path.stem)
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    assert is_read(document)
    assert "# yaml-language-server: $schema=../../schemas/contract.schema.json\n" in path.read_text(encoding="utf-8")


@settings(max_examples=300, deadline=None)
@given(changed())
def test_reader_and_schema_agree_on_every_contract(document: Json) -> None:
    if str(document.get("schema_version", "1.0")).partition(".")[0] == "1":
        assert VALIDATOR.is_valid(document) == is_read(document)


@pytest.mark.parametrize(
    "document",
    [
        {key: value for key, value in SMALL.items() if key != "owner"},
        {**SMALL, "colour": "blue"},
        {**SMALL, "namespace": "Team_A"},
        {**SMALL, "classification": "secret"},
        {**SMALL, "expires": "30.06.2027"},
        {**SMALL, "adopt": "yes"},
        {**SMALL, "jurisdiction": None},
        {**SMALL, "quota": {"cpu": 0, "memory_gib": 1}},
        {**SMALL, "network": {"isolation": "none"}},
        {**SMALL, "pod_security": "privileged"},
        {**SMALL, "accelerators": [{"name": "a", "class": "batch", "count": 0}]},
    ],
)
def test_wrong_form_is_refused_by_both(document: Json) -> None:
    assert not VALIDATOR.is_valid(document)
    assert not is_read(document)


@pytest.mark.parametrize(
    "document",
    [
        {**SMALL, "expires": "2027-02-30"},
        {**SMALL, "namespace": "kube-team"},
        {**SMALL, "network": {"egress": [{"name": "a", "cidrs": ["1.2.3/99"]}]}},
        {**SMALL, "personas": []},
    ],
)
def test_what_no_schema_can_say_is_told_by_the_rules(document: Json) -> None:
    assert VALIDATOR.is_valid(document)
    assert contract_problems(read_contracts([SourceText("a.yml", document)]).placed, KNOWN)
