# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that hold the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ..desired.monitoring import ENFORCED, OPEN, PLATFORM
from ..parts import OPERANDS, WantedObject
from .check_list import LAYER, PART
from .evaluators import EVALUATOR, MONITORING_NAMESPACE, PLACES
from .facts import RuleFacts
from .rules import RuleSettings, alert_groups, record_groups, settings_in

PREFIX: Final = "groundwork-readiness"
PROMETHEUS_RULE: Final = ("monitoring.coreos.com/v1", "PrometheusRule")
ALERTING_RULE: Final = ("monitoring.openshift.io/v1", "AlertingRule")
_RECORDS: Final = "records"


def rule_objects(facts: RuleFacts, settings: RuleSettings, path: str) -> tuple[WantedObject, ...]:
    """All objects with rules, sorted: for each evaluator and namespace one for each group of alerts, and one with all records.

    `path` is the place in the document that asks for them. Settings have to be without faults.
    """
    alerts = tuple(facts.alerts.values())
    places = [(PROMETHEUS_RULE, PLACES[OPEN], OPEN, ""), (ALERTING_RULE, PLACES[PLATFORM], PLATFORM, "")]
    places += [(PROMETHEUS_RULE, namespace, ENFORCED, tenant.owner) for namespace, tenant in sorted(settings.tenants.items())]
    objects = [_object(PROMETHEUS_RULE, MONITORING_NAMESPACE, _RECORDS, record_groups(facts.records.values()), OPEN, path)]
    objects += [
        _object(kind, namespace, group["name"], (group,), evaluator, path)
        for kind, namespace, evaluator, owner in places
        for group in alert_groups(alerts, evaluator, settings_in(namespace, settings), owner)
    ]
    return tuple(objects)


def _object(kind: tuple[str, str], namespace: str, name: str, groups: Sequence[ApiObject], evaluator: str, path: str) -> WantedObject:
    metadata: dict[str, Any] = {"name": f"{PREFIX}-{name}", "namespace": namespace, "annotations": {EVALUATOR: evaluator}}
    item = {"apiVersion": kind[0], "kind": kind[1], "metadata": metadata, "spec": {"groups": list(groups)}}
    return WantedObject(item, PART, LAYER, path, OPERANDS)
