# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a look at a cluster hands on to the write layer, and what a run that writes needs besides its objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from ...common.owned_fields import ApiObject
from ...common.write_findings import NO_ACTION, NOT_EVALUATED, ORPHANED, ObjectKey, Tally, key_of
from ...platform.snapshot import PlatformSnapshot
from ...target.model import READ
from ...target.readings import Resource
from .client import ApiFault
from .live import Lot, Seed
from .ownership import HOME
from .resources import Kinds
from .reviews import Ask

RECORD_ASKS: Final = (
    *(Ask(verb, "", "configmaps", HOME) for verb in ("list", "create", "patch", "delete")),
    *(Ask(verb, "coordination.k8s.io", "leases", HOME) for verb in ("get", "create", "update")),
)
"""What each run that writes needs for the record of what was applied, and for the Lease."""


def plural_of(kinds: Kinds, api_version: str, key: ObjectKey, resources: Mapping[tuple[str, str], Resource]) -> str:
    """Plural of a kind; empty where neither the server nor what is listed tells."""
    known = resources.get((key.group, key.kind))
    try:
        served = kinds.find(api_version, key.kind) if api_version else None
    except ApiFault:
        served = None
    return served.plural if served else known.plural if known else ""


def seeds_of(snapshot: PlatformSnapshot, objects: Iterable[ApiObject], resources: Mapping[tuple[str, str], Resource]) -> list[Seed]:
    """What the snapshot has read already of the kinds of these objects: only lists that are whole, in the version that is wanted."""
    seeds: dict[Lot, Seed] = {}
    for item in objects:
        key, api_version = key_of(item), str(item["apiVersion"])
        resource = resources.get((key.group, key.kind))
        listed = snapshot.listed.get(resource.id) if resource else None
        if resource is None or listed is None or listed.state != READ or resource.label_selector:
            continue
        if api_version.rpartition("/")[2] == listed.version:
            lot = Lot(api_version, key.kind, "")
            if lot not in seeds:
                seeds[lot] = Seed(lot, listed.items, True, resource.plural, resource.namespaced)
    return list(seeds.values())


def doubted(tally: Tally, doubt: str) -> Tally:
    """What was found, without a word on what is wanted no more while nobody can say that; `doubt` is why, empty where one can."""
    if not doubt:
        return tally
    message = f"it was applied earlier; whether it is wanted still is not known: {doubt}"
    findings = (
        replace(one, state=NOT_EVALUATED, result=NOT_EVALUATED, message=message, remedy="see to what is not known, and run it again")
        if one.state == ORPHANED and one.action == NO_ACTION
        else one
        for one in tally.findings
    )
    return replace(tally, findings=tuple(findings))
