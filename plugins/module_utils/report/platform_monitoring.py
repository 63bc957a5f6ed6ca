# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Monitoring in words and pictures: alerts by group and by whom they reach, and what people rely on that nobody watches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..platform.model import BROKEN, READY
from ..platform.model import MISSING as NOT_THERE
from ..platform.model import NOT_EVALUATED as NOBODY_KNOWS
from ..platform.monitoring.facts import NAMESPACE as OF_NAMESPACES
from ..platform.monitoring.records import ALERT_STATES, IN_PLACE, LEFT_OUT, MISSING, UNWATCHED, WATCHED
from .charts import Figure
from .platform_charts import UNWANTED, Share, StateRow, state_rows
from .platform_entries import EntryRow, EntryTable, answer_text, entry_table, names_text, unknown_notes
from .platform_monitoring_texts import (
    ALERT_WORDS,
    LACKING,
    NO_OWNER,
    OPEN,
    OWNERS_OF_NAMESPACES,
    REACH_WORDS,
    TOLD,
    TYPE_WORDS,
    UNTOLD,
    WATCH_WORDS,
    Reach,
    alerts_sentences,
    reaches,
    severities_of,
    watch_line,
)
from .platform_texts import NOT_KNOWN, figure_text, some, words
from .platform_view import AlertView, PlatformView, WatchView
from .texts import number

ALERT_LOOKS: Final = {IN_PLACE: READY, MISSING: NOT_THERE, LEFT_OUT: UNWANTED}
"""Plates and icons of an alert's state; of any other nobody knows."""

WATCH_LOOKS: Final = {WATCHED: "watched", UNWATCHED: "unwatched"}
"""Icons of what is watched; the plates beside them are those of `BAR_LOOKS`."""

BAR_LOOKS: Final = {WATCHED: READY, UNWATCHED: BROKEN}
REACH_LOOKS: Final = {TOLD: READY, UNTOLD: BROKEN, LACKING: NOT_THERE, OPEN: NOBODY_KNOWS}
ALERT_HEADS: Final = ("Group", "Severity", "For", "Who is told", "Whom it does not reach", "Evaluated by")
WATCH_HEADS: Final = ("Who answers for it", "What lacks, or why nobody knows", "What to do", "Scraped by", "Alerts", "Owner is told")
COVERAGE_COLUMNS: Final = (
    "Group of alerts",
    *(text.capitalize() for text in ALERT_WORDS.values()),
    "Who is told",
    "Whom it does not reach",
)
OWNER_COLUMNS: Final = ("Owner", *(text.capitalize() for text in WATCH_WORDS.values()))
EVALUATOR_WORDS: Final = {
    "user_workload_open": "user workload, every namespace",
    "user_workload_enforced": "user workload, its own namespace",
    "platform": "the platform's Prometheus",
}
MAX_OWNERS: Final = 6
"""Owners that a cell names."""

TOP_ROWS: Final = 24
"""Bars of a picture; its table has all."""


@dataclass(frozen=True, slots=True)
class ReachRow:
    """One owner of the matrix: by severity, how many alerts came to what."""

    owner: str
    ways: str
    """by which the owner is told, in words"""
    cells: tuple[tuple[tuple[str, str, int], ...], ...]
    """per severity (look, words, alerts); empty where no alert of it is for the owner"""
    by_nobody: bool


@dataclass(frozen=True, slots=True)
class MonitoringPage:
    """The page's chapter on monitoring."""

    alerts: tuple[str, ...]
    """sentences; empty where the run was not to look at it"""
    watched: str
    coverage: Figure | None
    severities: tuple[str, ...]
    reach: tuple[ReachRow, ...]
    reach_rest: int
    """owners beyond those of `reach`"""
    owners: Figure | None
    """what is watched, by owner"""
    alert_tables: tuple[EntryTable, ...]
    watch_tables: tuple[EntryTable, ...]


def monitoring_page(platform: PlatformView, most: int) -> MonitoringPage:
    """The chapter with at most so many rows a table."""
    found = reaches(platform.alerts)
    severities = tuple(severities_of(found))
    alerts, watched = alerts_sentences(platform), watch_line(platform)
    return MonitoringPage(
        # Where nothing at all is known, both say the same: once is enough.
        alerts=alerts,
        watched="" if watched in alerts else watched,
        coverage=coverage_figure(platform.alerts) if platform.alerts else None,
        severities=severities,
        reach=tuple(_reach(entry, severities) for entry in found[:most]),
        reach_rest=max(0, len(found) - most),
        owners=owners_figure(platform.watched) if platform.watched else None,
        alert_tables=alert_tables(platform, most),
        watch_tables=watch_tables(platform, most),
    )


