# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the section `monitoring` cannot mean: alerts and numbers that nobody knows, rules where nobody would evaluate them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..catalogue import Catalogue
from ..monitoring.dashboards import dashboard_faults
from ..monitoring.evaluators import MONITORING_NAMESPACE, group_faults
from ..monitoring.facts import AlertFacts, ParameterFacts
from ..monitoring.objects import PREFIX
from ..monitoring.own_rules import place_of
from ..monitoring.routes import route_faults
from ..monitoring.rules import number_text
from .keys import ABSENT
from .monitoring import ENFORCED, AlertWanted, Monitoring, RulesWanted, TenantWanted
from .rules import Fault, fault, leads_nowhere, of_the_system, used_twice
from .shape import Path

_RULE_KEYS: Final = ("alert", "annotations", "expr", "for", "keep_firing_for", "labels", "record")
_GROUP_KEYS: Final = ("interval", "labels", "limit", "name", "partial_response_strategy", "query_offset", "rules")
_DURATIONS: Final = re.compile(r"0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?")
"""A length of time as PrometheusRule has it (monitoring.coreos.com/v1, type Duration)."""

_SECTION: Final[Path] = ("monitoring",)


def monitoring_faults(section: Monitoring, catalogue: Catalogue) -> Iterator[Fault]:
    """Every fault of the section."""
    yield from _alerts((*_SECTION, "alerts"), section.alerts, catalogue.monitoring_alerts)
    yield from _tenants(section.tenants, catalogue.monitoring_alerts)
    yield from _own_rules(section.rules, catalogue)
    yield from route_faults(section)
    yield from dashboard_faults(section.dashboards, catalogue.monitoring_dashboards)


# ---- alerts of the collection ----------------------------------------------------------------------------------------


def _alerts(path: Path, wanted: Mapping[str, AlertWanted], known: Mapping[str, AlertFacts]) -> Iterator[Fault]:
    for name, alert in sorted(wanted.items()):
        place = (*path, name)
        yield from leads_nowhere(place, name, known, "alert of the collection, see docs/runbooks.md")
        if name not in known:
            continue
        if alert.state == ABSENT and (alert.hold or alert.parameters):
            yield fault(place, "is left out and set otherwise as well", "leave out either state or the rest")
        for parameter, value in sorted(alert.parameters.items()):
            yield from _parameter((*place, "parameters", parameter), parameter, value, known[name].parameters)


def _parameter(path: Path, name: str, value: float, known: Mapping[str, ParameterFacts]) -> Iterator[Fault]:
    settable = {other: facts for other, facts in known.items() if not facts.fixed}
    if name not in settable:
        remedy = f"what can be set is {', '.join(sorted(settable))}" if settable else "none of its numbers can be set"
        yield fault(path, "is no number of this alert that can be set", remedy)
        return
    facts = settable[name]
    if not facts.least <= value <= facts.most:
        bounds = f"give a number from {number_text(facts.least)} to {number_text(facts.most)} {facts.unit}"
        yield fault(path, f"is {number_text(value)}", bounds)


# ---- tenants ---------------------------------------------------------------------------------------------------------


def _tenants(tenants: Sequence[TenantWanted], known: Mapping[str, AlertFacts]) -> Iterator[Fault]:
    path = (*_SECTION, "tenants")
    yield from used_twice(((*path, number, "namespace"), tenant.namespace) for number, tenant in enumerate(tenants))
    enforced = {name: facts for name, facts in known.items() if facts.evaluator == ENFORCED}
    for number, tenant in enumerate(tenants):
        place = (*path, number)
        yield from of_the_system((*place, "namespace"), tenant.namespace, ())
        if tenant.namespace == MONITORING_NAMESPACE:
            yield fault((*place, "namespace"), "is the collection's own namespace", "name the namespace of a team")
        for name in sorted(set(tenant.alerts) & set(known) - set(enforced)):
            remedy = f"set it in monitoring.alerts; in a namespace are {', '.join(sorted(enforced))}"
            yield fault((*place, "alerts", name), "is not evaluated in a tenant's namespace", remedy)
        told = {name: alert for name, alert in tenant.alerts.items() if name in enforced or name not in known}
        yield from _alerts((*place, "alerts"), told, known)


