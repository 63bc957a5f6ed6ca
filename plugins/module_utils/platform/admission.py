# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Admission policies that the collection writes: what each of them has in common, whatever it judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..common.owned_fields import ApiObject

API_VERSION: Final = "admissionregistration.k8s.io/v1"
POLICY_KIND, BINDING_KIND = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"


def admission_policy(
    name: str,
    rules: Sequence[Mapping[str, Any]],
    variables: Sequence[tuple[str, str]],
    holds: str,
    says: str,
    conditions: Sequence[tuple[str, str]] = (),
) -> ApiObject:
    """The policy with one validation. `holds` and `says` are CEL, as the second of each pair is; what cannot be evaluated is refused."""
    spec: dict[str, Any] = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [dict(rule) for rule in rules]},
        "variables": _named(variables),
        "validations": [{"expression": holds, "messageExpression": says, "reason": "Forbidden"}],
    }
    if conditions:
        spec["matchConditions"] = _named(conditions)
    return {"apiVersion": API_VERSION, "kind": POLICY_KIND, "metadata": {"name": name}, "spec": spec}


def admission_binding(name: str, actions: Sequence[str], namespaces: Mapping[str, Any]) -> ApiObject:
    """The binding of the policy of that name; `namespaces` is the selector of those in which it holds."""
    spec = {"policyName": name, "validationActions": list(actions), "matchResources": {"namespaceSelector": dict(namespaces)}}
    return {"apiVersion": API_VERSION, "kind": BINDING_KIND, "metadata": {"name": name}, "spec": spec}


def _named(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "expression": expression} for name, expression in pairs]
