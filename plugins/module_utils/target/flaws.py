# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a record of a saved target that someone else wrote: types, numbers and words that the model does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..common.forms import ITEM_TYPES, PYTHON_TYPES, SHAPE_WORDS
from . import model
from .records import FORMS

Flaw = tuple[str, str]
"""Key, and what is wrong with it."""

_SIGNED: Final = frozenset({"used"})
"""Facts whose numbers can be below zero: what a quota counts is a sum of changes."""


def flaws(record: Mapping[str, Any]) -> Iterator[Flaw]:
    """(key, what is wrong with it) for every value that is not as the model says; unknown keys and kinds pass."""
    owner = model.KINDS.get(record["kind"])
    if owner is not None:
        yield from _wrong(owner, record, "")


def word_flaws(record: Mapping[str, Any]) -> Iterator[Flaw]:
    """The same for texts outside their vocabulary, which a file of a newer minor version may rightly have."""
    state = record.get("state")
    if record["kind"] == "reading" and state.__class__ is str and state not in model.READING_STATES:
        yield "state", f"is {state!r:.60}, which is none of {', '.join(model.READING_STATES)}"


def _wrong(owner: type, entry: Mapping[str, Any], place: str) -> Iterator[Flaw]:
    for name, shape in FORMS.shapes[owner].items():
        if name not in entry:
            continue
        value: Any = entry[name]
        key = f"{place}{name}"
        if not _has_shape(value, shape):
            yield key, f"is not {SHAPE_WORDS[shape]}"
        elif name not in _SIGNED and any(number < 0 for number in _numbers(value)):
            yield key, "is below zero"
        elif shape == "parts":
            for position, part in enumerate(value):
                yield from _wrong(FORMS.parts[name], part, f"{key}[{position}].")


def _has_shape(value: Any, shape: str) -> bool:
    """True for a value of that shape; a number without a fraction may stand as a whole one."""
    if value.__class__ is not PYTHON_TYPES[shape]:
        return shape == "number" and value.__class__ is int
    return shape not in ITEM_TYPES or all(item.__class__ is ITEM_TYPES[shape] for item in _items(value))


def _items(value: Any) -> list[Any]:
    return list(value.values()) if value.__class__ is dict else list(value)


def _numbers(value: Any) -> list[Any]:
    """The numbers in a value; what they are in has the right type already."""
    if value.__class__ in (int, float):
        return [value]
    return [item for item in _items(value) if item.__class__ in (int, float)] if value.__class__ in (dict, list) else []
