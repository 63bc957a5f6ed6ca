# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of a cluster for the platform stage: each resource with one paged list over all namespaces.

Secrets are never listed, package manifests neither: their server has no pages. Both are read by name. What grows with the
number of namespaces without need is kept out by selectors: OLM copies the CSVs of operators that watch all namespaces into
every one of them, each with the label olm.copiedFrom.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..target.readings import Resource
from .delivery.readings import RESOURCES as DELIVERY
from .delivery.readings import SHARED as WITH_DELIVERY
from .identity.readings import RESOURCES as IDENTITY
from .identity.readings import SHARED as WITH_IDENTITY
from .monitoring.readings import RESOURCES as MONITORING
from .monitoring.readings import SHARED as WITH_MONITORING

UNPACK_LABEL: Final = "operatorframework.io/bundle-unpack-ref"
"""Label of the Jobs and Pods that unpack a bundle (operator-lifecycle-manager, pkg/controller/bundle)."""

COPIED_LABEL: Final = "olm.copiedFrom"
OWNER_LABEL: Final = "olm.owner"
"""Label of what a CSV brings: its deployments among others."""


def _resource(name: str, kind: str, versions: str, costs: str, *, namespaced: bool = False, labels: str = "", fields: str = "") -> Resource:
    """`name` is `plural.group`, `versions` are divided by spaces."""
    plural, _dot, group = name.partition(".")
    return Resource(group, tuple(versions.split()), plural, kind, namespaced, (), (costs,), labels, fields)


