#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.namespaces."""

from __future__ import annotations

DOCUMENTATION = r"""
module: namespaces
short_description: Provision AI namespaces by their contracts, or say how far each is from its own
version_added: 0.1.0
description:
  - Holds the namespaces of a cluster against their contracts, and with O(mode=apply) makes them so, all of a run in one call.
  - All contracts are checked first, and held against the accelerators, quotas, groups and roles of the cluster. With any fault in one
    of them nothing is written.
  - Objects are written by server-side apply, with the field manager C(groundwork-readiness). Where nothing differs, nothing is written.
    What others made, what Argo CD tracks, and fields of a manager of O(respected_managers) are left alone and reported.
  - Drift is told three-way, in the words of the contract, also of bindings, quotas, policies and queues that no contract declares.
  - What could not be read is not evaluated, and never taken for a pass. What failed is listed with its remedy, and the module fails after
    it has left its findings in the run's directory.
requirements:
  - orjson
  - PyYAML
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
  target:
    description:
      - A saved target, such as C(target.jsonl) of a run, that contracts are held against in place of a cluster. Nothing but accelerators
        can be judged then; the rest is not evaluated, and that is no failure.
    type: path
  contracts:
    description:
      - The contracts, each a mapping, the path of a YAML or JSON file with one or several of them, or the path of a folder of such files;
        or a list of these.
      - Their keys are in C(docs/contracts.md), the JSON Schema of one is C(docs/schemas/contract.schema.json).
    type: raw
  document:
    description: The platform's desired state, as M(groundwork.readiness.platform) takes it, for its classes of accelerators and personas.
    type: raw
  mode:
    description: V(verify) only compares, with an account that may only read.
    type: str
    choices: [apply, verify]
    default: apply
  prune:
    description:
      - Removes what was applied earlier and no contract asks for any more. By default it is only reported, as V(orphaned).
      - Namespaces are kept, since data hangs on them.
    type: bool
    default: false
  remove_extra:
    description:
      - Removes bindings, roles, quotas, limits, network policies, egress firewalls, networks and queues in the namespaces of contracts
        that no contract declares, whoever made them. By default they are only reported, as V(extra).
      - What OpenShift puts into every namespace stays.
    type: bool
    default: false
  access_proof:
    description:
      - Whether the API server is asked what everybody may do whom a contract gives a persona, and some of it tried as them by dry runs.
      - V(auto) does so in mode V(verify), and after a run that wrote anything.
    type: str
    choices: [auto, always, never]
    default: auto
  proof_of_life:
    description:
      - With V(always), one Job is run for each grant of each contract, made as somebody who has a persona there, through its queue, quota
        and policies; for a contract without accelerators one without. Each ends with a code that names the layer that is broken.
      - Nothing is run in O(mode=verify), in check mode and with O(gitops_dir). All Jobs are removed again.
      - The account needs C(roles/namespaces/files/life_rights.yml) and C(tenant_rights.yml) for it.
    type: str
    choices: [never, always]
    default: never
  probe_image:
    description:
      - Image of the Jobs of O(proof_of_life), with a POSIX shell in it. With bash and timeout, nc, Python or curl it can try connections,
        with the tool of the vendor (C(nvidia-smi), C(rocm-smi), C(hl-smi), C(xpu-smi)) whether devices answer.
    type: str
    default: ""
  wait_minutes:
    description: Longest wait until a namespace is gone that its contract has deleted.
    type: float
    default: 5
  lock_wait_minutes:
    description: How long to wait for another run that is writing to the cluster. By default the module leaves at once, and names that run.
    type: float
    default: 0
  gitops_dir:
    description: Folder of a GitOps repository that gets the objects, in place of the cluster, in its folder C(namespaces).
    type: path
  respected_managers:
    description:
      - Field managers whose fields are left to them, as patterns with V(*).
      - By default C(argocd*), C(*-operator), C(*operator*), C(kustomize-controller) and C(helm-controller).
    type: list
    elements: str
  loaded:
    description: Contracts, document and shipped facts. The action plugin of the same name reads them on the controller and fills this in.
    type: dict
attributes:
  check_mode:
    description: Predicts by dry runs on the server what would be written and what would be refused. Writes to the run's directory alone.
    support: full
  diff_mode:
    description: Shows each object that changes before and after, without status, the server's own fields and secrets.
    support: full
  idempotent:
    description: Where namespaces are as their contracts say, nothing is sent that could write, and no Lease is taken.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Provision the namespaces of all teams
  groundwork.readiness.namespaces:
    run_dir: "{{ readiness_run.run_dir }}"
    host: "{{ inventory_hostname }}"
    cluster:
      kubeconfig: ~/.kube/config
    contracts: contracts/
    document: [platform/base.yml, platform/site-north.yml]

- name: Look for drift
  groundwork.readiness.namespaces:
    run_dir: "{{ readiness_run.run_dir }}"
    host: "{{ inventory_hostname }}"
    contracts: contracts/
    document: [platform/base.yml, platform/site-north.yml]
    mode: verify

- name: Take back what nobody declared
  groundwork.readiness.namespaces:
    run_dir: "{{ readiness_run.run_dir }}"
    host: "{{ inventory_hostname }}"
    contracts: [contracts/forecast.yml, contracts/chat.yml]
    remove_extra: true
    prune: true
"""

