#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.run."""

from __future__ import annotations

DOCUMENTATION = r"""
module: run
short_description: Open a run, or go on with one
version_added: 0.1.0
description:
  - Fixes the run id and the clock once, and prepares the run directory in which every stage leaves its artifact.
  - The first task of every playbook of this collection.
options:
  runs_dir:
    description: Folder that holds one directory per run. It is made when it is missing.
    type: path
    required: true
  run_id:
    description:
      - Name of the run's directory. Letters, digits, dot, dash and underscore.
      - By default the UTC time with a random suffix, or with O(continue_with) the newest run that has all of these artifacts.
    type: str
  continue_with:
    description: Stages whose artifacts the run must hold already. A playbook that builds on earlier stages names them here.
    type: list
    elements: str
    choices: [estate, target, assessment, plan]
  or_new:
    description:
      - Begins a run where none is there to go on with. A run that is there is gone on with, also without O(continue_with).
    type: bool
    default: false
  anew:
    description: Stages of a run that goes on which are done anew. What became of them before is forgotten.
    type: list
    elements: str
    choices: [target, plan, platform, namespaces]
  now:
    description:
      - The moment that the whole run takes for the present, as ISO 8601 with an offset or V(Z).
      - By default the clock, read once.
    type: str
  mode:
    description: V(verify) never writes to a cluster; V(apply) may. In check mode the run is marked V(check) in any case.
    type: str
    choices: [apply, verify]
    default: apply
  playbook:
    description: Name of the playbook, for the record.
    type: str
    default: ""
  given:
    description:
      - Names of variables that were given, to find misspelt ones. A name that is almost that of one of the collection's variables
        is an error, since what it holds would be ignored without a word.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    description: The run directory is written in check mode too, and says so; nothing else is ever written.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
  idempotent:
    description:
      - The same O(run_id) opens the same run again. Without O(continue_with) and O(or_new) its stages then start anew.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Open a new run
  groundwork.readiness.run:
    runs_dir: /srv/readiness/runs
  register: readiness_run

- name: Go on with the newest run that holds an estate
  groundwork.readiness.run:
    runs_dir: /srv/readiness/runs
    continue_with: [estate]
"""

RETURN = r"""
run_id:
  description: Name of the run.
  returned: success
  type: str
  sample: 20270104T081500Z-7f3a
run_dir:
  description: Absolute path of the run's directory.
  returned: success
  type: str
  sample: /srv/readiness/runs/20270104T081500Z-7f3a
now:
  description: The moment that this run takes for the present, in UTC.
  returned: success
  type: str
  sample: "2027-01-04T08:15:00Z"
mode:
  description: V(apply), V(verify) or V(check).
  returned: success
  type: str
  sample: apply
error:
  description: What went wrong, as data.
  returned: failure
  type: dict
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import _runner
from ..module_utils.adapters.run_opening import RunRequest, open_run
from ..module_utils.common.calls import ModuleCall, Outcome


def work(call: ModuleCall) -> Outcome:
    """Opens the run that the parameters ask for."""
    params = call.params
    opened = open_run(
        RunRequest(
            runs_dir=Path(params["runs_dir"]),
            run_id=params["run_id"] or "",
            continue_with=tuple(params["continue_with"] or ()),
            anew=tuple(params["anew"] or ()),
            now=params["now"] or "",
            mode="check" if call.check_mode else params["mode"],
            playbook=params["playbook"],
            given=tuple(params["given"]),
            or_new=params["or_new"],
        )
    )
    result = {"run_id": opened.run_id, "run_dir": str(opened.run_dir), "now": opened.now, "mode": opened.mode}
    return Outcome(changed=opened.new, result=result)


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "runs_dir": {"type": "path", "required": True},
            "run_id": {"type": "str"},
            "continue_with": {"type": "list", "elements": "str", "choices": ["estate", "target", "assessment", "plan"]},
            "or_new": {"type": "bool", "default": False},
            "anew": {"type": "list", "elements": "str", "choices": ["target", "plan", "platform", "namespaces"]},
            "now": {"type": "str"},
            "mode": {"type": "str", "choices": ["apply", "verify"], "default": "apply"},
            "playbook": {"type": "str", "default": ""},
            "given": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    _runner.require_libraries(module, "orjson")
    _runner.run(module, work)


if __name__ == "__main__":
    main()
