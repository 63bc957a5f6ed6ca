# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map of identity as inline SVG: from ways in and directories over groups and personas to where they hold.

As in `charts.py`, positions are percentages and colours come from the page's style sheet; links are drawn in boxes that stretch
between the columns. A node tells its state by the pattern of its edge and an icon, and in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from ..platform.model import LAYER_STATES, NOT_EVALUATED
from .charts import Figure, Markup
from .platform_charts import PATTERNED, UNWANTED
from .platform_identity_graph import CLUSTER_ADMIN, COLUMNS, EVERYWHERE, Graph, Key, Node, holdings, identity_graph
from .platform_texts import NOT_KNOWN, some
from .platform_view import PlatformView
from .texts import number

TITLE: Final = "Who comes in, and what that leads to"
TABLE_COLUMNS: Final = ("From", "Synced by", "Group or people", "Persona", "Where")
WIDTH: Final = 19.0
GAP: Final = 8.0
"""Widths of a column and of the space between two, in percent."""

HEAD: Final = 28
CARD: Final = 62
STEP: Final = 74
EDGE: Final = 12
_NOTE: Final = (
    "Read from left to right. A way in leads on only where cluster-admins have an identity of it: who else of a group comes in by "
    "which is not told by the cluster."
)


def identity_map(platform: PlatformView, most: int) -> Figure | None:
    """The map and its links as a table of at most so many rows; None where nothing is known that could be drawn."""
    graph = identity_graph(platform)
    if not any(graph.columns):
        return None
    rows = tuple(_rows(platform))
    left = [number_of for number_of in graph.left_out if number_of]
    note = _NOTE + (" Where a column has more than is drawn, its last card stands for the rest." if left else "")
    note += (
        f" The table shows {number(most)} ways of {number(len(rows))}; report.xlsx has all groups and personas." if len(rows) > most else ""
    )
    return Figure("identity", TITLE, _chart(graph), TABLE_COLUMNS, rows[:most], note)


def _chart(graph: Graph) -> Markup:
    tallest = max(len(column) for column in graph.columns)
    height = HEAD + tallest * STEP
    tops = {
        node.key: HEAD + (tallest - len(column)) * STEP // 2 + place * STEP for column in graph.columns for place, node in enumerate(column)
    }
    body = [*_heads(), *_links(graph, tops, height)]
    body += [_card(node, place, tops[node.key]) for place, column in enumerate(graph.columns) for node in column]
    # Its words are too many for a name: they describe it.
    head = (
        f'<svg class="chart" width="100%" height="{height}" role="img" aria-labelledby="chart-identity-title" '
        f'aria-describedby="chart-identity-desc"><title id="chart-identity-title">{escape(TITLE)}</title>'
        f'<desc id="chart-identity-desc">{escape(_spoken(graph))}</desc>'
    )
    return Markup(f"{head}{''.join(body)}</svg>")


def _left(column: int) -> float:
    return column * (WIDTH + GAP)


def _heads() -> Iterator[str]:
    for place, title in enumerate(COLUMNS):
        yield f'<text class="map-head" x="{_left(place):g}%" y="15">{escape(title)}</text>'


def _links(graph: Graph, tops: Mapping[Key, int], height: int) -> Iterator[str]:
    """Links of neighbouring columns, each gap in a box of its own."""
    for place in range(len(COLUMNS) - 1):
        starts, ends = ({node.key: node for node in graph.columns[side]} for side in (place, place + 1))
        paths = [
            _path(tops[link.start], tops[link.end], f"{starts[link.start].title} → {ends[link.end].title}", link.is_known)
            for link in graph.links
            if link.start in starts and link.end in ends
        ]
        where = f'x="{_left(place) + WIDTH:g}%" y="0" width="{GAP:g}%" height="{height}"'
        yield f'<svg {where} viewBox="0 0 100 {height}" preserveAspectRatio="none">{"".join(paths)}</svg>'


def _path(start: int, end: int, title: str, is_known: bool) -> str:
    """A link between two cards, of which the tops are given."""
    start, end = start + CARD // 2, end + CARD // 2
    looks = "map-link" if is_known else "map-link map-open"
    line = f"M0,{start} C50,{start} 50,{end} 100,{end}"
    return f'<path class="{looks}" vector-effect="non-scaling-stroke" d="{line}"><title>{escape(title)}</title></path>'


def _look(node: Node) -> str:
    return node.look if node.look in (*LAYER_STATES, UNWANTED) else NOT_EVALUATED


def _card(node: Node, column: int, top: int) -> str:
    look = _look(node)
    edge = f'x="1" y="1" width="{EDGE}" height="{CARD - 2}" rx="4"'
    parts = [f'<rect class="map-card" x="0.5" y="0.5" height="{CARD - 1}" rx="6"/>']
    icon = ""
    if look != UNWANTED:
        parts.append(f'<rect class="plate-{look}" {edge}/>')
        parts += [f'<rect fill="url(#plate-{look})" {edge}/>'] if look in PATTERNED else []
        icon = f'<svg class="icon" aria-hidden="true" focusable="false"><use href="#i-{look}"/></svg>'
    notes = "".join(f'<span class="map-note">{escape(note)}</span>' for note in node.notes if note)
    text = f'<div class="map-text look-{look}"><span class="map-title data">{escape(node.title)}</span>{icon}{notes}</div>'
    inner = f'{"".join(parts)}<foreignObject x="0" y="0" width="100%" height="{CARD}">{text}</foreignObject>'
    title = f"<title>{escape(_words(node))}</title>"
    return f'<svg class="map-node" x="{_left(column):g}%" y="{top}" width="{WIDTH:g}%" height="{CARD}">{title}{inner}</svg>'


def _words(node: Node) -> str:
    return ": ".join(filter(None, (node.title, ", ".join(note for note in node.notes if note))))


def _spoken(graph: Graph) -> str:
    """The map in words, for whoever does not see it: each card with what it leads to."""
    titles = {node.key: node.title for column in graph.columns for node in column}
    sentences = []
    for head, column in zip(COLUMNS, graph.columns, strict=True):
        told = []
        for node in column:
            ends = [titles[link.end] for link in graph.links if link.start == node.key]
            told.append(f"{_words(node)}{f', leads to {some(ends, 8)}' if ends else ''}")
        sentences.append(f"{head}: {'; '.join(told) or 'none'}.")
    return " ".join(sentences)


# ---- the same as a table ---------------------------------------------------------------------------------------------


def _rows(platform: PlatformView) -> Iterator[tuple[str, ...]]:
    """One row for each way from left to right."""
    for login in platform.logins:
        if login.cluster_admins:
            yield login.name, "", ", ".join(login.cluster_admins), CLUSTER_ADMIN, EVERYWHERE
        else:
            yield login.name, "", "no cluster-admin" if login.cluster_admins == () else NOT_KNOWN, "", ""
    for group in platform.groups:
        source = NOT_KNOWN if group.directory is None else group.directory or "the cluster itself"
        synced = NOT_KNOWN if group.synced_by is None else group.synced_by or "nobody"
        if not group.personas:
            yield source, synced, group.name, "none" if group.personas == () else NOT_KNOWN, ""
        for persona, namespace in holdings(group.personas or ()):
            yield source, synced, group.name, persona, namespace or EVERYWHERE
    named = {f"Group {group.name}" for group in platform.groups}
    for entry in platform.personas:
        for subject, namespace in holdings(entry.subjects or ()):
            if subject not in named:
                yield "not in the document", "", subject, entry.name, namespace or EVERYWHERE
