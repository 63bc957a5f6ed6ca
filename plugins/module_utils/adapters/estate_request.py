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
from .estate_stage import EstateRequest, EstateResult, run_estate


def part_path(run_dir: Path, host: str) -> Path:
    """Where a host of the inventory leaves its part of the estate."""
    return run_dir / "parts" / f"estate-{host}.jsonl"


def work(call: ModuleCall) -> Outcome:
    """Reads the estate that the module's parameters ask for."""
    params = call.params
    request = estate_request(params, "check" if call.check_mode else "apply")
    before = trailer_counts(request.dest)
    return outcome(run_estate(request), before)


def estate_request(params: Mapping[str, Any], mode: str) -> EstateRequest:
    """The parameters as a request; relative paths are taken from `base_dir`, parts from the run's directory."""
    run_dir, base_dir = Path(params["run_dir"]), Path(params["base_dir"] or ".")
    parts = {host: part_path(run_dir, host) for host in params["expected_hosts"]}
    scope = params["scope"] or {}
    return EstateRequest(
        sources=[_source(source, base_dir) for source in params["sources"]],
        parts=[path for path in parts.values() if path.is_file()],
        parts_missing=[host for host, path in parts.items() if not path.is_file()],
        scope={side: {what: names for what, names in (lists or {}).items() if names} for side, lists in scope.items() if lists},
        annotations=[base_dir / path for path in params["annotations"]],
        dest=Path(params["dest"] or run_dir / "estate.jsonl"),
        mode=mode,
        limit_bytes=params["max_unpacked_bytes"],
    )


def _source(source: Mapping[str, Any], base_dir: Path) -> dict[str, Any]:
    given = {kind: value for kind, value in source.items() if value is not None}
    return {kind: base_dir / value if kind in ("rvtools", "estate") else value for kind, value in given.items()}


def outcome(result: EstateResult, before: Mapping[str, int]) -> Outcome:
    """The result as the module returns and records it; the diff shows the artifact's counts."""
    after = trailer_counts(result.artifact)
    return Outcome(
        changed=result.changed,
        result={"artifact": str(result.artifact), "sha256": result.sha256, "missing": list(result.missing)},
        counts=result.counts,
        inputs=result.inputs,
        artifacts={result.artifact.name: result.sha256},
        warnings=result.warnings,
        diff={
            "before": json.dumps(before, indent=2) + "\n",
            "after": json.dumps(after, indent=2) + "\n",
            "before_header": result.artifact.name,
            "after_header": result.artifact.name,
        },
    )
