# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Monitors, Services, models and queues as clusters have them, and looks at clusters that hold them.

Names and labels are those that the operators give: NVIDIA/gpu-operator, ROCm/gpu-operator, intel/xpumanager, KServe,
odh-model-controller and openshift/kueue-operator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.common.findings import CheckFinding
from ansible_collections.groundwork.readiness.plugins.module_utils.common.owned_fields import ApiObject
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.monitoring import (
    Monitoring,
    TenantWanted,
    WatchedWanted,
)
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring import readings
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.evaluators import MONITORING_NAMESPACE
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.facts import RuleFacts
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.objects import rule_objects
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.rules import RuleSettings, TenantRules
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.watch_checks import WATCH_CHECKS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.watch_look import WatchLook, look_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.monitoring.watching import watch_findings, watch_records
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import (
    DevicePod,
    Listed,
    PlatformSnapshot,
    PodUse,
)

from tests.integration.monitoring_rules import shipped_rules

Json = dict[str, Any]
LISTS = tuple(resource.id for resource in readings.RESOURCES) + readings.SHARED
FACTS = shipped_rules()
IDS = {check.id for check in WATCH_CHECKS}
TENANT, OWNER = "team-a", "team-a-owners"
PLATFORM_TEAM = "platform"
STACK = "openshift-user-workload-monitoring"
COREOS = "monitoring.coreos.com/v1"


