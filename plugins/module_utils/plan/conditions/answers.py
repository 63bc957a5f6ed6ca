# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a condition can say of its subject, and how the functions that say it are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias

SHOWN: Final = 5
"""So many names of a list are shown."""


class Settled(Enum):
    """The answers that need no words."""

    PASSED = "pass"
    NOT_APPLICABLE = "not_applicable"


PASSED: Final = Settled.PASSED
NOT_APPLICABLE: Final = Settled.NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class Fault:
    """It fails: what is there, what should be, and the way out."""

    observed: str
    expected: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Open:
    """It cannot be told. `reason` says what is missing. `later` marks what the cluster alone can show, once the objects exist."""

    reason: str
    remedy: str = ""
    later: bool = False


Answer: TypeAlias = Settled | Fault | Open
Judge: TypeAlias = Callable[[Any, Any], Answer]
"""Takes a subject (a plan, a VM of a plan, a map, …) and the scene."""

JUDGES: Final[dict[str, Judge]] = {}
"""Condition id to its function; the modules of the conditions fill it when they are imported."""


def judges(*conditions: str) -> Callable[[Judge], Judge]:
    """Marks the function that answers a condition."""

    def mark(function: Judge) -> Judge:
        for condition in conditions:
            if condition in JUDGES:
                raise ValueError(f"condition {condition} has two functions")
            JUDGES[condition] = function
        return function

    return mark


def passes(good: bool, observed: str, expected: str, remedy: str) -> Answer:
    """Passed, or the fault in words."""
    return PASSED if good else Fault(observed, expected, remedy)


def few(names: Iterable[str]) -> str:
    """The first names of a list, and how many more there are."""
    listed: Sequence[str] = list(names)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more
