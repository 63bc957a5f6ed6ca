# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of a target cluster: what `target.jsonl` holds and what plan, platform and namespaces rely on.

As in the estate's model, the dataclasses define names, types and units once, their wire form is the record, and an
absent key is unknown. Whether a kind could be read at all stands in its `reading` record: without one that says `read`,
no record of a kind does not mean that there is none.

Field names follow the Kubernetes API; quantities are whole numbers with their unit in the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from ..common.unknown import Unknown
from ..estate.fields import book, fact, required

Text: TypeAlias = str | Unknown
Count: TypeAlias = int | Unknown
Number: TypeAlias = float | Unknown
Flag: TypeAlias = bool | Unknown
Texts: TypeAlias = tuple[str, ...] | Unknown
TextMap: TypeAlias = Mapping[str, str] | Unknown
CountMap: TypeAlias = Mapping[str, int] | Unknown

READ, FORBIDDEN, ABSENT, FAILED = "read", "forbidden", "absent", "failed"
READING_STATES = (READ, FORBIDDEN, ABSENT, FAILED)
"""How a list came out: read in full; refused to this account; a kind that the cluster does not serve; or an error."""

NOT_SERVED: Final = "the cluster does not serve"
"""What the reason of an absent kind begins with."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the records of every kind have in common. The id is `name`, or `namespace/name` for namespaced objects."""

    id: str = required("stable id, unique within the kind")
    name: Text = fact("name of the object")
    namespace: Text = fact("its namespace; absent for kinds without one")
    uid: Text = fact("UID that the API server gave it")
    labels: TextMap = fact("labels that bear on planning; others are not kept")
    unknown: Mapping[str, str] | None = book("per fact, why it is unknown")


@dataclass(frozen=True, slots=True)
class Reading(Record):
    """How the list of one resource came out. The id is `resource.group`, `nodes` for the core group."""

    kind_name: Text = fact("kind of the objects, such as StorageClass")
    state: Text = fact("read, forbidden, absent or failed")
    count: Count = fact("objects in the list, where it was read")
    reason: Text = fact("why it was not read, in the server's words; empty when it was")
    permission: Text = fact("what the account lacks where it was forbidden, such as list storageclasses.storage.k8s.io")
    costs: Texts = fact("what stays unknown without it")


@dataclass(frozen=True, slots=True)
class Notice(Record):
    """Something that whoever uses the target has to know of how it was read."""

    code: Text = fact("stable word for it, such as certificate_not_checked")
    message: Text = fact("what it is")
    remedy: Text = fact("what to do about it")


@dataclass(frozen=True, slots=True)
class Cluster(Record):
    """The cluster itself. The id is ClusterVersion's clusterID, else the UID of namespace kube-system."""

    id_basis: Text = fact("cluster_version or kube_system")
    kubernetes_version: Text = fact("version of the API server, such as 1.34.4")
    openshift_version: Text = fact("version of OpenShift; empty for a cluster that is none")
    platform: Text = fact("infrastructure platform, such as BareMetal; empty when not named")
    control_plane_topology: Text = fact("HighlyAvailable, SingleReplica, External, …; empty when not named")
    api_groups: Texts = fact("API groups that it serves")


@dataclass(frozen=True, slots=True)
class Node(Record):
    """A node: what it has, what is requested on it now, and what its CPUs can do."""

    ready: Flag = fact("condition Ready is True")
    unschedulable: Flag = fact("cordoned")
    roles: Texts = fact("roles from its labels, such as worker")
    zone: Text = fact("topology.kubernetes.io/zone; empty when not labelled")
    architecture: Text = fact("amd64, arm64, …")
    kubelet_version: Text = fact("version of the kubelet")
    taints: Texts = fact("taints as key=value:Effect")
    capacity_cpu_millicores: Count = fact("CPU capacity")
    capacity_memory_bytes: Count = fact("memory capacity")
    allocatable_cpu_millicores: Count = fact("CPU that pods can request")
    allocatable_memory_bytes: Count = fact("memory that pods can request")
    allocatable_pods: Count = fact("pods that it takes")
    allocatable_hugepages_bytes: CountMap = fact("huge pages by size (2Mi, 1Gi)")
    capacity_devices: CountMap = fact("extended resources that it has by name, those included that pods cannot get: unhealthy devices")
    allocatable_devices: CountMap = fact("extended resources by name, such as nvidia.com/gpu or devices.kubevirt.io/kvm")
    requested_cpu_millicores: Count = fact("sum of the requests of its pods that have not ended")
    requested_memory_bytes: Count = fact("sum of the requests of its pods that have not ended")
    requested_pods: Count = fact("its pods that have not ended")
    requested_hugepages_bytes: CountMap = fact("huge pages requested, by size")
    requested_devices: CountMap = fact("extended resources requested, by name")
    kubevirt_schedulable: Flag = fact("label kubevirt.io/schedulable: OpenShift Virtualization runs VMs on it")
    cpu_vendor: Text = fact("label cpu-vendor.node.kubevirt.io/…, such as Intel; empty when not labelled")
    cpu_host_model: Text = fact("label host-model-cpu.node.kubevirt.io/…; empty when not labelled")
    cpu_models: Texts = fact("CPU models that its guests can be given (labels cpu-model.node.kubevirt.io/…)")
    cpu_features: Texts = fact("CPU features (labels cpu-feature.node.kubevirt.io/…)")
    numa_node_count: Count = fact("NUMA nodes, where a label or a NodeResourceTopology tells")
    bridges: Texts = fact("bridges that NMState reports on it; unknown without NMState")


