# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controllers of operands, played by hand: what they would write into the status of what they look after.

No operand runs here. `settle` says of an object what its controller says when all is well, `say` what a test wants it to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tests.counterparts.cluster import Client
from tests.counterparts.cluster.client import Json

MERGE = "application/merge-patch+json"
AT = "2026-01-01T00:00:00Z"
"""When conditions changed last: always the same, as tests compare."""
READY_COMPONENTS = ("aipipelines", "dashboard", "kserve", "modelregistry", "ray", "trainer", "trustyai", "workbenches")


def live(client: Client, manifest: Json) -> Json:
    """The object of that API version, kind, namespace and name as it is now."""
    return client.get(client.path_of(manifest))


def said(kind: str, status: bool | str, reason: str = "", message: str = "", **more: object) -> Json:
    """A condition; `more` are further fields, such as a severity."""
    word = status if isinstance(status, str) else str(status)
    return {"type": kind, "status": word, "reason": reason or kind, "message": message, "lastTransitionTime": AT, **more}


def say(client: Client, manifest: Json, *conditions: Json, **fields: object) -> Json:
    """Writes conditions, and other fields of the status, beside what is said already; the object afterwards.

    A condition takes the place of the one of its type. What was said is said of the object's present generation.
    """
    now = live(client, manifest)
    kept = {each["type"]: each for each in (now.get("status") or {}).get("conditions") or ()}
    generation = now["metadata"].get("generation", 1)
    # The server drops what a kind has no field for: not every one says of which generation it speaks.
    kept |= {each["type"]: {"observedGeneration": generation, **each} for each in conditions}
    status: Json = {"observedGeneration": generation, **fields, **({"conditions": list(kept.values())} if kept else {})}
    return client.request("PATCH", f"{client.path_of(manifest)}/status", {"status": status}, MERGE).checked().body


def group_of(item: Json) -> str:
    """The API group."""
    return str(item["apiVersion"]).rpartition("/")[0]


def settle(client: Client, manifest: Json, **fields: object) -> Json:
    """Says of the object what its controller says when all is well; `fields` of the status beat that. The object afterwards.

    KeyError for a kind that nobody plays here.
    """
    now = live(client, manifest)
    conditions, usual = WELL[(group_of(now), now["kind"])](now)
    return say(client, manifest, *conditions, **{**usual, **fields})


def forget(client: Client, manifest: Json) -> Json:
    """Takes back everything that was said: as before its controller has seen the object."""
    return client.request("PATCH", f"{client.path_of(manifest)}/status", {"status": None}, MERGE).checked().body


Well = tuple[tuple[Json, ...], Mapping[str, object]]


def _well(*kinds: str, bad: Iterable[str] = (), fields: Mapping[str, object] | None = None) -> Callable[[Json], Well]:
    """Conditions that are True, conditions that are False, and fields of the status."""
    conditions = (*(said(kind, True) for kind in kinds), *(said(kind, False) for kind in bad))
    return lambda _item: (conditions, dict(fields or {}))


def _science_cluster(item: Json) -> Well:
    """Every component that is wanted is ready; the others say that they are removed, which is no failure."""
    wanted: Mapping[str, Json] = item.get("spec", {}).get("components") or {}
    conditions = [said("Ready", True), said("ProvisioningSucceeded", True)]
    for name in sorted({*READY_COMPONENTS, *wanted}):
        state = (wanted.get(name) or {}).get("managementState", "Removed")
        kind = f"{_component(name)}Ready"
        removed = said(kind, False, "Removed", "Component ManagementState is set to Removed", severity="Info")
        conditions.append(said(kind, True) if state in {"Managed", "Unmanaged"} else removed)
    components = {name: {"managementState": (wanted.get(name) or {}).get("managementState", "Removed")} for name in wanted}
    return tuple(conditions), {"phase": "Ready", "components": components}


def _component(name: str) -> str:
    words = {"aipipelines": "AIPipelines", "modelregistry": "ModelRegistry", "trustyai": "TrustyAI"}
    return words.get(name, name[:1].upper() + name[1:])


