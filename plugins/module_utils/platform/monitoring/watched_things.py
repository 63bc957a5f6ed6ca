# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people rely on beside models: the accelerators of each vendor, namespaces with accelerators, queues.

How exporters and Kueue's controller are known stands with each; what was not looked up in a public source is marked [K].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...common.findings import CheckFinding
from ...target.model import ABSENT
from ...target.objects import map_at, name_of, namespace_of, text_at
from ...target.quantities import whole
from ..accelerators.resources import AMD, DEVICE_CLASS_SUFFIX, GAUDI, INTEL, NVIDIA, vendor_of
from ..delivery.scope import Verdict, fails, finding_of, holds, needless, nobody_knows
from ..desired.monitoring import TEAM
from ..snapshot import PlatformSnapshot
from ..verdicts import not_asked
from .evaluators import MONITORING_NAMESPACE, SYSTEM_PREFIXES, matchers_of, series_of
from .facts import NAMESPACE as OF_NAMESPACES
from .facts import AlertFacts
from .readings import CLUSTER_QUEUES, KUEUES, NODES, PODS, QUOTAS
from .records import ACCELERATORS, NAMESPACE, QUEUE
from .scraping import Mark, PodsMarked, sight_of
from .watch_checks import ALERTS, EXCLUDED, EXPORTER, OWNER, QUEUE_RESOURCES, TOLD
from .watch_checks import QUEUE as QUEUE_CHECK
from .watch_look import Area, Watched, WatchLook, alerted, included, scraped

EXPORTER_MARKS: Final[Mapping[str, tuple[Mark, ...]]] = {
    # NVIDIA/gpu-operator, assets/state-dcgm-exporter/0600_service.yaml; NVIDIA/dcgm-exporter, deployment/templates (its own chart).
    NVIDIA: (Mark({"app": "nvidia-dcgm-exporter"}), Mark({"app.kubernetes.io/name": "dcgm-exporter"})),
    # ROCm/gpu-operator, internal/metricsexporter/metricsexporter.go: selector of the Service, labels of the pods.
    AMD: (Mark({"app.kubernetes.io/name": "metrics-exporter"}, ".*metrics-exporter.*"),),
    # [K] The operator's monitor is called metric-exporter, and its objects bear the name habana-ai; labels of the Service were not seen.
    GAUDI: (
        Mark({"app.kubernetes.io/name": "habana-ai"}, ".*metrics?-exporter.*"),
        Mark({"app.kubernetes.io/name": "metric-exporter-ds"}),
        Mark({"app.kubernetes.io/name": "habana-metric-exporter-ds"}),
    ),
    # intel/xpumanager, deployment/kubernetes/monitoring.
    INTEL: (Mark({"app": "intel-xpumanager"}),),
}
"""Vendor to how its exporter is known."""

KUEUE: Final = PodsMarked("Kueue's controller", (Mark({"app.kubernetes.io/name": "kueue"}, ".*metrics.*"),))
"""kueue, config/components/manager; openshift/kueue-operator, bindata/assets/kueue-operator/controller-manager-metrics-service.yaml."""

_KUEUE_SERIES: Final = "kueue_"
_KUEUE_OBJECT: Final = "cluster"


# ---- accelerators ----------------------------------------------------------------------------------------------------


def accelerators(look: WatchLook) -> Area:
    """The accelerators of each vendor that nodes have: their exporter has to be scraped."""
    snapshot = look.snapshot
    return Area(
        subject="accelerators seen",
        checks=(EXPORTER, ALERTS),
        things=tuple(_vendor(look, vendor) for vendor in vendors_of(snapshot)),
        asked="monitoring.watched.accelerators" if look.wanted.watched.accelerators else "",
        unknown="" if snapshot.known(NODES) else snapshot.why_not(NODES),
        nothing="no node has accelerators",
    )


def vendors_of(snapshot: PlatformSnapshot) -> list[str]:
    """Vendors of the accelerators that pods can get on some node, sorted."""
    capacities = (map_at(item, "status.capacity") for item in snapshot.all(NODES))
    return sorted({vendor for held in capacities for name, amount in held.items() if (vendor := vendor_of(name)) and whole(amount)})


def _vendor(look: WatchLook, vendor: str) -> Watched:
    sight = sight_of(PodsMarked(f"the exporter of {vendor}", EXPORTER_MARKS[vendor]), look.scraping)
    count = sum(_tells_of(facts, vendor, look) for facts in look.alerts_in(MONITORING_NAMESPACE))
    return Watched(
        watch_type=ACCELERATORS,
        name=vendor,
        subject=f"accelerators of {vendor}",
        owner=TEAM,
        alerts=count,
        sight=sight,
        verdicts=((EXPORTER, scraped(sight)), (ALERTS, alerted(count, f"no alert on what the exporter of {vendor} gives is wanted"))),
    )


def _tells_of(alert: AlertFacts, vendor: str, look: WatchLook) -> bool:
    """Whether an alert reads what the exporter of this vendor gives, and nothing that only another vendor's does."""
    of_vendor = {record.record for record in look.facts.records.values() if record.vendor == vendor}
    of_any = {record.record for record in look.facts.records.values() if record.vendor}
    read = frozenset[str]().union(*(series_of(condition.value) for condition in alert.conditions))
    named = {each.value for condition in alert.conditions for each in matchers_of(condition.value) if each.label == "vendor"}
    return bool(read & of_vendor) and read & of_any <= of_vendor and named <= {vendor}


# ---- namespaces ------------------------------------------------------------------------------------------------------