@dataclass(frozen=True, slots=True)
class Virtualization(Record):
    """OpenShift Virtualization: the HyperConverged object and what follows from it. No record where it is not installed."""

    version: Text = fact("version of the operator")
    available: Flag = fact("condition Available is True")
    cpu_allocation_ratio: Count = fact("vCPUs per requested CPU (vmiCPUAllocationRatio; 10 unless set)")
    memory_overcommit_percent: Count = fact("memory of guests per requested memory (memoryOvercommitPercentage; 100 unless set)")
    default_cpu_model: Text = fact("CPU model of VMs that name none; empty is host-model")
    parallel_migrations_per_cluster: Count = fact("live migrations at once (5 unless set)")
    parallel_migrations_per_node: Count = fact("live migrations from one node at once (2 unless set)")
    live_migration_network: Text = fact("network of live migrations; empty is the pod network")
    feature_gates: Texts = fact("feature gates that are on")
    filesystem_overhead: Number = fact("share of a file-system volume that CDI keeps free (0.055 unless set)")
    filesystem_overheads: TextMap = fact("the same by storage class, as decimal text, where a class has its own")
    permitted_host_devices: Texts = fact("resource names of PCI and mediated devices that VMs may be given")
    workload_node_selector: TextMap = fact("node selector of the VMs (spec.workloads); empty for none")


@dataclass(frozen=True, slots=True)
class MigrationToolkit(Record):
    """The Migration Toolkit for Virtualization: the ForkliftController object. No record where it is not installed."""

    version: Text = fact("version of the operator")
    available: Flag = fact("its controller runs (condition Successful or Running)")
    max_vm_inflight: Count = fact("transfers per ESXi host at once (controller_max_vm_inflight; 20 unless set)")
    precopy_interval_minutes: Count = fact("time between copies of a warm migration (60 unless set)")
    snapshot_removal_timeout_minutes: Count = fact("wait for the removal of a snapshot (120 unless set)")
    filesystem_overhead_percent: Count = fact("added to a file-system volume's size (10 unless set)")
    vddk_image: Text = fact("VDDK image of all providers; empty for none")
    features: TextMap = fact("feature switches by name, such as feature_copy_offload")
    namespace_enforces: Text = fact("pod security level enforced in its namespace; empty for none")


@dataclass(frozen=True, slots=True)
class StorageClass(Record):
    """A storage class with its profile and what its driver says of free space."""

    provisioner: Text = fact("name of the driver; kubernetes.io/no-provisioner for static volumes")
    default: Flag = fact("default class of the cluster")
    default_virtualization: Flag = fact("default class for VMs (storageclass.kubevirt.io/is-default-virt-class)")
    binding_mode: Text = fact("Immediate or WaitForFirstConsumer")
    reclaim_policy: Text = fact("Delete or Retain")
    expandable: Flag = fact("volumes can grow")
    claim_sets: Texts = fact("what CDI takes it to be able to do, as AccessMode/VolumeMode in the order of preference")
    clone_strategy: Text = fact("copy, snapshot or csi-clone; empty when the profile names none")
    snapshot_class: Text = fact("VolumeSnapshotClass of its driver; empty when there is none")
    free_bytes: Count = fact("free space by CSIStorageCapacity; unknown where the driver does not publish it")
    largest_volume_bytes: Count = fact("largest volume that can be made, where the driver says so")
    segment_count: Count = fact("segments of the topology whose free space is added up; a pool that is in several counts several times")
    annotations: TextMap = fact("annotations that the migration controller looks at (shift.netapp.io/storage-class-type)")


