# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who answers for which namespace: what the document says of a tenant, else the namespace's own label."""

from __future__ import annotations

from ...target.objects import labels_of, name_of
from ..desired.monitoring import Monitoring
from ..snapshot import PlatformSnapshot
from .facts import OWNER_LABEL
from .readings import NAMESPACES


def owners_of(wanted: Monitoring, snapshot: PlatformSnapshot) -> dict[str, str]:
    """Namespace to owner, sorted, without those that nobody answers for. Ask `known(NAMESPACES)` before you conclude from a lack."""
    labelled = {name_of(item): labels_of(item).get(OWNER_LABEL, "") for item in snapshot.all(NAMESPACES)}
    named = {tenant.namespace: tenant.owner for tenant in wanted.tenants if tenant.owner}
    return {namespace: owner for namespace, owner in sorted({**labelled, **named}.items()) if owner}