def namespaces(look: WatchLook) -> Area:
    """The namespaces that hold accelerators or have a quota for them: somebody has to answer for them, and be told."""
    return Area(
        subject="namespaces with accelerators",
        checks=(OWNER, EXCLUDED, TOLD, ALERTS),
        things=tuple(_namespace(look, name) for name in _holders(look.snapshot)),
        asked="monitoring.watched.owners" if look.wanted.watched.owners else "",
        unknown=_holders_unknown(look.snapshot),
        nothing="no namespace holds accelerators or has a quota for them",
    )


def _holders(snapshot: PlatformSnapshot) -> list[str]:
    """Namespaces of teams that hold accelerators or have a quota for them, sorted."""
    pods = snapshot.pods.device_pods if snapshot.pods is not None else ()
    found = {pod.namespace for pod in pods if any(map(vendor_of, pod.devices))}
    found |= {namespace_of(item) for item in snapshot.all(QUOTAS) if _grants(map_at(item, "spec.hard"))}
    return sorted(name for name in found if not name.startswith(SYSTEM_PREFIXES))


def _grants(hard: Mapping[str, Any]) -> bool:
    return any(_is_accelerator(name.removeprefix("requests.")) and bool(whole(amount)) for name, amount in hard.items())


def _is_accelerator(resource: str) -> bool:
    return bool(vendor_of(resource)) or resource.endswith(DEVICE_CLASS_SUFFIX)


def _holders_unknown(snapshot: PlatformSnapshot) -> str:
    if not snapshot.known(PODS, QUOTAS):
        return snapshot.why_not(PODS, QUOTAS)
    return "what a pod asks for could not be read" if snapshot.pods is None else ""


def _namespace(look: WatchLook, name: str) -> Watched:
    count = sum(facts.owner == OF_NAMESPACES for facts in look.alerts_in(MONITORING_NAMESPACE))
    unknown = look.owner_unknown(name)
    verdicts = (
        (OWNER, _owned(look, name, unknown)),
        (EXCLUDED, included(look, name)),
        (TOLD, _told(look, look.owners.get(name, ""), unknown)),
        (ALERTS, alerted(count, "no alert for the owners of namespaces is wanted")),
    )
    return Watched(
        watch_type=NAMESPACE,
        name=name,
        subject=f"namespace {name}",
        owner=look.owners.get(name, ""),
        owner_unknown=unknown,
        alerts=count,
        verdicts=verdicts,
    )


def _owned(look: WatchLook, namespace: str, unknown: str) -> Verdict:
    if unknown:
        return nobody_knows(unknown)
    if namespace in look.owners:
        return holds(look.owners[namespace])
    return fails("nobody is named who answers for it", f"metadata.labels of namespace {namespace}", "no owner", "an owner")


def _told(look: WatchLook, owner: str, unknown: str) -> Verdict:
    if unknown:
        return nobody_knows(unknown)
    if not owner:
        return needless("no owner is named")
    told = look.told.get(owner)
    if told is None:
        return nobody_knows(f"nobody knows whether {owner} is told")
    return holds() if told else fails(f"no route leads to {owner}", "routes", "none", f"one for owner {owner}")


# ---- queues ----------------------------------------------------------------------------------------------------------


def queues(look: WatchLook) -> Area:
    """The ClusterQueues: Kueue's controller, which tells of all of them, has to be scraped. No document asks for that."""
    snapshot = look.snapshot
    sight = sight_of(KUEUE, look.scraping)
    count = sum(map(_tells_of_queues, look.alerts_in(MONITORING_NAMESPACE)))
    things = [
        Watched(
            watch_type=QUEUE,
            name=name_of(item),
            subject=f"ClusterQueue {name_of(item)}",
            owner=TEAM,
            alerts=count,
            sight=sight,
            verdicts=((QUEUE_CHECK, scraped(sight)), (ALERTS, alerted(count, "no alert on queues is wanted"))),
        )
        for item in snapshot.all(CLUSTER_QUEUES)
    ]
    return Area(
        subject="queues seen",
        checks=(QUEUE_CHECK, ALERTS),
        things=tuple(things),
        unknown=snapshot.why_not(CLUSTER_QUEUES),
        nothing="there is no ClusterQueue",
    )


def _tells_of_queues(alert: AlertFacts) -> bool:
    return any(name.startswith(_KUEUE_SERIES) for condition in alert.conditions for name in series_of(condition.value))


def queue_findings(look: WatchLook) -> Iterator[CheckFinding]:
    """Whether the queues tell how much of their quotas is used, as far as Kueue's own object shows it."""
    snapshot = look.snapshot
    if not snapshot.known(CLUSTER_QUEUES):
        yield finding_of(QUEUE_RESOURCES, "queues seen", nobody_knows(snapshot.why_not(CLUSTER_QUEUES)))
    elif not snapshot.all(CLUSTER_QUEUES):
        yield not_asked(QUEUE_RESOURCES, "queues seen", "there is no ClusterQueue")
    else:
        yield finding_of(QUEUE_RESOURCES, "queues seen", _resources_told(snapshot))


def _resources_told(snapshot: PlatformSnapshot) -> Verdict:
    """The operator of OpenShift always sets it; the configuration of any other Kueue is in a ConfigMap that nobody reads."""
    if not snapshot.known(KUEUES):
        return nobody_knows(snapshot.why_not(KUEUES))
    found = snapshot.get(KUEUES, "", _KUEUE_OBJECT)
    if found is not None and text_at(found, "spec.managementState") == "Managed":
        return holds("the Kueue operator sets metrics.enableClusterQueueResources")
    state = snapshot.listed[KUEUES].state
    why = "the cluster has no Kueue operator" if state == ABSENT else "no Kueue object is Managed"
    return nobody_knows(f"{why}, and Kueue's own configuration is not read")
