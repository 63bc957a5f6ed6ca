# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Semantic versions and ranges of them, read as OLM reads them (library blang/semver v4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

Version: TypeAlias = tuple[int, int, int, tuple[tuple[int, int, str], ...]]
"""Major, minor, patch, and what orders pre-releases; build metadata does not count. Versions compare as tuples do."""

Test: TypeAlias = Callable[[Version], bool]

_WHOLE: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_PART: Final = re.compile(r"(\|\|)|([<>=!]{0,2})\s*([^\s<>=!|]+)")
_RELEASE: Final = ((2, 0, ""),)

_TESTS: Final[dict[str, Callable[[Version, Version], bool]]] = {
    "": lambda one, other: one == other,
    "=": lambda one, other: one == other,
    "==": lambda one, other: one == other,
    "!": lambda one, other: one != other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


def version_of(text: str) -> Version | None:
    """A full semantic version such as 1.20.3-rc.1; None for what is none."""
    found = _WHOLE.fullmatch(text.strip())
    if not found:
        return None
    major, minor, patch, pre = found.groups()
    return int(major), int(minor), int(patch), _pre_release(pre) if pre else _RELEASE


def _pre_release(text: str) -> tuple[tuple[int, int, str], ...]:
    """Numbers come before words, and both before a release."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in text.split("."))


def minor_of(text: str) -> tuple[int, int] | None:
    """Major and minor of a version that may be short, such as 4.21 or v4.21.7; None for what is none."""
    found = re.match(r"v?(\d+)\.(\d+)(?![\d])", text.strip())
    return (int(found[1]), int(found[2])) if found else None


def in_range(text: str, version: Version) -> bool | None:
    """Whether a version lies in a range such as `>=1.0.0 <1.2.0 || 2.x`; None where the range cannot be read."""
    alternatives: list[list[Test]] = [[]]
    rest = text.strip()
    while rest:
        found = _PART.match(rest)
        if not found:
            return None
        rest = rest[found.end() :].strip()
        if found[1]:
            alternatives.append([])
            continue
        tests = _tests(found[2], found[3])
        if not tests:
            return None
        alternatives[-1] += tests
    if not all(alternatives):
        return None
    return any(all(test(version) for test in tests) for tests in alternatives)


def _tests(operator: str, text: str) -> list[Test]:
    """The comparisons that one part of a range comes to; none where it cannot be read."""
    if operator not in _TESTS:
        return []
    if "x" in text:
        return _wildcard(operator, text)
    bound = version_of(text)
    return [_test(operator, bound)] if bound else []


def _test(operator: str, bound: Version) -> Test:
    compare = _TESTS[operator]
    return lambda version: compare(version, bound)


def _wildcard(operator: str, text: str) -> list[Test]:
    """`1.x` is every 1.*.*, `1.2.x` every 1.2.*. A part with `!=` holds for nothing, as in OLM: both its halves have to hold."""
    parts = text.split(".")
    numbers = [int(part) for part in parts if part.isdigit()]
    if not 1 <= len(numbers) <= 2 or parts[len(numbers) :] not in (["x"], ["x", "x"]) or len(parts) > 3:
        return []
    low: Version = (numbers[0], numbers[1] if len(numbers) == 2 else 0, 0, _RELEASE)
    high: Version = (numbers[0], numbers[1] + 1, 0, _RELEASE) if len(numbers) == 2 else (numbers[0] + 1, 0, 0, _RELEASE)
    bounds = {
        ">": [(">=", high)],
        ">=": [(">=", low)],
        "<": [("<", low)],
        "<=": [("<", high)],
        "!": [("<", low), (">=", high)],
        "!=": [("<", low), (">=", high)],
    }
    return [_test(word, bound) for word, bound in bounds.get(operator, [(">=", low), ("<", high)])]