def alert_tables(platform: PlatformView, most: int) -> tuple[EntryTable, ...]:
    """All alerts, what calls for attention first."""
    table = entry_table("Alerts", "Alert", ALERT_HEADS, platform.alerts, _alert, most, is_open=False)
    return (table,) if table.rows else ()


def watch_tables(platform: PlatformView, most: int) -> tuple[EntryTable, ...]:
    """What nobody watches, of what nobody knows, and what is watched: each apart."""
    by_state: dict[str, list[WatchView]] = {UNWATCHED: [], NOBODY_KNOWS: [], WATCHED: []}
    for entry in platform.watched:
        by_state.get(entry.state, by_state[NOBODY_KNOWS]).append(entry)
    titles = {UNWATCHED: "Watched by nobody", NOBODY_KNOWS: "Nobody knows whether anybody watches", WATCHED: "Watched"}
    found = (_watch_table(title, by_state[state], most, is_open=state != WATCHED) for state, title in titles.items())
    return tuple(table for table in found if table.rows)


def _watch_table(title: str, entries: Sequence[WatchView], most: int, *, is_open: bool) -> EntryTable:
    return entry_table(
        title, "What", WATCH_HEADS, entries, _watch, most, state="Watched", sheet="Watched", standing="What it is", is_open=is_open
    )


# ---- alerts ----------------------------------------------------------------------------------------------------------


def alert_look(state: str) -> str:
    """The badge of an alert's state."""
    return ALERT_LOOKS.get(state, NOBODY_KNOWS)


def owner_text(owner: str) -> str:
    """Whom an alert is for."""
    return OWNERS_OF_NAMESPACES if owner == OF_NAMESPACES else owner or NOT_KNOWN


def _alert(entry: AlertView) -> EntryRow:
    cells = (
        entry.group or NOT_KNOWN,
        entry.severity or NOT_KNOWN,
        owner_text(entry.owner),
        names_text(entry.receivers, empty="nobody"),
        names_text(entry.untold),
        words(entry.evaluator, EVALUATOR_WORDS) or NOT_KNOWN,
    )
    return EntryRow(entry.name, alert_look(entry.state), words(entry.state, ALERT_WORDS), "", cells, unknown_notes(entry.unknown))


def coverage_rows(alerts: Sequence[AlertView]) -> tuple[tuple[str, ...], ...]:
    """Group by group: how many alerts are in which state, who is told, and whom they do not reach."""
    return tuple(
        (name, *(number(_count(found, state)) for state in ALERT_WORDS), _told(found), _unreached(found)) for name, found in _groups(alerts)
    )


def coverage_figure(alerts: Sequence[AlertView]) -> Figure:
    """The same as bars."""
    title = "Alerts by group: in place, missing, left out"
    bars = [StateRow(name or NOT_KNOWN, _in_place(found), _alert_shares(found)) for name, found in _groups(alerts)]
    note = "Solid is in place, an empty dashed frame is missing, a thin frame is left out by the document, dots are not evaluated."
    return Figure("coverage", title, state_rows("coverage", title, bars[:TOP_ROWS]), COVERAGE_COLUMNS, coverage_rows(alerts), note)


def _groups(alerts: Sequence[AlertView]) -> list[tuple[str, list[AlertView]]]:
    found: dict[str, list[AlertView]] = {}
    for alert in alerts:
        found.setdefault(alert.group, []).append(alert)
    return sorted(found.items())


def _count(alerts: Iterable[AlertView], state: str) -> int:
    # A word that nobody knows counts as not evaluated.
    return sum((alert.state if alert.state in ALERT_WORDS else NOBODY_KNOWS) == state for alert in alerts)


def _alert_shares(alerts: Sequence[AlertView]) -> tuple[Share, ...]:
    return tuple(Share(alert_look(state), _count(alerts, state), ALERT_WORDS[state]) for state in ALERT_STATES)


def _in_place(alerts: Sequence[AlertView]) -> str:
    wanted = len(alerts) - _count(alerts, LEFT_OUT)
    if not wanted:
        return "all left out"
    open_ones = _count(alerts, NOBODY_KNOWS)
    return f"{number(_count(alerts, IN_PLACE))} of {number(wanted)} in place" + (
        f", of {number(open_ones)} nobody knows" if open_ones else ""
    )


