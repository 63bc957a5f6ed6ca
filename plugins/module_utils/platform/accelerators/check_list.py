# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of the accelerators part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...common.findings import CRITICAL, INFORMATION, OBJECT_CHECK, WARNING
from ..checks import Check, by_id

PART: Final = "accelerators"
LAYER: Final = "accelerators"
FEATURES: Final = "node_features"
PREFIX: Final = f"platform.{PART}"

_KUBERNETES = "Kubernetes, scheduling and eviction"
_NVIDIA = "NVIDIA GPU operator, ClusterPolicy v1"
_AMD = "AMD GPU operator, DeviceConfig v1alpha1"
_NFD = "Node Feature Discovery operator"
_MCO = "Machine Config Operator, MachineConfigPool"
_DOCUMENT = "the document"
_APART = "make the labels of the pools exclude each other"


def _check(
    word: str, title: str, remedy: str, source: str, severity: str = CRITICAL, *, refuses: bool = False, layer: str = LAYER
) -> Check:
    return Check(f"{PREFIX}.{word}", PART, layer, title, remedy, source, severity, refuses)


_OBJECTS: Final = (
    _check(OBJECT_CHECK, "Every object of the accelerators is as desired", "run the playbook in apply mode", _DOCUMENT),
    _check(
        "readable",
        "The nodes and the settings of the vendors can be read",
        "grant the rights of the verify role",
        _KUBERNETES,
        refuses=True,
    ),
)
_FEATURES_CHECKS: Final = (
    _check(
        "nfd.single",
        "There is one NodeFeatureDiscovery for all vendors",
        "name the one that is there in accelerators.nfd, and delete the others",
        _NFD,
        refuses=True,
        layer=FEATURES,
    ),
    _check(
        "nfd.settings",
        "The settings of the NodeFeatureDiscovery are not those of others",
        "keep a copy of them; what more than one vendor needs belongs into NodeFeatureRules",
        _NFD,
        WARNING,
        layer=FEATURES,
    ),
    _check(
        "nfd.labelled",
        "Every node of a pool has the label of its vendor's accelerators",
        "look whether Node Feature Discovery runs on the node and whether the device is seen on its PCI bus",
        _NFD,
        layer=FEATURES,
    ),
    _check(
        "nfd.declared",
        "Every node with accelerators belongs to a pool",
        "add the node to a pool of the document, or take the accelerators out of it",
        _NFD,
        WARNING,
        layer=FEATURES,
    ),
)
_POOLS: Final = (
    _check("pool.empty", "A pool has nodes", "correct the labels of the pool, or label the nodes", _DOCUMENT, WARNING),
    _check("pool.settings", "The settings of a pool fit its vendor, workload and mode", "correct the pool", _DOCUMENT, refuses=True),
    _check(
        "pool.workloads",
        "A node is for containers or for VMs, not both",
        _APART,
        _NVIDIA,
        refuses=True,
    ),
    _check("pool.modes", "A node hands out its devices in one mode", _APART, _NVIDIA, refuses=True),
    _check("pool.overlap", "A node belongs to one pool", _APART, _AMD, refuses=True),
    _check(
        "pool.vendors",
        "The accelerators of a node are of one vendor, that of its pool",
        "leave the node out of the pools, or take the other accelerators out of it",
        "the operators of the vendors",
        refuses=True,
    ),
    _check(
        "pool.dra",
        "A node hands out devices through a device plugin or through dynamic resource allocation, not both",
        "use one of them for all pools and DeviceConfigs of the node",
        _AMD,
        refuses=True,
    ),
    _check(
        "pool.partitioned",
        "The devices of a pool are partitioned as its profile says",
        "name a profile that the devices have, and see the log of the vendor's manager on the node",
        "labels of NVIDIA's MIG manager and of AMD's device config manager; the node's resources",
    ),
    _check(
        "pool.clients",
        "No pod holds devices while their mode or use is changed",
        "drain the pods from the node, and run the playbook again",
        _NVIDIA,
    ),
)
_VENDORS: Final = (
    _check(
        "nvidia.single",
        "There is one ClusterPolicy",
        "delete those whose status is ignored, so that one is left",
        _NVIDIA,
        refuses=True,
    ),
    _check(
        "nvidia.mig_default",
        "Nodes without a label of their own stay unpartitioned",
        "label the nodes that have to be partitioned with nvidia.com/mig.config, then set migManager.config.default to all-disabled",
        _NVIDIA,
        refuses=True,
    ),
    _check(
        "nvidia.undeclared",
        "A ClusterPolicy of others is taken over only where every node that it drives is in a pool",
        "add pools for these nodes as they are used now",
        _NVIDIA,
        refuses=True,
    ),
    _check(
        "nvidia.mig_strategy",
        "All MIG pools use one strategy, and one profile per node that suits it",
        "use mig_mixed for all pools, or one profile of equal slices",
        _NVIDIA,
        refuses=True,
    ),
    _check("nvidia.mig_capable", "Devices that are to be partitioned can be", "use another mode for the pool", _NVIDIA, refuses=True),
    _check(
        "nvidia.driver",
        "All pools of NVIDIA want the same driver",
        "give one version",
        _NVIDIA,
        refuses=True,
    ),
    _check(
        "nvidia.vgpu_manager",
        "The image of the vGPU manager is known where VMs get virtual GPUs",
        "give driver.image of the pool",
        _NVIDIA,
        refuses=True,
    ),
    _check(
        "amd.overlap",
        "No other DeviceConfig selects nodes of a pool",
        "delete the other DeviceConfig, or make the selectors exclude each other",
        _AMD,
        refuses=True,
    ),
    _check("amd.partitionable", "Devices that are to be partitioned can be", "use another mode for the pool", _AMD, refuses=True),
    _check(
        "amd.profile",
        "The partition profile is known and the number of devices per node too",
        "name it <compute>_<memory>, such as cpx_nps4, and let all nodes of the pool have as many devices",
        "AMD device config manager",
        refuses=True,
    ),
    _check(
        "amd.registry",
        "The internal image registry is managed and has storage where drivers of AMD are built",
        "set spec.managementState of Config/cluster (imageregistry.operator.openshift.io) to Managed and give it storage",
        "AMD GPU operator, installation on OpenShift",
    ),
    _check(
        "amd.blacklist",
        "The kernel's own driver is kept out where the operator installs that of AMD",
        "set driver.blacklist of the pool, which restarts its nodes, or make such a MachineConfig yourself",
        "AMD GPU operator, installation on OpenShift",
        WARNING,
    ),
    _check(
        "vm.iommu",
        "The nodes whose devices are passed to VMs have an IOMMU switched on",
        "make a MachineConfig with the kernel argument intel_iommu=on or amd_iommu=on, which restarts the nodes",
        "OpenShift Virtualization, PCI passthrough",
        WARNING,
    ),
    _check(
        "vm.devices",
        "A device selector has one resource name",
        "give it the same resource in all pools",
        "HyperConverged operator, permittedHostDevices",
        refuses=True,
    ),
    _check(
        "vm.permitted",
        "OpenShift Virtualization is there where devices are for VMs",
        "install OpenShift Virtualization, or take the pool out",
        "HyperConverged operator, permittedHostDevices",
    ),
    _check(
        "vendor.kind",
        "The cluster serves the kind that configures the vendor's accelerators",
        "install the operator of the vendor",
        "not confirmed in public sources: looked up in the cluster",
    ),
)
_RUNNING: Final = (
    _check(
        "taints.declared",
        "The document knows every taint of the nodes with accelerators",
        "declare it in accelerators.taints, so that operands and pods get a toleration",
        _KUBERNETES,
    ),
    _check(
        "taints.tolerated",
        "Whatever has to run on a node with accelerators tolerates its taints",
        "run the playbook in apply mode, or add the tolerations to the object",
        _KUBERNETES,
    ),
    _check(
        "pool.devices",
        "Every node of a pool gives devices of its vendor",
        "see the pods of the vendor's driver and device plugin on the node, and whether the device is on its bus",
        _KUBERNETES,
    ),
    _check(
        "devices.healthy",
        "Every device of a node can be had",
        "look at the node's device plugin and its exporter for the state of the devices",
        _AMD,
        WARNING,
    ),
    _check(
        "devices.known",
        "The memory of every device is known",
        "name the device in accelerators.devices with a source, or let its vendor's labeller run",
        "the labels of the vendors",
        WARNING,
    ),
    _check("request.possible", "A request for accelerators can be served", "ask for less, or add such nodes", _DOCUMENT),
    _check(
        "request.replicas",
        "All replicas of a request fit on the nodes if nothing else runs",
        "ask for fewer",
        _DOCUMENT,
        WARNING,
    ),
    _check(
        "restart",
        "No node restarts for the change",
        "choose a window; pause the MachineConfigPool to decide when its nodes restart",
        _MCO,
        INFORMATION,
    ),
    _check("restart.known", "It is known which nodes a change restarts", "grant the rights of the verify role", _MCO, WARNING),
)

CHECKS: Final[tuple[Check, ...]] = (*_OBJECTS, *_FEATURES_CHECKS, *_POOLS, *_VENDORS, *_RUNNING)
"""Every check that the part makes."""

BY_ID: Final[Mapping[str, Check]] = by_id(CHECKS)


def check(word: str) -> Check:
    """The check of that last words: `nfd.single`."""
    return BY_ID[f"{PREFIX}.{word}"]
