# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of each list of the API while a cluster is read, and how each list came out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..common.artifact import JsonRecord
from . import migration, namespaces, networks, nodes, storage, virtualization
from .model import ABSENT, FAILED, FORBIDDEN, READ
from .objects import ApiObject, id_of, maps_at, name_of, text_at
from .readings import RESOURCES, Resource, why_not

NOT_ASKED: Final = "it was not asked for"

PODS: Final = "pods"
NAMESPACES: Final = "namespaces"
CAPACITIES: Final = "csistoragecapacities.storage.k8s.io"
PROFILES: Final = "storageprofiles.cdi.kubevirt.io"
SNAPSHOT_CLASSES: Final = "volumesnapshotclasses.snapshot.storage.k8s.io"
CDI_CONFIGS: Final = "cdiconfigs.cdi.kubevirt.io"
CDIS: Final = "cdis.cdi.kubevirt.io"
NODE_STATES: Final = "nodenetworkstates.nmstate.io"
TOPOLOGIES: Final = "noderesourcetopologies.topology.node.k8s.io"
HYPERCONVERGEDS: Final = "hyperconvergeds.hco.kubevirt.io"
KUBEVIRTS: Final = "kubevirts.kubevirt.io"
CLUSTER_VERSIONS: Final = "clusterversions.config.openshift.io"
INFRASTRUCTURES: Final = "infrastructures.config.openshift.io"
SUBSCRIPTIONS: Final = "subscriptions.operators.coreos.com"

MAPPINGS: Final[Mapping[str, Callable[[ApiObject], JsonRecord]]] = {
    "nodes": nodes.node,
    NAMESPACES: namespaces.namespace,
    "resourcequotas": namespaces.quota,
    "clusterresourcequotas.quota.openshift.io": namespaces.cluster_quota,
    "limitranges": namespaces.limit_range,
    "storageclasses.storage.k8s.io": storage.storage_class,
    "network-attachment-definitions.k8s.cni.cncf.io": networks.network_attachment,
    "userdefinednetworks.k8s.ovn.org": networks.user_network,
    "clusteruserdefinednetworks.k8s.ovn.org": networks.user_network,
    "nodenetworkconfigurationpolicies.nmstate.io": networks.node_network_policy,
    "virtualmachines.kubevirt.io": virtualization.virtual_machine,
    "virtualmachineinstancetypes.instancetype.kubevirt.io": virtualization.instance_type,
    "virtualmachineclusterinstancetypes.instancetype.kubevirt.io": virtualization.instance_type,
    "forkliftcontrollers.forklift.konveyor.io": migration.toolkit,
    "providers.forklift.konveyor.io": migration.provider,
    "hosts.forklift.konveyor.io": migration.host,
    "networkmaps.forklift.konveyor.io": migration.network_map,
    "storagemaps.forklift.konveyor.io": migration.storage_map,
    "plans.forklift.konveyor.io": migration.plan,
    "migrations.forklift.konveyor.io": migration.migration,
    "hooks.forklift.konveyor.io": migration.hook,
}
"""Resource to what makes the record of one of its objects."""


def _records(mapping: Callable[[ApiObject], JsonRecord], items: Iterable[ApiObject]) -> dict[str, JsonRecord]:
    return {record["id"]: record for record in map(mapping, items)}


def _node_requests(pods: Iterable[ApiObject]) -> nodes.NodeRequests:
    sums = nodes.NodeRequests()
    for pod in pods:
        sums.add(pod)
    return sums


def _free_space(capacities: Iterable[ApiObject]) -> storage.FreeSpace:
    sums = storage.FreeSpace()
    for capacity in capacities:
        sums.add(capacity)
    return sums


def _profiles(items: Iterable[ApiObject]) -> dict[str, storage.Profile]:
    return dict(map(storage.profile, items))


def _snapshot_classes(items: Iterable[ApiObject]) -> dict[str, str]:
    found: dict[str, tuple[bool, str]] = {}
    for driver, rank in map(storage.snapshot_driver, items):
        found[driver] = min(rank, found.get(driver, rank))
    return {driver: name for driver, (_other, name) in found.items()}


def _first(items: Iterable[ApiObject]) -> ApiObject | None:
    """The one object of its kind; of several, which no operator makes, the first by id."""
    return min(items, key=id_of, default=None)


def _cdi_overhead(path: str) -> Callable[[Iterable[ApiObject]], storage.Overhead | None]:
    def read(items: Iterable[ApiObject]) -> storage.Overhead | None:
        item = _first(items)
        return None if item is None else storage.overhead(item, path)

    return read


def _bridges(items: Iterable[ApiObject]) -> dict[str, list[str]]:
    found = ((name_of(item), nodes.bridges_of(item)) for item in items)
    return {name: bridges for name, bridges in found if bridges is not None}


