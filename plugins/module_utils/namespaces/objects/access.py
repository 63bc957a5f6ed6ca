# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who works in the namespace as what: a RoleBinding for each persona, to the ClusterRole that the identity part writes."""

from __future__ import annotations

from collections.abc import Iterator

from ...common.owned_fields import ApiObject
from ...platform.identity.facts import RBAC
from ...platform.identity.personas import role_name
from ..contract.model import Contract, PersonaWanted


def role_bindings(contract: Contract) -> Iterator[ApiObject]:
    """One for each persona, with everybody who has it."""
    for each in contract.personas:
        yield {
            "apiVersion": f"{RBAC}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": role_name(each.persona), "namespace": contract.namespace},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role_name(each.persona)},
            "subjects": subjects(contract.namespace, each),
        }


def subjects(namespace: str, wanted: PersonaWanted) -> list[dict[str, str]]:
    """Everybody who has a persona, sorted: the server keeps the list as it is."""
    found = [{"apiGroup": RBAC, "kind": "Group", "name": name} for name in sorted(set(wanted.groups))]
    found += [{"kind": "ServiceAccount", "name": name, "namespace": namespace} for name in sorted(set(wanted.service_accounts))]
    return [*found, *({"apiGroup": RBAC, "kind": "User", "name": name} for name in sorted(set(wanted.users)))]
