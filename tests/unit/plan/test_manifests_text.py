# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""YAML of manifests: any reader takes it for the same data, whatever text the estate holds."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.groundwork.readiness.plugins.module_utils.plan.yaml_text import manifest_text, quoted
from hypothesis import given, settings
from hypothesis import strategies as st

HOSTILE = (
    *(
        "",
        " ",
        "yes",
        "No",
        "on",
        "off",
        "true",
        "NULL",
        "null",
        "~",
        "y",
        "N",
        "1e3",
        "0x1f",
        "0o17",
        "017",
        "1_000",
        "12:30:45",
        "2026-11-21",
    ),
    *(
        ".inf",
        ".nan",
        "-",
        "--- ",
        "...",
        "- a",
        "? a",
        ": b",
        "a: b",
        "a #b",
        "#",
        "&a",
        "*a",
        "!tag",
        "|",
        ">",
        "%YAML",
        "@a",
        "`a`",
        "[a]",
        "{a}",
    ),
    *(
        "{{ lookup('env') }}",
        "a\nb",
        "a\r\nb",
        "\ttab",
        "'",
        '"',
        "\\",
        "\\u0041",
        "k\u00f6ln",
        "\u2028",
        "\ufeff",
        "\x7f",
        "\x85",
        "\x00",
        "\U0001f600",
    ),
    *("=", "<<", "a,b", "x" * 5000, "team@example.com", "https://vc.example.com/sdk", "inf", "NaN", "e3"),
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_read_back_as_it_was(text: str) -> None:
    key = text[:100]
    whole = {"apiVersion": "v1", "metadata": {key: text, "list": [text, {key: text}]}}
    assert yaml.safe_load(manifest_text(whole)) == whole


@pytest.mark.parametrize("text", ["web-01", "openshift-mtv", "forklift.konveyor.io/v1beta1", "Plan", "ReadWriteMany", "vm-101"])
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert quoted(text) == text


@settings(max_examples=60)
@given(st.dictionaries(st.text(max_size=8), PLAIN, min_size=1, max_size=5))
def test_any_data_is_read_back_as_it_was(whole: dict[str, Any]) -> None:
    assert yaml.safe_load(manifest_text(whole)) == whole


@given(st.text())
def test_no_text_breaks_a_line(text: str) -> None:
    written = quoted(text)
    assert len(written.splitlines()) == 1
    assert yaml.safe_load(written) == text


def test_half_of_a_character_becomes_a_replacement() -> None:
    assert yaml.safe_load(manifest_text({"a": "x\ud800y"}).encode().decode()) == {"a": "x\ufffdy"}


def test_keys_of_an_object_stand_in_the_order_that_people_expect() -> None:
    text = manifest_text({"spec": {"b": 1, "a": 2}, "kind": "Plan", "metadata": {}, "apiVersion": "x/v1"})
    assert text == "---\napiVersion: x/v1\nkind: Plan\nmetadata: {}\nspec:\n  b: 1\n  a: 2\n"


def test_what_is_no_plain_data_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        manifest_text({"a": 1.5})
