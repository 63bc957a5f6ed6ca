# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A HardwareProfile for each grant, from which people choose for workbenches and models what they were granted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...common.quantities import cpu_text, memory_text
from ...platform.openshift_ai.profiles import placement
from ...target.objects import maps_at
from ..contract.amounts import most_cpu, most_memory_gib
from ..contract.model import Contract
from ..grants import Grants

GROUP: Final = "infrastructure.opendatahub.io"
VERSIONS: Final = ("v1", "v1alpha1")
_DISPLAY: Final = "opendatahub.io/display-name"


def hardware_profiles(contract: Contract, grants: Grants, version: str, *, queued: bool) -> Iterator[ApiObject]:
    """Those of grants that are served; with queues the queue decides on the nodes, else the profile does."""
    for each in grants.entries:
        if each.choice is None:
            continue
        queue = {"type": "Queue", "kueue": {"localQueueName": contract.queue.name}}
        node = placement(each.choice)
        scheduling: dict[str, Any] = queue if queued else {"type": "Node", "node": node} if node else {}
        yield {
            "apiVersion": f"{GROUP}/{version}",
            "kind": "HardwareProfile",
            "metadata": {
                "name": each.name,
                "namespace": contract.namespace,
                "annotations": {_DISPLAY: f"{each.name} ({each.choice.count} of {each.device_class})"},
            },
            "spec": {
                "identifiers": [*_bounds(contract), *maps_at(each.choice.profile, "identifiers")],
                **({"scheduling": scheduling} if scheduling else {}),
            },
        }


def _bounds(contract: Contract) -> Sequence[dict[str, Any]]:
    """CPU and memory from a container's defaults to the most that one may have."""
    own = contract.containers
    cpu = (own.cpu_request, own.cpu_limit, most_cpu(contract))
    memory = (own.memory_request_gib, own.memory_limit_gib, most_memory_gib(contract))
    return [
        _identifier("CPU", "cpu", [cpu_text(value) for value in cpu]),
        _identifier("Memory", "memory", [memory_text(value) for value in memory]),
    ]


def _identifier(shown: str, resource: str, counts: Sequence[int | str]) -> dict[str, Any]:
    least, usual, largest = counts
    found = {"displayName": shown, "identifier": resource, "resourceType": shown}
    return {**found, "minCount": least, "defaultCount": usual, "maxCount": largest}
