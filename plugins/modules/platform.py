#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.platform."""

from __future__ import annotations

DOCUMENTATION = r"""
module: platform
short_description: Bring a cluster to the desired state of a platform, or say what it lacks
version_added: 0.1.0
description:
  - Holds a cluster against the desired-state document, and with O(mode=apply) makes it so, one part of the document at a time.
  - The document is checked as a whole first, whatever O(part) says. With any fault in it, or in what the cluster refuses beforehand,
    nothing is written.
  - Objects are written by server-side apply, with the field manager C(groundwork-readiness). Where nothing differs, nothing is written.
    What others made, what Argo CD tracks, and fields of a manager of O(respected_managers) are left alone and reported.
  - Operators are installed through OLM with pinned versions. An install plan is approved only when all it brings is in the document.
  - What could not be read is not evaluated, and never taken for a pass. What failed is listed with its remedy, and the module fails after
    it has left its findings in the run's directory.
  - Secrets are read one by one, by the names in the document, and only for the names of their keys.
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
  document:
    description:
      - The desired state, as a mapping, as the path of a YAML or JSON file, or as a list of these. Of mappings a later one adds and
        replaces keys; any other value it replaces whole.
      - Its keys are in C(docs/platform.md), its JSON Schema is C(docs/schemas/platform_desired.schema.json).
    type: raw
  part:
    description: The part of the document to deal with. V(preflight) looks at all of O(parts) and writes nothing.
    type: str
    choices: [preflight, prerequisites, operators, accelerators, openshift_ai, identity, monitoring, delivery]
    required: true
  parts:
    description: With O(part=preflight), the parts to look at. By default all.
    type: list
    elements: str
    choices: [prerequisites, operators, accelerators, openshift_ai, identity, monitoring, delivery]
  mode:
    description: V(verify) only compares, with an account that may only read.
    type: str
    choices: [apply, verify]
    default: apply
  prune:
    description:
      - Removes what was applied earlier and is desired no more. By default it is only reported, as V(orphaned).
      - Without the part's section in the document nothing of it is removed; an empty section removes all of it.
    type: bool
    default: false
  wait_minutes:
    description: Longest wait for operators that depend on nothing but each other, and for a single object to become ready.
    type: float
    default: 30
  lock_wait_minutes:
    description: How long to wait for another run that is writing to the cluster. By default the module leaves at once, and names that run.
    type: float
    default: 0
  gitops_dir:
    description:
      - Folder of a GitOps repository that gets the objects of each part, in place of the cluster.
      - Steps that are no objects, such as the approval of an install plan, are reported as such.
    type: path
  respected_managers:
    description:
      - Field managers whose fields are left to them, as patterns with V(*).
      - By default C(argocd*), C(*-operator), C(*operator*), C(kustomize-controller) and C(helm-controller).
    type: list
    elements: str
  directories:
    description:
      - Who reads each LDAP directory and each Keycloak that the document names, as a mapping by that name.
      - Keys are V(username) or V(bind_dn), V(password), V(client_id), V(client_secret), V(login_realm), V(ca_path), V(validate_certs) and
        V(timeout_seconds). Secrets in it are kept from results and logs.
    type: raw
  rollback:
    description:
      - With O(part=identity), a file that an earlier run left in its folder C(identity). What that run wrote to the cluster's logins is
        taken back, in place of what the document says of them; what others wrote since stays.
    type: path
  promtool:
    description:
      - The program that judges expressions of the document's own rules. By default it is looked for where programs are.
      - Without it the API server is asked; where that judges no rules either, their expressions are not evaluated.
    type: path
  loaded:
    description:
      - Documents, rendered catalogs and shipped facts. The action plugin of the same name reads them on the controller and fills this in.
    type: dict
attributes:
  check_mode:
    description: Predicts by dry runs on the server what would be written and what would be refused. Writes to the run's directory alone.
    support: full
  diff_mode:
    description: Shows each object that changes before and after, without status, the server's own fields and secrets.
    support: full
  idempotent:
    description: Where the cluster is as desired, nothing is sent that could write, and no Lease is taken.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: See whether the document can be followed at all
  groundwork.readiness.platform:
    run_dir: "{{ readiness_run.run_dir }}"
    host: "{{ inventory_hostname }}"
    cluster:
      kubeconfig: ~/.kube/config
    document: [platform/base.yml, platform/site-north.yml]
    part: preflight

- name: Install the operators
  groundwork.readiness.platform:
    run_dir: "{{ readiness_run.run_dir }}"
    host: "{{ inventory_hostname }}"
    document: [platform/base.yml, platform/site-north.yml]
    part: operators
    wait_minutes: 45
  register: readiness_operators

- name: Look for drift
  groundwork.readiness.platform:
    run_dir: "{{ readiness_run.run_dir }}"
    host: "{{ inventory_hostname }}"
    document: [platform/base.yml, platform/site-north.yml]
    part: accelerators
    mode: verify
"""

