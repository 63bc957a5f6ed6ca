# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alerts of the collection in each place: whether the cluster holds them as they are wanted, and who is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...common.artifact import JsonRecord
from ...common.owned_fields import ApiObject
from ...target.objects import maps_at, name_of, namespace_of, text_at
from ..desired.keys import ABSENT
from ..desired.monitoring import ENFORCED, OPEN, PLATFORM, TEAM
from ..snapshot import PlatformSnapshot
from .check_list import PART
from .evaluators import PLACES
from .facts import NAMESPACE as OF_NAMESPACES
from .facts import AlertFacts
from .readings import ALERTING_RULES, NAMESPACES, RULES
from .records import IN_PLACE, LEFT_OUT, MISSING, NOT_EVALUATED
from .watch_look import WatchLook

_LIVE: Final[Mapping[str, str]] = {OPEN: RULES, ENFORCED: RULES, PLATFORM: ALERTING_RULES}
_COMPARED: Final = ("expr", "for", "labels")
_NOBODY_KNOWS: Final = "nobody knows which routes the alert takes"


def alert_records(look: WatchLook, told: Mapping[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]) -> tuple[JsonRecord, ...]:
    """A record of each alert in each place where it can stand: once, or in the namespace of each tenant.

    `told` has for namespace and alert who is told, and the owners who are not; an alert without an entry has both unknown.
    """
    wanted = {(namespace, text_at(rule, "alert")): (item, rule) for namespace, item, rule in _wanted_rules(look)}
    return tuple(
        _record(look, facts, namespace, wanted.get((namespace, facts.name)), told.get((namespace, facts.name)))
        for name, facts in sorted(look.facts.alerts.items())
        for namespace in _places(look, facts)
    )


def _wanted_rules(look: WatchLook) -> Iterator[tuple[str, ApiObject, Mapping[str, Any]]]:
    for each in look.rules:
        for group in maps_at(each.object, "spec.groups"):
            for rule in maps_at(group, "rules"):
                if text_at(rule, "alert") in look.facts.alerts:
                    yield namespace_of(each.object), each.object, rule


def _places(look: WatchLook, alert: AlertFacts) -> list[str]:
    place = PLACES.get(alert.evaluator)
    return [place] if place else sorted(tenant.namespace for tenant in look.wanted.tenants)


def _record(
    look: WatchLook,
    alert: AlertFacts,
    namespace: str,
    wanted: tuple[ApiObject, Mapping[str, Any]] | None,
    told: tuple[tuple[str, ...], tuple[str, ...]] | None,
) -> JsonRecord:
    state = _state(look, alert, namespace, wanted)
    record: JsonRecord = {
        "kind": "alert",
        "id": f"{namespace}/{alert.name}",
        "name": alert.name,
        "part": PART,
        "group": alert.group,
        "severity": alert.severity,
        "evaluator": alert.evaluator,
        "namespace": namespace,
        "owner": _owner(look, alert, namespace),
        "state": state,
    }
    if state == LEFT_OUT:
        return {**record, "receivers": [], "untold": []}
    if told is None:
        return {**record, "unknown": {"receivers": _NOBODY_KNOWS, "untold": _NOBODY_KNOWS}}
    return {**record, "receivers": list(told[0]), "untold": list(told[1])}


def _owner(look: WatchLook, alert: AlertFacts, namespace: str) -> str:
    """The platform's team, or that of the tenant; the word namespace where each alert is for the owner that it is about."""
    if alert.owner != OF_NAMESPACES:
        return TEAM
    return look.owners.get(namespace, OF_NAMESPACES) if alert.evaluator == ENFORCED else OF_NAMESPACES


def _state(look: WatchLook, alert: AlertFacts, namespace: str, wanted: tuple[ApiObject, Mapping[str, Any]] | None) -> str:
    if wanted is None:
        # A tenant's alerts are not worked out while its namespace is not there, or nobody knows whether it is.
        return LEFT_OUT if _is_left_out(look, alert.name, namespace) else _unless_unknown(look.snapshot, NAMESPACES)
    resource = _LIVE[alert.evaluator]
    item, rule = wanted
    live = look.snapshot.get(resource, namespace, name_of(item))
    if live is not None and any(_is_as_wanted(found, rule) for group in maps_at(live, "spec.groups") for found in maps_at(group, "rules")):
        return IN_PLACE
    return _unless_unknown(look.snapshot, resource)


def _unless_unknown(snapshot: PlatformSnapshot, resource: str) -> str:
    return MISSING if snapshot.known(resource) else NOT_EVALUATED


def _is_left_out(look: WatchLook, name: str, namespace: str) -> bool:
    settings = [look.wanted.alerts, *(tenant.alerts for tenant in look.wanted.tenants if tenant.namespace == namespace)]
    return any(name in alerts and alerts[name].state == ABSENT for alerts in settings)


def _is_as_wanted(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return live.get("alert") == wanted["alert"] and all(live.get(key) == wanted.get(key) for key in _COMPARED)
