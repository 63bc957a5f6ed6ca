# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures: what was measured, and whether it meets its goal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `limit` is the goal: at most that much, or at least that much when `at_least` is set.

    `value` is None for what could not be measured here; `note` then says why.
    """

    name: str
    value: float | None
    unit: str
    limit: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def goal(self) -> str:
        """The goal in words; empty when there is none."""
        if self.limit is None:
            return ""
        return f"{'at least' if self.at_least else 'at most'} {number_text(self.limit)}"

    @property
    def met(self) -> str:
        """yes, no, or – where there is no goal or no value."""
        if self.limit is None or self.value is None:
            return "–"
        return "yes" if (self.value >= self.limit if self.at_least else self.value <= self.limit) else "no"

    def as_record(self) -> dict[str, str | float]:
        """The figure as a line of build/benchmarks.jsonl; what is not known is left out."""
        record: dict[str, str | float] = {"name": self.name, "unit": self.unit, "goal": self.goal, "met": self.met}
        if self.value is not None:
            record["value"] = self.value
        if self.note:
            record["note"] = self.note
        return record

    def columns(self) -> tuple[str, str, str, str, str, str]:
        """The figure as it is printed."""
        return (self.name, "–" if self.value is None else number_text(self.value), self.unit, self.goal or "–", self.met, self.note)


def number_text(value: float) -> str:
    """A number with as many digits as help."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"


def line_of(figure: Figure) -> str:
    """One row of the table."""
    name, value, unit, goal, met, note = figure.columns()
    return f"{name:<58} {value:>12} {unit:<8} {goal:<20} {met:<4} {note}".rstrip()


HEADING = f"{'name':<58} {'value':>12} {'unit':<8} {'goal':<20} met"


def write_figures(path: Path, figures: Sequence[Figure]) -> None:
    """Writes the figures as JSON Lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(figure.as_record(), ensure_ascii=False) + "\n" for figure in figures), encoding="utf-8")
