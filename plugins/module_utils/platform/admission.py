# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Admission policies that the collection writes: what each of them has in common, whatever it judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..common.merges import EntryFinding, Merged
from ..common.owned_fields import FIELD_MANAGER, ApiObject, metadata_of
from ..common.write_findings import CHANGED, PASS, UPDATE, listed
from ..target.objects import map_at, texts_at
from .snapshot import Named

API_VERSION: Final = "admissionregistration.k8s.io/v1"
_EXCLUSIVE: Final = frozenset({"Deny", "Warn"})
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


def binding_ref(name: str) -> Named:
    """Which object the binding of that name is."""
    return Named(API_VERSION, BINDING_KIND, "", name)


@dataclass(frozen=True, slots=True)
class ActionsChange:
    """The actions of a binding, exactly: the server merges that list as a set, and keeps what others put into it."""

    actions: tuple[str, ...]
    """such as Audit and Deny"""

    def of(self, live: ApiObject | None) -> Merged:
        """What becomes of the binding; one that is not there yet is made with its actions."""
        wanted = list(self.actions)
        has = texts_at(live or {}, "spec.validationActions")
        if live is None or set(has) == set(wanted):
            return Merged(None)
        message = f"validationActions are {listed(has)}, and {listed(wanted)} are asked for"
        name = f"action {listed([each.lower() for each in wanted])}"
        entry = EntryFinding(name, CHANGED, PASS, UPDATE, ("spec.validationActions",), message)
        return Merged({**live, "spec": {**map_at(live, "spec"), "validationActions": wanted}}, (entry,))

    def is_needed(self, live: ApiObject | None) -> bool:
        """Whether applying the binding does not do: somebody else put actions into it that it is not to have."""
        return live is not None and bool(_of_others(live) - set(self.actions))


def appliable(binding: ApiObject, live: ApiObject | None) -> ApiObject:
    """The binding as it can be applied: where the actions of others would stand beside ours and must not, with what is there.

    The server refuses warning and denying at once (Kubernetes, ValidatingAdmissionPolicyBinding validationActions). A merge sets ours.
    """
    wanted = binding["spec"]["validationActions"]
    if live is None or not _EXCLUSIVE.issubset(_of_others(live) | set(wanted)):
        return binding
    return {**binding, "spec": {**binding["spec"], "validationActions": texts_at(live, "spec.validationActions")}}


def _of_others(live: ApiObject) -> set[str]:
    """The actions that applying from here does not take away: those that anybody else put there, or holds as well."""
    has = set(texts_at(live, "spec.validationActions"))
    entries = metadata_of(live).get("managedFields")
    if not entries:
        return has
    others = [entry for entry in entries if entry.get("manager") != FIELD_MANAGER or entry.get("operation") != "Apply"]
    return {action for action in has if any(f'v:"{action}"' in map_at(entry, "fieldsV1.f:spec.f:validationActions") for entry in others)}


def _named(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "expression": expression} for name, expression in pairs]
