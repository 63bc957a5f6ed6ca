# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects that stay as they stand: the document asks for them, and just now nobody can say what they should be.

A request that cannot be served at the moment, because a node is being serviced, must not take the model away that runs on
another one. What this collection has applied of such an object is desired again, so that it is no leftover to be pruned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...common.owned_fields import ApiObject, applied_fields, labels_of, metadata_of
from ...common.write_findings import STAGE_LABEL
from ...target.objects import name_of, namespace_of
from ..parts import Context, WantedObject
from .apis import Api
from .objects import wanted_object

_NAMES = ("name", "namespace")


def standing(context: Context, api: Api, items: Iterable[ApiObject], *, layer: str, path: str, rank: int) -> list[WantedObject]:
    """Of these objects, those that this collection has applied, with just the fields that it has."""
    found = []
    for live in items:
        owned = applied_fields(live) if STAGE_LABEL in labels_of(live) else None
        if owned is None:
            continue
        body: Any = _owned(live, owned[1])
        metadata = {**body.get("metadata", {}), **{key: value for key, value in metadata_of(live).items() if key in _NAMES and value}}
        rest = {key: value for key, value in body.items() if key != "metadata"}
        found.append(wanted_object(context, api, metadata, rest, layer=layer, path=path, rank=rank))
    return sorted(found, key=lambda item: (namespace_of(item.object), name_of(item.object)))


def _owned(value: Any, fields: Mapping[str, Any]) -> Any:
    """The part of a value that these fields are; of a list all of it."""
    names = [name for name in fields if name.startswith("f:")]
    if not isinstance(value, Mapping) or not names:
        return value
    return {name[2:]: _owned(value[name[2:]], fields[name]) for name in names if name[2:] in value}
