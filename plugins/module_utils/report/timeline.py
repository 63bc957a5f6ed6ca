# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The waves of a plan on a date axis, as inline SVG made from numbers.

A row has two lanes: on the left the window at its place on the axis, on the right how much of it the wave takes, filled
up to the median and hatched up to the 90th percentile. As in `charts.py`, positions are percentages and colours come
from the page's style sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from itertools import groupby
from typing import Final

from .charts import Markup, frame
from .headline import counted
from .plan_texts import MONTHS, local_time, minutes, moment_text, wave_minutes, window_text
from .plan_view import PlanView, WaveView
from .texts import date_text, size

MAX_ROWS: Final = 60
"""Rows of the picture; more waves than that are grouped by month, and by year where that is not enough."""

LANE: Final = 76.0
"""Share of the width that the date axis takes, in percent."""

GAUGE: Final = 80.0
"""Where the second lane begins, in percent."""

HEAD: Final = 40
ROW: Final = 42
BAR_TOP: Final = 24
BAR: Final = 10
MAX_TICKS: Final = 9
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A wave, or the waves of a month or year together."""

    label: str
    more: str
    """what a narrow page leaves out of the label"""
    when: str
    short: str
    """`when` on a narrow page"""
    spoken: str
    href: str
    spans: tuple[tuple[datetime, datetime], ...]
    taken_p50: float
    """share of the window that the wave takes, in percent; the fullest where there are several"""
    taken_p90: float
    tone: str
    leads: tuple[tuple[datetime, datetime], ...] = ()
    """from when to when first copies of warm moves run, before the windows"""


@dataclass(frozen=True, slots=True)
class Axis:
    """The dates from the left edge to the right one."""

    first: datetime
    last: datetime

    def place(self, moment: datetime) -> float:
        """Where a moment lies, in percent of the whole width."""
        whole = (self.last - self.first).total_seconds()
        return LANE * min(max((moment - self.first).total_seconds() / whole, 0.0), 1.0)


def timeline(plan: PlanView, end_of_support: str) -> Markup:
    """The picture; without a wave it is empty."""
    deadline = datetime.fromisoformat(end_of_support)
    rows = _rows(plan.waves, deadline)
    if not rows:
        return Markup("")
    axis = _axis(rows, deadline)
    height = HEAD + ROW * len(rows)
    body = [*_ticks(axis, height), *_heads()]
    body += [piece for index, row in enumerate(rows) for piece in _row(row, axis, HEAD + ROW * index)]
    body += _deadline(axis, deadline, height)
    description = "; ".join(f"{row.label}: {row.spoken}" for row in rows)
    return frame("timeline", "group", f"Waves from {_date(axis.first)} to {_date(axis.last)}", description, height, body)


def grouping(waves: Sequence[WaveView]) -> str:
    """What a row of the picture stands for: wave, month or year."""
    if len(waves) <= MAX_ROWS:
        return "wave"
    return "month" if len({wave.start[:7] for wave in waves}) <= MAX_ROWS else "year"


def deadline_note(plan: PlanView, end_of_support: str) -> str:
    """How the last wave stands to the end of vSphere 8 support."""
    ends = [moment for moment in (local_time(wave.end) for wave in plan.waves) if moment is not None]
    if not ends:
        return ""
    day = date.fromisoformat(end_of_support)
    late = sum(moment.date() > day for moment in ends)
    when = f"vSphere 8 leaves general support ({date_text(end_of_support)})"
    if late:
        return f"{counted(late, 'wave ends', 'waves end')} after {when}."
    left = (day - max(ends).date()).days
    return f"The last wave ends on the day on which {when}." if not left else f"The last wave ends {counted(left, 'day')} before {when}."


def _rows(waves: Sequence[WaveView], deadline: datetime) -> list[Row]:
    placed = [(wave, span) for wave in waves if (span := _span(wave)) is not None]
    by = grouping(waves)
    if by == "wave":
        return [_single(wave, span, deadline) for wave, span in placed]
    length = 7 if by == "month" else 4
    ordered = sorted(placed, key=lambda entry: entry[1])
    return [_together(key, list(entries), deadline) for key, entries in groupby(ordered, key=lambda entry: entry[0].start[:length])]


def _span(wave: WaveView) -> tuple[datetime, datetime] | None:
    start, end = local_time(wave.start), local_time(wave.end)
    return None if start is None or end is None or end <= start else (start, end)


def _tone(wave: WaveView, end: datetime, deadline: datetime) -> str:
    if wave.finished:
        return "done"
    return "late" if end.date() > deadline.date() else "wave"


def taken(wave: WaveView) -> tuple[float, float]:
    """Shares of the window that the wave takes, p50 and p90, in percent; above 100 where it does not fit."""
    length = wave_minutes(wave)
    return (0.0, 0.0) if length <= 0 else (100 * wave.elapsed_p50_minutes / length, 100 * wave.elapsed_p90_minutes / length)


def _single(wave: WaveView, span: tuple[datetime, datetime], deadline: datetime) -> Row:
    bound = f"bound by {wave.bottleneck}" if wave.bottleneck else ""
    label = f"Wave {wave.number} · {counted(wave.vm_count, 'VM')}"
    more = "".join(f" · {part}" for part in (size(wave.copy_bytes), bound) if part)
    p50, p90 = taken(wave)
    took = f"{minutes(wave.elapsed_p50_minutes)} at p50, {minutes(wave.elapsed_p90_minutes)} at p90 of {minutes(wave_minutes(wave))}"
    state = "finished" if wave.finished else "begun" if wave.begun else ""
    early = f"warm moves started by {moment_text(wave.start_by)}" if wave.start_by and not wave.finished else ""
    spoken = ", ".join(filter(None, (state, window_text(wave), counted(wave.vm_count, "VM"), size(wave.copy_bytes), took, bound, early)))
    href = f"#wave=wave%20{wave.number}"
    short = f"{span[0].day} {MONTHS[span[0].month - 1]}, {span[0]:%H:%M}"
    return Row(
        label, more, window_text(wave), short, spoken, href, (span,), p50, p90, _tone(wave, span[1], deadline), _leads([(wave, span)])
    )


def _leads(entries: Sequence[tuple[WaveView, tuple[datetime, datetime]]]) -> tuple[tuple[datetime, datetime], ...]:
    begun = ((local_time(wave.start_by), span[0]) for wave, span in entries if wave.start_by and not wave.finished)
    return tuple((start, end) for start, end in begun if start is not None and start < end)


def _together(key: str, entries: list[tuple[WaveView, tuple[datetime, datetime]]], deadline: datetime) -> Row:
    waves = [wave for wave, _span in entries]
    name = key if len(key) == 4 else f"{MONTHS[int(key[5:]) - 1]} {key[:4]}"
    vms, copied = sum(wave.vm_count for wave in waves), sum(wave.copy_bytes for wave in waves)
    label, more = f"{name} · {counted(vms, 'VM')}", f" · {counted(len(waves), 'wave')} · {size(copied)}"
    fullest = max(taken(wave)[1] for wave in waves)
    numbered = sorted(wave.number for wave in waves)
    numbers = f"waves {numbered[0]} to {numbered[-1]}" if len(waves) > 1 else f"wave {numbered[0]}"
    spoken = f"{numbers}, {counted(vms, 'VM')}, {size(copied)}; the fullest takes {fullest:.0f}% of its window at p90"
    tones = {_tone(wave, span[1], deadline) for wave, span in entries}
    tone = next(tone for tone in ("late", "wave", "done") if tone in tones)
    median = max(taken(wave)[0] for wave in waves)
    return Row(
        label,
        more,
        numbers,
        counted(len(waves), "wave"),
        spoken,
        "",
        tuple(span for _wave, span in entries),
        median,
        fullest,
        tone,
        _leads(entries),
    )


def _axis(rows: Sequence[Row], deadline: datetime) -> Axis:
    """From the first day to the last; the end of support is taken in where it is near enough not to squeeze the waves."""
    first = min(span[0] for row in rows for span in (*row.spans, *row.leads))
    last = max(span[1] for row in rows for span in row.spans)
    first, last = _midnight(first), _midnight(last - timedelta(seconds=1)) + DAY
    if last < deadline + DAY <= last + 0.35 * (last - first):
        last = deadline + DAY
    return Axis(first, last)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _date(moment: datetime) -> str:
    return date_text(moment.date().isoformat())


def _ticks(axis: Axis, height: int) -> Iterator[str]:
    for index, (moment, label) in enumerate(tick_dates(axis)):
        place = f"{axis.place(moment):.3f}%"
        name = "tick" if index % 2 == 0 else "tick tick-minor"
        yield f'<line class="{name}" x1="{place}" x2="{place}" y1="20" y2="{height}"/>'
        if axis.place(moment) < LANE - 6:
            yield f'<text class="{name}" x="{place}" dx="3" y="14">{label}</text>'


def tick_dates(axis: Axis) -> list[tuple[datetime, str]]:
    """Months, weeks or days with their names, few enough to be read."""
    days = (axis.last - axis.first).days
    if days > 7 * MAX_TICKS:
        return _month_ticks(axis, days)
    step = 1 if days <= MAX_TICKS else 7
    first = axis.first if step == 1 else axis.first + (7 - axis.first.weekday()) % 7 * DAY
    count = (axis.last - first).days // step + 1
    moments = [first + step * index * DAY for index in range(count)]
    return [(moment, f"{moment.day} {MONTHS[moment.month - 1]}") for moment in moments if moment < axis.last]


def _month_ticks(axis: Axis, days: int) -> list[tuple[datetime, str]]:
    step = next((step for step in (1, 2, 3, 6, 12) if days / (30 * step) <= MAX_TICKS), 12)
    step *= max(1, -(-days // (365 * MAX_TICKS))) if step == 12 else 1
    index = axis.first.year * 12 + axis.first.month - 1
    index += 0 if axis.first.day == 1 else 1
    index += -index % step
    ticks = []
    while (moment := axis.first.replace(year=index // 12, month=index % 12 + 1, day=1)) < axis.last:
        ticks.append((moment, str(moment.year) if step >= 12 else f"{MONTHS[moment.month - 1]} {moment.year % 100:02d}"))
        index += step
    return ticks


def _heads() -> Iterator[str]:
    yield '<text class="tick" x="100%" y="14" text-anchor="end">Window taken</text>'


def _row(row: Row, axis: Axis, top: int) -> Iterator[str]:
    label = f'<div class="row-label">{escape(row.label)}<span class="wide">{escape(row.more)}</span></div>'
    parts = [
        f'<rect class="row-hit" x="0" y="{top}" width="100%" height="{ROW}"/>',
        f'<foreignObject x="0" y="{top + 2}" width="62%" height="21">{label}</foreignObject>',
        f'<text class="row-value wide" x="100%" y="{top + 17}" text-anchor="end">{escape(row.when)}</text>',
        f'<text class="row-value narrow" x="100%" y="{top + 17}" text-anchor="end">{escape(row.short)}</text>',
        f'<rect class="track" x="0" y="{top + BAR_TOP}" width="{LANE}%" height="{BAR}"/>',
        *_first_copies(row, axis, top + BAR_TOP),
        *_windows(row, axis, top + BAR_TOP),
        *_gauge(row, top + BAR_TOP),
    ]
    inner = f"<title>{escape(f'{row.label}: {row.spoken}')}</title>" + "".join(parts)
    if row.href:
        yield f'<a class="row" href="{escape(row.href)}" aria-label="{escape(f"{row.label}: {row.spoken}")}">{inner}</a>'
    else:
        yield f'<g class="row">{inner}</g>'


def _first_copies(row: Row, axis: Axis, top: int) -> Iterator[str]:
    for start, end in row.leads:
        left, right = axis.place(start), axis.place(end)
        height = BAR * 0.4
        place = f'x="{left:.3f}%" y="{top + (BAR - height) / 2:.1f}" width="{right - left:.3f}%" height="{height:.1f}"'
        yield f'<rect class="lead" {place}/>'


def _windows(row: Row, axis: Axis, top: int) -> Iterator[str]:
    for start, end in row.spans:
        left, right = axis.place(start), axis.place(end)
        yield f'<rect class="tone-{row.tone} window" x="{left:.3f}%" y="{top}" width="{right - left:.3f}%" height="{BAR}"/>'


def _gauge(row: Row, top: int) -> Iterator[str]:
    """The share of the window that is taken; a wave that does not fit fills the lane in the colour of a blocker."""
    lane = 100 - GAUGE
    median, high = (lane * min(share, 100.0) / 100 for share in (row.taken_p50, row.taken_p90))
    tone = "blocked" if row.taken_p90 > 100.0 + 1e-6 else row.tone
    yield f'<rect class="track" x="{GAUGE}%" y="{top}" width="{lane}%" height="{BAR}"/>'
    yield f'<rect class="tone-{tone}" x="{GAUGE}%" y="{top}" width="{high:.3f}%" height="{BAR}"/>'
    place = f'x="{GAUGE + median:.3f}%" y="{top}" width="{max(high - median, 0):.3f}%" height="{BAR}"'
    yield f'<rect class="hatch" fill="url(#hatch-open)" {place}/>'


def _deadline(axis: Axis, deadline: datetime, height: int) -> Iterator[str]:
    if axis.first <= deadline < axis.last:
        place = axis.place(deadline)
        yield f'<line class="support-end" x1="{place:.3f}%" x2="{place:.3f}%" y1="20" y2="{height}"/>'
        words = f"End of vSphere 8 support, {_date(deadline)}"
        side = 'dx="-4" y="32" text-anchor="end"' if place > LANE / 2 else 'dx="4" y="32"'
        yield f'<text class="support-end" x="{place:.3f}%" {side}>{escape(words)}</text>'
