#!/usr/bin/python
# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module groundwork.readiness.assessment."""

from __future__ import annotations

DOCUMENTATION = r"""
module: assessment
short_description: Judge every VM of an estate by the rule catalogue
version_added: 0.1.0
description:
  - Reads C(estate.jsonl), runs every rule of the catalogue on every VM in scope, and writes C(assessment.jsonl),
    with a verdict, a score and the evidence for each VM.
  - A rule that the known facts do not decide is a gap, never a pass. It counts as failed in the score and as passed in the best score,
    and a VM whose verdict it could still make worse is provisional.
  - VMs out of scope are listed with the reason and count nowhere; rules over several VMs still see them.
requirements:
  - orjson
options:
  run_dir:
    description: The run's directory, as M(groundwork.readiness.run) returned it.
    type: path
    required: true
  host:
    description: Inventory name of the host that the stage works for.
    type: str
    default: localhost
  estate:
    description: The estate to assess, C(.jsonl) or C(.jsonl.gz). By default C(estate.jsonl) in the run's directory.
    type: path
  catalogue:
    description:
      - The rule catalogue, as the lookup P(groundwork.readiness.rule_catalogue#lookup) returns it.
      - It is checked again, and every fault of it is listed in one error.
    type: dict
    required: true
  dest:
    description: The artifact to write; a name that ends in C(.gz) is compressed. By default C(assessment.jsonl) in the run's directory.
    type: path
attributes:
  check_mode:
    description:
      - The artifact is written to the run's directory in check mode too and says C(mode) C(check); nothing else is ever written.
      - With O(dest) outside of the run's directory it is only predicted, byte by byte, whether the artifact would change.
    support: full
  diff_mode:
    description: Shows the figures before and after.
    support: full
  idempotent:
    description: The same estate and catalogue give the same bytes, and a second run changes nothing.
    support: full
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Judge every VM of the run's estate
  groundwork.readiness.assessment:
    run_dir: "{{ readiness_run.run_dir }}"
    catalogue: "{{ lookup('groundwork.readiness.rule_catalogue') }}"
  register: readiness_assessment

- name: Say how many VMs are ready for good
  ansible.builtin.debug:
    msg: "{{ readiness_assessment.verdicts.ready.settled }} of {{ readiness_assessment.counts.vms }}"
"""

RETURN = r"""
artifact:
  description: Path of the artifact.
  returned: success
  type: str
  sample: /srv/readiness/runs/20270104T081500Z-7f3a/assessment.jsonl
sha256:
  description: SHA-256 of the artifact.
  returned: success
  type: str
  sample: 4b0dfd8f0c7f1f7a3ab8d3f0a1f0b8f6b0f3f4e6d9d8e7c6b5a4039281706f5e
verdicts:
  description: How many VMs have each verdict, those that are settled and those that are provisional.
  returned: success
  type: dict
  contains:
    blocked:
      description: A critical rule failed.
      type: dict
      sample: {settled: 4, provisional: 8}
    not_evaluated:
      description: Too little is known, the guest OS or the disks are missing.
      type: dict
      sample: {settled: 0, provisional: 3}
    ready_with_work:
      description: A warning rule failed.
      type: dict
      sample: {settled: 61, provisional: 97}
    ready:
      description: No critical and no warning rule failed.
      type: dict
      sample: {settled: 19, provisional: 20}
counts:
  description:
    - All figures on one level.
    - C(ready) counts all VMs of that verdict, C(ready_provisional) those of them that are not settled; likewise for the other verdicts.
  returned: success
  type: dict
  sample: {vms: 212, excluded: 28, rules: 29, provisional: 128, ready: 39, ready_provisional: 20}
catalogue_version:
  description: Version of the rule catalogue.
  returned: success
  type: str
  sample: 1.0.0
catalogue_sha256:
  description: SHA-256 of the rule catalogue.
  returned: success
  type: str
  sample: 0b3f1d1f6c2a4f5e8d7c6b5a49382716f5e4d3c2b1a0f9e8d7c6b5a493827160
seconds:
  description: How long it took.
  returned: success
  type: float
  sample: 0.4
error:
  description: What went wrong, as data; C(problems) lists each fault of the estate or the catalogue.
  returned: failure
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import _runner
from ..module_utils.adapters import assessment_request


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "run_dir": {"type": "path", "required": True},
            "host": {"type": "str", "default": "localhost"},
            "estate": {"type": "path"},
            "catalogue": {"type": "dict", "required": True},
            "dest": {"type": "path"},
        },
        supports_check_mode=True,
    )
    _runner.run_stage(module, "assessment", assessment_request.work, libraries=("orjson",))


if __name__ == "__main__":
    main()
