# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records of ESXi hosts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...common.artifact import JsonRecord
from .leaves import Leaf, worded
from .licenses import AssignedLicenses
from .records import Draft, Server
from .values import count, flag, lower, mib, references, repeated, text

HOST_LEAVES: Final = (
    Leaf("summary.hardware.vendor", "vendor", repeated),
    Leaf("summary.hardware.model", "model", repeated),
    Leaf("summary.hardware.uuid", "uuid", lower),
    Leaf("summary.hardware.cpuModel", "cpu_model", repeated),
    Leaf("summary.hardware.cpuMhz", "cpu_mhz", count),
    Leaf("summary.hardware.numCpuPkgs", "cpu_socket_count", count),
    Leaf("summary.hardware.numCpuCores", "cpu_core_count", count),
    Leaf("summary.hardware.numCpuThreads", "cpu_thread_count", count),
    Leaf("summary.hardware.memorySize", "memory_mib", mib),
    Leaf("summary.config.product.fullName", "version", repeated),
    Leaf("summary.config.product.build", "build", text),
    Leaf("summary.currentEVCModeKey", "evc_mode", repeated, ""),
    Leaf("summary.maxEVCModeKey", "evc_mode_possible", repeated, ""),
    Leaf("summary.quickStats.overallCpuUsage", "cpu_usage_mhz", count),
    Leaf("summary.quickStats.overallMemoryUsage", "memory_usage_mib", count),
    worded("host", "runtime.connectionState", "connection_state"),
    worded("host", "runtime.powerState", "power_state"),
    Leaf("runtime.inMaintenanceMode", "in_maintenance", flag),
)


def host_records(server: Server, licenses: AssignedLicenses) -> Iterator[JsonRecord]:
    """The records of all hosts."""
    for read in server.places.of("HostSystem"):
        draft = Draft(server, "host", read)
        _place(draft)
        draft.leaves(HOST_LEAVES)
        if "vm" not in read.missing:
            draft.put("vm_count", server.listed(len(references(read.values.get("vm")))))
        licenses.note(draft.record, read.moref)
        yield draft.finish()


def _place(draft: Draft) -> None:
    places = draft.server.places
    draft.put("datacenter", places.datacenter_of(draft.self_reference))
    compute, reason = places.compute_of_host(draft.self_reference)
    if compute is None:
        draft.put("cluster", (None, reason))
        draft.put("cluster_id", (None, reason))
    elif compute.type == "ClusterComputeResource":
        draft.put("cluster", places.name(compute))
        draft.record["cluster_id"] = places.id_of("cluster", compute.moref)
    else:
        draft.record["cluster"] = draft.record["cluster_id"] = ""