_CLUSTER: Final = (
    _resource("namespaces", "Namespace", "v1", "which namespaces exist"),
    _resource("nodes", "Node", "v1", "the nodes and their accelerators"),
    _resource(
        "pods",
        "Pod",
        "v1",
        "which accelerators pods hold, and which pods of operators do not start",
        namespaced=True,
        fields="status.phase!=Succeeded,status.phase!=Failed",
    ),
    _resource("customresourcedefinitions.apiextensions.k8s.io", "CustomResourceDefinition", "v1", "in which versions objects are stored"),
    _resource("clusterversions.config.openshift.io", "ClusterVersion", "v1", "the version of OpenShift, and the cluster's own id"),
)
_PREREQUISITES: Final = (
    _resource("storageclasses.storage.k8s.io", "StorageClass", "v1", "the default storage class"),
    _resource("proxies.config.openshift.io", "Proxy", "v1", "the cluster-wide proxy and its CA bundle"),
    _resource("configs.imageregistry.operator.openshift.io", "Config", "v1", "whether the internal image registry works"),
    _resource("clusteroperators.config.openshift.io", "ClusterOperator", "v1", "whether the parts of OpenShift itself work"),
    _resource("imagedigestmirrorsets.config.openshift.io", "ImageDigestMirrorSet", "v1", "mirrors of images by digest"),
    _resource("imagetagmirrorsets.config.openshift.io", "ImageTagMirrorSet", "v1", "mirrors of images by tag"),
    _resource("imagecontentsourcepolicies.operator.openshift.io", "ImageContentSourcePolicy", "v1alpha1", "mirrors of the older kind"),
)
_OLM_GROUP: Final = "operators.coreos.com"
_OPERATORS: Final = (
    _resource(f"catalogsources.{_OLM_GROUP}", "CatalogSource", "v1alpha1", "the catalogs and their health", namespaced=True),
    _resource(f"operatorgroups.{_OLM_GROUP}", "OperatorGroup", "v1", "which namespaces operators watch", namespaced=True),
    _resource(f"subscriptions.{_OLM_GROUP}", "Subscription", "v1alpha1", "which operators are wanted by whom", namespaced=True),
    _resource(f"installplans.{_OLM_GROUP}", "InstallPlan", "v1alpha1", "what OLM is about to install", namespaced=True),
    _resource(
        f"clusterserviceversions.{_OLM_GROUP}",
        "ClusterServiceVersion",
        "v1alpha1",
        "which operators are installed, and whether they work",
        namespaced=True,
        labels=f"!{COPIED_LABEL}",
    ),
    _resource(f"operatorconditions.{_OLM_GROUP}", "OperatorCondition", "v2 v1", "whether operators may be upgraded", namespaced=True),
    _resource(f"operators.{_OLM_GROUP}", "Operator", "v1", "what belongs to which operator"),
    _resource("clusterextensions.olm.operatorframework.io", "ClusterExtension", "v1", "operators that OLM v1 has installed"),
    _resource("deployments.apps", "Deployment", "v1", "whether operators run", namespaced=True, labels=OWNER_LABEL),
    _resource("jobs.batch", "Job", "v1", "whether bundles could be unpacked", namespaced=True, labels=UNPACK_LABEL),
)
_NODE_FEATURES: Final = (
    _resource("nodefeaturediscoveries.nfd.openshift.io", "NodeFeatureDiscovery", "v1", "Red Hat's node feature discovery", namespaced=True),
    _resource("nodefeaturediscoveries.nfd.kubernetes.io", "NodeFeatureDiscovery", "v1", "node feature discovery", namespaced=True),
    _resource("nodefeaturerules.nfd.openshift.io", "NodeFeatureRule", "v1alpha1", "rules for labels of nodes", namespaced=True),
    _resource("nodefeaturerules.nfd.k8s-sigs.io", "NodeFeatureRule", "v1alpha1", "rules for labels of nodes", namespaced=True),
)
_ACCELERATORS: Final = (
    _resource("clusterpolicies.nvidia.com", "ClusterPolicy", "v1", "the NVIDIA operator's settings and state"),
    _resource("nvidiadrivers.nvidia.com", "NVIDIADriver", "v1alpha1", "drivers of pools of NVIDIA nodes"),
    _resource("deviceconfigs.amd.com", "DeviceConfig", "v1alpha1", "the AMD operator's settings and state", namespaced=True),
    _resource("modules.kmm.sigs.x-k8s.io", "Module", "v1beta1", "kernel modules that operators build", namespaced=True),
    _resource("gpudeviceplugins.deviceplugin.intel.com", "GpuDevicePlugin", "v1", "Intel's device plugins"),
    _resource("clusterpolicies.habanalabs.habana.ai", "ClusterPolicy", "v1", "the Gaudi operator's settings and state"),
    _resource("deviceconfigs.habanalabs.habana.ai", "DeviceConfig", "v1", "the Gaudi operator's settings and state", namespaced=True),
    _resource("hyperconvergeds.hco.kubevirt.io", "HyperConverged", "v1 v1beta1", "devices that VMs may use", namespaced=True),
    _resource("machineconfigpools.machineconfiguration.openshift.io", "MachineConfigPool", "v1", "which nodes a change would restart"),
    _resource("machineconfigs.machineconfiguration.openshift.io", "MachineConfig", "v1", "settings of nodes that are there already"),
    _resource("containerruntimeconfigs.machineconfiguration.openshift.io", "ContainerRuntimeConfig", "v1", "settings of runtimes"),
    _resource("deviceclasses.resource.k8s.io", "DeviceClass", "v1 v1beta2 v1beta1", "device classes of dynamic resource allocation"),
    _resource("kubeletconfigs.machineconfiguration.openshift.io", "KubeletConfig", "v1", "settings of kubelets that are there already"),
)
_KUEUE: Final = "v1beta2 v1beta1"
_OPENSHIFT_AI: Final = (
    _resource("dscinitializations.dscinitialization.opendatahub.io", "DSCInitialization", "v2 v1", "whether OpenShift AI is set up"),
    _resource("datascienceclusters.datasciencecluster.opendatahub.io", "DataScienceCluster", "v2 v1", "the components of OpenShift AI"),
    _resource("auths.services.platform.opendatahub.io", "Auth", "v1alpha1", "who may use OpenShift AI"),
    _resource("groups.user.openshift.io", "Group", "v1", "whether the groups exist that may use OpenShift AI"),
    _resource("hardwareprofiles.infrastructure.opendatahub.io", "HardwareProfile", "v1 v1alpha1", "hardware profiles", namespaced=True),
    _resource("modelregistries.modelregistry.opendatahub.io", "ModelRegistry", "v1beta1 v1alpha1", "model registries", namespaced=True),
    _resource("kueues.kueue.openshift.io", "Kueue", "v1", "Kueue's settings and state"),
    _resource("resourceflavors.kueue.x-k8s.io", "ResourceFlavor", _KUEUE, "flavors of resources"),
    _resource("cohorts.kueue.x-k8s.io", "Cohort", _KUEUE, "cohorts of queues"),
    _resource("workloadpriorityclasses.kueue.x-k8s.io", "WorkloadPriorityClass", _KUEUE, "priorities of workloads"),
    _resource("clusterqueues.kueue.x-k8s.io", "ClusterQueue", _KUEUE, "queues that use flavors and cohort"),
    _resource("localqueues.kueue.x-k8s.io", "LocalQueue", _KUEUE, "queues of namespaces", namespaced=True),
    _resource("servingruntimes.serving.kserve.io", "ServingRuntime", "v1alpha1", "serving runtimes of namespaces", namespaced=True),
    _resource("clusterservingruntimes.serving.kserve.io", "ClusterServingRuntime", "v1alpha1", "serving runtimes of the cluster"),
    _resource("inferenceservices.serving.kserve.io", "InferenceService", "v1beta1", "models that are served", namespaced=True),
    _resource(
        "llminferenceservices.serving.kserve.io", "LLMInferenceService", "v1alpha2 v1alpha1", "models that are served", namespaced=True
    ),
)

RESOURCES: Final = (
    *_CLUSTER,
    *_PREREQUISITES,
    *_OPERATORS,
    *_NODE_FEATURES,
    *_ACCELERATORS,
    *_OPENSHIFT_AI,
    *IDENTITY,
    *MONITORING,
    *DELIVERY,
)
"""Everything that is listed, in the order in which it is asked for."""

PART_RESOURCES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "prerequisites": tuple(found.id for found in _PREREQUISITES),
        "operators": tuple(found.id for found in _OPERATORS),
        # Operators' own examples are in their CSVs.
        "accelerators": (
            "nodes",
            "pods",
            *(found.id for found in (*_NODE_FEATURES, *_ACCELERATORS)),
            f"clusterserviceversions.{_OLM_GROUP}",
        ),
        "openshift_ai": tuple(found.id for found in _OPENSHIFT_AI),
        "identity": (*(found.id for found in IDENTITY), *WITH_IDENTITY),
        "monitoring": (*(found.id for found in MONITORING), *WITH_MONITORING),
        "delivery": (*(found.id for found in DELIVERY), *WITH_DELIVERY),
    }
)
"""Lists that each part is judged by."""

BY_ID: Final[Mapping[str, Resource]] = MappingProxyType({resource.id: resource for resource in RESOURCES})

BY_KIND: Final[Mapping[tuple[str, str], Resource]] = MappingProxyType({(found.group, found.kind): found for found in RESOURCES})
"""Resources by API group and kind."""
