# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The monitoring stack itself: whether it runs, and whether rules on the cluster stand where it can evaluate them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ...common.write_findings import MISSING, key_of, listed
from ...target.model import READ
from ...target.objects import annotations_of, id_of, maps_at, namespace_of, text_at
from ..checks import Check
from ..desired.monitoring import BY_PLATFORM, BY_USER_WORKLOAD, UserWorkloadWanted
from ..parts import Wait
from ..progress import Judges, by_conditions, condition, is_behind
from ..snapshot import Named, PlatformSnapshot
from ..verdicts import failed, not_asked, passed, seen, unknown
from .check_list import LAYER, PART
from .evaluators import EVALUATOR, PLATFORM_NAMESPACE, group_faults
from .monitors import USER_WORKLOAD_NAMESPACE, left_out
from .objects import ALERTING_RULE, PROMETHEUS_RULE
from .readings import ALERTING_RULES, ALERTMANAGERS, CLUSTER_OPERATORS, NAMESPACES, PROMETHEUSES, RULES, THANOS_RULERS
from .watch_checks import CONFLICT, OPERATOR, PLACED, RULES_READ, RUNNING
from .watch_look import WatchLook

_OPERATOR: Final = "monitoring"
_CONDITIONS: Final = (("Available", "True"), ("Degraded", "False"))
_SCRAPES: Final = (PROMETHEUSES, "Prometheus", USER_WORKLOAD_NAMESPACE, "user-workload")
_EVALUATES: Final = (THANOS_RULERS, "ThanosRuler", USER_WORKLOAD_NAMESPACE, "user-workload")
_SENDS: Final = {
    BY_PLATFORM: (ALERTMANAGERS, "Alertmanager", PLATFORM_NAMESPACE, "main"),
    BY_USER_WORKLOAD: (ALERTMANAGERS, "Alertmanager", USER_WORKLOAD_NAMESPACE, "user-workload"),
}
_API: Final = "monitoring.coreos.com/v1"
_MINUTES: Final = 10.0
"""How long the operator takes to bring it up, in minutes: the pods pull images and load their rules."""

JUDGES: Final[Judges] = {
    ("monitoring.coreos.com", kind): by_conditions("Available") for kind in ("Alertmanager", "Prometheus", "ThanosRuler")
}
"""What ready means for the stack's own kinds: condition Available (prometheus-operator, types of monitoring.coreos.com/v1)."""

_RULE_KINDS: Final = ((RULES, PROMETHEUS_RULE[1]), (ALERTING_RULES, ALERTING_RULE[1]))
_LISTS_OF_RULES: Final = tuple(resource for resource, _kind in _RULE_KINDS)
_PATH: Final = "monitoring.user_workload"


def stack_findings(look: WatchLook) -> Iterator[CheckFinding]:
    """Everything about the stack and the rules that it holds."""
    yield _operator(look.snapshot)
    yield from _running(look.wanted.user_workload, look.snapshot)
    yield from _read(look)
    yield from _conflicts(look)
    yield from _placed(look)


# ---- whether it runs -------------------------------------------------------------------------------------------------


def _operator(snapshot: PlatformSnapshot) -> CheckFinding:
    subject = f"ClusterOperator {_OPERATOR}"
    if why := _why_unread(snapshot, CLUSTER_OPERATORS):
        return unknown(OPERATOR, subject, why)
    item = snapshot.get(CLUSTER_OPERATORS, "", _OPERATOR)
    if item is None:
        return failed(OPERATOR, subject, f"there is no {subject}", state=MISSING)
    for kind, expected in _CONDITIONS:
        entry = condition(item, kind)
        if entry is None:
            return unknown(OPERATOR, subject, f"it has no condition {kind} yet")
        if entry.get("status") != expected:
            message = f"{kind} is {entry.get('status')}: {text_at(entry, 'message') or text_at(entry, 'reason')}"
            return failed(OPERATOR, subject, message, evidence=seen(subject, f"status.conditions[{kind}]", entry.get("status"), expected))
    return passed(OPERATOR, subject)


def _why_unread(snapshot: PlatformSnapshot, resource: str) -> str:
    """Why a list tells nothing; empty where it was read. A kind that is not served tells nothing either."""
    if not snapshot.known(resource):
        return snapshot.why_not(resource)
    return "" if snapshot.listed[resource].state == READ else f"the cluster does not serve {resource}"


def _running(wanted: UserWorkloadWanted, snapshot: PlatformSnapshot) -> Iterator[CheckFinding]:
    if not wanted.enabled:
        yield not_asked(RUNNING, "user-workload monitoring")
        return
    for resource, kind, namespace, name in _wanted(wanted):
        subject = f"{kind} {namespace}/{name}"
        if why := _why_unread(snapshot, resource):
            yield unknown(RUNNING, subject, why, _PATH)
            continue
        item = snapshot.get(resource, namespace, name)
        yield failed(RUNNING, subject, "it is not there", _PATH, MISSING) if item is None else _available(item, subject)


