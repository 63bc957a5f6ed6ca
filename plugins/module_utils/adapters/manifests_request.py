# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between the manifests module and its stage: parameters to a request, result to an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from ..common.calls import ModuleCall, Outcome
from ..common.errors import ArtifactError, Problem
from ..common.owned_fields import RESPECTED_MANAGERS
from .cluster_arguments import ClusterArguments, ClusterSettings
from .manifests_stage import ABSENT, ManifestsRequest, ManifestsResult, run_manifests
from .object_diff import object_diff
from .paths import expanded
from .plan_request import stages_that_ran
from .run_directory import ARTIFACTS, RunDirectory

LOCAL_HOST: Final = "localhost"
_PLAN: Final = ARTIFACTS["plan"]


def work(call: ModuleCall) -> Outcome:
    """Brings the manifests of a run to where the module's parameters say."""
    request = manifests_request(call.params, check=call.check_mode, diff=call.diff_mode)
    return outcome(request, run_manifests(request))


def manifests_request(params: Mapping[str, Any], *, check: bool, diff: bool) -> ManifestsRequest:
    """The parameters as a request; relative paths are taken from `base_dir`. What is wrong with them is handed on, all of it."""
    run_dir = Path(params["run_dir"])
    base_dir = Path(params["base_dir"] or ".").absolute()
    host = params["host"]
    problems: list[Problem] = []
    settings: ClusterSettings | None = ClusterSettings()
    gitops_dir = base_dir / expanded(params["gitops_dir"]) if params["gitops_dir"] else None
    if gitops_dir is not None:
        problems += _beside_gitops(params)
    else:
        arguments = ClusterArguments(f"host {host}: cluster", base_dir, host)
        settings = arguments.settings(params["cluster"])
        problems += arguments.problems
    if host == LOCAL_HOST:
        remedy = "name the cluster's host of the inventory"
        problems.append(Problem("host is localhost, whose record in the run is that of the plan itself", remedy=remedy))
    if params["prune"] and params["state"] == ABSENT:
        problems.append(Problem("prune is given with state absent, which removes everything", remedy="leave prune out"))
    directory = RunDirectory(run_dir)
    run = directory.read()
    return ManifestsRequest(
        run_dir=run_dir,
        run_id=str(run.get("run_id", "")),
        plan=_plan(directory),
        host=host,
        settings=settings or ClusterSettings(),
        state=params["state"],
        prune=params["prune"],
        check=check,
        verify=params["mode"] == "verify",
        diff=diff,
        toolkit_namespace=params["toolkit_namespace"],
        respected=params["respected_managers"] if params["respected_managers"] is not None else RESPECTED_MANAGERS,
        gitops_dir=gitops_dir,
        problems=problems,
    )


def _beside_gitops(params: Mapping[str, Any]) -> Iterable[Problem]:
    """What makes no sense where the manifests go into a folder."""
    if params["cluster"]:
        yield Problem("both a cluster and a GitOps folder are given", remedy="give one of them")
    if params["state"] == ABSENT:
        yield Problem("state absent is given with a GitOps folder", remedy="remove the folder from the repository")


def _plan(directory: RunDirectory) -> Path:
    """The plan of this run. Raises ArtifactError where it holds none, or one that is from before a failure."""
    found = next((path for path in (directory.path / _PLAN, directory.path / f"{_PLAN}.gz") if path.is_file()), None)
    hint = "Run the playbook groundwork.readiness.plan first."
    if found is None:
        raise ArtifactError("artifact_missing", f"The run holds no {_PLAN}", subject=_PLAN, hint=hint)
    if "plan" not in stages_that_ran(directory):
        raise ArtifactError("artifact_left_over", f"{_PLAN} is from before this run planned anything", subject=_PLAN, hint=hint)
    return found


def outcome(request: ManifestsRequest, result: ManifestsResult) -> Outcome:
    """The result as the module returns and records it; the diff shows every object, or file, that changes."""
    folder = result.folder
    counts = (
        result.tally.counts() if folder is None else {"files": folder.count, "written": len(folder.written), "removed": len(folder.removed)}
    )
    changed = folder.changed if folder is not None else result.tally.changed and not request.verify
    return Outcome(
        changed=changed,
        result={
            "objects": [finding.as_dict() for finding in result.tally.findings],
            "cluster_id": result.cluster,
            "gitops": {"path": folder.folder, "sha256": folder.sha256, "count": folder.count} if folder is not None else {},
            "calls": result.calls,
        },
        counts=counts,
        inputs={request.plan.name: result.plan_sha256},
        warnings=result.warnings,
        diff=object_diff(request.host, result.tally.diffs, result.folder) if request.diff else None,
        failure=result.failure,
    )
