# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which run is opened: the process edge, the only place that reads the clock and draws a random suffix."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Final

from ..common.errors import InputError, Problem, ReadinessError
from .run_directory import ARTIFACTS, RUN_FILE, RunDirectory

RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Which run to open; empty texts stand for the defaults."""

    runs_dir: Path
    run_id: str = ""
    continue_with: tuple[str, ...] = ()
    now: str = ""
    mode: str = "apply"
    playbook: str = ""


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """The run that was opened; `new` is false when its directory was there already."""

    run_id: str
    run_dir: Path
    now: str
    mode: str
    new: bool


def utc_text(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC, to the second."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> datetime:
    """The moment of an ISO 8601 text with offset; raises ValueError for anything else."""
    moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text.strip()))
    if moment.tzinfo is None:
        raise ValueError("it names no offset from UTC")
    return moment


def open_run(request: RunRequest) -> OpenedRun:
    """Opens the run; raises `InputError` for an unusable id or clock, `ReadinessError` when no run fits."""
    clock = datetime.now(timezone.utc)
    now = _checked_now(request, clock)
    run_id = request.run_id or _default_run_id(request, clock)
    directory = RunDirectory(request.runs_dir / run_id)
    if request.continue_with and not directory.exists():
        message = f"There is no run {run_id} in {request.runs_dir}"
        raise ReadinessError("run_missing", message, subject=run_id, hint="Name a run that exists, or none to go on with the newest.")
    new = directory.open(run_id=run_id, now=now, mode=request.mode, playbook=request.playbook, started_at=utc_text(clock))
    return OpenedRun(run_id=run_id, run_dir=directory.path, now=now, mode=request.mode, new=new)


def _checked_now(request: RunRequest, clock: datetime) -> str:
    """The run's present; every problem of the request is listed before anything is made."""
    problems = []
    moment = clock
    if request.now:
        try:
            moment = parse_moment(request.now)
        except ValueError as error:
            problems.append(Problem(f"now is {request.now!r}: {error}", remedy="write it as 2027-01-04T08:15:00Z"))
    if request.run_id and not RUN_ID.fullmatch(request.run_id):
        remedy = "use letters, digits, dot, dash and underscore, 128 at most, beginning with a letter or digit"
        problems.append(Problem(f"run id {request.run_id!r} cannot name a directory", remedy=remedy))
    if problems:
        raise InputError("run_input", "The run cannot be opened as asked", problems=problems)
    return utc_text(moment)


def _default_run_id(request: RunRequest, clock: datetime) -> str:
    if not request.continue_with:
        return f"{clock.strftime('%Y%m%dT%H%M%SZ')}-{secrets.token_hex(2)}"
    fitting = sorted(_fitting_runs(request), reverse=True)
    if fitting:
        return fitting[0][1]
    wanted = " and ".join(request.continue_with)
    raise ReadinessError(
        "run_none_fits",
        f"No run in {request.runs_dir} holds {wanted}",
        subject=str(request.runs_dir),
        hint="Run the playbook groundwork.readiness.assess first, or name another readiness_runs_dir or readiness_run_id.",
    )


def _fitting_runs(request: RunRequest) -> Iterator[tuple[str, str]]:
    """(start time, id) of the runs that hold every artifact asked for."""
    for run_file in request.runs_dir.glob(f"*/{RUN_FILE}"):
        if not all((run_file.parent / ARTIFACTS[stage]).is_file() for stage in request.continue_with):
            continue
        try:
            started_at = RunDirectory(run_file.parent).read().get("started_at", "")
        except ReadinessError:
            continue
        yield str(started_at), run_file.parent.name
