# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Further looks at a few namespaces while something is waited for: the first look at the whole cluster, brought up to date there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from ...common.owned_fields import ApiObject
from ...platform.folding import PODS, PodFold, kept
from ...platform.readings import BY_ID, BY_KIND
from ...platform.snapshot import Listed, Named, PlatformSnapshot
from ...target.model import FAILED, READ
from ...target.objects import name_of, namespace_of
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.crew import Crew
from ..cluster.lists import pages
from ..cluster.live import afresh, reason_of
from ..cluster.resources import Kinds
from .named import read_named

Place = tuple[str, str]
"""Resource and namespace."""

_Items = list[Mapping[str, Any]]
_PAGE: Final = 500


class Looker:
    """Looks again at some resources in some namespaces; what else is known stays as the first look had it."""

    def __init__(self, connection: ApiConnection, first: PlatformSnapshot) -> None:
        self._connection = connection
        self._kinds = Kinds(connection)
        self._now = first

    @property
    def now(self) -> PlatformSnapshot:
        """The cluster as it was last seen."""
        return self._now

    def look(self, places: Collection[Place], names: Iterable[Named] = ()) -> PlatformSnapshot:
        """The cluster with these places, and with these objects by name, as they are now.

        An object by name of a resource that was listed stands in its list as well.
        A place that cannot be read now leaves its resource unknown, with the server's reason. Raises ReadinessError where the
        server cannot be read at all.
        """
        wanted = sorted(set(places))
        answers = Crew(self._connection).each(wanted, self._listed, lambda _place, reason: ([], reason))
        found: dict[str, list[tuple[str, _Items, str]]] = {}
        for (resource, namespace), (items, trouble) in zip(wanted, answers, strict=True):
            found.setdefault(resource, []).append((namespace, items, trouble))
        listed = dict(self._now.listed)
        for resource, lists in found.items():
            listed[resource] = self._renewed(resource, lists)
        now = self._now
        renewed = PlatformSnapshot(listed, now.named_reads, now.served, now.cluster, now.pods, now.instances, now.images)
        reads = read_named(self._connection, names)
        self._now = renewed.with_named(reads).with_objects(
            (BY_KIND[key], kept(BY_KIND[key], read.object, ref.api_version))
            for ref, read in reads.items()
            if read.object is not None and (key := _kind(ref)) in BY_KIND
        )
        return self._now

    def _renewed(self, resource: str, lists: Sequence[tuple[str, _Items, str]]) -> Listed:
        before = self._now.listed.get(resource) or Listed(READ)
        troubles = [trouble for _namespace, _items, trouble in lists if trouble]
        if troubles:
            return Listed(FAILED, before.items, before.version, troubles[0], before.permission)
        looked_at = {namespace for namespace, _items, _trouble in lists}
        others = [item for item in before.items if namespace_of(item) not in looked_at]
        new = [item for _namespace, items, _trouble in lists for item in items]
        return Listed(READ, tuple(sorted((*others, *new), key=_place)), before.version)

    def _listed(self, place: Place) -> tuple[_Items, str]:
        """The objects of a place as a snapshot keeps them, or why they could not be read. A kind that is not served has none."""
        resource, namespace = BY_ID[place[0]], place[1]
        version = self._now.version_of(resource.group, resource.kind, *resource.versions) or resource.versions[0]
        api_version = f"{resource.group}/{version}" if resource.group else version
        selectors = {"labelSelector": resource.label_selector, "fieldSelector": resource.field_selector}
        query = {name: value for name, value in selectors.items() if value}
        try:
            served = self._kinds.find(api_version, resource.kind, again=True)
            if served is None:
                return [], ""
            items = afresh(lambda: list(self._pages(served.collection(namespace), query)))
        except ApiFault as fault:
            return [], reason_of(fault)
        if resource.id == PODS:
            fold = PodFold()
            for pod in items:
                fold.add(pod)
            return list(fold.kept), ""
        return [kept(resource, item, api_version) for item in items], ""

    def _pages(self, path: str, query: Mapping[str, str]) -> Iterable[ApiObject]:
        for page in pages(self._connection, path, query, _PAGE):
            yield from page


def _kind(ref: Named) -> tuple[str, str]:
    group, slash, _version = ref.api_version.partition("/")
    return (group if slash else "", ref.kind)


def _place(item: Mapping[str, Any]) -> Place:
    return namespace_of(item), name_of(item)
