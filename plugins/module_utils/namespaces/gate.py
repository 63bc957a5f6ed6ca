# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate before accelerators: admission policies without which a contract is no more than paper.

Admission has no clock: that a day is well-formed can be held, that it has not passed is judged by each run. Each policy judges what
a request makes of an object; what was there before the gate and breaks it can still be made better, and can always be deleted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..common.owned_fields import ApiObject
from ..platform.accelerators.resources import DEVICE_CLASS_SUFFIX
from ..platform.admission import admission_binding, admission_policy
from ..platform.desired.delivery import AUDIT, DENY, WARN
from ..platform.desired.keys import NAME_LABEL, NAMESPACE, key
from .contract.model import CLASSIFICATIONS
from .terms import CLASSIFICATION, EXPIRES, OWNER, OWNER_GROUP, QUOTA, SHARED_PREFIX

ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {AUDIT: ("Audit",), WARN: ("Audit", "Warn"), DENY: ("Audit", "Deny")}
"""Steps of rolling it out, and what the server does at each about a request that breaks a policy."""

DAY: Final = "^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
"""A day, as a regular expression of CEL; the 31st of a short month is for each run to judge."""

DOMAINS: Final = ("amd.com/", "gpu.intel.com/", "habana.ai/", "nvidia.com/")
"""What names of accelerator resources begin with, whatever follows: partitions and shared devices have names of their own."""

