#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.plan."""

from __future__ import annotations

DOCUMENTATION = r"""
module: plan
short_description: Plan in which order VMs move, where to, how, and how long it takes
version_added: 0.1.0
description:
  - Plans the VMs of an assessed estate onto a target cluster, groups that move together, waves with dates, cold or warm,
    durations, target namespaces, networks, storage and fit on the real nodes.
  - Writes C(plan.jsonl) and the manifests for the Migration Toolkit for Virtualization, which have passed every condition that
    its controller will apply, or the plan names those that they do not pass.
  - Every VM in scope is in a wave, or the plan names the constraint that keeps it out and what lifts it.
  - Without C(target.jsonl) nothing is said of what needs a target; it is reported as not evaluated.
requirements:
  - orjson
  - PyYAML, for the manifests
  - kubernetes and the collection kubernetes.core, for O(dry_run)
options:
  run_dir:
    description: The run's directory, as M(groundwork.readiness.run) returned it.
    type: path
    required: true
  host:
    description: Inventory name of the host that the stage works for.
    type: str
    default: localhost
  base_dir:
    description: Folder from which a relative O(previous) is taken. By default the module's working directory.
    type: path
  settings:
    description:
      - What the user decides, by the names of the role's variables without C(plan_). See the role's README for each.
      - Every fault is listed in one error, by the name of the role's variable, and nothing is written then.
    type: dict
    default: {}
  previous:
    description:
      - Path of an earlier plan. Its finished waves stand, and what they moved is not moved again.
      - Waves of which a Migration runs stand as well, with their VMs, window and Plans.
    type: path
  dry_run:
    description: Try each manifest on the API server of O(cluster), as a dry run, which writes nothing.
    type: bool
    default: false
  cluster:
    description: How to reach the target for O(dry_run), as M(groundwork.readiness.target) has it.
    type: raw
  dest:
    description: The artifact to write; a name that ends in C(.gz) is compressed. By default C(plan.jsonl) in the run's directory.
    type: path
attributes:
  check_mode:
    description:
      - The artifact and the manifests are written to the run's directory in check mode too, and the artifact says C(mode) C(check).
        Nothing else is ever written. No manifest of it is ever applied.
      - Where the run holds a plan that was made without check mode, that one stands with its manifests, and it is only predicted
        whether they would change.
      - With O(dest) outside of the run's directory it is only predicted whether the artifact would change.
    support: full
  diff_mode:
    description: Shows the counts before and after.
    support: full
  idempotent:
    description: The same inputs and settings on the same day give the same bytes, and a second run changes nothing.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Plan with a window each weekend
  groundwork.readiness.plan:
    run_dir: "{{ readiness_run.run_dir }}"
    settings:
      timezone: Europe/Berlin
      windows:
        - {name: weekend, days: [sat], start: "20:00", end: "06:00"}
      namespaces:
        - {match: {tags: ["team/*"]}, namespace: "{tag:team}"}
  register: readiness_plan

- name: Say what keeps VMs out
  ansible.builtin.debug:
    msg: "{{ readiness_plan.summary }}"
"""

RETURN = r"""
artifact:
  description: Path of the artifact.
  returned: success
  type: str
  sample: /srv/readiness/runs/20270104T081500Z-7f3a/plan.jsonl
sha256:
  description: SHA-256 of the artifact.
  returned: success
  type: str
  sample: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e
manifests:
  description: Folder of the manifests, and how many there are.
  returned: success
  type: dict
  sample: {path: /srv/readiness/runs/20270104T081500Z-7f3a/manifests/mtv, count: 31}
summary:
  description: The plan in a few sentences.
  returned: success
  type: str
  sample: 180 of 212 VMs move in 9 waves, the last one on 2027-03-06. 21 VMs are to be settled first, 11 do not fit.
counts:
  description: All figures on one level.
  returned: success
  type: dict
  sample: {vms: 212, placed: 180, settle_first: 21, blocked: 0, unplaced: 11, moved: 0, waves: 9, plans: 14, failed_conditions: 0}
predicted:
  description: What this plan would have, in check mode, where the run's own stands as it was made.
  returned: in check mode, where a plan made before stands
  type: dict
  sample: {counts: {vms: 212, placed: 180}}
seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 0.6
error:
  description: What went wrong, as data; C(problems) lists each problem.
  returned: failure
  type: dict
"""

from ..module_utils import _runner
from ..module_utils.adapters import plan_request


def main() -> None:
    """Entry point."""
    module = _runner.StageModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "host": {"type": "str", "default": "localhost"},
            "base_dir": {"type": "path"},
            "settings": {"type": "dict", "default": {}},
            "previous": {"type": "path"},
            "dry_run": {"type": "bool", "default": False},
            "cluster": {"type": "raw"},
            "dest": {"type": "path"},
        },
        supports_check_mode=True,
    )
    _runner.run_stage(module, "plan", plan_request.work, libraries=("orjson", "yaml"))


if __name__ == "__main__":
    main()
