# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between the assessment module and its stage: parameters to paths, result to an outcome."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ..common.calls import ModuleCall, Outcome
from .assessment_stage import AssessmentResult, counts_of, run_assessment


def work(call: ModuleCall) -> Outcome:
    """Assesses the estate that the module's parameters name."""
    params = call.params
    run_dir = Path(params["run_dir"])
    estate = Path(params["estate"] or run_dir / "estate.jsonl")
    dest = Path(params["dest"] or run_dir / "assessment.jsonl")
    before = counts_of(dest) if call.diff_mode else {}
    # In check mode only the run directory may be written.
    predict = call.check_mode and not dest.resolve().is_relative_to(run_dir.resolve())
    mode = "check" if call.check_mode else "apply"
    return outcome(run_assessment(estate, params["catalogue"], dest, mode, run_dir if predict else None), before)


def outcome(result: AssessmentResult, before: Mapping[str, int]) -> Outcome:
    """The result as the module returns and records it; the diff shows the figures."""
    name = Path(result.path).name
    counts = result.counts()
    return Outcome(
        changed=result.changed,
        result={
            "artifact": result.path,
            "sha256": result.sha256,
            "verdicts": {verdict: dict(states) for verdict, states in result.verdicts.items()},
            "catalogue_version": result.catalogue_version,
            "catalogue_sha256": result.catalogue_sha256,
        },
        counts=counts,
        inputs=result.inputs,
        artifacts={name: result.sha256},
        warnings=result.warnings,
        diff={
            "before": json.dumps(before, indent=2) + "\n",
            "after": json.dumps(counts, indent=2) + "\n",
            "before_header": name,
            "after_header": name,
        },
    )
