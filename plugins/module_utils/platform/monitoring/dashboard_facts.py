# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shipped facts of dashboards: what each shows, in which unit, and where an alert would fire. Console and Perses are made from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..desired.keys import key
from .facts import ABOVE, BELOW

TIMESERIES, STAT, GAUGE, BAR, TABLE = "timeseries", "stat", "gauge", "bar", "table"
PANEL_TYPES: Final = (TIMESERIES, STAT, GAUGE, BAR, TABLE)

BYTES, CELSIUS, CODE, COUNT, PERCENT, PROBABILITY = "bytes", "celsius", "code", "count", "percent", "probability"
RATIO, REQUESTS_PER_SECOND, SECONDS, TIMES, WATTS = "ratio", "requests_per_second", "seconds", "times", "watts"
PANEL_UNITS: Final = (BYTES, CELSIUS, CODE, COUNT, PERCENT, PROBABILITY, RATIO, REQUESTS_PER_SECOND, SECONDS, TIMES, WATTS)
"""Units of what is shown. A ratio is a share of a whole; times is a quotient for which 1 is no end."""

CONVERSIONS: Final = ("", "count", "filter", "percent", "rate", "share", "times")
"""How an expression comes to its unit where not all series that it reads have it: it counts them, has series of another unit only to
choose by, takes a ratio times 100, an increase by time, a quotient of like units, or such a quotient as a multiple of what is allowed."""

WHOLE_WIDTH: Final = 12
"""Columns of a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableFacts:
    """Something that people can choose on a dashboard, or leave at all of it."""

    name: str = key("name as queries have it, after a $", pattern=r"[a-z]+")
    title: str
    label: str
    """label whose values can be chosen"""
    series: tuple[str, ...]
    """series that have the label"""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryFacts:
    """One expression of a panel."""

    expr: str
    legend: str = ""
    """name of each line or bar, with {{label}} for a label's value"""
    column: str = ""
    """title of its column in a table"""
    unit: str = key("its unit where it is not the panel's", "", allowed=("", *PANEL_UNITS))
    converts: str = key("how it comes to its unit where that is not the unit of all its series", "", allowed=CONVERSIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """A label as a column of a table."""

    label: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelFacts:
    """One panel."""

    title: str
    """without the unit"""
    meaning: str
    type: str = key("how it is shown", allowed=PANEL_TYPES)
    unit: str = key("unit of what it shows", allowed=PANEL_UNITS)
    span: int = key("columns of twelve", 6, least=1)
    queries: tuple[QueryFacts, ...]
    columns: tuple[ColumnFacts, ...] = ()
    """labels of a table, in their order; all of its queries have these and no others"""
    alert: str = ""
    """alert that judges the same thing; its numbers hold, also where the document sets others"""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """numbers of the panel by name; of an alert they are the shipped ones"""
    limit: str = ""
    """number beyond which something is wrong"""
    comparator: str = key("on which side of the limit it is", ABOVE, allowed=(ABOVE, BELOW))


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFacts:
    """Panels under one title."""

    title: str
    panels: tuple[PanelFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardFacts:
    """A dashboard."""

    name: str
    title: str
    meaning: str
    tenants: bool = False
    """whether it shows the people of a namespace something of theirs alone: each series that it reads is of a namespace"""
    variables: tuple[VariableFacts, ...]
    rows: tuple[RowFacts, ...]
