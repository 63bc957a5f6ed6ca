#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.estate."""

from __future__ import annotations

DOCUMENTATION = r"""
module: estate
short_description: Read a vSphere estate from exports and saved estates
version_added: 0.1.0
description:
  - Reads any number of sources, merges what they say of the same object, applies scope and annotations,
    and writes one artifact, C(estate.jsonl).
  - What a source does not show is unknown, never empty, and the artifact says so.
  - Every problem of every source is listed in one error, and nothing is written then.
requirements:
  - orjson
  - python-calamine
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
    description: Folder from which relative paths in O(sources) and O(annotations) are taken. By default the module's working directory.
    type: path
  sources:
    description: What to read. Each entry has exactly one of the keys below. The order does not matter.
    type: list
    elements: dict
    default: []
    suboptions:
      rvtools:
        description: An RVTools workbook, its CSV export as folder or zip, or a folder or zip with many workbooks.
        type: path
      estate:
        description: A saved estate, C(.jsonl) or C(.jsonl.gz).
        type: path
      vcenter:
        description: A live vCenter. This version reads exports and saved estates only, and says so when it meets one.
        type: dict
        suboptions:
          hostname:
            description: Host name of the vCenter.
            type: str
          port:
            description: Port of its API.
            type: int
          username:
            description: User to log in as.
            type: str
          password:
            description: The user's password.
            type: str
          validate_certs:
            description: Whether the server's certificate is verified.
            type: bool
            default: true
          ca_path:
            description: File with the certificates of the authorities to trust.
            type: path
  expected_hosts:
    description:
      - Inventory hosts that were to leave a part, C(parts/estate-HOST.jsonl), in the run's directory.
      - The parts that are there are read as further sources; a missing one is named in the report.
    type: list
    elements: str
    default: []
  scope:
    description: Which VMs are assessed. VMs out of scope stay in the estate with the reason.
    type: dict
    suboptions:
      include:
        description: A VM is in scope only when it matches every list that is given here.
        type: dict
        suboptions:
          vcenters:
            description: Host names or instance UUIDs of vCenters.
            type: list
            elements: str
          clusters:
            description: Names of clusters.
            type: list
            elements: str
          folders:
            description: Inventory folders; those below count as well.
            type: list
            elements: str
          tags:
            description: Tags as category/name.
            type: list
            elements: str
          vms:
            description: Names, ids or UUIDs of VMs.
            type: list
            elements: str
      exclude:
        description: A VM that matches any of these is out of scope.
        type: dict
        suboptions:
          vcenters:
            description: Host names or instance UUIDs of vCenters.
            type: list
            elements: str
          clusters:
            description: Names of clusters.
            type: list
            elements: str
          folders:
            description: Inventory folders; those below count as well.
            type: list
            elements: str
          tags:
            description: Tags as category/name.
            type: list
            elements: str
          vms:
            description: Names, ids or UUIDs of VMs.
            type: list
            elements: str
  annotations:
    description: CSV files or workbooks that say who owns a VM and what it serves, by id, UUID or name.
    type: list
    elements: path
    default: []
  dest:
    description: The artifact to write; a name that ends in C(.gz) is compressed. By default C(estate.jsonl) in the run's directory.
    type: path
  max_unpacked_bytes:
    description: Largest size to which one input may unpack.
    type: int
    default: 4294967296
attributes:
  check_mode:
    description: The artifact is written to the run's directory in check mode too and says C(mode) C(check); nothing else is ever written.
    support: full
  diff_mode:
    description: Shows the counts before and after.
    support: full
  idempotent:
    description: The same input gives the same bytes, and a second run changes nothing.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Read two exports and a saved estate
  groundwork.readiness.estate:
    run_dir: "{{ readiness_run.run_dir }}"
    sources:
      - rvtools: /srv/exports/vc-north.xlsx
      - rvtools: /srv/exports/vc-south-csv.zip
      - estate: /srv/exports/lab.jsonl.gz
    scope:
      exclude:
        folders: [/Lab]
    annotations: [/srv/exports/owners.csv]
"""

RETURN = r"""
artifact:
  description: Path of the artifact.
  returned: success
  type: str
  sample: /srv/readiness/runs/20270104T081500Z-7f3a/estate.jsonl
sha256:
  description: SHA-256 of the artifact.
  returned: success
  type: str
  sample: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e
counts:
  description: How many objects of each kind were read.
  returned: success
  type: dict
  sample: {vms: 240, in_scope: 221, hosts: 12}
missing:
  description: Hosts that were expected to leave a part and did not.
  returned: success
  type: list
  elements: str
  sample: []
seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 1.2
error:
  description: What went wrong, as data; C(problems) lists each problem with file, tab, row and column.
  returned: failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import _runner
from ..module_utils.adapters import estate_request

SELECTION = {
    "type": "dict",
    "options": {name: {"type": "list", "elements": "str"} for name in ("vcenters", "clusters", "folders", "tags", "vms")},
}
VCENTER = {
    "hostname": {"type": "str"},
    "port": {"type": "int"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "host": {"type": "str", "default": "localhost"},
            "base_dir": {"type": "path"},
            "sources": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {"rvtools": {"type": "path"}, "estate": {"type": "path"}, "vcenter": {"type": "dict", "options": VCENTER}},
            },
            "expected_hosts": {"type": "list", "elements": "str", "default": []},
            "scope": {"type": "dict", "options": {"include": SELECTION, "exclude": SELECTION}},
            "annotations": {"type": "list", "elements": "path", "default": []},
            "dest": {"type": "path"},
            "max_unpacked_bytes": {"type": "int", "default": 4294967296},
        },
        supports_check_mode=True,
    )
    _runner.run_stage(module, "estate", estate_request.work, libraries=("orjson", "python_calamine"))


if __name__ == "__main__":
    main()
