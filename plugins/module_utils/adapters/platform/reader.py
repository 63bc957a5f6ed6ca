# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a cluster: every list of the catalogue, and the kinds that the server has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...common.errors import Problem, ReadinessError
from ...platform.folding import PlatformLists, PodTaker
from ...platform.readings import BY_KIND, RESOURCES
from ...platform.snapshot import PlatformSnapshot, ServedApi
from ...target.model import ABSENT, FORBIDDEN, READ
from ...target.readings import Resource
from ..cluster.client import ApiConnection
from ..cluster.discovery import Discovery, KnownKind
from ..cluster.listing import Listing
from ..cluster.reader import server_version

_OLM_V0 = ("operators.coreos.com", "Subscription")
_OLM_V1 = ("olm.operatorframework.io", "ClusterExtension")


def read_snapshot(
    connection: ApiConnection,
    resources: Sequence[Resource] = RESOURCES,
    page_size: int = 500,
    *,
    facts: bool = True,
    takers: Sequence[PodTaker] = (),
) -> PlatformSnapshot:
    """Reads these resources, each with one paged list over all namespaces.

    What the account may not list, what the cluster does not serve and what failed stands in the snapshot's lists. Without
    `facts` the cluster as a whole is not looked at: for a further look at a few lists. `takers` take the pods as well. Raises
    ReadinessError where the server cannot be read at all.
    """
    discovery = Discovery(connection)
    found = [(resource, discovery.find(resource)) for resource in resources]
    lists = PlatformLists({resource.id: where.version for resource, where in found}, takers)
    version = server_version(connection) if facts else ""
    served = served_kinds(discovery, resources)
    Listing(connection, lists, page_size).read(found)
    cluster = lists.cluster(version, _is_there(_OLM_V0, served, lists), _is_there(_OLM_V1, served, lists))
    return PlatformSnapshot(lists.listed, {}, served, cluster, lists.pods, images=lists.images)


def _is_there(key: tuple[str, str], served: Mapping[tuple[str, str], ServedApi], lists: PlatformLists) -> bool:
    """Whether the cluster serves a kind. A server that would not tell its groups may still have answered the list itself."""
    listed = lists.listed.get(BY_KIND[key].id) if key in BY_KIND else None
    return key in served or (listed is not None and listed.state != ABSENT)


def served_kinds(discovery: Discovery, resources: Iterable[Resource]) -> Mapping[tuple[str, str], ServedApi]:
    """Kinds by group and kind, versions in the server's order.

    A server that does not tell all in one answer has been asked about the groups of `resources` only.
    """
    found: dict[tuple[str, str], list[tuple[str, KnownKind]]] = {}
    for known in discovery.core_kinds():
        found.setdefault(("", known.kind), []).append(("v1", known))
    for group, entry in sorted((discovery.groups or {}).items()):
        for version in entry.versions:
            for known in entry.kinds.get(version, ()):
                found.setdefault((group, known.kind), []).append((version, known))
    return {
        key: ServedApi(tuple(version for version, _known in entries), entries[0][1].plural, entries[0][1].is_namespaced)
        for key, entries in found.items()
        if key[1]
    }


def check_readable(snapshot: PlatformSnapshot, place: str, rights: str) -> None:
    """Raises ReadinessError where nothing at all could be read; `rights` is the file of the collection that suffices for it."""
    if any(listed.state == READ for listed in snapshot.listed.values()):
        return
    problems = [Problem(listed.reason) for _identity, listed in sorted(snapshot.listed.items()) if listed.state != ABSENT]
    if any(listed.state == FORBIDDEN for listed in snapshot.listed.values()):
        hint = f"A ClusterRole that suffices comes with the collection: {rights}."
        message = f"{place}: the account may read nothing that is looked at"
        raise ReadinessError("cluster_forbidden", message, subject=place, hint=hint, problems=problems)
    raise ReadinessError("cluster_protocol", f"{place}: no list could be read", subject=place, problems=problems)
