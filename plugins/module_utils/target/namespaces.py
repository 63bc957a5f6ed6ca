# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces and what limits them: quotas of one or of several namespaces, and limit ranges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..common.artifact import JsonRecord
from .objects import ApiObject, Draft, at, labels_of, map_at, maps_at, text_at, texts_at
from .quantities import millis, whole

ENFORCE: Final = "pod-security.kubernetes.io/enforce"
PRIMARY_NETWORK: Final = "k8s.ovn.org/primary-user-defined-network"


def namespace(item: ApiObject) -> JsonRecord:
    """The record of a Namespace."""
    labels = labels_of(item)
    draft = Draft("namespace", item, labels)
    draft.text("phase", "status.phase")
    draft.put("enforce", labels.get(ENFORCE, ""))
    draft.put("primary_network", PRIMARY_NETWORK in labels)
    return draft.record()


def quota(item: ApiObject) -> JsonRecord:
    """The record of a ResourceQuota."""
    draft = Draft("quota", item, labels_of(item))
    draft.put("cluster_wide", False)
    draft.put("namespaces", [draft.namespace])
    _put_limits(draft, "spec", "status.used")
    return draft.record()


def cluster_quota(item: ApiObject) -> JsonRecord:
    """The record of a ClusterResourceQuota; its controller says which namespaces it counts."""
    draft = Draft("quota", item, labels_of(item))
    draft.put("cluster_wide", True)
    if at(item, "status").__class__ is dict:
        draft.put("namespaces", sorted(text_at(entry, "namespace") for entry in maps_at(item, "status.namespaces")))
    else:
        draft.unknown("namespaces", "the object has no status yet")
    _put_limits(draft, "spec.quota", "status.total.used")
    return draft.record()


def _put_limits(draft: Draft, spec: str, used: str) -> None:
    draft.quantities("hard", at(draft.item, f"{spec}.hard"), f"{spec}.hard")
    if at(draft.item, used).__class__ is dict:
        draft.quantities("used", at(draft.item, used), used)
    else:
        draft.unknown("used", f"the object has no {used} yet")
    scopes = texts_at(draft.item, f"{spec}.scopes")
    for entry in maps_at(draft.item, f"{spec}.scopeSelector.matchExpressions"):
        values = ", ".join(texts_at(entry, "values"))
        scopes.append(f"{text_at(entry, 'scopeName')} {text_at(entry, 'operator')}{f' ({values})' if values else ''}")
    draft.put("scopes", scopes)


def limit_range(item: ApiObject) -> JsonRecord:
    """The record of a LimitRange; of several limits for one type the narrowest counts."""
    draft = Draft("limit_range", item, labels_of(item))
    limits = maps_at(item, "spec.limits")
    for fact, kind in (("container_max", "Container"), ("pod_max", "Pod")):
        draft.quantities(fact, _narrowest(limits, kind), f"spec.limits of type {kind}")
    claims = [entry for entry in limits if entry.get("type") == "PersistentVolumeClaim"]
    for fact, bound, choose in (("claim_max_bytes", "max", min), ("claim_min_bytes", "min", max)):
        given = [map_at(entry, bound)["storage"] for entry in claims if "storage" in map_at(entry, bound)]
        sizes = [size for size in map(whole, given) if size is not None]
        if len(sizes) < len(given):
            draft.unknown(fact, f"{bound} of a volume claim is no quantity")
        elif sizes:
            draft.put(fact, choose(sizes))
    return draft.record()


def _narrowest(limits: list[dict[str, Any]], kind: str) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for entry in limits:
        if entry.get("type") == kind:
            for name, quantity in map_at(entry, "max").items():
                if name not in found or _smaller(quantity, found[name]):
                    found[name] = quantity
    return found


def _smaller(one: Any, other: Any) -> bool:
    """True for the smaller quantity, and for one that is none, so that it shows."""
    first, second = millis(one), millis(other)
    return first is None or (second is not None and first < second)
