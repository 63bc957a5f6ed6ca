# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is listed for the monitoring part, and what of it is kept: Services and rules of others may be thousands.

Of Services and monitors what tells who scrapes what is kept, of rules of others the names, of the monitoring stack's own objects
their conditions. What may hold credentials is left out: of where a Prometheus writes to the host stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...target.objects import annotations_of, map_at, maps_at, text_at
from ..listing import of_cluster, of_namespaces
from .evaluators import EVALUATOR

_COREOS: Final = "monitoring.coreos.com"
SERVICE_MONITORS: Final = f"servicemonitors.{_COREOS}"
POD_MONITORS: Final = f"podmonitors.{_COREOS}"
RULES: Final = f"prometheusrules.{_COREOS}"
ALERTMANAGER_CONFIGS: Final = f"alertmanagerconfigs.{_COREOS}"
PROMETHEUSES: Final = f"prometheuses.{_COREOS}"
THANOS_RULERS: Final = f"thanosrulers.{_COREOS}"
ALERTMANAGERS: Final = f"alertmanagers.{_COREOS}"
ALERTING_RULES: Final = "alertingrules.monitoring.openshift.io"
SERVICES: Final = "services"
QUOTAS: Final = "resourcequotas"
WEBHOOKS: Final = "validatingwebhookconfigurations.admissionregistration.k8s.io"

NAMESPACES: Final = "namespaces"
NODES: Final = "nodes"
PODS: Final = "pods"
CLUSTER_OPERATORS: Final = "clusteroperators.config.openshift.io"
INFERENCE_SERVICES: Final = "inferenceservices.serving.kserve.io"
LLM_SERVICES: Final = "llminferenceservices.serving.kserve.io"
CLUSTER_QUEUES: Final = "clusterqueues.kueue.x-k8s.io"
PERSES: Final = "persesdashboards.perses.dev"
VERSION: Final = "clusterversions.config.openshift.io"
KUEUES: Final = "kueues.kueue.openshift.io"


RESOURCES: Final = (
    of_namespaces(SERVICE_MONITORS, "ServiceMonitor", "v1", "what is scraped by its Service"),
    of_namespaces(POD_MONITORS, "PodMonitor", "v1", "what is scraped by its pods"),
    of_namespaces(RULES, "PrometheusRule", "v1", "whether alerts are in place, and rules of others of the same name"),
    of_namespaces(ALERTMANAGER_CONFIGS, "AlertmanagerConfig", "v1alpha1 v1beta1", "where alerts go"),
    of_namespaces(PROMETHEUSES, "Prometheus", "v1", "whether user-workload monitoring runs"),
    of_namespaces(THANOS_RULERS, "ThanosRuler", "v1", "whether rules of user workloads are evaluated"),
    of_namespaces(ALERTMANAGERS, "Alertmanager", "v1", "whether alerts are sent on"),
    of_namespaces(ALERTING_RULES, "AlertingRule", "v1", "whether alerts of the platform's Prometheus are in place"),
    of_namespaces(PERSES, "PersesDashboard", "v1alpha2 v1alpha1", "whether dashboards can be shown by Perses"),
    of_namespaces(SERVICES, "Service", "v1", "what ServiceMonitors select"),
    of_namespaces(QUOTAS, "ResourceQuota", "v1", "which namespaces have a quota for accelerators"),
    of_cluster(WEBHOOKS, "ValidatingWebhookConfiguration", "v1", "whether rules and routes are judged at admission"),
)
"""Lists of this part alone."""

SHARED: Final = (NAMESPACES, NODES, PODS, CLUSTER_OPERATORS, INFERENCE_SERVICES, LLM_SERVICES, CLUSTER_QUEUES, KUEUES, VERSION)
"""Lists that other parts are judged by as well."""


# ---- what objects lose -----------------------------------------------------------------------------------------------

