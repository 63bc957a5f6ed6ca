# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accelerator resources: whose they are, how they are handed out, and the labels that tell more of them.

Names and labels are those of the device plugins and feature discoveries of the vendors. Facts that were not read in a
public source are marked [K]: they were known, not looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ..desired.model import (
    ANY_SHARING,
    CONTAINER,
    ISOLATED,
    MIG_MIXED,
    MIG_SINGLE,
    NOT_SHARED,
    PARTITION,
    TIME_SLICED,
    VM_PASSTHROUGH,
    VM_VGPU,
    WHOLE,
)

NVIDIA, AMD, INTEL, GAUDI = "nvidia", "amd", "intel", "gaudi"

DEVICE_CLASS_SUFFIX: Final = ".deviceclass.resource.k8s.io/devices"
"""What a quota calls devices that are claimed through dynamic resource allocation, after the name of their class."""

NVIDIA_GPU, NVIDIA_SHARED, NVIDIA_MIG = "nvidia.com/gpu", "nvidia.com/gpu.shared", "nvidia.com/mig-"
AMD_GPU: Final = "amd.com/gpu"
GAUDI_DEVICE: Final = "habana.ai/gaudi"
INTEL_I915, INTEL_XE = "gpu.intel.com/i915", "gpu.intel.com/xe"
WELL_KNOWN: Final = (AMD_GPU, GAUDI_DEVICE, INTEL_I915, INTEL_XE, NVIDIA_GPU, NVIDIA_SHARED)
"""Resources that every quota names, whether a node has them or not."""

OWN_TAINTS: Final = (AMD_GPU, GAUDI_DEVICE, INTEL_I915, INTEL_XE, NVIDIA_GPU)
"""Keys of taints by which nodes are kept for pods with accelerators; they need no declaration."""

PRODUCT: Final = "nvidia.com/gpu.product"
MIG_CONFIG, MIG_CAPABLE = "nvidia.com/mig.config", "nvidia.com/mig.capable"
MIG_STATE: Final = "nvidia.com/mig.config.state"
"""What became of the profile, by the MIG manager: pending, rebooting, success or failed."""
PLUGIN_CONFIG, WORKLOAD_CONFIG = "nvidia.com/device-plugin.config", "nvidia.com/gpu.workload.config"
AMD_PARTITION: Final = "amd.com/compute-memory-partition"
AMD_PARTITIONABLE: Final = "amd.com/compute-partitioning-supported"
AMD_PROFILE: Final = "dcm.amd.com/gpu-config-profile"
AMD_PROFILE_STATE: Final = "dcm.amd.com/gpu-config-profile-state"
"""What became of the profile, by the device config manager: success or failure."""
AMD_PRODUCT: Final = ("amd.com/gpu.product-name", "amd.com/gpu.device-id")
INTEL_PRODUCT: Final = ("gpu.intel.com/product", "gpu.intel.com/family")
"""[K] labels of Intel's own feature rules."""
PARTITION_LABELS: Final = (AMD_PARTITION, AMD_PROFILE, MIG_CONFIG)

WORKLOAD_WORDS: Final[Mapping[str, str]] = {CONTAINER: "container", VM_PASSTHROUGH: "vm-passthrough", VM_VGPU: "vm-vgpu"}
"""Workload of the document to the value of NVIDIA's node label."""

_WORKLOADS: Final = {word: workload for workload, word in WORKLOAD_WORDS.items()}
_PARTITIONS: Final = re.compile(r"amd\.com/(?P<compute>[a-z]px)_nps[0-9]+")
_SHARED_SUFFIX, _MIG_INFIX, _RENAMED = "-SHARED", "-MIG-", ".shared"
_ONE_TENANT: Final = "none"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a resource on a node is, as far as its name and the node's labels tell."""

    vendor: str
    product: str
    mode: str
    sharing: str
    """empty where nothing tells"""
    workload: str
    memory_label: str
    """label that holds the memory of one unit; empty for none"""
    identity: tuple[str, ...]
    """labels that tell these devices from others, the most telling one first"""


def vendor_of(resource: str, vm_resources: Iterable[str] = ()) -> str:
    """Vendor of an accelerator resource; empty for any other. `vm_resources` are those that VMs are given."""
    if resource in (NVIDIA_GPU, NVIDIA_SHARED) or resource.startswith(NVIDIA_MIG):
        return NVIDIA
    if resource == AMD_GPU or _PARTITIONS.fullmatch(resource):
        return AMD
    if resource in (INTEL_I915, INTEL_XE):
        return INTEL
    if resource == GAUDI_DEVICE:
        return GAUDI
    if resource in vm_resources:
        return AMD if resource.startswith("amd.com/") else INTEL if "intel.com/" in resource else NVIDIA
    return ""


def workload_of(labels: Mapping[str, str]) -> str:
    """What a node's devices are for, by NVIDIA's label; a node without it is for containers."""
    return _WORKLOADS.get(labels.get(WORKLOAD_CONFIG, ""), CONTAINER)


