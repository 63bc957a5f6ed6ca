# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the monitoring part on the monitoring stack itself, and on what nobody watches."""

from __future__ import annotations

from typing import Final

from ...common.findings import CRITICAL, INFORMATION, WARNING
from ..checks import Check
from .check_list import LAYER, PART

_STACK: Final = "openshift/cluster-monitoring-operator, assets; prometheus-operator, status.conditions"
_SCRAPED: Final = (
    "Prometheus operator, ServiceMonitor and PodMonitor; openshift/cluster-monitoring-operator, selectors of both Prometheuses"
)
_SERVING: Final = "kserve, pkg/constants and pkg/controller/v1alpha2/llmisvc; opendatahub-io/odh-model-controller, metrics reconcilers"
_TENANTS: Final = "document, monitoring.tenants"
_ENFORCEMENT: Final = "openshift documentation, Monitoring; prometheus-operator, enforcedNamespaceLabel"


def _check(name: str, title: str, remedy: str, source: str, severity: str = CRITICAL) -> Check:
    return Check(f"platform.{PART}.{name}", PART, LAYER, title, remedy, source, severity)


OPERATOR: Final = _check(
    "stack.operator",
    "The cluster's monitoring operator works",
    "see the conditions of ClusterOperator monitoring: they name what it cannot do",
    "config.openshift.io/v1 ClusterOperator monitoring, status.conditions",
)
RUNNING: Final = _check(
    "stack.running",
    "What scrapes user workloads, evaluates their rules and sends their alerts runs",
    "switch user-workload monitoring on; where it is, see its conditions and the pods of its namespace",
    _STACK,
)
RULES_READ: Final = _check(
    "rules.read",
    "The namespaces that hold rules of the document are read by user-workload monitoring",
    "take the label off the namespace",
    f"{_STACK}; ruleNamespaceSelector of ThanosRuler user-workload",
)
CONFLICT: Final = _check(
    "rules.conflict",
    "No rule of others bears the name of an alert of the collection",
    "leave one of the two out: with both, a silence or a route of the one hits the other",
    "Prometheus operator, PrometheusRule; monitoring.openshift.io/v1 AlertingRule",
    WARNING,
)
PLACED: Final = _check(
    "rules.placed",
    "Rules stand where their evaluator can see what they ask for",
    "move the rules, or name the evaluator that they are written for",
    _ENFORCEMENT,
)
EXPORTER: Final = _check(
    "watched.accelerators",
    "The exporter of each vendor whose accelerators nodes have is scraped",
    "let the vendor's operator make its monitor, and label its namespace openshift.io/cluster-monitoring=true",
    f"{_SCRAPED}; NVIDIA/gpu-operator, ROCm/gpu-operator and intel/xpumanager, their ServiceMonitors",
)
MODEL: Final = _check(
    "watched.models",
    "The model that is served is scraped",
    "give its namespace a PodMonitor for its pods, or its serving runtime the annotations prometheus.kserve.io/port and path",
    f"{_SCRAPED}; {_SERVING}",
)
ALERTS: Final = _check(
    "watched.alerts",
    "Alerts of the collection are wanted for it",
    "name the namespace of a model in monitoring.tenants; leave fewer alerts out",
    _TENANTS,
)
OWNER: Final = _check(
    "watched.owner",
    "The namespace that holds accelerators, or has a quota for them, names its owner",
    "label the namespace readiness.groundwork.io/owner, or name it in monitoring.tenants",
    f"{_TENANTS}; label readiness.groundwork.io/owner",
)
EXCLUDED: Final = _check(
    "watched.namespace",
    "User-workload monitoring reads the namespace",
    "take the label off the namespace: while it is there, its monitors, rules and routes are passed over",
    _STACK,
)
TOLD: Final = _check(
    "watched.told",
    "The owner of the namespace is told of its alerts",
    "name a route for the owner in monitoring.routes",
    "document, monitoring.routes",
)
QUEUE: Final = _check(
    "watched.queues",
    "The controller of the queues is scraped",
    "label the namespace of the Kueue operator openshift.io/cluster-monitoring=true; elsewhere apply Kueue's own ServiceMonitor",
    f"{_SCRAPED}; openshift/kueue-operator, pkg/operator/target_config_reconciler.go; kueue, config/components/prometheus",
    INFORMATION,
)
QUEUE_RESOURCES: Final = _check(
    "watched.queue_resources",
    "The queues tell how much of their quotas is used",
    "set metrics.enableClusterQueueResources in Kueue's configuration",
    "openshift/kueue-operator, pkg/configmap/configmap.go; kueue, pkg/metrics/metrics.go",
    INFORMATION,
)

WATCH_CHECKS: Final[tuple[Check, ...]] = (
    OPERATOR,
    RUNNING,
    RULES_READ,
    CONFLICT,
    PLACED,
    EXPORTER,
    MODEL,
    ALERTS,
    OWNER,
    EXCLUDED,
    TOLD,
    QUEUE,
    QUEUE_RESOURCES,
)