def _device_config(item: Json) -> Well:
    """AMD's counters: as many nodes as the object's status says already, or one."""
    nodes = (item.get("status") or {}).get("devicePlugin", {}).get("nodesMatchingSelectorNumber", 1)
    counted = {"nodesMatchingSelectorNumber": nodes, "desiredNumber": nodes, "availableNumber": nodes}
    parts = dict.fromkeys(("devicePlugin", "driver", "metricsExporter"), counted)
    return (said("Ready", True, "OperatorReady"), said("Error", False, "OperatorReady")), parts


def _pool(item: Json) -> Well:
    """All machines have the pool's configuration."""
    count = (item.get("status") or {}).get("machineCount", 1)
    spec = item.get("spec", {}).get("configuration", {}).get("name", f"rendered-{item['metadata']['name']}-1")
    counts = {"machineCount": count, "readyMachineCount": count, "updatedMachineCount": count}
    counts |= {"unavailableMachineCount": 0, "degradedMachineCount": 0}
    conditions = (said("Updated", True), said("Updating", False), said("Degraded", False))
    return conditions, {**counts, "configuration": {"name": spec}}


_NFD = _well("Available", "Upgradeable", bad=("Degraded", "Progressing"))
_SERVED = ("PredictorReady", "IngressReady", "Ready")
WELL: Mapping[tuple[str, str], Callable[[Json], Well]] = {
    ("nfd.openshift.io", "NodeFeatureDiscovery"): _NFD,
    ("nfd.kubernetes.io", "NodeFeatureDiscovery"): _NFD,
    ("nvidia.com", "ClusterPolicy"): _well("Ready", bad=("Error",), fields={"state": "ready", "namespace": "nvidia-gpu-operator"}),
    ("amd.com", "DeviceConfig"): _device_config,
    ("habanalabs.habana.ai", "ClusterPolicy"): _well("Ready"),
    ("habanalabs.habana.ai", "DeviceConfig"): _well("Ready"),
    ("hco.kubevirt.io", "HyperConverged"): _well("Available", "Upgradeable", bad=("Degraded", "Progressing")),
    ("machineconfiguration.openshift.io", "MachineConfigPool"): _pool,
    ("dscinitialization.opendatahub.io", "DSCInitialization"): _well("Ready", fields={"phase": "Ready"}),
    ("datasciencecluster.opendatahub.io", "DataScienceCluster"): _science_cluster,
    ("services.platform.opendatahub.io", "Auth"): _well("Ready"),
    ("modelregistry.opendatahub.io", "ModelRegistry"): _well("Available"),
    ("kueue.openshift.io", "Kueue"): _well("Available", "CertManagerAvailable", bad=("Degraded",)),
    ("kueue.x-k8s.io", "ClusterQueue"): _well("Active"),
    ("kueue.x-k8s.io", "LocalQueue"): _well("Active"),
    ("serving.kserve.io", "InferenceService"): _well(*_SERVED, fields={"url": "http://model.example.com"}),
    ("serving.kserve.io", "LLMInferenceService"): _well("PresetsCombined", "WorkloadsReady", "RouterReady", "Ready"),
}
"""What controllers say when all is well, by group and kind."""


def cluster_policy_without_nodes(client: Client, manifest: Json) -> Json:
    """NVIDIA's ready that means nothing: there is no node with a GPU."""
    return say(client, manifest, said("Ready", True, "NoGPUNodes"), said("Error", False, "Ready"), state="ready")


def cluster_policy_fails(client: Client, manifest: Json, reason: str = "OperandNotReady", message: str = "") -> Json:
    """NVIDIA's operator says that something lacks."""
    return say(client, manifest, said("Ready", False, reason), said("Error", True, reason, message), state="notReady")


def device_config_behind(client: Client, manifest: Json, nodes: int, available: int) -> Json:
    """AMD's plugin runs on fewer nodes than it shall."""
    counted = {"nodesMatchingSelectorNumber": nodes, "desiredNumber": nodes, "availableNumber": available}
    return say(client, manifest, said("Ready", False, "OperatorNotReady"), devicePlugin=counted)


def component_fails(client: Client, manifest: Json, component: str, message: str) -> Json:
    """A component of a DataScienceCluster is not ready, and so the cluster is not."""
    kind = f"{_component(component)}Ready"
    return say(client, manifest, said("Ready", False, "NotReady", message), said(kind, False, "Error", message), phase="Not Ready")
