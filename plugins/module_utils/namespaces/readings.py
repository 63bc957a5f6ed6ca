# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is listed of a cluster for the stage: each resource with one paged list over all namespaces, Secrets in none."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ..platform.listing import of_cluster, of_namespaces
from ..platform.readings import BY_ID as OF_PLATFORM
from ..target.readings import Resource
from .terms import DATA

LIMIT_RANGES: Final = "limitranges"
NETWORK_POLICIES: Final = "networkpolicies.networking.k8s.io"
OWN_NETWORKS: Final = "userdefinednetworks.k8s.ovn.org"
EGRESS_FIREWALLS: Final = "egressfirewalls.k8s.ovn.org"
ADMIN_POLICIES: Final = "adminnetworkpolicies.policy.networking.k8s.io"
OWNER_QUOTAS: Final = "clusterresourcequotas.quota.openshift.io"
SERVICE_ACCOUNTS: Final = "serviceaccounts"
CLAIMS: Final = "persistentvolumeclaims"
VOLUMES: Final = "persistentvolumes"
CONFIG_MAPS: Final = "configmaps"
ENDPOINTS: Final = "endpointslices.discovery.k8s.io"
WORKLOADS: Final = "workloads.kueue.x-k8s.io"

OWN: Final = (
    of_namespaces(LIMIT_RANGES, "LimitRange", "v1", "which defaults and bounds containers have"),
    of_namespaces(NETWORK_POLICIES, "NetworkPolicy", "v1", "what reaches pods, and what they reach"),
    of_namespaces(OWN_NETWORKS, "UserDefinedNetwork", "v1", "which namespaces have a network of their own"),
    of_namespaces(EGRESS_FIREWALLS, "EgressFirewall", "v1", "what leaves the cluster's network"),
    of_cluster(ADMIN_POLICIES, "AdminNetworkPolicy", "v1alpha1", "what administrators allow whatever namespaces say"),
    of_cluster(OWNER_QUOTAS, "ClusterResourceQuota", "v1", "what owners may take over all of their namespaces"),
    of_namespaces(SERVICE_ACCOUNTS, "ServiceAccount", "v1", "with which Secrets images are pulled"),
    of_namespaces(CLAIMS, "PersistentVolumeClaim", "v1", "which volumes hold data of a namespace"),
    of_cluster(VOLUMES, "PersistentVolume", "v1", "where data of a namespace is"),
    of_namespaces(ENDPOINTS, "EndpointSlice", "v1", "where the API servers are", labels="kubernetes.io/service-name=kubernetes"),
    # Of no other ConfigMaps anything is looked at.
    of_namespaces(CONFIG_MAPS, "ConfigMap", "v1", "which data sources namespaces know of", fields=f"metadata.name={DATA}"),
    of_namespaces(WORKLOADS, "Workload", "v1beta2 v1beta1", "what waits in queues, and what they admitted"),
)
"""Lists of this stage alone."""

WITH_PLATFORM: Final = (
    "namespaces",
    "nodes",
    "pods",
    "clusterversions.config.openshift.io",
    "hyperconvergeds.hco.kubevirt.io",
    "clusterpolicies.nvidia.com",
    "deviceconfigs.amd.com",
    "clusterpolicies.habanalabs.habana.ai",
    "deviceconfigs.habanalabs.habana.ai",
    "kueues.kueue.openshift.io",
    "clusterservingruntimes.serving.kserve.io",
    "gpudeviceplugins.deviceplugin.intel.com",
    "deviceclasses.resource.k8s.io",
    "storageclasses.storage.k8s.io",
    "proxies.config.openshift.io",
    "imagedigestmirrorsets.config.openshift.io",
    "imagetagmirrorsets.config.openshift.io",
    "imagecontentsourcepolicies.operator.openshift.io",
    "oauths.config.openshift.io",
    "authentications.config.openshift.io",
    "groups.user.openshift.io",
    "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "resourcequotas",
    "resourceflavors.kueue.x-k8s.io",
    "cohorts.kueue.x-k8s.io",
    "clusterqueues.kueue.x-k8s.io",
    "localqueues.kueue.x-k8s.io",
    "servingruntimes.serving.kserve.io",
    "inferenceservices.serving.kserve.io",
    "llminferenceservices.serving.kserve.io",
    "hardwareprofiles.infrastructure.opendatahub.io",
    "podmonitors.monitoring.coreos.com",
    "servicemonitors.monitoring.coreos.com",
    "prometheuses.monitoring.coreos.com",
    "clusteroperators.config.openshift.io",
    "validatingadmissionpolicies.admissionregistration.k8s.io",
    "validatingadmissionpolicybindings.admissionregistration.k8s.io",
)
"""Lists that the platform stage has as well."""

RESOURCES: Final[tuple[Resource, ...]] = (*(OF_PLATFORM[name] for name in WITH_PLATFORM), *OWN)
"""Everything that is listed, in the order in which it is asked for."""

BY_ID: Final[Mapping[str, Resource]] = MappingProxyType({resource.id: resource for resource in RESOURCES})
BY_KIND: Final[Mapping[tuple[str, str], Resource]] = MappingProxyType({(found.group, found.kind): found for found in RESOURCES})
"""Resources by API group and kind."""
