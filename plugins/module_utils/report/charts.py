# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bar charts as inline SVG, made from numbers.

Positions along a bar are percentages, so that a chart fills any width and its text keeps its size. Colours come from
the page's style sheet by class name; what is provisional is hatched by a pattern that the page defines once
(`hatch-<class>`). Each chart has a title and a description; the page adds the same figures as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ROW_HEIGHT = 40
BAR_HEIGHT = 12
BAR_TOP = 21


@dataclass(frozen=True, slots=True)
class Markup:
    """Finished markup; templates with autoescape take it as it is because of `__html__`."""

    markup: str

    def __html__(self) -> str:
        return self.markup

    def __str__(self) -> str:
        return self.markup


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar: `tone` is the class that colours it, `label` says in words what it is, `words` its figure where that has a unit."""

    tone: str
    value: int
    label: str
    hatched: bool = False
    words: str = ""

    @property
    def spoken(self) -> str:
        """The figure as a reader sees it."""
        return self.words or f"{self.value:,}"


@dataclass(frozen=True, slots=True)
class BarRow:
    """A labelled bar; `value` is the text at its right end, `href` is where a click leads."""

    label: str
    value: str
    segments: tuple[Segment, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart and the same figures as a table; `note` says what the chart leaves out."""

    key: str
    title: str
    chart: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def share(value: int, total: int) -> str:
    """`value` of `total` as a percentage for a coordinate, to a thousandth."""
    return f"{100 * value / total:.3f}%" if total > 0 else "0%"


def _rects(segments: Sequence[Segment], total: int, top: int, height: int) -> list[str]:
    parts = []
    before = 0
    for segment in segments:
        if segment.value <= 0:
            continue
        place = f'x="{share(before, total)}" y="{top}" width="{share(segment.value, total)}" height="{height}"'
        parts.append(f'<rect class="tone-{segment.tone}" {place}><title>{escape(segment.label)}: {escape(segment.spoken)}</title></rect>')
        if segment.hatched:
            parts.append(f'<rect class="hatch" fill="url(#hatch-{segment.tone})" {place}/>')
        before += segment.value
    # Hairlines between segments keep neighbours apart for eyes that do not tell the colours apart.
    before = 0
    for segment in segments[:-1]:
        before += max(segment.value, 0)
        if 0 < before < total:
            parts.append(f'<line class="gap" x1="{share(before, total)}" x2="{share(before, total)}" y1="{top}" y2="{top + height}"/>')
    return parts


def frame(key: str, role: str, title: str, description: str, height: int, body: Sequence[str]) -> Markup:
    """A picture of the page's width with its title and description; `key` begins the ids of both."""
    head = (
        f'<svg class="chart" width="100%" height="{height}" role="{role}" aria-labelledby="chart-{key}-title chart-{key}-desc">'
        f'<title id="chart-{key}-title">{escape(title)}</title><desc id="chart-{key}-desc">{escape(description)}</desc>'
    )
    return Markup(head + "".join(body) + "</svg>")


def describe(segments: Sequence[Segment]) -> str:
    """The figures of one bar in words; parts that are zero are left out."""
    return ", ".join(f"{segment.label} {segment.spoken}" for segment in segments if segment.value > 0) or "nothing"


def stacked_bar(key: str, title: str, segments: Sequence[Segment], height: int = 28) -> Markup:
    """One bar over the whole width; `key` is unique in the page and begins the ids of title and description."""
    total = sum(segment.value for segment in segments)
    body = [f'<rect class="track" x="0" y="0" width="100%" height="{height}"/>', *_rects(segments, total, 0, height)]
    return frame(key, "img", title, describe(segments), height, body)


def _row(row: BarRow, index: int, maximum: int) -> str:
    top = index * ROW_HEIGHT
    spoken = f"{row.label}: {row.value}. {describe(row.segments)}"
    # In HTML a label ends in an ellipsis where it meets the value; SVG text would run into it.
    texts = f'<span class="row-label">{escape(row.label)}</span><span class="row-value">{escape(row.value)}</span>'
    parts = [
        f'<rect class="row-hit" x="0" y="{top}" width="100%" height="{ROW_HEIGHT}"/>',
        f'<foreignObject x="0" y="{top}" width="100%" height="{BAR_TOP}"><div class="row-line">{texts}</div></foreignObject>',
        f'<rect class="track" x="0" y="{top + BAR_TOP}" width="100%" height="{BAR_HEIGHT}"/>',
        *_rects(row.segments, maximum, top + BAR_TOP, BAR_HEIGHT),
    ]
    inner = f"<title>{escape(spoken)}</title>" + "".join(parts)
    if row.href:
        return f'<a class="row" href="{escape(row.href)}" aria-label="{escape(spoken)}">{inner}</a>'
    return f'<g class="row">{inner}</g>'


def bar_rows(key: str, title: str, rows: Sequence[BarRow], *, relative: bool = False) -> Markup:
    """Labelled bars below each other.

    All bars share one scale, the longest fills the width; with `relative` each fills it and shows shares alone.
    A chart whose rows can be clicked is a group of links for assistive technology, any other is an image.
    """
    totals = [sum(max(segment.value, 0) for segment in row.segments) for row in rows]
    longest = max(totals, default=0)
    body = [_row(row, index, total if relative else longest) for index, (row, total) in enumerate(zip(rows, totals, strict=True))]
    description = "; ".join(f"{row.label}: {row.value}" for row in rows) or "No figures."
    role = "group" if any(row.href for row in rows) else "img"
    return frame(key, role, title, description, max(len(rows), 1) * ROW_HEIGHT, body)