ALWAYS_EXEMPT: Final = ("kube-system",)
_SWEEPERS: Final = (
    "system:kube-controller-manager",
    "system:serviceaccount:kube-system:namespace-controller",
    "system:serviceaccount:kube-system:generic-garbage-collector",
)
"""Who deletes what is in a namespace that is deleted itself: controllers by their own accounts, or by that of them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """How the gate stands."""

    action: str = key("audit: what breaks it is noted; warn: told to who asks; deny: refused", AUDIT, allowed=tuple(ACTIONS))
    exempt: tuple[str, ...] = key(
        "namespaces of operators, which need accelerators for their own checks; kube-system always is", (), pattern=NAMESPACE
    )
    keepers: tuple[str, ...] = key("users who may delete the quota of a contract, such as the account of this collection", ())


@dataclass(frozen=True, slots=True)
class _Rule:
    """One policy: what it looks at, and what has to hold."""

    name: str
    resources: Sequence[tuple[str, str, tuple[str, ...]]]
    """group, plural, operations"""
    variables: Sequence[tuple[str, str]]
    holds: str
    """CEL"""
    says: str
    """CEL of the message"""


def gate_objects(gate: Gate) -> Iterator[ApiObject]:
    """Policies and bindings. The policies are the same at each step, so that a step changes the bindings alone."""
    for rule in _rules(gate.keepers):
        yield _policy(rule)
        yield _binding(rule, gate)


def is_day_of_gate(text: str) -> bool:
    """Whether the gate takes it for a day."""
    return re.fullmatch(DAY.strip("^$"), text) is not None


def gate_names() -> tuple[str, ...]:
    """Names of the policies, and of their bindings."""
    return tuple(_name(rule) for rule in _rules(()))


# ---- CEL -------------------------------------------------------------------------------------------------------------


def _is_accelerator(name: str) -> str:
    """Whether a text of CEL is the name of an accelerator resource."""
    starts = " || ".join(f"{name}.startsWith({json.dumps(domain)})" for domain in DOMAINS)
    return f"({starts})"


def _in_quota(place: str) -> str:
    """The keys of a quota that grant accelerators: those above zero."""
    device = f"key.startsWith('requests.') && {_is_accelerator('key.substring(9)')}"
    limits = f"key.startsWith('limits.') && {_is_accelerator('key.substring(7)')}"
    claimed = f"key.endsWith({json.dumps(DEVICE_CLASS_SUFFIX)})"
    return f"{place}.filter(key, ({device} || {limits} || {claimed}) && {_is_above_zero(place)})"


def _is_above_zero(place: str) -> str:
    """Whether the amount under `key` of a mapping is more than none."""
    return f"quantity(string({place}[key])).isGreaterThan(quantity('0'))"


def _lacks(metadata: str) -> str:
    """What a namespace lacks to be granted accelerators, as a list of texts."""
    label = f"has({metadata}.labels) && {{0}} in {metadata}.labels && {metadata}.labels[{{0}}] != ''"
    note = f"has({metadata}.annotations) && {{0}} in {metadata}.annotations && {{1}}"
    day = f"{metadata}.annotations[{_text(EXPIRES)}].matches({_text(DAY)})"
    group = f"{metadata}.annotations[{_text(OWNER_GROUP)}] != ''"
    known = f"{metadata}.labels[{_text(CLASSIFICATION)}] in {json.dumps(list(CLASSIFICATIONS))}"
    parts = {
        f"label {OWNER}": label.format(_text(OWNER)),
        f"label {CLASSIFICATION}": f"{label.format(_text(CLASSIFICATION))} && {known}",
        f"annotation {OWNER_GROUP}": note.format(_text(OWNER_GROUP), group),
        f"annotation {EXPIRES} (YYYY-MM-DD)": note.format(_text(EXPIRES), day),
    }
    return " + ".join(f"({held} ? [] : [{_text(words)}])" for words, held in parts.items())


def _text(words: str) -> str:
    return json.dumps(words)


_LACKING: Final = ("lacking", _lacks("namespaceObject.metadata"))


def _devices_of(containers: str) -> str:
    """The accelerators that these containers of a pod ask for, one of each container."""
    parts = []
    for part in ("requests", "limits"):
        wanted = f"{_is_accelerator('key')} && {_is_above_zero(f'each.resources.{part}')}"
        parts.append(f"each.?resources.{part}.orValue({{}}).filter(key, {wanted})")
    asked = " + ".join(parts)
    return f"object.spec.?{containers}.orValue([]).map(each, {asked}).filter(found, found.size() > 0).map(found, found[0])"


def _rules(keepers: Collection[str]) -> Iterator[_Rule]:
    missing = "'the namespace lacks ' + variables.lacking.join(', ')"
    yield _Rule(
        "quota",
        [("", "resourcequotas", ("CREATE", "UPDATE"))],
        [("grants", f"has(object.spec.hard) ? {_in_quota('object.spec.hard')} : []"), _LACKING],
        "variables.grants.size() == 0 || variables.lacking.size() == 0",
        f"'accelerators are granted by ' + variables.grants.join(', ') + ': ' + {missing}",
    )
    allowed = json.dumps([*_SWEEPERS, *keepers])
    yield _Rule(
        "quota-kept",
        [("", "resourcequotas", ("DELETE",))],
        [("owned", f"has(namespaceObject.metadata.labels) && {_text(OWNER)} in namespaceObject.metadata.labels")],
        f"oldObject.metadata.name != {_text(QUOTA)} || !variables.owned || request.userInfo.username in {allowed}",
        _text(f"{QUOTA} belongs to the contract of the namespace: without it accelerators are not limited"),
    )
    yield _Rule(
        "namespace",
        [("", "namespaces", ("CREATE", "UPDATE"))],
        [
            ("was", f"oldObject != null && has(oldObject.metadata.labels) && {_text(OWNER)} in oldObject.metadata.labels"),
            ("is", f"has(object.metadata.labels) && {_text(OWNER)} in object.metadata.labels"),
            ("before", f"oldObject == null ? [] : {_lacks('oldObject.metadata')}"),
            ("lacking", _lacks("object.metadata")),
        ],
        "!(variables.was || variables.is) || variables.lacking.all(each, each in variables.before && variables.was)",
        "'a namespace with a contract has to bear ' + variables.lacking.join(', ')",
    )
    owner = f"object.spec.selector.?labels.?matchLabels[?{_text(OWNER)}]"
    yield _Rule(
        "owner-quota",
        [("quota.openshift.io", "clusterresourcequotas", ("CREATE", "UPDATE"))],
        [("grants", f"has(object.spec.quota.hard) ? {_in_quota('object.spec.quota.hard')} : []")],
        f"variables.grants.size() == 0 || ({owner}.hasValue() && object.metadata.name == {_text(SHARED_PREFIX)} + {owner}.value())",
        f"'what grants ' + variables.grants.join(', ') + ' has to select ' + {_text(OWNER)} + ' and to be named after the owner'",
    )
    yield _Rule(
        "pod",
        [("", "pods", ("CREATE",))],
        [("asked", f"{_devices_of('containers')} + {_devices_of('initContainers')}"), _LACKING],
        "variables.asked.size() == 0 || variables.lacking.size() == 0",
        f"'the pod asks for ' + variables.asked.join(', ') + ': ' + {missing}",
    )
    yield _Rule(
        "claim",
        [("resource.k8s.io", plural, ("CREATE",)) for plural in ("resourceclaims", "resourceclaimtemplates")],
        [_LACKING],
        "variables.lacking.size() == 0",
        f"'devices are claimed: ' + {missing}",
    )


# ---- objects ---------------------------------------------------------------------------------------------------------


def _name(rule: _Rule) -> str:
    return f"{SHARED_PREFIX}gate-{rule.name}"


def _policy(rule: _Rule) -> ApiObject:
    rules = [
        {"apiGroups": [group], "apiVersions": ["*"], "operations": list(operations), "resources": [plural]}
        for group, plural, operations in rule.resources
    ]
    return admission_policy(_name(rule), rules, rule.variables, rule.holds, rule.says)


def _binding(rule: _Rule, gate: Gate) -> ApiObject:
    # Of a Namespace the selector is held against its own labels.
    exempt = sorted({*ALWAYS_EXEMPT, *gate.exempt})
    selector = {"matchExpressions": [{"key": NAME_LABEL, "operator": "NotIn", "values": exempt}]}
    return admission_binding(_name(rule), ACTIONS[gate.action], selector)
