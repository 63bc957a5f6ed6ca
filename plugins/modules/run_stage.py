#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.run_stage."""

from __future__ import annotations

DOCUMENTATION = r"""
module: run_stage
short_description: Note in a run's record what became of a stage
version_added: 0.1.0
description:
  - Stages note their own success and failure. This module is for what a stage cannot note itself,
    that it was skipped, or that it failed before its module could begin, as a rescue section sees it.
  - A failure that the stage noted itself says more, and is left as it is.
options:
  run_dir:
    description: The run's directory.
    type: path
    required: true
  stage:
    description: The stage.
    type: str
    required: true
    choices: [run, estate, target, assessment, plan, platform, namespaces, report]
  host:
    description: Inventory name of the host that the stage worked for.
    type: str
    default: localhost
  state:
    description: What became of it.
    type: str
    required: true
    choices: [failed, skipped]
  reason:
    description: The error, or why the stage was skipped.
    type: str
    required: true
attributes:
  check_mode:
    description: The run's record is written in check mode too; nothing else is ever written.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
  idempotent:
    description: The same note is not written twice.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Note that the assessment had nothing to work on
  groundwork.readiness.run_stage:
    run_dir: "{{ readiness_run.run_dir }}"
    stage: assessment
    state: skipped
    reason: The estate could not be read.
"""

RETURN = r"""
state:
  description: State of the stage in the run's record.
  returned: success
  type: str
  sample: skipped
error:
  description: What went wrong, as data.
  returned: failure
  type: dict
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import _runner
from ..module_utils.adapters.run_directory import RunDirectory, StageRecord
from ..module_utils.common.calls import ModuleCall, Outcome

STAGES = ["run", "estate", "target", "assessment", "plan", "platform", "namespaces", "report"]


def work(call: ModuleCall) -> Outcome:
    """Notes the stage's outcome."""
    params = call.params
    if params["state"] == "failed":
        error = {"code": "task_failed", "message": params["reason"]}
        record = StageRecord(params["stage"], params["host"], "failed", error=error)
    else:
        record = StageRecord(params["stage"], params["host"], "skipped", reason=params["reason"])
    changed = RunDirectory(Path(params["run_dir"])).note(record)
    return Outcome(changed=changed, result={"state": params["state"]})


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "stage": {"type": "str", "required": True, "choices": STAGES},
            "host": {"type": "str", "default": "localhost"},
            "state": {"type": "str", "required": True, "choices": ["failed", "skipped"]},
            "reason": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    _runner.require_libraries(module, "orjson")
    _runner.run(module, work)


if __name__ == "__main__":
    main()
