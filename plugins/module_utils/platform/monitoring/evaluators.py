# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which rules may stand where.

Rules of user-workload monitoring are evaluated with a matcher for their own namespace in every selector, unless their namespace is
one without label enforcement; an AlertingRule holds no recording rules, and the platform's Prometheus knows none of ours (openshift
documentation, Monitoring; prometheus-operator, enforcedNamespaceLabel).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ...common.owned_fields import ApiObject
from ...common.write_findings import LABEL_PREFIX
from ..desired.monitoring import ENFORCED, EVALUATORS, OPEN, PLATFORM
from .facts import RecordFacts, RuleFacts

MONITORING_NAMESPACE: Final = "groundwork-readiness-monitoring"
"""Our namespace; it is one of namespacesWithoutLabelEnforcement."""

PLATFORM_NAMESPACE: Final = "openshift-monitoring"
PLACES: Final[Mapping[str, str]] = {OPEN: MONITORING_NAMESPACE, PLATFORM: PLATFORM_NAMESPACE}
"""Evaluator to the one namespace that its rules stand in; those of a tenant stand in the tenant's."""

EVALUATOR: Final = f"{LABEL_PREFIX}evaluator"
"""Annotation of an object with rules: who evaluates its groups."""

SYSTEM_PREFIXES: Final = ("openshift-", "kube-")
_CLUSTER_WIDE: Final = re.compile(r"(kube_node_|node_|gpu_operator_|kueue_(?!local_queue_)|machine_|etcd_|apiserver_|cluster:).*")
"""Series that are not of the namespace that they tell about, or of none."""

_OPERATORS: Final = ("and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool", "atan2")
_AGGREGATIONS: Final = ("sum", "min", "max", "avg", "group", "stddev", "stdvar", "count", "count_values", "bottomk", "topk", "quantile")
_KEYWORDS: Final = frozenset((*_OPERATORS, *_AGGREGATIONS, "limitk", "limit_ratio", "inf", "nan", "start", "end"))
_TOKEN: Final = re.compile(
    r"(?P<string>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`)"
    r"|(?P<range>\[[^\]]*\])"
    r"|(?P<labels>\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\))"
    r"|(?P<open>\{)|(?P<close>\})"
    r"|(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)(?P<call>\s*\()?"
    r"|(?P<number>[0-9][0-9A-Za-z_.]*)"
    r"|(?P<operator>=~|!~|!=|=)"
    r"|(?P<other>.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Matcher:
    """One matcher of a selector."""

    label: str
    operator: str
    value: str


def series_of(expr: str) -> frozenset[str]:
    """Names of the series that an expression reads. It has to be one that Prometheus takes: nothing else is judged here."""
    return frozenset(name for name, _matchers in _selectors(expr) if name)


def matchers_of(expr: str) -> tuple[Matcher, ...]:
    """All matchers of an expression, in their order."""
    return tuple(matcher for _name, matchers in _selectors(expr) for matcher in matchers)


def _selectors(expr: str) -> Iterator[tuple[str, tuple[Matcher, ...]]]:
    """Each selector: its name, empty where it has none, and its matchers."""
    name, inside = "", False
    parts: list[str] = []
    for token in _TOKEN.finditer(expr):
        kind = token.lastgroup or ""
        if inside:
            if kind == "close":
                inside = False
                yield name, tuple(_matchers(parts))
                name, parts = "", []
            elif kind != "other":
                parts.append(token.group().strip())
        elif kind == "open":
            inside = True
        elif token.group().strip():
            if name:
                yield name, ()
            name = token["name"] if token["name"] and not token["call"] and token["name"].lower() not in _KEYWORDS else ""
    if name:
        yield name, ()


def _matchers(parts: Sequence[str]) -> Iterator[Matcher]:
    for position in range(0, len(parts) - 2, 3):
        label, operator, value = parts[position : position + 3]
        yield Matcher(label, operator, value[1:-1])


def known_series(facts: RuleFacts) -> frozenset[str]:
    """All series that the rules record or read: what a dashboard may ask for."""
    read = [series_of(record.expr) for record in facts.records.values()]
    read += [series_of(condition.value) for alert in facts.alerts.values() for condition in alert.conditions]
    return frozenset(record.record for record in facts.records.values()).union(*read)


# ---- faults ----------------------------------------------------------------------------------------------------------


def group_faults(evaluator: str, namespace: str, groups: Iterable[ApiObject], records: Mapping[str, RecordFacts]) -> Iterator[str]:
    """Why groups may not stand in that namespace with that evaluator; each with the rule that is at fault."""
    ours = frozenset(facts.record for facts in records.values())
    if evaluator not in EVALUATORS:
        yield f"{evaluator or 'no'} evaluator: it has to be one of {', '.join(EVALUATORS)}"
        return
    yield from _namespace_faults(evaluator, namespace)
    for group in groups:
        for rule in group.get("rules", ()):
            name = rule.get("alert") or rule.get("record") or ""
            yield from (f"{group.get('name')}/{name}: {fault}" for fault in _rule_faults(evaluator, namespace, rule, ours))


def _namespace_faults(evaluator: str, namespace: str) -> Iterator[str]:
    of_platform = namespace.startswith(SYSTEM_PREFIXES)
    if evaluator == PLATFORM and namespace != PLATFORM_NAMESPACE:
        yield f"rules of the platform's Prometheus stand in {PLATFORM_NAMESPACE}, not in {namespace}"
    if evaluator == OPEN and namespace != MONITORING_NAMESPACE:
        yield f"rules that see every namespace stand in {MONITORING_NAMESPACE}, which is without label enforcement, not in {namespace}"
    if evaluator == ENFORCED and (of_platform or namespace == MONITORING_NAMESPACE):
        yield f"rules of a tenant stand in the tenant's namespace, not in {namespace}"


def _rule_faults(evaluator: str, namespace: str, rule: ApiObject, ours: frozenset[str]) -> Iterator[str]:
    expr = str(rule.get("expr", ""))
    read = series_of(expr)
    if evaluator == PLATFORM:
        if "record" in rule:
            yield "an AlertingRule holds no recording rules"
        for name in sorted(read & ours):
            yield f"{name} is recorded by user-workload monitoring; the platform's Prometheus does not have it"
    if evaluator == ENFORCED:
        for matcher in matchers_of(expr):
            if matcher.label == "namespace" and (matcher.operator, matcher.value) != ("=", namespace):
                text = f'namespace{matcher.operator}"{matcher.value}"'
                yield f"{text} is asked for, but the rule sees {namespace} only: the matcher is replaced"
        for name in sorted(read):
            if _CLUSTER_WIDE.fullmatch(name):
                yield f"{name} is not of a namespace: the rule would never see it"
