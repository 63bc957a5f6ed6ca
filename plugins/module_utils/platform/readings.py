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
from .listing import of_cluster, of_namespaces
from .monitoring.readings import RESOURCES as MONITORING
from .monitoring.readings import SHARED as WITH_MONITORING

UNPACK_LABEL: Final = "operatorframework.io/bundle-unpack-ref"
"""Label of the Jobs and Pods that unpack a bundle (operator-lifecycle-manager, pkg/controller/bundle)."""

COPIED_LABEL: Final = "olm.copiedFrom"
OWNER_LABEL: Final = "olm.owner"
"""Label of what a CSV brings: its deployments among others."""


_CLUSTER: Final = (
    of_cluster("namespaces", "Namespace", "v1", "which namespaces exist"),
    of_cluster("nodes", "Node", "v1", "the nodes and their accelerators"),
    of_namespaces(
        "pods",
        "Pod",
        "v1",
        "which accelerators pods hold, and which pods of operators do not start",
        fields="status.phase!=Succeeded,status.phase!=Failed",
    ),
    of_cluster("customresourcedefinitions.apiextensions.k8s.io", "CustomResourceDefinition", "v1", "in which versions objects are stored"),
    of_cluster("clusterversions.config.openshift.io", "ClusterVersion", "v1", "the version of OpenShift, and the cluster's own id"),
)
_PREREQUISITES: Final = (
    of_cluster("storageclasses.storage.k8s.io", "StorageClass", "v1", "the default storage class"),
    of_cluster("proxies.config.openshift.io", "Proxy", "v1", "the cluster-wide proxy and its CA bundle"),
    of_cluster("configs.imageregistry.operator.openshift.io", "Config", "v1", "whether the internal image registry works"),
    of_cluster("clusteroperators.config.openshift.io", "ClusterOperator", "v1", "whether the parts of OpenShift itself work"),
    of_cluster("imagedigestmirrorsets.config.openshift.io", "ImageDigestMirrorSet", "v1", "mirrors of images by digest"),
    of_cluster("imagetagmirrorsets.config.openshift.io", "ImageTagMirrorSet", "v1", "mirrors of images by tag"),
    of_cluster("imagecontentsourcepolicies.operator.openshift.io", "ImageContentSourcePolicy", "v1alpha1", "mirrors of the older kind"),
)
_OLM_GROUP: Final = "operators.coreos.com"
_OPERATORS: Final = (
    of_namespaces(f"catalogsources.{_OLM_GROUP}", "CatalogSource", "v1alpha1", "the catalogs and their health"),
    of_namespaces(f"operatorgroups.{_OLM_GROUP}", "OperatorGroup", "v1", "which namespaces operators watch"),
    of_namespaces(f"subscriptions.{_OLM_GROUP}", "Subscription", "v1alpha1", "which operators are wanted by whom"),
    of_namespaces(f"installplans.{_OLM_GROUP}", "InstallPlan", "v1alpha1", "what OLM is about to install"),
    of_namespaces(
        f"clusterserviceversions.{_OLM_GROUP}",
        "ClusterServiceVersion",
        "v1alpha1",
        "which operators are installed, and whether they work",
        labels=f"!{COPIED_LABEL}",
    ),
    of_namespaces(f"operatorconditions.{_OLM_GROUP}", "OperatorCondition", "v2 v1", "whether operators may be upgraded"),
    of_cluster(f"operators.{_OLM_GROUP}", "Operator", "v1", "what belongs to which operator"),
    of_cluster("clusterextensions.olm.operatorframework.io", "ClusterExtension", "v1", "operators that OLM v1 has installed"),
    of_namespaces("deployments.apps", "Deployment", "v1", "whether operators run", labels=OWNER_LABEL),
    of_namespaces("jobs.batch", "Job", "v1", "whether bundles could be unpacked", labels=UNPACK_LABEL),
)
_NODE_FEATURES: Final = (
    of_namespaces("nodefeaturediscoveries.nfd.openshift.io", "NodeFeatureDiscovery", "v1", "Red Hat's node feature discovery"),
    of_namespaces("nodefeaturediscoveries.nfd.kubernetes.io", "NodeFeatureDiscovery", "v1", "node feature discovery"),
    of_namespaces("nodefeaturerules.nfd.openshift.io", "NodeFeatureRule", "v1alpha1", "rules for labels of nodes"),
    of_namespaces("nodefeaturerules.nfd.k8s-sigs.io", "NodeFeatureRule", "v1alpha1", "rules for labels of nodes"),
)
_ACCELERATORS: Final = (
    of_cluster("clusterpolicies.nvidia.com", "ClusterPolicy", "v1", "the NVIDIA operator's settings and state"),
    of_cluster("nvidiadrivers.nvidia.com", "NVIDIADriver", "v1alpha1", "drivers of pools of NVIDIA nodes"),
    of_namespaces("deviceconfigs.amd.com", "DeviceConfig", "v1alpha1", "the AMD operator's settings and state"),
    of_namespaces("modules.kmm.sigs.x-k8s.io", "Module", "v1beta1", "kernel modules that operators build"),
    of_cluster("gpudeviceplugins.deviceplugin.intel.com", "GpuDevicePlugin", "v1", "Intel's device plugins"),
    of_cluster("clusterpolicies.habanalabs.habana.ai", "ClusterPolicy", "v1", "the Gaudi operator's settings and state"),
    of_namespaces("deviceconfigs.habanalabs.habana.ai", "DeviceConfig", "v1", "the Gaudi operator's settings and state"),
    of_namespaces("hyperconvergeds.hco.kubevirt.io", "HyperConverged", "v1 v1beta1", "devices that VMs may use"),
    of_cluster("machineconfigpools.machineconfiguration.openshift.io", "MachineConfigPool", "v1", "which nodes a change would restart"),
    of_cluster("machineconfigs.machineconfiguration.openshift.io", "MachineConfig", "v1", "settings of nodes that are there already"),
    of_cluster("containerruntimeconfigs.machineconfiguration.openshift.io", "ContainerRuntimeConfig", "v1", "settings of runtimes"),
    of_cluster("deviceclasses.resource.k8s.io", "DeviceClass", "v1 v1beta2 v1beta1", "device classes of dynamic resource allocation"),
    of_cluster("kubeletconfigs.machineconfiguration.openshift.io", "KubeletConfig", "v1", "settings of kubelets that are there already"),
)
_KUEUE: Final = "v1beta2 v1beta1"
_OPENSHIFT_AI: Final = (
    of_cluster("dscinitializations.dscinitialization.opendatahub.io", "DSCInitialization", "v2 v1", "whether OpenShift AI is set up"),
    of_cluster("datascienceclusters.datasciencecluster.opendatahub.io", "DataScienceCluster", "v2 v1", "the components of OpenShift AI"),
    of_cluster("auths.services.platform.opendatahub.io", "Auth", "v1alpha1", "who may use OpenShift AI"),
    of_cluster("groups.user.openshift.io", "Group", "v1", "whether the groups exist that may use OpenShift AI"),
    of_namespaces("hardwareprofiles.infrastructure.opendatahub.io", "HardwareProfile", "v1 v1alpha1", "hardware profiles"),
    of_namespaces("modelregistries.modelregistry.opendatahub.io", "ModelRegistry", "v1beta1 v1alpha1", "model registries"),
    of_cluster("kueues.kueue.openshift.io", "Kueue", "v1", "Kueue's settings and state"),
    of_cluster("resourceflavors.kueue.x-k8s.io", "ResourceFlavor", _KUEUE, "flavors of resources"),
    of_cluster("cohorts.kueue.x-k8s.io", "Cohort", _KUEUE, "cohorts of queues"),
    of_cluster("workloadpriorityclasses.kueue.x-k8s.io", "WorkloadPriorityClass", _KUEUE, "priorities of workloads"),
    of_cluster("clusterqueues.kueue.x-k8s.io", "ClusterQueue", _KUEUE, "queues that use flavors and cohort"),
    of_namespaces("localqueues.kueue.x-k8s.io", "LocalQueue", _KUEUE, "queues of namespaces"),
    of_namespaces("servingruntimes.serving.kserve.io", "ServingRuntime", "v1alpha1", "serving runtimes of namespaces"),
    of_cluster("clusterservingruntimes.serving.kserve.io", "ClusterServingRuntime", "v1alpha1", "serving runtimes of the cluster"),
    of_namespaces("inferenceservices.serving.kserve.io", "InferenceService", "v1beta1", "models that are served"),
    of_namespaces("llminferenceservices.serving.kserve.io", "LLMInferenceService", "v1alpha2 v1alpha1", "models that are served"),
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
