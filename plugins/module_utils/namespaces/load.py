# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pods ask of each node, and where pods of each namespace are: added up while their list is read, and no pod is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..common.owned_fields import ApiObject
from ..target.nodes import ENDED, pod_requests
from ..target.objects import at, name_of, namespace_of, text_at

PODS: Final = "pods"
_NOT_READ: Final = "the list of pods was not read in full"


@dataclass(frozen=True, slots=True)
class PodLoad:
    """What the pods that are not done come to."""

    requested: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """node to resource to amount, as the scheduler counts: millicores, bytes, objects; `pods` is their number"""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """node to why nobody knows what is asked of it"""
    nodes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """namespace to node to number of its pods there"""
    on_host_network: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """namespace to its pods that use the network of their node"""
    unknown: str = ""
    """why nothing is known; empty where it is"""


class LoadFold:
    """Takes the pods of one look at a cluster. What was added up is in `load`, once the list was read in full."""

    def __init__(self) -> None:
        self._requested: dict[str, dict[str, int]] = {}
        self._unreadable: dict[str, str] = {}
        self._nodes: dict[str, dict[str, int]] = {}
        self._on_host_network: dict[str, list[str]] = {}
        self.load = PodLoad(unknown=_NOT_READ)

    def begin(self) -> None:
        """Forgets everything that was taken."""
        self._requested, self._unreadable, self._nodes, self._on_host_network = {}, {}, {}, {}
        self.load = PodLoad(unknown=_NOT_READ)

    def add(self, pod: ApiObject) -> None:
        """Takes a pod; one that has ended counts nowhere, one that is on no node asks nothing of any."""
        if text_at(pod, "status.phase") in ENDED:
            return
        namespace, where = namespace_of(pod), text_at(pod, "spec.nodeName")
        if at(pod, "spec.hostNetwork") is True:
            self._on_host_network.setdefault(namespace, []).append(name_of(pod))
        if not where:
            return
        places = self._nodes.setdefault(namespace, {})
        places[where] = places.get(where, 0) + 1
        wanted = pod_requests(pod)
        sums = self._requested.setdefault(where, {})
        sums[PODS] = sums.get(PODS, 0) + 1
        if wanted is None:
            self._unreadable.setdefault(where, f"a request of pod {namespace}/{name_of(pod)} is no quantity")
            return
        for name, amount in wanted.items():
            sums[name] = sums.get(name, 0) + amount

    def finish(self) -> None:
        """Hears that the list was read in full."""
        hosted = {name: tuple(sorted(found)) for name, found in sorted(self._on_host_network.items())}
        self.load = PodLoad(self._requested, self._unreadable, self._nodes, hosted)
