# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Matchers are judged as Alertmanager judges them, and what cannot be judged is unknown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.matching import (
    MOST_CHARACTERS,
    MOST_NESTED,
    AlertLabels,
    all_of,
    any_of,
    fits,
    matcher_of,
    matches,
    opposite,
    pattern_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

LABELS = AlertLabels({"owner": "research", "severity": "critical"})


def judged(entry: dict[str, Any], labels: AlertLabels = LABELS) -> bool | None:
    matcher = matcher_of(entry)
    assert matcher is not None
    return matches(matcher, labels)


@pytest.mark.parametrize(
    ("entry", "holds"),
    [
        ({"name": "owner", "matchType": "=", "value": "research"}, True),
        ({"name": "owner", "matchType": "=", "value": "other"}, False),
        ({"name": "owner", "matchType": "!=", "value": "other"}, True),
        ({"name": "owner", "matchType": "!=", "value": "research"}, False),
        ({"name": "severity", "matchType": "=~", "value": "critical|warning"}, True),
        ({"name": "severity", "matchType": "=~", "value": "crit"}, False),
        ({"name": "severity", "matchType": "!~", "value": "crit.*"}, False),
        ({"name": "severity", "matchType": "!~", "value": "crit"}, True),
        ({"name": "owner", "value": "research"}, True),
        ({"name": "owner", "value": "re.*"}, False),
        ({"name": "owner", "value": "re.*", "regex": False}, False),
        ({"name": "owner", "value": "re.*", "regex": True}, True),
        ({"name": "owner", "matchType": "=", "value": "re.*", "regex": True}, False),
    ],
)
def test_both_spellings_of_a_matcher_are_judged(entry: dict[str, Any], holds: bool) -> None:
    assert judged(entry) is holds


@pytest.mark.parametrize(
    ("entry", "holds"),
    [
        ({"name": "team", "matchType": "=", "value": "a"}, False),
        ({"name": "team", "matchType": "=", "value": ""}, True),
        ({"name": "team"}, True),
        ({"name": "team", "matchType": "!=", "value": "a"}, True),
        ({"name": "team", "matchType": "=~", "value": "a|"}, True),
        ({"name": "team", "matchType": "!~", "value": ".+"}, True),
    ],
)
def test_a_label_that_is_not_there_is_empty_unless_others_may_be(entry: dict[str, Any], holds: bool) -> None:
    assert judged(entry) is holds
    assert judged(entry, AlertLabels(LABELS.values, others_unknown=True)) is None


@pytest.mark.parametrize("entry", [{"value": "a"}, {"name": " ", "value": "a"}, {"name": "a", "matchType": "==", "value": "b"}])
def test_what_is_no_matcher_is_none(entry: dict[str, Any]) -> None:
    assert matcher_of(entry) is None


@pytest.mark.parametrize(
    ("expression", "fitting", "other"),
    [
        ("", [""], ["a"]),
        ("a.c", ["abc", "a-c"], ["ac", "a\nc"]),
        ("a*b+c?", ["b", "aab", "bc", "abbc"], ["", "a", "acb", "bcc"]),
        ("a*?b", ["b", "aab"], ["a"]),
        ("(ab)+", ["ab", "abab"], ["", "aba"]),
        ("(?:a|bc)*d", ["d", "abcad"], ["bd"]),
        ("[a-cx]+", ["abcx"], ["d", ""]),
        (r"[^\d.]+", ["ab"], ["a1", "a.", ""]),
        (r"team-\d+\.x", ["team-12.x"], ["team-x.x", "team-1-x"]),
        (r"\w+\s\w+", ["a b"], ["ab", "ä b"]),
        ("^a$", ["a"], ["ba", "ab"]),
        ("a|^|b", ["a", "", "b"], ["c"]),
        ("a]", ["a]"], ["a"]),
        ("()", [""], ["a"]),
    ],
)
def test_expressions_fit_whole_values(expression: str, fitting: list[str], other: list[str]) -> None:
    pattern = pattern_of(expression)
    assert pattern is not None
    assert [text for text in fitting if not fits(pattern, text)] == []
    assert [text for text in other if fits(pattern, text)] == []


@pytest.mark.parametrize(
    "expression",
    [
        *("a{2}", "a}", "(?i)a", "(?P<a>b)", r"\bword", r"\pL", "[[:alpha:]]", "[a-]", "[]a]", "[z-a]", "[a", "[^]", "(a", "a)"),
        *("*a", "a**", "a+*", "a??b?*", "^*", "a\\", "[a-\\d]", "a" * (MOST_CHARACTERS + 1)),
        "(" * (MOST_NESTED + 1) + "a" + ")" * (MOST_NESTED + 1),
    ],
)
def test_what_is_not_judged_is_unknown_whatever_the_operator(expression: str) -> None:
    for operator in ("=~", "!~"):
        assert judged({"name": "owner", "matchType": operator, "value": expression}) is None


def test_an_expression_that_makes_others_try_for_ever_is_judged_at_once() -> None:
    pattern = pattern_of("((a*)*)*b")
    assert pattern is not None
    assert not fits(pattern, "a" * 2000)


_ATOM = st.sampled_from(["a", "b", "-", ".", r"\.", r"\d", "[ab]", "[^a]", "[0-9]"])
_PATTERN = st.recursive(
    st.builds(lambda atom, repeats: atom + repeats, _ATOM, st.sampled_from(["", "*", "+", "?", "*?"])),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map("|".join).map("({})".format),
        inner.map("(?:{})+".format),
    ),
    max_leaves=6,
)


@settings(deadline=None)  # Python's own matcher tries again and again.
@given(_PATTERN, st.text("ab-.07\n", max_size=8))
def test_expressions_are_judged_as_python_judges_them(expression: str, text: str) -> None:
    pattern = pattern_of(expression)
    if pattern is not None:
        assert fits(pattern, text) == bool(re.fullmatch(expression, text, re.ASCII))


@given(st.lists(st.sampled_from([True, False, None]), max_size=4))
def test_what_is_unknown_stays_unknown_unless_the_rest_decides(truths: list[bool | None]) -> None:
    guesses = [[guess if truth is None else truth for truth in truths] for guess in (True, False)]
    of_all, of_any = {all(guess) for guess in guesses}, {any(guess) for guess in guesses}
    assert all_of(truths) == (of_all.pop() if len(of_all) == 1 else None)
    assert any_of(truths) == (of_any.pop() if len(of_any) == 1 else None)
    assert opposite(all_of(truths)) == any_of([opposite(truth) for truth in truths])