@dataclass(frozen=True, slots=True)
class NetworkAttachment(Record):
    """A NetworkAttachmentDefinition."""

    type: Text = fact("CNI type, such as cnv-bridge, bridge or ovn-k8s-cni-overlay")
    network: Text = fact("name inside its configuration")
    bridge: Text = fact("bridge on the nodes; empty when it names none")
    vlan: Count = fact("VLAN id; 0 for untagged")
    vlan_trunk: Texts = fact("VLANs that it passes on tagged, as 500 or 500-520; empty for none")
    topology: Text = fact("layer2, layer3, localnet; empty when not an overlay")
    role: Text = fact("primary or secondary; empty when it says neither")
    physical_network: Text = fact("physical network of a localnet; empty otherwise")
    subnets: Texts = fact("subnets of its configuration; empty when it assigns no addresses")
    mtu: Count = fact("largest frame in bytes; absent when not set")
    resource: Text = fact("resource that its pods must be given (k8s.v1.cni.cncf.io/resourceName); empty for none")
    user_defined: Flag = fact("made by a user-defined network (label k8s.ovn.org/user-defined-network)")
    transfer_route: Text = fact("annotation forklift.konveyor.io/route; empty when not set")


@dataclass(frozen=True, slots=True)
class UserNetwork(Record):
    """A UserDefinedNetwork or ClusterUserDefinedNetwork. The id is `namespace/name`, or `name` for a cluster-wide one."""

    topology: Text = fact("Layer2, Layer3 or Localnet")
    role: Text = fact("Primary or Secondary")
    subnets: Texts = fact("subnets as CIDR; empty when it assigns no addresses")
    vlan: Count = fact("VLAN id of a localnet; 0 for untagged")
    physical_network: Text = fact("physical network of a localnet; empty otherwise")
    namespaces: Texts = fact("namespaces that it is in")


@dataclass(frozen=True, slots=True)
class NodeNetworkPolicy(Record):
    """A NodeNetworkConfigurationPolicy of NMState."""

    bridges: Texts = fact("bridges that it makes")
    bridge_mappings: TextMap = fact("physical network (localnet) to the OVS bridge behind it")
    node_selector: TextMap = fact("nodes that it is for; empty for all")
    available: Flag = fact("condition Available is True")


@dataclass(frozen=True, slots=True)
class Namespace(Record):
    """A namespace."""

    phase: Text = fact("Active or Terminating")
    enforce: Text = fact("pod security level that it enforces; empty for none")
    primary_network: Flag = fact("labelled for a primary user-defined network")


@dataclass(frozen=True, slots=True)
class Quota(Record):
    """A ResourceQuota, or a ClusterResourceQuota for several namespaces; quantities in base units (millicores, bytes, objects)."""

    cluster_wide: Flag = fact("a ClusterResourceQuota")
    namespaces: Texts = fact("namespaces that it counts")
    hard: CountMap = fact("limit by resource, such as requests.cpu (millicores) or requests.storage (bytes)")
    used: CountMap = fact("use by resource")
    scopes: Texts = fact("scopes that narrow it; empty for none")


@dataclass(frozen=True, slots=True)
class LimitRange(Record):
    """A LimitRange; quantities in base units (millicores, bytes)."""

    container_max: CountMap = fact("most that a container may have, by resource")
    pod_max: CountMap = fact("most that a pod may have, by resource")
    claim_max_bytes: Count = fact("largest volume claim; absent when not limited")
    claim_min_bytes: Count = fact("smallest volume claim; absent when not limited")


@dataclass(frozen=True, slots=True)
class VirtualMachine(Record):
    """A KubeVirt VM that is on the cluster already."""

    run_state: Text = fact("printable status, such as Running or Stopped")
    macs: Texts = fact("MAC addresses of its interfaces, in lower case with colons")
    source_vm: Text = fact("id of the vSphere VM that it came from (label vmID of the migration); empty otherwise")
    owner_plan: Text = fact("UID of the plan that made it (label plan); empty otherwise")


@dataclass(frozen=True, slots=True)
class InstanceType(Record):
    """A VirtualMachineInstancetype or VirtualMachineClusterInstancetype."""

    cluster_wide: Flag = fact("for all namespaces")
    cpu_count: Count = fact("virtual CPUs")
    memory_bytes: Count = fact("memory")


