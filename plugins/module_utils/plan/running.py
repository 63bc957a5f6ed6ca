# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Migrations that run, and what they need meanwhile: neither is changed or removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..common.owned_fields import ApiObject, metadata_of
from ..common.write_findings import ObjectKey, key_of

GROUP: Final = "forklift.konveyor.io"
MIGRATION: Final = "Migration"
_ENDED: Final = frozenset({"Succeeded", "Failed", "Canceled"})
EXECUTING: Final = "Executing"
"""Condition of a Plan whose Migration runs (Forklift, plan controller)."""


def running_plans(plans: Iterable[ApiObject], migrations: Iterable[ApiObject]) -> dict[ObjectKey, str]:
    """Plans with a migration that has not ended, and that migration in words. One that was only just created counts."""
    found = {key_of(plan): "its migration" for plan in plans if EXECUTING in _conditions(plan)}
    for migration in migrations:
        status = _mapping(migration.get("status"))
        if status.get("completed") or _conditions(migration) & _ENDED:
            continue
        plan = _mapping(_mapping(migration.get("spec")).get("plan"))
        key = _key("Plan", {"namespace": metadata_of(migration).get("namespace"), **plan})
        found[key] = f"migration {metadata_of(migration).get('name')}"
    return found


def needed_by(plan: ApiObject, hosts: Iterable[ApiObject] = ()) -> Iterator[ObjectKey]:
    """What a plan rests on: its providers and their hosts, its maps, the hooks of its VMs."""
    spec = _mapping(plan.get("spec"))
    providers = [_key("Provider", reference) for reference in _mapping(spec.get("provider")).values()]
    yield from providers
    maps = _mapping(spec.get("map"))
    yield _key("NetworkMap", maps.get("network"))
    yield _key("StorageMap", maps.get("storage"))
    for vm in spec.get("vms") or ():
        for hook in _mapping(vm).get("hooks") or ():
            yield _key("Hook", _mapping(hook).get("hook"))
    for host in hosts:
        if _key("Provider", _mapping(host.get("spec")).get("provider")) in providers:
            yield key_of(host)


def held(plans: Iterable[ApiObject], migrations: Iterable[ApiObject], hosts: Iterable[ApiObject]) -> dict[ObjectKey, str]:
    """Objects that must stay as they are, and why."""
    listed = list(plans)
    all_hosts = list(hosts)
    running = running_plans(listed, migrations)
    found = {key: f"{migration} has not ended" for key, migration in running.items()}
    for plan in listed:
        key = key_of(plan)
        if key in running:
            for needed in needed_by(plan, all_hosts):
                found.setdefault(needed, f"plan {key.name} needs it, and {running[key]} has not ended")
    return found


def _key(kind: str, reference: object) -> ObjectKey:
    data = _mapping(reference)
    return ObjectKey(GROUP, kind, str(data.get("namespace") or ""), str(data.get("name") or ""))


def _conditions(item: ApiObject) -> frozenset[str]:
    """Types of the conditions that are true."""
    found = _mapping(item.get("status")).get("conditions") or ()
    return frozenset(str(entry.get("type")) for entry in found if isinstance(entry, Mapping) and entry.get("status") == "True")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
