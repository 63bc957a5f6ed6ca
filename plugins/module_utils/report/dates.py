# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates and moments of a report; the present is always an argument."""

from __future__ import annotations

from datetime import date, datetime, timezone

from ..common.errors import InputError, Problem


def moment(text: str) -> datetime:
    """The moment of an ISO 8601 text, in UTC; one without offset is taken as UTC. Raises ValueError."""
    text = text.strip()
    parsed = datetime.fromisoformat(text[:-1] + "+00:00" if text[-1:] in ("Z", "z") else text)
    return parsed.replace(tzinfo=timezone.utc) if parsed.tzinfo is None else parsed.astimezone(timezone.utc)


def now_problem(now: str) -> Problem | None:
    """What is wrong with a report's present; None when it can be used."""
    try:
        moment(now)
    except ValueError:
        return Problem(f"now is {now!r}, which is not an ISO 8601 time", remedy="Write it as 2027-01-04T08:15:00Z.")
    return None


def end_problem(end_of_support: str) -> Problem | None:
    """What is wrong with the day on which support ends; None when it can be used."""
    try:
        date.fromisoformat(end_of_support)
    except ValueError:
        return Problem(f"end_of_support is {end_of_support!r}, which is not a date", remedy="Write it as YYYY-MM-DD.")
    return None


def checked_dates(now: str, end_of_support: str) -> tuple[datetime, date]:
    """Both dates of a report, or one `InputError` that lists what is wrong with either."""
    problems = [problem for problem in (now_problem(now), end_problem(end_of_support)) if problem]
    if problems:
        raise InputError("report_input", "The report cannot be made as asked", problems=problems)
    return moment(now), date.fromisoformat(end_of_support)


def age_days(captured_at: str, now: datetime) -> int | None:
    """Whole days from a capture to now, never below 0; None when the text is empty or not a date."""
    try:
        captured = moment(captured_at)
    except ValueError:
        return None
    return max((now - captured).days, 0)
