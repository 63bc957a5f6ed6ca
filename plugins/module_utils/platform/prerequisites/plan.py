# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The prerequisites part: it only looks, and writes nothing.

A prerequisite that lacks does not keep the rest of the document from being written: an operator of the same document may
bring it, and a Secret may belong into a namespace that comes later. Only what cannot be in the document itself refuses.
"""

from __future__ import annotations

from ..desired.model import PlatformDesired, Prerequisites
from ..parts import Context, PartPlan
from ..snapshot import Named
from .database import database_findings
from .object_store import store_findings
from .proxy import bundle_findings, bundle_ref, proxy_findings
from .registry import registry_findings
from .secrets import secret_ref
from .storage import storage_findings


def plan_prerequisites(context: Context) -> PartPlan:
    """What of the prerequisites holds; what the document does not ask for is not applicable."""
    wanted, snapshot = context.desired.prerequisites or Prerequisites(), context.snapshot
    findings = (
        *storage_findings(wanted.storage_class, snapshot),
        *registry_findings(wanted.internal_registry, snapshot),
        *proxy_findings(wanted.proxy, snapshot),
        *bundle_findings(wanted.ca_bundle, snapshot),
        *store_findings(wanted.object_store, snapshot),
        *database_findings(wanted.model_registry_database, snapshot),
    )
    return PartPlan(findings=findings)


def named_refs(desired: PlatformDesired) -> tuple[Named, ...]:
    """What has to be read by its name: of Secrets the names of their keys, never a value."""
    wanted = desired.prerequisites
    if wanted is None:
        return ()
    secrets = [found.secret for found in (wanted.object_store, wanted.model_registry_database) if found is not None]
    bundles = (bundle_ref(wanted.ca_bundle),) if wanted.ca_bundle else ()
    return tuple(sorted({*bundles, *map(secret_ref, secrets)}))