def traits_of(resource: str, labels: Mapping[str, str], beside: Iterable[str], vendor: str) -> Traits:
    """What a resource is on a node with these labels; `beside` are the other resources of which the node has any."""
    if vendor == NVIDIA:
        return _nvidia(resource, labels, tuple(beside))
    if vendor == AMD:
        return _amd(resource, labels)
    if vendor == INTEL:
        # Intel's plugin shares devices by a setting of its own, which no label shows.
        return Traits(INTEL, _first(labels, INTEL_PRODUCT), WHOLE, "", CONTAINER, "", INTEL_PRODUCT)
    return Traits(GAUDI, "", WHOLE, NOT_SHARED, CONTAINER, "", ())


def _nvidia(resource: str, labels: Mapping[str, str], beside: tuple[str, ...]) -> Traits:
    product, workload = labels.get(PRODUCT, ""), workload_of(labels)
    base = resource.removesuffix(_RENAMED)
    shared = resource != base or _is_replicated(base, labels, renamed=base + _RENAMED in beside)
    if base.startswith(NVIDIA_MIG):
        profile = base.removeprefix(NVIDIA_MIG)
        named = f"{product}-MIG-{profile}" if product else f"MIG-{profile}"
        sharing = ANY_SHARING if shared else ISOLATED
        keys = (PRODUCT, f"{base}.product", f"{base}.memory", f"{base}.replicas")
        return Traits(NVIDIA, named, MIG_MIXED, sharing, workload, f"{base}.memory", keys)
    keys = (PRODUCT, f"{NVIDIA_GPU}.memory", f"{NVIDIA_GPU}.sharing-strategy", f"{NVIDIA_GPU}.replicas")
    memory = f"{NVIDIA_GPU}.memory"
    if base != NVIDIA_GPU:
        return Traits(NVIDIA, resource.partition("/")[2], WHOLE, NOT_SHARED, VM_PASSTHROUGH if workload == CONTAINER else workload, "", ())
    if shared:
        return Traits(NVIDIA, product.removesuffix(_SHARED_SUFFIX), TIME_SLICED, ANY_SHARING, workload, memory, keys)
    if _MIG_INFIX in product:
        return Traits(NVIDIA, product, MIG_SINGLE, ISOLATED, workload, memory, keys)
    # Without the labels of the feature discovery nobody knows whether the devices are shared.
    known = product or f"{NVIDIA_GPU}.replicas" in labels or f"{NVIDIA_GPU}.sharing-strategy" in labels
    return Traits(NVIDIA, product, WHOLE, NOT_SHARED if known else "", workload, memory, keys)


def _is_replicated(base: str, labels: Mapping[str, str], *, renamed: bool) -> bool:
    """Whether several pods share one device under the resource's plain name.

    `renamed`: the node hands out shared devices under another name, so that those of the plain name are not shared.
    """
    if renamed:
        return False
    strategy, replicas = labels.get(f"{base}.sharing-strategy", _ONE_TENANT), labels.get(f"{base}.replicas", "1")
    suffix = base == NVIDIA_GPU and labels.get(PRODUCT, "").endswith(_SHARED_SUFFIX)
    return strategy != _ONE_TENANT or replicas not in ("0", "1", "") or suffix


def _amd(resource: str, labels: Mapping[str, str]) -> Traits:
    product = _first(labels, AMD_PRODUCT)
    named = _PARTITIONS.fullmatch(resource)
    partition = resource.partition("/")[2] if named else labels.get(AMD_PARTITION, "")
    keys = (*AMD_PRODUCT, "amd.com/gpu.vram", AMD_PARTITION, AMD_PROFILE)
    if named or resource == AMD_GPU:
        whole = partition.startswith("spx_") if partition else not labels.get(AMD_PROFILE)
        if not whole:
            return Traits(AMD, "-".join(filter(None, (product, partition))), PARTITION, ISOLATED, CONTAINER, "", keys)
        return Traits(AMD, product, WHOLE, NOT_SHARED, CONTAINER, "amd.com/gpu.vram", keys)
    return Traits(AMD, resource.partition("/")[2], WHOLE, NOT_SHARED, VM_PASSTHROUGH, "", ())


def _first(labels: Mapping[str, str], keys: Iterable[str]) -> str:
    return next((labels[key] for key in keys if labels.get(key)), "")


def plain_product(product: str) -> str:
    """NVIDIA's product without what the feature discovery adds when its devices are shared or cut into slices of one size."""
    return product.removesuffix(_SHARED_SUFFIX).partition(_MIG_INFIX)[0]


def is_made_by_operands(key: str, vendor: str, workload: str) -> bool:
    """Whether a label comes from what the vendor's object itself brings to the node, so that the object cannot choose nodes by it.

    AMD's node labeller is part of a DeviceConfig. NVIDIA's feature discovery does not run on nodes for VMs.
    """
    if vendor == AMD:
        return key.startswith(("amd.com/", "beta.amd.com/"))
    return vendor == NVIDIA and workload != CONTAINER and key.startswith(("nvidia.com/gpu.", "nvidia.com/mig"))


def quota_key(resource: str) -> str:
    """The key of a ResourceQuota that limits a resource: extended resources are limited by requests alone."""
    return resource if resource.endswith(DEVICE_CLASS_SUFFIX) else f"requests.{resource}"
