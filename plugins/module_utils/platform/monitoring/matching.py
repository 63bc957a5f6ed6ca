# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Matchers of routes, in the spellings of AlertmanagerConfig v1alpha1 and v1beta1, held against labels of which some are unknown.

A label that an alert does not have is empty (alertmanager, pkg/labels/matcher.go: Matches). A regular expression has to fit the whole
value, and a dot is no line feed (there: NewMatcher compiles `^(?:...)$`). Regular expressions come from others and are never handed
to a matcher that backtracks: a value is walked through once for each part of the expression. What goes beyond literals, classes,
groups, alternatives and the repetitions `*`, `+` and `?` is not judged, and so unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final, TypeAlias

from ...target.objects import text_at

Truth: TypeAlias = bool | None
"""True, False, or None where nobody knows."""

Places: TypeAlias = frozenset[int]
"""Places in a text, each before a character or at the end."""

Pattern: TypeAlias = Callable[[str, Places], Places]
"""Where a part of an expression may end that begins at one of these places."""

EQUAL, UNEQUAL, FITS, FITS_NOT = "=", "!=", "=~", "!~"
OPERATORS: Final = (EQUAL, UNEQUAL, FITS, FITS_NOT)

MOST_CHARACTERS: Final = 1000
MOST_NESTED: Final = 5
"""Longer or deeper expressions are not judged."""

_DIGITS: Final = frozenset("0123456789")
_WORD: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_") | _DIGITS
_BLANKS: Final = frozenset("\t\n\f\r ")
_CLASSES: Final[Mapping[str, frozenset[str]]] = {"d": _DIGITS, "w": _WORD, "s": _BLANKS}
"""Classes that RE2 writes with a backslash; they are of ASCII."""

_REPETITIONS: Final = "*+?"
_NOT_JUDGED: Final = "{}"


@dataclass(frozen=True, slots=True)
class AlertLabels:
    """Labels of an alert, as far as they are known."""

    values: Mapping[str, str]
    """label to its value"""
    others_unknown: bool = False
    """whether it may have labels that are not in `values`; else they are empty"""


@dataclass(frozen=True, slots=True)
class Matcher:
    """A matcher of a route; without a pattern where it is none of a regular expression, or of one that is not judged."""

    label: str
    operator: str
    value: str
    pattern: Pattern | None = None


class _NotJudged(Exception):
    """The expression is none, or has something that is not judged here."""


def matcher_of(entry: Mapping[str, Any]) -> Matcher | None:
    """A matcher of an AlertmanagerConfig; None where it is none, for which the operator refuses the whole object.

    v1alpha1 knows `regex: true` where no matchType is given (monitoring.coreos.com/v1alpha1, type Matcher).
    """
    label = text_at(entry, "name")
    operator = text_at(entry, "matchType") or (FITS if entry.get("regex") is True else EQUAL)
    if not label.strip() or operator not in OPERATORS:
        return None
    value = text_at(entry, "value")
    return Matcher(label, operator, value, pattern_of(value) if operator in (FITS, FITS_NOT) else None)


def matches(matcher: Matcher, labels: AlertLabels) -> Truth:
    """Whether an alert with these labels fits."""
    if matcher.label not in labels.values and labels.others_unknown:
        return None
    value = labels.values.get(matcher.label, "")
    if matcher.operator in (EQUAL, UNEQUAL):
        return (value == matcher.value) == (matcher.operator == EQUAL)
    if matcher.pattern is None:
        return None
    return fits(matcher.pattern, value) == (matcher.operator == FITS)


def all_of(truths: list[Truth]) -> Truth:
    """Whether all hold."""
    return False if False in truths else None if None in truths else True


def any_of(truths: list[Truth]) -> Truth:
    """Whether one of them holds."""
    return True if True in truths else None if None in truths else False


def opposite(truth: Truth) -> Truth:
    """Whether it does not hold."""
    return None if truth is None else not truth


# ---- regular expressions ---------------------------------------------------------------------------------------------


def fits(pattern: Pattern, text: str) -> bool:
    """Whether the whole text fits."""
    return len(text) in pattern(text, frozenset((0,)))


def pattern_of(expression: str) -> Pattern | None:
    """An expression of RE2 as what can be held against texts; None where it is not judged, or is none."""
    if len(expression) > MOST_CHARACTERS:
        return None
    reader = _Reader(expression)
    try:
        found = reader.alternatives(0)
        return found if reader.at_end else None
    except _NotJudged:
        return None


