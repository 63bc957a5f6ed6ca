# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between the report module and its stage: parameters to a request, result to an outcome."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from ..common.calls import ModuleCall, Outcome
from ..report.view import FORMATS
from .report_stage import ReportRequest, ReportResult, run_report


def work(call: ModuleCall) -> Outcome:
    """Writes the report that the module's parameters ask for."""
    params = call.params
    request = ReportRequest(
        run_dir=Path(params["run_dir"]),
        dest=Path(params["dest"]) if params["dest"] else None,
        now=params["now"],
        end_of_support=params["end_of_support"],
        title=params["title"],
        formats=chosen_formats(params["formats"]),
        assets={str(name): str(text) for name, text in params["assets"].items()},
        mode="check" if call.check_mode else "",
    )
    return outcome(run_report(request))


def chosen_formats(value: object) -> tuple[str, ...]:
    """The names as a playbook gives them: a list, a text with commas, or nothing for all of them.

    Anything else is a name as well, one that the stage then finds unknown, so that a mistake here costs no report.
    """
    if value is None or value == "" or value == []:
        return FORMATS
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(","))
    if isinstance(value, (list, tuple)):
        return tuple(str(name).strip() for name in value)
    return (str(value),)


def outcome(result: ReportResult) -> Outcome:
    """The result as the module returns and records it."""
    return Outcome(
        changed=result.changed,
        result={
            "index": result.index,
            "files": [asdict(file) for file in result.files],
            "summary": result.summary,
            "summary_data": dict(result.data),
            "failed_stages": list(result.failed_stages),
            "failure": result.failure,
        },
        counts=result.counts,
        inputs=result.inputs,
        artifacts=result.artifacts,
        warnings=result.warnings,
        diff={"before": result.before, "after": result.after, "before_header": "summary.txt", "after_header": "summary.txt"},
        failure=result.error,
    )