RETURN = r"""
artifact:
  description: What was found, as JSON Lines of schema C(platform).
  returned: once the cluster was looked at
  type: str
  sample: /srv/readiness/runs/20270104T081500Z-7f3a/parts/platform-operators.jsonl
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
  description: What keeps the cluster from being ready, and what was done; in check mode, would be. The artifact has all findings.
  returned: once the cluster was looked at
  type: list
  elements: dict
  contains:
    check:
      description: Id of the check, see C(docs/platform.md).
      type: str
      sample: platform.operators.group.second
    subject:
      description: What was checked.
      type: str
      sample: operator nvidia
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
      sample: namespace nvidia-gpu-operator has 2 OperatorGroups
    remedy:
      description: What to do about it.
      type: str
      sample: delete one of them
gitops:
  description: The folder with O(gitops_dir), as C(path), C(sha256) and C(count).
  returned: once the cluster was looked at
  type: dict
  sample: {path: /home/ops/gitops/platform/operators, sha256: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e, count: 12}
rollbacks:
  description: Files from which what was written to the cluster's logins can be taken back, with O(rollback).
  returned: once the cluster was looked at
  type: list
  elements: str
  sample: [/srv/readiness/runs/20270104T081500Z-7f3a/identity/oauth.rollback.json]
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
  description: What went wrong, as data; C(problems) lists each fault of the document with file and row, and each check that failed.
  returned: failure
  type: dict
"""

from functools import partial

from ..module_utils import _runner
from ..module_utils.adapters.platform import request, stage

PARTS = ["prerequisites", "operators", "accelerators", "openshift_ai", "identity", "monitoring", "delivery"]


def main() -> None:
    """Entry point."""
    module = _runner.StageModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "host": {"type": "str", "default": "cluster"},
            "base_dir": {"type": "path"},
            "cluster": {"type": "raw"},
            "document": {"type": "raw"},
            "part": {"type": "str", "choices": ["preflight", *PARTS], "required": True},
            "parts": {"type": "list", "elements": "str", "choices": PARTS},
            "mode": {"type": "str", "choices": ["apply", "verify"], "default": "apply"},
            "prune": {"type": "bool", "default": False},
            "wait_minutes": {"type": "float", "default": 30},
            "lock_wait_minutes": {"type": "float", "default": 0},
            "gitops_dir": {"type": "path"},
            "respected_managers": {"type": "list", "elements": "str"},
            "directories": {"type": "raw"},
            "rollback": {"type": "path"},
            "promtool": {"type": "path"},
            "loaded": {"type": "dict"},
        },
        supports_check_mode=True,
    )
    place = f"{module.params['host']} {module.params['part']}"
    _runner.run_stage(module, "platform", partial(request.work, run_platform=stage.run_platform), place=place)


if __name__ == "__main__":
    main()
