# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can become of a proof of life: one stable code for each layer that may be broken, and for what nobody can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ...common.write_findings import FAIL, NOT_EVALUATED, PASS

TENANT, ADMISSION, QUEUE, SCHEDULING, START, RUN = "tenant", "admission", "queue", "scheduling", "start", "run"
LAYERS: Final = (TENANT, ADMISSION, QUEUE, SCHEDULING, START, RUN)
"""What a Job of a tenant goes through, in its order."""


@dataclass(frozen=True, slots=True)
class Code:
    """What came of a proof of life."""

    id: str
    """stable: the layer, and what is wrong there"""
    title: str
    """what happened, in one sentence without a full stop"""
    remedy: str
    """empty where there is nothing to mend"""
    result: str = FAIL

    @property
    def layer(self) -> str:
        """The layer at which it ended."""
        return self.id.partition(".")[0]


NOT_TRIED: Final = Code(
    f"{TENANT}.not_tried",
    "Nothing was tried as the tenant",
    "see the reason; the account needs tenant_rights.yml with the names of the contracts, and life_rights.yml, of roles/namespaces/files",
    NOT_EVALUATED,
)
REFUSED: Final = Code(
    f"{TENANT}.refused",
    "Who has a persona that makes Jobs may not make one",
    "bring back the binding of the persona, or its ClusterRole, with the playbooks namespaces and platform",
)
NO_NAMESPACE: Final = Code(f"{ADMISSION}.namespace", "The namespace is not there, or is going", "run the playbook namespaces")
POD_SECURITY: Final = Code(
    f"{ADMISSION}.pod_security",
    "Pod Security refuses a pod that keeps to the standard restricted",
    "see which webhook or policy changes the pod, or which version of the standard the namespace names",
)
CONSTRAINTS: Final = Code(
    f"{ADMISSION}.constraints",
    "No SecurityContextConstraints let the pod in",
    "let the service accounts of the namespace use restricted-v2, which everybody has who has logged in",
)
QUOTA: Final = Code(
    f"{ADMISSION}.quota",
    "A quota grants less than the contract does",
    "run the playbook namespaces, and take away the quota that is named if no contract declares it",
)
QUOTA_IN_USE: Final = Code(
    f"{ADMISSION}.quota_in_use",
    "The quota is held by what runs in the namespace, so that nothing could be proven",
    "run it again when the team holds fewer accelerators, CPUs or pods",
    NOT_EVALUATED,
)
GATE: Final = Code(
    f"{ADMISSION}.gate",
    "The governance gate refuses the pod",
    "bring back owner, owner group, classification and expiry of the namespace with the playbook namespaces",
)
POLICY: Final = Code(
    f"{ADMISSION}.policy",
    "An admission policy refuses it",
    "see the policy that is named: tenants cannot run what the contract grants",
)
WEBHOOK: Final = Code(
    f"{ADMISSION}.webhook",
    "An admission webhook refuses it",
    "see whose webhook it is, and why: tenants cannot run what the contract grants",
)
WEBHOOK_DOWN: Final = Code(
    f"{ADMISSION}.webhook_down",
    "An admission webhook does not answer",
    "see to the service behind the webhook, or take the webhook away with what it belongs to",
)
LIMIT_RANGE: Final = Code(
    f"{ADMISSION}.limit_range",
    "A LimitRange refuses what the contract's containers get",
    "run the playbook namespaces, and take away the LimitRange that no contract declares",
)
ACCOUNT: Final = Code(
    f"{ADMISSION}.service_account",
    "The service account of the pod is not there",
    "see why the cluster's controllers do not make the default service account",
)
OTHER_REFUSAL: Final = Code(f"{ADMISSION}.other", "The API server refuses it", "see the words of the server")
SERVER_FAILED: Final = Code(
    f"{ADMISSION}.server",
    "The API server gave no answer that says anything",
    "see to the API server, and run it again",
    NOT_EVALUATED,
)
NO_QUEUE: Final = Code(f"{QUEUE}.missing", "The LocalQueue of the contract is not there", "run the playbook namespaces")
STOPPED: Final = Code(
    f"{QUEUE}.stopped",
    "The queue is stopped, though the contract lets it run",
    "run the playbook namespaces; see who stopped the LocalQueue, or the ClusterQueue behind it",
)
INACTIVE: Final = Code(
    f"{QUEUE}.inactive",
    "The queue admits nothing: what is behind it is missing or inactive",
    "see the conditions of the ClusterQueue: flavors and admission checks that it names have to be there",
)
NO_WORKLOAD: Final = Code(
    f"{QUEUE}.no_workload",
    "Kueue made no Workload of the Job",
    "see whether Kueue runs, whether it manages Jobs, and whether the namespace bears kueue.openshift.io/managed",
)
TOO_SMALL: Final = Code(
    f"{QUEUE}.too_small",
    "The queue could not admit it even if it were empty",
    "run the playbook namespaces, which gives the owner's ClusterQueue what its contracts grant",
)
FULL: Final = Code(
    f"{QUEUE}.full",
    "What the queue may hand out is in use, so that nothing could be proven",
    "run it again when the owner's namespaces hold fewer accelerators",
    NOT_EVALUATED,
)
NOT_ADMITTED: Final = Code(f"{QUEUE}.not_admitted", "The queue does not admit it", "see Kueue's words, and its admission checks")
EVICTED_BY_QUEUE: Final = Code(
    f"{QUEUE}.evicted",
    "The queue took it back after it was admitted",
    "see Kueue's words: preemption, a queue that was stopped, or pods that were not ready in time",
)
TAINT: Final = Code(
    f"{SCHEDULING}.taint",
    "Nodes with the devices have a taint that the pod does not tolerate",
    "give the ResourceFlavor the toleration with the playbook platform, or take the taint away",
)
TOO_FEW: Final = Code(
    f"{SCHEDULING}.devices",
    "No node has so many devices",
    "see the device plugin and the health of the devices on the nodes of the class",
)
IN_USE: Final = Code(
    f"{SCHEDULING}.devices_in_use",
    "Nodes have so many devices, and too few of them are free",
    "see who holds devices that are granted to this contract; the finding on grants and nodes names what is granted",
)
NO_ROOM: Final = Code(
    f"{SCHEDULING}.resources",
    "Nodes with the devices have too little CPU or memory left, or take no more pods",
    "see what else runs on these nodes; keep them for workloads with accelerators by a taint",
)
SELECTOR: Final = Code(
    f"{SCHEDULING}.selector",
    "No node with the devices has the labels that the pod asks for",
    "see the node labels of the ResourceFlavor, and the region that the contract binds the namespace to",
)
CORDONED: Final = Code(
    f"{SCHEDULING}.nodes_unusable", "Nodes with the devices are cordoned or not ready", "see to the nodes, or wait for their maintenance"
)
NO_NODES: Final = Code(f"{SCHEDULING}.no_nodes", "The cluster has no nodes", "bring nodes")
VOLUMES: Final = Code(f"{SCHEDULING}.volumes", "Volumes keep the pod from every node", "see the volumes, their StorageClass and zone")
NOT_SCHEDULED: Final = Code(f"{SCHEDULING}.other", "The scheduler finds no node", "see the words of the scheduler")
IMAGE: Final = Code(
    f"{START}.image",
    "The image cannot be pulled",
    "see the name of the image, the registry, its mirror, and the pull secrets of the contract",
)
CONTAINER: Final = Code(
    f"{START}.container",
    "The container cannot start",
    "see the words of the kubelet: an image that runs as root, a runtime class, the network of the pod",
)
DEVICE_PLUGIN: Final = Code(
    f"{START}.device_plugin",
    "The device plugin does not hand the devices out",
    "see the device plugin's log on the node, and whether devices are healthy",
)
NODE_REFUSED: Final = Code(f"{START}.node", "The node does not take the pod", "see the words of the kubelet")
NOT_VISIBLE: Final = Code(
    f"{RUN}.devices_not_visible",
    "The container was given devices and sees none",
    "see the container toolkit, its runtime class or CDI on the node, and the driver",
)
NOT_USABLE: Final = Code(
    f"{RUN}.devices_not_usable", "The devices are there and their own tool fails on them", "see driver and device on the node"
)
DNS: Final = Code(f"{RUN}.dns", "Names cannot be resolved", "see the NetworkPolicy readiness-dns, and the cluster's DNS")
OBJECT_STORE: Final = Code(
    f"{RUN}.object_store",
    "The object store of the contract is not reached",
    "declare its network under network.egress, and see AWS_S3_ENDPOINT in its Secret",
)
UNREACHED: Final = Code(
    f"{RUN}.unreached", "What the contract lets the namespace reach is not reached", "see the NetworkPolicies, firewalls and the other side"
)
LEAK: Final = Code(
    f"{RUN}.leak",
    "What the namespace must not reach is reached",
    "see which NetworkPolicy or AdminNetworkPolicy lets it through, and whether the network enforces policies at all",
)
BROKE: Final = Code(f"{RUN}.failed", "The container ended with an error", "see its exit code and message")
EVICTED: Final = Code(
    f"{RUN}.evicted", "The pod was evicted, preempted or taken from its node", "see the words of who evicted it, and run it again"
)
GONE: Final = Code(
    f"{RUN}.gone", "Somebody removed the Job or its pod before it ended", "see who removes Jobs there, and run it again", NOT_EVALUATED
)
TIMEOUT: Final = Code(f"{RUN}.timeout", "It did not end in time", "see where it stands, and run it again")
NO_EVIDENCE: Final = Code(
    f"{RUN}.no_evidence",
    "It ended well, and nothing shows all that it was to show",
    "run it where containers run; an image without a shell, or a node that is only played, leaves no result",
    NOT_EVALUATED,
)
SUCCEEDED: Final = Code(f"{RUN}.succeeded", "It ran as the tenant, saw its devices, and reached what it should and nothing else", "", PASS)

