# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that tests put into a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.counterparts.cluster.client import Json

PODS = "250"
INFO = {
    "architecture": "amd64",
    "operatingSystem": "linux",
    "kubeletVersion": "v1.34.4",
    "kernelVersion": "5.14.0",
    "osImage": "made up for a test",
    "containerRuntimeVersion": "kwok://0.8.0",
}


def node(
    name: str,
    *,
    cpu: str = "32",
    memory: str = "128Gi",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    capacity: Mapping[str, str] | None = None,
    allocatable: Mapping[str, str] | None = None,
    taints: Sequence[Mapping[str, str]] = (),
) -> Json:
    """A node that kwok brings up: a worker, unless the labels say otherwise.

    `capacity` adds to CPU, memory and pods, or replaces them; `allocatable` is what of it differs from the capacity.
    """
    has = {"cpu": cpu, "memory": memory, "pods": PODS, **(capacity or {})}
    spec: Json = {"taints": [dict(taint) for taint in taints]} if taints else {}
    usual = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node-role.kubernetes.io/worker": "",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {**usual, **(labels or {})}, "annotations": dict(annotations or {})},
        "spec": spec,
        "status": {"capacity": has, "allocatable": {**has, **(allocatable or {})}, "nodeInfo": INFO},
    }


def virtualization_nodes(count: int, gpus: int = 0) -> list[Json]:
    """Workers as OpenShift Virtualization labels them, over three zones; the last one has GPUs if any are asked for."""
    usual = {
        "kubevirt.io/schedulable": "true",
        "cpu-model.node.kubevirt.io/Cascadelake-Server": "true",
        "host-model-cpu.node.kubevirt.io/Cascadelake-Server": "true",
    }
    devices = {"devices.kubevirt.io/kvm": "1k", "devices.kubevirt.io/tun": "1k", "devices.kubevirt.io/vhost-net": "1k"}
    made = []
    for number in range(count):
        capacity = {**devices, "nvidia.com/gpu": str(gpus)} if gpus and number == count - 1 else devices
        zone = {"topology.kubernetes.io/zone": f"zone-{number % 3}"}
        made.append(node(f"worker-{number}", labels={**usual, **zone}, capacity=capacity))
    return made
