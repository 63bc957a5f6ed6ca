#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.estate."""

from __future__ import annotations

DOCUMENTATION = r"""
module: estate
short_description: Read a vSphere estate from live vCenters, exports and saved estates
version_added: 0.1.0
description:
  - Reads any number of sources, merges what they say of the same object, applies scope and annotations,
    and writes one artifact, C(estate.jsonl).
  - What a source does not show is unknown, never empty, and the artifact says so.
  - Every problem of every source is listed in one error, and nothing is written then.
requirements:
  - orjson
  - python-calamine, for exports
  - pyVmomi, for live vCenters
options:
  run_dir:
    description: The run's directory, as M(groundwork.readiness.run) returned it.
    type: path
    required: true
  host:
    description: Inventory name of the host that the stage works for.
    type: str
    default: localhost
  address:
    description: Host name of the vCenter that O(host) stands for, where its C(vcenter) names none. By default the name of the host.
    type: str
  base_dir:
    description: Folder from which relative paths in O(sources) and O(annotations) are taken. By default the module's working directory.
    type: path
  sources:
    description:
      - What to read, a list of mappings. The order does not matter. Each has exactly one of the keys C(rvtools), C(estate) and C(vcenter).
      - C(rvtools) is the path of an RVTools workbook, of its CSV export as folder or zip, or of a folder or zip with many workbooks.
      - C(estate) is the path of a saved estate, C(.jsonl) or C(.jsonl.gz).
      - C(vcenter) is a live vCenter or a standalone ESXi host, a mapping with C(hostname), C(port) (443), C(username), C(password),
        C(validate_certs) (true), C(ca_path), C(proxy_host) and C(proxy_port). What is not given is taken from the environment,
        E(VMWARE_HOST), E(VMWARE_PORT), E(VMWARE_USER), E(VMWARE_PASSWORD), E(VMWARE_VALIDATE_CERTS), E(VMWARE_PROXY_HOST) and
        E(VMWARE_PROXY_PORT). The account needs read access alone,
        see U(https://github.com/groundwork/readiness/blob/main/docs/privileges.md).
      - The same mapping says what is read beside the inventory, C(tags) (true), C(storage_policies) (true) and C(performance_days)
        (0, none), and how, C(page_size) (400 objects an answer), C(request_timeout_seconds) (60) and C(deadline_minutes) (60).
      - Every fault is listed in one error, by the name C(readiness_sources) that the playbook gives it. Entries are counted from 0.
      - A password is never shown or logged, whatever is wrong with the rest.
    type: raw
  expected_hosts:
    description:
      - Inventory hosts that were to leave a part, C(parts/estate-HOST.jsonl), in the run's directory.
      - Characters of HOST other than letters, digits, C(_), C(.), C(-) and C(~) are percent-encoded in that name.
      - The parts that are there are read as further sources; a missing one is named in the report.
    type: list
    elements: str
    default: []
  left_out_hosts:
    description: Inventory hosts that were not asked for a part, since the run was limited to others. The report names them.
    type: list
    elements: str
    default: []
  scope:
    description:
      - Which VMs are assessed, a mapping with C(include) and C(exclude). VMs out of scope stay in the estate with the reason.
      - Each of them is a mapping of lists, C(vcenters) (host names or instance UUIDs), C(clusters) (names), C(folders) (those below
        count as well), C(tags) (category/name) and C(vms) (names, ids or UUIDs). C(*) and C(?) are wildcards.
      - With C(include), a VM is in scope only when it matches every list that is given. One that matches any list of C(exclude) is not.
    type: raw
  annotations:
    description:
      - CSV files or workbooks that say who owns a VM and what it serves, by id, UUID or name. A list of paths, or one path.
    type: raw
  dest:
    description: The artifact to write; a name that ends in C(.gz) is compressed. By default C(estate.jsonl) in the run's directory,
      and where O(host) is another host than V(localhost), the part of that host.
    type: path
  max_unpacked_bytes:
    description: Largest size to which one input may unpack.
    type: int
    default: 4294967296
attributes:
  check_mode:
    description:
      - The artifact is written to the run's directory in check mode too and says C(mode) C(check); nothing else is ever written.
      - With O(dest) outside of the run's directory it is only predicted, byte by byte, whether the artifact would change.
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

- name: Read a live vCenter; user and password come from VMWARE_USER and VMWARE_PASSWORD
  groundwork.readiness.estate:
    run_dir: "{{ readiness_run.run_dir }}"
    sources:
      - vcenter:
          hostname: vc-north.example.com
          ca_path: /etc/pki/vcenter-ca.pem
          performance_days: 30
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

from ..module_utils.adapters.garbage import without_collection

# Imports make many small objects and next to no garbage: looking for it would take a tenth of their time.
with without_collection():
    from ..module_utils import _runner
    from ..module_utils.adapters import estate_request


def main() -> None:
    """Entry point."""
    module = _runner.StageModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "host": {"type": "str", "default": "localhost"},
            "address": {"type": "str"},
            "base_dir": {"type": "path"},
            "sources": {"type": "raw"},
            "expected_hosts": {"type": "list", "elements": "str", "default": []},
            "left_out_hosts": {"type": "list", "elements": "str", "default": []},
            "scope": {"type": "raw"},
            "annotations": {"type": "raw"},
            "dest": {"type": "path"},
            "max_unpacked_bytes": {"type": "int", "default": 4294967296},
        },
        supports_check_mode=True,
    )
    _runner.run_stage(module, "estate", estate_request.work, libraries=("orjson",))


if __name__ == "__main__":
    main()
