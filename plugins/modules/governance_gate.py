#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.governance_gate."""

from __future__ import annotations

DOCUMENTATION = r"""
module: governance_gate
short_description: Refuse accelerators without a contract at the API server
version_added: 0.1.0
description:
  - Writes admission policies (ValidatingAdmissionPolicy) that let nobody have accelerators in a namespace without owner, owner group,
    classification and day of expiry, whichever way they are asked for - quotas, ClusterResourceQuotas, pods, claims of devices; and by
    which the quota of a contract, and what its namespace bears, is not taken away.
  - It is rolled out in steps, V(audit), V(warn), V(deny), and says before each what is there already that it would refuse.
  - Namespaces of operators are left out by name. Admission has no clock, so whether a grant has expired is for
    M(groundwork.readiness.namespaces) to say.
requirements:
  - orjson
  - kubernetes.core (the collection)
  - kubernetes (24.2.0 or newer)
options:
  run_dir:
    description: The run's directory, as M(groundwork.readiness.run) returned it.
    type: path
    required: true
  host:
    description: Inventory name of the cluster.
    type: str
    default: cluster
  base_dir:
    description: Folder from which relative paths are taken. By default the working directory.
    type: path
  cluster:
    description: How to reach the cluster, with the keys that M(groundwork.readiness.target) describes.
    type: raw
  gate:
    description:
      - How it stands, as a mapping of C(action) (V(audit), V(warn) or V(deny)), C(exempt) (namespaces of operators) and C(keepers) (users
        who may delete the quota of a contract, such as the account of this collection). By default it only audits.
    type: raw
  state:
    description: V(absent) takes the gate away again.
    type: str
    choices: [present, absent]
    default: present
  mode:
    description: V(verify) only compares, with an account that may only read.
    type: str
    choices: [apply, verify]
    default: apply
  lock_wait_minutes:
    description: How long to wait for another run that is writing to the cluster. By default the module leaves at once, and names that run.
    type: float
    default: 0
  gitops_dir:
    description: Folder of a GitOps repository that gets the objects, in place of the cluster, in its folder C(governance-gate).
    type: path
  respected_managers:
    description: Field managers whose fields are left to them, as patterns. By default those of M(groundwork.readiness.namespaces).
    type: list
    elements: str
attributes:
  check_mode:
    description: Predicts by dry runs on the server what would be written. Writes to the run's directory alone.
    support: full
  diff_mode:
    description: Shows each object that changes before and after.
    support: full
  idempotent:
    description: Where the gate stands as asked, nothing is sent that could write, and no Lease is taken.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: See for a while what the gate would refuse
  groundwork.readiness.governance_gate:
    run_dir: "{{ readiness_run.run_dir }}"
    host: "{{ inventory_hostname }}"
    cluster:
      kubeconfig: ~/.kube/config
    gate:
      action: audit
      exempt: [nvidia-gpu-operator]

- name: Then refuse it
  groundwork.readiness.governance_gate:
    run_dir: "{{ readiness_run.run_dir }}"
    host: "{{ inventory_hostname }}"
    gate:
      action: deny
      exempt: [nvidia-gpu-operator]
      keepers: [system:serviceaccount:groundwork-readiness:writer]
"""

RETURN = r"""
artifact:
  description: What was found, as JSON Lines of schema C(namespaces).
  returned: once the cluster was looked at
  type: str
  sample: /srv/readiness/runs/20270104T081500Z-7f3a/parts/namespaces-governance-gate.jsonl
sha256:
  description: Its SHA-256.
  returned: once the cluster was looked at
  type: str
  sample: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e
findings:
  description: What the gate would refuse of what is there, and what was done; in check mode, would be. The artifact has all findings.
  returned: once the cluster was looked at
  type: list
  elements: dict
  sample: [{check: namespaces.gate.breaks, subject: ResourceQuota old-team/compute, result: fail, severity: warning}]
gitops:
  description: The folder with O(gitops_dir), as C(path), C(sha256) and C(count).
  returned: once the cluster was looked at
  type: dict
  sample: {path: /home/ops/gitops/governance-gate, sha256: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e, count: 12}
calls:
  description: Requests to the cluster, each attempt counted.
  returned: once the cluster was looked at
  type: int
  sample: 24
counts:
  description: How many findings have which result, and how many objects were created and so on; in check mode, would be.
  returned: once the cluster was looked at
  type: dict
  sample: {pass: 12, fail: 0, not_evaluated: 0, created: 12, updated: 0, deleted: 0}
seconds:
  description: How long it took.
  returned: once the cluster was looked at
  type: float
  sample: 1.4
error:
  description: What went wrong, as data; C(problems) lists each fault of the parameters, and each object that could not be written.
  returned: failure
  type: dict
"""

from functools import partial

from ..module_utils import _runner
from ..module_utils.adapters.namespaces import gate_request, gate_stage, result


def main() -> None:
    """Entry point."""
    module = _runner.StageModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "host": {"type": "str", "default": "cluster"},
            "base_dir": {"type": "path"},
            "cluster": {"type": "raw"},
            "gate": {"type": "raw"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "mode": {"type": "str", "choices": ["apply", "verify"], "default": "apply"},
            "lock_wait_minutes": {"type": "float", "default": 0},
            "gitops_dir": {"type": "path"},
            "respected_managers": {"type": "list", "elements": "str"},
        },
        supports_check_mode=True,
    )
    place = f"{module.params['host']} {gate_request.PART}"
    _runner.run_stage(module, result.STAGE, partial(gate_request.work, run_gate=gate_stage.run_gate), place=place)


if __name__ == "__main__":
    main()
