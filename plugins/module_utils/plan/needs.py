# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each VM requests of the cluster, by the policy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from ..target.view import TargetView
from .cpu_models import requirement_of
from .devices import devices_of
from .model import MIB, Constraint, Destination, Need, PlanVm, VolumeNeed
from .pod_size import cpu_request_millicores, guest_request_bytes, memory_overhead_bytes
from .settings import FitPolicy
from .subjects import SIZING_FACTS

CONFIGURED, P95 = "configured", "p95"
BASES: Final = (CONFIGURED, P95)
CPU_RATIO: Final = 10
"""vCPUs per requested CPU, unless the cluster or the policy sets another (vmiCPUAllocationRatio)."""
P95_MEMORY_MARGIN_PERCENT: Final = 20
"""Added to the active memory: the hypervisor's sampling passes over pages that are read now and then."""
P95_MEMORY_LEAST_PERCENT: Final = 25
"""Of the configured memory: active memory leaves out what a guest caches."""
FIRST_NAMES: Final = 3
"""So many VMs are named for a fact that nobody knows."""
PAGE_BYTES: Final = {"2Mi": 2 << 20, "1Gi": 1 << 30}


@dataclass(frozen=True, slots=True)
class Sizing:
    """The figures by which VMs are sized: the policy's own, else the cluster's, else the product's defaults."""

    vcpus_per_cpu: float
    memory_percent: int
    """memory of guests per requested memory"""
    assumed: tuple[str, ...]
    """figures that neither the policy nor the cluster gave, in words"""


def sizing_of(policy: FitPolicy, target: TargetView) -> Sizing:
    """How VMs are sized on this cluster by this policy."""
    record = target.one("virtualization") or {}
    assumed: list[str] = []
    ratio = policy.cpu_overcommit
    if ratio is None:
        ratio = record.get("cpu_allocation_ratio")
    if not ratio:
        ratio = CPU_RATIO
        assumed.append(f"{CPU_RATIO} virtual CPUs per requested CPU")
    percent = max(1, round(policy.memory_overcommit * 100)) if policy.memory_overcommit else record.get("memory_overcommit_percent")
    if not percent:
        percent = 100
        assumed.append("no overcommit of memory")
    return Sizing(ratio, percent, tuple(assumed))