def stack_waits(wanted: UserWorkloadWanted, snapshot: PlatformSnapshot) -> tuple[Wait, ...]:
    """What has to come up once it is switched on; of kinds that are not known nobody can wait for anything."""
    there = [found for found in _wanted(wanted) if snapshot.known(found[0])] if wanted.enabled else []
    refs = [Named(_API, kind, namespace, name) for _resource, kind, namespace, name in there]
    return tuple(Wait(ref.text, PART, LAYER, ref, _MINUTES) for ref in refs)


def _wanted(wanted: UserWorkloadWanted) -> tuple[tuple[str, str, str, str], ...]:
    """Resource, kind, namespace and name of what has to run."""
    sends = _SENDS.get(wanted.alertmanager)
    return (_SCRAPES, _EVALUATES, sends) if sends else (_SCRAPES, _EVALUATES)


def _available(item: ApiObject, subject: str) -> CheckFinding:
    entry = condition(item, "Available")
    if entry is None or is_behind(item, entry):
        return unknown(RUNNING, subject, "its operator has not said yet whether it is available", _PATH)
    status = str(entry.get("status"))
    if status == "True":
        return passed(RUNNING, subject, _PATH)
    message = f"Available is {status}: {text_at(entry, 'message') or text_at(entry, 'reason')}"
    return failed(RUNNING, subject, message, _PATH, evidence=seen(subject, "status.conditions[Available]", status, "True"))


# ---- rules -----------------------------------------------------------------------------------------------------------


def _read(look: WatchLook) -> Iterator[CheckFinding]:
    """Whether user-workload monitoring reads the namespaces of our rules; one that is not there yet is told with the objects."""
    names = sorted({namespace_of(each.object) for each in look.rules if each.object.get("kind") == PROMETHEUS_RULE[1]})
    if not names:
        yield not_asked(RULES_READ, "namespaces of rules", "no rules are wanted")
    for name in names:
        subject, labels = f"namespace {name}", look.labels_of(name)
        if not look.snapshot.known(NAMESPACES):
            yield unknown(RULES_READ, subject, look.snapshot.why_not(NAMESPACES))
        elif labels is None:
            yield not_asked(RULES_READ, subject, "it is not there yet")
        elif why := left_out(labels):
            yield failed(RULES_READ, subject, why, evidence=seen(subject, "metadata.labels", why, "neither label"))
        else:
            yield passed(RULES_READ, subject)


def _conflicts(look: WatchLook) -> Iterator[CheckFinding]:
    """Rules of others with an alert of a name of ours. What the operator makes of an AlertingRule is that AlertingRule."""
    ours = {key_of(each.object) for each in look.rules}
    names = {name for name in look.facts.alerts for each in look.rules if name in _alerts_of(each.object)}
    others = [(kind, item) for kind, item in _all_rules(look.snapshot) if key_of(item) not in ours and not _is_made_of_another(item)]
    doubles = {f"{kind} {id_of(item)}": sorted(names & _alerts_of(item)) for kind, item in others}
    found = [
        *(failed(CONFLICT, subject, f"it has alerts of the same name: {listed(same)}") for subject, same in doubles.items() if same),
        *_unread(CONFLICT, "rules of others", look.snapshot),
    ]
    yield from found or [passed(CONFLICT, "rules of others")]


def _unread(check: Check, subject: str, snapshot: PlatformSnapshot) -> Iterator[CheckFinding]:
    for resource in _LISTS_OF_RULES:
        if not snapshot.known(resource):
            yield unknown(check, f"{subject}: {resource}", snapshot.why_not(resource))


def _placed(look: WatchLook) -> Iterator[CheckFinding]:
    """Whether rules that say who evaluates them stand where that one can."""
    unread = list(_unread(PLACED, "rules with evaluator", look.snapshot))
    yield from unread
    found = [(kind, item) for kind, item in _all_rules(look.snapshot) if EVALUATOR in annotations_of(item)]
    for kind, item in found:
        groups = maps_at(item, "spec.groups")
        faults = list(group_faults(annotations_of(item)[EVALUATOR], namespace_of(item), groups, look.facts.records))
        subject = f"{kind} {id_of(item)}"
        yield failed(PLACED, subject, "; ".join(faults)) if faults else passed(PLACED, subject)
    if not found and not unread:
        yield not_asked(PLACED, "rules with evaluator", "no rules on the cluster say who evaluates them")


def _all_rules(snapshot: PlatformSnapshot) -> Sequence[tuple[str, ApiObject]]:
    return [(kind, item) for resource, kind in _RULE_KINDS for item in snapshot.all(resource)]


def _alerts_of(item: ApiObject) -> set[str]:
    return {text_at(rule, "alert") for group in maps_at(item, "spec.groups") for rule in maps_at(group, "rules")} - {""}


def _is_made_of_another(item: ApiObject) -> bool:
    """Whether it was made of an AlertingRule (openshift/cluster-monitoring-operator, pkg/alert/rule_controller.go)."""
    return any(text_at(owner, "kind") == ALERTING_RULE[1] for owner in maps_at(item, "metadata.ownerReferences"))
