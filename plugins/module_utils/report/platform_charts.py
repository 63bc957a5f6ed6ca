# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of the platform: the plates of the stack, and the accelerators.

A plate tells its state by its pattern, so that it can be read without colour: solid is ready, stripes are waiting, an
empty dashed frame is missing, a cross-hatch is broken, dots are not evaluated. The page defines the patterns once
(`plate-<state>`), and says the state in words beside each plate.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from ..platform.model import BROKEN, LAYER_STATES, NOT_EVALUATED, WAITING
from .charts import BAR_HEIGHT, BAR_TOP, ROW_HEIGHT, BarRow, Figure, Markup, Segment, bar_rows, frame, share
from .platform_texts import device_text, figure_text, memory_text
from .platform_view import AcceleratorView
from .texts import number

TOP_GROUPS: Final = 24
UNWANTED: Final = "unwanted"
"""Plate of a layer that the document asks nothing of."""

PATTERNED: Final = (WAITING, BROKEN, NOT_EVALUATED)
"""States whose plates have a pattern; the page defines each once, as `plate-<state>`."""


def plate(state: str) -> Markup:
    """One brick of the stack; what it shows is said in words beside it."""
    known = escape(state if state in (*LAYER_STATES, UNWANTED) else "not_evaluated")
    frame = 'x="1.5" y="1.5" rx="5"'
    return Markup(
        f'<svg class="plate" aria-hidden="true" focusable="false"><rect class="plate-{known}" {frame}/>'
        f'<rect class="plate-pattern" fill="url(#plate-{known})" {frame}/></svg>'
    )


def devices_figure(groups: Sequence[AcceleratorView]) -> Figure:
    """Devices of each group: held by pods, free, and not allocatable though they are there."""
    title = "Accelerators: what pods hold, what is free, what is not healthy"
    ranked = sorted(groups, key=lambda group: (-(group.capacity or group.allocatable or 0), group.name))
    bars = [BarRow(f"{device_text(group)} · {group.resource}", _told(group), _segments(group)) for group in ranked[:TOP_GROUPS]]
    rows = tuple(
        (
            device_text(group),
            group.resource,
            "not known" if group.nodes is None else number(len(group.nodes)),
            *(figure_text(value) for value in (group.capacity, group.allocatable, group.requested)),
            memory_text(group.memory_gib),
        )
        for group in ranked
    )
    columns = ("Devices", "Resource", "Nodes", "Capacity", "Allocatable", "Requested", "Memory of one")
    rest = len(groups) - TOP_GROUPS
    note = "From the left: what pods hold, then what is free; hatched is not healthy, pale is what nobody knows the use of."
    note += f" The {TOP_GROUPS} largest groups; {number(rest)} more in the table." if rest > 0 else ""
    return Figure("devices", title, bar_rows("devices", title, bars), columns, rows, note)


def _segments(group: AcceleratorView) -> tuple[Segment, ...]:
    allocatable = group.allocatable or 0
    lost = max((group.capacity or 0) - allocatable, 0) if group.allocatable is not None else 0
    if group.requested is None:
        return (Segment("na", allocatable, "Allocatable, use not known"), Segment("open", lost, "Not healthy", True))
    held = min(group.requested, allocatable)
    return (
        Segment("before", held, "Held by pods"),
        Segment("free", allocatable - held, "Free"),
        Segment("open", lost, "Not healthy", True),
    )


def _told(group: AcceleratorView) -> str:
    if group.allocatable is None:
        return "not known"
    if group.requested is None:
        return f"{number(group.allocatable)}, use not known"
    text = f"{number(max(group.allocatable - group.requested, 0))} of {number(group.allocatable)} free"
    lost = (group.capacity or 0) - group.allocatable
    return f"{text}, {number(lost)} not healthy" if lost > 0 else text


# ---- bars of states --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a bar: how many are in a state, which plate it looks like, and what it is in words."""

    look: str
    count: int
    words: str


@dataclass(frozen=True, slots=True)
class StateRow:
    """A labelled bar of states; `value` is the text at its right end."""

    label: str
    value: str
    shares: tuple[Share, ...]


def state_rows(key: str, title: str, rows: Sequence[StateRow]) -> Markup:
    """Bars below each other, their parts told apart by the patterns of plates; all share one scale."""
    longest = max((sum(share.count for share in row.shares) for row in rows), default=0)
    body = [piece for index, row in enumerate(rows) for piece in _state_row(row, index * ROW_HEIGHT, longest)]
    description = "; ".join(f"{row.label}: {_shares_text(row)}" for row in rows) or "No figures."
    return frame(key, "img", title, description, max(len(rows), 1) * ROW_HEIGHT, body)


def _shares_text(row: StateRow) -> str:
    return ", ".join(f"{share.count:,} {share.words}" for share in row.shares if share.count) or "nothing"


def _state_row(row: StateRow, top: int, longest: int) -> Iterator[str]:
    texts = f'<span class="row-label">{escape(row.label)}</span><span class="row-value">{escape(row.value)}</span>'
    yield f'<g class="row"><title>{escape(row.label)}: {escape(_shares_text(row))}</title>'
    yield f'<foreignObject x="0" y="{top}" width="100%" height="{BAR_TOP}"><div class="row-line">{texts}</div></foreignObject>'
    before = 0
    for part in row.shares:
        if part.count > 0:
            look = escape(part.look)
            place = f'x="{share(before, longest)}" width="{share(part.count, longest)}" y="{top + BAR_TOP}" height="{BAR_HEIGHT}"'
            title = f"<title>{escape(row.label)}: {part.count:,} {escape(part.words)}</title>"
            yield f'<rect class="state-bar plate-{look}" {place}>{title}</rect>'
            yield f'<rect fill="url(#plate-{look})" {place}/>' if part.look in PATTERNED else ""
            before += part.count
    yield "</g>"
