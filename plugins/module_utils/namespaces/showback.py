# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Showback: accelerators that each owner is granted, that its pods hold, and that lie idle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..common.artifact import JsonRecord
from ..platform.snapshot import PlatformSnapshot
from .capacity import devices_used
from .contract.model import Contract
from .grants import Grants
from .plan import NamespacesPlan

_NOBODY_KNOWS = "what pods hold could not be read"


def showback(contracts: Sequence[Contract], plan: NamespacesPlan, snapshot: PlatformSnapshot) -> list[JsonRecord]:
    """A record for each owner, sorted. What pods wait for is not used; what they borrow is used without being granted."""
    by_owner: dict[str, list[Contract]] = {}
    for each in sorted(contracts, key=lambda one: one.namespace):
        by_owner.setdefault(each.owner.name, []).append(each)
    used = devices_used(snapshot)
    return [_owner(name, found, plan.grants, used) for name, found in sorted(by_owner.items())]


def _owner(name: str, contracts: Sequence[Contract], grants: Mapping[str, Grants], used: Mapping[str, Counter[str]] | None) -> JsonRecord:
    shares = [_share(grants[each.namespace], used) for each in contracts]
    unsettled = [each.namespace for each in contracts if not grants[each.namespace].settled]
    record: JsonRecord = {
        "kind": "owner",
        "id": name,
        "name": name,
        "cost_centre": ", ".join(sorted({each.owner.cost_centre for each in contracts})),
        "namespaces": [each.namespace for each in contracts],
        "shares": shares,
    }
    unknown = {}
    for fact in ("granted", "used", "idle"):
        if all(fact in share for share in shares):
            record[fact] = _sum(share[fact] for share in shares)
        else:
            unknown[fact] = (
                f"what {unsettled[0]} is granted comes to nothing that is known" if unsettled and fact != "used" else _NOBODY_KNOWS
            )
    return {**record, "unknown": unknown} if unknown else record


def _share(grants: Grants, used: Mapping[str, Counter[str]] | None) -> JsonRecord:
    share: JsonRecord = {"namespace": grants.namespace}
    if grants.settled:
        share["granted"] = {resource: amount for resource, amount in grants.by_resource().items() if amount}
    if used is not None:
        held = used.get(grants.namespace, Counter())
        share["used"] = {resource: held[resource] for resource in grants.resources if held[resource]}
    if "granted" in share and "used" in share:
        # What is held beyond the grant is borrowed, and makes nothing else less idle.
        share["idle"] = {resource: max(0, amount - share["used"].get(resource, 0)) for resource, amount in share["granted"].items()}
    return share


def _sum(amounts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in amounts:
        found.update(each)
    return dict(sorted(found.items()))
