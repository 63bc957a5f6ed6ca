# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between the estate module and its stage: parameters to a request, result to an outcome."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..common.calls import ModuleCall, Outcome
from .artifacts import trailer_counts
from .estate_arguments import LOCAL_HOST, EstateArguments
from .estate_sources import ReadContext
from .estate_stage import EstateRequest, EstateResult, run_estate
from .part_files import part_path, progress_path
from .run_directory import ARTIFACTS, RunDirectory


def _usual_dest(run_dir: Path, host: str) -> Path:
    """A host of the inventory makes a part; the estate is made on the host that runs the playbook."""
    return run_dir / ARTIFACTS["estate"] if host == LOCAL_HOST else part_path(run_dir, host)


def _now(run_dir: Path) -> str:
    """The run's present, which dates what is read live; empty where there is no run to name it."""
    directory = RunDirectory(run_dir)
    return str(directory.read().get("now", "")) if directory.exists() else ""


def work(call: ModuleCall) -> Outcome:
    """Reads the estate that the module's parameters ask for."""
    request = estate_request(call.params, "check" if call.check_mode else "apply")
    before = trailer_counts(request.dest)
    return outcome(run_estate(request), before)


def estate_request(params: Mapping[str, Any], mode: str) -> EstateRequest:
    """The parameters as a request; relative paths are taken from `base_dir`, parts from the run's directory.

    What is wrong with sources and annotations is handed on, to be listed with all else that is wrong.
    """
    run_dir = Path(params["run_dir"])
    arguments = EstateArguments(Path(params["base_dir"] or "."), params["host"], params["address"] or "")
    sources = arguments.sources(params["sources"])
    refused = bool(arguments.problems)
    annotations = arguments.annotations(params["annotations"])
    parts = {host: part_path(run_dir, host) for host in params["expected_hosts"]}
    # A part can also be there from before this run was begun anew: it counts where its host has read it again.
    ran = RunDirectory(run_dir).hosts_that_ran("estate")
    left = {host for host, path in parts.items() if host in ran and path.is_file()}
    dest = Path(params["dest"]) if params["dest"] else _usual_dest(run_dir, params["host"])
    # In check mode only the run directory may be written.
    predict = mode == "check" and not dest.resolve().is_relative_to(run_dir.resolve())
    return EstateRequest(
        sources=sources,
        parts=[path for host, path in parts.items() if host in left],
        parts_missing=[host for host in parts if host not in left],
        parts_left_out=params["left_out_hosts"],
        scope=params["scope"],
        annotations=annotations,
        dest=dest,
        mode=mode,
        context=ReadContext(params["max_unpacked_bytes"], _now(run_dir), progress_path(run_dir, params["host"])),
        problems=arguments.problems,
        sources_refused=refused,
        predict_in=run_dir if predict else None,
    )


def outcome(result: EstateResult, before: Mapping[str, int]) -> Outcome:
    """The result as the module returns and records it; the diff shows the artifact's counts."""
    return Outcome(
        changed=result.changed,
        result={"artifact": str(result.artifact), "sha256": result.sha256, "missing": list(result.missing)},
        counts=result.counts,
        inputs=result.inputs,
        artifacts={result.artifact.name: result.sha256},
        warnings=result.warnings,
        diff={
            "before": json.dumps(before, indent=2) + "\n",
            "after": json.dumps(result.kinds, indent=2) + "\n",
            "before_header": result.artifact.name,
            "after_header": result.artifact.name,
        },
    )
