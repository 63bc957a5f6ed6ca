#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.manifests."""

from __future__ import annotations

DOCUMENTATION = r"""
module: manifests
short_description: Apply the manifests of a plan to the cluster, or put them into a GitOps repository
version_added: 0.1.0
description:
  - Makes the cluster hold the objects for the migration toolkit that the run's plan consists of. Migrations are never made, and neither is
    what the plan only proposes, such as namespaces and networks.
  - First every object is compared with the live one, by reading and by dry runs on the server. Where nothing differs, nothing is written.
  - Objects are written by server-side apply, with the field manager C(groundwork-readiness). What others changed of their fields is set
    back, unless a manager of O(respected_managers) did it. Then the result names manager and field.
  - An object of the same name that does not bear the collection's label, or that Argo CD tracks, is left as it is and reported. So is what
    a migration needs that has not ended.
  - Each object is written as a whole or not at all. One that is refused is listed, and all others are written. The module fails then.
  - What was applied is noted in ConfigMaps of namespace C(groundwork-readiness), which is made where it is missing. A Lease there keeps two
    runs from writing at the same time. It is taken only when there is something to write.
requirements:
  - orjson
  - PyYAML
  - kubernetes.core (the collection), to write to a cluster
  - kubernetes (24.2.0 or newer), to write to a cluster
options:
  run_dir:
    description: The run's directory, as M(groundwork.readiness.run) returned it. It holds C(plan.jsonl) and C(manifests/mtv).
    type: path
    required: true
  host:
    description: Inventory name of the cluster, under which the run's record keeps what came of it. V(localhost) has the record of the plan.
    type: str
    default: cluster
  base_dir:
    description: Folder from which relative paths are taken. By default the module's working directory.
    type: path
  cluster:
    description:
      - How to reach the cluster, with the keys that M(groundwork.readiness.target) describes.
      - It has to be the cluster that was planned for, where both are known.
    type: raw
  state:
    description:
      - V(present) applies the manifests.
      - V(absent) removes what was applied, each object by its UID, and the record of it. Migrations are never removed. The namespace stays.
    type: str
    choices: [present, absent]
    default: present
  prune:
    description: Removes what was applied earlier and is in no manifest any more. By default it is only reported, as V(orphaned).
    type: bool
    default: false
  mode:
    description: V(verify) only compares, and warns of each difference.
    type: str
    choices: [apply, verify]
    default: apply
  toolkit_namespace:
    description: Namespace of the migration toolkit.
    type: str
    default: openshift-mtv
  respected_managers:
    description:
      - Field managers whose fields are left to them, as patterns with V(*).
      - By default C(argocd*), C(*-operator), C(*operator*), C(kustomize-controller) and C(helm-controller).
    type: list
    elements: str
  gitops_dir:
    description:
      - Folder of a GitOps repository that gets the manifests with their kustomizations, in place of a cluster.
      - It is replaced as a whole, and refused where it holds anything else.
    type: path
attributes:
  check_mode:
    description: Predicts by dry runs on the server what would be written and what would be refused. Writes to the run's record alone.
    support: full
  diff_mode:
    description: Shows each object that changes before and after, without status, the server's own fields and secrets.
    support: full
  idempotent:
    description: Where the cluster is as planned, nothing is sent that could write, and no Lease is taken.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Apply the manifests of the newest plan
  groundwork.readiness.manifests:
    run_dir: "{{ readiness_run.run_dir }}"
    host: "{{ inventory_hostname }}"
    cluster:
      kubeconfig: ~/.kube/config
      context: target
  register: readiness_manifests

- name: Say what was refused
  ansible.builtin.debug:
    msg: "{{ readiness_manifests.objects | selectattr('result', 'ne', 'pass') | list }}"

- name: Take it all away again
  groundwork.readiness.manifests:
    run_dir: "{{ readiness_run.run_dir }}"
    host: "{{ inventory_hostname }}"
    state: absent

- name: Put the manifests into a checked-out GitOps repository instead
  groundwork.readiness.manifests:
    run_dir: "{{ readiness_run.run_dir }}"
    gitops_dir: ~/gitops/clusters/target/migration
"""

RETURN = r"""
objects:
  description: Every object, by path and name.
  returned: when it was a cluster
  type: list
  elements: dict
  contains:
    object:
      description: Kind, namespace and name.
      type: str
      sample: Plan openshift-mtv/vc-01-w01-warm
    path:
      description: The manifest, below C(manifests/mtv). Objects that are only in the cluster have none.
      type: str
      sample: wave-01/40-plan-vc-01-w01-warm.yaml
    state:
      description: How it stood before, V(in_step), V(missing), V(changed), V(orphaned) or V(not_evaluated).
      type: str
      sample: changed
    action:
      description: What was done, V(none), V(create), V(update) or V(delete). In check mode, what would be done.
      type: str
      sample: update
    result:
      description: V(pass) where it is as planned then, V(fail), V(not_evaluated), or V(not_applicable) for what is orphaned.
      type: str
      sample: pass
    message:
      description: What has to be known, such as why it was refused, in the server's words.
      type: str
      sample: changes spec.type
    remedy:
      description: What to do about it.
      type: str
      sample: rename or delete it
    fields:
      description: Fields that change, or that are left to others.
      type: list
      elements: str
      sample: [spec.type]
cluster_id:
  description: Id of the cluster; empty where it is not known, or none was touched.
  returned: success
  type: str
  sample: 0b3f1d1f-6c2a-4f5e-8d7c-6b5a49382716
gitops:
  description: The folder with O(gitops_dir), as C(path), C(sha256) and C(count).
  returned: success
  type: dict
  sample: {path: /home/ops/gitops/migration, sha256: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e, count: 41}
calls:
  description: Requests to the cluster, each attempt counted.
  returned: success
  type: int
  sample: 74
counts:
  description: How many objects there are, and how many were created and so on; in check mode, would be.
  returned: success
  type: dict
  sample: {objects: 36, in_step: 30, created: 6, updated: 0, deleted: 0, orphaned: 0, failed: 0}
seconds:
  description: How long it took.
  returned: with a cluster
  type: float
  sample: 1.2
error:
  description: What went wrong, as data; C(problems) lists each fault of the options, and each object that was refused.
  returned: failure
  type: dict
"""

from ..module_utils import _runner
from ..module_utils.adapters import manifests_request


def main() -> None:
    """Entry point."""
    module = _runner.StageModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "host": {"type": "str", "default": "cluster"},
            "base_dir": {"type": "path"},
            "cluster": {"type": "raw"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "prune": {"type": "bool", "default": False},
            "mode": {"type": "str", "choices": ["apply", "verify"], "default": "apply"},
            "toolkit_namespace": {"type": "str", "default": "openshift-mtv"},
            "respected_managers": {"type": "list", "elements": "str"},
            "gitops_dir": {"type": "path"},
        },
        supports_check_mode=True,
    )
    if module.params["gitops_dir"]:
        # The run's record says what the stages did; a copy elsewhere is none of that.
        _runner.require_libraries(module, "orjson")
        _runner.run(module, manifests_request.work)
    else:
        _runner.run_stage(module, "plan", manifests_request.work)


if __name__ == "__main__":
    main()
