# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that are read by name alone. Of a Secret the names of its keys go on from here, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from ...common.owned_fields import ApiObject, metadata_of
from ...platform.snapshot import Named, NamedRead
from ...target.model import ABSENT, FAILED, FORBIDDEN, READ
from ..cluster.client import ApiConnection, ApiFault
from ..cluster.crew import Crew
from ..cluster.live import reason_of
from ..cluster.resources import Kinds, ServedKind
from .bundles import is_bundle, readable

_WITHHELD: Final = frozenset({"Secret"})
"""Kinds of which nothing but names goes on."""

CATALOG_LABEL: Final = "catalog"
"""Label of a PackageManifest: the CatalogSource that serves it (package-server, pkg/package-server/provider)."""


def read_named(connection: ApiConnection, refs: Iterable[Named], kinds: Kinds | None = None) -> Mapping[Named, NamedRead]:
    """These objects, each asked for by its name. Raises ReadinessError where the server cannot be read at all.

    `kinds` is what is known already of the kinds that the server has.
    """
    wanted = sorted(set(refs))
    kinds = kinds or Kinds(connection)
    crew = Crew(connection)
    found = crew.each(wanted, partial(_read, connection, kinds), lambda ref, reason: NamedRead(FAILED, reason=f"{ref.text}: {reason}"))
    return dict(zip(wanted, found, strict=True))


def _read(connection: ApiConnection, kinds: Kinds, ref: Named) -> NamedRead:
    try:
        served = kinds.find(ref.api_version, ref.kind)
        if served is None:
            return NamedRead(ABSENT, reason=f"the cluster does not serve {ref.kind} of {ref.api_version}")
        return _taken(ref, _asked(connection, served, ref))
    except ApiFault as fault:
        if fault.code == 404:
            return NamedRead(ABSENT, reason=f"{ref.text} does not exist")
        return NamedRead(FORBIDDEN if fault.code == 403 else FAILED, reason=f"{ref.text}: {reason_of(fault)}")


def _asked(connection: ApiConnection, served: ServedKind, ref: Named) -> ApiObject | None:
    """The object; None where there is none. A PackageManifest by its name may be that of any catalog, so it is listed."""
    if not ref.catalog:
        return connection.get(served.path(ref.namespace, ref.name))
    query = {"fieldSelector": f"metadata.name={ref.name}", "labelSelector": f"{CATALOG_LABEL}={ref.catalog}"}
    items = connection.get(served.collection(ref.namespace), query).get("items")
    return next((item for item in items if isinstance(item, dict)), None) if isinstance(items, list) else None


def _taken(ref: Named, item: ApiObject | None) -> NamedRead:
    if item is None:
        return NamedRead(ABSENT, reason=f"{ref.text} does not exist in catalog {ref.catalog}")
    keys = _keys(item)
    if ref.kind in _WITHHELD:
        # Annotations may repeat what was once applied, so that nothing but the name goes on.
        metadata = {name: metadata_of(item)[name] for name in ("name", "namespace", "uid") if name in metadata_of(item)}
        return NamedRead(READ, {"apiVersion": "v1", "kind": ref.kind, "metadata": metadata, "type": item.get("type", "")}, keys)
    found = readable(item) if ref.kind == "ConfigMap" and is_bundle(item) else item
    return NamedRead(READ, {"apiVersion": ref.api_version, "kind": ref.kind, **found}, keys)


def _keys(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the entries of a Secret or ConfigMap."""
    names = {str(key) for part in ("data", "binaryData", "stringData") if isinstance(item.get(part), Mapping) for key in item[part]}
    return tuple(sorted(names))
