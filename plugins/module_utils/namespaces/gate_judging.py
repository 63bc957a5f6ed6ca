# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate held against a cluster: whether it stands, and what is there already that it would refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from ..common.findings import CheckFinding
from ..common.owned_fields import ApiObject
from ..common.quantities import exact, text_of
from ..common.write_findings import MISSING, listed
from ..platform.accelerators.resources import DEVICE_CLASS_SUFFIX
from ..platform.admission import appliable
from ..platform.delivery.readings import ADMISSION_BINDINGS, ADMISSION_POLICIES
from ..platform.snapshot import PlatformSnapshot
from ..platform.verdicts import failed, passed, seen, unknown
from ..target.objects import annotations_of, labels_of, map_at, maps_at, name_of, namespace_of, text_at, texts_at
from . import check_list as checks
from .contract.model import CLASSIFICATIONS
from .gate import ALWAYS_EXEMPT, DOMAINS, Gate, gate_names, gate_objects, is_day_of_gate
from .model import CLUSTER
from .readings import OWNER_QUOTAS
from .terms import CLASSIFICATION, EXPIRES, OWNER, OWNER_GROUP, owner_object

NAMESPACES: Final = "namespaces"
QUOTAS: Final = "resourcequotas"
PODS: Final = "pods"
_SUBJECT: Final = "governance gate"


def objects_of(gate: Gate, snapshot: PlatformSnapshot) -> list[ApiObject]:
    """Policies and bindings as they can be applied on that cluster."""
    return [
        appliable(item, snapshot.get(ADMISSION_BINDINGS, "", name_of(item))) if "policyName" in item["spec"] else item
        for item in gate_objects(gate)
    ]


def gate_standing(snapshot: PlatformSnapshot) -> CheckFinding:
    """Whether a gate stands on the cluster that denies, whoever wrote it there."""
    return replace(_stands(snapshot), part=CLUSTER)


def _stands(snapshot: PlatformSnapshot) -> CheckFinding:
    if not snapshot.known(ADMISSION_POLICIES, ADMISSION_BINDINGS):
        return unknown(checks.GATE, _SUBJECT, snapshot.why_not(ADMISSION_POLICIES, ADMISSION_BINDINGS))
    names = gate_names()
    lacking = [name for name in names if snapshot.get(ADMISSION_POLICIES, "", name) is None]
    if lacking:
        message = f"there is no {listed(lacking)}: accelerators can be had without a contract"
        return failed(checks.GATE, _SUBJECT, message, state=MISSING)
    actions = {name: texts_at(snapshot.get(ADMISSION_BINDINGS, "", name) or {}, "spec.validationActions") for name in names}
    open_ones = [name for name, does in actions.items() if "Deny" not in does]
    if open_ones:
        evidence = seen(f"ValidatingAdmissionPolicyBinding {open_ones[0]}", "spec.validationActions", actions[open_ones[0]], ["Deny"])
        return failed(checks.GATE, _SUBJECT, f"{listed(open_ones)} deny nothing", evidence=evidence)
    return passed(checks.GATE, _SUBJECT)


def gate_findings(gate: Gate, snapshot: PlatformSnapshot) -> list[CheckFinding]:
    """What is there already that the gate would refuse, and what the server says of its expressions."""
    return [replace(found, part=CLUSTER) for found in (*_refused(gate, snapshot), *_typed(snapshot))]


def _refused(gate: Gate, snapshot: PlatformSnapshot) -> Iterator[CheckFinding]:
    needed = (NAMESPACES, QUOTAS, OWNER_QUOTAS, PODS)
    if not snapshot.known(*needed) or snapshot.pods is None:
        reason = snapshot.why_not(*needed) or "requests of pods could not be read"
        yield unknown(checks.GATE_BREAKS, _SUBJECT, reason)
        return
    exempt = {*ALWAYS_EXEMPT, *gate.exempt}
    lacking = {name_of(item): lacks(item) for item in snapshot.all(NAMESPACES) if name_of(item) not in exempt}
    told = [*_quotas(snapshot, lacking), *_owner_quotas(snapshot), *_pods(snapshot, lacking)]
    yield from (failed(checks.GATE_BREAKS, subject, message, "action") for subject, message in told)
    if not told:
        yield passed(checks.GATE_BREAKS, _SUBJECT)


def _quotas(snapshot: PlatformSnapshot, lacking: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    for item in snapshot.all(QUOTAS):
        grants, lacks_here = accelerators_in(map_at(item, "spec.hard")), lacking.get(namespace_of(item), ())
        if grants and lacks_here:
            subject = f"ResourceQuota {namespace_of(item)}/{name_of(item)}"
            yield subject, f"it grants {listed(grants)}, and its namespace lacks {listed(lacks_here)}: it can be changed no more"


def _owner_quotas(snapshot: PlatformSnapshot) -> Iterator[tuple[str, str]]:
    for item in snapshot.all(OWNER_QUOTAS):
        grants = accelerators_in(map_at(item, "spec.quota.hard"))
        owner = str(map_at(item, "spec.selector.labels.matchLabels").get(OWNER, ""))
        if grants and name_of(item) != owner_object(owner):
            message = f"it grants {listed(grants)}, and is not named after the one owner that it selects: it can be changed no more"
            yield f"ClusterResourceQuota {name_of(item)}", message


def _pods(snapshot: PlatformSnapshot, lacking: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """By namespace: of thousands of pods one message is enough."""
    holders: dict[str, list[str]] = {}
    for pod in snapshot.pods.device_pods if snapshot.pods is not None else ():
        if lacking.get(pod.namespace, ()):
            holders.setdefault(pod.namespace, []).append(pod.name)
    for namespace, names in sorted(holders.items()):
        words = f"{listed(names)} hold accelerators, and the namespace lacks {listed(lacking[namespace])}: they could not be made anew"
        yield f"pods of {namespace}", words


def lacks(namespace: ApiObject) -> tuple[str, ...]:
    """What a namespace lacks to be granted accelerators, as the gate's own expressions have it."""
    labels, notes = labels_of(namespace), annotations_of(namespace)
    holds = {
        f"label {OWNER}": bool(labels.get(OWNER)),
        f"label {CLASSIFICATION}": labels.get(CLASSIFICATION) in CLASSIFICATIONS,
        f"annotation {OWNER_GROUP}": bool(notes.get(OWNER_GROUP)),
        f"annotation {EXPIRES} (YYYY-MM-DD)": is_day_of_gate(notes.get(EXPIRES, "")),
    }
    return tuple(words for words, held in holds.items() if not held)


def accelerators_in(hard: Mapping[str, object]) -> list[str]:
    """Keys of a quota that grant accelerators."""
    found = []
    for key, value in sorted(hard.items()):
        resource = key.removeprefix("requests.").removeprefix("limits.")
        is_device = key != resource and resource.startswith(DOMAINS)
        amount = exact(text_of(value))
        if (is_device or key.endswith(DEVICE_CLASS_SUFFIX)) and (amount is None or amount > 0):
            found.append(key)
    return found


def _typed(snapshot: PlatformSnapshot) -> Iterator[CheckFinding]:
    """What the server's own check of types says of the policies that stand."""
    for name in gate_names():
        live = snapshot.get(ADMISSION_POLICIES, "", name)
        warnings = maps_at(live or {}, "status.typeChecking.expressionWarnings")
        if warnings:
            words = listed([f"{text_at(each, 'fieldRef')}: {' '.join(text_at(each, 'warning').split())}" for each in warnings])
            yield failed(checks.GATE_TYPES, f"ValidatingAdmissionPolicy {name}", words)
