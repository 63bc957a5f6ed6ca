# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the monitoring part on its configuration and its rules."""

from __future__ import annotations

from typing import Final

from ...common.findings import CRITICAL, WARNING
from ..checks import Check

PART: Final = "monitoring"
LAYER: Final = "monitoring"
_CONFIG: Final = "Cluster Monitoring Operator, config.yaml of its ConfigMaps"
_OPERATOR: Final = "Prometheus operator, monitoring.coreos.com/v1 PrometheusRule"


def _check(name: str, title: str, remedy: str, source: str, severity: str = CRITICAL, *, refuses: bool = False) -> Check:
    return Check(f"platform.{PART}.{name}", PART, LAYER, title, remedy, source, severity, refuses)


OBJECT: Final = _check(
    "object",
    "Rules, routes and dashboards are as the document asks for them",
    "apply the document, or see what the server refuses",
    "comparison by a dry run of the API server",
)
CONFIG_ENTRY: Final = _check(
    "config.entry",
    "A setting of monitoring's ConfigMaps is as the document has it",
    "apply the document, or see who else writes the ConfigMap",
    _CONFIG,
)
CONFIG_READABLE: Final = _check(
    "config.readable",
    "The config.yaml of monitoring's ConfigMaps is YAML that can be added to",
    "mend it: the monitoring operator does not take it either",
    _CONFIG,
    refuses=True,
)
USER_WORKLOAD: Final = _check(
    "user_workload.enabled",
    "User-workload monitoring is switched on, and rules of our namespace see all namespaces",
    "set monitoring.user_workload.enabled in the document, or the settings in both ConfigMaps",
    _CONFIG,
)
CONFIG_VERSION: Final = _check(
    "config.version",
    "OpenShift knows the setting that lets rules of our namespace see all namespaces",
    "update OpenShift to 4.18 or later; until then leave user_workload.enabled false, and have rules evaluated in namespaces of tenants",
    "OpenShift 4.18 release notes; Cluster Monitoring Operator, namespacesWithoutLabelEnforcement",
    refuses=True,
)
CONFIG_PROFILE: Final = _check(
    "config.profile",
    "The platform's Prometheus collects all metrics that the collection's rules read",
    "set prometheusK8s.collectionProfile to full, or take it out: alerts on metrics that are not collected stay silent",
    "Cluster Monitoring Operator, collection profiles",
    WARNING,
)
TENANT_THERE: Final = _check(
    "tenants.there",
    "The namespace of a tenant is there, so that its alerts can be put into it",
    "create the namespace and run it again",
    "document, monitoring.tenants",
)
TENANT_OWNER: Final = _check(
    "tenants.owner",
    "It is known who answers for a tenant's namespace",
    "name the owner in monitoring.tenants, or label the namespace readiness.groundwork.io/owner",
    "document, monitoring.tenants",
)
RULES_PROMQL: Final = _check(
    "rules.promql",
    "Prometheus takes the expressions of the document's own rules",
    "correct the expression",
    "promtool check rules; else the admission of the monitoring operator",
    refuses=True,
)
RULES_ROUTED: Final = _check(
    "rules.labels",
    "Alerts of the document's own rules bear what routes go by: severity, owner, for the platform its namespace",
    "give the rule the labels severity and owner, and one for the platform namespace: groundwork-readiness-monitoring",
    _OPERATOR,
    WARNING,
)

CHECKS: Final[tuple[Check, ...]] = (
    OBJECT,
    CONFIG_ENTRY,
    CONFIG_READABLE,
    CONFIG_VERSION,
    CONFIG_PROFILE,
    USER_WORKLOAD,
    TENANT_THERE,
    TENANT_OWNER,
    RULES_PROMQL,
    RULES_ROUTED,
)
