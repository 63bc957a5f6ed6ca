# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ClusterRoles of personas, and the bindings of those that hold on the whole cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ...common.owned_fields import ApiObject
from ..desired.identity import Identity, Persona
from ..parts import GROUPS, SUPPORT, WantedObject
from .facts import RBAC
from .personas import CLUSTER, cluster_role, personas_of, role_name

PART: Final = "identity"


def persona_objects(identity: Identity, shipped: Mapping[str, Persona]) -> tuple[WantedObject, ...]:
    """A ClusterRole of each persona, and one binding for the groups that have a persona of the cluster.

    Bindings come a rank later: without the right to bind, the server looks into the role that is bound.
    """
    personas = personas_of(identity.personas, shipped)
    roles = (_wanted(cluster_role(name, persona), name, SUPPORT) for name, persona in personas.items())
    return (*roles, *(_wanted(binding, name, GROUPS) for name, binding in _bindings(identity, personas)))


def _bindings(identity: Identity, personas: Mapping[str, Persona]) -> Iterator[tuple[str, ApiObject]]:
    for name, persona in personas.items():
        groups = {group.name for group in identity.groups if name in group.personas}
        if groups and persona.scope == CLUSTER:
            yield name, cluster_binding(name, groups)


def cluster_binding(name: str, groups: Iterable[str]) -> ApiObject:
    """The binding of a persona's ClusterRole to groups, on the whole cluster. Groups have the prefix of an external issuer."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": role_name(name)},
        **bound(name, groups),
    }


def role_binding(name: str, namespace: str, groups: Iterable[str]) -> ApiObject:
    """The same in one namespace."""
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": role_name(name), "namespace": namespace},
        **bound(name, groups),
    }


def bound(name: str, groups: Iterable[str]) -> ApiObject:
    """What a binding of the persona to groups says; who is bound is a list that the server does not merge."""
    subjects = [{"apiGroup": RBAC, "kind": "Group", "name": group} for group in sorted(set(groups))]
    return {"roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role_name(name)}, "subjects": subjects}


def _wanted(item: ApiObject, name: str, rank: int) -> WantedObject:
    return WantedObject(item, PART, PART, f"identity.personas.{name}", rank)