_ENDPOINT_KEYS: Final = ("port", "targetPort", "portNumber", "path", "scheme", "bearerTokenFile")
_FILE_KEYS: Final = ("caFile", "certFile", "keyFile")
_PORT_KEYS: Final = ("name", "port", "targetPort")
_MONITOR_KEYS: Final = ("selector", "namespaceSelector", "jobLabel")
_NAME_KEYS: Final = ("alert", "record")
_WEBHOOK_KEYS: Final = ("name", "rules", "failurePolicy", "namespaceSelector", "objectSelector")
_ROUTE_READING: Final = "alertmanagerConfig"
"""How the fields of an Alertmanager begin that say which AlertmanagerConfigs it reads."""


def _only(item: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: item[key] for key in keys if key in item}


def slim_service(item: ApiObject) -> ApiObject:
    """A Service with its labels, which pods it is for, and its ports."""
    spec = _only(map_at(item, "spec"), ("selector", "type"))
    ports = [_only(entry, _PORT_KEYS) for entry in maps_at(item, "spec.ports")]
    metadata = _only(map_at(item, "metadata"), ("name", "namespace", "uid", "labels", "managedFields"))
    return {**_head(item), "metadata": metadata, "spec": {**spec, "ports": ports}}


def slim_monitor(item: ApiObject) -> ApiObject:
    """A ServiceMonitor or PodMonitor with what it selects, its ports, and the files that it would have read."""
    spec = _only(map_at(item, "spec"), _MONITOR_KEYS)
    for part in ("endpoints", "podMetricsEndpoints"):
        if part in map_at(item, "spec"):
            spec[part] = list(map(_slim_endpoint, maps_at(item, f"spec.{part}")))
    return {**_head(item), "metadata": map_at(item, "metadata"), "spec": spec}


def _slim_endpoint(entry: Mapping[str, Any]) -> dict[str, Any]:
    files = _only(map_at(entry, "tlsConfig"), _FILE_KEYS)
    return {**_only(entry, _ENDPOINT_KEYS), **({"tlsConfig": files} if files else {})}


def slim_stack(item: ApiObject) -> ApiObject:
    """A Prometheus, ThanosRuler or Alertmanager with its conditions, which AlertmanagerConfigs it reads, and the hosts it writes to."""
    spec = {key: value for key, value in map_at(item, "spec").items() if key.startswith(_ROUTE_READING)}
    if written := maps_at(item, "spec.remoteWrite"):
        spec["remoteWrite"] = [{"url": _origin(text_at(entry, "url"))} for entry in written]
    return {**_head(item), "metadata": map_at(item, "metadata"), "spec": spec, "status": _only(map_at(item, "status"), ("conditions",))}


def _origin(url: str) -> str:
    """Scheme and host of a URL: users, passwords and keys stand in the rest of it."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{re.split('[/?#]', rest, maxsplit=1)[0].rpartition('@')[2]}" if mark else ""


def slim_rules(item: ApiObject) -> ApiObject:
    """Rules of others with their names alone; those that say who evaluates them stay as they are."""
    if EVALUATOR in annotations_of(item):
        return item
    groups = [
        {"name": text_at(group, "name"), "rules": [_only(rule, _NAME_KEYS) for rule in maps_at(group, "rules")]}
        for group in maps_at(item, "spec.groups")
    ]
    return {**_head(item), "metadata": map_at(item, "metadata"), "spec": {"groups": groups}}


def slim_webhooks(item: ApiObject) -> ApiObject:
    """An admission webhook with what it judges, without its certificates."""
    hooks = [
        {**_only(hook, _WEBHOOK_KEYS), "clientConfig": {"service": map_at(hook, "clientConfig.service")}}
        for hook in maps_at(item, "webhooks")
    ]
    return {**_head(item), "metadata": map_at(item, "metadata"), "webhooks": hooks}


def _head(item: ApiObject) -> dict[str, Any]:
    return _only(item, ("apiVersion", "kind"))


SLIMS: Final[Mapping[str, Callable[[ApiObject], ApiObject]]] = {
    SERVICE_MONITORS: slim_monitor,
    POD_MONITORS: slim_monitor,
    RULES: slim_rules,
    ALERTING_RULES: slim_rules,
    PROMETHEUSES: slim_stack,
    THANOS_RULERS: slim_stack,
    ALERTMANAGERS: slim_stack,
    SERVICES: slim_service,
    WEBHOOKS: slim_webhooks,
}
"""What objects of these resources lose."""
