# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plain part of the mapping: one property path, one fact, one converter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from ...common.artifact import JsonRecord
from ..vocabulary import WORDS
from . import values
from .ledger import Ledger, facts_fed, unknown_word
from .objects import ObjectRead
from .values import Converter, shown

NO_VALUE: Final = "the server has no value for it"
UNKNOWN: Final = object()
"""Stands for a path without a value that leaves its fact unknown."""


class Leaf(NamedTuple):
    """A path that is a fact once it is converted.

    `unset` is the known value of a path for which the server has no value; UNKNOWN where that leaves the fact unknown.
    `closed` marks a fact with a closed vocabulary.
    """

    path: str
    fact: str
    convert: Converter
    unset: Any = UNKNOWN
    closed: bool = False


def worded(kind: str, path: str, fact: str, unset: Any = UNKNOWN) -> Leaf:
    """The leaf of a fact with a closed vocabulary."""
    return Leaf(path, fact, values.word(WORDS[kind][fact]), unset, True)


def read_leaves(
    kind: str, read: ObjectRead, leaves: Iterable[Leaf], record: JsonRecord, unknown: dict[str, str], ledger: Ledger, absent: str = ""
) -> None:
    """Fills a record from an object. `absent` is why paths have no value where the whole of them is gone: then none is known empty."""
    nodes, missing = read.values, read.missing
    for path, fact, convert, unset, closed in leaves:
        node = nodes.get(path)
        if node is not None:
            value = convert(node)
            if value is not None:
                record[fact] = value
            else:
                unknown[fact] = doubt(kind, fact, node, closed, ledger)
        elif path not in missing:
            if absent or unset is UNKNOWN:
                unknown[fact] = absent or NO_VALUE
            else:
                record[fact] = [] if unset == [] else unset


def doubt(kind: str, fact: str, node: Any, closed: bool, ledger: Ledger) -> str:
    """Why a fact is unknown whose node could not be converted; a word beyond a closed vocabulary is counted."""
    if closed and isinstance(node, str):
        ledger.word(f"{kind}.{fact}", node)
        return unknown_word(node)
    return f"the server says '{shown(node)}', which is no value for it"


def blame_missing(read: ObjectRead, kinds: Sequence[str], record: JsonRecord, unknown: dict[str, str]) -> None:
    """Gives every fact that is not known, and that a refused property feeds, the reason of the refusal."""
    for path, reason in read.missing.items():
        for fact in facts_fed(read.type, path):
            kind, _dot, name = fact.partition(".")
            if kind in kinds and _lacking(record, name):
                unknown.setdefault(name, reason)


def _lacking(record: JsonRecord, name: str) -> bool:
    part, dot, fact = name.partition(".")
    if not dot:
        return name not in record
    return any(fact not in entry for entry in record.get(part, ()))
