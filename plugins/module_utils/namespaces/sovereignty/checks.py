# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of sovereignty and isolation: where work and data of a namespace are, what leads out of it, and what leads in."""

from __future__ import annotations

from typing import Any, Final

from ...common.findings import WARNING
from ...platform.checks import Check

STAGE: Final = "namespaces"
SOVEREIGNTY, ISOLATION = "sovereignty", "isolation"
LAYERS: Final = (SOVEREIGNTY, ISOLATION)


def _check(name: str, layer: str, title: str, remedy: str, source: str, **more: Any) -> Check:
    return Check(f"{STAGE}.sovereignty.{name}", STAGE, layer, title, remedy, source, **more)


SELECTOR: Final = _check(
    "selector",
    SOVEREIGNTY,
    "The node selector of the namespace binds its pods to the region of its jurisdiction",
    "run the playbook namespaces, which writes the selector; have whoever changed it say why",
    "OpenShift, annotation openshift.io/node-selector of the namespace",
)
REACHABLE: Final = _check(
    "nodes.reachable",
    SOVEREIGNTY,
    "Every node that pods of the namespace could run on lies in its jurisdiction",
    "name one region, which binds pods to it, or label the nodes with their region",
    "label topology.kubernetes.io/region of the nodes; node selector of the namespace",
)
RUNNING: Final = _check(
    "nodes.running",
    SOVEREIGNTY,
    "Every node that pods of the namespace run on lies in its jurisdiction",
    "have the pods start anew under the node selector",
    "label topology.kubernetes.io/region of the nodes; spec.nodeName of the pods",
)
VOLUMES: Final = _check(
    "volumes",
    SOVEREIGNTY,
    "Every volume with data of the namespace lies in its jurisdiction",
    "move the data to a volume of the region, and delete this one",
    "PersistentVolume, spec.nodeAffinity and spec.claimRef",
)
IMAGES: Final = _check(
    "images.running",
    SOVEREIGNTY,
    "Every image that pods of the namespace run is pulled within its jurisdiction alone",
    "mirror the image, with mirrorSourcePolicy NeverContactSource, or name its registry in jurisdiction.hosts",
    "images of pods; ImageDigestMirrorSet and ImageTagMirrorSet, mirrors and mirrorSourcePolicy",
)
REGISTRIES: Final = _check(
    "images.registries",
    SOVEREIGNTY,
    "Every registry that the contract names is asked within its jurisdiction alone",
    "mirror the registry, with mirrorSourcePolicy NeverContactSource, or name it in jurisdiction.hosts",
    "contract, images.registries; ImageDigestMirrorSet and ImageTagMirrorSet, mirrors and mirrorSourcePolicy",
)
ANY_REGISTRY: Final = _check(
    "images.any",
    SOVEREIGNTY,
    "The contract says where images may come from",
    "name the registries in images.registries",
    "contract, images.registries",
    severity=WARNING,
)
MODELS: Final = _check(
    "models",
    SOVEREIGNTY,
    "The weights of every model that is served are loaded within the jurisdiction",
    "bring the weights into an object store or a registry of the jurisdiction",
    "InferenceService, storageUri; LLMInferenceService, spec.model.uri",
)
EGRESS: Final = _check(
    "egress",
    SOVEREIGNTY,
    "No rule lets pods of the namespace reach networks or hosts outside its jurisdiction",
    "narrow the rule to networks of the jurisdiction, or name the network in jurisdiction.hosts",
    "NetworkPolicy, spec.egress; EgressFirewall, spec.egress",
)
IDENTITY: Final = _check(
    "identity",
    SOVEREIGNTY,
    "Whoever logs people in is within the jurisdiction",
    "log in by a provider of the jurisdiction, or name its host in jurisdiction.hosts",
    "OAuth cluster, spec.identityProviders; Authentication cluster, spec.oidcProviders",
)
TELEMETRY: Final = _check(
    "telemetry",
    SOVEREIGNTY,
    "Metrics and reports of the cluster stay within the jurisdiction",
    "take the target out, or name its host in jurisdiction.hosts",
    "Prometheus, spec.remoteWrite; ClusterOperator insights, condition Disabled",
)
PROXY: Final = _check(
    "proxy",
    SOVEREIGNTY,
    "The proxy that the cluster goes out by is within the jurisdiction",
    "use a proxy of the jurisdiction, or name its host in jurisdiction.hosts",
    "Proxy cluster, httpProxy and httpsProxy",
)
HELD_BACK: Final = _check(
    "isolation.default",
    ISOLATION,
    "Policies hold back what no rule lets through, both ways",
    "run the playbook namespaces, which writes a policy that denies everything else",
    "NetworkPolicy with an empty podSelector",
)
INGRESS: Final = _check(
    "isolation.ingress",
    ISOLATION,
    "Nothing but what the contract names reaches pods of the namespace",
    "delete the policy, or have its way declared in network.from_namespaces",
    "NetworkPolicy, spec.ingress; labels of all namespaces",
)
NEIGHBOURS: Final = _check(
    "isolation.egress",
    ISOLATION,
    "Pods of the namespace reach no namespace but those that the contract names",
    "delete the policy, or have its way declared in network.egress",
    "NetworkPolicy, spec.egress; labels of all namespaces",
)
POD_SECURITY: Final = _check(
    "isolation.pod_security",
    ISOLATION,
    "The level of pod security that is enforced keeps pods off the network of their nodes",
    "run the playbook namespaces, which sets the level of the contract",
    "label pod-security.kubernetes.io/enforce of the namespace",
)
HOST_NETWORK: Final = _check(
    "isolation.host_network",
    ISOLATION,
    "No pod of the namespace uses the network of its node, where no policy holds",
    "delete the pods; they were let in before the level of pod security was enforced, or by an exemption",
    "spec.hostNetwork of the pods",
)

CHECKS: Final[tuple[Check, ...]] = (
    SELECTOR,
    REACHABLE,
    RUNNING,
    VOLUMES,
    IMAGES,
    REGISTRIES,
    ANY_REGISTRY,
    MODELS,
    EGRESS,
    IDENTITY,
    TELEMETRY,
    PROXY,
    HELD_BACK,
    INGRESS,
    NEIGHBOURS,
    POD_SECURITY,
    HOST_NETWORK,
)
