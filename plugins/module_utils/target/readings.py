# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a target cluster: per resource its API, the facts that it feeds, and what planning lacks without it.

Each resource is read with one paged list over all namespaces. Secrets are never read. A kind that the cluster does not
serve has no objects there: that is known. Only where a fact of something else comes from such a kind does it stay unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from .model import ABSENT, FORBIDDEN, NOT_SERVED, READ

ROLE_NAME: Final = "groundwork-readiness-target"
VERBS: Final = ("get", "list")
DISCOVERY_PATHS: Final = ("/api", "/api/*", "/apis", "/apis/*", "/version")
"""Which APIs and which version a server has; accounts may usually read these anyway."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the API that is listed.

    `versions` are those that the mapping understands, the preferred one first. `facts` are named `kind.fact`, or `kind`
    for all of a kind. `costs` says in words what stays unknown without the list, and `costs_when_absent` whether that
    holds as well where the cluster does not serve the kind at all.
    """

    group: str
    versions: tuple[str, ...]
    plural: str
    kind: str
    namespaced: bool
    facts: tuple[str, ...]
    costs: tuple[str, ...]
    label_selector: str = ""
    field_selector: str = ""
    costs_when_absent: bool = False

    @property
    def id(self) -> str:
        """Its name in full: `storageclasses.storage.k8s.io`, and `nodes` for the core group."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def permission(self) -> str:
        """What an account needs for it."""
        return f"list {self.id}"


_REQUESTED: Final = tuple(f"node.requested_{what}" for what in ("cpu_millicores", "memory_bytes", "pods", "hugepages_bytes", "devices"))
_OVERHEAD: Final = ("virtualization.filesystem_overhead", "virtualization.filesystem_overheads")
_CLAIMS: Final = ("storage_class.claim_sets", "storage_class.clone_strategy", "storage_class.snapshot_class")
_FREE: Final = ("storage_class.free_bytes", "storage_class.largest_volume_bytes", "storage_class.segment_count")
_FILE_SYSTEMS: Final = "how much larger volumes with a file system must be"

_CORE: Final = (
    Resource("", ("v1",), "nodes", "Node", False, ("node",), ("the nodes, and so whether the VMs fit",)),
    Resource(
        "",
        ("v1",),
        "pods",
        "Pod",
        True,
        _REQUESTED,
        ("what is requested on the nodes already, and so what is left of them",),
        field_selector="status.phase!=Succeeded,status.phase!=Failed",
    ),
    Resource(
        "",
        ("v1",),
        "namespaces",
        "Namespace",
        False,
        ("namespace", "user_network.namespaces", "migration_toolkit.namespace_enforces", "cluster.id_basis"),
        ("which namespaces exist, and which networks and pod security levels they have",),
    ),
    Resource("", ("v1",), "resourcequotas", "ResourceQuota", True, ("quota",), ("the quotas of target namespaces",)),
    Resource("", ("v1",), "limitranges", "LimitRange", True, ("limit_range",), ("the largest pod and volume claim of target namespaces",)),
)
_STORAGE: Final = (
    Resource("storage.k8s.io", ("v1",), "storageclasses", "StorageClass", False, ("storage_class",), ("the storage classes",)),
    Resource(
        "storage.k8s.io", ("v1",), "csistoragecapacities", "CSIStorageCapacity", True, _FREE, ("how much space storage classes have left",)
    ),
    Resource(
        "cdi.kubevirt.io",
        ("v1beta1",),
        "storageprofiles",
        "StorageProfile",
        False,
        _CLAIMS,
        ("the access modes of storage classes, and so whether VMs on them can be migrated live",),
        costs_when_absent=True,
    ),
    Resource("cdi.kubevirt.io", ("v1beta1",), "cdiconfigs", "CDIConfig", False, _OVERHEAD, (_FILE_SYSTEMS,), costs_when_absent=True),
    Resource("cdi.kubevirt.io", ("v1beta1",), "cdis", "CDI", False, _OVERHEAD, (_FILE_SYSTEMS,), costs_when_absent=True),
    Resource(
        "snapshot.storage.k8s.io",
        ("v1",),
        "volumesnapshotclasses",
        "VolumeSnapshotClass",
        False,
        ("storage_class.snapshot_class",),
        ("which storage classes have snapshots",),
    ),
)
_NETWORKS: Final = (
    Resource(
        "k8s.cni.cncf.io",
        ("v1",),
        "network-attachment-definitions",
        "NetworkAttachmentDefinition",
        True,
        ("network_attachment",),
        ("the networks that VMs can be attached to",),
    ),
    Resource(
        "k8s.ovn.org",
        ("v1",),
        "userdefinednetworks",
        "UserDefinedNetwork",
        True,
        ("user_network",),
        ("user-defined networks of namespaces",),
    ),
    Resource(
        "k8s.ovn.org",
        ("v1",),
        "clusteruserdefinednetworks",
        "ClusterUserDefinedNetwork",
        False,
        ("user_network",),
        ("user-defined networks of the cluster",),
    ),
    Resource(
        "nmstate.io",
        ("v1", "v1beta1"),
        "nodenetworkconfigurationpolicies",
        "NodeNetworkConfigurationPolicy",
        False,
        ("node_network_policy",),
        ("the bridges that policies make on nodes",),
    ),
    Resource(
        "nmstate.io",
        ("v1beta1",),
        "nodenetworkstates",
        "NodeNetworkState",
        False,
        ("node.bridges",),
        ("the bridges that nodes have",),
        costs_when_absent=True,
    ),
)
_VIRTUALIZATION: Final = (
    Resource(
        "hco.kubevirt.io",
        ("v1beta1", "v1"),
        "hyperconvergeds",
        "HyperConverged",
        True,
        ("virtualization",),
        ("whether OpenShift Virtualization is installed, and with which overcommit and limits",),
    ),
    Resource(
        "kubevirt.io",
        ("v1", "v1alpha3"),
        "kubevirts",
        "KubeVirt",
        True,
        ("virtualization",),
        ("the settings of KubeVirt where HyperConverged does not show them",),
    ),
    Resource(
        "kubevirt.io",
        ("v1", "v1alpha3"),
        "virtualmachines",
        "VirtualMachine",
        True,
        ("virtual_machine",),
        ("VMs that exist already, their names and MAC addresses",),
    ),
    Resource(
        "instancetype.kubevirt.io",
        ("v1beta1", "v1"),
        "virtualmachineinstancetypes",
        "VirtualMachineInstancetype",
        True,
        ("instance_type",),
        ("instance types of namespaces",),
    ),
    Resource(
        "instancetype.kubevirt.io",
        ("v1beta1", "v1"),
        "virtualmachineclusterinstancetypes",
        "VirtualMachineClusterInstancetype",
        False,
        ("instance_type",),
        ("instance types of the cluster",),
    ),
    Resource(
        "topology.node.k8s.io",
        ("v1alpha2", "v1alpha1"),
        "noderesourcetopologies",
        "NodeResourceTopology",
        False,
        ("node.numa_node_count",),
        ("how many NUMA nodes the nodes have",),
        costs_when_absent=True,
    ),
)
_OPENSHIFT: Final = (
    Resource(
        "config.openshift.io",
        ("v1",),
        "clusterversions",
        "ClusterVersion",
        False,
        ("cluster.openshift_version", "cluster.id_basis"),
        ("the version of OpenShift, and the cluster's own id",),
    ),
    Resource(
        "config.openshift.io",
        ("v1",),
        "infrastructures",
        "Infrastructure",
        False,
        ("cluster.platform", "cluster.control_plane_topology"),
        ("the platform of the cluster",),
    ),
    Resource(
        "quota.openshift.io",
        ("v1",),
        "clusterresourcequotas",
        "ClusterResourceQuota",
        False,
        ("quota",),
        ("quotas over several namespaces",),
    ),
    Resource(
        "operators.coreos.com",
        ("v1alpha1",),
        "subscriptions",
        "Subscription",
        True,
        ("migration_toolkit.version",),
        ("the version of the Migration Toolkit for Virtualization",),
        costs_when_absent=True,
    ),
)


def _forklift(plural: str, kind: str, record: str, cost: str) -> Resource:
    return Resource("forklift.konveyor.io", ("v1beta1",), plural, kind, True, (record,), (cost,))


_MIGRATION: Final = (
    _forklift(
        "forkliftcontrollers",
        "ForkliftController",
        "migration_toolkit",
        "whether the Migration Toolkit for Virtualization is installed, and with which limits",
    ),
    _forklift("providers", "Provider", "provider", "the providers that exist, and whether they are ready"),
    _forklift("hosts", "Host", "migration_host", "direct ways to ESXi hosts"),
    _forklift("networkmaps", "NetworkMap", "network_map", "network maps that exist"),
    _forklift("storagemaps", "StorageMap", "storage_map", "storage maps that exist"),
    _forklift("plans", "Plan", "migration_plan", "plans that exist, and which VMs have been migrated"),
    _forklift("migrations", "Migration", "migration", "migrations that ran or run"),
    _forklift("hooks", "Hook", "hook", "hooks that exist"),
)

RESOURCES: Final = (*_CORE, *_STORAGE, *_NETWORKS, *_VIRTUALIZATION, *_OPENSHIFT, *_MIGRATION)
"""Everything that is read, in the order in which it is asked for."""

BY_ID: Final[Mapping[str, Resource]] = MappingProxyType({resource.id: resource for resource in RESOURCES})


def why_not(identity: str, state: str, reason: str) -> str:
    """Why nothing is known of a resource, in words; empty where it was read. `reason` is what the server said."""
    if state == READ:
        return ""
    if state == FORBIDDEN:
        return f"the account may not list {identity}"
    if state == ABSENT:
        return f"{NOT_SERVED} {identity}"
    return f"{identity} could not be read: {reason}" if reason else f"{identity} could not be read"


def cluster_role() -> dict[str, Any]:
    """The ClusterRole that suffices for reading a target: get and list, no secrets, no writing."""
    by_group: dict[str, list[str]] = {}
    for resource in RESOURCES:
        by_group.setdefault(resource.group, []).append(resource.plural)
    rules: list[dict[str, list[str]]] = [
        {"apiGroups": [group], "resources": sorted(by_group[group]), "verbs": [*VERBS]} for group in sorted(by_group)
    ]
    rules.append({"nonResourceURLs": [*DISCOVERY_PATHS], "verbs": ["get"]})
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": ROLE_NAME},
        "rules": rules,
    }
