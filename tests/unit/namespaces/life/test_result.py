# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container says of itself: taken where it has the form, and nothing of it believed else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.namespaces.life.result import LONGEST, ProofResult, parsed, proof_schema
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

Json = dict[str, Any]
RIGHT: Json = {
    "schema": "readiness.proof/1",
    "vendor": "nvidia",
    "devices_asked": 2,
    "devices_seen": 2,
    "tool_exit": 0,
    "dns": "resolved",
    "reach": {"api-server": "open", "node-metadata": "closed"},
}


def test_result_of_the_form_is_taken() -> None:
    found = parsed(json.dumps(RIGHT) + "\n")
    assert found == ProofResult("nvidia", 2, 2, 0, "resolved", {"api-server": "open", "node-metadata": "closed"})


def test_vendors_that_nobody_knows_and_images_without_a_tool_leave_null() -> None:
    found = parsed(json.dumps({**RIGHT, "devices_seen": None, "tool_exit": None}))
    assert isinstance(found, ProofResult)
    assert (found.devices_seen, found.tool_exit) == (None, None)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "   ",
        "null",
        "[]",
        "panic: everything",
        "{" * LONGEST,
        "[" * LONGEST,
        "x" * (LONGEST + 1),
        json.dumps({**RIGHT, "further": 1}),
        json.dumps({key: value for key, value in RIGHT.items() if key != "dns"}),
        json.dumps({**RIGHT, "schema": "readiness.proof/2"}),
        json.dumps({**RIGHT, "vendor": "<script>"}),
        json.dumps({**RIGHT, "vendor": ["nvidia"]}),
        json.dumps({**RIGHT, "devices_asked": -1}),
        json.dumps({**RIGHT, "devices_asked": True}),
        json.dumps({**RIGHT, "devices_seen": 1.5}),
        json.dumps({**RIGHT, "devices_seen": 10**9}),
        json.dumps({**RIGHT, "devices_seen": "2"}),
        json.dumps({**RIGHT, "tool_exit": 256}),
        json.dumps({**RIGHT, "dns": None}),
        json.dumps({**RIGHT, "reach": {"api-server": "OPEN"}}),
        json.dumps({**RIGHT, "reach": {"x" * 81: "open"}}),
        json.dumps({**RIGHT, "reach": {str(number): "open" for number in range(13)}}),
        json.dumps({**RIGHT, "reach": ["open"]}),
        json.dumps(RIGHT).replace('"devices_seen": 2', '"devices_seen": NaN'),
        json.dumps(RIGHT).replace('"dns": "resolved"', '"dns": "resolved", "dns": "unresolved"'),
        json.dumps(RIGHT) + json.dumps(RIGHT),
    ],
)
def test_message_of_another_form_is_no_result_and_says_why(message: str) -> None:
    assert isinstance(parsed(message), str)
    assert parsed(message)


_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)


@given(st.dictionaries(st.sampled_from([*RIGHT, "further"]), _VALUES, max_size=4))
def test_what_is_taken_is_what_the_schema_allows(changes: Json) -> None:
    document = {**RIGHT, **changes}
    try:
        message = json.dumps(document, allow_nan=False)
    except ValueError:
        assert isinstance(parsed(json.dumps(document)), str)
        return
    is_valid = Draft202012Validator(proof_schema()).is_valid(json.loads(message))
    is_whole = all(value.__class__ is not float for value in changes.values())
    if is_whole:
        assert isinstance(parsed(message), ProofResult) is is_valid
    elif isinstance(parsed(message), ProofResult):
        assert is_valid


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(message: str) -> None:
    assert isinstance(parsed(message), (str, ProofResult))