@dataclass(frozen=True, slots=True)
class Provider(Record):
    """A provider of the migration toolkit. Its secret is named, never read."""

    type: Text = fact("vsphere, openshift, ovirt, …")
    url: Text = fact("address of the source; empty for the cluster itself")
    secret: Text = fact("its secret as namespace/name; empty when it has none")
    ready: Flag = fact("condition Ready is True")
    conditions: TextMap = fact("conditions that are True, by type, with their category")
    vddk_image: Text = fact("VDDK image; empty for none")
    sdk_endpoint: Text = fact("vcenter or esxi; empty when not set")
    esxi_clone_method: Text = fact("vib or ssh; empty when not set")


@dataclass(frozen=True, slots=True)
class MigrationHost(Record):
    """A Host of the migration toolkit: a direct way to an ESXi host."""

    provider: Text = fact("its provider as namespace/name")
    host: Text = fact("managed object id of the ESXi host")
    address: Text = fact("address of the transfer")
    secret: Text = fact("its secret as namespace/name")
    ready: Flag = fact("condition Ready is True")


@dataclass(frozen=True, slots=True)
class ResourceMap(Record):
    """A NetworkMap or StorageMap of the migration toolkit."""

    source_provider: Text = fact("source provider as namespace/name")
    destination_provider: Text = fact("destination provider as namespace/name")
    sources: Texts = fact("ids of the sources that it maps, or their names where it names no id")
    ready: Flag = fact("condition Ready is True")


@dataclass(frozen=True, slots=True)
class Hook(Record):
    """A Hook of the migration toolkit."""

    ready: Flag = fact("condition Ready is True")


@dataclass(frozen=True, slots=True)
class PlannedVm:
    """A VM of an existing plan, and how far it is."""

    moref: Text = fact("managed object id in the source")
    name: Text = fact("name as the plan has it; empty when it names none")
    target_name: Text = fact("name on the cluster; empty when not set")
    phase: Text = fact("phase of its migration; empty when it never ran")
    started_at: Text = fact("when its migration began, ISO 8601 in UTC")
    completed_at: Text = fact("when it ended, ISO 8601 in UTC; absent while it runs")
    succeeded: Flag = fact("condition Succeeded is True")
    failed: Flag = fact("condition Failed is True, or it has an error")
    canceled: Flag = fact("condition Canceled is True")
    transferred_bytes: Count = fact("bytes that its disks took, by the progress of their transfer")
    transfer_seconds: Number = fact("time of the disks' transfer, where begin and end are known")
    conversion_seconds: Number = fact("time of the guest's conversion, where begin and end are known")


@dataclass(frozen=True, slots=True)
class MigrationPlan(Record):
    """A Plan of the migration toolkit, with what its last migration came to."""

    source_provider: Text = fact("source provider as namespace/name")
    destination_provider: Text = fact("destination provider as namespace/name")
    target_namespace: Text = fact("namespace of its VMs")
    type: Text = fact("cold, warm, live or conversion")
    archived: Flag = fact("archived")
    ready: Flag = fact("condition Ready is True")
    conditions: TextMap = fact("conditions that are True, by type, with their category")
    network_map: Text = fact("its network map as namespace/name")
    storage_map: Text = fact("its storage map as namespace/name")
    vms: tuple[PlannedVm, ...] | Unknown = fact("its VMs")


@dataclass(frozen=True, slots=True)
class Migration(Record):
    """A Migration of the migration toolkit: one execution of a plan."""

    plan: Text = fact("its plan as namespace/name")
    started_at: Text = fact("when it began, ISO 8601 in UTC; empty when it has not")
    completed_at: Text = fact("when it ended, ISO 8601 in UTC; empty while it runs")
    cutover_at: Text = fact("cutover, ISO 8601; empty when none is set")
    running: Flag = fact("begun and not ended")


KINDS: Mapping[str, type[Record]] = {
    "cluster": Cluster,
    "hook": Hook,
    "instance_type": InstanceType,
    "limit_range": LimitRange,
    "migration": Migration,
    "migration_host": MigrationHost,
    "migration_plan": MigrationPlan,
    "migration_toolkit": MigrationToolkit,
    "namespace": Namespace,
    "network_attachment": NetworkAttachment,
    "network_map": ResourceMap,
    "node": Node,
    "node_network_policy": NodeNetworkPolicy,
    "notice": Notice,
    "provider": Provider,
    "quota": Quota,
    "reading": Reading,
    "storage_class": StorageClass,
    "storage_map": ResourceMap,
    "user_network": UserNetwork,
    "virtual_machine": VirtualMachine,
    "virtualization": Virtualization,
}

PARTS: Mapping[str, type] = {"vms": PlannedVm}
"""Facts that are lists of parts, and the class of the parts."""
