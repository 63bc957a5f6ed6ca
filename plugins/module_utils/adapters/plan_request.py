# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between the plan module and its stage: parameters to a request, result to an outcome."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any, Final

from ..common.calls import ModuleCall, Outcome
from ..common.errors import ArtifactError
from .artifacts import trailer_counts
from .cluster.dry_run import dry_run
from .cluster_arguments import ClusterArguments
from .paths import expanded
from .plan_stage import PlanRequest, PlanResult, run_plan
from .run_directory import RunDirectory
from .run_opening import parse_moment
from .target_stage import PREDICTED

ARTIFACT: Final = "plan.jsonl"


def work(call: ModuleCall) -> Outcome:
    """Makes the plan that the module's parameters ask for."""
    request = plan_request(call.params, "check" if call.check_mode else "apply")
    before = trailer_counts(request.dest) if call.diff_mode else {}
    return outcome(run_plan(request), before)


def plan_request(params: Mapping[str, Any], mode: str) -> PlanRequest:
    """The parameters as a request. Raises ArtifactError where the run holds no estate or no assessment."""
    run_dir = Path(params["run_dir"])
    base_dir = Path(params["base_dir"] or ".").absolute()
    dest = Path(params["dest"] or run_dir / ARTIFACT)
    directory = RunDirectory(run_dir)
    arguments = ClusterArguments("plan_cluster", base_dir)
    cluster = arguments.settings(params["cluster"]) if params["dry_run"] else None
    # In check mode only the run directory may be written.
    predict = mode == "check" and not dest.resolve().is_relative_to(run_dir.resolve())
    return PlanRequest(
        run_dir=run_dir,
        dest=dest,
        estate=_needed(run_dir, "estate.jsonl"),
        assessment=_needed(run_dir, "assessment.jsonl"),
        target=_target(run_dir, directory, mode),
        now=_now(directory),
        settings=params["settings"] or {},
        previous=base_dir / expanded(params["previous"]) if params["previous"] else None,
        dry_run=None if cluster is None else partial(dry_run, cluster),
        problems=arguments.problems,
        mode=mode,
        predict_in=run_dir if predict else None,
    )


def stages_that_ran(directory: RunDirectory) -> frozenset[str]:
    """Stages whose artifacts are of this run: what an earlier one left in the folder does not count."""
    return frozenset(entry["stage"] for entry in _ran(directory))


def _ran(directory: RunDirectory) -> list[Mapping[str, Any]]:
    """What the run holds on record of the stages that ran."""
    stages = directory.read()["stages"] if directory.exists() else []
    return [entry for entry in stages if entry["state"] == "ran"]


def _target(run_dir: Path, directory: RunDirectory, mode: str) -> Path | None:
    """The target of this run; in check mode what the same check read, where the target itself stands."""
    made = [entry.get("artifacts") or {} for entry in _ran(directory) if entry["stage"] == "target"]
    if not made:
        return None
    predicted = mode == "check" and any(PREDICTED in artifacts for artifacts in made)
    return (_found(run_dir, PREDICTED) if predicted else None) or _found(run_dir, "target.jsonl")


def _found(run_dir: Path, name: str) -> Path | None:
    return next((path for path in (run_dir / name, run_dir / f"{name}.gz") if path.is_file()), None)


def _needed(run_dir: Path, name: str) -> Path:
    path = _found(run_dir, name)
    if path is None:
        hint = "Run the playbook groundwork.readiness.assess first."
        raise ArtifactError("artifact_missing", f"The run holds no {name}", subject=name, hint=hint)
    return path


def _now(directory: RunDirectory) -> datetime:
    """The run's present."""
    return parse_moment(str(directory.read()["now"])).astimezone(timezone.utc)


def outcome(result: PlanResult, before: Mapping[str, int]) -> Outcome:
    """The result as the module returns and records it; the diff shows the artifact's counts.

    Where the plan of the run stands, counts, inputs and SHA-256 are its own, and those of the plan made now are `predicted`.
    """
    name = result.artifact.name
    files, standing = result.manifests, result.standing
    sha256 = standing.sha256 if standing else result.sha256
    return Outcome(
        changed=result.changed,
        result={
            "artifact": str(result.artifact),
            "sha256": sha256,
            "summary": result.summary,
            "manifests": {"path": files.folder, "count": files.count} if files is not None else {},
            **({"predicted": {"counts": dict(result.counts), "inputs": dict(result.inputs)}} if standing else {}),
        },
        counts=standing.counts if standing else result.counts,
        inputs=standing.inputs if standing else result.inputs,
        artifacts={name: sha256},
        warnings=result.warnings,
        diff={
            "before": json.dumps(before, indent=2) + "\n",
            "after": json.dumps(result.kinds, indent=2) + "\n",
            "before_header": name,
            "after_header": name,
        },
    )
