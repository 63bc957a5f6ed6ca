# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and bindings that the tests of access share, and a look at a cluster that has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.lockout import BINDINGS, GROUPS, ROLES
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.identity.rbac import LOCAL_ROLES, ROLE_BINDINGS
from ansible_collections.groundwork.readiness.plugins.module_utils.platform.snapshot import Listed, PlatformSnapshot, ServedApi

Json = dict[str, Any]
RBAC = "rbac.authorization.k8s.io"
LISTS: Mapping[str, str] = {
    "ClusterRole": ROLES,
    "ClusterRoleBinding": BINDINGS,
    "Role": LOCAL_ROLES,
    "RoleBinding": ROLE_BINDINGS,
    "Group": GROUPS,
}
SERVED: Mapping[tuple[str, str], ServedApi] = {
    ("", "Secret"): ServedApi(("v1",), "secrets", True),
    ("", "Pod"): ServedApi(("v1",), "pods", True),
    ("", "Node"): ServedApi(("v1",), "nodes", False),
    ("config.openshift.io", "OAuth"): ServedApi(("v1",), "oauths", False),
    ("config.openshift.io", "Image"): ServedApi(("v1",), "images", False),
}


def rule(groups: str, resources: str, verbs: str, *names: str) -> Json:
    """A rule of a role; `core` is the group without a name."""
    found: Json = {
        "apiGroups": ["" if group == "core" else group for group in groups.split()],
        "resources": resources.split(),
        "verbs": verbs.split(),
    }
    return {**found, "resourceNames": list(names)} if names else found


def role(name: str, *rules: Json, namespace: str = "") -> Json:
    """A ClusterRole, or the Role of a namespace."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": f"{RBAC}/v1", "kind": "Role" if namespace else "ClusterRole", "metadata": metadata, "rules": list(rules)}


def group(name: str) -> Json:
    """A group as a subject."""
    return {"apiGroup": RBAC, "kind": "Group", "name": name}


def user(name: str) -> Json:
    """A user as a subject."""
    return {"apiGroup": RBAC, "kind": "User", "name": name}


def account(namespace: str, name: str) -> Json:
    """A service account as a subject."""
    return {"kind": "ServiceAccount", "namespace": namespace, "name": name}


def binding(name: str, role_name: str, *subjects: Json, namespace: str = "", local: bool = False) -> Json:
    """A ClusterRoleBinding, or the RoleBinding of a namespace: to a ClusterRole, or to a Role of it where it is `local`."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    ref = {"apiGroup": RBAC, "kind": "Role" if local else "ClusterRole", "name": role_name}
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, "roleRef": ref, "subjects": list(subjects)}


def people(name: str, *members: str) -> Json:
    """A Group of the cluster."""
    return {"apiVersion": "user.openshift.io/v1", "kind": "Group", "metadata": {"name": name}, "users": list(members)}


def look(objects: Iterable[Json], unknown: Sequence[str] = (), served: Mapping[tuple[str, str], ServedApi] = SERVED) -> PlatformSnapshot:
    """A look at a cluster that has these, with some of the lists refused."""
    listed: dict[str, list[Json]] = {resource: [] for resource in LISTS.values()}
    for item in objects:
        listed[LISTS[item["kind"]]].append(item)
    return PlatformSnapshot(
        {
            resource: Listed("forbidden", reason=f"{resource}: the account may not list it")
            if resource in unknown
            else Listed("read", tuple(items))
            for resource, items in listed.items()
        },
        served=served,
    )
