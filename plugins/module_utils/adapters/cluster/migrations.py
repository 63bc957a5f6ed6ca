# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the migration toolkit is at: its plans, and what running ones need, are left as they are; migrations are never removed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ...common.owned_fields import metadata_of
from ...plan.manifests.objects import FORKLIFT
from ...plan.running import MIGRATION, held
from .holding import Holds
from .live import Live, LiveObjects, Lot

KINDS: Final = ("Provider", "Host", "Hook", "NetworkMap", "StorageMap", "Plan")
"""Kinds that the plan stage applies. Migrations are for people to make."""


def migration_guard(objects: LiveObjects, namespaces: Collection[str]) -> Holds:
    """What must stay while migrations run. Migrations that belong to a plan are to outlive it."""

    def every(kind: str) -> list[Live]:
        return [item for namespace in sorted(namespaces) for item in objects.all_of(Lot(FORKLIFT, kind, namespace))]

    migrations = every(MIGRATION)
    reasons = held(every("Plan"), migrations, every("Host"))
    owners = (owner.get("uid") for migration in migrations for owner in metadata_of(migration).get("ownerReferences") or ())
    return Holds(reasons, frozenset(str(uid) for uid in owners if uid))


def plan_lots(namespace: str) -> list[Lot]:
    """Where objects of the plan stage are."""
    return [Lot(FORKLIFT, kind, namespace) for kind in KINDS]
