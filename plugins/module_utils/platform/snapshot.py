# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was read of a cluster for the platform stage: whole lists, single objects by name, and what pods ask of the nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from ..common.owned_fields import ApiObject, metadata_of
from ..common.write_findings import ObjectKey
from ..target.model import ABSENT, FAILED, READ
from ..target.readings import Resource
from .delivery.readings import ImageUse

_NOT_ASKED: Final = "it was not asked for"


@dataclass(frozen=True, slots=True)
class Listed:
    """One list over the whole cluster: `state` is that of a reading of the target stage."""

    state: str
    items: tuple[ApiObject, ...] = ()
    version: str = ""
    reason: str = ""
    permission: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """One object to read by its name. For a PackageManifest `catalog` is the CatalogSource that has to serve it."""

    api_version: str
    kind: str
    namespace: str
    name: str
    catalog: str = ""

    @property
    def text(self) -> str:
        """For people: `Secret ai-models/s3`."""
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    @property
    def key(self) -> ObjectKey:
        """Which object it is, whatever its version."""
        group, slash, _version = self.api_version.partition("/")
        return ObjectKey(group if slash else "", self.kind, self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class NamedRead:
    """What came of reading one object: of a Secret the names of its keys, never a value."""

    state: str
    """read, absent, forbidden or failed; absent means that it is not there"""
    object: ApiObject | None = None
    keys: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, order=True)
class InstancesOf:
    """Objects of one kind, everywhere or in one namespace, of which the first few are asked for."""

    group: str
    version: str
    plural: str
    namespace: str = ""
    most: int = 5
    """how many are asked for; of all others the number"""

    @property
    def text(self) -> str:
        """For people: `deviceconfigs.amd.com in openshift-amd-gpu`."""
        name = f"{self.plural}.{self.group}" if self.group else self.plural
        return f"{name} in {self.namespace}" if self.namespace else name