def _numa_nodes(items: Iterable[ApiObject]) -> dict[str, int]:
    found = ((name_of(item), nodes.numa_nodes_of(item)) for item in items)
    return {name: number for name, number in found if number is not None}


def _cluster_version(items: Iterable[ApiObject]) -> dict[str, str]:
    """Id of the cluster, and the version that it came to last: an update under way is not there yet."""
    item = _first(items)
    reached = [text_at(entry, "version") for entry in maps_at(item, "status.history") if entry.get("state") == "Completed"]
    version = reached[0] if reached else text_at(item, "status.desired.version")
    return {"id": text_at(item, "spec.clusterID"), "openshift_version": version}


def _infrastructure(items: Iterable[ApiObject]) -> dict[str, str]:
    item = _first(items)
    platform = text_at(item, "status.platformStatus.type") or text_at(item, "status.platform")
    return {"platform": platform, "control_plane_topology": text_at(item, "status.controlPlaneTopology")}


def _toolkit_version(items: Iterable[ApiObject]) -> str:
    return max((version for item in items if (version := migration.operator_version(item))), default="")


LOOK_UPS: Final[Mapping[str, Callable[[Iterable[ApiObject]], Any]]] = {
    PODS: _node_requests,
    CAPACITIES: _free_space,
    PROFILES: _profiles,
    SNAPSHOT_CLASSES: _snapshot_classes,
    CDI_CONFIGS: _cdi_overhead("status.filesystemOverhead"),
    CDIS: _cdi_overhead("spec.config.filesystemOverhead"),
    NODE_STATES: _bridges,
    TOPOLOGIES: _numa_nodes,
    HYPERCONVERGEDS: _first,
    KUBEVIRTS: _first,
    CLUSTER_VERSIONS: _cluster_version,
    INFRASTRUCTURES: _infrastructure,
    SUBSCRIPTIONS: _toolkit_version,
}
"""Resource to what is kept of its list, where its objects have no records of their own but others need something of them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the list of a resource came out."""

    state: str
    count: int = 0
    reason: str = ""
    permission: str = ""


class Lists:
    """The lists of one cluster."""

    def __init__(self) -> None:
        self._readings: dict[str, Reading] = {}
        self._kept: dict[str, Any] = {}

    def take(self, resource: Resource, items: Iterable[ApiObject]) -> int:
        """Takes a list in full; where `items` raises, nothing is kept of it."""
        self.forget(resource)
        count = 0

        def counted() -> Iterator[ApiObject]:
            nonlocal count
            for item in items:
                count += 1
                yield item

        keep = LOOK_UPS.get(resource.id)
        self._kept[resource.id] = keep(counted()) if keep else _records(MAPPINGS[resource.id], counted())
        self._readings[resource.id] = Reading(READ, count)
        return count

    def note(self, resource: Resource, reading: Reading) -> None:
        """Says that a list could not be read."""
        self.forget(resource)
        self._readings[resource.id] = reading

    def forget(self, resource: Resource) -> None:
        """Drops what there is of a list."""
        self._kept.pop(resource.id, None)
        self._readings.pop(resource.id, None)

    def reading(self, identity: str) -> Reading:
        """How a list came out; one that was neither taken nor noted failed."""
        return self._readings.get(identity, Reading(FAILED, reason=NOT_ASKED))

    def read(self, identity: str) -> bool:
        """True for a list that was read in full."""
        return self.reading(identity).state == READ

    def none_there(self, identity: str) -> bool:
        """True where the cluster does not serve the kind, so that there is nothing of it."""
        return self.reading(identity).state == ABSENT

    def kept(self, identity: str, otherwise: Any = None) -> Any:
        """What is kept of a list: see `MAPPINGS` and `LOOK_UPS`."""
        return self._kept.get(identity, otherwise)

    def why_not(self, identity: str) -> str:
        """Why nothing is known of a list, in words; empty where it was read."""
        reading = self.reading(identity)
        return why_not(identity, reading.state, reading.reason)

    def readings(self) -> Iterator[JsonRecord]:
        """The reading record of every resource."""
        for resource in RESOURCES:
            reading = self.reading(resource.id)
            lost = reading.state in (FORBIDDEN, FAILED) or (reading.state == ABSENT and resource.costs_when_absent)
            record: JsonRecord = {"kind": "reading", "id": resource.id, "name": resource.plural, "kind_name": resource.kind}
            record["state"] = reading.state
            if reading.state == READ:
                record["count"] = reading.count
            record["reason"] = reading.reason
            record["permission"] = reading.permission
            record["costs"] = [*resource.costs] if lost else []
            yield record
