#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.platform_findings."""

from __future__ import annotations

DOCUMENTATION = r"""
module: platform_findings
short_description: Put together what the parts of a platform left in a run
version_added: 0.1.0
description:
  - Makes one C(platform.jsonl) of what M(groundwork.readiness.platform) left for each part. A part that did not run is named, and what the
    preflight found of it stands.
  - Nothing of a cluster is read.
requirements:
  - orjson
options:
  run_dir:
    description: The run's directory, as M(groundwork.readiness.run) returned it.
    type: path
    required: true
  host:
    description: Under this name the run's record keeps what came of it. The report takes the name V(localhost) for the whole stage.
    type: str
    default: localhost
  parts:
    description: Parts that should have run. By default all.
    type: list
    elements: str
    choices: [prerequisites, operators, accelerators, openshift_ai, identity, monitoring, delivery]
attributes:
  check_mode:
    description: Writes to the run's directory alone, in check mode too.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
  idempotent:
    description: Equal parts give an equal file, which is left as it is.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Put the parts together
  groundwork.readiness.platform_findings:
    run_dir: "{{ readiness_run.run_dir }}"
  register: readiness_platform_findings
"""

RETURN = r"""
artifact:
  description: The path of C(platform.jsonl).
  returned: success
  type: str
  sample: /srv/readiness/runs/20270104T081500Z-7f3a/platform.jsonl
sha256:
  description: Its SHA-256.
  returned: success
  type: str
  sample: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e
parts:
  description: The parts that left anything.
  returned: success
  type: list
  elements: str
  sample: [prerequisites, operators]
lacking:
  description: The parts that should have run and left nothing.
  returned: success
  type: list
  elements: str
  sample: [accelerators, openshift_ai]
failing:
  description: Part, check and subject of each finding that keeps the cluster from being ready.
  returned: success
  type: list
  elements: str
  sample: [operators/platform.operators.group.second/operator nvidia]
counts:
  description: How many findings have which result, and how many keep the cluster from being ready.
  returned: success
  type: dict
  sample: {pass: 41, fail: 1, not_applicable: 6, waived: 1, not_evaluated: 0, failed: 1}
seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 0.1
error:
  description: What went wrong, as data.
  returned: failure
  type: dict
"""

from ..module_utils import _runner
from ..module_utils.adapters.platform import merging

PARTS = ["prerequisites", "operators", "accelerators", "openshift_ai", "identity", "monitoring", "delivery"]


def main() -> None:
    """Entry point."""
    module = _runner.StageModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "host": {"type": "str", "default": "localhost"},
            "parts": {"type": "list", "elements": "str", "choices": PARTS},
        },
        supports_check_mode=True,
    )
    _runner.run_stage(module, "platform", merging.work)


if __name__ == "__main__":
    main()