class _Reader:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    @property
    def at_end(self) -> bool:
        """Whether all of it is read."""
        return self._at >= len(self._text)

    def alternatives(self, depth: int) -> Pattern:
        """What stands between two bars, up to the end or a closing parenthesis."""
        if depth > MOST_NESTED:
            raise _NotJudged
        found = [self._sequence(depth)]
        while self._taken("|"):
            found.append(self._sequence(depth))
        return _either(found)

    def _sequence(self, depth: int) -> Pattern:
        found: list[Pattern] = []
        while not self.at_end and self._text[self._at] not in "|)":
            found.append(self._repeated(depth))
        return _one_after_another(found)

    def _repeated(self, depth: int) -> Pattern:
        character = self._next()
        pattern = _edge(character) if character in "^$" else self._atom(character, depth)
        repeats = self._next() if character not in "^$" and self._seen(_REPETITIONS) else ""
        # A lazy repetition takes as little as it can: which whole texts fit is the same.
        if repeats:
            self._taken("?")
        if self._seen(_REPETITIONS):
            raise _NotJudged
        return {"": _as_it_is, "*": _any_number, "+": _at_least_one, "?": _perhaps}[repeats](pattern)

    def _atom(self, character: str, depth: int) -> Pattern:
        if character == "(":
            return self._group(depth)
        if character == "[":
            return _one(self._class())
        if character == ".":
            return _one(_Set(frozenset("\n"), is_without=True))
        if character == "\\":
            return _one(_Set(self._escaped()))
        if character in _REPETITIONS or character in _NOT_JUDGED:
            raise _NotJudged
        return _one(_Set(frozenset(character)))

    def _group(self, depth: int) -> Pattern:
        if self._taken("?") and not self._taken(":"):
            raise _NotJudged
        found = self.alternatives(depth + 1)
        if not self._taken(")"):
            raise _NotJudged
        return found

    def _class(self) -> _Set:
        is_without = self._taken("^")
        found: frozenset[str] = frozenset()
        while not self._taken("]"):
            first = self._of_class()
            if len(first) == 1 and self._taken("-"):
                last = self._of_class()
                (begin,), (end,) = first, last if len(last) == 1 else ("",)
                if not end or ord(end) < ord(begin) or ord(end) > 0x7F:
                    raise _NotJudged
                first = frozenset(map(chr, range(ord(begin), ord(end) + 1)))
            found |= first
        if not found:
            raise _NotJudged
        return _Set(found, is_without=is_without)

    def _of_class(self) -> frozenset[str]:
        character = self._next()
        if character in "[]-":
            # Brackets begin classes with names, and a minus may stand for itself: rare, and not judged.
            raise _NotJudged
        return self._escaped() if character == "\\" else frozenset(character)

    def _escaped(self) -> frozenset[str]:
        character = self._next()
        if character in _CLASSES:
            return _CLASSES[character]
        if character in _WORD or ord(character) > 0x7F:
            raise _NotJudged
        return frozenset(character)

    def _next(self) -> str:
        if self.at_end:
            raise _NotJudged
        self._at += 1
        return self._text[self._at - 1]

    def _seen(self, characters: str) -> bool:
        return not self.at_end and self._text[self._at] in characters

    def _taken(self, character: str) -> bool:
        if not self._seen(character):
            return False
        self._at += 1
        return True


@dataclass(frozen=True, slots=True)
class _Set:
    """Characters, or all but these."""

    characters: frozenset[str]
    is_without: bool = False

    def has(self, character: str) -> bool:
        """Whether a character is one of them."""
        return (character in self.characters) != self.is_without


def _one(wanted: _Set) -> Pattern:
    return lambda text, places: frozenset(place + 1 for place in places if place < len(text) and wanted.has(text[place]))


def _edge(character: str) -> Pattern:
    return lambda text, places: places & {0 if character == "^" else len(text)}


def _one_after_another(parts: list[Pattern]) -> Pattern:
    return lambda text, places: reduce(lambda reached, part: part(text, reached), parts, places)


def _either(parts: list[Pattern]) -> Pattern:
    return lambda text, places: frozenset(place for part in parts for place in part(text, places))


def _as_it_is(part: Pattern) -> Pattern:
    return part


def _any_number(part: Pattern) -> Pattern:
    def repeated(text: str, places: Places) -> Places:
        reached, newest = set(places), places
        while newest:
            newest = part(text, newest) - reached
            reached |= newest
        return frozenset(reached)

    return repeated


def _at_least_one(part: Pattern) -> Pattern:
    more = _any_number(part)
    return lambda text, places: more(text, part(text, places))


def _perhaps(part: Pattern) -> Pattern:
    return lambda text, places: places | part(text, places)