@dataclass(frozen=True, slots=True)
class Instances:
    """What came of asking for objects of a kind: their metadata alone."""

    items: tuple[ApiObject, ...] = ()
    more: int | None = 0
    """how many there are beyond these; None where there are more and the server does not count them"""
    reason: str = ""
    """why they are not known; empty where they are"""

    @property
    def known(self) -> bool:
        """Whether it is known which there are."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class ServedApi:
    """A kind that the API serves: its versions, the preferred one first."""

    versions: tuple[str, ...]
    plural: str
    namespaced: bool


@dataclass(frozen=True, slots=True)
class DevicePod:
    """A pod that holds devices of a node."""

    namespace: str
    name: str
    node: str
    devices: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PodUse:
    """What the pods that are not done ask of the nodes; pods that hold devices are named."""

    requested: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """node to resource name to amount, devices only"""
    device_pods: tuple[DevicePod, ...] = ()


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """The cluster as a whole; an empty text is unknown."""

    id: str = ""
    kubernetes_version: str = ""
    openshift_version: str = ""
    next_minor: str = ""
    """next OpenShift minor, such as 4.22"""
    olm_v0: bool = False
    """whether Subscriptions are served"""
    olm_v1: bool = False
    """whether ClusterExtensions are served"""


class PlatformSnapshot:
    """One look at a cluster. Ask `known` before you take an empty list for an answer."""

    def __init__(
        self,
        listed: Mapping[str, Listed],
        named: Mapping[Named, NamedRead] = MappingProxyType({}),
        served: Mapping[tuple[str, str], ServedApi] = MappingProxyType({}),
        cluster: ClusterFacts = ClusterFacts(),
        pods: PodUse | None = None,
        instances: Mapping[InstancesOf, Instances] = MappingProxyType({}),
        images: ImageUse | None = None,
    ) -> None:
        """`listed` is by the resource's id (`subscriptions.operators.coreos.com`), `served` by group and kind.

        No `pods` is unknown, and so are no `images`.
        """
        self.listed = listed
        self.named_reads = named
        self.served = served
        self.cluster = cluster
        self.pods = pods
        self.instances = instances
        self.images = images
        self._by_name: dict[str, dict[tuple[str, str], ApiObject]] = {}

    def with_named(self, named: Mapping[Named, NamedRead]) -> PlatformSnapshot:
        """The same look with more objects that were read by name."""
        return PlatformSnapshot(
            self.listed, {**self.named_reads, **named}, self.served, self.cluster, self.pods, self.instances, self.images
        )

    def with_instances(self, instances: Mapping[InstancesOf, Instances]) -> PlatformSnapshot:
        """The same look with what there is of further kinds."""
        found = {**self.instances, **instances}
        return PlatformSnapshot(self.listed, self.named_reads, self.served, self.cluster, self.pods, found, self.images)

    def with_objects(self, objects: Iterable[tuple[Resource, ApiObject]]) -> PlatformSnapshot:
        """The same look with these objects in their lists, instead of those of the same name."""
        newer: dict[str, dict[tuple[str, str], ApiObject]] = {}
        for resource, item in objects:
            newer.setdefault(resource.id, {})[_place(item)] = item
        listed = dict(self.listed)
        for identity, items in newer.items():
            if self.known(identity):
                merged = {**{_place(item): item for item in self.all(identity)}, **items}
                listed[identity] = Listed(READ, tuple(merged[place] for place in sorted(merged)), self.listed[identity].version)
        return PlatformSnapshot(listed, self.named_reads, self.served, self.cluster, self.pods, self.instances, self.images)

    def all(self, resource: str) -> Sequence[ApiObject]:
        """The objects of a resource; () also where the list is not known."""
        found = self.listed.get(resource)
        return found.items if found and found.state == READ else ()

    def get(self, resource: str, namespace: str, name: str) -> ApiObject | None:
        """One object of a list; `namespace` is empty for what belongs to no namespace."""
        if resource not in self._by_name:
            self._by_name[resource] = {_place(item): item for item in self.all(resource)}
        return self._by_name[resource].get((namespace, name))

    def in_namespace(self, resource: str, namespace: str) -> list[ApiObject]:
        """The objects of a resource in one namespace."""
        return [item for item in self.all(resource) if str(metadata_of(item).get("namespace") or "") == namespace]

    def known(self, *resources: str) -> bool:
        """Whether all these lists are known in full: read, or of a kind that the cluster does not serve."""
        return all(self._state(resource) in (READ, ABSENT) for resource in resources)

    def none_there(self, *resources: str) -> bool:
        """Whether it is known that there is no object of these resources."""
        return self.known(*resources) and not any(self.all(resource) for resource in resources)

    def why_not(self, *resources: str) -> str:
        """Why the first of these lists that is not known is not known, in words."""
        for resource in resources:
            if not self.known(resource):
                found = self.listed.get(resource)
                return (found.reason if found else "") or f"{resource}: {_NOT_ASKED}"
        return ""

    def named(self, ref: Named) -> NamedRead:
        """What came of reading one object by name."""
        return self.named_reads.get(ref) or NamedRead(FAILED, reason=f"{ref.text}: {_NOT_ASKED}")

    def instances_of(self, sought: InstancesOf) -> Instances:
        """What there is of a kind that is in no list."""
        return self.instances.get(sought) or Instances(reason=f"{sought.text}: {_NOT_ASKED}")

    def scope(self, group: str, kind: str) -> str:
        """`Namespaced` or `Cluster`; empty where the kind is not served."""
        served = self.served.get((group, kind))
        return "" if served is None else "Namespaced" if served.namespaced else "Cluster"

    def version_of(self, group: str, kind: str, *preferred: str) -> str:
        """The first of the preferred versions that is served; empty where none is. Without preference the server's first."""
        served = self.served.get((group, kind))
        if served is None:
            return ""
        return next((version for version in preferred if version in served.versions), "" if preferred else served.versions[0])

    def _state(self, resource: str) -> str:
        found = self.listed.get(resource)
        return found.state if found else ""


def _place(item: ApiObject) -> tuple[str, str]:
    metadata = metadata_of(item)
    return str(metadata.get("namespace") or ""), str(metadata.get("name", ""))


def snapshot_of(objects: Iterable[tuple[str, ApiObject]]) -> PlatformSnapshot:
    """A look made of pairs (resource, object), in which these resources are read and nothing else is known."""
    lists: dict[str, list[ApiObject]] = {}
    for resource, item in objects:
        lists.setdefault(resource, []).append(item)
    return PlatformSnapshot({resource: Listed(READ, tuple(items)) for resource, items in lists.items()})
