# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired-state document `readiness_platform`: what its sections and keys are.

The fields' metadata is the one table: the parser and the JSON Schema are made from it (`shape`). Names are the keys of
the document; a section that is not given is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...common.artifact import ArtifactInput
from ...common.findings import Waiver
from .delivery import Delivery
from .identity import Identity
from .keys import ABSENT, MAY_LACK, NAME, NAMESPACE, PRESENT, key
from .monitoring import Monitoring

ADOPT, OBSERVE, REFUSE = "adopt", "observe", "refuse"
BROWNFIELD: Final = (ADOPT, OBSERVE, REFUSE)
MANAGED, UNMANAGED, REMOVED = "Managed", "Unmanaged", "Removed"
VENDORS: Final = ("nvidia", "amd", "intel", "gaudi")
CONTAINER, VM_PASSTHROUGH, VM_VGPU = "container", "vm_passthrough", "vm_vgpu"
WORKLOADS: Final = (CONTAINER, VM_PASSTHROUGH, VM_VGPU)
WHOLE, TIME_SLICED, MIG_SINGLE, MIG_MIXED, PARTITION, DRA = "whole", "time_sliced", "mig_single", "mig_mixed", "partition", "dra"
MODES: Final = (WHOLE, TIME_SLICED, MIG_SINGLE, MIG_MIXED, PARTITION, DRA)
NOT_SHARED, ISOLATED, ANY_SHARING = "none", "isolated", "any"
SHARING: Final = (NOT_SHARED, ISOLATED, ANY_SHARING)
SCOPE_WORDS: Final = ("auto", "own", "all")
FRAMEWORKS: Final = (
    "AppWrapper",
    "BatchJob",
    "Deployment",
    "JaxJob",
    "JobSet",
    "LeaderWorkerSet",
    "MPIJob",
    "PaddleJob",
    "Pod",
    "PyTorchJob",
    "RayCluster",
    "RayJob",
    "RayService",
    "SparkApplication",
    "StatefulSet",
    "TFJob",
    "TrainJob",
    "XGBoostJob",
)
"""Integrations of the Kueue operator: the enum of its CRD (kueue.openshift.io/v1)."""

_QUANTITY: Final = r"([0-9]+(\.[0-9]+)?([KMGTPE]i?|m|k)?)?"
_DURATION: Final = r"([0-9]+(ms|s|m|h|d|w|y))*"
_DIGEST: Final = r"\S+@sha256:[0-9a-f]{64}"