RETURN = r"""
artifact:
  description: What was found, as JSON Lines of schema C(namespaces).
  returned: once the cluster was looked at
  type: str
  sample: /srv/readiness/runs/20270104T081500Z-7f3a/namespaces.jsonl
sha256:
  description: Its SHA-256.
  returned: once the cluster was looked at
  type: str
  sample: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e
cluster_id:
  description: Id of the cluster; empty where it is not known.
  returned: once the cluster was looked at
  type: str
  sample: 0b3f1d1f-6c2a-4f5e-8d7c-6b5a49382716
findings:
  description: What keeps namespaces from being as their contracts say, and what was done; in check mode, would be. The artifact has all.
  returned: once the cluster was looked at
  type: list
  elements: dict
  contains:
    check:
      description: Id of the check, see C(docs/contracts.md).
      type: str
      sample: namespaces.objects.extra
    part:
      description: The namespace; C(owners.NAME) for what namespaces of an owner share, C(cluster) for what concerns all.
      type: str
      sample: team-chat
    subject:
      description: What was checked.
      type: str
      sample: RoleBinding team-chat/left-over
    state:
      description: V(in_step), V(missing), V(changed), V(extra), V(orphaned) or V(not_evaluated).
      type: str
      sample: extra
    result:
      description: V(pass), V(fail), V(not_applicable), V(waived) or V(not_evaluated).
      type: str
      sample: fail
    severity:
      description: V(critical), V(warning) or V(information).
      type: str
      sample: critical
    message:
      description: What was found; words of the server stand here as they are.
      type: str
      sample: "no contract declares RoleBinding team-chat/left-over: ClusterRole admin for Group everybody"
    remedy:
      description: What to do about it.
      type: str
      sample: have it declared in the contract, or delete it
gitops:
  description: The folder with O(gitops_dir), as C(path), C(sha256) and C(count).
  returned: once the cluster was looked at
  type: dict
  sample: {path: /home/ops/gitops/namespaces, sha256: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e, count: 42}
calls:
  description: Requests to the cluster, each attempt counted.
  returned: once the cluster was looked at
  type: int
  sample: 74
counts:
  description: How many findings have which result, and how many objects were created and so on; in check mode, would be.
  returned: once the cluster was looked at
  type: dict
  sample: {pass: 41, fail: 0, not_applicable: 6, waived: 1, not_evaluated: 0, created: 3, updated: 0, deleted: 0}
seconds:
  description: How long it took.
  returned: once the cluster was looked at
  type: float
  sample: 12.4
error:
  description: What went wrong, as data; C(problems) lists each fault of the contracts with file and row, and each check that failed.
  returned: failure
  type: dict
"""

from functools import partial

from ..module_utils import _runner
from ..module_utils.adapters.namespaces import request, result, stage


def main() -> None:
    """Entry point."""
    module = _runner.StageModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "host": {"type": "str", "default": "cluster"},
            "base_dir": {"type": "path"},
            "cluster": {"type": "raw"},
            "target": {"type": "path"},
            "contracts": {"type": "raw"},
            "document": {"type": "raw"},
            "mode": {"type": "str", "choices": ["apply", "verify"], "default": "apply"},
            "prune": {"type": "bool", "default": False},
            "remove_extra": {"type": "bool", "default": False},
            "access_proof": {"type": "str", "choices": ["auto", "always", "never"], "default": "auto"},
            "proof_of_life": {"type": "str", "choices": ["never", "always"], "default": "never"},
            "probe_image": {"type": "str", "default": ""},
            "wait_minutes": {"type": "float", "default": 5},
            "lock_wait_minutes": {"type": "float", "default": 0},
            "gitops_dir": {"type": "path"},
            "respected_managers": {"type": "list", "elements": "str"},
            "loaded": {"type": "dict"},
        },
        supports_check_mode=True,
    )
    place = module.params["host"]
    _runner.run_stage(module, result.STAGE, partial(request.work, run_namespaces=stage.run_namespaces), place=place)


if __name__ == "__main__":
    main()
