# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What KubeVirt makes of a VM's size: the requests of its pod.

Sources, read in November 2026 in kubevirt/kubevirt: `GetMemoryOverhead` and its constants, `WithoutDedicatedCPU`,
`WithCPUPinning`, `WithMemoryRequests`, `WithHugePages` and `DefaultMemoryLimitOverheadRatio` (template.go and
renderresources.go of pkg/virt-controller/services; newer releases have the first in `KvmLauncherHypervisorResources`).
"""

from __future__ import annotations

from math import ceil
from typing import Final

from .model import GIB, MIB

LAUNCHER_BYTES: Final = (25 + 100 + 25 + 40 + 30) * MIB
"""virt-launcher-monitor, virt-launcher, virtlogd, virtqemud and QEMU itself; older releases took 10 MiB less."""
IO_THREAD_BYTES: Final = 8 * MIB
VCPU_BYTES: Final = 8 * MIB
VIDEO_BYTES: Final = 32 * MIB
"""Migrated VMs keep a graphics device; it is the default."""
VFIO_BYTES: Final = GIB
"""For VMs with passthrough or vGPU devices."""
TPM_BYTES: Final = 53 * MIB
GUARANTEED_BYTES: Final = 100 * MIB
"""For VMs with dedicated CPUs."""
PAGE_TABLE_SHARE: Final = 512
"""Page tables take a 512th of the memory."""
EPHEMERAL_BYTES: Final = 50_000_000
"""Ephemeral storage that each launcher pod requests (`ephemeralStorageOverheadSize`)."""
MEMORY_LIMIT_RATIO: Final = 2
"""Memory limit per request, where a quota on limits makes KubeVirt set one."""


def memory_overhead_bytes(
    requested_bytes: int, cpu_count: int, *, devices: bool = False, tpm: bool = False, dedicated: bool = False
) -> int:
    """What a VM's pod requests beyond the guest's memory (`GetMemoryOverhead`, amd64, no probes, no memory encryption).

    `requested_bytes` is what is requested for the guest, after overcommit. A cluster's additional overhead ratio
    (additionalGuestMemoryOverheadRatio) and network binding plugins are not in it.
    """
    overhead = requested_bytes // PAGE_TABLE_SHARE + LAUNCHER_BYTES + IO_THREAD_BYTES + VIDEO_BYTES + VCPU_BYTES * max(cpu_count, 1)
    if devices:
        overhead += VFIO_BYTES
    if tpm:
        overhead += TPM_BYTES
    if dedicated:
        overhead += GUARANTEED_BYTES
    return overhead


def cpu_request_millicores(cpu_count: int, vcpus_per_cpu: float, *, dedicated: bool = False) -> int:
    """vCPUs by the allocation ratio, rounded up to a millicore as the scheduler does; dedicated CPUs are whole."""
    return cpu_count * 1000 if dedicated else ceil(round(cpu_count * 1000 / vcpus_per_cpu, 6))


def guest_request_bytes(guest_bytes: int, overcommit_percent: int, *, dedicated: bool = False, hugepages: bool = False) -> int:
    """What is requested for the guest's memory; KubeVirt does not overcommit dedicated CPUs and huge pages."""
    return guest_bytes if dedicated or hugepages else guest_bytes * 100 // overcommit_percent