def need_of(
    vm: PlanVm,
    destination: Destination,
    volumes: tuple[VolumeNeed, ...],
    policy: FitPolicy,
    target: TargetView,
    sizing: Sizing | None = None,
) -> Need | tuple[Constraint, ...]:
    """What a VM requests, or why that cannot be said: a size that nobody knows, a device that the target does not offer.

    Latency sensitivity high and pinned NUMA nodes ask for dedicated CPUs: as many whole ones as the VM has, its memory not
    overcommitted. `sizing` spares working it out for each VM; it is `sizing_of(policy, target)`.

    Basis p95: CPU is what the VM used (95th percentile, in cores of `policy.core_mhz`), at least what the cluster requests
    for one vCPU and at most what the VM has; memory is what was active plus 20 %, at least a quarter of what the VM has and
    at most all of it. Neither is overcommitted, because used cores and used memory are real. A figure that is not known,
    dedicated CPUs and devices (which lock the memory) fall back to what is configured. The scheduler sees these figures
    only once the VM has been given such a size.

    Devices, pinning, a TPM and the like that nobody knows are reckoned as none, and `Need.unread` says so.
    """
    unknown = _unknown_sizes(vm)
    devices, missing = devices_of(vm, policy, target)
    if unknown or missing:
        return (*unknown, *missing)
    figures = sizing or sizing_of(policy, target)
    dedicated = vm.latency_sensitivity.lower() == "high" or bool(vm.numa_nodes)
    page = policy.hugepages if vm.numa_nodes else ""
    vcpus, guest = vm.cpu_count or 0, (vm.memory_mib or 0) * MIB
    cpu = cpu_request_millicores(vcpus, figures.vcpus_per_cpu, dedicated=dedicated)
    memory = guest_request_bytes(guest, figures.memory_percent, dedicated=dedicated, hugepages=bool(page))
    if policy.basis == P95 and not dedicated and not devices:
        cpu = _p95_cpu(vm, cpu, policy.core_mhz, figures.vcpus_per_cpu)
        memory = _p95_memory(vm, memory)
    overhead = memory_overhead_bytes(memory, vcpus, devices=bool(devices), tpm=vm.tpm is True, dedicated=dedicated)
    vendor, model = requirement_of(vm.evc_mode) if policy.cpu_baseline == "required" else ("", "")
    return Need(
        vm_id=vm.id,
        namespace=destination.namespace,
        cpu_millicores=cpu,
        memory_bytes=overhead if page else memory + overhead,
        hugepages={page: -(-guest // PAGE_BYTES[page]) * PAGE_BYTES[page]} if page else {},
        devices=devices,
        cpu_model=model,
        cpu_vendor=vendor,
        volumes=volumes,
        cpu_count=vcpus,
        dedicated_cpus=dedicated,
        numa_nodes=len(set(vm.numa_nodes)),
        unread=_unread(vm, policy),
        vm_name=vm.name,
    )


def _unread(vm: PlanVm, policy: FitPolicy) -> tuple[str, ...]:
    """Facts that bear on the fit by this policy, and that nobody knows."""
    if policy.cpu_baseline == "required" or "evc_mode_required" not in vm.unread:
        return vm.unread
    return tuple(fact for fact in vm.unread if fact != "evc_mode_required")


def unread_facts(needs: Iterable[Need]) -> tuple[Constraint, ...]:
    """What nobody knows of VMs that are fitted: one constraint for each kind of fact, with how many VMs and the first of them."""
    found: dict[str, list[str]] = {}
    for need in needs:
        for fact in need.unread:
            found.setdefault(fact, []).append(need.vm_name or need.vm_id)
    remedy = "read these VMs from their vCenter, with an account that sees it; exports lack some of these facts"
    return tuple(
        Constraint(f"{fact}_unknown", fact, f"nobody knows the {SIZING_FACTS[fact]} of {_first(found[fact])}: reckoned as none", remedy)
        for fact in sorted(found)
    )


def _first(names: Sequence[str]) -> str:
    """How many VMs, and the first of them."""
    more = f" and {len(names) - FIRST_NAMES} more" if len(names) > FIRST_NAMES else ""
    return f"{len(names)} VM(s), {', '.join(sorted(names)[:FIRST_NAMES])}{more}"


def _unknown_sizes(vm: PlanVm) -> tuple[Constraint, ...]:
    lacking = []
    if not vm.cpu_count or vm.cpu_count < 0:
        lacking.append("its number of virtual CPUs")
    if not vm.memory_mib or vm.memory_mib < 0:
        lacking.append("its memory")
    if vm.disks is None:
        lacking.append("its disks")
    elif any(disk.capacity_bytes is None for disk in vm.disks):
        lacking.append("the size of a disk")
    if not lacking:
        return ()
    return (
        Constraint(
            "size_unknown",
            vm.id,
            f"nobody knows of {vm.name}: {', '.join(lacking)}",
            "read the estate again from a source that has it (vCenter, or an RVTools export with vInfo, vMemory and vDisk)",
        ),
    )


def _p95_cpu(vm: PlanVm, configured: int, core_mhz: float, ratio: float) -> int:
    used = vm.cpu_usage_p95_mhz
    if used is None:
        return configured
    least = ceil(1000 / ratio)
    return min(max(ceil(used * 1000 / core_mhz), least), (vm.cpu_count or 0) * 1000)


def _p95_memory(vm: PlanVm, configured: int) -> int:
    active = vm.active_memory_p95_mib
    if active is None:
        return configured
    whole = vm.memory_mib or 0
    wanted = max(ceil(active * (100 + P95_MEMORY_MARGIN_PERCENT) / 100), ceil(whole * P95_MEMORY_LEAST_PERCENT / 100))
    return min(wanted, whole) * MIB
