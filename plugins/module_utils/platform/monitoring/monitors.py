# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ServiceMonitors and PodMonitors, and which Prometheus of OpenShift reads those of which namespace.

The platform's Prometheus reads the monitors of namespaces with the label openshift.io/cluster-monitoring=true, and follows their
namespaceSelector; that of user workloads reads those of all other namespaces, unless namespace or monitor says
openshift.io/user-monitoring=false. It looks into the monitor's own namespace only, and refuses monitors that would have it read files
(openshift/cluster-monitoring-operator, assets/prometheus-k8s/prometheus.yaml and assets/prometheus-user-workload/prometheus.yaml;
prometheus-operator, pkg/prometheus/resource_selector.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...target.objects import labels_of, map_at, maps_at, name_of, namespace_of, text_at, texts_at
from ..accelerators.pools import selects

CLUSTER_LABEL: Final = "openshift.io/cluster-monitoring"
USER_LABEL: Final = "openshift.io/user-monitoring"
USER_WORKLOAD_NAMESPACE: Final = "openshift-user-workload-monitoring"
SERVICE_MONITOR, POD_MONITOR = "ServiceMonitor", "PodMonitor"

_NOT_LEFT_OUT: Final = {"key": USER_LABEL, "operator": "NotIn", "values": ["false"]}


@dataclass(frozen=True, slots=True)
class Scraper:
    """A Prometheus of OpenShift: which monitors it reads."""

    words: str
    prometheus: tuple[str, str]
    """namespace and name of its object"""
    namespaces: Mapping[str, Any]
    """LabelSelector of the namespaces whose monitors and rules it reads"""
    monitors: Mapping[str, Any]
    """LabelSelector of the monitors themselves"""
    own_namespace_only: bool
    """whether it looks into the monitor's own namespace whatever its namespaceSelector says (ignoreNamespaceSelectors)"""
    refuses_files: bool
    """whether it passes over monitors that would have it read files (arbitraryFSAccessThroughSMs)"""


PLATFORM: Final = Scraper(
    "the platform's Prometheus", ("openshift-monitoring", "k8s"), {"matchLabels": {CLUSTER_LABEL: "true"}}, {}, False, False
)
USER_WORKLOAD: Final = Scraper(
    "user-workload monitoring",
    (USER_WORKLOAD_NAMESPACE, "user-workload"),
    {"matchExpressions": [{"key": CLUSTER_LABEL, "operator": "NotIn", "values": ["true"]}, _NOT_LEFT_OUT]},
    {"matchExpressions": [_NOT_LEFT_OUT]},
    True,
    True,
)
SCRAPERS: Final = (PLATFORM, USER_WORKLOAD)
"""No namespace is of both."""


def scraper_of(labels: Mapping[str, str]) -> Scraper | None:
    """Who reads the monitors of a namespace with these labels; None where nobody does."""
    return next((scraper for scraper in SCRAPERS if selects(scraper.namespaces, labels)), None)


def left_out(labels: Mapping[str, str]) -> str:
    """Why user-workload monitoring passes over a namespace with these labels; empty where it does not."""
    if selects(USER_WORKLOAD.namespaces, labels):
        return ""
    label = f"{CLUSTER_LABEL}=true" if selects(PLATFORM.namespaces, labels) else f"{USER_LABEL}=false"
    return f"its label {label} takes it out of user-workload monitoring"


# ---- monitors --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """A ServiceMonitor or PodMonitor."""

    kind: str
    namespace: str
    name: str
    labels: Mapping[str, str]
    selector: Mapping[str, Any]
    """LabelSelector of Services, or of pods"""
    every_namespace: bool
    namespaces: tuple[str, ...]
    """namespaces that it looks into; () for its own"""
    ports: tuple[str, ...]
    """name of the port of each endpoint, empty where it goes by number or takes any; () where it has no endpoint"""
    reads_files: bool

    @property
    def text(self) -> str:
        """For people: `ServiceMonitor team-a/model`."""
        return f"{self.kind} {self.namespace}/{self.name}"

    def reaches(self, namespace: str) -> bool:
        """Whether it looks into a namespace."""
        return self.every_namespace or namespace in (self.namespaces or (self.namespace,))

    def as_read_by(self, scraper: Scraper) -> Monitor:
        """The monitor as this Prometheus takes it."""
        return replace(self, every_namespace=False, namespaces=()) if scraper.own_namespace_only else self


def monitor_of(item: ApiObject, kind: str) -> Monitor:
    """The monitor that an object of the API is."""
    endpoints = maps_at(item, "spec.endpoints" if kind == SERVICE_MONITOR else "spec.podMetricsEndpoints")
    return Monitor(
        kind=kind,
        namespace=namespace_of(item),
        name=name_of(item),
        labels=labels_of(item),
        selector=map_at(item, "spec.selector"),
        every_namespace=map_at(item, "spec.namespaceSelector").get("any") is True,
        namespaces=tuple(texts_at(item, "spec.namespaceSelector.matchNames")),
        ports=tuple(text_at(entry, "port") for entry in endpoints),
        reads_files=any(map(_reads_files, endpoints)),
    )


def _reads_files(endpoint: Mapping[str, Any]) -> bool:
    tls = map_at(endpoint, "tlsConfig")
    return bool(text_at(endpoint, "bearerTokenFile") or any(text_at(tls, key) for key in ("caFile", "certFile", "keyFile")))