def thing(api_version: str, kind: str, name: str, home: str = "", labels: Mapping[str, str] | None = None, **more: Any) -> Json:
    """An object of the API."""
    metadata = {"name": name, **({"namespace": home} if home else {}), **({"labels": dict(labels)} if labels else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **more}


def namespace(name: str, **labels: str) -> Json:
    """A namespace; `user_monitoring` and the like are labels of OpenShift."""
    return thing("v1", "Namespace", name, labels={f"openshift.io/{key.replace('_', '-')}": value for key, value in labels.items()})


def node(name: str, **devices: int) -> Json:
    capacity = {"cpu": "64", **{VENDORS[vendor]: str(amount) for vendor, amount in devices.items()}}
    return thing("v1", "Node", name, status={"capacity": capacity})


VENDORS = {"nvidia": "nvidia.com/gpu", "amd": "amd.com/gpu", "gaudi": "habana.ai/gaudi", "intel": "gpu.intel.com/i915"}


def service(name: str, home: str, labels: Mapping[str, str], selector: Mapping[str, str], port: str) -> Json:
    spec = {"selector": dict(selector), "ports": [{"name": port, "port": 9400}]}
    return thing("v1", "Service", name, home, labels, spec=spec)


def service_monitor(name: str, home: str, selector: Json, port: str = "", **more: Any) -> Json:
    """A ServiceMonitor; `more` goes into its spec, `labels` into its metadata and `endpoint` into its endpoint."""
    endpoint = {**({"port": port} if port else {}), **more.pop("endpoint", {})}
    labels = more.pop("labels", None)
    return thing(COREOS, "ServiceMonitor", name, home, labels, spec={"selector": selector, "endpoints": [endpoint], **more})


def pod_monitor(name: str, home: str, selector: Json, **more: Any) -> Json:
    labels = more.pop("labels", None)
    spec = {"selector": selector, "podMetricsEndpoints": [{"port": "http"}], **more}
    return thing(COREOS, "PodMonitor", name, home, labels, spec=spec)


def by_labels(**labels: str) -> Json:
    return {"matchLabels": labels}


def stack(kind: str, home: str, name: str, status: str = "True") -> Json:
    """A Prometheus, ThanosRuler or Alertmanager with its condition Available."""
    entry = {"type": "Available", "status": status, "message": "" if status == "True" else "shard 0: pod is not ready"}
    return thing(COREOS, kind, name, home, status={"conditions": [entry]})


def cluster_operator(available: str = "True", degraded: str = "False") -> Json:
    entries = [
        {"type": "Available", "status": available, "message": "it says so"},
        {"type": "Degraded", "status": degraded, "message": "UpdatingPrometheus failed"},
    ]
    return thing("config.openshift.io/v1", "ClusterOperator", "monitoring", status={"conditions": entries})


def model(name: str, home: str = TENANT, **spec: Any) -> Json:
    return thing("serving.kserve.io/v1beta1", "InferenceService", name, home, spec={"predictor": {"model": {}, **spec}})


def llm(name: str, home: str = TENANT, **spec: Any) -> Json:
    return thing("serving.kserve.io/v1alpha2", "LLMInferenceService", name, home, spec=spec)


def quota(name: str, home: str, **hard: str) -> Json:
    return thing(
        "v1", "ResourceQuota", name, home, spec={"hard": {f"requests.{VENDORS[vendor]}": amount for vendor, amount in hard.items()}}
    )


def queue(name: str) -> Json:
    return thing("kueue.x-k8s.io/v1beta2", "ClusterQueue", name, spec={})


def kueue(state: str = "Managed") -> Json:
    return thing("kueue.openshift.io/v1", "Kueue", "cluster", spec={"managementState": state})


# ---- what operators make ---------------------------------------------------------------------------------------------

NVIDIA_HOME, AMD_HOME, INTEL_HOME, GAUDI_HOME, KUEUE_HOME = (
    "nvidia-gpu-operator",
    "openshift-amd-gpu",
    "intel-xpum",
    "habana-ai-operator",
    "openshift-kueue-operator",
)


def nvidia_exporter() -> list[tuple[str, Json]]:
    app = {"app": "nvidia-dcgm-exporter"}
    monitor = service_monitor(
        "nvidia-dcgm-exporter",
        NVIDIA_HOME,
        by_labels(**app),
        "gpu-metrics",
        jobLabel="app",
        namespaceSelector={"matchNames": [NVIDIA_HOME]},
    )
    return [
        (readings.SERVICES, service("nvidia-dcgm-exporter", NVIDIA_HOME, app, app, "gpu-metrics")),
        (readings.SERVICE_MONITORS, monitor),
    ]


def amd_exporter() -> list[tuple[str, Json]]:
    label = {"app.kubernetes.io/service": "mi300-metrics-exporter"}
    pods = {"daemonset-name": "mi300", "app.kubernetes.io/name": "metrics-exporter"}
    monitor = service_monitor(
        "mi300-metrics-exporter", AMD_HOME, by_labels(**label), "exporter-port", namespaceSelector={"matchNames": [AMD_HOME]}
    )
    return [
        (readings.SERVICES, service("mi300-metrics-exporter", AMD_HOME, label, pods, "exporter-port")),
        (readings.SERVICE_MONITORS, monitor),
    ]


def intel_exporter() -> list[tuple[str, Json]]:
    app = {"app": "intel-xpumanager"}
    return [
        (readings.SERVICES, service("intel-xpumanager", INTEL_HOME, app, app, "metrics")),
        (readings.SERVICE_MONITORS, service_monitor("intel-xpumanager", INTEL_HOME, by_labels(**app), "metrics")),
    ]


def gaudi_exporter() -> list[tuple[str, Json]]:
    labels = {"app.kubernetes.io/name": "habana-ai", "app.kubernetes.io/component": "metric-exporter"}
    return [
        (readings.SERVICES, service("metric-exporter", GAUDI_HOME, labels, labels, "metrics")),
        (readings.SERVICE_MONITORS, service_monitor("metric-exporter", GAUDI_HOME, by_labels(**labels), "metrics")),
    ]


EXPORTERS = {"nvidia": nvidia_exporter, "amd": amd_exporter, "intel": intel_exporter, "gaudi": gaudi_exporter}


def kueue_metrics() -> list[tuple[str, Json]]:
    labels = {"app.kubernetes.io/component": "metrics-service", "app.kubernetes.io/name": "kueue"}
    token = {"bearerTokenFile": "/var/run/secrets/kubernetes.io/serviceaccount/token", "scheme": "https"}
    name = "kueue-controller-manager-metrics-service"
    return [
        (readings.SERVICES, service(name, KUEUE_HOME, labels, {"control-plane": "controller-manager"}, "https")),
        (readings.SERVICE_MONITORS, service_monitor("kueue-metrics", KUEUE_HOME, by_labels(**labels), "https", endpoint=token)),
    ]


def model_metrics(name: str, home: str = TENANT) -> list[tuple[str, Json]]:
    label, pods = {"name": f"{name}-metrics"}, {"serving.kserve.io/inferenceservice": name}
    return [
        (readings.SERVICES, service(f"{name}-metrics", home, label, pods, "vllm-metrics")),
        (readings.SERVICE_MONITORS, service_monitor(f"{name}-metrics", home, by_labels(**label), "vllm-metrics")),
    ]


def engine_monitor(home: str = TENANT) -> Json:
    components = [f"llminferenceservice-workload{more}" for more in ("", "-prefill", "-worker", "-leader")]
    term = {"key": "app.kubernetes.io/component", "operator": "In", "values": components}
    part = {"app.kubernetes.io/part-of": "llminferenceservice"}
    return pod_monitor("kserve-llm-isvc-vllm-engine-default", home, {"matchLabels": part, "matchExpressions": [term]})


def running_stack() -> list[tuple[str, Json]]:
    return [
        (readings.PROMETHEUSES, stack("Prometheus", "openshift-monitoring", "k8s")),
        (readings.PROMETHEUSES, stack("Prometheus", STACK, "user-workload")),
        (readings.THANOS_RULERS, stack("ThanosRuler", STACK, "user-workload")),
        (readings.ALERTMANAGERS, stack("Alertmanager", "openshift-monitoring", "main")),
        (readings.CLUSTER_OPERATORS, cluster_operator()),
    ]


# ---- clusters --------------------------------------------------------------------------------------------------------

ASKED = Monitoring(
    tenants=(TenantWanted(namespace=TENANT, owner=OWNER),), watched=WatchedWanted(accelerators=True, models=True, owners=True)
)
SETTINGS = RuleSettings(tenants={TENANT: TenantRules(OWNER)})
ALL_TOLD: Mapping[str, bool | None] = {OWNER: True, PLATFORM_TEAM: True}


@dataclass(frozen=True)
class Site:
    """A cluster: its objects by list, the pods that hold devices, and what the account may not see."""

    objects: tuple[tuple[str, Json], ...]
    pods: PodUse | None = field(default_factory=PodUse)
    wanted: Monitoring = ASKED
    settings: RuleSettings = SETTINGS
    told: Mapping[str, bool | None] = field(default_factory=lambda: ALL_TOLD)
    hidden: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    facts: RuleFacts = field(default_factory=lambda: FACTS)

    def with_objects(self, *objects: tuple[str, Json]) -> Site:
        """With these objects as well, in place of those of the same name."""
        names = {(resource, *place(item)) for resource, item in objects}
        kept = [entry for entry in self.objects if (entry[0], *place(entry[1])) not in names]
        return replace(self, objects=(*kept, *objects))

    def without(self, resource: str, name: str) -> Site:
        """Without an object."""
        kept = [(found, item) for found, item in self.objects if (found, item["metadata"]["name"]) != (resource, name)]
        assert len(kept) < len(self.objects)
        return replace(self, objects=tuple(kept))

    def get(self, resource: str, name: str) -> Json:
        """An object of the site."""
        return next(item for found, item in self.objects if (found, item["metadata"]["name"]) == (resource, name))

    def look(self) -> WatchLook:
        """What the part sees of it."""
        rules = rule_objects(self.facts, self.settings, "monitoring")
        return look_of(self.wanted, self.snapshot(), self.facts, rules, self.told)

    def snapshot(self) -> PlatformSnapshot:
        """One look at the cluster."""
        lists: dict[str, list[ApiObject]] = {name: [] for name in LISTS}
        for resource, item in self.objects:
            lists[resource].append(item)
        listed = {name: Listed("read", tuple(items)) for name, items in lists.items()}
        listed |= {name: Listed("forbidden", reason=f"the account may not list {name}") for name in self.hidden}
        listed |= {name: Listed("absent", reason=f"the cluster does not serve {name}") for name in self.absent}
        return PlatformSnapshot(listed, pods=self.pods if readings.PODS not in self.hidden else None)

    def findings(self) -> dict[tuple[str, str], CheckFinding]:
        """Findings by check (without its prefix) and subject; each is of a known check, and each id is there once."""
        found = watch_findings(self.look())
        assert {finding.check for finding in found} <= IDS
        assert len({finding.id for finding in found}) == len(found)
        return {(finding.check.removeprefix("platform.monitoring."), finding.subject): finding for finding in found}

    def alarms(self) -> dict[tuple[str, str], str]:
        """Check and subject of what keeps the cluster from being ready, to its message."""
        return {key: finding.message for key, finding in self.findings().items() if finding.failed}

    def records(self) -> dict[str, Json]:
        """The records `watch` by id."""
        return {record["id"]: record for record in watch_records(self.look())}


def place(item: Json) -> tuple[str, str]:
    return item["metadata"].get("namespace", ""), item["metadata"]["name"]


def live_rules(settings: RuleSettings = SETTINGS) -> list[tuple[str, Json]]:
    """The rules of the collection as a cluster holds them."""
    kinds = {"PrometheusRule": readings.RULES, "AlertingRule": readings.ALERTING_RULES}
    return [(kinds[each.object["kind"]], dict(each.object)) for each in rule_objects(FACTS, settings, "monitoring")]


def clean_site() -> Site:
    """A cluster on which everything is watched: four vendors, two models, two queues, and a tenant who is told."""
    homes: Sequence[Json] = [
        namespace(TENANT),
        namespace(MONITORING_NAMESPACE),
        namespace(NVIDIA_HOME, cluster_monitoring="true"),
        namespace(AMD_HOME, cluster_monitoring="true"),
        namespace(KUEUE_HOME, cluster_monitoring="true"),
        namespace(INTEL_HOME),
        namespace(GAUDI_HOME),
        namespace("web"),
    ]
    objects: list[tuple[str, Json]] = [(readings.NAMESPACES, item) for item in homes]
    objects += [(readings.NODES, node("gpu-1", nvidia=8)), (readings.NODES, node("gpu-2", amd=8, gaudi=8, intel=2))]
    objects += [entry for exporter in EXPORTERS.values() for entry in exporter()]
    objects += kueue_metrics()
    objects += model_metrics("chat")
    objects += running_stack()
    objects += live_rules()
    objects += [
        (readings.INFERENCE_SERVICES, model("chat")),
        (readings.LLM_SERVICES, llm("large", template={"containers": [{"name": "main"}]})),
        (readings.POD_MONITORS, engine_monitor()),
        (readings.QUOTAS, quota("devices", TENANT, nvidia="8")),
        (readings.QUOTAS, quota("none", "web", nvidia="0")),
        (readings.CLUSTER_QUEUES, queue("research")),
        (readings.CLUSTER_QUEUES, queue("production")),
        (readings.KUEUES, kueue()),
    ]
    return Site(tuple(objects), PodUse(device_pods=(DevicePod(TENANT, "chat-0", "gpu-1", {"nvidia.com/gpu": 1}),)))


_SCRAPED = frozenset({"watched.accelerators", "watched.models"})
LEFT_OPEN: Mapping[str, frozenset[str]] = {
    readings.SERVICE_MONITORS: _SCRAPED,
    readings.POD_MONITORS: _SCRAPED,
    readings.SERVICES: _SCRAPED,
    readings.PROMETHEUSES: _SCRAPED | {"stack.running"},
    readings.NAMESPACES: _SCRAPED | {"rules.read", "watched.namespace"},
    readings.NODES: frozenset({"watched.accelerators", "watched.alerts"}),
    readings.PODS: frozenset({"watched.owner", "watched.namespace", "watched.told", "watched.alerts"}),
    readings.QUOTAS: frozenset({"watched.owner", "watched.namespace", "watched.told", "watched.alerts"}),
    readings.INFERENCE_SERVICES: frozenset({"watched.models", "watched.namespace", "watched.alerts"}),
    readings.LLM_SERVICES: frozenset({"watched.models", "watched.namespace", "watched.alerts"}),
    readings.CLUSTER_OPERATORS: frozenset({"stack.operator"}),
    readings.THANOS_RULERS: frozenset({"stack.running"}),
    readings.ALERTMANAGERS: frozenset({"stack.running"}),
    readings.RULES: frozenset({"rules.conflict", "rules.placed"}),
    readings.ALERTING_RULES: frozenset({"rules.conflict", "rules.placed"}),
}
"""List to the checks that stay open without it, where all else is known and everything is asked for; without others none does."""
