# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights that the stage needs, as Kubernetes writes them: for looking, and for provisioning. No Secret is read by any of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..common.owned_fields import ApiObject
from ..platform.identity.facts import RBAC, SHIPPED
from ..platform.identity.personas import role_name
from ..platform.rights import (
    HOME,
    KEEP,
    LOOK,
    READER,
    RECORD,
    RECORD_ROLE,
    REVIEWS,
    WRITER,
    Right,
    cluster_binding,
    cluster_role,
    role_binding,
)
from .access.trials import TENANT
from .offboarding import EDIT
from .readings import RESOURCES

LIFE_ROLE: Final = "groundwork-readiness-namespaces-life"
TENANTS_ROLE: Final = "groundwork-readiness-namespaces-tenants"
REMOVAL_ROLE: Final = "groundwork-readiness-namespaces-removal"
GATE_ROLE: Final = "groundwork-readiness-governance-gate"
VERIFY_ROLE: Final = "groundwork-readiness-namespaces-verify"
APPLY_ROLE: Final = "groundwork-readiness-namespaces-apply"

APPLIED: Final = (
    Right("", ("namespaces",), KEEP),
    Right("", ("configmaps", "limitranges", "resourcequotas", "serviceaccounts")),
    Right("networking.k8s.io", ("networkpolicies",)),
    Right("k8s.ovn.org", ("userdefinednetworks",)),
    Right("kueue.x-k8s.io", ("clusterqueues", "localqueues")),
    Right("quota.openshift.io", ("clusterresourcequotas",)),
    Right("infrastructure.opendatahub.io", ("hardwareprofiles",)),
    Right("monitoring.coreos.com", ("podmonitors", "servicemonitors")),
    Right(RBAC, ("rolebindings",)),
    # Who binds others to a role has to be allowed to by the role's name, or would need all of its rights.
    Right(RBAC, ("clusterroles",), ("bind",), (EDIT, *sorted(map(role_name, SHIPPED)))),
)
"""What is applied, and taken away again where no contract asks for it any more."""

GATE: Final = (Right("admissionregistration.k8s.io", ("validatingadmissionpolicies", "validatingadmissionpolicybindings")),)
"""What the governance gate is made of."""

ENDED: Final = (Right("", ("namespaces",), ("delete",)),)
"""What a contract needs that has its namespace deleted with all that is in it."""

PROVEN: Final = (
    Right("batch", ("jobs",), ("delete", "list")),
    Right("", ("events",), ("list",)),
)
"""What the proof of life needs: Jobs are made as the tenants, and seen and removed by the account."""

EXTRA: Final = (
    Right(RBAC, ("roles",), ("delete",)),
    Right("k8s.ovn.org", ("egressfirewalls",), ("delete",)),
)
"""What is taken away beside, where nobody declared it and that was asked for."""


def verify_rights() -> list[ApiObject]:
    """All that an account needs for looking: get and list, no secrets, no writing, and asking what others may do."""
    by_group: dict[str, set[str]] = {}
    for resource in RESOURCES:
        by_group.setdefault(resource.group, set()).add(resource.plural)
    looks = [Right(group, tuple(plurals), LOOK) for group, plurals in sorted(by_group.items())]
    return [cluster_role(VERIFY_ROLE, [*looks, REVIEWS]), cluster_binding(VERIFY_ROLE, READER)]


def removal_rights() -> list[ApiObject]:
    """What deleting namespaces needs beside what provisioning needs."""
    return [cluster_role(REMOVAL_ROLE, ENDED), cluster_binding(REMOVAL_ROLE, WRITER)]


def life_rights() -> list[ApiObject]:
    """What the proof of life needs beside what provisioning needs and the right to be the tenants."""
    return [cluster_role(LIFE_ROLE, PROVEN), cluster_binding(LIFE_ROLE, WRITER)]


def gate_rights() -> list[ApiObject]:
    """What the governance gate needs beside what looking needs; the namespace keeps the record of what was applied."""
    home: ApiObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}
    looks = {**cluster_binding(VERIFY_ROLE, WRITER), "metadata": {"name": f"{GATE_ROLE}-verify"}}
    gate = [cluster_role(GATE_ROLE, GATE), cluster_binding(GATE_ROLE, WRITER)]
    return [home, looks, *gate, cluster_role(RECORD_ROLE, RECORD), role_binding(RECORD_ROLE, HOME, "ClusterRole", WRITER)]


def tenant_rights(users: Sequence[str], groups: Sequence[str], accounts: Sequence[str]) -> list[ApiObject]:
    """What an account needs for trying as tenants, by the names of those that contracts give a persona, and its binding."""
    named = (("users", (TENANT, *users)), ("groups", groups), ("serviceaccounts", accounts))
    rights = [Right("", (plural,), ("impersonate",), tuple(names)) for plural, names in named if names]
    return [cluster_role(TENANTS_ROLE, rights), cluster_binding(TENANTS_ROLE, WRITER)]


def apply_rights() -> list[ApiObject]:
    """All that an account needs for provisioning, beside what it needs for looking."""
    home: ApiObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}
    looks = {**cluster_binding(VERIFY_ROLE, WRITER), "metadata": {"name": f"{APPLY_ROLE}-verify"}}
    return [
        home,
        looks,
        cluster_role(APPLY_ROLE, (*APPLIED, *EXTRA)),
        cluster_binding(APPLY_ROLE, WRITER),
        cluster_role(RECORD_ROLE, RECORD),
        role_binding(RECORD_ROLE, HOME, "ClusterRole", WRITER),
    ]
