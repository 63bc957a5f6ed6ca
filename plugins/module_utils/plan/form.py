# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a mapping that a user wrote, key by key, and notes everything that is wrong with it, with its place.

Numbers and flags may come as texts, as older templating makes them. Null and empty texts count as not given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from math import isfinite
from typing import Any, Final

from ..common.errors import Problem
from ..estate.scope import not_given, unknown_keys, word_for

_TRUE: Final = ("true", "yes", "on", "1")
_FALSE: Final = ("false", "no", "off", "0")
_CLOCK: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


class Form:
    """One mapping. `place` is what the user calls it, such as plan_windows[2]."""

    def __init__(self, place: str, given: object, problems: list[Problem], allowed: Sequence[str]) -> None:
        self.place = place
        self._problems = problems
        self._given: Mapping[str, Any] = {}
        if isinstance(given, Mapping):
            self._given = given
            problems += unknown_keys(place, given, allowed)
        elif not not_given(given):
            self._wrong("", f"is {word_for(given)}, not a mapping", f"allowed keys are {', '.join(allowed)}")

    def has(self, key: str) -> bool:
        """Whether the user gave a value."""
        return not not_given(self._given.get(key))

    def raw(self, key: str) -> Any:
        """The value as given."""
        return self._given.get(key)

    def text(self, key: str, default: str = "", *, needed: bool = False) -> str:
        """A text; a number is taken for its digits."""
        value = self._given.get(key)
        if not_given(value):
            if needed:
                self._wrong(key, "is missing", "give it")
            return default
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return str(value).strip()
        self._wrong(key, f"is {word_for(value)}, not a text")
        return default

    def word(self, key: str, default: str, allowed: Sequence[str]) -> str:
        """One of some words."""
        value = self.text(key, default)
        if value in allowed:
            return value
        self._wrong(key, f"is {value!r}", f"allowed are {', '.join(allowed)}")
        return default

    def number(self, key: str, default: float | None, *, least: float = 0.0, above: bool = False) -> float | None:
        """A number that is at least, or above, a bound."""
        value = self._given.get(key)
        if not_given(value):
            return default
        try:
            found = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
        except (ValueError, OverflowError):
            found = None
        if found is None or not isfinite(found):
            self._wrong(key, f"is {_shown(value)}, not a number")
            return default
        if found < least or (above and found == least):
            self._wrong(key, f"is {found:g}", f"it has to be {'above' if above else 'at least'} {least:g}")
            return default
        return found

    def amount(self, key: str, default: float, *, least: float = 0.0, above: bool = False) -> float:
        """A number that has a default."""
        found = self.number(key, default, least=least, above=above)
        return default if found is None else found

    def whole(self, key: str, default: int | None, *, least: int = 0) -> int | None:
        """A whole number that is at least a bound."""
        found = self.number(key, None, least=least)
        if found is None:
            return default
        if found != int(found):
            self._wrong(key, f"is {found:g}, not a whole number")
            return default
        return int(found)

    def count(self, key: str, default: int, *, least: int = 0) -> int:
        """A whole number that has a default."""
        found = self.whole(key, default, least=least)
        return default if found is None else found

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._given.get(key)
        if not_given(value):
            return default
        if isinstance(value, bool):
            return value
        shown = str(value).strip().lower()
        if shown in _TRUE or shown in _FALSE:
            return shown in _TRUE
        self._wrong(key, f"is {_shown(value)}, not true or false")
        return default

    def day(self, key: str) -> date | None:
        """A day as YYYY-MM-DD; YAML may have made a date of it."""
        value = self._given.get(key)
        if not_given(value):
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            self._wrong(key, f"is {_shown(value)}, not a day", "write it as 2027-01-31")
            return None

    def clock(self, key: str) -> time | None:
        """A time of day as HH:MM; 24:00 is midnight. YAML makes minutes of an unquoted 22:00."""
        value = self._given.get(key)
        if not_given(value):
            self._wrong(key, "is missing", 'write it as "22:00"')
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 60 <= value <= 24 * 60:
            return time(value // 60 % 24, value % 60)
        found = _CLOCK.fullmatch(str(value).strip())
        if found is None or (found[1] == "24" and found[2] != "00"):
            self._wrong(key, f"is {_shown(value)}, not a time of day", 'write it as "22:00"')
            return None
        return time(int(found[1]) % 24, int(found[2]))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one."""
        value = self._given.get(key)
        if not_given(value):
            return ()
        entries = [value] if isinstance(value, (str, int)) and not isinstance(value, bool) else value
        if not isinstance(entries, Sequence) or isinstance(entries, str):
            self._wrong(key, f"is {word_for(value)}, not a list of texts")
            return ()
        found = []
        for number, entry in enumerate(entries):
            if isinstance(entry, (str, int)) and not isinstance(entry, bool) and str(entry).strip():
                found.append(str(entry).strip())
            else:
                self._wrong(f"{key}[{number}]", f"is {word_for(entry)}, not a text")
        return tuple(found)

    def text_map(self, key: str) -> dict[str, str]:
        """A mapping of texts."""
        value = self._given.get(key)
        if not_given(value):
            return {}
        if not isinstance(value, Mapping):
            self._wrong(key, f"is {word_for(value)}, not a mapping of texts")
            return {}
        found = {}
        for name, entry in sorted(value.items(), key=lambda pair: str(pair[0])):
            if isinstance(entry, (str, int, float)) and not isinstance(entry, bool):
                found[str(name)] = str(entry)
            else:
                self._wrong(f"{key}.{name}", f"is {word_for(entry)}, not a text")
        return found

    def form(self, key: str, allowed: Sequence[str]) -> Form:
        """A mapping within; an empty one where it is not given."""
        return Form(f"{self.place}.{key}", self._given.get(key), self._problems, allowed)

    def wrong(self, key: str, message: str, remedy: str = "") -> None:
        """Notes a problem of a value."""
        self._wrong(key, message, remedy)

    def _wrong(self, key: str, message: str, remedy: str = "") -> None:
        place = f"{self.place}.{key}" if key else self.place
        self._problems.append(Problem(f"{place} {message}", remedy=remedy))


def forms(place: str, given: object, problems: list[Problem], allowed: Sequence[str]) -> Iterator[Form]:
    """The mappings of a list; one mapping alone is a list of one."""
    if not_given(given):
        return
    entries = [given] if isinstance(given, Mapping) else given
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        problems.append(
            Problem(f"{place} is {word_for(given)}, not a list", remedy=f"allowed keys of its entries are {', '.join(allowed)}")
        )
        return
    for number, entry in enumerate(entries):
        if isinstance(entry, Mapping):
            yield Form(f"{place}[{number}]", entry, problems, allowed)
        else:
            problems.append(
                Problem(f"{place}[{number}] is {word_for(entry)}, not a mapping", remedy=f"allowed keys are {', '.join(allowed)}")
            )


def _shown(value: object) -> str:
    return repr(value)[:60] if isinstance(value, (str, int, float)) else word_for(value)
