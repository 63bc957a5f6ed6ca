# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables in words that several chapters on the platform share, for the page and for Markdown, and the words of their cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from ..platform.model import LAYER_STATES, NOT_EVALUATED
from .platform_texts import NOT_KNOWN, some

NONE: Final = "none"
_Entry = TypeVar("_Entry")


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One thing in words."""

    name: str
    look: str
    """state that its badge shows"""
    state: str
    standing: str
    """whose it is, or how it stands to the document; empty where the table does not tell it"""
    cells: tuple[str, ...]
    """one for each of the table's heads"""
    notes: tuple[str, ...] = ()
    """why facts are not known"""


@dataclass(frozen=True, slots=True)
class EntryTable:
    """Things of one kind, what calls for attention first."""

    key: str
    title: str
    noun: str
    """for one of it, with which a row is headed"""
    state: str
    """heading of the badges"""
    heads: tuple[str, ...]
    rows: tuple[EntryRow, ...]
    rest: int
    """rows beyond those that are wanted"""
    sheet: str
    """of the workbook, which has all rows"""
    standing: str = ""
    """heading of how things stand; empty where the table does not tell it"""
    is_open: bool = True
    """whether the page shows it at once"""


def entry_table(
    title: str,
    noun: str,
    heads: tuple[str, ...],
    entries: Sequence[_Entry],
    row: Callable[[_Entry], EntryRow],
    most: int,
    *,
    state: str = "State",
    sheet: str = "",
    standing: str = "",
    is_open: bool = True,
) -> EntryTable:
    """The table of these entries with at most so many rows."""
    rows = tuple(row(entry) for entry in entries[:most])
    key, rest = title.lower().replace(" ", "-"), max(0, len(entries) - most)
    return EntryTable(key, title, noun, state, heads, rows, rest, sheet or title, standing, is_open)


def badge_look(state: str) -> str:
    """The badge of a state; of a word that is not known that of what nobody knows."""
    return state if state in LAYER_STATES else NOT_EVALUATED


def unknown_notes(unknown: Mapping[str, str]) -> tuple[str, ...]:
    """Why facts are not known, one by one."""
    return tuple(f"{fact.replace('_', ' ')}: {reason}" for fact, reason in unknown.items())


def answer_text(value: str | None, empty: str = NONE) -> str:
    """A text for which empty is an answer."""
    return NOT_KNOWN if value is None else value or empty


def names_text(names: Sequence[str] | None, most: int = 6, empty: str = NONE) -> str:
    """Names in a cell, of many only the first."""
    return NOT_KNOWN if names is None else some(names, most) or empty


# ---- cells of the workbook -------------------------------------------------------------------------------------------


def known_cell(value: str | None, none: str = NONE) -> str | None:
    """A text for which empty is an answer; an empty cell means that nobody knows."""
    return None if value is None else value or none


def joined_cell(names: Iterable[str] | None) -> str | None:
    """Names for a cell; `none` where there are none, and nothing where nobody knows them."""
    return None if names is None else ", ".join(names) or NONE


def reasons_cell(unknown: Mapping[str, str]) -> str:
    """Why facts are not known."""
    return "; ".join(f"{fact}: {reason}" for fact, reason in unknown.items())
