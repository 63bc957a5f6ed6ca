# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which run is opened: the process edge, the only place that reads the clock and draws a random suffix."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from ..common.errors import InputError, Problem, ReadinessError
from .run_directory import ARTIFACTS, RUN_FILE, RunDirectory

VARIABLES: Final = (
    "readiness_annotations",
    "readiness_anonymise_dest",
    "readiness_anonymise_key",
    "readiness_anonymise_key_file",
    "readiness_anonymise_shift_dates",
    "readiness_anonymise_src",
    "readiness_apply_gitops_dir",
    "readiness_apply_prune",
    "readiness_apply_state",
    "readiness_cluster",
    "readiness_clusters",
    "readiness_contracts",
    "readiness_directories",
    "readiness_end_of_support",
    "readiness_gate",
    "readiness_identity_rollback",
    "readiness_max_unpacked_bytes",
    "readiness_mode",
    "readiness_namespaces_access_proof",
    "readiness_namespaces_gitops_dir",
    "readiness_namespaces_lock_wait_minutes",
    "readiness_namespaces_probe_image",
    "readiness_namespaces_proof_of_life",
    "readiness_namespaces_prune",
    "readiness_namespaces_remove_extra",
    "readiness_namespaces_wait_minutes",
    "readiness_now",
    "readiness_plan_accept_unknown",
    "readiness_plan_anti_affinity",
    "readiness_plan_dependencies",
    "readiness_plan_destination_provider",
    "readiness_plan_fit",
    "readiness_plan_freezes",
    "readiness_plan_hooks",
    "readiness_plan_hosts",
    "readiness_plan_last_day",
    "readiness_plan_limits",
    "readiness_plan_max_vms",
    "readiness_plan_method",
    "readiness_plan_namespaces",
    "readiness_plan_networks",
    "readiness_plan_pilots",
    "readiness_plan_preserve_static_ips",
    "readiness_plan_previous",
    "readiness_plan_prices",
    "readiness_plan_providers",
    "readiness_plan_rates",
    "readiness_plan_start",
    "readiness_plan_storage",
    "readiness_plan_timezone",
    "readiness_plan_toolkit_namespace",
    "readiness_plan_windows",
    "readiness_platform",
    "readiness_platform_gitops_dir",
    "readiness_platform_lock_wait_minutes",
    "readiness_platform_parts",
    "readiness_platform_prune",
    "readiness_platform_wait_minutes",
    "readiness_promtool",
    "readiness_report_formats",
    "readiness_report_title",
    "readiness_run_id",
    "readiness_runs_dir",
    "readiness_scope",
    "readiness_sources",
    "readiness_target",
    "readiness_target_cluster",
    "readiness_vcenter",
    "readiness_vcenters",
)
"""Variables of the playbooks."""

OWN_VARIABLES: Final = (
    "readiness_export",
    "readiness_given",
    "readiness_platform_all",
    "readiness_platform_findings",
    "readiness_platform_part",
    "readiness_platform_preflight",
    "readiness_platform_stopped",
    "readiness_platform_verifies",
    "readiness_platform_wanted",
    "readiness_refused",
    "readiness_run",
    "readiness_run_dir",
    "readiness_summary",
)
"""Variables that the playbooks set themselves."""

ALIKE: Final = 0.8
"""From this likeness on, a name that is not known is taken for a misspelt one; others are the user's own."""

RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Which run to open; empty texts stand for the defaults."""

    runs_dir: Path
    run_id: str = ""
    continue_with: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()
    """stages of the run that are done anew: what became of them before is forgotten"""
    now: str = ""
    mode: str = "apply"
    playbook: str = ""
    given: tuple[str, ...] = ()
    """names of variables that were given, to find misspelt ones"""
    or_new: bool = False
    """with `continue_with`: begins a run where none fits; without it a run that is there is gone on with, and not begun anew"""


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
    new = not directory.exists()
    if new if request.or_new else not request.continue_with:
        directory.open(run_id=run_id, now=now, mode=request.mode, playbook=request.playbook, started_at=utc_text(clock))
    elif new:
        message = f"There is no run {run_id} in {request.runs_dir}"
        raise ReadinessError("run_missing", message, subject=run_id, hint="Name a run that exists, or none to go on with the newest.")
    else:
        directory.go_on(now=now, mode=request.mode, playbook=request.playbook, anew=request.anew)
    return OpenedRun(run_id=run_id, run_dir=directory.path, now=now, mode=request.mode, new=new)


def _checked_now(request: RunRequest, clock: datetime) -> str:
    """The run's present; every problem of the request is listed before anything is made."""
    problems = list(_misspelt(request.given))
    moment = clock
    if request.now:
        try:
            moment = parse_moment(request.now)
        except ValueError as error:
            problems.append(Problem(f"readiness_now is {request.now!r}: {error}", remedy="write it as 2027-01-04T08:15:00Z"))
    if request.run_id and not RUN_ID.fullmatch(request.run_id):
        remedy = "use letters, digits, dot, dash and underscore, 128 at most, beginning with a letter or digit"
        problems.append(Problem(f"readiness_run_id is {request.run_id!r}, which cannot name a directory", remedy=remedy))
    if problems:
        raise InputError("run_input", "The run cannot be opened as asked", problems=problems)
    return utc_text(moment)


def _misspelt(given: Sequence[str]) -> Iterator[Problem]:
    """Names that are almost those of a variable: what they hold would be ignored without a word."""
    for name in sorted(set(given) - {*VARIABLES, *OWN_VARIABLES}):
        meant = get_close_matches(name, VARIABLES, n=1, cutoff=ALIKE)
        if meant:
            yield Problem(f"there is no variable {name}", remedy=f"did you mean {meant[0]}? Rename it if it is your own")


def _default_run_id(request: RunRequest, clock: datetime) -> str:
    fitting = fitting_runs(request.runs_dir, request.continue_with) if request.continue_with else []
    if fitting:
        return fitting[0]
    if request.or_new or not request.continue_with:
        return f"{clock.strftime('%Y%m%dT%H%M%SZ')}-{secrets.token_hex(2)}"
    wanted = " and ".join(request.continue_with)
    raise ReadinessError(
        "run_none_fits",
        f"No run in {request.runs_dir} holds {wanted}",
        subject=str(request.runs_dir),
        hint="Run the playbook groundwork.readiness.assess first, or name another readiness_runs_dir or readiness_run_id.",
    )


def fitting_runs(runs_dir: Path, stages: Sequence[str]) -> list[str]:
    """Ids of the runs that hold the artifact of every one of those stages, the newest first."""
    return [run_id for _started_at, run_id in sorted(_holding_runs(runs_dir, stages), reverse=True)]


def _holding_runs(runs_dir: Path, stages: Sequence[str]) -> Iterator[tuple[str, str]]:
    for run_file in runs_dir.glob(f"*/{RUN_FILE}"):
        if not all(_holds(run_file.parent, ARTIFACTS[stage]) for stage in stages):
            continue
        try:
            started_at = RunDirectory(run_file.parent).read().get("started_at", "")
        except ReadinessError:
            continue
        yield str(started_at), run_file.parent.name


def _holds(run_dir: Path, artifact: str) -> bool:
    return (run_dir / artifact).is_file() or (run_dir / f"{artifact}.gz").is_file()
