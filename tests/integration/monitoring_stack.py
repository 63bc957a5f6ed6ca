# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The monitoring stack on an API server without its operators: definitions of its own kinds, and objects as the schemas want them."""

from __future__ import annotations

from tests.unit.platform.monitoring.watching_builders import Json, thing

STACK_KINDS = {"prometheuses": "Prometheus", "thanosrulers": "ThanosRuler", "alertmanagers": "Alertmanager"}


def stack_crd(plural: str, kind: str) -> Json:
    """A definition that takes anything: the shared test data has none of the monitoring stack's own kinds."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    names = {"plural": plural, "kind": kind, "listKind": f"{kind}List", "singular": kind.lower()}
    spec = {"group": "monitoring.coreos.com", "names": names, "scope": "Namespaced", "versions": [version]}
    return thing("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.monitoring.coreos.com", spec=spec)


def cluster_version(version: str) -> Json:
    """What an OpenShift says of its own version."""
    done = {"state": "Completed", "version": version, "image": "", "verified": False}
    times = {"startedTime": "2026-11-01T00:00:00Z", "completionTime": "2026-11-01T01:00:00Z"}
    desired = {"version": version, "image": ""}
    status = {"availableUpdates": [], "desired": desired, "history": [{**done, **times}], "observedGeneration": 1, "versionHash": "x"}
    spec = {"clusterID": "6f0f0d3e-0f4e-4c4b-9a51-3d2f2f0c9a11", "channel": "stable-4.20"}
    return thing("config.openshift.io/v1", "ClusterVersion", "version", spec=spec, status=status)


def on_server(item: Json) -> Json:
    """What of an object is missing that the real schemas ask for."""
    if item["kind"] == "ClusterOperator":
        entries = [{**entry, "lastTransitionTime": "2026-11-22T00:00:00Z"} for entry in item["status"]["conditions"]]
        return {**item, "spec": {}, "status": {"conditions": entries}}
    if item["kind"] == "Kueue":
        return {**item, "spec": {**item["spec"], "config": {"integrations": {"frameworks": ["BatchJob"]}}}}
    if item["kind"] == "InferenceService":
        return {**item, "spec": {"predictor": {"model": {"modelFormat": {"name": "vLLM"}}}}}
    if item["kind"] == "Service":
        ports = [{**entry, "targetPort": entry["port"]} for entry in item["spec"]["ports"]]
        return {**item, "spec": {**item["spec"], "ports": ports}}
    return item
