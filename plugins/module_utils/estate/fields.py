# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields of the model's dataclasses: each carries its meaning, from which docs and JSON Schema are made."""

from __future__ import annotations

from dataclasses import field as dataclass_field
from typing import Any

from ..common.unknown import UNKNOWN


def fact(meaning: str) -> Any:
    """A field that may be unknown, with its meaning for docs and JSON Schema."""
    return dataclass_field(default=UNKNOWN, metadata={"meaning": meaning})


def required(meaning: str) -> Any:
    """A field that every record has."""
    return dataclass_field(metadata={"meaning": meaning})


def book(meaning: str, default: Any = None) -> Any:
    """Bookkeeping of the collection itself: where a record comes from, why a fact is unknown."""
    return dataclass_field(default=default, metadata={"meaning": meaning, "bookkeeping": True})
