# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The closed set of operators that a rule may put to one fact, and how evidence words them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import not_
from typing import Any, Final, TypeAlias

from .facts import LISTS

Operand: TypeAlias = bool | int | float | str | tuple[str, ...]
Check: TypeAlias = Callable[[Any], bool]

_MEMO_LIMIT: Final = 4096


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator.

    `types` are the types of fact that it takes, `operand` the type of its operand: same (as the fact), number, flag,
    texts or pattern. `check` makes the test of a known value; `holds` and `fails` word what is true of the value when
    the test holds and when it does not.
    """

    types: tuple[str, ...]
    operand: str
    check: Callable[[Any], Check]
    holds: str
    fails: str


def _is(operand: object) -> Check:
    return lambda value: value == operand


def _is_not(operand: object) -> Check:
    return lambda value: value != operand


def _is_in(operand: tuple[str, ...]) -> Check:
    return frozenset(operand).__contains__


def _less(operand: float) -> Check:
    def check(value: float) -> bool:
        return value < operand

    return check


def _less_or_equal(operand: float) -> Check:
    def check(value: float) -> bool:
        return value <= operand

    return check


def _more(operand: float) -> Check:
    def check(value: float) -> bool:
        return value > operand

    return check


def _more_or_equal(operand: float) -> Check:
    def check(value: float) -> bool:
        return value >= operand

    return check


def _sized(compare: Callable[[float], Check]) -> Callable[[float], Check]:
    def make(operand: float) -> Check:
        check = compare(operand)
        return lambda value: check(len(value))

    return make


def _empty(operand: bool) -> Check:
    return not_ if operand else bool


def _matches(operand: str) -> Check:
    pattern = re.compile(operand)
    return lambda value: pattern.fullmatch(value) is not None


def _contains_any(operand: tuple[str, ...]) -> Check:
    needles = tuple(needle.lower() for needle in operand)
    memo: dict[str, bool] = {}

    def check(value: str) -> bool:
        known = memo.get(value)
        if known is None:
            if len(memo) >= _MEMO_LIMIT:
                memo.clear()
            text = value.lower()
            known = memo[value] = any(needle in text for needle in needles)
        return known

    return check


_PLAIN: Final = ("text", "number", "flag")

OPERATORS: Final[Mapping[str, Operator]] = {
    "is": Operator(_PLAIN, "same", _is, "{}", "not {}"),
    "is_not": Operator(_PLAIN, "same", _is_not, "not {}", "{}"),
    "in": Operator(("text",), "texts", _is_in, "one of {}", "none of {}"),
    "contains_any": Operator(("text",), "texts", _contains_any, "containing one of {}", "containing none of {}"),
    "matches": Operator(("text",), "pattern", _matches, "matching {}", "not matching {}"),
    "empty": Operator(("text", *LISTS), "flag", _empty, "empty", "not empty"),
    "lt": Operator(("number",), "number", _less, "less than {}", "at least {}"),
    "le": Operator(("number",), "number", _less_or_equal, "at most {}", "more than {}"),
    "gt": Operator(("number",), "number", _more, "more than {}", "at most {}"),
    "ge": Operator(("number",), "number", _more_or_equal, "at least {}", "less than {}"),
    "count_lt": Operator(LISTS, "number", _sized(_less), "fewer than {}", "at least {}"),
    "count_le": Operator(LISTS, "number", _sized(_less_or_equal), "at most {}", "more than {}"),
    "count_gt": Operator(LISTS, "number", _sized(_more), "more than {}", "at most {}"),
    "count_ge": Operator(LISTS, "number", _sized(_more_or_equal), "at least {}", "fewer than {}"),
    "length_lt": Operator(("text",), "number", _sized(_less), "fewer than {} characters", "at least {} characters"),
    "length_le": Operator(("text",), "number", _sized(_less_or_equal), "at most {} characters", "more than {} characters"),
    "length_gt": Operator(("text",), "number", _sized(_more), "more than {} characters", "at most {} characters"),
    "length_ge": Operator(("text",), "number", _sized(_more_or_equal), "at least {} characters", "fewer than {} characters"),
}
"""Name to operator. Every rule is made of these, and nothing of a rule is ever run as code."""


def operand_problem(operator: Operator, fact_type: str, operand: object) -> str:
    """What is wrong with an operand, in words; empty when it fits."""
    wanted = {"text": "text"}.get(fact_type, fact_type) if operator.operand == "same" else operator.operand
    if wanted == "flag":
        return "" if isinstance(operand, bool) else "needs true or false"
    if wanted == "number":
        return "" if isinstance(operand, (int, float)) and not isinstance(operand, bool) else "needs a number"
    if wanted == "texts":
        fits = isinstance(operand, list) and operand and all(isinstance(entry, str) and entry for entry in operand)
        return "" if fits else "needs a list of texts"
    if not isinstance(operand, str):
        return "needs a text"
    if wanted == "pattern":
        try:
            re.compile(operand)
        except re.error as error:
            return f"needs a regular expression, this one is broken: {error}"
    return ""
