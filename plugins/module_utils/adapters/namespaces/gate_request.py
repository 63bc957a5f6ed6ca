# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the governance gate's module is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ...common.calls import ModuleCall, Outcome
from ...common.errors import InputError, Problem
from ...common.owned_fields import RESPECTED_MANAGERS
from ...estate.scope import not_given, word_for
from ...namespaces.gate import Gate
from ...platform.desired.shape import Bad, Reading
from ..cluster_arguments import ClusterArguments, ClusterSettings
from ..object_diff import object_diff
from ..part_files import namespaces_part_path
from ..paths import expanded
from ..run_directory import RunDirectory
from .result import CHECK, NamespacesResult

PART: Final = "governance-gate"
VARIABLE: Final = "readiness_gate"
PRESENT, ABSENT = "present", "absent"


@dataclass(frozen=True, slots=True)
class GateRequest:
    """One call: the gate as it is to stand, on one cluster."""

    run_id: str
    host: str
    dest: Path
    """artifact of this call: records of schema namespaces"""
    mode: str
    state: str
    gate: Gate
    today: str
    settings: ClusterSettings = field(default_factory=ClusterSettings)
    lock_wait_minutes: float = 0.0
    gitops_dir: Path | None = None
    respected: Sequence[str] = RESPECTED_MANAGERS
    diff: bool = False


def work(call: ModuleCall, run_gate: Callable[[GateRequest], NamespacesResult]) -> Outcome:
    """Does what the module's parameters ask for. Raises InputError with every fault of them."""
    problems: list[Problem] = []
    request = gate_request(call.params, problems, check=call.check_mode, diff=call.diff_mode)
    if problems:
        message = f"The governance gate cannot stand as asked: {len(problems)} problem(s) with the input"
        hint = "Nothing was written. docs/contracts.md describes the gate."
        raise InputError("governance_gate_input", message, subject=VARIABLE, problems=problems, hint=hint)
    return outcome(request, run_gate(request))


def gate_request(params: Mapping[str, Any], problems: list[Problem], *, check: bool, diff: bool) -> GateRequest:
    """The parameters as a request; what is wrong with them is added to the problems."""
    run_dir = Path(params["run_dir"])
    base_dir = Path(params["base_dir"] or ".").absolute()
    run = RunDirectory(run_dir).read()
    arguments = ClusterArguments(f"host {params['host']}: cluster", base_dir, params["host"])
    settings = arguments.settings(params["cluster"])
    problems += arguments.problems
    return GateRequest(
        run_id=str(run["run_id"]),
        host=params["host"],
        dest=namespaces_part_path(run_dir, PART),
        mode=CHECK if check else params["mode"],
        state=params["state"],
        gate=gate_of(params["gate"], problems),
        today=str(run["now"])[:10],
        settings=settings or ClusterSettings(),
        lock_wait_minutes=params["lock_wait_minutes"],
        gitops_dir=base_dir / expanded(params["gitops_dir"]) if params["gitops_dir"] else None,
        respected=RESPECTED_MANAGERS if params["respected_managers"] is None else tuple(params["respected_managers"]),
        diff=diff,
    )


def gate_of(given: object, problems: list[Problem]) -> Gate:
    """The gate that a mapping describes; one that only notes where nothing is given, or where it is at fault."""
    if not_given(given):
        return Gate()
    if not isinstance(given, Mapping):
        problems.append(Problem(f"{VARIABLE} is {word_for(given)}, not a mapping", remedy="give action, exempt and keepers"))
        return Gate()
    reading = Reading()
    try:
        gate: Gate = reading.section(Gate, given, ())
    except Bad:
        problems += [problem for _path, problem in reading.problems]
        return Gate()
    return gate


def outcome(request: GateRequest, result: NamespacesResult) -> Outcome:
    """The result as the module returns and records it."""
    folder = result.folder
    return Outcome(
        changed=result.changed,
        result={
            "artifact": result.artifact.path,
            "sha256": result.artifact.sha256,
            "findings": [finding.as_record() for finding in result.findings if finding.failed or finding.action != "none"],
            "gitops": {"path": folder.folder, "sha256": folder.sha256, "count": folder.count} if folder is not None else {},
            "calls": result.calls,
        },
        counts=result.counts,
        artifacts={Path(result.artifact.path).name: result.artifact.sha256},
        warnings=result.warnings,
        diff=object_diff(request.host, result.diffs, result.folder) if request.diff else None,
        failure=result.failure,
    )