def _told(alerts: Sequence[AlertView]) -> str:
    wanted = [alert for alert in alerts if alert.state != LEFT_OUT]
    told = some(sorted({receiver for alert in wanted for receiver in alert.receivers or ()}))
    if any(alert.receivers is None for alert in wanted):
        return f"{told}; of some nobody knows" if told else NOT_KNOWN
    return told or ("nobody" if wanted else "")


def _unreached(alerts: Sequence[AlertView]) -> str:
    """Owners whom alerts of a group are for and do not reach: those whom none of it reaches, then those whom some of it does not."""
    lost = [reach for reach in reaches(alerts) if reach.total(UNTOLD)]
    named = [reach.owner if reach.by_nobody else f"{reach.owner}, of {number(reach.total(UNTOLD))}" for reach in lost]
    found = "; ".join([*named[:MAX_OWNERS], *([f"{number(len(named) - MAX_OWNERS)} more owners"] if len(named) > MAX_OWNERS else [])])
    if any(alert.untold is None for alert in alerts if alert.state != LEFT_OUT):
        return f"{found}; of some nobody knows" if found else NOT_KNOWN
    return found


def _reach(reach: Reach, severities: Sequence[str]) -> ReachRow:
    cells = tuple(
        tuple(
            (REACH_LOOKS[outcome], text, reach.counts[severity][outcome])
            for outcome, text in REACH_WORDS.items()
            if severity in reach.counts and reach.counts[severity][outcome]
        )
        for severity in severities
    )
    ways = f"told by {some(sorted(reach.ways))}" if reach.ways else "how it is told is not known" if reach.total(OPEN) else ""
    return ReachRow(reach.owner, ways, cells, reach.by_nobody)


# ---- what is watched -------------------------------------------------------------------------------------------------


def watch_look(state: str) -> str:
    """The badge of whether something is watched."""
    return WATCH_LOOKS.get(state, NOBODY_KNOWS)


def _watch(entry: WatchView) -> EntryRow:
    cells = (
        answer_text(entry.owner, NO_OWNER),
        entry.reason,
        entry.remedy,
        names_text(entry.monitors, 3, "nothing"),
        figure_text(entry.alerts),
        {True: "yes", False: "no", None: NOT_KNOWN}[entry.told],
    )
    kind = words(entry.watch_type, TYPE_WORDS) or NOT_KNOWN
    return EntryRow(entry.name, watch_look(entry.state), words(entry.state, WATCH_WORDS), kind, cells, unknown_notes(entry.unknown))


def owners_figure(watched: Sequence[WatchView]) -> Figure:
    """Owner by owner, how much of what they answer for is watched: who has most that nobody watches comes first."""
    title = "What is watched, by who answers for it"
    found: dict[str, list[WatchView]] = {}
    for entry in watched:
        found.setdefault(answer_text(entry.owner, NO_OWNER), []).append(entry)
    ranked = sorted(found.items(), key=lambda pair: (-_watch_count(pair[1], UNWATCHED), -_watch_count(pair[1], NOBODY_KNOWS), pair[0]))
    bars = [StateRow(owner, _watch_text(entries), _watch_shares(entries)) for owner, entries in ranked[:TOP_ROWS]]
    rows = tuple((owner, *(number(_watch_count(entries, state)) for state in WATCH_WORDS)) for owner, entries in ranked)
    rest = len(ranked) - TOP_ROWS
    note = "From the left: cross-hatched is watched by nobody, of what is dotted nobody knows, solid is watched."
    note += f" {number(rest)} more owners in the table." if rest > 0 else ""
    return Figure("watched", title, state_rows("watched", title, bars), OWNER_COLUMNS, rows, note)


def _watch_count(entries: Iterable[WatchView], state: str) -> int:
    return sum((entry.state if entry.state in WATCH_WORDS else NOBODY_KNOWS) == state for entry in entries)


def _watch_shares(entries: Sequence[WatchView]) -> tuple[Share, ...]:
    order = (UNWATCHED, NOBODY_KNOWS, WATCHED)
    return tuple(Share(BAR_LOOKS.get(state, NOBODY_KNOWS), _watch_count(entries, state), WATCH_WORDS[state]) for state in order)


def _watch_text(entries: Sequence[WatchView]) -> str:
    return f"{number(_watch_count(entries, WATCHED))} of {number(len(entries))} watched"
