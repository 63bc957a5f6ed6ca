# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules as Prometheus takes them, made from the facts and from what the document sets otherwise.

An expression is put together from the parts that the facts name: nothing of the document becomes text of an expression or of an
annotation but numbers and lengths of time that were judged first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ..desired.monitoring import ENFORCED, TEAM
from .evaluators import MONITORING_NAMESPACE
from .facts import COMMON_LABELS, EXPORTERS, NAMESPACE, AlertFacts, Exporter, RecordFacts

NODE_OF_POD: Final = 'topk by (namespace, pod) (1, max by (namespace, node, pod) (kube_pod_info{node!=""}))'
"""Node of each pod. An exporter's series bear a pod of the device's node whatever their own labels say: the exporter, or who uses it."""

OWNERS_OF_NAMESPACES: Final = "namespace:owner:info"
"""Series that tells the owner of each namespace; it is one of the records."""

RUNBOOKS: Final = "docs/runbooks.md"
OWNER: Final = "owner"
"""Label of an alert that names the team that it is for."""

WORKLOAD_NAMESPACE: Final = "workload_namespace"
"""Label of an alert that names the namespace that it is about."""

_PARAMETER: Final = re.compile(r"\$\{([a-z_]+)\}")
_SECONDS: Final[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class TenantRules:
    """Who answers for a namespace that gets the alerts of tenants, and what the document sets otherwise for it alone.

    Numbers and holds go before those of the section; what is left out there is left out here as well.
    """

    owner: str
    parameters: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """alert to parameter to number"""
    holds: Mapping[str, str] = field(default_factory=dict)
    """alert to how long its conditions have to hold"""
    left_out: tuple[str, ...] = ()
    """alerts that are not wanted in this namespace"""


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """What a document sets otherwise than the facts."""

    parameters: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """alert to parameter to number"""
    holds: Mapping[str, str] = field(default_factory=dict)
    """alert to how long its conditions have to hold"""
    left_out: tuple[str, ...] = ()
    """alerts that are not wanted"""
    tenants: Mapping[str, TenantRules] = field(default_factory=dict)
    """namespace that gets the alerts of tenants to whom they are for, and what is other in it"""
    runbooks: str = RUNBOOKS
    """page of the runbooks; an alert's name in lower case is the anchor"""


def settings_in(namespace: str, settings: RuleSettings) -> RuleSettings:
    """What holds in the namespace of a tenant: its own numbers before those of the section; elsewhere those of the section."""
    own = settings.tenants.get(namespace)
    if own is None:
        return settings
    names = sorted({*settings.parameters, *own.parameters})
    return replace(
        settings,
        parameters={name: {**settings.parameters.get(name, {}), **own.parameters.get(name, {})} for name in names},
        holds={**settings.holds, **own.holds},
        left_out=tuple(sorted({*settings.left_out, *own.left_out})),
    )


# ---- numbers ---------------------------------------------------------------------------------------------------------


def number_text(value: float) -> str:
    """A number as expressions have it: exact, without an exponent where none is needed."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def seconds_of(duration: str) -> int:
    """A length of time such as 30m in seconds."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


def parameters_of(alert: AlertFacts, settings: RuleSettings) -> dict[str, float]:
    """The numbers that an alert compares with: those of the document before the shipped ones."""
    given = settings.parameters.get(alert.name, {})
    return {name: facts.default if facts.fixed else given.get(name, facts.default) for name, facts in sorted(alert.parameters.items())}


def hold_of(alert: AlertFacts, settings: RuleSettings) -> str:
    """How long the conditions have to hold."""
    return settings.holds.get(alert.name, alert.hold)


def filled(text: str, numbers: Mapping[str, float]) -> str:
    """A shipped text with its numbers in place; what is no parameter stays as it is."""
    return _PARAMETER.sub(lambda found: number_text(numbers[found[1]]) if found[1] in numbers else found[0], text)


def parameters_in(text: str) -> frozenset[str]:
    """Names of the parameters that a shipped text has."""
    return frozenset(_PARAMETER.findall(text))


# ---- recording rules -------------------------------------------------------------------------------------------------


def observed(value: str, exporter: Exporter, further: Mapping[str, str]) -> str:
    """A value of an exporter's series with the common labels: model, device, partition, node, and who uses it, if anybody does.

    `further` are labels that only this series has, each with the exporter's.
    """
    text = f"({value}) * on (namespace, pod) group_left (node) {NODE_OF_POD}"
    # Namespace before pod: the pod tells whether both are the exporter's own.
    for own in ("namespace", "pod"):
        text = f'label_replace({text}, "{own}", "", "pod", "{exporter.own_pods}")'
    if exporter.model:
        text = f'label_replace({text}, "model", "{exporter.model}", "", "")'
    for label, source in [*exporter.labels.items(), *sorted(further.items())]:
        text = f'label_replace({text}, "{label}", "$1", "{source}", "(.+)")'
    return f"max by ({', '.join(sorted([*COMMON_LABELS, *further]))}) ({text})"


def record_rule(facts: RecordFacts) -> ApiObject:
    """A recording rule."""
    if not facts.vendor:
        return {"record": facts.record, "expr": facts.expr}
    expr = observed(facts.expr, EXPORTERS[facts.vendor], facts.labels)
    return {"record": facts.record, "expr": expr, "labels": {"vendor": facts.vendor}}


# ---- alerts ----------------------------------------------------------------------------------------------------------


def condition_values(alert: AlertFacts, settings: RuleSettings) -> tuple[str, ...]:
    """What each condition looks at, not compared with anything."""
    numbers = parameters_of(alert, settings)
    return tuple(filled(condition.value, numbers) for condition in alert.conditions)


def expression(alert: AlertFacts, settings: RuleSettings) -> str:
    """All conditions of an alert; of one that is for the owner of a namespace each result says who that is."""
    numbers = parameters_of(alert, settings)
    texts = [
        f"({filled(condition.value, numbers)}) {condition.comparator} {number_text(numbers[condition.threshold])}"
        for condition in alert.conditions
    ]
    text = f" and on ({', '.join(alert.labels)}) ".join(texts)
    if alert.owner == NAMESPACE and alert.evaluator != ENFORCED:
        text = f"({text}) * on (namespace) group_left ({OWNER}) {OWNERS_OF_NAMESPACES}"
    return text


def runbook(alert: AlertFacts, settings: RuleSettings) -> str:
    """Where the alert's page is."""
    return f"{settings.runbooks}#{alert.name.lower()}"


def runbook_annotation(settings: RuleSettings) -> str:
    """Name of the annotation that leads to the page: consoles make a link of runbook_url, which a path in a repository is none for."""
    return "runbook_url" if settings.runbooks.lower().startswith(("https://", "http://")) else "runbook"


def namespace_labels(alert: AlertFacts) -> dict[str, str]:
    """The labels that say in which namespace an alert is routed, and which one it is about; as templates where the series tell.

    An AlertmanagerConfig sees alerts with the label namespace of its own namespace and no others (prometheus-operator,
    pkg/alertmanager/amcfg.go, namespaceEnforcer). So what is for the platform's team gets the namespace in which its routes are.
    What it is about moves to a label of its own; without it, alerts on two namespaces would become one, which is an error of
    evaluation. Templates of labels see the series as it was before (prometheus, rules/alerting.go, Eval). An alert that is evaluated
    in the namespace of a tenant keeps that one: it is enforced.
    """
    if alert.evaluator == ENFORCED:
        return {}
    about = "{{ $labels.namespace }}"
    kept = {WORKLOAD_NAMESPACE: about} if NAMESPACE in alert.labels else {}
    if alert.owner != NAMESPACE:
        return {NAMESPACE: MONITORING_NAMESPACE, **kept}
    placed = f'{{{{ if eq $labels.{OWNER} "{TEAM}" }}}}{MONITORING_NAMESPACE}{{{{ else }}}}{about}{{{{ end }}}}'
    return {NAMESPACE: placed, **kept}


def alert_labels(alert: AlertFacts) -> tuple[str, ...]:
    """Names of the labels that an alert fires with, sorted; one whose value is empty is not there."""
    return tuple(sorted({*alert.labels, *namespace_labels(alert), "alertname", OWNER, "severity"}))


def alert_rule(alert: AlertFacts, settings: RuleSettings, owner: str = "") -> ApiObject:
    """An alerting rule; `owner` is that of the namespace that it is put into, where it is one of tenants."""
    numbers = parameters_of(alert, settings)
    labels = {**namespace_labels(alert), "severity": alert.severity}
    if owner or alert.owner != NAMESPACE:
        labels[OWNER] = owner or alert.owner
    annotations = {
        "description": filled(alert.description, numbers),
        runbook_annotation(settings): runbook(alert, settings),
        "summary": filled(alert.summary, numbers),
    }
    rule: dict[str, Any] = {"alert": alert.name, "expr": expression(alert, settings), "for": hold_of(alert, settings)}
    return {**rule, "labels": dict(sorted(labels.items())), "annotations": annotations}


# ---- groups ----------------------------------------------------------------------------------------------------------


def record_groups(records: Iterable[RecordFacts]) -> tuple[ApiObject, ...]:
    """All recording rules, a group for each vendor and one for what Kubernetes itself tells, in a fixed order."""
    by_vendor: dict[str, list[RecordFacts]] = {}
    for facts in records:
        by_vendor.setdefault(facts.vendor or "kubernetes", []).append(facts)
    return tuple(
        {
            "name": f"records-{vendor}",
            "rules": [record_rule(facts) for facts in sorted(found, key=lambda facts: (facts.record, facts.name))],
        }
        for vendor, found in sorted(by_vendor.items())
    )


def alert_groups(alerts: Iterable[AlertFacts], evaluator: str, settings: RuleSettings, owner: str = "") -> tuple[ApiObject, ...]:
    """The alerts of one evaluator that are not left out, in groups, in a fixed order."""
    by_group: dict[str, list[AlertFacts]] = {}
    for alert in alerts:
        if alert.evaluator == evaluator and alert.name not in settings.left_out:
            by_group.setdefault(alert.group, []).append(alert)
    return tuple(
        {"name": group, "rules": [alert_rule(alert, settings, owner) for alert in sorted(found, key=lambda alert: alert.name)]}
        for group, found in sorted(by_group.items())
    )
