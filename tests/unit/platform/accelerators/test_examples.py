# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped examples and catalogue: planned on nodes of their pools without a conflict, and resolved."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.classes import classes_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.fleet import fleet_of
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.accelerators.resolve import resolve
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.model import PlatformDesired, PoolWanted
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.desired.parse import SourceText, parse
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.shipped import catalogue_from
from ansible_collections.groundwork.readiness.plugins.plugin_utils.platform_files import load, read_facts

from tests.tools.real_copy import CHECKOUT

from .support import GFD, Node, looked_at, node, planned

SIZES = ("small", "medium", "large")
RESOURCES = {"nvidia": GFD, "amd": "amd.com/gpu", "intel": "gpu.intel.com/xe", "gaudi": "habana.ai/gaudi"}
PROOF = {
    "nvidia": "feature.node.kubernetes.io/pci-10de.present",
    "amd": "feature.node.kubernetes.io/amd-gpu",
    "intel": "intel.feature.node.kubernetes.io/gpu",
    "gaudi": "feature.node.kubernetes.io/gaudi",
}
HCO = {"hyperconvergeds.hco.kubevirt.io": [{"metadata": {"name": "kubevirt-hyperconverged", "namespace": "openshift-cnv"}}]}


def example(size: str) -> PlatformDesired:
    """A shipped example."""
    loaded = load(f"docs/examples/platform/{size}.yml", CHECKOUT)
    assert loaded["problems"] == []
    found = parse([SourceText(**document) for document in loaded["documents"]])
    assert found.desired is not None, found.problems
    return found.desired


def node_of(pool: PoolWanted) -> Node:
    """A node that a pool means."""
    labels = {key: value if isinstance(value, str) else value[0] for key, value in pool.nodes.items()}
    devices = {device.resource: 4 for device in pool.host_devices} or {RESOURCES[pool.vendor]: 8}
    return node(f"node-{pool.name}", {**labels, PROOF[pool.vendor]: "true", "topology.kubernetes.io/region": "eu-central"}, devices)


@pytest.mark.parametrize("size", SIZES)
def test_example_is_planned_without_a_conflict_on_nodes_of_its_pools(size: str) -> None:
    wanted = example(size)
    assert wanted.accelerators is not None
    nodes: list[dict[str, Any]] = [node_of(pool) for pool in wanted.accelerators.pools]
    plan = planned(wanted, looked_at(nodes, HCO), catalogue_from(read_facts()))
    refused = [(found.check, found.message) for found in plan.findings if found.refuses and found.result == "fail"]
    assert refused == []
    assert {wanted.object["kind"] for wanted in plan.objects} >= {"NodeFeatureDiscovery", "ClusterPolicy"}


@pytest.mark.parametrize("size", SIZES)
def test_requests_of_an_example_come_to_an_answer_each(size: str) -> None:
    wanted, catalogue = example(size), catalogue_from(read_facts())
    assert wanted.accelerators is not None
    nodes = [node_of(pool) for pool in wanted.accelerators.pools]
    fleet = fleet_of(looked_at(nodes), wanted, catalogue)
    for request in wanted.accelerators.requests:
        found = resolve(request, classes_of(wanted, catalogue), fleet)
        assert bool(found.choices) + bool(found.refused) + bool(found.not_evaluated) == 1, request
        assert all("requests.nvidia.com/gpu" in choice.quota for choice in found.choices)