# ---- further rules ---------------------------------------------------------------------------------------------------


def _own_rules(wanted: Sequence[RulesWanted], catalogue: Catalogue) -> Iterator[Fault]:
    path = (*_SECTION, "rules")
    names = [((*path, number, "name"), f"{place_of(rules)}/{rules.name}") for number, rules in enumerate(wanted)]
    yield from used_twice(names)
    for number, rules in enumerate(wanted):
        place = (*path, number)
        if rules.name.startswith(PREFIX):
            yield fault((*place, "name"), f"is {rules.name!r}, as names of the collection's own rules begin", "choose another name")
        if (rules.evaluator == ENFORCED) != bool(rules.namespace):
            words = "is missing" if rules.evaluator == ENFORCED else f"is given, and rules with evaluator {rules.evaluator} have theirs"
            remedy = "name the tenant's namespace" if rules.evaluator == ENFORCED else f"leave it out: it is {place_of(rules)}"
            yield fault((*place, "namespace"), words, remedy)
        shaped = list(_groups((*place, "groups"), rules.groups))
        yield from shaped
        if not shaped and place_of(rules):
            placed = group_faults(rules.evaluator, place_of(rules), rules.groups, catalogue.monitoring_records)
            yield from (fault((*place, "groups"), f"cannot stand there: {words}", "choose another evaluator") for words in placed)


def _groups(path: Path, groups: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    if not groups:
        yield fault(path, "is empty", "give at least one group")
    yield from used_twice(((*path, number, "name"), str(group.get("name") or "")) for number, group in enumerate(groups))
    for number, group in enumerate(groups):
        place = (*path, number)
        yield from _keys(place, group, _GROUP_KEYS, "group")
        if not _is_text(group.get("name")):
            yield fault((*place, "name"), "is missing, or no text", "name the group")
        yield from _duration((*place, "interval"), group.get("interval"))
        rules = group.get("rules")
        if not isinstance(rules, Sequence) or isinstance(rules, str) or not rules:
            yield fault((*place, "rules"), "is no list with rules", "give at least one rule")
            continue
        for position, rule in enumerate(rules):
            yield from _rule((*place, "rules", position), rule)


def _rule(path: Path, rule: object) -> Iterator[Fault]:
    if not isinstance(rule, Mapping):
        yield fault(path, "is no mapping", "write a rule with alert or record, and expr")
        return
    yield from _keys(path, rule, _RULE_KEYS, "rule")
    kinds = [kind for kind in ("alert", "record") if rule.get(kind) is not None]
    if len(kinds) != 1 or not _is_text(rule[kinds[0]]):
        yield fault(path, "names no alert and no record, or both", "name one of them, as text")
    if not _is_text(rule.get("expr")):
        yield fault((*path, "expr"), "is missing, or no text", "write the expression as text, in quotes")
    for key in ("for", "keep_firing_for"):
        if key in rule and "record" in rule:
            yield fault((*path, key), "is given for a recording rule", "leave it out")
        yield from _duration((*path, key), rule.get(key))
    for key in ("labels", "annotations"):
        values = rule.get(key, {})
        if not isinstance(values, Mapping) or not all(isinstance(value, str) for value in (*values, *values.values())):
            yield fault((*path, key), "is no mapping of texts", "write each value as text, in quotes")


def _keys(path: Path, given: Mapping[str, Any], known: Sequence[str], what: str) -> Iterator[Fault]:
    for key in sorted(set(map(str, given)) - set(known)):
        yield from leads_nowhere((*path, key), key, known, f"key of a {what}")


def _duration(path: Path, value: object) -> Iterator[Fault]:
    if value is not None and not (isinstance(value, str) and value and _DURATIONS.fullmatch(value)):
        yield fault(path, f"is {value!r}, which is no length of time", "write it as 30s, 5m or 1h")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
