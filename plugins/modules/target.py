#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.target."""

from __future__ import annotations

DOCUMENTATION = r"""
module: target
short_description: Read what a target cluster has, or take a target that was saved before
version_added: 0.1.0
description:
  - Reads the cluster that VMs are to move to, and writes C(target.jsonl), with its nodes and what is requested on them, storage classes,
    networks, quotas, OpenShift Virtualization, the Migration Toolkit for Virtualization and what that has done so far.
  - Each kind is read with one paged list. Nothing is written to the cluster, and secrets are never read.
  - What the account may not list, what the cluster does not serve, and what could not be read is told apart from what is empty. It stays
    unknown in all that is made of it. The role C(groundwork.readiness.target) ships a ClusterRole that suffices.
  - The same cluster gives the same bytes for the same O(run_dir).
requirements:
  - orjson
  - kubernetes.core (the collection), to read a cluster
  - kubernetes (24.2.0 or newer), to read a cluster
options:
  run_dir:
    description: The run's directory, as M(groundwork.readiness.run) returned it.
    type: path
    required: true
  host:
    description: Inventory name of the host that the stage works for. Messages call the cluster by it unless it is V(localhost).
    type: str
    default: localhost
  base_dir:
    description: Folder from which relative paths are taken. By default the module's working directory.
    type: path
  cluster:
    description:
      - How to reach the cluster, a mapping with the names that the modules of kubernetes.core have, such as M(kubernetes.core.k8s_info).
        These are C(kubeconfig) (a path, or the content as a mapping), C(context), C(host), C(api_key), C(username), C(password),
        C(client_cert), C(client_key), C(ca_cert), C(validate_certs), C(proxy), C(no_proxy), C(proxy_headers), C(persist_config),
        C(impersonate_user) and C(impersonate_groups).
      - What is not given is taken from the environment (C(K8S_AUTH_HOST) and its like), from inside of a pod, or from the usual kubeconfig.
      - C(host) needs an account beside it. That of the usual kubeconfig is never sent to a server which that does not name.
      - Further keys are C(request_timeout_seconds), after which a silent server is asked again (by default 60), C(deadline_minutes), after
        which the reading is given up (30), and C(page_size), the objects of one answer (500).
      - With C(validate_certs) V(false), whoever sits between can read the token. The artifact says so then.
      - Every fault is listed in one error. A token, password or key is never shown or logged.
    type: raw
  saved:
    description: A target that was saved before, C(.jsonl) or C(.jsonl.gz), to use in place of a cluster. It is checked as a whole.
    type: path
  expected_cluster:
    description:
      - Id of the cluster that the target has to be of. It is that of its ClusterVersion, else the UID of its namespace C(kube-system).
      - By default any cluster is taken.
    type: str
  dest:
    description: The artifact to write. A name that ends in C(.gz) is compressed. By default C(target.jsonl) in the run's directory.
    type: path
attributes:
  check_mode:
    description:
      - Reads as usual. The artifact is written to the run's directory in check mode too and says C(mode) C(check).
        Nothing else is ever written.
      - With O(dest) outside of the run's directory it is only predicted, byte by byte, whether the artifact would change.
    support: full
  diff_mode:
    description: Shows how many objects of each kind there were before and are now.
    support: full
  idempotent:
    description: A cluster that did not change gives the same bytes in the same run, and a second run changes nothing.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Read the cluster of the current context
  groundwork.readiness.target:
    run_dir: "{{ readiness_run.run_dir }}"
  register: readiness_target

- name: Read a cluster with a service account's token
  groundwork.readiness.target:
    run_dir: "{{ readiness_run.run_dir }}"
    cluster:
      host: https://api.target.example.com:6443
      api_key: "{{ vault_target_token }}"
      ca_cert: /etc/pki/target-ca.pem
    expected_cluster: 0b3f1d1f-6c2a-4f5e-8d7c-6b5a49382716

- name: Take a target that was saved before, without any cluster
  groundwork.readiness.target:
    run_dir: "{{ readiness_run.run_dir }}"
    saved: saved/target.jsonl.gz

- name: Say what the account lacks
  ansible.builtin.debug:
    msg: "{{ readiness_target.lacking | map(attribute='permission') | list }}"
"""

RETURN = r"""
artifact:
  description: Path of the artifact.
  returned: success
  type: str
  sample: /srv/readiness/runs/20270104T081500Z-7f3a/target.jsonl
sha256:
  description: SHA-256 of the artifact.
  returned: success
  type: str
  sample: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e
cluster:
  description: Which cluster it is; empty texts stand for what is not known, and an empty OpenShift version also for a cluster that is none.
  returned: success
  type: dict
  contains:
    id:
      description: Id of its ClusterVersion, else the UID of its namespace C(kube-system).
      type: str
      sample: 0b3f1d1f-6c2a-4f5e-8d7c-6b5a49382716
    kubernetes_version:
      description: Version of its API server.
      type: str
      sample: 1.34.4
    openshift_version:
      description: Version of OpenShift.
      type: str
      sample: 4.21.3
lacking:
  description: Resources that the cluster serves and that could not be read.
  returned: success
  type: list
  elements: dict
  contains:
    resource:
      description: The resource with its API group.
      type: str
      sample: storageclasses.storage.k8s.io
    state:
      description: V(forbidden) or V(failed).
      type: str
      sample: forbidden
    permission:
      description: What the account lacks where it is forbidden; empty otherwise.
      type: str
      sample: list storageclasses.storage.k8s.io
    reason:
      description: Why, in the server's words.
      type: str
      sample: >-
        storageclasses.storage.k8s.io is forbidden: User "reader" cannot list resource "storageclasses" in API group "storage.k8s.io" at the
        cluster scope
    costs:
      description: What stays unknown for it.
      type: list
      elements: str
      sample: [the storage classes]
calls:
  description: Requests to the cluster, each attempt counted; 0 for a saved target.
  returned: success
  type: int
  sample: 58
counts:
  description:
    - Figures of the target. One that is not known is left out.
    - C(resources_read), C(resources_forbidden), C(resources_absent) and C(resources_failed) say how the lists came out.
  returned: success
  type: dict
  sample: {nodes: 9, storage_classes: 3, network_attachments: 14, namespaces: 88, resources_read: 34, resources_forbidden: 0}
predicted:
  description: What this target would have, in check mode, where the run's own stands as it was made.
  returned: in check mode, where a target made before stands
  type: dict
  sample: {counts: {nodes: 7}}
seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 2.1
error:
  description: What went wrong, as data; C(problems) lists each fault of the options or of a saved target.
  returned: failure
  type: dict
"""

from ..module_utils import _runner
from ..module_utils.adapters import target_request


def main() -> None:
    """Entry point."""
    module = _runner.StageModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "host": {"type": "str", "default": "localhost"},
            "base_dir": {"type": "path"},
            "cluster": {"type": "raw"},
            "saved": {"type": "path"},
            "expected_cluster": {"type": "str"},
            "dest": {"type": "path"},
        },
        supports_check_mode=True,
    )
    _runner.run_stage(module, "target", target_request.work, libraries=("orjson",))


if __name__ == "__main__":
    main()
