#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.vcenter_preflight."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vcenter_preflight
short_description: Say what an account may read of a vCenter or ESXi host, before the estate is read
version_added: 0.1.0
description:
  - Logs in, asks for the privileges of the session on the root folder and on objects below it, and logs out. Nothing is written anywhere.
  - Says which privileges of the role that suffices are missing, which facts stay unknown for it, and which rules need those facts.
  - Says whether read access reaches everything below the root folder. Where it does not, VMs may be invisible, and nothing else tells.
  - The page C(docs/privileges.md) of the collection has the role, and every privilege with what it is for.
requirements:
  - pyVmomi
  - The server is given by options of its own, or as O(vcenter), the mapping with which M(groundwork.readiness.estate) reads it.
    Every fault of them is listed in one error. A password is never shown or logged, whatever is wrong with the rest.
options:
  vcenter:
    description:
      - How to reach the server, the mapping that C(vcenter) is in a source of M(groundwork.readiness.estate), with its keys and defaults.
      - It is checked as the reading does it, so that what is refused there is refused here.
    type: raw
  host:
    description:
      - Inventory name of the host that O(vcenter) belongs to. It is what errors and RV(summary) call the server.
    type: str
  address:
    description: Host name of the server where O(vcenter) names none. By default O(host).
    type: str
  base_dir:
    description: Folder from which a relative C(ca_path) is taken. By default the module's working directory.
    type: path
  hostname:
    description: Host name or address of the vCenter or the standalone ESXi host. Without it, the environment's E(VMWARE_HOST).
    type: str
  username:
    description: The account to look at. Without it, the environment's E(VMWARE_USER).
    type: str
  password:
    description: The account's password. Without it, the environment's E(VMWARE_PASSWORD).
    type: str
  validate_certs:
    description:
      - Whether the server's certificate has to be trusted. Without it, the environment's E(VMWARE_VALIDATE_CERTS), else V(true).
      - With V(false), whoever sits between can read the password.
    type: bool
  ca_path:
    description: File with the certificate of the authority that signed the server's, in PEM form. By default those that the system trusts.
    type: path
  port:
    description: Port of the server. Without it, the environment's E(VMWARE_PORT), else V(443).
    type: int
  proxy_host:
    description: Host name of an HTTP proxy on the way to the server. Without it, the environment's E(VMWARE_PROXY_HOST).
    type: str
  proxy_port:
    description: Port of that proxy. Without it, the environment's E(VMWARE_PROXY_PORT).
    type: int
  catalogue:
    description:
      - The rule catalogue, as the lookup P(groundwork.readiness.rule_catalogue#lookup) returns it.
      - With it, RV(missing) names the rules that cannot be evaluated.
    type: dict
attributes:
  check_mode:
    description: Does the same, since it never writes.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
  idempotent:
    description: Nothing changes.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: See what the account may read; user and password come from VMWARE_USER and VMWARE_PASSWORD
  groundwork.readiness.vcenter_preflight:
    hostname: vc-north.example.com
    ca_path: /etc/pki/vcenter-ca.pem
    catalogue: "{{ lookup('groundwork.readiness.rule_catalogue') }}"
  register: readiness_preflight

- name: See what the account of a host of the inventory may read
  groundwork.readiness.vcenter_preflight:
    vcenter: "{{ readiness_vcenter }}"
    host: "{{ inventory_hostname }}"
    address: "{{ ansible_host | default(inventory_hostname) }}"

- name: Show it
  ansible.builtin.debug:
    msg: "{{ readiness_preflight.summary }}"

- name: Stop where the account does not suffice
  ansible.builtin.assert:
    that: readiness_preflight.suffices
"""

RETURN = r"""
hostname:
  description: Host name or address of the server.
  returned: success
  type: str
  sample: vc-north.example.com
product:
  description: What it says it is.
  returned: success
  type: str
  sample: VMware vCenter Server 8.0.3 build-24022515
standalone:
  description: Whether it is an ESXi host. That has no tags, no storage policies and one inventory of its own.
  returned: success
  type: bool
  sample: false
suffices:
  description: Whether every required privilege is there and nothing says that a part of the inventory is hidden.
  returned: success
  type: bool
  sample: true
granted:
  description: Privileges of the role that the session has on the root folder.
  returned: success
  type: list
  elements: str
  sample: [System.Anonymous, System.View, System.Read, Global.Licenses]
missing:
  description: Privileges of the role that it does not have there.
  returned: success
  type: list
  elements: dict
  contains:
    privilege:
      description: The privilege's id.
      type: str
      sample: StorageProfile.View
    need:
      description: V(required), without which nothing is read, or V(optional).
      type: str
      sample: optional
    facts:
      description: Facts that stay unknown without it.
      type: list
      elements: str
      sample: [vm.disks.storage_policy, vm.storage_policy]
    rules:
      description: Ids of the rules that need one of these facts. Empty without O(catalogue).
      type: list
      elements: str
      sample: []
    remedy:
      description: What to do.
      type: str
      sample: give the account a role with it on the root folder, propagated to children (docs/privileges.md)
read_access:
  description:
    - V(everywhere) where permissions propagate from the root folder, V(partly) where they do not or something is known to be unreadable,
      V(not_known) where the server does not tell.
    - What a narrower permission further down hides is not shown to an account by any call.
  returned: success
  type: str
  sample: everywhere
evidence:
  description: What RV(read_access) rests upon.
  returned: success
  type: str
  sample: >-
    permissions on the root folder propagate to children; 23 objects compared below the root folder can be read; what a narrower permission
    further down hides is not shown to the account
unreadable:
  description: Objects that the session sees and may not read.
  returned: success
  type: list
  elements: str
  sample: []
tags:
  description: How many tags it may read.
  returned: success
  type: dict
  contains:
    visible:
      description: Their number.
      type: int
      sample: 12
    reason:
      description: Why none can be read; empty where some can.
      type: str
      sample: ''
notices:
  description: What a report about this server says, each with C(code), C(message) and C(remedy).
  returned: success
  type: list
  elements: dict
  sample: []
summary:
  description: All of this in lines to read.
  returned: success
  type: list
  elements: str
  sample:
    - 'vc-north.example.com: VMware vCenter Server 8.0.3 build-24022515'
    - 'privileges: System.Anonymous, System.View, System.Read, StorageProfile.View, Global.Licenses'
error:
  description: What went wrong, as data.
  returned: failure
  type: dict
"""

from ..module_utils import _runner
from ..module_utils.adapters.vsphere import preflight_request


def main() -> None:
    """Entry point."""
    module = _runner.StageModule(
        argument_spec={
            "vcenter": {"type": "raw"},
            "host": {"type": "str"},
            "address": {"type": "str"},
            "base_dir": {"type": "path"},
            "hostname": {"type": "str"},
            "username": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "validate_certs": {"type": "bool"},
            "ca_path": {"type": "path"},
            "port": {"type": "int"},
            "proxy_host": {"type": "str"},
            "proxy_port": {"type": "int"},
            "catalogue": {"type": "dict"},
        },
        supports_check_mode=True,
        mutually_exclusive=[(whole, part) for whole in ("vcenter", "host", "address") for part in preflight_request.OPTIONS],
    )
    _runner.require_libraries(module, "pyVmomi")
    _runner.run(module, preflight_request.work)


if __name__ == "__main__":
    main()
