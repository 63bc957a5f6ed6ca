# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many objects there are of kinds that are in no list of the snapshot: one request for each, and their metadata alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from ...common.owned_fields import ApiObject, metadata_of
from ...platform.snapshot import Instances, InstancesOf
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.crew import Crew
from ..cluster.lists import list_path
from ..cluster.live import reason_of
from ..cluster.resources import ServedKind

METADATA_ONLY: Final = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
"""Media type in which the API server leaves out all but the metadata of the objects of a list."""

_KEPT: Final = ("name", "namespace", "uid", "labels", "deletionTimestamp")


def read_instances(connection: ApiConnection, wanted: Iterable[InstancesOf]) -> Mapping[InstancesOf, Instances]:
    """The first objects of each kind, and how many there are beyond them.

    What the account may not list, and what failed, is not known, with the reason. Raises ReadinessError where the server cannot be
    read at all.
    """
    sought = sorted(set(wanted))
    if not sought:
        return {}
    found = Crew(connection).each(sought, partial(_read, connection), lambda one, reason: Instances(reason=f"{one.text}: {reason}"))
    return dict(zip(sought, found, strict=True))


def _read(connection: ApiConnection, sought: InstancesOf) -> Instances:
    everywhere = list_path(sought.group, sought.version, sought.plural)
    path = ServedKind(everywhere.rpartition("/")[0], sought.plural, True).collection(sought.namespace)
    try:
        answer = connection.get(path, {"limit": str(sought.most)}, accept=METADATA_ONLY)
    except ApiFault as fault:
        # A kind that the server does not have is no answer either: who asks knows of its CRD.
        return Instances(reason=f"{sought.text}: {reason_of(fault)}")
    items = answer.get("items")
    if items is None and str(answer.get("kind", "")).endswith("List"):
        items = []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return Instances(reason=f"{sought.text}: the answer is no list of objects")
    return Instances(tuple(map(_slim, items)), _more(metadata_of(answer)))


def _slim(item: Mapping[str, Any]) -> ApiObject:
    metadata = metadata_of(item)
    return {"metadata": {name: metadata[name] for name in _KEPT if name in metadata}}


def _more(metadata: Mapping[str, Any]) -> int | None:
    """How many objects come after those of the first page; None where the server leaves it open."""
    if not metadata.get("continue"):
        return 0
    left = metadata.get("remainingItemCount")
    return left if isinstance(left, int) and left > 0 else None
