# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of the document: what is wrong with it is told where it stands; parser and JSON Schema agree."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired import shape
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PlatformDesired
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import platform_desired_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.meta.project import CHECKOUT
from tests.unit.platform.desired.documents import EXAMPLES, Document, changed, example, parsed

SCHEMA = platform_desired_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(
        [2**31, -(2**31), 10**400, 1.5, 2.0, 0.0, 1e300, "", " ", "a", "a\n", "auto", "4.21", "4.210", "1.0", "2.0", "x\x7f", "é"]
    ),
    st.just([]),
    st.just({}),
    st.lists(st.sampled_from(["", "a", "own-ns", 1, None, {}]), min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["name", "a", " ", "path"]), st.sampled_from(["", "a", 1, None, ["a"], []]), min_size=1, max_size=2),
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document."""
    found = [path] if path else []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        found += leaves(entry, (*path, key))
    return found


PLACES = [(path.stem, place) for path in EXAMPLES for place in leaves(example(path.stem))]


@st.composite
def broken(draw: st.DrawFn) -> Document:
    """An example with up to three values that may be anything, keys that are not known, or keys that lack."""
    name, _place = draw(st.sampled_from(PLACES))
    document = copy.deepcopy(example(name))
    for _number in range(draw(st.integers(1, 3))):
        places = leaves(document)
        if not places:
            break
        *path, last = draw(st.sampled_from(places))
        target: Any = document
        for part in path:
            target = target[part]
        what = draw(st.sampled_from(["other", "gone", "unknown"]))
        if what == "other":
            target[last] = draw(ODD)
        elif what == "gone":
            del target[last]
        elif isinstance(target, dict):
            target[draw(st.sampled_from(["nmae", "", "x"]))] = draw(ODD)
    return document


@settings(max_examples=250, deadline=None)
@given(broken())
def test_parser_and_schema_agree_on_every_document(document: Document) -> None:
    reading = shape.Reading()
    try:
        reading.section(PlatformDesired, document, ())
        is_sound = True
    except shape.Bad:
        is_sound = False
    assert is_sound == (not reading.problems)
    assert is_sound == VALIDATOR.is_valid(document), [problem.message for _path, problem in reading.problems]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_valid_by_the_schema_and_the_parser(path: Any) -> None:
    document = example(path.stem)
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    assert parsed(document).desired is not None


def test_schema_file_is_the_one_that_the_table_makes() -> None:
    """Mend it with `python -m tests.tools.write_schemas`."""
    path = CHECKOUT / "docs" / "schemas" / "platform_desired.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == SCHEMA


def test_every_key_has_a_meaning() -> None:
    def without(owner: type, seen: set[type]) -> list[str]:
        found = []
        for key in shape.keys_of(owner):
            found += [] if key.meaning else [f"{owner.__name__}.{key.name}"]
            node = key.node
            while node.item is not None:
                node = node.item
            if node.what == shape.SECTION and node.owner not in seen:
                seen.add(node.owner)
                found += without(node.owner, seen)
        return found

    assert without(PlatformDesired, set()) == []


@pytest.mark.parametrize(
    ("place", "value", "message", "remedy"),
    [
        ("cluster.openshift", 4.20, "cluster.openshift is 4.2, not a text", "put it in quotes"),
        ("cluster.openshift", "4.210", "cluster.openshift is '4.210'", "OpenShift minor that it has to be, such as 4.21; it has to match"),
        ("operators.wanted.0.floating", "yes", "operators.wanted[0].floating is 'yes', not true or false", "allowed are true, false"),
        ("operators.wanted.0.floating", None, "", ""),
        ("operators.wanted.0.scope", "ours", "operators.wanted[0].scope is 'ours'", "allowed are auto, own, all, or a list of names"),
        ("operators.wanted.0.scope", [], "operators.wanted[0].scope is empty", "give at least one entry"),
        ("operators.wanted.0.chanel", "stable", "operators.wanted[0].chanel is not known", "did you mean channel? allowed are name, state"),
        ("operators.wanted.0.name", "", "operators.wanted[0].name is ''", "it has to match [a-z0-9]"),
        ("operators.wanted", {}, "operators.wanted is a mapping, not a list", "write it with - before each entry, or in []"),
        ("operators.brownfield", "keep", "operators.brownfield is 'keep'", "allowed are adopt, observe, refuse"),
        ("accelerators.pools.0.max_parallel", 0, "accelerators.pools[0].max_parallel is 0", "it has to be at least 1"),
        ("accelerators.pools.0.max_parallel", 1.5, "accelerators.pools[0].max_parallel is 1.5, not a whole number", "give a whole number"),
        ("accelerators.pools.0.max_parallel", "1", "accelerators.pools[0].max_parallel is '1', not a whole number", "without quotes"),
        ("accelerators.requests.0.count", True, "accelerators.requests[0].count is True, not a whole number", "give a whole number"),
        ("accelerators.classes", {"x": {"memory_gib": 0}}, "accelerators.classes.x.memory_gib is 0", "it has to be above 0"),
        ("accelerators.classes", {" ": {}}, "accelerators.classes has the key ' ', which is a text", "give keys as texts"),
        ("openshift_ai.runtimes.0.image", "registry.example.com/x:1", "openshift_ai.runtimes[0].image is", "@sha256:[0-9a-f]{64}"),
        ("openshift_ai.auth.admin_groups", "rhoai-admins", "openshift_ai.auth.admin_groups is a text, not a list", "write it with -"),
        ("openshift_ai.components.kserve", "On", "openshift_ai.components.kserve is 'On'", "allowed are Managed, Unmanaged, Removed"),
        ("prerequisites", [], "prerequisites is a list, not a mapping", "allowed keys are storage_class, internal_registry"),
    ],
)
def test_fault_is_told_with_its_place_and_what_is_allowed(place: str, value: object, message: str, remedy: str) -> None:
    document = changed(example("small"), (place, value)) if value is not None else example("small")
    problems = parsed(document).problems
    if not message:
        assert problems == ()
        return
    assert [problem.message.startswith(message) for problem in problems] == [True], [problem.text() for problem in problems]
    assert remedy in problems[0].remedy


@pytest.mark.parametrize("value", ["hunter22/!", 48151623, 4.8151623])
@pytest.mark.parametrize("key", ["client_secret", "ca"])
def test_what_stands_in_place_of_the_name_of_a_secret_is_not_repeated(key: str, value: object) -> None:
    openid = {"issuer": "https://sso.example.com", "client_id": "openshift", "client_secret": "corp", key: value}
    document = {"schema_version": "1.0", "identity": {"providers": [{"name": "corp", "type": "OpenID", "openid": openid}]}}
    (problem,) = parsed(document).problems
    assert problem.message.startswith(f"identity.providers[0].openid.{key} is ")
    assert (str(value) in problem.text()) == (key == "ca")


def test_null_is_no_value_because_it_would_pass_over_a_section_in_silence() -> None:
    problems = parsed({"schema_version": "1.0", "prerequisites": {"storage_class": None}}).problems
    assert [problem.message for problem in problems] == ["prerequisites.storage_class is null, not a mapping"]
    assert "leave it out" in problems[0].remedy


def test_every_fault_of_a_document_is_listed_at_once() -> None:
    document = changed(
        example("large"),
        ("operators.brownfield", "keep"),
        ("operators.wanted.0.version", 4.21),
        ("operators.wanted.2.name", None),
        ("accelerators.pools.1.replicas", 1),
        ("openshift_ai.models.0.kind", "Service"),
        ("opreators", {}),
    )
    messages = [problem.message for problem in parsed(document).problems]
    assert messages == [
        "opreators is not known",
        "operators.brownfield is 'keep'",
        "operators.wanted[0].version is 4.21, not a text",
        "operators.wanted[2].name is missing",
        "accelerators.pools[1].replicas is 1",
        "openshift_ai.models[0].kind is 'Service'",
    ]


def test_keys_that_are_left_out_have_their_defaults() -> None:
    desired = parsed(example("small")).desired
    assert desired is not None and desired.operators is not None and desired.accelerators is not None
    assert desired.operators.brownfield == "observe"
    assert desired.operators.wanted[0].scope == "auto"
    assert desired.accelerators.nfd.namespace == "openshift-nfd"
    assert desired.accelerators.requests[0].device_class == "large-inference"
    assert desired.waivers == ()
