# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup groundwork.readiness.rule_catalogue."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rule_catalogue
short_description: The rule catalogue of the collection
version_added: 0.1.0
description:
  - Returns the rules by which M(groundwork.readiness.assessment) judges VMs, with their weights, parameters,
    and the facts that a verdict needs at least.
  - The catalogue is checked first, and every fault of it is listed in one error.
  - The page C(docs/rules.md) of the collection describes the rules.
options:
  _terms:
    description: Not used.
author:
  - the groundwork.readiness contributors (@groundwork)
"""

EXAMPLES = r"""
- name: Judge every VM by the shipped rules
  groundwork.readiness.assessment:
    run_dir: "{{ readiness_run.run_dir }}"
    catalogue: "{{ lookup('groundwork.readiness.rule_catalogue') }}"

- name: List the rules that block a VM
  ansible.builtin.debug:
    msg: "{{ lookup('groundwork.readiness.rule_catalogue').rules | selectattr('category', 'eq', 'critical') | map(attribute='title') }}"
"""

RETURN = r"""
_raw:
  description: One dictionary, the catalogue without the rules' examples.
  type: list
  elements: dict
  contains:
    version:
      description: Version of the catalogue.
      type: str
    sha256:
      description: SHA-256 of the catalogue without examples; the same stands in the artifact.
      type: str
    weights:
      description: Weight of a rule in the score, by category.
      type: dict
    minimum_facts:
      description: What must be known of a VM before it gets a verdict other than blocked.
      type: list
      elements: dict
    parameters:
      description: Named thresholds and lists that rules use, each with C(value) and C(meaning).
      type: dict
    rules:
      description: The rules, sorted by id.
      type: list
      elements: dict
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase

from ..module_utils.common.errors import ReadinessError
from ..plugin_utils.rule_files import checked_catalogue


class LookupModule(LookupBase):
    """Hands the checked catalogue to tasks."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[dict[str, Any]]:
        """One dictionary."""
        try:
            return [checked_catalogue()]
        except ReadinessError as error:
            raise AnsibleError(error.text()) from error