CODES: Final[tuple[Code, ...]] = (
    NOT_TRIED,
    REFUSED,
    NO_NAMESPACE,
    POD_SECURITY,
    CONSTRAINTS,
    QUOTA,
    QUOTA_IN_USE,
    GATE,
    POLICY,
    WEBHOOK,
    WEBHOOK_DOWN,
    LIMIT_RANGE,
    ACCOUNT,
    OTHER_REFUSAL,
    SERVER_FAILED,
    NO_QUEUE,
    STOPPED,
    INACTIVE,
    NO_WORKLOAD,
    TOO_SMALL,
    FULL,
    NOT_ADMITTED,
    EVICTED_BY_QUEUE,
    TAINT,
    TOO_FEW,
    IN_USE,
    NO_ROOM,
    SELECTOR,
    CORDONED,
    NO_NODES,
    VOLUMES,
    NOT_SCHEDULED,
    IMAGE,
    CONTAINER,
    DEVICE_PLUGIN,
    NODE_REFUSED,
    NOT_VISIBLE,
    NOT_USABLE,
    DNS,
    OBJECT_STORE,
    UNREACHED,
    LEAK,
    BROKE,
    EVICTED,
    GONE,
    TIMEOUT,
    NO_EVIDENCE,
    SUCCEEDED,
)

BY_ID: Final[Mapping[str, Code]] = MappingProxyType({code.id: code for code in CODES})