# ---- operators -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedCatalogFile:
    """A rendered file-based catalog, which has the whole upgrade graph."""

    name: str = key("name of the CatalogSource that serves it")
    path: str = key("file or folder with what `opm render` wrote: JSON lines or YAML")


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeWanted:
    """How the pinned version is reached from the one that is installed."""

    rehearsed: tuple[str, ...] = key("CSVs on the way to the pin that a rehearsal listed: their install plans may be approved", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorWanted:
    """One operator."""

    name: str = key("name in the shipped catalogue, or a name of your own together with package, namespace and source", pattern=NAME)
    state: str = key("whether it has to be there", PRESENT, allowed=(PRESENT, ABSENT))
    package: str = key("package in the catalog; the shipped catalogue knows it", "")
    namespace: str = key("namespace of the Subscription; the shipped catalogue knows it", "", pattern=MAY_LACK.format(NAMESPACE))
    source: str = key("CatalogSource; the shipped catalogue knows it", "")
    channel: str = key("channel of the package", "")
    version: str = key("name of the CSV that is pinned, such as nfd.4.21.0", "")
    floating: bool = key("instead of a version: whatever the channel's head is, approved by OLM itself", False)
    scope: str | tuple[str, ...] = key(
        "namespaces that it watches: auto, own, all, or a list of namespaces", "auto", allowed=SCOPE_WORDS, pattern=NAMESPACE
    )
    needs: tuple[str, ...] = key("operators of this document that have to be ready before", ())
    brownfield: str = key(
        "what to do with one that is there already: adopt, observe or refuse; empty takes that of the section",
        "",
        allowed=("", *BROWNFIELD),
    )
    config: Mapping[str, Any] = key("spec.config of the Subscription: env, resources, nodeSelector, tolerations", {})
    labels: Mapping[str, str] = key("labels of the namespace beside those that the shipped catalogue asks for", {})
    upgrade: UpgradeWanted = key("how it may get to the pinned version", UpgradeWanted())
    keep_crds: bool = key("when it is removed: keep its CRDs, and so all objects of their kinds", True)
    keep_namespace: bool = key("when it is removed: keep its namespace", False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorsWanted:
    """Mirrors of a site without a way to the internet."""

    required: bool = key("whether every image of the pinned operators has to have a mirror", False)
    images: tuple[str, ...] = key("images that are mirrored for certain, as references or prefixes ending in *", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorsWanted:
    """The operators part."""

    brownfield: str = key("what to do with operators that are there already", OBSERVE, allowed=BROWNFIELD)
    source_namespace: str = key("namespace of the CatalogSources", "openshift-marketplace", pattern=NAMESPACE)
    catalogs: tuple[RenderedCatalogFile, ...] = key("rendered catalogs, for exact upgrade paths", ())
    wanted: tuple[OperatorWanted, ...] = key("the operators", ())
    mirrors: MirrorsWanted | None = key("what is known of mirrors", None)


# ---- prerequisites ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """A Secret by its name; only whether its keys are there is looked at."""

    namespace: str = key("its namespace", pattern=NAMESPACE)
    name: str = key("its name", pattern=NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageClassWanted:
    """The StorageClass that claims without one get."""

    default: bool = key("whether there has to be exactly one default", True)
    name: str = key("name that the default has to have; empty for any", "", pattern=MAY_LACK.format(NAME))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyWanted:
    """The cluster-wide proxy."""

    https: str = key("URL that spec.httpsProxy has to be; empty for no proxy", "")
    no_proxy_contains: tuple[str, ...] = key("entries that noProxy has to have", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class CaBundleWanted:
    """The additional trusted CA of the cluster."""

    configmap: str = key("ConfigMap in openshift-config that Proxy/cluster has to name; it has to hold ca-bundle.crt", "user-ca-bundle")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStoreWanted:
    """The object store that models and pipelines use."""

    endpoint: str = key("its URL")
    secret: SecretRef = key("Secret with its access")
    keys: tuple[str, ...] = key("keys that the Secret has to have", ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseWanted:
    """The database of the model registry."""

    host: str = key("its host name")
    port: int = key("its port", 3306, least=1)
    database: str = key("its name", "model_registry")
    username: str = key("user that the registry logs in as", "model_registry")
    secret: SecretRef = key("Secret with the password")
    keys: tuple[str, ...] = key("keys that the Secret has to have; the first one is the password's", ("database-password",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prerequisites:
    """The prerequisites part: a section that is not given is not checked."""

    storage_class: StorageClassWanted | None = key("default StorageClass", None)
    internal_registry: str = key("whether the internal image registry has to work", "not_needed", allowed=("required", "not_needed"))
    proxy: ProxyWanted | None = key("cluster-wide proxy", None)
    ca_bundle: CaBundleWanted | None = key("additional trusted CA", None)
    object_store: ObjectStoreWanted | None = key("object store", None)
    model_registry_database: DatabaseWanted | None = key("database of the model registry", None)


# ---- accelerators ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NfdWanted:
    """The one NodeFeatureDiscovery for all vendors."""

    namespace: str = key("its namespace", "openshift-nfd", pattern=NAMESPACE)
    name: str = key("its name", "nfd-instance", pattern=NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaintWanted:
    """A taint that nodes with accelerators bear."""

    value: str = key("its value; empty for any", "")
    effect: str = key("its effect", "NoSchedule", allowed=("NoSchedule", "PreferNoSchedule", "NoExecute"))


@dataclass(frozen=True, slots=True, kw_only=True)
class HostDeviceWanted:
    """A device that VMs get from a node."""

    selector: str = key("PCI vendor and device id such as 10DE:26B9, or the name of a mediated device")
    resource: str = key("name of the resource that VMs ask for")


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverWanted:
    """The driver of a pool."""

    version: str = key("its version; empty takes the operator's default", "")
    managed: bool = key("whether the operator installs it", True)
    blacklist: bool = key("whether a MachineConfig keeps the kernel's own driver out, which restarts the nodes", False)
    image: str = key(
        "vm_vgpu of NVIDIA: image of the vGPU manager as registry/path/name:version; its vendor hands it out under licence", ""
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolWanted:
    """Nodes whose accelerators are used in the same way."""

    name: str = key("its name", pattern=NAMESPACE)
    nodes: Mapping[str, str | tuple[str, ...]] = key("labels that its nodes have; of a list any value will do")
    vendor: str = key("vendor of the accelerators", allowed=VENDORS)
    workload: str = key("what the accelerators are for", CONTAINER, allowed=WORKLOADS)
    mode: str = key("how they are handed out", WHOLE, allowed=MODES)
    replicas: int | None = key("time_sliced: how many pods share one device", None, least=2)
    mig_profile: str = key("mig_single, mig_mixed: profile of the MIG manager, such as all-balanced", "")
    partition_profile: str = key("partition: profile of the vendor's config manager", "")
    host_devices: tuple[HostDeviceWanted, ...] = key("vm_passthrough, vm_vgpu: devices that VMs may use", ())
    driver: DriverWanted = key("its driver", DriverWanted())
    max_parallel: int = key("nodes whose driver is changed at once", 1, least=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceWanted:
    """What is known of a device that neither labels nor the shipped table tell."""

    match: Mapping[str, str] = key("labels of nodes that have it")
    vendor: str = key("its vendor; needed only for nodes with accelerators of several", "", allowed=("", *VENDORS))
    product: str = key("name of the product")
    memory_gib: float = key("memory of one device in GiB", above=0)
    source: str = key("where the figure comes from")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceClass:
    """A class of accelerators that requests name instead of a product."""

    memory_gib: float = key("least memory of one device in GiB", above=0)
    memory_tolerance_percent: float = key("how much less than that still counts: a card sold as 80 GB reports 79.6 GiB", 3.0, least=0)
    sharing: str = key(
        "none: whole devices; isolated: whole or partitioned in hardware; any: time-sliced as well", NOT_SHARED, allowed=SHARING
    )
    vendors: tuple[str, ...] = key("vendors that will do; empty for all", (), allowed=VENDORS)
    products: tuple[str, ...] = key("patterns of product names that will do; empty for all", ())
    labels: Mapping[str, str] = key("further labels that the nodes have to have", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRequest:
    """What a workload needs: one pod of `count` devices, `replicas` times."""

    name: str = key("its name", pattern=NAMESPACE)
    device_class: str = key("name of the class (key `class`)")
    count: int = key("devices of one pod, and so of one node", 1, least=1)
    replicas: int = key("how many such pods", 1, least=1)
    prefer: tuple[str, ...] = key("vendors in order of preference", (), allowed=VENDORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accelerators:
    """The accelerators part."""

    nfd: NfdWanted = key("the NodeFeatureDiscovery", NfdWanted())
    taints: Mapping[str, TaintWanted] = key("taints of accelerator nodes by their key; every operand tolerates them", {})
    pools: tuple[PoolWanted, ...] = key("pools of nodes; a node belongs to the first one that matches", ())
    devices: tuple[DeviceWanted, ...] = key("facts of devices; they beat the shipped table", ())
    classes: Mapping[str, DeviceClass] = key("classes beside the shipped ones; equal names replace them", {})
    requests: tuple[DeviceRequest, ...] = key("requests that have to be possible", ())


# ---- OpenShift AI ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AiMonitoring:
    """Monitoring of OpenShift AI itself."""

    state: str = key("managementState", MANAGED, allowed=(MANAGED, REMOVED))
    namespace: str = key("its namespace", "redhat-ods-monitoring", pattern=NAMESPACE)
    storage: str = key("size of its volume, such as 20Gi; empty for no metrics storage", "", pattern=_QUANTITY)
    retention: str = key("how long metrics are kept, such as 30d", "", pattern=_DURATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedCa:
    """The CA bundle that OpenShift AI puts into its namespaces."""

    state: str = key("managementState", MANAGED, allowed=(MANAGED, UNMANAGED, REMOVED))


@dataclass(frozen=True, slots=True, kw_only=True)
class AiAuth:
    """Who may use OpenShift AI."""

    admin_groups: tuple[str, ...] = key("groups of its administrators")
    allowed_groups: tuple[str, ...] = key("groups that may use it", ("system:authenticated",))


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityWanted:
    """A priority of queued workloads."""

    name: str = key("its name", pattern=NAME)
    value: int = key("the higher, the earlier")
    description: str = key("what it is for", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """Kueue: what belongs to the whole cluster. Queues of owners belong to their namespaces."""

    cohort: str = key("root cohort of all ClusterQueues", "ai", pattern=NAME)
    priorities: tuple[PriorityWanted, ...] = key("WorkloadPriorityClasses", ())
    frameworks: tuple[str, ...] | None = key(
        "integrations that Kueue manages; not given leaves those that it has, BatchJob where it has none", None, allowed=FRAMEWORKS
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Least, usual and largest amount."""

    min: float = key("least", above=0)
    default: float = key("usual", above=0)
    max: float = key("largest", above=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareProfileWanted:
    """A HardwareProfile of the dashboard."""

    name: str = key("its name", pattern=NAME)
    display_name: str = key("name for people; empty takes the name", "")
    request: str = key("request whose accelerators it offers; empty for a profile without", "")
    cpu: Bounds = key("CPUs")
    memory_gib: Bounds = key("memory in GiB")
    queue: str = key("LocalQueue that its workloads go to; empty places them by node selector and tolerations", "")
    priority: str = key("WorkloadPriorityClass of queued workloads", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeWanted:
    """A serving runtime."""

    name: str = key("its name", pattern=NAME)
    accelerators: tuple[str, ...] = key("resource names that its image is made for; empty for CPU", ())
    image: str = key("its image, pinned by digest: registry.example.com/…@sha256:…", pattern=_DIGEST)
    formats: tuple[str, ...] = key("model formats that it serves", ("vLLM",))
    args: tuple[str, ...] = key("arguments of its container; empty takes the shipped ones", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWanted:
    """A model that is served in house."""

    name: str = key("its name; the shipped catalogue knows facts of some", pattern=NAMESPACE)
    namespace: str = key("its namespace", pattern=NAMESPACE)
    uri: str = key("where its weights are: oci://, s3:// or pvc://; hf:// only with `online`")
    request: str = key("request for its accelerators; empty for CPU", "")
    runtime: str = key("serving runtime of an InferenceService; an LLMInferenceService takes its image only", "")
    kind: str = key("kind that serves it", "InferenceService", allowed=("InferenceService", "LLMInferenceService"))
    replicas: int = key("how many", 1, least=1)
    online: bool = key("whether weights may come from the internet", False)
    storage_secret: str = key("Secret in its namespace with the access to the object store, for s3://", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryWanted:
    """The model registry."""

    name: str = key("its name", "default", pattern=NAMESPACE)
    namespace: str = key("namespace of registries", "rhoai-model-registries", pattern=NAMESPACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenShiftAi:
    """The openshift_ai part."""

    applications_namespace: str = key(
        "namespace of its applications; it cannot be changed later", "redhat-ods-applications", pattern=NAMESPACE
    )
    components: Mapping[str, str] = key(
        "component of the DataScienceCluster to Managed, Unmanaged or Removed", {}, allowed=(MANAGED, UNMANAGED, REMOVED)
    )
    monitoring: AiMonitoring | None = key("its monitoring; not given leaves it as it is", None)
    trusted_ca: TrustedCa | None = key("its CA bundle; not given leaves it as it is", None)
    auth: AiAuth | None = key("who may use it", None)
    queues: Queues | None = key("queues", None)
    hardware_profiles: tuple[HardwareProfileWanted, ...] = key("HardwareProfiles", ())
    runtimes: tuple[RuntimeWanted, ...] = key("serving runtimes", ())
    models: tuple[ModelWanted, ...] = key("models that are served", ())
    registry: RegistryWanted | None = key("model registry", None)


# ---- the document ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterWanted:
    """Which cluster the document is for."""

    id: str = key("id of the cluster; on another one nothing is done", "")
    openshift: str = key("OpenShift minor that it has to be, such as 4.21", "", pattern=r"(4\.[0-9]{1,2})?")
    next_minor: str = key("minor that comes next; empty takes the one after the installed", "", pattern=r"(4\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformDesired:
    """The whole document; `waivers` are of the shape of `common.findings.Waiver`."""

    schema_version: str = key("version of the document's schema", pattern=r"1\.[0-9]+")
    cluster: ClusterWanted = key("which cluster it is for", ClusterWanted())
    operators: OperatorsWanted | None = key("operators", None)
    prerequisites: Prerequisites | None = key("prerequisites", None)
    accelerators: Accelerators | None = key("accelerators", None)
    openshift_ai: OpenShiftAi | None = key("OpenShift AI", None)
    identity: Identity | None = key("who logs in how, where groups come from, what personas may do", None)
    monitoring: Monitoring | None = key("who is told what, and what people can look at", None)
    delivery: Delivery | None = key("how what runs comes to the cluster", None)
    waivers: tuple[Waiver, ...] = key("failures that somebody answers for", ())
    sources: tuple[ArtifactInput, ...] = field(default=(), metadata={"hidden": True})
    """files that it came from"""
