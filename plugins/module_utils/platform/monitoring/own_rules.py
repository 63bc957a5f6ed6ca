# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Further rules of the document: their objects, and whether Prometheus takes their expressions.

An expression is judged by promtool where the run has it. Else the API server is asked, whose monitoring operator may judge rules at
admission: it does where it refuses an expression that is none, which is tried first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ...common.findings import CheckFinding
from ...common.owned_fields import ApiObject
from ..desired.monitoring import ENFORCED, PLATFORM, TEAM, Monitoring, RulesWanted
from ..parts import OPERANDS, WantedObject
from ..probes import Probe, Tried
from ..snapshot import PlatformSnapshot
from ..verdicts import failed, not_asked, passed, unknown
from .check_list import LAYER, PART, RULES_PROMQL, RULES_ROUTED
from .evaluators import EVALUATOR, MONITORING_NAMESPACE, PLACES, PLATFORM_NAMESPACE
from .objects import ALERTING_RULE, PROMETHEUS_RULE
from .promql import PromqlSeen
from .readings import NAMESPACES

CONTROL: Final = "an expression that is none"
"""Subject of the probe that has to be refused where expressions are judged."""

_PROBE_NAME: Final = "readiness-probe"
_ROUTED_BY: Final = ("owner", "severity")
_REMEDY: Final = "install promtool where the module runs, or name it with readiness_promtool"


def place_of(rules: RulesWanted) -> str:
    """Namespace of the object that holds them."""
    return PLACES.get(rules.evaluator, rules.namespace)


def subject_of(rules: RulesWanted) -> str:
    """`namespace/name` of the object that holds them."""
    return f"{place_of(rules)}/{rules.name}"


def own_objects(wanted: Monitoring) -> tuple[WantedObject, ...]:
    """The objects that hold the document's rules."""
    return tuple(
        WantedObject(_object(rules, rules.name), PART, LAYER, f"monitoring.rules[{number}]", OPERANDS)
        for number, rules in enumerate(wanted.rules)
    )


def own_findings(wanted: Monitoring, seen: PromqlSeen | None) -> Iterator[CheckFinding]:
    """What promtool said, where it could be asked; and whether routes can tell whom the alerts are for."""
    for number, rules in enumerate(wanted.rules):
        path = f"monitoring.rules[{number}]"
        yield from _promql(rules, path, seen)
        yield from _routed(rules, path)
    if not wanted.rules:
        yield from (not_asked(check, "rules") for check in (RULES_PROMQL, RULES_ROUTED))


def rule_probes(wanted: Monitoring | None, seen: PromqlSeen | None, snapshot: PlatformSnapshot) -> tuple[Probe, ...]:
    """What the API server is asked where promtool could not be: each object under another name, and one that has to be refused.

    Before the first run the namespace of the rules is not there. Then they are tried in that of the platform's monitoring: an
    expression is judged alike in both.
    """
    if wanted is None or (seen is not None and seen.judged) or not wanted.rules:
        return ()
    asked = [
        Probe(subject_of(rules), _tried(rules, f"{_PROBE_NAME}-{number}", snapshot), f"monitoring.rules[{number}]")
        for number, rules in enumerate(wanted.rules)
    ]
    broken = {"name": _PROBE_NAME, "rules": [{"record": "readiness:probe", "expr": "sum("}]}
    control = RulesWanted(name=_PROBE_NAME, groups=(broken,))
    return (Probe(CONTROL, _tried(control, _PROBE_NAME, snapshot), "monitoring.rules"), *asked)


def judged(asked: Sequence[Probe], answers: Mapping[str, Tried], seen: PromqlSeen | None = None) -> Iterator[CheckFinding]:
    """What the answers mean, by the subject of their probes. A server that takes an expression that is none judges nothing.

    `seen` is what promtool said, which is why it is of no help.
    """
    if not asked:
        return
    helpless = f"promtool judged nothing: {seen.reason}" if seen is not None and seen.reason else "promtool is not at hand"
    control = answers.get(CONTROL) or Tried(False, reason="the API server was not asked")
    for probe in asked:
        if probe.subject == CONTROL:
            continue
        answer = answers.get(probe.subject) or Tried(False, reason="the API server was not asked")
        if reason := control.reason or answer.reason:
            yield unknown(RULES_PROMQL, probe.subject, f"{helpless}, and {reason}", probe.path, _REMEDY)
        elif control.accepted:
            yield unknown(RULES_PROMQL, probe.subject, f"{helpless}, and the API server takes expressions unread", probe.path, _REMEDY)
        elif answer.accepted:
            yield passed(RULES_PROMQL, probe.subject, probe.path, "judged by the API server's admission")
        else:
            yield failed(RULES_PROMQL, probe.subject, answer.message or "the API server refused it", probe.path)


def _promql(rules: RulesWanted, path: str, seen: PromqlSeen | None) -> Iterator[CheckFinding]:
    if seen is None or not seen.judged:
        return
    faults = seen.faults.get(subject_of(rules))
    if faults is None:
        yield unknown(RULES_PROMQL, subject_of(rules), "promtool was not asked", path, _REMEDY)
    elif faults:
        yield failed(RULES_PROMQL, subject_of(rules), "; ".join(faults), path)
    else:
        yield passed(RULES_PROMQL, subject_of(rules), path, "judged by promtool")


def _routed(rules: RulesWanted, path: str) -> Iterator[CheckFinding]:
    lacking = [
        f"{rule['alert']} lacks {lack}"
        for group in rules.groups
        for rule in group["rules"]
        if "alert" in rule and (lack := _lack(rules.evaluator, _labels(group, rule)))
    ]
    if lacking:
        yield failed(RULES_ROUTED, subject_of(rules), "; ".join(lacking), path)
    else:
        yield passed(RULES_ROUTED, subject_of(rules), path)


def _lack(evaluator: str, labels: Mapping[str, str]) -> str:
    """What routes need of an alert and its rule does not give; empty for nothing."""
    missing = [label for label in _ROUTED_BY if label not in labels]
    # The platform's routes stand in our namespace, and see what bears its name.
    if evaluator != ENFORCED and labels.get("owner") == TEAM and labels.get("namespace") != MONITORING_NAMESPACE:
        missing.append(f"namespace: {MONITORING_NAMESPACE}")
    return " and ".join(missing)


def _labels(group: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, str]:
    return {**(group.get("labels") or {}), **(rule.get("labels") or {})}


def _tried(rules: RulesWanted, name: str, snapshot: PlatformSnapshot) -> ApiObject:
    """The object of rules under another name, in a namespace that is there."""
    item = _object(rules, name)
    place = place_of(rules)
    if snapshot.known(NAMESPACES) and snapshot.get(NAMESPACES, "", place) is None:
        place = PLATFORM_NAMESPACE
    return {**item, "metadata": {**item["metadata"], "namespace": place}}


def _object(rules: RulesWanted, name: str) -> ApiObject:
    api_version, kind = ALERTING_RULE if rules.evaluator == PLATFORM else PROMETHEUS_RULE
    metadata = {"name": name, "namespace": place_of(rules), "annotations": {EVALUATOR: rules.evaluator}}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": {"groups": [dict(group) for group in rules.groups]}}
